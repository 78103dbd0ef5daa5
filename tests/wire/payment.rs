//! Demo payments end to end: pay page, callback, poller (docs/payments.md, "Design rules").

use crate::support::{self, Answer, Daemon, Phone};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A callback as the demo provider writes it, with everything that can be wrong about it.
#[derive(Clone)]
struct Callback {
    body: Value,
    timestamp: i64,
    key: String,
    /// What is done to the body after signing.
    tamper: fn(String) -> String,
    without: &'static str,
    signature: Option<&'static str>,
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}

impl Callback {
    fn of(daemon: &Daemon, payment: &Value, fen: i64) -> Callback {
        Callback {
            body: json!({
                "merchant": "tablebell-demo", "outTradeNo": payment["outTradeNo"], "transactionId": "demo-test-1",
                "amount": fen, "state": "SUCCESS",
            }),
            timestamp: now().as_secs() as i64,
            key: daemon.demo_key(),
            tamper: |body| body,
            without: "",
            signature: None,
        }
    }

    async fn send(&self, daemon: &Daemon) -> Answer {
        let (body, nonce) = (self.body.to_string(), "nonce-1");
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, self.key.as_bytes());
        let tag = aws_lc_rs::hmac::sign(&key, format!("{}\n{nonce}\n{body}\n", self.timestamp).as_bytes());
        let signature = hex::encode(tag);
        let headers = [
            ("demo-timestamp", self.timestamp.to_string()),
            ("demo-nonce", nonce.to_owned()),
            ("demo-signature", self.signature.map_or(signature, str::to_owned)),
        ];
        let request = reqwest::Client::new().post(format!("{}/pay/notify/demo", daemon.tunnel));
        let given = headers.into_iter().filter(|(name, _)| *name != self.without);
        let request = given.fold(request, |request, (name, value)| request.header(name, value));
        support::answer(request.body((self.tamper)(body))).await
    }
}

/// An order of 38.00 with its open payment.
async fn unpaid(phone: &Phone) -> (Value, Value) {
    let order = phone.order("op").await;
    let payment = phone.start_payment(&order).await;
    (order, payment)
}

const PAID_EVENTS: &str = "select count(*) from order_event where input = 'Paid'";
const ALERTS: &str = "select count(*) from alert";

#[tokio::test]
async fn fifty_callbacks_at_once_or_in_a_row_are_one_payment_one_alert_one_frame() {
    for deliver in ["once", "repeat", "concurrent"] {
        let daemon = Daemon::demo(&[]);
        let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
        let (mut socket, mut phone) = (counter.socket().await, ann.socket().await);
        let (order, payment) = unpaid(&ann).await;
        assert_eq!((&order["status"], &order["payStatus"]), (&json!(1), &json!(0)));
        ann.press_pay(&payment, deliver).await;
        let alert = socket.next().await.unwrap();
        assert_eq!((&alert["type"], &alert["orderId"]), (&json!(1), &order["orderId"]), "{deliver}");
        assert_eq!(alert["content"], format!("订单号: {}", order["orderNumber"].as_str().unwrap()));
        let told = phone.until(|frame| frame["type"] == "order_update" && frame["data"]["payStatus"] == 1).await;
        assert_eq!((&told["data"]["status"], &told["data"]["payMethod"]), (&json!(2), &json!(9)));
        let expected = match deliver {
            "once" => 1,
            "repeat" => 5,
            _ => 50,
        };
        callbacks_taken(&daemon, expected).await;
        assert_eq!(socket.all_within(Duration::from_millis(300)).await, Vec::<Value>::new(), "{deliver}: rang again");
        assert_eq!(daemon.stored::<i64>(PAID_EVENTS), 1, "{deliver}");
        assert_eq!(daemon.stored::<i64>(ALERTS), 1, "{deliver}");
        assert_eq!(daemon.stored::<i64>("select count(*) from payment_callback"), 1, "{deliver}");
    }
}

/// Waits until the daemon has answered so many callbacks with success.
async fn callbacks_taken(daemon: &Daemon, wanted: usize) {
    let deadline = std::time::Instant::now() + support::PATIENCE;
    let line = format!("tablebell_callbacks_taken_total {wanted}\n");
    loop {
        let metrics = reqwest::get(format!("{}/metrics", daemon.lan)).await.unwrap().text().await.unwrap();
        if metrics.contains(&line) {
            return;
        }
        assert!(std::time::Instant::now() < deadline, "not {line} in {metrics}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn fifty_copies_of_one_callback_from_outside_are_one_payment() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let mut socket = counter.socket().await;
    let (order, payment) = unpaid(&ann).await;
    let callback = Callback::of(&daemon, &payment, 3800);
    let answers = futures_util::future::join_all((0..50).map(|_| callback.send(&daemon))).await;
    for answer in answers {
        assert_eq!((answer.status, &answer.body["code"]), (StatusCode::OK, &json!("SUCCESS")));
    }
    assert_eq!(socket.next().await.unwrap()["orderId"], order["orderId"]);
    assert_eq!(callback.send(&daemon).await.status, StatusCode::OK, "also much later");
    assert_eq!(socket.all_within(Duration::from_millis(300)).await, Vec::<Value>::new());
    assert_eq!((daemon.stored::<i64>(PAID_EVENTS), daemon.stored::<i64>(ALERTS)), (1, 1));
}

#[tokio::test]
async fn a_lost_callback_is_found_by_asking_and_a_late_one_changes_nothing_more() {
    let daemon = Daemon::demo(&[]);
    let counter = daemon.counter().await;
    let mut socket = counter.socket().await;
    for (index, deliver) in ["lost", "late"].into_iter().enumerate() {
        let ann = daemon.phone(index).await;
        let (order, payment) = unpaid(&ann).await;
        ann.press_pay(&payment, deliver).await;
        let alert = socket.next().await.unwrap();
        assert_eq!((&alert["type"], &alert["orderId"]), (&json!(1), &order["orderId"]), "{deliver}");
        let paid = ann.order_when(&order, |order| order["payStatus"] == 1).await;
        assert!(paid["paidAt"].is_string(), "{paid}");
    }
    callbacks_taken(&daemon, 1).await;
    assert_eq!(socket.all_within(Duration::from_millis(300)).await, Vec::<Value>::new(), "the late callback rang");
    assert_eq!((daemon.stored::<i64>(PAID_EVENTS), daemon.stored::<i64>(ALERTS)), (2, 2));
}

#[tokio::test]
async fn a_payment_lost_in_a_crash_is_settled_after_the_restart() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let daemon = Daemon::on(&data, &[], &[]);
    let mut ann = daemon.phone(0).await;
    let (order, payment) = unpaid(&ann).await;
    ann.press_pay(&payment, "lost").await;
    daemon.kill();
    let daemon = Daemon::on(&data, &[], &[]);
    ann.lan = daemon.lan.clone();
    let mut socket = daemon.counter().await.socket().await;
    assert_eq!(socket.next().await.unwrap()["orderId"], order["orderId"]);
    ann.order_when(&order, |order| order["payStatus"] == 1 && order["status"] == 2).await;
    assert_eq!((daemon.stored::<i64>(PAID_EVENTS), daemon.stored::<i64>(ALERTS)), (1, 1));
}

/// Nothing was believed: the order is unpaid, the counter silent, the payment open.
async fn assert_untouched(daemon: &Daemon, phone: &Phone, order: &Value, context: &str) {
    let now = phone.get(&format!("/api/store/order/{}", order["orderId"])).await;
    assert_eq!((&now["status"], &now["payStatus"]), (&json!(1), &json!(0)), "{context}");
    assert_eq!(daemon.stored::<i64>(ALERTS), 0, "{context}");
    assert_eq!(daemon.stored::<i64>("select count(*) from payment where state = 'open'"), 1, "{context}");
    assert_eq!(daemon.stored::<i64>("select count(*) from payment_callback"), 0, "{context}");
}

#[tokio::test]
async fn a_callback_that_is_not_genuine_has_no_effect() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let mut socket = counter.socket().await;
    let (order, payment) = unpaid(&ann).await;
    let good = Callback::of(&daemon, &payment, 3800);
    let with = |change: fn(&mut Callback)| {
        let mut callback = good.clone();
        change(&mut callback);
        callback
    };
    for (name, callback) in [
        ("a changed amount", with(|it| it.tamper = |body| body.replace("3800", "3801"))),
        ("a blank more", with(|it| it.tamper = |body| body + " ")),
        ("an empty body", with(|it| it.tamper = |_| String::new())),
        ("another key", with(|it| it.key.push('x'))),
        ("a foreign signature", with(|it| it.signature = Some("00"))),
        ("an empty signature", with(|it| it.signature = Some(""))),
        ("a signature that is not hex", with(|it| it.signature = Some("é€"))),
        ("a probe", with(|it| it.signature = Some("WECHATPAY/SIGNTEST/abc"))),
        ("no signature", with(|it| it.without = "demo-signature")),
        ("no timestamp", with(|it| it.without = "demo-timestamp")),
        ("no nonce", with(|it| it.without = "demo-nonce")),
    ] {
        let answer = callback.send(&daemon).await;
        assert!(answer.status.is_client_error(), "{name}: {} {}", answer.status, answer.body);
        assert_eq!(answer.body["code"], "FAIL", "{name}");
        assert_untouched(&daemon, &ann, &order, name).await;
    }
    assert_eq!(socket.all_within(Duration::from_millis(300)).await, Vec::<Value>::new());
    assert_eq!(good.send(&daemon).await.status, StatusCode::OK, "the genuine one is taken");
    ann.order_when(&order, |order| order["payStatus"] == 1).await;
}

/// The first half of a second, so that the daemon reads the same one.
async fn fresh_second() -> i64 {
    while now().subsec_millis() > 400 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    now().as_secs() as i64
}

#[tokio::test]
async fn a_callback_from_another_time_is_a_replay() {
    let daemon = Daemon::demo(&[]);
    for (index, (seconds, accepted)) in [(-301, false), (301, false), (-299, true), (299, true)].into_iter().enumerate()
    {
        let ann = daemon.phone(index).await;
        let (order, payment) = unpaid(&ann).await;
        let mut callback = Callback::of(&daemon, &payment, 3800);
        callback.body["transactionId"] = json!(format!("demo-{index}"));
        callback.timestamp = fresh_second().await + seconds;
        let answer = callback.send(&daemon).await;
        assert_eq!(answer.status.is_success(), accepted, "{seconds}: {}", answer.body);
        assert_eq!(answer.status.is_client_error(), !accepted, "{seconds}: {}", answer.body);
        let order = ann.get(&format!("/api/store/order/{}", order["orderId"])).await;
        assert_eq!(order["payStatus"], i64::from(accepted), "{seconds}");
    }
    for word in ["", "x", "-1", "1e9", "99999999999999999999"] {
        let request = reqwest::Client::new().post(format!("{}/pay/notify/demo", daemon.tunnel));
        let request = request.header("demo-timestamp", word).header("demo-nonce", "n").header("demo-signature", "00");
        assert!(support::answer(request.body("{}")).await.status.is_client_error(), "{word}");
    }
}

#[tokio::test]
async fn strangers_can_not_fill_the_log() {
    let daemon = Daemon::demo(&[]);
    let ann = daemon.phone(0).await;
    let (_, payment) = unpaid(&ann).await;
    let (mut forged, mut old) = (Callback::of(&daemon, &payment, 3800), Callback::of(&daemon, &payment, 3800));
    forged.signature = Some("00");
    old.timestamp -= 4000;
    for round in 0..100 {
        assert_eq!(forged.send(&daemon).await.status, StatusCode::UNAUTHORIZED, "{round}");
        assert_eq!(old.send(&daemon).await.status, StatusCode::UNAUTHORIZED, "{round}");
        for nobody in ["wechat", "", "%2e%2e", "demo/x"] {
            let request = reqwest::Client::new().post(format!("{}/pay/notify/{nobody}", daemon.tunnel));
            assert_eq!(support::answer(request.body("{}")).await.status, StatusCode::NOT_FOUND, "{nobody}");
        }
    }
    let log = daemon.log();
    let lines = log.lines().filter(|line| line.contains("was refused")).count();
    assert!((2..=60).contains(&lines), "{lines} lines about 600 requests:\n{log}");
}

#[tokio::test]
async fn a_genuine_callback_that_is_not_understood_is_taken_and_not_believed() {
    let daemon = Daemon::demo(&[]);
    let ann = daemon.phone(0).await;
    let (order, payment) = unpaid(&ann).await;
    let mut callback = Callback::of(&daemon, &payment, 3800);
    let good = callback.body.clone();
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    for body in [
        with("state", json!("GUESSED")),
        with("amount", json!("3800")),
        json!({ "hello": 1 }),
        json!(["nothing", "that", "is", "known"]),
    ] {
        callback.body = body.clone();
        assert_eq!(callback.send(&daemon).await.status, StatusCode::OK, "a refusal would only bring it again: {body}");
        assert_untouched(&daemon, &ann, &order, &body.to_string()).await;
    }
    callback = Callback::of(&daemon, &payment, 3800);
    assert_eq!(callback.send(&daemon).await.status, StatusCode::OK);
    ann.order_when(&order, |order| order["payStatus"] == 1).await;
}

#[tokio::test]
async fn genuine_money_for_an_unknown_number_is_taken_and_waits_for_a_person() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let (order, payment) = unpaid(&ann).await;
    let mut callback = Callback::of(&daemon, &payment, 3800);
    callback.body["outTradeNo"] = json!("20261120000lost");
    for _ in 0..3 {
        assert_eq!(callback.send(&daemon).await.status, StatusCode::OK);
    }
    let open = counter.ok(Method::GET, "/admin/payment/unclaimed", Value::Null).await;
    assert_eq!(open.as_array().unwrap().len(), 1, "{open}");
    assert_eq!((&open[0]["amount"], &open[0]["outTradeNo"]), (&json!(38.0), &json!("20261120000lost")));
    let alerts = counter.alerts().await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert!(alerts[0]["note"].as_str().unwrap().contains("查不到订单"), "{alerts:?}");
    let claim = json!({ "action": "order", "orderNumber": order["orderNumber"], "opId": "claim" });
    let path = format!("/admin/payment/unclaimed/{}", open[0]["unclaimedId"]);
    counter.eleven_times(Method::POST, &path, claim).await;
    assert_eq!(daemon.stored::<i64>("select count(*) from ledger_entry"), 1);
    ann.order_when(&order, |order| order["payStatus"] == 1).await;
    let left = counter.alerts().await;
    assert!(left.iter().all(|alert| alert["type"] != 3), "the question's bell is silent: {left:?}");
}

#[tokio::test]
async fn a_genuine_callback_with_the_wrong_sum_or_merchant_waits_for_a_person() {
    for (name, change, reason) in [
        ("less", (|body: &mut Value| body["amount"] = json!(1)) as fn(&mut Value), "0.01"),
        ("more", |body| body["amount"] = json!(3801), "38.01"),
        ("nothing", |body| body["amount"] = json!(0), "0.00"),
        ("negative", |body| body["amount"] = json!(-3800), "-38.00"),
        ("another merchant", |body| body["merchant"] = json!("somebody"), "商户"),
    ] {
        let daemon = Daemon::demo(&[]);
        let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
        let (mut socket, mut stream) = (counter.socket().await, counter.events().await);
        let (order, payment) = unpaid(&ann).await;
        let mut callback = Callback::of(&daemon, &payment, 3800);
        change(&mut callback.body);
        for _ in 0..2 {
            assert_eq!(callback.send(&daemon).await.status, StatusCode::OK, "{name}");
        }
        let review = counter.ok(Method::GET, "/admin/payment/review", Value::Null).await;
        assert_eq!(review.as_array().unwrap().len(), 1, "{name}: {review}");
        assert_eq!((&review[0]["orderId"], &review[0]["amount"]), (&order["orderId"], &json!(38.0)), "{name}");
        assert!(review[0]["reason"].as_str().unwrap().contains(reason), "{name}: {review}");
        let now = ann.get(&format!("/api/store/order/{}", order["orderId"])).await;
        assert_eq!((&now["status"], &now["payStatus"]), (&json!(1), &json!(0)), "{name}");
        assert_eq!(stream.event("alert").await.json()["type"], 3, "{name}: the counter page is told");
        assert_eq!(socket.all_within(Duration::from_millis(200)).await, Vec::<Value>::new(), "{name}");
        assert_eq!(daemon.stored::<i64>("select count(*) from alert where kind = 3"), 1, "{name}");
    }
}

#[tokio::test]
async fn money_for_a_cancelled_order_goes_back_once() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let mut socket = counter.socket().await;
    let (order, payment) = unpaid(&ann).await;
    let cancel = format!("/api/store/order/{}/cancel", order["orderId"]);
    assert_eq!(ann.ok(Method::POST, &cancel, Value::Null).await["status"], 6);
    let page = ann.http.post(payment["codeUrl"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::CONFLICT, "the provider has closed the trade");
    let callback = Callback::of(&daemon, &payment, 3800);
    for answer in futures_util::future::join_all((0..5).map(|_| callback.send(&daemon))).await {
        assert_eq!(answer.status, StatusCode::OK);
    }
    daemon.stored_when("select count(*) from refund where state = 'done'", 1).await;
    assert_eq!(daemon.stored::<i64>("select count(*) from refund"), 1);
    assert_eq!(daemon.stored::<i64>("select amount_fen from refund"), 3800);
    let number = daemon.stored::<String>("select out_refund_no from refund");
    assert_eq!(number, format!("{}R", payment["outTradeNo"].as_str().unwrap()), "a deterministic refund number");
    let now = ann.get(&format!("/api/store/order/{}", order["orderId"])).await;
    assert_eq!(now["status"], 6, "the order stays cancelled");
    assert_eq!(socket.all_within(Duration::from_millis(300)).await, Vec::<Value>::new(), "no order arrived");
    assert_eq!(daemon.stored::<i64>("select count(*) from alert where kind = 3"), 1, "staff are told once");
}

#[tokio::test]
async fn a_genuine_callback_about_no_payment_changes_nothing() {
    let daemon = Daemon::demo(&[]);
    let ann = daemon.phone(0).await;
    let (order, payment) = unpaid(&ann).await;
    for told in ["CLOSED", "NOTPAY", "USERPAYING", "success", ""] {
        let mut callback = Callback::of(&daemon, &payment, 3800);
        callback.body["state"] = json!(told);
        callback.send(&daemon).await;
        assert_untouched(&daemon, &ann, &order, told).await;
    }
    ann.press_pay(&payment, "once").await;
    ann.order_when(&order, |order| order["payStatus"] == 1).await;
}

#[tokio::test]
async fn a_second_transaction_for_one_payment_waits_for_a_person() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let mut socket = counter.socket().await;
    let (order, payment) = unpaid(&ann).await;
    let mut callback = Callback::of(&daemon, &payment, 3800);
    assert_eq!(callback.send(&daemon).await.status, StatusCode::OK);
    assert_eq!(socket.next().await.unwrap()["type"], 1);
    callback.body["transactionId"] = json!("demo-test-2");
    assert_eq!(callback.send(&daemon).await.status, StatusCode::OK);
    let review = counter.ok(Method::GET, "/admin/payment/review", Value::Null).await;
    assert_eq!(review.as_array().unwrap().len(), 1, "{review}");
    let now = ann.get(&format!("/api/store/order/{}", order["orderId"])).await;
    assert_eq!((&now["status"], &now["payStatus"]), (&json!(2), &json!(1)), "the order was paid and stays so");
    assert_eq!(socket.all_within(Duration::from_millis(200)).await, Vec::<Value>::new());
}

#[tokio::test]
async fn paying_and_cancelling_at_the_same_moment_agree_on_one_outcome() {
    let daemon = Daemon::demo(&["--tables", "24", "--limits", "off"]);
    let phones = futures_util::future::join_all((0..24).map(|table| daemon.phone(table))).await;
    let races = phones.iter().enumerate().map(async |(index, phone)| {
        let (order, payment) = unpaid(phone).await;
        let deliver = ["once", "lost", "concurrent"][index % 3];
        let url = format!("{}?deliver={deliver}", payment["codeUrl"].as_str().unwrap());
        let cancel = format!("/api/store/order/{}/cancel", order["orderId"]);
        let (page, cancelled) =
            tokio::join!(phone.http.post(url).send(), phone.send(Method::POST, &cancel, Value::Null));
        let (paid, cancelled) = (page.unwrap().status() == StatusCode::OK, cancelled.status == StatusCode::OK);
        assert!(paid || cancelled, "somebody must win");
        let wanted = match (paid, cancelled) {
            (true, true) => 2,
            (true, false) => 1,
            (false, _) => 0,
        };
        let end = phone.order_when(&order, |order| order["payStatus"] == wanted || order["status"] == 6).await;
        assert_eq!(end["status"] == 6, cancelled, "deliver={deliver}, paid {paid}: {end}");
        (paid && cancelled) as i64
    });
    let refunds: i64 = futures_util::future::join_all(races).await.into_iter().sum();
    daemon.stored_when("select count(*) from refund where state = 'done'", refunds).await;
    let books = "select count(*) from payment p join demo_trade d on d.out_trade_no = p.out_trade_no \
        join dining_order o on o.id = p.order_id where (d.state = 'SUCCESS') <> \
        (o.status = 2 and o.pay_status = 1 or exists (select 1 from refund r where r.payment_id = p.id))";
    daemon.stored_when(books, 0).await;
}

#[tokio::test]
async fn paying_twice_is_the_same_payment_and_a_paid_order_takes_no_other() {
    let daemon = Daemon::demo(&[]);
    let (ann, bob) = (daemon.phone(0).await, daemon.phone(0).await);
    let order = ann.order("op").await;
    let starts = (0..10).map(|turn| if turn % 2 == 0 { &ann } else { &bob }).map(|phone| phone.start_payment(&order));
    let payments = futures_util::future::join_all(starts).await;
    assert!(payments.iter().all(|payment| *payment == payments[0]), "{payments:?}");
    assert_eq!(daemon.stored::<i64>("select count(*) from payment"), 1);
    let number = payments[0]["outTradeNo"].as_str().unwrap();
    assert!((6..=32).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{number}");
    ann.press_pay(&payments[0], "once").await;
    ann.order_when(&order, |order| order["payStatus"] == 1).await;
    ann.press_pay(&payments[0], "once").await;
    let path = format!("/api/store/order/{}/pay", order["orderId"]);
    let answer = ann.send(Method::POST, &path, json!({ "provider": "demo" })).await;
    assert_eq!((answer.status.as_u16(), answer.error()), (409, "ORDER_STATE"));
    assert_eq!(daemon.stored::<i64>(PAID_EVENTS), 1);
}

#[tokio::test]
async fn an_unknown_provider_or_a_foreign_order_cannot_be_paid() {
    let daemon = Daemon::demo(&[]);
    let (ann, other) = (daemon.phone(0).await, daemon.phone(1).await);
    let order = ann.order("op").await;
    let path = format!("/api/store/order/{}/pay", order["orderId"]);
    for provider in ["wechat", "", "Demo", "../demo"] {
        let answer = ann.send(Method::POST, &path, json!({ "provider": provider })).await;
        assert_eq!((answer.status.as_u16(), answer.error()), (400, "PROVIDER_UNKNOWN"), "{provider}");
    }
    let answer = other.send(Method::POST, &path, json!({ "provider": "demo" })).await;
    assert_eq!((answer.status.as_u16(), answer.error()), (404, "ORDER_NOT_FOUND"));
    assert_eq!(daemon.stored::<i64>("select count(*) from payment"), 0);
}

#[tokio::test]
async fn the_pay_page_shows_the_sum_and_then_that_it_is_paid() {
    let daemon = Daemon::demo(&[]);
    let ann = daemon.phone(0).await;
    let (order, payment) = unpaid(&ann).await;
    let url = payment["codeUrl"].as_str().unwrap();
    assert!(url.starts_with(&daemon.lan), "{url}");
    let read = async || ann.http.get(url).send().await.unwrap().text().await.unwrap();
    let page = read().await;
    assert!(page.contains("演示支付：38.00 元") && page.contains("<form method=\"post\">"), "{page}");
    ann.press_pay(&payment, "once").await;
    let page = read().await;
    assert!(page.contains("演示支付：已付款") && !page.contains("<form"), "{page}");
    ann.order_when(&order, |order| order["payStatus"] == 1).await;
    let unknown = ann.http.get(format!("{}/demo-pay/20200101", daemon.lan)).send().await.unwrap();
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    let deliver = ann.http.post(format!("{url}?deliver=sideways")).send().await.unwrap();
    assert_eq!(deliver.status(), StatusCode::BAD_REQUEST);
}
