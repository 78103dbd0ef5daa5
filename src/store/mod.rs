//! The one SQLite file: one writer thread that commits in groups, and read-only connections beside it.
//!
//! A write is a closure. The writer takes what is waiting, runs each closure in its own savepoint inside one
//! `BEGIN IMMEDIATE`, commits once with `synchronous=FULL`, and only then publishes the events and answers the
//! callers. So nothing is acknowledged that a power cut could lose, and commit order is publish order. A read is a
//! transaction, too: what it counts and what it lists is of one moment.

pub mod backup;
mod columns;
mod migrate;
mod open;
pub mod setting;
mod writer;

use crate::error::{Error, Refusal, Result};
use crate::event::Event;
use crate::units::Timestamp;
use anyhow::{Context, anyhow};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::sync::{mpsc, oneshot};

pub(crate) use columns::name_columns;
pub use migrate::create_with;
#[cfg(test)]
pub use migrate::in_memory;
pub use open::{OpenError, write_beside};

/// A read-only connection to a database of any schema that this version knows.
///
/// # Errors
/// Not ours, damaged, of a newer version, or not to be read.
pub fn open_any(path: &Path) -> std::result::Result<Connection, OpenError> {
    open::inspect(path, false, open::MIGRATIONS.len())?;
    open::reader(path)
}

/// Reads every page, and with `write` tries whether the file can be written; answers its size in bytes.
///
/// # Errors
/// What is wrong with it.
pub fn check(path: &Path, write: bool) -> std::result::Result<u64, OpenError> {
    open::inspect(path, true, open::MIGRATIONS.len())?;
    if write {
        open::try_writing(path)?;
    }
    std::fs::metadata(path).map(|file| file.len()).map_err(|error| OpenError::of_io(path, error))
}

/// A read-only connection for a command beside the daemon.
///
/// # Errors
/// Not ours, damaged, or not to be read; a schema other than this version's.
pub fn open_reader(path: &Path) -> std::result::Result<Connection, OpenError> {
    open::current_reader(path)
}

/// Writes waiting beyond this are refused with `BUSY` rather than kept waiting ever longer.
const QUEUE: usize = 4096;
const READERS: usize = 2;

/// What a write closure works in. `now` is one instant for the whole closure.
pub struct Tx<'c> {
    conn: &'c Connection,
    pub now: Timestamp,
    events: Vec<Event>,
}

impl<'c> Tx<'c> {
    /// For tests of actions: a transaction that ends with the connection.
    pub fn new(conn: &'c Connection, now: Timestamp) -> Tx<'c> {
        Tx { conn, now, events: Vec::new() }
    }

    pub fn conn(&self) -> &'c Connection {
        self.conn
    }

    /// Published after the commit, in commit order; dropped if the closure is refused.
    pub fn emit(&mut self, event: Event) {
        self.events.push(event);
    }

    pub fn events(&self) -> &[Event] {
        &self.events
    }
}

pub type Publish = Box<dyn FnMut(Event) + Send>;

/// What is done with a reader, of whatever type its answer is.
type Look = Box<dyn FnOnce(Result<&Connection>) + Send>;

pub struct Store {
    queue: mpsc::Sender<writer::Job>,
    path: PathBuf,
    readers: Arc<Mutex<Vec<Connection>>>,
    reading: Arc<tokio::sync::Semaphore>,
    health: Arc<writer::Health>,
    damage: OnceLock<String>,
    writer: Mutex<Option<std::thread::JoinHandle<()>>>,
    clock: Clock,
}

/// What time it is: the system's clock, except where a test tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How a rehearsal ends that nothing was refused in.
#[derive(Debug, thiserror::Error)]
#[error("a rehearsal is undone")]
struct Rehearsed;

impl Store {
    /// Opens or creates the database, migrates it (after a backup), and starts the writer.
    ///
    /// # Errors
    /// `OpenError`: one sentence for the operator; the file is as it was.
    pub fn open(path: &Path, check: bool, publish: Publish) -> std::result::Result<Store, OpenError> {
        Store::open_by(path, check, publish, Arc::new(Timestamp::now))
    }

    /// The same by another clock.
    ///
    /// # Errors
    /// As `open`.
    pub fn open_by(path: &Path, check: bool, publish: Publish, clock: Clock) -> std::result::Result<Store, OpenError> {
        let connection = migrate::prepare(path, check)?;
        let readers = (0..READERS).map(|_| open::reader(path)).collect::<std::result::Result<Vec<_>, _>>()?;
        let (queue, jobs) = mpsc::channel(QUEUE);
        let health = Arc::new(writer::Health::default());
        let writer = writer::start(path.to_owned(), connection, jobs, publish, health.clone(), clock.clone());
        Ok(Store {
            queue,
            path: path.to_owned(),
            readers: Arc::new(Mutex::new(readers)),
            reading: Arc::new(tokio::sync::Semaphore::new(READERS)),
            health,
            damage: OnceLock::new(),
            writer: Mutex::new(Some(writer)),
            clock,
        })
    }

    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Runs `action` on the writer thread; answers when its change is on disk.
    ///
    /// # Errors
    /// What the action refused or failed with (then it had no effect), `Busy`, or `StorageDown`.
    pub async fn write<T: Send + 'static>(
        &self,
        action: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        // A caller that has gone away no longer needs the answer.
        self.write_then(action, move |result| drop(reply.send(result)))?;
        answer.await.unwrap_or_else(|_| Err(Error::Internal(anyhow!("the store's writer has stopped"))))
    }

    /// The same, but the writer thread hands the result to `done` itself, right after publishing: no task has to be
    /// woken. `done` must not block.
    ///
    /// # Errors
    /// `Busy`; then `done` is not called.
    pub fn write_then<T: Send + 'static>(
        &self,
        action: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
        done: impl FnOnce(Result<T>) + Send + 'static,
    ) -> Result<()> {
        self.queue.try_send(writer::job(action, done)).map_err(|_| Refusal::Busy)?;
        Ok(())
    }

    /// Runs `action` on the writer thread and undoes it: what it would be refused is known before something is done
    /// that cannot be undone.
    ///
    /// # Errors
    /// As `write`.
    pub async fn rehearse<T: Send + 'static>(
        &self,
        action: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<()> {
        let rehearsed = self.write(move |tx| {
            action(tx)?;
            Err(Error::Internal(Rehearsed.into()))
        });
        match rehearsed.await {
            Err(Error::Internal(end)) if end.is::<Rehearsed>() => Ok(()),
            refused => refused,
        }
    }

    /// Runs `query` on a read-only connection, off the async threads. All that it reads is of one moment.
    ///
    /// # Errors
    /// What the query refused or failed with, or `Busy` when the store closes.
    pub async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        // A caller that has gone away leaves its query running.
        self.lend_reader(Box::new(move |moment| drop(reply.send(moment.and_then(query))))).await?;
        answer.await.unwrap_or_else(|_| Err(Error::Internal(anyhow!("a read panicked"))))
    }

    /// Waits for a reader, and for `look` to be done with it. One function for all reads: a task's machinery is compiled
    /// for each type of closure.
    async fn lend_reader(&self, look: Look) -> Result<()> {
        // A store that is closing is refused as a full one is: nobody has to look into it.
        let turn = self.reading.clone().acquire_owned().await.map_err(|_| Refusal::Busy)?;
        let readers = self.readers.clone();
        let lock = |readers: &Mutex<Vec<Connection>>| {
            let mut free = readers.lock().unwrap_or_else(PoisonError::into_inner);
            free.pop()
        };
        let reader = match lock(&readers) {
            Some(reader) => reader,
            None => open::reader(&self.path).context("opening a reader")?,
        };
        tokio::task::spawn_blocking(move || {
            match reader.unchecked_transaction() {
                Ok(moment) => look(Ok(&moment)),
                Err(error) => look(Err(error.into())),
            }
            readers.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
            drop(turn);
        })
        .await
        .or_else(|ended| match ended.is_panic() {
            // Whoever waits for the answer is told.
            true => Ok(()),
            // The daemon ends, and with it what nobody has begun yet.
            false => Err(Refusal::Busy.into()),
        })
    }

    /// Whether writer and readers answer, at the price of no write. After trouble it does write, which alone can show
    /// that the trouble is over.
    ///
    /// # Errors
    /// The database is locked, or cannot be read. A full disk is no error here: reading goes on.
    pub async fn prove(&self) -> Result<()> {
        self.write(|_| Ok(())).await?;
        self.read(|conn| setting::load(conn, setting::TOKEN_KEY)).await?;
        if self.health.trouble().is_some() {
            let _ = self.write(|tx| setting::set(tx.conn(), setting::PROVED_AT, &tx.now.0.to_string())).await;
        }
        Ok(())
    }

    /// `None` while the last commit worked and nothing is known to be damaged; else what the disk said.
    pub fn trouble(&self) -> Option<String> {
        self.health.trouble().or_else(|| self.damage.get().cloned())
    }

    /// Reads a file to its end that was too large for that at the start, on a thread of its own: a stop does not wait for
    /// it. Damage is told loudly; what can still be taken is taken, because orders on paper are worse.
    ///
    /// # Errors
    /// The thread does not start.
    pub fn check_behind(self: &Arc<Store>) -> std::io::Result<()> {
        let store = self.clone();
        std::thread::Builder::new().name("check".into()).spawn(move || {
            let Some(Err(error)) = open::check_rest(&store.path) else { return };
            tracing::error!("{error}. Until then the shop goes on with what can still be read");
            let _ = store.damage.set(error.to_string());
        })?;
        Ok(())
    }

    pub fn commits(&self) -> u64 {
        self.health.commits()
    }

    /// Takes no more reads and writes, finishes those that wait, and closes the file.
    pub async fn close(self: Arc<Self>) {
        let Some(writer) = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return;
        };
        self.reading.close();
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        // Closing the channel needs every sender gone; a last job that stops the loop does not.
        let _ = self.queue.send(writer::Job::Stop).await;
        let _ = tokio::task::spawn_blocking(move || writer.join()).await;
    }
}

#[cfg(test)]
mod tests;
