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
//! refunded. Dishes and guests are those of valid orders. A dish given free is a piece like any other: what was given is
//! a line of its own, at its list price, of the day on which its order was paid.
//!
//! **Closed** days keep their figures: what becomes of an order after the close (a refund, a cancellation, a late
//! payment) changes nothing of what the day counted, and orders made after it count as they are. Money stays where the
//! ledger has it; what moved in the day after its close is told apart, by method and direction, until it is closed again.
//!
//! **Let go** is what was owed for dishes that were served and nobody asks for any more: 清台 with a reason, or an order
//! cancelled when it was on the table. It was never turnover.
//!
//! sky-take-out counts *completed* orders instead, by the day they were made. In a dining room nobody presses 完成 for
//! every table, an order is paid long before or after it is made, and a completed order may be refunded: its figures would
//! never equal the till. Where its web shows a number of ours, the name is the old one and the meaning is this one.

pub mod actions;
mod sql;

use crate::units::{Date, Fen, Timestamp};
use serde::{Deserialize, Serialize, Serializer};
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

/// A dish by the pieces that were sold of it, free ones among them; `amount` is their list price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DishSold {
    pub name: String,
    pub quantity: i64,
    pub amount: Fen,
}

/// A debt that staff let go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Debt {
    /// The table's number.
    pub table: String,
    pub amount: Fen,
    pub reason: String,
    pub by: String,
}

/// What a day did without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Forgone {
    pub free_pieces: i64,
    /// At list prices.
    pub free_value: Fen,
    pub let_go: Fen,
}

impl Forgone {
    pub fn of(free: &[DishSold], debts: &[Debt]) -> Forgone {
        Forgone {
            free_pieces: free.iter().map(|dish| dish.quantity).sum(),
            free_value: free.iter().map(|dish| dish.amount).sum(),
            let_go: debts.iter().map(|debt| debt.amount).sum(),
        }
    }
}

/// What came and went by one way of paying.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "MethodTotal"))]
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

/// What a cash box has of these.
fn cash(methods: &[Method]) -> Fen {
    methods.iter().find(|one| one.method == CASH).map_or(Fen::ZERO, |one| one.net)
}

/// What came and went since, by method and direction: also where it cancels out.
fn moved_since(then: &[Method], now: &[Method]) -> Vec<Method> {
    let since = |now: &Method| {
        let was = then.iter().find(|then| then.method == now.method);
        let (came, went) = was.map_or((Fen::ZERO, Fen::ZERO), |was| (was.payments, was.refunds));
        let (payments, refunds) = (now.payments.minus(came), now.refunds.minus(went));
        Method { payments, refunds, net: payments.minus(refunds), ..now.clone() }
    };
    now.iter().map(since).filter(|one| (one.payments, one.refunds) != (Fen::ZERO, Fen::ZERO)).collect()
}

/// Each as what came or went in all.
fn netted(methods: &[Method]) -> Vec<Method> {
    let net = |one: &Method| {
        let mut sum = Method { payments: Fen::ZERO, refunds: Fen::ZERO, net: Fen::ZERO, ..one.clone() };
        sum.add(one.net);
        sum
    };
    methods.iter().map(net).collect()
}

/// What a day's reductions and fees were, all positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Adjusted {
    pub discounts: Fen,
    pub free: Fen,
    pub fees: Fen,
}

/// What members paid at the counter for their cards, less what they were paid back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Topups {
    pub count: i64,
    pub paid: Fen,
    /// What was put on the cards, in yuan and in uses.
    pub amount: Fen,
    pub uses: i64,
    pub methods: Vec<Method>,
    /// Those among them that nobody paid for.
    pub gifts: Gifts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Gifts {
    pub count: i64,
    pub amount: Fen,
    pub uses: i64,
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
#[cfg_attr(test, derive(ts_rs::TS))]
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
    /// Dishes of the orders that were paid in the day that were given free: `free` is what they took off them.
    pub free_dishes: Vec<DishSold>,
    pub free_pieces: i64,
    /// At list prices.
    pub free_value: Fen,
    pub debts: Vec<Debt>,
    /// The sum of `debts`.
    pub let_go: Fen,
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
    pub free_dishes: Vec<DishSold>,
    pub debts: Vec<Debt>,
    pub topups: Topups,
    pub ledger: Fen,
}

impl DayReport {
    pub fn of(date: Date, parts: Parts) -> DayReport {
        let turnover = parts.settled.net();
        let methods = sum_methods(&parts.moved);
        let forgone = Forgone::of(&parts.free_dishes, &parts.debts);
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
            free_dishes: parts.free_dishes,
            free_pieces: forgone.free_pieces,
            free_value: forgone.free_value,
            debts: parts.debts,
            let_go: forgone.let_go,
            topups: parts.topups,
            ledger: parts.ledger,
            difference: turnover.minus(parts.ledger),
        }
    }
}

/// An hour of a business day on the store's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
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

/// What a later look is compared with: of the report that was kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Then {
    pub orders: i64,
    pub ledger: Fen,
    pub expected_cash: Fen,
    pub methods: Vec<Method>,
    pub topups: TopupsThen,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TopupsThen {
    pub methods: Vec<Method>,
    /// Closes of before they were told apart also netted what came and what went.
    gifts: Option<Gifts>,
}

impl Then {
    pub fn of(report: &DayReport) -> Then {
        let topups = TopupsThen { methods: report.topups.methods.clone(), gifts: Some(report.topups.gifts) };
        let DayReport { orders, ledger, expected_cash, .. } = *report;
        Then { orders, ledger, expected_cash, methods: report.methods.clone(), topups }
    }
}

/// A day's money as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    pub ledger: Fen,
    pub methods: Vec<Method>,
    /// Those of top-ups.
    pub topups: Vec<Method>,
}

impl Money {
    pub fn is_idle(&self) -> bool {
        self.methods.is_empty() && self.topups.is_empty()
    }

    pub fn expected_cash(&self) -> Fen {
        cash(&self.methods).plus(cash(&self.topups))
    }
}

/// What of a closed day's money moved after its close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Later {
    /// Of the ledger in all.
    pub ledger: Fen,
    /// In the till, top-ups with it.
    pub cash: Fen,
    pub methods: Vec<Method>,
    pub topups: Vec<Method>,
}

impl Close {
    /// What was counted beyond what there should have been; negative where it was less.
    pub fn difference(&self) -> Fen {
        self.cash.minus(self.then.expected_cash)
    }

    pub fn later(&self, now: &Money) -> Later {
        let Then { ledger, expected_cash, methods, topups, .. } = &self.then;
        let topups = match topups.gifts {
            Some(_) => moved_since(&topups.methods, &now.topups),
            None => moved_since(&netted(&topups.methods), &netted(&now.topups)),
        };
        Later {
            ledger: now.ledger.minus(*ledger),
            cash: now.expected_cash().minus(*expected_cash),
            methods: moved_since(methods, &now.methods),
            topups,
        }
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
