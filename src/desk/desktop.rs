//! Whether the counter PC itself can be heard and seen: the devices' present state, for pages and `/healthz`.

use crate::units::{Calendar, Timestamp};
use serde::Serialize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "DesktopHealth"))]
pub struct Report {
    pub sound: Device,
    pub popup: Device,
}

#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Health"))]
pub struct Device {
    pub ok: bool,
    /// Since when it is so, RFC 3339.
    pub since: String,
    /// What is wrong, in words; empty when nothing is.
    pub detail: String,
    #[serde(skip)]
    pub checked: bool,
}

impl Report {
    /// Nobody at the counter PC would notice an order.
    pub fn is_deaf_and_blind(&self) -> bool {
        [&self.sound, &self.popup].into_iter().all(|device| device.checked && !device.ok)
    }
}

pub struct Desktop {
    report: Mutex<Report>,
    changed: watch::Sender<()>,
    calendar: Calendar,
}

impl Desktop {
    pub fn new(calendar: Calendar) -> Desktop {
        let since = calendar.rfc3339(Timestamp::now());
        let unknown = Device { ok: false, since, detail: "尚未检查 not checked yet".into(), checked: false };
        let report = Report { sound: unknown.clone(), popup: unknown };
        Desktop { report: Mutex::new(report), changed: watch::Sender::new(()), calendar }
    }

    pub fn report(&self) -> Report {
        self.state().clone()
    }

    /// Wakes at every change of the report.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    pub fn note_sound(&self, outcome: &anyhow::Result<()>) {
        self.note("sound", |report| &mut report.sound, outcome);
    }

    pub fn note_popup(&self, outcome: &anyhow::Result<()>) {
        self.note("popup", |report| &mut report.popup, outcome);
    }

    fn note(&self, name: &str, part: impl Fn(&mut Report) -> &mut Device, outcome: &anyhow::Result<()>) {
        let ok = outcome.is_ok();
        let detail = outcome.as_ref().err().map(|error| format!("{error:#}")).unwrap_or_default();
        let mut report = self.state();
        let device = part(&mut report);
        if device.checked && device.ok == ok && device.detail == detail {
            return;
        }
        match outcome {
            Ok(()) => tracing::info!("{name} works"),
            Err(error) => tracing::warn!("{name} does not work: {error:#}"),
        }
        // Another reason does not begin the outage anew.
        let since = match device.checked && device.ok == ok {
            true => std::mem::take(&mut device.since),
            false => self.calendar.rfc3339(Timestamp::now()),
        };
        *device = Device { ok, since, detail, checked: true };
        drop(report);
        self.changed.send_replace(());
    }

    fn state(&self) -> MutexGuard<'_, Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
