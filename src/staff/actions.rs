//! What can be done with staff.

use super::{Change, Deed, Door, Entry, FREE_TRIES, Person, Role, Secret, Sought, Staff, lock_seconds, sql};
use crate::error::{Field, Refusal, Result};
use crate::store::Tx;
use crate::units::{StaffId, Timestamp};
use anyhow::anyhow;
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use rusqlite::Connection;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// For so long a deed is known again.
const DEED_SECONDS: i64 = 7 * 86_400;

/// Checked for an unknown name, so that it takes as long and as much memory as a wrong password: nobody's hash, by the
/// numbers of `hash`.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Argon2id with a fresh salt. Slow on purpose: not for the writer thread.
///
/// # Errors
/// Internal when the system has no randomness.
pub fn hash(password: &str) -> Result<String> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    Ok(hash.map_err(|error| anyhow!("hashing a password: {error}"))?.to_string())
}

/// What there is to hold a try against; nothing for an unknown name and for somebody who was disabled.
pub fn find_door(conn: &Connection, username: &str) -> Result<Option<Door>> {
    sql::find_door(conn, username)
}

/// Whether that is the secret. It takes as long for an unknown name, and where no such secret was set. Slow on purpose:
/// not for the writer thread.
pub fn fits(door: Option<&Door>, secret: &Secret) -> bool {
    let stored = door.map_or("", |door| door.hash(secret));
    let held_against = if stored.is_empty() { NOBODY } else { stored };
    let (Secret::Password(said) | Secret::Pin(said)) = secret;
    let right = PasswordHash::new(held_against)
        .is_ok_and(|hash| Argon2::default().verify_password(said.as_bytes(), &hash).is_ok());
    right && !stored.is_empty()
}

/// Somebody showed the right secret: wrong tries are forgotten. `from`: the address.
///
/// # Errors
/// `BadLogin` when somebody disabled them, or changed the secret, while it was being checked.
pub fn enter(tx: &mut Tx<'_>, door: &Door, secret: &Secret, from: &str) -> Result<Staff> {
    let now = sql::find_door(tx.conn(), &door.staff.username)?;
    let now = now.filter(|now| now.staff.id == door.staff.id && now.hash(secret) == door.hash(secret));
    let staff = now.ok_or(Refusal::BadLogin)?.staff;
    sql::set_failures(tx.conn(), staff.id, 0, None)?;
    let how = if matches!(secret, Secret::Pin(_)) { "PIN" } else { "password" };
    record(tx, &staff.username, "staff.login", &staff.username, &format!("{how}, {from}"))?;
    Ok(staff)
}

/// The clock was put right: nobody is kept out until a time that a wrong one meant.
pub fn forget_the_future(tx: &mut Tx<'_>) -> Result<()> {
    sql::forget_the_future(tx.conn(), tx.now)
}

/// A wrong try, which is written down for unknown names, too. `counts`: whether it may lock the name.
pub fn miss(tx: &mut Tx<'_>, door: Option<&Door>, counts: bool, from: &str) -> Result<()> {
    let known = door.map(|door| sql::find_door(tx.conn(), &door.staff.username)).transpose()?.flatten();
    let Some(known) = known else {
        // Not the name: people type passwords there.
        return record(tx, "?", "staff.denied", "?", from);
    };
    if counts {
        let failures = known.failures + 1;
        let until = lock_seconds(failures, FREE_TRIES).map(|seconds| tx.now.plus_seconds(seconds));
        sql::set_failures(tx.conn(), known.staff.id, failures, until)?;
    }
    record(tx, "?", "staff.denied", &known.staff.username, from)
}

/// An enabled member of staff as of now, and since when tokens are good.
pub fn find_enabled(conn: &Connection, id: StaffId) -> Result<Option<(Staff, Timestamp)>> {
    sql::find_enabled(conn, id)
}

/// How many there are whose name has `name` in it, and one page of them.
pub fn list_people(conn: &Connection, name: Option<&str>, limit: i64, offset: i64) -> Result<(i64, Vec<Person>)> {
    Ok((sql::count_people(conn, name)?, sql::list_people(conn, name, limit, offset)?))
}

pub fn list_enabled(conn: &Connection) -> Result<Vec<Person>> {
    sql::list_enabled(conn)
}

/// # Errors
/// `StaffNotFound`.
pub fn load_person(conn: &Connection, id: StaffId) -> Result<Person> {
    Ok(sql::find_person(conn, id)?.ok_or(Refusal::StaffNotFound)?)
}

/// A new member of staff, enabled. `password_hash` is empty where the owner sets a password later.
///
/// # Errors
/// `UsernameTaken`, `BadRequest`.
pub fn hire(tx: &mut Tx<'_>, by: &str, change: &Change, password_hash: &str) -> Result<StaffId> {
    change.check()?;
    let text = |text: &Option<String>, field| text.clone().ok_or(Refusal::BadRequest(field));
    let (username, name) = (text(&change.username, Field::Username)?, text(&change.name, Field::Name)?);
    if sql::is_taken(tx.conn(), &username)? {
        return Err(Refusal::UsernameTaken(username).into());
    }
    let role = change.role.unwrap_or(Role::Waiter);
    let id = add_staff(tx, &username, &name, role, password_hash)?;
    sql::set_details(tx.conn(), id, change, tx.now)?;
    record(tx, by, "staff.add", &username, role.name())?;
    Ok(id)
}

/// # Errors
/// `StaffNotFound`, `UsernameTaken`, `BadRequest`, `LastOwner` for a demotion that would leave nobody.
pub fn change(tx: &mut Tx<'_>, by: &str, id: StaffId, change: &Change) -> Result<()> {
    change.check()?;
    let before = load_person(tx.conn(), id)?.staff;
    if let Some(username) = change.username.as_ref().filter(|username| **username != before.username)
        && sql::is_taken(tx.conn(), username)?
    {
        return Err(Refusal::UsernameTaken(username.clone()).into());
    }
    let role = change.role.unwrap_or(before.role);
    if before.role == Role::Owner && role != Role::Owner && !sql::has_other_owner(tx.conn(), id)? {
        return Err(Refusal::LastOwner.into());
    }
    sql::set_details(tx.conn(), id, change, tx.now)?;
    let renamed = change.username.as_deref().filter(|username| *username != before.username);
    let detail = renamed.map(|username| format!("→ {username}")).unwrap_or_default();
    record(tx, by, "staff.change", &before.username, &detail)?;
    if role != before.role {
        record(tx, by, "staff.role", &before.username, &format!("{} → {}", before.role.name(), role.name()))?;
    }
    Ok(())
}

/// # Errors
/// `StaffNotFound`; for the end of an account also `NotYourself`, `LastOwner`.
pub fn set_enabled(tx: &mut Tx<'_>, by: (StaffId, &str), id: StaffId, enabled: bool) -> Result<()> {
    let person = load_person(tx.conn(), id)?;
    let (own, by) = by;
    if !enabled && id == own {
        return Err(Refusal::NotYourself.into());
    }
    if !enabled && person.staff.role == Role::Owner && !sql::has_other_owner(tx.conn(), id)? {
        return Err(Refusal::LastOwner.into());
    }
    sql::set_enabled(tx.conn(), id, enabled, tx.now)?;
    let act = if enabled { "staff.enable" } else { "staff.disable" };
    record(tx, by, act, &person.staff.username, "")
}

/// Voids every token that was given out before; answers whose password it is. `password_hash`: from `hash`, made before
/// the transaction.
///
/// # Errors
/// `StaffNotFound`.
pub fn set_password(tx: &mut Tx<'_>, by: &str, id: StaffId, password_hash: &str) -> Result<Staff> {
    let person = load_person(tx.conn(), id)?;
    sql::set_password(tx.conn(), id, password_hash, tx.now)?;
    record(tx, by, "staff.password", &person.staff.username, "")?;
    Ok(person.staff)
}

/// `None` takes the PIN away. By another's hand it also voids every token that was given out before: whoever knew the old
/// PIN is out.
///
/// # Errors
/// `StaffNotFound`.
pub fn set_pin(tx: &mut Tx<'_>, by: (StaffId, &str), id: StaffId, pin_hash: Option<&str>) -> Result<()> {
    let (own, by) = by;
    let person = load_person(tx.conn(), id)?;
    sql::set_pin(tx.conn(), id, pin_hash, tx.now)?;
    if id != own {
        sql::end_sessions(tx.conn(), id, tx.now)?;
    }
    record(tx, by, "staff.pin", &person.staff.username, if pin_hash.is_none() { "none" } else { "" })
}

/// `password_hash`: from `hash`, made before the transaction.
pub fn add_staff(tx: &mut Tx<'_>, username: &str, name: &str, role: Role, password_hash: &str) -> Result<StaffId> {
    sql::insert_staff(tx.conn(), username, name, role, password_hash, tx.now)
}

/// Writes a sensitive act into the audit log, in the transaction of the act itself: neither is there without the other.
///
/// `actor` is the username of who did it, or the command that was typed at the PC. `act` is `noun.verb`, one of:
///
/// - `staff.login`, `staff.denied` (a wrong password or PIN), `staff.add`, `staff.change`, `staff.role`, `staff.enable`,
///   `staff.disable`, `staff.password`, `staff.pin`
/// - `shop.open`, `shop.close`
/// - `menu.change`, `menu.delete`, `menu.import`
/// - `table.add`, `table.change`, `table.retire`, `table.rotate`, `table.transfer`, `table.merge`, `table.clear` (with money
///   owed), `table.admit`, `table.refuse`, `table.order` (for the guests)
/// - `bill.discount`, `bill.free`, `bill.undo`, `bill.split`, `bill.void`
/// - `order.cancel`, `order.packed`, `payment.counter`, `payment.refund`, `payment.review`, `payment.unclaimed`
/// - `member.add`, `member.change`, `member.topup`, `member.token`
/// - `day.close`
///
/// `target` is what it was done to, as people call it (`A01`, an order's number, a username); `detail` is the rest in a
/// few words (amounts, reasons, from what to what). Neither ever holds a password, PIN, code or token.
///
/// # Errors
/// Internal ones of the database only.
pub fn record(tx: &mut Tx<'_>, actor: &str, act: &str, target: &str, detail: &str) -> Result<()> {
    sql::insert_audit(tx.conn(), tx.now, actor, act, target, detail)
}

/// What a deed was answered, where it has been done. One without a name never has.
///
/// # Errors
/// `OpIdReused` where its name was another deed's.
pub fn find_done<T: DeserializeOwned>(conn: &Connection, deed: &Deed) -> Result<Option<T>> {
    let known = deed.op_id.as_deref().map(|op_id| sql::find_deed(conn, op_id)).transpose()?.flatten();
    match known {
        None => Ok(None),
        Some((what, answer)) if what == deed.what => Ok(Some(serde_json::from_str(&answer)?)),
        Some(_) => Err(Refusal::OpIdReused.into()),
    }
}

/// Keeps what a deed was answered, in the transaction of the deed itself, for some days.
pub fn record_done<T: Serialize>(tx: &mut Tx<'_>, deed: &Deed, answer: &T) -> Result<()> {
    let Some(op_id) = &deed.op_id else { return Ok(()) };
    sql::delete_deeds(tx.conn(), tx.now.plus_seconds(-DEED_SECONDS))?;
    sql::insert_deed(tx.conn(), op_id, &deed.what, &serde_json::to_string(answer)?, tx.now)
}

/// Does it, unless it has been done: then the answer is the same, and nothing happens. What is refused was not done.
///
/// # Errors
/// `OpIdReused`; what `work` refuses.
pub fn once<T: Serialize + DeserializeOwned>(
    tx: &mut Tx<'_>,
    deed: &Deed,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T>,
) -> Result<T> {
    if let Some(done) = find_done(tx.conn(), deed)? {
        return Ok(done);
    }
    let answer = work(tx)?;
    record_done(tx, deed, &answer)?;
    Ok(answer)
}

/// What the audit log holds, the latest first: how many in all, and one page of them.
pub fn list_audit(conn: &Connection, sought: &Sought, limit: i64, offset: i64) -> Result<(i64, Vec<Entry>)> {
    Ok((sql::count_audit(conn, sought)?, sql::list_audit(conn, sought, limit, offset)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::Params;

    #[test]
    fn an_unknown_name_costs_what_a_known_one_costs() {
        let known = hash("tea-42").unwrap();
        let numbers = |hash: &str| {
            let hash = PasswordHash::new(hash).unwrap();
            (
                hash.algorithm.to_string(),
                hash.version,
                Params::try_from(&hash).unwrap(),
                hash.hash.map(|hash| hash.len()),
            )
        };
        assert_eq!(numbers(NOBODY), numbers(&known));
        let unknown = PasswordHash::new(NOBODY).unwrap();
        let verdict = Argon2::default().verify_password(b"tea-42", &unknown);
        assert_eq!(verdict, Err(argon2::password_hash::Error::PasswordInvalid), "it is computed, and wrong");
        assert!(!fits(None, &Secret::Password(String::new())));
    }
}
