-- A cart that is changed is another order: its hold is bounded from when the first of them was placed.

-- When the first order was placed in whose place this one came; none: it is the first.
ALTER TABLE orders ADD COLUMN began INTEGER CHECK (began <= placed);
