//! A picture of filled outlines, and the three files it becomes. There is nothing else in it, no text and no font, so
//! that every viewer and every print shop shows the same.

use anyhow::{Context, Result};
use flate2::{Compression, write::ZlibEncoder};
use pdf_writer::{Content, Filter, Pdf, Rect, Ref};
use std::fmt::Write as _;
use std::io::Write as _;
use tiny_skia::{Color, FillRule, Paint, Path, PathSegment, Pixmap, Transform};

const MM_PER_INCH: f32 = 25.4;
/// A PDF's own unit.
const POINTS_PER_MM: f32 = 72.0 / MM_PER_INCH;
/// What print shops ask for.
const DOTS_PER_MM: f32 = 300.0 / MM_PER_INCH;

/// One outline and its grey: 0 is black, 1 white.
#[derive(Clone)]
pub struct Shape {
    pub outline: Path,
    pub grey: f32,
}

/// On white; lengths in millimetres from the top left corner.
#[derive(Clone)]
pub struct Picture {
    pub width: f32,
    pub height: f32,
    pub shapes: Vec<Shape>,
}

impl Picture {
    pub fn svg(&self) -> String {
        let (width, height) = (self.width, self.height);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height}mm\" \
             viewBox=\"0 0 {width} {height}\">\n<path fill=\"#fff\" d=\"M0 0H{width}V{height}H0Z\"/>\n"
        );
        for Shape { outline, grey } in &self.shapes {
            let level = (grey * 255.0).round();
            let _ = writeln!(svg, "<path fill=\"rgb({level},{level},{level})\" d=\"{}\"/>", svg_data(outline));
        }
        svg + "</svg>\n"
    }

    /// Grey at 300 dots per inch, which the file says.
    ///
    /// # Errors
    /// None in practice: the picture has a size, and memory takes what is written.
    pub fn png(&self) -> Result<Vec<u8>> {
        let dots = |mm: f32| (mm * DOTS_PER_MM).round() as u32;
        let mut pixels = Pixmap::new(dots(self.width), dots(self.height)).context("a picture without a size")?;
        pixels.fill(Color::WHITE);
        for Shape { outline, grey } in &self.shapes {
            let mut paint = Paint::default();
            paint.set_color(Color::from_rgba(*grey, *grey, *grey, 1.0).context("a grey between 0 and 1")?);
            let scale = Transform::from_scale(DOTS_PER_MM, DOTS_PER_MM);
            pixels.fill_path(outline, &paint, FillRule::Winding, scale, None);
        }
        let grey: Vec<u8> = pixels.pixels().iter().map(|pixel| pixel.red()).collect();
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, pixels.width(), pixels.height());
        encoder.set_color(png::ColorType::Grayscale);
        let per_metre = (DOTS_PER_MM * 1000.0).round() as u32;
        encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: per_metre, yppu: per_metre, unit: png::Unit::Meter }));
        encoder.write_header()?.write_image_data(&grey)?;
        Ok(file)
    }
}

fn svg_data(outline: &Path) -> String {
    let mut data = String::new();
    for segment in outline.segments() {
        let _ = match segment {
            PathSegment::MoveTo(p) => write!(data, "M{:.3} {:.3}", p.x, p.y),
            PathSegment::LineTo(p) => write!(data, "L{:.3} {:.3}", p.x, p.y),
            PathSegment::QuadTo(a, p) => write!(data, "Q{:.3} {:.3} {:.3} {:.3}", a.x, a.y, p.x, p.y),
            PathSegment::CubicTo(a, b, p) => {
                write!(data, "C{:.3} {:.3} {:.3} {:.3} {:.3} {:.3}", a.x, a.y, b.x, b.y, p.x, p.y)
            }
            PathSegment::Close => write!(data, "Z"),
        };
    }
    data
}

/// A document of one page a picture.
///
/// # Errors
/// None in practice: memory takes what is written.
pub fn pdf(pages: &[Picture]) -> Result<Vec<u8>> {
    let (catalog, tree) = (Ref::new(1), Ref::new(2));
    let page_of = |index: usize| Ref::new(3 + 2 * index as i32);
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree).kids((0..pages.len()).map(page_of)).count(pages.len() as i32);
    for (index, picture) in pages.iter().enumerate() {
        let page = page_of(index);
        let content = Ref::new(page.get() + 1);
        let paper = Rect::new(0.0, 0.0, picture.width * POINTS_PER_MM, picture.height * POINTS_PER_MM);
        pdf.page(page).parent(tree).media_box(paper).contents(content).resources();
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
        packed.write_all(&pdf_content(picture))?;
        pdf.stream(content, &packed.finish()?).filter(Filter::FlateDecode);
    }
    Ok(pdf.finish())
}

fn pdf_content(picture: &Picture) -> Vec<u8> {
    let mut content = Content::new();
    // From millimetres downward to points upward.
    content.transform([POINTS_PER_MM, 0.0, 0.0, -POINTS_PER_MM, 0.0, picture.height * POINTS_PER_MM]);
    for Shape { outline, grey } in &picture.shapes {
        content.set_fill_gray(*grey);
        let mut at = tiny_skia::Point::zero();
        for segment in outline.segments() {
            match segment {
                PathSegment::MoveTo(p) => content.move_to(p.x, p.y),
                PathSegment::LineTo(p) => content.line_to(p.x, p.y),
                // PDF has no quadratic curves: the same one, raised to a cubic.
                PathSegment::QuadTo(a, p) => content.cubic_to(
                    at.x + (a.x - at.x) * 2.0 / 3.0,
                    at.y + (a.y - at.y) * 2.0 / 3.0,
                    p.x + (a.x - p.x) * 2.0 / 3.0,
                    p.y + (a.y - p.y) * 2.0 / 3.0,
                    p.x,
                    p.y,
                ),
                PathSegment::CubicTo(a, b, p) => content.cubic_to(a.x, a.y, b.x, b.y, p.x, p.y),
                PathSegment::Close => content.close_path(),
            };
            if let PathSegment::MoveTo(p)
            | PathSegment::LineTo(p)
            | PathSegment::QuadTo(_, p)
            | PathSegment::CubicTo(_, _, p) = segment
            {
                at = p;
            }
        }
        content.fill_nonzero();
    }
    content.finish().into_vec()
}
