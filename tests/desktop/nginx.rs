//! `packaging/nginx/tablebell.conf` in a real nginx: everything that phones and counters do passes through it.

use crate::process::{Process, tool, wait_for};
use crate::support::{Counter, Daemon, Events, PATIENCE, Phone, Socket};
use futures_util::StreamExt;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};

const RECIPE: &str = include_str!("../../packaging/nginx/tablebell.conf");

/// Around the recipe only what keeps nginx in its folder and in one process.
const MAIN: &str = "daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr warn;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/tablebell.conf;
}
";

struct Nginx {
    _process: Process,
    /// `http://…` of the recipe's server, and of its example for the old admin web.
    shop: String,
    old_web: String,
    _folder: tempfile::TempDir,
}

impl Nginx {
    /// The recipe with its CHANGE lines changed and its commented example switched on.
    fn before(daemon: &Daemon) -> Nginx {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let (shop, old_web) = (free_address(), free_address());
        let upstream = daemon.lan.trim_start_matches("http://");
        let (own, example) = RECIPE.split_once("\n#server {").expect("the recipe ends with an example");
        let example: Vec<&str> = example.lines().map(|line| line.strip_prefix('#').unwrap_or(line)).collect();
        let mut recipe = format!("{own}\nserver {{{}\n", example.join("\n"));
        std::fs::write(folder.path().join("index.html"), "the old web").expect("the file is written");
        for (line, ours) in [
            ("server 127.0.0.1:8080;  # CHANGE", format!("server {upstream};  #")),
            ("listen 80;  # CHANGE", format!("listen {shop};  #")),
            ("listen 81;  # CHANGE", format!("listen {old_web};  #")),
            ("root /usr/share/nginx/sky-admin;  # CHANGE", format!("root {};  #", folder.path().display())),
        ] {
            assert_eq!(recipe.matches(line).count(), 1, "the recipe marks {line:?}");
            recipe = recipe.replace(line, &ours);
        }
        std::fs::write(folder.path().join("tablebell.conf"), recipe).expect("the file is written");
        let process = start(folder.path(), &shop);
        Nginx {
            _process: process,
            shop: format!("http://{shop}"),
            old_web: format!("http://{old_web}"),
            _folder: folder,
        }
    }
}

fn start(folder: &Path, address: &str) -> Process {
    std::fs::write(folder.join("nginx.conf"), MAIN.replace("{folder}", &folder.to_string_lossy()))
        .expect("the file is written");
    let mut command = tool("nginx", folder);
    command.args(["-e", "stderr", "-p"]).arg(folder).arg("-c").arg(folder.join("nginx.conf"));
    let log = folder.join("nginx.log");
    let mut process = Process::start(command, &log);
    wait_for("nginx's start", || {
        assert!(!process.has_ended(), "{}", std::fs::read_to_string(&log).unwrap_or_default());
        TcpStream::connect(address).ok()
    });
    process
}

/// On a loopback address that nobody connects from, so that the port stays free until nginx takes it.
fn free_address() -> String {
    let listener = TcpListener::bind("127.77.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").to_string()
}

/// The same clients, through the proxy.
fn through(phone: Phone, nginx: &Nginx) -> Phone {
    Phone { lan: nginx.shop.clone(), ..phone }
}

#[tokio::test]
async fn phones_and_counter_work_through_nginx() {
    let daemon = Daemon::demo(&[]);
    let nginx = Nginx::before(&daemon);
    let (ann, bob) = (through(daemon.phone(0).await, &nginx), through(daemon.phone(0).await, &nginx));
    let counter = Counter { lan: nginx.shop.clone(), ..daemon.counter().await };
    let (mut socket, mut pushed) = (ann.socket().await, counter.socket().await);
    socket.frame("connected").await;
    let opening = Instant::now();
    let mut stream = bob.events().await;
    assert_eq!(stream.next().await.expect("the stream goes on").name, "connected");
    assert_eq!(stream.event("cart_update").await.json()["items"], json!([]));
    println!("the first events are there {:?} after the request", opening.elapsed());
    assert!(opening.elapsed() < Duration::from_secs(2), "held back in a buffer: {:?}", opening.elapsed());

    socket.send(json!({ "type": "add_item", "data": { "cuisineId": 1001, "quantity": 2 } })).await;
    let added = socket.frame("add_item_success").await;
    assert_eq!(stream.event("cart_update").await.json(), added["data"]);
    assert_eq!(bob.cart().await, added["data"]);
    let order = bob.paid_order("bob-1").await;
    let frame = pushed.next().await.expect("the counter is told");
    assert_eq!((&frame["type"], &frame["orderId"]), (&json!(1), &order["orderId"]));
    assert_eq!(counter.alerts().await.len(), 1);
    counter.ok(Method::POST, &format!("/admin/alert/ack/{}", frame["alertId"]), Value::Null).await;
}

#[tokio::test]
async fn idle_streams_and_sockets_get_their_heartbeats_through_nginx() {
    let daemon = Daemon::demo(&[]);
    let nginx = Nginx::before(&daemon);
    let phone = through(daemon.phone(0).await, &nginx);
    let counter = Counter { lan: nginx.shop.clone(), ..daemon.counter().await };
    let backstage = format!("{}/admin/alert/stream?token={}", nginx.shop, counter.token);
    let (table, desk) = (phone.events().await, Events::open(&counter.http, backstage).await);
    let (cart, alerts) = (phone.socket().await, counter.socket().await);
    // The beat is every 30 s.
    let beats = async {
        tokio::join!(heartbeat(table), heartbeat(desk), ping(cart), ping(alerts));
    };
    tokio::time::timeout(Duration::from_secs(30) + PATIENCE, beats).await.expect("the beats come");
}

async fn heartbeat(mut events: Events) {
    while events.next_within(Duration::from_secs(40)).await.expect("the stream goes on").name != "heartbeat" {}
}

async fn ping(mut socket: Socket) {
    loop {
        match socket.stream.next().await.expect("the socket stays open").expect("a message") {
            Message::Ping(_) => return,
            Message::Text(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn pages_and_cookies_work_through_nginx_and_foreign_pages_do_not() {
    let daemon = Daemon::demo(&[]);
    let nginx = Nginx::before(&daemon);
    let http = reqwest::Client::new();
    let scanned = http.get(format!("{}/t/{}", nginx.shop, daemon.table_code(0))).send().await.unwrap();
    assert_eq!(scanned.status(), StatusCode::OK);
    let cookie = scanned.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let page = scanned.text().await.unwrap();
    let module = page.split('"').find(|text| text.starts_with("/assets/") && text.ends_with(".js"));
    let module = http.get(format!("{}{}", nginx.shop, module.expect("the page has a module"))).send().await.unwrap();
    assert_eq!(module.status(), StatusCode::OK);
    assert!(module.headers()["cache-control"].to_str().unwrap().contains("immutable"));

    let add = json!({ "tableId": 1, "cuisineId": 1001, "quantity": 1 });
    for (origin, status) in [(nginx.shop.as_str(), 200), ("http://evil.example", 403), (daemon.lan.as_str(), 403)] {
        let url = format!("{}/api/store/order/cart/add", nginx.shop);
        let request = http.post(url).header("cookie", &cookie).header("origin", origin).json(&add);
        assert_eq!(request.send().await.unwrap().status().as_u16(), status, "HTTP from {origin}");
        let opened = open(&nginx.shop, "/ws/cart/1", &[("cookie", &cookie), ("origin", origin)]).await;
        assert_eq!(opened, if status == 200 { 101 } else { status }, "a socket from {origin}");
    }
    for (path, name) in [("/ws/counter-1", "the counter"), ("/webSocket/1/1", "members"), ("/ws/cart/1", "phones")] {
        let direct = open(&daemon.lan, path, &[]).await;
        assert!(
            direct != 101 && direct == open(&nginx.shop, path, &[]).await,
            "the socket for {name} reaches the daemon"
        );
    }
    let callback = http.post(format!("{}/pay/notify/demo", nginx.shop)).send().await.unwrap();
    assert_eq!(callback.status(), StatusCode::NOT_FOUND, "callbacks have their own way in");
}

#[tokio::test]
async fn the_daemon_learns_through_nginx_who_asks_and_believes_nobody_elses_word_for_it() {
    let daemon = Daemon::demo(&[]);
    let nginx = Nginx::before(&daemon);
    let phone = reqwest::Client::builder().local_address("127.0.0.9".parse().ok()).build().unwrap();
    let wrong = json!({ "username": "admin", "password": "wrong" });
    let login = phone.post(format!("{}/admin/employee/login", nginx.shop)).header("x-forwarded-for", "203.0.113.9");
    login.json(&wrong).send().await.unwrap();
    wait_for("the warning", || daemon.log().contains("a login from 127.0.0.9 failed").then_some(()));
    assert!(!daemon.log().contains("203.0.113.9"));
}

/// The status that a WebSocket handshake is answered with.
async fn open(site: &str, path: &str, headers: &[(&'static str, &str)]) -> u16 {
    let url = format!("{}{path}", site.replacen("http", "ws", 1));
    let mut request = url.into_client_request().expect("a request");
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().expect("a header"));
    }
    match tokio_tungstenite::connect_async(request).await {
        Ok((_, response)) => response.status().as_u16(),
        Err(tungstenite::Error::Http(response)) => response.status().as_u16(),
        Err(error) => panic!("{site}{path}: {error}"),
    }
}

#[tokio::test]
async fn the_old_admin_web_finds_its_api_and_its_socket_behind_its_own_server() {
    let daemon = Daemon::demo(&[]);
    let nginx = Nginx::before(&daemon);
    let http = reqwest::Client::new();
    let page = http.get(format!("{}/order/list", nginx.old_web)).send().await.unwrap().text().await.unwrap();
    assert_eq!(page, "the old web", "every address of the old web is its one page");
    let login = json!({ "username": "admin", "password": "123456" });
    let login = http.post(format!("{}/api/employee/login", nginx.old_web)).json(&login).send().await.unwrap();
    let cookie = login.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let token = login.json::<Value>().await.unwrap()["data"]["token"].as_str().expect("a token").to_owned();
    daemon.phone(0).await.paid_order("ann-1").await;
    let statistics = http.get(format!("{}/api/order/statistics", nginx.old_web)).header("token", token);
    let statistics: Value = statistics.send().await.unwrap().json().await.unwrap();
    assert_eq!((&statistics["code"], &statistics["data"]["toBeConfirmed"]), (&json!(1), &json!(1)));
    let headers = [("cookie", cookie.as_str()), ("origin", nginx.old_web.as_str())];
    assert_eq!(open(&nginx.old_web, "/ws/abc123", &headers).await, 101);
}
