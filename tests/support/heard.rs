//! What a client that is not ours is told to do, and what it hears: the same
//! words for every such client.

/// What is done with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Answered (XEP-0461), quoting these words (XEP-0428).
    Answer {
        /// The words, in one line.
        quoted: String,
    },
    /// Reacted to with all of these, sorted (XEP-0444).
    React(Vec<String>),
    /// Given another text (XEP-0308).
    Correct,
    /// Taken back (XEP-0424).
    Retract,
}

/// What a client is told to do.
#[derive(Clone, Debug)]
pub enum Order {
    /// Send a text, asking for a receipt (XEP-0184).
    Send {
        /// Address, bare or full.
        to: String,
        /// The text.
        body: String,
        /// Id of the stanza and origin-id.
        id: String,
        /// Ask for read markers too (XEP-0333).
        markable: bool,
    },
    /// Send a text for the devices of both sides only (XEP-0384).
    SendEncrypted {
        /// Bare address.
        to: String,
        /// The text.
        body: String,
        /// Id of the stanza.
        id: String,
        /// Keep it until [`Order::Release`].
        hold: bool,
    },
    /// Do something with a message.
    Do {
        /// Bare address.
        to: String,
        /// Id of the stanza.
        id: String,
        /// Id of the message.
        target: String,
        /// What.
        deed: Deed,
        /// The text, without what it quotes; may be empty.
        body: String,
        /// The text is for the devices of both sides only (XEP-0384).
        is_sealed: bool,
    },
    /// Send what was kept, in this order.
    Release {
        /// Ids of the stanzas; the rest stays where it is.
        ids: Vec<String>,
    },
    /// Change a byte of what was kept, as somebody on the way might.
    Damage {
        /// Id of the stanza.
        id: String,
    },
    /// Lose all sessions with other devices, but not the own identity.
    ForgetSessions,
    /// Lose everything but the number of the device; to be followed by a restart.
    ForgetIdentity,
    /// Ask for somebody's list of devices.
    Devices {
        /// Bare address.
        of: String,
    },
    /// Ask for the keys of a device.
    Bundle {
        /// Bare address.
        of: String,
        /// Its number.
        device: u32,
    },
    /// Confirm that a message arrived.
    Receipt {
        /// Address, bare or full.
        to: String,
        /// Id of the message.
        id: String,
    },
    /// Say that a message was read.
    Displayed {
        /// Address, bare or full.
        to: String,
        /// Id of the message.
        id: String,
    },
    /// Say `composing`, `paused` or `active` (XEP-0085).
    Typing {
        /// Address, bare or full.
        to: String,
        /// The state.
        state: String,
    },
    /// Switch message carbons on (XEP-0280).
    Carbons,
    /// Publish a picture (XEP-0084).
    PublishPicture {
        /// A PNG file; empty: no picture any more.
        bytes: Vec<u8>,
    },
    /// Publish a name (XEP-0172).
    PublishNickname {
        /// The name.
        name: String,
    },
    /// Write this XML as it is.
    Raw(String),
    /// Sign out.
    Leave,
}

/// What a client heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A message with a body.
    Message {
        /// Full address of the sender.
        from: String,
        /// Id of the stanza.
        id: String,
        /// The text.
        body: String,
        /// The sender asks for a receipt.
        wants_receipt: bool,
        /// The sender asks for read markers.
        markable: bool,
        /// True for a copy of what another device sent or received.
        is_copy: bool,
    },
    /// Something was done with a message.
    Did {
        /// Id of the stanza.
        id: String,
        /// Id of the message.
        target: String,
        /// What.
        deed: Deed,
        /// The text, as it came; may be empty.
        body: String,
    },
    /// An encrypted message could not be read.
    Unreadable {
        /// Id of the stanza.
        id: String,
        /// In the words of its library.
        why: String,
    },
    /// Keys came, and nothing to be read.
    Keys {
        /// Full or bare address of the sender.
        from: String,
    },
    /// An encrypted message has this number in its chain.
    Counter {
        /// Id of the stanza.
        id: String,
        /// From 0.
        number: u32,
        /// It carries what a session begins with.
        is_exchange: bool,
    },
    /// Somebody's list of devices.
    Devices {
        /// Bare address.
        of: String,
        /// Their numbers, sorted.
        devices: Vec<u32>,
    },
    /// The keys of a device.
    Bundle {
        /// Its number.
        device: u32,
        /// How many one-time keys there are.
        pre_keys: usize,
        /// Number of the key that changes monthly.
        signed: u32,
        /// The public identity key, in hexadecimal digits.
        identity: String,
    },
    /// A device has no keys.
    NoBundle {
        /// Its number.
        device: u32,
    },
    /// One of its messages arrived.
    Receipt {
        /// Full address of who has it.
        from: String,
        /// Id of the message.
        id: String,
    },
    /// One of its messages was read up to this one.
    Displayed {
        /// Full address of who read it.
        from: String,
        /// Id of the message.
        id: String,
    },
    /// Somebody writes, or stopped.
    Typing {
        /// Full address.
        from: String,
        /// `composing`, `paused`, `active`, …
        state: String,
    },
    /// Somebody's device is there; or a question about seeing each other, or
    /// the answer to one.
    Presence {
        /// Bare or full address.
        from: String,
        /// `available`, `subscribe`, `subscribed`, `unsubscribe`, …
        kind: String,
    },
    /// One of its stanzas came back.
    Error {
        /// Id of the stanza.
        id: String,
        /// The condition, such as `service-unavailable`.
        condition: String,
    },
    /// Carbons are on.
    Carbons,
    /// Somebody's picture, fetched after they told of it.
    Picture {
        /// Bare address.
        of: String,
        /// As they told it; empty: they have none.
        hash: String,
        /// The file.
        bytes: Vec<u8>,
    },
    /// What somebody calls themselves.
    Nickname {
        /// Bare address.
        of: String,
        /// The name.
        name: String,
    },
    /// Picture or name of its own is published.
    Published,
    /// Signed out, or thrown out.
    Offline,
}
