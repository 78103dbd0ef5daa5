//! The demo provider: a payment platform in miniature with books, a pay page and signed callbacks, so that a shop can
//! be tried without a merchant account. Everything that a real provider does to us, it does too: it calls back over
//! HTTP on the tunnel listener, late, repeatedly, all at once or never.

mod sql;

use crate::error::{OrderReason, Refusal, Result};
use crate::payment::provider::{
    BillRow, CallError, Callback, Called, LineReport, Notice, Paid, Present, Proof, Provider, Returned, Trade,
};
use crate::payment::{Channel, Payment, Refund};
use crate::secret;
use crate::store::Store;
use crate::units::{Date, Fen, Timestamp};
use aws_lc_rs::hmac;
use futures_util::future::{BoxFuture, join_all};
use hyper::HeaderMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

pub const NAME: &str = "demo";
const MERCHANT: &str = "tablebell-demo";
/// A callback this far from our clock is a replay (docs/payments.md, rule 9).
const MAX_SKEW_SECONDS: i64 = 300;
/// What real providers do when we don't answer 200, shortened.
const REPEATS: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(5), Duration::from_secs(15)];

/// How the callback of a payment reaches us, chosen on the pay page's URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Deliver {
    #[default]
    Once,
    /// Five times, one after the other.
    Repeat,
    /// Fifty times at once.
    Concurrent,
    /// After five seconds.
    Late,
    /// Never: only a query finds the payment.
    Lost,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    merchant: String,
    out_trade_no: String,
    transaction_id: String,
    amount: i64,
    state: String,
}

pub struct Demo {
    store: Arc<Store>,
    key: hmac::Key,
    /// `http://…` of the LAN listener, for the pay page.
    lan: String,
    /// `http://…` of the tunnel listener, for callbacks.
    tunnel: String,
    http: reqwest::Client,
    since: Timestamp,
}

impl Demo {
    pub fn new(store: Arc<Store>, key: &str, lan: String, tunnel: String) -> Demo {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(5))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            // A kept connection can cross the listener's closing it; each callback opens its own.
            .pool_max_idle_per_host(0)
            // It calls this PC only: reading the system's certificates would cost every start 40 ms and 4 MiB.
            .tls_certs_only([])
            .build()
            .expect("a client without certificates has nothing to load");
        Demo {
            store,
            key: hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()),
            lan,
            tunnel,
            http,
            since: Timestamp::now(),
        }
    }

    /// The amount and whether it is paid, for the pay page.
    ///
    /// # Errors
    /// `OrderNotFound` for a number the books don't have.
    pub async fn look_up(&self, out_trade_no: &str) -> Result<(Fen, bool)> {
        let number = out_trade_no.to_owned();
        let trade = self.store.read(move |conn| sql::find_trade(conn, &number)).await?;
        let trade = trade.ok_or(Refusal::OrderNotFound)?;
        Ok((trade.amount, trade.state == "SUCCESS"))
    }

    /// The payer has pressed the button. Sends the callback as `deliver` says, in the background.
    ///
    /// # Errors
    /// `OrderNotFound`; `OrderState` when the trade is closed.
    pub async fn pay(self: &Arc<Self>, out_trade_no: &str, deliver: Deliver) -> Result<()> {
        let number = out_trade_no.to_owned();
        let transaction = format!("demo{}", secret::random_code());
        let trade = self
            .store
            .write(move |tx| {
                sql::find_trade(tx.conn(), &number)?.ok_or(Refusal::OrderNotFound)?;
                sql::advance_paid(tx.conn(), &number, &transaction, tx.now)?;
                Ok(sql::find_trade(tx.conn(), &number)?.ok_or(Refusal::OrderNotFound)?)
            })
            .await?;
        let Some(transaction_id) = trade.transaction_id else {
            return Err(Refusal::OrderState(OrderReason::PaymentClosed).into());
        };
        let notice = Message {
            merchant: MERCHANT.into(),
            out_trade_no: out_trade_no.to_owned(),
            transaction_id,
            amount: trade.amount.0,
            state: "SUCCESS".into(),
        };
        tokio::spawn(self.clone().deliver(serde_json::to_string(&notice)?, deliver));
        Ok(())
    }

    async fn deliver(self: Arc<Self>, body: String, deliver: Deliver) {
        match deliver {
            Deliver::Once => self.notify_until_taken(&body).await,
            Deliver::Late => {
                tokio::time::sleep(Duration::from_secs(5)).await;
                self.notify_until_taken(&body).await;
            }
            Deliver::Repeat => {
                for _ in 0..5 {
                    self.notify(&body).await;
                }
            }
            Deliver::Concurrent => {
                join_all((0..50).map(|_| self.notify(&body))).await;
            }
            Deliver::Lost => {}
        }
    }

    async fn notify_until_taken(&self, body: &str) {
        for pause in REPEATS {
            if self.notify(body).await {
                return;
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// One signed callback; `true` when it was answered with success.
    async fn notify(&self, body: &str) -> bool {
        let timestamp = (Timestamp::now().0 / 1000).to_string();
        let nonce = secret::random_code();
        let request = self
            .http
            .post(format!("{}/pay/notify/{NAME}", self.tunnel))
            .header("content-type", "application/json")
            .header("demo-signature", sign(&self.key, &timestamp, &nonce, body.as_bytes()))
            .header("demo-timestamp", timestamp)
            .header("demo-nonce", nonce)
            .body(body.to_owned());
        match request.send().await {
            Ok(answer) => answer.status().is_success(),
            Err(error) => {
                tracing::debug!("demo callback: {error}");
                false
            }
        }
    }

    fn read_callback(
        &self,
        headers: &HeaderMap,
        raw_body: &[u8],
        now: Timestamp,
    ) -> std::result::Result<Callback, Refusal> {
        let sent_at = self.verify(headers, raw_body).ok_or(Refusal::BadSignature)?;
        let skew_seconds = sent_at - now.0 / 1000;
        if skew_seconds.abs() >= MAX_SKEW_SECONDS {
            return Err(Refusal::StaleCallback);
        }
        let Ok(message) = serde_json::from_slice::<Message>(raw_body) else {
            return Ok(Callback::verified(Notice::unknown("no message", None), skew_seconds));
        };
        let notice = match message.state.as_str() {
            "SUCCESS" => Notice::Trade(Trade::Paid(Paid {
                for_us: message.merchant == MERCHANT,
                out_trade_no: message.out_trade_no,
                transaction_id: message.transaction_id,
                amount: Fen(message.amount),
                paid_at: None,
                refunded: false,
            })),
            "CLOSED" => Notice::Trade(Trade::Closed),
            other => Notice::unknown(other, Some(&message.out_trade_no)),
        };
        Ok(Callback::verified(notice, skew_seconds))
    }

    fn verify(&self, headers: &HeaderMap, raw_body: &[u8]) -> Option<i64> {
        let text = |name: &str| headers.get(name)?.to_str().ok();
        let timestamp = text("demo-timestamp")?;
        let signature = hex::decode(text("demo-signature")?).ok()?;
        let message = message(timestamp, text("demo-nonce")?, raw_body);
        hmac::verify(&self.key, &message, &signature).ok()?;
        timestamp.parse().ok()
    }
}

/// Timestamp, nonce and the raw body, each closed by a line feed.
fn message(timestamp: &str, nonce: &str, raw_body: &[u8]) -> Vec<u8> {
    [timestamp.as_bytes(), b"\n", nonce.as_bytes(), b"\n", raw_body, b"\n"].concat()
}

/// HMAC-SHA256 over the message, in hex: what the header `Demo-Signature` carries.
fn sign(key: &hmac::Key, timestamp: &str, nonce: &str, raw_body: &[u8]) -> String {
    let tag = hmac::sign(key, &message(timestamp, nonce, raw_body));
    hex::encode(tag)
}

impl Provider for Demo {
    fn name(&self) -> &'static str {
        NAME
    }

    fn offers(&self, channel: Channel) -> bool {
        channel == Channel::Code
    }

    fn create<'a>(&'a self, payment: &'a Payment) -> BoxFuture<'a, Called<String>> {
        Box::pin(async move {
            let (number, amount) = (payment.out_trade_no.clone(), payment.amount);
            self.store.write(move |tx| sql::insert_trade(tx.conn(), &number, amount)).await.map_err(unanswered)?;
            Ok(format!("{}/demo-pay/{}", self.lan, payment.out_trade_no))
        })
    }

    fn present(&self, payment: &Payment, _now: Timestamp) -> Present {
        Present { code_url: payment.code.clone(), jsapi: None }
    }

    fn charge<'a>(&'a self, _payment: &'a Payment, _payer_code: &'a str) -> BoxFuture<'a, Called<Trade>> {
        Box::pin(async { Err(refused("the demo reads no payer's codes")) })
    }

    fn verify_callback<'a>(
        &'a self,
        headers: &'a HeaderMap,
        raw_body: &'a [u8],
        now: Timestamp,
    ) -> BoxFuture<'a, std::result::Result<Callback, Refusal>> {
        Box::pin(async move { self.read_callback(headers, raw_body, now) })
    }

    fn taken(&self) -> &'static str {
        r#"{"code":"SUCCESS","message":"OK"}"#
    }

    fn query<'a>(&'a self, out_trade_no: &'a str) -> BoxFuture<'a, Called<Trade>> {
        Box::pin(async move {
            let number = out_trade_no.to_owned();
            let trade = self.store.read(move |conn| sql::find_trade(conn, &number)).await.map_err(unanswered)?;
            Ok(match trade {
                Some(sql::DemoTrade { amount, transaction_id: Some(transaction_id), paid_at, .. }) => {
                    let out_trade_no = out_trade_no.to_owned();
                    Trade::Paid(Paid { out_trade_no, transaction_id, amount, for_us: true, paid_at, refunded: false })
                }
                Some(trade) if trade.state == "CLOSED" => Trade::Closed,
                Some(_) | None => Trade::NotPaid,
            })
        })
    }

    fn close<'a>(&'a self, payment: &'a Payment) -> BoxFuture<'a, Called<()>> {
        Box::pin(async move {
            let number = payment.out_trade_no.clone();
            self.store.write(move |tx| sql::advance_closed(tx.conn(), &number)).await.map_err(unanswered)
        })
    }

    fn refund<'a>(&'a self, refund: &'a Refund) -> BoxFuture<'a, Called<Returned>> {
        Box::pin(async move {
            let (number, refund_number, amount) =
                (refund.out_trade_no.clone(), refund.out_refund_no.clone(), refund.amount);
            let at = self
                .store
                .write(move |tx| {
                    sql::insert_refund(tx.conn(), &refund_number, &number, amount, tx.now).map(|()| tx.now)
                })
                .await
                .map_err(unanswered)?;
            Ok(Returned::Done(Some(at)))
        })
    }

    fn query_refund<'a>(&'a self, _refund: &'a Refund) -> BoxFuture<'a, Called<Option<Returned>>> {
        // Asking again with the same number changes nothing here.
        Box::pin(async { Ok(None) })
    }

    fn bill(&self, day: Date) -> BoxFuture<'_, Called<Vec<BillRow>>> {
        Box::pin(async move {
            let (from, to) = crate::payment::provider::bill_day(day).ok_or_else(|| refused("no such day"))?;
            self.store.read(move |conn| sql::list_bill(conn, from, to)).await.map_err(unanswered)
        })
    }

    fn prove(&self) -> BoxFuture<'_, Vec<Proof>> {
        Box::pin(async { Vec::new() })
    }

    fn line(&self) -> LineReport {
        LineReport { ok: true, since: self.since, detail: String::new(), skew_seconds: None }
    }
}

fn refused(message: &str) -> CallError {
    CallError::Refused { code: "DEMO".into(), message: message.into() }
}

fn unanswered(error: crate::error::Error) -> CallError {
    CallError::Unanswered(anyhow::anyhow!("{error:?}"))
}
