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
  created           INTEGER NOT NULL, proven INTEGER NOT NULL DEFAULT 0,
  CONSTRAINT account_email UNIQUE (organization, email)
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
  tenant  BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  PRIMARY KEY (account, tenant)
) STRICT, WITHOUT ROWID;
CREATE INDEX awaiting_tenant ON awaiting (tenant);
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
CREATE TABLE domain (
  host       TEXT PRIMARY KEY,
  tenant     BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  is_primary INTEGER NOT NULL CHECK (is_primary IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX domain_one_primary ON domain (tenant) WHERE is_primary = 1;
CREATE INDEX domain_tenant ON domain (tenant);
CREATE TABLE organization (
  id      BLOB PRIMARY KEY CHECK (length(id) = 16),
  name    TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT;
CREATE TABLE refinery_schema_history(
             version int4 PRIMARY KEY,
             name VARCHAR(255),
             applied_on VARCHAR(255),
             checksum VARCHAR(255));
CREATE TABLE sequence (
  kind TEXT PRIMARY KEY,
  next INTEGER NOT NULL CHECK (next BETWEEN 0 AND 2147483647)
) STRICT, WITHOUT ROWID;
CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE setup_link (
  digest  BLOB PRIMARY KEY CHECK (length(digest) = 32),
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE shown_on (
  agenda BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  tenant BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  PRIMARY KEY (agenda, tenant)
) STRICT, WITHOUT ROWID;
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
) STRICT;
CREATE UNIQUE INDEX tenant_one_root ON tenant (category) WHERE category = 'R';
CREATE INDEX tenant_unsettled ON tenant (state, dirty) WHERE state = 'creating' OR dirty > 0;
CREATE TABLE tenant_admin (
  tenant  BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  account BLOB NOT NULL REFERENCES account (id),
  granted INTEGER NOT NULL,
  PRIMARY KEY (tenant, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX tenant_admin_account ON tenant_admin (account);
