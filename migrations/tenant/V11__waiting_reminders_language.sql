-- Who waits for a seat, members who are reminded, and the language in which a venue speaks.

ALTER TABLE setting ADD COLUMN language TEXT NOT NULL DEFAULT 'fr' CHECK (language IN ('fr', 'en'));

-- The end of which the member was reminded; a renewed membership has another.
ALTER TABLE membership ADD COLUMN reminded INTEGER;
CREATE INDEX membership_unreminded ON membership (ends) WHERE ends IS NOT NULL AND reminded IS NOT ends;

-- How long a seat that became free is kept for whoever it is offered to.
ALTER TABLE setting ADD COLUMN offer_hours INTEGER NOT NULL DEFAULT 24 CHECK (offer_hours BETWEEN 1 AND 168);

-- Seats that are offered to who waits: neither sold nor held by an order, and nobody else's. Those of an offer that has run
-- out are given back by the next write, as for `taken`.
ALTER TABLE event ADD COLUMN offered INTEGER NOT NULL DEFAULT 0
  CONSTRAINT event_offered CHECK (offered >= 0 AND taken + offered <= gauge);

-- Who waits for seats of an event that is full, in the order of their ids; a person once at each event.
CREATE TABLE waiting (
  id      BLOB PRIMARY KEY CHECK (length(id) = 16),
  event   BLOB NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  account BLOB NOT NULL CHECK (length(account) = 16),
  email   TEXT NOT NULL,
  places  INTEGER NOT NULL CHECK (places BETWEEN 1 AND 32767),
  state   TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'offered', 'booked', 'declined', 'expired', 'left')),
  -- Until when the offer lasts, or lasted.
  expires INTEGER,
  joined  INTEGER NOT NULL,
  CONSTRAINT waiting_person UNIQUE (event, account),
  CONSTRAINT waiting_offer CHECK (state NOT IN ('offered', 'declined', 'expired') OR expires IS NOT NULL)
) STRICT;
CREATE INDEX waiting_line ON waiting (event, id) WHERE state = 'waiting';
CREATE INDEX waiting_offers ON waiting (expires) WHERE state = 'offered';
CREATE TRIGGER waiting_keep BEFORE UPDATE OF id, event, account, email, places, joined ON waiting
BEGIN SELECT raise(ABORT, 'who waits for what is never rewritten'); END;
CREATE TRIGGER waiting_open BEFORE DELETE ON waiting WHEN OLD.state = 'offered' AND EXISTS (SELECT 1 FROM event WHERE id = OLD.event)
BEGIN SELECT raise(ABORT, 'an offer ends before its row goes'); END;
