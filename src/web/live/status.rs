//! `/healthz` for watchdogs and people, `/metrics` for Prometheus.

use crate::payment::provider::Provider;
use crate::web::http::reply::{Family, json, set};
use crate::web::{App, Request};
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use serde::Serialize;
use std::sync::Arc;
use warp::reply::Response;

pub struct Counters {
    registry: Registry,
    pub requests: Counter,
    pub phones: Gauge,
    pub counters: Gauge,
    pub members: Gauge,
    pub streams: Gauge,
    pub callbacks_taken: Counter,
    pub callbacks_refused: Counter,
    pub orders: Counter,
    pub alerts: Counter,
    commits: Counter,
    sound_ok: Gauge,
    popup_ok: Gauge,
}

impl Default for Counters {
    fn default() -> Counters {
        let mut registry = Registry::with_prefix("tablebell");
        let mut counter = |name: &str, help: &str| {
            let counter: Counter = Counter::default();
            registry.register(name, help, counter.clone());
            counter
        };
        let requests = counter("http_requests", "HTTP requests, both listeners");
        let callbacks_taken = counter("callbacks_taken", "Payment callbacks that were verified and stored");
        let callbacks_refused = counter("callbacks_refused", "Payment callbacks that were refused");
        let orders = counter("order_changes", "Orders made or moved");
        let alerts = counter("alerts", "Alerts raised");
        let commits = counter("store_commits", "Group commits to the database");
        let mut gauge = |name: &str, help: &str| {
            let gauge: Gauge = Gauge::default();
            registry.register(name, help, gauge.clone());
            gauge
        };
        let phones = gauge("phone_sockets", "Open table WebSockets");
        let counters = gauge("counter_sockets", "Open counter WebSockets");
        let members = gauge("member_sockets", "Open WebSockets of members' phones");
        let streams = gauge("event_streams", "Open SSE streams");
        let sound_ok = gauge("sound_ok", "1 while the counter PC can be heard");
        let popup_ok = gauge("popup_ok", "1 while the counter PC can show popups");
        Counters {
            registry,
            requests,
            phones,
            counters,
            members,
            streams,
            callbacks_taken,
            callbacks_refused,
            orders,
            alerts,
            commits,
            sound_ok,
            popup_ok,
        }
    }
}

/// 503 while nothing can be saved, and while nobody at the counter PC would notice an order: it is neither heard nor
/// seen. One of sound and popup alone is told in the detail; orders go on without either.
pub fn health(app: &Arc<App>) -> Response {
    let trouble = app.store.trouble();
    let report = app.desktop.report();
    let failing = trouble.is_some() || report.is_deaf_and_blind();
    let clock = clock_view(app);
    let status = match (failing, report.sound.ok && report.popup.ok && clock.ok) {
        (true, _) => "failing",
        (false, false) => "degraded",
        (false, true) => "ok",
    };
    let body = serde_json::json!({
        "status": status,
        "version": env!("CARGO_PKG_VERSION"),
        "database": { "ok": trouble.is_none() },
        "sound": report.sound,
        "popup": report.popup,
        "clock": clock,
    });
    let code = if failing { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    json(code, body.to_string())
}

/// For the tunnel's own check: nothing about the shop goes out there but that it is this run of this daemon.
pub fn tunnel_health(app: &Arc<App>) -> Response {
    json(StatusCode::OK, serde_json::json!({ "status": "ok", "nonce": app.tunnel.nonce() }).to_string())
}

/// The counter PC's devices and lines, for the counter page.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "DaemonStatus"))]
pub struct Status {
    #[serde(flatten)]
    desktop: crate::desk::desktop::Report,
    tunnel: Option<TunnelView>,
    providers: Vec<LineView>,
    backup: crate::backup::Report,
    clock: ClockView,
}

/// Whether the PC's time can be right.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "ClockHealth"))]
#[serde(rename_all = "camelCase")]
struct ClockView {
    ok: bool,
    kind: &'static str,
    /// Since when it is wrong, by itself, or right again.
    since: Option<String>,
    /// For the operator.
    detail: String,
    /// The time, to the minute, while it is wrong.
    shows: Option<String>,
    /// What it contradicts.
    known: Option<String>,
    skew_seconds: Option<i64>,
    /// While it was wrong.
    booked: Option<BookedView>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Booked"))]
struct BookedView {
    orders: i64,
    first: String,
    last: String,
}

fn clock_view(app: &App) -> ClockView {
    let calendar = &app.terms.calendar;
    let time = |at| calendar.rfc3339(at);
    let report = app.clock.report();
    let now = app.store.now();
    let explained = report.verdict.explain(calendar, now);
    ClockView {
        ok: explained.is_ok(),
        shows: explained.is_err().then(|| calendar.minute(now)),
        kind: report.verdict.name(),
        since: report.since.map(time),
        detail: explained.err().unwrap_or_else(|| report.history(calendar)),
        known: report.verdict.known().map(time),
        skew_seconds: report.verdict.skew_seconds(),
        booked: report.booked.map(|booked| BookedView {
            orders: booked.orders,
            first: time(booked.first),
            last: time(booked.last),
        }),
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "TunnelHealth"))]
#[serde(rename_all = "camelCase")]
struct TunnelView {
    ok: bool,
    since: String,
    detail: String,
    checked_at: Option<String>,
    last_callback_at: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "ProviderHealth"))]
#[serde(rename_all = "camelCase")]
struct LineView {
    name: &'static str,
    ok: bool,
    since: String,
    detail: String,
    clock_skew_seconds: Option<i64>,
}

pub fn report(app: &App) -> Status {
    let time = |at| app.terms.calendar.rfc3339(at);
    let tunnel = app.tunnel.report().map(|tunnel| TunnelView {
        ok: tunnel.ok,
        since: time(tunnel.since),
        detail: tunnel.detail,
        checked_at: tunnel.checked_at.map(time),
        last_callback_at: tunnel.last_callback_at.map(time),
    });
    let line = |provider: &Arc<dyn Provider>| {
        let line = app.checkout.line(provider);
        LineView {
            name: provider.name(),
            ok: line.ok,
            since: time(line.since),
            detail: line.detail,
            clock_skew_seconds: line.skew_seconds,
        }
    };
    let providers = app.checkout.providers().iter().map(line).collect();
    Status { desktop: app.desktop.report(), tunnel, providers, backup: app.backups.report(), clock: clock_view(app) }
}

/// For this PC itself, or with a staff token.
pub async fn metrics(app: &Arc<App>, request: &Request) -> Response {
    if !request.address().is_loopback()
        && let Err(error) = app.door.staff(request).await
    {
        return Family::Table.failure(error);
    }
    let counters = &app.counters;
    counters.commits.inc_by(app.store.commits().saturating_sub(counters.commits.get()));
    let report = app.desktop.report();
    counters.sound_ok.set(report.sound.ok.into());
    counters.popup_ok.set(report.popup.ok.into());
    let mut text = String::new();
    if encode(&mut text, &counters.registry).is_err() {
        return Family::Table.failure(anyhow::anyhow!("metrics can't be written").into());
    }
    let mut response = json(StatusCode::OK, text);
    set(
        &mut response,
        CONTENT_TYPE,
        HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8"),
    );
    response
}
