//! The PC's clock: whether it can be right, by all that is known without another clock. One judge for the doctor,
//! `/healthz`, the counter page and the alert.
//!
//! A clock that was wrong leaves traces: what was booked meanwhile has a wrong time for ever. So a spell of wrong time is
//! kept with its end, and what was booked in it is told once and is no evidence against the right time afterwards.

pub mod actions;
mod sql;
pub mod system;
pub mod watch;

use crate::units::{Calendar, Timestamp};
use serde::{Deserialize, Serialize};

/// This program is younger than that: 2026-01-01 UTC.
const BUILT_AFTER: Timestamp = Timestamp(1_767_225_600_000);
/// A clock may be set by this much.
const SLACK_SECONDS: i64 = 300;
/// From this on providers begin to refuse what this PC signs.
const SKEW_SECONDS: i64 = 60;
/// No clock that is running jumps ahead by more than this, also not after a night's sleep.
const JUMP_SECONDS: i64 = 24 * 3600;
/// A shop that does nothing for longer than this has closed down, or its clock is ahead.
const LONG_SECONDS: i64 = 90 * 24 * 3600;

/// What is known of the time besides what the PC says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The latest time, not after now, at which an order was made or the clock was known to be right.
    pub before: Option<Timestamp>,
    /// The first and the last such time that lies ahead.
    pub ahead: Option<(Timestamp, Timestamp)>,
    /// A spell of wrong time that is not over.
    pub spell: Option<Spell>,
    /// When the clock jumped ahead while the daemon ran.
    pub jumped_from: Option<Timestamp>,
    /// How far a provider's clock is ahead of this one, in seconds.
    pub skew: Option<i64>,
    /// Whether the system says that network time keeps the clock.
    pub synchronised: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing speaks against it.
    Right,
    /// Before this program was made.
    Early,
    /// Before the shop did something already, at this time.
    Behind(Timestamp),
    /// Long after the last thing that the shop did, at this time.
    Ahead(Timestamp),
    /// A provider's clock is so many seconds ahead.
    Off(i64),
}

/// A time during which the clock was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spell {
    /// What it contradicted.
    pub right: Timestamp,
    /// What the clock showed when that was noticed.
    pub wrong: Timestamp,
    /// Orders with a higher id were made in it.
    pub after_order: i64,
}

/// Such a time that is over, until somebody has taken note of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    pub spell: Spell,
    /// Since when the clock is right.
    pub at: Timestamp,
    pub last_order: i64,
}

/// The clock was right at this time; orders up to this one say no more about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    pub at: Timestamp,
    pub order: i64,
}

/// What is kept of all this.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub spell: Option<Spell>,
    pub ended: Option<Ended>,
    pub settled: Option<Settled>,
}

/// What was booked while the clock was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booked {
    pub orders: i64,
    /// By the wrong clock.
    pub first: Timestamp,
    pub last: Timestamp,
}

/// What people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    pub verdict: Verdict,
    /// Since when the clock is wrong, by itself, or right again.
    pub since: Option<Timestamp>,
    /// While it is right again.
    pub booked: Option<Booked>,
}

/// The strongest evidence first: what is impossible, other clocks, then what the shop itself remembers.
pub fn judge(now: Timestamp, evidence: &Evidence) -> Verdict {
    let is_before = |at: Timestamp| at.seconds_since(now) > SLACK_SECONDS;
    if now < BUILT_AFTER {
        return Verdict::Early;
    }
    if let Some(skew) = evidence.skew {
        return if skew.abs() < SKEW_SECONDS { Verdict::Right } else { Verdict::Off(skew) };
    }
    if evidence.synchronised == Some(true) {
        return Verdict::Right;
    }
    if let Some(Spell { right, wrong, .. }) = evidence.spell {
        if is_before(right) {
            return Verdict::Behind(right);
        }
        // It ran ahead, and nobody has set it back.
        if wrong > right && !is_before(wrong) {
            return Verdict::Ahead(right);
        }
    }
    if let Some((first, last)) = evidence.ahead {
        // The shop came to that time by a leap that no shop makes: then that time was wrong, and now is not.
        let leapt = evidence.before.is_some_and(|before| first.seconds_since(before) > LONG_SECONDS);
        if !leapt {
            return Verdict::Behind(last);
        }
    }
    match (evidence.jumped_from, evidence.before) {
        (Some(from), _) if now.seconds_since(from) > JUMP_SECONDS => Verdict::Ahead(from),
        (_, Some(before)) if now.seconds_since(before) > LONG_SECONDS => Verdict::Ahead(before),
        _ => Verdict::Right,
    }
}

/// Whether the wall's clock went ahead by more than a running clock can, compared with the time since the PC's start.
pub fn has_jumped(wall_seconds: i64, steady_seconds: i64) -> bool {
    wall_seconds - steady_seconds > JUMP_SECONDS
}

impl Verdict {
    /// For pages and scripts.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Right => "right",
            Verdict::Early => "early",
            Verdict::Behind(_) => "behind",
            Verdict::Ahead(_) => "ahead",
            Verdict::Off(_) => "off",
        }
    }

    /// What the clock contradicts.
    pub fn known(self) -> Option<Timestamp> {
        match self {
            Verdict::Behind(at) | Verdict::Ahead(at) => Some(at),
            Verdict::Right | Verdict::Early | Verdict::Off(_) => None,
        }
    }

    /// How far a provider's clock is ahead.
    pub fn skew_seconds(self) -> Option<i64> {
        if let Verdict::Off(seconds) = self { Some(seconds) } else { None }
    }

    /// What a spell of this begins with.
    fn right(self, now: Timestamp, ahead: Option<(Timestamp, Timestamp)>) -> Option<Timestamp> {
        match self {
            Verdict::Right => None,
            Verdict::Early => Some(ahead.map_or(BUILT_AFTER, |(_, last)| last)),
            Verdict::Behind(at) | Verdict::Ahead(at) => Some(at),
            Verdict::Off(seconds) => Some(now.plus_seconds(seconds)),
        }
    }

    /// What is wrong and what to do, for the operator.
    ///
    /// # Errors
    /// That text, where something is wrong.
    pub fn explain(self, calendar: &Calendar, now: Timestamp) -> Result<(), String> {
        const SET: &str = "请校准时间 set the clock: timedatectl set-ntp true";
        let time = calendar.minute(now);
        Err(match self {
            Verdict::Right => return Ok(()),
            Verdict::Early => format!("{time}: 不可能是今天 it can't be that early; {SET}"),
            Verdict::Behind(known) => {
                format!("{time}: 早于最近的订单 earlier than the latest order, {}; {SET}", calendar.minute(known))
            }
            Verdict::Ahead(known) => format!(
                "{time}: 比本店上一次营业晚太多 far later than this shop's last business, {}; {SET}, 确实没错请在柜台页确认 \
                 if it is right, say so on the counter page",
                calendar.minute(known)
            ),
            Verdict::Off(seconds) => {
                let span = span(seconds);
                format!("{time}: 与支付平台的时间相差{} off by {} from the provider's clock; {SET}", span.0, span.1)
            }
        })
    }
}

impl Report {
    /// Of a clock that is right, and was not.
    pub fn history(&self, calendar: &Calendar) -> String {
        let minute = |at| calendar.minute(at);
        match (self.since, self.booked) {
            (Some(since), Some(Booked { orders, first, last })) => format!(
                "时间自 {0} 起正常；此前时间不对时记了 {orders} 单（{1} 到 {2}） right since {0}; {orders} orders were booked \
                 while it was wrong ({1} to {2})",
                minute(since),
                minute(first),
                minute(last)
            ),
            _ => String::new(),
        }
    }
}

/// A span of seconds, in the largest unit that it fills: Chinese and English.
fn span(seconds: i64) -> (String, String) {
    const UNITS: [(i64, &str, &str); 4] =
        [(31_536_000, "年", "years"), (86_400, "天", "days"), (3600, "小时", "h"), (60, "分钟", "min")];
    let seconds = seconds.saturating_abs();
    let fitting = UNITS.into_iter().find(|(length, ..)| seconds >= *length);
    let (length, zh, en) = fitting.unwrap_or((1, "秒", "s"));
    (format!(" {} {zh}", seconds / length), format!("{} {en}", seconds / length))
}

#[cfg(test)]
mod tests;
