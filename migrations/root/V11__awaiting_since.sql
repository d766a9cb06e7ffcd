-- Since when something waits: a proof from before then opens nothing.
ALTER TABLE awaiting ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
-- Whether what stands here was noted before or after the last proof is not known: it waits for the next.
UPDATE awaiting SET since = 1 + (SELECT proven FROM account WHERE account.id = awaiting.account);
-- Seats are counted whenever a tenant is shown: by the index alone.
DROP INDEX connection_seat;
CREATE INDEX connection_seat ON connection (tenant, account) WHERE active = 1;
