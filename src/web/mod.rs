//! Everything HTTP: the one place that names warp. Two listeners, two route tables.
//!
//! hyper has the connections (`serve.rs`: places, timeouts, upgrades) and each request's types; warp makes of a request
//! what the tables are asked about (method, path, query, headers, body: `routes`), and is the response. The tables are
//! plain `match`es on method and segments, which read as docs/protocol.md does; as filters they would be tried one after
//! another, and the tunnel's and the roles' tables could not be asked before anything else of a request is looked at.

pub mod admin;
mod callback;
#[cfg(test)]
mod declarations;
mod diner;
mod door;
mod http;
mod live;
pub mod sentence;
mod types;

use crate::alert::Alert;
use crate::backup::Watch;
use crate::checkout::Checkout;
use crate::clock;
use crate::desk::desktop::Desktop;
use crate::error::{Field, Refusal, Result};
use crate::hub::Hub;
use crate::member::code::Codes;
use crate::network::{self, Network};
use crate::order::actions::Terms;
use crate::provider::demo::Demo;
use crate::provider::tunnel::Tunnel;
use crate::store::Store;
use crate::units::AlertId;
use bytes::{Buf, Bytes, BytesMut};
use diner::{member, table};
use futures_util::{Stream, StreamExt};
use headers::ETag;
use http::reply::Family;
use http::{gzip, pages, pictures, reply, serve};
use hyper::{HeaderMap, Method};
use live::{socket, status};
use std::collections::HashSet;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use warp::Filter;
use warp::reply::Response;

pub use door::Door;
pub use door::floor::Floor;
pub use door::token::Tokens;
pub use door::tries::Tries;
pub use door::waiting::Waiting;
pub use http::limits;
pub use http::pages::Assets;
pub use http::prefix::Prefixes;
pub use http::serve::{Stop, serve};
pub use live::frames;
pub use live::status::Counters;

/// A request body has to arrive within this.
const BODY_PATIENCE: Duration = Duration::from_secs(10);

/// The same for a file, over the restaurant's Wi-Fi.
const FILE_PATIENCE: Duration = Duration::from_secs(60);

/// What the routes work with.
pub struct App {
    pub store: Arc<Store>,
    pub hub: Arc<Hub>,
    pub door: Door,
    pub checkout: Arc<Checkout>,
    pub demo: Option<Arc<Demo>>,
    pub tunnel: Arc<Tunnel>,
    /// What members' phones show.
    pub codes: Arc<Codes>,
    /// What the old web has opened: its sockets hear no more of it.
    pub seen: Seen,
    /// Below which the table family answers, too.
    pub prefixes: Prefixes,
    pub menu: Arc<MenuCache>,
    pub desktop: Arc<Desktop>,
    pub backups: Arc<Watch>,
    pub clock: Arc<clock::watch::Watch>,
    pub terms: Terms,
    pub assets: Assets,
    pub counters: Arc<Counters>,
    /// `http://…` that phones reach this PC by.
    pub base_url: String,
    pub stop: Stop,
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
    encoded: Option<(ETag, gzip::Text)>,
}

impl MenuCache {
    pub fn forget(&self) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        *state = Cached { generation: state.generation + 1, encoded: None };
    }

    /// The menu if it is known, and the generation to `put` one under.
    fn get(&self) -> (u64, Option<(ETag, gzip::Text)>) {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        (state.generation, state.encoded.clone())
    }

    fn put(&self, generation: u64, encoded: (ETag, gzip::Text)) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.generation == generation {
            state.encoded = Some(encoded);
        }
    }
}

/// One request, taken apart.
pub struct Request {
    method: Method,
    path: String,
    query: String,
    headers: HeaderMap,
    peer: serve::Peer,
    address: IpAddr,
    upgrade: Option<hyper::upgrade::OnUpgrade>,
    body: Bytes,
}

impl Request {
    /// Whose request this is: of whoever connected, or of whom a trusted proxy asks for.
    fn address(&self) -> IpAddr {
        self.address
    }

    /// Whether it comes from this PC itself. Somebody else's request that a proxy here passes on says so: all of its
    /// stations have to be here.
    fn is_from_this_pc(&self) -> bool {
        let stations = self.headers.get_all("x-forwarded-for").iter();
        let here = |station: &str| station.trim().parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        self.peer.address.is_loopback()
            && !self.headers.contains_key("forwarded")
            && stations.into_iter().all(|list| list.to_str().is_ok_and(|list| list.split(',').all(here)))
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
}

/// The alerts whose orders somebody has opened on a counter page. They go on ringing on this PC until they are
/// answered, but a counter page that connects is not told again: the old web loads itself anew whenever an alert is
/// clicked, and never says that it has seen one.
#[derive(Default)]
pub struct Seen {
    alerts: Mutex<HashSet<AlertId>>,
}

impl Seen {
    fn mark(&self, alerts: impl IntoIterator<Item = AlertId>) {
        self.alerts.lock().unwrap_or_else(PoisonError::into_inner).extend(alerts);
    }

    /// What is left of `open`; forgets what is not open any more.
    fn unseen(&self, mut open: Vec<Alert>) -> Vec<Alert> {
        let mut seen = self.alerts.lock().unwrap_or_else(PoisonError::into_inner);
        let still: HashSet<AlertId> = open.iter().map(|alert| alert.id).collect();
        seen.retain(|id| still.contains(id));
        open.retain(|alert| !seen.contains(&alert.id));
        open
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

fn parse<T: std::str::FromStr>(text: &str, field: Field) -> std::result::Result<T, Refusal> {
    text.parse().map_err(|_| Refusal::BadRequest(field))
}

/// The LAN listener: phones, counter, pages.
async fn lan(app: Arc<App>, request: Request) -> Response {
    let path = request.path.clone();
    let asked: Vec<&str> = path.trim_matches('/').split('/').collect();
    let segments = app.prefixes.resolve(&asked);
    let get = request.method == Method::GET;
    match segments.as_slice() {
        ["api", "store", "member", rest @ ..] => member::route(&app, &request, rest).await,
        ["api", "store", rest @ ..] => table::route(&app, request, rest).await,
        ["ws", "cart", table] if get => socket::table(app, request, table).await,
        ["webSocket", member, store] if get => socket::member(app, request, member, store).await,
        ["ws", _sid] if get => socket::counter(app, request).await,
        ["pictures", hash, file] | ["api" | "admin", "pictures", hash, file] if get => {
            pictures::show(&app, hash, file).await
        }
        ["admin", rest @ ..] => admin::route(&app, request, rest).await,
        ["user", "order", "reminder", id] => table::reminder(&app, &request, id, Family::Counter).await,
        ["healthz"] if get => status::health(&app),
        ["metrics"] if get => status::metrics(&app, &request).await,
        ["demo-pay", number] => pages::demo_pay(&app, &request, number).await,
        rest if get => pages::page(&app, &request, rest).await,
        _ => Refusal::NotFound.into(),
    }
}

/// What the tunnel listener answers to. It faces the internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outside<'p> {
    Callback(&'p str),
    Health,
}

/// The tunnel's whole table. What is not in it is not there: nothing of such a request is looked at, neither its token nor
/// its body.
fn outside<'p>(method: &Method, path: &'p str) -> Option<Outside<'p>> {
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match segments.as_slice() {
        ["pay", "notify", provider] if method == Method::POST => Some(Outside::Callback(provider)),
        // The route of the system before us: merchants' settings still name it.
        ["notify", "paySuccess"] if method == Method::POST => Some(Outside::Callback("wechat")),
        ["healthz"] if method == Method::GET => Some(Outside::Health),
        _ => None,
    }
}

/// The tunnel listener: callbacks, and nothing else of ours.
async fn tunnel(app: Arc<App>, request: Request) -> Response {
    match outside(&request.method, &request.path) {
        Some(Outside::Callback(provider)) => callback::take(&app, &request, provider).await,
        Some(Outside::Health) => status::tunnel_health(&app),
        None => Refusal::NotFound.into(),
    }
}

/// Which of the two a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Lan,
    Tunnel,
}

impl Side {
    /// Whether there may be anything for it at all, before anything else is asked.
    fn knows(self, method: &Method, path: &str) -> bool {
        self == Side::Lan || outside(method, path).is_some()
    }

    async fn answer(self, app: Arc<App>, request: Request) -> Response {
        match self {
            Side::Lan => lan(app, request).await,
            Side::Tunnel => tunnel(app, request).await,
        }
    }
}

/// How large a body may be, how long it may take, and a place among the large ones. Files are taken from staff who may
/// send one there, and from nobody else: that is asked before a byte is read.
async fn room_for(app: &Arc<App>, request: &Request) -> Result<(usize, Duration, Option<OwnedSemaphorePermit>)> {
    let path: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    match path.as_slice() {
        ["admin", path @ ..] if request.method == Method::POST && admin::takes_file(path) => {
            admin::check(app, request, path).await?;
            Ok((limits::MAX_FILE_BODY, FILE_PATIENCE, Some(app.door.limits.place_for_file().await)))
        }
        ["admin", path @ ..] if request.method == Method::POST && path == ["member", "decode"] => {
            admin::check(app, request, path).await?;
            Ok((limits::MAX_CAMERA_FRAME, BODY_PATIENCE, None))
        }
        _ => Ok((limits::MAX_BODY, BODY_PATIENCE, None)),
    }
}

async fn collect(
    stream: impl Stream<Item = std::result::Result<impl Buf, warp::Error>>,
    most: usize,
) -> std::result::Result<Bytes, Refusal> {
    let mut stream = pin!(stream);
    let mut body = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let mut chunk = chunk.map_err(malformed)?;
        if body.len() + chunk.remaining() > most {
            return Err(Refusal::TooLarge);
        }
        body.extend_from_slice(&chunk.copy_to_bytes(chunk.remaining()));
    }
    Ok(body.freeze())
}

fn client_address(headers: &HeaderMap, peer: &serve::Peer, trusted: &[Network]) -> IpAddr {
    let lists = headers.get_all("x-forwarded-for").iter().map(|list| list.to_str().unwrap_or("?"));
    let hops: Vec<&str> = lists.flat_map(|list| list.split(',')).collect();
    network::client(peer.address, hops.into_iter(), trusted)
}

/// The warp filter of a listener: takes the request apart and hands it on.
fn routes(app: Arc<App>, side: Side) -> impl Filter<Extract = (Response,), Error = warp::Rejection> + Clone {
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
                let app = app.clone();
                async move {
                    app.counters.requests.inc();
                    let (path, body) = (path.as_str().to_owned(), Bytes::new());
                    if !side.knows(&method, &path) {
                        return Refusal::NotFound.into();
                    }
                    let address = client_address(&headers, &peer, &app.door.trusted_proxies);
                    let mut request = Request { method, path, query, headers, peer, upgrade, body, address };
                    let (family, english) = (Family::of(&request.path), reply::is_wanted_in_english(&request.headers));
                    let (most, patience, file) = match room_for(&app, &request).await {
                        Ok(room) => room,
                        Err(error) => return reply::in_language(family.honest_failure(error), english),
                    };
                    request.body = match tokio::time::timeout(patience, collect(stream, most)).await {
                        Ok(Ok(body)) => body,
                        Ok(Err(refusal)) => return reply::in_language(family.failure(refusal.into()), english),
                        Err(_) => return reply::in_language(family.failure(Refusal::Malformed.into()), english),
                    };
                    let _turn = match &file {
                        Some(_) => Some(app.door.limits.turn_of_file().await),
                        None => None,
                    };
                    // On the heap, and only now: whoever sends a body slowly should not hold what answering needs.
                    reply::in_language(Box::pin(side.answer(app, request)).await, english)
                }
            },
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tunnel_knows_three_routes() {
        let known = |method: Method, path| outside(&method, path);
        assert_eq!(known(Method::POST, "/pay/notify/wechat"), Some(Outside::Callback("wechat")));
        assert_eq!(known(Method::POST, "/notify/paySuccess"), Some(Outside::Callback("wechat")));
        assert_eq!(known(Method::GET, "/healthz"), Some(Outside::Health));
        for (method, path) in [
            (Method::GET, "/pay/notify/wechat"),
            (Method::POST, "/pay/notify"),
            (Method::POST, "/pay/notify/wechat/"),
            (Method::POST, "/pay/notify/../../admin/common/upload"),
            (Method::POST, "/admin/common/upload"),
            (Method::POST, "/aliendining/pay/notify/wechat"),
            (Method::GET, "/metrics"),
            (Method::POST, "/healthz"),
            (Method::GET, "*"),
            (Method::CONNECT, ""),
        ] {
            assert_eq!(known(method, path), None, "{path}");
        }
    }
}
