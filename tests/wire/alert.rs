//! 来单提醒 and 客户催单 as counter browsers and diners see them (docs/protocol.md §2).

use crate::support::{Answer, Counter, Daemon, Phone, Socket};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

/// Long enough for a frame that should not come.
const QUIET: Duration = Duration::from_millis(300);

async fn urge(phone: &Phone, order: &Value) -> Answer {
    phone.send(Method::GET, &format!("/user/order/reminder/{}", order["orderId"]), Value::Null).await
}

async fn acknowledge(counter: &Counter, alert: &Value) {
    counter.ok(Method::POST, &format!("/admin/alert/ack/{}", alert["alertId"]), Value::Null).await;
}

fn order_ids(frames: &[Value]) -> Vec<i64> {
    frames.iter().map(|frame| frame["orderId"].as_i64().unwrap()).collect()
}

fn assert_is_old_frame(frame: &Value, kind: i64, order: &Value) {
    assert_eq!((&frame["type"], &frame["orderId"]), (&json!(kind), &order["orderId"]), "{frame}");
    assert_eq!(frame["content"], format!("订单号: {}", order["orderNumber"].as_str().unwrap()), "{frame}");
    assert!(frame["alertId"].is_i64() && frame["createdAt"].is_string(), "{frame}");
    assert_eq!(frame["tableNumber"], order["tableNumber"], "{frame}");
}

#[tokio::test]
async fn a_counter_that_comes_late_hears_what_nobody_has_answered_oldest_first() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let counter = daemon.counter().await;
    let mut orders = Vec::new();
    for table in [2, 0, 1] {
        orders.push(daemon.phone(table).await.order("op").await);
    }
    for _ in 0..2 {
        let mut socket = counter.socket().await;
        for order in &orders {
            assert_is_old_frame(&socket.next().await.unwrap(), 1, order);
        }
    }
    let mut socket = counter.socket().await;
    let alerts: Vec<_> = socket.at_least(3, QUIET).await.iter().map(|frame| frame["alertId"].as_i64()).collect();
    assert!(alerts.len() == 3 && alerts.is_sorted(), "{alerts:?}");
    let another = daemon.phone(3).await.order("op").await;
    assert_is_old_frame(&socket.next().await.unwrap(), 1, &another);
}

#[tokio::test]
async fn a_replay_longer_than_a_socket_may_lag_behind_comes_whole() {
    let daemon = Daemon::demo(&["--pay", "later", "--limits", "off"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let mut orders = Vec::new();
    for turn in 0..150 {
        orders.push(ann.order(&format!("op-{turn}")).await["orderId"].as_i64().unwrap());
    }
    let mut socket = counter.socket().await;
    let mut frames = Vec::new();
    for _ in &orders {
        frames.push(socket.next().await.unwrap());
    }
    assert_eq!(order_ids(&frames), orders);
}

#[tokio::test]
async fn an_acknowledged_alert_is_silent_everywhere() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let mut stream = counter.events().await;
    let (first, second) = (ann.order("a").await, ann.order("b").await);
    let alert = stream.event("alert").await.json();
    assert_is_old_frame(&alert, 1, &first);
    for _ in 0..2 {
        acknowledge(&counter, &alert).await;
    }
    assert_eq!(stream.event("alert_acked").await.json()["alertId"], alert["alertId"]);
    let mut socket = counter.socket().await;
    assert_eq!(order_ids(&socket.at_least(1, QUIET).await), [second["orderId"].as_i64().unwrap()]);
    assert_eq!(order_ids(&counter.alerts().await), [second["orderId"].as_i64().unwrap()]);
    assert_eq!(daemon.stored::<String>("select acked_by from alert where acked_at is not null"), "admin");
}

#[tokio::test]
async fn answering_an_order_silences_its_alert() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let order = ann.order("a").await;
    assert_eq!(urge(&ann, &order).await.body["code"], 1);
    assert_eq!(counter.alerts().await.len(), 2);
    let mut stream = counter.events().await;
    counter.ok(Method::PUT, "/admin/order/confirm", json!({ "id": order["orderId"] })).await;
    stream.event("alert_acked").await;
    stream.event("alert_acked").await;
    assert_eq!(counter.alerts().await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_table_urges_once_a_minute_and_a_repeat_is_answered_without_a_ring() {
    let daemon = Daemon::demo(&[]);
    let (ann, bob, counter) = (daemon.phone(0).await, daemon.phone(0).await, daemon.counter().await);
    let (mut socket, order) = (counter.socket().await, ann.paid_order("op").await);
    assert_is_old_frame(&socket.next().await.unwrap(), 1, &order);
    let answer = urge(&ann, &order).await;
    assert_eq!((answer.status, &answer.body["code"]), (StatusCode::OK, &json!(1)));
    assert_is_old_frame(&socket.next().await.unwrap(), 2, &order);
    for phone in [&ann, &bob] {
        assert_eq!(urge(phone, &order).await.body["code"], 1);
        let path = format!("/user/order/reminder/{}", order["orderId"]);
        assert_eq!(phone.send(Method::POST, &path, Value::Null).await.body["code"], 1);
        let path = format!("/api/store/order/{}/reminder", order["orderId"]);
        assert_eq!(phone.ok(Method::POST, &path, Value::Null).await, Value::Null);
    }
    assert_eq!(socket.all_within(QUIET).await, Vec::<Value>::new());
    let database = rusqlite::Connection::open(daemon.data.join("tablebell.db")).unwrap();
    let minute_ago = "update dining_order set urged_at = urged_at - 60000";
    assert_eq!(database.execute(minute_ago, []).unwrap(), 1);
    assert_eq!(urge(&ann, &order).await.body["code"], 1);
    assert_is_old_frame(&socket.next().await.unwrap(), 2, &order);
}

#[tokio::test]
async fn an_order_is_urged_by_its_own_table_between_payment_and_completion_only() {
    let daemon = Daemon::demo(&[]);
    let (ann, other, counter) = (daemon.phone(0).await, daemon.phone(1).await, daemon.counter().await);
    let mut socket = counter.socket().await;
    let refused = async |phone: &Phone, order: &Value, sentence: &str| {
        let answer = urge(phone, order).await;
        assert_eq!((answer.status, &answer.body["code"]), (StatusCode::OK, &json!(0)), "{}", answer.body);
        assert_eq!(answer.body["msg"], sentence);
    };
    for id in [json!(0), json!(4711), json!(-1)] {
        refused(&ann, &json!({ "orderId": id }), "订单不存在").await;
    }
    let order = ann.order("op").await;
    refused(&ann, &order, "订单还没有付款").await;
    ann.press_pay(&ann.start_payment(&order).await, "once").await;
    socket.frame_of(1).await;
    refused(&other, &order, "订单不存在").await;
    let nobody = Phone { token: String::new(), ..daemon.phone(0).await };
    assert_eq!(urge(&nobody, &order).await.status, StatusCode::UNAUTHORIZED);
    counter.ok(Method::PUT, "/admin/order/confirm", json!({ "id": order["orderId"] })).await;
    assert_eq!(urge(&ann, &order).await.body["code"], 1, "accepted: may be urged");
    socket.frame_of(2).await;
    counter.ok(Method::PUT, &format!("/admin/order/complete/{}", order["orderId"]), Value::Null).await;
    refused(&ann, &order, "订单已完成").await;
    let cancelled = ann.order("op-2").await;
    ann.ok(Method::POST, &format!("/api/store/order/{}/cancel", cancelled["orderId"]), Value::Null).await;
    refused(&ann, &cancelled, "订单已取消").await;
    assert_eq!(socket.all_within(QUIET).await, Vec::<Value>::new());
    let open = daemon.stored::<i64>("select count(*) from alert where acked_at is null");
    assert_eq!(open, 0, "nothing rings about a finished order");
}

#[tokio::test]
async fn an_alert_nobody_answered_survives_a_crash_and_an_answered_one_stays_answered() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let daemon = Daemon::on(&data, &["--pay", "later"], &[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let (answered, open) = (ann.order("a").await, ann.order("b").await);
    let alerts = counter.alerts().await;
    acknowledge(&counter, &alerts[0]).await;
    daemon.kill();
    let daemon = Daemon::on(&data, &["--pay", "later"], &[]);
    let mut socket = daemon.counter().await.socket().await;
    let frames = socket.at_least(1, QUIET).await;
    assert_eq!(order_ids(&frames), [open["orderId"].as_i64().unwrap()], "not {}", answered["orderId"]);
    assert_eq!((&frames[0]["alertId"], &frames[0]["createdAt"]), (&alerts[1]["alertId"], &alerts[1]["createdAt"]));
}

#[tokio::test]
async fn the_counter_socket_is_for_staff_with_a_plain_name() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    for token in ["", "x", &ann.token] {
        assert_eq!(Socket::refused(&daemon.lan, &format!("/ws/counter-1?token={token}")).await, 401, "{token}");
    }
    let (long, longest) = ("x".repeat(65), "x".repeat(64));
    for sid in ["a.b", "a%20b", "%E6%A1%8C", "a;b", "%00", long.as_str()] {
        assert_eq!(Socket::refused(&daemon.lan, &format!("/ws/{sid}?token={}", counter.token)).await, 400, "{sid:?}");
    }
    for sid in ["a", "0", "_-_", "1700000000000", longest.as_str()] {
        Socket::open(&daemon.lan, &format!("/ws/{sid}?token={}", counter.token)).await;
    }
    let cookie = format!("tablebell_staff={}", counter.token);
    for header in [("token", counter.token.as_str()), ("cookie", cookie.as_str())] {
        assert!(Socket::handshake(&daemon.lan, "/ws/counter-1", &[header]).await.is_ok(), "{header:?}");
    }
    let foreign = [("cookie", cookie.as_str()), ("origin", "http://evil.example")];
    assert_eq!(Socket::handshake(&daemon.lan, "/ws/counter-1", &foreign).await.err(), Some(403));
    assert_eq!(Socket::refused(&daemon.lan, &format!("/ws/cart/1?token={}", counter.token)).await, 401);
}

#[tokio::test]
async fn every_counter_browser_gets_every_alert_and_what_it_says_is_ignored() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let mut sockets = vec![counter.socket().await, counter.socket().await, counter.socket().await];
    for socket in &mut sockets {
        for text in ["hello", "{", r#"{"type":"clear_cart"}"#, r#"{"type":"heartbeat"}"#, ""] {
            socket.send_text(text).await;
        }
    }
    let order = ann.order("op").await;
    for socket in &mut sockets {
        assert_is_old_frame(&socket.next().await.unwrap(), 1, &order);
        assert_eq!(socket.all_within(QUIET).await, Vec::<Value>::new(), "nothing is answered");
    }
}

/// A line whose packets are dropped is silent like one on which nothing happens: our page asks. Old webs take any frame
/// without a type that they know for an urge, so nobody else is answered.
#[tokio::test]
async fn our_counter_page_may_ask_whether_its_line_lives() {
    let daemon = Daemon::demo(&[]);
    let mut socket = daemon.counter().await.socket().await;
    for text in ["ping", r#"{"type":"heartbeat"}"#, "tablebell?"] {
        socket.send_text(text).await;
    }
    assert_eq!(socket.next().await, Some(json!({ "alive": true })));
    assert_eq!(socket.all_within(QUIET).await, Vec::<Value>::new());
}

#[tokio::test]
async fn the_counter_page_learns_what_the_pc_itself_can_do() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let mut stream = counter.events().await;
    let is_whole = |report: &Value| {
        ["sound", "popup"].iter().all(|name| {
            let device = &report[name];
            device["ok"].is_boolean() && device["since"].is_string() && device["detail"].is_string()
        })
    };
    let report = stream.event("status").await.json();
    assert!(is_whole(&report), "{report}");
    assert!(is_whole(&counter.ok(Method::GET, "/admin/alert/desktop", Value::Null).await));
    let ann = daemon.phone(0).await;
    let url = format!("{}/admin/alert/stream?token={}", daemon.lan, ann.token);
    assert_eq!(ann.http.get(url).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn only_staff_reach_the_counters_routes() {
    let daemon = Daemon::demo(&[]);
    let ann = daemon.phone(0).await;
    let order = ann.paid_order("op").await;
    let id = &order["orderId"];
    for (method, path) in [
        (Method::GET, "/admin/alert/list".to_owned()),
        (Method::POST, "/admin/alert/ack/1".to_owned()),
        (Method::GET, "/admin/alert/desktop".to_owned()),
        (Method::GET, "/admin/table/list".to_owned()),
        (Method::POST, "/admin/table/clear/1".to_owned()),
        (Method::GET, "/admin/payment/review".to_owned()),
        (Method::GET, "/admin/order/conditionSearch".to_owned()),
        (Method::GET, "/admin/order/statistics".to_owned()),
        (Method::GET, format!("/admin/order/details/{id}")),
        (Method::PUT, format!("/admin/order/confirm?id={id}")),
        (Method::PUT, format!("/admin/order/cancel?id={id}")),
        (Method::PUT, "/admin/shop/0".to_owned()),
        (Method::POST, "/admin/dish/status/0?id=1001".to_owned()),
    ] {
        for token in ["", ann.token.as_str()] {
            let phone = Phone { token: token.to_owned(), http: ann.http.clone(), lan: ann.lan.clone(), ..ann };
            let answer = phone.send(method.clone(), &path, Value::Null).await;
            assert_eq!((answer.status.as_u16(), &answer.body["code"]), (401, &json!(0)), "{path}");
        }
    }
    let now = ann.get(&format!("/api/store/order/{id}")).await;
    assert_eq!((&now["status"], &now["payStatus"]), (&json!(2), &json!(1)));
    assert_eq!(daemon.counter().await.alerts().await.len(), 1);
}
