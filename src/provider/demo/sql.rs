use crate::error::Result;
use crate::payment::provider::{BillKind, BillRow};
use crate::units::{Fen, Timestamp};
use rusqlite::{Connection, OptionalExtension};

/// A trade in the demo provider's books.
pub struct DemoTrade {
    pub amount: Fen,
    pub state: String,
    pub transaction_id: Option<String>,
    pub paid_at: Option<Timestamp>,
}

pub fn find_trade(conn: &Connection, out_trade_no: &str) -> Result<Option<DemoTrade>> {
    Ok(conn
        .prepare_cached("select amount_fen, state, transaction_id, paid_at from demo_trade where out_trade_no = ?")?
        .query_row([out_trade_no], |row| {
            Ok(DemoTrade { amount: row.get(0)?, state: row.get(1)?, transaction_id: row.get(2)?, paid_at: row.get(3)? })
        })
        .optional()?)
}

pub fn insert_trade(conn: &Connection, out_trade_no: &str, amount: Fen) -> Result<()> {
    conn.prepare_cached(
        "insert into demo_trade (out_trade_no, amount_fen, state) values (?, ?, 'NOTPAY') on conflict do nothing",
    )?
    .execute((out_trade_no, amount))?;
    Ok(())
}

pub fn advance_paid(conn: &Connection, out_trade_no: &str, transaction_id: &str, now: Timestamp) -> Result<()> {
    conn.prepare_cached(
        "update demo_trade set state = 'SUCCESS', transaction_id = ?2, paid_at = ?3 \
         where out_trade_no = ?1 and state = 'NOTPAY'",
    )?
    .execute((out_trade_no, transaction_id, now))?;
    Ok(())
}

pub fn advance_closed(conn: &Connection, out_trade_no: &str) -> Result<()> {
    conn.prepare_cached("update demo_trade set state = 'CLOSED' where out_trade_no = ? and state = 'NOTPAY'")?
        .execute([out_trade_no])?;
    Ok(())
}

/// A repeat changes nothing.
pub fn insert_refund(
    conn: &Connection,
    out_refund_no: &str,
    out_trade_no: &str,
    amount: Fen,
    now: Timestamp,
) -> Result<()> {
    conn.prepare_cached(
        "insert into demo_refund (out_refund_no, out_trade_no, amount_fen, at) values (?, ?, ?, ?) on conflict do nothing",
    )?
    .execute((out_refund_no, out_trade_no, amount, now))?;
    Ok(())
}

pub fn list_bill(conn: &Connection, from: Timestamp, to: Timestamp) -> Result<Vec<BillRow>> {
    let mut statement = conn.prepare_cached(
        "select out_trade_no, transaction_id, '', amount_fen from demo_trade where paid_at >= ?1 and paid_at < ?2 \
         union all select r.out_trade_no, t.transaction_id, r.out_refund_no, r.amount_fen from demo_refund r \
         join demo_trade t on t.out_trade_no = r.out_trade_no where r.at >= ?1 and r.at < ?2",
    )?;
    let rows = statement.query_map((from, to), |row| {
        let out_refund_no: String = row.get(2)?;
        let kind = if out_refund_no.is_empty() { BillKind::Payment } else { BillKind::Refund };
        Ok(BillRow { kind, out_trade_no: row.get(0)?, transaction_id: row.get(1)?, out_refund_no, amount: row.get(3)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
