-- Prices whose buyers choose the amount, and codes that take something off.

-- The buyer chooses what to pay: `amount` is then the least.
ALTER TABLE price ADD COLUMN free_amount INTEGER NOT NULL DEFAULT 0 CHECK (free_amount IN (0, 1));

-- A code that takes something off each piece it applies to: so many hundredths of a percent, or an amount. One use is one
-- order. `folded` is the code without upper case, by which it is found; an archived one leaves its code to another.
CREATE TABLE promotion (
  id              BLOB PRIMARY KEY CHECK (length(id) = 16),
  code            TEXT NOT NULL CHECK (code <> ''),
  folded          TEXT NOT NULL,
  percent         INTEGER CHECK (percent BETWEEN 1 AND 10000),
  amount          INTEGER CHECK (amount BETWEEN 1 AND 99999999),
  starts          INTEGER CHECK (starts BETWEEN 0 AND 7258118400000000),
  ends            INTEGER CHECK (ends BETWEEN 0 AND 7258118400000000),
  uses_max        INTEGER CHECK (uses_max BETWEEN 1 AND 1000000),
  uses_per_person INTEGER CHECK (uses_per_person BETWEEN 1 AND 32767),
  -- Orders that are held or paid by it; those of a hold that has run out are given back by the next write.
  used            INTEGER NOT NULL DEFAULT 0 CONSTRAINT promotion_uses CHECK (used >= 0 AND (uses_max IS NULL OR used <= uses_max)),
  -- It applies to the products of `promotion_product` alone.
  chosen          INTEGER NOT NULL CHECK (chosen IN (0, 1)),
  archived        INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1)),
  created         INTEGER NOT NULL,
  CONSTRAINT promotion_cut CHECK ((percent IS NULL) <> (amount IS NULL)),
  CONSTRAINT promotion_span CHECK (ends > starts)
) STRICT;
CREATE UNIQUE INDEX promotion_code ON promotion (folded) WHERE archived = 0;

CREATE TABLE promotion_product (
  promotion BLOB NOT NULL REFERENCES promotion (id) ON DELETE CASCADE,
  product   BLOB NOT NULL REFERENCES product (id) ON DELETE CASCADE,
  PRIMARY KEY (promotion, product)
) STRICT, WITHOUT ROWID;
CREATE INDEX promotion_product_product ON promotion_product (product);

ALTER TABLE orders ADD COLUMN promotion BLOB REFERENCES promotion (id);
CREATE INDEX orders_promotion ON orders (promotion, account) WHERE promotion IS NOT NULL;
CREATE INDEX orders_promotion_held ON orders (promotion, expires) WHERE state = 'held' AND promotion IS NOT NULL;
CREATE TRIGGER orders_keep_promotion BEFORE UPDATE OF promotion ON orders
BEGIN SELECT raise(ABORT, 'an order is never rewritten'); END;
CREATE TRIGGER orders_promotion_person BEFORE INSERT ON orders
WHEN (SELECT count(*) FROM orders WHERE promotion = NEW.promotion AND account = NEW.account
        AND (state = 'paid' OR state = 'held' AND expires > NEW.placed))
  >= (SELECT uses_per_person FROM promotion WHERE id = NEW.promotion)
BEGIN SELECT raise(ABORT, 'one person has used up this code'); END;

-- What the promotion took off each piece: `unit` is what is left of it, so that what goes back is what was paid.
ALTER TABLE line ADD COLUMN discount INTEGER NOT NULL DEFAULT 0 CHECK (discount BETWEEN 0 AND 99999999);
CREATE TRIGGER line_keep_discount BEFORE UPDATE OF discount ON line
BEGIN SELECT raise(ABORT, 'a line is never rewritten'); END;

INSERT INTO tally (kind, rows) VALUES ('promotion', 0);
CREATE TRIGGER promotion_tally_up AFTER INSERT ON promotion BEGIN UPDATE tally SET rows = rows + 1 WHERE kind = 'promotion'; END;
CREATE TRIGGER promotion_tally_down AFTER DELETE ON promotion BEGIN UPDATE tally SET rows = rows - 1 WHERE kind = 'promotion'; END;
