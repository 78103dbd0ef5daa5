//! Through ssh -R, exactly as packaging/tunnel/ssh and packaging/tunnel/server say: unit, client's and server's
//! configuration, and nginx with TLS in front.

use crate::journey;
use crate::network::PUBLIC;
use crate::program::{Program, find, run};
use crate::recipes::{Unit, filled, recipe};
use crate::shop::{Shop, Tunnel, answers};
use std::fs::{Permissions, create_dir, read_to_string, set_permissions, write};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

const SSHD: &str = "10.77.0.1:2222";
const NGINX: &str = "10.77.0.1:443";
/// Where the server's recipe lets the client open a port, and where nginx looks for it.
const EXIT: &str = "127.0.0.1:18081";

/// sshd as it is started in its own mount namespace: a home for its privilege separation, and an account of its own.
const START_SSHD: &str = r#"mount -t tmpfs -o mode=1777 none /run && mkdir -m 755 /run/sshd &&
mount --bind "$1/passwd" /etc/passwd && mount --bind "$1/shadow" /etc/shadow &&
exec "$2" -D -e -f "$1/sshd_config""#;

/// Around the recipe only what keeps nginx in its folder and in one process.
const NGINX_MAIN: &str = "daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr warn;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/recipe.conf;
}
";

/// Around the recipe only what a temporary server needs. UsePAM: the machine's own rules are none of ours.
const SSHD_MAIN: &str = "ListenAddress {address}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/id_ed25519.pub
PidFile none
StrictModes no
UsePAM no
UseDNS no
LogLevel VERBOSE
Include {folder}/recipe
";

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

/// A folder below the shop's, which sshd's account can read.
fn folder(shop: &Shop, name: &str) -> std::path::PathBuf {
    let folder = shop.folder.path().join(name);
    create_dir(&folder).expect("the folder is new");
    for path in [shop.folder.path(), &folder] {
        set_permissions(path, Permissions::from_mode(0o755)).expect("the folder is ours");
    }
    folder
}

fn new_key(path: &Path) {
    run(Command::new(find("ssh-keygen")).args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"]).arg(path));
}

fn start_sshd(shop: &Shop, folder: &Path) -> Program {
    new_key(&folder.join("host_key"));
    write(folder.join("recipe"), recipe("ssh/sshd_config")).expect("the file is written");
    let main = SSHD_MAIN.replace("{address}", SSHD).replace("{folder}", &folder.to_string_lossy());
    write(folder.join("sshd_config"), main).expect("the file is written");
    let accounts = read_to_string("/etc/passwd").expect("there are accounts");
    let account = "tablebell-tunnel:x:64231:65534::/nonexistent:/usr/sbin/nologin\n";
    write(folder.join("passwd"), accounts + account).expect("the file is written");
    write(folder.join("shadow"), "tablebell-tunnel:*:20000::::::\n").expect("the file is written");
    let mut command = shop.network.internet.command("unshare");
    command.args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", START_SSHD, "sh"]);
    let mut server = Program::start(command.arg(folder).arg(find("sshd")), &folder.join("sshd.log"));
    server.wait_until("sshd's start", || answers(&shop.network, address(SSHD)));
    server
}

fn start_nginx(shop: &Shop, folder: &Path) -> Program {
    let text = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let mut openssl = Command::new(find("openssl"));
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "2"]);
    openssl.args(["-subj", "/CN=pay.example.com", "-addext", "subjectAltName=DNS:pay.example.com"]);
    run(openssl.args(["-keyout", &text("tls.key"), "-out", &text("tls.crt")]));
    let letsencrypt = "/etc/letsencrypt/live/pay.example.com";
    let ours = filled(
        "server/nginx.conf",
        &[
            (&format!("{letsencrypt}/fullchain.pem;  # CHANGE"), &format!("{};  #", text("tls.crt"))),
            (&format!("{letsencrypt}/privkey.pem;  # CHANGE"), &format!("{};  #", text("tls.key"))),
        ],
    );
    write(folder.join("recipe.conf"), ours).expect("the file is written");
    write(folder.join("nginx.conf"), NGINX_MAIN.replace("{folder}", &folder.to_string_lossy()))
        .expect("the file is written");
    let mut command = shop.network.internet.command("nginx");
    command.args(["-e", "stderr", "-p"]).arg(folder).arg("-c").arg(folder.join("nginx.conf"));
    let mut server = Program::start(&mut command, &folder.join("nginx.log"));
    server.wait_until("nginx's start", || answers(&shop.network, address(NGINX)));
    server
}

/// ssh as the unit starts it.
fn client(shop: &Shop, folder: &Path) -> Command {
    let installed = "/etc/tablebell/tunnel";
    let words = Unit::of("ssh").one("Service", "ExecStart").replace(installed, &folder.to_string_lossy());
    let mut words = words.split(' ');
    let program = words.next().and_then(|path| path.strip_prefix("/usr/bin/")).expect("a program of the system");
    let mut command = shop.network.store.command(program);
    command.args(words).env("CREDENTIALS_DIRECTORY", folder);
    command
}

/// The client's files, as its README says.
fn prepare_client(folder: &Path) {
    new_key(&folder.join("id_ed25519"));
    let config = filled(
        "ssh/ssh_config",
        &[
            ("HostName pay.example.com  # CHANGE: the public server", &format!("HostName {PUBLIC}")),
            ("Port 22  # CHANGE: its sshd", "Port 2222"),
            ("/etc/tablebell/tunnel/known_hosts", &folder.join("known_hosts").to_string_lossy()),
        ],
    );
    write(folder.join("ssh_config"), config).expect("the file is written");
}

fn trust_host(folder: &Path) {
    let key = read_to_string(folder.join("host_key.pub")).expect("sshd has a key");
    write(folder.join("known_hosts"), format!("[{PUBLIC}]:2222 {key}")).expect("the file is written");
}

/// The tunnel with its exit on the server; nginx is not there yet.
fn open(shop: &Shop) -> Tunnel {
    let folder = folder(shop, "ssh");
    prepare_client(&folder);
    let sshd = start_sshd(shop, &folder);
    trust_host(&folder);
    let log = folder.join("ssh.log");
    let mut tunnel = Tunnel::new(client(shop, &folder), log, vec![sshd], address(EXIT));
    tunnel.open(&shop.network);
    tunnel
}

/// The same behind nginx.
fn open_with_tls(shop: &Shop) -> Tunnel {
    let mut tunnel = open(shop);
    let folder = folder(shop, "nginx");
    tunnel.add_server(start_nginx(shop, &folder));
    tunnel.site = "https://pay.example.com".into();
    let certificate = folder.join("tls.crt").to_string_lossy().into_owned();
    tunnel.curl = vec!["--cacert".into(), certificate, "--resolve".into(), format!("pay.example.com:443:{PUBLIC}")];
    tunnel
}

#[tokio::test]
async fn through_ssh_and_nginx_a_callback_pays() {
    let shop = Shop::open();
    let tunnel = open_with_tls(&shop);
    journey::a_callback_pays(&shop, &tunnel).await;
}

#[tokio::test]
async fn through_ssh_nothing_but_callbacks_gets_in_not_even_from_the_public_server_itself() {
    let shop = Shop::open();
    let tunnel = open(&shop);
    journey::nothing_but_callbacks_gets_in(&shop, &tunnel).await;
}

#[tokio::test]
async fn through_ssh_and_nginx_nothing_but_callbacks_gets_in() {
    let shop = Shop::open();
    let tunnel = open_with_tls(&shop);
    journey::nothing_but_callbacks_gets_in(&shop, &tunnel).await;
    assert!(!answers(&shop.network, address("10.77.0.1:18081")), "the exit is for the server's own nginx");
}

#[test]
fn through_ssh_every_byte_arrives() {
    let mut shop = Shop::open();
    let tunnel = open(&shop);
    journey::every_byte_arrives(&mut shop, &tunnel);
}

#[test]
fn through_ssh_and_nginx_headers_and_body_arrive() {
    let mut shop = Shop::open();
    let tunnel = open_with_tls(&shop);
    journey::headers_and_body_arrive(&mut shop, &tunnel);
}

#[tokio::test]
async fn an_outage_of_ssh_loses_nothing() {
    let shop = Shop::open();
    let mut tunnel = open_with_tls(&shop);
    journey::an_outage_loses_nothing(&shop, &mut tunnel).await;
}

#[test]
fn with_the_tunnels_key_nothing_else_can_be_done_on_the_public_server() {
    let shop = Shop::open();
    let folder = folder(&shop, "ssh");
    prepare_client(&folder);
    let sshd = start_sshd(&shop, &folder);
    trust_host(&folder);
    let host = "tablebell-tunnel";
    for (what, words) in [
        ("another port", vec!["-N", "-R", "127.0.0.1:18082:127.0.0.1:8081", host]),
        ("a public port", vec!["-N", "-R", "0.0.0.0:18082:127.0.0.1:8081", host]),
        ("any free port", vec!["-N", "-R", "127.0.0.1:0:127.0.0.1:8081", host]),
        ("a socket", vec!["-N", "-R", "/run/thief:127.0.0.1:8081", host]),
        ("a way on", vec!["-W", SSHD, host]),
        ("a command", vec!["-o", "ClearAllForwardings=yes", host, "id"]),
        ("files", vec!["-o", "ClearAllForwardings=yes", "-s", host, "sftp"]),
    ] {
        let log = folder.join(format!("{what}.log"));
        let mut command = shop.network.store.command("ssh");
        command.arg("-F").arg(folder.join("ssh_config")).args(words).env("CREDENTIALS_DIRECTORY", &folder);
        let mut ssh = Program::start(&mut command, &log);
        assert_eq!(ssh.wait().code(), Some(255), "{what}: {}", ssh.said());
        assert!(!ssh.said().contains("uid="), "{what}: {}", ssh.said());
    }
    assert_eq!(sshd.said().matches("Accepted publickey for tablebell-tunnel").count(), 7, "{}", sshd.said());
}
