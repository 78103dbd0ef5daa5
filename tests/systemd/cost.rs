//! What the daemon costs a counter PC on which nothing happens.

use crate::machine::Machine;
use crate::shop::{SERVICE, Shop};
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(60);

#[tokio::test]
async fn an_idle_daemon_costs_next_to_nothing() {
    let shop = Shop::opens(Machine::boot()).await;
    shop.phone().await;
    let used = || Duration::from_nanos(shop.machine.property(SERVICE, "CPUUsageNSec").parse().expect("nanoseconds"));
    let (before, begun) = (used(), Instant::now());
    tokio::time::sleep(WINDOW).await;
    let share = (used() - before).as_secs_f64() / begun.elapsed().as_secs_f64();
    let status = shop.machine.read(&format!("/proc/{}/status", shop.pid()));
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its size");
    let megabytes = resident.trim().trim_end_matches(" kB").parse::<f64>().expect("kilobytes") / 1024.0;
    println!("idle: {:.3} % of one core, {megabytes:.1} MB", share * 100.0);
    assert!(share < 0.002 && megabytes < 40.0, "{:.3} % of one core, {megabytes:.1} MB", share * 100.0);
}
