//! Mail that waits to be sent. A row is written in the transaction that is its reason; sending is a job's work.

use crate::error::Result;
use crate::root::{Read, Write};
use crate::values::Email;
use crate::values::id::{AccountId, MailId};

/// Asks a person to prove their e-mail, unless such a mail is waiting already.
pub fn confirm_email(tx: &Write, recipient: &Email, account: AccountId) -> Result<()> {
    tx.run(
        "INSERT INTO outbox (id, kind, recipient, account, created) SELECT ?1, 'confirm_email', ?2, ?3, ?4
         WHERE NOT EXISTS (SELECT 1 FROM outbox
            WHERE state = 'waiting' AND kind = 'confirm_email' AND account = ?3)",
        (MailId::new(), recipient, account, tx.now()),
    )
    .map(drop)
}

/// Who is waited for: the kind and the recipient of each mail that has not been sent, oldest first.
pub fn waiting(tx: &Read) -> Result<Vec<(String, String)>> {
    let sql = "SELECT kind, recipient FROM outbox WHERE state = 'waiting' ORDER BY created";
    tx.all(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
}
