//! The owner's merchant accounts: from the configuration and its key files to providers that can be called.

use crate::config::{self, Config};
use crate::payment::provider::Provider;
use crate::provider::alipay::{self, Alipay};
use crate::provider::keys::{SigningKey, VerifyingKey};
use crate::provider::wechat::{self, Wechat};
use crate::secret::{read_own, read_private};
use anyhow::{Context, Result};
use std::path::Path;
use std::sync::Arc;

/// Bytes of WeChat's APIv3 key.
const APIV3_KEY_BYTES: usize = 32;

/// The real providers that are configured.
///
/// # Errors
/// A key file is missing, open to everybody, or not a key; the message names it.
pub fn open(config: &Config) -> Result<Vec<Arc<dyn Provider>>> {
    let notify_base = config.notify_base.as_deref().unwrap_or_default();
    let mut providers: Vec<Arc<dyn Provider>> = Vec::new();
    if let Some(account) = &config.wechat {
        providers.push(Arc::new(open_wechat(account, notify_base).context("[payment.wechat]")?));
    }
    if let Some(account) = &config.alipay {
        providers.push(Arc::new(open_alipay(account, notify_base).context("[payment.alipay]")?));
    }
    Ok(providers)
}

/// # Errors
/// As `open`.
pub fn open_wechat(account: &config::Wechat, notify_base: &str) -> Result<Wechat> {
    let public_key = match (&account.public_key_id, &account.public_key_file) {
        (Some(id), Some(path)) => Some((id.clone(), verifying_key(path)?)),
        _ => None,
    };
    Wechat::new(wechat::Settings {
        app_id: account.app_id.clone(),
        mch_id: account.mch_id.clone(),
        merchant_serial: account.merchant_serial.clone(),
        merchant_key: signing_key(&account.merchant_key_file)?,
        apiv3_key: apiv3_key(&account.apiv3_key_file)?,
        public_key,
        notify_url: format!("{notify_base}/pay/notify/{}", wechat::NAME),
        base_url: account.base_url.clone(),
        spare_url: account.spare(),
        payer_codes: account.payer_codes,
    })
}

fn open_alipay(account: &config::Alipay, notify_base: &str) -> Result<Alipay> {
    Alipay::new(alipay::Settings {
        app_id: account.app_id.clone(),
        seller_id: account.seller_id.clone(),
        app_key: signing_key(&account.app_key_file)?,
        alipay_public_key: verifying_key(&account.alipay_public_key_file)?,
        notify_url: format!("{notify_base}/pay/notify/{}", alipay::NAME),
        base_url: account.base_url.clone(),
        payer_codes: account.payer_codes,
    })
}

/// # Errors
/// The file can't be read, everybody can read it, or it holds no private key.
pub fn signing_key(path: &Path) -> Result<SigningKey> {
    SigningKey::read(&read_private(path)?).with_context(|| path.display().to_string())
}

/// # Errors
/// The file can't be read, everybody can change it, or it holds no public key.
pub fn verifying_key(path: &Path) -> Result<VerifyingKey> {
    let text = read_own(path)?;
    VerifyingKey::read(&text).with_context(|| path.display().to_string())
}

/// # Errors
/// The file can't be read, everybody can read it, or it does not hold 32 characters.
pub fn apiv3_key(path: &Path) -> Result<[u8; APIV3_KEY_BYTES]> {
    let text = read_private(path)?;
    let key = text.trim_end_matches(['\r', '\n']).as_bytes();
    <[u8; APIV3_KEY_BYTES]>::try_from(key)
        .map_err(|_| anyhow::anyhow!("the APIv3 key has {} bytes, not {APIV3_KEY_BYTES}", key.len()))
        .with_context(|| path.display().to_string())
}
