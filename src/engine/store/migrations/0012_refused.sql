-- What was done with a message waits for its chat as well, and the user is told
-- what the other side did not accept.

DROP INDEX waiting_actions_in_order;
ALTER TABLE waiting_actions RENAME TO waiting_before;

-- What was done with messages that are not here yet. Nor may their chat be.
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

INSERT INTO waiting_actions (account_id, address, target, direction, kind, emoji, time, stanza_id)
SELECT c.account_id, c.address, w.target, w.direction, w.kind, w.emoji, w.time, w.stanza_id
FROM waiting_before w
JOIN conversations c ON c.id = w.conversation_id
ORDER BY w.id;
DROP TABLE waiting_before;

ALTER TABLE reactions ADD COLUMN failure
    /* why the user's last change was not accepted, as of a message; 0: it was */
    INTEGER NOT NULL DEFAULT 0;

-- our messages that were taken back, by the request: `messages.detail` of kind 7
CREATE INDEX messages_by_request ON messages (conversation_id, detail)
WHERE kind = 7 AND detail <> '';

-- what corrected a message, the newest first, when its chat is deleted
CREATE INDEX versions_by_time ON versions (time) WHERE stanza_id <> '';

-- Parts of the index with many deleted rows are joined in small steps, by
-- ourselves, and not as a whole with whatever is written next.
INSERT INTO search (search, rank) VALUES ('deletemerge', 0);

-- as before, with one look into the index instead of two
DROP TRIGGER search_removed;

-- Their words leave the file when the parts of the index are joined again.
CREATE TRIGGER search_removed AFTER DELETE ON messages BEGIN
    DELETE FROM unsearched WHERE message_id = old.id;
    DELETE FROM search WHERE rowid IN (old.id, -old.id);
    INSERT INTO settings (key, value) VALUES ('search-holds-deleted', 'on')
    ON CONFLICT (key) DO NOTHING;
END;
