use super::{Bill, BillState, Part, PartState, Pays, Slice};
use crate::actor::Actor;
use crate::error::Result;
use crate::store::name_columns;
use crate::units::{BillId, Fen, OrderId, PartId, PayMethod, SeatingId, TableId, Timestamp};
use anyhow::Context;
use rusqlite::{Connection, OptionalExtension, Row, params};

name_columns!(BillState, PartState);

const PART: &str = "id, bill_id, label, items, amount_fen, state, paid_at from bill_part";

fn part(conn: &Connection, row: &Row<'_>) -> Result<Part> {
    let items: String = row.get(3)?;
    let id = row.get(0)?;
    Ok(Part {
        id,
        pays: load_pays(conn, id)?,
        bill: row.get(1)?,
        label: row.get(2)?,
        items: serde_json::from_str(&items)?,
        amount: row.get(4)?,
        state: row.get(5).context("the state of a part of a bill")?,
        paid_at: row.get(6)?,
    })
}

fn load_pays(conn: &Connection, part: PartId) -> Result<Pays> {
    let mut statement = conn.prepare_cached("select order_id, amount_fen from bill_part_order where part_id = ?")?;
    let pays = statement.query_map([part], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(pays.collect::<rusqlite::Result<_>>()?)
}

fn list_parts(conn: &Connection, bill: BillId) -> Result<Vec<Part>> {
    let mut statement = conn.prepare_cached(&format!("select {PART} where bill_id = ? order by position, id"))?;
    let mut rows = statement.query([bill])?;
    let mut parts = Vec::new();
    while let Some(row) = rows.next()? {
        parts.push(part(conn, row)?);
    }
    Ok(parts)
}

fn list_orders(conn: &Connection, bill: BillId) -> Result<Vec<OrderId>> {
    let mut statement = conn.prepare_cached("select order_id from bill_order where bill_id = ? order by order_id")?;
    let ids = statement.query_map([bill], |row| row.get(0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

pub fn find_bill(conn: &Connection, id: BillId) -> Result<Option<Bill>> {
    let found = conn
        .prepare_cached("select seating_id, state, actor from bill where id = ?")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((seating, state, actor)) = found else { return Ok(None) };
    Ok(Some(Bill { id, seating, state, actor, orders: list_orders(conn, id)?, parts: list_parts(conn, id)? }))
}

pub fn find_open_of_seating(conn: &Connection, seating: SeatingId) -> Result<Option<BillId>> {
    Ok(conn
        .prepare_cached("select id from bill where seating_id = ? and state = 'open'")?
        .query_row([seating], |row| row.get(0))
        .optional()?)
}

/// The last bill that was paid.
pub fn find_paid_of_seating(conn: &Connection, seating: SeatingId) -> Result<Option<BillId>> {
    Ok(conn
        .prepare_cached("select max(id) from bill where seating_id = ? and state = 'paid'")?
        .query_row([seating], |row| row.get(0))?)
}

/// The bill that counts for this order.
pub fn find_of_order(conn: &Connection, order: OrderId) -> Result<Option<BillId>> {
    Ok(conn
        .prepare_cached("select bill_id from bill_order where order_id = ?")?
        .query_row([order], |row| row.get(0))
        .optional()?)
}

pub fn find_part(conn: &Connection, id: PartId) -> Result<Option<Part>> {
    let mut statement = conn.prepare_cached(&format!("select {PART} where id = ?"))?;
    let mut rows = statement.query([id])?;
    rows.next()?.map(|row| part(conn, row)).transpose()
}

/// Where a party sits, the table's number, and how many they are by the counter.
pub fn find_party(conn: &Connection, seating: SeatingId) -> Result<Option<(TableId, String, Option<i64>)>> {
    Ok(conn
        .prepare_cached(
            "select t.id, t.number, s.heads from seating s join dining_table t on t.id = s.table_id where s.id = ?",
        )?
        .query_row([seating], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?)
}

pub fn insert_bill(
    conn: &Connection,
    seating: SeatingId,
    orders: &[OrderId],
    actor: &Actor,
    now: Timestamp,
) -> Result<BillId> {
    conn.prepare_cached("insert into bill (seating_id, state, actor, created_at) values (?, 'open', ?, ?)")?
        .execute((seating, actor, now))?;
    let id = BillId(conn.last_insert_rowid());
    orders.iter().try_for_each(|order| insert_order(conn, id, *order))?;
    Ok(id)
}

/// One more order is on the bill.
pub fn insert_order(conn: &Connection, bill: BillId, order: OrderId) -> Result<()> {
    conn.prepare_cached("insert into bill_order (order_id, bill_id) values (?, ?)")?.execute((order, bill))?;
    Ok(())
}

/// A part that costs nothing is paid.
pub fn insert_part(conn: &Connection, bill: BillId, slice: &Slice, now: Timestamp) -> Result<()> {
    let items = serde_json::to_string(&slice.items)?;
    conn.prepare_cached(
        "insert into bill_part (bill_id, position, label, items, amount_fen, state, paid_at) \
         select ?1, 1 + count(*), ?2, ?3, ?4, iif(?4 > 0, 'open', 'paid'), iif(?4 > 0, null, ?5) \
         from bill_part where bill_id = ?1",
    )?
    .execute(params![bill, slice.label, items, slice.amount(), now])?;
    let part = conn.last_insert_rowid();
    for (order, amount) in &slice.pays {
        conn.prepare_cached("insert into bill_part_order (part_id, order_id, amount_fen) values (?, ?, ?)")?
            .execute((part, order, amount))?;
    }
    Ok(())
}

/// Compare and set: `false` when it has got elsewhere meanwhile.
pub fn advance_part(conn: &Connection, id: PartId, from: PartState, to: PartState) -> Result<bool> {
    let touched =
        conn.prepare_cached("update bill_part set state = ?3 where id = ?1 and state = ?2")?.execute((id, from, to))?;
    Ok(touched == 1)
}

/// How and when a part was paid.
pub fn set_part_paid(conn: &Connection, id: PartId, method: PayMethod, now: Timestamp) -> Result<()> {
    conn.prepare_cached("update bill_part set pay_method = ?2, paid_at = ?3 where id = ?1")?
        .execute((id, method, now))?;
    Ok(())
}

/// How the last of its parts was paid that cost something.
pub fn find_pay_method(conn: &Connection, bill: BillId) -> Result<Option<PayMethod>> {
    Ok(conn
        .prepare_cached(
            "select pay_method from bill_part where bill_id = ? and state = 'paid' and pay_method is not null \
             order by paid_at desc, id desc limit 1",
        )?
        .query_row([bill], |row| row.get(0))
        .optional()?)
}

/// Compare and set: `false` when it has got elsewhere meanwhile.
pub fn advance_bill(conn: &Connection, id: BillId, from: BillState, to: BillState, now: Timestamp) -> Result<bool> {
    let touched = conn
        .prepare_cached("update bill set state = ?3, ended_at = ?4 where id = ?1 and state = ?2")?
        .execute((id, from, to, now))?;
    Ok(touched == 1)
}

/// Another cut of the same bill.
pub fn set_actor(conn: &Connection, id: BillId, actor: &Actor) -> Result<()> {
    conn.prepare_cached("update bill set actor = ?2 where id = ?1")?.execute((id, actor))?;
    Ok(())
}

pub fn delete_order(conn: &Connection, order: OrderId) -> Result<()> {
    conn.prepare_cached("delete from bill_order where order_id = ?")?.execute([order])?;
    Ok(())
}

/// All that one bill has is the other's.
pub fn absorb(conn: &Connection, from: BillId, into: BillId) -> Result<()> {
    conn.prepare_cached("update bill_order set bill_id = ?2 where bill_id = ?1")?.execute((from, into))?;
    conn.prepare_cached(
        "update bill_part set bill_id = ?2, position = position + (select count(*) from bill_part where bill_id = ?2) \
         where bill_id = ?1",
    )?
    .execute((from, into))?;
    Ok(())
}

pub fn set_seating(conn: &Connection, from: SeatingId, to: SeatingId) -> Result<()> {
    conn.prepare_cached("update bill set seating_id = ?2 where seating_id = ?1")?.execute((from, to))?;
    Ok(())
}

/// What the party has ordered and not paid, in fen: its unpaid orders from the state `from` on, less what paid parts of
/// an open bill have paid of them.
pub fn load_owed(conn: &Connection, seating: SeatingId, from: i64) -> Result<Fen> {
    let owed = "select coalesce(sum(o.amount_fen - coalesce(( \
            select sum(w.amount_fen) from bill_order bo join bill b on b.id = bo.bill_id and b.state = 'open' \
                join bill_part p on p.bill_id = b.id and p.state = 'paid' \
                join bill_part_order w on w.part_id = p.id and w.order_id = o.id \
            where bo.order_id = o.id), 0)), 0) \
        from dining_order o where o.seating_id = ?1 and o.status between ?2 and 5 and o.pay_status = 0";
    Ok(conn.prepare_cached(owed)?.query_row((seating, from), |row| row.get(0))?)
}
