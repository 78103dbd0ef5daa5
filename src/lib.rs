//! Tablebell 桌铃: one daemon on a restaurant's counter PC. `ARCHITECTURE.md` is the map.

pub mod accounts;
pub mod alert;
pub mod backup;
pub mod cart;
pub mod cli;
pub mod config;
pub mod daemon;
pub mod demo;
pub mod doctor;
pub mod error;
pub mod event;
pub mod failpoint;
pub mod hub;
pub mod menu;
pub mod order;
pub mod payment;
pub mod seating;
pub mod secret;
pub mod sheet;
pub mod shop;
pub mod staff;
pub mod store;
pub mod systemd;
pub mod units;
pub mod web;
