//! Randomness that nobody can guess, and files that nobody else may read.

use anyhow::{Context, Result, bail};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// RFC 4648's alphabet without padding, in lower case: fits URLs, QR codes, trade numbers and a careful reader.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

const CODE_LENGTH: usize = 26;

/// # Panics
/// When the operating system has no randomness: then nothing here may run.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system provides randomness");
    bytes
}

/// 130 random bits as 26 characters of `[a-z2-7]`.
///
/// # Panics
/// When the operating system has no randomness.
pub fn random_code() -> String {
    let bytes: [u8; CODE_LENGTH] = random_bytes();
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

/// Whether this could be a `random_code`.
pub fn is_code(text: &str) -> bool {
    text.len() == CODE_LENGTH && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

/// A key file's text.
///
/// # Errors
/// It can't be read, or everybody can.
pub fn read_private(path: &Path) -> Result<String> {
    read_unless(path, 0o007)
}

/// A file that anybody may read, such as a public key.
///
/// # Errors
/// It can't be read, or everybody can change it: whose key would it be?
pub fn read_own(path: &Path) -> Result<String> {
    read_unless(path, 0o002)
}

fn read_unless(path: &Path, open: u32) -> Result<String> {
    let mode = std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.mode();
    if mode & open != 0 {
        bail!("{} is open to every user of this PC: chmod 600 it", path.display());
    }
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn codes_are_long_plain_and_never_the_same() {
        let codes: std::collections::HashSet<String> = (0..1000).map(|_| super::random_code()).collect();
        assert_eq!(codes.len(), 1000);
        assert!(codes.iter().all(|code| super::is_code(code)));
        assert!(!super::is_code("A01") && !super::is_code(&"A".repeat(26)));
    }
}
