ALTER TABLE rooms RENAME COLUMN opened_by TO created_by;
ALTER TABLE people RENAME COLUMN out_until TO banned_until;
ALTER TABLE rules RENAME COLUMN entrance TO join_policy;
ALTER TABLE rules RENAME COLUMN open_rooms TO room_creation_role;
