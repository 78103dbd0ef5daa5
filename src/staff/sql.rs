use super::{Change, Door, Entry, Person, Role, Sought, Staff};
use crate::error::Result;
use crate::store::name_columns;
use crate::units::{StaffId, Timestamp};
use anyhow::Context;
use rusqlite::{Connection, OptionalExtension, Row, named_params};

name_columns!(Role);

const STAFF: &str = "id, username, name, role";

fn staff(row: &Row<'_>) -> Result<Staff> {
    Ok(Staff {
        id: row.get(0)?,
        username: row.get(1)?,
        name: row.get(2)?,
        role: row.get(3).context("the role of a member of staff")?,
    })
}

/// Of an enabled member of staff.
pub fn find_door(conn: &Connection, username: &str) -> Result<Option<Door>> {
    let mut statement = conn.prepare_cached(&format!(
        "select {STAFF}, password_hash, coalesce(pin_hash, ''), failures, locked_until
         from staff where username = ? and enabled = 1"
    ))?;
    let mut rows = statement.query([username])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(Door {
        staff: staff(row)?,
        password_hash: row.get(4)?,
        pin_hash: row.get(5)?,
        failures: row.get(6)?,
        locked_until: row.get(7)?,
    }))
}

/// An enabled member of staff, and from when on tokens are good.
pub fn find_enabled(conn: &Connection, id: StaffId) -> Result<Option<(Staff, Timestamp)>> {
    let mut statement =
        conn.prepare_cached(&format!("select {STAFF}, tokens_from from staff where id = ? and enabled = 1"))?;
    let mut rows = statement.query([id])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some((staff(row)?, row.get(4)?)))
}

pub fn list_enabled(conn: &Connection) -> Result<Vec<Person>> {
    list(conn, "where enabled = 1 order by name, id", &[])
}

const CALLED: &str = "where (:name is null or instr(name, :name) > 0)";

pub fn count_people(conn: &Connection, name: Option<&str>) -> Result<i64> {
    let sql = format!("select count(*) from staff {CALLED}");
    Ok(conn.prepare_cached(&sql)?.query_row(named_params! { ":name": name }, |row| row.get(0))?)
}

/// The latest first.
pub fn list_people(conn: &Connection, name: Option<&str>, limit: i64, offset: i64) -> Result<Vec<Person>> {
    let tail = format!("{CALLED} order by created_at desc, id desc limit :limit offset :offset");
    list(conn, &tail, named_params! { ":name": name, ":limit": limit, ":offset": offset })
}

pub fn find_person(conn: &Connection, id: StaffId) -> Result<Option<Person>> {
    Ok(list(conn, "where id = :id", named_params! { ":id": id })?.pop())
}

fn list(conn: &Connection, tail: &str, arguments: &[(&str, &dyn rusqlite::ToSql)]) -> Result<Vec<Person>> {
    let mut statement = conn.prepare_cached(&format!(
        "select {STAFF}, phone, sex, id_number, enabled, password_hash <> '', pin_hash is not null, created_at,
         updated_at from staff {tail}"
    ))?;
    let mut rows = statement.query(arguments)?;
    let mut people = Vec::new();
    while let Some(row) = rows.next()? {
        people.push(Person {
            staff: staff(row)?,
            phone: row.get(4)?,
            sex: row.get(5)?,
            id_number: row.get(6)?,
            enabled: row.get(7)?,
            has_password: row.get(8)?,
            has_pin: row.get(9)?,
            created_at: row.get(10)?,
            updated_at: row.get(11)?,
        });
    }
    Ok(people)
}

pub fn is_taken(conn: &Connection, username: &str) -> Result<bool> {
    Ok(conn.prepare_cached("select 1 from staff where username = ?")?.exists([username])?)
}

/// Whether anybody else could come in as an owner.
pub fn has_other_owner(conn: &Connection, than: StaffId) -> Result<bool> {
    let sql = "select 1 from staff where role = 'owner' and enabled = 1 and password_hash <> '' and id <> ?";
    Ok(conn.prepare_cached(sql)?.exists([than])?)
}

pub fn insert_staff(
    conn: &Connection,
    username: &str,
    name: &str,
    role: Role,
    hash: &str,
    now: Timestamp,
) -> Result<StaffId> {
    conn.prepare_cached(
        "insert into staff (username, name, role, password_hash, created_at, updated_at) values (?1, ?2, ?3, ?4, ?5, ?5)",
    )?
    .execute((username, name, role, hash, now))?;
    Ok(StaffId(conn.last_insert_rowid()))
}

pub fn set_details(conn: &Connection, id: StaffId, change: &Change, now: Timestamp) -> Result<()> {
    conn.prepare_cached(
        "update staff set username = coalesce(:username, username), name = coalesce(:name, name),
         role = coalesce(:role, role), phone = coalesce(:phone, phone), sex = coalesce(:sex, sex),
         id_number = coalesce(:id_number, id_number), updated_at = :now where id = :id",
    )?
    .execute(named_params! {
        ":username": change.username,
        ":name": change.name,
        ":role": change.role,
        ":phone": change.phone,
        ":sex": change.sex,
        ":id_number": change.id_number,
        ":now": now,
        ":id": id,
    })?;
    Ok(())
}

pub fn set_enabled(conn: &Connection, id: StaffId, enabled: bool, now: Timestamp) -> Result<()> {
    conn.prepare_cached("update staff set enabled = ?2, updated_at = ?3 where id = ?1")?.execute((id, enabled, now))?;
    Ok(())
}

/// Tokens from before are void, and wrong tries are forgotten.
pub fn set_password(conn: &Connection, id: StaffId, hash: &str, now: Timestamp) -> Result<()> {
    conn.prepare_cached(
        "update staff set password_hash = ?2, tokens_from = ?3, updated_at = ?3, failures = 0, locked_until = null
         where id = ?1",
    )?
    .execute((id, hash, now))?;
    Ok(())
}

/// Tokens from before are void.
pub fn end_sessions(conn: &Connection, id: StaffId, now: Timestamp) -> Result<()> {
    conn.prepare_cached("update staff set tokens_from = ?2 where id = ?1")?.execute((id, now))?;
    Ok(())
}

/// What lies in the future is over now: tokens from before are void all the same.
pub fn forget_the_future(conn: &Connection, now: Timestamp) -> Result<()> {
    conn.prepare_cached("update staff set tokens_from = ?1 where tokens_from > ?1")?.execute([now])?;
    conn.prepare_cached("update staff set locked_until = null where locked_until > ?1")?.execute([now])?;
    Ok(())
}

pub fn set_pin(conn: &Connection, id: StaffId, hash: Option<&str>, now: Timestamp) -> Result<()> {
    conn.prepare_cached("update staff set pin_hash = ?2, updated_at = ?3 where id = ?1")?.execute((id, hash, now))?;
    Ok(())
}

pub fn set_failures(conn: &Connection, id: StaffId, failures: i64, locked_until: Option<Timestamp>) -> Result<()> {
    conn.prepare_cached("update staff set failures = ?2, locked_until = ?3 where id = ?1")?.execute((
        id,
        failures,
        locked_until,
    ))?;
    Ok(())
}

/// What a deed was, and what was answered, as JSON.
pub fn find_deed(conn: &Connection, op_id: &str) -> Result<Option<(String, String)>> {
    let mut statement = conn.prepare_cached("select what, answer from deed where op_id = ?")?;
    Ok(statement.query_row([op_id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

pub fn insert_deed(conn: &Connection, op_id: &str, what: &str, answer: &str, now: Timestamp) -> Result<()> {
    conn.prepare_cached("insert into deed (op_id, what, answer, at) values (?, ?, ?, ?)")?
        .execute((op_id, what, answer, now))?;
    Ok(())
}

pub fn delete_deeds(conn: &Connection, before: Timestamp) -> Result<()> {
    conn.prepare_cached("delete from deed where at < ?")?.execute([before])?;
    Ok(())
}

pub fn insert_audit(
    conn: &Connection,
    now: Timestamp,
    actor: &str,
    act: &str,
    target: &str,
    detail: &str,
) -> Result<()> {
    conn.prepare_cached("insert into audit (at, actor, act, target, detail) values (?, ?, ?, ?, ?)")?
        .execute((now, actor, act, target, detail))?;
    Ok(())
}

const SOUGHT: &str = "where (?1 is null or act = ?1 or substr(act, 1, length(?1) + 1) = ?1 || '.')
    and (?2 is null or at >= ?2) and (?3 is null or at < ?3)";

pub fn count_audit(conn: &Connection, sought: &Sought) -> Result<i64> {
    let sql = format!("select count(*) from audit {SOUGHT}");
    Ok(conn.prepare_cached(&sql)?.query_row((&sought.act, sought.from, sought.before), |row| row.get(0))?)
}

pub fn list_audit(conn: &Connection, sought: &Sought, limit: i64, offset: i64) -> Result<Vec<Entry>> {
    let sql =
        format!("select id, at, actor, act, target, detail from audit {SOUGHT} order by id desc limit ?4 offset ?5");
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map((&sought.act, sought.from, sought.before, limit, offset), |row| {
        Ok(Entry {
            id: row.get(0)?,
            at: row.get(1)?,
            actor: row.get(2)?,
            act: row.get(3)?,
            target: row.get(4)?,
            detail: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
