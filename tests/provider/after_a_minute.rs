//! What takes a minute, side by side.

use crate::shop::{BOTH, Shop, query};
use crate::till::{behave, code, order, scan};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Until something that happens after a minute has happened.
const PATIENCE: Duration = Duration::from_secs(100);

#[tokio::test]
async fn what_is_waited_for_a_minute_comes_out_right() {
    let [till, late, rotation] = [Shop::open().await, Shop::open().await, Shop::open().await];
    tokio::join!(
        a_payer_who_types_no_password_is_let_go(till),
        a_lost_payment_of_a_cancelled_order_goes_back(late),
        a_second_new_certificate_is_fetched_after_a_minute(rotation),
    );
}

async fn stored_when(shop: &Shop, sql: &str, wanted: i64) {
    let deadline = Instant::now() + PATIENCE;
    while shop.stored::<i64>(sql) != wanted {
        assert!(Instant::now() < deadline, "{sql} is not {wanted}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Nobody types a password, and nobody is charged.
async fn a_payer_who_types_no_password_is_let_go(shop: Shop) {
    let mut sales = Vec::new();
    for (table, provider) in BOTH.into_iter().enumerate() {
        behave(&shop, &code(provider, 1), "password").await;
        sales.push(order(&shop, table, provider).await);
    }
    let begun = Instant::now();
    let scans = sales.iter().map(async |sale| {
        let answer = scan(&shop, sale, &code(sale.provider, 1)).await;
        assert_eq!(answer.body["data"]["status"], "closed", "{}", answer.body);
        begun.elapsed()
    });
    let second = async {
        shop.gateway.trade_when("wechat", |trade| trade["state"] == "USERPAYING").await;
        scan(&shop, &sales[0], &code("wechat", 2)).await
    };
    let (took, second) = tokio::join!(futures_util::future::join_all(scans), second);
    assert_eq!(second.error(), "ORDER_STATE", "one code at a time: {}", second.body);
    let patient = Duration::from_secs(40)..Duration::from_secs(70);
    assert!(took.iter().all(|time| patient.contains(time)), "{took:?}");
    for (sale, state) in sales.iter().zip(["REVOKED", "CLOSED"]) {
        let trades = shop.gateway.trades(sale.provider).await;
        assert_eq!((trades.len(), &trades[0]["state"]), (1, &json!(state)), "{trades:?}");
        let body = json!({ "orderId": sale.order["orderId"], "method": "cash", "amount": 38.0 });
        shop.counter.ok(Method::POST, "/admin/payment/counter", body).await;
        assert_eq!(sale.now().await["payMethod"], 3, "and pays with coins");
    }
    shop.end(&[]).await;
}

/// A code outlives the order, and the callback of its payment gets lost: a closed payment is looked at again.
async fn a_lost_payment_of_a_cancelled_order_goes_back(shop: Shop) {
    let mut sales = Vec::new();
    for (table, provider) in BOTH.into_iter().enumerate() {
        let sale = shop.sale(table, provider).await;
        sale.phone.ok(Method::POST, &sale.path("/cancel"), Value::Null).await;
        assert!(shop.pay(&sale, json!({ "force": true, "deliver": "lost" })).await.is_empty());
        sales.push(sale);
    }
    stored_when(&shop, "select count(*) from refund where state = 'done'", 2).await;
    for sale in sales {
        let account = shop.account(&sale).await;
        assert_eq!((&account["balance"], account["entries"].as_array().unwrap().len()), (&json!(0.0), 2), "{account}");
        assert_eq!(sale.now().await["status"], 6);
    }
    assert_eq!(shop.stored::<i64>("select count(*) from alert where kind = 3"), 2, "staff are told");
    shop.end(&[]).await;
}

async fn a_second_new_certificate_is_fetched_after_a_minute(shop: Shop) {
    let sale = shop.sale(0, "wechat").await;
    // So that only a callback can tell of it.
    shop.gateway.fail(query("wechat"), "unsigned", None).await;
    shop.gateway.set(json!({ "rotateCertificate": true })).await;
    assert_eq!(shop.call_back(&sale, json!({ "mode": "certificate", "tamper": "body" })).await[0].status, 401);
    shop.gateway.set(json!({ "rotateCertificate": true })).await;
    shop.pay(&sale, json!({ "deliver": "lost" })).await;
    // As the provider repeats it.
    let begun = Instant::now();
    while !shop.call_back(&sale, json!({ "mode": "certificate" })).await[0].is_taken_by("wechat") {
        assert!(begun.elapsed() < PATIENCE, "the newest certificate is never fetched");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!(begun.elapsed() > Duration::from_secs(50), "after {:?} already", begun.elapsed());
    assert_eq!(shop.gateway.count("GET /v3/certificates").await, 2);
    sale.paid().await;
    shop.end(&["callback from 127.0.0.1 was refused", "an answer to GET /v3/pay"]).await;
}
