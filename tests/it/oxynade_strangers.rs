//! What somebody gets over GraphQL who only types an address, or is not logged in: nothing that is known of it, no seat for
//! long, and no shop that is for others.

use crate::oxynade::{NAME, bought, log_in, register};
use crate::oxynade_graph::{Client, admin, channels, evening, organizer};
use crate::support::{House, Venue, house, house_with};
use guichet::root::By;
use guichet::root::customer::Says;
use guichet::root::organizer::Record;
use guichet::values::Time;
use serde_json::{Value, json};

const SHOWN: &str =
    "{ purchase { customer { id uuid email firstName lastName phone langCode createdAt } } }";

#[test]
fn a_typed_address_shows_what_was_typed_and_nothing_of_its_account() {
    let house = house();
    let venue = house.venue("Bisik");
    let ((web, _), ticket) = (channels(&venue), evening(&venue, 1_000, 9));
    let ana = house.user("ana@example.org");
    let says = Says {
        first_name: Some("Anaïs"),
        last_name: Some("Hoarau"),
        phone: Some("0692000000"),
        language: Some("de"),
    };
    house.app.root().people().describe(ana.id, says, None).unwrap();
    let past = crate::process::look_into(&house.dir().join("root.db"));
    past.execute("UPDATE account SET created = 1000000", []).unwrap();
    let stranger = Client::new(&house);
    bought(&stranger, web, ticket, 1);
    assert_eq!(stranger.ok(SHOWN)["purchase"]["customer"], Value::Null);
    let named = stranger.ok(&NAME.replace("customer { email }", "customer { id firstName phone }"));
    assert_eq!(
        named["purchase"]["setCustomer"]["customer"],
        json!({ "id": 0, "firstName": "Ana", "phone": null })
    );
    let shown = &stranger.ok(SHOWN)["purchase"]["customer"];
    assert!(
        Time::parse(shown["createdAt"].as_str().unwrap()).unwrap() > Time(2_000_000),
        "{shown}"
    );
    let mut shown = shown.clone();
    shown.as_object_mut().unwrap().remove("createdAt");
    assert_eq!(
        shown,
        json!({
            "id": 0, "uuid": "", "email": "ana@example.org", "firstName": "Ana", "lastName": "Payet",
            "phone": null, "langCode": "FR",
        })
    );
    let purchases = "{ purchase { customer { purchases { id } } } }";
    assert_eq!(stranger.ok(purchases)["purchase"]["customer"]["purchases"], json!([]));
}

#[test]
fn who_is_logged_in_sees_the_whole_of_his_account_in_his_purchase() {
    let house = house();
    let venue = house.venue("Bisik");
    let ((web, _), ticket) = (channels(&venue), evening(&venue, 1_000, 9));
    let john = Client::new(&house);
    john.ok(&register(web, "theme park secret"));
    let id = john.ok(&log_in(web, "theme park secret"))["customerLogin"]["id"].clone();
    bought(&john, web, ticket, 1);
    let shown = &john.ok(SHOWN)["purchase"]["customer"];
    assert_eq!((&shown["id"], &shown["firstName"]), (&id, &json!("John")));
    assert_eq!(shown["uuid"].as_str().unwrap().len(), 36);
}

#[test]
fn what_is_free_waits_for_the_letter_though_the_typed_address_was_proven_before() {
    let house = house();
    let venue = house.venue("Bisik");
    let ((web, _), ticket) = (channels(&venue), evening(&venue, 0, 9));
    prove(&house, &venue, "ana@example.org");
    let stranger = Client::new(&house);
    bought(&stranger, web, ticket, 1);
    stranger.ok(NAME);
    let held = stranger.ok("mutation { purchase { confirm { status } } }");
    assert_eq!(held["purchase"]["confirm"]["status"], "OPEN");
}

const TRANSFER: &str =
    "mutation { purchase { createWireTransferPayment { id price iban reference dueAt } } }";

/// A venue that is paid by bank, its web shop, and the ticket type of an evening of so many seats.
fn by_bank(house: &House, seats: u32) -> (Venue<'_>, i64, i64) {
    let venue = house.venue("Bisik");
    let at = organizer(&venue);
    admin(house).ok(&format!(
        r#"mutation {{ operator {{ updateOrganizer(id: {at}, input: {{ bankAccountNumber: "FR7630006000011234567890189" }}) {{ id }} }} }}"#
    ));
    let (web, ticket) = (channels(&venue).0, evening(&venue, 1_000, seats));
    (venue, web, ticket)
}

/// Lets the owner of an address follow the link of a letter.
fn prove(house: &House, venue: &Venue<'_>, email: &str) {
    let email_of = guichet::values::Email::parse(email).unwrap();
    house.app.root().people().find_or_make(&email_of).unwrap();
    let proof = house.proof(email);
    venue.anyone().get(&format!("/api/user/activate/{}/{}", proof.uid, proof.token)).ok(200);
}

/// Somebody who holds so many tickets in the name of an address that was proven.
fn buyer(house: &House, venue: &Venue<'_>, channel: i64, ticket: i64, quantity: i64) -> Client {
    let email = format!("buyer-{}@example.org", house.next());
    prove(house, venue, &email);
    let client = Client::new(house);
    bought(&client, channel, ticket, quantity);
    client.ok(&NAME.replace("ana@example.org", &email));
    client
}

fn moment(client: &Client, field: &str) -> Time {
    let found = client.ok(&format!("{{ purchase {{ {field} }} }}"));
    Time::parse(found["purchase"][field].as_str().unwrap()).unwrap()
}

fn due(client: &Client) -> Time {
    let begun = client.ok(TRANSFER);
    Time::parse(begun["purchase"]["createWireTransferPayment"]["dueAt"].as_str().unwrap()).unwrap()
}

fn hours(from: Time, to: Time) -> i64 {
    (to.0 - from.0) / 3_600_000_000
}

#[test]
fn seats_do_not_wait_for_a_transfer_of_an_address_that_nobody_has_proven() {
    let house = house();
    let (venue, web, ticket) = by_bank(&house, 9);
    let stranger = Client::new(&house);
    bought(&stranger, web, ticket, 1);
    stranger.ok(NAME);
    let before = moment(&stranger, "expiresAt");
    assert_eq!(stranger.code(TRANSFER), "CONFLICT");
    assert_eq!(moment(&stranger, "expiresAt"), before);
    let letters = "SELECT count(*) FROM outbox WHERE kind = 'confirm_email' AND recipient = 'ana@example.org'";
    let letters = venue.tenant().read(|tx| tx.one(letters, [], |row| row.get::<_, i64>(0)));
    assert_eq!(letters.unwrap(), 1);
    prove(&house, &venue, "ana@example.org");
    stranger.ok(TRANSFER);
    assert!(moment(&stranger, "expiresAt") > before);
}

#[test]
fn who_is_logged_in_has_seats_wait_for_his_transfer() {
    let house = house();
    let (_, web, ticket) = by_bank(&house, 9);
    let john = Client::new(&house);
    john.ok(&register(web, "theme park secret"));
    john.ok(&log_in(web, "theme park secret"));
    bought(&john, web, ticket, 1);
    john.ok(TRANSFER);
}

#[test]
fn a_transfer_is_awaited_for_a_week_from_the_first_order_and_until_the_day_before_the_event() {
    let house = house();
    let (venue, web, ticket) = by_bank(&house, 9);
    let client = buyer(&house, &venue, web, ticket, 1);
    let first = due(&client);
    assert!((167..=168).contains(&hours(Time::now(), first)), "{first}");
    assert_eq!(due(&client), first);
    client.ok(&format!(
        "mutation {{ purchase {{ addTickets(tickets: [{{ ticketTypeId: {ticket} }}]) {{ id }} }} }}"
    ));
    assert_eq!(due(&client), first);
    let starts = |hours: i64| {
        let sql = "UPDATE event SET starts = ?1, ends = NULL";
        let at = Time(Time::now().0 + hours * 3_600_000_000);
        venue.tenant().write(By::House, |tx| tx.run(sql, [at])).unwrap();
    };
    starts(48);
    let second = buyer(&house, &venue, web, ticket, 1);
    assert!((23..=24).contains(&hours(Time::now(), due(&second))));
    starts(23);
    let late = buyer(&house, &venue, web, ticket, 1);
    assert_eq!(late.code(TRANSFER), "VALIDATION");
    assert!(hours(Time::now(), moment(&late, "expiresAt")) < 1);
}

#[test]
fn typed_addresses_have_half_of_an_evening_wait_for_transfers_at_the_most() {
    let house = house();
    let (venue, web, ticket) = by_bank(&house, 4);
    buyer(&house, &venue, web, ticket, 2).ok(TRANSFER);
    let second = buyer(&house, &venue, web, ticket, 1);
    let before = moment(&second, "expiresAt");
    assert_eq!(second.code(TRANSFER), "LIMIT_REACHED");
    assert_eq!(moment(&second, "expiresAt"), before);
}

#[test]
fn asking_for_a_transfer_is_counted_as_all_is_that_strangers_ask_for() {
    crate::support::within_a_minute(|| {
        let house = house_with(&[("asks_per_address", "4")]);
        let (_, web, ticket) = by_bank(&house, 9);
        let client = Client::bare(&house).with_token(&house_token(&house));
        bought(&client, web, ticket, 1);
        client.ok(NAME);
        assert_eq!(client.code(TRANSFER), "CONFLICT");
        assert_eq!(client.code(TRANSFER), "LIMIT_REACHED");
    });
}

/// A token that stands for nobody, which nobody had to ask for.
fn house_token(house: &House) -> String {
    let people = house.app.root().people();
    people.open_session(guichet::root::session::Dialect::Oxynade, None).unwrap().0
}

/// Lets a venue keep its pages for who is logged in, or let nobody make an account.
fn keep(venue: &Venue<'_>, needs_login: bool, may_register: bool) {
    let staff = venue.house.console().staff(&venue.tenant());
    let kept = |record: &mut Record| {
        (record.needs_login, record.may_register) = (needs_login, may_register);
    };
    staff.amend(kept).unwrap();
}

#[test]
fn a_shop_for_who_is_logged_in_shows_and_sells_nothing_to_strangers() {
    let house = house();
    let venue = house.venue("Bisik");
    let ((web, _), ticket) = (channels(&venue), evening(&venue, 1_000, 9));
    keep(&venue, true, true);
    let stranger = Client::new(&house);
    let look = format!("{{ distribution(id: {web}) {{ events {{ title }} }} }}");
    let buy = format!(
        "mutation {{ distribution(id: {web}) {{ createPurchase(tickets: [{{ ticketTypeId: {ticket} }}]) {{ id }} }} }}"
    );
    assert_eq!(
        (stranger.code(&look), stranger.code(&buy)),
        ("UNAUTHENTICATED".into(), "UNAUTHENTICATED".into())
    );
    stranger.ok(&register(web, "theme park secret"));
    stranger.ok(&log_in(web, "theme park secret"));
    assert_eq!(stranger.ok(&look)["distribution"]["events"].as_array().unwrap().len(), 1);
    stranger.ok(&buy);
    admin(&house).ok(&look);
}

#[test]
fn a_customer_of_another_organization_is_a_stranger_in_a_shop_for_who_is_logged_in() {
    let house = house_with(&[("self_service", "on")]);
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    let (here, there) = (channels(&ours).0, channels(&theirs).0);
    keep(&ours, true, true);
    let john = Client::new(&house);
    john.ok(&register(there, "theme park secret"));
    john.ok(&log_in(there, "theme park secret"));
    assert_eq!(john.code(&format!("{{ distribution(id: {here}) {{ name }} }}")), "UNAUTHENTICATED");
}

#[test]
fn nobody_registers_at_a_shop_that_lets_nobody_make_an_account() {
    let house = house();
    let venue = house.venue("Bisik");
    let (web, _) = channels(&venue);
    keep(&venue, false, false);
    let stranger = Client::new(&house);
    let before = house.ledger();
    assert_eq!(stranger.code(&register(web, "theme park secret")), "FORBIDDEN");
    assert_eq!(house.ledger(), before);
}

#[test]
fn a_list_of_hosts_that_cannot_be_read_lets_no_address_pass() {
    let (_peer, house) = crate::till::open();
    let venue = house.venue("Bisik");
    let ((web, _), ticket) = (channels(&venue), evening(&venue, 1_000, 9));
    let client = Client::new(&house);
    bought(&client, web, ticket, 1);
    client.ok(NAME);
    let hosts = |hosts: &str| {
        let root = crate::process::look_into(&house.dir().join("root.db"));
        root.execute("UPDATE distribution SET allowed_hosts = ?1", [hosts]).unwrap();
    };
    let pay = r#"mutation { purchase { createSupervisedPayment(returnUrl: "https://shop.example.org/") { id } } }"#;
    for wrong in [r#"["other.example.org"]"#, r#"["other.example.org""#] {
        hosts(wrong);
        assert_eq!(client.code(pay), "VALIDATION", "{wrong}");
    }
    hosts(r#"["shop.example.org"]"#);
    client.ok(pay);
}
