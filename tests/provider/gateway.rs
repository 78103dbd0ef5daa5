//! The gateway of tests/provider/gateway: WeChat Pay and Alipay as others wrote them.

use crate::support::PATIENCE;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub struct Gateway {
    child: Child,
    pub url: String,
    /// The accounts that its `ready` line names.
    pub ready: Value,
    folder: tempfile::TempDir,
    http: reqwest::Client,
}

impl Gateway {
    pub fn start() -> Gateway {
        let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/provider");
        let installed = home.join("node_modules").exists();
        assert!(installed, "the gateway's packages are missing: run make test, or npm ci in tests/provider");
        let folder = tempfile::tempdir().expect("a temporary directory");
        let mut command = Command::new("node");
        command.arg(home.join("gateway/main.js")).arg("--dir").arg(folder.path());
        // It ends with its standard input, and so also when this test is killed.
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("node starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("stdout is piped")).read_line(&mut line).expect("a line");
        let ready = line.strip_prefix("ready ").unwrap_or_else(|| panic!("the gateway says {line:?}"));
        let ready: Value = serde_json::from_str(ready).expect("the ready line is JSON");
        let url = ready["url"].as_str().expect("a url").to_owned();
        Gateway { child, url, ready, folder, http: reqwest::Client::new() }
    }

    /// A key file that it has made.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name)).expect("the gateway's file")
    }

    /// Our account at a provider: `appId`, `mchId`, `sellerId`, …
    pub fn account(&self, provider: &str, name: &str) -> String {
        self.ready[provider][name].as_str().unwrap_or_else(|| panic!("{provider} has no {name}")).to_owned()
    }

    pub async fn control(&self, verb: &str, asked: Value) -> Value {
        let asking = self.http.post(format!("{}/control/{verb}", self.url)).json(&asked).send();
        let answer = asking.await.expect("the gateway answers");
        let (status, body) = (answer.status(), answer.text().await.expect("a whole body"));
        assert!(status.is_success(), "{verb} {asked}: {body}");
        serde_json::from_str(&body).expect("JSON")
    }

    pub async fn set(&self, wanted: Value) {
        self.control("set", wanted).await;
    }

    /// From now on calls that `pattern` matches end like this; `times` of them, or all.
    pub async fn fail(&self, pattern: &str, how: &str, times: Option<u32>) {
        let mut fault = json!({ "match": pattern, "how": how });
        if let Some(times) = times {
            fault["times"] = times.into();
        }
        self.set(json!({ "fail": fault })).await;
    }

    /// No fault from now on.
    pub async fn mend(&self) {
        self.set(json!({ "clear": true })).await;
    }

    pub async fn trade(&self, provider: &str, number: &str) -> Value {
        self.control("trade", json!({ "provider": provider, "outTradeNo": number })).await
    }

    /// Every trade of one provider.
    pub async fn trades(&self, provider: &str) -> Vec<Value> {
        self.control("trades", json!({})).await[provider].as_array().expect("a list").clone()
    }

    /// Asks until a trade is there and `wanted`.
    pub async fn trade_when(&self, provider: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + 2 * PATIENCE;
        loop {
            let trades = self.trades(provider).await;
            if let Some(found) = trades.iter().find(|trade| wanted(trade)) {
                return found.clone();
            }
            assert!(Instant::now() < deadline, "no such trade at {provider}: {trades:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// How many requests of this kind it has seen.
    pub async fn count(&self, pattern: &str) -> i64 {
        self.control("count", json!({})).await[pattern].as_i64().unwrap_or(0)
    }

    /// Asks until it has seen so many requests of this kind.
    pub async fn count_when(&self, pattern: &str, least: i64) {
        let deadline = Instant::now() + 2 * PATIENCE;
        while self.count(pattern).await < least {
            let counts = self.control("count", json!({})).await;
            assert!(Instant::now() < deadline, "not {least} times {pattern}: {counts}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What of our requests was wrong.
    pub async fn violations(&self) -> Value {
        self.control("violations", json!({})).await
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
