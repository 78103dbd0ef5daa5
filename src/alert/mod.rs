//! Alerts: an outbox that rings on the counter PC until someone answers.

pub mod actions;
pub mod desktop;
mod loudspeaker;
mod notice;
pub mod popup;
mod queue;
pub mod sentence;
pub mod speaker;
mod sql;
mod voice;
pub mod worker;

#[cfg(test)]
mod tests;

use crate::units::{AlertId, Fen, OrderId, Timestamp};
use serde::{Deserialize, Serialize};

/// What the counter PC speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
pub enum Language {
    #[default]
    #[serde(rename = "zh")]
    Chinese,
    #[serde(rename = "en")]
    English,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 来单提醒: an order has become due to the kitchen.
    NewOrder = 1,
    /// 客户催单
    Reminder = 2,
    /// A payment that needs a person.
    Payment = 3,
    /// Money that has come for an order that the kitchen already has: said once, and done.
    Paid = 4,
    /// Payment callbacks cannot come.
    Tunnel = 5,
    /// Is the speaker heard?
    Test = 6,
}

/// By which way money came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Wechat,
    Alipay,
    Cash,
    Terminal,
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    pub id: AlertId,
    pub kind: Kind,
    /// `None` for what concerns no single order; number and table are empty then.
    pub order: Option<OrderId>,
    pub order_number: String,
    pub table_number: String,
    /// What the order costs; zero without one.
    pub amount: Fen,
    /// How the order was paid; `None` while it is not.
    pub paid_by: Option<Method>,
    /// Since when the guests have waited: the payment, or the order where it is paid after the meal.
    pub waiting_since: Timestamp,
    /// What a person should know of it; empty where the kind says all.
    pub note: String,
    pub raised_at: Timestamp,
    pub heard_at: Option<Timestamp>,
}

/// One line of an alert's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dish {
    pub name: String,
    pub quantity: i64,
}

impl Kind {
    pub fn from_number(number: i64) -> Option<Kind> {
        [Kind::NewOrder, Kind::Reminder, Kind::Payment, Kind::Paid, Kind::Tunnel, Kind::Test]
            .into_iter()
            .find(|kind| *kind as i64 == number)
    }
}

impl Method {
    /// Of an order's `payMethod` (wire.md §1.7 and our additions).
    pub fn from_number(number: i64) -> Method {
        match number {
            1 => Method::Wechat,
            2 => Method::Alipay,
            3 => Method::Cash,
            4 => Method::Terminal,
            _ => Method::Other,
        }
    }
}
