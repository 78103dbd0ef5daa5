//! Forms that Alipay sends, and those that others send in its name.

use super::*;

/// A paid trade's callback with some fields changed; the signature is right. An empty name adds nothing.
pub fn form(changed: &[(&str, &str)]) -> Vec<u8> {
    let mut fields = BTreeMap::from([
        ("app_id", "2021000000000001"),
        ("body", ""),
        ("buyer_logon_id", "a b+c***@d.e"),
        ("charset", "utf-8"),
        ("fund_bill_list", r#"[{"amount":"12.34","fundChannel":"PCREDIT"}]"#),
        ("gmt_payment", "2026-11-18 18:39:58"),
        ("notify_id", "2026n"),
        ("notify_time", "2026-11-18 18:40:00"),
        ("notify_type", "trade_status_sync"),
        ("out_trade_no", NUMBER),
        ("seller_id", "2088000000000002"),
        ("subject", "小馆 A01"),
        ("total_amount", "12.34"),
        ("trade_no", "2026T"),
        ("trade_status", "TRADE_SUCCESS"),
    ]);
    fields.extend(changed.iter().copied());
    sign_form(&fields)
}

fn sign_form(fields: &BTreeMap<&str, &str>) -> Vec<u8> {
    let text: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let signature = ALIPAY.signing().sign(text.join("&").as_bytes());
    let mut all: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, *value)).collect();
    all.extend([("sign_type", "RSA2"), ("sign", signature.as_str())]);
    serde_urlencoded::to_string(all).unwrap().into_bytes()
}

pub fn verify(raw_body: &[u8]) -> Result<Notice, Refusal> {
    callback::verify(&settings(), raw_body, NOW).map(|callback| callback.notice().clone())
}

#[test]
fn a_genuine_callback_is_understood() {
    let paid_at = Some(Timestamp(NOW.0 - 2000));
    let callback = callback::verify(&settings(), &form(&[]), NOW.plus_seconds(-7)).unwrap();
    assert_eq!(callback.skew_seconds(), 7);
    assert_eq!(*callback.notice(), Notice::Trade(paid_trade(paid_at, false)));
    let refund = |amount| {
        Notice::Refund(RefundNotice {
            is_running_total: true,
            for_us: true,
            transaction_id: Some("2026T".into()),
            out_trade_no: NUMBER.into(),
            out_refund_no: "R1".into(),
            amount: Fen(amount),
            state: Returned::Done(Some(Timestamp(NOW.0 + 123))),
        })
    };
    let went_back = [("out_biz_no", "R1"), ("gmt_refund", "2026-11-18 18:40:00.123")];
    let partial = [&went_back[..], &[("refund_fee", "2.34")]].concat();
    let full = [&went_back[..], &[("refund_fee", "12.34"), ("trade_status", "TRADE_CLOSED")]].concat();
    let cases: [(&[(&str, &str)], Notice); 10] = [
        (&[("trade_status", "TRADE_FINISHED")], Notice::Trade(paid_trade(paid_at, false))),
        (&[("gmt_payment", "soon")], Notice::Trade(paid_trade(None, false))),
        (&[("refund_fee", "0.00"), ("out_biz_no", "")], Notice::Trade(paid_trade(paid_at, false))),
        (&[("refund_fee", "1.00")], Notice::Trade(paid_trade(paid_at, true))),
        (&partial, refund(234)),
        (&full, refund(1234)),
        (&[("trade_status", "TRADE_CLOSED")], Notice::Trade(Trade::Closed)),
        (&[("trade_status", "TRADE_CLOSED"), ("refund_fee", "0.00")], Notice::Trade(Trade::Closed)),
        (&[("trade_status", "TRADE_CLOSED"), ("refund_fee", "12.34")], Notice::Trade(paid_trade(paid_at, true))),
        (&[("trade_status", "WAIT_BUYER_PAY")], Notice::Trade(Trade::NotPaid)),
    ];
    for (changed, wanted) in cases {
        assert_eq!(verify(&form(changed)).unwrap(), wanted, "{changed:?}");
    }
}

#[test]
fn a_genuine_callback_for_others_is_marked_and_so_is_their_refund() {
    for other in [("app_id", "2021999"), ("seller_id", "2088999"), ("seller_id", "")] {
        let Ok(Notice::Trade(Trade::Paid(paid))) = verify(&form(&[other])) else { panic!("{other:?}") };
        assert!(!paid.for_us, "{other:?}");
        let refund = form(&[other, ("refund_fee", "1.00"), ("out_biz_no", "R1")]);
        let Ok(Notice::Refund(refund)) = verify(&refund) else { panic!("{other:?}") };
        assert!(!refund.for_us, "{other:?}");
    }
}

#[test]
fn a_callback_is_refused_when_anything_was_changed() {
    let text = String::from_utf8(form(&[])).unwrap();
    let swap = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    };
    let cases = [
        (swap("12.34", "12.35"), "BAD_SIGNATURE"),
        (swap("&body=", ""), "BAD_SIGNATURE"),
        (swap("body=", "bodx="), "BAD_SIGNATURE"),
        (swap(NUMBER, "TB20261118000002"), "BAD_SIGNATURE"),
        (swap("TRADE_SUCCESS", "TRADE_CLOSED"), "BAD_SIGNATURE"),
        (swap("RSA2", "RSA"), "BAD_SIGNATURE"),
        (swap("&sign_type=RSA2", ""), "BAD_SIGNATURE"),
        (swap("charset=utf-8", "charset=gbk"), "BAD_SIGNATURE"),
        (swap("&sign=", "&sigm="), "BAD_SIGNATURE"),
        (format!("{text}&extra=1"), "BAD_SIGNATURE"),
        (format!("{text}x"), "BAD_SIGNATURE"),
        (text.replace("%2B", "%20"), "BAD_SIGNATURE"),
        (format!("{text}&total_amount=12.34"), "BAD_REQUEST"),
        (format!("{text}&total%5Famount=0.01"), "BAD_REQUEST"),
        (format!("{text}&sign=x"), "BAD_REQUEST"),
        (format!("{text}&a=%26x%3D1"), "BAD_REQUEST"),
        (format!("{text}&a%3D=1"), "BAD_REQUEST"),
        (format!("{text}&=1"), "BAD_REQUEST"),
        (String::new(), "BAD_SIGNATURE"),
        (r#"{"trade_status":"TRADE_SUCCESS"}"#.into(), "BAD_REQUEST"),
    ];
    for (body, wanted) in cases {
        assert_eq!(verify(body.as_bytes()).unwrap_err().code(), wanted, "{body}");
    }
    assert_eq!(verify(&form(&[("charset", "gbk")])).unwrap_err().code(), "BAD_SIGNATURE", "signed as GBK");
    let foreign = Settings { alipay_public_key: APP.verifying(), ..settings() };
    assert!(matches!(callback::verify(&foreign, &form(&[]), NOW), Err(Refusal::BadSignature)));
}

/// Two fields sign as the same text as one field holding both: that must not make a refund look like a payment.
#[test]
fn a_genuine_callback_cannot_be_cut_into_other_fields() {
    let mut fields: BTreeMap<&str, &str> = [("a", "1&refund_fee=12.34"), ("charset", "utf-8")].into();
    fields.insert("notify_time", "2026-11-18 18:40:00");
    assert_eq!(verify(&sign_form(&fields)).unwrap_err().code(), "BAD_REQUEST");
    assert!(verify(&form(&[("subject", "A&B, 1=1"), ("body", "x=1&y")])).is_ok(), "texts that hold no field");
}

/// A refusal would bring it again for a day, and it would make no more sense then.
#[test]
fn a_genuine_callback_that_makes_no_sense_is_taken_and_its_trade_is_to_be_asked_about() {
    type Fields = &'static [(&'static str, &'static str)];
    let cases: [(Fields, &str, Option<&str>); 8] = [
        (&[("trade_status", "")], "trade_status_sync", Some(NUMBER)),
        (&[("trade_status", ""), ("notify_type", "dut_user_sign"), ("out_trade_no", "")], "dut_user_sign", None),
        (&[("trade_status", "TRADE_PENDING")], "TRADE_PENDING", Some(NUMBER)),
        (&[("trade_no", "")], "trade_no", Some(NUMBER)),
        (&[("out_trade_no", "")], "out_trade_no", None),
        (&[("total_amount", "twelve")], "total_amount", Some(NUMBER)),
        (&[("refund_fee", "1.001")], "refund_fee", Some(NUMBER)),
        (&[("notify_time", "now")], "no notify_time", Some(NUMBER)),
    ];
    for (fields, what, number) in cases {
        assert_eq!(verify(&form(fields)).unwrap(), Notice::unknown(what, number), "{fields:?}");
    }
}

#[test]
fn a_callback_five_minutes_off_is_stale() {
    let body = form(&[]);
    for (seconds, taken) in [(0, true), (299, true), (-299, true), (300, false), (-300, false), (600, false)] {
        let verified = callback::verify(&settings(), &body, NOW.plus_seconds(seconds));
        match verified {
            Ok(callback) => assert!(taken && callback.skew_seconds() == -seconds, "{seconds}"),
            Err(refusal) => assert!(!taken && refusal.code() == "STALE_CALLBACK", "{seconds}"),
        }
    }
}
