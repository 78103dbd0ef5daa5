//! A counter PC's desktop, piece by piece: a test starts, stops and restarts what it is about.

use crate::popup::{Bus, DeafBus, Notifier, Screen};
use crate::process::private;
use crate::sound::{Kind, SoundServer};
use crate::support::{Daemon, PATIENCE};
use std::path::Path;
use std::time::{Duration, Instant};

/// Where everything of one desktop lives: sockets, logs, homes. Nothing runs yet.
pub struct Desk {
    folder: tempfile::TempDir,
    sound: Kind,
}

impl Desk {
    pub fn new() -> Desk {
        Desk::with(Kind::PulseAudio)
    }

    /// A desktop with a sound server of this kind.
    pub fn with(sound: Kind) -> Desk {
        let folder = tempfile::tempdir().expect("a temporary directory");
        for name in ["home", "run"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        // No default device: without the private sound server there is no sound, whatever this machine has.
        std::fs::write(folder.path().join("asound.conf"), "# empty\n").expect("the file is written");
        Desk { folder, sound }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A daemon that belongs to this desktop. It rings again after `repeat` seconds.
    pub fn daemon(&self, repeat: u32) -> Daemon {
        self.daemon_on(&self.path().join("shop"), repeat)
    }

    pub fn daemon_on(&self, data: &Path, repeat: u32) -> Daemon {
        let environment = self.environment();
        let environment: Vec<(&str, &str)> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Daemon::on(data, &["--repeat-seconds", &repeat.to_string()], &environment)
    }

    /// What a program needs to be heard and seen here, and nowhere else.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let mut environment = private(self.path());
        environment.push(("PULSE_SERVER", SoundServer::address(self.path())));
        environment.push(("ALSA_CONFIG_PATH", self.path().join("asound.conf").to_string_lossy().into_owned()));
        environment
    }

    pub fn start_sound(&self) -> SoundServer {
        SoundServer::start(self.sound, self.path())
    }

    pub fn start_bus(&self) -> Bus {
        Bus::start(self.path())
    }

    pub fn start_deaf_bus(&self) -> DeafBus {
        DeafBus::start(self.path())
    }

    pub fn start_screen(&self) -> Screen {
        Screen::start(self.path())
    }

    pub fn start_notifier(&self, screen: &Screen) -> Notifier {
        Notifier::start(self.path(), screen)
    }
}

/// A fault is told, and its end noticed, within this.
pub const NOTICE: Duration = Duration::from_secs(10);

/// Asks `/healthz` until `device` is `ok`; answers how long that took.
pub async fn health_when(daemon: &Daemon, device: &str, ok: bool) -> Duration {
    let begun = Instant::now();
    loop {
        let report = daemon.health().await.body;
        if report[device]["ok"] == ok {
            let detail = report[device]["detail"].as_str().expect("a detail");
            assert_eq!(detail.is_empty(), ok, "what is wrong is said: {report}");
            return begun.elapsed();
        }
        assert!(begun.elapsed() < PATIENCE * 2, "{device} should become ok = {ok}: {report}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The same within `NOTICE` of `since`.
pub async fn noticed(daemon: &Daemon, device: &str, ok: bool, since: Instant) {
    health_when(daemon, device, ok).await;
    let report = daemon.health().await.body;
    println!("{device}: {} told after {:?}", report[device], since.elapsed());
    assert!(since.elapsed() < NOTICE, "{device} is told to be {ok} after {:?}", since.elapsed());
}

/// Runs each scenario on a thread of its own, named after the test and itself: they wait, mostly. What it starts ends
/// with its thread.
pub fn side_by_side<T, F>(scenarios: &[T], play: fn(T) -> F)
where
    T: std::fmt::Debug + Copy + Send,
    F: Future<Output = ()>,
{
    let test = std::thread::current().name().unwrap_or("test").to_owned();
    std::thread::scope(|scope| {
        let start = |scenario: &T| {
            let (name, scenario) = (format!("{test}-{scenario:?}"), *scenario);
            let thread = std::thread::Builder::new().name(name);
            thread.spawn_scoped(scope, move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.expect("a runtime").block_on(play(scenario));
            })
        };
        // A panic in one fails the test when all have ended.
        scenarios.iter().for_each(|scenario| drop(start(scenario).expect("a thread")));
    });
}
