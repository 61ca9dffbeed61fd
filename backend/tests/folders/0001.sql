-- A folder as version 0.1.0 leaves it: two people have said two things each.
-- Loaded by the upgrade test; never changed.
PRAGMA foreign_keys = OFF;
CREATE TABLE log (
    position INTEGER PRIMARY KEY,
    entry    TEXT NOT NULL
) STRICT;
INSERT INTO "log" VALUES(1,'{"by":"snug","at":1795558775856,"command":{"Open":{"room":"lobby"}}}');
INSERT INTO "log" VALUES(2,'{"by":"01a20fa5-0153-7701-9757-13342ce3349f","at":1795558801747,"command":{"Say":{"room":"lobby","key":"01a20fa5-0153-7701-9757-133543b9f1de","name":"Ann","avatar":"face:410a3569","text":"Hello, is anybody here?"}}}');
INSERT INTO "log" VALUES(3,'{"by":"01a20fa5-0153-7701-9757-13342ce3349f","at":1795558801747,"command":{"Say":{"room":"lobby","key":"01a20fa5-0153-7701-9757-1336682b2e16","name":"Ann","avatar":"face:410a3569","text":"it''s \"quoted\" and\non two lines"}}}');
INSERT INTO "log" VALUES(4,'{"by":"01a20fa5-015a-754e-a458-cd0f4aa9d4e6","at":1795558801754,"command":{"Say":{"room":"lobby","key":"01a20fa5-015a-754e-a458-cd107fa30902","name":"小明","avatar":"face:766b7d5a","text":"你好！🦊"}}}');
INSERT INTO "log" VALUES(5,'{"by":"01a20fa5-015a-754e-a458-cd0f4aa9d4e6","at":1795558801754,"command":{"Say":{"room":"lobby","key":"01a20fa5-015a-754e-a458-cd1171343c6f","name":"小明","avatar":"face:766b7d5a","text":"👩‍👩‍👧 family"}}}');
CREATE TABLE messages (
    room   TEXT NOT NULL REFERENCES rooms (id),
    n      INTEGER NOT NULL,
    author TEXT NOT NULL,
    key    TEXT NOT NULL,
    name   TEXT NOT NULL,
    avatar TEXT NOT NULL,
    text   TEXT NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (room, n)
) STRICT, WITHOUT ROWID;
INSERT INTO "messages" VALUES('lobby',1,'01a20fa5-0153-7701-9757-13342ce3349f','01a20fa5-0153-7701-9757-133543b9f1de','Ann','face:410a3569','Hello, is anybody here?',1795558801747);
INSERT INTO "messages" VALUES('lobby',2,'01a20fa5-0153-7701-9757-13342ce3349f','01a20fa5-0153-7701-9757-1336682b2e16','Ann','face:410a3569','it''s "quoted" and
on two lines',1795558801747);
INSERT INTO "messages" VALUES('lobby',3,'01a20fa5-015a-754e-a458-cd0f4aa9d4e6','01a20fa5-015a-754e-a458-cd107fa30902','小明','face:766b7d5a','你好！🦊',1795558801754);
INSERT INTO "messages" VALUES('lobby',4,'01a20fa5-015a-754e-a458-cd0f4aa9d4e6','01a20fa5-015a-754e-a458-cd1171343c6f','小明','face:766b7d5a','👩‍👩‍👧 family',1795558801754);
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "meta" VALUES('epoch',X'30316132306661342D396332662D373434652D383934652D363536663166333337306132');
INSERT INTO "meta" VALUES('secret',X'A1BDE37B35DF8FD832A7EE18D13D7086C7BEAA2C9660486A56DC35985875AE8A');
CREATE TABLE rooms (
    id   TEXT PRIMARY KEY,
    head INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "rooms" VALUES('lobby',4);
CREATE UNIQUE INDEX messages_by_key ON messages (author, key);
PRAGMA user_version = 1;
