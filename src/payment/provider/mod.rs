//! Payment providers behind one trait without default methods, so that a new one can forget nothing.

pub mod demo;

use super::{Payment, Refund};
use crate::error::Refusal;
use crate::units::{Fen, Timestamp};
use futures_util::future::BoxFuture;
use hyper::HeaderMap;

/// What the provider says about a trade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trade {
    /// Not paid, or the provider does not know it yet.
    NotPaid,
    Closed,
    Paid(Paid),
}

/// A payment the provider vouches for, by a verified callback or an answered query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    pub out_trade_no: String,
    pub transaction_id: String,
    pub amount: Fen,
    /// Whether merchant and app are the ones we are.
    pub for_us: bool,
}

/// A callback whose signature was checked over its raw bytes: only a provider can build one.
#[derive(Debug, Clone)]
pub struct Callback {
    trade: Trade,
    /// How far the provider's clock is ahead of ours, in seconds.
    skew_seconds: i64,
}

impl Callback {
    pub fn trade(&self) -> &Trade {
        &self.trade
    }

    pub fn skew_seconds(&self) -> i64 {
        self.skew_seconds
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundState {
    Done,
    /// Accepted; ask again.
    Pending,
    /// Needs a person.
    Abnormal,
}

/// The provider could not be reached or did not say; nothing is known. Ask again with the same number.
#[derive(Debug, thiserror::Error)]
#[error("{0:#}")]
pub struct Unanswered(#[from] pub anyhow::Error);

pub trait Provider: Send + Sync {
    fn name(&self) -> &'static str;

    /// `payMethod` on the wire.
    fn method(&self) -> i64;

    /// Announces the trade and answers what the payer scans. A repeat with the same payment is the same trade.
    fn create<'a>(&'a self, payment: &'a Payment) -> BoxFuture<'a, Result<String, Unanswered>>;

    /// # Errors
    /// `BadSignature`, `StaleCallback`, `BadRequest`: the callback is answered with that and has no effect.
    fn verify_callback(&self, headers: &HeaderMap, raw_body: &[u8], now: Timestamp) -> Result<Callback, Refusal>;

    fn query<'a>(&'a self, out_trade_no: &'a str) -> BoxFuture<'a, Result<Trade, Unanswered>>;

    /// Asks that the trade can no longer be paid. Whether it was paid before, only a query tells.
    fn close<'a>(&'a self, out_trade_no: &'a str) -> BoxFuture<'a, Result<(), Unanswered>>;

    /// A repeat with the same refund number is the same refund.
    fn refund<'a>(&'a self, refund: &'a Refund) -> BoxFuture<'a, Result<RefundState, Unanswered>>;
}
