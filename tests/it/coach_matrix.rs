//! Promises over the Coach door's table of routes: who is let in where, that no answer holds another tenant's ids, and that
//! who is refused changes nothing.

use crate::coach::{code, host, program, showing};
use crate::support::{Caller, House, Venue, house_with};
use guichet::doors::{Guard, Route, coach};
use serde_json::{Value, json};

/// Two tenants, each with a user, a unit and a team.
struct Setting<'h> {
    ours: Side<'h>,
    theirs: Side<'h>,
}

struct Side<'h> {
    venue: Venue<'h>,
    user: String,
    unit: String,
    team: String,
}

impl<'h> Side<'h> {
    fn new(house: &'h House, name: &str) -> Self {
        let venue = house.venue(name);
        let (program, base) = (program(&venue), format!("/api/v1/{}", code(&venue)));
        let make = |what: &str, body: Value| {
            let made = program.post(&format!("{base}/{what}"), &body).ok(200);
            made["id"].as_str().unwrap().to_owned()
        };
        let user = make("users", json!({ "username": "ana" }));
        let unit = make("units", json!({ "name": "Salle", "managers": [user] }));
        let team = make("teams", json!({ "name": "Bar", "unitId": unit, "members": [user] }));
        Self { venue, user, unit, team }
    }

    /// Every id that nobody else may see.
    fn ids(&self) -> [String; 4] {
        [self.venue.id(), self.user.clone(), self.unit.clone(), self.team.clone()]
    }

    /// The path of a route with ids of this side.
    fn path(&self, route: &Route) -> String {
        let code = code(&self.venue).to_string();
        let id = match route.name {
            "coach_user" => &self.user,
            "coach_unit" => &self.unit,
            _ => &self.team,
        };
        route
            .path
            .replace("{code}", &code)
            .replace("{tenant}", &code)
            .replace("{id}", id)
            .replace("{path*}", "recorders/1")
    }

    /// A body that would do something if its sender were let in.
    fn body(&self, route: &Route) -> Value {
        match route.name {
            "coach_tenant" => json!({ "id": self.venue.id(), "name": "Intrus" }),
            "coach_users" => json!({ "username": "intrus" }),
            "coach_teams" => json!({ "name": "Intrus", "unitId": self.unit }),
            _ => json!({ "name": "Intrus", "username": "intrus" }),
        }
    }

    /// All that the house can say of this side.
    fn state(&self) -> String {
        let (host, base) = (host(&self.venue), format!("/api/v1/{}", code(&self.venue)));
        let rest =
            [&format!("/tenants/{}", code(&self.venue)), "/users", "/units", "/teams", "/tree"];
        rest.iter().map(|rest| host.get(&format!("{base}{rest}")).is(200).text()).collect()
    }
}

/// All but the one of paths without a code, which are about no tenant.
fn routes() -> impl Iterator<Item = &'static Route> {
    coach::DOOR.all_routes().filter(|route| route.name != "coach_no_code")
}

/// Each route with each verb, and one that is no verb.
fn asked() -> Vec<(&'static Route, &'static str)> {
    let routes: Vec<&Route> = routes().collect();
    assert!(routes.len() > 10 && routes.iter().all(|route| route.guard != Guard::Open));
    let verbs = ["GET", "POST", "PUT", "DELETE", "PATCH", "BREW"];
    routes.into_iter().flat_map(|route| verbs.map(|verb| (route, verb))).collect()
}

fn with_setting(test: impl Fn(&House, &Setting<'_>)) {
    let house = house_with(&[("failures_per_address", "1000000")]);
    let setting = Setting { ours: Side::new(&house, "Bisik"), theirs: Side::new(&house, "Ancre") };
    test(&house, &setting);
}

/// Asks everything as this caller and sees that all is refused, with nothing changed or told.
fn all_refused(setting: &Setting<'_>, caller: &Caller, status: u16, overridden: bool) {
    let Setting { ours, theirs } = setting;
    let before = (ours.state(), theirs.state());
    for (route, verb) in asked() {
        let (path, body) = (theirs.path(route), theirs.body(route).to_string().into_bytes());
        let caller = match overridden {
            true => caller.with("X-HTTP-Method-Override", "DELETE"),
            false => caller.clone(),
        };
        let reply = caller.send(verb, &path, Some("application/json"), body);
        assert_eq!(reply.status, status, "{verb} {path}: {}", reply.text());
        assert_eq!(reply.json()["httpStatusCode"], status);
        // What stands in the path comes back among the arguments; that is what the caller knew already.
        let told = reply.json()["message"].to_string() + &reply.json()["description"].to_string();
        assert!(!theirs.ids().iter().any(|id| told.contains(id)), "{told}");
    }
    assert_eq!((ours.state(), theirs.state()), before);
}

#[test]
fn every_route_refuses_a_stranger() {
    with_setting(|_, setting| {
        all_refused(setting, &setting.theirs.venue.anyone(), 401, false);
    });
}

#[test]
fn every_route_refuses_a_wrong_secret() {
    with_setting(|house, setting| {
        let (key, secret) = crate::coach::pair(house, &setting.theirs.venue.slug);
        for wrong in [secret.to_lowercase(), format!("{secret}x"), secret[1..].to_owned()] {
            let caller = showing(&setting.theirs.venue, &(key.clone(), wrong));
            all_refused(setting, &caller, 401, false);
        }
    });
}

#[test]
fn every_route_refuses_another_tenants_pair() {
    with_setting(|_, setting| {
        // At either host: the code in the path names the tenant, not the host.
        for venue in [&setting.ours.venue, &setting.theirs.venue] {
            let caller = program(&setting.ours.venue).at(&venue.host);
            all_refused(setting, &caller, 403, false);
            all_refused(setting, &caller, 403, true);
        }
    });
}

#[test]
fn a_tenants_own_pair_and_that_of_the_house_are_let_in_everywhere_but_where_only_the_house_is() {
    with_setting(|_, setting| {
        let ours = &setting.ours;
        for (caller, is_host) in [(program(&ours.venue), false), (host(&ours.venue), true)] {
            for route in routes() {
                let reply = caller.get(&ours.path(route));
                let expected = match (route.name, is_host) {
                    ("coach_tenants", false) => 403,
                    // All tenants are listed at ROOT alone; no licence was bought; the rest is not served.
                    ("coach_tenants" | "coach_license" | "coach_nothing" | "coach_other", _) => 404,
                    _ => 200,
                };
                assert_eq!(reply.status, expected, "{}: {}", reply.asked, reply.text());
                let told = reply.text();
                assert!(!setting.theirs.ids().iter().any(|id| told.contains(id)), "{told}");
            }
        }
    });
}

#[test]
fn an_id_of_another_tenant_is_nobodys_here() {
    with_setting(|_, setting| {
        let Setting { ours, theirs } = setting;
        let before = theirs.state();
        for (what, id) in
            [("users", &theirs.user), ("units", &theirs.unit), ("teams", &theirs.team)]
        {
            let path = format!("/api/v1/{}/{what}/{id}", code(&ours.venue));
            for caller in [program(&ours.venue), host(&ours.venue)] {
                assert_eq!(caller.get(&path).status, 404);
                let body = json!({ "name": "Intrus", "username": "intrus" });
                assert_eq!(caller.put(&path, &body).status, 404);
                assert_eq!(caller.delete(&path).status, 404);
            }
        }
        assert_eq!(theirs.state(), before);
    });
}
