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
