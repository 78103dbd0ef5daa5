//! Orders: what a party has asked the kitchen for, and how far it has come.

pub mod actions;
mod price;
mod sql;
pub mod state;

use crate::error::{OrderReason, Refusal};
use crate::menu::Choice;
use crate::units::{CuisineId, DinerId, Fen, OrderId, PayMethod, SeatingId, TableId, Timestamp};
pub use price::{Adjustment, AdjustmentKind, Company, Fees};
pub use state::{Input, Pay, State, Status};

/// Characters of a remark on an order, at most.
pub const MAX_REMARK: usize = 200;
/// Heads at one table, at most.
pub const MAX_DINERS: i64 = 999;
/// A diner may urge once in this many seconds (docs/protocol.md §2).
pub const URGE_SECONDS: i64 = 60;

#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    pub id: OrderId,
    pub number: String,
    pub table: TableId,
    pub table_number: String,
    pub seating: SeatingId,
    pub state: State,
    /// `None` while unpaid.
    pub pay_method: Option<PayMethod>,
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
            (Status::Cancelled, _) => Err(Refusal::OrderState(OrderReason::Cancelled)),
            (_, Pay::Paid | Pay::Refunded) => Err(Refusal::OrderState(OrderReason::Paid)),
            (_, Pay::Unpaid) => Ok(()),
        }
    }
}

/// 先付后吃 or 先吃后付.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum PayMode {
    First,
    Later,
}

#[cfg(test)]
mod tests;
