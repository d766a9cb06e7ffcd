-- Numbers that name one thing in all tenants' files, fees of the house and of organizations, and invitations to work.

-- What of all numbers each tenant's file may give; no number belongs to two files, and none is given twice.
CREATE TABLE number_block (
  first  INTEGER PRIMARY KEY CHECK (first > 0),
  last   INTEGER NOT NULL CHECK (last BETWEEN first AND 2147483647),
  tenant BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX number_block_tenant ON number_block (tenant);
INSERT INTO sequence (kind, next) VALUES ('thing', 1);

-- A fee of all organizations, or of one. The terms are those of a tenant's own fees.
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

-- Two fees of one name may not count for the same organization and price.
CREATE TRIGGER house_fee_once_new BEFORE INSERT ON house_fee
WHEN EXISTS (SELECT 1 FROM house_fee WHERE name = NEW.name AND id <> NEW.id AND organization IS NEW.organization
    AND unit = NEW.unit AND coalesce(price_from, 1) <= coalesce(NEW.price_to, 99999999)
    AND coalesce(NEW.price_from, 1) <= coalesce(price_to, 99999999))
BEGIN SELECT raise(ABORT, 'failed: house_fee_once'); END;
CREATE TRIGGER house_fee_once_changed BEFORE UPDATE ON house_fee
WHEN EXISTS (SELECT 1 FROM house_fee WHERE name = NEW.name AND id <> NEW.id AND organization IS NEW.organization
    AND unit = NEW.unit AND coalesce(price_from, 1) <= coalesce(NEW.price_to, 99999999)
    AND coalesce(NEW.price_from, 1) <= coalesce(price_to, 99999999))
BEGIN SELECT raise(ABORT, 'failed: house_fee_once'); END;

-- Somebody without an account is asked to work for tenants. The token of the letter is signed over `id`, not stored.
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
  distribution BLOB REFERENCES distribution (id) ON DELETE CASCADE,
  CONSTRAINT invite_grant_one CHECK ((tenant IS NULL) <> (distribution IS NULL))
) STRICT;
CREATE UNIQUE INDEX invite_grant_once ON invite_grant (invite, ifnull(tenant, x''), ifnull(distribution, x''));

-- Since when an account has a password that somebody chose who had not proven the address; the first proof ends it.
ALTER TABLE account ADD COLUMN registered INTEGER;

-- Where an account has bought anything: its purchases are looked for in these files alone.
CREATE TABLE buyer (
  account BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  tenant  BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  PRIMARY KEY (account, tenant)
) STRICT, WITHOUT ROWID;
CREATE INDEX buyer_tenant ON buyer (tenant);
