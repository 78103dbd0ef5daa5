use super::{Entry, Sitting};
use crate::error::Result;
use crate::seating::Table;
use crate::units::{Fen, SeatingId};
use rusqlite::{Connection, Row};

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let seating: Option<SeatingId> = row.get(5)?;
    let party = seating.map(|seating| {
        Ok::<_, rusqlite::Error>(Sitting {
            seating,
            opened_at: row.get(6)?,
            heads: row.get(7)?,
            bill_asked_at: row.get(8)?,
            orders: row.get(9)?,
            under_way: row.get(10)?,
            unconfirmed: row.get(11)?,
            last_order_at: row.get(12)?,
            owed: Fen::ZERO,
        })
    });
    Ok(Entry {
        table: Table { id: row.get(0)?, number: row.get(1)?, code: row.get(2)?, area: row.get(3)?, seats: row.get(4)? },
        party: party.transpose()?,
        calls: Vec::new(),
    })
}

/// Every table in use, without what it owes and who calls.
pub fn list_entries(conn: &Connection) -> Result<Vec<Entry>> {
    let mut statement = conn.prepare_cached(
        "select t.id, t.number, t.code, t.area, t.seats, s.id, s.opened_at, s.heads, s.bill_asked_at, \
            (select count(*) from dining_order o where o.seating_id = s.id and o.status < 6), \
            (select count(*) from dining_order o where o.seating_id = s.id and o.status < 5), \
            (select count(*) from dining_order o where o.seating_id = s.id and o.status = 2), \
            (select max(o.created_at) from dining_order o where o.seating_id = s.id and o.status < 6) \
         from dining_table t left join seating s on s.table_id = t.id and s.closed_at is null \
         where t.retired = 0 order by t.id",
    )?;
    let rows = statement.query_map([], entry)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
