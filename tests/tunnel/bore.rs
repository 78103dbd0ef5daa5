//! Through bore, the smallest tunnel there is: bytes, and nothing around them.

use crate::journey;
use crate::network::PUBLIC;
use crate::program::Program;
use crate::shop::{Shop, Tunnel, answers};
use std::net::SocketAddr;

const CONTROL: &str = "7835";
const EXIT: &str = "20081";
const SECRET: &str = "between-friends";

fn address(port: &str) -> SocketAddr {
    format!("{PUBLIC}:{port}").parse().expect("an address")
}

fn open(shop: &Shop) -> Tunnel {
    let network = &shop.network;
    let mut command = network.internet.command("bore");
    command.args(["server", "--bind-addr", PUBLIC, "--secret", SECRET]);
    let mut server = Program::start(&mut command, &shop.folder.path().join("bore-server.log"));
    let control = address(CONTROL);
    server.wait_until("bore's start", || answers(network, control));
    let mut command = network.store.command("bore");
    command.args(["local", "8081", "--local-host", "127.0.0.1", "--to", PUBLIC, "--port", EXIT, "--secret", SECRET]);
    let log = shop.folder.path().join("bore.log");
    let mut tunnel = Tunnel::new(command, log, vec![server], address(EXIT));
    tunnel.open(network);
    tunnel
}

#[tokio::test]
async fn through_bore_a_callback_pays() {
    let shop = Shop::open();
    let tunnel = open(&shop);
    journey::a_callback_pays(&shop, &tunnel).await;
}

#[tokio::test]
async fn through_bore_nothing_but_callbacks_gets_in() {
    let shop = Shop::open();
    let tunnel = open(&shop);
    journey::nothing_but_callbacks_gets_in(&shop, &tunnel).await;
}

#[test]
fn through_bore_every_byte_arrives() {
    let mut shop = Shop::open();
    let tunnel = open(&shop);
    journey::every_byte_arrives(&mut shop, &tunnel);
}

#[tokio::test]
async fn an_outage_of_bore_loses_nothing() {
    let shop = Shop::open();
    let mut tunnel = open(&shop);
    journey::an_outage_loses_nothing(&shop, &mut tunnel).await;
}
