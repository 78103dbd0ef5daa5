//! A private message bus, a screen in memory, and dunst on both.

use crate::process::{Process, tool, wait_for};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::net::UnixListener;
use tokio::task::JoinHandle;

/// Only what connects to it: no activation, or a stopped notification daemon would be started anew behind our back.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={folder}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"#;

pub struct Bus {
    process: Process,
}

impl Bus {
    pub fn start(folder: &Path) -> Bus {
        let config = folder.join("bus.conf");
        std::fs::write(&config, BUS.replace("{folder}", &folder.to_string_lossy())).expect("the file is written");
        let mut command = tool("dbus-daemon", folder);
        command.args(["--nofork", "--nopidfile", "--config-file"]).arg(config);
        let process = Process::start(command, &folder.join("bus.log"));
        wait_for("the bus's start", || UnixStream::connect(folder.join("bus")).ok());
        Bus { process }
    }

    pub fn freeze(&self) {
        self.process.freeze();
    }

    pub fn thaw(&self) {
        self.process.thaw();
    }
}

/// Takes connections where the bus should be, and never says a word.
pub struct DeafBus {
    socket: PathBuf,
    listening: JoinHandle<()>,
}

impl DeafBus {
    pub fn start(folder: &Path) -> DeafBus {
        let socket = folder.join("bus");
        let _ = std::fs::remove_file(&socket);
        let listener = UnixListener::bind(&socket).expect("the socket is free");
        let listening = tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((connection, _)) = listener.accept().await {
                held.push(connection);
            }
        });
        DeafBus { socket, listening }
    }
}

impl Drop for DeafBus {
    fn drop(&mut self) {
        self.listening.abort();
        let _ = std::fs::remove_file(&self.socket);
    }
}

pub struct Screen {
    _process: Process,
    display: String,
    folder: PathBuf,
}

impl Screen {
    pub fn start(folder: &Path) -> Screen {
        let mut command = tool("Xvfb", folder);
        // It picks a free number, tells it on stdout, and listens by then.
        command.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "800x400x24"]).stdout(Stdio::piped());
        let mut process = Process::start(command, &folder.join("screen.log"));
        let mut number = String::new();
        BufReader::new(process.stdout()).read_line(&mut number).expect("the screen tells its number");
        Screen { _process: process, display: format!(":{}", number.trim()), folder: folder.to_owned() }
    }

    /// Saved below `target/tmp/desktop/`, for people.
    pub fn photograph(&self, name: &str) {
        let album = Path::new(env!("CARGO_TARGET_TMPDIR")).join("desktop");
        std::fs::create_dir_all(&album).expect("a folder for pictures");
        let picture = album.join(format!("{name}.png"));
        let mut command = tool("import", &self.folder);
        command.env("DISPLAY", &self.display).args(["-window", "root"]).arg(&picture);
        assert!(command.status().expect("import runs").success());
        println!("{}", picture.display());
    }
}

/// `script` writes down what is shown, `dmenu` chooses the first action offered that is wanted. Without
/// `stack_duplicates` each popup is one, as on other desktops.
const DUNSTRC: &str = r#"[global]
    font = Noto Sans CJK SC 12
    dmenu = {folder}/choose
    stack_duplicates = false
    history_length = 100
[watch]
    summary = "*"
    script = {folder}/note
"#;
const NOTE: &str = r#"#!/bin/sh
line="$DUNST_SUMMARY | $(printf '%s' "$DUNST_BODY" | tr '\n' ' ')"
printf '%s\n' "$line" >> {folder}/shown
"#;
const CHOOSE: &str = "#!/bin/sh\ncat > {folder}/offered\ngrep -m 1 -f {folder}/wanted {folder}/offered\n";

pub struct Notifier {
    process: Process,
    folder: PathBuf,
}

impl Notifier {
    pub fn start(folder: &Path, screen: &Screen) -> Notifier {
        for (name, text) in [("dunstrc", DUNSTRC), ("note", NOTE), ("choose", CHOOSE)] {
            let path = folder.join(name);
            std::fs::write(&path, text.replace("{folder}", &folder.to_string_lossy())).expect("the file is written");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("it may be run");
        }
        let mut command = tool("dunst", folder);
        command.env("DISPLAY", &screen.display).arg("-config").arg(folder.join("dunstrc"));
        let process = Process::start(command, &folder.join("dunst.log"));
        let notifier = Notifier { process, folder: folder.to_owned() };
        wait_for("the notification daemon's start", || notifier.control(&["count", "displayed"]));
        notifier
    }

    fn control(&self, arguments: &[&str]) -> Option<String> {
        let output = tool("dunstctl", &self.folder).args(arguments).output().expect("dunstctl runs");
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    pub fn freeze(&self) {
        self.process.freeze();
    }

    pub fn thaw(&self) {
        self.process.thaw();
    }

    /// How many popups are on the screen.
    pub fn displayed(&self) -> usize {
        self.control(&["count", "displayed"]).expect("dunst answers").parse().expect("a number")
    }

    pub fn displays(&self, count: usize) {
        wait_for(&format!("{count} displayed, not {}", self.displayed()), || (self.displayed() == count).then_some(()));
    }

    /// Everything that was shown so far, `title | body`, in order.
    pub fn shown(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.join("shown")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Waits until a popup, beyond the first `mark`, shows all of `words`.
    pub async fn shows(&self, mark: usize, words: &[&str]) -> String {
        let deadline = std::time::Instant::now() + crate::support::PATIENCE;
        loop {
            let shown = self.shown();
            let found = shown.iter().skip(mark).find(|popup| words.iter().all(|word| popup.contains(word)));
            if let Some(popup) = found {
                return popup.clone();
            }
            assert!(std::time::Instant::now() < deadline, "no popup shows {words:?}, only {shown:?}");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// Presses the first button whose name and popup match the pattern; answers all that are offered.
    pub fn press(&self, wanted: &str) -> String {
        std::fs::write(self.folder.join("wanted"), wanted).expect("the file is written");
        let _ = std::fs::remove_file(self.folder.join("offered"));
        self.control(&["context"]).expect("dunst answers");
        wait_for("the choice", || std::fs::read_to_string(self.folder.join("offered")).ok().filter(|it| !it.is_empty()))
    }
}
