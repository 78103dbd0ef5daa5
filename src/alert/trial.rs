//! One sentence and one popup now, for `tablebell doctor`.

use super::popup::{Popup, Popups};
use super::sentence::Part;
use super::speaker::Speaker;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc;

/// How long the popup can be read.
const SHOWN: Duration = Duration::from_secs(3);
const PAUSE: u64 = 120;

/// Plays a sentence whole.
///
/// # Errors
/// Why nothing, or not all, was heard.
pub async fn speak(own_sounds: PathBuf) -> anyhow::Result<()> {
    let sentence = [Part::Chime("order"), Part::Pause(PAUSE), Part::Clip("say.new_order".to_owned())];
    Speaker::start(own_sounds)?.say(&sentence).await
}

/// Shows a popup for a moment.
///
/// # Errors
/// Why nobody sees it: no bus, no notification daemon, or one that does not answer.
pub async fn popup() -> anyhow::Result<()> {
    let (answers, _unread) = mpsc::channel(1);
    let mut popups = Popups::default();
    let title = "桌铃测试 Tablebell test".to_owned();
    let body = "看到这个就好，它会自己消失 this is all, it goes away by itself".to_owned();
    popups.show(Popup { title, body, alerts: Vec::new() }, &answers).await?;
    tokio::time::sleep(SHOWN).await;
    popups.hide(&answers).await;
    Ok(())
}
