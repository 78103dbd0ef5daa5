//! What is sent: a call's parameters, the string that is signed, and Alipay's way to write times and texts.

use super::Settings;
use crate::payment::Payment;
use crate::provider::line::Request;
use crate::units::Timestamp;
use anyhow::{Context, Result};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Method};
use jiff::civil::DateTime;
use jiff::tz::{TimeZone, offset};
use serde_json::Value;

/// Alipay takes a trade's time in minutes up to 15 days.
const MAX_MINUTES: i64 = 15 * 24 * 60;
const MAX_SUBJECT_CHARS: usize = 256;

/// A signed call: the public parameters in the query, `biz_content` in the form body.
///
/// # Errors
/// Never in practice: strings are always encodable.
pub fn request(settings: &Settings, path: &str, method: &str, business: &Value, now: Timestamp) -> Result<Request> {
    let business = business.to_string();
    let mut public = vec![
        ("app_id", settings.app_id.clone()),
        ("method", method.to_owned()),
        ("format", "JSON".to_owned()),
        ("charset", "utf-8".to_owned()),
        ("sign_type", "RSA2".to_owned()),
        ("timestamp", write_time(now)),
        ("version", "1.0".to_owned()),
    ];
    if takes_notify_url(method) {
        public.push(("notify_url", settings.notify_url.clone()));
    }
    let all = public.iter().map(|(name, value)| (*name, value.as_str())).chain([("biz_content", business.as_str())]);
    let signature = settings.app_key.sign(to_sign(all).as_bytes());
    public.push(("sign", signature));
    let query = serde_urlencoded::to_string(&public).context("encoding the query")?;
    let body = serde_urlencoded::to_string([("biz_content", &business)]).context("encoding the body")?;
    let form = HeaderValue::from_static("application/x-www-form-urlencoded;charset=utf-8");
    Ok(Request {
        method: Method::POST,
        path: format!("{path}?{query}"),
        headers: HeaderMap::from_iter([(CONTENT_TYPE, form)]),
        body: body.into(),
    })
}

/// Only what starts a trade names the callback's address; it then holds for the trade's refunds too.
fn takes_notify_url(method: &str) -> bool {
    matches!(method, crate::provider::alipay::PRECREATE | crate::provider::alipay::PAY)
}

/// The string a call signs: all parameters that are not empty, sorted, not URL-encoded. (A callback's keeps the empty
/// ones; see `callback`.)
pub fn to_sign<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut full: Vec<_> =
        parameters.into_iter().filter(|(name, value)| *name != "sign" && !value.is_empty()).collect();
    full.sort_unstable();
    join(full)
}

/// `a=1&b=2`.
pub fn join<'a>(sorted: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    sorted.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// The payment's subject as Alipay takes it: without `/ = &`, control characters and 4-byte UTF-8, 256 characters at
/// most. What has nothing left is called by its number, since Alipay wants one.
pub fn subject(payment: &Payment) -> String {
    let fits = |c: &char| !matches!(c, '/' | '=' | '&') && !c.is_control() && c.len_utf8() < 4;
    let subject: String = payment.subject.chars().filter(fits).take(MAX_SUBJECT_CHARS).collect();
    if subject.trim().is_empty() { payment.out_trade_no.clone() } else { subject }
}

/// `timeout_express`: how long the payer may take, in whole minutes. From the stored times and not from the clock,
/// because a repeated call must be identical.
pub fn timeout(payment: &Payment) -> String {
    let minutes = payment.expires_at.0.saturating_sub(payment.created_at.0) / 60_000;
    format!("{}m", minutes.clamp(1, MAX_MINUTES))
}

/// Alipay's clock is China's, which has no summer time.
fn china() -> TimeZone {
    TimeZone::fixed(offset(8))
}

/// `2026-11-20 19:03:11`.
pub fn write_time(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    at.to_zoned(china()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `2026-11-20 19:03:11`, with a fraction of the second in some fields (`gmt_refund`).
pub fn read_time(text: &str) -> Option<Timestamp> {
    let local = DateTime::strptime("%Y-%m-%d %H:%M:%S%.f", text).ok()?;
    Some(Timestamp(local.to_zoned(china()).ok()?.timestamp().as_millisecond()))
}
