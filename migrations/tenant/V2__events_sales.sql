-- Selling: events, orders with what they hold, tickets, payments, memberships.

CREATE TABLE event (
  id                BLOB PRIMARY KEY CHECK (length(id) = 16),
  name              TEXT NOT NULL,
  slug              TEXT NOT NULL CONSTRAINT event_slug UNIQUE,
  category          TEXT NOT NULL CHECK (category IN ('LIV', 'FES', 'REU', 'CON', 'RES', 'CHT', 'ACT')),
  short_description TEXT,
  long_description  TEXT,
  link              TEXT,
  -- Microseconds from 1970 to the end of 2199.
  starts            INTEGER NOT NULL CHECK (starts BETWEEN 0 AND 7258118400000000),
  ends              INTEGER CHECK (ends > starts),
  gauge             INTEGER NOT NULL CHECK (gauge BETWEEN 0 AND 1000000),
  max_per_user      INTEGER NOT NULL CHECK (max_per_user BETWEEN 0 AND 32767),
  minimum_cashless  INTEGER NOT NULL DEFAULT 0 CHECK (minimum_cashless >= 0),
  published         INTEGER NOT NULL CHECK (published IN (0, 1)),
  image             TEXT,
  -- Seats that are sold or held; those of a hold that has run out are given back by the next write.
  taken             INTEGER NOT NULL DEFAULT 0 CONSTRAINT event_gauge CHECK (taken BETWEEN 0 AND gauge),
  created           INTEGER NOT NULL,
  CONSTRAINT event_name UNIQUE (name, starts)
) STRICT;
CREATE INDEX event_order ON event (starts, id);

CREATE TABLE event_product (
  event   BLOB NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  product BLOB NOT NULL REFERENCES product (id),
  PRIMARY KEY (event, product)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_product_product ON event_product (product);

CREATE TABLE event_option (
  event  BLOB NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  option BLOB NOT NULL REFERENCES option (id),
  kind   TEXT NOT NULL CHECK (kind IN ('radio', 'checkbox')),
  PRIMARY KEY (event, kind, option)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_option_option ON event_option (option);

CREATE TABLE event_tag (
  event BLOB NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  tag   TEXT NOT NULL,
  PRIMARY KEY (event, tag)
) STRICT, WITHOUT ROWID;

-- Who plays: tenants of the house, each with its own hour.
CREATE TABLE event_artist (
  event  BLOB NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  artist BLOB NOT NULL CHECK (length(artist) = 16),
  starts INTEGER NOT NULL,
  PRIMARY KEY (event, artist)
) STRICT, WITHOUT ROWID;

-- Pieces that are sold or held, as for `event.taken`. A price may not be sold beyond its stock.
ALTER TABLE price ADD COLUMN taken INTEGER NOT NULL DEFAULT 0 CONSTRAINT price_stock CHECK (taken >= 0 AND (stock IS NULL OR taken <= stock));
CREATE INDEX price_of_product ON price (product) WHERE archived = 0;

-- One buyer, one payment. What is scarce is taken when an order is placed and given back when it ends unpaid.
CREATE TABLE orders (
  id       BLOB PRIMARY KEY CHECK (length(id) = 16),
  account  BLOB NOT NULL CHECK (length(account) = 16),
  email    TEXT NOT NULL,
  state    TEXT NOT NULL CHECK (state IN ('held', 'paid', 'expired', 'cancelled', 'refunded')),
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  total    INTEGER NOT NULL CHECK (total >= 0),
  vat      INTEGER NOT NULL CHECK (vat BETWEEN 0 AND total),
  -- Until when what is held stays held.
  expires  INTEGER NOT NULL,
  placed   INTEGER NOT NULL,
  settled  INTEGER,
  CHECK ((state = 'held') = (settled IS NULL))
) STRICT;
CREATE INDEX orders_held ON orders (expires) WHERE state = 'held';
CREATE INDEX orders_account ON orders (account);
CREATE INDEX orders_placed ON orders (placed);
CREATE TRIGGER orders_keep BEFORE UPDATE OF id, account, email, currency, total, vat, placed ON orders
BEGIN SELECT raise(ABORT, 'an order is never rewritten'); END;
CREATE TRIGGER orders_stay BEFORE DELETE ON orders BEGIN SELECT raise(ABORT, 'an order is never deleted'); END;

-- What an order has of one event: a reservation.
CREATE TABLE booking (
  id      BLOB PRIMARY KEY CHECK (length(id) = 16),
  orders  BLOB NOT NULL REFERENCES orders (id),
  event   BLOB NOT NULL REFERENCES event (id),
  to_mail INTEGER NOT NULL CHECK (to_mail IN (0, 1)),
  -- Waits for a buyer to prove their e-mail, before its tickets open anything.
  proven  INTEGER NOT NULL CHECK (proven IN (0, 1)),
  -- Its tickets have been handed to the mail.
  mailed  INTEGER NOT NULL DEFAULT 0 CHECK (mailed IN (0, 1)),
  changed INTEGER NOT NULL
) STRICT;
CREATE INDEX booking_orders ON booking (orders);
CREATE INDEX booking_event ON booking (event);
CREATE INDEX booking_changed ON booking (changed);

CREATE TABLE booking_option (
  booking BLOB NOT NULL REFERENCES booking (id),
  option  BLOB NOT NULL REFERENCES option (id),
  PRIMARY KEY (booking, option)
) STRICT, WITHOUT ROWID;

-- Lines as sold: names and amounts stay what they were. `vat_rate` is in hundredths of a percent, `vat` is in `total`.
CREATE TABLE line (
  id       BLOB PRIMARY KEY CHECK (length(id) = 16),
  orders   BLOB NOT NULL REFERENCES orders (id),
  booking  BLOB REFERENCES booking (id),
  account  BLOB NOT NULL CHECK (length(account) = 16),
  event    BLOB REFERENCES event (id),
  product  BLOB NOT NULL REFERENCES product (id),
  price    BLOB NOT NULL REFERENCES price (id),
  category TEXT NOT NULL,
  product_name TEXT NOT NULL,
  price_name   TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 32767),
  unit     INTEGER NOT NULL CHECK (unit >= 0),
  vat_rate INTEGER NOT NULL CHECK (vat_rate BETWEEN 0 AND 10000),
  vat      INTEGER NOT NULL CHECK (vat BETWEEN 0 AND total),
  total    INTEGER NOT NULL CHECK (total = unit * quantity),
  -- How long what was bought lasts, as it was sold.
  period   TEXT NOT NULL,
  -- Pieces of it that were given back.
  returned INTEGER NOT NULL DEFAULT 0 CHECK (returned BETWEEN 0 AND quantity)
) STRICT;
CREATE INDEX line_orders ON line (orders);
CREATE INDEX line_person ON line (account, price) WHERE returned < quantity;
CREATE INDEX line_price ON line (price);
CREATE INDEX line_product ON line (product);
CREATE INDEX line_event ON line (event, account) WHERE returned < quantity;
CREATE TRIGGER line_keep BEFORE UPDATE OF id, orders, account, event, product, price, quantity, unit, vat_rate, vat, total ON line
BEGIN SELECT raise(ABORT, 'a line is never rewritten'); END;
CREATE TRIGGER line_stay BEFORE DELETE ON line BEGIN SELECT raise(ABORT, 'a line is never deleted'); END;

-- One seat. Inactive until it is paid or proven; then open, scanned, or void.
CREATE TABLE ticket (
  id         BLOB PRIMARY KEY CHECK (length(id) = 16),
  line       BLOB NOT NULL REFERENCES line (id),
  booking    BLOB NOT NULL REFERENCES booking (id),
  event      BLOB NOT NULL REFERENCES event (id),
  state      TEXT NOT NULL CHECK (state IN ('N', 'K', 'S', 'R')),
  first_name TEXT NOT NULL,
  last_name  TEXT NOT NULL,
  seat       TEXT NOT NULL DEFAULT 'L'
) STRICT;
CREATE INDEX ticket_booking ON ticket (booking);
CREATE INDEX ticket_event ON ticket (event, state);
CREATE INDEX ticket_line ON ticket (line);

-- Each pass at a gate, allowed or not; never changed.
CREATE TABLE scan (
  id      INTEGER PRIMARY KEY,
  ticket  BLOB NOT NULL REFERENCES ticket (id),
  at      INTEGER NOT NULL,
  gate    TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('in', 'out', 'refused')),
  actor   TEXT NOT NULL
) STRICT;
CREATE INDEX scan_ticket ON scan (ticket, id);

-- Money in and money back; never changed. An order is paid when its payments reach its total.
CREATE TABLE payment (
  id        BLOB PRIMARY KEY CHECK (length(id) = 16),
  orders    BLOB NOT NULL REFERENCES orders (id),
  means     TEXT NOT NULL CHECK (means IN ('free', 'cash', 'cheque', 'transfer', 'terminal', 'stripe')),
  amount    INTEGER NOT NULL CHECK (amount >= 0),
  reference TEXT,
  actor     TEXT NOT NULL,
  created   INTEGER NOT NULL
) STRICT;
CREATE INDEX payment_orders ON payment (orders);
CREATE INDEX payment_created ON payment (created);

CREATE TABLE refund (
  id      BLOB PRIMARY KEY CHECK (length(id) = 16),
  orders  BLOB NOT NULL REFERENCES orders (id),
  means   TEXT NOT NULL CHECK (means IN ('free', 'cash', 'cheque', 'transfer', 'terminal', 'stripe')),
  amount  INTEGER NOT NULL CHECK (amount >= 0),
  -- Noted, not handed over yet.
  owed    INTEGER NOT NULL CHECK (owed IN (0, 1)),
  reason  TEXT NOT NULL,
  actor   TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX refund_orders ON refund (orders);

-- The accountant's paper for each refund, numbered without gaps.
CREATE TABLE credit_note (
  no      INTEGER PRIMARY KEY,
  refund  BLOB NOT NULL UNIQUE REFERENCES refund (id),
  amount  INTEGER NOT NULL CHECK (amount >= 0),
  vat     INTEGER NOT NULL CHECK (vat BETWEEN 0 AND amount),
  created INTEGER NOT NULL
) STRICT;
CREATE TRIGGER payment_keep BEFORE UPDATE ON payment BEGIN SELECT raise(ABORT, 'a payment is never rewritten'); END;
CREATE TRIGGER payment_stay BEFORE DELETE ON payment BEGIN SELECT raise(ABORT, 'a payment is never deleted'); END;
CREATE TRIGGER refund_keep BEFORE UPDATE OF id, orders, means, amount, reason, actor, created ON refund
BEGIN SELECT raise(ABORT, 'a refund is never rewritten'); END;
CREATE TRIGGER refund_stay BEFORE DELETE ON refund BEGIN SELECT raise(ABORT, 'a refund is never deleted'); END;
CREATE TRIGGER credit_note_keep BEFORE UPDATE ON credit_note BEGIN SELECT raise(ABORT, 'a credit note is never rewritten'); END;
CREATE TRIGGER credit_note_stay BEFORE DELETE ON credit_note BEGIN SELECT raise(ABORT, 'a credit note is never deleted'); END;
CREATE TRIGGER scan_keep BEFORE UPDATE ON scan BEGIN SELECT raise(ABORT, 'a scan is never rewritten'); END;
CREATE TRIGGER scan_stay BEFORE DELETE ON scan BEGIN SELECT raise(ABORT, 'a scan is never deleted'); END;

-- Who is a member by which price; renewed in place, one row a person and price.
CREATE TABLE membership (
  id           BLOB PRIMARY KEY CHECK (length(id) = 16),
  account      BLOB NOT NULL CHECK (length(account) = 16),
  email        TEXT NOT NULL,
  product      BLOB NOT NULL REFERENCES product (id),
  price        BLOB NOT NULL REFERENCES price (id),
  first_name   TEXT,
  last_name    TEXT,
  phone        TEXT,
  postal_code  INTEGER,
  birth_date   TEXT,
  newsletter   INTEGER NOT NULL CHECK (newsletter IN (0, 1)),
  first_paid   INTEGER,
  last_paid    INTEGER,
  -- The moment from which it is no longer valid; none with a payment: for life.
  ends         INTEGER,
  contribution INTEGER NOT NULL DEFAULT 0 CHECK (contribution >= 0),
  created      INTEGER NOT NULL,
  CONSTRAINT membership_person UNIQUE (account, price)
) STRICT;
CREATE INDEX membership_product ON membership (product, account);
CREATE INDEX membership_ends ON membership (ends) WHERE ends IS NOT NULL;

-- Answers to POSTs that came with an Idempotency-Key; kept for 7 days.
CREATE TABLE answered (
  key     TEXT PRIMARY KEY,
  digest  BLOB NOT NULL CHECK (length(digest) = 32),
  status  INTEGER NOT NULL,
  body    BLOB NOT NULL,
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX answered_created ON answered (created);

CREATE INDEX outbox_account ON outbox (account) WHERE state = 'waiting';

-- Secrets of this tenant's own: the seed of the key that signs its tickets.
CREATE TABLE secret (
  name  TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO tally (kind, rows) VALUES ('event', 0);
CREATE TRIGGER event_tally_up AFTER INSERT ON event BEGIN UPDATE tally SET rows = rows + 1 WHERE kind = 'event'; END;
CREATE TRIGGER event_tally_down AFTER DELETE ON event BEGIN UPDATE tally SET rows = rows - 1 WHERE kind = 'event'; END;
