//! WeChat Pay's rules against keys made here. What independent code says of the same rules, tests/provider/ asks.

mod answers;
mod fuzz;
mod kit;

use super::*;
use crate::payment::provider::{BillKind, Notice, Paid, Returned};
use crate::units::Fen;
use kit::*;
use serde_json::{Value, json};

#[tokio::test]
async fn a_request_is_signed_over_its_five_lines_with_the_body_as_it_is_sent() {
    let wechat = wechat("http://127.0.0.1:1");
    for (method, path, body) in [
        (Method::GET, "/v3/certificates", ""),
        (Method::GET, "/v3/pay/transactions/out-trade-no/abc123?mchid=1900000109", ""),
        (Method::POST, "/v3/pay/transactions/native", r#"{"description":"鱼香肉丝"}"#),
    ] {
        let sent = wechat.request(method.clone(), path.into(), body.into());
        let header = |name: &str| sent.headers.get(name).and_then(|value| value.to_str().ok());
        let signed = header("authorization").unwrap().strip_prefix("WECHATPAY2-SHA256-RSA2048 ").unwrap();
        let part = |name: &str| {
            let (_, rest) = signed.split_once(&format!("{name}=\"")).unwrap();
            rest.split_once('"').unwrap().0
        };
        assert_eq!((part("mchid"), part("serial_no")), (MCH_ID, "5157F09EFDC096DE15EBE81A47057A72"));
        assert!((16..=32).contains(&part("nonce_str").len()));
        let message = format!("{method}\n{path}\n{}\n{}\n{body}\n", part("timestamp"), part("nonce_str"));
        assert!(keys().merchant.verifying.verifies(message.as_bytes(), part("signature")));
        assert_eq!(header("accept"), Some("application/json"));
        assert_eq!(header("content-type"), (!body.is_empty()).then_some("application/json"));
        assert_eq!(header("wechatpay-serial"), Some(PUBLIC_KEY_ID));
    }
}

#[test]
fn the_signed_lines_of_the_documents_are_made_byte_by_byte() {
    let made = lines(&[b"GET", b"/v3/certificates", b"1554208460", b"593BEC0C930BF1AFEB40B4A08C8FB242", b""]);
    assert_eq!(made, b"GET\n/v3/certificates\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n\n");
}

#[test]
fn an_order_has_exactly_these_fields_and_a_repeat_has_the_same() {
    let payment = payment(Channel::Code);
    let wechat = wechat("http://127.0.0.1:1");
    let body = |openid| serde_json::to_string(&Order::new(wechat.us(), &payment, openid)).unwrap();
    assert_eq!(
        body(None),
        format!(
            r#"{{"appid":"{APP_ID}","mchid":"{MCH_ID}","description":"3号桌","out_trade_no":"tb0001","time_expire":"2026-11-20T20:15:00+08:00","notify_url":"https://shop.example/pay/notify/wechat","amount":{{"total":3800,"currency":"CNY"}}}}"#
        )
    );
    assert!(body(Some("o-payer")).ends_with(r#","payer":{"openid":"o-payer"}}"#));
    assert_eq!(body(None), body(None));
}

#[test]
fn a_description_has_no_emoji_and_at_most_127_bytes_and_no_half_character() {
    assert_eq!(wire::plain("🍜面🍜", 127), "面");
    assert_eq!(wire::plain(&"面".repeat(60), 127), "面".repeat(42), "126 bytes, for the 43rd ends at 129");
    assert_eq!(wire::plain(&"a".repeat(200), 127).len(), 127);
    let named = |subject: &str| {
        let payment = Payment { subject: subject.into(), ..payment(Channel::Code) };
        let us = Us { app_id: APP_ID, mch_id: MCH_ID, notify_url: NOTIFY_URL };
        serde_json::to_value(Order::new(us, &payment, None)).unwrap()["description"].clone()
    };
    assert_eq!((named("🍜🍜"), named("")), (json!("订单"), json!("订单")));
}

#[test]
fn the_page_gets_arguments_signed_over_its_four_lines() {
    let wechat = wechat("http://127.0.0.1:1");
    let payment = Payment { code: "wx201410272009395522657a690389285100".into(), ..payment(Channel::Page) };
    let present = wechat.present(&payment, NOW);
    let arguments = present.jsapi.unwrap();
    let text = |name: &str| arguments[name].as_str().unwrap().to_owned();
    let message = format!("{}\n{}\n{}\n{}\n", text("appId"), text("timeStamp"), text("nonceStr"), text("package"));
    assert!(keys().merchant.verifying.verifies(message.as_bytes(), &text("paySign")));
    assert_eq!((text("appId"), text("timeStamp")), (APP_ID.into(), (NOW.0 / 1000).to_string()));
    assert_eq!((text("package"), text("signType")), (format!("prepay_id={}", payment.code), "RSA".into()));
    assert_eq!(arguments.as_object().unwrap().len(), 6);
    assert_eq!(present.code_url, "");
    let code = Payment { code: "weixin://wxpay/bizpayurl?pr=1".into(), ..self::payment(Channel::Code) };
    assert_eq!(wechat.present(&code, NOW), Present { code_url: code.code.clone(), jsapi: None });
}

#[test]
fn settings_that_cannot_work_are_named() {
    type Spoil = fn(&mut Settings);
    let bad: [(&str, Spoil); 11] = [
        ("app id", |it| it.app_id = "".into()),
        ("app id", |it| it.app_id = "wx\"1".into()),
        ("merchant number", |it| it.mch_id = "19x".into()),
        ("serial", |it| it.merchant_serial = "xyz".into()),
        ("PUB_KEY_ID_", |it| it.public_key = Some(("KEY_1".into(), keys().public.verifying.clone()))),
        ("merchant's own", |it| it.public_key = Some((PUBLIC_KEY_ID.into(), keys().merchant.verifying.clone()))),
        ("callback", |it| it.notify_url = "http://shop.example/pay".into()),
        ("callback", |it| it.notify_url = "https://shop.example/pay?a=1".into()),
        ("callback", |it| it.notify_url = format!("https://shop.example/{}", "a".repeat(255))),
        ("https", |it| it.base_url = "http://api.mch.weixin.qq.com".into()),
        ("https", |it| it.spare_url = Some("ftp://api2.mch.weixin.qq.com".into())),
    ];
    for (named, spoil) in bad {
        let mut settings = settings("http://127.0.0.1:1");
        spoil(&mut settings);
        let error = format!("{:#}", Wechat::new(settings).err().expect(named));
        assert!(error.contains(named), "{error} names {named}");
    }
}

#[tokio::test]
async fn a_payment_s_callback_is_read() {
    let wechat = wechat("http://127.0.0.1:1");
    let callback = hear(&wechat, &envelope("TRANSACTION.SUCCESS", &transaction())).await.unwrap();
    let paid = Paid {
        out_trade_no: "tb0001".into(),
        transaction_id: "4200002026".into(),
        amount: Fen(3800),
        for_us: true,
        paid_at: Some(Timestamp(1_795_168_796_000)),
        refunded: false,
    };
    assert_eq!(*callback.notice(), Notice::Trade(Trade::Paid(paid.clone())));
    assert_eq!(callback.skew_seconds(), 0);

    let changed = |change: fn(&mut Value)| {
        let mut inside = transaction();
        change(&mut inside);
        envelope("TRANSACTION.SUCCESS", &inside)
    };
    let not_for_us = Paid { for_us: false, ..paid.clone() };
    let untimed = Paid { paid_at: None, ..paid.clone() };
    for (body, expected) in [
        (changed(|it| it["mchid"] = json!("1900000999")), not_for_us.clone()),
        (changed(|it| it["appid"] = json!("wxother")), not_for_us.clone()),
        (changed(|it| it["appid"] = Value::Null), not_for_us.clone()),
        (changed(|it| it["amount"]["currency"] = json!("JPY")), not_for_us),
        (changed(|it| drop(it["amount"].as_object_mut().unwrap().remove("currency"))), paid.clone()),
        (changed(|it| it["amount"]["payer_total"] = json!(1)), paid.clone()),
        (changed(|it| it["amount"]["total"] = json!(1)), Paid { amount: Fen(1), ..paid.clone() }),
        (changed(|it| it["trade_state"] = json!("REFUND")), Paid { refunded: true, ..paid.clone() }),
        (changed(|it| it["success_time"] = json!("soon")), untimed),
    ] {
        let callback = hear(&wechat, &body).await.unwrap();
        assert_eq!(*callback.notice(), Notice::Trade(Trade::Paid(expected)));
    }
}

#[tokio::test]
async fn a_refund_s_callback_is_read() {
    let wechat = wechat("http://127.0.0.1:1");
    let done = Returned::Done(Some(Timestamp(1_795_168_796_000)));
    for (event, status, expected) in [
        ("REFUND.SUCCESS", "SUCCESS", done),
        ("REFUND.ABNORMAL", "ABNORMAL", Returned::Abnormal),
        ("REFUND.CLOSED", "CLOSED", Returned::Closed),
    ] {
        let callback = hear(&wechat, &envelope(event, &refund_event(status))).await.unwrap();
        let Notice::Refund(notice) = callback.notice() else { panic!("{event} is a refund") };
        assert_eq!((notice.state, notice.amount), (expected, Fen(500)));
        assert_eq!((notice.out_trade_no.as_str(), notice.out_refund_no.as_str()), ("tb0001", "tbr0001"));
        assert_eq!((notice.for_us, notice.transaction_id.as_deref()), (true, Some("4200002026")));
    }
    let mut other = refund_event("SUCCESS");
    other["mchid"] = json!("1900000999");
    let callback = hear(&wechat, &envelope("REFUND.SUCCESS", &other)).await.unwrap();
    let Notice::Refund(notice) = callback.notice() else { panic!("it is a refund") };
    assert!(!notice.for_us, "another merchant's is marked, and taken");
}

#[tokio::test]
async fn an_event_of_another_kind_is_taken_and_the_trade_that_it_names_is_to_be_asked_about() {
    let wechat = wechat("http://127.0.0.1:1");
    for (body, unknown) in [
        (envelope("PAYSCORE.USER_PAID", &transaction()), Notice::unknown("PAYSCORE.USER_PAID", Some("tb0001"))),
        (br#"{"event_type":"NEWS.OF.2030"}"#.to_vec(), Notice::unknown("NEWS.OF.2030", None)),
    ] {
        assert_eq!(*hear(&wechat, &body).await.unwrap().notice(), unknown);
    }
    let taken: Value = serde_json::from_str(wechat.taken()).unwrap();
    assert_eq!(taken, json!({ "code": "SUCCESS", "message": "OK" }));
}

#[tokio::test]
async fn a_changed_callback_is_refused_whatever_was_changed() {
    let wechat = wechat("http://127.0.0.1:1");
    let body = envelope("TRANSACTION.SUCCESS", &transaction());
    let good = seal(&keys().public, PUBLIC_KEY_ID, &body, SECONDS);
    let signature = good["wechatpay-signature"].to_str().unwrap().to_owned();
    let probe = format!("WECHATPAY/SIGNTEST/{}", &signature[19..]);
    let with = |name: &'static str, value: &str| {
        let mut headers = good.clone();
        headers.insert(name, value.parse().unwrap());
        headers
    };
    let without = |name: &str| {
        let mut headers = good.clone();
        headers.remove(name);
        headers
    };
    let mut longer = body.clone();
    longer.push(b'\n');
    let mut flipped = body.clone();
    flipped[20] ^= 1;
    for (what, headers, body) in [
        ("a byte", good.clone(), &flipped),
        ("a byte more", good.clone(), &longer),
        ("no body", good.clone(), &Vec::new()),
        ("probe traffic", with("wechatpay-signature", &probe), &body),
        ("no base64", with("wechatpay-signature", "%%%"), &body),
        ("an empty signature", with("wechatpay-signature", ""), &body),
        ("the time", with("wechatpay-timestamp", &(SECONDS - 1).to_string()), &body),
        ("the time's text", with("wechatpay-timestamp", &format!("+{SECONDS}")), &body),
        ("no time", with("wechatpay-timestamp", "now"), &body),
        ("the nonce", with("wechatpay-nonce", "another"), &body),
        ("another id", with("wechatpay-serial", "PUB_KEY_ID_0000"), &body),
        ("an unheard-of serial", with("wechatpay-serial", "5157F09EFDC096DE15EBE81A47057A72"), &body),
        ("Chinese cryptography", with("wechatpay-signature-type", "WECHATPAY2-SM2-WITH-SM3"), &body),
        ("no type", with("wechatpay-signature-type", ""), &body),
        ("no signature", without("wechatpay-signature"), &body),
        ("no timestamp", without("wechatpay-timestamp"), &body),
        ("no nonce header", without("wechatpay-nonce"), &body),
        ("no serial", without("wechatpay-serial"), &body),
        ("the merchant's own key", seal(&keys().merchant, PUBLIC_KEY_ID, &body, SECONDS), &body),
        ("the platform's key under the public id", seal(&keys().platform, PUBLIC_KEY_ID, &body, SECONDS), &body),
    ] {
        let refused = wechat.verify_callback(&headers, body, NOW).await.map(|callback| callback.notice().clone());
        assert_eq!(refused, Err(Refusal::BadSignature), "{what}");
    }
    for headers in [good.clone(), with("wechatpay-signature-type", "WECHATPAY2-SHA256-RSA2048")] {
        assert!(wechat.verify_callback(&headers, &body, NOW).await.is_ok(), "RSA is named or not");
    }
}

#[tokio::test]
async fn a_callback_of_300_seconds_ago_or_ahead_is_stale_and_a_forged_one_is_forged_first() {
    let wechat = wechat("http://127.0.0.1:1");
    let body = envelope("TRANSACTION.SUCCESS", &transaction());
    for (offset, taken) in [(-300, false), (-299, true), (0, true), (299, true), (300, false), (-86_400, false)] {
        let headers = seal(&keys().public, PUBLIC_KEY_ID, &body, SECONDS + offset);
        match wechat.verify_callback(&headers, &body, NOW).await {
            Ok(callback) => assert!(taken && callback.skew_seconds() == offset, "{offset}"),
            Err(refusal) => assert!(!taken && refusal == Refusal::StaleCallback, "{offset}: {refusal}"),
        }
    }
    for far in [i64::MIN, i64::MAX] {
        let headers = seal(&keys().public, PUBLIC_KEY_ID, &body, far);
        assert_eq!(wechat.verify_callback(&headers, &body, NOW).await.err(), Some(Refusal::StaleCallback));
    }
    let forged = seal(&keys().merchant, PUBLIC_KEY_ID, &body, SECONDS - 400);
    assert_eq!(wechat.verify_callback(&forged, &body, NOW).await.err(), Some(Refusal::BadSignature));
}

#[tokio::test]
async fn what_our_key_does_not_open_asks_for_a_repeat_and_what_is_no_callback_is_bad() {
    let wechat = wechat("http://127.0.0.1:1");
    let sealed = |key: &[u8; 32], associated: Option<&str>| {
        let json = transaction().to_string();
        json!({ "event_type": "TRANSACTION.SUCCESS", "resource": encrypt(key, json.as_bytes(), associated) })
    };
    for associated in [Some("transaction"), Some(""), None] {
        assert!(hear(&wechat, sealed(&APIV3_KEY, associated).to_string().as_bytes()).await.is_ok());
        let other = sealed(b"ffffffffffffffffffffffffffffffff", associated).to_string();
        assert_eq!(hear(&wechat, other.as_bytes()).await.err(), Some(Refusal::Undecipherable));
    }
    let spoilt = |change: fn(&mut Value)| {
        let mut body = sealed(&APIV3_KEY, Some("transaction"));
        change(&mut body["resource"]);
        body.to_string()
    };
    let changed = spoilt(|it| it["associated_data"] = json!("refund"));
    assert_eq!(hear(&wechat, changed.as_bytes()).await.err(), Some(Refusal::Undecipherable));
    let cut = spoilt(|it| it["ciphertext"] = json!("AAAA"));
    assert_eq!(hear(&wechat, cut.as_bytes()).await.err(), Some(Refusal::Undecipherable));
    for bad in [
        spoilt(|it| it["algorithm"] = json!("ROT13")),
        spoilt(|it| it["nonce"] = json!("short")),
        spoilt(|it| it["ciphertext"] = json!("%%%%")),
        spoilt(|it| it["ciphertext"] = json!(7)),
        spoilt(|it| *it = Value::Null),
        r#"{"event_type":"TRANSACTION.SUCCESS"}"#.into(),
        r#"{"event_type":"A","event_type":"TRANSACTION.SUCCESS"}"#.into(),
        r#"["TRANSACTION.SUCCESS"]"#.into(),
        "<xml/>".into(),
        String::new(),
    ] {
        let callback = hear(&wechat, bad.as_bytes()).await.unwrap();
        let notice = callback.notice();
        assert!(matches!(notice, Notice::Unknown { out_trade_no: None, .. }), "{bad}: {notice:?}");
    }
    for inside in [
        r#"{"out_trade_no":"a","out_trade_no":"b","trade_state":"NOTPAY"}"#,
        r#"{"out_trade_no":"a","trade_state":"SUCCESS","transaction_id":"4","amount":{"total":1,"total":2}}"#,
        r#"{"out_trade_no":"a","trade_state":"SUCCESS","transaction_id":"4","amount":{"total":1e400}}"#,
        r#"{"out_trade_no":"a","trade_state":"SUCCESS","transaction_id":"4","amount":{"total":9223372036854775808}}"#,
        r#"{"out_trade_no":"a","trade_state":"SUCCESS","transaction_id":"4","amount":{"total":38.0}}"#,
        r#"{"out_trade_no":"a","trade_state":"SUCCESS","transaction_id":"4","amount":{"total":"38"}}"#,
        r#"{"out_trade_no":"a","trade_state":"SUCCESS","transaction_id":"","amount":{"total":1}}"#,
        r#"{"out_trade_no":"a","trade_state":"SUCCESS","transaction_id":"4"}"#,
        r#"{"out_trade_no":7,"trade_state":"NOTPAY"}"#,
        r#"{"out_trade_no":"a","trade_state":"WONDERFUL"}"#,
    ] {
        let resource = encrypt(&APIV3_KEY, inside.as_bytes(), None);
        let body = json!({ "event_type": "TRANSACTION.SUCCESS", "resource": resource }).to_string();
        let callback = hear(&wechat, body.as_bytes()).await.unwrap();
        let notice = callback.notice();
        assert!(matches!(notice, Notice::Unknown { .. }), "{inside}: {notice:?}");
    }
}

#[test]
fn every_state_of_a_trade_means_something_and_an_unknown_one_nothing() {
    let us = Us { app_id: APP_ID, mch_id: MCH_ID, notify_url: NOTIFY_URL };
    let trade = |state: &str| {
        let mut json = transaction();
        json["trade_state"] = json!(state);
        Transaction::read(json.to_string().as_bytes()).unwrap().trade(us)
    };
    for (state, expected) in [
        ("NOTPAY", Trade::NotPaid),
        ("USERPAYING", Trade::NotPaid),
        ("PAYERROR", Trade::Failed),
        ("CLOSED", Trade::Closed),
        ("REVOKED", Trade::Closed),
    ] {
        assert_eq!(trade(state).unwrap(), expected, "{state}");
    }
    assert!(matches!(trade("SUCCESS").unwrap(), Trade::Paid(Paid { refunded: false, for_us: true, .. })));
    assert!(matches!(trade("REFUND").unwrap(), Trade::Paid(Paid { refunded: true, for_us: true, .. })));
    assert!(trade("ACCEPT").is_err() && trade("").is_err());
}

#[test]
fn certificates_are_read_by_serial_and_only_while_valid() {
    let read = |body: &Value, key: &[u8; 32]| certificates::read(body.to_string().as_bytes(), key, NOW);
    let good = certificate(&keys().platform, &[0x0a, 0xbc, 0xde, 0xf0, 0x12], "20250101", "20300101");
    let answer = certificates_answer(&[("0ABCDEF012", &good)]);
    let found = read(&answer, &APIV3_KEY).unwrap();
    assert_eq!((found.len(), &found[0].key), (1, &keys().platform.verifying));
    assert!(format!("{:#}", read(&answer, &[0; 32]).unwrap_err()).contains("APIv3 key"));

    let past = certificate(&keys().platform, &[0x0b, 1, 1, 1], "20200101", "20250101");
    let future = certificate(&keys().platform, &[0x0c, 1, 1, 1], "20290101", "20300101");
    let mixed = certificates_answer(&[("0B010101", &past), ("ABCDEF012", &good), ("0C010101", &future)]);
    assert_eq!(read(&mixed, &APIV3_KEY).unwrap().len(), 1);
    for bad in [
        certificates_answer(&[("0B010101", &past)]),
        certificates_answer(&[("1234567890", &good)]),
        certificates_answer(&[("0ABCDEF012", "not a certificate")]),
        certificates_answer(&[]),
        json!({ "data": 7 }),
        json!([]),
    ] {
        assert!(read(&bad, &APIV3_KEY).is_err(), "{bad}");
    }
}

/// In the format of the real file: a byte order mark, CRLF, backticks, and sums at the end.
fn bill_text() -> String {
    let header = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
    let row = |transaction: &str, number: &str, state: &str, refund: [&str; 3], goods: &str, money: [&str; 2]| {
        format!(
            "`2026-11-20 18:00:00,`{APP_ID},`{MCH_ID},`0,`,`{transaction},`{number},`oPayer,`NATIVE,`{state},`OTHERS,`CNY,`1.00,`0.00,`503,`{},`{},`0.00,`ORIGINAL,`{},`{goods},`,`0.00600,`0.60%,`{},`{},`",
            refund[0], refund[1], refund[2], money[0], money[1]
        )
    };
    let none = ["0", "0.00", ""];
    let rows = [
        row("4200001", "tb0001", "SUCCESS", none, "面, \"大\", 不辣", ["38.00", "0.00"]),
        row("4200002", "tb0002", "SUCCESS", none, "", ["12.3", "0.00"]),
        row("4200001", "tb0001", "REFUND", ["tbr0001", "4.99", "SUCCESS"], "面", ["0.00", "5.00"]),
        row("4200001", "tb0001", "REFUND", ["tbr0002", "1.00", "FAIL"], "面", ["0.00", "1.00"]),
        row("4200003", "tb0003", "SUCCESS", none, "", ["9.00", "0.00"]),
        row("4200003", "tb0003", "REVOKED", ["0", "9.00", "SUCCESS"], "", ["0.00", "9.00"]),
    ];
    let sums = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n`6,`1.00,`1.00,`0.00,`0.00,`59.30,`15.00\r\n";
    format!("\u{feff}{header}\r\n{}\r\n{sums}", rows.join("\r\n"))
}

#[test]
fn a_bill_is_read_by_its_columns_names() {
    let row = |kind, number: &str, transaction: &str, refund: &str, fen| BillRow {
        kind,
        out_trade_no: number.into(),
        transaction_id: transaction.into(),
        out_refund_no: refund.into(),
        amount: Fen(fen),
    };
    let expected = vec![
        row(BillKind::Payment, "tb0001", "4200001", "", 3800),
        row(BillKind::Payment, "tb0002", "4200002", "", 1230),
        row(BillKind::Refund, "tb0001", "4200001", "tbr0001", 500),
    ];
    assert_eq!(bill::read(bill_text().as_bytes()).unwrap(), expected);
    let without_mark = bill_text().replace('\u{feff}', "").replace("\r\n", "\n");
    assert_eq!(bill::read(without_mark.as_bytes()).unwrap(), expected);
    let old = "商户订单号,交易状态,微信订单号,商户退款单号,总金额,退款金额\na,SUCCESS,42,,0.10,0.00\na,REFUND,42,r,0.10,0.10\n";
    let read = bill::read(old.as_bytes()).unwrap();
    assert_eq!(read, [row(BillKind::Payment, "a", "42", "", 10), row(BillKind::Refund, "a", "42", "r", 10)]);
    let header = bill_text().lines().next().unwrap().to_owned();
    assert_eq!(bill::read(header.as_bytes()).unwrap(), [], "a day without trades");
}

#[test]
fn a_bill_that_cannot_be_read_wholly_is_not_read() {
    for (what, bad) in [
        ("empty", String::new()),
        ("an error instead", r#"{"code":"PARAM_ERROR"}"#.into()),
        ("no amounts", bill_text().replace("订单金额", "数量")),
        ("no states", bill_text().replacen("交易状态", "心情", 1)),
        ("no number", bill_text().replace("`38.00", "`many")),
        ("three decimals", bill_text().replace("`38.00", "`38.001")),
        ("a field too many", bill_text().replace("`tb0002", "`tb0002,`more")),
        ("cut off", bill_text().split_once("`38.00").unwrap().0.to_owned()),
    ] {
        assert!(bill::read(bad.as_bytes()).is_err(), "{what}");
    }
}
