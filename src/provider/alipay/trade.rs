//! What Alipay's verified replies mean for a trade or a refund. No I/O.

use super::answer::Reply;
use super::sign::read_time;
use crate::payment::Refund;
use crate::payment::provider::{Called, Paid, Returned, Trade};
use crate::units::{Fen, Timestamp};
use anyhow::{Context, Result, anyhow, bail};

/// "Not yet": there is no trade before the payer scans.
const NOT_EXIST: &str = "ACQ.TRADE_NOT_EXIST";
/// A close finds the trade paid, or closed already.
const NOT_CLOSABLE: [&str; 3] = ["ACQ.TRADE_STATUS_ERROR", "ACQ.REASON_TRADE_STATUS_INVALID", "ACQ.TRADE_HAS_CLOSE"];

/// `alipay.trade.precreate`: the code's URL.
///
/// # Errors
/// As `Reply::accepted`; `Unanswered` for a reply about another trade.
pub fn created(reply: Reply, out_trade_no: &str) -> Called<String> {
    let reply = reply.accepted()?;
    check_number(reply.out_trade_no.as_deref(), out_trade_no)?;
    Ok(filled(reply.qr_code).context("Alipay announced the trade without a code")?)
}

/// `alipay.trade.pay`. Waiting for the payer's password and "unknown" are both: ask with a query.
///
/// # Errors
/// As `Reply::accepted`; `Unanswered` for a reply about another trade.
pub fn charged(reply: Reply, out_trade_no: &str) -> Called<Trade> {
    if matches!(reply.code.as_deref(), Some("10003" | "20000")) {
        return Ok(Trade::NotPaid);
    }
    let reply = reply.accepted()?;
    check_number(reply.out_trade_no.as_deref(), out_trade_no)?;
    let paid_at = time(reply.gmt_payment.as_deref());
    Ok(Trade::Paid(paid(reply, paid_at, false)?))
}

/// `alipay.trade.query`.
///
/// # Errors
/// As `Reply::accepted`; `Unanswered` for a reply about another trade, or one that can't be understood.
pub fn queried(reply: Reply, out_trade_no: &str) -> Called<Trade> {
    if reply.business_failure() == NOT_EXIST {
        return Ok(Trade::NotPaid);
    }
    let reply = reply.accepted()?;
    check_number(reply.out_trade_no.as_deref(), out_trade_no)?;
    let pay_date = reply.send_pay_date.as_deref().filter(|date| !date.is_empty());
    let paid_at = time(pay_date);
    match reply.trade_status.as_deref().unwrap_or_default() {
        "WAIT_BUYER_PAY" => Ok(Trade::NotPaid),
        "TRADE_SUCCESS" | "TRADE_FINISHED" => Ok(Trade::Paid(paid(reply, paid_at, false)?)),
        // A full refund closes a trade too: only one that was never paid has no date of payment.
        "TRADE_CLOSED" if pay_date.is_some() => Ok(Trade::Paid(paid(reply, paid_at, true)?)),
        "TRADE_CLOSED" => Ok(Trade::Closed),
        other => Err(anyhow!("a trade's state {other:?} is unknown").into()),
    }
}

/// `alipay.trade.close` and `alipay.trade.cancel`. "There is none" and "not in this state" are fine: the query that
/// follows decides.
///
/// # Errors
/// As `Reply::accepted`; `Unanswered` when a cancel has to be repeated.
pub fn closed(reply: Reply, out_trade_no: &str) -> Called<()> {
    let failure = reply.business_failure();
    if failure == NOT_EXIST || NOT_CLOSABLE.contains(&failure) {
        return Ok(());
    }
    let reply = reply.accepted()?;
    if let Some(number) = filled(reply.out_trade_no) {
        check_number(Some(&number), out_trade_no)?;
    }
    if reply.retry_flag.as_deref() == Some("Y") {
        return Err(anyhow!("Alipay asks to repeat the cancel").into());
    }
    Ok(())
}

/// `alipay.trade.refund`: `None` when it was accepted, and a query has to tell how far it is. Its `refund_fee` is the
/// running total of all refunds and says nothing about this one.
///
/// # Errors
/// As `Reply::accepted`; `Unanswered` for a reply about another trade.
pub fn refunded(reply: Reply, refund: &Refund) -> Called<Option<Returned>> {
    let reply = reply.accepted()?;
    check_number(reply.out_trade_no.as_deref(), &refund.out_trade_no)?;
    let done = reply.fund_change.as_deref() == Some("Y");
    Ok(done.then(|| Returned::Done(time(reply.gmt_refund_pay.as_deref()))))
}

/// `alipay.trade.fastpay.refund.query`: `None` when there is no such refund, which is said by leaving everything out.
///
/// # Errors
/// As `Reply::accepted`; `Unanswered` for a reply about another trade, refund or amount.
pub fn refund_queried(reply: Reply, refund: &Refund) -> Called<Option<Returned>> {
    if reply.business_failure() == NOT_EXIST {
        return Ok(None);
    }
    let reply = reply.accepted()?;
    let Some(status) = filled(reply.refund_status) else { return Ok(None) };
    check_number(reply.out_trade_no.as_deref(), &refund.out_trade_no)?;
    check_number(reply.out_request_no.as_deref(), &refund.out_refund_no)?;
    if let Some(amount) = filled(reply.refund_amount)
        && Fen::from_yuan(&amount) != Some(refund.amount)
    {
        return Err(anyhow!("Alipay has this refund with the amount {amount:?}").into());
    }
    Ok(Some(match status.as_str() {
        "REFUND_SUCCESS" => Returned::Done(time(reply.gmt_refund_pay.as_deref())),
        _ => Returned::Pending,
    }))
}

/// `alipay.data.dataservice.bill.downloadurl.query`: where the bill is, for 30 seconds.
///
/// # Errors
/// As `Reply::accepted`.
pub fn bill_url(reply: Reply) -> Called<String> {
    Ok(filled(reply.accepted()?.bill_download_url).context("Alipay named no place for the bill")?)
}

/// A paid trade. It is for us: the call was signed by our app, and Alipay looks only among that app's seller's trades.
fn paid(reply: Reply, paid_at: Option<Timestamp>, refunded: bool) -> Result<Paid> {
    let amount = reply.total_amount.as_deref().and_then(Fen::from_yuan);
    Ok(Paid {
        out_trade_no: reply.out_trade_no.unwrap_or_default(),
        transaction_id: filled(reply.trade_no).context("Alipay says \"paid\" without its number")?,
        amount: amount.context("Alipay says \"paid\" without an amount")?,
        for_us: true,
        paid_at,
        refunded,
    })
}

/// The signature says that Alipay wrote the reply, not that it is the reply to our question.
fn check_number(said: Option<&str>, asked: &str) -> Result<()> {
    if said != Some(asked) {
        bail!("the reply is not about {asked}");
    }
    Ok(())
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// A time is nice to have: money does not wait for one that can't be read.
fn time(text: Option<&str>) -> Option<Timestamp> {
    text.and_then(read_time)
}
