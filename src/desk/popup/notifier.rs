//! The desktop's notification daemon: the only place that names zbus. A popup's own connection can't tell that the daemon
//! is another one now or answers at all, and loses words of popups' ends when several come at once.

use anyhow::{Context, Result, anyhow};
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::timeout;
use zbus::fdo::{DBusProxy, NameOwnerChangedStream};

/// After this a call that is not answered is reported.
pub const PATIENCE: Duration = Duration::from_secs(3);
const NAME: &str = "org.freedesktop.Notifications";
const NO_BUS: &str = "消息总线已断开 the message bus is gone";

#[zbus::proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications"
)]
trait Notifications {
    fn get_server_information(&self) -> zbus::Result<(String, String, String, String)>;
    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
}

pub struct Notifier {
    bus: zbus::Connection,
    daemon: NotificationsProxy<'static>,
    closed: NotificationClosedStream,
    owners: NameOwnerChangedStream,
}

pub enum News {
    /// The popup with that id is gone.
    Closed(u32),
    /// Whoever shows popups from now on knows nothing of those that were shown before.
    Replaced,
    /// One is there that was not.
    Came,
}

impl Notifier {
    /// A bus that accepts and says nothing is left again.
    ///
    /// # Errors
    /// No bus, or one that does not answer.
    pub async fn find() -> Result<Notifier> {
        let connected = timeout(PATIENCE, zbus::Connection::session()).await;
        let bus =
            connected.map_err(|_| no_answer())?.context("没有桌面会话 no desktop session: no notification daemon")?;
        let daemon = NotificationsProxy::new(&bus).await?;
        let closed = daemon.receive_notification_closed().await?;
        let owners = DBusProxy::new(&bus).await?.receive_name_owner_changed_with_args(&[(0, NAME)]).await?;
        Ok(Notifier { bus, daemon, closed, owners })
    }

    /// # Errors
    /// The bus's end.
    pub async fn next(&mut self) -> Result<News> {
        tokio::select! {
            biased;
            closed = self.closed.next() => Ok(News::Closed(closed.context(NO_BUS)?.args()?.id)),
            owner = self.owners.next() => match owner.context(NO_BUS)?.args()?.old_owner.is_some() {
                true => Ok(News::Replaced),
                // It may have been activated by what was asked of it before this word comes.
                false => Ok(News::Came),
            },
        }
    }

    /// Whether it answers; waits for it.
    ///
    /// # Errors
    /// There is none.
    pub async fn probe(&self) -> zbus::Result<()> {
        self.daemon.get_server_information().await.map(drop)
    }

    /// Waits for the bus's end; answers what to say of it.
    pub async fn is_lost(&self) -> anyhow::Error {
        self.bus.closed().await;
        anyhow!(NO_BUS)
    }
}

pub fn no_answer() -> anyhow::Error {
    anyhow!("桌面通知服务没有响应 the notification daemon does not answer")
}
