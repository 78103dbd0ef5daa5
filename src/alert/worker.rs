//! The worker that makes alerts heard and seen, and goes on until a person answers. It lives beside the orders and
//! can hold nothing up: no device, no bus, a hung server are states that it reports and tries again.

use super::popup::{Popup, Popups};
use super::sentence::{Part, notice, sentence};
use super::speaker::Speaker;
use super::{Alert, actions};
use crate::error::Result;
use crate::store::Store;
use crate::units::{AlertId, Calendar, Timestamp};
use serde::Serialize;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::Instant;

/// How often the devices are looked at while nothing rings.
const PROBE: Duration = Duration::from_secs(10);
/// While the store can't be read, the worker waits this long.
const TROUBLE: Duration = Duration::from_secs(2);

/// Whether the counter PC itself can be heard and seen.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Report {
    pub sound: Device,
    pub popup: Device,
}

#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Device {
    pub ok: bool,
    /// Since when it is so, RFC 3339.
    pub since: String,
    /// What is wrong, in words; empty when nothing is.
    pub detail: String,
}

/// The devices' present state, for pages and `/healthz`.
pub struct Desktop {
    report: Mutex<Report>,
    changed: watch::Sender<()>,
    calendar: Calendar,
}

impl Desktop {
    pub fn new(calendar: Calendar) -> Desktop {
        let unknown = Device { ok: false, since: calendar.rfc3339(Timestamp::now()), detail: "尚未检查".into() };
        let report = Report { sound: unknown.clone(), popup: unknown };
        Desktop { report: Mutex::new(report), changed: watch::Sender::new(()), calendar }
    }

    pub fn report(&self) -> Report {
        self.report.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Wakes at every change of the report.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    fn note(&self, name: &str, part: impl Fn(&mut Report) -> &mut Device, outcome: &anyhow::Result<()>) {
        let detail = outcome.as_ref().err().map(|error| format!("{error:#}")).unwrap_or_default();
        let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        let device = part(&mut report);
        if device.ok == detail.is_empty() && (device.ok || device.detail == detail) {
            return;
        }
        match detail.as_str() {
            "" => tracing::info!("{name} works"),
            why => tracing::warn!("{name} does not work: {why}"),
        }
        *device = Device { ok: detail.is_empty(), since: self.calendar.rfc3339(Timestamp::now()), detail };
        drop(report);
        self.changed.send_replace(());
    }

    fn note_sound(&self, outcome: &anyhow::Result<()>) {
        self.note("sound", |report| &mut report.sound, outcome);
    }

    fn note_popup(&self, outcome: &anyhow::Result<()>) {
        self.note("popup", |report| &mut report.popup, outcome);
    }
}

pub struct Worker {
    pub store: Arc<Store>,
    pub speaker: Speaker,
    pub desktop: Arc<Desktop>,
    /// Notified after every commit that raised or answered an alert.
    pub wake: Arc<Notify>,
    pub repeat: Duration,
}

/// When each open alert was last rung.
#[derive(Default)]
struct Rung(HashMap<AlertId, Instant>);

impl Rung {
    fn forget_closed(&mut self, open: &[Alert]) {
        self.0.retain(|id, _| open.iter().any(|alert| alert.id == *id));
    }

    /// Which alerts ring now: new ones by themselves; once a repeat is due, everything that is open, in one sentence.
    fn due<'a>(&self, open: &'a [Alert], now: Instant, repeat: Duration) -> Vec<&'a Alert> {
        let is_new = |alert: &&Alert| !self.0.contains_key(&alert.id);
        if self.0.values().any(|at| now.duration_since(*at) >= repeat) {
            return open.iter().collect();
        }
        open.iter().filter(is_new).collect()
    }

    fn next(&self, repeat: Duration) -> Option<Instant> {
        self.0.values().min().map(|first| *first + repeat)
    }
}

impl Worker {
    /// Rings for ever.
    pub async fn run(self) {
        let (answered, mut answers) = mpsc::channel::<Vec<AlertId>>(16);
        // Beside the ringing: an answer does not wait until a sentence has been said.
        let store = self.store.clone();
        tokio::spawn(async move {
            while let Some(alerts) = answers.recv().await {
                acknowledge(&store, alerts).await;
            }
        });
        let mut rung = Rung::default();
        let mut popups = Popups::default();
        let mut probe = tokio::time::interval(PROBE);
        loop {
            let pause = match self.ring(&mut rung, &mut popups, &answered).await {
                Ok(next) => next.unwrap_or_else(|| Instant::now() + PROBE),
                Err(error) => {
                    tracing::warn!("alerts can't be read: {error:?}");
                    Instant::now() + TROUBLE
                }
            };
            tokio::select! {
                biased;
                () = self.wake.notified() => {}
                () = tokio::time::sleep_until(pause) => {}
                _ = probe.tick() => self.probe(&popups).await,
            }
        }
    }

    /// Rings what is due; answers when the next repeat is.
    async fn ring(
        &self,
        rung: &mut Rung,
        popups: &mut Popups,
        answered: &mpsc::Sender<Vec<AlertId>>,
    ) -> Result<Option<Instant>> {
        let open = self.store.read(actions::list_open).await?;
        rung.forget_closed(&open);
        if open.is_empty() {
            popups.hide(answered).await;
            return Ok(popups.is_pending().then(|| Instant::now() + TROUBLE));
        }
        let due = rung.due(&open, Instant::now(), self.repeat);
        let alerts: Vec<AlertId> = open.iter().map(|alert| alert.id).collect();
        let (title, body) = notice(&open);
        if due.is_empty() {
            if popups.is_outdated(&alerts) {
                self.desktop.note_popup(&popups.show(Popup { title, body, alerts }, answered).await);
            }
            return Ok(rung.next(self.repeat));
        }
        let words = sentence(&due);
        let (shown, heard) =
            tokio::join!(popups.show(Popup { title, body, alerts }, answered), self.say_until_answered(&words, &due));
        self.desktop.note_popup(&shown);
        rung.0.extend(due.iter().map(|alert| (alert.id, Instant::now())));
        let Some(heard) = heard? else { return Ok(rung.next(self.repeat)) };
        self.desktop.note_sound(&heard);
        if heard.is_ok() {
            let first: Vec<AlertId> =
                due.iter().filter(|alert| alert.heard_at.is_none()).map(|alert| alert.id).collect();
            if !first.is_empty() {
                self.store.write(move |tx| actions::mark_heard(tx, &first)).await?;
            }
        }
        Ok(rung.next(self.repeat))
    }

    /// `None` when everything that the sentence is about was answered meanwhile: then it is cut short.
    async fn say_until_answered(&self, words: &[Part], due: &[&Alert]) -> Result<Option<anyhow::Result<()>>> {
        let mut saying = std::pin::pin!(self.speaker.say(words));
        let mut woken = false;
        let heard = loop {
            tokio::select! {
                heard = &mut saying => break Some(heard),
                () = self.wake.notified() => {
                    woken = true;
                    let open = self.store.read(actions::list_open).await?;
                    if !due.iter().any(|alert| open.iter().any(|still| still.id == alert.id)) {
                        break None;
                    }
                }
            }
        };
        if woken {
            self.wake.notify_one();
        }
        Ok(heard)
    }

    async fn probe(&self, popups: &Popups) {
        let (heard, seen) = tokio::join!(self.speaker.probe(), popups.probe());
        self.desktop.note_sound(&heard);
        self.desktop.note_popup(&seen);
    }
}

async fn acknowledge(store: &Store, alerts: Vec<AlertId>) {
    let done = store.write(move |tx| alerts.iter().try_for_each(|id| actions::acknowledge(tx, *id, "popup")));
    if let Err(error) = done.await {
        tracing::warn!("the popup's answer could not be stored: {error:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::Kind;
    use crate::units::OrderId;

    fn alert(id: i64) -> Alert {
        Alert {
            id: AlertId(id),
            kind: Kind::NewOrder,
            order: Some(OrderId(id)),
            order_number: String::new(),
            table_number: "A01".into(),
            note: String::new(),
            raised_at: Timestamp(0),
            heard_at: None,
        }
    }

    #[tokio::test]
    async fn a_new_alert_rings_alone_and_a_repeat_rings_all_that_is_open() {
        let repeat = Duration::from_secs(30);
        let start = Instant::now();
        let ids = |alerts: Vec<&Alert>| alerts.iter().map(|alert| alert.id.0).collect::<Vec<_>>();
        let mut rung = Rung::default();
        let open = [alert(1), alert(2)];
        assert_eq!(ids(rung.due(&open[..1], start, repeat)), [1]);
        rung.0.insert(AlertId(1), start);
        assert_eq!(ids(rung.due(&open, start + repeat / 3, repeat)), [2]);
        rung.0.insert(AlertId(2), start + repeat / 3);
        assert!(rung.due(&open, start + repeat / 2, repeat).is_empty());
        assert_eq!(rung.next(repeat), Some(start + repeat));
        assert_eq!(ids(rung.due(&open, start + repeat, repeat)), [1, 2]);
        rung.forget_closed(&open[1..]);
        assert_eq!(ids(rung.due(&open[1..], start + repeat, repeat)), Vec::<i64>::new());
    }
}
