//! Named moments at which a test lets the process die, as a power cut would. Nothing in a release build.

/// Kills this process with SIGKILL at the moment that `TABLEBELL_DIE_AT` names: `settle.paid`, or `settle.paid:3` for
/// the third time that it comes.
#[cfg(debug_assertions)]
pub fn reach(moment: &str) {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static REACHED: AtomicUsize = AtomicUsize::new(0);
    let Ok(wanted) = std::env::var("TABLEBELL_DIE_AT") else { return };
    let (name, time) = wanted.split_once(':').unwrap_or((&wanted, "1"));
    if name == moment && REACHED.fetch_add(1, Ordering::SeqCst) + 1 == time.parse().unwrap_or(1) {
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
}

#[cfg(not(debug_assertions))]
pub fn reach(_moment: &str) {}
