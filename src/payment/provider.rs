//! Payment providers behind one trait without default methods, so that a new one can forget nothing.

use super::{Channel, Payment, Refund};
use crate::error::Refusal;
use crate::units::{Date, Fen, Timestamp};
use futures_util::future::BoxFuture;
use hyper::HeaderMap;
use serde_json::Value;

/// A number that no trade has: asking for it tells whether the provider answers, and both sides' signatures are right.
pub const NO_TRADE: &str = "tablebellnotrade0000";

/// What the provider says about a trade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trade {
    /// Not paid, or the provider does not know it yet.
    NotPaid,
    /// The payer's own payment failed (a limit, an empty account, a change of mind): nothing came. Of a payer's code
    /// nothing will come any more.
    Failed,
    Closed,
    Paid(Paid),
}

/// A payment the provider vouches for, by a verified callback or an answered query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    pub out_trade_no: String,
    pub transaction_id: String,
    /// What the order cost at the provider; coupons that the provider pays for are part of it.
    pub amount: Fen,
    /// Whether merchant and app are the ones we are.
    pub for_us: bool,
    /// When the provider took the money; `None` when it does not say.
    pub paid_at: Option<Timestamp>,
    /// The money, or a part of it, has gone back already.
    pub refunded: bool,
}

/// What a provider's callback tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    Trade(Trade),
    Refund(RefundNotice),
    /// Genuine, and of a kind or form that we do not know: the query tells. What it calls itself, and which trade it is
    /// about as far as it says so.
    Unknown {
        what: String,
        out_trade_no: Option<String>,
    },
}

impl Notice {
    /// `what` is the provider's text, or names what is missing.
    pub fn unknown(what: &str, out_trade_no: Option<&str>) -> Notice {
        const MOST_CHARS: usize = 64;
        let what = what.chars().take(MOST_CHARS).collect();
        let out_trade_no = out_trade_no.filter(|number| !number.is_empty()).map(str::to_owned);
        Notice::Unknown { what, out_trade_no }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundNotice {
    pub out_trade_no: String,
    /// The provider's number of the trade, where it says it.
    pub transaction_id: Option<String>,
    pub out_refund_no: String,
    /// Whether merchant and app are the ones we are.
    pub for_us: bool,
    pub amount: Fen,
    /// Whether `amount` is all that has gone back of the trade, not this refund alone.
    pub is_running_total: bool,
    pub state: Returned,
}

/// A callback whose signature was checked over its raw bytes: only `provider/` builds one.
#[derive(Debug, Clone)]
pub struct Callback {
    notice: Notice,
    /// How far the provider's clock is ahead of ours, in seconds.
    skew_seconds: i64,
}

impl Callback {
    /// What a provider's `verify_callback` has found genuine.
    pub fn verified(notice: Notice, skew_seconds: i64) -> Callback {
        Callback { notice, skew_seconds }
    }

    pub fn notice(&self) -> &Notice {
        &self.notice
    }

    pub fn skew_seconds(&self) -> i64 {
        self.skew_seconds
    }
}

/// How far a provider says that a refund is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    /// The money is back, at this time if the provider says it.
    Done(Option<Timestamp>),
    /// Accepted; ask again.
    Pending,
    /// The payer's account can't take it: needs a person.
    Abnormal,
    /// Given up by the provider; nothing went back.
    Closed,
}

impl Returned {
    /// Without when.
    pub fn name(self) -> &'static str {
        match self {
            Returned::Done(_) => "done",
            Returned::Pending => "pending",
            Returned::Abnormal => "abnormal",
            Returned::Closed => "closed",
        }
    }
}

/// What the operator is told about a provider's line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineReport {
    /// Whether the last call was answered; `true` before the first.
    pub ok: bool,
    pub since: Timestamp,
    /// Why not.
    pub detail: String,
    /// How far the provider's clock is ahead of ours, in seconds; `None` until it has answered.
    pub skew_seconds: Option<i64>,
}

/// Why a call brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The provider could not be reached, did not say, or what came is not its own. Nothing is known: ask again with
    /// the same number.
    #[error("{0:#}")]
    Unanswered(#[from] anyhow::Error),
    /// The provider says no, and nothing has happened. `code` is the provider's own.
    #[error("{code}: {message}")]
    Refused { code: String, message: String },
}

pub type Called<T> = Result<T, CallError>;

/// What the payer's phone needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Present {
    /// Shown as a QR code or opened as a page; empty for a payment inside the provider's own app.
    pub code_url: String,
    /// The signed arguments of `WeixinJSBridge`'s `getBrandWCPayRequest`.
    pub jsapi: Option<Value>,
}

/// From the first instant of a day to the first after it, as both providers count days: in UTC+8, wherever the shop is.
pub fn bill_day(day: Date) -> Option<(Timestamp, Timestamp)> {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    let begins = |day: Date| {
        let midnight = day.to_zoned(zone.clone()).ok()?;
        Some(Timestamp(midnight.timestamp().as_millisecond()))
    };
    Some((begins(day)?, begins(day.tomorrow().ok()?)?))
}

/// One line of a provider's bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillRow {
    pub kind: BillKind,
    pub out_trade_no: String,
    pub transaction_id: String,
    /// Our refund number; empty for a payment.
    pub out_refund_no: String,
    /// Positive, for refunds too.
    pub amount: Fen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillKind {
    Payment,
    Refund,
}

/// What became of proving one field of an account: the provider's word, or ours where it said nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// As the configuration calls it.
    pub field: &'static str,
    pub verdict: Verdict,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Proved(String),
    Wrong(String),
    /// Nothing that can be asked shows it, and why.
    Unproved(String),
}

pub trait Provider: Send + Sync {
    fn name(&self) -> &'static str;

    /// Whether payments can be made this way here.
    fn offers(&self, channel: Channel) -> bool;

    /// Announces the trade and answers what `present` makes the payer's screen of: a code's URL, or for
    /// `Channel::Page` the provider's number of the trade. A repeat with the same payment is the same trade.
    fn create<'a>(&'a self, payment: &'a Payment) -> BoxFuture<'a, Called<String>>;

    /// What the payer's phone needs of a payment whose `code` is known.
    fn present(&self, payment: &Payment, now: Timestamp) -> Present;

    /// Charges a payer's code. `NotPaid` when the payer has to type a password first: then only queries tell.
    fn charge<'a>(&'a self, payment: &'a Payment, payer_code: &'a str) -> BoxFuture<'a, Called<Trade>>;

    /// # Errors
    /// `BadSignature`, `StaleCallback`, `BadRequest`: the callback is answered with that and has no effect.
    /// `Undecipherable` when it is genuine but our key does not open it. What is genuine and not understood is
    /// `Notice::Unknown`: a refusal would only make the provider repeat it for a day.
    fn verify_callback<'a>(
        &'a self,
        headers: &'a HeaderMap,
        raw_body: &'a [u8],
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Callback, Refusal>>;

    /// The body that says "taken" to the provider, with status 200.
    fn taken(&self) -> &'static str;

    fn query<'a>(&'a self, out_trade_no: &'a str) -> BoxFuture<'a, Called<Trade>>;

    /// Asks that the trade can no longer be paid; one of a payer's code is reversed. Whether it was paid before, only
    /// a query tells.
    fn close<'a>(&'a self, payment: &'a Payment) -> BoxFuture<'a, Called<()>>;

    /// A repeat with the same refund number is the same refund.
    fn refund<'a>(&'a self, refund: &'a Refund) -> BoxFuture<'a, Called<Returned>>;

    /// How far a refund is; `None` when the provider does not know it.
    fn query_refund<'a>(&'a self, refund: &'a Refund) -> BoxFuture<'a, Called<Option<Returned>>>;

    /// Every payment and refund of a day by the provider's calendar (UTC+8), as the provider booked them.
    fn bill(&self, day: Date) -> BoxFuture<'_, Called<Vec<BillRow>>>;

    /// Proves the fields of the account that a query about a trade does not show. No money can move by it.
    fn prove(&self) -> BoxFuture<'_, Vec<Proof>>;

    /// Whether the provider answers, and how far its clock is from ours.
    fn line(&self) -> LineReport;
}
