//! The tunnel listener faces the internet: it carries the callbacks and nothing else of ours.

use crate::hostile::{read_all, status_of};
use crate::support::{self, Daemon};
use reqwest::{Method, StatusCode};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

#[tokio::test]
async fn the_tunnel_answers_404_to_everything_but_callbacks() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let payment = ann.start_payment(&ann.order("op").await).await;
    let pay_page = format!("/demo-pay/{}", payment["outTradeNo"].as_str().unwrap());
    let table_page = format!("/t/{}", daemon.table_code(0));
    for (method, path) in [
        (Method::GET, "/"),
        (Method::GET, "/counter"),
        (Method::GET, &table_page),
        (Method::GET, "/favicon.ico"),
        (Method::GET, "/metrics"),
        (Method::GET, &pay_page),
        (Method::POST, &pay_page),
        (Method::POST, "/api/store/session"),
        (Method::GET, "/api/store/menu"),
        (Method::GET, "/api/store/order/cart/1"),
        (Method::POST, "/api/store/order/cart/add?tableId=1&cuisineId=1001&quantity=1"),
        (Method::GET, "/api/store/order/sse/1"),
        (Method::POST, "/api/store/order/1/pay"),
        (Method::GET, "/ws/cart/1"),
        (Method::GET, "/ws/counter-1"),
        (Method::POST, "/admin/employee/login"),
        (Method::GET, "/admin/order/conditionSearch"),
        (Method::GET, "/admin/alert/list"),
        (Method::GET, "/user/order/reminder/1"),
        (Method::GET, "/pay/notify/demo"),
        (Method::PUT, "/pay/notify/demo"),
        (Method::POST, "/pay/notify/demo/"),
        (Method::POST, "/pay/notify"),
        (Method::POST, "/pay/notify/wechat"),
        (Method::POST, "/pay/notify/../../admin/employee/login"),
        (Method::POST, "//pay//notify//demo"),
        (Method::POST, "/healthz"),
    ] {
        for token in [&ann.token, &counter.token] {
            let request = counter.http.request(method.clone(), format!("{}{path}", daemon.tunnel)).bearer_auth(token);
            let answer = support::answer(request).await;
            assert_eq!((answer.status.as_u16(), answer.error()), (404, "NOT_FOUND"), "{method} {path}");
        }
    }
    assert_eq!(daemon.stored::<i64>("select count(*) from cart_line"), 0);
    assert_eq!(daemon.stored::<i64>("select count(*) from demo_trade where state = 'SUCCESS'"), 0);
    let health = support::answer(counter.http.get(format!("{}/healthz", daemon.tunnel))).await;
    assert_eq!(health.status, StatusCode::OK);
    let keys: Vec<&String> = health.body.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["nonce", "status"], "nothing about the shop");
}

#[tokio::test]
async fn a_callback_over_64_kib_is_refused_unread() {
    let daemon = Daemon::demo(&[]);
    let url = format!("{}/pay/notify/demo", daemon.tunnel);
    for (bytes, status) in [(64 * 1024, 401), (64 * 1024 + 1, 413)] {
        let request = reqwest::Client::new().post(&url).body("x".repeat(bytes));
        let answer = support::answer(request).await;
        assert_eq!(answer.status.as_u16(), status, "{bytes}: {}", answer.body);
    }
}

/// What is below `src/web/`, as text.
fn sources(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { sources(&path) } else { std::fs::read_to_string(path).unwrap() }).collect()
}

/// `order/1/pay` of a pattern such as `["order", id, "pay"]`; every choice of `"login" | "logout"`.
fn paths(pattern: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for segment in pattern.split(',').map(str::trim).filter(|segment| !segment.is_empty()) {
        let choices = segment.split('|').map(|choice| match choice.trim().strip_prefix('"') {
            Some(word) => word.trim_end_matches('"'),
            None => "1",
        });
        let choices: Vec<&str> = choices.collect();
        found = found.iter().flat_map(|path| choices.iter().map(move |one| format!("{path}/{one}"))).collect();
    }
    found
}

/// Every path of the LAN listener, and some more: read off the patterns that the routes are matched by.
fn lan_paths() -> BTreeSet<String> {
    let text = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web"));
    let plain = |pattern: &&str| {
        pattern.starts_with('"') && pattern.chars().all(|c| c.is_ascii_alphanumeric() || "\" ,|-_.@".contains(c))
    };
    let patterns: BTreeSet<&str> =
        text.split('[').filter_map(|rest| rest.split_once(']').map(|(pattern, _)| pattern)).filter(plain).collect();
    let prefixes = ["", "/admin", "/api/store", "/api/store/member", "/aliendining/api/store", "/aliendining/store"];
    let mut found: BTreeSet<String> = BTreeSet::new();
    for below in patterns.iter().flat_map(|pattern| paths(pattern)) {
        found.extend(prefixes.iter().map(|prefix| format!("{prefix}{below}")));
        found.extend(below.split('/').nth(1).map(|first| format!("/admin/{first}/1")));
    }
    found
}

#[tokio::test]
async fn every_route_of_the_lan_is_404_on_the_tunnel_whoever_asks() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let me = counter.ok(Method::GET, "/admin/employee/me", serde_json::Value::Null).await;
    let mut paths = lan_paths();
    for known in ["/admin/common/upload", "/admin/menu/import", "/api/store/order/1/pay/qr", "/ws/cart/1", "/metrics"] {
        assert!(paths.contains(known), "{known} is not among {paths:?}");
    }
    // The counter's own table of permissions, as its pages get it.
    for line in me["allowed"].as_array().unwrap() {
        let (_, pattern) = line.as_str().unwrap().split_once(' ').unwrap();
        paths.insert(format!("/admin/{}", pattern.replace('*', "1")));
    }
    let outside = [(Method::POST, "/pay/notify/1"), (Method::POST, "/notify/paySuccess"), (Method::GET, "/healthz")];
    let methods = [Method::GET, Method::POST, Method::PUT, Method::DELETE];
    let asks = paths.iter().flat_map(|path| methods.iter().map(move |method| (method.clone(), path.as_str())));
    // By an owner, then by a guest, then by nobody.
    for (turn, (method, path)) in asks.filter(|ask| !outside.contains(ask)).enumerate() {
        let token = [counter.token.as_str(), &ann.token, "stolen.or.not"][turn % 3];
        let url = format!("{}{path}", daemon.tunnel);
        let answer = support::answer(counter.http.request(method.clone(), url).header("token", token)).await;
        let same = json!({ "code": 404, "msg": answer.body["msg"], "data": null, "error": "NOT_FOUND" });
        assert_eq!((answer.status.as_u16(), &answer.body), (404, &same), "{method} {path}");
    }
}

#[tokio::test]
async fn a_declared_body_on_the_tunnel_is_not_waited_for_and_holds_up_nobody() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let address = daemon.tunnel.strip_prefix("http://").unwrap();
    let mut held = Vec::new();
    for path in ["/admin/common/upload", "/admin/menu/import", "/admin/member/decode", "/api/store/session"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\ntoken: {}\r\ncontent-type: multipart/form-data; boundary=b\r\n\
             content-length: 1000000\r\n\r\n",
            counter.token
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // Long before the patience with a body that does not come, 10 s, is over.
        let (answer, took) = read_all(&mut stream, Duration::from_secs(8)).await;
        assert_eq!(status_of(&answer), Some(404), "{path} after {took:?}");
        held.push(stream);
    }
    // Nothing but a form that is none: that it is looked at at once is the point.
    let form = counter.http.post(format!("{}/admin/common/upload", daemon.lan)).header("token", &counter.token);
    let answer = tokio::time::timeout(Duration::from_secs(20), support::answer(form.body("x"))).await;
    assert_eq!(answer.expect("the counter's own upload is looked at").status, StatusCode::BAD_REQUEST);
}
