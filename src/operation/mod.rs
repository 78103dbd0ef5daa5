//! Running it: the command line, the daemon's composition, the doctor, and what systemd and the terminal hear.

mod accounts;
pub mod cli;
mod daemon;
mod demo;
mod doctor;
mod exposed;
mod housekeeping;
mod init;
mod listener;
mod lock;
mod logs;
mod memory;
mod ready;
mod risks;
pub mod systemd;
pub mod terminal;
