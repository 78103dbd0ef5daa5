//! The package on a counter PC with a real systemd: installed, started, killed, hung, rebooted, upgraded, removed.

#[path = "../desktop/hearing.rs"]
mod hearing;
#[path = "../desktop/process.rs"]
mod process;
#[path = "../desktop/sound/mod.rs"]
#[expect(dead_code, reason = "the desktop's tests use the rest")]
mod sound;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "each test binary uses its part")]
mod support;

mod cost;
mod image;
mod life;
mod machine;
mod package;
mod shop;
mod units;
