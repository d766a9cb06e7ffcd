-- What staff give back at Stripe itself is written down here too, once; it may be what is owed here by hand.

DROP VIEW refund_noted;
CREATE TABLE refund_handed (
  refund    BLOB PRIMARY KEY REFERENCES refund (id),
  means     TEXT NOT NULL CHECK (means IN ('cash', 'cheque', 'transfer', 'terminal', 'stripe')),
  actor     TEXT NOT NULL,
  created   INTEGER NOT NULL,
  -- What Stripe calls it that was made there.
  reference TEXT UNIQUE,
  CHECK ((means = 'stripe') = (reference IS NOT NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO refund_handed (refund, means, actor, created) SELECT refund, means, actor, created FROM refund_settled;
DROP TABLE refund_settled;
ALTER TABLE refund_handed RENAME TO refund_settled;
CREATE TRIGGER refund_settled_owed BEFORE INSERT ON refund_settled
WHEN (SELECT owed FROM refund WHERE id = new.refund) IS NOT 1
BEGIN SELECT raise(ABORT, 'only what is owed is handed over'); END;
CREATE TRIGGER refund_settled_keep BEFORE UPDATE ON refund_settled BEGIN SELECT raise(ABORT, 'a settlement is never rewritten'); END;
CREATE TRIGGER refund_settled_stay BEFORE DELETE ON refund_settled BEGIN SELECT raise(ABORT, 'a settlement is never deleted'); END;
CREATE INDEX refund_settled_created ON refund_settled (created);
CREATE VIEW refund_noted AS
  SELECT id, orders, means, amount, reason, created,
    owed OR EXISTS (SELECT 1 FROM refund_settled WHERE refund = refund.id)
         OR EXISTS (SELECT 1 FROM stripe_refund WHERE refund = refund.id) AS noted_owed
  FROM refund;
