//! What can be done with the menu.

use super::{Choice, Cuisine, Menu, sql};
use crate::error::{Refusal, Result};
use crate::event::Event;
use crate::store::{Tx, setting};
use crate::units::{CuisineId, Fen};
use rusqlite::Connection;

/// # Errors
/// `CuisineNotFound`.
pub fn load_cuisine(conn: &Connection, id: CuisineId) -> Result<Cuisine> {
    Ok(sql::find_cuisine(conn, id)?.ok_or(Refusal::CuisineNotFound)?)
}

pub fn read_menu(conn: &Connection) -> Result<Menu> {
    Ok(Menu { store_name: setting::load(conn, setting::STORE_NAME)?, categories: sql::list_categories(conn)? })
}

/// 沽清: every open phone learns it at once, and a submit with this dish is refused.
///
/// # Errors
/// `CuisineNotFound`.
pub fn set_sold_out(tx: &mut Tx<'_>, id: CuisineId, sold_out: bool) -> Result<()> {
    if !sql::set_sold_out(tx.conn(), id, sold_out)? {
        return Err(Refusal::CuisineNotFound.into());
    }
    tx.emit(Event::MenuChanged);
    Ok(())
}

pub fn is_shop_open(conn: &Connection) -> Result<bool> {
    Ok(setting::find(conn, setting::SHOP_OPEN)?.as_deref() != Some("0"))
}

pub fn set_shop_open(tx: &mut Tx<'_>, open: bool) -> Result<()> {
    setting::set(tx.conn(), setting::SHOP_OPEN, if open { "1" } else { "0" })
}

pub fn add_category(tx: &mut Tx<'_>, name: &str, kind: i64, sort_order: i64) -> Result<i64> {
    sql::insert_category(tx.conn(), name, kind, sort_order)
}

pub fn add_cuisine(tx: &mut Tx<'_>, category_id: i64, sort_order: i64, dish: &Cuisine) -> Result<()> {
    sql::insert_cuisine(tx.conn(), category_id, sort_order, dish)
}

pub fn add_combo_item(tx: &mut Tx<'_>, combo: CuisineId, dish: CuisineId, copies: i64) -> Result<()> {
    sql::insert_combo_item(tx.conn(), combo, dish, copies)
}

/// `price_with` for a dish row that is already at hand: its base price and its options column.
pub fn price_choices(base: Fen, options: &str, choices: &[Choice]) -> Result<Fen> {
    Ok(super::price_choices(base, &sql::decode_options(options)?, choices))
}
