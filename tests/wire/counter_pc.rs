//! The counter PC's own alerts: the speaker test, money that is only said, and what happens where it is neither heard
//! nor seen. These daemons have no desktop at all.

use crate::store::{self, Shop};
use crate::support::{Counter, Daemon, PATIENCE, Socket};
use futures_util::StreamExt;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;

/// Long enough for a frame that should not come.
const QUIET: Duration = Duration::from_millis(300);

#[tokio::test]
async fn a_pc_that_is_neither_heard_nor_seen_calls_the_counter_pages_and_turns_red() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let mut early = counter.socket().await;
    let deadline = Instant::now() + PATIENCE;
    while early.escalations == 0 {
        assert!(Instant::now() < deadline, "nobody is called");
        assert_eq!(early.all_within(Duration::from_millis(200)).await, Vec::<Value>::new());
    }
    let health = daemon.health().await;
    assert_eq!((health.status, &health.body["status"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("failing")));
    assert_eq!(health.body["database"]["ok"], true, "orders go on");
    let order = daemon.phone(0).await.paid_order("a").await;
    assert_eq!(early.next().await.unwrap()["orderId"], order["orderId"]);
    let mut late = counter.socket().await;
    assert_eq!(late.next().await.unwrap()["orderId"], order["orderId"]);
    assert_eq!((late.all_within(QUIET).await, late.escalations), (Vec::new(), 1), "who comes later is told, too");
}

/// The old web makes a popup of the call, which stays over its buttons, and a click opens the order that it names.
#[tokio::test]
async fn the_old_web_is_called_once_a_connection_and_to_no_order() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let mut socket = Socket::open(&daemon.lan, &format!("/ws/k3j9x?token={}", counter.token)).await;
    let call = loop {
        let message = tokio::time::timeout(PATIENCE, socket.stream.next()).await.expect("nobody is called");
        if let Message::Text(text) = message.expect("the socket stays open").expect("a message") {
            break serde_json::from_str::<Value>(&text).expect("JSON");
        }
    };
    assert_eq!(call, json!({ "type": 3, "content": "前台电脑没有声音也没有弹窗，请看本页处理订单" }));
    daemon.phone(0).await.paid_order("a").await;
    assert_eq!(socket.frame_of(1).await["type"], 1);
    // Our own page is called again, every 30 s while something waits.
    let mut page = counter.events().await;
    while page.next_within(Duration::from_secs(50)).await.expect("the stream goes on").name != "escalation" {}
    assert_eq!((socket.all_within(QUIET).await, socket.escalations), (Vec::new(), 0), "a second popup");
}

#[tokio::test]
async fn while_the_device_is_known_to_be_gone_a_rush_composes_nothing() {
    let daemon =
        Daemon::demo_with(&["--pay", "later", "--limits", "off"], &[("TABLEBELL_LOG", "info,tablebell::desk=debug")]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let mut socket = counter.socket().await;
    let told = |line: &str| daemon.log().matches(line).count();
    let wait = async |line: &str, times: usize| {
        let deadline = Instant::now() + PATIENCE;
        while told(line) < times {
            assert!(Instant::now() < deadline, "{}", daemon.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    wait("sound does not work", 1).await;
    let before = told("says ");
    for number in 0..20 {
        ann.order(&format!("o{number}")).await;
        assert_eq!(socket.next().await.unwrap()["type"], 1);
    }
    // With the second line a look that knew of the rush is over, with all that it did.
    wait("looked for a device", told("looked for a device") + 2).await;
    assert_eq!(told("says "), before, "{}", daemon.log());
    assert_eq!(counter.alerts().await.len(), 20, "they wait for somebody");
}

#[tokio::test]
async fn the_speaker_test_is_asked_once_and_answered_by_whoever_heard_it() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let mut socket = counter.socket().await;
    counter.ok(Method::POST, "/admin/alert/test", Value::Null).await;
    let first = counter.alerts().await;
    counter.ok(Method::POST, "/admin/alert/test", Value::Null).await;
    let open = counter.alerts().await;
    assert_ne!(open[0]["alertId"], first[0]["alertId"], "asked again, so it is spoken again");
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!((&open[0]["type"], &open[0]["orderId"]), (&json!(6), &Value::Null));
    counter.ok(Method::POST, &format!("/admin/alert/ack/{}", open[0]["alertId"]), Value::Null).await;
    assert_eq!(counter.alerts().await, Vec::<Value>::new());
    counter.ok(Method::POST, "/admin/alert/test", Value::Null).await;
    assert_eq!(counter.alerts().await.len(), 1, "and again");
    assert_eq!(socket.all_within(QUIET).await, Vec::<Value>::new(), "no frame for old counter browsers");
}

#[tokio::test]
async fn money_for_an_order_that_the_kitchen_has_waits_to_be_said() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let order = ann.order("a").await;
    ann.press_pay(&ann.start_payment(&order).await, "once").await;
    ann.order_when(&order, |order| order["payStatus"] == 1).await;
    let kinds: Vec<Value> = counter.alerts().await.iter().map(|alert| alert["type"].clone()).collect();
    assert_eq!(kinds, [json!(1), json!(4)]);
    let cash = ann.order("b").await;
    let body = json!({ "orderId": cash["orderId"], "method": "cash", "amount": cash["amount"] });
    counter.ok(Method::POST, "/admin/payment/counter", body).await;
    let kinds: Vec<Value> = counter.alerts().await.iter().map(|alert| alert["type"].clone()).collect();
    assert_eq!(kinds, [json!(1), json!(4), json!(1)], "who took the cash knows of it");
}

#[tokio::test]
async fn the_days_speaker_test_is_asked_for_from_its_hour_on_and_once_a_day() {
    let home = tempfile::tempdir().unwrap();
    let (data, config) = (home.path().join("data"), home.path().join("tablebell.toml"));
    let mut init = Daemon::command();
    init.args(["init", "--config"]).arg(&config).arg("--data").arg(&data);
    assert!(init.output().unwrap().status.success());
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("test_at = \"10:00\"", "test_at = \"00:00\"")).unwrap();
    let start = || {
        let mut run = Daemon::command();
        run.args(["run", "--lan", "127.0.0.1:0", "--tunnel", "127.0.0.1:0", "--config"]).arg(&config);
        Daemon::spawn(run, &data)
    };
    let tests = "select count(*) from alert where kind = 6";
    let daemon = start();
    daemon.stored_when(tests, 1).await;
    drop(daemon);
    let daemon = start();
    daemon.stored_when("select count(*) from setting where key = 'speaker_test'", 1).await;
    tokio::time::sleep(QUIET).await;
    daemon.stored_when(tests, 1).await;
}

const DAY: i64 = 86_400;

/// Asks `/healthz` until the clock is of this kind there.
async fn clock_when(daemon: &Daemon, kind: &str) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let health = daemon.health().await.body;
        if health["clock"]["kind"] == kind {
            return health;
        }
        assert!(Instant::now() < deadline, "the clock should be {kind}: {health}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn run(shop: &Shop, synchronised: &str) -> Daemon {
    let mut command = store::run(&shop.data());
    command.env("PATH", shop.path_with_network_time(synchronised));
    Daemon::spawn(command, &shop.data())
}

/// What tells of trouble: the day's speaker test may be asked for as well.
async fn troubles(counter: &Counter) -> Vec<Value> {
    let mut alerts = counter.alerts().await;
    alerts.retain(|alert| alert["type"] == 3);
    alerts
}

async fn page_of(counter: &Counter) -> Value {
    counter.ok(Method::GET, "/admin/alert/desktop", Value::Null).await["clock"].take()
}

#[tokio::test]
async fn a_clock_that_cannot_be_right_is_told_everywhere_by_one_judge_until_a_person_or_the_network_says_otherwise() {
    let shop = Shop::stopped();
    shop.orders(&[-3600, 3600]);
    let daemon = run(&shop, "no");
    let health = clock_when(&daemon, "behind").await;
    assert_eq!(health["clock"]["ok"], false);
    assert!(health["clock"]["detail"].as_str().unwrap().contains("早于最近的订单"), "{health}");
    let counter = daemon.counter().await;
    let page = page_of(&counter).await;
    assert_eq!((&page["kind"], &page["known"]), (&health["clock"]["kind"], &health["clock"]["known"]));
    let alerts = troubles(&counter).await;
    assert_eq!(alerts.len(), 1);
    assert!(alerts[0]["note"].as_str().unwrap().contains("电脑时间不对"), "{alerts:?}");
    counter.ok(Method::POST, "/admin/clock/confirm", Value::Null).await;
    assert_eq!((page_of(&counter).await["ok"].take(), troubles(&counter).await.len()), (json!(true), 0));
    drop(daemon);
    clock_when(&run(&shop, "no"), "right").await;
    let other = Shop::stopped();
    other.orders(&[-200 * DAY]);
    clock_when(&run(&other, "no"), "ahead").await;
    let synchronised = run(&other, "yes");
    clock_when(&synchronised, "right").await;
    synchronised.stored_when("select count(*) from alert where kind = 3 and acked_at is null", 0).await;
}

#[tokio::test]
async fn when_the_clock_is_right_again_what_was_booked_meanwhile_is_told_until_somebody_has_noted_it() {
    let shop = Shop::stopped();
    shop.orders(&[-3600, 500 * DAY, 500 * DAY + 60]);
    let daemon = run(&shop, "no");
    let counter = daemon.counter().await;
    let deadline = Instant::now() + PATIENCE;
    let page = loop {
        let page = page_of(&counter).await;
        if !page["booked"].is_null() {
            break page;
        }
        assert!(Instant::now() < deadline, "{page}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!((&page["ok"], &page["kind"], &page["booked"]["orders"]), (&json!(true), &json!("right"), &json!(2)));
    assert!(daemon.health().await.body["clock"]["detail"].as_str().unwrap().contains("记了 2 单"));
    assert_eq!(troubles(&counter).await, Vec::<Value>::new(), "it does not cry for what is over");
    counter.ok(Method::POST, "/admin/clock/confirm", Value::Null).await;
    assert_eq!(page_of(&counter).await["booked"], Value::Null);
}

#[tokio::test]
async fn a_token_and_a_lock_of_a_clock_that_was_ahead_are_worth_nothing_when_it_is_right() {
    let shop = Shop::stopped();
    shop.orders(&[-3600, 500 * DAY]);
    let ahead = "(unixepoch() + 500 * 86400) * 1000";
    store::sqlite(&shop.file(), &format!("update staff set tokens_from = {ahead}, locked_until = {ahead}"));
    let daemon = run(&shop, "no");
    daemon.stored_when("select count(*) from staff where tokens_from > unixepoch() * 1000", 0).await;
    daemon.counter().await.alerts().await;
}
