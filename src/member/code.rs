//! The code that a member's phone shows: short enough for a small QR, good for a minute, and once.
//!
//! `M` and 37 characters of `[A-Z2-7]`, 38 in all, which is what a QR of 25×25 modules holds: member (4 bytes), when it
//! expires (unix seconds, 4), 5 random ones, and the first 10 of their HMAC-SHA-256. Its key is derived from the shop's
//! for this alone, so that no token is a code and no code a token; the member's present link is signed, too, so that a
//! new link ends the codes of the old one.

use crate::units::{MemberId, Timestamp};
use aws_lc_rs::{constant_time, hmac};

/// A screenshot is worthless after this.
pub const SECONDS: i64 = 60;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const PREFIX: char = 'M';
const BODY: usize = 13;
const MAC: usize = 10;
const LENGTH: usize = 37;

/// What a code says, before anybody knows whether it is genuine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub member: MemberId,
    pub expires: Timestamp,
    body: [u8; BODY],
    mac: [u8; MAC],
}

impl Claim {
    /// What makes this code another than any other.
    pub fn id(&self) -> String {
        hex::encode(self.body)
    }
}

/// Signs and recognises codes.
pub struct Codes {
    key: hmac::Key,
}

impl Codes {
    /// `secret`: the shop's token key.
    pub fn new(secret: &str) -> Codes {
        let parent = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let derived = hmac::sign(&parent, b"tablebell member code 1");
        Codes { key: hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()) }
    }

    fn mac(&self, body: &[u8; BODY], link: i64) -> [u8; MAC] {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(body);
        context.update(&link.to_be_bytes());
        let mut mac = [0; MAC];
        mac.copy_from_slice(&context.sign().as_ref()[..MAC]);
        mac
    }

    /// A new code and when it expires. `None` for a member or a time past what 32 bits count.
    pub fn sign(&self, member: MemberId, link: i64, now: Timestamp, salt: [u8; 5]) -> Option<(String, Timestamp)> {
        let expires = now.0 / 1000 + SECONDS;
        let mut body = [0; BODY];
        body[..4].copy_from_slice(&u32::try_from(member.0).ok()?.to_be_bytes());
        body[4..8].copy_from_slice(&u32::try_from(expires).ok()?.to_be_bytes());
        body[8..].copy_from_slice(&salt);
        let mut bytes = [0; BODY + MAC];
        bytes[..BODY].copy_from_slice(&body);
        bytes[BODY..].copy_from_slice(&self.mac(&body, link));
        Some((format!("{PREFIX}{}", encode(&bytes)), Timestamp(expires * 1000)))
    }

    /// Whether we signed it for the member's present link.
    pub fn is_genuine(&self, claim: &Claim, link: i64) -> bool {
        constant_time::verify_slices_are_equal(&self.mac(&claim.body, link), &claim.mac).is_ok()
    }
}

/// Reads a code as scanners type it: with blanks around, or in small letters. `None` for what is no code of ours.
pub fn read(text: &str) -> Option<Claim> {
    let text = text.trim().to_ascii_uppercase();
    let bytes = decode(text.strip_prefix(PREFIX)?)?;
    let (body, mac) = bytes.split_at(BODY);
    let number = |at: usize| -> Option<i64> { Some(u32::from_be_bytes(body[at..at + 4].try_into().ok()?).into()) };
    Some(Claim {
        member: MemberId(number(0)?),
        expires: Timestamp(number(4)? * 1000),
        body: body.try_into().ok()?,
        mac: mac.try_into().ok()?,
    })
}

fn encode(bytes: &[u8; BODY + MAC]) -> String {
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| usize::from((byte >> (7 - at % 8)) & 1));
    let letter = |place: usize| (0..5).fold(0, |value, step| (value << 1) | bit(place * 5 + step));
    (0..LENGTH).map(|place| char::from(ALPHABET[letter(place)])).collect()
}

/// `None` unless it is the one text of these bytes.
fn decode(text: &str) -> Option<[u8; BODY + MAC]> {
    if text.len() != LENGTH {
        return None;
    }
    let mut bytes = [0; BODY + MAC];
    for (place, letter) in text.bytes().enumerate() {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        for step in 0..5 {
            let (at, bit) = (place * 5 + step, ((value >> (4 - step)) & 1) as u8);
            match bytes.get_mut(at / 8) {
                Some(byte) => *byte |= bit << (7 - at % 8),
                None if bit == 0 => {}
                None => return None,
            }
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    fn made(codes: &Codes, member: i64, link: i64) -> String {
        codes.sign(MemberId(member), link, NOW, secret::random_bytes()).unwrap().0
    }

    #[test]
    fn a_code_says_whose_it_is_and_fits_the_smallest_qr_but_one() {
        let codes = Codes::new("key");
        let (text, expires) = codes.sign(MemberId(7), 1, NOW, [1, 2, 3, 4, 5]).unwrap();
        let claim = read(&text).unwrap();
        assert_eq!((claim.member, claim.expires, expires), (MemberId(7), NOW.plus_seconds(60), NOW.plus_seconds(60)));
        assert!(codes.is_genuine(&claim, 1));
        assert_eq!(text.len(), 38);
        let picture = qrcode::QrCode::new(&text).unwrap();
        assert_eq!(picture.width(), 25, "version 2 at level M");
        assert_eq!(read(&format!(" {}\r\n", text.to_lowercase())), Some(claim), "as a scanner types it");
    }

    #[test]
    fn another_member_s_link_or_key_makes_no_genuine_code() {
        let codes = Codes::new("key");
        let claim = read(&made(&codes, 7, 1)).unwrap();
        assert!(!codes.is_genuine(&claim, 2), "a new link ends the codes of the old one");
        assert!(!Codes::new("other").is_genuine(&claim, 1), "another shop's");
        let raw = Codes { key: hmac::Key::new(hmac::HMAC_SHA256, b"key") };
        assert!(!codes.is_genuine(&read(&made(&raw, 7, 1)).unwrap(), 1), "the tokens' own key signs no code");
    }

    #[test]
    fn every_single_wrong_letter_is_seen() {
        let codes = Codes::new("key");
        let text = made(&codes, 7, 1);
        for place in 0..text.len() {
            for letter in ALPHABET.iter().map(|byte| char::from(*byte)).filter(|one| !text[place..].starts_with(*one)) {
                let forged = format!("{}{letter}{}", &text[..place], &text[place + 1..]);
                assert!(read(&forged).is_none_or(|claim| !codes.is_genuine(&claim, 1)), "{forged}");
            }
        }
    }

    #[test]
    fn what_is_no_code_is_not_read() {
        for text in ["", "M", "130000000000000001", "eyJhbGciOiJIUzI1NiJ9.e30.x", &"M".repeat(37), &"A".repeat(38)] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read(&format!("M{}Z", "A".repeat(36))), None, "bits that mean nothing");
    }

    proptest! {
        #[test]
        fn every_code_is_read_back(member in 0..=u32::MAX, salt: [u8; 5], link in 0..i64::MAX) {
            let codes = Codes::new("key");
            let (text, _) = codes.sign(MemberId(member.into()), link, NOW, salt).unwrap();
            let claim = read(&text).unwrap();
            prop_assert_eq!(claim.member.0, i64::from(member));
            prop_assert!(codes.is_genuine(&claim, link));
        }

        #[test]
        fn no_text_brings_the_reader_down(text in "\\PC{0,60}") {
            let _ = read(&text);
        }
    }
}
