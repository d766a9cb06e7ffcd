-- What a tenant has of the house and how it pays for it, and which sets of products and events tenants show each other.

-- What a tenant may use, besides `tenant_free`, which everybody has. Without an end: for good.
CREATE TABLE package (
  id        BLOB PRIMARY KEY CHECK (length(id) = 16),
  tenant    BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  name      TEXT NOT NULL CHECK (name IN ('tenant_basic', 'tenant_premium', 'tenant_enterprise')),
  from_code INTEGER NOT NULL CHECK (from_code IN (0, 1)),
  starts    INTEGER NOT NULL,
  ends      INTEGER,
  created   INTEGER NOT NULL,
  CONSTRAINT package_span CHECK (ends > starts)
) STRICT;
CREATE INDEX package_tenant ON package (tenant, starts);

-- A code of the house, that gives a tenant a package for some days, or is only noted.
CREATE TABLE promo_code (
  code     TEXT PRIMARY KEY COLLATE NOCASE CHECK (length(code) BETWEEN 1 AND 50),
  active   INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  starts   INTEGER,
  ends     INTEGER,
  uses_max INTEGER CHECK (uses_max BETWEEN 1 AND 1000000),
  used     INTEGER NOT NULL DEFAULT 0,
  package  TEXT CHECK (package IN ('tenant_basic', 'tenant_premium', 'tenant_enterprise')),
  -- None: for good.
  days     INTEGER CHECK (days BETWEEN 1 AND 36500),
  created  INTEGER NOT NULL,
  CONSTRAINT promo_code_span CHECK (ends > starts),
  CONSTRAINT promo_code_uses CHECK (used >= 0 AND (uses_max IS NULL OR used <= uses_max))
) STRICT, WITHOUT ROWID;

-- What a tenant has got of the house: kept as it was.
CREATE TABLE purchase (
  id       BLOB PRIMARY KEY CHECK (length(id) = 16),
  tenant   BLOB NOT NULL REFERENCES tenant (id),
  account  BLOB REFERENCES account (id),
  code     TEXT REFERENCES promo_code (code),
  -- The row of `package` may be taken away.
  held     BLOB NOT NULL CHECK (length(held) = 16),
  package  TEXT NOT NULL,
  price    INTEGER NOT NULL CHECK (price >= 0),
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  starts   INTEGER NOT NULL,
  ends     INTEGER,
  created  INTEGER NOT NULL
) STRICT;
CREATE INDEX purchase_tenant ON purchase (tenant, created);
CREATE TRIGGER purchase_keep BEFORE UPDATE ON purchase BEGIN SELECT raise(ABORT, 'a purchase is never rewritten'); END;
CREATE TRIGGER purchase_stay BEFORE DELETE ON purchase BEGIN SELECT raise(ABORT, 'a purchase is never deleted'); END;

CREATE TABLE promo_use (
  code     TEXT NOT NULL COLLATE NOCASE REFERENCES promo_code (code),
  tenant   BLOB NOT NULL REFERENCES tenant (id),
  account  BLOB REFERENCES account (id),
  purchase BLOB REFERENCES purchase (id),
  used     INTEGER NOT NULL,
  PRIMARY KEY (code, tenant)
) STRICT, WITHOUT ROWID;
CREATE INDEX promo_use_tenant ON promo_use (tenant);

-- By what a tenant pays the house: `data` is JSON that is encrypted under a key outside of the databases.
CREATE TABLE payment_connection (
  id      BLOB PRIMARY KEY CHECK (length(id) = 16),
  tenant  BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  store   TEXT NOT NULL CHECK (store IN ('stripe', 'manual', 'test')),
  account BLOB REFERENCES account (id),
  data    BLOB NOT NULL,
  created INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  CONSTRAINT payment_connection_store UNIQUE (tenant, store)
) STRICT;

-- Who a tenant is in a store: written down as soon as the store has said it, so that none is made twice.
CREATE TABLE billing_customer (
  tenant   BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  store    TEXT NOT NULL CHECK (store IN ('stripe', 'test')),
  customer TEXT NOT NULL CONSTRAINT billing_customer_once UNIQUE,
  PRIMARY KEY (tenant, store)
) STRICT, WITHOUT ROWID;

-- To whom a tenant's bills go.
CREATE TABLE billing (
  tenant         BLOB PRIMARY KEY REFERENCES tenant (id) ON DELETE CASCADE,
  store          TEXT NOT NULL CHECK (store IN ('stripe', 'manual', 'test')),
  email          TEXT,
  name           TEXT NOT NULL,
  address1       TEXT NOT NULL,
  address2       TEXT,
  zip            TEXT NOT NULL,
  city           TEXT NOT NULL,
  country        TEXT NOT NULL CHECK (length(country) = 2),
  uid            TEXT,
  reverse_charge INTEGER NOT NULL CHECK (reverse_charge IN (0, 1)),
  uid_verified   INTEGER NOT NULL CHECK (uid_verified IN (0, 1)),
  changed        INTEGER NOT NULL,
  CONSTRAINT billing_uid CHECK (uid IS NOT NULL OR (reverse_charge = 0 AND uid_verified = 0))
) STRICT;

-- A named set of what a tenant offers; what is in it stands in the tenant's own file. `whole`: all that it publishes.
-- `status`: 0 shown, 1 for who manages, 2 archived. One that is not active is a draft.
CREATE TABLE catalogue (
  id          TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 63),
  tenant      BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  whole       INTEGER NOT NULL DEFAULT 0 CHECK (whole IN (0, 1)),
  name        TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  label       TEXT NOT NULL CHECK (length(label) BETWEEN 1 AND 200),
  description TEXT,
  language    TEXT NOT NULL DEFAULT 'fr' CHECK (length(language) = 2),
  public      INTEGER NOT NULL CHECK (public IN (0, 1)),
  active      INTEGER NOT NULL CHECK (active IN (0, 1)),
  hidden      INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1)),
  status      INTEGER NOT NULL DEFAULT 0 CHECK (status IN (0, 1, 2)),
  created     INTEGER NOT NULL,
  changed     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX catalogue_tenant ON catalogue (tenant, id);
CREATE UNIQUE INDEX catalogue_whole ON catalogue (tenant) WHERE whole = 1;

-- Whom its owner lets use a catalogue that is not public.
CREATE TABLE catalogue_share (
  catalogue TEXT NOT NULL REFERENCES catalogue (id) ON DELETE CASCADE,
  tenant    BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  PRIMARY KEY (catalogue, tenant)
) STRICT, WITHOUT ROWID;
CREATE INDEX catalogue_share_tenant ON catalogue_share (tenant);

-- Which catalogues a tenant uses: level 0 none, 5 visible, 10 shown to the public.
CREATE TABLE catalogue_connection (
  tenant    BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  catalogue TEXT NOT NULL REFERENCES catalogue (id) ON DELETE CASCADE,
  active    INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  level     INTEGER NOT NULL CHECK (level IN (0, 5, 10)),
  created   INTEGER NOT NULL,
  PRIMARY KEY (tenant, catalogue)
) STRICT, WITHOUT ROWID;
CREATE INDEX catalogue_connection_catalogue ON catalogue_connection (catalogue);

INSERT INTO catalogue (id, tenant, whole, name, label, public, active, created, changed)
  SELECT slug, id, 1, name, name, 1, 1, created, created FROM tenant WHERE category NOT IN ('R', 'M');
INSERT INTO catalogue_connection (tenant, catalogue, level, created) SELECT tenant, id, 10, created FROM catalogue;
INSERT INTO catalogue_connection (tenant, catalogue, level, created)
  SELECT agenda.id, catalogue.id, 10, catalogue.created
  FROM catalogue, (SELECT id FROM tenant WHERE category = 'M' ORDER BY no LIMIT 1) AS agenda;
INSERT OR IGNORE INTO catalogue_connection (tenant, catalogue, level, created)
  SELECT shown_on.agenda, catalogue.id, 10, catalogue.created
  FROM shown_on JOIN catalogue ON catalogue.tenant = shown_on.tenant;
INSERT OR IGNORE INTO catalogue_share (catalogue, tenant)
  SELECT catalogue.id, shown_on.agenda FROM shown_on JOIN catalogue ON catalogue.tenant = shown_on.tenant;
DROP TABLE shown_on;

-- Which tenants an agenda shows: those whose whole catalogue it is connected with, as far as that.
CREATE VIEW shown_on AS
  SELECT catalogue_connection.tenant AS agenda, catalogue.tenant AS tenant
  FROM catalogue JOIN catalogue_connection ON catalogue_connection.catalogue = catalogue.id
  WHERE catalogue.whole = 1 AND catalogue.active = 1 AND catalogue.hidden = 0 AND catalogue.status = 0
    AND catalogue_connection.active = 1 AND catalogue_connection.level = 10
    AND (catalogue.public = 1 OR EXISTS (SELECT 1 FROM catalogue_share
      WHERE catalogue_share.catalogue = catalogue.id AND catalogue_share.tenant = catalogue_connection.tenant));
