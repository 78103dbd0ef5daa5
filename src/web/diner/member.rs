//! A member's own page (docs/protocol.md §3): `/api/store/member/…`, in the table family's envelope.

use crate::error::{Refusal, Result};
use crate::member::{self, Entry, EntryKind, Member, Scanned, actions};
use crate::payment::provider::Present;
use crate::payment::{Target, balance};
use crate::seating::Diner;
use crate::secret;
use crate::units::{Calendar, Fen, MemberId, STORE_ID, Timestamp};
use crate::web::door::token::{self, MemberToken};
use crate::web::http::reply::{Family, set};
use crate::web::types::PaymentView;
use crate::web::{App, Request};
use hyper::Method;
use hyper::header::{HeaderValue, SET_COOKIE};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use warp::reply::Response;

/// Lines of the card's history that the page shows.
const HISTORY: i64 = 50;

pub async fn route(app: &Arc<App>, request: &Request, path: &[&str]) -> Response {
    let done = match (&request.method, path) {
        (&Method::POST, ["session"]) => begin_session(app, request).await,
        (&Method::GET, ["me"]) => read_card(app, request).await,
        (&Method::GET, ["code"]) => make_code(app, request).await,
        (&Method::GET, ["scan-result", id]) => read_last_scan(app, request, id).await,
        (_, ["session" | "me" | "code"] | ["scan-result", _]) => Err(Refusal::MethodNotAllowed.into()),
        _ => Err(Refusal::NotFound.into()),
    };
    done.unwrap_or_else(|error| Family::Table.failure(error))
}

#[derive(Deserialize)]
struct Link {
    token: String,
}

/// What the member's link carries in its fragment becomes a cookie, which no script reads.
async fn begin_session(app: &Arc<App>, request: &Request) -> Result<Response> {
    app.door.limits.check_scan(request.address())?;
    let link: Link = request.arguments()?;
    let token = app.door.tokens.member(&link.token).ok_or(Refusal::MemberLinkOver)?;
    let member = app.store.read(move |conn| actions::load_by_link(conn, token.id, token.link)).await?;
    let seconds = token.expires.seconds_since(app.store.now());
    let mut response = Family::Table.success(CardView::of(&member));
    set_cookie(&mut response, &link.token, seconds)?;
    Ok(response)
}

fn set_cookie(response: &mut Response, token: &str, seconds: i64) -> Result<()> {
    let cookie = token::cookie(token::MEMBER_COOKIE, token, seconds);
    set(response, SET_COOKIE, HeaderValue::from_str(&cookie).map_err(anyhow::Error::from)?);
    Ok(())
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Card"))]
#[serde(rename_all = "camelCase")]
struct CardView<'a> {
    user_id: MemberId,
    store_id: i64,
    name: &'a str,
    phone: String,
    uses: i64,
    balance: Fen,
}

impl<'a> CardView<'a> {
    fn of(member: &'a Member) -> CardView<'a> {
        CardView {
            user_id: member.id,
            store_id: STORE_ID,
            name: &member.name,
            phone: crate::cart::mask_phone(&member.phone),
            uses: member.uses,
            balance: member.balance,
        }
    }
}

/// A line of the card's history. Who at the counter did it is not the member's business.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
struct HistoryLine {
    entry_id: i64,
    kind: EntryKind,
    uses: i64,
    amount: Fen,
    uses_after: i64,
    balance_after: Fen,
    paid: Fen,
    at: String,
}

impl HistoryLine {
    fn of(entry: &Entry, calendar: &Calendar) -> HistoryLine {
        HistoryLine {
            entry_id: entry.id,
            kind: entry.kind,
            uses: entry.uses,
            amount: entry.amount,
            uses_after: entry.uses_after,
            balance_after: entry.balance_after,
            paid: entry.paid,
            at: calendar.rfc3339(entry.at),
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "CardPage"))]
#[serde(rename_all = "camelCase")]
struct Me<'a> {
    #[serde(flatten)]
    card: CardView<'a>,
    store_name: String,
    entries: Vec<HistoryLine>,
    last_scan: Option<ScanView>,
}

async fn read_card(app: &Arc<App>, request: &Request) -> Result<Response> {
    let token = app.door.member_token(request)?;
    let MemberToken { id, link, .. } = token;
    let found = app.store.read(move |conn| {
        let member = actions::load_by_link(conn, id, link)?;
        let name = crate::store::setting::find(conn, crate::store::setting::STORE_NAME)?.unwrap_or_default();
        Ok((member, name, actions::list_entries(conn, id, HISTORY)?, actions::find_last_scan(conn, id)?))
    });
    let (member, store_name, entries, last) = found.await?;
    let now = app.store.now();
    let mut response = Family::Table.success(Me {
        card: CardView::of(&member),
        store_name,
        entries: entries.iter().map(|entry| HistoryLine::of(entry, &app.terms.calendar)).collect(),
        last_scan: last.map(|last| ScanView::of(last, now, &app.terms.calendar)),
    });
    keep_cookie(app, request, &mut response, (&member, token), now)?;
    Ok(response)
}

/// A page that is still used never falls out: past half its life its cookie is made anew.
fn keep_cookie(
    app: &App,
    request: &Request,
    response: &mut Response,
    (member, token): (&Member, MemberToken),
    now: Timestamp,
) -> Result<()> {
    let old = token.expires.seconds_since(now) < token::MEMBER_SECONDS / 2;
    if old && token::has_cookie(&request.headers, token::MEMBER_COOKIE) {
        set_cookie(response, &app.door.tokens.for_member(member, now).0, token::MEMBER_SECONDS)?;
    }
    Ok(())
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "CardCode"))]
#[serde(rename_all = "camelCase")]
struct CodeView {
    code: String,
    expires_at: String,
    /// The same for a phone whose clock is wrong.
    seconds: i64,
    /// The code as a picture.
    svg: String,
    uses: i64,
    balance: Fen,
}

async fn make_code(app: &Arc<App>, request: &Request) -> Result<Response> {
    let (member, _) = app.door.member(request).await?;
    let now = app.store.now();
    let made = app.codes.sign(member.id, member.link, now, secret::random_bytes());
    let (code, expires) = made.ok_or_else(|| anyhow::anyhow!("member {} has too great a number", member.id))?;
    let picture = qrcode::QrCode::new(&code).map_err(anyhow::Error::from)?;
    Ok(Family::Table.success(CodeView {
        svg: picture.render::<qrcode::render::svg::Color<'_>>().build(),
        code,
        expires_at: app.terms.calendar.rfc3339(expires),
        seconds: expires.seconds_since(now),
        uses: member.uses,
        balance: member.balance,
    }))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "LastScan"))]
#[serde(rename_all = "camelCase")]
struct ScanView {
    /// Grows with each scan: a page that has seen it knows what is news.
    scan_id: i64,
    status: i64,
    text: String,
    remaining: i64,
    at: String,
    /// As the socket says it.
    result: String,
    /// False once it is history.
    fresh: bool,
}

impl ScanView {
    fn of(scanned: Scanned, now: Timestamp, calendar: &Calendar) -> ScanView {
        ScanView {
            scan_id: scanned.id,
            status: scanned.status,
            remaining: scanned.remaining,
            at: calendar.rfc3339(scanned.at),
            result: member::result_text(scanned.status, &scanned.text, scanned.remaining),
            fresh: scanned.is_fresh(now),
            text: scanned.text,
        }
    }
}

/// A phone at a table pays with a member's card, whose token came beside the diner's own.
pub async fn pay_by_balance(
    app: &Arc<App>,
    request: &Request,
    diner: Diner,
    target: Target,
    amount: Option<Fen>,
) -> Result<Response> {
    let MemberToken { id, link, .. } = app.door.member_beside(request)?;
    let paid = app.store.write(move |tx| balance::pay_by_phone(tx, diner, target, amount, (id, link))).await?;
    Ok(Family::Table.success(PaymentView::of(&paid, &Present::default(), &app.terms.calendar)))
}

/// Whether this phone is a member's, too, and can pay with the card.
pub async fn has_card(app: &Arc<App>, request: &Request) -> bool {
    let Ok(MemberToken { id, link, .. }) = app.door.member_beside(request) else { return false };
    app.store.read(move |conn| actions::load_by_link(conn, id, link)).await.is_ok()
}

/// Whether the card holds what the party owes, before a bill is cut for it; and whether that is what the diner was shown.
///
/// # Errors
/// `MemberLinkOver`, `WrongAmount`, `BalanceTooLow`.
pub async fn check_balance(app: &Arc<App>, request: &Request, diner: Diner, amount: Option<Fen>) -> Result<()> {
    let MemberToken { id, link, .. } = app.door.member_beside(request)?;
    let find = move |conn: &rusqlite::Connection| {
        let member = actions::load_by_link(conn, id, link)?;
        let owed = crate::bill::actions::read_account(conn, diner.seating)?.owed;
        if amount.is_some_and(|amount| amount != owed) {
            return Err(Refusal::WrongAmount(owed).into());
        }
        match owed > member.balance {
            true => Err(Refusal::BalanceTooLow(member.balance).into()),
            false => Ok(()),
        }
    };
    app.store.read(find).await
}

/// The fallback of the socket, polled every 2 s: the last result while it is news, else null.
async fn read_last_scan(app: &Arc<App>, request: &Request, id: &str) -> Result<Response> {
    let token = app.door.token_of(request, id)?;
    let last = app.store.read(move |conn| {
        actions::load_by_link(conn, token.id, token.link)?;
        actions::find_last_scan(conn, token.id)
    });
    let now = app.store.now();
    let last = last.await?.filter(|last| last.is_fresh(now));
    Ok(Family::Table.success(last.map(|last| ScanView::of(last, now, &app.terms.calendar))))
}

#[cfg(test)]
pub fn declare(to: &mut impl ts_rs::TypeVisitor) {
    to.visit::<CardView<'static>>();
    to.visit::<Me<'static>>();
    to.visit::<CodeView>();
}
