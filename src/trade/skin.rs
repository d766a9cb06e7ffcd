//! What clients of the Roomle dialect say of a venue's look: colours, images, what is hidden. The texts are kept as they
//! came; what pages and letters take of them is `look.rs`'s to say.

use super::audit;
use crate::error::Result;
use crate::root::{Read, Write};
use rusqlite::{Row, named_params};

/// The look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skin {
    /// The venue's colour, as its clients write it.
    pub ci_color: Option<String>,
    /// Of buttons.
    pub button_light: Option<String>,
    /// Of buttons.
    pub button_dark: Option<String>,
    /// An address.
    pub mail_header_image: Option<String>,
    /// A colour.
    pub mail_background: Option<String>,
    /// The venue's own site.
    pub tenant_url: Option<String>,
    /// A path.
    pub mail_template_path: Option<String>,
    /// An address, or a colour.
    pub login_background: Option<String>,
    /// An address.
    pub referral_url: Option<String>,
    /// Is it not said by whom the pages are made?
    pub hide_made_by: bool,
    /// Is the link for the press not shown?
    pub hide_press_link: bool,
    /// Is the button to share not shown?
    pub hide_share_button: bool,
    /// Is the button for feedback not shown?
    pub hide_feedback_button: bool,
    /// Is the overview of catalogues not shown?
    pub hide_catalog_overview: bool,
    /// Tags to begin with: a JSON array of texts.
    pub catalog_entry_tags: String,
}

const COLUMNS: &str = "ci_color, button_light, button_dark, mail_header_image, mail_background, tenant_url,
    mail_template_path, login_background, referral_url, hide_made_by, hide_press_link, hide_share_button,
    hide_feedback_button, hide_catalog_overview, catalog_entry_tags";

fn row(row: &Row<'_>) -> rusqlite::Result<Skin> {
    Ok(Skin {
        ci_color: row.get("ci_color")?,
        button_light: row.get("button_light")?,
        button_dark: row.get("button_dark")?,
        mail_header_image: row.get("mail_header_image")?,
        mail_background: row.get("mail_background")?,
        tenant_url: row.get("tenant_url")?,
        mail_template_path: row.get("mail_template_path")?,
        login_background: row.get("login_background")?,
        referral_url: row.get("referral_url")?,
        hide_made_by: row.get("hide_made_by")?,
        hide_press_link: row.get("hide_press_link")?,
        hide_share_button: row.get("hide_share_button")?,
        hide_feedback_button: row.get("hide_feedback_button")?,
        hide_catalog_overview: row.get("hide_catalog_overview")?,
        catalog_entry_tags: row.get("catalog_entry_tags")?,
    })
}

/// The look as it stands.
pub fn get(tx: &Read) -> Result<Skin> {
    let found = tx.maybe(&format!("SELECT {COLUMNS} FROM skin"), [], row)?;
    Ok(found.unwrap_or_else(|| Skin { catalog_entry_tags: "[]".to_owned(), ..Skin::default() }))
}

/// Puts another look in its place.
pub fn set(tx: &Write, skin: &Skin) -> Result<()> {
    let sql = format!(
        "INSERT OR REPLACE INTO skin (one, {COLUMNS}) VALUES (1, :ci_color, :button_light, :button_dark,
            :mail_header_image, :mail_background, :tenant_url, :mail_template_path, :login_background, :referral_url,
            :hide_made_by, :hide_press_link, :hide_share_button, :hide_feedback_button, :hide_catalog_overview,
            :catalog_entry_tags)"
    );
    tx.run(
        &sql,
        named_params! {
            ":ci_color": skin.ci_color, ":button_light": skin.button_light, ":button_dark": skin.button_dark,
            ":mail_header_image": skin.mail_header_image, ":mail_background": skin.mail_background,
            ":tenant_url": skin.tenant_url, ":mail_template_path": skin.mail_template_path,
            ":login_background": skin.login_background, ":referral_url": skin.referral_url,
            ":hide_made_by": skin.hide_made_by, ":hide_press_link": skin.hide_press_link,
            ":hide_share_button": skin.hide_share_button, ":hide_feedback_button": skin.hide_feedback_button,
            ":hide_catalog_overview": skin.hide_catalog_overview, ":catalog_entry_tags": skin.catalog_entry_tags,
        },
    )?;
    audit::note(tx, "skin.update", None)
}
