//! Random histories on calendars whose clocks change: every day's figures are the ledger's, to the fen.

use super::actions::{self, close, day, find_close, hours, overview, report};
use super::*;
use crate::actor::{Actor, Source};
use crate::bill::actions::Off;
use crate::bill::{self, Cut};
use crate::error::{Error, Refusal};
use crate::order::{self, Order};
use crate::payment::Target;
use crate::payment::actions::{Way, begin, list_due};
use crate::payment::owed::Owed;
use crate::payment::provider::{Paid, Returned};
use crate::payment::review::{self, Action};
use crate::payment::settle::{settle, take_at_counter};
use crate::payment::tests::{open_shop, order_dish};
use crate::payment::{Channel, Payment, refund};
use crate::room::orders::cancel_by_staff;
use crate::seating::Diner;
use crate::store::{Tx, in_memory};
use crate::units::{Calendar, OrderId};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use rusqlite::Connection;

/// Zone, cut-over hour, and a day around which its clocks change.
const CALENDARS: [(&str, i8, &str); 7] = [
    ("Asia/Shanghai", 4, "2026-11-20"),
    ("Europe/Berlin", 2, "2026-10-25"),
    ("Europe/Berlin", 3, "2026-03-29"),
    ("America/New_York", 2, "2026-03-08"),
    ("America/New_York", 1, "2026-11-01"),
    ("Australia/Lord_Howe", 2, "2026-10-04"),
    // Midnight itself is skipped.
    ("America/Sao_Paulo", 0, "2018-11-04"),
];

struct World {
    conn: Connection,
    calendar: Calendar,
    diner: Diner,
    now: Timestamp,
    orders: Vec<OrderId>,
    payments: Vec<Payment>,
    count: usize,
}

impl World {
    fn new(zone: &str, cutover: i8, around: &str) -> World {
        let conn = in_memory();
        let calendar = Calendar::new(TimeZone::get(zone).unwrap(), cutover);
        let before = Calendar::parse_date(around).unwrap().yesterday().unwrap();
        let now = calendar.bounds(before).unwrap().0;
        let diner = open_shop(&mut Tx::new(&conn, now)).unwrap();
        World { conn, calendar, diner, now, orders: vec![], payments: vec![], count: 0 }
    }

    fn tx(&self) -> Tx<'_> {
        Tx::new(&self.conn, self.now)
    }

    fn pick(&self, which: usize) -> Option<Order> {
        let id = self.orders.get(which.checked_rem(self.orders.len())?)?;
        order::actions::load(&self.conn, *id).ok()
    }

    /// One thing that may happen; what is refused has no effect.
    fn step(&mut self, kind: u8, which: usize) {
        self.count += 1;
        let label = format!("x{}", self.count);
        match kind {
            0 | 1 => {
                let id = order_dish(&mut self.tx(), self.diner).unwrap().id;
                self.orders.push(id);
            }
            2 => self.counted(which, Channel::Cash),
            3 => self.counted(which, Channel::Terminal),
            4 | 5 => {
                let Some(order) = self.pick(which) else { return };
                let provider = if kind == 4 { "wechat" } else { "alipay" };
                let way = Way { provider: provider.into(), channel: Channel::Code, payer: String::new() };
                let owed = Owed::load(&self.conn, Target::Order(order.id)).unwrap();
                if let Ok(payment) = begin(&mut self.tx(), &owed, &way, 900) {
                    self.payments.push(payment);
                }
            }
            6 | 7 => self.provider_pays(which, &label, kind == 7),
            8 => {
                let Some(order) = self.pick(which) else { return };
                let part = Fen(1 + (which as i64 * 37) % order.amount.0.max(1));
                self.transact(|tx| refund::send_part(tx, order.id, part, "少上", &label, "admin"));
            }
            9 => {
                let Some(order) = self.pick(which) else { return };
                self.transact(|tx| cancel_by_staff(tx, order.id, "admin", true, ""));
            }
            10 => {
                for refund in list_due(&self.conn, self.now, 100).unwrap().1 {
                    refund::answered(&mut self.tx(), &refund, &Ok(Returned::Done(None))).unwrap();
                }
            }
            11 => {
                let Some(order) = self.pick(which) else { return };
                let off = Off::Percent(1 + which as i64 % 99);
                self.transact(|tx| bill::actions::discount(tx, std::slice::from_ref(&order), off, "老客", "admin"));
            }
            12 => {
                let Some(order) = self.pick(which) else { return };
                self.transact(|tx| bill::actions::give_free(tx, order.id, 1, "等太久", "admin"));
            }
            13 => {
                let by = Actor::Staff("admin".into());
                let cut = if which.is_multiple_of(3) { Cut::Whole } else { Cut::Heads(1 + which as i64 % 4) };
                self.transact(|tx| bill::actions::split(tx, self.diner.seating, &cut, &by).map(drop));
            }
            14 => {
                let Some(bill) = bill::actions::find_open(&self.conn, self.diner.seating).unwrap() else { return };
                let Some(part) = bill.open_parts().next().cloned() else { return };
                let channel = if which.is_multiple_of(2) { Channel::Cash } else { Channel::Terminal };
                self.transact(|tx| take_at_counter(tx, Target::Part(part.id), channel, part.amount, "admin").map(drop));
            }
            15 => {
                let reviews = review::list_open(&self.conn).unwrap();
                let Some(one) = reviews.first() else { return };
                let actions = one.kind.actions();
                let action: Action = actions[which % actions.len()];
                self.transact(|tx| review::answer::resolve(tx, one.id, action, "admin"));
            }
            _ => self.top_up(which, &label),
        }
    }

    /// A refusal undoes what its closure did, as the writer does.
    fn transact(&self, work: impl FnOnce(&mut Tx<'_>) -> crate::error::Result<()>) {
        self.conn.execute_batch("savepoint one").unwrap();
        match work(&mut self.tx()) {
            Ok(()) => {}
            Err(Error::Refused(_)) => self.conn.execute_batch("rollback to one").unwrap(),
            Err(Error::Internal(error)) => panic!("{error:?}"),
        }
        self.conn.execute_batch("release one").unwrap();
    }

    fn counted(&self, which: usize, channel: Channel) {
        let Some(order) = self.pick(which) else { return };
        self.transact(|tx| take_at_counter(tx, Target::Order(order.id), channel, order.amount, "admin").map(drop));
    }

    /// The provider's word for a payment that was begun some time: also late, twice, or of another amount.
    fn provider_pays(&self, which: usize, transaction: &str, wrong: bool) {
        let Some(index) = which.checked_rem(self.payments.len()) else { return };
        let payment = &self.payments[index];
        let paid = Paid {
            out_trade_no: payment.out_trade_no.clone(),
            transaction_id: transaction.to_owned(),
            amount: if wrong { payment.amount.plus(Fen(100)) } else { payment.amount },
            for_us: true,
            paid_at: None,
            refunded: false,
        };
        self.transact(|tx| settle(tx, &payment.provider, &paid, Source::Callback).map(drop));
    }

    fn top_up(&self, which: usize, cause: &str) {
        let (method, paid) = [("cash", 10_000), ("wechat", 10_000), ("", 0)][which % 3];
        self.conn
            .execute(
                "insert or ignore into member (id, name, phone, created_at) values (1, '甲', '138', ?)",
                [self.now],
            )
            .unwrap();
        self.conn
            .execute(
                "insert into member_entry (member_id, kind, amount_fen, uses_after, after_fen, paid_fen, method, cause, \
                 actor, at) values (1, 'topup', 12000, 0, 12000, ?, ?, ?, 'staff admin', ?)",
                (paid, method, cause, self.now),
            )
            .unwrap();
    }

    /// The same figures by the other way round: each row's own business day.
    fn sum(&self, sql: &str, date: Date) -> i64 {
        let mut statement = self.conn.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get::<_, Timestamp>(0)?, row.get::<_, i64>(1)?))).unwrap();
        let of_day = rows.map(Result::unwrap).filter(|(at, _)| self.calendar.business_date(*at) == date);
        of_day.map(|(_, amount)| amount).sum()
    }

    fn check(&self, date: Date) -> Fen {
        let day = day(&self.calendar, date).unwrap();
        let report = report(&self.conn, day).unwrap();
        let sum = |sql: &str| Fen(self.sum(sql, date));
        let entries = sum("select at, amount_fen from ledger_entry");
        assert_eq!((report.ledger, report.difference), (entries, Fen::ZERO), "{date}: {report:?}");
        assert_eq!(report.turnover, entries, "{date}");
        assert_eq!(report.methods.iter().fold(Fen::ZERO, |sum, one| sum.plus(one.net)), entries, "{date}");
        let refunds = sum("select at, -amount_fen from ledger_entry where kind = 'refund'");
        assert_eq!(report.refunds, refunds, "{date}");
        assert_eq!(report.methods.iter().fold(Fen::ZERO, |sum, one| sum.plus(one.refunds)), refunds, "{date}");
        let cost = report.gross.minus(report.discounts).minus(report.free).plus(report.fees);
        let amounts = sum("select paid_at, amount_fen from dining_order where paid_at is not null");
        assert_eq!(cost, amounts, "{date}: what the paid orders cost: {report:?}");
        let cash = sum("select at, amount_fen from ledger_entry where method = 'cash'");
        let topped = sum("select at, paid_fen from member_entry where method = 'cash'");
        assert_eq!(report.expected_cash, cash.plus(topped), "{date}");
        assert_eq!(report.topups.paid, sum("select at, paid_fen from member_entry"), "{date}");
        let placed = self.sum("select created_at, 1 from dining_order", date);
        assert_eq!(report.orders, placed, "{date}");
        let overview = overview(&self.conn, day).unwrap();
        assert_eq!((overview.turnover, overview.placed), (entries, placed), "{date}: the dashboard says the same");
        let hours = hours(&self.conn, &self.calendar, day).unwrap();
        assert_eq!(hours.iter().fold(Fen::ZERO, |sum, hour| sum.plus(hour.turnover)), entries, "{date}");
        assert_eq!(hours.iter().map(|hour| hour.orders).sum::<i64>(), placed, "{date}");
        report.ledger
    }
}

proptest! {
    #![proptest_config(crate::testing::cases(64))]
    #[test]
    fn every_day_of_any_history_is_the_ledger_s_to_the_fen(
        calendar in 0..CALENDARS.len(),
        steps in prop::collection::vec((0..17u8, 0..1000usize, prop_oneof![Just(0i64), 1..90i64, 200..400i64]), 1..70),
    ) {
        let (zone, cutover, around) = CALENDARS[calendar];
        let mut world = World::new(zone, cutover, around);
        let first = world.calendar.business_date(world.now);
        for (kind, which, minutes) in steps {
            world.now = world.now.plus_seconds(minutes * 60);
            world.step(kind, which);
        }
        let last = world.calendar.business_date(world.now);
        let days = actions::days(&world.calendar, first, last).unwrap();
        let total = days.iter().fold(Fen::ZERO, |sum, day| sum.plus(world.check(day.date)));
        let all: Fen = world.conn.query_row("select coalesce(sum(amount_fen), 0) from ledger_entry", [], |row| row.get(0)).unwrap();
        prop_assert_eq!(total, all, "no entry is in two days or in none");
    }
}

#[test]
fn a_day_has_the_hours_that_its_clocks_show() {
    let world = World::new("Asia/Shanghai", 4, "2026-11-20");
    for (zone, cutover, date, count, second) in [
        ("Asia/Shanghai", 4, "2026-11-20", 24, "05:00"),
        ("Europe/Berlin", 2, "2026-10-25", 25, "02:00"),
        ("Europe/Berlin", 3, "2026-03-28", 23, "04:00"),
        ("Australia/Lord_Howe", 0, "2026-10-04", 24, "01:00"),
    ] {
        let calendar = Calendar::new(TimeZone::get(zone).unwrap(), cutover);
        let day = day(&calendar, Calendar::parse_date(date).unwrap()).unwrap();
        let hours = hours(&world.conn, &calendar, day).unwrap();
        assert_eq!((hours.len(), hours[1].hour.as_str()), (count, second), "{zone}");
    }
}

#[test]
fn shares_and_prices_are_rounded_to_the_nearest() {
    let text = |ratio: Ratio| serde_json::to_string(&ratio).unwrap();
    for (part, whole, wanted) in [(0, 0, "0.0000"), (2, 3, "0.6667"), (1, 3, "0.3333"), (5, 5, "1.0000")] {
        assert_eq!(text(Ratio::of(part, whole)), wanted);
    }
    let price = |turnover, valid| Overview { turnover: Fen(turnover), valid, ..Overview::default() }.unit_price();
    assert_eq!([price(100, 3), price(101, 2), price(0, 0), price(-101, 2)], [Fen(33), Fen(51), Fen(0), Fen(-50)]);
}

#[test]
fn a_part_that_was_accepted_with_another_amount_is_no_difference_of_the_day_after() {
    let mut world = World::new("Asia/Shanghai", 4, "2026-11-20");
    for (kind, which) in [(0, 0), (4, 0), (7, 0)] {
        world.step(kind, which);
    }
    let first = world.calendar.business_date(world.now);
    assert_eq!(world.check(first), Fen(3900), "it came today, whatever is said about it");
    world.now = world.now.plus_seconds(86_400);
    let open = review::list_open(&world.conn).unwrap();
    review::answer::resolve(&mut world.tx(), open[0].id, Action::Accept, "admin").unwrap();
    assert_eq!(world.check(first.tomorrow().unwrap()), Fen::ZERO);
}

#[test]
fn a_paid_order_without_money_is_a_difference() {
    let mut world = World::new("Asia/Shanghai", 4, "2026-11-20");
    world.step(0, 0);
    let sql = "update dining_order set pay_status = 1, status = 2, paid_at = ?";
    world.conn.execute(sql, [world.now]).unwrap();
    let day = day(&world.calendar, world.calendar.business_date(world.now)).unwrap();
    let report = report(&world.conn, day).unwrap();
    assert_eq!((report.ledger, report.difference), (Fen::ZERO, Fen(3800)));
}

#[test]
fn a_day_is_closed_once_and_what_comes_later_is_seen() {
    let mut world = World::new("Asia/Shanghai", 4, "2026-11-20");
    for (kind, which) in [(0, 0), (2, 0), (16, 0)] {
        world.step(kind, which);
    }
    let today = day(&world.calendar, world.calendar.business_date(world.now)).unwrap();
    let closing = |cash, again| Closing { cash: Fen(cash), note: " 少一块 ".into(), again };
    let first = close(&mut world.tx(), &world.calendar, today, &closing(13_700, false), "admin").unwrap();
    assert_eq!((first.then.expected_cash, first.difference(), first.note.as_str()), (Fen(13_800), Fen(-100), "少一块"));
    world.step(0, 1);
    world.step(3, 1);
    let kept = find_close(&world.conn, today.date).unwrap().unwrap();
    assert_eq!(kept.report.get(), first.report.get(), "as it was");
    assert_eq!(report(&world.conn, today).unwrap().ledger.minus(kept.then.ledger), Fen(3800));
    let refused = close(&mut world.tx(), &world.calendar, today, &closing(13_800, false), "bob");
    assert!(matches!(refused, Err(Error::Refused(Refusal::DayClosed(..)))));
    let second = close(&mut world.tx(), &world.calendar, today, &closing(13_800, true), "bob").unwrap();
    assert_eq!((second.then.ledger, second.difference()), (Fen(7600), Fen::ZERO));
    let audited: i64 =
        world.conn.query_row("select count(*) from audit where act = 'day.close'", [], |row| row.get(0)).unwrap();
    assert_eq!(audited, 2, "both are in the log");
}

#[test]
fn no_report_looks_at_more_than_its_days() {
    let conn = in_memory();
    let (orders, dishes, guests) = (sql::orders(), sql::dishes(), sql::guests());
    let all = [
        sql::LEDGER,
        sql::FREE,
        sql::LET_GO,
        &orders,
        sql::METHODS,
        sql::PAID_ORDERS,
        sql::PAID_PARTS,
        sql::EXTRA,
        sql::REFUNDS,
        sql::GROSS,
        sql::ADJUSTED,
        &dishes,
        &guests,
    ];
    for sql in all {
        let mut statement = conn.prepare(&format!("explain query plan {sql}")).unwrap();
        let count = statement.parameter_count();
        let arguments = rusqlite::params_from_iter((0..count).map(|_| 0));
        let steps = statement.query_map(arguments, |row| row.get::<_, String>(3)).unwrap();
        let steps: Vec<String> = steps.map(Result::unwrap).collect();
        let scans: Vec<_> =
            steps.iter().filter(|step| step.starts_with("SCAN") && !step.starts_with("SCAN (subquery-")).collect();
        assert!(scans.is_empty() && steps.iter().any(|step| step.contains("INDEX")), "{sql}: {steps:#?}");
    }
}

#[test]
fn a_top_up_is_called_what_it_was_paid_by() {
    let mut world = World::new("Asia/Shanghai", 4, "2026-11-20");
    // In cash, by WeChat, in cash, and a present.
    for which in [0, 1, 3, 2] {
        world.step(16, which);
    }
    let day = day(&world.calendar, world.calendar.business_date(world.now)).unwrap();
    let topups = report(&world.conn, day).unwrap().topups;
    let methods: Vec<_> = topups.methods.iter().map(|one| (one.method.as_str(), one.name.as_str(), one.net)).collect();
    assert_eq!(methods, [("cash", "现金", Fen(20_000)), ("wechat", "微信支付", Fen(10_000))]);
    assert_eq!((topups.count, topups.paid, topups.amount), (4, Fen(30_000), Fen(48_000)));
}

/// A close of 500.00 counted, by admin.
fn close_now(world: &World, day: Day) -> Close {
    let closing = Closing { cash: Fen(50_000), note: String::new(), again: true };
    close(&mut world.tx(), &world.calendar, day, &closing, "admin").unwrap()
}

/// By method: what came, what went.
fn by_method(methods: &[Method]) -> Vec<(&str, i64, i64)> {
    methods.iter().map(|one| (one.method.as_str(), one.payments.0, one.refunds.0)).collect()
}

#[test]
fn a_closed_day_keeps_what_it_counted_and_tells_what_moved_afterwards_by_method_and_direction() {
    let mut world = World::new("Asia/Shanghai", 4, "2026-11-20");
    // Four orders: two paid in cash, one by card, one not.
    for which in 0..4 {
        world.step(0, which);
    }
    world.conn.execute("update seating set heads = 3", []).unwrap();
    for (kind, which) in [(2, 0), (2, 1), (3, 2)] {
        world.step(kind, which);
    }
    let first = day(&world.calendar, world.calendar.business_date(world.now)).unwrap();
    let kept = report(&world.conn, first).unwrap();
    assert_eq!((kept.orders, kept.valid, kept.cancelled, kept.guests), (4, 3, 0, 3));
    world.now = world.now.plus_seconds(60);
    let closed = close_now(&world, first);
    let later = |world: &World| closed.later(&actions::money(&world.conn, first.span).unwrap());
    let still = later(&world);
    assert!(still.methods.is_empty() && still.topups.is_empty() && still.cash == Fen::ZERO);

    // In the same evening: a cash order is cancelled, and the open one paid by card, so that the ledger is as it was.
    world.now = world.now.plus_seconds(60);
    world.step(9, 0);
    world.step(3, 3);
    // A member pays in cash for a card.
    world.step(16, 0);
    let moved = later(&world);
    assert_eq!((moved.ledger, moved.cash), (Fen::ZERO, Fen(10_000 - 3_800)), "the till is not as it was");
    assert_eq!(by_method(&moved.methods), [("cash", 0, 3_800), ("terminal", 3_800, 0)]);
    assert_eq!(by_method(&moved.topups), [("cash", 10_000, 0)]);
    // On the day after, everything that is left goes back.
    world.now = world.now.plus_seconds(86_400);
    for which in 1..4 {
        world.step(9, which);
    }
    world.conn.execute("update seating set heads = 5", []).unwrap();
    let now = report(&world.conn, first).unwrap();
    assert_eq!((now.orders, now.valid, now.cancelled, now.guests), (4, 3, 0, 3), "as it was closed");
    assert_eq!(now.dishes, kept.dishes);
    assert_eq!(later(&world), moved, "another day's money");
    let overview = overview(&world.conn, first).unwrap();
    assert_eq!((overview.placed, overview.valid), (4, 3));
    assert_eq!(actions::best_dishes(&world.conn, &[first], 10).unwrap(), kept.dishes);
    // Closed again, it is counted anew.
    close_now(&world, first);
    let again = report(&world.conn, first).unwrap();
    assert_eq!((again.valid, again.cancelled, again.guests, again.dishes.len()), (0, 4, 0, 0));
}

#[test]
fn an_order_that_comes_after_the_close_counts_as_it_is() {
    let mut world = World::new("Asia/Shanghai", 4, "2026-11-20");
    world.step(0, 0);
    world.step(2, 0);
    let today = day(&world.calendar, world.calendar.business_date(world.now)).unwrap();
    world.now = world.now.plus_seconds(60);
    close_now(&world, today);
    world.now = world.now.plus_seconds(60);
    for (kind, which, wanted) in [(0, 1, (2, 1, 0)), (2, 1, (2, 2, 0)), (9, 1, (2, 1, 1))] {
        world.step(kind, which);
        let seen = report(&world.conn, today).unwrap();
        assert_eq!((seen.orders, seen.valid, seen.cancelled), wanted);
    }
}

#[test]
fn a_close_that_netted_top_ups_is_compared_by_their_net() {
    let mut world = World::new("Asia/Shanghai", 4, "2026-11-20");
    let today = day(&world.calendar, world.calendar.business_date(world.now)).unwrap();
    world.step(16, 0);
    let take_back = "insert into member_entry (member_id, kind, amount_fen, uses_after, after_fen, paid_fen, method, cause, \
        actor, at) values (1, 'topup', -2000, 0, 10000, -2000, 'cash', 'x', 'staff admin', ?)";
    world.conn.execute(take_back, [world.now]).unwrap();
    let mut closed = close_now(&world, today);
    let money = || actions::money(&world.conn, today.span).unwrap();
    assert_eq!(by_method(&closed.then.topups.methods), [("cash", 10_000, 2_000)]);
    assert!(closed.later(&money()).topups.is_empty());
    let old = r#"{"orders":0,"ledger":0.00,"expectedCash":80.00,"methods":[],"topups":{"methods":
        [{"method":"cash","name":"现金","payments":80.00,"refunds":0.00,"net":80.00}]}}"#;
    closed.then = serde_json::from_str(old).unwrap();
    assert!(closed.later(&money()).topups.is_empty(), "what it did not tell apart is no news");
}

#[test]
fn what_was_given_and_what_was_let_go_are_lines_of_the_day() {
    let mut world = World::new("Asia/Shanghai", 4, "2026-11-20");
    // Given free, it costs nothing more and is paid.
    world.step(0, 0);
    world.step(12, 0);
    for which in 0..2 {
        world.step(16, 2 + 3 * which);
    }
    order::actions::let_go(&mut world.tx(), "A01", Fen(5_000), "客人跑单", "admin").unwrap();
    order::actions::let_go(&mut world.tx(), "A02", Fen::ZERO, "没有欠款", "admin").unwrap();
    let today = day(&world.calendar, world.calendar.business_date(world.now)).unwrap();
    let report = report(&world.conn, today).unwrap();
    let dish = DishSold { name: "宫保鸡丁".into(), quantity: 1, amount: Fen(3_800) };
    assert_eq!((report.free, report.free_pieces, report.free_value), (Fen(3_800), 1, Fen(3_800)));
    assert_eq!((report.dishes, report.free_dishes), (vec![dish.clone()], vec![dish]), "a piece all the same");
    let debt = Debt { table: "A01".into(), amount: Fen(5_000), reason: "客人跑单".into(), by: "admin".into() };
    assert_eq!((report.let_go, report.debts), (Fen(5_000), vec![debt]));
    assert_eq!(report.topups.gifts, Gifts { count: 2, amount: Fen(24_000), uses: 0 });
    let forgone = Forgone { free_pieces: 1, free_value: Fen(3_800), let_go: Fen(5_000) };
    assert_eq!(actions::forgone(&world.conn, today.span).unwrap(), forgone);
}

#[test]
fn days_that_a_wrong_clock_booked_on_are_found_wherever_they_are() {
    let mut world = World::new("Asia/Shanghai", 4, "2026-11-20");
    let right = world.now;
    let list = |world: &World, count| {
        let last = world.calendar.business_date(right);
        let listed = actions::latest_days(&world.calendar, last, count).unwrap();
        let stray = actions::list_stray(&world.conn, &world.calendar, &listed).unwrap();
        stray.into_iter().map(|date| date.to_string()).collect::<Vec<_>>()
    };
    let at = |text: &str| world.calendar.bounds(Calendar::parse_date(text).unwrap()).unwrap().0;
    let booked = ["2000-01-01", "2026-09-05", "2026-01-02", "2028-06-30"].map(at);
    // A battery that was dead when the PC was new, and a day of last month.
    for (which, at) in booked[..2].iter().enumerate() {
        world.now = *at;
        world.step(0, which);
        world.step(2, which);
    }
    assert_eq!(list(&world, 31), ["2000-01-01"], "what is merely long ago is where it belongs");
    world.now = right;
    world.step(0, 2);
    world.step(2, 2);
    for (which, at) in booked[2..].iter().enumerate() {
        world.now = *at;
        world.step(0, 3 + which);
        world.step(2, 3 + which);
    }
    assert_eq!(list(&world, 31), ["2000-01-01", "2026-01-02", "2028-06-30"]);
    assert_eq!(list(&world, 400), ["2000-01-01", "2028-06-30"], "and those that the list has are listed once");
    world.now = at_topup(&mut world);
    assert_eq!(list(&world, 31), ["2000-01-01", "2026-01-02", "2028-06-30", "2029-01-01"], "a top-up is money, too");
}

fn at_topup(world: &mut World) -> Timestamp {
    world.now = world.calendar.bounds(Calendar::parse_date("2029-01-01").unwrap()).unwrap().0;
    world.step(16, 0);
    world.now
}
