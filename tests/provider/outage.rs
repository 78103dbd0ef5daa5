//! The line to the providers is down for some seconds, and comes back.

use crate::shop::{Sale, Shop, counted_query};
use crate::support::PATIENCE;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const EVERYTHING: &str = "^(GET|POST) /v3/|^alipay";

async fn online_when(sale: &Sale, wanted: bool) {
    let deadline = Instant::now() + 2 * PATIENCE;
    loop {
        let now = sale.phone.get("/api/store/payment/providers").await;
        if now["online"] == wanted {
            assert_eq!((&now["providers"], &now["counter"]), (&json!(["wechat", "alipay"]), &json!(true)));
            return;
        }
        assert!(Instant::now() < deadline, "the phone page stays {now}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// What goes wrong when the providers `fail` like that, and that everything is as it should be after it.
async fn weather(shop: &Shop, fail: &str) {
    let counter = &shop.counter;
    let (cash, lost) = (shop.sale(0, "wechat").await, shop.sale(1, "alipay").await);
    online_when(&cash, true).await;
    shop.gateway.fail(EVERYTHING, fail, None).await;
    online_when(&cash, false).await;
    shop.pay(&lost, json!({ "deliver": "lost" })).await;

    // Ordering goes on, and the counter takes money.
    let phone = shop.daemon().phone(2).await;
    let order = phone.order("op").await;
    let mut late = Sale { phone, provider: "wechat", order, payment: Value::Null };
    for provider in ["wechat", "alipay"] {
        let asked = Instant::now();
        let answer = late.phone.send(Method::POST, &late.path("/pay"), json!({ "provider": provider })).await;
        let said = (answer.status.as_u16(), answer.error());
        // After a while of silence nobody is kept waiting for one more.
        let known = [(503, "PAYMENT_UNCONFIRMED"), (503, "PROVIDER_SILENT")];
        assert!(known.contains(&said), "{fail} {provider}: {said:?}");
        assert!(asked.elapsed() < Duration::from_secs(13), "{fail}: the phone waits {:?}", asked.elapsed());
    }
    let body = json!({ "orderId": cash.order["orderId"], "method": "cash", "amount": 38.0 });
    let taken = counter.ok(Method::POST, "/admin/payment/counter", body.clone()).await;
    assert_eq!((&taken["method"], &taken["amount"]), (&json!("cash"), &json!(38.0)));
    assert_eq!(cash.paid().await["payMethod"], 3);
    let again = counter.send(Method::POST, "/admin/payment/counter", body).await;
    assert_eq!(again.error(), "ORDER_STATE", "{}", again.body);
    let status = counter.ok(Method::GET, "/admin/alert/desktop", Value::Null).await;
    for line in status["providers"].as_array().unwrap() {
        assert_eq!(line["ok"], false, "{fail}: {line}");
        assert!(!line["detail"].as_str().unwrap().is_empty(), "{fail}: {line}");
    }

    // Back: what was paid is found, what is not wanted is closed, what was begun goes on.
    shop.gateway.mend().await;
    lost.paid().await;
    let is_closed = |trade: &Value| trade["outTradeNo"] == cash.number() && trade["state"] == "CLOSED";
    shop.gateway.trade_when("wechat", is_closed).await;
    online_when(&late, true).await;
    let deadline = Instant::now() + PATIENCE;
    let started = loop {
        let answer = late.phone.send(Method::POST, &late.path("/pay"), json!({ "provider": "wechat" })).await;
        if answer.status == 200 || Instant::now() > deadline {
            break answer;
        }
    };
    assert_eq!(started.status, 200, "{fail}: {}", started.body);
    late.payment = started.body["data"].clone();
    assert!(shop.pay(&late, json!({ "deliver": "once" })).await[0].is_taken_by("wechat"));
    late.paid().await;
    let account = shop.account(&cash).await;
    assert_eq!((&account["balance"], account["entries"].as_array().unwrap().len()), (&json!(38.0), 1), "{account}");
    assert_eq!(shop.stored::<i64>("select count(*) from alert where kind = 1"), 3, "{fail}");
    let troubles =
        "select count(*) from alert where kind = 3 and (acked_at is null or note not like '%查不到付款结果%')";
    assert_eq!(shop.stored::<i64>(troubles), 0, "{fail}: what was told of the silence is over");
    shop.end(&["does not answer: ", "did not create payment", "did not close payment"]).await;
}

#[tokio::test]
async fn while_a_provider_fails_hangs_or_drops_orders_go_on_and_all_is_settled_after_it() {
    let [fails, hangs, drops] = [Shop::open().await, Shop::open().await, Shop::open().await];
    tokio::join!(weather(&fails, "500"), weather(&hangs, "hang"), weather(&drops, "drop"));
}

#[tokio::test]
async fn a_stop_with_payments_under_way_is_a_quiet_one() {
    let mut shop = Shop::open().await;
    for table in 0..8 {
        shop.sale(table, "wechat").await.start("alipay").await;
    }
    shop.gateway.set(json!({ "latencyMs": 300 })).await;
    let before = shop.gateway.count(counted_query("wechat")).await;
    shop.gateway.count_when(counted_query("wechat"), before + 8).await;
    assert_eq!(shop.stop(), Some(0));
    shop.assert_log_is_calm(&[]);
    assert!(shop.log().contains("everything acknowledged is on disk"), "{}", shop.log());
}

#[tokio::test]
async fn money_that_comes_after_cash_was_taken_goes_back() {
    let shop = Shop::open().await;
    let sale = shop.sale(0, "alipay").await;
    shop.gateway.fail(EVERYTHING, "drop", None).await;
    let body = json!({ "orderId": sale.order["orderId"], "method": "terminal", "amount": 38.0 });
    for (amount, error) in [(37.99, "WRONG_AMOUNT"), (0.0, "WRONG_AMOUNT")] {
        let mut wrong = body.clone();
        wrong["amount"] = json!(amount);
        assert_eq!(shop.counter.send(Method::POST, "/admin/payment/counter", wrong).await.error(), error);
    }
    shop.counter.ok(Method::POST, "/admin/payment/counter", body).await;
    assert_eq!(sale.paid().await["payMethod"], 4);
    shop.pay(&sale, json!({ "deliver": "lost" })).await;
    shop.gateway.mend().await;
    let account = shop.account_when(&sale, |account| account["refunds"][0]["state"] == "done").await;
    assert_eq!((&account["balance"], account["entries"].as_array().unwrap().len()), (&json!(38.0), 3), "{account}");
    assert_eq!(sale.now().await["payStatus"], 1, "the terminal's money stays");
    // And back again from the terminal, at once.
    assert_eq!(shop.refund(&sale, 38.0, "whole").await.body["code"], 1);
    assert_eq!(sale.now().await["payStatus"], 2);
    shop.end(&["does not answer: ", "did not close payment"]).await;
}
