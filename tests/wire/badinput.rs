//! Bad input on every route and frame: a clear refusal, and nothing has happened.

use crate::support::{self, Counter, Daemon, Phone, Socket};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// Sends bytes as they are. A refusal of the table family is a 4xx with its envelope.
async fn refuse(phone: &Phone, method: Method, path: &str, body: impl Into<reqwest::Body>, label: &str) {
    let request = phone.http.request(method.clone(), format!("{}{path}", phone.lan)).bearer_auth(&phone.token);
    let answer = support::answer(request.body(body)).await;
    let context = format!("{method} {path} {label}: {} {}", answer.status, answer.body);
    assert!(answer.status.is_client_error(), "{context}");
    assert_eq!(answer.body["code"], answer.status.as_u16(), "{context}");
    assert!(answer.body["msg"].as_str().is_some_and(|sentence| !sentence.is_empty()), "{context}");
    assert!(answer.body["data"].is_null() || answer.error() == "CART_CHANGED", "{context}");
    let stable = |code: &str| !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    assert!(stable(answer.error()), "{context}");
}

/// A refusal of the counter family: `code` 0 with a sentence, on HTTP 200 or an honest 4xx.
async fn refuse_staff(counter: &Counter, method: Method, path: &str, body: impl Into<reqwest::Body>) {
    let request =
        counter.http.request(method.clone(), format!("{}{path}", counter.lan)).header("token", &counter.token);
    let answer = support::answer(request.body(body)).await;
    let context = format!("{method} {path}: {} {}", answer.status, answer.body);
    assert!(answer.status == StatusCode::OK || answer.status.is_client_error(), "{context}");
    // The old web reads an order's details without a look at the code.
    let nothing = if path.contains("/details/") { json!({}) } else { Value::Null };
    assert_eq!((&answer.body["code"], &answer.body["data"]), (&json!(0), &nothing), "{context}");
    assert!(answer.body["msg"].as_str().is_some_and(|sentence| !sentence.is_empty()), "{context}");
    assert!(!answer.error().is_empty(), "{context}");
}

/// A table with one dish in its cart and one unpaid order, for refused requests to leave alone.
struct Scene {
    daemon: Daemon,
    phone: Phone,
    cart: Value,
    orders: Value,
}

impl Scene {
    async fn set() -> Scene {
        let daemon = Daemon::demo(&["--limits", "off"]);
        let phone = daemon.phone(0).await;
        phone.order("first").await;
        let cart = phone.add(1001, 2).await;
        let orders = phone.get("/api/store/order/list/1").await;
        Scene { daemon, phone, cart, orders }
    }

    async fn assert_unchanged(&self) {
        assert_eq!(self.phone.cart().await, self.cart);
        assert_eq!(self.phone.get("/api/store/order/list/1").await, self.orders);
        assert!(self.daemon.saves().await);
        assert!(!self.daemon.log().contains("internal error"), "{}", self.daemon.log());
    }
}

/// Routes that take a JSON body, with arguments that would be accepted.
fn routes() -> Vec<(Method, &'static str, Value)> {
    vec![
        (Method::POST, "/api/store/session", json!({ "code": "x" })),
        (Method::POST, "/api/store/order/cart/add", json!({ "tableId": 1, "cuisineId": 1002, "quantity": 1 })),
        (Method::PUT, "/api/store/order/cart/update", json!({ "tableId": 1, "cuisineId": 1001, "quantity": 1 })),
        (Method::DELETE, "/api/store/order/cart/remove", json!({ "tableId": 1, "cuisineId": 1001 })),
        (Method::DELETE, "/api/store/order/cart/clear", json!({ "tableId": 1 })),
        (Method::POST, "/api/store/order/submit", json!({ "tableId": 1, "version": 3, "opId": "bad" })),
        (Method::POST, "/api/store/order/1/pay", json!({ "provider": "nobody" })),
    ]
}

/// Bodies that are no object, whatever the route.
fn malformed() -> Vec<Vec<u8>> {
    let mut bodies: Vec<Vec<u8>> = [
        "{",
        "}",
        "[]",
        "null",
        "1",
        "\"x\"",
        "true",
        "NaN",
        "{'a':1}",
        "{\"a\":}",
        "\u{feff}{}",
        "tableId=1&cuisineId=1002&quantity=1",
        "<xml/>",
        "{} {}",
        " ",
        "\0",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec();
    bodies.push(vec![0xff, 0xfe, 0x00]);
    bodies.push(b"{\"tableId\":1,\"remark\":\"\xc3\x28\",\"code\":\"\xff\",\"provider\":\"\xff\"}".to_vec());
    bodies.push("[".repeat(200).into_bytes());
    bodies.push(["[".repeat(200), "]".repeat(200)].concat().into_bytes());
    bodies.push(["{\"provider\":".repeat(200), "1".into(), "}".repeat(200)].concat().into_bytes());
    bodies
}

#[tokio::test]
async fn a_body_that_is_no_object_is_refused_on_every_route() {
    let scene = Scene::set().await;
    for (method, path, _) in routes() {
        for body in malformed() {
            let label = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            refuse(&scene.phone, method.clone(), path, body, &label).await;
        }
    }
    scene.assert_unchanged().await;
}

/// JSON that is neither a whole number nor absent.
const NO_INTEGERS: [&str; 16] = [
    "\"1\"",
    "1.5",
    "1.0",
    "1e3",
    "1e308",
    "-1e308",
    "9223372036854775808",
    "-9223372036854775809",
    "340282366920938463463374607431768211456",
    "\"NaN\"",
    "NaN",
    "Infinity",
    "true",
    "[1]",
    "{}",
    "0x1",
];
const NO_TEXTS: [&str; 5] = ["1", "true", "[]", "{}", "[\"x\"]"];

/// Route, field, and the JSON that is wrong in it.
fn wrong_fields() -> Vec<(&'static str, &'static str, Vec<String>)> {
    let strings = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    let with = |values: &[&str], more: &[&str]| [strings(values), strings(more)].concat();
    let text_over = |count: usize| json!("长".repeat(count)).to_string();
    let options =
        strings(&["\"x\"", "1", "{}", "[1]", "[{}]", "[[]]", r#"[{"name":1,"value":"微辣"}]"#, r#"[{"name":"辣度"}]"#]);
    let op_ids = [with(&NO_TEXTS, &["\"\""]), vec![text_over(65)]].concat();
    vec![
        ("session", "code", with(&NO_TEXTS, &["null", "\"\"", "\"' or 1=1 --\""])),
        ("add", "tableId", with(&NO_INTEGERS, &["null", "0", "-1", "2", "9223372036854775807"])),
        ("add", "cuisineId", with(&NO_INTEGERS, &["null", "0", "-1", "9223372036854775807"])),
        ("add", "quantity", with(&NO_INTEGERS, &["null", "0", "-1", "100", "9223372036854775807"])),
        ("add", "remark", [strings(&NO_TEXTS), vec![text_over(101)]].concat()),
        ("add", "options", options),
        ("add", "opId", op_ids.clone()),
        ("update", "tableId", with(&NO_INTEGERS, &["null", "0", "-1"])),
        ("update", "cuisineId", with(&NO_INTEGERS, &["null", "0", "-1"])),
        ("update", "lineId", with(&NO_INTEGERS, &["0", "-1", "9223372036854775807"])),
        ("update", "quantity", with(&NO_INTEGERS, &["null", "-1", "100", "-9223372036854775808"])),
        ("update", "opId", op_ids.clone()),
        ("remove", "tableId", with(&NO_INTEGERS, &["null", "0", "-1"])),
        ("remove", "cuisineId", with(&NO_INTEGERS, &["null", "0", "-1"])),
        ("remove", "lineId", with(&NO_INTEGERS, &["0", "-1"])),
        ("remove", "opId", op_ids.clone()),
        ("clear", "tableId", with(&NO_INTEGERS, &["null", "0", "-1"])),
        ("clear", "opId", op_ids.clone()),
        ("submit", "tableId", with(&NO_INTEGERS, &["null", "0", "-1"])),
        ("submit", "version", with(&NO_INTEGERS, &["null", "0", "-1", "9223372036854775807"])),
        ("submit", "dinersCount", with(&NO_INTEGERS, &["0", "-1", "1000", "9223372036854775807"])),
        ("submit", "remark", [strings(&NO_TEXTS), vec![text_over(201)]].concat()),
        ("submit", "opId", [op_ids, strings(&["null"])].concat()),
        ("pay", "provider", with(&NO_TEXTS, &["\"x\"", "\"\""])),
    ]
}

#[tokio::test]
async fn a_wrong_or_missing_field_is_refused_on_every_route() {
    let scene = Scene::set().await;
    let known = routes();
    let route = |name: &str| known.iter().find(|(_, path, _)| path.ends_with(name)).unwrap();
    for (name, field, values) in wrong_fields() {
        let (method, path, good) = route(name);
        for value in values {
            // Written by hand: serde_json can't hold NaN or a number beyond u64.
            let mut rest = good.clone();
            rest.as_object_mut().unwrap().remove(field);
            let body =
                format!("{{\"{field}\":{value}{}{}", if rest == json!({}) { "" } else { "," }, &rest.to_string()[1..]);
            refuse(&scene.phone, method.clone(), path, body, &format!("{field} {value}")).await;
        }
    }
    for (method, path, good) in &known[..6] {
        for field in good.as_object().unwrap().keys() {
            let mut rest = good.clone();
            rest.as_object_mut().unwrap().remove(field);
            refuse(&scene.phone, method.clone(), path, rest.to_string(), &format!("without {field}")).await;
        }
        refuse(&scene.phone, method.clone(), path, "", "nothing at all").await;
    }
    scene.assert_unchanged().await;
}

#[tokio::test]
async fn a_query_with_wrong_values_is_refused() {
    let scene = Scene::set().await;
    let add = "/api/store/order/cart/add?tableId=1&cuisineId=1002";
    for query in [
        "&quantity=",
        "&quantity=x",
        "&quantity=NaN",
        "&quantity=1.0",
        "&quantity=1e3",
        "&quantity=0x1",
        "&quantity=%FF",
        "&quantity=%00",
        "&quantity=99999999999999999999",
        "&quantity=1&quantity=2",
        "&quantity[]=1",
        "",
        "&quantity=١",
        "&quantity=1&opId=",
        "&quantity=1&options=x",
    ] {
        refuse(&scene.phone, Method::POST, &format!("{add}{query}"), "", "").await;
    }
    let over = format!("{add}&quantity=1&opId={}", "x".repeat(65));
    refuse(&scene.phone, Method::POST, &over, "", "").await;
    for path in [
        "/api/store/order/cart/add?tableId=&cuisineId=1002&quantity=1",
        "/api/store/order/cart/update?tableId=1&quantity=1",
        "/api/store/order/cart/remove?tableId=1",
        "/api/store/order/cart/clear",
        "/api/store/order/submit?tableId=1&version=x&opId=y",
        "/api/store/session?code=",
        "/api/store/session",
    ] {
        let method = [("update", Method::PUT), ("remove", Method::DELETE), ("clear", Method::DELETE)];
        let method =
            method.into_iter().find(|(name, _)| path.contains(name)).map_or(Method::POST, |(_, method)| method);
        refuse(&scene.phone, method, path, "", "").await;
    }
    scene.assert_unchanged().await;
}

#[tokio::test]
async fn an_id_in_a_path_that_is_no_id_is_refused() {
    let scene = Scene::set().await;
    for id in
        ["abc", "0", "-1", "99999", "9223372036854775808", "1.0", "1e3", "%00", "1%00", "١", "%FF", "..%2f1", "1;2"]
    {
        for (method, path) in [
            (Method::GET, format!("/api/store/order/cart/{id}")),
            (Method::GET, format!("/api/store/order/sse/{id}")),
            (Method::GET, format!("/api/store/order/list/{id}")),
            (Method::GET, format!("/api/store/order/{id}")),
            (Method::POST, format!("/api/store/order/{id}/cancel")),
            (Method::POST, format!("/api/store/order/{id}/pay")),
            (Method::POST, format!("/api/store/order/{id}/reminder")),
            (Method::GET, format!("/demo-pay/{id}")),
            (Method::POST, format!("/demo-pay/{id}")),
            (Method::GET, format!("/ws/cart/{id}")),
        ] {
            refuse(&scene.phone, method, &path, "", "").await;
        }
    }
    scene.assert_unchanged().await;
}

#[tokio::test]
async fn a_wrong_method_or_address_is_refused() {
    let scene = Scene::set().await;
    let all = [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS];
    for (allowed, path) in [
        (vec![Method::POST], "/api/store/session"),
        (vec![Method::GET], "/api/store/menu"),
        (vec![Method::POST], "/api/store/order/cart/add"),
        (vec![Method::PUT], "/api/store/order/cart/update"),
        (vec![Method::DELETE], "/api/store/order/cart/remove"),
        (vec![Method::DELETE], "/api/store/order/cart/clear"),
        (vec![Method::GET], "/api/store/order/cart/1"),
        (vec![Method::GET], "/api/store/order/sse/1"),
        (vec![Method::POST], "/api/store/order/submit"),
        (vec![Method::GET], "/api/store/order/list/1"),
        (vec![Method::GET], "/api/store/order/1"),
        (vec![Method::POST], "/api/store/order/1/cancel"),
        (vec![Method::POST], "/api/store/order/1/pay"),
        (vec![Method::POST], "/api/store/order/1/reminder"),
        (vec![], "/ws/cart/1"),
        (vec![Method::GET], "/healthz"),
        (vec![Method::GET], "/metrics"),
        (vec![Method::GET], "/counter"),
        (vec![], "/api"),
        (vec![], "/api/store"),
        (vec![], "/api/store/order/cart"),
        (vec![], "/api/store/order/cart/add/1"),
        (vec![], "/ws"),
        (vec![], "/nowhere"),
        (vec![], "/%2e%2e/%2e%2e/etc/passwd"),
    ] {
        for method in all.iter().filter(|method| !allowed.contains(method)) {
            refuse(&scene.phone, method.clone(), path, "", "").await;
        }
    }
    scene.assert_unchanged().await;
}

#[tokio::test]
async fn a_frame_that_is_no_request_is_answered_and_the_socket_goes_on() {
    let scene = Scene::set().await;
    let mut socket = scene.phone.socket().await;
    socket.frame("cart_update").await;
    let mut frames: Vec<String> = malformed().into_iter().filter_map(|body| String::from_utf8(body).ok()).collect();
    frames.extend(["", "{}", r#"{"data":{"cuisineId":1002,"quantity":1}}"#].map(str::to_owned));
    for kind in ["null", "1", "[]", "\"\"", "\"ADD_ITEM\"", "\"drop_table\"", "\"cart_update\"", "\"add_item \""] {
        frames.push(format!(r#"{{"type":{kind},"data":{{"cuisineId":1002,"quantity":1}}}}"#));
    }
    for kind in ["add_item", "update_quantity", "remove_item"] {
        for data in ["null", "1", "\"x\"", "[]", "{}", "true"] {
            frames.push(format!(r#"{{"type":"{kind}","data":{data}}}"#));
        }
        frames.push(format!(r#"{{"type":"{kind}"}}"#));
    }
    for data in ["1", "\"x\"", "true"] {
        frames.push(format!(r#"{{"type":"clear_cart","data":{data}}}"#));
    }
    let types =
        [("add", "add_item"), ("update", "update_quantity"), ("remove", "remove_item"), ("clear", "clear_cart")];
    let known = routes();
    for (name, field, values) in wrong_fields() {
        let Some((_, kind)) = types.iter().find(|(route, _)| *route == name && field != "tableId") else { continue };
        let (.., good) = known.iter().find(|(_, path, _)| path.ends_with(name)).unwrap();
        for value in values {
            let mut data = good.clone();
            data.as_object_mut().unwrap().remove(field);
            let rest = &data.to_string()[1..];
            frames.push(match field {
                "opId" => format!(r#"{{"type":"{kind}","opId":{value},"data":{data}}}"#),
                _ => format!(r#"{{"type":"{kind}","data":{{"{field}":{value},{rest}}}"#),
            });
        }
    }
    for frame in frames {
        assert_refused_frame(&mut socket, &frame).await;
    }
    assert_eq!(socket.ask(json!({ "type": "heartbeat" }), "h").await["message"], "pong");
    scene.assert_unchanged().await;
}

#[tokio::test]
async fn an_array_in_the_place_of_an_object_is_refused() {
    let scene = Scene::set().await;
    for (method, path, body) in [
        (Method::POST, "/api/store/order/cart/add", json!([1, 1002, null, 1, null, null, null])),
        (Method::DELETE, "/api/store/order/cart/clear", json!([1, null, null, null, null, null, null])),
        (Method::POST, "/api/store/session", json!([scene.daemon.table_code(0)])),
        (Method::POST, "/api/store/order/submit", json!([1, scene.cart["version"], null, null, "op"])),
    ] {
        refuse(&scene.phone, method, path, body.to_string(), &body.to_string()).await;
    }
    let mut socket = scene.phone.socket().await;
    socket.frame("cart_update").await;
    assert_refused_frame(&mut socket, &json!(["clear_cart", null, null]).to_string()).await;
    scene.assert_unchanged().await;
}

#[tokio::test]
async fn an_array_in_the_place_of_an_inner_object_is_refused() {
    let scene = Scene::set().await;
    let mut socket = scene.phone.socket().await;
    socket.frame("cart_update").await;
    let choice = json!({ "tableId": 1, "cuisineId": 1001, "quantity": 1, "options": [["辣度", "微辣"]] });
    for frame in [
        json!({ "type": "add_item", "data": [1002, null, 1, null, null] }),
        json!({ "type": "remove_item", "data": [1001, null, null, null, null] }),
        json!({ "type": "add_item", "data": choice }),
    ] {
        assert_refused_frame(&mut socket, &frame.to_string()).await;
    }
    let body = choice.to_string();
    refuse(&scene.phone, Method::POST, "/api/store/order/cart/add", body, "a choice that is an array").await;
    scene.assert_unchanged().await;
}

async fn assert_refused_frame(socket: &mut Socket, frame: &str) {
    socket.send_text(frame).await;
    let answer = socket.next().await.unwrap_or_else(|| panic!("closed by {frame}"));
    assert_eq!(answer["type"], "error", "{frame}: {answer}");
    assert!(answer["message"].as_str().is_some_and(|sentence| !sentence.is_empty()), "{frame}: {answer}");
    assert!(answer["data"]["error"].as_str().is_some_and(|code| !code.is_empty()), "{frame}: {answer}");
    assert!(answer["timestamp"].is_i64(), "{frame}: {answer}");
}

#[tokio::test]
async fn what_a_newer_client_sends_besides_is_ignored() {
    let daemon = Daemon::demo(&[]);
    let ann = daemon.phone(0).await;
    let body = json!({
        "tableId": 1, "cuisineId": 1001, "quantity": 1, "storeId": 7, "price": 0.01, "unitPrice": 0.01, "nested": { "a": [1] },
        "remark": null, "options": null, "opId": null, "addUserId": 99,
    });
    let cart = ann.ok(Method::POST, "/api/store/order/cart/add?x=1", body.clone()).await;
    assert_eq!((&cart["items"][0]["unitPrice"], &cart["items"][0]["addUserId"]), (&json!(38.0), &json!(ann.user)));
    let mut socket = ann.socket().await;
    let frame = json!({ "type": "add_item", "data": body, "userId": 99, "tableId": 2 });
    assert_eq!(socket.ask(frame, "op").await["data"]["totalQuantity"], 2);
    let submit = json!({ "tableId": 1, "version": 2, "opId": "o", "amount": 0.01, "payStatus": 1, "userId": 99 });
    let order = ann.ok(Method::POST, "/api/store/order/submit", submit).await;
    assert_eq!((&order["amount"], &order["payStatus"]), (&json!(76.0), &json!(0)), "the client's sum is not believed");
}

#[tokio::test]
async fn what_a_diner_types_is_kept_as_text_without_control_characters() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let mut socket = counter.socket().await;
    let typed = "  <img src=x onerror=alert(1)>\u{0}\u{1b}[31m'; drop table cart_line; --\r\n ";
    let body = json!({ "tableId": 1, "cuisineId": 1001, "quantity": 1, "remark": typed });
    let cart = ann.ok(Method::POST, "/api/store/order/cart/add", body).await;
    assert_eq!(cart["items"][0]["remark"], "<img src=x onerror=alert(1)>[31m'; drop table cart_line; --");
    let submit = json!({ "tableId": 1, "version": 1, "opId": "o", "remark": typed });
    let order = ann.ok(Method::POST, "/api/store/order/submit", submit).await;
    ann.press_pay(&ann.start_payment(&order).await, "once").await;
    let alert = socket.next().await.unwrap().to_string();
    assert!(!alert.contains("img") && !alert.contains('<'), "old clients inject the frame as HTML: {alert}");
}

#[tokio::test]
async fn the_counter_refuses_bad_input_in_its_own_envelope() {
    let scene = Scene::set().await;
    let counter = scene.daemon.counter().await;
    for id in ["abc", "0", "-1", "99999", "9223372036854775808", "1.0", "%00", "١"] {
        for (method, path) in [
            (Method::GET, format!("/admin/order/details/{id}")),
            (Method::PUT, format!("/admin/order/delivery/{id}")),
            (Method::PUT, format!("/admin/order/complete/{id}")),
            (Method::PUT, format!("/admin/order/confirm?id={id}")),
            (Method::PUT, format!("/admin/order/rejection?id={id}")),
            (Method::PUT, format!("/admin/order/cancel?id={id}")),
            (Method::POST, format!("/admin/dish/status/0?id={id}")),
            (Method::POST, format!("/admin/alert/ack/{id}")),
        ] {
            refuse_staff(&counter, method, &path, "").await;
        }
    }
    for (method, path) in [
        (Method::POST, "/admin/table/clear/abc"),
        (Method::PUT, "/admin/shop/2"),
        (Method::PUT, "/admin/shop/x"),
        (Method::POST, "/admin/dish/status/2?id=1001"),
        (Method::POST, "/admin/dish/status/0"),
        (Method::GET, "/admin/order/conditionSearch?page=x"),
        (Method::GET, "/admin/order/conditionSearch?status=x"),
        (Method::GET, "/admin/order/conditionSearch?pageSize=1e9"),
        (Method::GET, "/admin/order/conditionSearch?beginTime=yesterday"),
        (Method::GET, "/admin/order/conditionSearch?endTime=2026-13-45%2000:00:00"),
        (Method::DELETE, "/admin/order/statistics"),
        (Method::GET, "/admin/nowhere"),
        (Method::POST, "/admin/employee/login"),
    ] {
        refuse_staff(&counter, method, path, "").await;
    }
    scene.assert_unchanged().await;
}

#[tokio::test]
async fn what_is_wrong_is_said_in_words_of_the_trade_and_in_the_pages_language() {
    let scene = Scene::set().await;
    let counter = scene.daemon.counter().await;
    let order = &scene.orders[0]["orderId"];
    let said = async |path: &str, body: &Value, language: &str| {
        let request = counter.http.post(format!("{}{path}", counter.lan)).header("token", &counter.token);
        let answer = support::answer(request.header("accept-language", language).json(body)).await;
        (answer.error().to_owned(), answer.body["msg"].as_str().unwrap_or_default().to_owned())
    };
    let taken_back = json!({ "userId": 1, "uses": 0, "amount": -5.0, "paid": 0.0, "method": "", "opId": "t" });
    for (path, body, chinese, english) in [
        ("/admin/bill/discount", json!({ "orderId": order, "percent": 100, "reason": "熟客" }), "折扣", "discount"),
        ("/admin/bill/discount", json!({ "orderId": order, "reason": "熟客" }), "折扣", "discount"),
        ("/admin/bill/discount", json!({ "percent": 10, "reason": "熟客" }), "桌台", "table"),
        ("/admin/bill/discount", json!({ "orderId": order, "percent": 10, "reason": " " }), "请填写原因", "reason"),
        ("/admin/bill/free", json!({ "orderId": order, "position": 9, "reason": "送" }), "免单的菜", "dish"),
        ("/admin/member/topup", taken_back, "备注", "note"),
    ] {
        for (language, words, never) in
            [("zh-CN,zh;q=0.9", chinese, "Please"), ("en", english, "请"), ("en-US,en;q=0.9", chinese, "Please")]
        {
            let (code, sentence) = said(path, &body, language).await;
            assert_eq!(code, "BAD_REQUEST", "{path} {body}: {sentence}");
            assert!(sentence.contains(words) && !sentence.contains(never), "{language} {body}: {sentence}");
        }
    }
    scene.assert_unchanged().await;
}

/// With the dish's own name and what is left, by HTTP and by the socket; a client that asks for nothing reads Chinese.
#[tokio::test]
async fn a_guest_who_reads_english_is_told_how_many_are_left() {
    let daemon = Daemon::demo(&[]);
    let (counter, ann) = (daemon.counter().await, daemon.phone(0).await);
    counter.ok(Method::PUT, "/admin/dish/stock/1001", json!({ "stock": "2" })).await;
    let (chinese, english) = ("宫保鸡丁只剩 2 份", "Only 2 of 宫保鸡丁 left");
    let three = json!({ "cuisineId": 1001, "quantity": 3 });
    for (language, sentence, told) in [("en", english, Some("en")), ("zh-CN", chinese, None), ("en-GB", chinese, None)]
    {
        let mut body = three.clone();
        body["tableId"] = json!(1);
        let request = ann.http.post(format!("{}/api/store/order/cart/add", ann.lan)).bearer_auth(&ann.token);
        let answer = request.header("accept-language", language).json(&body).send().await.unwrap();
        let own = answer.headers().get("content-language").map(|own| own.to_str().unwrap().to_owned());
        let body: Value = answer.json().await.unwrap();
        assert_eq!((body["msg"].as_str(), own.as_deref()), (Some(sentence), told), "{language}");
    }
    let mut socket = ann.socket().await;
    for (lang, sentence) in [(json!("en"), english), (json!("zh"), chinese), (Value::Null, chinese)] {
        let frame = json!({ "type": "add_item", "data": three, "lang": lang });
        let answer = socket.ask(frame, &format!("op-{lang}")).await;
        assert_eq!(
            (&answer["message"], &answer["data"]),
            (&json!(sentence), &json!({ "error": "SOLD_OUT" })),
            "{lang}"
        );
    }
    let odd = socket.ask(json!({ "type": "dance", "lang": "en" }), "odd").await;
    assert_eq!(odd["message"], r#"Bad request: type "dance""#);
}

#[tokio::test]
async fn the_counter_refuses_malformed_bodies_and_wrong_logins() {
    let scene = Scene::set().await;
    let counter = scene.daemon.counter().await;
    for body in malformed() {
        refuse_staff(&counter, Method::POST, "/admin/employee/login", body.clone()).await;
        refuse_staff(&counter, Method::PUT, "/admin/order/confirm", body).await;
    }
    for login in [
        json!({ "username": "admin", "password": 123456 }),
        json!({ "username": "admin", "password": "" }),
        json!({ "username": "admin' or '1'='1", "password": "123456" }),
        json!({ "username": "ADMIN", "password": "x".repeat(10_000) }),
    ] {
        refuse_staff(&counter, Method::POST, "/admin/employee/login", login.to_string()).await;
    }
    scene.assert_unchanged().await;
}

#[tokio::test]
async fn ten_megabytes_are_refused_and_the_daemon_goes_on() {
    let scene = Scene::set().await;
    let paths = ["/api/store/order/cart/add", "/api/store/session", "/admin/employee/login", "/demo-pay/1", "/nowhere"];
    for path in paths {
        let request = scene.phone.http.post(format!("{}{path}", scene.phone.lan)).bearer_auth(&scene.phone.token);
        // The daemon may answer and close before all is sent: the client then sees the answer or a broken pipe.
        if let Ok(response) = request.body(vec![b'x'; 10 << 20]).send().await {
            assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        }
    }
    let body = json!({ "tableId": 1, "cuisineId": 1002, "quantity": 1, "remark": "x".repeat(64 * 1024) }).to_string();
    refuse(&scene.phone, Method::POST, "/api/store/order/cart/add", body, "just over 64 KiB").await;
    scene.assert_unchanged().await;
}
