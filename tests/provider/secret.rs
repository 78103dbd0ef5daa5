//! Nothing secret is logged, however much is.

use crate::gateway::Gateway;
use crate::shop::{BOTH, Sale, Shop, query};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;

const OPEN_ID: &str = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";

/// The lines of a PEM file's inside: any of them would give the key away in part.
fn lines(pem: &str) -> impl Iterator<Item = &str> {
    pem.lines().filter(|line| !line.starts_with("-----") && line.len() > 20)
}

#[tokio::test]
async fn no_key_code_or_payer_is_in_the_most_talkative_log() {
    let mut shop = Shop::found(Arc::new(Gateway::start()), |_| {}).await;
    shop.run(&[("TABLEBELL_LOG", "trace")]).await;
    let codes = ["130000000000000001", "130000000000000002", "280000000000000001", "280000000000000002"];
    for (table, provider) in BOTH.into_iter().enumerate() {
        let mut sale = shop.sale(table, provider).await;
        if provider == "wechat" {
            let body = json!({ "provider": provider, "openId": OPEN_ID });
            sale.payment = sale.phone.ok(Method::POST, &sale.path("/pay"), body).await;
        }
        for wrong in [json!({ "tamper": "signature" }), json!({ "tamper": "body" }), json!({ "stale": -600 })] {
            shop.call_back(&sale, wrong).await;
        }
        shop.gateway.fail(query(provider), "badsign", Some(1)).await;
        let other = "0123456789abcdef0123456789abcdef";
        shop.pay(&sale, json!({ "deliver": "once", "apiv3Key": other })).await;
        shop.call_back(&sale, json!({ "deliver": "concurrent" })).await;
        sale.paid().await;
        shop.gateway.fail("refund", "refuse", Some(1)).await;
        assert_eq!(shop.refund(&sale, 38.0, "whole").await.body["code"], 1);
        let review = shop.review_of("refund_refused").await;
        assert_eq!(shop.resolve(&review, "retry").await.body["code"], 1);
        sale.phone.order_when(&sale.order, |order| order["payStatus"] == 2).await;
    }
    let refused = json!({ "authCode": codes[1], "behaviour": "refuses" });
    shop.gateway.control("payer", refused).await;
    shop.gateway.control("payer", json!({ "authCode": codes[3], "behaviour": "refuses" })).await;
    for (index, auth_code) in codes.into_iter().enumerate() {
        let phone = shop.daemon().phone(2 + index).await;
        let order = phone.order("op").await;
        let sale = Sale { phone, provider: "wechat", order, payment: Value::Null };
        let body = json!({ "orderId": sale.order["orderId"], "authCode": auth_code });
        shop.counter.send(Method::POST, "/admin/payment/scan", body).await;
    }
    let date = crate::bill::today();
    shop.counter.ok(Method::POST, "/admin/payment/reconcile", json!({ "date": date })).await;
    let log = shop.log();
    assert!(log.contains(" DEBUG ") && log.contains(" TRACE "), "it is talkative");
    let keys = ["merchant_key.pem", "merchant_key_pkcs1.pem", "app_key.pem"].map(|name| shop.gateway.text(name));
    let apiv3 = shop.gateway.text("apiv3_key");
    let words = codes.into_iter().chain([OPEN_ID, &apiv3, "WECHATPAY2-SHA256-RSA2048", "signature=", "sign="]);
    for secret in words.chain(keys.iter().flat_map(|key| lines(key))) {
        let found = log.lines().find(|line| line.contains(secret));
        assert_eq!(found, None, "{secret} is in the log");
    }
    shop.assert_books_agree().await;
    assert_eq!(shop.gateway.violations().await, json!([]));
}
