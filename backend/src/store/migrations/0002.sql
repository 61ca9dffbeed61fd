-- Rooms have names, and people are in them.
ALTER TABLE rooms ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE rooms ADD COLUMN topic TEXT NOT NULL DEFAULT '';
ALTER TABLE rooms ADD COLUMN opened_by TEXT NOT NULL DEFAULT 'snug';
UPDATE rooms SET name = id;
CREATE UNIQUE INDEX rooms_by_name ON rooms (name);

CREATE TABLE members (
    person TEXT NOT NULL,
    room   TEXT NOT NULL REFERENCES rooms (id),
    PRIMARY KEY (person, room)
) STRICT, WITHOUT ROWID;

CREATE INDEX members_by_room ON members (room);

-- How far people have read: bookmarks, which are not in the log and which a rebuild leaves alone.
CREATE TABLE reads (
    person TEXT NOT NULL,
    room   TEXT NOT NULL,
    n      INTEGER NOT NULL,
    PRIMARY KEY (person, room)
) STRICT, WITHOUT ROWID;
