use super::{Kind, Question, Review};
use crate::error::Result;
use crate::units::{OrderId, PaymentId, RefundId, ReviewId, Timestamp};
use anyhow::Context;
use rusqlite::{Connection, Row, ToSql, params};

const COLUMNS: &str = "r.id, r.kind, r.payment_id, r.refund_id, p.order_id, o.number, t.number, p.provider, \
    p.out_trade_no, p.amount_fen, r.amount_fen, r.reference, r.reason, r.raised_at, r.resolution \
    from review r join payment p on p.id = r.payment_id join dining_order o on o.id = p.order_id \
    join dining_table t on t.id = o.table_id";

fn review(row: &Row<'_>) -> Result<Review> {
    let kind: String = row.get(1)?;
    Ok(Review {
        id: row.get(0)?,
        kind: Kind::from_name(&kind).context("a review of an unknown kind")?,
        payment: row.get(2)?,
        refund: row.get(3)?,
        order: row.get(4)?,
        order_number: row.get(5)?,
        table_number: row.get(6)?,
        provider: row.get(7)?,
        out_trade_no: row.get(8)?,
        asked: row.get(9)?,
        amount: row.get(10)?,
        reference: row.get(11)?,
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

pub fn insert_review(conn: &Connection, payment: PaymentId, question: &Question<'_>, now: Timestamp) -> Result<bool> {
    let inserted = conn
        .prepare_cached(
            "insert into review (kind, payment_id, refund_id, reason, amount_fen, reference, raised_at) \
             values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing",
        )?
        .execute(params![
            question.kind.name(),
            payment,
            question.refund,
            question.reason,
            question.amount,
            question.reference,
            now
        ])?;
    Ok(inserted == 1)
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
