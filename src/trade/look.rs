//! How a venue looks and speaks to people on its pages and in its letters: name, language, logo, and what of its skin can
//! be read as a colour or as the address of an image. All else of a skin is kept for its clients.

use super::media::variation_path;
use crate::error::Result;
use crate::root::Read;
use crate::values::{Colour, ImageLink, Language};

/// The look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// What the venue is called.
    pub venue: String,
    /// In which language it speaks.
    pub speaks: Language,
    /// What stands out.
    pub accent: Colour,
    /// Of buttons.
    pub button: Colour,
    /// Of the button that is pointed at.
    pub pressed: Colour,
    /// Behind pages.
    pub background: Colour,
    /// Behind pages, over their colour.
    pub backdrop: Option<ImageLink>,
    /// Behind letters.
    pub paper: Colour,
    /// The venue's logo.
    pub logo: Option<ImageLink>,
    /// What stands above letters.
    pub header: Option<ImageLink>,
}

const BLUE: Colour = Colour::new(0x1f, 0x4e, 0x79);
const PALE: Colour = Colour::new(0xf3, 0xf3, 0xf1);

impl Look {
    /// The image that stands above a page: the logo, or else what stands above letters.
    #[must_use]
    pub fn above_pages(&self) -> Option<&ImageLink> {
        self.logo.as_ref().or(self.header.as_ref())
    }

    /// The image that stands above a letter: the header of letters, or else the logo.
    #[must_use]
    pub fn above_letters(&self) -> Option<&ImageLink> {
        self.header.as_ref().or(self.logo.as_ref())
    }
}

/// The look of this tenant, in one query.
pub fn get(tx: &Read) -> Result<Look> {
    let sql = "SELECT label, language, logo, ci_color, button_light, button_dark, login_background, mail_background,
            mail_header_image
         FROM place CROSS JOIN setting LEFT JOIN skin ON skin.one = 1";
    tx.one(sql, [], |row| {
        let text = |name: &str| row.get::<_, Option<String>>(name);
        let colour = |name: &str| text(name).map(|it| it.as_deref().and_then(Colour::parse));
        let image = |name: &str| text(name).map(|it| it.as_deref().and_then(ImageLink::parse));
        let accent = colour("ci_color")?.unwrap_or(BLUE);
        let (light, dark) = (colour("button_light")?, colour("button_dark")?);
        let logo = text("logo")?.map(|name| variation_path(&name, "thumbnail"));
        Ok(Look {
            venue: row.get("label")?,
            speaks: row.get("language")?,
            accent,
            button: light.or(dark).unwrap_or(accent),
            pressed: dark.or(light).unwrap_or(accent),
            background: colour("login_background")?.unwrap_or(PALE),
            backdrop: image("login_background")?,
            paper: colour("mail_background")?.unwrap_or(PALE),
            logo: logo.map(|name| ImageLink::of_media(&name)),
            header: image("mail_header_image")?,
        })
    })
}
