//! What is believed: keys, certificates, and everything that is not genuine.

use crate::gateway::Gateway;
use crate::shop::{ALERTS, BOTH, NEW_ORDERS, Shop, TROUBLES, counted_query, creation, query};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;

const CERTIFICATES: &str = "GET /v3/certificates";

/// A merchant from before public keys.
fn without_public_key(payment: &mut toml::Table) {
    let wechat = payment["wechat"].as_table_mut().unwrap();
    wechat.remove("public_key_id").unwrap();
    wechat.remove("public_key_file").unwrap();
}

#[tokio::test]
async fn public_key_and_certificates_are_both_believed_at_once() {
    let shop = Shop::open().await;
    for (table, (answers, callback)) in [
        ("public_key", "public_key"),
        ("public_key", "certificate"),
        ("certificate", "public_key"),
        ("certificate", "certificate"),
    ]
    .into_iter()
    .enumerate()
    {
        shop.gateway.set(json!({ "mode": answers })).await;
        let sale = shop.sale(table, "wechat").await;
        let told = shop.pay(&sale, json!({ "deliver": "once", "mode": callback })).await;
        assert!(told[0].is_taken_by("wechat"), "answers by {answers}, callback by {callback}: {told:?}");
        sale.paid().await;
        assert_eq!(shop.account(&sale).await["entries"][0]["actor"], "wechat callback", "{answers} {callback}");
    }
    assert_eq!(shop.gateway.count(CERTIFICATES).await, 1, "fetched once");
    shop.end(&[]).await;
}

#[tokio::test]
async fn a_merchant_with_certificates_only_or_with_a_public_key_only_is_paid() {
    let gateway = Arc::new(Gateway::start());
    gateway.set(json!({ "mode": "certificate" })).await;
    let mut shop = Shop::found(gateway.clone(), without_public_key).await;
    shop.run(&[]).await;
    let sale = shop.sale(0, "wechat").await;
    assert!(shop.pay(&sale, json!({ "deliver": "once" })).await[0].is_taken_by("wechat"));
    sale.paid().await;
    let lost = shop.sale(1, "wechat").await;
    shop.pay(&lost, json!({ "deliver": "lost" })).await;
    lost.paid().await;
    assert_eq!(gateway.count(CERTIFICATES).await, 1);
    shop.end(&[]).await;
    drop(shop);

    // A new merchant: the provider has no certificates for it, so that nothing they sign can be believed.
    let shop = Shop::open().await;
    shop.gateway.set(json!({ "publicKeyOnly": true })).await;
    let sale = shop.sale(0, "wechat").await;
    shop.gateway.fail(query("wechat"), "500", None).await;
    let told = shop.pay(&sale, json!({ "deliver": "once", "mode": "certificate" })).await;
    assert_eq!(told[0].status, 401, "{told:?}");
    shop.assert_untouched("signed by a certificate that nobody can fetch");
    let told = shop.call_back(&sale, json!({ "deliver": "once" })).await;
    assert!(told[0].is_taken_by("wechat"), "{told:?}");
    sale.paid().await;
    let said = ["platform certificates: /v3/certificates", "callback from 127.0.0.1 was refused", "does not answer: "];
    shop.end(&said).await;
}

#[tokio::test]
async fn a_new_certificate_is_fetched_and_at_most_once_a_minute() {
    let shop = Shop::open().await;
    let sale = shop.sale(0, "wechat").await;
    assert_eq!(shop.gateway.count(CERTIFICATES).await, 0, "nothing has needed one yet");
    shop.gateway.set(json!({ "rotateCertificate": true })).await;
    let told = shop.pay(&sale, json!({ "deliver": "concurrent", "mode": "certificate" })).await;
    assert!(told.iter().all(|one| one.is_taken_by("wechat")), "{told:?}");
    assert_eq!(shop.gateway.count(CERTIFICATES).await, 1, "fifty that miss it share one fetch");
    let second = shop.sale(1, "wechat").await;
    shop.gateway.fail(query("wechat"), "500", None).await;
    shop.gateway.set(json!({ "rotateCertificate": true })).await;
    for how in [json!({ "mode": "certificate" }), json!({ "tamper": "serial" })] {
        let (verb, mut how) = (how.clone(), how);
        how["deliver"] = json!("concurrent");
        let told = match verb["mode"].is_string() {
            true => shop.pay(&second, how).await,
            false => shop.call_back(&second, how).await,
        };
        assert!(told.iter().all(|one| one.status == 401), "{verb}: {told:?}");
    }
    assert_eq!(shop.gateway.count(CERTIFICATES).await, 1, "anybody can make up serials");
    assert_eq!(second.now().await["payStatus"], 0);
    assert_eq!(shop.stored::<i64>(NEW_ORDERS), 1);
    shop.gateway.mend().await;
    second.paid().await;
    shop.end(&["callback from 127.0.0.1 was refused", "does not answer: "]).await;
}

#[tokio::test]
async fn a_callback_that_was_tampered_with_or_is_old_changes_nothing() {
    let shop = Shop::open().await;
    shop.gateway.fail(query("wechat"), "500", None).await;
    shop.gateway.fail(query("alipay"), "500", None).await;
    for (table, provider) in BOTH.into_iter().enumerate() {
        let sale = shop.sale(table, provider).await;
        shop.pay(&sale, json!({ "deliver": "lost" })).await;
        for wrong in [
            json!({ "tamper": "body" }),
            json!({ "tamper": "signature" }),
            json!({ "tamper": "timestamp" }),
            json!({ "tamper": "nonce" }),
            json!({ "tamper": "serial" }),
            json!({ "stale": -600 }),
            json!({ "stale": 600 }),
        ] {
            let told = shop.call_back(&sale, wrong.clone()).await;
            assert_eq!(told[0].status, 401, "{provider} {wrong}: {told:?}");
            assert_eq!(sale.now().await["payStatus"], 0, "{provider} {wrong}");
            assert_eq!(shop.stored::<i64>("select count(*) from ledger_entry"), table as i64, "{provider} {wrong}");
            assert_eq!(shop.stored::<i64>(ALERTS), table as i64, "{provider} {wrong}");
        }
        let told = shop.call_back(&sale, json!({})).await;
        assert!(told[0].is_taken_by(provider), "{provider}: the genuine one: {told:?}");
        sale.paid().await;
    }
    shop.end(&["callback from 127.0.0.1 was refused", "does not answer: "]).await;
}

#[tokio::test]
async fn an_answer_without_a_good_signature_is_never_believed() {
    let shop = Shop::open().await;
    let mut sales = Vec::new();
    for (table, provider) in BOTH.into_iter().enumerate() {
        for (how, times) in [("unsigned", Some(1)), ("badsign", None)] {
            shop.gateway.fail(query(provider), how, times).await;
        }
        let sale = shop.sale(table, provider).await;
        shop.pay(&sale, json!({ "deliver": "lost" })).await;
        sales.push(sale);
    }
    // A forged answer has been looked at when the next is asked for.
    for provider in BOTH {
        shop.gateway.count_when(counted_query(provider), 3).await;
    }
    shop.assert_untouched("forged answers");
    shop.gateway.mend().await;
    for sale in sales {
        sale.paid().await;
    }
    for (index, (provider, how)) in
        [("wechat", "unsigned"), ("wechat", "badsign"), ("alipay", "unsigned"), ("alipay", "badsign")]
            .iter()
            .enumerate()
    {
        shop.gateway.fail(creation(provider), how, Some(1)).await;
        let phone = shop.daemon().phone(2 + index).await;
        let order = phone.order("op").await;
        let path = format!("/api/store/order/{}/pay", order["orderId"]);
        let answer = phone.send(Method::POST, &path, json!({ "provider": provider })).await;
        assert_eq!((answer.status.as_u16(), answer.error()), (503, "PAYMENT_UNCONFIRMED"), "{provider} {how}");
        let again = phone.ok(Method::POST, &path, json!({ "provider": provider })).await;
        let trade = shop.gateway.trade(provider, again["outTradeNo"].as_str().unwrap()).await;
        assert_eq!(trade["createdTimes"], 2, "{provider} {how}: the same trade");
    }
    let said = ["did not create payment", "an answer to GET /v3/pay", "an answer to POST /v3/pay"];
    shop.end(&said).await;
}

#[tokio::test]
async fn with_another_apiv3_key_staff_are_told_and_the_query_finds_the_payment() {
    let shop = Shop::open().await;
    let sale = shop.sale(0, "wechat").await;
    shop.gateway.fail(query("wechat"), "500", None).await;
    let other = "0123456789abcdef0123456789abcdef";
    let told = shop.pay(&sale, json!({ "deliver": "repeat", "apiv3Key": other })).await;
    assert!(told.iter().all(|one| (500..600).contains(&one.status)), "so that it is repeated: {told:?}");
    assert_eq!(sale.now().await["payStatus"], 0);
    let alerts = shop.counter.alerts().await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert_eq!((&alerts[0]["type"], &alerts[0]["orderId"]), (&json!(3), &Value::Null));
    assert!(alerts[0]["note"].as_str().unwrap().contains("APIv3"), "{alerts:?}");
    shop.gateway.mend().await;
    sale.paid().await;
    assert_eq!((shop.stored::<i64>(NEW_ORDERS), shop.stored::<i64>(TROUBLES)), (1, 1));
    shop.end(&["callback from 127.0.0.1 was refused", "does not answer: ", "无法解密"]).await;
}
