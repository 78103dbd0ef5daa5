//! The recipes of `packaging/nginx/` in a real nginx: everything that phones, counters and the old admin web do passes
//! through it.

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
/// For the admin web of sky-take-out.
const SKY: &str = include_str!("../../packaging/nginx/sky-admin.conf");

/// A stream's first beat, which would push out what a buffer holds back.
const FIRST_BEAT: Duration = Duration::from_secs(30);

/// Around the recipe only what keeps nginx in its folder and in one process.
const MAIN: &str = "daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr warn;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/tablebell.conf;
    include {folder}/sky-admin.conf;
}
";

struct Nginx {
    _process: Process,
    /// `http://…` of the two recipes' servers.
    shop: String,
    old_web: String,
    /// The old web's, as another PC reaches it; where this one has such an address.
    old_web_lan: Option<String>,
    _folder: tempfile::TempDir,
}

impl Nginx {
    /// Both recipes, side by side, with their CHANGE lines changed.
    fn before(daemon: &Daemon) -> Nginx {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let (shop, old_web) = (free_address(), free_address());
        let upstream = ("server 127.0.0.1:8080;  # CHANGE", format!("server {};  #", authority(daemon)));
        let root = folder.path().join("sky");
        std::fs::create_dir_all(root.join("js")).expect("the folder is made");
        std::fs::write(root.join("index.html"), "the old web").expect("the file is written");
        std::fs::write(root.join("js/app.d0aa4eb3.js"), BUILT).expect("the file is written");
        let write = |name: &str, recipe: &str, changes: &[(&str, String)]| {
            let mut recipe = recipe.to_owned();
            for (line, ours) in changes {
                assert_eq!(recipe.matches(line).count(), 1, "the recipe marks {line:?}");
                recipe = recipe.replace(line, ours);
            }
            std::fs::write(folder.path().join(name), recipe).expect("the file is written");
        };
        let listens = |address: &str| ("listen 80;  # CHANGE", format!("listen {address};  #"));
        let old_web_lan = lan_address().map(|own| {
            let listener = TcpListener::bind((own, 0)).expect("a free port");
            listener.local_addr().expect("an address").to_string()
        });
        let mut listening = listens(&old_web);
        listening.1 = old_web_lan.iter().fold(listening.1, |line, own| format!("listen {own}; {line}"));
        let files = ("root /usr/share/nginx/sky-admin;  # CHANGE", format!("root {};  #", root.display()));
        write("tablebell.conf", RECIPE, &[upstream.clone(), listens(&shop)]);
        write("sky-admin.conf", SKY, &[upstream, listening, files]);
        let process = start(folder.path(), &shop);
        Nginx {
            _process: process,
            shop: format!("http://{shop}"),
            old_web: format!("http://{old_web}"),
            old_web_lan: old_web_lan.map(|own| format!("http://{own}")),
            _folder: folder,
        }
    }
}

/// An address of this PC that is not loopback: a connection to it comes from it, too.
fn lan_address() -> Option<std::net::IpAddr> {
    let probe = std::net::UdpSocket::bind("0.0.0.0:0").ok()?;
    probe.connect("192.0.2.1:9").ok()?;
    probe.local_addr().ok().map(|address| address.ip()).filter(|address| !address.is_loopback())
}

fn authority(daemon: &Daemon) -> &str {
    daemon.lan.trim_start_matches("http://")
}

/// As the web's build has it, in one of its scripts.
const BUILT: &str = r#"var c="ws://localhost/ws/"+Math.random().toString(36).substr(2);new WebSocket(c)"#;

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
    assert!(opening.elapsed() < FIRST_BEAT, "held back in a buffer: {:?}", opening.elapsed());

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

/// The table-cart manual's front ends as they are deployed: their gateway's prefix, and no `/api`.
#[tokio::test]
async fn the_manual_s_three_clients_work_below_the_prefix_through_nginx() {
    let daemon = Daemon::demo(&[]);
    let nginx = Nginx::before(&daemon);
    let below = format!("{}/aliendining", nginx.shop);
    let phone = Phone { lan: below.clone(), ..daemon.phone(0).await };
    let opening = Instant::now();
    let stream = format!("{below}/store/order/sse/{}?token={}", phone.table, phone.token);
    let mut stream = Events::open(&phone.http, stream).await;
    assert_eq!(stream.next().await.expect("the stream goes on").name, "connected");
    stream.event("cart_update").await;
    assert!(opening.elapsed() < FIRST_BEAT, "held back in a buffer: {:?}", opening.elapsed());
    let mut socket = phone.socket().await;
    socket.frame("connected").await;
    let add = json!({ "tableId": phone.table, "cuisineId": 1001, "quantity": 2 });
    let added = phone.ok(Method::POST, "/store/order/cart/add", add).await;
    assert_eq!(stream.event("cart_update").await.json(), added);
    socket.send(json!({ "type": "remove_item", "data": { "cuisineId": 1001 } })).await;
    let removed = socket.frame("remove_item_success").await;
    assert_eq!(stream.event("cart_update").await.json(), removed["data"]);
    assert_eq!(phone.get(&format!("/store/order/cart/{}", phone.table)).await, removed["data"]);
    for path in ["/admin/shop/status", "/counter", "/healthz", "/pay/notify/demo"] {
        let answer = phone.http.get(format!("{below}{path}")).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
    // Both go on for longer than nginx's own minute.
    let beats = async { tokio::join!(heartbeat(stream), ping(socket)) };
    tokio::time::timeout(Duration::from_secs(30) + PATIENCE, beats).await.expect("the beats come");
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

/// The old web's browser on this PC, logged in: header for its calls, and the cookies that it keeps itself.
/// A picture of about so many bytes that no compression makes smaller.
fn noise(bytes: u32) -> Vec<u8> {
    let side = (bytes / 3).isqrt();
    let mut seed = 1_u32;
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    };
    let pixels: Vec<u8> = (0..side * side * 3).map(|_| next()).collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, side, side);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    file
}

#[tokio::test]
async fn pictures_as_large_as_each_page_sends_them_pass_through_nginx() {
    let daemon = Daemon::demo(&[]);
    let nginx = Nginx::before(&daemon);
    let counter = daemon.counter().await;
    for (upload, bytes) in [
        (format!("{}/admin/common/upload", nginx.shop), 7 << 20),
        (format!("{}/api/common/upload", nginx.old_web), 2 << 20),
    ] {
        let file = noise(bytes);
        assert!(file.len() as u32 > bytes / 10 * 9, "{}", file.len());
        let head = b"--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n";
        let body = [&head[..], &file, b"\r\n--b--\r\n"].concat();
        let request = counter.http.post(&upload).header("token", &counter.token);
        let answer = request.header("content-type", "multipart/form-data; boundary=b").body(body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{upload}");
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], 1, "{upload}");
    }
}

/// What the course's own nginx passes on, and how, reduced to what matters here.
const COURSE: &str = "server {
    listen {address};
    client_max_body_size 3m;
    location / { root {folder}/sky; try_files $uri =404; }
    location /api/ { proxy_pass http://{daemon}/admin/; }
    location /user/ { proxy_pass http://{daemon}/user/; }
    location /ws/ { proxy_pass http://{daemon}/ws/; }
}
";

#[tokio::test]
async fn a_dish_s_picture_is_seen_through_the_old_web_s_own_nginx_too() {
    let daemon = Daemon::demo(&[]);
    let recipes = Nginx::before(&daemon);
    let (folder, address) = (tempfile::tempdir().unwrap(), free_address());
    let conf = COURSE.replace("{address}", &address).replace("{daemon}", authority(&daemon));
    let conf = conf.replace("{folder}", &folder.path().to_string_lossy());
    std::fs::write(folder.path().join("sky-admin.conf"), conf).unwrap();
    std::fs::write(folder.path().join("tablebell.conf"), "").unwrap();
    let _course = start(folder.path(), &address);
    let course = format!("http://{address}");
    let counter = daemon.counter().await;
    let head = b"--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n";
    let body = [&head[..], &noise(1 << 16), b"\r\n--b--\r\n"].concat();
    let upload = counter.http.post(format!("{course}/api/common/upload")).header("token", &counter.token);
    let upload = upload.header("content-type", "multipart/form-data; boundary=b").body(body).send().await.unwrap();
    let uploaded = upload.json::<Value>().await.unwrap()["data"].clone();
    let save = counter.http.put(format!("{course}/api/dish")).header("token", &counter.token);
    let saved = save.json(&json!({ "id": 1001, "image": uploaded })).send().await.unwrap();
    assert_eq!(saved.json::<Value>().await.unwrap()["code"], 1);
    let page = counter.http.get(format!("{course}/api/dish/page?page=1&pageSize=100")).header("token", &counter.token);
    let page = page.send().await.unwrap().json::<Value>().await.unwrap();
    let rows = page["data"]["records"].as_array().expect("a page").clone();
    let image =
        rows.iter().find(|row| row["id"] == 1001).expect("the dish")["image"].as_str().expect("text").to_owned();
    for site in [&course, &recipes.old_web, &recipes.shop, &daemon.lan] {
        let picture = counter.http.get(format!("{site}{image}")).send().await.unwrap();
        assert_eq!(picture.status(), StatusCode::OK, "{site}");
        assert_eq!(picture.headers()["content-type"], "image/jpeg", "{site}");
    }
}

async fn log_in(http: &reqwest::Client, nginx: &Nginx) -> (String, String) {
    let login = http.post(format!("{}/api/employee/login", nginx.old_web));
    let login = login.json(&json!({ "username": "admin", "password": "123456" })).header("origin", &nginx.old_web);
    let data = login.send().await.unwrap().json::<Value>().await.unwrap()["data"].clone();
    let token = data["token"].as_str().expect("a token").to_owned();
    (token.clone(), format!("token={token}; username=admin; sidebar_status=0"))
}

#[tokio::test]
async fn the_old_admin_web_finds_its_api_and_its_socket_behind_its_own_server() {
    let daemon = Daemon::demo(&[]);
    let nginx = Nginx::before(&daemon);
    let http = reqwest::Client::new();
    let get =
        async |path: &str| http.get(format!("{}{path}", nginx.old_web)).send().await.unwrap().text().await.unwrap();
    assert_eq!(get("/").await, "the old web");
    assert_eq!(get("/order/list").await, "the old web", "every address of the old web is its one page");
    let site = nginx.old_web.trim_start_matches("http://");
    let script = get("/js/app.d0aa4eb3.js").await;
    assert_eq!(script, BUILT.replace("ws://localhost/ws/", &format!("ws://{site}/ws/")), "its socket comes here");

    let (token, cookie) = log_in(&http, &nginx).await;
    let headers = [("cookie", cookie.as_str()), ("origin", nginx.old_web.as_str())];
    let mut socket =
        Socket::handshake(&nginx.old_web, "/ws/abc123", &headers).await.expect("by the cookie of the login");
    let order = daemon.phone(0).await.paid_order("ann-1").await;
    let frame = socket.frame_of(1).await;
    assert_eq!((&frame["orderId"], frame["content"].is_string()), (&order["orderId"], true), "{frame}");
    let api = async |method: Method, path: &str, body: Option<Value>| {
        let mut request = http.request(method, format!("{}/api{path}", nginx.old_web)).header("token", &token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.header("origin", &nginx.old_web).send().await.unwrap().json::<Value>().await.unwrap()
    };
    let statistics = api(Method::GET, "/order/statistics", None).await;
    assert_eq!((&statistics["code"], &statistics["data"]["toBeConfirmed"]), (&json!(1), &json!(1)));
    assert_eq!(api(Method::PUT, "/order/confirm", Some(json!({ "id": order["orderId"] }))).await["code"], 1);
    let form = json!({ "name": "李娜", "phone": "13800138000", "sex": "0", "idNumber": "", "username": "lina" });
    assert_eq!(api(Method::POST, "/employee", Some(form)).await["code"], 1);
    assert_eq!(api(Method::GET, "/employee/page?page=1&pageSize=10&name=", None).await["data"]["total"], 2);
    let closed = http.put(format!("{}/api/shop/0", nginx.old_web)).header("token", &token).body("0");
    let closed = closed.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
    assert_eq!(closed.json::<Value>().await.unwrap()["code"], 1);
    assert_eq!(api(Method::GET, "/shop/status", None).await["data"], 0);

    for origin in ["http://evil.example", "null"] {
        let headers = [("cookie", cookie.as_str()), ("origin", origin)];
        assert_eq!(open(&nginx.old_web, "/ws/abc123", &headers).await, 403, "{origin}");
    }
    assert_eq!(open(&nginx.old_web, "/ws/abc123", &[]).await, 401, "without a login");
}

#[tokio::test]
async fn a_browser_on_the_trusted_pc_hears_orders_through_nginx_without_a_token_and_nobody_elses_does() {
    let trust = ("trust_loopback = false", "trust_loopback = true");
    let daemon = Daemon::configured(&[trust, ("mode = \"first\"", "mode = \"later\"")]);
    let nginx = Nginx::before(&daemon);
    let mut socket = Socket::handshake(&nginx.old_web, "/ws/k3j9x", &[("origin", "http://localhost")]).await.unwrap();
    let order = daemon.phone(0).await.order("ann-1").await;
    let frame = socket.frame_of(1).await;
    assert_eq!(frame["content"], format!("订单号: {}", order["orderNumber"].as_str().unwrap()));
    for (name, value) in [("origin", "http://evil.example"), ("x-forwarded-for", "192.168.1.5")] {
        assert_eq!(open(&nginx.old_web, "/ws/k3j9x", &[(name, value)]).await, 401, "{name}: {value}");
    }
    if let Some(lan) = &nginx.old_web_lan {
        assert_eq!(open(lan, "/ws/k3j9x", &[]).await, 401, "from {lan}, as another PC does");
    }
}
