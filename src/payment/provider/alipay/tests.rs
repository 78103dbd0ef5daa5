use super::answer::{Node, cut, read};
use super::*;
use crate::payment::PaymentState;
use crate::payment::provider::{BillKind, CallError, Notice, Paid, RefundNotice};
use crate::units::{Fen, OrderId, PaymentId, RefundId};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::GBK;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Cursor, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, LazyLock, Mutex};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// 2026-11-18 18:40:00 in China.
const NOW: Timestamp = Timestamp(1_794_998_400_000);
const NUMBER: &str = "TB20261118000001";

/// A private and a public key in base64, as Alipay's tool writes them.
struct Pair(String, String);

impl Pair {
    fn generate() -> Pair {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let private: Pkcs8V1Der = pair.as_der().unwrap();
        let public: PublicKeyX509Der = pair.public_key().as_der().unwrap();
        Pair(STANDARD.encode(private.as_ref()), STANDARD.encode(public.as_ref()))
    }

    fn signing(&self) -> SigningKey {
        SigningKey::read(&self.0).unwrap()
    }

    fn verifying(&self) -> VerifyingKey {
        VerifyingKey::read(&self.1).unwrap()
    }
}

static APP: LazyLock<Pair> = LazyLock::new(Pair::generate);
static ALIPAY: LazyLock<Pair> = LazyLock::new(Pair::generate);

fn settings() -> Settings {
    Settings {
        app_id: "2021000000000001".into(),
        seller_id: "2088000000000002".into(),
        app_key: APP.signing(),
        alipay_public_key: ALIPAY.verifying(),
        notify_url: "https://shop.example/pay/notify/alipay".into(),
        base_url: "https://openapi.alipay.com/gateway.do".into(),
        payer_codes: true,
    }
}

fn payment(channel: Channel) -> Payment {
    Payment {
        id: PaymentId(1),
        order: OrderId(1),
        provider: NAME.into(),
        channel,
        out_trade_no: NUMBER.into(),
        subject: "小馆 A01".into(),
        payer: String::new(),
        amount: Fen(1234),
        state: PaymentState::Creating,
        code: String::new(),
        transaction_id: None,
        received: None,
        created_at: NOW,
        expires_at: NOW.plus_seconds(900),
        closed_at: None,
    }
}

fn refund() -> Refund {
    Refund {
        id: RefundId(1),
        payment: PaymentId(1),
        provider: NAME.into(),
        out_trade_no: NUMBER.into(),
        transaction_id: None,
        out_refund_no: "R1".into(),
        amount: Fen(234),
        total: Fen(1234),
        reason: "退菜".into(),
        tries: 0,
    }
}

fn node_name(method: &str) -> String {
    format!("{}_response", method.replace('.', "_"))
}

fn signed(method: &str, node: &str) -> String {
    let signature = ALIPAY.signing().sign(node.as_bytes());
    format!(r#"{{"{}":{node},"sign":"{signature}"}}"#, node_name(method))
}

fn reply(node: &str) -> Reply {
    read(&ALIPAY.verifying(), signed(QUERY, node).as_bytes(), QUERY).unwrap()
}

/// What a call brought, in a word or two.
fn outcome<T: std::fmt::Debug>(called: Called<T>) -> String {
    match called {
        Ok(value) => format!("{value:?}"),
        Err(CallError::Unanswered(_)) => "unanswered".into(),
        Err(CallError::Refused { code, message }) => format!("refused {code} {message}"),
    }
}

#[test]
fn a_configuration_that_cannot_work_is_refused() {
    assert!(Alipay::new(settings()).is_ok());
    let bad: [fn(&mut Settings); 6] = [
        |s| s.base_url = "http://openapi.alipay.com/gateway.do".into(),
        |s| s.base_url.push_str("?charset=utf-8"),
        |s| s.app_id.clear(),
        |s| s.seller_id.clear(),
        |s| s.notify_url.push_str("?a=1"),
        |s| s.alipay_public_key = APP.verifying(),
    ];
    for (index, spoil) in bad.iter().enumerate() {
        let mut settings = settings();
        spoil(&mut settings);
        assert!(Alipay::new(settings).is_err(), "{index}");
    }
}

#[test]
fn what_is_signed_is_sorted_full_and_not_encoded() {
    let fields = [("b", "2 &+"), ("sign", "x"), ("a", "中"), ("empty", ""), ("sign_type", "RSA2")];
    assert_eq!(sign::to_sign(fields), "a=中&b=2 &+&sign_type=RSA2");
}

#[test]
fn a_call_carries_its_public_parameters_in_the_query_and_the_business_in_the_body() {
    let business = trade_terms(&payment(Channel::Code));
    let request = sign::request(&settings(), "/gateway.do", PRECREATE, &business, NOW).unwrap();
    let (path, query) = request.path.split_once('?').unwrap();
    assert_eq!((path, request.method.as_str()), ("/gateway.do", "POST"));
    let mut query: BTreeMap<String, String> = serde_urlencoded::from_str(query).unwrap();
    let signature = query.remove("sign").unwrap();
    let expected = [
        ("app_id", "2021000000000001"),
        ("charset", "utf-8"),
        ("format", "JSON"),
        ("method", "alipay.trade.precreate"),
        ("notify_url", "https://shop.example/pay/notify/alipay"),
        ("sign_type", "RSA2"),
        ("timestamp", "2026-11-18 18:40:00"),
        ("version", "1.0"),
    ];
    let said: Vec<_> = query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(said, expected);
    let body: Vec<(String, String)> = serde_urlencoded::from_bytes(&request.body).unwrap();
    let business =
        r#"{"out_trade_no":"TB20261118000001","subject":"小馆 A01","timeout_express":"15m","total_amount":"12.34"}"#;
    assert_eq!(body, [("biz_content".to_owned(), business.to_owned())]);
    let text = format!(
        "app_id=2021000000000001&biz_content={business}&charset=utf-8&format=JSON&method=alipay.trade.precreate\
         &notify_url=https://shop.example/pay/notify/alipay&sign_type=RSA2&timestamp=2026-11-18 18:40:00&version=1.0"
    );
    assert!(APP.verifying().verifies(text.as_bytes(), &signature));
}

#[test]
fn only_what_starts_a_trade_names_the_callback_address() {
    for (method, named) in [(PRECREATE, true), (PAY, true), (QUERY, false), (CLOSE, false), (REFUND, false)] {
        let request = sign::request(&settings(), "/", method, &json!({}), NOW).unwrap();
        assert_eq!(request.path.contains("notify_url"), named, "{method}");
    }
}

#[test]
fn the_subject_is_one_that_alipay_takes() {
    let long = "面".repeat(300);
    let cases = [
        ("A/B=C&D", "ABCD"),
        ("鱼\u{1F41F}面\n", "鱼面"),
        ("\u{1F41F}=", NUMBER),
        (" ", NUMBER),
        (long.as_str(), &long[..256 * 3]),
    ];
    for (given, wanted) in cases {
        let payment = Payment { subject: given.into(), ..payment(Channel::Code) };
        assert_eq!(sign::subject(&payment), wanted);
    }
}

#[test]
fn the_time_to_pay_comes_from_the_stored_payment() {
    for (seconds, wanted) in [(900, "15m"), (959, "15m"), (59, "1m"), (0, "1m"), (-5, "1m"), (9_999_999, "21600m")] {
        let payment = Payment { expires_at: NOW.plus_seconds(seconds), ..payment(Channel::Code) };
        assert_eq!(sign::timeout(&payment), wanted);
    }
}

#[test]
fn times_are_chinas() {
    assert_eq!(sign::write_time(NOW), "2026-11-18 18:40:00");
    assert_eq!(sign::read_time("2026-11-18 18:40:00"), Some(NOW));
    assert_eq!(sign::read_time("2026-11-18 18:40:00.250"), Some(Timestamp(NOW.0 + 250)));
    for bad in ["", "2026-11-18", "2026-11-18T18:40:00", "2026-13-18 18:40:00", "2026-11-18 18:40:00 x", "now"] {
        assert_eq!(sign::read_time(bad), None, "{bad}");
    }
}

#[test]
fn the_node_is_cut_out_as_it_was_sent() {
    let cases = [
        (r#"{"n":{"a":"b"},"sign":"s"}"#, r#"{"a":"b"}"#),
        (r#"{"sign":"s","n":{"a":"b"}}"#, r#"{"a":"b"}"#),
        ("{ \"n\" :\t{ \"a\" : 1 }\r\n, \"sign\": \"s\" }\n", r#"{ "a" : 1 }"#),
        (r#"{"n":{"a":{"b":[{"c":{}},[]]}},"sign":"s"}"#, r#"{"a":{"b":[{"c":{}},[]]}}"#),
        (r#"{"n":{"a":"}\"},{\\"},"sign":"s"}"#, r#"{"a":"}\"},{\\"}"#),
        (r#"{"n":{"a":"\/\u4e2d"},"sign":"s"}"#, r#"{"a":"\/\u4e2d"}"#),
        (r#"{"n":{"sign":"inner","n":{}},"sign":"s"}"#, r#"{"sign":"inner","n":{}}"#),
        (r#"{"x":-1.5e3,"y":null,"z":[1,2],"n":{},"sign":"s"}"#, "{}"),
        (r#"{"\u006e":{},"sign":"s"}"#, "{}"),
        (r#"{"error_response":{"code":"40002"},"sign":"s"}"#, r#"{"code":"40002"}"#),
    ];
    for (body, wanted) in cases {
        let is_error = body.contains("error_response");
        let node = Node { text: wanted.as_bytes(), signature: Some("s".into()), is_error };
        assert_eq!(cut(body.as_bytes(), "n").unwrap(), node, "{body}");
    }
    assert_eq!(cut(br#"{"n":{}}"#, "n").unwrap().signature, None);
}

#[test]
fn an_answer_that_could_be_read_in_two_ways_is_refused() {
    let many = format!(r#"{{{}"n":{{}}}}"#, (0..20).map(|index| format!(r#""k{index}":1,"#)).collect::<String>());
    let cases = [
        "",
        "null",
        "[]",
        "{}",
        r#"{"n":{},"n":{},"sign":"s"}"#,
        r#"{"n":{},"\u006e":{},"sign":"s"}"#,
        r#"{"n":{},"sign":"s","sign":"t"}"#,
        r#"{"n":{},"si\u0067n":"s","sign":"t"}"#,
        r#"{"n":{},"error_response":{},"sign":"s"}"#,
        r#"{"other":{},"sign":"s"}"#,
        r#"{"n":"text","sign":"s"}"#,
        r#"{"n":[],"sign":"s"}"#,
        r#"{"n":{},"sign":1}"#,
        r#"{"n":{},"sign":null}"#,
        r#"{"n":{},"sign":"s"}}"#,
        r#"{"n":{},"sign":"s"} {"n":{}}"#,
        r#"{"n":{},"sign":"s",}"#,
        r#"{"n":{} "sign":"s"}"#,
        r#"{"n":{"a":1,"sign":"s"}"#,
        r#"{"n":{"a":"b},"sign":"s"}"#,
        r#"{"n":{"a":"\"},"sign":"s"}"#,
        r#"{"n":,"sign":"s"}"#,
        r#"{n:{},"sign":"s"}"#,
        r#"{"n\q":{},"sign":"s"}"#,
        r#"{"n"{},"sign":"s"}"#,
        r#"{"n":{},"sign":"s"#,
        "\u{feff}{\"n\":{}}",
        &many,
    ];
    for body in cases {
        assert!(cut(body.as_bytes(), "n").is_err(), "{body}");
    }
}

#[test]
fn every_cut_short_answer_is_refused() {
    let whole = signed(QUERY, r#"{"code":"10000","a":["{\"",{"b":"\\"}]}"#);
    for end in 0..whole.len() {
        assert!(cut(&whole.as_bytes()[..end], &node_name(QUERY)).is_err(), "{end}");
    }
}

#[test]
fn an_answer_is_believed_only_under_alipays_signature() {
    let node = r#"{"code":"10000","msg":"\u4e2d\/","sub_code":"isv.x"}"#;
    let good = signed(QUERY, node);
    let key = ALIPAY.verifying();
    assert_eq!(read(&key, good.as_bytes(), QUERY).unwrap().msg.as_deref(), Some("中/"));
    for index in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[index] ^= 1;
        assert!(read(&key, &bytes, QUERY).is_err(), "byte {index}");
    }
    let foreign = good.replace(ALIPAY.signing().sign(node.as_bytes()).as_str(), &APP.signing().sign(node.as_bytes()));
    let unsigned = format!(r#"{{"{}":{node}}}"#, node_name(QUERY));
    for body in [foreign, unsigned] {
        let error = format!("{:#}", read(&key, body.as_bytes(), QUERY).unwrap_err());
        assert!(error.contains("not signed") && error.contains("isv.x"), "{error}");
    }
    assert!(read(&key, good.as_bytes(), CLOSE).is_err(), "another call's answer");
    let success = good.replace(&node_name(QUERY), "error_response");
    assert!(read(&key, success.as_bytes(), QUERY).is_err(), "an error that says success");
}

#[test]
fn a_signed_node_of_the_wrong_shape_is_an_error() {
    let deep = format!(r#"{{"code":{}1{}}}"#, "[".repeat(5000), "]".repeat(5000));
    let cases = [
        r#"{"code":"10000","code":"40004"}"#,
        r#"{"code":"10000","\u0063ode":"40004"}"#,
        r#"{"code":10000}"#,
        r#"{"code":["10000"]}"#,
        r#"{"total_amount":1e999}"#,
        r#"{"code":"10000"]}"#,
        r#"{"code" "10000"}"#,
        "{\"code\":\"\\ud800\"}",
        &deep,
    ];
    for node in cases {
        assert!(read(&ALIPAY.verifying(), signed(QUERY, node).as_bytes(), QUERY).is_err(), "{node}");
    }
}

#[test]
fn an_answers_code_says_whether_anything_happened() {
    let cases = [
        (r#"{"code":"40004","sub_code":"ACQ.X","sub_msg":"不行"}"#, "refused ACQ.X 不行"),
        (r#"{"code":"40004","sub_code":"aop.ACQ.X","sub_msg":"a\nb"}"#, "refused ACQ.X ab"),
        (r#"{"code":"40004","sub_code":"ACQ.SYSTEM_ERROR"}"#, "unanswered"),
        (r#"{"code":"40004","sub_code":"aop.ACQ.SYSTEM_ERROR"}"#, "unanswered"),
        (r#"{"code":"40004","sub_code":"ACQ.TRADE_HAS_SUCCESS"}"#, "unanswered"),
        (
            r#"{"code":"40006","sub_code":"isv.insufficient-isv-permissions"}"#,
            "refused isv.insufficient-isv-permissions ",
        ),
        (r#"{"code":"40002","msg":"Invalid Arguments"}"#, "refused 40002 Invalid Arguments"),
        (r#"{"code":"20000","sub_code":"isp.unknow-error"}"#, "unanswered"),
        (r#"{"code":"40005"}"#, "unanswered"),
        (r#"{"code":"10003"}"#, "unanswered"),
        ("{}", "unanswered"),
    ];
    for (node, wanted) in cases {
        assert_eq!(outcome(reply(node).accepted()), wanted, "{node}");
    }
}

fn paid_trade(paid_at: Option<Timestamp>, refunded: bool) -> Trade {
    Trade::Paid(Paid {
        out_trade_no: NUMBER.into(),
        transaction_id: "2026T".into(),
        amount: Fen(1234),
        for_us: true,
        paid_at,
        refunded,
    })
}

#[test]
fn a_query_tells_the_trades_state() {
    let with = |rest: &str| format!(r#"{{"code":"10000","out_trade_no":"{NUMBER}","trade_no":"2026T",{rest}}}"#);
    let date = r#""send_pay_date":"2026-11-18 18:40:00""#;
    let known = |trade: Trade| format!("{trade:?}");
    let unanswered = || "unanswered".to_owned();
    let cases = [
        (with(r#""trade_status":"WAIT_BUYER_PAY""#), known(Trade::NotPaid)),
        (
            with(&format!(r#""trade_status":"TRADE_SUCCESS","total_amount":"12.34",{date}"#)),
            known(paid_trade(Some(NOW), false)),
        ),
        (
            with(r#""trade_status":"TRADE_FINISHED","total_amount":"12.34","send_pay_date":"?""#),
            known(paid_trade(None, false)),
        ),
        (with(r#""trade_status":"TRADE_CLOSED","total_amount":"12.34""#), known(Trade::Closed)),
        (with(r#""trade_status":"TRADE_CLOSED","send_pay_date":"","total_amount":"1""#), known(Trade::Closed)),
        (
            with(&format!(r#""trade_status":"TRADE_CLOSED","total_amount":"12.34",{date}"#)),
            known(paid_trade(Some(NOW), true)),
        ),
        (with(r#""trade_status":"TRADE_SUCCESS""#), unanswered()),
        (with(r#""trade_status":"NEW_STATE","total_amount":"12.34""#), unanswered()),
        (with(r#""total_amount":"12.34""#), unanswered()),
        (r#"{"code":"10000","trade_status":"TRADE_CLOSED"}"#.into(), unanswered()),
        (r#"{"code":"10000","out_trade_no":"other","trade_status":"TRADE_CLOSED"}"#.into(), unanswered()),
        (r#"{"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"}"#.into(), known(Trade::NotPaid)),
        (r#"{"code":"20000","sub_code":"ACQ.TRADE_NOT_EXIST"}"#.into(), unanswered()),
        (r#"{"code":"40004","sub_code":"ACQ.INVALID_PARAMETER"}"#.into(), "refused ACQ.INVALID_PARAMETER ".into()),
    ];
    for (node, wanted) in cases {
        assert_eq!(outcome(trade::queried(reply(&node), NUMBER)), wanted, "{node}");
    }
}

#[test]
fn amounts_are_exact_decimals() {
    let cases = [
        ("12.34", Some(1234)),
        ("12.3", Some(1230)),
        ("12", Some(1200)),
        ("0.01", Some(1)),
        ("12.345", None),
        ("1e2", None),
        ("", None),
        (" 12.34", None),
        ("12,34", None),
        ("+12.34", None),
        ("99999999999999999999.00", None),
        ("NaN", None),
    ];
    for (text, fen) in cases {
        let node = format!(
            r#"{{"code":"10000","out_trade_no":"{NUMBER}","trade_no":"1","trade_status":"TRADE_SUCCESS","total_amount":"{text}"}}"#
        );
        let amount = match trade::queried(reply(&node), NUMBER) {
            Ok(Trade::Paid(paid)) => Some(paid.amount.0),
            _ => None,
        };
        assert_eq!(amount, fen, "queried {text:?}");
        let amount = match verify(&form(&[("total_amount", text)])) {
            Ok(Notice::Trade(Trade::Paid(paid))) => Some(paid.amount.0),
            _ => None,
        };
        assert_eq!(amount, fen, "called back {text:?}");
    }
}

#[test]
fn a_payers_code_is_paid_waited_for_or_refused() {
    let paid = format!(
        r#"{{"code":"10000","out_trade_no":"{NUMBER}","trade_no":"2026T","total_amount":"12.34","gmt_payment":"2026-11-18 18:40:00"}}"#
    );
    let cases = [
        (paid.as_str(), format!("{:?}", paid_trade(Some(NOW), false))),
        (r#"{"code":"10003"}"#, "NotPaid".into()),
        (r#"{"code":"20000"}"#, "NotPaid".into()),
        (r#"{"code":"40004","sub_code":"ACQ.SYSTEM_ERROR"}"#, "unanswered".into()),
        (
            r#"{"code":"40004","sub_code":"ACQ.BUYER_BALANCE_NOT_ENOUGH","sub_msg":"余额不足"}"#,
            "refused ACQ.BUYER_BALANCE_NOT_ENOUGH 余额不足".into(),
        ),
        (r#"{"code":"10000","out_trade_no":"other","trade_no":"1","total_amount":"12.34"}"#, "unanswered".into()),
    ];
    for (node, wanted) in cases {
        assert_eq!(outcome(trade::charged(reply(node), NUMBER)), wanted, "{node}");
    }
}

#[test]
fn a_close_is_done_when_nothing_is_left_to_close() {
    let own = format!(r#"{{"code":"10000","out_trade_no":"{NUMBER}","retry_flag":"N","action":"close"}}"#);
    let again = own.replace(r#""N""#, r#""Y""#);
    let cases = [
        (own.as_str(), "()"),
        (&again, "unanswered"),
        (r#"{"code":"10000"}"#, "()"),
        (r#"{"code":"10000","out_trade_no":"other"}"#, "unanswered"),
        (r#"{"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"}"#, "()"),
        (r#"{"code":"40004","sub_code":"ACQ.TRADE_STATUS_ERROR"}"#, "()"),
        (r#"{"code":"40004","sub_code":"ACQ.REASON_TRADE_STATUS_INVALID"}"#, "()"),
        (r#"{"code":"40004","sub_code":"ACQ.SYSTEM_ERROR"}"#, "unanswered"),
        (r#"{"code":"40004","sub_code":"ACQ.SELLER_BALANCE_NOT_ENOUGH"}"#, "refused ACQ.SELLER_BALANCE_NOT_ENOUGH "),
        (r#"{"code":"20000"}"#, "unanswered"),
    ];
    for (node, wanted) in cases {
        assert_eq!(outcome(trade::closed(reply(node), NUMBER)), wanted, "{node}");
    }
}

#[test]
fn a_refund_is_done_when_alipay_says_the_money_moved() {
    let own = |rest: &str| format!(r#"{{"code":"10000","out_trade_no":"{NUMBER}","out_request_no":"R1"{rest}}}"#);
    let done = format!("Some(Done(Some({NOW:?})))");
    let moved = own(r#","fund_change":"Y","gmt_refund_pay":"2026-11-18 18:40:00""#);
    assert_eq!(outcome(trade::refunded(reply(&moved), &refund())), done);
    assert_eq!(outcome(trade::refunded(reply(&own(r#","fund_change":"N""#)), &refund())), "None");
    assert_eq!(outcome(trade::refunded(reply(r#"{"code":"10000","fund_change":"Y"}"#), &refund())), "unanswered");
    let refused = r#"{"code":"40004","sub_code":"ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"}"#;
    assert_eq!(outcome(trade::refunded(reply(refused), &refund())), "refused ACQ.REFUND_AMT_NOT_EQUAL_TOTAL ");

    let status = r#","refund_status":"REFUND_SUCCESS""#;
    let cases = [
        (own(&format!(r#"{status},"refund_amount":"2.34","gmt_refund_pay":"2026-11-18 18:40:00""#)), done.as_str()),
        (own(status), "Some(Done(None))"),
        (own(&format!(r#"{status},"refund_amount":"2.35""#)), "unanswered"),
        (own(status).replace("R1", "R2"), "unanswered"),
        (own(status).replace(NUMBER, "other"), "unanswered"),
        (own(r#","refund_status":"REFUND_PROCESSING""#), "Some(Pending)"),
        (own(""), "None"),
        (r#"{"code":"10000"}"#.into(), "None"),
        (r#"{"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"}"#.into(), "None"),
        (r#"{"code":"40004","sub_code":"ACQ.SYSTEM_ERROR"}"#.into(), "unanswered"),
    ];
    for (node, wanted) in cases {
        assert_eq!(outcome(trade::refund_queried(reply(&node), &refund())), wanted, "{node}");
    }
}

/// A paid trade's callback with some fields changed; the signature is right. An empty name adds nothing.
fn form(changed: &[(&str, &str)]) -> Vec<u8> {
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

fn verify(raw_body: &[u8]) -> Result<Notice, Refusal> {
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
            out_trade_no: NUMBER.into(),
            out_refund_no: "R1".into(),
            amount: Fen(amount),
            state: RefundState::Done(Some(Timestamp(NOW.0 + 123))),
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
fn a_genuine_callback_for_others_is_marked_and_their_refund_refused() {
    for other in [("app_id", "2021999"), ("seller_id", "2088999"), ("seller_id", "")] {
        let Ok(Notice::Trade(Trade::Paid(paid))) = verify(&form(&[other])) else { panic!("{other:?}") };
        assert!(!paid.for_us, "{other:?}");
        let refund = form(&[other, ("refund_fee", "1.00"), ("out_biz_no", "R1")]);
        assert_eq!(verify(&refund).unwrap_err().code(), "BAD_REQUEST", "{other:?}");
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

#[test]
fn a_genuine_callback_that_makes_no_sense_is_refused() {
    let cases = [
        ("trade_status", ""),
        ("trade_status", "TRADE_PENDING"),
        ("trade_no", ""),
        ("out_trade_no", ""),
        ("total_amount", "twelve"),
        ("refund_fee", "1.001"),
        ("notify_time", "now"),
    ];
    for field in cases {
        assert_eq!(verify(&form(&[field])).unwrap_err().code(), "BAD_REQUEST", "{field:?}");
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

const HEADER: &str = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,对方账户,订单金额（元）,商家实收（元）,\
                      退款批次号/请求号,服务费（元）,备注";

fn bill_text(rows: &[&str]) -> String {
    format!(
        "#支付宝业务明细查询\r\n#账号：[20880000000000020156]\r\n#起始日期：[2026年11月18日 00:00:00]   终止日期：[…]\r\n\
         #----业务明细列表----\r\n{HEADER}\r\n{}\r\n#----业务明细列表结束----\r\n#交易合计：1笔，商家实收共12.34元\r\n",
        rows.join("\r\n")
    )
}

const PAID_ROW: &str =
    "2026T\t,TB1\t,交易\t,小馆 A01\t,2026-11-18 18:39:00,2026-11-18 18:40:00,a***,12.34,12.30,\t,-0.07,";
const BACK_ROW: &str =
    "2026T\t,TB1\t,退款\t,\"小馆, A01\",2026-11-18 18:39:00,2026-11-18 18:40:00,a***,-2.34,-2.34,R1\t,0.01,";

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn bill_rows() -> Vec<BillRow> {
    let row = |kind, out_refund_no: &str, fen| BillRow {
        kind,
        out_trade_no: "TB1".into(),
        transaction_id: "2026T".into(),
        out_refund_no: out_refund_no.into(),
        amount: Fen(fen),
    };
    vec![row(BillKind::Payment, "", 1234), row(BillKind::Refund, "R1", 234)]
}

fn gbk(text: &str) -> Vec<u8> {
    GBK.encode(text).0.into_owned()
}

fn whole_bill() -> Vec<u8> {
    let summary = gbk("#支付宝业务汇总查询\r\n门店编号,交易订单总笔数\r\n合计\t,1\r\n");
    let files = [
        ("20880000000000020156_20261118_业务明细(汇总).csv", summary.as_slice()),
        ("20880000000000020156_20261118_业务明细.csv", &gbk(&bill_text(&[PAID_ROW, BACK_ROW]))),
    ];
    zipped(&files)
}

#[test]
fn a_bill_is_read_from_its_detail_file() {
    assert_eq!(bill::read(&whole_bill()).unwrap(), bill_rows());
    assert_eq!(bill::parse(&bill_text(&[])).unwrap(), [], "a day without trade");
    let plain = bill_text(&[PAID_ROW, BACK_ROW]).replace("（元）", "(元)").replace("退款批次号/请求号", "退款批次号");
    assert_eq!(bill::parse(&plain).unwrap(), bill_rows(), "older names of the columns");
    for goods in ["小馆,A01", "\"小馆, A01\"", "\"小馆", "a\",,\",2026-11-18 18:39:00x", "#小馆", ""] {
        let text = bill_text(&[&PAID_ROW.replace("小馆 A01", goods), &BACK_ROW.replace("小馆, A01", goods)]);
        assert_eq!(bill::parse(&text).unwrap(), bill_rows(), "{goods}");
    }
    let other = PAID_ROW.replace("交易", "其他");
    assert_eq!(bill::parse(&bill_text(&[&other, PAID_ROW])).unwrap(), bill_rows()[..1], "another kind of row");
}

/// Alipay's zip has its names in GBK without saying so, which the zip crate can't write: the marker is cleared here.
#[test]
fn file_names_in_gbk_are_understood() {
    let name = "a_业务明细.csv";
    let mut file = zipped(&[(name, &gbk(&bill_text(&[PAID_ROW])))]);
    let (utf8, mut in_gbk) = (name.as_bytes(), gbk(name));
    // Of the same length, so that no offset moves.
    in_gbk.splice(0..0, std::iter::repeat_n(b'a', utf8.len() - in_gbk.len()));
    let places: Vec<usize> = (0..file.len()).filter(|at| file[*at..].starts_with(utf8)).collect();
    assert_eq!(places.len(), 2, "the local and the central header");
    for (at, flags) in places.into_iter().zip([30 - 6, 46 - 8]) {
        file[at..at + utf8.len()].copy_from_slice(&in_gbk);
        file[at - flags + 1] &= !0x08;
    }
    assert_eq!(bill::read(&file).unwrap(), bill_rows()[..1]);
}

#[test]
fn a_bill_that_cannot_be_read_for_certain_is_refused() {
    let row = |from: &str, to: &str| bill_text(&[&PAID_ROW.replacen(from, to, 1)]);
    let cases = [
        String::new(),
        "#nothing\n".into(),
        bill_text(&[PAID_ROW]).replace("业务类型", "类型"),
        bill_text(&[PAID_ROW]).replace("商家实收（元）", "订单金额(元)"),
        row("12.34", ""),
        row("12.34", "12.345"),
        row("12.34", "-12.34"),
        row("-0.07,", "-0.07,a note, with commas"),
        row("a***", "a,***"),
        row(",a***", ""),
    ];
    for text in cases {
        assert!(bill::parse(&text).is_err(), "{text}");
    }
    assert!(bill::read(b"not a zip").is_err());
    assert!(bill::read(&zipped(&[("业务明细(汇总).csv", b"")])).is_err(), "no detail file");
    assert!(bill::read(&zipped(&[("业务明细.csv/", b"")])).is_err(), "a folder");
}

#[test]
fn a_bill_that_unpacks_to_too_much_is_refused() {
    let text = gbk(&bill_text(&[PAID_ROW]));
    let file = zipped(&[("1_业务明细.csv", &text), ("2_业务明细.csv", &text)]);
    let both = 2 * text.len() as u64;
    assert_eq!(bill::read_bounded(&file, both).unwrap().len(), 2);
    assert!(bill::read_bounded(&file, both - 1).is_err());
}

/// Answers every call with the node its method has here, or 500; keeps what was asked.
struct Gateway {
    asked: Arc<Mutex<Vec<(String, Value)>>>,
    url: String,
}

type Nodes = Vec<(&'static str, String)>;

impl Gateway {
    fn start(nodes: Nodes, file: Vec<u8>) -> Gateway {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, own) = (asked.clone(), url.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                Gateway::answer(stream.unwrap(), &nodes, &file, &own, &log);
            }
        });
        Gateway { asked, url }
    }

    fn answer(stream: TcpStream, nodes: &Nodes, file: &[u8], own: &str, log: &Mutex<Vec<(String, Value)>>) {
        let mut reader = BufReader::new(&stream);
        let (mut head, mut length) = (String::new(), 0);
        reader.read_line(&mut head).unwrap();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            length = line.strip_prefix("content-length: ").map_or(length, |text| text.parse().unwrap());
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let body = if head.starts_with("GET /bill ") {
            file.to_vec()
        } else {
            let (_, query) = head.split(' ').nth(1).unwrap().split_once('?').unwrap();
            let query: BTreeMap<String, String> = serde_urlencoded::from_str(query).unwrap();
            let form: BTreeMap<String, String> = serde_urlencoded::from_bytes(&body).unwrap();
            let method = query["method"].clone();
            log.lock().unwrap().push((method.clone(), serde_json::from_str(&form["biz_content"]).unwrap()));
            let node = nodes.iter().find(|(known, _)| *known == method).map(|(_, node)| node.replace("HERE", own));
            node.map_or_else(Vec::new, |node| signed(&method, &node).into_bytes())
        };
        let status = if body.is_empty() { "500 Broken" } else { "200 OK" };
        let mut stream = &stream;
        write!(stream, "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len()).unwrap();
        stream.write_all(&body).unwrap();
    }

    fn provider(&self) -> Alipay {
        Alipay::new(Settings { base_url: format!("{}/gateway.do", self.url), ..settings() }).unwrap()
    }

    fn methods(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|(method, _)| method.clone()).collect()
    }
}

fn success(rest: &str) -> String {
    format!(r#"{{"code":"10000","out_trade_no":"{NUMBER}"{rest}}}"#)
}

#[tokio::test]
async fn a_code_is_announced_and_shown() {
    let gateway = Gateway::start(vec![(PRECREATE, success(r#","qr_code":"https://qr.alipay.com/1""#))], vec![]);
    let alipay = gateway.provider();
    let mut payment = payment(Channel::Code);
    payment.code = alipay.create(&payment).await.unwrap();
    assert_eq!(alipay.create(&payment).await.unwrap(), payment.code);
    assert_eq!(alipay.present(&payment, NOW), Present { code_url: "https://qr.alipay.com/1".into(), jsapi: None });
    let asked = gateway.asked.lock().unwrap();
    assert_eq!(asked[0], asked[1], "a repeat is identical");
    assert_eq!(alipay.taken().as_bytes(), b"success");
    assert!(alipay.line().ok);
}

#[tokio::test]
async fn channels_that_alipay_has_not_are_not_asked_for() {
    let gateway = Gateway::start(vec![], vec![]);
    let alipay = gateway.provider();
    for channel in [Channel::Page, Channel::Scan, Channel::Cash, Channel::Terminal] {
        assert_eq!(outcome(alipay.create(&payment(channel)).await), "unanswered");
    }
    assert_eq!(outcome(alipay.charge(&payment(Channel::Code), "281234567890123456").await), "unanswered");
    let without = Alipay { settings: Settings { payer_codes: false, ..settings() }, ..gateway.provider() };
    assert!(!without.offers(Channel::Scan));
    assert_eq!(outcome(without.charge(&payment(Channel::Scan), "281234567890123456").await), "unanswered");
    assert!(gateway.methods().is_empty());
}

#[tokio::test]
async fn a_payers_code_is_charged_and_reversed() {
    let paid = success(r#","trade_no":"2026T","total_amount":"12.34""#);
    let closed = success(r#","retry_flag":"N""#);
    let gateway = Gateway::start(vec![(PAY, paid), (CANCEL, closed.clone()), (CLOSE, closed)], vec![]);
    let alipay = gateway.provider();
    let trade = alipay.charge(&payment(Channel::Scan), "281234567890123456").await.unwrap();
    assert_eq!(trade, paid_trade(None, false));
    alipay.close(&payment(Channel::Scan)).await.unwrap();
    alipay.close(&payment(Channel::Code)).await.unwrap();
    assert_eq!(gateway.methods(), [PAY, CANCEL, CLOSE]);
    let asked = gateway.asked.lock().unwrap();
    let terms = json!({
        "out_trade_no": NUMBER, "scene": "bar_code", "auth_code": "281234567890123456", "subject": "小馆 A01",
        "timeout_express": "15m", "total_amount": "12.34",
    });
    assert_eq!(asked[0].1, terms);
    assert_eq!(asked[1].1, json!({ "out_trade_no": NUMBER }));
}

#[tokio::test]
async fn a_refund_without_moved_money_is_asked_about() {
    let accepted = success(r#","fund_change":"N""#);
    let done = success(r#","out_request_no":"R1","refund_status":"REFUND_SUCCESS","refund_amount":"2.34""#);
    let gateway = Gateway::start(vec![(REFUND, accepted.clone()), (REFUND_QUERY, done)], vec![]);
    assert_eq!(gateway.provider().refund(&refund()).await.unwrap(), RefundState::Done(None));
    assert_eq!(gateway.methods(), [REFUND, REFUND_QUERY]);
    let terms = json!({ "out_trade_no": NUMBER, "refund_amount": "2.34", "out_request_no": "R1" });
    assert_eq!(gateway.asked.lock().unwrap()[0].1, terms);

    let refused = r#"{"code":"40006","sub_code":"isv.insufficient-isv-permissions"}"#.to_owned();
    for silent in [vec![(REFUND, accepted.clone())], vec![(REFUND, accepted.clone()), (REFUND_QUERY, refused)]] {
        let gateway = Gateway::start(silent, vec![]);
        let state = gateway.provider().refund(&refund()).await.unwrap();
        assert_eq!(state, RefundState::Pending, "accepted stays accepted");
    }
}

#[tokio::test]
async fn a_bill_is_looked_up_downloaded_and_read() {
    let place = r#"{"code":"10000","bill_download_url":"HERE/bill"}"#.to_owned();
    let gateway = Gateway::start(vec![(BILL, place)], whole_bill());
    let day = Date::constant(2026, 11, 18);
    assert_eq!(gateway.provider().bill(day).await.unwrap(), bill_rows());
    assert_eq!(gateway.asked.lock().unwrap()[0].1, json!({ "bill_type": "trade", "bill_date": "2026-11-18" }));
    let missing = r#"{"code":"40004","sub_code":"isp.bill_not_exist","sub_msg":"账单不存在"}"#.to_owned();
    let gateway = Gateway::start(vec![(BILL, missing)], vec![]);
    assert_eq!(gateway.provider().bill(day).await.unwrap(), [], "a day without trades has no bill");
    let ahead = Date::constant(9000, 1, 1);
    assert_eq!(outcome(gateway.provider().bill(ahead).await), "refused isp.bill_not_exist 账单不存在", "not yet");
}

#[tokio::test]
async fn a_gateway_that_does_not_answer_says_nothing() {
    let gateway = Gateway::start(vec![], vec![]);
    let alipay = gateway.provider();
    assert_eq!(outcome(alipay.query(NUMBER).await), "unanswered");
    assert!(!alipay.line().ok);
}

/// Bytes near a valid text: some replaced, a piece cut out, another put in.
fn mutated(valid: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let length = valid.len();
    let changes = prop::collection::vec((0..length, any::<u8>()), 0..6);
    (changes, 0..length, 0..8_usize, prop::collection::vec(any::<u8>(), 0..8)).prop_map(
        move |(changes, at, cut, piece)| {
            let mut bytes = valid.clone();
            for (index, byte) in changes {
                bytes[index] = byte;
            }
            let end = (at + cut).min(length);
            bytes.splice(at..end, piece);
            bytes
        },
    )
}

static GOOD_ANSWER: LazyLock<String> = LazyLock::new(|| {
    signed(QUERY, &success(r#","trade_no":"2026T","trade_status":"TRADE_SUCCESS","total_amount":"12.34","x":["{\""]"#))
});
static GOOD_FORM: LazyLock<Vec<u8>> = LazyLock::new(|| form(&[]));

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<Option<bool>>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[\\\\\"{}\\[\\],:a\n\u{4e2d}]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[\\\\\"{}a]{0,3}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Whatever is cut out of arbitrary bytes lies in them, and is believed only if it is the signed node itself.
fn check_answer(body: &[u8]) {
    if let Ok(node) = cut(body, &node_name(QUERY)) {
        assert!(node.text.starts_with(b"{") && node.text.ends_with(b"}"));
    }
    if let Ok(reply) = read(&ALIPAY.verifying(), body, QUERY) {
        let genuine = cut(GOOD_ANSWER.as_bytes(), &node_name(QUERY)).unwrap();
        assert_eq!(cut(body, &node_name(QUERY)).unwrap().text, genuine.text);
        assert_eq!(trade::queried(reply, NUMBER).unwrap(), paid_trade(None, false));
    }
}

/// A form is taken only if it says what the signed one says.
fn check_form(body: &[u8]) {
    let decode = |body: &[u8]| -> Option<BTreeMap<String, String>> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body).ok()?;
        Some(pairs.into_iter().collect())
    };
    if let Ok(notice) = verify(body) {
        assert_eq!(notice, Notice::Trade(paid_trade(Some(Timestamp(NOW.0 - 2000)), false)));
        assert_eq!(decode(body).unwrap(), decode(&GOOD_FORM).unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn arbitrary_bytes_are_no_answer(body in prop::collection::vec(any::<u8>(), 0..400)) {
        check_answer(&body);
        prop_assert!(read(&ALIPAY.verifying(), &body, QUERY).is_err());
    }

    #[test]
    fn json_like_text_is_no_answer(body in r#"\{[\{\}\[\]":,\\ a1nsig]{0,60}\}?"#) {
        check_answer(body.as_bytes());
        if let Ok(node) = cut(body.as_bytes(), "n") {
            // Where the scanner sees an object, so does a JSON reader, or the node is refused when it is parsed.
            if let Ok(whole) = serde_json::from_str::<Value>(&body) {
                prop_assert_eq!(serde_json::from_slice::<Value>(node.text).unwrap(), whole["n"].clone());
            }
        }
    }

    #[test]
    fn any_json_is_cut_out_whole(
        members in prop::collection::btree_map(any::<String>(), any_json(), 0..4),
        pretty in any::<bool>(),
    ) {
        let write = if pretty { serde_json::to_string_pretty } else { serde_json::to_string };
        let node = write(&members).unwrap();
        let first = format!(r#"{{"n" : {node},"sign":"s"}}"#);
        let last = format!(r#"{{"sign":"s", "x":{node} ,"n":{node}}}"#);
        for body in [first, last] {
            prop_assert_eq!(cut(body.as_bytes(), "n").unwrap().text, node.as_bytes());
        }
    }

    #[test]
    fn a_changed_answer_is_believed_only_where_the_change_does_not_matter(
        body in mutated(GOOD_ANSWER.clone().into_bytes()),
    ) {
        check_answer(&body);
    }

    #[test]
    fn arbitrary_bytes_are_no_callback(body in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(verify(&body).is_err());
    }

    #[test]
    fn form_like_text_is_no_callback(body in "[a-z_&=%+0-9]{0,200}(&sign_type=RSA2)?(&sign=[A-Za-z0-9%+/]{0,40})?") {
        prop_assert!(verify(body.as_bytes()).is_err());
    }

    #[test]
    fn a_changed_callback_is_believed_only_where_the_change_does_not_matter(body in mutated(GOOD_FORM.clone())) {
        check_form(&body);
    }

    #[test]
    fn a_signed_callback_with_any_value_is_answered_with_a_notice_or_a_sentence(
        name in "trade_status|total_amount|refund_fee|notify_time|gmt_refund|out_biz_no|[a-z_]{1,8}",
        value in any::<String>(),
    ) {
        drop(verify(&form(&[(name.as_str(), value.as_str()), ("out_biz_no", "R1")])));
    }

    #[test]
    fn arbitrary_bytes_are_no_bill(file in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(bill::read_bounded(&file, 1 << 20).is_err());
    }

    #[test]
    fn a_changed_bill_is_read_or_refused(file in mutated(whole_bill())) {
        if let Ok(rows) = bill::read_bounded(&file, 1 << 20) {
            prop_assert!(rows.iter().all(|row| row.amount >= Fen::ZERO));
        }
    }

    #[test]
    fn a_changed_bill_text_is_read_or_refused(bytes in mutated(gbk(&bill_text(&[PAID_ROW, BACK_ROW])))) {
        if let Ok(rows) = bill::read_bounded(&zipped(&[("业务明细.csv", &bytes)]), 1 << 20) {
            prop_assert!(rows.iter().all(|row| row.amount >= Fen::ZERO));
        }
    }
}
