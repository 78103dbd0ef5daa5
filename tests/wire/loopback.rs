//! Counter sockets of the unmodified old web: what a browser on the counter PC hears without a token, and what it is
//! not told twice (docs/protocol.md §2).

use crate::employee::{hire, log_in};
use crate::support::{Counter, Daemon, Phone, Socket};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Long enough for a frame that should not come.
const QUIET: Duration = Duration::from_millis(300);

fn trusting() -> Daemon {
    Daemon::configured(&[("trust_loopback = false", "trust_loopback = true"), ("mode = \"first\"", "mode = \"later\"")])
}

#[tokio::test]
async fn only_the_pc_itself_listens_without_a_token_and_only_where_its_owner_said_so() {
    let strict = Daemon::demo(&[]);
    for headers in [vec![], vec![("x-forwarded-for", "127.0.0.1")], vec![("origin", "http://localhost")]] {
        assert_eq!(Socket::handshake(&strict.lan, "/ws/a1", &headers).await.err(), Some(401), "{headers:?}");
    }
    assert!(!strict.log().contains("trust_loopback"));

    let daemon = trusting();
    assert!(daemon.log().contains("counter.trust_loopback IS ON"), "said loudly: {}", daemon.log());
    let here = "x-forwarded-for";
    for headers in [
        vec![],
        vec![(here, "127.0.0.1")],
        vec![(here, "::1")],
        vec![(here, "127.0.0.1, 127.0.0.1")],
        vec![("origin", "http://localhost")],
        vec![("origin", "http://127.0.0.1:8888"), (here, "127.0.0.1")],
        vec![("cookie", "token=stale"), ("origin", "http://localhost")],
    ] {
        let socket = Socket::handshake(&daemon.lan, "/ws/x7k2m9", &headers).await;
        assert_eq!(socket.err(), None, "{headers:?}");
    }
    for headers in [
        vec![(here, "192.168.1.5")],
        vec![(here, "127.0.0.1, 192.168.1.5")],
        vec![(here, "192.168.1.5, 127.0.0.1")],
        vec![(here, "")],
        vec![(here, "localhost")],
        vec![("forwarded", "for=192.168.1.5")],
        vec![("origin", "http://evil.example")],
        vec![("origin", "http://localhost.evil.example"), (here, "127.0.0.1")],
        vec![("origin", "null")],
        // A name that its owner lets lead to this PC.
        vec![("origin", "http://rebound.example"), ("host", "rebound.example")],
    ] {
        let refused = Socket::handshake(&daemon.lan, "/ws/x7k2m9", &headers).await.err();
        assert_eq!(refused, Some(401), "{headers:?}");
    }
    let http = reqwest::Client::new();
    for path in ["/admin/order/statistics", "/admin/alert/stream", "/admin/alert/list", "/admin/shop/status"] {
        let answer = http.get(format!("{}{path}", daemon.lan)).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 401, "{path}: the socket, and nothing else");
    }
    let mut socket = Socket::open(&daemon.lan, "/ws/x7k2m9").await;
    let order = daemon.phone(0).await.order("op").await;
    let frame = socket.frame_of(1).await;
    assert_eq!(frame["content"], format!("订单号: {}", order["orderNumber"].as_str().unwrap()));
}

#[tokio::test]
async fn the_old_web_s_socket_brings_its_token_in_the_cookie_that_it_keeps_itself() {
    let daemon = Daemon::demo(&[]);
    let token = daemon.counter().await.token;
    let (cookie, own) = (format!("sidebar_status=0; token={token}"), daemon.lan.clone());
    for (cookie, origin, refused) in [
        (cookie.as_str(), own.as_str(), None),
        (cookie.as_str(), "http://evil.example", Some(403)),
        ("token=stale", own.as_str(), Some(401)),
        ("", own.as_str(), Some(401)),
    ] {
        let headers = [("cookie", cookie), ("origin", origin)];
        assert_eq!(Socket::handshake(&daemon.lan, "/ws/9x", &headers).await.err(), refused, "{origin}");
    }
    let plain = reqwest::Client::new().get(format!("{own}/admin/order/statistics")).header("cookie", cookie);
    assert_eq!(plain.send().await.unwrap().status().as_u16(), 401, "a cookie that scripts can read is for the socket");
}

#[tokio::test]
async fn sockets_and_streams_end_with_the_account_that_opened_them() {
    let daemon = Daemon::demo(&[]);
    let owner = daemon.counter().await;
    let id = hire(&owner, "lina", "waiter").await;
    let lina = log_in(&daemon, "lina").await;
    let (mut socket, mut stream) = (lina.socket().await, lina.events().await);
    owner.ok(Method::POST, &format!("/admin/employee/status/0?id={id}"), Value::Null).await;
    // It is looked at with each beat, every 30 s.
    let code = tokio::time::timeout(Duration::from_secs(50), async {
        loop {
            if let Some(Ok(tungstenite::Message::Close(Some(frame)))) =
                futures_util::StreamExt::next(&mut socket.stream).await
            {
                return u16::from(frame.code);
            }
        }
    });
    let stream = tokio::time::timeout(Duration::from_secs(50), async {
        while stream.next_within(Duration::from_secs(50)).await.is_some() {}
    });
    let (code, stream) = tokio::join!(code, stream);
    assert_eq!(code.expect("the socket ends"), 1008);
    stream.expect("the stream ends");
}

/// A counter browser that connects now is told this and no more: types and orders.
async fn assert_told(counter: &Counter, wanted: &[(i64, i64)]) {
    let frames = counter.socket().await.at_least(wanted.len(), QUIET).await;
    let told = frames.iter().map(|frame| (frame["type"].as_i64().unwrap(), frame["orderId"].as_i64().unwrap()));
    assert_eq!(told.collect::<Vec<_>>(), wanted);
}

async fn order_of(phone: &Phone, op: &str) -> (Value, i64) {
    let order = phone.order(op).await;
    let id = order["orderId"].as_i64().unwrap();
    (order, id)
}

#[tokio::test]
async fn an_old_web_that_loads_itself_anew_with_every_click_is_not_rung_for_ever() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let (_, first) = order_of(&ann, "a").await;
    let (_, second) = order_of(&ann, "b").await;
    assert_told(&counter, &[(1, first), (1, second)]).await;
    // The click: it opens the order and reloads.
    counter.ok(Method::GET, &format!("/admin/order/details/{first}"), Value::Null).await;
    // What was opened is not told again.
    assert_told(&counter, &[(1, second)]).await;
    let ringing: Vec<Value> = counter.alerts().await.iter().map(|alert| alert["orderId"].clone()).collect();
    assert_eq!(ringing, [json!(first), json!(second)], "the PC goes on ringing: looking is not answering");
    let urged = ann.send(Method::GET, &format!("/user/order/reminder/{first}"), Value::Null).await;
    assert_eq!(urged.body["code"], 1);
    // An urge is news.
    assert_told(&counter, &[(1, second), (2, first)]).await;
}

/// How long the replay to the old web is held back.
const HELD: Duration = Duration::from_secs(1);

#[tokio::test]
async fn what_a_click_has_opened_does_not_pop_up_again_though_the_new_page_s_socket_is_first() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let (_, stays) = order_of(&ann, "stays").await;
    let cookie = format!("sidebar_status=0; token={}", counter.token);
    let headers = [("cookie", cookie.as_str()), ("origin", daemon.lan.as_str())];
    for round in 0.. {
        assert!(round < 20, "this machine never asks twice within {HELD:?}");
        let (_, clicked) = order_of(&ann, &format!("clicked-{round}")).await;
        let begun = Instant::now();
        let mut reloaded = Socket::handshake(&daemon.lan, "/ws/k3j9x2a", &headers).await.expect("the socket opens");
        counter.ok(Method::GET, &format!("/admin/order/details/{clicked}"), Value::Null).await;
        let in_time = begun.elapsed() < HELD;
        let frames = reloaded.at_least(1, HELD + QUIET).await;
        let told: Vec<i64> = frames.iter().map(|frame| frame["orderId"].as_i64().unwrap()).collect();
        if in_time {
            assert_eq!(told, [stays], "the one that nobody clicked");
            break;
        }
    }
    let (mut ours, mut soonest) = (0, HELD);
    while soonest >= HELD {
        assert!(ours < 20, "our own page waits as well: {soonest:?}");
        let begun = Instant::now();
        assert_eq!(counter.socket().await.frame_of(1).await["orderId"], stays);
        (ours, soonest) = (ours + 1, soonest.min(begun.elapsed()));
    }
}

#[tokio::test]
async fn while_nothing_is_to_be_told_again_the_old_web_hears_of_an_order_at_once() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let mut soonest = HELD;
    for round in 0..20 {
        let mut socket = Socket::open(&daemon.lan, &format!("/ws/k3j9x2a?token={}", counter.token)).await;
        let begun = Instant::now();
        let (_, id) = order_of(&ann, &format!("order-{round}")).await;
        assert_eq!(socket.frame_of(1).await["orderId"], id);
        soonest = soonest.min(begun.elapsed());
        if soonest < HELD {
            return;
        }
        counter.ok(Method::PUT, "/admin/order/confirm", json!({ "id": id })).await;
    }
    panic!("the first order comes after {soonest:?}");
}

#[tokio::test]
async fn what_the_old_web_answers_falls_silent_everywhere() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    for (op, path, body) in [
        ("a", "/admin/order/confirm", json!({})),
        ("b", "/admin/order/rejection", json!({ "rejectionReason": "餐厅已打烊，暂时无法接单" })),
        ("c", "/admin/order/cancel", json!({ "cancelReason": "客户电话取消" })),
    ] {
        let (_, id) = order_of(&ann, op).await;
        assert_told(&counter, &[(1, id)]).await;
        let mut body = body;
        body["id"] = json!(id);
        counter.ok(Method::PUT, path, body).await;
        assert_told(&counter, &[]).await;
        assert!(counter.alerts().await.is_empty(), "{path}");
    }
}
