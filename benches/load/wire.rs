//! The client's side of the wire, as light as it goes: it shares the two cores with the server under test. Frames are
//! told apart by their headers, and of a cart only the totals at its end are read.

use serde_json::{Value, json};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::ops::Range;
use std::time::Duration;

/// A server that does not answer for so long has lost something.
pub const PATIENCE: Duration = Duration::from_secs(10);

pub fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Ws,
    Sse,
    Http,
}

/// One connection of a phone.
pub struct Connection {
    pub socket: TcpStream,
    protocol: Protocol,
    /// Received, but not a whole message yet.
    rest: Vec<u8>,
}

impl Connection {
    fn connect(address: &str, protocol: Protocol) -> Connection {
        let socket = TcpStream::connect(address).expect("the server accepts");
        socket.set_nodelay(true).expect("TCP_NODELAY");
        socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        Connection { socket, protocol, rest: Vec::new() }
    }

    pub fn http(address: &str) -> Connection {
        Connection::connect(address, Protocol::Http)
    }

    pub fn ws(address: &str, path: &str, token: &str) -> Connection {
        Connection::opened(address, Protocol::Ws, &ws_handshake(path, token))
    }

    pub fn sse(address: &str, path: &str, token: &str) -> Connection {
        let head = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\ntoken: {token}\r\n\r\n");
        Connection::opened(address, Protocol::Sse, &head)
    }

    fn opened(address: &str, protocol: Protocol, head: &str) -> Connection {
        let mut connection = Connection::connect(address, protocol);
        connection.send(head.as_bytes());
        let end = loop {
            match find(&connection.rest, b"\r\n\r\n") {
                Some(at) => break at + 4,
                None => connection.wait(),
            }
        };
        let answer = String::from_utf8_lossy(&connection.rest[..end]).into_owned();
        assert!(answer.starts_with("HTTP/1.1 101") || answer.starts_with("HTTP/1.1 200"), "{answer}");
        connection.rest.drain(..end);
        connection
    }

    /// Blocks for more bytes.
    fn wait(&mut self) {
        let mut chunk = [0; 8192];
        let count = self.socket.read(&mut chunk).expect("the server answers in time");
        assert!(count > 0, "the server has closed the connection");
        self.rest.extend_from_slice(&chunk[..count]);
    }

    /// Blocks for the next message.
    pub fn next(&mut self) -> Vec<u8> {
        loop {
            if let Some((body, taken)) = message(self.protocol, &self.rest) {
                let body = self.rest[body].to_vec();
                self.rest.drain(..taken);
                return body;
            }
            self.wait();
        }
    }

    /// Blocks for the next cart; answers its totals.
    pub fn next_cart(&mut self) -> Totals {
        loop {
            if let Some(totals) = totals(&self.next()) {
                return totals;
            }
        }
    }

    /// One request and its answer's body.
    pub fn call(&mut self, method: &str, path: &str, token: &str, body: &Value) -> Value {
        self.send(&http_request(method, path, token, body));
        let answer = self.next();
        serde_json::from_slice(&answer).unwrap_or(Value::Null)
    }

    pub fn send(&mut self, bytes: &[u8]) {
        (&self.socket).write_all(bytes).expect("a small write fits the socket");
    }

    /// Reads once without blocking, and hands over each whole message; answers how many bytes came.
    pub fn read(&mut self, buffer: &mut [u8], mut each: impl FnMut(&[u8])) -> usize {
        let count = match (&self.socket).read(buffer) {
            Ok(0) => panic!("the server has closed a connection"),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return 0,
            Err(error) => panic!("reading: {error}"),
        };
        let joined;
        let mut bytes = &buffer[..count];
        if !self.rest.is_empty() {
            self.rest.extend_from_slice(bytes);
            joined = std::mem::take(&mut self.rest);
            bytes = &joined;
        }
        while let Some((body, taken)) = message(self.protocol, bytes) {
            each(&bytes[body]);
            bytes = &bytes[taken..];
        }
        if !bytes.is_empty() {
            self.rest = bytes.to_vec();
        }
        count
    }
}

/// Where the first whole message's payload lies, and how many bytes the message takes.
fn message(protocol: Protocol, bytes: &[u8]) -> Option<(Range<usize>, usize)> {
    let (body, taken) = match protocol {
        Protocol::Ws => {
            let (start, length) = match *bytes.get(1)? {
                126 => (4, usize::from(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]))),
                127 => panic!("no frame is over 64 KiB"),
                short => (2, usize::from(short)),
            };
            (start..start + length, start + length)
        }
        Protocol::Sse => {
            let end = find(bytes, b"\r\n")?;
            let length = std::str::from_utf8(&bytes[..end]).ok().and_then(|hex| usize::from_str_radix(hex, 16).ok());
            let length = length.expect("a chunk's length");
            assert!(length > 0, "the stream has ended");
            (end + 2..end + 2 + length, end + 2 + length + 2)
        }
        Protocol::Http => {
            let start = find(bytes, b"\r\n\r\n")? + 4;
            let length = find(&bytes[..start], b"content-length: ").map_or(0, |at| number(&bytes[at + 16..]));
            let length = usize::try_from(length).expect("a length");
            (start..start + length, start + length)
        }
    };
    (bytes.len() >= taken).then_some((body, taken))
}

/// The digits at the beginning.
fn number(bytes: &[u8]) -> i64 {
    bytes.iter().take_while(|byte| byte.is_ascii_digit()).fold(0, |sum, byte| sum * 10 + i64::from(byte - b'0'))
}

/// What tells one state of a cart from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    pub version: i64,
    pub quantity: i64,
}

/// The totals at the end of a message that carries a cart.
pub fn totals(payload: &[u8]) -> Option<Totals> {
    const QUANTITY: &[u8] = br#""totalQuantity":"#;
    const VERSION: &[u8] = br#","version":"#;
    let tail = &payload[payload.len().saturating_sub(200)..];
    let at = tail.windows(QUANTITY.len()).rposition(|window| window == QUANTITY)? + QUANTITY.len();
    let version = at + find(&tail[at..], VERSION)? + VERSION.len();
    Some(Totals { quantity: number(&tail[at..]), version: number(&tail[version..]) })
}

/// What a frame from the server is, by the first letters of its type.
pub fn is_update(payload: &[u8]) -> bool {
    payload.starts_with(br#"{"type":"cart_update""#) || payload.starts_with(b"id: ") || payload.starts_with(b"event: c")
}

pub fn is_error(payload: &[u8]) -> bool {
    payload.starts_with(br#"{"type":"error""#)
}

pub fn ws_handshake(path: &str, token: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nhost: tablebell\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\ntoken: {token}\r\n\r\n"
    )
}

/// A masked text frame. The mask is zero: the payload goes as it is.
pub fn ws_request(payload: &str) -> Vec<u8> {
    let mut frame = vec![0x81];
    match u8::try_from(payload.len()) {
        Ok(short @ 0..126) => frame.push(0x80 | short),
        _ => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&u16::try_from(payload.len()).expect("a short request").to_be_bytes());
        }
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(payload.as_bytes());
    frame
}

pub fn http_request(method: &str, path: &str, token: &str, body: &Value) -> Vec<u8> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: tablebell\r\ntoken: {token}\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A cart operation as a phone sends it.
#[derive(Clone, Copy)]
pub struct Op {
    pub add: bool,
    pub cuisine: i64,
    pub quantity: i64,
}

impl Op {
    pub fn as_ws(self, remark: Option<&str>, op_id: Option<&str>) -> Vec<u8> {
        let kind = if self.add { "add_item" } else { "update_quantity" };
        let mut data = json!({ "cuisineId": self.cuisine, "quantity": self.quantity });
        if let Some(remark) = remark {
            data["remark"] = remark.into();
        }
        let mut frame = json!({ "type": kind, "data": data });
        if let Some(op_id) = op_id {
            frame["opId"] = op_id.into();
        }
        ws_request(&frame.to_string())
    }

    pub fn as_http(self, table: usize, token: &str) -> Vec<u8> {
        let (method, path) = match self.add {
            true => ("POST", "/api/store/order/cart/add"),
            false => ("PUT", "/api/store/order/cart/update"),
        };
        let body = json!({ "tableId": table, "cuisineId": self.cuisine, "quantity": self.quantity });
        http_request(method, path, token, &body)
    }
}
