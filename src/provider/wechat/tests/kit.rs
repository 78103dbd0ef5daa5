//! Keys, certificates and bodies as WeChat Pay makes them.

use crate::error::Refusal;
use crate::payment::provider::{Callback, Provider};
use crate::payment::{Cause, Channel, Payment, PaymentState, Refund, RefundState, Target};
use crate::provider::keys::{SigningKey, VerifyingKey};
use crate::provider::wechat::signature::lines;
use crate::provider::wechat::{Settings, Wechat};
use crate::units::{Fen, OrderId, PaymentId, RefundId, Timestamp};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use serde_json::{Value, json};
use std::sync::LazyLock;

pub const APP_ID: &str = "wxd678efh567hg6787";
pub const MCH_ID: &str = "1900000109";
pub const APIV3_KEY: [u8; 32] = *b"0123456789abcdefghijklmnopqrstuv";
pub const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_0119000001092024091200";
pub const PLATFORM_SERIAL: &str = "7D24A1C6B2E04F3B9A11";
pub const NOTIFY_URL: &str = "https://shop.example/pay/notify/wechat";
/// 2026-11-20 20:00 in Beijing.
pub const SECONDS: i64 = 1_795_176_000;
pub const NOW: Timestamp = Timestamp(SECONDS * 1000);

pub struct Pair {
    pub signing: SigningKey,
    pub verifying: VerifyingKey,
    pkcs8: String,
    spki: Vec<u8>,
}

pub struct Keys {
    pub merchant: Pair,
    pub public: Pair,
    pub platform: Pair,
}

pub fn keys() -> &'static Keys {
    static KEYS: LazyLock<Keys> =
        LazyLock::new(|| Keys { merchant: generate(), public: generate(), platform: generate() });
    &KEYS
}

fn generate() -> Pair {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let pkcs8 = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
    let spki = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()).unwrap().as_ref().to_vec();
    let pkcs8 = STANDARD.encode(pkcs8.as_ref());
    let verifying = VerifyingKey::read(&STANDARD.encode(&spki)).unwrap();
    Pair { signing: SigningKey::read(&pkcs8).unwrap(), verifying, pkcs8, spki }
}

pub fn settings(base_url: &str) -> Settings {
    Settings {
        app_id: APP_ID.into(),
        mch_id: MCH_ID.into(),
        merchant_serial: "5157f09efdc096de15ebe81a47057a72".into(),
        merchant_key: SigningKey::read(&keys().merchant.pkcs8).unwrap(),
        apiv3_key: APIV3_KEY,
        public_key: Some((PUBLIC_KEY_ID.into(), keys().public.verifying.clone())),
        notify_url: NOTIFY_URL.into(),
        base_url: base_url.into(),
        spare_url: None,
        payer_codes: true,
    }
}

pub fn wechat(base_url: &str) -> Wechat {
    Wechat::new(settings(base_url)).unwrap()
}

pub fn payment(channel: Channel) -> Payment {
    Payment {
        id: PaymentId(1),
        target: Target::Order(OrderId(1)),
        about: OrderId(1),
        provider: "wechat".into(),
        channel,
        out_trade_no: "tb0001".into(),
        subject: "3号桌".into(),
        payer: "o-payer".into(),
        amount: Fen(3800),
        state: PaymentState::Creating,
        code: String::new(),
        transaction_id: None,
        received: None,
        created_at: NOW,
        expires_at: NOW.plus_seconds(900),
        closed_at: None,
    }
}

pub fn refund() -> Refund {
    Refund {
        id: RefundId(1),
        payment: PaymentId(1),
        provider: "wechat".into(),
        out_trade_no: "tb0001".into(),
        transaction_id: Some("4200002026".into()),
        out_refund_no: "tbr0001".into(),
        amount: Fen(500),
        total: Fen(3800),
        reason: "🍜 退菜".into(),
        cause: Cause::Whole,
        state: RefundState::Pending,
        tries: 0,
        order: None,
    }
}

pub fn transaction() -> Value {
    json!({
        "appid": APP_ID, "mchid": MCH_ID, "out_trade_no": "tb0001", "transaction_id": "4200002026",
        "trade_type": "NATIVE", "trade_state": "SUCCESS", "trade_state_desc": "支付成功", "bank_type": "OTHERS",
        "success_time": "2026-11-20T17:59:56+08:00", "payer": { "openid": "oPayer" },
        "amount": { "total": 3800, "payer_total": 3700, "currency": "CNY", "payer_currency": "CNY" },
    })
}

pub fn refund_event(status: &str) -> Value {
    json!({
        "mchid": MCH_ID, "out_trade_no": "tb0001", "transaction_id": "4200002026", "out_refund_no": "tbr0001",
        "refund_id": "50300", "refund_status": status, "success_time": "2026-11-20T17:59:56+08:00",
        "amount": { "total": 3800, "refund": 500, "payer_total": 3700, "payer_refund": 400 },
    })
}

pub fn encrypt(key: &[u8; 32], plain: &[u8], associated: Option<&str>) -> Value {
    let nonce = "fdasflkja484";
    let mut bytes = plain.to_vec();
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).unwrap())
        .seal_in_place_append_tag(
            Nonce::try_assume_unique_for_key(nonce.as_bytes()).unwrap(),
            Aad::from(associated.unwrap_or_default().as_bytes()),
            &mut bytes,
        )
        .unwrap();
    let mut sealed = json!({ "algorithm": "AEAD_AES_256_GCM", "nonce": nonce, "ciphertext": STANDARD.encode(bytes) });
    if let Some(associated) = associated {
        sealed["associated_data"] = json!(associated);
    }
    sealed
}

pub fn envelope(event: &str, inside: &Value) -> Vec<u8> {
    let resource = encrypt(&APIV3_KEY, inside.to_string().as_bytes(), Some("transaction"));
    let create_time = "2026-11-20T18:00:00+08:00";
    json!({ "id": "EV-1", "create_time": create_time, "event_type": event, "resource": resource }).to_string().into()
}

/// The headers with which `pair` signs a body.
pub fn seal(pair: &Pair, serial: &str, body: &[u8], seconds: i64) -> HeaderMap {
    let (timestamp, nonce) = (seconds.to_string(), "c5ac7061fccab6bf3e254dcf98995b8c");
    let signature = pair.signing.sign(&lines(&[timestamp.as_bytes(), nonce.as_bytes(), body]));
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("wechatpay-serial", serial),
        ("wechatpay-signature", &signature),
        ("wechatpay-timestamp", &timestamp),
        ("wechatpay-nonce", nonce),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    headers
}

/// What becomes of a body that is signed with the public key just now.
pub async fn hear(wechat: &Wechat, body: &[u8]) -> Result<Callback, Refusal> {
    wechat.verify_callback(&seal(&keys().public, PUBLIC_KEY_ID, body, SECONDS), body, NOW).await
}

/// An X.509 certificate around a pair's public key, as PEM. Its own signature is empty: nobody checks it, because
/// the APIv3 key vouches for it. Days as `20260101`.
pub fn certificate(pair: &Pair, serial: &[u8], from: &str, until: &str) -> String {
    let algorithm = der(0x30, &[&[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b], &[5, 0]]);
    let time = |day: &str| der(0x18, &[day.as_bytes(), b"000000Z"]);
    let validity = der(0x30, &[&time(from), &time(until)]);
    let version = der(0xa0, &[&[2, 1, 2]]);
    let (name, serial) = (der(0x30, &[]), der(2, &[serial]));
    let body = [&version, &serial, &algorithm, &name, &validity, &name, &pair.spki].map(Vec::as_slice);
    let whole = der(0x30, &[&der(0x30, &body), &algorithm, &der(3, &[&[0]])]);
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(whole))
}

fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    match content.len() {
        0..128 => [&[tag, length[1]], content.as_slice()].concat(),
        _ => [&[tag, 0x82, length[0], length[1]], content.as_slice()].concat(),
    }
}

pub fn certificates_answer(certificates: &[(&str, &str)]) -> Value {
    let item = |(serial, pem): &(&str, &str)| {
        let encrypted = encrypt(&APIV3_KEY, pem.as_bytes(), Some("certificate"));
        json!({ "serial_no": serial, "effective_time": "", "expire_time": "", "encrypt_certificate": encrypted })
    };
    json!({ "data": certificates.iter().map(item).collect::<Vec<_>>() })
}

/// The platform's certificate under `PLATFORM_SERIAL`.
pub fn platform_certificate() -> String {
    let serial = hex::decode(PLATFORM_SERIAL).unwrap();
    certificate(&keys().platform, &serial, "20200101", "20990101")
}
