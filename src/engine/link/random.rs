//! What is made by chance, so that nobody can guess it or use it twice.
//!
//! # Source
//! RFC 9562 §5.4 (UUIDs).

use crate::engine::model::ConnectionProblem;

/// Returns letters and digits by chance.
///
/// # Errors
/// `ConnectionLost` when the system has no random numbers.
pub(super) fn letters(count: usize) -> Result<String, ConnectionProblem> {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut bytes = vec![0; count];
    fill(&mut bytes)?;
    let letter = |byte: u8| char::from(LETTERS[usize::from(byte) % LETTERS.len()]);
    Ok(bytes.into_iter().map(letter).collect())
}

/// Returns a UUID by chance.
///
/// # Errors
/// `ConnectionLost` when the system has no random numbers.
pub(super) fn uuid() -> Result<String, ConnectionProblem> {
    let mut bytes = [0u8; 16];
    fill(&mut bytes)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let number = u128::from_be_bytes(bytes);
    let hex = format!("{number:032x}");
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    Ok(parts.join("-"))
}

/// Fills `bytes` by chance.
///
/// # Errors
/// `ConnectionLost` when the system has no random numbers.
pub(super) fn fill(bytes: &mut [u8]) -> Result<(), ConnectionProblem> {
    getrandom::fill(bytes).map_err(|error| {
        tracing::error!(%error, "no random numbers");
        ConnectionProblem::ConnectionLost
    })
}
