//! Off-the-Record messages, an older way to encrypt (XEP-0364 v0.3.1).
//!
//! Recognised, never answered. They have no element of their own: the body
//! itself is the message, or carries an offer in white space at its end.
//!
//! # Source
//! "Off-the-Record Messaging Protocol version 3": OTR Query Messages, Tagged
//! plaintext messages, OTR Error Messages, Fragmentation.

/// What every such message begins with.
const BEGINNING: &str = "?OTR";
/// What an offer in white space begins with.
const OFFER: &str = " \t  \t\t\t\t \t \t \t  ";
/// How long each version that is offered behind it is, in bytes.
const VERSION: usize = 8;

/// What a body is to OTR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Otr {
    /// A question for it, something encrypted, or the complaint of a program.
    Message,
    /// A later piece of a message, whose first one stands for all.
    Piece,
}

/// Returns what a body is to OTR; `None` for a text.
pub fn read(body: &str) -> Option<Otr> {
    let rest = body.trim_start().strip_prefix(BEGINNING)?;
    match rest.chars().next()? {
        ':' => Some(Otr::Message),
        '?' | 'v' => is_query(rest).then_some(Otr::Message),
        ' ' => rest.starts_with(" Error:").then_some(Otr::Message),
        // In version 3 the addresses of both programs come first.
        ',' | '|' => piece(rest),
        _ => None,
    }
}

/// Takes the offers in white space out of a text.
pub fn without_offers(mut body: String) -> String {
    while let Some(start) = body.find(OFFER) {
        let versions = body[start + OFFER.len()..]
            .bytes()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count();
        let length = OFFER.len() + versions / VERSION * VERSION;
        body.replace_range(start..start + length, "");
    }
    body
}

/// Returns whether it goes on as a question: for version 1, for others, or both.
fn is_query(rest: &str) -> bool {
    let versions = rest.strip_prefix('?').unwrap_or(rest);
    match versions.strip_prefix('v') {
        Some(versions) => versions
            .trim_start_matches(|version: char| version.is_ascii_alphanumeric())
            .starts_with('?'),
        None => rest.starts_with('?'),
    }
}

fn piece(rest: &str) -> Option<Otr> {
    let numbers = rest.split_once(',')?.1;
    let mut numbers = numbers.split(',').map(str::parse::<u16>);
    match (numbers.next()?, numbers.next()?) {
        (Ok(1), Ok(_)) => Some(Otr::Message),
        (Ok(_), Ok(_)) => Some(Otr::Piece),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_of_otr_is_told_from_a_text() {
        for (body, is) in [
            ("?OTR?", Some(Otr::Message)),
            ("?OTRv23?", Some(Otr::Message)),
            (
                "?OTR?v2?\nJuliet asks for a private chat.",
                Some(Otr::Message),
            ),
            ("?OTRv?", Some(Otr::Message)),
            ("\n?OTRv23? <b>Juliet</b>", Some(Otr::Message)),
            ("?OTR:AAMC2ys=.", Some(Otr::Message)),
            ("?OTR Error: unreadable", Some(Otr::Message)),
            ("?OTR,1,3,AAEC,", Some(Otr::Message)),
            ("?OTR,2,3,AAEC,", Some(Otr::Piece)),
            (
                "?OTR|5a73a599|27e31597,00001,00003,AAEC,",
                Some(Otr::Message),
            ),
            ("?OTR|5a73a599|27e31597,00002,00003,AAEC,", Some(Otr::Piece)),
            ("What is ?OTRv23?", None),
            ("?OTR", None),
            ("?OTR is old", None),
            ("?OTRvery old", None),
            ("?OTR, or not", None),
            ("?OTRANTO", None),
        ] {
            assert_eq!(read(body), is, "{body:?}");
        }
    }

    #[test]
    fn an_offer_in_white_space_is_cut_off() {
        let (two, three) = ("  \t\t  \t ", "  \t\t  \t\t");
        for (body, text) in [
            (format!("Hark{OFFER}{two}{three}"), "Hark"),
            (format!("Hark{OFFER}"), "Hark"),
            (format!("{OFFER}{three}"), ""),
            (format!("Hark {OFFER}{two} the lark"), "Hark  the lark"),
            ("Hark  \t \t ".to_owned(), "Hark  \t \t "),
        ] {
            assert_eq!(without_offers(body), text);
        }
    }
}
