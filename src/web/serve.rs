//! The accept loop: connection caps, header timeouts and graceful stop, which warp's own does not have.

use super::{App, Side, routes};
use crate::network::is_in;
use hyper::body::Incoming;
use hyper::{Request, Uri};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
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

/// Who connected; holds the connection's place while anything of it lives.
#[derive(Clone)]
pub struct Peer {
    pub address: IpAddr,
    _place: Arc<Place>,
}

struct Place {
    _admission: super::limits::Admission,
    _permit: tokio::sync::OwnedSemaphorePermit,
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
        accept(app.clone(), lan_listener, phones, stop.clone()),
        accept(app, tunnel_listener, callbacks, stop),
    );
}

async fn accept<S>(app: Arc<App>, listener: TcpListener, service: S, stop: Stop)
where
    S: Service<Request<Incoming>, Response = Response, Error = std::convert::Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send,
{
    let service = ServiceBuilder::new()
        .layer(CatchPanicLayer::custom(Panicked))
        .layer(TimeoutLayer::with_status_code(hyper::StatusCode::SERVICE_UNAVAILABLE, ANSWER_PATIENCE))
        .service(service);
    let places = Arc::new(Semaphore::new(app.limits.connections()));
    loop {
        let Ok(permit) = places.clone().acquire_owned().await else { return };
        let accepted = tokio::select! {
            () = stop.begin.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (socket, address) = match accepted {
            Ok((socket, address)) => (socket, address.ip().to_canonical()),
            Err(error) => {
                // Out of file descriptors, most likely: let some connection end first.
                tracing::warn!("a connection could not be accepted: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let shared = address.is_loopback() || is_in(&app.trusted_proxies, address);
        let Some(admission) = app.limits.admit(address, shared) else {
            tracing::debug!("{address} has too many connections");
            continue;
        };
        prepare(&socket);
        let peer = Peer { address, _place: Arc::new(Place { _admission: admission, _permit: permit }) };
        let service = service.clone().map_request(move |mut request: Request<Incoming>| {
            // `CONNECT a:1` and `GET a:1` name no path, which routes have to have; nothing answers at this one.
            if request.uri().path_and_query().is_none() {
                *request.uri_mut() = Uri::from_static("*");
            }
            request.extensions_mut().insert(peer.clone());
            request
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_PATIENCE)
            .max_headers(64)
            .max_buf_size(32 * 1024)
            .serve_connection(TokioIo::new(socket), TowerToHyperService::new(service))
            .with_upgrades();
        let begin = stop.begin.clone();
        stop.tasks.spawn(async move {
            let mut connection = std::pin::pin!(connection);
            let result = tokio::select! {
                result = connection.as_mut() => result,
                () = begin.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = result {
                tracing::debug!("connection of {address}: {error}");
            }
        });
    }
}

/// Answers 500 for a handler that panicked; the panic itself is logged by the runtime's hook.
#[derive(Clone, Copy)]
struct Panicked;

impl ResponseForPanic for Panicked {
    type ResponseBody = String;

    fn response_for_panic(&mut self, _panic: Box<dyn std::any::Any + Send + 'static>) -> hyper::Response<String> {
        let (_, code, sentence) = super::reply::explain(anyhow::anyhow!("a handler panicked").into());
        let body = serde_json::json!({ "code": 500, "msg": sentence, "data": null, "error": code });
        let mut response = hyper::Response::new(body.to_string());
        *response.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
        response
    }
}

fn prepare(socket: &TcpStream) {
    let keepalive = socket2::TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE / 3).with_retries(3);
    let options = socket2::SockRef::from(socket);
    let set = socket.set_nodelay(true).and_then(|()| options.set_tcp_keepalive(&keepalive));
    if let Err(error) = set.and_then(|()| options.set_tcp_user_timeout(Some(KEEPALIVE * 2))) {
        tracing::debug!("socket options: {error}");
    }
}
