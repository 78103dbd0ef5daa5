//! The command line.

use crate::config::{self, Config, Overrides};
use crate::order::PayMode;
use crate::{daemon, demo, shop};
use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Parser)]
#[command(version, about = "桌铃: the restaurant's counter PC hears every order")]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the daemon.
    Run(Run),
    /// Run a seeded shop with pretended payments in a temporary directory.
    Demo(Demo),
    /// Write a commented configuration and an empty shop's database.
    Init(Init),
}

#[derive(Args)]
struct Listeners {
    /// Address for phones and the counter; port 0 picks a free one.
    #[arg(long, env = "TABLEBELL_LAN", value_name = "ADDRESS:PORT")]
    lan: Option<String>,
    /// Address for payment callbacks, where the tunnel connects.
    #[arg(long, env = "TABLEBELL_TUNNEL", value_name = "ADDRESS:PORT")]
    tunnel: Option<String>,
}

#[derive(Args)]
struct Run {
    /// The configuration file.
    #[arg(long, env = "TABLEBELL_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the database lives.
    #[arg(long, env = "TABLEBELL_DATA", value_name = "DIRECTORY")]
    data: Option<PathBuf>,
    #[command(flatten)]
    listeners: Listeners,
    /// Check the whole database before serving.
    #[arg(long)]
    check: bool,
}

#[derive(Args)]
struct Demo {
    #[command(flatten)]
    listeners: Listeners,
    /// How many tables the shop has.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    tables: u32,
    /// Lift the rate and connection limits, for load tests.
    #[arg(long, value_enum, default_value_t = Switch::On)]
    limits: Switch,
    /// Let scripted phones play.
    #[arg(long, value_enum)]
    script: Option<demo::Script>,
    /// Keep the shop here instead; an existing one goes on.
    #[arg(long, value_name = "DIRECTORY")]
    data: Option<PathBuf>,
    /// 先付后吃 or 先吃后付.
    #[arg(long, value_enum, default_value_t = Mode::First)]
    pay: Mode,
    /// An alert that nobody answers rings again after so many seconds.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    repeat_seconds: u64,
}

#[derive(Clone, Copy, ValueEnum, PartialEq)]
enum Switch {
    On,
    Off,
}

#[derive(Clone, Copy, ValueEnum)]
enum Mode {
    First,
    Later,
}

#[derive(Args)]
struct Init {
    /// Where the configuration is written.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the database will live.
    #[arg(long, value_name = "DIRECTORY")]
    data: Option<PathBuf>,
    /// Fill in the sample menu and eight tables.
    #[arg(long)]
    sample: bool,
}

impl Cli {
    /// # Errors
    /// What went wrong, for the person at the terminal or in the journal.
    pub fn run(self) -> Result<()> {
        match self.command {
            Command::Run(run) => run.run(),
            Command::Demo(demo) => demo.run(),
            Command::Init(init) => init.run(),
        }
    }
}

impl Run {
    fn run(self) -> Result<()> {
        let file = match self.config {
            Some(path) => config::read(&path)?,
            None => {
                let path = config::default_file()?;
                if path.exists() { config::read(&path)? } else { config::File::default() }
            }
        };
        let Listeners { lan, tunnel } = self.listeners;
        let config = Config::resolve(file, Overrides { data: self.data, lan, tunnel })?;
        if !config.has_shop() {
            bail!("there is no shop in {}: run `tablebell init` first", config.data.display());
        }
        daemon::run(config, daemon::Options { check: self.check, ..Default::default() })
    }
}

impl Demo {
    fn run(self) -> Result<()> {
        let data = match self.data {
            Some(data) => data,
            None => demo::fresh_directory()?,
        };
        std::fs::create_dir_all(&data).with_context(|| format!("cannot make {}", data.display()))?;
        let mut file = config::File { data: Some(data.clone()), ..Default::default() };
        file.payment.demo = true;
        file.payment.mode = match self.pay {
            Mode::First => PayMode::First,
            Mode::Later => PayMode::Later,
        };
        file.alert.repeat_seconds = self.repeat_seconds;
        let Listeners { lan, tunnel } = self.listeners;
        let config = Config::resolve(file, Overrides { data: None, lan, tunnel })?;
        if !config.database().exists() {
            shop::create(&config.database(), shop::Plan::demo(self.tables))?;
            std::fs::write(data.join("tablebell.toml"), config::template(&data, true))
                .context("writing the demo's configuration")?;
        }
        daemon::run(
            config,
            daemon::Options { check: false, limits_off: self.limits == Switch::Off, demo: true, script: self.script },
        )
    }
}

impl Init {
    fn run(self) -> Result<()> {
        let path = self.config.map_or_else(config::default_file, Ok)?;
        if path.exists() {
            bail!("{} exists already and is left as it is", path.display());
        }
        let overrides = Overrides { data: self.data, ..Default::default() };
        let config = Config::resolve(config::File::default(), overrides)?;
        if config.database().exists() {
            bail!("there is a shop in {} already; it is left as it is", config.data.display());
        }
        for folder in [path.parent(), Some(config.data.as_path())].into_iter().flatten() {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let password = crate::secret::random_code()[..10].to_owned();
        let plan = if self.sample { shop::Plan::sample(&password) } else { shop::Plan::empty(&password) };
        shop::create(&config.database(), plan)?;
        std::fs::write(&path, config::template(&config.data, false))
            .with_context(|| format!("cannot write {}", path.display()))?;
        println!("配置 configuration: {}", path.display());
        println!("数据库 database: {}", config.database().display());
        println!("员工登录 staff login: admin / {password} (shown only now)");
        println!("启动 start: tablebell run --config {}", path.display());
        Ok(())
    }
}
