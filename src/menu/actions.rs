//! What phones see of the menu, and what an order takes of it. The counter's changes are in `edit/`.

use super::{Choice, Cuisine, Menu, sql};
use crate::error::{Refusal, Result};
use crate::event::Event;
use crate::staff;
use crate::store::{Tx, setting};
use crate::units::{CategoryId, CuisineId, Fen, OrderId, TimeOfDay};
use rusqlite::Connection;
use std::collections::BTreeMap;

/// A dish as it can be had at this time of the day.
///
/// # Errors
/// `CuisineNotFound`.
pub fn load_cuisine(conn: &Connection, id: CuisineId, time: TimeOfDay) -> Result<Cuisine> {
    Ok(sql::find_cuisine(conn, id, time)?.ok_or(Refusal::CuisineNotFound)?)
}

/// The menu as it is at this time of the day; switched-off categories are not on it.
pub fn read_menu(conn: &Connection, time: TimeOfDay) -> Result<Menu> {
    Ok(Menu { store_name: setting::load(conn, setting::STORE_NAME)?, categories: sql::list_categories(conn, time)? })
}

/// Whether each of the menu's windows is open now: the menu changes when this does.
pub fn list_windows(conn: &Connection, time: TimeOfDay) -> Result<Vec<(String, bool)>> {
    let open = |hours: String| {
        let now = super::hours::are_open(&hours, time);
        (hours, now)
    };
    Ok(sql::list_hours(conn)?.into_iter().map(open).collect())
}

/// A window has opened or closed.
pub fn announce_hours(tx: &mut Tx<'_>) -> Result<()> {
    tx.emit(Event::MenuChanged);
    Ok(())
}

/// An order takes these pieces: all of them can be had now, and the counted ones are fewer afterwards, a combo's dishes
/// too.
///
/// # Errors
/// `SoldOut`, `NotNow`, `NotEnough`: each names the dish.
pub fn sell(tx: &mut Tx<'_>, order: OrderId, pieces: &[(CuisineId, i64)], time: TimeOfDay) -> Result<()> {
    let mut wanted = BTreeMap::new();
    for (id, quantity) in pieces {
        *wanted.entry(*id).or_insert(0) += quantity;
    }
    let mut counted = BTreeMap::new();
    for (id, quantity) in wanted {
        load_cuisine(tx.conn(), id, time)?.check_available(quantity)?;
        for (part, copies) in sql::list_counted(tx.conn(), id)? {
            *counted.entry(part).or_insert(0) += quantity * copies;
        }
    }
    for (id, quantity) in &counted {
        if !sql::advance_stock(tx.conn(), *id, *quantity)? {
            let dish = load_cuisine(tx.conn(), *id, time)?;
            return Err(Refusal::NotEnough(dish.cuisine_name.into(), dish.left.unwrap_or(0)).into());
        }
        sql::insert_taken(tx.conn(), order, *id, *quantity)?;
    }
    if !counted.is_empty() {
        tx.emit(Event::MenuChanged);
    }
    Ok(())
}

/// Whether what was chosen when a dish was put into a cart can still be chosen.
///
/// # Errors
/// `ChoicesChanged` with the dish, `CuisineNotFound`.
pub fn check_choices(conn: &Connection, id: CuisineId, choices: &[Choice], time: TimeOfDay) -> Result<()> {
    let dish = load_cuisine(conn, id, time)?;
    match dish.check_choices(choices.to_vec()) {
        Ok(_) => Ok(()),
        Err(_) => Err(Refusal::ChoicesChanged(dish.cuisine_name.into()).into()),
    }
}

/// The order is cancelled: what it took of counted dishes can be had again.
pub fn put_back(tx: &mut Tx<'_>, order: OrderId) -> Result<()> {
    if sql::set_back(tx.conn(), order)? {
        tx.emit(Event::MenuChanged);
    }
    Ok(())
}

/// The order's dishes were made: nothing of what it took comes back.
pub fn forget_taken(tx: &mut Tx<'_>, order: OrderId) -> Result<()> {
    sql::delete_taken(tx.conn(), order)
}

pub fn is_shop_open(conn: &Connection) -> Result<bool> {
    Ok(setting::find(conn, setting::SHOP_OPEN)?.as_deref() != Some("0"))
}

pub fn set_shop_open(tx: &mut Tx<'_>, open: bool, by: &str) -> Result<()> {
    setting::set(tx.conn(), setting::SHOP_OPEN, if open { "1" } else { "0" })?;
    staff::actions::record(tx, by, if open { "shop.open" } else { "shop.close" }, "", "")
}

pub fn add_category(tx: &mut Tx<'_>, name: &str, kind: i64, sort_order: i64) -> Result<CategoryId> {
    sql::insert_category(tx.conn(), name, kind, sort_order)
}

pub fn add_cuisine(tx: &mut Tx<'_>, category: CategoryId, sort_order: i64, dish: &Cuisine) -> Result<()> {
    sql::insert_cuisine(tx.conn(), category, sort_order, dish)
}

pub fn add_combo_item(tx: &mut Tx<'_>, combo: CuisineId, dish: CuisineId, copies: i64) -> Result<()> {
    sql::insert_combo_item(tx.conn(), combo, dish, copies)
}

/// `price_with` for a dish row that is already at hand: its base price, its kind and its options column.
pub fn price_choices(
    conn: &Connection,
    (id, kind): (CuisineId, i64),
    base: Fen,
    options: &str,
    choices: &[Choice],
) -> Result<Fen> {
    Ok(super::price_choices(base, &sql::groups_of(conn, id, kind, options)?, choices))
}
