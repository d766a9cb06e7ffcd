//! Invitations that more than one venue makes: one code for all, of which each venue's administrators see and take back what
//! is theirs.

use crate::mail::{Postman, letter};
use crate::oxynade_graph::{Client, admin, channels, no, operator, organizer};
use crate::process::look_into;
use crate::support::{House, house, house_with};
use guichet::values::Email;
use serde_json::{Value, json};

/// Two organizers, the number of each and of its web shop, and who administers it.
struct Two {
    keepers: [Client; 2],
    organizers: [i64; 2],
    channels: [i64; 2],
}

fn two(house: &House) -> Two {
    let venues = [house.venue("Bisik"), house.venue("Ancre")];
    let root = admin(house);
    let organizers = [organizer(&venues[0]), organizer(&venues[1])];
    let keepers = [0, 1].map(|n| {
        let email = format!("keeper-{n}@example.org");
        let client = operator(house, &email);
        root.ok(&ask(&email, &format!("organizerIds: [{}]", organizers[n])));
        client
    });
    Two { keepers, organizers, channels: [channels(&venues[0]).0, channels(&venues[1]).0] }
}

fn ask(email: &str, permissions: &str) -> String {
    format!(
        r#"mutation {{ operator {{ invite(email: "{email}", permissions: {{ {permissions} }}) {{ id status }} }} }}"#
    )
}

fn revoke(id: i64) -> String {
    format!("mutation {{ operator {{ revokeInvite(id: {id}) {{ status organizers {{ id }} }} }} }}")
}

/// An address that both ask; the invitation's number.
fn asked_twice(two: &Two, email: &str) -> i64 {
    let asked = [0, 1].map(|n| {
        let asked =
            two.keepers[n].ok(&ask(email, &format!("organizerIds: [{}]", two.organizers[n])));
        no(&asked["operator"]["invite"]["id"])
    });
    assert_eq!(asked[0], asked[1]);
    asked[0]
}

/// The document that accepts an invitation.
fn accept(house: &House, asked: &Value) -> String {
    let asked = no(&asked["operator"]["invite"]["id"]);
    let invites = house.console().list_invites().unwrap();
    let invite = invites.into_iter().find(|one| one.no == asked).unwrap();
    let token = house.app.root().invite_token(&invite).unwrap();
    format!(
        r#"mutation {{ acceptInvite(token: "{token}", password: "a long password") {{ organizers {{ id }} distributions {{ id }} }} }}"#
    )
}

/// Accepts with the code of the letter, and tells which organizers that brings.
fn accepted(house: &House, letter: &Value) -> Value {
    let plain = letter["parts"][0]["content"].as_str().unwrap();
    let is_code = |line: &&str| line.len() > 60 && !line.contains([' ', '/']) && line.contains('.');
    let code = plain.lines().map(str::trim).find(is_code).unwrap_or_else(|| panic!("{plain}"));
    let made = Client::new(house).ok(&format!(
        r#"mutation {{ acceptInvite(token: "{code}", password: "a long password") {{ organizers {{ id }} }} }}"#
    ));
    made["acceptInvite"]["organizers"].clone()
}

#[test]
fn the_code_of_either_venues_letter_accepts_what_both_offer() {
    let house = house();
    let two = two(&house);
    let _postman = Postman::of(&house);
    asked_twice(&two, "both-1@example.org");
    let second = letter("both-1@example.org", "Ancre vous invite");
    let [first_no, second_no] = two.organizers;
    assert_eq!(accepted(&house, &second), json!([{ "id": first_no }, { "id": second_no }]));
}

#[test]
fn a_code_is_good_though_the_venue_that_asked_first_has_closed() {
    let house = house();
    let two = two(&house);
    let _postman = Postman::of(&house);
    asked_twice(&two, "both-2@example.org");
    let first = letter("both-2@example.org", "Bisik vous invite");
    let [first_no, second_no] = two.organizers;
    admin(&house).ok(&format!(
        "mutation {{ operator {{ updateOrganizer(id: {first_no}, input: {{ isActive: false }}) {{ isActive }} }} }}"
    ));
    assert_eq!(accepted(&house, &first), json!([{ "id": first_no }, { "id": second_no }]));
}

#[test]
fn who_was_linked_at_once_is_told_so_and_gets_no_code() {
    let house = house();
    let two = two(&house);
    let _postman = Postman::of(&house);
    operator(&house, "linked@example.org");
    let asked = two.keepers[0]
        .ok(&ask("linked@example.org", &format!("organizerIds: [{}]", two.organizers[0])));
    assert_eq!(asked["operator"]["invite"]["status"], "ACCEPTED");
    let told = letter("linked@example.org", "Vous travaillez désormais pour Bisik");
    let plain = told["parts"][0]["content"].as_str().unwrap();
    assert!(plain.contains("rien à faire") && !plain.contains("code"), "{plain}");
}

#[test]
fn who_takes_an_invitation_back_leaves_what_another_venue_offers() {
    let house = house();
    let two = two(&house);
    let id = asked_twice(&two, "both@example.org");
    let left = &two.keepers[0].ok(&revoke(id))["operator"]["revokeInvite"];
    assert_eq!(*left, json!({ "status": "PENDING", "organizers": [] }));
    assert_eq!(two.keepers[0].code(&revoke(id)), "FORBIDDEN");
    let shown = two.keepers[1].ok("{ invites(status: PENDING) { id organizers { id } } }");
    assert_eq!(
        shown["invites"],
        json!([{ "id": id, "organizers": [{ "id": two.organizers[1] }] }])
    );
    let over = &two.keepers[1].ok(&revoke(id))["operator"]["revokeInvite"];
    assert_eq!(over["status"], "REVOKED");
    assert_eq!(two.keepers[1].code(&revoke(id)), "CONFLICT");
}

#[test]
fn an_invitation_to_a_channel_alone_is_its_venues_and_no_other_ones() {
    let house = house();
    let two = two(&house);
    let [channel, _] = two.channels;
    let asked =
        admin(&house).ok(&ask("seller@example.org", &format!("distributionIds: [{channel}]")));
    let id = no(&asked["operator"]["invite"]["id"]);
    let list = "{ invites(status: PENDING) { id distributions { id } } }";
    assert_eq!(
        two.keepers[0].ok(list)["invites"],
        json!([{ "id": id, "distributions": [{ "id": channel }] }])
    );
    assert_eq!(two.keepers[1].ok(list)["invites"], json!([]));
    assert_eq!(two.keepers[1].code(&revoke(id)), "NOT_FOUND");
    assert_eq!(two.keepers[0].ok(&revoke(id))["operator"]["revokeInvite"]["status"], "REVOKED");
}

#[test]
fn the_newest_invitations_of_a_list_are_the_newest_of_those_that_are_shown() {
    let house = house();
    let two = two(&house);
    let asked = two.keepers[0]
        .ok(&ask("first@example.org", &format!("organizerIds: [{}]", two.organizers[0])));
    look_into(&house.dir().join("root.db"))
        .execute_batch(
            "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 600)
             INSERT INTO invite (id, email, state, tenant, created, expires)
             SELECT randomblob(16), 'other-' || n || '@example.org', 'pending', tenant, created, expires
             FROM n, invite WHERE email = 'first@example.org'",
        )
        .unwrap();
    let shown = two.keepers[0].ok("{ invites(status: PENDING) { id } }");
    assert_eq!(shown["invites"], json!([{ "id": asked["operator"]["invite"]["id"] }]));
}

/// The path of the page in the letter of an invitation to this address.
fn page(house: &House, two: &Two, email: &str) -> String {
    two.keepers[0].ok(&ask(email, &format!("organizerIds: [{}]", two.organizers[0])));
    let id = house.console().list_invites().unwrap();
    let invite = id.into_iter().find(|one| one.email.as_str() == email).unwrap();
    format!("/invitation/{}", house.app.root().invite_token(&invite).unwrap().replace('.', "/"))
}

#[test]
fn an_invitation_is_accepted_on_the_page_of_its_letter() {
    let house = house();
    let two = two(&house);
    let page = page(&house, &two, "new@example.org");
    let meta = house.venue("Halle");
    let asked = meta.anyone().get(&page).is(200);
    assert!(asked.text().contains("name=\"password\""), "{}", asked.text());
    let new = house.console().user(&Email::parse("new@example.org").unwrap()).unwrap();
    assert!(new.is_none(), "looking is no click");
    let form = Some("application/x-www-form-urlencoded");
    let said = |password: &str| meta.anyone().send("POST", &page, form, password.into());
    said("password=short").is(400);
    said("password=a+long+password").is(200);
    let new = Client::new(&house);
    new.ok(r#"mutation { operatorLogin(email: "new@example.org", password: "a long password") { id } }"#);
    let own = new.ok("{ operator { organizers { id } } }");
    assert_eq!(own["operator"]["organizers"], json!([{ "id": two.organizers[0] }]));
    said("password=a+long+password").is(410);
    meta.anyone().get(&page).is(410);
}

#[test]
fn a_venue_that_has_no_seat_gives_none_of_what_it_offers_and_the_code_stays_good() {
    let house = house_with(&[("package_limits", r#"{"tenant_free": {"users": 2}}"#)]);
    let full = house.venue("Bisik");
    let (root, at, channel) = (admin(&house), organizer(&full), channels(&full).0);
    let asked = root.ok(&ask(
        "late@example.org",
        &format!("organizerIds: [{at}], distributionIds: [{channel}]"),
    ));
    let taken = json!({ "user": { "email": "other@example.org", "roles": [10] } });
    let other = full.manager().post(&full.v2("/users"), &taken).ok(200)["user"]["id"].clone();
    let accept = accept(&house, &asked);
    assert_eq!(Client::new(&house).code(&accept), "LIMIT_REACHED");
    let late = house.console().user(&Email::parse("late@example.org").unwrap()).unwrap();
    assert!(late.is_none());
    full.manager()
        .put(&full.v2(&format!("/users/{other}")), &json!({ "user": { "roles": [] } }))
        .ok(200);
    let made = Client::new(&house).ok(&accept);
    let both = json!({ "organizers": [{ "id": at }], "distributions": [{ "id": channel }] });
    assert_eq!(made["acceptInvite"], both);
    assert_eq!(Client::new(&house).code(&accept), "VALIDATION");
}

#[test]
fn what_one_venue_has_no_seat_for_waits_while_what_another_offers_is_given_once() {
    let house = house_with(&[("package_limits", r#"{"tenant_free": {"users": 2}}"#)]);
    let (full, free) = (house.venue("Bisik"), house.venue("Ancre"));
    let (root, at, elsewhere) = (admin(&house), organizer(&full), channels(&free).0);
    root.ok(&ask("both@example.org", &format!("organizerIds: [{at}]")));
    let asked = root.ok(&ask("both@example.org", &format!("distributionIds: [{elsewhere}]")));
    let taken = json!({ "user": { "email": "other@example.org", "roles": [10] } });
    let other = full.manager().post(&full.v2("/users"), &taken).ok(200)["user"]["id"].clone();
    let accept = accept(&house, &asked);
    let made = Client::new(&house).ok(&accept);
    let sells = json!({ "organizers": [], "distributions": [{ "id": elsewhere }] });
    assert_eq!(made["acceptInvite"], sells);
    assert_eq!(Client::new(&house).code(&accept), "LIMIT_REACHED");
    let who = house.console().user(&Email::parse("both@example.org").unwrap()).unwrap().unwrap();
    root.ok(&format!(
        "mutation {{ operator {{ unassignTeamMember(teamMemberId: {}, permissions: {{ distributionIds: [{elsewhere}] }}) {{ id }} }} }}",
        who.no
    ));
    full.manager()
        .put(&full.v2(&format!("/users/{other}")), &json!({ "user": { "roles": [] } }))
        .ok(200);
    let made = Client::new(&house).ok(&accept);
    let keeps = json!({ "organizers": [{ "id": at }], "distributions": [] });
    assert_eq!(made["acceptInvite"], keeps);
}

#[test]
fn who_invited_is_told_to_who_may_administer_what_that_was_for() {
    let house = house();
    let two = two(&house);
    asked_twice(&two, "both@example.org");
    let shown = [0, 1].map(|n| {
        let told = two.keepers[n].ok("{ invites(status: PENDING) { invitedBy { email } } }");
        told["invites"].clone()
    });
    let by = |n: usize| json!([{ "invitedBy": { "email": format!("keeper-{n}@example.org") } }]);
    assert_eq!(shown, [by(0), by(1)]);
    let told = admin(&house).ok("{ invites(status: PENDING) { invitedBy { email } } }");
    assert_eq!(told["invites"], by(0));
}
