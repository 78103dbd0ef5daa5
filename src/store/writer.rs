//! The writer thread: drain, run each closure in a savepoint, commit once, publish, answer.

use super::{Clock, Publish, Tx, open};
use crate::error::{Error, Refusal, Result};
use crate::event::Event;
use crate::failpoint;
use anyhow::anyhow;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// Closures in one commit, at most: bounds how long the first of them waits for the last.
pub const GROUP: usize = 256;

#[derive(Default)]
pub struct Health {
    trouble: Mutex<Option<String>>,
    commits: AtomicU64,
}

impl Health {
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    fn set(&self, trouble: Option<String>) {
        let mut now = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match (&*now, &trouble) {
            (None, Some(what)) => {
                tracing::error!("the database cannot be written: {what}; nothing is accepted until it can")
            }
            (Some(_), None) => tracing::info!("the database can be written again"),
            _ => {}
        }
        *now = trouble;
    }
}

pub enum Outcome {
    Keep,
    /// Refused or failed by its own fault: undone alone.
    Undo,
    /// The disk failed: so does the whole group.
    Disk(String),
}

pub enum Job {
    Run(Box<dyn Write>),
    Stop,
}

pub trait Write: Send {
    /// Runs the closure.
    fn run(&mut self, tx: &mut Tx<'_>) -> Outcome;
    /// Answers the caller. `failed` replaces a kept result when the commit did not reach the disk.
    fn answer(self: Box<Self>, failed: bool);
}

struct Pending<T, F, D> {
    action: Option<F>,
    result: Option<Result<T>>,
    done: D,
}

pub fn job<T, F, D>(action: F, done: D) -> Job
where
    T: Send + 'static,
    F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    D: FnOnce(Result<T>) + Send + 'static,
{
    Job::Run(Box::new(Pending { action: Some(action), result: None, done }))
}

impl<T, F, D> Write for Pending<T, F, D>
where
    T: Send,
    F: FnOnce(&mut Tx<'_>) -> Result<T> + Send,
    D: FnOnce(Result<T>) + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> Outcome {
        let Some(action) = self.action.take() else { return Outcome::Undo };
        let result = action(tx);
        let outcome = match &result {
            Ok(_) => Outcome::Keep,
            Err(Error::Internal(error)) => disk_failure(error).map_or(Outcome::Undo, Outcome::Disk),
            Err(Error::Refused(_)) => Outcome::Undo,
        };
        self.result = Some(result);
        outcome
    }

    fn answer(self: Box<Self>, failed: bool) {
        let result = match self.result {
            Some(Err(Error::Refused(refusal))) => Err(refusal.into()),
            _ if failed => Err(Refusal::StorageDown.into()),
            Some(result) => result,
            None => Err(Error::Internal(anyhow!("a write panicked"))),
        };
        (self.done)(result);
    }
}

pub fn start(
    path: PathBuf,
    connection: Connection,
    jobs: mpsc::Receiver<Job>,
    publish: Publish,
    health: Arc<Health>,
    clock: Clock,
) -> std::thread::JoinHandle<()> {
    std::thread::Builder::new()
        .name("store-writer".into())
        .spawn(move || serve(&path, connection, jobs, publish, &health, &clock))
        .expect("the operating system can start one thread")
}

fn serve(
    path: &Path,
    mut connection: Connection,
    mut jobs: mpsc::Receiver<Job>,
    mut publish: Publish,
    health: &Health,
    clock: &Clock,
) {
    let mut stopping = false;
    while !stopping {
        let Some(first) = jobs.blocking_recv() else { break };
        let mut group = Vec::new();
        let mut next = Some(first);
        while let Some(job) = next {
            match job {
                Job::Run(write) => group.push(write),
                Job::Stop => stopping = true,
            }
            next = (group.len() < GROUP && !stopping).then(|| jobs.try_recv().ok()).flatten();
        }
        let changes = connection.total_changes();
        match commit(&connection, &mut group, clock) {
            Ok(events) => {
                failpoint::reach("store.committed");
                // A group that changed nothing shows nothing about the disk.
                if connection.total_changes() > changes {
                    health.set(None);
                }
                health.commits.fetch_add(1, Ordering::Relaxed);
                for (write, events) in group.into_iter().zip(events) {
                    // Nothing that a listener does may end the only writer, or keep the caller from its answer.
                    let _ = catch_unwind(AssertUnwindSafe(|| events.into_iter().for_each(&mut publish)));
                    let _ = catch_unwind(AssertUnwindSafe(|| write.answer(false)));
                }
            }
            Err(error) => {
                health.set(Some(error));
                group.into_iter().for_each(|write| write.answer(true));
                connection = reopen(path, connection);
            }
        }
    }
    // One file again, for whoever copies it while the daemon is off; a failure only leaves the log beside it.
    let _ = connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()));
}

/// The disk's own words, where an error comes from the disk and not from the closure.
fn disk_failure(error: &anyhow::Error) -> Option<String> {
    use rusqlite::ErrorCode::{CannotOpen, DiskFull, FileLockingProtocolFailed, ReadOnly, SystemIoFailure};
    let cause = error.chain().find_map(|cause| cause.downcast_ref::<rusqlite::Error>())?;
    let code = cause.sqlite_error_code()?;
    matches!(code, CannotOpen | DiskFull | FileLockingProtocolFailed | ReadOnly | SystemIoFailure)
        .then(|| cause.to_string())
}

/// One transaction for the whole group; answers the events of each. On an error, which is the disk's, nothing is kept.
fn commit(
    connection: &Connection,
    group: &mut [Box<dyn Write>],
    clock: &Clock,
) -> std::result::Result<Vec<Vec<Event>>, String> {
    let run = |sql| {
        let done = connection.prepare_cached(sql).and_then(|mut statement| statement.execute([]));
        done.map(drop).map_err(|error| error.to_string())
    };
    let mut events = Vec::with_capacity(group.len());
    run("begin immediate")?;
    for write in group {
        run("savepoint one")?;
        let mut tx = Tx::new(connection, clock());
        // Caught here and not by each write: what catches is compiled for each type of closure.
        match catch_unwind(AssertUnwindSafe(|| write.run(&mut tx))).unwrap_or(Outcome::Undo) {
            Outcome::Keep => events.push(tx.events),
            Outcome::Undo => {
                run("rollback to one")?;
                events.push(Vec::new());
            }
            Outcome::Disk(what) => return Err(what),
        }
        run("release one")?;
    }
    run("commit")?;
    Ok(events)
}

/// After a failed commit or fsync the connection's view of the file can't be trusted: start afresh, or keep the
/// old one (rolled back) when even that fails, so that the next write tries again.
fn reopen(path: &Path, old: Connection) -> Connection {
    if !old.is_autocommit() {
        let _ = old.execute_batch("rollback");
    }
    match open::writer(path) {
        Ok(new) => new,
        Err(error) => {
            tracing::debug!("reopening the database: {error}");
            old
        }
    }
}
