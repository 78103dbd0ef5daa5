//! The wire, from outside: the spawned binary and real clients.

#[path = "../support/mod.rs"]
mod support;

mod cart;
