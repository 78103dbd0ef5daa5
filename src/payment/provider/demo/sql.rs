use crate::error::Result;
use crate::units::Fen;
use rusqlite::{Connection, OptionalExtension};

/// A trade in the demo provider's books.
pub struct DemoTrade {
    pub amount: Fen,
    pub state: String,
    pub transaction_id: Option<String>,
}

pub fn find_trade(conn: &Connection, out_trade_no: &str) -> Result<Option<DemoTrade>> {
    Ok(conn
        .prepare_cached("select amount_fen, state, transaction_id from demo_trade where out_trade_no = ?")?
        .query_row([out_trade_no], |row| {
            Ok(DemoTrade { amount: row.get(0)?, state: row.get(1)?, transaction_id: row.get(2)? })
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

pub fn advance_paid(conn: &Connection, out_trade_no: &str, transaction_id: &str) -> Result<()> {
    conn.prepare_cached(
        "update demo_trade set state = 'SUCCESS', transaction_id = ?2 where out_trade_no = ?1 and state = 'NOTPAY'",
    )?
    .execute((out_trade_no, transaction_id))?;
    Ok(())
}

pub fn advance_closed(conn: &Connection, out_trade_no: &str) -> Result<()> {
    conn.prepare_cached("update demo_trade set state = 'CLOSED' where out_trade_no = ? and state = 'NOTPAY'")?
        .execute([out_trade_no])?;
    Ok(())
}

/// Sets the refunded sum: a repeat changes nothing.
pub fn set_refunded(conn: &Connection, out_trade_no: &str, amount: Fen) -> Result<()> {
    conn.prepare_cached("update demo_trade set refunded_fen = ?2 where out_trade_no = ?1 and state = 'SUCCESS'")?
        .execute((out_trade_no, amount))?;
    Ok(())
}
