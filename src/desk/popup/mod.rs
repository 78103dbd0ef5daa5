//! The desktop popups: what stands on the screen, and what people answer there. A notification daemon that hangs holds up
//! this task and nothing else, and is shown what is wanted *then* when it wakes.

pub mod notice;
mod notification;
mod notifier;

use super::desktop::Desktop;
use super::{Answer, Open};
use crate::alert::Language;
use anyhow::{Context, Result};
use notice::{Key, Notice, notices};
use notification::{Response, Shown, Told, show};
use notifier::{News, Notifier, PATIENCE, no_answer};
use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout};

/// How often the notification daemon is looked for.
const PROBE: Duration = Duration::from_secs(5);
/// Between two tries to reach the bus.
const RETRY: Duration = Duration::from_secs(2);
const NO_DAEMON: &str = "没有桌面通知服务 no notification daemon";

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
    Notifier::find().await?;
    let (told, _) = mpsc::unbounded_channel();
    let shown = timeout(PATIENCE, show(notice, None, told)).await.map_err(|_| no_answer())?;
    let shown = shown.context(NO_DAEMON)?;
    tokio::time::sleep(PATIENCE).await;
    let _ = timeout(PATIENCE, shown.close()).await;
    Ok(())
}

/// What is on the screen, as far as we know.
struct Screen {
    shown: HashMap<Key, Shown>,
    /// Since when. They are still listened to: word of a press may come after that of the end.
    dismissed: HashMap<Key, (Instant, Shown)>,
    tell: UnboundedSender<Told>,
    told: UnboundedReceiver<Told>,
}

impl Popups {
    /// Shows for ever.
    pub async fn run(mut self) {
        while self.open.has_changed().is_ok() {
            let error = match Notifier::find().await {
                Ok(notifier) => match self.serve(notifier).await {
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
    async fn serve(&mut self, mut notifier: Notifier) -> Result<()> {
        let mut sound = self.desktop.changes();
        let mut probe = tokio::time::interval(PROBE);
        let mut screen = Screen::default();
        loop {
            tokio::select! {
                biased;
                Some((id, response)) = screen.told.recv() => self.hear(&notifier, &mut screen, id, response).await,
                changed = self.open.changed() => {
                    if changed.is_err() {
                        return Ok(());
                    }
                    self.arrange(&notifier, &mut screen).await;
                }
                _ = sound.changed() => self.arrange(&notifier, &mut screen).await,
                news = notifier.next() => match news? {
                    News::Closed(id) => screen.dismiss(id),
                    News::Replaced => {
                        screen = Screen::default();
                        probe.reset_immediately();
                    }
                    News::Came => probe.reset_immediately(),
                },
                _ = probe.tick() => {
                    let there = self.patiently(&notifier, notifier.probe()).await;
                    let works = there.is_ok();
                    self.desktop.note_popup(&there);
                    if works {
                        screen.forgive(self.repeat);
                        self.arrange(&notifier, &mut screen).await;
                    }
                }
            }
        }
    }

    /// Brings the screen to what should be there now.
    async fn arrange(&mut self, notifier: &Notifier, screen: &mut Screen) {
        let report = self.desktop.report();
        let silent_since = (report.sound.checked && !report.sound.ok).then(|| clock_time(&report.sound.since));
        let open = self.open.borrow_and_update().clone();
        let wanted = notices(&open, self.language, silent_since);
        let arranged = self.bring(notifier, screen, wanted).await;
        if arranged.is_err() || !screen.shown.is_empty() {
            self.desktop.note_popup(&arranged);
        }
    }

    async fn bring(&self, notifier: &Notifier, screen: &mut Screen, wanted: Vec<Notice>) -> Result<()> {
        let is_wanted = |key: &Key| wanted.iter().any(|notice| notice.key == *key);
        let over: Vec<Key> = screen.shown.keys().copied().filter(|key| !is_wanted(key)).collect();
        screen.dismissed.retain(|key, _| is_wanted(key));
        for key in over {
            if let Some(shown) = screen.shown.remove(&key) {
                self.take_away(notifier, &shown).await;
            }
        }
        for notice in wanted {
            let before = screen.shown.get(&notice.key);
            if screen.is_dismissed(&notice) || before.is_some_and(|shown| shown.notice == notice) {
                continue;
            }
            let (key, replaced) = (notice.key, before.map(Shown::id));
            let shown = self.patiently(notifier, show(notice, replaced, screen.tell.clone())).await?;
            screen.dismissed.remove(&key);
            screen.shown.insert(key, shown);
        }
        Ok(())
    }

    async fn take_away(&self, notifier: &Notifier, shown: &Shown) {
        let close = async {
            shown.close().await;
            anyhow::Ok(())
        };
        // Fails when the bus is gone, and the popup with it.
        let _ = self.patiently(notifier, close).await;
    }

    /// A call that takes too long is reported, and waited for all the same: a daemon that hangs will do what it was
    /// asked when it wakes, so nothing more is asked of it before.
    async fn patiently<T, E>(&self, notifier: &Notifier, call: impl Future<Output = Result<T, E>>) -> Result<T>
    where
        Result<T, E>: Context<T, E>,
    {
        let mut call = pin!(call);
        let done = match timeout(PATIENCE, &mut call).await {
            Ok(done) => done,
            Err(_) => {
                self.desktop.note_popup(&Err(no_answer()));
                tokio::select! {
                    done = call => done,
                    // Another bus may be in its place, which never says a word.
                    lost = notifier.is_lost() => return Err(lost),
                }
            }
        };
        done.context(NO_DAEMON)
    }

    async fn hear(&self, notifier: &Notifier, screen: &mut Screen, id: u32, response: Response) {
        if let Some(shown) = screen.find(id) {
            let alerts = shown.notice.alerts.clone();
            let answer = match response {
                Response::Accepted => Some(Answer::Accept(alerts)),
                Response::PutOff => Some(Answer::Later(alerts)),
                Response::Closed => None,
            };
            if let Some(answer) = answer {
                // Full only when answers pile up unread; the alert then simply rings again.
                let _ = self.answers.try_send(answer);
                // Most desktops have taken it away by themselves.
                self.take_away(notifier, shown).await;
            }
        }
        screen.dismiss(id);
    }
}

impl Default for Screen {
    fn default() -> Screen {
        let (tell, told) = mpsc::unbounded_channel();
        Screen { shown: HashMap::new(), dismissed: HashMap::new(), tell, told }
    }
}

impl Screen {
    fn find(&self, id: u32) -> Option<&Shown> {
        let dismissed = self.dismissed.values().map(|(_, shown)| shown);
        self.shown.values().chain(dismissed).find(|shown| shown.id() == id)
    }

    /// It is gone; where nothing was answered, it comes back.
    fn dismiss(&mut self, id: u32) {
        let key = self.shown.iter().find(|(_, shown)| shown.id() == id).map(|(key, _)| *key);
        if let Some((key, shown)) = key.and_then(|key| self.shown.remove_entry(&key)) {
            self.dismissed.insert(key, (Instant::now(), shown));
        }
    }

    /// Waved away a while ago, and nothing has come since.
    fn is_dismissed(&self, notice: &Notice) -> bool {
        let before = self.dismissed.get(&notice.key);
        before.is_some_and(|(_, shown)| notice.alerts.iter().all(|alert| shown.notice.alerts.contains(alert)))
    }

    fn forgive(&mut self, repeat: Duration) {
        self.dismissed.retain(|_, (at, _)| at.elapsed() < repeat);
    }
}

/// `12:03` of an RFC 3339 time.
fn clock_time(rfc3339: &str) -> &str {
    rfc3339.get(11..16).unwrap_or(rfc3339)
}
