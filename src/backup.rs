//! A shop's backups: where they lie, what they are called, how many stay, and how old the newest is.

use crate::config::Config;
use crate::error::{Refusal, Result};
use crate::private;
use crate::store::{self, backup};
use crate::units::{Calendar, Fen, Timestamp};
use anyhow::{Context, bail};
use serde::Serialize;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::{Duration, Instant};

/// A nightly backup and two hours for a PC that was switched on late.
const STALE_SECONDS: i64 = 26 * 3600;
/// A backup from further ahead was made by a wrong clock: it says nothing about its age.
const AHEAD_SECONDS: i64 = 300;
const LOOK: Duration = Duration::from_secs(60);
/// A disk that takes longer to list one folder is as good as gone.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where one shop's backups are kept.
#[derive(Debug, Clone)]
pub struct Backups {
    pub folder: PathBuf,
    /// Ours to make: `backup/` beside the database. Another folder that is not there is a disk that is not plugged in.
    ours: bool,
    keep: usize,
    database: PathBuf,
    configuration: Option<PathBuf>,
    calendar: Calendar,
}

/// One backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub at: Timestamp,
    pub file: PathBuf,
}

impl Kept {
    /// Whether its stamp lies in the future, so that it says nothing about its age.
    pub fn is_ahead(&self, now: Timestamp) -> bool {
        self.at.seconds_since(now) > AHEAD_SECONDS
    }
}

/// A backup that was made and proved just now.
#[derive(Debug)]
pub struct Made {
    pub at: Timestamp,
    pub file: PathBuf,
    pub bytes: u64,
    pub orders: i64,
    /// All that came less all that went.
    pub ledger: Fen,
}

/// How old the newest is, for people.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "BackupHealth"))]
pub struct Report {
    pub ok: bool,
    /// When the newest was made, RFC 3339.
    pub at: Option<String>,
    /// What is wrong and what to do; empty when nothing is.
    pub detail: String,
}

impl Backups {
    pub fn of(config: &Config) -> Backups {
        let own = config.data.join("backup");
        Backups {
            ours: config.backup_folder == own,
            folder: config.backup_folder.clone(),
            keep: config.backup_keep,
            database: config.database(),
            configuration: config.file.clone(),
            calendar: config.calendar.clone(),
        }
    }

    /// The same shop's in another folder.
    pub fn to(self, folder: PathBuf) -> Backups {
        Backups { ours: false, folder, ..self }
    }

    /// Makes a backup beside the running daemon, or without one, and removes those that are too many.
    ///
    /// # Errors
    /// One sentence: the folder is not there, its disk is full or read-only, or the database is damaged. There is no new
    /// backup then.
    pub fn make(&self, now: Timestamp) -> anyhow::Result<Made> {
        self.prepare_folder()?;
        backup::sweep(&self.folder).with_context(|| format!("cannot use {}", self.folder.display()))?;
        let text = self.configuration.as_ref().map(std::fs::read_to_string).transpose();
        let text = text.context("reading the configuration")?;
        let source = store::open_any(&self.database)?;
        let file = self.folder.join(format!("tablebell-{}.db", self.calendar.stamp(now)));
        let content = backup::write(&source, &file, text.as_deref())?;
        hand_over(&file);
        self.rotate(&file)?;
        let bytes = std::fs::metadata(&file).map_or(0, |file| file.len());
        Ok(Made { at: now, file, bytes, orders: content.orders(), ledger: content.ledger() })
    }

    fn prepare_folder(&self) -> anyhow::Result<()> {
        if self.folder.is_dir() {
            return Ok(());
        }
        let folder = self.folder.display();
        if !self.ours {
            bail!("there is no folder {folder}: plug the disk in, or make the folder, or change [backup] folder");
        }
        private::create_folder(&self.folder).with_context(|| format!("cannot make {folder}"))?;
        hand_over(&self.folder);
        Ok(())
    }

    /// Every backup in the folder, the newest first.
    ///
    /// # Errors
    /// The folder is not there or can't be read.
    pub fn list(&self) -> std::io::Result<Vec<Kept>> {
        let mut kept = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let stamp = name.strip_prefix("tablebell-").and_then(|rest| rest.strip_suffix(".db"));
            if let Some(at) = stamp.and_then(|stamp| self.calendar.parse_stamp(stamp)) {
                kept.push(Kept { at, file: entry.path() });
            }
        }
        kept.sort_by_key(|one| std::cmp::Reverse(one.at));
        Ok(kept)
    }

    /// Removes the oldest beyond `keep`, never the one just made: with a clock that was wrong it may seem the oldest.
    fn rotate(&self, made: &Path) -> anyhow::Result<()> {
        let others = self.list()?.into_iter().filter(|one| one.file != made);
        for one in others.skip(self.keep.saturating_sub(1)) {
            std::fs::remove_file(&one.file).with_context(|| format!("cannot remove {}", one.file.display()))?;
        }
        Ok(())
    }

    /// When the newest was made, or why there is none.
    fn look(&self, now: Timestamp) -> std::result::Result<Timestamp, String> {
        let folder = self.folder.display();
        let kept = match self.list() {
            Ok(kept) => kept,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && self.ours => Vec::new(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(format!("备份盘没有插好 the backup disk is not there: {folder}"));
            }
            Err(error) => return Err(format!("备份文件夹无法读取 {folder} cannot be read: {error}")),
        };
        let newest = kept.into_iter().find(|one| !one.is_ahead(now)).map(|one| one.at);
        newest.ok_or_else(|| {
            format!(
                "还没有备份，请运行 tablebell backup 并启用每晚备份 no backup in {folder} yet: run `tablebell backup`"
            )
        })
    }

    fn report(&self, seen: std::result::Result<Timestamp, String>, now: Timestamp) -> Report {
        let at = match seen {
            Ok(at) => at,
            Err(detail) => return Report { ok: false, at: None, detail },
        };
        let age = now.seconds_since(at);
        let detail = match age < STALE_SECONDS {
            true => String::new(),
            false => {
                let hours = age / 3600;
                format!(
                    "上次备份在 {hours} 小时前，请运行 tablebell backup 并检查每晚备份 \
                     the last backup is {hours} h old: run `tablebell backup` and check the nightly one"
                )
            }
        };
        Report { ok: detail.is_empty(), at: Some(self.calendar.rfc3339(at)), detail }
    }

    /// Looks into the folder.
    pub fn report_now(&self) -> Report {
        let now = Timestamp::now();
        self.report(self.look(now), now)
    }
}

/// What the daemon knows of the backups. A thread of its own looks: a network share that has gone away never answers,
/// and nothing else may wait for it.
pub struct Watch {
    backups: Backups,
    seen: Mutex<Seen>,
    making: Mutex<()>,
}

struct Seen {
    newest: std::result::Result<Timestamp, String>,
    at: Instant,
}

impl Watch {
    /// # Errors
    /// The operating system starts no thread.
    pub fn start(backups: Backups) -> std::io::Result<Arc<Watch>> {
        let seen = Seen { newest: Err("尚未检查".into()), at: Instant::now() };
        let watch = Arc::new(Watch { backups, seen: Mutex::new(seen), making: Mutex::new(()) });
        let eye = watch.clone();
        std::thread::Builder::new().name("backup-watch".into()).spawn(move || {
            loop {
                eye.look();
                std::thread::sleep(LOOK);
            }
        })?;
        Ok(watch)
    }

    fn look(&self) {
        let newest = self.backups.look(Timestamp::now());
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Seen { newest, at: Instant::now() };
    }

    pub fn report(&self) -> Report {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = match seen.at.elapsed() > LOOK + PATIENCE {
            true => Err(format!("备份盘没有反应 {} does not answer", self.backups.folder.display())),
            false => seen.newest.clone(),
        };
        self.backups.report(newest, Timestamp::now())
    }

    /// Makes a backup now. Blocks for as long as that takes.
    ///
    /// # Errors
    /// `BackupRunning`; `BackupFailed` with the reason.
    pub fn make(&self) -> Result<Made> {
        let _one_at_a_time = match self.making.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(Refusal::BackupRunning.into()),
            Ok(turn) => turn,
            Err(TryLockError::Poisoned(turn)) => turn.into_inner(),
        };
        let made = self.backups.make(Timestamp::now());
        self.look();
        match &made {
            Ok(made) => tracing::info!("backed up to {} and proved it", made.file.display()),
            Err(error) => tracing::warn!("the backup failed: {error:#}"),
        }
        made.map_err(|error| Refusal::BackupFailed(format!("{error:#}")).into())
    }
}

/// What root makes for a shop belongs to the shop, or its daemon could not use it. For others there is nothing to do.
pub fn hand_over(path: &Path) {
    let owner = path.parent().and_then(|folder| std::fs::metadata(folder).ok());
    let (Some(owner), Ok(now)) = (owner, std::fs::metadata(path)) else { return };
    if (owner.uid(), owner.gid()) != (now.uid(), now.gid()) {
        let _ = std::os::unix::fs::chown(path, Some(owner.uid()), Some(owner.gid()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{File, Overrides};

    fn backups(folder: &Path, keep: usize) -> Backups {
        let mut file = File::default();
        file.backup.folder = Some(folder.to_owned());
        file.backup.keep = keep;
        let overrides = Overrides { data: Some(folder.to_owned()), ..Default::default() };
        Backups::of(&Config::resolve(file, overrides).unwrap())
    }

    fn at(backups: &Backups, stamp: &str) -> Timestamp {
        backups.calendar.parse_stamp(stamp).unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn the_newest_stay_and_nothing_of_others_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let others = ["tablebell.db", "tablebell-1.db", "tablebell-20261120-033000.db.old", "photo.jpg"];
        let ours = ["20261118-033000", "20261119-033000", "20261120-033000", "20261121-033000"];
        for name in others {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let file = |stamp: &str| folder.path().join(format!("tablebell-{stamp}.db"));
        for stamp in ours {
            std::fs::write(file(stamp), "").unwrap();
        }
        let backups = backups(folder.path(), 3);
        backups.rotate(&file(ours[3])).unwrap();
        let mut left = names(folder.path());
        left.retain(|name| !others.contains(&name.as_str()));
        assert_eq!(left, ours[1..].iter().map(|stamp| format!("tablebell-{stamp}.db")).collect::<Vec<_>>());
        assert_eq!(names(folder.path()).len(), 7, "what others left there stays");
        // Made by a clock that stood on 2020: it would be the first to go.
        std::fs::write(file("20200101-000000"), "").unwrap();
        backups.rotate(&file("20200101-000000")).unwrap();
        assert!(file("20200101-000000").exists() && !file(ours[1]).exists() && file(ours[2]).exists());
    }

    #[test]
    fn a_backup_is_good_for_a_night_and_a_wrong_clock_s_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let backups = backups(folder.path(), 3);
        let at = |stamp| at(&backups, stamp);
        let report = |now| backups.report(backups.look(now), now);
        assert!(!report(at("20261121-120000")).ok);
        std::fs::write(folder.path().join("tablebell-20991231-000000.db"), "").unwrap();
        let none = report(at("20261121-120000"));
        assert_eq!((none.ok, none.at), (false, None), "a backup of the future is no recent one");
        std::fs::write(folder.path().join("tablebell-20261121-033000.db"), "").unwrap();
        let fresh = report(at("20261122-052959"));
        assert_eq!((fresh.ok, fresh.at.as_deref()), (true, Some("2026-11-21T03:30:00+08:00")));
        let stale = report(at("20261122-053000"));
        assert!(!stale.ok && stale.detail.contains("26 小时") && stale.at == fresh.at, "{stale:?}");
    }
}
