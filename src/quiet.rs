//! Lines of the log that strangers can cause: one a minute about the same thing, with how many there were.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Between two lines about the same thing.
const SILENCE: Duration = Duration::from_secs(60);

/// What was logged when. The keys must be few, whatever strangers send.
pub struct Quiet<K>(Mutex<HashMap<K, (Instant, u64)>>);

impl<K> Default for Quiet<K> {
    fn default() -> Quiet<K> {
        Quiet(Mutex::default())
    }
}

impl<K: Eq + Hash> Quiet<K> {
    /// How often it has happened since the last line, this time included; `None` while nothing is to be said.
    pub fn note(&self, key: K, now: Instant) -> Option<u64> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (next, waiting) = known.entry(key).or_insert((now, 0));
        *waiting += 1;
        if now < *next {
            return None;
        }
        *next = now + SILENCE;
        Some(std::mem::take(waiting))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_said_once_a_minute_with_how_many_there_were() {
        let (quiet, begun) = (Quiet::default(), Instant::now());
        assert_eq!(quiet.note(("wechat", "BAD_SIGNATURE"), begun), Some(1), "the first at once");
        for _ in 0..1_000 {
            assert_eq!(quiet.note(("wechat", "BAD_SIGNATURE"), begun + SILENCE / 2), None);
        }
        assert_eq!(quiet.note(("alipay", "BAD_SIGNATURE"), begun), Some(1), "another provider");
        assert_eq!(quiet.note(("wechat", "STALE_CALLBACK"), begun), Some(1), "another reason");
        assert_eq!(quiet.note(("wechat", "BAD_SIGNATURE"), begun + SILENCE), Some(1_001));
        assert_eq!(quiet.note(("wechat", "BAD_SIGNATURE"), begun + SILENCE), None);
    }
}
