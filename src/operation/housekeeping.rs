//! What the daemon does now and then beside serving.

use super::memory;
use crate::alert::actions::list_open;
use crate::hub::Topic;
use crate::web::{App, frames};
use std::sync::Arc;
use std::time::{Duration, Instant};

const SWEEP: Duration = Duration::from_secs(60);
/// How soon the counter page hears of a line that has gone or come.
const GLANCE: Duration = Duration::from_secs(2);
/// While the PC is neither heard nor seen.
const CALL_AGAIN: Duration = Duration::from_secs(30);

/// Tells the counter page about the devices and lines, calls for a person where the PC itself cannot, and forgets idle
/// rate limits.
pub async fn keep_house(app: Arc<App>) {
    let mut changes = app.desktop.changes();
    let mut sweep = tokio::time::interval(SWEEP);
    let mut glance = tokio::time::interval(GLANCE);
    let mut told = Vec::new();
    let mut called: Option<Instant> = None;
    loop {
        tokio::select! {
            Ok(()) = changes.changed() => {}
            _ = glance.tick() => {}
            _ = sweep.tick() => {
                app.door.limits.sweep();
                app.door.tries.sweep(Instant::now());
                memory::give_back();
                continue;
            }
        }
        if let Ok(data) = app.status()
            && data != told
        {
            app.hub.publish_event(Topic::Backstage, &frames::status(&data), 0);
            told = data;
        }
        if !app.desktop.report().is_deaf_and_blind() {
            called = None;
        } else if called.is_none_or(|at| at.elapsed() >= CALL_AGAIN) {
            // Again only while something waits.
            if called.is_none() || app.store.read(list_open).await.is_ok_and(|open| !open.is_empty()) {
                tracing::warn!("this PC is neither heard nor seen: the counter pages are told");
                // The old web makes a popup of each, which stays.
                app.hub.publish_once(Topic::Counter, &frames::escalation());
                app.hub.publish_event(Topic::Backstage, &frames::escalation(), 0);
            }
            called = Some(Instant::now());
        }
    }
}
