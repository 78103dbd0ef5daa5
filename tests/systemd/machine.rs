//! A counter PC: a Debian with its own systemd as process 1, a disk that starts as the image, and a network of its own.

use crate::image;
use crate::process::{Process, signal, wait_for};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::fs::File;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// One machine at a time: sound and times are measured.
static TURN: Mutex<()> = Mutex::new(());
static COUNT: AtomicU32 = AtomicU32::new(0);

/// The session of the person at the counter: a screen, dunst, and where a desktop tells both.
const SESSION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/systemd/session/.");

/// The mounts go with the process that needs them. nspawn tidies its own up only where that is no disk.
const START: &str = "mount -t overlay overlay -o \"lowerdir=$0,upperdir=$1/disk,workdir=$1/work\" \"$1/root\" \
    && mkdir -p /run/systemd/nspawn && mount -t tmpfs tmpfs /run/systemd/nspawn \
    && exec systemd-nspawn --quiet --directory=\"$1/root\" --register=no --keep-unit --private-network \
    --machine=\"$2\" --boot --console=pipe";

pub struct Machine {
    power: Process,
    /// Process 1 of the machine, as this machine counts.
    first: u32,
    folder: tempfile::TempDir,
    _turn: MutexGuard<'static, ()>,
}

impl Machine {
    /// Starts a fresh machine whose cashier has a desktop.
    pub fn boot() -> Machine {
        Machine::boot_with(&[])
    }

    /// The same with further files, by their paths there.
    pub fn boot_with(files: &[(&str, &str)]) -> Machine {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let beside = image::folder_with_base();
        let begun = Instant::now();
        let folder = tempfile::Builder::new().prefix("machine-").tempdir_in(beside).expect("a temporary directory");
        for name in ["disk", "work", "root"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        let disk = folder.path().join("disk");
        let copied = Command::new("cp").args(["-R", SESSION]).arg(&disk).status();
        assert!(copied.expect("cp runs").success());
        for (path, text) in files {
            let file = disk.join(path.trim_start_matches('/'));
            std::fs::create_dir_all(file.parent().expect("it has a parent")).expect("its folder");
            std::fs::write(file, text).expect("the file is written");
        }
        let mut machine = Machine { power: switch_on(folder.path()), first: 0, folder, _turn: turn };
        machine.comes_up();
        println!("booted: {:.1?}", begun.elapsed());
        machine
    }

    /// Waits until process 1 has started everything.
    fn comes_up(&mut self) {
        let nspawn = self.power.pid();
        let children = format!("/proc/{nspawn}/task/{nspawn}/children");
        self.first = wait_for("the machine's start", || {
            assert!(!self.power.has_ended(), "{}", self.console());
            let children = std::fs::read_to_string(&children).ok()?;
            let first = children.split_whitespace().next()?.parse().ok()?;
            nested(first).then_some(first)
        });
        wait_for("the end of the machine's start", || {
            let state = self.command(&["systemctl", "is-system-running"]).output().expect("nsenter runs");
            ["running\n", "degraded\n"].contains(&&*String::from_utf8_lossy(&state.stdout)).then_some(())
        });
    }

    pub fn reboot(&mut self) {
        let begun = Instant::now();
        // The end comes before the answer.
        let _ = self.command(&["systemctl", "poweroff"]).output();
        wait_for("the machine's end", || self.power.has_ended().then_some(()));
        self.power = switch_on(self.folder.path());
        self.comes_up();
        println!("rebooted: {:.1?}", begun.elapsed());
    }

    fn console(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("console.log")).unwrap_or_default()
    }

    /// Where a file of the machine is found from here.
    pub fn path(&self, path: &str) -> PathBuf {
        Path::new(&format!("/proc/{}/root", self.first)).join(path.trim_start_matches('/'))
    }

    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap_or_default()
    }

    pub fn write(&self, path: &str, text: &str) {
        std::fs::write(self.path(path), text).unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    /// From now on this thread's sockets are the machine's: phones are in its network.
    pub fn enter_network(&self) {
        let namespace = File::open(format!("/proc/{}/ns/net", self.first)).expect("the machine runs");
        move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).expect("root may enter it");
    }

    /// A command there, as root.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.first.to_string(), "--all", "--", "/usr/bin/env", "-i"]);
        command.args(["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"]);
        command.args(arguments).stdin(Stdio::null());
        command
    }

    /// The same as the cashier, in the cashier's session.
    pub fn cashiers(&self, arguments: &[&str]) -> Command {
        let mut all = vec!["setpriv", "--reuid=1000", "--regid=1000", "--init-groups", "env", "--chdir=/home/cashier"];
        all.extend(["HOME=/home/cashier", "XDG_RUNTIME_DIR=/run/user/1000", "DISPLAY=:7"]);
        all.push("DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus");
        all.extend(arguments);
        self.command(&all)
    }

    /// Runs a command as root that must succeed; answers what it prints.
    pub fn run(&self, arguments: &[&str]) -> String {
        output(self.command(arguments))
    }

    /// The same as the cashier.
    pub fn run_as_cashier(&self, arguments: &[&str]) -> String {
        output(self.cashiers(arguments))
    }

    /// A property of a unit.
    pub fn property(&self, unit: &str, name: &str) -> String {
        self.run(&["systemctl", "show", "--value", "--property", name, unit]).trim().to_owned()
    }

    /// The messages of a unit's processes, and systemd's about it.
    pub fn journal(&self, unit: &str, arguments: &[&str]) -> String {
        self.run(&[&["journalctl", "--no-pager", "--output=cat", "--unit", unit], arguments].concat())
    }
}

fn switch_on(folder: &Path) -> Process {
    let name = format!("tablebell-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let mut command = Command::new("setpriv");
    // TERM: should this test be killed, nspawn switches the machine off.
    command.args(["--pdeathsig", "TERM", "unshare", "--mount", "sh", "-c", START]).arg(folder.with_file_name("base"));
    command.arg(folder).arg(name).stdout(Stdio::null());
    // Also where this machine has the older hierarchy of control groups: in the newer one CPU time is counted.
    command.env("SYSTEMD_NSPAWN_UNIFIED_HIERARCHY", "1");
    Process::start(command, &folder.join("console.log"))
}

impl Drop for Machine {
    fn drop(&mut self) {
        // What went wrong is looked for in the journal.
        if std::thread::panicking() {
            let journal = self.command(&["journalctl", "--no-pager", "--lines=80"]).output();
            let journal = journal.map(|output| output.stdout).unwrap_or_default();
            eprintln!("{}\n{}", self.console(), String::from_utf8_lossy(&journal));
        }
        // Everything there ends with its process 1, which would outlive a killed nspawn.
        if self.first != 0 && !self.power.has_ended() {
            signal(self.first, "KILL");
        }
    }
}

/// Whether the process is in namespaces of its own already.
fn nested(pid: u32) -> bool {
    let namespace = |pid: &str| std::fs::read_link(format!("/proc/{pid}/ns/pid")).ok();
    namespace(&pid.to_string()).is_some_and(|theirs| Some(theirs) != namespace("self"))
}

fn output(mut command: Command) -> String {
    let output = command.output().expect("nsenter runs");
    let [said, complained] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    assert!(output.status.success(), "{command:?}: {}\n{said}{complained}", output.status);
    said
}

/// Waits for a state that is slower than `wait_for`'s patience.
pub fn wait_long<T>(what: &str, patience: Duration, mut happened: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(answer) = happened() {
            return answer;
        }
        assert!(Instant::now() < deadline, "{what} did not happen within {patience:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
