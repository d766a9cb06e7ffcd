-- Through which channel is sold, numbers for what is named by them, fees of channels and of whole purchases, and transfers that are awaited.

-- The channel, as root knows it; none in orders from before.
ALTER TABLE orders ADD COLUMN distribution BLOB CHECK (length(distribution) = 16);
CREATE TRIGGER orders_keep_distribution BEFORE UPDATE OF distribution ON orders
BEGIN SELECT raise(ABORT, 'an order is never rewritten'); END;
CREATE INDEX orders_distribution ON orders (distribution) WHERE distribution IS NOT NULL;

-- Where an event is offered; without a row: through all channels of the tenant.
CREATE TABLE event_distribution (
  event        BLOB NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  distribution BLOB NOT NULL CHECK (length(distribution) = 16),
  PRIMARY KEY (event, distribution)
) STRICT, WITHOUT ROWID;

-- A number names one thing in all tenants' files: root gives each file blocks of them.
CREATE TABLE number (
  no      INTEGER PRIMARY KEY,
  subject BLOB NOT NULL CONSTRAINT number_subject UNIQUE CHECK (length(subject) = 16)
) STRICT;
CREATE TABLE number_block (
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  next INTEGER NOT NULL,
  last INTEGER NOT NULL,
  CONSTRAINT number_block_end CHECK (next <= last + 1)
) STRICT;
INSERT INTO number_block (one, next, last) VALUES (1, 1, 0);
-- What was made and has no number yet: the write that made it ends by giving it one.
CREATE TABLE unnumbered (
  seq     INTEGER PRIMARY KEY,
  subject BLOB NOT NULL CONSTRAINT unnumbered_subject UNIQUE CHECK (length(subject) = 16)
) STRICT;
-- What is sold for an event, by a name of its own: a price may be sold for many events. Stays when it is no longer sold there.
CREATE TABLE ticket_type (
  id    BLOB NOT NULL CONSTRAINT ticket_type_id UNIQUE CHECK (length(id) = 16),
  event BLOB NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  price BLOB NOT NULL REFERENCES price (id) ON DELETE CASCADE,
  PRIMARY KEY (event, price)
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_type_price ON ticket_type (price);
CREATE TRIGGER ticket_type_number AFTER INSERT ON ticket_type BEGIN INSERT INTO unnumbered (subject) VALUES (NEW.id); END;
INSERT INTO ticket_type (id, event, price)
  SELECT randomblob(16), event, price.id FROM event_product JOIN price ON price.product = event_product.product;
CREATE TRIGGER ticket_type_event AFTER INSERT ON event_product
BEGIN
  INSERT OR IGNORE INTO ticket_type (id, event, price) SELECT randomblob(16), NEW.event, id FROM price WHERE product = NEW.product;
END;
CREATE TRIGGER ticket_type_new AFTER INSERT ON price
BEGIN
  INSERT OR IGNORE INTO ticket_type (id, event, price) SELECT randomblob(16), event, NEW.id FROM event_product WHERE product = NEW.product;
END;
CREATE TRIGGER ticket_type_moved AFTER UPDATE OF product ON price WHEN NEW.product <> OLD.product
BEGIN
  INSERT OR IGNORE INTO ticket_type (id, event, price) SELECT randomblob(16), event, NEW.id FROM event_product WHERE product = NEW.product;
END;
INSERT INTO unnumbered (subject) SELECT id FROM event UNION ALL SELECT id FROM orders UNION ALL SELECT id FROM ticket
  UNION SELECT id FROM payment UNION SELECT id FROM checkout UNION SELECT id FROM fee;
CREATE TRIGGER event_number AFTER INSERT ON event BEGIN INSERT INTO unnumbered (subject) VALUES (NEW.id); END;
CREATE TRIGGER orders_number AFTER INSERT ON orders BEGIN INSERT INTO unnumbered (subject) VALUES (NEW.id); END;
CREATE TRIGGER ticket_number AFTER INSERT ON ticket BEGIN INSERT INTO unnumbered (subject) VALUES (NEW.id); END;
-- A payment online is the checkout that it began as.
CREATE TRIGGER checkout_number AFTER INSERT ON checkout BEGIN INSERT INTO unnumbered (subject) VALUES (NEW.id); END;
CREATE TRIGGER payment_number AFTER INSERT ON payment
WHEN NOT EXISTS (SELECT 1 FROM checkout WHERE id = NEW.id)
BEGIN INSERT INTO unnumbered (subject) VALUES (NEW.id); END;

-- Fees of a channel, and fees that are taken once of a whole purchase.
DROP TRIGGER fee_once_new;
DROP TRIGGER fee_once_changed;
DROP TRIGGER fee_tally_up;
DROP TRIGGER fee_tally_archived;
DROP TRIGGER fee_tally_down;
ALTER TABLE fee RENAME TO fee_before;
DROP INDEX fee_organizer;
DROP INDEX fee_of_event;
DROP INDEX fee_of_price;
DROP INDEX fee_order;
CREATE TABLE fee (
  id         BLOB PRIMARY KEY CHECK (length(id) = 16),
  name       TEXT NOT NULL CHECK (name <> ''),
  scope      TEXT NOT NULL CHECK (scope IN ('organizer', 'distribution', 'event', 'price')),
  event      BLOB REFERENCES event (id) ON DELETE CASCADE,
  price      BLOB REFERENCES price (id) ON DELETE CASCADE,
  distribution BLOB CHECK (length(distribution) = 16),
  payer      TEXT NOT NULL CHECK (payer IN ('customer', 'organizer')),
  unit       TEXT NOT NULL DEFAULT 'ticket' CHECK (unit IN ('ticket', 'purchase')),
  fixed      INTEGER NOT NULL CHECK (fixed BETWEEN 0 AND 99999999),
  percent    INTEGER NOT NULL CHECK (percent BETWEEN 0 AND 10000),
  minimum    INTEGER CHECK (minimum BETWEEN 0 AND 99999999),
  maximum    INTEGER CHECK (maximum BETWEEN 0 AND 99999999),
  -- Without a beginning, the band begins above 0: what is free has fees only where that was said.
  price_from INTEGER CHECK (price_from BETWEEN 0 AND 99999999),
  price_to   INTEGER CHECK (price_to BETWEEN 0 AND 99999999),
  vat_rate   INTEGER NOT NULL DEFAULT 0 CHECK (vat_rate BETWEEN 0 AND 10000),
  active     INTEGER NOT NULL CHECK (active IN (0, 1)),
  archived   INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1)),
  created    INTEGER NOT NULL,
  CONSTRAINT fee_event CHECK ((scope = 'event') = (event IS NOT NULL)),
  CONSTRAINT fee_price CHECK ((scope = 'price') = (price IS NOT NULL)),
  CONSTRAINT fee_distribution CHECK ((scope = 'distribution') = (distribution IS NOT NULL)),
  CONSTRAINT fee_bounds CHECK (minimum <= maximum),
  CONSTRAINT fee_band CHECK (price_from <= price_to)
) STRICT;
INSERT INTO fee (id, name, scope, event, price, payer, fixed, percent, minimum, maximum, price_from, price_to, active, archived, created)
  SELECT id, name, scope, event, price, payer, fixed, percent, minimum, maximum, price_from, price_to, active, archived, created
  FROM fee_before;
DROP TABLE fee_before;
CREATE INDEX fee_organizer ON fee (name) WHERE scope = 'organizer' AND archived = 0;
CREATE INDEX fee_of_distribution ON fee (distribution) WHERE distribution IS NOT NULL;
CREATE INDEX fee_of_event ON fee (event) WHERE event IS NOT NULL;
CREATE INDEX fee_of_price ON fee (price) WHERE price IS NOT NULL;
CREATE INDEX fee_order ON fee (created, id) WHERE archived = 0;
CREATE TRIGGER fee_number AFTER INSERT ON fee BEGIN INSERT INTO unnumbered (subject) VALUES (NEW.id); END;
CREATE TRIGGER fee_once_new BEFORE INSERT ON fee
WHEN EXISTS (SELECT 1 FROM fee WHERE name = NEW.name AND archived = 0 AND id <> NEW.id AND scope = NEW.scope AND unit = NEW.unit
    AND event IS NEW.event AND price IS NEW.price AND distribution IS NEW.distribution
    AND coalesce(price_from, 1) <= coalesce(NEW.price_to, 99999999)
    AND coalesce(NEW.price_from, 1) <= coalesce(price_to, 99999999))
BEGIN SELECT raise(ABORT, 'failed: fee_once'); END;
CREATE TRIGGER fee_once_changed BEFORE UPDATE ON fee
WHEN NEW.archived = 0 AND EXISTS (SELECT 1 FROM fee WHERE name = NEW.name AND archived = 0 AND id <> NEW.id
    AND scope = NEW.scope AND unit = NEW.unit AND event IS NEW.event AND price IS NEW.price
    AND distribution IS NEW.distribution
    AND coalesce(price_from, 1) <= coalesce(NEW.price_to, 99999999)
    AND coalesce(NEW.price_from, 1) <= coalesce(price_to, 99999999))
BEGIN SELECT raise(ABORT, 'failed: fee_once'); END;
CREATE TRIGGER fee_tally_up AFTER INSERT ON fee BEGIN UPDATE tally SET rows = rows + 1 WHERE kind = 'fee'; END;
CREATE TRIGGER fee_tally_archived AFTER UPDATE OF archived ON fee WHEN NEW.archived <> OLD.archived
BEGIN UPDATE tally SET rows = rows + OLD.archived - NEW.archived WHERE kind = 'fee'; END;
CREATE TRIGGER fee_tally_down AFTER DELETE ON fee WHEN OLD.archived = 0
BEGIN UPDATE tally SET rows = rows - 1 WHERE kind = 'fee'; END;

-- Which fees make up what a line was sold with, a piece; a fee of the house stands in root.
CREATE TABLE line_fee (
  line   BLOB NOT NULL REFERENCES line (id),
  fee    BLOB NOT NULL CHECK (length(fee) = 16),
  name   TEXT NOT NULL,
  payer  TEXT NOT NULL CHECK (payer IN ('customer', 'organizer')),
  amount INTEGER NOT NULL CHECK (amount >= 0),
  PRIMARY KEY (line, fee)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER line_fee_keep BEFORE UPDATE ON line_fee BEGIN SELECT raise(ABORT, 'a line is never rewritten'); END;
CREATE TRIGGER line_fee_stay BEFORE DELETE ON line_fee BEGIN SELECT raise(ABORT, 'a line is never deleted'); END;

-- Money that a buyer said would come by bank; staff record it as a payment when it is there.
CREATE TABLE transfer (
  id        BLOB PRIMARY KEY CHECK (length(id) = 16),
  orders    BLOB NOT NULL CONSTRAINT transfer_once UNIQUE REFERENCES orders (id),
  amount    INTEGER NOT NULL CHECK (amount > 0),
  account   TEXT NOT NULL,
  reference TEXT NOT NULL,
  due       INTEGER NOT NULL,
  created   INTEGER NOT NULL
) STRICT;
CREATE TRIGGER transfer_number AFTER INSERT ON transfer BEGIN INSERT INTO unnumbered (subject) VALUES (NEW.id); END;

-- Letters that ask somebody to work here.
ALTER TABLE outbox RENAME TO outbox_before;
DROP INDEX outbox_waits;
DROP INDEX outbox_next;
DROP INDEX outbox_created;
DROP INDEX outbox_account;
CREATE TABLE outbox (
  id        BLOB PRIMARY KEY CHECK (length(id) = 16),
  kind      TEXT NOT NULL CHECK (kind IN
    ('confirm_email', 'tickets', 'membership', 'order_cancelled', 'waiting_joined', 'waiting_offer', 'membership_ends',
     'terminal_digits', 'invitation', 'order_paid', 'invite')),
  recipient TEXT NOT NULL,
  account   BLOB NOT NULL CHECK (length(account) = 16),
  -- What it is about: a reservation, an order, a price of membership, an invitation; none for an address.
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
CREATE UNIQUE INDEX outbox_waits ON outbox (account, kind, ifnull(subject, x'')) WHERE state = 'waiting';
CREATE INDEX outbox_next ON outbox (next_try) WHERE state = 'waiting';
CREATE INDEX outbox_created ON outbox (created);
CREATE INDEX outbox_account ON outbox (account, kind, created);
