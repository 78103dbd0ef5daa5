//! The demo's own surroundings: a temporary directory, a welcome on the terminal, and scripted phones that play an
//! evening through the real listeners.

use super::terminal::note;
use crate::config::Config;
use crate::seating::Place;
use crate::{private, secret};
use anyhow::{Context, Result, anyhow};
use clap::ValueEnum;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use reqwest::Method;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Script {
    /// Parties come, order, pay, urge and go; somebody at the counter answers after a while.
    Evening,
}

/// # Errors
/// The temporary directory can't be written.
pub fn fresh_directory() -> Result<PathBuf> {
    let path = std::env::temp_dir().join(format!("tablebell-demo-{}", &secret::random_code()[..8]));
    private::create_folder(&path).with_context(|| format!("cannot make {}", path.display()))?;
    Ok(path)
}

/// For the person at the terminal, on stderr: stdout is for programs.
pub fn welcome(config: &Config, places: &[Place], base_url: &str) {
    note(&format!(
        "\n桌铃 Tablebell: 演示店 demo shop, {} 张桌 tables, 数据在 data in {}\n\
         前台 counter: {base_url}/counter   账号 login: admin / 123456\n",
        places.len(),
        config.data.display()
    ));
    for place in places.iter().take(8) {
        note(&format!("{} 桌 table: {base_url}/t/{}\n", place.table.number, place.table.code));
    }
    let Some(first) = places.first() else { return };
    if let Ok(code) = QrCode::new(format!("{base_url}/t/{}", first.table.code)) {
        let drawn = code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build();
        note(&format!("\n用手机扫码，坐到 {} 桌 scan to sit at {0}:\n{drawn}\n", first.table.number));
    }
}

/// Plays until the daemon stops.
pub async fn play(script: Script, lan: String, places: Vec<Place>) {
    match script {
        Script::Evening => {
            let cashier = tokio::spawn(tend(lan.clone(), places.clone()));
            let parties = places.into_iter().enumerate().map(|(index, place)| {
                let lan = lan.clone();
                tokio::spawn(async move {
                    loop {
                        let seed = index as u64;
                        if let Err(error) = party(&lan, &place, seed).await {
                            tracing::warn!("the script at table {}: {error:#}", place.table.number);
                        }
                        tokio::time::sleep(between(20, 40)).await;
                    }
                })
            });
            futures_util::future::join_all(parties).await;
            let _ = cashier.await;
        }
    }
}

/// A while of so many seconds, never the same.
fn between(least: u64, most: u64) -> Duration {
    let dice = u64::from(secret::random_code().as_bytes()[0]);
    Duration::from_millis(least * 1000 + (most - least) * 1000 * (dice % 16) / 16)
}

/// A client that speaks one family's envelope and one token.
struct Client {
    http: reqwest::Client,
    lan: String,
    token: String,
}

impl Client {
    fn new(lan: &str) -> Client {
        Client { http: reqwest::Client::new(), lan: lan.to_owned(), token: String::new() }
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> Result<Value> {
        let request = self.http.request(method, format!("{}{path}", self.lan)).header("token", &self.token);
        let answer: Value = request.json(&body).send().await?.json().await?;
        match answer["code"].as_i64() {
            Some(200 | 1) => Ok(answer["data"].clone()),
            _ => Err(anyhow!("{path}: {}", answer["msg"])),
        }
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value> {
        self.send(Method::POST, path, body).await
    }
}

/// One party's evening: two phones fill the cart, one submits and pays, later somebody urges.
async fn party(lan: &str, place: &Place, seed: u64) -> Result<()> {
    tokio::time::sleep(between(seed * 3, seed * 3 + 6)).await;
    let mut phones = [Client::new(lan), Client::new(lan)];
    for phone in &mut phones {
        let session = phone.post("/api/store/session", json!({ "code": place.table.code })).await?;
        phone.token = session["token"].as_str().unwrap_or_default().to_owned();
    }
    let table = place.table.id;
    let menu = phones[0].send(Method::GET, "/api/store/menu", Value::Null).await?;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let dishes: Vec<Value> =
        list(&menu["categories"]).iter().flat_map(|category| list(&category["cuisines"])).collect();
    let mut cart = Value::Null;
    for (turn, phone) in phones.iter().cycle().take(5).enumerate() {
        let chance = seed as usize * 7 + turn * 11 + usize::from(secret::random_code().as_bytes()[0]);
        let dish = dishes.get(chance % dishes.len().max(1)).context("a menu without dishes")?;
        let asked = list(&dish["options"]).into_iter().filter(|group| group["required"] == true);
        let options: Vec<Value> =
            asked.map(|group| json!({ "name": group["name"], "value": group["values"][0]["value"] })).collect();
        let (cuisine, quantity) = (&dish["cuisineId"], 1);
        let line = json!({ "tableId": table, "cuisineId": cuisine, "quantity": quantity, "options": options });
        cart = phone.post("/api/store/order/cart/add", line).await?;
        tokio::time::sleep(between(1, 5)).await;
    }
    let submission =
        json!({ "tableId": table, "version": cart["version"], "dinersCount": 2, "opId": secret::random_code() });
    let order = phones[0].post("/api/store/order/submit", submission).await?;
    let id = &order["orderId"];
    let payment = phones[0].post(&format!("/api/store/order/{id}/pay"), json!({ "provider": "demo" })).await?;
    tokio::time::sleep(between(2, 6)).await;
    let code_url = payment["codeUrl"].as_str().context("a payment without a codeUrl")?;
    phones[0].http.post(code_url).send().await?;
    tokio::time::sleep(between(25, 50)).await;
    // Refused when the kitchen was faster: then there is nothing to urge.
    let _ = phones[1].post(&format!("/api/store/order/{id}/reminder"), Value::Null).await;
    Ok(())
}

/// Somebody at the counter, busy but not idle: every few seconds the oldest open order goes one step on, and when it is
/// completed its table is cleared. Alerts ring until then.
async fn tend(lan: String, places: Vec<Place>) -> Result<()> {
    let mut counter = Client::new(&lan);
    let login = counter.post("/admin/employee/login", json!({ "username": "admin", "password": "123456" })).await?;
    counter.token = login["token"].as_str().unwrap_or_default().to_owned();
    loop {
        tokio::time::sleep(between(2, 5)).await;
        if let Err(error) = step(&counter, &places).await {
            tracing::warn!("the script at the counter: {error:#}");
        }
    }
}

async fn step(counter: &Client, places: &[Place]) -> Result<()> {
    let page = counter.send(Method::GET, "/admin/order/conditionSearch?pageSize=100", Value::Null).await?;
    let orders = page["records"].as_array().cloned().unwrap_or_default();
    let Some(order) = orders.iter().rev().find(|order| matches!(order["status"].as_i64(), Some(2..=4))) else {
        return Ok(());
    };
    let id = &order["id"];
    match order["status"].as_i64() {
        Some(2) => counter.send(Method::PUT, "/admin/order/confirm", json!({ "id": id })).await?,
        Some(3) => counter.send(Method::PUT, &format!("/admin/order/delivery/{id}"), Value::Null).await?,
        _ => {
            counter.send(Method::PUT, &format!("/admin/order/complete/{id}"), Value::Null).await?;
            let table = places.iter().find(|place| order["tableNumber"] == place.table.number.as_str());
            let table = table.context("an order of an unknown table")?.table.id;
            counter.post(&format!("/admin/table/clear/{table}"), Value::Null).await?
        }
    };
    Ok(())
}
