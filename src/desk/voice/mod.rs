//! The voice of the counter PC: says what the queue puts next, until it is answered. A task of its own, so that a hung
//! sound server holds up neither orders nor popups.

mod loudspeaker;
pub mod queue;
pub mod sentence;
pub mod sound;
pub mod speaker;

use super::Open;
use super::desktop::Desktop;
use crate::alert::{Kind, Language, actions};
use crate::store::Store;
use crate::units::{AlertId, Calendar, Hours, Timestamp};
use queue::{Queue, Turn};
use sentence::{Saying, Trouble, sentence};
use speaker::Speaker;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior};

/// How often the loudspeaker is looked for while nothing rings. With a hung server's patience under 10 s.
const PROBE: Duration = Duration::from_secs(5);
/// The same while it is gone: what waits is said that much later.
const PROBE_GONE: Duration = Duration::from_secs(3);
/// A break as long as this is told when it is over.
const LONG_BREAK: Duration = Duration::from_secs(60);

pub struct Voice {
    pub store: Arc<Store>,
    pub speaker: Speaker,
    pub desktop: Arc<Desktop>,
    pub queue: Queue,
    pub language: Language,
    /// No word between these hours.
    pub quiet: Option<Hours>,
    pub calendar: Calendar,
    pub open: watch::Receiver<Arc<Open>>,
    pub health: Health,
}

/// Whether the last try was heard.
#[derive(Default)]
pub struct Health {
    silent_since: Option<Instant>,
    was_heard: bool,
}

impl Voice {
    /// Speaks for ever.
    pub async fn run(mut self) {
        let mut probe = tokio::time::interval(PROBE);
        probe.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let open = self.open.borrow_and_update().clone();
            if self.may_speak() && self.speak(&open).await {
                if self.open.has_changed().is_err() {
                    return;
                }
                self.hasten(&mut probe);
                continue;
            }
            let now = Instant::now();
            // In quiet hours the probe's tick looks whether they are over; without a device, whether there is one.
            let due = self.queue.next_at(&open.alerts, now).filter(|_| self.may_speak()).unwrap_or(now + PROBE);
            tokio::select! {
                changed = self.open.changed() => if changed.is_err() { return },
                () = tokio::time::sleep_until(due.into()) => {}
                _ = probe.tick() => {
                    self.look().await;
                    self.hasten(&mut probe);
                }
            }
        }
    }

    fn hasten(&self, probe: &mut Interval) {
        if self.health.silent_since.is_some() {
            probe.reset_after(PROBE_GONE);
        }
    }

    /// While the device is gone nothing is composed: a rush would be a sentence an order, and each in vain.
    fn may_speak(&self) -> bool {
        !self.is_quiet() && self.health.silent_since.is_none()
    }

    /// Says what is due, if anything is.
    async fn speak(&mut self, open: &Open) -> bool {
        let Some(turn) = self.queue.next(&open.alerts, Instant::now(), Timestamp::now()) else { return false };
        self.take(turn).await;
        true
    }

    /// Whether there is a device, on schedule. One that was gone is believed when it has played, where something waits
    /// to be said: what is named and does not play is found out by playing only.
    async fn look(&mut self) {
        let found = self.speaker.probe().await;
        tracing::debug!("looked for a device: {found:?}");
        if found.is_ok() && self.health.silent_since.is_some() && !self.is_quiet() {
            self.queue.retry();
            let open = self.open.borrow().clone();
            if self.speak(&open).await {
                return;
            }
        }
        self.note(&found).await;
    }

    fn is_quiet(&self) -> bool {
        self.quiet.is_some_and(|hours| hours.contain(self.calendar.time_of_day(Timestamp::now())))
    }

    async fn take(&mut self, turn: Turn) {
        let Some(outcome) = self.say_until_answered(&turn).await else { return };
        let heard = outcome.is_ok();
        self.queue.said(&turn.alerts, heard, Instant::now());
        self.note(&outcome).await;
        if heard {
            self.record(turn.alerts).await;
        }
    }

    /// `None` when all that the sentence is about was answered meanwhile: then it is cut short.
    async fn say_until_answered(&mut self, turn: &Turn) -> Option<anyhow::Result<()>> {
        tracing::debug!("says {:?}", turn.saying);
        let words = sentence(self.language, &turn.saying);
        let mut saying = std::pin::pin!(self.speaker.say(&words));
        loop {
            tokio::select! {
                outcome = &mut saying => return Some(outcome),
                changed = self.open.changed() => {
                    changed.ok()?;
                    let open = self.open.borrow_and_update();
                    if !open.alerts.iter().any(|alert| turn.alerts.contains(&alert.id)) {
                        return None;
                    }
                }
            }
        }
    }

    /// Reports what became of a try. A speaker that is back says that it was away, and what nobody has heard.
    async fn note(&mut self, outcome: &anyhow::Result<()>) {
        self.desktop.note_sound(outcome);
        if outcome.is_err() {
            self.health.silent_since.get_or_insert_with(Instant::now);
            return;
        }
        let silent = self.health.silent_since.take();
        let was_heard = std::mem::replace(&mut self.health.was_heard, true);
        let Some(since) = silent else { return };
        self.queue.retry();
        if was_heard && since.elapsed() >= LONG_BREAK && !self.is_quiet() {
            let words = sentence(self.language, &Saying::Trouble(Trouble::Sound));
            self.desktop.note_sound(&self.speaker.say(&words).await);
        }
    }

    async fn record(&self, alerts: Vec<AlertId>) {
        let open = self.open.borrow().clone();
        let is_news = |id: &&AlertId| open.alerts.iter().any(|alert| alert.id == **id && alert.kind == Kind::Paid);
        let news: Vec<AlertId> = alerts.iter().filter(is_news).copied().collect();
        let written = self.store.write(move |tx| {
            actions::mark_heard(tx, &alerts)?;
            news.iter().try_for_each(|id| actions::acknowledge(tx, *id, "voice"))
        });
        if let Err(error) = written.await {
            tracing::warn!("what was heard could not be stored, it will be said again: {error:?}");
        }
    }
}
