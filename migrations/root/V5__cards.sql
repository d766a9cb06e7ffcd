-- NFC cards belong to the house, not to one tenant: who shows one anywhere is to be known by it.

-- Cards that were made together: which addresses are printed on them, for which tenant.
CREATE TABLE card_batch (
  id         BLOB PRIMARY KEY CHECK (length(id) = 16),
  base_url   TEXT NOT NULL CHECK (length(base_url) BETWEEN 1 AND 60),
  origin     BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  generation INTEGER NOT NULL CHECK (generation BETWEEN 0 AND 32767),
  created    INTEGER NOT NULL,
  CONSTRAINT card_batch_once UNIQUE (base_url, generation)
) STRICT;
CREATE INDEX card_batch_origin ON card_batch (origin);

-- `id` is in the address that its QR shows, `tag` is what a reader sees, `number` what is printed; both eight hexadecimal digits.
CREATE TABLE card (
  id      BLOB PRIMARY KEY CHECK (length(id) = 16),
  batch   BLOB NOT NULL REFERENCES card_batch (id) ON DELETE CASCADE,
  tag     TEXT NOT NULL CONSTRAINT card_tag UNIQUE CHECK (length(tag) = 8),
  number  TEXT NOT NULL CONSTRAINT card_number UNIQUE CHECK (length(number) = 8),
  account BLOB REFERENCES account (id),
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX card_batch_cards ON card (batch);
CREATE INDEX card_account ON card (account) WHERE account IS NOT NULL;
