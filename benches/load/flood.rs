//! What those who have come to eat feel while somebody floods the daemon: ten thousand connections that want nothing, from
//! twenty devices, each opened anew when it is dropped. The attacker is a process of its own, on the same cores.

use crate::load::{self, Load, Pace, Via};
use crate::report::{Results, median, percentile};
use crate::server::{EVENING, Kind, PHONES, Server, TABLES};
use crate::wire::{PATIENCE, http_request, ws_handshake, ws_request};
use serde_json::json;
use std::io::{BufRead, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// Hidden first argument: be the attacker.
pub const ATTACKER: &str = "--flood-from";

const CONNECTIONS: usize = 10_000;
/// New connections a second, of all devices; the daemon lets a device have 200.
const OPENED_A_SECOND: usize = 1_000;
const DEVICES: usize = 20;
/// Clients that send frames without a sense, a megabyte a second each.
const GARBLERS: usize = 500;
const OPS_A_SECOND: u32 = 500;
const NEWCOMER_EVERY: Duration = Duration::from_millis(100);
/// Between the few bytes that a slow connection says.
const PAUSE: Duration = Duration::from_secs(1);
/// Of each flood, and of the quiet before it.
const TIME: Duration = Duration::from_secs(8);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Flood {
    HalfOpen,
    SlowHeader,
    SlowBody,
    UnreadAnswer,
    UnreadSocket,
    Garbage,
}

const FLOODS: [(Flood, &str); 6] = [
    (Flood::HalfOpen, "half open"),
    (Flood::SlowHeader, "slow header"),
    (Flood::SlowBody, "slow body"),
    (Flood::UnreadAnswer, "unread answer"),
    (Flood::UnreadSocket, "unread socket"),
    (Flood::Garbage, "garbage frames"),
];

impl Flood {
    fn connections(self) -> usize {
        if self == Flood::Garbage { GARBLERS } else { CONNECTIONS }
    }

    /// What a connection says at once, and then every second.
    fn says(self, token: &str) -> (String, Vec<u8>) {
        match self {
            Flood::HalfOpen => (String::new(), Vec::new()),
            Flood::SlowHeader => ("GET /healthz HTTP/1.1\r\nhost: x\r\n".into(), b"x: y\r\n".into()),
            Flood::SlowBody => {
                ("POST /api/store/session HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n".into(), b"{".into())
            }
            Flood::UnreadAnswer => {
                let request = "GET /counter HTTP/1.1\r\nhost: x\r\n\r\n";
                (request.repeat(20), request.into())
            }
            Flood::UnreadSocket | Flood::Garbage => {
                let (table, token) = token.split_once(':').expect("table and token");
                (ws_handshake(&format!("/ws/cart/{table}"), token), ws_request(r#"{"type":"heartbeat"}"#))
            }
        }
    }
}

pub fn measure(results: &mut Results, rounds: usize) {
    let mut server = Server::limited(TABLES);
    server.seat();
    server.fill_carts();
    let mut quiet = Vec::new();
    let mut flooded = FLOODS.map(|_| Vec::new());
    for round in 0..rounds {
        eprintln!("round {} of {rounds} of floods", round + 1);
        for ((flood, name), flooded) in FLOODS.into_iter().zip(&mut flooded) {
            quiet.push(evening(results, &mut server, "quiet before a flood"));
            let attacker = Attacker::start(flood, &server);
            let watch = Watch::start(&server);
            flooded.push(evening(results, &mut server, name));
            watch.end(results, name);
            eprintln!("{name}: {}", attacker.end());
        }
    }
    let usual = median(&quiet).expect("a round");
    results.add(Kind::Ours, "no flood: op → last phone p99 ms", usual);
    for ((_, name), flooded) in FLOODS.into_iter().zip(flooded) {
        let p99 = median(&flooded).expect("a round");
        results.add(Kind::Ours, &format!("flood, {name}: op → last phone p99 ms"), p99);
        results.add(Kind::Ours, &format!("flood, {name}: times of that without"), p99 / usual);
    }
    results.blame(Kind::Ours, "carts after all floods", server.wrong_carts());
}

/// A usual evening; answers how long a change takes to the last phone of its table, the slowest of a hundred, in
/// milliseconds.
fn evening(results: &mut Results, server: &mut Server, name: &str) -> f64 {
    let pace = Pace::Rate(OPS_A_SECOND);
    let mut outcome = load::run(server, Load { via: Via::Ws, tables: EVENING, pace, time: TIME });
    results.blame(Kind::Ours, name, outcome.faults);
    percentile(&mut outcome.to_last_phone, 99)
}

/// Scans from new devices, and the daemon's memory, while a flood lasts.
struct Watch {
    over: Arc<AtomicBool>,
    seen: std::thread::JoinHandle<(Duration, usize, f64)>,
}

impl Watch {
    fn start(server: &Server) -> Watch {
        let over = Arc::new(AtomicBool::new(false));
        let (address, code, memory) = (server.address.clone(), server.code(0), server.memory());
        let ends = over.clone();
        let seen = std::thread::spawn(move || {
            let (mut slowest, mut failed, mut most) = (Duration::ZERO, 0, 0.0f64);
            while !ends.load(Ordering::Relaxed) {
                let begun = Instant::now();
                match scan(&address, &code) {
                    Ok(()) => slowest = slowest.max(begun.elapsed()),
                    Err(error) => {
                        eprintln!("a newcomer: {error}");
                        failed += 1;
                    }
                }
                most = most.max(memory());
                std::thread::sleep(NEWCOMER_EVERY.saturating_sub(begun.elapsed()));
            }
            (slowest, failed, most)
        });
        Watch { over, seen }
    }

    fn end(self, results: &mut Results, name: &str) {
        self.over.store(true, Ordering::Relaxed);
        let (slowest, turned_away, most_kib) = self.seen.join().expect("the watch goes on");
        let mut add = |what: &str, value: f64| results.add(Kind::Ours, &format!("flood, {name}: {what}"), value);
        add("slowest newcomer ms", slowest.as_secs_f64() * 1000.0);
        add("most memory MiB", most_kib / 1024.0);
        results.blame(Kind::Ours, &format!("{name}: newcomers turned away"), turned_away);
    }
}

/// A table's code from a phone that was never here.
fn scan(address: &str, code: &str) -> std::io::Result<()> {
    let request = http_request("POST", "/api/store/session", "", &json!({ "code": code }));
    let mut socket = std::net::TcpStream::connect(address)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    std::io::Write::write_all(&mut socket, &request)?;
    let mut head = [0; 12];
    socket.read_exact(&mut head)?;
    match &head {
        b"HTTP/1.1 200" => Ok(()),
        other => Err(std::io::Error::other(String::from_utf8_lossy(other).into_owned())),
    }
}

struct Attacker(Child);

impl Attacker {
    fn start(flood: Flood, server: &Server) -> Attacker {
        let mut command = Command::new(std::env::current_exe().expect("the bench's own path"));
        let index = FLOODS.iter().position(|(known, _)| *known == flood).unwrap_or_default();
        command.args([ATTACKER, &index.to_string(), &server.address]);
        let tables = || (EVENING..TABLES).flat_map(|table| [table; PHONES]);
        command.args(tables().zip(server.scan(tables())).map(|(table, token)| format!("{}:{token}", table + 1)));
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the attacker starts");
        Attacker(child)
    }

    /// Stops, and says how many connections it had.
    fn end(mut self) -> String {
        drop(self.0.stdin.take());
        let mut said = String::new();
        let stdout = self.0.stdout.take().expect("stdout is piped");
        std::io::BufReader::new(stdout).read_line(&mut said).expect("the attacker's last words");
        self.0.wait().expect("the attacker ends");
        said.trim().to_owned()
    }
}

/// The attacker's process: until its stdin ends.
pub fn attack(arguments: &[String]) {
    let (flood, _) = FLOODS[arguments[0].parse::<usize>().expect("a kind")];
    let target: SocketAddr = arguments[1].parse().expect("an address");
    let tokens = Arc::new(arguments[2..].to_vec());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let over = std::thread::spawn(|| std::io::stdin().read_to_end(&mut Vec::new()));
    let open = Arc::new(AtomicUsize::new(0));
    let (mut opened, mut most) = (0, 0);
    runtime.block_on(async {
        let step = Duration::from_millis(5);
        let mut ticks = tokio::time::interval(step);
        while !over.is_finished() {
            ticks.tick().await;
            for _ in 0..OPENED_A_SECOND / 200 {
                if open.load(Ordering::Relaxed) >= flood.connections() {
                    break;
                }
                open.fetch_add(1, Ordering::Relaxed);
                let (open, tokens, number) = (open.clone(), tokens.clone(), opened);
                opened += 1;
                tokio::spawn(async move {
                    let _ = connection(flood, target, &tokens[number % tokens.len()], number).await;
                    open.fetch_sub(1, Ordering::Relaxed);
                });
            }
            most = most.max(open.load(Ordering::Relaxed));
        }
    });
    println!("{opened} connections opened, up to {most} at a time, {} at the end", open.load(Ordering::Relaxed));
}

async fn connection(flood: Flood, target: SocketAddr, token: &str, number: usize) -> std::io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 1, 0, (number % DEVICES) as u8 + 1], 0).into())?;
    if flood == Flood::UnreadAnswer {
        socket.set_recv_buffer_size(4096)?;
    }
    let mut stream = socket.connect(target).await?;
    let (first, then) = flood.says(token);
    stream.write_all(first.as_bytes()).await?;
    match flood {
        Flood::Garbage => return talk_nonsense(stream).await,
        Flood::UnreadAnswer | Flood::UnreadSocket => loop {
            tokio::time::sleep(PAUSE).await;
            stream.write_all(&then).await?;
        },
        Flood::HalfOpen | Flood::SlowHeader | Flood::SlowBody => {}
    }
    let mut answer = [0; 512];
    loop {
        match tokio::time::timeout(PAUSE, stream.read(&mut answer)).await {
            Ok(Ok(0)) => return Ok(()),
            Ok(read) => drop(read?),
            Err(_) => stream.write_all(&then).await?,
        }
    }
}

async fn talk_nonsense(mut stream: TcpStream) -> std::io::Result<()> {
    let frames = ws_request(r#"{"type":"nonsense","data":{"rubbish":"rubbish rubbish rubbish"}}"#).repeat(140);
    let (mut from, mut to) = stream.split();
    let read = async { tokio::io::copy(&mut from, &mut tokio::io::sink()).await };
    let write = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(10));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            ticks.tick().await;
            to.write_all(&frames).await?;
        }
    };
    tokio::select! {
        ended = read => ended.map(drop),
        ended = write => ended,
    }
}
