-- People who keep a name here, were let in by an invitation, or were dealt with. All others are guests, and nothing
-- is kept of them. `look` and `small_look` are what the name looks like, and no two kept names look the same.
CREATE TABLE people (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    look        TEXT UNIQUE,
    small_look  TEXT UNIQUE,
    avatar      TEXT NOT NULL,
    role        TEXT NOT NULL,
    invite      TEXT,
    muted_until INTEGER NOT NULL DEFAULT 0,
    out_until   INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE rules (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    entrance   TEXT NOT NULL,
    open_rooms TEXT NOT NULL
) STRICT;

-- `hash` is SHA-256 of the secret in the link.
CREATE TABLE invites (
    id    TEXT PRIMARY KEY,
    hash  TEXT NOT NULL UNIQUE,
    by    TEXT NOT NULL,
    until INTEGER,
    uses  INTEGER,
    used  INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- Where people were who were put out with all guests from there.
CREATE TABLE shut (
    network TEXT NOT NULL,
    person  TEXT NOT NULL,
    until   INTEGER NOT NULL,
    PRIMARY KEY (network, person)
) STRICT, WITHOUT ROWID;

-- What was done to keep order.
CREATE TABLE record (
    n       INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    by      TEXT NOT NULL,
    by_name TEXT NOT NULL,
    act     TEXT NOT NULL,
    done_to TEXT
) STRICT;

-- In a slow room everybody speaks once in so many seconds.
ALTER TABLE rooms ADD COLUMN slow INTEGER NOT NULL DEFAULT 0;
CREATE TABLE spoke (
    room   TEXT NOT NULL,
    person TEXT NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (room, person)
) STRICT, WITHOUT ROWID;

-- Rooms that not everybody finds. Two of them may be called the same: whoever is in one cannot tell that there is another.
ALTER TABLE rooms ADD COLUMN kind TEXT NOT NULL DEFAULT 'open';
ALTER TABLE rooms ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
DROP INDEX rooms_by_name;
CREATE INDEX rooms_by_name ON rooms (name);

-- Who talks in a direct conversation, as they showed themselves when it began.
CREATE TABLE directs (
    room   TEXT NOT NULL REFERENCES rooms (id),
    person TEXT NOT NULL,
    name   TEXT NOT NULL,
    avatar TEXT NOT NULL,
    PRIMARY KEY (room, person)
) STRICT, WITHOUT ROWID;

CREATE INDEX directs_by_person ON directs (person);

-- Not in the log, and left alone by a rebuild, as `reads` is: what proves who somebody is. A password is there as its
-- Argon2id hash, a session's secret as its SHA-256.
CREATE TABLE passwords (
    person TEXT PRIMARY KEY,
    hash   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    id     TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    hash   TEXT NOT NULL,
    name   TEXT NOT NULL,
    since  INTEGER NOT NULL,
    seen   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_person ON sessions (person);
