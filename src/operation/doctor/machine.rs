//! The PC under the shop: its database, disks, backups and clock.

use super::{Finding, Patient, finding, patiently};
use crate::backup::Backups;
use crate::clock;
use crate::config::Config;
use crate::operation::exposed;
use crate::store;
use crate::units::{Calendar, Timestamp};
use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Below this a shop's disk is as good as full.
const LEAST_FREE: u64 = 500_000_000;
/// Below this share a disk fills up soon, unless it is a large one.
const LEAST_SHARE: u64 = 20;
const ENOUGH_FREE: u64 = 5_000_000_000;

pub async fn examine(patient: &Patient, told: Option<&Value>) -> Vec<Finding> {
    let config = &patient.config;
    let no_answer = || Err(anyhow!("磁盘没有反应 the disk does not answer: check its cable, replace it"));
    let running = patient.running;
    let (shop, disks, backups) = (config.clone(), folders(config), Backups::of(config));
    let mut findings = vec![finding(
        "数据库 database",
        patiently(move || check_database(&shop, running)).await.unwrap_or_else(no_answer),
    )];
    let shop = config.clone();
    let permissions = patiently(move || check_permissions(&shop)).await.unwrap_or_else(no_answer);
    findings.push(finding("权限 permissions", permissions));
    for folder in disks {
        let name = format!("磁盘空间 disk space {}", folder.display());
        findings.push(finding(&name, patiently(move || check_space(&folder)).await.unwrap_or_else(no_answer)));
    }
    findings.push(finding("备份 backup", patiently(move || check_backup(&backups)).await.unwrap_or_else(no_answer)));
    findings.push(finding("时钟 clock", check_clock(config, told).await));
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

/// Whoever can read the database can make an owner's login.
fn check_permissions(config: &Config) -> Result<String> {
    let mut open = exposed::find_open(config);
    open.retain(exposed::Open::is_dangerous);
    if open.is_empty() {
        return Ok("本机其他用户看不到店里的数据 other users of this PC can't get at the shop's files".into());
    }
    let paths: Vec<String> = open.iter().map(|one| one.path.display().to_string()).collect();
    bail!(
        "本机其他用户能看到店里的数据 other users of this PC can get at {}: chmod go= {}",
        exposed::list(&open),
        paths.join(" ")
    )
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

/// Whether the time is wrong, by the judge that the daemon has. How exact it is, a provider's answer tells (below), or
/// the system's own opinion.
async fn check_clock(config: &Config, told: Option<&Value>) -> Result<String> {
    let (now, synchronised) = (Timestamp::now(), clock::system::is_synchronised().await);
    // The daemon knows what happened since the PC was started; the providers are asked below.
    let known_there = told.map(|told| &told["clock"]).filter(|said| said["ok"] == false && said["kind"] != "off");
    if let Some(said) = known_there {
        bail!("{}", said["detail"].as_str().unwrap_or_default());
    }
    let look = |conn| clock::actions::look(&conn, now, synchronised).ok();
    let known = config.has_shop().then(|| store::open_reader(&config.database()).ok().and_then(look)).flatten();
    let verdict = known.map_or_else(|| clock::judge(now, &clock::Evidence::default()), |report| report.verdict);
    verdict.explain(&config.calendar, now).map_err(|why| anyhow!(why))?;
    let exact = match synchronised {
        Some(true) => "已与网络校时 set by network time",
        Some(false) => "没有网络校时 not set by network time: timedatectl set-ntp true",
        None => "是否准确未知 whether it is exact is unknown",
    };
    let history = known.map(|report| report.history(&config.calendar)).filter(|text| !text.is_empty());
    Ok([Some(config.calendar.rfc3339(now)), Some(exact.to_owned()), history]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", "))
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
    fn zones_are_compared_by_what_they_show() {
        let zone = |name| Calendar::new(jiff::tz::TimeZone::get(name).unwrap(), 4);
        let now = Timestamp(1_790_000_000_000);
        assert!(compare_zones(&zone("Pacific/Kiritimati"), now).contains("Kiritimati"));
        assert!(compare_zones(&zone("Pacific/Kiritimati"), now).contains("this PC shows"));
    }
}
