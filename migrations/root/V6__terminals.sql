-- Devices at the door: an account each, in the name of an administrator, who types in a code that he was mailed.

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
