//! The reference servers: what a table's cart costs with nothing but the sockets (`limit`), and with every operation
//! committed by SQLite in groups before it is published and acknowledged (`limit-db`). No rules, no accounts.
//!
//! Each operation is serialised once; the same bytes are written straight to each socket of the table. A phone that
//! does not take a whole frame at once is cut off.

use crate::reference_cart::{Cart, Frame, Item, http_answer, sse_chunk, ws_frame, ws_message};
use crate::wire::find;
use std::future::poll_fn;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::task::ready;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

type Socket = Arc<OwnedWriteHalf>;

/// One table: its cart, the cart's JSON, and who listens.
struct Table {
    cart: Cart,
    json: Vec<u8>,
    phones: Vec<Socket>,
    streams: Vec<Socket>,
}

struct Shop {
    tables: Vec<Mutex<Table>>,
    counters: Mutex<Vec<Socket>>,
    committer: Option<mpsc::Sender<Job>>,
}

struct Job {
    table: usize,
    add: bool,
    item: Item,
    sender: Socket,
    by_http: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write_all(sockets: &mut Vec<Socket>, bytes: &[u8]) {
    sockets.retain(|socket| matches!(socket.try_write(bytes), Ok(written) if written == bytes.len()));
}

fn write(socket: &Socket, bytes: &[u8]) {
    let _ = socket.try_write(bytes);
}

impl Shop {
    /// Applies, publishes and acknowledges.
    fn perform(&self, job: Job) {
        let mut table = lock(&self.tables[job.table - 1]);
        let table = &mut *table;
        table.cart.apply(job.add, job.item);
        table.json = table.cart.to_json();
        if !table.phones.is_empty() {
            write_all(&mut table.phones, &ws_message("cart_update", &table.json));
        }
        if !table.streams.is_empty() {
            write_all(&mut table.streams, &sse_chunk(table.cart.version, &table.json));
        }
        let kind = if job.add { "add_item_success" } else { "update_quantity_success" };
        match job.by_http {
            true => write(&job.sender, &http_answer(&table.json)),
            false => write(&job.sender, &ws_message(kind, &table.json)),
        }
    }

    fn take(&self, job: Job) {
        match &self.committer {
            Some(committer) => committer.send(job).expect("the committer lives"),
            None => self.perform(job),
        }
    }
}

/// Takes what is waiting, commits it once, and only then performs it.
fn commit_forever(shop: &Shop, path: &PathBuf, jobs: &mpsc::Receiver<Job>) -> rusqlite::Result<()> {
    let db = rusqlite::Connection::open(path)?;
    db.execute_batch(
        "pragma journal_mode = wal; pragma synchronous = full;
         create table if not exists line (table_id integer, cuisine_id integer, quantity integer,
                            primary key (table_id, cuisine_id)) without rowid;",
    )?;
    let insert = "insert into line values (?1, ?2, ?3) on conflict do update set quantity = ";
    let mut add = db.prepare(&format!("{insert} quantity + ?3"))?;
    let mut set = db.prepare(&format!("{insert} ?3"))?;
    let (mut begin, mut commit) = (db.prepare("begin immediate")?, db.prepare("commit")?);
    while let Ok(first) = jobs.recv() {
        let mut group = vec![first];
        group.extend(jobs.try_iter().take(255));
        begin.execute([])?;
        for job in &group {
            let statement = if job.add { &mut add } else { &mut set };
            statement.execute((job.table as i64, job.item.cuisine_id, job.item.quantity))?;
        }
        commit.execute([])?;
        group.into_iter().for_each(|job| shop.perform(job));
    }
    Ok(())
}

/// Reads what is there; the buffer is on the stack, so that an idle socket holds none.
async fn fill(reader: &mut OwnedReadHalf, unread: &mut Vec<u8>) -> io::Result<()> {
    let count = poll_fn(|context| {
        let mut chunk = [0; 4096];
        let mut buffer = ReadBuf::new(&mut chunk);
        ready!(Pin::new(&mut *reader).poll_read(context, &mut buffer))?;
        unread.extend_from_slice(buffer.filled());
        std::task::Poll::Ready(io::Result::Ok(buffer.filled().len()))
    });
    if count.await? == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

/// The client's next frame, unmasked, and how many bytes it took.
fn client_frame(unread: &mut [u8]) -> Option<(u8, std::ops::Range<usize>)> {
    let (opcode, short) = (unread.first()? & 15, usize::from(unread.get(1)? & 127));
    let (length, at) = match short {
        126 => (usize::from(u16::from_be_bytes([*unread.get(2)?, *unread.get(3)?])), 4),
        short => (short, 2),
    };
    let body = at + 4..at + 4 + length;
    if unread.len() < body.end {
        return None;
    }
    let mask: [u8; 4] = unread[at..at + 4].try_into().ok()?;
    unread[body.clone()].iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
    Some((opcode, body))
}

async fn converse(shop: &Shop, reader: &mut OwnedReadHalf, socket: &Socket, table: usize) -> io::Result<()> {
    let mut unread = Vec::new();
    loop {
        while let Some((opcode, body)) = client_frame(&mut unread) {
            if opcode == 8 {
                return Ok(());
            }
            let frame: Frame<'_> = serde_json::from_slice(&unread[body.clone()])?;
            let add = frame.kind == "add_item";
            shop.take(Job { table, add, item: frame.data, sender: socket.clone(), by_http: false });
            unread.drain(..body.end);
        }
        if unread.is_empty() {
            unread = Vec::new();
        }
        fill(reader, &mut unread).await?;
    }
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let matching = |line: &&str| line.split(':').next().is_some_and(|key| key.eq_ignore_ascii_case(name));
    head.lines().find(matching)?.split_once(':').map(|(_, value)| value.trim())
}

/// Answers requests until one turns the connection into a socket or a stream; answers that one's head.
async fn answer(shop: &Shop, reader: &mut OwnedReadHalf, socket: &Socket) -> io::Result<String> {
    let mut unread = Vec::new();
    loop {
        let Some(end) = find(&unread, b"\r\n\r\n").map(|at| at + 4) else {
            fill(reader, &mut unread).await?;
            continue;
        };
        let head = std::str::from_utf8(&unread[..end]).map_err(io::Error::other)?;
        let length = header(head, "content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
        if unread.len() < end + length {
            fill(reader, &mut unread).await?;
            continue;
        }
        let path = head.split(' ').nth(1).unwrap_or_default();
        if path.starts_with("/ws/") || path.starts_with("/api/store/order/sse/") {
            return Ok(head.to_owned());
        }
        if let Some(table) = path.strip_prefix("/api/store/order/cart/").and_then(|id| id.parse::<usize>().ok()) {
            write(socket, &http_answer(&lock(&shop.tables[table - 1]).json));
        } else if path.starts_with("/api/store/order/cart/") {
            let item: Item = serde_json::from_slice(&unread[end..end + length])?;
            let (table, add) = (item.table_id.ok_or(io::ErrorKind::InvalidData)?, path.ends_with("/add"));
            shop.take(Job { table, add, item, sender: socket.clone(), by_http: true });
        } else {
            if path == "/alert" {
                write_all(&mut lock(&shop.counters), &ws_frame(&[br#"{"type":1,"orderId":17}"#]));
            }
            write(socket, &http_answer(b"null"));
        }
        unread.drain(..end + length);
    }
}

async fn serve(shop: Arc<Shop>, mut reader: OwnedReadHalf, socket: Socket) -> io::Result<()> {
    let head = answer(&shop, &mut reader, &socket).await?;
    let path = head.split(' ').nth(1).unwrap_or_default();
    let id = path.rsplit('/').next().and_then(|text| text.split('?').next()?.parse::<usize>().ok());
    if let Some(key) = header(&head, "sec-websocket-key") {
        let accept = derive_accept_key(key.as_bytes());
        write(&socket, format!("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: {accept}\r\n\r\n").as_bytes());
        let Some(id) = id else {
            lock(&shop.counters).push(socket.clone());
            return fill(&mut reader, &mut Vec::new()).await;
        };
        {
            let mut table = lock(&shop.tables[id - 1]);
            write(&socket, &ws_message("connected", b"null"));
            write(&socket, &ws_message("cart_update", &table.json));
            table.phones.push(socket.clone());
        }
        drop(head);
        let ended = converse(&shop, &mut reader, &socket, id).await;
        lock(&shop.tables[id - 1]).phones.retain(|other| !Arc::ptr_eq(other, &socket));
        return ended;
    }
    let id = id.ok_or(io::ErrorKind::InvalidInput)?;
    write(&socket, b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
    {
        let mut table = lock(&shop.tables[id - 1]);
        write(&socket, &sse_chunk(table.cart.version, &table.json));
        table.streams.push(socket.clone());
    }
    drop(head);
    let ended = fill(&mut reader, &mut Vec::new()).await;
    lock(&shop.tables[id - 1]).streams.retain(|other| !Arc::ptr_eq(other, &socket));
    ended
}

fn table(id: usize) -> Mutex<Table> {
    let cart = Cart::empty(id);
    Mutex::new(Table { json: cart.to_json(), cart, phones: Vec::new(), streams: Vec::new() })
}

/// Serves until killed; `db` makes it `limit-db`.
pub fn run(tables: usize, db: Option<PathBuf>) -> io::Result<()> {
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let (committer, jobs) = mpsc::channel();
    let shop = Arc::new(Shop {
        tables: (1..=tables).map(table).collect(),
        counters: Mutex::default(),
        committer: db.is_some().then_some(committer),
    });
    if let Some(path) = db {
        let shop = shop.clone();
        std::thread::spawn(move || commit_forever(&shop, &path, &jobs).expect("SQLite works"));
    }
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!(r#"ready {{"lan":"http://{}"}}"#, listener.local_addr()?);
        loop {
            let (socket, _) = listener.accept().await?;
            socket.set_nodelay(true)?;
            let (reader, writer) = socket.into_split();
            tokio::spawn(serve(shop.clone(), reader, Arc::new(writer)));
        }
    })
}
