-- Who offered what of an invitation that several venues make, and those who run the house among ROOT's people.

ALTER TABLE invite_grant ADD COLUMN invited_by BLOB REFERENCES account (id) ON DELETE SET NULL;
-- Of what was added since by others nobody knows by whom.
UPDATE invite_grant SET invited_by = (SELECT invited_by FROM invite WHERE invite.no = invite_grant.invite)
  WHERE coalesce(tenant, (SELECT distribution.tenant FROM distribution WHERE distribution.id = invite_grant.distribution))
    = (SELECT invite.tenant FROM invite WHERE invite.no = invite_grant.invite);

-- Whom a tenant let go sells nothing there.
DELETE FROM sale_grant WHERE EXISTS (SELECT 1 FROM distribution JOIN connection ON connection.tenant = distribution.tenant
  WHERE distribution.id = sale_grant.distribution AND connection.account = sale_grant.account AND connection.deleted IS NOT NULL);

INSERT INTO connection (tenant, account, created)
  SELECT tenant.id, account.id, account.created FROM tenant, account WHERE tenant.no = 0 AND account.superuser = 1
  ORDER BY account.created, account.no
  ON CONFLICT (tenant, account) DO UPDATE SET active = iif(deleted IS NULL, active, 1), deleted = NULL;
UPDATE connection SET username = 'sys.admin'
  WHERE no = (SELECT min(connection.no) FROM connection JOIN account ON account.id = connection.account
      WHERE connection.tenant = (SELECT id FROM tenant WHERE no = 0) AND superuser = 1 AND account.active = 1
        AND connection.active = 1 AND username IS NULL)
    AND NOT EXISTS (SELECT 1 FROM connection WHERE tenant = (SELECT id FROM tenant WHERE no = 0) AND username = 'sys.admin');
