//! What a client that is not ours is told to do, and what it hears: the same
//! words for every such client.

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
    /// One of its stanzas came back.
    Error {
        /// Id of the stanza.
        id: String,
        /// The condition, such as `service-unavailable`.
        condition: String,
    },
    /// Carbons are on.
    Carbons,
    /// Signed out, or thrown out.
    Offline,
}
