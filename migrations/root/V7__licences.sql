-- Licences that tenants are bought seats with, and what programs were refused, to be found again by its id.

CREATE TABLE license (
  no            INTEGER PRIMARY KEY AUTOINCREMENT,
  customer_id   TEXT NOT NULL CHECK (length(customer_id) BETWEEN 1 AND 50),
  customer_code TEXT NOT NULL CHECK (length(customer_code) BETWEEN 1 AND 50),
  kind          TEXT NOT NULL CHECK (kind IN ('Trial', 'Forever')),
  expires       INTEGER,
  total         INTEGER NOT NULL CHECK (total BETWEEN 0 AND 1000000),
  created       INTEGER NOT NULL,
  CONSTRAINT license_buyer UNIQUE (customer_id, customer_code),
  CONSTRAINT license_ends CHECK ((kind = 'Trial') = (expires IS NOT NULL))
) STRICT;

-- The newest refusals alone are kept. Never a secret, never a body.
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

-- Seats are counted whenever a tenant is shown.
CREATE INDEX connection_seat ON connection (tenant) WHERE active = 1;
