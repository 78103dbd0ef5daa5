//! The menu changes while its dishes lie in carts: whoever changes one comes by here, so that nobody orders at a price
//! that they were not shown, or what is there no more.

use crate::cart;
use crate::error::Result;
use crate::menu::edit::{self, Dish, DishDraft, Kind};
use crate::menu::exchange::{self, How, Report, Table};
use crate::store::Tx;
use crate::units::CuisineId;

/// As `menu::edit::actions::change_dish`.
///
/// # Errors
/// As there.
pub fn change_dish(tx: &mut Tx<'_>, by: &str, kind: Kind, id: CuisineId, draft: &DishDraft) -> Result<()> {
    cart::actions::follow_menu(tx, |tx| edit::actions::change_dish(tx, by, kind, id, draft).map(drop))
}

/// As `menu::edit::actions::remove_dishes`; no cart has them any more.
///
/// # Errors
/// As there.
pub fn remove_dishes(tx: &mut Tx<'_>, by: &str, kind: Kind, ids: &[CuisineId]) -> Result<Vec<Dish>> {
    cart::actions::drop_dishes(tx, ids)?;
    edit::actions::remove_dishes(tx, by, kind, ids)
}

/// As `menu::exchange::actions::import`.
///
/// # Errors
/// As there.
pub fn import(tx: &mut Tx<'_>, by: &str, table: &Table, how: How) -> Result<Report> {
    cart::actions::follow_menu(tx, |tx| exchange::actions::import(tx, by, table, how))
}
