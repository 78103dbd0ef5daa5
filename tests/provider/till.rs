//! 付款码: the counter reads the payer's code.

use crate::shop::{BOTH, Sale, Shop};
use crate::support::Answer;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

pub fn code(provider: &str, number: usize) -> String {
    if provider == "wechat" { format!("13{number:016}") } else { format!("28{number:016}") }
}

/// An order whose diner holds out a code.
pub async fn order(shop: &Shop, table: usize, provider: &'static str) -> Sale {
    let phone = shop.daemon().phone(table).await;
    let order = phone.order(&format!("op {table} {provider}")).await;
    Sale { phone, provider, order, payment: Value::Null }
}

pub async fn scan(shop: &Shop, sale: &Sale, code: &str) -> Answer {
    let body = json!({ "orderId": sale.order["orderId"], "authCode": code });
    shop.counter.send(Method::POST, "/admin/payment/scan", body).await
}

pub async fn behave(shop: &Shop, code: &str, behaviour: &str) {
    let payer = json!({ "authCode": code, "behaviour": behaviour, "queries": 1 });
    shop.gateway.control("payer", payer).await;
}

#[tokio::test]
async fn a_payers_code_is_paid_at_once_or_after_the_password() {
    let shop = Shop::open().await;
    let ways = shop.counter.ok(Method::GET, "/admin/payment/ways", Value::Null).await;
    assert_eq!(ways, json!({ "counter": ["cash", "terminal"], "scan": ["wechat", "alipay"] }));
    let mut counter = shop.counter.socket().await;
    for (table, provider) in BOTH.into_iter().enumerate() {
        let sale = order(&shop, table, provider).await;
        let answer = scan(&shop, &sale, &format!(" {}\n", code(provider, table))).await;
        let data = &answer.body["data"];
        assert_eq!((&data["provider"], &data["status"]), (&json!(provider), &json!("paid")), "{}", answer.body);
        assert_eq!(sale.now().await["payMethod"], sale.method());
        assert_eq!(counter.next().await.unwrap()["orderId"], sale.order["orderId"]);
        let entry = shop.account(&sale).await["entries"][0].clone();
        assert_eq!((&entry["method"], &entry["actor"]), (&json!("scan"), &json!(format!("{provider} charge"))));
        assert_eq!(scan(&shop, &sale, &code(provider, 90)).await.error(), "ORDER_STATE", "it is paid");
    }
    // WeChat says that the payer is typing in two ways.
    let typing = [("wechat", "code"), ("wechat", "state"), ("alipay", "code")].into_iter().enumerate();
    let mut sales = Vec::new();
    for (index, (provider, form)) in typing {
        shop.gateway.set(json!({ "userPayingAs": form })).await;
        let (sale, slow) = (order(&shop, 2 + index, provider).await, code(provider, 10 + index));
        behave(&shop, &slow, "password_then_pays").await;
        match form {
            "state" => assert_eq!(scan(&shop, &sale, &slow).await.body["data"]["status"], "paid", "{provider}"),
            _ => sales.push((sale, slow)),
        }
    }
    shop.gateway.set(json!({ "userPayingAs": "code" })).await;
    let scans = sales.iter().map(|(sale, code)| scan(&shop, sale, code));
    for answer in futures_util::future::join_all(scans).await {
        assert_eq!(answer.body["data"]["status"], "paid", "{}", answer.body);
    }
    // The answer is lost, but not the money.
    for (index, provider) in BOTH.into_iter().enumerate() {
        let calls = if provider == "wechat" { "transactions/codepay" } else { "alipay.trade.pay" };
        shop.gateway.fail(calls, "drop_after", Some(1)).await;
        let sale = order(&shop, 5 + index, provider).await;
        assert_eq!(scan(&shop, &sale, &code(provider, 20)).await.body["data"]["status"], "paid", "{provider}");
    }
    shop.end(&["did not answer to the payer's code", "does not answer: "]).await;
}

#[tokio::test]
async fn a_scan_that_is_sent_many_times_charges_once_and_all_wait_for_the_payer() {
    let shop = Shop::open().await;
    for (table, provider) in BOTH.into_iter().enumerate() {
        let (sale, slow) = (order(&shop, table, provider).await, code(provider, 60));
        behave(&shop, &slow, "password_then_pays").await;
        let scan = json!({ "orderId": sale.order["orderId"], "authCode": slow, "opId": format!("scan {provider}") });
        let paid = shop.counter.eleven_times(Method::POST, "/admin/payment/scan", scan).await;
        assert_eq!(paid["status"], "paid", "{provider}");
        let account = shop.account(&sale).await;
        let count = |what: &str| account[what].as_array().unwrap().len();
        assert_eq!((count("payments"), count("entries"), &account["balance"]), (1, 1, &json!(38.0)), "{account}");
        assert_eq!(shop.gateway.trades(provider).await.len(), 1);
    }
    shop.end(&[]).await;
}

#[tokio::test]
async fn a_payer_whose_account_fails_after_the_password_is_told_of_at_once() {
    let shop = Shop::open().await;
    for (table, provider) in BOTH.into_iter().enumerate() {
        let (sale, failing) = (order(&shop, table, provider).await, code(provider, 30));
        behave(&shop, &failing, "password_then_fails").await;
        let asked = Instant::now();
        let answer = scan(&shop, &sale, &failing).await;
        assert_eq!((&answer.body["code"], answer.error()), (&json!(0), "PAYER_FAILED"), "{}", answer.body);
        let said = answer.body["msg"].as_str().unwrap();
        assert!(said.contains("没有扣款") && said.contains("付款码"), "{said}");
        assert!(asked.elapsed() < Duration::from_secs(30), "{provider}: told after {:?}", asked.elapsed());
        let account = shop.account(&sale).await;
        assert_eq!(
            (&account["payments"][0]["state"], &account["entries"]),
            (&json!("closed"), &json!([])),
            "{account}"
        );
        assert_eq!(
            scan(&shop, &sale, &code(provider, 31)).await.body["data"]["status"],
            "paid",
            "another code is fine"
        );
    }
    shop.end(&[]).await;
}

#[tokio::test]
async fn a_code_that_the_provider_refuses_or_nobody_knows_costs_nothing() {
    let mut shop = Shop::open().await;
    for (table, provider) in BOTH.into_iter().enumerate() {
        let (sale, refused) = (order(&shop, table, provider).await, code(provider, 1));
        behave(&shop, &refused, "refuses").await;
        let answer = scan(&shop, &sale, &refused).await;
        assert_eq!((&answer.body["code"], answer.error()), (&json!(0), "PAYMENT_REFUSED"), "{}", answer.body);
        assert_eq!(shop.account(&sale).await["payments"][0]["state"], "closed");
        for unknown in
            ["", "13", "99", "160000000000000000", "240000000000000000", "1300000000000000000", "13x", "支付"]
        {
            assert_eq!(scan(&shop, &sale, unknown).await.error(), "PAYER_CODE_UNKNOWN", "{unknown:?}");
        }
        assert_eq!(scan(&shop, &sale, &code(provider, 2)).await.body["data"]["status"], "paid", "another code is fine");
    }
    shop.configure(|payment| {
        for provider in BOTH {
            payment[provider].as_table_mut().unwrap().remove("payer_codes").unwrap();
        }
    });
    shop.run(&[]).await;
    for (table, provider) in BOTH.into_iter().enumerate() {
        let sale = order(&shop, 2 + table, provider).await;
        assert_eq!(scan(&shop, &sale, &code(provider, 3)).await.error(), "PROVIDER_UNKNOWN", "switched off");
        assert_eq!(shop.account(&sale).await["payments"], json!([]));
    }
    let ways = shop.counter.ok(Method::GET, "/admin/payment/ways", Value::Null).await;
    assert_eq!(ways["scan"], json!([]));
    shop.end(&["refused the payer's code", "WeChat Pay refuses POST /v3/pay/transactions/codepay"]).await;
}
