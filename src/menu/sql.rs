use super::{Category, Cuisine, OptionGroup, OptionValue};
use crate::error::Result;
use crate::units::{CuisineId, Fen};
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

/// An option group as its column holds it: money in fen.
#[derive(Serialize, Deserialize)]
struct StoredGroup {
    name: String,
    multiple: bool,
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
        values: group.values.into_iter().map(value).collect(),
    };
    Ok(groups.into_iter().map(group).collect())
}

fn encode_options(groups: &[OptionGroup]) -> Result<String> {
    let value = |value: &OptionValue| (value.value.clone(), value.price_delta.0);
    let groups: Vec<StoredGroup> = groups
        .iter()
        .map(|group| StoredGroup {
            name: group.name.clone(),
            multiple: group.multiple,
            values: group.values.iter().map(value).collect(),
        })
        .collect();
    Ok(serde_json::to_string(&groups)?)
}

fn cuisine(row: &Row<'_>) -> Result<Cuisine> {
    let options: String = row.get("options")?;
    Ok(Cuisine {
        cuisine_id: row.get("id")?,
        cuisine_name: row.get("name")?,
        cuisine_type: row.get("kind")?,
        cuisine_image: row.get("image")?,
        unit_price: row.get("price_fen")?,
        description: row.get("description")?,
        sold_out: row.get("sold_out")?,
        options: decode_options(&options)?,
    })
}

pub fn find_cuisine(conn: &Connection, id: CuisineId) -> Result<Option<Cuisine>> {
    let mut statement = conn.prepare_cached(
        "select id, name, kind, price_fen, image, description, options, sold_out from cuisine where id = ?",
    )?;
    let mut rows = statement.query([id])?;
    rows.next()?.map(cuisine).transpose()
}

pub fn list_categories(conn: &Connection) -> Result<Vec<Category>> {
    let mut categories = conn.prepare_cached("select id, name from category order by sort_order, id")?;
    let mut cuisines = conn.prepare_cached(
        "select id, name, kind, price_fen, image, description, options, sold_out \
         from cuisine where category_id = ? order by sort_order, id",
    )?;
    let heads = categories.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))?;
    let mut list = Vec::new();
    for head in heads {
        let (category_id, name) = head?;
        let mut rows = cuisines.query([category_id])?;
        let mut dishes = Vec::new();
        while let Some(row) = rows.next()? {
            dishes.push(cuisine(row)?);
        }
        list.push(Category { category_id, name, cuisines: dishes });
    }
    Ok(list)
}

/// Whether there is such a dish.
pub fn set_sold_out(conn: &Connection, id: CuisineId, sold_out: bool) -> Result<bool> {
    let touched = conn.prepare_cached("update cuisine set sold_out = ?2 where id = ?1")?.execute((id, sold_out))?;
    Ok(touched == 1)
}

pub fn insert_category(conn: &Connection, name: &str, kind: i64, sort_order: i64) -> Result<i64> {
    conn.prepare_cached("insert into category (name, kind, sort_order) values (?, ?, ?)")?
        .execute((name, kind, sort_order))?;
    Ok(conn.last_insert_rowid())
}

pub fn insert_cuisine(conn: &Connection, category_id: i64, sort_order: i64, dish: &Cuisine) -> Result<()> {
    conn.prepare_cached(
        "insert into cuisine (id, category_id, name, kind, price_fen, image, description, options, sold_out, sort_order) \
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute((
        dish.cuisine_id,
        category_id,
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
