//! Tablebell 桌铃: one daemon on a restaurant's counter PC. `ARCHITECTURE.md` is the map; each group knows those above it.

// The ground: what everybody speaks of.
#[macro_use]
mod names;
mod actor;
mod error;
mod event;
mod failpoint;
mod network;
mod private;
mod secret;
#[cfg(test)]
mod testing;
mod typed;
pub mod units;

// The engine.
mod hub;
mod store;

// Nouns.
mod alert;
mod bill;
mod cart;
mod clock;
pub mod member;
mod menu;
mod order;
mod payment;
mod picture;
pub mod seating;
mod staff;

// What spans them.
mod checkout;
mod report;
mod room;

// What the edges are given.
mod backup;
pub mod config;

// Edges.
mod desk;
mod provider;
mod sheet;
pub mod web;

pub mod operation;
