use super::{Dish, Kind, Part, Section};
use crate::error::Result;
use crate::menu::exchange::plan::Known;
use crate::menu::sql::{decode_options, encode_options};
use crate::units::{CategoryId, CuisineId};
use rusqlite::{Connection, OptionalExtension, Row, ToSql};

/// What a list is narrowed by; `None` is everything.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub kind: Option<Kind>,
    pub name: Option<String>,
    pub category: Option<CategoryId>,
    pub on_sale: Option<bool>,
}

fn kind(row: &Row<'_>) -> rusqlite::Result<Kind> {
    // The column's check allows no other number.
    Ok(Kind::from_number(row.get("kind")?).unwrap_or(Kind::Dish))
}

fn section(row: &Row<'_>) -> rusqlite::Result<Section> {
    Ok(Section {
        id: row.get("id")?,
        name: row.get("name")?,
        kind: kind(row)?,
        sort_order: row.get("sort_order")?,
        enabled: row.get("enabled")?,
        hours: row.get("hours")?,
        updated_at: row.get("updated_at")?,
    })
}

const SECTION: &str = "select id, name, kind, sort_order, enabled, hours, updated_at from category";
const NARROW_SECTION: &str = "where (?1 is null or instr(lower(name), lower(?1)) > 0) and (?2 is null or kind = ?2)";

pub fn find_section(conn: &Connection, id: CategoryId) -> Result<Option<Section>> {
    Ok(conn.prepare_cached(&format!("{SECTION} where id = ?"))?.query_row([id], section).optional()?)
}

pub fn find_section_named(conn: &Connection, name: &str) -> Result<Option<Section>> {
    Ok(conn.prepare_cached(&format!("{SECTION} where name = ?"))?.query_row([name], section).optional()?)
}

pub fn list_sections(conn: &Connection, kind: Option<Kind>, enabled: bool) -> Result<Vec<Section>> {
    let mut statement = conn.prepare_cached(&format!(
        "{SECTION} where (?1 is null or kind = ?1) and enabled >= ?2 order by sort_order, id"
    ))?;
    let sections = statement.query_map((kind.map(|kind| kind as i64), enabled), section)?;
    Ok(sections.collect::<rusqlite::Result<_>>()?)
}

pub fn page_sections(conn: &Connection, filter: &Filter, limit: i64, offset: i64) -> Result<(i64, Vec<Section>)> {
    let (name, kind) = (&filter.name, filter.kind.map(|kind| kind as i64));
    let total = conn
        .prepare_cached(&format!("select count(*) from category {NARROW_SECTION}"))?
        .query_row((name, kind), |row| row.get(0))?;
    let mut statement =
        conn.prepare_cached(&format!("{SECTION} {NARROW_SECTION} order by sort_order, id desc limit ?3 offset ?4"))?;
    let sections = statement.query_map((name, kind, limit, offset), section)?;
    Ok((total, sections.collect::<rusqlite::Result<_>>()?))
}

pub fn insert_section(conn: &Connection, section: &Section) -> Result<CategoryId> {
    conn.prepare_cached(
        "insert into category (id, name, kind, sort_order, enabled, hours, updated_at) \
         values (nullif(?, 0), ?, ?, ?, ?, ?, ?)",
    )?
    .execute((
        section.id,
        &section.name,
        section.kind as i64,
        section.sort_order,
        section.enabled,
        &section.hours,
        section.updated_at,
    ))?;
    Ok(CategoryId(conn.last_insert_rowid()))
}

pub fn set_section(conn: &Connection, section: &Section) -> Result<()> {
    conn.prepare_cached(
        "update category set name = ?2, kind = ?3, sort_order = ?4, enabled = ?5, hours = ?6, updated_at = ?7 \
         where id = ?1",
    )?
    .execute((
        section.id,
        &section.name,
        section.kind as i64,
        section.sort_order,
        section.enabled,
        &section.hours,
        section.updated_at,
    ))?;
    Ok(())
}

pub fn delete_section(conn: &Connection, id: CategoryId) -> Result<()> {
    conn.prepare_cached("delete from category where id = ?")?.execute([id])?;
    Ok(())
}

fn dish(row: &Row<'_>) -> Result<Dish> {
    let options: String = row.get("options")?;
    Ok(Dish {
        id: row.get("id")?,
        category: row.get("category_id")?,
        category_name: row.get("category_name")?,
        name: row.get("name")?,
        kind: kind(row)?,
        price: row.get("price_fen")?,
        image: row.get("image")?,
        description: row.get("description")?,
        options: decode_options(&options)?,
        stopped: row.get("sold_out")?,
        stock: row.get("stock")?,
        hours: row.get("hours")?,
        sort_order: row.get("sort_order")?,
        parts: Vec::new(),
        updated_at: row.get("updated_at")?,
    })
}

const DISH: &str = "select c.id, c.category_id, g.name as category_name, c.name, c.kind, c.price_fen, c.image, \
     c.description, c.options, c.sold_out, c.stock, c.hours, c.sort_order, c.updated_at \
     from cuisine c join category g on g.id = c.category_id";
/// On sale: not stopped, and no dish of a combo is.
const NARROW_DISH: &str = "where (?1 is null or c.kind = ?1) and (?2 is null or instr(lower(c.name), lower(?2)) > 0) \
     and (?3 is null or c.category_id = ?3) and (?4 is null or ?4 = (c.sold_out = 0 and not exists ( \
         select 1 from combo_item i join cuisine p on p.id = i.cuisine_id where i.combo_id = c.id and p.sold_out = 1)))";

fn collect(conn: &Connection, sql: &str, arguments: &[&dyn ToSql]) -> Result<Vec<Dish>> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(arguments)?;
    let mut dishes = Vec::new();
    while let Some(row) = rows.next()? {
        let mut dish = dish(row)?;
        dish.parts = list_parts(conn, dish.id)?;
        dishes.push(dish);
    }
    Ok(dishes)
}

pub fn find_dish(conn: &Connection, id: CuisineId) -> Result<Option<Dish>> {
    Ok(collect(conn, &format!("{DISH} where c.id = ?"), &[&id])?.pop())
}

/// Whether another dish of its category has its name.
pub fn has_namesake(conn: &Connection, dish: &Dish) -> Result<bool> {
    Ok(conn
        .prepare_cached("select 1 from cuisine where category_id = ? and kind = ? and name = ? and id <> ?")?
        .exists((dish.category, dish.kind as i64, &dish.name, dish.id))?)
}

/// The dishes of a name with their categories' names.
pub fn list_dishes_named(conn: &Connection, name: &str) -> Result<Vec<(CuisineId, String)>> {
    let mut statement = conn.prepare_cached(
        "select c.id, g.name from cuisine c join category g on g.id = c.category_id \
         where c.kind = 1 and c.name = ? order by c.id",
    )?;
    let dishes = statement.query_map([name], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(dishes.collect::<rusqlite::Result<_>>()?)
}

/// All rows of the menu, as a table's lines are held against them.
pub fn list_known(conn: &Connection) -> Result<Vec<Known>> {
    let mut statement = conn.prepare_cached(
        "select 0 as rank, id, '' as category, name, foreign_id from category union all \
         select c.kind, c.id, g.name, c.name, c.foreign_id from cuisine c join category g on g.id = c.category_id",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(Known {
            rank: row.get("rank")?,
            id: row.get("id")?,
            category: row.get("category")?,
            name: row.get("name")?,
            foreign: row.get("foreign_id")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The category gives up its name until it is stored with another one.
pub fn park_section_name(conn: &Connection, id: CategoryId) -> Result<()> {
    conn.prepare_cached("update category set name = char(1) || id where id = ?")?.execute([id])?;
    Ok(())
}

/// The number that another system's table has for it; no other category has that from now on.
pub fn set_section_foreign(conn: &Connection, id: CategoryId, number: &str) -> Result<()> {
    conn.prepare_cached("update category set foreign_id = '' where foreign_id = ?2 and id <> ?1")?
        .execute((id, number))?;
    conn.prepare_cached("update category set foreign_id = ?2 where id = ?1 and foreign_id <> ?2")?
        .execute((id, number))?;
    Ok(())
}

/// The same for a dish or a combo among its kind.
pub fn set_dish_foreign(conn: &Connection, id: CuisineId, kind: Kind, number: &str) -> Result<()> {
    conn.prepare_cached("update cuisine set foreign_id = '' where foreign_id = ?2 and id <> ?1 and kind = ?3")?
        .execute((id, number, kind as i64))?;
    conn.prepare_cached("update cuisine set foreign_id = ?2 where id = ?1 and foreign_id <> ?2")?
        .execute((id, number))?;
    Ok(())
}

pub fn list_dishes(conn: &Connection, filter: &Filter) -> Result<Vec<Dish>> {
    let (kind, on_sale) = (filter.kind.map(|kind| kind as i64), filter.on_sale);
    let sql = format!("{DISH} {NARROW_DISH} order by g.sort_order, g.id, c.sort_order, c.id");
    collect(conn, &sql, &[&kind, &filter.name, &filter.category, &on_sale])
}

pub fn page_dishes(conn: &Connection, filter: &Filter, limit: i64, offset: i64) -> Result<(i64, Vec<Dish>)> {
    let (kind, on_sale) = (filter.kind.map(|kind| kind as i64), filter.on_sale);
    let total = conn
        .prepare_cached(&format!("select count(*) from cuisine c {NARROW_DISH}"))?
        .query_row((kind, &filter.name, filter.category, on_sale), |row| row.get(0))?;
    let sql = format!("{DISH} {NARROW_DISH} order by c.id desc limit ?5 offset ?6");
    Ok((total, collect(conn, &sql, &[&kind, &filter.name, &filter.category, &on_sale, &limit, &offset])?))
}

fn list_parts(conn: &Connection, combo: CuisineId) -> Result<Vec<Part>> {
    let mut statement = conn.prepare_cached(
        "select p.id, p.name, p.price_fen, i.copies, p.sold_out from combo_item i join cuisine p on p.id = i.cuisine_id \
         where i.combo_id = ? order by p.id",
    )?;
    let parts = statement.query_map([combo], |row| {
        Ok(Part { dish: row.get(0)?, name: row.get(1)?, price: row.get(2)?, copies: row.get(3)?, stopped: row.get(4)? })
    })?;
    Ok(parts.collect::<rusqlite::Result<_>>()?)
}

/// The first thing that belongs to a category: what it is.
pub fn find_kind_in(conn: &Connection, category: CategoryId) -> Result<Option<Kind>> {
    Ok(conn
        .prepare_cached("select kind from cuisine where category_id = ? order by kind limit 1")?
        .query_row([category], kind)
        .optional()?)
}

pub fn is_in_combo(conn: &Connection, dish: CuisineId) -> Result<bool> {
    Ok(conn.prepare_cached("select 1 from combo_item where cuisine_id = ?")?.exists([dish])?)
}

/// Orders remember a dish by its number: one that was ever given is not given again.
pub fn next_id(conn: &Connection, last_deleted: i64) -> Result<CuisineId> {
    Ok(conn
        .prepare_cached("select max(coalesce((select max(id) from cuisine), 0), ?) + 1")?
        .query_row([last_deleted], |row| row.get(0))?)
}

/// A new dish, or another description of one; its kind stays what it was.
pub fn put_dish(conn: &Connection, dish: &Dish) -> Result<()> {
    conn.prepare_cached(
        "insert into cuisine (id, category_id, name, kind, price_fen, image, description, options, sold_out, stock, \
         hours, sort_order, updated_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) \
         on conflict (id) do update set category_id = ?2, name = ?3, price_fen = ?5, image = ?6, description = ?7, \
         options = ?8, sold_out = ?9, stock = ?10, hours = ?11, sort_order = ?12, updated_at = ?13",
    )?
    .execute((
        dish.id,
        dish.category,
        &dish.name,
        dish.kind as i64,
        dish.price,
        &dish.image,
        &dish.description,
        encode_options(&dish.options)?,
        dish.stopped,
        dish.stock,
        &dish.hours,
        dish.sort_order,
        dish.updated_at,
    ))?;
    set_parts(conn, dish)
}

fn set_parts(conn: &Connection, combo: &Dish) -> Result<()> {
    conn.prepare_cached("delete from combo_item where combo_id = ?")?.execute([combo.id])?;
    for part in &combo.parts {
        crate::menu::sql::insert_combo_item(conn, combo.id, part.dish, part.copies)?;
    }
    Ok(())
}

pub fn delete_dish(conn: &Connection, id: CuisineId) -> Result<()> {
    conn.prepare_cached("delete from combo_item where combo_id = ?")?.execute([id])?;
    conn.prepare_cached("delete from cuisine where id = ?")?.execute([id])?;
    Ok(())
}

/// What is written from here on can be taken back by `end_trial`.
pub fn begin_trial(conn: &Connection) -> Result<()> {
    Ok(conn.execute_batch("savepoint trial")?)
}

pub fn end_trial(conn: &Connection, keep: bool) -> Result<()> {
    let end = if keep { "release trial" } else { "rollback to trial; release trial" };
    Ok(conn.execute_batch(end)?)
}
