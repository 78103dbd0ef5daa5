//! A shop with both merchant accounts, made by `tablebell init` as an owner makes it, and what happens in it.

use crate::gateway::Gateway;
use crate::support::{Answer, Counter, Daemon, PATIENCE, Phone};
use reqwest::Method;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

pub const BOTH: [&str; 2] = ["wechat", "alipay"];
pub const NEW_ORDERS: &str = "select count(*) from alert where kind = 1";
pub const TROUBLES: &str = "select count(*) from alert where kind = 3 and note not like '%查不到付款结果%'";
pub const PAID_EVENTS: &str = "select count(*) from order_event where input = 'Paid'";

/// Warnings that every such shop has: it is on this PC only, and has no desktop. Where a test lets queries fail, the
/// counter is told after a while.
const USUAL: [&str; 4] = ["neither heard nor seen", "notify_base is not https", " does not work: ", "查不到付款结果"];

/// Alerts but of that.
pub const ALERTS: &str = "select count(*) from alert where note not like '%查不到付款结果%'";

pub struct Shop {
    /// Before the gateway, so that it ends first.
    daemon: Option<Daemon>,
    pub gateway: Arc<Gateway>,
    pub counter: Counter,
    pub config: PathBuf,
    pub lan: u16,
    pub tunnel: u16,
    password: String,
    home: tempfile::TempDir,
}

/// A free port. The shop keeps it over a restart, so that phones and providers find it again: therefore one that the
/// system gives to nobody meanwhile.
fn free_port() -> u16 {
    const BELOW_SYSTEMS_OWN: std::ops::Range<u32> = 10_000..30_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let _ = NEXT.compare_exchange(0, std::process::id() * 97, Ordering::SeqCst, Ordering::SeqCst);
    loop {
        let count = NEXT.fetch_add(1, Ordering::SeqCst) % BELOW_SYSTEMS_OWN.len() as u32;
        let port = (BELOW_SYSTEMS_OWN.start + count) as u16;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

impl Shop {
    pub async fn open() -> Shop {
        Shop::open_as(|_| {}).await
    }

    /// With other settings: `change` gets the configuration's `[payment]`.
    pub async fn open_as(change: impl FnOnce(&mut toml::Table)) -> Shop {
        let mut shop = Shop::found(Arc::new(Gateway::start()), change).await;
        shop.run(&[]).await;
        shop
    }

    /// A shop that is not running yet.
    pub async fn found(gateway: Arc<Gateway>, change: impl FnOnce(&mut toml::Table)) -> Shop {
        let home = tempfile::tempdir().expect("a temporary directory");
        let (config, data) = (home.path().join("tablebell.toml"), home.path().join("data"));
        let mut init = Daemon::command();
        init.args(["init", "--sample", "--data"]).arg(&data).arg("--config").arg(&config);
        let said = text_of(&output_of(init).await);
        let login = said.lines().find_map(|line| line.split_once("admin / ")).unwrap_or_else(|| panic!("{said}")).1;
        let password = login.split_whitespace().next().expect("a password").to_owned();
        let (lan, tunnel) = (free_port(), free_port());
        let counter =
            Counter { http: reqwest::Client::new(), lan: format!("http://127.0.0.1:{lan}"), token: String::new() };
        let shop = Shop { daemon: None, gateway, counter, config, lan, tunnel, password, home };
        shop.configure(|payment| {
            shop.add_accounts(payment);
            change(payment);
        });
        shop
    }

    fn add_accounts(&self, payment: &mut toml::Table) {
        let gateway = &self.gateway;
        let file = |name: &str| toml::Value::from(gateway.file(name).to_string_lossy().into_owned());
        let account = |provider: &str, name: &str| toml::Value::from(gateway.account(provider, name));
        payment.insert("notify_base".into(), format!("http://127.0.0.1:{}", self.tunnel).into());
        let wechat = [
            ("app_id", account("wechat", "appId")),
            ("mch_id", account("wechat", "mchId")),
            ("merchant_serial", account("wechat", "merchantSerial")),
            ("merchant_key_file", file("merchant_key.pem")),
            ("merchant_certificate_file", file("merchant_cert.pem")),
            ("apiv3_key_file", file("apiv3_key")),
            ("public_key_id", account("wechat", "publicKeyId")),
            ("public_key_file", file("wechat_public_key.pem")),
            ("base_url", gateway.url.clone().into()),
            ("payer_codes", true.into()),
        ];
        let alipay = [
            ("app_id", account("alipay", "appId")),
            ("seller_id", account("alipay", "sellerId")),
            ("app_key_file", file("app_key.pem")),
            ("alipay_public_key_file", file("alipay_public_key.pem")),
            ("base_url", format!("{}/gateway.do", gateway.url).into()),
            ("payer_codes", true.into()),
        ];
        payment.insert("wechat".into(), table(wechat).into());
        payment.insert("alipay".into(), table(alipay).into());
    }

    /// Changes the configuration's `[payment]`; for the next run.
    pub fn configure(&self, change: impl FnOnce(&mut toml::Table)) {
        let text = std::fs::read_to_string(&self.config).expect("the configuration");
        let mut file: toml::Table = toml::from_str(&text).expect("init writes TOML");
        // After ten in the morning the speaker test would stand among the alerts.
        file["speech"].as_table_mut().expect("[speech]").insert("test_at".into(), "".into());
        change(file["payment"].as_table_mut().expect("[payment]"));
        std::fs::write(&self.config, toml::to_string(&file).expect("TOML")).expect("the configuration is written");
    }

    /// `tablebell …` for this shop; with `--lan` and `--tunnel` where the command has them.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Daemon::command();
        command.args(words).arg("--config").arg(&self.config);
        if !words.contains(&"reconcile") {
            command.args(["--lan", &format!("127.0.0.1:{}", self.lan)]);
            command.args(["--tunnel", &format!("127.0.0.1:{}", self.tunnel)]);
        }
        command
    }

    /// The tables, as scripts read them.
    pub async fn tables(&self) -> Vec<Value> {
        let output = output_of(self.command(&["table", "list", "--json"])).await;
        assert!(output.status.success(), "{}", text_of(&output));
        serde_json::from_slice(&output.stdout).expect("a JSON array")
    }

    /// Starts the daemon, also again.
    pub async fn run(&mut self, environment: &[(&str, &str)]) {
        self.daemon = None;
        let mut command = self.command(&["run"]);
        command.envs(std::env::var("TABLEBELL_LOG").map(|level| ("TABLEBELL_LOG", level)));
        command.envs(environment.iter().copied());
        let data = self.home.path().join("data");
        let mut daemon = aside(move || Daemon::spawn(command, &data)).await;
        daemon.tables = self.tables().await;
        self.daemon = Some(daemon);
        if self.counter.token.is_empty() {
            let login = json!({ "username": "admin", "password": self.password });
            let data = self.counter.ok(Method::POST, "/admin/employee/login", login).await;
            self.counter.token = data["token"].as_str().expect("a token").to_owned();
        }
    }

    /// What `run` says when it refuses to start.
    pub fn refusal(&self) -> String {
        let mut command = self.command(&["run"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("tablebell runs");
        let deadline = Instant::now() + PATIENCE;
        while child.try_wait().expect("a child").is_none() {
            if Instant::now() > deadline {
                let _ = child.kill();
                panic!("it started");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let output = child.wait_with_output().expect("it has ended");
        assert_eq!(output.status.code(), Some(1), "{}", text_of(&output));
        text_of(&output)
    }

    pub fn daemon(&self) -> &Daemon {
        self.daemon.as_ref().expect("the shop is open")
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.daemon.take().expect("the shop is open").kill();
    }

    /// The files of the database, while the shop is closed: a backup that a later restore brings back.
    pub fn copy_database(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let files = std::fs::read_dir(self.home.path().join("data")).expect("the data").filter_map(Result::ok);
        let files = files.map(|file| file.path()).filter(|path| path.to_string_lossy().contains(".db"));
        let files = files.filter(|path| path.is_file());
        files.map(|path| (path.clone(), std::fs::read(&path).expect("the database"))).collect()
    }

    pub fn restore_database(&self, files: &[(PathBuf, Vec<u8>)]) {
        for (path, _) in self.copy_database() {
            std::fs::remove_file(path).expect("the newer file goes");
        }
        for (path, bytes) in files {
            std::fs::write(path, bytes).expect("the older file comes");
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).expect("as the daemon keeps it");
        }
    }

    pub async fn unclaimed(&self) -> Vec<Value> {
        let list = self.counter.ok(Method::GET, "/admin/payment/unclaimed", Value::Null).await;
        list.as_array().expect("a list").clone()
    }

    pub async fn claim(&self, one: &Value, how: Value) -> Answer {
        self.counter.send(Method::POST, &format!("/admin/payment/unclaimed/{}", one["unclaimedId"]), how).await
    }

    /// SIGTERM, and how it ended.
    pub fn stop(&mut self) -> Option<i32> {
        self.daemon.as_mut().expect("the shop is open").stop().0.code()
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("data.log")).unwrap_or_default()
    }

    pub fn stored<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        self.daemon().stored(sql)
    }

    /// An order of one dish at a table, and its payment by this provider.
    pub async fn sale(&self, table: usize, provider: &'static str) -> Sale {
        let phone = self.daemon().phone(table).await;
        let order = phone.order("op").await;
        let mut sale = Sale { phone, provider, order, payment: Value::Null };
        sale.payment = sale.start(provider).await;
        sale
    }

    /// The payer pays at the provider; `how` says what is unusual. Answers what the callbacks were answered.
    pub async fn pay(&self, sale: &Sale, how: Value) -> Vec<Told> {
        self.tell("pay", sale, how).await
    }

    /// A callback about the trade as it is, or as `how` says.
    pub async fn call_back(&self, sale: &Sale, how: Value) -> Vec<Told> {
        self.tell("callback", sale, how).await
    }

    async fn tell(&self, verb: &str, sale: &Sale, how: Value) -> Vec<Told> {
        let mut asked = json!({ "provider": sale.provider, "outTradeNo": sale.number() });
        asked.as_object_mut().expect("an object").extend(how.as_object().expect("an object").clone());
        Told::list(&self.gateway.control(verb, asked).await)
    }

    /// Of the sale's trade at the provider.
    pub async fn trade(&self, sale: &Sale) -> Value {
        self.gateway.trade(sale.provider, sale.number()).await
    }

    /// The order's account: balance, entries, payments and refunds.
    pub async fn account(&self, sale: &Sale) -> Value {
        self.counter.ok(Method::GET, &format!("/admin/payment/order/{}", sale.order["orderId"]), Value::Null).await
    }

    /// Asks until the order's account is `wanted`.
    pub async fn account_when(&self, sale: &Sale, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + 2 * PATIENCE;
        loop {
            let now = self.account(sale).await;
            if wanted(&now) {
                return now;
            }
            assert!(Instant::now() < deadline, "{}'s account stays {now}", sale.provider);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn reviews(&self) -> Vec<Value> {
        let list = self.counter.ok(Method::GET, "/admin/payment/review", Value::Null).await;
        list.as_array().expect("a list").clone()
    }

    /// Asks until something of this kind waits for a person.
    pub async fn review_of(&self, kind: &str) -> Value {
        let deadline = Instant::now() + 2 * PATIENCE;
        loop {
            let open = self.reviews().await;
            if let Some(found) = open.iter().find(|review| review["kind"] == kind) {
                return found.clone();
            }
            assert!(Instant::now() < deadline, "no review of the kind {kind} but {open:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn resolve(&self, review: &Value, action: &str) -> Answer {
        let path = format!("/admin/payment/review/{}", review["reviewId"]);
        self.counter.send(Method::POST, &path, json!({ "action": action })).await
    }

    pub async fn refund(&self, sale: &Sale, amount: f64, op_id: &str) -> Answer {
        let body = json!({ "orderId": sale.order["orderId"], "amount": amount, "reason": "少了一份", "opId": op_id });
        self.counter.send(Method::POST, "/admin/payment/refund", body).await
    }

    /// Nothing was believed: no order is paid, nobody told, nothing booked.
    pub fn assert_untouched(&self, context: &str) {
        let count = |sql| self.stored::<i64>(sql);
        assert_eq!(count("select count(*) from ledger_entry"), 0, "{context}");
        assert_eq!(count(ALERTS), 0, "{context}");
        assert_eq!(count("select count(*) from payment where state not in ('creating', 'open')"), 0, "{context}");
        assert_eq!(count("select count(*) from dining_order where pay_status <> 0"), 0, "{context}");
    }

    /// Money in and out is the same in our ledger and in the providers' books.
    pub async fn assert_books_agree(&self) {
        let books = self.gateway.control("books", json!({})).await;
        for provider in BOTH {
            let sum = |kind| {
                let sums = "select coalesce(sum(amount_fen), 0) from ledger_entry where provider =";
                self.stored::<i64>(&format!("{sums} '{provider}' and kind = '{kind}'"))
            };
            let ours = json!({ "inFen": sum("payment"), "outFen": -sum("refund") });
            assert_eq!(ours, books[provider], "{provider}: our ledger and its books");
        }
    }

    /// What must hold at the end of every story: the providers had nothing to object to, the books agree, and the log
    /// complains about `expected` things only.
    pub async fn end(&self, expected: &[&str]) {
        assert_eq!(self.gateway.violations().await, json!([]));
        self.assert_books_agree().await;
        self.assert_log_is_calm(expected);
    }

    /// The log complains about what every shop has and `expected` only.
    pub fn assert_log_is_calm(&self, expected: &[&str]) {
        let log = self.log();
        let known = |line: &&str| USUAL.iter().chain(expected).any(|words| line.contains(words));
        let loud = log.lines().filter(|line| line.contains(" WARN ") || line.contains(" ERROR "));
        let strange: Vec<&str> = loud.filter(|line| !known(line)).collect();
        assert!(strange.is_empty(), "the log complains:\n{}", strange.join("\n"));
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("the daemon's log:\n{}", self.log());
        }
    }
}

/// What waits for a process waits on a thread of its own: other shops of the same test go on, or the daemon would cut
/// their silent connections.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("what was said above")
}

pub async fn output_of(mut command: Command) -> Output {
    aside(move || command.output().expect("tablebell runs")).await
}

pub fn text_of(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn table<const N: usize>(entries: [(&str, toml::Value); N]) -> toml::Table {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// What a callback was answered.
#[derive(Debug, PartialEq)]
pub struct Told {
    pub status: u64,
    pub body: String,
}

impl Told {
    pub fn list(answer: &Value) -> Vec<Told> {
        let one = |told: &Value| Told {
            status: told["status"].as_u64().expect("a status"),
            body: told["body"].as_str().expect("a body").to_owned(),
        };
        answer["callbacks"].as_array().expect("a list").iter().map(one).collect()
    }

    /// Whether the provider takes this for "done" and does not repeat.
    pub fn is_taken_by(&self, provider: &str) -> bool {
        match provider {
            "alipay" => self.status == 200 && self.body == "success",
            _ => self.status == 200 || self.status == 204,
        }
    }
}

/// An order and its payment.
pub struct Sale {
    pub phone: Phone,
    pub provider: &'static str,
    pub order: Value,
    pub payment: Value,
}

impl Sale {
    pub fn number(&self) -> &str {
        self.payment["outTradeNo"].as_str().expect("an outTradeNo")
    }

    pub fn path(&self, rest: &str) -> String {
        format!("/api/store/order/{}{rest}", self.order["orderId"])
    }

    /// Starts a payment of the order.
    pub async fn start(&self, provider: &str) -> Value {
        self.phone.ok(Method::POST, &self.path("/pay"), json!({ "provider": provider })).await
    }

    pub async fn now(&self) -> Value {
        self.phone.get(&self.path("")).await
    }

    /// Polls until the order is paid.
    pub async fn paid(&self) -> Value {
        self.phone.order_when(&self.order, |order| order["payStatus"] == 1).await
    }

    pub fn method(&self) -> i64 {
        if self.provider == "wechat" { 1 } else { 2 }
    }
}

/// The calls that create a trade.
pub fn creation(provider: &str) -> &'static str {
    if provider == "wechat" { "POST /v3/pay/transactions/native" } else { "alipay.trade.precreate" }
}

/// The calls that ask about a trade.
pub fn query(provider: &str) -> &'static str {
    if provider == "wechat" { "GET /v3/pay/transactions/out-trade-no/" } else { "alipay.trade.query" }
}

/// The same as the gateway counts it.
pub fn counted_query(provider: &str) -> &'static str {
    if provider == "wechat" { "GET /v3/pay/transactions/out-trade-no/{no}" } else { "alipay.trade.query" }
}
