//! The place: what a tenant tells the public about itself. Its file holds the truth; the house's directory repeats it.

use super::media::Upload;
use super::{audit, event, media, outbox};
use crate::error::{Error, Result};
use crate::root::directory::{COLUMNS, PARAMETERS, Published};
use crate::root::found::Administrator;
use crate::root::{Founded, Founder, Founding, Profile, Read, Write};
use crate::values::zone::Zone;

/// Images that come with a place.
#[derive(Debug, Default)]
pub struct Images {
    /// The main image.
    pub image: Option<Upload>,
    /// The logo.
    pub logo: Option<Upload>,
    /// A plan of the place.
    pub map: Option<Upload>,
    /// The restaurant's menu.
    pub menu: Option<Upload>,
}

impl Images {
    fn store(&self, tx: &Write, profile: &mut Profile) -> Result<()> {
        for (image, slot) in [
            (&self.image, &mut profile.image),
            (&self.logo, &mut profile.logo),
            (&self.map, &mut profile.map_image),
            (&self.menu, &mut profile.menu_image),
        ] {
            if let Some(image) = image {
                let old = slot.replace(media::store(tx, image)?);
                if let Some(old) = old {
                    media::remove(tx, &old)?;
                }
            }
        }
        Ok(())
    }
}

/// Founds a tenant with its images; the one way in for doors, command line and demo.
pub fn found(founder: &Founder, founding: &Founding, images: &Images) -> Result<Founded> {
    founder.found(founding, |tx, admin| open(tx, &founding.profile, images, admin))
}

/// Writes what a new tenant's file holds from the start: its profile, its images, and the mail that asks its
/// administrator to prove the e-mail.
pub fn open(
    tx: &Write,
    profile: &Profile,
    images: &Images,
    admin: Option<&Administrator>,
) -> Result<Profile> {
    let mut profile = profile.clone();
    images.store(tx, &mut profile)?;
    profile.save(
        tx,
        &format!("INSERT INTO place (one, {COLUMNS}) VALUES (1, {PARAMETERS})"),
        &[],
    )?;
    if let Some(admin) =
        admin.filter(|admin| admin.must_confirm && admin.account.address().is_some())
    {
        outbox::confirm_email(tx, &admin.account.email, admin.account.id)?;
    }
    audit::note(tx, "place.open", None)?;
    Ok(profile)
}

/// The profile as it stands.
pub fn get(tx: &Read) -> Result<Profile> {
    tx.one(&format!("SELECT {COLUMNS} FROM place"), [], |row| Profile::row(row, 0))
}

/// What the house's directory is to hold of this tenant.
pub fn published(tx: &Read) -> Result<Published> {
    Ok(Published { profile: get(tx)?, coming: event::coming(tx)? })
}

/// The clock of the place.
pub fn zone(tx: &Read) -> Result<Zone> {
    let name: String = tx.one("SELECT time_zone FROM place", [], |row| row.get(0))?;
    Zone::parse(&name).ok_or_else(|| Error::internal(format!("{name} is no time zone")))
}

/// Sets the clock of the place; what happens when stays.
pub fn set_zone(tx: &Write, zone: &Zone) -> Result<()> {
    tx.run("UPDATE place SET time_zone = ?1", [zone.name()])?;
    audit::note(tx, "place.zone", None)
}

/// Puts a changed profile, and the images that come with it, in the place of the old one.
pub fn update(tx: &Write, profile: &Profile, images: &Images) -> Result<Profile> {
    let mut profile = profile.clone();
    images.store(tx, &mut profile)?;
    profile.save(tx, &format!("UPDATE place SET ({COLUMNS}) = ({PARAMETERS})"), &[])?;
    audit::note(tx, "place.update", None)?;
    Ok(profile)
}

/// Gives the place another name.
pub fn relabel(tx: &Write, label: &str) -> Result<Profile> {
    let profile = Profile { label: label.to_owned(), ..get(tx)? };
    update(tx, &profile, &Images::default())
}
