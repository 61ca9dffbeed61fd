-- What a room was called before: old links lead to it. `at` is the place in the log where the name was given up.
CREATE TABLE former_names (
    room TEXT NOT NULL REFERENCES rooms (id),
    name TEXT NOT NULL,
    at   INTEGER NOT NULL,
    PRIMARY KEY (room, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX former_names_by_name ON former_names (name);

INSERT INTO former_names (room, name, at)
SELECT room, name, at
FROM (SELECT room, name, at, row_number() OVER (PARTITION BY room ORDER BY at DESC) AS age
      FROM (SELECT room, name, max(given_up) AS at
            FROM (SELECT room, name, lead(position) OVER (PARTITION BY room ORDER BY position) AS given_up
                  FROM (SELECT position,
                               coalesce(entry ->> '$.command.Open.room', entry ->> '$.command.Edit.room') AS room,
                               coalesce(entry ->> '$.command.Open.name', entry ->> '$.command.Edit.name') AS name
                        FROM log)
                  WHERE room IS NOT NULL AND name IS NOT NULL)
            WHERE given_up IS NOT NULL
            GROUP BY room, name)
      WHERE EXISTS (SELECT 1 FROM rooms WHERE id = room AND rooms.name <> name))
WHERE age <= 8;
