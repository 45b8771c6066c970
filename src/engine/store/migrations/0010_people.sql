-- Who has read up to where, who is unknown to the user, and who is blocked.
-- All chats of before are among people the user knows.

ALTER TABLE conversations ADD COLUMN is_request
    /* 1: somebody unknown began it and the user has not answered: nothing of
       ours goes there */
    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN is_read_due
    /* 1: the user's other devices are to learn how far it was read */
    INTEGER NOT NULL DEFAULT 0;
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

INSERT INTO readers (conversation_id, reader, message_id)
SELECT c.id, c.address, m.id
FROM conversations c
JOIN messages m ON m.id = (
    SELECT n.id
    FROM messages n
    WHERE n.conversation_id = c.id AND n.direction = 1 AND n.delivery = 4
    ORDER BY n.time DESC, n.place DESC
    LIMIT 1
);

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
