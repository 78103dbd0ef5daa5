//! Alipay's callbacks: a form, decoded once, whose sorted fields are signed.

use super::Settings;
use super::sign::{join, read_time};
use crate::error::{NoticeFault, Refusal};
use crate::payment::provider::{Callback, Notice, Paid, RefundNotice, Returned, Trade};
use crate::units::{Fen, Timestamp};
use std::collections::BTreeMap;

/// A callback this far from our clock is a replay (docs/payments.md, rule 9). What it would have told, the query tells.
const MAX_SKEW_SECONDS: i64 = 300;

/// # Errors
/// `BadNotice` for a form that is none of Alipay's, `BadSignature`, `StaleCallback`.
pub fn verify(settings: &Settings, raw_body: &[u8], now: Timestamp) -> Result<Callback, Refusal> {
    let form = Form::read(raw_body)?;
    form.check_signature(settings)?;
    // Without a time it could be a replay: nothing in it is believed, but that something has happened.
    let Some(sent_at) = form.time("notify_time") else {
        return Ok(Callback::verified(form.unknown("no notify_time"), 0));
    };
    let skew_seconds = sent_at.0.saturating_sub(now.0) / 1000;
    if skew_seconds.abs() >= MAX_SKEW_SECONDS {
        return Err(Refusal::StaleCallback);
    }
    let notice = form.notice(settings).unwrap_or_else(|missing| form.unknown(missing));
    Ok(Callback::verified(notice, skew_seconds))
}

struct Form(BTreeMap<String, String>);

/// The field for the want of which a genuine callback is not understood.
type Missing = &'static str;

impl Form {
    fn read(raw_body: &[u8]) -> Result<Form, Refusal> {
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_bytes(raw_body).map_err(|_| Refusal::BadNotice(NoticeFault::Form))?;
        let mut fields = BTreeMap::new();
        for (name, value) in pairs {
            if !is_name(&name) || holds_a_field(&value) {
                return Err(Refusal::BadNotice(NoticeFault::Field));
            }
            if fields.insert(name, value).is_some() {
                return Err(Refusal::BadNotice(NoticeFault::FieldTwice));
            }
        }
        Ok(Form(fields))
    }

    /// A field; empty when it is missing.
    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    fn time(&self, name: &str) -> Option<Timestamp> {
        read_time(self.get(name))
    }

    fn amount(&self, name: &'static str) -> Result<Fen, Missing> {
        Fen::from_yuan(self.get(name)).ok_or(name)
    }

    fn filled(&self, name: &'static str) -> Result<String, Missing> {
        Some(self.get(name)).filter(|text| !text.is_empty()).map(str::to_owned).ok_or(name)
    }

    fn unknown(&self, what: &str) -> Notice {
        Notice::unknown(what, Some(self.get("out_trade_no")))
    }

    fn check_signature(&self, settings: &Settings) -> Result<(), Refusal> {
        let charset = self.0.get("charset").map_or("utf-8", String::as_str);
        if self.get("sign_type") != "RSA2" || !charset.eq_ignore_ascii_case("utf-8") {
            return Err(Refusal::BadSignature);
        }
        let signed = self.0.iter().filter(|(name, _)| !matches!(name.as_str(), "sign" | "sign_type"));
        let text = join(signed.map(|(name, value)| (name.as_str(), value.as_str())));
        if !settings.alipay_public_key.verifies(text.as_bytes(), self.get("sign")) {
            return Err(Refusal::BadSignature);
        }
        Ok(())
    }

    /// Payments and refunds come to the same address: a refund is told by its number and an amount that went back
    /// (`refund_fee` may be there as 0.00 when nothing did).
    ///
    /// # Errors
    /// What is missing, or of a kind that is not known.
    fn notice(&self, settings: &Settings) -> Result<Notice, Missing> {
        let gone_back = match self.get("refund_fee") {
            "" => Fen::ZERO,
            _ => self.amount("refund_fee")?,
        };
        let refunded = gone_back > Fen::ZERO;
        let status = self.get("trade_status");
        let ended = matches!(status, "TRADE_SUCCESS" | "TRADE_FINISHED" | "TRADE_CLOSED");
        if ended && refunded && !self.get("out_biz_no").is_empty() {
            return self.refund(settings, gone_back).map(Notice::Refund);
        }
        Ok(Notice::Trade(match status {
            "TRADE_SUCCESS" | "TRADE_FINISHED" => Trade::Paid(self.paid(settings, refunded)?),
            // Refunded in full by other hands than ours, which give it no number: paid nevertheless.
            "TRADE_CLOSED" if refunded => Trade::Paid(self.paid(settings, true)?),
            "TRADE_CLOSED" => Trade::Closed,
            "WAIT_BUYER_PAY" => Trade::NotPaid,
            _ => return Ok(self.unknown(if status.is_empty() { self.get("notify_type") } else { status })),
        }))
    }

    fn paid(&self, settings: &Settings, refunded: bool) -> Result<Paid, Missing> {
        Ok(Paid {
            out_trade_no: self.filled("out_trade_no")?,
            transaction_id: self.filled("trade_no")?,
            amount: self.amount("total_amount")?,
            for_us: self.is_for_us(settings),
            paid_at: self.time("gmt_payment"),
            refunded,
        })
    }

    /// `refund_fee` is the sum of all refunds of the trade so far, this one included.
    fn refund(&self, settings: &Settings, gone_back: Fen) -> Result<RefundNotice, Missing> {
        Ok(RefundNotice {
            is_running_total: true,
            for_us: self.is_for_us(settings),
            transaction_id: Some(self.filled("trade_no")?),
            out_trade_no: self.filled("out_trade_no")?,
            out_refund_no: self.filled("out_biz_no")?,
            amount: gone_back,
            state: Returned::Done(self.time("gmt_refund")),
        })
    }

    fn is_for_us(&self, settings: &Settings) -> bool {
        self.get("app_id") == settings.app_id && self.get("seller_id") == settings.seller_id
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether a value could be several fields of the signed text: what is signed does not tell `a=1&b=2` from a field `a`
/// with the value `1&b=2`, so that a genuine callback could be cut into other fields. Nothing of ours holds such a text.
fn holds_a_field(value: &str) -> bool {
    value.split('&').skip(1).any(|part| part.split_once('=').is_some_and(|(name, _)| is_name(name)))
}
