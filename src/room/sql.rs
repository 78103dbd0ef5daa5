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

/// What the party has ordered and not paid, in fen: its unpaid orders from the state `from` on, less what paid parts of
/// an open bill have paid of them.
pub fn load_owed(conn: &Connection, seating: SeatingId, from: i64) -> Result<Fen> {
    let owed = "select coalesce(sum(o.amount_fen - coalesce(( \
            select sum(w.amount_fen) from bill_order bo join bill b on b.id = bo.bill_id and b.state = 'open' \
                join bill_part p on p.bill_id = b.id and p.state = 'paid' \
                join bill_part_order w on w.part_id = p.id and w.order_id = o.id \
            where bo.order_id = o.id), 0)), 0) \
        from dining_order o where o.seating_id = ?1 and o.status between ?2 and 5 and o.pay_status = 0";
    Ok(conn.prepare_cached(owed)?.query_row((seating, from), |row| row.get(0))?)
}
