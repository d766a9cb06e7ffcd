-- An event that was booked and is taken away is gone for all but the orders and tickets that name it.

-- Since when; none: it is there.
ALTER TABLE event ADD COLUMN deleted INTEGER;
