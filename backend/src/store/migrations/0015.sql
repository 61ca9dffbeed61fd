-- Where a browser that is sent pushes is, by its time zone, and a guest's quiet hours there: a member's are among the settings.
ALTER TABLE pushes ADD COLUMN zone TEXT;
ALTER TABLE pushes ADD COLUMN quiet TEXT;
