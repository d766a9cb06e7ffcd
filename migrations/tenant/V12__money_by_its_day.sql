-- Money by its day: when what Stripe had taken on came to nothing, and what moved when is found by its day.

-- From then on it is owed again; while `settled` is when Stripe took it on.
ALTER TABLE stripe_refund ADD COLUMN failed INTEGER CHECK (failed IS NULL OR settled IS NOT NULL);
-- Of those from before, nobody knows the day: what was taken and what came back cancel each other out.
UPDATE stripe_refund SET failed = settled WHERE state = 'given_up' AND reference IS NOT NULL;
CREATE TRIGGER stripe_refund_days BEFORE UPDATE OF settled, failed, reference ON stripe_refund
WHEN (OLD.settled IS NOT NULL AND (NEW.settled IS NOT OLD.settled OR NEW.reference IS NOT OLD.reference))
  OR (OLD.failed IS NOT NULL AND NEW.failed IS NOT OLD.failed)
BEGIN SELECT raise(ABORT, 'what moved on a day is never rewritten'); END;
CREATE TRIGGER stripe_refund_failed BEFORE UPDATE OF state ON stripe_refund
WHEN OLD.state = 'sent' AND (NEW.state <> 'given_up' OR NEW.failed IS NULL)
BEGIN SELECT raise(ABORT, 'what came back has its day'); END;

CREATE INDEX stripe_refund_settled ON stripe_refund (settled) WHERE reference IS NOT NULL;
CREATE INDEX stripe_refund_failed_on ON stripe_refund (failed) WHERE failed IS NOT NULL;
CREATE INDEX refund_settled_created ON refund_settled (created);

-- Refunds with what never changes of them: was it noted as owed on its day, whatever became of it?
CREATE VIEW refund_noted AS
  SELECT id, orders, means, amount, reason, created,
    owed OR EXISTS (SELECT 1 FROM refund_settled WHERE refund = refund.id)
         OR EXISTS (SELECT 1 FROM stripe_refund WHERE refund = refund.id) AS noted_owed
  FROM refund;

-- When a person was a member by a price, as the lines say that are paid and not given back; worked out anew with each
-- change of them. None: of a membership from before this was kept.
CREATE TABLE membership_period (
  account BLOB NOT NULL CHECK (length(account) = 16),
  price   BLOB NOT NULL REFERENCES price (id),
  starts  INTEGER NOT NULL,
  -- None: for life.
  ends    INTEGER CHECK (ends > starts),
  PRIMARY KEY (account, price, starts)
) STRICT, WITHOUT ROWID;
