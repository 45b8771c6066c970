//! What the text itself is encrypted with: AES-128-GCM. Its key travels by the
//! ratchet, with the tag behind it.
//!
//! # Source
//! XEP-0384 v0.3.0 §4.5; the tag beside the key as Conversations began it
//! in 2018 and all programs do today. Keys without it are refused: they are
//! from programs before that, and a text whose tag travels outside the ratchet
//! could be changed by whoever can read it.

use aes_gcm::aead::consts::{U12, U16};
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::aes::Aes128;
use aes_gcm::{AesGcm, Tag};
use zeroize::Zeroizing;

use super::ratchet::{RatchetError, fill};

/// Length of a key.
pub const KEY: usize = 16;
/// Length of a tag.
pub const TAG: usize = 16;
/// Length of an initialisation vector that we write.
const IV: usize = 12;

/// A text, encrypted.
pub struct Payload {
    /// For the header.
    pub iv: Vec<u8>,
    /// For the message; `None`: it only brings keys.
    pub text: Option<Vec<u8>>,
    /// For the ratchet: the key, and behind it the tag where there is a text.
    pub content: Zeroizing<Vec<u8>>,
}

/// Encrypts a text with a key of its own; without a text it only makes a key.
pub fn encrypt(text: Option<&str>) -> Result<Payload, RatchetError> {
    let mut content = Zeroizing::new(vec![0; KEY]);
    fill(&mut content)?;
    let mut iv = [0; IV];
    fill(&mut iv)?;
    let text = match text {
        Some(text) => {
            let mut bytes = text.as_bytes().to_vec();
            let key: &[u8; KEY] = content
                .as_slice()
                .try_into()
                .map_err(|_| RatchetError::BadRecord)?;
            let tag = AesGcm::<Aes128, U12>::new(key.into())
                .encrypt_inout_detached(&iv.into(), &[], bytes.as_mut_slice().into())
                .map_err(|_| RatchetError::NotUnderstood)?;
            content.extend_from_slice(&tag);
            Some(bytes)
        }
        None => None,
    };
    Ok(Payload {
        iv: iv.to_vec(),
        text,
        content,
    })
}

/// Decrypts a text by what the ratchet brought. `None`: it was changed on its
/// way, or is not written as it should be.
pub fn decrypt(content: &[u8], iv: &[u8], text: &[u8]) -> Option<String> {
    if content.len() != KEY + TAG {
        return None;
    }
    let (key, tag) = content.split_at(KEY);
    let key: &[u8; KEY] = key.try_into().ok()?;
    let tag: [u8; TAG] = tag.try_into().ok()?;
    let mut bytes = text.to_vec();
    let buffer: InOutBuf<'_, '_, u8> = bytes.as_mut_slice().into();
    let tag = Tag::from(tag);
    match iv.len() {
        12 => {
            let iv: [u8; 12] = iv.try_into().ok()?;
            AesGcm::<Aes128, U12>::new(key.into())
                .decrypt_inout_detached(&iv.into(), &[], buffer, &tag)
                .ok()?;
        }
        // What programs wrote until 2020.
        16 => {
            let iv: [u8; 16] = iv.try_into().ok()?;
            AesGcm::<Aes128, U16>::new(key.into())
                .decrypt_inout_detached(&iv.into(), &[], buffer, &tag)
                .ok()?;
        }
        _ => return None,
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_text_is_read_back_and_no_changed_one_is() {
        let mut payload = encrypt(Some("But soft!")).unwrap();
        let text = payload.text.clone().unwrap();
        assert_eq!(payload.content.len(), 32);
        assert_eq!(
            decrypt(&payload.content, &payload.iv, &text).as_deref(),
            Some("But soft!")
        );

        let mut changed = text.clone();
        changed[0] ^= 1;
        assert_eq!(decrypt(&payload.content, &payload.iv, &changed), None);
        assert_eq!(decrypt(&payload.content[..16], &payload.iv, &text), None);
        assert_eq!(decrypt(&payload.content, &payload.iv[..8], &text), None);
        payload.content[31] ^= 1;
        assert_eq!(decrypt(&payload.content, &payload.iv, &text), None);
    }

    #[test]
    fn a46_an_old_long_initialisation_vector_is_understood() {
        let iv = [9; 16];
        let mut bytes = b"Hark".to_vec();
        let tag = AesGcm::<Aes128, U16>::new(&[7; 16].into())
            .encrypt_inout_detached(&iv.into(), &[], bytes.as_mut_slice().into())
            .unwrap();
        let content = [[7; 16].as_slice(), &tag].concat();

        assert_eq!(decrypt(&content, &iv, &bytes).as_deref(), Some("Hark"));
    }
}
