//! NFC cards: shared by all tenants, made in batches for one of them.

use super::{Operator, Right, Staff, Write};
use crate::error::{Error, OnConflict, Refusal, Result};
use crate::values::id::{CardId, TenantId};
use crate::values::{Host, Slug, Time};
use rusqlite::{Row, named_params};
use uuid::Uuid;

/// Most cards that are registered at once.
pub const MOST: usize = 5_000;

/// Longest beginning of the addresses of a batch, in characters.
pub const BASE_MAX: usize = 60;

/// Cards that were made together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its id.
    pub id: Uuid,
    /// How the addresses on its cards begin: `https://…/qr/`.
    pub base_url: String,
    /// For which tenant they were made.
    pub origin: TenantId,
    /// Which time, for that tenant.
    pub generation: u16,
}

/// A card as it comes from who made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// The address in its QR: its batch's, and its id.
    pub url: String,
    /// Its generation.
    pub generation: u16,
    /// Its batch's id, where that is said.
    pub batch: Option<Uuid>,
    /// What a reader sees: eight hexadecimal digits.
    pub tag: String,
    /// What is printed on it: eight hexadecimal digits.
    pub number: String,
}

/// A card as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The id in its address.
    pub id: CardId,
    /// What a reader sees.
    pub tag: String,
    /// What is printed on it.
    pub number: String,
    /// For whom it was made.
    pub origin: Slug,
    /// Which time.
    pub generation: u16,
    /// Has it an owner?
    pub taken: bool,
    /// Since when it is registered.
    pub created: Time,
}

/// Why cards are not registered; none of them is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not an address that ends in `/qr/` and an id, or digits that are none. The place in the list.
    Malformed(usize),
    /// No batch has this beginning and generation. The place in the list.
    NoBatch(usize),
    /// The card says that it is of another batch than its address does. The place in the list.
    OtherBatch(usize),
    /// Tag, number or id are those of another card. The place in the list.
    Taken(usize),
    /// More than [`MOST`].
    TooMany,
}

/// The parts of a card's address: how its batch's begin, and its id.
fn split(url: &str) -> Option<(&str, Uuid)> {
    let at = url.rfind("/qr/")? + "/qr/".len();
    let (base, id) = url.split_at(at);
    let is_address = base.starts_with("https://") || base.starts_with("http://");
    let id = Uuid::try_parse(id.trim_end_matches('/')).ok()?;
    (is_address && base.chars().count() <= BASE_MAX).then_some((base, id))
}

fn eight(digits: &str) -> Option<String> {
    let right = digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    right.then(|| digits.to_ascii_uppercase())
}

const BATCH: &str = "id, base_url, origin, generation";

fn batch(row: &Row<'_>) -> rusqlite::Result<Batch> {
    Ok(Batch {
        id: row.get("id")?,
        base_url: row.get("base_url")?,
        origin: row.get("origin")?,
        generation: row.get("generation")?,
    })
}

fn create_batch(tx: &Write, base_url: &str, origin: TenantId, generation: u16) -> Result<Batch> {
    let sql = format!(
        "INSERT INTO card_batch (id, base_url, origin, generation, created) VALUES (?1, ?2, ?3, ?4, ?5)
         RETURNING {BATCH}"
    );
    let id = CardId::new().0;
    tx.one(&sql, (id, base_url, origin, generation, tx.now()), batch)
        .on_conflict("card_batch.base_url, card_batch.generation", Refusal::NameTaken)
}

/// Registers cards of batches that are there; one that is registered already, just so, is let be.
fn register(tx: &Write, cards: &[Printed]) -> Result<Result<usize, Fault>> {
    if cards.len() > MOST {
        return Ok(Err(Fault::TooMany));
    }
    let find = format!("SELECT {BATCH} FROM card_batch WHERE base_url = ?1 AND generation = ?2");
    let mut made = 0;
    for (place, card) in cards.iter().enumerate() {
        let parts = split(&card.url).zip(eight(&card.tag)).zip(eight(&card.number));
        let Some((((base, id), tag), number)) = parts else {
            return Ok(Err(Fault::Malformed(place)));
        };
        let Some(batch) = tx.maybe(&find, (base, card.generation), batch)? else {
            return Ok(Err(Fault::NoBatch(place)));
        };
        if card.batch.is_some_and(|said| said != batch.id) {
            return Ok(Err(Fault::OtherBatch(place)));
        }
        let same = "SELECT 1 FROM card WHERE id = ?1 AND tag = ?2 AND number = ?3 AND batch = ?4";
        if tx.exists(same, (id, &tag, &number, batch.id))? {
            continue;
        }
        if tx.exists(
            "SELECT 1 FROM card WHERE id = ?1 OR tag = ?2 OR number = ?3",
            (id, &tag, &number),
        )? {
            return Ok(Err(Fault::Taken(place)));
        }
        made += tx.run(
            "INSERT INTO card (id, batch, tag, number, created) VALUES (:id, :batch, :tag, :number, :now)",
            named_params! { ":id": id, ":batch": batch.id, ":tag": tag, ":number": number, ":now": tx.now() },
        )?;
    }
    Ok(Ok(made))
}

/// All or nothing: a fault undoes what was registered before it.
fn all_or_nothing(done: Result<Result<usize, Fault>>, fault: &mut Option<Fault>) -> Result<usize> {
    done?.map_err(|found| {
        *fault = Some(found);
        Error::NotFound
    })
}

impl Staff {
    /// Registers cards whose addresses are on one of this tenant's own hosts, in batches that are made where they are
    /// missing. For who may manage the tenant.
    pub fn load_cards(&self, cards: &[Printed]) -> Result<Result<usize, Fault>> {
        self.must(Right::Manage)?;
        let (house, id) = (self.tenant().house(), self.tenant().entry().id);
        let hosts = house.registry()?.hosts_of(id);
        let mut fault = None;
        let done = house.file.write(self.by(), |tx| {
            let mut bases: Vec<_> = cards.iter().map(|card| (&card.url, card.generation)).collect();
            bases.truncate(MOST);
            for (place, (url, generation)) in bases.into_iter().enumerate() {
                let own = split(url).filter(|(base, _)| {
                    let host = base.split('/').nth(2).and_then(Host::parse);
                    host.is_some_and(|host| hosts.contains(&host))
                });
                let Some((base, _)) = own else {
                    return all_or_nothing(Ok(Err(Fault::Malformed(place))), &mut fault);
                };
                let there = "SELECT 1 FROM card_batch WHERE base_url = ?1 AND generation = ?2";
                if !tx.exists(there, (base, generation))? {
                    create_batch(tx, base, id, generation)?;
                }
            }
            all_or_nothing(register(tx, cards), &mut fault)
        });
        fault.map_or_else(|| done.map(Ok), |fault| Ok(Err(fault)))
    }
}

impl Operator {
    /// Makes a batch for a tenant.
    pub fn create_card_batch(
        &self,
        base_url: &str,
        origin: TenantId,
        generation: u16,
    ) -> Result<Batch> {
        self.house().file.write(self.by(), |tx| {
            if !tx.exists("SELECT 1 FROM tenant WHERE id = ?1 AND state <> 'creating'", [origin])? {
                return Err(Error::invalid("origine", "there is no such tenant"));
            }
            create_batch(tx, base_url, origin, generation)
        })
    }

    /// Registers cards of batches that are there.
    pub fn load_cards(&self, cards: &[Printed]) -> Result<Result<usize, Fault>> {
        let mut fault = None;
        let done = self
            .house()
            .file
            .write(self.by(), |tx| all_or_nothing(register(tx, cards), &mut fault));
        fault.map_or_else(|| done.map(Ok), |fault| Ok(Err(fault)))
    }

    /// Registered cards, of all tenants or those made for one.
    pub fn cards(&self, origin: Option<&Slug>, limit: i64, offset: i64) -> Result<Vec<Card>> {
        let origin = origin.map(|slug| self.tenant_id(slug)).transpose()?;
        self.house().file.read(|tx| {
            tx.all(
                "SELECT card.id, tag, number, tenant.slug, generation, account IS NOT NULL AS taken, card.created
                 FROM card JOIN card_batch ON card_batch.id = card.batch JOIN tenant ON tenant.id = card_batch.origin
                 WHERE ?1 IS NULL OR card_batch.origin = ?1 ORDER BY card.created, card.id LIMIT ?2 OFFSET ?3",
                (origin, limit, offset),
                |row| {
                    Ok(Card {
                        id: row.get("id")?,
                        tag: row.get("tag")?,
                        number: row.get("number")?,
                        origin: row.get("slug")?,
                        generation: row.get("generation")?,
                        taken: row.get("taken")?,
                        created: row.get("created")?,
                    })
                },
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_ends_in_qr_and_an_id() {
        let id = "76dc433c-00ac-479c-93c4-b7a0710246af";
        let url = format!("https://demo.example.org/qr/{id}");
        let (base, found) = split(&url).unwrap();
        assert_eq!((base, found.to_string().as_str()), ("https://demo.example.org/qr/", id));
        for wrong in ["", "/qr/", "https://demo.example.org/qr/1", &format!("ftp://x/qr/{id}")] {
            assert!(split(wrong).is_none(), "{wrong}");
        }
        assert_eq!(eight("ee144ce8").unwrap(), "EE144CE8");
        assert!(eight("EE144CE").is_none() && eight("EE144CEG").is_none());
    }
}
