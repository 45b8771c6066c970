//! Draws a text as a code.

use qrcode::{Color, EcLevel, QrCode};

/// The white around a code, in squares; scanners look for it.
pub const MARGIN: usize = 4;

/// A code, square by square, without its margin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    width: usize,
    is_dark: Vec<bool>,
}

/// Returns the code of a text; `None` when it is longer than a code can hold,
/// which is near 2,900 bytes.
pub fn code(text: &str) -> Option<Code> {
    // A quarter of a code may be dirty or hidden by a reflection; a long text
    // does with less, so that its squares stay large.
    let levels = if text.len() > 600 {
        [EcLevel::L, EcLevel::L]
    } else {
        [EcLevel::M, EcLevel::L]
    };
    let drawn = levels
        .into_iter()
        .find_map(|level| QrCode::with_error_correction_level(text, level).ok())?;
    Some(Code {
        width: drawn.width(),
        is_dark: drawn
            .into_colors()
            .into_iter()
            .map(|colour| colour == Color::Dark)
            .collect(),
    })
}

impl Code {
    /// Returns how many squares stand side by side, without the margin.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Returns whether a square is dark; those of the margin are not there.
    pub fn is_dark(&self, across: usize, down: usize) -> bool {
        across < self.width
            && self
                .is_dark
                .get(down * self.width + across)
                .copied()
                .unwrap_or_default()
    }

    /// Returns a grey picture, black on white with its margin, each square
    /// `scale` pixels wide: the length of its side, and its pixels.
    pub fn pixels(&self, scale: usize) -> (usize, Vec<u8>) {
        let side = (self.width + 2 * MARGIN) * scale;
        let mut pixels = vec![255; side * side];
        for (place, pixel) in pixels.iter_mut().enumerate() {
            let square = |at: usize| (at / scale).checked_sub(MARGIN);
            if let (Some(across), Some(down)) = (square(place % side), square(place / side))
                && self.is_dark(across, down)
            {
                *pixel = 0;
            }
        }
        (side, pixels)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Frame, Pass, read_frame};
    use super::*;

    #[test]
    fn what_is_drawn_can_be_read() {
        for length in [1, 48, 200, 600, 1_500, 2_900] {
            let text = "xmpp:é;".repeat(length / 8 + 1);
            let code = code(&text).expect("a code");

            let (side, pixels) = code.pixels(3);

            let frame = Frame::new(side, side, &pixels).expect("a frame");
            assert_eq!(read_frame(&frame, Pass::Plain).as_deref(), Some(&*text));
        }
    }

    #[test]
    fn a_text_that_no_code_can_hold_has_none() {
        assert_eq!(code(&"x".repeat(3_000)), None);
    }

    #[test]
    fn a_code_has_four_white_squares_around_it() {
        let code = code("xmpp:juliet@example.org").expect("a code");

        let (side, pixels) = code.pixels(2);

        assert_eq!(side, (code.width() + 8) * 2);
        let is_white = |across: usize, down: usize| pixels[down * side + across] == 255;
        assert!((0..side).all(|at| (0..8).all(|edge| is_white(at, edge)
            && is_white(edge, at)
            && is_white(at, side - 1 - edge)
            && is_white(side - 1 - edge, at))));
        assert!(!is_white(8, 8));
        assert!(!code.is_dark(code.width(), 0));
    }
}
