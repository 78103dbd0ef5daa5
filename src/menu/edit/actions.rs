//! What the counter can do with the menu.

use super::{Dish, DishDraft, Kind, MAX_PARTS, Part, Section, SectionDraft, change, sql, within};
use crate::error::{Column, Counted, MenuFault, MenuReason, Refusal, Result};
use crate::event::Event;
use crate::staff;
use crate::store::{Tx, setting};
use crate::units::{CategoryId, CuisineId, Timestamp};
use rusqlite::Connection;

pub use sql::Filter;

const CHANGE: &str = "menu.change";
const DELETE: &str = "menu.delete";

/// By kind and a part of the name: how many in all, and one page of them.
pub fn page_sections(conn: &Connection, filter: &Filter, limit: i64, offset: i64) -> Result<(i64, Vec<Section>)> {
    sql::page_sections(conn, filter, limit, offset)
}

/// The categories that phones see, of one kind or both.
pub fn list_enabled_sections(conn: &Connection, kind: Option<Kind>) -> Result<Vec<Section>> {
    sql::list_sections(conn, kind, true)
}

/// # Errors
/// `CategoryNotFound`.
pub fn load_section(conn: &Connection, id: CategoryId) -> Result<Section> {
    Ok(sql::find_section(conn, id)?.ok_or(Refusal::CategoryNotFound)?)
}

/// A new category; phones see it once it is enabled.
///
/// # Errors
/// `BadMenu`, `BadLength`, `NameTaken`.
pub fn add_section(tx: &mut Tx<'_>, by: &str, draft: SectionDraft) -> Result<Section> {
    let name = draft.name.clone().ok_or(Refusal::BadMenu(MenuFault::NotGiven(Column::Name)))?;
    let blank = Section {
        id: CategoryId(0),
        name,
        kind: Kind::Dish,
        sort_order: 0,
        enabled: false,
        hours: String::new(),
        updated_at: tx.now,
    };
    let mut section = draft.onto(blank)?;
    check_section_name(tx.conn(), &section)?;
    section.id = sql::insert_section(tx.conn(), &section)?;
    staff::actions::record(tx, by, CHANGE, &section.name, "新分类")?;
    tx.emit(Event::MenuChanged);
    Ok(section)
}

/// # Errors
/// `CategoryNotFound`, `BadRequest`, `NameTaken`.
pub fn change_section(tx: &mut Tx<'_>, by: &str, id: CategoryId, draft: SectionDraft) -> Result<Section> {
    let old = load_section(tx.conn(), id)?;
    let section = draft.onto(Section { updated_at: tx.now, ..old.clone() })?;
    check_section_name(tx.conn(), &section)?;
    sql::set_section(tx.conn(), &section)?;
    staff::actions::record(tx, by, CHANGE, &section.name, &change::write(&section.changes(&old)))?;
    tx.emit(Event::MenuChanged);
    Ok(section)
}

/// # Errors
/// `NameTaken` by another one.
pub fn check_section_name(conn: &Connection, section: &Section) -> Result<()> {
    match sql::find_section_named(conn, &section.name)? {
        Some(other) if other.id != section.id => Err(Refusal::NameTaken(other.name.into()).into()),
        _ => Ok(()),
    }
}

/// # Errors
/// `CategoryNotFound`, `MenuRule` while something is in it.
pub fn remove_section(tx: &mut Tx<'_>, by: &str, id: CategoryId) -> Result<Section> {
    let section = load_section(tx.conn(), id)?;
    match sql::find_kind_in(tx.conn(), id)? {
        Some(Kind::Dish) => return Err(Refusal::MenuRule(MenuReason::CategoryHasDishes).into()),
        Some(Kind::Combo) => return Err(Refusal::MenuRule(MenuReason::CategoryHasCombos).into()),
        None => sql::delete_section(tx.conn(), id)?,
    }
    staff::actions::record(tx, by, DELETE, &section.name, "分类")?;
    tx.emit(Event::MenuChanged);
    Ok(section)
}

/// The newest first: how many in all, and one page of them.
pub fn page_dishes(conn: &Connection, filter: &Filter, limit: i64, offset: i64) -> Result<(i64, Vec<Dish>)> {
    sql::page_dishes(conn, filter, limit, offset)
}

/// All that match, as the menu has them in order.
pub fn list_dishes(conn: &Connection, filter: &Filter) -> Result<Vec<Dish>> {
    sql::list_dishes(conn, filter)
}

/// A dish or combo of any kind.
///
/// # Errors
/// `CuisineNotFound`.
pub fn load_any(conn: &Connection, id: CuisineId) -> Result<Dish> {
    Ok(sql::find_dish(conn, id)?.ok_or(Refusal::CuisineNotFound)?)
}

/// # Errors
/// `CuisineNotFound`, also for one of the other kind.
pub fn load_dish(conn: &Connection, kind: Kind, id: CuisineId) -> Result<Dish> {
    let dish = load_any(conn, id)?;
    if dish.kind == kind { Ok(dish) } else { Err(Refusal::CuisineNotFound.into()) }
}

/// # Errors
/// `BadMenu`, `BadLength`, `CategoryNotFound`, `CuisineNotFound` for a combo's dish, `NameTaken`, `MenuRule`.
pub fn add_dish(tx: &mut Tx<'_>, by: &str, kind: Kind, draft: &DishDraft) -> Result<Dish> {
    for (given, column) in [
        (draft.name.is_some(), Column::Name),
        (draft.category.is_some(), Column::Category),
        (draft.price.is_some(), Column::Price),
        (kind == Kind::Dish || draft.parts.is_some(), Column::Parts),
    ] {
        if !given {
            return Err(Refusal::BadMenu(MenuFault::NotGiven(column)).into());
        }
    }
    let mut dish = settle(tx.conn(), Dish::new(kind), draft, tx.now)?;
    dish.id = sql::next_id(tx.conn(), last_deleted(tx.conn())?)?;
    sql::put_dish(tx.conn(), &dish)?;
    staff::actions::record(tx, by, CHANGE, &dish.name, &format!("新增，{} 元", dish.price))?;
    tx.emit(Event::MenuChanged);
    Ok(dish)
}

/// # Errors
/// As `add_dish`, and `CuisineNotFound`.
pub fn change_dish(tx: &mut Tx<'_>, by: &str, kind: Kind, id: CuisineId, draft: &DishDraft) -> Result<Dish> {
    let old = load_dish(tx.conn(), kind, id)?;
    let dish = settle(tx.conn(), old.clone(), draft, tx.now)?;
    store(tx, by, &old, dish)
}

fn store(tx: &mut Tx<'_>, by: &str, old: &Dish, dish: Dish) -> Result<Dish> {
    sql::put_dish(tx.conn(), &dish)?;
    staff::actions::record(tx, by, CHANGE, &dish.name, &change::write(&dish.changes(old)))?;
    tx.emit(Event::MenuChanged);
    Ok(dish)
}

/// The dish with what the form says, fit to be stored.
fn settle(conn: &Connection, old: Dish, draft: &DishDraft, now: Timestamp) -> Result<Dish> {
    let (was_on_sale, old_parts) = (!old.stopped, old.parts.clone());
    let dish = compose(conn, old, draft, now)?;
    if sql::has_namesake(conn, &dish)? {
        return Err(Refusal::NameTaken(dish.name.into()).into());
    }
    if !dish.stopped && (!was_on_sale || dish.parts != old_parts) {
        check_startable(&dish)?;
    }
    Ok(dish)
}

/// The same for what nobody starts now: a table that is read in says how it was. That its name is the only one in its
/// category is the caller's to check.
pub fn compose(conn: &Connection, old: Dish, draft: &DishDraft, now: Timestamp) -> Result<Dish> {
    let mut dish = Dish { updated_at: now, ..draft.onto(old)? };
    dish.category_name = load_section(conn, dish.category)?.name;
    if let (Kind::Combo, Some(parts)) = (dish.kind, &draft.parts) {
        dish.parts = find_parts(conn, parts)?;
    }
    Ok(dish)
}

fn find_parts(conn: &Connection, wanted: &[(CuisineId, i64)]) -> Result<Vec<Part>> {
    let mut parts: Vec<Part> = Vec::new();
    for (id, copies) in wanted {
        let dish = load_dish(conn, Kind::Dish, *id)?;
        match parts.iter_mut().find(|part| part.dish == *id) {
            Some(part) => part.copies = part.copies.saturating_add(*copies),
            None => parts.push(Part {
                dish: *id,
                name: dish.name,
                price: dish.price,
                copies: *copies,
                stopped: dish.stopped,
            }),
        }
    }
    for part in &parts {
        within(part.copies, 1..=99, Counted::Copies)?;
    }
    parts.sort_by_key(|part| part.dish);
    match (1..=MAX_PARTS).contains(&parts.len()) {
        true => Ok(parts),
        false => Err(Refusal::BadMenu(MenuFault::Parts).into()),
    }
}

fn check_startable(combo: &Dish) -> Result<()> {
    match combo.has_stopped_part() {
        true => Err(Refusal::MenuRule(MenuReason::PartStopped).into()),
        false => Ok(()),
    }
}

/// All of them, or none.
///
/// # Errors
/// `CuisineNotFound`, `MenuRule` for one that is on sale or in a combo.
pub fn remove_dishes(tx: &mut Tx<'_>, by: &str, kind: Kind, ids: &[CuisineId]) -> Result<Vec<Dish>> {
    if ids.is_empty() {
        return Err(Refusal::MenuRule(MenuReason::NothingChosen).into());
    }
    let dishes = ids.iter().map(|id| load_dish(tx.conn(), kind, *id)).collect::<Result<Vec<_>>>()?;
    for dish in &dishes {
        match kind {
            Kind::Dish if dish.is_on_sale() => return Err(Refusal::MenuRule(MenuReason::DishOnSale).into()),
            Kind::Combo if dish.is_on_sale() => return Err(Refusal::MenuRule(MenuReason::ComboOnSale).into()),
            Kind::Dish if sql::is_in_combo(tx.conn(), dish.id)? => {
                return Err(Refusal::MenuRule(MenuReason::InCombo).into());
            }
            Kind::Dish | Kind::Combo => {}
        }
    }
    for dish in &dishes {
        sql::delete_dish(tx.conn(), dish.id)?;
        staff::actions::record(tx, by, DELETE, &dish.name, &format!("{} 元", dish.price))?;
    }
    let last = dishes.iter().map(|dish| dish.id.0).fold(last_deleted(tx.conn())?, i64::max);
    setting::set(tx.conn(), setting::LAST_CUISINE, &last.to_string())?;
    tx.emit(Event::MenuChanged);
    Ok(dishes)
}

pub fn last_deleted(conn: &Connection) -> Result<i64> {
    Ok(setting::find(conn, setting::LAST_CUISINE)?.and_then(|last| last.parse().ok()).unwrap_or(0))
}

/// 起售, 停售 and 沽清: every open phone learns it at once, and a submit with what is stopped is refused. Starting one
/// of which none is left ends the count: somebody has it in hand again.
///
/// # Errors
/// `CuisineNotFound`, `MenuRule` for a combo with a stopped dish.
pub fn set_on_sale(tx: &mut Tx<'_>, by: &str, id: CuisineId, on_sale: bool) -> Result<Dish> {
    let old = load_any(tx.conn(), id)?;
    let mut dish = Dish { stopped: !on_sale, updated_at: tx.now, ..old.clone() };
    if on_sale {
        check_startable(&dish)?;
        dish.stock = dish.stock.filter(|left| *left > 0);
    }
    store(tx, by, &old, dish)
}

/// How many are left from now on; `None` to count no more.
///
/// # Errors
/// `CuisineNotFound`, `BadRequest`.
pub fn set_stock(tx: &mut Tx<'_>, by: &str, id: CuisineId, stock: Option<i64>) -> Result<Dish> {
    let draft = DishDraft { stock: Some(stock), ..DishDraft::default() };
    let old = load_any(tx.conn(), id)?;
    let dish = Dish { updated_at: tx.now, ..draft.onto(old.clone())? };
    store(tx, by, &old, dish)
}
