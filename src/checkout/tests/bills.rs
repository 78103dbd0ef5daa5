//! Rounds on one bill: parts, whole and single orders paid every way at once, cut again, cancelled, refunded, with
//! crashes in between.

use super::*;
use crate::actor::Actor;
use crate::bill::actions::{self as bills, Off};
use crate::bill::{Account, Cut, PartState};
use crate::order::Order;
use crate::store::Tx;
use crate::units::PartId;

#[derive(Debug, Clone)]
enum Step {
    Order,
    SplitByHead(i64, Option<usize>),
    SplitByItem(Option<usize>),
    Void,
    /// (provider, crash after so many polls)
    StartWhole(usize, Option<usize>),
    StartPart(usize, usize, Option<usize>),
    StartOrder(usize, usize, Option<usize>),
    /// (provider, trade, whether the callback comes)
    Pay(usize, usize, bool),
    Scan(usize, bool, usize),
    CashPart(usize),
    CashOrder(usize),
    Discount(usize, i64),
    Cancel(usize, Option<usize>),
    Withdraw(usize, Option<usize>),
    Refund(usize, i64),
    Look(i64, Option<usize>),
    Line(usize, bool),
    LoseAnswers(usize, bool),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let (order, part, provider) = (0..4usize, 0..4usize, 0..2usize);
    let crash = || prop_oneof![4 => Just(None), 1 => (1..12usize).prop_map(Some)];
    prop_oneof![
        3 => Just(Step::Order),
        3 => (1..4i64, crash()).prop_map(|(heads, crash)| Step::SplitByHead(heads, crash)),
        2 => crash().prop_map(Step::SplitByItem),
        1 => Just(Step::Void),
        2 => (provider.clone(), crash()).prop_map(|(provider, crash)| Step::StartWhole(provider, crash)),
        4 => (part.clone(), provider.clone(), crash()).prop_map(|(part, by, crash)| Step::StartPart(part, by, crash)),
        1 => (order.clone(), provider.clone(), crash()).prop_map(|(order, by, crash)| Step::StartOrder(order, by, crash)),
        5 => (provider.clone(), 0..6usize, any::<bool>()).prop_map(|(by, trade, told)| Step::Pay(by, trade, told)),
        1 => (part.clone(), any::<bool>(), 1..12usize).prop_map(|(part, pays, crash)| Step::Scan(part, pays, crash)),
        3 => part.prop_map(Step::CashPart),
        1 => order.clone().prop_map(Step::CashOrder),
        1 => (order.clone(), 1..99i64).prop_map(|(order, percent)| Step::Discount(order, percent)),
        2 => (order.clone(), crash()).prop_map(|(order, crash)| Step::Cancel(order, crash)),
        1 => (order.clone(), crash()).prop_map(|(order, crash)| Step::Withdraw(order, crash)),
        2 => (order, 1..3800i64).prop_map(|(order, fen)| Step::Refund(order, fen)),
        3 => (1..400i64, crash()).prop_map(|(seconds, crash)| Step::Look(seconds, crash)),
        1 => (provider.clone(), any::<bool>()).prop_map(|(provider, up)| Step::Line(provider, up)),
        1 => (provider, any::<bool>()).prop_map(|(provider, loses)| Step::LoseAnswers(provider, loses)),
        1 => Just(Step::Restart),
    ]
}

impl World {
    async fn account(&self) -> Account {
        let seating = self.diner.seating;
        self.store.read(move |conn| bills::read_account(conn, seating)).await.unwrap()
    }

    async fn part(&self, index: usize) -> Option<(PartId, Fen)> {
        let parts = self.account().await.bill?.parts;
        parts.get(index % parts.len().max(1)).map(|part| (part.id, part.amount))
    }

    async fn cut(&mut self, how: Cut, crash: Option<usize>) {
        let seating = self.diner.seating;
        let cut = async |world: &World| {
            let find = move |conn: &rusqlite::Connection| bills::list_payable(conn, seating);
            let staff = Actor::Staff("admin".into());
            let cut = move |tx: &mut Tx<'_>, _: Vec<Order>| bills::split(tx, seating, &how, &staff).map(drop);
            refused_at_most(world.checkout.change_owed(find, cut).await);
        };
        self.run(crash, cut).await;
    }

    async fn begin(&mut self, target: Target, provider: usize, crash: Option<usize>) {
        let start = async |world: &World| {
            refused_at_most(world.checkout.start(world.diner, target, NAMES[provider], None).await.map(drop));
        };
        self.run(crash, start).await;
    }

    async fn take_cash(&self, target: Target, amount: Fen) {
        let taken =
            move |tx: &mut Tx<'_>| settle::take_at_counter(tx, target, Channel::Cash, amount, "admin").map(drop);
        refused_at_most(self.store.write(taken).await);
    }

    async fn load(&self, order: OrderId) -> Order {
        self.store.read(move |conn| order::actions::load(conn, order)).await.unwrap()
    }

    async fn step(&mut self, step: &Step) {
        self.steps += 1;
        let orders = self.orders.clone();
        let pick = |index: &usize| orders[index % orders.len()];
        match step {
            Step::Order if orders.len() < 4 => drop(self.order().await),
            Step::Order => {}
            Step::SplitByHead(heads, crash) => self.cut(Cut::Heads(*heads), *crash).await,
            Step::SplitByItem(crash) => self.cut(Cut::Items(vec![]), *crash).await,
            Step::Void => {
                let Some(bill) = self.account().await.bill else { return };
                let (find_in, id) = (bill.orders.clone(), bill.id);
                let find = move |conn: &rusqlite::Connection| {
                    find_in.iter().map(|order| order::actions::load(conn, *order)).collect()
                };
                let void = move |tx: &mut Tx<'_>, _: Vec<Order>| {
                    let bill = bills::load(tx.conn(), id)?;
                    bills::void(tx, &bill)
                };
                if bill.open_parts().next().is_some() {
                    refused_at_most(self.checkout.change_owed(find, void).await);
                }
            }
            Step::StartWhole(provider, crash) => {
                let start = async |world: &World| {
                    let part = match world.checkout.whole_of(world.diner).await {
                        Ok(part) => part,
                        Err(error) => {
                            refused_at_most(Err(error));
                            return;
                        }
                    };
                    let target = Target::Part(part);
                    refused_at_most(world.checkout.start(world.diner, target, NAMES[*provider], None).await.map(drop));
                };
                self.run(*crash, start).await;
            }
            Step::StartPart(part, provider, crash) => {
                let Some((part, _)) = self.part(*part).await else { return };
                self.begin(Target::Part(part), *provider, *crash).await;
            }
            Step::StartOrder(order, provider, crash) => self.begin(Target::Order(pick(order)), *provider, *crash).await,
            Step::Pay(provider, trade, told) => {
                let provider = self.providers[*provider].clone();
                let numbers: Vec<String> = provider.deals.lock().unwrap().keys().cloned().collect();
                let Some(number) = numbers.get(trade % numbers.len().max(1)) else { return };
                if provider.pay(number) && *told {
                    let body = number.as_bytes();
                    let taken = self.checkout.take_callback(provider.name, &HeaderMap::new(), body).await;
                    taken.map(drop).expect("a genuine callback is never refused");
                }
            }
            Step::Scan(part, pays, crash) => {
                let Some((part, _)) = self.part(*part).await else { return };
                let code = if *pays { "131234567890123451" } else { "131234567890123450" };
                let charge = async |world: &World| {
                    refused_at_most(world.checkout.charge(Target::Part(part), code, Deed::default()).await.map(drop));
                };
                self.run(Some(*crash), charge).await;
            }
            Step::CashPart(part) => {
                let Some((part, amount)) = self.part(*part).await else { return };
                self.take_cash(Target::Part(part), amount).await;
            }
            Step::CashOrder(order) => {
                let order = self.load(pick(order)).await;
                self.take_cash(Target::Order(order.id), order.amount).await;
            }
            Step::Discount(order, percent) => {
                let (order, off) = (pick(order), Off::Percent(*percent));
                let find = move |conn: &rusqlite::Connection| Ok(vec![order::actions::load(conn, order)?]);
                let take_off =
                    move |tx: &mut Tx<'_>, orders: Vec<Order>| bills::discount(tx, &orders, off, "x", "admin");
                refused_at_most(self.checkout.change_owed(find, take_off).await);
            }
            Step::Refund(order, fen) => {
                let (order, fen, op_id) = (pick(order), Fen(*fen), format!("part {}", self.steps));
                let sent = move |tx: &mut Tx<'_>| refund::send_part(tx, order, fen, "", &op_id, "admin");
                if refused_at_most(self.store.write(sent).await) {
                    let part = self.parts.entry(order).or_default();
                    *part = part.plus(fen);
                }
            }
            Step::Cancel(order, crash) => self.take(&crate::checkout::tests::Step::CancelByStaff(*order, *crash)).await,
            Step::Withdraw(order, crash) => self.take(&crate::checkout::tests::Step::Withdraw(*order, *crash)).await,
            Step::Look(seconds, crash) => self.take(&crate::checkout::tests::Step::Look(*seconds, *crash)).await,
            Step::Line(provider, up) => self.take(&crate::checkout::tests::Step::Line(*provider, *up)).await,
            Step::LoseAnswers(provider, loses) => {
                self.take(&crate::checkout::tests::Step::LoseAnswers(*provider, *loses)).await
            }
            Step::Restart => self.restart().await,
        }
    }

    /// What must hold when the dust has settled.
    async fn check_bills(&self) {
        let account = self.account().await;
        let mut kept = Fen::ZERO;
        for id in &self.orders {
            let order = self.load(*id).await;
            let gone = self.parts.get(id).copied().unwrap_or_default();
            let wanted = match (order.state.status, order.state.pay) {
                (Status::Cancelled, _) | (_, Pay::Unpaid) => Fen::ZERO,
                (_, Pay::Paid | Pay::Refunded) => order.amount.minus(gone),
            };
            assert_eq!(self.balance(*id).await, wanted, "{order:#?}");
            kept = kept.plus(wanted);
        }
        if let Some(bill) = account.bill.filter(|bill| bill.state == crate::bill::BillState::Open) {
            let total: Fen =
                account.orders.iter().filter(|one| bill.orders.contains(&one.id)).map(|one| one.amount).sum();
            let open: Fen = bill.open_parts().map(|part| part.amount).sum();
            let cut = bill.parts.iter().any(|part| part.state == PartState::Open);
            assert!(bill.paid() < total, "a bill with all its money is paid: {bill:#?}");
            assert!(!cut || bill.paid().plus(open) == total, "the parts are the orders: {bill:#?}");
            kept = kept.plus(bill.paid());
        }
        let booked = "select coalesce(sum(amount_fen), 0) from ledger_entry";
        assert_eq!(Fen(self.counted(booked).await), kept, "all that came is an order's, or in an open bill");
        for provider in &self.providers {
            let name = provider.name;
            let of_provider = self.store.read(move |conn| {
                let entries = ledger::list_by_provider(conn, name, Timestamp(0), Timestamp(i64::MAX))?;
                Ok(ledger::total(&entries).net())
            });
            let by_hand = "select coalesce(sum(amount_fen), 0) from refund where state not in ('done', 'pending')";
            assert_eq!(of_provider.await.unwrap(), provider.net(), "the ledger is where {name}'s money is");
            assert_eq!(self.counted(by_hand).await, 0);
        }
        assert_eq!(self.store.read(review::list_open).await.unwrap(), [], "nothing here needs a person");
        let twice = "select count(*) from (select 1 from order_event where input = 'Paid' group by order_id having count(*) > 1)";
        assert_eq!(self.counted(twice).await, 0, "an order was paid twice");
        let waiting = "select (select count(*) from payment where state in ('creating', 'open')) \
            + (select count(*) from refund where state = 'pending')";
        assert_eq!(self.counted(waiting).await, 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..crate::testing::cases(64) })]

    #[test]
    fn however_a_bill_is_cut_and_paid_its_money_is_the_orders(steps in prop::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new().await;
            world.order().await;
            world.order().await;
            for step in &steps {
                world.step(step).await;
            }
            for provider in &world.providers {
                provider.reachable.store(true, Ordering::SeqCst);
                provider.loses_answers.store(false, Ordering::SeqCst);
            }
            world.watch_for(DUST_SECONDS).await;
            world.check_bills().await;
        });
    }
}
