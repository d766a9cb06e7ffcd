-- Who owns the customers, who works where in which role, through which channels is sold, and by what secrets programs call.

-- Countries are ISO 3166 numbers.
ALTER TABLE organization ADD COLUMN no INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organization ADD COLUMN country INTEGER NOT NULL DEFAULT 250 CHECK (country BETWEEN 1 AND 999);
UPDATE organization SET no = counted.no
  FROM (SELECT id, row_number() OVER (ORDER BY created, id) AS no FROM organization) AS counted
  WHERE counted.id = organization.id;
CREATE UNIQUE INDEX organization_no ON organization (no);

ALTER TABLE account ADD COLUMN no INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN language TEXT NOT NULL DEFAULT 'fr' CHECK (length(language) = 2);
ALTER TABLE account ADD COLUMN last_login INTEGER;
UPDATE account SET no = counted.no
  FROM (SELECT id, row_number() OVER (ORDER BY created, id) AS no FROM account) AS counted
  WHERE counted.id = account.id;
CREATE UNIQUE INDEX account_no ON account (no);

-- The tenant as an organizer: what lists of many tenants show without opening their files. `visibility`: 0 hidden,
-- 5 for who is logged in, 10 public. A tenant that is deleted is disabled too.
ALTER TABLE tenant ADD COLUMN official_name TEXT;
ALTER TABLE tenant ADD COLUMN vat TEXT;
ALTER TABLE tenant ADD COLUMN bank_account TEXT;
ALTER TABLE tenant ADD COLUMN country INTEGER NOT NULL DEFAULT 250 CHECK (country BETWEEN 1 AND 999);
ALTER TABLE tenant ADD COLUMN visibility INTEGER NOT NULL DEFAULT 10 CHECK (visibility IN (0, 5, 10));
ALTER TABLE tenant ADD COLUMN deleted INTEGER;
CREATE INDEX tenant_organization ON tenant (organization);

-- Somebody who has to do with a tenant, and whether he lets it see more of him than his e-mail.
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

-- What he may do there. 15 passes tickets at the door. 99, the administrator, is the same right in every dialect, and stands here alone.
CREATE TABLE connection_role (
  no         INTEGER PRIMARY KEY AUTOINCREMENT,
  connection INTEGER NOT NULL REFERENCES connection (no) ON DELETE CASCADE,
  role       INTEGER NOT NULL CHECK (role IN (10, 15, 20, 30, 40, 50, 60, 99)),
  granted    INTEGER NOT NULL,
  granted_by TEXT NOT NULL,
  CONSTRAINT connection_role_once UNIQUE (connection, role)
) STRICT;

INSERT INTO connection (tenant, account, created) SELECT tenant, account, granted FROM tenant_admin ORDER BY granted, tenant, account;
INSERT INTO connection_role (connection, role, granted, granted_by) SELECT no, 99, created, 'house' FROM connection ORDER BY no;
DROP TABLE tenant_admin;

-- A channel through which a tenant sells.
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
INSERT INTO distribution (id, no, tenant, key, name, kind, created)
  SELECT unhex(hex(randomblob(6)) || '4' || substr(hex(randomblob(2)), 2) || '8' || substr(hex(randomblob(2)), 2) || hex(randomblob(6))),
    row_number() OVER (ORDER BY tenant.no, kind.no), tenant.id, tenant.slug || kind.tail, kind.name, kind.kind, tenant.created
  FROM tenant, (SELECT 1 AS no, '' AS tail, 'Web shop' AS name, 'WEB' AS kind UNION ALL SELECT 2, '_box_office', 'Box office', 'POS') AS kind
  WHERE tenant.category <> 'R';

-- Who may sell through a channel.
CREATE TABLE sale_grant (
  account      BLOB NOT NULL REFERENCES account (id),
  distribution BLOB NOT NULL REFERENCES distribution (id) ON DELETE CASCADE,
  granted      INTEGER NOT NULL,
  granted_by   TEXT NOT NULL,
  PRIMARY KEY (account, distribution)
) STRICT, WITHOUT ROWID;
CREATE INDEX sale_grant_distribution ON sale_grant (distribution);

-- A key and a secret that must be shown again or decrypted with: `secret` is encrypted under a key outside of the databases.
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

-- Who is logged in, or may look at one order: the token's holder. Of the token only its SHA-256 is kept.
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
CREATE INDEX session_expires ON session (expires);
CREATE INDEX session_account ON session (account) WHERE account IS NOT NULL;
CREATE INDEX session_customer ON session (customer) WHERE customer IS NOT NULL;

INSERT INTO sequence (kind, next) SELECT 'organization', coalesce(max(no), 0) + 1 FROM organization;
INSERT INTO sequence (kind, next) SELECT 'account', coalesce(max(no), 0) + 1 FROM account;
INSERT INTO sequence (kind, next) SELECT 'distribution', coalesce(max(no), 0) + 1 FROM distribution;

-- What only other dialects say of a tenant: read without opening its file. No row: as the columns begin.
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
