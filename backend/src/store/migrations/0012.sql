-- What the name of a room looks like: no two open ones look the same.
ALTER TABLE rooms ADD COLUMN look TEXT NOT NULL DEFAULT '';
UPDATE rooms SET look = name;
CREATE INDEX rooms_by_look ON rooms (look);

-- Shares: whether a guest opened a room, and when somebody last came into it or left it, since what nobody uses lets go of its place.
ALTER TABLE rooms ADD COLUMN guest INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN changed_at INTEGER NOT NULL DEFAULT 0;
UPDATE rooms SET changed_at = changed.at
FROM (SELECT coalesce(entry ->> '$.command.Open.room', entry ->> '$.command.Join.room', entry ->> '$.command.Leave.room',
                      entry ->> '$.command.BringIn.room', entry ->> '$.command.TakeOut.room') AS room,
             max(entry ->> '$.at') AS at
      FROM log GROUP BY 1) AS changed
WHERE changed.room = rooms.id;
-- Conversations: their entries do not name them.
UPDATE rooms SET changed_at = (SELECT coalesce(max(entry ->> '$.at'), 0) FROM log) WHERE changed_at = 0;
UPDATE rooms SET guest = 1
WHERE id <> 'lobby' AND opened_by NOT IN (SELECT id FROM people WHERE look IS NOT NULL);
CREATE INDEX rooms_by_kind ON rooms (kind, guest);
CREATE INDEX rooms_by_opener ON rooms (opened_by);

-- Ids of rooms that are deleted. They are not used again.
CREATE TABLE deleted_rooms (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who brought somebody into a room, and whether as a guest; nobody, where they came by themselves.
ALTER TABLE members ADD COLUMN brought_by TEXT;
ALTER TABLE members ADD COLUMN by_guest INTEGER NOT NULL DEFAULT 0;

-- Rooms that people have left by themselves: no guest brings them back.
CREATE TABLE left_rooms (
    person TEXT NOT NULL,
    room   TEXT NOT NULL REFERENCES rooms (id),
    PRIMARY KEY (person, room)
) STRICT, WITHOUT ROWID;

CREATE INDEX left_rooms_by_room ON left_rooms (room);

-- How many tries in a row have failed to reach a browser.
ALTER TABLE pushes ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
CREATE INDEX pushes_by_share ON pushes (session IS NULL, seen);

-- A direct conversation counts for who begins it until another of its people answers. `part` is 0 for somebody who has not answered, 1
-- for who began it while nobody has, and 2 for who takes part. Who has hidden it is no member, and becomes one again.
ALTER TABLE directs ADD COLUMN part INTEGER NOT NULL DEFAULT 2;
ALTER TABLE directs ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
UPDATE directs SET part = 0
WHERE person <> (SELECT opened_by FROM rooms WHERE id = directs.room)
  AND NOT EXISTS (SELECT 1 FROM messages WHERE room = directs.room AND author = person)
  AND NOT EXISTS (SELECT 1 FROM gone WHERE room = directs.room AND author = person AND key IS NOT NULL);
UPDATE directs SET part = 1
WHERE part = 2 AND NOT EXISTS (SELECT 1 FROM directs AS others
                               WHERE others.room = directs.room AND others.person <> directs.person AND others.part = 2);

-- Who wants nothing of whom. Guests' rows go when there are too many, the oldest first.
CREATE TABLE blocks (
    n       INTEGER PRIMARY KEY,
    person  TEXT NOT NULL,
    blocked TEXT NOT NULL,
    guest   INTEGER NOT NULL,
    UNIQUE (person, blocked)
) STRICT;

CREATE INDEX blocks_of_guests ON blocks (n) WHERE guest;
