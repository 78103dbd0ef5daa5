//! What waits for a person: money that is not what we asked for, and refunds that did not go. Each item names the few
//! ways out of it, and one tap takes one.

pub mod answer;
mod sql;

use super::Payment;
use crate::alert;
use crate::error::Result;
use crate::store::Tx;
use crate::units::{Fen, OrderId, PaymentId, RefundId, ReviewId, Timestamp};
use rusqlite::Connection;

/// An item with what a person needs to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    pub id: ReviewId,
    pub kind: Kind,
    pub payment: PaymentId,
    pub refund: Option<RefundId>,
    pub order: OrderId,
    pub order_number: String,
    pub table_number: String,
    pub provider: String,
    pub out_trade_no: String,
    /// What was asked for.
    pub asked: Fen,
    /// What came or went, where that is known; of all notices together.
    pub amount: Option<Fen>,
    pub reason: String,
    /// How many have raised it.
    pub notices: i64,
    pub raised_at: Timestamp,
    pub resolution: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Another amount than we asked for came.
    Amount,
    /// Paid to another merchant or app.
    Merchant,
    /// A transaction that belongs to another payment, or a second one of the same.
    Transaction,
    /// When we first heard of the money, it or a part of it had gone back.
    RefundedBefore,
    /// Money went back that we had not sent.
    RefundedElsewhere,
    /// The provider tells of one of our refunds what does not agree with it.
    RefundNotice,
    /// The payer's account can't take a refund.
    RefundAbnormal,
    /// The provider gave a refund up.
    RefundClosed,
    /// The provider does not take a refund.
    RefundRefused,
}

/// A way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Take it as paid.
    Accept,
    /// Send back what came.
    Refund,
    /// There is nothing to do here.
    Dismiss,
    /// Refund again, with a new number.
    Retry,
    /// The money is back with the payer by other means: book that.
    HandedBack,
}

names!(Kind {
    Amount = "amount",
    Merchant = "merchant",
    Transaction = "transaction",
    RefundedBefore = "refunded_before",
    RefundedElsewhere = "refunded_elsewhere",
    RefundNotice = "refund_notice",
    RefundAbnormal = "refund_abnormal",
    RefundClosed = "refund_closed",
    RefundRefused = "refund_refused",
});

impl Kind {
    /// Whether each notice is money of its own, so that all of them have to be looked after.
    fn adds_up(self) -> bool {
        matches!(self, Kind::Transaction | Kind::RefundedElsewhere)
    }

    /// The ways out, the usual one first.
    pub fn actions(self) -> &'static [Action] {
        match self {
            Kind::Amount => &[Action::Refund, Action::Accept],
            Kind::Merchant | Kind::RefundNotice => &[Action::Dismiss],
            Kind::Transaction | Kind::RefundedElsewhere => &[Action::HandedBack, Action::Dismiss],
            Kind::RefundedBefore => &[Action::HandedBack, Action::Accept, Action::Dismiss],
            Kind::RefundAbnormal | Kind::RefundClosed | Kind::RefundRefused => {
                &[Action::Retry, Action::HandedBack, Action::Dismiss]
            }
        }
    }
}

names!(Action {
    Accept = "accept",
    Refund = "refund",
    Dismiss = "dismiss",
    Retry = "retry",
    HandedBack = "handed_back",
});

/// Why a person is needed.
pub struct Question<'a> {
    pub kind: Kind,
    pub refund: Option<RefundId>,
    pub amount: Option<Fen>,
    /// What makes the same question the same: a transaction, a refund's number.
    pub reference: &'a str,
    pub reason: &'a str,
}

/// Puts the question on the counter's list and rings. While it is open, more of its kind about the same payment is
/// counted there and rings no more. `false` when this very one was asked before.
pub fn raise(tx: &mut Tx<'_>, payment: &Payment, question: &Question<'_>) -> Result<bool> {
    if sql::has_notice(tx.conn(), payment.id, question)? {
        return Ok(false);
    }
    let (id, is_new) = match sql::find_open_like(tx.conn(), payment.id, question)? {
        Some(open) => (open, false),
        None => (sql::insert_review(tx.conn(), payment.id, question, tx.now)?, true),
    };
    sql::insert_notice(tx.conn(), payment.id, id, question)?;
    if !is_new {
        sql::count_notice(tx.conn(), id, question.amount.filter(|_| question.kind.adds_up()))?;
        return Ok(true);
    }
    let (number, order, reason) = (&payment.out_trade_no, payment.about, question.reason);
    tracing::error!("payment {number} of order {order} needs a person: {reason}");
    alert::actions::raise_payment(tx, order, reason)?;
    Ok(true)
}

/// What nobody has decided yet, oldest first.
pub fn list_open(conn: &Connection) -> Result<Vec<Review>> {
    sql::list_open(conn)
}

/// When nothing about the order's money is left to decide, nothing rings for it.
fn silence(tx: &mut Tx<'_>, order: OrderId, by: &str) -> Result<()> {
    match sql::has_open(tx.conn(), order)? {
        true => Ok(()),
        false => alert::actions::acknowledge_payment(tx, order, by),
    }
}

/// What of a payment has gone back elsewhere, as far as that is still a question.
pub fn sum_elsewhere(conn: &Connection, payment: PaymentId) -> Result<Fen> {
    sql::sum_open_notices(conn, payment, Kind::RefundedElsewhere)
}

/// The money of a refund is back after all: nobody has to decide any more.
pub fn close_for_refund(tx: &mut Tx<'_>, order: OrderId, refund: RefundId) -> Result<()> {
    match sql::advance_resolved_of_refund(tx.conn(), refund, tx.now)? {
        true => silence(tx, order, "provider"),
        false => Ok(()),
    }
}
