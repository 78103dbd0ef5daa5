//! The wire, from outside: the spawned binary and real clients.

#[path = "../support/mod.rs"]
mod support;

mod access;
mod alert;
mod assets;
mod backup;
mod badinput;
mod bill;
mod cart;
mod conversation;
mod counter_pc;
mod crash;
mod day;
mod doctor;
mod employee;
mod flood;
mod hostile;
mod hostile_text;
mod loopback;
mod member;
mod menu;
mod menu_files;
mod money;
mod order;
mod parties;
mod payment;
mod permission;
mod prefix;
mod presence;
mod price;
mod private;
mod qr;
mod room;
mod seats;
mod sky;
mod slow;
mod store;
mod stream;
mod tunnel;
