//! From the cart to the finished order, for diners and the counter (docs/protocol.md §1.7 and §5.3).

use crate::support::{Counter, Daemon, Events, Phone, Socket};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

const QUIET: Duration = Duration::from_millis(300);

async fn read(phone: &Phone, order: &Value) -> Value {
    phone.get(&format!("/api/store/order/{}", order["orderId"])).await
}

async fn list(phone: &Phone) -> Vec<Value> {
    phone.get(&format!("/api/store/order/list/{}", phone.table)).await.as_array().unwrap().clone()
}

async fn cancel(phone: &Phone, order: &Value) -> (u16, Value) {
    let path = format!("/api/store/order/{}/cancel", order["orderId"]);
    let answer = phone.send(Method::POST, &path, Value::Null).await;
    (answer.status.as_u16(), answer.body)
}

fn state(order: &Value) -> (i64, i64) {
    (order["status"].as_i64().unwrap(), order["payStatus"].as_i64().unwrap())
}

/// One step of the counter on an order.
async fn step(counter: &Counter, name: &str, order: &Value) -> Value {
    let id = &order["orderId"];
    let (path, body) = match name {
        "confirm" => ("/admin/order/confirm".to_owned(), json!({ "id": id })),
        "rejection" => ("/admin/order/rejection".to_owned(), json!({ "id": id, "rejectionReason": "卖完了" })),
        "cancel" => ("/admin/order/cancel".to_owned(), json!({ "id": id, "cancelReason": "客人走了" })),
        other => (format!("/admin/order/{other}/{id}"), Value::Null),
    };
    let answer = counter.put(&path, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{name}: {}", answer.body);
    answer.body
}

#[tokio::test]
async fn submitting_makes_the_cart_an_order_and_empties_it() {
    let daemon = Daemon::demo(&[]);
    let (ann, bob) = (daemon.phone(0).await, daemon.phone(0).await);
    let mut socket = ann.socket().await;
    let options = json!([{ "name": "加料", "value": "加蛋" }]);
    let noodles = json!({ "tableId": 1, "cuisineId": 1044, "quantity": 2, "remark": "少辣", "options": options });
    bob.ok(Method::POST, "/api/store/order/cart/add", noodles).await;
    ann.add(1041, 3).await;
    let body = json!({ "tableId": 1, "version": 2, "opId": "op", "remark": "快一点", "dinersCount": 4 });
    let order = ann.ok(Method::POST, "/api/store/order/submit", body).await;
    assert_eq!(state(&order), (1, 0));
    assert_eq!(
        (&order["amount"], &order["remark"], &order["dinersCount"]),
        (&json!(66.0), &json!("快一点"), &json!(4))
    );
    assert_eq!(
        (&order["tableNumber"], &order["payMethod"], &order["paidAt"]),
        (&json!("A01"), &Value::Null, &Value::Null)
    );
    assert!(order["createdAt"].as_str().unwrap().ends_with("+08:00"), "{order}");
    let first = json!({
        "cuisineId": 1044, "cuisineName": "红烧牛肉面", "unitPrice": 30.0, "quantity": 2, "subtotalAmount": 60.0,
        "options": options, "remark": "少辣", "addUserId": bob.user,
    });
    assert_eq!((&order["items"][0], &order["items"][1]["addUserId"]), (&first, &json!(ann.user)));
    let emptied = socket.until(|frame| frame["data"]["version"] == 3).await;
    assert_eq!((&emptied["type"], &emptied["data"]["items"]), (&json!("cart_update"), &json!([])));
    assert_eq!(bob.cart().await, emptied["data"]);
    assert_eq!((read(&bob, &order).await, list(&bob).await), (order.clone(), vec![order]));
}

#[tokio::test]
async fn a_cart_that_changed_meanwhile_is_shown_instead_of_ordered() {
    let daemon = Daemon::demo(&[]);
    let (ann, bob) = (daemon.phone(0).await, daemon.phone(0).await);
    let seen = ann.add(1001, 1).await;
    let present = bob.add(1002, 1).await;
    for version in [seen["version"].clone(), json!(0), json!(3), json!(-1), json!(i64::MAX)] {
        let answer = ann.submit(&version, "op").await;
        assert_eq!((answer.status.as_u16(), answer.error()), (409, "CART_CHANGED"), "{version}");
        assert_eq!((&answer.body["code"], &answer.body["data"]), (&json!(409), &present), "{version}");
    }
    assert_eq!((ann.cart().await, list(&ann).await), (present.clone(), vec![]));
    assert_eq!(ann.submit(&present["version"], "op").await.status, StatusCode::OK, "the refused opId is free");
}

#[tokio::test]
async fn an_empty_cart_a_sold_out_dish_and_a_closed_shop_make_no_order() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let refused = async |code: &str, sentence: &str| {
        let cart = ann.cart().await;
        let answer = ann.submit(&cart["version"], "op").await;
        assert_eq!((answer.status.as_u16(), answer.error()), (409, code));
        assert!(answer.body["msg"].as_str().unwrap().contains(sentence), "{}", answer.body);
        assert_eq!((ann.cart().await, list(&ann).await), (cart, vec![]), "{code}: nothing has happened");
    };
    refused("CART_EMPTY", "空").await;
    ann.add(1001, 1).await;
    ann.add(1002, 1).await;
    counter.set_sold_out(1002, true).await;
    refused("SOLD_OUT", "鱼香肉丝").await;
    counter.set_sold_out(1002, false).await;
    counter.ok(Method::PUT, "/admin/shop/0", Value::Null).await;
    assert_eq!(counter.ok(Method::GET, "/admin/shop/status", Value::Null).await, 0);
    refused("SHOP_CLOSED", "打烊").await;
    counter.ok(Method::PUT, "/admin/shop/1", Value::Null).await;
    assert_eq!(counter.ok(Method::GET, "/admin/shop/status", Value::Null).await, 1);
    assert_eq!(ann.submit(&ann.cart().await["version"], "op").await.status, StatusCode::OK);
}

#[tokio::test]
async fn two_phones_that_submit_at_once_make_one_order() {
    let daemon = Daemon::demo(&[]);
    for table in 0..4 {
        let (ann, bob) = (daemon.phone(table).await, daemon.phone(table).await);
        let cart = ann.add(1001, 1).await;
        let (one, two) = tokio::join!(ann.submit(&cart["version"], "a"), bob.submit(&cart["version"], "b"));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort();
        assert_eq!(statuses, [200, 409], "{} {}", one.body, two.body);
        let refused = if one.status == StatusCode::OK { &two } else { &one };
        assert_eq!((refused.error(), &refused.body["data"]["items"]), ("CART_CHANGED", &json!([])));
        assert_eq!(list(&ann).await.len(), 1);
    }
}

#[tokio::test]
async fn a_resent_submit_answers_the_order_it_made() {
    let daemon = Daemon::demo(&[]);
    let (ann, bob) = (daemon.phone(0).await, daemon.phone(0).await);
    let cart = ann.add(1001, 1).await;
    let submits = (0..20).map(|_| ann.submit(&cart["version"], "op"));
    let answers = futures_util::future::join_all(submits).await;
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (StatusCode::OK, &answers[0].body));
    }
    ann.add(1002, 5).await;
    let again = bob.submit(&json!(0), "op").await;
    assert_eq!(again.body, answers[0].body, "from another phone, after the cart has changed");
    assert_eq!((list(&ann).await.len(), ann.cart().await["totalQuantity"].clone()), (1, json!(5)));
    let add = json!({ "tableId": 1, "cuisineId": 1001, "quantity": 1, "opId": "op" });
    let answer = ann.send(Method::POST, "/api/store/order/cart/add", add).await;
    assert_eq!((answer.status.as_u16(), answer.error()), (409, "OP_ID_REUSED"), "an opId is one operation's");
}

fn business_day() -> String {
    let local = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap());
    (local.datetime() - jiff::Span::new().hours(4)).strftime("%Y%m%d").to_string()
}

#[tokio::test]
async fn order_numbers_are_the_business_day_and_a_count_without_gaps() {
    let daemon = Daemon::demo(&[]);
    let days = [business_day()];
    let phones = futures_util::future::join_all((0..8).map(|table| daemon.phone(table))).await;
    let orders = phones.iter().map(async |phone| {
        let mut numbers = Vec::new();
        for round in 0..3 {
            numbers.push(phone.order(&format!("op-{round}")).await["orderNumber"].as_str().unwrap().to_owned());
        }
        numbers
    });
    let numbers: BTreeSet<String> = futures_util::future::join_all(orders).await.into_iter().flatten().collect();
    assert_eq!(numbers.len(), 24, "unique");
    // At the cut-over hour the counting starts again.
    if days == [business_day()] {
        let expected: BTreeSet<String> = (1..=24).map(|count| format!("{}{count:04}", days[0])).collect();
        assert_eq!(numbers, expected);
    }
}

/// Both of a table's connections are told of the order in this state.
async fn assert_told(socket: &mut Socket, stream: &mut Events, phone: &Phone, order: &Value, wanted: (i64, i64)) {
    let is_wanted = |data: &Value| data["orderId"] == order["orderId"] && state(data) == wanted;
    let frame = socket.until(|frame| frame["type"] == "order_update" && is_wanted(&frame["data"])).await;
    let mut event = stream.event("order_update").await.json();
    while !is_wanted(&event) {
        event = stream.event("order_update").await.json();
    }
    assert_eq!(frame["data"], event);
    if wanted != (6, 1) {
        assert_eq!(frame["data"], read(phone, order).await);
    }
}

#[tokio::test]
async fn the_table_is_told_of_every_change_of_its_orders() {
    let daemon = Daemon::demo(&[]);
    let (ann, bob, counter) = (daemon.phone(0).await, daemon.phone(0).await, daemon.counter().await);
    let neighbour = daemon.phone(1).await;
    let (mut socket, mut stream, mut beside) = (ann.socket().await, bob.events().await, neighbour.socket().await);
    let order = ann.order("a").await;
    assert_told(&mut socket, &mut stream, &ann, &order, (1, 0)).await;
    ann.press_pay(&ann.start_payment(&order).await, "once").await;
    assert_told(&mut socket, &mut stream, &ann, &order, (2, 1)).await;
    for (name, wanted) in [("confirm", (3, 1)), ("delivery", (4, 1)), ("complete", (5, 1))] {
        assert_eq!(step(&counter, name, &order).await["code"], 1, "{name}");
        assert_told(&mut socket, &mut stream, &ann, &order, wanted).await;
    }
    let unpaid = ann.order("b").await;
    assert_eq!(cancel(&bob, &unpaid).await.0, 200);
    assert_told(&mut socket, &mut stream, &ann, &unpaid, (6, 0)).await;
    let rejected = ann.paid_order("c").await;
    assert_eq!(step(&counter, "rejection", &rejected).await["code"], 1);
    for wanted in [(6, 1), (6, 2)] {
        assert_told(&mut socket, &mut stream, &ann, &rejected, wanted).await;
    }
    let heard = beside.all_within(QUIET).await;
    assert!(heard.iter().all(|frame| frame["type"] != "order_update"), "the next table hears nothing: {heard:?}");
}

#[tokio::test]
async fn another_partys_order_looks_as_if_it_did_not_exist() {
    let daemon = Daemon::demo(&[]);
    let (ann, other) = (daemon.phone(0).await, daemon.phone(1).await);
    let order = ann.order("op").await;
    let path = format!("/api/store/order/{}", order["orderId"]);
    for (method, path) in [
        (Method::GET, path.clone()),
        (Method::POST, format!("{path}/cancel")),
        (Method::POST, format!("{path}/pay")),
        (Method::POST, format!("{path}/reminder")),
    ] {
        let answer = other.send(method, &path, Value::Null).await;
        assert_eq!((answer.status.as_u16(), answer.error()), (404, "ORDER_NOT_FOUND"), "{path}");
    }
    assert_eq!((read(&ann, &order).await, list(&other).await), (order, vec![]));
}

#[tokio::test]
async fn a_diner_cancels_until_it_is_paid() {
    let daemon = Daemon::demo(&[]);
    let (ann, bob, counter) = (daemon.phone(0).await, daemon.phone(0).await, daemon.counter().await);
    let mut socket = counter.socket().await;
    let order = ann.order("a").await;
    let payment = ann.start_payment(&order).await;
    for _ in 0..2 {
        let (status, body) = cancel(&bob, &order).await;
        assert_eq!((status, state(&body["data"])), (200, (6, 0)), "{body}");
    }
    let page = ann.http.post(payment["codeUrl"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::CONFLICT, "a cancelled order can't be paid");
    let paid = ann.paid_order("b").await;
    let (status, body) = cancel(&ann, &paid).await;
    assert_eq!((status, &body["error"], &body["data"]), (409, &json!("ORDER_STATE"), &Value::Null));
    assert_eq!(state(&read(&ann, &paid).await), (2, 1));
    assert_eq!(socket.next().await.unwrap()["orderId"], paid["orderId"]);
    assert_eq!(socket.all_within(QUIET).await, Vec::<Value>::new());
    let lost = ann.order("c").await;
    ann.press_pay(&ann.start_payment(&lost).await, "lost").await;
    let (status, body) = cancel(&ann, &lost).await;
    assert_eq!((status, &body["error"]), (409, &json!("ORDER_STATE")), "the provider is asked before cancelling");
    assert_eq!(state(&read(&ann, &lost).await), (2, 1));
}

#[tokio::test]
async fn an_order_nobody_pays_in_time_is_cancelled_unless_the_provider_has_the_money() {
    let daemon = Daemon::demo(&[]);
    let (ann, bob) = (daemon.phone(0).await, daemon.phone(1).await);
    let (unpaid, lost) = (ann.order("a").await, bob.order("b").await);
    let payment = ann.start_payment(&unpaid).await;
    bob.press_pay(&bob.start_payment(&lost).await, "lost").await;
    let database = rusqlite::Connection::open(daemon.data.join("tablebell.db")).unwrap();
    database.execute("update dining_order set pay_before = created_at - 1", []).unwrap();
    let ended = ann.order_when(&unpaid, |order| order["status"] == 6).await;
    assert_eq!((state(&ended), &ended["cancelReason"]), ((6, 0), &json!("超时未付款")));
    let page = ann.http.post(payment["codeUrl"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::CONFLICT, "closed at the provider, too");
    let paid = bob.order_when(&lost, |order| order["status"] != 1).await;
    assert_eq!(state(&paid), (2, 1), "never cancelled unasked");
}

#[tokio::test]
async fn pay_later_rings_at_submit_and_the_payment_does_not_ring_again() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let mut socket = counter.socket().await;
    let orders = [ann.order("a").await, ann.order("b").await];
    for (order, served) in orders.iter().zip([false, true]) {
        assert_eq!(state(order), (2, 0));
        assert_eq!(socket.next().await.unwrap()["orderId"], order["orderId"]);
        if served {
            for name in ["confirm", "delivery", "complete"] {
                assert_eq!(step(&counter, name, order).await["code"], 1, "{name}");
            }
        }
        ann.press_pay(&ann.start_payment(order).await, "concurrent").await;
        let paid = ann.order_when(order, |order| order["payStatus"] == 1).await;
        assert_eq!(state(&paid), (if served { 5 } else { 2 }, 1), "paying moves nothing else");
    }
    assert_eq!(socket.all_within(QUIET).await, Vec::<Value>::new());
    let withdrawn = ann.order("c").await;
    assert_eq!(cancel(&ann, &withdrawn).await.0, 200, "unpaid and not accepted: may be taken back");
    assert!(counter.alerts().await.iter().all(|alert| alert["orderId"] != withdrawn["orderId"]));
    let accepted = ann.order("d").await;
    step(&counter, "confirm", &accepted).await;
    assert_eq!(cancel(&ann, &accepted).await.0, 409, "the kitchen has begun");
}

#[tokio::test]
async fn a_party_orders_in_several_rounds() {
    let daemon = Daemon::demo(&[]);
    let (ann, bob) = (daemon.phone(0).await, daemon.phone(0).await);
    let first = ann.paid_order("a").await;
    let second = bob.order("b").await;
    let third = ann.order("c").await;
    let ids: Vec<_> = list(&bob).await.iter().map(|order| order["orderId"].clone()).collect();
    assert_eq!(ids, [&first, &second, &third].map(|order| order["orderId"].clone()));
    assert_eq!(state(&read(&ann, &second).await), (1, 0), "paying one round pays that round");
}

#[tokio::test]
async fn the_counter_moves_an_order_only_along_its_states() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    // Reached by these steps; then each further step is allowed or not.
    let steps = ["confirm", "delivery", "complete", "rejection", "cancel"];
    for (reached, status, allowed) in [
        (&[][..], 2, [true, false, false, true, true]),
        (&["confirm"], 3, [true, true, true, false, true]),
        (&["confirm", "delivery"], 4, [false, true, true, false, true]),
        (&["confirm", "delivery", "complete"], 5, [false, false, true, false, false]),
        (&["confirm", "complete"], 5, [false, false, true, false, false]),
        (&["rejection"], 6, [false, false, false, true, true]),
        (&["confirm", "cancel"], 6, [false, false, false, true, true]),
    ] {
        for (name, allowed) in steps.iter().zip(allowed) {
            let order = ann.paid_order(&format!("{reached:?}-{name}")).await;
            for name in reached {
                assert_eq!(step(&counter, name, &order).await["code"], 1, "{reached:?}");
            }
            assert_eq!(read(&ann, &order).await["status"], status, "{reached:?}");
            let answer = step(&counter, name, &order).await;
            assert_eq!(answer["code"], i64::from(allowed), "{reached:?} then {name}: {answer}");
            assert!(allowed || answer["error"] == "ORDER_STATE", "{reached:?} then {name}: {answer}");
        }
    }
    let unpaid = ann.order("unpaid").await;
    for name in ["confirm", "delivery", "complete"] {
        assert_eq!(step(&counter, name, &unpaid).await["code"], 0, "{name} of an unpaid order");
    }
    assert_eq!(state(&read(&ann, &unpaid).await), (1, 0));
}

#[tokio::test]
async fn a_paid_order_that_is_refused_is_refunded_once() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    for (name, reason) in [("rejection", "卖完了"), ("cancel", "客人走了")] {
        let order = ann.paid_order(name).await;
        for _ in 0..3 {
            assert_eq!(step(&counter, name, &order).await["code"], 1);
        }
        let refunded = ann.order_when(&order, |order| order["payStatus"] == 2).await;
        assert_eq!((state(&refunded), &refunded["cancelReason"]), ((6, 2), &json!(reason)));
        let details = format!("/admin/order/details/{}", order["orderId"]);
        let details = counter.ok(Method::GET, &details, Value::Null).await;
        assert_eq!((state(&details), &details["cancelReason"]), ((6, 2), &json!(reason)));
        assert!(details["cancelTime"].is_string() && details["deliveryTime"].is_null(), "{details}");
    }
    assert_eq!(daemon.stored::<i64>("select count(*) from refund where state = 'done' and amount_fen = 3800"), 2);
    assert_eq!(daemon.stored::<i64>("select count(*) from refund"), 2);
    assert_eq!(
        daemon.stored::<i64>("select coalesce(sum(amount_fen), 0) from demo_refund"),
        7600,
        "in the provider's books, too"
    );
    let unpaid = ann.order("unpaid").await;
    assert_eq!(step(&counter, "cancel", &unpaid).await["code"], 1);
    assert_eq!(state(&read(&ann, &unpaid).await), (6, 0));
    assert_eq!(daemon.stored::<i64>("select count(*) from refund"), 2, "nothing was paid, nothing goes back");
    assert_eq!(counter.alerts().await, Vec::<Value>::new());
}

#[tokio::test]
async fn the_counter_counts_and_finds_orders() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let mut orders = Vec::new();
    for (table, steps) in [&[][..], &["confirm"], &["confirm", "delivery"], &["confirm", "complete"]].iter().enumerate()
    {
        let order = daemon.phone(table).await.paid_order("op").await;
        for name in *steps {
            step(&counter, name, &order).await;
        }
        orders.push(order);
    }
    orders.push(daemon.phone(4).await.order("unpaid").await);
    let statistics = counter.ok(Method::GET, "/admin/order/statistics", Value::Null).await;
    assert_eq!(statistics, json!({ "toBeConfirmed": 1, "confirmed": 1, "deliveryInProgress": 1 }));
    let number = orders[2]["orderNumber"].as_str().unwrap();
    let day = &number[..8];
    for (query, expected) in [
        ("", vec![4, 3, 2, 1, 0]),
        ("page=1&pageSize=10&status=&number=&phone=&beginTime=&endTime=", vec![4, 3, 2, 1, 0]),
        ("status=2", vec![0]),
        ("status=5", vec![3]),
        ("status=6", vec![]),
        (&format!("number={number}"), vec![2]),
        (&format!("number={day}"), vec![4, 3, 2, 1, 0]),
        ("number=%25", vec![]),
        ("beginTime=2020-01-01%2000:00:00&endTime=2099-01-01%2000:00:00", vec![4, 3, 2, 1, 0]),
        ("beginTime=2099-01-01%2000:00:00", vec![]),
        ("endTime=2020-01-01%2000:00:00", vec![]),
    ] {
        let found = counter.ok(Method::GET, &format!("/admin/order/conditionSearch?{query}"), Value::Null).await;
        let ids: Vec<_> = found["records"].as_array().unwrap().iter().map(|record| record["id"].clone()).collect();
        let wanted: Vec<_> = expected.iter().map(|index: &usize| orders[*index]["orderId"].clone()).collect();
        assert_eq!((ids, &found["total"]), (wanted, &json!(expected.len())), "{query}");
    }
    for (page, expected) in [(1, 2), (2, 2), (3, 1), (4, 0)] {
        let path = format!("/admin/order/conditionSearch?page={page}&pageSize=2");
        let found = counter.ok(Method::GET, &path, Value::Null).await;
        assert_eq!((&found["total"], found["records"].as_array().unwrap().len()), (&json!(5), expected), "{page}");
    }
}

#[tokio::test]
async fn a_phone_number_that_nobody_gave_finds_no_order() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    daemon.phone(0).await.order("op").await;
    let path = "/admin/order/conditionSearch?phone=13800138000";
    let found = counter.ok(Method::GET, path, Value::Null).await;
    assert_eq!(found, json!({ "total": 0, "records": [] }));
}

#[tokio::test]
async fn the_old_web_reads_an_order_by_its_own_names() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    ann.add(1001, 3).await;
    ann.add(1041, 2).await;
    let body = json!({ "tableId": 1, "version": 2, "opId": "op", "remark": "快", "dinersCount": 3 });
    let order = ann.ok(Method::POST, "/api/store/order/submit", body).await;
    let found = counter.ok(Method::GET, "/admin/order/conditionSearch", Value::Null).await;
    let details = format!("/admin/order/details/{}", order["orderId"]);
    let details = counter.ok(Method::GET, &details, Value::Null).await;
    for record in [&found["records"][0], &details] {
        for (name, value) in [
            ("id", order["orderId"].clone()),
            ("number", order["orderNumber"].clone()),
            ("status", json!(1)),
            ("payStatus", json!(0)),
            ("orderDishes", json!("宫保鸡丁*3;米饭*2;")),
            ("amount", json!(118.0)),
            ("address", json!("A01桌")),
            ("consignee", json!("A01桌")),
            ("remark", json!("快")),
            ("tablewareNumber", json!(3)),
        ] {
            assert_eq!(record[name], value, "{name}: {record}");
        }
        let time = record["orderTime"].as_str().unwrap();
        assert!(jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M", time).is_ok(), "{time}");
    }
    let detail = &details["orderDetailList"][0];
    assert_eq!((&detail["name"], &detail["number"], &detail["amount"]), (&json!("宫保鸡丁"), &json!(3), &json!(38.0)));
}
