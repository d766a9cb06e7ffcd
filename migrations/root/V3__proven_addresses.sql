-- When an address was last proven, which ends the links that were mailed before, and where people wait for theirs to be.

ALTER TABLE account ADD COLUMN proven INTEGER NOT NULL DEFAULT 0;

-- Tenants where something opens once this account's address is proven.
CREATE TABLE awaiting (
  account BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  tenant  BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  PRIMARY KEY (account, tenant)
) STRICT, WITHOUT ROWID;
CREATE INDEX awaiting_tenant ON awaiting (tenant);
