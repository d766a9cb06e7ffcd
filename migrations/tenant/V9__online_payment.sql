-- Paying online: what Stripe was asked for, how that stands, and what goes back through it.

-- One for each order that is paid online. Its id is that of the payment that it becomes.
CREATE TABLE checkout (
  id        BLOB PRIMARY KEY CHECK (length(id) = 16),
  orders    BLOB NOT NULL UNIQUE REFERENCES orders (id),
  amount    INTEGER NOT NULL CHECK (amount > 0),
  currency  TEXT NOT NULL CHECK (length(currency) = 3),
  state     TEXT NOT NULL CHECK (state IN ('asked', 'open', 'paid', 'returned', 'expired', 'failed')),
  -- As they were said to Stripe: asked again, it must hear the same words.
  return_to TEXT NOT NULL,
  ends      INTEGER NOT NULL,
  session   TEXT UNIQUE,
  intent    TEXT UNIQUE,
  url       TEXT,
  looks     INTEGER NOT NULL DEFAULT 0 CHECK (looks >= 0),
  -- From when Stripe is to be asked how it stands; while it is undecided.
  next_look INTEGER,
  created   INTEGER NOT NULL,
  settled   INTEGER,
  CHECK ((state IN ('asked', 'open')) = (settled IS NULL)),
  CHECK ((state IN ('asked', 'open')) = (next_look IS NOT NULL)),
  CHECK (state <> 'open' OR (session IS NOT NULL AND url IS NOT NULL)),
  CHECK ((state IN ('paid', 'returned')) = (intent IS NOT NULL))
) STRICT;
CREATE INDEX checkout_next ON checkout (next_look) WHERE next_look IS NOT NULL;
CREATE TRIGGER checkout_keep BEFORE UPDATE OF id, orders, amount, currency, return_to, ends, created ON checkout
BEGIN SELECT raise(ABORT, 'a checkout is never rewritten'); END;
CREATE TRIGGER checkout_stay BEFORE DELETE ON checkout BEGIN SELECT raise(ABORT, 'a checkout is never deleted'); END;
CREATE TRIGGER checkout_decided BEFORE UPDATE OF state ON checkout WHEN OLD.state = 'returned' OR (OLD.state = 'paid' AND NEW.state <> 'returned')
BEGIN SELECT raise(ABORT, 'a checkout that was paid stays so'); END;

-- What came through Stripe is written down once.
CREATE UNIQUE INDEX payment_stripe ON payment (reference) WHERE means = 'stripe';

-- Money on its way back through Stripe. Without a refund: more came in than the order had to get.
CREATE TABLE stripe_refund (
  id        BLOB PRIMARY KEY CHECK (length(id) = 16),
  checkout  BLOB NOT NULL REFERENCES checkout (id),
  refund    BLOB UNIQUE REFERENCES refund (id),
  amount    INTEGER NOT NULL CHECK (amount > 0),
  state     TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'given_up')),
  attempts  INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  next_try  INTEGER NOT NULL,
  -- What Stripe said last.
  error     TEXT,
  -- What Stripe calls it.
  reference TEXT UNIQUE,
  created   INTEGER NOT NULL,
  settled   INTEGER,
  CHECK ((state = 'waiting') = (settled IS NULL)),
  CHECK (state <> 'sent' OR reference IS NOT NULL),
  CHECK (state <> 'waiting' OR reference IS NULL)
) STRICT;
CREATE INDEX stripe_refund_next ON stripe_refund (next_try) WHERE state = 'waiting';
CREATE INDEX stripe_refund_checkout ON stripe_refund (checkout);
CREATE TRIGGER stripe_refund_within BEFORE INSERT ON stripe_refund
WHEN NEW.amount + (SELECT coalesce(sum(amount), 0) FROM stripe_refund WHERE checkout = NEW.checkout)
   > (SELECT amount FROM checkout WHERE id = NEW.checkout AND intent IS NOT NULL)
BEGIN SELECT raise(ABORT, 'no more goes back than was paid'); END;
CREATE TRIGGER stripe_refund_keep BEFORE UPDATE OF id, checkout, refund, amount, created ON stripe_refund
BEGIN SELECT raise(ABORT, 'a refund is never rewritten'); END;
CREATE TRIGGER stripe_refund_stay BEFORE DELETE ON stripe_refund BEGIN SELECT raise(ABORT, 'a refund is never deleted'); END;

-- An answer to who repeats a request must name the same page to pay at.
ALTER TABLE answered ADD COLUMN checkout BLOB REFERENCES checkout (id);
CREATE INDEX answered_checkout ON answered (checkout) WHERE checkout IS NOT NULL;
