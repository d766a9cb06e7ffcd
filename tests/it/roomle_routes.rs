//! Promises over the table of the Roomle door: who is let in, whose ids an answer holds, what each answer looks like.

use crate::golden::Golden;
use crate::roomle::patient;
use crate::support::{Caller, House, Venue, house};
use guichet::doors::{DOORS, Door, Guard, Handler, Method, Route};
use guichet::root::{Right, Role};
use serde_json::{Value, json};

fn door() -> &'static Door {
    DOORS.iter().find(|door| door.name == "roomle").unwrap()
}

fn methods() -> impl Iterator<Item = (&'static Route, &'static Method)> {
    door().all_routes().flat_map(|route| route.methods.iter().map(move |method| (route, method)))
}

/// The route's path, about this tenant; nobody has the number 0.
fn path(route: &Route, venue: &Venue<'_>) -> String {
    let id = match route.path.starts_with("/v2/users") {
        true => "0".to_owned(),
        false => venue.no().to_string(),
    };
    route.path.replace("{id}", &id).replace("{user}", "0")
}

/// A user without this right who has every other, and one who has as little as it takes.
fn around(venue: &Venue<'_>, right: Right) -> (Caller, Caller) {
    let has = |role: &Role| role.rights().has(right);
    let without: Vec<Role> = Role::ALL.into_iter().filter(|role| !has(role)).collect();
    let with = Role::ALL.into_iter().find(has).unwrap();
    (venue.with_roles(&without), venue.with_roles(&[with]))
}

fn ask(caller: &Caller, method: &Method, path: &str) -> u16 {
    caller.json(method.verb, path, &json!({})).status
}

#[test]
fn every_route_is_closed_to_strangers() {
    let house = patient();
    let venue = house.venue("Bisik");
    let key = venue.roomle_key().key;
    let strangers =
        [venue.anyone(), venue.anyone().with("apiKey", &key), venue.staff(), venue.admin()];
    let before = house.ledger();
    for (route, method) in methods() {
        for stranger in &strangers {
            let path = path(route, &venue);
            assert_eq!(ask(stranger, method, &path), 401, "{} {path}", method.verb);
        }
    }
    assert_eq!(house.ledger(), before);
}

#[test]
fn every_guarded_route_asks_for_its_right_and_for_no_more() {
    let house = patient();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    let root = house.super_admin().with("currentTenant", &ours.no().to_string());
    let foreign = theirs.manager();
    let intruder = theirs.manager().with("currentTenant", &ours.no().to_string());
    for (route, method) in methods() {
        let (path, verb) = (path(route, &ours), method.verb);
        let is = |caller: &Caller, status: u16| {
            assert_eq!(ask(caller, method, &path), status, "{verb} {path}");
        };
        let passes = |caller: &Caller| {
            let status = ask(caller, method, &path);
            assert!(![401, 403].contains(&status) && status < 500, "{verb} {path}: {status}");
        };
        is(&intruder, 403);
        match &method.handler {
            Handler::Staff(_) | Handler::Reader(..) => {
                let Guard::Staff(right) = route.guard else { panic!("{path} has no right") };
                let right = match &method.handler {
                    Handler::Reader(right, _) => Some(*right),
                    _ => right,
                };
                let (too_little, enough) = around(&ours, right.unwrap_or(Right::Manage));
                is(&ours.app(), 403);
                is(&too_little, 403);
                if route.path.starts_with("/v2/tenants/{id}") {
                    is(&foreign, 403);
                }
                passes(&enough);
                passes(&root);
            }
            Handler::Operator(_) => {
                is(&ours.app(), 403);
                is(&ours.manager(), 403);
                passes(&root);
            }
            // Nobody has the number that is asked for.
            Handler::Member(_) => {
                is(&ours.app(), 401);
                is(&ours.manager(), 403);
            }
            // For who is connected, in whichever role.
            Handler::Known(_) if route.name == "roomle_billing" => {
                is(&foreign, 403);
                is(&ours.app(), 403);
                passes(&ours.with_roles(&[Role::Member]));
            }
            Handler::Known(_) if route.path.starts_with("/v2/tenants/{id}/") => {
                is(&foreign, 403);
                passes(&ours.app());
            }
            Handler::Known(_) => {}
            Handler::House(_) | Handler::Public(_) | Handler::Network(_) | Handler::Founder(_) => {
                panic!("{path} is open to strangers")
            }
        }
    }
}

#[test]
fn no_answer_holds_an_id_or_a_secret_of_another_tenant() {
    let house = patient();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    let (key, hook) = (theirs.roomle_key(), "https://ancre.example.org/hook".to_owned());
    theirs.manager().put(&theirs.v2(""), &json!({ "webhook": hook })).ok(200);
    let secrets = [theirs.id(), key.key, key.secret, hook, ours.id(), ours.roomle_key().secret];
    for (route, method) in methods() {
        for venue in [&ours, &theirs] {
            for caller in [ours.app(), ours.manager(), ours.with_roles(&[Role::Statistics])] {
                let path = path(route, venue);
                let shown = caller.json(method.verb, &path, &json!({})).text();
                for secret in &secrets {
                    assert!(!shown.contains(secret), "{} {path}: {shown}", method.verb);
                }
            }
        }
    }
}

#[test]
fn every_method_of_the_roomle_door_answers_as_its_golden_files_say() {
    let house = house();
    let claimed = exchanges(&house);
    for (route, method) in methods() {
        let case = format!("{}-{}.json", route.name, method.verb.to_lowercase());
        assert!(claimed.contains(&case), "there is no golden file {case}");
    }
}

/// Each thing once, in a fixed order, so that numbers are the same in every run.
fn exchanges(house: &House) -> std::collections::BTreeSet<String> {
    let mut golden = Golden::of("roomle");
    let venue = house.venue("Bisik");
    let (app, manager, root) = (venue.app(), venue.manager(), house.super_admin());
    let of = |rest: &str| venue.v2(rest);
    let founded =
        json!({ "tenant": { "name": "Le Foo", "webhook": "https://foo.example.org/hook" } });
    golden.check("roomle_tenants-post", &root.post("/v2/tenants/", &founded));
    golden.check("roomle_tenants-post-taken", &root.post("/v2/tenants/", &founded));
    golden.check("roomle_tenants-get", &manager.get("/v2/tenants/"));
    golden.check("roomle_tenant-get", &app.get(&of("/")));
    golden.check("roomle_tenant-get-me", &app.get("/v2/tenants/me"));
    golden.check("roomle_tenant-get-stranger", &venue.anyone().get(&of("/")));
    golden.check("roomle_tenant-get-missing", &app.get("/v2/tenants/4711"));
    let change = json!({ "tenant": { "label": "Le Bisik", "branded": true, "privacyUrl": "https://bisik.re/p" } });
    golden.check("roomle_tenant-put", &manager.put(&of("/"), &change));
    golden.check("roomle_tenant-put-forbidden", &app.put(&of("/"), &change));
    golden.check("roomle_tenant-put-wrong", &manager.put(&of("/"), &json!({ "visibility": 1 })));
    golden.check("roomle_tenant-delete", &manager.delete(&of("/")));
    golden.check("roomle_tenant-options", &venue.anyone().send("OPTIONS", &of("/"), None, vec![]));
    golden.check("roomle_plans-get", &app.get(&of("/plans")));
    golden.check("roomle_retailers-get", &app.get(&of("/retailerInfos/")));
    people(&mut golden, &venue, &app, &manager);
    let skin = format!("/v2/skins/{}", venue.no());
    golden.check(
        "roomle_skin-put",
        &manager.put(&skin, &json!({ "skin": { "ciColor": "0xCB0112" } })),
    );
    golden.check("roomle_skin-get", &app.get(&skin));
    let shop = json!({ "configurator": { "id": "bisik:a", "allowedHosts": "bisik.re" } });
    golden.check("roomle_configurators-post", &manager.post("/v2/configurators", &shop));
    let path = "/v2/configurators/bisik:a";
    golden.check(
        "roomle_configurator-put",
        &manager.put(path, &json!({ "url": "https://bisik.re" })),
    );
    golden.check("roomle_configurator-get", &app.get(path));
    crate::roomle_goods::exchanges(&mut golden, house);
    golden.close()
}

fn people(golden: &mut Golden, venue: &Venue<'_>, app: &Caller, manager: &Caller) {
    let body = json!({ "user": { "email": "ana@example.org", "roles": [40, 20] } });
    let made = manager.post(&venue.v2("/users/"), &body);
    golden.check("roomle_users-post", &made);
    let batch = json!({ "users": [{ "email": "bob@example.org", "roles": ["Marketer"] }] });
    golden.check("roomle_users-post-batch", &manager.post(&venue.v2("/users/"), &batch));
    let ana: Value = made.json()["user"]["id"].clone();
    let path = venue.v2(&format!("/users/{ana}/"));
    golden.check("roomle_user-put", &manager.put(&path, &json!({ "user": { "roles": [20] } })));
    golden.check("roomle_user-put-missing", &manager.put(&venue.v2("/users/0"), &body));
    let own = format!("/v2/users/{}", venue.admin.no);
    let consent = format!("{own}/validateMail?consentOn={}", venue.no());
    golden.check("roomle_validate-post", &manager.post(&consent, &json!({})));
    golden.check("roomle_users-get", &manager.get(&venue.v2("/users/")));
    golden.check("roomle_roles-get", &manager.get(&venue.v2("/roles/")));
    golden.check("roomle_account-get", &manager.get(&own));
    golden.check("roomle_account_tenants-get", &manager.get(&format!("{own}/tenants")));
    golden.check("roomle_account_roles-get", &manager.get(&format!("{own}/roles")));
    golden.check("roomle_terms-post", &manager.post(&format!("{own}/termsAccepted"), &json!({})));
    let new = json!({ "user": { "email": "eva@example.org", "firstname": "Eva" } });
    golden.check("roomle_accounts-post", &app.post("/v2/users/", &new));
    venue.house.user_with_password("max@example.org", "correct horse");
    let sign_in = json!({ "identification": "max@example.org", "password": "correct horse" });
    golden.check("roomle_signin-post", &app.post("/v2/auth/signin", &sign_in));
    let wrong = json!({ "identification": "max@example.org", "password": "wrong horse" });
    golden.check("roomle_signin-post-wrong", &app.post("/v2/auth/signin", &wrong));
    let max = venue.signed_in("max@example.org");
    let no = max_no(venue);
    golden.check("roomle_account-delete", &max.delete(&format!("/v2/users/{no}")));
    golden.check("roomle_signout-post", &app.post("/v2/auth/signout", &json!({})));
}

fn max_no(venue: &Venue<'_>) -> i64 {
    let email = guichet::values::Email::parse("max@example.org").unwrap();
    venue.house.console().user(&email).unwrap().unwrap().no
}
