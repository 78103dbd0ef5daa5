//! The tables' routes: phones, and members' own pages.

pub(super) mod cart;
pub(super) mod member;
pub(super) mod table;
