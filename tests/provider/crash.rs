//! SIGKILL between every two steps of settling: after a restart everything ends as it does without a crash.

use crate::gateway::Gateway;
use crate::shop::{NEW_ORDERS, PAID_EVENTS, Shop};
use crate::support::{Answer, PATIENCE};
use futures_util::StreamExt;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Stories at once: more would only wait for the disk.
const AT_ONCE: usize = 6;

/// A shop, its only diner, and the hand that switches a dead daemon on again. Whoever asks repeats until there is an
/// answer, as phones, staff and providers do.
struct Story {
    shop: Shop,
    deaths: u32,
    token: String,
}

impl Story {
    async fn begin(gateway: &Arc<Gateway>, moment: &str) -> Story {
        let mut shop = Shop::found(gateway.clone(), |_| {}).await;
        // Staff log in before.
        shop.run(&[]).await;
        shop.run(&[("TABLEBELL_DIE_AT", moment)]).await;
        Story { shop, deaths: 0, token: String::new() }
    }

    fn is_dead(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.shop.daemon().pid()));
        let stat = stat.expect("a child that nobody has waited for stays known");
        stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('Z'))
    }

    async fn revive_if_dead(&mut self) {
        if self.is_dead() {
            self.deaths += 1;
            self.shop.kill();
            self.shop.run(&[]).await;
        }
    }

    async fn attempt(&self, method: &Method, path: &str, body: &Value) -> Option<Answer> {
        let url = format!("{}{path}", self.shop.counter.lan);
        let token = if path.starts_with("/admin/") { &self.shop.counter.token } else { &self.token };
        let request = self.shop.counter.http.request(method.clone(), url).header("token", token);
        let request = if body.is_null() { request } else { request.json(body) };
        let response = request.send().await.ok()?;
        let status = response.status();
        Some(Answer { status, body: response.json().await.ok()? })
    }

    /// Asks until somebody answers with a success.
    async fn insist(&mut self, method: Method, path: &str, body: Value) -> Value {
        let deadline = Instant::now() + 2 * PATIENCE;
        loop {
            match self.attempt(&method, path, &body).await {
                Some(Answer { status: StatusCode::OK, body }) if body["code"] != 0 => return body["data"].clone(),
                other => assert!(Instant::now() < deadline, "{path}: {other:?}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
            self.revive_if_dead().await;
        }
    }

    /// Asks until the answer is `wanted`.
    async fn until(&mut self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + 2 * PATIENCE;
        loop {
            let now = self.insist(Method::GET, path, Value::Null).await;
            if wanted(&now) {
                return now;
            }
            assert!(Instant::now() < deadline, "{path} stays {now}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// How a story goes.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Plot {
    /// Paid, called back, and refunded.
    Called,
    /// The same, but no callback comes.
    Lost,
    /// Given up by the diner.
    Cancelled,
}

/// Plays a plot with a daemon that dies at `moment`; answers how it ended and how often the daemon died.
async fn play(gateway: &Arc<Gateway>, provider: &'static str, plot: Plot, moment: &str) -> (Value, u32) {
    let mut story = Story::begin(gateway, moment).await;
    let code = story.shop.daemon().table_code(0);
    let session = story.insist(Method::POST, "/api/store/session", json!({ "code": code })).await;
    story.token = session["token"].as_str().expect("a token").to_owned();
    let dish = json!({ "tableId": 1, "cuisineId": 1001, "quantity": 1, "opId": "dish" });
    let cart = story.insist(Method::POST, "/api/store/order/cart/add", dish).await;
    let submission = json!({ "tableId": 1, "version": cart["version"], "opId": "order" });
    let order = story.insist(Method::POST, "/api/store/order/submit", submission).await;
    let path = format!("/api/store/order/{}", order["orderId"]);
    let payment = story.insist(Method::POST, &format!("{path}/pay"), json!({ "provider": provider })).await;
    let of_trade = json!({ "provider": provider, "outTradeNo": payment["outTradeNo"] });
    let with = |how: Value| {
        let mut asked = of_trade.clone();
        asked.as_object_mut().expect("an object").extend(how.as_object().expect("an object").clone());
        asked
    };
    match plot {
        Plot::Cancelled => {
            story.insist(Method::POST, &format!("{path}/cancel"), Value::Null).await;
        }
        Plot::Called | Plot::Lost => {
            let deliver = if plot == Plot::Lost { "lost" } else { "once" };
            gateway.control("pay", with(json!({ "deliver": deliver }))).await;
            story.until(&path, |order| order["payStatus"] == 1).await;
            if plot == Plot::Called {
                gateway.control("callback", with(json!({ "deliver": "repeat" }))).await;
                story.revive_if_dead().await;
            }
            let refund = json!({ "orderId": order["orderId"], "amount": 38.0, "reason": "", "opId": "refund" });
            story.insist(Method::POST, "/admin/payment/refund", refund).await;
            story.until(&path, |order| order["payStatus"] == 2).await;
        }
    }
    let account = format!("/admin/payment/order/{}", order["orderId"]);
    let account = story.until(&account, |_| true).await;
    let trade = gateway.control("trade", of_trade).await;
    (ending(&story.shop, &account, &trade), story.deaths)
}

/// What is the same however often the daemon died on the way.
fn ending(shop: &Shop, account: &Value, trade: &Value) -> Value {
    let entries = account["entries"].as_array().expect("a list");
    let entries: Vec<_> = entries.iter().map(|entry| json!([entry["kind"], entry["amount"]])).collect();
    let payments = account["payments"].as_array().expect("a list");
    let payments: Vec<_> = payments.iter().map(|payment| json!([payment["method"], payment["state"]])).collect();
    let refunds = trade["refunds"].as_object().expect("an object").values();
    let refunds: Vec<_> = refunds.map(|refund| json!([refund["amountFen"], refund["status"]])).collect();
    json!({
        "entries": entries, "payments": payments, "balance": account["balance"], "trade": trade["state"],
        "paidFen": trade["paidFen"], "refunded": refunds,
        "paid": shop.stored::<i64>(PAID_EVENTS), "announced": shop.stored::<i64>(NEW_ORDERS),
        "troubles": shop.stored::<i64>(crate::shop::TROUBLES),
        "order": shop.stored::<i64>("select status * 10 + pay_status from dining_order"),
        "reviews": shop.stored::<i64>("select count(*) from review"),
    })
}

/// Plays every story, and compares its end with the end of the one without a crash.
async fn compare(provider: &'static str, plots: &[(Plot, Vec<String>)]) {
    let gateway = Arc::new(Gateway::start());
    for (plot, moments) in plots {
        let (expected, _) = play(&gateway, provider, *plot, "never").await;
        assert_eq!(expected["announced"], i64::from(*plot != Plot::Cancelled), "{expected}");
        let stories = moments.iter().map(async |moment| {
            let (end, deaths) = play(&gateway, provider, *plot, moment).await;
            assert_eq!(end, expected, "{provider} {plot:?}, killed at {moment}");
            assert_eq!(deaths, 1, "{provider} {plot:?}: the daemon dies at {moment}");
        });
        futures_util::stream::iter(stories).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
    }
    assert_eq!(gateway.violations().await, json!([]));
}

fn named(moments: &[&str]) -> Vec<String> {
    moments.iter().map(|moment| (*moment).to_owned()).collect()
}

const CALLED: [&str; 11] = [
    "create.begun",
    "create.answered",
    "callback.verified",
    "settle.found",
    "settle.entered",
    "settle.paid",
    "settle.ordered",
    "settle.recorded",
    "callback.settled",
    "refund.done",
    "refund.booked",
];
const LOST: [&str; 5] = ["settle.found", "settle.entered", "settle.paid", "settle.ordered", "settle.recorded"];

#[tokio::test]
async fn killed_at_any_step_of_a_wechat_payment_the_shop_converges() {
    let plots =
        [(Plot::Called, named(&CALLED)), (Plot::Lost, named(&LOST)), (Plot::Cancelled, named(&["close.answered"]))];
    compare("wechat", &plots).await;
}

#[tokio::test]
async fn killed_at_any_step_of_an_alipay_payment_the_shop_converges() {
    let plots =
        [(Plot::Called, named(&CALLED)), (Plot::Lost, named(&LOST)), (Plot::Cancelled, named(&["close.answered"]))];
    compare("alipay", &plots).await;
}

/// The first commits are the start's own, before the daemon is ready.
#[tokio::test]
async fn killed_after_any_commit_the_shop_converges() {
    let moments = (3..=14).map(|time| format!("store.committed:{time}")).collect();
    compare("wechat", &[(Plot::Called, moments)]).await;
}
