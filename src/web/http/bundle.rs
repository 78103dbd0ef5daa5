//! A page's modules as one script. A cheap phone waits longest for many small requests; so the sources stay modules,
//! each with a scope of its own, and only what is served is joined. Comments stay at home.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// Module sources by their paths below `js/`.
pub type Sources<'a> = BTreeMap<String, &'a str>;

/// The page's script, and one for each of `later`: entries that it imports when it has time. Those take from the first
/// what it has already, for a module lives once.
///
/// # Panics
/// When a module is not of the form that ours are; the tests join what is embedded.
pub fn join(sources: &Sources<'_>, entry: &str, later: &[&str]) -> Vec<(String, String)> {
    let mut known: Vec<String> = Vec::new();
    collect(sources, entry, &mut known);
    let first = known.len();
    let mut scripts = Vec::new();
    for &path in later {
        let from = known.len();
        collect(sources, path, &mut known);
        let mut text =
            format!("import {{ {} }} from \"{}{entry}\";\n", names(0..first), "../".repeat(path.matches('/').count()));
        // Two that are fetched later do not know each other: what both need belongs to the page's script.
        let (own, exports) = write(sources, &known, from);
        text.push_str(&own);
        text.push_str(&format!("export const {{ {} }} = ${};\n", exports.join(", "), known.len() - 1));
        scripts.push((path.to_owned(), text));
    }
    let (mut text, _) = write(sources, &known[..first], 0);
    if !later.is_empty() {
        text.push_str(&format!("export {{ {} }};\n", names(0..first)));
    }
    scripts.push((entry.to_owned(), text));
    scripts
}

fn names(which: std::ops::Range<usize>) -> String {
    which.map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

/// Adds the module and what it imports, what is imported first.
fn collect(sources: &Sources<'_>, path: &str, known: &mut Vec<String>) {
    if known.iter().any(|module| module == path) {
        return;
    }
    for line in lines(source(sources, path)).filter(|line| line.starts_with("import ")) {
        collect(sources, &import(path, &line).1, known);
    }
    known.push(path.to_owned());
}

fn source<'a>(sources: &Sources<'a>, path: &str) -> &'a str {
    sources.get(path).unwrap_or_else(|| panic!("there is no module {path}"))
}

/// The lines of a module; an import over several of them is one.
fn lines(source: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let mut lines = source.lines();
    std::iter::from_fn(move || {
        let mut whole = Cow::Borrowed(lines.next()?);
        while whole.starts_with("import ") && !whole.ends_with(';') {
            let next = lines.next()?.trim();
            whole.to_mut().push_str(&format!(" {next}"));
        }
        Some(whole)
    })
}

/// What an import names, and the path that it leads to: `import { a, b } from "./c.js";`.
fn import<'l>(from: &str, line: &'l str) -> (&'l str, String) {
    let parts = line
        .strip_prefix("import { ")
        .and_then(|rest| rest.strip_suffix("\";"))
        .and_then(|rest| rest.split_once(" } from \""));
    let (names, target) = parts.unwrap_or_else(|| panic!("{from}: {line}"));
    let mut folders: Vec<&str> = from.split('/').collect();
    folders.pop();
    for step in target.split('/') {
        match step {
            "." => {}
            ".." => drop(folders.pop()),
            name => folders.push(name),
        }
    }
    (names.trim_end_matches(','), folders.join("/"))
}

/// The modules from `from` on, each in a function of its own; and what the last of them exports.
fn write(sources: &Sources<'_>, known: &[String], from: usize) -> (String, Vec<String>) {
    let mut text = String::new();
    let mut exports = Vec::new();
    for (number, path) in known.iter().enumerate().skip(from) {
        let (body, exported) = scope(sources, known, path);
        text.push_str(&format!("const ${number} = (() => {{\n{body}return {{ {} }};\n}})();\n", exported.join(", ")));
        exports = exported;
    }
    (text, exports)
}

fn scope(sources: &Sources<'_>, known: &[String], path: &str) -> (String, Vec<String>) {
    let mut body = String::new();
    let mut exports = Vec::new();
    let mut comment = false;
    for line in lines(source(sources, path)) {
        let trimmed = line.trim_start();
        if comment || trimmed.starts_with("/*") {
            let behind = trimmed.split_once("*/").map(|(_, code)| code);
            comment = behind.is_none();
            push(&mut body, behind.unwrap_or_default());
        } else if line.starts_with("import ") {
            let (names, target) = import(path, &line);
            let number = known.iter().position(|module| *module == target).expect("it was collected");
            push(&mut body, &format!("const {{ {} }} = ${number};", names.replace(" as ", ": ")));
        } else if let Some(declared) = line.strip_prefix("export ") {
            exports.push(declared_name(path, declared));
            push(&mut body, declared);
        } else if !trimmed.starts_with("//") {
            push(&mut body, &line);
        }
    }
    (body, exports)
}

/// Adds a line that is not empty.
fn push(body: &mut String, line: &str) {
    if !line.trim().is_empty() {
        body.push_str(line);
        body.push('\n');
    }
}

fn declared_name(path: &str, declared: &str) -> String {
    let words = declared.strip_prefix("async ").unwrap_or(declared);
    let rest = ["function ", "class ", "const ", "let "].iter().find_map(|kind| words.strip_prefix(kind));
    let rest = rest.unwrap_or_else(|| panic!("{path}: export {declared}"));
    rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_joined_in_the_order_they_need_each_other_and_live_once() {
        let sources = [
            (
                "page.js",
                "// Entry.\nimport { twice } from \"./shared/sum.js\";\n/**\n * @import {X} from \"./none.js\"\n */\nconst later = () => import(\"./more/late.js\");\ntwice(1);\n",
            ),
            (
                "shared/sum.js",
                "import { one as two } from \"./one.js\";\n\n/** Doc. */\nexport function twice(x) {\n  return x * two; // stays\n}\n",
            ),
            ("shared/one.js", "export const one = 2;\n"),
            (
                "more/late.js",
                "import { twice } from \"../shared/sum.js\";\nexport async function late() {\n  return twice(3);\n}\n",
            ),
        ];
        let sources = sources.map(|(path, text)| (path.to_owned(), text)).into();
        let scripts: BTreeMap<_, _> = join(&sources, "page.js", &["more/late.js"]).into_iter().collect();
        let page = "const $0 = (() => {\nconst one = 2;\nreturn { one };\n})();\n\
            const $1 = (() => {\nconst { one: two } = $0;\nfunction twice(x) {\n  return x * two; // stays\n}\nreturn { twice };\n})();\n\
            const $2 = (() => {\nconst { twice } = $1;\nconst later = () => import(\"./more/late.js\");\ntwice(1);\nreturn {  };\n})();\n\
            export { $0, $1, $2 };\n";
        assert_eq!(scripts["page.js"], page);
        let late = "import { $0, $1, $2 } from \"../page.js\";\n\
            const $3 = (() => {\nconst { twice } = $1;\nasync function late() {\n  return twice(3);\n}\nreturn { late };\n})();\n\
            export const { late } = $3;\n";
        assert_eq!(scripts["more/late.js"], late);
    }

    #[test]
    fn imports_and_casts_may_stand_on_lines_of_their_own() {
        let sources = [
            (
                "page.js",
                "import {\n  one,\n  two as zwei,\n} from \"./sum.js\";\none(\n  /** @type {X} */ (zwei),\n);\n",
            ),
            ("sum.js", "/* Nothing\n of it. */\nexport const one = (x) => x,\n  y = 1;\nexport const two = 2;\n"),
        ];
        let sources = sources.map(|(path, text)| (path.to_owned(), text)).into();
        let [(_, page)] = &join(&sources, "page.js", &[])[..] else { panic!("one script") };
        let wanted = "const $0 = (() => {\nconst one = (x) => x,\n  y = 1;\nconst two = 2;\nreturn { one, two };\n})();\n\
            const $1 = (() => {\nconst { one, two: zwei } = $0;\none(\n (zwei),\n);\nreturn {  };\n})();\n";
        assert_eq!(page, wanted);
    }
}
