//! The package's own life: installed, upgraded, removed, purged.

use crate::machine::Machine;
use crate::process::wait_for;
use crate::shop::{CONFIG, DATABASE, SERVICE, Shop, install, package};
use std::path::{Path, PathBuf};
use std::process::Command;

const TIMER: &str = "tablebell-backup@1000.timer";
const COPIES: &str = "/mnt/usb/tablebell";

/// A shop of the first release's schema, with orders and payments.
const FIRST_SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/schema-1.db");

/// The daemon of an older release, as far as the package manager can tell one: it runs, and knows no newer schema.
const OLD_DAEMON: &str = "#!/bin/sh\nexec sleep infinity\n";

/// What an older release's package was: another version, program, unit and configuration.
fn older_package(folder: &Path) -> PathBuf {
    let tree = folder.join("tree");
    run(Command::new("dpkg-deb").arg("--raw-extract").args([&package(), &tree]));
    let change = |path: &str, from: &str, to: &str| {
        let file = tree.join(path);
        let text = std::fs::read_to_string(&file).expect("the file is there");
        assert!(text.contains(from), "{path} has {from:?}");
        std::fs::write(file, text.replace(from, to)).expect("the file is written");
    };
    change("DEBIAN/control", "Version: ", "Version: 0.0.1~");
    change("etc/tablebell/tablebell.toml", "# Tablebell 桌铃", "# An older Tablebell 桌铃");
    change("usr/lib/systemd/system/tablebell@.service", "Type=notify", "Type=exec");
    change("usr/lib/systemd/system/tablebell@.service", "WatchdogSec=30", "");
    std::fs::write(tree.join("usr/bin/tablebell"), OLD_DAEMON).expect("the file is written");
    let deb = folder.join("tablebell_0.0.1_amd64.deb");
    run(Command::new("dpkg-deb").args(["--root-owner-group", "--build", "-Znone"]).args([&tree, &deb]));
    deb
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {output:?}");
}

#[tokio::test]
async fn an_upgrade_restarts_what_runs_migrates_the_shop_and_keeps_the_owners_configuration() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let machine = Machine::boot();
    install(&machine, &older_package(folder.path()), &[]);
    let edited = machine.read(CONFIG).replace("repeat_seconds = 30", "repeat_seconds = 7");
    machine.write(CONFIG, &edited);
    // By root, as a restored backup may lie there.
    machine.run(&["mkdir", "/var/lib/tablebell"]);
    std::fs::copy(FIRST_SCHEMA, machine.path(DATABASE)).expect("the database is copied");
    machine.run(&["systemctl", "enable", "--now", SERVICE]);
    let before = machine.property(SERVICE, "MainPID");
    machine.enter_network();

    let told = install(&machine, &package(), &["-o", "Dpkg::Options::=--force-confdef"]);
    let after = machine.property(SERVICE, "MainPID");
    assert_ne!(before, after, "what runs is restarted: {told}");
    assert_eq!(machine.property(SERVICE, "Type"), "notify", "systemd knows the new unit");
    let health = reqwest::get(format!("{}/healthz", crate::shop::LAN)).await.expect("the new version serves");
    assert_eq!(health.status(), 200);
    assert_eq!(machine.read(CONFIG), edited);
    assert!(!machine.read(&format!("{CONFIG}.dpkg-dist")).contains("An older"), "the new one lies beside it");
    let schema: u32 = query(&machine, "pragma user_version").parse().expect("a number");
    assert!(schema > 1, "migrated");
    let copy = format!("/var/lib/tablebell/tablebell.before-schema-{schema}.db");
    for file in [DATABASE, &copy] {
        assert_eq!(machine.run(&["stat", "--format=%U", file]), "cashier\n", "{file}");
    }
    assert!(query(&machine, "select count(*) from dining_order").parse::<u32>().expect("a number") > 0);
    assert_eq!(machine.journal(SERVICE, &["--priority", "err"]), "", "nothing went wrong");
}

fn query(machine: &Machine, sql: &str) -> String {
    machine.run(&["sqlite3", DATABASE, sql]).trim().to_owned()
}

#[tokio::test]
async fn an_install_starts_nothing_a_removal_keeps_the_shop_and_a_purge_takes_all_but_the_copies_elsewhere() {
    let machine = Machine::boot();
    install(&machine, &package(), &[]);
    assert_eq!(machine.run(&["systemctl", "list-units", "--all", "--plain", "--no-legend", "tablebell*"]), "");
    assert!(machine.run(&["tablebell", "--version"]).starts_with("tablebell "));
    machine.run(&["desktop-file-validate", "/usr/share/applications/tablebell.desktop"]);
    machine.run(&["bash", "-c", ". /usr/share/bash-completion/completions/tablebell && complete -p tablebell"]);
    for file in
        ["man/man1/tablebell.1.gz", "man/man1/tablebell-run.1.gz", "doc/tablebell/examples/nginx/tablebell.conf"]
    {
        assert!(machine.path("/usr/share").join(file).exists(), "{file}");
    }

    // Too early; it goes on trying, in a directory that is the cashier's from now on.
    machine.run(&["systemctl", "start", "--no-block", SERVICE]);
    wait_for("a word about the missing shop", || {
        machine.journal(SERVICE, &["--priority", "err"]).contains("run `tablebell init` first").then_some(())
    });
    let shop = Shop::opens(machine).await;
    let machine = &shop.machine;
    let order = shop.phone().await.paid_order("kept").await;
    backs_up(machine);
    machine.run(&["apt-get", "remove", "--yes", "--quiet", "tablebell"]);
    assert!(shop.health().await.is_null() && !machine.path("/usr/bin/tablebell").exists(), "it is gone");
    assert_eq!(machine.property(TIMER, "ActiveState"), "inactive");
    assert!(machine.read(CONFIG).contains("repeat_seconds = 4"));
    install(machine, &package(), &[]);
    machine.run(&["systemctl", "start", SERVICE]);
    shop.healthy().await;
    let number = order["orderNumber"].as_str().expect("a number");
    assert_eq!(
        query(machine, &format!("select count(*) from dining_order where number = '{number}'")),
        "1",
        "the shop is kept"
    );

    machine.run(&["apt-get", "purge", "--yes", "--quiet", "tablebell"]);
    for path in
        ["/var/lib/tablebell", "/etc/tablebell", "/etc/systemd/system/multi-user.target.wants/tablebell@1000.service"]
    {
        assert!(std::fs::symlink_metadata(machine.path(path)).is_err(), "{path} is gone");
    }
    assert_eq!(machine.run(&["ls", COPIES]).lines().count(), 1, "a copy elsewhere is kept");
}

/// By the night's timer's service, onto another disk that belongs to the cashier.
fn backs_up(machine: &Machine) {
    let next = machine.run(&["systemctl", "list-timers", "--no-pager", TIMER]);
    assert!(next.contains(" 04:3"), "{next}");
    let config = machine.read(CONFIG).replace("# folder = \"/mnt/usb/tablebell\"", &format!("folder = {COPIES:?}"));
    assert!(config.contains(&format!("\nfolder = {COPIES:?}")), "{config}");
    machine.write(CONFIG, &config);
    machine.run(&["install", "--directory", "--owner=cashier", COPIES]);
    machine.run(&["systemctl", "start", "tablebell-backup@1000.service"]);
    let copies = machine.run(&["ls", COPIES]);
    assert_eq!(copies.lines().count(), 1, "{copies}");
    let found = machine.run(&["sqlite3", &format!("{COPIES}/{}", copies.trim()), "pragma integrity_check"]);
    assert_eq!(found, "ok\n");
}

/// packaging/arch and packaging/rpm take what `make install` installs; so does the .deb.
#[test]
fn every_package_holds_what_make_install_installs() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let root = folder.path().join("root");
    let destination = format!("DESTDIR={}", root.display());
    run(Command::new("make").current_dir(env!("CARGO_MANIFEST_DIR")).args(["install", &destination]));
    let held = Command::new("dpkg-deb").arg("--fsys-tarfile").arg(package()).output().expect("dpkg-deb runs").stdout;
    let tar = folder.path().join("held.tar");
    std::fs::write(&tar, held).expect("the file is written");
    let listed = Command::new("tar").arg("--list").arg("--file").arg(&tar).output().expect("tar runs");
    let strip = |path: &str| path.trim_start_matches("./").trim_end_matches(".gz").to_owned();
    let mut debs: Vec<String> = String::from_utf8_lossy(&listed.stdout).lines().map(strip).collect();
    // Each family looks for zsh's in another place, and Debian wants these two.
    let own = ["usr/share/doc/tablebell/copyright", "usr/share/doc/tablebell/changelog.Debian"];
    debs.retain(|path| !path.ends_with('/') && !own.contains(&path.as_str()));
    debs.iter_mut().for_each(|path| *path = path.replace("zsh/vendor-completions", "zsh/site-functions"));
    let found = Command::new("find").arg(&root).args(["-type", "f", "-printf", "%P\n"]).output().expect("find runs");
    let mut installed: Vec<String> = String::from_utf8_lossy(&found.stdout).lines().map(strip).collect();
    debs.sort();
    installed.sort();
    assert!(installed.len() > 30);
    assert_eq!(debs, installed);
}
