use super::*;
use image::RgbaImage;

fn file(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Red above, blue below.
fn halves(width: u32, height: u32) -> DynamicImage {
    let half = |_, y| if y < height / 2 { Rgb([250, 0, 0]) } else { Rgb([0, 0, 250]) };
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, half))
}

fn read(jpeg: &[u8]) -> RgbImage {
    image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).unwrap().into_rgb8()
}

fn refusal(file: &[u8]) -> Refusal {
    match draw(file) {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn pictures_of_each_format_come_in_two_sizes() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif] {
        let picture = draw(&file(&halves(900, 600), format)).unwrap();
        let (small, large) = (read(&picture.small), read(&picture.large));
        assert_eq!((small.dimensions(), large.dimensions()), ((128, 128), (512, 341)), "{format:?}");
        assert!(large.get_pixel(5, 5).0[0] > 200 && large.get_pixel(500, 330).0[2] > 200, "{format:?}");
        assert!(super::super::is_hash(&picture.hash), "{}", picture.hash);
    }
    let tiny = draw(&file(&halves(40, 20), ImageFormat::Png)).unwrap();
    assert_eq!(read(&tiny.large).dimensions(), (40, 20), "nothing is made larger than it is");
}

#[test]
fn a_photograph_stands_upright_and_loses_what_the_camera_wrote() {
    let plain = file(&halves(64, 32), ImageFormat::Jpeg);
    // An Exif segment right after the start: orientation 6, to be turned a quarter to the right; and a place's name.
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    exif.extend_from_slice(b"secret place");
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    let photograph = [&plain[..2], &[0xff, 0xe1], &length, &exif, &plain[2..]].concat();
    let picture = draw(&photograph).unwrap();
    let upright = read(&picture.large);
    assert_eq!(upright.dimensions(), (32, 64));
    assert!(upright.get_pixel(28, 30).0[0] > 200 && upright.get_pixel(3, 30).0[2] > 200, "above is right now");
    for jpeg in [&picture.small, &picture.large] {
        let holds = |words: &[u8]| jpeg.windows(words.len()).any(|window| window == words);
        assert!(!holds(b"secret place") && !holds(b"Exif"));
    }
}

#[test]
fn what_is_transparent_becomes_white() {
    let clear = DynamicImage::ImageRgba8(RgbaImage::new(20, 20));
    let picture = draw(&file(&clear, ImageFormat::Png)).unwrap();
    assert!(read(&picture.large).pixels().all(|pixel| pixel.0.iter().all(|channel| *channel > 250)));
}

#[test]
fn what_hides_behind_an_image_is_gone() {
    let mut polyglot = file(&halves(20, 20), ImageFormat::Gif);
    polyglot.extend_from_slice(b"<script>alert(1)</script>");
    let picture = draw(&polyglot).unwrap();
    for jpeg in [&picture.small, &picture.large] {
        assert!(!jpeg.windows(7).any(|window| window == b"<script"));
    }
}

#[test]
fn what_is_no_whole_picture_is_refused() {
    let png = file(&halves(300, 300), ImageFormat::Png);
    let jpeg = file(&halves(300, 300), ImageFormat::Jpeg);
    for (what, bytes) in [
        ("nothing", &b""[..]),
        ("html", b"<html><script>alert(1)</script>"),
        ("svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("a page that begins as a GIF", b"GIF89a\x10\0\x10\0<script>alert(1)</script>"),
        ("a truncated png", &png[..png.len() / 2]),
        ("a jpeg's head", &jpeg[..20]),
        ("a zip", b"PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("a bitmap", b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0\0\0\0\0\x04\0\0\0"),
        ("a tiff", b"II*\0\x08\0\0\0\0\0"),
    ] {
        assert_eq!(refusal(bytes), Refusal::NotAPicture, "{what}");
    }
}

/// A PNG that says it is so large, with nothing in it.
fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut head = b"IHDR".to_vec();
    head.extend_from_slice(&width.to_be_bytes());
    head.extend_from_slice(&height.to_be_bytes());
    head.extend_from_slice(&[8, 6, 0, 0, 0]);
    let mut checksum = u32::MAX;
    for byte in &head {
        checksum ^= u32::from(*byte);
        for _ in 0..8 {
            checksum = if checksum & 1 == 1 { (checksum >> 1) ^ 0xedb8_8320 } else { checksum >> 1 };
        }
    }
    bytes.extend_from_slice(&13u32.to_be_bytes());
    bytes.extend_from_slice(&head);
    bytes.extend_from_slice(&(!checksum).to_be_bytes());
    bytes.extend_from_slice(b"\0\0\0\x08IDAT\0\0\0\0\0\0\0\0\0\0\0\0");
    bytes
}

#[test]
fn a_bomb_is_refused_by_what_it_says_before_anything_is_unpacked() {
    let begun = std::time::Instant::now();
    for (width, height) in [(100_000, 100_000), (u32::MAX >> 1, 1), (19_999, 19_999), (8_000, 8_000)] {
        assert_eq!(refusal(&bomb(width, height)), Refusal::PictureTooLarge, "{width}x{height}");
    }
    assert!(begun.elapsed().as_secs() < 2, "{:?}", begun.elapsed());
    assert_eq!(refusal(&vec![0; MAX_FILE + 1]), Refusal::TooLarge);
}
