use super::combo::{self, COMBO, Part};
use super::{Category, Cuisine, OptionGroup, OptionValue, hours, small_image};
use crate::error::Result;
use crate::units::{CategoryId, CuisineId, Fen, OrderId, TimeOfDay};
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

/// An option group as its column holds it: money in fen.
#[derive(Serialize, Deserialize)]
struct StoredGroup {
    name: String,
    multiple: bool,
    #[serde(default)]
    required: bool,
    values: Vec<(String, i64)>,
}

pub fn decode_options(json: &str) -> Result<Vec<OptionGroup>> {
    if json == "[]" {
        return Ok(Vec::new());
    }
    let groups: Vec<StoredGroup> = serde_json::from_str(json)?;
    let value = |(value, fen)| OptionValue { value, price_delta: Fen(fen) };
    let group = |group: StoredGroup| OptionGroup {
        name: group.name,
        multiple: group.multiple,
        required: group.required,
        values: group.values.into_iter().map(value).collect(),
        dish: String::new(),
    };
    Ok(groups.into_iter().map(group).collect())
}

pub fn encode_options(groups: &[OptionGroup]) -> Result<String> {
    let value = |value: &OptionValue| (value.value.clone(), value.price_delta.0);
    let groups: Vec<StoredGroup> = groups
        .iter()
        .map(|group| StoredGroup {
            name: group.name.clone(),
            multiple: group.multiple,
            required: group.required,
            values: group.values.iter().map(value).collect(),
        })
        .collect();
    Ok(serde_json::to_string(&groups)?)
}

fn cuisine(conn: &Connection, row: &Row<'_>, time: TimeOfDay) -> Result<Cuisine> {
    let options: String = row.get("options")?;
    let stopped: bool = row.get("sold_out")?;
    let enabled: bool = row.get("enabled")?;
    let (own, of_category): (String, String) = (row.get("hours")?, row.get("category_hours")?);
    let (own_open, category_open) = (hours::are_open(&own, time), hours::are_open(&of_category, time));
    let (stock, parts): (Option<i64>, Option<i64>) = (row.get("stock")?, row.get("parts_left")?);
    let left = stock.into_iter().chain(parts).min();
    let (cuisine_id, cuisine_type) = (row.get("id")?, row.get("kind")?);
    Ok(Cuisine {
        cuisine_id,
        cuisine_name: row.get("name")?,
        cuisine_type,
        cuisine_image: small_image(row.get("image")?),
        unit_price: row.get("price_fen")?,
        description: row.get("description")?,
        sold_out: stopped || !enabled || !own_open || !category_open || left == Some(0),
        left,
        // Of both, the one that keeps it closed.
        hours: if own.is_empty() || (own_open && !category_open) { of_category } else { own },
        open: own_open && category_open,
        options: groups_of(conn, cuisine_id, cuisine_type, &options)?,
    })
}

/// What is asked of a dish, whose options column is at hand; of a combo its dishes' options, too.
pub fn groups_of(conn: &Connection, id: CuisineId, kind: i64, options: &str) -> Result<Vec<OptionGroup>> {
    let mut groups = decode_options(options)?;
    if kind == COMBO {
        groups.extend(combo::groups(&list_parts(conn, id)?));
    }
    Ok(groups)
}

/// A combo's dishes in the menu's order.
fn list_parts(conn: &Connection, combo: CuisineId) -> Result<Vec<Part>> {
    let mut statement = conn.prepare_cached(
        "select p.name, i.copies, p.options from combo_item i join cuisine p on p.id = i.cuisine_id \
         join category g on g.id = p.category_id where i.combo_id = ? order by g.sort_order, g.id, p.sort_order, p.id",
    )?;
    let mut rows = statement.query([combo])?;
    let mut parts = Vec::new();
    while let Some(row) = rows.next()? {
        let options: String = row.get(2)?;
        parts.push(Part { name: row.get(0)?, copies: row.get(1)?, options: decode_options(&options)? });
    }
    Ok(parts)
}

/// A dish's columns, its category's, and the pieces that a combo's dishes are enough for: none where one is stopped.
const CUISINE: &str = "select c.id, c.name, c.kind, c.price_fen, c.image, c.description, c.options, c.sold_out, \
     c.stock, c.hours, g.hours as category_hours, g.enabled, \
     (select min(case when p.sold_out then 0 else p.stock / i.copies end) from combo_item i \
      join cuisine p on p.id = i.cuisine_id where i.combo_id = c.id) as parts_left \
     from cuisine c join category g on g.id = c.category_id";

pub fn find_cuisine(conn: &Connection, id: CuisineId, time: TimeOfDay) -> Result<Option<Cuisine>> {
    let mut statement = conn.prepare_cached(&format!("{CUISINE} where c.id = ?"))?;
    let mut rows = statement.query([id])?;
    rows.next()?.map(|row| cuisine(conn, row, time)).transpose()
}

pub fn list_categories(conn: &Connection, time: TimeOfDay) -> Result<Vec<Category>> {
    let mut categories =
        conn.prepare_cached("select id, name from category where enabled = 1 order by sort_order, id")?;
    let mut cuisines =
        conn.prepare_cached(&format!("{CUISINE} where c.category_id = ? order by c.sort_order, c.id"))?;
    let heads = categories.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))?;
    let mut list = Vec::new();
    for head in heads {
        let (category_id, name) = head?;
        let mut rows = cuisines.query([category_id])?;
        let mut dishes = Vec::new();
        while let Some(row) = rows.next()? {
            dishes.push(cuisine(conn, row, time)?);
        }
        list.push(Category { category_id, name, cuisines: dishes });
    }
    Ok(list)
}

/// Every window that the menu has.
pub fn list_hours(conn: &Connection) -> Result<Vec<String>> {
    let mut statement = conn.prepare_cached(
        "select hours from category where hours <> '' union select hours from cuisine where hours <> '' order by hours",
    )?;
    let hours = statement.query_map([], |row| row.get(0))?;
    Ok(hours.collect::<rusqlite::Result<_>>()?)
}

/// The counted dishes that one piece takes of, and how many pieces: itself, and a combo's dishes.
pub fn list_counted(conn: &Connection, id: CuisineId) -> Result<Vec<(CuisineId, i64)>> {
    let mut statement = conn.prepare_cached(
        "select id, 1 from cuisine where id = ?1 and stock is not null union all \
         select p.id, i.copies from combo_item i join cuisine p on p.id = i.cuisine_id \
         where i.combo_id = ?1 and p.stock is not null",
    )?;
    let parts = statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(parts.collect::<rusqlite::Result<_>>()?)
}

/// Whether so many pieces were left to be taken.
pub fn advance_stock(conn: &Connection, id: CuisineId, pieces: i64) -> Result<bool> {
    let touched = conn
        .prepare_cached("update cuisine set stock = stock - ?2 where id = ?1 and stock >= ?2")?
        .execute((id, pieces))?;
    Ok(touched == 1)
}

pub fn insert_taken(conn: &Connection, order: OrderId, id: CuisineId, pieces: i64) -> Result<()> {
    conn.prepare_cached("insert into stock_taken (order_id, cuisine_id, pieces) values (?, ?, ?)")?
        .execute((order, id, pieces))?;
    Ok(())
}

/// Whether the order had taken anything of what is still counted.
pub fn set_back(conn: &Connection, order: OrderId) -> Result<bool> {
    let touched = conn
        .prepare_cached(
            "update cuisine set stock = stock + t.pieces from stock_taken t \
             where t.order_id = ? and t.cuisine_id = cuisine.id and stock is not null",
        )?
        .execute([order])?;
    delete_taken(conn, order)?;
    Ok(touched > 0)
}

pub fn delete_taken(conn: &Connection, order: OrderId) -> Result<()> {
    conn.prepare_cached("delete from stock_taken where order_id = ?")?.execute([order])?;
    Ok(())
}

pub fn insert_category(conn: &Connection, name: &str, kind: i64, sort_order: i64) -> Result<CategoryId> {
    conn.prepare_cached("insert into category (name, kind, sort_order) values (?, ?, ?)")?
        .execute((name, kind, sort_order))?;
    Ok(CategoryId(conn.last_insert_rowid()))
}

pub fn insert_cuisine(conn: &Connection, category: CategoryId, sort_order: i64, dish: &Cuisine) -> Result<()> {
    conn.prepare_cached(
        "insert into cuisine (id, category_id, name, kind, price_fen, image, description, options, sold_out, sort_order) \
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute((
        dish.cuisine_id,
        category,
        &dish.cuisine_name,
        dish.cuisine_type,
        dish.unit_price,
        &dish.cuisine_image,
        &dish.description,
        encode_options(&dish.options)?,
        dish.sold_out,
        sort_order,
    ))?;
    Ok(())
}

pub fn insert_combo_item(conn: &Connection, combo: CuisineId, dish: CuisineId, copies: i64) -> Result<()> {
    conn.prepare_cached("insert into combo_item (combo_id, cuisine_id, copies) values (?, ?, ?)")?
        .execute((combo, dish, copies))?;
    Ok(())
}
