use super::{Role, Staff};
use crate::error::Result;
use crate::units::{StaffId, Timestamp};
use anyhow::Context;
use rusqlite::Connection;

/// An enabled member of staff and the hash of the password.
pub fn find_enabled(conn: &Connection, username: &str) -> Result<Option<(Staff, String)>> {
    let mut statement = conn.prepare_cached(
        "select id, username, name, role, password_hash from staff where username = ? and enabled = 1",
    )?;
    let mut rows = statement.query([username])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let role: String = row.get(3)?;
    let staff = Staff {
        id: row.get(0)?,
        username: row.get(1)?,
        name: row.get(2)?,
        role: Role::from_name(&role).context("a member of staff with an unknown role")?,
    };
    Ok(Some((staff, row.get(4)?)))
}

pub fn is_enabled(conn: &Connection, id: StaffId) -> Result<bool> {
    Ok(conn.prepare_cached("select 1 from staff where id = ? and enabled = 1")?.exists([id])?)
}

pub fn insert_staff(
    conn: &Connection,
    username: &str,
    name: &str,
    role: Role,
    hash: &str,
    now: Timestamp,
) -> Result<StaffId> {
    conn.prepare_cached("insert into staff (username, name, role, password_hash, created_at) values (?, ?, ?, ?, ?)")?
        .execute((username, name, role.name(), hash, now))?;
    Ok(StaffId(conn.last_insert_rowid()))
}
