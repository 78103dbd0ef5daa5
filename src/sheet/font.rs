//! Text as outlines, from the fonts of this PC.

use crate::typed;
use anyhow::{Result, ensure};
use fontdb::{Database, Family, ID, Query, Style, Weight};
use skrifa::{DrawMemory, Font, PathSink, ScalerFont};
use std::collections::{BTreeSet, HashMap};
use tiny_skia::{Path, PathBuilder};

/// Chinese first: a collection's Japanese or Korean face would draw 门, 直 or 骨 as it is not written here.
const FAMILIES: [Family<'static>; 8] = [
    Family::Name("Noto Sans CJK SC"),
    Family::Name("Source Han Sans SC"),
    Family::Name("Source Han Sans CN"),
    Family::Name("Noto Sans SC"),
    Family::Name("WenQuanYi Micro Hei"),
    Family::Name("WenQuanYi Zen Hei"),
    Family::Name("Microsoft YaHei"),
    Family::SansSerif,
];

/// Both ways a card is lettered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Letters {
    Regular,
    Bold,
}

pub struct Fonts {
    database: Database,
    /// The faces in the order in which they are asked for a character.
    regular: Vec<ID>,
    bold: Vec<ID>,
    /// Faces that were needed; `None` for one that can't be read.
    opened: HashMap<ID, Option<ScalerFont>>,
    /// Signs that were left out since somebody last asked.
    missing: BTreeSet<char>,
}

/// A line of text whose baseline begins at (0, 0), in millimetres; y grows downward.
pub struct Line {
    /// `None` for a line of blanks.
    pub outline: Option<Path>,
    pub width: f32,
}

impl Fonts {
    /// The system's fonts, as fontconfig lists their directories.
    pub fn of_system() -> Fonts {
        let mut database = Database::new();
        database.load_system_fonts();
        let (regular, bold) = (order(&database, Weight::NORMAL), order(&database, Weight::BOLD));
        Fonts { database, regular, bold, opened: HashMap::new(), missing: BTreeSet::new() }
    }

    /// `size` is the em in millimetres. What nobody sees is left out. A sign that no font has, or whose script is more
    /// than one glyph after the other, is left out, too, and remembered: never an empty box.
    pub fn line(&mut self, text: &str, size: f32, letters: Letters) -> Line {
        let mut pen = Pen { outline: PathBuilder::new(), x: 0.0, scale: 1.0 };
        let seen = |character: &char| !character.is_control() && !is_selector(*character);
        for character in typed::clean(text).chars().filter(seen) {
            if is_composed(character) || !self.draw(character, size, letters, &mut pen) {
                self.missing.insert(character);
            }
        }
        Line { width: pen.x, outline: pen.outline.finish() }
    }

    /// The signs that were left out since the last time.
    pub fn take_missing(&mut self) -> Vec<char> {
        std::mem::take(&mut self.missing).into_iter().collect()
    }

    /// What every card says has to be readable.
    ///
    /// # Errors
    /// No font has one of the characters: what to do, in one sentence.
    pub fn require(&mut self, text: &str) -> Result<()> {
        let before = self.take_missing();
        self.line(text, 1.0, Letters::Bold);
        let lacks = self.take_missing();
        self.missing.extend(before);
        ensure!(
            lacks.is_empty(),
            "本机没有能写「{text}」的字体 no font on this PC has {text:?}: install one (apt install fonts-noto-cjk)"
        );
        Ok(())
    }

    /// With the first face that has it; false for none.
    fn draw(&mut self, character: char, size: f32, letters: Letters, pen: &mut Pen) -> bool {
        let Fonts { database, regular, bold, opened, .. } = self;
        let order = match letters {
            Letters::Regular => regular,
            Letters::Bold => bold,
        };
        order.iter().any(|id| {
            let font = opened.entry(*id).or_insert_with(|| open(database, *id));
            font.as_ref().is_some_and(|font| pen.draw(font, character, size))
        })
    }
}

/// The preferred families first, then all other faces, upright ones and those of this weight before the rest.
fn order(database: &Database, weight: Weight) -> Vec<ID> {
    let preferred = FAMILIES.iter().filter_map(|family| {
        database.query(&Query { families: std::slice::from_ref(family), weight, ..Query::default() })
    });
    let mut others: Vec<_> = database.faces().collect();
    others.sort_by_key(|face| (face.style != Style::Normal, face.weight.0.abs_diff(weight.0), face.id));
    preferred.chain(others.into_iter().map(|face| face.id)).collect()
}

fn open(database: &Database, id: ID) -> Option<ScalerFont> {
    let font = database.with_face_data(id, |data, index| Font::new(data.to_vec(), index))??;
    Some(ScalerFont::unhinted(font, None))
}

/// Marks that sit on other letters, and scripts whose letters join, reorder or run from the right: they need a shaping
/// engine, and no table in a Chinese restaurant needs them.
fn is_composed(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{590}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{18af}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
}

/// Says only how the sign before it looks.
fn is_selector(character: char) -> bool {
    matches!(character, '\u{fe00}'..='\u{fe0f}')
}

/// Draws glyph after glyph; a font's y grows upward.
struct Pen {
    outline: PathBuilder,
    x: f32,
    /// Millimetres per unit of the font at hand.
    scale: f32,
}

impl Pen {
    fn draw(&mut self, font: &ScalerFont, character: char, size: f32) -> bool {
        let Some(glyph) = font.font().charmap().map_unicode(character) else { return false };
        self.scale = size / f32::from(font.font().units_per_em());
        let before = self.outline.len();
        if let Some(outline) = font.outline(glyph)
            && outline.draw(DrawMemory::Scratch, self).is_err()
        {
            return false;
        }
        // A font of coloured pictures has the character, but nothing to draw it by.
        if self.outline.len() == before && !character.is_whitespace() {
            return false;
        }
        self.x += font.linear_glyph_metrics().h_advance(glyph) * self.scale;
        true
    }

    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, -y * self.scale)
    }
}

impl PathSink for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.outline.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.outline.line_to(x, y);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let ((cx, cy), (x, y)) = (self.at(cx, cy), self.at(x, y));
        self.outline.quad_to(cx, cy, x, y);
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        let ((ax, ay), (bx, by), (x, y)) = (self.at(ax, ay), self.at(bx, by), self.at(x, y));
        self.outline.cubic_to(ax, ay, bx, by, x, y);
    }

    fn close(&mut self) {
        self.outline.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_that_no_font_has_is_left_out_and_costs_no_other() {
        let mut fonts = Fonts::of_system();
        let plain = fonts.line("8", 10.0, Letters::Bold);
        assert_eq!(fonts.take_missing(), Vec::<char>::new(), "digits are in every font");
        let line = fonts.line("8\u{10fffd}\u{fe0f}\u{200b}", 10.0, Letters::Bold);
        assert_eq!(fonts.take_missing(), ['\u{10fffd}']);
        assert_eq!(line.width, plain.width);
        assert_eq!(fonts.line("8", 10.0, Letters::Bold).width, plain.width);
        assert!(fonts.require("\u{10fffd}").unwrap_err().to_string().contains("fonts-noto-cjk"));
        assert_eq!(fonts.take_missing(), Vec::<char>::new(), "who asked was told");
    }
}
