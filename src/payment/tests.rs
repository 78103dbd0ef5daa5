use super::actions::{Settled, Way, begin, cancel_by_staff, settle, withdraw};
use super::provider::{Called, Paid, RefundState};
use super::*;
use crate::alert;
use crate::cart::{self, Change};
use crate::error::{Error, Refusal};
use crate::event::Event;
use crate::menu::{self, Cuisine};
use crate::order::actions::{Submission, Terms};
use crate::order::{self, Actor, Order, PayMode, Status};
use crate::seating::{self, Diner};
use crate::store::{Tx, in_memory};
use crate::units::{Calendar, CuisineId, Fen, Timestamp};
use rusqlite::Connection;
use std::sync::Arc;

const NOW: Timestamp = Timestamp(1_795_000_000_000);

fn tx(conn: &Connection) -> Tx<'_> {
    Tx::new(conn, NOW)
}

fn shop() -> (Connection, Diner) {
    let conn = in_memory();
    let diner = open_shop(&mut tx(&conn)).unwrap();
    (conn, diner)
}

/// One dish and one party.
pub fn open_shop(tx: &mut Tx<'_>) -> crate::error::Result<Diner> {
    let category = menu::actions::add_category(tx, "菜", 1, 1)?;
    let dish = Cuisine {
        cuisine_id: CuisineId(1001),
        cuisine_name: "宫保鸡丁".into(),
        cuisine_type: 1,
        cuisine_image: String::new(),
        unit_price: Fen(3800),
        description: String::new(),
        sold_out: false,
        options: vec![],
    };
    menu::actions::add_cuisine(tx, category, 1, &dish)?;
    seating::actions::add_table(tx, "A01", "code")?;
    Ok(seating::actions::join(tx, "code", None)?.1)
}

fn order(conn: &Connection, diner: Diner) -> Arc<Order> {
    order_dish(&mut tx(conn), diner).unwrap()
}

/// An order of 38.00, to be paid first.
pub fn order_dish(tx: &mut Tx<'_>, diner: Diner) -> crate::error::Result<Arc<Order>> {
    let add = Change::Add { cuisine: CuisineId(1001), quantity: 1, remark: String::new(), options: vec![] };
    let (_, cart) = cart::actions::change(tx, diner, None, add)?;
    let terms =
        Terms { mode: PayMode::First, pay_within_seconds: 900, calendar: Calendar::new(jiff::tz::TimeZone::UTC, 0) };
    let submission = Submission {
        version: cart.version,
        remark: String::new(),
        diners_count: None,
        op_id: format!("o{}", cart.version),
    };
    order::actions::submit(tx, diner, &terms, &submission)
}

fn pay(conn: &Connection, order: &Order, provider: &str) -> Payment {
    begin(&mut tx(conn), order, &way(provider), 900).unwrap()
}

fn way(provider: &str) -> Way {
    Way { provider: provider.into(), channel: Channel::Code, payer: String::new() }
}

fn answered(conn: &Connection, refund: &Refund, said: Called<RefundState>) {
    refund::answered(&mut tx(conn), refund, &said).unwrap();
}

fn reviews(conn: &Connection) -> Vec<review::Review> {
    review::list_open(conn).unwrap()
}

fn paid(payment: &Payment, transaction: &str) -> Paid {
    Paid {
        out_trade_no: payment.out_trade_no.clone(),
        transaction_id: transaction.into(),
        amount: payment.amount,
        for_us: true,
        paid_at: None,
        refunded: false,
    }
}

fn settled(conn: &Connection, provider: &str, paid: &Paid) -> (Settled, usize) {
    let mut tx = tx(conn);
    let settled = settle(&mut tx, provider, paid, Source::Callback).unwrap();
    let is_order = |event: &&Event| matches!(event, Event::AlertRaised(alert) if alert.kind == alert::Kind::NewOrder);
    (settled, tx.events().iter().filter(is_order).count())
}

fn now(conn: &Connection, order: &Order) -> (Status, order::Pay) {
    let state = order::actions::load(conn, order.id).unwrap().state;
    (state.status, state.pay)
}

fn refunds(conn: &Connection) -> Vec<Refund> {
    actions::list_due(conn, NOW, 10).unwrap().1
}

#[test]
fn a_payment_is_booked_once_and_announced_once() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    let payment = pay(&conn, &order, "demo");
    assert_eq!(pay(&conn, &order, "demo").id, payment.id, "asking again is the same payment");
    assert_eq!(settled(&conn, "demo", &paid(&payment, "t1")), (Settled::Paid, 1));
    for _ in 0..3 {
        assert_eq!(settled(&conn, "demo", &paid(&payment, "t1")), (Settled::AlreadyDone, 0));
    }
    assert_eq!(now(&conn, &order), (Status::ToBeConfirmed, order::Pay::Paid));
    assert!(matches!(
        begin(&mut tx(&conn), &order::actions::load(&conn, order.id).unwrap(), &way("demo"), 900),
        Err(Error::Refused(Refusal::OrderState(_)))
    ));
}

#[test]
fn what_was_not_asked_for_is_quarantined_and_never_paid() {
    for spoil in [
        (|paid: &mut Paid| paid.amount = Fen(1)) as fn(&mut Paid),
        |paid| paid.amount = Fen(3801),
        |paid| paid.for_us = false,
    ] {
        let (conn, diner) = shop();
        let order = order(&conn, diner);
        let payment = pay(&conn, &order, "demo");
        let mut wrong = paid(&payment, "t1");
        spoil(&mut wrong);
        assert_eq!(settled(&conn, "demo", &wrong), (Settled::NeedsReview, 0));
        assert_eq!(settled(&conn, "demo", &paid(&payment, "t2")), (Settled::AlreadyDone, 0), "a person decides");
        assert_eq!(now(&conn, &order), (Status::PendingPayment, order::Pay::Unpaid));
        assert_eq!(reviews(&conn).len(), 1);
        assert_eq!(alert::actions::list_open(&conn).unwrap().len(), 1, "the counter is told");
    }
}

#[test]
fn a_second_transaction_on_one_payment_is_for_a_person_and_the_booked_one_still_goes_back_when_staff_refuse() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    let payment = pay(&conn, &order, "demo");
    settled(&conn, "demo", &paid(&payment, "t1"));
    assert_eq!(settled(&conn, "demo", &paid(&payment, "t2")), (Settled::NeedsReview, 0));
    assert_eq!(settled(&conn, "demo", &paid(&payment, "t2")), (Settled::AlreadyDone, 0), "told once");
    assert_eq!(now(&conn, &order), (Status::ToBeConfirmed, order::Pay::Paid));
    assert_eq!(reviews(&conn).len(), 1);
    cancel_by_staff(&mut tx(&conn), order.id, "admin", "").unwrap();
    assert_eq!(refunds(&conn).len(), 1);
}

#[test]
fn one_transaction_cannot_pay_two_payments() {
    let (conn, diner) = shop();
    let (first, second) = (order(&conn, diner), order(&conn, diner));
    settled(&conn, "demo", &paid(&pay(&conn, &first, "demo"), "t1"));
    assert_eq!(settled(&conn, "demo", &paid(&pay(&conn, &second, "demo"), "t1")), (Settled::NeedsReview, 0));
    assert_eq!(now(&conn, &second), (Status::PendingPayment, order::Pay::Unpaid));
}

#[test]
fn an_order_is_refunded_only_when_every_payment_of_it_is() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    let (first, second) = (pay(&conn, &order, "demo"), pay(&conn, &order, "other"));
    settled(&conn, "demo", &paid(&first, "t1"));
    settled(&conn, "other", &paid(&second, "t2"));
    cancel_by_staff(&mut tx(&conn), order.id, "admin", "").unwrap();
    let due = refunds(&conn);
    assert_eq!(due.len(), 2);
    for (refund, pay) in due.iter().zip([order::Pay::Paid, order::Pay::Refunded]) {
        answered(&conn, refund, Ok(RefundState::Done(None)));
        assert_eq!(now(&conn, &order), (Status::Cancelled, pay));
    }
}

#[test]
fn an_order_paid_on_two_channels_gets_the_second_back_once() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    let (first, second) = (pay(&conn, &order, "demo"), pay(&conn, &order, "other"));
    assert_eq!(settled(&conn, "demo", &paid(&first, "t1")), (Settled::Paid, 1));
    assert_eq!(settled(&conn, "other", &paid(&second, "t2")), (Settled::Refunding, 0));
    assert_eq!(settled(&conn, "other", &paid(&second, "t2")), (Settled::AlreadyDone, 0));
    let due = refunds(&conn);
    assert_eq!(due.len(), 1);
    assert_eq!((due[0].payment, due[0].amount), (second.id, Fen(3800)));
    answered(&conn, &due[0], Ok(RefundState::Done(None)));
    assert_eq!(now(&conn, &order), (Status::ToBeConfirmed, order::Pay::Paid), "the first payment stays");
    assert!(refunds(&conn).is_empty());
}

#[test]
fn money_that_comes_after_the_cancellation_goes_back_once() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    let payment = pay(&conn, &order, "demo");
    let open = withdraw(&mut tx(&conn), order.id, &Actor::Diner(diner.id), "");
    assert!(matches!(open, Err(Error::Refused(Refusal::PaymentUnconfirmed))), "not while it can still be paid");
    actions::closed(&mut tx(&conn), payment.id).unwrap();
    withdraw(&mut tx(&conn), order.id, &Actor::Diner(diner.id), "").unwrap();
    for expected in [Settled::Refunding, Settled::AlreadyDone] {
        assert_eq!(settled(&conn, "demo", &paid(&payment, "late")), (expected, 0));
    }
    assert_eq!(now(&conn, &order), (Status::Cancelled, order::Pay::Unpaid));
    assert_eq!(refunds(&conn).len(), 1);
}

#[test]
fn a_closed_payment_that_was_paid_after_all_still_pays_an_open_order() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    let payment = pay(&conn, &order, "demo");
    actions::closed(&mut tx(&conn), payment.id).unwrap();
    assert_eq!(settled(&conn, "demo", &paid(&payment, "t1")), (Settled::Paid, 1));
}

#[test]
fn staff_cancel_a_paid_order_and_the_money_goes_back() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    let payment = pay(&conn, &order, "demo");
    settled(&conn, "demo", &paid(&payment, "t1"));
    cancel_by_staff(&mut tx(&conn), order.id, "admin", "没有菜了").unwrap();
    assert_eq!(now(&conn, &order), (Status::Cancelled, order::Pay::Paid));
    let due = refunds(&conn);
    answered(&conn, &due[0], Err(anyhow::anyhow!("silent").into()));
    assert!(refunds(&conn).is_empty(), "not answered: later, with the same number");
    answered(&conn, &due[0], Ok(RefundState::Done(None)));
    assert_eq!(now(&conn, &order), (Status::Cancelled, order::Pay::Refunded));
    assert!(alert::actions::list_open(&conn).unwrap().is_empty(), "a cancelled order does not ring");
}

#[test]
fn queries_are_quick_at_first_and_then_rarer() {
    assert_eq!([0, 59, 60, 299, 300, 9999].map(query_interval), [2, 2, 10, 10, 30, 30]);
    assert_eq!([0, 1, 5, 7, 100].map(retry_interval), [5, 10, 160, 600, 600]);
}
