//! `tablebell qr`: the printed table cards, and new codes for tables whose old ones went astray.

use super::{Listeners, Which, print};
use crate::config::Config;
use crate::error::Error;
use crate::operation::listener;
use crate::operation::terminal::note;
use crate::seating::{self, Place, Table};
use crate::secret;
use crate::sheet::{self, Fonts, Picture};
use crate::store::{self, setting};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::collections::HashSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// Characters of a file's name that come from the table's; a file system takes 255 bytes.
const NAME_LENGTH: usize = 60;

#[derive(Args)]
pub struct Qr {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    listeners: Listeners,
    #[command(flatten)]
    output: Output,
    /// Only this table; may be given several times.
    #[arg(long, value_name = "NUMBER")]
    table: Vec<String>,
    /// Give this table a new code: the old one no longer admits anybody. May be given several times.
    #[arg(long, value_name = "NUMBER")]
    rotate: Vec<String>,
}

/// What to write; what was there by the same name is replaced.
#[derive(Args)]
struct Output {
    /// A4 sheets with cut marks, six cards a page.
    #[arg(long, value_name = "FILE")]
    pdf: Option<PathBuf>,
    /// One SVG a card, named after its table.
    #[arg(long, value_name = "DIRECTORY")]
    svg: Option<PathBuf>,
    /// One PNG a card at 300 dpi, named after its table.
    #[arg(long, value_name = "DIRECTORY")]
    png: Option<PathBuf>,
}

impl Output {
    fn is_empty(&self) -> bool {
        self.pdf.is_none() && self.svg.is_none() && self.png.is_none()
    }

    fn write(&self, tables: &[Table], cards: &[Picture]) -> Result<()> {
        let names = file_names(tables);
        if let Some(path) = &self.pdf {
            write(path, &sheet::pdf(&sheet::pages(cards))?)?;
        }
        if let Some(folder) = &self.svg {
            write_cards(folder, "svg", &names, cards, |card| Ok(card.svg().into_bytes()))?;
        }
        if let Some(folder) = &self.png {
            write_cards(folder, "png", &names, cards, Picture::png)?;
        }
        Ok(())
    }
}

impl Qr {
    pub fn run(self) -> Result<()> {
        let Qr { which, listeners, output, table, rotate } = self;
        if output.is_empty() && rotate.is_empty() {
            bail!("请指定输出 say what to write: --pdf FILE, --svg DIRECTORY or --png DIRECTORY");
        }
        let config = which.shop(listeners)?;
        let base_url = listener::base_url(&config, config.lan);
        for warning in warnings(&config, &base_url) {
            note(&format!("注意 warning: {warning}\n"));
        }
        let (places, shop_name) = read(&config)?;
        let fresh = renewed(choose(&places, &rotate)?);
        let tables = match (table.as_slice(), rotate.as_slice()) {
            ([], []) => places.iter().map(|place| place.table.clone()).collect(),
            ([], _) => fresh.clone(),
            (named, _) => with_new_codes(choose(&places, named)?, &fresh),
        };
        // Everything is drawn before a code is replaced: what can't be printed must not be lost.
        let cards = match output.is_empty() {
            true => Vec::new(),
            false => draw(&config, &shop_name, &base_url, &tables)?,
        };
        rotate_codes(&config, &fresh, &base_url)?;
        if output.is_empty() {
            return Ok(());
        }
        output.write(&tables, &cards)?;
        remember(&config, &base_url, tables.len() == places.len())
    }
}

fn read(config: &Config) -> Result<(Vec<Place>, String)> {
    let conn = store::open_reader(&config.database())?;
    let places = seating::actions::list_places(&conn).map_err(Error::into_anyhow)?;
    if places.is_empty() {
        bail!("还没有桌台 there are no tables yet");
    }
    let name = setting::find(&conn, setting::STORE_NAME).map_err(Error::into_anyhow)?;
    Ok((places, name.unwrap_or_default()))
}

/// The tables of these numbers, each once, in the order they were named.
fn choose(places: &[Place], numbers: &[String]) -> Result<Vec<Table>> {
    let mut chosen: Vec<Table> = Vec::new();
    for number in numbers {
        let Some(place) = places.iter().find(|place| place.table.number == *number) else {
            let known: Vec<&str> = places.iter().map(|place| place.table.number.as_str()).collect();
            bail!("没有 {number} 桌 there is no table {number}; the tables are {}", known.join(", "));
        };
        if !chosen.iter().any(|table| table.id == place.table.id) {
            chosen.push(place.table.clone());
        }
    }
    Ok(chosen)
}

fn renewed(mut tables: Vec<Table>) -> Vec<Table> {
    tables.iter_mut().for_each(|table| table.code = secret::random_code());
    tables
}

fn with_new_codes(tables: Vec<Table>, fresh: &[Table]) -> Vec<Table> {
    let newest = |table: Table| fresh.iter().find(|one| one.id == table.id).cloned().unwrap_or(table);
    tables.into_iter().map(newest).collect()
}

fn draw(config: &Config, shop_name: &str, base_url: &str, tables: &[Table]) -> Result<Vec<Picture>> {
    let shop = sheet::Shop { name: shop_name, base_url, wifi: config.wifi.as_ref() };
    let mut fonts = Fonts::of_system();
    let card = |table: &Table| {
        let card = sheet::card(&shop, table, &mut fonts)?;
        let missing: String = fonts.take_missing().into_iter().collect();
        if !missing.is_empty() {
            note(&format!(
                "注意 warning: {number} 桌的卡片上少了「{missing}」，本机没有能写它的字体 no font on this PC has {missing:?}, it \
                 is left out on table {number:?}'s card: install a font (apt install fonts-noto-cjk), or choose another name\n",
                number = table.number
            ));
        }
        Ok(card)
    };
    tables.iter().map(card).collect()
}

/// Whom the audit log names for what this command has done.
const BY: &str = "tablebell qr";

/// In one transaction: all of them or none.
fn rotate_codes(config: &Config, fresh: &[Table], base_url: &str) -> Result<()> {
    if fresh.is_empty() {
        return Ok(());
    }
    let replace = |tx: &mut store::Tx<'_>| {
        let rotate = |table: &Table| seating::actions::rotate_code(tx, table.id, &table.code, BY).map(drop);
        fresh.iter().try_for_each(rotate)
    };
    store::write_beside(&config.database(), replace).map_err(Error::into_anyhow).context("replacing the codes")?;
    let line = |table: &Table| format!("{:<6} {}\n", table.number, table.url(base_url));
    print(&fresh.iter().map(line).collect::<String>())?;
    note("旧的二维码已失效，请换上新卡片 the codes printed before are dead: put out the new cards\n");
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    note(&format!("{}\n", path.display()));
    Ok(())
}

fn write_cards(
    folder: &Path,
    ending: &str,
    names: &[String],
    cards: &[Picture],
    encode: impl Fn(&Picture) -> Result<Vec<u8>>,
) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for (name, card) in names.iter().zip(cards) {
        write(&folder.join(format!("{name}.{ending}")), &encode(card)?)?;
    }
    Ok(())
}

/// One file name a table: no separators, no leading dot, and never the same for two, even where case does not count.
fn file_names(tables: &[Table]) -> Vec<String> {
    let mut taken = HashSet::new();
    let name = |table: &Table| {
        let safe = |character: char| match character.is_alphanumeric() || character == '-' {
            true => character,
            false => '_',
        };
        let plain: String = table.number.chars().take(NAME_LENGTH).map(safe).collect();
        let numbered = (2..).map(|count| format!("{plain}_{count}"));
        std::iter::once(plain.clone()).chain(numbered).find(|name| taken.insert(name.to_lowercase())).unwrap_or(plain)
    };
    tables.iter().map(name).collect()
}

/// For `tablebell doctor`. Cards printed one by one do not speak for those that stand on the other tables.
fn remember(config: &Config, base_url: &str, all: bool) -> Result<()> {
    let store_it = |tx: &mut store::Tx<'_>| {
        if all || setting::find(tx.conn(), setting::PRINTED_BASE_URL)?.is_none() {
            setting::set(tx.conn(), setting::PRINTED_BASE_URL, base_url)?;
        }
        Ok(())
    };
    store::write_beside(&config.database(), store_it).map_err(Error::into_anyhow).context("noting the printed address")
}

/// Why phones may not find `base_url`, now or some day.
fn warnings(config: &Config, base_url: &str) -> Vec<String> {
    let mut warnings = Vec::new();
    let url = reqwest::Url::parse(base_url).ok();
    let host = url.as_ref().and_then(|url| url.host_str()).unwrap_or_default().trim_matches(['[', ']']);
    let loopback = host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()) || host == "localhost";
    if loopback {
        warnings.push(format!(
            "{base_url} 只在本机有效，手机打不开 leads to this PC only, no phone can open it: set listen.base_url to the \
             PC's address in the shop's network"
        ));
    } else if host.ends_with(".local") {
        warnings.push(format!(
            "很多安卓手机找不到 {host} many Android phones cannot find names that end in .local: set listen.base_url to \
             the PC's address"
        ));
    }
    if config.base_url.is_none() && !loopback {
        warnings.push(format!(
            "没有设置 listen.base_url，用了本机现在的地址 {base_url} this PC's present address was used; when the router \
             gives it another one, every printed code is dead: reserve the address in the router and set listen.base_url"
        ));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{File, Overrides};
    use crate::units::TableId;

    #[test]
    fn file_names_are_safe_and_never_the_same() {
        let numbers = ["A01", "a01", "包间8", "<b>\"&'.svg/../x", "..", "__", "", "a/b", "a\\b", &"长".repeat(500)];
        let tables: Vec<Table> = (1..)
            .zip(numbers)
            .map(|(id, number)| Table {
                id: TableId(id),
                number: number.into(),
                code: String::new(),
                area: String::new(),
                seats: None,
            })
            .collect();
        let names = file_names(&tables);
        assert_eq!(names[..3], ["A01", "a01_2", "包间8"]);
        assert_eq!(names[3], "_b_____svg____x");
        let different: HashSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(different.len(), names.len(), "{names:?}");
        assert!(names.iter().all(|name| name.len() < 200 && !name.contains(['/', '\\', '.', '\0'])), "{names:?}");
    }

    #[test]
    fn addresses_that_phones_may_not_find_are_told() {
        for (base, words) in [
            (Some("http://127.0.0.1:8080"), vec!["手机打不开"]),
            (Some("http://[::1]:8080"), vec!["手机打不开"]),
            (Some("http://localhost:8080"), vec!["手机打不开"]),
            (Some("http://till.local"), vec!["安卓"]),
            (Some("http://192.168.1.10:8080"), vec![]),
            (Some("https://order.example.com"), vec![]),
            (None, vec!["listen.base_url"]),
        ] {
            let mut file = File { data: Some("/x".into()), ..File::default() };
            file.listen.base_url = base.map(Into::into);
            let config = Config::resolve(file, Overrides::default()).unwrap();
            let told = warnings(&config, base.unwrap_or("http://192.168.1.7:8080"));
            assert_eq!(told.len(), words.len(), "{base:?}: {told:?}");
            assert!(told.iter().zip(words).all(|(told, word)| told.contains(word)), "{told:?}");
        }
    }
}
