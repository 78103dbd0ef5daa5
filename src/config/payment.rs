//! `[payment]`: how the shop is paid, and its merchant accounts.

use crate::order::PayMode;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Payment {
    pub mode: PayMode,
    pub pay_within_minutes: i64,
    pub demo: bool,
    /// `https://…` by which the tunnel reaches the callback listener.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_base: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wechat: Option<Wechat>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alipay: Option<Alipay>,
}

impl Default for Payment {
    fn default() -> Payment {
        Payment {
            mode: PayMode::First,
            pay_within_minutes: 15,
            demo: false,
            notify_base: None,
            wechat: None,
            alipay: None,
        }
    }
}

impl Payment {
    /// Names the key files by their paths.
    ///
    /// # Errors
    /// What an account lacks.
    pub(super) fn with_accounts(mut self, folder: &Path) -> Result<Payment> {
        if let Some(wechat) = &mut self.wechat {
            if wechat.public_key_id.is_some() != wechat.public_key_file.is_some() {
                bail!("payment.wechat.public_key_id and public_key_file belong together: give both or none");
            }
            let more = [&mut wechat.public_key_file, &mut wechat.merchant_certificate_file].into_iter().flatten();
            for path in [&mut wechat.merchant_key_file, &mut wechat.apiv3_key_file].into_iter().chain(more) {
                *path = key_path(folder, path);
            }
        }
        if let Some(alipay) = &mut self.alipay {
            for path in [&mut alipay.app_key_file, &mut alipay.alipay_public_key_file] {
                *path = key_path(folder, path);
            }
        }
        self.notify_base = self.notify_base.map(|base| base.trim_end_matches('/').to_owned());
        match &self.notify_base {
            Some(base) => check_notify_base(base)?,
            None if self.wechat.is_some() || self.alipay.is_some() => bail!(
                "payment.notify_base is missing: give the public https address of the tunnel, where providers call back"
            ),
            None => {}
        }
        Ok(self)
    }
}

/// A WeChat Pay merchant account. Files are PEM; the APIv3 key's file holds its 32 characters.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Wechat {
    pub app_id: String,
    pub mch_id: String,
    pub merchant_serial: String,
    pub merchant_key_file: PathBuf,
    /// Only `doctor` reads it: it proves that the key is the certificate's.
    pub merchant_certificate_file: Option<PathBuf>,
    pub apiv3_key_file: PathBuf,
    pub public_key_id: Option<String>,
    pub public_key_file: Option<PathBuf>,
    #[serde(default = "Wechat::base_url")]
    pub base_url: String,
    pub spare_url: Option<String>,
    /// 付款码: whether the counter may read payers' codes.
    #[serde(default)]
    pub payer_codes: bool,
}

impl Wechat {
    const BASE_URL: &str = "https://api.mch.weixin.qq.com";
    pub(super) const SPARE_URL: &str = "https://api2.mch.weixin.qq.com";

    fn base_url() -> String {
        Self::BASE_URL.to_owned()
    }

    /// The spare host: the one that is given, or WeChat's own beside WeChat's own.
    pub fn spare(&self) -> Option<String> {
        let own = || (self.base_url == Self::BASE_URL).then(|| Self::SPARE_URL.to_owned());
        self.spare_url.clone().or_else(own)
    }
}

/// An Alipay merchant account.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Alipay {
    pub app_id: String,
    pub seller_id: String,
    pub app_key_file: PathBuf,
    pub alipay_public_key_file: PathBuf,
    #[serde(default = "Alipay::base_url")]
    pub base_url: String,
    /// 付款码: whether the counter may read payers' codes.
    #[serde(default)]
    pub payer_codes: bool,
}

impl Alipay {
    fn base_url() -> String {
        "https://openapi.alipay.com/gateway.do".to_owned()
    }
}

/// A key's file: as it is when absolute, else a systemd credential of that name, else beside the configuration.
fn key_path(folder: &Path, path: &Path) -> PathBuf {
    let credential = std::env::var_os("CREDENTIALS_DIRECTORY").map(|folder| Path::new(&folder).join(path));
    credential.filter(|path| path.exists()).unwrap_or_else(|| folder.join(path))
}

/// # Errors
/// Not a bare address: providers refuse a callback URL with a query (docs/payments.md, "WeChat Pay API v3").
fn check_notify_base(base: &str) -> Result<()> {
    let url = reqwest::Url::parse(base).with_context(|| format!("payment.notify_base = {base:?} is not a URL"))?;
    if !matches!(url.scheme(), "https" | "http") {
        bail!("payment.notify_base must start with https://");
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        bail!("payment.notify_base must have no query, fragment or user name");
    }
    Ok(())
}

/// WeChat and Alipay are named here so that nobody mixes them with demo payments by accident.
pub(super) fn refuse_both_kinds(tree: &toml::Table) -> Result<()> {
    let Some(payment) = tree.get("payment").and_then(toml::Value::as_table) else { return Ok(()) };
    let demo = payment.get("demo").and_then(toml::Value::as_bool) == Some(true);
    for real in ["wechat", "alipay"] {
        if demo && payment.contains_key(real) {
            bail!("payment.demo and [payment.{real}] cannot be enabled together: choose one");
        }
    }
    Ok(())
}
