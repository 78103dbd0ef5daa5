//! The counter PC for real: a real sound server, message bus, notification daemon and nginx, each private to its test.

#[path = "../support/mod.rs"]
mod support;

mod desk;
mod doctor;
mod faults;
mod hearing;
mod main_job;
mod nginx;
mod popup;
mod process;
mod sound;
