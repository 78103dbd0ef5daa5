//! The pages and sounds are embedded in the binary: what is new among them has to be embedded too. The phone's modules are
//! joined here, so that a module that is missing, or can't be joined, fails the build and not the shop.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

#[path = "src/web/http/bundle.rs"]
mod bundle;

/// Where the pages' modules lie.
const MODULES: &str = "assets/js";

/// Pages whose modules are joined: the entry, and those that it fetches later.
const BUNDLES: [(&str, &[&str]); 1] = [("phone.js", &["phone/sheets.js"])];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=assets");
    let texts = read(Path::new(MODULES))?;
    let sources: bundle::Sources<'_> = texts.iter().map(|(path, text)| (path.clone(), text.as_str())).collect();
    // All pages' modules, also of those that are served as they are.
    let mut scripts = bundle::check(&sources).map(|()| Vec::new());
    for (entry, later) in BUNDLES {
        scripts = scripts.and_then(|others| Ok([others, bundle::join(&sources, entry, later)?].concat()));
    }
    match scripts {
        Ok(scripts) => write(&scripts),
        Err(broken) => {
            println!("cargo::error={MODULES}/{broken}");
            Ok(())
        }
    }
}

/// Files by their paths below `root`.
fn read(root: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut texts = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            match path.strip_prefix(root) {
                Ok(below) if path.is_file() => {
                    texts.insert(below.display().to_string(), fs::read_to_string(&path)?);
                }
                _ => folders.push(path),
            }
        }
    }
    Ok(texts)
}

/// For `web/http/pages.rs` to embed.
fn write(scripts: &[(String, String)]) -> io::Result<()> {
    let root = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?).join("joined");
    if root.exists() {
        fs::remove_dir_all(&root)?;
    }
    for (path, text) in scripts {
        let path = root.join(path);
        fs::create_dir_all(path.with_file_name(""))?;
        fs::write(path, text)?;
    }
    Ok(())
}
