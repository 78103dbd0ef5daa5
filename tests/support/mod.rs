//! A real daemon on free ports with its own directory, and clients that speak the wire. Tests wait on messages and
//! conditions with a deadline, never on a fixed sleep.

use futures_util::{SinkExt, StreamExt};
use reqwest::header::HeaderName;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};

/// Nothing a test waits for takes this long on the slowest machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Measures until it took less than `limit`, three times at most; answers the shortest. What a machine does beside a
/// test makes some measurements longer; what the daemon waits for is in each of them.
pub async fn shortest(limit: Duration, mut measure: impl AsyncFnMut() -> Duration) -> Duration {
    let mut shortest = Duration::MAX;
    for _ in 0..3 {
        if shortest >= limit {
            shortest = shortest.min(measure().await);
        }
    }
    shortest
}

pub struct Daemon {
    child: Child,
    pub lan: String,
    pub tunnel: String,
    pub data: PathBuf,
    pub tables: Vec<Value>,
    _home: Option<tempfile::TempDir>,
}

impl Daemon {
    /// A demo shop in a directory of its own.
    pub fn demo(arguments: &[&str]) -> Daemon {
        Daemon::demo_with(arguments, &[])
    }

    /// The same with environment variables, such as a private sound server.
    pub fn demo_with(arguments: &[&str], environment: &[(&str, &str)]) -> Daemon {
        let home = tempfile::tempdir().expect("a temporary directory");
        let data = home.path().join("data");
        let mut daemon = Daemon::on(&data, arguments, environment);
        daemon._home = Some(home);
        daemon
    }

    /// A demo on a directory that the caller keeps: after a kill, the same shop goes on.
    pub fn on(data: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Daemon {
        let mut command = Daemon::command();
        command.arg("demo").arg("--data").arg(data).args(["--lan", "127.0.0.1:0", "--tunnel", "127.0.0.1:0"]);
        command.args(arguments).envs(environment.iter().copied());
        Daemon::spawn(command, data)
    }

    /// A demo shop as `tablebell run` serves it, with other words in its configuration.
    pub fn configured(changes: &[(&str, &str)]) -> Daemon {
        let home = tempfile::tempdir().expect("a temporary directory");
        let data = home.path().join("data");
        let demo = Daemon::on(&data, &[], &[]);
        let tables = demo.tables.clone();
        demo.kill();
        let path = data.join("tablebell.toml");
        let mut text = std::fs::read_to_string(&path).expect("the demo leaves a configuration");
        for (from, to) in changes {
            assert_eq!(text.matches(from).count(), 1, "the configuration says {from:?}");
            text = text.replace(from, to);
        }
        std::fs::write(&path, text).expect("the configuration is written");
        let mut command = Daemon::command();
        command.args(["run", "--lan", "127.0.0.1:0", "--tunnel", "127.0.0.1:0", "--config"]).arg(&path);
        let mut daemon = Daemon::spawn(command, &data);
        daemon.tables = tables;
        daemon._home = Some(home);
        daemon
    }

    /// `tablebell`, away from the session's own sound server and message bus.
    pub fn command() -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tablebell"));
        command.env("TABLEBELL_LOG", "info").env_remove("PULSE_SERVER").env_remove("STATE_DIRECTORY");
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
        command
    }

    /// Starts `command` and waits for its `ready` line.
    pub fn spawn(mut command: Command, data: &Path) -> Daemon {
        std::fs::create_dir_all(data).expect("the data directory");
        let stderr = File::options().create(true).append(true).open(log_of(data)).expect("the log opens");
        let mut child = command.stdout(Stdio::piped()).stderr(stderr).spawn().expect("the daemon starts");
        let stdout = child.stdout.take().expect("stdout is piped");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("the daemon prints a line");
        let ready = line.strip_prefix("ready ");
        let ready = ready.unwrap_or_else(|| panic!("no ready line but {line:?}\n{}", log(data)));
        let ready: Value = serde_json::from_str(ready).expect("the ready line is JSON");
        let text = |name: &str| ready[name].as_str().unwrap_or_default().to_owned();
        Daemon {
            child,
            lan: text("lan"),
            tunnel: text("tunnel"),
            data: data.to_owned(),
            tables: ready["tables"].as_array().cloned().unwrap_or_default(),
            _home: None,
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A line of the kernel's `/proc/…/status` in KiB: `VmRSS`, what it has in memory now; `VmHWM`, the most so far.
    pub fn kilobytes(&self, name: &str) -> i64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("the daemon runs");
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).expect("the kernel tells")
    }

    /// SIGKILL: what is not on disk now is gone.
    pub fn kill(mut self) {
        self.child.kill().expect("the daemon can be killed");
        self.child.wait().expect("the daemon ends");
    }

    /// SIGTERM; answers how it ended and how long that took.
    pub fn stop(&mut self) -> (ExitStatus, Duration) {
        let begun = Instant::now();
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
        (self.child.wait().expect("the daemon ends"), begun.elapsed())
    }

    /// What the daemon has logged so far.
    pub fn log(&self) -> String {
        log(&self.data)
    }

    pub fn table_code(&self, index: usize) -> String {
        self.tables[index]["code"].as_str().expect("the ready line names codes").to_owned()
    }

    /// A phone that has scanned the table's code. Tables count from 0 here; `tableId` is one more.
    pub async fn phone(&self, index: usize) -> Phone {
        let mut phone = Phone { http: client(), lan: self.lan.clone(), token: String::new(), table: 0, user: 0 };
        let session = phone.ok(Method::POST, "/api/store/session", json!({ "code": self.table_code(index) })).await;
        phone.token = session["token"].as_str().expect("a token").to_owned();
        phone.table = session["tableId"].as_i64().expect("a tableId");
        phone.user = session["userId"].as_i64().expect("a userId");
        phone
    }

    pub async fn counter(&self) -> Counter {
        let mut counter = Counter { http: client(), lan: self.lan.clone(), token: String::new() };
        let login = json!({ "username": "admin", "password": "123456" });
        let data = counter.ok(Method::POST, "/admin/employee/login", login).await;
        counter.token = data["token"].as_str().expect("a token").to_owned();
        counter
    }

    /// The key that signs the demo provider's callbacks, from the database.
    pub fn demo_key(&self) -> String {
        self.stored("select value from setting where key = 'demo_key'")
    }

    /// The one value that a query of the database answers: what is on disk, whatever the daemon says.
    pub fn stored<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        let connection = rusqlite::Connection::open(self.data.join("tablebell.db")).expect("the database opens");
        connection.busy_timeout(PATIENCE).expect("the database can wait");
        connection.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Asks until `sql` answers `wanted`.
    pub async fn stored_when(&self, sql: &str, wanted: i64) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let now: i64 = self.stored(sql);
            if now == wanted {
                return;
            }
            assert!(Instant::now() < deadline, "{sql} stays {now}, not {wanted}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What `/healthz` says, with its status.
    pub async fn health(&self) -> Answer {
        answer(reqwest::Client::new().get(format!("{}/healthz", self.lan))).await
    }

    /// Whether `/healthz` says that everything acknowledged is saved.
    pub async fn saves(&self) -> bool {
        self.health().await.body["database"]["ok"] == true
    }
}

fn log_of(data: &Path) -> PathBuf {
    data.with_extension("log")
}

fn log(data: &Path) -> String {
    std::fs::read_to_string(log_of(data)).unwrap_or_default()
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Keeps a connection for less than the daemon does, which ends idle ones after 5 s: or a request could cross that end.
fn client() -> reqwest::Client {
    reqwest::Client::builder().pool_idle_timeout(Duration::from_secs(2)).build().expect("a client")
}

/// An answer: HTTP status and JSON body.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
}

impl Answer {
    pub fn error(&self) -> &str {
        self.body["error"].as_str().unwrap_or_default()
    }
}

pub async fn send(http: &reqwest::Client, method: Method, url: String, token: &str, body: &Value) -> Answer {
    let mut request = http.request(method, url).header("token", token);
    if !body.is_null() {
        request = request.json(body);
    }
    answer(request).await
}

pub async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("the daemon answers");
    let status = response.status();
    let text = response.text().await.expect("a whole body");
    Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
}

pub struct Phone {
    pub http: reqwest::Client,
    pub lan: String,
    pub token: String,
    pub table: i64,
    pub user: i64,
}

impl Phone {
    pub async fn send(&self, method: Method, path: &str, body: Value) -> Answer {
        send(&self.http, method, format!("{}{path}", self.lan), &self.token, &body).await
    }

    /// The `data` of an answer that must be a success.
    pub async fn ok(&self, method: Method, path: &str, body: Value) -> Value {
        let answer = self.send(method, path, body).await;
        assert_eq!((answer.status, &answer.body["code"]), (StatusCode::OK, &json!(200)), "{path}: {}", answer.body);
        answer.body["data"].clone()
    }

    pub async fn get(&self, path: &str) -> Value {
        self.ok(Method::GET, path, Value::Null).await
    }

    pub async fn add(&self, cuisine: i64, quantity: i64) -> Value {
        let body = json!({ "tableId": self.table, "cuisineId": cuisine, "quantity": quantity });
        self.ok(Method::POST, "/api/store/order/cart/add", body).await
    }

    pub async fn cart(&self) -> Value {
        self.get(&format!("/api/store/order/cart/{}", self.table)).await
    }

    pub async fn submit(&self, version: &Value, op_id: &str) -> Answer {
        let body = json!({ "tableId": self.table, "version": version, "opId": op_id });
        self.send(Method::POST, "/api/store/order/submit", body).await
    }

    /// Orders one dish and pays it; answers the order when the payment is booked.
    pub async fn paid_order(&self, op_id: &str) -> Value {
        let order = self.order(op_id).await;
        self.press_pay(&self.start_payment(&order).await, "once").await;
        self.order_when(&order, |order| order["payStatus"] == 1).await
    }

    /// Orders one dish.
    pub async fn order(&self, op_id: &str) -> Value {
        let cart = self.add(1001, 1).await;
        let answer = self.submit(&cart["version"], op_id).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.body["data"].clone()
    }

    /// Starts the demo payment of an order; answers its data.
    pub async fn start_payment(&self, order: &Value) -> Value {
        let path = format!("/api/store/order/{}/pay", order["orderId"]);
        self.ok(Method::POST, &path, json!({ "provider": "demo" })).await
    }

    /// Presses the pay page's button.
    pub async fn press_pay(&self, payment: &Value, deliver: &str) {
        let url = format!("{}?deliver={deliver}", payment["codeUrl"].as_str().expect("a codeUrl"));
        assert_eq!(self.http.post(url).send().await.expect("the pay page answers").status(), StatusCode::OK);
    }

    /// Polls the order until `wanted` holds.
    pub async fn order_when(&self, order: &Value, wanted: impl Fn(&Value) -> bool) -> Value {
        let path = format!("/api/store/order/{}", order["orderId"]);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let now = self.get(&path).await;
            if wanted(&now) {
                return now;
            }
            assert!(Instant::now() < deadline, "the order stays {now}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn socket(&self) -> Socket {
        Socket::open(&self.lan, &format!("/ws/cart/{}?token={}", self.table, self.token)).await
    }

    pub async fn events(&self) -> Events {
        Events::open(&self.http, format!("{}/api/store/order/sse/{}?token={}", self.lan, self.table, self.token)).await
    }
}

pub struct Counter {
    pub http: reqwest::Client,
    pub lan: String,
    pub token: String,
}

impl Counter {
    pub async fn send(&self, method: Method, path: &str, body: Value) -> Answer {
        send(&self.http, method, format!("{}{path}", self.lan), &self.token, &body).await
    }

    /// The `data` of an answer that must be a success of this family.
    pub async fn ok(&self, method: Method, path: &str, body: Value) -> Value {
        let answer = self.send(method, path, body).await;
        assert_eq!((answer.status, &answer.body["code"]), (StatusCode::OK, &json!(1)), "{path}: {}", answer.body);
        answer.body["data"].clone()
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, body).await
    }

    /// Ten times at once and once more, for what has to be done once: they all succeed, and answer the same.
    pub async fn eleven_times(&self, method: Method, path: &str, body: Value) -> Value {
        let ask = || self.send(method.clone(), path, body.clone());
        let mut answers = futures_util::future::join_all((0..10).map(|_| ask())).await;
        answers.push(ask().await);
        for answer in &answers {
            assert_eq!((&answer.body["code"], &answer.body["data"]), (&json!(1), &answers[0].body["data"]), "{path}");
        }
        answers.swap_remove(0).body["data"].clone()
    }

    pub async fn clear_table(&self, table: i64) {
        self.ok(Method::POST, &format!("/admin/table/clear/{table}"), Value::Null).await;
    }

    pub async fn set_sold_out(&self, cuisine: i64, sold_out: bool) {
        let status = i64::from(!sold_out);
        self.ok(Method::POST, &format!("/admin/dish/status/{status}?id={cuisine}"), Value::Null).await;
    }

    pub async fn events(&self) -> Events {
        Events::open(&self.http, format!("{}/admin/alert/stream?token={}", self.lan, self.token)).await
    }

    pub async fn alerts(&self) -> Vec<Value> {
        let list = self.ok(Method::GET, "/admin/alert/list", Value::Null).await;
        list.as_array().expect("a list").clone()
    }

    pub async fn socket(&self) -> Socket {
        Socket::open(&self.lan, &format!("/ws/counter-1?token={}", self.token)).await
    }
}

/// A socket, where the daemon may be gone already.
pub async fn try_open(lan: &str, path: &str) -> Option<Socket> {
    let url = format!("{}{path}", lan.replacen("http", "ws", 1));
    tokio_tungstenite::connect_async(url).await.ok().map(|(stream, _)| Socket { stream, escalations: 0 })
}

/// A WebSocket client.
pub struct Socket {
    pub stream: tokio_tungstenite::WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// How often it said that the PC is neither heard nor seen.
    pub escalations: usize,
}

/// A counter's frame when the PC is neither heard nor seen.
const ESCALATION: i64 = 3;

impl Socket {
    pub async fn open(lan: &str, path: &str) -> Socket {
        Socket::handshake(lan, path, &[]).await.expect("the socket opens")
    }

    /// The status of a refused handshake.
    pub async fn refused(lan: &str, path: &str) -> u16 {
        Socket::handshake(lan, path, &[]).await.err().expect("the handshake should be refused")
    }

    /// A handshake with further headers: the socket, or the status that refuses it.
    pub async fn handshake(lan: &str, path: &str, headers: &[(&str, &str)]) -> Result<Socket, u16> {
        let url = format!("{}{path}", lan.replacen("http", "ws", 1));
        let mut request = url.into_client_request().expect("a request");
        for (name, value) in headers {
            let name: HeaderName = name.parse().expect("a header's name");
            request.headers_mut().insert(name, value.parse().expect("a header's value"));
        }
        match tokio_tungstenite::connect_async(request).await {
            Ok((stream, _)) => Ok(Socket { stream, escalations: 0 }),
            Err(tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
            Err(other) => panic!("no answer to the handshake: {other}"),
        }
    }

    /// The same on a socket that may be over: whoever reads it learns that.
    pub async fn send_lossy(&mut self, frame: Value) {
        let _ = self.stream.send(Message::text(frame.to_string())).await;
    }

    pub async fn send(&mut self, frame: Value) {
        self.send_text(&frame.to_string()).await;
    }

    pub async fn send_text(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.expect("the socket is open");
    }

    /// The next text frame as JSON; pings are answered on the way. `None` when the socket is closed. That the PC is
    /// neither heard nor seen is only counted: most tests have no desktop.
    pub async fn next(&mut self) -> Option<Value> {
        let next = async {
            loop {
                match self.stream.next().await {
                    Some(Ok(Message::Text(text))) => {
                        let frame: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON: {text}"));
                        if frame["type"] != ESCALATION {
                            return Some(frame);
                        }
                        self.escalations += 1;
                    }
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                    Some(Ok(_)) => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, next).await.expect("a frame comes in time")
    }

    /// The next frame that is plain text, as a member's are; `None` when the socket is closed.
    pub async fn text(&mut self) -> Option<String> {
        let next = async {
            loop {
                match self.stream.next().await {
                    Some(Ok(Message::Text(text))) => return Some(text.to_string()),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                    Some(Ok(_)) => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, next).await.expect("a frame comes in time")
    }

    /// Skips frames until one is wanted.
    pub async fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let frame = self.next().await.expect("the socket stays open");
            if wanted(&frame) {
                return frame;
            }
        }
    }

    /// Skips frames until one of this `type`.
    pub async fn frame(&mut self, kind: &str) -> Value {
        self.until(|frame| frame["type"] == kind).await
    }

    /// Skips frames until one of this numeric `type`, as the counter's are.
    pub async fn frame_of(&mut self, kind: i64) -> Value {
        self.until(|frame| frame["type"] == kind).await
    }

    /// So many frames, however long they take, and what else comes until the socket has been silent for `quiet`.
    pub async fn at_least(&mut self, count: usize, quiet: Duration) -> Vec<Value> {
        let mut frames = Vec::new();
        for _ in 0..count {
            frames.push(self.next().await.expect("the socket stays open"));
        }
        frames.extend(self.all_within(quiet).await);
        frames
    }

    /// What comes until the socket has been silent for `quiet`: to show that something did not happen.
    pub async fn all_within(&mut self, quiet: Duration) -> Vec<Value> {
        let mut frames: Vec<Value> = Vec::new();
        while let Ok(Some(Ok(message))) = tokio::time::timeout(quiet, self.stream.next()).await {
            if let Message::Text(text) = message {
                frames.push(serde_json::from_str(&text).expect("every frame is JSON"));
            }
        }
        let all = frames.len();
        frames.retain(|frame| frame["type"] != ESCALATION);
        self.escalations += all - frames.len();
        frames
    }

    /// Sends a request; answers the frame that carries its `opId` back.
    pub async fn ask(&mut self, mut request: Value, op_id: &str) -> Value {
        request["opId"] = json!(op_id);
        self.send(request).await;
        self.until(|frame| frame["opId"] == op_id).await
    }

    /// The close code that ends the socket.
    pub async fn close_code(&mut self) -> u16 {
        let ended = async {
            loop {
                match self.stream.next().await {
                    Some(Ok(Message::Close(Some(frame)))) => return u16::from(frame.code),
                    Some(Ok(_)) => {}
                    other => panic!("ended without a close frame: {other:?}"),
                }
            }
        };
        tokio::time::timeout(PATIENCE, ended).await.expect("the socket closes in time")
    }
}

/// An SSE client: named events with their data.
pub struct Events {
    response: reqwest::Response,
    pub headers: reqwest::header::HeaderMap,
    buffer: String,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Named {
    pub name: String,
    pub data: String,
    pub id: Option<String>,
    pub retry: Option<String>,
}

impl Named {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.data).expect("the event's data is JSON")
    }
}

impl Events {
    pub async fn open(http: &reqwest::Client, url: String) -> Events {
        let response = http.get(url).send().await.expect("the stream opens");
        assert_eq!(response.status(), StatusCode::OK);
        Events { headers: response.headers().clone(), response, buffer: String::new() }
    }

    /// The next event; `None` when the stream has ended.
    pub async fn next(&mut self) -> Option<Named> {
        self.next_within(PATIENCE).await
    }

    /// The same with a patience of its own: heartbeats come every 30 s.
    pub async fn next_within(&mut self, patience: Duration) -> Option<Named> {
        loop {
            if let Some((block, rest)) = self.buffer.split_once("\n\n") {
                let mut event = Named::default();
                for line in block.lines() {
                    match line.split_once(": ") {
                        Some(("event", name)) => event.name = name.to_owned(),
                        Some(("data", data)) => event.data = data.to_owned(),
                        Some(("id", id)) => event.id = Some(id.to_owned()),
                        Some(("retry", retry)) => event.retry = Some(retry.to_owned()),
                        _ => {}
                    }
                }
                self.buffer = rest.to_owned();
                return Some(event);
            }
            let chunk = tokio::time::timeout(patience, self.response.chunk()).await.expect("an event comes in time");
            self.buffer.push_str(&String::from_utf8_lossy(&chunk.ok()??));
        }
    }

    /// Skips events until one of this name.
    pub async fn event(&mut self, name: &str) -> Named {
        loop {
            let event = self.next().await.expect("the stream goes on");
            if event.name == name {
                return event;
            }
        }
    }
}
