-- The tenant's own structure: units in units, teams in them, who manages and who belongs, and what is known of its staff.

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

-- People are accounts of the house, named by their id.
CREATE TABLE unit_manager (
  unit    BLOB NOT NULL REFERENCES unit (id) ON DELETE CASCADE,
  account BLOB NOT NULL CHECK (length(account) = 16),
  PRIMARY KEY (unit, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX unit_manager_account ON unit_manager (account);

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

-- What the tenant itself knows of somebody; the account is his own.
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

INSERT INTO tally (kind, rows) VALUES ('unit', 0), ('team', 0);
CREATE TRIGGER unit_tally_up AFTER INSERT ON unit BEGIN UPDATE tally SET rows = rows + 1 WHERE kind = 'unit'; END;
CREATE TRIGGER unit_tally_down AFTER DELETE ON unit BEGIN UPDATE tally SET rows = rows - 1 WHERE kind = 'unit'; END;
CREATE TRIGGER team_tally_up AFTER INSERT ON team BEGIN UPDATE tally SET rows = rows + 1 WHERE kind = 'team'; END;
CREATE TRIGGER team_tally_down AFTER DELETE ON team BEGIN UPDATE tally SET rows = rows - 1 WHERE kind = 'team'; END;
