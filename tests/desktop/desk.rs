//! A counter PC's desktop, piece by piece: a test starts, stops and restarts what it is about.

use crate::popup::{Bus, Notifier, Screen};
use crate::process::private;
use crate::sound::SoundServer;
use crate::support::{Daemon, PATIENCE};
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};

/// Where everything of one desktop lives: sockets, logs, homes. Nothing runs yet.
pub struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    pub fn new() -> Desk {
        let folder = tempfile::tempdir().expect("a temporary directory");
        for name in ["home", "run"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        // No default device: without the private sound server there is no sound, whatever this machine has.
        std::fs::write(folder.path().join("asound.conf"), "# empty\n").expect("the file is written");
        Desk { folder }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A daemon that belongs to this desktop. It rings again after `repeat` seconds.
    pub fn daemon(&self, repeat: u32) -> Daemon {
        self.daemon_on(&self.path().join("shop"), repeat)
    }

    pub fn daemon_on(&self, data: &Path, repeat: u32) -> Daemon {
        let mut environment = private(self.path());
        environment.push(("PULSE_SERVER", SoundServer::address(self.path())));
        environment.push(("ALSA_CONFIG_PATH", self.path().join("asound.conf").to_string_lossy().into_owned()));
        let environment: Vec<(&str, &str)> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Daemon::on(data, &["--repeat-seconds", &repeat.to_string()], &environment)
    }

    pub fn start_sound(&self) -> SoundServer {
        SoundServer::start(self.path())
    }

    pub fn start_bus(&self) -> Bus {
        Bus::start(self.path())
    }

    pub fn start_screen(&self) -> Screen {
        Screen::start(self.path())
    }

    pub fn start_notifier(&self, screen: &Screen) -> Notifier {
        Notifier::start(self.path(), screen)
    }
}

/// What `/healthz` says.
pub async fn health(daemon: &Daemon) -> Value {
    let answer = reqwest::get(format!("{}/healthz", daemon.lan)).await.expect("healthz answers");
    assert_eq!(answer.status(), 200);
    answer.json().await.expect("healthz is JSON")
}

/// Asks `/healthz` until `device` is `ok`; answers how long that took.
pub async fn health_when(daemon: &Daemon, device: &str, ok: bool) -> Duration {
    let begun = Instant::now();
    loop {
        let report = health(daemon).await;
        if report[device]["ok"] == ok {
            let detail = report[device]["detail"].as_str().expect("a detail");
            assert_eq!(detail.is_empty(), ok, "what is wrong is said: {report}");
            return begun.elapsed();
        }
        assert!(begun.elapsed() < PATIENCE * 2, "{device} should become ok = {ok}: {report}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
