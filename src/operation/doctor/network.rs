//! Whether phones reach this PC: ports, today's address, what is printed on the tables, the router.

use super::{Finding, Patient, finding, health, patiently, reachable};
use crate::provider::tunnel;
use crate::store::{self, setting};
use crate::units::Timestamp;
use anyhow::{Context, Result, anyhow, bail};
use reqwest::Url;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener, ToSocketAddrs, UdpSocket};

pub async fn examine(patient: &Patient, answers: bool) -> Vec<Finding> {
    let config = &patient.config;
    let lan = match (patient.running, answers) {
        (true, true) => Ok(format!("{} 由桌铃使用 is Tablebell's", config.lan)),
        (true, false) => Err(silent(config.lan)),
        (false, _) => check_free(config.lan),
    };
    let callbacks = match patient.running {
        true => ask_callbacks(config.tunnel).await,
        false => check_free(config.tunnel),
    };
    vec![
        finding("端口 port: 手机和前台 phones and counter", lan),
        finding("端口 port: 付款通知 payment callbacks", callbacks),
        finding("局域网地址 LAN address", check_address(patient).await),
        finding("二维码 QR codes", check_printed(patient)),
        finding("Wi-Fi 隔离 client isolation", Ok(isolation_hint(patient))),
    ]
}

fn silent(address: SocketAddr) -> anyhow::Error {
    anyhow!("桌铃在运行，但 {address} 没有回应 the daemon runs but does not answer there: does it listen elsewhere?")
}

async fn ask_callbacks(address: SocketAddr) -> Result<String> {
    let nonce = tunnel::ask_nonce(&tunnel::client()?, &format!("http://{}", reachable(address))).await;
    nonce.map_err(|_| silent(address))?;
    Ok(format!("{address} 由桌铃使用 is Tablebell's"))
}

/// Whether the daemon could listen there.
fn check_free(address: SocketAddr) -> Result<String> {
    let port = address.port();
    match TcpListener::bind(address) {
        Ok(_) => Ok(format!("{address} 空闲 free")),
        Err(error) => Err(match error.kind() {
            ErrorKind::AddrInUse => anyhow!(
                "{address} 被别的程序占用 is used by another program: find it with `ss -ltnp 'sport = :{port}'` and stop \
                 it, or change [listen]"
            ),
            ErrorKind::AddrNotAvailable => {
                anyhow!("本机没有地址 {} is not an address of this PC: change [listen]", address.ip())
            }
            ErrorKind::PermissionDenied => anyhow!("{port} 端口需要特权 needs privileges: choose one above 1023"),
            _ => anyhow::Error::from(error).context(format!("{address} cannot be used")),
        }),
    }
}

/// Whether the address that phones get leads here: over the network's own address, to the running daemon.
async fn check_address(patient: &Patient) -> Result<String> {
    let base = patient.base_url.clone();
    let url = Url::parse(&base).with_context(|| format!("[listen] base_url = {base:?} is not an address"))?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    if host.ends_with(".local") {
        bail!("{host}: 安卓手机打不开 .local 地址 Android phones can't open .local names: use the IP address");
    }
    let port = url.port_or_known_default().unwrap_or(80);
    let names = host.clone();
    let found = patiently(move || (names.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<_>>)).await;
    let found: Vec<SocketAddr> = match found {
        Some(Ok(found)) => found,
        _ => bail!("找不到 {host} cannot be resolved: use the IP address in [listen] base_url"),
    };
    let shared = |ip: &IpAddr| !ip.is_loopback() && !ip.is_unspecified();
    if !found.iter().any(|address| shared(&address.ip())) {
        bail!("{base} 只有本机能打开 is reachable on this PC only: connect the LAN, listen on 0.0.0.0");
    }
    if !found.iter().any(|address| is_ours(address.ip())) {
        bail!(
            "{base} 不是本机的地址 is not this PC's address: fix the PC's address in the router (DHCP 保留 reservation), \
             or change [listen] base_url and print the cards again"
        );
    }
    let fixed = match patient.config.base_url {
        Some(_) => "",
        None => "; 请在路由器里为本机保留此地址 reserve it for this PC in the router (DHCP)",
    };
    if patient.running {
        let answer = health(&base).await;
        answer.with_context(|| format!("{base} 打不开，请检查防火墙 cannot be opened: check the firewall"))?;
        return Ok(format!("{base} 可以打开 answers{fixed}"));
    }
    Ok(format!("{base}{fixed}"))
}

/// Only an address of this PC can be bound.
fn is_ours(address: IpAddr) -> bool {
    UdpSocket::bind((address, 0)).is_ok()
}

/// Whether the cards on the tables still lead here.
fn check_printed(patient: &Patient) -> Result<String> {
    let config = &patient.config;
    if !config.has_shop() {
        return Ok("没有店，也就没有印过 there is no shop yet, so nothing was printed".into());
    }
    let conn = store::open_any(&config.database())?;
    let printed = setting::find(&conn, setting::PRINTED_BASE_URL).map_err(crate::error::Error::into_anyhow)?;
    match printed {
        None => Ok("还没有印过 not printed yet: `tablebell qr`".into()),
        Some(printed) if printed.contains(".local") => {
            bail!("印的是 printed: {printed}; 安卓手机打不开 .local 地址 Android can't open .local names: print again")
        }
        Some(printed) if printed != patient.base_url => bail!(
            "印的是 printed: {printed}, 现在是 now: {}; 请在路由器里给本机固定原来的地址，或重新打印 give this PC its old \
             address in the router (DHCP reservation), or print them again with `tablebell qr`",
            patient.base_url
        ),
        Some(printed) => Ok(format!("{printed}, 与现在一致 as it is now")),
    }
}

/// From this side of the router it can't be proved: only a phone that came through proves that phones can.
fn isolation_hint(patient: &Patient) -> String {
    let config = &patient.config;
    let joined = match config.has_shop() {
        true => {
            store::open_any(&config.database()).ok().and_then(|conn| crate::seating::actions::last_join(&conn).ok()?)
        }
        false => None,
    };
    let seen = match joined {
        Some(at) => format!("上次有手机扫码 a phone last joined: {}", config.calendar.minute(at.min(Timestamp::now()))),
        None => "还没有手机扫过码 no phone has joined yet".to_owned(),
    };
    format!(
        "{seen}; 手机打不开 {0} 时，请关闭路由器的“AP 隔离”，不要用访客网络 if phones can't open {0}, turn off AP (client) \
         isolation in the router, and use no guest network",
        patient.base_url
    )
}
