//! Copies of the database: made beside a busy writer, proved by restoring them to a scratch file, and put back.
//!
//! Whatever bears its final name is whole, on the disk and proved: files are made as `.tablebell-….partial` and renamed
//! last.

use super::open::{self, MIGRATIONS, OpenError};
use super::setting;
use crate::failpoint;
use crate::private;
use crate::secret;
use crate::units::Fen;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Pages in one step, 1 MiB; then the disk is the writer's for a moment.
const STEP_PAGES: i32 = 256;
const PAUSE: Duration = Duration::from_millis(4);
/// What a copy leaves free: it must not be what fills the disk that the shop runs on.
const SPARE_BYTES: u64 = 16 * 1024 * 1024;
const PARTIAL: (&str, &str) = (".tablebell-", ".partial");
/// A running copy touches its file again and again; one that was left alone for so long belongs to nobody.
const LEFT_OVER: Duration = Duration::from_secs(3600);

/// What a database holds, for people and to compare a copy by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Rows by table, without the settings.
    rows: Vec<(String, i64)>,
    /// References to rows that are not there.
    dangling: i64,
    /// `None` before there was a ledger.
    ledger: Option<Fen>,
}

impl Content {
    fn of(conn: &Connection) -> rusqlite::Result<Content> {
        let count = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
        let names = "select name from sqlite_master where type = 'table' and name <> 'setting' order by name";
        let names: Vec<String> =
            conn.prepare(names)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        let ledger = names.iter().any(|name| name == "ledger_entry").then(|| {
            conn.query_row("select coalesce(sum(amount_fen), 0) from ledger_entry", [], |row| row.get::<_, Fen>(0))
        });
        let rows = names.into_iter().map(|name| {
            let rows = count(&format!("select count(*) from \"{name}\""))?;
            Ok((name, rows))
        });
        Ok(Content {
            rows: rows.collect::<rusqlite::Result<_>>()?,
            dangling: count("select count(*) from pragma_foreign_key_check")?,
            ledger: ledger.transpose()?,
        })
    }

    pub fn orders(&self) -> i64 {
        self.rows.iter().find(|(name, _)| name == "dining_order").map_or(0, |(_, rows)| *rows)
    }

    /// All that came less all that went.
    pub fn ledger(&self) -> Fen {
        self.ledger.unwrap_or(Fen(0))
    }
}

/// A file that is gone again unless it was renamed.
struct Partial(PathBuf);

impl Partial {
    fn beside(target: &Path) -> Partial {
        let name = format!("{}{}{}", PARTIAL.0, &secret::random_code()[..8], PARTIAL.1);
        Partial(target.with_file_name(name))
    }

    fn becomes(self, target: &Path) -> Result<(), OpenError> {
        let renamed = std::fs::rename(&self.0, target).and_then(|()| sync_folder(target));
        renamed.map_err(|error| OpenError::of_io(target, error))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Copies what `source` holds now to the new file `target`, which a restore has proved before it is there under this
/// name. Nothing that is committed meanwhile is in it, and nobody who commits waits for it. With `configuration`, its
/// text is in the copy.
///
/// # Errors
/// One sentence for the operator: the disk is full, read-only or gone, or `source` is damaged. There is no `target`.
pub fn write(source: &Connection, target: &Path, configuration: Option<&str>) -> Result<Content, OpenError> {
    let (copied, scratch) = (Partial::beside(target), Partial::beside(target));
    let content = copy(source, &copied.0, configuration)?;
    failpoint::reach("backup.copied");
    if restore_to(&copied.0, &scratch.0)? != content {
        return Err(OpenError::Unproved("it holds something else than the shop".into()));
    }
    drop(scratch);
    failpoint::reach("backup.proved");
    copied.becomes(target)?;
    Ok(content)
}

/// Restores `file` to `target`, which no daemon may have open. What is there is moved aside under `aside`.
///
/// # Errors
/// `file` is no backup, damaged, or of a newer version; the disk does not take it. Then `target` is as it was, or, when
/// the disk fails at the very end, under `aside`.
pub fn restore(file: &Path, target: &Path, aside: &Path) -> Result<Content, OpenError> {
    if open::inspect(file, true, MIGRATIONS.len())? == 0 {
        return Err(OpenError::of_io(file, std::io::ErrorKind::NotFound.into()));
    }
    sweep(folder_of(target)).map_err(|error| OpenError::of_io(target, error))?;
    let beside = Partial::beside(target);
    let content = restore_to(file, &beside.0)?;
    failpoint::reach("restore.copied");
    move_aside(target, aside).map_err(|error| OpenError::of_io(target, error))?;
    failpoint::reach("restore.aside");
    beside.becomes(target)?;
    Ok(content)
}

/// What a restored shop's configuration was.
pub fn find_configuration(conn: &Connection) -> crate::error::Result<Option<String>> {
    setting::find(conn, setting::CONFIGURATION)
}

/// Removes what copies that died have left in `folder`.
pub fn sweep(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let age = entry.metadata().and_then(|file| file.modified()).ok().and_then(|at| at.elapsed().ok());
        if name.starts_with(PARTIAL.0) && name.contains(PARTIAL.1) && age.is_some_and(|age| age > LEFT_OVER) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Restores a copy and reads every page and row of the result.
fn restore_to(file: &Path, target: &Path) -> Result<Content, OpenError> {
    let content = copy(&open::reader(file)?, target, None)?;
    let found = open::inspect(target, true, MIGRATIONS.len())
        .and_then(|_| open::reader(target))
        .and_then(|restored| Content::of(&restored).map_err(|error| OpenError::of(target, error)));
    match found {
        Ok(found) if found == content => Ok(content),
        Ok(_) => Err(OpenError::Unproved("rows are missing".into())),
        Err(OpenError::Corrupt(_, why)) => Err(OpenError::Unproved(why)),
        Err(OpenError::Foreign(_)) => Err(OpenError::Unproved("its beginning is not ours".into())),
        Err(error) => Err(error),
    }
}

fn copy(source: &Connection, target: &Path, configuration: Option<&str>) -> Result<Content, OpenError> {
    let fail = |error| OpenError::of(target, error);
    check_space(source, target)?;
    // One snapshot for all steps: otherwise each commit of the daemon's would make the copy begin anew.
    let read = |error| OpenError::of(Path::new(source.path().unwrap_or_default()), error);
    let snapshot = source.unchecked_transaction().map_err(read)?;
    let content = Content::of(&snapshot).map_err(read)?;
    drop(private::create(target).map_err(|error| OpenError::of_io(target, error))?);
    let mut copy = Connection::open(target).map_err(fail)?;
    // Exclusive, so that the change of journal below needs no shared memory, which not every file system has.
    copy.execute_batch("pragma locking_mode = exclusive; pragma journal_mode = off; pragma synchronous = off")
        .map_err(fail)?;
    let steps = Backup::new(&snapshot, &mut copy).map_err(fail)?;
    while steps.step(STEP_PAGES).map_err(fail)? != StepResult::Done {
        failpoint::reach("backup.step");
        std::thread::sleep(PAUSE);
    }
    drop(steps);
    // One file, to be carried and read wherever it is.
    copy.execute_batch("pragma journal_mode = delete").map_err(fail)?;
    if let Some(text) = configuration {
        let kept = setting::set(&copy, setting::CONFIGURATION, text);
        kept.map_err(|error| OpenError::of_io(target, std::io::Error::other(error.into_anyhow())))?;
    }
    copy.close().map_err(|(_, error)| fail(error))?;
    settle(target).map_err(|error| OpenError::of_io(target, error))?;
    Ok(content)
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn check_space(source: &Connection, target: &Path) -> Result<(), OpenError> {
    let folder = folder_of(target);
    let bytes = "select page_count * page_size from pragma_page_count, pragma_page_size";
    let bytes: i64 = source.query_row(bytes, [], |row| row.get(0)).map_err(|error| OpenError::of(target, error))?;
    let disk = rustix::fs::statvfs(folder).map_err(|error| OpenError::of_io(folder, error.into()))?;
    match disk.f_bavail * disk.f_frsize < bytes.unsigned_abs() + SPARE_BYTES {
        true => Err(OpenError::Full(folder.to_owned())),
        false => Ok(()),
    }
}

/// Onto the disk, and out of memory: what is read next comes from the disk, whatever a cheap stick has made of it.
fn settle(file: &Path) -> std::io::Result<()> {
    let file = File::open(file)?;
    file.sync_all()?;
    Ok(rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)?)
}

fn sync_folder(file: &Path) -> std::io::Result<()> {
    let folder = File::open(folder_of(file))?;
    match folder.sync_all() {
        // Network shares can't; there it is the server's business.
        Err(error) if matches!(error.kind(), std::io::ErrorKind::InvalidInput | std::io::ErrorKind::Unsupported) => {
            Ok(())
        }
        synced => synced,
    }
}

/// A database with what SQLite has beside it, in an order that never leaves a log beside another database.
fn move_aside(database: &Path, aside: &Path) -> std::io::Result<()> {
    // One file again, where it can be opened at all.
    if database.exists()
        && let Ok(old) = Connection::open(database)
    {
        let _ = old.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()));
    }
    for suffix in ["-wal", "-shm", "-journal", ""] {
        let with_suffix = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        match std::fs::rename(with_suffix(database), with_suffix(aside)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
