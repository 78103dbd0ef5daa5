//! `/admin/member/…`: who has a card, what is put on it, and what is taken off it by a scan.

use super::page::Page;
use super::{COUNTER, deed, loose, parse};
use crate::error::{Field, Refusal, Result};
use crate::member::{Entry, EntryKind, Member, Topup, actions, camera};
use crate::secret;
use crate::staff;
use crate::store::Tx;
use crate::units::{Calendar, Fen, MemberId};
use crate::web::diner::cart::check_op_id;
use crate::web::door::token::StaffToken;
use crate::web::{App, Request};
use hyper::Method;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::Semaphore;
use warp::reply::Response;

/// Lines of a card's ledger that the counter shows.
const HISTORY: i64 = 200;
const MAX_PAGE_SIZE: i64 = 100;

pub async fn route(app: &Arc<App>, request: &Request, staff: &StaffToken, path: &[&str]) -> Result<Response> {
    match (&request.method, path) {
        (&Method::POST, []) => add(app, request, staff).await,
        (&Method::PUT, []) => change(app, request, staff).await,
        (&Method::GET, ["page"]) => list(app, request).await,
        (&Method::POST, ["topup"]) => top_up(app, request, staff).await,
        (&Method::POST, ["scan"]) => scan(app, request, staff).await,
        (&Method::POST, ["decode"]) => decode(request).await,
        (&Method::POST, ["token", id]) => renew_link(app, staff, parse(id, Field::UserId)?).await,
        (&Method::GET, [id]) => read(app, parse(id, Field::UserId)?).await,
        _ => Err(Refusal::NotFound.into()),
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Member"))]
#[serde(rename_all = "camelCase")]
struct MemberView {
    user_id: MemberId,
    name: String,
    phone: String,
    uses: i64,
    balance: Fen,
    enabled: bool,
    created_at: String,
}

impl MemberView {
    fn of(member: Member, calendar: &Calendar) -> MemberView {
        MemberView {
            user_id: member.id,
            name: member.name,
            phone: member.phone,
            uses: member.uses,
            balance: member.balance,
            enabled: member.enabled,
            created_at: calendar.rfc3339(member.created_at),
        }
    }
}

/// What is given to a member once: the link opens the page, whoever has it.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "MemberLink"))]
#[serde(rename_all = "camelCase")]
struct LinkView {
    user_id: MemberId,
    token: String,
    url: String,
    /// The same as a code for the member's phone to scan.
    svg: String,
    expires_at: String,
}

impl LinkView {
    fn of(app: &App, member: &Member) -> LinkView {
        let (token, expires) = app.door.tokens.for_member(member, app.store.now());
        // In the fragment: no proxy's log and no Referer ever has it.
        let url = format!("{}/member#{token}", app.base_url);
        let code = qrcode::QrCode::new(&url).map(|code| code.render::<qrcode::render::svg::Color<'_>>().build());
        LinkView {
            user_id: member.id,
            svg: code.unwrap_or_default(),
            url,
            token,
            expires_at: app.terms.calendar.rfc3339(expires),
        }
    }
}

#[derive(Deserialize)]
struct NewMember {
    name: String,
    #[serde(default, deserialize_with = "loose::text")]
    phone: Option<String>,
}

async fn add(app: &Arc<App>, request: &Request, staff: &StaffToken) -> Result<Response> {
    let NewMember { name, phone } = request.arguments()?;
    let (phone, by) = (phone.unwrap_or_default(), staff.username.clone());
    let added = app.store.write(move |tx| actions::add(tx, &name, &phone, &by));
    Ok(COUNTER.success(LinkView::of(app, &added.await?)))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changed {
    user_id: MemberId,
    name: Option<String>,
    #[serde(default, deserialize_with = "loose::text")]
    phone: Option<String>,
    enabled: Option<bool>,
}

async fn change(app: &Arc<App>, request: &Request, staff: &StaffToken) -> Result<Response> {
    let Changed { user_id, name, phone, enabled } = request.arguments()?;
    let (to, by) = (actions::Amendment { name, phone, enabled }, staff.username.clone());
    let changed = app.store.write(move |tx| actions::change(tx, user_id, &to, &by));
    Ok(COUNTER.success(MemberView::of(changed.await?, &app.terms.calendar)))
}

async fn renew_link(app: &Arc<App>, staff: &StaffToken, id: MemberId) -> Result<Response> {
    let by = staff.username.clone();
    let renewed = app.store.write(move |tx| actions::renew_link(tx, id, &by));
    Ok(COUNTER.success(LinkView::of(app, &renewed.await?)))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sought {
    #[serde(default)]
    page: String,
    #[serde(default)]
    page_size: String,
    #[serde(default)]
    name: String,
}

async fn list(app: &Arc<App>, request: &Request) -> Result<Response> {
    let Sought { page, page_size, name } = request.arguments_in_query()?;
    let number = |text: &str, otherwise: i64| text.parse().unwrap_or(otherwise).max(1);
    let size = number(&page_size, 10).min(MAX_PAGE_SIZE);
    let offset = (number(&page, 1) - 1).saturating_mul(size);
    let (total, found) = app.store.read(move |conn| actions::list(conn, &name, size, offset)).await?;
    let records: Vec<_> = found.into_iter().map(|one| MemberView::of(one, &app.terms.calendar)).collect();
    Ok(COUNTER.success(Page { total, records }))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "MemberEntry"))]
#[serde(rename_all = "camelCase")]
struct EntryView {
    entry_id: i64,
    kind: EntryKind,
    /// Of a top-up whether it was one, a gift or a correction; else the kind.
    act: &'static str,
    uses: i64,
    amount: Fen,
    uses_after: i64,
    balance_after: Fen,
    paid: Fen,
    method: String,
    note: String,
    actor: String,
    at: String,
}

impl EntryView {
    fn of(entry: Entry, calendar: &Calendar) -> EntryView {
        EntryView {
            entry_id: entry.id,
            kind: entry.kind,
            act: entry.act(),
            uses: entry.uses,
            amount: entry.amount,
            uses_after: entry.uses_after,
            balance_after: entry.balance_after,
            paid: entry.paid,
            method: entry.method,
            note: entry.note,
            actor: entry.actor,
            at: calendar.minute(entry.at),
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "MemberCard"))]
struct Detail {
    #[serde(flatten)]
    member: MemberView,
    entries: Vec<EntryView>,
}

async fn read(app: &Arc<App>, id: MemberId) -> Result<Response> {
    let found =
        app.store.read(move |conn| Ok((actions::load(conn, id)?, actions::list_entries(conn, id, HISTORY)?))).await?;
    let calendar = &app.terms.calendar;
    let entries = found.1.into_iter().map(|entry| EntryView::of(entry, calendar)).collect();
    Ok(COUNTER.success(Detail { member: MemberView::of(found.0, calendar), entries }))
}

/// `paid` is what was taken for it: 0 for a gift; the amount, in cash, where nothing is said of money at all. Without an
/// `opId` it is a tap of its own.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TopupCall {
    user_id: MemberId,
    #[serde(default, deserialize_with = "loose::number")]
    uses: Option<i64>,
    #[serde(default, deserialize_with = "loose::yuan")]
    amount: Option<Fen>,
    #[serde(default, deserialize_with = "loose::yuan")]
    paid: Option<Fen>,
    method: Option<String>,
    note: Option<String>,
    op_id: Option<String>,
}

impl TopupCall {
    fn topup(self) -> Result<(MemberId, Topup)> {
        let amount = self.amount.unwrap_or(Fen::ZERO);
        let paid = self.paid.unwrap_or(amount);
        let unsaid = if self.paid.is_none() { "cash" } else { "" };
        let method = if paid == Fen::ZERO { "" } else { self.method.as_deref().unwrap_or(unsaid) };
        let topup = Topup {
            uses: self.uses.unwrap_or(0),
            amount,
            paid,
            method: method.to_owned(),
            note: self.note.unwrap_or_default(),
            op_id: check_op_id(self.op_id)?.unwrap_or_else(secret::random_code),
        };
        Ok((self.user_id, topup))
    }
}

async fn top_up(app: &Arc<App>, request: &Request, staff: &StaffToken) -> Result<Response> {
    let (id, topup) = request.arguments::<TopupCall>()?.topup()?;
    let by = staff.username.clone();
    let Topup { uses, amount, paid, method, .. } = &topup;
    let deed = deed::of(request, format!("member.topup {id} {uses} {amount} {paid} {method}"))?;
    let top_up = move |tx: &mut Tx<'_>| actions::top_up(tx, id, &topup, &by).map(drop);
    let done = app.store.write(move |tx| {
        staff::actions::once(tx, &deed, top_up)?;
        actions::load(tx.conn(), id)
    });
    Ok(COUNTER.success(MemberView::of(done.await?, &app.terms.calendar)))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Scan {
    code: String,
    op_id: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "MemberScan"))]
#[serde(rename_all = "camelCase")]
struct Answered {
    user_id: Option<MemberId>,
    status: i64,
    text: String,
    remaining: i64,
    /// For the eye of whoever scans.
    name: Option<String>,
    balance: Option<Fen>,
}

/// Frames that are being looked at, at most: each costs a core for some milliseconds.
static LOOKING: Semaphore = Semaphore::const_new(2);

/// The code in a frame of the counter's camera, or null: the page asks again with the next frame.
async fn decode(request: &Request) -> Result<Response> {
    let _turn = LOOKING.try_acquire().map_err(|_| Refusal::Busy)?;
    let frame = request.body.clone();
    let code = tokio::task::spawn_blocking(move || camera::find_code(&frame)).await.map_err(anyhow::Error::from)??;
    Ok(COUNTER.success(serde_json::json!({ "code": code })))
}

async fn scan(app: &Arc<App>, request: &Request, staff: &StaffToken) -> Result<Response> {
    let Scan { code, op_id } = request.arguments()?;
    let op_id = check_op_id(Some(op_id))?.unwrap_or_default();
    let (codes, by) = (app.codes.clone(), staff.username.clone());
    let answer = app.store.write(move |tx| actions::scan(tx, &codes, &code, &op_id, &by)).await?;
    Ok(COUNTER.success(Answered {
        user_id: answer.member.as_ref().map(|member| member.id),
        name: answer.member.as_ref().map(|member| member.name.clone()),
        balance: answer.member.map(|member| member.balance),
        status: answer.status,
        text: answer.text,
        remaining: answer.remaining,
    }))
}

#[cfg(test)]
pub fn declare(to: &mut impl ts_rs::TypeVisitor) {
    to.visit::<Detail>();
    to.visit::<LinkView>();
    to.visit::<Answered>();
}
