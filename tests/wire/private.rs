//! Nobody else on this PC may read what a shop keeps: whoever has the database's key is an owner.

use crate::store::{Shop, run};
use crate::support::Daemon;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// `command` where whatever is made may be read and written by everybody, unless its maker says otherwise.
fn careless(command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask 000; exec \"$0\" \"$@\""]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

fn tablebell(arguments: &[&str]) -> Command {
    let mut command = Daemon::command();
    command.args(arguments);
    command
}

fn done(command: &Command) -> Output {
    let output = careless(command).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    output
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode() & 0o777
}

fn set(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Everything in a folder, itself too.
fn all(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(all(&path)) } else { found.push(path) }
    }
    found
}

fn assert_private(folder: &Path, expected: &[&str]) {
    let found = all(folder);
    for path in &found {
        let wanted = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(path), wanted, "{} is {:o}", path.display(), mode(path));
    }
    for name in expected {
        assert!(found.iter().any(|path| path.ends_with(name)), "{name}: {found:?}");
    }
}

#[test]
fn whatever_the_umask_is_all_that_a_demo_keeps_is_its_owner_s_alone() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    // Not through `Daemon::on`, which makes the folder itself.
    let mut demo = tablebell(&["demo", "--lan", "127.0.0.1:0", "--tunnel", "127.0.0.1:0", "--data"]);
    let mut child = careless(demo.arg(&data)).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let stdout = child.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).unwrap();
    let names = ["tablebell.db", "tablebell.db-wal", "tablebell.db-shm", "tablebell.lock", "tablebell.toml"];
    let checked = std::panic::catch_unwind(|| assert_private(&data, &names));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.starts_with("ready "), "{line}");
    checked.unwrap();
}

#[test]
fn whatever_the_umask_is_init_backup_restore_and_an_upgrade_keep_it_so() {
    let home = tempfile::tempdir().unwrap();
    let (config, data) = (home.path().join("settings/tablebell.toml"), home.path().join("shop/data"));
    let (config_text, data_text) = (config.to_str().unwrap(), data.to_str().unwrap());
    done(&tablebell(&["init", "--sample", "--config", config_text, "--data", data_text]));
    assert_private(config.parent().unwrap(), &["tablebell.toml"]);
    assert_private(&data, &["tablebell.db"]);
    done(&tablebell(&["backup", "--config", config_text]));
    done(&tablebell(&["restore", "--config", config_text]));
    let backup = std::fs::read_dir(data.join("backup")).unwrap().next().unwrap().unwrap().path();
    // A spare PC.
    let (spare, elsewhere) = (home.path().join("spare/tablebell.toml"), home.path().join("shop2/data"));
    let restore = ["restore", backup.to_str().unwrap(), "--config", spare.to_str().unwrap(), "--data"];
    done(tablebell(&restore).arg(&elsewhere));
    assert_private(spare.parent().unwrap(), &["tablebell.toml"]);
    assert_private(&elsewhere, &["tablebell.db"]);
    assert_eq!(mode(elsewhere.parent().unwrap()), 0o755, "nobody else may put another folder in its place");
    // An old shop, whose copy is kept before it is brought up to date.
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/schema-4.db");
    std::fs::write(data.join("tablebell.db"), std::fs::read(fixture).unwrap()).unwrap();
    let mut command = tablebell(&["run", "--lan", "127.0.0.1:0", "--tunnel", "127.0.0.1:0", "--config", config_text]);
    let daemon = Daemon::spawn(careless(command.arg("--data").arg(&data)), &data);
    let names = all(&data);
    let copies = names.iter().filter(|name| name.to_string_lossy().contains(".before-")).count();
    assert_eq!(copies, 2, "of the restore and of the upgrade: {names:?}");
    assert_private(&data, &["tablebell.db", "tablebell.db-wal", "tablebell.lock"]);
    drop(daemon);
}

/// What `doctor` says of the permissions.
fn finding(data: &Path) -> (bool, String) {
    let mut command = tablebell(&["doctor", "--json", "--lan", "0.0.0.0:0", "--tunnel", "127.0.0.1:0", "--config"]);
    let output = command.arg(data.join("tablebell.toml")).output().unwrap();
    let list: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    let found = list.as_array().unwrap().iter().find(|one| one["name"] == "权限 permissions").expect("it is looked at");
    (found["ok"].as_bool().unwrap(), found["detail"].as_str().unwrap().to_owned())
}

#[test]
fn what_earlier_versions_left_open_is_found_mended_at_the_start_and_told() {
    let shop = Shop::stopped();
    let data = shop.data();
    done(tablebell(&["backup", "--data"]).arg(&data));
    std::fs::write(data.join("tablebell.before-schema-4.db"), "old").unwrap();
    std::fs::create_dir(data.join("sound")).unwrap();
    let everything = all(&data);
    // SQLite makes its side files anew, and the recordings are the owner's own.
    let passing =
        |path: &PathBuf| ["sound", "tablebell.db-wal", "tablebell.db-shm"].iter().any(|name| path.ends_with(name));
    let open: Vec<&PathBuf> = everything.iter().filter(|path| !passing(path)).collect();
    for path in &open {
        set(path, if path.is_dir() { 0o755 } else { 0o644 });
    }
    let (ok, told) = finding(&data);
    assert!(!ok && told.contains("chmod go="), "{told}");
    let daemon = Daemon::spawn(run(&data), &data);
    for path in &open {
        assert_eq!(mode(path), if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        let name = path.display().to_string();
        assert!(told.contains(&name) || path.is_dir(), "{name}: {told}");
        assert!(daemon.log().contains(&format!("{name} (")), "{name}: {}", daemon.log());
    }
    let tellings = |daemon: &Daemon| daemon.log().matches("tablebell.before-schema-4.db (644)").count();
    assert_eq!(tellings(&daemon), 1, "{}", daemon.log());
    drop(daemon);
    assert!(finding(&data).0);
    let daemon = Daemon::spawn(run(&data), &data);
    assert_eq!(tellings(&daemon), 1, "told once: {}", daemon.log());
}
