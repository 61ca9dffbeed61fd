-- Which entries of the log name a person, besides what they have said (`messages.entry` has that): those that are written over
-- when their account is deleted.
CREATE TABLE named (
    person   TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (person, position)
) STRICT, WITHOUT ROWID;

INSERT OR IGNORE INTO named (person, position)
SELECT entry ->> '$.by', position FROM log
WHERE entry ->> '$.command.Keep' IS NOT NULL OR entry ->> '$.command.Show' IS NOT NULL;
INSERT OR IGNORE INTO named (person, position)
SELECT talker.value ->> '$.person', log.position FROM log, json_each(log.entry, '$.command.OpenDirect.people') AS talker;
INSERT OR IGNORE INTO named (person, position)
SELECT entry ->> '$.command.Do.act.person', position FROM log WHERE entry ->> '$.command.Do.act.person' IS NOT NULL;

-- To whom it was done.
ALTER TABLE record ADD COLUMN person TEXT;
UPDATE record SET person = coalesce(
    act ->> '$.person',
    (SELECT author FROM gone WHERE gone.room = act ->> '$.room' AND gone.n = act ->> '$.n')
);

-- Who is mentioned in a message is found by the message, which is looked for each time one is deleted.
CREATE TABLE mentioned (
    room   TEXT NOT NULL,
    person TEXT NOT NULL,
    n      INTEGER NOT NULL,
    author TEXT NOT NULL,
    PRIMARY KEY (room, n, person),
    FOREIGN KEY (room, n) REFERENCES messages (room, n)
) STRICT, WITHOUT ROWID;
INSERT INTO mentioned (room, person, n, author) SELECT room, person, n, author FROM mentions;
DROP TABLE mentions;
ALTER TABLE mentioned RENAME TO mentions;
-- This one has all that counting them for somebody needs.
CREATE INDEX mentions_by_person ON mentions (person, room, n, author);
CREATE INDEX mentions_by_author ON mentions (author);

-- What there is of somebody is found without a look at what there is of others.
CREATE INDEX record_by_author ON record (by);
CREATE INDEX record_by_person ON record (person);
CREATE INDEX spoke_by_person ON spoke (person);
CREATE INDEX shut_by_person ON shut (person);
CREATE INDEX people_by_picture ON people (avatar) WHERE avatar >= 'picture:' AND avatar < 'picture;';
CREATE INDEX directs_by_picture ON directs (avatar) WHERE avatar >= 'picture:' AND avatar < 'picture;';
