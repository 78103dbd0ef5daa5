//! Topics and who listens in them. A topic holds its latest snapshot; every listener has an outlet.
//!
//! A change comes here encoded once per wire form and is shared by all as reference-counted bytes. A WebSocket's
//! bytes go straight to its socket from the publisher's thread; only what the socket does not take at once waits in
//! the outlet for the socket's own task. A slow phone keeps one snapshot, the latest, and a few events: it can neither
//! stall the others nor grow memory.

use crate::units::{MemberId, TableId};
use bytes::Bytes;
use futures_util::task::AtomicWaker;
use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::task::{Context, Poll};
use tokio::net::TcpStream;

/// Events that may wait for one listener; one that is further behind is cut off and has to come again.
const MAX_EVENTS: usize = 64;
/// From here on a listener's own requests are not read until it has read their answers.
const BACKED_UP: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// The phones of one table.
    Table(TableId),
    /// Counter browsers: only the alert frames that old clients know.
    Counter,
    /// Our own counter page: everything the counter has to see.
    Backstage,
    /// The phones of one member.
    Member(MemberId),
}

/// How many listen, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Online {
    pub tables: usize,
    pub counter: usize,
    pub backstage: usize,
    pub members: usize,
}

/// One message in both wire forms.
#[derive(Debug, Clone)]
pub struct Frames {
    pub ws: Bytes,
    pub sse: Bytes,
}

/// A topic's state at a version. `json` is the bare object (it may share the bytes of a frame).
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub version: i64,
    pub json: Bytes,
    pub frames: Frames,
}

#[derive(Default)]
struct Listeners {
    latest: Option<Snapshot>,
    outlets: Vec<Arc<Outlet>>,
}

#[derive(Default)]
pub struct Hub {
    topics: RwLock<HashMap<Topic, Arc<Mutex<Listeners>>>>,
}

impl Hub {
    /// A table's topic stays: there are few, and its latest snapshot also answers polling phones. A member's goes with
    /// the last phone.
    fn topic(&self, topic: Topic) -> Arc<Mutex<Listeners>> {
        let topics = self.topics.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = topics.get(&topic) {
            return found.clone();
        }
        drop(topics);
        let mut topics = self.topics.write().unwrap_or_else(PoisonError::into_inner);
        topics.entry(topic).or_default().clone()
    }

    /// The same where there is one: what is published to nobody makes no topic.
    fn find(&self, topic: Topic) -> Option<Arc<Mutex<Listeners>>> {
        self.topics.read().unwrap_or_else(PoisonError::into_inner).get(&topic).cloned()
    }

    fn reap(&self, topic: Topic) {
        let mut topics = self.topics.write().unwrap_or_else(PoisonError::into_inner);
        // Whoever has it in hand may be about to subscribe.
        if topics.get(&topic).is_some_and(|members| Arc::strong_count(members) == 1 && lock(members).outlets.is_empty())
        {
            topics.remove(&topic);
        }
    }

    pub fn online(&self) -> Online {
        let topics = self.topics.read().unwrap_or_else(PoisonError::into_inner);
        let mut online = Online::default();
        for (topic, members) in topics.iter() {
            let open = lock(members).outlets.iter().filter(|outlet| !outlet.is_closed()).count();
            *match topic {
                Topic::Table(_) => &mut online.tables,
                Topic::Counter => &mut online.counter,
                Topic::Backstage => &mut online.backstage,
                Topic::Member(_) => &mut online.members,
            } += open;
        }
        online
    }

    /// From now on `outlet` gets what is published, first of all the latest snapshot if there is one.
    /// Answers how many listen, or `None` when `cap` listen already.
    pub fn subscribe(&self, topic: Topic, outlet: &Arc<Outlet>, cap: usize) -> Option<usize> {
        let members = self.topic(topic);
        let mut members = lock(&members);
        members.outlets.retain(|outlet| !outlet.is_closed());
        if members.outlets.len() >= cap {
            return None;
        }
        if let Some(latest) = &members.latest {
            outlet.offer_snapshot(latest);
        }
        members.outlets.push(outlet.clone());
        Some(members.outlets.len())
    }

    pub fn unsubscribe(&self, topic: Topic, outlet: &Arc<Outlet>) {
        outlet.close();
        if let Some(members) = self.find(topic) {
            lock(&members).outlets.retain(|other| !Arc::ptr_eq(other, outlet));
        }
        if matches!(topic, Topic::Member(_)) {
            self.reap(topic);
        }
    }

    /// How many listen there.
    pub fn count(&self, topic: Topic) -> usize {
        let members = self.topic(topic);
        let members = lock(&members);
        members.outlets.iter().filter(|outlet| !outlet.is_closed()).count()
    }

    pub fn latest(&self, topic: Topic) -> Option<Snapshot> {
        let members = self.find(topic)?;
        let members = lock(&members);
        members.latest.clone()
    }

    /// Makes `snapshot` the latest, unless a newer one is there, and gives it to everyone.
    pub fn publish_snapshot(&self, topic: Topic, snapshot: Snapshot) {
        let members = self.topic(topic);
        let mut members = lock(&members);
        if members.latest.as_ref().is_some_and(|latest| latest.version >= snapshot.version) {
            return;
        }
        members.offer(|outlet| outlet.offer_snapshot(&snapshot));
        members.latest = Some(snapshot);
    }

    /// Gives an event to everyone; `serial` orders it against a replay (see `Outlet::release`).
    pub fn publish_event(&self, topic: Topic, frames: &Frames, serial: i64) {
        if let Some(members) = self.find(topic) {
            lock(&members).offer(|outlet| outlet.offer_event(frames, serial));
        }
    }

    /// What a listener is told once and never again.
    pub fn publish_once(&self, topic: Topic, frames: &Frames) {
        if let Some(members) = self.find(topic) {
            lock(&members).offer(|outlet| outlet.offer_once(frames));
        }
    }

    /// A last event; then the streams end.
    pub fn end(&self, topic: Topic, frames: &Frames) {
        let members = self.topic(topic);
        let mut members = lock(&members);
        for outlet in members.outlets.drain(..) {
            outlet.offer_event(frames, i64::MAX);
            outlet.finish();
        }
    }
}

impl Hub {
    /// Everything in this topic ends without a word more.
    pub fn empty(&self, topic: Topic) {
        if let Some(members) = self.find(topic) {
            lock(&members).outlets.drain(..).for_each(|outlet| outlet.finish());
        }
    }

    /// The daemon stops: what is pending goes out, then every stream and socket ends.
    pub fn finish_all(&self) {
        let topics = self.topics.read().unwrap_or_else(PoisonError::into_inner);
        for members in topics.values() {
            lock(members).outlets.drain(..).for_each(|outlet| outlet.finish());
        }
    }
}

impl Listeners {
    fn offer(&mut self, give: impl Fn(&Outlet)) {
        self.outlets.iter().for_each(|outlet| give(outlet));
        self.outlets.retain(|outlet| !outlet.is_closed());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where one listener's bytes go.
pub struct Outlet {
    /// The socket of a WebSocket; SSE streams are polled by their HTTP connection instead.
    socket: Option<Arc<TcpStream>>,
    pending: Mutex<Pending>,
    waker: AtomicWaker,
}

#[derive(Default)]
struct Pending {
    /// The rest of a frame that the socket took in part.
    partial: Bytes,
    events: VecDeque<Bytes>,
    snapshot: Option<Bytes>,
    /// The newest snapshot offered so far.
    version: Option<i64>,
    /// The socket has refused bytes; its task waits to hear that it took them after all.
    stalled: bool,
    /// While something is replayed, live events wait here with their serials.
    held: Option<Vec<(i64, Bytes)>>,
    /// Answers to this listener's own requests that are still being made.
    promised: usize,
    /// What is told once was.
    told_once: bool,
    /// Nothing more will be offered; what is pending still goes out.
    finishing: bool,
    closed: bool,
}

impl Pending {
    fn next(&mut self) -> Option<Bytes> {
        if !self.partial.is_empty() {
            return Some(std::mem::take(&mut self.partial));
        }
        self.events.pop_front().or_else(|| self.snapshot.take())
    }

    fn is_backed_up(&self) -> bool {
        self.events.len() + self.promised >= BACKED_UP
    }

    fn is_empty(&self) -> bool {
        self.partial.is_empty() && self.events.is_empty() && self.snapshot.is_none()
    }
}

impl Outlet {
    pub fn socket(socket: Arc<TcpStream>) -> Arc<Outlet> {
        Arc::new(Outlet { socket: Some(socket), pending: Mutex::default(), waker: AtomicWaker::new() })
    }

    pub fn stream() -> Arc<Outlet> {
        Arc::new(Outlet { socket: None, pending: Mutex::default(), waker: AtomicWaker::new() })
    }

    /// Nothing goes out until `release`, so that a replay can go first, or a last check be made.
    pub fn hold(&self) {
        lock(&self.pending).held = Some(Vec::new());
    }

    /// Sends the replay, then the events that came meanwhile and are newer than `serial`, its last.
    pub fn release(&self, replay: Vec<Bytes>, serial: i64) {
        let mut pending = lock(&self.pending);
        let held = pending.held.take().unwrap_or_default();
        let newer = held.into_iter().filter(|(at, _)| *at > serial).map(|(_, bytes)| bytes);
        // A replay is as long as what nobody has answered: it may be more than live events may lag behind.
        pending.events.extend(replay.into_iter().chain(newer));
        self.flush(pending);
    }

    /// One frame for this listener alone.
    pub fn send(&self, bytes: Bytes) {
        self.push(lock(&self.pending), bytes);
    }

    /// A request was taken whose answer will be brought by `fulfil`.
    pub fn promise(&self) {
        lock(&self.pending).promised += 1;
    }

    /// The request was refused after all, and answered otherwise.
    pub fn retract(&self) {
        lock(&self.pending).promised -= 1;
    }

    pub fn fulfil(&self, answer: Bytes) {
        let mut pending = lock(&self.pending);
        // Its task may have stopped reading because of this promise.
        pending.stalled |= pending.is_backed_up();
        pending.promised -= 1;
        self.push(pending, answer);
    }

    pub fn offer_snapshot(&self, snapshot: &Snapshot) {
        let mut pending = lock(&self.pending);
        if pending.version.is_some_and(|version| version >= snapshot.version) {
            return;
        }
        pending.version = Some(snapshot.version);
        pending.snapshot = Some(self.form(&snapshot.frames));
        self.flush(pending);
    }

    fn offer_event(&self, frames: &Frames, serial: i64) {
        let mut pending = lock(&self.pending);
        let bytes = self.form(frames);
        match &mut pending.held {
            Some(held) if held.len() < MAX_EVENTS => held.push((serial, bytes)),
            Some(_) => pending.closed = true,
            None => self.push(pending, bytes),
        }
    }

    /// As `Hub::publish_once`, for this listener alone. No replay makes it superfluous.
    pub fn offer_once(&self, frames: &Frames) {
        let told = std::mem::replace(&mut lock(&self.pending).told_once, true);
        if !told {
            self.offer_event(frames, i64::MAX);
        }
    }

    fn form(&self, frames: &Frames) -> Bytes {
        match self.socket {
            Some(_) => frames.ws.clone(),
            None => frames.sse.clone(),
        }
    }

    fn push(&self, mut pending: MutexGuard<'_, Pending>, bytes: Bytes) {
        if pending.events.len() >= MAX_EVENTS {
            pending.closed = true;
        } else {
            pending.events.push_back(bytes);
        }
        self.flush(pending);
    }

    /// Writes what the socket takes now; wakes the listener's task for the rest.
    fn flush(&self, mut pending: MutexGuard<'_, Pending>) {
        if pending.held.is_some() {
            return;
        }
        let written = self.write(&mut pending).is_ok();
        let idle = written && pending.is_empty() && !pending.stalled && !pending.closed;
        drop(pending);
        if !idle {
            self.waker.wake();
        }
    }

    fn write(&self, pending: &mut Pending) -> io::Result<()> {
        let Some(socket) = &self.socket else { return Ok(()) };
        while let Some(bytes) = pending.next() {
            match socket.try_write(&bytes) {
                Ok(written) => pending.partial = bytes.slice(written..),
                Err(error) => {
                    pending.partial = bytes;
                    match error.kind() {
                        io::ErrorKind::WouldBlock => pending.stalled = true,
                        _ => pending.closed = true,
                    }
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// This frame instead of everything that waits.
    pub fn farewell(&self, bytes: Bytes) {
        let mut pending = lock(&self.pending);
        let partial = std::mem::take(&mut pending.partial);
        *pending = Pending { partial, events: VecDeque::from([bytes]), ..Pending::default() };
        self.flush(pending);
    }

    /// Whether the socket has taken a frame in part: nothing else may be written then.
    pub fn is_mid_frame(&self) -> bool {
        !lock(&self.pending).partial.is_empty()
    }

    pub fn is_backed_up(&self) -> bool {
        lock(&self.pending).is_backed_up()
    }

    /// Ready when the socket has taken all that waited, or with `false` when it is over. Polled by the socket's task.
    pub fn poll_drained(&self, context: &mut Context<'_>) -> Poll<bool> {
        self.waker.register(context.waker());
        let mut pending = lock(&self.pending);
        let Some(socket) = &self.socket else { return Poll::Ready(false) };
        loop {
            if pending.closed {
                return Poll::Ready(false);
            }
            if pending.is_empty() {
                return match (pending.finishing, std::mem::take(&mut pending.stalled)) {
                    (true, _) => Poll::Ready(false),
                    (false, true) => Poll::Ready(true),
                    (false, false) => Poll::Pending,
                };
            }
            if self.write(&mut pending).is_err() && !pending.closed {
                match socket.poll_write_ready(context) {
                    Poll::Ready(Ok(())) => {}
                    Poll::Ready(Err(_)) => return Poll::Ready(false),
                    Poll::Pending => return Poll::Pending,
                }
            }
        }
    }

    /// The next bytes of an SSE stream; `None` when it is over.
    pub fn poll_next(&self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.waker.register(context.waker());
        let mut pending = lock(&self.pending);
        if pending.closed {
            return Poll::Ready(None);
        }
        match pending.next() {
            Some(bytes) => Poll::Ready(Some(bytes)),
            None if pending.finishing => Poll::Ready(None),
            None => Poll::Pending,
        }
    }

    /// What is pending still goes out, then the stream ends.
    pub fn finish(&self) {
        lock(&self.pending).finishing = true;
        self.waker.wake();
    }

    pub fn close(&self) {
        lock(&self.pending).closed = true;
        self.waker.wake();
    }

    pub fn is_closed(&self) -> bool {
        let pending = lock(&self.pending);
        pending.closed || pending.finishing
    }
}

#[cfg(test)]
mod tests;
