//! The pay-truth loop: asks about every open payment until it is settled, sends refunds, gives up unpaid orders.

use super::{Checkout, ask};
use crate::actor::{Actor, Source};
use crate::error::{Error, Refusal, Result};
use crate::order;
use crate::payment::provider::{CallError, Called, NO_TRADE, Provider, Returned, Trade};
use crate::payment::{Channel, Payment, Refund, actions, ending, owed, refund, spoken_name, unclaimed};
use crate::store::Tx;
use crate::units::{OrderId, UnclaimedId};
use futures_util::future::join_all;
use std::sync::Arc;
use std::time::Duration;

/// Queries and refunds under way at once.
const AT_ONCE: i64 = 8;
/// Queries a second, at most, whatever is open: providers limit their callers.
const QUERIES_PER_SECOND: u64 = 20;
/// The watch looks at least this often, whatever it believes to be due.
const IDLE: Duration = Duration::from_secs(60);
/// While a line is silent it is looked at this often.
const PROBE: Duration = Duration::from_secs(5);
/// Never busier than ten rounds a second, also when something stays due.
const SHORTEST: Duration = Duration::from_millis(100);
/// While something fails, the watch waits this long.
const TROUBLE: Duration = Duration::from_secs(2);
/// How long after its end a payment of a provider that is no longer configured is kept open.
const WITHOUT_SECONDS: i64 = 7200;
/// To the next try of giving up an unpaid order.
const EXPIRY_RETRY_SECONDS: i64 = 30;

/// What the counter is told of a provider that does not say how payments stand.
fn silence_of(provider: &str) -> String {
    let name = spoken_name(provider);
    format!("{name}查不到付款结果，暂停用它收款：请让顾客换一种方式付款，恢复后自动继续")
}

/// What a round of the watch leaves to wait for.
pub(super) struct Round {
    /// Nothing is due for so long.
    pub idle: Duration,
    /// No other round before this, whatever happens.
    pub pace: Duration,
}

impl Checkout {
    /// Asks about every open payment, at once and then on its schedule; for ever.
    pub async fn watch(&self) {
        self.ask_all_now().await;
        loop {
            let round = self.look().await.unwrap_or_else(|error| {
                tracing::warn!("payment watch: {error:?}");
                Round { idle: TROUBLE, pace: TROUBLE }
            });
            tokio::time::sleep(round.pace).await;
            tokio::select! {
                () = self.due.notified() => {}
                () = tokio::time::sleep(round.idle.saturating_sub(round.pace)) => {}
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

    /// One round. What fails is put off and holds nothing else up.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn look(&self) -> Result<Round> {
        let now = self.store.now();
        let was_down: Vec<bool> = self.providers.iter().map(|provider| !provider.line().ok).collect();
        let (payments, refunds) = self.store.read(move |conn| actions::list_due(conn, now, AT_ONCE)).await?;
        let unclaimed = self.store.read(move |conn| unclaimed::list_due(conn, now, AT_ONCE)).await?;
        let expired = self.store.read(move |conn| order::actions::list_expired(conn, now, AT_ONCE)).await?;
        if payments.is_empty() {
            self.probe().await;
        }
        tokio::join!(
            join_all(payments.iter().map(|payment| self.check_or_put_off(payment))),
            join_all(refunds.iter().map(|refund| self.send_back(refund))),
            join_all(unclaimed.iter().map(|(id, refund)| self.send_unclaimed_back(*id, refund))),
            join_all(expired.into_iter().map(|order| self.expire(order))),
        );
        self.look_again_at_silent().await;
        for (provider, was_down) in self.providers.iter().zip(was_down) {
            let line = provider.line();
            if was_down && line.ok {
                self.store.write(actions::ask_all_now).await?;
            }
            // A clock that was measured long ago may have been set since.
            if !payments.is_empty() {
                self.note_skew(provider.name(), line.skew_seconds.unwrap_or(0)).await;
            }
        }
        let next = self.store.read(actions::find_next_due).await?;
        let wait = next.map_or(IDLE.as_millis() as i64, |at| at.0 - self.store.now().0).max(0);
        let pace = SHORTEST.max(Duration::from_millis(1000 / QUERIES_PER_SECOND * payments.len() as u64));
        let is_well =
            |provider: &Arc<dyn Provider>| provider.line().ok && self.sight(provider, |one| one.lost_at()).is_none();
        let most = if self.providers.iter().all(is_well) { IDLE } else { PROBE };
        Ok(Round { idle: Duration::from_millis(wait as u64).clamp(pace, most.max(pace)), pace })
    }

    /// A silent line that nothing else is due on: a question about no trade tells when it is back.
    async fn probe(&self) {
        let silent = self.providers.iter().filter(|provider| !provider.line().ok);
        join_all(silent.map(|provider| ask(provider.query(NO_TRADE)))).await;
    }

    /// Providers whose queries fail are asked about no trade: what they say to that decides whether they are offered.
    async fn look_again_at_silent(&self) {
        let now = self.store.now();
        let doubtful = self.providers.iter().filter(|provider| self.sight(provider, |one| one.wants_probe(now)));
        join_all(doubtful.map(async |provider| {
            let answered = ask(provider.query(NO_TRADE)).await.is_ok();
            if self.sight(provider, |one| one.note_probe(answered, self.store.now())) {
                self.tell(&silence_of(provider.name())).await;
            }
        }))
        .await;
        for provider in &self.providers {
            if self.sight(provider, |one| one.lost_at()).is_none() {
                self.untell(&silence_of(provider.name())).await;
            }
        }
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
        let Ok(provider) = self.provider(&payment.provider) else { return self.do_without(payment).await };
        let looked_at = payment.clone();
        let wanted = self.store.read(move |conn| owed::is_wanted(conn, &looked_at)).await?;
        if payment.state.is_open() && (!wanted || self.store.now() >= payment.expires_at) {
            return self.close(payment).await;
        }
        match self.query(provider, payment).await {
            Ok(Trade::Paid(paid)) => self.settle(provider, &paid, Source::Query).await?,
            Ok(Trade::Closed) if payment.state.is_open() => {
                let id = payment.id;
                return self.store.write(move |tx| ending::closed(tx, id)).await;
            }
            // Whoever stands at the till is told now, and not when the time is over.
            Ok(Trade::Failed) if payment.state.is_open() && payment.channel == Channel::Scan => {
                return self.close(payment).await;
            }
            Ok(Trade::Closed | Trade::Failed | Trade::NotPaid) => {}
            Err(CallError::Unanswered(error)) => {
                tracing::debug!(
                    "{} did not answer about payment {}: {error:#}",
                    payment.provider,
                    payment.out_trade_no
                );
                return Err(Refusal::PaymentUnconfirmed.into());
            }
            Err(error) => {
                tracing::debug!("{} refused to tell about payment {}: {error}", payment.provider, payment.out_trade_no);
                let name = spoken_name(&payment.provider);
                self.tell(&format!("{name}拒绝查询付款：请用 tablebell doctor 检查商户设置")).await;
                return Err(Refusal::PaymentUnconfirmed.into());
            }
        }
        match payment.state.is_open() {
            true => self.ask_again(payment, true).await,
            false => self.look_again(payment).await,
        }
    }

    /// A payment of a provider that is no longer configured: its order must not wait for ever.
    async fn do_without(&self, payment: &Payment) -> Result<()> {
        if !payment.state.is_open() {
            return self.look_again(payment).await;
        }
        if self.store.now() < payment.expires_at.plus_seconds(WITHOUT_SECONDS) {
            return Err(Refusal::PaymentUnconfirmed.into());
        }
        let payment = payment.clone();
        self.store.write(move |tx| ending::give_up(tx, &payment)).await
    }

    async fn ask_again(&self, payment: &Payment, answered: bool) -> Result<()> {
        let payment = payment.clone();
        self.store.write(move |tx| actions::ask_again(tx, &payment, answered)).await
    }

    async fn look_again(&self, payment: &Payment) -> Result<()> {
        let payment = payment.clone();
        self.store.write(move |tx| actions::look_again(tx, &payment)).await
    }

    async fn expire(&self, order: OrderId) {
        let Err(error) = self.withdraw(order, Actor::Expiry, "超时未付款").await else {
            tracing::info!("order {order} was not paid in time and is cancelled");
            return;
        };
        // Paid in the last moment, or the provider is silent: a later round sees.
        tracing::debug!("order {order} does not expire yet: {error:?}");
        let later = move |tx: &mut Tx<'_>| ending::postpone_expiry(tx, order, EXPIRY_RETRY_SECONDS);
        if let Err(error) = self.store.write(later).await {
            tracing::warn!("order {order}: {error:?}");
        }
    }

    async fn send_back(&self, refund: &Refund) {
        let said = self.ask_for(refund).await;
        let (number, refund) = (refund.out_refund_no.clone(), refund.clone());
        if let Err(error) = self.store.write(move |tx| refund::answered(tx, &refund, &said)).await {
            tracing::warn!("refund {number}: {error:?}");
        }
    }

    async fn send_unclaimed_back(&self, id: UnclaimedId, refund: &Refund) {
        let said = self.ask_for(refund).await;
        if let Err(error) = self.store.write(move |tx| unclaimed::answered(tx, id, &said)).await {
            tracing::warn!("refund {}: {error:?}", refund.out_refund_no);
        }
    }

    /// Asks for a refund; one that was asked for before is looked up first.
    async fn ask_for(&self, refund: &Refund) -> Called<Returned> {
        let Ok(provider) = self.provider(&refund.provider) else {
            return Err(anyhow::anyhow!("{} is not configured", refund.provider).into());
        };
        let asked = ask(async {
            if refund.tries > 0
                && let Some(state) = provider.query_refund(refund).await?
            {
                return Ok(state);
            }
            provider.refund(refund).await
        });
        asked.await.inspect_err(|error| tracing::warn!("refund {}: {error}", refund.out_refund_no))
    }
}
