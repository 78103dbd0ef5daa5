use super::Booked;
use crate::error::Result;
use crate::units::Timestamp;
use rusqlite::Connection;

/// Of the orders after one id and up to another: the latest made by `now`.
pub fn find_before(conn: &Connection, ids: (i64, i64), now: Timestamp) -> Result<Option<Timestamp>> {
    // The index on the time is to be used, whatever share of the rows the ids take.
    let wanted = "select max(created_at) from dining_order where created_at <= ?3 and +id > ?1 and +id <= ?2";
    Ok(conn.prepare_cached(wanted)?.query_row((ids.0, ids.1, now), |row| row.get(0))?)
}

/// Of the same orders: the first and the last time later than `now`.
pub fn find_ahead(conn: &Connection, ids: (i64, i64), now: Timestamp) -> Result<Option<(Timestamp, Timestamp)>> {
    let wanted =
        "select min(created_at), max(created_at) from dining_order where created_at > ?3 and +id > ?1 and +id <= ?2";
    let found: (Option<Timestamp>, Option<Timestamp>) =
        conn.prepare_cached(wanted)?.query_row((ids.0, ids.1, now), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.0.zip(found.1))
}

/// The order before the first one that has a later time than `now`; those after `id` only.
pub fn find_last_before_ahead(conn: &Connection, id: i64, now: Timestamp) -> Result<i64> {
    let wanted = "select coalesce(min(id) - 1, ?1) from dining_order where created_at > ?2 and +id > ?1";
    Ok(conn.prepare_cached(wanted)?.query_row((id, now), |row| row.get(0))?)
}

pub fn last_order(conn: &Connection) -> Result<i64> {
    Ok(conn.prepare_cached("select coalesce(max(id), 0) from dining_order")?.query_row([], |row| row.get(0))?)
}

/// What was booked by the orders after one id and up to another.
pub fn find_booked(conn: &Connection, ids: (i64, i64)) -> Result<Option<Booked>> {
    let wanted = "select count(*), min(created_at), max(created_at) from dining_order where id > ? and id <= ?";
    Ok(conn.prepare_cached(wanted)?.query_row(ids, |row| {
        let (first, last): (Option<Timestamp>, Option<Timestamp>) = (row.get(1)?, row.get(2)?);
        let orders = row.get(0)?;
        Ok(first.zip(last).map(|(first, last)| Booked { orders, first, last }))
    })?)
}
