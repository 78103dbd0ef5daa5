//! One party after another at the same table: what outlives a party, and what the next one must not see.

use crate::support::Daemon;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn the_next_party_sees_nothing_of_an_order_that_outlives_its_own() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let order = daemon.phone(0).await.paid_order("first").await;
    counter.clear_table(1).await;
    let next = daemon.phone(0).await;
    let (mut socket, mut backstage) = (next.socket().await, counter.events().await);
    socket.frame("cart_update").await;
    backstage.event("status").await;
    counter.put("/admin/order/confirm", json!({ "id": order["orderId"] })).await;
    assert_eq!(backstage.event("order_update").await.json()["status"], 3, "the counter sees it");
    assert_eq!(socket.all_within(Duration::from_millis(300)).await, Vec::<Value>::new());
    assert_eq!(next.get("/api/store/order/list/1").await, json!([]));
}

#[tokio::test]
async fn what_a_party_has_not_paid_is_given_up_with_it() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let phone = daemon.phone(0).await;
    let order = phone.order("unpaid").await;
    let payment = phone.start_payment(&order).await;
    counter.clear_table(1).await;
    daemon.stored_when(&format!("select status from dining_order where id = {}", order["orderId"]), 6).await;
    daemon.stored_when("select count(*) from payment where state = 'closed'", 1).await;
    let url = payment["codeUrl"].as_str().unwrap();
    assert_eq!(phone.http.post(url).send().await.unwrap().status(), StatusCode::CONFLICT, "it can't be paid any more");
    assert_eq!(counter.alerts().await, Vec::<Value>::new());
}

#[tokio::test]
async fn phones_that_connect_while_the_table_is_cleared_hear_nothing_of_the_next_party() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let counter = daemon.counter().await;
    for round in 0..10 {
        let old = daemon.phone(0).await;
        let connects = futures_util::future::join_all((0..12).map(|_| async {
            let path = format!("/ws/cart/1?token={}", old.token);
            crate::support::try_open(&old.lan, &path).await
        }));
        let (sockets, ()) = tokio::join!(connects, counter.clear_table(1));
        let next = daemon.phone(0).await;
        let secret = format!("secret {round}");
        let add = json!({ "tableId": 1, "cuisineId": 1001, "quantity": 1, "remark": secret });
        next.ok(Method::POST, "/api/store/order/cart/add", add).await;
        for mut socket in sockets.into_iter().flatten() {
            while let Some(frame) = socket.next().await {
                assert!(!frame.to_string().contains(&secret), "{frame}");
            }
        }
    }
}

#[tokio::test]
async fn a_repeated_cancel_does_not_change_the_reason() {
    let daemon = Daemon::demo(&[]);
    let (phone, counter) = (daemon.phone(0).await, daemon.counter().await);
    let order = phone.order("refused").await;
    counter.put("/admin/order/cancel", json!({ "id": order["orderId"], "cancelReason": "食材不足" })).await;
    let again = phone.ok(Method::POST, &format!("/api/store/order/{}/cancel", order["orderId"]), Value::Null).await;
    assert_eq!(again["cancelReason"], "食材不足");
}
