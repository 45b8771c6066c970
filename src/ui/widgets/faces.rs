//! The pictures that people published, read from the history once each and
//! given to the avatars that wait for them.
//!
//! One place for the whole window: the same person stands in the list, in the
//! header and in dialogs.

use std::cell::RefCell;
use std::collections::HashMap;

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk::{gdk, glib};

use crate::engine::api::Engine;

/// How many pictures are held: 192 pixels a side are 144 KiB, so some 70 MiB
/// at the most.
const MOST_HELD: usize = 500;

thread_local! {
    static FACES: RefCell<Faces> = RefCell::default();
}

#[derive(Default)]
struct Faces {
    engine: Option<Engine>,
    held: HashMap<String, gdk::Texture>,
    /// Avatars, and the pictures they wait for.
    waiting: Vec<(glib::WeakRef<adw::Avatar>, String)>,
}

/// Reads pictures from this engine from now on.
pub fn read_from(engine: &Engine) {
    FACES.with_borrow_mut(|faces| faces.engine = Some(engine.clone()));
}

/// Lets an avatar show the picture with a hash as soon as it is here, and
/// initials until then; with an empty hash initials.
pub fn show(avatar: &adw::Avatar, hash: &str) {
    let (held, is_first) = FACES.with_borrow_mut(|faces| {
        faces
            .waiting
            .retain(|(other, _)| other.upgrade().is_some_and(|other| other != *avatar));
        let held = faces.held.get(hash).cloned();
        let is_first = !faces.waiting.iter().any(|(_, wanted)| wanted == hash);
        if held.is_none() && !hash.is_empty() {
            faces.waiting.push((avatar.downgrade(), hash.to_owned()));
        }
        (held, is_first)
    });
    let is_missing = held.is_none() && !hash.is_empty();
    avatar.set_custom_image(held.as_ref());
    if is_missing && is_first {
        read(hash.to_owned());
    }
}

fn read(hash: String) {
    let Some(engine) = FACES.with_borrow(|faces| faces.engine.clone()) else {
        return;
    };
    glib::spawn_future_local(async move {
        let bytes = match engine.picture(&hash).await {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::warn!(%error, "a picture could not be read from the history");
                None
            }
        };
        // Our own small PNG, made from what was published.
        let texture =
            bytes.and_then(|bytes| gdk::Texture::from_bytes(&glib::Bytes::from_owned(bytes)).ok());
        let waiting = FACES.with_borrow_mut(|faces| {
            if let Some(texture) = &texture {
                if faces.held.len() >= MOST_HELD {
                    faces.held.clear();
                }
                faces.held.insert(hash.clone(), texture.clone());
            }
            let (here, others) = std::mem::take(&mut faces.waiting)
                .into_iter()
                .partition(|(_, wanted)| *wanted == hash);
            faces.waiting = others;
            let here: Vec<(glib::WeakRef<adw::Avatar>, String)> = here;
            here
        });
        for avatar in waiting.iter().filter_map(|(avatar, _)| avatar.upgrade()) {
            avatar.set_custom_image(texture.as_ref());
        }
    });
}
