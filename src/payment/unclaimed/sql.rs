use super::{Sending, Unclaimed};
use crate::error::Result;
use crate::payment::ledger::Kind;
use crate::units::{Fen, Timestamp, UnclaimedId};
use anyhow::Context;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

const COLUMNS: &str = "id, kind, provider, reference, out_trade_no, amount_fen, is_ours, provider_at, raised_at, \
    attempts, try_at is not null, tries, problem, resolution from unclaimed";

fn unclaimed(row: &Row<'_>) -> Result<Unclaimed> {
    Ok(Unclaimed {
        id: row.get(0)?,
        kind: row.get(1).context("the kind of unclaimed money")?,
        provider: row.get(2)?,
        reference: row.get(3)?,
        out_trade_no: row.get(4)?,
        amount: row.get(5)?,
        is_ours: row.get(6)?,
        provider_at: row.get(7)?,
        raised_at: row.get(8)?,
        sending: Sending {
            attempts: row.get(9)?,
            is_under_way: row.get(10)?,
            tries: row.get(11)?,
            problem: row.get(12)?,
        },
        resolution: row.get(13)?,
    })
}

fn list(conn: &Connection, wanted: &str, arguments: &[&dyn ToSql]) -> Result<Vec<Unclaimed>> {
    let mut statement = conn.prepare_cached(&format!("select {COLUMNS} where {wanted}"))?;
    let mut rows = statement.query(arguments)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(unclaimed(row)?);
    }
    Ok(found)
}

pub fn list_open(conn: &Connection) -> Result<Vec<Unclaimed>> {
    list(conn, "resolved_at is null order by id", &[])
}

pub fn list_due(conn: &Connection, now: Timestamp, limit: i64) -> Result<Vec<Unclaimed>> {
    list(conn, "try_at <= ? order by try_at limit ?", &[&now, &limit])
}

pub fn find(conn: &Connection, id: UnclaimedId) -> Result<Option<Unclaimed>> {
    Ok(list(conn, "id = ?", &[&id])?.pop())
}

/// The payment of this number that is or was on the list.
pub fn find_by_trade_no(conn: &Connection, provider: &str, out_trade_no: &str) -> Result<Option<Unclaimed>> {
    let wanted = "kind = 'payment' and provider = ? and out_trade_no = ? order by id limit 1";
    Ok(list(conn, wanted, &[&provider, &out_trade_no])?.pop())
}

/// `false` when it is known already.
pub fn insert(conn: &Connection, new: &Unclaimed) -> Result<bool> {
    let inserted = conn
        .prepare_cached(
            "insert into unclaimed (kind, provider, reference, out_trade_no, amount_fen, is_ours, provider_at, raised_at, \
             problem) values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing",
        )?
        .execute(params![
            new.kind,
            new.provider,
            new.reference,
            new.out_trade_no,
            new.amount,
            new.is_ours,
            new.provider_at,
            new.raised_at,
            new.sending.problem
        ])?;
    Ok(inserted == 1)
}

pub fn begin_refund(conn: &Connection, id: UnclaimedId, staff: &str, now: Timestamp) -> Result<()> {
    conn.prepare_cached(
        "update unclaimed set attempts = attempts + 1, tries = 0, try_at = ?2, problem = '', resolved_by = ?3 \
         where id = ?1 and try_at is null and resolved_at is null",
    )?
    .execute((id, now, staff))?;
    Ok(())
}

/// Who asked for the refund.
pub fn load_sender(conn: &Connection, id: UnclaimedId) -> Result<String> {
    Ok(conn
        .prepare_cached("select coalesce(resolved_by, '') from unclaimed where id = ?")?
        .query_row([id], |row| row.get(0))?)
}

pub fn set_try(conn: &Connection, id: UnclaimedId, at: Timestamp) -> Result<()> {
    conn.prepare_cached("update unclaimed set try_at = ?2 where id = ?1 and try_at is not null")?.execute((id, at))?;
    Ok(())
}

pub fn put_off(conn: &Connection, id: UnclaimedId, at: Timestamp) -> Result<()> {
    conn.prepare_cached("update unclaimed set try_at = ?2, tries = tries + 1 where id = ?1 and try_at is not null")?
        .execute((id, at))?;
    Ok(())
}

pub fn fail_refund(conn: &Connection, id: UnclaimedId, problem: &str) -> Result<()> {
    conn.prepare_cached("update unclaimed set try_at = null, problem = ?2 where id = ?1")?.execute((id, problem))?;
    Ok(())
}

pub fn advance_resolved(
    conn: &Connection,
    id: UnclaimedId,
    (resolution, note, staff): (&str, &str, &str),
    now: Timestamp,
) -> Result<()> {
    conn.prepare_cached(
        "update unclaimed set resolution = ?2, note = ?3, resolved_by = ?4, resolved_at = ?5, try_at = null \
         where id = ?1 and resolved_at is null",
    )?
    .execute((id, resolution, note, staff, now))?;
    Ok(())
}

pub fn find_amount(conn: &Connection, provider: &str, kind: Kind, reference: &str) -> Result<Option<Fen>> {
    let wanted = "select amount_fen from unclaimed where provider = ? and kind = ? and reference = ?";
    let arguments = (provider, kind, reference);
    Ok(conn.prepare_cached(wanted)?.query_row(arguments, |row| row.get(0)).optional()?)
}

/// What was sent back with this number of ours.
pub fn find_sent(conn: &Connection, provider: &str, out_refund_no: &str) -> Result<Option<Fen>> {
    let wanted = "select amount_fen from unclaimed where provider = ?1 and kind = 'payment' and attempts > 0 \
        and out_trade_no || 'U' || case when attempts > 1 then attempts else '' end = ?2";
    Ok(conn.prepare_cached(wanted)?.query_row((provider, out_refund_no), |row| row.get(0)).optional()?)
}
