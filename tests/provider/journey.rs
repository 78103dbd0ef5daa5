//! The ordinary way of a payment, and the ways that callbacks and answers go astray.

use crate::shop::{BOTH, NEW_ORDERS, PAID_EVENTS, Sale, Shop, Told, counted_query, creation, text_of};
use crate::support::PATIENCE;
use reqwest::Method;
use serde_json::{Value, json};
use std::process::Command;
use std::time::{Duration, Instant};

const QUIET: Duration = Duration::from_millis(300);

#[tokio::test]
async fn a_code_is_shown_paid_called_back_and_announced_once() {
    let shop = Shop::open().await;
    let mut counter = shop.counter.socket().await;
    for (table, provider) in BOTH.into_iter().enumerate() {
        let sale = shop.sale(table, provider).await;
        let mut phone = sale.phone.socket().await;
        let code = sale.payment["codeUrl"].as_str().unwrap();
        assert_eq!(code, shop.trade(&sale).await["codeUrl"], "{provider}");
        let qr =
            format!("{}{}", shop.counter.lan, sale.path(&format!("/pay/qr?payment={}", sale.payment["paymentId"])));
        let picture = sale.phone.http.get(qr).header("token", &sale.phone.token).send().await.unwrap();
        assert_eq!(picture.headers()["content-type"], "image/svg+xml", "{provider}");
        assert!(picture.text().await.unwrap().contains("<svg"), "{provider}");
        let told = shop.pay(&sale, json!({ "deliver": "once" })).await;
        assert!(told.len() == 1 && told[0].is_taken_by(provider), "{provider}: {told:?}");
        let update = phone.until(|frame| frame["type"] == "order_update" && frame["data"]["payStatus"] == 1).await;
        assert_eq!(update["data"]["payMethod"], sale.method(), "{provider}");
        let alert = counter.next().await.unwrap();
        assert_eq!((&alert["type"], &alert["orderId"]), (&json!(1), &sale.order["orderId"]), "{provider}");
        assert_eq!(counter.all_within(QUIET).await, Vec::<Value>::new(), "{provider}: rang again");
        let account = shop.account(&sale).await;
        assert_eq!((&account["balance"], &account["owed"]), (&json!(38.0), &json!(0.0)), "{account}");
        let entry = &account["entries"][0];
        assert_eq!((&entry["kind"], &entry["provider"]), (&json!("payment"), &json!(provider)), "{account}");
        assert_eq!(entry["reference"], shop.trade(&sale).await["transactionId"], "{account}");
        assert_eq!(entry["actor"], format!("{provider} callback"), "{account}");
    }
    assert_eq!((shop.stored::<i64>(PAID_EVENTS), shop.stored::<i64>(NEW_ORDERS)), (2, 2));
    shop.end(&[]).await;
}

#[tokio::test]
async fn whoever_presses_pay_again_gets_a_code_that_nobody_has_scanned() {
    let shop = Shop::open().await;
    for (table, provider) in BOTH.into_iter().enumerate() {
        let mut sale = shop.sale(table, provider).await;
        let first = sale.number().to_owned();
        // Somebody has scanned it, and keeps it from all others.
        shop.gateway.control("scan", json!({ "provider": provider, "outTradeNo": first })).await;
        let deadline = Instant::now() + PATIENCE;
        // Presses at the same moment share one.
        while sale.number() == first {
            assert!(Instant::now() < deadline, "{provider}: the same code for ever");
            tokio::time::sleep(Duration::from_millis(100)).await;
            sale.payment = sale.start(provider).await;
        }
        assert_eq!(shop.gateway.trade(provider, &first).await["state"], "CLOSED", "{provider}: nobody pays it now");
        assert!(shop.pay(&sale, json!({ "deliver": "once" })).await[0].is_taken_by(provider));
        sale.paid().await;
        let account = shop.account(&sale).await;
        let states: Vec<&str> =
            account["payments"].as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap()).collect();
        assert_eq!((states, &account["balance"]), (vec!["closed", "paid"], &json!(38.0)), "{provider}");
    }
    shop.end(&[]).await;
}

/// Whether the SDK finds the merchant's signature under the arguments that the phone hands to WeChat.
fn sdk_verifies(shop: &Shop, jsapi: &Value) -> bool {
    let script = "import { X509Certificate } from 'node:crypto'; import { readFileSync } from 'node:fs'; \
        import wechatpay from 'wechatpay-axios-plugin'; \
        const [, file, text] = process.argv; const it = JSON.parse(text); \
        const key = new X509Certificate(readFileSync(file)).publicKey; \
        const message = wechatpay.Formatter.joinedByLineFeed(it.appId, it.timeStamp, it.nonceStr, it.package); \
        console.log(wechatpay.Rsa.verify(message, it.paySign, key));";
    let mut node = Command::new("node");
    node.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/provider"));
    node.args(["--input-type=module", "--eval", script]).arg(shop.gateway.file("merchant_cert.pem"));
    let output = node.arg(jsapi.to_string()).output().expect("node runs");
    let said = text_of(&output);
    assert!(matches!(said.trim(), "true" | "false"), "{said}");
    said.trim() == "true"
}

#[tokio::test]
async fn inside_wechat_the_phone_gets_signed_arguments_and_no_code() {
    let shop = Shop::open().await;
    let mut sale = shop.sale(0, "wechat").await;
    let body = json!({ "provider": "wechat", "openId": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" });
    let code = sale.payment.clone();
    sale.payment = sale.phone.ok(Method::POST, &sale.path("/pay"), body.clone()).await;
    assert_eq!(sale.phone.ok(Method::POST, &sale.path("/pay"), body).await["outTradeNo"], sale.payment["outTradeNo"]);
    let jsapi = &sale.payment["jsapi"];
    assert_eq!(sale.payment["codeUrl"], "", "{jsapi}");
    assert_eq!(jsapi["appId"], shop.gateway.account("wechat", "appId"));
    let trade = shop.trade(&sale).await;
    assert_eq!((&trade["channel"], &trade["openid"]), (&json!("jsapi"), &json!("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")));
    assert_eq!(jsapi["package"], format!("prepay_id={}", trade["codeUrl"].as_str().unwrap()));
    assert!(sdk_verifies(&shop, jsapi), "{jsapi}");
    let mut other = jsapi.clone();
    other["package"] = json!("prepay_id=wx0");
    assert!(!sdk_verifies(&shop, &other), "the script can say no");
    let qr = sale.path(&format!("/pay/qr?payment={}", sale.payment["paymentId"]));
    assert_eq!(sale.phone.send(Method::GET, &qr, Value::Null).await.status, 404, "there is nothing to draw");
    assert!(shop.pay(&sale, json!({ "deliver": "once" })).await[0].is_taken_by("wechat"));
    assert_eq!(sale.paid().await["payMethod"], 1);
    assert_eq!(shop.account(&sale).await["entries"][0]["method"], "jsapi");
    let left = code["outTradeNo"].as_str().unwrap();
    shop.gateway.trade_when("wechat", |trade| trade["outTradeNo"] == left && trade["state"] == "CLOSED").await;
    shop.end(&[]).await;
}

#[tokio::test]
async fn a_lost_callback_is_found_by_the_query_and_a_late_one_changes_nothing_more() {
    let shop = Shop::open().await;
    let mut counter = shop.counter.socket().await;
    for (table, provider) in BOTH.into_iter().enumerate() {
        let sale = shop.sale(table, provider).await;
        shop.pay(&sale, json!({ "deliver": "lost" })).await;
        assert_eq!(counter.next().await.unwrap()["orderId"], sale.order["orderId"], "{provider}");
        assert_eq!(sale.paid().await["payMethod"], sale.method(), "{provider}");
        assert_eq!(shop.account(&sale).await["entries"][0]["actor"], format!("{provider} query"));
        for told in shop.call_back(&sale, json!({ "deliver": "repeat" })).await {
            assert!(told.is_taken_by(provider), "{told:?}");
        }
    }
    assert_eq!(counter.all_within(QUIET).await, Vec::<Value>::new(), "a late callback rang");
    assert_eq!((shop.stored::<i64>(PAID_EVENTS), shop.stored::<i64>(NEW_ORDERS)), (2, 2));
    shop.end(&[]).await;
}

#[tokio::test]
async fn a_callback_that_comes_before_the_creation_is_answered_is_taken() {
    let shop = Shop::open().await;
    for (table, provider) in BOTH.into_iter().enumerate() {
        let phone = shop.daemon().phone(table).await;
        let order = phone.order("op").await;
        shop.gateway.fail(creation(provider), "late", Some(1)).await;
        let mut sale = Sale { phone, provider, order, payment: Value::Null };
        let early = async {
            let trade = shop.gateway.trade_when(provider, |_| true).await;
            let asked = json!({ "provider": provider, "outTradeNo": trade["outTradeNo"], "deliver": "once" });
            Told::list(&shop.gateway.control("pay", asked).await)
        };
        let (path, body) = (sale.path("/pay"), json!({ "provider": provider }));
        let (started, told) = tokio::join!(sale.phone.send(Method::POST, &path, body), early);
        assert!(told[0].is_taken_by(provider), "{told:?}");
        assert_eq!((started.status.as_u16(), started.error()), (409, "ORDER_STATE"), "the phone looks at its order");
        assert_eq!(sale.paid().await["payMethod"], sale.method(), "{provider}");
        sale.payment = json!({ "outTradeNo": shop.gateway.trades(provider).await[0]["outTradeNo"] });
        assert_eq!(shop.account(&sale).await["entries"].as_array().unwrap().len(), 1);
    }
    assert_eq!((shop.stored::<i64>(PAID_EVENTS), shop.stored::<i64>(NEW_ORDERS)), (2, 2));
    shop.end(&[]).await;
}

#[tokio::test]
async fn a_creation_that_went_through_unheard_is_the_same_trade_when_it_is_asked_again() {
    let shop = Shop::open().await;
    for (table, provider) in BOTH.into_iter().enumerate() {
        let phone = shop.daemon().phone(table).await;
        let order = phone.order("op").await;
        shop.gateway.fail(creation(provider), "drop_after", Some(1)).await;
        let mut sale = Sale { phone, provider, order, payment: Value::Null };
        let (path, body) = (sale.path("/pay"), json!({ "provider": provider }));
        let refused = sale.phone.send(Method::POST, &path, body).await;
        assert_eq!((refused.status.as_u16(), refused.error()), (503, "PAYMENT_UNCONFIRMED"), "{provider}");
        sale.payment = sale.start(provider).await;
        let trades = shop.gateway.trades(provider).await;
        assert_eq!((trades.len(), &trades[0]["createdTimes"]), (1, &json!(2)), "{trades:?}");
        assert_eq!(
            (&trades[0]["outTradeNo"], &trades[0]["codeUrl"]),
            (&json!(sale.number()), &sale.payment["codeUrl"])
        );
        assert!(shop.pay(&sale, json!({ "deliver": "once" })).await[0].is_taken_by(provider));
        sale.paid().await;
    }
    shop.end(&["did not create payment", "does not answer: "]).await;
}

#[tokio::test]
async fn fifty_callbacks_at_once_with_a_query_racing_them_are_one_payment_and_one_alert() {
    let shop = Shop::open().await;
    let mut counter = shop.counter.socket().await;
    for (table, provider) in BOTH.into_iter().enumerate() {
        let sale = shop.sale(table, provider).await;
        shop.gateway.set(json!({ "latencyMs": 200 })).await;
        // The query is under way, and its answer will already say "paid".
        let seen = shop.gateway.count(counted_query(provider)).await;
        shop.gateway.count_when(counted_query(provider), seen + 1).await;
        let told = shop.pay(&sale, json!({ "deliver": "concurrent" })).await;
        assert!(told.len() == 50 && told.iter().all(|one| one.is_taken_by(provider)), "{provider}: {told:?}");
        shop.gateway.mend().await;
        assert_eq!(counter.next().await.unwrap()["orderId"], sale.order["orderId"], "{provider}");
        sale.paid().await;
        for told in shop.call_back(&sale, json!({ "deliver": "repeat" })).await {
            assert!(told.is_taken_by(provider), "{told:?}");
        }
        assert_eq!(counter.all_within(QUIET).await, Vec::<Value>::new(), "{provider}: rang again");
        assert_eq!(shop.account(&sale).await["entries"].as_array().unwrap().len(), 1, "{provider}");
    }
    assert_eq!((shop.stored::<i64>(PAID_EVENTS), shop.stored::<i64>(NEW_ORDERS)), (2, 2));
    assert_eq!(shop.stored::<i64>("select count(*) from payment_callback"), 2);
    shop.end(&[]).await;
}

#[tokio::test]
async fn a_dead_host_is_spared_for_the_spare_one() {
    let shop = Shop::open_as(|payment| {
        let wechat = payment["wechat"].as_table_mut().unwrap();
        let gateway = wechat["base_url"].clone();
        wechat.insert("base_url".into(), "http://127.0.0.1:9".into());
        wechat.insert("spare_url".into(), gateway);
    })
    .await;
    let sale = shop.sale(0, "wechat").await;
    assert!(shop.pay(&sale, json!({ "deliver": "lost" })).await.is_empty());
    sale.paid().await;
    assert_eq!(shop.trade(&sale).await["createdTimes"], 1);
    shop.end(&[]).await;
}
