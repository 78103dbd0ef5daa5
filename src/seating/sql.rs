use super::{Place, Table};
use crate::error::Result;
use crate::units::{DinerId, SeatingId, TableId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row};

fn table(row: &Row<'_>) -> rusqlite::Result<Table> {
    Ok(Table { id: row.get(0)?, number: row.get(1)?, code: row.get(2)? })
}

pub fn find_table_by_code(conn: &Connection, code: &str) -> Result<Option<Table>> {
    Ok(conn
        .prepare_cached("select id, number, code from dining_table where code = ?")?
        .query_row([code], table)
        .optional()?)
}

pub fn list_places(conn: &Connection) -> Result<Vec<Place>> {
    let mut statement = conn.prepare_cached(
        "select t.id, t.number, t.code, s.id, s.opened_at from dining_table t \
         left join seating s on s.table_id = t.id and s.closed_at is null order by t.id",
    )?;
    let rows = statement.query_map([], |row| {
        let seating: Option<SeatingId> = row.get(3)?;
        let opened_at: Option<Timestamp> = row.get(4)?;
        Ok(Place { table: table(row)?, seating: seating.zip(opened_at) })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub fn insert_table(conn: &Connection, number: &str, code: &str) -> Result<TableId> {
    conn.prepare_cached("insert into dining_table (number, code) values (?, ?)")?.execute((number, code))?;
    Ok(TableId(conn.last_insert_rowid()))
}

pub fn replace_code(conn: &Connection, table: TableId, code: &str) -> Result<Option<Table>> {
    Ok(conn
        .prepare_cached("update dining_table set code = ?2 where id = ?1 returning id, number, code")?
        .query_row((table, code), self::table)
        .optional()?)
}

pub fn find_table(conn: &Connection, id: TableId) -> Result<Option<Table>> {
    Ok(conn
        .prepare_cached("select id, number, code from dining_table where id = ?")?
        .query_row([id], table)
        .optional()?)
}

pub fn find_open(conn: &Connection, table: TableId) -> Result<Option<SeatingId>> {
    Ok(conn
        .prepare_cached("select id from seating where table_id = ? and closed_at is null")?
        .query_row([table], |row| row.get(0))
        .optional()?)
}

pub fn insert_seating(conn: &Connection, table: TableId, now: Timestamp) -> Result<SeatingId> {
    conn.prepare_cached("insert into seating (table_id, opened_at) values (?, ?)")?.execute((table, now))?;
    Ok(SeatingId(conn.last_insert_rowid()))
}

pub fn close_seating(conn: &Connection, id: SeatingId, now: Timestamp) -> Result<()> {
    conn.prepare_cached("update seating set closed_at = ?2 where id = ?1 and closed_at is null")?.execute((id, now))?;
    Ok(())
}

pub fn insert_diner(conn: &Connection, seating: SeatingId, now: Timestamp) -> Result<DinerId> {
    conn.prepare_cached("insert into diner (seating_id, joined_at) values (?, ?)")?.execute((seating, now))?;
    Ok(DinerId(conn.last_insert_rowid()))
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
