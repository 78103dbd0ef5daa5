//! Money that is not what was asked for, that comes too late, or twice.

use crate::shop::{BOTH, NEW_ORDERS, Sale, Shop, TROUBLES, query};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const QUIET: Duration = Duration::from_millis(300);

/// The order is as it was, and a person is asked.
async fn assert_quarantined(shop: &Shop, sale: &Sale, kind: &str, received: Value) -> Value {
    let review = shop.review_of(kind).await;
    assert_eq!((&review["orderId"], &review["provider"]), (&sale.order["orderId"], &json!(sale.provider)), "{review}");
    assert_eq!((&review["amount"], &review["received"]), (&json!(38.0), &received), "{review}");
    let now = sale.now().await;
    assert_eq!((&now["status"], &now["payStatus"]), (&json!(1), &json!(0)), "{kind}");
    let alerts = shop.counter.alerts().await;
    let rung = alerts.iter().filter(|alert| alert["type"] == 3 && alert["orderId"] == sale.order["orderId"]);
    assert_eq!(rung.count(), 1, "{kind}: {alerts:?}");
    review
}

#[tokio::test]
async fn another_amount_waits_for_a_person_who_sends_it_back_or_takes_it() {
    let shop = Shop::open().await;
    let mut counter = shop.counter.socket().await;
    for (index, provider) in BOTH.into_iter().enumerate() {
        let sale = shop.sale(2 * index, provider).await;
        let told = shop.pay(&sale, json!({ "amountFen": 3801, "deliver": "repeat" })).await;
        assert!(told.iter().all(|one| one.is_taken_by(provider)), "{told:?}");
        let review = assert_quarantined(&shop, &sale, "amount", json!(38.01)).await;
        assert_eq!(counter.all_within(QUIET).await, Vec::<Value>::new(), "no order has come");
        let back = json!({ "action": "refund", "opId": format!("back {provider}") });
        let path = format!("/admin/payment/review/{}", review["reviewId"]);
        shop.counter.eleven_times(Method::POST, &path, back).await;
        assert_eq!(shop.resolve(&review, "refund").await.body["code"], 1, "another till, the same answer");
        assert_eq!(shop.resolve(&review, "accept").await.error(), "REVIEW_RESOLVED");
        let account = shop.account_when(&sale, |account| account["balance"] == 0.0).await;
        assert_eq!((account["refunds"].as_array().unwrap().len(), &account["owed"]), (1, &json!(38.0)), "{account}");
        let trade = shop.trade(&sale).await;
        let refunds = trade["refunds"].as_object().unwrap();
        assert_eq!((refunds.len(), refunds.values().next().unwrap()["amountFen"].clone()), (1, json!(3801)), "{trade}");
        assert_eq!(sale.now().await["payStatus"], 0, "it can still be paid");

        let sale = shop.sale(2 * index + 1, provider).await;
        assert!(shop.pay(&sale, json!({ "amountFen": 3700, "deliver": "once" })).await[0].is_taken_by(provider));
        let review = assert_quarantined(&shop, &sale, "amount", json!(37.0)).await;
        assert_eq!(shop.resolve(&review, "accept").await.body["code"], 1);
        assert_eq!(sale.paid().await["payMethod"], sale.method());
        assert_eq!(counter.next().await.unwrap()["orderId"], sale.order["orderId"], "the kitchen hears of it now");
        assert_eq!(shop.account(&sale).await["balance"], 37.0);
    }
    assert_eq!(shop.reviews().await, Vec::<Value>::new());
    assert_eq!((shop.stored::<i64>(NEW_ORDERS), shop.stored::<i64>(TROUBLES)), (2, 4));
    shop.end(&["needs a person"]).await;
}

#[tokio::test]
async fn money_for_another_merchant_or_app_is_never_taken_for_ours() {
    let shop = Shop::open().await;
    for (table, (provider, wrong)) in [
        ("wechat", json!({ "mchId": "1600000001" })),
        ("wechat", json!({ "appId": "wx0123456789abcdef" })),
        ("alipay", json!({ "sellerId": "2088000000000001" })),
        ("alipay", json!({ "appId": "2021000000000001" })),
    ]
    .into_iter()
    .enumerate()
    {
        let sale = shop.sale(table, provider).await;
        // Only the callback tells these: a query is asked by our own app.
        shop.gateway.fail(query(provider), "500", None).await;
        let mut how = wrong.clone();
        how["deliver"] = json!("repeat");
        let told = shop.pay(&sale, how).await;
        assert!(told.iter().all(|one| one.is_taken_by(provider)), "{wrong}: {told:?}");
        let review = assert_quarantined(&shop, &sale, "merchant", json!(38.0)).await;
        assert_eq!(review["actions"], json!(["dismiss"]), "{wrong}");
        assert_eq!(shop.account(&sale).await["entries"], json!([]), "{wrong}");
        assert_eq!(shop.resolve(&review, "accept").await.error(), "BAD_REQUEST", "{wrong}");
        assert_eq!(shop.resolve(&review, "dismiss").await.body["code"], 1, "{wrong}");
        shop.gateway.mend().await;
    }
    assert_eq!((shop.stored::<i64>(NEW_ORDERS), shop.stored::<i64>(TROUBLES)), (0, 4));
    assert_eq!(shop.gateway.violations().await, json!([]));
    shop.assert_log_is_calm(&["needs a person", "does not answer: "]);
}

/// The one refund of a trade at the provider.
async fn only_refund(shop: &Shop, sale: &Sale) -> Value {
    let trade = shop.trade(sale).await;
    let refunds = trade["refunds"].as_object().unwrap();
    assert_eq!(refunds.len(), 1, "{trade}");
    refunds.values().next().unwrap().clone()
}

#[tokio::test]
async fn money_for_a_cancelled_order_goes_back_once() {
    let shop = Shop::open().await;
    let mut counter = shop.counter.socket().await;
    for (table, provider) in BOTH.into_iter().enumerate() {
        let sale = shop.sale(table, provider).await;
        let order = sale.phone.ok(Method::POST, &sale.path("/cancel"), Value::Null).await;
        assert_eq!(order["status"], 6, "{provider}");
        let trade = shop.trade(&sale).await;
        // Alipay knows no trade before the payer scans: there is nothing to close, and the code stays good.
        assert_eq!(trade["state"], if provider == "wechat" { "CLOSED" } else { "NOTPAY" }, "{provider}");
        let told = shop.pay(&sale, json!({ "force": true, "deliver": "concurrent" })).await;
        assert!(told.iter().all(|one| one.is_taken_by(provider)), "{provider}: {told:?}");
        let account = shop.account_when(&sale, |account| account["refunds"][0]["state"] == "done").await;
        assert_eq!((&account["balance"], account["entries"].as_array().unwrap().len()), (&json!(0.0), 2), "{account}");
        let refund = only_refund(&shop, &sale).await;
        assert_eq!((&refund["amountFen"], &refund["requestedTimes"]), (&json!(3800), &json!(1)), "{refund}");
        assert_eq!(refund["outRefundNo"], format!("{}R", sale.number()), "a deterministic refund number");
        for told in shop.call_back(&sale, json!({ "deliver": "repeat" })).await {
            assert!(told.is_taken_by(provider), "{told:?}");
        }
        assert_eq!(sale.now().await["status"], 6, "the order stays cancelled");
        assert_eq!(shop.stored::<i64>(TROUBLES), table as i64 + 1, "staff are told once");
    }
    assert_eq!(counter.all_within(QUIET).await, Vec::<Value>::new(), "no order arrived");
    shop.end(&[]).await;
}

#[tokio::test]
async fn an_order_paid_on_two_channels_keeps_the_first_and_returns_the_second_once() {
    let shop = Shop::open().await;
    let mut counter = shop.counter.socket().await;
    for (table, (first, second)) in [("wechat", "alipay"), ("alipay", "wechat")].into_iter().enumerate() {
        let sale = shop.sale(table, first).await;
        let payment = sale.start(second).await;
        assert!(shop.pay(&sale, json!({ "deliver": "once" })).await[0].is_taken_by(first));
        assert_eq!(counter.next().await.unwrap()["orderId"], sale.order["orderId"]);
        let other = Sale { provider: second, payment, ..sale };
        let closed = |account: &Value| account["payments"][1]["state"] == "closed";
        shop.account_when(&other, closed).await;
        let told = shop.pay(&other, json!({ "force": true, "deliver": "repeat" })).await;
        assert!(told.iter().all(|one| one.is_taken_by(second)), "{told:?}");
        let account = shop.account_when(&other, |account| account["refunds"][0]["state"] == "done").await;
        assert_eq!((&account["balance"], account["entries"].as_array().unwrap().len()), (&json!(38.0), 3), "{account}");
        assert_eq!(only_refund(&shop, &other).await["requestedTimes"], 1);
        let now = other.now().await;
        assert_eq!(now["payStatus"], 1, "{first} first: the order stays paid");
        assert_eq!(now["payMethod"], if first == "wechat" { 1 } else { 2 });
    }
    assert_eq!(counter.all_within(QUIET).await, Vec::<Value>::new(), "rang again");
    assert_eq!((shop.stored::<i64>(NEW_ORDERS), shop.stored::<i64>(TROUBLES)), (2, 2));
    shop.end(&[]).await;
}

#[tokio::test]
async fn two_channels_paid_at_the_same_moment_are_one_payment_and_one_refund() {
    let shop = Shop::open().await;
    let mut sales = Vec::new();
    for table in 0..4 {
        let sale = shop.sale(table, "wechat").await;
        let payment = sale.start("alipay").await;
        let (wechat, alipay) = (json!({ "deliver": "repeat" }), json!({ "deliver": "repeat" }));
        let asked = json!({ "provider": "alipay", "outTradeNo": payment["outTradeNo"], "deliver": alipay["deliver"] });
        tokio::join!(shop.pay(&sale, wechat), shop.gateway.control("pay", asked));
        sales.push(sale);
    }
    for sale in sales {
        let settled = |account: &Value| account["refunds"][0]["state"] == "done";
        let account = shop.account_when(&sale, settled).await;
        assert_eq!((&account["balance"], account["refunds"].as_array().unwrap().len()), (&json!(38.0), 1), "{account}");
        assert_eq!(sale.now().await["payStatus"], 1);
    }
    assert_eq!((shop.stored::<i64>(NEW_ORDERS), shop.stored::<i64>(TROUBLES)), (4, 4));
    shop.end(&[]).await;
}
