//! One daemon a database.

use crate::private;
use anyhow::{Context, Result, anyhow};
use std::fs::File;
use std::path::Path;

/// Two daemons on one database would each believe to be the only writer. Held for as long as the file lives.
///
/// # Errors
/// A daemon runs there, or the folder can't be written.
pub fn lock(data: &Path) -> Result<File> {
    let path = data.join("tablebell.lock");
    let file = private::create_or_empty(&path)
        .with_context(|| format!("cannot write {}: is the disk full or read-only?", path.display()))?;
    file.try_lock().map_err(|_| anyhow!("another Tablebell is running on {}: stop it first", data.display()))?;
    Ok(file)
}

/// Whether a daemon holds that lock.
pub fn is_running(data: &Path) -> bool {
    File::open(data.join("tablebell.lock")).is_ok_and(|file| file.try_lock_shared().is_err())
}
