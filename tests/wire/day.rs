//! 日结: a business day's totals over the wire, equal to the ledger's, closed once, and what comes after.

use crate::sky::{moment, seed, today};
use crate::support::{Counter, Daemon};
use jiff::ToSpan;
use jiff::civil::Date;
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

#[tokio::test]
async fn what_moves_after_the_close_is_told_by_method_and_direction_and_the_counts_stay() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let day = today().to_string();
    let member = counter.ok(Method::POST, "/admin/member", json!({ "name": "王小明", "phone": "13800138000" })).await;
    let pay = async |order: &Value, method: &str| {
        let body = json!({ "orderId": order["orderId"], "method": method, "amount": 38.0 });
        counter.ok(Method::POST, "/admin/payment/counter", body).await;
    };
    let back = async |order: &Value, op: &str| {
        let body = json!({ "orderId": order["orderId"], "amount": 38.0, "opId": op });
        counter.ok(Method::POST, "/admin/payment/refund", body).await;
    };
    let orders = [ann.order("o1").await, ann.order("o2").await, ann.order("o3").await];
    pay(&orders[0], "cash").await;
    pay(&orders[1], "terminal").await;
    close(&counter, json!({ "date": day, "cash": 38 })).await;
    let kept = get(&counter, &day).await;
    assert_eq!([&kept["valid"], &kept["closed"]["laterMethods"]], [&json!(2), &json!([])]);

    // Cash out, cash in by another order, and a card that is topped up: for orders nothing is left of it.
    back(&orders[0], "r1").await;
    pay(&orders[2], "cash").await;
    let topup = json!({ "userId": member["userId"], "amount": 400, "paid": 350, "method": "cash", "opId": "t1" });
    counter.ok(Method::POST, "/admin/member/topup", topup).await;
    let now = get(&counter, &day).await;
    let closed = &now["closed"];
    assert_eq!([&closed["later"], &closed["laterCash"]], [&json!(0.0), &json!(350.0)]);
    assert_eq!([&closed["expectedCash"], &now["expectedCash"]], [&json!(38.0), &json!(388.0)]);
    let cash = |came: f64, went: f64| json!([{ "method": "cash", "name": "现金", "payments": came, "refunds": went, "net": came - went }]);
    assert_eq!((&closed["laterMethods"], &closed["laterTopups"]), (&cash(38.0, 38.0), &cash(350.0, 0.0)));
    for name in ["valid", "cancelled", "guests", "dishes"] {
        assert_eq!((&now[name], &closed["report"][name]), (&kept[name], &kept[name]), "{name}");
    }
    let line = get(&counter, "list").await[0].clone();
    assert_eq!((&line["closed"]["laterCash"], &line["closed"]["laterMethods"]), (&json!(350.0), &cash(38.0, 38.0)));
    let range = format!("begin={day}&end={day}");
    let chart = counter.ok(Method::GET, &format!("/admin/report/ordersStatistics?{range}"), Value::Null).await;
    assert_eq!(chart["validOrderCountList"], "2", "the charts have what was closed");
    // The customer wants the card's money back.
    let off = json!({ "userId": member["userId"], "amount": -400, "paid": -350, "method": "cash", "note": "退卡", "opId": "t2" });
    counter.ok(Method::POST, "/admin/member/topup", off).await;
    let closed = get(&counter, &day).await["closed"].clone();
    assert_eq!(
        (&closed["laterCash"], &closed["laterTopups"]),
        (&json!(0.0), &cash(350.0, 350.0)),
        "also where it cancels out"
    );
    let (again, _) = close(&counter, json!({ "date": day, "cash": 38, "again": true })).await;
    assert_eq!(
        (&again["valid"], &again["closed"]["laterMethods"], &again["closed"]["laterTopups"]),
        (&json!(2), &json!([]), &json!([]))
    );
}

#[tokio::test]
async fn dishes_that_were_given_and_debts_that_were_let_go_are_lines_of_the_day() {
    let daemon = Daemon::demo(&["--limits", "off", "--pay", "later"]);
    let (ann, ben, counter) = (daemon.phone(0).await, daemon.phone(1).await, daemon.counter().await);
    let order = ann.order("o1").await;
    let free = json!({ "orderId": order["orderId"], "position": 1, "reason": "等太久" });
    counter.ok(Method::POST, "/admin/bill/free", free).await;
    ben.order("o2").await;
    let clear = async |reason: &str| {
        counter.send(Method::POST, &format!("/admin/table/clear/{}", ben.table), json!({ "reason": reason })).await
    };
    assert_eq!(clear("").await.error(), "TABLE_OWES");
    assert_eq!(clear("客人跑单").await.body["code"], 1);
    // Served, and then nobody pays: cancelled, and eaten.
    let third = ann.order("o3").await;
    for path in ["confirm".to_owned(), format!("delivery/{}", third["orderId"])] {
        counter.put(&format!("/admin/order/{path}"), json!({ "id": third["orderId"] })).await;
    }
    let cancel = json!({ "id": third["orderId"], "cancelReason": "客人不满意" });
    assert_eq!(counter.put("/admin/order/cancel", cancel).await.body["code"], 1);
    let day = get(&counter, "today").await;
    let dish = json!([{ "name": "宫保鸡丁", "quantity": 1, "amount": 38.0 }]);
    assert_eq!([&day["freeDishes"], &day["freePieces"], &day["freeValue"]], [&dish, &json!(1), &json!(38.0)]);
    let debt = |table: &str, reason: &str| json!({ "table": table, "amount": 38.0, "reason": reason, "by": "admin" });
    assert_eq!(day["debts"], json!([debt("A02", "客人跑单"), debt("A01", "客人不满意")]));
    assert_eq!([&day["letGo"], &day["turnover"], &day["difference"]], [&json!(76.0), &json!(0.0), &json!(0.0)]);
    let (closed, _) = close(&counter, json!({ "date": today().to_string(), "cash": 0 })).await;
    assert_eq!(closed["closed"]["report"]["letGo"], 76.0, "kept with the rest");
}

#[tokio::test]
async fn money_that_a_wrong_clock_booked_is_listed_wherever_it_lies_and_can_be_closed() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let (old, new) = (jiff::civil::date(2000, 1, 1), today() + 500.days());
    seed(&daemon, &[(moment(old, 1), 38, "面", 1), (moment(today(), 1), 20, "饭", 1), (moment(new, 1), 50, "饭", 1)]);
    let line = |line: &Value| (line["day"].clone(), line["stray"].clone(), line["turnover"].clone());
    let lines: Vec<_> = get(&counter, "list?days=3").await.as_array().unwrap().iter().map(line).collect();
    let wanted = |day: Date, stray: bool, yuan: f64| (json!(day.to_string()), json!(stray), json!(yuan));
    assert_eq!(lines, [wanted(new, true, 50.0), wanted(today(), false, 20.0), wanted(old, true, 38.0)]);
    let books = counter.ok(Method::GET, "/admin/payment/ledger", Value::Null).await;
    assert_eq!((&books["net"], &books["stray"]), (&json!(20.0), &json!([new.to_string(), old.to_string()])));
    for day in [old, new] {
        let (closed, error) = close(&counter, json!({ "date": day.to_string(), "cash": 0 })).await;
        assert_eq!((error.as_str(), &closed["closed"]["by"]), ("", &json!("admin")), "{day}");
    }
}
