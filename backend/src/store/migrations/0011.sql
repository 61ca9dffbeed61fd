-- Ids of deleted accounts, which nothing proves any more: the log's projection.
CREATE TABLE erased (
    person TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

INSERT OR IGNORE INTO erased (person) SELECT entry ->> '$.by' FROM log WHERE entry ->> '$.command' = 'Erase';
INSERT OR IGNORE INTO erased (person) SELECT entry ->> '$.command.Do.act.person' FROM log
WHERE entry ->> '$.command.Do.act.act' = 'erase';

-- Which claim of an id that a program chose is good, once something is kept for the id. Beside the log, and left alone by a rebuild.
CREATE TABLE claims (
    person TEXT PRIMARY KEY,
    nonce  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What an erased account left behind when somebody signed in at that moment, or was refused a name.
DELETE FROM sessions WHERE person NOT IN (SELECT id FROM people WHERE look IS NOT NULL);
DELETE FROM passwords WHERE person NOT IN (SELECT id FROM people WHERE look IS NOT NULL);
DELETE FROM passkeys WHERE person NOT IN (SELECT id FROM people WHERE look IS NOT NULL);

-- Bans by network, with addresses, are beside the log from now on and no projection of it: they end with their time, when they are
-- lifted, and with the account.
UPDATE log SET entry = json_remove(entry, '$.command.Do.networks')
WHERE entry ->> '$.command.Do.networks' IS NOT NULL;
DELETE FROM shut WHERE until <= CAST(unixepoch('subsec') * 1000 AS INTEGER)
    OR person IN (SELECT person FROM erased);
