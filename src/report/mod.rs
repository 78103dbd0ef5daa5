//! Reports: what business days brought, and the day close (日结). They only read; a close keeps what was read.
//!
//! # What the words mean
//! **Turnover** of a business day is the money that moved for orders in it: what the ledger booked in, less what it
//! booked out, each on the day it was booked. So a refund lowers the day on which the money went back, a past day never
//! changes any more, parts that went back count, and the figure on the dashboard, in the charts and in the day close is
//! the ledger's to the fen. A member's balance is turnover when it pays for an order; the top-up before is not, though
//! its cash lies in the till (`expectedCash`).
//!
//! **Placed** orders are those made in the day; **valid** are those of them that are paid, not cancelled and not wholly
//! refunded. Dishes and guests are those of valid orders.
//!
//! sky-take-out counts *completed* orders instead, by the day they were made. In a dining room nobody presses 完成 for
//! every table, an order is paid long before or after it is made, and a completed order may be refunded: its figures would
//! never equal the till. Where its web shows a number of ours, the name is the old one and the meaning is this one.

pub mod actions;
mod sql;

use crate::units::{Date, Fen, Timestamp};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// From one instant until before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub from: Timestamp,
    pub to: Timestamp,
}

/// One business day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    pub date: Date,
    pub span: Span,
}

/// A fraction in ten-thousandths; a JSON number such as `0.6667`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ratio(pub i64);

impl Ratio {
    /// Nothing of nothing is 0.
    pub fn of(part: i64, whole: i64) -> Ratio {
        Ratio(divide(part * 10_000, whole))
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = format!("{}.{:04}", self.0 / 10_000, self.0 % 10_000);
        serde_json::from_str::<&RawValue>(&text).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

/// Rounded to the nearest, halves up; 0 when there is nothing to divide by.
fn divide(dividend: i64, divisor: i64) -> i64 {
    if divisor <= 0 { 0 } else { (2 * dividend + divisor).div_euclid(2 * divisor) }
}

/// A day, or several, in the five figures of sky-take-out's dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Overview {
    pub turnover: Fen,
    pub placed: i64,
    pub valid: i64,
    /// Members who joined.
    pub newcomers: i64,
}

impl Overview {
    pub fn completion_rate(&self) -> Ratio {
        Ratio::of(self.valid, self.placed)
    }

    /// Turnover for each valid order.
    pub fn unit_price(&self) -> Fen {
        Fen(divide(self.turnover.0, self.valid))
    }

    pub fn plus(self, other: Overview) -> Overview {
        Overview {
            turnover: self.turnover.plus(other.turnover),
            placed: self.placed + other.placed,
            valid: self.valid + other.valid,
            newcomers: self.newcomers + other.newcomers,
        }
    }
}

/// A dish by what was sold of it; `amount` is its list price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DishSold {
    pub name: String,
    pub quantity: i64,
    pub amount: Fen,
}

/// What came and went by one way of paying.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Method {
    /// `wechat`, `alipay`, `cash`, `terminal`, `balance`, …
    pub method: String,
    pub name: String,
    pub payments: Fen,
    /// Positive.
    pub refunds: Fen,
    pub net: Fen,
}

impl Method {
    fn of(method: String) -> Method {
        let name = method_name(&method).to_owned();
        Method { method, name, payments: Fen::ZERO, refunds: Fen::ZERO, net: Fen::ZERO }
    }

    /// Positive amounts came, negative ones went.
    fn add(&mut self, amount: Fen) {
        match amount >= Fen::ZERO {
            true => self.payments = self.payments.plus(amount),
            false => self.refunds = self.refunds.minus(amount),
        }
        self.net = self.net.plus(amount);
    }
}

/// What people at the counter call one way of paying: a provider's money is one pot however it came.
pub fn method_key(provider: &str, channel: &str) -> String {
    match channel {
        CASH | "terminal" | "balance" => channel.to_owned(),
        _ => provider.to_owned(),
    }
}

fn method_name(method: &str) -> &str {
    match method {
        CASH => "现金",
        "terminal" => "刷卡",
        "balance" => "会员余额",
        provider => crate::payment::spoken_name(provider),
    }
}

const CASH: &str = "cash";

/// Sums by way of paying, in the order of their keys.
pub fn sum_methods(moved: &[(String, String, Fen)]) -> Vec<Method> {
    let mut methods = std::collections::BTreeMap::new();
    for (provider, channel, amount) in moved {
        let key = method_key(provider, channel);
        methods.entry(key.clone()).or_insert_with(|| Method::of(key)).add(*amount);
    }
    methods.into_values().collect()
}

/// What a day's reductions and fees were, all positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Adjusted {
    pub discounts: Fen,
    pub free: Fen,
    pub fees: Fen,
}

/// What members paid at the counter for their cards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Topups {
    pub count: i64,
    pub paid: Fen,
    /// What was put on the cards, in yuan and in uses.
    pub amount: Fen,
    pub uses: i64,
    pub methods: Vec<Method>,
}

/// The orders' own account of a day's money, to hold against the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settled {
    /// Amounts of the orders that were paid in the day, one by one; not those whose money had come before.
    pub orders: Fen,
    /// Amounts of bills' parts that were paid in the day.
    pub parts: Fen,
    /// Money that came and paid for neither: for an order that was over or paid already, or of another amount.
    pub extra: Fen,
    /// Positive.
    pub refunds: Fen,
}

impl Settled {
    pub fn net(&self) -> Fen {
        self.orders.plus(self.parts).plus(self.extra).minus(self.refunds)
    }
}

/// One business day as the counter closes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DayReport {
    pub day: String,
    /// Placed.
    pub orders: i64,
    pub valid: i64,
    pub cancelled: i64,
    pub guests: i64,
    /// As the orders account for it: see `Settled`.
    pub turnover: Fen,
    pub methods: Vec<Method>,
    pub refunds: Fen,
    /// Money that pays for no order: a person looks at it.
    pub extra: Fen,
    /// The orders that were paid in the day: `gross − discounts − free + fees` is what they cost.
    pub gross: Fen,
    pub discounts: Fen,
    pub free: Fen,
    pub fees: Fen,
    pub dishes: Vec<DishSold>,
    pub topups: Topups,
    /// The sum of the ledger's entries.
    pub ledger: Fen,
    /// `turnover − ledger`: 0.00, or something is wrong.
    pub difference: Fen,
    /// What the till has of this day, without the float: cash that came for orders and top-ups, less what went back.
    pub expected_cash: Fen,
}

/// What a report is made of.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    pub placed: i64,
    pub valid: i64,
    pub cancelled: i64,
    pub guests: i64,
    pub settled: Settled,
    pub gross: Fen,
    pub adjusted: Adjusted,
    /// (provider, channel, amount) of the ledger's entries, payments and refunds apart.
    pub moved: Vec<(String, String, Fen)>,
    pub dishes: Vec<DishSold>,
    pub topups: Topups,
    pub ledger: Fen,
}

impl DayReport {
    pub fn of(date: Date, parts: Parts) -> DayReport {
        let turnover = parts.settled.net();
        let methods = sum_methods(&parts.moved);
        let cash = |methods: &[Method]| methods.iter().find(|one| one.method == CASH).map_or(Fen::ZERO, |one| one.net);
        DayReport {
            day: date.to_string(),
            orders: parts.placed,
            valid: parts.valid,
            cancelled: parts.cancelled,
            guests: parts.guests,
            turnover,
            expected_cash: cash(&methods).plus(cash(&parts.topups.methods)),
            methods,
            refunds: parts.settled.refunds,
            extra: parts.settled.extra,
            gross: parts.gross,
            discounts: parts.adjusted.discounts,
            free: parts.adjusted.free,
            fees: parts.adjusted.fees,
            dishes: parts.dishes,
            topups: parts.topups,
            ledger: parts.ledger,
            difference: turnover.minus(parts.ledger),
        }
    }
}

/// An hour of a business day on the store's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hour {
    /// `18:00`.
    pub hour: String,
    pub turnover: Fen,
    /// Placed.
    pub orders: i64,
}

/// What somebody has counted and signed.
#[derive(Debug, Clone)]
pub struct Close {
    pub at: Timestamp,
    pub by: String,
    pub cash: Fen,
    pub note: String,
    /// The `DayReport` as it was then.
    pub report: Box<RawValue>,
    pub then: Then,
}

/// What a later look is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Then {
    pub ledger: Fen,
    pub expected_cash: Fen,
}

impl Close {
    /// What was counted beyond what there should have been; negative where it was less.
    pub fn difference(&self) -> Fen {
        self.cash.minus(self.then.expected_cash)
    }
}

/// Closes a day.
#[derive(Debug, Clone)]
pub struct Closing {
    pub cash: Fen,
    pub note: String,
    /// Takes the place of an earlier close.
    pub again: bool,
}

#[cfg(test)]
mod tests;
