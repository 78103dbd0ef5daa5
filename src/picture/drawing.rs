//! From an uploaded file to our two sizes. It takes a second for a large photograph: never on an async thread, never in
//! a transaction.

use super::{LARGE, MAX_FILE, MAX_PIXELS, Picture, SMALL};
use crate::error::{Error, PhoneFormat, Refusal, Result};
use anyhow::Context;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage};
use std::io::Cursor;

/// Pixels of a side, at most: a strip of one pixel's height is no picture of a dish.
const MAX_SIDE: u32 = 20_000;
/// Bytes that a decoder may ask for: the largest picture with 16 bits a channel, or an intermediate copy.
const MAX_MEMORY: u64 = 384 << 20;
const QUALITY: u8 = 82;

/// Decides by content, not by name; looks at the dimensions before it decodes anything.
///
/// # Errors
/// `NotAPicture` for anything but PNG, JPEG, WebP and GIF, or a damaged one; `PhonePicture` for what phones make and we
/// do not take; `HalfAPicture`; `PictureTooLarge`; `TooLarge`.
pub fn draw(file: &[u8]) -> Result<Picture> {
    if file.len() > MAX_FILE {
        return Err(Refusal::TooLarge.into());
    }
    if let Some(format) = phone_format(file) {
        return Err(Refusal::PhonePicture(format).into());
    }
    let format = image::guess_format(file).map_err(|_| Refusal::NotAPicture)?;
    if !matches!(format, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP | ImageFormat::Gif) {
        return Err(Refusal::NotAPicture.into());
    }
    let large = decode(file, format)?;
    let small = large.resize_to_fill(SMALL, SMALL, FilterType::CatmullRom);
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, file);
    let hash = hex::encode(&hash.as_ref()[..16]);
    Ok(Picture { hash, small: encode(small)?, large: encode(large)? })
}

/// HEIC and AVIF by the brands in their first box.
fn phone_format(file: &[u8]) -> Option<PhoneFormat> {
    const HEIC: [&[u8; 4]; 10] =
        [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"];
    let (size, rest) = file.split_first_chunk::<4>()?;
    let brands = rest.strip_prefix(b"ftyp")?;
    let length = usize::try_from(u32::from_be_bytes(*size)).ok()?.saturating_sub(8).min(brands.len());
    let has = |wanted: &[u8; 4]| brands[..length].chunks_exact(4).any(|brand| brand == wanted);
    match () {
        () if has(b"avif") || has(b"avis") => Some(PhoneFormat::Avif),
        () if HEIC.into_iter().any(has) => Some(PhoneFormat::Heic),
        () => None,
    }
}

/// Whether its end is there: decoders paint grey what is missing.
fn is_whole(file: &[u8], format: ImageFormat) -> bool {
    match format {
        ImageFormat::Jpeg => ends_as_jpeg(file),
        ImageFormat::WebP => {
            match file.get(4..8).map(|size| u32::from_le_bytes([size[0], size[1], size[2], size[3]])) {
                Some(size) => u64::from(size) + 8 <= file.len() as u64 + 1,
                None => false,
            }
        }
        ImageFormat::Png => file.windows(4).any(|window| window == b"IEND"),
        _ => true,
    }
}

/// From segment to segment, so that the end of a small picture within its Exif does not count.
fn ends_as_jpeg(file: &[u8]) -> bool {
    const END: u8 = 0xd9;
    let mut at = 2;
    loop {
        // Up to the next marker: within a scan, ff00 is a byte of it, and ffd0 to ffd7 stand in it.
        let Some(rest) = file.get(at..) else { return false };
        let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xff | 0xd0..=0xd7);
        let Some(marker) = rest.windows(2).position(is_marker) else { return false };
        at += marker + 2;
        match file[at - 1] {
            END => return true,
            0x01 | 0xd8 => {}
            _ => {
                let Some(length) = file.get(at..at + 2) else { return false };
                at += usize::from(u16::from_be_bytes([length[0], length[1]])).max(2);
            }
        }
    }
}

/// Some programs write an Exif chunk as it stands in a JPEG, with a name before it.
fn orientation(decoder: &mut impl ImageDecoder) -> image::ImageResult<Orientation> {
    let exif = decoder.exif_metadata()?;
    let plain = exif.as_deref().map(|exif| exif.strip_prefix(b"Exif\0\0").unwrap_or(exif));
    Ok(plain.and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms))
}

/// Upright, and no larger than `LARGE`.
fn decode(file: &[u8], format: ImageFormat) -> Result<DynamicImage> {
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| why(&error))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS || decoder.total_bytes() > MAX_MEMORY {
        return Err(Refusal::PictureTooLarge.into());
    }
    if !is_whole(file, format) {
        return Err(Refusal::HalfAPicture.into());
    }
    let orientation = orientation(&mut decoder).map_err(|error| why(&error))?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| why(&error))?;
    if width > LARGE || height > LARGE {
        // Coarsely first: a fine filter over all of a photograph takes many seconds.
        if width.max(height) > 4 * LARGE {
            image = image.thumbnail(2 * LARGE, 2 * LARGE);
        }
        image = image.resize(LARGE, LARGE, FilterType::CatmullRom);
    }
    image.apply_orientation(orientation);
    Ok(image)
}

fn why(error: &image::ImageError) -> Error {
    tracing::debug!("a picture is refused: {error}");
    match error {
        image::ImageError::Limits(_) => Refusal::PictureTooLarge.into(),
        _ => Refusal::NotAPicture.into(),
    }
}

/// On white where the picture is transparent.
fn encode(image: DynamicImage) -> Result<Vec<u8>> {
    let flat = match image.color().has_alpha() {
        true => {
            let image = image.into_rgba8();
            let over = |channel: u8, alpha: u8| {
                let (channel, alpha) = (u32::from(channel), u32::from(alpha));
                u8::try_from((channel * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
            };
            RgbImage::from_fn(image.width(), image.height(), |x, y| {
                let [red, green, blue, alpha] = image.get_pixel(x, y).0;
                Rgb([over(red, alpha), over(green, alpha), over(blue, alpha)])
            })
        }
        false => image.into_rgb8(),
    };
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(&flat).context("encoding a picture")?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
