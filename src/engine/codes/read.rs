//! Reads the code in a grey frame.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rxing::common::HybridBinarizer;
use rxing::qrcode::cpp_port::QrReader;
use rxing::{BinaryBitmap, Luma8LuminanceSource, Reader};

/// A grey picture: a byte for each pixel, row after row without gaps.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    width: u32,
    height: u32,
    pixels: &'a [u8],
}

/// How a frame is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// For a dark code on light ground.
    Plain,
    /// For a light code on dark ground, as dark styles draw it.
    Inverted,
}

impl<'a> Frame<'a> {
    /// Returns a frame; `None` when there are fewer pixels than its size says,
    /// or none at all.
    pub fn new(width: usize, height: usize, pixels: &'a [u8]) -> Option<Self> {
        let count = width.checked_mul(height).filter(|count| *count > 0)?;
        Some(Self {
            width: width.try_into().ok()?,
            height: height.try_into().ok()?,
            pixels: pixels.get(..count)?,
        })
    }
}

/// Returns the text of the code in a frame, if there is one that can be read.
///
/// Takes about 10 ms for 640×480 pixels. Whoever has many frames alternates
/// between the passes; who has one picture tries both.
pub fn read_frame(frame: &Frame<'_>, pass: Pass) -> Option<String> {
    let pixels = match pass {
        Pass::Plain => frame.pixels.to_vec(),
        Pass::Inverted => frame.pixels.iter().map(|pixel| 255 - pixel).collect(),
    };
    // A fault of the reader is a frame without a code, not the end of the page.
    let read = catch_unwind(AssertUnwindSafe(|| {
        let source = Luma8LuminanceSource::new(pixels, frame.width, frame.height).ok()?;
        let mut squares = BinaryBitmap::new(HybridBinarizer::new(source));
        let found = QrReader.decode(&mut squares).ok()?;
        Some(found.getText().to_owned())
    }));
    read.unwrap_or_else(|_| {
        tracing::warn!("The reader of codes failed on a picture.");
        None
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::code;
    use super::*;

    #[test]
    fn a_frame_holds_what_its_size_says() {
        assert!(Frame::new(2, 2, &[0; 3]).is_none());
        assert!(Frame::new(0, 2, &[0; 3]).is_none());
        assert!(Frame::new(usize::MAX, 2, &[0; 3]).is_none());
        assert!(Frame::new(2, 2, &[0; 5]).is_some());
    }

    #[test]
    fn a_light_code_on_dark_ground_is_read_in_the_second_pass() {
        let (side, pixels) = code("xmpp:juliet@example.org").expect("a code").pixels(4);
        let dark: Vec<u8> = pixels.iter().map(|pixel| 235 - pixel / 2).collect();
        let frame = Frame::new(side, side, &dark).expect("a frame");

        assert_eq!(
            read_frame(&frame, Pass::Inverted).as_deref(),
            Some("xmpp:juliet@example.org")
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn any_frame_is_read_or_not(width in 1_usize..90, height in 1_usize..90, seed in any::<u64>()) {
            let mut state = seed | 1;
            let pixels: Vec<u8> = (0..width * height)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    (state >> 56) as u8
                })
                .collect();
            let frame = Frame::new(width, height, &pixels).expect("a frame");

            for pass in [Pass::Plain, Pass::Inverted] {
                if let Some(text) = read_frame(&frame, pass) {
                    prop_assert!(text.len() < 8_000);
                }
            }
        }
    }
}
