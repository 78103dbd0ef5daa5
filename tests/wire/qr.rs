//! `tablebell qr`: what it prints is read back from the files by programs that are not ours, as a phone would.

use crate::support::{Daemon, PATIENCE, Phone};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

const BASE: &str = "http://192.168.1.10:8080";
const HOSTILE: &str = "<b>\"&'.svg/../x";
const WIFI: &str = "[wifi]\nssid = \"桌铃小馆\"\npassword = 'a;b,c:d\"e\\f'\n";
const WIFI_CODE: &str = r#"WIFI:S:桌铃小馆;T:WPA;P:a\;b\,c\:d\"e\\f;;"#;
/// The PNGs' resolution.
const DOTS_PER_MM: f64 = 300.0 / 25.4;

/// A shop that no daemon serves.
struct Shop {
    home: tempfile::TempDir,
}

impl Shop {
    /// With these tables, and its LAN address and Wi-Fi configured.
    fn of(tables: &[&str]) -> Shop {
        let shop = Shop { home: tempfile::tempdir().unwrap() };
        let mut init = Daemon::command();
        init.arg("init").arg("--config").arg(shop.path("shop.toml")).arg("--data").arg(shop.path("data"));
        assert!(init.output().unwrap().status.success());
        for (index, number) in tables.iter().enumerate() {
            let letter = |digit: char| char::from(digit as u8 - b'0' + b'a');
            let code: String = format!("{index:026}").chars().map(letter).collect();
            shop.database().execute("insert into dining_table (number, code) values (?, ?)", (number, code)).unwrap();
        }
        shop.configure(BASE);
        shop
    }

    fn configure(&self, base_url: &str) {
        let data = self.path("data");
        let text = format!("data = {data:?}\n[listen]\nbase_url = {base_url:?}\n{WIFI}");
        std::fs::write(self.path("shop.toml"), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path("data/tablebell.db")).unwrap()
    }

    fn code(&self, number: &str) -> String {
        let sql = "select code from dining_table where number = ?";
        self.database().query_row(sql, [number], |row| row.get(0)).unwrap()
    }

    fn printed_base_url(&self) -> Option<String> {
        let sql = "select max(value) from setting where key = 'printed_base_url'";
        self.database().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    fn command(&self) -> Command {
        let mut command = Daemon::command();
        command.arg("qr").arg("--config").arg(self.path("shop.toml")).current_dir(self.home.path());
        command
    }

    /// Prints, which has to work; answers stdout and stderr.
    fn qr(&self, arguments: &[&str]) -> (String, String) {
        said(self.command().args(arguments).output().unwrap())
    }

    /// The one sentence that refuses.
    fn refusal(&self, command: &mut Command) -> String {
        let output = command.output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        stderr
    }

    fn files(&self, folder: &str) -> BTreeSet<String> {
        let entries = std::fs::read_dir(self.path(folder)).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

fn said(output: Output) -> (String, String) {
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(output.status.success(), "{stderr}");
    (stdout, stderr)
}

fn run(program: &str, arguments: &[&str], folder: &Path) -> String {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).env_remove("DBUS_SESSION_BUS_ADDRESS");
    said(command.output().unwrap_or_else(|error| panic!("{program}: {error}; `make install-test` installs it"))).0
}

/// What the codes in a picture say.
fn decode(picture: &Path) -> BTreeSet<String> {
    let name = picture.file_name().unwrap().to_str().unwrap();
    run("zbarimg", &["--quiet", "--raw", name], picture.parent().unwrap()).lines().map(str::to_owned).collect()
}

/// A grey picture, one byte a dot.
struct Dots {
    width: usize,
    bytes: Vec<u8>,
}

impl Dots {
    fn read(path: &Path) -> Dots {
        let decoder = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(path).unwrap()));
        let mut reader = decoder.read_info().unwrap();
        assert_eq!(reader.info().color_type, png::ColorType::Grayscale);
        let dims = reader.info().pixel_dims.unwrap();
        assert_eq!((dims.xppu, dims.unit), (11811, png::Unit::Meter), "300 dpi");
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut bytes).unwrap();
        Dots { width: reader.info().width as usize, bytes }
    }

    fn write(&self, path: &Path) {
        let height = self.bytes.len() / self.width;
        let file = std::fs::File::create(path).unwrap();
        let mut encoder = png::Encoder::new(file, self.width as u32, height as u32);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.write_header().unwrap().write_image_data(&self.bytes).unwrap();
    }

    /// Paints a rectangle of millimetres white.
    fn wear(&mut self, x: f64, y: f64, width: f64, height: f64) {
        let dots = |mm: f64| (mm * DOTS_PER_MM) as usize;
        for row in dots(y)..dots(y + height) {
            self.bytes[row * self.width + dots(x)..row * self.width + dots(x + width)].fill(255);
        }
    }

    /// The first and last row with a black dot, in millimetres, among those above `below`.
    fn inked_rows(&self, below: f64) -> (f64, f64) {
        let rows = self.bytes.chunks(self.width).take((below * DOTS_PER_MM) as usize).enumerate();
        let inked: Vec<usize> = rows.filter(|(_, row)| row.iter().any(|dot| *dot < 64)).map(|(at, _)| at).collect();
        (*inked.first().unwrap() as f64 / DOTS_PER_MM, *inked.last().unwrap() as f64 / DOTS_PER_MM)
    }
}

#[test]
fn every_format_says_the_same_and_thirty_tables_fill_five_a4_pages() {
    let more: Vec<String> = (2..=27).map(|number| format!("A{number:02}")).collect();
    let tables: Vec<&str> =
        ["A01", "12", "包间8", HOSTILE].into_iter().chain(more.iter().map(String::as_str)).collect();
    let shop = Shop::of(&tables);
    shop.qr(&["--pdf", "tables.pdf", "--svg", "svg", "--png", "png"]);
    let url = |number: &str| format!("{BASE}/t/{}", shop.code(number));
    let expected: BTreeSet<String> = tables.iter().map(|number| url(number)).chain([WIFI_CODE.to_owned()]).collect();
    assert_eq!(expected.len(), 31);

    let info = run("pdfinfo", &["tables.pdf"], shop.home.path());
    let line = |name: &str| info.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(line("Pages:").ends_with(" 5") && line("Page size:").contains("(A4)"), "{info}");
    run("pdftoppm", &["-r", "200", "-gray", "tables.pdf", "page"], shop.home.path());
    let pages = (1..=5).map(|page| decode(&shop.path(&format!("page-{page}.pgm"))));
    assert_eq!(pages.fold(BTreeSet::new(), |all, page| &all | &page), expected);
    assert_eq!(run("pdffonts", &["tables.pdf"], shop.home.path()).lines().count(), 2, "a print shop needs no font");

    for (number, name) in [("A01", "A01"), ("12", "12"), ("包间8", "包间8"), (HOSTILE, "_b_____svg____x")] {
        let both = BTreeSet::from([url(number), WIFI_CODE.to_owned()]);
        assert_eq!(decode(&shop.path(&format!("png/{name}.png"))), both, "{number}");
        let svg = shop.path(&format!("svg/{name}.svg"));
        run("rsvg-convert", &["--zoom", "3", "--output", "card.png", svg.to_str().unwrap()], shop.home.path());
        assert_eq!(decode(&shop.path("card.png")), both, "{number}");
        assert!(!std::fs::read_to_string(svg).unwrap().contains("<text"), "no font is needed");
    }
    for (folder, ending) in [("png", ".png"), ("svg", ".svg")] {
        let names = shop.files(folder);
        assert!(names.len() == 30 && names.iter().all(|name| name.ends_with(ending)), "{names:?}");
    }
    assert!(shop.printed_base_url().as_deref() == Some(BASE));
}

#[test]
fn a_table_s_name_can_be_read_from_two_metres_and_no_card_runs_over_its_edge() {
    let long = "二楼临窗大包间".repeat(4);
    let shop = Shop::of(&["A01", "包间8", HOSTILE, &long]);
    shop.qr(&["--png", "png"]);
    for name in ["A01", "包间8", "_b_____svg____x", &long] {
        let dots = Dots::read(&shop.path(&format!("png/{name}.png")));
        let (top, bottom) = dots.inked_rows(23.0);
        // A character of 1/200 of the distance is read with ease; a sentence for a name gets what fits.
        let least = if name == long { 2.5 } else { 8.0 };
        assert!(top > 2.0 && bottom - top > least, "{name}: {top} to {bottom} mm");
        let (edge, all) = ((2.0 * DOTS_PER_MM) as usize, dots.inked_rows(90.0));
        assert!(all.1 < 88.0, "{name}: {all:?}");
        for row in dots.bytes.chunks(dots.width) {
            assert!(row[..edge].iter().chain(&row[dots.width - edge..]).all(|dot| *dot == 255), "{name}");
        }
    }
}

#[test]
fn a_worn_corner_still_scans() {
    let shop = Shop::of(&["A01"]);
    shop.qr(&["--png", "png"]);
    // The table's code lies between (45.2, 34.7) and (87, 76.5).
    let corner = (68.0, 57.5, 20.0, 20.0);
    let stain = (51.0, 47.0, 20.0, 16.0);
    let edge = (45.0, 46.0, 9.0, 20.0);
    for (x, y, width, height) in [corner, stain, edge] {
        let mut dots = Dots::read(&shop.path("png/A01.png"));
        dots.wear(x, y, width, height);
        dots.write(&shop.path("worn.png"));
        let url = format!("{BASE}/t/{}", shop.code("A01"));
        assert!(decode(&shop.path("worn.png")).contains(&url), "worn off at {x}, {y}");
    }
}

#[test]
fn only_the_tables_asked_for_are_printed() {
    let shop = Shop::of(&["A01", "A02", "A03"]);
    shop.qr(&["--png", "png", "--table", "A03", "--table", "A01", "--table", "A01"]);
    assert_eq!(shop.files("png"), BTreeSet::from(["A01.png".into(), "A03.png".into()]));
    let sentence = shop.refusal(shop.command().args(["--png", "png", "--table", "A9"]));
    assert!(sentence.contains("A9") && sentence.contains("A01, A02, A03"), "{sentence}");
    let sentence = shop.refusal(&mut shop.command());
    assert!(["--pdf", "--svg", "--png"].iter().all(|flag| sentence.contains(flag)), "{sentence}");
}

#[test]
fn an_address_that_some_cards_do_not_have_is_not_noted_as_printed() {
    let shop = Shop::of(&["A01", "A02"]);
    shop.qr(&["--png", "png"]);
    shop.configure("http://192.168.1.99:8080");
    shop.qr(&["--png", "png", "--table", "A01"]);
    assert_eq!(shop.printed_base_url().as_deref(), Some(BASE), "A02 still has the old one");
    shop.qr(&["--svg", "svg"]);
    assert_eq!(shop.printed_base_url().as_deref(), Some("http://192.168.1.99:8080"));
}

#[test]
fn a_missing_font_is_named_before_anything_is_written_or_rotated() {
    let shop = Shop::of(&["A01"]);
    let before = shop.code("A01");
    std::fs::create_dir(shop.path("no fonts")).unwrap();
    let empty = format!("<fontconfig><dir>{}</dir></fontconfig>", shop.path("no fonts").display());
    std::fs::write(shop.path("fonts.conf"), empty).unwrap();
    let mut command = shop.command();
    command.args(["--pdf", "tables.pdf", "--rotate", "A01"]).env("FONTCONFIG_FILE", shop.path("fonts.conf"));
    let sentence = shop.refusal(&mut command);
    assert!(sentence.contains("fonts-noto-cjk"), "{sentence}");
    assert!(!shop.path("tables.pdf").exists());
    assert_eq!(shop.code("A01"), before);
}

#[test]
fn a_sign_that_no_font_has_costs_that_sign_on_that_card_and_no_other_card() {
    let shop = Shop::of(&["A01", "包间8\u{10fffd}", "ห้อง"]);
    let (_, told) = shop.qr(&["--svg", "svg", "--png", "png", "--pdf", "tables.pdf"]);
    let warnings: Vec<&str> = told.lines().filter(|line| line.contains("warning")).collect();
    assert_eq!(warnings.len(), 2, "{told}");
    assert!(
        warnings[0].contains("包间8") && warnings[1].contains("ห") && warnings[1].contains("another name"),
        "{told}"
    );
    assert_eq!(shop.files("svg").len(), 3);
    let plain = Shop::of(&["A01", "包间8"]);
    plain.qr(&["--png", "png"]);
    let name = |shop: &Shop, file: &str| Dots::read(&shop.path(file)).inked_rows(23.0);
    assert_eq!(name(&shop, "png/包间8_.png"), name(&plain, "png/包间8.png"), "never an empty box");
    for table in ["A01", "包间8\u{10fffd}", "ห้อง"] {
        let url = format!("{BASE}/t/{}", shop.code(table));
        let codes: Vec<String> = shop.files("png").iter().map(|file| format!("png/{file}")).collect();
        assert!(codes.iter().any(|file| decode(&shop.path(file)).contains(&url)), "{table} can be scanned");
    }
}

/// Gives tables new codes beside the running daemon; answers the new address of the first.
fn rotate(daemon: &Daemon, arguments: &[&str]) -> String {
    let mut command = Daemon::command();
    command.arg("qr").arg("--config").arg(daemon.data.join("tablebell.toml")).args(arguments);
    let (stdout, stderr) = said(command.output().unwrap());
    assert!(stderr.contains("dead"), "what it means for the old cards: {stderr}");
    stdout.lines().next().and_then(|line| line.split_whitespace().nth(1)).unwrap().to_owned()
}

async fn join(phone: &Phone, code: &str) -> (u16, String) {
    let answer = phone.send(Method::POST, "/api/store/session", json!({ "code": code })).await;
    (answer.status.as_u16(), answer.error().to_owned())
}

fn stranger(daemon: &Daemon) -> Phone {
    Phone { http: reqwest::Client::new(), lan: daemon.lan.clone(), token: String::new(), table: 1, user: 0 }
}

#[tokio::test]
async fn a_photographed_code_is_dead_after_rotation_and_who_sits_there_orders_on() {
    let daemon = Daemon::demo(&[]);
    let (ann, counter, stranger) = (daemon.phone(0).await, daemon.counter().await, stranger(&daemon));
    let old = daemon.table_code(0);
    let sheet = daemon.data.join("a01.pdf");
    let url = rotate(&daemon, &["--rotate", "A01", "--pdf", sheet.to_str().unwrap()]);
    let code = url.rsplit('/').next().unwrap();
    assert_ne!(code, old);
    let written = "select count(*) from audit where act = 'table.rotate' and target = 'A01' and actor = 'tablebell qr'";
    assert_eq!(daemon.stored::<i64>(written), 1, "as the counter's 换码 is");
    run("pdftoppm", &["-r", "200", "-gray", "-singlefile", "a01.pdf", "a01"], &daemon.data);
    assert_eq!(decode(&daemon.data.join("a01.pgm")), BTreeSet::from([url.clone()]), "the new card, and no other");

    assert_eq!(join(&stranger, &old).await, (404, "TABLE_NOT_FOUND".into()));
    let page = reqwest::get(format!("{}/t/{old}", daemon.lan)).await.unwrap();
    assert_eq!(page.status(), StatusCode::NOT_FOUND);
    let places = counter.ok(Method::GET, "/admin/table/list", Value::Null).await;
    assert_eq!((&places[0]["code"], &places[1]["code"]), (&json!(code), &json!(daemon.table_code(1))));

    ann.paid_order("after").await;
    let again = ann.ok(Method::POST, "/api/store/session", json!({ "code": old })).await;
    assert_eq!((&again["userId"], &again["tableNumber"]), (&json!(ann.user), &json!("A01")), "a reloaded page");
    assert_eq!(join(&ann, "a".repeat(26).as_str()).await.0, 200, "any dead code leaves a guest where they sit");
    assert_eq!(join(&stranger, code).await, (200, String::new()));
    counter.clear_table(1).await;
    assert_eq!(join(&ann, &old).await, (404, "TABLE_NOT_FOUND".into()), "the party has gone");
}

#[tokio::test]
async fn rotating_beside_a_busy_daemon_costs_nobody_an_answer() {
    let daemon = Daemon::demo(&["--limits", "off"]);
    let (stop, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut phones = Vec::new();
    for table in 0..8 {
        let (phone, stop, written) = (daemon.phone(table % 7).await, stop.clone(), written.clone());
        phones.push(tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                for quantity in [2, 1] {
                    phone.add(1001, quantity).await;
                    let path = format!("/api/store/order/cart/clear?tableId={}", phone.table);
                    phone.ok(Method::DELETE, &path, Value::Null).await;
                    written.fetch_add(2, Ordering::Relaxed);
                }
            }
        }));
    }
    let daemon = Arc::new(daemon);
    let mut codes = BTreeSet::new();
    for _ in 0..20 {
        let daemon = daemon.clone();
        codes.insert(tokio::task::spawn_blocking(move || rotate(&daemon, &["--rotate", "A08"])).await.unwrap());
    }
    let deadline = Instant::now() + PATIENCE;
    while written.load(Ordering::Relaxed) < 200 && Instant::now() < deadline {
        tokio::task::yield_now().await;
    }
    stop.store(true, Ordering::Relaxed);
    for phone in phones {
        phone.await.expect("every answer was a success");
    }
    assert!(codes.len() == 20 && written.load(Ordering::Relaxed) >= 200);
    let newest: String = daemon.stored("select code from dining_table where number = 'A08'");
    assert!(codes.iter().any(|url| url.ends_with(&newest)));
    assert!(!daemon.log().contains("cannot be written"), "{}", daemon.log());
}

#[tokio::test]
async fn the_owner_rotates_at_the_counter_and_other_pages_hear_of_it() {
    let daemon = Daemon::demo(&[]);
    let (counter, stranger) = (daemon.counter().await, stranger(&daemon));
    let mut events = counter.events().await;
    let renewed = counter.ok(Method::POST, "/admin/table/rotate/2", Value::Null).await;
    assert_eq!(events.event("table_update").await.json(), json!({ "tableId": 2 }));
    let code = renewed["code"].as_str().unwrap();
    assert_eq!((&renewed["tableId"], &renewed["tableNumber"]), (&json!(2), &json!("A02")));
    assert!(renewed["url"].as_str().unwrap().ends_with(&format!("/t/{code}")));
    assert_eq!(join(&stranger, &daemon.table_code(1)).await.0, 404);
    assert_eq!(join(&stranger, code).await.0, 200);
    let answer = counter.send(Method::POST, "/admin/table/rotate/99", Value::Null).await;
    assert_eq!(answer.error(), "TABLE_NOT_FOUND");
    for role in ["cashier", "waiter", "kitchen"] {
        let database = rusqlite::Connection::open(daemon.data.join("tablebell.db")).unwrap();
        database.execute("update staff set role = ?", [role]).unwrap();
        let answer = daemon.counter().await.send(Method::POST, "/admin/table/rotate/2", Value::Null).await;
        assert_eq!(answer.error(), "FORBIDDEN", "{role}");
    }
    let answer = stranger.send(Method::POST, "/admin/table/rotate/2", Value::Null).await;
    assert_eq!(answer.error(), "UNAUTHORIZED");
    assert_eq!(daemon.stored::<String>("select code from dining_table where id = 2"), code);
}
