//! Which alert is said next. Pure: the voice asks it, speaks, and tells it what became of that.
//!
//! One thing is said at a time, the most pressing first, and the choice is made anew after each: what urges, then new
//! orders, then guests who call (for the waiter and for the bill apart, the older call first), then money that needs a
//! person; what nobody has heard yet before what is said again. More than three of a kind become one sentence. Whatever
//! nobody answers is said again, sooner and more urgently each time.

use super::sentence::{Received, Saying, Trouble, Urgency, Wanted};
use crate::alert::{Alert, Kind};
use crate::units::{AlertId, PayMethod, Timestamp};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Tables that are named; more are counted.
const NAMED: usize = 3;
/// Guests who have waited for so many minutes are told of.
const LONG_WAIT_MINUTES: i64 = 5;
/// Nobody waits longer for a dish: then a clock was wrong.
const LONGEST_WAIT_MINUTES: i64 = 24 * 60;
/// Heard so often, an alert rings urgently, and sooner; and sooner still.
const URGENT: u32 = 3;
const VERY_URGENT: u32 = 6;

pub struct Queue {
    /// An alert that nobody answers is said again after this, at first.
    pub repeat: Duration,
    /// Whether a new order is said with what was paid for it.
    pub amounts: bool,
    said: HashMap<AlertId, Said>,
}

/// What became of an alert in this run.
#[derive(Clone, Copy)]
struct Said {
    /// How often it was heard.
    times: u32,
    /// The last try.
    at: Instant,
}

/// What is said next, and which alerts that is about.
#[derive(Debug, PartialEq, Eq)]
pub struct Turn {
    pub saying: Saying,
    pub alerts: Vec<AlertId>,
}

impl Queue {
    pub fn new(repeat: Duration, amounts: bool) -> Queue {
        Queue { repeat, amounts, said: HashMap::new() }
    }

    /// The most pressing of what is due now.
    pub fn next(&mut self, open: &[Alert], now: Instant, clock: Timestamp) -> Option<Turn> {
        self.said.retain(|id, _| open.iter().any(|alert| alert.id == *id));
        let since = open.iter().map(|alert| self.due_at(alert).unwrap_or(now)).min().filter(|at| *at <= now)?;
        let is_due = |alert: &&Alert| self.due_at(alert).is_none_or(|at| at <= now) || self.was_in_vain(alert, since);
        let first =
            open.iter().filter(is_due).min_by_key(|alert| (rank(alert.kind, self.is_heard(alert)), alert.id))?;
        let heard = self.is_heard(first);
        let together = |alert: &&Alert| alert.kind == first.kind && self.is_heard(alert) == heard;
        let of_kind: Vec<&Alert> = match first.kind {
            // Each has an amount of its own to tell.
            Kind::Paid => vec![first],
            _ => open.iter().filter(together).collect(),
        };
        let alerts = of_kind.iter().map(|alert| alert.id).collect();
        Some(Turn { saying: self.saying(&of_kind, clock), alerts })
    }

    /// They were heard, or at least it was tried.
    pub fn said(&mut self, alerts: &[AlertId], heard: bool, now: Instant) {
        for id in alerts {
            let said = self.said.entry(*id).or_insert(Said { times: 0, at: now });
            *said = Said { times: said.times + u32::from(heard), at: now };
        }
    }

    /// The speaker is back: what was tried in vain is due now. Whether there is anything.
    pub fn retry(&mut self) -> bool {
        let tried = self.said.len();
        self.said.retain(|_, said| said.times > 0);
        self.said.len() < tried
    }

    /// When the next of these is due; `None` for nothing.
    pub fn next_at(&self, open: &[Alert], now: Instant) -> Option<Instant> {
        open.iter().map(|alert| self.due_at(alert).unwrap_or(now)).min()
    }

    /// `None` for at once.
    fn due_at(&self, alert: &Alert) -> Option<Instant> {
        let said = self.said.get(&alert.id)?;
        let calm = if alert.kind == Kind::Test { self.repeat * 4 } else { self.repeat };
        let pause = match said.times {
            ..URGENT => calm,
            URGENT..VERY_URGENT => calm * 2 / 3,
            VERY_URGENT.. => calm / 2,
        };
        Some(said.at + pause)
    }

    /// Tried and not heard, and not tried again since something else is due: then it comes first.
    fn was_in_vain(&self, alert: &Alert, since: Instant) -> bool {
        self.said.get(&alert.id).is_some_and(|said| said.times == 0 && said.at < since) && alert.heard_at.is_none()
    }

    fn times(&self, alert: &Alert) -> u32 {
        // Before a restart, too.
        let before = u32::from(alert.heard_at.is_some());
        self.said.get(&alert.id).map_or(before, |said| said.times.max(before))
    }

    fn is_heard(&self, alert: &Alert) -> bool {
        self.times(alert) > 0
    }

    /// `alerts` are of one kind.
    fn saying(&self, alerts: &[&Alert], clock: Timestamp) -> Saying {
        let first = alerts[0];
        let tables = tables(alerts);
        let urgency = match alerts.iter().map(|alert| self.times(alert)).max().unwrap_or(0) {
            0 => Urgency::First,
            1..URGENT => Urgency::Again,
            URGENT.. => Urgency::Urgent,
        };
        match first.kind {
            Kind::NewOrder if alerts.len() > NAMED => Saying::OrderCount { count: alerts.len(), urgency },
            Kind::NewOrder => match (alerts, first.paid_by, urgency) {
                ([only], Some(by), Urgency::First) if self.amounts => Saying::PaidOrder {
                    table: only.table_number.clone(),
                    received: Received { by, amount: only.amount },
                },
                _ => Saying::Orders { tables, urgency },
            },
            Kind::Reminder if tables.len() > NAMED => Saying::ReminderCount { count: tables.len(), urgency },
            Kind::Reminder => {
                let waiting = alerts.iter().map(|alert| alert.waiting_since).min().unwrap_or(clock);
                let minutes = clock.seconds_since(waiting) / 60;
                let is_told = tables.len() == 1 && (LONG_WAIT_MINUTES..LONGEST_WAIT_MINUTES).contains(&minutes);
                let waited = is_told.then_some(minutes);
                let urgency = if alerts.len() > tables.len() { urgency.max(Urgency::Again) } else { urgency };
                Saying::Reminders { tables, waited, urgency }
            }
            Kind::Payment => Saying::PaymentProblem { tables },
            Kind::Paid => {
                let by = first.paid_by.unwrap_or(PayMethod::Other);
                Saying::Paid { table: first.table_number.clone(), received: Received { by, amount: first.amount } }
            }
            Kind::Tunnel => Saying::Trouble(Trouble::Tunnel),
            Kind::Test => Saying::Test,
            Kind::Waiter => Saying::Calls { tables, wanted: Wanted::Waiter, urgency },
            Kind::Bill => Saying::Calls { tables, wanted: Wanted::Bill, urgency },
        }
    }
}

fn rank(kind: Kind, heard: bool) -> u8 {
    match (kind, heard) {
        (Kind::Reminder, false) => 0,
        (Kind::NewOrder, false) => 1,
        (Kind::Waiter | Kind::Bill, false) => 2,
        (Kind::Payment, false) => 3,
        (Kind::Tunnel, false) => 4,
        (Kind::Reminder, true) => 5,
        (Kind::NewOrder, true) => 6,
        (Kind::Waiter | Kind::Bill, true) => 7,
        (Kind::Payment, true) => 8,
        (Kind::Tunnel, true) => 9,
        // News only: it keeps off nothing that somebody has to do.
        (Kind::Paid, _) => 10,
        (Kind::Test, _) => 11,
    }
}

/// Each once, in the order of their alerts.
fn tables(alerts: &[&Alert]) -> Vec<String> {
    let mut tables: Vec<String> = Vec::new();
    for alert in alerts.iter().filter(|alert| alert.order.is_some() || alert.table.is_some()) {
        if !tables.contains(&alert.table_number) {
            tables.push(alert.table_number.clone());
        }
    }
    tables
}
