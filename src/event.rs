//! Everything that can be published after a commit: a closed list, in the past tense.

use crate::alert::Alert;
use crate::cart::Cart;
use crate::order::Order;
use crate::units::{AlertId, SeatingId, TableId};
use std::sync::Arc;

#[derive(Debug, Clone)]
pub enum Event {
    CartChanged(Arc<Cart>),
    OrderChanged(Arc<Order>),
    MenuChanged,
    SeatingOpened(TableId, SeatingId),
    SeatingClosed(TableId, SeatingId),
    /// A table's printed code was replaced.
    CodeRotated(TableId),
    AlertRaised(Arc<Alert>),
    AlertAcked(AlertId),
    /// A payment or refund has work to do now: the payment watch looks at once.
    PaymentDue,
}
