//! The counter PC for real: a real sound server, message bus, notification daemon and nginx, each private to its test.

#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "each test binary uses its part")]
mod support;

mod desk;
mod doctor;
mod hearing;
mod main_job;
mod manner;
mod nginx;
mod played;
mod popup;
mod popup_ends;
mod popup_faults;
mod process;
mod ringing;
mod sentences;
mod shop;
mod sound;
mod sound_faults;
mod vitals;
