-- Where a room ended when somebody came into it: what was said since waits for them, also before they have read anything. NULL of those
-- who came into a room before this was kept: for them nothing waits until they have read.
ALTER TABLE members ADD COLUMN came INTEGER;
UPDATE members SET came = 0 WHERE room IN (SELECT id FROM rooms WHERE kind = 'direct');
