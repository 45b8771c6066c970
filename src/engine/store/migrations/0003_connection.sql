-- What a sign-in teaches for the next one, the stream that can be taken up
-- again, and what of the archive is known to be missing here.

ALTER TABLE accounts ADD COLUMN proxy
    /* SOCKS5 proxy for everything of this account, as host:port; empty: none */
    TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN pinned_key
    /* SHA-256 of the one public key the server may have, in hex; empty: any certified one */
    TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN client_certificate
    /* path of a PEM file with a certificate and its key to sign in with; empty: none */
    TEXT NOT NULL DEFAULT '';

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

ALTER TABLE messages ADD COLUMN is_rough
    /* 1: its time is only known to the second, rounded down */
    INTEGER NOT NULL DEFAULT 0;
