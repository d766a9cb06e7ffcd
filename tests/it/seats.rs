//! Who may be connected with a tenant: no more people than its package and its licence have seats for, at whichever door;
//! and administrators, who come and go without losing what else they are.

use crate::coach::{code, own, program, with_license};
use crate::coach_people::Desk;
use crate::oxynade_graph::{Client, admin, no, operator, organizer};
use crate::roomle::fault;
use crate::support::{House, Reply, Venue, house, house_with};
use crate::terminals;
use guichet::root::license::License;
use guichet::values::Email;
use serde_json::{Value, json};

const ADMINISTRATOR: &str = "5a000000-0000-4000-8000-000000000002";

fn number(house: &House, email: &str) -> i64 {
    house.console().user(&Email::parse(email).unwrap()).unwrap().unwrap().no
}

fn invite(venue: &Venue<'_>, email: &str) -> Reply {
    let body = json!({ "user": { "email": email, "roles": [10] } });
    venue.manager().post(&venue.v2("/users"), &body)
}

/// Asks an address by GraphQL to administer a venue.
fn ask(venue: &Venue<'_>, email: &str) -> String {
    let at = organizer(venue);
    format!(
        r#"mutation {{ operator {{ invite(email: "{email}", permissions: {{ organizerIds: [{at}] }}) {{ id }} }} }}"#
    )
}

fn assign(venue: &Venue<'_>, verb: &str, who: i64) -> String {
    let at = organizer(venue);
    format!(
        "mutation {{ operator {{ {verb}(teamMemberId: {who}, permissions: {{ organizerIds: [{at}] }}) {{ id }} }} }}"
    )
}

/// Fails unless nobody more is let in at any door of a venue that has no seat left.
fn is_full(house: &House, desk: &Desk<'_>) {
    let (venue, root) = (&desk.venue, admin(house));
    fault(invite(venue, "new@example.org"), 402);
    assert!(house.console().user(&Email::parse("new@example.org").unwrap()).unwrap().is_none());
    desk.refused("POST", "users", &json!({ "username": "new" }), 409, "Exceeded License Total");
    operator(house, "known@example.org");
    assert_eq!(root.code(&ask(venue, "known@example.org")), "LIMIT_REACHED");
    let elsewhere = house.venue("Ancre");
    root.ok(&ask(&elsewhere, "known@example.org"));
    let known = number(house, "known@example.org");
    assert_eq!(root.code(&assign(venue, "assignTeamMember", known)), "LIMIT_REACHED");
    let asked = root.ok(&ask(venue, "letter@example.org"));
    let asked = no(&asked["operator"]["invite"]["id"]);
    let invites = house.console().list_invites().unwrap();
    let invite = invites.into_iter().find(|one| one.no == asked).unwrap();
    let token = house.app.root().invite_token(&invite).unwrap();
    let accept = format!(
        r#"mutation {{ acceptInvite(token: "{token}", password: "a long password") {{ id }} }}"#
    );
    assert_eq!(Client::new(house).code(&accept), "LIMIT_REACHED");
    assert_eq!(venue.manager().get(&venue.v2("/users")).ok(200)["meta"]["total"], 2);
}

#[test]
fn nobody_takes_a_seat_beyond_the_package_at_any_door() {
    let house = house_with(&[("package_limits", r#"{"tenant_free": {"users": 2}}"#)]);
    let desk = Desk::new(&house, "Bisik");
    invite(&desk.venue, "ana@example.org").ok(200);
    invite(&desk.venue, "ana@example.org").ok(200);
    is_full(&house, &desk);
}

#[test]
fn nobody_takes_a_seat_beyond_the_licence_at_any_door() {
    let house = house();
    let desk = Desk::new(&house, "Bisik");
    let license = License { customer: "C".into(), code: "K".into(), expires: None, total: 2 };
    house.console().add_license(&license).unwrap();
    let (path, id) = (own(&desk.venue), desk.venue.id());
    let program = program(&desk.venue);
    program.put(&path, &json!({ "id": id, "customerId": "C", "customerCode": "K" })).ok(200);
    program.get(&format!("/api/v1/{}/license", code(&desk.venue))).is(204);
    invite(&desk.venue, "ana@example.org").ok(200);
    is_full(&house, &desk);
}

#[test]
fn a_device_at_the_door_takes_nobodys_seat() {
    let house = house_with(&[("package_limits", r#"{"tenant_free": {"users": 2}}"#)]);
    let venue = house.venue("Bisik");
    let asked = terminals::ask(&house, venue.admin.email.as_str()).ok(200);
    terminals::pair(&house, &asked, &terminals::digits(&house, &asked)).ok(200);
    invite(&venue, "ana@example.org").ok(200);
    fault(invite(&venue, "bo@example.org"), 402);
}

#[test]
fn who_is_let_go_leaves_a_seat_and_needs_one_to_come_back() {
    let house = house_with(&[("package_limits", r#"{"tenant_free": {"users": 2}}"#)]);
    let desk = Desk::new(&house, "Bisik");
    let ana = desk.user("ana");
    desk.put(&format!("users/{ana}"), &json!({ "isDeleted": true }));
    invite(&desk.venue, "bo@example.org").ok(200);
    let back = json!({ "isDeleted": false });
    let path = format!("users/{ana}");
    desk.refused("PUT", &path, &back, 409, "Exceeded License Total");
}

#[test]
fn who_is_stopped_at_a_tenant_is_not_made_its_administrator_and_keeps_his_roles() {
    let house = house();
    let desk = Desk::new(&house, "Bisik");
    let bo = house.user("bo@example.org");
    let made = desk.make("users", &json!({ "username": "bo", "email": "bo@example.org" }));
    let path = desk.venue.v2(&format!("/users/{}", bo.no));
    desk.venue.manager().put(&path, &json!({ "user": { "roles": [20, 40] } })).ok(200);
    desk.put(&format!("users/{made}"), &json!({ "isActive": false }));
    let (root, by) = (admin(&house), |verb| assign(&desk.venue, verb, bo.no));
    assert_eq!(root.code(&by("assignTeamMember")), "CONFLICT");
    let shown = desk.venue.manager().get(&desk.venue.v2("/users")).ok(200);
    let users = shown["users"].as_array().unwrap();
    let bo = users.iter().find(|user| user["email"] == "bo@example.org").unwrap();
    assert_eq!(bo["rolesInTenant"], json!([40, 20]));
    assert_eq!(desk.get(&format!("users/{made}"))["isActive"], false);
}

#[test]
fn who_administers_no_longer_is_still_known_by_his_name() {
    let house = house();
    let desk = Desk::new(&house, "Bisik");
    let bo = house.user("bo@example.org");
    let body = json!({ "username": "bo", "email": "bo@example.org", "roles": [ADMINISTRATOR] });
    let made = desk.make("users", &body);
    admin(&house).ok(&assign(&desk.venue, "unassignTeamMember", bo.no));
    let left = desk.get(&format!("users/{made}"));
    assert_eq!((&left["username"], &left["roles"]), (&json!("bo"), &json!([])));
}

#[test]
fn an_administrator_who_has_proven_nothing_is_not_another_one() {
    let house = house();
    let venue = house.venue("Bisik");
    let body = json!({ "user": { "email": "ana@example.org", "roles": [99] } });
    venue.manager().post(&venue.v2("/users"), &body).ok(200);
    let root = house.super_admin().with("currentTenant", &venue.no().to_string());
    let admin = venue.v2(&format!("/users/{}", venue.admin.no));
    let less = json!({ "user": { "roles": [40] } });
    fault(root.put(&admin, &less), 409);
    let proof = house.proof("ana@example.org");
    venue.anyone().get(&format!("/api/user/activate/{}/{}", proof.uid, proof.token)).ok(200);
    let shown: Value = root.put(&admin, &less).ok(200);
    assert_eq!(shown["user"]["rolesInTenant"], json!([40]));
}

#[test]
fn a_venue_without_a_seat_keeps_nobody_from_what_another_offers() {
    let house = house_with(&[("package_limits", r#"{"tenant_free": {"users": 2}}"#)]);
    let (full, free) = (house.venue("Bisik"), house.venue("Ancre"));
    let root = admin(&house);
    let asked = root.ok(&ask(&full, "both@example.org"));
    root.ok(&ask(&free, "both@example.org"));
    invite(&full, "other@example.org").ok(200);
    let asked = no(&asked["operator"]["invite"]["id"]);
    let invites = house.console().list_invites().unwrap();
    let invite = invites.into_iter().find(|one| one.no == asked).unwrap();
    let token = house.app.root().invite_token(&invite).unwrap();
    let made = Client::new(&house).ok(&format!(
        r#"mutation {{ acceptInvite(token: "{token}", password: "a long password") {{ organizers {{ id }} }} }}"#
    ));
    assert_eq!(made["acceptInvite"]["organizers"], json!([{ "id": organizer(&free) }]));
}

#[test]
fn who_was_let_go_takes_a_seat_where_he_is_invited_again_and_is_in_a_team_still() {
    let house = house_with(&[("license_count", "active_agents")]);
    let desk = Desk::new(&house, "Bisik");
    with_license(&desk.venue, 1);
    let unit = desk.make("units", &json!({ "name": "Salle" }));
    let user = |name: &str| {
        let body = json!({ "username": name, "email": format!("{name}@example.org") });
        desk.make("users", &body)
    };
    let (ana, bo) = (user("ana"), user("bo"));
    let team = |name: &str, of: &str| {
        desk.make("teams", &json!({ "name": name, "unitId": unit, "members": [of] }))
    };
    team("Bar", &ana);
    desk.delete(&format!("users/{ana}"));
    team("Porte", &bo);
    fault(invite(&desk.venue, "ana@example.org"), 402);
    assert_eq!(desk.get(&format!("users/{ana}"))["isDeleted"], true);
    desk.delete(&format!("users/{bo}"));
    invite(&desk.venue, "ana@example.org").ok(200);
}

#[test]
fn a_seat_that_is_taken_at_one_venue_holds_up_no_other() {
    let house = house_with(&[("license_count", "active_agents")]);
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    let (ours, theirs) = (ours.admin_staff(), theirs.admin_staff());
    let first = ours.seating();
    assert!(first.is_some() && theirs.seating().is_some());
    drop(first);
    assert!(ours.seating().is_some());
}
