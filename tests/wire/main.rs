//! The wire, from outside: the spawned binary and real clients.

#[path = "../support/mod.rs"]
mod support;

mod access;
mod alert;
mod backup;
mod badinput;
mod cart;
mod counter_pc;
mod crash;
mod doctor;
mod hostile;
mod money;
mod order;
mod parties;
mod payment;
mod qr;
mod slow;
mod store;
mod stream;
mod tunnel;
