//! The PC under the shop: its database, disks, backups and clock.

use super::{Finding, Patient, finding, patiently};
use crate::backup::Backups;
use crate::config::Config;
use crate::store;
use crate::units::{Calendar, Timestamp};
use anyhow::{Context, Result, anyhow, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Below this a shop's disk is as good as full.
const LEAST_FREE: u64 = 500_000_000;
/// Below this share a disk fills up soon, unless it is a large one.
const LEAST_SHARE: u64 = 20;
const ENOUGH_FREE: u64 = 5_000_000_000;
/// This program is younger than that.
const BUILT_AFTER: &str = "20260101-000000";
/// A clock may be set by this much.
const BACKWARD_SECONDS: i64 = 300;

pub async fn examine(patient: &Patient) -> Vec<Finding> {
    let config = &patient.config;
    let no_answer = || Err(anyhow!("磁盘没有反应 the disk does not answer: check its cable, replace it"));
    let running = patient.running;
    let (shop, disks, backups) = (config.clone(), folders(config), Backups::of(config));
    let mut findings = vec![finding(
        "数据库 database",
        patiently(move || check_database(&shop, running)).await.unwrap_or_else(no_answer),
    )];
    for folder in disks {
        let name = format!("磁盘空间 disk space {}", folder.display());
        findings.push(finding(&name, patiently(move || check_space(&folder)).await.unwrap_or_else(no_answer)));
    }
    findings.push(finding("备份 backup", patiently(move || check_backup(&backups)).await.unwrap_or_else(no_answer)));
    findings.push(finding("时钟 clock", check_clock(config).await));
    findings.push(finding("时区 time zone", Ok(compare_zones(&config.calendar, Timestamp::now()))));
    findings
}

fn check_database(config: &Config, running: bool) -> Result<String> {
    if !config.has_shop() {
        bail!("there is no shop in {}: run `tablebell init` or `tablebell restore`", config.data.display());
    }
    store::open_reader(&config.database())?;
    let size = store::check(&config.database(), !running)?;
    Ok(format!("{}, {:.1} MB, 完好 sound", config.database().display(), size as f64 / 1e6))
}

/// Where the shop writes: two folders, often on one disk.
fn folders(config: &Config) -> Vec<PathBuf> {
    let mut folders = vec![config.data.clone()];
    if !config.backup_folder.starts_with(&config.data) && config.backup_folder.is_dir() {
        folders.push(config.backup_folder.clone());
    }
    folders
}

fn check_space(folder: &Path) -> Result<String> {
    let disk = rustix::fs::statvfs(folder).with_context(|| format!("cannot look at {}", folder.display()))?;
    let (free, size) = (disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize);
    let said = format!("空闲 free: {:.1} GB / {:.1} GB", free as f64 / 1e9, size as f64 / 1e9);
    match free < LEAST_FREE || (free < size / LEAST_SHARE && free < ENOUGH_FREE) {
        true => bail!("{said}: 快满了，请删除不用的文件 nearly full, delete what is not needed"),
        false => Ok(said),
    }
}

/// How old the newest is, and whether it still is what it was when it was made.
fn check_backup(backups: &Backups) -> Result<String> {
    let report = backups.report_now();
    let newest = backups.list().unwrap_or_default().into_iter().next();
    if let Some(newest) = &newest {
        store::check(&newest.file, false).context("最近的备份已损坏，请马上再备份一次 back up again at once")?;
    }
    match (report.ok, newest) {
        (true, Some(newest)) => Ok(format!("{}, 完好 sound", newest.file.display())),
        _ => bail!("{}", report.detail),
    }
}

/// Whether the time is plainly wrong. How exact it is, a provider's answer tells (below), or the system's own opinion.
async fn check_clock(config: &Config) -> Result<String> {
    let now = Timestamp::now();
    let newest = match config.has_shop() {
        true => {
            store::open_reader(&config.database()).ok().and_then(|conn| crate::order::actions::newest(&conn).ok()?)
        }
        false => None,
    };
    judge_clock(&config.calendar, now, newest)?;
    let synchronised = match is_synchronised().await {
        Some(true) => "已与网络校时 set by network time",
        Some(false) => "没有网络校时 not set by network time: timedatectl set-ntp true",
        None => "是否准确未知 whether it is exact is unknown",
    };
    Ok(format!("{}, {synchronised}", config.calendar.rfc3339(now)))
}

fn judge_clock(calendar: &Calendar, now: Timestamp, newest: Option<Timestamp>) -> Result<()> {
    let time = calendar.minute(now);
    let set = "请校准时间 set the clock: timedatectl set-ntp true";
    if calendar.parse_stamp(BUILT_AFTER).is_some_and(|built| now < built) {
        bail!("{time}: 不可能是今天 it can't be that early; {set}");
    }
    match newest {
        Some(newest) if newest.seconds_since(now) > BACKWARD_SECONDS => {
            bail!("{time}: 早于最近的订单 earlier than the latest order, {}; {set}", calendar.minute(newest))
        }
        _ => Ok(()),
    }
}

/// systemd's word for what the kernel knows, whichever program sets the clock.
async fn is_synchronised() -> Option<bool> {
    let ask = || {
        let mut command = Command::new("timedatectl");
        command.args(["show", "--property", "NTPSynchronized", "--value"]).stdin(Stdio::null()).output()
    };
    let answer = patiently(ask).await?.ok()?;
    match String::from_utf8_lossy(&answer.stdout).trim() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// A hint only: the shop's times are by the configuration, whatever the PC shows.
fn compare_zones(calendar: &Calendar, now: Timestamp) -> String {
    let (shop, pc) = (calendar.rfc3339(now), Calendar::of_this_pc().rfc3339(now));
    match shop == pc {
        true => format!("{}, 与本机一致 as on this PC", calendar.zone_name()),
        false => format!(
            "{} (店里现在 now in the shop: {shop}), 本机显示 this PC shows: {pc}; 小票与报表以店里为准 tickets and \
             reports go by the shop's",
            calendar.zone_name()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_wrong_before_this_program_or_the_latest_order() {
        let calendar = Calendar::new(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap(), 4);
        let at = |stamp| calendar.parse_stamp(stamp).unwrap();
        for (now, newest, good) in [
            ("20261121-120000", None, true),
            ("20261121-120000", Some("20261121-115959"), true),
            ("20261121-120000", Some("20261121-120400"), true),
            ("20261121-120000", Some("20261121-120600"), false),
            ("20000101-000100", None, false),
        ] {
            assert_eq!(judge_clock(&calendar, at(now), newest.map(at)).is_ok(), good, "{now} {newest:?}");
        }
    }

    #[test]
    fn zones_are_compared_by_what_they_show() {
        let zone = |name| Calendar::new(jiff::tz::TimeZone::get(name).unwrap(), 4);
        let now = Timestamp(1_790_000_000_000);
        assert!(compare_zones(&zone("Pacific/Kiritimati"), now).contains("Kiritimati"));
        assert!(compare_zones(&zone("Pacific/Kiritimati"), now).contains("this PC shows"));
    }
}
