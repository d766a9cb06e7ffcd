-- Each pass keeps the rule of its time: changing the setting in the evening does not revise passes that were right.

-- Might who went out come back in, when this was noted? Gates with network let people come back by that rule so far.
ALTER TABLE scan ADD COLUMN reentry INTEGER NOT NULL DEFAULT 1 CHECK (reentry IN (0, 1));
DROP TRIGGER scan_keep;
UPDATE scan SET reentry = (SELECT reentry FROM setting) WHERE device_scan IS NOT NULL;
CREATE TRIGGER scan_keep BEFORE UPDATE ON scan BEGIN SELECT raise(ABORT, 'a scan is never rewritten'); END;
