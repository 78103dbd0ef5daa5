use super::{Change, Entry, EntryKind, Member, Scanned};
use crate::error::Result;
use crate::store::name_columns;
use crate::units::{Fen, MemberId, Timestamp};
use anyhow::Context;
use rusqlite::{Connection, OptionalExtension, Row};

name_columns!(EntryKind);

const COLUMNS: &str = "id, name, phone, uses, balance_fen, enabled, link, created_at";

fn member(row: &Row<'_>) -> rusqlite::Result<Member> {
    Ok(Member {
        id: row.get(0)?,
        name: row.get(1)?,
        phone: row.get(2)?,
        uses: row.get(3)?,
        balance: row.get(4)?,
        enabled: row.get(5)?,
        link: row.get(6)?,
        created_at: row.get(7)?,
    })
}

pub fn find_member(conn: &Connection, id: MemberId) -> Result<Option<Member>> {
    let sql = format!("select {COLUMNS} from member where id = ?");
    Ok(conn.prepare_cached(&sql)?.query_row([id], member).optional()?)
}

pub fn find_by_phone(conn: &Connection, phone: &str) -> Result<Option<Member>> {
    let sql = format!("select {COLUMNS} from member where phone = ?");
    Ok(conn.prepare_cached(&sql)?.query_row([phone], member).optional()?)
}

pub fn insert_member(conn: &Connection, name: &str, phone: &str, now: Timestamp) -> Result<MemberId> {
    conn.prepare_cached("insert into member (name, phone, created_at) values (?, ?, ?)")?
        .execute((name, phone, now))?;
    Ok(MemberId(conn.last_insert_rowid()))
}

pub fn set_member(conn: &Connection, id: MemberId, name: &str, phone: &str, enabled: bool) -> Result<()> {
    conn.prepare_cached("update member set name = ?, phone = ?, enabled = ? where id = ?")?
        .execute((name, phone, enabled, id))?;
    Ok(())
}

pub fn set_link(conn: &Connection, id: MemberId, link: i64) -> Result<()> {
    conn.prepare_cached("update member set link = ? where id = ?")?.execute((link, id))?;
    Ok(())
}

/// How many there are whose name or phone has `part` in it, and one page of them, the latest first.
pub fn list_members(conn: &Connection, part: &str, limit: i64, offset: i64) -> Result<(i64, Vec<Member>)> {
    const FITS: &str = "instr(name, ?1) > 0 or instr(phone, ?1) > 0 or ?1 = ''";
    let total = conn
        .prepare_cached(&format!("select count(*) from member where {FITS}"))?
        .query_row([part], |row| row.get(0))?;
    let sql = format!("select {COLUMNS} from member where {FITS} order by id desc limit ?2 offset ?3");
    let mut statement = conn.prepare_cached(&sql)?;
    let found = statement.query_map((part, limit, offset), member)?.collect::<rusqlite::Result<_>>()?;
    Ok((total, found))
}

/// Only from what the card held when it was read.
///
/// # Errors
/// Internal when it holds something else.
pub fn advance_card(conn: &Connection, from: &Member, uses: i64, balance: Fen) -> Result<()> {
    let changed = conn
        .prepare_cached("update member set uses = ?, balance_fen = ? where id = ? and uses = ? and balance_fen = ?")?
        .execute((uses, balance, from.id, from.uses, from.balance))?;
    (changed == 1).then_some(()).context("a member's card is not as it was read")?;
    Ok(())
}

pub fn insert_entry(conn: &Connection, card: &Member, change: &Change<'_>, now: Timestamp) -> Result<i64> {
    conn.prepare_cached(
        "insert into member_entry (member_id, kind, uses, amount_fen, uses_after, after_fen, paid_fen, method, payment_id,
             cause, note, actor, at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute((
        card.id,
        change.kind,
        change.uses,
        change.amount,
        card.uses,
        card.balance,
        change.paid,
        change.method,
        change.payment,
        change.cause,
        change.note,
        change.actor,
        now,
    ))?;
    Ok(conn.last_insert_rowid())
}

const ENTRY: &str = "id, kind, uses, amount_fen, uses_after, after_fen, paid_fen, method, payment_id, note, actor, at from member_entry";

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        id: row.get(0)?,
        kind: row.get(1)?,
        uses: row.get(2)?,
        amount: row.get(3)?,
        uses_after: row.get(4)?,
        balance_after: row.get(5)?,
        paid: row.get(6)?,
        method: row.get(7)?,
        payment: row.get(8)?,
        note: row.get(9)?,
        actor: row.get(10)?,
        at: row.get(11)?,
    })
}

pub fn find_entry_of_cause(conn: &Connection, member: MemberId, cause: &str) -> Result<Option<Entry>> {
    let mut statement = conn.prepare_cached(&format!("select {ENTRY} where member_id = ? and cause = ?"))?;
    Ok(statement.query_row((member, cause), entry).optional()?)
}

/// The latest first.
pub fn list_entries(conn: &Connection, member: MemberId, limit: i64) -> Result<Vec<Entry>> {
    let mut statement = conn.prepare_cached(&format!("select {ENTRY} where member_id = ? order by id desc limit ?"))?;
    Ok(statement.query_map((member, limit), entry)?.collect::<rusqlite::Result<_>>()?)
}

const SCANNED: &str = "id, member_id, status, text, remaining, at, code_id from member_scan";

fn scanned(row: &Row<'_>) -> rusqlite::Result<Scanned> {
    Ok(Scanned {
        id: row.get(0)?,
        member: row.get(1)?,
        status: row.get(2)?,
        text: row.get(3)?,
        remaining: row.get(4)?,
        at: row.get(5)?,
    })
}

/// What this operation did, and with which code.
pub fn find_scan_of_op(conn: &Connection, op_id: &str) -> Result<Option<(Scanned, String)>> {
    let mut statement = conn.prepare_cached(&format!("select {SCANNED} where op_id = ?"))?;
    Ok(statement.query_row([op_id], |row| Ok((scanned(row)?, row.get(6)?))).optional()?)
}

pub fn has_spent(conn: &Connection, code_id: &str) -> Result<bool> {
    Ok(conn.prepare_cached("select 1 from member_scan where code_id = ? and spent = 1")?.exists([code_id])?)
}

pub fn find_last_scan(conn: &Connection, member: MemberId) -> Result<Option<Scanned>> {
    let mut statement =
        conn.prepare_cached(&format!("select {SCANNED} where member_id = ? order by id desc limit 1"))?;
    Ok(statement.query_row([member], scanned).optional()?)
}

pub fn insert_scan(conn: &Connection, scan: &Scanned, code_id: &str, op_id: &str, spent: bool) -> Result<i64> {
    conn.prepare_cached(
        "insert into member_scan (member_id, code_id, op_id, spent, status, text, remaining, at)
             values (?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute((scan.member, code_id, op_id, spent, scan.status, &scan.text, scan.remaining, scan.at))?;
    Ok(conn.last_insert_rowid())
}
