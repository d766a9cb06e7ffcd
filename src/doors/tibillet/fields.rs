//! The field layer: what a body must hold, as a table; messages and their order come from here and not from handlers.
//!
//! It follows Django REST framework 3.14: what counts as absent, empty or null in JSON and in forms, what each kind
//! coerces, and which sentence it answers. Where the original stores nonsense, a bound of ours refuses it.

use super::data::{Data, Item};
use super::json::{Json, is_float};
use super::messages as say;
use crate::doors::{Desk, Failure};
use crate::error::{Error, Field as Wrong};
use crate::fetch::clean_name;
use crate::picture::{Fault, Purpose};
use crate::trade::media::Upload;
use crate::values::email::Email;
use crate::values::link::is_link;
use crate::values::money::{self, Money};
use crate::values::zone::{Written, day};
use jiff::civil::Date;
use uuid::Uuid;

/// One field of a body.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Must be there.
    pub required: bool,
    /// May be null.
    pub null: bool,
    /// May be an empty text.
    pub blank: bool,
}

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Text of at most so many characters.
    Text(usize),
    /// Text whose white space counts and which may be as long as the body: a password or a token.
    Verbatim,
    /// An e-mail address.
    Email,
    /// The address of a page, at most so many characters.
    Link(usize),
    /// Yes or no.
    Boolean,
    /// A whole number between the contract's bounds, and not below ours.
    Integer {
        /// The contract's lower bound.
        min: i64,
        /// The contract's upper bound.
        max: i64,
        /// Below this the original stores nonsense.
        floor: i64,
    },
    /// An amount of money.
    Money,
    /// A percentage with at most two decimals, up to 100; given as hundredths of a percent.
    Percent {
        /// The least, in hundredths of a percent: 0 or 1.
        floor: i64,
    },
    /// A date with its time.
    Moment,
    /// A date.
    Day,
    /// One of these texts; refused in the contract's words.
    Choice(&'static [&'static str]),
    /// The same where the contract has no field: whoever is refused is told the texts.
    OneOf(&'static [&'static str]),
    /// The id of something in the tenant's file.
    Key,
    /// A file with an image.
    Image(Purpose),
    /// Read by the handler, in its own way; here for the description alone.
    Raw(&'static str),
}

impl Field {
    /// A field that may be absent, and is neither null nor empty.
    #[must_use]
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, required: false, null: false, blank: false }
    }

    /// Must be there.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// May be null.
    #[must_use]
    pub const fn or_null(self) -> Self {
        Self { null: true, ..self }
    }

    /// May be null or empty.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self { null: true, blank: true, ..self }
    }
}

/// Longest text without a limit of the contract's own, in characters.
pub const LONG_TEXT: usize = 100_000;

/// What a field turned out to hold.
#[derive(Debug, Default)]
pub(super) enum Given {
    #[default]
    Absent,
    Null,
    Text(String),
    Boolean(bool),
    Integer(i64),
    Money(Money),
    Moment(Written),
    Day(Date),
    Key(Uuid),
    /// A number in the place of an id: no such thing, unless found otherwise.
    NoKey(String),
    Image(Box<Upload>),
}

/// The checked fields of a body, and what is wrong with them.
pub(super) struct Form {
    table: &'static [Field],
    given: Vec<Given>,
    wrong: Vec<Vec<Wrong>>,
}

impl Form {
    /// Checks data against a table. With `partial`, absent fields are left alone.
    pub(super) fn check(
        table: &'static [Field],
        data: &Data<'_>,
        partial: bool,
        desk: &Desk,
    ) -> Result<Self, Failure> {
        if let Some(other) = data.wrong_kind() {
            let what = if *other == Json::Null {
                say::NO_DATA.into()
            } else {
                say::not_an_object(other.type_name())
            };
            return Err(Error::invalid(GENERAL, what).into());
        }
        let mut form = Self { table, given: vec![], wrong: vec![] };
        for field in table {
            let (given, wrong) = match field.check(data, partial, desk) {
                Ok(given) => (given, vec![]),
                Err(whats) => (
                    Given::Absent,
                    whats.into_iter().map(|what| Wrong::new(field.name, what)).collect(),
                ),
            };
            form.given.push(given);
            form.wrong.push(wrong);
        }
        Ok(form)
    }

    fn index(&self, name: &str) -> usize {
        self.table
            .iter()
            .position(|field| field.name == name)
            .expect("handlers name fields of their table")
    }

    /// Takes a field's value.
    pub(super) fn take(&mut self, name: &str) -> Given {
        let index = self.index(name);
        std::mem::take(&mut self.given[index])
    }

    /// Looks at a field's value.
    pub(super) fn look(&self, name: &str) -> &Given {
        &self.given[self.index(name)]
    }

    /// Looks at a text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match &self.given[self.index(name)] {
            Given::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Puts a text in the place of another, if there is one.
    pub(super) fn set_text(&mut self, name: &str, to: &mut String) {
        if let Given::Text(text) = self.take(name) {
            *to = text;
        }
    }

    /// The same for a text that may be null.
    pub(super) fn set_optional(&mut self, name: &str, to: &mut Option<String>) {
        match self.take(name) {
            Given::Text(text) => *to = Some(text),
            Given::Null => *to = None,
            _ => {}
        }
    }

    /// The same for yes or no.
    pub(super) fn set_boolean(&mut self, name: &str, to: &mut bool) {
        if let Given::Boolean(value) = self.take(name) {
            *to = value;
        }
    }

    /// The same for one of several texts.
    pub(super) fn set_choice<T>(&mut self, name: &str, to: &mut T, parse: fn(&str) -> Option<T>) {
        if let Some(value) = self.text(name).and_then(parse) {
            *to = value;
        }
    }

    /// Puts a copy of a text that may be null in the place of another.
    pub(super) fn copy_optional(&self, name: &str, to: &mut Option<String>) {
        match self.look(name) {
            Given::Text(text) => *to = Some(text.clone()),
            Given::Null => *to = None,
            _ => {}
        }
    }

    /// The same for a whole number that fits.
    pub(super) fn copy_integer<T: TryFrom<i64>>(&self, name: &str, to: &mut T) {
        if let Given::Integer(value) = self.look(name)
            && let Ok(value) = T::try_from(*value)
        {
            *to = value;
        }
    }

    /// Takes an image.
    pub(super) fn image(&mut self, name: &str) -> Option<Upload> {
        match self.take(name) {
            Given::Image(image) => Some(*image),
            _ => None,
        }
    }

    /// Looks up the id in a field; `is_there` says whether it names something.
    pub(super) fn key(
        &mut self,
        name: &'static str,
        is_there: impl FnOnce(Uuid) -> Result<bool, Error>,
    ) -> Result<Option<Uuid>, Error> {
        if matches!(self.given[self.index(name)], Given::Null) {
            return Ok(None);
        }
        let missing = match self.take(name) {
            Given::Key(id) if is_there(id)? => return Ok(Some(id)),
            Given::Key(id) => id.to_string(),
            Given::NoKey(text) => text,
            _ => return Ok(None),
        };
        self.fail(name, say::no_such_key(&missing));
        Ok(None)
    }

    /// Adds something that is wrong with a field.
    pub(super) fn fail(&mut self, name: &'static str, what: impl Into<String>) {
        let index = self.index(name);
        self.wrong[index].push(Wrong::new(name, what));
    }

    /// The same, for a name that something else has.
    pub(super) fn fail_taken(&mut self, name: &'static str, what: &str) {
        let index = self.index(name);
        self.wrong[index].insert(0, Wrong::taken(name, what));
    }

    /// Is everything right so far?
    pub(super) fn finish(&mut self) -> Result<(), Error> {
        let wrong: Vec<Wrong> = self.wrong.iter_mut().flat_map(std::mem::take).collect();
        if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
    }
}

/// The name under which errors of no single field go.
pub(super) const GENERAL: &str = "non_field_errors";

type Checked = Result<Given, Vec<String>>;

fn no(what: impl Into<String>) -> Checked {
    Err(vec![what.into()])
}

impl Field {
    fn check(&self, data: &Data<'_>, partial: bool, desk: &Desk) -> Checked {
        if matches!(self.kind, Kind::Raw(_)) {
            return Ok(Given::Absent);
        }
        let item = data.get(self.name);
        let is_empty = matches!(item, Some(Item::Value(Json::Text(text))) if text.is_empty());
        let absent =
            || if self.required && !partial { no(say::REQUIRED) } else { Ok(Given::Absent) };
        // The contract takes no null for an id, but a change must be able to take one away.
        let clears = partial && !self.required && matches!(self.kind, Kind::Key);
        let null = || if self.null || clears { Ok(Given::Null) } else { no(say::NULL) };
        match item {
            // An unticked box is not sent.
            None if data.is_form && !partial && matches!(self.kind, Kind::Boolean) => {
                Ok(Given::Boolean(false))
            }
            None => absent(),
            // A form has no null: where null or absence is allowed, an empty value means that.
            Some(_) if data.is_form && is_empty && self.null && !self.blank => null(),
            Some(_) if data.is_form && is_empty && !self.required && !self.blank => absent(),
            Some(Item::Value(Json::Null)) => null(),
            Some(Item::Value(value)) => self.check_value(value),
            Some(Item::File(file)) => match self.kind {
                Kind::Image(purpose) => check_image(&file.name, &file.bytes, purpose, desk),
                _ => no(say::NOT_A_STRING),
            },
        }
    }

    fn check_value(&self, value: &Json<'_>) -> Checked {
        match self.kind {
            Kind::Text(max) => {
                self.check_text(value, say::NOT_A_STRING, |text| too_long(text, max))
            }
            Kind::Verbatim => match value {
                Json::Text(text) if text.is_empty() => no(say::BLANK),
                Json::Text(text) => Ok(Given::Text(text.to_string())),
                Json::Number(_) => Ok(Given::Text(value.as_python())),
                _ => no(say::NOT_A_STRING),
            },
            Kind::Email => self.check_text(value, say::NOT_AN_EMAIL, |text| {
                let mut wrong = too_long(text, Email::MAX);
                // Only the form is judged here, so that a long address is not wrong twice.
                if Email::parse(text).is_none() && (wrong.is_empty() || !text.contains('@')) {
                    wrong.push(say::NOT_AN_EMAIL.into());
                }
                wrong
            }),
            Kind::Link(max) => self.check_text(value, say::NOT_A_LINK, |text| {
                let mut wrong = too_long(text, max);
                if !is_link(text) {
                    wrong.push(say::NOT_A_LINK.into());
                }
                wrong
            }),
            Kind::Boolean => check_boolean(value),
            Kind::Integer { min, max, floor } => check_integer(value, min, max, floor),
            Kind::Money => read_money(value).map_or_else(no, |money| Ok(Given::Money(money))),
            Kind::Percent { floor } => match read_money(value) {
                Ok(Money(hundredths)) if hundredths < floor => no(say::too_small(Money(floor))),
                Ok(Money(hundredths @ 0..=10_000)) => Ok(Given::Integer(hundredths)),
                Ok(_) => no(say::too_large(100)),
                Err(what) => no(what),
            },
            Kind::Moment => match value {
                Json::Text(text) => Written::parse(strip(text))
                    .map_or_else(|| no(say::NOT_A_MOMENT), |written| Ok(Given::Moment(written))),
                _ => no(say::NOT_A_MOMENT),
            },
            Kind::Day => match value {
                Json::Text(text) => {
                    day(strip(text)).map_or_else(|| no(say::NOT_A_DAY), |day| Ok(Given::Day(day)))
                }
                _ => no(say::NOT_A_DAY),
            },
            Kind::Choice(choices) => one_of(value, choices)
                .map_or_else(|text| no(say::not_a_choice(&text)), |text| Ok(Given::Text(text))),
            Kind::OneOf(choices) => one_of(value, choices).map_or_else(
                |text| no(say::not_one_of(&text, choices)),
                |text| Ok(Given::Text(text)),
            ),
            Kind::Key => check_key(value),
            Kind::Image(_) => no(say::NOT_A_FILE),
            Kind::Raw(_) => Ok(Given::Absent),
        }
    }

    fn check_text(
        &self,
        value: &Json<'_>,
        wrong_type: &str,
        rules: impl FnOnce(&str) -> Vec<String>,
    ) -> Checked {
        let text = match value {
            Json::Text(text) => strip(text).to_owned(),
            Json::Number(_) => value.as_python(),
            Json::Broken => return no(say::SURROGATE),
            _ => return no(wrong_type),
        };
        if text.is_empty() {
            return if self.blank { Ok(Given::Text(text)) } else { no(say::BLANK) };
        }
        let mut wrong = rules(&text);
        if text.contains('\0') {
            wrong.insert(0, say::NUL_CHARACTER.into());
        }
        if wrong.is_empty() { Ok(Given::Text(text)) } else { Err(wrong) }
    }
}

/// The text, where it is one of these; else what was there.
fn one_of(value: &Json<'_>, choices: &[&str]) -> Result<String, String> {
    let text = value.as_python();
    let right = !matches!(value, Json::Broken) && choices.contains(&text.as_str());
    if right { Ok(text) } else { Err(text) }
}

/// Python's `str.strip()`.
fn strip(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c))
}

fn too_long(text: &str, max: usize) -> Vec<String> {
    if text.chars().count() > max { vec![say::too_long(max)] } else { vec![] }
}

fn check_boolean(value: &Json<'_>) -> Checked {
    let text = match value {
        Json::Bool(value) => return Ok(Given::Boolean(*value)),
        Json::Text(text) => text.as_ref(),
        // 1, 1.0 and 1e0 are the same key of Python's set; so are the zeros.
        Json::Number(text) => match Money::parse(text) {
            Ok(Money(100)) => "1",
            Ok(Money(0)) => "0",
            _ => "",
        },
        _ => "",
    };
    match text {
        "t" | "T" | "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On"
        | "ON" | "1" => Ok(Given::Boolean(true)),
        "f" | "F" | "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off"
        | "Off" | "OFF" | "0" => Ok(Given::Boolean(false)),
        _ => no(say::NOT_A_BOOLEAN),
    }
}

const NUMBER_TEXT_MAX: usize = 1_000;

fn check_integer(value: &Json<'_>, min: i64, max: i64, floor: i64) -> Checked {
    let text = match value {
        Json::Text(text) if text.chars().count() > NUMBER_TEXT_MAX => {
            return no(say::STRING_TOO_LONG);
        }
        Json::Text(text) => strip(text).to_owned(),
        Json::Number(_) => value.as_python(),
        _ => return no(say::NOT_AN_INTEGER),
    };
    // "12.0" is 12, as in the original, which cuts off `.0*` at the end.
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|b| b == b'0') => whole,
        Some(_) => return no(say::NOT_AN_INTEGER),
        None => &text,
    };
    let digits = whole.strip_prefix(['+', '-']).unwrap_or(whole);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return no(say::NOT_AN_INTEGER);
    }
    match whole.parse::<i64>() {
        Ok(number) if number < min => no(say::too_small(min)),
        Ok(number) if number < floor => no(say::too_small(floor)),
        Ok(number) if number <= max => Ok(Given::Integer(number)),
        Err(_) if whole.starts_with('-') => no(say::too_small(min)),
        _ => no(say::too_large(max)),
    }
}

/// An amount in any spelling that is taken, or what is wrong with it.
pub(super) fn read_money(value: &Json<'_>) -> Result<Money, String> {
    let text = match value {
        Json::Text(text) if text.chars().count() > NUMBER_TEXT_MAX => {
            return Err(say::STRING_TOO_LONG.into());
        }
        Json::Text(text) => strip(text),
        Json::Number(text) => text,
        _ => return Err(say::NOT_A_NUMBER.into()),
    };
    Money::parse(text).map_err(|fault| match fault {
        money::Fault::NotANumber => say::NOT_A_NUMBER.into(),
        money::Fault::Negative => say::too_small(0),
        money::Fault::TooLarge => say::too_large(Money::MAX),
        money::Fault::TooPrecise => say::too_precise(2),
    })
}

fn check_key(value: &Json<'_>) -> Checked {
    match value {
        Json::Text(text) if text.is_empty() => no(say::NULL),
        Json::Text(text) => {
            read_uuid(text).map_or_else(|| no(say::not_a_uuid(text)), |id| Ok(Given::Key(id)))
        }
        // Python makes an id of any number of up to 128 bits, and then finds nothing under it.
        Json::Number(text) if !is_float(text) && text.parse::<u128>().is_ok() => {
            Ok(Given::NoKey((*text).to_owned()))
        }
        Json::Bool(_) => no(say::wrong_key_type(value.type_name())),
        other => no(say::not_a_uuid(&other.as_python())),
    }
}

/// An id in any spelling that Python's `uuid.UUID` takes: any case, with or without dashes, braces, `urn:uuid:`.
#[must_use]
pub fn read_uuid(text: &str) -> Option<Uuid> {
    let bare = text.replace("urn:", "").replace("uuid:", "");
    let digits = bare.trim_matches(['{', '}']).replace('-', "");
    let right = digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    right.then(|| Uuid::try_parse(&digits).ok()).flatten()
}

fn check_image(name: &str, bytes: &[u8], purpose: Purpose, desk: &Desk) -> Checked {
    if bytes.is_empty() {
        return no(say::EMPTY_FILE);
    }
    match desk.studio.cut(bytes, purpose, true) {
        Ok(picture) => {
            let file = clean_name(name);
            Ok(Given::Image(Box::new(Upload { file, address: None, picture })))
        }
        Err(Fault::NotAnImage) => no(say::NOT_AN_IMAGE),
        Err(Fault::TooManyPixels { limit }) => no(say::too_many_pixels(limit)),
        Err(Fault::TooLarge { width, height }) => no(say::image_too_large(width, height)),
        Err(Fault::TooSmall { width, height }) => no(say::image_too_small(width, height)),
    }
}
