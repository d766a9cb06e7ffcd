-- Who pays for goods alone is mailed what was bought.

CREATE TABLE outbox_new (
  id        BLOB PRIMARY KEY CHECK (length(id) = 16),
  kind      TEXT NOT NULL CHECK (kind IN
    ('confirm_email', 'tickets', 'membership', 'order_cancelled', 'waiting_joined', 'waiting_offer', 'membership_ends',
     'terminal_digits', 'invitation', 'order_paid')),
  recipient TEXT NOT NULL,
  account   BLOB NOT NULL CHECK (length(account) = 16),
  -- What it is about: a reservation, an order, a price of membership, a wish on a waiting list; none for an address.
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
INSERT INTO outbox_new (id, kind, recipient, account, subject, state, attempts, next_try, error, created, settled)
  SELECT id, kind, recipient, account, subject, state, attempts, next_try, error, created, settled FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_new RENAME TO outbox;
CREATE INDEX outbox_account ON outbox (account, kind, created);
CREATE INDEX outbox_created ON outbox (created);
CREATE INDEX outbox_next ON outbox (next_try) WHERE state = 'waiting';
CREATE UNIQUE INDEX outbox_waits ON outbox (account, kind, ifnull(subject, x'')) WHERE state = 'waiting';
