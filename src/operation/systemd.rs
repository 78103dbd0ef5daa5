//! What systemd hears of the daemon and gives to it: readiness, the line of `systemctl status`, the watchdog, opened
//! sockets, the journal's levels. The only place that names sd_notify; where systemd is not, nothing happens.

use crate::desk::desktop::{Desktop, Device};
use crate::store::Store;
use anyhow::{Context, Result, bail};
use sd_notify::NotifyState;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::os::fd::FromRawFd;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

/// How soon `systemctl status` tells that the database has failed or recovered; devices are told at once.
const GLANCE: Duration = Duration::from_secs(5);

/// A lost message would only leave systemd with older news: nobody could do more about it than systemd does.
fn tell(states: &[NotifyState]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!("systemd can't be told: {error}");
    }
}

pub fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

pub fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("正在停止 stopping")]);
}

/// The sockets that systemd has opened for us, by their `FileDescriptorName=`: `lan`, `tunnel`. To be called once.
///
/// # Errors
/// A socket with another name, or one that is not a TCP listener: which unit to look at.
#[expect(unsafe_code, reason = "a socket that systemd passes on comes as a number")]
pub fn listeners() -> Result<BTreeMap<String, TcpListener>> {
    let mut listeners = BTreeMap::new();
    // Marked close-on-exec: no child inherits them.
    for (fd, name) in sd_notify::listen_fds_with_names().context("the sockets that systemd passes on")? {
        if !["lan", "tunnel"].contains(&name.as_str()) || listeners.contains_key(&name) {
            bail!("a socket unit opens {name:?}: FileDescriptorName= must be lan in one unit and tunnel in another");
        }
        // SAFETY: systemd opened it for this process (LISTEN_PID says so), and nothing else here uses it.
        let listener = unsafe { TcpListener::from_raw_fd(fd) };
        listener.local_addr().with_context(|| format!("the socket {name:?} has no ListenStream=address:port"))?;
        listener.set_nonblocking(true)?;
        listeners.insert(name, listener);
    }
    Ok(listeners)
}

/// Pings the watchdog while the database answers. A daemon that can neither save nor look up an order serves nobody:
/// it gets no ping, is killed and started again.
pub async fn watch(store: Arc<Store>) {
    let Some(patience) = sd_notify::watchdog_enabled() else { return };
    let mut pulse = interval(patience / 2);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        pulse.tick().await;
        match timeout(patience / 2, store.prove()).await {
            Ok(Ok(())) => tell(&[NotifyState::Watchdog]),
            Ok(Err(error)) => tracing::error!("the watchdog is not pinged, the database fails: {error:?}"),
            Err(_) => tracing::error!("the watchdog is not pinged, the database does not answer"),
        }
    }
}

/// Keeps the line of `systemctl status` true: where the pages are, and what works.
pub async fn report(address: String, store: Arc<Store>, desktop: Arc<Desktop>) {
    if std::env::var_os("NOTIFY_SOCKET").is_none() {
        return;
    }
    let (mut changes, mut glance, mut told) = (desktop.changes(), interval(GLANCE), String::new());
    loop {
        tokio::select! {
            Ok(()) = changes.changed() => {}
            _ = glance.tick() => {}
        }
        let report = desktop.report();
        let database = store.trouble().map_or_else(|| "✔".into(), |why| format!("✘ {why}"));
        let device = |device: &Device| if device.ok { "✔".into() } else { format!("✘ {}", device.detail) };
        let (sound, popup) = (device(&report.sound), device(&report.popup));
        let line = format!("{address} · 数据库 database {database} · 声音 sound {sound} · 弹窗 popup {popup}");
        if line != told {
            tell(&[NotifyState::Status(&line)]);
            told = line;
        }
    }
}

/// Whether stderr is the journal's. A terminal inside a user service inherits the variable, but not the stream.
pub fn in_journal() -> bool {
    let stream = std::env::var("JOURNAL_STREAM").unwrap_or_default();
    let stderr = std::fs::metadata("/proc/self/fd/2");
    stderr.is_ok_and(|stderr| stream == format!("{}:{}", stderr.dev(), stderr.ino()))
}

/// Lines for the journal, which knows the time and the unit: `<level>words`, so that `journalctl -p warning` works.
pub struct JournalLines;

impl<S, N> FormatEvent<S, N> for JournalLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> std::fmt::Result {
        let mut words = String::new();
        context.format_fields(Writer::new(&mut words), event)?;
        // The numbers are syslog's.
        let level = match *event.metadata().level() {
            Level::ERROR => 3,
            Level::WARN => 4,
            Level::INFO => 6,
            Level::DEBUG | Level::TRACE => 7,
        };
        words.lines().try_for_each(|line| writeln!(writer, "<{level}>{line}"))
    }
}
