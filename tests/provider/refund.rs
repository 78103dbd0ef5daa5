//! Money on its way back.

use crate::shop::{BOTH, Sale, Shop, TROUBLES, Told};
use reqwest::StatusCode;
use serde_json::{Value, json};

async fn paid_sale(shop: &Shop, table: usize, provider: &'static str) -> Sale {
    let sale = shop.sale(table, provider).await;
    assert!(shop.pay(&sale, json!({ "deliver": "once" })).await[0].is_taken_by(provider));
    sale.paid().await;
    sale
}

fn refunds(trade: &Value) -> Vec<Value> {
    trade["refunds"].as_object().expect("an object").values().cloned().collect()
}

/// The calls that send money back.
fn sending(provider: &str) -> &'static str {
    if provider == "wechat" { "POST /v3/refund/domestic/refunds" } else { "alipay.trade.refund$" }
}

async fn end_refund(shop: &Shop, provider: &str, number: &Value, status: &str) -> Vec<Told> {
    let asked = json!({ "provider": provider, "outRefundNo": number, "status": status, "deliver": "repeat" });
    Told::list(&shop.gateway.control("refund", asked).await)
}

#[tokio::test]
async fn a_part_and_then_the_rest_goes_back_each_once() {
    let shop = Shop::open().await;
    for (table, provider) in BOTH.into_iter().enumerate() {
        let sale = paid_sale(&shop, table, provider).await;
        let repeats = futures_util::future::join_all((0..10).map(|_| shop.refund(&sale, 10.0, "part"))).await;
        for answer in repeats {
            assert_eq!((answer.status, &answer.body["code"]), (StatusCode::OK, &json!(1)), "{}", answer.body);
        }
        let account = shop.account_when(&sale, |account| account["balance"] == 28.0).await;
        assert_eq!(account["refunds"].as_array().unwrap().len(), 1, "{account}");
        assert_eq!(sale.now().await["payStatus"], 1, "a part is no whole");
        for too_much in [28.01, 38.0, 0.0, -1.0] {
            let answer = shop.refund(&sale, too_much, &format!("wrong {too_much}")).await;
            assert_eq!((&answer.body["code"], answer.error()), (&json!(0), "WRONG_AMOUNT"), "{too_much}");
        }
        assert_eq!(shop.refund(&sale, 28.0, "rest").await.body["code"], 1);
        sale.phone.order_when(&sale.order, |order| order["payStatus"] == 2).await;
        assert_eq!(shop.account(&sale).await["balance"], 0.0);
        assert_eq!(shop.refund(&sale, 28.0, "rest").await.body["code"], 1, "a repeat is done already");
        assert_eq!(shop.refund(&sale, 1.0, "more").await.error(), "ORDER_STATE");
        let sent = refunds(&shop.trade(&sale).await);
        assert_eq!(sent.len(), 2, "{sent:?}");
        assert!(sent.iter().all(|one| one["requestedTimes"] == 1 && one["status"] == "SUCCESS"), "{sent:?}");
        for told in shop.call_back(&sale, json!({ "deliver": "repeat", "outRefundNo": sent[0]["outRefundNo"] })).await {
            assert!(told.is_taken_by(provider), "{told:?}");
        }
        assert_eq!(shop.account(&sale).await["entries"].as_array().unwrap().len(), 3);
    }
    assert_eq!(shop.reviews().await, Vec::<Value>::new());
    assert_eq!(shop.stored::<i64>(TROUBLES), 0);
    shop.end(&[]).await;
}

#[tokio::test]
async fn an_accepted_refund_is_done_when_the_provider_says_so() {
    let shop = Shop::open().await;
    shop.gateway.set(json!({ "refundMode": "processing" })).await;
    for (table, provider) in BOTH.into_iter().enumerate() {
        let sale = paid_sale(&shop, table, provider).await;
        assert_eq!(shop.refund(&sale, 38.0, "whole").await.body["code"], 1);
        let of_sale = |trade: &Value| trade["outTradeNo"] == sale.number() && !refunds(trade).is_empty();
        let number = refunds(&shop.gateway.trade_when(provider, of_sale).await)[0]["outRefundNo"].clone();
        let account = shop.account(&sale).await;
        assert_eq!((&account["balance"], &account["refunds"][0]["state"]), (&json!(38.0), &json!("pending")));
        for told in end_refund(&shop, provider, &number, "SUCCESS").await {
            assert!(told.is_taken_by(provider), "{told:?}");
        }
        sale.phone.order_when(&sale.order, |order| order["payStatus"] == 2).await;
        assert_eq!(shop.account(&sale).await["entries"].as_array().unwrap().len(), 2);
    }
    shop.end(&[]).await;
}

#[tokio::test]
async fn a_refund_that_ends_unheard_is_found_by_its_query() {
    let shop = Shop::open().await;
    let mut sales = Vec::new();
    for (table, provider) in BOTH.into_iter().enumerate() {
        let sale = paid_sale(&shop, table, provider).await;
        shop.gateway.fail(sending(provider), "drop_after", Some(1)).await;
        assert_eq!(shop.refund(&sale, 38.0, "whole").await.body["code"], 1);
        sales.push(sale);
    }
    for sale in &sales {
        sale.phone.order_when(&sale.order, |order| order["payStatus"] == 2).await;
        let sent = refunds(&shop.trade(sale).await);
        assert_eq!((sent.len(), &sent[0]["requestedTimes"]), (1, &json!(1)), "found, not asked for again: {sent:?}");
    }
    shop.end(&["refund 2", "does not answer: "]).await;
}

#[tokio::test]
async fn a_refund_that_did_not_go_waits_for_a_person_who_tries_again() {
    let shop = Shop::open().await;
    for (table, (provider, ending, kind)) in [
        ("wechat", "ABNORMAL", "refund_abnormal"),
        ("wechat", "CLOSED", "refund_closed"),
        ("wechat", "refuse", "refund_refused"),
        ("alipay", "refuse", "refund_refused"),
    ]
    .into_iter()
    .enumerate()
    {
        let sale = paid_sale(&shop, table, provider).await;
        match ending {
            "refuse" => shop.gateway.fail(sending(provider), "refuse", Some(1)).await,
            _ => shop.gateway.set(json!({ "refundMode": "processing" })).await,
        }
        assert_eq!(shop.refund(&sale, 38.0, "whole").await.body["code"], 1);
        if ending != "refuse" {
            let of_sale = |trade: &Value| trade["outTradeNo"] == sale.number() && !refunds(trade).is_empty();
            let number = refunds(&shop.gateway.trade_when(provider, of_sale).await)[0]["outRefundNo"].clone();
            for told in end_refund(&shop, provider, &number, ending).await {
                assert!(told.is_taken_by(provider), "{told:?}");
            }
        }
        let review = shop.review_of(kind).await;
        assert_eq!((&review["orderId"], &review["amount"]), (&sale.order["orderId"], &json!(38.0)), "{review}");
        assert_eq!(review["actions"], json!(["retry", "handed_back", "dismiss"]));
        assert_eq!(shop.stored::<i64>(TROUBLES), table as i64 + 1, "{kind}");
        let account = shop.account(&sale).await;
        assert_eq!((&account["balance"], sale.now().await["payStatus"].clone()), (&json!(38.0), json!(1)), "{account}");
        shop.gateway.set(json!({ "refundMode": "instant" })).await;
        for _ in 0..2 {
            assert_eq!(shop.resolve(&review, "retry").await.body["code"], 1);
        }
        sale.phone.order_when(&sale.order, |order| order["payStatus"] == 2).await;
        let account = shop.account(&sale).await;
        assert_eq!((&account["balance"], account["entries"].as_array().unwrap().len()), (&json!(0.0), 2), "{account}");
        assert_eq!(shop.reviews().await, Vec::<Value>::new(), "{kind}");
    }
    shop.end(&["needs a person", "WeChat Pay refuses POST /v3/refund", "refund 2"]).await;
}

#[tokio::test]
async fn a_refund_that_staff_gave_by_hand_is_booked_once() {
    let shop = Shop::open().await;
    let sale = paid_sale(&shop, 0, "wechat").await;
    shop.gateway.fail(sending("wechat"), "refuse", None).await;
    assert_eq!(shop.refund(&sale, 38.0, "whole").await.body["code"], 1);
    let first = shop.review_of("refund_refused").await;
    assert_eq!(shop.resolve(&first, "retry").await.body["code"], 1);
    let open = |account: &Value| account["refunds"][1]["state"] == "refused";
    shop.account_when(&sale, open).await;
    let again = shop.review_of("refund_refused").await;
    for _ in 0..2 {
        assert_eq!(shop.resolve(&again, "handed_back").await.body["code"], 1);
    }
    assert_eq!(shop.resolve(&again, "retry").await.error(), "REVIEW_RESOLVED");
    sale.phone.order_when(&sale.order, |order| order["payStatus"] == 2).await;
    assert_eq!(shop.account(&sale).await["balance"], 0.0);
    assert_eq!(refunds(&shop.trade(&sale).await), Vec::<Value>::new(), "nothing went back by the provider");
    assert_eq!(shop.gateway.violations().await, json!([]));
    shop.assert_log_is_calm(&["needs a person", "WeChat Pay refuses POST /v3/refund", "refund 2"]);
}
