//! Alipay's open platform, gateway v2, with public keys: calls signed with the app's key, answers and callbacks believed
//! only under Alipay's. The facts are docs/payments.md's "Alipay".

mod answer;
mod bill;
mod callback;
mod sign;
mod trade;

use super::keys::{SigningKey, VerifyingKey};
use super::line::Line;
use super::{trial, verdict};
use crate::error::Refusal;
use crate::payment::provider::{
    BillRow, CallError, Callback, Called, LineReport, Present, Proof, Provider, Returned, Trade, bill_day,
};
use crate::payment::{Channel, Payment, Refund};
use crate::units::{Date, Timestamp};
use answer::Reply;
use anyhow::{Context, anyhow, bail};
use futures_util::future::BoxFuture;
use hyper::HeaderMap;
use serde_json::{Value, json};

pub const NAME: &str = "alipay";

const PRECREATE: &str = "alipay.trade.precreate";
const PAY: &str = "alipay.trade.pay";
const QUERY: &str = "alipay.trade.query";
const CLOSE: &str = "alipay.trade.close";
const CANCEL: &str = "alipay.trade.cancel";
const REFUND: &str = "alipay.trade.refund";
const REFUND_QUERY: &str = "alipay.trade.fastpay.refund.query";
const BILL: &str = "alipay.data.dataservice.bill.downloadurl.query";
const NO_BILL: &str = "isp.bill_not_exist";

/// Who we are at Alipay, and who Alipay is.
pub struct Settings {
    pub app_id: String,
    /// The merchant's own number (PID), 2088….
    pub seller_id: String,
    pub app_key: SigningKey,
    /// Alipay's key, shown on the platform after ours was uploaded; not the app's public key.
    pub alipay_public_key: VerifyingKey,
    /// Where Alipay calls back: public, without a query.
    pub notify_url: String,
    /// The gateway with its path: `https://openapi.alipay.com/gateway.do`.
    pub base_url: String,
    /// Whether payers' codes are charged at the counter.
    pub payer_codes: bool,
}

pub struct Alipay {
    settings: Settings,
    /// The gateway's path, without a query.
    path: String,
    line: Line,
}

impl Alipay {
    /// # Errors
    /// A gateway that is no https address or has a query, a missing number, a callback address with a query, or the
    /// app's own public key in the place of Alipay's.
    pub fn new(settings: Settings) -> anyhow::Result<Alipay> {
        let line = Line::new(NAME, &[&settings.base_url])?;
        let gateway = reqwest::Url::parse(&settings.base_url).context("Alipay's gateway")?;
        if gateway.query().is_some() || gateway.fragment().is_some() {
            bail!("Alipay's gateway is an address without a query");
        }
        if settings.app_id.is_empty() || settings.seller_id.is_empty() {
            bail!("Alipay needs the app's and the seller's number");
        }
        if settings.notify_url.contains(['?', '#']) {
            bail!("Alipay's callback address must not have a query");
        }
        if settings.app_key.is_pair_of(&settings.alipay_public_key) {
            bail!(
                "this is the app's own public key; Alipay's key is the one the platform shows after ours was uploaded"
            );
        }
        Ok(Alipay { path: gateway.path().to_owned(), settings, line })
    }

    /// One call of the gateway. The reply is Alipay's own, and may say no.
    ///
    /// # Errors
    /// `Unanswered`: no answer, or none with a valid signature.
    async fn call(&self, method: &str, business: Value) -> Called<Reply> {
        let request = sign::request(&self.settings, &self.path, method, &business, Timestamp::now())?;
        let answer = self.line.send(&request).await?;
        if answer.status != 200 {
            return Err(anyhow!("{method} was answered with {}", answer.status).into());
        }
        Ok(answer::read(&self.settings.alipay_public_key, &answer.body, method)?)
    }
}

/// What both ways of paying say about the trade. A repeat must be identical, so all of it comes from the stored payment.
fn trade_terms(payment: &Payment) -> Value {
    json!({
        "out_trade_no": payment.out_trade_no,
        "total_amount": payment.amount.to_string(),
        "subject": sign::subject(payment),
        "timeout_express": sign::timeout(payment),
    })
}

fn charge_terms(payment: &Payment, payer_code: &str) -> Value {
    let mut terms = trade_terms(payment);
    terms["scene"] = "bar_code".into();
    terms["auth_code"] = payer_code.into();
    terms
}

impl Provider for Alipay {
    fn name(&self) -> &'static str {
        NAME
    }

    fn offers(&self, channel: Channel) -> bool {
        match channel {
            Channel::Code => true,
            Channel::Scan => self.settings.payer_codes,
            Channel::Page | Channel::Cash | Channel::Terminal | Channel::Balance => false,
        }
    }

    fn create<'a>(&'a self, payment: &'a Payment) -> BoxFuture<'a, Called<String>> {
        Box::pin(async move {
            if payment.channel != Channel::Code {
                return Err(anyhow!("Alipay announces no trade for the channel {}", payment.channel.name()).into());
            }
            trade::created(self.call(PRECREATE, trade_terms(payment)).await?, &payment.out_trade_no)
        })
    }

    fn present(&self, payment: &Payment, _now: Timestamp) -> Present {
        Present { code_url: payment.code.clone(), jsapi: None }
    }

    fn charge<'a>(&'a self, payment: &'a Payment, payer_code: &'a str) -> BoxFuture<'a, Called<Trade>> {
        Box::pin(async move {
            if payment.channel != Channel::Scan || !self.settings.payer_codes {
                return Err(anyhow!("Alipay charges no payer's code for the channel {}", payment.channel.name()).into());
            }
            trade::charged(self.call(PAY, charge_terms(payment, payer_code)).await?, &payment.out_trade_no)
        })
    }

    fn verify_callback<'a>(
        &'a self,
        _headers: &'a HeaderMap,
        raw_body: &'a [u8],
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Callback, Refusal>> {
        Box::pin(async move { callback::verify(&self.settings, raw_body, now) })
    }

    /// Exactly these seven bytes: anything else, a line feed too, makes Alipay repeat for 25 hours.
    fn taken(&self) -> &'static str {
        "success"
    }

    fn query<'a>(&'a self, out_trade_no: &'a str) -> BoxFuture<'a, Called<Trade>> {
        Box::pin(async move {
            let reply = self.call(QUERY, json!({ "out_trade_no": out_trade_no })).await?;
            trade::queried(reply, out_trade_no)
        })
    }

    fn close<'a>(&'a self, payment: &'a Payment) -> BoxFuture<'a, Called<()>> {
        Box::pin(async move {
            // A cancel also gives back what a payer's code has just paid; a close would leave it with us.
            let method = if payment.channel == Channel::Scan { CANCEL } else { CLOSE };
            trade::closed(
                self.call(method, json!({ "out_trade_no": payment.out_trade_no })).await?,
                &payment.out_trade_no,
            )
        })
    }

    fn refund<'a>(&'a self, refund: &'a Refund) -> BoxFuture<'a, Called<Returned>> {
        Box::pin(async move {
            let terms = json!({
                "out_trade_no": refund.out_trade_no,
                "refund_amount": refund.amount.to_string(),
                "out_request_no": refund.out_refund_no,
            });
            if let Some(state) = trade::refunded(self.call(REFUND, terms).await?, refund)? {
                return Ok(state);
            }
            // It was accepted: a query that fails now changes nothing about that.
            Ok(self.query_refund(refund).await.ok().flatten().unwrap_or(Returned::Pending))
        })
    }

    fn query_refund<'a>(&'a self, refund: &'a Refund) -> BoxFuture<'a, Called<Option<Returned>>> {
        Box::pin(async move {
            let terms = json!({ "out_trade_no": refund.out_trade_no, "out_request_no": refund.out_refund_no });
            trade::refund_queried(self.call(REFUND_QUERY, terms).await?, refund)
        })
    }

    fn bill(&self, day: Date) -> BoxFuture<'_, Called<Vec<BillRow>>> {
        Box::pin(async move {
            let terms = json!({ "bill_type": "trade", "bill_date": day.to_string() });
            let url = match trade::bill_url(self.call(BILL, terms).await?) {
                // Said of a bill in the making, and of a day without trades: the latter once it must be out.
                Err(CallError::Refused { code, .. }) if code == NO_BILL && is_out(day, Timestamp::now()) => {
                    return Ok(Vec::new());
                }
                other => other?,
            };
            let file = self.line.download(&url, |_| HeaderMap::new()).await?;
            let rows = tokio::task::spawn_blocking(move || bill::read(&file)).await.context("reading the bill")?;
            Ok(rows.context("Alipay's bill")?)
        })
    }

    /// Whose the app is, every call shows; whose the money would be, one that names the seller does. No trade exists
    /// before a payer scans, so nothing has to be closed.
    fn prove(&self) -> BoxFuture<'_, Vec<Proof>> {
        Box::pin(async {
            let trial = trial(NAME);
            let mut terms = trade_terms(&trial);
            terms["seller_id"] = self.settings.seller_id.as_str().into();
            let called = self.call(PRECREATE, terms).await;
            let created = called.and_then(|reply| trade::created(reply, &trial.out_trade_no));
            let verdict = verdict(created, "应用收的款归它 the app's money is its own");
            vec![Proof { field: "seller_id", verdict }]
        })
    }

    fn line(&self) -> LineReport {
        self.line.report()
    }
}

/// Whether the bill of a day must be there: it is made during the day after.
fn is_out(day: Date, now: Timestamp) -> bool {
    bill_day(day).is_some_and(|(_, end)| now >= end.plus_seconds(24 * 3600))
}

#[cfg(test)]
mod tests;
