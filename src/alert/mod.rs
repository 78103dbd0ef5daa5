//! Alerts: an outbox that rings on the counter PC until someone answers.

pub mod actions;
pub mod popup;
pub mod sentence;
pub mod speaker;
mod sql;
pub mod trial;
pub mod worker;

use crate::units::{AlertId, OrderId, Timestamp};
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
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    pub id: AlertId,
    pub kind: Kind,
    /// `None` for what concerns no single order; number and table are empty then.
    pub order: Option<OrderId>,
    pub order_number: String,
    pub table_number: String,
    /// What a person should know of it; empty where the kind says all.
    pub note: String,
    pub raised_at: Timestamp,
    pub heard_at: Option<Timestamp>,
}

impl Kind {
    pub fn from_number(number: i64) -> Option<Kind> {
        [Kind::NewOrder, Kind::Reminder, Kind::Payment].into_iter().find(|kind| *kind as i64 == number)
    }
}
