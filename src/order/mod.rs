//! Orders: what a party has asked the kitchen for, and how far it has come.

pub mod actions;
mod price;
mod sql;
pub mod state;

use crate::error::Refusal;
use crate::menu::Choice;
use crate::units::{CuisineId, DinerId, Fen, OrderId, SeatingId, TableId, Timestamp};
pub use price::{Adjustment, AdjustmentKind, Company, Fees};
pub use state::{Input, Pay, State, Status};

/// Characters of a remark on an order, at most.
pub const MAX_REMARK: usize = 200;
/// Heads at one table, at most.
pub const MAX_DINERS: i64 = 999;
/// A diner may urge once in this many seconds (wire.md §2).
pub const URGE_SECONDS: i64 = 60;

#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    pub id: OrderId,
    pub number: String,
    pub table: TableId,
    pub table_number: String,
    pub seating: SeatingId,
    pub state: State,
    /// 1 WeChat, 2 Alipay, 9 the demo provider; `None` while unpaid.
    pub pay_method: Option<i64>,
    /// Its items and adjustments.
    pub amount: Fen,
    /// 打包: the party takes it away.
    pub packed: bool,
    pub remark: String,
    pub diners_count: Option<i64>,
    pub cancel_reason: String,
    pub created_at: Timestamp,
    /// When an unpaid order is given up; `None` for one that is paid after the meal.
    pub pay_before: Option<Timestamp>,
    pub paid_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub urged_at: Option<Timestamp>,
    pub items: Vec<Item>,
    pub adjustments: Vec<Adjustment>,
}

/// One line of an order, with the name and price it had when it was ordered.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub cuisine: CuisineId,
    pub name: String,
    pub kind: i64,
    pub unit_price: Fen,
    pub quantity: i64,
    pub options: Vec<Choice>,
    pub remark: String,
    pub diner: DinerId,
}

impl Order {
    /// # Errors
    /// `OrderState` when nothing is to be paid for it any more.
    pub fn check_unpaid(&self) -> Result<(), Refusal> {
        match (self.state.status, self.state.pay) {
            (Status::Cancelled, _) => Err(Refusal::OrderState("订单已取消")),
            (_, Pay::Paid | Pay::Refunded) => Err(Refusal::OrderState("订单已付款")),
            (_, Pay::Unpaid) => Ok(()),
        }
    }
}

/// 先付后吃 or 先吃后付.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PayMode {
    First,
    Later,
}

/// Who moved an order, for its `order_event` row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    Diner(DinerId),
    Staff(String),
    Provider(String),
    /// The clock: an order nobody paid in time.
    Expiry,
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Actor::Diner(id) => write!(f, "diner {id}"),
            Actor::Staff(name) => write!(f, "staff {name}"),
            Actor::Provider(name) => write!(f, "provider {name}"),
            Actor::Expiry => f.write_str("expiry"),
        }
    }
}

#[cfg(test)]
mod tests;
