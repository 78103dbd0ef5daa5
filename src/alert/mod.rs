//! Alerts: an outbox that rings on the counter PC until someone answers.

pub mod actions;
mod sql;

#[cfg(test)]
mod tests;

use crate::units::{AlertId, Fen, OrderId, PayMethod, TableId, Timestamp};
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
    /// 呼叫服务员
    Waiter = 7,
    /// 请求结账
    Bill = 8,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    pub id: AlertId,
    pub kind: Kind,
    /// `None` for what concerns no single order; its number is empty then.
    pub order: Option<OrderId>,
    /// Whose guests call; `None` for all that is about an order or about none.
    pub table: Option<TableId>,
    pub order_number: String,
    /// What the guests wrote on the order: for this PC's popups, and in no frame.
    pub remark: String,
    pub table_number: String,
    /// What the order costs, or for money that came what its whole bill did; zero without an order.
    pub amount: Fen,
    /// How the order was paid; `None` while it is not.
    pub paid_by: Option<PayMethod>,
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
    /// What the guests wrote on it.
    pub remark: String,
}

impl Kind {
    pub fn from_number(number: i64) -> Option<Kind> {
        use Kind::{Bill, NewOrder, Paid, Payment, Reminder, Test, Tunnel, Waiter};
        [NewOrder, Reminder, Payment, Paid, Tunnel, Test, Waiter, Bill].into_iter().find(|kind| *kind as i64 == number)
    }

    /// Whether guests at a table want somebody to come.
    pub fn is_call(self) -> bool {
        matches!(self, Kind::Waiter | Kind::Bill)
    }
}
