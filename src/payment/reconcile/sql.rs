use super::Reconciliation;
use crate::error::Result;
use crate::units::{Calendar, Date};
use anyhow::Context;
use rusqlite::{Connection, params};

/// A comparison that was made is not undone by one that could not be.
pub fn upsert(conn: &Connection, one: &Reconciliation) -> Result<()> {
    conn.prepare_cached(
        "insert into reconciliation (day, provider, checked_at, rows, problem, differences) values (?, ?, ?, ?, ?, ?) \
         on conflict (day, provider) do update set checked_at = excluded.checked_at, rows = excluded.rows, \
         problem = excluded.problem, differences = excluded.differences \
         where excluded.problem is null or reconciliation.problem is not null",
    )?
    .execute(params![
        one.day.to_string(),
        one.provider,
        one.checked_at,
        one.rows,
        one.problem,
        serde_json::to_string(&one.differences)?
    ])?;
    Ok(())
}

/// Newest day first.
pub fn list_latest(conn: &Connection, days: i64) -> Result<Vec<Reconciliation>> {
    let mut statement = conn.prepare_cached(
        "select day, provider, checked_at, rows, problem, differences from reconciliation \
         where day in (select distinct day from reconciliation order by day desc limit ?) order by day desc, provider",
    )?;
    let mut rows = statement.query([days])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (day, differences): (String, String) = (row.get(0)?, row.get(5)?);
        found.push(Reconciliation {
            day: Calendar::parse_date(&day).context("a reconciliation of no day")?,
            provider: row.get(1)?,
            checked_at: row.get(2)?,
            rows: row.get(3)?,
            problem: row.get(4)?,
            differences: serde_json::from_str(&differences)?,
        });
    }
    Ok(found)
}

/// Providers whose bill of that day has been compared.
pub fn list_done(conn: &Connection, day: Date) -> Result<Vec<String>> {
    let mut statement = conn.prepare_cached("select provider from reconciliation where day = ? and problem is null")?;
    let names = statement.query_map([day.to_string()], |row| row.get(0))?;
    Ok(names.collect::<rusqlite::Result<_>>()?)
}
