//! What the owner chose: flags over environment over file over defaults, resolved once and validated.

mod payment;

pub use payment::{Alipay, Payment, Wechat};

use crate::alert::Language;
use crate::network::Network;
use crate::order::{self, PayMode};
use crate::private;
use crate::units::{Calendar, Fen, Hours, TimeOfDay};
use anyhow::{Context, Result, anyhow, bail};
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
    pub fees: Fees,
    pub listen: Listen,
    pub presence: Presence,
    pub counter: Counter,
    pub payment: Payment,
    pub alert: Alert,
    pub speech: Speech,
    pub backup: Backup,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wifi: Option<Wifi>,
    /// Where the file lies: key files are named from there.
    #[serde(skip)]
    pub folder: PathBuf,
    /// The file itself; `None` where there is none.
    #[serde(skip)]
    pub path: Option<PathBuf>,
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

/// What comes on top of the dishes.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fees {
    pub service_percent: i64,
    /// Yuan for each head, once a party.
    pub cover: String,
    /// Yuan for each piece that is taken away.
    pub packing: String,
}

impl Default for Fees {
    fn default() -> Fees {
        Fees { service_percent: 0, cover: "0.00".into(), packing: "0.00".into() }
    }
}

impl Fees {
    /// Nobody takes more than this for a head or a box: it is a misplaced point.
    const MOST: Fen = Fen(100_000);

    fn resolve(&self) -> Result<order::Fees> {
        let yuan = |text: &str, key: &str| {
            let amount = Fen::from_yuan(text).filter(|fen| (Fen::ZERO..=Self::MOST).contains(fen));
            amount.with_context(|| {
                format!("fees.{key} = {text:?} is not an amount of yuan like \"2.00\", 1000.00 at most")
            })
        };
        if !(0..=100).contains(&self.service_percent) {
            bail!("fees.service_percent must be 0 to 100");
        }
        Ok(order::Fees {
            service_percent: self.service_percent,
            cover: yuan(&self.cover, "cover")?,
            packing: yuan(&self.packing, "packing")?,
        })
    }
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Listen {
    pub lan: String,
    pub tunnel: String,
    pub base_url: Option<String>,
    /// Who connects from there says in `X-Forwarded-For` for whom.
    pub trusted_proxies: Vec<String>,
    /// Below which diners' front ends call the table family through a gateway.
    pub path_prefixes: Vec<String>,
}

impl Default for Listen {
    fn default() -> Listen {
        Listen {
            lan: "0.0.0.0:8080".into(),
            tunnel: "127.0.0.1:8081".into(),
            base_url: None,
            trusted_proxies: ["127.0.0.1", "::1"].map(Into::into).into(),
            path_prefixes: vec!["/aliendining".into()],
        }
    }
}

/// Whose scan opens a table at once: phones in the shop.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Presence {
    pub networks: Vec<String>,
}

impl Default for Presence {
    fn default() -> Presence {
        let networks = [
            "127.0.0.0/8",
            "::1/128",
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "169.254.0.0/16",
            "100.64.0.0/10",
            "fe80::/10",
            "fc00::/7",
        ];
        Presence { networks: networks.map(Into::into).into() }
    }
}

/// Each as its segments.
fn path_prefixes(texts: &[String]) -> Result<Vec<Vec<String>>> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let named = |segment: &str| !segment.is_empty() && segment.bytes().all(plain) && segment.bytes().any(|b| b != b'.');
    let parse = |text: &String| {
        let segments: Vec<String> =
            text.strip_prefix('/').unwrap_or_default().trim_end_matches('/').split('/').map(Into::into).collect();
        if !segments.iter().all(|segment| named(segment)) {
            bail!("listen.path_prefixes: {text:?} is not a path like \"/aliendining\"");
        }
        if ["admin", "user"].contains(&segments[0].as_str()) {
            bail!("listen.path_prefixes: {text:?} lies where the counter's own routes are");
        }
        Ok(segments)
    };
    texts.iter().map(parse).collect()
}

fn networks(texts: &[String], key: &str) -> Result<Vec<Network>> {
    let parse = |text: &String| {
        text.parse().map_err(|()| anyhow!("{key}: {text:?} is not a network like 192.168.0.0/16 or an address"))
    };
    texts.iter().map(parse).collect()
}

/// The counter's pages.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Counter {
    pub trust_loopback: bool,
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

/// How the counter PC speaks.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Speech {
    pub language: Language,
    pub volume: u8,
    pub amounts: bool,
    /// `22:30-08:00`; empty for never.
    pub quiet: String,
    /// `10:00`; empty for never.
    pub test_at: String,
}

impl Default for Speech {
    fn default() -> Speech {
        Speech {
            language: Language::Chinese,
            volume: 100,
            amounts: false,
            quiet: String::new(),
            test_at: "10:00".into(),
        }
    }
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Backup {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
    pub keep: usize,
}

impl Default for Backup {
    fn default() -> Backup {
        Backup { folder: None, keep: 14 }
    }
}

/// The guests' Wi-Fi, for the printed table cards.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Wifi {
    pub ssid: String,
    /// Empty for an open network.
    #[serde(default)]
    pub password: String,
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
    pub trusted_proxies: Vec<Network>,
    /// Paths below which the table family answers, each as its segments.
    pub path_prefixes: Vec<Vec<String>>,
    /// Where phones are taken to be in the shop.
    pub presence: Vec<Network>,
    pub open_diners: bool,
    /// `/ws/{sid}` without a token, for this PC itself.
    pub trust_loopback: bool,
    pub calendar: Calendar,
    pub fees: order::Fees,
    pub pay_mode: PayMode,
    pub pay_within_seconds: i64,
    pub demo_payments: bool,
    pub notify_base: Option<String>,
    pub wechat: Option<Wechat>,
    pub alipay: Option<Alipay>,
    pub alert_repeat: Duration,
    pub language: Language,
    /// Percent of the clips' own loudness.
    pub volume: u8,
    /// Whether a new order is said with what was paid for it.
    pub speak_amounts: bool,
    pub quiet: Option<Hours>,
    /// When a person is asked, once a day, whether the speaker is heard.
    pub speaker_test: Option<TimeOfDay>,
    /// Where this comes from, if from a file: backups carry its text.
    pub file: Option<PathBuf>,
    pub backup_folder: PathBuf,
    /// How many backups stay.
    pub backup_keep: usize,
    pub wifi: Option<Wifi>,
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
        if file.speech.volume > 100 {
            bail!("speech.volume must be 0 to 100");
        }
        let said = |text: &String| (!text.is_empty()).then(|| text.clone());
        let quiet = said(&file.speech.quiet).map(|text| {
            Hours::parse(&text).with_context(|| format!("speech.quiet = {text:?} is not like 22:30-08:00"))
        });
        let speaker_test = said(&file.speech.test_at).map(|text| {
            TimeOfDay::parse(&text).with_context(|| format!("speech.test_at = {text:?} is not like 10:00"))
        });
        if !(1..=1000).contains(&file.backup.keep) {
            bail!("backup.keep must be 1 to 1000");
        }
        if file.wifi.as_ref().is_some_and(|wifi| wifi.ssid.is_empty()) {
            bail!("wifi.ssid must not be empty");
        }
        let data = overrides.data.or(file.data).map_or_else(default_data, Ok)?;
        let base_url = file.listen.base_url.map(|url| url.trim_end_matches('/').to_owned());
        if base_url.as_deref().is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
            bail!("listen.base_url must start with http:// or https://");
        }
        let payment = file.payment.with_accounts(&file.folder)?;
        Ok(Config {
            file: file.path,
            backup_folder: file.backup.folder.unwrap_or_else(|| data.join("backup")),
            backup_keep: file.backup.keep,
            data,
            lan: address(&overrides.lan.unwrap_or(file.listen.lan), "lan")?,
            tunnel: address(&overrides.tunnel.unwrap_or(file.listen.tunnel), "tunnel")?,
            base_url,
            trusted_proxies: networks(&file.listen.trusted_proxies, "listen.trusted_proxies")?,
            path_prefixes: path_prefixes(&file.listen.path_prefixes)?,
            presence: networks(&file.presence.networks, "presence.networks")?,
            open_diners: file.diner_auth == DinerAuth::Open,
            trust_loopback: file.counter.trust_loopback,
            calendar: Calendar::new(zone, file.shop.cutover_hour),
            fees: file.fees.resolve()?,
            pay_mode: payment.mode,
            pay_within_seconds: payment.pay_within_minutes * 60,
            demo_payments: payment.demo,
            notify_base: payment.notify_base,
            wechat: payment.wechat,
            alipay: payment.alipay,
            alert_repeat: Duration::from_secs(file.alert.repeat_seconds),
            language: file.speech.language,
            volume: file.speech.volume,
            speak_amounts: file.speech.amounts,
            quiet: quiet.transpose()?,
            speaker_test: speaker_test.transpose()?,
            wifi: file.wifi,
        })
    }
}

/// # Errors
/// The file is missing, not TOML, or has an unknown or ill-typed key; the message names the line.
pub fn read(path: &Path) -> Result<File> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let tree: toml::Table = toml::from_str(&text).with_context(|| format!("{} is not valid TOML", path.display()))?;
    payment::refuse_both_kinds(&tree)?;
    let file: File = tree.try_into().with_context(|| format!("{} has a wrong setting", path.display()))?;
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    Ok(File { folder, path: Some(path.to_owned()), ..file })
}

/// Makes the folder for a configuration, where there is none.
///
/// # Errors
/// It can't be made.
pub fn make_folder(file: &Path) -> Result<()> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let made = if is_system(file) { std::fs::create_dir_all(folder) } else { private::ensure_folder(folder) };
    made.with_context(|| format!("cannot make {}", folder.display()))
}

/// # Errors
/// It can't be written.
pub fn write(file: &Path, text: &str) -> Result<()> {
    let written = if is_system(file) { std::fs::write(file, text) } else { private::write(file, text) };
    written.with_context(|| format!("cannot write {}", file.display()))
}

/// Root's, for whoever the service runs as.
pub fn is_system(file: &Path) -> bool {
    let system = Path::new(SYSTEM_FILE);
    file == system || file.canonicalize().is_ok_and(|file| file == system)
}

/// A configuration's text for a shop that lives in `data` now; the rest stays as it is.
pub fn with_data(text: &str, data: &Path) -> String {
    let place = format!("data = {}", toml::Value::String(data.to_string_lossy().into_owned()));
    let is_place = |line: &&str| line.split_once('=').is_some_and(|(key, _)| key.trim() == "data");
    let mut lines: Vec<&str> = text.lines().collect();
    let top_level = lines.iter().position(|line| line.trim_start().starts_with('[')).unwrap_or(lines.len());
    match lines[..top_level].iter().position(is_place) {
        Some(at) => lines[at] = &place,
        None => lines.insert(0, &place),
    }
    lines.join("\n") + "\n"
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

/// Where the package installs the configuration, and `tablebell@.service` reads it.
const SYSTEM_FILE: &str = "/etc/tablebell/tablebell.toml";
/// Where a packaged shop's database lives.
pub const SYSTEM_DATA: &str = "/var/lib/tablebell";

/// The user's own configuration; the package's where the user has none.
///
/// # Errors
/// There is neither a packaged configuration nor a home directory.
pub fn default_file() -> Result<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "tablebell");
    let own = folders.map(|folders| folders.config_dir().join("tablebell.toml"));
    let system = PathBuf::from(SYSTEM_FILE);
    match own {
        Some(own) if own.exists() || !system.exists() => Ok(own),
        _ if system.exists() => Ok(system),
        _ => bail!("there is no home directory: give --config"),
    }
}

/// How a shop with this configuration is started: as the packaged service, which needs the uid of whose session is on
/// the counter PC's screen, or by hand.
pub fn start_command(file: &Path) -> String {
    if !is_system(file) {
        return format!("tablebell run --config {}", file.display());
    }
    let cashier = std::env::var("SUDO_UID").unwrap_or_else(|_| "1000".into());
    format!("sudo systemctl enable --now tablebell@{cashier}.service  # {cashier}: 收银员的 the cashier's `id -u`")
}

/// The file that `init` writes: every key with its default and what it means.
pub fn template(data: &Path, demo: bool) -> String {
    let data = toml::Value::String(data.to_string_lossy().into_owned()).to_string();
    include_str!("config/template.toml").replace("{data}", &data).replace("{demo}", &demo.to_string())
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
            ("[listen]\ntrusted_proxies = [\"nginx\"]", "listen.trusted_proxies"),
            ("[listen]\npath_prefixes = [\"\"]", "listen.path_prefixes"),
            ("[listen]\npath_prefixes = [\"/\"]", "listen.path_prefixes"),
            ("[listen]\npath_prefixes = [\"shop\"]", "listen.path_prefixes"),
            ("[listen]\npath_prefixes = [\"/shop//x\"]", "listen.path_prefixes"),
            ("[listen]\npath_prefixes = [\"/shop/../x\"]", "listen.path_prefixes"),
            ("[listen]\npath_prefixes = [\"/店\"]", "listen.path_prefixes"),
            ("[listen]\npath_prefixes = [\"/admin/x\"]", "the counter's own"),
            ("[presence]\nnetworks = [\"10.0.0.0/40\"]", "presence.networks"),
            ("[payment]\npay_within_minutes = 0", "pay_within_minutes"),
            ("[alert]\nrepeat_seconds = 0", "repeat_seconds"),
            ("[speech]\nvolume = 101", "speech.volume"),
            ("[speech]\nquiet = \"22:30\"", "speech.quiet"),
            ("[speech]\ntest_at = \"25:00\"", "speech.test_at"),
            ("[backup]\nkeep = 0", "backup.keep"),
            ("[fees]\nservice_percent = 101", "service_percent"),
            ("[fees]\ncover = \"2 yuan\"", "fees.cover"),
            ("[fees]\npacking = \"-1\"", "fees.packing"),
            ("[wifi]\nssid = \"\"", "wifi.ssid"),
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
    fn prefixes_are_paths_of_plain_segments() {
        let of = |text: &str| {
            let file = toml::from_str(&format!("[listen]\npath_prefixes = {text}")).unwrap();
            Config::resolve(file, Overrides::default()).unwrap().path_prefixes
        };
        assert_eq!(of("[]"), [[""; 0]; 0]);
        assert_eq!(of(r#"["/gw/shop-1/", "/a.b"]"#), [vec!["gw", "shop-1"], vec!["a.b"]]);
        let default = Config::resolve(File::default(), Overrides::default()).unwrap().path_prefixes;
        assert_eq!(default, [["aliendining"]]);
    }

    #[test]
    fn a_shop_that_moves_keeps_all_of_its_configuration_but_the_place() {
        let moved = with_data(&template(Path::new("/old"), false), Path::new("/new place"));
        assert_eq!(moved, template(Path::new("/new place"), false));
        let without = "[wifi]\ndata = 1\n";
        assert_eq!(with_data(without, Path::new("/new")), format!("data = \"/new\"\n{without}"));
    }

    #[test]
    fn demo_payments_never_run_beside_real_ones() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        std::fs::write(&path, "[payment]\ndemo = true\n[payment.wechat]\nmch_id = \"1\"").unwrap();
        assert!(format!("{:#}", read(&path).unwrap_err()).contains("together"));
    }
}
