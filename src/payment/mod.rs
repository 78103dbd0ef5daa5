//! Payments: how an order's money comes in, and back. The rules are docs/payments.md's "Design rules".

pub mod actions;
pub mod balance;
pub mod ending;
pub mod ledger;
pub mod owed;
pub mod provider;
pub mod reconcile;
pub mod refund;
pub mod review;
pub mod settle;
mod sql;
pub mod state;
pub mod unclaimed;

use crate::actor::Actor;
use crate::units::{Fen, OrderId, PartId, PayMethod, PaymentId, RefundId, Timestamp};
pub use state::{PaymentState, RefundState};
use std::fmt;
use std::str::FromStr;

/// Nobody has scanned a code that was made less than so long ago.
const SAME_PRESS_SECONDS: i64 = 3;

/// Whose payments no provider knows: coins, notes, and the bank's own terminal.
pub const COUNTER: &str = "counter";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub id: PaymentId,
    /// What it pays.
    pub target: Target,
    /// Whom people ask about it: its own order, or of a part the bill's first one.
    pub about: OrderId,
    pub provider: String,
    pub channel: Channel,
    /// Our number at the provider, 6–32 of `[0-9A-Za-z]`; never used for anything else.
    pub out_trade_no: String,
    /// What the payer reads: stays as it was, because a repeated creation must be identical.
    pub subject: String,
    /// The payer's id at the provider, for `Channel::Page`; the member's, for `Channel::Balance`. Never logged.
    pub payer: String,
    pub amount: Fen,
    pub state: PaymentState,
    /// What `create` answered; empty before.
    pub code: String,
    pub transaction_id: Option<String>,
    /// What the payer really paid; `None` while nothing is known to have come.
    pub received: Option<Fen>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub closed_at: Option<Timestamp>,
}

impl Payment {
    /// A code that somebody may have scanned by now. Presses at the same moment, and those that were sent again because
    /// their answer was lost, share one.
    fn was_shown(&self, now: Timestamp) -> bool {
        self.channel == Channel::Code
            && !self.code.is_empty()
            && now.seconds_since(self.created_at) >= SAME_PRESS_SECONDS
    }

    /// Ended without money before its time was over: the payer's side has failed, or somebody here has ended it.
    pub fn has_failed(&self) -> bool {
        self.state == PaymentState::Closed && self.closed_at.is_some_and(|at| at < self.expires_at)
    }
}

/// What can be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Order(OrderId),
    Part(PartId),
}

impl Target {
    pub fn part(self) -> Option<PartId> {
        match self {
            Target::Order(_) => None,
            Target::Part(part) => Some(part),
        }
    }
}

/// How the payer and the money meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// The phone shows or opens a code of the provider's (WeChat Native, Alipay precreate).
    Code,
    /// A page inside WeChat calls its own payment (JSAPI).
    Page,
    /// 付款码: the counter reads the payer's code.
    Scan,
    /// Coins and notes into the till.
    Cash,
    /// The bank's own card terminal at the counter.
    Terminal,
    /// A member's prepaid balance.
    Balance,
}

names!(Channel {
    Code = "code",
    Page = "jsapi",
    Scan = "scan",
    Cash = "cash",
    Terminal = "terminal",
    Balance = "balance",
});

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub id: RefundId,
    pub payment: PaymentId,
    pub provider: String,
    pub out_trade_no: String,
    pub transaction_id: Option<String>,
    /// Ours, 6–64 of `[0-9A-Za-z]`: a repeat with it is the same refund.
    pub out_refund_no: String,
    pub amount: Fen,
    /// What the payment it is taken from brought in.
    pub total: Fen,
    pub reason: String,
    pub cause: Cause,
    pub state: RefundState,
    pub tries: i64,
    /// Whose share of a bill goes back; `None` where it is all the payment's own order's.
    pub order: Option<OrderId>,
}

/// Why money goes back.
#[derive(Debug, Clone, Copy)]
pub struct Why<'a> {
    /// What people read.
    pub reason: &'a str,
    pub cause: &'a Cause,
    pub actor: &'a Actor,
}

/// What has asked for a refund. The same cause sends nothing out of a payment twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// All that was left of it had to go back.
    Whole,
    /// This order was cancelled.
    Cancel(OrderId),
    /// This refund did not go.
    Retry(RefundId),
    /// Staff wanted it, in the request of this name.
    Staff(String),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Whole => f.write_str("whole"),
            Cause::Cancel(order) => write!(f, "cancel {order}"),
            Cause::Retry(refund) => write!(f, "retry {refund}"),
            Cause::Staff(op_id) => write!(f, "staff {op_id}"),
        }
    }
}

/// What is no cause's text.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no cause of a refund")]
pub struct UnknownCause(String);

impl FromStr for Cause {
    type Err = UnknownCause;

    fn from_str(text: &str) -> Result<Cause, UnknownCause> {
        let cause = match text.split_once(' ') {
            None if text == "whole" => Some(Cause::Whole),
            Some(("cancel", order)) => order.parse().ok().map(Cause::Cancel),
            Some(("retry", refund)) => refund.parse().ok().map(Cause::Retry),
            Some(("staff", op_id)) => Some(Cause::Staff(op_id.to_owned())),
            _ => None,
        };
        cause.ok_or_else(|| UnknownCause(text.to_owned()))
    }
}

/// `payMethod` of an order that was paid this way.
pub fn pay_method(provider: &str, channel: Channel) -> PayMethod {
    match (provider, channel) {
        ("wechat", _) => PayMethod::Wechat,
        ("alipay", _) => PayMethod::Alipay,
        (_, Channel::Cash) => PayMethod::Cash,
        (_, Channel::Terminal) => PayMethod::Terminal,
        (_, Channel::Balance) => PayMethod::Balance,
        (_, Channel::Code | Channel::Page | Channel::Scan) => PayMethod::Other,
    }
}

/// Seconds to the next query of a payment this old: every 2 s in the first minute, then backing off.
pub fn query_interval(age_seconds: i64) -> i64 {
    match age_seconds {
        ..60 => 2,
        60..300 => 10,
        _ => 30,
    }
}

/// When a payment that was closed is looked at once more: a code that was shown may outlive its closing (Alipay knows
/// no trade before the payer scans, so there is nothing to close), and nobody's money is to be missed.
pub fn next_look_at_closed(closed_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    const AFTER_SECONDS: [i64; 5] = [60, 300, 900, 3600, 7800];
    AFTER_SECONDS.into_iter().map(|seconds| closed_at.plus_seconds(seconds)).find(|at| *at > now)
}

/// Seconds to the next try of a refund or of a provider that did not answer.
pub fn retry_interval(tries: i64) -> i64 {
    (5 << tries.clamp(0, 7)).min(600)
}

/// How people at the counter call a provider.
pub fn spoken_name(provider: &str) -> &str {
    match provider {
        "wechat" => "微信支付",
        "alipay" => "支付宝",
        "demo" => "演示支付",
        "member" => "会员余额",
        other => other,
    }
}

/// Whose payer's code (付款码) this is: WeChat's begin 10–15 and have 18 digits, Alipay's begin 25–30 and have 16–24.
pub fn provider_of_payer_code(code: &str) -> Option<&'static str> {
    if !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match (code.get(..2)?.parse().ok()?, code.len()) {
        (10..=15, 18) => Some("wechat"),
        (25..=30, 16..=24) => Some("alipay"),
        _ => None,
    }
}

#[cfg(test)]
pub(crate) mod tests;
