//! Codes of black and white squares (QR), and the pictures they come in.
//!
//! Pure, and open to the window, as `text` is: a code is drawn from a text, and
//! a text is read from a frame of the camera or from a picture somebody sent.
//! What is in the text is none of this module's business. Everything here is
//! safe Rust with limits, as pictures come from anybody; it takes from
//! milliseconds to a second, so it is never called where the window is drawn.
//!
//! # Source
//! ISO/IEC 18004: four squares of margin around a code.

mod draw;
mod picture;
mod read;

pub use draw::{Code, MARGIN, code};
pub use picture::{MOST_PICTURE_BYTES, PictureFault, grey, read_picture};
pub use read::{Frame, Pass, read_frame};
