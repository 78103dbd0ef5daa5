//! The tunnel listener faces the internet: it carries the callbacks and nothing else of ours.

use crate::support::{self, Daemon};
use reqwest::{Method, StatusCode};

#[tokio::test]
async fn the_tunnel_answers_404_to_everything_but_callbacks() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter) = (daemon.phone(0).await, daemon.counter().await);
    let payment = ann.start_payment(&ann.order("op").await).await;
    let pay_page = format!("/demo-pay/{}", payment["outTradeNo"].as_str().unwrap());
    let table_page = format!("/t/{}", daemon.table_code(0));
    for (method, path) in [
        (Method::GET, "/"),
        (Method::GET, "/counter"),
        (Method::GET, &table_page),
        (Method::GET, "/favicon.ico"),
        (Method::GET, "/metrics"),
        (Method::GET, &pay_page),
        (Method::POST, &pay_page),
        (Method::POST, "/api/store/session"),
        (Method::GET, "/api/store/menu"),
        (Method::GET, "/api/store/order/cart/1"),
        (Method::POST, "/api/store/order/cart/add?tableId=1&cuisineId=1001&quantity=1"),
        (Method::GET, "/api/store/order/sse/1"),
        (Method::POST, "/api/store/order/1/pay"),
        (Method::GET, "/ws/cart/1"),
        (Method::GET, "/ws/counter-1"),
        (Method::POST, "/admin/employee/login"),
        (Method::GET, "/admin/order/conditionSearch"),
        (Method::GET, "/admin/alert/list"),
        (Method::GET, "/user/order/reminder/1"),
        (Method::GET, "/pay/notify/demo"),
        (Method::PUT, "/pay/notify/demo"),
        (Method::POST, "/pay/notify/demo/"),
        (Method::POST, "/pay/notify"),
        (Method::POST, "/pay/notify/wechat"),
        (Method::POST, "/pay/notify/../../admin/employee/login"),
        (Method::POST, "//pay//notify//demo"),
        (Method::POST, "/healthz"),
    ] {
        for token in [&ann.token, &counter.token] {
            let request = counter.http.request(method.clone(), format!("{}{path}", daemon.tunnel)).bearer_auth(token);
            let answer = support::answer(request).await;
            assert_eq!((answer.status.as_u16(), answer.error()), (404, "NOT_FOUND"), "{method} {path}");
        }
    }
    assert_eq!(daemon.stored::<i64>("select count(*) from cart_line"), 0);
    assert_eq!(daemon.stored::<i64>("select count(*) from demo_trade where state = 'SUCCESS'"), 0);
    let health = support::answer(counter.http.get(format!("{}/healthz", daemon.tunnel))).await;
    assert_eq!(health.status, StatusCode::OK);
    let keys: Vec<&String> = health.body.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["nonce", "status"], "nothing about the shop");
}

#[tokio::test]
async fn a_callback_over_64_kib_is_refused_unread() {
    let daemon = Daemon::demo(&[]);
    let url = format!("{}/pay/notify/demo", daemon.tunnel);
    for (bytes, status) in [(64 * 1024, 401), (64 * 1024 + 1, 413)] {
        let request = reqwest::Client::new().post(&url).body("x".repeat(bytes));
        let answer = support::answer(request).await;
        assert_eq!(answer.status.as_u16(), status, "{bytes}: {}", answer.body);
    }
}
