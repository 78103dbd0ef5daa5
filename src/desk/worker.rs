//! The worker beside the orders: hands what is open to the voice and the popups, and takes the answers. It can hold
//! nothing up: no device, no bus, a hung server are states that are reported and tried again.

use super::desktop::Desktop;
use super::popup::Popups;
use super::voice::queue::Queue;
use super::voice::speaker::Speaker;
use super::voice::{Health, Voice};
use super::{Answer, Open};
use crate::alert::{Alert, Kind, Language, actions};
use crate::error::Result;
use crate::store::{Store, Tx};
use crate::units::{AlertId, Calendar, Hours, TimeOfDay, Timestamp};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// While the store can't be read, the worker waits this long.
const TROUBLE: Duration = Duration::from_secs(2);
/// 稍后: so long an alert neither rings nor shows.
const SNOOZE: Duration = Duration::from_secs(180);
/// Money that nobody has heard of for so long is no news any more: the pages and the books have it.
const STALE_NEWS_SECONDS: i64 = 600;
/// How often the clock is looked at for the day's speaker test.
const CLOCK: Duration = Duration::from_secs(20);

pub struct Worker {
    pub store: Arc<Store>,
    pub desktop: Arc<Desktop>,
    /// Notified after every commit that raised or answered an alert.
    pub wake: Arc<Notify>,
    /// What a popup's first button does.
    pub accept: fn(&mut Tx<'_>, &[AlertId]) -> Result<()>,
    pub calendar: Calendar,
    /// When the day's speaker test is due; `None` for never.
    pub speaker_test: Option<TimeOfDay>,
    pub manner: Manner,
}

/// How the owner wants to hear it.
pub struct Manner {
    pub language: Language,
    pub repeat: Duration,
    pub amounts: bool,
    pub quiet: Option<Hours>,
}

impl Worker {
    /// Rings for ever; its end is a defect.
    pub async fn run(self, speaker: Speaker) {
        let (open, listened) = watch::channel(Arc::new(Open::default()));
        let (answers, mut answered) = mpsc::channel(16);
        let voice = Voice {
            store: self.store.clone(),
            speaker,
            desktop: self.desktop.clone(),
            queue: Queue::new(self.manner.repeat, self.manner.amounts),
            language: self.manner.language,
            quiet: self.manner.quiet,
            calendar: self.calendar.clone(),
            open: listened.clone(),
            health: Health::default(),
        };
        let popups = Popups {
            desktop: self.desktop.clone(),
            open: listened,
            answers,
            language: self.manner.language,
            repeat: self.manner.repeat,
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(voice.run());
        tasks.spawn(popups.run());
        let mut snoozed = HashMap::new();
        let mut clock = tokio::time::interval(CLOCK);
        let mut tested = None;
        loop {
            let wait = self.publish(&open, &mut snoozed).await;
            tokio::select! {
                () = self.wake.notified() => {}
                () = tokio::time::sleep_until(wait) => {}
                Some(answer) = answered.recv() => self.take(answer, &mut snoozed).await,
                Some(_) = tasks.join_next() => return,
                _ = clock.tick() => self.ask_for_the_test(&mut tested).await,
            }
        }
    }

    /// Tells what is open; answers when to look again at the latest.
    async fn publish(&self, open: &watch::Sender<Arc<Open>>, snoozed: &mut HashMap<AlertId, Instant>) -> Instant {
        let now = Instant::now();
        let found = self.store.read(|conn| Ok((actions::list_open(conn)?, actions::list_open_dishes(conn)?)));
        let (mut alerts, dishes) = match found.await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!("alerts can't be read: {error:?}");
                return now + TROUBLE;
            }
        };
        self.expire_news(&mut alerts).await;
        snoozed.retain(|_, until| *until > now);
        alerts.retain(|alert| !snoozed.contains_key(&alert.id));
        open.send_replace(Arc::new(Open { alerts, dishes }));
        snoozed.values().min().copied().unwrap_or(now + SNOOZE)
    }

    async fn expire_news(&self, alerts: &mut Vec<Alert>) {
        let clock = Timestamp::now();
        // What was raised in the future was raised while the clock was wrong.
        let is_news = |alert: &Alert| (0..=STALE_NEWS_SECONDS).contains(&clock.seconds_since(alert.raised_at));
        let is_stale = |alert: &Alert| alert.kind == Kind::Paid && !is_news(alert);
        let stale: Vec<AlertId> = alerts.iter().filter(|alert| is_stale(alert)).map(|alert| alert.id).collect();
        if stale.is_empty() {
            return;
        }
        alerts.retain(|alert| !is_stale(alert));
        let expire = move |tx: &mut Tx<'_>| stale.iter().try_for_each(|id| actions::acknowledge(tx, *id, "expired"));
        if let Err(error) = self.store.write(expire).await {
            tracing::warn!("old news stays open: {error:?}");
        }
    }

    async fn take(&self, answer: Answer, snoozed: &mut HashMap<AlertId, Instant>) {
        match answer {
            Answer::Later(alerts) => snoozed.extend(alerts.into_iter().map(|id| (id, Instant::now() + SNOOZE))),
            Answer::Accept(alerts) => {
                let accept = self.accept;
                if let Err(error) = self.store.write(move |tx| accept(tx, &alerts)).await {
                    tracing::warn!("the popup's answer could not be stored: {error:?}");
                }
            }
        }
    }

    /// Once a business day, from its hour on: also when the PC was started later. `tested` is the last day asked for.
    async fn ask_for_the_test(&self, tested: &mut Option<String>) {
        let now = Timestamp::now();
        let day = self.calendar.business_day(now);
        if self.speaker_test.is_none_or(|at| self.calendar.time_of_day(now) < at) || tested.as_ref() == Some(&day) {
            return;
        }
        let of_day = day.clone();
        match self.store.write(move |tx| actions::raise_daily_test(tx, &of_day)).await {
            Ok(()) => *tested = Some(day),
            Err(error) => tracing::warn!("the speaker test can't be asked for: {error:?}"),
        }
    }
}
