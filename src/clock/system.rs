//! What the system knows of the time.

use std::process::{Command, Stdio};
use std::time::Duration;

/// A system bus that takes longer is as good as gone.
const PATIENCE: Duration = Duration::from_secs(10);

/// systemd's word for what the kernel knows, whichever program sets the clock; `None` where there is none.
pub async fn is_synchronised() -> Option<bool> {
    let ask = || {
        let mut command = Command::new("timedatectl");
        command.args(["show", "--property", "NTPSynchronized", "--value"]).stdin(Stdio::null()).output()
    };
    let (reply, answer) = tokio::sync::oneshot::channel();
    // A thread that is left behind when it hangs.
    std::thread::spawn(move || reply.send(ask()));
    let answer = tokio::time::timeout(PATIENCE, answer).await.ok()?.ok()?.ok()?;
    match String::from_utf8_lossy(&answer.stdout).trim() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}
