//! WebSockets: a table's phones (docs/protocol.md §1.4) and counter browsers (§2).
//!
//! Reading goes through tungstenite; writing goes through the outlet, straight from shared bytes (see `hub`).

use super::frames;
use crate::alert;
use crate::cart::actions::Kind;
use crate::cart::{self, Cart, Change};
use crate::error::{Error, Field, Refusal, Result};
use crate::hub::{Frames, Outlet, Snapshot, Topic};
use crate::member;
use crate::seating::{self, Diner};
use crate::store::Tx;
use crate::units::{MemberId, STORE_ID};
use crate::web::diner::cart::{change_of, check_op_id, encoded, snapshot};
use crate::web::door::token::{self, Pass};
use crate::web::http::places::Bearer;
use crate::web::http::reply::Told;
use crate::web::http::serve::Peer;
use crate::web::parse;
use crate::web::types::PhoneFrame;
use crate::web::{App, Request};
use bytes::{Buf, Bytes};
use governor::DefaultDirectRateLimiter;
use headers::{HeaderMapExt, SecWebsocketAccept, SecWebsocketKey, SecWebsocketVersion, Upgrade};
use hyper::StatusCode;
use hyper::header::UPGRADE;
use hyper_util::rt::TokioIo;
use rusqlite::Connection;
use serde::Deserialize;
use std::future::poll_fn;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tungstenite::error::CapacityError;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{CloseFrame, Role, WebSocket, WebSocketConfig};
use tungstenite::{Message, Utf8Bytes};
use warp::reply::Response;

/// Idle proxies cut silent sockets after a minute.
const PING: Duration = Duration::from_secs(30);
/// Pings without any sign of life after which a socket is given up.
const SILENT_PINGS: u32 = 2;
/// What our counter page asks.
const STILL_THERE: &str = "tablebell?";
/// A socket that has said too much beside its changes is not read for so long.
const DEAF: Duration = Duration::from_secs(1);
/// After the close frame the peer has this long to read what is under way.
const LINGER: Duration = Duration::from_secs(1);
/// A page of the old web that loads itself anew has asked for what was clicked by then.
const CLICK: Duration = Duration::from_secs(1);
/// How our own counter page begins its name for itself.
const OUR_PAGE: &str = "counter-";

/// What a socket listens to and may say.
#[derive(Clone, Copy)]
enum Seat {
    Phone(Diner),
    Counter {
        /// Of a member of staff; of this PC itself where there is none.
        pass: Option<Pass>,
        /// Not our own page.
        old: bool,
    },
    /// `after`: the last result that this page has seen.
    Member {
        id: MemberId,
        link: i64,
        after: i64,
    },
}

impl Seat {
    fn room(self) -> Topic {
        match self {
            Seat::Phone(diner) => Topic::Table(diner.table),
            Seat::Counter { .. } => Topic::Counter,
            Seat::Member { id, .. } => Topic::Member(id),
        }
    }
}

/// `/ws/cart/{tableId}`
pub async fn table(app: Arc<App>, request: Request, table: &str) -> Response {
    let seat = async {
        let table = parse(table, Field::TableId)?;
        let diner = app.door.diner_at(&request, table).await?;
        app.door.limits.check_opening(diner.id.0)?;
        Ok::<_, Error>(Seat::Phone(diner))
    };
    match seat.await {
        Ok(seat) => upgrade(app, request, seat),
        Err(error) => crate::web::http::reply::Family::Table.failure(error),
    }
}

/// `/ws/{sid}`; the sid is the client's own name for itself, and tells only whether it is our page.
pub async fn counter(app: Arc<App>, request: Request) -> Response {
    let sid = request.path.trim_start_matches("/ws/");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if sid.is_empty() || sid.len() > 64 || !sid.bytes().all(plain) {
        return Refusal::BadRequest(Field::Sid).into();
    }
    let old = !sid.starts_with(OUR_PAGE);
    match listener(&app, &request).await {
        Ok(pass) => upgrade(app, request, Seat::Counter { pass, old }),
        Err(error) => crate::web::http::reply::Family::Table.failure(error),
    }
}

/// By what right a counter browser listens: a token, also in the cookie of the old web, whose socket has no other way to
/// bring one; or, where the owner trusts this PC, that it is here.
async fn listener(app: &Arc<App>, request: &Request) -> Result<Option<Pass>> {
    let known = match app.door.staff(request).await {
        Err(Error::Refused(Refusal::StaffOnly)) => app.door.staff_by(request, token::OLD_WEB_COOKIE).await,
        known => known,
    };
    match known {
        Ok(staff) => Ok(Some(staff.pass)),
        Err(Error::Refused(Refusal::StaffOnly | Refusal::NotAllowed))
            if app.door.trust_loopback && request.is_from_this_pc() && token::is_page_of_this_pc(&request.headers) =>
        {
            request.peer.know(Bearer::Here);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

#[derive(Default, Deserialize)]
struct Seen {
    #[serde(default)]
    after: i64,
}

/// `/webSocket/{userId}/{storeId}?after={scanId}`
pub async fn member(app: Arc<App>, request: Request, named: &str, store: &str) -> Response {
    let seat = async {
        if parse::<i64>(store, Field::StoreId)? != STORE_ID {
            return Err(Refusal::NotFound.into());
        }
        let token = app.door.token_of(&request, named)?;
        app.store.read(move |conn| member::actions::load_by_link(conn, token.id, token.link)).await?;
        request.peer.know(Bearer::Member(token.id));
        let seen: Seen = request.arguments_in_query().unwrap_or_default();
        Ok::<_, Error>(Seat::Member { id: token.id, link: token.link, after: seen.after })
    };
    match seat.await {
        Ok(seat) => upgrade(app, request, seat),
        Err(error) => crate::web::http::reply::Family::Table.failure(error),
    }
}

fn upgrade(app: Arc<App>, mut request: Request, seat: Seat) -> Response {
    let (Some(key), Some(upgrade)) = (websocket_key(&request), request.upgrade.take()) else {
        return Refusal::BadRequest(Field::Upgrade).into();
    };
    let peer = request.peer;
    app.stop.tasks.clone().spawn(async move {
        let parts = match upgrade.await {
            Ok(upgraded) => upgraded.downcast::<TokioIo<TcpStream>>(),
            Err(error) => return tracing::debug!("upgrade: {error}"),
        };
        match parts {
            Ok(parts) => {
                // Even an empty rest keeps the HTTP connection's whole read buffer alive.
                let early = Bytes::copy_from_slice(&parts.read_buf);
                drop(parts.read_buf);
                serve(&app, parts.io.into_inner(), early, seat, &peer).await;
            }
            Err(_) => tracing::error!("an upgraded connection is not a TCP stream"),
        }
    });
    let mut response = Response::new(Bytes::new().into());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.typed_insert(headers::Connection::upgrade());
    headers.typed_insert(Upgrade::websocket());
    headers.typed_insert(SecWebsocketAccept::from(key));
    response
}

/// The handshake's key, of a request that asks for a WebSocket.
fn websocket_key(request: &Request) -> Option<SecWebsocketKey> {
    let is_upgrade = request.headers.typed_get::<headers::Connection>()?.contains(UPGRADE);
    // The typed header cannot be asked what it names.
    let to_websocket = request.header(UPGRADE)?.to_ascii_lowercase().contains("websocket");
    request.headers.typed_get::<SecWebsocketVersion>()?;
    request.headers.typed_get().filter(|_| is_upgrade && to_websocket)
}

/// The codec's view of the socket: reads without waiting, writes into the outlet so that frames never interleave.
struct Wire {
    socket: Arc<TcpStream>,
    outlet: Arc<Outlet>,
    /// What came together with the upgrade request.
    early: Bytes,
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.early.is_empty() {
            return self.socket.try_read(buffer);
        }
        let count = self.early.len().min(buffer.len());
        self.early.copy_to_slice(&mut buffer[..count]);
        Ok(count)
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.outlet.send(Bytes::copy_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(256)
        .write_buffer_size(0)
        .max_message_size(Some(crate::web::http::limits::MAX_FRAME))
        .max_frame_size(Some(crate::web::http::limits::MAX_FRAME))
}

async fn serve(app: &Arc<App>, socket: TcpStream, early: Bytes, seat: Seat, peer: &Peer) {
    let socket = Arc::new(socket);
    let outlet = Outlet::socket(socket.clone());
    let gauge = match seat {
        Seat::Phone(_) => &app.counters.phones,
        Seat::Counter { .. } => &app.counters.counters,
        Seat::Member { .. } => &app.counters.members,
    };
    gauge.inc();
    let wire = Wire { socket: socket.clone(), outlet: outlet.clone(), early };
    let mut codec = WebSocket::from_raw_socket(wire, Role::Server, Some(config()));
    // Boxed, like the farewell: what is needed once should not lie in every open socket's task.
    let code = match Box::pin(greet(app, &outlet, seat)).await {
        Ok(()) => converse(app, &socket, &outlet, &mut codec, seat, peer).await,
        Err(Error::Refused(Refusal::SeatingClosed)) => {
            // Out of the room first: what is published from now on is the next party's.
            app.hub.unsubscribe(seat.room(), &outlet);
            let last = Box::pin(farewell(app, seat)).await;
            outlet.farewell(last.ws);
            Some(CloseCode::Normal)
        }
        Err(error) => {
            tracing::debug!("socket: {error:?}");
            Some(CloseCode::Again)
        }
    };
    app.hub.unsubscribe(seat.room(), &outlet);
    if let Some(code) = code.filter(|_| !outlet.is_mid_frame()) {
        Box::pin(close(&socket, code)).await;
    }
    gauge.dec();
}

/// The first frames: `connected` and the present cart for a phone, unanswered alerts for the counter.
async fn greet(app: &Arc<App>, outlet: &Arc<Outlet>, seat: Seat) -> Result<()> {
    match seat {
        Seat::Phone(diner) => {
            outlet.send(frames::ws_message("connected", "连接成功", b"null", None));
            snapshot(app, diner.table).await?;
            outlet.hold();
            app.hub.subscribe(seat.room(), outlet, app.door.limits.per_table()).ok_or(Refusal::TooManyConnections)?;
            // Cleared or moved while this phone was connecting? Then what the room holds is the next party's.
            if !app.door.floor.seats(diner.table, diner.seating) {
                return Err(Refusal::SeatingClosed.into());
            }
            outlet.release(Vec::new(), 0);
        }
        Seat::Counter { old, .. } => {
            outlet.hold();
            app.hub.subscribe(seat.room(), outlet, app.door.limits.per_counter()).ok_or(Refusal::TooManyConnections)?;
            if old {
                wait_for_click(app).await?;
            }
            let open = app.store.read(alert::actions::list_open).await?;
            let last = open.last().map_or(0, |alert| alert.id.0);
            let replay = app.seen.unseen(open);
            let replay = replay
                .iter()
                .filter(|alert| frames::is_for_counter(alert))
                .map(|alert| frames::alert_frames(alert, &app.terms.calendar).ws);
            if app.desktop.report().is_deaf_and_blind() {
                outlet.offer_once(&frames::escalation());
            }
            outlet.release(replay.collect(), last);
        }
        Seat::Member { id, link, after } => greet_member(app, outlet, (id, link), after).await?,
    }
    Ok(())
}

/// The old web answers a click on an alert by loading itself anew, and its new socket is open before it asks for that
/// order's details, which count as seen: where there is something to replay, it waits for that.
async fn wait_for_click(app: &Arc<App>) -> Result<()> {
    let open = app.store.read(alert::actions::list_open).await?;
    if app.seen.unseen(open).iter().any(frames::is_for_counter) {
        tokio::time::sleep(CLICK).await;
    }
    Ok(())
}

/// Why a phone may not stay in the room that it came to: its party has moved, or is gone.
async fn farewell(app: &Arc<App>, seat: Seat) -> Frames {
    let Seat::Phone(diner) = seat else { return frames::seating_closed() };
    let find = move |conn: &Connection| {
        let table = seating::actions::locate(conn, diner)?.table;
        seating::actions::load_table(conn, table)
    };
    match app.store.read(find).await {
        Ok(table) => frames::seating_moved(table.id, &table.number),
        Err(_) => frames::seating_closed(),
    }
}

/// The last result, unless this page has seen it or it is no news to anybody; then what comes.
async fn greet_member(app: &Arc<App>, outlet: &Arc<Outlet>, (id, link): (MemberId, i64), after: i64) -> Result<()> {
    outlet.hold();
    app.hub.subscribe(Topic::Member(id), outlet, app.door.limits.per_member()).ok_or(Refusal::TooManyConnections)?;
    let last = app.store.read(move |conn| {
        // Cut off while this phone was connecting?
        member::actions::load_by_link(conn, id, link)?;
        member::actions::find_last_scan(conn, id)
    });
    let last = last.await?;
    let replay = last.as_ref().filter(|last| last.id > after && last.is_fresh(app.store.now()));
    outlet.release(replay.map(frames::scan_result).into_iter().collect(), last.as_ref().map_or(0, |last| last.id));
    Ok(())
}

/// Until either side ends it; answers the code to close with, `None` when the peer is gone or has closed.
async fn converse(
    app: &Arc<App>,
    socket: &TcpStream,
    outlet: &Arc<Outlet>,
    codec: &mut WebSocket<Wire>,
    seat: Seat,
    peer: &Peer,
) -> Option<CloseCode> {
    let mut ping = tokio::time::interval_at(Instant::now() + PING, PING);
    let mut silent = 0;
    let talk = app.door.limits.talk();
    let mut deaf_until: Option<Instant> = None;
    // The codec may hold whole frames that came with an earlier read.
    let mut buffered = true;
    loop {
        let readable = async {
            if !buffered {
                let _ = socket.readable().await;
            }
        };
        tokio::select! {
            going_on = poll_fn(|context| outlet.poll_drained(context)) => if !going_on {
                return match app.stop.begin.is_cancelled() {
                    true => Some(CloseCode::Away),
                    false => Some(CloseCode::Normal),
                };
            },
            () = deaf(deaf_until) => deaf_until = None,
            () = readable, if deaf_until.is_none() && !outlet.is_backed_up() => {
                silent = 0;
                match read(app, outlet, codec, seat, talk.as_ref()) {
                    Reading::Empty => buffered = false,
                    Reading::BackedUp => buffered = true,
                    Reading::TooMuch => (buffered, deaf_until) = (true, Some(Instant::now() + DEAF)),
                    Reading::Over(code) => return code,
                }
            }
            () = peer.told_to_leave() => return Some(CloseCode::Again),
            _ = ping.tick() => {
                if let Seat::Counter { pass: Some(pass), .. } = seat
                    && let Err(Error::Refused(_)) = Box::pin(app.door.staff_with(pass)).await
                {
                    return Some(CloseCode::Policy);
                }
                silent += 1;
                if silent > SILENT_PINGS || codec.send(Message::Ping(Bytes::new())).is_err() {
                    return None;
                }
            }
        }
    }
}

async fn deaf(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}

enum Reading {
    Empty,
    /// The peer does not read our answers: neither do we read its requests.
    BackedUp,
    /// Heartbeats, pings and nonsense, answered or not: each costs the others time.
    TooMuch,
    Over(Option<CloseCode>),
}

fn read(
    app: &Arc<App>,
    outlet: &Arc<Outlet>,
    codec: &mut WebSocket<Wire>,
    seat: Seat,
    talk: Option<&DefaultDirectRateLimiter>,
) -> Reading {
    loop {
        let mut changes = false;
        match codec.read() {
            Ok(Message::Text(text)) => match seat {
                Seat::Phone(diner) => changes = hear(app, outlet, diner, &text),
                // The same of our counter page. What other clients' sockets say means nothing: they take any answer for
                // an alert.
                Seat::Counter { .. } if text.as_str() == STILL_THERE => {
                    outlet.send(frames::ws_text(br#"{"alive":true}"#.to_vec()));
                }
                Seat::Counter { .. } => tracing::debug!("a counter browser says {} bytes", text.len()),
                // Our page asks whether anybody is there; nothing else means anything.
                Seat::Member { .. } if text.as_str() == "ping" => outlet.send(frames::ws_text(b"pong".to_vec())),
                Seat::Member { .. } => tracing::debug!("a member's phone says {} bytes", text.len()),
            },
            Ok(Message::Binary(_)) => {
                let refusal = Refusal::BadRequest(Field::Text);
                outlet.send(error_frame(refusal.into(), None, false));
            }
            Ok(Message::Close(_)) => {
                let _ = codec.flush();
            }
            Ok(_) => {}
            Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => return Reading::Empty,
            Err(tungstenite::Error::Capacity(CapacityError::MessageTooLong { .. })) => {
                return Reading::Over(Some(CloseCode::Size));
            }
            Err(tungstenite::Error::Utf8(_)) => return Reading::Over(Some(CloseCode::Invalid)),
            Err(tungstenite::Error::Protocol(_)) => return Reading::Over(Some(CloseCode::Protocol)),
            Err(_) => return Reading::Over(None),
        }
        if !changes && talk.is_some_and(|talk| talk.check().is_err()) {
            return Reading::TooMuch;
        }
        if outlet.is_backed_up() {
            return Reading::BackedUp;
        }
    }
}

/// A phone's frame: answered at once, or when its change is on disk. Says whether it asks for a change that may be made
/// now, as far as the numbers go.
fn hear(app: &Arc<App>, outlet: &Arc<Outlet>, diner: Diner, text: &Utf8Bytes) -> bool {
    let frame: PhoneFrame = match crate::web::object(text.as_bytes()) {
        Ok(frame) => frame,
        Err(refusal) => {
            outlet.send(error_frame(refusal.into(), None, false));
            return false;
        }
    };
    let op_id = frame.op_id.clone();
    let english = frame.lang.as_deref() == Some("en");
    if frame.kind == "heartbeat" {
        outlet.send(frames::ws_message("heartbeat", "pong", b"null", op_id.as_deref()));
        return false;
    }
    let asked = parse_change(frame).and_then(|asked| app.door.limits.check_diner(diner.id.0).map(|()| asked));
    let changes = asked.is_ok();
    let begun =
        asked.map_err(Error::from).and_then(|(op, change)| begin_change(app, outlet, diner, op, change, english));
    if let Err(error) = begun {
        outlet.send(error_frame(error, op_id.as_deref(), english));
    }
    changes
}

fn parse_change(frame: PhoneFrame) -> std::result::Result<(Option<String>, Change), Refusal> {
    let known = KINDS.iter().find(|(_, name, _)| *name == frame.kind);
    let (kind, _, _) = known.ok_or_else(|| Refusal::UnknownFrame(frame.kind.clone()))?;
    let item = match (kind, frame.data) {
        (_, Some(item)) => crate::web::object(item.get().as_bytes())?,
        (Kind::Clear, None) => Default::default(),
        (Kind::Add | Kind::Update | Kind::Remove, None) => return Err(Refusal::BadRequest(Field::Data)),
    };
    Ok((check_op_id(frame.op_id)?, change_of(*kind, item)?))
}

fn begin_change(
    app: &Arc<App>,
    outlet: &Arc<Outlet>,
    diner: Diner,
    op: Option<String>,
    change: Change,
    english: bool,
) -> Result<()> {
    let (hub, answering, op_id) = (app.hub.clone(), outlet.clone(), op.clone());
    let done = move |changed: Result<(Kind, Arc<Cart>)>| {
        let frame = match changed {
            Ok((kind, cart)) => success_frame(kind, &encoded(&hub, &cart), op_id.as_deref()),
            Err(error) => error_frame(error, op_id.as_deref(), english),
        };
        answering.fulfil(frame);
    };
    outlet.promise();
    let calendar = app.terms.calendar.clone();
    let changing = move |tx: &mut Tx<'_>| cart::actions::change(tx, diner, op.as_deref(), change, &calendar);
    let begun = app.store.write_then(changing, done);
    if begun.is_err() {
        outlet.retract();
    }
    begun
}

fn success_frame(kind: Kind, cart: &Snapshot, op_id: Option<&str>) -> Bytes {
    let (_, name, message) = KINDS.iter().find(|(known, _, _)| *known == kind).unwrap_or(&KINDS[0]);
    frames::ws_message(&format!("{name}_success"), message, &cart.json, op_id)
}

/// Kind, request type, and what the success frame says.
const KINDS: [(Kind, &str, &str); 4] = [
    (Kind::Add, "add_item", "添加商品成功"),
    (Kind::Update, "update_quantity", "更新数量成功"),
    (Kind::Remove, "remove_item", "移除商品成功"),
    (Kind::Clear, "clear_cart", "清空购物车成功"),
];

fn error_frame(error: Error, op_id: Option<&str>, english: bool) -> Bytes {
    let Told { code, sentence, .. } = Told::of(error);
    frames::ws_message("error", &sentence.in_language(english), format!(r#"{{"error":"{code}"}}"#).as_bytes(), op_id)
}

/// Says goodbye past the outlet, which is closed by now, and lets the peer read it: closing with unread bytes in
/// the socket would reset the connection and lose the close frame.
async fn close(socket: &TcpStream, code: CloseCode) {
    let mut bytes = Vec::new();
    let frame = tungstenite::protocol::frame::Frame::close(Some(CloseFrame { code, reason: Utf8Bytes::default() }));
    let goodbye = async {
        frame.format(&mut bytes).map_err(io::Error::other)?;
        let mut sent = 0;
        while sent < bytes.len() {
            socket.writable().await?;
            sent += match socket.try_write(&bytes[sent..]) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
                written => written?,
            };
        }
        let _ = socket2::SockRef::from(socket).shutdown(std::net::Shutdown::Write);
        let mut drain = [0; 4096];
        loop {
            socket.readable().await?;
            match socket.try_read(&mut drain) {
                Ok(0) => return Ok::<_, io::Error>(()),
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                _ => {}
            }
        }
    };
    let _ = tokio::time::timeout(LINGER, goodbye).await;
}
