//! Payments: how an order's money comes in, and back. The rules are payments.md's "Design rules".

pub mod actions;
pub mod checkout;
pub mod provider;
mod sql;

use crate::units::{Fen, OrderId, PaymentId, RefundId, Timestamp};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub id: PaymentId,
    pub order: OrderId,
    pub provider: String,
    /// Our number at the provider, 6–32 of `[0-9A-Za-z]`; never used for anything else.
    pub out_trade_no: String,
    pub amount: Fen,
    pub state: PaymentState,
    pub code_url: String,
    pub transaction_id: Option<String>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentState {
    /// Our row is on disk, the provider may or may not know it yet.
    Creating,
    /// The payer can pay.
    Open,
    Paid,
    /// Can't be paid any more.
    Closed,
    /// Paid, but not what or to whom we asked: a person decides.
    NeedsReview,
}

impl PaymentState {
    pub const ALL: [(PaymentState, &'static str); 5] = [
        (PaymentState::Creating, "creating"),
        (PaymentState::Open, "open"),
        (PaymentState::Paid, "paid"),
        (PaymentState::Closed, "closed"),
        (PaymentState::NeedsReview, "needs_review"),
    ];

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }

    pub fn from_name(name: &str) -> Option<PaymentState> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(state, _)| *state)
    }

    /// Whether the payer may still pay it.
    pub fn is_open(self) -> bool {
        matches!(self, PaymentState::Creating | PaymentState::Open)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub id: RefundId,
    pub payment: PaymentId,
    pub provider: String,
    pub out_trade_no: String,
    /// Deterministic, so that a repeat is the same refund.
    pub out_refund_no: String,
    pub amount: Fen,
    pub reason: String,
    pub tries: i64,
}

/// Seconds to the next query of a payment this old: every 2 s in the first minute, then backing off.
pub fn query_interval(age_seconds: i64) -> i64 {
    match age_seconds {
        ..60 => 2,
        60..300 => 10,
        _ => 30,
    }
}

/// Seconds to the next try of a refund or of a provider that did not answer.
pub fn retry_interval(tries: i64) -> i64 {
    (5 << tries.clamp(0, 7)).min(600)
}

#[cfg(test)]
mod tests;
