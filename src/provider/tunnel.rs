//! The tunnel by which providers reach the callback listener: whether it works is measured, not hoped.

use crate::checkout::Checkout;
use crate::secret;
use crate::units::Timestamp;
use anyhow::{Context, Result, anyhow, bail};
use reqwest::{Client, redirect};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// Between self-checks while the tunnel works, and while it does not.
const EVERY: Duration = Duration::from_secs(30);
const EVERY_DOWN: Duration = Duration::from_secs(5);
/// Failed self-checks in a row, about two minutes, after which the counter PC says so.
const RING_AFTER: u32 = 24;
/// Providers give us as long (docs/payments.md, "Clock and tunnel").
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of our own answer, at most.
const MAX_ANSWER: usize = 4096;

/// What is known of the tunnel.
pub struct Tunnel {
    base: Option<String>,
    /// Told by the callback listener's `/healthz` of this run only. Made when it is first asked for: the first
    /// randomness of a process costs 40 ms, which the start need not wait for.
    nonce: OnceLock<String>,
    state: Mutex<State>,
}

struct State {
    ok: bool,
    since: Timestamp,
    detail: String,
    checked_at: Option<Timestamp>,
    last_callback_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TunnelReport {
    pub ok: bool,
    pub since: Timestamp,
    /// Why not.
    pub detail: String,
    pub checked_at: Option<Timestamp>,
    pub last_callback_at: Option<Timestamp>,
}

impl Tunnel {
    /// `base`: the public address, without a trailing slash; `None` where no provider calls back.
    pub fn new(base: Option<String>) -> Tunnel {
        let state = State {
            ok: false,
            since: Timestamp::now(),
            detail: "尚未检查".into(),
            checked_at: None,
            last_callback_at: None,
        };
        Tunnel { base, nonce: OnceLock::new(), state: Mutex::new(state) }
    }

    pub fn nonce(&self) -> &str {
        self.nonce.get_or_init(secret::random_code)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A genuine callback has come through it.
    pub fn note_callback(&self) {
        self.state().last_callback_at = Some(Timestamp::now());
    }

    /// `None` where there is no tunnel to measure.
    pub fn report(&self) -> Option<TunnelReport> {
        self.base.as_ref()?;
        let state = self.state();
        Some(TunnelReport {
            ok: state.ok,
            since: state.since,
            detail: state.detail.clone(),
            checked_at: state.checked_at,
            last_callback_at: state.last_callback_at,
        })
    }

    /// Checks the tunnel for ever. When it is back, whatever was paid meanwhile is asked for at once.
    pub async fn watch(&self, checkout: Arc<Checkout>) {
        let Some(base) = &self.base else { return };
        let Ok(http) = client() else { return };
        let mut failures = 0;
        loop {
            let outcome = round_trip(&http, base, self.nonce()).await;
            failures = if outcome.is_ok() { 0 } else { failures + 1 };
            if failures == RING_AFTER {
                checkout.ring_for_tunnel().await;
            }
            if self.note(&outcome) {
                checkout.silence_tunnel().await;
                checkout.ask_all_now().await;
            }
            tokio::time::sleep(if outcome.is_ok() { EVERY } else { EVERY_DOWN }).await;
        }
    }

    /// Whether the tunnel is back.
    fn note(&self, outcome: &Result<()>) -> bool {
        let now = Timestamp::now();
        let mut state = self.state();
        let (was, first) = (state.ok, state.checked_at.is_none());
        state.checked_at = Some(now);
        state.ok = outcome.is_ok();
        state.detail = outcome.as_ref().err().map(|error| format!("{error:#}")).unwrap_or_default();
        if was == state.ok && !first {
            return false;
        }
        state.since = now;
        match outcome {
            Ok(()) => tracing::info!("the tunnel works"),
            Err(error) => tracing::warn!("the tunnel does not work, callbacks can't come: {error:#}"),
        }
        state.ok
    }
}

/// The client of self-checks: like a provider it follows no redirects and has little patience.
///
/// # Errors
/// TLS can't be prepared.
pub fn client() -> Result<Client> {
    Client::builder().timeout(PATIENCE).redirect(redirect::Policy::none()).no_proxy().build().context("preparing TLS")
}

/// Asks the callback listener's `/healthz` by its public address and looks for our own nonce in the answer.
///
/// # Errors
/// What a provider would run into.
pub async fn round_trip(http: &Client, base: &str, nonce: &str) -> Result<()> {
    if ask_nonce(http, base).await? == nonce {
        return Ok(());
    }
    Err(anyhow!("{base} leads to another Tablebell"))
}

/// The nonce that the callback listener at `base` tells.
///
/// # Errors
/// It can't be reached, or something else answers there.
pub async fn ask_nonce(http: &Client, base: &str) -> Result<String> {
    let asked = http.get(format!("{base}/healthz")).send().await;
    let mut answer = asked.map_err(reqwest::Error::without_url).with_context(|| format!("{base} cannot be reached"))?;
    if answer.status() != 200 {
        bail!("{base}/healthz is answered with {}: the tunnel's other end is not this PC", answer.status());
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ANSWER {
            break;
        }
    }
    let health: Option<serde_json::Value> = serde_json::from_slice(&body).ok();
    let nonce = health.as_ref().and_then(|health| health["nonce"].as_str()).map(ToOwned::to_owned);
    nonce.with_context(|| format!("{base}/healthz is answered by something else than Tablebell"))
}
