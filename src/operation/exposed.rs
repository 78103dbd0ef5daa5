//! What of a shop others than its owner can get at, and taking that away: files of earlier versions are as open as the
//! umask was (see `private.rs`).

use crate::config::{self, Config};
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

const OTHERS: u32 = 0o077;
const OTHERS_WRITE: u32 = 0o022;
/// Our folders below a shop's.
const OURS: [&str; 3] = ["backup", "sound", "lost+found"];
/// `statfs`: FAT, exFAT, NTFS by two drivers, FUSE and SMB by two. A stick from a camera shop keeps no modes.
const WITHOUT_MODES: [rustix::fs::FsWord; 7] =
    [0x4d44, 0x2011_bab0, 0x5346_544e, 0x7366_746e, 0x6573_5546, 0xff53_4d42, 0xfe53_4d42];

/// Something of a shop's that others than its owner can get at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    pub path: PathBuf,
    /// As `chmod` has it.
    pub mode: u32,
}

impl Open {
    /// Whether others learn or change more by it than what the files are called.
    pub fn is_dangerous(&self) -> bool {
        !self.path.is_dir() || self.mode & OTHERS_WRITE != 0
    }
}

/// What of this shop is open to other users of this PC.
pub fn find_open(config: &Config) -> Vec<Open> {
    let look = |path: PathBuf| {
        // What a link leads to is not ours to judge.
        let found = fs::symlink_metadata(&path).ok().filter(|found| !found.is_symlink())?;
        let mode = found.permissions().mode() & 0o777;
        (mode & OTHERS != 0).then_some(Open { path, mode })
    };
    belongings(config).into_iter().filter_map(look).collect()
}

/// What was open when the daemon started.
#[derive(Debug, Default)]
pub struct Mended {
    pub closed: Vec<Open>,
    /// Somebody else's, or on a disk that is read-only or keeps no modes.
    pub left: Vec<Open>,
}

/// Takes others' rights away.
pub fn mend(config: &Config) -> Mended {
    let close = |open: &Open| fs::set_permissions(&open.path, Permissions::from_mode(open.mode & !OTHERS)).is_ok();
    let (closed, left) = find_open(config).into_iter().partition(close);
    Mended { closed, left }
}

/// `/var/lib/tablebell (755), …`
pub fn list(open: &[Open]) -> String {
    let one = |open: &Open| format!("{} ({:o})", open.path.display(), open.mode);
    open.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The shop's folder, what we put into it, the backups, and the configuration.
fn belongings(config: &Config) -> Vec<PathBuf> {
    let mut all = Vec::new();
    if is_ours_alone(&config.data) {
        all.push(config.data.clone());
    }
    all.extend(files(&config.data, |name| name.starts_with("tablebell") || name.starts_with(".tablebell")));
    if keeps_modes(&config.backup_folder) {
        if config.backup_folder == config.data.join("backup") {
            all.push(config.backup_folder.clone());
        }
        all.extend(files(&config.backup_folder, |name| {
            name.starts_with("tablebell-") || name.starts_with(".tablebell")
        }));
    }
    // Another user's, such as root's, has to be readable for the shop's.
    let owner = |path: &Path| fs::metadata(path).map(|found| found.uid()).ok();
    let own = |file: &PathBuf| !config::is_system(file) && owner(file) == owner(&config.data);
    all.extend(config.file.clone().filter(own));
    all.sort();
    all.dedup();
    all
}

/// A folder with folders of others in it, such as a home or `/srv`, is not for us to shut.
fn is_ours_alone(folder: &Path) -> bool {
    let Ok(mut entries) = fs::read_dir(folder) else { return false };
    entries.all(|entry| {
        entry.is_ok_and(|entry| {
            !entry.file_type().is_ok_and(|kind| kind.is_dir()) || OURS.iter().any(|ours| entry.file_name() == *ours)
        })
    })
}

fn files(folder: &Path, ours: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let plain = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    plain.filter(|entry| ours(&entry.file_name().to_string_lossy())).map(|entry| entry.path()).collect()
}

fn keeps_modes(folder: &Path) -> bool {
    rustix::fs::statfs(folder).is_ok_and(|disk| !WITHOUT_MODES.contains(&disk.f_type))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Overrides;
    use crate::private::tests::{mode, set};
    use crate::private::{ensure_folder, write};

    #[test]
    fn what_a_shop_keeps_is_found_and_closed_and_what_is_others_is_left() {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("data");
        ensure_folder(&data.join("backup")).unwrap();
        let ours = ["tablebell.db", "tablebell.db-wal", "tablebell.before-schema-5.db", "backup/tablebell-1.db"];
        let others = ["photo.jpg", "sound.wav", "backup/list.txt"];
        for name in ours.iter().chain(&others) {
            fs::write(data.join(name), "x").unwrap();
            set(&data.join(name), 0o644);
        }
        set(&data.join("tablebell.db-wal"), 0o620);
        std::os::unix::fs::symlink("photo.jpg", data.join("tablebell-link.db")).unwrap();
        for folder in [data.clone(), data.join("backup")] {
            set(&folder, 0o755);
        }
        let file = home.path().join("shop.toml");
        write(&file, config::template(&data, true)).unwrap();
        assert_eq!(mode(&file), 0o600);
        set(&file, 0o604);
        let config = Config::resolve(config::read(&file).unwrap(), Overrides::default()).unwrap();
        let open = find_open(&config);
        let mut wanted: Vec<PathBuf> = ours.iter().map(|name| data.join(name)).collect();
        wanted.extend([data.clone(), data.join("backup"), file]);
        wanted.sort();
        assert_eq!(open.iter().map(|one| one.path.clone()).collect::<Vec<_>>(), wanted);
        assert!(open.iter().all(|one| one.is_dangerous() != one.path.is_dir()), "{open:?}");
        assert!(list(&open).contains(&format!("{} (755)", data.display())), "{}", list(&open));
        assert_eq!(mend(&config).closed, open);
        assert_eq!(find_open(&config), []);
        assert_eq!(
            (mode(&data), mode(&data.join("tablebell.db")), mode(&data.join("photo.jpg"))),
            (0o700, 0o600, 0o644)
        );
        // A folder that holds more than a shop.
        fs::create_dir(data.join("Documents")).unwrap();
        set(&data, 0o755);
        assert_eq!(find_open(&config), []);
    }
}
