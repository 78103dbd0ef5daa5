use super::{Party, Place, Plate, Table};
use crate::error::Result;
use crate::units::{DinerId, SeatingId, StaffId, TableId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row};

fn table(row: &Row<'_>) -> rusqlite::Result<Table> {
    Ok(Table { id: row.get(0)?, number: row.get(1)?, code: row.get(2)?, area: row.get(3)?, seats: row.get(4)? })
}

pub fn find_table_by_code(conn: &Connection, code: &str) -> Result<Option<Table>> {
    Ok(conn
        .prepare_cached("select id, number, code, area, seats from dining_table where code = ? and retired = 0")?
        .query_row([code], table)
        .optional()?)
}

pub fn list_places(conn: &Connection) -> Result<Vec<Place>> {
    let mut statement = conn.prepare_cached(
        "select t.id, t.number, t.code, t.area, t.seats, s.id, s.opened_at from dining_table t \
         left join seating s on s.table_id = t.id and s.closed_at is null where t.retired = 0 order by t.id",
    )?;
    let rows = statement.query_map([], |row| {
        let seating: Option<SeatingId> = row.get(5)?;
        let opened_at: Option<Timestamp> = row.get(6)?;
        Ok(Place { table: table(row)?, seating: seating.zip(opened_at) })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub fn insert_table(conn: &Connection, number: &str, code: &str) -> Result<TableId> {
    conn.prepare_cached("insert into dining_table (number, code) values (?, ?)")?.execute((number, code))?;
    Ok(TableId(conn.last_insert_rowid()))
}

/// A table that has or had this number, and whether it is retired.
pub fn find_by_number(conn: &Connection, number: &str) -> Result<Option<(TableId, bool)>> {
    Ok(conn
        .prepare_cached("select id, retired from dining_table where number = ?")?
        .query_row([number], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

pub fn set_plate(conn: &Connection, table: TableId, plate: &Plate) -> Result<()> {
    conn.prepare_cached("update dining_table set number = ?2, area = ?3, seats = ?4 where id = ?1")?.execute((
        table,
        &plate.number,
        &plate.area,
        plate.seats,
    ))?;
    Ok(())
}

pub fn set_retired(conn: &Connection, table: TableId, retired: bool) -> Result<()> {
    conn.prepare_cached("update dining_table set retired = ?2 where id = ?1")?.execute((table, retired))?;
    Ok(())
}

pub fn find_staff_diner(conn: &Connection, seating: SeatingId, staff: StaffId) -> Result<Option<DinerId>> {
    Ok(conn
        .prepare_cached("select id from diner where seating_id = ? and staff_id = ?")?
        .query_row((seating, staff), |row| row.get(0))
        .optional()?)
}

pub fn insert_staff_diner(conn: &Connection, seating: SeatingId, staff: StaffId, now: Timestamp) -> Result<DinerId> {
    conn.prepare_cached("insert into diner (seating_id, staff_id, joined_at) values (?, ?, ?)")?
        .execute((seating, staff, now))?;
    Ok(DinerId(conn.last_insert_rowid()))
}

/// The first wish counts until another round is ordered.
pub fn set_bill_asked(conn: &Connection, seating: SeatingId, at: Timestamp) -> Result<()> {
    conn.prepare_cached("update seating set bill_asked_at = coalesce(bill_asked_at, ?2) where id = ?1")?
        .execute((seating, at))?;
    Ok(())
}

pub fn forget_bill_asked(conn: &Connection, seating: SeatingId) -> Result<()> {
    conn.prepare_cached("update seating set bill_asked_at = null where id = ? and bill_asked_at is not null")?
        .execute([seating])?;
    Ok(())
}

pub fn replace_code(conn: &Connection, table: TableId, code: &str) -> Result<Option<Table>> {
    Ok(conn
        .prepare_cached(
            "update dining_table set code = ?2 where id = ?1 and retired = 0 returning id, number, code, area, seats",
        )?
        .query_row((table, code), self::table)
        .optional()?)
}

pub fn find_table(conn: &Connection, id: TableId) -> Result<Option<Table>> {
    Ok(conn
        .prepare_cached("select id, number, code, area, seats from dining_table where id = ? and retired = 0")?
        .query_row([id], table)
        .optional()?)
}

pub fn find_open(conn: &Connection, table: TableId) -> Result<Option<SeatingId>> {
    Ok(conn
        .prepare_cached("select id from seating where table_id = ? and closed_at is null")?
        .query_row([table], |row| row.get(0))
        .optional()?)
}

/// The party that this one is a part of now, or itself, and its table; `None` once that has ended. Merging keeps the
/// way one step long.
pub fn find_present(conn: &Connection, named: SeatingId) -> Result<Option<(SeatingId, TableId)>> {
    let wanted = "select id, table_id from seating \
        where id = coalesce((select merged_into from seating where id = ?1), ?1) and closed_at is null";
    Ok(conn.prepare_cached(wanted)?.query_row([named], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

pub fn is_merged_into(conn: &Connection, seating: SeatingId, other: SeatingId) -> Result<bool> {
    Ok(conn.prepare_cached("select 1 from seating where id = ? and merged_into = ?")?.exists((seating, other))?)
}

/// Whether one of these parties has sat at the table.
pub fn has_left(conn: &Connection, parties: [SeatingId; 2], table: TableId) -> Result<bool> {
    Ok(conn
        .prepare_cached(
            "select 1 from seating_move where table_id = ?3 and seating_id in \
             (select id from seating where id in (?1, ?2) or merged_into in (?1, ?2))",
        )?
        .exists((parties[0], parties[1], table))?)
}

pub fn list_parties(conn: &Connection) -> Result<Vec<Party>> {
    let mut statement = conn.prepare_cached(
        "select part.id, whole.id, whole.table_id from seating whole \
         join seating part on part.id = whole.id or part.merged_into = whole.id where whole.closed_at is null",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(Party { named: row.get(0)?, seating: row.get(1)?, table: row.get(2)?, left: Vec::new() })
    })?;
    let mut parties = rows.collect::<rusqlite::Result<Vec<Party>>>()?;
    let mut left = conn.prepare_cached("select distinct table_id from seating_move where seating_id in (?, ?)")?;
    for party in &mut parties {
        let tables = left.query_map((party.named, party.seating), |row| row.get(0))?;
        party.left = tables.collect::<rusqlite::Result<_>>()?;
    }
    Ok(parties)
}

pub fn set_table(conn: &Connection, seating: SeatingId, table: TableId) -> Result<()> {
    conn.prepare_cached("update seating set table_id = ?2 where id = ?1")?.execute((seating, table))?;
    Ok(())
}

pub fn insert_left(conn: &Connection, seating: SeatingId, table: TableId, now: Timestamp) -> Result<()> {
    conn.prepare_cached("insert or ignore into seating_move (seating_id, table_id, left_at) values (?, ?, ?)")?
        .execute((seating, table, now))?;
    Ok(())
}

/// Ends `part` as a party of its own; its diners and its wish to pay are the other's.
pub fn merge_into(conn: &Connection, part: SeatingId, whole: SeatingId, now: Timestamp) -> Result<()> {
    conn.prepare_cached(
        "update seating set bill_asked_at = coalesce(whole.bill_asked_at, part.bill_asked_at) \
         from seating part, seating whole where part.id = ?1 and whole.id = ?2 and seating.id = ?2",
    )?
    .execute((part, whole))?;
    conn.prepare_cached("update seating set closed_at = ?3, merged_into = ?2 where id = ?1")?
        .execute((part, whole, now))?;
    conn.prepare_cached("update seating set merged_into = ?2 where merged_into = ?1")?.execute((part, whole))?;
    conn.prepare_cached("update diner set seating_id = ?2 where seating_id = ?1")?.execute((part, whole))?;
    Ok(())
}

/// How many sit there as the counter has counted, and as the phones of parties said that are a part of this one.
pub fn set_joined(conn: &Connection, id: SeatingId, counted: Option<i64>, said: Option<i64>) -> Result<()> {
    conn.prepare_cached("update seating set heads = ?2, said_heads = ?3 where id = ?1")?
        .execute((id, counted, said))?;
    Ok(())
}

pub fn set_heads(conn: &Connection, seating: SeatingId, heads: i64) -> Result<()> {
    conn.prepare_cached("update seating set heads = ?2 where id = ?1")?.execute((seating, heads))?;
    Ok(())
}

pub fn insert_seating(conn: &Connection, table: TableId, heads: Option<i64>, now: Timestamp) -> Result<SeatingId> {
    conn.prepare_cached("insert into seating (table_id, heads, opened_at) values (?, ?, ?)")?
        .execute((table, heads, now))?;
    Ok(SeatingId(conn.last_insert_rowid()))
}

pub fn close_seating(conn: &Connection, id: SeatingId, now: Timestamp) -> Result<()> {
    conn.prepare_cached("update seating set closed_at = ?2 where id = ?1 and closed_at is null")?.execute((id, now))?;
    Ok(())
}

/// `phone`: the first diner that the same phone was, somewhere else.
pub fn insert_diner(conn: &Connection, seating: SeatingId, phone: Option<DinerId>, now: Timestamp) -> Result<DinerId> {
    conn.prepare_cached("insert into diner (seating_id, phone_id, joined_at) values (?, ?, ?)")?
        .execute((seating, phone, now))?;
    Ok(DinerId(conn.last_insert_rowid()))
}

/// The first diner that the phone of this one was: what all of its diners have in common.
pub fn find_phone(conn: &Connection, diner: DinerId) -> Result<Option<DinerId>> {
    Ok(conn
        .prepare_cached("select coalesce(phone_id, id) from diner where id = ?")?
        .query_row([diner], |row| row.get(0))
        .optional()?)
}

/// Who this phone is in that party.
pub fn find_diner_of(conn: &Connection, phone: Option<DinerId>, seating: SeatingId) -> Result<Option<DinerId>> {
    Ok(conn
        .prepare_cached(
            "select id from diner where (id = ?1 or phone_id = ?1) and seating_id = ?2 order by id limit 1",
        )?
        .query_row((phone, seating), |row| row.get(0))
        .optional()?)
}

/// Whether this phone has ever sat at the table, with this party or another one.
pub fn has_been_at(conn: &Connection, phone: Option<DinerId>, table: TableId) -> Result<bool> {
    Ok(conn
        .prepare_cached(
            "select 1 from diner d join seating s on s.id = d.seating_id \
             where (d.id = ?1 or d.phone_id = ?1) and (s.table_id = ?2 or exists (select 1 from seating_move m \
                join seating part on part.id = m.seating_id \
                where m.table_id = ?2 and (part.id = s.id or part.merged_into = s.id)))",
        )?
        .exists((phone, table))?)
}

pub fn last_join(conn: &Connection) -> Result<Option<Timestamp>> {
    Ok(conn.prepare_cached("select max(joined_at) from diner")?.query_row([], |row| row.get(0))?)
}

pub fn find_code(conn: &Connection, table: TableId) -> Result<Option<String>> {
    Ok(conn
        .prepare_cached("select code from dining_table where id = ?")?
        .query_row([table], |row| row.get(0))
        .optional()?)
}

pub fn find_first_diner(conn: &Connection, seating: SeatingId) -> Result<Option<DinerId>> {
    Ok(conn
        .prepare_cached("select id from diner where seating_id = ? order by id limit 1")?
        .query_row([seating], |row| row.get(0))
        .optional()?)
}
