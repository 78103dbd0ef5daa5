//! How much one device, one address and one table may ask of the daemon.

use crate::error::Refusal;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes of a JSON request body.
pub const MAX_BODY: usize = 64 * 1024;
/// Bytes of a body with a file in it: the largest file and what is around it.
pub const MAX_FILE_BODY: usize = crate::picture::MAX_FILE + MAX_BODY;
/// Files that are taken at a time: each may need hundreds of megabytes to be unpacked.
const FILES: usize = 1;
/// Passwords and PINs that are hashed at a time: each takes 19 MiB and a core.
const SECRETS: usize = 1;
/// Bytes of a frame of the counter's camera.
pub const MAX_CAMERA_FRAME: usize = 1024 * 1024;
/// Bytes of one WebSocket message (wire.md §1.4).
pub const MAX_FRAME: usize = 16 * 1024;

/// Numbers far above what people at tables do, far below what hurts.
struct Numbers {
    connections: usize,
    per_address: usize,
    per_table: usize,
    per_counter: usize,
    per_member: usize,
}

const ON: Numbers = Numbers { connections: 8192, per_address: 256, per_table: 256, per_counter: 64, per_member: 16 };
const OFF: Numbers = Numbers {
    connections: 200_000,
    per_address: usize::MAX,
    per_table: usize::MAX,
    per_counter: usize::MAX,
    per_member: usize::MAX,
};

pub struct Limits {
    numbers: &'static Numbers,
    rates: Option<Rates>,
    addresses: Arc<Mutex<HashMap<IpAddr, usize>>>,
    files: Arc<Semaphore>,
    secrets: Arc<Semaphore>,
}

struct Rates {
    /// A diner's changes, orders and payments.
    diners: DefaultKeyedRateLimiter<i64>,
    /// What a member's phones ask.
    members: DefaultKeyedRateLimiter<i64>,
    /// Scans of a table's code.
    scans: DefaultKeyedRateLimiter<IpAddr>,
    /// Tries of a password.
    logins: DefaultKeyedRateLimiter<IpAddr>,
}

fn quota(per_second: u32, burst: u32) -> Quota {
    let number = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
    Quota::per_second(number(per_second)).allow_burst(number(burst))
}

impl Limits {
    pub fn new(on: bool) -> Limits {
        Limits {
            numbers: if on { &ON } else { &OFF },
            rates: on.then(|| Rates {
                diners: RateLimiter::keyed(quota(40, 400)),
                members: RateLimiter::keyed(quota(20, 200)),
                scans: RateLimiter::keyed(quota(20, 400)),
                logins: RateLimiter::keyed(quota(1, 20)),
            }),
            addresses: Arc::default(),
            files: Arc::new(Semaphore::new(FILES)),
            secrets: Arc::new(Semaphore::new(SECRETS)),
        }
    }

    /// Waits until it is this file's turn; it is over when what this answers is dropped.
    pub async fn turn_of_file(&self) -> OwnedSemaphorePermit {
        self.files.clone().acquire_owned().await.expect("nobody closes it")
    }

    /// Runs `work`, which hashes a secret, off the threads that serve others, when its turn has come. Whoever goes away
    /// meanwhile leaves it running, and keeps the turn as long as it runs.
    ///
    /// # Errors
    /// Internal when it panicked.
    pub async fn hash<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> crate::error::Result<T> {
        let turn = self.secrets.clone().acquire_owned().await.expect("nobody closes it");
        let working = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        Ok(working.await.map_err(anyhow::Error::from)?)
    }

    pub fn connections(&self) -> usize {
        self.numbers.connections
    }

    pub fn per_table(&self) -> usize {
        self.numbers.per_table
    }

    pub fn per_counter(&self) -> usize {
        self.numbers.per_counter
    }

    /// # Errors
    /// `RateLimited`.
    pub fn check_diner(&self, diner: i64) -> Result<(), Refusal> {
        check(self.rates.as_ref().map(|rates| rates.diners.check_key(&diner).is_ok()))
    }

    pub fn per_member(&self) -> usize {
        self.numbers.per_member
    }

    /// # Errors
    /// `RateLimited`.
    pub fn check_member(&self, member: i64) -> Result<(), Refusal> {
        check(self.rates.as_ref().map(|rates| rates.members.check_key(&member).is_ok()))
    }

    /// # Errors
    /// `RateLimited`.
    pub fn check_scan(&self, address: IpAddr) -> Result<(), Refusal> {
        check(self.rates.as_ref().map(|rates| rates.scans.check_key(&address).is_ok()))
    }

    /// # Errors
    /// `RateLimited`.
    pub fn check_login(&self, address: IpAddr) -> Result<(), Refusal> {
        check(self.rates.as_ref().map(|rates| rates.logins.check_key(&address).is_ok()))
    }

    /// Forgets who has been quiet. Called now and then.
    pub fn sweep(&self) {
        if let Some(rates) = &self.rates {
            rates.diners.retain_recent();
            rates.members.retain_recent();
            rates.scans.retain_recent();
            rates.logins.retain_recent();
        }
    }

    /// A place for one connection of this address; `None` when it has too many. Given back on drop. `shared`: a proxy
    /// connects for everybody, and has no limit.
    pub fn admit(&self, address: IpAddr, shared: bool) -> Option<Admission> {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let count = addresses.entry(address).or_default();
        if *count >= self.numbers.per_address && !shared {
            return None;
        }
        *count += 1;
        Some(Admission { addresses: self.addresses.clone(), address })
    }
}

fn check(allowed: Option<bool>) -> Result<(), Refusal> {
    if allowed == Some(false) { Err(Refusal::RateLimited) } else { Ok(()) }
}

pub struct Admission {
    addresses: Arc<Mutex<HashMap<IpAddr, usize>>>,
    address: IpAddr,
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = addresses.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                addresses.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_connections_and_a_proxy_on_this_pc_any_number() {
        let limits = Limits::new(true);
        let phone: IpAddr = [192, 0, 2, 7].into();
        let mut places: Vec<_> = (0..ON.per_address).map(|_| limits.admit(phone, false).unwrap()).collect();
        assert!(limits.admit(phone, false).is_none());
        assert!(limits.admit([192, 0, 2, 8].into(), false).is_some());
        places.pop();
        assert!(limits.admit(phone, false).is_some());
        let proxy: Vec<_> = (0..=ON.per_address).map(|_| limits.admit([127, 0, 0, 1].into(), true)).collect();
        assert!(proxy.iter().all(Option::is_some));
    }

    #[test]
    fn one_who_hurries_too_much_waits_and_the_others_do_not() {
        let limits = Limits::new(true);
        let off = Limits::new(false);
        let allowed = (0..10_000).take_while(|_| limits.check_diner(1).is_ok()).count();
        assert!((400..1000).contains(&allowed), "{allowed} at once");
        assert_eq!(limits.check_diner(2), Ok(()));
        assert!((0..10_000).all(|_| off.check_diner(1).is_ok()));
    }
}
