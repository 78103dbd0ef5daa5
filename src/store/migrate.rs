//! Bringing a database up to date: copied before it is migrated, and whole afterwards or as it was.

use super::backup;
use super::open::{APPLICATION_ID, MIGRATIONS, OpenError, in_one, inspect, writer};
use rusqlite::Connection;
use std::path::Path;

/// Checks, backs up and migrates; the connection is ready for the writer.
pub fn prepare(path: &Path, check: bool) -> Result<Connection, OpenError> {
    prepare_with(path, check, MIGRATIONS)
}

/// The same up to the schema of any list of migrations: tests add one to ours.
pub fn prepare_with(path: &Path, check: bool, migrations: &[&str]) -> Result<Connection, OpenError> {
    let fail = |error| OpenError::of(path, error);
    let version = inspect(path, check, migrations.len())?;
    let connection = writer(path)?;
    if version < migrations.len() {
        if version > 0 {
            let copy = path.with_extension(format!("before-schema-{}.db", migrations.len()));
            backup::write(&connection, &copy, None)?;
            tracing::info!("backed up to {} before migrating", copy.display());
        }
        migrate(&connection, version, migrations).map_err(fail)?;
    }
    // The first write of this run: a full or read-only disk shows now, not at the first order.
    connection
        .execute(
            "insert into setting (key, value) values ('started_at', unixepoch()) \
             on conflict (key) do update set value = excluded.value",
            [],
        )
        .map_err(fail)?;
    Ok(connection)
}

fn migrate(connection: &Connection, from: usize, migrations: &[&str]) -> rusqlite::Result<()> {
    for (index, sql) in migrations.iter().enumerate().skip(from) {
        connection.execute_batch(&format!(
            "begin immediate; {sql}\n pragma user_version = {}; pragma application_id = {APPLICATION_ID}; commit;",
            index + 1
        ))?;
    }
    Ok(())
}

/// Makes a new database and fills it in one transaction, before anybody serves it.
///
/// # Errors
/// The file can't be made or written, or what `fill` says.
pub fn create_with(
    path: &Path,
    fill: impl FnOnce(&mut super::Tx<'_>) -> crate::error::Result<()>,
) -> crate::error::Result<()> {
    in_one(&prepare(path, false).map_err(anyhow::Error::from)?, fill)
}

/// An empty, migrated database in memory, for tests of actions.
#[cfg(test)]
pub fn in_memory() -> Connection {
    let connection = Connection::open_in_memory().expect("SQLite opens in memory");
    super::open::configure(&connection).expect("pragmas");
    migrate(&connection, 0, MIGRATIONS).expect("the migrations run");
    connection
}
