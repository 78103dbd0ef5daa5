//! A notification daemon that the test plays itself: it writes down all that it is asked, and has quick people.

use crate::desk::Desk;
use crate::support::PATIENCE;
use futures_util::StreamExt;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use zbus::message::Type;
use zbus::{Connection, Message, MessageStream, OwnedVariant};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// As quick as people are.
pub const HAND: Duration = Duration::from_millis(50);

/// The arguments of a call `Notify`, as the freedesktop notification specification has them.
type Arguments = (String, u32, String, String, String, Vec<String>, HashMap<String, OwnedVariant>, i32);

#[derive(Debug)]
pub struct Popup {
    pub id: u32,
    pub replaced: u32,
    /// The connection that asked for it.
    pub sender: String,
    pub app: String,
    pub icon: String,
    pub title: String,
    pub body: String,
    pub actions: Vec<String>,
    pub hints: HashMap<String, OwnedVariant>,
    pub expires: i32,
}

#[derive(Debug)]
enum Asked {
    Show(Box<Popup>),
    Close(u32),
}

pub struct Played {
    bus: Connection,
    asked: UnboundedReceiver<Asked>,
    last_id: Arc<AtomicU32>,
    serving: JoinHandle<()>,
}

impl Drop for Played {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Played {
    pub async fn on(desk: &Desk) -> Played {
        let address = format!("unix:path={}", desk.path().join("bus").to_string_lossy());
        let builder = zbus::connection::Builder::address(address.as_str());
        let bus = builder.build().await.expect("the bus answers");
        let (tell, asked) = unbounded_channel();
        let last_id = Arc::new(AtomicU32::new(0));
        let serving = tokio::spawn(serve(bus.clone(), MessageStream::from(&bus), last_id.clone(), tell));
        bus.request_name(NAME).await.expect("there is no other");
        Played { bus, asked, last_id, serving }
    }

    /// Another one comes in its place, which counts from one again.
    pub async fn restart(&self) {
        self.bus.release_name(NAME).await.expect("it can go");
        self.last_id.store(0, Ordering::SeqCst);
        self.bus.request_name(NAME).await.expect("it can come");
    }

    async fn next(&mut self) -> Asked {
        timeout(PATIENCE, self.asked.recv()).await.expect("something is asked").expect("it serves")
    }

    /// The next popup that is asked for.
    pub async fn shows(&mut self) -> Popup {
        loop {
            if let Asked::Show(popup) = self.next().await {
                return *popup;
            }
        }
    }

    /// Presses the first button, and again where the popup comes back because nobody had listened yet, until it is taken
    /// away for the answer.
    pub async fn accepts(&mut self, mut popup: Popup) {
        for _ in 0..3 {
            tokio::time::sleep(HAND).await;
            self.press(popup.id, "accept", None).await;
            match self.next().await {
                Asked::Close(id) if id == popup.id => return,
                Asked::Close(id) => panic!("{id} is not {}", popup.id),
                Asked::Show(again) => popup = *again,
            }
        }
        panic!("no press is an answer: {popup:?}");
    }

    /// What was asked and not looked at yet.
    pub fn rest(&mut self) -> usize {
        std::iter::from_fn(|| self.asked.try_recv().ok()).count()
    }

    /// Somebody presses that button, and the popup goes. With a `listener` nobody else is told.
    pub async fn press(&self, id: u32, action: &str, listener: Option<&str>) {
        let arguments = (id, action);
        let told = self.bus.emit_signal(listener, PATH, NAME, "ActionInvoked", &arguments);
        told.await.expect("it is told");
        self.tell_closed(id, listener).await;
    }

    /// Somebody waves all of these away with one gesture.
    pub async fn sweep(&self, ids: &[u32]) {
        for id in ids {
            self.tell_closed(*id, None).await;
        }
    }

    async fn tell_closed(&self, id: u32, listener: Option<&str>) {
        let arguments = (id, 2u32);
        let told = self.bus.emit_signal(listener, PATH, NAME, "NotificationClosed", &arguments);
        told.await.expect("it is told");
    }

    /// Waits until the bus has so many connections beside this one.
    pub async fn has_connections(&self, wanted: usize) {
        let bus = zbus::fdo::DBusProxy::new(&self.bus).await.expect("a proxy");
        let deadline = Instant::now() + PATIENCE;
        loop {
            let names = bus.list_names().await.expect("the bus answers");
            let found = names.iter().filter(|name| name.starts_with(':')).count() - 1;
            if found == wanted {
                return;
            }
            assert!(Instant::now() < deadline, "{found} connections, not {wanted}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

async fn serve(bus: Connection, mut messages: MessageStream, last_id: Arc<AtomicU32>, asked: UnboundedSender<Asked>) {
    while let Some(Ok(message)) = messages.next().await {
        let header = message.header();
        if header.message_type() != Type::MethodCall {
            continue;
        }
        let replied = match header.member().map(|member| member.as_str()) {
            Some("Notify") => {
                let popup = read(&message, &last_id);
                let replied = bus.reply(&header, &popup.id).await;
                let _ = asked.send(Asked::Show(Box::new(popup)));
                replied
            }
            Some("CloseNotification") => {
                let id: u32 = message.body().deserialize().expect("an id");
                let _ = asked.send(Asked::Close(id));
                bus.reply(&header, &()).await
            }
            Some("GetServerInformation") => bus.reply(&header, &("played", "test", "1", "1.2")).await,
            other => panic!("nobody should ask for {other:?}"),
        };
        replied.expect("the bus takes the reply");
    }
}

fn read(message: &Message, last_id: &AtomicU32) -> Popup {
    let body = message.body();
    let (app, replaced, icon, title, body, actions, hints, expires): Arguments =
        body.deserialize().expect("what the specification says");
    let id = if replaced == 0 { last_id.fetch_add(1, Ordering::SeqCst) + 1 } else { replaced };
    let sender = message.header().sender().expect("the bus says from whom").to_string();
    Popup { id, replaced, sender, app, icon, title, body, actions, hints, expires }
}
