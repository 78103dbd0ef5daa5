//! A whole Debian with systemd in a directory, made once by mmdebstrap from the mirror that this machine uses.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const INCLUDE: &str = "systemd-sysv,dbus-user-session,libpam-systemd,pulseaudio,pulseaudio-utils,dunst,xvfb,\
    desktop-file-utils,sqlite3";

/// What this test never looks at, half of the whole: a virtual screen needs no graphics drivers.
const EXCLUDE: [&str; 4] = ["/usr/lib/*/dri/*", "/usr/lib/*/libLLVM*", "/usr/share/locale/*", "/usr/share/icons/*"];

/// The cashier is the uid of the units' instance.
const CASHIER: &str = "chroot \"$1\" useradd --uid 1000 --create-home --shell /bin/sh cashier";

/// A folder below `target/` whose `base/` machines are laid over. That stays as long as it is made the same way.
pub fn folder_with_base() -> PathBuf {
    assert!(
        rustix::process::geteuid().is_root(),
        "only root can start a machine: sudo --preserve-env make test-systemd"
    );
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("systemd");
    let (base, stamp) = (folder.join("base"), folder.join("base.made-by"));
    let (suite, sources) = mirror();
    let sources_file = folder.join("sources.list");
    let mut command = Command::new("mmdebstrap");
    command.args(["--variant=minbase", "--include", INCLUDE, "--aptopt=APT::Install-Recommends false"]);
    command.arg("--dpkgopt=force-unsafe-io").args(EXCLUDE.map(|path| format!("--dpkgopt=path-exclude={path}")));
    command.args(["--customize-hook", CASHIER, &suite]).arg(&base).arg(&sources_file);
    let recipe = format!("{command:?}\n{sources}");
    if std::fs::read_to_string(&stamp).is_ok_and(|made_by| made_by == recipe) {
        return folder;
    }
    let begun = Instant::now();
    let _ = std::fs::remove_file(&stamp);
    if base.exists() {
        std::fs::remove_dir_all(&base).expect("the old directory goes");
    }
    std::fs::create_dir_all(&folder).expect("a folder below target/");
    std::fs::write(&sources_file, sources).expect("the file is written");
    let made = command.status().expect("this test needs mmdebstrap: run `make test-systemd`");
    assert!(made.success(), "{command:?}");
    std::fs::write(&stamp, recipe).expect("the file is written");
    println!("a Debian to test in: {:.0?}", begun.elapsed());
    folder
}

/// This machine's own suite, and where apt gets it, with its updates.
fn mirror() -> (String, String) {
    let release = std::fs::read_to_string("/etc/os-release").expect("this is Debian");
    let suite = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME=")).expect("a suite's name");
    let mut apt = Command::new("apt-get");
    apt.args(["indextargets", "--format", "$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"]);
    let listed = apt.output().expect("apt-get runs");
    let listed = String::from_utf8(listed.stdout).expect("apt speaks UTF-8");
    let distribution = |line: &str| line.strip_prefix("Debian ").or(line.strip_prefix("Ubuntu ")).map(str::to_owned);
    let ours = |line: &String| line.split(' ').nth(1).is_some_and(|release| release.starts_with(suite));
    let sources = listed.lines().filter_map(distribution).filter(ours).map(|line| format!("deb {line}\n"));
    let sources: String = sources.collect();
    assert!(!sources.is_empty(), "apt knows no mirror of {suite}: run apt-get update\n{listed}");
    (suite.to_owned(), sources)
}
