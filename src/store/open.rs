//! Opening the file: refuse what is not ours, is damaged or can't be written.

use crate::private;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Append only: a migration that has shipped is never edited.
pub const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_shop.sql"),
    include_str!("migrations/0002_money.sql"),
    include_str!("migrations/0003_counter_pc.sql"),
    include_str!("migrations/0004_room.sql"),
    include_str!("migrations/0005_field.sql"),
];

/// "TbBl", in SQLite's header: tells our file from anybody else's.
pub(super) const APPLICATION_ID: i64 = 0x5462_426c;

/// Up to this size the whole file is checked before it is used, which takes some milliseconds. A larger one is checked
/// while the daemon serves it already (`Store::check_behind`): nobody waits the longer for it the more has been sold.
const CHECK_FIRST_BYTES: u64 = 1024 * 1024;

/// Why a database can't be served. One sentence for the operator, with what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("{0} was written by a newer Tablebell (schema {1}, this one knows {2}): install that version again")]
    Newer(PathBuf, usize, usize),
    #[error("{0} was written by an older Tablebell: start the daemon once, which brings it up to date")]
    Older(PathBuf),
    #[error("{0} is not a Tablebell database: choose another one")]
    Foreign(PathBuf),
    #[error("{0} is damaged ({1}): restore a sound backup (`tablebell restore`); the file was left as it is")]
    Corrupt(PathBuf, String),
    #[error("a copy was restored and found wrong ({0}): the disk or the database is damaged; keep the older backups")]
    Unproved(String),
    #[error("{0} cannot be written, the disk or file is read-only: remount it or fix the permissions")]
    ReadOnly(PathBuf),
    #[error("{0} cannot be written, the disk is full: free some space and try again")]
    Full(PathBuf),
    #[error("{0} cannot be used: {1}")]
    Unusable(PathBuf, std::io::Error),
    #[error("{0} cannot be opened: {1}")]
    Other(PathBuf, rusqlite::Error),
}

impl OpenError {
    pub fn of(path: &Path, error: rusqlite::Error) -> OpenError {
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => OpenError::Foreign(path),
            Some(ErrorCode::DatabaseCorrupt) => OpenError::Corrupt(path, error.to_string()),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => OpenError::ReadOnly(path),
            Some(ErrorCode::DiskFull) => OpenError::Full(path),
            _ => match probe(&path).map_err(|why| OpenError::of_io(&path, why)) {
                Err(known @ (OpenError::ReadOnly(_) | OpenError::Full(_))) => known,
                _ => OpenError::Other(path, error),
            },
        }
    }

    pub fn of_io(path: &Path, error: std::io::Error) -> OpenError {
        use std::io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        match error.kind() {
            ReadOnlyFilesystem | PermissionDenied => OpenError::ReadOnly(path.to_owned()),
            StorageFull | QuotaExceeded => OpenError::Full(path.to_owned()),
            _ => OpenError::Unusable(path.to_owned(), error),
        }
    }
}

/// SQLite says only "unable to open" where WAL's side files can't be made: ask the file system why.
fn probe(path: &Path) -> std::io::Result<()> {
    let beside = path.with_extension("probe");
    let made = private::write(&beside, b"tablebell");
    let _ = std::fs::remove_file(&beside);
    made
}

/// Looks without touching: the schema's version, 0 for no file.
pub fn inspect(path: &Path, check: bool, known: usize) -> Result<usize, OpenError> {
    let size = match std::fs::metadata(path) {
        Ok(meta) if meta.len() > 0 => meta.len(),
        _ => return Ok(0),
    };
    let fail = |error| OpenError::of(path, error);
    let connection = reader(path)?;
    let pragma = |name: &str| connection.query_row(&format!("pragma {name}"), [], |row| row.get::<_, i64>(0));
    let application = pragma("application_id").map_err(fail)?;
    if application != APPLICATION_ID {
        return Err(OpenError::Foreign(path.to_owned()));
    }
    let version = pragma("user_version").map_err(fail)?;
    let Ok(version) = usize::try_from(version) else { return Err(OpenError::Foreign(path.to_owned())) };
    if version > known {
        return Err(OpenError::Newer(path.to_owned(), version, known));
    }
    match (check, size <= CHECK_FIRST_BYTES) {
        (true, _) => verify(&connection, path, "pragma integrity_check(1)")?,
        (false, true) => verify(&connection, path, "pragma quick_check(1)")?,
        (false, false) => {}
    }
    Ok(version)
}

fn verify(connection: &Connection, path: &Path, pragma: &str) -> Result<(), OpenError> {
    let verdict: String =
        connection.query_row(pragma, [], |row| row.get(0)).map_err(|error| OpenError::of(path, error))?;
    match verdict.as_str() {
        "ok" => Ok(()),
        _ => Err(OpenError::Corrupt(path.to_owned(), verdict.replace('\n', " "))),
    }
}

/// The check that a large file has missed so far; `None` for one that was checked before it was used.
///
/// # Errors
/// `Corrupt`.
pub fn check_rest(path: &Path) -> Option<Result<(), OpenError>> {
    let large = std::fs::metadata(path).is_ok_and(|meta| meta.len() > CHECK_FIRST_BYTES);
    large.then(|| verify(&reader(path)?, path, "pragma quick_check(1)"))
}

/// One short write by a command beside the daemon: each waits for the other's commit. Nobody hears of its events.
///
/// # Errors
/// As `current_reader`, what `action` says, or the daemon kept the file for more than the busy timeout.
pub fn write_beside<T>(
    path: &Path,
    action: impl FnOnce(&mut super::Tx<'_>) -> crate::error::Result<T>,
) -> crate::error::Result<T> {
    drop(current_reader(path).map_err(anyhow::Error::from)?);
    in_one(&writer(path).map_err(anyhow::Error::from)?, action)
}

/// What fails is undone when the connection closes.
pub(super) fn in_one<T>(
    connection: &Connection,
    action: impl FnOnce(&mut super::Tx<'_>) -> crate::error::Result<T>,
) -> crate::error::Result<T> {
    connection.execute_batch("begin immediate")?;
    let done = action(&mut super::Tx::new(connection, crate::units::Timestamp::now()))?;
    connection.execute_batch("commit")?;
    Ok(done)
}

/// The writer's connection. `synchronous=FULL` in WAL mode syncs every commit; NORMAL would lose acknowledged
/// payments in a power cut.
pub fn writer(path: &Path) -> Result<Connection, OpenError> {
    let fail = |error| OpenError::of(path, error);
    // SQLite would make it as the umask has it; its log and index get the database's own mode.
    match private::create(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(OpenError::of_io(path, error)),
        _ => {}
    }
    let connection = Connection::open(path).map_err(fail)?;
    configure(&connection).map_err(fail)?;
    connection
        .execute_batch("pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 1000;")
        .map_err(fail)?;
    Ok(connection)
}

/// Whether a daemon could write the file; nothing in it changes.
pub fn try_writing(path: &Path) -> Result<(), OpenError> {
    let tried = writer(path)?.execute_batch("begin immediate; update setting set value = value; rollback");
    tried.map_err(|error| OpenError::of(path, error))
}

pub fn reader(path: &Path) -> Result<Connection, OpenError> {
    let fail = |error| OpenError::of(path, error);
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(fail)?;
    configure(&connection).map_err(fail)?;
    Ok(connection)
}

/// The same, but only of a database that this version has written.
pub fn current_reader(path: &Path) -> Result<Connection, OpenError> {
    let version = inspect(path, false, MIGRATIONS.len())?;
    if version < MIGRATIONS.len() {
        return Err(OpenError::Older(path.to_owned()));
    }
    reader(path)
}

pub(super) fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(128);
    // Plans that do not depend on bound values: otherwise a cached statement, whose bindings are cleared, is compiled
    // anew at every use, a fifth of the writer's time.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch("pragma foreign_keys = on; pragma temp_store = memory;")
}
