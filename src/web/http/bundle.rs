//! A page's modules as one script. A cheap phone waits longest for many small requests; so the sources stay modules,
//! each with a scope of its own, and only what is served is joined. Comments stay at home. `build.rs` runs this.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// Module sources by their paths below `js/`.
pub type Sources<'a> = BTreeMap<String, &'a str>;

/// What is wrong with a module, and where.
#[derive(Debug)]
pub struct Broken {
    path: String,
    line: usize,
    wrong: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.wrong)
    }
}

/// Whether every module that one of these imports is there, also those that are fetched later.
///
/// # Errors
/// The first import that leads nowhere.
pub fn check(sources: &Sources<'_>) -> Result<(), Broken> {
    for (path, text) in sources {
        for (number, line) in lines(text) {
            let Some(target) = imported(&line).filter(|target| !sources.contains_key(&resolve(path, target))) else {
                continue;
            };
            return Err(Broken { path: path.clone(), line: number, wrong: format!("there is no module {target}") });
        }
    }
    Ok(())
}

/// The page's script, and one for each of `later`: entries that it imports when it has time. Those take from the first
/// what it has already, for a module lives once.
///
/// # Errors
/// For a module that is not there, or not of the form that ours are.
pub fn join(sources: &Sources<'_>, entry: &str, later: &[&str]) -> Result<Vec<(String, String)>, Broken> {
    let mut known: Vec<String> = Vec::new();
    collect(sources, entry, &mut known)?;
    let first = known.len();
    let mut scripts = Vec::new();
    for &path in later {
        let from = known.len();
        collect(sources, path, &mut known)?;
        let mut text =
            format!("import {{ {} }} from \"{}{entry}\";\n", names(0..first), "../".repeat(path.matches('/').count()));
        // Two that are fetched later do not know each other: what both need belongs to the page's script.
        let (own, exports) = write(sources, &known, from)?;
        text.push_str(&own);
        text.push_str(&format!("export const {{ {} }} = ${};\n", exports.join(", "), known.len() - 1));
        scripts.push((path.to_owned(), text));
    }
    let (mut text, _) = write(sources, &known[..first], 0)?;
    if !later.is_empty() {
        text.push_str(&format!("export {{ {} }};\n", names(0..first)));
    }
    scripts.push((entry.to_owned(), text));
    Ok(scripts)
}

fn names(which: std::ops::Range<usize>) -> String {
    which.map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

/// Adds the module and what it imports, what is imported first.
fn collect(sources: &Sources<'_>, path: &str, known: &mut Vec<String>) -> Result<(), Broken> {
    if known.iter().any(|module| module == path) {
        return Ok(());
    }
    for (number, line) in lines(source(sources, path)?).filter(|(_, line)| line.starts_with("import ")) {
        collect(sources, &import(path, number, &line)?.1, known)?;
    }
    known.push(path.to_owned());
    Ok(())
}

fn source<'a>(sources: &Sources<'a>, path: &str) -> Result<&'a str, Broken> {
    let found = sources.get(path).copied();
    found.ok_or_else(|| Broken { path: path.to_owned(), line: 1, wrong: "there is no such module".to_owned() })
}

/// The lines of a module with their numbers; an import over several of them is one.
fn lines(source: &str) -> impl Iterator<Item = (usize, Cow<'_, str>)> {
    let mut lines = (1..).zip(source.lines());
    std::iter::from_fn(move || {
        let (number, first) = lines.next()?;
        let mut whole = Cow::Borrowed(first);
        while whole.starts_with("import ") && !whole.ends_with(';') {
            let Some((_, next)) = lines.next() else { break };
            whole.to_mut().push_str(&format!(" {}", next.trim()));
        }
        Some((number, whole))
    })
}

/// The module that a line imports, at once or when it is needed; comments import types.
fn imported(line: &str) -> Option<&str> {
    let is_comment = ["*", "//", "/*"].iter().any(|mark| line.trim_start().starts_with(mark));
    let at_once = line.strip_prefix("import ").and_then(|rest| rest.split_once(" from \""));
    let (_, target) = at_once.or_else(|| line.split_once("import(\"")).filter(|_| !is_comment)?;
    target.split_once('"').map(|(target, _)| target)
}

/// What an import names, and the path that it leads to: `import { a, b } from "./c.js";`.
fn import<'l>(from: &str, number: usize, line: &'l str) -> Result<(&'l str, String), Broken> {
    let parts = line
        .strip_prefix("import { ")
        .and_then(|rest| rest.strip_suffix("\";"))
        .and_then(|rest| rest.split_once(" } from \""));
    let (names, target) = parts.ok_or_else(|| odd(from, number, line))?;
    Ok((names.trim_end_matches(','), resolve(from, target)))
}

fn odd(path: &str, line: usize, text: &str) -> Broken {
    Broken { path: path.to_owned(), line, wrong: format!("this can't be joined: {text}") }
}

/// Where `target` leads from a module.
fn resolve(from: &str, target: &str) -> String {
    let mut folders: Vec<&str> = from.split('/').collect();
    folders.pop();
    for step in target.split('/') {
        match step {
            "." => {}
            ".." => drop(folders.pop()),
            name => folders.push(name),
        }
    }
    folders.join("/")
}

/// The modules from `from` on, each in a function of its own; and what the last of them exports.
fn write(sources: &Sources<'_>, known: &[String], from: usize) -> Result<(String, Vec<String>), Broken> {
    let mut text = String::new();
    let mut exports = Vec::new();
    for (number, path) in known.iter().enumerate().skip(from) {
        let (body, exported) = scope(sources, known, path)?;
        text.push_str(&format!("const ${number} = (() => {{\n{body}return {{ {} }};\n}})();\n", exported.join(", ")));
        exports = exported;
    }
    Ok((text, exports))
}

fn scope(sources: &Sources<'_>, known: &[String], path: &str) -> Result<(String, Vec<String>), Broken> {
    let mut body = String::new();
    let mut exports = Vec::new();
    let mut comment = false;
    for (line_number, line) in lines(source(sources, path)?) {
        let trimmed = line.trim_start();
        if comment || trimmed.starts_with("/*") {
            let behind = trimmed.split_once("*/").map(|(_, code)| code);
            comment = behind.is_none();
            push(&mut body, behind.unwrap_or_default());
        } else if line.starts_with("import ") {
            let (names, target) = import(path, line_number, &line)?;
            let number = known.iter().position(|module| *module == target).expect("it was collected");
            push(&mut body, &format!("const {{ {} }} = ${number};", names.replace(" as ", ": ")));
        } else if let Some(declared) = line.strip_prefix("export ") {
            exports.push(declared_name(declared).ok_or_else(|| odd(path, line_number, &line))?);
            push(&mut body, declared);
        } else if !trimmed.starts_with("//") {
            push(&mut body, &line);
        }
    }
    Ok((body, exports))
}

/// Adds a line that is not empty.
fn push(body: &mut String, line: &str) {
    if !line.trim().is_empty() {
        body.push_str(line);
        body.push('\n');
    }
}

fn declared_name(declared: &str) -> Option<String> {
    let words = declared.strip_prefix("async ").unwrap_or(declared);
    let rest = ["function ", "class ", "const ", "let "].iter().find_map(|kind| words.strip_prefix(kind))?;
    Some(rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect())
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
        let scripts: BTreeMap<_, _> = join(&sources, "page.js", &["more/late.js"]).unwrap().into_iter().collect();
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
        let [(_, page)] = &join(&sources, "page.js", &[]).unwrap()[..] else { panic!("one script") };
        let wanted = "const $0 = (() => {\nconst one = (x) => x,\n  y = 1;\nconst two = 2;\nreturn { one, two };\n})();\n\
            const $1 = (() => {\nconst { one, two: zwei } = $0;\none(\n (zwei),\n);\nreturn {  };\n})();\n";
        assert_eq!(page, wanted);
    }

    /// What is said of a page with this text.
    fn said(page: &str) -> Option<String> {
        let others =
            [("late/sheets.js", "import { one } from \"../one.js\";\n"), ("one.js", "export const one = 1;\n")];
        let sources =
            others.into_iter().chain([("page.js", page)]).map(|(path, text)| (path.to_owned(), text)).collect();
        let broken = check(&sources).and_then(|()| join(&sources, "page.js", &["late/sheets.js"])).err();
        broken.map(|broken| broken.to_string())
    }

    #[test]
    fn a_module_that_is_not_there_is_said_with_the_place_of_its_import() {
        for good in [
            "import { one } from \"./one.js\";",
            "import {\n  one,\n} from \"./late/../one.js\";",
            "const later = () => import(\"./late/sheets.js\");",
            "/**\n * @import {Two} from \"./two.js\"\n */",
            "/** @type {import(\"./two.js\").Two} */",
            "// import { two } from \"./two.js\";",
            "tell(\"a letter from \", two);",
        ] {
            assert_eq!(said(good), None, "{good}");
        }
        for (bad, line) in [
            ("import { two } from \"./two.js\";", 1),
            ("one();\nimport {\n  two,\n} from \"./two.js\";", 2),
            ("\nconst later = () => import(\"./two.js\");", 2),
        ] {
            assert_eq!(said(bad), Some(format!("page.js:{line}: there is no module ./two.js")), "{bad}");
        }
        assert_eq!(
            join(&Sources::new(), "page.js", &[]).unwrap_err().to_string(),
            "page.js:1: there is no such module"
        );
    }

    #[test]
    fn what_cannot_be_joined_is_said_with_its_place() {
        for (bad, line, text) in [
            ("\nimport * as one from \"./one.js\";\n", 2, "import * as one from \"./one.js\";"),
            ("import { one } from \"./one.js\"\none()", 1, "import { one } from \"./one.js\" one()"),
            ("one();\nexport default one;\n", 2, "export default one;"),
        ] {
            assert_eq!(said(bad), Some(format!("page.js:{line}: this can't be joined: {text}")));
        }
    }
}
