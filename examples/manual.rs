//! Writes what a package holds beside the program: manual pages, shell completions and the packaged configuration.
//!
//! `cargo run --release --example manual -- target/manual`

use anyhow::{Context, Result};
use clap::CommandFactory;
use clap_complete::Shell;
use std::path::{Path, PathBuf};
use tablebell::config;
use tablebell::operation::cli::Cli;

fn main() -> Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).context("where to? give a folder")?);
    let [pages, completions] = ["man", "completions"].map(|name| folder.join(name));
    for folder in [&pages, &completions] {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let command = Cli::command().name("tablebell");
    // tablebell.1, and one page for each command: tablebell-run.1.
    clap_mangen::generate_to(command.clone(), &pages)?;
    for shell in [Shell::Bash, Shell::Fish, Shell::Zsh] {
        clap_complete::generate_to(shell, &mut command.clone(), "tablebell", &completions)?;
    }
    std::fs::write(folder.join("tablebell.toml"), config::template(Path::new(config::SYSTEM_DATA), false))?;
    Ok(())
}
