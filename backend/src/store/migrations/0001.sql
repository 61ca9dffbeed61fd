-- The log: every entry that was recorded, in the one order there is. The truth; never rewritten.
CREATE TABLE log (
    position INTEGER PRIMARY KEY,
    entry    TEXT NOT NULL
) STRICT;

-- Facts about this folder that are not in the log: the epoch of its cursors, the secret behind its tokens.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What follows is the log's projection: `snug rebuild` empties it and makes it again.

CREATE TABLE rooms (
    id   TEXT PRIMARY KEY,
    head INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
    room   TEXT NOT NULL REFERENCES rooms (id),
    n      INTEGER NOT NULL,
    author TEXT NOT NULL,
    key    TEXT NOT NULL,
    name   TEXT NOT NULL,
    avatar TEXT NOT NULL,
    text   TEXT NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (room, n)
) STRICT, WITHOUT ROWID;

-- A key is one message of its author for ever.
CREATE UNIQUE INDEX messages_by_key ON messages (author, key);
