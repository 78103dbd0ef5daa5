//! Two network namespaces and one wire: nothing leaves them.

use crate::program::find;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::fs::File;
use std::os::fd::AsFd;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// The public server's address on the wire.
pub const PUBLIC: &str = "10.77.0.1";
/// The store's address on the wire, as a router gets one from its provider.
pub const UPLINK: &str = "10.77.0.2";
/// The store's address for phones. As with every private address, the internet has no route to it.
pub const LAN: &str = "192.168.77.1";

static COUNT: AtomicU32 = AtomicU32::new(0);

pub struct Network {
    pub store: Namespace,
    pub internet: Namespace,
}

impl Network {
    pub fn new() -> Network {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = |place: &str| format!("tablebell-{}-{number}-{place}", std::process::id());
        let network = Network { store: Namespace::new(name("store")), internet: Namespace::new(name("internet")) };
        let (store, internet) = (network.store.name.as_str(), network.internet.name.as_str());
        ip(&["-n", store, "link", "add", "uplink", "type", "veth", "peer", "name", "uplink", "netns", internet]);
        ip(&["-n", store, "addr", "add", &format!("{UPLINK}/24"), "dev", "uplink"]);
        ip(&["-n", store, "addr", "add", &format!("{LAN}/24"), "dev", "lo"]);
        ip(&["-n", internet, "addr", "add", &format!("{PUBLIC}/24"), "dev", "uplink"]);
        for place in [store, internet] {
            ip(&["-n", place, "link", "set", "lo", "up"]);
            ip(&["-n", place, "link", "set", "uplink", "up"]);
        }
        network
    }
}

/// Removed on drop; it lives on while a process in it does.
pub struct Namespace {
    name: String,
}

impl Namespace {
    fn new(name: String) -> Namespace {
        ip(&["netns", "add", &name]);
        Namespace { name }
    }

    /// From now on this thread, and every thread and process that it starts, has its sockets here.
    pub fn enter(&self) {
        let file = File::open(format!("/run/netns/{}", self.name)).expect("the namespace has a file");
        let entered = move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network));
        entered.unwrap_or_else(|error| panic!("{} cannot be entered: {error}", self.name));
    }

    /// Does `work` here and waits for it.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let inside = || {
            self.enter();
            work()
        };
        let done = std::thread::scope(|scope| scope.spawn(inside).join());
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    /// A command for a program that runs here, and ends with the thread that starts it.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(find("ip"));
        command.args(["netns", "exec", &self.name, "setpriv", "--pdeathsig", "KILL"]).arg(find(program));
        command.env_remove("CURL_HOME").env("LC_ALL", "C.UTF-8");
        command
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = Command::new(find("ip")).args(["netns", "del", &self.name]).status();
    }
}

fn ip(arguments: &[&str]) {
    let output = Command::new(find("ip")).args(arguments).output().expect("ip runs");
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.trim();
    assert!(
        output.status.success(),
        "this test makes network namespaces, which needs root (or CAP_SYS_ADMIN and CAP_NET_ADMIN): \
         run `make test` as root. `ip {}` said: {said}",
        arguments.join(" ")
    );
}
