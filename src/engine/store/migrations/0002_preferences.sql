-- What the person sets for an account and a chat, messages that are more than
-- text, and what of a contact was not kept before.
--
-- Columns are added, tables not rebuilt: a history may hold a million messages.

ALTER TABLE accounts ADD COLUMN label
    /* the user's own name for it; empty: its address is shown */
    TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN colour
    /* which of the nine accent colours marks it, from 1; 0: none chosen */
    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN password_place
    /* 0 the desktop's keyring, 1 nowhere: asked for each time, 2 a file of ours */
    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN is_removed
    /* 1: removed with its history kept; signing in again brings it back */
    INTEGER NOT NULL DEFAULT 0;

ALTER TABLE conversations ADD COLUMN draft
    /* what was written and not sent */
    TEXT NOT NULL DEFAULT '';
ALTER TABLE conversations ADD COLUMN muted_until
    /* 0: not muted; the largest number: until the user says so */
    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN is_hidden
    /* 1: deleted by the user; the next message shows it again */
    INTEGER NOT NULL DEFAULT 0;

ALTER TABLE messages ADD COLUMN kind
    /* 0 text, 1 encrypted and not readable here, 2 encrypted file, 3 file,
       4 invitation to a group, 5 missed call, 6 larger than what is read */
    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN detail
    /* what the kind needs to know: an address, a link; empty: nothing */
    TEXT NOT NULL DEFAULT '';
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

-- The contact list is fetched anew, for the labels.
UPDATE accounts SET roster_version = '';
