//! Images in the tenant's file, each with its variations.
//!
//! A name is given once and never changes what it holds, so it may be cached for ever.

use super::{job, usage};
use crate::error::Result;
use crate::picture::Picture;
use crate::root::{Read, Write};
use crate::values::secret::alphanumeric;
use std::collections::HashMap;

/// The variations that every image has, in the order of the contract.
pub const VARIATIONS: [&str; 4] = ["fhd", "hdr", "med", "thumbnail"];

/// What is served of one variation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Medium {
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// A picture to be stored, and what it was called where it came from.
#[derive(Debug)]
pub struct Upload {
    /// The name of its file.
    pub file: String,
    /// Where it was fetched from; none where it was sent.
    pub address: Option<String>,
    /// What it shows, with its variations.
    pub picture: Picture,
}

/// Characters of a file's name or an address that are told.
const LABEL_MAX: usize = 200;

/// Stores a picture under a name made from the file's own and seven random characters, as the contract's server does
/// on a collision: names must not collide between tenants either, as agendas show images of many. Returns the name, which a
/// job that is done tells too. Refused: a file that is as large as it may be.
pub fn store(tx: &Write, upload: &Upload) -> Result<String> {
    usage::check_size(tx)?;
    let Upload { file, address, picture } = upload;
    let (stem, extension) = match file.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && !VARIATIONS.contains(&extension) => {
            (stem, format!(".{extension}"))
        }
        _ => (file.as_str(), String::new()),
    };
    // A dot in the stem could be taken for a variation's.
    let name = format!("images/{}_{}{extension}", stem.replace('.', "_"), alphanumeric(7));
    for cut in &picture.cuts {
        tx.run(
            "INSERT INTO media (name, variation, media_type, width, height, body, created)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            (
                &name,
                cut.variation,
                picture.format.media_type(),
                cut.width,
                cut.height,
                &cut.bytes,
                tx.now(),
            ),
        )?;
    }
    // Behind a `?` there may be what opens the door where it came from.
    let known = address.as_ref().unwrap_or(file).split('?').next().unwrap_or_default();
    let label: String = known.chars().take(LABEL_MAX).collect();
    job::note_image(tx, &label, &name)?;
    Ok(name)
}

/// Forgets an image that nothing shows any more.
pub fn remove(tx: &Write, name: &str) -> Result<()> {
    tx.run("DELETE FROM media WHERE name = ?1", [name]).map(drop)
}

/// The path of a variation: `images/a.jpg` and `fhd` make `images/a.fhd.jpg`.
#[must_use]
pub fn variation_path(name: &str, variation: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}.{variation}.{extension}"),
        None => format!("{name}.{variation}"),
    }
}

/// The name and the variation that a path stands for; the variation is empty for the original.
#[must_use]
pub fn split_path(path: &str) -> (String, &str) {
    let Some((head, last)) = path.rsplit_once('.') else { return (path.to_owned(), "") };
    if VARIATIONS.contains(&last) {
        return (head.to_owned(), last);
    }
    match head.rsplit_once('.') {
        Some((stem, variation)) if VARIATIONS.contains(&variation) => {
            (format!("{stem}.{last}"), variation)
        }
        _ => (path.to_owned(), ""),
    }
}

/// One variation of one image.
pub fn find(tx: &Read, name: &str, variation: &str) -> Result<Option<Medium>> {
    let sql = "SELECT media_type, body FROM media WHERE name = ?1 AND variation = ?2";
    tx.maybe(sql, (name, variation), |row| {
        Ok(Medium { media_type: row.get("media_type")?, body: row.get("body")? })
    })
}

/// Media type and size in bytes of one variation of the images of these events, by the image's name; `ids` as
/// [`set`](crate::root::coming::set) makes it.
pub fn of_events(tx: &Read, ids: &str, variation: &str) -> Result<HashMap<String, (String, u32)>> {
    let sql = "SELECT DISTINCT media.name, media_type, length(body)
         FROM event JOIN media ON media.name = event.image AND variation = ?2
         WHERE event.id IN (SELECT unhex(value) FROM json_each(?1))";
    let all = tx.all(sql, (ids, variation), |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
    Ok(all.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variations_path_leads_back_to_its_name() {
        for name in ["images/a_1234567.jpg", "images/a.b_1234567.png", "images/1080_1234567"] {
            for variation in VARIATIONS {
                assert_eq!(
                    split_path(&variation_path(name, variation)),
                    (name.to_owned(), variation)
                );
            }
            assert_eq!(split_path(name), (name.to_owned(), ""));
        }
    }
}
