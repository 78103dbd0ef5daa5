//! Who may speak for a table (docs/protocol.md §1.5) and what becomes of a party that leaves.

use crate::support::{self, Answer, Daemon, Events, Phone, Socket};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn get(phone: &Phone, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = phone.http.get(format!("{}{path}", phone.lan));
    support::answer(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

/// The cookie that scanning the table's code sets.
async fn scanned_cookie(daemon: &Daemon, index: usize) -> String {
    let page = reqwest::get(format!("{}/t/{}", daemon.lan, daemon.table_code(index))).await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    let cookie = page.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_counts_wherever_a_client_can_put_it() {
    let daemon = Daemon::demo(&[]);
    let ann = daemon.phone(0).await;
    let (bearer, token, cookie) =
        (format!("Bearer {}", ann.token), ann.token.as_str(), scanned_cookie(&daemon, 0).await);
    let cart = format!("/api/store/order/cart/{}", ann.table);
    for (headers, query) in [
        (vec![("authorization", bearer.as_str())], String::new()),
        (vec![("token", token)], String::new()),
        (vec![("authentication", token)], String::new()),
        (vec![("cookie", cookie.as_str())], String::new()),
        (vec![], format!("?token={token}")),
    ] {
        let answer = get(&ann, &format!("{cart}{query}"), &headers).await;
        assert_eq!(answer.status, StatusCode::OK, "{headers:?} {query}");
        let socket = Socket::handshake(&daemon.lan, &format!("/ws/cart/{}{query}", ann.table), &headers).await;
        assert_eq!(socket.unwrap().next().await.unwrap()["type"], "connected", "{headers:?} {query}");
    }
}

#[tokio::test]
async fn nobody_speaks_without_a_genuine_token() {
    let daemon = Daemon::demo(&[]);
    let ann = daemon.phone(0).await;
    let staff = daemon.counter().await.token;
    let mut forged = ann.token.clone();
    forged.replace_range(forged.len() - 8.., "AAAAAAAA");
    for token in ["", "x", "a.b.c", forged.as_str(), staff.as_str()] {
        for (method, path) in [
            (Method::GET, "/api/store/order/cart/1"),
            (Method::POST, "/api/store/order/cart/add?tableId=1&cuisineId=1001&quantity=1"),
            (Method::DELETE, "/api/store/order/cart/clear?tableId=1"),
            (Method::GET, "/api/store/order/sse/1"),
            (Method::GET, "/api/store/order/list/1"),
            (Method::GET, "/api/store/menu"),
            (Method::POST, "/api/store/order/submit?tableId=1&version=0&opId=x"),
        ] {
            let request = ann.http.request(method, format!("{}{path}", ann.lan)).bearer_auth(token);
            let answer = support::answer(request).await;
            assert_eq!((answer.status.as_u16(), answer.error()), (401, "UNAUTHORIZED"), "{token:?} {path}");
            assert_eq!((&answer.body["code"], &answer.body["data"]), (&json!(401), &Value::Null));
        }
        assert_eq!(Socket::refused(&daemon.lan, &format!("/ws/cart/1?token={token}")).await, 401, "{token:?}");
    }
}

#[tokio::test]
async fn a_phone_speaks_for_its_own_table_only() {
    let daemon = Daemon::demo(&[]);
    let (ann, other) = (daemon.phone(0).await, daemon.phone(1).await);
    for (method, path) in [
        (Method::GET, "/api/store/order/cart/2"),
        (Method::POST, "/api/store/order/cart/add?tableId=2&cuisineId=1001&quantity=1"),
        (Method::PUT, "/api/store/order/cart/update?tableId=2&cuisineId=1001&quantity=1"),
        (Method::DELETE, "/api/store/order/cart/remove?tableId=2&cuisineId=1001"),
        (Method::DELETE, "/api/store/order/cart/clear?tableId=2"),
        (Method::GET, "/api/store/order/sse/2"),
        (Method::GET, "/api/store/order/list/2"),
        (Method::POST, "/api/store/order/submit?tableId=2&version=0&opId=x"),
    ] {
        let answer = ann.send(method, path, Value::Null).await;
        assert_eq!((answer.status.as_u16(), answer.error()), (403, "FORBIDDEN"), "{path}");
    }
    assert_eq!(Socket::refused(&daemon.lan, &format!("/ws/cart/2?token={}", ann.token)).await, 403);
    assert_eq!(other.cart().await["version"], 0);
}

#[tokio::test]
async fn a_cookie_from_a_foreign_page_is_refused() {
    let daemon = Daemon::demo(&[]);
    let ann = daemon.phone(0).await;
    let (cookie, own) = (scanned_cookie(&daemon, 0).await, daemon.lan.clone());
    for (origin, allowed) in [(own.as_str(), true), ("http://evil.example", false), ("null", false)] {
        let headers = [("cookie", cookie.as_str()), ("origin", origin)];
        let url = format!("{}/api/store/order/cart/add?tableId=1&cuisineId=1001&quantity=1", ann.lan);
        let request = headers.iter().fold(ann.http.post(url), |request, (name, value)| request.header(*name, *value));
        let wanted = if allowed { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(support::answer(request).await.status, wanted, "{origin}");
        let socket = Socket::handshake(&daemon.lan, "/ws/cart/1", &headers).await;
        assert_eq!(socket.err(), (!allowed).then_some(403), "{origin}");
    }
    assert_eq!(ann.cart().await["totalQuantity"], 1);
}

#[tokio::test]
async fn a_table_is_joined_by_its_code_only_and_a_second_scan_is_the_same_person() {
    let daemon = Daemon::demo(&[]);
    let ann = daemon.phone(0).await;
    for code in ["", "1", "A01", &daemon.table_code(0)[1..], "../t/1"] {
        let answer = ann.send(Method::POST, "/api/store/session", json!({ "code": code })).await;
        assert_eq!((answer.status.as_u16(), answer.error()), (404, "TABLE_NOT_FOUND"), "{code}");
    }
    let again = ann.ok(Method::POST, "/api/store/session", json!({ "code": daemon.table_code(0) })).await;
    assert_eq!(again["userId"], ann.user);
    let moved = ann.ok(Method::POST, "/api/store/session", json!({ "code": daemon.table_code(1) })).await;
    assert_eq!((&moved["tableId"], &moved["tableNumber"]), (&json!(2), &json!("A02")));
}

#[tokio::test]
async fn clearing_the_table_ends_its_sockets_streams_and_tokens() {
    let daemon = Daemon::demo(&[]);
    let (ann, neighbour, counter) = (daemon.phone(0).await, daemon.phone(1).await, daemon.counter().await);
    ann.add(1001, 1).await;
    let (mut socket, mut stream, mut beside) = (ann.socket().await, ann.events().await, neighbour.socket().await);
    socket.frame("cart_update").await;
    stream.event("cart_update").await;
    counter.clear_table(ann.table).await;
    socket.frame("seating_closed").await;
    assert_eq!(socket.close_code().await, 1000);
    stream.event("seating_closed").await;
    assert_eq!(stream.next().await, None, "the stream ends");
    for (method, path) in [
        (Method::GET, "/api/store/order/cart/1"),
        (Method::POST, "/api/store/order/cart/add?tableId=1&cuisineId=1001&quantity=1"),
        (Method::GET, "/api/store/order/sse/1"),
        (Method::GET, "/api/store/order/list/1"),
        (Method::POST, "/api/store/order/submit?tableId=1&version=1&opId=x"),
        (Method::GET, "/api/store/menu"),
    ] {
        let answer = ann.send(method, path, Value::Null).await;
        assert_eq!((answer.status.as_u16(), answer.error()), (401, "SEATING_CLOSED"), "{path}");
    }
    assert_eq!(Socket::refused(&daemon.lan, &format!("/ws/cart/1?token={}", ann.token)).await, 401);
    assert_eq!(beside.ask(json!({ "type": "heartbeat" }), "h").await["message"], "pong", "the next table goes on");
}

#[tokio::test]
async fn the_next_party_finds_an_empty_cart_and_nothing_of_the_last() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let order = ann.order("op").await;
    ann.add(1002, 3).await;
    let left = ann.cart().await["version"].as_i64().unwrap();
    counter.clear_table(ann.table).await;
    let next = daemon.phone(0).await;
    assert_ne!(next.user, ann.user);
    let cart = next.cart().await;
    assert_eq!((&cart["items"], &cart["totalAmount"]), (&json!([]), &json!(0.0)));
    assert!(cart["version"].as_i64().unwrap() > left, "versions go on, so that no client mistakes old for new");
    let mut socket = next.socket().await;
    assert_eq!(socket.frame("cart_update").await["data"], cart);
    assert_eq!(next.get("/api/store/order/list/1").await, json!([]));
    for (method, path) in [
        (Method::GET, format!("/api/store/order/{}", order["orderId"])),
        (Method::POST, format!("/api/store/order/{}/cancel", order["orderId"])),
        (Method::POST, format!("/api/store/order/{}/pay", order["orderId"])),
        (Method::POST, format!("/api/store/order/{}/reminder", order["orderId"])),
    ] {
        let answer = next.send(method, &path, Value::Null).await;
        assert_eq!((answer.status.as_u16(), answer.error()), (404, "ORDER_NOT_FOUND"), "{path}");
    }
    let fresh = next.order("op").await;
    assert_ne!(fresh["orderId"], order["orderId"], "the last party's opIds are forgotten");
}

#[tokio::test]
async fn clearing_an_empty_table_is_harmless() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    counter.clear_table(3).await;
    counter.clear_table(3).await;
    let url = format!("{}/api/store/order/sse/1?token=", daemon.lan);
    let answer = support::answer(counter.http.get(url)).await;
    assert_eq!(answer.status.as_u16(), 401);
    let ann = daemon.phone(2).await;
    let mut stream: Events = ann.events().await;
    assert_eq!(stream.event("cart_update").await.json()["items"], json!([]));
}
