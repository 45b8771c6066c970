//! Pictures from outside, read within limits. Every byte of them is hostile:
//! a small file can hold very many pixels, and make a reader fail (attacks
//! A34, A41).

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, ImageReader, Limits};

/// Pixels along a side of somebody's picture, as it is kept and published:
/// enough for the largest place in the window on a display of twice the size.
pub const FACE_SIDE: u32 = 192;

/// How much is read.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    /// Bytes of the file.
    pub bytes: usize,
    /// Pixels along a side.
    pub side: u32,
    /// Pixels of the whole.
    pub pixels: u64,
    /// Bytes that reading it may take.
    pub memory: u64,
}

/// Somebody's picture, published by them.
const FACE: Most = Most {
    bytes: 1024 * 1024,
    side: 4_096,
    pixels: 4_000_000,
    memory: 64 * 1024 * 1024,
};

/// A photo the user chose; one of a phone has 3 to 12 MB.
pub const PHOTO: Most = Most {
    bytes: 32 * 1024 * 1024,
    side: 12_000,
    pixels: 40_000_000,
    memory: 256 * 1024 * 1024,
};

/// Why a picture is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is no picture of a kind that is read here, or it is broken.
    NotAPicture,
    /// It is larger than is looked at.
    TooLarge,
}

/// Reads a PNG, JPEG, WebP or GIF file; of one that moves the first picture.
/// May take a second: never where the window is drawn.
///
/// # Errors
/// It is no picture, or more than `most`.
pub fn read(bytes: &[u8], most: Most) -> Result<DynamicImage, Unreadable> {
    if bytes.len() > most.bytes {
        return Err(Unreadable::TooLarge);
    }
    let decoded = catch_unwind(AssertUnwindSafe(|| decode(bytes, most)));
    decoded.unwrap_or_else(|_| {
        tracing::warn!("A picture made its reader fail.");
        Err(Unreadable::NotAPicture)
    })
}

/// Returns somebody's published picture as it is kept: a small square PNG.
///
/// # Errors
/// As [`read`].
pub fn face(bytes: &[u8]) -> Result<Vec<u8>, Unreadable> {
    small_square(&read(bytes, FACE)?)
}

/// Returns a photo of the user as it is published: a small square PNG.
///
/// # Errors
/// As [`read`].
pub fn own_face(bytes: &[u8]) -> Result<Vec<u8>, Unreadable> {
    small_square(&read(bytes, PHOTO)?)
}

/// Cuts the square out of the middle, and makes it as small as it is shown. A
/// smaller one stays as it is.
fn small_square(picture: &DynamicImage) -> Result<Vec<u8>, Unreadable> {
    let (width, height) = (picture.width(), picture.height());
    let side = width.min(height);
    let square = picture.crop_imm((width - side) / 2, (height - side) / 2, side, side);
    let small = if side > FACE_SIDE {
        square.resize_exact(FACE_SIDE, FACE_SIDE, FilterType::Lanczos3)
    } else {
        square
    };
    let mut bytes = Vec::new();
    DynamicImage::from(small.to_rgba8())
        .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
        .map_err(|_| Unreadable::NotAPicture)?;
    Ok(bytes)
}

fn decode(bytes: &[u8], most: Most) -> Result<DynamicImage, Unreadable> {
    let reader = || {
        let mut reader = ImageReader::new(Cursor::new(bytes));
        let mut limits = Limits::default();
        limits.max_image_width = Some(most.side);
        limits.max_image_height = Some(most.side);
        limits.max_alloc = Some(most.memory);
        reader.limits(limits);
        reader
            .with_guessed_format()
            .map_err(|_| Unreadable::NotAPicture)
    };
    let (width, height) = reader()?.into_dimensions().map_err(fault)?;
    if u64::from(width) * u64::from(height) > most.pixels {
        return Err(Unreadable::TooLarge);
    }
    reader()?.decode().map_err(fault)
}

fn fault(error: image::ImageError) -> Unreadable {
    match error {
        image::ImageError::Limits(_) => Unreadable::TooLarge,
        _ => Unreadable::NotAPicture,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let picture = image::RgbaImage::from_fn(width, height, |across, _| {
            image::Rgba([if across < width / 2 { 200 } else { 20 }, 0, 0, 255])
        });
        let mut bytes = Vec::new();
        DynamicImage::from(picture)
            .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
            .unwrap();
        bytes
    }

    fn side(bytes: &[u8]) -> (u32, u32) {
        let picture = image::load_from_memory(bytes).unwrap();
        (picture.width(), picture.height())
    }

    #[test]
    fn a_face_is_the_square_in_the_middle_and_small() {
        assert_eq!(side(&face(&png(800, 400)).unwrap()), (FACE_SIDE, FACE_SIDE));
        assert_eq!(side(&face(&png(40, 90)).unwrap()), (40, 40));
        let middle = image::load_from_memory(&face(&png(400, 40)).unwrap()).unwrap();
        // The colours met in the middle of the whole.
        assert_eq!(middle.to_rgba8().get_pixel(2, 2).0[0], 200);
        assert_eq!(middle.to_rgba8().get_pixel(37, 2).0[0], 20);
    }

    #[test]
    fn a41_a_small_file_with_very_many_pixels_is_refused() {
        let bomb = png(4_000, 3_000);
        assert!(bomb.len() < FACE.bytes);

        assert_eq!(face(&bomb), Err(Unreadable::TooLarge));
        assert_eq!(face(&png(5_000, 1)), Err(Unreadable::TooLarge));
        assert_eq!(face(&vec![0; FACE.bytes + 1]), Err(Unreadable::TooLarge));
        assert_eq!(side(&own_face(&bomb).unwrap()), (FACE_SIDE, FACE_SIDE));
    }

    #[test]
    fn a34_what_is_no_picture_is_no_face() {
        let mut broken = png(64, 64);
        broken.truncate(60);

        for bytes in [&b""[..], b"<svg/>", b"\x89PNG\r\n\x1a\n", &broken] {
            assert_eq!(face(bytes), Err(Unreadable::NotAPicture));
        }
    }
}
