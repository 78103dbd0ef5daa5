//! What every tunnel has to do.

use crate::callback::{self, Callback, PROVIDERS_HEADERS};
use crate::echo::{Echo, split};
use crate::network::{LAN, UPLINK};
use crate::shop::{CALLBACKS, Shop, Tunnel};
use crate::support::{PATIENCE, Phone};
use serde_json::{Value, json};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

const PAID_EVENTS: &str = "select count(*) from order_event where input = 'Paid'";
const ALERTS: &str = "select count(*) from alert";

/// An order of 38.00 with its open payment.
async fn unpaid(phone: &Phone) -> (Value, Value) {
    let order = phone.order("op").await;
    let payment = phone.start_payment(&order).await;
    (order, payment)
}

pub async fn a_callback_pays(shop: &Shop, tunnel: &Tunnel) {
    let ann = shop.daemon.phone(0).await;
    let (order, payment) = unpaid(&ann).await;
    let callback = Callback::of(shop, &payment, "from-the-internet");
    let forged = Callback { headers: callback.headers.clone(), body: [&callback.body, b" ".as_slice()].concat() };
    let refused = forged.send(shop, tunnel);
    assert_eq!((refused.status, &refused.json()["code"]), (401, &json!("FAIL")), "a changed byte is noticed");
    assert_eq!(shop.daemon.stored::<i64>(PAID_EVENTS), 0);

    let taken = callback.send(shop, tunnel);
    assert_eq!((taken.status, &taken.json()["code"]), (200, &json!("SUCCESS")), "{}", shop.daemon.log());
    let paid = ann.order_when(&order, |order| order["payStatus"] == 1).await;
    assert_eq!(paid["status"], 2, "{paid}");
    assert_eq!((shop.daemon.stored::<i64>(PAID_EVENTS), shop.daemon.stored::<i64>(ALERTS)), (1, 1));
}

pub async fn nothing_but_callbacks_gets_in(shop: &Shop, tunnel: &Tunnel) {
    let ann = shop.daemon.phone(0).await;
    let (_, payment) = unpaid(&ann).await;
    let counter = shop.daemon.counter().await;
    let pay_page = format!("/demo-pay/{}", payment["outTradeNo"].as_str().expect("a number"));
    let table_page = format!("/t/{}", shop.daemon.table_code(0));
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/counter"),
        ("GET", "/metrics"),
        ("GET", &table_page),
        ("POST", &pay_page),
        ("GET", "/api/store/menu"),
        ("POST", "/api/store/session"),
        ("POST", "/api/store/order/cart/add?tableId=1&cuisineId=1001&quantity=1"),
        ("GET", "/ws/cart/1"),
        ("POST", "/admin/employee/login"),
        ("GET", "/admin/alert/list"),
        ("GET", "/admin/order/conditionSearch"),
        ("GET", "/pay/notify/demo"),
        ("GET", "/pay/notify/../../counter"),
        ("GET", "/pay/notify/%2e%2e/%2e%2e/counter"),
        ("GET", "//counter"),
    ] {
        for token in [&ann.token, &counter.token] {
            let (bearer, token) = (format!("authorization: Bearer {token}"), format!("token: {token}"));
            let arguments = ["--request", method, "--header", &bearer, "--header", &token];
            assert_eq!(tunnel.call(&shop.network, path, &arguments, b"").status, 404, "{method} {path}");
        }
    }
    let health = tunnel.call(&shop.network, "/healthz", &[], b"");
    assert_eq!((health.status, &health.json()["status"]), (200, &json!("ok")));
    let says: Vec<String> = health.json().as_object().expect("an object").keys().cloned().collect();
    assert!(says.iter().all(|key| ["status", "nonce"].contains(&key.as_str())), "the LAN's says more: {says:?}");
    assert_eq!(shop.daemon.stored::<i64>("select count(*) from demo_trade where state = 'SUCCESS'"), 0);

    // The phones reach the LAN listener all the while.
    assert!(shop.daemon.saves().await);
    for (address, expected) in [
        (format!("{LAN}:8080"), ErrorKind::NetworkUnreachable),
        (format!("{UPLINK}:8080"), ErrorKind::ConnectionRefused),
        (format!("{UPLINK}:8081"), ErrorKind::ConnectionRefused),
    ] {
        let from_outside: SocketAddr = address.parse().expect("an address");
        let reached = shop.network.internet.run(|| TcpStream::connect_timeout(&from_outside, PATIENCE));
        assert_eq!(reached.map_err(|error| error.kind()).err(), Some(expected), "{address} from the internet");
    }
}

/// A raw request at the tunnel's exit arrives as it was sent, and so does the answer.
pub fn every_byte_arrives(shop: &mut Shop, tunnel: &Tunnel) {
    let _echo = in_the_daemons_place(shop);
    let body = callback::odd_body();
    let headers: Vec<String> = callback::providers_headers().collect();
    let head = format!(
        "POST {}?a=%2F..%2f&b=+%20 HTTP/1.1\r\nHost: pay.example.com\r\n{}\r\nX-Odd:\t two  blanks \t\r\n\
         content-LENGTH: {}\r\n\r\n",
        callback::PATH,
        headers.join("\r\n"),
        body.len()
    );
    let request = [head.as_bytes(), &body].concat();
    let answer = shop.network.internet.run(|| {
        let mut connection = TcpStream::connect(tunnel.exit).expect("the tunnel is open");
        connection.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        connection.write_all(&request).expect("the tunnel takes the request");
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).expect("the tunnel brings the answer");
        answer
    });
    let (_, arrived) = split(&answer).expect("an answer with a body");
    assert!(arrived == request, "{:?}", String::from_utf8_lossy(arrived));
}

/// What passes the public server's proxy has the same path, provider's headers and body. Nothing else passes it.
pub fn headers_and_body_arrive(shop: &mut Shop, tunnel: &Tunnel) {
    let _echo = in_the_daemons_place(shop);
    let headers: Vec<String> = callback::providers_headers().collect();
    let arguments: Vec<&str> = headers.iter().flat_map(|header| ["--header", header.as_str()]).collect();
    for path in ["/pay/notify/wechat", "/notify/paySuccess"] {
        let answer = tunnel.call(&shop.network, path, &arguments, &callback::odd_body());
        assert_eq!(answer.status, 200, "{path}");
        let (head, body) = split(&answer.body).expect("a request with a body");
        assert_eq!(head.lines().next(), Some(format!("POST {path} HTTP/1.1").as_str()));
        for (name, value) in PROVIDERS_HEADERS {
            let same_name = |line: &&str| line.to_lowercase().starts_with(&format!("{}:", name.to_lowercase()));
            let arrived: Vec<&str> = head.lines().filter(same_name).collect();
            assert_eq!(arrived, [format!("{name}: {value}")], "{path}");
        }
        assert!(body == callback::odd_body(), "{path}: {:?}", String::from_utf8_lossy(body));
    }
    for path in ["/", "/counter", "/healthz/x", "/pay/notify", "/pay/notify/", "/pay/notify/a/b", "//pay/notify/wechat"]
    {
        assert_eq!(tunnel.call(&shop.network, path, &arguments, b"{}").status, 404, "{path} is stopped by the proxy");
    }
}

fn in_the_daemons_place(shop: &mut Shop) -> Echo {
    assert!(shop.daemon.stop().0.success());
    Echo::at(CALLBACKS)
}

/// While the tunnel is down a callback is lost, not the payment; afterwards the repeated callback is taken.
pub async fn an_outage_loses_nothing(shop: &Shop, tunnel: &mut Tunnel) {
    let (ann, bob) = (shop.daemon.phone(0).await, shop.daemon.phone(1).await);
    let (anns_order, anns_payment) = unpaid(&ann).await;
    let (bobs_order, bobs_payment) = unpaid(&bob).await;
    tunnel.cut(&shop.network);

    // Ann's payment is found by asking the provider; Bob's is one that only the callback tells about.
    ann.press_pay(&anns_payment, "lost").await;
    let transaction: String = shop.daemon.stored("select transaction_id from demo_trade where state = 'SUCCESS'");
    let anns = Callback::of(shop, &anns_payment, &transaction);
    let bobs = Callback::of(shop, &bobs_payment, "bobs-money");
    for callback in [&anns, &bobs] {
        let answer = callback.send(shop, tunnel);
        assert!(![200, 204].contains(&answer.status), "the provider must repeat: {}", answer.text());
        assert!(!(300..400).contains(&answer.status), "providers follow no redirect");
    }
    ann.order_when(&anns_order, |order| order["payStatus"] == 1).await;
    assert_eq!(bob.get(&format!("/api/store/order/{}", bobs_order["orderId"])).await["payStatus"], 0);
    assert_eq!(shop.daemon.stored::<i64>(PAID_EVENTS), 1);

    tunnel.open(&shop.network);
    for callback in [&anns, &bobs, &bobs] {
        let answer = callback.send(shop, tunnel);
        assert_eq!((answer.status, &answer.json()["code"]), (200, &json!("SUCCESS")));
    }
    bob.order_when(&bobs_order, |order| order["payStatus"] == 1).await;
    assert_eq!((shop.daemon.stored::<i64>(PAID_EVENTS), shop.daemon.stored::<i64>(ALERTS)), (2, 2), "each order once");
    assert_eq!(shop.daemon.stored::<i64>("select count(*) from refund"), 0);
}
