//! The signatures of both directions: RSA over lines that are each closed by a line feed, the last one too
//! (docs/payments.md, "Request signing" and "Verifying answers and callbacks").

use crate::provider::keys::{SigningKey, VerifyingKey};
use crate::units::Timestamp;
use hyper::HeaderMap;

const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048";
/// What was signed this far from our clock, in seconds, is a replay.
const MAX_SKEW_SECONDS: u64 = 300;

/// Why something that claims to be WeChat Pay's is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    #[error("it has no signature that can be checked")]
    Unsigned,
    #[error("it is signed with the key {0:?}, which is not known")]
    UnknownKey(String),
    #[error("its signature is not WeChat Pay's")]
    Forged,
    #[error("it was signed {0} s from this PC's time")]
    Stale(i64),
}

/// Who asks: what the header `Authorization` names.
pub struct Merchant<'a> {
    pub mch_id: &'a str,
    /// Of the merchant's certificate, upper-case hex.
    pub serial: &'a str,
    pub key: &'a SigningKey,
}

impl Merchant<'_> {
    /// The header `Authorization` of a request. `path` has the query as it is sent, and no host; `nonce` is at most
    /// 32 letters and digits.
    pub fn authorization(&self, method: &str, path: &str, body: &[u8], at: Timestamp, nonce: &str) -> String {
        let timestamp = (at.0 / 1000).to_string();
        let message = lines(&[method.as_bytes(), path.as_bytes(), timestamp.as_bytes(), nonce.as_bytes(), body]);
        let signature = self.key.sign(&message);
        let (mch_id, serial) = (self.mch_id, self.serial);
        format!(
            "{SCHEME} mchid=\"{mch_id}\",nonce_str=\"{nonce}\",timestamp=\"{timestamp}\",serial_no=\"{serial}\",\
             signature=\"{signature}\""
        )
    }
}

/// Every part with a line feed after it.
pub fn lines(parts: &[&[u8]]) -> Vec<u8> {
    parts.iter().flat_map(|part| [*part, b"\n"]).collect::<Vec<_>>().concat()
}

/// The headers by which WeChat Pay signs its answers and callbacks.
#[derive(Debug, Clone, Copy)]
pub struct Seal<'a> {
    /// Which key: an id that begins `PUB_KEY_ID_`, or a platform certificate's serial.
    pub serial: &'a str,
    signature: &'a str,
    /// As sent, because it is a part of what is signed.
    timestamp: &'a str,
    nonce: &'a str,
    seconds: i64,
}

impl<'a> Seal<'a> {
    /// `None` when a header is missing, or the signature is not RSA's.
    pub fn read(headers: &'a HeaderMap) -> Option<Seal<'a>> {
        let text = |name: &str| headers.get(name)?.to_str().ok();
        if headers.contains_key("wechatpay-signature-type") && text("wechatpay-signature-type") != Some(SCHEME) {
            return None;
        }
        let timestamp = text("wechatpay-timestamp")?;
        Some(Seal {
            serial: text("wechatpay-serial")?,
            signature: text("wechatpay-signature")?,
            timestamp,
            nonce: text("wechatpay-nonce")?,
            seconds: timestamp.parse().ok()?,
        })
    }

    /// How far the signer's clock is ahead of ours, in seconds. The signature is checked first, so that nobody else's
    /// timestamp says anything.
    ///
    /// # Errors
    /// `Forged`, `Stale`.
    pub fn check(&self, key: &VerifyingKey, raw_body: &[u8], now: Timestamp) -> Result<i64, Distrust> {
        let message = lines(&[self.timestamp.as_bytes(), self.nonce.as_bytes(), raw_body]);
        if !key.verifies(&message, self.signature) {
            return Err(Distrust::Forged);
        }
        let skew = self.seconds.saturating_sub(now.0.div_euclid(1000));
        if skew.unsigned_abs() >= MAX_SKEW_SECONDS { Err(Distrust::Stale(skew)) } else { Ok(skew) }
    }
}
