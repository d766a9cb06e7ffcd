-- The look of a venue at its partners' pages, letters that invite, and what a Roomle client's webhook is told.

-- One row; none: as it begins. The texts are what clients of that dialect write and read.
CREATE TABLE skin (
  one                   INTEGER PRIMARY KEY CHECK (one = 1),
  ci_color              TEXT,
  button_light          TEXT,
  button_dark           TEXT,
  mail_header_image     TEXT,
  mail_background       TEXT,
  tenant_url            TEXT,
  mail_template_path    TEXT,
  login_background      TEXT,
  referral_url          TEXT,
  hide_made_by          INTEGER NOT NULL DEFAULT 0 CHECK (hide_made_by IN (0, 1)),
  hide_press_link       INTEGER NOT NULL DEFAULT 0 CHECK (hide_press_link IN (0, 1)),
  hide_share_button     INTEGER NOT NULL DEFAULT 0 CHECK (hide_share_button IN (0, 1)),
  hide_feedback_button  INTEGER NOT NULL DEFAULT 0 CHECK (hide_feedback_button IN (0, 1)),
  hide_catalog_overview INTEGER NOT NULL DEFAULT 0 CHECK (hide_catalog_overview IN (0, 1)),
  -- JSON: an array of texts.
  catalog_entry_tags    TEXT NOT NULL DEFAULT '[]'
) STRICT;

-- Invitations are letters too.
ALTER TABLE outbox RENAME TO outbox_before;
CREATE TABLE outbox (
  id        BLOB PRIMARY KEY CHECK (length(id) = 16),
  kind      TEXT NOT NULL CHECK (kind IN
    ('confirm_email', 'tickets', 'membership', 'order_cancelled', 'waiting_joined', 'waiting_offer', 'membership_ends',
     'terminal_digits', 'invitation')),
  recipient TEXT NOT NULL,
  account   BLOB NOT NULL CHECK (length(account) = 16),
  -- What it is about: a reservation, an order, a price of membership; none for an address.
  subject   BLOB CHECK (length(subject) = 16),
  state     TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'given_up')),
  attempts  INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  -- From when it may be tried; while it waits.
  next_try  INTEGER NOT NULL,
  -- What the mail server said last.
  error     TEXT,
  created   INTEGER NOT NULL,
  settled   INTEGER,
  CHECK ((state = 'waiting') = (settled IS NULL))
) STRICT;
INSERT INTO outbox (id, kind, recipient, account, subject, state, attempts, next_try, error, created, settled)
  SELECT id, kind, recipient, account, subject, state, attempts, next_try, error, created, settled FROM outbox_before;
DROP TABLE outbox_before;
-- One of each kind waits at the most.
CREATE UNIQUE INDEX outbox_waits ON outbox (account, kind, ifnull(subject, x'')) WHERE state = 'waiting';
CREATE INDEX outbox_next ON outbox (next_try) WHERE state = 'waiting';
CREATE INDEX outbox_created ON outbox (created);
CREATE INDEX outbox_account ON outbox (account, kind, created);

-- A webhook is a hook for each thing that it is told, in its dialect's words; it is not counted, being one.
ALTER TABLE delivery RENAME TO delivery_before;
ALTER TABLE hook RENAME TO hook_before;
CREATE TABLE hook (
  id       BLOB PRIMARY KEY CHECK (length(id) = 16),
  dialect  TEXT NOT NULL DEFAULT 'tibillet' CHECK (dialect IN ('tibillet', 'roomle')),
  event    TEXT NOT NULL CHECK (event IN ('RV', 'MV', 'PA', 'TS', 'RF', 'PC', 'TU', 'TC')),
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
  CONSTRAINT hook_once UNIQUE (dialect, event, url)
) STRICT;
CREATE TABLE delivery (
  id       BLOB PRIMARY KEY CHECK (length(id) = 16),
  hook     BLOB NOT NULL REFERENCES hook (id) ON DELETE CASCADE,
  -- The reservation, membership, payment, ticket, refund or tenant.
  subject  BLOB NOT NULL CHECK (length(subject) = 16),
  state    TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'given_up')),
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  next_try INTEGER NOT NULL,
  created  INTEGER NOT NULL
) STRICT;
INSERT INTO hook (id, event, url, secret, active, failures, failing, last, created)
  SELECT id, event, url, secret, active, failures, failing, last, created FROM hook_before;
INSERT INTO delivery (id, hook, subject, state, attempts, next_try, created)
  SELECT id, hook, subject, state, attempts, next_try, created FROM delivery_before;
DROP TABLE delivery_before;
DROP TABLE hook_before;
CREATE INDEX delivery_next ON delivery (next_try) WHERE state = 'waiting';
CREATE INDEX delivery_hook ON delivery (hook, created);
CREATE TRIGGER hook_tally_up AFTER INSERT ON hook WHEN new.dialect = 'tibillet'
  BEGIN UPDATE tally SET rows = rows + 1 WHERE kind = 'hook'; END;
CREATE TRIGGER hook_tally_down AFTER DELETE ON hook WHEN old.dialect = 'tibillet'
  BEGIN UPDATE tally SET rows = rows - 1 WHERE kind = 'hook'; END;
