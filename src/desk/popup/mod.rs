//! The desktop popups: the only place that speaks D-Bus. One connection for all of them, so that nothing piles up; a
//! notification daemon that hangs holds up this task and nothing else, and is shown what is wanted *then* when it wakes.

pub mod notice;

use super::desktop::Desktop;
use super::{Answer, Open};
use crate::alert::Language;
use crate::units::AlertId;
use anyhow::{Context, Result, anyhow};
use futures_util::StreamExt;
use notice::{Key, Notice, notices};
use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout};
use zbus::Variant;
use zbus::fdo::DBusProxy;

/// How often the notification daemon is looked for.
const PROBE: Duration = Duration::from_secs(5);
/// After this a call that is not answered is reported.
const PATIENCE: Duration = Duration::from_secs(3);
/// Between two tries to reach the bus.
const RETRY: Duration = Duration::from_secs(2);
const NAME: &str = "org.freedesktop.Notifications";
const NO_DAEMON: &str = "没有桌面通知服务 no notification daemon";
const NO_BUS: &str = "消息总线已断开 the message bus is gone";
const ACCEPT: &str = "accept";
const LATER: &str = "later";
/// Some desktops send this when the popup itself is clicked.
const CLICKED: &str = "default";
/// Of the freedesktop notification specification: urgency critical, and never expiring by itself.
const CRITICAL: u8 = 2;
const NEVER: i32 = 0;

#[zbus::proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications"
)]
trait Notifications {
    #[allow(clippy::too_many_arguments)]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Variant<'_>>,
        expire_timeout: i32,
    ) -> zbus::Result<u32>;
    fn close_notification(&self, id: u32) -> zbus::Result<()>;
    fn get_server_information(&self) -> zbus::Result<(String, String, String, String)>;
    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action: String) -> zbus::Result<()>;
    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
}

pub struct Popups {
    pub desktop: Arc<Desktop>,
    pub open: watch::Receiver<Arc<Open>>,
    pub answers: mpsc::Sender<Answer>,
    pub language: Language,
    /// A popup that was waved away without an answer comes back after this.
    pub repeat: Duration,
}

/// Shows a popup for a moment, for `tablebell doctor`.
///
/// # Errors
/// Why nobody sees it: no bus, no notification daemon, or one that does not answer.
pub async fn try_out() -> Result<()> {
    let notice = Notice {
        key: Key::Backlog,
        title: "桌铃测试 Tablebell test".to_owned(),
        body: "看到这个就好，它会自己消失 this is all, it goes away by itself".to_owned(),
        accept: "好 OK",
        later: "稍后 Later",
        alerts: Vec::new(),
    };
    let bus = connect().await?;
    let daemon = NotificationsProxy::new(&bus).await?;
    let shown = timeout(PATIENCE, show(&daemon, 0, &notice)).await.map_err(|_| no_answer())?;
    let id = shown.context(NO_DAEMON)?;
    tokio::time::sleep(PATIENCE).await;
    let _ = timeout(PATIENCE, daemon.close_notification(id)).await;
    Ok(())
}

/// What is on the screen, as far as we know.
#[derive(Default)]
struct Screen {
    shown: HashMap<Key, (u32, Notice)>,
    /// When, and what it was about.
    dismissed: HashMap<Key, (Instant, Vec<AlertId>)>,
}

impl Popups {
    /// Shows for ever.
    pub async fn run(mut self) {
        while self.open.has_changed().is_ok() {
            let error = match connect().await {
                Ok(bus) => match self.serve(&bus).await {
                    Ok(()) => return,
                    Err(error) => error,
                },
                Err(error) => error,
            };
            self.desktop.note_popup(&Err(error));
            tokio::time::sleep(RETRY).await;
        }
    }

    /// Until the daemon stops; an error is the bus's end.
    async fn serve(&mut self, bus: &zbus::Connection) -> Result<()> {
        let daemon = NotificationsProxy::new(bus).await?;
        let mut pressed = daemon.receive_action_invoked().await?;
        let mut closed = daemon.receive_notification_closed().await?;
        let names = DBusProxy::new(bus).await?;
        let mut owners = names.receive_name_owner_changed_with_args(&[(0, NAME)]).await?;
        let mut sound = self.desktop.changes();
        let mut probe = tokio::time::interval(PROBE);
        let mut screen = Screen::default();
        loop {
            tokio::select! {
                // A press and the popup's end come together: the press is looked at first.
                biased;
                press = pressed.next() => {
                    let press = press.context(NO_BUS)?;
                    let press = press.args()?;
                    self.answer(&screen, press.id, &press.action);
                }
                changed = self.open.changed() => {
                    if changed.is_err() {
                        return Ok(());
                    }
                    self.arrange(&daemon, &mut screen).await;
                }
                _ = sound.changed() => self.arrange(&daemon, &mut screen).await,
                end = closed.next() => screen.dismiss(end.context(NO_BUS)?.args()?.id),
                owner = owners.next() => {
                    let owner = owner.context(NO_BUS)?;
                    // Whoever shows popups from now on knows nothing of those that were shown before. One that was
                    // only just activated may have been asked for popups before this word of it comes.
                    if owner.args()?.old_owner.is_some() {
                        screen = Screen::default();
                    }
                    probe.reset_immediately();
                }
                _ = probe.tick() => {
                    let there = self.patiently(daemon.get_server_information()).await.map(drop);
                    let works = there.is_ok();
                    self.desktop.note_popup(&there);
                    if works {
                        screen.forgive(self.repeat);
                        self.arrange(&daemon, &mut screen).await;
                    }
                }
            }
        }
    }

    /// Brings the screen to what should be there now.
    async fn arrange(&mut self, daemon: &NotificationsProxy<'_>, screen: &mut Screen) {
        let report = self.desktop.report();
        let silent_since = (report.sound.checked && !report.sound.ok).then(|| clock_time(&report.sound.since));
        let open = self.open.borrow_and_update().clone();
        let wanted = notices(&open, self.language, silent_since);
        let arranged = self.bring(daemon, screen, wanted).await;
        if arranged.is_err() || !screen.shown.is_empty() {
            self.desktop.note_popup(&arranged);
        }
    }

    async fn bring(&self, daemon: &NotificationsProxy<'_>, screen: &mut Screen, wanted: Vec<Notice>) -> Result<()> {
        let is_wanted = |key: &Key| wanted.iter().any(|notice| notice.key == *key);
        let over: Vec<Key> = screen.shown.keys().copied().filter(|key| !is_wanted(key)).collect();
        screen.dismissed.retain(|key, _| is_wanted(key));
        for key in over {
            if let Some((id, _)) = screen.shown.remove(&key) {
                // Gone already where somebody pressed its button.
                let _ = self.patiently(daemon.close_notification(id)).await;
            }
        }
        for notice in wanted {
            let before = screen.shown.get(&notice.key);
            if screen.is_dismissed(&notice) || before.is_some_and(|(_, shown)| *shown == notice) {
                continue;
            }
            let replaced = before.map_or(0, |(id, _)| *id);
            let id = self.patiently(show(daemon, replaced, &notice)).await?;
            screen.shown.insert(notice.key, (id, notice));
        }
        Ok(())
    }

    /// A call that takes too long is reported, and waited for all the same: a daemon that hangs will do what it was
    /// asked when it wakes, so nothing more is asked of it before.
    async fn patiently<T>(&self, call: impl Future<Output = zbus::Result<T>>) -> Result<T> {
        let mut call = pin!(call);
        let done = match timeout(PATIENCE, &mut call).await {
            Ok(done) => done,
            Err(_) => {
                self.desktop.note_popup(&Err(no_answer()));
                call.await
            }
        };
        done.context(NO_DAEMON)
    }

    fn answer(&self, screen: &Screen, id: u32, action: &str) {
        let Some(notice) = screen.shown.values().find(|(shown, _)| *shown == id).map(|(_, notice)| notice) else {
            return;
        };
        let answer = match action {
            ACCEPT | CLICKED => Answer::Accept(notice.alerts.clone()),
            _ => Answer::Later(notice.alerts.clone()),
        };
        // Full only when answers pile up unread; the alert then simply rings again.
        let _ = self.answers.try_send(answer);
    }
}

impl Screen {
    /// Somebody, or the desktop, has taken it away without an answer.
    fn dismiss(&mut self, id: u32) {
        let key = self.shown.iter().find(|(_, (shown, _))| *shown == id).map(|(key, _)| *key);
        if let Some((key, (_, notice))) = key.and_then(|key| self.shown.remove_entry(&key)) {
            self.dismissed.insert(key, (Instant::now(), notice.alerts));
        }
    }

    /// Waved away a while ago, and nothing has come since.
    fn is_dismissed(&self, notice: &Notice) -> bool {
        let before = self.dismissed.get(&notice.key);
        before.is_some_and(|(_, alerts)| notice.alerts.iter().all(|alert| alerts.contains(alert)))
    }

    fn forgive(&mut self, repeat: Duration) {
        self.dismissed.retain(|_, (at, _)| at.elapsed() < repeat);
    }
}

/// A bus that accepts and says nothing is left again.
async fn connect() -> Result<zbus::Connection> {
    let connected = timeout(PATIENCE, zbus::Connection::session()).await;
    connected.map_err(|_| no_answer())?.context("没有桌面会话 no desktop session: no notification daemon")
}

fn no_answer() -> anyhow::Error {
    anyhow!("桌面通知服务没有响应 the notification daemon does not answer")
}

async fn show(daemon: &NotificationsProxy<'_>, replaced: u32, notice: &Notice) -> zbus::Result<u32> {
    let actions = [ACCEPT, notice.accept, LATER, notice.later];
    let hints = HashMap::from([("urgency", Variant::from(CRITICAL)), ("category", Variant::from("im.received"))]);
    let body = escape(&notice.body);
    daemon.notify("Tablebell", replaced, "tablebell", &notice.title, &body, &actions, hints, NEVER).await
}

/// A body is markup.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// `12:03` of an RFC 3339 time.
fn clock_time(rfc3339: &str) -> &str {
    rfc3339.get(11..16).unwrap_or(rfc3339)
}
