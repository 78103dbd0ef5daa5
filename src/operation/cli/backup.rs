//! `tablebell backup` and `tablebell restore`.

use super::{Listeners, Which, print};
use crate::backup::{Backups, hand_over};
use crate::config::{self, Config, File, Overrides};
use crate::operation::{accounts, exposed, lock};
use crate::private;
use crate::store::{self, backup};
use crate::units::Timestamp;
use anyhow::{Context, Result, bail};
use clap::Args;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Args)]
pub struct Backup {
    #[command(flatten)]
    which: Which,
    /// Into this folder instead of the configured one; it has to be there.
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
}

impl Backup {
    pub fn run(self) -> Result<()> {
        let config = self.which.shop(Listeners::default())?;
        let backups = Backups::of(&config);
        let backups = match self.to {
            Some(folder) => backups.to(folder),
            None => backups,
        };
        let begun = Instant::now();
        let made = backups.make(Timestamp::now()).context("备份失败 nothing was backed up")?;
        let (bytes, seconds) = (made.bytes as f64 / 1e6, begun.elapsed().as_secs_f64());
        print(&format!(
            "备份完成，并已试恢复 backed up, and proved by restoring it: {}\n\
             {bytes:.1} MB, {seconds:.1} s, 订单 orders: {}, 账本 ledger: {} 元\n",
            made.file.display(),
            made.orders,
            made.ledger,
        ))
    }
}

#[derive(Args)]
pub struct Restore {
    /// A backup, or a folder of them; without one the newest of the configured folder.
    file: Option<PathBuf>,
    #[command(flatten)]
    which: Which,
}

impl Restore {
    pub fn run(self) -> Result<()> {
        let path = self.which.config.map_or_else(config::default_file, Ok)?;
        let data = self.which.data;
        let settings = if path.exists() { config::read(&path)? } else { File::default() };
        let config = Config::resolve(settings, Overrides { data: data.clone(), ..Default::default() })?;
        let file = choose(self.file, &config)?;
        private::ensure_folder(&config.data).with_context(|| format!("cannot make {}", config.data.display()))?;
        let _lock = lock::lock(&config.data).context("没有恢复 nothing was restored")?;
        hand_over(&config.data.join("tablebell.lock"));

        let stamp = config.calendar.stamp(Timestamp::now());
        let (database, aside) = (config.database(), config.data.join(format!("tablebell.before-restore-{stamp}.db")));
        let content = backup::restore(&file, &database, &aside).context("没有恢复 nothing was restored")?;
        hand_over(&database);
        // What is kept aside may be of a time when the umask decided.
        exposed::mend(&config);
        print(&format!(
            "已恢复 restored: {}\n到 to: {}\n订单 orders: {}, 账本 ledger: {} 元\n",
            file.display(),
            database.display(),
            content.orders(),
            content.ledger(),
        ))?;
        if aside.exists() {
            print(&format!("原来的店另存为 the shop that was here is kept as {}\n", aside.display()))?;
        }
        restore_configuration(&database, &path, &config.data)?;
        tell_what_is_missing(&path, data)
    }
}

/// The file that is meant.
fn choose(given: Option<PathBuf>, config: &Config) -> Result<PathBuf> {
    let backups = Backups::of(config);
    let backups = match given {
        Some(folder) if folder.is_dir() => backups.to(folder),
        Some(file) => return Ok(file),
        None => backups,
    };
    let folder = backups.folder.display();
    let newest = backups.list().with_context(|| format!("cannot read {folder}"));
    // One from the future was made by a wrong clock: only by name.
    match newest.map(|list| list.into_iter().find(|one| !one.is_ahead(Timestamp::now()))) {
        Ok(Some(newest)) => Ok(newest.file),
        Ok(None) => bail!("there is no backup in {folder}: say which file, `tablebell restore FILE`"),
        Err(error) => Err(error.context("plug the backup disk in, or say which file: `tablebell restore FILE`")),
    }
}

/// A spare PC has no configuration yet, or the package's: it gets the one in the backup. An owner's own stays.
fn restore_configuration(database: &Path, path: &Path, data: &Path) -> Result<()> {
    let conn = store::open_any(database)?;
    let Some(text) = backup::find_configuration(&conn).map_err(crate::error::Error::into_anyhow)? else {
        return Ok(());
    };
    let text = config::with_data(&text, data);
    if std::fs::read_to_string(path).is_ok_and(|now| now == text) {
        return Ok(());
    }
    let packaged = config::template(Path::new(config::SYSTEM_DATA), false);
    let is_own = std::fs::read_to_string(path).is_ok_and(|now| now != packaged);
    let (target, said) = match is_own {
        false => (path.to_owned(), "已恢复配置 the configuration is restored"),
        true => (
            path.with_extension("from-backup.toml"),
            "配置保持不变，备份中的另存为 the configuration stays as it is; the backup's is",
        ),
    };
    config::make_folder(&target)?;
    config::write(&target, &text)?;
    hand_over(&target);
    print(&format!("{said}: {}\n", target.display()))
}

/// Keys are in no backup; without them no money comes in.
fn tell_what_is_missing(path: &Path, data: Option<PathBuf>) -> Result<()> {
    let settings = if path.exists() { config::read(path)? } else { File::default() };
    let config = Config::resolve(settings, Overrides { data, ..Default::default() })?;
    if let Err(error) = accounts::open(&config) {
        print(&format!("还缺密钥，请从旧电脑或商户平台取来 keys are still missing: {error:#}\n"))?;
    }
    print("然后 then: 启动桌铃 start Tablebell, 再运行 and run `tablebell doctor`\n")
}
