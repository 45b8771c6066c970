//! Finds a code in a picture that somebody dropped, pasted or chose.

use image::imageops::{self, FilterType};
use image::{DynamicImage, GrayImage};

use super::{Frame, Pass, read_frame};
use crate::engine::pictures::{self, PHOTO, Unreadable};

/// A larger file is refused unread.
pub const MOST_PICTURE_BYTES: usize = PHOTO.bytes;
/// A photo is looked at in these sizes, pixels along the longer side: a code
/// that fills it is found in the small one, one far away in the large one.
const SIZES: [u32; 3] = [800, 1_600, 3_200];

/// Why a picture shows no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureFault {
    /// It is no picture of a kind that is read here, or it is broken.
    NotAPicture,
    /// It is larger than is looked at.
    TooLarge,
    /// There is no code in it, or it cannot be read.
    NoCode,
}

/// Returns the text of the code in a PNG, JPEG, WebP or GIF file. Takes up to
/// some seconds: never where the window is drawn.
///
/// # Errors
/// A [`PictureFault`].
pub fn read_picture(bytes: &[u8]) -> Result<String, PictureFault> {
    let picture = grey(bytes)?;
    let longest = picture.width().max(picture.height());
    let smaller = SIZES.iter().copied().filter(|size| *size < longest);
    let sizes: Vec<u32> = smaller
        .chain((longest <= SIZES[2]).then_some(longest))
        .collect();
    for size in sizes {
        let seen = if size == longest {
            picture.clone()
        } else {
            let scaled = |side: u32| {
                let scaled = u64::from(side) * u64::from(size) / u64::from(longest);
                u32::try_from(scaled).unwrap_or(size).max(1)
            };
            let (width, height) = (scaled(picture.width()), scaled(picture.height()));
            imageops::resize(&picture, width, height, FilterType::Triangle)
        };
        let found =
            Frame::new(seen.width() as usize, seen.height() as usize, &seen).and_then(|frame| {
                [Pass::Plain, Pass::Inverted]
                    .into_iter()
                    .find_map(|pass| read_frame(&frame, pass))
            });
        if let Some(text) = found {
            return Ok(text);
        }
    }
    Err(PictureFault::NoCode)
}

/// Reads a picture within limits as shades of grey. What one can see through
/// is seen on white.
///
/// # Errors
/// It is no picture, or too large; [`PictureFault::NoCode`] never.
pub fn grey(bytes: &[u8]) -> Result<GrayImage, PictureFault> {
    let picture = pictures::read(bytes, PHOTO).map_err(|fault| match fault {
        Unreadable::NotAPicture => PictureFault::NotAPicture,
        Unreadable::TooLarge => PictureFault::TooLarge,
    })?;
    Ok(if picture.color().has_alpha() {
        on_white(&picture)
    } else {
        picture.into_luma8()
    })
}

fn on_white(picture: &DynamicImage) -> GrayImage {
    let seen_through = picture.to_luma_alpha8();
    GrayImage::from_fn(
        seen_through.width(),
        seen_through.height(),
        |across, down| {
            let [grey, alpha] = seen_through.get_pixel(across, down).0.map(u32::from);
            image::Luma([((grey * alpha + 255 * (255 - alpha)) / 255) as u8])
        },
    )
}

#[cfg(test)]
mod tests;
