use super::{Kind, Question, Review};
use crate::error::Result;
use crate::store::name_columns;
use crate::units::{Fen, OrderId, PaymentId, RefundId, ReviewId, Timestamp};
use anyhow::Context;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

name_columns!(Kind);

const COLUMNS: &str = "r.id, r.kind, r.payment_id, r.refund_id, p.order_id, o.number, t.number, p.provider, \
    p.out_trade_no, p.amount_fen, r.amount_fen, r.notices, r.reason, r.raised_at, r.resolution \
    from review r join payment p on p.id = r.payment_id join dining_order o on o.id = p.order_id \
    join dining_table t on t.id = o.table_id";

fn review(row: &Row<'_>) -> Result<Review> {
    Ok(Review {
        id: row.get(0)?,
        kind: row.get(1).context("a review's kind")?,
        payment: row.get(2)?,
        refund: row.get(3)?,
        order: row.get(4)?,
        order_number: row.get(5)?,
        table_number: row.get(6)?,
        provider: row.get(7)?,
        out_trade_no: row.get(8)?,
        asked: row.get(9)?,
        amount: row.get(10)?,
        notices: row.get(11)?,
        reason: row.get(12)?,
        raised_at: row.get(13)?,
        resolution: row.get(14)?,
    })
}

fn list(conn: &Connection, wanted: &str, arguments: &[&dyn ToSql]) -> Result<Vec<Review>> {
    let mut statement = conn.prepare_cached(&format!("select {COLUMNS} where {wanted} order by r.id"))?;
    let mut rows = statement.query(arguments)?;
    let mut reviews = Vec::new();
    while let Some(row) = rows.next()? {
        reviews.push(review(row)?);
    }
    Ok(reviews)
}

pub fn list_open(conn: &Connection) -> Result<Vec<Review>> {
    list(conn, "r.resolved_at is null", &[])
}

pub fn find_review(conn: &Connection, id: ReviewId) -> Result<Option<Review>> {
    Ok(list(conn, "r.id = ?", &[&id])?.pop())
}

pub fn insert_review(
    conn: &Connection,
    payment: PaymentId,
    question: &Question<'_>,
    now: Timestamp,
) -> Result<ReviewId> {
    conn.prepare_cached(
        "insert into review (kind, payment_id, refund_id, reason, amount_fen, reference, raised_at) \
         values (?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        question.kind,
        payment,
        question.refund,
        question.reason,
        question.amount,
        question.reference,
        now
    ])?;
    Ok(ReviewId(conn.last_insert_rowid()))
}

const NO_REFUND: RefundId = RefundId(0);

/// Whether this was asked before, answered or not.
pub fn has_notice(conn: &Connection, payment: PaymentId, question: &Question<'_>) -> Result<bool> {
    let wanted = "select 1 from review_notice where payment_id = ? and kind = ? and refund_id = ? and reference = ?";
    let refund = question.refund.unwrap_or(NO_REFUND);
    Ok(conn.prepare_cached(wanted)?.exists((payment, question.kind, refund, question.reference))?)
}

pub fn insert_notice(conn: &Connection, payment: PaymentId, review: ReviewId, question: &Question<'_>) -> Result<()> {
    conn.prepare_cached(
        "insert into review_notice (payment_id, kind, refund_id, reference, review_id, amount_fen) \
         values (?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        payment,
        question.kind,
        question.refund.unwrap_or(NO_REFUND),
        question.reference,
        review,
        question.amount
    ])?;
    Ok(())
}

/// The open question of the same kind about the same payment and refund.
pub fn find_open_like(conn: &Connection, payment: PaymentId, question: &Question<'_>) -> Result<Option<ReviewId>> {
    let wanted = "select id from review where payment_id = ? and kind = ? and refund_id is ? and resolved_at is null \
        order by id limit 1";
    let arguments = (payment, question.kind, question.refund);
    Ok(conn.prepare_cached(wanted)?.query_row(arguments, |row| row.get(0)).optional()?)
}

/// One notice more, and what it adds.
pub fn count_notice(conn: &Connection, id: ReviewId, more: Option<Fen>) -> Result<()> {
    conn.prepare_cached(
        "update review set notices = notices + 1, amount_fen = case when ?2 is null then amount_fen \
         else coalesce(amount_fen, 0) + ?2 end where id = ?1",
    )?
    .execute((id, more))?;
    Ok(())
}

/// References and amounts of what has raised a question, in no order.
pub fn list_notices(conn: &Connection, id: ReviewId) -> Result<Vec<(String, Option<Fen>)>> {
    let mut statement = conn.prepare_cached("select reference, amount_fen from review_notice where review_id = ?")?;
    let notices = statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(notices.collect::<rusqlite::Result<_>>()?)
}

pub fn sum_open_notices(conn: &Connection, payment: PaymentId, kind: Kind) -> Result<Fen> {
    Ok(conn
        .prepare_cached(
            "select coalesce(sum(amount_fen), 0) from review where payment_id = ? and kind = ? and resolved_at is null",
        )?
        .query_row((payment, kind), |row| row.get(0))?)
}

pub fn advance_resolved(conn: &Connection, id: ReviewId, resolution: &str, staff: &str, now: Timestamp) -> Result<()> {
    conn.prepare_cached(
        "update review set resolution = ?2, resolved_by = ?3, resolved_at = ?4 where id = ?1 and resolved_at is null",
    )?
    .execute((id, resolution, staff, now))?;
    Ok(())
}

/// Whether there was one.
pub fn advance_resolved_of_refund(conn: &Connection, refund: RefundId, now: Timestamp) -> Result<bool> {
    let touched = conn
        .prepare_cached(
            "update review set resolution = 'done', resolved_by = 'provider', resolved_at = ?2 \
             where refund_id = ?1 and resolved_at is null",
        )?
        .execute((refund, now))?;
    Ok(touched > 0)
}

pub fn has_open_of_payment(conn: &Connection, payment: PaymentId) -> Result<bool> {
    Ok(conn.prepare_cached("select 1 from review where payment_id = ? and resolved_at is null")?.exists([payment])?)
}

pub fn has_open(conn: &Connection, order: OrderId) -> Result<bool> {
    Ok(conn
        .prepare_cached(
            "select 1 from review r join payment p on p.id = r.payment_id where p.order_id = ? and r.resolved_at is null",
        )?
        .exists([order])?)
}
