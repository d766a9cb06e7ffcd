//! The Coach dialect: users, units, teams and the tree.

use crate::coach::{code, error, host, program};
use crate::support::{Caller, House, Venue, column, house, text};
use guichet::values::Email;
use serde_json::{Value, json};

const EMPTY: &str = "00000000-0000-0000-0000-000000000000";
const APPLICATION: &str = "5a000000-0000-4000-8000-000000000002";
const SYSTEM: &str = "5a000000-0000-4000-8000-000000000001";

/// A venue with a program that works on it.
pub(crate) struct Desk<'h> {
    pub(crate) venue: Venue<'h>,
    program: Caller,
    base: String,
}

impl<'h> Desk<'h> {
    pub(crate) fn new(house: &'h House, name: &str) -> Self {
        let venue = house.venue(name);
        let (program, base) = (program(&venue), format!("/api/v1/{}", code(&venue)));
        Self { venue, program, base }
    }

    fn path(&self, rest: &str) -> String {
        format!("{}/{rest}", self.base)
    }

    pub(crate) fn get(&self, rest: &str) -> Value {
        self.program.get(&self.path(rest)).ok(200)
    }

    /// Makes something and gives its id.
    pub(crate) fn make(&self, what: &str, body: &Value) -> String {
        text(&self.program.post(&self.path(what), body).ok(200), "id").to_owned()
    }

    pub(crate) fn user(&self, name: &str) -> String {
        self.make("users", &json!({ "username": name }))
    }

    fn unit(&self, name: &str) -> String {
        self.make("units", &json!({ "name": name }))
    }

    pub(crate) fn put(&self, rest: &str, body: &Value) -> Value {
        self.program.put(&self.path(rest), body).ok(200)
    }

    #[track_caller]
    pub(crate) fn refused(&self, verb: &str, rest: &str, body: &Value, status: u16, message: &str) {
        error(self.program.json(verb, &self.path(rest), body), status, message);
    }

    pub(crate) fn delete(&self, rest: &str) {
        self.program.delete(&self.path(rest)).is(204);
    }
}

#[test]
fn check_28_the_empty_id_shows_what_a_new_thing_looks_like() {
    let house = house();
    let desk = Desk::new(&house, "Bisik");
    let (unit, user) = (desk.unit("Salle"), desk.user("ana"));
    let team = desk.make("teams", &json!({ "name": "Bar", "unitId": unit }));
    let new = desk.get(&format!("users/{EMPTY}"));
    assert_eq!(
        (text(&new, "id"), &new["isActive"], &new["username"]),
        (EMPTY, &json!(true), &Value::Null)
    );
    assert_eq!(new["unitsLookup"], json!({ unit.clone(): "Salle" }));
    assert_eq!(new["teamsLookup"], json!({ team: "Bar" }));
    assert_eq!(new["rolesLookup"], json!({ APPLICATION: "Application Administrator" }));
    assert_eq!(new["recorderMediaPlayersLookup"], json!({}));
    let new = desk.get(&format!("units/{EMPTY}"));
    assert_eq!(new["usersLookup"][user.as_str()], "ana");
    let new = desk.get(&format!("teams/{EMPTY}"));
    assert_eq!((&new["showScore"], &new["unitId"]), (&json!(false), &Value::Null));
    desk.refused("PUT", &format!("units/{EMPTY}"), &json!({ "name": "x" }), 400, "Invalid Id");
    desk.refused("GET", "units/x", &json!({}), 400, "Invalid Id");
    desk.refused("GET", &format!("units/{user}"), &json!({}), 404, "Not Found");
}

#[test]
fn check_28_a_unit_with_a_team_is_deleted_softly_and_an_empty_one_is_gone() {
    let house = house();
    let desk = Desk::new(&house, "Bisik");
    let (used, empty) = (desk.unit("Salle"), desk.unit("Cave"));
    let team = desk.make("teams", &json!({ "name": "Bar", "unitId": used }));
    desk.delete(&format!("units/{used}"));
    desk.delete(&format!("units/{empty}"));
    let unit = desk.get(&format!("units/{used}"));
    assert_eq!((&unit["isDeleted"], &unit["isActive"]), (&json!(true), &json!(false)));
    desk.refused("GET", &format!("units/{empty}"), &json!({}), 404, "Not Found");
    desk.refused("DELETE", &format!("units/{empty}"), &json!({}), 404, "Not Found");
    desk.delete(&format!("teams/{team}"));
    desk.refused("GET", &format!("teams/{team}"), &json!({}), 404, "Not Found");
    desk.delete(&format!("units/{used}"));
    desk.refused("GET", &format!("units/{used}"), &json!({}), 404, "Not Found");
}

#[test]
fn check_28_what_is_deleted_is_not_active_until_it_is_brought_back() {
    let house = house();
    let desk = Desk::new(&house, "Bisik");
    let unit = desk.unit("Salle");
    desk.make("teams", &json!({ "name": "Bar", "unitId": unit }));
    desk.delete(&format!("units/{unit}"));
    let path = format!("units/{unit}");
    let flags = |unit: &Value| (unit["isDeleted"].clone(), unit["isActive"].clone());
    assert_eq!(flags(&desk.put(&path, &json!({ "isActive": true }))), (json!(true), json!(false)));
    let back = desk.put(&path, &json!({ "isDeleted": false, "isActive": true }));
    assert_eq!(flags(&back), (json!(false), json!(true)));
    let user = desk.user("ana");
    desk.put(&path, &json!({ "managers": [user] }));
    desk.delete(&format!("users/{user}"));
    let path = format!("users/{user}");
    assert_eq!(flags(&desk.put(&path, &json!({ "isActive": true }))), (json!(true), json!(false)));
    let back = desk.put(&path, &json!({ "isDeleted": false, "isActive": true }));
    assert_eq!(flags(&back), (json!(false), json!(true)));
}

#[test]
fn a_unit_keeps_a_parent_that_was_deleted_and_none_is_put_under_it_anew() {
    let house = house();
    let desk = Desk::new(&house, "Bisik");
    let above = desk.unit("Salle");
    let below = desk.make("units", &json!({ "name": "Bar", "parentUnitId": above }));
    desk.delete(&format!("units/{above}"));
    let path = format!("units/{below}");
    assert_eq!(desk.put(&path, &json!({ "name": "Le bar" }))["parentUnitId"], json!(above));
    let other = desk.unit("Cave");
    let path = format!("units/{other}");
    assert_eq!(desk.put(&path, &json!({ "parentUnitId": above }))["parentUnitId"], Value::Null);
}

#[test]
fn no_unit_is_in_itself_at_any_depth() {
    let house = house();
    let desk = Desk::new(&house, "Bisik");
    let top = desk.unit("Haut");
    let middle = desk.make("units", &json!({ "name": "Milieu", "parentUnitId": top }));
    let low = desk.make("units", &json!({ "name": "Bas", "parentUnitId": middle }));
    for parent in [&top, &middle, &low] {
        let body = json!({ "parentUnitId": parent });
        desk.refused("PUT", &format!("units/{top}"), &body, 400, "Incorrect Value");
    }
    assert_eq!(desk.get(&format!("units/{top}"))["parentUnitId"], Value::Null);
    assert_eq!(
        desk.put(&format!("units/{low}"), &json!({ "parentUnitId": null }))["parentUnitId"],
        Value::Null
    );
    let mut parent = top;
    let mut last = 200;
    for n in 0..40 {
        let body = json!({ "name": format!("u{n}"), "parentUnitId": parent });
        let reply = desk.program.post(&desk.path("units"), &body);
        last = reply.status;
        if last != 200 {
            break;
        }
        parent = text(&reply.json(), "id").to_owned();
    }
    assert_eq!(last, 400, "units are not nested without end");
    desk.get("tree");
}

#[test]
fn links_to_what_is_not_in_use_are_dropped_and_to_what_is_not_there_refused() {
    let house = house();
    let desk = Desk::new(&house, "Bisik");
    let theirs = Desk::new(&house, "Ancre");
    let (unit, ana, bob) = (desk.unit("Salle"), desk.user("ana"), desk.user("bob"));
    desk.put(&format!("users/{bob}"), &json!({ "isActive": false }));
    let saved = desk.put(&format!("units/{unit}"), &json!({ "managers": [ana, bob, ana] }));
    assert_eq!(saved["managers"], json!([ana]));
    let foreign = theirs.user("eve");
    for stranger in [foreign.as_str(), EMPTY, "x"] {
        let body = json!({ "managers": [stranger] });
        desk.refused("PUT", &format!("units/{unit}"), &body, 400, "Unknown Reference Entity Id");
    }
    let theirs = theirs.unit("Pont");
    let body = json!({ "name": "x", "parentUnitId": theirs });
    desk.refused("POST", "units", &body, 400, "Unknown Reference Entity Id");
    let body = json!({ "name": "x", "unitId": theirs });
    desk.refused("POST", "teams", &body, 400, "Unknown Reference Entity Id");
    let body = json!({ "username": "new", "managedUnits": [theirs] });
    desk.refused("POST", "users", &body, 400, "Unknown Reference Entity Id");
    assert!(!column(&desk.get("users"), "username").contains(&"new"));
    let idle = desk.make("units", &json!({ "name": "Cave", "isActive": false }));
    let inside = desk.make("units", &json!({ "name": "Fond", "parentUnitId": idle }));
    assert_eq!(desk.get(&format!("units/{inside}"))["parentUnitId"], Value::Null);
    desk.refused("POST", "teams", &json!({ "name": "x", "unitId": idle }), 400, "Incorrect Value");
    desk.refused("POST", "teams", &json!({ "name": "x" }), 400, "Required Field");
    let user = desk.put(&format!("users/{ana}"), &json!({ "managedUnits": [unit, idle] }));
    assert_eq!(user["managedUnits"], json!([unit]));
}

#[test]
fn a_user_is_known_by_a_name_that_is_unique_at_the_tenant() {
    let house = house();
    let (desk, other) = (Desk::new(&house, "Bisik"), Desk::new(&house, "Ancre"));
    let ana = desk.user("ana");
    desk.refused("POST", "users", &json!({ "username": "ANA" }), 409, "Unique Username");
    desk.refused("POST", "users", &json!({}), 400, "Required Field");
    let long = json!({ "username": "a".repeat(103) });
    desk.refused("POST", "users", &long, 400, "Exceeded Field Length");
    other.user("ana");
    let bob = desk.user("bob");
    let before = desk.get(&format!("users/{bob}"));
    let body = json!({ "username": "ana", "firstName": "Bob" });
    desk.refused("PUT", &format!("users/{bob}"), &body, 409, "Unique Username");
    assert_eq!(desk.get(&format!("users/{bob}")), before, "who is refused changes nothing");
    desk.put(&format!("users/{ana}"), &json!({ "username": "anna" }));
    desk.put(&format!("users/{bob}"), &json!({ "username": "ana" }));
}

#[test]
fn all_that_is_known_of_a_user_is_read_back() {
    let house = house();
    let desk = Desk::new(&house, "Bisik");
    let body = json!({
        "username": "ana", "firstName": "Ana", "lastName": "Payet", "email": "ana@example.org", "phone": "0692",
        "address": "1 rue", "country": "Réunion", "dateOfBirth": "1985-03-01T00:00:00", "employeeReference": "E1",
        "startDate": "2015-11-20T00:00:00Z", "endDate": "2016-11-20", "recorderUserId": "r1",
        "RecorderMediaPlayerId": "00000000-0000-4000-8000-000000000009", "recorderAccountId": "a1",
    });
    let made = desk.program.post(&desk.path("users"), &body).ok(200);
    assert_eq!(text(&made, "dateOfBirth"), "1985-03-01T00:00:00Z");
    assert_eq!(text(&made, "endDate"), "2016-11-20T00:00:00Z");
    assert_eq!(text(&made, "recorderPlayerId"), "00000000-0000-4000-8000-000000000009");
    let path = format!("users/{}", text(&made, "id"));
    assert_eq!(desk.get(&path), made);
    assert_eq!(desk.put(&path, &made), made, "a whole model comes back as it went");
    desk.refused("PUT", &path, &json!({ "startDate": "yesterday" }), 400, "Incorrect Date");
    desk.refused("PUT", &path, &json!({ "startDate": "2017-01-01" }), 400, "Invalid Date Range");
    desk.refused("PUT", &path, &json!({ "email": "no address" }), 400, "Incorrect Value");
    desk.refused("PUT", &path, &json!({ "isActive": "perhaps" }), 400, "Incorrect Value");
    assert_eq!(desk.put(&path, &json!({ "phone": null }))["phone"], Value::Null);
    desk.refused(
        "POST",
        "users",
        &json!({ "username": "b", "email": "ana@example.org" }),
        409,
        "Unique",
    );
}

#[test]
fn what_a_tenant_writes_of_somebody_stays_in_its_own_file() {
    let house = house();
    let (desk, other) = (Desk::new(&house, "Bisik"), Desk::new(&house, "Ancre"));
    let account = house.user("ana@example.org");
    let body = json!({ "username": "ana", "email": "ana@example.org", "firstName": "Ana" });
    let id = desk.make("users", &body);
    assert_eq!(id, account.id.to_string(), "a user is the account of that address");
    other.make("users", &json!({ "username": "a", "email": "ana@example.org" }));
    desk.put(&format!("users/{id}"), &json!({ "email": "other@example.org" }));
    let account = house.console().user(&account.email).unwrap().unwrap();
    assert_eq!((account.first_name, account.email.as_str()), (None, "ana@example.org"));
    let theirs = other.get(&format!("users/{id}"));
    assert_eq!((&theirs["firstName"], text(&theirs, "email")), (&Value::Null, "ana@example.org"));
    desk.delete(&format!("users/{id}"));
    other.get(&format!("users/{id}"));
    assert!(house.console().user(&account.email).unwrap().is_some(), "the account stays");
}

#[test]
fn who_is_something_here_is_deleted_softly_and_who_is_nothing_is_gone() {
    let house = house();
    let desk = Desk::new(&house, "Bisik");
    let unit = desk.unit("Salle");
    let (manager, agent, nobody) = (desk.user("manager"), desk.user("agent"), desk.user("nobody"));
    let holder = desk.make("users", &json!({ "username": "holder", "roles": [APPLICATION] }));
    desk.put(&format!("units/{unit}"), &json!({ "managers": [manager] }));
    let team = desk.make("teams", &json!({ "name": "Bar", "unitId": unit, "members": [agent] }));
    for id in [&manager, &agent, &holder] {
        desk.delete(&format!("users/{id}"));
        let user = desk.get(&format!("users/{id}"));
        assert_eq!((&user["isDeleted"], &user["isActive"]), (&json!(true), &json!(false)));
    }
    let accounts = house.console().list_users().unwrap().len();
    desk.delete(&format!("users/{nobody}"));
    desk.refused("GET", &format!("users/{nobody}"), &json!({}), 404, "Not Found");
    assert_eq!(house.console().list_users().unwrap().len(), accounts - 1, "nobody is left behind");
    desk.delete(&format!("teams/{team}"));
    assert_eq!(desk.get(&format!("teams/{team}"))["isDeleted"], true, "it has a member");
}

#[test]
fn the_last_administrator_keeps_the_role_and_stays_active() {
    let house = house();
    let desk = Desk::new(&house, "Bisik");
    let admin = desk.venue.admin.id.to_string();
    let path = format!("users/{admin}");
    assert_eq!(desk.get(&path)["roles"], json!([APPLICATION]));
    for body in [json!({ "roles": [] }), json!({ "isActive": false }), json!({ "isDeleted": true })]
    {
        desk.refused("PUT", &path, &body, 409, "Conflict");
    }
    desk.refused("DELETE", &path, &json!({}), 409, "Conflict");
    desk.make("users", &json!({ "username": "second", "roles": [APPLICATION] }));
    assert_eq!(desk.put(&path, &json!({ "roles": [] }))["roles"], json!([]));
    assert_eq!(
        desk.venue.admin().get("/api/settings/").status,
        403,
        "the same role in every dialect"
    );
}

#[test]
fn roles_are_given_by_their_fixed_ids_and_the_first_at_root_alone() {
    let house = house();
    let desk = Desk::new(&house, "Bisik");
    for role in [SYSTEM, EMPTY, "5a000000-0000-4000-8000-000000000003"] {
        let body = json!({ "username": "x", "roles": [role] });
        desk.refused("POST", "users", &body, 400, "Unknown Reference Entity Id");
    }
    let host = host(&desk.venue);
    let new = host.get(&format!("/api/v1/1000/users/{EMPTY}")).ok(200);
    assert_eq!(text(&new["rolesLookup"], SYSTEM), "System Administrator");
    let body = json!({ "username": "sys", "email": "sys@example.org", "roles": [SYSTEM] });
    let made = host.post("/api/v1/1000/users", &body).ok(200);
    assert_eq!(made["roles"], json!([SYSTEM]));
    let account = house.console().user(&Email::parse("sys@example.org").unwrap());
    assert!(account.unwrap().unwrap().superuser);
}

#[test]
fn who_runs_the_house_is_listed_at_root_as_long_as_he_does() {
    let house = house();
    let desk = Desk::new(&house, "Bisik");
    let host = host(&desk.venue);
    let listed = || {
        let all = host.get("/api/v1/1000/users").ok(200);
        let row = |user: &Value| {
            json!([user["username"], user["assignedRoles"], user["isActive"], user["isDeleted"]])
        };
        all.as_array().unwrap().iter().map(row).collect::<Vec<_>>()
    };
    assert_eq!(listed(), Vec::<Value>::new());
    crate::oxynade_graph::admin(&house);
    let first = json!(["sys.admin", "System Administrator", true, false]);
    assert_eq!(listed(), std::slice::from_ref(&first));
    let bo = house.user("bo@example.org").email;
    house.console().grant(&bo, None, true, false, true).unwrap();
    assert_eq!(listed()[1], json!(["bo@example.org", "System Administrator", true, false]));
    house.console().grant(&bo, None, true, false, false).unwrap();
    assert_eq!(listed(), [first.clone(), json!(["bo@example.org", "", false, true])]);
    house.console().grant(&bo, None, true, false, true).unwrap();
    assert_eq!(listed()[1], json!(["bo@example.org", "System Administrator", true, false]));
}

#[test]
fn the_tree_shows_units_teams_managers_and_agents_and_nobody_else() {
    let house = house();
    let desk = Desk::new(&house, "Bisik");
    let (ana, bob, _) = (desk.user("ana"), desk.user("bob"), desk.user("loner"));
    let top = desk.make("units", &json!({ "name": "Haut", "managers": [ana] }));
    let low = desk.make("units", &json!({ "name": "Bas", "parentUnitId": top }));
    let team = json!({ "name": "Bar", "unitId": low, "managers": [ana], "members": [bob] });
    desk.make("teams", &team);
    desk.put(&format!("users/{bob}"), &json!({ "recorderUserId": "r9", "firstName": "Bob" }));
    let tree = desk.get("tree");
    let show = |item: &Value| format!("{} {}", text(item, "treeItemType"), text(item, "name"));
    assert_eq!(show(&tree), "Tenant Bisik");
    let unit = &tree["items"][0];
    assert_eq!(
        (show(unit), show(&unit["items"][0])),
        ("Unit Haut".into(), "Unit Manager ana".into())
    );
    let team = &unit["items"][1]["items"][0];
    assert_eq!(show(team), "Team Bar");
    assert_eq!(show(&team["items"][0]), "Team Manager ana");
    let agent = &team["items"][1];
    assert_eq!((show(agent), text(agent, "recorderUserId")), ("Agent Bob".into(), "r9"));
    assert_eq!((&agent["haveRecorder"], text(agent, "treeItemId")), (&json!(true), &*bob));
    assert_eq!(text(agent, "tenantId"), desk.venue.id());
    assert!(!tree.to_string().contains("loner"));
    assert_eq!(desk.get("tree"), tree, "the ids of links stay");
}

#[test]
fn lists_show_names_where_models_have_ids() {
    let house = house();
    let desk = Desk::new(&house, "Bisik");
    let ana = desk.user("ana");
    let (a, b) = (desk.unit("Alpha"), desk.unit("Beta"));
    desk.put(&format!("users/{ana}"), &json!({ "managedUnits": [a, b] }));
    desk.make("teams", &json!({ "name": "Bar", "unitId": a, "members": [ana] }));
    let users = desk.get("users");
    let row = users.as_array().unwrap().iter().find(|row| row["id"] == ana.as_str()).unwrap();
    let mut managed: Vec<_> = text(row, "managedUnits").split(", ").collect();
    managed.sort_unstable();
    assert_eq!((managed, text(row, "teamMemberships")), (vec!["Alpha", "Beta"], "Bar"));
    assert_eq!(column(&desk.get("teams"), "unitName"), ["Alpha"]);
    assert_eq!(desk.get("units")[0].as_object().unwrap().len(), 6);
}

#[test]
fn who_was_let_go_comes_back_as_what_he_is_invited_as_and_no_more() {
    let house = house();
    let desk = Desk::new(&house, "Bisik");
    let ana = json!({ "username": "ana", "email": "ana@example.org", "roles": [APPLICATION] });
    let id = desk.make("users", &ana);
    desk.delete(&format!("users/{id}"));
    let body = json!({ "user": { "email": "ana@example.org", "roles": [10] } });
    let venue = &desk.venue;
    let made = venue.manager().post(&venue.v2("/users"), &body).ok(200);
    assert_eq!(made["user"]["rolesInTenant"], json!([10]));
    let account = house.console().user(&Email::parse("ana@example.org").unwrap()).unwrap().unwrap();
    assert!(!house.console().administers(&account, &venue.slug).unwrap());
}

#[test]
fn who_was_let_go_and_is_brought_back_is_what_he_was() {
    let house = house();
    let desk = Desk::new(&house, "Bisik");
    let id = desk.make("users", &json!({ "username": "ana", "roles": [APPLICATION] }));
    desk.delete(&format!("users/{id}"));
    let back = desk.put(&format!("users/{id}"), &json!({ "isDeleted": false, "isActive": true }));
    assert_eq!(back["roles"].as_array().unwrap().len(), 1, "{back}");
}
