use super::{Alert, Dish, Kind};
use crate::error::Result;
use crate::units::{AlertId, OrderId, TableId, Timestamp};
use anyhow::Context;
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::HashMap;

const COLUMNS: &str = "a.id, a.kind, a.order_id, coalesce(o.number, ''), coalesce(t.number, ''), coalesce(iif(a.kind = 4, \
        (select sum(p.amount_fen) from bill_order b join bill_part p on p.bill_id = b.bill_id and p.state = 'paid' where b.order_id = o.id), \
        null), o.amount_fen, 0), \
    iif(o.paid_at is null, null, o.pay_method), coalesce(o.paid_at, o.created_at, a.raised_at), a.note, a.raised_at, a.heard_at, a.table_id, coalesce(o.remark, '') \
    from alert a left join dining_order o on o.id = a.order_id left join dining_table t on t.id = coalesce(a.table_id, o.table_id)";

fn alert(row: &Row<'_>) -> Result<Alert> {
    Ok(Alert {
        id: row.get(0)?,
        kind: Kind::from_number(row.get(1)?).context("an alert of an unknown kind")?,
        order: row.get(2)?,
        order_number: row.get(3)?,
        table_number: row.get(4)?,
        amount: row.get(5)?,
        paid_by: row.get(6)?,
        waiting_since: row.get(7)?,
        note: row.get(8)?,
        raised_at: row.get(9)?,
        heard_at: row.get(10)?,
        table: row.get(11)?,
        remark: row.get(12)?,
    })
}

pub fn insert_alert(
    conn: &Connection,
    kind: Kind,
    order: Option<OrderId>,
    note: &str,
    now: Timestamp,
) -> Result<AlertId> {
    conn.prepare_cached("insert into alert (kind, order_id, note, raised_at) values (?, ?, ?, ?)")?.execute((
        kind as i64,
        order,
        note,
        now,
    ))?;
    Ok(AlertId(conn.last_insert_rowid()))
}

pub fn load_alert(conn: &Connection, id: AlertId) -> Result<Alert> {
    let mut statement = conn.prepare_cached(&format!("select {COLUMNS} where a.id = ?"))?;
    let mut rows = statement.query([id])?;
    alert(rows.next()?.context("an alert that was just written")?)
}

/// Oldest first.
pub fn list_open(conn: &Connection) -> Result<Vec<Alert>> {
    let mut statement = conn.prepare_cached(&format!("select {COLUMNS} where a.acked_at is null order by a.id"))?;
    let mut rows = statement.query([])?;
    let mut alerts = Vec::new();
    while let Some(row) = rows.next()? {
        alerts.push(alert(row)?);
    }
    Ok(alerts)
}

/// Of each order that an open alert is about, as it was ordered.
pub fn list_open_dishes(conn: &Connection) -> Result<HashMap<OrderId, Vec<Dish>>> {
    let mut statement = conn.prepare_cached(
        "select order_id, name, quantity, remark from order_item \
         where order_id in (select order_id from alert where acked_at is null) order by order_id, position",
    )?;
    let mut rows = statement.query([])?;
    let mut dishes: HashMap<OrderId, Vec<Dish>> = HashMap::new();
    while let Some(row) = rows.next()? {
        let dish = Dish { name: row.get(1)?, quantity: row.get(2)?, remark: row.get(3)? };
        dishes.entry(row.get(0)?).or_default().push(dish);
    }
    Ok(dishes)
}

/// What a step of the order answers: not what waits for a decision about its money.
pub fn list_open_of_order(conn: &Connection, order: OrderId) -> Result<Vec<AlertId>> {
    list_ids(conn, "select id from alert where order_id = ? and kind in (1, 2) and acked_at is null", order)
}

pub fn list_open_payment_alerts(conn: &Connection, order: OrderId) -> Result<Vec<AlertId>> {
    list_ids(conn, "select id from alert where order_id = ? and kind = 3 and acked_at is null", order)
}

fn list_ids(conn: &Connection, wanted: &str, order: OrderId) -> Result<Vec<AlertId>> {
    let mut statement = conn.prepare_cached(wanted)?;
    let ids = statement.query_map([order], |row| row.get(0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

/// Alerts by which somebody is being told this, and that nobody has answered.
pub fn list_open_without_order(conn: &Connection, kind: Kind, note: &str) -> Result<Vec<AlertId>> {
    let wanted = "select id from alert where acked_at is null and order_id is null and kind = ? and note = ?";
    let mut statement = conn.prepare_cached(wanted)?;
    let ids = statement.query_map((kind as i64, note), |row| row.get(0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

/// Whether somebody was told this of the order, answered or not.
pub fn was_told(conn: &Connection, kind: Kind, order: OrderId, note: &str) -> Result<bool> {
    let wanted = "select 1 from alert where order_id = ? and kind = ? and note = ?";
    Ok(conn.prepare_cached(wanted)?.exists((order, kind as i64, note))?)
}

/// The order of an open alert about a new one.
pub fn find_new_order(conn: &Connection, id: AlertId) -> Result<Option<OrderId>> {
    let wanted = "select order_id from alert where id = ? and kind = 1 and acked_at is null";
    Ok(conn.prepare_cached(wanted)?.query_row([id], |row| row.get(0)).optional()?)
}

pub fn list_open_of_kind(conn: &Connection, kind: Kind) -> Result<Vec<AlertId>> {
    let mut statement = conn.prepare_cached("select id from alert where kind = ? and acked_at is null")?;
    let ids = statement.query_map([kind as i64], |row| row.get(0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

pub fn exists(conn: &Connection, id: AlertId) -> Result<bool> {
    Ok(conn.prepare_cached("select 1 from alert where id = ?")?.exists([id])?)
}

/// Whether this is the first answer.
pub fn advance_acked(conn: &Connection, id: AlertId, by: &str, now: Timestamp) -> Result<bool> {
    let touched = conn
        .prepare_cached("update alert set acked_at = ?2, acked_by = ?3 where id = ?1 and acked_at is null")?
        .execute((id, now, by))?;
    Ok(touched == 1)
}

pub fn advance_heard(conn: &Connection, id: AlertId, now: Timestamp) -> Result<()> {
    conn.prepare_cached("update alert set heard_at = ?2 where id = ?1 and heard_at is null")?.execute((id, now))?;
    Ok(())
}

pub fn insert_call(conn: &Connection, kind: Kind, table: TableId, now: Timestamp) -> Result<AlertId> {
    conn.prepare_cached("insert into alert (kind, table_id, raised_at) values (?, ?, ?)")?.execute((
        kind as i64,
        table,
        now,
    ))?;
    Ok(AlertId(conn.last_insert_rowid()))
}

/// Whether the table has called for this and nobody has come, or has called within this time.
pub fn has_called(conn: &Connection, kind: Kind, table: TableId, within: (Timestamp, Timestamp)) -> Result<bool> {
    let wanted = "select 1 from alert where table_id = ? and kind = ? \
        and (acked_at is null or (raised_at > ? and raised_at <= ?))";
    Ok(conn.prepare_cached(wanted)?.exists((table, kind as i64, within.0, within.1))?)
}

pub fn list_calls_of(conn: &Connection, table: TableId) -> Result<Vec<(AlertId, i64)>> {
    let mut statement = conn.prepare_cached("select id, kind from alert where table_id = ? and acked_at is null")?;
    let calls = statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(calls.collect::<rusqlite::Result<_>>()?)
}

pub fn set_table(conn: &Connection, alert: AlertId, table: TableId) -> Result<()> {
    conn.prepare_cached("update alert set table_id = ?2 where id = ?1")?.execute((alert, table))?;
    Ok(())
}

/// Whose guests called.
pub fn find_table_of(conn: &Connection, alert: AlertId) -> Result<Option<TableId>> {
    Ok(conn.prepare_cached("select table_id from alert where id = ?")?.query_row([alert], |row| row.get(0))?)
}
