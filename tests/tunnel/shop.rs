//! The store: a demo shop on the addresses that a real one has, and the tunnel that leads to it.

use crate::callback::Answer;
use crate::network::{LAN, Network};
use crate::program::{Program, wait_until};
use crate::support::Daemon;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Where the daemon listens, as `tablebell init` writes it.
pub const CALLBACKS: &str = "127.0.0.1:8081";

pub struct Shop {
    pub daemon: Daemon,
    pub network: Network,
    pub folder: tempfile::TempDir,
}

impl Shop {
    /// The calling thread, and so the test's phones, are in the store's network from now on.
    pub fn open() -> Shop {
        let (network, folder) = (Network::new(), tempfile::tempdir().expect("a temporary directory"));
        network.store.enter();
        let data = folder.path().join("data");
        let mut command = Daemon::command();
        command.arg("demo").arg("--data").arg(&data).args(["--lan", &format!("{LAN}:8080"), "--tunnel", CALLBACKS]);
        Shop { daemon: Daemon::spawn(command, &data), network, folder }
    }
}

/// A tunnel whose server runs on the internet. Its client is started, and can be cut and started again.
pub struct Tunnel {
    client: Option<Program>,
    command: Command,
    log: PathBuf,
    /// What it needs on the internet.
    servers: Vec<Program>,
    /// Where the tunnel comes out on the internet.
    pub exit: SocketAddr,
    /// What the provider is given to call, `http://…` or `https://…`.
    pub site: String,
    /// What else curl has to know to call it.
    pub curl: Vec<String>,
}

impl Tunnel {
    pub fn new(command: Command, log: PathBuf, servers: Vec<Program>, exit: SocketAddr) -> Tunnel {
        Tunnel { client: None, command, log, servers, exit, site: format!("http://{exit}"), curl: Vec::new() }
    }

    pub fn open(&mut self, network: &Network) {
        let mut client = Program::start(&mut self.command, &self.log);
        client.wait_until("the tunnel's opening", || answers(network, self.exit));
        self.client = Some(client);
    }

    /// The client is killed, as by a power cut.
    pub fn cut(&mut self, network: &Network) {
        drop(self.client.take().expect("the tunnel is open"));
        wait_until("the tunnel's end", || !answers(network, self.exit));
    }

    pub fn add_server(&mut self, server: Program) {
        self.servers.push(server);
    }

    /// Calls `path` from the internet with curl. A status of 0 means that nobody answered.
    pub fn call(&self, network: &Network, path: &str, arguments: &[&str], body: &[u8]) -> Answer {
        let mut curl = network.internet.command("curl");
        curl.args(["--disable", "--noproxy", "*", "--silent", "--max-time", "10", "--path-as-is"]);
        curl.args(["--write-out", "\n%{http_code}"]).args(&self.curl).args(arguments);
        if !body.is_empty() {
            curl.args(["--data-binary", "@-"]);
        }
        curl.arg(format!("{}{path}", self.site)).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = curl.spawn().expect("curl starts");
        child.stdin.take().expect("stdin is piped").write_all(body).expect("curl reads the body");
        let mut said = child.wait_with_output().expect("curl ends").stdout;
        let end = said.iter().rposition(|byte| *byte == b'\n').expect("curl writes the status");
        let status = String::from_utf8_lossy(&said[end + 1..]).parse().expect("a status is a number");
        said.truncate(end);
        Answer { status, body: said }
    }
}

/// Whether somebody accepts connections at an address of the internet.
pub fn answers(network: &Network, address: SocketAddr) -> bool {
    network.internet.run(|| TcpStream::connect_timeout(&address, Duration::from_secs(2)).is_ok())
}
