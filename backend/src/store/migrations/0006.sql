-- Pictures that people have uploaded to show as their avatar. Not in the log, and left alone by a rebuild, as passwords are: what was
-- shown is named in the log by its hash, and is large.
CREATE TABLE pictures (
    hash TEXT PRIMARY KEY,
    webp BLOB NOT NULL,
    by   TEXT NOT NULL,
    at   INTEGER NOT NULL
) STRICT;

CREATE INDEX pictures_by_person ON pictures (by);
-- Whether an old message shows a picture, asked before it goes.
CREATE INDEX messages_by_picture ON messages (avatar) WHERE avatar >= 'picture:' AND avatar < 'picture;';
