//! The pages, embedded in the binary: a table's phone page, the counter's, and the demo provider's pay page.

use super::reply::{Family, json, set};
use super::table::join_by_code;
use super::{App, Call, auth};
use crate::error::{Error, Refusal, Result};
use crate::payment::provider::demo::Deliver;
use crate::seating;
use bytes::Bytes;
use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, REFERRER_POLICY,
    SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Method, StatusCode};
use include_dir::{Dir, include_dir};
use serde::Deserialize;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use warp::reply::Response;

static CSS: Dir = include_dir!("$CARGO_MANIFEST_DIR/assets/css");
static JS: Dir = include_dir!("$CARGO_MANIFEST_DIR/assets/js");
const PHONE: &str = include_str!("../../assets/phone.html");
const COUNTER: &str = include_str!("../../assets/counter.html");
const ICON: &str = include_str!("../../assets/icon.svg");

/// Its address changes when it does.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// Nothing leaves the LAN and nothing inline runs.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// All assets live under one hash of them all: they may be cached for ever, and modules find each other by relative
/// paths.
pub struct Assets {
    hash: String,
}

impl Default for Assets {
    fn default() -> Assets {
        let mut hasher = std::hash::DefaultHasher::new();
        hash_folder(&CSS, &mut hasher);
        hash_folder(&JS, &mut hasher);
        Assets { hash: format!("{:016x}", hasher.finish()) }
    }
}

fn hash_folder(folder: &Dir, hasher: &mut std::hash::DefaultHasher) {
    folder.files().for_each(|file| (file.path(), file.contents()).hash(hasher));
    folder.dirs().for_each(|inner| hash_folder(inner, hasher));
}

impl Assets {
    /// A page with the assets' addresses filled in.
    fn page(&self, html: &str) -> Response {
        html_page(StatusCode::OK, html.replace("{{hash}}", &self.hash))
    }

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

fn html_page(status: StatusCode, html: String) -> Response {
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

pub async fn page(app: &Arc<App>, call: &Call, path: &[&str]) -> Response {
    match path {
        [""] => redirect("/counter"),
        ["counter"] => app.assets.page(COUNTER),
        ["t", code] => table_page(app, call, code).await,
        ["favicon.ico"] => asset("image/svg+xml", ICON, "public, max-age=86400"),
        ["assets", hash, rest @ ..] if *hash == app.assets.hash => hashed_asset(&rest.join("/")),
        _ => Refusal::NotFound.into(),
    }
}

/// The address in a table's QR: joins the table and shows the phone page.
async fn table_page(app: &Arc<App>, call: &Call, code: &str) -> Response {
    match join_by_code(app, call, code.to_owned()).await {
        Ok((_, cookie)) => {
            let mut response = app.assets.page(PHONE);
            set(&mut response, SET_COOKIE, cookie);
            response
        }
        Err(Error::Refused(refusal)) => {
            let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
            html_page(status, app.assets.notice(&refusal.to_string(), &refusal.english(), ""))
        }
        Err(error) => Family::Table.failure(error),
    }
}

fn redirect(to: &'static str) -> Response {
    let mut response = json(StatusCode::SEE_OTHER, "");
    set(&mut response, LOCATION, HeaderValue::from_static(to));
    response
}

fn hashed_asset(path: &str) -> Response {
    let found = match path.split_once('/') {
        Some(("css", name)) => CSS.get_file(name).map(|file| ("text/css; charset=utf-8", file)),
        Some(("js", name)) => JS.get_file(name).map(|file| ("text/javascript; charset=utf-8", file)),
        _ if path == "icon.svg" => return asset("image/svg+xml", ICON, FOREVER),
        _ => None,
    };
    match found {
        Some((kind, file)) => asset(kind, file.contents(), FOREVER),
        None => Refusal::NotFound.into(),
    }
}

fn asset(kind: &'static str, contents: impl Into<Bytes>, caching: &'static str) -> Response {
    let mut response = json(StatusCode::OK, contents);
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
pub async fn demo_pay(app: &Arc<App>, call: &Call, number: &str) -> Response {
    match demo_page(app, call, number).await {
        Ok(response) => response,
        Err(error) => Family::Table.failure(error),
    }
}

async fn demo_page(app: &Arc<App>, call: &Call, number: &str) -> Result<Response> {
    let demo = app.demo.as_ref().ok_or(Refusal::NotFound)?;
    if call.method == Method::POST {
        let wanted: DemoPay = call.arguments_in_query()?;
        demo.pay(number, wanted.deliver).await?;
    } else if call.method != Method::GET {
        return Err(Refusal::MethodNotAllowed.into());
    }
    let (amount, paid) = demo.look_up(number).await?;
    let page = match paid {
        true => {
            let back = way_back(app, call).await.unwrap_or_default();
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
async fn way_back(app: &Arc<App>, call: &Call) -> Option<String> {
    let token = auth::find_token(&call.headers, &call.query, auth::DINER_COOKIE).ok()??;
    let table = app.tokens.diner(&token)?.table;
    let code = app.store.read(move |conn| seating::actions::load_code(conn, table)).await.ok()?;
    Some(format!(r#"<p><a href="/t/{code}">回到点餐页 Back to the table</a></p>"#))
}
