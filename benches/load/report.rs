//! The one table that the bench prints.

use crate::server::{KINDS, Kind};
use std::time::Duration;

/// All values of all rounds, by measure and server.
#[derive(Default)]
pub struct Results {
    rows: Vec<Row>,
    faults: Vec<(String, usize)>,
}

struct Row {
    name: String,
    values: [Vec<f64>; 3],
}

fn column(kind: Kind) -> usize {
    KINDS.iter().position(|known| *known == kind).unwrap_or_default()
}

impl Results {
    pub fn add(&mut self, kind: Kind, name: &str, value: f64) {
        let index = match self.rows.iter().position(|row| row.name == name) {
            Some(index) => index,
            None => {
                self.rows.push(Row { name: name.to_owned(), values: Default::default() });
                self.rows.len() - 1
            }
        };
        self.rows[index].values[column(kind)].push(value);
    }

    pub fn blame(&mut self, kind: Kind, name: &str, faults: usize) {
        if faults > 0 {
            self.faults.push((format!("{kind:?}: {name}"), faults));
        }
    }

    pub fn faults(&self) -> usize {
        self.faults.iter().map(|(_, count)| count).sum()
    }
}

pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

/// The `p`th hundredth of some latencies, in milliseconds.
pub fn percentile(latencies: &mut [Duration], p: usize) -> f64 {
    latencies.sort_unstable();
    let index = (latencies.len() * p / 100).min(latencies.len().saturating_sub(1));
    latencies.get(index).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1000.0)
}

fn number(value: Option<f64>) -> String {
    match value {
        None => "–".into(),
        Some(value) if value >= 1000.0 => format!("{value:.0}"),
        Some(value) if value >= 10.0 => format!("{value:.1}"),
        Some(value) => format!("{value:.2}"),
    }
}

fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpus = read("/proc/cpuinfo");
    let model = cpus.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split(": ").nth(1));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned();
    let kernel = read("/proc/sys/kernel/osrelease");
    format!("{cores} cores {}, Linux {}, load before {load}", model.unwrap_or("?"), kernel.trim())
}

pub fn print_machine(flags: &[String]) {
    println!("machine: {}", machine());
    println!("command: cargo bench --bench load -- {}", flags.join(" "));
}

pub fn print(results: &Results) {
    println!("\n| measure | ours | limit-db | limit | ours/limit-db | ours/limit |\n|---|---|---|---|---|---|");
    for row in &results.rows {
        let [ours, db, limit] = [0, 1, 2].map(|at| median(&row.values[at]));
        let ratio = |other: Option<f64>| number(ours.zip(other).map(|(ours, other)| ours / other));
        let (to_db, to_limit) = (ratio(db), ratio(limit));
        println!("| {} | {} | {} | {} | {to_db} | {to_limit} |", row.name, number(ours), number(db), number(limit));
    }
    let count = results.faults();
    println!("| lost, missed, stale or wrong | {count} | | | | |");
    results.faults.iter().for_each(|(name, count)| println!("FAULTS: {name}: {count}"));
}
