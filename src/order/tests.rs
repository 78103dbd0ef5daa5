use super::actions::{Submission, Terms, adjust, cancel, drop_adjustment, load, submit};
use super::*;
use crate::cart::{self, Change};
use crate::error::{Error, Refusal};
use crate::menu::{self, Cuisine};
use crate::seating::{self, Diner};
use crate::store::{Tx, in_memory};
use crate::units::Calendar;
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
    let add = Change::Add { cuisine: CuisineId(1001), quantity: 1, remark: String::new(), options: vec![] };
    let calendar = Calendar::new(jiff::tz::TimeZone::UTC, 0);
    let (_, cart) = cart::actions::change(&mut tx(conn), diner, None, add, &calendar).unwrap();
    let terms = Terms { mode: PayMode::Later, pay_within_seconds: 900, calendar, fees: FEES };
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
fn the_cover_is_charged_once_a_party_and_not_for_what_is_packed() {
    let (conn, diner) = shop();
    let service = ("service", 381);
    let uncounted = order(&conn, diner, None, false);
    assert_eq!((fees(&uncounted), uncounted.amount), (vec![service], Fen(4186)), "nobody said how many they are");
    let packed = order(&conn, diner, Some(3), true);
    assert_eq!((fees(&packed), packed.packed), (vec![("packing", 100)], true));
    let counted = order(&conn, diner, Some(3), false);
    assert_eq!(fees(&counted), [service, ("cover", 600)]);
    assert_eq!(fees(&order(&conn, diner, Some(3), false)), [service], "once a party");
    cancel(&mut tx(&conn), counted.id, Input::Cancel, &Actor::Staff("admin".into()), "").unwrap();
    assert_eq!(fees(&order(&conn, diner, Some(2), false)), [service, ("cover", 400)], "the one with it was cancelled");
}

#[test]
fn a_price_changes_only_while_it_is_unpaid_and_nothing_left_to_pay_is_paid() {
    let (conn, diner) = shop();
    let (by, discount) = (Actor::Staff("admin".into()), (AdjustmentKind::Discount, None));
    let made = order(&conn, diner, None, true);
    let change = |amount: i64| adjust(&mut tx(&conn), made.id, discount, Fen(amount), "老顾客", &by);
    assert!(matches!(change(-3906), Err(Error::Refused(Refusal::OrderState(_)))), "never below nothing");
    assert_eq!(change(-3804).unwrap().amount, Fen(101));
    let packing = made.adjustments[0].id;
    let waived = drop_adjustment(&mut tx(&conn), packing, &by).unwrap();
    assert_eq!((waived.amount, waived.state.pay), (Fen(1), Pay::Unpaid));
    let free = change(-1).unwrap();
    assert_eq!((free.amount, free.state.pay), (Fen::ZERO, Pay::Paid));
    assert!(matches!(change(-1), Err(Error::Refused(Refusal::OrderState(_)))));
    let first = load(&conn, made.id).unwrap().adjustments[0].id;
    assert!(drop_adjustment(&mut tx(&conn), first, &by).is_err(), "paid is paid");
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
