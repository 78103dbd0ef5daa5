//! RSA keys as merchants get them: PEM files (PKCS#8 or PKCS#1 private keys, SPKI public keys, certificates), or the
//! bare base64 that Alipay's tool writes.

use crate::units::Timestamp;
use anyhow::{Context, Result, anyhow};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::pem::{PemObject, SectionKind};
use x509_cert::der::Decode;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

/// Signs with RSA PKCS#1 v1.5 over SHA-256, as both providers ask.
pub struct SigningKey(RsaKeyPair);

impl SigningKey {
    /// # Errors
    /// No private RSA key of at least 2048 bits in it.
    pub fn read(text: &str) -> Result<SigningKey> {
        let parse = |der: &[u8]| RsaKeyPair::from_pkcs8(der).or_else(|_| RsaKeyPair::from_der(der)).ok();
        let found = sections(text)
            .into_iter()
            .filter(|(kind, _)| matches!(kind, Kind::PrivateKey | Kind::Bare))
            .find_map(|(_, der)| parse(&der));
        found.map(SigningKey).context("no private RSA key (PEM, PKCS#8 or PKCS#1) is in it")
    }

    /// The signature in base64.
    pub fn sign(&self, message: &[u8]) -> String {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .expect("the buffer has the modulus' length");
        STANDARD.encode(signature)
    }

    /// Whether `key` verifies what this key signs.
    pub fn is_pair_of(&self, key: &VerifyingKey) -> bool {
        self.0.public_key().as_ref() == key.0
    }
}

/// Verifies such signatures. Holds the PKCS#1 public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKey(Vec<u8>);

impl VerifyingKey {
    /// A public key, or the one of the first certificate.
    ///
    /// # Errors
    /// No RSA key in it.
    pub fn read(text: &str) -> Result<VerifyingKey> {
        let found = sections(text).into_iter().find_map(|(kind, der)| match kind {
            Kind::PublicKey | Kind::Bare => VerifyingKey::of_spki(&der).ok(),
            Kind::Certificate => Certificate::of_der(&der).ok().map(|certificate| certificate.key),
            Kind::PrivateKey => None,
        });
        found.context("no public RSA key (PEM, SPKI or certificate) is in it")
    }

    fn of_spki(der: &[u8]) -> Result<VerifyingKey> {
        let info = SubjectPublicKeyInfoOwned::from_der(der).map_err(|error| anyhow!("a public key: {error}"))?;
        VerifyingKey::of_info(&info)
    }

    fn of_info(info: &SubjectPublicKeyInfoOwned) -> Result<VerifyingKey> {
        let pkcs1 = info.subject_public_key.raw_bytes().to_vec();
        aws_lc_rs::rsa::PublicKey::from_der(&pkcs1).map_err(|_| anyhow!("the public key is not RSA"))?;
        Ok(VerifyingKey(pkcs1))
    }

    /// Whether `signature`, in base64, is this key's over `message`.
    pub fn verifies(&self, message: &[u8], signature: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature) else { return false };
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.0).verify(message, &signature).is_ok()
    }
}

/// What matters of an X.509 certificate. Whether it is to be trusted is its reader's business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// In upper-case hex without leading zeros, as WeChat writes serials.
    pub serial: String,
    pub key: VerifyingKey,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
}

impl Certificate {
    /// The first certificate of a PEM file.
    ///
    /// # Errors
    /// There is none, or it has no RSA key.
    pub fn read(text: &str) -> Result<Certificate> {
        let found = sections(text).into_iter().find(|(kind, _)| *kind == Kind::Certificate);
        Certificate::of_der(&found.context("no certificate is in it")?.1)
    }

    fn of_der(der: &[u8]) -> Result<Certificate> {
        let parsed = x509_cert::Certificate::from_der(der).map_err(|error| anyhow!("a certificate: {error}"))?;
        let facts = parsed.tbs_certificate();
        let serial = hex::encode_upper(facts.serial_number().as_bytes());
        let at = |time: x509_cert::time::Time| {
            Timestamp(i64::try_from(time.to_unix_duration().as_millis()).unwrap_or(i64::MAX))
        };
        Ok(Certificate {
            serial: serial.trim_start_matches('0').to_owned(),
            key: VerifyingKey::of_info(facts.subject_public_key_info())?,
            not_before: at(facts.validity().not_before),
            not_after: at(facts.validity().not_after),
        })
    }

    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.not_before <= now && now <= self.not_after
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    PrivateKey,
    PublicKey,
    Certificate,
    /// Base64 without the PEM lines around it.
    Bare,
}

fn sections(text: &str) -> Vec<(Kind, Vec<u8>)> {
    if !text.contains("-----BEGIN") {
        let bare: String = text.split_whitespace().collect();
        return STANDARD
            .decode(bare)
            .ok()
            .filter(|der| !der.is_empty())
            .map(|der| (Kind::Bare, der))
            .into_iter()
            .collect();
    }
    <(SectionKind, Vec<u8>)>::pem_slice_iter(text.as_bytes())
        .filter_map(Result::ok)
        .filter_map(|(kind, der)| match kind {
            SectionKind::PrivateKey | SectionKind::RsaPrivateKey => Some((Kind::PrivateKey, der)),
            SectionKind::PublicKey => Some((Kind::PublicKey, der)),
            SectionKind::Certificate => Some((Kind::Certificate, der)),
            _ => None,
        })
        .collect()
}
