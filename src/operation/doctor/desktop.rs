//! Whether the counter PC is heard and seen: it speaks and shows something now, and somebody is asked.

use super::{Finding, Patient, finding};
use crate::config::Config;
use crate::desk::popup;
use crate::desk::voice::sentence::{Saying, sentence};
use crate::desk::voice::speaker::Speaker;
use anyhow::{Result, anyhow};
use serde_json::Value;
use std::io::Write;

pub async fn examine(patient: &Patient, told: Option<&Value>) -> [Finding; 2] {
    let (played, shown) = tokio::join!(speak(&patient.config), popup::try_out());
    let heard = match (&played, patient.attended) {
        (Ok(()), true) => ask(),
        _ => None,
    };
    let sound = match heard {
        Some(false) => Err(anyhow!(
            "播放了但没人听到：请打开音箱电源，调大音量，检查系统的输出设备 played, but nobody heard it: switch the speaker \
             on, turn the volume up, check the system's output device"
        )),
        Some(true) => Ok("听到了 heard".to_owned()),
        None => judge(
            told.map(|told| &told["sound"]),
            played,
            "已完整播放，没有人可问 played whole; nobody was asked",
            "请接好音箱 connect a speaker",
        ),
    };
    let popup = judge(
        told.map(|told| &told["popup"]),
        shown,
        "已显示，并已收起 shown and taken away",
        "请登录桌面 log in to the desktop",
    );
    [finding("声音 sound", sound), finding("弹窗 popup", popup)]
}

async fn speak(config: &Config) -> Result<()> {
    let speaker = Speaker::start(config.data.join("sound"), config.volume)?;
    speaker.say(&sentence(config.language, &Saying::Test)).await
}

/// The running daemon knows its own session; this terminal's may be another one, as over ssh or as root.
fn judge(told: Option<&Value>, own: Result<()>, fine: &str, help: &str) -> Result<String> {
    match (told, own) {
        (Some(device), _) if device["ok"] == false => {
            let detail = device["detail"].as_str().unwrap_or_default();
            Err(anyhow!("{help}; 正在运行的桌铃说 the running daemon says: {detail}"))
        }
        (_, Ok(())) => Ok(fine.to_owned()),
        (Some(_), Err(error)) => Ok(format!(
            "正在运行的桌铃可以 the running daemon can; 这个终端不行 this terminal's session can't: {error:#}"
        )),
        (None, Err(error)) => Err(error.context(format!(
            "{help}; 请用店里的桌面用户运行，不要用 root 或 ssh run this as the desktop's user, not as root or over ssh"
        ))),
    }
}

/// `None` when the answer can't be read.
fn ask() -> Option<bool> {
    let mut stdout = std::io::stdout();
    let asked = write!(stdout, "听到了吗？ Did you hear it? [y/N] ").and_then(|()| stdout.flush());
    let mut answer = String::new();
    asked.and_then(|()| std::io::stdin().read_line(&mut answer)).ok()?;
    Some(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "是" | "听到了"))
}
