-- The schema. Tables are in three groups, which backend/src/features/tables.rs lists: infrastructure, projections of the log, and state
-- beside the log. `n` is a position in a room's log; `position` and `log_position` are positions in the table `log`. Times are
-- milliseconds since 1970.

-- Infrastructure.

-- The log: every entry that was applied and recorded, in order; an entry is rewritten only to remove deleted content.
CREATE TABLE log (
    position INTEGER PRIMARY KEY,
    entry    TEXT NOT NULL
) STRICT;

-- Values of this folder that are not in the log: the epoch of its cursors, the secret of its tokens, its key for pushes.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Projections of the log: `snug rebuild` empties these tables and fills them again.

-- Rooms and direct conversations, each with its last position; no two open rooms have the same skeleton of their name.
CREATE TABLE rooms (
    id                 TEXT PRIMARY KEY,
    head               INTEGER NOT NULL,
    name               TEXT NOT NULL,
    skeleton           TEXT NOT NULL,
    topic              TEXT NOT NULL DEFAULT '',
    kind               TEXT NOT NULL DEFAULT 'open',
    created_by         TEXT NOT NULL,
    created_by_guest   INTEGER NOT NULL DEFAULT 0,
    archived           INTEGER NOT NULL DEFAULT 0,
    slow_mode          INTEGER NOT NULL DEFAULT 0,
    members_changed_at INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX rooms_by_name ON rooms (name);
CREATE INDEX rooms_by_skeleton ON rooms (skeleton);
CREATE INDEX rooms_by_kind ON rooms (kind, created_by_guest);
CREATE INDEX rooms_by_creator ON rooms (created_by);

-- The previous names of rooms, which still lead to them; `log_position` is that of the entry that renamed the room.
CREATE TABLE former_names (
    room         TEXT NOT NULL REFERENCES rooms (id),
    name         TEXT NOT NULL,
    log_position INTEGER NOT NULL,
    PRIMARY KEY (room, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX former_names_by_name ON former_names (name);

-- The ids of deleted rooms, which are not used again.
CREATE TABLE deleted_rooms (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The members of each room except the lobby: the room's last position when they joined, and the user who added them, if they did not
-- join by themselves.
CREATE TABLE members (
    user               TEXT NOT NULL,
    room               TEXT NOT NULL REFERENCES rooms (id),
    joined_at_position INTEGER NOT NULL,
    added_by           TEXT,
    added_by_guest     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (user, room)
) STRICT, WITHOUT ROWID;

CREATE INDEX members_by_room ON members (room);

-- The rooms that users have left by themselves, to which no guest can add them again.
CREATE TABLE left_rooms (
    user TEXT NOT NULL,
    room TEXT NOT NULL REFERENCES rooms (id),
    PRIMARY KEY (user, room)
) STRICT, WITHOUT ROWID;

CREATE INDEX left_rooms_by_room ON left_rooms (room);

-- The participants of direct conversations, with their names and avatars at its beginning. `participation` is 0 for a user who has not
-- answered, 1 for the user who opened the conversation while nobody has answered, and 2 for a user who takes part.
CREATE TABLE direct_participants (
    room          TEXT NOT NULL REFERENCES rooms (id),
    user          TEXT NOT NULL,
    name          TEXT NOT NULL,
    avatar        TEXT NOT NULL,
    participation INTEGER NOT NULL,
    hidden        INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (room, user)
) STRICT, WITHOUT ROWID;

CREATE INDEX direct_participants_by_user ON direct_participants (user);
CREATE INDEX direct_participants_by_picture ON direct_participants (avatar) WHERE avatar >= 'picture:' AND avatar < 'picture;';

-- The messages, each with its author's name and avatar at the time, the users whom it mentions (JSON), and its position in the log; a key
-- is one message of its author for ever.
CREATE TABLE messages (
    room         TEXT NOT NULL REFERENCES rooms (id),
    n            INTEGER NOT NULL,
    author       TEXT NOT NULL,
    key          TEXT NOT NULL,
    name         TEXT NOT NULL,
    avatar       TEXT NOT NULL,
    text         TEXT NOT NULL,
    at           INTEGER NOT NULL,
    mentions     TEXT,
    log_position INTEGER NOT NULL,
    PRIMARY KEY (room, n)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX messages_by_key ON messages (author, key);
CREATE INDEX messages_by_picture ON messages (avatar) WHERE avatar >= 'picture:' AND avatar < 'picture;';

-- The mentions of messages, for counting: one row for each mentioned user except the author, or one for '*' if all are mentioned.
CREATE TABLE mentions (
    room   TEXT NOT NULL,
    user   TEXT NOT NULL,
    n      INTEGER NOT NULL,
    author TEXT NOT NULL,
    PRIMARY KEY (room, n, user),
    FOREIGN KEY (room, n) REFERENCES messages (room, n)
) STRICT, WITHOUT ROWID;

CREATE INDEX mentions_by_user ON mentions (user, room, n, author);
CREATE INDEX mentions_by_author ON mentions (author);

-- The positions of rooms without a message. That of a deleted message has its key, which is not used again, and in `deletion` the position
-- of its deletion, NULL while that is not applied again. That of a deletion has in `deletes` the position of the deleted message, or 0
-- for all that the author had posted.
CREATE TABLE tombstones (
    room     TEXT NOT NULL REFERENCES rooms (id),
    n        INTEGER NOT NULL,
    author   TEXT NOT NULL,
    key      TEXT,
    deletion INTEGER,
    deletes  INTEGER,
    PRIMARY KEY (room, n)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX tombstones_by_key ON tombstones (author, key) WHERE key IS NOT NULL;

-- The time of each user's last post in a room in slow mode.
CREATE TABLE last_posts (
    room TEXT NOT NULL,
    user TEXT NOT NULL,
    at   INTEGER NOT NULL,
    PRIMARY KEY (room, user)
) STRICT, WITHOUT ROWID;

CREATE INDEX last_posts_by_user ON last_posts (user);

-- The users who have an account, have redeemed an invite, or were muted or banned; only an account has the skeletons of its name, as
-- written and in lower case, and no two accounts have the same one.
CREATE TABLE users (
    id              TEXT PRIMARY KEY,
    name            TEXT NOT NULL,
    skeleton        TEXT UNIQUE,
    folded_skeleton TEXT UNIQUE,
    avatar          TEXT NOT NULL,
    role            TEXT NOT NULL,
    invite          TEXT,
    muted_until     INTEGER NOT NULL DEFAULT 0,
    banned_until    INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX users_by_picture ON users (avatar) WHERE avatar >= 'picture:' AND avatar < 'picture;';

-- The ids of deleted accounts, which nothing authenticates any more.
CREATE TABLE deleted_accounts (
    user TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- The positions of the log's entries that contain personal data of a user, besides messages; account deletion rewrites them.
CREATE TABLE personal_entries (
    user     TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (user, position)
) STRICT, WITHOUT ROWID;

-- The rules of the server, in one row.
CREATE TABLE rules (
    id                 INTEGER PRIMARY KEY CHECK (id = 1),
    join_policy        TEXT NOT NULL,
    room_creation_role TEXT NOT NULL
) STRICT;

-- The invites; `hash` is the SHA-256 of the link's secret.
CREATE TABLE invites (
    id         TEXT PRIMARY KEY,
    hash       TEXT NOT NULL UNIQUE,
    created_by TEXT NOT NULL,
    expires_at INTEGER,
    max_uses   INTEGER,
    uses       INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- The users whom a user has blocked; when guests have too many rows, the oldest of them are deleted.
CREATE TABLE blocks (
    n        INTEGER PRIMARY KEY,
    user     TEXT NOT NULL,
    blocked  TEXT NOT NULL,
    by_guest INTEGER NOT NULL,
    UNIQUE (user, blocked)
) STRICT;

CREATE INDEX blocks_of_guests ON blocks (n) WHERE by_guest;

-- The moderation actions (JSON), each with the name and the id of the affected user, or the name of the affected room.
CREATE TABLE audit_log (
    n           INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    by          TEXT NOT NULL,
    by_name     TEXT NOT NULL,
    action      TEXT NOT NULL,
    target_name TEXT,
    target      TEXT
) STRICT;

CREATE INDEX audit_log_by_author ON audit_log (by);
CREATE INDEX audit_log_by_target ON audit_log (target);

-- State beside the log: secrets, bookmarks and settings, which `snug rebuild` leaves alone.

-- The networks from which guests are banned, each with the banned user and the end of the ban.
CREATE TABLE network_bans (
    network TEXT NOT NULL,
    user    TEXT NOT NULL,
    until   INTEGER NOT NULL,
    PRIMARY KEY (network, user)
) STRICT, WITHOUT ROWID;

CREATE INDEX network_bans_by_user ON network_bans (user);

-- The nonce of the valid claim of an id that a program chose, once something is stored for the id.
CREATE TABLE id_claims (
    user  TEXT PRIMARY KEY,
    nonce BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The Argon2id hashes of passwords.
CREATE TABLE passwords (
    user TEXT PRIMARY KEY,
    hash TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The sessions, which are devices that are signed in; `hash` is the SHA-256 of the session's secret.
CREATE TABLE sessions (
    id         TEXT PRIMARY KEY,
    user       TEXT NOT NULL,
    hash       TEXT NOT NULL,
    name       TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_user ON sessions (user);

-- The passkeys: `credential` and `public_key` in URL-safe Base64, and how often the key has signed.
CREATE TABLE passkeys (
    id              TEXT PRIMARY KEY,
    user            TEXT NOT NULL,
    credential      TEXT NOT NULL UNIQUE,
    public_key      TEXT NOT NULL,
    sign_count      INTEGER NOT NULL,
    backup_eligible INTEGER NOT NULL,
    name            TEXT NOT NULL,
    added_at        INTEGER NOT NULL,
    last_used       INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX passkeys_by_user ON passkeys (user);

-- The uploaded avatars; entries of the log have their hashes only.
CREATE TABLE pictures (
    hash        TEXT PRIMARY KEY,
    webp        BLOB NOT NULL,
    uploaded_by TEXT NOT NULL,
    uploaded_at INTEGER NOT NULL
) STRICT;

CREATE INDEX pictures_by_uploader ON pictures (uploaded_by);

-- The browsers that are subscribed to pushes, with their time zones and guests' quiet hours (JSON), and how many tries in a row have failed;
-- they are deleted with their session.
CREATE TABLE push_subscriptions (
    endpoint    TEXT PRIMARY KEY,
    user        TEXT NOT NULL,
    session     TEXT REFERENCES sessions (id) ON DELETE CASCADE,
    key         TEXT NOT NULL,
    auth        TEXT NOT NULL,
    last_seen   INTEGER NOT NULL,
    failures    INTEGER NOT NULL DEFAULT 0,
    time_zone   TEXT,
    quiet_hours TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX push_subscriptions_by_user ON push_subscriptions (user);
CREATE INDEX push_subscriptions_by_session ON push_subscriptions (session);
CREATE INDEX push_subscriptions_by_share ON push_subscriptions (session IS NULL, last_seen);

-- The read positions of users in rooms.
CREATE TABLE read_positions (
    user TEXT NOT NULL,
    room TEXT NOT NULL,
    n    INTEGER NOT NULL,
    PRIMARY KEY (user, room)
) STRICT, WITHOUT ROWID;

-- The notification levels of users for rooms; a missing row stands for every message.
CREATE TABLE notification_levels (
    user  TEXT NOT NULL,
    room  TEXT NOT NULL,
    level TEXT NOT NULL,
    PRIMARY KEY (user, room)
) STRICT, WITHOUT ROWID;

-- The settings of members, the same on all of their devices (JSON).
CREATE TABLE settings (
    user     TEXT PRIMARY KEY,
    settings TEXT NOT NULL
) STRICT, WITHOUT ROWID;
