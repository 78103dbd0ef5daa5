//! Talking to providers: starting a payment, charging a payer's code, taking callbacks, and closing before cancelling.
//! The provider's answer is the truth; a callback only comes early.

mod sight;
#[cfg(test)]
mod tests;
mod watch;

use crate::actor::{Actor, Source};
use crate::alert;
use crate::bill::{self, Cut};
use crate::error::{Error, OrderReason, Refusal, Result};
use crate::failpoint;
use crate::order::{self, Fees, Order};
use crate::payment::actions::{self, Way};
use crate::payment::owed::Owed;
use crate::payment::provider::{CallError, Called, LineReport, Notice, Paid, Present, Provider, Trade};
use crate::payment::{Channel, Payment, Target, ending, provider_of_payer_code, refund, settle, spoken_name};
use crate::room;
use crate::seating::{self, Diner};
use crate::staff::{self, Deed};
use crate::store::{Store, Tx};
use crate::units::{OrderId, PartId, PaymentId, Timestamp};
use futures_util::future::join_all;
use rusqlite::Connection;
use sight::Sight;
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// A provider that says nothing for this long has not answered.
const PATIENCE: Duration = Duration::from_secs(12);
/// How long the counter waits for the payer's password, and the reversal after it.
const PAYER_PATIENCE: Duration = Duration::from_secs(75);
const PAYER_GLANCE: Duration = Duration::from_millis(250);
/// From this on a person is told that the clocks differ (docs/payments.md, rule 9).
const SKEW_SECONDS: i64 = 60;
/// The same trouble is told again at the earliest after this.
const TELL_AGAIN_SECONDS: i64 = 3600;

pub struct Checkout {
    pub(super) store: Arc<Store>,
    pub(super) providers: Vec<Arc<dyn Provider>>,
    pub(super) due: Arc<Notify>,
    pay_within_seconds: i64,
    fees: Fees,
    told: Mutex<HashMap<String, Told>>,
    /// Of each provider, in their order.
    sights: Mutex<Vec<Sight>>,
}

/// When something was told last, and whether it is so still.
#[derive(Clone, Copy)]
struct Told {
    at: Timestamp,
    stands: bool,
}

pub(super) async fn ask<T>(call: impl Future<Output = Called<T>>) -> Called<T> {
    tokio::time::timeout(PATIENCE, call)
        .await
        .unwrap_or_else(|_| Err(anyhow::anyhow!("no answer within {PATIENCE:?}").into()))
}

impl Checkout {
    /// `due` is notified after every commit that gives the watch something to do.
    pub fn new(
        store: Arc<Store>,
        providers: Vec<Arc<dyn Provider>>,
        pay_within_seconds: i64,
        due: Arc<Notify>,
    ) -> Checkout {
        let sights = Mutex::new(vec![Sight::default(); providers.len()]);
        let fees = Fees::default();
        Checkout { store, providers, due, pay_within_seconds, fees, told: Mutex::default(), sights }
    }

    /// What a party's next order carries on when the one with its cover is given up.
    pub fn with_fees(self, fees: Fees) -> Checkout {
        Checkout { fees, ..self }
    }

    pub fn providers(&self) -> &[Arc<dyn Provider>] {
        &self.providers
    }

    pub(super) fn provider(&self, name: &str) -> Result<&Arc<dyn Provider>> {
        let found = self.providers.iter().find(|provider| provider.name() == name);
        Ok(found.ok_or(Refusal::ProviderUnknown)?)
    }

    /// What `work` makes of how well a provider is seen.
    pub(super) fn sight<T>(&self, provider: &Arc<dyn Provider>, work: impl FnOnce(&mut Sight) -> T) -> T {
        let index = self.providers.iter().position(|known| known.name() == provider.name());
        let mut sights = self.sights.lock().unwrap_or_else(PoisonError::into_inner);
        match index.and_then(|index| sights.get_mut(index)) {
            Some(sight) => work(sight),
            None => work(&mut Sight::default()),
        }
    }

    /// Nobody is asked for money whose coming can't be seen.
    fn check_sight(&self, provider: &Arc<dyn Provider>) -> Result<()> {
        match self.sight(provider, |sight| sight.lost_at()) {
            Some(_) => Err(Refusal::ProviderSilent.into()),
            None => Ok(()),
        }
    }

    /// Whether a provider answers, its queries above all.
    pub fn line(&self, provider: &Arc<dyn Provider>) -> LineReport {
        let line = provider.line();
        match self.sight(provider, |sight| sight.lost_at()) {
            Some(since) if line.ok => {
                LineReport { ok: false, since, detail: "queries are not answered".into(), ..line }
            }
            _ => line,
        }
    }

    /// How a payment stands at its provider.
    pub(super) async fn query(&self, provider: &Arc<dyn Provider>, payment: &Payment) -> Called<Trade> {
        let told = ask(provider.query(&payment.out_trade_no)).await;
        self.sight(provider, |sight| sight.note(told.is_ok(), self.store.now()));
        told
    }

    /// # Errors
    /// `ProviderUnknown`; without a name when there is none at all.
    pub fn check_provider(&self, name: Option<&str>) -> Result<()> {
        let known = self.providers.iter().any(|provider| name.is_none_or(|name| provider.name() == name));
        if known { Ok(()) } else { Err(Refusal::ProviderUnknown.into()) }
    }

    /// Starts the diner's payment, and answers what the phone has to show for it. With a `payer`, the id that
    /// WeChat knows the diner by, it is one inside WeChat's own browser. A code that was shown before is closed.
    ///
    /// # Errors
    /// `ProviderUnknown`, `ProviderSilent`, `OrderNotFound`, `BillNotFound`, `OrderState`; `PaymentRefused` when the
    /// provider says no; `PaymentUnconfirmed` when it does not answer: asking again continues the same payment.
    pub async fn start(
        &self,
        diner: Diner,
        target: Target,
        provider: &str,
        payer: Option<String>,
    ) -> Result<(Payment, Present)> {
        let provider = self.provider(provider)?;
        let channel = if payer.is_some() { Channel::Page } else { Channel::Code };
        if !provider.offers(channel) {
            return Err(Refusal::ProviderUnknown.into());
        }
        self.check_sight(provider)?;
        let way = Way { provider: provider.name().into(), channel, payer: payer.unwrap_or_default() };
        let find = move |conn: &Connection, target| Owed::load_own(conn, target, diner);
        if channel == Channel::Code {
            self.close_shown(move |conn| find(conn, target), &way).await?;
        }
        let (mut payment, _) = self.begin(target, find, way, Deed::default()).await?;
        if payment.code.is_empty() {
            payment.code = self.create(provider, &payment).await?;
            let (id, code) = (payment.id, payment.code.clone());
            self.store.write(move |tx| actions::opened(tx, id, &code)).await?;
        }
        let present = provider.present(&payment, self.store.now());
        Ok((payment, present))
    }

    /// What the phone has to show for a payment of the party's order.
    ///
    /// # Errors
    /// `OrderNotFound`, also for a payment of another order.
    pub async fn present(&self, diner: Diner, order: OrderId, payment: PaymentId) -> Result<Present> {
        let find = move |conn: &Connection| {
            order::actions::load_own(conn, diner.seating, order)?;
            let known = actions::list_of_order(conn, order)?.into_iter().find(|known| known.id == payment);
            Ok(known.ok_or(Refusal::OrderNotFound)?)
        };
        let payment = self.store.read(find).await?;
        Ok(self.provider(&payment.provider)?.present(&payment, self.store.now()))
    }

    /// The codes that were shown for this and have brought nothing yet. One that can't be closed while its payer types a
    /// password is watched to its end: what comes by it beside the new one goes back.
    ///
    /// # Errors
    /// `PaymentUnconfirmed` when the provider does not answer: neither would it make another code.
    async fn close_shown(&self, find: impl Fn(&Connection) -> Result<Owed> + Send + 'static, way: &Way) -> Result<()> {
        // The new one begins a moment later: whatever is too old to be shared by then is closed now.
        let (provider, then) = (way.provider.clone(), self.store.now().plus_seconds(1));
        let shown = self.store.read(move |conn| actions::list_shown(conn, &find(conn)?, &provider, then)).await?;
        for closed in join_all(shown.iter().map(|payment| self.close(payment))).await {
            match closed {
                Err(Error::Refused(Refusal::PaymentUnconfirmed)) if self.provider(&way.provider)?.line().ok => {}
                closed => closed?,
            }
        }
        Ok(())
    }

    /// A payment, and whether the deed began it now and not before.
    async fn begin(
        &self,
        target: Target,
        find: impl Fn(&Connection, Target) -> Result<Owed> + Send + Sync + 'static,
        way: Way,
        deed: Deed,
    ) -> Result<(Payment, bool)> {
        let find = Arc::new(find);
        let (find_first, known) = (find.clone(), deed.clone());
        let first_look = self.store.read(move |conn| {
            find_first(conn, target)?;
            let in_the_way = actions::find_in_the_way(conn, target)?;
            // Looked for last: nothing that the deed itself has made is in its way.
            let done = staff::actions::find_done::<PaymentId>(conn, &known)?;
            Ok(in_the_way.filter(|_| done.is_none()))
        });
        // Whoever began to pay for everybody does it no more, before somebody pays alone.
        if let Some(order) = first_look.await? {
            self.close_open(order).await?;
        }
        let within = self.pay_within_seconds;
        let begun = move |tx: &mut Tx<'_>| {
            if let Some(done) = staff::actions::find_done(tx.conn(), &deed)? {
                return Ok((actions::load(tx.conn(), done)?, false));
            }
            let target = actions::resolve(tx, target, &Actor::Provider(way.provider.clone()))?;
            let payment = actions::begin(tx, &find(tx.conn(), target)?, &way, within)?;
            staff::actions::record_done(tx, &deed, &payment.id)?;
            Ok((payment, true))
        };
        self.store.write(begun).await
    }

    async fn create(&self, provider: &Arc<dyn Provider>, payment: &Payment) -> Result<String> {
        failpoint::reach("create.begun");
        match ask(provider.create(payment)).await {
            Ok(code) => {
                failpoint::reach("create.answered");
                Ok(code)
            }
            Err(error @ CallError::Unanswered(_)) => {
                tracing::warn!("{} did not create payment {}: {error}", payment.provider, payment.out_trade_no);
                Err(Refusal::PaymentUnconfirmed.into())
            }
            // Whatever the reason says, only a query knows: it may be paid already.
            Err(error) => {
                tracing::warn!("{} refused payment {}: {error}", payment.provider, payment.out_trade_no);
                self.close(payment).await?;
                Err(Refusal::PaymentRefused.into())
            }
        }
    }

    /// Charges the payer's code that the counter has read, and waits for the payer. What is still open then is
    /// reversed; the answer is the payment as it ended, or as it is after a minute. A deed that is done only waits.
    ///
    /// # Errors
    /// `PayerCodeUnknown`, `ProviderUnknown`, `OrderNotFound`, `BillNotFound`, `OrderState`, `OpIdReused`;
    /// `PaymentRefused` when the provider does not take the code; `PayerFailed` as soon as the payer's own payment has;
    /// `ProviderSilent`; `PaymentUnconfirmed` when it does not answer, and nothing was charged.
    pub async fn charge(&self, target: Target, payer_code: &str, deed: Deed) -> Result<Payment> {
        let known = deed.clone();
        if let Some(id) = self.store.read(move |conn| staff::actions::find_done(conn, &known)).await? {
            return self.wait_for_payer(id).await;
        }
        let name = provider_of_payer_code(payer_code).ok_or(Refusal::PayerCodeUnknown)?;
        let provider = self.provider(name)?;
        if !provider.offers(Channel::Scan) {
            return Err(Refusal::ProviderUnknown.into());
        }
        self.check_sight(provider)?;
        let way = Way { provider: name.into(), channel: Channel::Scan, payer: String::new() };
        let (payment, now) = self.begin(target, Owed::load, way, deed).await?;
        if !now {
            return self.wait_for_payer(payment.id).await;
        }
        // On a line that was silent a question goes first: nobody waits a minute for a charge that was never sent.
        if !provider.line().ok && self.query(provider, &payment).await.is_err() {
            let id = payment.id;
            self.store.write(move |tx| ending::closed(tx, id)).await?;
            return Err(Refusal::PaymentUnconfirmed.into());
        }
        match ask(provider.charge(&payment, payer_code)).await {
            Ok(Trade::Paid(paid)) => self.settle(provider, &paid, Source::Charge).await?,
            Ok(Trade::NotPaid | Trade::Closed) => {}
            Ok(Trade::Failed) => self.close(&payment).await?,
            Err(error @ CallError::Unanswered(_)) => {
                tracing::warn!("{name} did not answer to the payer's code of {}: {error}", payment.out_trade_no);
            }
            Err(error) => {
                tracing::warn!("{name} refused the payer's code of {}: {error}", payment.out_trade_no);
                self.close(&payment).await?;
                let ended = self.load(payment.id).await?;
                return if ended.state == crate::payment::PaymentState::Closed {
                    Err(Refusal::PaymentRefused.into())
                } else {
                    Ok(ended)
                };
            }
        }
        self.wait_for_payer(payment.id).await
    }

    /// The watch asks, settles and reverses; here somebody only waits for it.
    async fn wait_for_payer(&self, id: PaymentId) -> Result<Payment> {
        let deadline = tokio::time::Instant::now() + PAYER_PATIENCE;
        loop {
            let payment = self.load(id).await?;
            if payment.has_failed() {
                return Err(Refusal::PayerFailed.into());
            }
            if !payment.state.is_open() || tokio::time::Instant::now() >= deadline {
                return Ok(payment);
            }
            tokio::time::sleep(PAYER_GLANCE).await;
        }
    }

    async fn load(&self, id: PaymentId) -> Result<Payment> {
        self.store.read(move |conn| actions::load(conn, id)).await
    }

    /// Verifies a callback and books it. `Ok`, with what the provider wants to read, means that it is on disk.
    ///
    /// # Errors
    /// `NotFound` for an unknown provider, what verification refused; or the store's failure, so that the provider
    /// repeats.
    pub async fn take_callback(
        &self,
        provider: &str,
        headers: &hyper::HeaderMap,
        raw_body: &[u8],
    ) -> Result<&'static str> {
        let provider = self.provider(provider).map_err(|_| Refusal::NotFound)?;
        let callback = match provider.verify_callback(headers, raw_body, self.store.now()).await {
            Ok(callback) => callback,
            Err(Refusal::Undecipherable) => {
                let name = spoken_name(provider.name());
                self.tell(&format!("{name}的付款通知无法解密：请核对 APIv3 密钥，改好后会自动补发")).await;
                return Err(Refusal::Undecipherable.into());
            }
            Err(refusal) => return Err(refusal.into()),
        };
        failpoint::reach("callback.verified");
        self.note_skew(provider.name(), callback.skew_seconds()).await;
        match callback.notice() {
            Notice::Trade(Trade::Paid(paid)) => self.settle(provider, paid, Source::Callback).await?,
            // Only a query closes a payment: nothing to book.
            Notice::Trade(Trade::Closed | Trade::Failed | Trade::NotPaid) => {}
            Notice::Refund(notice) => {
                let (name, notice) = (provider.name(), notice.clone());
                self.store.write(move |tx| refund::noticed(tx, name, &notice)).await?;
            }
            Notice::Unknown { what, out_trade_no } => {
                let name = provider.name();
                let number = out_trade_no.as_deref().unwrap_or_default();
                tracing::warn!(
                    "{name} tells of {what:?} about {number:?}, which is not known: it is taken, and the trade asked about"
                );
                if let Some(number) = out_trade_no.clone() {
                    self.store.write(move |tx| actions::ask_now(tx, name, &number)).await?;
                }
            }
        }
        failpoint::reach("callback.settled");
        Ok(provider.taken())
    }

    pub(super) async fn settle(&self, provider: &Arc<dyn Provider>, paid: &Paid, source: Source) -> Result<()> {
        let (name, paid) = (provider.name(), paid.clone());
        let settled = self.store.write(move |tx| settle::settle(tx, name, &paid, source)).await?;
        tracing::debug!("{name} payment: {settled:?}");
        Ok(())
    }

    /// The diner, or the clock, gives up an unpaid order: closed at the provider first, cancelled only then.
    ///
    /// # Errors
    /// `OrderState` when it turns out to be paid, `PaymentUnconfirmed` when a provider does not answer.
    pub async fn withdraw(&self, order: OrderId, actor: Actor, reason: &'static str) -> Result<()> {
        // A bill that others have paid a part of goes on: nothing under way for it is ended in vain.
        self.store.read(move |conn| actions::refuse_half_paid(conn, order)).await?;
        self.close_open(order).await?;
        let fees = self.fees;
        self.store.write(move |tx| room::orders::withdraw(tx, order, &actor, reason, &fees)).await
    }

    /// Something is about to change what the party, or of it these orders, has to pay: whatever is under way for them is
    /// closed at its provider first. Refused while one stays open. What `work` refuses closes nothing.
    ///
    /// # Errors
    /// `PaymentUnconfirmed` when a provider does not answer, and what `find` and `work` refuse.
    pub async fn change_owed<T: Send + 'static>(
        &self,
        find: impl Fn(&Connection) -> Result<Vec<Order>> + Send + Sync + 'static,
        work: impl Fn(&mut Tx<'_>, Vec<Order>) -> Result<T> + Send + Sync + 'static,
    ) -> Result<T> {
        let (find, work) = (Arc::new(find), Arc::new(work));
        let (find_first, try_first) = (find.clone(), work.clone());
        self.store.rehearse(move |tx| try_first(tx, find_first(tx.conn())?)).await?;
        let find_open = find.clone();
        for order in self.store.read(move |conn| find_open(conn)).await? {
            self.close_open(order.id).await?;
        }
        let change = move |tx: &mut Tx<'_>| {
            let orders = find(tx.conn())?;
            orders.iter().try_for_each(|order| actions::refuse_open(tx.conn(), order.id))?;
            work(tx, orders)
        };
        self.store.write(change).await
    }

    /// The part that is all that the party owes: as it is cut already, or cut now.
    ///
    /// # Errors
    /// `OrderState` when nothing is owed; `BadSplit` when it is split already; `PaymentUnconfirmed` when what others of
    /// the party have begun can't be ended.
    pub async fn whole_of(&self, diner: Diner) -> Result<PartId> {
        let find = move |conn: &Connection| {
            let seating = seating::actions::locate(conn, diner)?.seating;
            match bill::actions::find_whole(conn, seating)? {
                Some(_) => Ok(Vec::new()),
                None => bill::actions::list_payable(conn, seating),
            }
        };
        let cut = move |tx: &mut Tx<'_>, _| {
            let seating = seating::actions::locate(tx.conn(), diner)?.seating;
            if let Some(part) = bill::actions::find_whole(tx.conn(), seating)? {
                return Ok(part.id);
            }
            let bill = bill::actions::split(tx, seating, &Cut::Whole, &Actor::Diner(diner.id))?;
            let part = bill.open_parts().next().map(|part| part.id);
            Ok(part.ok_or(Refusal::OrderState(OrderReason::NothingToPay))?)
        };
        self.change_owed(find, cut).await
    }

    async fn close_open(&self, order: OrderId) -> Result<()> {
        let open = self.store.read(move |conn| actions::list_open_of_order(conn, order)).await?;
        join_all(open.iter().map(|payment| self.close(payment))).await.into_iter().collect()
    }

    /// Query, close, query again: only then is it certain that nobody pays any more.
    pub(super) async fn close(&self, payment: &Payment) -> Result<()> {
        let provider = self.provider(&payment.provider).map_err(|_| Refusal::PaymentUnconfirmed)?;
        let unanswered = |error: CallError| {
            tracing::warn!("{} did not close payment {}: {error}", payment.provider, payment.out_trade_no);
            Error::from(Refusal::PaymentUnconfirmed)
        };
        let mut trade = self.query(provider, payment).await.map_err(unanswered)?;
        if matches!(trade, Trade::NotPaid | Trade::Failed) {
            ask(provider.close(payment)).await.map_err(unanswered)?;
            failpoint::reach("close.answered");
            trade = self.query(provider, payment).await.map_err(unanswered)?;
        }
        match trade {
            Trade::Paid(paid) => self.settle(provider, &paid, Source::Query).await,
            Trade::Closed | Trade::Failed | Trade::NotPaid => {
                let id = payment.id;
                self.store.write(move |tx| ending::closed(tx, id)).await
            }
        }
    }

    pub(super) async fn note_skew(&self, provider: &str, seconds: i64) {
        if seconds.abs() >= SKEW_SECONDS {
            tracing::debug!("this PC's clock and {provider}'s differ by {seconds} s");
            self.tell("本机时间不准，付款会被支付平台拒绝：请校准电脑时间").await;
        }
    }

    pub async fn ring_for_tunnel(&self) {
        let note = "收款通知到不了这台电脑，付款结果会慢几秒：请检查网络和通道";
        if let Err(error) = self.store.write(|tx| alert::actions::raise_tunnel(tx, note)).await {
            tracing::warn!("nobody can be told that the tunnel is down: {error:?}");
        }
    }

    pub async fn silence_tunnel(&self) {
        if let Err(error) = self.store.write(alert::actions::acknowledge_tunnel).await {
            tracing::warn!("the tunnel's alert stays open: {error:?}");
        }
    }

    /// Rings for trouble that is about no single order, at most once an hour.
    pub(super) async fn tell(&self, note: &str) {
        let now = self.store.now();
        let recently = |told: &Told| (0..TELL_AGAIN_SECONDS).contains(&now.seconds_since(told.at));
        if self.told.lock().unwrap_or_else(PoisonError::into_inner).get(note).is_some_and(recently) {
            return;
        }
        tracing::warn!("{note}");
        let text = note.to_owned();
        match self.store.write(move |tx| alert::actions::raise_trouble(tx, &text)).await {
            Ok(()) => self.remember(note, Told { at: now, stands: true }),
            Err(error) => tracing::warn!("{note}: {error:?}"),
        }
    }

    /// The trouble is over: nobody has to answer any more.
    pub(super) async fn untell(&self, note: &str) {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner).get(note).copied();
        // What was told before the last start stands as well.
        let told = told.unwrap_or(Told { at: Timestamp(0), stands: true });
        if !told.stands {
            return;
        }
        let (text, same) = (note.to_owned(), note.to_owned());
        let ended = match self.store.read(move |conn| alert::actions::is_told(conn, &text)).await {
            Ok(true) => self.store.write(move |tx| alert::actions::acknowledge_trouble(tx, &same)).await,
            known => known.map(drop),
        };
        match ended {
            Ok(()) => self.remember(note, Told { stands: false, ..told }),
            Err(error) => tracing::warn!("the alert stays open, {note}: {error:?}"),
        }
    }

    fn remember(&self, note: &str, told: Told) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(note.to_owned(), told);
    }
}
