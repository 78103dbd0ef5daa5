//! The JSON of API v3 in both directions, and what it means. Amounts are integer fen.

use crate::payment::provider::{Paid, Returned, Trade};
use crate::payment::{Payment, Refund};
use crate::units::{Fen, Timestamp};
use anyhow::{Context, Result, bail, ensure};
use jiff::tz;
use serde::{Deserialize, Serialize};

const CURRENCY: &str = "CNY";
/// Bytes of `description` and of a refund's `reason`, at most.
const DESCRIPTION: usize = 127;
const REASON: usize = 80;
/// Stands for a subject of which nothing is left.
const NAMELESS: &str = "订单";
/// 付款码 wants to know the shop; a till has no number at WeChat Pay, so it gets one of our own.
const STORE: &str = "tablebell";

/// Who we are at WeChat Pay.
#[derive(Clone, Copy)]
pub struct Us<'a> {
    pub app_id: &'a str,
    pub mch_id: &'a str,
    pub notify_url: &'a str,
}

#[derive(Serialize)]
struct Money {
    total: i64,
    currency: &'static str,
}

/// Native and JSAPI. Made of the payment's own fields only, so that a repeat has identical parameters.
#[derive(Serialize)]
pub struct Order<'a> {
    appid: &'a str,
    mchid: &'a str,
    description: String,
    out_trade_no: &'a str,
    time_expire: String,
    notify_url: &'a str,
    amount: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    payer: Option<Payer<'a>>,
}

#[derive(Serialize)]
struct Payer<'a> {
    openid: &'a str,
}

impl<'a> Order<'a> {
    /// `openid`: the payer's, for JSAPI.
    pub fn new(us: Us<'a>, payment: &'a Payment, openid: Option<&'a str>) -> Order<'a> {
        Order {
            appid: us.app_id,
            mchid: us.mch_id,
            description: description(payment),
            out_trade_no: &payment.out_trade_no,
            time_expire: beijing(payment.expires_at),
            notify_url: us.notify_url,
            amount: Money { total: payment.amount.0, currency: CURRENCY },
            payer: openid.map(|openid| Payer { openid }),
        }
    }
}

/// 付款码. No `notify_url`: it is answered at once, and queries tell the rest.
#[derive(Serialize)]
pub struct Charge<'a> {
    appid: &'a str,
    mchid: &'a str,
    description: String,
    out_trade_no: &'a str,
    payer: PayerCode<'a>,
    amount: Money,
    scene_info: Scene,
}

#[derive(Serialize)]
struct PayerCode<'a> {
    auth_code: &'a str,
}

#[derive(Serialize)]
struct Scene {
    store_info: Store,
}

#[derive(Serialize)]
struct Store {
    out_id: &'static str,
}

impl<'a> Charge<'a> {
    pub fn new(us: Us<'a>, payment: &'a Payment, auth_code: &'a str) -> Charge<'a> {
        Charge {
            appid: us.app_id,
            mchid: us.mch_id,
            description: description(payment),
            out_trade_no: &payment.out_trade_no,
            payer: PayerCode { auth_code },
            amount: Money { total: payment.amount.0, currency: CURRENCY },
            scene_info: Scene { store_info: Store { out_id: STORE } },
        }
    }
}

#[derive(Serialize)]
pub struct Close<'a> {
    pub mchid: &'a str,
}

#[derive(Serialize)]
pub struct Reverse<'a> {
    pub appid: &'a str,
    pub mchid: &'a str,
}

#[derive(Serialize)]
pub struct RefundOrder<'a> {
    out_trade_no: &'a str,
    out_refund_no: &'a str,
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
    notify_url: &'a str,
    amount: RefundMoney,
}

#[derive(Serialize)]
struct RefundMoney {
    refund: i64,
    total: i64,
    currency: &'static str,
}

impl<'a> RefundOrder<'a> {
    pub fn new(us: Us<'a>, refund: &'a Refund) -> RefundOrder<'a> {
        RefundOrder {
            out_trade_no: &refund.out_trade_no,
            out_refund_no: &refund.out_refund_no,
            reason: plain(&refund.reason, REASON),
            notify_url: us.notify_url,
            amount: RefundMoney { refund: refund.amount.0, total: refund.total.0, currency: CURRENCY },
        }
    }
}

fn description(payment: &Payment) -> String {
    let text = plain(&payment.subject, DESCRIPTION);
    if text.trim().is_empty() { NAMELESS.into() } else { text }
}

/// Without characters of four bytes in UTF-8 (they refuse emoji), and cut to `most` bytes between two characters.
pub fn plain(text: &str, most: usize) -> String {
    let mut plain = String::new();
    for character in text.chars().filter(|character| character.len_utf8() < 4) {
        if plain.len() + character.len_utf8() > most {
            break;
        }
        plain.push(character);
    }
    plain
}

/// RFC 3339 in UTC+8, whatever this PC's zone is: `2026-11-20T19:03:11+08:00`.
pub fn beijing(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    at.to_zoned(tz::TimeZone::fixed(tz::offset(8))).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// `None` for what is no time: when something happened decides nothing, so that it never spoils a payment.
fn time(text: Option<&str>) -> Option<Timestamp> {
    Some(Timestamp(text?.parse::<jiff::Timestamp>().ok()?.as_millisecond()))
}

#[derive(Deserialize)]
struct CodeUrl {
    code_url: String,
}

#[derive(Deserialize)]
struct PrepayId {
    prepay_id: String,
}

/// What Native answers.
///
/// # Errors
/// Not that.
pub fn code_url(body: &[u8]) -> Result<String> {
    short(serde_json::from_slice::<CodeUrl>(body).context("the answer")?.code_url)
}

/// What JSAPI answers.
///
/// # Errors
/// Not that.
pub fn prepay_id(body: &[u8]) -> Result<String> {
    short(serde_json::from_slice::<PrepayId>(body).context("the answer")?.prepay_id)
}

/// They say at most 64 characters for both; a code of 512 can still be drawn and read.
fn short(text: String) -> Result<String> {
    ensure!((1..=512).contains(&text.len()), "the answer's code has {} bytes", text.len());
    Ok(text)
}

/// An error answer.
#[derive(Deserialize)]
pub struct Problem {
    pub code: String,
    #[serde(default)]
    pub message: String,
}

/// A trade as queries answer it and callbacks carry it. Everything but the number may be missing of an unpaid one.
#[derive(Deserialize)]
pub struct Transaction {
    appid: Option<String>,
    mchid: Option<String>,
    pub out_trade_no: String,
    transaction_id: Option<String>,
    trade_state: String,
    success_time: Option<String>,
    amount: Option<Total>,
}

#[derive(Deserialize)]
struct Total {
    /// What the order costs; `payer_total` beside it is lower when a coupon paid a part.
    total: Option<i64>,
    currency: Option<String>,
}

impl Transaction {
    /// # Errors
    /// Not a transaction.
    pub fn read(json: &[u8]) -> Result<Transaction> {
        serde_json::from_slice(json).context("the transaction")
    }

    /// # Errors
    /// A state that is not documented, or a payment without its number or amount.
    pub fn trade(self, us: Us<'_>) -> Result<Trade> {
        Ok(match self.trade_state.as_str() {
            "SUCCESS" => Trade::Paid(self.paid(us, false)?),
            "REFUND" => Trade::Paid(self.paid(us, true)?),
            "NOTPAY" | "USERPAYING" => Trade::NotPaid,
            "PAYERROR" => Trade::Failed,
            "CLOSED" | "REVOKED" => Trade::Closed,
            other => bail!("the trade's state {other:?} is not known"),
        })
    }

    /// An amount in another currency is not ours, whatever its number: `for_us` is false then, and a person decides.
    fn paid(self, us: Us<'_>, refunded: bool) -> Result<Paid> {
        let amount = self.amount.context("a payment without an amount")?;
        let total = amount.total.context("a payment without a total")?;
        let ours = self.appid.as_deref() == Some(us.app_id) && self.mchid.as_deref() == Some(us.mch_id);
        let transaction_id = self.transaction_id.filter(|id| (1..=64).contains(&id.len()));
        Ok(Paid {
            out_trade_no: self.out_trade_no,
            transaction_id: transaction_id.context("a payment without WeChat Pay's number")?,
            amount: Fen(total),
            for_us: ours && amount.currency.is_none_or(|currency| currency == CURRENCY),
            paid_at: time(self.success_time.as_deref()),
            refunded,
        })
    }
}

/// A refund as answers (`status`) and callbacks (`refund_status`) tell it.
#[derive(Deserialize)]
pub struct RefundAnswer {
    /// In callbacks only.
    pub mchid: Option<String>,
    pub transaction_id: Option<String>,
    pub out_trade_no: String,
    pub out_refund_no: String,
    #[serde(alias = "refund_status")]
    status: String,
    success_time: Option<String>,
    amount: RefundTotal,
}

#[derive(Deserialize)]
struct RefundTotal {
    refund: i64,
}

impl RefundAnswer {
    /// # Errors
    /// Not a refund.
    pub fn read(json: &[u8]) -> Result<RefundAnswer> {
        serde_json::from_slice(json).context("the refund")
    }

    pub fn amount(&self) -> Fen {
        Fen(self.amount.refund)
    }

    /// # Errors
    /// A state that is not documented.
    pub fn state(&self) -> Result<Returned> {
        Ok(match self.status.as_str() {
            "SUCCESS" => Returned::Done(time(self.success_time.as_deref())),
            "PROCESSING" => Returned::Pending,
            "ABNORMAL" => Returned::Abnormal,
            "CLOSED" => Returned::Closed,
            other => bail!("the refund's state {other:?} is not known"),
        })
    }

    /// The state, when this is about the refund that we asked about.
    ///
    /// # Errors
    /// It is about another one, or of another amount.
    pub fn state_of(&self, asked: &Refund) -> Result<Returned> {
        let same = self.out_refund_no == asked.out_refund_no && self.out_trade_no == asked.out_trade_no;
        ensure!(same, "the answer is about another refund");
        ensure!(self.amount() == asked.amount, "the answer is about {} yuan, not {}", self.amount(), asked.amount);
        self.state()
    }
}

#[derive(Deserialize)]
pub struct BillPlace {
    hash_type: String,
    hash_value: String,
    pub download_url: String,
}

impl BillPlace {
    /// # Errors
    /// Not that, or hashed with anything but SHA-1.
    pub fn read(json: &[u8]) -> Result<BillPlace> {
        let place: BillPlace = serde_json::from_slice(json).context("the bill's address")?;
        ensure!(place.hash_type.eq_ignore_ascii_case("SHA1"), "the bill's hash is {:?}, not SHA1", place.hash_type);
        Ok(place)
    }

    /// Whether `bill` is the file that the signed answer announced: the download itself is not signed.
    pub fn announces(&self, bill: &[u8]) -> bool {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, bill);
        self.hash_value.eq_ignore_ascii_case(&hex::encode(digest))
    }
}
