//! Genuine notices that this shop can not place: of payments that it does not know, of refunds that are not as it sent
//! them, and of kinds that it has never heard of.

use crate::bill::today;
use crate::shop::{BOTH, Sale, Shop, TROUBLES, counted_query};
use reqwest::Method;
use serde_json::{Value, json};

/// A shop that was restored from a backup of before this sale, and the sale, which was paid meanwhile.
async fn restored(provider: &'static str) -> (Shop, Sale) {
    let mut shop = Shop::open().await;
    shop.kill();
    let backup = shop.copy_database();
    shop.run(&[]).await;
    let sale = shop.sale(0, provider).await;
    shop.kill();
    shop.restore_database(&backup);
    shop.run(&[]).await;
    (shop, sale)
}

async fn differences(shop: &Shop, provider: &str) -> Value {
    let list = shop.counter.ok(Method::POST, "/admin/payment/reconcile", json!({ "date": today() })).await;
    let of_today = |one: &&Value| one["provider"] == provider && one["date"] == today();
    list.as_array().unwrap().iter().find(of_today).expect("a comparison")["differences"].clone()
}

#[tokio::test]
async fn a_payment_that_the_shop_does_not_know_is_taken_told_and_sent_back_by_its_own_number() {
    for provider in BOTH {
        let (shop, sale) = restored(provider).await;
        let told = shop.pay(&sale, json!({ "deliver": "concurrent" })).await;
        assert!(told.iter().all(|one| one.is_taken_by(provider)), "{provider}: {told:?}");
        let open = shop.unclaimed().await;
        let [one] = &open[..] else { panic!("{provider}: {open:?}") };
        assert_eq!((&one["outTradeNo"], &one["amount"]), (&json!(sale.number()), &json!(38.0)), "{one}");
        assert_eq!((&one["kind"], &one["ours"], &one["refunding"]), (&json!("payment"), &json!(true), &json!(false)));
        assert_eq!(one["actions"], json!(["refund", "order", "handed_back", "keep"]));
        assert_eq!(shop.stored::<i64>(TROUBLES), 1, "{provider}: told at once, and once");
        assert_eq!(differences(&shop, provider).await, json!([]), "{provider}: it is known, and no difference");

        assert_eq!(shop.claim(one, json!({ "action": "keep" })).await.error(), "BAD_REQUEST");
        for _ in 0..2 {
            assert_eq!(shop.claim(one, json!({ "action": "refund" })).await.body["code"], 1);
        }
        let number = format!("{}U", sale.number());
        let is_back = |trade: &Value| trade["refunds"][&number]["status"] == "SUCCESS";
        let trade = shop.gateway.trade_when(provider, is_back).await;
        assert_eq!(trade["refunds"][&number]["amountFen"], 3800, "{trade}");
        let resolved = "select count(*) from unclaimed where resolution = 'refund' and resolved_by = 'admin'";
        shop.daemon().stored_when(resolved, 1).await;
        assert_eq!(shop.unclaimed().await, Vec::<Value>::new());
        let still = shop.counter.alerts().await;
        assert!(still.is_empty(), "nothing rings any more: {still:?}");
        let told = shop.call_back(&sale, json!({ "outRefundNo": number })).await;
        assert!(told[0].is_taken_by(provider), "{told:?}");
        assert_eq!(differences(&shop, provider).await, json!([]), "{provider}: the refund is known, too");
        assert_eq!(shop.claim(one, json!({ "action": "keep", "note": "x" })).await.error(), "REVIEW_RESOLVED");
        assert_eq!(shop.gateway.violations().await, json!([]));
        shop.assert_log_is_calm(&["which this shop does not know"]);
    }
}

#[tokio::test]
async fn a_payment_that_the_shop_does_not_know_is_given_to_the_order_that_it_was_for() {
    let (shop, sale) = restored("wechat").await;
    assert!(shop.pay(&sale, json!({ "deliver": "once" })).await[0].is_taken_by("wechat"));
    let one = shop.unclaimed().await[0].clone();
    let phone = shop.daemon().phone(1).await;
    let order = phone.order("op").await;
    let unknown = shop.claim(&one, json!({ "action": "order", "orderNumber": "19990101001" })).await;
    assert_eq!(unknown.error(), "ORDER_NOT_FOUND");
    let given = shop.claim(&one, json!({ "action": "order", "orderNumber": order["orderNumber"] })).await;
    assert_eq!(given.body["code"], 1, "{}", given.body);
    phone.order_when(&order, |order| order["payStatus"] == 1).await;
    assert_eq!(shop.stored::<i64>("select amount_fen from ledger_entry"), 3800);
    let audit = shop.counter.ok(Method::GET, "/admin/audit", Value::Null).await;
    assert!(audit.to_string().contains("payment.unclaimed"), "who said it is written down: {audit}");
    assert!(shop.call_back(&sale, json!({})).await[0].is_taken_by("wechat"), "a late repeat");
    shop.end(&["which this shop does not know"]).await;
}

#[tokio::test]
async fn a_refund_s_notice_that_does_not_agree_is_taken_and_asked_about_once() {
    let shop = Shop::open().await;
    shop.gateway.set(json!({ "refundMode": "processing" })).await;
    let sale = shop.sale(0, "wechat").await;
    shop.pay(&sale, json!({ "deliver": "once" })).await;
    sale.paid().await;
    let other = shop.sale(1, "wechat").await;
    assert_eq!(shop.refund(&sale, 5.0, "part").await.body["code"], 1);
    let is_asked = |trade: &Value| !trade["refunds"].as_object().unwrap().is_empty();
    let trade = shop.gateway.trade_when("wechat", is_asked).await;
    let number = trade["refunds"].as_object().unwrap().keys().next().unwrap().clone();
    // It is told as done in each of these, and is not.
    for (count, wrong) in
        [json!({ "amountFen": 3800 }), json!({ "aboutTradeNo": other.number() }), json!({ "mchId": "1600000001" })]
            .into_iter()
            .enumerate()
    {
        let mut how = wrong.clone();
        how["outRefundNo"] = json!(number);
        how["deliver"] = json!("repeat");
        how["refundStatus"] = json!("SUCCESS");
        let told = shop.call_back(&sale, how).await;
        assert!(told.iter().all(|one| one.is_taken_by("wechat")), "{wrong}: {told:?}");
        let open = shop.reviews().await;
        let [review] = &open[..] else { panic!("{wrong}: {open:?}") };
        assert_eq!((&review["kind"], &review["notices"]), (&json!("refund_notice"), &json!(count + 1)), "{wrong}");
        assert_eq!(shop.account(&sale).await["balance"], 38.0, "{wrong}: nothing is booked");
    }
    assert_eq!(shop.stored::<i64>(TROUBLES), 1);
    let ended = json!({ "provider": "wechat", "outRefundNo": number, "status": "SUCCESS" });
    shop.gateway.control("refund", ended).await;
    shop.account_when(&sale, |account| account["balance"] == 33.0).await;
    let review = shop.reviews().await[0].clone();
    assert_eq!(shop.resolve(&review, "dismiss").await.body["code"], 1);
    shop.end(&["needs a person"]).await;
}

#[tokio::test]
async fn a_notice_of_an_unknown_kind_is_taken_and_the_trade_asked_about() {
    let shop = Shop::open().await;
    for (table, (provider, kind)) in [("wechat", "TRANSACTION.GUESSED"), ("alipay", "TRADE_GUESSED")].iter().enumerate()
    {
        let sale = shop.sale(table, provider).await;
        let before = shop.gateway.count(counted_query(provider)).await;
        for told in shop.call_back(&sale, json!({ "kind": kind, "deliver": "repeat" })).await {
            assert!(told.is_taken_by(provider), "{provider}: {told:?}");
        }
        shop.gateway.count_when(counted_query(provider), before + 1).await;
        assert_eq!(sale.now().await["payStatus"], 0, "{provider}: nothing is believed of it");
        shop.pay(&sale, json!({ "kind": kind, "deliver": "once" })).await;
        sale.paid().await;
    }
    let said = shop.log().lines().filter(|line| line.contains("which is not known")).count();
    assert!((2..=60).contains(&said), "{said} lines:\n{}", shop.log());
    shop.end(&["which is not known"]).await;
}
