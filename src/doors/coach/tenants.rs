//! Tenants: `/tenants/<code>`, and for the pair of ROOT all of them.

use super::FIRST_CODE;
use super::caller::{number, presented};
use super::doc::{Doc, list as list_of, respond};
use super::errors::{Known, fail};
use super::input::{Input, Instead, instead, plainly};
use crate::doors::tibillet::fields::{Field, Kind};
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::{Error, Refusal};
use crate::root::credential::Dialect;
use crate::root::organizer::{Organizer, Record};
use crate::root::personnel::Standing;
use crate::root::{Account, Founding, Naming, Operator, Profile, Staff};
use crate::trade::place::{self, Images};
use crate::trade::team;
use crate::values::{Category, Email, Slug};
use rouille::Response;

pub(super) const FIELDS: &[Field] = &[
    Field::new("id", Kind::Key).required(),
    Field::new("name", Kind::Text(50)).required(),
    Field::new("description", Kind::Text(50)).optional(),
    Field::new("email", Kind::Text(50)).optional(),
    Field::new("phone", Kind::Text(50)).optional(),
    Field::new("address", Kind::Text(50)).optional(),
    Field::new("mainContact", Kind::Text(50)).optional(),
    Field::new("isActive", Kind::Boolean),
    Field::new("customNameForTenant", Kind::Text(30)).optional(),
    Field::new("customNameForUnit", Kind::Text(30)).optional(),
    Field::new("customNameForTemplate", Kind::Text(30)).optional(),
    Field::new("customerId", Kind::Text(50)).optional(),
    Field::new("customerCode", Kind::Text(50)).optional(),
    Field::new("apiKey", Kind::Text(100)),
    Field::new("apiSecret", Kind::Text(100)),
    Field::new("administrator", Kind::Raw("Of a new tenant: { username, email }")),
];

const ADMINISTRATOR: &[Field] =
    &[Field::new("username", Kind::Text(102)), Field::new("email", Kind::Text(100))];

/// What pages call a tenant, a unit and a template, where it has no words of its own for them.
const WORDS: [(&str, &str); 3] = [
    ("customNameForTenant", "Tenant"),
    ("customNameForUnit", "Unit"),
    ("customNameForTemplate", "Template"),
];

/// The name of the administrator of whom nothing is said.
const ADMIN: &str = "app.admin";

pub(super) fn show(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let pair = pair(call, staff)?;
    present(call, staff, &pair)
}

pub(super) fn update(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    change(call, staff)
}

pub(super) fn post(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    match instead(call)? {
        Instead::Update => change(call, staff),
        Instead::Delete => delete(call, staff),
    }
}

pub(super) fn remove(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    delete(call, staff)
}

/// All tenants, deleted ones too; asked for at ROOT.
pub(super) fn list(call: &Call<'_>, _: &Front, operator: &Operator) -> Answer {
    at_root(call)?;
    let row = |organizer: &Organizer| {
        Doc::Object(vec![
            ("id", Doc::text(organizer.id)),
            ("code", Doc::Number(FIRST_CODE + organizer.no)),
            ("name", Doc::text(name(organizer))),
            ("description", Doc::maybe(organizer.record.description.as_ref())),
            ("email", some(&organizer.email)),
            ("isActive", Doc::Flag(organizer.active)),
            ("isDeleted", Doc::Flag(organizer.deleted.is_some())),
        ])
    };
    Ok(list_of(call, "Tenant", operator.organizers(true, -1, 0)?.iter().map(row).collect()))
}

/// Founds a tenant with one administrator; the pair that the answer shows is the new tenant's.
pub(super) fn create(call: &Call<'_>, _: &Front, operator: &Operator) -> Answer {
    at_root(call)?;
    lifecycle(call)?;
    plainly(call)?;
    let input = Input::read(call, "tenant", FIELDS)?;
    let (mut username, mut email) = (None, None);
    if let Some(administrator) = input.inner("administrator", ADMINISTRATOR) {
        administrator.text("username", &mut username)?;
        administrator.text("email", &mut email)?;
    }
    let mut draft = Draft::default();
    draft.fill(&input)?;
    let profile = draft.profile();
    let admin = match email.as_deref().unwrap_or(&profile.email) {
        "" => Account::no_address()?,
        text => address(&input, text)?,
    };
    let slug = Slug::of(&profile.label).ok_or(Error::Refused(Refusal::SlugEmpty))?;
    let founding = Founding {
        name: profile.label.trim().to_owned(),
        category: Category::Venue,
        naming: Naming::Suffix(slug),
        admin: Some(admin),
        profile,
        organization: None,
    };
    let tenant = place::found(&operator.founder(), &founding, &Images::default())?;
    let tenant = tenant.open()?;
    let staff = operator.staff(&tenant);
    staff.amend(|record| draft.write(record))?;
    let username = Some(username.unwrap_or_else(|| ADMIN.to_owned()));
    for connected in staff.connections(1, 0)? {
        let standing = Standing { username: username.clone(), ..Standing::default() };
        staff.change_standing(connected.account.id, &standing, &team::agents)?;
    }
    if draft.active == Some(false) {
        staff.set_open(false)?;
    }
    let made = staff.credential(Dialect::Coach)?;
    present(call, &staff, &(made.key, made.secret))
}

fn delete(call: &Call<'_>, staff: &Staff) -> Answer {
    let operator = staff.operator()?;
    lifecycle(call)?;
    let no = staff.tenant().entry().no;
    if no == 0 {
        return Err(fail(call, Known::InUse, "All tenants depend on the first."));
    }
    operator.set_deleted(no, true)?;
    Ok(Response::empty_204())
}

fn change(call: &Call<'_>, staff: &Staff) -> Answer {
    let input = Input::read(call, "tenant", FIELDS)?;
    let before = staff.organizer()?;
    input.must_be(before.id.0)?;
    let (key, secret) = pair(call, staff)?;
    let mut new = (Some(key.clone()), Some(secret.clone()));
    input.text("apiKey", &mut new.0)?;
    input.text("apiSecret", &mut new.1)?;
    let after = (new.0.unwrap_or(key), new.1.unwrap_or(secret));
    let mut draft = Draft::of(&before);
    draft.fill(&input)?;
    // First, because it alone may be refused by now.
    if pair(call, staff)? != after {
        replace_pair(&input, staff, &after)?;
    }
    let mut record = before.record.clone();
    draft.write(&mut record);
    if record != before.record {
        staff.amend(|record| draft.write(record))?;
    }
    if draft.texts != Draft::of(&before).texts {
        staff.tenant().publish(staff.by(), place::published, |tx| {
            let profile = draft.changed(place::get(tx)?, &before);
            place::update(tx, &profile, &Images::default())
        })?;
    }
    if let Some(active) = draft.active.filter(|active| *active != before.active) {
        staff.set_open(active)?;
    }
    present(call, staff, &after)
}

fn replace_pair(input: &Input<'_>, staff: &Staff, pair: &(String, String)) -> Result<(), Failure> {
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_plain(&pair.0) || !is_plain(&pair.1) {
        return Err(input.wrong(Known::Value, "apiKey and apiSecret must fit into a header."));
    }
    staff.replace_credential(Dialect::Coach, &pair.0, &pair.1).map_err(|error| match error {
        Error::Refused(Refusal::NameTaken) => input.wrong(Known::Conflict, "apiKey is taken."),
        other => other.into(),
    })
}

/// What is said of a tenant in this dialect's words, read from a request and written in two places.
#[derive(Default)]
struct Draft {
    /// Name, e-mail, phone and address: the public profile's.
    texts: [Option<String>; 4],
    description: Option<String>,
    main_contact: Option<String>,
    words: [Option<String>; 3],
    license: [Option<String>; 2],
    active: Option<bool>,
}

impl Draft {
    fn of(organizer: &Organizer) -> Self {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let record = &organizer.record;
        Self {
            texts: [
                text(name(organizer)),
                text(&organizer.email),
                text(&organizer.phone),
                text(&one_line(&organizer.address)),
            ],
            description: record.description.clone(),
            main_contact: record.main_contact.clone(),
            words: record.words.clone(),
            license: record.license.clone(),
            active: None,
        }
    }

    fn fill(&mut self, input: &Input<'_>) -> Result<(), Failure> {
        let [name, email, phone, address] = &mut self.texts;
        let known = email.clone();
        let mut label = name.take().unwrap_or_default();
        input.required("name", &mut label)?;
        *name = Some(label);
        input.text("email", email)?;
        if let Some(email) = email.as_deref().filter(|text| Some(*text) != known.as_deref()) {
            self::address(input, email)?;
        }
        input.text("phone", phone)?;
        input.text("address", address)?;
        input.text("description", &mut self.description)?;
        input.text("mainContact", &mut self.main_contact)?;
        for ((field, usual), word) in WORDS.into_iter().zip(&mut self.words) {
            let mut shown = Some(word.clone().unwrap_or_else(|| usual.to_owned()));
            input.text(field, &mut shown)?;
            *word = shown.filter(|text| text != usual);
        }
        input.text("customerId", &mut self.license[0])?;
        input.text("customerCode", &mut self.license[1])?;
        self.active = input.flag("isActive")?;
        Ok(())
    }

    fn profile(&self) -> Profile {
        let [label, email, phone, address] = self.texts.clone();
        Profile {
            label: label.unwrap_or_default(),
            email: email.unwrap_or_default(),
            phone: phone.unwrap_or_default(),
            address,
            ..Profile::default()
        }
    }

    /// The profile with what has changed; an address that has is one line from then on.
    fn changed(&self, mut profile: Profile, before: &Organizer) -> Profile {
        let [label, email, phone, address] = self.texts.clone();
        profile.label = label.unwrap_or_default();
        profile.email = email.unwrap_or_default();
        profile.phone = phone.unwrap_or_default();
        if address.clone().unwrap_or_default() != one_line(&before.address) {
            (profile.address, profile.postal_code, profile.city) = (address, None, None);
        }
        profile
    }

    fn write(&self, record: &mut Record) {
        record.description.clone_from(&self.description);
        record.main_contact.clone_from(&self.main_contact);
        record.words.clone_from(&self.words);
        record.license.clone_from(&self.license);
    }
}

fn present(call: &Call<'_>, staff: &Staff, (key, secret): &(String, String)) -> Answer {
    let (organizer, seats) = staff.seated(&team::agents)?;
    let organizer = &organizer;
    let record = &organizer.record;
    let word = |n: usize| Doc::text(record.words[n].as_deref().unwrap_or(WORDS[n].1));
    let doc = Doc::Object(vec![
        ("id", Doc::text(organizer.id)),
        ("code", Doc::Number(FIRST_CODE + organizer.no)),
        ("name", Doc::text(name(organizer))),
        ("description", Doc::maybe(record.description.as_ref())),
        ("email", some(&organizer.email)),
        ("phone", some(&organizer.phone)),
        ("address", some(&one_line(&organizer.address))),
        ("mainContact", Doc::maybe(record.main_contact.as_ref())),
        ("isActive", Doc::Flag(organizer.active)),
        ("isDeleted", Doc::Flag(organizer.deleted.is_some())),
        ("customNameForTenant", word(0)),
        ("customNameForUnit", word(1)),
        ("customNameForTemplate", word(2)),
        ("customerId", Doc::maybe(record.license[0].as_ref())),
        ("customerCode", Doc::maybe(record.license[1].as_ref())),
        ("licenseExpiryDate", Doc::moment(seats.expires)),
        ("totalLicenses", Doc::Number(seats.total.into())),
        ("usedLicenses", Doc::Number(seats.used.into())),
        ("apiKey", Doc::text(key)),
        ("apiSecret", Doc::text(secret)),
    ]);
    Ok(respond(call, 200, "Tenant", &doc))
}

/// The tenant's pair: who shows it already need not be asked for it.
fn pair(call: &Call<'_>, staff: &Staff) -> Result<(String, String), Failure> {
    if !staff.is_operator()
        && let Some((key, secret)) = presented(call)
    {
        return Ok((key.to_owned(), secret.to_owned()));
    }
    let known = staff.credential(Dialect::Coach)?;
    Ok((known.key, known.secret))
}

fn address(input: &Input<'_>, text: &str) -> Result<Email, Failure> {
    Email::parse(text).ok_or_else(|| input.wrong(Known::Value, "email must be an address."))
}

fn at_root(call: &Call<'_>) -> Result<(), Failure> {
    if number(call, 0)? == 0 { Ok(()) } else { Err(Error::NotFound.into()) }
}

fn lifecycle(call: &Call<'_>) -> Result<(), Failure> {
    if call.desk.tenant_lifecycle { Ok(()) } else { Err(Failure::Method) }
}

/// ROOT has no label of its own.
fn name(organizer: &Organizer) -> &str {
    let label = organizer.label.as_str();
    if label.is_empty() { organizer.slug.as_str() } else { label }
}

fn some(text: &str) -> Doc {
    Doc::maybe(Some(text).filter(|text| !text.is_empty()))
}

/// Street, postal code and town in one line.
fn one_line(address: &[Option<String>; 3]) -> String {
    address.iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ")
}
