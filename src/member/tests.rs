use super::actions::{Amendment, add, change, list, list_entries, load, load_by_link, renew_link, scan, top_up};
use super::code::Codes;
use super::*;
use crate::error::{Error, Field, Result, TopupFault};
use crate::event::Event;
use crate::store::{Tx, in_memory};
use proptest::prelude::*;
use rusqlite::Connection;

const NOW: Timestamp = Timestamp(1_795_000_000_000);

fn tx(conn: &Connection) -> Tx<'_> {
    Tx::new(conn, NOW)
}

fn club() -> (Connection, Codes, MemberId) {
    let conn = in_memory();
    let id = add(&mut tx(&conn), "王小明", "13800138000", "admin").unwrap().id;
    (conn, Codes::new("key"), id)
}

fn topup(uses: i64, fen: i64, op: &str) -> Topup {
    Topup { uses, amount: Fen(fen), paid: Fen(fen), method: "cash".into(), note: String::new(), op_id: op.into() }
}

/// What the member's page shows at `at`.
fn shown(conn: &Connection, codes: &Codes, id: MemberId, at: Timestamp, salt: u8) -> String {
    let member = load(conn, id).unwrap();
    codes.sign(id, member.link, at, [salt; 5]).unwrap().0
}

fn status(conn: &Connection, codes: &Codes, text: &str, op: &str) -> (i64, i64) {
    let answer = scan(&mut tx(conn), codes, text, op, "admin").unwrap();
    (answer.status, answer.remaining)
}

fn code_of<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    match result {
        Err(Error::Refused(refusal)) => refusal.code(),
        other => panic!("{other:?}"),
    }
}

/// Uses and fen that the ledger's lines add up to.
fn sums(conn: &Connection, id: MemberId) -> (i64, i64) {
    let entries = list_entries(conn, id, i64::MAX).unwrap();
    entries.iter().fold((0, 0), |(uses, fen), entry| (uses + entry.uses, fen + entry.amount.0))
}

fn amend(name: &str, phone: &str) -> Amendment {
    Amendment { name: Some(name.into()), phone: Some(phone.into()), enabled: None }
}

#[test]
fn phone_numbers_have_one_form() {
    for (typed, kept) in [
        ("13800138000", Some("13800138000")),
        (" 138-0013 8000", Some("13800138000")),
        ("+86 13800138000", Some("13800138000")),
        ("0086-13800138000", Some("13800138000")),
        ("+852 9123 4567", Some("+85291234567")),
        ("12800138000", None),
        ("1380013800", None),
        ("138001380000", None),
        ("+8612800138000", None),
        ("+123456", None),
        ("", None),
        ("十三八", None),
        ("13800138000'--", None),
        ("<b>13800138000", None),
    ] {
        assert_eq!(clean_phone(typed).ok().as_deref(), kept, "{typed}");
    }
}

#[test]
fn names_are_short_and_plain() {
    assert_eq!(clean_name(" 王小明 ").unwrap(), "王小明");
    assert_eq!(clean_name("王\n小\u{200b}明\u{202e}").unwrap(), "王小明");
    for name in ["", "  ", "\u{200b}\n", &"王".repeat(33)] {
        assert!(clean_name(name).is_err(), "{name:?}");
    }
}

#[test]
fn one_number_is_one_member() {
    let (conn, _, first) = club();
    assert_eq!(code_of(add(&mut tx(&conn), "别人", "+86 13800138000", "admin")), "PHONE_TAKEN");
    let second = add(&mut tx(&conn), "李四", "13900139000", "admin").unwrap().id;
    assert_eq!(code_of(change(&mut tx(&conn), second, &amend("李四", "13800138000"), "admin")), "PHONE_TAKEN");
    assert_eq!(change(&mut tx(&conn), first, &amend("王大明", "138 0013 8000"), "admin").unwrap().name, "王大明");
    let (total, found) = list(&conn, "139", 10, 0).unwrap();
    assert_eq!((total, found[0].id), (1, second));
    assert_eq!(list(&conn, "%", 10, 0).unwrap().0, 0, "what is typed is no pattern");
}

#[test]
fn a_top_up_is_done_once_and_a_wrong_one_is_taken_back() {
    let (conn, _, id) = club();
    for _ in 0..2 {
        let member = top_up(&mut tx(&conn), id, &topup(10, 5000, "t1"), "admin").unwrap();
        assert_eq!((member.uses, member.balance), (10, Fen(5000)), "the same tap");
    }
    assert_eq!(code_of(top_up(&mut tx(&conn), id, &topup(1, 5000, "t1"), "admin")), "OP_ID_REUSED");
    for (wrong, code) in [
        (topup(0, 0, "t2"), "BAD_TOPUP"),
        (topup(MAX_USES + 1, 0, "t2"), "BAD_REQUEST"),
        (topup(0, MAX_BALANCE.0 + 1, "t2"), "BAD_REQUEST"),
        (topup(0, MAX_BALANCE.0, "t2"), "BAD_REQUEST"),
        (topup(i64::MIN, 0, "t2"), "BAD_REQUEST"),
        (Topup { method: "points".into(), ..topup(1, 0, "t2") }, "BAD_REQUEST"),
        (topup(-1, 0, "t2"), "BAD_REQUEST"),
        (Topup { note: "录错".into(), ..topup(-11, 0, "t2") }, "NO_USES_LEFT"),
        (Topup { note: "录错".into(), ..topup(0, -5001, "t2") }, "CARD_HOLDS_LESS"),
    ] {
        assert_eq!(code_of(top_up(&mut tx(&conn), id, &wrong, "admin")), code, "{wrong:?}");
    }
    let back = Topup { note: "录错".into(), ..topup(-10, -5000, "t3") };
    let member = top_up(&mut tx(&conn), id, &back, "admin").unwrap();
    assert_eq!((member.uses, member.balance, sums(&conn, id)), (0, Fen::ZERO, (0, 0)));
}

#[test]
fn money_and_value_of_a_top_up_go_the_same_way_or_it_is_refused() {
    let of = |uses, amount, paid, method: &str, note: &str| Topup {
        uses,
        amount: Fen(amount),
        paid: Fen(paid),
        method: method.into(),
        note: note.into(),
        op_id: "t".into(),
    };
    for (fine, act) in [
        (of(0, 10_000, 10_000, "cash", ""), Act::Topup),
        (of(0, 12_000, 10_000, "wechat", ""), Act::Topup),
        (of(10, 0, 20_000, "terminal", ""), Act::Topup),
        (of(10, 500, 20_000, "cash", ""), Act::Topup),
        (of(0, 5_000, 0, "", ""), Act::Gift),
        (of(3, 0, 0, "", ""), Act::Gift),
        (of(0, -5_000, -5_000, "cash", "录错"), Act::Correction),
        (of(0, -5_000, 0, "", "录错"), Act::Correction),
        (of(-3, -100, -6_000, "cash", "退卡"), Act::Correction),
    ] {
        assert_eq!((fine.check(), fine.act()), (Ok(()), act), "{fine:?}");
    }
    let disagree = Refusal::BadTopup;
    for (wrong, refusal) in [
        (of(0, 0, 5_000, "cash", ""), disagree(TopupFault::Nothing)),
        (of(0, 0, -5_000, "cash", "x"), disagree(TopupFault::Nothing)),
        (of(0, 10_000, 10_000, "", ""), disagree(TopupFault::MethodMissing)),
        (of(10, 0, 1, "", ""), disagree(TopupFault::MethodMissing)),
        (of(0, -1, -1, "", "x"), disagree(TopupFault::MethodMissing)),
        (of(0, 1, -100_000, "cash", "x"), disagree(TopupFault::PaidIsNegative)),
        (of(5, 0, -5_000, "cash", "x"), disagree(TopupFault::PaidIsNegative)),
        (of(0, 1, 100_000, "cash", ""), disagree(TopupFault::PaidTooMuch)),
        (of(0, -1, -100_000, "cash", "x"), disagree(TopupFault::RefundedTooMuch)),
        (of(0, -5_000, 5_000, "cash", "x"), disagree(TopupFault::PaidForCorrection)),
        (of(-5, 0, 1, "cash", "x"), disagree(TopupFault::PaidForCorrection)),
        (of(5, -5_000, 0, "", "x"), disagree(TopupFault::BothWays)),
        (of(-5, 5_000, 5_000, "cash", "x"), disagree(TopupFault::BothWays)),
        (of(0, -5_000, -5_000, "cash", " "), Refusal::BadRequest(Field::Note)),
        (of(-5, 0, 0, "", ""), Refusal::BadRequest(Field::Note)),
    ] {
        assert_eq!(wrong.check(), Err(refusal.clone()), "{wrong:?}");
        let (conn, _, id) = club();
        assert_eq!(code_of(top_up(&mut tx(&conn), id, &wrong, "admin")), refusal.code());
        assert_eq!((sums(&conn, id), list_entries(&conn, id, 9).unwrap().len()), ((0, 0), 0), "{wrong:?}");
    }
}

#[test]
fn a_code_deducts_one_use_once() {
    let (conn, codes, id) = club();
    top_up(&mut tx(&conn), id, &topup(8, 0, "t1"), "admin").unwrap();
    let code = shown(&conn, &codes, id, NOW, 1);
    let mut first = tx(&conn);
    let answer = scan(&mut first, &codes, &code, "s1", "admin").unwrap();
    assert_eq!((answer.status, answer.text.as_str(), answer.remaining), (0, "扣费成功", 7));
    assert_eq!(result_text(answer.status, &answer.text, answer.remaining), "0_扣费成功_剩余次数: 7");
    assert!(matches!(first.events(), [Event::MemberScanned(scanned)] if scanned.member == id));
    let mut again = tx(&conn);
    assert_eq!(scan(&mut again, &codes, &code, "s1", "admin").unwrap().status, 0, "the same tap");
    assert!(again.events().is_empty(), "no news");
    assert_eq!(status(&conn, &codes, &code, "s2"), (3, 7), "used");
    assert_eq!(status(&conn, &codes, &code, "s2"), (3, 7));
    assert_eq!(code_of(scan(&mut tx(&conn), &codes, &shown(&conn, &codes, id, NOW, 2), "s1", "admin")), "OP_ID_REUSED");
    assert_eq!(sums(&conn, id), (7, 0));
}

#[test]
fn what_a_code_is_not_good_for_is_said_and_deducts_nothing() {
    let (conn, codes, id) = club();
    assert_eq!(status(&conn, &codes, &shown(&conn, &codes, id, NOW, 1), "s1"), (1, 0), "nothing on the card");
    assert_eq!(result_text(1, Outcome::NothingLeft.text(), 0), "1_余额不足_剩余次数: 0");
    top_up(&mut tx(&conn), id, &topup(5, 0, "t1"), "admin").unwrap();
    assert_eq!(status(&conn, &codes, &shown(&conn, &codes, id, NOW, 1), "s2"), (3, 5), "that code is used up");
    let old = shown(&conn, &codes, id, NOW.plus_seconds(-60), 3);
    assert_eq!(status(&conn, &codes, &old, "s3"), (2, 5), "expired");
    let young = shown(&conn, &codes, id, NOW.plus_seconds(-59), 4);
    assert_eq!(status(&conn, &codes, &young, "s4"), (0, 4), "in its last second");
    let foreign = shown(&conn, &Codes::new("other"), id, NOW, 5);
    let stranger = codes.sign(MemberId(99), 1, NOW, [6; 5]).unwrap().0;
    for forged in [foreign.as_str(), &stranger, "", "130000000000000001"] {
        let mut tx = tx(&conn);
        let answer = scan(&mut tx, &codes, forged, "s5", "admin").unwrap();
        assert_eq!((answer.status, answer.member.is_none(), answer.remaining), (5, true, 0), "{forged}");
        assert!(tx.events().is_empty(), "nobody is known to be told");
    }
    change(&mut tx(&conn), id, &Amendment { enabled: Some(false), ..Amendment::default() }, "admin").unwrap();
    assert_eq!(status(&conn, &codes, &shown(&conn, &codes, id, NOW, 7), "s6"), (4, 4), "out of use");
    assert_eq!(sums(&conn, id), (4, 0));
    for outcome in [Outcome::Deducted, Outcome::Expired, Outcome::Used, Outcome::Disabled, Outcome::Forged] {
        assert!(!outcome.text().contains('_'), "the frame is parted by it");
    }
}

#[test]
fn a_new_link_ends_what_the_old_one_could() {
    let (conn, codes, id) = club();
    top_up(&mut tx(&conn), id, &topup(5, 0, "t1"), "admin").unwrap();
    let old = shown(&conn, &codes, id, NOW, 1);
    let mut renewing = tx(&conn);
    let renewed = renew_link(&mut renewing, id, "admin").unwrap();
    assert!(matches!(renewing.events(), [Event::MemberCutOff(member)] if *member == id));
    assert_eq!(code_of(load_by_link(&conn, id, renewed.link - 1)), "MEMBER_LINK_OVER");
    assert_eq!(load_by_link(&conn, id, renewed.link).unwrap().id, id);
    assert_eq!(status(&conn, &codes, &old, "s1").0, 5);
    change(&mut tx(&conn), id, &Amendment { enabled: Some(false), ..Amendment::default() }, "admin").unwrap();
    assert_eq!(code_of(load_by_link(&conn, id, renewed.link)), "MEMBER_LINK_OVER");
    assert_eq!(code_of(renew_link(&mut tx(&conn), id, "admin")), "MEMBER_DISABLED");
    assert_eq!(code_of(top_up(&mut tx(&conn), id, &topup(1, 0, "t2"), "admin")), "MEMBER_DISABLED");
}

#[derive(Debug, Clone)]
enum Step {
    TopUp { uses: i64, fen: i64, op: u8 },
    Scan { code: u8, op: u8, late: i64 },
    Disable(bool),
    Renew,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (-3..6i64, -500..900i64, 0..12u8).prop_map(|(uses, fen, op)| Step::TopUp { uses, fen, op }),
        (0..10u8, 0..14u8, 0..90i64).prop_map(|(code, op, late)| Step::Scan { code, op, late }),
        any::<bool>().prop_map(Step::Disable),
        Just(Step::Renew),
    ]
}

proptest! {
    #![proptest_config(crate::testing::cases(300))]

    /// Whatever happens in whatever order: the card is what its ledger says, never below nothing, and a code that was
    /// good once deducts nothing more.
    #[test]
    fn a_card_is_the_sum_of_its_ledger(steps in prop::collection::vec(step(), 1..60)) {
        let (conn, codes, id) = club();
        let mut deducted = std::collections::BTreeSet::new();
        for step in steps {
            match step {
                Step::TopUp { uses, fen, op } => {
                    let wanted = Topup { note: "n".into(), ..topup(uses, fen, &format!("t{op}")) };
                    let _ = top_up(&mut tx(&conn), id, &wanted, "admin");
                }
                Step::Scan { code, op, late } => {
                    let text = shown(&conn, &codes, id, NOW, code);
                    let before = load(&conn, id).unwrap().uses;
                    let mut later = Tx::new(&conn, NOW.plus_seconds(late));
                    let answer = scan(&mut later, &codes, &text, &format!("s{op}"), "admin");
                    let after = load(&conn, id).unwrap().uses;
                    prop_assert!(before - after <= 1);
                    if before != after {
                        prop_assert_eq!(answer.unwrap().status, 0);
                        prop_assert!(late < code::SECONDS);
                        prop_assert!(deducted.insert(text), "this code has deducted before");
                    }
                }
                Step::Disable(enabled) => {
                    change(&mut tx(&conn), id, &Amendment { enabled: Some(!enabled), ..Amendment::default() }, "admin").unwrap();
                }
                Step::Renew => {
                    let _ = renew_link(&mut tx(&conn), id, "admin");
                }
            }
            let member = load(&conn, id).unwrap();
            prop_assert!(member.uses >= 0 && member.balance >= Fen::ZERO);
            prop_assert_eq!((member.uses, member.balance.0), sums(&conn, id));
        }
        let scans = list_entries(&conn, id, i64::MAX).unwrap();
        prop_assert_eq!(scans.iter().filter(|entry| entry.kind == EntryKind::Scan).count(), deducted.len());
    }
}
