//! AEAD_AES_256_GCM with the APIv3 key: how WeChat Pay encrypts what a callback tells and its platform certificates.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

const ALGORITHM: &str = "AEAD_AES_256_GCM";

/// Something encrypted, as it stands in their JSON.
#[derive(Deserialize)]
pub struct Sealed {
    algorithm: String,
    /// Base64; the last 16 bytes are the tag.
    ciphertext: String,
    nonce: String,
    /// May be empty or missing.
    associated_data: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shut {
    /// Not of the form that this scheme has; names the field.
    Malformed(&'static str),
    /// Our key does not open it: the merchant has set another APIv3 key.
    WrongKey,
}

impl Sealed {
    /// # Errors
    /// `Malformed`, `WrongKey`.
    pub fn open(&self, apiv3_key: &[u8; 32]) -> Result<Vec<u8>, Shut> {
        if self.algorithm != ALGORITHM {
            return Err(Shut::Malformed("algorithm"));
        }
        let nonce = Nonce::try_assume_unique_for_key(self.nonce.as_bytes()).map_err(|_| Shut::Malformed("nonce"))?;
        let mut bytes = STANDARD.decode(&self.ciphertext).map_err(|_| Shut::Malformed("ciphertext"))?;
        let key = UnboundKey::new(&AES_256_GCM, apiv3_key).map_err(|_| Shut::WrongKey)?;
        let associated = Aad::from(self.associated_data.as_deref().unwrap_or_default().as_bytes());
        let opened = LessSafeKey::new(key).open_in_place(nonce, associated, &mut bytes);
        let length = opened.map_err(|_| Shut::WrongKey)?.len();
        bytes.truncate(length);
        Ok(bytes)
    }
}
