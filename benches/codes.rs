//! How many codes are found that a camera sees badly, and how long one frame
//! takes.
//!
//! The same 700 frames each time, of 640×480: a short code and one with two
//! keys, in five sizes, in seven ways a camera sees: clean, turned, blurred,
//! blurred more, from the side, in shadow, and light on dark.

use std::time::Instant;

use image::{GrayImage, Luma, imageops};
use stonechat::engine::codes::{Frame, Pass, code, read_frame};

use super::tell;

const WIDTH: u32 = 640;
const HEIGHT: u32 = 480;
const DESK: Luma<u8> = Luma([150]);
/// Frames of each kind.
const TRIES: u64 = 10;
const SHORT: &str = "xmpp:juliet@example.org?roster;preauth=3f9ab27cde";

/// How the camera sees a code.
struct Look {
    name: &'static str,
    /// Turned by any angle.
    is_turned: bool,
    /// Radius of the blur.
    blur: f32,
    /// Spread of the noise, in shades of grey.
    noise: f32,
    /// How much darker the right edge is.
    shadow: f32,
    /// How much smaller the lower edge is.
    slant: f32,
    is_inverted: bool,
}

const LOOKS: [Look; 7] = [
    look("clean", false, 0.0, 0.0, 0.0, 0.0),
    look("turned", true, 0.0, 6.0, 0.0, 0.0),
    look("blurred", true, 1.0, 10.0, 0.2, 0.0),
    look("blurred more", true, 2.0, 15.0, 0.3, 0.0),
    look("from the side", true, 1.0, 10.0, 0.2, 0.4),
    look("in shadow", true, 0.7, 15.0, 0.7, 0.0),
    Look {
        is_inverted: true,
        ..look("light on dark", false, 0.5, 6.0, 0.0, 0.0)
    },
];

const fn look(
    name: &'static str,
    is_turned: bool,
    blur: f32,
    noise: f32,
    shadow: f32,
    slant: f32,
) -> Look {
    Look {
        name,
        is_turned,
        blur,
        noise,
        shadow,
        slant,
        is_inverted: false,
    }
}

/// Chance that is the same each time.
struct Chance(u64);

impl Chance {
    /// From 0 to 1.
    fn next(&mut self) -> f32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1_u64 << 24) as f32
    }
}

/// Looks at all frames, and tells the figures.
pub fn measure() {
    let long = format!(
        "xmpp:juliet.longname@chat.example.org?message;omemo-sid-1234567890={};omemo-sid-987654321={}",
        "ab12cd34".repeat(8),
        "99ff00aa".repeat(8)
    );
    let (mut frames, mut plain, mut either) = (0_u32, 0_u32, 0_u32);
    let (mut spent, mut passes) = (0.0, 0_u32);
    for look in &LOOKS {
        let (mut of_look, mut found) = (0_u32, 0_u32);
        for text in [SHORT, &long] {
            for side in [120, 160, 220, 320, 420] {
                for seed in 0..TRIES {
                    let seen = seen(
                        text,
                        side,
                        look,
                        &mut Chance(seed * 7_919 + u64::from(side)),
                    );
                    let frame = Frame::new(WIDTH as usize, HEIGHT as usize, &seen).unwrap();
                    let mut reads = |pass| {
                        let began = Instant::now();
                        let read = read_frame(&frame, pass);
                        spent += began.elapsed().as_secs_f64();
                        passes += 1;
                        read.as_deref() == Some(text)
                    };
                    let (first, second) = (reads(Pass::Plain), reads(Pass::Inverted));
                    of_look += 1;
                    plain += u32::from(first);
                    found += u32::from(first || second);
                }
            }
        }
        frames += of_look;
        either += found;
        tell(
            &format!("codes found, {}", look.name),
            share(found, of_look),
        );
    }
    tell(
        "codes found without the inverted pass",
        share(plain, frames),
    );
    tell("codes found", share(either, frames));
    tell("one frame looked at", spent * 1_000.0 / f64::from(passes));
}

fn share(part: u32, of: u32) -> f64 {
    f64::from(part) * 100.0 / f64::from(of)
}

/// Returns what a camera sees of a code of this width on a grey desk.
fn seen(text: &str, side: u32, look: &Look, chance: &mut Chance) -> GrayImage {
    let (width, pixels) = code(text).unwrap().pixels(8);
    let (dark, light) = if look.is_inverted {
        (235, 40)
    } else {
        (30, 235)
    };
    let printed: Vec<u8> = pixels
        .iter()
        .map(|pixel| if *pixel == 0 { dark } else { light })
        .collect();
    let printed = GrayImage::from_raw(width as u32, width as u32, printed).unwrap();
    let printed = imageops::resize(&printed, side, side, imageops::FilterType::Triangle);
    let mut seen = GrayImage::from_pixel(WIDTH, HEIGHT, DESK);
    let (across, down) = ((WIDTH - side) / 2, (HEIGHT - side) / 2);
    imageops::overlay(&mut seen, &printed, across.into(), down.into());
    if look.is_turned {
        seen = turned(&seen, chance.next() * std::f32::consts::TAU);
    }
    if look.slant > 0.0 {
        seen = slanted(&seen, look.slant);
    }
    if look.blur > 0.0 {
        seen = imageops::blur(&seen, look.blur);
    }
    for (across, _, pixel) in seen.enumerate_pixels_mut() {
        let noise: f32 = (0..4).map(|_| chance.next() - 0.5).sum();
        let light = 1.0 - look.shadow * across as f32 / WIDTH as f32;
        pixel.0[0] =
            (f32::from(pixel.0[0]) * light + noise * 1.73 * look.noise).clamp(0.0, 255.0) as u8;
    }
    seen
}

fn turned(flat: &GrayImage, angle: f32) -> GrayImage {
    let (sine, cosine) = angle.sin_cos();
    let (middle_x, middle_y) = (WIDTH as f32 / 2.0, HEIGHT as f32 / 2.0);
    GrayImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let (x, y) = (x as f32 - middle_x, y as f32 - middle_y);
        imageops::interpolate_bilinear(
            flat,
            cosine * x + sine * y + middle_x,
            cosine * y - sine * x + middle_y,
        )
        .unwrap_or(DESK)
    })
}

/// Squeezes each row a little more than the one above it.
fn slanted(flat: &GrayImage, slant: f32) -> GrayImage {
    let middle = WIDTH as f32 / 2.0;
    GrayImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let wider = 1.0 + slant * y as f32 / HEIGHT as f32;
        let x = (x as f32 - middle) * wider + middle;
        imageops::interpolate_nearest(flat, x, y as f32)
            .filter(|_| (0.0..WIDTH as f32).contains(&x))
            .unwrap_or(DESK)
    })
}
