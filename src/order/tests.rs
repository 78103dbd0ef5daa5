use super::actions::{Submission, Terms, adjust, advance, cancel, drop_adjustment, load, pay, submit};
use super::*;
use crate::actor::Actor;
use crate::cart::{self, Change};
use crate::error::{Error, Refusal};
use crate::menu::{self, Cuisine};
use crate::seating::{self, Diner};
use crate::store::{Tx, in_memory};
use crate::units::{Calendar, PayMethod};
use rusqlite::Connection;
use std::sync::Arc;

const NOW: Timestamp = Timestamp(1_795_000_000_000);
const FEES: Fees = Fees { service_percent: 10, cover: Fen(200), packing: Fen(100) };

fn tx(conn: &Connection) -> Tx<'_> {
    Tx::new(conn, NOW)
}

/// One dish of 38.05 and one party.
fn shop() -> (Connection, Diner) {
    let conn = in_memory();
    let mut tx = tx(&conn);
    crate::store::setting::set(&conn, crate::store::setting::SHOP_OPEN, "1").unwrap();
    let category = menu::actions::add_category(&mut tx, "菜", 1, 1).unwrap();
    let dish = Cuisine {
        cuisine_id: CuisineId(1001),
        cuisine_name: "宫保鸡丁".into(),
        cuisine_type: 1,
        cuisine_image: String::new(),
        unit_price: Fen(3805),
        description: String::new(),
        sold_out: false,
        left: None,
        hours: String::new(),
        open: true,
        options: vec![],
    };
    menu::actions::add_cuisine(&mut tx, category, 1, &dish).unwrap();
    seating::actions::add_table(&mut tx, "A01", "code").unwrap();
    let (_, diner) = seating::actions::join(&mut tx, "code", None).unwrap();
    drop(tx);
    (conn, diner)
}

fn order(conn: &Connection, diner: Diner, heads: Option<i64>, packed: bool) -> Arc<Order> {
    order_by(conn, diner, PayMode::Later, heads, packed)
}

fn order_by(conn: &Connection, diner: Diner, mode: PayMode, heads: Option<i64>, packed: bool) -> Arc<Order> {
    let add = Change::Add { cuisine: CuisineId(1001), quantity: 1, remark: String::new(), options: vec![] };
    let calendar = Calendar::new(jiff::tz::TimeZone::UTC, 0);
    let (_, cart) = cart::actions::change(&mut tx(conn), diner, None, add, &calendar).unwrap();
    let terms = Terms { mode, pay_within_seconds: 900, calendar, fees: FEES };
    let submission = Submission {
        version: cart.version,
        remark: String::new(),
        diners_count: heads,
        packed,
        op_id: format!("o{}", cart.version),
    };
    submit(&mut tx(conn), diner, &terms, &submission).unwrap()
}

fn fees(order: &Order) -> Vec<(&'static str, i64)> {
    order.adjustments.iter().map(|one| (one.kind.name(), one.amount.0)).collect()
}

#[test]
fn the_cover_is_charged_once_a_party_and_service_and_cover_follow_who_sits_here() {
    let (conn, diner) = shop();
    let (service, packing) = (("service", 381), ("packing", 100));
    let away = order(&conn, diner, None, true);
    assert_eq!((fees(&away), away.packed), (vec![packing], true), "nobody sits here");
    let uncounted = order(&conn, diner, None, false);
    assert_eq!((fees(&uncounted), uncounted.amount), (vec![service], Fen(4186)), "nobody said how many they are");
    let packed = order(&conn, diner, Some(3), true);
    assert_eq!(fees(&packed), [packing, service, ("cover", 600)], "what a phone says takes nothing off");
    assert_eq!(fees(&order(&conn, diner, Some(3), false)), [service], "once a party");
    assert_eq!(fees(&order(&conn, diner, Some(4), false)), [service, ("cover", 200)], "one more");
    cancel(&mut tx(&conn), packed.id, Input::Cancel, &Actor::Staff("admin".into()), "").unwrap();
    assert_eq!(fees(&order(&conn, diner, None, false)), [service, ("cover", 600)], "the one with it was cancelled");
}

#[test]
fn a_waived_cover_is_not_charged_again_and_one_more_head_is() {
    let (conn, diner) = shop();
    let by = Actor::Staff("admin".into());
    let first = order(&conn, diner, Some(3), false);
    let waived = drop_adjustment(&mut tx(&conn), first.adjustments[1].id, &by).unwrap();
    assert_eq!((fees(&waived), waived.amount), (vec![("service", 381), ("cover", 0)], Fen(4186)));
    assert!(drop_adjustment(&mut tx(&conn), first.adjustments[1].id, &by).is_err(), "it is off");
    assert_eq!(fees(&order(&conn, diner, Some(3), false)), [("service", 381)]);
    cancel(&mut tx(&conn), first.id, Input::Cancel, &by, "").unwrap();
    assert_eq!(fees(&order(&conn, diner, Some(3), false)), [("service", 381)]);
    assert_eq!(fees(&order(&conn, diner, Some(4), false)), [("service", 381), ("cover", 200)]);
}

#[test]
fn a_price_changes_only_while_it_is_unpaid_and_nothing_left_to_pay_is_paid() {
    let (conn, diner) = shop();
    let by = Actor::Staff("admin".into());
    let made = order(&conn, diner, None, true);
    let discount = |amount: i64| Adjustment::new(AdjustmentKind::Discount, Fen(amount));
    let change = |amount: i64| adjust(&mut tx(&conn), made.id, &discount(amount), &by);
    assert!(matches!(change(-3906), Err(Error::Refused(Refusal::OrderState(_)))), "never below nothing");
    assert_eq!(change(-3804).unwrap().amount, Fen(101));
    let packing = made.adjustments[0].id;
    let waived = drop_adjustment(&mut tx(&conn), packing, &by).unwrap();
    assert_eq!((waived.amount, waived.state.pay), (Fen(1), Pay::Unpaid));
    let free = change(-1).unwrap();
    assert_eq!((free.amount, free.state.pay), (Fen::ZERO, Pay::Paid));
    assert!(matches!(change(-1), Err(Error::Refused(Refusal::OrderState(_)))), "paid is paid");
    let last = free.adjustments.last().unwrap().id;
    let again = drop_adjustment(&mut tx(&conn), last, &by).unwrap();
    assert_eq!((again.amount, again.state.pay, again.paid_at), (Fen(1), Pay::Unpaid, None), "but nobody paid anything");
    pay(&mut tx(&conn), &[made.id], PayMethod::Cash, &by).unwrap();
    assert!(drop_adjustment(&mut tx(&conn), again.adjustments[0].id, &by).is_err(), "now somebody did");
}

/// Two dishes of 38.05, the first free, in every state that such an order can be in by then.
#[test]
fn what_was_given_by_mistake_is_to_be_paid_again_wherever_the_kitchen_is() {
    let by = Actor::Staff("admin".into());
    for mode in [PayMode::First, PayMode::Later] {
        for moves in 0..4 {
            let (conn, diner) = shop();
            let made = order_by(&conn, diner, mode, None, false);
            let given = Adjustment { position: Some(1), ..Adjustment::new(AdjustmentKind::Free, Fen(-3805)) };
            let given = adjust(&mut tx(&conn), made.id, &given, &by).unwrap();
            assert_eq!((fees(&given), given.amount), (vec![("service", 0), ("free", -3805)], Fen::ZERO));
            for input in [Input::Accept, Input::Serve, Input::Complete].into_iter().take(moves) {
                advance(&mut tx(&conn), made.id, input, &by).unwrap();
            }
            let before = load(&conn, made.id).unwrap().state;
            let back = drop_adjustment(&mut tx(&conn), given.adjustments[1].id, &by).unwrap();
            assert_eq!((fees(&back), back.amount), (vec![("service", 381)], Fen(4186)));
            assert_eq!((back.state.status, back.state.pay), (before.status, Pay::Unpaid));
            assert_eq!(
                (back.pay_before, back.paid_at),
                (None, None),
                "the kitchen has it: it is paid like after a meal"
            );
        }
    }
    let (conn, diner) = shop();
    let made = order(&conn, diner, None, false);
    let free = Adjustment { position: Some(1), ..Adjustment::new(AdjustmentKind::Free, Fen(-3805)) };
    let given = adjust(&mut tx(&conn), made.id, &free, &by).unwrap();
    cancel(&mut tx(&conn), made.id, Input::Cancel, &by, "").unwrap();
    assert!(drop_adjustment(&mut tx(&conn), given.adjustments[1].id, &by).is_err(), "cancelled is cancelled");
}

#[test]
fn an_urge_or_an_end_in_the_future_of_a_clock_that_was_ahead_counts_as_never() {
    let (conn, diner) = shop();
    let order = order(&conn, diner, None, false);
    let urges =
        || -> i64 { conn.query_row("select count(*) from alert where kind = 2", [], |row| row.get(0)).unwrap() };
    let urge = |at| actions::urge(&mut Tx::new(&conn, at), diner, order.id).unwrap();
    let ahead = NOW.plus_seconds(2 * 365 * 86_400);
    for at in [ahead, NOW, NOW.plus_seconds(59)] {
        urge(at);
    }
    assert_eq!(urges(), 2, "once by each clock");
    urge(NOW.plus_seconds(60));
    assert_eq!(urges(), 3);
    let end = "update dining_order set status = 1, pay_before = ?";
    let pay_before = || -> i64 { conn.query_row("select pay_before from dining_order", [], |row| row.get(0)).unwrap() };
    for (before, after) in [(ahead, NOW.plus_seconds(900)), (NOW.plus_seconds(3600), NOW.plus_seconds(3600))] {
        conn.execute(end, [before]).unwrap();
        actions::forget_the_future(&mut tx(&conn)).unwrap();
        assert_eq!(pay_before(), after.0);
    }
}
