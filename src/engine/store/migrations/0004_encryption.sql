-- OMEMO: our own keys, other people's devices and how far they are trusted,
-- the sessions with them, and how each message was protected.

ALTER TABLE accounts ADD COLUMN encrypts_by_default
    /* 1: chats are encrypted unless their own choice says otherwise */
    INTEGER NOT NULL DEFAULT 1;

ALTER TABLE conversations ADD COLUMN encryption
    /* the choice for this chat: 0 as the account has it, 1 on, 2 off */
    INTEGER NOT NULL DEFAULT 0;

ALTER TABLE messages ADD COLUMN protection
    /* 0 none, 1 none in an encrypted chat; OMEMO, by how far the key was
       trusted when it came: 2 undecided, 3 blind, 4 verified, 5 distrusted */
    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN cannot_read
    /* why, for kind 1: 0 from before this device existed, 1 another method,
       2 not for this device, 3 session broken, 4 broken and repaired,
       5 sender not trusted, 6 damaged */
    INTEGER NOT NULL DEFAULT 0;

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
