//! A provider's callback, byte by byte: odd spacing, letters of two scripts, and the headers of the real providers.

use crate::shop::{Shop, Tunnel};
use aws_lc_rs::hmac;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

pub const PATH: &str = "/pay/notify/demo";

/// Their names and values have to arrive as they are here.
pub const PROVIDERS_HEADERS: [(&str, &str); 7] = [
    ("Content-Type", "application/json; charset=utf-8"),
    ("Wechatpay-Serial", "PUB_KEY_ID_0114232134912410000000000000"),
    ("Wechatpay-Signature", "V3pmSV+IyKm3lWo1/9ZzOTB2Kyz0oPq8mxqd2uHkQG7==, a  b;\"c\""),
    ("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"),
    ("Wechatpay-Timestamp", "1795276800"),
    ("Wechatpay-Nonce", "oHkJ7+/=~!*'()"),
    ("rEQUEST-iD", "08F8ABCD-0"),
];

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

pub struct Callback {
    pub headers: Vec<String>,
    pub body: Vec<u8>,
}

impl Callback {
    /// Says that `payment` of 38.00 is paid.
    pub fn of(shop: &Shop, payment: &Value, transaction: &str) -> Callback {
        let (number, transaction) = (&payment["outTradeNo"], json!(transaction));
        let body = format!(
            "{{ \"merchant\" :\"tablebell-demo\",\t\"outTradeNo\":{number} ,\r\n  \"transactionId\":  {transaction},\
             \"amount\":3800 ,\"state\":\"SUCCESS\",\"attach\":\"é 中文  \\u00e9\"}}\n \n"
        );
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_secs();
        let nonce = "a  b+/=,;~";
        let key = hmac::Key::new(hmac::HMAC_SHA256, shop.daemon.demo_key().as_bytes());
        let tag = hmac::sign(&key, format!("{now}\n{nonce}\n{body}\n").as_bytes());
        let signature = hex::encode(tag);
        let signed =
            [("demo-timestamp", now.to_string()), ("Demo-Nonce", nonce.to_owned()), ("DEMO-SIGNATURE", signature)];
        let signed = signed.iter().map(|(name, value)| format!("{name}: {value}"));
        Callback { headers: providers_headers().chain(signed).collect(), body: body.into_bytes() }
    }

    pub fn send(&self, shop: &Shop, tunnel: &Tunnel) -> Answer {
        let headers: Vec<&str> = self.headers.iter().flat_map(|header| ["--header", header.as_str()]).collect();
        tunnel.call(&shop.network, PATH, &headers, &self.body)
    }
}

pub fn providers_headers() -> impl Iterator<Item = String> {
    PROVIDERS_HEADERS.iter().map(|(name, value)| format!("{name}: {value}"))
}

/// Every byte there is, beside things that a proxy could take for the end of something.
pub fn odd_body() -> Vec<u8> {
    let bytes: Vec<u8> = (0..=255).cycle().take(40_000).collect();
    [b" {\"a\" :\t1}\r\n\r\n0\r\n\r\n".as_slice(), &bytes, "中文 é\n\n".as_bytes()].concat()
}
