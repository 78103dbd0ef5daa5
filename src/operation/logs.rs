//! The daemon's lines for its operator, on stderr, which systemd puts into the journal. One place in the program writes a
//! few lines at once and then one in a while, whatever happens: somebody without a token can cause many of a kind, and
//! neither the disk nor the lines that matter are theirs.

use super::systemd;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tracing::callsite::Identifier;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{Format, FormatEvent, FormatFields, Writer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// Lines of one place in the program that are written at once.
const AT_ONCE: u32 = 30;
/// After those, one in so long.
const THEN_EVERY: Duration = Duration::from_secs(10);

/// What is written where `TABLEBELL_LOG` says nothing, or nothing that can be read.
const USUAL: [(&str, Level); 1] = [("zbus", Level::WARN)];

/// Begins to write. A panic is a line like another, and counts like one.
pub fn begin() {
    let asked = std::env::var("TABLEBELL_LOG").ok().and_then(|text| text.trim_end_matches(',').parse().ok());
    let filter = asked.unwrap_or_else(|| Targets::new().with_default(Level::INFO).with_targets(USUAL));
    // A line that can't be written is lost: telling that on stderr, too, would panic.
    let lines = tracing_subscriber::fmt::layer().log_internal_errors(false).with_writer(std::io::stderr);
    let lines = match systemd::in_journal() {
        true => lines.with_ansi(false).event_format(Few::of(systemd::JournalLines)).boxed(),
        false => {
            let ansi = std::io::IsTerminal::is_terminal(&std::io::stderr());
            lines.with_ansi(ansi).event_format(Few::of(Format::default().with_target(false))).boxed()
        }
    };
    if tracing_subscriber::registry().with(lines.with_filter(filter)).try_init().is_ok() {
        std::panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
    }
}

/// Writes lines as `lines` does, but not too many of one place.
struct Few<F> {
    lines: F,
    places: Mutex<HashMap<Identifier, Ration>>,
}

impl<F> Few<F> {
    fn of(lines: F) -> Few<F> {
        Few { lines, places: Mutex::default() }
    }

    fn take(&self, place: Identifier, now: Instant) -> Option<u64> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.entry(place).or_insert_with(|| Ration::full(now)).take(now)
    }
}

impl<S, N, F> FormatEvent<S, N> for Few<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> std::fmt::Result {
        // Whoever asks for more than these wants all of it.
        if *event.metadata().level() > Level::INFO {
            return self.lines.format_event(context, writer, event);
        }
        match self.take(event.metadata().callsite(), Instant::now()) {
            None => Ok(()),
            Some(0) => self.lines.format_event(context, writer, event),
            Some(left_out) => {
                self.lines.format_event(context, writer.by_ref(), event)?;
                writeln!(writer, "({left_out} lines of this kind before it are left out)")
            }
        }
    }
}

/// What one place may still write.
struct Ration {
    lines: u32,
    since: Instant,
    left_out: u64,
}

impl Ration {
    fn full(now: Instant) -> Ration {
        Ration { lines: AT_ONCE, since: now, left_out: 0 }
    }

    /// Whether one more line may be written; then how many before it were not.
    fn take(&mut self, now: Instant) -> Option<u64> {
        let earned = now.saturating_duration_since(self.since).as_secs() / THEN_EVERY.as_secs();
        let earned = u32::try_from(earned).unwrap_or(u32::MAX);
        self.since += THEN_EVERY * earned.min(AT_ONCE);
        self.lines = self.lines.saturating_add(earned).min(AT_ONCE);
        if self.lines == AT_ONCE {
            self.since = now;
        }
        match self.lines.checked_sub(1) {
            Some(rest) => {
                self.lines = rest;
                Some(std::mem::take(&mut self.left_out))
            }
            None => {
                self.left_out += 1;
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_lines_at_once_and_then_one_in_a_while_which_tells_of_the_others() {
        let begun = Instant::now();
        let mut ration = Ration::full(begun);
        let written = (0..1000).filter_map(|_| ration.take(begun)).collect::<Vec<_>>();
        assert_eq!(written, vec![0; AT_ONCE as usize]);
        let later = begun + THEN_EVERY;
        assert_eq!((ration.take(later), ration.take(later)), (Some(1000 - u64::from(AT_ONCE)), None));
        assert_eq!(ration.take(later + THEN_EVERY), Some(1));
    }

    #[test]
    fn a_flood_of_a_day_is_some_thousand_lines_and_a_quiet_place_has_its_whole_ration_again() {
        let begun = Instant::now();
        let mut ration = Ration::full(begun);
        let day = (0..86_400 * 10).map(|tenths| begun + Duration::from_millis(100 * tenths));
        let written = day.filter(|now| ration.take(*now).is_some()).count();
        assert!((8_000..9_000).contains(&written), "{written}");
        let week = begun + Duration::from_secs(7 * 86_400);
        let written = (0..1000).filter(|_| ration.take(week).is_some()).count();
        assert_eq!(written, AT_ONCE as usize);
    }
}
