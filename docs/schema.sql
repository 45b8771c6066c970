-- The history's schema, as the migrations make it. Written by a test:
-- UPDATE_GOLDEN=1 cargo test --no-default-features --features testing schema

-- The user's accounts. Passwords live in the keyring, never here.
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- bare address, normalised
    address TEXT NOT NULL UNIQUE,
    is_enabled INTEGER NOT NULL DEFAULT 1,
    -- manual host and port; empty and 0: as the domain's DNS says
    host TEXT NOT NULL DEFAULT '',
    port INTEGER NOT NULL DEFAULT 0,
    -- 1: the user agreed to send the password itself, over TLS
    allows_plain INTEGER NOT NULL DEFAULT 0,
    -- version of the contact list we hold (RFC 6121 §2.6); empty: none
    roster_version TEXT NOT NULL DEFAULT ''
, label
    /* the user's own name for it; empty: its address is shown */
    TEXT NOT NULL DEFAULT '', colour
    /* which of the nine accent colours marks it, from 1; 0: none chosen */
    INTEGER NOT NULL DEFAULT 0, password_place
    /* 0 the desktop's keyring, 1 nowhere: asked for each time, 2 a file of ours */
    INTEGER NOT NULL DEFAULT 0, is_removed
    /* 1: removed with its history kept; signing in again brings it back */
    INTEGER NOT NULL DEFAULT 0, proxy
    /* SOCKS5 proxy for everything of this account, as host:port; empty: none */
    TEXT NOT NULL DEFAULT '', pinned_key
    /* SHA-256 of the one public key the server may have, in hex; empty: any certified one */
    TEXT NOT NULL DEFAULT '', client_certificate
    /* path of a PEM file with a certificate and its key to sign in with; empty: none */
    TEXT NOT NULL DEFAULT '', encrypts_by_default
    /* 1: chats are encrypted unless their own choice says otherwise */
    INTEGER NOT NULL DEFAULT 1, keeps_days
    /* messages older than so many days are deleted here; 0: none are */
    INTEGER NOT NULL DEFAULT 0) STRICT;

-- How far each account's own archive was read (XEP-0313).
CREATE TABLE archive_cursors (
    account_id INTEGER PRIMARY KEY REFERENCES accounts(id) ON DELETE CASCADE,
    -- id of the newest archived message that took effect here; empty: the
    -- archive was read and held nothing
    newest_id TEXT NOT NULL DEFAULT '',
    -- its time, to go on by when the server no longer knows the id
    newest_time INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE contacts (
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    -- bare address
    address TEXT NOT NULL,
    -- as the user named them; empty: no name given
    name TEXT NOT NULL DEFAULT '',
    -- 0 none, 1 to, 2 from, 3 both
    subscription INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, address)
) STRICT, WITHOUT ROWID;

CREATE TABLE conversations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    -- bare address of the other side
    address TEXT NOT NULL,
    -- newest message, or the moment the chat was opened while it is empty
    last_time INTEGER NOT NULL,
    last_message_id INTEGER REFERENCES messages(id) ON DELETE SET NULL,
    -- received messages not seen yet, counted in the transaction that adds them
    unread INTEGER NOT NULL DEFAULT 0,
    -- everything up to this position (time, place) has been seen
    read_time INTEGER NOT NULL DEFAULT 0,
    read_place INTEGER NOT NULL DEFAULT 0,
    -- 1: the archive holds nothing older than what is here
    is_history_complete INTEGER NOT NULL DEFAULT 0, draft
    /* what was written and not sent */
    TEXT NOT NULL DEFAULT '', muted_until
    /* 0: not muted; the largest number: until the user says so */
    INTEGER NOT NULL DEFAULT 0, is_hidden
    /* 1: deleted by the user; the next message shows it again */
    INTEGER NOT NULL DEFAULT 0, encryption
    /* the choice for this chat: 0 as the account has it, 1 on, 2 off */
    INTEGER NOT NULL DEFAULT 0, is_pinned
    /* 1: stands above the others */
    INTEGER NOT NULL DEFAULT 0, is_archived
    /* 1: put away at the end of the list; the next message brings it back
       unless the chat is muted */
    INTEGER NOT NULL DEFAULT 0, is_marked_unread
    /* 1: the user wants to come back to it */
    INTEGER NOT NULL DEFAULT 0, tells_typing
    /* whether the other side sees the user write: 0 as everywhere, 1 yes, 2 no */
    INTEGER NOT NULL DEFAULT 0, sends_read_markers
    /* whether the other side sees what was read: 0 as everywhere, 1 yes, 2 no */
    INTEGER NOT NULL DEFAULT 0, keeps_days
    /* as of an account; 0: as the account has it, -1: none are deleted */
    INTEGER NOT NULL DEFAULT 0, is_request
    /* 1: somebody unknown began it and the user has not answered: nothing of
       ours goes there */
    INTEGER NOT NULL DEFAULT 0, is_read_due
    /* 1: the user's other devices are to learn how far it was read */
    INTEGER NOT NULL DEFAULT 0,
    UNIQUE (account_id, address)
) STRICT;

-- read backwards: the newest first
CREATE INDEX conversations_by_time ON conversations (last_time);
CREATE INDEX conversations_by_last_message ON conversations (last_message_id);

CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
    -- 0 incoming, 1 outgoing
    direction INTEGER NOT NULL,
    body TEXT NOT NULL,
    -- milliseconds since 1970; from our own server or this machine, never from the sender
    time INTEGER NOT NULL,
    -- orders messages of the same time: grows for what arrives, falls for what
    -- is fetched backwards from the archive
    place INTEGER NOT NULL,
    -- 0 pending, 1 sending, 2 sent, 3 delivered, 4 displayed, 5 failed
    delivery INTEGER NOT NULL,
    -- why it failed: 0 not, 1 no such address, 2 server unreachable,
    -- 3 not allowed, 4 too large, 5 refused
    failure INTEGER NOT NULL DEFAULT 0,
    -- id in the own archive (XEP-0359 stanza-id by our own account); empty: not known
    archive_id TEXT NOT NULL DEFAULT '',
    -- origin-id by the sender (XEP-0359); empty: none
    origin_id TEXT NOT NULL DEFAULT '',
    -- id attribute of the stanza, which receipts and markers refer to; empty: none
    stanza_id TEXT NOT NULL DEFAULT '',
    -- 1: the sender asked for read markers (XEP-0333)
    is_markable INTEGER NOT NULL DEFAULT 0
, kind
    /* 0 text, 1 encrypted and not readable here, 2 encrypted file, 3 file,
       4 invitation to a group, 5 missed call, 6 larger than what is read */
    INTEGER NOT NULL DEFAULT 0, detail
    /* what the kind needs to know: an address, a link; empty: nothing */
    TEXT NOT NULL DEFAULT '', is_rough
    /* 1: its time is only known to the second, rounded down */
    INTEGER NOT NULL DEFAULT 0, protection
    /* 0 none, 1 none in an encrypted chat; OMEMO, by how far the key was
       trusted when it came: 2 undecided, 3 blind, 4 verified, 5 distrusted */
    INTEGER NOT NULL DEFAULT 0, cannot_read
    /* why, for kind 1: 0 from before this device existed, 1 another method,
       2 not for this device, 3 session broken, 4 broken and repaired,
       5 sender not trusted, 6 damaged */
    INTEGER NOT NULL DEFAULT 0, is_unstyled
    /* 1: its sender wants it shown as it was typed */
    INTEGER NOT NULL DEFAULT 0, reply_id
    /* the id by which a reply names what it answers; empty: it answers nothing */
    TEXT NOT NULL DEFAULT '', reply_by
    /* who wrote that, as the reply says: 0 not said, 1 the other side, 2 the user */
    INTEGER NOT NULL DEFAULT 0, reply_words
    /* its words, as the reply quotes them; empty: not quoted */
    TEXT NOT NULL DEFAULT '', replaces
    /* the id of the message it corrects, while that is not here; empty: none */
    TEXT NOT NULL DEFAULT '', edited_at
    /* when it got the text it has, in milliseconds since 1970; 0: it had no other */
    INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX messages_in_order ON messages (conversation_id, time, place);

-- the two ends of all places, to add above or below
CREATE INDEX messages_by_place ON messages (place);
CREATE INDEX messages_by_archive_id ON messages (conversation_id, archive_id) WHERE archive_id <> '';
CREATE INDEX messages_by_origin_id ON messages (conversation_id, origin_id) WHERE origin_id <> '';
CREATE INDEX messages_by_stanza_id ON messages (conversation_id, stanza_id) WHERE stanza_id <> '';

-- our messages that the other side has not seen, for the marker that says it has
CREATE INDEX messages_not_seen ON messages (conversation_id, time, place)
WHERE direction = 1 AND delivery IN (1, 2, 3);

-- what our read markers name; some programs never ask for any
CREATE INDEX messages_markable ON messages (conversation_id, time, place)
WHERE direction = 0 AND is_markable = 1 AND stanza_id <> '';

-- What we owe the network. A row goes when the server has confirmed it.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    conversation_id INTEGER NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
    -- the message to send, to confirm or to mark as read
    message_id INTEGER NOT NULL REFERENCES messages(id) ON DELETE CASCADE,
    -- 0 the message itself, 1 a receipt for it, 2 a read marker up to it
    kind INTEGER NOT NULL,
    -- stream it was written to, and its number there; NULL: not written yet
    session INTEGER,
    sequence INTEGER, archive_from
    /* id of the newest archived message that had taken effect by then; empty:
       the archive held nothing; NULL: not written, or no archive was read */
    TEXT, stanza_id
    /* id of the stanza to send, or of the correction to confirm; empty: the message's own */
    TEXT NOT NULL DEFAULT '', was_written
    /* 1: it was written to some stream, and may have arrived */
    INTEGER NOT NULL DEFAULT 0,
    UNIQUE (message_id, kind)
) STRICT;
CREATE INDEX outbox_in_order ON outbox (account_id, id);
CREATE INDEX outbox_by_conversation ON outbox (conversation_id, kind);

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- invitations by their group, calls by their id
CREATE INDEX messages_by_detail ON messages (conversation_id, detail) WHERE kind IN (4, 5);

-- The labels a contact has in the contact list (RFC 6121 §2.1.2.3, groups there).
CREATE TABLE contact_labels (
    account_id INTEGER NOT NULL,
    address TEXT NOT NULL,
    label TEXT NOT NULL,
    PRIMARY KEY (account_id, address, label),
    FOREIGN KEY (account_id, address) REFERENCES contacts(account_id, address) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Messages of groups as they came, for the version that can show them.
CREATE TABLE kept_stanzas (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    -- bare address of the group
    address TEXT NOT NULL,
    -- id in the archive it came from; empty: not known
    archive_id TEXT NOT NULL DEFAULT '',
    -- milliseconds since 1970; from our own server or this machine
    time INTEGER NOT NULL,
    xml TEXT NOT NULL
) STRICT;
CREATE INDEX kept_stanzas_in_order ON kept_stanzas (account_id, time);
CREATE INDEX kept_stanzas_by_archive_id ON kept_stanzas (account_id, archive_id) WHERE archive_id <> '';

-- Messages of deleted chats that the archive may bring once more.
CREATE TABLE deleted_messages (
    conversation_id INTEGER NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
    -- id in the archive; where it was not known, the one the sender gave
    id TEXT NOT NULL,
    PRIMARY KEY (conversation_id, id)
) STRICT, WITHOUT ROWID;

-- What is known of an account's server from earlier sign-ins. Only what
-- protects the user is believed; the rest saves round trips when it is right.
CREATE TABLE sign_ins (
    account_id INTEGER PRIMARY KEY REFERENCES accounts(id) ON DELETE CASCADE,
    -- where it answered last; empty: not known
    host TEXT NOT NULL DEFAULT '',
    port INTEGER NOT NULL DEFAULT 0,
    is_direct INTEGER NOT NULL DEFAULT 0,
    -- its stream features inside TLS, as XML; empty: not known
    features TEXT NOT NULL DEFAULT '',
    -- the strongest way we ever signed in; empty: none yet
    best_mechanism TEXT NOT NULL DEFAULT '',
    -- the channel binding type of it; empty: none
    best_binding TEXT NOT NULL DEFAULT '',
    -- when that was last so, in milliseconds since 1970
    best_time INTEGER NOT NULL DEFAULT 0,
    -- what the server knows our installation by: a random UUID; empty: none yet
    agent TEXT NOT NULL DEFAULT '',
    -- the mechanism of the token in the secret store (XEP-0484); empty: none
    token_mechanism TEXT NOT NULL DEFAULT '',
    -- when it expires, in milliseconds since 1970
    token_expiry INTEGER NOT NULL DEFAULT 0,
    -- how often it was used
    token_count INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The last stream of each account, as long as the server may still know it
-- (XEP-0198 §5): what was written to it, and what of it took effect here.
CREATE TABLE streams (
    account_id INTEGER PRIMARY KEY REFERENCES accounts(id) ON DELETE CASCADE,
    -- our number for it, as in the outbox
    number INTEGER NOT NULL,
    -- what to resume it by, and where; empty: it cannot be, or anywhere
    resume_id TEXT NOT NULL,
    location TEXT NOT NULL,
    -- our full address on it
    bound TEXT NOT NULL,
    -- how many stanzas took effect here; counted with the effect
    handled INTEGER NOT NULL DEFAULT 0,
    -- how many of ours the server has confirmed, and how many there may be by now
    acknowledged INTEGER NOT NULL DEFAULT 0,
    sent INTEGER NOT NULL DEFAULT 0,
    -- 1: all that a fresh stream asks for was answered, and nothing is missing
    is_settled INTEGER NOT NULL DEFAULT 0,
    -- 1: the server has no archive, no copies for us
    lacks_archive INTEGER NOT NULL DEFAULT 1,
    lacks_copies INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Who was there, as told on that stream: the server does not repeat it.
CREATE TABLE stream_presences (
    account_id INTEGER NOT NULL REFERENCES streams(account_id) ON DELETE CASCADE,
    -- bare address, and the program's name
    address TEXT NOT NULL,
    program TEXT NOT NULL,
    -- 1 away for long, 2 away, 3 busy, 4 here
    presence INTEGER NOT NULL,
    PRIMARY KEY (account_id, address, program)
) STRICT, WITHOUT ROWID;

-- Ranges of an archive that are not here.
CREATE TABLE archive_gaps (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    -- the chat it is about; NULL: all of the account
    conversation_id INTEGER REFERENCES conversations(id) ON DELETE CASCADE,
    -- archive ids of the messages on both sides; empty: none, or not known
    after_id TEXT NOT NULL DEFAULT '',
    before_id TEXT NOT NULL DEFAULT '',
    -- their times, in milliseconds since 1970
    after_time INTEGER NOT NULL,
    before_time INTEGER NOT NULL,
    -- 0 not fetched yet, 1 no longer on the server, 2 the server refuses it
    reason INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX archive_gaps_in_order ON archive_gaps (account_id, before_time);
CREATE INDEX archive_gaps_by_conversation ON archive_gaps (conversation_id) WHERE conversation_id IS NOT NULL;

-- Our own identity for each account. Whoever holds the private key is us.
CREATE TABLE identities (
    account_id INTEGER PRIMARY KEY REFERENCES accounts(id) ON DELETE CASCADE,
    -- our number in the own device list
    device_id INTEGER NOT NULL,
    -- private Curve25519 key; the public one follows from it
    private_key BLOB NOT NULL,
    -- milliseconds since 1970: what was written before is not for us
    created_at INTEGER NOT NULL,
    -- also in the secret store; where the two differ, this file is a copy
    generation TEXT NOT NULL DEFAULT '',
    -- the next one-time key gets this number
    next_pre_key INTEGER NOT NULL DEFAULT 1,
    -- 1: the published keys are not those that are here
    is_bundle_due INTEGER NOT NULL DEFAULT 1
) STRICT;

-- Our keys that change every month; the one before stays for messages on their way.
CREATE TABLE signed_pre_keys (
    account_id INTEGER NOT NULL REFERENCES identities(account_id) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    record BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

-- Our one-time keys.
CREATE TABLE pre_keys (
    account_id INTEGER NOT NULL REFERENCES identities(account_id) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    record BLOB NOT NULL,
    -- 1: used; kept only until the archive was read, which may bring it once more
    is_used INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

-- Whose list of devices was read.
CREATE TABLE device_lists (
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    -- bare address; the account's own among them
    address TEXT NOT NULL,
    -- 0 not known yet, 1 read, 2 there is none, 3 the server keeps none
    state INTEGER NOT NULL,
    PRIMARY KEY (account_id, address)
) STRICT, WITHOUT ROWID;

-- Devices of contacts and of the account itself. A row stays when the device
-- leaves its list, because messages name it.
CREATE TABLE devices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    -- its number in the list of its owner
    device_id INTEGER NOT NULL,
    label TEXT NOT NULL DEFAULT '',
    -- public Curve25519 key, 32 bytes, never changed; empty: not known yet
    identity_key BLOB NOT NULL DEFAULT x'',
    -- 1: in the list now
    is_active INTEGER NOT NULL DEFAULT 0,
    -- milliseconds since 1970; last_seen 0: nothing readable came yet
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL DEFAULT 0,
    -- 1: another key was offered for it, and refused
    has_other_key INTEGER NOT NULL DEFAULT 0,
    -- 1: the user was told of it, or it was there from the start
    is_told INTEGER NOT NULL DEFAULT 0,
    -- 1: its keys were asked for and could not be read
    lacks_keys INTEGER NOT NULL DEFAULT 0,
    UNIQUE (account_id, address, device_id)
) STRICT;

-- the writer of a key exchange in a group that hides addresses
CREATE INDEX devices_by_number ON devices (account_id, device_id);

-- How far keys are trusted. A row without a device: verified before it was seen.
CREATE TABLE key_trust (
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    identity_key BLOB NOT NULL,
    -- 0 undecided, 1 blind, 2 verified, 3 distrusted
    trust INTEGER NOT NULL,
    PRIMARY KEY (account_id, address, identity_key)
) STRICT, WITHOUT ROWID;

-- Ratchets. Written in the transaction of the message that turns them.
CREATE TABLE ratchet_sessions (
    device INTEGER PRIMARY KEY REFERENCES devices(id) ON DELETE CASCADE,
    -- as the ratchet's library writes it
    record BLOB NOT NULL,
    -- the sender's chain whose length we have answered; empty: none
    answered_chain BLOB NOT NULL DEFAULT x''
) STRICT;

-- The devices that a message came from, went to, or was not encrypted for.
CREATE TABLE message_devices (
    message_id INTEGER NOT NULL REFERENCES messages(id) ON DELETE CASCADE,
    device INTEGER NOT NULL REFERENCES devices(id) ON DELETE CASCADE,
    -- 0 from, 1 to; left out: 2 not confirmed, 3 distrusted, 4 no keys
    part INTEGER NOT NULL,
    PRIMARY KEY (message_id, device)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_devices_by_device ON message_devices (device, part);

-- Messages whose words changed in this transaction; empty at its end.
CREATE TABLE unsearched (
    message_id INTEGER PRIMARY KEY,
    -- 1: just added, so none of its words are in `search`
    is_new INTEGER NOT NULL
) STRICT;
CREATE TRIGGER search_added AFTER INSERT ON messages BEGIN
    INSERT INTO unsearched (message_id, is_new) VALUES (new.id, 1);
END;
CREATE TRIGGER search_changed AFTER UPDATE OF body, kind ON messages BEGIN
    INSERT INTO unsearched (message_id, is_new) VALUES (new.id, 0)
    ON CONFLICT (message_id) DO NOTHING;
END;

-- What people publish about themselves, and what the user does. A row stays
-- when the contact goes: a chat with them still shows who they were.
CREATE TABLE profiles (
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    -- bare address; the account's own among them
    address TEXT NOT NULL,
    -- what they call themselves (XEP-0172); empty: nothing
    nickname TEXT NOT NULL DEFAULT '',
    -- SHA-1 in hex of the picture as they published it; empty: none
    picture TEXT NOT NULL DEFAULT '',
    -- where it came from: 0 the account itself (XEP-0084), 1 their card (XEP-0153)
    picture_source INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX profiles_by_picture ON profiles (picture) WHERE picture <> '';

-- The pictures as they are shown: small square PNG files. One that nobody has
-- any more goes.
CREATE TABLE pictures (
    hash TEXT PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT;

-- what answers a message, and what corrects it and came first
CREATE INDEX messages_by_reply ON messages (conversation_id, reply_id) WHERE reply_id <> '';
CREATE INDEX messages_by_replaced ON messages (conversation_id, replaces) WHERE replaces <> '';

-- The texts a corrected message had, with the one it has.
CREATE TABLE versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id INTEGER NOT NULL REFERENCES messages(id) ON DELETE CASCADE,
    -- when it was written, in milliseconds since 1970
    time INTEGER NOT NULL,
    body TEXT NOT NULL,
    is_unstyled INTEGER NOT NULL DEFAULT 0,
    -- id of the stanza that brought it; empty: it is the first text
    stanza_id TEXT NOT NULL DEFAULT '',
    -- a hash of what was sealed; empty: it was not, or it is the first text
    mark TEXT NOT NULL DEFAULT '',
    -- how it was protected, as in messages
    protection INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX versions_in_order ON versions (message_id, time, id);
CREATE INDEX versions_by_stanza_id ON versions (stanza_id) WHERE stanza_id <> '';

-- With what somebody reacts to a message; the newest takes the place of all before.
CREATE TABLE reactions (
    message_id INTEGER NOT NULL REFERENCES messages(id) ON DELETE CASCADE,
    -- bare address; empty: the user, on any device
    sender TEXT NOT NULL,
    -- one a line; empty: with nothing any more
    emoji TEXT NOT NULL,
    -- what it was before, should this be refused
    before TEXT NOT NULL DEFAULT '',
    -- when, in milliseconds since 1970
    time INTEGER NOT NULL,
    -- id of the stanza
    stanza_id TEXT NOT NULL DEFAULT '', failure
    /* why the user's last change was not accepted, as of a message; 0: it was */
    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (message_id, sender)
) STRICT, WITHOUT ROWID;
CREATE INDEX reactions_by_stanza_id ON reactions (stanza_id) WHERE sender = '';
CREATE INDEX outbox_by_stanza_id ON outbox (conversation_id, stanza_id) WHERE stanza_id <> '';
CREATE INDEX conversations_read_due ON conversations (account_id) WHERE is_read_due = 1;

-- How far each of the others has read, as they told (XEP-0333).
CREATE TABLE readers (
    conversation_id INTEGER NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
    -- bare address of the reader
    reader TEXT NOT NULL,
    -- the last message they have seen; it only moves forward
    message_id INTEGER NOT NULL REFERENCES messages(id) ON DELETE CASCADE,
    PRIMARY KEY (conversation_id, reader)
) STRICT, WITHOUT ROWID;
CREATE INDEX readers_by_message ON readers (message_id);

-- How far each chat was read, as the account keeps it for the user's devices
-- (XEP-0490). The message may not be here yet.
CREATE TABLE read_elsewhere (
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    -- bare address of the chat
    address TEXT NOT NULL,
    -- id of the last message seen, in the own archive
    archive_id TEXT NOT NULL,
    PRIMARY KEY (account_id, address)
) STRICT, WITHOUT ROWID;

-- Who asks to see when the user is around (RFC 6121 §3).
CREATE TABLE presence_requests (
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    -- bare address
    address TEXT NOT NULL,
    -- 0 open, 1 to be granted, 2 to be refused
    answer INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, address)
) STRICT, WITHOUT ROWID;

-- Who is blocked, as the server last told it, and what it is still to be told (XEP-0191).
CREATE TABLE blocked (
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    -- an address, or a whole server's
    address TEXT NOT NULL,
    -- 0 as the server has it, 1 to be blocked, 2 to be let in again
    wish INTEGER NOT NULL DEFAULT 0,
    -- what they are reported for with it: 0 not, 1 spam, 2 abuse
    report INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, address)
) STRICT, WITHOUT ROWID;

-- The words of all messages. The number of a row is the message's id, or the
-- same below zero when the message was fetched backwards from the archive: so
-- the largest numbers are the newest messages. The text itself is not kept here.
CREATE VIRTUAL TABLE search USING fts5(
    body, facts, content='', contentless_delete=1, prefix='2 3',
    tokenize="unicode61 remove_diacritics 2"
);

-- What was done with messages that are not here yet.
CREATE TABLE waiting_actions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    -- bare address of the chat's other side
    address TEXT NOT NULL,
    -- id by which the message is named
    target TEXT NOT NULL,
    -- who did it: 0 the other side, 1 the user
    direction INTEGER NOT NULL,
    -- 0 reacted, 1 took it back
    kind INTEGER NOT NULL,
    -- with what they react, one a line
    emoji TEXT NOT NULL DEFAULT '',
    time INTEGER NOT NULL,
    stanza_id TEXT NOT NULL DEFAULT '',
    UNIQUE (account_id, address, target, direction, kind)
) STRICT;
CREATE INDEX waiting_actions_of_chat ON waiting_actions (account_id, address, time);
CREATE INDEX waiting_actions_in_order ON waiting_actions (account_id, time);

-- our messages that were taken back, by the request: `messages.detail` of kind 7
CREATE INDEX messages_by_request ON messages (conversation_id, detail)
WHERE kind = 7 AND detail <> '';

-- what corrected a message, the newest first, when its chat is deleted
CREATE INDEX versions_by_time ON versions (time) WHERE stanza_id <> '';

-- Their words leave the file when the parts of the index are joined again.
CREATE TRIGGER search_removed AFTER DELETE ON messages BEGIN
    DELETE FROM unsearched WHERE message_id = old.id;
    DELETE FROM search WHERE rowid IN (old.id, -old.id);
    INSERT INTO settings (key, value) VALUES ('search-holds-deleted', 'on')
    ON CONFLICT (key) DO NOTHING;
END;

-- Who may see when the user is around as soon as they ask, where the server
-- does not keep that itself (RFC 6121 §3.4, XEP-0379 §3.4).
CREATE TABLE approvals (
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    -- bare address
    address TEXT NOT NULL,
    -- until when, in milliseconds
    until INTEGER NOT NULL,
    PRIMARY KEY (account_id, address)
) STRICT, WITHOUT ROWID;
