//! What can be done about the clock.

use super::{BUILT_AFTER, Ended, Evidence, Kept, Report, SLACK_SECONDS, Settled, Spell, Verdict, judge, sql};
use crate::alert;
use crate::error::{Refusal, Result};
use crate::store::{Tx, setting};
use crate::units::Timestamp;
use rusqlite::Connection;

/// What the alert says; without the time, so that it rings once.
const WRONG: &str = "电脑时间不对：请校准，否则付款可能被拒绝，账目会记错日子";

/// What the database knows; the rest is for whoever asks to add.
pub fn find_evidence(conn: &Connection, now: Timestamp) -> Result<Evidence> {
    let kept = find_kept(conn)?;
    let slack = now.plus_seconds(SLACK_SECONDS);
    let ids = (kept.settled.map_or(0, |settled| settled.order), kept.spell.map_or(i64::MAX, |spell| spell.after_order));
    let (past, future) = (sql::find_before(conn, ids, slack)?, sql::find_ahead(conn, ids, slack)?);
    let settled = kept.settled.map(|settled| settled.at);
    let ahead = settled.filter(|at| *at > slack).map(|at| (at, at));
    Ok(Evidence {
        before: past.max(settled.filter(|at| *at <= slack)),
        ahead: match (future, ahead) {
            (Some((first, last)), Some((at, _))) => Some((first.min(at), last.max(at))),
            (one, other) => one.or(other),
        },
        spell: kept.spell,
        ..Evidence::default()
    })
}

/// Whether `note` would change anything: a look costs no write.
pub fn is_news(conn: &Connection, evidence: &Evidence, verdict: Verdict) -> Result<bool> {
    let is_wrong = verdict != Verdict::Right;
    let kept = find_kept(conn)?;
    Ok(is_wrong != kept.spell.is_some() || (!is_wrong && evidence.ahead.is_some()))
}

/// Keeps that the clock is wrong from now on, which rings, or is right again. Whether it was put right.
pub fn note(tx: &mut Tx<'_>, now: Timestamp, evidence: &Evidence, verdict: Verdict) -> Result<bool> {
    let mut kept = find_kept(tx.conn())?;
    let last_order = sql::last_order(tx.conn())?;
    match (verdict.right(now, evidence.ahead), kept.spell) {
        (Some(_), Some(_)) => return Ok(false),
        (Some(right), None) => {
            kept.spell = Some(Spell { right, wrong: now, after_order: last_order });
            // Who asks the providers rings for their clocks.
            if !matches!(verdict, Verdict::Off(_)) {
                alert::actions::raise_trouble(tx, WRONG)?;
            }
        }
        (None, spell) => {
            let spell = match (spell, evidence.ahead) {
                (Some(spell), _) => spell,
                // It was put right while nobody looked.
                (None, Some((first, _))) => {
                    let settled = kept.settled.map_or(0, |settled| settled.order);
                    let slack = now.plus_seconds(SLACK_SECONDS);
                    let after_order = sql::find_last_before_ahead(tx.conn(), settled, slack)?;
                    Spell { right: evidence.before.unwrap_or(now), wrong: first, after_order }
                }
                (None, None) => return Ok(false),
            };
            end(&mut kept, spell, now, last_order);
            alert::actions::acknowledge_trouble(tx, WRONG)?;
        }
    }
    keep(tx, &kept)?;
    Ok(verdict == Verdict::Right)
}

/// A person says that the clock is right now, and has taken note of what was booked while it was not.
///
/// # Errors
/// `ClockImpossible` for a time before this program was made.
pub fn confirm(tx: &mut Tx<'_>) -> Result<()> {
    let now = tx.now;
    if now < BUILT_AFTER {
        return Err(Refusal::ClockImpossible.into());
    }
    let mut kept = find_kept(tx.conn())?;
    let last_order = sql::last_order(tx.conn())?;
    match kept.spell {
        Some(spell) => end(&mut kept, spell, now, last_order),
        None => kept.ended = None,
    }
    alert::actions::acknowledge_trouble(tx, WRONG)?;
    keep(tx, &kept)
}

fn end(kept: &mut Kept, spell: Spell, at: Timestamp, last_order: i64) {
    let settled = Some(Settled { at, order: last_order });
    *kept = Kept { spell: None, ended: Some(Ended { spell, at, last_order }), settled };
}

/// What is told of it.
pub fn report(conn: &Connection, verdict: Verdict) -> Result<Report> {
    let kept = find_kept(conn)?;
    Ok(match (verdict, kept.spell, kept.ended) {
        (Verdict::Right, None, Some(ended)) => {
            let booked = sql::find_booked(conn, (ended.spell.after_order, ended.last_order))?;
            Report { verdict, since: booked.and(Some(ended.at)), booked }
        }
        (_, spell, _) => Report { verdict, since: spell.map(|spell| spell.wrong), booked: None },
    })
}

/// The doctor's look, who keeps nothing.
pub fn look(conn: &Connection, now: Timestamp, synchronised: Option<bool>) -> Result<Report> {
    let evidence = Evidence { synchronised, ..find_evidence(conn, now)? };
    report(conn, judge(now, &evidence))
}

fn find_kept(conn: &Connection) -> Result<Kept> {
    let text = setting::find(conn, setting::CLOCK)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

fn keep(tx: &mut Tx<'_>, kept: &Kept) -> Result<()> {
    setting::set(tx.conn(), setting::CLOCK, &serde_json::to_string(kept)?)
}
