-- The door without network, the venue's own settings, and money that was owed and is handed over.

-- What a venue decides for itself; exactly one row.
CREATE TABLE setting (
  one                      INTEGER PRIMARY KEY CHECK (one = 1),
  reentry                  INTEGER NOT NULL DEFAULT 1 CHECK (reentry IN (0, 1)),
  -- None: buyers never cancel by themselves.
  refund_deadline_hours    INTEGER DEFAULT 24 CHECK (refund_deadline_hours BETWEEN 0 AND 8760),
  member_price_needs_login INTEGER NOT NULL DEFAULT 1 CHECK (member_price_needs_login IN (0, 1)),
  membership_reminder_days INTEGER NOT NULL DEFAULT 30 CHECK (membership_reminder_days BETWEEN 0 AND 365)
) STRICT;
INSERT INTO setting (one) VALUES (1);
CREATE TRIGGER setting_stay BEFORE DELETE ON setting BEGIN SELECT raise(ABORT, 'settings are changed, not deleted'); END;

-- Each pass at a gate, allowed or not, is kept with the reason of its refusal; those of devices without network too.
ALTER TABLE scan RENAME TO scan_before;
CREATE TABLE scan (
  id          INTEGER PRIMARY KEY,
  -- None: what was shown is no ticket of this venue.
  ticket      BLOB REFERENCES ticket (id),
  shown       BLOB NOT NULL CHECK (length(shown) = 16),
  -- By the gate's clock.
  at          INTEGER NOT NULL,
  gate        TEXT NOT NULL,
  way         TEXT NOT NULL CHECK (way IN ('in', 'out')),
  -- None: let through.
  reason      TEXT CHECK (reason IN ('inactive', 'void', 'other_event', 'already_in', 'not_in', 'went_out', 'before_sale',
                'in_future', 'unknown', 'forged', 'unrecorded')),
  -- The pass that stands in the way.
  earlier     INTEGER REFERENCES scan (id),
  -- The name that a device without network gave it; each is taken once.
  device_scan BLOB CONSTRAINT scan_once UNIQUE CHECK (length(device_scan) = 16),
  actor       TEXT NOT NULL,
  noted       INTEGER NOT NULL,
  CHECK (ticket IS NULL OR ticket = shown),
  CHECK (ticket IS NOT NULL OR reason IS NOT NULL)
) STRICT;
INSERT INTO scan (id, ticket, shown, at, gate, way, reason, actor, noted)
  SELECT id, ticket, ticket, at, gate, CASE outcome WHEN 'out' THEN 'out' ELSE 'in' END,
    CASE outcome WHEN 'refused' THEN 'unrecorded' END, actor, at FROM scan_before ORDER BY id;
DROP TABLE scan_before;
CREATE INDEX scan_ticket ON scan (ticket, at, device_scan, id);
CREATE TRIGGER scan_keep BEFORE UPDATE ON scan BEGIN SELECT raise(ABORT, 'a scan is never rewritten'); END;
CREATE TRIGGER scan_stay BEFORE DELETE ON scan BEGIN SELECT raise(ABORT, 'a scan is never deleted'); END;

-- What a pass counts as since an earlier one of the same ticket came to light.
CREATE TABLE scan_revision (
  id      INTEGER PRIMARY KEY,
  scan    INTEGER NOT NULL REFERENCES scan (id),
  reason  TEXT CHECK (reason IN ('already_in', 'not_in', 'went_out')),
  earlier INTEGER REFERENCES scan (id),
  actor   TEXT NOT NULL,
  noted   INTEGER NOT NULL
) STRICT;
CREATE INDEX scan_revision_scan ON scan_revision (scan, id);
CREATE TRIGGER scan_revision_keep BEFORE UPDATE ON scan_revision BEGIN SELECT raise(ABORT, 'a revision is never rewritten'); END;
CREATE TRIGGER scan_revision_stay BEFORE DELETE ON scan_revision BEGIN SELECT raise(ABORT, 'a revision is never deleted'); END;

-- Passes as they now count.
CREATE VIEW pass AS
  SELECT scan.id, scan.ticket, scan.shown, scan.at, scan.gate, scan.way, scan.device_scan,
    CASE WHEN last.id IS NULL THEN scan.reason ELSE last.reason END AS reason,
    CASE WHEN last.id IS NULL THEN scan.earlier ELSE last.earlier END AS earlier
  FROM scan LEFT JOIN scan_revision AS last
    ON last.id = (SELECT max(one.id) FROM scan_revision AS one WHERE one.scan = scan.id);

-- Money that was noted as owed and has been handed over, once.
CREATE TABLE refund_settled (
  refund  BLOB PRIMARY KEY REFERENCES refund (id),
  means   TEXT NOT NULL CHECK (means IN ('cash', 'cheque', 'transfer', 'terminal')),
  actor   TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER refund_settled_owed BEFORE INSERT ON refund_settled
WHEN (SELECT owed FROM refund WHERE id = new.refund) IS NOT 1
BEGIN SELECT raise(ABORT, 'only what is owed is handed over'); END;
CREATE TRIGGER refund_settled_keep BEFORE UPDATE ON refund_settled BEGIN SELECT raise(ABORT, 'a settlement is never rewritten'); END;
CREATE TRIGGER refund_settled_stay BEFORE DELETE ON refund_settled BEGIN SELECT raise(ABORT, 'a settlement is never deleted'); END;
CREATE INDEX refund_owed ON refund (created) WHERE owed = 1;
