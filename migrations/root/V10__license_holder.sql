-- A licence is one tenant's: whose it is once it was taken over, so that a code that was overheard gives nobody else seats.
ALTER TABLE license ADD COLUMN holder BLOB REFERENCES tenant (id) ON DELETE SET NULL;
UPDATE license SET holder = (SELECT tenant FROM organizer
  WHERE license_customer = customer_id AND license_code = customer_code AND (license_seats > 0 OR license_expires IS NOT NULL)
  ORDER BY tenant LIMIT 1);
