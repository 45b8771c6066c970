-- Words by which messages are found, and what the user sets for single chats.

-- The words of all messages. The number of a row is the message's id, or the
-- same below zero when the message was fetched backwards from the archive: so
-- the largest numbers are the newest messages. The text itself is not kept here.
CREATE VIRTUAL TABLE search USING fts5(
    body, facts, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 2"
);

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
-- Their words leave the file when the parts of the index are joined again.
CREATE TRIGGER search_removed AFTER DELETE ON messages BEGIN
    DELETE FROM unsearched WHERE message_id = old.id;
    DELETE FROM search WHERE rowid = old.id;
    DELETE FROM search WHERE rowid = -old.id;
    INSERT INTO settings (key, value) VALUES ('search-holds-deleted', 'on')
    ON CONFLICT (key) DO NOTHING;
END;

-- What was there before is read in small steps, the newest first; this is the
-- newest that was not.
INSERT INTO settings (key, value)
SELECT 'search-unread', max(id) FROM messages HAVING max(id) IS NOT NULL;

ALTER TABLE accounts ADD COLUMN keeps_days
    /* messages older than so many days are deleted here; 0: none are */
    INTEGER NOT NULL DEFAULT 0;

ALTER TABLE conversations ADD COLUMN is_pinned
    /* 1: stands above the others */
    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN is_archived
    /* 1: put away at the end of the list; the next message brings it back
       unless the chat is muted */
    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN is_marked_unread
    /* 1: the user wants to come back to it */
    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN tells_typing
    /* whether the other side sees the user write: 0 as everywhere, 1 yes, 2 no */
    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN sends_read_markers
    /* whether the other side sees what was read: 0 as everywhere, 1 yes, 2 no */
    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN keeps_days
    /* as of an account; 0: as the account has it, -1: none are deleted */
    INTEGER NOT NULL DEFAULT 0;
