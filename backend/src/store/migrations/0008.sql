-- Where a message's entry is in the log, whose words go with it.
ALTER TABLE messages ADD COLUMN entry INTEGER NOT NULL DEFAULT 0;
UPDATE messages SET entry = said.position
FROM (SELECT position, entry ->> '$.by' AS author, entry ->> '$.command.Say.key' AS key FROM log
      WHERE entry ->> '$.command.Say.key' IS NOT NULL) AS said
WHERE said.author = messages.author AND said.key = messages.key;

-- Places of rooms that have no message: those of deleted ones, whose author and key stay so that they are not said again,
-- and those of deletions. `deletes` is a deletion's message, or 0 for all that `author` had said; `by` is the place of the
-- deletion, which a message that is made again from the log does not have yet.
CREATE TABLE gone (
    room    TEXT NOT NULL REFERENCES rooms (id),
    n       INTEGER NOT NULL,
    author  TEXT NOT NULL,
    key     TEXT,
    by      INTEGER,
    deletes INTEGER,
    PRIMARY KEY (room, n)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX gone_by_key ON gone (author, key) WHERE key IS NOT NULL;
