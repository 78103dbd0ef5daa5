use super::{Cart, Line, mask_phone};
use crate::error::{Refusal, Result};
use crate::menu;
use crate::seating::Diner;
use crate::units::{Fen, LineId, OrderId, TableId};
use rusqlite::{Connection, OptionalExtension};

/// The one store of this database.
pub const STORE_ID: i64 = 1;

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
    let mut statement = conn.prepare_cached(
        "select l.id, l.cuisine_id, l.quantity, l.remark, l.options, l.diner_id, d.phone, \
                c.name, c.kind, c.image, c.price_fen, c.options, c.sold_out \
         from cart_line l join cuisine c on c.id = l.cuisine_id join diner d on d.id = l.diner_id \
         where l.table_id = ? order by l.id",
    )?;
    let mut rows = statement.query([table])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        let phone: Option<String> = row.get(6)?;
        let chosen = row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?;
        let mut line = Line {
            line_id: row.get(0)?,
            cuisine_id: row.get(1)?,
            quantity: row.get(2)?,
            remark: row.get(3)?,
            options: Vec::new(),
            add_user_id: row.get(5)?,
            add_user_phone: phone.as_deref().map(mask_phone).unwrap_or_default(),
            cuisine_name: row.get(7)?,
            cuisine_type: row.get(8)?,
            cuisine_image: row.get(9)?,
            unit_price: row.get(10)?,
            subtotal_amount: Fen::ZERO,
            sold_out: row.get(12)?,
        };
        if chosen != "[]" {
            line.options = serde_json::from_str(chosen)?;
            let groups: String = row.get(11)?;
            line.unit_price = menu::actions::price_choices(line.unit_price, &groups, &line.options)?;
        }
        lines.push(line);
    }
    Ok(lines)
}

/// # Errors
/// `SeatingClosed` when the diner's party has left.
pub fn load_seated(conn: &Connection, diner: Diner) -> Result<()> {
    let open = conn
        .prepare_cached("select 1 from seating where id = ? and table_id = ? and closed_at is null")?
        .exists((diner.seating, diner.table))?;
    if open { Ok(()) } else { Err(Refusal::SeatingClosed.into()) }
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

pub fn delete_ops(conn: &Connection, seating: crate::units::SeatingId) -> Result<()> {
    conn.prepare_cached("delete from applied_op where seating_id = ?")?.execute([seating])?;
    Ok(())
}
