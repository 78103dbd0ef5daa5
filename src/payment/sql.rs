use super::provider::Paid;
use super::{Payment, PaymentState, Refund};
use crate::error::Result;
use crate::units::{Fen, OrderId, PaymentId, RefundId, Timestamp};
use anyhow::Context;
use rusqlite::{Connection, Row, ToSql, params};

const COLUMNS: &str = "id, order_id, provider, out_trade_no, amount_fen, state, code_url, transaction_id, created_at, expires_at \
    from payment";

fn payment(row: &Row<'_>) -> Result<Payment> {
    let state: String = row.get("state")?;
    Ok(Payment {
        id: row.get("id")?,
        order: row.get("order_id")?,
        provider: row.get("provider")?,
        out_trade_no: row.get("out_trade_no")?,
        amount: row.get("amount_fen")?,
        state: PaymentState::from_name(&state).context("a payment with an unknown state")?,
        code_url: row.get("code_url")?,
        transaction_id: row.get("transaction_id")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
    })
}

fn list(conn: &Connection, wanted: &str, arguments: &[&dyn ToSql]) -> Result<Vec<Payment>> {
    let mut statement = conn.prepare_cached(&format!("select {COLUMNS} where {wanted}"))?;
    let mut rows = statement.query(arguments)?;
    let mut payments = Vec::new();
    while let Some(row) = rows.next()? {
        payments.push(payment(row)?);
    }
    Ok(payments)
}

pub fn find_by_trade_no(conn: &Connection, provider: &str, out_trade_no: &str) -> Result<Option<Payment>> {
    Ok(list(conn, "provider = ? and out_trade_no = ?", &[&provider, &out_trade_no])?.pop())
}

pub fn load_payment(conn: &Connection, id: PaymentId) -> Result<Payment> {
    let found = list(conn, "id = ?", &[&id])?.pop();
    Ok(found.with_context(|| format!("payment {id} is gone"))?)
}

pub fn list_of_order(conn: &Connection, order: OrderId) -> Result<Vec<Payment>> {
    list(conn, "order_id = ? order by id", &[&order])
}

/// Payments whose query is due, oldest first.
pub fn list_due(conn: &Connection, now: Timestamp, limit: i64) -> Result<Vec<Payment>> {
    list(conn, "query_at <= ? order by query_at limit ?", &[&now, &limit])
}

pub fn list_review(conn: &Connection) -> Result<Vec<(Payment, String)>> {
    list(conn, "review_reason <> '' order by id", &[])?
        .into_iter()
        .map(|payment| {
            let reason = conn
                .prepare_cached("select review_reason from payment where id = ?")?
                .query_row([payment.id], |row| row.get(0))?;
            Ok((payment, reason))
        })
        .collect()
}

/// When the next query, refund or expiry is due.
pub fn find_next_due(conn: &Connection) -> Result<Option<Timestamp>> {
    Ok(conn
        .prepare_cached(
            "select min(at) from (select min(query_at) as at from payment where query_at is not null \
             union all select min(try_at) from refund where try_at is not null \
             union all select min(pay_before) from dining_order where status = 1 and status < 5)",
        )?
        .query_row([], |row| row.get(0))?)
}

pub fn insert_payment(conn: &Connection, new: &Payment) -> Result<PaymentId> {
    conn.prepare_cached(
        "insert into payment (order_id, provider, out_trade_no, amount_fen, state, created_at, expires_at, query_at) \
         values (?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        new.order,
        new.provider,
        new.out_trade_no,
        new.amount,
        new.state.name(),
        new.created_at,
        new.expires_at,
        new.created_at.plus_seconds(2),
    ])?;
    Ok(PaymentId(conn.last_insert_rowid()))
}

/// The provider knows it: the payer can pay. `false` when it is no longer being created.
pub fn advance_open(conn: &Connection, id: PaymentId, code_url: &str) -> Result<bool> {
    let touched = conn
        .prepare_cached(
            "update payment set state = 'open', code_url = ?2 where id = ?1 and state in ('creating', 'open')",
        )?
        .execute((id, code_url))?;
    Ok(touched == 1)
}

pub fn advance_paid(conn: &Connection, id: PaymentId, transaction_id: &str, now: Timestamp) -> Result<bool> {
    let touched = conn
        .prepare_cached(
            "update payment set state = 'paid', transaction_id = ?2, paid_at = ?3, query_at = null \
             where id = ?1 and state in ('creating', 'open', 'closed')",
        )?
        .execute((id, transaction_id, now))?;
    Ok(touched == 1)
}

pub fn advance_closed(conn: &Connection, id: PaymentId) -> Result<()> {
    conn.prepare_cached(
        "update payment set state = 'closed', query_at = null where id = ? and state in ('creating', 'open')",
    )?
    .execute([id])?;
    Ok(())
}

pub fn advance_review(conn: &Connection, id: PaymentId, reason: &str) -> Result<()> {
    conn.prepare_cached(
        "update payment set state = 'needs_review', review_reason = ?2, query_at = null \
         where id = ?1 and state in ('creating', 'open', 'closed')",
    )?
    .execute((id, reason))?;
    Ok(())
}

/// A booked payment stays booked, and a person looks at it all the same.
pub fn set_review_reason(conn: &Connection, id: PaymentId, reason: &str) -> Result<()> {
    conn.prepare_cached("update payment set review_reason = ?2 where id = ?1")?.execute((id, reason))?;
    Ok(())
}

pub fn is_transaction_of_another(conn: &Connection, provider: &str, transaction: &str, id: PaymentId) -> Result<bool> {
    Ok(conn.prepare_cached("select 1 from payment where provider = ? and transaction_id = ? and id <> ?")?.exists((
        provider,
        transaction,
        id,
    ))?)
}

pub fn has_pending_refund(conn: &Connection, order: OrderId) -> Result<bool> {
    Ok(conn
        .prepare_cached(
            "select 1 from refund r join payment p on p.id = r.payment_id where p.order_id = ? and r.state = 'pending'",
        )?
        .exists([order])?)
}

/// Whatever is open is asked about at `at`.
pub fn set_all_query_at(conn: &Connection, at: Timestamp) -> Result<()> {
    conn.prepare_cached("update payment set query_at = ? where state in ('creating', 'open')")?.execute([at])?;
    Ok(())
}

pub fn set_query_at(conn: &Connection, id: PaymentId, at: Timestamp) -> Result<()> {
    conn.prepare_cached(
        "update payment set query_at = ?2, queries = queries + 1 where id = ?1 and state in ('creating', 'open')",
    )?
    .execute((id, at))?;
    Ok(())
}

/// Whether the provider had not told us this before.
pub fn insert_callback(conn: &Connection, provider: &str, paid: &Paid, outcome: &str, now: Timestamp) -> Result<bool> {
    let inserted = conn
        .prepare_cached(
            "insert into payment_callback (provider, transaction_id, out_trade_no, amount_fen, received_at, outcome) \
             values (?, ?, ?, ?, ?, ?) on conflict do nothing",
        )?
        .execute((provider, &paid.transaction_id, &paid.out_trade_no, paid.amount, now, outcome))?;
    Ok(inserted == 1)
}

pub fn insert_refund(conn: &Connection, of: &Payment, amount: Fen, reason: &str, now: Timestamp) -> Result<bool> {
    let inserted = conn
        .prepare_cached(
            "insert into refund (payment_id, provider, out_refund_no, amount_fen, reason, state, created_at, try_at) \
             values (?, ?, ?, ?, ?, 'pending', ?, ?) on conflict do nothing",
        )?
        .execute(params![of.id, of.provider, format!("{}R", of.out_trade_no), amount, reason, now, now])?;
    Ok(inserted == 1)
}

pub fn list_due_refunds(conn: &Connection, now: Timestamp, limit: i64) -> Result<Vec<Refund>> {
    let mut statement = conn.prepare_cached(
        "select r.id, r.payment_id, r.provider, p.out_trade_no, r.out_refund_no, r.amount_fen, r.reason, r.tries \
         from refund r join payment p on p.id = r.payment_id where r.try_at <= ? order by r.try_at limit ?",
    )?;
    let rows = statement.query_map((now, limit), |row| {
        Ok(Refund {
            id: row.get(0)?,
            payment: row.get(1)?,
            provider: row.get(2)?,
            out_trade_no: row.get(3)?,
            out_refund_no: row.get(4)?,
            amount: row.get(5)?,
            reason: row.get(6)?,
            tries: row.get(7)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// `false` when it had ended before.
pub fn advance_refund(conn: &Connection, id: RefundId, state: &str) -> Result<bool> {
    let touched = conn
        .prepare_cached("update refund set state = ?2, try_at = null where id = ?1 and state = 'pending'")?
        .execute((id, state))?;
    Ok(touched == 1)
}

pub fn set_refund_try(conn: &Connection, id: RefundId, at: Timestamp) -> Result<()> {
    conn.prepare_cached("update refund set try_at = ?2, tries = tries + 1 where id = ?1 and state = 'pending'")?
        .execute((id, at))?;
    Ok(())
}
