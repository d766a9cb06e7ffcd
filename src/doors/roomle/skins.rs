//! `/v2/skins`: the look of a tenant; each has one, which has the tenant's number.

use super::given::Given;
use super::tenants::{current, number};
use super::wire::one;
use crate::doors::{Answer, Call, Front};
use crate::error::{Error, Result};
use crate::root::{Caller, Staff};
use crate::trade::skin::{self, Skin};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RoomleSkin")]
pub(super) struct WireSkin {
    id: i64,
    tenant: i64,
    ci_color: Option<String>,
    btn_color_light: Option<String>,
    btn_color_dark: Option<String>,
    mail_header_image: Option<String>,
    mail_background_color: Option<String>,
    tenant_url: Option<String>,
    mail_template_path: Option<String>,
    login_background: Option<String>,
    referral_url: Option<String>,
    hide_made_by_roomle: bool,
    hide_press_link: bool,
    hide_share_button: bool,
    hide_feedback_button: bool,
    hide_catalog_overview: bool,
    catalog_entry_tags: Vec<String>,
}

impl WireSkin {
    fn new(no: i64, skin: Skin) -> Self {
        Self {
            id: no,
            tenant: no,
            ci_color: skin.ci_color,
            btn_color_light: skin.button_light,
            btn_color_dark: skin.button_dark,
            mail_header_image: skin.mail_header_image,
            mail_background_color: skin.mail_background,
            tenant_url: skin.tenant_url,
            mail_template_path: skin.mail_template_path,
            login_background: skin.login_background,
            referral_url: skin.referral_url,
            hide_made_by_roomle: skin.hide_made_by,
            hide_press_link: skin.hide_press_link,
            hide_share_button: skin.hide_share_button,
            hide_feedback_button: skin.hide_feedback_button,
            hide_catalog_overview: skin.hide_catalog_overview,
            catalog_entry_tags: serde_json::from_str(&skin.catalog_entry_tags).unwrap_or_default(),
        }
    }
}

pub(super) fn show(call: &Call<'_>, front: &Front, _: &Caller) -> Answer {
    let no = front.tenant.entry().no;
    if number(call)? != no {
        return Err(Error::NotFound.into());
    }
    Ok(one(call, "skin", WireSkin::new(no, front.tenant.read(skin::get)?)))
}

/// Changes the look; what is absent stays.
pub(super) fn update(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    current(call, front)?;
    let given = Given::body(call)?.within("skin")?;
    let skin = staff.tenant().write(staff.by(), |tx| {
        let mut skin = skin::get(tx)?;
        apply(&given, &mut skin)?;
        skin::set(tx, &skin)?;
        Ok(skin)
    })?;
    Ok(one(call, "skin", WireSkin::new(front.tenant.entry().no, skin)))
}

fn apply(given: &Given, skin: &mut Skin) -> Result<()> {
    for (name, slot) in [
        ("ciColor", &mut skin.ci_color),
        ("btnColorLight", &mut skin.button_light),
        ("btnColorDark", &mut skin.button_dark),
        ("mailHeaderImage", &mut skin.mail_header_image),
        ("mailBackgroundColor", &mut skin.mail_background),
        ("tenantUrl", &mut skin.tenant_url),
        ("mailTemplatePath", &mut skin.mail_template_path),
        ("loginBackground", &mut skin.login_background),
        ("referralUrl", &mut skin.referral_url),
    ] {
        if let Some(text) = given.clearable(name, 500)? {
            *slot = text;
        }
    }
    for (name, slot) in [
        ("hideMadeByRoomle", &mut skin.hide_made_by),
        ("hidePressLink", &mut skin.hide_press_link),
        ("hideShareButton", &mut skin.hide_share_button),
        ("hideFeedbackButton", &mut skin.hide_feedback_button),
        ("hideCatalogOverview", &mut skin.hide_catalog_overview),
    ] {
        if let Some(flag) = given.flag(name)? {
            *slot = flag;
        }
    }
    if let Some(tags) = given.texts("catalogEntryTags", 100)? {
        skin.catalog_entry_tags = serde_json::Value::from(tags).to_string();
    }
    Ok(())
}
