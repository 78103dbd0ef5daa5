//! The tables' routes: phones, and members' own pages.

pub(super) mod cart;
pub(super) mod member;
pub(super) mod table;

/// What the pages' type check has to know of this family.
#[cfg(test)]
pub fn declare(to: &mut impl ts_rs::TypeVisitor) {
    use super::types;
    to.visit::<crate::menu::Menu>();
    to.visit::<crate::cart::Cart>();
    to.visit::<types::Session>();
    to.visit::<types::OrderView<'static>>();
    to.visit::<types::PaymentView<'static>>();
    to.visit::<types::AccountView<'static>>();
    to.visit::<types::AlertView<'static>>();
    table::declare(to);
    member::declare(to);
}
