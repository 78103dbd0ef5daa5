use super::{Picture, Size};
use crate::error::Result;
use crate::units::Timestamp;
use rusqlite::{Connection, OptionalExtension};

pub fn insert_picture(conn: &Connection, picture: &Picture, at: Timestamp) -> Result<()> {
    conn.prepare_cached(
        "insert into picture (hash, small, large, created_at) values (?, ?, ?, ?) on conflict (hash) do nothing",
    )?
    .execute((&picture.hash, &picture.small, &picture.large, at))?;
    Ok(())
}

pub fn find_jpeg(conn: &Connection, hash: &str, size: Size) -> Result<Option<Vec<u8>>> {
    let mut statement = match size {
        Size::Small => conn.prepare_cached("select small from picture where hash = ?")?,
        Size::Large => conn.prepare_cached("select large from picture where hash = ?")?,
    };
    Ok(statement.query_row([hash], |row| row.get(0)).optional()?)
}
