use super::{Entry, Kind};
use crate::actor::Actor;
use crate::error::Result;
use crate::payment::{Channel, Payment};
use crate::store::name_columns;
use crate::units::{Fen, OrderId, PaymentId, Timestamp};
use anyhow::Context;
use rusqlite::{Connection, Row, ToSql, params};

name_columns!(Kind);

const COLUMNS: &str = "e.id, e.order_id, o.number, p.out_trade_no, e.kind, e.provider, e.method, e.amount_fen, \
    e.reference, e.at, e.provider_at, e.actor from ledger_entry e join dining_order o on o.id = e.order_id \
    join payment p on p.id = e.payment_id";

fn entry(row: &Row<'_>) -> Result<Entry> {
    Ok(Entry {
        id: row.get(0)?,
        order: row.get(1)?,
        order_number: row.get(2)?,
        out_trade_no: row.get(3)?,
        kind: row.get(4).context("a ledger entry's kind")?,
        provider: row.get(5)?,
        method: row.get(6)?,
        amount: row.get(7)?,
        reference: row.get(8)?,
        at: row.get(9)?,
        provider_at: row.get(10)?,
        actor: row.get(11)?,
    })
}

fn list(conn: &Connection, wanted: &str, arguments: &[&dyn ToSql]) -> Result<Vec<Entry>> {
    let mut statement = conn.prepare_cached(&format!("select {COLUMNS} where {wanted} order by e.id"))?;
    let mut rows = statement.query(arguments)?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(entry(row)?);
    }
    Ok(entries)
}

#[expect(clippy::too_many_arguments, reason = "a row's columns")]
pub fn insert_entry(
    conn: &Connection,
    of: &Payment,
    (provider, channel): (&str, Channel),
    kind: Kind,
    amount: Fen,
    reference: &str,
    [at, provider_at]: [Timestamp; 2],
    actor: &Actor,
) -> Result<bool> {
    let inserted = conn
        .prepare_cached(
            "insert into ledger_entry (order_id, payment_id, kind, provider, method, amount_fen, reference, at, \
             provider_at, actor) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (provider, kind, reference) do nothing",
        )?
        .execute(params![
            of.about,
            of.id,
            kind,
            provider,
            channel,
            amount,
            reference,
            at,
            provider_at,
            actor
        ])?;
    Ok(inserted == 1)
}

/// Of the order's own payments.
pub fn sum_of_order(conn: &Connection, order: OrderId) -> Result<Fen> {
    Ok(conn
        .prepare_cached(
            "select coalesce(sum(e.amount_fen), 0) from ledger_entry e join payment p on p.id = e.payment_id \
             where p.order_id = ? and p.part_id is null",
        )?
        .query_row([order], |row| row.get(0))?)
}

pub fn sums_of_payment(conn: &Connection, payment: PaymentId) -> Result<(Fen, Fen)> {
    Ok(conn
        .prepare_cached(
            "select coalesce(sum(max(amount_fen, 0)), 0), coalesce(-sum(min(amount_fen, 0)), 0) \
             from ledger_entry where payment_id = ?",
        )?
        .query_row([payment], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

pub fn list_of_order(conn: &Connection, order: OrderId) -> Result<Vec<Entry>> {
    let wanted = "p.part_id is null and p.order_id = ?1 or p.part_id in (select part.id from bill_part part \
        join bill_order b on b.bill_id = part.bill_id where b.order_id = ?1 \
        union select part_id from bill_part_order where order_id = ?1)";
    list(conn, wanted, &[&order])
}

pub fn list_booked(conn: &Connection, from: Timestamp, to: Timestamp) -> Result<Vec<Entry>> {
    list(conn, "e.at >= ? and e.at < ?", &[&from, &to])
}

pub fn list_by_provider(conn: &Connection, provider: &str, from: Timestamp, to: Timestamp) -> Result<Vec<Entry>> {
    list(conn, "e.provider = ? and e.provider_at >= ? and e.provider_at < ?", &[&provider, &from, &to])
}

pub fn find_first(conn: &Connection) -> Result<Option<Timestamp>> {
    Ok(conn.prepare_cached("select min(provider_at) from ledger_entry")?.query_row([], |row| row.get(0))?)
}

pub fn find(conn: &Connection, provider: &str, kind: Kind, reference: &str) -> Result<Option<Entry>> {
    let wanted = "e.provider = ? and e.kind = ? and e.reference = ?";
    Ok(list(conn, wanted, &[&provider, &kind, &reference])?.pop())
}
