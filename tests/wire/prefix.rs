//! The table family below a gateway's prefix: `[listen] path_prefixes`.

use crate::support::{Daemon, Phone, Socket, answer, send};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// Where the manual's front ends are deployed, one of the shop's own, and what a gateway leaves that takes the prefix
/// off.
fn addresses(daemon: &Daemon) -> [String; 3] {
    [format!("{}/aliendining", daemon.lan), format!("{}/gw/shop-1", daemon.lan), daemon.lan.clone()]
}

fn prefixed() -> Daemon {
    let words = (r#"path_prefixes = ["/aliendining"]"#, r#"path_prefixes = ["/aliendining/", "/gw/shop-1"]"#);
    Daemon::configured(&[words])
}

/// The manual's three clients: one phone's EventSource, HTTP and WebSocket, without `/api`.
async fn dine(daemon: &Daemon, lan: &str, seat: usize) {
    let phone = Phone { lan: lan.to_owned(), ..daemon.phone(seat).await };
    let cart = format!("/store/order/cart/{}", phone.table);
    let stream = format!("{lan}/store/order/sse/{}?token={}", phone.table, phone.token);
    let mut stream = crate::support::Events::open(&phone.http, stream).await;
    assert_eq!(stream.event("connected").await.data, "连接成功");
    let path = format!("/ws/cart/{}?token={}", phone.table, phone.token);
    let mut socket = Socket::open(lan, &path).await;
    socket.frame("cart_update").await;
    let add = json!({ "tableId": phone.table, "cuisineId": 1001, "quantity": 2 });
    let added = phone.ok(Method::POST, "/store/order/cart/add", add).await;
    assert_eq!(socket.frame("cart_update").await["data"], added);
    socket.send(json!({ "type": "update_quantity", "data": { "cuisineId": 1001, "quantity": 3 } })).await;
    let three = socket.frame("update_quantity_success").await["data"].clone();
    while stream.event("cart_update").await.json() != three {}
    assert_eq!(phone.get(&cart).await, three);
    let submit = json!({ "tableId": phone.table, "version": three["version"], "opId": "once" });
    let order = phone.ok(Method::POST, "/store/order/submit", submit).await;
    let pay = format!("/store/order/{}/pay", order["orderId"]);
    let payment = phone.ok(Method::POST, &pay, json!({ "provider": "demo" })).await;
    phone.press_pay(&payment, "once").await;
    while stream.event("order_update").await.json()["payStatus"] != 1 {}
}

#[tokio::test]
async fn the_manual_s_clients_dine_below_every_prefix() {
    let daemon = prefixed();
    for (seat, lan) in addresses(&daemon).iter().enumerate() {
        dine(&daemon, lan, seat).await;
    }
}

#[tokio::test]
async fn below_a_prefix_every_answer_is_the_one_without_it() {
    let daemon = prefixed();
    let phone = daemon.phone(0).await;
    phone.add(1001, 1).await;
    let [manual, own, bare] = addresses(&daemon);
    for (method, path, body) in [
        (Method::GET, "menu", Value::Null),
        (Method::GET, "order/cart/1", Value::Null),
        (Method::GET, "order/cart/2", Value::Null),
        (Method::GET, "order/cart/x", Value::Null),
        (Method::GET, "order/list/1", Value::Null),
        (Method::GET, "bill/1", Value::Null),
        (Method::GET, "payment/providers", Value::Null),
        (Method::GET, "member/me", Value::Null),
        (Method::GET, "nothing", Value::Null),
        (Method::DELETE, "menu", Value::Null),
        (Method::POST, "session", json!({ "code": "x" })),
        (Method::POST, "order/cart/add", json!({ "tableId": 1, "cuisineId": 1001, "quantity": 0 })),
        (Method::POST, "order/cart/add", json!({ "tableId": 1, "remark": "x".repeat(70_000) })),
        (Method::PUT, "order/cart/update?tableId=1&cuisineId=1001&quantity=1", Value::Null),
    ] {
        for token in [phone.token.as_str(), ""] {
            let ask = async |at: String| {
                let answer = send(&phone.http, method.clone(), format!("{at}/{path}"), token, &body).await;
                let mut body = answer.body;
                // Each change of the cart, also one to the same, is one more.
                body.pointer_mut("/data/version").map(Value::take);
                (answer.status, body)
            };
            let plain = ask(format!("{bare}/api/store")).await;
            let below = [format!("{manual}/store"), format!("{manual}/api/store"), format!("{own}/store")];
            for at in below.into_iter().chain([format!("{bare}/store")]) {
                assert_eq!(ask(at.clone()).await, plain, "{method} {at}/{path}");
            }
        }
    }
    for lan in [&manual, &own] {
        assert_eq!(Socket::refused(lan, "/ws/cart/1").await, Socket::refused(&bare, "/ws/cart/1").await);
        let other = format!("/ws/cart/2?token={}", phone.token);
        assert_eq!(Socket::refused(lan, &other).await, Socket::refused(&bare, &other).await);
    }
}

#[tokio::test]
async fn nothing_else_is_below_a_prefix_and_nothing_at_all_on_the_tunnel() {
    let daemon = prefixed();
    let (counter, phone) = (daemon.counter().await, daemon.phone(0).await);
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let page = http.get(format!("{}/counter", daemon.lan)).send().await.unwrap().text().await.unwrap();
    let asset = page.split('"').find(|text| text.starts_with("/assets/")).expect("a page has assets").to_owned();
    let [manual, own, bare] = addresses(&daemon);
    let ask = async |method: Method, at: &str, path: &str| {
        answer(http.request(method, format!("{at}{path}")).header("token", &counter.token)).await.status
    };
    let table = format!("/t/{}", daemon.table_code(0));
    for (method, path) in [
        (Method::GET, "/admin/order/statistics"),
        (Method::POST, "/admin/employee/login"),
        (Method::GET, "/admin/alert/stream"),
        (Method::POST, "/user/order/reminder/1"),
        (Method::GET, "/ws/counter-1"),
        (Method::GET, "/ws/cart"),
        (Method::GET, "/webSocket/1/1"),
        (Method::GET, "/counter"),
        (Method::GET, "/member"),
        (Method::GET, table.as_str()),
        (Method::GET, asset.as_str()),
        (Method::GET, "/favicon.ico"),
        (Method::GET, "/"),
        (Method::GET, "/healthz"),
        (Method::GET, "/metrics"),
    ] {
        if path != "/admin/alert/stream" {
            assert_ne!(ask(method.clone(), &bare, path).await, StatusCode::NOT_FOUND, "without: {method} {path}");
        }
        for lan in [&manual, &own] {
            assert_eq!(ask(method.clone(), lan, path).await, StatusCode::NOT_FOUND, "{method} {lan}{path}");
        }
    }
    for path in
        ["/pay/notify/demo", "/notify/paySuccess", "/pictures/x/512.jpg", "/demo-pay/x", "/aliendining/store/menu"]
    {
        assert_eq!(ask(Method::POST, &manual, path).await, StatusCode::NOT_FOUND, "{path}");
    }
    for prefix in ["", "/aliendining", "/gw/shop-1"] {
        for path in
            ["/api/store/menu", "/store/menu", "/store/order/sse/1", "/ws/cart/1", "/healthz/x", "/pay/notify/demo"]
        {
            let at = format!("{}{prefix}", daemon.tunnel);
            let answer = send(&http, Method::GET, format!("{at}{path}"), &phone.token, &Value::Null).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "the tunnel: {prefix}{path}");
        }
        let refused = Socket::refused(&daemon.tunnel, &format!("{prefix}/ws/cart/1?token={}", phone.token)).await;
        assert_eq!(refused, 404, "the tunnel: {prefix}");
    }
}
