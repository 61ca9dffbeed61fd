-- Not in the log, and left alone by a rebuild, as `reads` is: what whoever keeps a name prefers on all devices (JSON).
CREATE TABLE settings (
    person   TEXT PRIMARY KEY,
    settings TEXT NOT NULL
) STRICT, WITHOUT ROWID;
