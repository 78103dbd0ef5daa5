//! What the owner chose: flags over environment over file over defaults, resolved once and validated.

use crate::order::PayMode;
use crate::units::Calendar;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The file's contents. Every key has a default; an unknown key is an error, so that a misspelt one is noticed.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    pub data: Option<PathBuf>,
    pub diner_auth: DinerAuth,
    pub shop: Shop,
    pub listen: Listen,
    pub payment: Payment,
    pub alert: Alert,
    /// Where the file lies: key files are named from there.
    #[serde(skip)]
    pub folder: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DinerAuth {
    #[default]
    Token,
    Open,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shop {
    pub time_zone: String,
    pub cutover_hour: i8,
}

impl Default for Shop {
    fn default() -> Shop {
        Shop { time_zone: "Asia/Shanghai".into(), cutover_hour: 4 }
    }
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Listen {
    pub lan: String,
    pub tunnel: String,
    pub base_url: Option<String>,
}

impl Default for Listen {
    fn default() -> Listen {
        Listen { lan: "0.0.0.0:8080".into(), tunnel: "127.0.0.1:8081".into(), base_url: None }
    }
}

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
    fn with_accounts(mut self, folder: &Path) -> Result<Payment> {
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
    const SPARE_URL: &str = "https://api2.mch.weixin.qq.com";

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

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Alert {
    pub repeat_seconds: u64,
}

impl Default for Alert {
    fn default() -> Alert {
        Alert { repeat_seconds: 30 }
    }
}

/// What flags and environment say instead of the file.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    pub data: Option<PathBuf>,
    pub lan: Option<String>,
    pub tunnel: Option<String>,
}

/// The validated whole.
#[derive(Debug, Clone)]
pub struct Config {
    pub data: PathBuf,
    pub lan: SocketAddr,
    pub tunnel: SocketAddr,
    pub base_url: Option<String>,
    pub open_diners: bool,
    pub calendar: Calendar,
    pub pay_mode: PayMode,
    pub pay_within_seconds: i64,
    pub demo_payments: bool,
    pub notify_base: Option<String>,
    pub wechat: Option<Wechat>,
    pub alipay: Option<Alipay>,
    pub alert_repeat: Duration,
}

impl Config {
    pub fn database(&self) -> PathBuf {
        self.data.join("tablebell.db")
    }

    /// Whether a shop was made here; an empty file is none.
    pub fn has_shop(&self) -> bool {
        std::fs::metadata(self.database()).is_ok_and(|file| file.len() > 0)
    }

    /// # Errors
    /// What is wrong with which key, in words for the owner.
    pub fn resolve(file: File, overrides: Overrides) -> Result<Config> {
        let address = |text: &str, key: &str| {
            text.parse::<SocketAddr>()
                .with_context(|| format!("listen.{key} = {text:?} is not an address like 0.0.0.0:8080"))
        };
        let zone = jiff::tz::TimeZone::get(&file.shop.time_zone).with_context(|| {
            format!("shop.time_zone = {:?} is not a time zone like Asia/Shanghai", file.shop.time_zone)
        })?;
        if !(0..=12).contains(&file.shop.cutover_hour) {
            bail!("shop.cutover_hour must be 0 to 12");
        }
        if !(1..=24 * 60).contains(&file.payment.pay_within_minutes) {
            bail!("payment.pay_within_minutes must be 1 to 1440");
        }
        if !(1..=3600).contains(&file.alert.repeat_seconds) {
            bail!("alert.repeat_seconds must be 1 to 3600");
        }
        let base_url = file.listen.base_url.map(|url| url.trim_end_matches('/').to_owned());
        if base_url.as_deref().is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
            bail!("listen.base_url must start with http:// or https://");
        }
        let payment = file.payment.with_accounts(&file.folder)?;
        Ok(Config {
            data: overrides.data.or(file.data).map_or_else(default_data, Ok)?,
            lan: address(&overrides.lan.unwrap_or(file.listen.lan), "lan")?,
            tunnel: address(&overrides.tunnel.unwrap_or(file.listen.tunnel), "tunnel")?,
            base_url,
            open_diners: file.diner_auth == DinerAuth::Open,
            calendar: Calendar::new(zone, file.shop.cutover_hour),
            pay_mode: payment.mode,
            pay_within_seconds: payment.pay_within_minutes * 60,
            demo_payments: payment.demo,
            notify_base: payment.notify_base,
            wechat: payment.wechat,
            alipay: payment.alipay,
            alert_repeat: Duration::from_secs(file.alert.repeat_seconds),
        })
    }
}

/// # Errors
/// The file is missing, not TOML, or has an unknown or ill-typed key; the message names the line.
pub fn read(path: &Path) -> Result<File> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let tree: toml::Table = toml::from_str(&text).with_context(|| format!("{} is not valid TOML", path.display()))?;
    refuse_both_kinds(&tree)?;
    let file: File = tree.try_into().with_context(|| format!("{} has a wrong setting", path.display()))?;
    Ok(File { folder: path.parent().unwrap_or(Path::new("")).to_owned(), ..file })
}

/// A key's file: as it is when absolute, else a systemd credential of that name, else beside the configuration.
fn key_path(folder: &Path, path: &Path) -> PathBuf {
    let credential = std::env::var_os("CREDENTIALS_DIRECTORY").map(|folder| Path::new(&folder).join(path));
    credential.filter(|path| path.exists()).unwrap_or_else(|| folder.join(path))
}

/// # Errors
/// Not a bare address: providers refuse a callback URL with a query (payments.md).
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
fn refuse_both_kinds(tree: &toml::Table) -> Result<()> {
    let Some(payment) = tree.get("payment").and_then(toml::Value::as_table) else { return Ok(()) };
    let demo = payment.get("demo").and_then(toml::Value::as_bool) == Some(true);
    for real in ["wechat", "alipay"] {
        if demo && payment.contains_key(real) {
            bail!("payment.demo and [payment.{real}] cannot be enabled together: choose one");
        }
    }
    Ok(())
}

/// systemd's state directory, else the user's data directory.
fn default_data() -> Result<PathBuf> {
    if let Some(state) = std::env::var_os("STATE_DIRECTORY") {
        return Ok(state.into());
    }
    let folders =
        directories::ProjectDirs::from("", "", "tablebell").context("there is no home directory: give --data")?;
    Ok(folders.data_dir().to_owned())
}

/// The user's configuration directory.
///
/// # Errors
/// There is no home directory.
pub fn default_file() -> Result<PathBuf> {
    let folders =
        directories::ProjectDirs::from("", "", "tablebell").context("there is no home directory: give --config")?;
    Ok(folders.config_dir().join("tablebell.toml"))
}

/// The file that `init` writes: every key with its default and what it means.
pub fn template(data: &Path, demo: bool) -> String {
    let data = toml::Value::String(data.to_string_lossy().into_owned());
    format!(
        r#"# Tablebell 桌铃

# Where the database lives (one file, tablebell.db) and the owner's own recordings (sound/).
data = {data}

# "token": phones speak for the table whose QR they scanned.
# "open": no check, for a mini-program back end on a trusted LAN only.
diner_auth = "token"

[shop]
time_zone = "Asia/Shanghai"
# Orders before this hour belong to the business day before.
cutover_hour = 4

[listen]
# Phones, counter and kitchen.
lan = "0.0.0.0:8080"
# Payment callbacks only; the tunnel connects here.
tunnel = "127.0.0.1:8081"
# What the printed QR codes start with, when it is not http://<address of this PC>:<port>.
# base_url = "http://192.168.1.10:8080"

[payment]
# "first": pay, then eat. "later": eat, then pay.
mode = "first"
pay_within_minutes = 15
# Pretended payments, to try the shop out. Never together with real ones.
demo = {demo}

# Real money. The README says how to get each of these, step by step; `tablebell doctor` proves them.
# Key files are named from this file's folder, or are systemd credentials; nobody else may read them (chmod 600).
# notify_base = "https://pay.example.com"       # the tunnel's public address; it leads to [listen] tunnel only
# [payment.wechat]
# app_id = "wx…"
# mch_id = "16…"
# merchant_serial = "…"                         # the merchant certificate's serial number
# merchant_key_file = "apiclient_key.pem"
# merchant_certificate_file = "apiclient_cert.pem"   # only doctor reads it
# apiv3_key_file = "apiv3_key"
# public_key_id = "PUB_KEY_ID_…"                # WeChat Pay's public key; leave both out for platform certificates
# public_key_file = "wechat_public_key.pem"
# payer_codes = false                           # whether the counter may scan payers' codes (付款码)
# [payment.alipay]
# app_id = "20…"
# seller_id = "2088…"
# app_key_file = "alipay_app_key.pem"
# alipay_public_key_file = "alipay_public_key.pem"
# payer_codes = false

[alert]
# An alert that nobody answers rings again after so many seconds.
repeat_seconds = 30
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_the_defaults() {
        let file: File = toml::from_str(&template(Path::new("/x"), false)).unwrap();
        let defaults = File { data: Some("/x".into()), ..File::default() };
        assert_eq!(toml::to_string(&file).unwrap(), toml::to_string(&defaults).unwrap());
    }

    const WECHAT: &str = r#"
        app_id = "wx1"
        mch_id = "1"
        merchant_serial = "A"
        merchant_key_file = "key.pem"
        apiv3_key_file = "/keys/apiv3"
    "#;

    #[test]
    fn a_merchant_account_is_named_with_its_files_from_the_configuration_s_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        let base = "notify_base = \"https://pay.example.com/\"";
        std::fs::write(&path, format!("[payment]\n{base}\n[payment.wechat]\n{WECHAT}")).unwrap();
        let config = Config::resolve(read(&path).unwrap(), Overrides::default()).unwrap();
        assert_eq!(config.notify_base.as_deref(), Some("https://pay.example.com"));
        let wechat = config.wechat.unwrap();
        assert_eq!(wechat.merchant_key_file, folder.path().join("key.pem"));
        assert_eq!(wechat.apiv3_key_file, Path::new("/keys/apiv3"));
        assert_eq!(wechat.spare().as_deref(), Some(Wechat::SPARE_URL));
        let elsewhere = Wechat { base_url: "https://gateway.example.com".into(), ..wechat };
        assert_eq!(elsewhere.spare(), None, "WeChat's spare host is no spare of another's");
        std::fs::write(&path, format!("[payment]\n{base}\n[payment.wechat]\napp_id = \"wx1\"")).unwrap();
        assert!(format!("{:#}", read(&path).unwrap_err()).contains("mch_id"), "what is missing is named");
    }

    #[test]
    fn flags_win_over_the_file_and_wrong_settings_are_named() {
        let file: File = toml::from_str("[listen]\nlan = \"127.0.0.1:1\"").unwrap();
        let flags = Overrides { lan: Some("127.0.0.1:2".into()), data: Some("/x".into()), tunnel: None };
        let config = Config::resolve(file, flags).unwrap();
        assert_eq!((config.lan.port(), config.tunnel.port()), (2, 8081));
        for (wrong, named) in [
            ("[shop]\ntime_zone = \"Mars\"", "time_zone"),
            ("[listen]\nlan = \"8080\"", "listen.lan"),
            ("[payment]\npay_within_minutes = 0", "pay_within_minutes"),
            ("[alert]\nrepeat_seconds = 0", "repeat_seconds"),
            ("[payment]\nnotify_base = \"pay.example.com\"", "notify_base"),
            ("[payment]\nnotify_base = \"ftp://pay.example.com\"", "notify_base"),
            ("[payment]\nnotify_base = \"https://pay.example.com/?shop=1\"", "notify_base"),
            ("[payment]\nnotify_base = \"https://u:p@pay.example.com\"", "notify_base"),
            (&format!("[payment.wechat]\n{WECHAT}"), "notify_base"),
            (&format!("[payment.wechat]\n{WECHAT}\npublic_key_id = \"PUB_KEY_ID_1\""), "public_key_file"),
        ] {
            let error = Config::resolve(toml::from_str(wrong).unwrap(), Overrides::default()).unwrap_err();
            assert!(format!("{error:#}").contains(named), "{error:#}");
        }
        assert!(toml::from_str::<File>("lam = 1").is_err(), "an unknown key");
    }

    #[test]
    fn demo_payments_never_run_beside_real_ones() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        std::fs::write(&path, "[payment]\ndemo = true\n[payment.wechat]\nmch_id = \"1\"").unwrap();
        assert!(format!("{:#}", read(&path).unwrap_err()).contains("together"));
    }
}
