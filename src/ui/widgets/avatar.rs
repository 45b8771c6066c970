//! A person's colour, and the avatar: their picture, or initials in that colour.
//!
//! One address has one colour in every program that follows XEP-0392. The
//! angle is rounded down to one of 24 classes (`sender-0` to `sender-23` in
//! `style.css`), each of which is readable on every bubble in either style.

use relm4::adw;
use relm4::gtk::prelude::*;
use sha1::{Digest, Sha1};

use super::faces;

/// How many colours there are.
const CLASSES: u32 = 24;

/// Returns the hue of an address in degrees, from 0 up to 360.
///
/// # Source
///
/// XEP-0392 v1.0.0 §5.1: the first two bytes of SHA-1, little endian.
pub fn angle(address: &str) -> f64 {
    let hash = Sha1::digest(address.as_bytes());
    f64::from(u16::from_le_bytes([hash[0], hash[1]])) / 65_536.0 * 360.0
}

/// Returns the style class with the colour of an address.
pub fn sender_class(address: &str) -> String {
    let class = (angle(address) / (360.0 / f64::from(CLASSES))).floor();
    format!("sender-{class}")
}

/// Returns an avatar that stands beside the person's name, so that it needs
/// none of its own.
pub fn new(size: i32) -> adw::Avatar {
    adw::Avatar::builder()
        .size(size)
        .show_initials(true)
        .accessible_role(relm4::gtk::AccessibleRole::Presentation)
        .build()
}

/// Lets an avatar show a person: the picture with this hash, or, without one
/// (an empty hash), initials.
pub fn show(avatar: &adw::Avatar, name: &str, address: &str, picture: &str) {
    faces::show(avatar, picture);
    avatar.set_text(Some(name));
    let class = sender_class(address);
    let others: Vec<_> = avatar
        .css_classes()
        .into_iter()
        .filter(|other| other.starts_with("sender-") && *other != class)
        .collect();
    for other in others {
        avatar.remove_css_class(&other);
    }
    avatar.add_css_class(&class);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// XEP-0392 v1.0.0 §13.2.
    #[test]
    fn the_angles_are_those_of_the_specification() {
        let vectors = [
            ("Romeo", 327.255_249),
            ("juliet@capulet.lit", 209.410_400),
            ("😺", 331.199_341),
            ("council", 359.994_507),
            ("Board", 171.430_664),
        ];

        for (text, expected) in vectors {
            assert!(
                (angle(text) - expected).abs() < 1e-6,
                "{text}: {}",
                angle(text)
            );
        }
    }

    #[test]
    fn the_class_is_the_angle_in_steps_of_fifteen_degrees() {
        assert_eq!(sender_class("juliet@capulet.lit"), "sender-13");
        assert_eq!(sender_class("council"), "sender-23");
    }
}
