-- Messages mention people. Who is meant, as a message tells it (JSON), where anybody is.
ALTER TABLE messages ADD COLUMN mentions TEXT;

-- The same for counting what waits for somebody: one row for each person but the author, or one for '*' if
-- everybody is meant.
CREATE TABLE mentions (
    room   TEXT NOT NULL,
    person TEXT NOT NULL,
    n      INTEGER NOT NULL,
    author TEXT NOT NULL,
    PRIMARY KEY (room, person, n),
    FOREIGN KEY (room, n) REFERENCES messages (room, n)
) STRICT, WITHOUT ROWID;

-- What of a room somebody wants to hear of; everything, where there is no row. Bookmarks, as `reads` are.
CREATE TABLE levels (
    person TEXT NOT NULL,
    room   TEXT NOT NULL,
    level  TEXT NOT NULL,
    PRIMARY KEY (person, room)
) STRICT, WITHOUT ROWID;
