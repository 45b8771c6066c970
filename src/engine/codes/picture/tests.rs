//! Tests of reading pictures: each format, each way one can be too much, and
//! random damage.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageFormat, LumaA};
use proptest::prelude::*;

use super::super::code;
use super::*;

const TEXT: &str = "xmpp:juliet@example.org?omemo-sid-1024=0e4a2c1f9b8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f";

/// The code as a picture of its own.
fn picture(scale: usize) -> GrayImage {
    let (side, pixels) = code(TEXT).expect("a code").pixels(scale);
    GrayImage::from_raw(side as u32, side as u32, pixels).expect("a picture")
}

fn png(picture: &GrayImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(
            picture,
            picture.width(),
            picture.height(),
            ExtendedColorType::L8,
        )
        .expect("a PNG");
    bytes
}

fn jpeg(picture: &GrayImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 60)
        .encode_image(picture)
        .expect("a JPEG");
    bytes
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("a picture");
    bytes.into_inner()
}

/// The code somewhere on a desk of this size.
fn photo(width: u32, height: u32, scale: usize, desk: u8) -> GrayImage {
    let code = picture(scale);
    let mut photo = GrayImage::from_pixel(width, height, image::Luma([desk]));
    let (across, down) = ((width - code.width()) * 2 / 3, (height - code.height()) / 4);
    imageops::overlay(&mut photo, &code, across.into(), down.into());
    photo
}

#[test]
fn a_code_is_found_in_each_format() {
    let picture = picture(4);
    let colours = DynamicImage::ImageLuma8(picture.clone()).to_rgba8();
    let colours = DynamicImage::ImageRgba8(colours);
    for bytes in [
        png(&picture),
        jpeg(&picture),
        encoded(&colours, ImageFormat::WebP),
        encoded(&colours, ImageFormat::Gif),
    ] {
        assert_eq!(read_picture(&bytes).as_deref(), Ok(TEXT));
    }
}

#[test]
fn a_code_is_found_in_a_photo_near_and_far() {
    for (width, height, scale) in [
        (640, 480, 5),
        (1_920, 1_080, 5),
        (4_000, 3_000, 8),
        (4_000, 3_000, 40),
    ] {
        let photo = photo(width, height, scale, 120);

        assert_eq!(
            read_picture(&jpeg(&photo)).as_deref(),
            Ok(TEXT),
            "{width} {scale}"
        );
    }
}

#[test]
fn a_picture_that_is_turned_or_mirrored_is_read() {
    let photo = photo(640, 480, 6, 180);
    for turned in [
        imageops::rotate90(&photo),
        imageops::rotate180(&photo),
        imageops::flip_horizontal(&photo),
    ] {
        assert_eq!(read_picture(&png(&turned)).as_deref(), Ok(TEXT));
    }
}

#[test]
fn a_code_of_a_dark_style_is_read() {
    let mut photo = photo(640, 480, 5, 225);
    imageops::invert(&mut photo);

    assert_eq!(read_picture(&png(&photo)).as_deref(), Ok(TEXT));
}

#[test]
fn what_one_can_see_through_is_seen_on_white() {
    let code = picture(4);
    let clear = image::ImageBuffer::from_fn(code.width(), code.height(), |across, down| {
        let is_dark = code.get_pixel(across, down).0[0] == 0;
        LumaA([0_u8, if is_dark { 255 } else { 0 }])
    });
    let bytes = encoded(&DynamicImage::ImageLumaA8(clear), ImageFormat::Png);

    assert_eq!(read_picture(&bytes).as_deref(), Ok(TEXT));
}

#[test]
fn what_shows_no_code_says_so() {
    let empty = GrayImage::from_pixel(300, 200, image::Luma([90]));

    assert_eq!(read_picture(&png(&empty)), Err(PictureFault::NoCode));
    assert_eq!(
        read_picture(&png(&GrayImage::from_pixel(1, 1, image::Luma([0])))),
        Err(PictureFault::NoCode)
    );
    for bytes in [&b""[..], b"xmpp:juliet@example.org", b"\x89PNG\r\n\x1a\n"] {
        assert_eq!(read_picture(bytes), Err(PictureFault::NotAPicture));
    }
}

#[test]
fn a_picture_that_is_too_much_is_refused() {
    let wide = png(&GrayImage::new(PHOTO.side + 1, 1));
    let many = png(&GrayImage::new(8_000, 6_000));

    assert_eq!(read_picture(&wide), Err(PictureFault::TooLarge));
    assert_eq!(read_picture(&many), Err(PictureFault::TooLarge));
    assert_eq!(
        read_picture(&vec![0; MOST_PICTURE_BYTES + 1]),
        Err(PictureFault::TooLarge)
    );
}

/// A few changed bytes, a cut, or bytes from somewhere else in the file.
fn damage(bytes: &mut Vec<u8>, changes: &[(usize, u8)], cut: Option<usize>) {
    for (place, value) in changes {
        let length = bytes.len();
        bytes[place % length] = *value;
    }
    if let Some(cut) = cut {
        bytes.truncate(cut % bytes.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(damages()))]

    /// A file that came damaged is read, or refused; and what is read is what
    /// the code says, never something else.
    #[test]
    fn a34_a_damaged_picture_is_read_rightly_or_not_at_all(
        kind in 0..3,
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..12),
        cut in proptest::option::weighted(0.2, any::<usize>()),
    ) {
        let small = picture(2);
        let mut bytes = match kind {
            0 => png(&small),
            1 => jpeg(&small),
            _ => encoded(&DynamicImage::ImageLuma8(small).to_rgba8().into(), ImageFormat::WebP),
        };
        damage(&mut bytes, &changes, cut);

        if let Ok(text) = read_picture(&bytes) {
            prop_assert_eq!(text, TEXT);
        }
    }

    /// Squares of another colour: a code is mended, or not read.
    #[test]
    fn a34_a_code_with_wrong_squares_is_mended_or_not_read(
        wrong in proptest::collection::vec(any::<usize>(), 1..60),
    ) {
        let scale = 2;
        let code = code(TEXT).expect("a code");
        let (side, mut pixels) = code.pixels(scale);
        for place in wrong {
            let square = place % (code.width() * code.width());
            let (across, down) = (square % code.width() + 4, square / code.width() + 4);
            for pixel in 0..scale * scale {
                let at = (down * scale + pixel / scale) * side + across * scale + pixel % scale;
                pixels[at] = 255 - pixels[at];
            }
        }
        let frame = Frame::new(side, side, &pixels).expect("a frame");

        if let Some(text) = read_frame(&frame, Pass::Plain) {
            prop_assert_eq!(text, TEXT);
        }
    }
}

/// As many as the environment wishes, 2,000 else.
fn damages() -> u32 {
    std::env::var("STONECHAT_FUZZ_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(2_000)
}
