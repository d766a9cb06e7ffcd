//! `/api/user/terminal/`: a device at the door is paired with its administrator. On the house's own domain alone.

use super::data::Body;
use super::fields::{Field, Form, Kind};
use super::messages as say;
use super::wire::{TokenPair, json};
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::Error;
use crate::root::By;
use crate::root::terminal::Device;
use crate::trade::outbox;
use crate::values::{Category, Email};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::IpAddr;

pub(super) const ASK: &[Field] = &[
    Field::new("email_admin", Kind::Email).required(),
    Field::new("unique_id", Kind::Text(64)).required(),
    Field::new("mac_adress", Kind::Text(17)).required(),
    Field::new("ip_locale", Kind::Text(45)).required(),
];

pub(super) const PAIR: &[Field] = &[
    Field::new("email_term", Kind::Email).required(),
    Field::new("unique_id", Kind::Text(64)).required(),
    Field::new("mac_adress", Kind::Text(17)).required(),
    Field::new("ip_locale", Kind::Text(45)).required(),
    Field::new("app_token", Kind::Verbatim).required(),
];

/// A terminal's kind of account, in the contract.
const TERMINAL: &str = "TE";

fn form(
    call: &Call<'_>,
    front: &Front,
    table: &'static [Field],
) -> Result<(Form, Device), Failure> {
    if front.tenant.entry().category != Category::Root {
        return Err(Error::NotFound.into());
    }
    let body = Body::read(call)?;
    let mut form = Form::check(table, &body.data(call.desk.json_depth)?, false, call.desk)?;
    let text = |form: &Form, name| form.text(name).unwrap_or("").to_owned();
    let device = Device {
        id: text(&form, "unique_id"),
        mac: text(&form, "mac_adress"),
        local_ip: text(&form, "ip_locale"),
    };
    if !is_mac(&device.mac) {
        form.fail("mac_adress", say::NOT_A_MAC);
    }
    if device.local_ip.parse::<IpAddr>().is_err() {
        form.fail("ip_locale", say::NOT_AN_IP);
    }
    form.finish()?;
    Ok((form, device))
}

fn is_mac(text: &str) -> bool {
    text.len() == 17
        && text.split(':').count() == 6
        && text.split(':').all(|two| two.len() == 2 && two.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// A device asks; its administrator is mailed six digits.
pub(super) fn ask(call: &Call<'_>, front: &Front) -> Answer {
    let (form, device) = form(call, front, ASK)?;
    if !call.throttle.may_ask(call.now, call.client) {
        return Err(Failure::TooManyAsks);
    }
    let admin = form.text("email_admin").and_then(Email::parse).ok_or(Error::NotFound)?;
    let asked = front.people.ask_terminal(&admin, &device)?;
    if let Some((admin, account)) = &asked.mail {
        let queue = |tx: &_| outbox::terminal_digits(tx, &admin.email, admin.id, *account);
        front.tenant.write(By::Visitor, queue)?;
    }
    Ok(json(
        200,
        &WireAsked {
            email_admin: admin.as_str(),
            unique_id: &device.id,
            mac_adress: &device.mac,
            ip_locale: &device.local_ip,
            term_user: asked.email.as_str(),
            espece: TERMINAL,
            app_token: &asked.token,
        },
    ))
}

/// The digits are typed in at the device, which logs in with what it is answered.
pub(super) fn pair(call: &Call<'_>, front: &Front) -> Answer {
    let (form, device) = form(call, front, PAIR)?;
    let email = form.text("email_term").and_then(Email::parse).ok_or(Error::NotFound)?;
    // Not the key of a log-in: pairing a device must not lift the limit of who has its address.
    let key = format!("pairing|{email}");
    if !call.throttle.may_try(call.now, call.client, &key) {
        return Err(Failure::TooManyFailures);
    }
    let token = form.text("app_token").unwrap_or("");
    let Some((account, tenants)) =
        front.people.pair_terminal(&email, &device, token, call.param(0))?
    else {
        return Ok(json(400, say::BAD_PROOF));
    };
    call.throttle.succeeded(call.now, call.client, &key);
    let pair = front.people.issue(&account, call.now)?;
    Ok(json(
        200,
        &WirePaired {
            email_term: email.as_str(),
            unique_id: &device.id,
            mac_adress: &device.mac,
            ip_locale: &device.local_ip,
            jwt_token: TokenPair { refresh: &pair.refresh, access: &pair.access },
            espece: TERMINAL,
            tenants_admin: front.people.named(&tenants)?.into_iter().collect(),
        },
    ))
}

/// What a device hears that asked.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TerminalAsked")]
struct WireAsked<'a> {
    email_admin: &'a str,
    unique_id: &'a str,
    mac_adress: &'a str,
    ip_locale: &'a str,
    /// The address that stands for the device.
    term_user: &'a str,
    espece: &'static str,
    /// Good once, for ten minutes.
    app_token: &'a str,
}

/// What a device hears that is paired.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TerminalPaired")]
struct WirePaired<'a> {
    email_term: &'a str,
    unique_id: &'a str,
    mac_adress: &'a str,
    ip_locale: &'a str,
    jwt_token: TokenPair<'a>,
    espece: &'static str,
    /// Where it works: names and hosts.
    tenants_admin: BTreeMap<String, String>,
}

pub(super) fn asked(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<WireAsked<'_>>()
}

pub(super) fn paired(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<WirePaired<'_>>()
}
