//! One popup on the screen: the only place that names notify-rust. Each has a connection of its own, which ends with it.

use super::notice::Notice;
use notify_rust::{Hint, Notification, NotificationHandle, NotificationResponse, Timeout, Urgency};
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::task::AbortOnDropHandle;

const ACCEPT: &str = "accept";
const LATER: &str = "later";

/// What became of the popup with that id.
pub type Told = (u32, Response);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Response {
    Accepted,
    PutOff,
    /// Waved away, by somebody or by the desktop.
    Closed,
}

/// A popup that stands. Dropped, it is not closed, but nobody listens to it any more.
pub struct Shown {
    pub notice: Notice,
    handle: Arc<NotificationHandle>,
    _listening: AbortOnDropHandle<()>,
}

impl Shown {
    pub fn id(&self) -> u32 {
        self.handle.id()
    }

    /// Takes it away, if it still stands. Waits for the notification daemon.
    pub async fn close(&self) {
        self.handle.close_async().await;
    }
}

/// Shows the notice in the place of the popup `replaced`. The first response to it goes to `told`.
///
/// # Errors
/// No bus, no notification daemon, or one that refuses. One that hangs is waited for.
pub async fn show(
    notice: Notice,
    replaced: Option<u32>,
    told: UnboundedSender<Told>,
) -> notify_rust::error::Result<Shown> {
    let handle = Arc::new(compose(&notice, replaced).show_async().await?);
    let listener = handle.clone();
    let listening = tokio::spawn(async move {
        let tell = |response: &NotificationResponse| {
            let _ = told.send((listener.id(), understand(response)));
        };
        listener.wait_for_action_async(tell).await;
    });
    Ok(Shown { notice, handle, _listening: AbortOnDropHandle::new(listening) })
}

fn compose(notice: &Notice, replaced: Option<u32>) -> Notification {
    let mut notification = Notification::new();
    notification
        .appname("Tablebell")
        .icon("tablebell")
        .summary(&notice.title)
        .body(&escape(&notice.body))
        .action(ACCEPT, notice.accept)
        .action(LATER, notice.later)
        .urgency(Urgency::Critical)
        .hint(Hint::Category("im.received".to_owned()))
        .timeout(Timeout::Never);
    if let Some(id) = replaced {
        notification.id(id);
    }
    notification
}

fn understand(response: &NotificationResponse) -> Response {
    match response {
        NotificationResponse::Closed(_) => Response::Closed,
        // Some desktops send this when the popup itself is clicked.
        NotificationResponse::Default => Response::Accepted,
        NotificationResponse::Action(action) if action == ACCEPT => Response::Accepted,
        NotificationResponse::Action(_) | NotificationResponse::Reply(_) => Response::PutOff,
    }
}

/// A body is markup.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
