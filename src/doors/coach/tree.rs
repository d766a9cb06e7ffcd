//! The tree: the tenant, its units in each other, their managers, teams and agents. Who is linked to nothing is not in it.

use super::doc::{Doc, respond};
use super::people;
use crate::doors::{Answer, Call, Front};
use crate::root::Staff;
use crate::root::connection::Connection;
use crate::trade::link::{self, Link};
use crate::trade::person::{self, Person};
use crate::trade::team::{self, Team};
use crate::trade::unit::{self, Unit};
use crate::values::id::{AccountId, UnitId};
use crate::values::secret::digest;
use std::collections::HashMap;
use uuid::Uuid;

/// All that hangs on the tree, by what it hangs on.
struct Forest {
    tenant: Uuid,
    units: HashMap<Option<UnitId>, Vec<Unit>>,
    teams: HashMap<Option<UnitId>, Vec<Team>>,
    links: [HashMap<Uuid, Vec<AccountId>>; 3],
    people: HashMap<AccountId, Person>,
    connections: HashMap<AccountId, Connection>,
}

/// How each kind of link is called in the tree.
const KINDS: [(Link, &str); 3] = [
    (Link::UnitManager, "Unit Manager"),
    (Link::TeamManager, "Team Manager"),
    (Link::TeamMember, "Agent"),
];

pub(super) fn show(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let organizer = staff.organizer()?;
    let forest = Forest::read(staff)?;
    let items = forest.units(None);
    let tenant = Branch {
        id: forest.tenant,
        what: forest.tenant,
        kind: "Tenant",
        name: organizer.label,
        active: organizer.active,
        deleted: organizer.deleted.is_some(),
        recorder: None,
        link: None,
    };
    Ok(respond(call, 200, "TreeItem", &tenant.doc(forest.tenant, items)))
}

/// One item of the tree.
struct Branch {
    id: Uuid,
    what: Uuid,
    kind: &'static str,
    name: String,
    active: bool,
    deleted: bool,
    recorder: Option<String>,
    link: Option<Uuid>,
}

impl Branch {
    fn doc(self, tenant: Uuid, items: Vec<Doc>) -> Doc {
        Doc::Object(vec![
            ("id", Doc::text(self.id)),
            ("treeItemId", Doc::text(self.what)),
            ("treeItemType", Doc::text(self.kind)),
            ("name", Doc::text(self.name)),
            ("isActive", Doc::Flag(self.active)),
            ("isDeleted", Doc::Flag(self.deleted)),
            ("recorderUserId", Doc::maybe(self.recorder.as_ref())),
            ("haveRecorder", Doc::Flag(self.recorder.is_some())),
            ("managerOrAgentId", Doc::maybe(self.link)),
            ("tenantId", Doc::text(tenant)),
            ("items", Doc::List("TreeItem", items)),
        ])
    }
}

impl Forest {
    fn read(staff: &Staff) -> crate::error::Result<Self> {
        let connections = people::all(staff)?;
        staff.tenant().read(|tx| {
            let mut forest = Self {
                tenant: staff.tenant().entry().id.0,
                units: HashMap::new(),
                teams: HashMap::new(),
                links: Default::default(),
                people: person::list(tx)?.into_iter().collect(),
                connections,
            };
            for unit in unit::list(tx)? {
                forest.units.entry(unit.content.parent).or_default().push(unit);
            }
            for team in team::list(tx)? {
                forest.teams.entry(team.content.unit).or_default().push(team);
            }
            for ((link, _), links) in KINDS.into_iter().zip(&mut forest.links) {
                for (place, account) in link::all(tx, link)? {
                    links.entry(place).or_default().push(account);
                }
            }
            Ok(forest)
        })
    }

    /// The units in one, each with its managers, units and teams. They are no deeper in each other than they may be.
    fn units(&self, parent: Option<UnitId>) -> Vec<Doc> {
        let units = self.units.get(&parent).map_or(&[][..], Vec::as_slice);
        let branch = |unit: &Unit| {
            let mut items = self.people(0, unit.id.0);
            items.extend(self.units(Some(unit.id)));
            items.extend(self.teams(unit.id));
            self.place(
                unit.id.0,
                "Unit",
                &unit.content.name,
                unit.content.active,
                unit.content.deleted,
            )
            .doc(self.tenant, items)
        };
        units.iter().map(branch).collect()
    }

    fn teams(&self, unit: UnitId) -> Vec<Doc> {
        let teams = self.teams.get(&Some(unit)).map_or(&[][..], Vec::as_slice);
        let branch = |team: &Team| {
            let mut items = self.people(1, team.id.0);
            items.extend(self.people(2, team.id.0));
            self.place(
                team.id.0,
                "Team",
                &team.content.name,
                team.content.active,
                team.content.deleted,
            )
            .doc(self.tenant, items)
        };
        teams.iter().map(branch).collect()
    }

    fn place(
        &self,
        id: Uuid,
        kind: &'static str,
        name: &str,
        active: bool,
        deleted: bool,
    ) -> Branch {
        let name = name.to_owned();
        Branch { id, what: id, kind, name, active, deleted, recorder: None, link: None }
    }

    fn people(&self, kind: usize, place: Uuid) -> Vec<Doc> {
        let accounts = self.links[kind].get(&place).map_or(&[][..], Vec::as_slice);
        let known = accounts.iter().filter_map(|account| self.connections.get(account));
        let branch = |connection: &Connection| {
            let account = connection.account.id;
            let person = self.people.get(&account);
            let link = link_id(KINDS[kind].1, place, account);
            let leaf = Branch {
                id: link,
                what: account.0,
                kind: KINDS[kind].1,
                name: name(connection, person),
                active: connection.active,
                deleted: connection.deleted.is_some(),
                recorder: person.and_then(|person| person.recorder_user.clone()),
                link: Some(link),
            };
            leaf.doc(self.tenant, vec![])
        };
        known.map(branch).collect()
    }
}

fn name(connection: &Connection, person: Option<&Person>) -> String {
    let names = person.map(|person| [person.first_name.as_deref(), person.last_name.as_deref()]);
    let whole = names.into_iter().flatten().flatten().collect::<Vec<_>>().join(" ");
    if whole.is_empty() { people::username(connection) } else { whole }
}

/// The id of a link, the same each time: made from what it links.
fn link_id(kind: &str, place: Uuid, account: AccountId) -> Uuid {
    let whole = digest(format!("{kind} {place} {account}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&whole[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
