use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match tablebell::operation::cli::Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let level = if tablebell::operation::systemd::in_journal() { "<3>" } else { "" };
            // TOML's own sentences end with a line's end.
            let told = tablebell::operation::cli::explain(&error);
            tablebell::operation::terminal::last_word(&format!("{level}tablebell: {}\n", told.trim_end()));
            ExitCode::FAILURE
        }
    }
}
