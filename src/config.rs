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
}

impl Default for Payment {
    fn default() -> Payment {
        Payment { mode: PayMode::First, pay_within_minutes: 15, demo: false }
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
        Ok(Config {
            data: overrides.data.or(file.data).map_or_else(default_data, Ok)?,
            lan: address(&overrides.lan.unwrap_or(file.listen.lan), "lan")?,
            tunnel: address(&overrides.tunnel.unwrap_or(file.listen.tunnel), "tunnel")?,
            base_url,
            open_diners: file.diner_auth == DinerAuth::Open,
            calendar: Calendar::new(zone, file.shop.cutover_hour),
            pay_mode: file.payment.mode,
            pay_within_seconds: file.payment.pay_within_minutes * 60,
            demo_payments: file.payment.demo,
            alert_repeat: Duration::from_secs(file.alert.repeat_seconds),
        })
    }
}

/// # Errors
/// The file is missing, not TOML, or has an unknown or ill-typed key; the message names the line.
pub fn read(path: &Path) -> Result<File> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut tree: toml::Table =
        toml::from_str(&text).with_context(|| format!("{} is not valid TOML", path.display()))?;
    refuse_real_providers(&mut tree)?;
    tree.try_into().with_context(|| format!("{} has a wrong setting", path.display()))
}

/// WeChat and Alipay are named here so that nobody mixes them with demo payments by accident.
fn refuse_real_providers(tree: &mut toml::Table) -> Result<()> {
    let Some(payment) = tree.get("payment").and_then(toml::Value::as_table) else { return Ok(()) };
    let demo = payment.get("demo").and_then(toml::Value::as_bool) == Some(true);
    for real in ["wechat", "alipay"] {
        match (payment.contains_key(real), demo) {
            (true, true) => bail!("payment.demo and [payment.{real}] cannot be enabled together: choose one"),
            (true, false) => bail!("[payment.{real}] is not supported by this version"),
            (false, _) => {}
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
