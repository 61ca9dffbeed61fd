-- Not in the log, and left alone by a rebuild: the browsers that are sent pushes. A session's go with it.
CREATE TABLE pushes (
    endpoint TEXT PRIMARY KEY,
    person   TEXT NOT NULL,
    session  TEXT REFERENCES sessions (id) ON DELETE CASCADE,
    key      TEXT NOT NULL,
    auth     TEXT NOT NULL,
    seen     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX pushes_by_person ON pushes (person);
CREATE INDEX pushes_by_session ON pushes (session);
