-- Who waits for a seat, members who are reminded, and the language in which a venue speaks.

ALTER TABLE setting ADD COLUMN language TEXT NOT NULL DEFAULT 'fr' CHECK (language IN ('fr', 'en'));

-- The end of which the member was reminded; a renewed membership has another.
ALTER TABLE membership ADD COLUMN reminded INTEGER;
CREATE INDEX membership_unreminded ON membership (ends) WHERE ends IS NOT NULL AND reminded IS NOT ends;
