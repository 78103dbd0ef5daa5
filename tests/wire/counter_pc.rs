//! The counter PC's own alerts: the speaker test, money that is only said, and what happens where it is neither heard
//! nor seen. These daemons have no desktop at all.

use crate::support::{Daemon, PATIENCE};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

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
