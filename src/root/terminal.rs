//! Terminals: devices at the door. Each has an account, in the name of an administrator, and passes tickets wherever he
//! administered when it was paired.
//!
//! A device asks, the administrator is mailed six digits, and types them in at the device: so it takes both. The digits
//! are reckoned from the pairing and a key of the house, and stand nowhere.

use super::role::Role;
use super::{Account, By, People, Read, account, connection};
use crate::error::{Error, Result};
use crate::values::id::{AccountId, TenantId};
use crate::values::secret::{Fingerprint, alphanumeric, sign};
use crate::values::{Email, Time};
use rusqlite::{Row, named_params};
use sha2::{Digest as _, Sha256};
use std::time::Duration;

/// How long the digits are good.
const LIFE: Duration = Duration::from_mins(10);

/// How often wrong digits may be typed for one pairing.
const TRIES: i64 = 5;

/// Most terminals of one administrator.
const MOST: i64 = 100;

/// What a device says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its name for itself: 1 to 64 letters, digits, `-` and `_`.
    pub id: String,
    /// `xx:xx:xx:xx:xx:xx`.
    pub mac: String,
    /// Its address in the local network.
    pub local_ip: String,
}

/// A terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// In whose name it works.
    pub admin: AccountId,
    /// What it said of itself.
    pub device: Device,
    /// Since when it may work.
    pub paired: Option<Time>,
    digest: Option<Fingerprint>,
    asked: Time,
    tries: i64,
}

/// What a device learns that asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The address that stands for it.
    pub email: Email,
    /// What it shows when the digits are typed in. Once.
    pub token: String,
    /// Whom to mail the digits, and for which account; none: whoever was named administers nothing.
    pub mail: Option<(Account, AccountId)>,
}

const COLUMNS: &str = "admin, device, mac, local_ip, digest, asked, tries, paired";

fn row(row: &Row<'_>) -> rusqlite::Result<Terminal> {
    Ok(Terminal {
        admin: row.get("admin")?,
        device: Device {
            id: row.get("device")?,
            mac: row.get("mac")?,
            local_ip: row.get("local_ip")?,
        },
        paired: row.get("paired")?,
        digest: row.get("digest")?,
        asked: row.get("asked")?,
        tries: row.get("tries")?,
    })
}

fn get(tx: &Read, account: AccountId) -> Result<Option<Terminal>> {
    tx.maybe(&format!("SELECT {COLUMNS} FROM terminal WHERE account = ?1"), [account], row)
}

/// Where an account is administrator.
fn administered(tx: &Read, account: AccountId) -> Result<Vec<TenantId>> {
    tx.all(
        "SELECT tenant FROM connection JOIN connection_role ON connection_role.connection = connection.no
         WHERE account = ?1 AND active = 1 AND role = 99",
        [account],
        |row| row.get(0),
    )
}

/// `ana+gate-1@example.org` for the device `gate-1` of `ana@example.org`.
fn address(admin: &Email, device: &Device) -> Option<Email> {
    let known = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let right = (1..=64).contains(&device.id.len()) && device.id.chars().all(known);
    let (name, host) = admin.as_str().split_once('@').filter(|_| right)?;
    Email::parse(&format!("{name}+{}@{host}", device.id))
}

impl People {
    /// A device asks to work for an administrator. What it hears is the same whether he is one.
    pub fn ask_terminal(&self, admin: &Email, device: &Device) -> Result<Asked> {
        let email = address(admin, device).ok_or_else(|| {
            Error::invalid("unique_id", "must have 1 to 64 letters, digits, - or _")
        })?;
        let token = alphanumeric(43);
        let mail = self.house().file.write(By::Visitor, |tx| {
            let organization = self.house().organization;
            let Some(admin) = account::find(tx, organization, admin)?.filter(|admin| admin.active)
            else {
                return Ok(None);
            };
            let many = "SELECT count(*) FROM terminal WHERE admin = ?1";
            let many: i64 = tx.one(many, [admin.id], |row| row.get(0))?;
            if administered(tx, admin.id)?.is_empty() || many >= MOST {
                return Ok(None);
            }
            let (own, made) = account::find_or_make(tx, organization, &email)?;
            // Somebody's own address, or another administrator's device.
            if !made && get(tx, own.id)?.is_none_or(|known| known.admin != admin.id) {
                return Ok(None);
            }
            // A device that works goes on working until its new pairing is done.
            tx.run(
                "INSERT INTO terminal (account, admin, device, mac, local_ip, digest, asked)
                 VALUES (:account, :admin, :device, :mac, :local_ip, :digest, :now)
                 ON CONFLICT (account) DO UPDATE SET digest = excluded.digest, asked = excluded.asked, tries = 0",
                named_params! {
                    ":account": own.id, ":admin": admin.id, ":device": device.id, ":mac": device.mac,
                    ":local_ip": device.local_ip, ":digest": Fingerprint::of(&token), ":now": tx.now(),
                },
            )?;
            Ok(Some((admin, own.id)))
        })?;
        Ok(Asked { email, token, mail })
    }

    /// The digits of a pairing that is under way.
    pub fn terminal_digits(&self, account: AccountId, now: Time) -> Result<Option<String>> {
        let found = self.house().file.read(|tx| get(tx, account))?;
        let open = found.filter(|found| found.digest.is_some() && now < found.asked.plus(LIFE));
        Ok(open.map(|terminal| self.digits(account, &terminal)))
    }

    fn digits(&self, account: AccountId, terminal: &Terminal) -> String {
        let said = format!("terminal|{account}|{}", terminal.asked.0);
        let signed = Sha256::digest(sign(&self.house().secrets.jwt, &said));
        let number = signed.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        format!("{:06}", number % 1_000_000)
    }

    /// Pairs a device: its token and the digits must be those of one pairing, which is over then, or after too many wrong
    /// digits. It passes tickets from then on where its administrator administers. None: it is not paired.
    pub fn pair_terminal(
        &self,
        email: &Email,
        device: &Device,
        token: &str,
        digits: &str,
    ) -> Result<Option<(Account, Vec<TenantId>)>> {
        self.house().file.write(By::Visitor, |tx| {
            let Some(own) = account::find(tx, self.house().organization, email)? else {
                return Ok(None);
            };
            let Some(known) = get(tx, own.id)? else { return Ok(None) };
            let open = tx.now() < known.asked.plus(LIFE) && known.tries < TRIES;
            let its_own = known.digest.is_some_and(|digest| digest.matches(token));
            if !open || !its_own {
                return Ok(None);
            }
            let expected = Fingerprint::of(&self.digits(own.id, &known));
            if !expected.matches(digits) || known.device.id != device.id {
                tx.run("UPDATE terminal SET tries = tries + 1 WHERE account = ?1", [own.id])?;
                return Ok(None);
            }
            tx.run(
                "UPDATE terminal SET digest = NULL, paired = ?2, mac = ?3, local_ip = ?4 WHERE account = ?1",
                (own.id, tx.now(), &device.mac, &device.local_ip),
            )?;
            account::set_proven(tx, own.id)?;
            let tenants = administered(tx, known.admin)?;
            for tenant in &tenants {
                let connection = connection::find_or_make(tx, *tenant, own.id)?;
                connection::add_role(tx, connection, Role::Gate)?;
            }
            Ok(account::get(tx, own.id)?.map(|account| (account, tenants)))
        })
    }

    /// The terminal that an account is.
    pub fn terminal(&self, account: AccountId) -> Result<Option<Terminal>> {
        self.house().file.read(|tx| get(tx, account))
    }

    /// Names and hosts of tenants that are open.
    pub fn named(&self, tenants: &[TenantId]) -> Result<Vec<(String, String)>> {
        let found = self.house().registry()?.among(tenants);
        let mut named: Vec<_> =
            found.iter().map(|entry| (entry.name.clone(), entry.primary.to_string())).collect();
        named.sort();
        Ok(named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_has_an_address_under_its_administrators() {
        let admin = Email::parse("ana@example.org").unwrap();
        let device =
            |id: &str| Device { id: id.into(), mac: String::new(), local_ip: String::new() };
        assert_eq!(address(&admin, &device("gate-1")).unwrap().as_str(), "ana+gate-1@example.org");
        for wrong in ["", "a b", "x@y", "é", &"x".repeat(65)] {
            assert!(address(&admin, &device(wrong)).is_none(), "{wrong}");
        }
    }
}
