//! `make bench`: the daemon beside two reference servers under the same load (goals: README.md).
//!
//! Usage: `cargo bench --bench load [-- --quick | --floods]`. Prints one table; exits with 1 when anything was lost or wrong.

mod alert;
mod flood;
mod load;
mod measure;
mod reference;
mod reference_cart;
mod report;
mod server;
mod wire;

/// Hidden first argument: be a reference server with so many tables, and with a database if one is named.
pub const REFERENCE: &str = "--reference-server";

pub fn unix_millis() -> u128 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_millis())
}

fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == REFERENCE) {
        let tables = arguments[1].parse().expect("a number of tables");
        reference::run(tables, arguments.get(2).map(Into::into)).expect("the reference server works");
        return std::process::ExitCode::SUCCESS;
    }
    if arguments.first().is_some_and(|first| first == flood::ATTACKER) {
        let _ = rlimit::increase_nofile_limit(u64::MAX);
        flood::attack(&arguments[1..]);
        return std::process::ExitCode::SUCCESS;
    }
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let quick = has("--quick");
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    report::print_machine(&arguments);
    let results = if has("--floods") { measure::floods(quick) } else { measure::everything(quick) };
    report::print(&results);
    match results.faults() {
        0 => std::process::ExitCode::SUCCESS,
        _ => std::process::ExitCode::FAILURE,
    }
}
