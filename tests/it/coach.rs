//! The Coach dialect: who is let in by which pair, the tenant as programs read and change it, its licence.

use crate::support::{Caller, House, Reply, Venue, house, house_with, text};
use guichet::root::credential::Dialect;
use guichet::root::license::License;
use guichet::root::{Name, Role};
use guichet::values::{Host, Slug, Time};
use serde_json::{Value, json};

/// The pair of a tenant.
pub(crate) fn pair(house: &House, slug: &Slug) -> (String, String) {
    let pair = house.console().credential(slug, Dialect::Coach).unwrap();
    (pair.key, pair.secret)
}

/// The pair of the house itself.
pub(crate) fn host_pair(house: &House) -> (String, String) {
    pair(house, &Slug::parse("root").unwrap())
}

/// Somebody who presents a pair at this tenant's host.
pub(crate) fn showing(venue: &Venue<'_>, pair: &(String, String)) -> Caller {
    venue.anyone().with("consumer_key", &pair.0).with("consumer_secret", &pair.1)
}

/// A program that holds this tenant's own pair.
pub(crate) fn program(venue: &Venue<'_>) -> Caller {
    showing(venue, &pair(venue.house, &venue.slug))
}

/// A program that holds the pair of the house.
pub(crate) fn host(venue: &Venue<'_>) -> Caller {
    showing(venue, &host_pair(venue.house))
}

/// The code of a tenant.
pub(crate) fn code(venue: &Venue<'_>) -> i64 {
    1_000 + venue.tenant().entry().no
}

/// The path of a tenant as it names itself.
pub(crate) fn own(venue: &Venue<'_>) -> String {
    let code = code(venue);
    format!("/api/v1/{code}/tenants/{code}")
}

/// Fails unless it is an error object with this status and message; gives its id.
#[track_caller]
pub(crate) fn error(reply: Reply, status: u16, message: &str) -> String {
    let json = reply.ok(status);
    assert_eq!(json["httpStatusCode"], status, "{json}");
    assert!(text(&json, "message").starts_with(message), "{json}");
    assert!(json["requestArguments"].is_array() && json.get("name").is_none(), "{json}");
    text(&json, "id").to_owned()
}

#[test]
fn check_22_every_spelling_of_the_two_headers_is_read_and_without_them_nobody_is_let_in() {
    let house = house();
    let venue = house.venue("Bisik");
    let (key, secret) = pair(&house, &venue.slug);
    let (path, code) = (own(&venue), code(&venue));
    for (k, s) in [
        ("consumer_key", "consumer_secret"),
        ("customer_key", "customer_secret"),
        ("customer*key", "customer*secret"),
        ("consumer-key", "consumer-secret"),
        ("Customer-Key", "Customer-Secret"),
        ("consumer_key", "customer*secret"),
    ] {
        let tenant = venue.anyone().with(k, &key).with(s, &secret).get(&path).ok(200);
        assert_eq!((text(&tenant, "name"), &tenant["code"]), ("Bisik", &json!(code)), "{k}");
        assert_eq!((text(&tenant, "apiKey"), text(&tenant, "apiSecret")), (&*key, &*secret));
    }
    let refused = venue.anyone().get(&path).ok(401);
    assert_eq!(text(&refused, "message"), "Missing Consumer Key and/or Secret");
    assert_eq!(refused["httpStatusCode"], 401);
    let shown = code.to_string();
    let arguments =
        json!([{ "name": "tenantCode", "value": shown }, { "name": "tenant", "value": shown }]);
    assert_eq!(refused["requestArguments"], arguments);
    assert!(refused["id"].is_string());
}

#[test]
fn the_first_spelling_that_is_there_counts() {
    let house = house();
    let venue = house.venue("Bisik");
    let (key, secret) = pair(&house, &venue.slug);
    let wrong = venue.anyone().with("consumer_key", "wrong").with("customer_key", &key);
    error(wrong.with("consumer_secret", &secret).get(&own(&venue)), 401, "Unauthorized");
    let right = venue.anyone().with("consumer_key", &key).with("customer_key", "wrong");
    right.with("consumer_secret", &secret).get(&own(&venue)).ok(200);
}

#[test]
fn check_23_the_code_and_the_media_type_are_looked_at_in_the_contracts_order() {
    let house = house();
    let venue = house.venue("Bisik");
    let program = program(&venue);
    error(program.get("/api/v1/999/tenants/999"), 400, "Invalid Tenant Code");
    error(program.get("/api/v1/99999999999999999999/users"), 400, "Invalid Tenant Code");
    error(program.get("/api/v1/abc/tenants/-1"), 400, "Invalid Tenant Code");
    error(program.get("/api/v1/9999/tenants/9999"), 404, "Unknown Tenant Code");
    let plain = |path: &str, caller: &Caller| caller.send("GET", path, Some("text/plain"), vec![]);
    error(plain(&own(&venue), &program), 415, "Unknown Content-Type");
    error(plain("/api/v1/999/users", &venue.anyone()), 415, "Unknown Content-Type");
    error(venue.anyone().get("/api/v1/999/users"), 401, "Missing Consumer Key");
    let nobody = showing(&venue, &("key".into(), "secret".into()));
    error(nobody.get("/api/v1/999/users"), 400, "Invalid Tenant Code");
    error(nobody.get("/api/v1/9999/users"), 404, "Unknown Tenant Code");
    error(nobody.get(&own(&venue)), 401, "Unauthorized Key and/or Secret");
    error(program.get("/api/v1/x1/users"), 400, "Invalid Tenant Code");
    let (name, media) = ("<Tenant><Id>ID</Id><Name>Le Bisik</Name></Tenant>", "application/xml");
    let body = name.replace("ID", &venue.id()).into_bytes();
    let reply =
        program.send("PUT", &own(&venue), Some("application/xml; charset=utf-8"), body).is(200);
    assert_eq!(reply.header("Content-Type"), Some(media));
    assert!(reply.text().contains("<Name>Le Bisik</Name>"), "{}", reply.text());
    let refused = venue.anyone().send("GET", &own(&venue), Some(media), vec![]).is(401);
    assert!(refused.text().contains("<HttpStatusCode>401</HttpStatusCode>"), "{}", refused.text());
}

#[test]
fn check_24_put_and_overridden_post_do_the_same_and_read_only_fields_are_ignored() {
    let house = house();
    let venue = house.venue("Bisik");
    let (program, path, id) = (program(&venue), own(&venue), venue.id());
    let body = json!({
        "Id": id, "NAME": "Guinguette", "description": "Au bord de l'eau", "isDeleted": true,
        "totalLicenses": 99, "usedLicenses": 99, "licenseExpiryDate": "2030-01-01T00:00:00Z", "code": 5,
    });
    let put = program.put(&path, &body).ok(200);
    assert_eq!((text(&put, "name"), text(&put, "description")), ("Guinguette", "Au bord de l'eau"));
    assert_eq!((&put["isDeleted"], &put["totalLicenses"]), (&json!(false), &json!(0)));
    for verb in ["UPDATE", "update", "PUT"] {
        let posted = program.with("X-HTTP-Method-Override", verb).post(&path, &body).ok(200);
        assert_eq!(posted, put);
    }
    error(program.post(&path, &body), 405, "Method");
    error(program.with("X-HTTP-Method-Override", "PATCH").post(&path, &body), 405, "Method");
    error(program.put(&path, &json!({ "name": "Sans id" })), 400, "Required Field");
    let other = json!({ "id": "00000000-0000-4000-8000-000000000001", "name": "Autre" });
    error(program.put(&path, &other), 400, "Invalid Id");
    error(program.put(&path, &json!({ "id": id, "name": " " })), 400, "Required Field");
    error(program.put(&path, &json!({ "id": id, "name": null })), 400, "Required Field");
    error(program.put(&path, &json!([])), 400, "Malformed Body");
    assert_eq!(program.get(&path).ok(200), put);
    let places = house.meta().anyone().get("/api/place/").text();
    assert!(places.contains("Guinguette"), "the public sees the new name");
}

#[test]
fn the_tenant_is_read_from_a_header_of_its_name_where_the_body_is_empty() {
    let house = house();
    let venue = house.venue("Bisik");
    let body = json!({ "id": venue.id(), "mainContact": "Nina" }).to_string();
    let program = program(&venue).with("tenant", &body);
    let changed = program.send("PUT", &own(&venue), None, vec![]).ok(200);
    assert_eq!(text(&changed, "mainContact"), "Nina");
    let none = crate::coach::program(&venue).send("PUT", &own(&venue), None, vec![]);
    error(none, 400, "Required Field");
}

#[test]
fn check_25_only_what_has_changed_is_held_against_its_length() {
    let house = house();
    let venue = house.venue("Bisik");
    let (program, path, id) = (program(&venue), own(&venue), venue.id());
    let word = |length: usize| json!({ "id": id, "customNameForUnit": "é".repeat(length) });
    error(program.put(&path, &word(31)), 400, "Exceeded Field Length");
    assert_eq!(text(&program.get(&path).ok(200), "customNameForUnit"), "Unit");
    program.put(&path, &word(30)).ok(200);
    program.put(&path, &json!({ "id": id, "customNameForUnit": null })).ok(200);
    let long = "Le très long nom d'une salle que l'autre dialecte accepte encore volontiers";
    let rename = house.console().rename(
        &venue.slug,
        &long.chars().take(50).collect::<String>(),
        guichet::trade::place::published,
        |tx, _| guichet::trade::place::relabel(tx, long),
    );
    rename.unwrap();
    let whole = program.get(&path).ok(200);
    assert_eq!((text(&whole, "name"), text(&whole, "customNameForUnit")), (long, "Unit"));
    assert_eq!(program.put(&path, &whole).ok(200), whole);
    let longer = json!({ "id": id, "name": format!("{long}!") });
    error(program.put(&path, &longer), 400, "Exceeded Field Length");
}

#[test]
fn check_26_another_tenants_pair_is_refused_and_that_of_the_house_is_not() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    let program = program(&ours);
    for path in ["/api/v1/1000/tenants/1000", "/api/v1/1000/tenants", &own(&theirs)] {
        error(program.get(path), 403, "Forbidden");
    }
    let through = |first: i64, second: i64| format!("/api/v1/{first}/tenants/{second}");
    error(program.get(&through(1_000, code(&ours))), 403, "Forbidden");
    error(program.get(&through(code(&ours), code(&theirs))), 403, "Forbidden");
    let host = host(&ours);
    assert_eq!(text(&host.get(&own(&theirs)).ok(200), "name"), "Ancre");
    assert_eq!(text(&host.get(&through(1_000, code(&theirs))).ok(200), "name"), "Ancre");
    error(host.get(&through(code(&ours), code(&theirs))), 403, "Forbidden");
    assert_eq!(host.get("/api/v1/1000/users").status, 200);
}

#[test]
fn check_27_no_more_users_are_active_than_the_licence_has_seats() {
    let house = house();
    let venue = house.venue("Bisik");
    let (program, path, id) = (program(&venue), own(&venue), venue.id());
    let license = License { customer: "C-1".into(), code: "K-1".into(), expires: None, total: 2 };
    house.console().add_license(&license).unwrap();
    let obtain = || program.get(&format!("/api/v1/{}/license", code(&venue)));
    error(obtain(), 404, "Not Found");
    program.put(&path, &json!({ "id": id, "customerId": "C-1", "customerCode": "K-1" })).ok(200);
    obtain().is(204);
    let seats = || {
        let tenant = program.get(&path).ok(200);
        (tenant["usedLicenses"].as_i64().unwrap(), tenant["totalLicenses"].as_i64().unwrap())
    };
    assert_eq!(seats(), (1, 2), "the administrator takes a seat");
    let users = format!("/api/v1/{}/users", code(&venue));
    program.post(&users, &json!({ "username": "ana" })).ok(200);
    assert_eq!(seats(), (2, 2));
    error(program.post(&users, &json!({ "username": "bob" })), 409, "Exceeded License Total");
    let list = program.get(&users).ok(200);
    assert_eq!(list.as_array().unwrap().len(), 2, "who was refused is not there: {list}");
    let idle = program.post(&users, &json!({ "username": "bob", "isActive": false })).ok(200);
    let bob = format!("{users}/{}", text(&idle, "id"));
    error(program.put(&bob, &json!({ "isActive": true })), 409, "Exceeded License Total");
    assert_eq!(program.get(&bob).ok(200)["isActive"], false);
    assert_eq!(seats(), (2, 2));
}

#[test]
fn a_licence_is_that_tenants_that_took_it_over_first() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    let license = License { customer: "C".into(), code: "K".into(), expires: None, total: 4 };
    house.console().add_license(&license).unwrap();
    let obtain = |venue: &Venue<'_>| {
        let program = program(venue);
        let code = json!({ "id": venue.id(), "customerId": "C", "customerCode": "K" });
        program.put(&own(venue), &code).ok(200);
        program.get(&format!("/api/v1/{}/license", self::code(venue)))
    };
    obtain(&ours).is(204);
    error(obtain(&theirs), 404, "Not Found");
    obtain(&ours).is(204);
}

#[test]
fn of_many_who_want_the_last_seats_at_once_no_more_get_one() {
    let house = house();
    let venue = house.venue("Bisik");
    let (program, path, id) = (program(&venue), own(&venue), venue.id());
    let license = License { customer: "C".into(), code: "K".into(), expires: None, total: 4 };
    house.console().add_license(&license).unwrap();
    program.put(&path, &json!({ "id": id, "customerId": "C", "customerCode": "K" })).ok(200);
    program.get(&format!("/api/v1/{}/license", code(&venue))).is(204);
    let users = format!("/api/v1/{}/users", code(&venue));
    let join = |n| program.post(&users, &json!({ "username": format!("user {n}") })).status;
    let mut statuses = crate::support::at_once(10, join);
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200; 3], vec![409; 7]].concat());
    assert_eq!(program.get(&path).ok(200)["usedLicenses"], 4);
}

#[test]
fn where_seats_are_for_agents_only_who_belongs_to_a_team_takes_one() {
    let house = house_with(&[("license_count", "active_agents")]);
    let venue = house.venue("Bisik");
    let (program, path, id) = (program(&venue), own(&venue), venue.id());
    let license = License { customer: "C".into(), code: "K".into(), expires: None, total: 1 };
    house.console().add_license(&license).unwrap();
    program.put(&path, &json!({ "id": id, "customerId": "C", "customerCode": "K" })).ok(200);
    let base = format!("/api/v1/{}", code(&venue));
    program.get(&format!("{base}/license")).is(204);
    let user = |name: &str| {
        text(&program.post(&format!("{base}/users"), &json!({ "username": name })).ok(200), "id")
            .to_owned()
    };
    let (ana, bob) = (user("ana"), user("bob"));
    let unit = program.post(&format!("{base}/units"), &json!({ "name": "Salle" })).ok(200);
    let team = json!({ "name": "Bar", "unitId": unit["id"], "members": [ana] });
    let team = program.post(&format!("{base}/teams"), &team).ok(200);
    assert_eq!(program.get(&path).ok(200)["usedLicenses"], 1);
    let team = format!("{base}/teams/{}", text(&team, "id"));
    let both = json!({ "members": [ana, bob] });
    error(program.put(&team, &both), 409, "Exceeded License Total");
    let joins = json!({ "teamMemberships": [team.rsplit('/').next()] });
    error(program.put(&format!("{base}/users/{bob}"), &joins), 409, "Exceeded License Total");
    assert_eq!(program.get(&team).ok(200)["members"], json!([ana]));
}

#[test]
fn who_is_not_active_leaves_no_seat_in_a_team_to_who_is() {
    let house = house_with(&[("license_count", "active_agents")]);
    let (program, base) = with_license(&house.venue("Bisik"), 1);
    let user = |name: &str| {
        let body = json!({ "username": name });
        text(&program.post(&format!("{base}/users"), &body).ok(200), "id").to_owned()
    };
    let (ana, bob, carl) = (user("ana"), user("bob"), user("carl"));
    let unit = program.post(&format!("{base}/units"), &json!({ "name": "Salle" })).ok(200);
    let team = |member: &str| {
        let body = json!({ "name": member, "unitId": unit["id"], "members": [member] });
        text(&program.post(&format!("{base}/teams"), &body).ok(200), "id").to_owned()
    };
    let other = format!("{base}/teams/{}", team(&bob));
    program.put(&format!("{base}/users/{bob}"), &json!({ "isActive": false })).ok(200);
    team(&ana);
    error(program.put(&other, &json!({ "members": [carl] })), 409, "Exceeded License Total");
    assert_eq!(program.get(&other).ok(200)["members"], json!([bob]));
}

#[test]
fn of_many_who_join_a_team_at_once_as_many_do_as_there_are_seats() {
    let house = house_with(&[("license_count", "active_agents")]);
    let (program, base) = with_license(&house.venue("Bisik"), 2);
    let unit = program.post(&format!("{base}/units"), &json!({ "name": "Salle" })).ok(200);
    let team = json!({ "name": "Soir", "unitId": unit["id"] });
    let team = program.post(&format!("{base}/teams"), &team).ok(200)["id"].clone();
    let join = |n| {
        let body = json!({ "username": format!("user {n}"), "teamMemberships": [team] });
        program.post(&format!("{base}/users"), &body).status
    };
    let mut statuses = crate::support::at_once(8, join);
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200; 2], vec![409; 6]].concat());
}

/// A program of a venue that has a licence for so many, and where its paths begin.
pub(crate) fn with_license(venue: &Venue<'_>, total: u32) -> (Caller, String) {
    let (program, base) = (program(venue), format!("/api/v1/{}", code(venue)));
    let license = License { customer: "C".into(), code: "K".into(), expires: None, total };
    venue.house.console().add_license(&license).unwrap();
    let body = json!({ "id": venue.id(), "customerId": "C", "customerCode": "K" });
    program.put(&own(venue), &body).ok(200);
    program.get(&format!("{base}/license")).is(204);
    (program, base)
}

#[test]
fn without_a_licence_nobody_is_let_in_where_one_is_required() {
    let house = house_with(&[("license_required", "on")]);
    let venue = house.venue("Bisik");
    let users = format!("/api/v1/{}/users", code(&venue));
    let refused = program(&venue).post(&users, &json!({ "username": "ana" }));
    error(refused, 409, "Exceeded License Total");
}

#[test]
fn a_trial_that_is_over_lets_administrators_in_alone() {
    let house = house();
    let venue = house.venue("Bisik");
    let (program, path, id) = (program(&venue), own(&venue), venue.id());
    let over = Time(Time::now().0 - 1_000_000);
    let license = License { customer: "C".into(), code: "K".into(), expires: Some(over), total: 9 };
    house.console().add_license(&license).unwrap();
    let seller = house.user("ana@example.org");
    let staff = house.console().staff(&venue.tenant());
    staff.invite(&[(seller.email.clone(), vec![Role::Catalogue])], &|_| Ok(vec![])).unwrap();
    let asks = || {
        let seller = venue.bearing(&house.token(&seller, 0));
        let body = json!({ "name": "x", "categorie_article": "B" });
        (seller.post("/api/products/", &body).status, venue.admin().get("/api/settings/").status)
    };
    assert_eq!(asks(), (400, 200));
    program.put(&path, &json!({ "id": id, "customerId": "C", "customerCode": "K" })).ok(200);
    program.get(&format!("/api/v1/{}/license", code(&venue))).is(204);
    assert!(program.get(&path).ok(200)["licenseExpiryDate"].is_string());
    assert_eq!(asks(), (403, 200));
}

#[test]
fn check_29_an_old_pair_is_worth_nothing_at_once() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    let (old, path, id) = (pair(&house, &ours.slug), own(&ours), ours.id());
    let sample = "wx6GiQggg9YRH89XT5aKoY2qZLVquYjxARtgZhuGoFQX5w6Lws";
    let changed =
        showing(&ours, &old).put(&path, &json!({ "id": id, "apiSecret": sample })).ok(200);
    assert_eq!((text(&changed, "apiKey"), text(&changed, "apiSecret")), (&*old.0, sample));
    error(showing(&ours, &old).get(&path), 401, "Unauthorized Key and/or Secret");
    let new = (old.0.clone(), sample.to_owned());
    showing(&ours, &new).get(&path).ok(200);
    let taken = json!({ "id": id, "apiKey": pair(&house, &theirs.slug).0 });
    error(showing(&ours, &new).put(&path, &taken), 409, "Conflict");
    for (field, value) in [
        ("apiKey", "à b"),
        ("apiKey", "1234567"),
        ("apiSecret", "a"),
        ("apiSecret", "123456789012345"),
    ] {
        let body = json!({ "id": id, field: value });
        error(showing(&ours, &new).put(&path, &body), 400, "Incorrect Value");
    }
    showing(&ours, &new).get(&path).ok(200);
    let host =
        host(&ours).put(&path, &json!({ "id": id, "apiKey": "ddZXdAZvWefFqxAEH62u" })).ok(200);
    assert_eq!(text(&host, "apiSecret"), sample);
}

#[test]
fn the_house_founds_tenants_with_one_administrator_and_deletes_them_softly() {
    let house = house();
    let venue = house.venue("Bisik");
    let host = host(&venue);
    let admin = json!({ "username": "nina", "email": "nina@example.org" });
    let new = json!({ "name": "La Guinguette", "description": "Un lieu", "administrator": admin });
    error(program(&venue).post("/api/v1/1000/tenants", &new), 403, "Forbidden");
    let made = host.post("/api/v1/1000/tenants", &new).ok(200);
    let code = made["code"].as_i64().unwrap();
    let (path, base) = (format!("/api/v1/{code}/tenants/{code}"), format!("/api/v1/{code}"));
    let pair = (text(&made, "apiKey").to_owned(), text(&made, "apiSecret").to_owned());
    assert_eq!((pair.0.len(), pair.1.len(), text(&made, "name")), (20, 50, "La Guinguette"));
    let program = showing(&venue, &pair);
    assert_eq!(program.get(&path).ok(200), made);
    let users = program.get(&format!("{base}/users")).ok(200);
    assert_eq!(users.as_array().unwrap().len(), 1);
    assert_eq!(text(&users[0], "username"), "nina");
    assert_eq!(text(&users[0], "assignedRoles"), "Application Administrator");
    let listed = host.get("/api/v1/1000/tenants").ok(200);
    assert!(listed.as_array().unwrap().iter().any(|row| row["id"] == made["id"]));
    assert!(!listed.to_string().contains(&pair.1) && listed[0].get("apiKey").is_none());
    error(host.delete("/api/v1/1000/tenants/1000"), 409, "Delete While Having Reference");
    error(host.delete("/api/v1/1000/tenants/1001"), 409, "Delete While Having Reference");
    error(program.delete(&path), 403, "Forbidden");
    host.delete(&format!("/api/v1/1000/tenants/{code}")).is(204);
    error(program.get(&path), 401, "Unauthorized");
    let gone = host.get(&path).ok(200);
    assert_eq!((&gone["isDeleted"], &gone["isActive"]), (&json!(true), &json!(false)));
    assert!(house.app.root().tenant(Name::No(code - 1_000)).unwrap().is_none());
}

#[test]
fn a_tenant_whose_administrator_has_no_address_gets_no_mail_that_nobody_reads() {
    let house = house();
    let venue = house.venue("Bisik");
    let made = host(&venue).post("/api/v1/1000/tenants", &json!({ "name": "Ancre" })).ok(200);
    let base = format!("/api/v1/{}", made["code"]);
    let users = host(&venue).get(&format!("{base}/users")).ok(200);
    assert_eq!(text(&users[0], "username"), "app.admin");
    let user = host(&venue).get(&format!("{base}/users/{}", text(&users[0], "id"))).ok(200);
    assert_eq!(user["email"], Value::Null);
    let tenant = house.console().open(&Slug::parse("ancre").unwrap()).unwrap();
    let mails: i64 =
        tenant.read(|tx| tx.one("SELECT count(*) FROM outbox", [], |row| row.get(0))).unwrap();
    assert_eq!(mails, 0);
}

#[test]
fn where_the_settings_say_so_no_tenant_is_made_or_deleted_here() {
    let house = house_with(&[("coach_tenant_lifecycle", "off")]);
    let venue = house.venue("Bisik");
    let host = host(&venue);
    error(host.post("/api/v1/1000/tenants", &json!({ "name": "Ancre" })), 405, "Method");
    error(host.delete(&own(&venue)), 405, "Method");
    host.get("/api/v1/1000/tenants").ok(200);
}

#[test]
fn a_tenant_that_closes_itself_is_opened_by_the_house_alone() {
    let house = house();
    let (venue, other) = (house.venue("Bisik"), house.venue("Ancre"));
    let (program, path, id) = (program(&venue), own(&venue), venue.id());
    let closed = program.put(&path, &json!({ "id": id, "isActive": false })).ok(200);
    assert_eq!(closed["isActive"], false);
    error(program.at(&other.host).get(&path), 401, "Unauthorized");
    let host = host(&other);
    assert_eq!(host.get(&path).ok(200)["isActive"], false);
    host.put(&path, &json!({ "id": id, "isActive": true })).ok(200);
    program.get(&path).ok(200);
    let root = host.get("/api/v1/1000/tenants/1000").ok(200);
    let stop = json!({ "id": root["id"], "isActive": false });
    error(host.put("/api/v1/1000/tenants/1000", &stop), 400, "Incorrect Value");
}

#[test]
fn an_error_is_found_again_by_its_id_without_a_secret() {
    let house = house();
    let venue = house.venue("Bisik");
    let wrong = showing(&venue, &("the-key".into(), "the-secret".into()));
    let id = error(wrong.get(&format!("{}?q=the-query", own(&venue))), 401, "Unauthorized");
    let found = || house.console().refused(id.parse().unwrap()).unwrap().unwrap();
    let waiting = found();
    assert_eq!((waiting.status, &*waiting.message), (401, "Unauthorized Key and/or Secret"));
    assert!(waiting.asked.ends_with(&own(&venue)), "{}", waiting.asked);
    house.app.root().write_journal().unwrap();
    assert_eq!(found(), waiting);
    let everything = format!("{waiting:?}");
    assert!(!["the-key", "the-secret", "the-query"].iter().any(|text| everything.contains(text)));
    assert!(house.console().refused(guichet::values::id::random()).unwrap().is_none());
}

#[test]
fn only_the_newest_errors_are_kept() {
    let house = house();
    let venue = house.venue("Bisik");
    let root = house.app.root();
    let first = error(venue.anyone().get(&own(&venue)), 401, "Missing").parse().unwrap();
    root.write_journal().unwrap();
    let template = house.console().refused(first).unwrap().unwrap();
    for _ in 0..3 {
        for _ in 0..4_096 {
            let id = guichet::values::id::random();
            root.journal().note(guichet::root::journal::Refused { id, ..template.clone() });
        }
        root.write_journal().unwrap();
    }
    assert!(house.console().refused(first).unwrap().is_none());
}

#[test]
fn who_guesses_pairs_is_told_to_wait() {
    let house = house_with(&[("failures_per_address", "2")]);
    let venue = house.venue("Bisik");
    let right = pair(&house, &venue.slug);
    let statuses = crate::support::within_a_minute(|| {
        let wrong = showing(&venue, &(right.0.clone(), "wrong".into())).from("192.0.2.7");
        [0; 4].map(|_| wrong.get(&own(&venue)).status)
    });
    assert_eq!(statuses[3], 429);
    showing(&venue, &right).get(&own(&venue)).ok(200);
}

#[test]
fn the_prefixes_of_the_settings_lead_to_the_same() {
    let house = house_with(&[("coach_prefixes", "/aspire, /Coach/")]);
    let venue = house.venue("Bisik");
    let (program, path) = (program(&venue), own(&venue));
    let plain = program.get(&path).ok(200);
    for prefix in ["/aspire", "/Coach"] {
        assert_eq!(program.get(&format!("{prefix}{path}/")).ok(200), plain);
    }
    assert_eq!(program.get(&format!("/other{path}")).status, 404);
    assert_eq!(program.get("/Coach/api/place/").status, 404);
}

#[test]
fn what_belongs_to_recording_is_not_there() {
    let house = house();
    let venue = house.venue("Bisik");
    for verb in ["GET", "POST", "PUT", "DELETE"] {
        let path = format!("/api/v1/{}/recorders/1", code(&venue));
        error(program(&venue).json(verb, &path, &json!({})), 404, "Not Found");
        error(venue.anyone().json(verb, &path, &json!({})), 401, "Missing");
    }
}

#[test]
fn a_path_of_this_dialect_that_leads_nowhere_is_told_so_in_it_and_written_down() {
    let house = house();
    let venue = house.venue("Bisik");
    let (program, code) = (program(&venue), code(&venue));
    for (path, status, message) in [
        (format!("/api/v1/{code}"), 404, "Not Found"),
        (format!("/api/v1/{code}/"), 404, "Not Found"),
        (format!("/api/v1/{code}.5/users"), 400, "Invalid Tenant Code"),
        (format!("/api/v1/{code}.5"), 400, "Invalid Tenant Code"),
        ("/api/v1//users".to_owned(), 400, "Invalid Tenant Code"),
        ("/api/v1/9999".to_owned(), 404, "Unknown Tenant Code"),
    ] {
        let id = error(program.get(&path), status, message);
        let known = house.console().refused(id.parse().unwrap()).unwrap().unwrap();
        assert_eq!(known.status, status, "{path}");
        error(venue.anyone().get(&path), 401, "Missing");
    }
}

#[test]
fn a_closed_tenants_own_host_answers_as_any_other_does() {
    let house = house();
    let venue = house.venue("Bisik");
    let (program, host, path) = (program(&venue), host(&venue), own(&venue));
    let id = venue.id();
    program.put(&path, &json!({ "id": id, "isActive": false })).ok(200);
    error(program.get(&path), 401, "Unauthorized");
    assert_eq!(host.get(&path).ok(200)["isActive"], false);
    venue.anyone().get("/api/here/").is(404);
    house.console().add_domain(&venue.slug, &Host::parse("bisik.example.net").unwrap()).unwrap();
    error(program.at("bisik.example.net").get(&path), 401, "Unauthorized");
    host.put(&path, &json!({ "id": id, "isActive": true })).ok(200);
    program.at("bisik.example.net").get(&path).ok(200);
    let bare = house.at("nobody.example.com").get(&path);
    assert_eq!((bare.status, bare.text().contains("httpStatusCode")), (404, false));
}

#[test]
fn no_answer_of_this_door_is_kept() {
    let house = house();
    let venue = house.venue("Bisik");
    let reply = program(&venue).get(&own(&venue)).is(200);
    assert_eq!(reply.header("Cache-Control"), Some("no-store"));
    assert!(venue.anyone().kept(&own(&venue)).is_none());
}
