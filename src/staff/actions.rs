//! What can be done with staff.

use super::{Role, Staff, sql};
use crate::error::{Refusal, Result};
use crate::store::Tx;
use crate::units::StaffId;
use anyhow::anyhow;
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use rusqlite::Connection;
use std::sync::LazyLock;

/// Checked for an unknown name, so that it takes as long as a wrong password.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody").unwrap_or_default());

/// Argon2id with a fresh salt. Slow on purpose: not for the writer thread.
///
/// # Errors
/// Internal when the system has no randomness.
pub fn hash(password: &str) -> Result<String> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    Ok(hash.map_err(|error| anyhow!("hashing a password: {error}"))?.to_string())
}

/// A member of staff by name, with the hash of the password.
pub fn find_enabled(conn: &Connection, username: &str) -> Result<Option<(Staff, String)>> {
    sql::find_enabled(conn, username)
}

/// # Errors
/// `BadLogin`, the same for an unknown name and a wrong password.
pub fn check_password(found: Option<(Staff, String)>, password: &str) -> Result<Staff> {
    let stored = found.as_ref().map_or(NOBODY.as_str(), |(_, hash)| hash);
    let right = PasswordHash::new(stored)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
    match found {
        Some((staff, _)) if right => Ok(staff),
        _ => Err(Refusal::BadLogin.into()),
    }
}

pub fn is_enabled(conn: &Connection, id: StaffId) -> Result<bool> {
    sql::is_enabled(conn, id)
}

/// `password_hash`: from `hash`, made before the transaction.
pub fn add_staff(tx: &mut Tx<'_>, username: &str, name: &str, role: Role, password_hash: &str) -> Result<StaffId> {
    sql::insert_staff(tx.conn(), username, name, role, password_hash, tx.now)
}
