CREATE TABLE answered (
  key     TEXT PRIMARY KEY,
  digest  BLOB NOT NULL CHECK (length(digest) = 32),
  status  INTEGER NOT NULL,
  body    BLOB NOT NULL,
  created INTEGER NOT NULL
, checkout BLOB REFERENCES checkout (id)) STRICT, WITHOUT ROWID;
CREATE INDEX answered_checkout ON answered (checkout) WHERE checkout IS NOT NULL;
CREATE INDEX answered_created ON answered (created);
CREATE TABLE audit (
  id      INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  action  TEXT NOT NULL,
  subject BLOB
) STRICT;
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
CREATE INDEX booking_changed ON booking (changed);
CREATE INDEX booking_event ON booking (event);
CREATE INDEX booking_orders ON booking (orders);
CREATE TABLE booking_option (
  booking BLOB NOT NULL REFERENCES booking (id),
  option  BLOB NOT NULL REFERENCES option (id),
  PRIMARY KEY (booking, option)
) STRICT, WITHOUT ROWID;
CREATE TABLE catalogue_item (
  catalogue TEXT NOT NULL,
  product   BLOB REFERENCES product (id) ON DELETE CASCADE,
  event     BLOB REFERENCES event (id) ON DELETE CASCADE,
  CONSTRAINT catalogue_item_one CHECK ((product IS NULL) <> (event IS NULL)),
  CONSTRAINT catalogue_item_product UNIQUE (catalogue, product),
  CONSTRAINT catalogue_item_event UNIQUE (catalogue, event)
) STRICT;
CREATE INDEX catalogue_item_of_event ON catalogue_item (event) WHERE event IS NOT NULL;
CREATE INDEX catalogue_item_of_product ON catalogue_item (product) WHERE product IS NOT NULL;
CREATE TABLE checkout (
  id        BLOB PRIMARY KEY CHECK (length(id) = 16),
  orders    BLOB NOT NULL UNIQUE REFERENCES orders (id),
  amount    INTEGER NOT NULL CHECK (amount > 0),
  currency  TEXT NOT NULL CHECK (length(currency) = 3),
  state     TEXT NOT NULL CHECK (state IN ('asked', 'open', 'paid', 'returned', 'expired', 'failed')),
  -- As they were said to Stripe: asked again, it must hear the same words.
  return_to TEXT NOT NULL,
  ends      INTEGER NOT NULL,
  session   TEXT UNIQUE,
  intent    TEXT UNIQUE,
  url       TEXT,
  looks     INTEGER NOT NULL DEFAULT 0 CHECK (looks >= 0),
  -- From when Stripe is to be asked how it stands; while it is undecided.
  next_look INTEGER,
  created   INTEGER NOT NULL,
  settled   INTEGER,
  CHECK ((state IN ('asked', 'open')) = (settled IS NULL)),
  CHECK ((state IN ('asked', 'open')) = (next_look IS NOT NULL)),
  CHECK (state <> 'open' OR (session IS NOT NULL AND url IS NOT NULL)),
  CHECK ((state IN ('paid', 'returned')) = (intent IS NOT NULL))
) STRICT;
CREATE INDEX checkout_next ON checkout (next_look) WHERE next_look IS NOT NULL;
CREATE TRIGGER checkout_decided BEFORE UPDATE OF state ON checkout WHEN OLD.state = 'returned' OR (OLD.state = 'paid' AND NEW.state <> 'returned')
BEGIN SELECT raise(ABORT, 'a checkout that was paid stays so'); END;
CREATE TRIGGER checkout_keep BEFORE UPDATE OF id, orders, amount, currency, return_to, ends, created ON checkout
BEGIN SELECT raise(ABORT, 'a checkout is never rewritten'); END;
CREATE TRIGGER checkout_number AFTER INSERT ON checkout BEGIN INSERT INTO unnumbered (subject) VALUES (NEW.id); END;
CREATE TRIGGER checkout_stay BEFORE DELETE ON checkout BEGIN SELECT raise(ABORT, 'a checkout is never deleted'); END;
CREATE TABLE credit_note (
  no      INTEGER PRIMARY KEY,
  refund  BLOB NOT NULL UNIQUE REFERENCES refund (id),
  amount  INTEGER NOT NULL CHECK (amount >= 0),
  vat     INTEGER NOT NULL CHECK (vat BETWEEN 0 AND amount),
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX credit_note_created ON credit_note (created);
CREATE TRIGGER credit_note_keep BEFORE UPDATE ON credit_note BEGIN SELECT raise(ABORT, 'a credit note is never rewritten'); END;
CREATE TRIGGER credit_note_stay BEFORE DELETE ON credit_note BEGIN SELECT raise(ABORT, 'a credit note is never deleted'); END;
CREATE TABLE credit_part (
  note     INTEGER NOT NULL REFERENCES credit_note (no),
  vat_rate INTEGER CHECK (vat_rate BETWEEN 0 AND 10000),
  amount   INTEGER NOT NULL CHECK (amount >= 0),
  vat      INTEGER NOT NULL CHECK (vat BETWEEN 0 AND amount),
  CONSTRAINT credit_part_rate UNIQUE (note, vat_rate)
) STRICT;
CREATE TRIGGER credit_part_keep BEFORE UPDATE ON credit_part BEGIN SELECT raise(ABORT, 'a credit note is never rewritten'); END;
CREATE TRIGGER credit_part_stay BEFORE DELETE ON credit_part BEGIN SELECT raise(ABORT, 'a credit note is never deleted'); END;
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
CREATE INDEX delivery_hook ON delivery (hook, created);
CREATE INDEX delivery_next ON delivery (next_try) WHERE state = 'waiting';
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
  created           INTEGER NOT NULL, series BLOB CHECK (length(series) = 16), changed INTEGER NOT NULL DEFAULT 0, offered INTEGER NOT NULL DEFAULT 0
  CONSTRAINT event_offered CHECK (offered >= 0 AND taken + offered <= gauge), cancelled INTEGER, deleted INTEGER,
  CONSTRAINT event_name UNIQUE (name, starts)
) STRICT;
CREATE INDEX event_cancelled ON event (starts) WHERE cancelled IS NOT NULL;
CREATE INDEX event_image ON event (image) WHERE image IS NOT NULL;
CREATE INDEX event_order ON event (starts, id);
CREATE INDEX event_series ON event (series, starts) WHERE series IS NOT NULL;
CREATE TRIGGER event_number AFTER INSERT ON event BEGIN INSERT INTO unnumbered (subject) VALUES (NEW.id); END;
CREATE TRIGGER event_tally_down AFTER DELETE ON event BEGIN UPDATE tally SET rows = rows - 1 WHERE kind = 'event'; END;
CREATE TRIGGER event_tally_up AFTER INSERT ON event BEGIN UPDATE tally SET rows = rows + 1 WHERE kind = 'event'; END;
CREATE TABLE event_artist (
  event  BLOB NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  artist BLOB NOT NULL CHECK (length(artist) = 16),
  starts INTEGER NOT NULL,
  PRIMARY KEY (event, artist)
) STRICT, WITHOUT ROWID;
CREATE TABLE event_distribution (
  event        BLOB NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  distribution BLOB NOT NULL CHECK (length(distribution) = 16),
  PRIMARY KEY (event, distribution)
) STRICT, WITHOUT ROWID;
CREATE TABLE event_option (
  event  BLOB NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  option BLOB NOT NULL REFERENCES option (id),
  kind   TEXT NOT NULL CHECK (kind IN ('radio', 'checkbox')),
  PRIMARY KEY (event, kind, option)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_option_option ON event_option (option);
CREATE TABLE event_product (
  event   BLOB NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  product BLOB NOT NULL REFERENCES product (id),
  PRIMARY KEY (event, product)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_product_product ON event_product (product);
CREATE TRIGGER ticket_type_event AFTER INSERT ON event_product
BEGIN
  INSERT OR IGNORE INTO ticket_type (id, event, price) SELECT randomblob(16), NEW.event, id FROM price WHERE product = NEW.product;
END;
CREATE TABLE event_tag (
  event BLOB NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  tag   TEXT NOT NULL,
  PRIMARY KEY (event, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_tag_tag ON event_tag (tag);
CREATE TRIGGER event_tag_known AFTER INSERT ON event_tag
BEGIN
  INSERT OR IGNORE INTO tag (id, label, created, changed)
  SELECT NEW.tag, NEW.tag, changed, changed FROM event WHERE id = NEW.event;
END;
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
CREATE INDEX fee_of_distribution ON fee (distribution) WHERE distribution IS NOT NULL;
CREATE INDEX fee_of_event ON fee (event) WHERE event IS NOT NULL;
CREATE INDEX fee_of_price ON fee (price) WHERE price IS NOT NULL;
CREATE INDEX fee_order ON fee (created, id) WHERE archived = 0;
CREATE INDEX fee_organizer ON fee (name) WHERE scope = 'organizer' AND archived = 0;
CREATE TRIGGER fee_number AFTER INSERT ON fee BEGIN INSERT INTO unnumbered (subject) VALUES (NEW.id); END;
CREATE TRIGGER fee_once_changed BEFORE UPDATE ON fee
WHEN NEW.archived = 0 AND EXISTS (SELECT 1 FROM fee WHERE name = NEW.name AND archived = 0 AND id <> NEW.id
    AND scope = NEW.scope AND unit = NEW.unit AND event IS NEW.event AND price IS NEW.price
    AND distribution IS NEW.distribution
    AND coalesce(price_from, 1) <= coalesce(NEW.price_to, 99999999)
    AND coalesce(NEW.price_from, 1) <= coalesce(price_to, 99999999))
BEGIN SELECT raise(ABORT, 'failed: fee_once'); END;
CREATE TRIGGER fee_once_new BEFORE INSERT ON fee
WHEN EXISTS (SELECT 1 FROM fee WHERE name = NEW.name AND archived = 0 AND id <> NEW.id AND scope = NEW.scope AND unit = NEW.unit
    AND event IS NEW.event AND price IS NEW.price AND distribution IS NEW.distribution
    AND coalesce(price_from, 1) <= coalesce(NEW.price_to, 99999999)
    AND coalesce(NEW.price_from, 1) <= coalesce(price_to, 99999999))
BEGIN SELECT raise(ABORT, 'failed: fee_once'); END;
CREATE TRIGGER fee_tally_archived AFTER UPDATE OF archived ON fee WHEN NEW.archived <> OLD.archived
BEGIN UPDATE tally SET rows = rows + OLD.archived - NEW.archived WHERE kind = 'fee'; END;
CREATE TRIGGER fee_tally_down AFTER DELETE ON fee WHEN OLD.archived = 0
BEGIN UPDATE tally SET rows = rows - 1 WHERE kind = 'fee'; END;
CREATE TRIGGER fee_tally_up AFTER INSERT ON fee BEGIN UPDATE tally SET rows = rows + 1 WHERE kind = 'fee'; END;
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
CREATE TRIGGER hook_tally_down AFTER DELETE ON hook WHEN old.dialect = 'tibillet'
  BEGIN UPDATE tally SET rows = rows - 1 WHERE kind = 'hook'; END;
CREATE TRIGGER hook_tally_up AFTER INSERT ON hook WHEN new.dialect = 'tibillet'
  BEGIN UPDATE tally SET rows = rows + 1 WHERE kind = 'hook'; END;
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
CREATE TABLE "job" (
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
CREATE INDEX job_created ON job (created, id);
CREATE INDEX job_expires ON job (expires) WHERE expires IS NOT NULL;
CREATE INDEX job_next ON job (next_try) WHERE next_try IS NOT NULL;
CREATE INDEX job_told ON job (created, id) WHERE next_try IS NULL;
CREATE TRIGGER job_ends_once BEFORE UPDATE OF state ON job WHEN OLD.state IN (100, -1) AND NEW.state <> OLD.state
BEGIN SELECT raise(ABORT, 'a job that is over stays so'); END;
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
, discount INTEGER NOT NULL DEFAULT 0 CHECK (discount BETWEEN 0 AND 99999999), fee INTEGER NOT NULL DEFAULT 0 CONSTRAINT line_fee CHECK (fee BETWEEN 0 AND unit), withheld INTEGER NOT NULL DEFAULT 0 CHECK (withheld >= 0)) STRICT;
CREATE INDEX line_event ON line (event, account) WHERE returned < quantity;
CREATE INDEX line_orders ON line (orders);
CREATE INDEX line_person ON line (account, price) WHERE returned < quantity;
CREATE INDEX line_price ON line (price);
CREATE INDEX line_product ON line (product);
CREATE TRIGGER line_keep BEFORE UPDATE OF id, orders, account, event, product, price, quantity, unit, vat_rate, vat, total ON line
BEGIN SELECT raise(ABORT, 'a line is never rewritten'); END;
CREATE TRIGGER line_keep_discount BEFORE UPDATE OF discount ON line
BEGIN SELECT raise(ABORT, 'a line is never rewritten'); END;
CREATE TRIGGER line_keep_fees BEFORE UPDATE OF fee, withheld ON line
BEGIN SELECT raise(ABORT, 'a line is never rewritten'); END;
CREATE TRIGGER line_stay BEFORE DELETE ON line BEGIN SELECT raise(ABORT, 'a line is never deleted'); END;
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
CREATE TABLE media (
  name       TEXT NOT NULL,
  variation  TEXT NOT NULL,
  media_type TEXT NOT NULL,
  width      INTEGER NOT NULL,
  height     INTEGER NOT NULL,
  body       BLOB NOT NULL,
  created    INTEGER NOT NULL,
  PRIMARY KEY (name, variation)
) STRICT;
CREATE TRIGGER media_shown BEFORE DELETE ON media WHEN EXISTS (SELECT 1 FROM event WHERE image = OLD.name)
BEGIN SELECT raise(ABORT, 'an event shows this image'); END;
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
  created      INTEGER NOT NULL, reminded INTEGER,
  CONSTRAINT membership_person UNIQUE (account, price)
) STRICT;
CREATE INDEX membership_ends ON membership (ends) WHERE ends IS NOT NULL;
CREATE INDEX membership_product ON membership (product, account);
CREATE INDEX membership_unreminded ON membership (ends) WHERE ends IS NOT NULL AND reminded IS NOT ends;
CREATE TABLE membership_period (
  account BLOB NOT NULL CHECK (length(account) = 16),
  price   BLOB NOT NULL REFERENCES price (id),
  starts  INTEGER NOT NULL,
  -- None: for life.
  ends    INTEGER CHECK (ends > starts),
  PRIMARY KEY (account, price, starts)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE option (
  id          BLOB PRIMARY KEY CHECK (length(id) = 16),
  name        TEXT NOT NULL CONSTRAINT option_name UNIQUE,
  description TEXT,
  weight      INTEGER NOT NULL
) STRICT;
CREATE TRIGGER option_tally_down AFTER DELETE ON option BEGIN UPDATE tally SET rows = rows - 1 WHERE kind = 'option'; END;
CREATE TRIGGER option_tally_up AFTER INSERT ON option BEGIN UPDATE tally SET rows = rows + 1 WHERE kind = 'option'; END;
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
  settled  INTEGER, promotion BLOB REFERENCES promotion (id), began INTEGER CHECK (began <= placed), distribution BLOB CHECK (length(distribution) = 16), claimed INTEGER NOT NULL DEFAULT 0 CHECK (claimed IN (0, 1)),
  CHECK ((state = 'held') = (settled IS NULL))
) STRICT;
CREATE INDEX orders_account ON orders (account);
CREATE INDEX orders_distribution ON orders (distribution) WHERE distribution IS NOT NULL;
CREATE INDEX orders_held ON orders (expires) WHERE state = 'held';
CREATE INDEX orders_placed ON orders (placed);
CREATE INDEX orders_promotion ON orders (promotion, account) WHERE promotion IS NOT NULL;
CREATE INDEX orders_promotion_held ON orders (promotion, expires) WHERE state = 'held' AND promotion IS NOT NULL;
CREATE INDEX orders_settled ON orders (settled) WHERE state IN ('paid', 'refunded');
CREATE TRIGGER orders_keep BEFORE UPDATE OF id, account, email, currency, total, vat, placed ON orders
BEGIN SELECT raise(ABORT, 'an order is never rewritten'); END;
CREATE TRIGGER orders_keep_distribution BEFORE UPDATE OF distribution ON orders
BEGIN SELECT raise(ABORT, 'an order is never rewritten'); END;
CREATE TRIGGER orders_keep_promotion BEFORE UPDATE OF promotion ON orders
BEGIN SELECT raise(ABORT, 'an order is never rewritten'); END;
CREATE TRIGGER orders_number AFTER INSERT ON orders BEGIN INSERT INTO unnumbered (subject) VALUES (NEW.id); END;
CREATE TRIGGER orders_promotion_person BEFORE INSERT ON orders
WHEN (SELECT count(*) FROM orders WHERE promotion = NEW.promotion AND account = NEW.account
        AND (state = 'paid' OR state = 'held' AND expires > NEW.placed))
  >= (SELECT uses_per_person FROM promotion WHERE id = NEW.promotion)
BEGIN SELECT raise(ABORT, 'one person has used up this code'); END;
CREATE TRIGGER orders_stay BEFORE DELETE ON orders BEGIN SELECT raise(ABORT, 'an order is never deleted'); END;
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
CREATE INDEX outbox_account ON outbox (account, kind, created);
CREATE INDEX outbox_created ON outbox (created);
CREATE INDEX outbox_next ON outbox (next_try) WHERE state = 'waiting';
CREATE UNIQUE INDEX outbox_waits ON outbox (account, kind, ifnull(subject, x'')) WHERE state = 'waiting';
CREATE VIEW pass AS
  SELECT scan.id, scan.ticket, scan.shown, scan.at, scan.gate, scan.way, scan.device_scan,
    CASE WHEN last.id IS NULL THEN scan.reason ELSE last.reason END AS reason,
    CASE WHEN last.id IS NULL THEN scan.earlier ELSE last.earlier END AS earlier
  FROM scan LEFT JOIN scan_revision AS last
    ON last.id = (SELECT max(one.id) FROM scan_revision AS one WHERE one.scan = scan.id);
CREATE TABLE payment (
  id        BLOB PRIMARY KEY CHECK (length(id) = 16),
  orders    BLOB NOT NULL REFERENCES orders (id),
  means     TEXT NOT NULL CHECK (means IN ('free', 'cash', 'cheque', 'transfer', 'terminal', 'stripe')),
  amount    INTEGER NOT NULL CHECK (amount >= 0),
  reference TEXT,
  actor     TEXT NOT NULL,
  created   INTEGER NOT NULL
) STRICT;
CREATE INDEX payment_created ON payment (created);
CREATE INDEX payment_orders ON payment (orders);
CREATE UNIQUE INDEX payment_stripe ON payment (reference) WHERE means = 'stripe';
CREATE TRIGGER payment_keep BEFORE UPDATE ON payment BEGIN SELECT raise(ABORT, 'a payment is never rewritten'); END;
CREATE TRIGGER payment_number AFTER INSERT ON payment
WHEN NOT EXISTS (SELECT 1 FROM checkout WHERE id = NEW.id)
BEGIN INSERT INTO unnumbered (subject) VALUES (NEW.id); END;
CREATE TRIGGER payment_stay BEFORE DELETE ON payment BEGIN SELECT raise(ABORT, 'a payment is never deleted'); END;
CREATE TABLE person (
  account          BLOB PRIMARY KEY CHECK (length(account) = 16),
  first_name       TEXT CHECK (length(first_name) <= 50),
  last_name        TEXT CHECK (length(last_name) <= 50),
  email            TEXT CHECK (length(email) <= 100),
  phone            TEXT CHECK (length(phone) <= 30),
  address          TEXT CHECK (length(address) <= 255),
  country          TEXT CHECK (length(country) <= 50),
  born             INTEGER,
  reference        TEXT CHECK (length(reference) <= 50),
  starts           INTEGER,
  ends             INTEGER,
  player           BLOB CHECK (length(player) = 16),
  recorder_user    TEXT CHECK (length(recorder_user) <= 500),
  recorder_account TEXT CHECK (length(recorder_account) <= 500),
  CONSTRAINT person_stay CHECK (ends >= starts)
) STRICT;
CREATE TABLE place (
  one                  INTEGER PRIMARY KEY CHECK (one = 1),
  label                TEXT NOT NULL,
  short_description    TEXT NOT NULL,
  long_description     TEXT,
  address              TEXT,
  postal_code          TEXT,
  city                 TEXT,
  phone                TEXT NOT NULL,
  email                TEXT NOT NULL,
  website              TEXT,
  legal_documents      TEXT,
  twitter              TEXT,
  facebook             TEXT,
  instagram            TEXT,
  membership_required  INTEGER NOT NULL CHECK (membership_required IN (0, 1)),
  membership_button    INTEGER NOT NULL CHECK (membership_button IN (0, 1)),
  map_image            TEXT,
  menu_image           TEXT,
  image                TEXT,
  logo                 TEXT,
  currency             TEXT NOT NULL DEFAULT 'EUR' CHECK (length(currency) = 3),
  time_zone            TEXT NOT NULL DEFAULT 'Europe/Paris'
) STRICT;
CREATE TABLE price (
  id                BLOB PRIMARY KEY CHECK (length(id) = 16),
  product           BLOB NOT NULL REFERENCES product (id),
  name              TEXT NOT NULL,
  short_description TEXT,
  long_description  TEXT,
  amount            INTEGER NOT NULL CHECK (amount BETWEEN 0 AND 99999999),
  vat               TEXT NOT NULL CHECK (vat IN ('NA', 'DX', 'VG', 'HC', 'DD')),
  stock             INTEGER CHECK (stock BETWEEN 0 AND 32767),
  max_per_user      INTEGER NOT NULL CHECK (max_per_user BETWEEN 0 AND 32767),
  period            TEXT NOT NULL CHECK (period IN ('N', 'Y', 'M', 'C', 'H', 'D', 'W', 'O', 'S', 'L')),
  membership        BLOB REFERENCES product (id),
  archived          INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1)),
  created           INTEGER NOT NULL
, taken INTEGER NOT NULL DEFAULT 0 CONSTRAINT price_stock CHECK (taken >= 0 AND (stock IS NULL OR taken <= stock)), free_amount INTEGER NOT NULL DEFAULT 0 CHECK (free_amount IN (0, 1))) STRICT;
CREATE INDEX price_membership ON price (membership);
CREATE UNIQUE INDEX price_name ON price (product, name) WHERE archived = 0;
CREATE INDEX price_of_product ON price (product) WHERE archived = 0;
CREATE INDEX price_order ON price (amount, id);
CREATE TRIGGER price_tally_down AFTER DELETE ON price BEGIN UPDATE tally SET rows = rows - 1 WHERE kind = 'price'; END;
CREATE TRIGGER price_tally_up AFTER INSERT ON price BEGIN UPDATE tally SET rows = rows + 1 WHERE kind = 'price'; END;
CREATE TRIGGER ticket_type_moved AFTER UPDATE OF product ON price WHEN NEW.product <> OLD.product
BEGIN
  INSERT OR IGNORE INTO ticket_type (id, event, price) SELECT randomblob(16), event, NEW.id FROM event_product WHERE product = NEW.product;
END;
CREATE TRIGGER ticket_type_new AFTER INSERT ON price
BEGIN
  INSERT OR IGNORE INTO ticket_type (id, event, price) SELECT randomblob(16), event, NEW.id FROM event_product WHERE product = NEW.product;
END;
CREATE TABLE product (
  id                BLOB PRIMARY KEY CHECK (length(id) = 16),
  name              TEXT NOT NULL,
  category          TEXT NOT NULL CHECK (category IN ('N', 'B', 'P', 'R', 'S', 'T', 'M', 'A', 'D', 'F', 'V', 'G', 'Q')),
  short_description TEXT,
  long_description  TEXT,
  terms             TEXT,
  published         INTEGER NOT NULL CHECK (published IN (0, 1)),
  archived          INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1)),
  cashless          INTEGER NOT NULL CHECK (cashless IN (0, 1)),
  image             TEXT,
  weight            INTEGER NOT NULL,
  created           INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX product_name ON product (name) WHERE archived = 0;
CREATE UNIQUE INDEX product_one_cashless_membership ON product (category) WHERE category = 'A' AND cashless = 1 AND archived = 0;
CREATE INDEX product_order ON product (weight, id);
CREATE TRIGGER product_tally_down AFTER DELETE ON product BEGIN UPDATE tally SET rows = rows - 1 WHERE kind = 'product'; END;
CREATE TRIGGER product_tally_up AFTER INSERT ON product BEGIN UPDATE tally SET rows = rows + 1 WHERE kind = 'product'; END;
CREATE TABLE promotion (
  id              BLOB PRIMARY KEY CHECK (length(id) = 16),
  code            TEXT NOT NULL CHECK (code <> ''),
  folded          TEXT NOT NULL,
  percent         INTEGER CHECK (percent BETWEEN 1 AND 10000),
  amount          INTEGER CHECK (amount BETWEEN 1 AND 99999999),
  starts          INTEGER CHECK (starts BETWEEN 0 AND 7258118400000000),
  ends            INTEGER CHECK (ends BETWEEN 0 AND 7258118400000000),
  uses_max        INTEGER CHECK (uses_max BETWEEN 1 AND 1000000),
  uses_per_person INTEGER CHECK (uses_per_person BETWEEN 1 AND 32767),
  -- Orders that are held or paid by it; those of a hold that has run out are given back by the next write.
  used            INTEGER NOT NULL DEFAULT 0 CONSTRAINT promotion_uses CHECK (used >= 0 AND (uses_max IS NULL OR used <= uses_max)),
  -- It applies to the products of `promotion_product` alone.
  chosen          INTEGER NOT NULL CHECK (chosen IN (0, 1)),
  archived        INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1)),
  created         INTEGER NOT NULL,
  CONSTRAINT promotion_cut CHECK ((percent IS NULL) <> (amount IS NULL)),
  CONSTRAINT promotion_span CHECK (ends > starts)
) STRICT;
CREATE UNIQUE INDEX promotion_code ON promotion (folded) WHERE archived = 0;
CREATE TRIGGER promotion_tally_down AFTER DELETE ON promotion BEGIN UPDATE tally SET rows = rows - 1 WHERE kind = 'promotion'; END;
CREATE TRIGGER promotion_tally_up AFTER INSERT ON promotion BEGIN UPDATE tally SET rows = rows + 1 WHERE kind = 'promotion'; END;
CREATE TABLE promotion_product (
  promotion BLOB NOT NULL REFERENCES promotion (id) ON DELETE CASCADE,
  product   BLOB NOT NULL REFERENCES product (id) ON DELETE CASCADE,
  PRIMARY KEY (promotion, product)
) STRICT, WITHOUT ROWID;
CREATE INDEX promotion_product_product ON promotion_product (product);
CREATE TABLE refinery_schema_history(
             version int4 PRIMARY KEY,
             name VARCHAR(255),
             applied_on VARCHAR(255),
             checksum VARCHAR(255));
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
CREATE INDEX refund_created ON refund (created);
CREATE INDEX refund_orders ON refund (orders);
CREATE INDEX refund_owed ON refund (created) WHERE owed = 1;
CREATE TRIGGER refund_keep BEFORE UPDATE OF id, orders, means, amount, reason, actor, created ON refund
BEGIN SELECT raise(ABORT, 'a refund is never rewritten'); END;
CREATE TRIGGER refund_stay BEFORE DELETE ON refund BEGIN SELECT raise(ABORT, 'a refund is never deleted'); END;
CREATE VIEW refund_noted AS
  SELECT id, orders, means, amount, reason, created,
    owed OR EXISTS (SELECT 1 FROM refund_settled WHERE refund = refund.id)
         OR EXISTS (SELECT 1 FROM stripe_refund WHERE refund = refund.id) AS noted_owed
  FROM refund;
CREATE TABLE "refund_settled" (
  refund    BLOB PRIMARY KEY REFERENCES refund (id),
  means     TEXT NOT NULL CHECK (means IN ('cash', 'cheque', 'transfer', 'terminal', 'stripe')),
  actor     TEXT NOT NULL,
  created   INTEGER NOT NULL,
  -- What Stripe calls it that was made there.
  reference TEXT UNIQUE,
  CHECK ((means = 'stripe') = (reference IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX refund_settled_created ON refund_settled (created);
CREATE TRIGGER refund_settled_keep BEFORE UPDATE ON refund_settled BEGIN SELECT raise(ABORT, 'a settlement is never rewritten'); END;
CREATE TRIGGER refund_settled_owed BEFORE INSERT ON refund_settled
WHEN (SELECT owed FROM refund WHERE id = new.refund) IS NOT 1
BEGIN SELECT raise(ABORT, 'only what is owed is handed over'); END;
CREATE TRIGGER refund_settled_stay BEFORE DELETE ON refund_settled BEGIN SELECT raise(ABORT, 'a settlement is never deleted'); END;
CREATE TABLE scan (
  id          INTEGER PRIMARY KEY,
  -- None: what was shown is no ticket of this venue.
  ticket      BLOB REFERENCES ticket (id),
  shown       BLOB NOT NULL CHECK (length(shown) = 16),
  -- By the gate's clock.
  at          INTEGER NOT NULL,
  gate        TEXT NOT NULL,
  way         TEXT NOT NULL CHECK (way IN ('in', 'out')),
  -- None: let through.
  reason      TEXT CHECK (reason IN ('inactive', 'void', 'other_event', 'already_in', 'not_in', 'went_out', 'before_sale',
                'in_future', 'unknown', 'forged', 'unrecorded')),
  -- The pass that stands in the way.
  earlier     INTEGER REFERENCES scan (id),
  -- The name that a device without network gave it; each is taken once.
  device_scan BLOB CONSTRAINT scan_once UNIQUE CHECK (length(device_scan) = 16),
  actor       TEXT NOT NULL,
  noted       INTEGER NOT NULL, reentry INTEGER NOT NULL DEFAULT 1 CHECK (reentry IN (0, 1)),
  CHECK (ticket IS NULL OR ticket = shown),
  CHECK (ticket IS NOT NULL OR reason IS NOT NULL)
) STRICT;
CREATE INDEX scan_ticket ON scan (ticket, at, device_scan, id);
CREATE TRIGGER scan_keep BEFORE UPDATE ON scan BEGIN SELECT raise(ABORT, 'a scan is never rewritten'); END;
CREATE TRIGGER scan_stay BEFORE DELETE ON scan BEGIN SELECT raise(ABORT, 'a scan is never deleted'); END;
CREATE TABLE scan_revision (
  id      INTEGER PRIMARY KEY,
  scan    INTEGER NOT NULL REFERENCES scan (id),
  reason  TEXT CHECK (reason IN ('already_in', 'not_in', 'went_out')),
  earlier INTEGER REFERENCES scan (id),
  actor   TEXT NOT NULL,
  noted   INTEGER NOT NULL
) STRICT;
CREATE INDEX scan_revision_scan ON scan_revision (scan, id);
CREATE TRIGGER scan_revision_keep BEFORE UPDATE ON scan_revision BEGIN SELECT raise(ABORT, 'a revision is never rewritten'); END;
CREATE TRIGGER scan_revision_stay BEFORE DELETE ON scan_revision BEGIN SELECT raise(ABORT, 'a revision is never deleted'); END;
CREATE TABLE secret (
  name  TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE setting (
  one                      INTEGER PRIMARY KEY CHECK (one = 1),
  reentry                  INTEGER NOT NULL DEFAULT 1 CHECK (reentry IN (0, 1)),
  -- None: buyers never cancel by themselves.
  refund_deadline_hours    INTEGER DEFAULT 24 CHECK (refund_deadline_hours BETWEEN 0 AND 8760),
  member_price_needs_login INTEGER NOT NULL DEFAULT 1 CHECK (member_price_needs_login IN (0, 1)),
  membership_reminder_days INTEGER NOT NULL DEFAULT 30 CHECK (membership_reminder_days BETWEEN 0 AND 365)
, language TEXT NOT NULL DEFAULT 'fr' CHECK (language IN ('fr', 'en')), offer_hours INTEGER NOT NULL DEFAULT 24 CHECK (offer_hours BETWEEN 1 AND 168)) STRICT;
CREATE TRIGGER setting_stay BEFORE DELETE ON setting BEGIN SELECT raise(ABORT, 'settings are changed, not deleted'); END;
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
CREATE TABLE stripe_refund (
  id        BLOB PRIMARY KEY CHECK (length(id) = 16),
  checkout  BLOB NOT NULL REFERENCES checkout (id),
  refund    BLOB UNIQUE REFERENCES refund (id),
  amount    INTEGER NOT NULL CHECK (amount > 0),
  state     TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'given_up')),
  attempts  INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  next_try  INTEGER NOT NULL,
  -- What Stripe said last.
  error     TEXT,
  -- What Stripe calls it.
  reference TEXT UNIQUE,
  created   INTEGER NOT NULL,
  settled   INTEGER, failed INTEGER CHECK (failed IS NULL OR settled IS NOT NULL),
  CHECK ((state = 'waiting') = (settled IS NULL)),
  CHECK (state <> 'sent' OR reference IS NOT NULL),
  CHECK (state <> 'waiting' OR reference IS NULL)
) STRICT;
CREATE INDEX stripe_refund_checkout ON stripe_refund (checkout);
CREATE INDEX stripe_refund_failed_on ON stripe_refund (failed) WHERE failed IS NOT NULL;
CREATE INDEX stripe_refund_next ON stripe_refund (next_try) WHERE state = 'waiting';
CREATE INDEX stripe_refund_settled ON stripe_refund (settled) WHERE reference IS NOT NULL;
CREATE TRIGGER stripe_refund_days BEFORE UPDATE OF settled, failed, reference ON stripe_refund
WHEN (OLD.settled IS NOT NULL AND (NEW.settled IS NOT OLD.settled OR NEW.reference IS NOT OLD.reference))
  OR (OLD.failed IS NOT NULL AND NEW.failed IS NOT OLD.failed)
BEGIN SELECT raise(ABORT, 'what moved on a day is never rewritten'); END;
CREATE TRIGGER stripe_refund_failed BEFORE UPDATE OF state ON stripe_refund
WHEN OLD.state = 'sent' AND (NEW.state <> 'given_up' OR NEW.failed IS NULL)
BEGIN SELECT raise(ABORT, 'what came back has its day'); END;
CREATE TRIGGER stripe_refund_keep BEFORE UPDATE OF id, checkout, refund, amount, created ON stripe_refund
BEGIN SELECT raise(ABORT, 'a refund is never rewritten'); END;
CREATE TRIGGER stripe_refund_stay BEFORE DELETE ON stripe_refund BEGIN SELECT raise(ABORT, 'a refund is never deleted'); END;
CREATE TRIGGER stripe_refund_within BEFORE INSERT ON stripe_refund
WHEN NEW.amount + (SELECT coalesce(sum(amount), 0) FROM stripe_refund WHERE checkout = NEW.checkout)
   > (SELECT amount FROM checkout WHERE id = NEW.checkout AND intent IS NOT NULL)
BEGIN SELECT raise(ABORT, 'no more goes back than was paid'); END;
CREATE TABLE tag (
  id      TEXT PRIMARY KEY,
  label   TEXT NOT NULL,
  enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
  hidden  INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1)),
  created INTEGER NOT NULL,
  changed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE tally (
  kind TEXT PRIMARY KEY,
  rows INTEGER NOT NULL CHECK (rows >= 0)
) STRICT, WITHOUT ROWID;
CREATE TABLE team (
  id          BLOB PRIMARY KEY CHECK (length(id) = 16),
  name        TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 50),
  description TEXT CHECK (length(description) <= 50),
  active      INTEGER NOT NULL CHECK (active IN (0, 1)),
  deleted     INTEGER NOT NULL CHECK (deleted IN (0, 1)),
  unit        BLOB NOT NULL REFERENCES unit (id),
  show_score  INTEGER NOT NULL CHECK (show_score IN (0, 1)),
  created     INTEGER NOT NULL,
  CONSTRAINT team_deleted CHECK (deleted = 0 OR active = 0)
) STRICT;
CREATE INDEX team_in ON team (unit);
CREATE TRIGGER team_tally_down AFTER DELETE ON team BEGIN UPDATE tally SET rows = rows - 1 WHERE kind = 'team'; END;
CREATE TRIGGER team_tally_up AFTER INSERT ON team BEGIN UPDATE tally SET rows = rows + 1 WHERE kind = 'team'; END;
CREATE TABLE team_manager (
  team    BLOB NOT NULL REFERENCES team (id) ON DELETE CASCADE,
  account BLOB NOT NULL CHECK (length(account) = 16),
  PRIMARY KEY (team, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX team_manager_account ON team_manager (account);
CREATE TABLE team_member (
  team    BLOB NOT NULL REFERENCES team (id) ON DELETE CASCADE,
  account BLOB NOT NULL CHECK (length(account) = 16),
  PRIMARY KEY (team, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX team_member_account ON team_member (account);
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
CREATE TRIGGER ticket_number AFTER INSERT ON ticket BEGIN INSERT INTO unnumbered (subject) VALUES (NEW.id); END;
CREATE TABLE ticket_type (
  id    BLOB NOT NULL CONSTRAINT ticket_type_id UNIQUE CHECK (length(id) = 16),
  event BLOB NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  price BLOB NOT NULL REFERENCES price (id) ON DELETE CASCADE,
  PRIMARY KEY (event, price)
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_type_price ON ticket_type (price);
CREATE TRIGGER ticket_type_number AFTER INSERT ON ticket_type BEGIN INSERT INTO unnumbered (subject) VALUES (NEW.id); END;
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
CREATE TABLE unit (
  id          BLOB PRIMARY KEY CHECK (length(id) = 16),
  name        TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 50),
  description TEXT CHECK (length(description) <= 255),
  active      INTEGER NOT NULL CHECK (active IN (0, 1)),
  deleted     INTEGER NOT NULL CHECK (deleted IN (0, 1)),
  parent      BLOB REFERENCES unit (id),
  created     INTEGER NOT NULL,
  CONSTRAINT unit_deleted CHECK (deleted = 0 OR active = 0),
  CONSTRAINT unit_parent CHECK (parent <> id)
) STRICT;
CREATE INDEX unit_in ON unit (parent) WHERE parent IS NOT NULL;
CREATE TRIGGER unit_tally_down AFTER DELETE ON unit BEGIN UPDATE tally SET rows = rows - 1 WHERE kind = 'unit'; END;
CREATE TRIGGER unit_tally_up AFTER INSERT ON unit BEGIN UPDATE tally SET rows = rows + 1 WHERE kind = 'unit'; END;
CREATE TABLE unit_manager (
  unit    BLOB NOT NULL REFERENCES unit (id) ON DELETE CASCADE,
  account BLOB NOT NULL CHECK (length(account) = 16),
  PRIMARY KEY (unit, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX unit_manager_account ON unit_manager (account);
CREATE TABLE unnumbered (
  seq     INTEGER PRIMARY KEY,
  subject BLOB NOT NULL CONSTRAINT unnumbered_subject UNIQUE CHECK (length(subject) = 16)
) STRICT;
CREATE TABLE waiting (
  id      BLOB PRIMARY KEY CHECK (length(id) = 16),
  event   BLOB NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  account BLOB NOT NULL CHECK (length(account) = 16),
  email   TEXT NOT NULL,
  places  INTEGER NOT NULL CHECK (places BETWEEN 1 AND 32767),
  state   TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'offered', 'booked', 'declined', 'expired', 'left')),
  -- Until when the offer lasts, or lasted.
  expires INTEGER,
  joined  INTEGER NOT NULL, proven INTEGER NOT NULL DEFAULT 0 CHECK (proven IN (0, 1)),
  CONSTRAINT waiting_person UNIQUE (event, account),
  CONSTRAINT waiting_offer CHECK (state NOT IN ('offered', 'declined', 'expired') OR expires IS NOT NULL)
) STRICT;
CREATE INDEX waiting_line ON waiting (event, id) WHERE state = 'waiting';
CREATE INDEX waiting_offers ON waiting (expires) WHERE state = 'offered';
CREATE TRIGGER waiting_keep BEFORE UPDATE OF id, event, account, email, places, joined ON waiting
BEGIN SELECT raise(ABORT, 'who waits for what is never rewritten'); END;
CREATE TRIGGER waiting_open BEFORE DELETE ON waiting WHEN OLD.state = 'offered' AND EXISTS (SELECT 1 FROM event WHERE id = OLD.event)
BEGIN SELECT raise(ABORT, 'an offer ends before its row goes'); END;
