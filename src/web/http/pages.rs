//! The pages, embedded in the binary: a table's phone page, the counter's, a member's, and the demo provider's pay page.

use super::gzip;
use super::reply::{Family, Told, json, set};
use crate::error::{Error, Refusal, Result};
use crate::provider::demo::Deliver;
use crate::seating;
use crate::web::diner::table::join_by_code;
use crate::web::door::token;
use crate::web::sentence;
use crate::web::types::Scan;
use crate::web::{App, Request};
use bytes::Bytes;
use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, REFERRER_POLICY,
    SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Method, StatusCode};
use include_dir::{Dir, File, include_dir};
use serde::Deserialize;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use warp::reply::Response;

static CSS: Dir = include_dir!("$CARGO_MANIFEST_DIR/assets/css");
static JS: Dir = include_dir!("$CARGO_MANIFEST_DIR/assets/js");
/// The phone's modules, joined by `build.rs`: they stand in for their entries among the sources.
static JOINED: Dir = include_dir!("$OUT_DIR/joined");
const PHONE: &str = include_str!("../../../assets/phone.html");
const COUNTER: &str = include_str!("../../../assets/counter.html");
const MEMBER: &str = include_str!("../../../assets/member.html");
const ICON: &str = include_str!("../../../assets/icon.svg");

/// Its address changes when it does.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// Nothing leaves the LAN and nothing inline runs.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// All assets live under one hash of them all: they may be cached for ever, and modules find each other by relative
/// paths.
pub struct Assets {
    hash: String,
    phone: gzip::Text,
    counter: gzip::Text,
    member: gzip::Text,
    /// By their paths below the hash.
    files: HashMap<String, Asset>,
}

struct Asset {
    kind: &'static str,
    text: gzip::Text,
}

impl Default for Assets {
    fn default() -> Assets {
        let mut files = HashMap::new();
        let mut add = |path: String, kind, text: Bytes| files.insert(path, Asset { kind, text: gzip::Text::new(text) });
        for (path, text) in all_files(&CSS) {
            add(format!("css/{path}"), "text/css; charset=utf-8", Bytes::from_static(text.as_bytes()));
        }
        // Beside the modules lies what only their type check reads.
        let modules = all_files(&JS).chain(all_files(&JOINED)).filter(|(path, _)| path.ends_with(".js"));
        for (path, text) in modules {
            add(format!("js/{path}"), "text/javascript; charset=utf-8", Bytes::from_static(text.as_bytes()));
        }
        add("icon.svg".to_owned(), "image/svg+xml", Bytes::from_static(ICON.as_bytes()));
        let hash = hash(&files);
        let page = |html: &str| gzip::Text::new(html.replace("{{hash}}", &hash));
        Assets { phone: page(PHONE), counter: page(COUNTER), member: page(MEMBER), files, hash }
    }
}

fn hash(files: &HashMap<String, Asset>) -> String {
    let mut sorted: Vec<_> = files.iter().collect();
    sorted.sort_by_key(|(path, _)| *path);
    let mut hasher = std::hash::DefaultHasher::new();
    sorted.iter().for_each(|(path, asset)| (path, asset.text.plain()).hash(&mut hasher));
    format!("{:016x}", hasher.finish())
}

/// Paths below the folder, and what is there.
fn all_files(folder: &'static Dir<'static>) -> Box<dyn Iterator<Item = (String, &'static str)>> {
    let text = |file: &'static File<'static>| file.contents_utf8().expect("our assets are text");
    let own = folder.files().map(move |file| (file.path().display().to_string(), text(file)));
    Box::new(own.chain(folder.dirs().flat_map(all_files)))
}

impl Assets {
    /// A small page of our own words; nothing a diner typed comes here.
    fn notice(&self, chinese: &str, english: &str, more: &str) -> String {
        format!(
            "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>桌铃 Tablebell</title>\
             <link rel=\"stylesheet\" href=\"/assets/{}/css/base.css\"><main class=\"notice\"><h1>{chinese}</h1><p>{english}</p>{more}</main></html>",
            self.hash
        )
    }
}

/// A page with its assets' addresses in it.
fn stored_page(request: &Request, page: &gzip::Text) -> Response {
    let (body, packed) = page.for_client(&request.headers);
    let mut response = html_page(StatusCode::OK, body);
    gzip::set_form(&mut response, packed);
    response
}

fn html_page(status: StatusCode, html: impl Into<Bytes>) -> Response {
    let mut response = json(status, html);
    set(&mut response, CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    set(&mut response, CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    harden(&mut response);
    response
}

fn harden(response: &mut Response) {
    set(response, X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Not no-referrer: a form would then send `Origin: null`, and our own cookie would be refused.
    set(response, REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    set(response, HeaderName::from_static("x-frame-options"), HeaderValue::from_static("DENY"));
}

pub async fn page(app: &Arc<App>, request: &Request, path: &[&str]) -> Response {
    match path {
        [""] => redirect("/counter"),
        ["counter"] => stored_page(request, &app.assets.counter),
        ["member"] => stored_page(request, &app.assets.member),
        ["t", code] => table_page(app, request, code).await,
        ["favicon.ico"] => asset(app, request, "icon.svg", "public, max-age=86400"),
        ["assets", hash, rest @ ..] if *hash == app.assets.hash => asset(app, request, &rest.join("/"), FOREVER),
        _ => Refusal::NotFound.into(),
    }
}

/// The address in a table's QR: joins the table and shows the phone page.
async fn table_page(app: &Arc<App>, request: &Request, code: &str) -> Response {
    let asked = request.arguments_in_query::<Asked>().unwrap_or_default();
    let scan = Scan { code: code.to_owned(), request_id: asked.request, come_back: Some(false), seating_id: None };
    match join_by_code(app, request, scan).await {
        Ok((_, cookie)) => {
            let mut response = stored_page(request, &app.assets.phone);
            set(&mut response, SET_COOKIE, cookie);
            response
        }
        Err(Error::Refused(Refusal::AwaitingApproval(id))) => waiting_page(app, code, &id),
        // The page asks again, and asks its user.
        Err(Error::Refused(Refusal::SitsElsewhere(..))) => stored_page(request, &app.assets.phone),
        Err(Error::Refused(refusal)) => {
            let Told { status, sentence, .. } = Told::of(refusal.into());
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
            html_page(status, app.assets.notice(&sentence.chinese, &sentence.english, ""))
        }
        Err(error) => Family::Table.failure(error),
    }
}

/// What the waiting page asks with, again and again.
#[derive(Deserialize, Default)]
struct Asked {
    request: Option<String>,
}

/// Goes on by itself once the counter has agreed. `code` is one of ours and `id` was made by us: plain characters both.
fn waiting_page(app: &Arc<App>, code: &str, id: &str) -> Response {
    let told = sentence::of(&Refusal::AwaitingApproval(id.to_owned()));
    let again = format!(r#"<meta http-equiv="refresh" content="3;url=/t/{code}?request={id}">"#);
    html_page(StatusCode::FORBIDDEN, app.assets.notice(&told.chinese, &told.english, &again))
}

fn redirect(to: &'static str) -> Response {
    let mut response = json(StatusCode::SEE_OTHER, "");
    set(&mut response, LOCATION, HeaderValue::from_static(to));
    response
}

fn asset(app: &App, request: &Request, path: &str, caching: &'static str) -> Response {
    let Some(Asset { kind, text }) = app.assets.files.get(path) else { return Refusal::NotFound.into() };
    let (body, packed) = text.for_client(&request.headers);
    let mut response = json(StatusCode::OK, body);
    gzip::set_form(&mut response, packed);
    set(&mut response, CONTENT_TYPE, HeaderValue::from_static(kind));
    set(&mut response, CACHE_CONTROL, HeaderValue::from_static(caching));
    harden(&mut response);
    response
}

#[derive(Deserialize)]
struct DemoPay {
    #[serde(default)]
    deliver: Deliver,
}

/// The demo provider's pay page: `GET` shows one button, `POST` pays.
pub async fn demo_pay(app: &Arc<App>, request: &Request, number: &str) -> Response {
    match demo_page(app, request, number).await {
        Ok(response) => response,
        Err(error) => Family::Table.failure(error),
    }
}

async fn demo_page(app: &Arc<App>, request: &Request, number: &str) -> Result<Response> {
    let demo = app.demo.as_ref().ok_or(Refusal::NotFound)?;
    if request.method == Method::POST {
        let wanted: DemoPay = request.arguments_in_query()?;
        demo.pay(number, wanted.deliver).await?;
    } else if request.method != Method::GET {
        return Err(Refusal::MethodNotAllowed.into());
    }
    let (amount, paid) = demo.look_up(number).await?;
    let page = match paid {
        true => {
            let back = way_back(app, request).await.unwrap_or_default();
            app.assets.notice("演示支付：已付款", &format!("Demo payment: {amount} yuan paid"), &back)
        }
        false => {
            let button = r#"<form method="post"><button>确认支付 Pay</button></form>"#;
            app.assets.notice(&format!("演示支付：{amount} 元"), "Demo payment, no real money", button)
        }
    };
    Ok(html_page(StatusCode::OK, page))
}

/// A link to the payer's own table page, where the browser is a diner's.
async fn way_back(app: &Arc<App>, request: &Request) -> Option<String> {
    let token = token::find_token(&request.headers, &request.query, token::DINER_COOKIE).ok()??;
    let table = app.door.floor.locate(app.door.tokens.diner(&token)?, None).ok()?.table;
    let code = app.store.read(move |conn| seating::actions::load_code(conn, table)).await.ok()?;
    Some(format!(r#"<p><a href="/t/{code}">回到点餐页 Back to the table</a></p>"#))
}
