//! Programs that a test starts, and that end with it.

use crate::support::PATIENCE;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Each program with its Debian package.
const PACKAGES: [(&str, &str); 12] = [
    ("pulseaudio", "pulseaudio"),
    ("parec", "pulseaudio-utils"),
    ("pactl", "pulseaudio-utils"),
    ("pipewire", "pipewire"),
    ("wireplumber", "wireplumber"),
    ("dbus-daemon", "dbus-daemon"),
    ("dbus-send", "dbus-bin"),
    ("dunst", "dunst"),
    ("dunstctl", "dunst"),
    ("Xvfb", "xvfb"),
    ("import", "imagemagick"),
    ("nginx", "nginx-light"),
];

/// Killed on drop and, should the test's thread end without one, by the kernel.
pub struct Process(Child);

impl Process {
    /// Starts `command`; what it says goes to the file `log`.
    pub fn start(mut command: Command, log: &Path) -> Process {
        let log = File::options().create(true).append(true).open(log).expect("the log opens");
        let child = command.stdin(Stdio::null()).stderr(log).spawn();
        Process(child.unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }

    pub fn stdout(&mut self) -> std::process::ChildStdout {
        self.0.stdout.take().expect("stdout is piped")
    }

    pub fn has_ended(&mut self) -> bool {
        self.0.try_wait().expect("a child can be asked").is_some()
    }

    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    /// SIGSTOP: alive, and deaf.
    pub fn freeze(&self) {
        signal(self.pid(), "STOP");
    }

    /// SIGCONT.
    pub fn thaw(&self) {
        signal(self.pid(), "CONT");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status().expect("kill runs");
    assert!(sent.success(), "kill -{name} {pid}");
}

/// A command for `program` that keeps to the folder `home`. A missing program fails the test: it is never skipped.
pub fn tool(program: &str, home: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]).arg(find(program));
    command.envs(private(home)).env_remove("DISPLAY").env_remove("PULSE_SERVER");
    command
}

/// Variables that keep libraries away from the user's own files, sound card and session.
pub fn private(home: &Path) -> Vec<(&'static str, String)> {
    let path = |name: &str| home.join(name).to_string_lossy().into_owned();
    vec![
        ("HOME", path("home")),
        ("XDG_RUNTIME_DIR", path("run")),
        ("XDG_CONFIG_HOME", path("home/.config")),
        ("XDG_STATE_HOME", path("home/.local/state")),
        ("XDG_CACHE_HOME", path("home/.cache")),
        ("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", path("bus"))),
        ("LC_ALL", "C.UTF-8".into()),
    ]
}

fn find(program: &str) -> PathBuf {
    let path = std::env::var("PATH").unwrap_or_default();
    let found =
        path.split(':').chain(["/usr/sbin"]).map(|folder| Path::new(folder).join(program)).find(|it| it.is_file());
    let package = PACKAGES.iter().find(|(name, _)| *name == program).map_or(program, |(_, package)| package);
    found.unwrap_or_else(|| {
        panic!("this test needs {program}: apt-get install --no-remove --no-install-recommends {package}")
    })
}

/// Polls until `happened` answers something.
pub fn wait_for<T>(what: &str, mut happened: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = happened() {
            return answer;
        }
        assert!(Instant::now() < deadline, "{what} did not happen in time");
        std::thread::sleep(Duration::from_millis(10));
    }
}
