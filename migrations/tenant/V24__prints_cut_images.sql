-- More work is told of as jobs: tickets of an event as one file to print, images that were cut, reminders queued at once.

-- `kind`: 0 import, 1 an image that was cut, 2 a print, 3 export, 4 letters. An image and reminders are written down when
-- they are done; all else is begun and gone on with as before.
CREATE TABLE job_rebuilt (
  id       BLOB PRIMARY KEY CHECK (length(id) = 16),
  kind     INTEGER NOT NULL CHECK (kind IN (0, 1, 2, 3, 4)),
  state    INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 10, 100, -1)),
  label    TEXT NOT NULL,
  -- Who asked for it: an address, or an account whose address the house knows.
  email    TEXT,
  account  BLOB CHECK (length(account) = 16),
  -- The catalogue that an import fills.
  catalogue TEXT,
  -- Of an export: which report, of which days; of a print too: as what.
  report   TEXT,
  day_from TEXT,
  day_to   TEXT,
  format   TEXT CHECK (format IN ('csv', 'xlsx', 'tickets', 'list')),
  -- Of a print: the event. Of letters: to all who have tickets of this event, and who was the last to get one.
  event    BLOB CHECK (length(event) = 16),
  cursor   BLOB CHECK (length(cursor) = 16),
  -- Of an image: what it was called here.
  image    TEXT,
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
  CONSTRAINT job_image CHECK ((kind = 1) = (image IS NOT NULL) AND (kind <> 1 OR state = 100)),
  CONSTRAINT job_print CHECK (kind <> 2 OR (event IS NOT NULL AND format IS NOT NULL AND format IN ('tickets', 'list'))),
  CONSTRAINT job_export CHECK ((kind = 3) = (report IS NOT NULL AND day_from IS NOT NULL AND day_to IS NOT NULL)
    AND (kind <> 3 OR (format IS NOT NULL AND format IN ('csv', 'xlsx')))),
  -- Letters without an event were queued at once.
  CONSTRAINT job_letters CHECK (kind <> 4 OR event IS NOT NULL OR state = 100),
  CONSTRAINT job_event CHECK (event IS NULL OR kind IN (2, 4)),
  CONSTRAINT job_result CHECK ((result IS NULL) = (expires IS NULL) AND (result IS NULL OR (state = 100 AND name IS NOT NULL AND media IS NOT NULL)))
) STRICT;
INSERT INTO job_rebuilt (id, kind, state, label, email, catalogue, report, day_from, day_to, format, event, cursor, done,
    failed, attempts, next_try, error, name, media, result, expires, created, changed)
  SELECT id, kind, state, label, email, catalogue, report, day_from, day_to, format, event, cursor, done,
    failed, attempts, next_try, error, name, media, result, expires, created, changed FROM job;
-- In this order, rows of imports go on belonging to `job`.
DROP TABLE job;
ALTER TABLE job_rebuilt RENAME TO job;
CREATE INDEX job_next ON job (next_try) WHERE next_try IS NOT NULL;
CREATE INDEX job_expires ON job (expires) WHERE expires IS NOT NULL;
CREATE INDEX job_created ON job (created, id);
-- What is over, to count the newest.
CREATE INDEX job_told ON job (created, id) WHERE next_try IS NULL;
CREATE TRIGGER job_ends_once BEFORE UPDATE OF state ON job WHEN OLD.state IN (100, -1) AND NEW.state <> OLD.state
BEGIN SELECT raise(ABORT, 'a job that is over stays so'); END;
