-- Mail of every kind, tried again when it fails, with its state to show.

ALTER TABLE outbox RENAME TO outbox_before;
CREATE TABLE outbox (
  id        BLOB PRIMARY KEY CHECK (length(id) = 16),
  kind      TEXT NOT NULL CHECK (kind IN
    ('confirm_email', 'tickets', 'membership', 'order_cancelled', 'waiting_offer', 'membership_ends')),
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
INSERT INTO outbox (id, kind, recipient, account, state, next_try, created, settled)
  SELECT id, kind, recipient, account, state, created, created, iif(state = 'waiting', NULL, created) FROM outbox_before;
DROP TABLE outbox_before;
-- One of each kind waits at the most.
CREATE UNIQUE INDEX outbox_waits ON outbox (account, kind, ifnull(subject, x'')) WHERE state = 'waiting';
CREATE INDEX outbox_next ON outbox (next_try) WHERE state = 'waiting';
CREATE INDEX outbox_created ON outbox (created);
CREATE INDEX outbox_account ON outbox (account, kind, created);
