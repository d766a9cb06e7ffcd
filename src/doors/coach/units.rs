//! Units: `/units`, each perhaps in another.

use super::doc::{Doc, list as list_of, respond};
use super::input::{Input, Instead, instead, path_id, plainly, some_id};
use super::people;
use crate::doors::tibillet::fields::{Field, Kind};
use crate::doors::{Answer, Call, Failure, Front};
use crate::root::Staff;
use crate::trade::link::{self, Link};
use crate::trade::unit::{self, Content, Unit};
use crate::values::id::UnitId;
use rouille::Response;
use std::collections::HashMap;
use uuid::Uuid;

pub(super) const FIELDS: &[Field] = &[
    Field::new("id", Kind::Key),
    Field::new("name", Kind::Text(50)).required(),
    Field::new("description", Kind::Text(255)).optional(),
    Field::new("isActive", Kind::Boolean),
    Field::new("isDeleted", Kind::Boolean),
    Field::new("parentUnitId", Kind::Key).or_null(),
    Field::new("managers", Kind::Raw("Ids of users.")),
];

pub(super) fn list(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let units = staff.tenant().read(unit::list)?;
    let names: HashMap<UnitId, &str> =
        units.iter().map(|unit| (unit.id, unit.content.name.as_str())).collect();
    let row = |unit: &Unit| {
        let Content { name, description, active, deleted, parent } = &unit.content;
        Doc::Object(vec![
            ("id", Doc::text(unit.id)),
            ("name", Doc::text(name)),
            ("description", Doc::maybe(description.as_ref())),
            ("isActive", Doc::Flag(*active)),
            ("isDeleted", Doc::Flag(*deleted)),
            ("parentUnitName", Doc::maybe(parent.and_then(|id| names.get(&id)))),
        ])
    };
    Ok(list_of(call, "Unit", units.iter().map(row).collect()))
}

pub(super) fn show(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    present(call, staff, path_id(call)?.map(UnitId))
}

pub(super) fn create(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    plainly(call)?;
    save(call, staff, None)
}

pub(super) fn update(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    save(call, staff, Some(UnitId(some_id(call)?)))
}

pub(super) fn post(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    match instead(call)? {
        Instead::Update => update(call, front, staff),
        Instead::Delete => remove(call, front, staff),
    }
}

pub(super) fn remove(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = UnitId(some_id(call)?);
    staff.tenant().write(staff.by(), |tx| unit::remove(tx, id))?;
    Ok(Response::empty_204())
}

fn save(call: &Call<'_>, staff: &Staff, id: Option<UnitId>) -> Answer {
    let input = Input::read(call, "unit", FIELDS)?;
    let managers = people::named(&input, staff, "managers")?;
    let saved = staff.tenant().write(staff.by(), |tx| {
        let mut content = match id {
            Some(id) => unit::get(tx, id)?.content,
            None => Content { active: true, ..Content::default() },
        };
        if let Err(refused) = fill(&input, id, &mut content) {
            return Ok(Err(refused));
        }
        let saved = match id {
            Some(id) => unit::update(tx, id, &content)?,
            None => unit::create(tx, &content)?,
        };
        if let Some(managers) = &managers {
            link::set_people(tx, Link::UnitManager, saved.id.0, managers)?;
        }
        Ok(Ok(saved.id))
    })??;
    present(call, staff, Some(saved))
}

fn fill(input: &Input<'_>, id: Option<UnitId>, content: &mut Content) -> Result<(), Failure> {
    if let Some(id) = id.filter(|_| input.get("id").is_some()) {
        input.must_be(id.0)?;
    }
    input.required("name", &mut content.name)?;
    input.text("description", &mut content.description)?;
    content.deleted = input.flag("isDeleted")?.unwrap_or(content.deleted);
    content.active = input.flag("isActive")?.unwrap_or(content.active);
    let mut parent = content.parent.map(|id| id.0);
    input.guid("parentUnitId", &mut parent)?;
    content.parent = parent.map(UnitId);
    Ok(())
}

/// A unit with what it may be given; without an id what a new one looks like.
fn present(call: &Call<'_>, staff: &Staff, id: Option<UnitId>) -> Answer {
    let (content, managers, units) = staff.tenant().read(|tx| {
        let units = unit::list(tx)?;
        let Some(id) = id else {
            return Ok((Content { active: true, ..Content::default() }, vec![], units));
        };
        let managers = link::people(tx, Link::UnitManager, id.0)?;
        Ok((unit::get(tx, id)?.content, managers, units))
    })?;
    let others = units.iter().filter(|unit| unit.content.active && Some(unit.id) != id);
    let doc = Doc::Object(vec![
        ("id", Doc::text(id.map_or(Uuid::nil(), |id| id.0))),
        ("name", Doc::maybe(id.map(|_| &content.name))),
        ("description", Doc::maybe(content.description)),
        ("isActive", Doc::Flag(content.active)),
        ("isDeleted", Doc::Flag(content.deleted)),
        ("parentUnitId", Doc::maybe(content.parent)),
        ("managers", Doc::guids(managers.into_iter().map(|id| id.0))),
        ("unitsLookup", lookup(others)),
        ("usersLookup", people::lookup(staff)?),
    ]);
    Ok(respond(call, 200, "Unit", &doc))
}

/// Units by id.
pub(super) fn lookup<'u>(units: impl Iterator<Item = &'u Unit>) -> Doc {
    Doc::Lookup(units.map(|unit| (unit.id.to_string(), unit.content.name.clone())).collect())
}
