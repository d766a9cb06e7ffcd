//! Addresses that somebody chose a password for before anybody had proven them: no right comes to them so.

use crate::coach::host;
use crate::coach_people::Desk;
use crate::oxynade_graph::{Client, admin, channels, no, operator, organizer};
use crate::support::{House, Venue, house, house_with};
use guichet::root::Account;
use guichet::trade::{Page, outbox};
use guichet::values::{Email, Slug};
use serde_json::json;

const STRANGER: &str = "a strangers password";

fn account(house: &House, email: &str) -> Account {
    house.console().user(&Email::parse(email).unwrap()).unwrap().unwrap()
}

/// The kinds of the letters that wait for somebody at a venue.
fn letters(venue: &Venue<'_>, email: &str) -> Vec<String> {
    let mails = venue.tenant().read(|tx| outbox::list(tx, Page::ALL)).unwrap();
    let his = mails.into_iter().filter(|mail| mail.recipient == email);
    his.map(|mail| mail.kind.as_str().to_owned()).collect()
}

fn registration(venue: &Venue<'_>, email: &str) -> String {
    let web = channels(venue).0;
    format!(
        r#"mutation {{ distribution(id: {web}) {{ registerCustomer(input: {{ email: "{email}", password: "{STRANGER}" }}) {{ id }} }} }}"#
    )
}

fn log_in(email: &str, password: &str) -> String {
    format!(r#"mutation {{ operatorLogin(email: "{email}", password: "{password}") {{ id }} }}"#)
}

/// A stranger, logged in under somebody's address.
fn stranger(venue: &Venue<'_>, email: &str) -> Client {
    let client = Client::new(venue.house);
    client.ok(&registration(venue, email));
    client.ok(&log_in(email, STRANGER));
    client
}

/// Fails unless the stranger is nobody any more, and the address waits for its owner.
#[track_caller]
fn is_out(venue: &Venue<'_>, client: &Client, email: &str) {
    assert_eq!(client.code("{ operator { id } }"), "UNAUTHENTICATED");
    assert_eq!(Client::new(venue.house).code(&log_in(email, STRANGER)), "UNAUTHENTICATED");
    let account = account(venue.house, email);
    assert!(!account.active && !account.has_password && !account.claimed);
    assert_eq!(letters(venue, email), ["invitation"]);
}

#[test]
fn nobody_registers_an_address_that_was_invited_to_work() {
    let house = house();
    let venue = house.venue("Bisik");
    let path = venue.v2("/users");
    venue.manager().post(&path, &json!({ "user": { "email": "ana@example.org", "roles": [99] } }));
    let desk = Desk::new(&house, "Ancre");
    desk.make("users", &json!({ "username": "bo", "email": "bo@example.org" }));
    for email in ["ana@example.org", "bo@example.org"] {
        let client = Client::new(&house);
        assert_eq!(client.code(&registration(&venue, email)), "CONFLICT");
        assert_eq!(client.code(&log_in(email, STRANGER)), "UNAUTHENTICATED");
        assert!(!account(&house, email).has_password);
    }
}

#[test]
fn a_claim_ends_where_a_tenant_invites_the_owner_of_the_address() {
    let house = house();
    let venue = house.venue("Bisik");
    let client = stranger(&venue, "ana@example.org");
    let body = json!({ "user": { "email": "ana@example.org", "roles": [99] } });
    venue.manager().post(&venue.v2("/users"), &body).ok(200);
    is_out(&venue, &client, "ana@example.org");
}

#[test]
fn a_claim_ends_where_a_program_takes_the_owner_on_or_makes_him_administrator() {
    let house = house();
    let desk = Desk::new(&house, "Bisik");
    let client = stranger(&desk.venue, "ana@example.org");
    let role = "5a000000-0000-4000-8000-000000000002";
    desk.make("users", &json!({ "username": "ana", "email": "ana@example.org", "roles": [role] }));
    is_out(&desk.venue, &client, "ana@example.org");
    let client = stranger(&desk.venue, "bo@example.org");
    let bo = desk.make("users", &json!({ "username": "bo", "email": "bo@example.org" }));
    assert!(account(&house, "bo@example.org").claimed, "nothing was given to him yet");
    desk.put(&format!("users/{bo}"), &json!({ "id": bo, "username": "bo", "roles": [role] }));
    is_out(&desk.venue, &client, "bo@example.org");
}

#[test]
fn a_claim_is_not_linked_by_an_invitation_whose_letter_ends_it() {
    let house = house();
    let venue = house.venue("Bisik");
    let client = stranger(&venue, "ana@example.org");
    let at = organizer(&venue);
    let asked = admin(&house).ok(&format!(
        r#"mutation {{ operator {{ invite(email: "ana@example.org", permissions: {{ organizerIds: [{at}] }}) {{ id status }} }} }}"#
    ));
    assert_eq!(asked["operator"]["invite"]["status"], "PENDING");
    assert_eq!(client.ok("{ organizers { id } }")["organizers"], json!([]));
    let number = no(&asked["operator"]["invite"]["id"]);
    let invite = house.console().list_invites().unwrap().into_iter().find(|one| one.no == number);
    let token = house.app.root().invite_token(&invite.unwrap()).unwrap();
    let bare = format!(r#"mutation {{ acceptInvite(token: "{token}") {{ id }} }}"#);
    assert_eq!(Client::new(&house).code(&bare), "VALIDATION");
    let own = bare.replace("\") {", "\", password: \"a long password\") {");
    Client::new(&house).ok(&own);
    assert_eq!(client.code("{ operator { id } }"), "UNAUTHENTICATED");
    assert_eq!(client.code(&log_in("ana@example.org", STRANGER)), "UNAUTHENTICATED");
    let ana = operator(&house, "ana@example.org");
    assert_eq!(ana.ok("{ organizers { id } }")["organizers"], json!([{ "id": at }]));
}

#[test]
fn a_claim_ends_where_it_is_assigned_to_a_tenant_and_never_runs_the_house() {
    let house = house_with(&[("self_registration", "on")]);
    let venue = house.venue("Bisik");
    let client = Client::new(&house);
    let made = client.ok(&format!(
        r#"mutation {{ register(input: {{ email: "ana@example.org", password: "{STRANGER}", organizerName: "Fun park", countryId: 250, currency: EUR }}) {{ id }} }}"#
    ));
    client.ok(&log_in("ana@example.org", STRANGER));
    assert_eq!(client.ok("{ organizers { name } }")["organizers"], json!([{ "name": "Fun park" }]));
    let (root, id, at) = (admin(&house), no(&made["register"]["id"]), organizer(&venue));
    let promote = format!(
        "mutation {{ admin {{ setOperatorAdmin(operatorId: {id}, isAdmin: true) {{ id }} }} }}"
    );
    assert_eq!(root.code(&promote), "VALIDATION");
    root.ok(&format!(
        "mutation {{ operator {{ assignTeamMember(teamMemberId: {id}, permissions: {{ organizerIds: [{at}] }}) {{ id }} }} }}"
    ));
    is_out(&venue, &client, "ana@example.org");
}

#[test]
fn a_claim_ends_where_a_tenant_is_founded_for_the_owner_of_the_address() {
    let house = house();
    let venue = house.venue("Bisik");
    let client = stranger(&venue, "ana@example.org");
    let body = json!({ "name": "Ancre", "email": "ana@example.org" });
    host(&house.meta()).post("/api/v1/1000/tenants", &body).ok(200);
    assert_eq!(client.code("{ operator { id } }"), "UNAUTHENTICATED");
    assert!(!account(&house, "ana@example.org").has_password);
    let founded = house.console().open(&Slug::parse("ancre").unwrap()).unwrap();
    let mails = founded.read(|tx| outbox::list(tx, Page::ALL)).unwrap();
    assert_eq!(mails.len(), 1, "the letter by which its owner proves it");
}

#[test]
fn who_has_proven_his_address_keeps_his_password_whoever_invites_him() {
    let house = house();
    let venue = house.venue("Bisik");
    let ana = stranger(&venue, "ana@example.org");
    let proof = house.proof("ana@example.org");
    venue.anyone().get(&format!("/api/user/activate/{}/{}", proof.uid, proof.token)).ok(200);
    assert_eq!(ana.code("{ operator { id } }"), "UNAUTHENTICATED", "whoever it was is out");
    let id = account(&house, "ana@example.org").id;
    assert!(house.app.root().people().set_first_password(id, "a long password").unwrap());
    let ana = operator(&house, "ana@example.org");
    let body = json!({ "user": { "email": "ana@example.org", "roles": [99] } });
    venue.manager().post(&venue.v2("/users"), &body).ok(200);
    ana.ok("{ operator { id } }");
    operator(&house, "ana@example.org");
    assert_eq!(letters(&venue, "ana@example.org"), [""; 0]);
}

#[test]
fn what_waits_for_a_proof_does_not_open_for_a_claim() {
    let house = house();
    let venue = house.venue("Bisik");
    let email = Email::parse("ana@example.org").unwrap();
    let people = house.app.root().people();
    let buyer = people.buyer(&email, &venue.tenant(), true).unwrap();
    stranger(&venue, "ana@example.org");
    let opened = std::cell::Cell::new(false);
    let open = |_: &guichet::root::Write, who| {
        opened.set(opened.get() || who == buyer.id);
        Ok(0)
    };
    house.app.root().settle_proofs(open).unwrap();
    assert!(!opened.get());
    let proof = house.proof("ana@example.org");
    venue.anyone().get(&format!("/api/user/activate/{}/{}", proof.uid, proof.token)).ok(200);
}
