-- Placed by whoever chose the password of an account whose address nobody had proven: until it is, such a one sees no other
-- order of that account, nor those from before this was written down.
ALTER TABLE orders ADD COLUMN claimed INTEGER NOT NULL DEFAULT 0 CHECK (claimed IN (0, 1));
