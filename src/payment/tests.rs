use super::Target;
use super::actions::{Way, begin};
use super::owed::{Owed, is_wanted};
use super::provider::{Called, Paid, RefundNotice, Returned};
use super::settle::{Settled, Verdict, decide, settle, take_at_counter};
use super::*;
use crate::actor::{Actor, Source};
use crate::alert;
use crate::bill;
use crate::cart::{self, Change};
use crate::error::{Error, Refusal};
use crate::event::Event;
use crate::menu::{self, Cuisine};
use crate::order::actions::{Submission, Terms};
use crate::order::{self, Fees, Order, PayMode, Status};
use crate::room::orders::{cancel_by_staff, withdraw};
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
        left: None,
        hours: String::new(),
        open: true,
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
    let calendar = Calendar::new(jiff::tz::TimeZone::UTC, 0);
    let (_, cart) = cart::actions::change(tx, diner, None, add, &calendar)?;
    let terms = Terms { mode: PayMode::First, pay_within_seconds: 900, calendar, fees: Fees::default() };
    let submission = Submission {
        version: cart.version,
        remark: String::new(),
        diners_count: None,
        packed: false,
        op_id: format!("o{}", cart.version),
    };
    order::actions::submit(tx, diner, &terms, &submission)
}

fn pay(conn: &Connection, order: &Order, provider: &str) -> Payment {
    begin(&mut tx(conn), &owed(conn, order), &way(provider), 900).unwrap()
}

fn owed(conn: &Connection, order: &Order) -> Owed {
    Owed::load(conn, Target::Order(order.id)).unwrap()
}

fn way(provider: &str) -> Way {
    Way { provider: provider.into(), channel: Channel::Code, payer: String::new() }
}

fn answered(conn: &Connection, refund: &Refund, said: Called<Returned>) {
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

/// What money is to a payment, for each state of it. A row: what is odd about the money, then the verdict on it where the
/// payment is being created, open, closed, quarantined for money that was not ours, quarantined for money that was, paid:
/// `p` is what was asked for, `b` goes back, `o` odd, `f` foreign, `2` a second transaction, `=` known, `.` can't be.
const VERDICTS: &str = "
    nothing     p p p p 2 2
    same        . . . . = =
    merchant    f f f = = 2
    another's   f f f f 2 2
    refunded    o o o o 2 2
    less        o o o o 2 2
    nothing-due b b b b 2 2
    repriced    o o o o 2 2";

#[test]
fn what_money_is_to_a_payment_is_what_the_grid_says() {
    let (conn, diner) = shop();
    let open_order = order(&conn, diner);
    let payment = pay(&conn, &open_order, "demo");
    let due = owed(&conn, &open_order);
    take_at_counter(&mut tx(&conn), Target::Order(open_order.id), Channel::Cash, Fen(3800), "admin").unwrap();
    let not_due = owed(&conn, &open_order);
    let mut seen = 0;
    for row in VERDICTS.trim().lines() {
        let words: Vec<&str> = row.split_whitespace().collect();
        let states = [
            (PaymentState::Creating, None),
            (PaymentState::Open, None),
            (PaymentState::Closed, None),
            (PaymentState::NeedsReview, None),
            (PaymentState::NeedsReview, Some("t1")),
            (PaymentState::Paid, Some("t1")),
        ];
        for ((state, has), wanted) in states.into_iter().zip(&words[1..]).filter(|(_, wanted)| **wanted != ".") {
            let mut payment = Payment { state, transaction_id: has.map(str::to_owned), ..payment.clone() };
            let mut money = paid(&payment, "t2");
            let (mut owed, mut is_of_another) = (due.clone(), false);
            match words[0] {
                "nothing" => {}
                "same" => money.transaction_id = "t1".into(),
                "merchant" => money.for_us = false,
                "another's" => is_of_another = true,
                "refunded" => money.refunded = true,
                "less" => money.amount = Fen(1),
                "nothing-due" => owed = not_due.clone(),
                "repriced" => (owed.amount, payment.amount) = (Fen(4200), Fen(3800)),
                other => panic!("{other}"),
            }
            let said = match decide(&payment, &owed, &money, is_of_another) {
                Verdict::Known => "=",
                Verdict::Wanted => "p",
                Verdict::Unwanted(_) => "b",
                Verdict::Odd { .. } => "o",
                Verdict::Foreign { .. } => "f",
                Verdict::Second => "2",
            };
            assert_eq!(said, *wanted, "{} money for a payment that is {state:?} with {has:?}", words[0]);
            seen += 1;
        }
    }
    assert_eq!(seen, 8 * 6 - 4);
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
        begin(&mut tx(&conn), &owed(&conn, &order), &way("demo"), 900),
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
        assert_eq!(settled(&conn, "demo", &wrong), (Settled::AlreadyDone, 0), "a person decides");
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
    cancel_by_staff(&mut tx(&conn), order.id, "admin", true, "").unwrap();
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
    cancel_by_staff(&mut tx(&conn), order.id, "admin", true, "").unwrap();
    let due = refunds(&conn);
    assert_eq!(due.len(), 2);
    for (refund, pay) in due.iter().zip([order::Pay::Paid, order::Pay::Refunded]) {
        answered(&conn, refund, Ok(Returned::Done(None)));
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
    answered(&conn, &due[0], Ok(Returned::Done(None)));
    assert_eq!(now(&conn, &order), (Status::ToBeConfirmed, order::Pay::Paid), "the first payment stays");
    assert!(refunds(&conn).is_empty());
}

#[test]
fn money_that_comes_after_the_cancellation_goes_back_once() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    let payment = pay(&conn, &order, "demo");
    let open = withdraw(&mut tx(&conn), order.id, &Actor::Diner(diner.id), "", &Fees::default());
    assert!(matches!(open, Err(Error::Refused(Refusal::PaymentUnconfirmed))), "not while it can still be paid");
    ending::closed(&mut tx(&conn), payment.id).unwrap();
    withdraw(&mut tx(&conn), order.id, &Actor::Diner(diner.id), "", &Fees::default()).unwrap();
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
    ending::closed(&mut tx(&conn), payment.id).unwrap();
    assert_eq!(settled(&conn, "demo", &paid(&payment, "t1")), (Settled::Paid, 1));
}

#[test]
fn staff_cancel_a_paid_order_and_the_money_goes_back() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    let payment = pay(&conn, &order, "demo");
    settled(&conn, "demo", &paid(&payment, "t1"));
    cancel_by_staff(&mut tx(&conn), order.id, "admin", true, "没有菜了").unwrap();
    assert_eq!(now(&conn, &order), (Status::Cancelled, order::Pay::Paid));
    let due = refunds(&conn);
    answered(&conn, &due[0], Err(anyhow::anyhow!("silent").into()));
    assert!(refunds(&conn).is_empty(), "not answered: later, with the same number");
    answered(&conn, &due[0], Ok(Returned::Done(None)));
    assert_eq!(now(&conn, &order), (Status::Cancelled, order::Pay::Refunded));
    assert!(alert::actions::list_open(&conn).unwrap().is_empty(), "a cancelled order does not ring");
}

#[test]
fn queries_are_quick_at_first_and_then_rarer() {
    assert_eq!([0, 59, 60, 299, 300, 9999].map(query_interval), [2, 2, 10, 10, 30, 30]);
    assert_eq!([0, 1, 5, 7, 100].map(retry_interval), [5, 10, 160, 600, 600]);
}

fn resolve(conn: &Connection, kind: review::Kind, action: review::Action) -> crate::error::Result<()> {
    let found = reviews(conn).into_iter().find(|one| one.kind == kind).expect("such a question is open");
    // As the writer does: what is refused has no effect.
    conn.execute_batch("savepoint one").unwrap();
    let done = review::answer::resolve(&mut tx(conn), found.id, action, "admin");
    conn.execute_batch(if done.is_ok() { "release one" } else { "rollback to one; release one" }).unwrap();
    done
}

fn balance(conn: &Connection, order: &Order) -> Fen {
    ledger::balance(conn, order.id).unwrap()
}

fn elsewhere(payment: &Payment, number: &str, fen: i64, is_running_total: bool) -> RefundNotice {
    RefundNotice {
        out_trade_no: payment.out_trade_no.clone(),
        transaction_id: Some("t1".into()),
        out_refund_no: number.into(),
        for_us: true,
        amount: Fen(fen),
        is_running_total,
        state: Returned::Done(None),
    }
}

#[test]
fn our_own_money_is_booked_also_after_a_quarantine_for_somebody_else_s() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    let payment = pay(&conn, &order, "demo");
    let foreign = Paid { for_us: false, ..paid(&payment, "theirs") };
    for (said, told) in [(Settled::NeedsReview, 1), (Settled::AlreadyDone, 1)] {
        assert_eq!(settled(&conn, "demo", &foreign), (said, 0));
        assert_eq!(reviews(&conn).len(), told);
    }
    assert_eq!(balance(&conn, &order), Fen::ZERO, "what is not ours is no entry");
    resolve(&conn, review::Kind::Merchant, review::Action::Dismiss).unwrap();
    assert_eq!(settled(&conn, "demo", &foreign), (Settled::AlreadyDone, 0), "answered once and for all");
    assert_eq!(settled(&conn, "demo", &paid(&payment, "ours")), (Settled::Paid, 1));
    assert_eq!(balance(&conn, &order), Fen(3800));
}

#[test]
fn another_amount_is_sent_back_or_taken_but_not_both() {
    for (action, end) in
        [(review::Action::Accept, (order::Pay::Paid, 0)), (review::Action::Refund, (order::Pay::Unpaid, 1))]
    {
        let (conn, diner) = shop();
        let order = order(&conn, diner);
        let payment = pay(&conn, &order, "demo");
        settled(&conn, "demo", &Paid { amount: Fen(3500), ..paid(&payment, "t1") });
        assert_eq!(balance(&conn, &order), Fen(3500), "money is money");
        resolve(&conn, review::Kind::Amount, action).unwrap();
        assert_eq!((now(&conn, &order).1, refunds(&conn).len()), end);
        assert!(reviews(&conn).is_empty());
        let open = alert::actions::list_open(&conn).unwrap();
        assert!(open.iter().all(|alert| alert.kind != alert::Kind::Payment), "nothing rings for it any more");
    }
}

#[test]
fn a_review_is_resolved_once_and_the_same_tap_twice_is_one() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    settled(&conn, "demo", &Paid { amount: Fen(3500), ..paid(&pay(&conn, &order, "demo"), "t1") });
    let id = reviews(&conn)[0].id;
    let tap = |action| review::answer::resolve(&mut tx(&conn), id, action, "admin");
    assert!(matches!(tap(review::Action::Retry), Err(Error::Refused(Refusal::BadRequest(_)))));
    for _ in 0..2 {
        tap(review::Action::Refund).unwrap();
    }
    assert_eq!(refunds(&conn).len(), 1);
    assert!(matches!(tap(review::Action::Accept), Err(Error::Refused(Refusal::ReviewResolved))));
}

#[test]
fn what_went_back_elsewhere_does_not_go_back_again() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    let payment = pay(&conn, &order, "demo");
    settled(&conn, "demo", &paid(&payment, "t1"));
    refund::noticed(&mut tx(&conn), "demo", &elsewhere(&payment, "x1", 1000, true)).unwrap();
    resolve(&conn, review::Kind::RefundedElsewhere, review::Action::HandedBack).unwrap();
    assert_eq!(balance(&conn, &order), Fen(2800));
    refund::noticed(&mut tx(&conn), "demo", &elsewhere(&payment, "x2", 1500, true)).unwrap();
    assert_eq!(reviews(&conn)[0].amount, Some(Fen(500)), "of a running total only what is new");
    resolve(&conn, review::Kind::RefundedElsewhere, review::Action::HandedBack).unwrap();
    refund::noticed(&mut tx(&conn), "demo", &elsewhere(&payment, "x3", 1500, true)).unwrap();
    assert!(reviews(&conn).is_empty(), "nothing new went back");
    cancel_by_staff(&mut tx(&conn), order.id, "admin", true, "").unwrap();
    let due = refunds(&conn);
    assert_eq!((due.len(), due[0].amount), (1, Fen(2300)), "only what is left");
    answered(&conn, &due[0], Ok(Returned::Done(None)));
    assert_eq!((balance(&conn, &order), now(&conn, &order).1), (Fen::ZERO, order::Pay::Refunded));
}

#[test]
fn money_that_has_gone_back_pays_nothing() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    let payment = pay(&conn, &order, "demo");
    settled(&conn, "demo", &Paid { amount: Fen(3500), ..paid(&payment, "t1") });
    refund::noticed(&mut tx(&conn), "demo", &elsewhere(&payment, "x1", 3500, false)).unwrap();
    resolve(&conn, review::Kind::RefundedElsewhere, review::Action::HandedBack).unwrap();
    assert!(resolve(&conn, review::Kind::Amount, review::Action::Accept).is_err());
    assert_eq!((balance(&conn, &order), now(&conn, &order).1), (Fen::ZERO, order::Pay::Unpaid));
}

#[test]
fn dismissing_one_question_leaves_the_other_s_money_where_it_can_go_back() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    let payment = pay(&conn, &order, "demo");
    settled(&conn, "demo", &Paid { amount: Fen(3500), ..paid(&payment, "t1") });
    refund::noticed(&mut tx(&conn), "demo", &elsewhere(&payment, "x1", 100, false)).unwrap();
    resolve(&conn, review::Kind::RefundedElsewhere, review::Action::Dismiss).unwrap();
    resolve(&conn, review::Kind::Amount, review::Action::Accept).unwrap();
    cancel_by_staff(&mut tx(&conn), order.id, "admin", true, "").unwrap();
    assert_eq!(refunds(&conn)[0].amount, Fen(3500));
}

#[test]
fn a_payment_first_heard_of_when_it_had_gone_back_is_for_a_person() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    let payment = pay(&conn, &order, "demo");
    let said = Paid { refunded: true, ..paid(&payment, "t1") };
    assert_eq!(settled(&conn, "demo", &said), (Settled::NeedsReview, 0));
    resolve(&conn, review::Kind::RefundedBefore, review::Action::HandedBack).unwrap();
    assert_eq!((balance(&conn, &order), now(&conn, &order).1), (Fen::ZERO, order::Pay::Unpaid));
    assert_eq!(settled(&conn, "demo", &paid(&payment, "t1")), (Settled::AlreadyDone, 0), "a late callback");
}

#[test]
fn both_halves_of_a_double_payment_on_one_number_can_go_back() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    let payment = pay(&conn, &order, "demo");
    settled(&conn, "demo", &paid(&payment, "t1"));
    settled(&conn, "demo", &paid(&payment, "t2"));
    assert_eq!(balance(&conn, &order), Fen(7600));
    resolve(&conn, review::Kind::Transaction, review::Action::HandedBack).unwrap();
    cancel_by_staff(&mut tx(&conn), order.id, "admin", true, "").unwrap();
    let due = refunds(&conn);
    assert_eq!((due.len(), due[0].amount), (1, Fen(3800)));
    answered(&conn, &due[0], Ok(Returned::Done(None)));
    assert_eq!((balance(&conn, &order), now(&conn, &order).1), (Fen::ZERO, order::Pay::Refunded));
}

#[test]
fn a_refund_that_does_not_go_is_tried_again_handed_back_or_dismissed_and_never_more_than_came() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    settled(&conn, "demo", &paid(&pay(&conn, &order, "demo"), "t1"));
    refund::send_part(&mut tx(&conn), order.id, Fen(1000), "", "r1", "admin").unwrap();
    answered(&conn, &refunds(&conn)[0], Ok(Returned::Abnormal));
    assert_eq!(reviews(&conn)[0].kind, review::Kind::RefundAbnormal);
    resolve(&conn, review::Kind::RefundAbnormal, review::Action::Retry).unwrap();
    let again = refunds(&conn);
    assert!(again[0].out_refund_no.ends_with("R2"), "a new number: {}", again[0].out_refund_no);
    answered(&conn, &again[0], Ok(Returned::Closed));
    cancel_by_staff(&mut tx(&conn), order.id, "admin", true, "").unwrap();
    answered(&conn, &refunds(&conn)[0], Ok(Returned::Done(None)));
    assert_eq!(balance(&conn, &order), Fen::ZERO);
    for action in [review::Action::Retry, review::Action::HandedBack] {
        assert!(resolve(&conn, review::Kind::RefundClosed, action).is_err(), "{action:?}: it has all gone back");
    }
    resolve(&conn, review::Kind::RefundClosed, review::Action::Dismiss).unwrap();
    assert_eq!((balance(&conn, &order), now(&conn, &order).1), (Fen::ZERO, order::Pay::Refunded));
}

#[test]
fn a_refund_handed_back_by_hand_comes_out_of_the_till() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    settled(&conn, "demo", &paid(&pay(&conn, &order, "demo"), "t1"));
    cancel_by_staff(&mut tx(&conn), order.id, "admin", true, "").unwrap();
    let refused = provider::CallError::Refused { code: "NOT_ENOUGH".into(), message: "余额不足".into() };
    answered(&conn, &refunds(&conn)[0], Err(refused));
    resolve(&conn, review::Kind::RefundRefused, review::Action::HandedBack).unwrap();
    let entries = ledger::list_of_order(&conn, order.id).unwrap();
    let back = entries.last().unwrap();
    assert_eq!((back.provider.as_str(), back.method.as_str(), back.amount), ("counter", "cash", Fen(-3800)));
    assert_eq!(now(&conn, &order).1, order::Pay::Refunded);
}

#[test]
fn who_may_not_move_money_cancels_only_what_is_unpaid() {
    let (conn, diner) = shop();
    let (unpaid, settled_one) = (order(&conn, diner), order(&conn, diner));
    settled(&conn, "demo", &paid(&pay(&conn, &settled_one, "demo"), "t1"));
    let cancel = |order: &Order| cancel_by_staff(&mut tx(&conn), order.id, "waiter", false, "");
    assert!(matches!(cancel(&settled_one), Err(Error::Refused(Refusal::NotAllowed))));
    cancel(&unpaid).unwrap();
    assert_eq!(now(&conn, &settled_one).0, Status::ToBeConfirmed);
}

#[test]
fn one_order_has_a_bounded_number_of_open_payments() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    let begun = |index: usize| {
        let way = Way { channel: Channel::Page, payer: format!("o{index}"), ..way("wechat") };
        begin(&mut tx(&conn), &owed(&conn, &order), &way, 900)
    };
    assert!((0..8).all(|index| begun(index).is_ok()));
    assert!(matches!(begun(8), Err(Error::Refused(Refusal::RateLimited))));
    assert!(begun(0).is_ok(), "the one that is open goes on");
}

#[test]
fn what_else_is_open_is_looked_at_the_moment_staff_have_the_money() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    let payment = pay(&conn, &order, "demo");
    assert!(actions::list_due(&conn, NOW, 10).unwrap().0.is_empty(), "its turn is in two seconds");
    take_at_counter(&mut tx(&conn), Target::Order(order.id), Channel::Cash, Fen(3800), "admin").unwrap();
    let due: Vec<_> = actions::list_due(&conn, NOW, 10).unwrap().0.iter().map(|due| due.id).collect();
    assert_eq!(due, [payment.id]);
    assert!(!is_wanted(&conn, &payment).unwrap(), "so the look closes it");
}

#[test]
fn the_bill_of_a_party_that_left_ends_with_its_last_payment_and_then_its_orders_are_paid_alone() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    let staff = Actor::Staff("admin".into());
    let bill = bill::actions::split(&mut tx(&conn), diner.seating, &bill::Cut::Heads(2), &staff).unwrap();
    let part = Owed::load(&conn, Target::Part(bill.open_parts().next().unwrap().id)).unwrap();
    let payment = begin(&mut tx(&conn), &part, &way("demo"), 900).unwrap();
    seating::actions::close(&mut tx(&conn), diner.table).unwrap();
    ending::leave_bill(&mut tx(&conn), diner.seating).unwrap();
    assert!(owed(&conn, &order).check().is_err(), "the guest may be typing the password");
    ending::closed(&mut tx(&conn), payment.id).unwrap();
    owed(&conn, &order).check().unwrap();
}

/// Its notes, of open alerts about money.
fn told(conn: &Connection) -> Vec<String> {
    alert::actions::list_open(conn).unwrap().into_iter().map(|alert| alert.note).collect()
}

#[test]
fn an_order_that_stays_half_paid_is_not_given_up_and_told_to_a_person_once() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    let staff = Actor::Staff("admin".into());
    let bill = bill::actions::split(&mut tx(&conn), diner.seating, &bill::Cut::Heads(2), &staff).unwrap();
    let part = Target::Part(bill.open_parts().next().unwrap().id);
    take_at_counter(&mut tx(&conn), part, Channel::Cash, Fen(1900), "admin").unwrap();
    for _ in 0..3 {
        let late = withdraw(&mut tx(&conn), order.id, &Actor::Expiry, "", &Fees::default());
        assert!(matches!(late, Err(Error::Refused(Refusal::OrderState(_)))));
        ending::postpone_expiry(&mut tx(&conn), order.id, 30).unwrap();
    }
    assert_eq!(told(&conn), ["账单只付了一部分：请收齐其余，或取消订单退款"]);
    assert_eq!(now(&conn, &order).0, Status::PendingPayment);
}

#[test]
fn a_code_that_is_paid_after_its_party_has_left_goes_back_unless_staff_collect_the_rest() {
    for staff_collect in [false, true] {
        let (conn, diner) = shop();
        let order = order(&conn, diner);
        let staff = Actor::Staff("admin".into());
        let bill = bill::actions::split(&mut tx(&conn), diner.seating, &bill::Cut::Heads(3), &staff).unwrap();
        let parts: Vec<_> = bill.open_parts().map(|part| Target::Part(part.id)).collect();
        let owed = Owed::load(&conn, parts[0]).unwrap();
        let payment = begin(&mut tx(&conn), &owed, &way("demo"), 900).unwrap();
        seating::actions::close(&mut tx(&conn), diner.table).unwrap();
        ending::leave_bill(&mut tx(&conn), diner.seating).unwrap();
        if staff_collect {
            take_at_counter(&mut tx(&conn), parts[1], Channel::Cash, Fen(1267), "admin").unwrap();
        }
        assert_eq!(settled(&conn, "demo", &paid(&payment, "t1")).0, Settled::Paid);
        let (sent, notes) = (refunds(&conn).len(), told(&conn));
        if staff_collect {
            assert_eq!((sent, notes), (0, vec!["账单只付了一部分：请收齐其余，或取消订单退款".to_owned()]));
            assert_eq!(actions::wanted_at_counter(&conn, order.id).unwrap(), Fen(1266));
            take_at_counter(&mut tx(&conn), Target::Order(order.id), Channel::Cash, Fen(1266), "admin").unwrap();
            assert_eq!(now(&conn, &order), (Status::ToBeConfirmed, order::Pay::Paid));
        } else {
            assert_eq!((sent, notes), (1, vec!["客人已离店，账单只付了一部分，已付的自动退回".to_owned()]));
            withdraw(&mut tx(&conn), order.id, &Actor::Expiry, "", &Fees::default()).unwrap();
            assert_eq!(now(&conn, &order).0, Status::Cancelled);
        }
    }
}

#[test]
fn a_refund_without_an_end_is_told_to_a_person_once() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    settled(&conn, "demo", &paid(&pay(&conn, &order, "demo"), "t1"));
    cancel_by_staff(&mut tx(&conn), order.id, "admin", true, "").unwrap();
    let sent = refunds(&conn).remove(0);
    for told in 0..60 {
        let refund = refund::load(&conn, sent.id).unwrap();
        answered(&conn, &refund, if told % 2 == 0 { Ok(Returned::Pending) } else { Err(anyhow::anyhow!("").into()) });
    }
    assert_eq!(alert::actions::list_open(&conn).unwrap().len(), 1);
}

#[test]
fn a_payment_whose_provider_is_gone_is_given_up_and_told() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    let payment = pay(&conn, &order, "wechat");
    ending::give_up(&mut tx(&conn), &payment).unwrap();
    assert_eq!(actions::load(&conn, payment.id).unwrap().state, PaymentState::Closed);
    assert!(alert::actions::list_open(&conn).unwrap()[0].note.contains("微信支付"));
    withdraw(&mut tx(&conn), order.id, &Actor::Expiry, "", &Fees::default()).unwrap();
}

#[test]
fn a_trade_that_something_has_happened_to_is_asked_about_within_a_second_whatever_was_planned() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    let payment = pay(&conn, &order, "demo");
    let at = |seconds: i64| Tx::new(&conn, NOW.plus_seconds(seconds));
    let is_due = |seconds: i64| !actions::list_due(&conn, NOW.plus_seconds(seconds), 10).unwrap().0.is_empty();
    actions::ask_again(&mut at(400), &payment, true).unwrap();
    assert!(!is_due(420), "it is old, and rarely asked about");
    let tell = |seconds: i64, number: &str| actions::ask_now(&mut at(seconds), "demo", number).unwrap();
    tell(401, "another's");
    assert!(!is_due(420));
    for _ in 0..3 {
        tell(401, &payment.out_trade_no);
    }
    tell(402, &payment.out_trade_no);
    assert!(!is_due(401) && is_due(402), "once a second at most, and no repeat puts it off");
    ending::closed(&mut at(410), payment.id).unwrap();
    assert!(!is_due(412));
    tell(411, &payment.out_trade_no);
    assert!(is_due(412), "also a closed one");
    settled(&conn, "demo", &paid(&payment, "t1"));
    tell(420, &payment.out_trade_no);
    assert!(!is_due(500), "of a paid one everything is known");
}

/// An order that is paid, with a refund of a part of it under way.
fn refunding(conn: &Connection, diner: Diner, part: i64) -> (Arc<Order>, Payment, Refund) {
    let order = order(conn, diner);
    let payment = pay(conn, &order, "demo");
    settled(conn, "demo", &paid(&payment, "t1"));
    refund::send_part(&mut tx(conn), order.id, Fen(part), "", &format!("op{part}"), "admin").unwrap();
    let refund = refunds(conn).pop().unwrap();
    (order, payment, refund)
}

fn noticed(conn: &Connection, notice: &RefundNotice) {
    refund::noticed(&mut tx(conn), "demo", notice).unwrap();
}

fn payment_alerts(conn: &Connection) -> usize {
    let open = alert::actions::list_open(conn).unwrap();
    open.iter().filter(|alert| alert.kind == alert::Kind::Payment).count()
}

#[test]
fn a_refund_s_notice_is_believed_when_number_trade_amount_and_merchant_agree() {
    let (conn, diner) = shop();
    let (order, payment, refund) = refunding(&conn, diner, 500);
    let good = elsewhere(&payment, &refund.out_refund_no, 500, false);
    let wrong: [(&str, RefundNotice); 6] = [
        ("another amount", RefundNotice { amount: Fen(3800), ..good.clone() }),
        ("another trade", RefundNotice { out_trade_no: "other".into(), ..good.clone() }),
        ("another transaction", RefundNotice { transaction_id: Some("t2".into()), ..good.clone() }),
        ("no transaction", RefundNotice { transaction_id: None, ..good.clone() }),
        ("another merchant", RefundNotice { for_us: false, ..good.clone() }),
        ("it failed, of another amount", RefundNotice { amount: Fen(1), state: Returned::Abnormal, ..good.clone() }),
    ];
    for (count, (what, notice)) in wrong.iter().enumerate() {
        for _ in 0..3 {
            noticed(&conn, notice);
        }
        assert_eq!(balance(&conn, &order), Fen(3800), "{what}: nothing is booked");
        let [question] = &reviews(&conn)[..] else { panic!("{what}: one question a payment") };
        assert_eq!((question.kind, question.notices), (review::Kind::RefundNotice, count as i64 + 1), "{what}");
        assert_eq!(payment_alerts(&conn), 1, "{what}");
        assert_eq!(refunds(&conn).len(), 1, "{what}: the refund is under way, and asked about at once");
    }
    noticed(&conn, &good);
    assert_eq!(balance(&conn, &order), Fen(3300));
    resolve(&conn, review::Kind::RefundNotice, review::Action::Dismiss).unwrap();
    noticed(&conn, &wrong[0].1);
    assert!(reviews(&conn).is_empty(), "what was answered is not asked again");
    assert_eq!(payment_alerts(&conn), 0);
}

#[test]
fn a_running_total_is_believed_when_it_is_a_sum_of_our_refunds() {
    let (conn, diner) = shop();
    let (order, payment, first) = refunding(&conn, diner, 1000);
    noticed(&conn, &elsewhere(&payment, &first.out_refund_no, 1000, true));
    refund::send_part(&mut tx(&conn), order.id, Fen(500), "", "second", "admin").unwrap();
    let second = refunds(&conn).pop().unwrap();
    for odd in [400, 1000, 1200, 1600, 3800] {
        noticed(&conn, &elsewhere(&payment, &second.out_refund_no, odd, true));
        assert_eq!(balance(&conn, &order), Fen(2800), "{odd}");
    }
    assert_eq!(reviews(&conn)[0].notices, 5);
    noticed(&conn, &elsewhere(&payment, &second.out_refund_no, 1500, true));
    assert_eq!(balance(&conn, &order), Fen(2300));
}

#[test]
fn a_refund_of_a_payment_of_ours_that_is_not_ours_is_asked_about_and_one_of_no_payment_is_kept() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    let payment = pay(&conn, &order, "demo");
    settled(&conn, "demo", &paid(&payment, "t1"));
    noticed(&conn, &RefundNotice { for_us: false, ..elsewhere(&payment, "theirs", 100, false) });
    noticed(&conn, &RefundNotice { transaction_id: Some("t9".into()), ..elsewhere(&payment, "odd", 100, false) });
    let questions: Vec<_> = reviews(&conn).iter().map(|one| (one.kind, one.notices)).collect();
    assert_eq!(questions, [(review::Kind::RefundNotice, 2)]);
    let unknown = RefundNotice { out_trade_no: "nobody".into(), ..elsewhere(&payment, "R7", 100, false) };
    for _ in 0..3 {
        noticed(&conn, &unknown);
    }
    let kept = unclaimed::list_open(&conn).unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].kind, kept[0].amount, kept[0].reference.as_str()), (ledger::Kind::Refund, Fen(100), "R7"));
    assert_eq!(kept[0].actions(), [unclaimed::Action::Dismiss]);
    assert_eq!(balance(&conn, &order), Fen(3800));
}

#[test]
fn odd_callbacks_of_one_payment_are_one_question_that_counts_them_and_all_their_money_is_looked_after() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    let payment = pay(&conn, &order, "demo");
    settled(&conn, "demo", &paid(&payment, "t0"));
    for number in 1..=500 {
        let more = Paid { amount: Fen(10), ..paid(&payment, &format!("t{number}")) };
        for _ in 0..2 {
            settled(&conn, "demo", &more);
        }
    }
    let [question] = &reviews(&conn)[..] else { panic!("one question a payment") };
    assert_eq!((question.kind, question.notices), (review::Kind::Transaction, 500));
    assert_eq!((question.amount, payment_alerts(&conn)), (Some(Fen(5000)), 1));
    assert_eq!(balance(&conn, &order), Fen(8800), "money is money");
    resolve(&conn, review::Kind::Transaction, review::Action::HandedBack).unwrap();
    assert_eq!((balance(&conn, &order), payment_alerts(&conn)), (Fen(3800), 0), "all of it went back");
    settled(&conn, "demo", &Paid { amount: Fen(10), ..paid(&payment, "t7") });
    assert!(reviews(&conn).is_empty(), "a repeat asks nothing");
    settled(&conn, "demo", &Paid { amount: Fen(10), ..paid(&payment, "t501") });
    assert_eq!(reviews(&conn)[0].notices, 1, "after the answer it is a question of its own");
}

/// Money for a number that nobody knows.
fn stray(amount: i64) -> Paid {
    Paid {
        out_trade_no: "202611200044abcd".into(),
        transaction_id: "stray".into(),
        amount: Fen(amount),
        for_us: true,
        paid_at: Some(NOW.plus_seconds(-60)),
        refunded: false,
    }
}

fn claim(conn: &Connection, action: unclaimed::Action, text: &str) -> crate::error::Result<()> {
    let id = unclaimed::list_open(conn).unwrap()[0].id;
    unclaimed::answer::resolve(&mut tx(conn), id, action, text, "admin")
}

#[test]
fn money_for_a_number_that_is_not_ours_is_kept_told_once_and_given_to_an_order() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    assert_eq!(settled(&conn, "demo", &stray(3800)), (Settled::Unclaimed, 0));
    for _ in 0..3 {
        assert_eq!(settled(&conn, "demo", &stray(3800)), (Settled::AlreadyDone, 0));
    }
    settled(&conn, "demo", &Paid { transaction_id: "second".into(), out_trade_no: "x".into(), ..stray(1) });
    assert_eq!((unclaimed::list_open(&conn).unwrap().len(), payment_alerts(&conn)), (2, 1), "all of it rings once");
    assert_eq!(balance(&conn, &order), Fen::ZERO, "it is no order's");
    let found = |reference| unclaimed::find_amount(&conn, "demo", ledger::Kind::Payment, reference).unwrap();
    assert_eq!((found("stray"), found("nothing")), (Some(Fen(3800)), None), "the provider's bill agrees");

    let refused = claim(&conn, unclaimed::Action::Order, "202611209999");
    assert!(matches!(refused, Err(Error::Refused(Refusal::OrderNotFound))), "{refused:?}");
    claim(&conn, unclaimed::Action::Order, &order.number).unwrap();
    assert_eq!(now(&conn, &order), (Status::ToBeConfirmed, order::Pay::Paid));
    assert_eq!(balance(&conn, &order), Fen(3800));
    assert_eq!(settled(&conn, "demo", &stray(3800)), (Settled::AlreadyDone, 0), "a late repeat changes nothing");
    claim(&conn, unclaimed::Action::Keep, "老客户多付的小费").unwrap();
    assert_eq!((unclaimed::list_open(&conn).unwrap().len(), payment_alerts(&conn)), (0, 0), "nothing rings any more");
}

#[test]
fn unclaimed_money_is_given_to_an_order_only_while_that_takes_money_and_another_amount_is_its_question() {
    let (conn, diner) = shop();
    let order = order(&conn, diner);
    settled(&conn, "demo", &stray(3700));
    claim(&conn, unclaimed::Action::Order, &order.number).unwrap();
    assert_eq!(reviews(&conn)[0].kind, review::Kind::Amount);
    resolve(&conn, review::Kind::Amount, review::Action::Accept).unwrap();
    settled(&conn, "demo", &Paid { transaction_id: "more".into(), out_trade_no: "y".into(), ..stray(3800) });
    let refused = claim(&conn, unclaimed::Action::Order, &order.number);
    assert!(matches!(refused, Err(Error::Refused(Refusal::OrderState(_)))), "it is paid: {refused:?}");
}

#[test]
fn unclaimed_money_goes_back_by_its_own_number_and_what_does_not_go_is_asked_again() {
    let (conn, _) = shop();
    settled(&conn, "demo", &stray(3800));
    let due = || unclaimed::list_due(&conn, NOW.plus_seconds(3600), 10).unwrap();
    claim(&conn, unclaimed::Action::Refund, "").unwrap();
    claim(&conn, unclaimed::Action::Refund, "").unwrap();
    let (id, refund) = due().pop().unwrap();
    assert_eq!((refund.out_refund_no.as_str(), refund.amount), ("202611200044abcdU", Fen(3800)));
    assert_eq!(unclaimed::list_open(&conn).unwrap()[0].actions(), [], "nothing else can be done meanwhile");
    let answered = |said: Called<Returned>| unclaimed::answered(&mut tx(&conn), id, &said).unwrap();
    answered(Err(anyhow::anyhow!("silence").into()));
    assert_eq!(due()[0].1.out_refund_no, "202611200044abcdU", "the same number, later");
    answered(Ok(Returned::Abnormal));
    assert!(due().is_empty());
    let open = unclaimed::list_open(&conn).unwrap();
    assert!(!open[0].sending.problem.is_empty() && open[0].actions().len() == 4, "{open:?}");
    claim(&conn, unclaimed::Action::Refund, "").unwrap();
    assert_eq!(due()[0].1.out_refund_no, "202611200044abcdU2");
    answered(Ok(Returned::Done(None)));
    assert!(unclaimed::list_open(&conn).unwrap().is_empty() && due().is_empty());
    assert_eq!(payment_alerts(&conn), 0);
    let gone = unclaimed::find_amount(&conn, "demo", ledger::Kind::Refund, "202611200044abcdU2").unwrap();
    assert_eq!(gone, Some(Fen(-3800)), "the provider's bill agrees");
    assert!(matches!(
        unclaimed::answer::resolve(&mut tx(&conn), id, unclaimed::Action::Keep, "x", "admin"),
        Err(Error::Refused(Refusal::ReviewResolved))
    ));
}

#[test]
fn another_merchants_money_and_keeping_without_a_reason() {
    let (conn, _) = shop();
    settled(&conn, "demo", &stray(3800));
    for text in ["", "  "] {
        let refused = claim(&conn, unclaimed::Action::Keep, text);
        assert!(matches!(refused, Err(Error::Refused(Refusal::BadRequest(_)))), "{refused:?}");
    }
    claim(&conn, unclaimed::Action::HandedBack, "").unwrap();
    settled(&conn, "demo", &Paid { for_us: false, transaction_id: "theirs".into(), ..stray(3800) });
    let refused = claim(&conn, unclaimed::Action::Refund, "");
    assert!(matches!(refused, Err(Error::Refused(Refusal::BadRequest(_)))), "not ours to send: {refused:?}");
    claim(&conn, unclaimed::Action::Dismiss, "").unwrap();
}
