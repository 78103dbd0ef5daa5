//! The import rules of ARCHITECTURE.md, read off the sources.

use std::collections::BTreeMap;
use std::path::Path;

const NOUNS: [&str; 13] = [
    "alert", "bill", "cart", "clock", "member", "menu", "order", "payment", "picture", "report", "room", "seating",
    "staff",
];

/// A noun may use those it lists here, and no other.
const MAY_USE: [(&str, &[&str]); 13] = [
    ("menu", &["staff"]),
    ("picture", &[]),
    ("seating", &["staff"]),
    ("staff", &[]),
    ("member", &[]),
    ("alert", &[]),
    ("clock", &["alert"]),
    ("cart", &["menu", "seating"]),
    ("order", &["alert", "cart", "menu", "seating", "staff"]),
    ("bill", &["order", "staff"]),
    ("payment", &["alert", "bill", "member", "order", "seating", "staff"]),
    ("report", &["order", "payment", "staff"]),
    ("room", &["alert", "bill", "cart", "menu", "order", "payment", "seating", "staff"]),
];

/// Every source below src/ by its path there, without comments and test modules.
fn sources() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with("tests") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("tests.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
                let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                found.insert(name, code.join("\n"));
            }
        }
    }
    assert!(found.len() > 30, "the sources are found");
    found
}

fn offenders(allowed: impl Fn(&str) -> bool, words: &[&str]) -> Vec<String> {
    let names = |code: &str, word: &str| {
        code.match_indices(word).any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
    };
    sources()
        .iter()
        .filter(|(path, _)| !allowed(path))
        .flat_map(|(path, code)| {
            words.iter().filter(|word| names(code, word)).map(move |word| format!("{path} names {word}"))
        })
        .collect()
}

#[test]
fn only_web_names_warp_and_only_alert_names_sound_and_popup_crates() {
    assert_eq!(offenders(|path| path.starts_with("web/"), &["warp::"]), [""; 0]);
    let sound = |path: &str| ["alert/speaker.rs", "alert/loudspeaker.rs"].contains(&path);
    assert_eq!(offenders(sound, &["rodio::", "cpal::", "alsa::"]), [""; 0]);
    assert_eq!(offenders(|path| path == "alert/popup.rs", &["zbus::"]), [""; 0]);
}

#[test]
fn only_the_printed_sheet_names_fonts_and_drawing_and_only_the_command_line_names_the_sheet() {
    let drawing = ["fontdb::", "skrifa::", "tiny_skia::", "pdf_writer::", "png::Encoder"];
    assert_eq!(offenders(|path| path.starts_with("sheet/"), &drawing), [""; 0]);
    let packing = |path: &str| path == "sheet/picture.rs" || path == "web/gzip.rs";
    assert_eq!(offenders(packing, &["flate2::"]), [""; 0], "the sheet's PDF, and what phones fetch");
    assert_eq!(offenders(|path| path.starts_with("cli/"), &["crate::sheet"]), [""; 0], "the daemon never loads fonts");
}

#[test]
fn only_one_file_talks_to_systemd_and_one_to_the_allocator_and_they_alone_are_unsafe() {
    assert_eq!(offenders(|path| path == "systemd.rs", &["sd_notify::"]), [""; 0]);
    assert_eq!(offenders(|path| path == "memory.rs", &["libc::"]), [""; 0]);
    assert_eq!(offenders(|path| ["systemd.rs", "memory.rs"].contains(&path), &["unsafe "]), [""; 0]);
}

#[test]
fn sql_is_written_in_sql_files_and_the_store_only() {
    let allowed = |path: &str| path.ends_with("sql.rs") || path.starts_with("store/");
    assert_eq!(offenders(allowed, &["prepare_cached(", "execute_batch(", "query_row(", "query_map("]), [""; 0]);
}

#[test]
fn units_and_errors_import_no_sibling_and_the_store_no_noun() {
    let outside = |path: &str| path != "units.rs" && path != "typed.rs";
    assert_eq!(offenders(outside, &["crate::"]), [""; 0]);
    let error = sources()["error.rs"].replace("crate::typed", "");
    assert!(!error.contains("crate::"), "sentences know of text, and of nothing else");
    let nouns: Vec<String> = NOUNS.iter().map(|noun| format!("crate::{noun}")).collect();
    let nouns: Vec<&str> = nouns.iter().map(String::as_str).collect();
    assert_eq!(offenders(|path| !path.starts_with("store/") && path != "hub.rs", &nouns), [""; 0]);
}

#[test]
fn rules_are_pure() {
    let pure = NOUNS.map(|noun| format!("{noun}/mod.rs"));
    let rules = |path: &str| {
        pure.iter().any(|one| one == path)
            || ["order/state.rs", "order/price.rs", "alert/queue.rs", "alert/notice.rs"].contains(&path)
            || path.starts_with("alert/sentence/")
    };
    let impure = ["tokio::", "rusqlite::", "warp::", "std::fs", "std::net", "Timestamp::now", "secret::"];
    assert_eq!(offenders(|path| !rules(path), &impure), [""; 0]);
}

#[test]
fn nouns_depend_downward_only() {
    for (noun, below) in MAY_USE {
        let others: Vec<String> = NOUNS
            .iter()
            .filter(|other| **other != noun && !below.contains(other))
            .map(|other| format!("crate::{other}"))
            .collect();
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        let elsewhere = |path: &str| !path.starts_with(&format!("{noun}/"));
        assert_eq!(offenders(elsewhere, &others), [""; 0], "{noun}");
        assert_eq!(offenders(elsewhere, &["crate::web", "crate::daemon", "crate::config"]), [""; 0], "{noun}");
    }
}

#[test]
fn only_the_daemon_and_the_command_line_import_everyone() {
    let above = |path: &str| ["daemon.rs", "cli.rs", "main.rs", "lib.rs"].contains(&path) || path.starts_with("cli/");
    assert_eq!(offenders(above, &["crate::daemon", "crate::cli"]), [""; 0]);
    let roots = |path: &str| above(path) || path.starts_with("web/");
    assert_eq!(offenders(roots, &["crate::web"]), [""; 0]);
    assert_eq!(offenders(|path| !path.starts_with("web/"), &["::sql::"]), [""; 0], "web calls actions, never sql");
}

#[test]
fn files_stay_readable() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|(_, code)| code.lines().count() > 600)
        .map(|(path, code)| format!("{path}: {} lines", code.lines().count()))
        .collect();
    assert_eq!(long, [""; 0]);
}
