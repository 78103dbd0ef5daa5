//! The pay-truth loop: asks about every open payment until it is settled, sends refunds, gives up unpaid orders.

use super::checkout::{Checkout, ask};
use super::provider::Trade;
use super::{Payment, PaymentState, Refund, Source, actions, refund};
use crate::error::{Error, Refusal, Result};
use crate::order::{self, Actor};
use crate::units::OrderId;
use futures_util::future::join_all;
use std::time::Duration;

/// Queries and refunds under way at once.
const AT_ONCE: i64 = 8;
/// Queries a second, at most, whatever is open: providers limit their callers.
const QUERIES_PER_SECOND: u64 = 20;
/// The watch looks at least this often, whatever it believes to be due.
const IDLE: Duration = Duration::from_secs(60);
/// Never busier than ten rounds a second, also when something stays due.
const SHORTEST: Duration = Duration::from_millis(100);
/// While something fails, the watch waits this long.
const TROUBLE: Duration = Duration::from_secs(2);
/// To the next try of giving up an unpaid order.
const EXPIRY_RETRY_SECONDS: i64 = 30;

impl Checkout {
    /// Asks about every open payment, at once and then on its schedule; for ever.
    pub async fn watch(&self) {
        self.ask_all_now().await;
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

    /// After a start, or when a line is back: everything open is asked about now.
    pub async fn ask_all_now(&self) {
        while let Err(error) = self.store.write(actions::ask_all_now).await {
            tracing::warn!("payment watch: {error:?}");
            tokio::time::sleep(TROUBLE).await;
        }
    }

    /// One round; answers how long nothing is due. What fails is put off and holds nothing else up.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn look(&self) -> Result<Duration> {
        let now = self.store.now();
        let was_down: Vec<bool> = self.providers.iter().map(|provider| !provider.line().ok).collect();
        let (payments, refunds) = self.store.read(move |conn| actions::list_due(conn, now, AT_ONCE)).await?;
        join_all(payments.iter().map(|payment| self.check_or_put_off(payment))).await;
        join_all(refunds.iter().map(|refund| self.send_back(refund))).await.into_iter().collect::<Result<()>>()?;
        let expired = self.store.read(move |conn| order::actions::list_expired(conn, now, AT_ONCE)).await?;
        join_all(expired.into_iter().map(|order| self.expire(order))).await.into_iter().collect::<Result<()>>()?;
        for (provider, was_down) in self.providers.iter().zip(was_down) {
            let line = provider.line();
            if was_down && line.ok {
                self.store.write(actions::ask_all_now).await?;
            }
            self.note_skew(provider.name(), line.skew_seconds.unwrap_or(0)).await;
        }
        let next = self.store.read(actions::find_next_due).await?;
        let wait = next.map_or(IDLE.as_millis() as i64, |at| at.0 - self.store.now().0).max(0);
        let pace = Duration::from_millis(1000 / QUERIES_PER_SECOND * payments.len() as u64);
        Ok(Duration::from_millis(wait as u64).clamp(pace.max(SHORTEST), IDLE))
    }

    async fn check_or_put_off(&self, payment: &Payment) {
        let Err(error) = self.check(payment).await else { return };
        match error {
            Error::Refused(Refusal::PaymentUnconfirmed) => {}
            error => tracing::warn!("payment {} could not be looked at: {error:?}", payment.out_trade_no),
        }
        if let Err(error) = self.ask_again(payment, false).await {
            tracing::warn!("payment {}: {error:?}", payment.out_trade_no);
        }
    }

    /// Asks; closes what is expired or no longer wanted.
    ///
    /// # Errors
    /// `PaymentUnconfirmed` when the provider does not answer, or the store's.
    async fn check(&self, payment: &Payment) -> Result<()> {
        let Ok(provider) = self.provider(&payment.provider) else {
            if payment.state == PaymentState::Closed {
                return self.look_again(payment).await;
            }
            tracing::warn!("payment {} waits for {}, which is not configured", payment.out_trade_no, payment.provider);
            return Err(Refusal::PaymentUnconfirmed.into());
        };
        let order = payment.order;
        let wanted = self.store.read(move |conn| actions::is_wanted(conn, order)).await?;
        if payment.state.is_open() && (!wanted || self.store.now() >= payment.expires_at) {
            return self.close(payment).await;
        }
        match ask(provider.query(&payment.out_trade_no)).await {
            Ok(Trade::Paid(paid)) => self.settle(provider, &paid, Source::Query).await,
            Ok(Trade::Closed | Trade::NotPaid) if payment.state == PaymentState::Closed => {
                self.look_again(payment).await
            }
            Ok(Trade::Closed) => {
                let id = payment.id;
                self.store.write(move |tx| actions::closed(tx, id)).await
            }
            Ok(Trade::NotPaid) => self.ask_again(payment, true).await,
            Err(error) => {
                tracing::debug!("{} did not answer about payment {}: {error}", payment.provider, payment.out_trade_no);
                Err(Refusal::PaymentUnconfirmed.into())
            }
        }
    }

    async fn ask_again(&self, payment: &Payment, answered: bool) -> Result<()> {
        let payment = payment.clone();
        self.store.write(move |tx| actions::ask_again(tx, &payment, answered)).await
    }

    async fn look_again(&self, payment: &Payment) -> Result<()> {
        let payment = payment.clone();
        self.store.write(move |tx| actions::look_again(tx, &payment)).await
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

    /// Asks for a refund; one that was asked for before is looked up first.
    async fn send_back(&self, refund: &Refund) -> Result<()> {
        let said = match self.provider(&refund.provider) {
            Ok(provider) => ask(async {
                if refund.tries > 0
                    && let Some(state) = provider.query_refund(refund).await?
                {
                    return Ok(state);
                }
                provider.refund(refund).await
            })
            .await
            .inspect_err(|error| tracing::warn!("refund {}: {error}", refund.out_refund_no)),
            Err(_) => Err(anyhow::anyhow!("{} is not configured", refund.provider).into()),
        };
        let refund = refund.clone();
        self.store.write(move |tx| refund::answered(tx, &refund, &said)).await
    }
}
