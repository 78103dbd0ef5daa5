//! Plays a script and writes down what is answered.

use super::answer::Answer;
use super::body;
use super::names::Names;
use super::script::{self, Ask, Heard, Script, Step};
use super::shop::Shop;
use crate::support::{Events, PATIENCE, Socket};
use futures_util::{SinkExt, StreamExt};
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};

/// Whoever is called so speaks to the tunnel listener.
const OUTSIDE: &str = "provider";

enum Channel {
    /// `sign`: what it answers at once.
    Socket {
        socket: Box<Socket>,
        sign: &'static str,
    },
    Events(Box<Events>),
}

struct Line {
    channel: Channel,
    /// What came before something that was waited for by name.
    kept: VecDeque<String>,
}

pub struct Player {
    shop: Shop,
    names: Names,
    http: reqwest::Client,
    lines: BTreeMap<String, Line>,
    written: Vec<String>,
}

/// What a frame of the counter begins with that says that the PC is neither heard nor seen.
const ALARM: &str = r#"{"type":3,"#;

impl Player {
    /// The script with what is answered to it.
    pub async fn play(script: &Script) -> String {
        let shop = Shop::open(&script.shop).await;
        let mut names = Names::new(shop.begun.clone(), script.days());
        for (number, code) in &shop.tables {
            names.know(code, &format!("code {number}"));
        }
        for (url, name) in [(&shop.daemon.lan, "lan"), (&shop.daemon.tunnel, "tunnel")] {
            names.know(url, name);
            names.know(url.trim_start_matches("http://"), &format!("{name} host"));
        }
        names.know(&shop.password, "password");
        names.know(&shop.daemon.data.to_string_lossy(), "data");
        // One connection a request: none crosses the daemon's end of an idle one.
        let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0);
        let http = http.redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let mut player = Player { shop, names, http, lines: BTreeMap::new(), written: Vec::new() };
        for line in &script.lines {
            match line {
                script::Line::Text(text) => player.written.push(text.clone()),
                script::Line::Step { step, lines } => {
                    player.written.extend(lines.iter().cloned());
                    player.take(step).await;
                }
            }
        }
        player.written.join("\n") + "\n"
    }

    fn write(&mut self, line: &str) {
        self.written.push(format!("< {line}"));
    }

    fn write_all(&mut self, lines: Vec<String>) {
        lines.iter().for_each(|line| self.write(line));
    }

    async fn take(&mut self, step: &Step) {
        match step {
            Step::Ask(ask) => self.ask(ask).await,
            Step::Open { who, path, headers } => self.open(who, path, headers).await,
            Step::Stream { who, path } => self.stream(who, path).await,
            Step::Send { who, text } => {
                let text = self.names.reveal(text);
                self.send(who, Message::text(text)).await;
            }
            Step::SendBytes { who, bytes } => self.send(who, Message::binary(vec![b'x'; *bytes])).await,
            Step::Hear { who, what } => self.hear(who, what).await,
            Step::Write { lines } => self.write_raw(lines).await,
        }
    }

    async fn ask(&mut self, ask: &Ask) {
        let deadline = Instant::now() + PATIENCE;
        let answer = loop {
            let answer = self.ask_once(ask).await;
            match &ask.until {
                Some(wanted) if !answer.body().contains(wanted.as_str()) => {
                    assert!(Instant::now() < deadline, "{} {} stays {}", ask.method, ask.path, answer.body());
                    tokio::time::sleep(Duration::from_millis(25)).await;
                }
                _ => break answer,
            }
        };
        let own = ["/session", "/employee/login", "/employee/editPassword"];
        let own = own.iter().any(|path| ask.path.ends_with(path)).then_some(&ask.who);
        let token = answer.json().and_then(|node| node.text(&["data", "token"]).map(str::to_owned));
        if let (Some(who), Some(token)) = (ask.gives.as_ref().or(own), token) {
            self.names.give_token(who, &token);
        }
        let lines = answer.lines(&mut self.names);
        self.write_all(lines);
    }

    async fn ask_once(&self, ask: &Ask) -> Answer {
        let method = ask.method.parse().expect("a method");
        let base = if ask.who == OUTSIDE { &self.shop.daemon.tunnel } else { &self.shop.daemon.lan };
        let mut request = self.http.request(method, format!("{base}{}", self.names.reveal(&ask.path)));
        let is_given = |name: &str| ask.headers.iter().any(|(given, _)| given == name);
        if let Some(token) = self.names.token_of(&ask.who).filter(|_| !is_given("token")) {
            request = request.header("token", token);
        }
        for (name, value) in &ask.headers {
            request = request.header(name, self.names.reveal(value));
        }
        if let Some(text) = &ask.body {
            let body = body::of(&self.names.reveal(text), &self.shop.daemon);
            for (name, value) in body.headers.iter().filter(|(name, _)| !is_given(name)) {
                request = request.header(*name, value);
            }
            request = request.body(body.bytes);
        }
        let response = request.send().await.unwrap_or_else(|error| panic!("{} {}: {error}", ask.method, ask.path));
        Answer::of(response).await
    }

    async fn open(&mut self, who: &str, path: &str, headers: &[(String, String)]) {
        let url = format!("{}{}", self.shop.daemon.lan.replacen("http", "ws", 1), self.names.reveal(path));
        let mut request = url.into_client_request().expect("a request");
        for (name, value) in headers {
            let name: reqwest::header::HeaderName = name.parse().expect("a header's name");
            request.headers_mut().insert(name, self.names.reveal(value).parse().expect("a header's value"));
        }
        match tokio_tungstenite::connect_async(request).await {
            Ok((stream, response)) => {
                self.write(&response.status().as_u16().to_string());
                let sign = match path {
                    _ if path.starts_with("/webSocket/") => "ping",
                    _ if path.contains("/cart/") => r#"{"type":"heartbeat"}"#,
                    _ => "tablebell?",
                };
                let socket = Box::new(Socket { stream, escalations: 0 });
                self.add_line(who, Channel::Socket { socket, sign });
            }
            Err(tungstenite::Error::Http(response)) => {
                let lines = Answer::of_handshake(*response).lines(&mut self.names);
                self.write_all(lines);
            }
            Err(other) => panic!("{path}: {other}"),
        }
    }

    async fn stream(&mut self, who: &str, path: &str) {
        let events = Events::open(&self.http, format!("{}{}", self.shop.daemon.lan, self.names.reveal(path))).await;
        let lines = Answer::head(200, &events.headers).lines(&mut self.names);
        self.write_all(lines);
        self.add_line(who, Channel::Events(Box::new(events)));
    }

    fn add_line(&mut self, who: &str, channel: Channel) {
        self.lines.insert(who.to_owned(), Line { channel, kept: VecDeque::new() });
    }

    fn line(&mut self, who: &str) -> &mut Line {
        self.lines.get_mut(who).unwrap_or_else(|| panic!("{who} has no line"))
    }

    async fn send(&mut self, who: &str, message: Message) {
        let Channel::Socket { socket, .. } = &mut self.line(who).channel else { panic!("{who} has no socket") };
        socket.stream.send(message).await.expect("the socket is open");
    }

    async fn hear(&mut self, who: &str, what: &Heard) {
        match what {
            Heard::Some(count) => {
                for _ in 0..*count {
                    let heard = self.next(who, false).await;
                    self.write_heard(heard);
                }
            }
            Heard::Named(names) => {
                for name in names {
                    let heard = self.named(who, name).await;
                    self.write_heard(heard);
                }
            }
            Heard::Alarm => {
                let heard = self.next(who, true).await;
                self.write_heard(heard);
            }
            Heard::All => {
                for heard in self.all(who).await {
                    self.write_heard(heard);
                }
            }
            Heard::Nothing => {
                let heard = self.all(who).await;
                assert!(heard.is_empty(), "{who} should hear nothing, but: {heard:?}");
            }
        }
    }

    /// What comes before the answer to a sign of life.
    async fn all(&mut self, who: &str) -> Vec<String> {
        let Channel::Socket { sign, .. } = self.line(who).channel else { panic!("{who} has no socket") };
        self.send(who, Message::text(sign)).await;
        let mut all = Vec::new();
        loop {
            let heard = self.next(who, false).await;
            let is_answer = [r#""pong""#, "\npong", r#"{"alive":true}"#].iter().any(|answer| heard.contains(answer));
            if is_answer {
                return all;
            }
            all.push(heard);
        }
    }

    /// The first of this name; what else came is kept for later.
    async fn named(&mut self, who: &str, name: &str) -> String {
        let is_wanted = |heard: &String| is_called(heard, name);
        if let Some(heard) = self.line(who).kept.iter().position(is_wanted) {
            return self.line(who).kept.remove(heard).expect("it is there");
        }
        loop {
            let heard = self.next_come(who, false).await;
            if is_wanted(&heard) {
                return heard;
            }
            self.line(who).kept.push_back(heard);
        }
    }

    fn write_heard(&mut self, heard: String) {
        let (head, text) = heard.split_once('\n').expect("a head");
        if !head.is_empty() {
            self.write(head);
        }
        let lines = body::lines(text, &mut self.names);
        self.write_all(lines);
    }

    /// The next frame or event: a head of its own, and its text. Frames and events that say that the PC is neither heard
    /// nor seen come when they like: those alone, or all others.
    async fn next(&mut self, who: &str, alarm: bool) -> String {
        match self.line(who).kept.pop_front() {
            Some(heard) => heard,
            None => self.next_come(who, alarm).await,
        }
    }

    async fn next_come(&mut self, who: &str, alarm: bool) -> String {
        loop {
            let heard = match &mut self.line(who).channel {
                Channel::Socket { socket, .. } => tokio::time::timeout(PATIENCE, next_frame(socket)).await,
                Channel::Events(events) => Ok(next_event(events).await),
            };
            let heard = heard.unwrap_or_else(|_| panic!("{who} hears nothing\n{}", self.written.join("\n")));
            let is_alarm = heard.starts_with(&format!("\n{ALARM}")) || heard.starts_with("escalation");
            if is_alarm == alarm && !heard.starts_with("heartbeat") {
                return heard;
            }
        }
    }

    /// Bytes as they are, on a connection of their own, until the daemon closes it.
    async fn write_raw(&mut self, lines: &[String]) {
        let address = self.shop.daemon.lan.trim_start_matches("http://").to_owned();
        let mut stream = TcpStream::connect(address).await.expect("the daemon listens");
        let text: String =
            lines.iter().map(|line| format!("{}\r\n", body::expanded(&self.names.reveal(line)))).collect();
        let _ = stream.write_all(text.as_bytes()).await;
        let mut bytes = Vec::new();
        let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the daemon closes");
        let lines = Answer::of_raw(&bytes).lines(&mut self.names);
        self.write_all(lines);
    }
}

/// An event's name, or the `type` of a frame.
fn is_called(heard: &str, name: &str) -> bool {
    let (head, text) = heard.split_once('\n').expect("a head");
    let event = head.split([',', ' ']).next().unwrap_or_default();
    event == name || text.starts_with(&format!("{{\"type\":\"{name}\","))
}

async fn next_frame(socket: &mut Socket) -> String {
    loop {
        match socket.stream.next().await {
            Some(Ok(Message::Text(text))) => return format!("\n{text}"),
            Some(Ok(Message::Close(Some(frame)))) => return format!("closed {}\n", u16::from(frame.code)),
            Some(Ok(Message::Close(None)) | Err(_)) | None => return "closed\n".to_owned(),
            Some(Ok(_)) => {}
        }
    }
}

async fn next_event(events: &mut Events) -> String {
    match events.next().await {
        None => "the end\n".to_owned(),
        Some(event) => {
            let told =
                |name: &str, value: Option<String>| value.map(|value| format!(", {name}: {value}")).unwrap_or_default();
            let (id, retry) = (told("id", event.id), told("retry", event.retry));
            format!("{}{id}{retry}\n{}", event.name, event.data)
        }
    }
}
