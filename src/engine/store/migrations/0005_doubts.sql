-- A message whose fate is unknown is looked for in the archive from where it
-- was read up to when the message was written.
ALTER TABLE outbox ADD COLUMN archive_from
    /* id of the newest archived message that had taken effect by then; empty:
       the archive held nothing; NULL: not written, or no archive was read */
    TEXT;
