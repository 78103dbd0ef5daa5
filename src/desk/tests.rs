//! The queue and the popups as tables: what is said and shown of which alerts.

use super::Open;
use super::popup::notice::{Key, notices};
use super::voice::queue::{Queue, Turn};
use super::voice::sentence::{Received, Saying, Trouble, Urgency, Wanted};
use crate::alert::{Alert, Dish, Kind, Language};
use crate::units::{AlertId, Fen, OrderId, PayMethod, TableId, Timestamp};
use std::time::{Duration, Instant};

const REPEAT: Duration = Duration::from_secs(30);
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: i64 = 60_000;

fn alert(id: i64, kind: Kind, table: &str) -> Alert {
    Alert {
        table: None,
        id: AlertId(id),
        kind,
        order: Some(OrderId(id)),
        order_number: format!("20261121{id:04}"),
        remark: String::new(),
        table_number: table.into(),
        amount: Fen(3850),
        paid_by: Some(PayMethod::Wechat),
        waiting_since: Timestamp(0),
        note: String::new(),
        raised_at: Timestamp(0),
        heard_at: None,
    }
}

fn about_nothing(id: i64, kind: Kind) -> Alert {
    Alert { order: None, order_number: String::new(), table_number: String::new(), ..alert(id, kind, "") }
}

fn call(id: i64, kind: Kind, table: &str) -> Alert {
    Alert { table: Some(TableId(id)), table_number: table.into(), ..about_nothing(id, kind) }
}

/// A queue and its clock.
struct Shop {
    queue: Queue,
    now: Instant,
}

impl Shop {
    fn new() -> Shop {
        Shop { queue: Queue::new(REPEAT, false), now: Instant::now() }
    }

    fn next(&mut self, open: &[Alert]) -> Option<Turn> {
        self.queue.next(open, self.now, Timestamp(MINUTE))
    }

    /// Says whatever is due now; what it was, and of which alerts.
    fn says(&mut self, open: &[Alert]) -> Vec<(Saying, Vec<i64>)> {
        let mut said = Vec::new();
        while let Some(turn) = self.next(open) {
            self.queue.said(&turn.alerts, true, self.now);
            said.push((turn.saying, turn.alerts.iter().map(|id| id.0).collect()));
            assert!(said.len() < 20, "it never ends");
        }
        said
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
    }
}

fn orders(tables: &[&str], urgency: Urgency) -> Saying {
    Saying::Orders { tables: tables.iter().map(|&table| table.to_owned()).collect(), urgency }
}

fn reminders(tables: &[&str], urgency: Urgency) -> Saying {
    Saying::Reminders { tables: tables.iter().map(|&table| table.to_owned()).collect(), waited: None, urgency }
}

#[test]
fn what_urges_comes_first_and_one_thing_is_said_at_a_time() {
    let open = [
        alert(1, Kind::NewOrder, "A01"),
        alert(2, Kind::Paid, "A05"),
        alert(3, Kind::Payment, "A03"),
        alert(4, Kind::Reminder, "A02"),
        about_nothing(5, Kind::Tunnel),
        about_nothing(6, Kind::Test),
        about_nothing(7, Kind::Payment),
    ];
    let paid = Saying::Paid { table: "A05".into(), received: Received { by: PayMethod::Wechat, amount: Fen(3850) } };
    let wanted = [
        (reminders(&["A02"], Urgency::First), vec![4]),
        (orders(&["A01"], Urgency::First), vec![1]),
        (Saying::PaymentProblem { tables: vec!["A03".into()] }, vec![3, 7]),
        (Saying::Trouble(Trouble::Tunnel), vec![5]),
        (paid, vec![2]),
        (Saying::Test, vec![6]),
    ];
    assert_eq!(Shop::new().says(&open), wanted);
}

#[test]
fn a_reminder_comes_before_an_order_that_was_heard_and_a_new_order_too() {
    let mut shop = Shop::new();
    let mut open = vec![alert(1, Kind::NewOrder, "A01")];
    shop.says(&open);
    shop.pass(REPEAT);
    open.extend([alert(2, Kind::NewOrder, "A02"), alert(3, Kind::Reminder, "A01")]);
    let wanted = [
        (reminders(&["A01"], Urgency::First), vec![3]),
        (orders(&["A02"], Urgency::First), vec![2]),
        (orders(&["A01", "A02"], Urgency::Again), vec![1, 2]),
    ];
    assert_eq!(shop.says(&open), wanted);
}

#[test]
fn up_to_three_are_named_and_more_are_counted() {
    let orders_of = |count| (1..=count).map(|id| alert(id, Kind::NewOrder, &format!("A{id:02}"))).collect::<Vec<_>>();
    let first = |open: &[Alert]| Shop::new().next(open).unwrap().saying;
    assert_eq!(first(&orders_of(3)), orders(&["A01", "A02", "A03"], Urgency::First));
    assert_eq!(first(&orders_of(4)), Saying::OrderCount { count: 4, urgency: Urgency::First });
    let twice = [alert(1, Kind::NewOrder, "A01"), alert(2, Kind::NewOrder, "A01")];
    assert_eq!(first(&twice), orders(&["A01"], Urgency::First), "a table is named once");
    let urges: Vec<Alert> = (1..=4).map(|id| alert(id, Kind::Reminder, &format!("A{id:02}"))).collect();
    assert_eq!(first(&urges), Saying::ReminderCount { count: 4, urgency: Urgency::First });
}

#[test]
fn calls_for_the_waiter_and_for_the_bill_are_two_sentences_the_older_first() {
    let calls = |tables: &[&str], wanted| {
        let tables = tables.iter().map(|&table| table.to_owned()).collect();
        Saying::Calls { tables, wanted, urgency: Urgency::First }
    };
    let open = [
        alert(1, Kind::Payment, "A09"),
        call(2, Kind::Bill, "A01"),
        call(3, Kind::Waiter, "A02"),
        call(4, Kind::Bill, "A03"),
        call(5, Kind::Waiter, "A01"),
        alert(6, Kind::NewOrder, "A04"),
    ];
    let wanted = [
        (orders(&["A04"], Urgency::First), vec![6]),
        (calls(&["A01", "A03"], Wanted::Bill), vec![2, 4]),
        (calls(&["A02", "A01"], Wanted::Waiter), vec![3, 5]),
        (Saying::PaymentProblem { tables: vec!["A09".into()] }, vec![1]),
    ];
    assert_eq!(Shop::new().says(&open), wanted);
}

#[test]
fn it_rings_sooner_and_more_urgently_until_it_is_answered() {
    let mut shop = Shop::new();
    let open = [alert(1, Kind::NewOrder, "A01")];
    let mut heard = Vec::new();
    for second in 0..200 {
        heard.extend(shop.says(&open).into_iter().map(|(saying, _)| (second, saying)));
        shop.pass(SECOND);
    }
    let when: Vec<i32> = heard.iter().map(|(second, _)| *second).collect();
    assert_eq!(when, [0, 30, 60, 80, 100, 120, 135, 150, 165, 180, 195]);
    let again = |times: usize| match times {
        0 => Urgency::First,
        1 | 2 => Urgency::Again,
        _ => Urgency::Urgent,
    };
    for (times, (_, saying)) in heard.iter().enumerate() {
        assert_eq!(*saying, orders(&["A01"], again(times)), "the {times}th time");
    }
    assert_eq!(shop.says(&[]), []);
    assert_eq!(shop.queue.next_at(&[], shop.now), None);
}

#[test]
fn what_was_tried_in_vain_is_new_when_the_speaker_is_back() {
    let mut shop = Shop::new();
    let open = [alert(1, Kind::NewOrder, "A01"), alert(2, Kind::NewOrder, "A02")];
    shop.says(&open[..1]);
    let turn = shop.next(&open).unwrap();
    shop.queue.said(&turn.alerts, false, shop.now);
    assert_eq!(shop.next(&open), None, "not at once again");
    assert_eq!(shop.queue.next_at(&open, shop.now), Some(shop.now + REPEAT));
    assert!(shop.queue.retry());
    assert_eq!(shop.says(&open), [(orders(&["A02"], Urgency::First), vec![2])]);
}

#[test]
fn what_nobody_has_heard_comes_before_what_is_due_again_but_does_not_keep_it_off() {
    let mut shop = Shop::new();
    let open = [alert(1, Kind::NewOrder, "A01"), alert(2, Kind::NewOrder, "A02")];
    shop.says(&open[..1]);
    shop.pass(SECOND);
    let turn = shop.next(&open).unwrap();
    shop.queue.said(&turn.alerts, false, shop.now);
    shop.pass(REPEAT - SECOND);
    let again = [orders(&["A02"], Urgency::First), orders(&["A01"], Urgency::Again)];
    for saying in again {
        let turn = shop.next(&open).unwrap();
        assert_eq!(turn.saying, saying);
        shop.queue.said(&turn.alerts, false, shop.now);
    }
    assert_eq!(shop.next(&open), None, "each was tried once");
}

#[test]
fn what_was_heard_before_a_restart_rings_again_at_once_but_not_as_new() {
    let heard = Alert { heard_at: Some(Timestamp(1)), ..alert(1, Kind::NewOrder, "A01") };
    let open = [heard, alert(2, Kind::NewOrder, "A02")];
    let wanted = [(orders(&["A02"], Urgency::First), vec![2]), (orders(&["A01", "A02"], Urgency::Again), vec![1, 2])];
    assert_eq!(Shop::new().says(&open), wanted);
}

#[test]
fn the_wait_and_the_amount_are_told_where_they_are_worth_it() {
    let mut shop = Shop::new();
    let open = [alert(1, Kind::Reminder, "A01")];
    let waited = |queue: &mut Queue, minutes: i64| match queue
        .next(&open, Instant::now(), Timestamp(minutes * MINUTE + 59_000))
        .unwrap()
        .saying
    {
        Saying::Reminders { waited, .. } => waited,
        other => panic!("{other:?}"),
    };
    assert_eq!((waited(&mut shop.queue, 4), waited(&mut shop.queue, 5)), (None, Some(5)));
    let day = 24 * 60;
    assert_eq!(
        (waited(&mut shop.queue, day - 1), waited(&mut shop.queue, day)),
        (Some(day - 1), None),
        "nobody waits so"
    );
    assert_eq!(waited(&mut shop.queue, 14_000_000), None, "a clock was wrong");
    let twice = [alert(1, Kind::Reminder, "A01"), alert(2, Kind::Reminder, "A01")];
    assert_eq!(shop.next(&twice).unwrap().saying, reminders(&["A01"], Urgency::Again), "it urges for the second time");

    let mut talkative = Queue::new(REPEAT, true);
    let order = [alert(1, Kind::NewOrder, "A01")];
    let received = Received { by: PayMethod::Wechat, amount: Fen(3850) };
    let first = talkative.next(&order, shop.now, Timestamp(0)).unwrap();
    assert_eq!(first.saying, Saying::PaidOrder { table: "A01".into(), received });
    talkative.said(&first.alerts, true, shop.now);
    let again = talkative.next(&order, shop.now + REPEAT, Timestamp(0)).unwrap();
    assert_eq!(again.saying, orders(&["A01"], Urgency::Again), "the amount was told");
    let unpaid = [Alert { paid_by: None, ..alert(2, Kind::NewOrder, "A02") }];
    assert_eq!(talkative.next(&unpaid, shop.now, Timestamp(0)).unwrap().saying, orders(&["A02"], Urgency::First));
}

fn dish(name: &str, quantity: i64, remark: &str) -> Dish {
    Dish { name: name.into(), quantity, remark: remark.into() }
}

fn open(alerts: Vec<Alert>) -> Open {
    let dishes = |alert: &Alert| Some((alert.order?, vec![dish("宫保鸡丁", 2, ""), dish("<b>米饭", 1, "")]));
    let dishes = alerts.iter().filter_map(dishes).collect();
    Open { alerts, dishes }
}

#[test]
fn a_name_from_the_right_turns_nothing_around_it_in_a_popup() {
    let mut waiting = open(vec![alert(1, Kind::NewOrder, "\u{202e}10A")]);
    waiting.dishes = [(OrderId(1), vec![Dish { name: "שלום".into(), quantity: 2, remark: String::new() }])].into();
    let shown = notices(&waiting, Language::Chinese, None);
    assert_eq!(shown[0].title, "来单提醒：\u{2068}10A\u{2069}桌");
    assert!(shown[0].body.ends_with("\n\u{2068}שלום\u{2069} ×2"), "{:?}", shown[0].body);
}

#[test]
fn an_order_has_one_popup_with_table_amount_and_dishes() {
    let urged = Alert { order: Some(OrderId(1)), ..alert(2, Kind::Reminder, "A01") };
    let waiting = open(vec![alert(1, Kind::NewOrder, "A01"), urged, alert(3, Kind::NewOrder, "A02")]);
    let shown = notices(&waiting, Language::Chinese, None);
    let keys: Vec<Key> = shown.iter().map(|notice| notice.key).collect();
    assert_eq!(keys, [Key::Order(OrderId(1)), Key::Order(OrderId(3))]);
    assert_eq!((shown[0].title.as_str(), shown[1].title.as_str()), ("客户催单：A01桌", "来单提醒：A02桌"));
    assert_eq!(shown[1].body, "¥38.50 微信已付 · 202611210003\n宫保鸡丁 ×2\n<b>米饭 ×1");
    assert_eq!(shown[0].alerts, [AlertId(1), AlertId(2)]);
    assert_eq!((shown[0].accept, shown[0].later), ("接单", "稍后"));
    let english = &notices(&waiting, Language::English, None)[1];
    assert_eq!((english.title.as_str(), english.accept), ("New order: table A02", "Accept"));
    assert!(english.body.starts_with("¥38.50 paid by WeChat"), "{}", english.body);
}

#[test]
fn a_backlog_is_one_popup_and_what_is_only_said_has_none() {
    let mut alerts: Vec<Alert> = (1..=9).map(|id| alert(id, Kind::NewOrder, &format!("A{id:02}"))).collect();
    alerts.push(alert(10, Kind::Paid, "B01"));
    let shown = notices(&open(alerts), Language::Chinese, None);
    assert_eq!(shown.len(), 1);
    assert_eq!((shown[0].key, shown[0].accept), (Key::Backlog, "全部接单"));
    assert_eq!(shown[0].title, "9 个提醒等待处理");
    assert!(shown[0].body.contains("来单提醒：A08桌\n还有 1 个"), "{}", shown[0].body);
}

#[test]
fn what_concerns_no_order_says_what_it_is_and_silence_is_told_everywhere() {
    let tunnel = Alert { note: "收款通知到不了".into(), ..about_nothing(1, Kind::Tunnel) };
    let shown = notices(&open(vec![tunnel, about_nothing(2, Kind::Test)]), Language::Chinese, Some("12:03"));
    assert_eq!((shown[0].title.as_str(), shown[0].accept), ("收款通知通道断开", "知道了"));
    assert_eq!((shown[1].title.as_str(), shown[1].accept), ("语音播报测试", "我听到了"));
    assert!(shown.iter().all(|notice| notice.body.ends_with("⚠ 电脑没有声音（自 12:03），请看弹窗")), "{shown:?}");
}

#[test]
fn news_of_money_keeps_off_nothing_that_somebody_has_to_do() {
    let mut shop = Shop::new();
    let mut open = vec![alert(1, Kind::NewOrder, "A01")];
    shop.says(&open);
    shop.pass(REPEAT);
    open.extend([alert(2, Kind::Paid, "A05"), alert(3, Kind::Paid, "A06")]);
    let about: Vec<Vec<i64>> = shop.says(&open).into_iter().map(|(_, alerts)| alerts).collect();
    assert_eq!(about, [vec![1], vec![2], vec![3]]);
}

#[test]
fn accepting_orders_answers_nothing_about_money_or_the_speaker() {
    let mut alerts: Vec<Alert> = (1..=4).map(|id| alert(id, Kind::NewOrder, "A01")).collect();
    alerts.extend([alert(5, Kind::Payment, "A02"), about_nothing(6, Kind::Test), alert(7, Kind::Reminder, "A03")]);
    let shown = notices(&open(alerts), Language::Chinese, None);
    assert_eq!((shown.len(), shown[0].accept), (1, "全部接单"));
    assert_eq!(shown[0].alerts, [1, 2, 3, 4, 7].map(AlertId));
    let money = Alert { order: Some(OrderId(1)), ..alert(2, Kind::Payment, "A01") };
    let one = notices(&open(vec![alert(1, Kind::NewOrder, "A01"), money]), Language::Chinese, None);
    assert_eq!((one[0].title.as_str(), one[0].alerts.as_slice()), ("付款异常：A01桌", [AlertId(1)].as_slice()));
}

#[test]
fn a_popup_tells_what_guests_wrote_on_the_order_and_its_dishes() {
    let order = Alert { remark: "对花生过敏".into(), ..alert(1, Kind::NewOrder, "A01") };
    let mut waiting = open(vec![order.clone()]);
    let body = |waiting: &Open| notices(waiting, Language::Chinese, None)[0].body.clone();
    waiting.dishes.insert(OrderId(1), vec![dish("宫保鸡丁", 2, "不要花生"), dish("米饭", 1, "")]);
    assert_eq!(body(&waiting), "¥38.50 微信已付 · 202611210001\n备注：对花生过敏\n宫保鸡丁 ×2 备注：不要花生\n米饭 ×1");
    let hebrew = Alert { remark: "בלי אגוזים".into(), ..order.clone() };
    assert!(
        body(&open(vec![hebrew])).contains("备注：\u{2068}בלי אגוזים\u{2069}"),
        "a guest's text ends where it ends"
    );
    // Of more dishes than have room, the one that matters is not cut off.
    let mut many: Vec<Dish> = (1..=11).map(|number| dish(&format!("菜{number}"), 1, "")).collect();
    many.push(dish("沙拉", 1, "对坚果过敏"));
    waiting.dishes.insert(OrderId(1), many);
    let shown = body(&waiting);
    assert!(shown.contains("沙拉 ×1 备注：对坚果过敏\n菜1 ×1") && shown.ends_with("菜7 ×1\n还有 4 个"), "{shown}");
    let long = Alert { remark: "辣".repeat(200), ..order };
    let shown = body(&open(vec![long.clone()]));
    assert!(shown.contains(&format!("{}…", "辣".repeat(59))) && !shown.contains(&"辣".repeat(60)), "{shown}");
    let backlog =
        [long, alert(2, Kind::NewOrder, "A02"), alert(3, Kind::NewOrder, "A03"), alert(4, Kind::NewOrder, "A04")];
    let shown = body(&open(backlog.to_vec()));
    assert!(shown.starts_with("来单提醒：A01桌（有备注）\n来单提醒：A02桌\n"), "{shown}");
    let english = &notices(&open(backlog.to_vec()), Language::English, None)[0].body;
    assert!(english.contains("table A01 (has notes)"), "{english}");
}
