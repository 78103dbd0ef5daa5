//! Money at the counter: `/admin/payment/…`.

use super::{COUNTER, deed, done, parse};
use crate::error::{Field, Refusal, Result};
use crate::payment::Target;
use crate::payment::ledger::{self, Entry, Total};
use crate::payment::reconcile::{self, Difference, Reconciliation};
use crate::payment::review::{self, Action, Review};
use crate::payment::unclaimed::{self, Unclaimed};
use crate::payment::{Channel, Payment, PaymentState, Refund, RefundState, actions, balance, refund, settle};
use crate::staff;
use crate::store::Tx;
use crate::units::{Calendar, Date, EntryId, Fen, OrderId, PartId, PaymentId, RefundId, ReviewId, UnclaimedId};
use crate::web::diner::cart::check_op_id;
use crate::web::door::token::StaffToken;
use crate::web::{App, Request};
use crate::{order, report, room};
use hyper::Method;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use warp::reply::Response;

pub async fn route(app: &Arc<App>, request: &Request, staff: &StaffToken, path: &[&str]) -> Result<Response> {
    match (&request.method, path) {
        (&Method::GET, ["ways"]) => Ok(COUNTER.success(ways(app))),
        (&Method::GET, ["review"]) => list_reviews(app).await,
        (&Method::POST, ["review", id]) => {
            let (id, chosen): (ReviewId, Resolution) = (parse(id, Field::ReviewId)?, request.arguments()?);
            let action: Action = parse(&chosen.action, Field::Action)?;
            let by = staff.username.clone();
            let deed = deed::of(request, format!("payment.review {id} {action:?}"))?;
            deed::write(app, deed, move |tx| review::answer::resolve(tx, id, action, &by)).await
        }
        (&Method::GET, ["unclaimed"]) => list_unclaimed(app).await,
        (&Method::POST, ["unclaimed", id]) => {
            let (id, chosen): (UnclaimedId, Claim) = (parse(id, Field::UnclaimedId)?, request.arguments()?);
            let action: unclaimed::Action = parse(&chosen.action, Field::Action)?;
            let (text, by) = (chosen.order_number.or(chosen.note).unwrap_or_default(), staff.username.clone());
            let deed = deed::of(request, format!("payment.unclaimed {id} {action:?}"))?;
            deed::write(app, deed, move |tx| unclaimed::answer::resolve(tx, id, action, &text, &by)).await
        }
        (&Method::POST, ["counter"]) => take_at_counter(app, request, staff).await,
        (&Method::POST, ["scan"]) => {
            let scan: Scan = request.arguments()?;
            let target = target(scan.order_id, scan.part_id)?;
            // Not the code: it is money for a minute.
            let deed = deed::of(request, format!("payment.scan {target:?}"))?;
            let payment = app.checkout.charge(target, scan.auth_code.trim(), deed).await?;
            Ok(COUNTER.success(Scanned::of(&payment)))
        }
        (&Method::POST, ["refund"]) => {
            let RefundCall { order_id, part_id, amount, reason, op_id, end_order, dishes_back } =
                request.arguments()?;
            let op_id = check_op_id(Some(op_id))?.unwrap_or_default();
            let (reason, by) = (reason.unwrap_or_default(), staff.username.clone());
            let target = target(order_id, part_id)?;
            // A refund has its name for itself, one for each payment: clients name refunds of several orders alike.
            let deed = deed::of(request, "payment.refund".into())?;
            let (ending, charges) = (room::refund::Ending { end_order, dishes_back }, app.terms.fees);
            let send = move |tx: &mut Tx<'_>| {
                staff::actions::find_done::<()>(tx.conn(), &deed)?;
                match (target, amount) {
                    (Target::Part(id), _) => refund::send_bill_part(tx, id, &reason, &op_id, &by),
                    (Target::Order(id), Some(amount)) => {
                        room::refund::send(tx, id, amount, ending, [&reason, &op_id, &by], &charges)
                    }
                    (Target::Order(_), None) => Err(Refusal::BadRequest(Field::Amount).into()),
                }
            };
            done(app.store.write(send).await)
        }
        (&Method::GET, ["order", id]) => account_of_order(app, parse(id, Field::OrderId)?).await,
        (&Method::GET, ["ledger"]) => read_ledger(app, request).await,
        (&Method::GET, ["reconciliation"]) => list_reconciliations(app).await,
        (&Method::POST, ["reconcile"]) => {
            let day = day(request.arguments::<Day>()?)?.filter(|day| *day <= reconcile::today(app.store.now()));
            let day = day.ok_or(Refusal::BadRequest(Field::Date))?;
            reconcile::run(&app.store, app.checkout.providers(), day).await?;
            list_reconciliations(app).await
        }
        _ => Err(Refusal::NotFound.into()),
    }
}

#[derive(Deserialize)]
struct Resolution {
    action: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claim {
    action: String,
    /// Of the order that it pays, for `order`.
    order_number: Option<String>,
    /// Why it is kept, for `keep`.
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AtCounter {
    order_id: Option<OrderId>,
    part_id: Option<PartId>,
    method: String,
    amount: Fen,
    /// What the member's phone shows, for `balance`.
    member_code: Option<String>,
}

/// A part of a bill where it is named, else the order.
fn target(order: Option<OrderId>, part: Option<PartId>) -> std::result::Result<Target, Refusal> {
    let order = order.map(Target::Order);
    part.map(Target::Part).or(order).ok_or(Refusal::BadRequest(Field::OrderId))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Scan {
    order_id: Option<OrderId>,
    part_id: Option<PartId>,
    auth_code: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RefundCall {
    order_id: Option<OrderId>,
    /// Of a bill that is not paid yet: all of it goes back.
    part_id: Option<PartId>,
    amount: Option<Fen>,
    reason: Option<String>,
    op_id: String,
    /// Where all of it goes back before anybody has accepted the order: whether that is over. Nothing is yes.
    end_order: Option<bool>,
    /// Whether its counted dishes can be had again; nothing: if it is over.
    dishes_back: Option<bool>,
}

#[derive(Deserialize)]
struct Day {
    date: Option<String>,
}

fn day(given: Day) -> Result<Option<Date>> {
    let read = |text: String| Calendar::parse_date(&text).ok_or(Refusal::BadRequest(Field::Date));
    Ok(given.date.filter(|text| !text.is_empty()).map(read).transpose()?)
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "PayWays"))]
struct Ways {
    counter: [Channel; 2],
    scan: Vec<&'static str>,
}

fn ways(app: &App) -> Ways {
    let reading = app.checkout.providers().iter().filter(|provider| provider.offers(Channel::Scan));
    Ways { counter: [Channel::Cash, Channel::Terminal], scan: reading.map(|provider| provider.name()).collect() }
}

async fn take_at_counter(app: &Arc<App>, request: &Request, staff: &StaffToken) -> Result<Response> {
    let AtCounter { order_id, part_id, method, amount, member_code } = request.arguments()?;
    let target = target(order_id, part_id)?;
    let by = staff.username.clone();
    let deed = deed::of(request, format!("payment.counter {target:?} {method} {amount}"))?;
    let codes = app.codes.clone();
    let take = move |tx: &mut Tx<'_>| {
        let taken = match (method.parse().ok(), &member_code) {
            (Some(channel @ (Channel::Cash | Channel::Terminal)), _) => {
                settle::take_at_counter(tx, target, channel, amount, &by)?
            }
            (Some(Channel::Balance), Some(code)) => balance::pay_at_till(tx, target, amount, (&codes, code), &by)?,
            (Some(Channel::Balance), None) => return Err(Refusal::BadRequest(Field::MemberCode).into()),
            _ => return Err(Refusal::BadRequest(Field::Method).into()),
        };
        Ok(TakenView { payment_id: taken.id, order_id: taken.about, part_id: taken.target.part(), method, amount })
    };
    let taken = app.store.write(move |tx| staff::actions::once(tx, &deed, take)).await?;
    Ok(COUNTER.success(taken))
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TakenView {
    payment_id: PaymentId,
    order_id: OrderId,
    part_id: Option<PartId>,
    method: String,
    amount: Fen,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Scanned<'a> {
    payment_id: PaymentId,
    order_id: OrderId,
    part_id: Option<PartId>,
    provider: &'a str,
    status: &'static str,
}

impl<'a> Scanned<'a> {
    fn of(payment: &'a Payment) -> Scanned<'a> {
        let status = match payment.state {
            PaymentState::Creating | PaymentState::Open => "waiting",
            ended => ended.name(),
        };
        Scanned {
            payment_id: payment.id,
            order_id: payment.about,
            part_id: payment.target.part(),
            provider: &payment.provider,
            status,
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Review"))]
#[serde(rename_all = "camelCase")]
struct ReviewView {
    review_id: ReviewId,
    kind: review::Kind,
    payment_id: PaymentId,
    order_id: OrderId,
    order_number: String,
    table_number: String,
    provider: String,
    out_trade_no: String,
    amount: Fen,
    received: Option<Fen>,
    reason: String,
    /// How many notices have raised it.
    notices: i64,
    raised_at: String,
    actions: Vec<Action>,
}

impl ReviewView {
    fn of(review: Review, calendar: &Calendar) -> ReviewView {
        ReviewView {
            review_id: review.id,
            kind: review.kind,
            payment_id: review.payment,
            order_id: review.order,
            order_number: review.order_number,
            table_number: review.table_number,
            provider: review.provider,
            out_trade_no: review.out_trade_no,
            amount: review.asked,
            received: review.amount,
            reason: review.reason,
            notices: review.notices,
            raised_at: calendar.rfc3339(review.raised_at),
            actions: review.kind.actions().to_vec(),
        }
    }
}

async fn list_reviews(app: &Arc<App>) -> Result<Response> {
    let open = app.store.read(review::list_open).await?;
    let views: Vec<_> = open.into_iter().map(|one| ReviewView::of(one, &app.terms.calendar)).collect();
    Ok(COUNTER.success(views))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Unclaimed"))]
#[serde(rename_all = "camelCase")]
struct UnclaimedView {
    unclaimed_id: UnclaimedId,
    kind: ledger::Kind,
    provider: String,
    out_trade_no: String,
    reference: String,
    amount: Fen,
    ours: bool,
    /// When it came or went, by the provider's clock.
    at: String,
    raised_at: String,
    /// It is on its way back.
    refunding: bool,
    /// Why it could not be sent back; empty while nothing is wrong.
    problem: String,
    actions: Vec<unclaimed::Action>,
}

impl UnclaimedView {
    fn of(one: Unclaimed, calendar: &Calendar) -> UnclaimedView {
        UnclaimedView {
            unclaimed_id: one.id,
            kind: one.kind,
            actions: one.actions().to_vec(),
            provider: one.provider,
            out_trade_no: one.out_trade_no,
            reference: one.reference,
            amount: one.amount,
            ours: one.is_ours,
            at: calendar.rfc3339(one.provider_at),
            raised_at: calendar.rfc3339(one.raised_at),
            refunding: one.sending.is_under_way,
            problem: one.sending.problem,
        }
    }
}

async fn list_unclaimed(app: &Arc<App>) -> Result<Response> {
    let open = app.store.read(unclaimed::list_open).await?;
    let views: Vec<_> = open.into_iter().map(|one| UnclaimedView::of(one, &app.terms.calendar)).collect();
    Ok(COUNTER.success(views))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "LedgerEntry"))]
#[serde(rename_all = "camelCase")]
struct EntryView {
    entry_id: EntryId,
    order_id: OrderId,
    order_number: String,
    at: String,
    kind: ledger::Kind,
    provider: String,
    method: String,
    amount: Fen,
    actor: String,
    reference: String,
}

impl EntryView {
    fn of(entry: Entry, calendar: &Calendar) -> EntryView {
        EntryView {
            entry_id: entry.id,
            order_id: entry.order,
            order_number: entry.order_number,
            at: calendar.minute(entry.at),
            kind: entry.kind,
            provider: entry.provider,
            method: entry.method,
            amount: entry.amount,
            actor: entry.actor.to_string(),
            reference: entry.reference,
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
struct Account {
    order_id: OrderId,
    order_number: String,
    table_number: String,
    amount: Fen,
    balance: Fen,
    owed: Fen,
    entries: Vec<EntryView>,
    payments: Vec<PaymentLine>,
    refunds: Vec<RefundLine>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
struct PaymentLine {
    payment_id: PaymentId,
    provider: String,
    method: Channel,
    state: PaymentState,
    amount: Fen,
    out_trade_no: String,
}

impl PaymentLine {
    fn of(payment: Payment) -> PaymentLine {
        PaymentLine {
            payment_id: payment.id,
            provider: payment.provider,
            method: payment.channel,
            state: payment.state,
            amount: payment.amount,
            out_trade_no: payment.out_trade_no,
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
struct RefundLine {
    refund_id: RefundId,
    amount: Fen,
    state: RefundState,
    reason: String,
}

impl RefundLine {
    fn of(refund: Refund) -> RefundLine {
        RefundLine { refund_id: refund.id, amount: refund.amount, state: refund.state, reason: refund.reason }
    }
}

async fn account_of_order(app: &Arc<App>, id: OrderId) -> Result<Response> {
    let calendar = app.terms.calendar.clone();
    let account = app.store.read(move |conn| {
        let order = order::actions::load(conn, id)?;
        Ok(Account {
            order_id: id,
            amount: order.amount,
            balance: ledger::balance(conn, id)?,
            owed: actions::wanted_at_counter(conn, id)?,
            order_number: order.number,
            table_number: order.table_number,
            entries: ledger::list_of_order(conn, id)?.into_iter().map(|one| EntryView::of(one, &calendar)).collect(),
            payments: actions::list_of_order(conn, id)?.into_iter().map(PaymentLine::of).collect(),
            refunds: actions::list_refunds_of_order(conn, id)?.into_iter().map(RefundLine::of).collect(),
        })
    });
    Ok(COUNTER.success(account.await?))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
struct Ledger {
    date: String,
    totals: Vec<TotalView>,
    paid: Fen,
    refunded: Fen,
    net: Fen,
    entries: Vec<EntryView>,
    /// Days on which money was booked by a clock that was wrong, the latest first.
    stray: Vec<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "LedgerTotal"))]
struct TotalView {
    provider: String,
    method: String,
    count: i64,
    paid: Fen,
    refunded: Fen,
    net: Fen,
}

async fn read_ledger(app: &Arc<App>, request: &Request) -> Result<Response> {
    let calendar = &app.terms.calendar;
    let today = calendar.business_date(app.store.now());
    let day = day(request.arguments_in_query()?)?.unwrap_or(today);
    let (from, to) = calendar.bounds(day).ok_or(Refusal::BadRequest(Field::Date))?;
    let listed = report::actions::latest_days(calendar, today, report::actions::LISTED_DAYS)?;
    let shop = calendar.clone();
    let look =
        move |conn: &_| Ok((ledger::list_booked(conn, from, to)?, report::actions::list_stray(conn, &shop, &listed)?));
    let (entries, stray) = app.store.read(look).await?;
    let total_view = |((provider, method), total): ((String, String), Total)| TotalView {
        provider,
        method,
        count: total.count,
        paid: total.paid,
        refunded: total.refunded,
        net: total.net(),
    };
    let total = ledger::total(&entries);
    Ok(COUNTER.success(Ledger {
        date: day.to_string(),
        totals: ledger::totals(&entries).into_iter().map(total_view).collect(),
        paid: total.paid,
        refunded: total.refunded,
        net: total.net(),
        entries: entries.into_iter().map(|one| EntryView::of(one, calendar)).collect(),
        stray: stray.into_iter().rev().map(|date| date.to_string()).collect(),
    }))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Reconciliation"))]
#[serde(rename_all = "camelCase")]
struct ReconciliationView {
    date: String,
    provider: String,
    checked_at: String,
    rows: i64,
    differences: Vec<Difference>,
    problem: Option<String>,
}

impl ReconciliationView {
    fn of(one: Reconciliation, calendar: &Calendar) -> ReconciliationView {
        ReconciliationView {
            date: one.day.to_string(),
            provider: one.provider,
            checked_at: calendar.rfc3339(one.checked_at),
            rows: one.rows,
            differences: one.differences,
            problem: one.problem,
        }
    }
}

async fn list_reconciliations(app: &Arc<App>) -> Result<Response> {
    let latest = app.store.read(reconcile::list_latest).await?;
    let views: Vec<_> = latest.into_iter().map(|one| ReconciliationView::of(one, &app.terms.calendar)).collect();
    Ok(COUNTER.success(views))
}

#[cfg(test)]
pub fn declare(to: &mut impl ts_rs::TypeVisitor) {
    to.visit::<Ways>();
    to.visit::<ReviewView>();
    to.visit::<UnclaimedView>();
    to.visit::<Account>();
    to.visit::<Ledger>();
    to.visit::<ReconciliationView>();
}
