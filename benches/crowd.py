"""Fills a house with people: 100,000 accounts, each of which works for three tenants.
usage: crowd.py ROOT_DB"""

import os
import sqlite3
import sys
import time

ACCOUNTS, EACH = 100_000, 3

root = sqlite3.connect(sys.argv[1])
organization = root.execute("SELECT id FROM organization ORDER BY created LIMIT 1").fetchone()[0]
tenants = [row[0] for row in root.execute("SELECT id FROM tenant WHERE category = 'S' ORDER BY no")]
now = time.time_ns() // 1000
first = root.execute("SELECT max(no) FROM account").fetchone()[0] + 1
accounts = [os.urandom(16) for _ in range(ACCOUNTS)]
root.executemany(
    "INSERT INTO account (id, organization, email, password_changed, active, superuser, can_create_tenant, created, no)"
    " VALUES (?, ?, ?, ?, 1, 0, 0, ?, ?)",
    ((id, organization, f"crowd-{n}@example.org", now, now, first + n) for n, id in enumerate(accounts)),
)
root.execute("UPDATE sequence SET next = ? WHERE kind = 'account'", (first + ACCOUNTS,))
root.executemany(
    "INSERT INTO connection (tenant, account, created) VALUES (?, ?, ?)",
    ((tenants[(n * EACH + step) % len(tenants)], id, now) for n, id in enumerate(accounts) for step in range(EACH)),
)
root.execute(
    "INSERT INTO connection_role (connection, role, granted, granted_by)"
    " SELECT no, 40, created, 'console' FROM connection WHERE no NOT IN (SELECT connection FROM connection_role)"
)
root.commit()
print(len(tenants), "tenants,", ACCOUNTS, "accounts,", root.execute("SELECT count(*) FROM connection_role").fetchone()[0], "grants")
