//! The shop's few single values: keys and secrets made at `init`, the name, whether it is open.

use crate::error::Result;
use anyhow::Context;
use rusqlite::{Connection, OptionalExtension};

pub const STORE_NAME: &str = "store_name";
pub const SHOP_OPEN: &str = "shop_open";
/// The highest number of a dish that was deleted.
pub const LAST_CUISINE: &str = "last_cuisine_id";
/// Signs the tokens of diners and staff.
pub const TOKEN_KEY: &str = "token_key";
/// The configuration file's text as it was at the backup; only in backups and in what was restored from one.
pub const CONFIGURATION: &str = "configuration";
/// What the addresses on the printed table cards start with.
pub const PRINTED_BASE_URL: &str = "printed_base_url";
/// Signs the demo provider's callbacks.
pub const DEMO_KEY: &str = "demo_key";
/// The business day of the last speaker test.
pub const SPEAKER_TEST: &str = "speaker_test";
/// When the disk was last tried again after trouble.
pub const PROVED_AT: &str = "proved_at";
/// When the PC's clock was wrong, and known to be right.
pub const CLOCK: &str = "clock";

pub fn find(conn: &Connection, key: &str) -> Result<Option<String>> {
    Ok(conn.prepare_cached("select value from setting where key = ?")?.query_row([key], |row| row.get(0)).optional()?)
}

/// # Errors
/// Internal when the database lacks a value that `init` writes.
pub fn load(conn: &Connection, key: &str) -> Result<String> {
    Ok(find(conn, key)?.with_context(|| format!("the database has no `{key}`: run `tablebell init`"))?)
}

pub fn set(conn: &Connection, key: &str, value: &str) -> Result<()> {
    conn.prepare_cached(
        "insert into setting (key, value) values (?, ?) on conflict (key) do update set value = excluded.value",
    )?
    .execute((key, value))?;
    Ok(())
}
