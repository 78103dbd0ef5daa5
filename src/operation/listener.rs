//! The sockets that the daemon listens on, and the addresses that others reach them by.

use crate::config::Config;
use anyhow::{Context, Result};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use tokio::net::{TcpListener, TcpSocket};

/// Thousands may knock at once: whoever finds the queue full tries again after a second only.
fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(4096)
}

/// The socket that systemd has opened already, else one as configured.
pub async fn listen(
    opened: Option<std::net::TcpListener>,
    address: SocketAddr,
    what: &str,
) -> Result<(TcpListener, SocketAddr)> {
    let listener = match opened {
        Some(listener) => TcpListener::from_std(listener)?,
        None => bind(address).with_context(|| {
            format!(
                "the {what} listener cannot use {address}: is another program, or another Tablebell, running there?"
            )
        })?,
    };
    let bound = listener.local_addr()?;
    Ok((listener, bound))
}

/// The address by which phones reach a listener on all interfaces.
pub fn lan_address(bound: SocketAddr) -> SocketAddr {
    let found = || -> std::io::Result<IpAddr> {
        // No packet is sent: connecting a datagram socket only asks the routing table.
        let probe = UdpSocket::bind("0.0.0.0:0")?;
        probe.connect("192.0.2.1:9")?;
        Ok(probe.local_addr()?.ip())
    };
    match bound.ip().is_unspecified() {
        true => SocketAddr::new(found().unwrap_or(IpAddr::from([127, 0, 0, 1])), bound.port()),
        false => bound,
    }
}

/// What the printed QR codes start with: as configured, or this PC's address.
pub fn base_url(config: &Config, lan: SocketAddr) -> String {
    config.base_url.clone().unwrap_or_else(|| format!("http://{}", lan_address(lan)))
}
