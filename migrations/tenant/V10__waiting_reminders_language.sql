-- Who waits for a seat, members who are reminded, and the language in which a venue speaks.

ALTER TABLE setting ADD COLUMN language TEXT NOT NULL DEFAULT 'fr' CHECK (language IN ('fr', 'en'));
