//! Talking to providers: starting a payment, closing before cancelling, and the watch that asks about every open
//! payment until it is settled. The provider's answer is the truth; a callback only comes early.

use super::provider::{Callback, Provider, RefundState, Trade, Unanswered};
use super::{Payment, Refund, actions};
use crate::error::{Error, Refusal, Result};
use crate::order::{self, Actor};
use crate::seating::Diner;
use crate::store::Store;
use crate::units::{OrderId, Timestamp};
use futures_util::future::join_all;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Queries and refunds under way at once.
const AT_ONCE: i64 = 8;
/// A provider that says nothing for this long has not answered.
const PATIENCE: Duration = Duration::from_secs(10);
/// The watch looks at least this often, whatever it believes to be due.
const IDLE: Duration = Duration::from_secs(60);
/// While something fails, the watch waits this long.
const TROUBLE: Duration = Duration::from_secs(2);
/// To the next try of giving up an unpaid order.
const EXPIRY_RETRY_SECONDS: i64 = 30;
/// From this on the operator is told that the clocks differ.
const SKEW_SECONDS: i64 = 60;

pub struct Checkout {
    store: Arc<Store>,
    providers: Vec<Arc<dyn Provider>>,
    pay_within_seconds: i64,
    due: Arc<Notify>,
}

async fn ask<T>(call: impl Future<Output = std::result::Result<T, Unanswered>>) -> std::result::Result<T, Unanswered> {
    tokio::time::timeout(PATIENCE, call)
        .await
        .unwrap_or_else(|_| Err(Unanswered(anyhow::anyhow!("no answer within {PATIENCE:?}"))))
}

impl Checkout {
    /// `due` is notified after every commit that gives the watch something to do.
    pub fn new(
        store: Arc<Store>,
        providers: Vec<Arc<dyn Provider>>,
        pay_within_seconds: i64,
        due: Arc<Notify>,
    ) -> Checkout {
        Checkout { store, providers, pay_within_seconds, due }
    }

    pub fn provider_names(&self) -> Vec<&'static str> {
        self.providers.iter().map(|provider| provider.name()).collect()
    }

    fn provider(&self, name: &str) -> Result<&Arc<dyn Provider>> {
        let found = self.providers.iter().find(|provider| provider.name() == name);
        Ok(found.ok_or(Refusal::ProviderUnknown)?)
    }

    /// Starts (or finds) the diner's payment and what the phone has to show for it.
    ///
    /// # Errors
    /// `ProviderUnknown`, `OrderNotFound`, `OrderState`; `PaymentUnconfirmed` when the provider does not answer:
    /// asking again continues the same payment.
    pub async fn start(&self, diner: Diner, order: OrderId, provider: &str) -> Result<Payment> {
        let provider = self.provider(provider)?;
        let (name, within) = (provider.name(), self.pay_within_seconds);
        let payment = self
            .store
            .write(move |tx| {
                let order = order::actions::load_own(tx.conn(), diner.seating, order)?;
                actions::begin(tx, &order, name, tx.now.plus_seconds(within))
            })
            .await?;
        if !payment.code_url.is_empty() {
            return Ok(payment);
        }
        let code_url = ask(provider.create(&payment)).await.map_err(|error| {
            tracing::warn!("{name} did not create payment {}: {error}", payment.out_trade_no);
            Refusal::PaymentUnconfirmed
        })?;
        let (id, url) = (payment.id, code_url.clone());
        self.store.write(move |tx| actions::opened(tx, id, &url)).await?;
        Ok(Payment { code_url, ..payment })
    }

    /// Verifies a callback and books it. `Ok` means that it is on disk and may be answered with success.
    ///
    /// # Errors
    /// `NotFound` for an unknown provider, what verification refused, `OrderNotFound`; or the store's failure, so
    /// that the provider repeats.
    pub async fn take_callback(&self, provider: &str, headers: &hyper::HeaderMap, raw_body: &[u8]) -> Result<()> {
        let provider = self.provider(provider).map_err(|_| Refusal::NotFound)?;
        let callback = provider.verify_callback(headers, raw_body, Timestamp::now())?;
        note_skew(provider.name(), &callback);
        match callback.trade() {
            Trade::Paid(paid) => self.settle(provider, paid).await,
            // Only a query closes a payment: nothing to book.
            Trade::Closed | Trade::NotPaid => Ok(()),
        }
    }

    async fn settle(&self, provider: &Arc<dyn Provider>, paid: &super::provider::Paid) -> Result<()> {
        let (name, method, paid) = (provider.name(), provider.method(), paid.clone());
        let settled = self.store.write(move |tx| actions::settle(tx, name, method, &paid)).await?;
        tracing::debug!("{name} payment: {settled:?}");
        Ok(())
    }

    /// The diner, or the clock, gives up an unpaid order: closed at the provider first, cancelled only then.
    ///
    /// # Errors
    /// `OrderState` when it turns out to be paid, `PaymentUnconfirmed` when a provider does not answer.
    pub async fn withdraw(&self, order: OrderId, actor: Actor, reason: &'static str) -> Result<()> {
        self.close_open(order).await?;
        self.store.write(move |tx| actions::withdraw(tx, order, &actor, reason)).await
    }

    /// Staff cancel or refuse an order; what was paid goes back.
    ///
    /// # Errors
    /// `OrderNotFound`, `OrderState`, `PaymentUnconfirmed`.
    pub async fn cancel_by_staff(&self, order: OrderId, staff: String, reason: String) -> Result<()> {
        self.close_open(order).await?;
        self.store.write(move |tx| actions::cancel_by_staff(tx, order, &staff, &reason)).await
    }

    async fn close_open(&self, order: OrderId) -> Result<()> {
        let open = self.store.read(move |conn| actions::list_open_of_order(conn, order)).await?;
        for payment in open {
            self.close(&payment).await?;
        }
        Ok(())
    }

    /// Query, close, query again: only then is it certain that nobody pays any more.
    async fn close(&self, payment: &Payment) -> Result<()> {
        let provider = self.provider(&payment.provider).map_err(|_| Refusal::PaymentUnconfirmed)?;
        let unanswered = |error: Unanswered| {
            tracing::warn!("{} did not close payment {}: {error}", payment.provider, payment.out_trade_no);
            Error::from(Refusal::PaymentUnconfirmed)
        };
        let mut trade = ask(provider.query(&payment.out_trade_no)).await.map_err(unanswered)?;
        if trade == Trade::NotPaid {
            ask(provider.close(&payment.out_trade_no)).await.map_err(unanswered)?;
            trade = ask(provider.query(&payment.out_trade_no)).await.map_err(unanswered)?;
        }
        match trade {
            Trade::Paid(paid) => self.settle(provider, &paid).await,
            Trade::Closed | Trade::NotPaid => {
                let id = payment.id;
                self.store.write(move |tx| actions::closed(tx, id)).await
            }
        }
    }

    /// Asks about every open payment, at once and then on its schedule, sends refunds, and expires unpaid orders; for
    /// ever.
    pub async fn watch(&self) {
        while let Err(error) = self.store.write(actions::ask_all_now).await {
            tracing::warn!("payment watch: {error:?}");
            tokio::time::sleep(TROUBLE).await;
        }
        loop {
            let pause = self.look().await.unwrap_or_else(|error| {
                tracing::warn!("payment watch: {error:?}");
                TROUBLE
            });
            tokio::select! {
                () = self.due.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// One round; answers how long nothing is due. What fails is put off and holds nothing else up.
    async fn look(&self) -> Result<Duration> {
        let now = Timestamp::now();
        let (payments, refunds) = self.store.read(move |conn| actions::list_due(conn, now, AT_ONCE)).await?;
        join_all(payments.iter().map(|payment| self.check_or_put_off(payment))).await;
        join_all(refunds.iter().map(|refund| self.send_back(refund))).await.into_iter().collect::<Result<()>>()?;
        let expired = self.store.read(move |conn| order::actions::list_expired(conn, now, AT_ONCE)).await?;
        join_all(expired.into_iter().map(|order| self.expire(order))).await.into_iter().collect::<Result<()>>()?;
        let next = self.store.read(actions::find_next_due).await?;
        let wait = next.map_or(IDLE.as_millis() as i64, |at| at.0 - Timestamp::now().0);
        // Never busier than ten rounds a second, also when something stays due.
        Ok(Duration::from_millis(wait.clamp(100, IDLE.as_millis() as i64) as u64))
    }

    async fn check_or_put_off(&self, payment: &Payment) {
        let Err(error) = self.check(payment).await else { return };
        tracing::warn!("payment {} could not be looked at: {error:?}", payment.out_trade_no);
        if let Err(error) = self.ask_again(payment, false).await {
            tracing::warn!("payment {}: {error:?}", payment.out_trade_no);
        }
    }

    async fn expire(&self, order: OrderId) -> Result<()> {
        match self.withdraw(order, Actor::Expiry, "超时未付款").await {
            Ok(()) => {
                tracing::info!("order {order} was not paid in time and is cancelled");
                Ok(())
            }
            // Paid in the last moment, or the provider is silent: a later round sees.
            Err(error) => {
                tracing::debug!("order {order} does not expire yet: {error:?}");
                self.store.write(move |tx| order::actions::postpone_expiry(tx, order, EXPIRY_RETRY_SECONDS)).await
            }
        }
    }

    async fn check(&self, payment: &Payment) -> Result<()> {
        let Ok(provider) = self.provider(&payment.provider) else {
            tracing::warn!("payment {} waits for {}, which is not configured", payment.out_trade_no, payment.provider);
            return self.ask_again(payment, false).await;
        };
        if Timestamp::now() >= payment.expires_at {
            return match self.close(payment).await {
                Err(Error::Refused(Refusal::PaymentUnconfirmed)) => self.ask_again(payment, false).await,
                other => other,
            };
        }
        match ask(provider.query(&payment.out_trade_no)).await {
            Ok(Trade::Paid(paid)) => self.settle(provider, &paid).await,
            Ok(Trade::Closed) => {
                let id = payment.id;
                self.store.write(move |tx| actions::closed(tx, id)).await
            }
            Ok(Trade::NotPaid) => self.ask_again(payment, true).await,
            Err(error) => {
                tracing::warn!("{} did not answer about payment {}: {error}", payment.provider, payment.out_trade_no);
                self.ask_again(payment, false).await
            }
        }
    }

    async fn ask_again(&self, payment: &Payment, answered: bool) -> Result<()> {
        let payment = payment.clone();
        self.store.write(move |tx| actions::ask_again(tx, &payment, answered)).await
    }

    async fn send_back(&self, refund: &Refund) -> Result<()> {
        let said: Option<RefundState> = match self.provider(&refund.provider) {
            Ok(provider) => ask(provider.refund(refund))
                .await
                .inspect_err(|error| tracing::warn!("refund {} is not answered: {error}", refund.out_refund_no))
                .ok(),
            Err(_) => None,
        };
        let refund = refund.clone();
        self.store.write(move |tx| actions::refunded(tx, &refund, said)).await
    }
}

fn note_skew(provider: &str, callback: &Callback) {
    if callback.skew_seconds().abs() >= SKEW_SECONDS {
        tracing::warn!("this PC's clock and {provider}'s differ by {} s: set the clock", callback.skew_seconds());
    }
}
