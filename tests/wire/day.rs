//! 日结: a business day's totals over the wire, equal to the ledger's, closed once, and what comes after.

use crate::sky::{moment, seed, today};
use crate::support::{Counter, Daemon};
use jiff::ToSpan;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn get(counter: &Counter, path: &str) -> Value {
    counter.ok(Method::GET, &format!("/admin/day/{path}"), Value::Null).await
}

async fn close(counter: &Counter, body: Value) -> (Value, String) {
    let answer = counter.send(Method::POST, "/admin/day/close", body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    (answer.body["data"].clone(), answer.error().to_owned())
}

#[tokio::test]
async fn a_day_is_its_methods_refunds_and_dishes_and_equals_the_ledger() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let orders = [ann.order("o1").await, ann.order("o2").await, ann.paid_order("o3").await];
    for (order, method) in orders.iter().zip(["cash", "terminal"]) {
        let body = json!({ "orderId": order["orderId"], "method": method, "amount": 38.0 });
        counter.ok(Method::POST, "/admin/payment/counter", body).await;
    }
    for (order, amount) in [(&orders[0], 8.5), (&orders[2], 38.0)] {
        let body =
            json!({ "orderId": order["orderId"], "amount": amount, "reason": "太咸", "opId": format!("r{amount}") });
        counter.ok(Method::POST, "/admin/payment/refund", body).await;
    }
    daemon.stored_when("select sum(amount_fen) from ledger_entry", 6750).await;
    let day = get(&counter, &today().to_string()).await;
    for (name, value) in [
        ("orders", json!(3)),
        ("valid", json!(2)),
        // All of its money went back before anybody accepted it: it is over.
        ("cancelled", json!(1)),
        ("turnover", json!(67.5)),
        ("refunds", json!(46.5)),
        ("ledger", json!(67.5)),
        ("difference", json!(0.0)),
        ("gross", json!(114.0)),
        ("extra", json!(0.0)),
        ("expectedCash", json!(29.5)),
        ("over", json!(false)),
        ("closed", Value::Null),
    ] {
        assert_eq!(day[name], value, "{name}: {day}");
    }
    let method = |method: &str, name: &str, payments: f64, refunds: f64| json!({ "method": method, "name": name, "payments": payments, "refunds": refunds, "net": payments - refunds });
    let methods = [
        method("cash", "现金", 38.0, 8.5),
        method("demo", "演示支付", 38.0, 38.0),
        method("terminal", "刷卡", 38.0, 0.0),
    ];
    assert_eq!(day["methods"], json!(methods));
    assert_eq!(
        day["dishes"],
        json!([{ "name": "宫保鸡丁", "quantity": 2, "amount": 76.0 }]),
        "what went back is not sold"
    );
    let books = counter.ok(Method::GET, "/admin/payment/ledger", Value::Null).await;
    assert_eq!(books["net"], day["ledger"]);
    let dashboard = counter.ok(Method::GET, "/admin/workspace/businessData", Value::Null).await;
    assert_eq!(dashboard["turnover"], day["turnover"]);
    let hours = get(&counter, &format!("hours/{}", today())).await;
    let hours = hours.as_array().unwrap();
    let sum: f64 = hours.iter().map(|hour| hour["turnover"].as_f64().unwrap()).sum();
    assert_eq!((hours.len(), hours[0]["hour"].as_str(), sum), (24, Some("04:00"), 67.5));
}

#[tokio::test]
async fn a_close_is_kept_as_it_was_and_done_again_only_when_somebody_says_so() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let day = today().to_string();
    let order = ann.order("o1").await;
    let cash = json!({ "orderId": order["orderId"], "method": "cash", "amount": 38.0 });
    counter.ok(Method::POST, "/admin/payment/counter", cash).await;
    let (closed, error) = close(&counter, json!({ "date": day, "cash": "37.50", "note": "少五毛" })).await;
    assert_eq!(
        (&closed["closed"]["cash"], &closed["closed"]["difference"], error.as_str()),
        (&json!(37.5), &json!(-0.5), "")
    );
    ann.paid_order("o2").await;
    let now = get(&counter, &day).await;
    assert_eq!((&now["turnover"], &now["closed"]["later"]), (&json!(76.0), &json!(38.0)), "what came after the close");
    assert_eq!(now["closed"]["report"]["turnover"], 38.0, "as it was");
    let (_, error) = close(&counter, json!({ "date": day, "cash": 38 })).await;
    assert_eq!(error, "DAY_CLOSED");
    let (again, _) = close(&counter, json!({ "date": day, "cash": 38, "again": true })).await;
    assert_eq!((&again["closed"]["later"], &again["closed"]["difference"]), (&json!(0.0), &json!(0.0)));
    let log = counter.ok(Method::GET, "/admin/audit?act=day.close", Value::Null).await;
    assert_eq!((&log["total"], &log["records"][1]["target"]), (&json!(2), &json!(day)));
    assert!(log["records"][1]["detail"].as_str().unwrap().contains("清点 37.50"), "{log}");
    let tomorrow = (today() + 1.days()).to_string();
    for body in [
        json!({ "date": tomorrow, "cash": 0 }),
        json!({ "date": "today", "cash": 0 }),
        json!({ "date": day, "again": true }),
        json!({ "date": day, "cash": -1, "again": true }),
        json!({ "date": day, "cash": 0.001, "again": true }),
    ] {
        assert_eq!(close(&counter, body.clone()).await.1, "BAD_REQUEST", "{body}");
    }
}

#[tokio::test]
async fn days_that_are_over_and_not_closed_are_listed() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let day = |ago: i64| today() - ago.days();
    seed(
        &daemon,
        &[(moment(day(1), 5), 38, "面", 1), (moment(day(3), 0), 20, "饭", 1), (moment(day(40), 0), 20, "饭", 1)],
    );
    close(&counter, json!({ "date": day(3).to_string(), "cash": 20 })).await;
    let list = get(&counter, "list").await;
    let lines: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["day"].clone(), line["over"].clone(), line["turnover"].clone(), line["closed"].is_null()))
        .collect();
    let line = |ago: i64, turnover: f64, open: bool| (json!(day(ago).to_string()), json!(true), json!(turnover), open);
    assert_eq!(lines, [line(1, 38.0, true), line(3, 20.0, false)]);
    assert_eq!(get(&counter, "list?days=60").await.as_array().unwrap().len(), 3);
}
