//! One bill over several rounds: paid whole, by head, by item, in parts that are cut again; discounts, and money back.

use crate::member::Card;
use crate::support::{Answer, Counter, Daemon, PATIENCE, Phone};
use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const LEDGER: &str = "select coalesce(sum(amount_fen), 0) from ledger_entry";
const UNPAID: &str = "select count(*) from dining_order where pay_status = 0";
const CARD: &str = "select sum(balance_fen) from member";
const PAID_ALERTS: &str = "select count(*) from alert where kind = 4";

/// A round of these dishes.
async fn round(phone: &Phone, dishes: &[(i64, i64)], op_id: &str) -> Value {
    let mut cart = Value::Null;
    for (dish, quantity) in dishes {
        cart = phone.add(*dish, *quantity).await;
    }
    let answer = phone.submit(&cart["version"], op_id).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body["data"].clone()
}

async fn account(counter: &Counter, table: i64) -> Value {
    counter.ok(Method::GET, &format!("/admin/bill/table/{table}"), Value::Null).await
}

async fn split(counter: &Counter, body: Value) -> Value {
    counter.ok(Method::POST, "/admin/bill/split", body).await
}

async fn take(counter: &Counter, part: &Value, method: &str) -> Answer {
    let body = json!({ "partId": part["partId"], "method": method, "amount": part["amount"] });
    counter.send(Method::POST, "/admin/payment/counter", body).await
}

async fn pay(phone: &Phone, body: Value) -> Answer {
    phone.send(Method::POST, &format!("/api/store/bill/{}/pay", phone.table), body).await
}

fn parts(account: &Value, state: &str) -> Vec<Value> {
    let all = account["bill"]["parts"].as_array().cloned().unwrap_or_default();
    all.into_iter().filter(|part| part["state"] == state).collect()
}

fn yuan(parts: &[Value]) -> Vec<f64> {
    parts.iter().map(|part| part["amount"].as_f64().unwrap()).collect()
}

fn refused<'a>(answer: &'a Answer, code: &str) -> &'a str {
    assert_eq!(answer.error(), code, "{}", answer.body);
    answer.body["msg"].as_str().unwrap()
}

#[tokio::test]
async fn three_rounds_are_one_bill_that_one_code_pays() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, bob, counter) = (daemon.phone(0).await, daemon.phone(0).await, daemon.counter().await);
    let mut rounds = Vec::new();
    for (index, dishes) in [[(1001, 1), (1002, 2)], [(1003, 1), (1004, 1)], [(1017, 3), (1024, 1)]].iter().enumerate() {
        rounds.push(round([&ann, &bob][index % 2], dishes, &format!("r{index}")).await);
    }
    let mut told = bob.socket().await;
    let before = ann.get(&format!("/api/store/bill/{}", ann.table)).await;
    assert_eq!([&before["total"], &before["owed"], &before["paid"]], [&json!(238.0), &json!(238.0), &json!(0.0)]);
    assert_eq!((before["bill"].is_null(), before["orders"].as_array().unwrap().len()), (true, 3));
    let payment = pay(&ann, json!({ "provider": "demo" })).await.body["data"].clone();
    assert_eq!(payment["amount"], 238.0);
    told.frame("bill_update").await;
    let again = pay(&bob, json!({ "provider": "demo" })).await.body["data"].clone();
    assert_eq!(again, payment, "somebody else who pays all continues the same payment");
    ann.press_pay(&payment, "concurrent").await;
    for order in &rounds {
        let paid = ann.order_when(order, |order| order["payStatus"] == 1).await;
        assert_eq!((&paid["payMethod"], &paid["status"]), (&json!(9), &json!(2)));
    }
    let after = account(&counter, ann.table).await;
    assert_eq!([&after["owed"], &after["paid"], &after["bill"]["state"]], [&json!(0.0), &json!(238.0), &json!("paid")]);
    assert_eq!((daemon.stored::<i64>(LEDGER), daemon.stored::<i64>(PAID_ALERTS)), (23800, 1), "told once");
    let fourth = round(&bob, &[(1001, 1)], "r4").await;
    let after = account(&counter, ann.table).await;
    assert_eq!((&after["owed"], &after["bill"]), (&json!(38.0), &Value::Null), "a later round is the next bill's");
    ann.press_pay(&pay(&ann, Value::Null).await.body["data"], "lost").await;
    ann.order_when(&fourth, |order| order["payStatus"] == 1).await;
    assert_eq!(refused(&pay(&ann, Value::Null).await, "ORDER_STATE"), "没有要付的订单");
}

#[tokio::test]
async fn by_head_with_cash_terminal_and_a_code_that_is_paid_at_the_same_moment_as_cash() {
    for turn in 0..3 {
        let daemon = Daemon::demo(&["--pay", "later"]);
        let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
        round(&ann, &[(1001, 1)], "r1").await;
        round(&ann, &[(1002, 1), (1003, 1)], "r2").await;
        let account = split(&counter, json!({ "tableId": ann.table, "by": "head", "heads": 3 })).await;
        let open = parts(&account, "open");
        assert_eq!(yuan(&open), [36.0, 36.0, 36.0]);
        assert_eq!(take(&counter, &open[0], "cash").await.body["code"], 1);
        assert_eq!(take(&counter, &open[1], "terminal").await.body["code"], 1);
        assert_eq!(daemon.stored::<i64>(UNPAID), 2, "not before the last part");
        let payment = pay(&ann, json!({ "provider": "demo", "partId": open[2]["partId"] })).await.body["data"].clone();
        assert_eq!(payment["amount"], 36.0);
        let deliver = ["once", "lost", "late"][turn];
        let url = format!("{}?deliver={deliver}", payment["codeUrl"].as_str().unwrap());
        let (pressed, taken) = tokio::join!(ann.http.post(url).send(), take(&counter, &open[2], "cash"));
        let (pressed, taken) = (pressed.unwrap().status() == StatusCode::OK, taken.body["code"] == 1);
        assert!(pressed || taken);
        daemon.stored_when(UNPAID, 0).await;
        if pressed && taken {
            daemon.stored_when("select count(*) from refund where state = 'done'", 1).await;
        }
        daemon.stored_when("select count(*) from payment where state in ('creating', 'open')", 0).await;
        daemon.stored_when(LEDGER, 10800).await;
        assert_eq!(daemon.stored::<i64>("select count(*) from bill_part where state = 'paid'"), 3, "{deliver}");
        assert_eq!(daemon.stored::<i64>("select count(*) from order_event where input = 'Paid'"), 2, "{deliver}");
    }
}

#[tokio::test]
async fn two_cashiers_who_take_the_same_part_take_it_once() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    round(&ann, &[(1001, 2)], "r1").await;
    let account = split(&counter, json!({ "tableId": ann.table, "by": "head", "heads": 2 })).await;
    let open = parts(&account, "open");
    let takes = join_all((0..10).map(|index| take(&counter, &open[0], ["cash", "terminal"][index % 2]))).await;
    assert_eq!(takes.iter().filter(|answer| answer.body["code"] == 1).count(), 1);
    for answer in takes.iter().filter(|answer| answer.body["code"] != 1) {
        assert_eq!(refused(answer, "ORDER_STATE"), "这一份已付款");
    }
    assert_eq!(daemon.stored::<i64>(LEDGER), 3800);
    let wrong = json!({ "partId": open[1]["partId"], "method": "cash", "amount": 37.99 });
    let wrong = counter.send(Method::POST, "/admin/payment/counter", wrong).await;
    assert_eq!(refused(&wrong, "WRONG_AMOUNT"), "金额不符，应收 38.00 元");
}

#[tokio::test]
async fn by_item_each_pays_what_they_had_and_what_nobody_named_is_one_more_part() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let first = round(&ann, &[(1001, 1), (1002, 2)], "r1").await;
    let second = round(&ann, &[(1004, 1)], "r2").await;
    let of = |order: &Value, position: i64, quantity: i64| json!({ "orderId": order["orderId"], "position": position, "quantity": quantity });
    let body = |items: Vec<Value>| json!({ "tableId": ann.table, "by": "item", "parts": [{ "label": "王先生", "items": items }] });
    for items in [vec![of(&first, 2, 3)], vec![of(&first, 3, 1)], vec![of(&first, 1, 0)]] {
        let answer = counter.send(Method::POST, "/admin/bill/split", body(items)).await;
        refused(&answer, "BAD_SPLIT");
    }
    let account = split(&counter, body(vec![of(&first, 1, 1), of(&first, 2, 1)])).await;
    let open = parts(&account, "open");
    assert_eq!((yuan(&open), &open[0]["label"]), (vec![70.0, 54.0], &json!("王先生")));
    assert_eq!(open[1]["items"], json!([of(&first, 2, 1), of(&second, 1, 1)]));
    let single = json!({ "orderId": second["orderId"], "method": "cash", "amount": 22.0 });
    let single = counter.send(Method::POST, "/admin/payment/counter", single).await;
    assert_eq!(refused(&single, "ORDER_STATE"), "订单在本桌的账单里，请按账单付款");
    let whole = pay(&ann, json!({ "provider": "demo" })).await;
    assert_eq!(refused(&whole, "BAD_SPLIT"), "本桌已分单，请选择要付的那一份");
    let stranger = daemon.phone(1).await;
    let theirs = json!({ "provider": "demo", "partId": open[0]["partId"] });
    refused(&pay(&stranger, theirs).await, "BILL_NOT_FOUND");
    for part in &open {
        assert_eq!(take(&counter, part, "cash").await.body["code"], 1);
    }
    assert_eq!((daemon.stored::<i64>(UNPAID), daemon.stored::<i64>(LEDGER)), (0, 12400));
}

#[tokio::test]
async fn the_rest_is_cut_again_after_one_part_is_paid() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    round(&ann, &[(1001, 1), (1002, 1), (1003, 1)], "r1").await;
    let account = split(&counter, json!({ "tableId": ann.table, "by": "head", "heads": 4 })).await;
    let quarters = parts(&account, "open");
    assert_eq!(take(&counter, &quarters[0], "cash").await.body["code"], 1);
    let shown = pay(&ann, json!({ "provider": "demo", "partId": quarters[1]["partId"] })).await.body["data"].clone();
    let later = round(&ann, &[(1004, 1)], "r2").await;
    let account = split(&counter, json!({ "tableId": ann.table, "by": "head", "heads": 2 })).await;
    assert_eq!((yuan(&parts(&account, "paid")), yuan(&parts(&account, "open"))), (vec![27.0], vec![51.5, 51.5]));
    assert_eq!(account["owed"], 103.0, "the rest, and the later round");
    let page = ann.http.post(shown["codeUrl"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::CONFLICT, "a code of the old cut can't be paid any more");
    assert_eq!(refused(&take(&counter, &quarters[2], "cash").await, "ORDER_STATE"), "账单已重新分单，请刷新");
    let id = account["bill"]["billId"].as_i64().unwrap();
    counter.ok(Method::DELETE, &format!("/admin/bill/{id}"), Value::Null).await;
    assert_eq!(daemon.stored::<i64>("select count(*) from bill_part where state = 'open'"), 0);
    let rest = pay(&ann, json!({ "provider": "demo" })).await.body["data"].clone();
    assert_eq!(rest["amount"], 103.0, "all that is owed");
    ann.press_pay(&rest, "once").await;
    daemon.stored_when(UNPAID, 0).await;
    assert_eq!(ann.get(&format!("/api/store/order/{}", later["orderId"])).await["payStatus"], 1);
    assert_eq!(daemon.stored::<i64>(LEDGER), 13000);
}

#[tokio::test]
async fn what_is_taken_off_needs_a_reason_and_the_till_and_is_in_the_audit_log() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let first = round(&ann, &[(1001, 1), (1002, 1)], "r1").await;
    let second = round(&ann, &[(1004, 1)], "r2").await;
    let payment = ann.start_payment(&first).await;
    let ten = json!({ "tableId": ann.table, "percent": 10, "reason": "老顾客" });
    for (body, code) in [
        (json!({ "tableId": ann.table, "percent": 10, "reason": " " }), "BAD_REQUEST"),
        (json!({ "tableId": ann.table, "percent": 100, "reason": "x" }), "BAD_REQUEST"),
        (json!({ "tableId": ann.table, "amount": -1.0, "reason": "x" }), "BAD_REQUEST"),
        (json!({ "tableId": ann.table, "amount": 92.01, "reason": "x" }), "DISCOUNT_TOO_LARGE"),
        (json!({ "orderId": 4711, "percent": 10, "reason": "x" }), "ORDER_NOT_FOUND"),
    ] {
        refused(&counter.send(Method::POST, "/admin/bill/discount", body).await, code);
    }
    for (path, body, code) in [
        ("/admin/bill/split", json!({ "tableId": ann.table, "by": "head", "heads": 51 }), "BAD_SPLIT"),
        ("/admin/bill/free", json!({ "orderId": first["orderId"], "position": 9, "reason": "x" }), "BAD_REQUEST"),
    ] {
        refused(&counter.send(Method::POST, path, body).await, code);
    }
    let early =
        counter.send(Method::PUT, "/admin/order/rejection", json!({ "id": 4711, "rejectionReason": "x" })).await;
    refused(&early, "ORDER_NOT_FOUND");
    assert_eq!(daemon.stored::<i64>("select count(*) from adjustment"), 0, "what is refused has no effect");
    assert_eq!(daemon.stored::<String>("select state from payment"), "open", "the guest's code is as good as before");
    counter.ok(Method::POST, "/admin/bill/discount", ten.clone()).await;
    let page = ann.http.post(payment["codeUrl"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::CONFLICT, "the code with the old price is closed first");
    let changed = ann.order_when(&first, |order| order["amount"] == 63.0).await;
    assert_eq!(changed["adjustments"][0]["amount"], -7.0);
    let free = json!({ "orderId": first["orderId"], "position": 2, "reason": "有头发" });
    for _ in 0..2 {
        counter.ok(Method::POST, "/admin/bill/free", free.clone()).await;
    }
    let account_now = account(&counter, ann.table).await;
    assert_eq!((&account_now["owed"], &account_now["orders"][0]["items"][1]["free"]), (&json!(54.0), &json!(true)));
    let discount = changed["adjustments"][0]["adjustmentId"].clone();
    let given = account_now["orders"][0]["adjustments"][1]["adjustmentId"].clone();
    counter.ok(Method::DELETE, &format!("/admin/bill/adjustment/{discount}"), Value::Null).await;
    assert_eq!(account(&counter, ann.table).await["owed"], 57.8, "the free dish is free of its whole price now");
    counter.ok(Method::DELETE, &format!("/admin/bill/adjustment/{given}"), Value::Null).await;
    assert_eq!(account(&counter, ann.table).await["owed"], 89.8);
    let gone = counter.send(Method::DELETE, &format!("/admin/bill/adjustment/{discount}"), Value::Null).await;
    refused(&gone, "ADJUSTMENT_NOT_FOUND");
    // The last dish free as well: nothing is left to pay, so it counts as paid.
    counter
        .ok(Method::POST, "/admin/bill/free", json!({ "orderId": second["orderId"], "position": 1, "reason": "店庆" }))
        .await;
    let nothing = ann.order_when(&second, |order| order["payStatus"] == 1).await;
    assert_eq!(nothing["amount"], 0.0);
    let acts = "select group_concat(act, ' ') from (select act from audit where act like 'bill.%' order by id)";
    assert_eq!(daemon.stored::<String>(acts), "bill.discount bill.free bill.undo bill.undo bill.free");
    let detail = "select detail from audit where act = 'bill.free' order by id limit 1";
    assert_eq!(daemon.stored::<String>(detail), "鱼香肉丝 x1 -28.80 有头发");
    let database = rusqlite::Connection::open(daemon.data.join("tablebell.db")).unwrap();
    database.busy_timeout(PATIENCE).unwrap();
    for role in ["waiter", "kitchen"] {
        database.execute("update staff set role = ?", [role]).unwrap();
        let hands = daemon.counter().await;
        for (method, path) in [
            (Method::POST, "/admin/bill/discount"),
            (Method::POST, "/admin/bill/free"),
            (Method::DELETE, "/admin/bill/adjustment/1"),
        ] {
            assert_eq!(hands.send(method, path, ten.clone()).await.error(), "FORBIDDEN", "{role} {path}");
        }
    }
}

#[tokio::test]
async fn a_table_that_is_cleared_while_its_bill_is_being_paid_gets_that_money() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    round(&ann, &[(1001, 1)], "r1").await;
    round(&ann, &[(1002, 1)], "r2").await;
    let shown = pay(&ann, json!({ "provider": "demo" })).await.body["data"].clone();
    counter.ok(Method::POST, "/admin/table/clear/1", json!({ "reason": "顾客说已付" })).await;
    ann.press_pay(&shown, "once").await;
    daemon.stored_when(UNPAID, 0).await;
    assert_eq!((daemon.stored::<i64>(LEDGER), daemon.stored::<i64>("select count(*) from refund")), (7000, 0));
}

#[tokio::test]
async fn a_cleared_table_s_bill_goes_on_until_its_payment_has_ended() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let order = round(&ann, &[(1001, 1)], "r1").await;
    let account = split(&counter, json!({ "tableId": ann.table, "by": "head", "heads": 2 })).await;
    let part = json!({ "provider": "demo", "partId": parts(&account, "open")[0]["partId"] });
    assert_eq!(pay(&ann, part).await.body["code"], 200);
    counter.ok(Method::POST, "/admin/table/clear/1", json!({ "reason": "跑单" })).await;
    assert_eq!(daemon.stored::<String>("select state from bill"), "open", "the guest may be typing the password");
    // Cancelling closes what is under way at the provider first.
    counter.ok(Method::PUT, "/admin/order/cancel", json!({ "id": order["orderId"], "cancelReason": "跑单" })).await;
    assert_eq!(daemon.stored::<String>("select state from payment"), "closed");
    assert_eq!(daemon.stored::<String>("select state from bill"), "void");
    assert_eq!(daemon.stored::<i64>("select status from dining_order"), 6);
}

#[tokio::test]
async fn a_table_is_not_cleared_while_an_order_before_the_meal_is_paid_in_part() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let order = round(&ann, &[(1001, 1)], "r1").await;
    let account = split(&counter, json!({ "tableId": ann.table, "by": "head", "heads": 2 })).await;
    assert_eq!(take(&counter, &parts(&account, "open")[0], "cash").await.body["code"], 1);
    for body in [json!({}), json!({ "reason": "走了" })] {
        let cleared = counter.send(Method::POST, "/admin/table/clear/1", body).await;
        assert_eq!(refused(&cleared, "ORDER_STATE"), "账单只付了一部分：请收齐其余，或取消订单退款，再清台");
    }
    assert_eq!(daemon.stored::<i64>("select count(*) from seating where closed_at is null"), 1);
    counter.ok(Method::PUT, "/admin/order/cancel", json!({ "id": order["orderId"], "cancelReason": "走了" })).await;
    counter.ok(Method::POST, "/admin/table/clear/1", Value::Null).await;
    daemon.stored_when(LEDGER, 0).await;
}

#[tokio::test]
async fn only_the_till_lets_dishes_go_that_are_on_the_table() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, owner) = (daemon.phone(0).await, daemon.counter().await);
    let (eaten, fresh) = (round(&ann, &[(1001, 1)], "r1").await, round(&ann, &[(1002, 1)], "r2").await);
    crate::employee::hire(&owner, "lina", "waiter").await;
    let lina = crate::employee::log_in(&daemon, "lina").await;
    for order in [&eaten, &fresh] {
        lina.ok(Method::PUT, "/admin/order/confirm", json!({ "id": order["orderId"] })).await;
    }
    lina.ok(Method::PUT, &format!("/admin/order/delivery/{}", eaten["orderId"]), Value::Null).await;
    let cancel = |order: &Value| json!({ "id": order["orderId"], "cancelReason": "算了" });
    refused(&lina.send(Method::PUT, "/admin/order/cancel", cancel(&eaten)).await, "FORBIDDEN");
    lina.ok(Method::PUT, "/admin/order/cancel", cancel(&fresh)).await;
    owner.ok(Method::PUT, "/admin/order/cancel", cancel(&eaten)).await;
}

#[tokio::test]
async fn an_order_of_a_paid_bill_goes_back_out_of_its_parts_and_never_more_than_its_share() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let first = round(&ann, &[(1001, 1)], "r1").await;
    let second = round(&ann, &[(1002, 1), (1003, 1)], "r2").await;
    let account = split(&counter, json!({ "tableId": ann.table, "by": "head", "heads": 3 })).await;
    let open = parts(&account, "open");
    take(&counter, &open[0], "cash").await;
    take(&counter, &open[1], "terminal").await;
    let early = json!({ "orderId": first["orderId"], "amount": 1.0, "opId": "early" });
    refused(&counter.send(Method::POST, "/admin/payment/refund", early).await, "ORDER_STATE");
    let payment = pay(&ann, json!({ "provider": "demo", "partId": open[2]["partId"] })).await.body["data"].clone();
    ann.press_pay(&payment, "once").await;
    ann.order_when(&first, |order| order["payStatus"] == 1).await;
    let book = async |order: &Value| {
        counter.ok(Method::GET, &format!("/admin/payment/order/{}", order["orderId"]), Value::Null).await
    };
    assert_eq!((&book(&first).await["balance"], &book(&second).await["balance"]), (&json!(38.0), &json!(70.0)));
    let refund = async |order: &Value, amount: f64, op_id: &str| {
        let body = json!({ "orderId": order["orderId"], "amount": amount, "reason": "少上", "opId": op_id });
        counter.send(Method::POST, "/admin/payment/refund", body).await
    };
    assert_eq!(refused(&refund(&first, 38.01, "a").await, "WRONG_AMOUNT"), "最多可退 38.00 元");
    for _ in 0..2 {
        assert_eq!(refund(&first, 37.0, "b").await.body["code"], 1, "and the same tap again");
    }
    daemon.stored_when(LEDGER, 7100).await;
    assert_eq!((&book(&first).await["balance"], &book(&second).await["balance"]), (&json!(1.0), &json!(70.0)));
    refused(&refund(&first, 1.01, "c").await, "WRONG_AMOUNT");
    let body = json!({ "id": second["orderId"], "cancelReason": "没有菜了" });
    assert_eq!(counter.put("/admin/order/cancel", body).await.body["code"], 1);
    ann.order_when(&second, |order| order["payStatus"] == 2 && order["status"] == 6).await;
    daemon.stored_when(LEDGER, 100).await;
    assert_eq!(refund(&first, 1.0, "d").await.body["code"], 1);
    ann.order_when(&first, |order| order["payStatus"] == 2 && order["status"] == 6).await;
    let over = "select count(*) from payment p where received_fen < \
        (select coalesce(sum(amount_fen), 0) from refund r where r.payment_id = p.id and r.state = 'done')";
    assert_eq!((daemon.stored::<i64>(LEDGER), daemon.stored::<i64>(over)), (0, 0));
}

#[tokio::test]
async fn a_part_goes_back_while_the_others_are_still_to_pay_and_is_paid_again_another_way() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let order = round(&ann, &[(1001, 1)], "r1").await;
    let account_now = split(&counter, json!({ "tableId": ann.table, "by": "head", "heads": 2 })).await;
    let open = parts(&account_now, "open");
    let back = async |part: &Value, op_id: &str| {
        let body = json!({ "partId": part["partId"], "reason": "客人改刷卡", "opId": op_id });
        counter.send(Method::POST, "/admin/payment/refund", body).await
    };
    refused(&back(&open[0], "early").await, "ORDER_STATE");
    take(&counter, &open[0], "cash").await;
    assert_eq!(daemon.stored::<i64>(LEDGER), 1900);
    let together = join_all([back(&open[0], "op"), back(&open[0], "op")]).await;
    assert!(together.iter().all(|answer| answer.body["code"] == 1), "a repeat is answered the same: {together:?}");
    assert_eq!(daemon.stored::<i64>(LEDGER), 0, "cash goes back at once, once");
    refused(&back(&open[0], "another").await, "ORDER_STATE");
    let account_now = account(&counter, ann.table).await;
    assert_eq!((&account_now["owed"], &account_now["paid"]), (&json!(38.0), &json!(0.0)));
    let open = parts(&account_now, "open");
    assert_eq!(yuan(&open), [19.0, 19.0]);
    take(&counter, &open[0], "terminal").await;
    take(&counter, &open[1], "cash").await;
    ann.order_when(&order, |order| order["payStatus"] == 1).await;
    assert_eq!(daemon.stored::<i64>(LEDGER), 3800);
    let late = back(&open[0], "late").await;
    assert_eq!(refused(&late, "ORDER_STATE"), "账单已付清，请按订单退款");
    let whole = json!({ "orderId": order["orderId"], "amount": 38.0, "opId": "whole" });
    assert_eq!(counter.send(Method::POST, "/admin/payment/refund", whole).await.body["code"], 1);
    daemon.stored_when(LEDGER, 0).await;
    assert_eq!(daemon.stored::<i64>("select count(*) from audit where act = 'payment.refund'"), 2);
    let nothing = json!({ "orderId": order["orderId"], "opId": "x" });
    refused(&counter.send(Method::POST, "/admin/payment/refund", nothing).await, "BAD_REQUEST");
}

#[tokio::test]
async fn a_part_paid_by_code_goes_back_through_the_provider_and_its_bill_goes_on() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let order = round(&ann, &[(1001, 1)], "r1").await;
    let open = parts(&split(&counter, json!({ "tableId": ann.table, "by": "head", "heads": 2 })).await, "open");
    let payment = pay(&ann, json!({ "provider": "demo", "partId": open[0]["partId"] })).await.body["data"].clone();
    ann.press_pay(&payment, "once").await;
    daemon.stored_when(LEDGER, 1900).await;
    let body = json!({ "partId": open[0]["partId"], "opId": "op" });
    assert_eq!(counter.send(Method::POST, "/admin/payment/refund", body).await.body["code"], 1);
    let again = parts(&account(&counter, ann.table).await, "open");
    assert_eq!(yuan(&again), [19.0, 19.0], "to be paid at once, while the provider sends the money back");
    for part in &again {
        take(&counter, part, "cash").await;
    }
    ann.order_when(&order, |order| order["payStatus"] == 1).await;
    daemon.stored_when(LEDGER, 3800).await;
    ann.press_pay(&payment, "once").await;
    daemon.stored_when("select count(*) from refund where state = 'done'", 1).await;
    assert_eq!(daemon.stored::<i64>(LEDGER), 3800, "the provider's repeat is neither paid again nor sent back again");
}

#[tokio::test]
async fn an_order_that_is_cancelled_while_its_bill_is_half_paid_leaves_what_the_others_cost() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let first = round(&ann, &[(1001, 1)], "r1").await;
    let second = round(&ann, &[(1002, 1), (1003, 1)], "r2").await;
    let cut = split(&counter, json!({ "tableId": ann.table, "by": "head", "heads": 2 })).await;
    let open = parts(&cut, "open");
    take(&counter, &open[0], "cash").await;
    let discount = json!({ "orderId": first["orderId"], "percent": 10, "reason": "x" });
    let late = counter.send(Method::POST, "/admin/bill/discount", discount).await;
    assert_eq!(refused(&late, "ORDER_STATE"), "账单已有人付款，不能再改价");
    let withdrawn = ann.send(Method::POST, &format!("/api/store/order/{}/cancel", first["orderId"]), Value::Null).await;
    refused(&withdrawn, "ORDER_STATE");
    cancel(&counter, &second).await;
    assert_eq!(daemon.stored::<i64>(LEDGER), 1900, "54 came, half of the 70 that are off went back");
    let now = account(&counter, ann.table).await;
    assert_eq!(
        (&now["owed"], yuan(&parts(&now, "paid")), yuan(&parts(&now, "open"))),
        (&json!(19.0), vec![19.0], vec![19.0])
    );
    assert_eq!(take(&counter, &parts(&now, "open")[0], "terminal").await.body["code"], 1);
    ann.order_when(&first, |order| order["payStatus"] == 1).await;
    let ended = ann.get(&format!("/api/store/order/{}", second["orderId"])).await;
    assert_eq!((&ended["status"], &ended["payStatus"]), (&json!(6), &json!(0)));
}

async fn cancel(counter: &Counter, order: &Value) {
    let body = json!({ "id": order["orderId"], "cancelReason": "没有菜了" });
    assert_eq!(counter.put("/admin/order/cancel", body).await.body["code"], 1);
}

fn items(order: &Value, of: &[(i64, i64)]) -> Vec<Value> {
    let share =
        |(at, quantity): &(i64, i64)| json!({ "orderId": order["orderId"], "position": at, "quantity": quantity });
    of.iter().map(share).collect()
}

/// Three guests with an order and a part each.
async fn three_guests(phone: &Phone, counter: &Counter) -> ([Value; 3], Vec<Value>) {
    let orders = [
        round(phone, &[(1001, 1)], "r1").await,
        round(phone, &[(1001, 1)], "r2").await,
        round(phone, &[(1002, 1)], "r3").await,
    ];
    let named: Vec<Value> = ["甲", "乙", "丙"]
        .iter()
        .zip(&orders)
        .map(|(label, order)| json!({ "label": label, "items": items(order, &[(1, 1)]) }))
        .collect();
    let cut = split(counter, json!({ "tableId": phone.table, "by": "item", "parts": named })).await;
    assert_eq!(yuan(&parts(&cut, "open")), [38.0, 38.0, 32.0]);
    (orders, parts(&cut, "open"))
}

#[tokio::test]
async fn what_a_guest_paid_for_a_cancelled_order_goes_back_to_that_guest_and_pays_for_nobody_else() {
    for (mode, method) in
        [("later", "cash"), ("later", "code"), ("later", "balance"), ("first", "terminal"), ("first", "code")]
    {
        let daemon = Daemon::demo(&["--pay", mode]);
        let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
        let (orders, open) = three_guests(&ann, &counter).await;
        let card = Card::new(&counter, "13800138000", 0, 50).await;
        let part = &open[0]["partId"];
        match method {
            "code" => {
                let body = json!({ "provider": "demo", "partId": part });
                ann.press_pay(&pay(&ann, body).await.body["data"], "once").await;
            }
            "balance" => {
                let body = json!({ "partId": part, "method": method, "amount": 38.0, "memberCode": card.code().await });
                counter.ok(Method::POST, "/admin/payment/counter", body).await;
                assert_eq!(daemon.stored::<i64>(CARD), 1200);
            }
            _ => drop(take(&counter, &open[0], method).await),
        }
        daemon.stored_when(LEDGER, 3800).await;
        cancel(&counter, &orders[0]).await;
        daemon.stored_when(LEDGER, 0).await;
        assert_eq!(daemon.stored::<i64>(CARD), 5000, "{method}");
        let now = account(&counter, ann.table).await;
        assert_eq!((&now["owed"], &now["paid"]), (&json!(70.0), &json!(0.0)), "{mode} {method}");
        assert_eq!(parts(&now, "open"), open[1..], "the others pay what they were to pay");
        assert_eq!(parts(&now, "paid"), [Value::Null; 0]);
        assert_eq!(daemon.stored::<i64>("select count(*) from dining_order where pay_status = 1"), 0);
        for part in &open[1..] {
            assert_eq!(take(&counter, part, "cash").await.body["code"], 1);
        }
        for order in &orders[1..] {
            ann.order_when(order, |order| order["payStatus"] == 1 && order["status"] == 2).await;
        }
        daemon.stored_when(LEDGER, 7000).await;
    }
}

#[tokio::test]
async fn a_paid_bill_s_order_goes_back_to_all_who_paid_a_part_of_it() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let first = round(&ann, &[(1001, 1)], "r1").await;
    let second = round(&ann, &[(1002, 1)], "r2").await;
    let cut = split(&counter, json!({ "tableId": ann.table, "by": "head", "heads": 2 })).await;
    for (part, method) in parts(&cut, "open").iter().zip(["cash", "terminal"]) {
        assert_eq!(take(&counter, part, method).await.body["code"], 1);
    }
    ann.order_when(&first, |order| order["payStatus"] == 1).await;
    let back = json!({ "orderId": second["orderId"], "amount": 2.0, "reason": "凉了", "opId": "cold" });
    assert_eq!(counter.send(Method::POST, "/admin/payment/refund", back).await.body["code"], 1);
    cancel(&counter, &first).await;
    daemon.stored_when(LEDGER, 3000).await;
    let by = |method: &str| {
        format!("select -sum(amount_fen) from ledger_entry where kind = 'refund' and method = '{method}'")
    };
    assert_eq!([daemon.stored::<i64>(&by("cash")), daemon.stored::<i64>(&by("terminal"))], [2000, 2000]);
}

#[tokio::test]
async fn a_half_paid_bill_and_a_new_round_are_one_sum_that_is_split_discounted_and_paid() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let first = round(&ann, &[(1001, 2)], "r1").await;
    let cut = split(&counter, json!({ "tableId": ann.table, "by": "head", "heads": 2 })).await;
    take(&counter, &parts(&cut, "open")[0], "cash").await;
    let second = round(&ann, &[(1002, 1)], "r2").await;
    assert_eq!(account(&counter, ann.table).await["owed"], 70.0, "38 of the first round, and 32");
    // As the counter's page picks: all dishes that are not on a paid part.
    let named = json!([{ "items": items(&first, &[(1, 1)]) }, { "items": items(&second, &[(1, 1)]) }]);
    let cut = split(&counter, json!({ "tableId": ann.table, "by": "item", "parts": named })).await;
    let open = parts(&cut, "open");
    assert_eq!((yuan(&open), &cut["owed"]), (vec![19.0, 32.0, 19.0], &json!(70.0)));
    assert_eq!([&open[0]["label"], &open[1]["label"]], ["第2份", "第3份"], "parts are numbered on");
    // The whole table has ten percent off: of the round that nobody has paid of.
    let discount = json!({ "tableId": ann.table, "percent": 10, "reason": "老顾客" });
    counter.ok(Method::POST, "/admin/bill/discount", discount).await;
    let now = account(&counter, ann.table).await;
    assert_eq!((&now["owed"], yuan(&parts(&now, "open"))), (&json!(66.8), vec![19.0, 19.0]));
    // And the phone pays all of it, as it was told.
    let refused_whole = pay(&ann, json!({ "provider": "demo" })).await;
    assert_eq!(refused(&refused_whole, "BAD_SPLIT"), "本桌已分单，请选择要付的那一份");
    let id = now["bill"]["billId"].as_i64().unwrap();
    counter.ok(Method::DELETE, &format!("/admin/bill/{id}"), Value::Null).await;
    let whole = pay(&ann, json!({ "provider": "demo" })).await.body["data"].clone();
    assert_eq!(whole["amount"], 66.8);
    ann.press_pay(&whole, "once").await;
    daemon.stored_when(UNPAID, 0).await;
    assert_eq!((daemon.stored::<i64>(LEDGER), account(&counter, ann.table).await["owed"].clone()), (10480, json!(0.0)));
}

#[tokio::test]
async fn a_half_paid_table_that_is_merged_pays_its_rest_with_the_other_s() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, bob, counter) = (daemon.phone(0).await, daemon.phone(1).await, daemon.counter().await);
    round(&ann, &[(1001, 1)], "r1").await;
    let cut = split(&counter, json!({ "tableId": ann.table, "by": "head", "heads": 2 })).await;
    take(&counter, &parts(&cut, "open")[0], "cash").await;
    let theirs = round(&bob, &[(1002, 1)], "r1").await;
    let merge = json!({ "from": ann.table, "into": bob.table });
    counter.ok(Method::POST, "/admin/table/merge", merge).await;
    let now = account(&counter, bob.table).await;
    assert_eq!((&now["owed"], yuan(&parts(&now, "open"))), (&json!(51.0), vec![19.0]));
    let whole = split(&counter, json!({ "tableId": bob.table, "by": "whole" })).await;
    assert_eq!(yuan(&parts(&whole, "open")), [51.0]);
    assert_eq!(take(&counter, &parts(&whole, "open")[0], "terminal").await.body["code"], 1);
    bob.order_when(&theirs, |order| order["payStatus"] == 1).await;
    assert_eq!((daemon.stored::<i64>(UNPAID), daemon.stored::<i64>(LEDGER)), (0, 7000));
}

#[tokio::test]
async fn a_bill_that_is_cut_no_more_and_whose_money_went_back_is_all_to_be_paid() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    round(&ann, &[(1001, 2), (1004, 1)], "r1").await;
    let cut = split(&counter, json!({ "tableId": ann.table, "by": "head", "heads": 4 })).await;
    let first = parts(&cut, "open")[0].clone();
    take(&counter, &first, "cash").await;
    let id = cut["bill"]["billId"].as_i64().unwrap();
    counter.ok(Method::DELETE, &format!("/admin/bill/{id}"), Value::Null).await;
    let back = json!({ "partId": first["partId"], "opId": "back" });
    assert_eq!(counter.send(Method::POST, "/admin/payment/refund", back).await.body["code"], 1);
    assert_eq!(account(&counter, ann.table).await["owed"], 98.0);
    let whole = pay(&ann, json!({ "provider": "demo" })).await.body["data"].clone();
    assert_eq!(whole["amount"], 98.0);
    ann.press_pay(&whole, "once").await;
    daemon.stored_when(UNPAID, 0).await;
    assert_eq!(daemon.stored::<i64>(LEDGER), 9800);
}

#[tokio::test]
async fn money_that_comes_for_a_part_after_the_table_is_cleared_goes_back_and_somebody_is_told() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let order = round(&ann, &[(1001, 1)], "r1").await;
    let cut = split(&counter, json!({ "tableId": ann.table, "by": "head", "heads": 3 })).await;
    let open = parts(&cut, "open");
    let mut codes = Vec::new();
    for part in &open[..2] {
        let body = json!({ "provider": "demo", "partId": part["partId"] });
        codes.push(pay(&ann, body).await.body["data"].clone());
    }
    counter.ok(Method::POST, "/admin/table/clear/1", json!({ "reason": "走了" })).await;
    for code in &codes {
        let page = ann.http.post(code["codeUrl"].as_str().unwrap()).send().await.unwrap();
        // The second may be closed by then: the party has left, and nobody waits for it.
        assert!([StatusCode::OK, StatusCode::CONFLICT].contains(&page.status()));
    }
    daemon.stored_when("select count(*) from payment where state in ('creating', 'open')", 0).await;
    daemon.stored_when("select count(*) from refund where state <> 'done'", 0).await;
    daemon.stored_when(LEDGER, 0).await;
    daemon.stored_when("select status from dining_order", 6).await;
    assert_eq!(daemon.stored::<String>("select state from bill"), "void");
    let told = "select count(*) from alert where kind = 3 and acked_at is null and note like '客人已离店%'";
    assert_eq!(daemon.stored::<i64>(told), 1);
    let number = format!("/admin/payment/order/{}", order["orderId"]);
    assert_eq!(counter.ok(Method::GET, &number, Value::Null).await["owed"], 0.0);
}

#[tokio::test]
async fn who_comes_back_to_a_cleared_table_pays_the_rest_of_its_bill_by_any_of_its_orders() {
    for method in ["cash", "terminal"] {
        let daemon = Daemon::demo(&["--pay", "later"]);
        let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
        let first = round(&ann, &[(1001, 1)], "r1").await;
        let cut = split(&counter, json!({ "tableId": ann.table, "by": "head", "heads": 3 })).await;
        take(&counter, &parts(&cut, "open")[0], "cash").await;
        let later = round(&ann, &[(1004, 1)], "r2").await;
        counter.ok(Method::POST, "/admin/table/clear/1", json!({ "reason": "跑单" })).await;
        let others = daemon.phone(0).await;
        round(&others, &[(1002, 1)], "theirs").await;
        let owed = async |order: &Value| {
            let path = format!("/admin/payment/order/{}", order["orderId"]);
            counter.ok(Method::GET, &path, Value::Null).await["owed"].clone()
        };
        assert_eq!((owed(&first).await, owed(&later).await), (json!(47.33), json!(22.0)));
        let body = |amount: f64| json!({ "orderId": first["orderId"], "method": method, "amount": amount });
        let wrong = counter.send(Method::POST, "/admin/payment/counter", body(38.0)).await;
        assert_eq!(refused(&wrong, "WRONG_AMOUNT"), "金额不符，应收 47.33 元");
        counter.ok(Method::POST, "/admin/payment/counter", body(47.33)).await;
        assert_eq!(daemon.stored::<i64>(UNPAID), 1, "but for the guests who sit there now");
        assert_eq!(daemon.stored::<i64>(LEDGER), 6000);
    }
}

#[tokio::test]
async fn a_kill_between_two_parts_loses_neither() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let daemon = Daemon::on(&data, &["--pay", "later"], &[]);
    let (mut ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let orders = [round(&ann, &[(1001, 1)], "r1").await, round(&ann, &[(1002, 1)], "r2").await];
    let account_then = split(&counter, json!({ "tableId": ann.table, "by": "head", "heads": 3 })).await;
    let open = parts(&account_then, "open");
    assert_eq!(take(&counter, &open[0], "cash").await.body["code"], 1);
    let payment = pay(&ann, json!({ "provider": "demo", "partId": open[1]["partId"] })).await.body["data"].clone();
    ann.press_pay(&payment, "lost").await;
    daemon.kill();
    let daemon = Daemon::on(&data, &["--pay", "later"], &[]);
    ann.lan = daemon.lan.clone();
    let counter = daemon.counter().await;
    daemon.stored_when("select count(*) from bill_part where state = 'paid'", 2).await;
    let now = account(&counter, ann.table).await;
    assert_eq!((&now["owed"], parts(&now, "open")), (&open[2]["amount"], vec![open[2].clone()]));
    assert_eq!(take(&counter, &open[2], "terminal").await.body["code"], 1);
    for order in &orders {
        ann.order_when(order, |order| order["payStatus"] == 1).await;
    }
    assert_eq!(daemon.stored::<i64>(LEDGER), 7000);
}

#[tokio::test]
async fn who_pays_alone_ends_a_bill_that_nobody_has_paid_and_paying_first_makes_bills_too() {
    let daemon = Daemon::demo(&[]);
    let (ann, bob, counter) = (daemon.phone(0).await, daemon.phone(0).await, daemon.counter().await);
    let first = round(&ann, &[(1001, 1)], "r1").await;
    let whole = pay(&ann, json!({ "provider": "demo" })).await.body["data"].clone();
    assert_eq!(whole["amount"], 38.0);
    ann.press_pay(&whole, "once").await;
    ann.order_when(&first, |order| order["status"] == 2 && order["payStatus"] == 1).await;
    let second = round(&bob, &[(1002, 1)], "r2").await;
    let third = round(&bob, &[(1003, 1)], "r3").await;
    let both = pay(&ann, json!({ "provider": "demo" })).await.body["data"].clone();
    assert_eq!(both["amount"], 70.0);
    let alone = bob.start_payment(&second).await;
    assert_eq!(alone["amount"], 32.0);
    let page = ann.http.post(both["codeUrl"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::CONFLICT, "nobody pays it twice");
    bob.press_pay(&alone, "once").await;
    bob.order_when(&second, |order| order["payStatus"] == 1).await;
    let rest = pay(&ann, json!({ "provider": "demo" })).await.body["data"].clone();
    assert_eq!(rest["amount"], 38.0);
    let cash = json!({ "orderId": third["orderId"], "method": "cash", "amount": 38.0 });
    counter.ok(Method::POST, "/admin/payment/counter", cash).await;
    daemon.stored_when("select count(*) from payment where state in ('creating', 'open')", 0).await;
    assert_eq!(daemon.stored::<i64>(LEDGER), 10800);
    assert_eq!(daemon.stored::<i64>("select count(*) from alert where kind = 1"), 3, "each order is the kitchen's");
}
