//! Money at the counter: cash, parts that go back, decisions, the books, and who may do what.

use crate::support::{Counter, Daemon, Phone};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const LEDGER: &str = "select coalesce(sum(amount_fen), 0) from ledger_entry";

async fn take(counter: &Counter, order: &Value, method: &str, amount: f64) -> (u64, String) {
    let body = json!({ "orderId": order["orderId"], "method": method, "amount": amount });
    let answer = counter.send(Method::POST, "/admin/payment/counter", body).await;
    (answer.body["code"].as_u64().unwrap_or_default(), answer.error().to_owned())
}

async fn account(counter: &Counter, order: &Value) -> Value {
    counter.ok(Method::GET, &format!("/admin/payment/order/{}", order["orderId"]), Value::Null).await
}

async fn refund(counter: &Counter, order: &Value, amount: f64, op_id: &str) -> (u64, String) {
    let body = json!({ "orderId": order["orderId"], "amount": amount, "reason": "少上一份", "opId": op_id });
    let answer = counter.send(Method::POST, "/admin/payment/refund", body).await;
    (answer.body["code"].as_u64().unwrap_or_default(), answer.error().to_owned())
}

fn done() -> (u64, String) {
    (1, String::new())
}

fn refused(code: &str) -> (u64, String) {
    (0, code.to_owned())
}

#[tokio::test]
async fn cash_pays_an_order_once_and_is_announced() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let mut socket = counter.socket().await;
    let order = ann.order("o1").await;
    for (method, amount, error) in
        [("cash", 37.99, "WRONG_AMOUNT"), ("cash", 0.0, "WRONG_AMOUNT"), ("gold", 38.0, "BAD_REQUEST")]
    {
        assert_eq!(take(&counter, &order, method, amount).await, refused(error), "{method} {amount}");
    }
    assert_eq!(daemon.stored::<i64>(LEDGER), 0, "what is refused has no effect");
    assert_eq!(take(&counter, &order, "cash", 38.0).await, done());
    assert_eq!(take(&counter, &order, "terminal", 38.0).await, refused("ORDER_STATE"));
    assert_eq!(socket.next().await.unwrap()["orderId"], order["orderId"]);
    let paid = ann.order_when(&order, |order| order["payStatus"] == 1).await;
    assert_eq!((&paid["status"], &paid["payMethod"]), (&json!(2), &json!(3)));
    let account = account(&counter, &order).await;
    assert_eq!((&account["balance"], &account["owed"]), (&json!(38.0), &json!(0.0)));
    assert_eq!(account["entries"][0]["actor"], "staff admin");
    let unknown = json!({ "orderId": 4711, "method": "cash", "amount": 1 });
    assert_eq!(counter.send(Method::POST, "/admin/payment/counter", unknown).await.error(), "ORDER_NOT_FOUND");
}

#[tokio::test]
async fn a_code_that_was_shown_before_the_cash_came_can_no_longer_be_paid() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let order = ann.order("o1").await;
    ann.start_payment(&order).await;
    assert_eq!(take(&counter, &order, "terminal", 38.0).await, done());
    daemon.stored_when("select count(*) from demo_trade where state = 'CLOSED'", 1).await;
    daemon.stored_when("select count(*) from payment where state in ('creating', 'open')", 0).await;
}

#[tokio::test]
async fn parts_go_back_until_nothing_is_left_and_a_repeat_sends_nothing() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let unpaid = ann.order("o0").await;
    assert_eq!(refund(&counter, &unpaid, 1.0, "r0").await, refused("ORDER_STATE"));
    let order = ann.paid_order("o1").await;
    for amount in [0.0, -1.0, 38.01] {
        assert_eq!(refund(&counter, &order, amount, "r1").await, refused("WRONG_AMOUNT"), "{amount}");
    }
    assert_eq!(refund(&counter, &order, 8.0, "r1").await, done());
    assert_eq!(refund(&counter, &order, 8.0, "r1").await, done(), "the same tap");
    daemon.stored_when(LEDGER, 3000).await;
    assert_eq!(refund(&counter, &order, 9.0, "r1").await, refused("OP_ID_REUSED"), "another tap under the same name");
    assert_eq!(refund(&counter, &order, 30.01, "r2").await, refused("WRONG_AMOUNT"));
    let still = ann.order_when(&order, |order| order["payStatus"] == 1).await;
    assert_eq!(still["status"], 2, "a part back leaves the order as it is");
    assert_eq!(refund(&counter, &order, 30.0, "r3").await, done());
    ann.order_when(&order, |order| order["payStatus"] == 2).await;
    assert_eq!((daemon.stored::<i64>(LEDGER), daemon.stored::<i64>("select count(*) from refund")), (0, 2));
    assert_eq!(daemon.stored::<i64>("select sum(amount_fen) from demo_refund"), 3800);
}

/// A counted dish, of which each order takes one.
async fn count_dish(counter: &Counter) {
    counter.ok(Method::PUT, "/admin/dish/stock/1001", json!({ "stock": "9" })).await;
}

fn left(daemon: &Daemon) -> i64 {
    daemon.stored("select stock from cuisine where id = 1001")
}

async fn rings(counter: &Counter, order: &Value) -> bool {
    let open = counter.ok(Method::GET, "/admin/alert/list", Value::Null).await;
    open.as_array().unwrap().iter().any(|alert| alert["orderId"] == order["orderId"])
}

#[tokio::test]
async fn an_order_that_is_wholly_refunded_before_anybody_accepts_it_is_over_unless_the_cashier_keeps_it() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    count_dish(&counter).await;
    // An old page says nothing; a new one asks. By code the money takes its time, cash is back at once.
    let asked = [
        (json!({}), "code", (6, 9)),
        (json!({ "endOrder": true }), "cash", (6, 9)),
        (json!({ "endOrder": true, "dishesBack": false }), "cash", (6, 8)),
        (json!({ "endOrder": false }), "code", (2, 7)),
        (json!({ "endOrder": false }), "cash", (2, 6)),
    ];
    for (index, (said, method, wanted)) in asked.iter().enumerate() {
        let order = match *method {
            "code" => ann.paid_order(&format!("o{index}")).await,
            _ => {
                let order = ann.order(&format!("o{index}")).await;
                assert_eq!(take(&counter, &order, "cash", 38.0).await, done());
                order
            }
        };
        assert!(rings(&counter, &order).await);
        // The first part leaves it as it is, whatever is said.
        assert_eq!(refund(&counter, &order, 8.0, &format!("a{index}")).await, done());
        let mut body =
            json!({ "orderId": order["orderId"], "amount": 30.0, "reason": "卖完了", "opId": format!("b{index}") });
        body.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
        for _ in 0..2 {
            assert_eq!(counter.send(Method::POST, "/admin/payment/refund", body.clone()).await.body["code"], 1);
        }
        let after = ann.order_when(&order, |order| order["payStatus"] == 2).await;
        let ended = wanted.0 == 6;
        assert_eq!((after["status"].as_i64().unwrap(), left(&daemon)), *wanted, "{said} {method}");
        assert_eq!(rings(&counter, &order).await, !ended, "{said}");
        let urge =
            ann.send(Method::POST, &format!("/api/store/order/{}/reminder", order["orderId"]), Value::Null).await;
        let accepted = counter.put("/admin/order/confirm", json!({ "id": order["orderId"] })).await;
        let refusal = if ended { "ORDER_STATE" } else { "" };
        assert_eq!([urge.error(), accepted.error()], [refusal, refusal], "{said}");
        if ended {
            assert_eq!(after["cancelReason"], "卖完了");
        }
    }
    let cancelled = "select count(*) from audit where act = 'order.cancel' and detail = '全额退款 卖完了'";
    assert_eq!(daemon.stored::<i64>(cancelled), 3);
}

#[tokio::test]
async fn an_accepted_order_that_is_wholly_refunded_goes_on_and_its_dishes_are_gone() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    count_dish(&counter).await;
    for (index, said, wanted) in [(0, json!({}), 8), (1, json!({ "dishesBack": true }), 8)] {
        let order = ann.paid_order(&format!("o{index}")).await;
        counter.put("/admin/order/confirm", json!({ "id": order["orderId"] })).await;
        let mut body = json!({ "orderId": order["orderId"], "amount": 38.0, "opId": format!("r{index}") });
        body.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
        assert_eq!(counter.send(Method::POST, "/admin/payment/refund", body).await.body["code"], 1);
        let after = ann.order_when(&order, |order| order["payStatus"] == 2).await;
        assert_eq!((&after["status"], left(&daemon)), (&json!(3), wanted), "{said}");
    }
}

#[tokio::test]
async fn dishes_of_a_cancelled_order_come_back_while_nobody_has_accepted_it_or_where_staff_say_so() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    count_dish(&counter).await;
    let cases = [
        (&[][..], "cancel", json!(null), 9),
        (&["confirm"], "cancel", json!(null), 8),
        (&["confirm", "delivery"], "cancel", json!(null), 7),
        (&["confirm", "delivery"], "cancel", json!(true), 7),
        (&["confirm"], "cancel", json!(false), 6),
        (&[], "rejection", json!(null), 6),
        (&[], "rejection", json!(false), 5),
    ];
    let mut gone = Value::Null;
    for (index, (steps, end, said, wanted)) in cases.iter().enumerate() {
        let order = ann.paid_order(&format!("o{index}")).await;
        for step in *steps {
            let path = if *step == "confirm" { "confirm".to_owned() } else { format!("{step}/{}", order["orderId"]) };
            counter.put(&format!("/admin/order/{path}"), json!({ "id": order["orderId"] })).await;
        }
        let body = json!({ "id": order["orderId"], "cancelReason": "客人要求", "dishesBack": said });
        assert_eq!(counter.put(&format!("/admin/order/{end}"), body).await.body["code"], 1);
        ann.order_when(&order, |order| order["status"] == 6).await;
        assert_eq!(left(&daemon), *wanted, "{steps:?} {end} {said}");
        if index == 1 {
            gone = order["orderId"].clone();
        }
    }
    // Not asked at the time: they can be given back later, once.
    for _ in 0..2 {
        let body = json!({ "id": gone, "cancelReason": "客人要求", "dishesBack": true });
        assert_eq!(counter.put("/admin/order/cancel", body).await.body["code"], 1);
        assert_eq!(left(&daemon), 6);
    }
}

#[tokio::test]
async fn cash_of_a_cancelled_order_is_handed_back_at_once() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let order = ann.order("o1").await;
    assert_eq!(take(&counter, &order, "cash", 38.0).await, done());
    let body = json!({ "id": order["orderId"], "cancelReason": "没有菜了" });
    assert_eq!(counter.put("/admin/order/cancel", body).await.body["code"], 1);
    let ended = ann.order_when(&order, |order| order["payStatus"] == 2).await;
    assert_eq!(ended["status"], 6);
    assert_eq!(daemon.stored::<i64>(LEDGER), 0);
}

#[tokio::test]
async fn the_day_s_books_are_the_sum_of_their_entries() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let (first, second) = (ann.order("o1").await, ann.paid_order("o2").await);
    take(&counter, &first, "cash", 38.0).await;
    refund(&counter, &second, 0.5, "r1").await;
    daemon.stored_when(LEDGER, 7550).await;
    let books = counter.ok(Method::GET, "/admin/payment/ledger", Value::Null).await;
    assert_eq!([&books["paid"], &books["refunded"], &books["net"]], [&json!(76.0), &json!(0.5), &json!(75.5)]);
    let of = |provider: &str| books["totals"].as_array().unwrap().iter().find(|one| one["provider"] == provider);
    assert_eq!(of("counter").unwrap()["net"], 38.0);
    assert_eq!((&of("demo").unwrap()["net"], &of("demo").unwrap()["count"]), (&json!(37.5), &json!(2)));
    let other = counter.ok(Method::GET, "/admin/payment/ledger?date=2020-01-01", Value::Null).await;
    assert_eq!((&other["net"], &other["entries"]), (&json!(0.0), &json!([])));
    let wrong = counter.send(Method::GET, "/admin/payment/ledger?date=yesterday", Value::Null).await;
    assert_eq!(wrong.error(), "BAD_REQUEST");
}

#[tokio::test]
async fn only_owner_and_cashier_touch_money() {
    let daemon = Daemon::demo(&[]);
    let ann = daemon.phone(0).await;
    let (order, paid) = (ann.order("o1").await, ann.paid_order("o2").await);
    let id = &order["orderId"];
    let writes = [
        ("/admin/payment/counter", json!({ "orderId": id, "method": "cash", "amount": 38.0 })),
        ("/admin/payment/scan", json!({ "orderId": id, "authCode": "130000000000000001" })),
        ("/admin/payment/refund", json!({ "orderId": id, "amount": 1.0, "opId": "r" })),
        ("/admin/payment/review/1", json!({ "action": "accept" })),
        ("/admin/payment/reconcile", json!({ "date": "2026-11-20" })),
    ];
    for role in ["waiter", "kitchen"] {
        let database = rusqlite::Connection::open(daemon.data.join("tablebell.db")).unwrap();
        database.busy_timeout(crate::support::PATIENCE).unwrap();
        database.execute("update staff set role = ?", [role]).unwrap();
        let counter = daemon.counter().await;
        for (path, body) in &writes {
            let answer = counter.send(Method::POST, path, body.clone()).await;
            assert_eq!(answer.error(), "FORBIDDEN", "{role} {path}");
        }
        let refusal = json!({ "id": paid["orderId"], "rejectionReason": "" });
        assert_eq!(
            counter.put("/admin/order/rejection", refusal).await.error(),
            "FORBIDDEN",
            "{role}: money would go back"
        );
        let books = counter.send(Method::GET, "/admin/payment/ledger", Value::Null).await;
        assert_eq!(books.error(), "FORBIDDEN", "{role}");
    }
    for (path, body) in &writes {
        let stranger = ann.send(Method::POST, path, body.clone()).await;
        assert_eq!(stranger.status, StatusCode::UNAUTHORIZED, "a diner at {path}");
    }
    assert_eq!(daemon.stored::<i64>(LEDGER), 3800, "what came stays");
}

#[tokio::test]
async fn a_payment_s_picture_is_its_own_party_s() {
    let daemon = Daemon::demo(&[]);
    let (ann, ben) = (daemon.phone(0).await, daemon.phone(1).await);
    let order = ann.order("o1").await;
    let payment = ann.start_payment(&order).await;
    let path = format!("/api/store/order/{}/pay/qr?payment={}", order["orderId"], payment["paymentId"]);
    let picture = async |phone: &Phone, path: &str| {
        let asked = phone.http.get(format!("{}{path}", phone.lan)).header("token", &phone.token).send().await.unwrap();
        let kind = asked.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned());
        (asked.status().as_u16(), kind.unwrap_or_default(), asked.text().await.unwrap())
    };
    let (status, kind, svg) = picture(&ann, &path).await;
    assert_eq!((status, kind.as_str()), (200, "image/svg+xml"));
    assert!(svg.contains("<svg"), "{svg}");
    assert_eq!(picture(&ben, &path).await.0, 404);
    let other = format!("/api/store/order/{}/pay/qr?payment=4711", order["orderId"]);
    assert_eq!(picture(&ann, &other).await.0, 404);
}

#[tokio::test]
async fn the_phone_is_told_of_the_counter_as_a_way_to_pay() {
    let daemon = Daemon::demo(&[]);
    let ways = daemon.phone(0).await.get("/api/store/payment/providers").await;
    assert_eq!(ways, json!({ "mode": "first", "providers": ["demo"], "counter": true, "online": true }));
    let ways = daemon.counter().await.ok(Method::GET, "/admin/payment/ways", Value::Null).await;
    assert_eq!(ways, json!({ "counter": ["cash", "terminal"], "scan": [] }));
}
