//! The menu at the counter: sky-take-out's category, dish and setmeal routes (docs/protocol.md §5.4) as its admin web
//! really uses them, and what phones see of a change.

use crate::support::{Answer, Counter, Daemon, Phone, shortest};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const NOTHING: Value = Value::Null;

/// A refusal of this family: HTTP 200, `code` 0 and a sentence.
#[track_caller]
fn refused(answer: &Answer, error: &str, sentence: &str) {
    assert_eq!((answer.status, &answer.body["code"], &answer.body["data"]), (StatusCode::OK, &json!(0), &NOTHING));
    assert_eq!((answer.error(), answer.body["msg"].as_str().unwrap_or_default()), (error, sentence));
}

/// The keys of an object and whether each is a number, a string, …
fn shape(value: &Value) -> Vec<(String, &'static str)> {
    let kind = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    value.as_object().expect("an object").iter().map(|(key, value)| (key.clone(), kind(value))).collect()
}

fn holds(value: &Value, wanted: &[(&str, &str)]) {
    let shape = shape(value);
    for (key, kind) in wanted {
        assert!(shape.contains(&((*key).to_owned(), kind)), "{key} should be {kind}: {value}");
    }
}

/// One dish of the phone's menu.
async fn on_phone(phone: &Phone, cuisine: i64) -> Option<Value> {
    let menu = phone.get("/api/store/menu").await;
    let categories = menu["categories"].as_array().expect("categories").clone();
    let mut dishes = categories.iter().flat_map(|category| category["cuisines"].as_array().expect("cuisines").clone());
    dishes.find(|dish| dish["cuisineId"] == cuisine)
}

async fn category(counter: &Counter, name: &str, kind: &str) -> i64 {
    counter.ok(Method::POST, "/admin/category", json!({ "name": name, "type": kind, "sort": "12" })).await;
    let page = counter.ok(Method::GET, &format!("/admin/category/page?page=1&pageSize=10&name={name}"), NOTHING).await;
    let id = page["records"][0]["id"].as_i64().expect("an id");
    counter.ok(Method::POST, &format!("/admin/category/status/1?id={id}"), NOTHING).await;
    id
}

/// As the old web's form sends a new dish.
fn new_dish(name: &str, category: i64) -> Value {
    json!({ "name": name, "price": "38.5", "code": "", "image": "/pictures/0123456789abcdef0123456789abcdef/512.jpg",
        "description": "", "status": 0, "categoryId": category,
        "flavors": [{ "name": "辣度", "value": "[\"不辣\",\"微辣\"]" }, { "name": "", "value": "[]" }] })
}

async fn dish(counter: &Counter, name: &str, category: i64) -> i64 {
    counter.ok(Method::POST, "/admin/dish", new_dish(name, category)).await["id"].as_i64().expect("an id")
}

#[tokio::test]
async fn categories_live_as_the_old_web_has_them() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    counter.ok(Method::POST, "/admin/category", json!({ "name": "早餐", "type": "1", "sort": "0" })).await;
    let page = counter.ok(Method::GET, "/admin/category/page?page=1&pageSize=10&name=&type=", NOTHING).await;
    let (first, total) = (&page["records"][0], page["total"].as_i64().unwrap());
    assert_eq!(
        (first["name"].as_str(), &first["type"], &first["sort"], &first["status"]),
        (Some("早餐"), &json!(1), &json!(0), &json!(0))
    );
    holds(first, &[("id", "number"), ("updateTime", "string"), ("createTime", "null"), ("hours", "string")]);
    assert_eq!(first["updateTime"].as_str().unwrap().len(), "2026-11-20 19:03".len());
    assert_eq!(total, 9);
    let id = &first["id"];
    let listed = async |query: &str| {
        let list = counter.ok(Method::GET, &format!("/admin/category/list?{query}"), NOTHING).await;
        list.as_array().expect("a plain array").iter().any(|category| category["id"] == *id)
    };
    assert!(!listed("type=1").await, "a new category is not enabled");
    counter.ok(Method::POST, &format!("/admin/category/status/1?id={id}"), NOTHING).await;
    assert!(listed("type=1").await && listed("").await);
    assert!(!listed("type=2&page=1&pageSize=1000").await);
    counter.ok(Method::PUT, "/admin/category", json!({ "id": id, "name": "早点", "sort": 3 })).await;
    let again = json!({ "name": "早点", "type": 2, "sort": 1 });
    refused(&counter.send(Method::POST, "/admin/category", again).await, "NAME_TAKEN", "'早点'已存在");
    let page = counter.ok(Method::GET, "/admin/category/page?page=1&pageSize=10&type=2", NOTHING).await;
    assert_eq!(page["total"], 1, "{page}");
    let unknown = counter.send(Method::POST, "/admin/category/status/1?id=999", NOTHING).await;
    assert_eq!((unknown.status.as_u16(), &unknown.body["code"]), (404, &json!(0)), "the old web reads the status only");
    counter.ok(Method::DELETE, &format!("/admin/category?id={id}"), NOTHING).await;
    refused(
        &counter.send(Method::DELETE, &format!("/admin/category?id={id}"), NOTHING).await,
        "CATEGORY_NOT_FOUND",
        "没有这个分类",
    );
    refused(
        &counter.send(Method::DELETE, "/admin/category?id=1", NOTHING).await,
        "MENU_RULE",
        "当前分类关联了菜品,不能删除",
    );
    let beyond = counter.ok(Method::GET, "/admin/category/page?page=99&pageSize=10", NOTHING).await;
    assert_eq!(beyond, json!({ "total": 8, "records": [] }));
}

#[tokio::test]
async fn dishes_live_as_the_old_web_has_them() {
    let daemon = Daemon::demo(&[]);
    let (counter, ann) = (daemon.counter().await, daemon.phone(0).await);
    let hot = category(&counter, "新菜", "1").await;
    let id = dish(&counter, "新派牛肉", hot).await;
    let page = counter
        .ok(Method::GET, &format!("/admin/dish/page?page=1&pageSize=10&name=&categoryId={hot}&status="), NOTHING)
        .await;
    let row = &page["records"][0];
    holds(
        row,
        &[
            ("id", "number"),
            ("name", "string"),
            ("categoryId", "number"),
            ("categoryName", "string"),
            ("price", "number"),
            ("image", "string"),
            ("description", "string"),
            ("status", "number"),
            ("updateTime", "string"),
            ("flavors", "array"),
            ("stock", "null"),
            ("hours", "string"),
        ],
    );
    assert_eq!((&page["total"], &row["status"], row["categoryName"].as_str()), (&json!(1), &json!(0), Some("新菜")));
    let detail = counter.ok(Method::GET, &format!("/admin/dish/{id}"), NOTHING).await;
    assert_eq!(detail["flavors"], json!([{ "id": 1, "dishId": id, "name": "辣度", "value": "[\"不辣\",\"微辣\"]" }]));
    let list = async |query: String| counter.ok(Method::GET, &query, NOTHING).await;
    assert_eq!(list(format!("/admin/dish/list?categoryId={hot}")).await, json!([]), "stopped dishes are in no list");
    assert_eq!(on_phone(&ann, id).await.unwrap()["soldOut"], true, "a new dish is stopped");
    counter.ok(Method::POST, &format!("/admin/dish/status/1?id={id}"), NOTHING).await;
    assert_eq!(list("/admin/dish/list?name=派牛".to_owned()).await[0]["id"], id);
    let seen = on_phone(&ann, id).await.unwrap();
    assert_eq!((&seen["soldOut"], &seen["unitPrice"]), (&json!(false), &json!(38.5)));
    assert_eq!(seen["cuisineImage"], "/pictures/0123456789abcdef0123456789abcdef/128.jpg", "phones get the small one");

    refused(
        &counter.send(Method::POST, "/admin/dish", new_dish("新派牛肉", hot)).await,
        "NAME_TAKEN",
        "'新派牛肉'已存在",
    );
    refused(
        &counter.send(Method::DELETE, &format!("/admin/dish?ids={id}"), NOTHING).await,
        "MENU_RULE",
        "起售中的菜品不能删除",
    );
    counter.ok(Method::POST, &format!("/admin/dish/status/0?id={id}"), NOTHING).await;
    counter.set_sold_out(1001, true).await;
    let both = counter.send(Method::DELETE, &format!("/admin/dish?ids={id},1001"), NOTHING).await;
    refused(&both, "MENU_RULE", "当前菜品关联了套餐,不能删除");
    counter.ok(Method::GET, &format!("/admin/dish/{id}"), NOTHING).await;
    counter.ok(Method::DELETE, &format!("/admin/dish?ids={id}"), NOTHING).await;
    refused(&counter.send(Method::GET, &format!("/admin/dish/{id}"), NOTHING).await, "CUISINE_NOT_FOUND", "没有这道菜");
    let next = dish(&counter, "另一道菜", hot).await;
    assert!(next > id, "a number that orders may remember is not given again");
    let limits = "请求有误：价格须为 0 到 999999.99 元，减价的选项也不能让它低于 0";
    for (body, words) in [
        (json!({ "name": "", "price": "1", "categoryId": hot }), "名称须为 1 到 80 个字"),
        (json!({ "name": "甲", "price": "", "categoryId": hot }), "请求有误：价格"),
        (json!({ "name": "甲", "price": "-1", "categoryId": hot }), limits),
        (json!({ "name": "甲", "price": "1", "categoryId": "" }), "请求有误：分类"),
    ] {
        refused(&counter.send(Method::POST, "/admin/dish", body).await, "BAD_REQUEST", words);
    }
    for body in [json!({ "name": "甲", "price": "1.234" }), json!({ "name": [] }), json!({ "id": id, "flavors": 1 })] {
        assert_eq!(counter.send(Method::POST, "/admin/dish", body.clone()).await.error(), "BAD_REQUEST", "{body}");
    }
    let log = counter.ok(Method::GET, "/admin/audit?act=menu&pageSize=100", NOTHING).await;
    let acts = |act: &str| log["records"].as_array().unwrap().iter().filter(|line| line["act"] == act).count();
    assert!(acts("menu.change") >= 4 && acts("menu.delete") == 1, "{log}");
}

#[tokio::test]
async fn an_edit_form_of_the_old_web_loses_nothing_that_it_does_not_know() {
    let daemon = Daemon::demo(&[]);
    let (counter, ann) = (daemon.counter().await, daemon.phone(0).await);
    let before = counter.ok(Method::GET, "/admin/dish/1043", NOTHING).await;
    assert_eq!(before["options"][1]["values"][2], json!({ "value": "加肉", "priceDelta": 8.0 }));
    counter.ok(Method::PUT, "/admin/dish/stock/1043", json!({ "stock": 9 })).await;
    // As its form sends it: all that it was given, the price as text, one more flavour; and meanwhile one was sold out.
    let mut form = counter.ok(Method::GET, "/admin/dish/1043", NOTHING).await;
    counter.set_sold_out(1043, true).await;
    counter.ok(Method::PUT, "/admin/dish/stock/1043", json!({ "stock": "4" })).await;
    form["price"] = json!("17");
    form["categoryName"] = NOTHING;
    form["dishList"] = json!([]);
    form["flavors"][1]["value"] = json!("[\"加蛋\",\"加肉\",\"加鱼\"]");
    form["flavors"].as_array_mut().unwrap().push(json!({ "name": "温度", "value": "[\"热\"]" }));
    counter.ok(Method::PUT, "/admin/dish", form).await;
    let after = counter.ok(Method::GET, "/admin/dish/1043", NOTHING).await;
    assert_eq!((&after["price"], &after["stock"], &after["status"]), (&json!(17.0), &json!(4), &json!(0)));
    let values = json!([{ "value": "加蛋", "priceDelta": 2.0 }, { "value": "加肉", "priceDelta": 8.0 }, { "value": "加鱼", "priceDelta": 0.0 }]);
    assert_eq!((&after["options"][1]["values"], &after["options"][1]["multiple"]), (&values, &json!(true)));
    assert_eq!(
        after["options"][2],
        json!({ "name": "温度", "multiple": false, "required": false, "values": [{ "value": "热", "priceDelta": 0.0 }] })
    );
    // Our own form: the whole of it as it is meant.
    let options = json!([{ "name": "份量", "multiple": false, "required": true, "values": [{ "value": "大", "priceDelta": "3.5" }] }]);
    let form = json!({ "id": "1043", "options": options, "stock": null, "hours": "", "status": 1 });
    counter.ok(Method::PUT, "/admin/dish", form).await;
    let seen = on_phone(&ann, 1043).await.unwrap();
    assert_eq!(
        seen["options"],
        json!([{ "name": "份量", "multiple": false, "required": true, "values": [{ "value": "大", "priceDelta": 3.5 }] }])
    );
    assert!(seen["left"].is_null() && seen["soldOut"] == false, "{seen}");
}

#[tokio::test]
async fn combos_live_as_the_old_web_has_them() {
    let daemon = Daemon::demo(&[]);
    let (counter, ann) = (daemon.counter().await, daemon.phone(0).await);
    let combos = category(&counter, "午市套餐", "2").await;
    let form = json!({ "name": "工作餐", "categoryId": combos, "price": "25", "code": "", "image": "", "description": "", "dishList": [],
        "status": 0, "idType": combos, "setmealDishes": [{ "copies": 1, "dishId": 1002, "name": "鱼香肉丝", "price": 32 },
        { "copies": "2", "dishId": "1041", "name": "米饭", "price": 2 }] });
    let id = counter.ok(Method::POST, "/admin/setmeal", form).await["id"].as_i64().unwrap();
    let detail = counter.ok(Method::GET, &format!("/admin/setmeal/{id}"), NOTHING).await;
    holds(
        &detail["setmealDishes"][1],
        &[
            ("id", "number"),
            ("setmealId", "number"),
            ("dishId", "number"),
            ("name", "string"),
            ("price", "number"),
            ("copies", "number"),
        ],
    );
    assert_eq!(
        (&detail["setmealDishes"][1]["dishId"], &detail["setmealDishes"][1]["copies"]),
        (&json!(1041), &json!(2))
    );
    counter.set_sold_out(1041, true).await;
    let start = |id: i64| format!("/admin/setmeal/status/1?id={id}");
    refused(&counter.send(Method::POST, &start(id), NOTHING).await, "MENU_RULE", "套餐内包含未启售菜品，无法启售");
    counter.set_sold_out(1041, false).await;
    counter.ok(Method::POST, &start(id), NOTHING).await;
    assert_eq!(on_phone(&ann, id).await.unwrap()["soldOut"], false);
    refused(
        &counter.send(Method::DELETE, &format!("/admin/setmeal?ids={id}"), NOTHING).await,
        "MENU_RULE",
        "起售中的套餐不能删除",
    );
    // A dish that is sold out takes its combos along, and brings them back.
    counter.set_sold_out(1041, true).await;
    let page =
        counter.ok(Method::GET, "/admin/setmeal/page?page=1&pageSize=10&name=&categoryId=&status=0", NOTHING).await;
    assert!(page["records"].as_array().unwrap().iter().any(|combo| combo["id"] == id), "{page}");
    assert_eq!(on_phone(&ann, id).await.unwrap()["soldOut"], true);
    let add = json!({ "tableId": 1, "cuisineId": id, "quantity": 1 });
    let refusal = ann.send(Method::POST, "/api/store/order/cart/add", add.clone()).await;
    assert_eq!((refusal.error(), refusal.body["msg"].as_str()), ("SOLD_OUT", Some("工作餐已售完")));
    let mut echo = counter.ok(Method::GET, &format!("/admin/setmeal/{id}"), NOTHING).await;
    echo["price"] = json!(26);
    counter.ok(Method::PUT, "/admin/setmeal", echo).await;
    counter.set_sold_out(1041, false).await;
    let seen = on_phone(&ann, id).await.unwrap();
    assert_eq!(
        (&seen["soldOut"], &seen["unitPrice"]),
        (&json!(false), &json!(26.0)),
        "a form that was opened meanwhile stops nothing"
    );
    refused(&counter.send(Method::DELETE, "/admin/setmeal?ids=", NOTHING).await, "MENU_RULE", "请先选择要删除的内容");
    refused(
        &counter.send(Method::DELETE, &format!("/admin/category?id={combos}"), NOTHING).await,
        "MENU_RULE",
        "当前分类关联了套餐,不能删除",
    );
    ann.ok(Method::POST, "/api/store/order/cart/add", add).await;
    ann.add(1001, 1).await;
    let mut socket = ann.socket().await;
    socket.frame("cart_update").await;
    counter.ok(Method::POST, &format!("/admin/setmeal/status/0?id={id}"), NOTHING).await;
    counter.ok(Method::DELETE, &format!("/admin/setmeal?ids={id}"), NOTHING).await;
    let cart = socket.frame("cart_update").await;
    let left: Vec<_> = cart["data"]["items"].as_array().unwrap().iter().map(|line| line["cuisineId"].clone()).collect();
    assert_eq!(left, [1001], "no cart has what the menu no longer has");
    refused(&counter.send(Method::GET, "/admin/setmeal/1001", NOTHING).await, "CUISINE_NOT_FOUND", "没有这道菜");
}

#[tokio::test]
async fn a_disabled_category_is_not_on_the_menu() {
    let daemon = Daemon::demo(&[]);
    let (counter, ann) = (daemon.counter().await, daemon.phone(0).await);
    let mut socket = ann.socket().await;
    counter.ok(Method::POST, "/admin/category/status/0?id=1", NOTHING).await;
    socket.frame("menu_update").await;
    assert!(on_phone(&ann, 1001).await.is_none() && on_phone(&ann, 1017).await.is_some());
    let add = json!({ "tableId": 1, "cuisineId": 1001, "quantity": 1 });
    assert_eq!(ann.send(Method::POST, "/api/store/order/cart/add", add).await.error(), "SOLD_OUT");
    counter.ok(Method::POST, "/admin/category/status/1?id=1", NOTHING).await;
    ann.add(1001, 1).await;
}

#[tokio::test]
async fn a_group_that_has_to_be_chosen_is_asked_for_by_name() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let mut dish = counter.ok(Method::GET, "/admin/dish/1005", NOTHING).await;
    assert_eq!(dish["options"][1]["name"], "份量");
    dish["options"][1]["required"] = json!(true);
    counter.ok(Method::PUT, "/admin/dish", dish).await;
    let seen = on_phone(&ann, 1005).await.unwrap();
    let required: Vec<_> = seen["options"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| (group["name"].as_str(), group["required"].clone()))
        .collect();
    assert_eq!(required, [(Some("辣度"), json!(false)), (Some("份量"), json!(true))]);
    let add = |options: Value| json!({ "tableId": 1, "cuisineId": 1005, "quantity": 1, "options": options });
    let without =
        ann.send(Method::POST, "/api/store/order/cart/add", add(json!([{ "name": "辣度", "value": "微辣" }]))).await;
    assert_eq!(
        (without.status.as_u16(), without.error(), without.body["msg"].as_str()),
        (400, "BAD_OPTION", Some("请选择份量"))
    );
    let cart =
        ann.ok(Method::POST, "/api/store/order/cart/add", add(json!([{ "name": "份量", "value": "大份" }]))).await;
    assert_eq!(cart["totalAmount"], 70.0);
    let cart = ann.add(1001, 1).await;
    assert_eq!(cart["totalQuantity"], 2, "a dish without duties goes without options");
}

/// Asked on the phone, checked, priced, and said for each dish wherever the order is read.
#[tokio::test]
async fn a_combo_asks_for_its_dishes_options() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let names = |dish: &Value| -> Vec<String> {
        let groups = dish["options"].as_array().unwrap();
        groups.iter().map(|group| group["name"].as_str().unwrap().to_owned()).collect()
    };
    let seen = on_phone(&ann, 1063).await.unwrap();
    assert_eq!(names(&seen), ["宫保鸡丁 · 辣度", "番茄蛋汤 · 份量"]);
    assert_eq!(seen["options"][0]["dish"], "宫保鸡丁");
    let add = |options: Value| json!({ "tableId": 1, "cuisineId": 1063, "quantity": 2, "options": options });
    let mild = json!({ "name": "宫保鸡丁 · 辣度", "value": "微辣" });
    let large = json!({ "name": "番茄蛋汤 · 份量", "value": "大份" });
    let bare = add(json!([{ "name": "辣度", "value": "微辣" }]));
    assert_eq!(ann.send(Method::POST, "/api/store/order/cart/add", bare).await.error(), "BAD_OPTION", "of which dish?");
    let cart = ann.ok(Method::POST, "/api/store/order/cart/add", add(json!([large, mild]))).await;
    let chosen = json!([
        { "name": "宫保鸡丁 · 辣度", "value": "微辣", "dish": "宫保鸡丁" },
        { "name": "番茄蛋汤 · 份量", "value": "大份", "dish": "番茄蛋汤" },
    ]);
    assert_eq!((&cart["items"][0]["options"], &cart["items"][0]["unitPrice"]), (&chosen, &json!(100.0)));
    assert_eq!(ann.cart().await["items"][0], cart["items"][0], "as it is read again");
    let echoed = add(chosen.clone());
    assert_eq!(ann.ok(Method::POST, "/api/store/order/cart/add", echoed).await["items"].as_array().unwrap().len(), 1);

    // The soup gets dearer and its size has to be chosen: the cart follows, and a choice that is missing is named.
    let mut soup = counter.ok(Method::GET, "/admin/dish/1033", NOTHING).await;
    soup["options"][0]["required"] = json!(true);
    soup["options"][0]["values"][1]["priceDelta"] = json!("15");
    counter.ok(Method::PUT, "/admin/dish", soup).await;
    assert_eq!(ann.cart().await["items"][0]["unitPrice"], 103.0);
    let without = ann.send(Method::POST, "/api/store/order/cart/add", add(json!([mild]))).await;
    assert_eq!((without.error(), without.body["msg"].as_str()), ("BAD_OPTION", Some("请选择番茄蛋汤 · 份量")));

    let order = ann.submit(&ann.cart().await["version"], "combo").await.body["data"].clone();
    assert_eq!((&order["items"][0]["options"], &order["amount"]), (&chosen, &json!(412.0)));
    let details = counter.ok(Method::GET, &format!("/admin/order/details/{}", order["orderId"]), NOTHING).await;
    assert_eq!(details["orderDetailList"][0]["dishFlavor"], "宫保鸡丁：微辣,番茄蛋汤：大份");
}

#[tokio::test]
async fn nobody_orders_at_a_price_or_with_a_choice_that_they_were_not_shown() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let mut socket = ann.socket().await;
    let egg = json!([{ "name": "加料", "value": "加蛋" }]);
    let add = json!({ "tableId": 1, "cuisineId": 1043, "quantity": 1, "options": egg });
    let shown = ann.ok(Method::POST, "/api/store/order/cart/add", add).await;
    let unrelated = json!({ "id": 1001, "price": 39 });
    counter.ok(Method::PUT, "/admin/dish", unrelated).await;
    assert_eq!(ann.cart().await["version"], shown["version"], "a dish that is not in the cart");
    let price = shown["items"][0]["unitPrice"].as_f64().unwrap() + 10.0;
    counter.ok(Method::PUT, "/admin/dish", json!({ "id": 1043, "price": price - 2.0 })).await;
    let told = loop {
        let cart = socket.frame("cart_update").await["data"].clone();
        if cart["version"].as_i64() > shown["version"].as_i64() {
            break cart;
        }
    };
    assert_eq!(told["totalAmount"].as_f64(), Some(price), "phones see it");
    let stale = ann.submit(&shown["version"], "stale").await;
    assert_eq!((stale.error(), &stale.body["data"]["totalAmount"]), ("CART_CHANGED", &told["totalAmount"]));
    // The choice itself goes: it does not become free.
    let options = json!([{ "name": "加料", "multiple": true, "required": false, "values": [{ "value": "加肉", "priceDelta": 8 }] }]);
    counter.ok(Method::PUT, "/admin/dish", json!({ "id": 1043, "options": options })).await;
    let refused = ann.submit(&ann.cart().await["version"], "gone").await;
    assert_eq!((refused.status.as_u16(), refused.error()), (409, "BAD_OPTION"));
    let said = format!("{}的选项已更改，请从购物车删掉后重新选", told["items"][0]["cuisineName"].as_str().unwrap());
    assert_eq!(refused.body["msg"], said);
    assert_eq!(ann.cart().await["totalQuantity"], 1, "and nothing is lost");
}

#[tokio::test]
async fn what_is_sold_out_reaches_every_phone_within_a_second_and_stops_a_submit_by_name() {
    let daemon = Daemon::demo(&["--tables", "6"]);
    let counter = daemon.counter().await;
    let (mut sockets, mut streams, mut carts) = (Vec::new(), Vec::new(), Vec::new());
    for table in 0..6 {
        let phone = daemon.phone(table).await;
        let cart = phone.add(1002, 1).await;
        sockets.push(phone.socket().await);
        sockets.push(daemon.phone(table).await.socket().await);
        streams.push(phone.events().await);
        carts.push((phone, cart["version"].clone()));
    }
    for socket in &mut sockets {
        socket.frame("cart_update").await;
    }
    for stream in &mut streams {
        stream.event("cart_update").await;
    }
    let (second, mut sold_out) = (Duration::from_secs(1), false);
    let told = shortest(second, async || {
        sold_out = !sold_out;
        let begun = Instant::now();
        counter.set_sold_out(1002, sold_out).await;
        for socket in &mut sockets {
            socket.frame("menu_update").await;
        }
        for stream in &mut streams {
            stream.event("menu_update").await;
        }
        begun.elapsed()
    });
    let told = told.await;
    println!("12 sockets and 6 streams at 6 tables learnt it {told:?} after the counter's click began");
    assert!(told < second, "{told:?}");
    counter.set_sold_out(1002, true).await;
    for (index, (phone, version)) in carts.iter().enumerate() {
        assert_eq!(on_phone(phone, 1002).await.unwrap()["soldOut"], true);
        let refusal = phone.submit(version, &format!("sold-{index}")).await;
        assert_eq!(
            (refusal.status.as_u16(), refusal.error(), refusal.body["msg"].as_str()),
            (409, "SOLD_OUT", Some("鱼香肉丝已售完"))
        );
    }
    counter.set_sold_out(1002, false).await;
    assert_eq!(carts[0].0.submit(&carts[0].1, "again").await.status, StatusCode::OK, "nothing was lost by the refusal");
}

#[tokio::test]
async fn counted_dishes_run_out_and_come_back_with_a_cancelled_order() {
    let daemon = Daemon::demo(&[]);
    let (counter, ann, bob) = (daemon.counter().await, daemon.phone(0).await, daemon.phone(1).await);
    counter.ok(Method::PUT, "/admin/dish/stock/1001", json!({ "stock": "3" })).await;
    assert_eq!(on_phone(&bob, 1001).await.unwrap()["left"], 3);
    // The combo is made of one 宫保鸡丁 among others.
    assert_eq!(on_phone(&bob, 1063).await.unwrap()["left"], 3);
    let four = json!({ "tableId": 1, "cuisineId": 1001, "quantity": 4 });
    let refusal = ann.send(Method::POST, "/api/store/order/cart/add", four).await;
    assert_eq!((refusal.error(), refusal.body["msg"].as_str()), ("SOLD_OUT", Some("宫保鸡丁只剩 3 份")));
    let (ann_cart, bob_cart) = (ann.add(1001, 2).await, bob.add(1001, 2).await);
    let mut socket = bob.socket().await;
    let order = ann.submit(&ann_cart["version"], "a").await.body["data"].clone();
    socket.frame("menu_update").await;
    assert_eq!(on_phone(&bob, 1001).await.unwrap()["left"], 1);
    let refusal = bob.submit(&bob_cart["version"], "b").await;
    assert_eq!(
        (refusal.status.as_u16(), refusal.error(), refusal.body["msg"].as_str()),
        (409, "SOLD_OUT", Some("宫保鸡丁只剩 1 份"))
    );
    let again = ann.submit(&ann_cart["version"], "a").await;
    assert_eq!(
        (&again.body["data"]["orderId"], on_phone(&bob, 1001).await.unwrap()["left"].clone()),
        (&order["orderId"], json!(1)),
        "a repeat takes nothing"
    );
    // The last one goes with a combo.
    let carol = daemon.phone(2).await;
    let cart = carol.add(1063, 1).await;
    assert_eq!(carol.submit(&cart["version"], "c").await.status, StatusCode::OK);
    for id in [1001, 1063] {
        let seen = on_phone(&bob, id).await.unwrap();
        assert_eq!((&seen["soldOut"], &seen["left"]), (&json!(true), &json!(0)), "{seen}");
    }
    let add = json!({ "tableId": 2, "cuisineId": 1063, "quantity": 1 });
    assert_eq!(bob.send(Method::POST, "/api/store/order/cart/add", add).await.body["msg"], "双人套餐已售完");
    ann.ok(Method::POST, &format!("/api/store/order/{}/cancel", order["orderId"]), NOTHING).await;
    assert_eq!(on_phone(&bob, 1001).await.unwrap()["left"], 2);
    assert_eq!(bob.submit(&bob_cart["version"], "d").await.status, StatusCode::OK);
    // In the counter's hands again.
    counter.set_sold_out(1001, false).await;
    let seen = on_phone(&bob, 1001).await.unwrap();
    assert!(seen["soldOut"] == false && seen["left"].is_null(), "{seen}");
}

/// `HH:MM` so many minutes from now in the demo shop's zone.
fn clock(minutes: i64) -> String {
    let now = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(minutes);
    now.in_tz("Asia/Shanghai").expect("a zone").strftime("%H:%M").to_string()
}

#[tokio::test]
async fn outside_its_hours_a_dish_is_refused_with_them() {
    let daemon = Daemon::demo(&[]);
    let (counter, ann) = (daemon.counter().await, daemon.phone(0).await);
    let cart = ann.add(1001, 1).await;
    let later = format!("{}-{}", clock(120), clock(180));
    counter.ok(Method::PUT, "/admin/dish", json!({ "id": 1001, "hours": later })).await;
    let seen = on_phone(&ann, 1001).await.unwrap();
    assert_eq!((&seen["soldOut"], &seen["hours"]), (&json!(true), &json!(later)));
    let sentence = format!("宫保鸡丁只在 {later} 供应");
    let add = json!({ "tableId": 1, "cuisineId": 1001, "quantity": 1 });
    let refusal = ann.send(Method::POST, "/api/store/order/cart/add", add).await;
    assert_eq!(
        (refusal.status.as_u16(), refusal.error(), refusal.body["msg"].as_str()),
        (409, "SOLD_OUT", Some(sentence.as_str()))
    );
    let refusal = ann.submit(&cart["version"], "h").await;
    assert_eq!((refusal.error(), refusal.body["msg"].as_str()), ("SOLD_OUT", Some(sentence.as_str())));
    // Now in a window of its own, but its category is not.
    let now = format!("{}-{}", clock(-120), clock(120));
    counter.ok(Method::PUT, "/admin/dish", json!({ "id": 1001, "hours": now })).await;
    assert_eq!(on_phone(&ann, 1001).await.unwrap()["soldOut"], false);
    counter.ok(Method::PUT, "/admin/category", json!({ "id": 1, "hours": later })).await;
    let refusal = ann.submit(&cart["version"], "i").await;
    assert_eq!(refusal.body["msg"].as_str(), Some(sentence.as_str()));
    counter.ok(Method::PUT, "/admin/category", json!({ "id": 1, "hours": "" })).await;
    assert_eq!(ann.submit(&cart["version"], "j").await.status, StatusCode::OK);
    for hours in ["午市", "25:00-26:00", "11:00-11:00"] {
        let answer = counter.send(Method::PUT, "/admin/dish", json!({ "id": 1001, "hours": hours })).await;
        refused(&answer, "BAD_REQUEST", &format!("请求有误：时段 {hours}，请写成 11:00-14:00"));
    }
}

#[tokio::test]
async fn phones_are_told_when_a_window_closes() {
    let daemon = Daemon::demo(&[]);
    let (counter, ann) = (daemon.counter().await, daemon.phone(0).await);
    // The next minute or the one after: until then the daemon has seen it open.
    let window = format!("{}-{}", clock(-5), clock(2));
    counter.ok(Method::PUT, "/admin/dish", json!({ "id": 1001, "hours": window })).await;
    let mut socket = ann.socket().await;
    assert_eq!(on_phone(&ann, 1001).await.unwrap()["soldOut"], false);
    let told = tokio::time::timeout(Duration::from_secs(130), async {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(15), socket.frame("menu_update")).await;
            if next.is_ok() {
                return;
            }
            socket.send(json!({ "type": "heartbeat" })).await;
        }
    });
    told.await.expect("the phones are told at the minute");
    assert_eq!(
        on_phone(&ann, 1001).await.unwrap()["soldOut"],
        true,
        "and the menu that is kept encoded is another one"
    );
}
