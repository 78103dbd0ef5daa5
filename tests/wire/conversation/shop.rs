//! The shop in which conversations are held: new, where it is noon, and where nobody hears or sees the counter PC, which
//! is so on every machine.

use crate::support::{Daemon, PATIENCE};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use std::path::Path;
use std::time::{Duration, Instant};

pub struct Shop {
    pub daemon: Daemon,
    pub password: String,
    /// The numbers and codes of its tables.
    pub tables: Vec<(String, String)>,
    pub begun: Zoned,
    _home: tempfile::TempDir,
}

/// A zone where it is after twelve now: no business day ends, and no dish's hours turn, during a conversation.
fn zone() -> String {
    let hour = Timestamp::now().to_zoned(TimeZone::UTC).hour();
    // POSIX signs: Etc/GMT-8 is eight hours ahead of Greenwich.
    match 12 - hour {
        ahead @ 1.. => format!("Etc/GMT-{ahead}"),
        0 => "Etc/GMT".to_owned(),
        behind => format!("Etc/GMT+{}", -behind),
    }
}

impl Shop {
    /// With these changes of its configuration.
    pub async fn open(changes: &[(String, String)]) -> Shop {
        let home = tempfile::tempdir().expect("a temporary directory");
        let (data, path) = (home.path().join("data"), home.path().join("tablebell.toml"));
        let mut init = Daemon::command();
        let made = init.args(["init", "--sample", "--data"]).arg(&data).arg("--config").arg(&path).output();
        let made = String::from_utf8(made.expect("tablebell runs").stdout).expect("text");
        let password = made.split("admin / ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a password");
        let zone = zone();
        let mut text = std::fs::read_to_string(&path).expect("a configuration");
        let own = [("\"Asia/Shanghai\"", format!("\"{zone}\"")), ("test_at = \"10:00\"", "test_at = \"\"".to_owned())];
        let own = own.map(|(from, to)| (from.to_owned(), to)).into_iter();
        let demo = ("demo = false".to_owned(), "demo = true".to_owned());
        for (from, to) in own.chain([demo]).chain(changes.iter().cloned()) {
            assert_eq!(text.matches(&from).count(), 1, "the configuration says {from:?}");
            text = text.replace(&from, &to);
        }
        std::fs::write(&path, text).expect("the configuration is written");
        let daemon = Shop::start(&path, &data);
        let shop = Shop {
            tables: tables(&daemon),
            password: password.to_owned(),
            begun: Timestamp::now().in_tz(&zone).expect("a time zone"),
            daemon,
            _home: home,
        };
        shop.settle().await;
        shop
    }

    fn start(config: &Path, data: &Path) -> Daemon {
        let mut command = Daemon::command();
        command.args(["run", "--lan", "127.0.0.1:0", "--tunnel", "127.0.0.1:0", "--config"]).arg(config);
        command.env("PULSE_SERVER", "unix:/nonexistent/pulse").env("ALSA_CONFIG_PATH", "/dev/null");
        Daemon::spawn(command, data)
    }

    /// Until it is known that nobody hears and sees the PC.
    async fn settle(&self) {
        let deadline = Instant::now() + PATIENCE;
        while self.daemon.health().await.body["status"] != "failing" {
            assert!(Instant::now() < deadline, "somebody hears the PC, or sees it: {:?}", self.daemon.health().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn tables(daemon: &Daemon) -> Vec<(String, String)> {
    let numbers: String = daemon.stored("select group_concat(number || ' ' || code) from dining_table");
    let pair = |one: &str| one.split_once(' ').map(|(number, code)| (number.to_owned(), code.to_owned()));
    numbers.split(',').map(|one| pair(one).expect("number and code")).collect()
}
