//! A shop on a machine, made the way an owner makes one: install the package, `tablebell init`, enable the service.

use crate::machine::Machine;
use crate::process::wait_for;
use crate::sound::Recording;
use crate::support::{Counter, PATIENCE, Phone, send};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub const LAN: &str = "http://127.0.0.1:8080";
pub const TUNNEL: &str = "http://127.0.0.1:8081";
pub const SERVICE: &str = "tablebell@1000.service";
pub const CONFIG: &str = "/etc/tablebell/tablebell.toml";
pub const DATABASE: &str = "/var/lib/tablebell/tablebell.db";

/// The daemon's return after a kill.
pub const BACK_WITHIN: Duration = Duration::from_secs(3);

/// The package that `make deb` has built.
pub fn package() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("debian");
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}: make deb", folder.display()));
    let debs: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    assert_eq!(debs.len(), 1, "{} holds one package: make deb", folder.display());
    debs.into_iter().next().expect("there is one")
}

/// Copies `package` to the machine and installs it from there, as the manual says.
pub fn install(machine: &Machine, package: &Path, options: &[&str]) -> String {
    let there = format!("/root/{}", package.file_name().expect("a file").to_string_lossy());
    std::fs::copy(package, machine.path(&there)).expect("the package is copied");
    let apt = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends"];
    machine.run(&[&apt, options, &[there.as_str()]].concat())
}

pub struct Shop {
    pub machine: Machine,
    password: String,
    http: reqwest::Client,
}

impl Shop {
    /// A shop with the sample menu and pretended payments, that rings every four seconds, and serves.
    pub async fn opens(machine: Machine) -> Shop {
        let shop = Shop::made(machine);
        shop.machine.run(&["systemctl", "enable", "--now", SERVICE]);
        shop.healthy().await;
        shop
    }

    /// The same before its first start.
    pub fn made(machine: Machine) -> Shop {
        install(&machine, &package(), &[]);
        let mut changed = machine.read(CONFIG);
        for (from, to) in [
            ("demo = false", "demo = true"),
            ("repeat_seconds = 30", "repeat_seconds = 4"),
            // Or it would be spoken in between.
            ("test_at = \"10:00\"", "test_at = \"\""),
        ] {
            assert_eq!(changed.matches(from).count(), 1, "{from}");
            changed = changed.replace(from, to);
        }
        machine.write(CONFIG, &changed);
        let told = machine.run(&["tablebell", "init", "--sample"]);
        assert!(told.contains(&format!("systemctl enable --now {SERVICE}")), "{told}");
        assert_eq!(machine.read(CONFIG), changed, "the owner's configuration stays as it is");
        let login = told.split("admin / ").nth(1).and_then(|rest| rest.split(' ').next());
        let password = login.expect("init tells the login").to_owned();
        machine.enter_network();
        Shop::of(machine, password)
    }

    /// Whatever shop is served there.
    pub fn of(machine: Machine, password: String) -> Shop {
        // A connection each: none of a daemon that was killed.
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).build().expect("a client");
        Shop { machine, password, http }
    }

    /// Waits until it serves, and its devices work; answers what `/healthz` says.
    pub async fn healthy(&self) -> Value {
        let deadline = Instant::now() + PATIENCE * 2;
        loop {
            let health = self.health().await;
            if health["status"] == "ok" && health["sound"]["ok"] == true && health["popup"]["ok"] == true {
                return health;
            }
            assert!(Instant::now() < deadline, "{health}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// `null` where nobody answers.
    pub async fn health(&self) -> Value {
        match self.http.get(format!("{LAN}/healthz")).send().await {
            Ok(answer) => answer.json().await.unwrap_or_default(),
            Err(_) => Value::Null,
        }
    }

    /// Waits until it serves again; answers how long that took.
    pub async fn serves_again(&self) -> Duration {
        let begun = Instant::now();
        while self.health().await.is_null() {
            assert!(begun.elapsed() < PATIENCE, "it does not come back");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        begun.elapsed()
    }

    pub fn pid(&self) -> u32 {
        self.machine.property(SERVICE, "MainPID").parse().expect("a number")
    }

    /// As the machine counts: SIGKILL to the daemon alone.
    pub fn kill(&self) {
        self.machine.run(&["systemctl", "kill", "--kill-whom=main", "--signal=KILL", SERVICE]);
    }

    pub async fn counter(&self) -> Counter {
        let login = json!({ "username": "admin", "password": self.password });
        let mut counter = Counter { http: self.http.clone(), lan: LAN.to_owned(), token: String::new() };
        let data = counter.ok(Method::POST, "/admin/employee/login", login).await;
        counter.token = data["token"].as_str().expect("a token").to_owned();
        counter
    }

    /// A phone at A01, whose code the cashier looks up on the command line.
    pub async fn phone(&self) -> Phone {
        let tables = self.machine.run_as_cashier(&["tablebell", "table", "list", "--json"]);
        let tables: Value = serde_json::from_str(&tables).expect("JSON");
        let url = format!("{LAN}/api/store/session");
        let session = send(&self.http, Method::POST, url, "", &json!({ "code": tables[0]["code"] })).await;
        assert_eq!(session.status, StatusCode::OK, "{}", session.body);
        let session = &session.body["data"];
        Phone {
            http: self.http.clone(),
            lan: LAN.to_owned(),
            token: session["token"].as_str().expect("a token").to_owned(),
            table: session["tableId"].as_i64().expect("a tableId"),
            user: session["userId"].as_i64().expect("a userId"),
        }
    }

    /// Records what the cashier's loudspeaker would play, from now on.
    pub fn record(&self) -> Recording {
        wait_for("the cashier's sound server", || {
            let found = self.machine.cashiers(&["pactl", "info"]).output().expect("nsenter runs");
            found.status.success().then_some(())
        });
        let command = self.machine.cashiers(&["parec", "--device=@DEFAULT_MONITOR@"]);
        Recording::start(command, &self.machine.path("/root/parec.log"))
    }

    /// Every popup that was shown, `title | body`.
    pub fn popups(&self) -> Vec<String> {
        self.machine.read("/home/cashier/shown").lines().map(str::to_owned).collect()
    }

    /// Waits until a popup, beyond the first `mark`, shows all of `words`.
    pub fn shows(&self, mark: usize, words: &[&str]) {
        wait_for(&format!("a popup with {words:?}"), || {
            self.popups().iter().skip(mark).any(|popup| words.iter().all(|word| popup.contains(word))).then_some(())
        });
    }
}
