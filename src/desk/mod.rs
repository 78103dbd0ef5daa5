//! What the counter PC says and shows of the open alerts, again and again until a person answers.

pub mod desktop;
pub mod popup;
pub mod voice;
pub mod worker;

#[cfg(test)]
mod tests;

use crate::alert::{Alert, Dish};
use crate::units::{AlertId, OrderId};
use std::collections::HashMap;

/// What waits for an answer, and is not put off.
#[derive(Debug, Default)]
pub struct Open {
    /// Oldest first.
    pub alerts: Vec<Alert>,
    pub dishes: HashMap<OrderId, Vec<Dish>>,
}

/// A popup's button.
#[derive(Debug)]
pub enum Answer {
    /// 接单, or 知道了 where there is no order to accept.
    Accept(Vec<AlertId>),
    /// 稍后
    Later(Vec<AlertId>),
}
