CREATE TABLE account (
  id                BLOB PRIMARY KEY CHECK (length(id) = 16),
  organization      BLOB NOT NULL REFERENCES organization (id),
  email             TEXT NOT NULL COLLATE NOCASE,
  password          TEXT,
  password_changed  INTEGER NOT NULL,
  first_name        TEXT,
  last_name         TEXT,
  phone             TEXT,
  active            INTEGER NOT NULL CHECK (active IN (0, 1)),
  superuser         INTEGER NOT NULL CHECK (superuser IN (0, 1)),
  can_create_tenant INTEGER NOT NULL CHECK (can_create_tenant IN (0, 1)),
  created           INTEGER NOT NULL, proven INTEGER NOT NULL DEFAULT 0, no INTEGER NOT NULL DEFAULT 0, language TEXT NOT NULL DEFAULT 'fr' CHECK (length(language) = 2), last_login INTEGER, registered INTEGER,
  CONSTRAINT account_email UNIQUE (organization, email)
) STRICT;
CREATE UNIQUE INDEX account_no ON account (no);
CREATE TABLE api_error (
  no          INTEGER PRIMARY KEY AUTOINCREMENT,
  id          BLOB NOT NULL CONSTRAINT api_error_id UNIQUE CHECK (length(id) = 16),
  at          INTEGER NOT NULL,
  status      INTEGER NOT NULL CHECK (status BETWEEN 400 AND 599),
  message     TEXT NOT NULL,
  description TEXT NOT NULL,
  request     TEXT NOT NULL,
  asked       TEXT NOT NULL
) STRICT;
CREATE TABLE api_key (
  id        BLOB PRIMARY KEY CHECK (length(id) = 16),
  prefix    TEXT NOT NULL CONSTRAINT api_key_prefix UNIQUE CHECK (length(prefix) = 8),
  digest    BLOB NOT NULL CHECK (length(digest) = 32),
  tenant    BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  account   BLOB NOT NULL REFERENCES account (id),
  name      TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 30),
  rights    INTEGER NOT NULL CHECK (rights >= 0),
  ip        TEXT,
  expires   INTEGER,
  revoked   INTEGER,
  last_used INTEGER,
  created   INTEGER NOT NULL,
  CONSTRAINT api_key_name UNIQUE (tenant, name)
) STRICT;
CREATE TABLE awaiting (
  account BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  tenant  BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE, since INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (account, tenant)
) STRICT, WITHOUT ROWID;
CREATE INDEX awaiting_tenant ON awaiting (tenant);
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
CREATE TABLE billing_customer (
  tenant   BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  store    TEXT NOT NULL CHECK (store IN ('stripe', 'test')),
  customer TEXT NOT NULL CONSTRAINT billing_customer_once UNIQUE,
  PRIMARY KEY (tenant, store)
) STRICT, WITHOUT ROWID;
CREATE TABLE buyer (
  account BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  tenant  BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  PRIMARY KEY (account, tenant)
) STRICT, WITHOUT ROWID;
CREATE INDEX buyer_tenant ON buyer (tenant);
CREATE TABLE card (
  id      BLOB PRIMARY KEY CHECK (length(id) = 16),
  batch   BLOB NOT NULL REFERENCES card_batch (id) ON DELETE CASCADE,
  tag     TEXT NOT NULL CONSTRAINT card_tag UNIQUE CHECK (length(tag) = 8),
  number  TEXT NOT NULL CONSTRAINT card_number UNIQUE CHECK (length(number) = 8),
  account BLOB REFERENCES account (id),
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX card_account ON card (account) WHERE account IS NOT NULL;
CREATE INDEX card_batch_cards ON card (batch);
CREATE TABLE card_batch (
  id         BLOB PRIMARY KEY CHECK (length(id) = 16),
  base_url   TEXT NOT NULL CHECK (length(base_url) BETWEEN 1 AND 60),
  origin     BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  generation INTEGER NOT NULL CHECK (generation BETWEEN 0 AND 32767),
  created    INTEGER NOT NULL,
  CONSTRAINT card_batch_once UNIQUE (base_url, generation)
) STRICT;
CREATE INDEX card_batch_origin ON card_batch (origin);
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
CREATE TABLE catalogue_connection (
  tenant    BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  catalogue TEXT NOT NULL REFERENCES catalogue (id) ON DELETE CASCADE,
  active    INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  level     INTEGER NOT NULL CHECK (level IN (0, 5, 10)),
  created   INTEGER NOT NULL,
  PRIMARY KEY (tenant, catalogue)
) STRICT, WITHOUT ROWID;
CREATE INDEX catalogue_connection_catalogue ON catalogue_connection (catalogue);
CREATE TABLE catalogue_share (
  catalogue TEXT NOT NULL REFERENCES catalogue (id) ON DELETE CASCADE,
  tenant    BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  PRIMARY KEY (catalogue, tenant)
) STRICT, WITHOUT ROWID;
CREATE INDEX catalogue_share_tenant ON catalogue_share (tenant);
CREATE TABLE coming (
  event  BLOB PRIMARY KEY CHECK (length(event) = 16),
  tenant BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  starts INTEGER NOT NULL,
  image  TEXT
) STRICT;
CREATE INDEX coming_image ON coming (image);
CREATE INDEX coming_order ON coming (starts, event);
CREATE INDEX coming_tenant ON coming (tenant);
CREATE TABLE coming_artist (
  event  BLOB NOT NULL REFERENCES coming (event) ON DELETE CASCADE,
  artist BLOB NOT NULL CHECK (length(artist) = 16),
  PRIMARY KEY (artist, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX coming_artist_event ON coming_artist (event);
CREATE TABLE connection (
  no       INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant   BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  account  BLOB NOT NULL REFERENCES account (id),
  username TEXT COLLATE NOCASE CHECK (length(username) BETWEEN 1 AND 102),
  active   INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  deleted  INTEGER,
  consent  INTEGER,
  created  INTEGER NOT NULL,
  CONSTRAINT connection_account UNIQUE (tenant, account),
  CONSTRAINT connection_username UNIQUE (tenant, username),
  CONSTRAINT connection_deleted CHECK (deleted IS NULL OR active = 0)
) STRICT;
CREATE INDEX connection_of ON connection (account);
CREATE INDEX connection_seat ON connection (tenant, account) WHERE active = 1;
CREATE TABLE connection_role (
  no         INTEGER PRIMARY KEY AUTOINCREMENT,
  connection INTEGER NOT NULL REFERENCES connection (no) ON DELETE CASCADE,
  role       INTEGER NOT NULL CHECK (role IN (10, 15, 20, 30, 40, 50, 60, 99)),
  granted    INTEGER NOT NULL,
  granted_by TEXT NOT NULL,
  CONSTRAINT connection_role_once UNIQUE (connection, role)
) STRICT;
CREATE TABLE credential (
  no      INTEGER PRIMARY KEY AUTOINCREMENT,
  dialect TEXT NOT NULL CHECK (dialect IN ('coach', 'roomle')),
  key     TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 100),
  secret  BLOB NOT NULL,
  tenant  BLOB REFERENCES tenant (id) ON DELETE CASCADE,
  active  INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  created INTEGER NOT NULL,
  CONSTRAINT credential_key UNIQUE (dialect, key)
) STRICT;
CREATE INDEX credential_tenant ON credential (tenant, dialect);
CREATE TABLE directory (
  tenant               BLOB PRIMARY KEY REFERENCES tenant (id) ON DELETE CASCADE,
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
  logo                 TEXT
) STRICT;
CREATE INDEX directory_image ON directory (image);
CREATE INDEX directory_logo ON directory (logo);
CREATE INDEX directory_map ON directory (map_image);
CREATE INDEX directory_menu ON directory (menu_image);
CREATE TABLE distribution (
  id            BLOB PRIMARY KEY CHECK (length(id) = 16),
  no            INTEGER NOT NULL,
  tenant        BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  key           TEXT NOT NULL CONSTRAINT distribution_key UNIQUE CHECK (length(key) BETWEEN 1 AND 80),
  name          TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  kind          TEXT NOT NULL CHECK (kind IN ('WEB', 'POS', 'PARTNER')),
  url           TEXT,
  -- JSON: an array of hosts, and an object.
  allowed_hosts TEXT NOT NULL DEFAULT '[]',
  settings      TEXT NOT NULL DEFAULT '{}',
  active        INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  created       INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX distribution_no ON distribution (no);
CREATE INDEX distribution_tenant ON distribution (tenant);
CREATE TABLE domain (
  host       TEXT PRIMARY KEY,
  tenant     BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  is_primary INTEGER NOT NULL CHECK (is_primary IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX domain_one_primary ON domain (tenant) WHERE is_primary = 1;
CREATE INDEX domain_tenant ON domain (tenant);
CREATE TABLE house_fee (
  id           BLOB PRIMARY KEY CHECK (length(id) = 16),
  no           INTEGER NOT NULL CONSTRAINT house_fee_no UNIQUE,
  organization BLOB REFERENCES organization (id),
  name         TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  payer        TEXT NOT NULL CHECK (payer IN ('customer', 'organizer')),
  unit         TEXT NOT NULL CHECK (unit IN ('ticket', 'purchase')),
  fixed        INTEGER NOT NULL CHECK (fixed BETWEEN 0 AND 99999999),
  percent      INTEGER NOT NULL CHECK (percent BETWEEN 0 AND 10000),
  minimum      INTEGER CHECK (minimum BETWEEN 0 AND 99999999),
  maximum      INTEGER CHECK (maximum BETWEEN 0 AND 99999999),
  price_from   INTEGER CHECK (price_from BETWEEN 0 AND 99999999),
  price_to     INTEGER CHECK (price_to BETWEEN 0 AND 99999999),
  vat_rate     INTEGER NOT NULL CHECK (vat_rate BETWEEN 0 AND 10000),
  created      INTEGER NOT NULL,
  CONSTRAINT house_fee_bounds CHECK (minimum <= maximum),
  CONSTRAINT house_fee_band CHECK (price_from <= price_to)
) STRICT;
CREATE INDEX house_fee_organization ON house_fee (organization);
CREATE TRIGGER house_fee_once_changed BEFORE UPDATE ON house_fee
WHEN EXISTS (SELECT 1 FROM house_fee WHERE name = NEW.name AND id <> NEW.id AND organization IS NEW.organization
    AND unit = NEW.unit AND coalesce(price_from, 1) <= coalesce(NEW.price_to, 99999999)
    AND coalesce(NEW.price_from, 1) <= coalesce(price_to, 99999999))
BEGIN SELECT raise(ABORT, 'failed: house_fee_once'); END;
CREATE TRIGGER house_fee_once_new BEFORE INSERT ON house_fee
WHEN EXISTS (SELECT 1 FROM house_fee WHERE name = NEW.name AND id <> NEW.id AND organization IS NEW.organization
    AND unit = NEW.unit AND coalesce(price_from, 1) <= coalesce(NEW.price_to, 99999999)
    AND coalesce(NEW.price_from, 1) <= coalesce(price_to, 99999999))
BEGIN SELECT raise(ABORT, 'failed: house_fee_once'); END;
CREATE TABLE invite (
  no         INTEGER PRIMARY KEY AUTOINCREMENT,
  id         BLOB NOT NULL CONSTRAINT invite_id UNIQUE CHECK (length(id) = 16),
  email      TEXT NOT NULL COLLATE NOCASE,
  state      TEXT NOT NULL CHECK (state IN ('pending', 'accepted', 'revoked')),
  -- The tenant in whose name the letter goes out.
  tenant     BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  invited_by BLOB REFERENCES account (id) ON DELETE SET NULL,
  created    INTEGER NOT NULL,
  expires    INTEGER NOT NULL CHECK (expires > created)
) STRICT;
CREATE UNIQUE INDEX invite_pending ON invite (email) WHERE state = 'pending';
CREATE TABLE invite_grant (
  invite       INTEGER NOT NULL REFERENCES invite (no) ON DELETE CASCADE,
  tenant       BLOB REFERENCES tenant (id) ON DELETE CASCADE,
  distribution BLOB REFERENCES distribution (id) ON DELETE CASCADE, invited_by BLOB REFERENCES account (id) ON DELETE SET NULL,
  CONSTRAINT invite_grant_one CHECK ((tenant IS NULL) <> (distribution IS NULL))
) STRICT;
CREATE UNIQUE INDEX invite_grant_once ON invite_grant (invite, ifnull(tenant, x''), ifnull(distribution, x''));
CREATE TABLE license (
  no            INTEGER PRIMARY KEY AUTOINCREMENT,
  customer_id   TEXT NOT NULL CHECK (length(customer_id) BETWEEN 1 AND 50),
  customer_code TEXT NOT NULL CHECK (length(customer_code) BETWEEN 1 AND 50),
  kind          TEXT NOT NULL CHECK (kind IN ('Trial', 'Forever')),
  expires       INTEGER,
  total         INTEGER NOT NULL CHECK (total BETWEEN 0 AND 1000000),
  created       INTEGER NOT NULL, holder BLOB REFERENCES tenant (id) ON DELETE SET NULL,
  CONSTRAINT license_buyer UNIQUE (customer_id, customer_code),
  CONSTRAINT license_ends CHECK ((kind = 'Trial') = (expires IS NOT NULL))
) STRICT;
CREATE TABLE number_block (
  first  INTEGER PRIMARY KEY CHECK (first > 0),
  last   INTEGER NOT NULL CHECK (last BETWEEN first AND 2147483647),
  tenant BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX number_block_tenant ON number_block (tenant);
CREATE TABLE organization (
  id      BLOB PRIMARY KEY CHECK (length(id) = 16),
  name    TEXT NOT NULL,
  created INTEGER NOT NULL
, no INTEGER NOT NULL DEFAULT 0, country INTEGER NOT NULL DEFAULT 250 CHECK (country BETWEEN 1 AND 999)) STRICT;
CREATE UNIQUE INDEX organization_no ON organization (no);
CREATE TABLE organizer (
  tenant            BLOB PRIMARY KEY REFERENCES tenant (id) ON DELETE CASCADE,
  -- Coach: at most 50 characters each there; the words that pages use for tenant, unit and template at most 30.
  description       TEXT,
  main_contact      TEXT,
  word_tenant       TEXT CHECK (length(word_tenant) BETWEEN 1 AND 30),
  word_unit         TEXT CHECK (length(word_unit) BETWEEN 1 AND 30),
  word_template     TEXT CHECK (length(word_template) BETWEEN 1 AND 30),
  license_customer  TEXT,
  license_code      TEXT,
  license_expires   INTEGER,
  license_seats     INTEGER NOT NULL DEFAULT 0 CHECK (license_seats >= 0),
  -- Roomle.
  show_languages    INTEGER NOT NULL DEFAULT 1 CHECK (show_languages IN (0, 1)),
  language          TEXT NOT NULL DEFAULT 'fr' CHECK (length(language) = 2),
  needs_login       INTEGER NOT NULL DEFAULT 0 CHECK (needs_login IN (0, 1)),
  may_register      INTEGER NOT NULL DEFAULT 1 CHECK (may_register IN (0, 1)),
  branded           INTEGER NOT NULL DEFAULT 0 CHECK (branded IN (0, 1)),
  privacy_url       TEXT,
  webhook           TEXT,
  -- JSON as text, and a JSON array of module names; none: the usual ones.
  configuration     TEXT NOT NULL DEFAULT '{}',
  modules           TEXT
) STRICT;
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
CREATE TABLE promo_use (
  code     TEXT NOT NULL COLLATE NOCASE REFERENCES promo_code (code),
  tenant   BLOB NOT NULL REFERENCES tenant (id),
  account  BLOB REFERENCES account (id),
  purchase BLOB REFERENCES purchase (id),
  used     INTEGER NOT NULL,
  PRIMARY KEY (code, tenant)
) STRICT, WITHOUT ROWID;
CREATE INDEX promo_use_tenant ON promo_use (tenant);
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
CREATE TABLE refinery_schema_history(
             version int4 PRIMARY KEY,
             name VARCHAR(255),
             applied_on VARCHAR(255),
             checksum VARCHAR(255));
CREATE TABLE sale_grant (
  account      BLOB NOT NULL REFERENCES account (id),
  distribution BLOB NOT NULL REFERENCES distribution (id) ON DELETE CASCADE,
  granted      INTEGER NOT NULL,
  granted_by   TEXT NOT NULL,
  PRIMARY KEY (account, distribution)
) STRICT, WITHOUT ROWID;
CREATE INDEX sale_grant_distribution ON sale_grant (distribution);
CREATE TABLE sequence (
  kind TEXT PRIMARY KEY,
  next INTEGER NOT NULL CHECK (next BETWEEN 0 AND 2147483647)
) STRICT, WITHOUT ROWID;
CREATE TABLE session (
  digest   BLOB PRIMARY KEY CHECK (length(digest) = 32),
  dialect  TEXT NOT NULL CHECK (dialect IN ('oxynade', 'roomle')),
  account  BLOB REFERENCES account (id) ON DELETE CASCADE,
  customer BLOB REFERENCES account (id) ON DELETE CASCADE,
  tenant   BLOB REFERENCES tenant (id) ON DELETE CASCADE,
  orders   BLOB CHECK (length(orders) = 16),
  created  INTEGER NOT NULL,
  used     INTEGER NOT NULL,
  expires  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_account ON session (account) WHERE account IS NOT NULL;
CREATE INDEX session_customer ON session (customer) WHERE customer IS NOT NULL;
CREATE INDEX session_expires ON session (expires);
CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE setup_link (
  digest  BLOB PRIMARY KEY CHECK (length(digest) = 32),
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE VIEW shown_on AS
  SELECT catalogue_connection.tenant AS agenda, catalogue.tenant AS tenant
  FROM catalogue JOIN catalogue_connection ON catalogue_connection.catalogue = catalogue.id
  WHERE catalogue.whole = 1 AND catalogue.active = 1 AND catalogue.hidden = 0 AND catalogue.status = 0
    AND catalogue_connection.active = 1 AND catalogue_connection.level = 10
    AND (catalogue.public = 1 OR EXISTS (SELECT 1 FROM catalogue_share
      WHERE catalogue_share.catalogue = catalogue.id AND catalogue_share.tenant = catalogue_connection.tenant));
CREATE TABLE sqlite_sequence(name,seq);
CREATE TABLE tenant (
  id           BLOB PRIMARY KEY CHECK (length(id) = 16),
  no           INTEGER NOT NULL UNIQUE CHECK (no >= 0),
  organization BLOB NOT NULL REFERENCES organization (id),
  category     TEXT NOT NULL CHECK (category IN ('S', 'F', 'A', 'P', 'T', 'M', 'R')),
  slug         TEXT NOT NULL CONSTRAINT tenant_slug UNIQUE CHECK (length(slug) BETWEEN 1 AND 63),
  name         TEXT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('creating', 'active', 'disabled')),
  dirty        INTEGER NOT NULL DEFAULT 0 CHECK (dirty >= 0),
  created      INTEGER NOT NULL
, official_name TEXT, vat TEXT, bank_account TEXT, country INTEGER NOT NULL DEFAULT 250 CHECK (country BETWEEN 1 AND 999), visibility INTEGER NOT NULL DEFAULT 10 CHECK (visibility IN (0, 5, 10)), deleted INTEGER) STRICT;
CREATE UNIQUE INDEX tenant_one_root ON tenant (category) WHERE category = 'R';
CREATE INDEX tenant_organization ON tenant (organization);
CREATE INDEX tenant_unsettled ON tenant (state, dirty) WHERE state = 'creating' OR dirty > 0;
CREATE TABLE terminal (
  account  BLOB PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  admin    BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  device   TEXT NOT NULL CHECK (length(device) BETWEEN 1 AND 64),
  mac      TEXT NOT NULL CHECK (length(mac) = 17),
  local_ip TEXT NOT NULL CHECK (length(local_ip) <= 45),
  -- A pairing under way: the SHA-256 of the device's token, from when it is, and how often a wrong code was typed.
  digest   BLOB CHECK (length(digest) = 32),
  asked    INTEGER NOT NULL,
  tries    INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
  -- Since when it may work.
  paired   INTEGER
) STRICT;
CREATE INDEX terminal_admin ON terminal (admin);
