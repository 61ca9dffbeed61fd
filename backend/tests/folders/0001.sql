-- A data folder with the first schema, with at least one row in every table. Opened by the tests of `faults`; never changed.
PRAGMA foreign_keys = OFF;
BEGIN TRANSACTION;
CREATE TABLE audit_log (
    n           INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    by          TEXT NOT NULL,
    by_name     TEXT NOT NULL,
    action      TEXT NOT NULL,
    target_name TEXT,
    target      TEXT
) STRICT;
INSERT INTO "audit_log" VALUES(1,1793404847000,'olga','Olga','{"action":"set_role","chatId":"ann","role":"moderator"}','Ann','ann');
INSERT INTO "audit_log" VALUES(2,1793404848000,'olga','Olga','{"action":"set_rules","rules":{"joinPolicy":"anyone","roomCreationRole":"guest"}}',NULL,NULL);
INSERT INTO "audit_log" VALUES(3,1793404849000,'ann','Ann','{"action":"mute","chatId":"eve","minutes":5}','Eve','eve');
INSERT INTO "audit_log" VALUES(4,1793404850000,'ann','Ann','{"action":"ban","chatId":"eve","address":true}','Eve','eve');
INSERT INTO "audit_log" VALUES(5,1793404851000,'ann','Ann','{"action":"ban","chatId":"mia","minutes":60,"address":false}','Mia','mia');
INSERT INTO "audit_log" VALUES(6,1793404852000,'ann','Ann','{"action":"unban","chatId":"mia"}','Mia','mia');
INSERT INTO "audit_log" VALUES(7,1793404853000,'ann','Ann','{"action":"set_slow_mode","room":"0190a1b2-2222-7000-8000-000000000001","seconds":30}','tea-time',NULL);
INSERT INTO "audit_log" VALUES(8,1793404856000,'olga','Olga','{"action":"delete_room","room":"0190a1b2-2222-7000-8000-000000000003"}','old',NULL);
INSERT INTO "audit_log" VALUES(9,1793404860000,'olga','Olga','{"action":"delete_account","chatId":"zoe"}',NULL,'zoe');
CREATE TABLE blocks (
    n        INTEGER PRIMARY KEY,
    user     TEXT NOT NULL,
    blocked  TEXT NOT NULL,
    by_guest INTEGER NOT NULL,
    UNIQUE (user, blocked)
) STRICT;
INSERT INTO "blocks" VALUES(1,'ann','eve',0);
CREATE TABLE deleted_accounts (
    user TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
INSERT INTO "deleted_accounts" VALUES('yan');
INSERT INTO "deleted_accounts" VALUES('zoe');
CREATE TABLE deleted_rooms (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "deleted_rooms" VALUES('0190a1b2-2222-7000-8000-000000000003',1793404856000);
INSERT INTO "deleted_rooms" VALUES('0190a1b2-2222-7000-8000-000000000004',1793494862000);
CREATE TABLE direct_participants (
    room          TEXT NOT NULL REFERENCES rooms (id),
    user          TEXT NOT NULL,
    name          TEXT NOT NULL,
    avatar        TEXT NOT NULL,
    participation INTEGER NOT NULL,
    hidden        INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (room, user)
) STRICT, WITHOUT ROWID;
INSERT INTO "direct_participants" VALUES('0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a','ann','Ann','emoji:3:🦊',2,0);
INSERT INTO "direct_participants" VALUES('0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a','bob','Bob','face:00000002',2,0);
CREATE TABLE former_names (
    room         TEXT NOT NULL REFERENCES rooms (id),
    name         TEXT NOT NULL,
    log_position INTEGER NOT NULL,
    PRIMARY KEY (room, name)
) STRICT, WITHOUT ROWID;
INSERT INTO "former_names" VALUES('0190a1b2-2222-7000-8000-000000000001','tea',10);
CREATE TABLE id_claims (
    user  TEXT PRIMARY KEY,
    nonce BLOB NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "id_claims" VALUES('gus',X'00112233445566778899AABBCCDDEEFF');
CREATE TABLE invites (
    id         TEXT PRIMARY KEY,
    hash       TEXT NOT NULL UNIQUE,
    created_by TEXT NOT NULL,
    expires_at INTEGER,
    max_uses   INTEGER,
    uses       INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
INSERT INTO "invites" VALUES('first','hash of the first invite','olga',1793491222000,5,2);
CREATE TABLE last_posts (
    room TEXT NOT NULL,
    user TEXT NOT NULL,
    at   INTEGER NOT NULL,
    PRIMARY KEY (room, user)
) STRICT, WITHOUT ROWID;
INSERT INTO "last_posts" VALUES('0190a1b2-2222-7000-8000-000000000001','gus',1793404854000);
CREATE TABLE left_rooms (
    user TEXT NOT NULL,
    room TEXT NOT NULL REFERENCES rooms (id),
    PRIMARY KEY (user, room)
) STRICT, WITHOUT ROWID;
INSERT INTO "left_rooms" VALUES('bob','0190a1b2-2222-7000-8000-000000000001');
CREATE TABLE log (
    position INTEGER PRIMARY KEY,
    entry    TEXT NOT NULL
) STRICT;
INSERT INTO "log" VALUES(1,'{"by":"snug","at":1793404801000,"command":{"CreateRoom":{"room":"lobby"}}}');
INSERT INTO "log" VALUES(2,'{"by":"olga","at":1793404802000,"command":{"CreateAccount":{"name":"Olga","skeletons":["=Olga","~olga"],"avatar":"face:00000001","role":"owner"}}}');
INSERT INTO "log" VALUES(3,'{"by":"olga","at":1793404816000,"command":{"UpdateProfile":{"name":"Olga","skeletons":["=Olga","~olga"],"avatar":"picture:00112233445566778899aabbccddeeff"}}}');
INSERT INTO "log" VALUES(4,'{"by":"olga","at":1793404822000,"command":{"CreateInvite":{"invite":"first","hash":"hash of the first invite","hours":24,"max_uses":5}}}');
INSERT INTO "log" VALUES(5,'{"by":"olga","at":1793404823000,"command":{"CreateInvite":{"invite":"second","hash":"hash of the second invite"}}}');
INSERT INTO "log" VALUES(6,'{"by":"olga","at":1793404824000,"command":{"RevokeInvite":{"invite":"second"}}}');
INSERT INTO "log" VALUES(7,'{"by":"bob","at":1793404825000,"command":{"RedeemInvite":{"invite_hash":"hash of the first invite"}}}');
INSERT INTO "log" VALUES(8,'{"by":"ann","at":1793404826000,"command":{"CreateAccount":{"name":"Ann","skeletons":["=Ann","~ann"],"avatar":"emoji:3:🦊","role":"member","invite_hash":"hash of the first invite"}}}');
INSERT INTO "log" VALUES(9,'{"by":"ann","at":1793404827000,"command":{"CreateRoom":{"room":"0190a1b2-2222-7000-8000-000000000001","name":"tea","skeleton":"tea","topic":"What we drink"}}}');
INSERT INTO "log" VALUES(10,'{"by":"ann","at":1793404828000,"command":{"EditRoom":{"room":"0190a1b2-2222-7000-8000-000000000001","name":"tea-time","skeleton":"tea-time","topic":"Green or black","archived":false}}}');
INSERT INTO "log" VALUES(11,'{"by":"ann","at":1793404829000,"command":{"CreateRoom":{"room":"0190a1b2-2222-7000-8000-000000000002","name":"den","skeleton":"den","private":true}}}');
INSERT INTO "log" VALUES(12,'{"by":"ann","at":1793404830000,"command":{"AddMember":{"room":"0190a1b2-2222-7000-8000-000000000002","user":"bob"}}}');
INSERT INTO "log" VALUES(13,'{"by":"ann","at":1793404831000,"command":{"AddMember":{"room":"0190a1b2-2222-7000-8000-000000000002","user":"gus"}}}');
INSERT INTO "log" VALUES(14,'{"by":"ann","at":1793404832000,"command":{"RemoveMember":{"room":"0190a1b2-2222-7000-8000-000000000002","user":"gus"}}}');
INSERT INTO "log" VALUES(15,'{"by":"gus","at":1793404833000,"command":{"JoinRoom":{"room":"0190a1b2-2222-7000-8000-000000000001"}}}');
INSERT INTO "log" VALUES(16,'{"by":"bob","at":1793404834000,"command":{"JoinRoom":{"room":"0190a1b2-2222-7000-8000-000000000001"}}}');
INSERT INTO "log" VALUES(17,'{"by":"bob","at":1793404835000,"command":{"LeaveRoom":{"room":"0190a1b2-2222-7000-8000-000000000001"}}}');
INSERT INTO "log" VALUES(18,'{"by":"ann","at":1793404836000,"command":{"PostMessage":{"room":"lobby","key":"key-1","name":"Ann","avatar":"emoji:3:🦊","text":"Hello, is anybody here?"}}}');
INSERT INTO "log" VALUES(19,'{"by":"bob","at":1793404837000,"command":{"PostMessage":{"room":"lobby","key":"key-2","name":"Bob","avatar":"face:00000002","text":"it''s \"quoted\" and\non two lines, @Ann","mentions":{"people":[{"chatId":"ann","name":"Ann"}],"here":true,"room":true}}}}');
INSERT INTO "log" VALUES(20,'{"by":"ann","at":1793404838000,"command":{"Redacted":{"room":"lobby","key":"key-3"}}}');
INSERT INTO "log" VALUES(21,'{"by":"ann","at":1793404839000,"command":{"Moderate":{"action":{"action":"delete_message","room":"lobby","n":3}}}}');
INSERT INTO "log" VALUES(22,'{"by":"ann","at":1793404840000,"command":{"Redacted":{"room":"lobby","key":"key-5"}}}');
INSERT INTO "log" VALUES(23,'{"by":"ann","at":1793404841000,"command":{"Moderate":{"action":{"action":"delete_message","room":"lobby","n":5}}}}');
INSERT INTO "log" VALUES(24,'{"by":"ann","at":1793404844000,"command":{"OpenDirect":{"room":"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","participants":[{"user":"ann","name":"Ann","avatar":"emoji:3:🦊"},{"user":"bob","name":"Bob","avatar":"face:00000002"}]}}}');
INSERT INTO "log" VALUES(25,'{"by":"bob","at":1793404845000,"command":{"PostMessage":{"room":"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","key":"key-7","name":"Bob","avatar":"face:00000002","text":"psst"}}}');
INSERT INTO "log" VALUES(26,'{"by":"ann","at":1793404846000,"command":{"Block":{"user":"eve","blocked":true}}}');
INSERT INTO "log" VALUES(27,'{"by":"olga","at":1793404847000,"command":{"Moderate":{"action":{"action":"set_role","chatId":"ann","role":"moderator"}}}}');
INSERT INTO "log" VALUES(28,'{"by":"olga","at":1793404848000,"command":{"Moderate":{"action":{"action":"set_rules","rules":{"joinPolicy":"anyone","roomCreationRole":"guest"}}}}}');
INSERT INTO "log" VALUES(29,'{"by":"ann","at":1793404849000,"command":{"Moderate":{"action":{"action":"mute","chatId":"eve","minutes":5},"guest":["Eve","face:00000003"]}}}');
INSERT INTO "log" VALUES(30,'{"by":"ann","at":1793404850000,"command":{"Moderate":{"action":{"action":"ban","chatId":"eve","address":true}}}}');
INSERT INTO "log" VALUES(31,'{"by":"ann","at":1793404851000,"command":{"Moderate":{"action":{"action":"ban","chatId":"mia","minutes":60,"address":false},"guest":["Mia","face:00000004"]}}}');
INSERT INTO "log" VALUES(32,'{"by":"ann","at":1793404852000,"command":{"Moderate":{"action":{"action":"unban","chatId":"mia"}}}}');
INSERT INTO "log" VALUES(33,'{"by":"ann","at":1793404853000,"command":{"Moderate":{"action":{"action":"set_slow_mode","room":"0190a1b2-2222-7000-8000-000000000001","seconds":30}}}}');
INSERT INTO "log" VALUES(34,'{"by":"gus","at":1793404854000,"command":{"PostMessage":{"room":"0190a1b2-2222-7000-8000-000000000001","key":"key-8","name":"Gus","avatar":"face:00000005","text":"green"}}}');
INSERT INTO "log" VALUES(35,'{"by":"ann","at":1793404855000,"command":{"CreateRoom":{"room":"0190a1b2-2222-7000-8000-000000000003","name":"old","skeleton":"old"}}}');
INSERT INTO "log" VALUES(36,'{"by":"olga","at":1793404856000,"command":{"Moderate":{"action":{"action":"delete_room","room":"0190a1b2-2222-7000-8000-000000000003"}}}}');
INSERT INTO "log" VALUES(37,'{"by":"gus","at":1793404857000,"command":{"CreateRoom":{"room":"0190a1b2-2222-7000-8000-000000000004","name":"attic","skeleton":"attic"}}}');
INSERT INTO "log" VALUES(38,'{"by":"gus","at":1793404858000,"command":{"LeaveRoom":{"room":"0190a1b2-2222-7000-8000-000000000004"}}}');
INSERT INTO "log" VALUES(39,'{"by":"zoe","at":1793404859000,"command":{"CreateAccount":{"name":"?","skeletons":["\u0001zoe","\u0001zoe"],"avatar":"face:8c7c32b9","role":"member"}}}');
INSERT INTO "log" VALUES(40,'{"by":"olga","at":1793404860000,"command":{"Moderate":{"action":{"action":"delete_account","chatId":"zoe"}}}}');
INSERT INTO "log" VALUES(41,'{"by":"yan","at":1793404861000,"command":{"CreateAccount":{"name":"?","skeletons":["\u0001yan","\u0001yan"],"avatar":"face:4ba9be33","role":"member"}}}');
INSERT INTO "log" VALUES(42,'{"by":"yan","at":1793404862000,"command":"DeleteAccount"}');
INSERT INTO "log" VALUES(43,'{"by":"snug","at":1793494862000,"command":{"RemoveUnusedRoom":{"room":"0190a1b2-2222-7000-8000-000000000004"}}}');
CREATE TABLE members (
    user               TEXT NOT NULL,
    room               TEXT NOT NULL REFERENCES rooms (id),
    joined_at_position INTEGER NOT NULL,
    added_by           TEXT,
    added_by_guest     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (user, room)
) STRICT, WITHOUT ROWID;
INSERT INTO "members" VALUES('ann','0190a1b2-2222-7000-8000-000000000001',0,NULL,0);
INSERT INTO "members" VALUES('ann','0190a1b2-2222-7000-8000-000000000002',0,NULL,0);
INSERT INTO "members" VALUES('ann','0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a',0,NULL,0);
INSERT INTO "members" VALUES('bob','0190a1b2-2222-7000-8000-000000000002',0,'ann',0);
INSERT INTO "members" VALUES('bob','0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a',0,NULL,0);
INSERT INTO "members" VALUES('gus','0190a1b2-2222-7000-8000-000000000001',0,NULL,0);
CREATE TABLE mentions (
    room   TEXT NOT NULL,
    user   TEXT NOT NULL,
    n      INTEGER NOT NULL,
    author TEXT NOT NULL,
    PRIMARY KEY (room, n, user),
    FOREIGN KEY (room, n) REFERENCES messages (room, n)
) STRICT, WITHOUT ROWID;
INSERT INTO "mentions" VALUES('lobby','*',2,'bob');
CREATE TABLE messages (
    room         TEXT NOT NULL REFERENCES rooms (id),
    n            INTEGER NOT NULL,
    author       TEXT NOT NULL,
    key          TEXT NOT NULL,
    name         TEXT NOT NULL,
    avatar       TEXT NOT NULL,
    text         TEXT NOT NULL,
    at           INTEGER NOT NULL,
    mentions     TEXT,
    log_position INTEGER NOT NULL,
    PRIMARY KEY (room, n)
) STRICT, WITHOUT ROWID;
INSERT INTO "messages" VALUES('0190a1b2-2222-7000-8000-000000000001',1,'gus','key-8','Gus','face:00000005','green',1793404854000,NULL,34);
INSERT INTO "messages" VALUES('0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a',1,'bob','key-7','Bob','face:00000002','psst',1793404845000,NULL,25);
INSERT INTO "messages" VALUES('lobby',1,'ann','key-1','Ann','emoji:3:🦊','Hello, is anybody here?',1793404836000,NULL,18);
INSERT INTO "messages" VALUES('lobby',2,'bob','key-2','Bob','face:00000002','it''s "quoted" and
on two lines, @Ann',1793404837000,'{"people":[{"chatId":"ann","name":"Ann"}],"here":true,"room":true}',19);
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "meta" VALUES('epoch',X'30316132326135642D656565352D373135642D626437302D633737346230376433376530');
INSERT INTO "meta" VALUES('push',X'308187020100301306072A8648CE3D020106082A8648CE3D030107046D306B02010104203F69EA40F29AA7AE9B4D065DD25F17715F91239CD8CDCD89684BA4A9D0A42DE4A14403420004944346DB496136A03B5A77E8A24096A8676261A08E4CFDBFB3D1A3A6A3D0EAB7CE549C206B17F91241C0BF1CFC019E3C1DEE4A0DA51AB0CF778B0F07646C0B74');
INSERT INTO "meta" VALUES('secret',X'870F7DEBA50D85DE8BD670921B778825C8D84247F37ACEDDDF87636B96BF912B');
CREATE TABLE network_bans (
    network TEXT NOT NULL,
    user    TEXT NOT NULL,
    until   INTEGER NOT NULL,
    PRIMARY KEY (network, user)
) STRICT, WITHOUT ROWID;
INSERT INTO "network_bans" VALUES('192.0.2.1/32','eve',9223372036854775807);
CREATE TABLE notification_levels (
    user  TEXT NOT NULL,
    room  TEXT NOT NULL,
    level TEXT NOT NULL,
    PRIMARY KEY (user, room)
) STRICT, WITHOUT ROWID;
INSERT INTO "notification_levels" VALUES('bob','lobby','mentions');
CREATE TABLE passkeys (
    id              TEXT PRIMARY KEY,
    user            TEXT NOT NULL,
    credential      TEXT NOT NULL UNIQUE,
    public_key      TEXT NOT NULL,
    sign_count      INTEGER NOT NULL,
    backup_eligible INTEGER NOT NULL,
    name            TEXT NOT NULL,
    added_at        INTEGER NOT NULL,
    last_used       INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO "passkeys" VALUES('olga-key','olga','Y3JlZGVudGlhbA','a2V5',1,1,'Firefox · Linux',1793404809000,1793404810000);
CREATE TABLE passwords (
    user TEXT PRIMARY KEY,
    hash TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "passwords" VALUES('ann','hash of ann');
INSERT INTO "passwords" VALUES('olga','new hash of olga');
CREATE TABLE personal_entries (
    user     TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (user, position)
) STRICT, WITHOUT ROWID;
INSERT INTO "personal_entries" VALUES('ann',8);
INSERT INTO "personal_entries" VALUES('ann',24);
INSERT INTO "personal_entries" VALUES('ann',27);
INSERT INTO "personal_entries" VALUES('bob',24);
INSERT INTO "personal_entries" VALUES('eve',29);
INSERT INTO "personal_entries" VALUES('eve',30);
INSERT INTO "personal_entries" VALUES('mia',31);
INSERT INTO "personal_entries" VALUES('mia',32);
INSERT INTO "personal_entries" VALUES('olga',2);
INSERT INTO "personal_entries" VALUES('olga',3);
INSERT INTO "personal_entries" VALUES('yan',41);
INSERT INTO "personal_entries" VALUES('zoe',39);
INSERT INTO "personal_entries" VALUES('zoe',40);
CREATE TABLE pictures (
    hash        TEXT PRIMARY KEY,
    webp        BLOB NOT NULL,
    uploaded_by TEXT NOT NULL,
    uploaded_at INTEGER NOT NULL
) STRICT;
INSERT INTO "pictures" VALUES('00112233445566778899aabbccddeeff',X'52494646','olga',1793404815000);
CREATE TABLE push_subscriptions (
    endpoint    TEXT PRIMARY KEY,
    user        TEXT NOT NULL,
    session     TEXT REFERENCES sessions (id) ON DELETE CASCADE,
    key         TEXT NOT NULL,
    auth        TEXT NOT NULL,
    last_seen   INTEGER NOT NULL,
    failures    INTEGER NOT NULL DEFAULT 0,
    time_zone   TEXT,
    quiet_hours TEXT
) STRICT, WITHOUT ROWID;
INSERT INTO "push_subscriptions" VALUES('https://push.example/1','olga','olga-laptop','a2V5','c2VjcmV0',1793404818000,1,'Europe/Berlin',NULL);
CREATE TABLE read_positions (
    user TEXT NOT NULL,
    room TEXT NOT NULL,
    n    INTEGER NOT NULL,
    PRIMARY KEY (user, room)
) STRICT, WITHOUT ROWID;
INSERT INTO "read_positions" VALUES('bob','lobby',1);
CREATE TABLE rooms (
    id                 TEXT PRIMARY KEY,
    head               INTEGER NOT NULL,
    name               TEXT NOT NULL,
    skeleton           TEXT NOT NULL,
    topic              TEXT NOT NULL DEFAULT '',
    kind               TEXT NOT NULL DEFAULT 'open',
    created_by         TEXT NOT NULL,
    created_by_guest   INTEGER NOT NULL DEFAULT 0,
    archived           INTEGER NOT NULL DEFAULT 0,
    slow_mode          INTEGER NOT NULL DEFAULT 0,
    members_changed_at INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
INSERT INTO "rooms" VALUES('0190a1b2-2222-7000-8000-000000000001',1,'tea-time','tea-time','Green or black','open','ann',0,0,30,1793404835000);
INSERT INTO "rooms" VALUES('0190a1b2-2222-7000-8000-000000000002',0,'den','den','','private','ann',0,0,0,1793404832000);
INSERT INTO "rooms" VALUES('0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a',1,'@0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a','@0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a','','direct','ann',0,0,0,1793404844000);
INSERT INTO "rooms" VALUES('lobby',6,'lobby','lobby','','open','snug',0,0,0,1793404801000);
CREATE TABLE rules (
    id                 INTEGER PRIMARY KEY CHECK (id = 1),
    join_policy        TEXT NOT NULL,
    room_creation_role TEXT NOT NULL
) STRICT;
INSERT INTO "rules" VALUES(1,'anyone','guest');
CREATE TABLE sessions (
    id         TEXT PRIMARY KEY,
    user       TEXT NOT NULL,
    hash       TEXT NOT NULL,
    name       TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "sessions" VALUES('olga-laptop','olga','hash of a secret','Firefox · Linux',1793404804000,1793404804000);
INSERT INTO "sessions" VALUES('olga-tablet','olga','hash of a third secret','',1793404811000,1793404811000);
CREATE TABLE settings (
    user     TEXT PRIMARY KEY,
    settings TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "settings" VALUES('olga','{"lang":"zh-CN","theme":"dark","unreadOnly":true,"quietHours":{"from":1320,"to":480}}');
CREATE TABLE tombstones (
    room     TEXT NOT NULL REFERENCES rooms (id),
    n        INTEGER NOT NULL,
    author   TEXT NOT NULL,
    key      TEXT,
    deletion INTEGER,
    deletes  INTEGER,
    PRIMARY KEY (room, n)
) STRICT, WITHOUT ROWID;
INSERT INTO "tombstones" VALUES('lobby',3,'ann','key-3',4,NULL);
INSERT INTO "tombstones" VALUES('lobby',4,'ann',NULL,NULL,3);
INSERT INTO "tombstones" VALUES('lobby',5,'ann','key-5',6,NULL);
INSERT INTO "tombstones" VALUES('lobby',6,'ann',NULL,NULL,5);
CREATE TABLE users (
    id              TEXT PRIMARY KEY,
    name            TEXT NOT NULL,
    skeleton        TEXT UNIQUE,
    folded_skeleton TEXT UNIQUE,
    avatar          TEXT NOT NULL,
    role            TEXT NOT NULL,
    invite          TEXT,
    muted_until     INTEGER NOT NULL DEFAULT 0,
    banned_until    INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
INSERT INTO "users" VALUES('ann','Ann','=Ann','~ann','emoji:3:🦊','moderator','hash of the first invite',0,0);
INSERT INTO "users" VALUES('bob','?',NULL,NULL,'face:86c6a0d4','guest','hash of the first invite',0,0);
INSERT INTO "users" VALUES('eve','Eve',NULL,NULL,'face:00000003','guest',NULL,1793405149000,9223372036854775807);
INSERT INTO "users" VALUES('mia','Mia',NULL,NULL,'face:00000004','guest',NULL,0,0);
INSERT INTO "users" VALUES('olga','Olga','=Olga','~olga','picture:00112233445566778899aabbccddeeff','owner',NULL,0,0);
CREATE INDEX rooms_by_name ON rooms (name);
CREATE INDEX rooms_by_skeleton ON rooms (skeleton);
CREATE INDEX rooms_by_kind ON rooms (kind, created_by_guest);
CREATE INDEX rooms_by_creator ON rooms (created_by);
CREATE INDEX former_names_by_name ON former_names (name);
CREATE INDEX members_by_room ON members (room);
CREATE INDEX left_rooms_by_room ON left_rooms (room);
CREATE INDEX direct_participants_by_user ON direct_participants (user);
CREATE INDEX direct_participants_by_picture ON direct_participants (avatar) WHERE avatar >= 'picture:' AND avatar < 'picture;';
CREATE UNIQUE INDEX messages_by_key ON messages (author, key);
CREATE INDEX messages_by_picture ON messages (avatar) WHERE avatar >= 'picture:' AND avatar < 'picture;';
CREATE INDEX mentions_by_user ON mentions (user, room, n, author);
CREATE INDEX mentions_by_author ON mentions (author);
CREATE UNIQUE INDEX tombstones_by_key ON tombstones (author, key) WHERE key IS NOT NULL;
CREATE INDEX last_posts_by_user ON last_posts (user);
CREATE INDEX users_by_picture ON users (avatar) WHERE avatar >= 'picture:' AND avatar < 'picture;';
CREATE INDEX blocks_of_guests ON blocks (n) WHERE by_guest;
CREATE INDEX audit_log_by_author ON audit_log (by);
CREATE INDEX audit_log_by_target ON audit_log (target);
CREATE INDEX network_bans_by_user ON network_bans (user);
CREATE INDEX sessions_by_user ON sessions (user);
CREATE INDEX passkeys_by_user ON passkeys (user);
CREATE INDEX pictures_by_uploader ON pictures (uploaded_by);
CREATE INDEX push_subscriptions_by_user ON push_subscriptions (user);
CREATE INDEX push_subscriptions_by_session ON push_subscriptions (session);
CREATE INDEX push_subscriptions_by_share ON push_subscriptions (session IS NULL, last_seen);
COMMIT;
PRAGMA user_version = 1;
