-- Fees: what buyers pay on top of a price, and what is withheld of it.

-- An amount, a part of the price in hundredths of a percent, or both, between bounds, for pieces whose price lies in a band.
-- Of fees of one name the one of the smallest scope counts: the venue's, an event's, a price's.
CREATE TABLE fee (
  id         BLOB PRIMARY KEY CHECK (length(id) = 16),
  name       TEXT NOT NULL CHECK (name <> ''),
  scope      TEXT NOT NULL CHECK (scope IN ('organizer', 'event', 'price')),
  event      BLOB REFERENCES event (id) ON DELETE CASCADE,
  price      BLOB REFERENCES price (id) ON DELETE CASCADE,
  payer      TEXT NOT NULL CHECK (payer IN ('customer', 'organizer')),
  fixed      INTEGER NOT NULL CHECK (fixed BETWEEN 0 AND 99999999),
  percent    INTEGER NOT NULL CHECK (percent BETWEEN 0 AND 10000),
  minimum    INTEGER CHECK (minimum BETWEEN 0 AND 99999999),
  maximum    INTEGER CHECK (maximum BETWEEN 0 AND 99999999),
  -- Without a beginning, the band begins above 0: what is free has fees only where that was said.
  price_from INTEGER CHECK (price_from BETWEEN 0 AND 99999999),
  price_to   INTEGER CHECK (price_to BETWEEN 0 AND 99999999),
  active     INTEGER NOT NULL CHECK (active IN (0, 1)),
  archived   INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1)),
  created    INTEGER NOT NULL,
  CONSTRAINT fee_event CHECK ((scope = 'event') = (event IS NOT NULL)),
  CONSTRAINT fee_price CHECK ((scope = 'price') = (price IS NOT NULL)),
  CONSTRAINT fee_bounds CHECK (minimum <= maximum),
  CONSTRAINT fee_band CHECK (price_from <= price_to)
) STRICT;
CREATE INDEX fee_organizer ON fee (name) WHERE scope = 'organizer' AND archived = 0;
CREATE INDEX fee_of_event ON fee (event) WHERE event IS NOT NULL;
CREATE INDEX fee_of_price ON fee (price) WHERE price IS NOT NULL;
CREATE INDEX fee_order ON fee (created, id) WHERE archived = 0;

-- Two fees of one name and scope may not count for the same price.
CREATE TRIGGER fee_once_new BEFORE INSERT ON fee
WHEN EXISTS (SELECT 1 FROM fee WHERE name = NEW.name AND archived = 0 AND id <> NEW.id AND scope = NEW.scope
    AND event IS NEW.event AND price IS NEW.price AND coalesce(price_from, 1) <= coalesce(NEW.price_to, 99999999)
    AND coalesce(NEW.price_from, 1) <= coalesce(price_to, 99999999))
BEGIN SELECT raise(ABORT, 'failed: fee_once'); END;
CREATE TRIGGER fee_once_changed BEFORE UPDATE ON fee
WHEN NEW.archived = 0 AND EXISTS (SELECT 1 FROM fee WHERE name = NEW.name AND archived = 0 AND id <> NEW.id
    AND scope = NEW.scope AND event IS NEW.event AND price IS NEW.price
    AND coalesce(price_from, 1) <= coalesce(NEW.price_to, 99999999)
    AND coalesce(NEW.price_from, 1) <= coalesce(price_to, 99999999))
BEGIN SELECT raise(ABORT, 'failed: fee_once'); END;

-- As sold, a piece: `unit` holds `fee`, which the buyer paid on top of the price; `withheld` is what the organizer bears.
ALTER TABLE line ADD COLUMN fee INTEGER NOT NULL DEFAULT 0 CONSTRAINT line_fee CHECK (fee BETWEEN 0 AND unit);
ALTER TABLE line ADD COLUMN withheld INTEGER NOT NULL DEFAULT 0 CHECK (withheld >= 0);
CREATE TRIGGER line_keep_fees BEFORE UPDATE OF fee, withheld ON line
BEGIN SELECT raise(ABORT, 'a line is never rewritten'); END;

INSERT INTO tally (kind, rows) VALUES ('fee', 0);
CREATE TRIGGER fee_tally_up AFTER INSERT ON fee BEGIN UPDATE tally SET rows = rows + 1 WHERE kind = 'fee'; END;
CREATE TRIGGER fee_tally_archived AFTER UPDATE OF archived ON fee WHEN NEW.archived <> OLD.archived
BEGIN UPDATE tally SET rows = rows + OLD.archived - NEW.archived WHERE kind = 'fee'; END;
CREATE TRIGGER fee_tally_down AFTER DELETE ON fee WHEN OLD.archived = 0
BEGIN UPDATE tally SET rows = rows - 1 WHERE kind = 'fee'; END;
