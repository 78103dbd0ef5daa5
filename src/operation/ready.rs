//! The last word of a start, for scripts and for people.

use super::listener::lan_address;
use super::{demo, systemd};
use crate::config::Config;
use crate::seating::Place;
use anyhow::{Context, Result};
use std::net::SocketAddr;

/// A table as scripts read it.
pub fn table_json(place: &Place, base_url: &str) -> serde_json::Value {
    serde_json::json!({
        "tableId": place.table.id,
        "tableNumber": place.table.number,
        "code": place.table.code,
        "url": place.table.url(base_url),
        "area": place.table.area,
        "seats": place.table.seats,
    })
}

/// The `ready` line of docs/protocol.md §1.8 on stdout, the last word of a start; for a demo the rest, for people, on
/// stderr before it.
pub fn announce(
    config: &Config,
    is_demo: bool,
    places: &[Place],
    lan: SocketAddr,
    tunnel: SocketAddr,
    base_url: &str,
) -> Result<()> {
    use std::io::Write;
    let mut ready = serde_json::json!({
        "lan": format!("http://{}", lan_address(lan)),
        "tunnel": format!("http://{tunnel}"),
        "pid": std::process::id(),
    });
    if is_demo {
        ready["data"] = config.data.to_string_lossy().into();
        ready["tables"] = places.iter().map(|place| table_json(place, base_url)).collect();
        ready["staff"] = serde_json::json!({ "username": "admin", "password": "123456" });
        demo::welcome(config, places, base_url);
    }
    tracing::info!("serving phones and counter on {base_url}, callbacks on http://{tunnel}");
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "ready {ready}").and_then(|()| stdout.flush()).context("printing the ready line")?;
    systemd::ready(base_url);
    Ok(())
}
