//! Parties that move: what follows them, and who hears of it.

use crate::support::{self, Counter, Daemon, Phone, Socket};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

const TRANSFER: &str = "/admin/table/transfer";
const MERGE: &str = "/admin/table/merge";

fn quantities(cart: &Value) -> Vec<(i64, i64)> {
    let line = |line: &Value| (line["cuisineId"].as_i64().unwrap(), line["quantity"].as_i64().unwrap());
    cart["items"].as_array().unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn a_party_that_is_transferred_goes_on_with_its_tokens_cart_and_orders() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let order = ann.order("round 1").await;
    let version = ann.add(1002, 3).await["version"].as_i64().unwrap();
    let (mut socket, mut stream, mut backstage) = (ann.socket().await, ann.events().await, counter.events().await);
    socket.frame("cart_update").await;
    stream.event("cart_update").await;
    backstage.event("status").await;
    counter.ok(Method::POST, TRANSFER, json!({ "from": 1, "to": 3 })).await;
    let moved = json!({ "tableId": 3, "tableNumber": "A03" });
    assert_eq!(socket.frame("seating_moved").await["data"], moved);
    assert_eq!(socket.close_code().await, 1000);
    assert_eq!(stream.event("seating_moved").await.json(), moved);
    assert_eq!(stream.next().await, None, "the stream ends");
    for table in [1, 3] {
        assert_eq!(backstage.event("table_update").await.json()["tableId"], table);
    }
    let told = backstage.event("order_update").await.json();
    assert_eq!((&told["orderId"], &told["tableNumber"]), (&order["orderId"], &json!("A03")));

    // The old address goes on, and the new one is as good.
    for table in [1, 3] {
        let here =
            Phone { http: ann.http.clone(), lan: ann.lan.clone(), token: ann.token.clone(), table, user: ann.user };
        let cart = here.cart().await;
        assert_eq!((&cart["tableId"], quantities(&cart)), (&json!(3), vec![(1002, 3)]));
        assert!(cart["version"].as_i64().unwrap() > version, "{cart}");
        assert_eq!(here.socket().await.frame("cart_update").await["data"]["tableId"], 3);
        assert_eq!(here.events().await.event("cart_update").await.json()["tableId"], 3);
        let orders = here.get(&format!("/api/store/order/list/{table}")).await;
        assert_eq!((&orders[0]["orderId"], &orders[0]["tableId"]), (&order["orderId"], &json!(3)));
    }
    let stale = ann.submit(&json!(version), "stale").await;
    assert_eq!((stale.error(), &stale.body["data"]["tableId"]), ("CART_CHANGED", &json!(3)));
    let again = ann.submit(&json!(0), "round 1").await.body["data"].clone();
    assert_eq!(again["orderId"], order["orderId"], "what an opId did stays done");
    for table in [2, 4] {
        let answer = ann.send(Method::GET, &format!("/api/store/order/cart/{table}"), Value::Null).await;
        assert_eq!((answer.status.as_u16(), answer.error()), (403, "FORBIDDEN"), "{table}");
    }
    // The page of the code that was scanned first is loaded again.
    let session = ann.ok(Method::POST, "/api/store/session", json!({ "code": daemon.table_code(0) })).await;
    assert_eq!((&session["tableNumber"], &session["userId"]), (&json!("A03"), &json!(ann.user)));
    let next = daemon.phone(0).await;
    assert_eq!((next.cart().await["items"].clone(), next.get("/api/store/order/list/1").await), (json!([]), json!([])));
    assert_eq!(ann.cart().await["tableId"], 3, "not the next party's");

    counter.clear_table(3).await;
    for table in [1, 3] {
        let answer = ann.send(Method::GET, &format!("/api/store/order/cart/{table}"), Value::Null).await;
        assert_eq!((answer.status.as_u16(), answer.error()), (401, "SEATING_CLOSED"));
    }
    assert_eq!(next.cart().await["items"], json!([]), "the next party at the old table goes on");
}

#[tokio::test]
async fn merged_parties_have_one_cart_and_one_list_of_orders_and_end_together() {
    let daemon = Daemon::demo(&[]);
    let (ann, bob, counter) = (daemon.phone(0).await, daemon.phone(1).await, daemon.counter().await);
    for (table, heads) in [(1, 2), (2, 3)] {
        counter.ok(Method::PUT, &format!("/admin/table/heads/{table}"), json!({ "heads": heads })).await;
    }
    let (first, second) = (ann.order("a").await, bob.order("b").await);
    ann.add(1001, 2).await;
    ann.add(1002, 1).await;
    bob.add(1001, 3).await;
    let mut host = bob.socket().await;
    host.frame("cart_update").await;
    counter.ok(Method::POST, MERGE, json!({ "from": 1, "into": 2 })).await;
    let cart = host.frame("cart_update").await["data"].clone();
    assert_eq!((&cart["tableId"], quantities(&cart)), (&json!(2), vec![(1002, 1), (1001, 5)]));
    assert_eq!(host.frame("order_update").await["data"]["orderId"], first["orderId"], "the host sees what came");
    for phone in [&ann, &bob] {
        assert_eq!(phone.cart().await, cart);
        let orders = phone.get(&format!("/api/store/order/list/{}", phone.table)).await;
        let ids: Vec<&Value> = orders.as_array().unwrap().iter().map(|order| &order["orderId"]).collect();
        assert_eq!(ids, [&first["orderId"], &second["orderId"]]);
        phone.get(&format!("/api/store/order/{}", first["orderId"])).await;
    }
    assert_eq!(ann.submit(&json!(0), "a").await.body["data"]["orderId"], first["orderId"]);
    assert_eq!(daemon.stored::<i64>("select heads from seating where closed_at is null"), 5);

    // A third party takes them in: whoever was merged before comes along.
    let cid = daemon.phone(2).await;
    counter.ok(Method::POST, MERGE, json!({ "from": 2, "into": 3 })).await;
    ann.add(1003, 1).await;
    assert_eq!(cid.cart().await, ann.cart().await);
    counter.clear_table(3).await;
    for phone in [&ann, &bob, &cid] {
        let path = format!("/api/store/order/cart/{}", phone.table);
        let answer = phone.send(Method::GET, &path, Value::Null).await;
        assert_eq!((answer.status.as_u16(), answer.error()), (401, "SEATING_CLOSED"));
    }
}

#[tokio::test]
async fn a_move_that_cannot_be_is_refused_whole() {
    let daemon = Daemon::demo(&[]);
    let (ann, bob, counter) = (daemon.phone(0).await, daemon.phone(1).await, daemon.counter().await);
    let (first, second) = (ann.add(1001, 60).await, bob.add(1001, 40).await);
    for (path, body, code) in [
        (TRANSFER, json!({ "from": 1, "to": 2 }), "TABLE_TAKEN"),
        (TRANSFER, json!({ "from": 1, "to": 1 }), "SAME_TABLE"),
        (TRANSFER, json!({ "from": 3, "to": 4 }), "TABLE_FREE"),
        (TRANSFER, json!({ "from": 1, "to": 99 }), "TABLE_NOT_FOUND"),
        (MERGE, json!({ "from": 1, "into": 2 }), "CARTS_DO_NOT_FIT"),
        (MERGE, json!({ "from": 1, "into": 3 }), "TABLE_FREE"),
        (MERGE, json!({ "from": 2, "into": 2 }), "SAME_TABLE"),
        ("/admin/table/open/1", json!({ "heads": 4 }), "TABLE_TAKEN"),
        ("/admin/table/open/5", json!({ "heads": 0 }), "BAD_HEADS"),
    ] {
        let answer = counter.send(Method::POST, path, body).await;
        assert_eq!((&answer.body["code"], answer.error()), (&json!(0), code), "{path}: {}", answer.body);
    }
    assert_eq!((ann.cart().await, bob.cart().await), (first, second));
    counter.ok(Method::POST, "/admin/table/open/5", json!({ "heads": "4" })).await;
    assert_eq!(daemon.stored::<i64>("select heads from seating where table_id = 5"), 4);
    let joined = daemon.phone(4).await;
    assert_eq!(daemon.stored::<i64>("select count(*) from seating where table_id = 5"), 1, "{}", joined.user);
}

#[tokio::test]
async fn parties_stay_where_they_were_moved_to_when_the_daemon_starts_again() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let daemon = Daemon::on(&data, &[], &[]);
    let (ann, bob, counter) = (daemon.phone(0).await, daemon.phone(1).await, daemon.counter().await);
    ann.add(1001, 1).await;
    counter.ok(Method::POST, TRANSFER, json!({ "from": 1, "to": 3 })).await;
    counter.ok(Method::POST, MERGE, json!({ "from": 3, "into": 2 })).await;
    daemon.kill();
    let daemon = Daemon::on(&data, &[], &[]);
    for (phone, tables) in [(ann, [1, 2, 3].as_slice()), (bob, [2].as_slice())] {
        for table in [1, 2, 3] {
            let url = format!("{}/api/store/order/cart/{table}", daemon.lan);
            let answer = support::send(&phone.http, Method::GET, url, &phone.token, &Value::Null).await;
            let wanted = if tables.contains(&table) { StatusCode::OK } else { StatusCode::FORBIDDEN };
            assert_eq!(answer.status, wanted, "{table}");
        }
    }
}

#[tokio::test]
async fn phones_that_connect_while_their_party_moves_hear_nothing_of_the_next_party() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let counter = daemon.counter().await;
    for round in 0..10 {
        let old = daemon.phone(0).await;
        let path = format!("/ws/cart/1?token={}", old.token);
        let connects = futures_util::future::join_all((0..12).map(|_| support::try_open(&old.lan, &path)));
        let streams = futures_util::future::join_all((0..6).map(|_| old.events()));
        let moved = counter.ok(Method::POST, TRANSFER, json!({ "from": 1, "to": 3 }));
        let (sockets, streams, _) = tokio::join!(connects, streams, moved);
        let (next, secret) = (daemon.phone(0).await, format!("secret {round}"));
        let add = json!({ "tableId": 1, "cuisineId": 1001, "quantity": 1, "remark": secret });
        next.ok(Method::POST, "/api/store/order/cart/add", add).await;
        // What each hears to its end: of its own party, at its new table, when it came late.
        old.add(1002, 1).await;
        counter.clear_table(3).await;
        for mut socket in sockets.into_iter().flatten() {
            while let Some(frame) = socket.next().await {
                assert!(!frame.to_string().contains(&secret), "{frame}");
            }
        }
        for mut stream in streams {
            while let Some(event) = stream.next().await {
                assert!(!event.data.contains(&secret), "{event:?}");
            }
        }
        counter.clear_table(1).await;
    }
}

#[tokio::test]
async fn a_dish_that_is_on_its_way_while_the_party_moves_arrives_once() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let mut socket: Socket = ann.socket().await;
    let mut sent = 0;
    for (from, to) in [(1, 3), (3, 4), (4, 1)] {
        for _ in 0..6 {
            sent += 1;
            let data = json!({ "cuisineId": 1001, "quantity": 1 });
            socket.send(json!({ "type": "add_item", "opId": format!("op {sent}"), "data": data })).await;
        }
        counter.ok(Method::POST, TRANSFER, json!({ "from": from, "to": to })).await;
        socket.frame("seating_moved").await;
        socket = ann.socket().await;
        // The phone cannot know which of them were taken, and sends all of them again.
        for number in 1..=sent {
            let data = json!({ "cuisineId": 1001, "quantity": 1 });
            let request = json!({ "type": "add_item", "data": data });
            assert_eq!(socket.ask(request, &format!("op {number}")).await["type"], "add_item_success");
        }
        assert_eq!(quantities(&ann.cart().await), [(1001, sent)]);
    }
}

/// The list's entry of a table.
async fn entry(counter: &Counter, table: i64) -> Value {
    let list = counter.ok(Method::GET, "/admin/table/list", Value::Null).await;
    list.as_array().unwrap().iter().find(|entry| entry["tableId"] == table).cloned().unwrap_or_default()
}

#[tokio::test]
async fn the_list_tells_what_each_table_waits_for_as_it_changes() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let counter = daemon.counter().await;
    let mut backstage = counter.events().await;
    backstage.event("status").await;
    assert_eq!(entry(&counter, 1).await["state"], "free");
    counter.ok(Method::POST, "/admin/table/open/1", json!({ "heads": 4 })).await;
    assert_eq!(backstage.event("table_update").await.json()["tableId"], 1);
    let (phone, stays) = (daemon.phone(0).await, daemon.phone(0).await);
    let mut socket = stays.socket().await;
    socket.frame("cart_update").await;
    let seated = entry(&counter, 1).await;
    assert_eq!((&seated["state"], &seated["heads"], &seated["phones"]), (&json!("seated"), &json!(4), &json!(1)));
    assert_eq!((&seated["owed"], &seated["lastOrderAt"]), (&json!(0.0), &Value::Null));
    let order = phone.order("a").await;
    assert_eq!(backstage.event("table_update").await.json()["tableId"], 1);
    let ordered = entry(&counter, 1).await;
    assert_eq!(
        (&ordered["state"], &ordered["owed"], &ordered["unconfirmed"], &ordered["lastOrderAt"]),
        (&json!("ordered"), &json!(38.0), &json!(1), &order["createdAt"])
    );
    phone.ok(Method::POST, "/api/store/call", json!({ "tableId": 1, "what": "bill" })).await;
    let asked = entry(&counter, 1).await;
    assert_eq!((&asked["state"], &asked["calls"][0]["kind"]), (&json!("toPay"), &json!(8)));
    assert!(asked["billAskedAt"].is_string());
    phone.order("b").await;
    assert_eq!(entry(&counter, 1).await["billAskedAt"], Value::Null, "another round");
    let orders = phone.get("/api/store/order/list/1").await;
    for order in orders.as_array().unwrap() {
        let id = &order["orderId"];
        counter.put("/admin/order/confirm", json!({ "id": id })).await;
        for step in ["delivery", "complete"] {
            counter.put(&format!("/admin/order/{step}/{id}"), Value::Null).await;
        }
    }
    assert_eq!(entry(&counter, 1).await["state"], "toPay");

    let clear = "/admin/table/clear/1";
    let owes = counter.send(Method::POST, clear, Value::Null).await;
    assert_eq!(owes.error(), "TABLE_OWES");
    assert!(owes.body["msg"].as_str().unwrap().contains("A01桌还有 76.00 元"), "{}", owes.body);
    assert_eq!(entry(&counter, 1).await["state"], "toPay", "nothing has happened");
    for order in orders.as_array().unwrap() {
        let body = json!({ "orderId": order["orderId"], "method": "cash", "amount": order["amount"] });
        counter.ok(Method::POST, "/admin/payment/counter", body).await;
    }
    assert_eq!(entry(&counter, 1).await["state"], "toClear");
    counter.clear_table(1).await;
    assert_eq!(entry(&counter, 1).await["state"], "free");
}

#[tokio::test]
async fn a_debt_is_let_go_with_a_reason_that_is_kept() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (phone, counter) = (daemon.phone(0).await, daemon.counter().await);
    phone.order("a").await;
    phone.ok(Method::POST, "/api/store/call", json!({ "tableId": 1, "what": "waiter" })).await;
    counter.ok(Method::POST, "/admin/table/clear/1", json!({ "reason": "客人已离店" })).await;
    let kept: String =
        daemon.stored("select actor || '|' || target || '|' || detail from audit where act = 'table.clear'");
    assert_eq!(kept, "admin|A01|38.00 元未结：客人已离店");
    assert_eq!(daemon.stored::<i64>("select count(*) from alert where kind = 7 and acked_at is null"), 0);
}

#[tokio::test]
async fn the_owner_adds_renames_and_retires_tables() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let body = json!({ "tableNumber": " B01 ", "area": "包间", "seats": "10" });
    let made = counter.ok(Method::POST, "/admin/table", body.clone()).await;
    assert_eq!((&made["tableNumber"], &made["area"], &made["seats"]), (&json!("B01"), &json!("包间"), &json!(10)));
    let taken = counter.send(Method::POST, "/admin/table", body.clone()).await;
    assert_eq!(taken.error(), "TABLE_NUMBER_TAKEN");
    for wrong in [json!({ "tableNumber": "" }), json!({ "tableNumber": "B2", "seats": 0 }), json!({})] {
        let answer = counter.send(Method::POST, "/admin/table", wrong.clone()).await;
        assert_eq!(answer.error(), "BAD_REQUEST", "{wrong}");
    }
    let id = made["tableId"].as_i64().unwrap();
    let renamed = json!({ "tableId": id, "tableNumber": "B08", "area": "二楼", "seats": 8 });
    counter.ok(Method::PUT, "/admin/table", renamed).await;
    assert_eq!(
        (&entry(&counter, id).await["tableNumber"], entry(&counter, id).await["code"].clone()),
        (&json!("B08"), made["code"].clone())
    );
    let ann = daemon.phone(0).await;
    assert_eq!(counter.send(Method::DELETE, "/admin/table/1", Value::Null).await.error(), "TABLE_TAKEN");
    counter.ok(Method::DELETE, &format!("/admin/table/{id}"), Value::Null).await;
    assert_eq!(entry(&counter, id).await, Value::Null);
    let stranger = Phone { token: String::new(), ..ann };
    let scan = stranger.send(Method::POST, "/api/store/session", json!({ "code": made["code"] })).await;
    assert_eq!((scan.status.as_u16(), scan.error()), (404, "TABLE_NOT_FOUND"));
    let back = counter.ok(Method::POST, "/admin/table", json!({ "tableNumber": "B08" })).await;
    assert_eq!(back["tableId"], id);
    assert_ne!(back["code"], made["code"], "what is printed stays worthless");
}

#[tokio::test]
async fn a_member_of_staff_orders_for_a_table_until_its_party_leaves() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let (path, heads) = ("/admin/table/session/1", json!({ "heads": 3 }));
    let session = counter.ok(Method::POST, path, heads.clone()).await;
    assert_eq!(counter.ok(Method::POST, path, Value::Null).await["userId"], session["userId"], "the same diner");
    let token = session["token"].as_str().unwrap().to_owned();
    let desk = Phone { http: ann.http.clone(), lan: ann.lan.clone(), token, table: 1, user: 0 };
    desk.add(1001, 2).await;
    let line = ann.cart().await["items"][0].clone();
    assert_eq!((&line["addUserPhone"], &line["addUserId"]), (&json!("店员"), &session["userId"]));
    let kept = "select count(*) from audit where act = 'table.order' and actor = 'admin' and target = 'A01'";
    assert_eq!(daemon.stored::<i64>(kept), 1);
    counter.clear_table(1).await;
    let answer = desk.send(Method::GET, "/api/store/order/cart/1", Value::Null).await;
    assert_eq!((answer.status.as_u16(), answer.error()), (401, "SEATING_CLOSED"));
    counter.ok(Method::POST, "/admin/table/session/2", heads).await;
    assert_eq!(daemon.stored::<i64>("select heads from seating where table_id = 2"), 3, "it was opened");
}

#[tokio::test]
async fn guests_call_and_are_heard_once_until_somebody_comes() {
    let daemon = Daemon::demo(&[]);
    let (ann, bob, counter) = (daemon.phone(0).await, daemon.phone(1).await, daemon.counter().await);
    let (mut backstage, mut old) = (counter.events().await, counter.socket().await);
    backstage.event("status").await;
    let call = |table: i64, what: &str| json!({ "tableId": table, "what": what });
    for _ in 0..3 {
        ann.ok(Method::POST, "/api/store/call", call(1, "waiter")).await;
    }
    ann.ok(Method::POST, "/api/store/call", call(1, "bill")).await;
    let heard = backstage.event("alert").await.json();
    assert_eq!(
        (&heard["type"], &heard["content"], &heard["tableId"]),
        (&json!(7), &json!("A01桌呼叫服务员"), &json!(1))
    );
    let asked = backstage.event("alert").await.json();
    assert_eq!((&asked["type"], &asked["content"]), (&json!(8), &json!("A01桌请求结账")));
    assert_eq!(daemon.stored::<i64>("select count(*) from alert"), 2);
    for (body, error) in [(call(1, "song"), "BAD_REQUEST"), (call(2, "bill"), "FORBIDDEN")] {
        assert_eq!(ann.send(Method::POST, "/api/store/call", body).await.error(), error);
    }
    // It is said again until somebody answers, and goes with the party.
    counter.ok(Method::POST, TRANSFER, json!({ "from": 1, "to": 3 })).await;
    assert_eq!(entry(&counter, 3).await["calls"].as_array().unwrap().len(), 2);
    assert_eq!(counter.alerts().await[0]["tableNumber"], "A03");
    bob.ok(Method::POST, "/api/store/call", call(2, "bill")).await;
    counter.ok(Method::POST, MERGE, json!({ "from": 3, "into": 2 })).await;
    let kinds =
        |entry: &Value| entry["calls"].as_array().unwrap().iter().map(|call| call["kind"].as_i64()).collect::<Vec<_>>();
    assert_eq!(kinds(&entry(&counter, 2).await), [Some(7), Some(8)]);
    let waiter = &entry(&counter, 2).await["calls"][0]["alertId"];
    counter.ok(Method::POST, &format!("/admin/alert/ack/{waiter}"), Value::Null).await;
    assert_eq!(kinds(&entry(&counter, 2).await), [Some(8)]);
    counter.clear_table(2).await;
    assert_eq!(counter.alerts().await, Vec::<Value>::new());
    assert_eq!(
        old.all_within(Duration::from_millis(200)).await,
        Vec::<Value>::new(),
        "old counters take it for an urge"
    );
}

#[tokio::test]
async fn nobody_has_to_bring_the_bill_to_who_has_paid() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let orders = [ann.order("one").await, ann.order("two").await];
    for what in ["waiter", "bill"] {
        ann.ok(Method::POST, "/api/store/call", json!({ "tableId": 1, "what": what })).await;
    }
    let kinds = async || {
        let entry = entry(&counter, 1).await;
        entry["calls"].as_array().unwrap().iter().map(|call| call["kind"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    let pay = async |order: &Value| {
        let body = json!({ "orderId": order["orderId"], "method": "cash", "amount": order["amount"] });
        counter.ok(Method::POST, "/admin/payment/counter", body).await;
    };
    pay(&orders[0]).await;
    assert_eq!(kinds().await, [7, 8], "a half is not the bill");
    pay(&orders[1]).await;
    assert_eq!(kinds().await, [7], "the waiter is still called");
    assert_eq!(daemon.stored::<String>("select acked_by from alert where kind = 8"), "paid");
}

#[tokio::test]
async fn money_of_the_party_before_answers_no_call_of_this_one() {
    let daemon = Daemon::demo(&["--pay", "later"]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let late = ann.order("one").await;
    counter.ok(Method::POST, "/admin/table/clear/1", json!({ "reason": "明天来付" })).await;
    let bob = daemon.phone(0).await;
    bob.order("two").await;
    bob.ok(Method::POST, "/api/store/call", json!({ "tableId": 1, "what": "bill" })).await;
    let body = json!({ "orderId": late["orderId"], "method": "cash", "amount": late["amount"] });
    counter.ok(Method::POST, "/admin/payment/counter", body).await;
    assert_eq!(entry(&counter, 1).await["calls"][0]["kind"], 8, "they still wait for their bill");
}

/// Adds `count` pieces one by one over a socket that ends whenever the party moves, and orders now and then. What got
/// no answer is sent again with the same opId, as phones do.
async fn eat(phone: &Phone, count: i64) {
    let mut socket = phone.socket().await;
    for number in 0..count {
        let op = format!("{} {number}", phone.user);
        loop {
            let data = json!({ "cuisineId": 1001, "quantity": 1 });
            let request = json!({ "type": "add_item", "opId": op, "data": data });
            socket.send_lossy(request).await;
            let answer = loop {
                match socket.next().await {
                    Some(frame) if frame["opId"] == json!(op) => break Some(frame),
                    Some(_) => {}
                    None => break None,
                }
            };
            match answer {
                Some(frame) if frame["type"] == "add_item_success" => break,
                // The line is full: somebody has to order first, or all of them would wait for each other.
                Some(frame) => {
                    assert_eq!(frame["data"]["error"], "BAD_QUANTITY", "{frame}");
                    order_all(phone, &format!("full {op}")).await;
                }
                None => socket = phone.socket().await,
            }
        }
        if number % 4 == 3 {
            order_all(phone, &format!("order {op}")).await;
        }
    }
}

/// Orders what is in the cart, unless it changes meanwhile.
async fn order_all(phone: &Phone, op: &str) {
    let version = phone.cart().await["version"].clone();
    let answer = phone.submit(&version, &format!("{op} {version}")).await;
    assert!(["", "CART_CHANGED", "CART_EMPTY"].contains(&answer.error()), "{}", answer.body);
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_while_phones_order_and_their_parties_move() {
    const EACH: i64 = 24;
    let daemon = Daemon::demo(&["--pay", "later", "--limits", "off"]);
    let counter = daemon.counter().await;
    let mut phones = Vec::new();
    for index in 0..6 {
        phones.push(daemon.phone(index % 3).await);
    }
    let moves = async {
        for (path, from, to) in [
            (TRANSFER, 1, 4),
            (TRANSFER, 2, 5),
            (TRANSFER, 4, 2),
            (MERGE, 3, 2),
            (TRANSFER, 5, 1),
            (TRANSFER, 2, 6),
            (MERGE, 1, 6),
            (TRANSFER, 6, 3),
        ] {
            let key = if path == MERGE { "into" } else { "to" };
            counter.ok(Method::POST, path, json!({ "from": from, key: to })).await;
            tokio::task::yield_now().await;
        }
    };
    let eating = futures_util::future::join_all(phones.iter().map(|phone| eat(phone, EACH)));
    tokio::join!(eating, moves);
    let all = EACH * phones.len() as i64;
    let kept = "select (select coalesce(sum(quantity), 0) from order_item) + (select coalesce(sum(quantity), 0) from cart_line)";
    assert_eq!(daemon.stored::<i64>(kept), all);
    let last = phones[0].cart().await;
    for phone in &phones {
        assert_eq!(phone.cart().await, last, "they are one party by now");
        let orders = phone.get(&format!("/api/store/order/list/{}", phone.table)).await;
        let ordered: i64 = orders
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|order| order["items"].as_array().unwrap())
            .map(|item| item["quantity"].as_i64().unwrap())
            .sum();
        assert_eq!(ordered + last["totalQuantity"].as_i64().unwrap(), all);
    }
    counter.ok(Method::POST, "/admin/table/clear/3", json!({ "reason": "测试" })).await;
    for phone in &phones {
        let answer = phone.send(Method::GET, "/api/store/menu", Value::Null).await;
        assert_eq!(answer.error(), "SEATING_CLOSED");
    }
}
