//! Bodies: what a script means by one, and how one that was answered is shown.

use super::layout::Node;
use super::names::Names;
use crate::support::Daemon;
use aws_lc_rs::hmac;
use calamine::Reader;
use image::ImageFormat;
use std::io::Cursor;
use std::time::{SystemTime, UNIX_EPOCH};

pub struct Body {
    pub headers: Vec<(&'static str, String)>,
    pub bytes: Vec<u8>,
}

/// `@x 3` in a text is `xxx`.
pub fn expanded(text: &str) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("@x ") {
        let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
        expanded += before;
        expanded += &"x".repeat(behind[..digits].parse().unwrap_or(0));
        rest = &behind[digits..];
    }
    expanded + rest
}

/// What stands in a script for a body: itself, or after an `@` what it is made of.
pub fn of(text: &str, daemon: &Daemon) -> Body {
    let (what, rest) = text.split_once([' ', '\n']).unwrap_or((text, ""));
    let plain = |bytes: Vec<u8>| Body { headers: Vec::new(), bytes };
    match what {
        "@signed" => signed(rest, 0, daemon),
        // Older than a callback may be.
        "@stale" => signed(rest, -400, daemon),
        // A file in a form; a picture where nothing else is said.
        "@form" => {
            let (name, content) = rest.split_once('\n').unwrap_or((rest, ""));
            let file = match (name, content) {
                ("too-large.png", _) => large_picture(),
                (_, "") => picture("", 3),
                (_, content) => content.as_bytes().to_vec(),
            };
            form(name, file)
        }
        "@picture" => plain(picture("", 3)),
        "@qr" => plain(picture(rest, 4)),
        "@text" => plain(expanded(rest).into_bytes()),
        _ => {
            let kind = if text.starts_with(['{', '[']) {
                vec![("content-type", "application/json".to_owned())]
            } else {
                vec![]
            };
            Body { headers: kind, bytes: expanded(text).into_bytes() }
        }
    }
}

/// As the demo provider signs its callbacks.
fn signed(text: &str, seconds: i64, daemon: &Daemon) -> Body {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() as i64;
    let (timestamp, nonce) = ((now + seconds).to_string(), "nonce-1");
    let key = hmac::Key::new(hmac::HMAC_SHA256, daemon.demo_key().as_bytes());
    let tag = hmac::sign(&key, format!("{timestamp}\n{nonce}\n{text}\n").as_bytes());
    let signature = hex::encode(tag);
    let headers = vec![("demo-timestamp", timestamp), ("demo-nonce", nonce.to_owned()), ("demo-signature", signature)];
    Body { headers, bytes: text.as_bytes().to_vec() }
}

fn form(name: &str, file: Vec<u8>) -> Body {
    let head = format!("--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
    let bytes = [head.into_bytes(), file, b"\r\n--b--\r\n".to_vec()].concat();
    Body { headers: vec![("content-type", "multipart/form-data; boundary=b".to_owned())], bytes }
}

/// A PNG: the QR of this text, so many pixels a module, or one of one colour.
fn picture(text: &str, scale: u32) -> Vec<u8> {
    let quiet = 4;
    let code = (!text.is_empty()).then(|| qrcode::QrCode::new(text).expect("it fits"));
    let width = code.as_ref().map_or(16, |code| code.width() as u32 + 2 * quiet);
    let dark = |x: u32, y: u32| {
        let inside = |at: u32| (quiet..width - quiet).contains(&at);
        code.as_ref().is_some_and(|code| {
            inside(x) && inside(y) && code[((x - quiet) as usize, (y - quiet) as usize)] == qrcode::Color::Dark
        })
    };
    let pixel = |x, y| image::Luma([if dark(x / scale, y / scale) { 0 } else { 250u8 }]);
    let drawn = image::GrayImage::from_fn(width * scale, width * scale, pixel);
    let mut file = Cursor::new(Vec::new());
    drawn.write_to(&mut file, ImageFormat::Png).expect("a PNG");
    file.into_inner()
}

/// A PNG of a hundred megapixels, as far as its head says.
fn large_picture() -> Vec<u8> {
    let mut file = Vec::new();
    let mut writer = png::Encoder::new(&mut file, 10_000, 10_000).write_header().expect("a head");
    writer.write_chunk(png::chunk::IDAT, &[0]).expect("a vector takes all");
    drop(writer);
    file
}

/// What was answered, to be read.
pub fn shown(bytes: &[u8], kind: &str, encoding: &str, names: &mut Names) -> Vec<String> {
    let kind = kind.split(';').next().unwrap_or_default();
    match (kind, std::str::from_utf8(bytes)) {
        (_, _) if bytes.is_empty() => Vec::new(),
        (_, _) if !encoding.is_empty() => vec![format!("({encoding})")],
        ("image/svg+xml", _) => vec!["(a drawing)".to_owned()],
        ("image/jpeg", _) => {
            let picture = image::load_from_memory_with_format(bytes, ImageFormat::Jpeg).expect("a JPEG");
            vec![format!("(a picture of {} × {})", picture.width(), picture.height())]
        }
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _) => workbook(bytes, names),
        ("application/openmetrics-text", Ok(text)) => text.lines().map(without_number).collect(),
        ("text/html", Ok(text)) if text.contains("<script") => {
            let title = text.split("<title>").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default();
            vec![format!("(the page {title})")]
        }
        ("text/css" | "text/javascript", _) => vec!["(a file)".to_owned()],
        (_, Ok(text)) => lines(text, names),
        (_, Err(_)) => vec![format!("({} bytes)", bytes.len())],
    }
}

/// JSON laid out, other text as it is; each with names for what differs from run to run.
pub fn lines(text: &str, names: &mut Names) -> Vec<String> {
    match Node::read(text) {
        Some(mut node) => {
            node.map("", &mut |name, text| names.hide_member(name, text));
            node.lines()
        }
        None => text.lines().map(|line| names.hide(&printable(line))).collect(),
    }
}

fn printable(line: &str) -> String {
    let shown = |c: char| if c.is_control() { c.escape_unicode().to_string() } else { c.to_string() };
    line.chars().map(shown).collect()
}

fn without_number(line: &str) -> String {
    match line.rsplit_once(' ') {
        Some((name, number)) if number.parse::<f64>().is_ok() => format!("{name} <number>"),
        _ => line.to_owned(),
    }
}

fn workbook(bytes: &[u8], names: &mut Names) -> Vec<String> {
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).expect("a workbook");
    let mut lines = Vec::new();
    for (name, sheet) in book.worksheets() {
        lines.push(format!("(sheet {name})"));
        for row in sheet.rows() {
            let cells: Vec<String> = row.iter().map(|cell| names.hide(&cell.to_string())).collect();
            lines.push(cells.join(" | ").trim_end_matches([' ', '|']).to_owned());
        }
    }
    lines
}
