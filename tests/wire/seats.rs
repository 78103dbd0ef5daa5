//! One phone sits at one table: what a press of Back, an old link, a reload and a clock that jumped make of it.

use crate::support::{Answer, Daemon, Phone};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tablebell::seating::Diner;
use tablebell::units::{DinerId, SeatingId, TableId, Timestamp};
use tablebell::web::Tokens;

const SESSION: &str = "/api/store/session";

/// What this phone is told when a page of it asks to sit down.
async fn sit(phone: &Phone, body: Value) -> Answer {
    phone.send(Method::POST, SESSION, body).await
}

/// The page of a table, as this phone's browser loads it: whether it joined there.
async fn load(phone: &Phone, code: &str) -> bool {
    let page = phone.http.get(format!("{}/t/{code}", phone.lan)).header("token", &phone.token).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    let joined = page.headers().contains_key("set-cookie");
    assert!(page.text().await.unwrap().contains("phone.js"), "the phone page, whatever it has to ask");
    joined
}

/// The same phone after it has sat down at another table.
async fn sat_at(phone: &Phone, code: &str) -> Phone {
    let session = phone.ok(Method::POST, SESSION, json!({ "code": code, "comeBack": false })).await;
    let number = |field: &str| session[field].as_i64().unwrap();
    let token = session["token"].as_str().unwrap().to_owned();
    Phone { http: phone.http.clone(), lan: phone.lan.clone(), token, table: number("tableId"), user: number("userId") }
}

fn diners(daemon: &Daemon) -> i64 {
    daemon.stored("select count(*) from diner")
}

#[tokio::test]
async fn back_to_a_table_that_a_phone_has_left_asks_and_makes_no_new_diner() {
    let daemon = Daemon::demo(&[]);
    let (first, third) = (daemon.table_code(0), daemon.table_code(2));
    let there = daemon.phone(0).await;
    assert!(load(&daemon.phone(0).await, &third).await, "a table where this phone has never been: a scan");
    let here = sat_at(&there, &third).await;
    assert_ne!(here.user, there.user);
    let known = diners(&daemon);

    assert!(!load(&here, &first).await, "Back, or a reload, or an old link");
    let asked = sit(&here, json!({ "code": first, "comeBack": false })).await;
    assert_eq!((asked.status.as_u16(), asked.error()), (409, "SITS_ELSEWHERE"));
    assert_eq!(asked.body["data"], json!({ "tableNumber": "A03", "code": third }));
    assert_eq!(asked.body["msg"], "这部手机现在坐在A03桌");
    assert_eq!(diners(&daemon), known, "nobody sat down");

    let back = sit(&here, json!({ "code": first, "comeBack": true })).await.body["data"].clone();
    assert_eq!(back["userId"], there.user, "the same person as before");
    let back = Phone { token: back["token"].as_str().unwrap().to_owned(), ..there };
    assert!(!load(&back, &third).await, "and now the other page is the one that was left");
    let plain = sit(&back, json!({ "code": third })).await.body["data"].clone();
    assert_eq!(plain["userId"], here.user, "a client that knows nothing of it means what it sends");
    assert_eq!(diners(&daemon), known);
}

#[tokio::test]
async fn another_party_at_the_table_that_was_left_gets_no_stranger_by_a_press_of_back() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let (first, third) = (daemon.table_code(0), daemon.table_code(2));
    let here = sat_at(&daemon.phone(0).await, &third).await;
    counter.clear_table(1).await;
    let others = daemon.phone(0).await;
    assert!(!load(&here, &first).await);
    assert_eq!(sit(&here, json!({ "code": first, "comeBack": false })).await.error(), "SITS_ELSEWHERE");
    counter.clear_table(3).await;
    assert!(load(&here, &first).await, "whoever sits nowhere scans where they like");
    assert_eq!(others.cart().await["tableNumber"], "A01");
}

#[tokio::test]
async fn a_party_that_was_moved_has_left_no_table_by_itself() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let ann = daemon.phone(0).await;
    let seating = daemon.stored::<i64>("select max(id) from seating");
    counter.ok(Method::POST, "/admin/table/transfer", json!({ "from": 1, "to": 5 })).await;
    let page = json!({ "code": daemon.table_code(0), "seatingId": seating, "comeBack": false });
    let session = sit(&ann, page).await.body["data"].clone();
    assert_eq!((&session["tableNumber"], &session["userId"]), (&json!("A05"), &json!(ann.user)));
}

#[tokio::test]
async fn a_page_that_belongs_to_a_party_enters_no_other_one() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let ann = daemon.phone(0).await;
    let seating = daemon.stored::<i64>("select max(id) from seating");
    counter.clear_table(1).await;
    daemon.phone(0).await;
    let known = diners(&daemon);
    let page = json!({ "code": daemon.table_code(0), "seatingId": seating, "comeBack": false });
    let refused = sit(&ann, page).await;
    assert_eq!((refused.status.as_u16(), refused.error()), (401, "SEATING_CLOSED"));
    assert_eq!(diners(&daemon), known);
}

/// The PC's battery was dead: what it signed in another year has run out, or is from the future.
#[tokio::test]
async fn a_token_that_ran_out_by_a_jump_of_the_clock_is_renewed_while_the_party_sits() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let ann = daemon.phone(0).await;
    ann.add(1001, 1).await;
    let key: String = daemon.stored("select value from setting where key = 'token_key'");
    let seating = daemon.stored::<i64>("select max(id) from seating");
    let diner = Diner { id: DinerId(ann.user), table: TableId(1), seating: SeatingId(seating) };
    let of_2000 = Timestamp(946_684_800_000);
    let old = Phone { token: Tokens::new(&key).for_diner(diner, of_2000).0, ..ann };
    assert_eq!(old.send(Method::GET, "/api/store/order/cart/1", Value::Null).await.error(), "UNAUTHORIZED");

    let page = json!({ "code": daemon.table_code(0), "seatingId": seating, "comeBack": false });
    let renewed = sit(&old, page.clone()).await.body["data"].clone();
    assert_eq!((&renewed["userId"], &renewed["seatingId"]), (&json!(old.user), &json!(seating)), "the same person");
    let again = Phone { token: renewed["token"].as_str().unwrap().to_owned(), ..old };
    assert_eq!(again.cart().await["totalQuantity"], 1);
    assert_eq!(diners(&daemon), 1);
    let stranger = Phone { token: Tokens::new("another shop's").for_diner(diner, of_2000).0, ..again };
    assert_ne!(sit(&stranger, page.clone()).await.body["data"]["userId"], renewed["userId"], "signed by somebody else");

    let old = Phone { token: Tokens::new(&key).for_diner(diner, of_2000).0, ..stranger };
    counter.clear_table(1).await;
    assert_eq!(sit(&old, page).await.error(), "SEATING_CLOSED", "but not where it has left");
}
