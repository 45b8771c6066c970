//! The ratchet: sessions between two devices, over records as bytes.
//!
//! The one file that names the library. It never waits and keeps nothing: what
//! an operation needs is handed in as bytes, what it changed comes back as
//! bytes, and the caller writes them in the transaction of the message. What
//! failed comes back with nothing to write, so nothing changes.
//!
//! The surprise: the library reserves sixty-four counters ahead, for programs
//! that write later than they send. Across restarts that would leave gaps that
//! other programs take for lost messages, so it is waived on every record.
//!
//! # Source
//! Signal's X3DH and Double Ratchet, version 3; XEP-0384 v0.3.0 §4.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use rand::rngs::{StdRng, SysRng};
use rand::{RngExt, SeedableRng};
use wacore_libsignal::protocol::{
    CiphertextMessage, DeviceId, Direction, GenericSignedPreKey, IdentityChange, IdentityKey,
    IdentityKeyPair, IdentityKeyStore, KeyPair, PreKeyBundle, PreKeyId, PreKeyRecord,
    PreKeySignalMessage, PreKeyStore, PrivateKey, ProtocolAddress, PublicKey, SessionRecord,
    SessionStore, SignalMessage, SignalProtocolError, SignedPreKeyId, SignedPreKeyRecord,
    SignedPreKeyStore, Timestamp as RecordTime, UsePQRatchet, message_decrypt_prekey,
    message_decrypt_signal, message_encrypt, process_prekey_bundle,
};
use zeroize::Zeroizing;

use crate::engine::model::{Fingerprint, Timestamp};
use crate::engine::store::ratchet::SecretBytes;
use crate::engine::xmpp::omemo_wire::{Bundle, SignedPreKey};

/// The version of the ratchet that OMEMO 0.3 speaks.
const VERSION: u8 = 3;

/// Why the ratchet could not do what was asked; nothing is to be written then.
#[derive(Debug, thiserror::Error)]
pub enum RatchetError {
    /// It is no message of this ratchet.
    #[error("not understood")]
    NotUnderstood,
    /// There is no session, or none that the message fits to.
    #[error("no session that fits")]
    NoSession,
    /// The message was read before.
    #[error("read before")]
    Duplicate,
    /// One of our keys that it needs is gone.
    #[error("a key of ours is gone")]
    NoKey,
    /// The keys of a bundle are not signed by its owner.
    #[error("not signed by the owner")]
    BadSignature,
    /// The system has no random numbers.
    #[error("no random numbers")]
    NoRandom,
    /// What was kept here is damaged.
    #[error("a record of ours is damaged")]
    BadRecord,
}

/// Who we are, and to whom a session leads.
#[derive(Clone, Copy)]
pub struct Ends<'a> {
    /// Our private identity key.
    pub own_key: &'a SecretBytes,
    /// Our number.
    pub own_device: u32,
    /// Bare address of the other side.
    pub address: &'a str,
    /// Number of the other side's device.
    pub device: u32,
}

/// A message's key as it came, parsed but not believed.
pub enum Received {
    /// It opens a session, and says by which key.
    Exchange(Box<PreKeySignalMessage>),
    /// It belongs to a session.
    Message(Box<SignalMessage>),
}

/// What a message's key was, and what follows from it.
pub struct Turned {
    /// What was encrypted.
    pub content: Zeroizing<Vec<u8>>,
    /// The session, to be written.
    pub record: SecretBytes,
    /// The one-time key of ours that was used by it.
    pub used_pre_key: Option<u32>,
}

/// Something encrypted.
pub struct Written {
    /// For the other side.
    pub data: Vec<u8>,
    /// True when it opens a session.
    pub is_pre_key: bool,
    /// The session, to be written before `data` leaves.
    pub record: SecretBytes,
    /// The chain of theirs that this answers; empty: none yet.
    pub answers_chain: Vec<u8>,
}

/// Makes a private identity key.
pub fn new_identity() -> Result<SecretBytes, RatchetError> {
    let pair = KeyPair::generate(&mut random()?);
    Ok(Zeroizing::new(pair.private_key.serialize().to_vec()))
}

/// Returns the public key of a private one.
pub fn public_key(private: &SecretBytes) -> Result<Fingerprint, RatchetError> {
    let key = private_key(private)?.public_key();
    Ok(fingerprint(&key.map_err(|_| RatchetError::BadRecord)?))
}

/// Makes a one-time key of a number.
pub fn new_pre_key(id: u32) -> Result<SecretBytes, RatchetError> {
    let pair = KeyPair::generate(&mut random()?);
    let record = PreKeyRecord::new(PreKeyId::from(id), &pair).serialize();
    Ok(Zeroizing::new(record.map_err(|_| RatchetError::BadRecord)?))
}

/// Returns the public half of a one-time key.
pub fn pre_key_public(record: &[u8]) -> Result<[u8; 32], RatchetError> {
    let record = PreKeyRecord::deserialize(record).map_err(|_| RatchetError::BadRecord)?;
    let key = record.public_key().map_err(|_| RatchetError::BadRecord)?;
    Ok(fingerprint(&key).0)
}

/// Makes a key of the month of a number, signed by the identity.
pub fn new_signed_pre_key(
    own_key: &SecretBytes,
    id: u32,
    now: Timestamp,
) -> Result<SecretBytes, RatchetError> {
    let mut random = random()?;
    let pair = KeyPair::generate(&mut random);
    let signature = private_key(own_key)?
        .calculate_signature(&pair.public_key.serialize(), &mut random)
        .map_err(|_| RatchetError::BadRecord)?;
    let time = RecordTime::from_epoch_millis(now.unsigned_abs());
    let record = SignedPreKeyRecord::new(SignedPreKeyId::from(id), time, &pair, &signature);
    let record = record.serialize().map_err(|_| RatchetError::BadRecord)?;
    Ok(Zeroizing::new(record))
}

/// Returns what others may know of a key of the month.
pub fn signed_pre_key_public(record: &[u8]) -> Result<SignedPreKey, RatchetError> {
    let read = || {
        let record = SignedPreKeyRecord::deserialize(record).ok()?;
        Some(SignedPreKey {
            id: record.id().ok()?.into(),
            key: fingerprint(&record.public_key().ok()?).0,
            signature: record.signature().ok()?.try_into().ok()?,
        })
    };
    read().ok_or(RatchetError::BadRecord)
}

/// Opens a session by a bundle, by one of its one-time keys taken by chance.
/// Earlier sessions with the device, in `record`, still read what comes late.
pub fn open_session(
    ends: Ends<'_>,
    bundle: &Bundle,
    record: Option<&[u8]>,
) -> Result<SecretBytes, RatchetError> {
    let mut random = random()?;
    let (pre_key_id, pre_key) = match bundle.pre_keys.len() {
        0 => return Err(RatchetError::NotUnderstood),
        count => bundle.pre_keys[random.random_range(0..count)],
    };
    let identity = IdentityKey::new(point(&bundle.identity_key)?);
    let signed = &bundle.signed_pre_key;
    // The number of the registration is never used: programs disagree on it.
    let bundle = PreKeyBundle::new(
        0,
        DeviceId::new(ends.device),
        Some((PreKeyId::from(pre_key_id), point(&pre_key)?)),
        SignedPreKeyId::from(signed.id),
        point(&signed.key)?,
        signed.signature.to_vec(),
        identity,
    )
    .map_err(refused)?;
    let mut sessions = Sessions::load(record)?;
    at_once(process_prekey_bundle(
        &ends.peer(),
        &mut sessions,
        &mut Identities::of(ends),
        &bundle,
        &mut random,
        UsePQRatchet::No,
    ))?;
    sessions.written()
}

/// Encrypts a message's key for a device.
pub fn encrypt(ends: Ends<'_>, record: &[u8], content: &[u8]) -> Result<Written, RatchetError> {
    let mut sessions = Sessions::load(Some(record))?;
    let message = at_once(message_encrypt(
        content,
        &ends.peer(),
        &mut sessions,
        &mut Identities::of(ends),
    ))?;
    let chains = sessions
        .record
        .as_ref()
        .and_then(SessionRecord::session_state);
    let chains = chains.map(|state| state.all_receiver_chain_logging_info());
    Ok(Written {
        is_pre_key: matches!(message, CiphertextMessage::PreKeySignalMessage(_)),
        data: message.serialize().to_vec(),
        answers_chain: chains
            .and_then(|mut chains| chains.pop())
            .map(|(key, _)| key)
            .unwrap_or_default(),
        record: sessions.written()?,
    })
}

impl Received {
    /// Parses what came for us.
    ///
    /// # Errors
    /// [`RatchetError::NotUnderstood`] also for another version than 3, and
    /// for an exchange without a one-time key, which OMEMO does not allow.
    pub fn read(data: &[u8], is_pre_key: bool) -> Result<Self, RatchetError> {
        let is_ours = |version| version == VERSION;
        if is_pre_key {
            let message = PreKeySignalMessage::try_from(data).map_err(refused)?;
            let fits = is_ours(message.message_version())
                && is_ours(message.message().message_version())
                && message.pre_key_id().is_some();
            return fits
                .then(|| Self::Exchange(Box::new(message)))
                .ok_or(RatchetError::NotUnderstood);
        }
        let message = SignalMessage::try_from(data).map_err(refused)?;
        is_ours(message.message_version())
            .then(|| Self::Message(Box::new(message)))
            .ok_or(RatchetError::NotUnderstood)
    }

    /// Returns the identity that an exchange claims to come from.
    pub fn identity(&self) -> Option<Fingerprint> {
        match self {
            Self::Exchange(message) => Some(fingerprint(message.identity_key().public_key())),
            Self::Message(_) => None,
        }
    }

    /// Returns the numbers of our keys that an exchange was made with: one-time
    /// key, key of the month.
    pub fn own_keys(&self) -> Option<(u32, u32)> {
        match self {
            Self::Exchange(message) => Some((
                message.pre_key_id()?.into(),
                message.signed_pre_key_id().into(),
            )),
            Self::Message(_) => None,
        }
    }

    /// Returns the sender's chain, and the message's place in it from 0.
    pub fn place(&self) -> (Vec<u8>, u32) {
        let message = match self {
            Self::Exchange(message) => message.message(),
            Self::Message(message) => message,
        };
        let chain = message.sender_ratchet_key().serialize().to_vec();
        (chain, message.counter())
    }

    /// Decrypts it by the session in `record`, or opens one by our keys.
    /// Whether its identity may be believed has to be decided before.
    pub fn decrypt(
        &self,
        ends: Ends<'_>,
        record: Option<&[u8]>,
        own_keys: OwnKeys<'_>,
    ) -> Result<Turned, RatchetError> {
        let mut sessions = Sessions::load(record)?;
        let mut identities = Identities::of(ends);
        let mut random = random()?;
        let peer = ends.peer();
        let result = match self {
            Self::Exchange(message) => at_once(message_decrypt_prekey(
                message,
                &peer,
                &mut sessions,
                &mut identities,
                &mut PreKeys(own_keys.pre_key),
                &SignedPreKeys(own_keys.signed_pre_key),
                &mut random,
                UsePQRatchet::No,
            ))?,
            Self::Message(message) => at_once(message_decrypt_signal(
                message,
                &peer,
                &mut sessions,
                &mut identities,
                &mut random,
            ))?,
        };
        Ok(Turned {
            content: Zeroizing::new(result.plaintext),
            record: sessions.written()?,
            used_pre_key: result.consumed_prekey_id.map(u32::from),
        })
    }
}

/// Decrypts messages of one session as the library alone does, the record in
/// memory all the while: what the store costs is measured against it.
#[cfg(feature = "testing")]
pub fn decrypt_bare(
    ends: Ends<'_>,
    record: &[u8],
    messages: &[Received],
) -> Result<usize, RatchetError> {
    let mut sessions = Sessions::load(Some(record))?;
    let mut identities = Identities::of(ends);
    let mut random = random()?;
    let peer = ends.peer();
    let mut bytes = 0;
    for message in messages {
        let Received::Message(message) = message else {
            return Err(RatchetError::NotUnderstood);
        };
        let decrypted =
            message_decrypt_signal(message, &peer, &mut sessions, &mut identities, &mut random);
        bytes += at_once(decrypted)?.plaintext.len();
    }
    Ok(bytes)
}

/// Decrypts messages of one session, its record read and written for each.
#[cfg(feature = "testing")]
pub fn decrypt_stepwise(
    ends: Ends<'_>,
    record: &[u8],
    messages: &[Received],
) -> Result<usize, RatchetError> {
    let mut written: Option<SecretBytes> = None;
    let mut bytes = 0;
    for message in messages {
        let record = written
            .as_ref()
            .map_or(record, |written| written.as_slice());
        let turned = message.decrypt(ends, Some(record), OwnKeys::default())?;
        bytes += turned.content.len();
        written = Some(turned.record);
    }
    Ok(bytes)
}

/// The records of our keys that an exchange names; `None`: gone.
#[derive(Clone, Copy, Default)]
pub struct OwnKeys<'a> {
    /// The one-time key.
    pub pre_key: Option<&'a [u8]>,
    /// The key of the month.
    pub signed_pre_key: Option<&'a [u8]>,
}

impl Ends<'_> {
    fn peer(&self) -> ProtocolAddress {
        ProtocolAddress::new(self.address, DeviceId::new(self.device))
    }
}

/// Runs what never waits: everything it asks for is here.
fn at_once<T>(
    work: impl Future<Output = Result<T, SignalProtocolError>>,
) -> Result<T, RatchetError> {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done.map_err(refused),
        Poll::Pending => Err(RatchetError::BadRecord),
    }
}

fn refused(error: SignalProtocolError) -> RatchetError {
    use SignalProtocolError as E;
    tracing::debug!(%error, "The ratchet refused.");
    match error {
        E::DuplicatedMessage(..) => RatchetError::Duplicate,
        E::SessionNotFound(_) | E::InvalidMessage(..) | E::BadMac(_) => RatchetError::NoSession,
        E::InvalidPreKeyId | E::InvalidSignedPreKeyId => RatchetError::NoKey,
        E::SignatureValidationFailed => RatchetError::BadSignature,
        E::InvalidSessionStructure(_) | E::InvalidState(..) => RatchetError::BadRecord,
        _ => RatchetError::NotUnderstood,
    }
}

fn random() -> Result<StdRng, RatchetError> {
    StdRng::try_from_rng(&mut SysRng).map_err(|_| RatchetError::NoRandom)
}

/// Fills `bytes` by chance.
pub fn fill(bytes: &mut [u8]) -> Result<(), RatchetError> {
    getrandom::fill(bytes).map_err(|_| RatchetError::NoRandom)
}

fn private_key(bytes: &SecretBytes) -> Result<PrivateKey, RatchetError> {
    PrivateKey::deserialize(bytes).map_err(|_| RatchetError::BadRecord)
}

fn point(key: &[u8; 32]) -> Result<PublicKey, RatchetError> {
    PublicKey::from_djb_public_key_bytes(key).map_err(|_| RatchetError::NotUnderstood)
}

fn fingerprint(key: &PublicKey) -> Fingerprint {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(key.public_key_bytes());
    Fingerprint(bytes)
}

/// The one session an operation is about.
struct Sessions {
    record: Option<SessionRecord>,
}

impl Sessions {
    fn load(bytes: Option<&[u8]>) -> Result<Self, RatchetError> {
        let record = match bytes {
            Some(bytes) => {
                let mut record =
                    SessionRecord::deserialize(bytes).map_err(|_| RatchetError::BadRecord)?;
                record.waive_counter_lease();
                Some(record)
            }
            None => None,
        };
        Ok(Self { record })
    }

    fn written(self) -> Result<SecretBytes, RatchetError> {
        let mut record = self.record.ok_or(RatchetError::BadRecord)?;
        record.waive_counter_lease();
        let bytes = record.serialize().map_err(|_| RatchetError::BadRecord)?;
        Ok(Zeroizing::new(bytes))
    }
}

type Done<T> = Result<T, SignalProtocolError>;

#[async_trait]
impl SessionStore for Sessions {
    async fn load_session(&self, _: &ProtocolAddress) -> Done<Option<SessionRecord>> {
        // A new one too reserves nothing.
        let new = || {
            let mut record = SessionRecord::new_fresh();
            record.waive_counter_lease();
            record
        };
        Ok(Some(self.record.clone().unwrap_or_else(new)))
    }

    async fn has_session(&self, _: &ProtocolAddress) -> Done<bool> {
        Ok(self.record.is_some())
    }

    async fn store_session(&mut self, _: &ProtocolAddress, record: SessionRecord) -> Done<()> {
        self.record = Some(record);
        Ok(())
    }
}

/// Who we are. Whom to trust is decided above the ratchet, before it turns.
struct Identities<'a>(Ends<'a>);

impl<'a> Identities<'a> {
    fn of(ends: Ends<'a>) -> Self {
        Self(ends)
    }
}

#[async_trait]
impl IdentityKeyStore for Identities<'_> {
    async fn get_identity_key_pair(&self) -> Done<IdentityKeyPair> {
        let private = PrivateKey::deserialize(self.0.own_key)?;
        let public = private.public_key()?;
        Ok(IdentityKeyPair::new(IdentityKey::new(public), private))
    }

    async fn get_local_registration_id(&self) -> Done<u32> {
        Ok(self.0.own_device)
    }

    async fn save_identity(
        &mut self,
        _: &ProtocolAddress,
        _: &IdentityKey,
    ) -> Done<IdentityChange> {
        Ok(IdentityChange::NewOrUnchanged)
    }

    async fn is_trusted_identity(
        &self,
        _: &ProtocolAddress,
        _: &IdentityKey,
        _: Direction,
    ) -> Done<bool> {
        Ok(true)
    }

    async fn get_identity(&self, _: &ProtocolAddress) -> Done<Option<IdentityKey>> {
        Ok(None)
    }
}

struct PreKeys<'a>(Option<&'a [u8]>);

#[async_trait]
impl PreKeyStore for PreKeys<'_> {
    async fn get_pre_key(&self, _: PreKeyId) -> Done<PreKeyRecord> {
        PreKeyRecord::deserialize(self.0.ok_or(SignalProtocolError::InvalidPreKeyId)?)
    }

    async fn save_pre_key(&mut self, _: PreKeyId, _: &PreKeyRecord) -> Done<()> {
        Ok(())
    }

    async fn remove_pre_key(&mut self, _: PreKeyId) -> Done<()> {
        Ok(())
    }
}

struct SignedPreKeys<'a>(Option<&'a [u8]>);

#[async_trait]
impl SignedPreKeyStore for SignedPreKeys<'_> {
    async fn get_signed_pre_key(&self, _: SignedPreKeyId) -> Done<SignedPreKeyRecord> {
        SignedPreKeyRecord::deserialize(self.0.ok_or(SignalProtocolError::InvalidSignedPreKeyId)?)
    }

    async fn save_signed_pre_key(&mut self, _: SignedPreKeyId, _: &SignedPreKeyRecord) -> Done<()> {
        Ok(())
    }
}
