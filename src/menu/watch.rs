//! The menu's clock.

use super::actions;
use crate::store::Store;
use crate::units::Calendar;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// Tells the phones when one of the menu's windows opens or closes. Looks at the clock each second, for the PC may have
/// slept or been set, and at the menu each minute.
pub async fn keep_hours(store: Arc<Store>, calendar: Calendar) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut minute, mut known) = (String::new(), Vec::new());
    loop {
        ticks.tick().await;
        let now = store.now();
        let this = calendar.minute(now);
        if this == minute {
            continue;
        }
        let time = calendar.time_of_day(now);
        let Ok(windows) = store.read(move |conn| actions::list_windows(conn, time)).await else { continue };
        minute = this;
        if have_turned(&known, &windows)
            && let Err(error) = store.write(actions::announce_hours).await
        {
            tracing::warn!("the phones were not told that the menu's hours have changed: {error:?}");
        }
        known = windows;
    }
}

/// Whether one of the windows is now what it was not. One that is new was told by what made it.
fn have_turned(before: &[(String, bool)], now: &[(String, bool)]) -> bool {
    now.iter().any(|(hours, open)| before.contains(&(hours.clone(), !open)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_window_that_was_there_can_open_or_close() {
        let windows =
            |pairs: &[(&str, bool)]| pairs.iter().map(|(hours, open)| ((*hours).to_owned(), *open)).collect::<Vec<_>>();
        let before = windows(&[("11:00-14:00", true), ("17:00-21:00", false)]);
        assert!(!have_turned(&before, &before));
        assert!(!have_turned(&[], &before));
        assert!(!have_turned(&before, &windows(&[("11:00-14:00", true), ("22:00-02:00", true)])));
        assert!(have_turned(&before, &windows(&[("11:00-14:00", false), ("17:00-21:00", false)])));
        assert!(have_turned(&before, &windows(&[("17:00-21:00", true)])));
    }
}
