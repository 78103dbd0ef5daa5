//! The judge as a table, and what is kept as stories.

use super::*;
use crate::store::{Tx, in_memory};
use rusqlite::Connection;

const DAY: i64 = 86_400;

fn calendar() -> Calendar {
    Calendar::new(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap(), 4)
}

fn at(text: &str) -> Timestamp {
    calendar().parse_second(text).unwrap()
}

#[test]
fn a_clock_is_wrong_where_anything_that_is_known_speaks_against_it() {
    let now = at("2026-11-30 18:00:00");
    let evening = |minutes: i64| now.plus_seconds(-60 * minutes);
    let none = Evidence::default();
    let ran_ahead = Spell { right: evening(60), wrong: at("2028-01-01 00:00:00"), after_order: 0 };
    let fell_behind = Spell { right: now, wrong: at("2000-01-01 00:00:00"), after_order: 0 };
    let before = |at| Evidence { before: Some(at), ..none.clone() };
    let ahead = |first, last| Evidence { ahead: Some((first, last)), ..before(evening(60)) };
    let (soon, later) = (now.plus_seconds(3600), now.plus_seconds(2 * 3600));
    let table = [
        ("nothing is known", now, none.clone(), Verdict::Right),
        ("a dead battery", at("2000-01-01 00:01:00"), none.clone(), Verdict::Early),
        (
            "a dead battery, whatever the system says",
            at("2000-01-01 00:01:00"),
            Evidence { synchronised: Some(true), ..none.clone() },
            Verdict::Early,
        ),
        ("an hour ago somebody ordered", now, before(evening(60)), Verdict::Right),
        ("after the summer", now, before(now.plus_seconds(-80 * DAY)), Verdict::Right),
        ("two years on", at("2028-12-01 00:00:00"), before(evening(60)), Verdict::Ahead(evening(60))),
        ("earlier than an order", now, ahead(soon, later), Verdict::Behind(later)),
        ("earlier than the only order", now, Evidence { before: None, ..ahead(soon, soon) }, Verdict::Behind(soon)),
        (
            "put right: what lies ahead came by a leap",
            now,
            ahead(at("2028-01-01 00:00:00"), at("2028-01-01 01:00:00")),
            Verdict::Right,
        ),
        ("network time knows better", now, Evidence { synchronised: Some(true), ..ahead(soon, later) }, Verdict::Right),
        (
            "without network time",
            now,
            Evidence { synchronised: Some(false), ..ahead(soon, later) },
            Verdict::Behind(later),
        ),
        ("a provider knows better", now, Evidence { skew: Some(-59), ..ahead(soon, later) }, Verdict::Right),
        (
            "a provider says no",
            now,
            Evidence { skew: Some(-60), synchronised: Some(true), ..none.clone() },
            Verdict::Off(-60),
        ),
        (
            "it leapt while the daemon ran",
            now,
            Evidence { jumped_from: Some(now.plus_seconds(-2 * DAY)), ..none.clone() },
            Verdict::Ahead(now.plus_seconds(-2 * DAY)),
        ),
        (
            "ran ahead, still",
            at("2028-01-03 00:00:00"),
            Evidence { spell: Some(ran_ahead), ..none.clone() },
            Verdict::Ahead(evening(60)),
        ),
        ("ran ahead, and was put right", now, Evidence { spell: Some(ran_ahead), ..none.clone() }, Verdict::Right),
        (
            "ran ahead, and was set back too far",
            evening(600),
            Evidence { spell: Some(ran_ahead), ..none.clone() },
            Verdict::Behind(evening(60)),
        ),
        (
            "fell behind, still",
            evening(60),
            Evidence { spell: Some(fell_behind), ..none.clone() },
            Verdict::Behind(now),
        ),
        (
            "fell behind, and was put right",
            soon,
            Evidence { spell: Some(fell_behind), ..before(evening(60)) },
            Verdict::Right,
        ),
        (
            "fell behind, and was set two years ahead",
            at("2028-12-01 00:00:00"),
            Evidence { spell: Some(fell_behind), ..before(evening(60)) },
            Verdict::Ahead(evening(60)),
        ),
    ];
    for (what, now, evidence, wanted) in table {
        assert_eq!(judge(now, &evidence), wanted, "{what}");
    }
}

#[test]
fn a_clock_may_be_set_a_little_and_a_pc_may_sleep() {
    let now = at("2026-11-30 18:00:00");
    let spell = |seconds| Spell { right: now.plus_seconds(seconds), wrong: at("2000-01-01 00:00:00"), after_order: 0 };
    let judged = |seconds| judge(now, &Evidence { spell: Some(spell(seconds)), ..Evidence::default() });
    assert_eq!((judged(300), judged(301)), (Verdict::Right, Verdict::Behind(now.plus_seconds(301))));
    assert!(!has_jumped(3 * DAY, 3 * DAY) && !has_jumped(DAY, 0) && has_jumped(DAY + 1, 0) && !has_jumped(-DAY, 0));
}

/// A shop's database and its clock.
struct Shop(Connection);

impl Shop {
    fn new() -> Shop {
        let shop = Shop(in_memory());
        shop.0
            .execute_batch(
                "insert into dining_table (id, number, code) values (1, 'A01', 'code');
                 insert into seating (id, table_id, opened_at) values (1, 1, 0);
                 insert into diner (id, seating_id, joined_at) values (1, 1, 0);",
            )
            .unwrap();
        shop
    }

    fn orders(&self, time: &str) {
        let insert = "insert into dining_order (number, table_id, seating_id, diner_id, status, pay_status, amount_fen, created_at) \
                      select 'n' || count(*), 1, 1, 1, 5, 1, 100, ? from dining_order";
        self.0.execute(insert, [at(time)]).unwrap();
    }

    /// As the daemon looks.
    fn looks(&self, time: &str) -> Report {
        self.looks_by(time, Evidence::default())
    }

    fn looks_by(&self, time: &str, known: Evidence) -> Report {
        let now = at(time);
        let found = actions::find_evidence(&self.0, now).unwrap();
        let evidence = Evidence { before: found.before, ahead: found.ahead, spell: found.spell, ..known };
        let verdict = judge(now, &evidence);
        let news = actions::is_news(&self.0, &evidence, verdict).unwrap();
        let before = self.kept();
        let put_right = actions::note(&mut Tx::new(&self.0, now), now, &evidence, verdict).unwrap();
        assert_eq!(put_right, news && verdict == Verdict::Right, "{time}");
        assert_eq!(news, before != self.kept(), "what is no news changes nothing: {time}");
        actions::report(&self.0, verdict).unwrap()
    }

    fn kept(&self) -> Option<String> {
        crate::store::setting::find(&self.0, crate::store::setting::CLOCK).unwrap()
    }

    fn confirms(&self, time: &str) -> crate::error::Result<()> {
        actions::confirm(&mut Tx::new(&self.0, at(time)))
    }

    fn alerts(&self) -> usize {
        crate::alert::actions::list_open(&self.0).unwrap().len()
    }
}

#[test]
fn a_dead_battery_is_told_until_it_is_put_right_and_then_what_was_booked() {
    let shop = Shop::new();
    shop.orders("2026-11-29 20:00:00");
    assert_eq!(shop.looks("2000-01-01 00:01:00").verdict, Verdict::Early);
    shop.orders("2000-01-01 00:10:00");
    shop.orders("2000-01-01 00:20:00");
    assert_eq!(shop.looks("2000-01-01 00:21:00").since, Some(at("2000-01-01 00:01:00")));
    assert_eq!(shop.alerts(), 1, "it rings once");
    assert!(shop.confirms("2000-01-01 00:22:00").is_err(), "it can't be right");
    let told = shop.looks("2026-11-30 11:00:00");
    let booked = Booked { orders: 2, first: at("2000-01-01 00:10:00"), last: at("2000-01-01 00:20:00") };
    assert_eq!(told, Report { verdict: Verdict::Right, since: Some(at("2026-11-30 11:00:00")), booked: Some(booked) });
    assert!(told.history(&calendar()).contains("此前时间不对时记了 2 单（2000-01-01 00:10 到 2000-01-01 00:20）"));
    assert_eq!(shop.alerts(), 0);
    shop.confirms("2026-11-30 12:00:00").unwrap();
    assert_eq!(shop.looks("2026-11-30 12:01:00"), Report { verdict: Verdict::Right, since: None, booked: None });
}

#[test]
fn a_clock_of_2028_is_told_over_restarts_and_its_orders_speak_against_no_right_time() {
    let shop = Shop::new();
    shop.orders("2026-11-29 20:00:00");
    let known = Verdict::Ahead(at("2026-11-29 20:00:00"));
    assert_eq!(shop.looks("2028-02-01 11:00:00").verdict, known);
    shop.orders("2028-02-01 12:00:00");
    assert_eq!(shop.looks("2028-02-03 11:00:00").verdict, known, "it does not get used to it");
    let told = shop.looks("2026-11-30 11:00:00");
    assert_eq!((told.verdict, told.booked.map(|booked| booked.orders)), (Verdict::Right, Some(1)));
    shop.orders("2026-11-30 12:00:00");
    assert_eq!(shop.looks("2026-11-30 12:01:00").verdict, Verdict::Right);
    assert_eq!(shop.looks("2026-11-30 11:00:00").verdict, Verdict::Behind(at("2026-11-30 12:00:00")), "set back again");
}

#[test]
fn a_clock_that_was_put_right_while_nobody_looked_is_right() {
    let shop = Shop::new();
    for time in ["2026-11-29 20:00:00", "2028-02-01 12:00:00", "2028-02-01 12:30:00"] {
        shop.orders(time);
    }
    let told = shop.looks("2026-11-30 11:00:00");
    assert_eq!((told.verdict, told.booked.map(|booked| booked.orders)), (Verdict::Right, Some(2)));
    assert_eq!(shop.alerts(), 0);
}

#[test]
fn a_person_may_say_that_the_clock_is_right() {
    let shop = Shop::new();
    shop.orders("2026-11-30 20:00:00");
    let noon = "2026-11-30 12:00:00";
    assert_eq!(shop.looks(noon).verdict, Verdict::Behind(at("2026-11-30 20:00:00")));
    shop.confirms(noon).unwrap();
    assert_eq!((shop.looks(noon).verdict, shop.alerts()), (Verdict::Right, 0));
    assert_eq!(shop.looks("2026-11-30 11:00:00").verdict, Verdict::Behind(at(noon)), "what was confirmed is known");
    let reopened = Shop::new();
    reopened.orders("2026-05-01 20:00:00");
    assert_eq!(reopened.looks(noon).verdict, Verdict::Ahead(at("2026-05-01 20:00:00")));
    reopened.confirms(noon).unwrap();
    assert_eq!(reopened.looks(noon).verdict, Verdict::Right);
}

#[test]
fn a_leap_while_the_daemon_runs_is_kept() {
    let shop = Shop::new();
    let from = at("2026-11-30 12:00:00");
    let leap = Evidence { jumped_from: Some(from), ..Evidence::default() };
    assert_eq!(shop.looks_by("2026-12-24 12:00:00", leap).verdict, Verdict::Ahead(from));
    assert_eq!(shop.looks("2026-12-24 12:01:00").verdict, Verdict::Ahead(from));
    assert_eq!(shop.looks("2026-11-30 13:00:00").verdict, Verdict::Right);
}

#[test]
fn what_is_wrong_is_said_with_what_it_contradicts_and_in_units_that_fit() {
    let now = at("2026-11-30 18:00:00");
    let said = |verdict: Verdict| verdict.explain(&calendar(), now).unwrap_err();
    assert!(said(Verdict::Behind(now)).starts_with("2026-11-30 18:00: 早于最近的订单"));
    assert!(said(Verdict::Off(845_000_000)).contains("与支付平台的时间相差 26 年 off by 26 years"));
    assert_eq!(Verdict::Right.explain(&calendar(), now), Ok(()));
    let spans = [59, 60, 3600, DAY, -3 * DAY, 400 * DAY].map(|seconds| span(seconds).0);
    assert_eq!(spans, [" 59 秒", " 1 分钟", " 1 小时", " 1 天", " 3 天", " 1 年"]);
}
