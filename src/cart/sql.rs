use super::{Cart, Line, STAFF, mask_phone};
use crate::error::{Refusal, Result};
use crate::menu;
use crate::seating::Diner;
use crate::units::{CuisineId, DinerId, Fen, LineId, OrderId, STORE_ID, SeatingId, TableId};
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeSet;

pub fn load_cart(conn: &Connection, table: TableId) -> Result<Cart> {
    let (table_number, version) = conn
        .prepare_cached("select number, cart_version from dining_table where id = ?")?
        .query_row([table], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .ok_or(Refusal::TableNotFound)?;
    let items = list_lines(conn, table)?;
    let mut cart = Cart {
        table_id: table,
        table_number,
        store_id: STORE_ID,
        items,
        total_amount: Fen::ZERO,
        total_quantity: 0,
        version,
    };
    cart.retotal();
    Ok(cart)
}

fn list_lines(conn: &Connection, table: TableId) -> Result<Vec<Line>> {
    let mut statement = conn.prepare_cached(&format!(
        "select l.id, l.cuisine_id, l.quantity, l.remark, l.options, l.diner_id, {ADDER}, \
                c.name, c.kind, c.image, c.price_fen, c.options \
         from cart_line l join cuisine c on c.id = l.cuisine_id join diner d on d.id = l.diner_id \
         where l.table_id = ? order by l.id"
    ))?;
    let mut rows = statement.query([table])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        let phone: Option<String> = row.get(6)?;
        let image: String = row.get(9)?;
        let chosen = row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?;
        let mut line = Line {
            line_id: row.get(0)?,
            cuisine_id: row.get(1)?,
            quantity: row.get(2)?,
            remark: row.get(3)?,
            options: Vec::new(),
            add_user_id: row.get(5)?,
            add_user_phone: phone.as_deref().map(adder).unwrap_or_default(),
            cuisine_name: row.get(7)?,
            cuisine_type: row.get(8)?,
            cuisine_image: menu::small_image(image),
            unit_price: row.get(10)?,
            subtotal_amount: Fen::ZERO,
        };
        if chosen != "[]" {
            line.options = serde_json::from_str(chosen)?;
            let groups: String = row.get(11)?;
            let dish = (line.cuisine_id, line.cuisine_type);
            line.unit_price = menu::actions::price_choices(conn, dish, line.unit_price, &groups, &line.options)?;
        }
        lines.push(line);
    }
    Ok(lines)
}

/// The tables whose cart has something in it.
pub fn list_tables(conn: &Connection) -> Result<Vec<TableId>> {
    let mut statement = conn.prepare_cached("select distinct table_id from cart_line")?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// The tables whose cart has one of these dishes.
pub fn list_tables_with(conn: &Connection, dishes: &[CuisineId]) -> Result<BTreeSet<TableId>> {
    let mut tables = BTreeSet::new();
    let mut statement = conn.prepare_cached("select distinct table_id from cart_line where cuisine_id = ?")?;
    for dish in dishes {
        for table in statement.query_map([dish], |row| row.get(0))? {
            tables.insert(table?);
        }
    }
    Ok(tables)
}

/// The phone number of a diner `d`, or the word for a member of staff.
const ADDER: &str = "iif(d.staff_id is null, d.phone, '店员')";

/// Nobody's number looks like a word.
fn adder(phone: &str) -> String {
    if phone == STAFF { phone.to_owned() } else { mask_phone(phone) }
}

/// As the line of this diner tells it.
pub fn load_adder(conn: &Connection, diner: DinerId) -> Result<String> {
    let phone: Option<String> = conn
        .prepare_cached(&format!("select {ADDER} from diner d where d.id = ?"))?
        .query_row([diner], |row| row.get(0))?;
    Ok(phone.as_deref().map(adder).unwrap_or_default())
}

pub fn insert_line(conn: &Connection, table: TableId, line: &Line) -> Result<LineId> {
    conn.prepare_cached(
        "insert into cart_line (table_id, cuisine_id, options, quantity, remark, diner_id) values (?, ?, ?, ?, ?, ?)",
    )?
    .execute((
        table,
        line.cuisine_id,
        serde_json::to_string(&line.options)?,
        line.quantity,
        &line.remark,
        line.add_user_id,
    ))?;
    Ok(LineId(conn.last_insert_rowid()))
}

pub fn update_line(conn: &Connection, line: &Line) -> Result<()> {
    conn.prepare_cached("update cart_line set quantity = ?2, remark = ?3 where id = ?1")?.execute((
        line.line_id,
        line.quantity,
        &line.remark,
    ))?;
    Ok(())
}

pub fn delete_line(conn: &Connection, line: LineId) -> Result<()> {
    conn.prepare_cached("delete from cart_line where id = ?")?.execute([line])?;
    Ok(())
}

pub fn delete_lines(conn: &Connection, table: TableId) -> Result<()> {
    conn.prepare_cached("delete from cart_line where table_id = ?")?.execute([table])?;
    Ok(())
}

pub fn set_table(conn: &Connection, line: LineId, table: TableId) -> Result<()> {
    conn.prepare_cached("update cart_line set table_id = ?2 where id = ?1")?.execute((line, table))?;
    Ok(())
}

pub fn raise_version(conn: &Connection, table: TableId, at_least: i64) -> Result<()> {
    conn.prepare_cached("update dining_table set cart_version = max(cart_version, ?2) where id = ?1")?
        .execute((table, at_least))?;
    Ok(())
}

pub fn advance_version(conn: &Connection, table: TableId) -> Result<i64> {
    Ok(conn
        .prepare_cached("update dining_table set cart_version = cart_version + 1 where id = ? returning cart_version")?
        .query_row([table], |row| row.get(0))?)
}

/// What was done under this opId in this seating: its kind, and the order if it made one.
pub fn find_op(conn: &Connection, diner: Diner, op_id: &str) -> Result<Option<(String, Option<OrderId>)>> {
    Ok(conn
        .prepare_cached("select kind, order_id from applied_op where seating_id = ? and op_id = ?")?
        .query_row((diner.seating, op_id), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

pub fn insert_op(conn: &Connection, diner: Diner, op_id: &str, kind: &str, order: Option<OrderId>) -> Result<()> {
    conn.prepare_cached("insert into applied_op (seating_id, op_id, kind, order_id) values (?, ?, ?, ?)")?
        .execute((diner.seating, op_id, kind, order))?;
    Ok(())
}

/// An opId that both parties have used stays what it was for the other: clients make them unique.
pub fn move_ops(conn: &Connection, from: SeatingId, into: SeatingId) -> Result<()> {
    if from == into {
        return Ok(());
    }
    conn.prepare_cached("update or ignore applied_op set seating_id = ?2 where seating_id = ?1")?
        .execute((from, into))?;
    delete_ops(conn, from)
}

pub fn delete_ops(conn: &Connection, seating: SeatingId) -> Result<()> {
    conn.prepare_cached("delete from applied_op where seating_id = ?")?.execute([seating])?;
    Ok(())
}
