//! The daemon's eye on the clock: from its start on, every few seconds.

use super::{Evidence, Report, Verdict, actions, has_jumped, judge, system};
use crate::error::Result;
use crate::store::{Store, Tx};
use crate::units::{Calendar, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const LOOK: Duration = Duration::from_secs(5);

/// How far the providers' clocks are ahead, in seconds, where that is known.
pub type Skew = Box<dyn Fn() -> Option<i64> + Send + Sync>;

pub type Mend = fn(&mut Tx<'_>) -> Result<()>;

pub struct Watch {
    store: Arc<Store>,
    calendar: Calendar,
    skew: Skew,
    /// What a wrong clock has put into the future is put right with it.
    mend: Mend,
    report: Mutex<Report>,
}

impl Watch {
    pub fn new(store: Arc<Store>, calendar: Calendar, skew: Skew, mend: Mend) -> Watch {
        let report = Mutex::new(Report { verdict: Verdict::Right, since: None, booked: None });
        Watch { store, calendar, skew, mend, report }
    }

    pub fn report(&self) -> Report {
        *self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks for ever.
    pub async fn run(&self) {
        let mut last: Option<(Timestamp, i64)> = None;
        let mut jumped_from = None;
        loop {
            let (now, steady) = (Timestamp::now(), Timestamp::steady_seconds());
            if let Some((then, started)) = last
                && self.report().verdict == Verdict::Right
                && has_jumped(now.seconds_since(then), steady - started)
            {
                jumped_from = Some(then);
            }
            last = Some((now, steady));
            match self.look(now, jumped_from).await {
                Ok(()) => jumped_from = None,
                Err(error) => tracing::warn!("the clock can't be judged: {error:?}"),
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// A person says that the clock is right, and has noted what was booked while it was not.
    ///
    /// # Errors
    /// `ClockImpossible`.
    pub async fn confirm(&self) -> Result<()> {
        let mend = self.mend;
        self.store.write(move |tx| actions::confirm(tx).and_then(|()| mend(tx))).await?;
        self.look(Timestamp::now(), None).await
    }

    /// Judges, and keeps what is news. `jumped_from`: when the clock went ahead by more than it can.
    ///
    /// # Errors
    /// The store's.
    pub async fn look(&self, now: Timestamp, jumped_from: Option<Timestamp>) -> Result<()> {
        let found = self.store.read(move |conn| actions::find_evidence(conn, now)).await?;
        let mut evidence = Evidence { jumped_from, skew: (self.skew)(), ..found };
        let mut verdict = judge(now, &evidence);
        if verdict != Verdict::Right {
            // Only now: asking the system costs a process.
            evidence.synchronised = system::is_synchronised().await;
            verdict = judge(now, &evidence);
        }
        let (of_news, facts) = (evidence.clone(), evidence);
        if self.store.read(move |conn| actions::is_news(conn, &of_news, verdict)).await? {
            let mend = self.mend;
            self.store
                .write(move |tx| if actions::note(tx, now, &facts, verdict)? { mend(tx) } else { Ok(()) })
                .await?;
            match verdict.explain(&self.calendar, now) {
                Ok(()) => tracing::info!("the clock is right again"),
                Err(why) => tracing::warn!("the clock is wrong: {why}"),
            }
        }
        let report = self.store.read(move |conn| actions::report(conn, verdict)).await?;
        *self.report.lock().unwrap_or_else(PoisonError::into_inner) = report;
        Ok(())
    }
}
