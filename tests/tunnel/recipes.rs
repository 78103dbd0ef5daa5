//! packaging/tunnel as text: what every recipe has to say, and must not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Each kind with its client's configuration.
const KINDS: [(&str, &str); 5] = [
    ("cloudflared", "cloudflared/config.yml"),
    ("cpolar", "cpolar/cpolar.yml"),
    ("frp", "frp/frpc.toml"),
    ("rathole", "rathole/client.toml"),
    ("ssh", "ssh/ssh_config"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/tunnel")
}

pub fn recipe(path: &str) -> String {
    std::fs::read_to_string(folder().join(path)).unwrap_or_else(|error| panic!("packaging/tunnel/{path}: {error}"))
}

/// A recipe with its marked places filled in.
pub fn filled(path: &str, places: &[(&str, &str)]) -> String {
    places.iter().fold(recipe(path), |recipe, (place, ours)| {
        assert_eq!(recipe.matches(place).count(), 1, "{path} marks {place:?}");
        recipe.replace(place, ours)
    })
}

/// A recipe without its comments.
fn settings(path: &str) -> Vec<String> {
    let without_comment = |line: &str| line.split(" #").next().unwrap_or_default().trim().to_owned();
    let recipe = recipe(path);
    let lines = recipe.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines.map(without_comment).filter(|line| !line.is_empty()).collect()
}

/// A systemd unit: section and key with every value given.
pub struct Unit {
    kind: String,
    values: BTreeMap<(String, String), Vec<String>>,
}

impl Unit {
    pub fn of(kind: &str) -> Unit {
        let (mut section, mut values) = (String::new(), BTreeMap::<_, Vec<String>>::new());
        for line in settings(&format!("{kind}/tablebell-tunnel-{kind}@.service")) {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                section = name.to_owned();
            } else {
                let (key, value) = line.split_once('=').unwrap_or_else(|| panic!("{kind}: {line:?}"));
                values.entry((section.clone(), key.to_owned())).or_default().push(value.to_owned());
            }
        }
        Unit { kind: kind.to_owned(), values }
    }

    fn all(&self, section: &str, key: &str) -> &[String] {
        self.values.get(&(section.to_owned(), key.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// The value of a key that is given once.
    pub fn one(&self, section: &str, key: &str) -> &str {
        let values = self.all(section, key);
        assert_eq!(values.len(), 1, "the unit of {}: [{section}] {key}= {values:?}", self.kind);
        &values[0]
    }
}

#[test]
fn every_unit_lives_and_dies_with_the_daemon_and_never_gives_up() {
    for (kind, _) in KINDS {
        let unit = Unit::of(kind);
        for (section, key, value) in [
            ("Unit", "BindsTo", "tablebell@%i.service"),
            ("Unit", "After", "tablebell@%i.service network-online.target"),
            ("Unit", "Wants", "network-online.target"),
            ("Unit", "StartLimitIntervalSec", "0"),
            ("Service", "Restart", "always"),
            ("Install", "WantedBy", "tablebell@%i.service"),
        ] {
            assert_eq!(unit.one(section, key), value, "{kind}: {key}");
        }
        assert!(unit.one("Service", "RestartSec").parse::<u32>().is_ok_and(|seconds| (1..=30).contains(&seconds)));
    }
}

#[test]
fn every_unit_may_do_little_and_gets_its_secret_from_systemd() {
    for (kind, _) in KINDS {
        let unit = Unit::of(kind);
        for (key, value) in [
            ("DynamicUser", "yes"),
            ("NoNewPrivileges", "yes"),
            ("CapabilityBoundingSet", ""),
            ("ProtectSystem", "strict"),
            ("ProtectHome", "yes"),
            ("PrivateTmp", "yes"),
            ("PrivateDevices", "yes"),
            ("ProtectProc", "invisible"),
            ("RestrictNamespaces", "yes"),
            ("RestrictSUIDSGID", "yes"),
            ("MemoryDenyWriteExecute", "yes"),
            ("SystemCallArchitectures", "native"),
            ("UMask", "0077"),
        ] {
            assert_eq!(unit.one("Service", key), value, "{kind}: {key}");
        }
        assert_eq!(unit.all("Service", "SystemCallFilter"), ["@system-service", "~@privileged @resources"], "{kind}");
        assert_eq!(unit.all("Service", "User"), [""; 0], "{kind}");

        // The program finds the secret where systemd puts it, by command line or by configuration.
        let (name, path) = unit.one("Service", "LoadCredential").split_once(':').expect("a name and a path");
        assert!(path.starts_with("/etc/tablebell/tunnel/"), "{kind}: {path}");
        let client = KINDS.iter().find(|(it, _)| *it == kind).map(|(_, client)| settings(client).join("\n"));
        let said = [unit.one("Service", "ExecStart"), &client.expect("a client")].join("\n").replace("{{ .Envs.", "${");
        let said = said.replace(" }}", "}");
        assert!(said.contains(&format!("${{CREDENTIALS_DIRECTORY}}/{name}")), "{kind}: {said}");
    }
}

/// The lines of a client's configuration that name something of the counter PC.
fn exposed(client: &str, key: &str) -> Vec<String> {
    let named = |line: &String| line.trim_start_matches("- ").starts_with(key);
    settings(client).into_iter().filter(named).map(|line| line.trim_start_matches("- ").to_owned()).collect()
}

#[test]
fn every_client_exposes_the_callback_listener_and_nothing_else() {
    for (client, key, expected) in [
        (
            "cloudflared/config.yml",
            "service:",
            ["service: http://127.0.0.1:8081", "service: http_status:404"].as_slice(),
        ),
        ("cpolar/cpolar.yml", "addr:", &[r#"addr: "127.0.0.1:8081""#]),
        ("frp/frpc.toml", "local", &[r#"localIP = "127.0.0.1""#, "localPort = 8081"]),
        ("rathole/client.toml", "local_addr", &[r#"local_addr = "127.0.0.1:8081""#]),
        ("ssh/ssh_config", "RemoteForward", &["RemoteForward 127.0.0.1:18081 127.0.0.1:8081"]),
    ] {
        assert_eq!(exposed(client, key), expected, "{client}");
    }
    let frp: toml::Table = toml::from_str(&recipe("frp/frpc.toml")).expect("frpc.toml is TOML");
    assert_eq!(frp["proxies"].as_array().map(Vec::len), Some(1));
    assert_eq!(frp["proxies"][0]["type"].as_str(), Some("tcp"), "http would change headers");
    let rathole: toml::Table = toml::from_str(&recipe("rathole/client.toml")).expect("client.toml is TOML");
    assert_eq!(rathole["client"]["services"].as_table().map(toml::Table::len), Some(1));
    for keyword in ["LocalForward", "DynamicForward", "ProxyCommand"] {
        assert_eq!(exposed("ssh/ssh_config", keyword), [""; 0]);
    }
}

#[test]
fn public_servers_keep_the_tunnels_exit_to_themselves() {
    let frp: toml::Table = toml::from_str(&recipe("frp/frps.toml")).expect("frps.toml is TOML");
    assert_eq!(frp["proxyBindAddr"].as_str(), Some("127.0.0.1"));
    assert_eq!(frp["allowPorts"].as_array().map(Vec::len), Some(1));
    assert_eq!(frp["allowPorts"][0]["single"].as_integer(), Some(18081));
    let rathole: toml::Table = toml::from_str(&recipe("rathole/server.toml")).expect("server.toml is TOML");
    assert_eq!(rathole["server"]["services"]["tablebell"]["bind_addr"].as_str(), Some("127.0.0.1:18081"));
    assert_eq!(exposed("ssh/sshd_config", "PermitListen"), ["PermitListen 127.0.0.1:18081"]);
    let client: toml::Table = toml::from_str(&recipe("frp/frpc.toml")).expect("frpc.toml is TOML");
    assert_eq!(client["proxies"][0]["remotePort"].as_integer(), Some(18081));
    for proxy in ["server/nginx.conf", "server/Caddyfile"] {
        let settings = settings(proxy).join("\n");
        assert!(settings.contains("127.0.0.1:18081"), "{proxy}");
        for path in ["/pay/notify/", "/notify/paySuccess", "/healthz"] {
            assert!(settings.contains(path), "{proxy}: {path}");
        }
        for redirect in ["return 301", "return 302", "redir ", "rewrite "] {
            assert!(!settings.contains(redirect), "{proxy}: {redirect}");
        }
    }
}

#[test]
fn every_recipe_names_the_callback_listener_and_none_the_phones() {
    let (mut folders, mut files) = (vec![folder()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the folder opens") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    assert!(files.len() > 20, "the recipes are found: {files:?}");
    for path in files {
        let text = std::fs::read_to_string(&path).expect("a text");
        assert!(!text.contains("8080"), "{} names the LAN listener", path.display());
    }
    for (kind, client) in KINDS {
        assert!(recipe(client).contains("127.0.0.1:8081") || kind == "frp", "{client}");
        let readme = recipe(&format!("{kind}/README.md"));
        assert!(readme.contains("127.0.0.1:8081") && readme.contains("/healthz"), "{kind}/README.md");
    }
}
