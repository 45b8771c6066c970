//! Pictures of people (XEP-0084 v1.1.4, `urn:xmpp:avatar:metadata` and
//! `urn:xmpp:avatar:data`), and those in their cards (XEP-0153 v1.1, read only).
//!
//! What is said about a picture is checked before the picture is asked for, and
//! the picture by its SHA-1 when it is here (attack A41). A picture that lies
//! somewhere on the web is never fetched: whoever put it there would learn who
//! looks (attack A37). Left out: pictures in presence for groups.
//!
//! # Source
//! XEP-0084 §4 (protocol), §7 (data), §11 (security); XEP-0153 §3; XEP-0054 §3.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minidom::Element;
use sha1::{Digest, Sha1};

use super::namespaces::{AVATAR_DATA, AVATAR_METADATA, CARD, CARD_UPDATE, PUBSUB};
use super::pubsub;
use super::stanza::{self, element, text_element};

/// A larger picture is not asked for, in bytes.
pub const MOST_BYTES: usize = 1024 * 1024;
/// Pixels along a side that are enough; a smaller one is taken where there is
/// no other.
const ENOUGH: u32 = 96;

/// Kinds of picture that are read.
const KINDS: [&str; 4] = ["image/png", "image/jpeg", "image/webp", "image/gif"];

/// What an account says about its picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// There is this one.
    Picture(Hash),
    /// There is none.
    None,
    /// There is one that is not for us: of another kind, too large, or on the web.
    NotForUs,
}

/// The SHA-1 of a picture's bytes, in lower case hex.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hash(String);

impl Hash {
    /// Reads a hash; `None` when it is none.
    pub fn read(text: &str) -> Option<Self> {
        let is_hash = text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hash.then(|| Self(text.to_ascii_lowercase()))
    }

    /// Returns the hash of a picture.
    pub fn of(picture: &[u8]) -> Self {
        let digest = Sha1::digest(picture);
        let hex = |hex, byte: &u8| format!("{hex}{byte:02x}");
        Self(digest.iter().fold(String::new(), hex))
    }

    /// The hash, as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Reads what is published about a picture, and chooses among its sizes the
/// smallest one that is large enough.
pub fn said(metadata: &Element) -> Said {
    if !metadata.is("metadata", AVATAR_METADATA) {
        return Said::NotForUs;
    }
    let mut are_any = false;
    let mut best: Option<(u32, Hash)> = None;
    for info in metadata
        .children()
        .filter(|child| child.is("info", AVATAR_METADATA))
    {
        are_any = true;
        let Some((side, hash)) = ours(info) else {
            continue;
        };
        let is_better = best.as_ref().is_none_or(|(known, _)| match *known {
            known if known < ENOUGH => side > known,
            known => side >= ENOUGH && side < known,
        });
        if is_better {
            best = Some((side, hash));
        }
    }
    match best {
        Some((_, hash)) => Said::Picture(hash),
        None if are_any => Said::NotForUs,
        None => Said::None,
    }
}

/// Returns side and hash of a size that can be shown here.
fn ours(info: &Element) -> Option<(u32, Hash)> {
    if info.attr("url").is_some() {
        return None;
    }
    // Some leave out what it is, which shows when it is here.
    let is_known = info.attr("type").is_none_or(|kind| KINDS.contains(&kind));
    let number = |name: &str| info.attr(name).and_then(|text| text.trim().parse().ok());
    let bytes: usize = number("bytes").map_or(0, |bytes: u32| bytes as usize);
    if !is_known || bytes > MOST_BYTES {
        return None;
    }
    let side = number("width")
        .unwrap_or(0)
        .min(number("height").unwrap_or(0));
    Some((side, Hash::read(info.attr("id")?)?))
}

/// Asks for a picture by its hash.
pub fn wanted(hash: &Hash) -> Element {
    let mut items = element("items", PUBSUB, &[("node", AVATAR_DATA)]);
    items.append_child(element("item", PUBSUB, &[("id", hash.as_str())]));
    let mut query = Element::bare("pubsub", PUBSUB);
    query.append_child(items);
    query
}

/// Reads the picture in an answer; `None` when it is not the one with this hash.
pub fn picture(answer: &Element, hash: &Hash) -> Option<Vec<u8>> {
    let data = pubsub::item(answer, AVATAR_DATA)?;
    if !data.is("data", AVATAR_DATA) {
        return None;
    }
    decoded(&data.text(), hash)
}

/// Reads what a presence says of the picture in the sender's card; `None` when
/// it says nothing.
pub fn said_in_presence(presence: &Element) -> Option<Said> {
    let photo = presence
        .get_child("x", CARD_UPDATE)?
        .get_child("photo", CARD_UPDATE)?
        .text();
    match photo.trim() {
        "" => Some(Said::None),
        hash => Hash::read(hash).map(Said::Picture),
    }
}

/// Asks for somebody's card.
pub fn card_wanted() -> Element {
    Element::bare("vCard", CARD)
}

/// Reads the picture in a card; `None` when it is not the one with this hash.
pub fn picture_in_card(answer: &Element, hash: &Hash) -> Option<Vec<u8>> {
    let picture = answer
        .get_child("vCard", CARD)?
        .get_child("PHOTO", CARD)?
        .get_child("BINVAL", CARD)?;
    decoded(&picture.text(), hash)
}

fn decoded(text: &str, hash: &Hash) -> Option<Vec<u8>> {
    // Some break it into lines.
    if text.len() > MOST_BYTES * 2 {
        return None;
    }
    let packed: String = text.split_ascii_whitespace().collect();
    let bytes = STANDARD.decode(packed).ok()?;
    (bytes.len() <= MOST_BYTES && Hash::of(&bytes) == *hash).then_some(bytes)
}

/// What is published so that others can get a PNG picture.
pub fn data(picture: &[u8]) -> Element {
    text_element("data", AVATAR_DATA, &STANDARD.encode(picture))
}

/// What is published about a PNG picture; `None`: that there is none.
pub fn metadata(picture: Option<&[u8]>) -> Element {
    let mut metadata = Element::bare("metadata", AVATAR_METADATA);
    if let Some(bytes) = picture {
        let mut info = element(
            "info",
            AVATAR_METADATA,
            &[
                ("id", Hash::of(bytes).as_str()),
                ("type", "image/png"),
                ("bytes", &bytes.len().to_string()),
            ],
        );
        if let Some((width, height)) = png_size(bytes) {
            stanza::set(&mut info, "width", &width.to_string());
            stanza::set(&mut info, "height", &height.to_string());
        }
        metadata.append_child(info);
    }
    metadata
}

/// Returns width and height as they stand at the beginning of a PNG file.
fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?));
    bytes.starts_with(b"\x89PNG").then_some(())?;
    Some((number(16)?, number(20)?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const A: &str = "111f4b3c50d7b0df729d299bc6f8e9ef9066971f";
    const B: &str = "e279f80c38f99c1e7e53e262b440993b2f7eea57";

    fn read(infos: &str) -> Said {
        let metadata: Element =
            format!("<metadata xmlns='urn:xmpp:avatar:metadata'>{infos}</metadata>")
                .parse()
                .unwrap();
        said(&metadata)
    }

    fn is(hash: &str) -> Said {
        Said::Picture(Hash::read(hash).unwrap())
    }

    fn answer(text: &str) -> Element {
        format!(
            "<iq xmlns='jabber:client' type='result'><pubsub xmlns='{PUBSUB}'>\
             <items node='{AVATAR_DATA}'><item id='x'><data xmlns='{AVATAR_DATA}'>{text}</data>\
             </item></items></pubsub></iq>"
        )
        .parse()
        .unwrap()
    }

    #[test]
    fn the_smallest_size_that_is_enough_is_chosen() {
        let info = |id: &str, side: u32| {
            format!("<info id='{id}' type='image/png' bytes='9' width='{side}' height='{side}'/>")
        };

        assert_eq!(read(&(info(A, 480) + &info(B, 128))), is(B));
        assert_eq!(read(&(info(A, 32) + &info(B, 128))), is(B));
        assert_eq!(read(&(info(A, 64) + &info(B, 32))), is(A));
        assert_eq!(read(&format!("<info id='{}'/>", A.to_uppercase())), is(A));
        assert_eq!(read(""), Said::None);
    }

    #[test]
    fn a37_a_picture_on_the_web_is_not_for_us() {
        let on_the_web = format!(
            "<info id='{A}' type='image/png' bytes='9' url='https://evil.example/who-looks'/>"
        );

        assert_eq!(read(&on_the_web), Said::NotForUs);
        assert_eq!(
            read(&format!("{on_the_web}<info id='{B}' type='image/png'/>")),
            is(B)
        );
    }

    #[test]
    fn a41_a_picture_that_is_too_large_or_of_another_kind_is_not_asked_for() {
        for info in [
            format!(
                "<info id='{A}' type='image/png' bytes='{}'/>",
                MOST_BYTES + 1
            ),
            format!("<info id='{A}' type='image/svg+xml' bytes='9'/>"),
            "<info id='../../etc/passwd' type='image/png' bytes='9'/>".to_owned(),
            "<info type='image/png'/>".to_owned(),
        ] {
            assert_eq!(read(&info), Said::NotForUs, "{info}");
        }
        let huge = format!("<info id='{A}' width='99999999999' height='-1' bytes='many'/>");
        assert_eq!(read(&huge), is(A));
    }

    #[test]
    fn a41_a_picture_that_is_not_the_one_that_was_told_is_not_taken() {
        let text = STANDARD.encode(b"a picture");
        let broken = format!("{}\n  {}", &text[..4], &text[4..]);
        let hash = Hash::of(b"a picture");

        assert_eq!(
            picture(&answer(&text), &hash).as_deref(),
            Some(&b"a picture"[..])
        );
        assert_eq!(
            picture(&answer(&broken), &hash).as_deref(),
            Some(&b"a picture"[..])
        );
        assert_eq!(picture(&answer(&text), &Hash::read(A).unwrap()), None);
        assert_eq!(picture(&answer("%%%"), &hash), None);
        let large = STANDARD.encode(vec![0; MOST_BYTES + 1]);
        assert_eq!(
            picture(&answer(&large), &Hash::of(&vec![0; MOST_BYTES + 1])),
            None
        );
    }

    #[test]
    fn a_picture_in_a_card_is_read_and_checked() {
        let presence = |photo: &str| -> Element {
            format!(
                "<presence xmlns='jabber:client'><x xmlns='{CARD_UPDATE}'>{photo}</x></presence>"
            )
            .parse()
            .unwrap()
        };
        let card: Element = format!(
            "<iq xmlns='jabber:client'><vCard xmlns='{CARD}'><PHOTO><TYPE>image/png</TYPE>\
             <BINVAL>{}</BINVAL></PHOTO></vCard></iq>",
            STANDARD.encode(b"a picture")
        )
        .parse()
        .unwrap();

        let said = |photo: &str| said_in_presence(&presence(photo));
        assert_eq!(said(&format!("<photo>{A}</photo>")), Some(is(A)));
        assert_eq!(said("<photo/>"), Some(Said::None));
        // Not told yet, or nonsense.
        assert_eq!(said(""), None);
        assert_eq!(said("<photo>me</photo>"), None);
        assert_eq!(
            picture_in_card(&card, &Hash::of(b"a picture")).as_deref(),
            Some(&b"a picture"[..])
        );
        assert_eq!(picture_in_card(&card, &Hash::read(A).unwrap()), None);
    }

    #[test]
    fn what_we_publish_is_what_we_read() {
        let picture = b"a picture";

        assert_eq!(
            said(&metadata(Some(picture))),
            Said::Picture(Hash::of(picture))
        );
        assert_eq!(said(&metadata(None)), Said::None);
        assert_eq!(
            decoded(&data(picture).text(), &Hash::of(picture)).unwrap(),
            picture
        );
    }
}
