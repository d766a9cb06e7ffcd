-- What is to come at all venues, for agendas and artists: which event, where, when, and with whom.

-- A projection of the tenants' files; all else of an event is read in its tenant's own file.
CREATE TABLE coming (
  event  BLOB PRIMARY KEY CHECK (length(event) = 16),
  tenant BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  starts INTEGER NOT NULL,
  image  TEXT
) STRICT;
CREATE INDEX coming_order ON coming (starts, event);
CREATE INDEX coming_tenant ON coming (tenant);
CREATE INDEX coming_image ON coming (image);

CREATE TABLE coming_artist (
  event  BLOB NOT NULL REFERENCES coming (event) ON DELETE CASCADE,
  artist BLOB NOT NULL CHECK (length(artist) = 16),
  PRIMARY KEY (artist, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX coming_artist_event ON coming_artist (event);
