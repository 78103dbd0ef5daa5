use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match tablebell::cli::Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tablebell: {error:#}");
            ExitCode::FAILURE
        }
    }
}
