-- What is done with a message that is there: answer it, react to it, correct
-- it, take it back. `messages.kind` has one number more: 7 taken back.

ALTER TABLE messages ADD COLUMN reply_id
    /* the id by which a reply names what it answers; empty: it answers nothing */
    TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN reply_by
    /* who wrote that, as the reply says: 0 not said, 1 the other side, 2 the user */
    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN reply_words
    /* its words, as the reply quotes them; empty: not quoted */
    TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN replaces
    /* the id of the message it corrects, while that is not here; empty: none */
    TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN edited_at
    /* when it got the text it has, in milliseconds since 1970; 0: it had no other */
    INTEGER NOT NULL DEFAULT 0;
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
    stanza_id TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (message_id, sender)
) STRICT, WITHOUT ROWID;
CREATE INDEX reactions_by_stanza_id ON reactions (stanza_id) WHERE sender = '';

-- What was done with messages that are not here yet.
CREATE TABLE waiting_actions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
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
    UNIQUE (conversation_id, target, direction, kind)
) STRICT;
CREATE INDEX waiting_actions_in_order ON waiting_actions (conversation_id, time);

-- The outbox has kinds more: 3 reactions, 4 a correction, 5 taking back, 6 a
-- receipt for a correction.
ALTER TABLE outbox ADD COLUMN stanza_id
    /* id of the stanza to send, or of the correction to confirm; empty: the message's own */
    TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN was_written
    /* 1: it was written to some stream, and may have arrived */
    INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_by_stanza_id ON outbox (conversation_id, stanza_id) WHERE stanza_id <> '';
