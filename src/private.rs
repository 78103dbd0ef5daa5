//! What a shop keeps is its owner's alone: files of mode 600 in folders of mode 700, whatever the umask is. The database
//! holds the key that logins are signed with: whoever can read it is an owner.
//!
//! Not so: printed cards (`qr`) and sentences (`say --wav`), which are made to be handed on, and the package's own
//! configuration, which root writes for whoever the service runs as; it names keys and holds none.

use std::fs::{DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

const FILE: u32 = 0o600;
const FOLDER: u32 = 0o700;
const ABOVE: u32 = 0o755;

/// A new, empty file.
///
/// # Errors
/// `AlreadyExists`, or the folder can't be written.
pub fn create(path: &Path) -> io::Result<File> {
    File::options().write(true).create_new(true).mode(FILE).open(path)
}

/// An empty file, new or not.
///
/// # Errors
/// It can't be written.
pub fn create_or_empty(path: &Path) -> io::Result<File> {
    File::options().write(true).create(true).truncate(true).mode(FILE).open(path)
}

/// A whole file. One that was there keeps its mode.
///
/// # Errors
/// It can't be written.
pub fn write(path: &Path, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    create_or_empty(path)?.write_all(bytes.as_ref())
}

/// A new folder.
///
/// # Errors
/// `AlreadyExists`, or the one above is not there or can't be written.
pub fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(FOLDER).create(path)
}

/// The folder, if it is not there; those above it are for others to look into, at most.
///
/// # Errors
/// It can't be made.
pub fn ensure_folder(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(ABOVE).create(above)?;
    }
    create_folder(path)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    pub fn set(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    pub fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_folder_is_made_with_those_above_it_and_left_where_it_is() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("a/b");
        ensure_folder(&folder).unwrap();
        assert_eq!(mode(&folder), 0o700);
        set(&folder, 0o750);
        ensure_folder(&folder).unwrap();
        assert_eq!(mode(&folder), 0o750);
        ensure_folder(Path::new("")).unwrap();
        assert_eq!(create_folder(&folder).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(create(&folder).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }
}
