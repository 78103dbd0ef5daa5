//! The command line.

mod backup;
mod qr;
mod say;

use super::{accounts, daemon, demo, doctor, init, listener, lock, ready};
use crate::config::{self, Config, Overrides};
use crate::error::{Error, Refusal};
use crate::order::PayMode;
use crate::payment::reconcile;
use crate::private;
use crate::seating::{self, Place};
use crate::store;
use crate::units::{Calendar, Date, Timestamp};
use crate::web::sentence;
use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::io::IsTerminal;
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
    /// Write a commented configuration, where there is none, and an empty shop's database.
    Init(Init),
    /// Show the tables and their codes.
    #[command(subcommand)]
    Table(Table),
    /// Print the table cards with their QR codes, or give a table a new code.
    Qr(qr::Qr),
    /// Say a sentence, as an alert would be said.
    Say(say::Say),
    /// Check sound, popup, database, disks, backups, clock, network and payments, and say what to do; the exit code is 1
    /// when something is wrong.
    Doctor(Look),
    /// Compare a day's ledger with the providers' bills; the exit code is 1 when they differ.
    Reconcile(Reconcile),
    /// Copy the shop to the backup folder and prove the copy; the daemon may run.
    Backup(backup::Backup),
    /// Bring a shop back from a backup; what is here is kept aside. The daemon must not run.
    Restore(backup::Restore),
}

/// Which shop a command is about.
#[derive(Args)]
struct Which {
    /// The configuration file.
    #[arg(long, env = "TABLEBELL_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the database lives.
    #[arg(long, env = "TABLEBELL_DATA", value_name = "DIRECTORY")]
    data: Option<PathBuf>,
}

impl Which {
    fn resolve(self, listeners: Listeners) -> Result<Config> {
        let file = match self.config {
            Some(path) => config::read(&path)?,
            None => {
                let path = config::default_file()?;
                if path.exists() { config::read(&path)? } else { config::File::default() }
            }
        };
        Config::resolve(file, Overrides { data: self.data, lan: listeners.lan, tunnel: listeners.tunnel })
    }

    /// A shop that is there.
    fn shop(self, listeners: Listeners) -> Result<Config> {
        let config = self.resolve(listeners)?;
        if !config.has_shop() {
            bail!("there is no shop in {}: run `tablebell init` first", config.data.display());
        }
        Ok(config)
    }
}

#[derive(Subcommand)]
enum Table {
    /// Every table with its code and address.
    List(Look),
}

/// What a command that only looks needs.
#[derive(Args)]
struct Look {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    listeners: Listeners,
    /// As JSON, for scripts.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct Reconcile {
    #[command(flatten)]
    which: Which,
    /// The day by the providers' calendar (UTC+8), such as 2026-11-20.
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    date: Date,
}

fn parse_date(text: &str) -> Result<Date> {
    Calendar::parse_date(text).with_context(|| format!("{text:?} is not a date like 2026-11-20"))
}

#[derive(Args, Default)]
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
    #[command(flatten)]
    which: Which,
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
    /// Where the configuration is, or is written.
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
            Command::Table(Table::List(look)) => look.list_tables(),
            Command::Qr(qr) => qr.run(),
            Command::Say(say) => say.run(),
            Command::Doctor(look) => look.examine(),
            Command::Reconcile(reconcile) => reconcile.run(),
            Command::Backup(backup) => backup.run(),
            Command::Restore(restore) => restore.run(),
        }
    }
}

/// An error with its causes, in one line. Of a refusal that is its sentence.
pub fn explain(error: &anyhow::Error) -> String {
    let told = |cause: &(dyn std::error::Error + 'static)| match cause.downcast_ref::<Refusal>() {
        Some(refusal) => sentence::of(refusal).chinese,
        None => cause.to_string(),
    };
    error.chain().map(told).collect::<Vec<_>>().join(": ")
}

impl Run {
    fn run(self) -> Result<()> {
        let config = self.which.shop(self.listeners)?;
        daemon::run(config, daemon::Options { check: self.check, ..Default::default() })
    }
}

impl Demo {
    fn run(self) -> Result<()> {
        let data = match self.data {
            Some(data) => data,
            None => demo::fresh_directory()?,
        };
        private::ensure_folder(&data).with_context(|| format!("cannot make {}", data.display()))?;
        let mut file = config::File { data: Some(data.clone()), ..Default::default() };
        file.payment.demo = true;
        file.payment.mode = match self.pay {
            Mode::First => PayMode::First,
            Mode::Later => PayMode::Later,
        };
        file.alert.repeat_seconds = self.repeat_seconds;
        file.speech.test_at = String::new();
        let Listeners { lan, tunnel } = self.listeners;
        let mut config = Config::resolve(file, Overrides { data: None, lan, tunnel })?;
        // Whoever tries it out on this PC is in the shop, whatever its address.
        config.presence.push(listener::lan_address(config.lan).ip().into());
        if !config.database().exists() {
            init::create(&config.database(), init::Plan::demo(self.tables))?;
            config::write(&data.join("tablebell.toml"), &config::template(&data, true))?;
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
        // The package has installed one already; it, or what the owner made of it, stays as it is.
        let found = path.exists();
        let file = if found { config::read(&path)? } else { config::File::default() };
        let config = Config::resolve(file.clone(), Overrides { data: self.data, ..Default::default() })?;
        if found && config.data != Config::resolve(file, Overrides::default())?.data {
            bail!("{} names another directory: change `data` there, or leave --data out", path.display());
        }
        if config.database().exists() {
            bail!("there is a shop in {} already; it is left as it is", config.data.display());
        }
        config::make_folder(&path)?;
        private::ensure_folder(&config.data).with_context(|| format!("cannot make {}", config.data.display()))?;
        let password = crate::secret::random_code()[..10].to_owned();
        let plan = if self.sample { init::Plan::sample(&password) } else { init::Plan::empty(&password) };
        init::create(&config.database(), plan)?;
        if !found {
            config::write(&path, &config::template(&config.data, false))?;
        }
        print(&format!(
            "配置 configuration: {}\n数据库 database: {}\n员工登录 staff login: admin / {password} (shown only now)\n\
             启动 start: {}\n",
            path.display(),
            config.database().display(),
            config::start_command(&path)
        ))
    }
}

impl Look {
    fn list_tables(self) -> Result<()> {
        let config = self.which.shop(self.listeners)?;
        let conn = store::open_reader(&config.database())?;
        let base = listener::base_url(&config, config.lan);
        let tables = seating::actions::list_places(&conn).map_err(Error::into_anyhow)?;
        if self.json {
            let list: serde_json::Value = tables.iter().map(|place| ready::table_json(place, &base)).collect();
            return print(&format!("{list}\n"));
        }
        let line = |Place { table, .. }: &Place| match table.area.as_str() {
            "" => format!("{:<6} {}\n", table.number, table.url(&base)),
            area => format!("{:<6} {}  {area}\n", table.number, table.url(&base)),
        };
        print(&tables.iter().map(line).collect::<String>())
    }

    fn examine(self) -> Result<()> {
        let config = self.which.resolve(self.listeners)?;
        let patient = doctor::Patient {
            base_url: listener::base_url(&config, config.lan),
            running: lock::is_running(&config.data),
            attended: !self.json && std::io::stdin().is_terminal() && std::io::stdout().is_terminal(),
            config,
        };
        let findings = runtime()?.block_on(doctor::examine(&patient));
        match self.json {
            true => print(&(serde_json::to_string(&findings)? + "\n"))?,
            false => print(&doctor::text(&findings))?,
        }
        if findings.iter().all(|finding| finding.ok) {
            return Ok(());
        }
        bail!("有问题需要处理 something is wrong: see ✘ above")
    }
}

impl Reconcile {
    fn run(self) -> Result<()> {
        let config = self.which.shop(Listeners::default())?;
        let conn = store::open_reader(&config.database())?;
        let providers = accounts::open(&config)?;
        if self.date > reconcile::today(Timestamp::now()) {
            bail!("{} is not over yet", self.date);
        }
        if providers.is_empty() {
            bail!("no merchant account is configured: there is no bill to compare with");
        }
        let bills = runtime()?.block_on(reconcile::fetch(&providers, self.date));
        let moment = conn.unchecked_transaction()?;
        let found = reconcile::check(&moment, &bills, Timestamp::now()).map_err(Error::into_anyhow)?;
        print(&reconcile::table(&found))?;
        match found.iter().all(|one| one.problem.is_none() && one.differences.is_empty()) {
            true => Ok(()),
            false => bail!("账目不符或没有账单 there are differences, or no bill"),
        }
    }
}

/// To stdout; whoever stops reading, as `head` does, has had enough.
fn print(text: &str) -> Result<()> {
    use std::io::Write;
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

    #[test]
    fn a_refusal_says_its_sentence_behind_what_was_being_done() {
        let refused = Error::from(Refusal::NumberTaken("A01".into())).into_anyhow().context("replacing the codes");
        assert_eq!(explain(&refused), "replacing the codes: 已有桌号 A01，请换一个");
        let other = anyhow!("no space").context("writing").context("replacing the codes");
        assert_eq!(explain(&other), format!("{other:#}"));
    }
}
