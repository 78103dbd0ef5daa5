//! The desktop popup: the only place that names notify-rust. One popup at a time, replaced and not stacked. A deaf
//! bus hangs for ever, so every call has a deadline, and only the async calls are used (the others panic here).

use crate::units::AlertId;
use anyhow::{Context, anyhow};
use notify_rust::{Hint, Notification, NotificationHandle, NotificationResponse, Timeout, Urgency};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

const PATIENCE: Duration = Duration::from_secs(3);
/// A waiter never learns that the notification daemon died: it is given up after this and made anew with the next ring.
const MAX_LIFE: Duration = Duration::from_secs(15 * 60);
const ACCEPT: &str = "accept";

/// What the popup shows, and which alerts its button answers.
pub struct Popup {
    pub title: String,
    /// Plain text; escaped here, because a body is markup.
    pub body: String,
    pub alerts: Vec<AlertId>,
}

#[derive(Default)]
pub struct Popups {
    shown: Option<Shown>,
    /// A call that a hung daemon has not answered yet: it will show that popup when it wakes, so nothing else is asked
    /// of it before, or each ring would leave one more on the screen.
    asked: Option<(JoinHandle<notify_rust::error::Result<NotificationHandle>>, Vec<AlertId>)>,
    probing: Arc<AtomicBool>,
}

struct Shown {
    handle: Arc<NotificationHandle>,
    waiter: JoinHandle<()>,
    alerts: Vec<AlertId>,
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.waiter.abort();
    }
}

impl Popups {
    /// Shows `popup` instead of what is shown. A press on its button sends its alerts to `answered`.
    ///
    /// # Errors
    /// Why nobody sees it: no bus, no notification daemon, or one that does not answer.
    pub async fn show(&mut self, popup: Popup, answered: &mpsc::Sender<Vec<AlertId>>) -> anyhow::Result<()> {
        self.settle(PATIENCE, answered).await?;
        let mut notification = Notification::new();
        notification
            .appname("Tablebell")
            .summary(&popup.title)
            .body(&escape(&popup.body))
            .icon("dialog-information")
            .action(ACCEPT, "知道了")
            .hint(Hint::Category("im.received".to_owned()))
            .urgency(Urgency::Critical)
            .timeout(Timeout::Never);
        if let Some(shown) = self.shown.take() {
            notification.id(shown.handle.id());
        }
        let asked = tokio::spawn(async move { notification.show_async().await });
        self.asked = Some((asked, popup.alerts.clone()));
        self.settle(PATIENCE, answered).await
    }

    /// Waits so long for the call under way.
    async fn settle(&mut self, patience: Duration, answered: &mpsc::Sender<Vec<AlertId>>) -> anyhow::Result<()> {
        let Some((asked, alerts)) = &mut self.asked else { return Ok(()) };
        let done = tokio::time::timeout(patience, asked).await;
        let done = done.map_err(|_| anyhow!("the notification daemon does not answer"))?;
        let alerts = std::mem::take(alerts);
        self.asked = None;
        let handle = done.context("asking for a popup")?.context("no notification daemon")?;
        let handle = Arc::new(handle);
        let waiter = tokio::spawn(wait(handle.clone(), alerts.clone(), answered.clone()));
        self.shown = Some(Shown { handle, waiter, alerts });
        Ok(())
    }

    /// Whether a popup is on the screen that lists something else than `alerts`.
    pub fn is_outdated(&self, alerts: &[AlertId]) -> bool {
        self.shown.as_ref().is_some_and(|shown| shown.alerts != alerts)
    }

    /// Whether a hung daemon may still show something.
    pub fn is_pending(&self) -> bool {
        self.asked.is_some()
    }

    /// Takes the popup away: nothing waits for an answer any longer.
    pub async fn hide(&mut self, answered: &mpsc::Sender<Vec<AlertId>>) {
        let _ = self.settle(Duration::ZERO, answered).await;
        if let Some(shown) = self.shown.take() {
            let _ = tokio::time::timeout(PATIENCE, shown.handle.close_async()).await;
        }
    }

    /// Asks who shows popups, without showing one.
    ///
    /// # Errors
    /// Why a popup would not be seen now.
    pub async fn probe(&self) -> anyhow::Result<()> {
        if self.probing.swap(true, Ordering::SeqCst) {
            return Err(anyhow!("the notification daemon does not answer"));
        }
        let probing = self.probing.clone();
        let (reply, answer) = tokio::sync::oneshot::channel();
        // The call is synchronous and may hang: a thread of its own, never more than one.
        std::thread::spawn(move || {
            let _ = reply.send(notify_rust::get_server_information());
            probing.store(false, Ordering::SeqCst);
        });
        tokio::time::timeout(PATIENCE, answer)
            .await
            .map_err(|_| anyhow!("the notification daemon does not answer"))?
            .context("asking for the notification daemon")?
            .context("no notification daemon")?;
        Ok(())
    }
}

async fn wait(handle: Arc<NotificationHandle>, alerts: Vec<AlertId>, answered: mpsc::Sender<Vec<AlertId>>) {
    let mut pressed = false;
    let waiting = handle.wait_for_action_async(|response: &NotificationResponse| {
        pressed = matches!(response, NotificationResponse::Action(action) if action == ACCEPT)
            || matches!(response, NotificationResponse::Default);
    });
    let _ = tokio::time::timeout(MAX_LIFE, waiting).await;
    if pressed {
        // Full only when answers pile up unread; the alert then simply rings again.
        let _ = answered.try_send(alerts);
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
