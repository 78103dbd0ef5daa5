//! WeChat Pay, API v3 (its part of docs/payments.md): Native codes, JSAPI inside WeChat, 付款码 at the counter.
//!
//! What is believed, and why:
//!
//! * An answer of 2xx without WeChat Pay's valid signature is forged: nothing is known (`Unanswered`).
//! * An answer of 4xx says that something did *not* happen. Where believing that could lose money (a paid trade held
//!   for unpaid, a charge or a refund made twice, a trade held for closed), it needs the signature too; unsigned it is
//!   `Unanswered`, and the caller asks again. A creation's or a bill's refusal is believed unsigned: nobody has the
//!   code of a trade whose creation was refused, and a bill moves no money. WeChat Pay may leave its signature off
//!   the 401 that says ours is wrong.
//! * 429, its codes for "too often" and for its own failures, 3xx and 5xx say nothing (`Unanswered`).
//! * "Already paid", and every refusal of a charge or refund, is decided by a query, never by the code: an earlier try
//!   with the same number may have worked unheard.

mod bill;
mod callback;
mod certificates;
mod cipher;
mod signature;
mod wire;

use super::keys::{SigningKey, VerifyingKey};
use super::line::{Answer, Line, Request};
use super::{trial, verdict};
use crate::error::Refusal;
use crate::payment::provider::{
    BillRow, CallError, Callback, Called, LineReport, Present, Proof, Provider, Returned, Trade, Verdict,
};
use crate::payment::{Channel, Payment, Refund};
use crate::secret;
use crate::units::{Date, Timestamp};
use anyhow::{Result, anyhow, ensure};
use bytes::Bytes;
use certificates::Certificates;
use futures_util::future::BoxFuture;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use hyper::{HeaderMap, Method};
use reqwest::header::HeaderValue;
use serde::Serialize;
use signature::{Distrust, Merchant, lines};
use wire::{BillPlace, Charge, Close, Order, Problem, RefundAnswer, RefundOrder, Reverse, Transaction, Us};

pub const NAME: &str = "wechat";
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// How far ahead the expiry of an order is at least.
const LEAST_SECONDS: i64 = 60;
/// Characters of an error's message that are logged, at most.
const MESSAGE: usize = 200;

/// Codes that say "later": nothing is known then.
const LATER: [&str; 8] = [
    "SYSTEM_ERROR",
    "SYSTEMERROR",
    "BANK_ERROR",
    "BANKERROR",
    "FREQUENCY_LIMITED",
    "FREQUENCY_LIMIT_EXCEED",
    "RATELIMIT_EXCEEDED",
    "RATELIMIT_EXCEED",
];
const NO_TRADE: [&str; 3] = ["ORDER_NOT_EXIST", "ORDERNOTEXIST", "ORDER_NOT_EXISTS"];
const NO_REFUND: [&str; 4] = ["RESOURCE_NOT_EXISTS", "RESOURCE_NOT_EXIST", "REFUND_NOT_EXISTS", "REFUNDNOTEXIST"];
const ALREADY_PAID: [&str; 2] = ["ORDERPAID", "ORDER_PAID"];
const ALREADY_CLOSED: [&str; 2] = ["ORDER_CLOSED", "ORDERCLOSED"];
/// The payer is typing a password.
const TYPING: &str = "USERPAYING";
/// Nothing was paid or refunded on that day.
const NO_BILL: &str = "NO_STATEMENT_EXIST";
/// Asked too early.
const BILL_IN_THE_MAKING: &str = "STATEMENT_CREATING";

/// A merchant's account. Holds secrets, and so cannot be printed.
pub struct Settings {
    pub app_id: String,
    pub mch_id: String,
    /// Of the merchant's certificate, in hex.
    pub merchant_serial: String,
    pub merchant_key: SigningKey,
    pub apiv3_key: [u8; 32],
    /// WeChat Pay's public key with its id (`PUB_KEY_ID_…`); `None` for a merchant with platform certificates only.
    pub public_key: Option<(String, VerifyingKey)>,
    /// Where callbacks reach us from outside: https, without a query.
    pub notify_url: String,
    pub base_url: String,
    pub spare_url: Option<String>,
    /// Whether WeChat Pay has granted 付款码 on API v3 to this merchant.
    pub payer_codes: bool,
}

impl Settings {
    /// # Errors
    /// Names what cannot be right, in the operator's terms.
    fn check(&self) -> Result<()> {
        let letters = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        ensure!(letters(&self.app_id) && self.app_id.len() <= 32, "the app id {:?} is not one", self.app_id);
        ensure!(
            self.mch_id.bytes().all(|byte| byte.is_ascii_digit()) && (1..=32).contains(&self.mch_id.len()),
            "the merchant number {:?} is not one",
            self.mch_id
        );
        let serial = &self.merchant_serial;
        ensure!(
            serial.bytes().all(|byte| byte.is_ascii_hexdigit()) && (1..=64).contains(&serial.len()),
            "the merchant certificate's serial {serial:?} is not hexadecimal"
        );
        if let Some((id, key)) = &self.public_key {
            let rest = id.strip_prefix("PUB_KEY_ID_");
            ensure!(rest.is_some_and(letters), "the public key's id {id:?} does not begin with PUB_KEY_ID_");
            ensure!(
                !self.merchant_key.is_pair_of(key),
                "the public key is the merchant's own; WeChat Pay's is downloaded from its merchant platform"
            );
        }
        let url = &self.notify_url;
        let secure = ["https://", "http://127.0.0.1", "http://localhost"].iter().any(|begin| url.starts_with(begin));
        ensure!(
            secure && url.len() <= 255 && url.is_ascii() && !url.contains(['?', '#']),
            "the callback address {url:?} has to be https, at most 255 characters, and without a query"
        );
        Ok(())
    }
}

pub struct Wechat {
    settings: Settings,
    line: Line,
    certificates: Certificates,
}

/// What WeChat Pay answered.
enum Reply {
    /// 2xx, and its signature is valid.
    Yes(Bytes),
    No(No),
}

struct No {
    code: String,
    message: String,
    /// Why it is not believed to be WeChat Pay's; `None` when it is.
    distrust: Option<Distrust>,
}

impl No {
    /// Whether WeChat Pay itself says one of these.
    fn says(&self, codes: &[&str]) -> bool {
        self.distrust.is_none() && codes.contains(&self.code.as_str())
    }

    /// For a refusal that does no harm when it is a lie.
    fn refused(self) -> CallError {
        CallError::Refused { code: self.code, message: self.message }
    }

    /// For a refusal that loses money when it is a lie.
    fn refused_if_genuine(self) -> CallError {
        match self.distrust {
            None => self.refused(),
            Some(distrust) => anyhow!("{}: {} – not believed: {distrust}", self.code, self.message).into(),
        }
    }
}

impl Wechat {
    /// # Errors
    /// A setting that cannot work; names it.
    pub fn new(settings: Settings) -> Result<Wechat> {
        settings.check()?;
        let settings = Settings { merchant_serial: settings.merchant_serial.to_ascii_uppercase(), ..settings };
        let bases: Vec<&str> = [settings.base_url.as_str()].into_iter().chain(settings.spare_url.as_deref()).collect();
        let line = Line::new("WeChat Pay", &bases)?;
        Ok(Wechat { settings, line, certificates: Certificates::default() })
    }

    fn us(&self) -> Us<'_> {
        let Settings { app_id, mch_id, notify_url, .. } = &self.settings;
        Us { app_id, mch_id, notify_url }
    }

    /// The headers of a request; `path` with its query.
    fn headers(&self, method: &Method, path: &str, body: &[u8]) -> HeaderMap {
        let Settings { mch_id, merchant_serial, merchant_key, .. } = &self.settings;
        let merchant = Merchant { mch_id, serial: merchant_serial, key: merchant_key };
        let signed = merchant.authorization(method.as_str(), path, body, Timestamp::now(), &secret::random_code());
        let mut headers = HeaderMap::from_iter([(ACCEPT, JSON), (AUTHORIZATION, header(&signed))]);
        if !body.is_empty() {
            headers.insert(CONTENT_TYPE, JSON);
        }
        if let Some((id, _)) = &self.settings.public_key {
            headers.insert("wechatpay-serial", header(id));
        }
        headers
    }

    fn request(&self, method: Method, path: String, body: Vec<u8>) -> Request {
        let headers = self.headers(&method, &path, &body);
        Request { method, path, headers, body: body.into() }
    }

    async fn get(&self, path: String) -> Called<Reply> {
        self.call(self.request(Method::GET, path, Vec::new())).await
    }

    async fn post(&self, path: String, body: &(impl Serialize + Sync)) -> Called<Reply> {
        let body = serde_json::to_vec(body).map_err(anyhow::Error::from)?;
        self.call(self.request(Method::POST, path, body)).await
    }

    /// # Errors
    /// `Unanswered`, also when what came is not WeChat Pay's or says "later".
    async fn call(&self, request: Request) -> Called<Reply> {
        let answer = self.line.send(&request).await?;
        let distrust = self.verify(&answer.headers, &answer.body, Timestamp::now()).await.err();
        match (answer.status, distrust) {
            (200..=299, None) => Ok(Reply::Yes(answer.body)),
            (200..=299, Some(distrust)) => {
                tracing::warn!("an answer to {} {} is refused: {distrust}", request.method, request.path);
                Err(anyhow!("what answers is not believed to be WeChat Pay: {distrust}").into())
            }
            (400..=499, distrust) => Ok(Reply::No(refusal(&request, &answer, distrust)?)),
            (status, _) => Err(anyhow!("WeChat Pay answered {status}").into()),
        }
    }

    async fn announce(&self, payment: &Payment) -> Called<String> {
        let (kind, openid) = match payment.channel {
            Channel::Code => ("native", None),
            Channel::Page => ("jsapi", Some(payment.payer.as_str())),
            other => return Err(anyhow!("{} is not created at WeChat Pay", other.name()).into()),
        };
        checked(&payment.out_trade_no)?;
        // They refuse it, and another time would make it another order.
        if payment.expires_at.seconds_since(Timestamp::now()) <= LEAST_SECONDS {
            return Err(anyhow!("{} expires too soon to be created now", payment.out_trade_no).into());
        }
        let order = Order::new(self.us(), payment, openid);
        match self.post(format!("/v3/pay/transactions/{kind}"), &order).await? {
            Reply::Yes(body) if openid.is_some() => Ok(wire::prepay_id(&body)?),
            Reply::Yes(body) => Ok(wire::code_url(&body)?),
            Reply::No(no) if ALREADY_PAID.contains(&no.code.as_str()) => {
                Err(anyhow!("WeChat Pay says {}: the query tells", no.code).into())
            }
            Reply::No(no) => Err(no.refused()),
        }
    }

    async fn charge_code(&self, payment: &Payment, payer_code: &str) -> Called<Trade> {
        if !self.settings.payer_codes {
            return Err(anyhow!("payer's codes are not switched on for WeChat Pay").into());
        }
        let number = checked(&payment.out_trade_no)?;
        let charge = Charge::new(self.us(), payment, payer_code);
        match self.post("/v3/pay/transactions/codepay".into(), &charge).await? {
            Reply::Yes(body) if serde_json::from_slice::<Problem>(&body).is_ok_and(|it| it.code == TYPING) => {
                Ok(Trade::NotPaid)
            }
            Reply::Yes(body) => self.trade(&body, number),
            // Does no harm when it is a lie: only queries tell from here on.
            Reply::No(no) if no.code == TYPING => Ok(Trade::NotPaid),
            Reply::No(no) => match self.ask(number).await? {
                Trade::Paid(paid) => Ok(Trade::Paid(paid)),
                Trade::NotPaid | Trade::Failed | Trade::Closed => Err(no.refused_if_genuine()),
            },
        }
    }

    async fn ask(&self, out_trade_no: &str) -> Called<Trade> {
        let number = checked(out_trade_no)?;
        let path = format!("/v3/pay/transactions/out-trade-no/{number}?mchid={}", self.settings.mch_id);
        match self.get(path).await? {
            Reply::Yes(body) => self.trade(&body, number),
            Reply::No(no) if no.says(&NO_TRADE) => Ok(Trade::NotPaid),
            Reply::No(no) => Err(no.refused_if_genuine()),
        }
    }

    fn trade(&self, body: &[u8], asked: &str) -> Called<Trade> {
        let transaction = Transaction::read(body)?;
        if transaction.out_trade_no != asked {
            return Err(anyhow!("WeChat Pay's answer is about another trade").into());
        }
        Ok(transaction.trade(self.us())?)
    }

    async fn end(&self, payment: &Payment) -> Called<()> {
        let number = checked(&payment.out_trade_no)?;
        let Us { app_id: appid, mch_id: mchid, .. } = self.us();
        let path = |verb| format!("/v3/pay/transactions/out-trade-no/{number}/{verb}");
        let reply = match payment.channel {
            Channel::Scan => self.post(path("reverse"), &Reverse { appid, mchid }).await?,
            _ => self.post(path("close"), &Close { mchid }).await?,
        };
        match reply {
            Reply::Yes(_) => Ok(()),
            // None of them can be paid any more; which of the three it is, the caller's query tells.
            Reply::No(no) if [&NO_TRADE[..], &ALREADY_PAID, &ALREADY_CLOSED].iter().any(|codes| no.says(codes)) => {
                Ok(())
            }
            Reply::No(no) if no.code == TYPING => Err(anyhow!("the payer is paying just now").into()),
            Reply::No(no) => Err(no.refused_if_genuine()),
        }
    }

    async fn give_back(&self, refund: &Refund) -> Called<Returned> {
        checked(&refund.out_trade_no)?;
        let order = RefundOrder::new(self.us(), refund);
        match self.post("/v3/refund/domestic/refunds".into(), &order).await? {
            Reply::Yes(body) => Ok(RefundAnswer::read(&body)?.state_of(refund)?),
            Reply::No(no) => match self.ask_refund(refund).await {
                Ok(Some(state)) => Ok(state),
                Ok(None) => Err(no.refused_if_genuine()),
                // Whether an earlier try went through, nobody says.
                Err(error) => Err(anyhow!("{}: {}; and its query: {error}", no.code, no.message).into()),
            },
        }
    }

    async fn ask_refund(&self, refund: &Refund) -> Called<Option<Returned>> {
        let number = checked(&refund.out_refund_no)?;
        match self.get(format!("/v3/refund/domestic/refunds/{number}")).await? {
            Reply::Yes(body) => Ok(Some(RefundAnswer::read(&body)?.state_of(refund)?)),
            Reply::No(no) if no.says(&NO_REFUND) => Ok(None),
            Reply::No(no) => Err(no.refused_if_genuine()),
        }
    }

    /// Queries name no app: only a creation shows whether this one may take money for the merchant.
    async fn prove_app_id(&self) -> Verdict {
        let trial = trial(NAME);
        let created = self.announce(&trial).await;
        if created.is_ok() && self.end(&trial).await.is_err() {
            // Nobody has its code, and it ends by itself.
            tracing::debug!("{} was not closed", trial.out_trade_no);
        }
        verdict(created, "商户号可以用它收款 this merchant takes money by it")
    }

    async fn read_bill(&self, day: Date) -> Called<Vec<BillRow>> {
        let place = match self.get(format!("/v3/bill/tradebill?bill_date={day}")).await? {
            Reply::Yes(body) => BillPlace::read(&body)?,
            Reply::No(no) if no.says(&[NO_BILL]) => return Ok(Vec::new()),
            Reply::No(no) if no.code == BILL_IN_THE_MAKING => {
                return Err(anyhow!("WeChat Pay has not made the bill of {day} yet").into());
            }
            Reply::No(no) => return Err(no.refused()),
        };
        let bill = self.line.download(&place.download_url, |path| self.headers(&Method::GET, path, b"")).await?;
        if !place.announces(&bill) {
            return Err(anyhow!("the bill is not the file that WeChat Pay announced (SHA-1)").into());
        }
        Ok(bill::read(&bill)?)
    }
}

/// What was refused, logged with the number by which WeChat Pay's support finds the request.
///
/// # Errors
/// `Unanswered` when it says "later", or is not even of WeChat Pay's form.
fn refusal(request: &Request, answer: &Answer, distrust: Option<Distrust>) -> Called<No> {
    let id = answer.headers.get("request-id").and_then(|id| id.to_str().ok()).unwrap_or("-");
    let Request { method, path, .. } = request;
    let Ok(Problem { code, message }) = serde_json::from_slice(&answer.body) else {
        return Err(anyhow!("answered {} with something that is not WeChat Pay's ({id})", answer.status).into());
    };
    let (code, message) = (short(&code), short(&message));
    // A trade that nobody knows yet is asked about every few seconds.
    if [&NO_TRADE[..], &NO_REFUND, &[TYPING, NO_BILL, BILL_IN_THE_MAKING]].concat().contains(&code.as_str()) {
        tracing::debug!("WeChat Pay to {method} {path}: {code:?} {message:?} (Request-ID {id:?})");
    } else {
        tracing::warn!("WeChat Pay refuses {method} {path}: {code:?} {message:?} (Request-ID {id:?})");
    }
    if answer.status == 429 || LATER.contains(&code.as_str()) {
        return Err(anyhow!("WeChat Pay says {code}: {message}").into());
    }
    Ok(No { code, message, distrust })
}

/// For logs: bounded and on one line.
fn short(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(MESSAGE).collect()
}

/// Our numbers stand in paths as they are.
fn checked(number: &str) -> Result<&str> {
    let plain = (1..=64).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric());
    ensure!(plain, "{number:?} cannot be a number at WeChat Pay");
    Ok(number)
}

fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("`Settings::check` admits letters and digits only")
}

impl Provider for Wechat {
    fn name(&self) -> &'static str {
        NAME
    }

    fn offers(&self, channel: Channel) -> bool {
        match channel {
            Channel::Code | Channel::Page => true,
            Channel::Scan => self.settings.payer_codes,
            Channel::Cash | Channel::Terminal | Channel::Balance => false,
        }
    }

    fn create<'a>(&'a self, payment: &'a Payment) -> BoxFuture<'a, Called<String>> {
        Box::pin(self.announce(payment))
    }

    fn present(&self, payment: &Payment, now: Timestamp) -> Present {
        match payment.channel {
            Channel::Code => Present { code_url: payment.code.clone(), jsapi: None },
            Channel::Page if !payment.code.is_empty() => {
                let Settings { app_id, merchant_key, .. } = &self.settings;
                let (timestamp, nonce) = ((now.0 / 1000).to_string(), secret::random_code());
                let package = format!("prepay_id={}", payment.code);
                let parts = [app_id.as_str(), &timestamp, &nonce, &package];
                let signature = merchant_key.sign(&lines(&parts.map(str::as_bytes)));
                let arguments = serde_json::json!({
                    "appId": app_id,
                    "timeStamp": timestamp,
                    "nonceStr": nonce,
                    "package": package,
                    "signType": "RSA",
                    "paySign": signature,
                });
                Present { code_url: String::new(), jsapi: Some(arguments) }
            }
            _ => Present::default(),
        }
    }

    fn charge<'a>(&'a self, payment: &'a Payment, payer_code: &'a str) -> BoxFuture<'a, Called<Trade>> {
        Box::pin(self.charge_code(payment, payer_code))
    }

    fn verify_callback<'a>(
        &'a self,
        headers: &'a HeaderMap,
        raw_body: &'a [u8],
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Callback, Refusal>> {
        Box::pin(async move {
            let skew_seconds = self.verify(headers, raw_body, now).await.map_err(|distrust| {
                tracing::debug!("a callback that claims to be WeChat Pay's is refused: {distrust}");
                match distrust {
                    Distrust::Stale(_) => Refusal::StaleCallback,
                    Distrust::Unsigned | Distrust::UnknownKey(_) | Distrust::Forged => Refusal::BadSignature,
                }
            })?;
            let notice = callback::read(raw_body, &self.settings.apiv3_key, self.us())?;
            Ok(Callback::verified(notice, skew_seconds))
        })
    }

    fn taken(&self) -> &'static str {
        r#"{"code":"SUCCESS","message":"OK"}"#
    }

    fn query<'a>(&'a self, out_trade_no: &'a str) -> BoxFuture<'a, Called<Trade>> {
        Box::pin(self.ask(out_trade_no))
    }

    fn close<'a>(&'a self, payment: &'a Payment) -> BoxFuture<'a, Called<()>> {
        Box::pin(self.end(payment))
    }

    fn refund<'a>(&'a self, refund: &'a Refund) -> BoxFuture<'a, Called<Returned>> {
        Box::pin(self.give_back(refund))
    }

    fn query_refund<'a>(&'a self, refund: &'a Refund) -> BoxFuture<'a, Called<Option<Returned>>> {
        Box::pin(self.ask_refund(refund))
    }

    fn bill(&self, day: Date) -> BoxFuture<'_, Called<Vec<BillRow>>> {
        Box::pin(self.read_bill(day))
    }

    fn prove(&self) -> BoxFuture<'_, Vec<Proof>> {
        Box::pin(async {
            vec![
                Proof { field: "app_id", verdict: self.prove_app_id().await },
                Proof { field: "apiv3_key_file", verdict: self.prove_apiv3_key().await },
            ]
        })
    }

    fn line(&self) -> LineReport {
        self.line.report()
    }
}

#[cfg(test)]
mod tests;
