//! Pictures of dishes: what was uploaded, made new by us in two sizes. Nothing of the upload's own bytes is kept: no
//! place where it was taken, no page or program hidden behind the image.

pub mod actions;
pub mod drawing;
mod sql;

/// Bytes of an uploaded file, at most.
pub const MAX_FILE: usize = 8 << 20;
/// Pixels of an uploaded picture, at most: what a good phone's camera makes.
pub const MAX_PIXELS: u64 = 40_000_000;
/// Pixels of each side of the small picture, cut to a square.
pub const SMALL: u32 = 128;
/// Pixels of the longer side of the large picture, at most.
pub const LARGE: u32 = 512;

/// Both sizes, as JPEG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Of what was uploaded, so that the same file is stored once: 32 hexadecimal digits.
    pub hash: String,
    pub small: Vec<u8>,
    pub large: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    Small,
    Large,
}

impl Size {
    /// By the name of its file.
    pub fn of(file: &str) -> Option<Size> {
        match file {
            "128.jpg" => Some(Size::Small),
            "512.jpg" => Some(Size::Large),
            _ => None,
        }
    }
}

/// Whether this can be the name of a picture.
pub fn is_hash(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
