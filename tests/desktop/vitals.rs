//! What a daemon costs its machine, read off `/proc`.

use crate::support::{Daemon, PATIENCE};
use std::time::{Duration, Instant};

pub struct Vitals {
    at: Instant,
    pid: u32,
    /// Time on any core.
    cpu: Duration,
    /// Memory of its own in KiB, without what is read from the program's file.
    memory: u64,
    /// Open files and sockets.
    files: usize,
    threads: usize,
}

impl Vitals {
    pub fn of(daemon: &Daemon) -> Vitals {
        Vitals::of_process(daemon.pid())
    }

    fn of_process(pid: u32) -> Vitals {
        let read = |name: &str| std::fs::read_to_string(format!("/proc/{pid}/{name}")).expect("the daemon runs");
        // Behind the name in brackets: state, ten others, user and system time in hundredths of a second (proc(5)).
        let stat = read("stat");
        let fields = stat.rsplit(')').next().expect("fields behind the name").split_whitespace();
        let ticks: u64 = fields.skip(11).take(2).map(|field| field.parse::<u64>().expect("a number")).sum();
        let status = read("status");
        let count = |name: &str| std::fs::read_dir(format!("/proc/{pid}/{name}")).expect("the daemon runs").count();
        let memory = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("resident memory");
        Vitals {
            at: Instant::now(),
            pid,
            cpu: Duration::from_millis(ticks * 10),
            memory: memory.trim_end_matches("kB").trim().parse().expect("a number"),
            files: count("fd"),
            threads: count("task"),
        }
    }

    pub fn age(&self) -> Duration {
        self.at.elapsed()
    }

    /// Asserts that the daemon has done nothing since but sell and ring: a loop that spins, a thread or a socket for
    /// each try, or a buffer that fills up would show. Ringing all the time costs a twentieth of a core unoptimised,
    /// most of it in the sound client, which clears a megabyte before each read.
    pub fn stayed_flat(&self) {
        let now = Vitals::of_process(self.pid);
        let cpu = (now.cpu - self.cpu).as_secs_f64() / self.age().as_secs_f64();
        let memory = now.memory.saturating_sub(self.memory);
        println!(
            "within {:.1} s: {:.1} % of a core, {memory} KiB more on {} KiB, {} open files before and {} after, threads {} and {}",
            self.age().as_secs_f64(),
            cpu * 100.0,
            self.memory,
            self.files,
            now.files,
            self.threads,
            now.threads
        );
        assert!(cpu < 0.15, "{:.1} % of a core", cpu * 100.0);
        assert!(memory < 5 * 1024, "memory grows from {} KiB to {} KiB", self.memory, now.memory);
        // One try may be under way, with a connection to the sound server and one to the bus.
        assert!(now.files <= self.files + 3, "open files grow from {} to {}", self.files, now.files);
        assert!(now.threads <= self.threads + 3, "threads grow from {} to {}", self.threads, now.threads);
    }

    /// Waits until no more files are open than then, and no more threads run: nothing is left of what was. At most so many
    /// KiB are grown in the tables that the daemon keeps.
    pub async fn left_nothing(&self, kilobytes: u64) {
        self.come_back().await;
        let now = Vitals::of_process(self.pid);
        let memory = now.memory.saturating_sub(self.memory);
        println!("{} files, threads {} and {}, {memory} KiB more", now.files, self.threads, now.threads);
        assert!(now.threads <= self.threads, "threads grow from {} to {}", self.threads, now.threads);
        assert!(memory < kilobytes, "memory grows from {} KiB to {} KiB", self.memory, now.memory);
    }

    /// Waits until no more files are open than then: nothing is left of an outage.
    pub async fn come_back(&self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let now = Vitals::of_process(self.pid);
            if now.files <= self.files {
                return;
            }
            assert!(Instant::now() < deadline, "{} files were open once, and {} stay open", self.files, now.files);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}
