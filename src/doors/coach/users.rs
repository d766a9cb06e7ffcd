//! Users: `/users`. One is a connection of an account with the tenant, and what the tenant knows of that person.

use super::doc::{Doc, list as list_of, respond};
use super::errors::Known;
use super::input::{Input, Instead, instead, path_id, plainly, some_id};
use super::{people, units};
use crate::doors::tibillet::fields::{Field, Kind};
use crate::doors::{Answer, Call, Failure, Front};
use crate::error::{Error, Refusal};
use crate::root::connection::Connection;
use crate::root::personnel::Standing;
use crate::root::{Account, Role, Staff, Write};
use crate::trade::link::{self, Link};
use crate::trade::outbox;
use crate::trade::person::{self, Person};
use crate::trade::team::{self, Team};
use crate::trade::unit;
use crate::values::Email;
use crate::values::id::AccountId;
use rouille::Response;
use std::collections::HashMap;
use uuid::Uuid;

pub(super) const FIELDS: &[Field] = &[
    Field::new("id", Kind::Key),
    Field::new("username", Kind::Text(102)).required(),
    Field::new("firstName", Kind::Text(50)).optional(),
    Field::new("lastName", Kind::Text(50)).optional(),
    Field::new("email", Kind::Text(100)).optional(),
    Field::new("phone", Kind::Text(30)).optional(),
    Field::new("address", Kind::Text(255)).optional(),
    Field::new("country", Kind::Text(50)).optional(),
    Field::new("dateOfBirth", Kind::Moment).or_null(),
    Field::new("isActive", Kind::Boolean),
    Field::new("isDeleted", Kind::Boolean),
    Field::new("employeeReference", Kind::Text(50)).optional(),
    Field::new("startDate", Kind::Moment).or_null(),
    Field::new("endDate", Kind::Moment).or_null(),
    Field::new("recorderPlayerId", Kind::Key).or_null(),
    Field::new("recorderUserId", Kind::Text(500)).optional(),
    Field::new("recorderAccountId", Kind::Text(500)).optional(),
    Field::new("managedUnits", Kind::Raw("Ids of units.")),
    Field::new("managedTeams", Kind::Raw("Ids of teams.")),
    Field::new("teamMemberships", Kind::Raw("Ids of teams.")),
    Field::new("roles", Kind::Raw("Ids of roles.")),
];

/// The two roles that are given by hand, with their fixed ids; the first at ROOT alone.
const ROLES: [(Uuid, &str); 2] = [
    (Uuid::from_u128(0x5a00_0000_0000_4000_8000_0000_0000_0001), "System Administrator"),
    (Uuid::from_u128(0x5a00_0000_0000_4000_8000_0000_0000_0002), "Application Administrator"),
];

const LINKS: [(&str, Link); 3] = [
    ("managedUnits", Link::UnitManager),
    ("managedTeams", Link::TeamManager),
    ("teamMemberships", Link::TeamMember),
];

pub(super) fn list(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let connections = staff.connections(-1, 0)?;
    let (people, units, teams, links) = staff.tenant().read(|tx| {
        let links = LINKS.map(|(_, link)| link::all(tx, link));
        Ok((person::list(tx)?, unit::list(tx)?, team::list(tx)?, links))
    })?;
    let people: HashMap<AccountId, Person> = people.into_iter().collect();
    let mut names: HashMap<Uuid, String> =
        units.into_iter().map(|unit| (unit.id.0, unit.content.name)).collect();
    names.extend(teams.into_iter().map(|team| (team.id.0, team.content.name)));
    let mut linked: [HashMap<AccountId, Vec<&str>>; 3] = Default::default();
    let mut all_links = vec![];
    for link in links {
        all_links.push(link?);
    }
    for (kind, pairs) in all_links.iter().enumerate() {
        for (place, account) in pairs {
            let name = names.get(place).map_or("", String::as_str);
            linked[kind].entry(*account).or_default().push(name);
        }
    }
    let row = |connection: &Connection| {
        let id = connection.account.id;
        let person = known(connection, people.get(&id).cloned());
        let named = |kind: usize| {
            Doc::text(linked[kind].get(&id).map_or(String::new(), |names| names.join(", ")))
        };
        let roles: Vec<&str> = roles(staff, connection).map(|(_, name)| name).collect();
        Doc::Object(vec![
            ("id", Doc::text(id)),
            ("username", Doc::text(people::username(connection))),
            ("firstName", Doc::maybe(person.first_name)),
            ("lastName", Doc::maybe(person.last_name)),
            ("isActive", Doc::Flag(connection.active)),
            ("isDeleted", Doc::Flag(connection.deleted.is_some())),
            ("recorderUserId", Doc::maybe(person.recorder_user)),
            ("recorderAccountId", Doc::maybe(person.recorder_account)),
            ("managedUnits", named(0)),
            ("managedTeams", named(1)),
            ("teamMemberships", named(2)),
            ("assignedRoles", Doc::text(roles.join(", "))),
        ])
    };
    Ok(list_of(call, "User", connections.iter().map(row).collect()))
}

pub(super) fn show(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    present(call, staff, path_id(call)?.map(AccountId))
}

pub(super) fn update(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = AccountId(some_id(call)?);
    let input = Input::read(call, "user", FIELDS)?;
    if input.get("id").is_some() {
        input.must_be(id.0)?;
    }
    let before = staff.connection(id)?.ok_or(Error::NotFound)?;
    let mut changes = Changes::read(&input, staff, people::username(&before))?;
    let mut person = known(&before, staff.tenant().read(|tx| person::get(tx, id))?);
    fill(&input, &mut person)?;
    changes.check(staff, &person)?;
    let standing = &changes.standing;
    let seat = staff.seating();
    let (after, must_prove) =
        staff.change_standing(id, standing, &team::agents).map_err(|error| taken(&input, error))?;
    staff.tenant().write(staff.by(), |tx| {
        changes.save(tx, id, &person)?;
        if must_prove { outbox::invite(tx, &after.account.email, id) } else { Ok(()) }
    })?;
    drop(seat);
    present(call, staff, Some(id))
}

pub(super) fn create(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    plainly(call)?;
    let input = Input::read(call, "user", FIELDS)?;
    let mut person = Person::default();
    fill(&input, &mut person)?;
    let mut changes = Changes::read(&input, staff, String::new())?;
    changes.standing.active.get_or_insert(true);
    changes.check(staff, &person)?;
    let email = person.email.as_deref().and_then(Email::parse);
    let seat = staff.seating();
    let (made, must_prove) = staff
        .enroll(email.as_ref(), &changes.standing, &team::agents)
        .map_err(|error| taken(&input, error))?;
    let Account { id: made, email, .. } = made.account;
    staff.tenant().write(staff.by(), |tx| {
        changes.save(tx, made, &person)?;
        if must_prove { outbox::invite(tx, &email, made) } else { Ok(()) }
    })?;
    drop(seat);
    present(call, staff, Some(made))
}

pub(super) fn post(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    match instead(call)? {
        Instead::Update => update(call, front, staff),
        Instead::Delete => remove(call, front, staff),
    }
}

pub(super) fn remove(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = AccountId(some_id(call)?);
    let is_linked = staff.tenant().read(|tx| link::is_linked(tx, id))?;
    if !staff.dismiss(id, is_linked)? {
        staff.tenant().write(staff.by(), |tx| person::forget(tx, id))?;
    }
    Ok(Response::empty_204())
}

/// What a request changes besides what is known of the person.
struct Changes {
    standing: Standing,
    places: [Option<Vec<Uuid>>; 3],
}

impl Changes {
    fn read(input: &Input<'_>, staff: &Staff, username: String) -> Result<Self, Failure> {
        let mut name = username.clone();
        input.required("username", &mut name)?;
        let mut places = [None, None, None];
        for ((field, _), place) in LINKS.into_iter().zip(&mut places) {
            *place = input.guids(field)?;
        }
        let roles = input.guids("roles")?;
        let offered = offered(staff);
        if roles.iter().flatten().any(|id| !offered.iter().any(|(role, _)| role == id)) {
            return Err(input.wrong(Known::Reference, "roles names what is no role here."));
        }
        let has = |role: usize| roles.as_ref().map(|ids| ids.contains(&ROLES[role].0));
        let standing = Standing {
            username: Some(name).filter(|name| *name != username),
            active: input.flag("isActive")?,
            deleted: input.flag("isDeleted")?,
            administers: has(1),
            superuser: has(0).filter(|_| offered.len() == ROLES.len()),
            joins: None,
        };
        Ok(Self { standing, places })
    }

    /// Looks at all that the tenant's file has a say in: once the house has agreed, nothing is to be refused any more.
    fn check(&mut self, staff: &Staff, person: &Person) -> crate::error::Result<()> {
        person::check(person)?;
        staff.tenant().read(|tx| {
            for ((_, link), places) in LINKS.into_iter().zip(&self.places) {
                link::check_places(tx, link, places.as_deref().unwrap_or(&[]))?;
            }
            if let Some(teams) = &self.places[2] {
                let all = team::list(tx)?;
                let joins = |team: &Team| team.content.active && teams.contains(&team.id.0);
                self.standing.joins = Some(all.iter().any(joins));
            }
            Ok(())
        })
    }

    fn save(&self, tx: &Write, id: AccountId, person: &Person) -> crate::error::Result<()> {
        person::save(tx, id, person)?;
        for ((_, link), places) in LINKS.into_iter().zip(&self.places) {
            if let Some(places) = places {
                link::set_places(tx, link, id, places)?;
            }
        }
        Ok(())
    }
}

fn fill(input: &Input<'_>, person: &mut Person) -> Result<(), Failure> {
    let known = person.email.clone();
    input.text("firstName", &mut person.first_name)?;
    input.text("lastName", &mut person.last_name)?;
    input.text("email", &mut person.email)?;
    if person
        .email
        .as_deref()
        .is_some_and(|email| person.email != known && Email::parse(email).is_none())
    {
        return Err(input.wrong(Known::Value, "email must be an address."));
    }
    input.text("phone", &mut person.phone)?;
    input.text("address", &mut person.address)?;
    input.text("country", &mut person.country)?;
    input.moment("dateOfBirth", &mut person.born)?;
    input.text("employeeReference", &mut person.reference)?;
    input.moment("startDate", &mut person.starts)?;
    input.moment("endDate", &mut person.ends)?;
    input.guid("recorderPlayerId", &mut person.player)?;
    input.text("recorderUserId", &mut person.recorder_user)?;
    input.text("recorderAccountId", &mut person.recorder_account)
}

/// A name, or an address, that somebody else has here.
fn taken(input: &Input<'_>, error: Error) -> Failure {
    match error {
        Error::Refused(Refusal::NameTaken) => input.wrong(Known::Username, "username is taken."),
        Error::Refused(Refusal::AccountExists) => {
            input.wrong(Known::Username, "A user of this tenant has this email.")
        }
        other => other.into(),
    }
}

/// What is known of somebody; of whom nothing is written down, what the account says as far as the tenant may see it.
fn known(connection: &Connection, person: Option<Person>) -> Person {
    let account = &connection.account;
    person.unwrap_or_else(|| {
        let open = connection.consent.is_some();
        let short = |text: &Option<String>, max: usize| {
            text.clone().filter(|text| open && text.chars().count() <= max)
        };
        Person {
            first_name: short(&account.first_name, 50),
            last_name: short(&account.last_name, 50),
            phone: short(&account.phone, 30),
            email: account.address().filter(|email| email.len() <= 100).map(str::to_owned),
            ..Person::default()
        }
    })
}

/// The roles that can be given here.
fn offered(staff: &Staff) -> &'static [(Uuid, &'static str)] {
    if staff.tenant().entry().no == 0 { &ROLES } else { &ROLES[1..] }
}

/// The roles that somebody has here.
fn roles(staff: &Staff, of: &Connection) -> impl Iterator<Item = (Uuid, &'static str)> {
    let has = [of.account.superuser && staff.tenant().entry().no == 0, of.has(Role::Admin)];
    ROLES.into_iter().zip(has).filter(|(_, has)| *has).map(|(role, _)| role)
}

/// A user with what may be given; without an id what a new one looks like.
fn present(call: &Call<'_>, staff: &Staff, id: Option<AccountId>) -> Answer {
    let connection = match id {
        Some(id) => Some(staff.connection(id)?.ok_or(Error::NotFound)?),
        None => None,
    };
    let (person, places, units, teams) = staff.tenant().read(|tx| {
        let mut places = [vec![], vec![], vec![]];
        let Some(id) = id else { return Ok((None, places, unit::list(tx)?, team::list(tx)?)) };
        for ((_, link), place) in LINKS.into_iter().zip(&mut places) {
            *place = link::places(tx, link, id)?;
        }
        Ok((person::get(tx, id)?, places, unit::list(tx)?, team::list(tx)?))
    })?;
    let person = connection.as_ref().map_or_else(Person::default, |one| known(one, person));
    let is = |what: fn(&Connection) -> bool, new| Doc::Flag(connection.as_ref().map_or(new, what));
    let held: Vec<Uuid> =
        connection.iter().flat_map(|one| roles(staff, one)).map(|(id, _)| id).collect();
    let [managed_units, managed_teams, memberships] = places;
    let active = teams.iter().filter(|team| team.content.active);
    let pair = |team: &Team| (team.id.to_string(), team.content.name.clone());
    let role = |(id, name): &(Uuid, &str)| (id.to_string(), (*name).to_owned());
    let doc = Doc::Object(vec![
        ("id", Doc::text(id.map_or(Uuid::nil(), |id| id.0))),
        ("username", Doc::maybe(connection.as_ref().map(people::username))),
        ("firstName", Doc::maybe(person.first_name)),
        ("lastName", Doc::maybe(person.last_name)),
        ("email", Doc::maybe(person.email)),
        ("phone", Doc::maybe(person.phone)),
        ("address", Doc::maybe(person.address)),
        ("country", Doc::maybe(person.country)),
        ("dateOfBirth", Doc::moment(person.born)),
        ("isActive", is(|one| one.active, true)),
        ("isDeleted", is(|one| one.deleted.is_some(), false)),
        ("employeeReference", Doc::maybe(person.reference)),
        ("startDate", Doc::moment(person.starts)),
        ("endDate", Doc::moment(person.ends)),
        ("recorderPlayerId", Doc::maybe(person.player)),
        ("recorderUserId", Doc::maybe(person.recorder_user)),
        ("recorderAccountId", Doc::maybe(person.recorder_account)),
        ("managedUnits", Doc::guids(managed_units)),
        ("managedTeams", Doc::guids(managed_teams)),
        ("teamMemberships", Doc::guids(memberships)),
        ("roles", Doc::guids(held)),
        ("unitsLookup", units::lookup(units.iter().filter(|unit| unit.content.active))),
        ("teamsLookup", Doc::Lookup(active.map(pair).collect())),
        ("rolesLookup", Doc::Lookup(offered(staff).iter().map(role).collect())),
        ("recorderMediaPlayersLookup", Doc::Lookup(vec![])),
    ]);
    Ok(respond(call, 200, "User", &doc))
}
