//! Addresses that somebody chose a password for before anybody had proven them: no right comes to them so.

use crate::coach::host;
use crate::coach_people::Desk;
use crate::oxynade::bought;
use crate::oxynade_graph::{Client, admin, channels, evening, no, operator, organizer};
use crate::support::{Caller, House, Venue, house, house_with, text};
use guichet::root::Account;
use guichet::trade::{Page, order, outbox};
use guichet::values::{Email, Slug};
use serde_json::{Value, json};

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

/// An event of so many seats where a place costs nothing, and its price.
fn free_evening(venue: &Venue<'_>, seats: u32) -> (String, String) {
    let event = venue.event("Jam", &[], seats);
    let shown = venue.anyone().get(&format!("/api/events/{event}/")).ok(200);
    (event, text(&shown["products"][0]["prices"][0], "uuid").to_owned())
}

fn state(venue: &Venue<'_>, booked: &Value) -> String {
    let path = format!("/api/orders/{}/", text(&booked["order"], "uuid"));
    text(&venue.staff().get(&path).ok(200), "state").to_owned()
}

/// Logs in as who buys.
fn customer_log_in(venue: &Venue<'_>, email: &str, password: &str) -> String {
    let web = channels(venue).0;
    format!(
        r#"mutation {{ customerLogin(distributionId: {web}, email: "{email}", password: "{password}") {{ id }} }}"#
    )
}

/// Follows the link in somebody's letter, at this venue.
fn click(venue: &Venue<'_>, email: &str) {
    let proof = venue.house.proof(email);
    venue.anyone().get(&format!("/api/user/activate/{}/{}", proof.uid, proof.token)).ok(200);
}

fn me(caller: &Caller) -> u16 {
    caller.get("/api/user/me/").status
}

#[test]
fn a_password_that_a_stranger_chose_logs_in_at_no_door_where_the_owner_has_bought() {
    let house = house();
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Concert");
    let (price, event) = (venue.price(&ticket, "Plein", 1_000), venue.event("Bal", &[&ticket], 9));
    let booked = venue.book("ana@example.org", &event, &price, 1).ok(201);
    let pay = format!("/api/orders/{}/payments/", text(&booked["order"], "uuid"));
    venue.staff().post(&pay, &json!({ "means": "cash" })).ok(201);
    Client::new(&house).ok(&registration(&venue, "ana@example.org"));
    let said = json!({ "username": "ana@example.org", "password": STRANGER });
    venue.anyone().post("/api/user/token/", &said).is(401);
    let said = json!({ "identification": "ana@example.org", "password": STRANGER });
    venue.app().post("/v2/auth/signin", &said).is(403);
    let ana = venue.bearing(&house.token(&account(&house, "ana@example.org"), 0));
    assert_eq!(me(&ana), 401);
    click(&venue, "ana@example.org");
    let ana = venue.bearing(&house.token(&account(&house, "ana@example.org"), 0));
    let shown = ana.get("/api/user/me/").ok(200);
    assert_eq!(shown["reservations"].as_array().unwrap().len(), 1, "{shown}");
}

#[test]
fn who_claimed_an_address_sees_nothing_that_its_owner_buys_afterwards() {
    let house = house();
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Concert");
    let (price, event) = (venue.price(&ticket, "Plein", 1_000), venue.event("Bal", &[&ticket], 9));
    let stranger = Client::new(&house);
    stranger.ok(&registration(&venue, "ana@example.org"));
    stranger.ok(&customer_log_in(&venue, "ana@example.org", STRANGER));
    let booked = venue.book("ana@example.org", &event, &price, 1).ok(201);
    let pay = format!("/api/orders/{}/payments/", text(&booked["order"], "uuid"));
    venue.staff().post(&pay, &json!({ "means": "cash" })).ok(201);
    let bought = "{ customer { purchases { tickets { barcode } } } }";
    assert_eq!(stranger.ok(bought)["customer"]["purchases"], json!([]));
}

#[test]
fn addresses_that_were_claimed_hold_half_of_a_free_evening_at_the_most() {
    let house = house();
    let venue = house.venue("Bisik");
    let (event, price) = free_evening(&venue, 3);
    for n in 0..3 {
        Client::new(&house).ok(&registration(&venue, &format!("claim{n}@example.org")));
    }
    let book = |n: u32| venue.book(&format!("claim{n}@example.org"), &event, &price, 1).status;
    assert_eq!([book(0), book(1), book(2)], [201, 201, 400]);
}

#[test]
fn a_claim_that_is_closed_leaves_the_address_to_its_owner() {
    let house = house();
    let venue = house.venue("Bisik");
    let (event, price) = free_evening(&venue, 9);
    let booked = venue.book("ana@example.org", &event, &price, 1).ok(201);
    let client = Client::new(&house);
    client.ok(&registration(&venue, "ana@example.org"));
    client.ok(&customer_log_in(&venue, "ana@example.org", STRANGER));
    client.ok("mutation { customer { delete } }");
    let left = account(&house, "ana@example.org");
    assert!(!left.active && !left.has_password && !left.claimed);
    click(&venue, "ana@example.org");
    assert_eq!(state(&venue, &booked), "paid");
}

#[test]
fn a_claim_takes_no_offer_that_its_address_waited_for() {
    let house = house();
    let venue = house.venue("Bisik");
    let ticket = evening(&venue, 1_000, 1);
    let web = channels(&venue).0;
    let first = Client::new(&house);
    bought(&first, web, ticket, 1);
    let id: Vec<u8> =
        venue.tenant().read(|tx| tx.one("SELECT id FROM event", [], |row| row.get(0))).unwrap();
    let event = guichet::values::id::EventId(uuid::Uuid::from_slice(&id).unwrap());
    let body = json!({ "email": "ana@example.org", "places": 1 });
    venue.anyone().post(&format!("/api/events/{event}/waiting/"), &body).ok(201);
    first.ok("mutation { purchase { cancel { id } } }");
    venue.tenant().write(guichet::root::By::House, guichet::trade::errand::care).unwrap();
    let client = Client::new(&house);
    client.ok(&registration(&venue, "ana@example.org"));
    client.ok(&customer_log_in(&venue, "ana@example.org", STRANGER));
    let buy = format!(
        "mutation {{ distribution(id: {web}) {{ createPurchase(tickets: [{{ ticketTypeId: {ticket} }}]) {{ id }} }} }}"
    );
    assert_eq!(client.code(&buy), "SOLD_OUT");
}

#[test]
fn who_registers_an_address_is_told_nothing_that_its_owner_said() {
    let house = house();
    let venue = house.venue("Bisik");
    let ana = json!({ "user": { "email": "ana@example.org", "firstname": "Ana", "lastname": "Payet", "phone": "0692" } });
    venue.app().post("/v2/users", &ana).is(201);
    assert_eq!(account(&house, "ana@example.org").first_name.as_deref(), Some("Ana"));
    let asked =
        registration(&venue, "ana@example.org").replace("{ id }", "{ firstName lastName phone }");
    let told = &Client::new(&house).ok(&asked)["distribution"]["registerCustomer"];
    assert_eq!(*told, json!({ "firstName": null, "lastName": null, "phone": null }));
}

#[test]
fn whom_the_house_made_active_has_proven_the_address_at_the_shops_too() {
    let house = house();
    let venue = house.venue("Bisik");
    house.user_with_password("ana@example.org", "a long password");
    let ana = Client::new(&house);
    ana.ok(&customer_log_in(&venue, "ana@example.org", "a long password"));
    let made = bought(&ana, channels(&venue).0, evening(&venue, 0, 9), 1);
    assert_eq!(made["status"], "CONFIRMED");
}

#[test]
fn an_invitation_that_is_accepted_opens_what_waited_for_the_address() {
    let house = house();
    let (venue, other) = (house.venue("Bisik"), house.venue("Ancre"));
    let (event, price) = free_evening(&venue, 9);
    let booked = venue.book("ana@example.org", &event, &price, 1).ok(201);
    let at = organizer(&other);
    let asked = admin(&house).ok(&format!(
        r#"mutation {{ operator {{ invite(email: "ana@example.org", permissions: {{ organizerIds: [{at}] }}) {{ id }} }} }}"#
    ));
    let number = no(&asked["operator"]["invite"]["id"]);
    let invite = house.console().list_invites().unwrap().into_iter().find(|one| one.no == number);
    let token = house.app.root().invite_token(&invite.unwrap()).unwrap();
    Client::new(&house).ok(&format!(
        r#"mutation {{ acceptInvite(token: "{token}", password: "a long password") {{ id }} }}"#
    ));
    assert_eq!(state(&venue, &booked), "paid");
}

#[test]
fn what_was_typed_for_an_active_address_is_opened_by_no_start() {
    let house = house();
    let venue = house.venue("Bisik");
    house.user("ana@example.org");
    let stranger = Client::new(&house);
    bought(&stranger, channels(&venue).0, evening(&venue, 0, 9), 1);
    stranger.ok(crate::oxynade::NAME);
    house.app.root().settle_proofs(order::prove).unwrap();
    let status = || stranger.ok("{ purchase { status } }")["purchase"]["status"].clone();
    assert_eq!(status(), "OPEN");
    click(&venue, "ana@example.org");
    assert_eq!(status(), "CONFIRMED");
}

#[test]
fn what_a_claim_ordered_for_nothing_is_opened_by_the_click_at_whichever_venue() {
    let house = house();
    let (venue, other) = (house.venue("Bisik"), house.venue("Ancre"));
    let client = Client::new(&house);
    client.ok(&registration(&venue, "ana@example.org"));
    client.ok(&customer_log_in(&venue, "ana@example.org", STRANGER));
    let held = bought(&client, channels(&venue).0, evening(&venue, 0, 9), 1);
    assert_eq!(held["status"], "OPEN");
    click(&other, "ana@example.org");
    let states = "SELECT count(*) FROM orders WHERE state = 'paid'";
    let paid: i64 = venue.tenant().read(|tx| tx.one(states, [], |row| row.get(0))).unwrap();
    assert_eq!(paid, 1);
}

#[test]
fn one_click_opens_what_a_proven_address_was_typed_for_at_all_venues() {
    let house = house();
    let (here, there) = (house.venue("Bisik"), house.venue("Ancre"));
    house.app.root().people().find_or_make(&Email::parse("ana@example.org").unwrap()).unwrap();
    click(&here, "ana@example.org");
    let book = |venue: &Venue<'_>| {
        let (event, price) = free_evening(venue, 9);
        venue.book("ana@example.org", &event, &price, 1).ok(201)
    };
    let booked = [book(&here), book(&there)];
    assert_eq!([state(&here, &booked[0]), state(&there, &booked[1])], ["held", "held"]);
    click(&here, "ana@example.org");
    assert_eq!([state(&here, &booked[0]), state(&there, &booked[1])], ["paid", "paid"]);
}
