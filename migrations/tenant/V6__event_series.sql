-- An event that is repeated is many events, one image shows on many of them, and who follows a venue must see what changed.

-- The id of the event that was first repeated; it stays when that one is deleted, so it refers to no row.
ALTER TABLE event ADD COLUMN series BLOB CHECK (length(series) = 16);
CREATE INDEX event_series ON event (series, starts) WHERE series IS NOT NULL;

-- When what the public is told of it was last changed; bookings and seats do not count.
ALTER TABLE event ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
UPDATE event SET changed = created;

CREATE INDEX event_image ON event (image) WHERE image IS NOT NULL;
CREATE TRIGGER media_shown BEFORE DELETE ON media WHEN EXISTS (SELECT 1 FROM event WHERE image = OLD.name)
BEGIN SELECT raise(ABORT, 'an event shows this image'); END;
