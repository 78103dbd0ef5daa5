//! What an order costs beside its dishes: reductions that come and go, the fees of a party, and who may do it once.

use crate::support::{Answer, Counter, Daemon, Phone};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// A shop with fees: service in percent, cover and packing in yuan.
fn shop(mode: &str, service: &str, cover: &str, packing: &str) -> Daemon {
    Daemon::configured(&[
        ("mode = \"first\"", &format!("mode = \"{mode}\"")),
        ("service_percent = 0", &format!("service_percent = {service}")),
        ("cover = \"0.00\"", &format!("cover = \"{cover}\"")),
        ("packing = \"0.00\"", &format!("packing = \"{packing}\"")),
    ])
}

/// A round of these dishes: 1001 costs 38.00, 1002 32.00, 1004 22.00.
async fn round(phone: &Phone, dishes: &[i64], more: Value) -> Value {
    let mut cart = Value::Null;
    for dish in dishes {
        cart = phone.add(*dish, 1).await;
    }
    let mut body = json!({ "tableId": phone.table, "version": cart["version"], "opId": format!("v{}", cart["version"]) });
    body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    let answer = phone.send(Method::POST, "/api/store/order/submit", body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body["data"].clone()
}

async fn account(counter: &Counter, table: i64) -> Value {
    counter.ok(Method::GET, &format!("/admin/bill/table/{table}"), Value::Null).await
}

/// Kind and yuan of each line of the table's `n`th order beside its dishes.
fn lines(account: &Value, n: usize) -> Vec<(String, f64)> {
    let all = account["orders"][n]["adjustments"].as_array().unwrap();
    all.iter().map(|one| (one["kind"].as_str().unwrap().to_owned(), one["amount"].as_f64().unwrap())).collect()
}

fn line(kind: &str, yuan: f64) -> (String, f64) {
    (kind.to_owned(), yuan)
}

/// The id of an order's line of this kind.
fn id_of(account: &Value, n: usize, kind: &str) -> i64 {
    let all = account["orders"][n]["adjustments"].as_array().unwrap();
    all.iter().find(|one| one["kind"] == kind).unwrap()["adjustmentId"].as_i64().unwrap()
}

async fn discount(counter: &Counter, body: Value) -> Answer {
    let mut body = body;
    body["reason"] = json!("老顾客");
    counter.send(Method::POST, "/admin/bill/discount", body).await
}

async fn free(counter: &Counter, order: &Value, position: i64) {
    let body = json!({ "orderId": order["orderId"], "position": position, "reason": "上错了" });
    counter.ok(Method::POST, "/admin/bill/free", body).await;
}

async fn undo(counter: &Counter, adjustment: i64) {
    counter.ok(Method::DELETE, &format!("/admin/bill/adjustment/{adjustment}"), Value::Null).await;
}

async fn cash(counter: &Counter, order: &Value, amount: f64) -> Answer {
    let body = json!({ "orderId": order["orderId"], "method": "cash", "amount": amount });
    counter.send(Method::POST, "/admin/payment/counter", body).await
}

#[tokio::test]
async fn a_dish_that_was_given_free_by_mistake_is_paid_after_all() {
    for mode in ["first", "later"] {
        let daemon = shop(mode, "10", "0.00", "0.00");
        let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
        let order = round(&ann, &[1001], Value::Null).await;
        free(&counter, &order, 1).await;
        let given = account(&counter, ann.table).await;
        assert_eq!((lines(&given, 0), &given["owed"]), (vec![line("free", -38.0)], &json!(0.0)), "nor a service fee");
        assert_eq!((&given["orders"][0]["payStatus"], &given["orders"][0]["status"]), (&json!(1), &json!(2)));
        undo(&counter, id_of(&given, 0, "free")).await;
        let back = account(&counter, ann.table).await;
        assert_eq!((lines(&back, 0), &back["owed"]), (vec![line("service", 3.8)], &json!(41.8)), "{mode}");
        assert_eq!((&back["orders"][0]["payStatus"], &back["orders"][0]["status"]), (&json!(0), &json!(2)));
        assert_eq!(cash(&counter, &order, 41.8).await.body["code"], 1);
        let paid = ann.order_when(&order, |order| order["payStatus"] == 1).await;
        assert_eq!(paid["payMethod"], 3);
        let late = counter.send(Method::DELETE, "/admin/bill/adjustment/1", Value::Null).await;
        assert_eq!(late.error(), "ORDER_STATE", "somebody has paid now");
        assert_eq!(daemon.stored::<i64>("select count(*) from alert where kind = 1"), 1, "the kitchen heard it once");
    }
}

#[tokio::test]
async fn a_fixed_sum_that_left_nothing_to_pay_is_taken_back_too() {
    let daemon = shop("later", "0", "0.00", "0.00");
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let (first, second) = (round(&ann, &[1001], Value::Null).await, round(&ann, &[1002], Value::Null).await);
    assert_eq!(discount(&counter, json!({ "tableId": ann.table, "amount": 70.0 })).await.body["code"], 1);
    let nothing = account(&counter, ann.table).await;
    assert_eq!((&nothing["owed"], &nothing["orders"][1]["payStatus"]), (&json!(0.0), &json!(1)));
    undo(&counter, id_of(&nothing, 1, "discount")).await;
    assert_eq!(account(&counter, ann.table).await["owed"], 32.0);
    assert_eq!(cash(&counter, &second, 32.0).await.body["code"], 1);
    counter.ok(Method::PUT, "/admin/order/cancel", json!({ "id": first["orderId"], "cancelReason": "x" })).await;
    let cancelled = format!("/admin/bill/adjustment/{}", id_of(&nothing, 0, "discount"));
    assert_eq!(counter.send(Method::DELETE, &cancelled, Value::Null).await.error(), "ORDER_STATE");
    assert_eq!(account(&counter, ann.table).await["owed"], 0.0);
}

#[tokio::test]
async fn what_is_undone_leaves_nothing_behind_in_what_came_after_it() {
    for table_wide in [false, true] {
        let daemon = shop("later", "10", "0.00", "0.00");
        let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
        let order = round(&ann, &[1001, 1002], Value::Null).await;
        let target = |percent: i64| match table_wide {
            true => json!({ "tableId": ann.table, "percent": percent }),
            false => json!({ "orderId": order["orderId"], "percent": percent }),
        };
        free(&counter, &order, 1).await;
        assert_eq!(discount(&counter, target(10)).await.body["code"], 1);
        let both = account(&counter, ann.table).await;
        let wanted = vec![line("service", 3.2), line("free", -38.0), line("discount", -3.2)];
        assert_eq!((lines(&both, 0), &both["owed"]), (wanted, &json!(32.0)), "the fee is of what is not free");
        undo(&counter, id_of(&both, 0, "free")).await;
        let now = account(&counter, ann.table).await;
        assert_eq!((lines(&now, 0), &now["owed"]), (vec![line("service", 7.0), line("discount", -7.0)], &json!(70.0)));
        // The other way round: the dish is free of what the discount has left of it.
        free(&counter, &order, 2).await;
        let after = account(&counter, ann.table).await;
        assert_eq!((lines(&after, 0)[2].1, &after["owed"]), (-28.8, &json!(38.0)));
        undo(&counter, id_of(&after, 0, "discount")).await;
        let last = account(&counter, ann.table).await;
        assert_eq!((lines(&last, 0), &last["owed"]), (vec![line("service", 3.8), line("free", -32.0)], &json!(41.8)));
    }
}
