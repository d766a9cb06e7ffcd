//! What a tenant's object says when it is sent: each member that may be changed, checked before anything is.

use super::given::Given;
use crate::error::{Error, Result};
use crate::root::organizer::Record;
use crate::values::Slug;
use crate::values::link::is_link;
use serde_json::Value;

/// What is to change; what is none stays.
pub(super) struct Wish {
    pub(super) slug: Option<Slug>,
    pub(super) label: Option<String>,
    pub(super) active: Option<bool>,
    visibility: Option<u8>,
    language: Option<String>,
    show_languages: Option<bool>,
    needs_login: Option<bool>,
    may_register: Option<bool>,
    branded: Option<bool>,
    privacy_url: Option<Option<String>>,
    pub(super) webhook: Option<Option<String>>,
    configuration: Option<String>,
    modules: Option<Option<String>>,
}

/// Characters of a label, as of the public profile's.
const LABEL_MAX: usize = 50;
const LINK_MAX: usize = 500;
const CONFIGURATION_MAX: usize = 100_000;

impl Wish {
    /// Reads a tenant's object. Members that nobody changes by it are passed over; modules are a superuser's to change.
    pub(super) fn read(given: &Given, superuser: bool) -> Result<Self> {
        Ok(Self {
            slug: given.text("name", 200)?.map(|name| slug(&name)).transpose()?,
            label: given.text("label", LABEL_MAX)?,
            active: given.flag("active")?,
            visibility: given.number("visibility")?.map(visibility).transpose()?,
            language: given.text("defaultLanguage", 2)?.map(language).transpose()?,
            show_languages: given.flag("showLanguageSwitch")?,
            needs_login: given.flag("authenticationRequired")?,
            may_register: given.flag("allowRegistration")?,
            branded: given.flag("branded")?,
            privacy_url: link(given, "privacyUrl")?,
            webhook: link(given, "webhook")?,
            configuration: configuration(given)?,
            modules: if superuser { modules(given)? } else { None },
        })
    }

    /// Puts it into a record.
    pub(super) fn apply(&self, record: &mut Record) {
        fn put<T: Clone>(value: &Option<T>, slot: &mut T) {
            if let Some(value) = value {
                slot.clone_from(value);
            }
        }
        put(&self.visibility, &mut record.visibility);
        put(&self.language, &mut record.language);
        put(&self.show_languages, &mut record.show_languages);
        put(&self.needs_login, &mut record.needs_login);
        put(&self.may_register, &mut record.may_register);
        put(&self.branded, &mut record.branded);
        put(&self.privacy_url, &mut record.privacy_url);
        put(&self.webhook, &mut record.webhook);
        put(&self.configuration, &mut record.configuration);
        put(&self.modules, &mut record.modules);
    }
}

/// A name is a short name here: letters, digits and dashes of what was sent.
fn slug(name: &str) -> Result<Slug> {
    Slug::of(name).ok_or_else(|| {
        Error::invalid("name", "needs a letter or a digit of ASCII, and no more than 63 of them")
    })
}

fn visibility(number: i64) -> Result<u8> {
    let level = u8::try_from(number).ok().filter(|level| [0, 5, 10].contains(level));
    level.ok_or_else(|| Error::invalid("visibility", "must be 0, 5 or 10"))
}

fn language(text: String) -> Result<String> {
    let is_code = text.len() == 2 && text.bytes().all(|b| b.is_ascii_lowercase());
    let wrong = || Error::invalid("defaultLanguage", "must be two lower-case letters");
    is_code.then_some(text).ok_or_else(wrong)
}

fn link(given: &Given, name: &'static str) -> Result<Option<Option<String>>> {
    let link = given.clearable(name, LINK_MAX)?;
    let is_web = |text: &str| is_link(text) && text.to_ascii_lowercase().starts_with("http");
    match &link {
        Some(Some(text)) if !is_web(text) => {
            Err(Error::invalid(name, "must be an address that begins with http:// or https://"))
        }
        _ => Ok(link),
    }
}

/// JSON in a text; nothing is an empty object.
fn configuration(given: &Given) -> Result<Option<String>> {
    let wrong = || Error::invalid("configuration", "must be a text that holds a JSON object");
    match given.clearable("configuration", CONFIGURATION_MAX)? {
        None => Ok(None),
        Some(None) => Ok(Some("{}".to_owned())),
        Some(Some(text)) => match serde_json::from_str::<Value>(&text) {
            Ok(Value::Object(_)) => Ok(Some(text)),
            _ => Err(wrong()),
        },
    }
}

fn modules(given: &Given) -> Result<Option<Option<String>>> {
    if given.value("modules") == Some(&Value::Null) {
        return Ok(Some(None));
    }
    let names = given.texts("modules", 50)?;
    Ok(names.map(|names| Some(Value::from(names).to_string())))
}
