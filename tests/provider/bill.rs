//! 对账: our ledger beside the providers' bills.

use crate::shop::{BOTH, Sale, Shop, text_of};
use reqwest::Method;
use serde_json::{Value, json};
use std::process::Output;

/// The day by the providers' calendar.
pub fn today() -> String {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    jiff::Timestamp::now().to_zoned(zone).date().to_string()
}

/// `tablebell reconcile`, beside the running daemon.
fn reconcile(shop: &Shop, date: &str) -> (Option<i32>, String) {
    let output: Output = shop.command(&["reconcile", "--date", date]).output().expect("tablebell runs");
    (output.status.code(), text_of(&output))
}

async fn paid_sale(shop: &Shop, table: usize, provider: &'static str) -> Sale {
    let sale = shop.sale(table, provider).await;
    assert!(shop.pay(&sale, json!({ "deliver": "once" })).await[0].is_taken_by(provider));
    sale.paid().await;
    sale
}

fn of<'a>(list: &'a Value, provider: &str) -> &'a Value {
    let found =
        list.as_array().expect("a list").iter().find(|one| one["provider"] == provider && one["date"] == today());
    found.unwrap_or_else(|| panic!("{provider} is not in {list}"))
}

#[tokio::test]
async fn a_days_bills_are_compared_and_money_stays_as_it_is() {
    let shop = Shop::open().await;
    let date = today();
    let mut sales = Vec::new();
    for (index, provider) in BOTH.into_iter().enumerate() {
        for table in [3 * index, 3 * index + 1, 3 * index + 2] {
            sales.push(paid_sale(&shop, table, provider).await);
        }
        assert_eq!(shop.refund(&sales[3 * index], 10.0, "part").await.body["code"], 1);
        shop.account_when(&sales[3 * index], |account| account["balance"] == 28.0).await;
    }
    let (code, said) = reconcile(&shop, &date);
    assert_eq!(code, Some(0), "{said}");
    for provider in BOTH {
        assert!(said.contains(&format!("{date} {provider}: 账单 4 行 lines, 0 处不符 differ")), "{said}");
    }
    let ask = json!({ "date": date });
    let list = shop.counter.ok(Method::POST, "/admin/payment/reconcile", ask.clone()).await;
    for provider in BOTH {
        assert_eq!(
            (&of(&list, provider)["rows"], &of(&list, provider)["differences"]),
            (&json!(4), &json!([])),
            "{list}"
        );
        assert_eq!(of(&list, provider)["problem"], Value::Null, "{list}");
    }

    let before = shop.stored::<String>("select group_concat(id || ':' || amount_fen) from ledger_entry");
    for (index, provider) in BOTH.into_iter().enumerate() {
        let [gone, changed] = [sales[3 * index + 1].number(), sales[3 * index + 2].number()];
        let stranger = json!({ "outTradeNo": "20200101strange", "transactionId": "4200000000", "amountFen": 1234 });
        let bill = json!({
            "provider": provider, "date": date, "drop": [gone], "changeAmount": { changed: 3700 }, "extra": [stranger],
        });
        shop.gateway.control("bill", bill).await;
        let (code, said) = reconcile(&shop, &date);
        assert_eq!(code, Some(1), "{said}");
        for words in ["20200101strange", gone, changed, "12.34", "37.00", "本机没有", "平台没有", "金额不符"]
        {
            assert!(said.contains(words), "{provider}: {words} in {said}");
        }
        let list = shop.counter.ok(Method::POST, "/admin/payment/reconcile", ask.clone()).await;
        let mut found = of(&list, provider)["differences"].as_array().unwrap().clone();
        found.sort_by_key(|one| one["kind"].to_string());
        let short = |one: &Value| json!([one["kind"], one["outTradeNo"], one["ours"], one["theirs"]]);
        let expected = [
            json!(["amount", changed, 38.0, 37.0]),
            json!(["missing_here", "20200101strange", null, 12.34]),
            json!(["missing_there", gone, 38.0, null]),
        ];
        assert_eq!(found.iter().map(short).collect::<Vec<_>>(), expected, "{provider}");
        let kept = shop.counter.ok(Method::GET, "/admin/payment/reconciliation", Value::Null).await;
        assert_eq!(of(&kept, provider), of(&list, provider), "it is kept");
    }
    let after = shop.stored::<String>("select group_concat(id || ':' || amount_fen) from ledger_entry");
    assert_eq!(before, after, "nothing in the ledger changes");
    shop.end(&[]).await;
}

#[tokio::test]
async fn a_bill_that_does_not_come_is_a_problem_and_no_difference() {
    let shop = Shop::open().await;
    let date = today();
    for (table, provider) in BOTH.into_iter().enumerate() {
        paid_sale(&shop, table, provider).await;
    }
    for (setting, said) in [(json!({ "billsReady": false }), BOTH), (json!({ "billNotEnabled": true }), ["", "alipay"])]
    {
        shop.gateway.set(setting.clone()).await;
        let list = shop.counter.ok(Method::POST, "/admin/payment/reconcile", json!({ "date": date })).await;
        for provider in BOTH {
            let (one, wanted) = (of(&list, provider), said.contains(&provider));
            assert_eq!(one["problem"].is_string(), wanted, "{setting}: {list}");
            assert_eq!(one["differences"], json!([]), "{setting}: {list}");
        }
        assert_eq!(reconcile(&shop, &date).0, Some(1), "{setting}");
        shop.gateway.set(json!({ "billsReady": true })).await;
    }
    assert_eq!(shop.command(&["reconcile", "--date", "2026-13-01"]).output().unwrap().status.code(), Some(2));
    let wrong = shop.counter.send(Method::POST, "/admin/payment/reconcile", json!({ "date": "yesterday" })).await;
    assert_eq!(wrong.error(), "BAD_REQUEST");
    shop.end(&["WeChat Pay refuses GET /v3/bill"]).await;
}
