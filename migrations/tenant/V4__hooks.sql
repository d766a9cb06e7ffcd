-- Other servers that are told of what happens here.

CREATE TABLE hook (
  id       BLOB PRIMARY KEY CHECK (length(id) = 16),
  event    TEXT NOT NULL CHECK (event IN ('RV', 'MV', 'PA', 'TS', 'RF')),
  url      TEXT NOT NULL,
  -- The key that signs what it is told.
  secret   BLOB NOT NULL CHECK (length(secret) = 32),
  active   INTEGER NOT NULL CHECK (active IN (0, 1)),
  -- Tries in a row that failed.
  failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
  -- Since the first of them; while there are any.
  failing  INTEGER,
  last     TEXT,
  created  INTEGER NOT NULL,
  CONSTRAINT hook_failing CHECK ((failures = 0) = (failing IS NULL)),
  CONSTRAINT hook_once UNIQUE (event, url)
) STRICT;

CREATE TABLE delivery (
  id       BLOB PRIMARY KEY CHECK (length(id) = 16),
  hook     BLOB NOT NULL REFERENCES hook (id) ON DELETE CASCADE,
  -- The reservation, membership, payment, ticket or refund.
  subject  BLOB NOT NULL CHECK (length(subject) = 16),
  state    TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'given_up')),
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  next_try INTEGER NOT NULL,
  created  INTEGER NOT NULL
) STRICT;
CREATE INDEX delivery_next ON delivery (next_try) WHERE state = 'waiting';
CREATE INDEX delivery_hook ON delivery (hook, created);
INSERT INTO tally (kind, rows) VALUES ('hook', 0);
CREATE TRIGGER hook_tally_up AFTER INSERT ON hook BEGIN UPDATE tally SET rows = rows + 1 WHERE kind = 'hook'; END;
CREATE TRIGGER hook_tally_down AFTER DELETE ON hook BEGIN UPDATE tally SET rows = rows - 1 WHERE kind = 'hook'; END;
