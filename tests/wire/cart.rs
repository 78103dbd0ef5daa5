//! The shared cart (docs/protocol.md §1).

use crate::support::{self, Daemon, Phone, Socket};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Instant;

#[tokio::test]
async fn two_phones_and_a_stream_share_one_live_cart() {
    let daemon = Daemon::demo(&[]);
    let (ann, bob) = (daemon.phone(0).await, daemon.phone(0).await);
    assert_ne!(ann.user, bob.user);
    let (mut ann_socket, mut bob_socket, mut stream) = (ann.socket().await, bob.socket().await, bob.events().await);
    for socket in [&mut ann_socket, &mut bob_socket] {
        let connected = socket.next().await.unwrap();
        assert_eq!((&connected["type"], &connected["message"]), (&json!("connected"), &json!("连接成功")));
        assert!(connected["data"].is_null() && connected["timestamp"].is_i64());
        assert_eq!(socket.next().await.unwrap()["data"]["version"], 0, "the present cart follows");
    }
    assert_eq!(stream.next().await.unwrap().data, "连接成功");
    assert_eq!(stream.event("cart_update").await.json()["items"], json!([]));

    let add = json!({ "cuisineId": 1001, "quantity": 2, "remark": "不要花生" });
    ann_socket.send(json!({ "type": "add_item", "opId": "a-1", "data": add })).await;
    let done = ann_socket.frame("add_item_success").await;
    assert_eq!((&done["message"], &done["opId"]), (&json!("添加商品成功"), &json!("a-1")));
    let seen = bob_socket.frame("cart_update").await;
    assert_eq!(seen["data"], done["data"]);
    let streamed = stream.event("cart_update").await;
    assert_eq!(streamed.id.as_deref(), Some("1"));
    assert_eq!(streamed.json(), done["data"]);
    assert!(
        streamed.data.contains(r#""unitPrice":38.00,"#) && streamed.data.contains(r#""totalAmount":76.00"#),
        "{}",
        streamed.data
    );
    assert_eq!(bob.cart().await, done["data"]);
}

/// How a phone may send a change (docs/protocol.md §1.1 and §1.4).
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Body,
    Query,
    Socket,
}

const WAYS: [Way; 3] = [Way::Body, Way::Query, Way::Socket];

/// Socket request, HTTP method and route of each change.
const CHANGES: [(&str, Method, &str); 4] = [
    ("add_item", Method::POST, "add"),
    ("update_quantity", Method::PUT, "update"),
    ("remove_item", Method::DELETE, "remove"),
    ("clear_cart", Method::DELETE, "clear"),
];

/// Asks for a change in one of the ways; answers the cart after it or the stable code of the refusal.
async fn change(phone: &Phone, socket: &mut Socket, way: Way, kind: &str, data: Value) -> Result<Value, String> {
    let (_, method, route) = CHANGES.iter().find(|(known, ..)| *known == kind).unwrap().clone();
    if way == Way::Socket {
        let op_id = format!("{kind}-{:?}", Instant::now());
        let frame = socket.ask(json!({ "type": kind, "data": data }), &op_id).await;
        return match frame["type"] == "error" {
            true => Err(frame["data"]["error"].as_str().unwrap().to_owned()),
            false => Ok(frame["data"].clone()),
        };
    }
    let mut arguments = data;
    arguments["tableId"] = json!(phone.table);
    let url = format!("{}/api/store/order/cart/{route}", phone.lan);
    let request = match way {
        Way::Query => phone.http.request(method, format!("{url}?{}", serde_urlencoded::to_string(&arguments).unwrap())),
        _ => phone.http.request(method, url).json(&arguments),
    };
    let answer = support::answer(request.bearer_auth(&phone.token)).await;
    match answer.status {
        StatusCode::OK => Ok(answer.body["data"].clone()),
        _ => Err(answer.error().to_owned()),
    }
}

/// Dish, quantity and remark of every line.
fn lines(cart: &Value) -> Vec<(i64, i64, String)> {
    let line = |line: &Value| {
        let number = |name: &str| line[name].as_i64().unwrap();
        (number("cuisineId"), number("quantity"), line["remark"].as_str().unwrap().to_owned())
    };
    cart["items"].as_array().unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn every_change_works_by_body_by_query_and_over_the_socket() {
    let daemon = Daemon::demo(&[]);
    let (ann, bob) = (daemon.phone(0).await, daemon.phone(0).await);
    let (mut socket, mut watcher) = (ann.socket().await, bob.socket().await);
    for way in WAYS {
        let steps = [
            ("add_item", json!({ "cuisineId": 1017, "quantity": 2, "remark": "少盐" }), vec![(1017, 2, "少盐")]),
            ("add_item", json!({ "cuisineId": 1017, "quantity": 1 }), vec![(1017, 3, "少盐")]),
            ("add_item", json!({ "cuisineId": 1017, "quantity": 1, "remark": "多油" }), vec![(1017, 4, "多油")]),
            ("add_item", json!({ "cuisineId": 1041, "quantity": 3 }), vec![(1017, 4, "多油"), (1041, 3, "")]),
            ("update_quantity", json!({ "cuisineId": 1041, "quantity": 9 }), vec![(1017, 4, "多油"), (1041, 9, "")]),
            ("remove_item", json!({ "cuisineId": 1017 }), vec![(1041, 9, "")]),
            ("add_item", json!({ "cuisineId": 1020, "quantity": 1 }), vec![(1041, 9, ""), (1020, 1, "")]),
            ("update_quantity", json!({ "cuisineId": 1041, "quantity": 0 }), vec![(1020, 1, "")]),
            ("clear_cart", json!({}), vec![]),
        ];
        for (kind, data, expected) in steps {
            let before = bob.cart().await["version"].as_i64().unwrap();
            let cart = change(&ann, &mut socket, way, kind, data.clone()).await.unwrap();
            let expected: Vec<_> = expected.into_iter().map(|(id, count, remark)| (id, count, remark.into())).collect();
            assert_eq!(lines(&cart), expected, "{way:?} {kind} {data}");
            assert_eq!(cart["version"], before + 1, "{way:?} {kind}");
            let seen = watcher.until(|frame| frame["data"]["version"] == before + 1).await;
            assert_eq!((&seen["type"], &seen["data"]), (&json!("cart_update"), &cart), "{way:?} {kind}");
            assert_eq!(bob.cart().await, cart);
        }
    }
}

#[tokio::test]
async fn a_refused_change_says_why_and_changes_nothing() {
    let daemon = Daemon::demo(&[]);
    let ann = daemon.phone(0).await;
    let mut socket = ann.socket().await;
    ann.add(1001, 98).await;
    let before = ann.cart().await;
    for way in WAYS {
        for (kind, data, code) in [
            ("add_item", json!({ "cuisineId": 1001, "quantity": 2 }), "BAD_QUANTITY"),
            ("add_item", json!({ "cuisineId": 1002, "quantity": 0 }), "BAD_QUANTITY"),
            ("add_item", json!({ "cuisineId": 1002, "quantity": -1 }), "BAD_QUANTITY"),
            ("add_item", json!({ "cuisineId": 1002, "quantity": 100 }), "BAD_QUANTITY"),
            ("add_item", json!({ "cuisineId": 1002, "quantity": i64::MAX }), "BAD_QUANTITY"),
            ("add_item", json!({ "cuisineId": 4711, "quantity": 1 }), "CUISINE_NOT_FOUND"),
            ("add_item", json!({ "cuisineId": 1002, "quantity": 1, "remark": "长".repeat(101) }), "REMARK_TOO_LONG"),
            ("update_quantity", json!({ "cuisineId": 1001, "quantity": 100 }), "BAD_QUANTITY"),
            ("update_quantity", json!({ "cuisineId": 1001, "quantity": -1 }), "BAD_QUANTITY"),
            ("update_quantity", json!({ "cuisineId": 1002, "quantity": 1 }), "LINE_NOT_FOUND"),
            ("update_quantity", json!({ "lineId": 4711, "quantity": 1 }), "LINE_NOT_FOUND"),
            ("remove_item", json!({ "cuisineId": 1002 }), "LINE_NOT_FOUND"),
            ("remove_item", json!({ "lineId": 4711 }), "LINE_NOT_FOUND"),
        ] {
            let refused = change(&ann, &mut socket, way, kind, data.clone()).await;
            assert_eq!(refused, Err(code.to_owned()), "{way:?} {kind} {data}");
        }
    }
    assert_eq!(ann.cart().await, before);
    assert_eq!(ann.add(1001, 1).await["totalQuantity"], 99, "99 of one dish are allowed");
}

#[tokio::test]
async fn a_dish_with_two_choices_is_two_lines_and_must_be_named_by_its_line() {
    let daemon = Daemon::demo(&[]);
    let ann = daemon.phone(0).await;
    let mut socket = ann.socket().await;
    let spicy = |value: &str| json!([{ "name": "辣度", "value": value }]);
    for way in [Way::Body, Way::Socket] {
        for value in ["微辣", "特辣"] {
            let data = json!({ "cuisineId": 1001, "quantity": 1, "options": spicy(value) });
            change(&ann, &mut socket, way, "add_item", data).await.unwrap();
        }
        let cart = ann.cart().await;
        let (mild, hot) = (cart["items"][0].clone(), cart["items"][1].clone());
        assert_eq!((&mild["options"], &hot["options"]), (&spicy("微辣"), &spicy("特辣")));
        assert_ne!(mild["lineId"], hot["lineId"]);
        for (kind, data) in [
            ("update_quantity", json!({ "cuisineId": 1001, "quantity": 5 })),
            ("update_quantity", json!({ "cuisineId": 1001, "quantity": 0 })),
            ("remove_item", json!({ "cuisineId": 1001 })),
        ] {
            for way in WAYS {
                let refused = change(&ann, &mut socket, way, kind, data.clone()).await;
                assert_eq!(refused, Err("AMBIGUOUS_LINE".into()), "{way:?} {kind}");
            }
        }
        let answer = ann
            .send(Method::DELETE, "/api/store/order/cart/remove", json!({ "tableId": ann.table, "cuisineId": 1001 }))
            .await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert_eq!(ann.cart().await, cart, "refused requests change nothing");
        let by_line = json!({ "lineId": hot["lineId"], "quantity": 7 });
        let cart = change(&ann, &mut socket, way, "update_quantity", by_line).await.unwrap();
        assert_eq!((&cart["items"][0], &cart["items"][1]["quantity"]), (&mild, &json!(7)));
        let cart = change(&ann, &mut socket, way, "remove_item", json!({ "lineId": mild["lineId"] })).await.unwrap();
        assert_eq!(cart["items"].as_array().unwrap().len(), 1);
        let cart = change(&ann, &mut socket, way, "remove_item", json!({ "cuisineId": 1001 })).await.unwrap();
        assert_eq!(cart["items"], json!([]), "one line left: the dish names it again");
    }
}

#[tokio::test]
async fn choices_change_the_price_and_their_order_does_not_matter() {
    let daemon = Daemon::demo(&[]);
    let ann = daemon.phone(0).await;
    let mut socket = ann.socket().await;
    let (egg, meat) = (json!({ "name": "加料", "value": "加蛋" }), json!({ "name": "加料", "value": "加肉" }));
    let noodles = |options: Value| json!({ "cuisineId": 1044, "quantity": 1, "options": options });
    change(&ann, &mut socket, Way::Body, "add_item", noodles(json!([egg, meat]))).await.unwrap();
    let cart = change(&ann, &mut socket, Way::Socket, "add_item", noodles(json!([meat, egg]))).await.unwrap();
    let line = &cart["items"][0];
    assert_eq!(cart["items"].as_array().unwrap().len(), 1, "{cart}");
    assert_eq!((&line["unitPrice"], &line["quantity"], &cart["totalAmount"]), (&json!(38.0), &json!(2), &json!(76.0)));
    let cart = change(&ann, &mut socket, Way::Body, "add_item", noodles(Value::Null)).await.unwrap();
    assert_eq!((&cart["items"][1]["unitPrice"], &cart["totalAmount"]), (&json!(28.0), &json!(104.0)));
    for bad in [
        json!([{ "name": "加料", "value": "加金" }]),
        json!([{ "name": "糖度", "value": "半糖" }]),
        json!([egg, egg]),
        json!([{ "name": "辣度", "value": "不辣" }, { "name": "辣度", "value": "微辣" }]),
    ] {
        for way in [Way::Body, Way::Socket] {
            let refused = change(&ann, &mut socket, way, "add_item", noodles(bad.clone())).await;
            assert_eq!(refused, Err("BAD_OPTION".into()), "{way:?} {bad}");
        }
    }
    assert_eq!(ann.cart().await["version"], 3);
}

#[tokio::test]
async fn a_resent_op_id_is_answered_and_not_done_again() {
    let daemon = Daemon::demo(&[]);
    let (ann, bob) = (daemon.phone(0).await, daemon.phone(0).await);
    let add = json!({ "type": "add_item", "data": { "cuisineId": 1017, "quantity": 2 } });
    let body = json!({ "tableId": ann.table, "cuisineId": 1017, "quantity": 2, "opId": "op" });
    let route = "/api/store/order/cart/add";
    let mut socket = ann.socket().await;
    let first = socket.ask(add.clone(), "op").await;
    drop(socket);
    let mut socket = ann.socket().await;
    for again in [socket.ask(add.clone(), "op").await, bob.socket().await.ask(add.clone(), "op").await] {
        assert_eq!((&again["type"], &again["data"]), (&json!("add_item_success"), &first["data"]));
    }
    assert_eq!(ann.ok(Method::POST, route, body.clone()).await, first["data"]);
    let cart = bob.add(1041, 1).await;
    assert_eq!(ann.ok(Method::POST, route, body.clone()).await, cart, "the cart as it is now, nothing done twice");
    let other = json!({ "type": "clear_cart" });
    assert_eq!(socket.ask(other, "op").await["type"], "add_item_success", "the repeat answers what the first one did");
    let elsewhere = daemon.phone(1).await;
    let mut body = body;
    body["tableId"] = json!(elsewhere.table);
    assert_eq!(elsewhere.ok(Method::POST, route, body).await["totalQuantity"], 2, "another table's opIds are its own");
    assert_eq!(ann.cart().await, cart);
}

#[tokio::test]
async fn a_refused_op_id_may_be_tried_again() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let mut socket = ann.socket().await;
    let add = json!({ "type": "add_item", "data": { "cuisineId": 1017, "quantity": 1 } });
    counter.set_sold_out(1017, true).await;
    assert_eq!(socket.ask(add.clone(), "op").await["data"]["error"], "SOLD_OUT");
    counter.set_sold_out(1017, false).await;
    assert_eq!(socket.ask(add, "op").await["data"]["totalQuantity"], 1);
}

#[tokio::test]
async fn a_line_remembers_who_added_it_and_shows_nobody_a_phone_number() {
    let daemon = Daemon::demo(&[]);
    let (ann, bob) = (daemon.phone(0).await, daemon.phone(0).await);
    ann.add(1017, 1).await;
    bob.add(1017, 1).await;
    let cart = bob.add(1041, 1).await;
    let by = |index: usize| cart["items"][index]["addUserId"].as_i64();
    assert_eq!((by(0), by(1)), (Some(ann.user), Some(bob.user)));
    assert_eq!((&cart["tableId"], &cart["tableNumber"], &cart["storeId"]), (&json!(1), &json!("A01"), &json!(1)));
    assert_eq!(cart["items"][0]["addUserPhone"], "");
}

#[tokio::test]
async fn polling_costs_a_304_until_the_cart_changes() {
    let daemon = Daemon::demo(&[]);
    let ann = daemon.phone(0).await;
    for (path, dish) in [("/api/store/order/cart/1", 1002), ("/api/store/menu", 1003)] {
        let poll = async |etag: &str| {
            let request = ann.http.get(format!("{}{path}", ann.lan)).bearer_auth(&ann.token);
            let response = request.header("if-none-match", etag).send().await.unwrap();
            let etag = response.headers()["etag"].to_str().unwrap().to_owned();
            (response.status().as_u16(), etag, response.text().await.unwrap())
        };
        let (status, etag, _) = poll("").await;
        assert_eq!(status, 200);
        assert_eq!(poll(&etag).await, (304, etag.clone(), String::new()));
        ann.add(1001, 1).await;
        daemon.counter().await.set_sold_out(dish, true).await;
        let (status, newer, _) = poll(&etag).await;
        assert_eq!(status, 200);
        assert_ne!(newer, etag);
    }
}

#[tokio::test]
async fn whoever_has_it_says_so_in_every_form_that_http_knows() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let ann = daemon.phone(0).await;
    for path in ["/api/store/order/cart/1", "/api/store/menu"] {
        let poll = async |known: &[&str]| {
            let request = ann.http.get(format!("{}{path}", ann.lan)).bearer_auth(&ann.token);
            let request = known.iter().fold(request, |request, known| request.header("if-none-match", *known));
            let response = request.send().await.unwrap();
            let etag = response.headers()["etag"].to_str().unwrap().to_owned();
            (response.status().as_u16(), etag, response.text().await.unwrap())
        };
        let (status, etag, whole) = poll(&[]).await;
        assert_eq!(status, 200);
        let tag = etag.trim_matches('"');
        for known in [
            format!("\"{tag}\""),
            format!("W/\"{tag}\""),
            format!("\"other\", \"{tag}\""),
            format!("W/\"other\" ,W/\"{tag}\",\"x,y\""),
            "*".to_owned(),
        ] {
            assert_eq!(poll(&[&known]).await, (304, etag.clone(), String::new()), "{path} {known}");
        }
        assert_eq!(poll(&["\"other\"", &etag]).await.0, 304, "{path}: two lines are one list");
        for known in [
            String::new(),
            tag.to_owned(),
            format!("w/\"{tag}\""),
            format!("\"{tag}"),
            format!("\"{tag}x\""),
            format!("\"x, {tag}, y\""),
            "W/\"other\", \"x\"".to_owned(),
            "\"*\"".to_owned(),
        ] {
            assert_eq!(poll(&[&known]).await, (200, etag.clone(), whole.clone()), "{path} {known}");
        }
    }
}

#[tokio::test]
async fn a_heartbeat_is_answered_with_pong() {
    let daemon = Daemon::demo(&[]);
    let mut socket = daemon.phone(0).await.socket().await;
    socket.send(json!({ "type": "heartbeat" })).await;
    let pong = socket.frame("heartbeat").await;
    assert_eq!((&pong["message"], &pong["data"]), (&json!("pong"), &Value::Null));
}
