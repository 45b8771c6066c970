//! Who has read up to here: small faces under the last message each reader has
//! seen, whoever wrote it.

use relm4::adw;
use relm4::gtk::{self, prelude::*};

use crate::engine::model::{MessageId, Reader};
use crate::ui::i18n::{fill, gettext};
use crate::ui::widgets::avatar;
use crate::ui::widgets::tooltip::TooltipExt;

/// How many faces are drawn; the rest is a number.
const MOST: usize = 5;

/// Somebody who has read up to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Face {
    /// The last message they have seen.
    pub up_to: MessageId,
    /// Their address, which gives the colour.
    pub address: String,
    /// What they are called.
    pub name: String,
    /// Hash of the picture they published; empty: none.
    pub picture: String,
}

/// Returns the faces of a chat with one person, called `name`.
pub fn faces(readers: Vec<Reader>, name: &str, picture: &str) -> Vec<Face> {
    let face = |reader: Reader| Face {
        up_to: reader.up_to,
        address: reader.address,
        name: name.to_owned(),
        picture: picture.to_owned(),
    };
    readers.into_iter().map(face).collect()
}

/// The line of faces under a message.
pub struct FaceLine {
    /// The widget.
    pub root: gtk::Box,
}

impl Default for FaceLine {
    fn default() -> Self {
        Self {
            root: gtk::Box::builder()
                .css_classes(["faces"])
                .halign(gtk::Align::End)
                .accessible_role(gtk::AccessibleRole::Img)
                .build(),
        }
    }
}

impl FaceLine {
    /// Shows these; nothing for nobody. Returns what is heard of it.
    pub fn show(&self, faces: &[&Face]) -> String {
        self.root.set_visible(!faces.is_empty());
        while let Some(child) = self.root.first_child() {
            self.root.remove(&child);
        }
        for face in faces.iter().take(MOST) {
            self.root.append(&picture(face));
        }
        if faces.len() > MOST {
            let more = gtk::Label::builder()
                .label(format!("+{}", faces.len() - MOST))
                .css_classes(["more", "numeric"])
                .build();
            self.root.append(&more);
        }
        let said = spoken(faces);
        self.root.set_tooltip(&said);
        self.root
            .update_property(&[gtk::accessible::Property::Label(&said)]);
        said
    }
}

/// "Read up to here by Nurse Angelica, Benvolio".
fn spoken(faces: &[&Face]) -> String {
    if faces.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = faces.iter().map(|face| face.name.as_str()).collect();
    fill(
        // Translators: names are one or more people.
        &gettext("Read up to here by {names}"),
        &[("names", &names.join(", "))],
    )
}

fn picture(face: &Face) -> adw::Avatar {
    let picture = avatar::new(16);
    avatar::show(&picture, &face.name, &face.address, &face.picture);
    picture.add_css_class("face");
    picture
}
