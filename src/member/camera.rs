//! Reads a member's code off a picture, for counters without a scanner. Pure work on bytes; not for an async thread.

use super::code;
use crate::error::{Field, Refusal};
use image::{DynamicImage, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// A camera's frame is no larger; what claims to be is no frame.
const MAX_SIDE: u32 = 4096;
const MAX_BYTES: u64 = 96 * 1024 * 1024;
/// A code that fills a third of the frame is read at this size; more costs time only.
const LOOK_AT: u32 = 1280;

/// The member's code in a JPEG or PNG; else what another QR code in it says; `None` when there is none.
///
/// # Errors
/// `BadRequest` for what is neither.
pub fn find_code(frame: &[u8]) -> Result<Option<String>, Refusal> {
    let picture = open(frame).ok_or(Refusal::BadRequest(Field::Image))?;
    let large = picture.width().max(picture.height()) > LOOK_AT;
    let found = match large {
        true => best(&picture.resize(LOOK_AT, LOOK_AT, image::imageops::FilterType::Triangle)),
        false => None,
    };
    Ok(found.or_else(|| best(&picture)))
}

fn open(frame: &[u8]) -> Option<DynamicImage> {
    let format = image::guess_format(frame).ok().filter(|one| matches!(one, ImageFormat::Jpeg | ImageFormat::Png))?;
    let mut reader = ImageReader::with_format(Cursor::new(frame), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);
    reader.decode().ok()
}

fn best(picture: &DynamicImage) -> Option<String> {
    let grey = picture.to_luma8();
    let (width, height) = (grey.width() as usize, grey.height() as usize);
    let mut prepared =
        rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| grey.get_pixel(x as u32, y as u32).0[0]);
    let read: Vec<String> =
        prepared.detect_grids().iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect();
    let ours = read.iter().position(|text| code::read(text).is_some()).unwrap_or(0);
    read.into_iter().nth(ours)
}

#[cfg(test)]
mod tests {
    use super::super::code::Codes;
    use super::*;
    use crate::units::{MemberId, Timestamp};
    use image::{GrayImage, ImageBuffer, Luma};

    fn made() -> String {
        Codes::new("key").sign(MemberId(7), 1, Timestamp(1_795_000_000_000), [1, 2, 3, 4, 5]).unwrap().0
    }

    /// What a camera of 800×600 sees of a phone that shows `text`: turned, leaning, blurred in grain, in a lit room.
    fn frame(text: &str, degrees: f64, lean: f64, grain: u64) -> GrayImage {
        const SIDE: f64 = 300.0;
        let code = qrcode::QrCode::new(text).unwrap();
        let (colors, modules) = (code.to_colors(), code.width() as f64);
        let (sin, cos) = degrees.to_radians().sin_cos();
        let mut dice = grain.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        ImageBuffer::from_fn(800, 600, |x, y| {
            let (x, y) = (f64::from(x) - 400.0, f64::from(y) - 300.0);
            // Leaning away: what is further to the right is smaller.
            let scale = 1.0 + lean * x / 400.0;
            let (x, y) = (x * scale, y * scale);
            let (u, v) = ((x * cos + y * sin) / SIDE + 0.5, (y * cos - x * sin) / SIDE + 0.5);
            let (column, row) = ((u * (modules + 8.0)) - 4.0, (v * (modules + 8.0)) - 4.0);
            let inside = |at: f64, end: f64| (0.0..end).contains(&at);
            let light = match () {
                () if inside(column, modules) && inside(row, modules) => {
                    let module = row as usize * modules as usize + column as usize;
                    if colors[module] == qrcode::Color::Dark { 30 } else { 225 }
                }
                () if inside(u, 1.0) && inside(v, 1.0) => 225,
                () => 110,
            };
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            let noise = if grain == 0 { 0 } else { (dice % 61) as i64 - 30 };
            Luma([(light + noise).clamp(0, 255) as u8])
        })
    }

    fn encoded(picture: &GrayImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::ImageLuma8(picture.clone()).to_rgb8().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_code_is_read_however_the_phone_is_held() {
        let text = made();
        for (degrees, lean, grain) in [
            (0.0, 0.0, 0),
            (90.0, 0.0, 1),
            (180.0, 0.1, 2),
            (17.0, 0.0, 3),
            (45.0, 0.15, 4),
            (-30.0, 0.2, 5),
            (8.0, 0.25, 6),
        ] {
            let seen = frame(&text, degrees, lean, grain);
            for format in [ImageFormat::Png, ImageFormat::Jpeg] {
                let found = find_code(&encoded(&seen, format)).unwrap();
                assert_eq!(found.as_deref(), Some(text.as_str()), "{degrees}° {lean} {grain} {format:?}");
            }
        }
    }

    #[test]
    fn a_code_in_a_corner_of_a_large_frame_is_read() {
        let mut room = GrayImage::from_pixel(2400, 1800, Luma([120]));
        image::imageops::replace(&mut room, &frame(&made(), 12.0, 0.1, 0), 1500, 1100);
        assert_eq!(find_code(&encoded(&room, ImageFormat::Jpeg)).unwrap(), Some(made()));
    }

    #[test]
    fn a_member_s_code_comes_before_any_other() {
        let mut two = GrayImage::from_pixel(1200, 600, Luma([120]));
        image::imageops::replace(&mut two, &frame("http://10.0.0.2/t/abc", 0.0, 0.0, 0), -200, 0);
        image::imageops::replace(&mut two, &frame(&made(), 0.0, 0.0, 0), 500, 0);
        assert_eq!(find_code(&encoded(&two, ImageFormat::Png)).unwrap(), Some(made()));
    }

    #[test]
    fn nothing_to_read_is_no_error_and_no_picture_is_one() {
        let empty = GrayImage::from_pixel(640, 480, Luma([200]));
        assert_eq!(find_code(&encoded(&empty, ImageFormat::Png)).unwrap(), None);
        let mut cut = encoded(&empty, ImageFormat::Png);
        cut.truncate(60);
        for bytes in [&b""[..], b"GIF89a", b"<svg/>", b"\xff\xd8\xff\xe0", &cut] {
            assert!(find_code(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn a_picture_that_claims_to_be_enormous_is_not_unpacked() {
        let mut bomb = Vec::new();
        let mut header = png::Encoder::new(&mut bomb, 60_000, 60_000);
        header.set_color(png::ColorType::Grayscale);
        drop(header.write_header().unwrap());
        assert!(find_code(&bomb).is_err());
    }
}
