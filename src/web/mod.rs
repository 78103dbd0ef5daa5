//! Everything HTTP: the one place that names warp. Two listeners, two route tables.

pub mod admin;
mod auth;
mod backup;
mod callback;
pub mod frames;
pub mod limits;
mod money;
mod pages;
mod reply;
mod serve;
mod socket;
mod sse;
mod status;
mod table;
mod types;

use crate::alert::desktop::Desktop;
use crate::backup::Watch;
use crate::error::{Refusal, Result};
use crate::hub::Hub;
use crate::order::{self, actions::Terms};
use crate::payment::checkout::Checkout;
use crate::payment::provider::demo::Demo;
use crate::payment::tunnel::Tunnel;
use crate::seating::Diner;
use crate::store::Store;
use crate::units::{OrderId, SeatingId, TableId};
use auth::StaffToken;
use bytes::{Buf, Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use hyper::{HeaderMap, Method};
use limits::Limits;
use reply::Family;
use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use warp::Filter;
use warp::reply::Response;

pub use auth::Tokens;
pub use pages::Assets;
pub use serve::{Stop, serve};
pub use status::Counters;

/// A request body has to arrive within this.
const BODY_PATIENCE: Duration = Duration::from_secs(10);

/// What the routes work with.
pub struct App {
    pub store: Arc<Store>,
    pub hub: Arc<Hub>,
    pub checkout: Arc<Checkout>,
    pub demo: Option<Arc<Demo>>,
    pub tunnel: Arc<Tunnel>,
    pub tokens: Tokens,
    pub limits: Arc<Limits>,
    pub floor: Arc<Floor>,
    pub menu: Arc<MenuCache>,
    pub desktop: Arc<Desktop>,
    pub backups: Arc<Watch>,
    pub terms: Terms,
    pub assets: Assets,
    pub counters: Arc<Counters>,
    /// `http://…` that phones reach this PC by.
    pub base_url: String,
    /// `diner_auth = "open"`: requests without a token speak for the table they name.
    pub open_diners: bool,
    pub stop: Stop,
}

/// Which seatings are open, as committed: asked on every request, told by events.
#[derive(Default)]
pub struct Floor {
    open: RwLock<HashMap<TableId, SeatingId>>,
}

impl Floor {
    pub fn opened(&self, table: TableId, seating: SeatingId) {
        self.open.write().unwrap_or_else(PoisonError::into_inner).insert(table, seating);
    }

    pub fn closed(&self, table: TableId) {
        self.open.write().unwrap_or_else(PoisonError::into_inner).remove(&table);
    }

    /// Whether this party still sits at this table.
    fn seats(&self, table: TableId, seating: SeatingId) -> bool {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.get(&table) == Some(&seating)
    }

    pub fn tables(&self) -> Vec<TableId> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }
}

/// The encoded menu with its ETag, until a `MenuChanged`.
#[derive(Default)]
pub struct MenuCache {
    state: RwLock<Cached>,
}

#[derive(Default)]
struct Cached {
    /// Grows with every change: a menu that was read before one is not kept after it.
    generation: u64,
    encoded: Option<(String, Bytes)>,
}

impl MenuCache {
    pub fn forget(&self) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        *state = Cached { generation: state.generation + 1, encoded: None };
    }

    /// The menu if it is known, and the generation to `put` one under.
    fn get(&self) -> (u64, Option<(String, Bytes)>) {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        (state.generation, state.encoded.clone())
    }

    fn put(&self, generation: u64, encoded: (String, Bytes)) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.generation == generation {
            state.encoded = Some(encoded);
        }
    }
}

/// One request, taken apart.
pub struct Call {
    method: Method,
    path: String,
    query: String,
    headers: HeaderMap,
    peer: serve::Peer,
    upgrade: Option<hyper::upgrade::OnUpgrade>,
    body: Bytes,
}

impl Call {
    /// Whose request this is. A proxy on this PC says for whom it asks; from elsewhere the header means nothing.
    fn address(&self) -> IpAddr {
        let forwarded = self.headers.get("x-forwarded-for").and_then(|value| value.to_str().ok());
        let last = forwarded.and_then(|list| list.rsplit(',').next()?.trim().parse().ok());
        last.filter(|_| self.peer.address.is_loopback()).unwrap_or(self.peer.address)
    }

    /// Arguments as a JSON body or, without a body, as query parameters: old clients do both.
    fn arguments<T: serde::de::DeserializeOwned>(&self) -> std::result::Result<T, Refusal> {
        match self.body.is_empty() {
            true => self.arguments_in_query(),
            false => object(&self.body),
        }
    }

    fn arguments_in_query<T: serde::de::DeserializeOwned>(&self) -> std::result::Result<T, Refusal> {
        serde_urlencoded::from_str(&self.query).map_err(malformed)
    }

    fn header(&self, name: hyper::header::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl App {
    /// The counter PC's devices and lines, as JSON.
    ///
    /// # Errors
    /// None in practice: it is strings and numbers.
    pub fn status(&self) -> Result<Vec<u8>> {
        Ok(serde_json::to_vec(&status::report(self))?)
    }

    /// The diner who speaks, at a seating that is still open.
    ///
    /// # Errors
    /// `Unauthorized`, `SeatingClosed`, `Forbidden`, `RateLimited` for one who only writes too fast.
    fn diner(&self, call: &Call) -> std::result::Result<Diner, Refusal> {
        let token = auth::find_token(&call.headers, &call.query, auth::DINER_COOKIE)?.ok_or(Refusal::Unauthorized)?;
        let diner = self.tokens.diner(&token).ok_or(Refusal::Unauthorized)?;
        if !self.floor.seats(diner.table, diner.seating) {
            return Err(Refusal::SeatingClosed);
        }
        if call.method != Method::GET {
            self.limits.check_diner(diner.id.0)?;
        }
        Ok(diner)
    }

    /// The diner who speaks, for the table that the request names.
    async fn diner_at(&self, call: &Call, table: TableId) -> Result<Diner> {
        match self.diner(call) {
            Ok(diner) if diner.table == table => Ok(diner),
            Ok(_) => Err(Refusal::Forbidden.into()),
            Err(Refusal::Unauthorized) if self.open_diners => {
                self.store.write(move |tx| crate::seating::actions::join_unnamed(tx, table)).await
            }
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// The diner whose party's order this may be. With open diners it is whoever sits at the order's table.
    async fn diner_of_order(&self, call: &Call, id: OrderId) -> Result<Diner> {
        match self.diner(call) {
            Err(Refusal::Unauthorized) if self.open_diners => {
                let table = self.store.read(move |conn| Ok(order::actions::load(conn, id)?.table)).await?;
                self.diner_at(call, table).await
            }
            known => Ok(known?),
        }
    }

    /// # Errors
    /// `Unauthorized` (also for staff who were disabled), `Forbidden`.
    async fn staff(&self, call: &Call) -> Result<StaffToken> {
        let token = auth::find_token(&call.headers, &call.query, auth::STAFF_COOKIE)?.ok_or(Refusal::StaffOnly)?;
        let staff = self.tokens.staff(&token).ok_or(Refusal::StaffOnly)?;
        let id = staff.id;
        match self.store.read(move |conn| crate::staff::actions::is_enabled(conn, id)).await? {
            true => Ok(staff),
            false => Err(Refusal::StaffOnly.into()),
        }
    }
}

fn object<T: serde::de::DeserializeOwned>(json: &[u8]) -> std::result::Result<T, Refusal> {
    serde_json::from_slice(json).map(|types::Object(value)| value).map_err(malformed)
}

/// The parser's words are for the log; people are told what to do.
fn malformed(error: impl std::fmt::Display) -> Refusal {
    tracing::debug!("malformed request: {error}");
    Refusal::Malformed
}

fn parse<T: std::str::FromStr>(text: &str, name: &str) -> std::result::Result<T, Refusal> {
    text.parse().map_err(|_| Refusal::BadRequest(name.to_owned()))
}

/// The LAN listener: phones, counter, pages.
async fn lan(app: Arc<App>, call: Call) -> Response {
    let path = call.path.clone();
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let get = call.method == Method::GET;
    match segments.as_slice() {
        ["api", "store", rest @ ..] => table::route(&app, call, rest).await,
        ["ws", "cart", table] if get => socket::table(app, call, table).await,
        ["ws", _sid] if get => socket::counter(app, call).await,
        ["admin", rest @ ..] => admin::route(&app, call, rest).await,
        ["user", "order", "reminder", id] => table::reminder(&app, &call, id, Family::Counter).await,
        ["healthz"] if get => status::health(&app),
        ["metrics"] if get => status::metrics(&app, &call).await,
        ["demo-pay", number] => pages::demo_pay(&app, &call, number).await,
        rest if get => pages::page(&app, &call, rest).await,
        _ => Refusal::NotFound.into(),
    }
}

/// The tunnel listener: callbacks, and nothing else of ours.
async fn tunnel(app: Arc<App>, call: Call) -> Response {
    let path = call.path.clone();
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match segments.as_slice() {
        ["pay", "notify", provider] if call.method == Method::POST => callback::take(&app, &call, provider).await,
        // The route of the system before us: merchants' settings still name it.
        ["notify", "paySuccess"] if call.method == Method::POST => callback::take(&app, &call, "wechat").await,
        ["healthz"] if call.method == Method::GET => status::tunnel_health(&app),
        _ => Refusal::NotFound.into(),
    }
}

async fn collect(
    stream: impl Stream<Item = std::result::Result<impl Buf, warp::Error>>,
) -> std::result::Result<Bytes, Refusal> {
    let mut stream = pin!(stream);
    let mut body = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let mut chunk = chunk.map_err(malformed)?;
        if body.len() + chunk.remaining() > limits::MAX_BODY {
            return Err(Refusal::TooLarge);
        }
        body.extend_from_slice(&chunk.copy_to_bytes(chunk.remaining()));
    }
    Ok(body.freeze())
}

/// The warp filter of a listener: takes the request apart and hands it to `handler`.
fn routes<F, R>(app: Arc<App>, handler: F) -> impl Filter<Extract = (Response,), Error = warp::Rejection> + Clone
where
    F: Fn(Arc<App>, Call) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Response> + Send,
{
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    warp::method()
        .and(warp::path::full())
        .and(query)
        .and(warp::header::headers_cloned())
        .and(warp::ext::get::<serve::Peer>())
        .and(warp::ext::optional::<hyper::upgrade::OnUpgrade>())
        .and(warp::body::stream())
        .then(
            move |method: Method,
                  path: warp::path::FullPath,
                  query: String,
                  headers: HeaderMap,
                  peer,
                  upgrade,
                  stream| {
                let (app, handler) = (app.clone(), handler.clone());
                async move {
                    app.counters.requests.inc();
                    let body = match tokio::time::timeout(BODY_PATIENCE, collect(stream)).await {
                        Ok(Ok(body)) => body,
                        Ok(Err(refusal)) => return Family::of(path.as_str()).failure(refusal.into()),
                        Err(_) => return Family::of(path.as_str()).failure(Refusal::Malformed.into()),
                    };
                    let call = Call { method, path: path.as_str().to_owned(), query, headers, peer, upgrade, body };
                    handler(app, call).await
                }
            },
        )
}
