//! The people behind the counter.

pub mod actions;
mod sql;

use crate::error::{PersonFault, Refusal};
use crate::units::{StaffId, Timestamp};
use std::ops::RangeInclusive;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Owner,
    Cashier,
    Waiter,
    Kitchen,
}

names!(Role { Owner = "owner", Cashier = "cashier", Waiter = "waiter", Kitchen = "kitchen" });

/// Who works here, as far as most of the shop needs to know.
#[derive(Debug, Clone)]
pub struct Staff {
    pub id: StaffId,
    pub username: String,
    pub name: String,
    pub role: Role,
}

/// Something that is done once, however often it is asked for.
#[derive(Debug, Clone, Default)]
pub struct Deed {
    /// Made by the page. `None` from one that gives its deeds no names: then each request is a deed of its own.
    pub op_id: Option<String>,
    /// Route, target and amount: whatever else comes under this name is refused.
    pub what: String,
}

/// All about a member of staff but the secrets.
#[derive(Debug, Clone)]
pub struct Person {
    pub staff: Staff,
    pub phone: String,
    /// `0` female, `1` male, as sky-take-out writes it; empty where nobody said.
    pub sex: String,
    pub id_number: String,
    pub enabled: bool,
    /// Without one nobody gets in by this name.
    pub has_password: bool,
    pub has_pin: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What is to be written about a member of staff; `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub username: Option<String>,
    pub name: Option<String>,
    pub role: Option<Role>,
    pub phone: Option<String>,
    pub sex: Option<String>,
    pub id_number: Option<String>,
}

/// What somebody shows to come in.
#[derive(Clone)]
pub enum Secret {
    Password(String),
    Pin(String),
}

/// What a try to come in is held against.
#[derive(Debug, Clone)]
pub struct Door {
    pub staff: Staff,
    /// Empty where no password was set yet.
    pub password_hash: String,
    pub pin_hash: String,
    /// Wrong tries in a row.
    pub failures: i64,
    pub locked_until: Option<Timestamp>,
}

impl Door {
    /// For how many more seconds nobody gets in by this name.
    pub fn locked_for(&self, now: Timestamp) -> Option<i64> {
        // No lock is longer: beyond that it was made while the PC's clock was ahead.
        let left = self.locked_until.map(|until| until.seconds_since(now) + 1);
        left.filter(|seconds| (1..=LONGEST_LOCK + 1).contains(seconds))
    }

    /// What the secret is held against; empty where there is none.
    fn hash(&self, secret: &Secret) -> &str {
        match secret {
            Secret::Password(_) => &self.password_hash,
            Secret::Pin(_) => &self.pin_hash,
        }
    }
}

const MAX_USERNAME: usize = 32;
const MAX_NAME: usize = 32;
const MAX_PHONE: usize = 20;
const MAX_ID_NUMBER: usize = 18;
const PASSWORD_LENGTH: RangeInclusive<usize> = 6..=72;
const PIN_LENGTH: RangeInclusive<usize> = 4..=6;

impl Change {
    /// # Errors
    /// `BadPerson`.
    pub fn check(&self) -> Result<(), Refusal> {
        let check = |text: &Option<String>, fits: &dyn Fn(&str) -> bool, fault| match text {
            Some(text) if !fits(text) => Err(Refusal::BadPerson(fault)),
            _ => Ok(()),
        };
        let within = |text: &str, most: usize| text.chars().count() <= most && !text.chars().any(char::is_control);
        let username = |text: &str| {
            (1..=MAX_USERNAME).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        };
        check(&self.username, &username, PersonFault::Username)?;
        check(&self.name, &|text| !text.is_empty() && within(text, MAX_NAME), PersonFault::Name)?;
        check(&self.phone, &|text| within(text, MAX_PHONE), PersonFault::Phone)?;
        check(&self.sex, &|text| ["", "0", "1"].contains(&text), PersonFault::Sex)?;
        check(&self.id_number, &|text| within(text, MAX_ID_NUMBER), PersonFault::IdNumber)
    }
}

/// # Errors
/// `WeakPassword`.
pub fn check_password(password: &str) -> Result<(), Refusal> {
    let fits = PASSWORD_LENGTH.contains(&password.chars().count()) && !is_simple(password);
    if fits { Ok(()) } else { Err(Refusal::WeakPassword) }
}

/// # Errors
/// `WeakPin`.
pub fn check_pin(pin: &str) -> Result<(), Refusal> {
    let digits = PIN_LENGTH.contains(&pin.len()) && pin.bytes().all(|byte| byte.is_ascii_digit());
    if digits && !is_simple(pin) { Ok(()) } else { Err(Refusal::WeakPin) }
}

/// What everybody tries first: 0000, 1234, 4321.
fn is_simple(text: &str) -> bool {
    let steps: Vec<i16> = text.as_bytes().windows(2).map(|pair| i16::from(pair[1]) - i16::from(pair[0])).collect();
    [0, 1, -1].iter().any(|step| steps.iter().all(|one| one == step))
}

/// Wrong tries in a row that are nobody's business.
pub const FREE_TRIES: i64 = 5;
const FIRST_LOCK: i64 = 30;
const LONGEST_LOCK: i64 = 15 * 60;

/// How many seconds nobody gets in after so many wrong tries in a row, of which `free` cost nothing: half a minute, and
/// twice as long with each further one, up to a quarter of an hour. `None` for no lock.
pub fn lock_seconds(failures: i64, free: i64) -> Option<i64> {
    let doubled = (failures >= free).then(|| (failures - free).min(8))?;
    Some((FIRST_LOCK << doubled).min(LONGEST_LOCK))
}

/// A line of the audit log.
#[derive(Debug, Clone)]
pub struct Entry {
    pub id: i64,
    pub at: Timestamp,
    pub actor: String,
    pub act: String,
    pub target: String,
    pub detail: String,
}

/// Which lines of the audit log: all of them, where nothing is said. `act` may be a noun alone, such as `bill`.
#[derive(Debug, Clone, Default)]
pub struct Sought {
    pub act: Option<String>,
    pub from: Option<Timestamp>,
    /// The first instant that is too late.
    pub before: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_that_everybody_tries_first_are_refused() {
        for good in ["2580", "1357", "000001", "9021"] {
            assert_eq!(check_pin(good), Ok(()), "{good}");
        }
        for bad in ["", "123", "1234567", "12a4", "1234", "4321", "0000", "567890 ", "٣٣٣٣", "-123"] {
            assert_eq!(check_pin(bad), Err(Refusal::WeakPin), "{bad}");
        }
        for good in ["tea-42", "红烧肉要趁热", &"ab".repeat(36)] {
            assert_eq!(check_password(good), Ok(()), "{good}");
        }
        for bad in ["", "tea-4", "123456", "aaaaaaa", "abcdefg", "987654", &"ab".repeat(37)] {
            assert_eq!(check_password(bad), Err(Refusal::WeakPassword), "{bad}");
        }
    }

    #[test]
    fn a_lock_of_a_clock_that_was_ahead_holds_nobody_up() {
        let staff = Staff { id: StaffId(1), username: "a".into(), name: "a".into(), role: Role::Owner };
        let (password_hash, pin_hash) = (String::new(), String::new());
        let door = Door { staff, password_hash, pin_hash, failures: 9, locked_until: Some(Timestamp(900_000)) };
        for (now, left) in
            [(0, Some(901)), (899_000, Some(2)), (901_000, None), (-5_000, None), (-63_000_000_000, None)]
        {
            assert_eq!(door.locked_for(Timestamp(now)), left, "{now}");
        }
    }

    #[test]
    fn locks_grow_and_stay_bearable() {
        let locks: Vec<_> = (0..12).map(|failures| lock_seconds(failures, FREE_TRIES)).collect();
        let none = [None; 5];
        assert_eq!(locks[..5], none);
        let grown = [30, 60, 120, 240, 480, 900, 900].map(Some);
        assert_eq!(locks[5..], grown);
        assert_eq!(lock_seconds(i64::MAX, FREE_TRIES), Some(900));
    }

    #[test]
    fn what_is_written_about_people_has_a_length_and_usernames_are_plain() {
        let named = |username: &str| Change { username: Some(username.into()), ..Change::default() }.check().is_ok();
        assert!(["a", "admin", "li.na_2-b", &"x".repeat(32)].into_iter().all(named));
        assert!(!["", "<b>", "a b", "张三", "a'--", &"x".repeat(33)].into_iter().any(named));
        let called = |name: &str| Change { name: Some(name.into()), ..Change::default() }.check().is_ok();
        assert!(["张三", "<b>O'Hara</b>", &"字".repeat(32)].into_iter().all(called));
        assert!(!["", "a\u{7}b", &"字".repeat(33)].into_iter().any(called));
        let sex = |sex: &str| Change { sex: Some(sex.into()), ..Change::default() }.check().is_ok();
        assert!(sex("0") && sex("1") && sex("") && !sex("2"));
    }
}
