//! How much one device, one address and one table may ask of the daemon.

use super::places::Most;
use crate::error::Refusal;
use crate::web::door::tries::network;
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes of a JSON request body.
pub const MAX_BODY: usize = 64 * 1024;
/// Bytes of a body with a file in it: the largest file and what is around it.
pub const MAX_FILE_BODY: usize = crate::picture::MAX_FILE + MAX_BODY;
/// Files that come in at a time: one over a bad Wi-Fi, or that never comes, does not hold up the others.
const COMING: usize = 4;
/// Files that are unpacked at a time: each may need hundreds of megabytes.
const FILES: usize = 1;
/// Passwords and PINs that are hashed at a time: each takes 19 MiB and a core.
const SECRETS: usize = 1;
/// Bytes of a frame of the counter's camera.
pub const MAX_CAMERA_FRAME: usize = 1024 * 1024;
/// Bytes of one WebSocket message (docs/protocol.md §1.4).
pub const MAX_FRAME: usize = 16 * 1024;

/// Numbers far above what people at tables do, far below what hurts.
struct Numbers {
    lan: Most,
    tunnel: Most,
    per_table: usize,
    per_counter: usize,
    per_member: usize,
}

const ON: Numbers = Numbers {
    lan: Most { waiting: 4096, strangers: 1024, known: 4096 },
    // Callbacks are few, and show no token.
    tunnel: Most { waiting: 1024, strangers: 256, known: 0 },
    per_table: 256,
    per_counter: 64,
    per_member: 16,
};
const ANY: Most = Most { waiting: usize::MAX, strangers: usize::MAX, known: usize::MAX };
const OFF: Numbers =
    Numbers { lan: ANY, tunnel: ANY, per_table: usize::MAX, per_counter: usize::MAX, per_member: usize::MAX };

pub struct Limits {
    numbers: &'static Numbers,
    rates: Option<Rates>,
    coming: Arc<Semaphore>,
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
    /// Sockets and streams of a diner, which stay: more only come of a client that does nothing but reconnect.
    openings: DefaultKeyedRateLimiter<i64>,
    /// New connections. All guests of a house may be behind one router, and come back at once after it was restarted.
    connections: DefaultKeyedRateLimiter<IpAddr>,
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
                openings: RateLimiter::keyed(quota(2, 60)),
                connections: RateLimiter::keyed(quota(200, 4000)),
            }),
            coming: Arc::new(Semaphore::new(COMING)),
            files: Arc::new(Semaphore::new(FILES)),
            secrets: Arc::new(Semaphore::new(SECRETS)),
        }
    }

    /// Waits until a file may come in; its place is free again when what this answers is dropped.
    pub async fn place_for_file(&self) -> OwnedSemaphorePermit {
        self.coming.clone().acquire_owned().await.expect("nobody closes it")
    }

    /// The same for a file that has come: until it may be unpacked.
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

    /// How many may be connected to each listener.
    pub fn on_lan(&self) -> Most {
        self.numbers.lan
    }

    pub fn on_tunnel(&self) -> Most {
        self.numbers.tunnel
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

    /// What one socket may say beside its changes: heartbeats, pings, and what nobody understands.
    pub fn talk(&self) -> Option<DefaultDirectRateLimiter> {
        self.rates.is_some().then(|| RateLimiter::direct(quota(4, 60)))
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
        check(self.rates.as_ref().map(|rates| rates.scans.check_key(&network(address)).is_ok()))
    }

    /// # Errors
    /// `RateLimited`.
    pub fn check_login(&self, address: IpAddr) -> Result<(), Refusal> {
        check(self.rates.as_ref().map(|rates| rates.logins.check_key(&network(address)).is_ok()))
    }

    /// # Errors
    /// `RateLimited`.
    pub fn check_opening(&self, diner: i64) -> Result<(), Refusal> {
        check(self.rates.as_ref().map(|rates| rates.openings.check_key(&diner).is_ok()))
    }

    /// # Errors
    /// `RateLimited`. A proxy connects for everybody and is not asked about.
    pub fn check_connection(&self, address: IpAddr) -> Result<(), Refusal> {
        check(self.rates.as_ref().map(|rates| rates.connections.check_key(&network(address)).is_ok()))
    }

    /// Forgets who has been quiet. Called now and then.
    pub fn sweep(&self) {
        if let Some(rates) = &self.rates {
            rates.diners.retain_recent();
            rates.members.retain_recent();
            rates.scans.retain_recent();
            rates.logins.retain_recent();
            rates.openings.retain_recent();
            rates.connections.retain_recent();
        }
    }
}

fn check(allowed: Option<bool>) -> Result<(), Refusal> {
    if allowed == Some(false) { Err(Refusal::RateLimited) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_who_hurries_too_much_waits_and_the_others_do_not() {
        let limits = Limits::new(true);
        let off = Limits::new(false);
        let allowed = (0..10_000).take_while(|_| limits.check_diner(1).is_ok()).count();
        assert!((400..1000).contains(&allowed), "{allowed} at once");
        assert_eq!(limits.check_diner(2), Ok(()));
        assert!((0..10_000).all(|_| off.check_diner(1).is_ok()));
    }

    #[test]
    fn a_house_behind_one_router_comes_back_at_once_and_a_storm_does_not() {
        let (limits, router) = (Limits::new(true), [192, 0, 2, 1].into());
        let let_in = (0..50_000).filter(|_| limits.check_connection(router).is_ok()).count();
        assert!((4000..6000).contains(&let_in), "{let_in} at once");
        assert_eq!(limits.check_connection([192, 0, 2, 2].into()), Ok(()));
    }
}
