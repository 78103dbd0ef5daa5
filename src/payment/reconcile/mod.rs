//! 对账: our ledger beside the provider's bill of one of its days. It lists what differs and changes no money.

mod sql;

use super::ledger::{self, Entry};
use super::provider::{BillKind, BillRow, CallError, Called, Provider, bill_day};
use super::unclaimed;
use crate::error::Result;
use crate::store::Store;
use crate::units::{Date, Fen, Timestamp};
use anyhow::Context;
use futures_util::future::join_all;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// Bills of the day before are ready from ten in the morning, UTC+8 (docs/payments.md, "Reconciliation").
const READY_HOUR: i8 = 10;
/// A bill comes slower than an answer.
const PATIENCE: Duration = Duration::from_secs(75);
/// To the next look at the clock, and to the next try of a bill that did not come.
const PAUSE: Duration = Duration::from_secs(15 * 60);
/// Days that the counter is shown.
const SHOWN: i64 = 7;

/// How one day of one provider compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    pub day: Date,
    pub provider: String,
    pub checked_at: Timestamp,
    /// Lines of the bill.
    pub rows: i64,
    /// Why there is no bill.
    pub problem: Option<String>,
    pub differences: Vec<Difference>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    pub kind: DifferenceKind,
    pub out_trade_no: String,
    /// The provider's transaction, or the refund's number.
    pub reference: String,
    pub ours: Option<Fen>,
    pub theirs: Option<Fen>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// The provider has it, our ledger does not.
    MissingHere,
    /// Our ledger has it, the provider does not.
    MissingThere,
    Amount,
}

/// What of both sides does not agree. `ours` are the ledger's entries that the provider dates on that day; `find`
/// looks up any other amount, because a payment around midnight may be dated differently, and money that nobody has
/// claimed is known and in no ledger.
pub fn compare(
    bill: &[BillRow],
    ours: &[Entry],
    find: impl Fn(ledger::Kind, &str) -> Result<Option<Fen>>,
) -> Result<Vec<Difference>> {
    let mut differences = Vec::new();
    for row in bill {
        let (kind, reference) = identity(row);
        let amount = match kind {
            ledger::Kind::Payment => row.amount,
            ledger::Kind::Refund => Fen(-row.amount.0),
        };
        let difference = |kind, ours| Difference {
            kind,
            out_trade_no: row.out_trade_no.clone(),
            reference: reference.to_owned(),
            ours,
            theirs: Some(amount),
        };
        let here = ours.iter().find(|entry| entry.kind == kind && entry.reference == reference);
        match here.map_or_else(|| find(kind, reference), |entry| Ok(Some(entry.amount)))? {
            None => differences.push(difference(DifferenceKind::MissingHere, None)),
            Some(ours) if ours != amount => differences.push(difference(DifferenceKind::Amount, Some(ours))),
            Some(_) => {}
        }
    }
    let missing = |entry: &&Entry| !bill.iter().any(|row| identity(row) == (entry.kind, entry.reference.as_str()));
    differences.extend(ours.iter().filter(missing).map(|entry| Difference {
        kind: DifferenceKind::MissingThere,
        out_trade_no: entry.out_trade_no.clone(),
        reference: entry.reference.clone(),
        ours: Some(entry.amount),
        theirs: None,
    }));
    Ok(differences)
}

fn identity(row: &BillRow) -> (ledger::Kind, &str) {
    match row.kind {
        BillKind::Payment => (ledger::Kind::Payment, &row.transaction_id),
        BillKind::Refund => (ledger::Kind::Refund, &row.out_refund_no),
    }
}

/// What each provider said of a day.
pub struct Bills {
    day: Date,
    by_provider: Vec<(&'static str, Called<Vec<BillRow>>)>,
}

/// Asks every provider for its bill of a day.
pub async fn fetch(providers: &[Arc<dyn Provider>], day: Date) -> Bills {
    let one = async |provider: &Arc<dyn Provider>| {
        let asked = tokio::time::timeout(PATIENCE, provider.bill(day)).await;
        (provider.name(), asked.unwrap_or_else(|_| Err(anyhow::anyhow!("no bill within {PATIENCE:?}").into())))
    };
    Bills { day, by_provider: join_all(providers.iter().map(one)).await }
}

/// Compares the bills with the ledger; nothing is written. A bill that did not come is a `problem`.
///
/// # Errors
/// The ledger can't be read.
pub fn check(conn: &Connection, bills: &Bills, now: Timestamp) -> Result<Vec<Reconciliation>> {
    let one = |(provider, bill): &(&'static str, Called<Vec<BillRow>>)| {
        let (rows, problem, differences) = match bill {
            Ok(bill) => (bill.len() as i64, None, compare_stored(conn, provider, bills.day, bill)?),
            Err(CallError::Refused { code, message }) => (0, Some(format!("{message}（{code}）")), Vec::new()),
            Err(CallError::Unanswered(error)) => (0, Some(format!("{error:#}")), Vec::new()),
        };
        let provider = (*provider).to_owned();
        Ok(Reconciliation { day: bills.day, provider, checked_at: now, rows, problem, differences })
    };
    bills.by_provider.iter().map(one).collect()
}

/// Fetches, compares, and keeps the outcome for the counter page.
///
/// # Errors
/// The store's.
pub async fn run(store: &Store, providers: &[Arc<dyn Provider>], day: Date) -> Result<Vec<Reconciliation>> {
    let (bills, now) = (fetch(providers, day).await, store.now());
    let found = store.read(move |conn| check(conn, &bills, now)).await?;
    let kept = found.clone();
    store.write(move |tx| kept.iter().try_for_each(|one| sql::upsert(tx.conn(), one))).await?;
    Ok(found)
}

fn compare_stored(conn: &Connection, provider: &str, day: Date, bill: &[BillRow]) -> Result<Vec<Difference>> {
    let (from, to) = bill_day(day).context("a day beyond the calendar")?;
    let ours = ledger::list_by_provider(conn, provider, from, to)?;
    compare(bill, &ours, |kind, reference| match ledger::find(conn, provider, kind, reference)? {
        Some(entry) => Ok(Some(entry.amount)),
        None => unclaimed::find_amount(conn, provider, kind, reference),
    })
}

/// The last days, newest first.
pub fn list_latest(conn: &Connection) -> Result<Vec<Reconciliation>> {
    sql::list_latest(conn, SHOWN)
}

fn local(now: Timestamp) -> jiff::Zoned {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    jiff::Timestamp::from_millisecond(now.0).unwrap_or_default().to_zoned(zone)
}

/// The day that providers write now, in UTC+8.
pub fn today(now: Timestamp) -> Date {
    local(now).date()
}

/// The days whose bills are out at `now`, newest first, as many as are shown, and none before there was a ledger.
fn billed(now: Timestamp, first_entry: Option<Timestamp>) -> Vec<Date> {
    let Some(first) = first_entry.map(today) else { return Vec::new() };
    let behind = if local(now).hour() < READY_HOUR { 2 } else { 1 };
    let day = |days: i64| today(now).checked_sub(jiff::Span::new().days(days)).ok();
    (behind..behind + SHOWN).filter_map(day).take_while(|day| *day >= first).collect()
}

/// Every day by itself, once the bills are out; one that did not come is asked for again. For ever.
pub async fn nightly(store: Arc<Store>, providers: Vec<Arc<dyn Provider>>) {
    loop {
        if let Err(error) = run_what_is_due(&store, &providers).await {
            tracing::warn!("reconciliation: {error:?}");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn run_what_is_due(store: &Store, providers: &[Arc<dyn Provider>]) -> Result<()> {
    let first = store.read(ledger::find_first).await?;
    for day in billed(store.now(), first) {
        let done = store.read(move |conn| sql::list_done(conn, day)).await?;
        let is_due = |provider: &&Arc<dyn Provider>| !done.iter().any(|name| name == provider.name());
        let due: Vec<_> = providers.iter().filter(is_due).cloned().collect();
        if due.is_empty() {
            continue;
        }
        for one in run(store, &due, day).await? {
            let (provider, rows, differ) = (&one.provider, one.rows, one.differences.len());
            match &one.problem {
                Some(problem) => tracing::warn!("no bill of {provider} for {day}: {problem}"),
                None => tracing::info!("{provider} of {day}: {rows} lines, {differ} differ"),
            }
        }
    }
    Ok(())
}

/// The differences as a table for a terminal.
pub fn table(found: &[Reconciliation]) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    let amount = |amount: Option<Fen>| amount.map_or_else(|| "-".to_owned(), |fen| fen.to_string());
    for one in found {
        let summary = match &one.problem {
            Some(problem) => format!("没有账单 no bill: {problem}"),
            None => format!("账单 {} 行 lines, {} 处不符 differ", one.rows, one.differences.len()),
        };
        let _ = writeln!(text, "{} {}: {summary}", one.day, one.provider);
        for difference in &one.differences {
            let what = match difference.kind {
                DifferenceKind::MissingHere => "本机没有 missing here",
                DifferenceKind::MissingThere => "平台没有 missing there",
                DifferenceKind::Amount => "金额不符 amount",
            };
            let (ours, theirs) = (amount(difference.ours), amount(difference.theirs));
            let _ = writeln!(
                text,
                "  {what:<24} {:<32} {:<36} 本机 ours {ours:>10}  平台 theirs {theirs:>10}",
                difference.out_trade_no, difference.reference
            );
        }
    }
    text
}

#[cfg(test)]
mod tests;
