-- Whether the signs in a text style it (XEP-0393 §7).
ALTER TABLE messages ADD COLUMN is_unstyled
    /* 1: its sender wants it shown as it was typed */
    INTEGER NOT NULL DEFAULT 0;
