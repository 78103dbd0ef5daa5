//! A conversation's file: what is said, line by line, and below each step what was answered.
//!
//! ```text
//! shop: mode = "first" => mode = "later"   a change of the configuration
//! anna> POST /api/store/session            a request; what is indented below it are headers (`+ name: value`) and the body
//!   {"code":"<code A01>"}
//! < 200 json                               the answer, as it was recorded
//! < {"code":200,…}
//! boss> POST /admin/member gives mei       the answer's token is mei's
//! boss> GET /admin/order/1 until "paid"    asked again until the answer has this
//! anna opens /ws/cart/1?token=<token of anna>
//! anna hears 2                             waits for so many frames, in their order
//! anna hears cart_update, order_update     waits for one of each name
//! anna hears all                           what comes before the answer to a sign of life; `nothing` says that it is none
//! anna sends {"type":"heartbeat"}
//! ben streams /api/store/order/sse/1       events are heard like frames
//! nobody writes                            bytes, line by line; `@` is an empty one
//! ```
//!
//! Who has logged in or scanned speaks with that token; `provider` speaks to the tunnel listener. A name in `<…>` is what
//! an answer has shown by it, or one of `today`, `today-3`, `day` (20261120), `token of …`, `password`, `lan host`. A body
//! that begins with `@` is made of something (`body.rs`).

/// A line, or a step with the lines below it.
pub enum Line {
    /// A remark, or an empty line.
    Text(String),
    Step {
        step: Step,
        lines: Vec<String>,
    },
}

#[derive(Debug)]
pub enum Step {
    Ask(Ask),
    /// A WebSocket.
    Open {
        who: String,
        path: String,
        headers: Vec<(String, String)>,
    },
    /// An event stream.
    Stream {
        who: String,
        path: String,
    },
    Send {
        who: String,
        text: String,
    },
    /// A frame of bytes.
    SendBytes {
        who: String,
        bytes: usize,
    },
    Hear {
        who: String,
        what: Heard,
    },
    /// Bytes on a connection of their own, line by line.
    Write {
        lines: Vec<String>,
    },
}

#[derive(Debug)]
pub enum Heard {
    Some(usize),
    /// One of each of these names, whichever comes first: a line's latest cart and its events do not wait for each other.
    Named(Vec<String>),
    /// What comes before the answer to a sign of life.
    All,
    /// The same, and it is nothing.
    Nothing,
    /// The frame that says that the PC is neither heard nor seen, which else is passed over.
    Alarm,
}

#[derive(Debug, Default)]
pub struct Ask {
    pub who: String,
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
    /// Who has the token of the answer from now on.
    pub gives: Option<String>,
    /// Asked again until the answer has this.
    pub until: Option<String>,
}

pub struct Script {
    /// What is changed in the configuration: from, to.
    pub shop: Vec<(String, String)>,
    pub lines: Vec<Line>,
}

impl Script {
    /// # Panics
    /// What is not understood.
    pub fn read(text: &str) -> Script {
        let mut script = Script { shop: Vec::new(), lines: Vec::new() };
        let mut rest = text.lines().filter(|line| !line.starts_with('<')).peekable();
        while let Some(line) = rest.next() {
            let change = line.strip_prefix("shop: ").map(|change| change.split_once(" => ").expect("from => to"));
            if let Some((from, to)) = change {
                script.shop.push((from.to_owned(), to.to_owned()));
            }
            if line.is_empty() || line.starts_with('#') || change.is_some() {
                script.lines.push(Line::Text(line.to_owned()));
                continue;
            }
            let mut lines = vec![line.to_owned()];
            while let Some(below) = rest.next_if(|below| below.starts_with("  ")) {
                lines.push(below.to_owned());
            }
            let step = Step::read(line, &lines[1..]).unwrap_or_else(|| panic!("what does this mean? {line}"));
            script.lines.push(Line::Step { step, lines });
        }
        script
    }
}

impl Script {
    /// The days that it speaks of, from today: `<today-3>`.
    pub fn days(&self) -> impl Iterator<Item = i64> {
        let lines = self.lines.iter().flat_map(|line| match line {
            Line::Text(_) => &[][..],
            Line::Step { lines, .. } => lines,
        });
        let days = lines.flat_map(|line| line.split("<today").skip(1));
        days.filter_map(|rest| rest.split('>').next()?.parse().ok())
    }
}

impl Step {
    fn read(line: &str, below: &[String]) -> Option<Step> {
        let (who, what) = line.split_once(' ')?;
        if let Some(who) = who.strip_suffix('>') {
            return Some(Step::Ask(Ask::read(who, what, below)?));
        }
        let (verb, rest) = what.split_once(' ').unwrap_or((what, ""));
        let who = who.to_owned();
        Some(match verb {
            "opens" => Step::Open { who, path: rest.to_owned(), headers: headers(below) },
            "streams" => Step::Stream { who, path: rest.to_owned() },
            "sends" => match rest.strip_prefix("@bytes ") {
                Some(bytes) => Step::SendBytes { who, bytes: bytes.parse().ok()? },
                None => Step::Send { who, text: rest.to_owned() },
            },
            "hears" => {
                let what = match rest {
                    "all" => Heard::All,
                    "nothing" => Heard::Nothing,
                    "the alarm" => Heard::Alarm,
                    count if count.starts_with(|c: char| c.is_ascii_digit()) => Heard::Some(count.parse().ok()?),
                    names => Heard::Named(names.split(", ").map(str::to_owned).collect()),
                };
                Step::Hear { who, what }
            }
            // An empty line is an `@`: one of blanks is not seen.
            "writes" => {
                let line = |line: &String| if line == "  @" { String::new() } else { line[2..].to_owned() };
                Step::Write { lines: below.iter().map(line).collect() }
            }
            _ => return None,
        })
    }
}

fn headers(below: &[String]) -> Vec<(String, String)> {
    let header = |line: &String| {
        let (name, value) = line.strip_prefix("  + ")?.split_once(": ")?;
        Some((name.to_owned(), value.to_owned()))
    };
    below.iter().filter_map(header).collect()
}

impl Ask {
    fn read(who: &str, what: &str, below: &[String]) -> Option<Ask> {
        let (what, until) = match what.split_once(" until ") {
            Some((what, until)) => (what, Some(until.to_owned())),
            None => (what, None),
        };
        let (what, gives) = match what.split_once(" gives ") {
            Some((what, gives)) => (what, Some(gives.to_owned())),
            None => (what, None),
        };
        let (method, path) = what.split_once(' ')?;
        let body: Vec<&str> = below.iter().filter(|line| !line.starts_with("  + ")).map(|line| &line[2..]).collect();
        Some(Ask {
            who: who.to_owned(),
            method: method.to_owned(),
            path: path.to_owned(),
            headers: headers(below),
            body: (!body.is_empty()).then(|| body.join("\n")),
            gives,
            until,
        })
    }
}
