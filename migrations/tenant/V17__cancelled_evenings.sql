-- An evening that was booked and is taken away was cancelled: calendars say so, for who has it in theirs.

-- Since when; none: it takes place.
ALTER TABLE event ADD COLUMN cancelled INTEGER;
CREATE INDEX event_cancelled ON event (starts) WHERE cancelled IS NOT NULL;
