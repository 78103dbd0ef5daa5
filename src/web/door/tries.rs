//! Wrong passwords and PINs since the start: how long a name or an address has to wait. What is stored with the staff
//! keeps a name locked over a restart, too.

use crate::error::Refusal;
use crate::staff::{FREE_TRIES, lock_seconds};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Several people mistype on one device.
const FREE_OF_ADDRESS: i64 = 2 * FREE_TRIES;
/// Forgotten after so long without a wrong try and without a lock.
const MEMORY: Duration = Duration::from_secs(60 * 60);
const MOST: usize = 10_000;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Address(IpAddr),
    /// Tried at this PC, where nobody from the guests' Wi-Fi can lock a name; or from anywhere else.
    Name(bool, String),
}

struct Wrong {
    tries: i64,
    until: Instant,
}

/// A try that is under way: it counts as wrong until `Tries::right`.
pub struct Try {
    keys: [Key; 2],
}

#[derive(Default)]
pub struct Tries {
    wrong: Mutex<HashMap<Key, Wrong>>,
}

impl Tries {
    /// Counted before the secret is looked at, so that many at once are not more than one after the other.
    ///
    /// # Errors
    /// `LoginLocked`, the same for names that nobody has.
    pub fn begin(&self, name: &str, from: IpAddr, now: Instant) -> Result<Try, Refusal> {
        let keys = [Key::Address(network(from)), Key::Name(from.is_loopback(), name.chars().take(64).collect())];
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = keys.iter().filter_map(|key| wrong.get(key)?.until.checked_duration_since(now)).max();
        if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
            return Err(Refusal::LoginLocked(i64::try_from(wait.as_secs()).unwrap_or(i64::MAX) + 1));
        }
        if wrong.len() >= MOST {
            forget_old(&mut wrong, now);
        }
        for (key, free) in keys.iter().zip([FREE_OF_ADDRESS, FREE_TRIES]) {
            let count = wrong.entry(key.clone()).or_insert(Wrong { tries: 0, until: now });
            count.tries += 1;
            let seconds = lock_seconds(count.tries, free).unwrap_or(0);
            count.until = now + Duration::from_secs(seconds.unsigned_abs());
        }
        Ok(Try { keys })
    }

    /// It was the right secret. The address's other wrong tries stay: somebody with an account of their own could
    /// otherwise try another's for ever.
    pub fn right(&self, done: &Try, now: Instant) {
        let [address, name] = &done.keys;
        if let Key::Name(_, name) = name {
            self.forget(name);
        }
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = wrong.get_mut(address) {
            count.tries -= 1;
            count.until = now;
        }
    }

    /// The name is free again.
    pub fn forget(&self, name: &str) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        for here in [true, false] {
            wrong.remove(&Key::Name(here, name.to_owned()));
        }
    }

    /// Called now and then.
    pub fn sweep(&self, now: Instant) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.retain(|_, count| now.saturating_duration_since(count.until) < MEMORY);
    }
}

/// Makes room: those whose lock is over for the longest.
fn forget_old(wrong: &mut HashMap<Key, Wrong>, now: Instant) {
    let mut ends: Vec<Instant> = wrong.values().map(|count| count.until).collect();
    ends.sort_unstable();
    let middle = ends.get(ends.len() / 2).copied().unwrap_or(now);
    wrong.retain(|_, count| count.until > middle);
}

/// A device has all of an IPv6 network to itself.
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) if !v6.is_loopback() => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 7));
    const PC: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn other(last: u8) -> IpAddr {
        [10, 0, 0, last].into()
    }

    #[test]
    fn a_name_waits_after_five_wrong_tries_wherever_they_came_from_and_known_here_still() {
        let (tries, start) = (Tries::default(), Instant::now());
        for last in 1..=5 {
            assert!(tries.begin("admin", other(last), start).is_ok());
        }
        assert_eq!(tries.begin("admin", other(6), start).err(), Some(Refusal::LoginLocked(31)));
        assert!(tries.begin("admin", PC, start).is_ok(), "the counter PC is not locked out from the Wi-Fi");
        assert!(tries.begin("li", other(6), start).is_ok(), "nor is anybody else");
        let later = start + Duration::from_secs(30);
        assert!(tries.begin("admin", other(7), later).is_ok());
        assert_eq!(tries.begin("admin", other(8), later).err(), Some(Refusal::LoginLocked(61)), "longer each time");
    }

    #[test]
    fn an_address_waits_after_ten_and_its_own_account_does_not_help() {
        let (tries, start) = (Tries::default(), Instant::now());
        for round in 0..10 {
            assert!(tries.begin(&format!("victim{round}"), PHONE, start).is_ok(), "{round}");
            if let Ok(own) = tries.begin("own", PHONE, start) {
                tries.right(&own, start);
            }
        }
        assert!(tries.begin("victim", PHONE, start).is_err());
        assert!(tries.begin("victim", other(9), start).is_ok());
    }

    #[test]
    fn a_right_one_starts_afresh_and_much_is_forgotten() {
        let (tries, start) = (Tries::default(), Instant::now());
        for _ in 0..4 {
            tries.begin("li", PHONE, start).unwrap();
        }
        let right = tries.begin("li", PHONE, start).unwrap();
        tries.right(&right, start);
        assert!((0..5).all(|_| tries.begin("li", other(3), start).is_ok()));
        tries.sweep(start + MEMORY + Duration::from_secs(3600));
        assert!(tries.wrong.lock().unwrap().is_empty());
        for number in 0..2 * MOST {
            let from = Ipv6Addr::from(u128::try_from(number).unwrap() << 64);
            let _ = tries.begin(&number.to_string(), from.into(), start + Duration::from_millis(1));
        }
        assert!(tries.wrong.lock().unwrap().len() <= MOST + 2);
    }
}
