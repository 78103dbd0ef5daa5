//! Recorded conversations: whole files of requests and what the daemon answers, frames and events too. They are played anew
//! against a new shop, and whatever is answered otherwise is a difference. What is random, or tells the time, has a name.
//!
//! `TABLEBELL_RECORD=yes cargo test --test wire conversation` writes the files anew; the change says why. What a script may
//! say is told in `script.rs`.

mod answer;
mod body;
mod layout;
mod names;
mod player;
mod script;
mod shop;
mod whole;

use player::Player;
use script::Script;
use std::fmt::Write;
use std::path::PathBuf;

const RECORD: &str = "TABLEBELL_RECORD";
/// Lines around a difference.
const AROUND: usize = 3;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/conversations"))
}

/// Plays a file's script; what is answered has to be what the file says.
async fn holds(name: &str) {
    let path = folder().join(format!("{name}.txt"));
    let recorded = std::fs::read_to_string(&path).expect("a conversation");
    let played = Player::play(&Script::read(&recorded)).await;
    if std::env::var_os(RECORD).is_some_and(|wanted| wanted == "yes") {
        std::fs::write(&path, played).expect("the file is written");
    } else if played != recorded {
        panic!(
            "{name}.txt has another answer now (- recorded, + answered):\n{}\nIf it is meant, run it again with \
             {RECORD}=yes and say so in the commit.",
            difference(&recorded, &played)
        );
    }
}

/// The lines that differ, with some around them.
fn difference(recorded: &str, played: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (recorded.lines().collect(), played.lines().collect());
    let mut marked: Vec<(char, &str)> = Vec::new();
    let (mut i, mut j) = (0, 0);
    let lengths = common(&old, &new);
    while i < old.len() || j < new.len() {
        match (old.get(i), new.get(j)) {
            (Some(left), Some(right)) if left == right => {
                marked.push((' ', left));
                (i, j) = (i + 1, j + 1);
            }
            (Some(left), _) if j == new.len() || lengths[i + 1][j] >= lengths[i][j + 1] => {
                marked.push(('-', left));
                i += 1;
            }
            (_, Some(right)) => {
                marked.push(('+', right));
                j += 1;
            }
            (_, None) => break,
        }
    }
    let near =
        |at: usize| marked[at.saturating_sub(AROUND)..marked.len().min(at + AROUND + 1)].iter().any(|one| one.0 != ' ');
    let mut text = String::new();
    for (at, (sign, line)) in marked.iter().enumerate() {
        match near(at) {
            true => writeln!(text, "{sign} {line}").expect("a string takes all"),
            false if at > 0 && near(at - 1) => text.push_str("  …\n"),
            false => {}
        }
    }
    text
}

/// How many lines both have in common from a line of each on, in order.
fn common(old: &[&str], new: &[&str]) -> Vec<Vec<u32>> {
    let mut lengths = vec![vec![0; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            lengths[i][j] = match old[i] == new[j] {
                true => lengths[i + 1][j + 1] + 1,
                false => lengths[i + 1][j].max(lengths[i][j + 1]),
            };
        }
    }
    lengths
}

macro_rules! conversations {
    ($($name:ident),* $(,)?) => {
        /// The files that are played, each by a test of its name.
        const PLAYED: &[&str] = &[$(stringify!($name)),*];
        $(#[tokio::test]
        async fn $name() {
            holds(stringify!($name)).await;
        })*
    };
}

conversations!(
    bills,
    callbacks,
    cart_socket,
    counter,
    day,
    diner,
    english,
    members,
    menu,
    money,
    open,
    refusals,
    sky,
    staff,
    tables,
);

#[test]
fn every_recorded_conversation_is_played() {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<String> = files.map(|name| name.trim_end_matches(".txt").to_owned()).collect();
    files.sort();
    let mut played: Vec<String> = PLAYED.iter().map(|name| (*name).to_owned()).collect();
    played.sort();
    assert_eq!(files, played);
}

#[test]
fn a_difference_is_shown_with_what_is_around_it() {
    let old = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n";
    let told = difference(old, &old.replace("e\n", "E\nE2\n"));
    assert_eq!(told, "  b\n  c\n  d\n- e\n+ E\n+ E2\n  f\n  g\n  h\n  …\n");
}
