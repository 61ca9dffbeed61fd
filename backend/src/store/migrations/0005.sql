-- Not in the log, and left alone by a rebuild, as `passwords` is: public keys that sign their people in. `credential` and `key` are
-- in URL-safe Base64, `count` is how often the key has signed.
CREATE TABLE passkeys (
    id              TEXT PRIMARY KEY,
    person          TEXT NOT NULL,
    credential      TEXT NOT NULL UNIQUE,
    key             TEXT NOT NULL,
    count           INTEGER NOT NULL,
    backup_eligible INTEGER NOT NULL,
    name            TEXT NOT NULL,
    since           INTEGER NOT NULL,
    used            INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX passkeys_by_person ON passkeys (person);
