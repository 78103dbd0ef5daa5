//! Whether a provider tells how payments stand. One that makes codes and does not answer queries takes money that nobody
//! hears of: it is not offered until a query is answered again. Pure rules.

use crate::units::Timestamp;

/// Queries that fail for so long, and so many of them, are no hiccup.
const PATIENCE_SECONDS: i64 = 15;
const FAILURES: u32 = 3;
/// Between two questions about no trade while queries fail.
const PROBE_SECONDS: i64 = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sight {
    /// Of the failures in a row.
    first: Option<Timestamp>,
    failures: u32,
    probed_at: Option<Timestamp>,
    lost_at: Option<Timestamp>,
}

impl Sight {
    /// A query about a trade has ended. One trade that it cannot tell about does not make a provider silent; it makes it
    /// suspect.
    pub fn note(&mut self, answered: bool, now: Timestamp) {
        if answered {
            *self = Sight::default();
            return;
        }
        self.first.get_or_insert(now);
        self.failures = self.failures.saturating_add(1);
    }

    /// Whether it is to be asked about no trade now, which every provider that answers at all can answer.
    pub fn wants_probe(&self, now: Timestamp) -> bool {
        let is_rested = self.probed_at.is_none_or(|at| now.seconds_since(at) >= PROBE_SECONDS);
        is_rested && (self.lost_at.is_some() || self.is_suspect(now))
    }

    fn is_suspect(&self, now: Timestamp) -> bool {
        self.failures >= FAILURES && self.first.is_some_and(|at| now.seconds_since(at) >= PATIENCE_SECONDS)
    }

    /// The question about no trade has ended; `true` when the provider is silent from now on.
    pub fn note_probe(&mut self, answered: bool, now: Timestamp) -> bool {
        self.note(answered, now);
        if answered {
            return false;
        }
        self.probed_at = Some(now);
        let is_new = self.lost_at.is_none() && self.is_suspect(now);
        if is_new {
            self.lost_at = Some(now);
        }
        is_new
    }

    /// Since when it is silent.
    pub fn lost_at(&self) -> Option<Timestamp> {
        self.lost_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: Timestamp = Timestamp(1_795_000_000_000);

    fn after(seconds: i64) -> Timestamp {
        BEGIN.plus_seconds(seconds)
    }

    #[test]
    fn a_provider_is_silent_when_its_queries_have_failed_for_long_and_the_one_about_no_trade_too() {
        let mut sight = Sight::default();
        for second in [0, 5, 10] {
            sight.note(false, after(second));
            assert!(!sight.wants_probe(after(second)), "{second}");
        }
        sight.note(false, after(15));
        assert!(sight.wants_probe(after(15)) && sight.lost_at().is_none(), "it is asked before it is judged");
        assert!(sight.note_probe(false, after(15)));
        assert_eq!(sight.lost_at(), Some(after(15)));
        assert!(!sight.wants_probe(after(19)) && sight.wants_probe(after(20)));
        assert!(!sight.note_probe(false, after(20)), "told once");
        sight.note_probe(true, after(25));
        assert_eq!(sight, Sight::default(), "one answer and it is offered again");
    }

    #[test]
    fn one_trade_that_it_can_not_tell_about_and_a_short_hiccup_change_nothing() {
        let mut sight = Sight::default();
        for second in 0..60 {
            sight.note(false, after(second));
            if sight.wants_probe(after(second)) {
                assert!(!sight.note_probe(true, after(second)), "it answers about no trade");
            }
            assert_eq!(sight.lost_at(), None, "{second}");
        }
        let mut sight = Sight::default();
        for second in 0..14 {
            sight.note(false, after(second));
            assert!(!sight.wants_probe(after(second)), "{second}");
        }
        sight.note(true, after(14));
        sight.note(false, after(15));
        assert!(!sight.wants_probe(after(15)), "an answer begins the count anew");
    }
}
