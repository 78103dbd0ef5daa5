mod bills;
mod callbacks;
mod calls;
mod fuzz;

use super::answer::{Node, cut, read};
use super::*;
use crate::payment::provider::{BillKind, CallError, Notice, Paid, RefundNotice};
use crate::payment::{Cause, PaymentState, RefundState, Target};
use crate::units::{Fen, OrderId, PaymentId, RefundId};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use callbacks::{form, verify};
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
        target: Target::Order(OrderId(1)),
        about: OrderId(1),
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
        cause: Cause::Whole,
        state: RefundState::Pending,
        tries: 0,
        order: None,
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
