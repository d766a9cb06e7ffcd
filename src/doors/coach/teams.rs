//! Teams: `/teams`, each in a unit.

use super::doc::{Doc, list as list_of, respond};
use super::input::{Input, Instead, instead, path_id, plainly, some_id};
use super::{people, units};
use crate::doors::tibillet::fields::{Field, Kind};
use crate::doors::{Answer, Call, Failure, Front};
use crate::root::Staff;
use crate::trade::link::{self, Link};
use crate::trade::team::{self, Content, Team};
use crate::trade::unit;
use crate::values::id::{AccountId, TeamId, UnitId};
use rouille::Response;
use std::collections::HashMap;
use uuid::Uuid;

pub(super) const FIELDS: &[Field] = &[
    Field::new("id", Kind::Key),
    Field::new("name", Kind::Text(50)).required(),
    Field::new("description", Kind::Text(50)).optional(),
    Field::new("isActive", Kind::Boolean),
    Field::new("isDeleted", Kind::Boolean),
    Field::new("unitId", Kind::Key).required(),
    Field::new("showScore", Kind::Boolean),
    Field::new("managers", Kind::Raw("Ids of users.")),
    Field::new("members", Kind::Raw("Ids of users.")),
];

pub(super) fn list(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let (teams, units) = staff.tenant().read(|tx| Ok((team::list(tx)?, unit::list(tx)?)))?;
    let names: HashMap<UnitId, &str> =
        units.iter().map(|unit| (unit.id, unit.content.name.as_str())).collect();
    let row = |team: &Team| {
        let Content { name, description, active, deleted, unit, .. } = &team.content;
        Doc::Object(vec![
            ("id", Doc::text(team.id)),
            ("name", Doc::text(name)),
            ("description", Doc::maybe(description.as_ref())),
            ("isActive", Doc::Flag(*active)),
            ("isDeleted", Doc::Flag(*deleted)),
            ("unitName", Doc::maybe(unit.and_then(|id| names.get(&id)))),
        ])
    };
    Ok(list_of(call, "Team", teams.iter().map(row).collect()))
}

pub(super) fn show(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    present(call, staff, path_id(call)?.map(TeamId))
}

pub(super) fn create(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    plainly(call)?;
    save(call, staff, None)
}

pub(super) fn update(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    save(call, staff, Some(TeamId(some_id(call)?)))
}

pub(super) fn post(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    match instead(call)? {
        Instead::Update => update(call, front, staff),
        Instead::Delete => remove(call, front, staff),
    }
}

pub(super) fn remove(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = TeamId(some_id(call)?);
    staff.tenant().write(staff.by(), |tx| team::remove(tx, id))?;
    Ok(Response::empty_204())
}

fn save(call: &Call<'_>, staff: &Staff, id: Option<TeamId>) -> Answer {
    let input = Input::read(call, "team", FIELDS)?;
    let managers = people::named(&input, staff, "managers")?;
    let members = people::named(&input, staff, "members")?;
    let seat = staff.seating();
    let saved = staff.tenant().write(staff.by(), |tx| {
        let mut content = match id {
            Some(id) => team::get(tx, id)?.content,
            None => Content { active: true, ..Content::default() },
        };
        if let Err(refused) = fill(&input, id, &mut content) {
            return Ok(Err(refused));
        }
        let before = team::agents(tx)?;
        let saved = match id {
            Some(id) => team::update(tx, id, &content)?.id.0,
            None => team::create(tx, &content)?.id.0,
        };
        let set = |link: Link, people: &Option<Vec<AccountId>>| match people {
            Some(people) => link::set_people(tx, link, saved, people),
            None => Ok(()),
        };
        set(Link::TeamManager, &managers)?;
        set(Link::TeamMember, &members)?;
        staff.check_agents(&before, &team::agents(tx)?)?;
        Ok(Ok(TeamId(saved)))
    })??;
    drop(seat);
    present(call, staff, Some(saved))
}

fn fill(input: &Input<'_>, id: Option<TeamId>, content: &mut Content) -> Result<(), Failure> {
    if let Some(id) = id.filter(|_| input.get("id").is_some()) {
        input.must_be(id.0)?;
    }
    input.required("name", &mut content.name)?;
    input.text("description", &mut content.description)?;
    content.deleted = input.flag("isDeleted")?.unwrap_or(content.deleted);
    content.active = input.flag("isActive")?.unwrap_or(content.active);
    content.show_score = input.flag("showScore")?.unwrap_or(content.show_score);
    let mut unit = content.unit.map(|id| id.0);
    input.guid("unitId", &mut unit)?;
    content.unit = unit.map(UnitId);
    Ok(())
}

/// A team with what it may be given; without an id what a new one looks like.
fn present(call: &Call<'_>, staff: &Staff, id: Option<TeamId>) -> Answer {
    let (content, [managers, members], units) = staff.tenant().read(|tx| {
        let units = unit::list(tx)?;
        let Some(id) = id else {
            let content = Content { active: true, ..Content::default() };
            return Ok((content, [vec![], vec![]], units));
        };
        let people = |link| link::people(tx, link, id.0);
        let people = [people(Link::TeamManager)?, people(Link::TeamMember)?];
        Ok((team::get(tx, id)?.content, people, units))
    })?;
    let doc = Doc::Object(vec![
        ("id", Doc::text(id.map_or(Uuid::nil(), |id| id.0))),
        ("name", Doc::maybe(id.map(|_| &content.name))),
        ("description", Doc::maybe(content.description)),
        ("isActive", Doc::Flag(content.active)),
        ("isDeleted", Doc::Flag(content.deleted)),
        ("unitId", Doc::maybe(content.unit)),
        ("showScore", Doc::Flag(content.show_score)),
        ("managers", Doc::guids(managers.into_iter().map(|id| id.0))),
        ("members", Doc::guids(members.into_iter().map(|id| id.0))),
        ("unitsLookup", units::lookup(units.iter().filter(|unit| unit.content.active))),
        ("usersLookup", people::lookup(staff)?),
    ]);
    Ok(respond(call, 200, "Team", &doc))
}
