-- Who may see when the user is around as soon as they ask, where the server
-- does not keep that itself (RFC 6121 §3.4, XEP-0379 §3.4).
CREATE TABLE approvals (
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    -- bare address
    address TEXT NOT NULL,
    -- until when, in milliseconds
    until INTEGER NOT NULL,
    PRIMARY KEY (account_id, address)
) STRICT, WITHOUT ROWID;
