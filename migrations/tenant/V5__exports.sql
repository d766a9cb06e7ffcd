-- What accountants ask for: credit notes by rate of VAT, and a way to look up by when money moved.

-- A credit note, split by rate; never changed. A rate of none: of an order with several rates, from before this was kept.
CREATE TABLE credit_part (
  note     INTEGER NOT NULL REFERENCES credit_note (no),
  vat_rate INTEGER CHECK (vat_rate BETWEEN 0 AND 10000),
  amount   INTEGER NOT NULL CHECK (amount >= 0),
  vat      INTEGER NOT NULL CHECK (vat BETWEEN 0 AND amount),
  CONSTRAINT credit_part_rate UNIQUE (note, vat_rate)
) STRICT;
INSERT INTO credit_part (note, vat_rate, amount, vat)
SELECT credit_note.no,
       (SELECT CASE WHEN min(vat_rate) = max(vat_rate) THEN min(vat_rate) END FROM line WHERE line.orders = refund.orders),
       credit_note.amount, credit_note.vat
FROM credit_note JOIN refund ON refund.id = credit_note.refund;
CREATE TRIGGER credit_part_keep BEFORE UPDATE ON credit_part BEGIN SELECT raise(ABORT, 'a credit note is never rewritten'); END;
CREATE TRIGGER credit_part_stay BEFORE DELETE ON credit_part BEGIN SELECT raise(ABORT, 'a credit note is never deleted'); END;

CREATE INDEX orders_settled ON orders (settled) WHERE state IN ('paid', 'refunded');
CREATE INDEX refund_created ON refund (created);
CREATE INDEX credit_note_created ON credit_note (created);
