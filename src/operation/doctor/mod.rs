//! `tablebell doctor`: proves what a shop depends on, and says what to do about what is wrong.

mod desktop;
mod machine;
mod money;
mod network;

use crate::config::Config;
use crate::provider::tunnel;
use anyhow::Result;
use serde::Serialize;
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// A disk or a name server that takes longer is as good as gone.
const PATIENCE: Duration = Duration::from_secs(10);

/// The shop that is looked at.
pub struct Patient {
    pub config: Config,
    /// What phones reach it by today.
    pub base_url: String,
    /// Whether a daemon runs on its data.
    pub running: bool,
    /// Whether a person sits at a terminal and can be asked.
    pub attended: bool,
}

#[derive(Debug, Serialize)]
pub struct Finding {
    pub name: String,
    pub ok: bool,
    /// Nothing is known to be wrong, and nothing shows that it is right.
    pub unproved: bool,
    /// What was found, or what to do.
    pub detail: String,
}

impl Finding {
    fn sign(&self) -> char {
        match (self.ok, self.unproved) {
            (false, _) => '✘',
            (true, true) => '？',
            (true, false) => '✔',
        }
    }
}

/// Runs every check; none holds up the others.
pub async fn examine(patient: &Patient) -> Vec<Finding> {
    let told = if patient.running { ask_daemon(patient).await } else { None };
    let mut findings = machine::examine(patient, told.as_ref()).await;
    findings.extend(network::examine(patient, told.is_some()).await);
    findings.extend(desktop::examine(patient, told.as_ref()).await);
    findings.extend(money::examine(&patient.config).await);
    findings
}

/// One line a finding, for a terminal.
pub fn text(findings: &[Finding]) -> String {
    let line = |finding: &Finding| format!("{} {}: {}\n", finding.sign(), finding.name, finding.detail);
    findings.iter().map(line).collect()
}

fn finding(name: &str, outcome: Result<String>) -> Finding {
    let (ok, detail) = match outcome {
        Ok(detail) => (true, detail),
        Err(error) => (false, format!("{error:#}")),
    };
    Finding { name: name.to_owned(), ok, unproved: false, detail }
}

/// What the running daemon says of itself: `/healthz` on its LAN listener.
async fn ask_daemon(patient: &Patient) -> Option<Value> {
    health(&format!("http://{}", reachable(patient.config.lan))).await.ok()
}

/// A Tablebell's `/healthz`; also a daemon in trouble answers it.
///
/// # Errors
/// Nobody answers, or somebody else.
async fn health(base: &str) -> Result<Value> {
    let asked = tunnel::client()?.get(format!("{base}/healthz")).send().await;
    let answer: Value = asked.map_err(reqwest::Error::without_url)?.json().await?;
    match answer["version"].is_string() && answer["database"].is_object() {
        true => Ok(answer),
        false => anyhow::bail!("another program answers"),
    }
}

/// A listener on all interfaces is on this PC's own as well.
fn reachable(listener: SocketAddr) -> SocketAddr {
    match listener.ip().is_unspecified() {
        true => SocketAddr::new(IpAddr::from(Ipv4Addr::LOCALHOST), listener.port()),
        false => listener,
    }
}

/// Does `work` on a thread that is left behind when it hangs; `None` then.
async fn patiently<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (reply, done) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || reply.send(work()));
    tokio::time::timeout(PATIENCE, done).await.ok()?.ok()
}
