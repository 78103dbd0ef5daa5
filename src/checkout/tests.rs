//! The real checkout, watch and store against pretended providers and a clock that the test turns: outages of an hour
//! take milliseconds, and random interleavings with crashes are compared with a simple model of where the money is.

mod bills;
mod pretended;

use super::Checkout;
use crate::actor::Actor;
use crate::alert;
use crate::error::{Error, Refusal};
use crate::order::{self, Pay, Status};
use crate::payment::balance::MEMBER;
use crate::payment::provider::Provider;
use crate::payment::tests::{open_shop, order_dish};
use crate::payment::{COUNTER, Channel, Payment, Target, actions, ledger, pay_method, refund, review, settle};
use crate::room::orders::cancel_by_staff;
use crate::seating::Diner;
use crate::staff::Deed;
use crate::store::Store;
use crate::units::{Fen, OrderId, PayMethod, Timestamp};
use hyper::HeaderMap;
use pretended::{Deal, Pretended, Standing};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::future::Future;
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll};
use tokio::sync::Notify;

const BEGIN: Timestamp = Timestamp(1_795_000_000_000);
const PRICE: Fen = Fen(3800);
const NAMES: [&str; 2] = ["wechat", "alipay"];

/// A shop whose daemon can crash and come back.
struct World {
    _folder: tempfile::TempDir,
    path: PathBuf,
    clock: Arc<AtomicI64>,
    providers: [Arc<Pretended>; 2],
    store: Arc<Store>,
    checkout: Checkout,
    diner: Diner,
    orders: Vec<OrderId>,
    /// What the model knows of money that no provider sees.
    cash: BTreeMap<OrderId, Fen>,
    /// Parts that staff have sent back.
    parts: BTreeMap<OrderId, Fen>,
    steps: usize,
}

impl World {
    /// Looks after the order's payment, and lets the time of the next look come in steps of so many milliseconds, until
    /// the payment has ended. Whoever waits for it hears of it in his own time: the shop's stands still from then on.
    async fn watch_until_ended<T>(&self, order: OrderId, step: std::ops::RangeInclusive<i64>) -> T {
        while self.payments(order).await.is_empty() {}
        while self.payments(order).await[0].state.is_open() {
            let pause = self.checkout.look().await.unwrap().idle.as_millis() as i64;
            self.pass(pause.clamp(*step.start(), *step.end()));
        }
        std::future::pending().await
    }

    async fn new() -> World {
        // In memory where there is such a folder: a thousand commits are not what is measured here.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let path = folder.path().join("t.db");
        let clock = Arc::new(AtomicI64::new(BEGIN.0));
        let providers = NAMES.map(|name| Pretended::new(name, &clock));
        let (store, checkout) = World::start(&path, &clock, &providers);
        let diner = store
            .write(|tx| {
                crate::store::setting::set(tx.conn(), crate::store::setting::SHOP_OPEN, "1")?;
                open_shop(tx)
            })
            .await
            .unwrap();
        let (cash, parts, orders) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        World { _folder: folder, path, clock, providers, store, checkout, diner, orders, cash, parts, steps: 0 }
    }

    fn start(
        path: &std::path::Path,
        clock: &Arc<AtomicI64>,
        providers: &[Arc<Pretended>; 2],
    ) -> (Arc<Store>, Checkout) {
        let clock = clock.clone();
        let now = Arc::new(move || Timestamp(clock.load(Ordering::SeqCst)));
        let store = Arc::new(Store::open_by(path, false, Box::new(|_| {}), now).unwrap());
        let known = providers.iter().map(|one| one.clone() as Arc<dyn Provider>).collect();
        let checkout = Checkout::new(store.clone(), known, 900, Arc::new(Notify::new()));
        (store, checkout)
    }

    /// The daemon dies where it stands and starts again.
    async fn restart(&mut self) {
        self.store.clone().close().await;
        (self.store, self.checkout) = World::start(&self.path, &self.clock, &self.providers);
        self.checkout.ask_all_now().await;
    }

    fn now(&self) -> Timestamp {
        Timestamp(self.clock.load(Ordering::SeqCst))
    }

    fn pass(&self, milliseconds: i64) {
        self.clock.fetch_add(milliseconds, Ordering::SeqCst);
    }

    async fn order(&mut self) -> OrderId {
        let diner = self.diner;
        let order = self.store.write(move |tx| order_dish(tx, diner)).await.unwrap();
        self.orders.push(order.id);
        order.id
    }

    async fn payments(&self, order: OrderId) -> Vec<Payment> {
        self.store.read(move |conn| actions::list_of_order(conn, order)).await.unwrap()
    }

    async fn state(&self, order: OrderId) -> (Status, Pay) {
        let state = self.store.read(move |conn| order::actions::load(conn, order)).await.unwrap().state;
        (state.status, state.pay)
    }

    async fn balance(&self, order: OrderId) -> Fen {
        self.store.read(move |conn| ledger::balance(conn, order)).await.unwrap()
    }

    async fn counted(&self, sql: &'static str) -> i64 {
        self.store.read(move |conn| Ok(conn.query_row(sql, [], |row| row.get(0))?)).await.unwrap()
    }

    /// Lets the watch work for so long.
    async fn watch_for(&self, seconds: i64) {
        let until = self.now().plus_seconds(seconds);
        let mut looks = 0;
        while self.now() < until {
            looks += 1;
            assert!(looks < 100 + 2 * seconds, "the watch spins");
            let pause = self.checkout.look().await.unwrap().idle;
            let left = (until.0 - self.now().0).max(1);
            self.pass((pause.as_millis() as i64).clamp(1, left));
        }
    }
}

/// Polls so often and then drops the future: a crash in the middle of what it does.
struct Crash<F> {
    work: F,
    polls: usize,
}

impl<F: Future + Unpin> Future for Crash<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls == 0 {
            return Poll::Ready(None);
        }
        self.polls -= 1;
        Pin::new(&mut self.work).poll(context).map(Some)
    }
}

async fn started(world: &World, order: OrderId, provider: usize) -> Payment {
    world.checkout.start(world.diner, Target::Order(order), NAMES[provider], None).await.unwrap().0
}

#[tokio::test]
async fn after_an_hour_without_the_provider_everything_is_settled_within_a_minute() {
    let mut world = World::new().await;
    let mut orders = Vec::new();
    for _ in 0..20 {
        let order = world.order().await;
        let payment = started(&world, order, 0).await;
        orders.push((order, payment));
    }
    world.providers[0].reachable.store(false, Ordering::SeqCst);
    for (_, payment) in &orders[..10] {
        assert!(world.providers[0].pay(&payment.out_trade_no));
    }
    let before = world.providers[0].calls.load(Ordering::SeqCst);
    world.watch_for(3600).await;
    let asked = world.providers[0].calls.load(Ordering::SeqCst) - before;
    assert!(asked < 20 * 3600 / 10, "a silent provider is not hammered: {asked} calls");
    for (order, _) in &orders {
        assert_eq!(
            world.state(*order).await,
            (Status::PendingPayment, Pay::Unpaid),
            "nothing is known, nothing is done"
        );
    }
    world.providers[0].reachable.store(true, Ordering::SeqCst);
    world.watch_for(60).await;
    for (index, (order, _)) in orders.iter().enumerate() {
        let wanted = if index < 10 { (Status::ToBeConfirmed, Pay::Paid) } else { (Status::Cancelled, Pay::Unpaid) };
        assert_eq!(world.state(*order).await, wanted, "order {index}");
    }
    assert_eq!(world.counted("select count(*) from alert where kind = 1").await, 10);
}

#[tokio::test]
async fn cash_goes_on_while_the_internet_is_down_and_what_was_paid_twice_goes_back_when_it_returns() {
    let mut world = World::new().await;
    let (kept, twice) = (world.order().await, world.order().await);
    started(&world, kept, 0).await;
    let payment = started(&world, twice, 0).await;
    world.providers[0].reachable.store(false, Ordering::SeqCst);
    assert!(world.providers[0].pay(&payment.out_trade_no));
    for order in [kept, twice] {
        let taken = move |tx: &mut crate::store::Tx<'_>| {
            settle::take_at_counter(tx, Target::Order(order), Channel::Cash, PRICE, "admin")
        };
        world.store.write(taken).await.unwrap();
        assert_eq!(world.state(order).await, (Status::ToBeConfirmed, Pay::Paid));
    }
    world.watch_for(600).await;
    world.providers[0].reachable.store(true, Ordering::SeqCst);
    world.watch_for(60).await;
    assert_eq!((world.balance(kept).await, world.balance(twice).await), (PRICE, PRICE));
    assert_eq!(world.providers[0].net(), Fen::ZERO, "the second payment went back, the open one is closed");
    let deals = world.providers[0].deals.lock().unwrap().clone();
    assert!(deals.values().all(|deal| deal.state != Standing::NotPaid), "nobody can pay any more: {deals:?}");
}

#[tokio::test]
async fn a_payers_code_that_nobody_confirms_is_reversed() {
    let mut world = World::new().await;
    let order = world.order().await;
    let code = "1312345678901234500".get(..18).unwrap();
    assert!(code.ends_with('0'));
    let charging = world.checkout.charge(Target::Order(order), code, Deed::default());
    let payment = tokio::select! {
        payment = charging => payment.unwrap(),
        never = world.watch_until_ended(order, 1000..=60_000) => never,
    };
    assert_eq!(payment.state, crate::payment::PaymentState::Closed);
    assert_eq!(world.providers[0].deals.lock().unwrap()[&payment.out_trade_no].state, Standing::Closed);
    let waited = payment.closed_at.unwrap().seconds_since(payment.created_at);
    assert!((45..60).contains(&waited), "the payer gets 45 s, the cashier no more than a minute: {waited} s");
    assert_eq!(world.state(order).await, (Status::PendingPayment, Pay::Unpaid));
}

#[tokio::test]
async fn a_payer_whose_own_payment_fails_is_told_of_at_once() {
    let mut world = World::new().await;
    let order = world.order().await;
    let charging = world.checkout.charge(Target::Order(order), "131234567890123459", Deed::default());
    let charged = tokio::select! {
        charged = charging => charged,
        never = world.watch_until_ended(order, 100..=1000) => never,
    };
    assert!(matches!(charged, Err(Error::Refused(Refusal::PayerFailed))), "{charged:?}");
    let payment = world.payments(order).await.pop().unwrap();
    let waited = payment.closed_at.unwrap().seconds_since(payment.created_at);
    assert!(waited <= 6, "the next query tells, and not the end of the payer's time: {waited} s");
    assert_eq!(world.providers[0].deals.lock().unwrap()[&payment.out_trade_no].state, Standing::Closed, "reversed");
    assert_eq!(world.state(order).await, (Status::PendingPayment, Pay::Unpaid));
}

const SILENCE: &str = "select count(*) from alert where kind = 3 and note like '%查不到付款结果%' and acked_at is null";

#[tokio::test]
async fn a_provider_whose_queries_fail_makes_no_codes_until_one_is_answered() {
    let mut world = World::new().await;
    let (first, second) = (world.order().await, world.order().await);
    started(&world, first, 0).await;
    world.providers[0].hides.store(true, Ordering::SeqCst);
    world.watch_for(10).await;
    started(&world, second, 0).await;
    assert_eq!(world.counted(SILENCE).await, 0, "a hiccup is no silence");
    world.watch_for(20).await;
    let order = world.order().await;
    let begun = world.checkout.start(world.diner, Target::Order(order), NAMES[0], None).await;
    assert!(matches!(begun, Err(Error::Refused(Refusal::ProviderSilent))), "{begun:?}");
    let charged = world.checkout.charge(Target::Order(order), "131234567890123451", Deed::default()).await;
    assert!(matches!(charged, Err(Error::Refused(Refusal::ProviderSilent))), "{charged:?}");
    assert!(world.payments(order).await.is_empty(), "nothing is begun");
    let lines = world.checkout.providers().iter().map(|provider| world.checkout.line(provider).ok);
    assert_eq!(lines.collect::<Vec<_>>(), [false, true], "the counter page sees which it is");
    assert_eq!(world.counted(SILENCE).await, 1, "the counter is told");
    started(&world, order, 1).await;
    world.watch_for(600).await;
    assert_eq!(world.counted(SILENCE).await, 1, "once");
    world.providers[0].hides.store(false, Ordering::SeqCst);
    world.watch_for(10).await;
    assert_eq!(world.counted(SILENCE).await, 0, "it is over");
    let order = world.order().await;
    started(&world, order, 0).await;
}

#[tokio::test]
async fn one_trade_that_is_never_told_about_stops_no_other() {
    let mut world = World::new().await;
    let order = world.order().await;
    let payment = started(&world, order, 0).await;
    *world.providers[0].odd.lock().unwrap() = payment.out_trade_no;
    world.watch_for(300).await;
    let order = world.order().await;
    started(&world, order, 0).await;
    assert_eq!(world.counted(SILENCE).await, 0);
}

#[tokio::test]
async fn a_second_press_makes_a_new_number_and_ends_the_old_one() {
    let mut world = World::new().await;
    let order = world.order().await;
    let mut numbers = vec![];
    // More than may be open at once: none of them stays open.
    for _ in 0..12 {
        let number = started(&world, order, 0).await.out_trade_no;
        assert_eq!(started(&world, order, 0).await.out_trade_no, number, "two presses at the same moment");
        numbers.push(number);
        world.pass(3000);
    }
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 12, "whoever has scanned a code keeps it from all others");
    let states = world.payments(order).await.into_iter().map(|payment| payment.state);
    assert_eq!(states.filter(|state| state.is_open()).count(), 1);
    let open = world.payments(order).await.into_iter().find(|payment| payment.state.is_open()).unwrap();
    assert!(world.providers[0].pay(&open.out_trade_no));
    // One that was paid while its closing was asked for is the order's payment, and no other is begun.
    let begun = world.checkout.start(world.diner, Target::Order(order), NAMES[0], None).await;
    assert!(matches!(begun, Err(Error::Refused(Refusal::OrderState(_)))), "{begun:?}");
    assert_eq!(world.state(order).await, (Status::ToBeConfirmed, Pay::Paid));
    assert_eq!((world.balance(order).await, world.providers[0].net()), (PRICE, PRICE));
}

#[tokio::test]
async fn a_code_that_nobody_has_seen_is_created_again_with_its_number() {
    let mut world = World::new().await;
    let order = world.order().await;
    world.providers[0].loses_answers.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        assert!(world.checkout.start(world.diner, Target::Order(order), NAMES[0], None).await.is_err());
    }
    world.providers[0].loses_answers.store(false, Ordering::SeqCst);
    let payment = started(&world, order, 0).await;
    assert_eq!(world.payments(order).await.iter().map(|one| one.id).collect::<Vec<_>>(), [payment.id]);
    assert_eq!(world.providers[0].deals.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_payers_code_that_is_sent_again_under_the_same_name_is_charged_once() {
    let mut world = World::new().await;
    let (order, other) = (world.order().await, world.order().await);
    let deed = |order: OrderId| Deed { op_id: Some("tap 1".into()), what: format!("payment.scan {order}") };
    let code = "131234567890123451";
    let charge = |order: OrderId| world.checkout.charge(Target::Order(order), code, deed(order));
    let first = charge(order).await.unwrap();
    assert_eq!(first.state, crate::payment::PaymentState::Paid);
    let again = charge(order).await.unwrap();
    assert_eq!((again.id, again.state), (first.id, first.state));
    assert!(matches!(charge(other).await, Err(Error::Refused(Refusal::OpIdReused))));
    assert_eq!((world.providers[0].net(), world.payments(other).await.len()), (PRICE, 0));
}

#[tokio::test]
async fn on_a_silent_line_a_payers_code_is_refused_at_once_and_the_line_is_found_when_it_is_back() {
    let mut world = World::new().await;
    let order = world.order().await;
    world.providers[0].reachable.store(false, Ordering::SeqCst);
    assert!(world.checkout.start(world.diner, Target::Order(order), NAMES[0], None).await.is_err());
    let begun = std::time::Instant::now();
    let charged = world.checkout.charge(Target::Order(order), "131234567890123451", Deed::default()).await;
    assert!(matches!(charged, Err(Error::Refused(Refusal::PaymentUnconfirmed))), "{charged:?}");
    assert!(begun.elapsed() < std::time::Duration::from_secs(5), "nobody waits for what was never sent");
    world.watch_for(3600).await;
    assert!(!world.providers[0].line().ok);
    world.providers[0].reachable.store(true, Ordering::SeqCst);
    world.watch_for(10).await;
    assert!(world.providers[0].line().ok, "also with nothing to ask about");
    assert_eq!(world.providers[0].net(), Fen::ZERO);
}

#[tokio::test]
async fn a_code_that_is_paid_after_its_closing_is_found_without_a_callback() {
    let mut world = World::new().await;
    let order = world.order().await;
    let payment = started(&world, order, 1).await;
    // As with Alipay before the payer scans: the close finds no trade, and the code stays alive.
    world.providers[1].deals.lock().unwrap().clear();
    world.checkout.withdraw(order, Actor::Expiry, "").await.unwrap();
    let deal = Deal { amount: PRICE, state: Standing::Paid, refunds: BTreeMap::new() };
    world.providers[1].deals.lock().unwrap().insert(payment.out_trade_no, deal);
    world.watch_for(120).await;
    assert_eq!((world.providers[1].net(), world.balance(order).await), (Fen::ZERO, Fen::ZERO), "it went back");
    assert_eq!(world.counted("select count(*) from alert where kind = 3").await, 1, "and somebody is told");
}

#[derive(Debug, Clone)]
enum Step {
    Order,
    /// (order, provider, crash after so many polls)
    Start(usize, usize, Option<usize>),
    /// (order, payment, whether the callback comes)
    Pay(usize, usize, bool),
    Callback(usize, usize, Option<usize>),
    Look(i64, Option<usize>),
    Withdraw(usize, Option<usize>),
    CancelByStaff(usize, Option<usize>),
    Cash(usize),
    RefundPart(usize, i64),
    Scan(usize, bool, usize),
    Line(usize, bool),
    LoseAnswers(usize, bool),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let order = 0..4usize;
    let crash = || prop_oneof![4 => Just(None), 1 => (1..12usize).prop_map(Some)];
    prop_oneof![
        2 => Just(Step::Order),
        4 => (order.clone(), 0..2usize, crash()).prop_map(|(order, provider, crash)| Step::Start(order, provider, crash)),
        4 => (order.clone(), 0..3usize, any::<bool>()).prop_map(|(order, payment, told)| Step::Pay(order, payment, told)),
        2 => (order.clone(), 0..3usize, crash()).prop_map(|(order, payment, crash)| Step::Callback(order, payment, crash)),
        4 => (1..400i64, crash()).prop_map(|(seconds, crash)| Step::Look(seconds, crash)),
        2 => (order.clone(), crash()).prop_map(|(order, crash)| Step::Withdraw(order, crash)),
        2 => (order.clone(), crash()).prop_map(|(order, crash)| Step::CancelByStaff(order, crash)),
        1 => order.clone().prop_map(Step::Cash),
        1 => (order.clone(), 1..3800i64).prop_map(|(order, fen)| Step::RefundPart(order, fen)),
        1 => (order, any::<bool>(), 1..12usize).prop_map(|(order, pays, crash)| Step::Scan(order, pays, crash)),
        1 => (0..2usize, any::<bool>()).prop_map(|(provider, up)| Step::Line(provider, up)),
        1 => (0..2usize, any::<bool>()).prop_map(|(provider, loses)| Step::LoseAnswers(provider, loses)),
        1 => Just(Step::Restart),
    ]
}

impl World {
    /// Runs `work`, or a beginning of it; a crash is followed by a restart.
    async fn run<T>(&mut self, crash: Option<usize>, work: impl AsyncFnOnce(&World) -> T) -> Option<T> {
        let done = match crash {
            None => Some(work(self).await),
            Some(polls) => Crash { work: pin!(work(self)), polls }.await,
        };
        if done.is_none() {
            self.restart().await;
        }
        done
    }

    async fn take(&mut self, step: &Step) {
        self.steps += 1;
        let orders = self.orders.clone();
        let pick = |index: &usize| orders.get(index % orders.len().max(1)).copied();
        match step {
            Step::Order if self.orders.len() < 4 => {
                self.order().await;
            }
            Step::Order => {}
            Step::Start(order, provider, crash) => {
                let Some(order) = pick(order) else { return };
                let start = async |world: &World| {
                    let started = world.checkout.start(world.diner, Target::Order(order), NAMES[*provider], None).await;
                    refused_at_most(started.map(drop));
                };
                self.run(*crash, start).await;
            }
            Step::Pay(order, payment, told) => {
                let Some(found) = self.pick_payment(pick(order), *payment).await else { return };
                let Some(provider) = self.provider(&found.provider) else { return };
                if provider.pay(&found.out_trade_no) && *told {
                    self.call_back(&found, None).await;
                }
            }
            Step::Callback(order, payment, crash) => {
                let Some(found) = self.pick_payment(pick(order), *payment).await else { return };
                let paid = self.provider(&found.provider).is_some_and(|provider| {
                    let deals = provider.deals.lock().unwrap();
                    deals.get(&found.out_trade_no).is_some_and(|deal| deal.state == Standing::Paid)
                });
                if paid {
                    self.call_back(&found, *crash).await;
                }
            }
            Step::Look(seconds, crash) => {
                self.pass(seconds * 1000);
                self.run(*crash, async |world: &World| world.checkout.look().await.map(drop).unwrap()).await;
            }
            Step::Withdraw(order, crash) => {
                let Some(order) = pick(order) else { return };
                let withdraw = async |world: &World| {
                    let actor = Actor::Diner(world.diner.id);
                    refused_at_most(world.checkout.withdraw(order, actor, "").await);
                };
                self.run(*crash, withdraw).await;
            }
            Step::CancelByStaff(order, crash) => {
                let Some(order) = pick(order) else { return };
                let cancel = async |world: &World| {
                    let find = move |conn: &rusqlite::Connection| Ok(vec![order::actions::load(conn, order)?]);
                    let cancel = move |tx: &mut crate::store::Tx<'_>, _| cancel_by_staff(tx, order, "admin", true, "");
                    refused_at_most(world.checkout.change_owed(find, cancel).await);
                };
                self.run(*crash, cancel).await;
            }
            Step::Cash(order) => {
                let Some(order) = pick(order) else { return };
                let taken = move |tx: &mut crate::store::Tx<'_>| {
                    settle::take_at_counter(tx, Target::Order(order), Channel::Cash, PRICE, "admin").map(drop)
                };
                if refused_at_most(self.store.write(taken).await) {
                    self.cash.insert(order, PRICE);
                }
            }
            Step::RefundPart(order, fen) => {
                let Some(order) = pick(order) else { return };
                let (fen, op_id) = (Fen(*fen), format!("part {}", self.steps));
                let sent = move |tx: &mut crate::store::Tx<'_>| refund::send_part(tx, order, fen, "", &op_id, "admin");
                if refused_at_most(self.store.write(sent).await) {
                    let part = self.parts.entry(order).or_default();
                    *part = part.plus(fen);
                }
            }
            Step::Scan(order, pays, crash) => {
                let Some(order) = pick(order) else { return };
                let code = if *pays { "131234567890123451" } else { "131234567890123450" };
                // Nobody turns the clock while the cashier waits, so the waiting always ends by a crash.
                let charge = async |world: &World| {
                    refused_at_most(world.checkout.charge(Target::Order(order), code, Deed::default()).await.map(drop));
                };
                self.run(Some(*crash), charge).await;
            }
            Step::Line(provider, up) => self.providers[*provider].reachable.store(*up, Ordering::SeqCst),
            Step::LoseAnswers(provider, loses) => {
                self.providers[*provider].loses_answers.store(*loses, Ordering::SeqCst);
            }
            Step::Restart => self.restart().await,
        }
    }

    fn provider(&self, name: &str) -> Option<Arc<Pretended>> {
        self.providers.iter().find(|provider| provider.name == name).cloned()
    }

    async fn pick_payment(&self, order: Option<OrderId>, index: usize) -> Option<Payment> {
        let payments = self.payments(order?).await;
        payments.get(index % payments.len().max(1)).cloned()
    }

    async fn call_back(&mut self, payment: &Payment, crash: Option<usize>) {
        let (name, number) = (payment.provider.clone(), payment.out_trade_no.clone());
        let deliver = async |world: &World| {
            let taken = world.checkout.take_callback(&name, &HeaderMap::new(), number.as_bytes()).await;
            taken.map(drop).expect("a genuine callback is never refused");
        };
        self.run(crash, deliver).await;
    }

    /// What must hold when everything answers again and the dust has settled.
    async fn check(&self) {
        for provider in &self.providers {
            let name = provider.name;
            let booked = self.store.read(move |conn| {
                let entries = ledger::list_by_provider(conn, name, Timestamp(0), Timestamp(i64::MAX))?;
                Ok(ledger::total(&entries).net())
            });
            assert_eq!(booked.await.unwrap(), provider.net(), "the ledger is where {name}'s money is");
        }
        let alerts = self.counted("select count(*) from alert where kind = 1").await;
        let announced = self.counted("select count(distinct order_id) from alert where kind = 1").await;
        assert_eq!(alerts, announced, "an order is announced once");
        assert_eq!(self.store.read(review::list_open).await.unwrap(), [], "nothing here needs a person");
        for order in &self.orders {
            self.check_order(*order).await;
        }
    }

    async fn check_order(&self, id: OrderId) {
        let payments = self.payments(id).await;
        let of_deals = |payment: &Payment| {
            let provider = self.provider(&payment.provider)?;
            let deal = provider.deals.lock().unwrap().get(&payment.out_trade_no)?.clone();
            (deal.state == Standing::Paid).then_some(deal.amount)
        };
        let came: i64 = payments.iter().filter_map(of_deals).map(|fen| fen.0).sum();
        let came = Fen(came).plus(self.cash.get(&id).copied().unwrap_or_default());
        let (status, pay) = self.state(id).await;
        let parts = self.parts.get(&id).copied().unwrap_or_default();
        let kept = match status {
            Status::Cancelled => Fen::ZERO,
            _ if came == Fen::ZERO => Fen::ZERO,
            _ => PRICE.minus(parts),
        };
        assert_eq!(self.balance(id).await, kept, "{status:?} {pay:?}, {came} came, parts {parts}: {payments:#?}");
        if came > Fen::ZERO {
            let open = self.store.read(move |conn| {
                let wanted = "select count(*) from alert where order_id = ?";
                Ok(conn.query_row(wanted, [id], |row| row.get::<_, i64>(0))?)
            });
            assert!(open.await.unwrap() > 0, "money of order {id} came and nobody was told");
        }
        let paid_events = self.store.read(move |conn| {
            let wanted = "select count(*) from order_event where order_id = ? and input = 'Paid'";
            Ok(conn.query_row(wanted, [id], |row| row.get::<_, i64>(0))?)
        });
        assert!(paid_events.await.unwrap() <= 1, "order {id} was paid twice");
    }
}

/// Whether it was done; a refusal is an answer, anything else is a defect.
fn refused_at_most(done: crate::error::Result<()>) -> bool {
    match done {
        Ok(()) => true,
        Err(Error::Refused(_)) => false,
        Err(Error::Internal(error)) => panic!("{error:?}"),
    }
}

/// Half a day of virtual time is longer than any code lives.
const DUST_SECONDS: i64 = 12 * 3600;

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..crate::testing::cases(96) })]

    #[test]
    fn however_things_interleave_the_money_is_where_the_ledger_says(steps in prop::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new().await;
            world.order().await;
            for step in &steps {
                world.take(step).await;
            }
            for provider in &world.providers {
                provider.reachable.store(true, Ordering::SeqCst);
                provider.loses_answers.store(false, Ordering::SeqCst);
            }
            world.watch_for(DUST_SECONDS).await;
            world.check().await;
        });
    }
}

#[test]
fn each_way_to_pay_has_its_number_on_the_wire() {
    let numbers =
        [("wechat", Channel::Code), ("wechat", Channel::Scan), ("alipay", Channel::Code), ("demo", Channel::Code)]
            .map(|(provider, channel)| pay_method(provider, channel) as i64);
    assert_eq!(numbers, [1, 1, 2, 9]);
    let counter = [Channel::Cash, Channel::Terminal].map(|channel| pay_method(COUNTER, channel) as i64);
    assert_eq!((counter, pay_method(MEMBER, Channel::Balance) as i64), ([3, 4], 5));
    for number in [1, 2, 3, 4, 5, 9] {
        assert_eq!(PayMethod::from_number(number) as i64, number);
    }
    assert_eq!(alert::Kind::from_number(3), Some(alert::Kind::Payment));
}
