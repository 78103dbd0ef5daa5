//! A code counts in the shop; from anywhere else the counter has to agree. Here the phones outside come through a proxy
//! on this PC, as through nginx, which says whose request it passes on.

use crate::support::{self, Answer, Counter, Daemon, Phone};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const OUTSIDE: &str = "203.0.113.7";

async fn scan(daemon: &Daemon, forwarded: &str, body: Value) -> Answer {
    let request = reqwest::Client::new().post(format!("{}/api/store/session", daemon.lan));
    support::answer(request.header("x-forwarded-for", forwarded).json(&body)).await
}

async fn waiting(counter: &Counter) -> Vec<Value> {
    let list = counter.ok(Method::GET, "/admin/table/waiting", Value::Null).await;
    list.as_array().unwrap().clone()
}

async fn page(daemon: &Daemon, forwarded: &str, path: &str) -> (StatusCode, Option<String>, String) {
    let request = reqwest::Client::new().get(format!("{}{path}", daemon.lan)).header("x-forwarded-for", forwarded);
    let response = request.send().await.unwrap();
    let cookie = response.headers().get("set-cookie").map(|cookie| cookie.to_str().unwrap().to_owned());
    (response.status(), cookie, response.text().await.unwrap())
}

#[tokio::test]
async fn the_operator_is_told_when_the_pc_itself_would_be_outside() {
    assert!(!Daemon::configured(&[]).log().contains("presence.networks"));
    let daemon = Daemon::configured(&[("\"127.0.0.0/8\", ", "")]);
    assert!(
        daemon.log().contains("presence.networks does not have this PC's own address, 127.0.0.1"),
        "{}",
        daemon.log()
    );
    let scan = reqwest::Client::new().post(format!("{}/api/store/session", daemon.lan));
    let waits = support::answer(scan.json(&json!({ "code": daemon.table_code(0) }))).await;
    assert_eq!((waits.status.as_u16(), waits.error()), (403, "AWAITING_APPROVAL"));
}

#[tokio::test]
async fn a_scan_from_outside_waits_until_the_counter_agrees() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let mut backstage = counter.events().await;
    backstage.event("status").await;
    let code = daemon.table_code(0);
    let first = scan(&daemon, OUTSIDE, json!({ "code": code })).await;
    assert_eq!((first.status.as_u16(), first.error()), (403, "AWAITING_APPROVAL"));
    assert_eq!(backstage.event("table_update").await.json()["tableId"], 1);
    assert_eq!(daemon.stored::<i64>("select count(*) from seating"), 0, "nobody sits down meanwhile");
    let id = first.body["data"]["requestId"].clone();
    let list = waiting(&counter).await;
    assert_eq!((list.len(), &list[0]["requestId"], &list[0]["tableNumber"]), (1, &id, &json!("A01")));
    assert_eq!(list[0]["address"], OUTSIDE);
    let retry = json!({ "code": code, "requestId": id });
    assert_eq!(scan(&daemon, OUTSIDE, retry.clone()).await.error(), "AWAITING_APPROVAL");
    counter.ok(Method::POST, &format!("/admin/table/admit/{}", id.as_str().unwrap()), Value::Null).await;
    assert_eq!(waiting(&counter).await, Vec::<Value>::new());
    let session = scan(&daemon, OUTSIDE, retry.clone()).await.body["data"].clone();
    assert_eq!(session["tableNumber"], "A01");
    let kept: String =
        daemon.stored("select actor || '|' || target || '|' || detail from audit where act = 'table.admit'");
    assert_eq!(kept, format!("admin|A01|{OUTSIDE}"));
    assert_eq!(scan(&daemon, OUTSIDE, retry).await.error(), "AWAITING_APPROVAL", "it counts once");
    assert!(!daemon.log().contains(id.as_str().unwrap()), "whoever reads the log cannot come in");

    // The token is as good as any: also for the page's own reload, from wherever the phone is.
    let token = session["token"].as_str().unwrap().to_owned();
    let ann = Phone { http: reqwest::Client::new(), lan: daemon.lan.clone(), token, table: 1, user: 0 };
    ann.add(1001, 1).await;
    let again = ann.http.post(format!("{}/api/store/session", daemon.lan)).header("x-forwarded-for", OUTSIDE);
    let again = support::answer(again.header("token", &ann.token).json(&json!({ "code": code }))).await;
    assert_eq!(again.body["data"]["userId"], session["userId"]);
    let other = ann.http.post(format!("{}/api/store/session", daemon.lan)).header("x-forwarded-for", OUTSIDE);
    let other = other.header("token", &ann.token).json(&json!({ "code": daemon.table_code(1) }));
    assert_eq!(support::answer(other).await.error(), "AWAITING_APPROVAL", "another table's code");
}

#[tokio::test]
async fn one_whom_the_counter_refuses_stays_outside() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let body = json!({ "code": daemon.table_code(0) });
    let id = scan(&daemon, OUTSIDE, body.clone()).await.body["data"]["requestId"].clone();
    let path = format!("/admin/table/refuse/{}", id.as_str().unwrap());
    counter.ok(Method::POST, &path, Value::Null).await;
    for body in [body, json!({ "code": daemon.table_code(0), "requestId": id })] {
        assert_eq!(scan(&daemon, OUTSIDE, body).await.error(), "NOT_ADMITTED");
    }
    assert_eq!(counter.send(Method::POST, &path, Value::Null).await.error(), "REQUEST_NOT_FOUND");
    assert_eq!(scan(&daemon, OUTSIDE, json!({ "code": "0".repeat(32) })).await.error(), "TABLE_NOT_FOUND");
    let mut limited = 0;
    for index in 1..8 {
        let body = json!({ "code": daemon.table_code(index) });
        limited += usize::from(scan(&daemon, OUTSIDE, body).await.error() == "RATE_LIMITED");
    }
    assert!(limited > 0 && waiting(&counter).await.len() < 5, "one address does not fill the list");
}

#[tokio::test]
async fn only_a_trusted_proxy_is_believed_and_what_the_client_wrote_before_it_is_not() {
    let daemon = Daemon::demo(&[]);
    let body = json!({ "code": daemon.table_code(0) });
    for (forwarded, allowed) in [
        ("192.168.1.20", true),
        ("fd12::20", true),
        (OUTSIDE, false),
        ("192.168.1.20, 203.0.113.8", false),
        ("203.0.113.9, 192.168.1.20", true),
        ("192.168.1.20, unknown", false),
    ] {
        let answer = scan(&daemon, forwarded, body.clone()).await;
        assert_eq!(answer.status == StatusCode::OK, allowed, "{forwarded}: {}", answer.body);
    }
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let init = Daemon::command()
        .args(["init", "--sample"])
        .arg("--config")
        .arg(home.path().join("c.toml"))
        .arg("--data")
        .arg(&data)
        .output();
    assert!(init.unwrap().status.success());
    let file = home.path().join("c.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text.replace("trusted_proxies = [\"127.0.0.1\", \"::1\"]", "trusted_proxies = []");
    std::fs::write(&file, text).unwrap();
    let mut command = Daemon::command();
    command.arg("run").arg("--config").arg(&file).args(["--lan", "127.0.0.1:0", "--tunnel", "127.0.0.1:0"]);
    let daemon = Daemon::spawn(command, &data);
    let code: String = daemon.stored("select code from dining_table order by id limit 1");
    let answer = scan(&daemon, OUTSIDE, json!({ "code": code })).await;
    assert_eq!(answer.status, StatusCode::OK, "nobody is trusted: the header means nothing");
}

#[tokio::test]
async fn the_page_of_a_scan_from_outside_waits_and_goes_on_by_itself() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let path = format!("/t/{}", daemon.table_code(0));
    let (status, cookie, html) = page(&daemon, OUTSIDE, &path).await;
    assert_eq!((status, cookie), (StatusCode::FORBIDDEN, None));
    assert!(html.contains("店员正在确认"), "{html}");
    let next = html.split("content=\"3;url=").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    assert!(next.starts_with(&path), "{next}");
    let id = waiting(&counter).await[0]["requestId"].as_str().unwrap().to_owned();
    assert_eq!(page(&daemon, OUTSIDE, &next).await.0, StatusCode::FORBIDDEN);
    counter.ok(Method::POST, &format!("/admin/table/admit/{id}"), Value::Null).await;
    let (status, cookie, html) = page(&daemon, "198.51.100.4", &next).await;
    assert_eq!(status, StatusCode::OK, "also when the phone has another address by now");
    assert!(cookie.is_some() && html.contains("js/phone.js"), "{html}");
}
