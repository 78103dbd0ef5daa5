use super::*;
use crate::error::PhoneFormat;
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
    // An Exif segment right after the start, with a place's name.
    let exif = [b"Exif\0\0", TURNED, b"secret place"].concat();
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

/// Orientation 6: to be turned a quarter to the right.
const TURNED: &[u8] = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";

/// A WebP with an Exif chunk, as cameras' programs write it.
fn webp_with(exif: &[u8]) -> Vec<u8> {
    let plain = file(&halves(64, 32), ImageFormat::WebP);
    let chunk = |name: &[u8; 4], content: &[u8]| {
        let padding = vec![0; content.len() % 2];
        [&name[..], &u32::try_from(content.len()).unwrap().to_le_bytes(), content, &padding].concat()
    };
    // Flags (there is Exif), and the sides less one, in three bytes each.
    let head = chunk(b"VP8X", &[8, 0, 0, 0, 63, 0, 0, 31, 0, 0]);
    let body = [&b"WEBP"[..], &head, &plain[12..], &chunk(b"EXIF", exif)].concat();
    [&b"RIFF"[..], &u32::try_from(body.len()).unwrap().to_le_bytes(), &body].concat()
}

#[test]
fn a_webp_stands_upright_however_its_exif_begins() {
    for exif in [TURNED.to_vec(), [b"Exif\0\0", TURNED].concat()] {
        let upright = read(&draw(&webp_with(&exif)).unwrap().large);
        assert_eq!(upright.dimensions(), (32, 64), "{exif:?}");
        assert!(upright.get_pixel(28, 30).0[0] > 200 && upright.get_pixel(3, 30).0[2] > 200, "above is right now");
    }
    assert_eq!(read(&draw(&webp_with(b"Exif\0\0nonsense")).unwrap().large).dimensions(), (64, 32));
}

/// Every pixel another, so that each format needs all of its bytes.
fn noise() -> DynamicImage {
    let mut seed = 1u32;
    DynamicImage::ImageRgb8(RgbImage::from_fn(120, 90, |_, _| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Rgb([(seed >> 24) as u8, (seed >> 16) as u8, (seed >> 8) as u8])
    }))
}

#[test]
fn half_a_picture_is_refused_in_every_format() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif] {
        let whole = file(&noise(), format);
        draw(&whole).unwrap();
        for share in [30, 50, 80, 95] {
            let refusal = refusal(&whole[..whole.len() * share / 100]);
            assert!(
                matches!(refusal, Refusal::HalfAPicture | Refusal::NotAPicture),
                "{share} % of a {format:?}: {refusal:?}"
            );
        }
    }
    let jpeg = file(&noise(), ImageFormat::Jpeg);
    assert_eq!(refusal(&jpeg[..jpeg.len() - 2]), Refusal::HalfAPicture);
    let filled = [&jpeg[..jpeg.len() / 2], &vec![0; jpeg.len() / 2][..]].concat();
    assert_eq!(refusal(&filled), Refusal::HalfAPicture, "as a download leaves it that was cut off");
    // The small picture in its Exif has an end of its own.
    let small = [b"Exif\0\0".as_slice(), &file(&halves(8, 8), ImageFormat::Jpeg)].concat();
    let length = u16::try_from(small.len() + 2).unwrap().to_be_bytes();
    let with_small = [&jpeg[..2], &[0xff, 0xe1], &length, &small, &jpeg[2..jpeg.len() / 2]].concat();
    assert_eq!(refusal(&with_small), Refusal::HalfAPicture);
    draw(&[&jpeg[..], b"\r\n"].concat()).unwrap();
}

#[test]
fn what_phones_make_is_told_by_its_name_and_with_what_to_choose() {
    let with = |brands: &[&[u8; 4]]| {
        let brands: Vec<u8> = brands.iter().flat_map(|brand| brand.iter().copied()).collect();
        let size = u32::try_from(8 + brands.len()).unwrap().to_be_bytes();
        [&size[..], b"ftyp", &brands, &[0, 0, 0, 8, b'm', b'e', b't', b'a']].concat()
    };
    for (brands, format) in [
        (&[b"heic", b"\0\0\0\0", b"mif1", b"heic"][..], PhoneFormat::Heic),
        (&[b"mif1", b"\0\0\0\0", b"heic"], PhoneFormat::Heic),
        (&[b"heix", b"\0\0\0\0"], PhoneFormat::Heic),
        (&[b"avif", b"\0\0\0\0", b"mif1", b"miaf"], PhoneFormat::Avif),
        (&[b"mif1", b"\0\0\0\0", b"avif"], PhoneFormat::Avif),
    ] {
        assert_eq!(refusal(&with(brands)), Refusal::PhonePicture(format), "{brands:?}");
    }
    assert_eq!(refusal(&with(&[b"isom", b"\0\0\0\0", b"mp42"])), Refusal::NotAPicture, "a film");
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
        let refusal = refusal(bytes);
        assert!(matches!(refusal, Refusal::NotAPicture | Refusal::HalfAPicture), "{what}: {refusal:?}");
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
