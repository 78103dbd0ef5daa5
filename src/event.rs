//! Everything that can be published after a commit: a closed list, in the past tense.

use crate::alert::Alert;
use crate::cart::Cart;
use crate::member::Scanned;
use crate::order::Order;
use crate::seating::Move;
use crate::units::{AlertId, MemberId, SeatingId, TableId};
use std::sync::Arc;

#[derive(Debug, Clone)]
pub enum Event {
    CartChanged(Arc<Cart>),
    OrderChanged(Arc<Order>),
    MenuChanged,
    SeatingOpened(TableId, SeatingId),
    SeatingClosed(TableId, SeatingId),
    /// 转台, 并台: a party sits at the table of this number now.
    SeatingMoved(Move, String),
    /// A table's heads, or another thing that the list of tables tells, has changed.
    TableChanged(TableId),
    /// A table's printed code was replaced.
    CodeRotated(TableId),
    /// What a party has to pay, or how it is cut into parts.
    BillChanged(TableId, SeatingId),
    AlertRaised(Arc<Alert>),
    AlertAcked(AlertId),
    /// A payment or refund has work to do now: the payment watch looks at once.
    PaymentDue,
    /// A member's code was scanned: the member's phones hear what came of it.
    MemberScanned(Arc<Scanned>),
    /// A member's links are worthless from now on.
    MemberCutOff(MemberId),
}
