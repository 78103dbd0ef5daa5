//! A provider whose books, and whose line, a test holds in its hand.

use crate::error::Refusal;
use crate::payment::provider::{
    BillRow, CallError, Callback, Called, LineReport, Notice, Paid, Present, Proof, Provider, Returned, Trade,
};
use crate::payment::{Channel, Payment, Refund};
use crate::units::{Date, Fen, Timestamp};
use futures_util::future::BoxFuture;
use hyper::HeaderMap;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

#[derive(Debug, Clone)]
pub struct Deal {
    pub amount: Fen,
    pub state: Standing,
    pub refunds: BTreeMap<String, Fen>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Standing {
    NotPaid,
    /// The payer's own payment has failed.
    Failed,
    Paid,
    Closed,
}

pub struct Pretended {
    pub name: &'static str,
    clock: Arc<AtomicI64>,
    pub deals: Mutex<BTreeMap<String, Deal>>,
    pub reachable: AtomicBool,
    /// Does what it is asked and then does not answer.
    pub loses_answers: AtomicBool,
    /// Does all the rest and answers no query.
    pub hides: AtomicBool,
    /// A query about this trade is never answered.
    pub odd: Mutex<String>,
    answered_last: AtomicBool,
    pub calls: AtomicI64,
}

impl Pretended {
    pub fn new(name: &'static str, clock: &Arc<AtomicI64>) -> Arc<Pretended> {
        Arc::new(Pretended {
            name,
            clock: clock.clone(),
            deals: Mutex::default(),
            reachable: AtomicBool::new(true),
            loses_answers: AtomicBool::new(false),
            hides: AtomicBool::new(false),
            odd: Mutex::default(),
            answered_last: AtomicBool::new(true),
            calls: AtomicI64::new(0),
        })
    }

    fn call<'a, T: Send + 'a>(
        &'a self,
        work: impl FnOnce(&mut BTreeMap<String, Deal>) -> Called<T> + Send + 'a,
    ) -> BoxFuture<'a, Called<T>> {
        Box::pin(async move {
            // A place to crash between asking and being answered.
            tokio::task::yield_now().await;
            self.calls.fetch_add(1, Ordering::SeqCst);
            let silent = || Err(CallError::Unanswered(anyhow::anyhow!("silence")));
            let reachable = self.reachable.load(Ordering::SeqCst);
            let heard = reachable && !self.loses_answers.load(Ordering::SeqCst);
            self.answered_last.store(heard, Ordering::SeqCst);
            if !reachable {
                return silent();
            }
            let done = work(&mut self.deals.lock().unwrap());
            tokio::task::yield_now().await;
            if heard { done } else { silent() }
        })
    }

    fn paid(&self, number: &str, deal: &Deal) -> Paid {
        Paid {
            out_trade_no: number.to_owned(),
            transaction_id: format!("{}-{number}", self.name),
            amount: deal.amount,
            for_us: true,
            paid_at: Some(Timestamp(self.clock.load(Ordering::SeqCst))),
            refunded: false,
        }
    }

    /// The payer pays, if the provider still lets them; answers whether money moved.
    pub fn pay(&self, number: &str) -> bool {
        let mut deals = self.deals.lock().unwrap();
        match deals.get_mut(number) {
            Some(deal) if deal.state == Standing::NotPaid => {
                deal.state = Standing::Paid;
                true
            }
            _ => false,
        }
    }

    pub fn net(&self) -> Fen {
        let deals = self.deals.lock().unwrap();
        deals.values().filter(|deal| deal.state == Standing::Paid).fold(Fen::ZERO, |sum, deal| {
            deal.refunds.values().fold(sum.plus(deal.amount), |sum, refund| sum.minus(*refund))
        })
    }
}

impl Provider for Pretended {
    fn name(&self) -> &'static str {
        self.name
    }

    fn offers(&self, channel: Channel) -> bool {
        !matches!(channel, Channel::Cash | Channel::Terminal)
    }

    fn create<'a>(&'a self, payment: &'a Payment) -> BoxFuture<'a, Called<String>> {
        self.call(|deals| {
            let deal = Deal { amount: payment.amount, state: Standing::NotPaid, refunds: BTreeMap::new() };
            deals.entry(payment.out_trade_no.clone()).or_insert(deal);
            Ok("weixin://code".to_owned())
        })
    }

    fn present(&self, payment: &Payment, _now: Timestamp) -> Present {
        Present { code_url: payment.code.clone(), jsapi: None }
    }

    fn charge<'a>(&'a self, payment: &'a Payment, payer_code: &'a str) -> BoxFuture<'a, Called<Trade>> {
        self.call(move |deals| {
            let state = match payer_code.as_bytes().last() {
                Some(b'0') => Standing::NotPaid,
                Some(b'9') => Standing::Failed,
                _ => Standing::Paid,
            };
            let deal = Deal { amount: payment.amount, state, refunds: BTreeMap::new() };
            let trade = match state {
                Standing::Paid => Trade::Paid(self.paid(&payment.out_trade_no, &deal)),
                _ => Trade::NotPaid,
            };
            deals.insert(payment.out_trade_no.clone(), deal);
            Ok(trade)
        })
    }

    fn verify_callback<'a>(
        &'a self,
        _headers: &'a HeaderMap,
        raw_body: &'a [u8],
        _now: Timestamp,
    ) -> BoxFuture<'a, Result<Callback, Refusal>> {
        let number = String::from_utf8_lossy(raw_body).into_owned();
        Box::pin(async move {
            let deals = self.deals.lock().unwrap();
            let deal = deals.get(&number).ok_or(Refusal::BadSignature)?;
            Ok(Callback::verified(Notice::Trade(Trade::Paid(self.paid(&number, deal))), 0))
        })
    }

    fn taken(&self) -> &'static str {
        "success"
    }

    fn query<'a>(&'a self, out_trade_no: &'a str) -> BoxFuture<'a, Called<Trade>> {
        self.call(move |deals| {
            if self.hides.load(Ordering::SeqCst) || *self.odd.lock().unwrap() == out_trade_no {
                return Err(CallError::Unanswered(anyhow::anyhow!("no answer to a query")));
            }
            Ok(match deals.get(out_trade_no) {
                Some(deal) if deal.state == Standing::Failed => Trade::Failed,
                Some(deal) if deal.state == Standing::Paid => Trade::Paid(self.paid(out_trade_no, deal)),
                Some(deal) if deal.state == Standing::Closed => Trade::Closed,
                _ => Trade::NotPaid,
            })
        })
    }

    fn close<'a>(&'a self, payment: &'a Payment) -> BoxFuture<'a, Called<()>> {
        self.call(|deals| {
            if let Some(deal) = deals.get_mut(&payment.out_trade_no)
                && matches!(deal.state, Standing::NotPaid | Standing::Failed)
            {
                deal.state = Standing::Closed;
            }
            Ok(())
        })
    }

    fn refund<'a>(&'a self, refund: &'a Refund) -> BoxFuture<'a, Called<Returned>> {
        self.call(|deals| {
            let deal = deals.get_mut(&refund.out_trade_no).expect("only what was paid is refunded");
            assert_eq!(deal.state, Standing::Paid, "only what was paid is refunded");
            deal.refunds.insert(refund.out_refund_no.clone(), refund.amount);
            assert!(deal.refunds.values().map(|fen| fen.0).sum::<i64>() <= deal.amount.0, "never more than came");
            Ok(Returned::Done(None))
        })
    }

    fn query_refund<'a>(&'a self, refund: &'a Refund) -> BoxFuture<'a, Called<Option<Returned>>> {
        self.call(|deals| {
            let deal = deals.get(&refund.out_trade_no);
            let known = deal.is_some_and(|deal| deal.refunds.contains_key(&refund.out_refund_no));
            Ok(known.then_some(Returned::Done(None)))
        })
    }

    fn bill(&self, _day: Date) -> BoxFuture<'_, Called<Vec<BillRow>>> {
        self.call(|_| Ok(Vec::new()))
    }

    fn prove(&self) -> BoxFuture<'_, Vec<Proof>> {
        Box::pin(async { Vec::new() })
    }

    fn line(&self) -> LineReport {
        LineReport {
            ok: self.answered_last.load(Ordering::SeqCst),
            since: Timestamp(0),
            detail: String::new(),
            skew_seconds: None,
        }
    }
}
