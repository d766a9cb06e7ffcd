//! `/api/place/` and `/api/artist/`: the same, for other categories.

use super::data::{Body, Data};
use super::errors::sentences;
use super::fields::{Field, Form, Given, Kind, LONG_TEXT, read_uuid};
use super::json::Json;
use super::wire::{WirePlace, WireSavedPlace, json};
use super::{messages as say, pictures};
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::{Error, Refusal};
use crate::picture::Purpose;
use crate::root::{Founder, Founding, Naming, Profile, Staff};
use crate::trade::place::{self, Images};
use crate::values::category::Listing;
use crate::values::id::TenantId;
use crate::values::{Category, Email, Slug};

pub(super) const FIELDS: &[Field] = &[
    Field::new("organisation", Kind::Text(50)).required(),
    Field::new("short_description", Kind::Text(250)).required(),
    Field::new("long_description", Kind::Text(LONG_TEXT)).optional(),
    Field::new("adress", Kind::Text(250)).optional(),
    Field::new(
        "postal_code",
        Kind::Integer { min: i32::MIN as i64, max: i32::MAX as i64, floor: i32::MIN as i64 },
    )
    .or_null(),
    Field::new("city", Kind::Text(250)).optional(),
    Field::new("phone", Kind::Text(20)).required(),
    Field::new("email", Kind::Email).required(),
    Field::new("site_web", Kind::Link(200)).optional(),
    Field::new("twitter", Kind::Link(200)).optional(),
    Field::new("facebook", Kind::Link(200)).optional(),
    Field::new("instagram", Kind::Link(200)).optional(),
    Field::new("adhesion_obligatoire", Kind::Boolean),
    Field::new("button_adhesion", Kind::Boolean),
    Field::new("map_img", Kind::Image(Purpose::Leaflet)).or_null(),
    Field::new("carte_restaurant", Kind::Image(Purpose::Leaflet)).or_null(),
    Field::new("img", Kind::Image(Purpose::Place)).or_null(),
    Field::new("logo", Kind::Image(Purpose::Logo)).or_null(),
    Field::new("categorie", Kind::Raw("S, F at /api/place/, A at /api/artist/")).required(),
    Field::new("img_url", Kind::Raw("Address of the image, where no file is sent")),
    Field::new("logo_url", Kind::Raw("Address of the logo, where no file is sent")),
];

pub(super) fn list_places(call: &Call<'_>, front: &Front) -> Answer {
    list(call, front, Listing::Places)
}

pub(super) fn list_artists(call: &Call<'_>, front: &Front) -> Answer {
    list(call, front, Listing::Artists)
}

fn list(call: &Call<'_>, front: &Front, listing: Listing) -> Answer {
    let page = call.page()?;
    let all = front.directory.list(front.tenant.entry(), listing, page.limit, page.offset)?;
    let wire: Vec<_> = all.iter().map(|listed| WirePlace::listed(listed, &call.origin)).collect();
    Ok(json(200, &wire))
}

/// The contract looks for venues and festivals alone, under `/api/artist/` too.
pub(super) fn show(call: &Call<'_>, front: &Front) -> Answer {
    let found = match read_uuid(call.param(0)) {
        Some(id) => front.directory.seen(front.tenant.entry(), TenantId(id))?,
        None => None,
    };
    let listed = found
        .filter(|listed| listed.category.traits().listing == Listing::Places)
        .ok_or(Error::NotFound)?;
    Ok(json(200, &WirePlace::listed(&listed, &call.origin)))
}

pub(super) fn create_place(call: &Call<'_>, _: &Front, founder: &Founder) -> Answer {
    create(call, founder, Listing::Places)
}

pub(super) fn create_artist(call: &Call<'_>, _: &Front, founder: &Founder) -> Answer {
    create(call, founder, Listing::Artists)
}

fn create(call: &Call<'_>, founder: &Founder, listing: Listing) -> Answer {
    let body = Body::read(call)?;
    let data = body.data(call.desk.json_depth)?;
    let category = category(&data, listing)?;
    let mut form = Form::check(FIELDS, &data, false, call.desk)?;
    form.finish()?;
    let mut profile = Profile::default();
    apply(&mut form, &mut profile);
    let images = images(call, &data, &mut form)?;
    let slug = Slug::of(&profile.label).ok_or(Error::Refused(Refusal::SlugEmpty))?;
    let founding = Founding {
        organization: None,
        name: profile.label.clone(),
        category,
        naming: Naming::Exact(slug),
        admin: Email::parse(&profile.email),
        profile,
    };
    let tenant = place::found(founder, &founding, &images)
        .map_err(|error| exists_already(error, &founding.name))?
        .open()?;
    let profile = tenant.read(place::get)?;
    Ok(json(201, &WirePlace::of(tenant.entry(), &profile, &call.origin)))
}

/// 409 with a JSON string that holds JSON, as the contract has it.
fn exists_already(error: Error, name: &str) -> Failure {
    let Error::Refused(Refusal::TenantExists(id)) = error else { return error.into() };
    let message = serde_json::Value::from(say::exists_already(name)).to_string();
    let ascii: String =
        message.chars().map(|c| if c.is_ascii() { c.to_string() } else { escaped(c) }).collect();
    Failure::Answer(json(409, &format!(r#"{{"uuid": "{id}", "msg": {ascii}}}"#)))
}

fn escaped(c: char) -> String {
    c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
}

/// The contract looks at the category before all other fields, and at its truth before its value.
fn category(data: &Data<'_>, listing: Listing) -> Result<Category, Failure> {
    let value = data.value("categorie").filter(|value| value.is_truthy());
    if data.wrong_kind().is_some() {
        return Ok(Category::Venue); // The field layer answers for what is no object.
    }
    let Some(value) = value else { return Err(Failure::Answer(sentences(say::NO_CATEGORY))) };
    let category = match value {
        Json::Text(text) => Category::parse(text),
        _ => None,
    };
    category
        .filter(|category| category.traits().listing == listing)
        .ok_or_else(|| Failure::Answer(sentences(say::WRONG_CATEGORY)))
}

pub(super) fn update_place(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    update(call, front, staff, Listing::Places)
}

pub(super) fn update_artist(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    update(call, front, staff, Listing::Artists)
}

/// Changes the place of this host; the contract wants image and logo with each change. A name that another tenant of the
/// category has is refused as it is where one is made.
fn update(call: &Call<'_>, front: &Front, staff: &Staff, listing: Listing) -> Answer {
    let known = match read_uuid(call.param(0)) {
        Some(id) => front.directory.find(TenantId(id))?,
        None => None,
    };
    let known = known.filter(|listed| listed.category.traits().listing == listing);
    if known.ok_or(Error::NotFound)?.id != front.tenant.entry().id || !staff.is_named_admin()? {
        return Err(Failure::Answer(json(405, say::NOT_ALLOWED)));
    }
    let body = Body::read(call)?;
    let data = body.data(call.desk.json_depth)?;
    let mut form = Form::check(FIELDS, &data, true, call.desk)?;
    form.finish()?;
    let images = images(call, &data, &mut form)?;
    if let Some(name) = form.text("organisation")
        && name != staff.tenant().read(place::get)?.label
        && let Some(other) = front.directory.namesake(front.tenant.entry(), name)?
    {
        return Err(exists_already(Error::Refused(Refusal::TenantExists(other)), name));
    }
    let saved = staff.tenant().publish(staff.by(), place::published, |tx| {
        let mut profile = place::get(tx)?;
        apply(&mut form, &mut profile);
        place::update(tx, &profile, &images)
    })?;
    Ok(json(201, &WireSavedPlace::new(&saved)))
}

fn apply(form: &mut Form, profile: &mut Profile) {
    form.set_text("organisation", &mut profile.label);
    form.set_text("short_description", &mut profile.short_description);
    form.set_optional("long_description", &mut profile.long_description);
    form.set_optional("adress", &mut profile.address);
    form.set_optional("city", &mut profile.city);
    form.set_text("phone", &mut profile.phone);
    form.set_text("email", &mut profile.email);
    form.set_optional("site_web", &mut profile.website);
    form.set_optional("twitter", &mut profile.twitter);
    form.set_optional("facebook", &mut profile.facebook);
    form.set_optional("instagram", &mut profile.instagram);
    form.set_boolean("adhesion_obligatoire", &mut profile.membership_required);
    form.set_boolean("button_adhesion", &mut profile.membership_button);
    match form.take("postal_code") {
        Given::Integer(code) => profile.postal_code = Some(code.to_string()),
        Given::Null => profile.postal_code = None,
        _ => {}
    }
}

fn images(call: &Call<'_>, data: &Data<'_>, form: &mut Form) -> Result<Images, Failure> {
    let (image, logo) = (form.image("img"), form.image("logo"));
    let missing = |what: &str| Failure::Error(Error::invalid(super::fields::GENERAL, what));
    if image.is_none() && !pictures::is_named(data, "img_url") {
        return Err(missing(say::NO_IMAGE));
    }
    if logo.is_none() && !pictures::is_named(data, "logo_url") {
        return Err(missing(say::NO_LOGO));
    }
    Ok(Images {
        image: pictures::sent_or_fetched(image, data, "img_url", Purpose::Place, call.desk)?,
        logo: pictures::sent_or_fetched(logo, data, "logo_url", Purpose::Logo, call.desk)?,
        map: form.image("map_img"),
        menu: form.image("carte_restaurant"),
    })
}
