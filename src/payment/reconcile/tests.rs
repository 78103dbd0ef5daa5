use super::*;
use crate::actor::{Actor, Source};
use crate::units::{Calendar, EntryId, OrderId};

fn entry(kind: ledger::Kind, reference: &str, fen: i64) -> Entry {
    Entry {
        id: EntryId(1),
        order: OrderId(1),
        order_number: "202611200001".into(),
        out_trade_no: "n".into(),
        kind,
        provider: "wechat".into(),
        method: "code".into(),
        amount: Fen(fen),
        reference: reference.into(),
        at: Timestamp(0),
        provider_at: Timestamp(0),
        actor: Actor::Told("wechat".into(), Source::Callback),
    }
}

fn row(kind: BillKind, transaction: &str, refund: &str, fen: i64) -> BillRow {
    BillRow {
        kind,
        out_trade_no: "n".into(),
        transaction_id: transaction.into(),
        out_refund_no: refund.into(),
        amount: Fen(fen),
    }
}

#[test]
fn what_agrees_is_silent_and_each_difference_is_named() {
    let ours = [
        entry(ledger::Kind::Payment, "t1", 3800),
        entry(ledger::Kind::Payment, "t2", 3800),
        entry(ledger::Kind::Payment, "t3", 100),
        entry(ledger::Kind::Refund, "r1", -3800),
    ];
    let bill = [
        row(BillKind::Payment, "t1", "", 3800),
        row(BillKind::Payment, "t2", "", 3801),
        row(BillKind::Payment, "t4", "", 500),
        row(BillKind::Payment, "t5", "", 700),
        row(BillKind::Refund, "t1", "r1", 3800),
        row(BillKind::Refund, "t2", "r2", 5),
    ];
    // t5 is in our ledger, dated on another day.
    let other = |kind, reference: &str| Ok((kind == ledger::Kind::Payment && reference == "t5").then_some(Fen(700)));
    let found = compare(&bill, &ours, other).unwrap();
    let said: Vec<_> = found.iter().map(|one| (one.kind, one.reference.as_str(), one.ours, one.theirs)).collect();
    assert_eq!(
        said,
        [
            (DifferenceKind::Amount, "t2", Some(Fen(3800)), Some(Fen(3801))),
            (DifferenceKind::MissingHere, "t4", None, Some(Fen(500))),
            (DifferenceKind::MissingHere, "r2", None, Some(Fen(-5))),
            (DifferenceKind::MissingThere, "t3", Some(Fen(100)), None),
        ]
    );
}

#[test]
fn bills_are_asked_for_when_they_are_out_and_since_there_is_a_ledger() {
    let calendar = Calendar::new(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap(), 4);
    let at = |text| calendar.parse_second(text).unwrap();
    let days = |now, first| {
        let days = billed(at(now), Some(at(first)));
        days.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(days("2026-11-21 09:59:59", "2026-11-18 23:59:59"), ["2026-11-19", "2026-11-18"]);
    assert_eq!(days("2026-11-21 10:00:00", "2026-11-20 00:00:00"), ["2026-11-20"]);
    assert_eq!(days("2026-11-21 10:00:00", "2026-11-21 00:00:00"), [""; 0]);
    assert_eq!(days("2026-11-21 10:00:00", "2020-01-01 00:00:00").len(), 7);
    assert!(billed(at("2026-11-21 10:00:00"), None).is_empty());
}
