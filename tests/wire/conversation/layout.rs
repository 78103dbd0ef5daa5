//! JSON as it came, laid out to be read: order of the keys and every character of a value stay, line breaks are ours.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// Characters of a line that need not be broken.
const WIDTH: usize = 116;

/// A JSON text of which nothing is lost.
pub enum Node {
    /// A number, string, bool or null as it was written.
    Scalar(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// An object's members in their order.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Members, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Members;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(All)
    }
}

impl Node {
    /// `None` for what is no JSON, and for JSON with blanks between its parts, which would not be seen.
    pub fn read(text: &str) -> Option<Node> {
        let node = Node::of(serde_json::from_str(text).ok()?)?;
        (node.compact() == text).then_some(node)
    }

    fn of(raw: &RawValue) -> Option<Node> {
        Some(match raw.get().as_bytes().first()? {
            b'{' => {
                let Members(members) = serde_json::from_str(raw.get()).ok()?;
                Node::Object(
                    members.into_iter().map(|(name, raw)| Some((name, Node::of(&raw)?))).collect::<Option<_>>()?,
                )
            }
            b'[' => {
                let items: Vec<Box<RawValue>> = serde_json::from_str(raw.get()).ok()?;
                Node::List(items.iter().map(|raw| Node::of(raw)).collect::<Option<_>>()?)
            }
            _ => Node::Scalar(raw.get().to_owned()),
        })
    }

    /// Every scalar as `change` has it, which is told the name of its member.
    pub fn map(&mut self, name: &str, change: &mut impl FnMut(&str, &str) -> String) {
        match self {
            Node::Scalar(text) => *text = change(name, text),
            Node::List(items) => items.iter_mut().for_each(|item| item.map(name, change)),
            Node::Object(members) => members.iter_mut().for_each(|(name, node)| node.map(name, change)),
        }
    }

    /// The scalar at these names, without its quotes.
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        match (self, path) {
            (Node::Scalar(text), []) => Some(text.trim_matches('"')),
            (Node::Object(members), [name, rest @ ..]) => {
                members.iter().find(|(known, _)| known == name).and_then(|(_, node)| node.text(rest))
            }
            _ => None,
        }
    }

    fn compact(&self) -> String {
        match self {
            Node::Scalar(text) => text.clone(),
            Node::List(items) => format!("[{}]", items.iter().map(Node::compact).collect::<Vec<_>>().join(",")),
            Node::Object(members) => {
                let member = |(name, node): &(String, Node)| format!("{}:{}", quoted(name), node.compact());
                format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(","))
            }
        }
    }

    /// Lines of at most `WIDTH` characters, where it can be broken.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        self.write(0, "", "", &mut lines);
        lines
    }

    /// What has to be broken is: brackets on lines of their own, and between them as much on a line as there is room for.
    fn write(&self, depth: usize, before: &str, behind: &str, lines: &mut Vec<String>) {
        let indent = " ".repeat(depth);
        let whole = format!("{indent}{before}{}{behind}", self.compact());
        let parts: Vec<(String, &Node)> = match self {
            Node::List(items) if is_wide(&whole) => items.iter().map(|item| (String::new(), item)).collect(),
            Node::Object(members) if is_wide(&whole) => {
                members.iter().map(|(name, node)| (format!("{}:", quoted(name)), node)).collect()
            }
            _ => return lines.push(whole),
        };
        let (open, close) = if matches!(self, Node::List(_)) { ('[', ']') } else { ('{', '}') };
        lines.push(format!("{indent}{before}{open}"));
        let mut line = String::new();
        for (index, (name, node)) in parts.iter().enumerate() {
            let comma = if index + 1 < parts.len() { "," } else { "" };
            let part = format!("{name}{}{comma}", node.compact());
            if !line.is_empty() && is_wide(&format!("{line}{part}")) {
                lines.push(std::mem::take(&mut line));
            }
            match is_wide(&format!("{indent} {part}")) {
                true => node.write(depth + 1, name, comma, lines),
                false if line.is_empty() => line = format!("{indent} {part}"),
                false => line += &part,
            }
        }
        lines.extend(Some(line).filter(|line| !line.is_empty()));
        lines.push(format!("{indent}{close}{behind}"));
    }
}

fn is_wide(line: &str) -> bool {
    line.chars().count() > WIDTH
}

fn quoted(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}

#[test]
fn json_is_laid_out_without_loss() {
    let text = r#"{"b":38.00,"a":[1,{"é\n":"\u0041"},[]],"c":{},"b":null}"#;
    assert_eq!(Node::read(text).unwrap().lines(), [text]);
    assert!(Node::read(r#"{"a": 1}"#).is_none(), "a blank is not hidden");
    let long = format!("[{}]", [r#"{"amount":38.00}"#; 9].join(","));
    let lines = Node::read(&long).unwrap().lines();
    assert_eq!((lines.len(), lines[0].as_str(), lines.concat().replace(' ', "")), (4, "[", long));
}
