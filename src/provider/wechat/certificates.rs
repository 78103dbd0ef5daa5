//! The keys that WeChat Pay signs with: its public key by id, and its platform certificates by serial, at once,
//! because merchants migrate over days with both in use.

use super::Wechat;
use super::cipher::{Sealed, Shut};
use super::signature::{Distrust, Seal};
use crate::payment::provider::Verdict;
use crate::provider::keys::{Certificate, VerifyingKey};
use crate::provider::{line, verdict};
use crate::units::Timestamp;
use anyhow::{Context, Result, anyhow, bail};
use hyper::{HeaderMap, Method};
use serde::Deserialize;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

const PATH: &str = "/v3/certificates";
/// Between two fetches: anybody on the internet can make up serials.
const PAUSE: Duration = Duration::from_secs(60);
/// After a fetch that nobody answered: until one is, nothing that a certificate has signed can be believed.
const PAUSE_UNANSWERED: Duration = Duration::from_secs(10);

/// The platform certificates that were fetched.
#[derive(Default)]
pub struct Certificates {
    valid: RwLock<Vec<Certificate>>,
    /// When the next fetch may begin. Locked while one is under way, so that all who miss a serial share it.
    fetched: tokio::sync::Mutex<Option<Instant>>,
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    serial_no: String,
    encrypt_certificate: Sealed,
}

impl Certificates {
    fn find(&self, serial: &str, now: Timestamp) -> Option<VerifyingKey> {
        let valid = self.valid.read().unwrap_or_else(PoisonError::into_inner);
        pick(&valid, serial, now).cloned()
    }

    fn replace(&self, certificates: Vec<Certificate>) {
        *self.valid.write().unwrap_or_else(PoisonError::into_inner) = certificates;
    }
}

fn pick<'a>(certificates: &'a [Certificate], serial: &str, now: Timestamp) -> Option<&'a VerifyingKey> {
    let found = certificates.iter().find(|one| same_serial(&one.serial, serial) && one.is_valid_at(now));
    found.map(|certificate| &certificate.key)
}

/// Hex without regard to case and leading zeros.
fn same_serial(one: &str, other: &str) -> bool {
    one.trim_start_matches('0').eq_ignore_ascii_case(other.trim_start_matches('0'))
}

/// What a certificate's serial looks like; nothing else is worth a fetch.
fn is_serial(text: &str) -> bool {
    (8..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The certificates of an answer that are valid now. Only the holder of our APIv3 key can have made them.
///
/// # Errors
/// It is not of that form, or has none that can be used.
pub fn read(json: &[u8], apiv3_key: &[u8; 32], now: Timestamp) -> Result<Vec<Certificate>> {
    let answer: Answer = serde_json::from_slice(json).context("the certificates")?;
    let mut wrong_key = false;
    let mut certificates = Vec::new();
    for item in answer.data {
        let pem = match item.encrypt_certificate.open(apiv3_key) {
            Ok(pem) => pem,
            Err(shut) => {
                wrong_key |= shut == Shut::WrongKey;
                continue;
            }
        };
        let Ok(certificate) = Certificate::read(&String::from_utf8_lossy(&pem)) else { continue };
        if same_serial(&certificate.serial, &item.serial_no) && certificate.is_valid_at(now) {
            certificates.push(certificate);
        }
    }
    match certificates.is_empty() {
        false => Ok(certificates),
        true if wrong_key => bail!("the configured APIv3 key does not open the platform certificates"),
        true => bail!("no platform certificate is valid now"),
    }
}

impl Wechat {
    /// That WeChat Pay has signed exactly these bytes, and within the last 300 s. How far its clock is ahead of ours,
    /// in seconds.
    pub(super) async fn verify(&self, headers: &HeaderMap, raw: &[u8], now: Timestamp) -> Result<i64, Distrust> {
        let seal = Seal::read(headers).ok_or(Distrust::Unsigned)?;
        let key = self.key(seal.serial, now).await;
        let unknown = || Distrust::UnknownKey(seal.serial.chars().take(64).collect());
        seal.check(&key.ok_or_else(unknown)?, raw, now)
    }

    fn public_key(&self, id: &str) -> Option<VerifyingKey> {
        self.settings.public_key.as_ref().filter(|(ours, _)| ours == id).map(|(_, key)| key.clone())
    }

    async fn key(&self, serial: &str, now: Timestamp) -> Option<VerifyingKey> {
        let known = || self.public_key(serial).or_else(|| self.certificates.find(serial, now));
        if let Some(key) = known() {
            return Some(key);
        }
        if !is_serial(serial) {
            return None;
        }
        let mut fetched = self.certificates.fetched.lock().await;
        // Whoever had the lock before may have brought it.
        if let Some(key) = known() {
            return Some(key);
        }
        if fetched.is_some_and(|next| Instant::now() < next) {
            return None;
        }
        *fetched = Some(Instant::now() + PAUSE);
        match self.line.send(&self.request(Method::GET, PATH.into(), Vec::new())).await {
            Ok(answer) => match self.open(&answer, now) {
                Ok(certificates) => self.certificates.replace(certificates),
                Err(error) => tracing::warn!("WeChat Pay's platform certificates: {error:#}"),
            },
            Err(error) => {
                tracing::warn!("WeChat Pay's platform certificates: {error}");
                *fetched = Some(Instant::now() + PAUSE_UNANSWERED);
            }
        }
        known()
    }

    /// The platform certificates are encrypted with the APIv3 key. A merchant with the public key only is given none, and
    /// nothing else can be asked for that is.
    pub(super) async fn prove_apiv3_key(&self) -> Verdict {
        let answer = match self.line.send(&self.request(Method::GET, PATH.into(), Vec::new())).await {
            Ok(answer) => answer,
            Err(error) => return verdict::<()>(Err(error), ""),
        };
        match answer.status {
            200 => match self.open(&answer, Timestamp::now()) {
                Ok(_) => Verdict::Proved("打开了平台证书 it opens the platform certificates".to_owned()),
                Err(error) => Verdict::Wrong(format!("{error:#}")),
            },
            _ => Verdict::Unproved(
                "本商户只用微信支付公钥，没有平台证书可解：请在商户平台核对，第一笔收款的通知会证明它 \
                 this merchant has the public key only, and nothing to decrypt before its first notice"
                    .to_owned(),
            ),
        }
    }

    /// The certificates of an answer that one of them, or the public key, has signed.
    fn open(&self, answer: &line::Answer, now: Timestamp) -> Result<Vec<Certificate>> {
        if answer.status != 200 {
            bail!("{PATH} was answered with {}; does this merchant have a public key instead?", answer.status);
        }
        let certificates = read(&answer.body, &self.settings.apiv3_key, now)?;
        let seal = Seal::read(&answer.headers).ok_or(Distrust::Unsigned)?;
        let key = pick(&certificates, seal.serial, now).cloned().or_else(|| self.public_key(seal.serial));
        seal.check(
            &key.ok_or_else(|| anyhow!("the answer names a certificate that it does not bring"))?,
            &answer.body,
            now,
        )?;
        Ok(certificates)
    }
}
