//! Tunnels for real: the daemon in a store without a public address, a tunnel's server on an internet of one machine,
//! and callbacks that find their way. The recipes of packaging/tunnel are what is tested.

#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "each test binary uses its part")]
mod support;

mod bore;
mod callback;
mod echo;
mod journey;
mod network;
mod program;
mod recipes;
mod shop;
mod ssh;
