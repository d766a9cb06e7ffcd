CREATE TABLE audit (
  id      INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  action  TEXT NOT NULL,
  subject BLOB
) STRICT;
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
CREATE TABLE option (
  id          BLOB PRIMARY KEY CHECK (length(id) = 16),
  name        TEXT NOT NULL CONSTRAINT option_name UNIQUE,
  description TEXT,
  weight      INTEGER NOT NULL
) STRICT;
CREATE TRIGGER option_tally_down AFTER DELETE ON option BEGIN UPDATE tally SET rows = rows - 1 WHERE kind = 'option'; END;
CREATE TRIGGER option_tally_up AFTER INSERT ON option BEGIN UPDATE tally SET rows = rows + 1 WHERE kind = 'option'; END;
CREATE TABLE outbox (
  id        BLOB PRIMARY KEY CHECK (length(id) = 16),
  kind      TEXT NOT NULL CHECK (kind IN ('confirm_email')),
  recipient TEXT NOT NULL,
  account   BLOB NOT NULL,
  state     TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'given_up')),
  created   INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_waiting ON outbox (created) WHERE state = 'waiting';
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
) STRICT;
CREATE INDEX price_membership ON price (membership);
CREATE UNIQUE INDEX price_name ON price (product, name) WHERE archived = 0;
CREATE INDEX price_order ON price (amount, id);
CREATE TRIGGER price_tally_down AFTER DELETE ON price BEGIN UPDATE tally SET rows = rows - 1 WHERE kind = 'price'; END;
CREATE TRIGGER price_tally_up AFTER INSERT ON price BEGIN UPDATE tally SET rows = rows + 1 WHERE kind = 'price'; END;
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
CREATE TABLE refinery_schema_history(
             version int4 PRIMARY KEY,
             name VARCHAR(255),
             applied_on VARCHAR(255),
             checksum VARCHAR(255));
CREATE TABLE tally (
  kind TEXT PRIMARY KEY,
  rows INTEGER NOT NULL CHECK (rows >= 0)
) STRICT, WITHOUT ROWID;
