//! What an order costs beside its dishes: reductions that come and go, the fees of a party, and who may do it once.

use crate::support::{Answer, Counter, Daemon, Phone};
use futures_util::future::join_all;
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
    let mut body =
        json!({ "tableId": phone.table, "version": cart["version"], "opId": format!("v{}", cart["version"]) });
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

#[tokio::test]
async fn every_deed_with_money_is_done_once_under_its_name() {
    let daemon = shop("later", "0", "0.00", "0.00");
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let (first, second) = (round(&ann, &[1001, 1002], Value::Null).await, round(&ann, &[1004], Value::Null).await);
    let (one, two, post) = (&first["orderId"], &second["orderId"], Method::POST);
    let ten = json!({ "orderId": one, "percent": 10, "of": 70.0, "reason": "老顾客", "opId": "t1" });
    counter.eleven_times(post.clone(), "/admin/bill/discount", ten.clone()).await;
    let free = json!({ "orderId": one, "position": 2, "reason": "上错了", "opId": "t2" });
    counter.eleven_times(post.clone(), "/admin/bill/free", free).await;
    let packed = json!({ "id": two, "packed": true, "opId": "t11" });
    counter.eleven_times(Method::PUT, "/admin/order/packed", packed).await;
    let now = account(&counter, 1).await;
    assert_eq!((lines(&now, 0), &now["owed"]), (vec![line("discount", -7.0), line("free", -28.8)], &json!(56.2)));
    let undone = format!("/admin/bill/adjustment/{}?opId=t3", id_of(&now, 0, "free"));
    counter.eleven_times(Method::DELETE, &undone, Value::Null).await;
    let thirds = json!({ "tableId": 1, "by": "head", "heads": 3, "opId": "t12" });
    let thirds = counter.eleven_times(post.clone(), "/admin/bill/split", thirds).await["bill"]["billId"].clone();
    let whole = format!("/admin/bill/{thirds}?opId=t13");
    counter.eleven_times(Method::DELETE, &whole, Value::Null).await;
    let cut = json!({ "tableId": 1, "by": "head", "heads": 2, "opId": "t4" });
    let cut = counter.eleven_times(post.clone(), "/admin/bill/split", cut).await;
    assert_eq!(daemon.stored::<i64>("select count(*) from bill_part where state = 'open'"), 2);
    for (n, part) in cut["bill"]["parts"].as_array().unwrap().iter().enumerate() {
        let way = ["cash", "terminal"][n];
        let take = json!({ "partId": part["partId"], "method": way, "amount": 42.5, "opId": format!("t5{n}") });
        counter.eleven_times(post.clone(), "/admin/payment/counter", take).await;
    }
    let ledger = "select coalesce(sum(amount_fen), 0) from ledger_entry";
    assert_eq!(daemon.stored::<i64>(ledger), 8500);
    let back = json!({ "orderId": two, "amount": 2.0, "reason": "x", "opId": "t6" });
    counter.eleven_times(post.clone(), "/admin/payment/refund", back).await;
    let cancel = json!({ "id": one, "cancelReason": "x", "opId": "t7" });
    counter.eleven_times(Method::PUT, "/admin/order/cancel", cancel).await;
    let reject = json!({ "id": two, "rejectionReason": "x", "opId": "t8" });
    counter.eleven_times(Method::PUT, "/admin/order/rejection", reject).await;
    assert_eq!(daemon.stored::<i64>(ledger), 0);
    let member = json!({ "name": "安", "phone": "13800138000" });
    let member = counter.ok(post.clone(), "/admin/member", member).await["userId"].clone();
    let topup = json!({ "userId": member, "amount": 50.0, "paid": 50.0, "method": "cash", "opId": "t9" });
    let card = counter.eleven_times(post.clone(), "/admin/member/topup", topup).await;
    assert_eq!(card["balance"], 50.0);
    let today = counter.ok(Method::GET, "/admin/day/today", Value::Null).await["day"].clone();
    let close = json!({ "date": today, "cash": 0, "opId": "t10" });
    counter.eleven_times(post.clone(), "/admin/day/close", close).await;
    let acts = "select count(*) from audit where act in ('bill.discount', 'bill.free', 'bill.undo', 'bill.split', \
        'bill.void', 'payment.counter', 'payment.refund', 'order.cancel', 'member.topup', 'day.close', 'order.packed')";
    assert_eq!(daemon.stored::<i64>(acts), 14, "two of splits, payments and cancellations, of everything else one");

    // The same name for anything else is refused, whoever it was.
    for (method, path, body) in [
        (post.clone(), "/admin/bill/discount", json!({ "tableId": 1, "percent": 10, "reason": "x" })),
        (post.clone(), "/admin/bill/discount", json!({ "orderId": one, "percent": 20, "of": 70.0, "reason": "x" })),
        (post.clone(), "/admin/bill/free", json!({ "orderId": one, "position": 1, "reason": "x" })),
        (post.clone(), "/admin/bill/split", json!({ "tableId": 1, "by": "whole" })),
        (post.clone(), "/admin/payment/counter", json!({ "orderId": one, "method": "cash", "amount": 1.0 })),
        (post.clone(), "/admin/payment/scan", json!({ "orderId": one, "authCode": "131234567890123451" })),
        (post.clone(), "/admin/payment/refund", json!({ "orderId": one, "amount": 1.0 })),
        (post.clone(), "/admin/payment/review/1", json!({ "action": "refund" })),
        (Method::PUT, "/admin/order/cancel", json!({ "id": one })),
        (Method::PUT, "/admin/order/rejection", json!({ "id": one })),
        (post.clone(), "/admin/member/topup", json!({ "userId": member, "amount": 1.0 })),
        (post.clone(), "/admin/day/close", json!({ "date": today, "cash": 1.0, "again": true })),
        (Method::DELETE, "/admin/bill/adjustment/1?opId=t1", Value::Null),
    ] {
        let mut body = body;
        if body.is_object() {
            body["opId"] = json!("t1");
        }
        let reused = counter.send(method, path, body).await;
        assert_eq!(reused.error(), "OP_ID_REUSED", "{path} {}", reused.body);
    }
}

#[tokio::test]
async fn two_tills_with_the_same_guest_at_heart_give_one_discount() {
    let daemon = shop("later", "0", "0.00", "0.00");
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    for of_table in [true, false] {
        for off in [json!({ "percent": 10 }), json!({ "amount": 7.0 })] {
            let order = round(&ann, &[1001, 1002], Value::Null).await;
            let body = |of: Option<f64>, op: Option<&str>| {
                let mut body = off.clone();
                body[if of_table { "tableId" } else { "orderId" }] =
                    if of_table { json!(ann.table) } else { order["orderId"].clone() };
                body["of"] = json!(of);
                body["opId"] = json!(op);
                body
            };
            // Both saw 70.00.
            let both = join_all(["a", "b"].map(|till| {
                let op = format!("{till} {of_table} {off}");
                let body = body(Some(70.0), Some(&op));
                discount(&counter, body)
            }));
            let both = both.await;
            assert_eq!(both.iter().filter(|answer| answer.body["code"] == 1).count(), 1);
            let late = both.iter().find(|answer| answer.body["code"] != 1).unwrap();
            assert_eq!(late.error(), "DISCOUNTED_BEFORE");
            assert_eq!(late.body["msg"], "已有人优惠过，现在应收 63.00 元：请核对，确实还要优惠再按一次");
            // An old page that says nothing of what it saw does not take anything off twice.
            assert_eq!(discount(&counter, body(None, None)).await.error(), "DISCOUNTED_BEFORE");
            assert_eq!(account(&counter, ann.table).await["owed"], 63.0);
            assert_eq!(discount(&counter, body(Some(63.0), None)).await.body["code"], 1, "who saw it, means it");
            let owed = account(&counter, ann.table).await["owed"].as_f64().unwrap();
            assert_eq!(owed, if off["percent"].is_null() { 56.0 } else { 56.7 });
            free(&counter, &order, 1).await;
            let stale = discount(&counter, body(Some(owed), None)).await;
            assert_eq!(stale.error(), "DISCOUNTED_BEFORE");
            counter
                .ok(Method::PUT, "/admin/order/cancel", json!({ "id": order["orderId"], "cancelReason": "x" }))
                .await;
        }
    }
    let order = round(&ann, &[1001, 1002], Value::Null).await;
    free(&counter, &order, 1).await;
    let stale = discount(&counter, json!({ "tableId": ann.table, "percent": 10, "of": 70.0 })).await;
    assert_eq!(stale.body["msg"], "应收金额刚刚变了，现在是 32.00 元：请核对后再按一次");
    assert_eq!(stale.error(), "AMOUNT_CHANGED");
}

/// Heads and yuan of the party's covers, over all its orders that stand.
fn covers(account: &Value) -> f64 {
    let orders = account["orders"].as_array().unwrap().iter().filter(|order| order["status"] != 6);
    let all = orders.flat_map(|order| order["adjustments"].as_array().unwrap());
    all.filter(|one| one["kind"] == "cover").map(|one| one["amount"].as_f64().unwrap()).sum()
}

async fn set_heads(counter: &Counter, table: i64, heads: i64) {
    counter.ok(Method::PUT, &format!("/admin/table/heads/{table}"), json!({ "heads": heads })).await;
}

async fn open(counter: &Counter, table: i64, heads: i64) {
    counter.ok(Method::POST, &format!("/admin/table/open/{table}"), json!({ "heads": heads })).await;
}

async fn cancel(counter: &Counter, order: &Value) {
    let body = json!({ "id": order["orderId"], "cancelReason": "x" });
    counter.ok(Method::PUT, "/admin/order/cancel", body).await;
}

#[tokio::test]
async fn one_cover_a_head_follows_the_heads() {
    for mode in ["first", "later"] {
        let daemon = shop(mode, "0", "2.00", "0.00");
        let counter = daemon.counter().await;
        open(&counter, 1, 4).await;
        let ann = daemon.phone(0).await;
        let first = round(&ann, &[1001], json!({ "dinersCount": 9 })).await;
        assert_eq!(covers(&account(&counter, 1).await), 8.0, "as the counter has counted");
        set_heads(&counter, 1, 5).await;
        assert_eq!(covers(&account(&counter, 1).await), 10.0, "one more after the first round");
        set_heads(&counter, 1, 2).await;
        assert_eq!(
            (covers(&account(&counter, 1).await), account(&counter, 1).await["owed"].clone()),
            (4.0, json!(42.0))
        );
        // The diner cancels the order that carries it: it is another one's, or else the next one's.
        let second = round(&ann, &[1002], Value::Null).await;
        ann.ok(Method::POST, &format!("/api/store/order/{}/cancel", first["orderId"]), Value::Null).await;
        let now = account(&counter, 1).await;
        assert_eq!((covers(&now), lines(&now, 1)), (4.0, vec![line("cover", 4.0)]));
        cancel(&counter, &second).await;
        assert_eq!(covers(&account(&counter, 1).await), 0.0);
        let third = round(&ann, &[1004], Value::Null).await;
        assert_eq!(third["amount"], 26.0);
        // Paid is paid; who comes later is on the next order.
        assert_eq!(cash(&counter, &third, 26.0).await.body["code"], 1);
        set_heads(&counter, 1, 3).await;
        assert_eq!(account(&counter, 1).await["owed"], 0.0);
        assert_eq!(round(&ann, &[1004], Value::Null).await["amount"], 24.0, "{mode}");
        set_heads(&counter, 1, 1).await;
        assert_eq!(account(&counter, 1).await["owed"], 22.0, "what is paid is not given back by itself");
        assert_eq!(round(&ann, &[1004], Value::Null).await["amount"], 22.0);
    }
}

#[tokio::test]
async fn covers_of_parties_that_merge_add_in_every_order() {
    for (ordered, counted) in [
        ([true, false, true], [true, true, true]),
        ([false, true, false], [true, true, true]),
        ([true, true, true], [true, false, true]),
        ([true, true, true], [false, false, false]),
    ] {
        let daemon = shop("later", "0", "2.00", "0.00");
        let counter = daemon.counter().await;
        let mut phones = Vec::new();
        for (n, heads) in [2, 5, 3].into_iter().enumerate() {
            if counted[n] {
                open(&counter, n as i64 + 1, heads).await;
            }
            let phone = daemon.phone(n).await;
            if ordered[n] {
                round(&phone, &[1001], json!({ "dinersCount": heads })).await;
            }
            phones.push(phone);
        }
        counter.ok(Method::POST, "/admin/table/merge", json!({ "from": 1, "into": 2 })).await;
        counter.ok(Method::POST, "/admin/table/merge", json!({ "from": 2, "into": 3 })).await;
        let all = account(&counter, 3).await;
        assert_eq!((covers(&all), &all["heads"]), (20.0, &json!(10)), "{ordered:?} {counted:?}");
        counter.ok(Method::POST, "/admin/table/transfer", json!({ "from": 3, "to": 4 })).await;
        round(&phones[0], &[1001], json!({ "dinersCount": 2 })).await;
        assert_eq!(covers(&account(&counter, 4).await), 20.0, "once, whoever orders next");
        set_heads(&counter, 4, 8).await;
        assert_eq!(covers(&account(&counter, 4).await), 16.0);
    }
}

#[tokio::test]
async fn a_waived_cover_stays_waived() {
    let daemon = shop("later", "10", "2.00", "1.00");
    let counter = daemon.counter().await;
    open(&counter, 1, 4).await;
    let ann = daemon.phone(0).await;
    let first = round(&ann, &[1001], Value::Null).await;
    round(&ann, &[1002], Value::Null).await;
    let now = account(&counter, 1).await;
    undo(&counter, id_of(&now, 0, "cover")).await;
    undo(&counter, id_of(&now, 0, "service")).await;
    assert_eq!(account(&counter, 1).await["owed"], 73.2);
    let gone = format!("/admin/bill/adjustment/{}", id_of(&now, 0, "cover"));
    assert_eq!(counter.send(Method::DELETE, &gone, Value::Null).await.error(), "ADJUSTMENT_NOT_FOUND");
    set_heads(&counter, 1, 3).await;
    for packed in [true, false] {
        counter.ok(Method::PUT, "/admin/order/packed", json!({ "id": first["orderId"], "packed": packed })).await;
    }
    counter.ok(Method::POST, "/admin/table/open/2", json!({ "heads": 1 })).await;
    counter.ok(Method::POST, "/admin/table/merge", json!({ "from": 1, "into": 2 })).await;
    let now = account(&counter, 2).await;
    assert_eq!(lines(&now, 0), [], "nor the service fee of that order");
    assert_eq!(covers(&now), 0.0, "four were waived, and four sit here");
    cancel(&counter, &first).await;
    round(&ann, &[1004], Value::Null).await;
    assert_eq!(covers(&account(&counter, 2).await), 0.0, "also when the order that had it is cancelled");
    set_heads(&counter, 2, 6).await;
    let now = account(&counter, 2).await;
    assert_eq!(covers(&now), 4.0, "two more have come");
}

#[tokio::test]
async fn a_cover_waits_for_a_payment_that_is_under_way_or_ends_it() {
    let daemon = shop("later", "0", "2.00", "0.00");
    let counter = daemon.counter().await;
    open(&counter, 1, 2).await;
    let ann = daemon.phone(0).await;
    let order = round(&ann, &[1001], Value::Null).await;
    let shown = ann.start_payment(&order).await;
    // A correction that changes no price leaves the guest's code alone.
    set_heads(&counter, 1, 2).await;
    assert_eq!(daemon.stored::<String>("select state from payment"), "open");
    counter.ok(Method::POST, "/admin/table/open/2", json!({ "heads": 3 })).await;
    counter.ok(Method::POST, "/admin/table/merge", json!({ "from": 2, "into": 1 })).await;
    assert_eq!((covers(&account(&counter, 1).await), &shown["amount"]), (4.0, &json!(42.0)), "it waits");
    set_heads(&counter, 1, 6).await;
    assert_eq!(daemon.stored::<String>("select state from payment"), "closed");
    assert_eq!(account(&counter, 1).await["owed"], 50.0);
    let shown = ann.start_payment(&order).await;
    let next = round(&ann, &[1004], Value::Null).await;
    assert_eq!(next["amount"], 22.0);
    ann.press_pay(&shown, "once").await;
    ann.order_when(&order, |order| order["payStatus"] == 1).await;
    set_heads(&counter, 1, 7).await;
    assert_eq!(account(&counter, 1).await["owed"], 24.0);
    let half = counter.ok(Method::POST, "/admin/bill/split", json!({ "tableId": 1, "by": "head", "heads": 2 })).await;
    let part = json!({ "partId": half["bill"]["parts"][0]["partId"], "method": "cash", "amount": 12.0 });
    counter.ok(Method::POST, "/admin/payment/counter", part).await;
    set_heads(&counter, 1, 8).await;
    assert_eq!(account(&counter, 1).await["owed"], 12.0, "a bill with money in it keeps its price");
    assert_eq!(round(&ann, &[1004], Value::Null).await["amount"], 24.0, "and the next order brings the cover");
}

#[tokio::test]
async fn no_phone_decides_what_fees_its_party_pays() {
    let daemon = shop("later", "10", "2.00", "1.00");
    let counter = daemon.counter().await;
    open(&counter, 1, 4).await;
    let ann = daemon.phone(0).await;
    let order = round(&ann, &[1001], json!({ "packed": true, "dinersCount": 1 })).await;
    let now = account(&counter, 1).await;
    let wanted = vec![line("packing", 1.0), line("service", 3.8), line("cover", 8.0)];
    assert_eq!((lines(&now, 0), &now["orders"][0]["packed"]), (wanted, &json!(true)));
    let details = counter.ok(Method::GET, &format!("/admin/order/details/{}", order["orderId"]), Value::Null).await;
    assert_eq!((&details["packed"], &details["packAmount"]), (&json!(true), &json!(1.0)));
    let list = counter.ok(Method::GET, "/admin/order/conditionSearch?page=1&pageSize=10", Value::Null).await;
    assert_eq!(list["records"][0]["packed"], true);

    // Who has no seat and packs everything pays neither, until somebody eats here or is given a seat.
    let bob = daemon.phone(1).await;
    let away = round(&bob, &[1001], json!({ "packed": true, "dinersCount": 3 })).await;
    assert_eq!(away["amount"], 39.0);
    let here = round(&bob, &[1004], Value::Null).await;
    let now = account(&counter, 2).await;
    assert_eq!(lines(&now, 0), [line("packing", 1.0), line("service", 3.8)]);
    assert_eq!(lines(&now, 1), [line("service", 2.2), line("cover", 6.0)]);
    // Staff see that it is packed, too.
    let pack = |order: &Value, packed: bool| json!({ "id": order["orderId"], "packed": packed });
    counter.ok(Method::PUT, "/admin/order/packed", pack(&here, true)).await;
    let now = account(&counter, 2).await;
    assert_eq!((lines(&now, 0), lines(&now, 1)), (vec![line("packing", 1.0)], vec![line("packing", 1.0)]));
    for _ in 0..2 {
        counter.ok(Method::PUT, "/admin/order/packed", pack(&away, false)).await;
    }
    let now = account(&counter, 2).await;
    assert_eq!(covers(&now), 6.0);
    assert_eq!(now["owed"], 73.0, "what was taken away is eaten here: the other one has the packing");
    let cleo = daemon.phone(2).await;
    round(&cleo, &[1001], json!({ "packed": true })).await;
    set_heads(&counter, 3, 2).await;
    assert_eq!(account(&counter, 3).await["owed"], 46.8, "the counter has given them a seat");
    assert_eq!(cash(&counter, &order, 50.8).await.body["code"], 1);
    assert_eq!(counter.put("/admin/order/packed", pack(&order, false)).await.error(), "ORDER_STATE");
    assert_eq!(daemon.stored::<i64>("select count(*) from audit where act = 'order.packed'"), 2);
}
