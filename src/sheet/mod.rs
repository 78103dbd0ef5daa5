//! The cards that stand on the tables, and the A4 sheets to print and cut them from. One layout, as outlines, for SVG,
//! PNG and PDF; lengths are millimetres.

mod font;
mod picture;

pub use font::Fonts;
pub use picture::{Picture, pdf};

use crate::config::Wifi;
use crate::seating::Table;
use anyhow::{Context, Result};
use font::Letters::{self, Bold, Regular};
use picture::Shape;
use qrcode::{EcLevel, QrCode};
use tiny_skia::{PathBuilder, Rect, Transform};

const A4: (f32, f32) = (210.0, 297.0);
const COLUMNS: usize = 2;
const ROWS: usize = 3;
/// Between two cards: room for both cards' cut marks.
const GUTTER: f32 = 6.0;
const CARD: (f32, f32) = (92.0, 90.0);
const MARGIN: f32 = 5.0;

/// The side of a code together with its quiet zone; what phones reach in the restaurant's LAN takes 41 modules, which
/// are then over 40 mm.
const ORDER_CODE: f32 = 50.0;
const WIFI_CODE: f32 = 34.0;
/// The captions' baseline.
const CAPTION: f32 = 29.6;
/// Where the codes' first modules are: below the captions by the widest quiet zone, that of 37 modules.
const CODES_TOP: f32 = 34.7;
/// White modules around a code, which ISO/IEC 18004 asks for.
const QUIET_ZONE: usize = 4;

const BLACK: f32 = 0.0;
const GREY: f32 = 0.4;
const WHITE: f32 = 1.0;

/// What is the same on every card.
pub struct Shop<'a> {
    pub name: &'a str,
    /// `http://…`, without a slash at its end.
    pub base_url: &'a str,
    pub wifi: Option<&'a Wifi>,
}

/// The card of one table.
///
/// A sign of its texts that no font has is left out (`Fonts::take_missing`).
///
/// # Errors
/// What every card says has a character that no font has, or a text is too long for a code.
pub fn card(shop: &Shop<'_>, table: &Table, fonts: &mut Fonts) -> Result<Picture> {
    let mut card = Card { shapes: Vec::new(), fonts };
    card.head(&table.number, shop.name)?;
    if let Some(wifi) = shop.wifi {
        card.wifi(wifi)?;
    }
    card.order(shop, table)?;
    Ok(Picture { width: CARD.0, height: CARD.1, shapes: card.shapes })
}

/// As many A4 pages as the cards need, each card with its cut marks.
pub fn pages(cards: &[Picture]) -> Vec<Picture> {
    cards.chunks(COLUMNS * ROWS).map(page).collect()
}

fn page(cards: &[Picture]) -> Picture {
    let start = |paper: f32, card: f32, count: usize| (paper - count as f32 * card - (count - 1) as f32 * GUTTER) / 2.0;
    let (left, top) = (start(A4.0, CARD.0, COLUMNS), start(A4.1, CARD.1, ROWS));
    let mut shapes = Vec::new();
    for (index, card) in cards.iter().enumerate() {
        let x = left + (index % COLUMNS) as f32 * (CARD.0 + GUTTER);
        let y = top + (index / COLUMNS) as f32 * (CARD.1 + GUTTER);
        let moved = |shape: &Shape| {
            let outline = shape.outline.clone().transform(Transform::from_translate(x, y))?;
            Some(Shape { outline, grey: shape.grey })
        };
        shapes.extend(card.shapes.iter().filter_map(moved));
        shapes.extend(cut_marks(x, y));
    }
    Picture { width: A4.0, height: A4.1, shapes }
}

/// Two strokes at each corner, outside the card, on its edges' lines.
fn cut_marks(x: f32, y: f32) -> Option<Shape> {
    const AWAY: f32 = 0.5;
    const LENGTH: f32 = 2.3;
    const THICK: f32 = 0.15;
    let mut strokes = PathBuilder::new();
    for (edge, outward) in [(x, -1.0), (x + CARD.0, 1.0)] {
        let begin = edge + outward * AWAY + (outward - 1.0) / 2.0 * LENGTH;
        for y in [y, y + CARD.1] {
            strokes.push_rect(Rect::from_xywh(begin, y - THICK / 2.0, LENGTH, THICK)?);
        }
    }
    for (edge, outward) in [(y, -1.0), (y + CARD.1, 1.0)] {
        let begin = edge + outward * AWAY + (outward - 1.0) / 2.0 * LENGTH;
        for x in [x, x + CARD.0] {
            strokes.push_rect(Rect::from_xywh(x - THICK / 2.0, begin, THICK, LENGTH)?);
        }
    }
    Some(Shape { outline: strokes.finish()?, grey: BLACK })
}

/// What a phone's camera takes for a Wi-Fi (the form that ZXing brought about).
pub fn wifi_text(wifi: &Wifi) -> String {
    let escaped = |text: &str| -> String {
        let escape = |character| match character {
            '\\' | ';' | ',' | ':' | '"' => vec!['\\', character],
            _ => vec![character],
        };
        text.chars().flat_map(escape).collect()
    };
    match wifi.password.as_str() {
        "" => format!("WIFI:S:{};T:nopass;;", escaped(&wifi.ssid)),
        password => format!("WIFI:S:{};T:WPA;P:{};;", escaped(&wifi.ssid), escaped(password)),
    }
}

/// A card while it is drawn.
struct Card<'a> {
    shapes: Vec<Shape>,
    fonts: &'a mut Fonts,
}

/// How a text is lettered: the em, face and grey.
type Style = (f32, Letters, f32);

impl Card<'_> {
    /// The table's name, large, and the shop's where there is room beside it.
    fn head(&mut self, number: &str, shop: &str) -> Result<()> {
        const BASELINE: f32 = 19.5;
        const NAME: f32 = 19.0;
        const SHOP: f32 = 3.6;
        let room = CARD.0 - 2.0 * MARGIN;
        let taken = self.fitted(number, (NAME, Bold, BLACK), MARGIN, BASELINE, room)?;
        let beside = room - taken - 4.0;
        if beside >= 16.0 && !shop.is_empty() {
            let width = self.fonts.line(shop, SHOP, Regular).width.min(beside);
            self.fitted(shop, (SHOP, Regular, GREY), CARD.0 - MARGIN - width, BASELINE, width)?;
        }
        self.rect(MARGIN, 23.2, room, 0.25, BLACK);
        Ok(())
    }

    /// How to get onto the network, at the left: without it the other code leads nowhere.
    fn wifi(&mut self, wifi: &Wifi) -> Result<()> {
        let code = Code::of(&wifi_text(wifi), WIFI_CODE)?;
        let (left, width) = (MARGIN, code.width);
        self.caption("1", "先连 Wi-Fi", "", left)?;
        let mut top = CODES_TOP + WIFI_CODE - code.quiet_zone;
        self.code(&code, left)?;
        let password = Some(("密码 Password", wifi.password.as_str())).filter(|(_, password)| !password.is_empty());
        for (label, value) in std::iter::once(("名称 Network", wifi.ssid.as_str())).chain(password) {
            top = self.block(label, (2.2, Regular, GREY), Area { left, top, width, height: 2.7 })?;
            top = self.block(value, (3.2, Bold, BLACK), Area { left, top, width, height: 7.0 })? + 0.8;
        }
        Ok(())
    }

    /// The table's code with its address to type below it; in the middle where nothing stands beside it.
    fn order(&mut self, shop: &Shop<'_>, table: &Table) -> Result<()> {
        let url = table.url(shop.base_url);
        let code = Code::of(&url, ORDER_CODE)?;
        let (left, step) = match shop.wifi {
            Some(_) => (CARD.0 - MARGIN - code.width, "2"),
            None => ((CARD.0 - code.width) / 2.0, ""),
        };
        self.caption(step, "扫码点餐", "Scan to order", left)?;
        self.code(&code, left)?;
        let top = CODES_TOP + ORDER_CODE - code.quiet_zone;
        let (base, path) = url.split_at(shop.base_url.len());
        let area = Area { left, top, width: code.width, height: CARD.1 - 3.0 - top };
        self.block(&format!("{base}\n{path}"), (2.7, Regular, BLACK), area)?;
        Ok(())
    }

    /// The line above a code.
    fn caption(&mut self, step: &str, chinese: &str, english: &str, left: f32) -> Result<()> {
        const SIZE: f32 = 4.4;
        self.fonts.require(chinese)?;
        self.fonts.require(english)?;
        let mut x = left;
        if !step.is_empty() {
            let radius = 2.4;
            let disc = PathBuilder::from_circle(x + radius, CAPTION - 1.6, radius).context("a circle")?;
            self.shapes.push(Shape { outline: disc, grey: BLACK });
            let width = self.fonts.line(step, 3.6, Bold).width;
            self.text(step, (3.6, Bold, WHITE), x + radius - width / 2.0, CAPTION - 0.3)?;
            x += 2.0 * radius + 1.2;
        }
        x += self.text(chinese, (SIZE, Bold, BLACK), x, CAPTION)? + 1.6;
        self.text(english, (2.6, Regular, GREY), x, CAPTION)?;
        Ok(())
    }

    /// Nothing else may come closer than the code's quiet zone.
    fn code(&mut self, code: &Code, left: f32) -> Result<()> {
        let module = code.quiet_zone / QUIET_ZONE as f32;
        let mut outline = PathBuilder::new();
        for (row, colors) in code.modules.to_colors().chunks(code.modules.width()).enumerate() {
            let y = CODES_TOP + row as f32 * module;
            let mut column = 0;
            // One rectangle a run: fewer seams for a viewer to get wrong.
            for run in colors.chunk_by(|a, b| a == b) {
                if run[0] == qrcode::Color::Dark {
                    let (x, width) = (left + column as f32 * module, run.len() as f32 * module);
                    outline.push_rect(Rect::from_xywh(x, y, width, module).context("a module")?);
                }
                column += run.len();
            }
        }
        self.shapes.push(Shape { outline: outline.finish().context("a code without modules")?, grey: BLACK });
        Ok(())
    }

    /// Answers the line's width.
    fn text(&mut self, text: &str, (size, letters, grey): Style, x: f32, baseline: f32) -> Result<f32> {
        let line = self.fonts.line(text, size, letters);
        let moved = line.outline.and_then(|outline| outline.transform(Transform::from_translate(x, baseline)));
        self.shapes.extend(moved.map(|outline| Shape { outline, grey }));
        Ok(line.width)
    }

    /// In one line no wider than `room`; answers its width.
    fn fitted(&mut self, text: &str, (size, letters, grey): Style, x: f32, baseline: f32, room: f32) -> Result<f32> {
        let width = self.fonts.line(text, size, letters).width;
        self.text(text, (size * (room / width).min(1.0), letters, grey), x, baseline)
    }

    /// In as many lines as the area has room for, smaller if need be; answers where the text ends.
    fn block(&mut self, text: &str, (mut size, letters, grey): Style, area: Area) -> Result<f32> {
        const LEADING: f32 = 1.2;
        let lines = loop {
            let lines = self.broken(text, size, letters, area.width)?;
            if lines.len() as f32 * size * LEADING <= area.height {
                break lines;
            }
            size *= 0.95;
        };
        for (index, line) in lines.iter().enumerate() {
            self.text(line, (size, letters, grey), area.left, area.top + (index as f32 * LEADING + 0.95) * size)?;
        }
        Ok(area.top + lines.len() as f32 * LEADING * size)
    }

    /// Lines no wider than `width`, broken anywhere: what is typed off a card has no words.
    fn broken(&mut self, text: &str, size: f32, letters: Letters, width: f32) -> Result<Vec<String>> {
        let mut lines = Vec::new();
        for whole in text.lines() {
            let (mut line, mut taken) = (String::new(), 0.0);
            for character in whole.chars() {
                let wide = self.fonts.line(character.encode_utf8(&mut [0; 4]), size, letters).width;
                if taken + wide > width && !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                    taken = 0.0;
                }
                line.push(character);
                taken += wide;
            }
            lines.push(line);
        }
        Ok(lines)
    }

    fn rect(&mut self, x: f32, y: f32, width: f32, height: f32, grey: f32) {
        let rect = Rect::from_xywh(x, y, width, height).map(PathBuilder::from_rect);
        self.shapes.extend(rect.map(|outline| Shape { outline, grey }));
    }
}

/// A code and its measures.
struct Code {
    modules: QrCode,
    width: f32,
    quiet_zone: f32,
}

impl Code {
    /// `side` has the quiet zone too. Level H: of the code nearly a third may be worn off.
    fn of(text: &str, side: f32) -> Result<Code> {
        let modules = QrCode::with_error_correction_level(text, EcLevel::H)
            .with_context(|| format!("{text:?} is too long for a QR code"))?;
        let module = side / (modules.width() + 2 * QUIET_ZONE) as f32;
        Ok(Code { width: module * modules.width() as f32, quiet_zone: module * QUIET_ZONE as f32, modules })
    }
}

struct Area {
    left: f32,
    top: f32,
    width: f32,
    height: f32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wifi_s_special_characters_are_escaped() {
        let text = |ssid: &str, password: &str| wifi_text(&Wifi { ssid: ssid.into(), password: password.into() });
        assert_eq!(text("店里", "12345678"), "WIFI:S:店里;T:WPA;P:12345678;;");
        assert_eq!(text("Guests", ""), "WIFI:S:Guests;T:nopass;;");
        assert_eq!(text("a;b,c:d\"e\\f", ";;"), r#"WIFI:S:a\;b\,c\:d\"e\\f;T:WPA;P:\;\;;;"#);
    }

    #[test]
    fn a_lan_address_makes_a_code_of_over_forty_millimetres_with_room_around_it() {
        for (base, modules) in [("http://192.168.1.10:8080", 41), ("http://10.0.0.5", 37), ("https://t.example.cn", 41)]
        {
            // Of letters alone: digits among them can make it one size up, up to 41.
            let plain = Code::of(&format!("{base}/t/abcdefghijklmnopqrstuvwxyz"), ORDER_CODE).unwrap();
            assert_eq!(plain.modules.width(), modules, "{base}");
            let code = Code::of(&format!("{base}/t/{}", crate::secret::random_code()), ORDER_CODE).unwrap();
            assert!((modules..=41).contains(&code.modules.width()), "{base}");
            assert!(code.width > 40.0, "{} mm", code.width);
            assert!(code.quiet_zone < CODES_TOP - CAPTION - 0.2, "{} mm below the caption", code.quiet_zone);
        }
    }

    #[test]
    fn cut_marks_stand_at_all_four_corners_outside_the_card() {
        let marks = cut_marks(50.0, 60.0).unwrap().outline;
        let bounds = marks.bounds();
        let near = |a: f32, b: f32| (a - b).abs() < 0.01;
        assert!(near(bounds.left(), 47.2) && near(bounds.right(), 50.0 + CARD.0 + 2.8), "{bounds:?}");
        assert!(near(bounds.top(), 57.2) && near(bounds.bottom(), 60.0 + CARD.1 + 2.8), "{bounds:?}");
        let inside = |x: f32, y: f32| (50.1..49.9 + CARD.0).contains(&x) && (60.1..59.9 + CARD.1).contains(&y);
        assert!(marks.points().iter().all(|point| !inside(point.x, point.y)));
        assert_eq!(marks.points().len(), 8 * 4);
    }

    #[test]
    fn pages_hold_six_cards() {
        let card = Picture { width: CARD.0, height: CARD.1, shapes: Vec::new() };
        for (cards, pages) in [(0, 0), (1, 1), (6, 1), (7, 2), (30, 5)] {
            assert_eq!(super::pages(&vec![card.clone(); cards]).len(), pages);
        }
    }
}
