//! The accept loop: whose turn it is, header timeouts and graceful stop, which warp's own does not have.

use super::places::{Bearer, Doors, Most, Stay};
use super::reply::Told;
use crate::network::is_in;
use crate::web::{App, Side, routes};
use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Uri};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustix::net::RecvFlags;
use std::convert::Infallible;
use std::io;
use std::mem::MaybeUninit;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::Interest;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::{Service, ServiceBuilder, ServiceExt};
use tower_http::catch_panic::{CatchPanicLayer, ResponseForPanic};
use tower_http::timeout::TimeoutLayer;
use warp::reply::Response;

const HEADER_PATIENCE: Duration = Duration::from_secs(5);
/// From the first byte of a request to the head of its answer; streams live longer. A charged payer's code waits for
/// the payer's password, the longest of all.
const ANSWER_PATIENCE: Duration = Duration::from_secs(90);
/// Dead peers are found within about this, also behind a silent Wi-Fi.
const KEEPALIVE: Duration = Duration::from_secs(30);
/// Bytes of a request's head that are waited for before anything is kept for it. A longer one is read all the same.
const HEAD: usize = 8 * 1024;

/// Bytes that the system keeps for somebody who does not read; it would go up to megabytes by itself.
const UNREAD: usize = 64 * 1024;

/// Who connected; holds the connection's place while anything of it lives.
#[derive(Clone)]
pub struct Peer {
    pub address: IpAddr,
    stay: Arc<Stay>,
}

impl Peer {
    /// A request has shown a token that counts: from now on no stranger needs this place more.
    pub fn know(&self, bearer: Bearer) {
        self.stay.know(bearer);
    }

    /// Ends when somebody else needs the place more.
    pub async fn told_to_leave(&self) {
        self.stay.told_to_leave().await;
    }
}

/// How the daemon ends: `begin` is cancelled first, then everything in `tasks` is waited for.
#[derive(Clone, Default)]
pub struct Stop {
    pub begin: CancellationToken,
    pub tasks: TaskTracker,
}

/// Serves both listeners until the stop begins.
pub async fn serve(app: Arc<App>, lan_listener: TcpListener, tunnel_listener: TcpListener) {
    let stop = app.stop.clone();
    let phones = ServiceBuilder::new().service(warp::service(routes(app.clone(), Side::Lan)));
    let callbacks = ServiceBuilder::new().service(warp::service(routes(app.clone(), Side::Tunnel)));
    tokio::join!(
        accept(app.clone(), lan_listener, app.door.limits.on_lan(), phones, stop.clone()),
        accept(app.clone(), tunnel_listener, app.door.limits.on_tunnel(), callbacks, stop),
    );
}

async fn accept<S>(app: Arc<App>, listener: TcpListener, most: Most, service: S, stop: Stop)
where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    let service = ServiceBuilder::new()
        .layer(CatchPanicLayer::custom(Panicked))
        .layer(TimeoutLayer::with_status_code(hyper::StatusCode::SERVICE_UNAVAILABLE, ANSWER_PATIENCE))
        .service(service);
    let doors = Doors::new(most);
    loop {
        let accepted = tokio::select! {
            () = stop.begin.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (socket, address) = match accepted {
            Ok((socket, address)) => (socket, address.ip().to_canonical()),
            Err(error) => {
                // Out of file descriptors, most likely.
                tracing::warn!("a connection could not be accepted: {error}");
                doors.make_room();
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            }
        };
        let shared = address.is_loopback() || is_in(&app.door.trusted_proxies, address);
        if !shared && app.door.limits.check_connection(address).is_err() {
            continue;
        }
        let peer = Peer { address, stay: Arc::new(doors.enter(address)) };
        stop.tasks.spawn(welcome(socket, peer, service.clone(), stop.begin.clone()));
    }
}

/// Waits until a request has come, and keeps next to nothing until then.
async fn welcome<S, B>(socket: TcpStream, peer: Peer, service: S, begin: CancellationToken)
where
    S: Service<Request<Incoming>, Response = hyper::Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    let shown = tokio::select! {
        shown = tokio::time::timeout(HEADER_PATIENCE, request_head(&socket)) => matches!(shown, Ok(Ok(()))),
        () = peer.told_to_leave() => false,
        () = begin.cancelled() => false,
    };
    if shown {
        peer.stay.serve();
        Box::pin(attend(socket, peer, service, begin)).await;
    }
}

/// Answers what comes on a connection that has shown a request.
async fn attend<S, B>(socket: TcpStream, peer: Peer, service: S, begin: CancellationToken)
where
    S: Service<Request<Incoming>, Response = hyper::Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    prepare(&socket);
    let for_requests = peer.clone();
    // On the heap while there is a request, and only then.
    let answer = service_fn(move |request| Box::pin(service.clone().oneshot(route_form(request, &for_requests))));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_PATIENCE)
        .max_headers(64)
        .max_buf_size(32 * 1024)
        .serve_connection(TokioIo::new(socket), answer)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = peer.told_to_leave() => return tracing::debug!("{} gives its place to another", peer.address),
        () = begin.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!("connection of {}: {error}", peer.address);
    }
}

/// What the routes learn of a request beside itself.
fn route_form(mut request: Request<Incoming>, peer: &Peer) -> Request<Incoming> {
    // `CONNECT a:1` and `GET a:1` name no path, which routes have to have; nothing answers at this one.
    if request.uri().path_and_query().is_none() {
        *request.uri_mut() = Uri::from_static("*");
    }
    request.extensions_mut().insert(peer.clone());
    request
}

/// Waits for the head of a request, and leaves it in the socket: until then nothing is kept for whoever may never send
/// one. What can't be the beginning of one is for the parser to refuse.
async fn request_head(socket: &TcpStream) -> io::Result<()> {
    loop {
        let ready = socket.ready(Interest::READABLE).await?;
        match socket.try_io(Interest::READABLE, || look(socket)) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if ready.is_read_closed() {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            seen => return seen,
        }
    }
}

/// # Errors
/// `WouldBlock` while more has to come: then the socket is ready again with the next byte, and not before.
fn look(socket: &TcpStream) -> io::Result<()> {
    let mut head = [MaybeUninit::uninit(); HEAD];
    let ((seen, _), _) = rustix::net::recv(socket, &mut head, RecvFlags::PEEK)?;
    match &*seen {
        [] => Err(io::ErrorKind::UnexpectedEof.into()),
        seen if seen.len() == HEAD || !may_be_request(seen) || has_end(seen) => Ok(()),
        _ => Err(io::ErrorKind::WouldBlock.into()),
    }
}

/// A method's first letter, or the empty lines that some clients send before it.
fn may_be_request(head: &[u8]) -> bool {
    head.first().is_some_and(|byte| byte.is_ascii_alphabetic() || b"\r\n".contains(byte))
}

/// An empty line after another one; lines may end without a carriage return.
fn has_end(head: &[u8]) -> bool {
    let mut lines = head.split(|byte| *byte == b'\n');
    // What comes after the last end of a line is none yet.
    lines.next_back();
    lines.skip(1).any(|line| line.is_empty() || line == b"\r")
}

/// Answers 500 for a handler that panicked; the panic itself is logged by the runtime's hook.
#[derive(Clone, Copy)]
struct Panicked;

impl ResponseForPanic for Panicked {
    type ResponseBody = String;

    fn response_for_panic(&mut self, _panic: Box<dyn std::any::Any + Send + 'static>) -> hyper::Response<String> {
        let Told { code, sentence, .. } = Told::of(anyhow::anyhow!("a handler panicked").into());
        let body = serde_json::json!({ "code": 500, "msg": sentence.chinese, "data": null, "error": code });
        let mut response = hyper::Response::new(body.to_string());
        *response.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
        response
    }
}

fn prepare(socket: &TcpStream) {
    let keepalive = socket2::TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE / 3).with_retries(3);
    let options = socket2::SockRef::from(socket);
    let set = socket.set_nodelay(true).and_then(|()| options.set_tcp_keepalive(&keepalive));
    let set = set.and_then(|()| options.set_tcp_user_timeout(Some(KEEPALIVE * 2)));
    if let Err(error) = set.and_then(|()| options.set_send_buffer_size(UNREAD)) {
        tracing::debug!("socket options: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_whole_with_its_empty_line() {
        for whole in [
            "GET / HTTP/1.1\r\nhost: x\r\n\r\n",
            "GET / HTTP/1.1\n\n",
            "GET /\r\n\r\nbody",
            "POST / HTTP/1.1\na: b\r\n\r\n{",
        ] {
            assert!(has_end(whole.as_bytes()), "{whole:?}");
        }
        for part in
            ["", "G", "GET / HTTP/1.1", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nhost: x\r\n", "GET /\r\n\r", "\r\r\r"]
        {
            assert!(!has_end(part.as_bytes()), "{part:?}");
        }
    }

    #[test]
    fn what_is_no_request_is_not_waited_for() {
        assert!(["GET", "options", "\r\n", "\nG"].iter().all(|head| may_be_request(head.as_bytes())));
        let tls = b"\x16\x03\x01\x02\x00";
        assert!(!may_be_request(tls) && !may_be_request(b"{") && !may_be_request(b"\0"));
    }
}
