use super::provider::Paid;
use super::{Cause, Channel, Payment, PaymentState, Refund, RefundState, Target, Why};
use crate::actor::Actor;
use crate::error::Result;
use crate::store::name_columns;
use crate::units::{BillId, Fen, OrderId, PartId, PaymentId, RefundId, Timestamp};
use anyhow::Context;
use rusqlite::{Connection, Row, ToSql, params};

name_columns!(Channel, PaymentState, RefundState);

const COLUMNS: &str = "id, order_id, part_id, provider, channel, out_trade_no, subject, payer, amount_fen, state, code, \
    transaction_id, received_fen, created_at, expires_at, closed_at from payment";

fn payment(row: &Row<'_>) -> Result<Payment> {
    let (about, part): (OrderId, Option<PartId>) = (row.get("order_id")?, row.get("part_id")?);
    Ok(Payment {
        id: row.get("id")?,
        target: part.map_or(Target::Order(about), Target::Part),
        about,
        provider: row.get("provider")?,
        channel: row.get("channel").context("a payment's channel")?,
        out_trade_no: row.get("out_trade_no")?,
        subject: row.get("subject")?,
        payer: row.get("payer")?,
        amount: row.get("amount_fen")?,
        state: row.get("state").context("a payment's state")?,
        code: row.get("code")?,
        transaction_id: row.get("transaction_id")?,
        received: row.get("received_fen")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        closed_at: row.get("closed_at")?,
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

/// Of the order alone, of the parts of its bill, and of those that have paid of it and it was taken off since.
pub fn list_of_order(conn: &Connection, order: OrderId) -> Result<Vec<Payment>> {
    let wanted = "part_id is null and order_id = ?1 or part_id in (select p.id from bill_part p \
        join bill_order o on o.bill_id = p.bill_id where o.order_id = ?1 \
        union select part_id from bill_part_order where order_id = ?1) order by id";
    list(conn, wanted, &[&order])
}

/// Of parts that pay of this order.
pub fn list_sharing(conn: &Connection, order: OrderId) -> Result<Vec<Payment>> {
    list(conn, "part_id in (select part_id from bill_part_order where order_id = ?) order by id", &[&order])
}

pub fn list_of_bill(conn: &Connection, bill: BillId) -> Result<Vec<Payment>> {
    list(conn, "part_id in (select id from bill_part where bill_id = ?) order by id", &[&bill])
}

/// Payments whose query is due, oldest first.
pub fn list_due(conn: &Connection, now: Timestamp, limit: i64) -> Result<Vec<Payment>> {
    list(conn, "query_at <= ? order by query_at limit ?", &[&now, &limit])
}

/// When the next query, refund or expiry is due.
pub fn find_next_due(conn: &Connection) -> Result<Option<Timestamp>> {
    Ok(conn
        .prepare_cached(
            "select min(at) from (select min(query_at) as at from payment where query_at is not null \
             union all select min(try_at) from refund where try_at is not null \
             union all select min(try_at) from unclaimed where try_at is not null \
             union all select min(pay_before) from dining_order where status = 1 and status < 5)",
        )?
        .query_row([], |row| row.get(0))?)
}

pub fn insert_payment(conn: &Connection, new: &Payment) -> Result<PaymentId> {
    conn.prepare_cached(
        "insert into payment (order_id, part_id, provider, channel, out_trade_no, subject, payer, amount_fen, state, created_at, \
         expires_at, query_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        new.about,
        new.target.part(),
        new.provider,
        new.channel,
        new.out_trade_no,
        new.subject,
        new.payer,
        new.amount,
        new.state,
        new.created_at,
        new.expires_at,
        new.created_at.plus_seconds(2),
    ])?;
    Ok(PaymentId(conn.last_insert_rowid()))
}

/// Compare and set: `false` when it has got elsewhere meanwhile.
pub fn advance(conn: &Connection, id: PaymentId, from: PaymentState, to: PaymentState, now: Timestamp) -> Result<bool> {
    let touched = conn
        .prepare_cached(
            "update payment set state = ?3, paid_at = iif(?3 = 'paid', ?4, paid_at), \
             closed_at = iif(?3 = 'closed', ?4, closed_at) where id = ?1 and state = ?2",
        )?
        .execute((id, from, to, now))?;
    Ok(touched == 1)
}

/// What `create` answered.
pub fn set_code(conn: &Connection, id: PaymentId, code: &str) -> Result<()> {
    conn.prepare_cached("update payment set code = ?2 where id = ?1")?.execute((id, code))?;
    Ok(())
}

/// When it is looked at next, if ever.
pub fn set_look(conn: &Connection, id: PaymentId, next: Option<Timestamp>) -> Result<()> {
    conn.prepare_cached("update payment set query_at = ?2 where id = ?1")?.execute((id, next))?;
    Ok(())
}

/// What came, and by which transaction; the state says elsewhere what that means.
pub fn set_received(conn: &Connection, id: PaymentId, transaction_id: &str, amount: Fen) -> Result<()> {
    conn.prepare_cached("update payment set transaction_id = ?2, received_fen = ?3 where id = ?1")?.execute((
        id,
        transaction_id,
        amount,
    ))?;
    Ok(())
}

/// A closed payment's next look, or none.
pub fn set_look_at_closed(conn: &Connection, id: PaymentId, next: Option<Timestamp>) -> Result<()> {
    conn.prepare_cached("update payment set query_at = ?2 where id = ?1 and state in ('closed', 'needs_review')")?
        .execute((id, next))?;
    Ok(())
}

pub fn is_transaction_of_another(conn: &Connection, provider: &str, transaction: &str, id: PaymentId) -> Result<bool> {
    Ok(conn.prepare_cached("select 1 from payment where provider = ? and transaction_id = ? and id <> ?")?.exists((
        provider,
        transaction,
        id,
    ))?)
}

/// Whatever is open is asked about at `at`.
pub fn set_all_query_at(conn: &Connection, at: Timestamp) -> Result<()> {
    conn.prepare_cached("update payment set query_at = ? where state in ('creating', 'open')")?.execute([at])?;
    Ok(())
}

pub fn set_all_refund_try(conn: &Connection, at: Timestamp) -> Result<()> {
    conn.prepare_cached("update refund set try_at = ? where state = 'pending'")?.execute([at])?;
    conn.prepare_cached("update unclaimed set try_at = ? where try_at is not null")?.execute([at])?;
    Ok(())
}

/// A payment's refunds that are under way are looked up at `at`, or before as planned.
pub fn set_refunds_by(conn: &Connection, payment: PaymentId, at: Timestamp) -> Result<()> {
    conn.prepare_cached("update refund set try_at = ?2 where payment_id = ?1 and state = 'pending' and try_at > ?2")?
        .execute((payment, at))?;
    Ok(())
}

/// A payment that is not paid is asked about at `at`, or before as planned.
pub fn set_query_by(conn: &Connection, id: PaymentId, at: Timestamp) -> Result<()> {
    conn.prepare_cached(
        "update payment set query_at = ?2 where id = ?1 and state <> 'paid' and (query_at is null or query_at > ?2)",
    )?
    .execute((id, at))?;
    Ok(())
}

/// An open payment is asked about at `at`, and not when it was planned.
pub fn set_query_now(conn: &Connection, id: PaymentId, at: Timestamp) -> Result<()> {
    conn.prepare_cached("update payment set query_at = ?2 where id = ?1 and state in ('creating', 'open')")?
        .execute((id, at))?;
    Ok(())
}

pub fn set_query_at(conn: &Connection, id: PaymentId, at: Timestamp) -> Result<()> {
    conn.prepare_cached(
        "update payment set query_at = ?2, queries = queries + 1 \
         where id = ?1 and state in ('creating', 'open', 'closed')",
    )?
    .execute((id, at))?;
    Ok(())
}

/// What a provider has told us, once each.
pub fn insert_callback(conn: &Connection, provider: &str, paid: &Paid, outcome: &str, now: Timestamp) -> Result<()> {
    conn.prepare_cached(
        "insert into payment_callback (provider, transaction_id, out_trade_no, amount_fen, received_at, outcome) \
         values (?, ?, ?, ?, ?, ?) on conflict do nothing",
    )?
    .execute((provider, &paid.transaction_id, &paid.out_trade_no, paid.amount, now, outcome))?;
    Ok(())
}

/// The first of a payment has the trade's number and `R`, the others count on.
pub fn insert_refund(
    conn: &Connection,
    of: &Payment,
    order: Option<OrderId>,
    amount: Fen,
    why: Why<'_>,
    now: Timestamp,
) -> Result<Refund> {
    let earlier = list_refunds_of(conn, of.id)?.len();
    let count = if earlier == 0 { String::new() } else { (earlier + 1).to_string() };
    conn.prepare_cached(
        "insert into refund (payment_id, order_id, provider, out_refund_no, amount_fen, reason, state, cause, actor, created_at, \
         try_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        of.id,
        order,
        of.provider,
        format!("{}R{count}", of.out_trade_no),
        amount,
        why.reason,
        RefundState::Pending,
        why.cause.to_string(),
        why.actor,
        now,
        now
    ])?;
    load_refund(conn, RefundId(conn.last_insert_rowid()))
}

/// What is on its way back.
pub fn sum_pending_refunds(conn: &Connection, payment: PaymentId) -> Result<Fen> {
    Ok(conn
        .prepare_cached("select coalesce(sum(amount_fen), 0) from refund where payment_id = ? and state = 'pending'")?
        .query_row([payment], |row| row.get(0))?)
}

/// Who has asked for it.
pub fn load_actor_of_refund(conn: &Connection, id: RefundId) -> Result<Actor> {
    Ok(conn.prepare_cached("select actor from refund where id = ?")?.query_row([id], |row| row.get(0))?)
}

fn refund(row: &Row<'_>) -> Result<Refund> {
    let cause: String = row.get(12)?;
    Ok(Refund {
        id: row.get(0)?,
        payment: row.get(1)?,
        provider: row.get(2)?,
        out_trade_no: row.get(3)?,
        transaction_id: row.get(4)?,
        out_refund_no: row.get(5)?,
        amount: row.get(6)?,
        total: row.get(7)?,
        reason: row.get(8)?,
        tries: row.get(9)?,
        order: row.get(10)?,
        state: row.get(11).context("a refund's state")?,
        cause: cause.parse::<Cause>().map_err(anyhow::Error::from)?,
    })
}

fn list_refunds(conn: &Connection, wanted: &str, arguments: &[&dyn ToSql]) -> Result<Vec<Refund>> {
    let mut statement = conn.prepare_cached(&format!(
        "select r.id, r.payment_id, r.provider, p.out_trade_no, p.transaction_id, r.out_refund_no, r.amount_fen, \
         coalesce(p.received_fen, p.amount_fen), r.reason, r.tries, r.order_id, r.state, r.cause \
         from refund r join payment p on p.id = r.payment_id where {wanted}"
    ))?;
    let mut rows = statement.query(arguments)?;
    let mut refunds = Vec::new();
    while let Some(row) = rows.next()? {
        refunds.push(refund(row)?);
    }
    Ok(refunds)
}

pub fn list_due_refunds(conn: &Connection, now: Timestamp, limit: i64) -> Result<Vec<Refund>> {
    list_refunds(conn, "r.try_at <= ? order by r.try_at limit ?", &[&now, &limit])
}

pub fn load_refund(conn: &Connection, id: RefundId) -> Result<Refund> {
    let found = list_refunds(conn, "r.id = ?", &[&id])?.pop();
    Ok(found.with_context(|| format!("refund {id} is gone"))?)
}

pub fn find_refund(conn: &Connection, provider: &str, out_refund_no: &str) -> Result<Option<Refund>> {
    Ok(list_refunds(conn, "r.provider = ? and r.out_refund_no = ?", &[&provider, &out_refund_no])?.pop())
}

/// Oldest first.
pub fn list_refunds_of(conn: &Connection, payment: PaymentId) -> Result<Vec<Refund>> {
    list_refunds(conn, "r.payment_id = ? order by r.id", &[&payment])
}

/// Oldest first.
pub fn list_refunds_of_order(conn: &Connection, order: OrderId) -> Result<Vec<Refund>> {
    list_refunds(conn, "p.part_id is null and p.order_id = ?1 or r.order_id = ?1 order by r.id", &[&order])
}

/// What all other refunds of a payment are about, whatever became of them; those that the provider was not asked for too.
pub fn list_other_refunds(conn: &Connection, payment: PaymentId, but: RefundId) -> Result<Vec<Fen>> {
    let mut statement = conn.prepare_cached(
        "select amount_fen from refund where payment_id = ?1 and id <> ?2 union all \
         select -amount_fen from ledger_entry where payment_id = ?1 and kind = 'refund' \
         and reference not in (select out_refund_no from refund where payment_id = ?1)",
    )?;
    let amounts = statement.query_map((payment, but), |row| row.get(0))?;
    Ok(amounts.collect::<rusqlite::Result<_>>()?)
}

/// What of an order's share of its bill went back.
pub fn sum_refunds_of_share(conn: &Connection, order: OrderId) -> Result<Fen> {
    Ok(conn
        .prepare_cached("select coalesce(sum(amount_fen), 0) from refund where order_id = ? and state = 'done'")?
        .query_row([order], |row| row.get(0))?)
}

/// What of a part's payment went back for this order, or is on its way.
pub fn sum_refunds_of(conn: &Connection, payment: PaymentId, order: OrderId) -> Result<Fen> {
    Ok(conn
        .prepare_cached(
            "select coalesce(sum(amount_fen), 0) from refund \
             where payment_id = ? and order_id = ? and state in ('done', 'pending')",
        )?
        .query_row((payment, order), |row| row.get(0))?)
}

/// Compare and set, after which it is asked about no more: `false` when it has got elsewhere meanwhile.
pub fn advance_refund(conn: &Connection, id: RefundId, from: RefundState, to: RefundState) -> Result<bool> {
    let touched = conn
        .prepare_cached("update refund set state = ?3, try_at = null where id = ?1 and state = ?2")?
        .execute((id, from, to))?;
    Ok(touched == 1)
}

pub fn set_refund_try(conn: &Connection, id: RefundId, at: Timestamp) -> Result<()> {
    conn.prepare_cached("update refund set try_at = ?2, tries = tries + 1 where id = ?1 and state = 'pending'")?
        .execute((id, at))?;
    Ok(())
}
