-- Work that is done beside requests, what is in which catalogue, and tags.

-- `kind`: 0 import, 3 export, 4 letters. `state`: 0 received, 10 begun, 100 done, -1 failed. What is begun when the
-- program ends is gone on with after it: `cursor`, `done` and the rows of an import say how far it came.
CREATE TABLE job (
  id       BLOB PRIMARY KEY CHECK (length(id) = 16),
  kind     INTEGER NOT NULL CHECK (kind IN (0, 3, 4)),
  state    INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 10, 100, -1)),
  label    TEXT NOT NULL,
  -- Who asked for it.
  email    TEXT,
  -- The catalogue that an import fills.
  catalogue TEXT,
  -- Of an export: which report, of which days, as what.
  report   TEXT,
  day_from TEXT,
  day_to   TEXT,
  format   TEXT CHECK (format IN ('csv', 'xlsx')),
  -- Of letters: to all who have tickets of this event, and who was the last to get one.
  event    BLOB CHECK (length(event) = 16),
  cursor   BLOB CHECK (length(cursor) = 16),
  done     INTEGER NOT NULL DEFAULT 0 CHECK (done >= 0),
  failed   INTEGER NOT NULL DEFAULT 0 CHECK (failed >= 0),
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  -- From when it may be taken up; while it is not over.
  next_try INTEGER,
  error    TEXT,
  -- The file that it made, until it is thrown away.
  name     TEXT,
  media    TEXT,
  result   BLOB,
  expires  INTEGER,
  created  INTEGER NOT NULL,
  changed  INTEGER NOT NULL,
  CONSTRAINT job_over CHECK ((state IN (0, 10)) = (next_try IS NOT NULL)),
  CONSTRAINT job_export CHECK ((kind = 3) = (report IS NOT NULL AND day_from IS NOT NULL AND day_to IS NOT NULL AND format IS NOT NULL)),
  CONSTRAINT job_letters CHECK ((kind = 4) = (event IS NOT NULL)),
  CONSTRAINT job_result CHECK ((result IS NULL) = (expires IS NULL) AND (result IS NULL OR (state = 100 AND name IS NOT NULL AND media IS NOT NULL)))
) STRICT;
CREATE INDEX job_next ON job (next_try) WHERE next_try IS NOT NULL;
CREATE INDEX job_expires ON job (expires) WHERE expires IS NOT NULL;
CREATE INDEX job_created ON job (created, id);
CREATE TRIGGER job_ends_once BEFORE UPDATE OF state ON job WHEN OLD.state IN (100, -1) AND NEW.state <> OLD.state
BEGIN SELECT raise(ABORT, 'a job that is over stays so'); END;

-- A price of a product to be made, or a product alone; taken in the write that says so here.
CREATE TABLE import_row (
  job               BLOB NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  line              INTEGER NOT NULL CHECK (line > 0),
  product           TEXT NOT NULL,
  category          TEXT NOT NULL,
  short_description TEXT,
  published         INTEGER NOT NULL CHECK (published IN (0, 1)),
  price             TEXT,
  amount            INTEGER CHECK (amount BETWEEN 0 AND 99999999),
  vat               TEXT,
  stock             INTEGER CHECK (stock BETWEEN 0 AND 65535),
  period            TEXT,
  catalogue         TEXT,
  taken             INTEGER NOT NULL DEFAULT 0 CHECK (taken IN (0, 1)),
  error             TEXT,
  PRIMARY KEY (job, line),
  CONSTRAINT import_row_price CHECK ((price IS NULL) = (amount IS NULL))
) STRICT, WITHOUT ROWID;

-- What is in a catalogue that does not hold all.
CREATE TABLE catalogue_item (
  catalogue TEXT NOT NULL,
  product   BLOB REFERENCES product (id) ON DELETE CASCADE,
  event     BLOB REFERENCES event (id) ON DELETE CASCADE,
  CONSTRAINT catalogue_item_one CHECK ((product IS NULL) <> (event IS NULL)),
  CONSTRAINT catalogue_item_product UNIQUE (catalogue, product),
  CONSTRAINT catalogue_item_event UNIQUE (catalogue, event)
) STRICT;
CREATE INDEX catalogue_item_of_product ON catalogue_item (product) WHERE product IS NOT NULL;
CREATE INDEX catalogue_item_of_event ON catalogue_item (event) WHERE event IS NOT NULL;

-- What events are filed under. `id` is the word that stands at the events.
CREATE TABLE tag (
  id      TEXT PRIMARY KEY,
  label   TEXT NOT NULL,
  enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
  hidden  INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1)),
  created INTEGER NOT NULL,
  changed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO tag (id, label, created, changed)
  SELECT tag, tag, min(event.created), min(event.created) FROM event_tag JOIN event ON event.id = event_tag.event GROUP BY tag;
CREATE INDEX event_tag_tag ON event_tag (tag);
CREATE TRIGGER event_tag_known AFTER INSERT ON event_tag
BEGIN
  INSERT OR IGNORE INTO tag (id, label, created, changed)
  SELECT NEW.tag, NEW.tag, changed, changed FROM event WHERE id = NEW.event;
END;
