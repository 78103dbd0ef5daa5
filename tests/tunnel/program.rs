//! Programs that a test starts, and that end with it.

use crate::support::PATIENCE;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Each program with its Debian package.
const PACKAGES: [(&str, &str); 6] = [
    ("ip", "iproute2"),
    ("ssh", "openssh-client"),
    ("ssh-keygen", "openssh-client"),
    ("sshd", "openssh-server"),
    ("nginx", "nginx-light"),
    ("unshare", "util-linux"),
];

/// Killed on drop.
pub struct Program {
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Starts `command`; what it says goes to the file `log`.
    pub fn start(command: &mut Command, log: &Path) -> Program {
        let said = File::options().create(true).append(true).open(log).expect("the log opens");
        let out = said.try_clone().expect("a file has two handles");
        let child = command.stdin(Stdio::null()).stdout(out).stderr(said).spawn();
        Program { child: child.unwrap_or_else(|error| panic!("{command:?}: {error}")), log: log.to_owned() }
    }

    /// Polls until `happened`; a program that ends before that has failed.
    pub fn wait_until(&mut self, what: &str, mut happened: impl FnMut() -> bool) {
        wait_until(what, || {
            let ended = self.child.try_wait().expect("a child can be asked");
            assert!(ended.is_none(), "{what}: the program ended, {ended:?}\n{}", self.said());
            happened()
        });
    }

    /// How it ended by itself.
    pub fn wait(&mut self) -> std::process::ExitStatus {
        let mut status = None;
        wait_until("the program's end", || {
            status = self.child.try_wait().expect("a child can be asked");
            status.is_some()
        });
        status.expect("it has ended")
    }

    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a program to its successful end.
pub fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A missing program fails the test: it is never skipped.
pub fn find(program: &str) -> PathBuf {
    if program == "bore" {
        let bore = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/bin/bore");
        assert!(bore.is_file(), "this test needs {}: `make target/tools/bin/bore` installs it", bore.display());
        return bore;
    }
    let path = std::env::var("PATH").unwrap_or_default();
    let mut folders = path.split(':').chain(["/usr/sbin", "/sbin"]);
    let found = folders.find_map(|folder| Some(Path::new(folder).join(program)).filter(|it| it.is_file()));
    let package = PACKAGES.iter().find(|(name, _)| *name == program).map_or(program, |(_, package)| package);
    found.unwrap_or_else(|| {
        panic!("this test needs {program}: apt-get install --no-remove --no-install-recommends {package}")
    })
}

/// Polls until `happened`.
pub fn wait_until(what: &str, mut happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !happened() {
        assert!(Instant::now() < deadline, "{what} did not happen in time");
        std::thread::sleep(Duration::from_millis(20));
    }
}
