//! What is believed of a host that answers this or that.

use super::*;
use crate::payment::provider::{CallError, Called};
use futures_util::future::join_all;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request as Call, Response};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// Who signs an answer.
#[derive(Clone, Copy)]
enum By {
    PublicKey,
    Platform,
    Nobody,
    /// The public key, over another body.
    Liar,
}

type Said = (u16, String, By);

/// A host on this PC, and what it was asked: `METHOD path body`.
struct Host {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Host {
    async fn open(answer: impl Fn(&str) -> Said + Send + Sync + 'static) -> Host {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (asked, answer) = (Arc::<Mutex<Vec<String>>>::default(), Arc::new(answer));
        let log = asked.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, answer) = (log.clone(), answer.clone());
                let serve = service_fn(move |call: Call<Incoming>| {
                    let (log, answer) = (log.clone(), answer.clone());
                    async move {
                        let line = format!("{} {}", call.method(), call.uri());
                        let body = call.into_body().collect().await.unwrap().to_bytes();
                        let line = format!("{line} {}", String::from_utf8_lossy(&body)).trim_end().to_owned();
                        let said = answer(&line);
                        log.lock().unwrap().push(line);
                        Ok::<_, Infallible>(response(said))
                    }
                });
                tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), serve));
            }
        });
        Host { url, asked }
    }

    fn asked(&self, begin: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|line| line.starts_with(begin)).count()
    }
}

fn response((status, body, by): Said) -> Response<Full<Bytes>> {
    let now = Timestamp::now().0 / 1000;
    let headers = match by {
        By::PublicKey => seal(&keys().public, PUBLIC_KEY_ID, body.as_bytes(), now),
        By::Platform => seal(&keys().platform, PLATFORM_SERIAL, body.as_bytes(), now),
        By::Liar => seal(&keys().public, PUBLIC_KEY_ID, b"{}", now),
        By::Nobody => HeaderMap::new(),
    };
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status.try_into().unwrap();
    *response.headers_mut() = headers;
    response
}

fn problem(status: u16, code: &str, by: By) -> Said {
    (status, json!({ "code": code, "message": "因为" }).to_string(), by)
}

fn refund_answer(status: &str) -> String {
    json!({
        "refund_id": "50300", "out_refund_no": "tbr0001", "out_trade_no": "tb0001", "status": status,
        "amount": { "refund": 500, "total": 3800, "payer_refund": 400 },
    })
    .to_string()
}

/// The three ends of a call, for comparing.
fn short<T: std::fmt::Debug>(called: Called<T>) -> String {
    match called {
        Ok(value) => format!("{value:?}"),
        Err(CallError::Unanswered(_)) => "unanswered".into(),
        Err(CallError::Refused { code, .. }) => format!("refused {code}"),
    }
}

/// What a query makes of one answer.
async fn queried(said: Said) -> String {
    let host = Host::open(move |_| said.clone()).await;
    short(wechat(&host.url).query("tb0001").await.map(|trade| match trade {
        Trade::Paid(_) => "paid",
        Trade::NotPaid => "not paid",
        Trade::Failed => "failed",
        Trade::Closed => "closed",
    }))
}

#[tokio::test]
async fn a_query_believes_only_what_is_signed() {
    let paid = transaction().to_string();
    let mut other = transaction();
    other["out_trade_no"] = json!("tb0002");
    for (said, expected) in [
        ((200, paid.clone(), By::PublicKey), "\"paid\""),
        ((200, paid.clone(), By::Nobody), "unanswered"),
        ((200, paid.clone(), By::Liar), "unanswered"),
        ((200, other.to_string(), By::PublicKey), "unanswered"),
        ((200, "[]".into(), By::PublicKey), "unanswered"),
        ((302, paid, By::PublicKey), "unanswered"),
        (problem(404, "ORDER_NOT_EXIST", By::PublicKey), "\"not paid\""),
        (problem(404, "ORDERNOTEXIST", By::PublicKey), "\"not paid\""),
        (problem(404, "ORDER_NOT_EXIST", By::Nobody), "unanswered"),
        (problem(404, "ORDER_NOT_EXIST", By::Liar), "unanswered"),
        ((404, "<h1>Not Found</h1>".into(), By::PublicKey), "unanswered"),
        (problem(401, "SIGN_ERROR", By::PublicKey), "refused SIGN_ERROR"),
        (problem(401, "SIGN_ERROR", By::Nobody), "unanswered"),
        (problem(429, "NEW_WORD_FOR_IT", By::PublicKey), "unanswered"),
        (problem(403, "FREQUENCY_LIMITED", By::PublicKey), "unanswered"),
        (problem(500, "SYSTEM_ERROR", By::PublicKey), "unanswered"),
    ] {
        let what = format!("{} {}", said.0, said.1);
        assert_eq!(queried(said).await, expected, "{what}");
    }
}

#[tokio::test]
async fn a_creation_is_announced_once_and_its_refusal_is_believed() {
    for (channel, said, expected) in [
        (Channel::Code, (200, r#"{"code_url":"weixin://1"}"#.into(), By::PublicKey), "\"weixin://1\""),
        (Channel::Page, (200, r#"{"prepay_id":"wx1"}"#.into(), By::PublicKey), "\"wx1\""),
        (Channel::Code, (200, r#"{"code_url":"weixin://1"}"#.into(), By::Nobody), "unanswered"),
        (Channel::Code, (200, r#"{"code_url":""}"#.into(), By::PublicKey), "unanswered"),
        (Channel::Code, (200, r#"{"prepay_id":"wx1"}"#.into(), By::PublicKey), "unanswered"),
        (Channel::Code, problem(400, "PARAM_ERROR", By::Nobody), "refused PARAM_ERROR"),
        (Channel::Code, problem(401, "SIGN_ERROR", By::Nobody), "refused SIGN_ERROR"),
        (Channel::Code, problem(400, "ORDERPAID", By::PublicKey), "unanswered"),
        (Channel::Code, problem(429, "FREQUENCY_LIMITED", By::PublicKey), "unanswered"),
    ] {
        let host = Host::open(move |_| said.clone()).await;
        let payment = Payment { expires_at: Timestamp::now().plus_seconds(300), ..payment(channel) };
        assert_eq!(short(wechat(&host.url).create(&payment).await), expected);
        let kind = if channel == Channel::Code { "native" } else { "jsapi" };
        assert_eq!(host.asked(&format!("POST /v3/pay/transactions/{kind} {{")), 1);
    }
    let host = Host::open(|_| (200, r#"{"code_url":"weixin://1"}"#.into(), By::PublicKey)).await;
    for (channel, seconds) in
        [(Channel::Scan, 300), (Channel::Cash, 300), (Channel::Terminal, 300), (Channel::Code, 59)]
    {
        let payment = Payment { expires_at: Timestamp::now().plus_seconds(seconds), ..payment(channel) };
        assert_eq!(short(wechat(&host.url).create(&payment).await), "unanswered");
    }
    assert_eq!(host.asked("POST"), 0, "these are not sent at all");
}

#[tokio::test]
async fn a_close_is_done_when_nothing_can_be_paid_any_more() {
    for (said, expected) in [
        ((204, String::new(), By::PublicKey), "()"),
        ((204, String::new(), By::Nobody), "unanswered"),
        (problem(400, "ORDER_CLOSED", By::PublicKey), "()"),
        (problem(400, "ORDERPAID", By::PublicKey), "()"),
        (problem(404, "ORDER_NOT_EXIST", By::PublicKey), "()"),
        (problem(400, "ORDER_CLOSED", By::Nobody), "unanswered"),
        (problem(400, "USERPAYING", By::PublicKey), "unanswered"),
        (problem(400, "INVALID_REQUEST", By::PublicKey), "refused INVALID_REQUEST"),
        (problem(400, "INVALID_REQUEST", By::Nobody), "unanswered"),
    ] {
        for (channel, verb) in [(Channel::Code, "close"), (Channel::Scan, "reverse")] {
            let said = said.clone();
            let host = Host::open(move |_| said.clone()).await;
            assert_eq!(short(wechat(&host.url).close(&payment(channel)).await), expected);
            assert_eq!(host.asked(&format!("POST /v3/pay/transactions/out-trade-no/tb0001/{verb} {{")), 1);
        }
    }
}

#[tokio::test]
async fn a_refund_s_refusal_is_decided_by_a_query() {
    let (unknown, full) =
        (problem(404, "RESOURCE_NOT_EXISTS", By::PublicKey), problem(403, "NOT_ENOUGH", By::PublicKey));
    let unsigned = problem(403, "NOT_ENOUGH", By::Nobody);
    let signed = |status: &str| (200, refund_answer(status), By::PublicKey);
    let lie = refund_answer("SUCCESS").replace("\"refund\":500", "\"refund\":5000");
    for (asked, queried, expected) in [
        (signed("SUCCESS"), unknown.clone(), "Done(None)"),
        (signed("PROCESSING"), unknown.clone(), "Pending"),
        (signed("ABNORMAL"), unknown.clone(), "Abnormal"),
        (signed("CLOSED"), unknown.clone(), "Closed"),
        (signed("LOST"), unknown.clone(), "unanswered"),
        ((200, refund_answer("SUCCESS").replace("tbr0001", "tbr0002"), By::PublicKey), unknown.clone(), "unanswered"),
        ((200, lie, By::PublicKey), unknown.clone(), "unanswered"),
        ((200, refund_answer("SUCCESS"), By::Liar), unknown.clone(), "unanswered"),
        (full.clone(), unknown.clone(), "refused NOT_ENOUGH"),
        (full.clone(), signed("SUCCESS"), "Done(None)"),
        (full.clone(), problem(404, "RESOURCE_NOT_EXISTS", By::Nobody), "unanswered"),
        (full, problem(500, "SYSTEM_ERROR", By::PublicKey), "unanswered"),
        (unsigned.clone(), unknown.clone(), "unanswered"),
        (unsigned, signed("PROCESSING"), "Pending"),
        (problem(429, "FREQUENCY_LIMITED", By::PublicKey), unknown, "unanswered"),
    ] {
        let what = format!("{} then {}", asked.1, queried.1);
        let host = Host::open(move |line| if line.starts_with("POST") { asked.clone() } else { queried.clone() }).await;
        assert_eq!(short(wechat(&host.url).refund(&refund()).await), expected, "{what}");
        let line = host.asked.lock().unwrap()[0].clone();
        let body = r#"{"out_trade_no":"tb0001","out_refund_no":"tbr0001","reason":" 退菜","notify_url":"https://shop.example/pay/notify/wechat","amount":{"refund":500,"total":3800,"currency":"CNY"}}"#;
        assert_eq!(line, format!("POST /v3/refund/domestic/refunds {body}"));
    }
}

#[tokio::test]
async fn an_unknown_refund_is_none() {
    for (said, expected) in [
        ((200, refund_answer("PROCESSING"), By::PublicKey), "Some(Pending)"),
        (problem(404, "RESOURCE_NOT_EXISTS", By::PublicKey), "None"),
        (problem(404, "RESOURCE_NOT_EXISTS", By::Nobody), "unanswered"),
        (problem(404, "MCH_NOT_EXISTS", By::PublicKey), "refused MCH_NOT_EXISTS"),
    ] {
        let host = Host::open(move |_| said.clone()).await;
        assert_eq!(short(wechat(&host.url).query_refund(&refund()).await), expected);
        assert_eq!(host.asked("GET /v3/refund/domestic/refunds/tbr0001"), 1);
    }
}

#[tokio::test]
async fn a_payer_s_code_is_charged_typed_or_refused() {
    let (unpaid, unknown) =
        (transaction().to_string().replace("SUCCESS", "NOTPAY"), problem(404, "ORDER_NOT_EXIST", By::PublicKey));
    let not_yet = (200, unpaid, By::PublicKey);
    let paid = (200, transaction().to_string(), By::PublicKey);
    for (charged, queried, expected) in [
        (paid.clone(), unknown.clone(), "Paid"),
        (not_yet.clone(), unknown.clone(), "NotPaid"),
        (problem(202, "USERPAYING", By::PublicKey), unknown.clone(), "NotPaid"),
        (problem(400, "USERPAYING", By::Nobody), unknown.clone(), "NotPaid"),
        (problem(403, "NOT_ENOUGH", By::PublicKey), not_yet.clone(), "refused NOT_ENOUGH"),
        (problem(403, "AUTH_CODE_EXPIRED", By::PublicKey), paid.clone(), "Paid"),
        (problem(400, "ORDERPAID", By::PublicKey), paid, "Paid"),
        (problem(403, "NOT_ENOUGH", By::Nobody), not_yet.clone(), "unanswered"),
        (problem(403, "NOT_ENOUGH", By::PublicKey), problem(500, "SYSTEM_ERROR", By::PublicKey), "unanswered"),
        (problem(400, "BANK_ERROR", By::PublicKey), not_yet, "unanswered"),
    ] {
        let what = format!("{} then {}", charged.1, queried.1);
        let host =
            Host::open(move |line| if line.starts_with("POST") { charged.clone() } else { queried.clone() }).await;
        let done = short(wechat(&host.url).charge(&payment(Channel::Scan), "130061098828009406").await);
        assert!(done.starts_with(expected), "{what}: {done}");
        assert_eq!(host.asked("POST /v3/pay/transactions/codepay {"), 1);
    }
    let off = Wechat::new(Settings { payer_codes: false, ..settings("http://127.0.0.1:1") }).unwrap();
    assert!(!off.offers(Channel::Scan));
    assert_eq!(short(off.charge(&payment(Channel::Scan), "130061098828009406").await), "unanswered");
}

#[tokio::test]
async fn a_bill_is_the_file_that_the_signed_answer_announced() {
    let bill = bill_text();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, bill.as_bytes());
    let hash = hex::encode_upper(digest);
    let day = jiff::civil::date(2026, 11, 20);
    let url = Arc::new(Mutex::new(String::new()));
    for (hash, by, expected) in [
        (hash.clone(), By::PublicKey, "3"),
        ("0".repeat(40), By::PublicKey, "unanswered"),
        (hash, By::Nobody, "unanswered"),
    ] {
        let (place, bill) = (url.clone(), bill.clone());
        let host = Host::open(move |line| match line.starts_with("GET /v3/bill/tradebill?bill_date=2026-11-20") {
            true => {
                let download = format!("{}/v3/billdownload/file?token=x", place.lock().unwrap());
                let body = json!({ "hash_type": "SHA1", "hash_value": hash, "download_url": download });
                (200, body.to_string(), by)
            }
            false => (200, bill.clone(), By::Nobody),
        })
        .await;
        url.lock().unwrap().clone_from(&host.url);
        assert_eq!(short(wechat(&host.url).bill(day).await.map(|rows| rows.len())), expected);
    }
    for (said, expected) in [
        (problem(400, "NO_STATEMENT_EXIST", By::PublicKey), "[]"),
        (problem(400, "NO_STATEMENT_EXIST", By::Nobody), "refused NO_STATEMENT_EXIST"),
        (problem(400, "STATEMENT_CREATING", By::PublicKey), "unanswered"),
        (problem(403, "NO_AUTH", By::PublicKey), "refused NO_AUTH"),
    ] {
        let host = Host::open(move |_| said.clone()).await;
        assert_eq!(short(wechat(&host.url).bill(day).await), expected);
    }
}

/// A host that signs with the platform's certificate and tells it at /v3/certificates.
async fn platform(certificates: By) -> Host {
    Host::open(move |line| match line.starts_with("GET /v3/certificates") {
        true => (200, certificates_answer(&[(PLATFORM_SERIAL, &platform_certificate())]).to_string(), certificates),
        false => (200, transaction().to_string(), By::Platform),
    })
    .await
}

#[tokio::test]
async fn both_kinds_of_keys_work_at_once_and_a_fetch_is_shared_and_rare() {
    let host = platform(By::Platform).await;
    for public_key in [None, Some((PUBLIC_KEY_ID.into(), keys().public.verifying.clone()))] {
        host.asked.lock().unwrap().clear();
        let both = public_key.is_some();
        let wechat = Wechat::new(Settings { public_key, ..settings(&host.url) }).unwrap();
        let body = envelope("TRANSACTION.SUCCESS", &transaction());
        let now = Timestamp::now();
        let by_certificate = seal(&keys().platform, PLATFORM_SERIAL, &body, now.0 / 1000);
        let by_public_key = seal(&keys().public, PUBLIC_KEY_ID, &body, now.0 / 1000);
        let heard = join_all((0..50).map(|_| wechat.verify_callback(&by_certificate, &body, now))).await;
        assert!(heard.iter().all(Result::is_ok));
        assert_eq!(host.asked("GET /v3/certificates"), 1, "fifty who miss it share one fetch");
        assert_eq!(wechat.verify_callback(&by_public_key, &body, now).await.is_ok(), both);
        assert!(wechat.query("tb0001").await.is_ok(), "answers too");

        let strange = seal(&keys().platform, "6E3F00000000000000AA", &body, now.0 / 1000);
        for _ in 0..5 {
            assert_eq!(wechat.verify_callback(&strange, &body, now).await.err(), Some(Refusal::BadSignature));
        }
        assert_eq!(host.asked("GET /v3/certificates"), 1, "made-up serials do not make us ask again");
        let forged = seal(&keys().merchant, PLATFORM_SERIAL, &body, now.0 / 1000);
        assert_eq!(wechat.verify_callback(&forged, &body, now).await.err(), Some(Refusal::BadSignature));
    }
}

#[tokio::test]
async fn certificates_whose_own_answer_is_not_signed_are_not_taken() {
    for (by, taken) in [(By::Nobody, false), (By::Liar, false), (By::PublicKey, true), (By::Platform, true)] {
        let host = platform(by).await;
        assert_eq!(wechat(&host.url).query("tb0001").await.is_ok(), taken);
    }
    let host = Host::open(|_| problem(404, "RESOURCE_NOT_EXISTS", By::PublicKey)).await;
    let body = envelope("TRANSACTION.SUCCESS", &transaction());
    let now = Timestamp::now();
    let headers = seal(&keys().platform, PLATFORM_SERIAL, &body, now.0 / 1000);
    let refused = wechat(&host.url).verify_callback(&headers, &body, now).await.err();
    assert_eq!(refused, Some(Refusal::BadSignature), "a merchant with the public key only");
}
