//! Server-sent events: a table's stream (docs/protocol.md §1.3) and the counter page's.

use super::frames;
use crate::error::{Error, Field, Refusal, Result};
use crate::hub::{Outlet, Topic};
use crate::web::diner::cart;
use crate::web::door::token::Pass;
use crate::web::http::reply::set;
use crate::web::parse;
use crate::web::{App, Request};
use bytes::Bytes;
use futures_util::Stream;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Interval, Sleep, interval_at, sleep};
use warp::Reply;
use warp::reply::Response;

const HEARTBEAT: Duration = Duration::from_secs(30);
const LIFETIME: Duration = Duration::from_secs(30 * 60);

/// `/api/store/order/sse/{tableId}`
pub async fn table(app: &Arc<App>, request: &Request, table: &str) -> Result<Response> {
    let table = parse(table, Field::TableId)?;
    loop {
        let diner = app.door.diner_at(request, table).await?;
        app.door.limits.check_opening(diner.id.0)?;
        // Makes sure that the room has a snapshot: subscribing then gives it out without a gap.
        cart::snapshot(app, diner.table).await?;
        let outlet = Outlet::stream();
        outlet.send(Bytes::from_static("retry: 3000\nevent: connected\ndata: 连接成功\n\n".as_bytes()));
        let response = stream(app, Topic::Table(diner.table), outlet, app.door.limits.per_table())?;
        // Cleared or moved while this phone was connecting: from here on the room is the next party's.
        if app.door.floor.seats(diner.table, diner.seating) {
            return Ok(response);
        }
    }
}

/// `/admin/alert/stream`: what our own counter page sees beside the alert socket. It ends soon after the account that
/// opened it.
pub fn backstage(app: &Arc<App>, pass: Pass) -> Result<Response> {
    let outlet = Outlet::stream();
    tokio::spawn(watch(app.clone(), pass, Arc::downgrade(&outlet)));
    outlet.send(Bytes::from_static("retry: 3000\nevent: connected\ndata: 连接成功\n\n".as_bytes()));
    outlet.send(frames::sse("status", &app.status()?));
    stream(app, Topic::Backstage, outlet, app.door.limits.per_counter())
}

async fn watch(app: Arc<App>, pass: Pass, outlet: Weak<Outlet>) {
    loop {
        sleep(HEARTBEAT).await;
        let Some(outlet) = outlet.upgrade() else { return };
        if let Err(Error::Refused(_)) = app.door.staff_with(pass).await {
            return outlet.finish();
        }
    }
}

fn stream(app: &Arc<App>, room: Topic, outlet: Arc<Outlet>, cap: usize) -> Result<Response> {
    app.hub.subscribe(room, &outlet, cap).ok_or(Refusal::TooManyConnections)?;
    app.counters.streams.inc();
    if app.stop.begin.is_cancelled() {
        outlet.finish();
    }
    let stream = EventStream {
        app: app.clone(),
        room,
        outlet,
        heartbeat: interval_at(Instant::now() + HEARTBEAT, HEARTBEAT),
        end: Box::pin(sleep(LIFETIME)),
    };
    let mut response = warp::reply::stream(stream).into_response();
    set(&mut response, CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    set(&mut response, CACHE_CONTROL, HeaderValue::from_static("no-store"));
    set(&mut response, HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

struct EventStream {
    app: Arc<App>,
    room: Topic,
    outlet: Arc<Outlet>,
    heartbeat: Interval,
    end: Pin<Box<Sleep>>,
}

impl Stream for EventStream {
    type Item = std::result::Result<Bytes, std::convert::Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.end.as_mut().poll(context).is_ready() {
            return Poll::Ready(None);
        }
        if let Poll::Ready(bytes) = self.outlet.poll_next(context) {
            return Poll::Ready(bytes.map(Ok));
        }
        match self.heartbeat.poll_tick(context) {
            Poll::Ready(_) => Poll::Ready(Some(Ok(Bytes::from_static(b"event: heartbeat\ndata: ping\n\n")))),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.app.counters.streams.dec();
        self.app.hub.unsubscribe(self.room, &self.outlet);
    }
}
