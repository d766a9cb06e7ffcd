//! Who may do what over GraphQL: every root against every kind of caller.

use crate::coach_people::Desk;
use crate::oxynade_graph::{Client, admin, channels, evening, operator, organizer};
use crate::support::{House, house};
use guichet::values::Email;
use serde_json::{Value, json};

/// What a document is answered: a code, or `OK`.
fn outcome(client: &Client, document: &str) -> String {
    let reply = client.send(document);
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    let code = body["errors"][0]["extensions"]["code"].as_str();
    code.unwrap_or("OK").to_owned()
}

#[test]
fn every_root_lets_in_whom_it_is_for_and_nobody_else() {
    let house = house();
    let (venue, other) = (house.venue("Bisik"), house.venue("Ancre"));
    let ((web, desk), at, ticket) =
        (channels(&venue), organizer(&venue), evening(&venue, 1_000, 500));
    let (theirs, their_channels) = (organizer(&other), channels(&other));
    let their_ticket = evening(&other, 500, 9);
    let root = admin(&house);
    let link = |name: &str, permissions: String| {
        root.ok(&format!(r#"mutation {{ operator {{ invite(email: "{name}@example.org", permissions: {{ {permissions} }}) {{ id }} }} }}"#));
    };
    let none = operator(&house, "none@example.org");
    let sale = operator(&house, "sale@example.org");
    let keep = operator(&house, "keep@example.org");
    link("sale", format!("distributionIds: [{desk}]"));
    link("keep", format!("organizerIds: [{at}]"));
    let anonymous = Client::new(&house);
    let buyer = Client::new(&house);
    buyer.ok(&format!("mutation {{ distribution(id: {web}) {{ createPurchase(tickets: [{{ ticketTypeId: {ticket} }}]) {{ id }} }} }}"));
    let customer = Client::new(&house);
    customer.ok(&format!(r#"mutation {{ distribution(id: {web}) {{ registerCustomer(input: {{ email: "eva@example.org", password: "a long password" }}) {{ id }} }} }}"#));
    customer.ok(&format!(r#"mutation {{ customerLogin(distributionId: {web}, email: "eva@example.org", password: "a long password") {{ id }} }}"#));
    let callers = [&anonymous, &buyer, &customer, &none, &sale, &keep, &root];
    let (un, no, ok) = ("UNAUTHENTICATED", "FORBIDDEN", "OK");
    let rows: Vec<(String, [&str; 7])> = vec![
        ("{ countries { id } }".into(), [ok; 7]),
        (format!("{{ distribution(id: {web}) {{ name organizer {{ name currency }} events {{ title }} }} }}"), [ok; 7]),
        (format!("{{ distribution(id: {web}) {{ fees {{ id }} }} }}"), [un, un, un, no, no, ok, ok]),
        (format!("{{ distribution(id: {web}) {{ organizer {{ bankAccountNumber }} }} }}"), [un, un, un, no, no, ok, ok]),
        (format!("{{ distribution(id: {web}) {{ organizer {{ operators {{ email }} }} }} }}"), [un, un, un, no, no, ok, ok]),
        (format!("{{ distribution(id: {web}) {{ organizer {{ events {{ title }} }} }} }}"), [un, un, un, no, no, ok, ok]),
        (format!("{{ distribution(id: {web}) {{ organizer {{ organization {{ customers {{ id }} }} }} }} }}"), [un, un, un, no, no, no, ok]),
        (format!("{{ distribution(id: {}) {{ organizer {{ operators {{ email }} }} }} }}", their_channels.0), [un, un, un, no, no, no, ok]),
        ("{ purchase { id } }".into(), [un, ok, un, un, un, un, un]),
        ("{ customer { id purchases { id } } }".into(), [un, un, ok, un, un, un, un]),
        ("{ operator { id permissions { isAdmin } } }".into(), [un, un, un, ok, ok, ok, ok]),
        ("{ organizers { id } }".into(), [un, un, un, ok, ok, ok, ok]),
        ("{ invites { id } }".into(), [un, un, un, ok, ok, ok, ok]),
        ("{ admin { organizations { id } } }".into(), [un, un, un, no, no, no, ok]),
        ("{ admin { operators { email } } }".into(), [un, un, un, no, no, no, ok]),
        ("{ admin { fees { id } } }".into(), [un, un, un, no, no, no, ok]),
        (format!(r#"mutation {{ operator {{ updateOrganizer(id: {at}, input: {{ vat: "FR12345678901" }}) {{ id }} }} }}"#), [un, un, un, no, no, ok, ok]),
        (format!(r#"mutation {{ operator {{ updateOrganizer(id: {theirs}, input: {{ vat: "FR12345678901" }}) {{ id }} }} }}"#), [un, un, un, no, no, no, ok]),
        (format!(r#"mutation {{ operator {{ createDistribution(input: {{ organizerId: {at}, name: "Kiosk", type: WEB }}) {{ id }} }} }}"#), [un, un, un, no, no, ok, ok]),
        (format!(r#"mutation {{ operator {{ updateDistribution(id: {desk}, name: "Guichet") {{ id }} }} }}"#), [un, un, un, no, no, ok, ok]),
        (format!("mutation {{ operator {{ deleteDistribution(id: {}) }} }}", their_channels.0), [un, un, un, no, no, no, "CONFLICT"]),
        (format!(r#"mutation {{ operator {{ invite(email: "x@example.org", permissions: {{ organizerIds: [{at}] }}) {{ id }} }} }}"#), [un, un, un, no, no, ok, ok]),
        (format!("mutation {{ operator {{ createPurchase(distributionId: {desk}, tickets: [{{ ticketTypeId: {ticket} }}]) {{ id }} }} }}"), [un, un, un, no, ok, no, ok]),
        (format!("mutation {{ operator {{ createPurchase(distributionId: {}, tickets: [{{ ticketTypeId: {their_ticket} }}]) {{ id }} }} }}", their_channels.0), [un, un, un, no, no, no, "CONFLICT"]),
        (r#"mutation { admin { createOrganization(input: { name: "X", countryId: 250 }) { id } } }"#.into(), [un, un, un, no, no, no, ok]),
        (r#"mutation { admin { createFee(input: { name: "X", scope: PLATFORM, fixed: 0, payer: CUSTOMER }) { id } } }"#.into(), [un, un, un, no, no, no, ok]),
        ("mutation { admin { setOperatorAdmin(operatorId: 1, isAdmin: true) { id } } }".into(), [un, un, un, no, no, no, ok]),
        ("mutation { purchase { cancel { id } } }".into(), [un, ok, un, un, ok, un, ok]),
        (r#"mutation { customer { update(input: { email: "eva@example.org", firstName: "Eva" }) { id } } }"#.into(), [un, un, ok, un, un, un, un]),
    ];
    for (document, expected) in &rows {
        let found = callers.map(|caller| outcome(caller, document));
        assert_eq!(found, *expected, "{document}");
    }
}

#[test]
fn a_ticket_type_of_another_tenant_is_not_sold_here() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    let (ticket, (web, _)) = (evening(&theirs, 500, 9), channels(&ours));
    let client = Client::new(&house);
    let buy = format!(
        "mutation {{ distribution(id: {web}) {{ createPurchase(tickets: [{{ ticketTypeId: {ticket} }}]) {{ id }} }} }}"
    );
    assert_eq!(client.code(&buy), "VALIDATION");
    let orders: i64 = theirs
        .tenant()
        .read(|tx| tx.one("SELECT count(*) FROM orders", [], |row| row.get(0)))
        .unwrap();
    assert_eq!(orders, 0);
}

#[test]
fn no_list_holds_another_tenants_rows() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    evening(&ours, 500, 9);
    evening(&theirs, 500, 9);
    let root = admin(&house);
    let keeper = operator(&house, "keeper@example.org");
    root.ok(&format!(r#"mutation {{ operator {{ invite(email: "keeper@example.org", permissions: {{ organizerIds: [{}] }}) {{ id }} }} }}"#, organizer(&ours)));
    let all = keeper.ok("{ organizers { name distributions { name organizer { name } } events { organizer { name } } operators { email } fees { name } } operator { organizers { name } distributions { id } } invites { email organizers { name } } }");
    let text = all.to_string();
    assert!(text.contains("Bisik") && !text.contains("Ancre") && !text.contains("ancre"), "{text}");
}

#[test]
fn who_sells_at_the_counter_sees_the_barcode_of_what_costs_nothing() {
    let house = house();
    let venue = house.venue("Bisik");
    let ((web, desk), ticket) = (channels(&venue), evening(&venue, 0, 9));
    let seller = operator(&house, "sale@example.org");
    admin(&house).ok(&format!(
        r#"mutation {{ operator {{ invite(email: "sale@example.org", permissions: {{ distributionIds: [{desk}] }}) {{ id }} }} }}"#
    ));
    let buy = format!(
        "createPurchase(tickets: [{{ ticketTypeId: {ticket} }}]) {{ tickets {{ barcode }} }}"
    );
    let told = &seller.ok(&format!("mutation {{ operator {{ s: createPurchase(distributionId: {desk}, tickets: [{{ ticketTypeId: {ticket} }}]) {{ tickets {{ barcode }} }} }} }}"))["operator"]["s"];
    assert_eq!(told["tickets"][0]["barcode"].as_str().unwrap().len(), 36);
    let anybody = Client::new(&house);
    let kept = &anybody.ok(&format!("mutation {{ distribution(id: {web}) {{ {buy} }} }}"))["distribution"]
        ["createPurchase"];
    assert_eq!(kept["tickets"][0]["barcode"], "");
    assert_eq!(
        anybody.code(&format!("mutation {{ distribution(id: {web}) {{ {buy} }} }}")),
        "CONFLICT"
    );
}

#[test]
fn names_are_lines_of_plain_characters() {
    let house = house();
    let venue = house.venue("Bisik");
    let ((web, _), at) = (channels(&venue), organizer(&venue));
    let root = admin(&house);
    for document in [
        format!(
            r#"mutation {{ operator {{ updateDistribution(id: {web}, name: "a\u0000") {{ id }} }} }}"#
        ),
        format!(
            r#"mutation {{ operator {{ updateOrganizer(id: {at}, input: {{ name: "A\r\nBcc: x" }}) {{ id }} }} }}"#
        ),
        format!(
            r#"mutation {{ operator {{ createDistribution(input: {{ organizerId: {at}, name: "\u0000z", type: WEB }}) {{ id }} }} }}"#
        ),
    ] {
        assert_eq!(outcome(&root, &document), "VALIDATION", "{document}");
    }
}

#[test]
fn a_page_of_any_origin_may_ask() {
    let house = house();
    let client = Client::new(&house);
    let asked = client.caller().send("OPTIONS", "/graphql", None, vec![]).is(204);
    assert_eq!(asked.header("Access-Control-Allow-Headers"), Some("Authorization, Content-Type"));
    let told = client.send("{ countries { id } }");
    assert_eq!(told.header("Access-Control-Allow-Origin"), Some("*"));
}

#[test]
fn what_is_said_of_an_organizer_is_kept_as_it_was_looked_at() {
    let house = house();
    let venue = house.venue("Bisik");
    let (at, spaces) = (organizer(&venue), " ".repeat(60));
    let input = format!(
        r#"{{ name: "Le Bisik\r\n\u000b", bankAccountNumber: "FR76{spaces}", officialName: " Bisik SAS", vat: "FR 12 345678901 ", phone: " 0692" }}"#
    );
    let told = admin(&house).ok(&format!(
        "mutation {{ operator {{ updateOrganizer(id: {at}, input: {input}) {{ name }} }} }}"
    ));
    assert_eq!(told["operator"]["updateOrganizer"]["name"], "Le Bisik");
    let kept = house.app.root().organizer(at).unwrap().unwrap();
    let record = kept.record;
    let said = [record.official_name, record.bank_account, record.vat];
    assert_eq!(said, ["Bisik SAS", "FR76", "FR12345678901"].map(|text| Some(text.to_owned())));
    assert_eq!(venue.anyone().get("/api/here/").ok(200)["phone"], "0692");
}

#[test]
fn a_vat_number_is_written_as_its_country_writes_it_or_cleared() {
    let house = house();
    let venue = house.venue("Bisik");
    let (at, root) = (organizer(&venue), admin(&house));
    let update = |vat: &str| {
        format!(
            r#"mutation {{ operator {{ updateOrganizer(id: {at}, input: {{ vat: "{vat}" }}) {{ vat }} }} }}"#
        )
    };
    let kept = |vat: &str| root.ok(&update(vat))["operator"]["updateOrganizer"]["vat"].clone();
    assert_eq!(kept("atu 8765 4321"), "ATU87654321");
    for wrong in ["x", "XX", "ATU1", "FR1"] {
        assert_eq!(root.code(&update(wrong)), "VALIDATION", "{wrong}");
        let create = format!(
            r#"mutation {{ admin {{ createOrganizer(input: {{ organizationId: 1, name: "Neuf", officialName: "Neuf", vat: "{wrong}", currency: EUR, countryId: 250 }}) {{ id }} }} }}"#
        );
        assert_eq!(root.code(&create), "VALIDATION", "{wrong}");
    }
    assert_eq!(kept("CHE-123.456.789"), "CHE123456789");
    assert_eq!(kept(" "), Value::Null);
}

/// Somebody connected with a venue who also sells there: his number, his id, and the document that sells.
fn seller(house: &House, desk: &Desk<'_>) -> (i64, String, String) {
    let (channel, ticket) = (channels(&desk.venue).1, evening(&desk.venue, 0, 9));
    operator(house, "bo@example.org");
    let bo = house.console().user(&Email::parse("bo@example.org").unwrap()).unwrap().unwrap();
    let id = desk.make("users", &json!({ "username": "bo", "email": "bo@example.org" }));
    let body = json!({ "user": { "roles": [20] } });
    desk.venue.manager().put(&desk.venue.v2(&format!("/users/{}", bo.no)), &body).ok(200);
    admin(house).ok(&format!(
        r#"mutation {{ operator {{ invite(email: "bo@example.org", permissions: {{ distributionIds: [{channel}] }}) {{ id }} }} }}"#
    ));
    let sell = format!(
        "mutation {{ operator {{ createPurchase(distributionId: {channel}, tickets: [{{ ticketTypeId: {ticket} }}]) {{ id }} }} }}"
    );
    assert_eq!(sold(house, &sell), "OK");
    (bo.no, id, sell)
}

/// What he is answered when he sells with a token that holds no purchase yet.
fn sold(house: &House, sell: &str) -> String {
    outcome(&operator(house, "bo@example.org"), sell)
}

const SOLD_THROUGH: &str =
    "{ operator { distributions { id } permissions { sale { grantedAt } } } }";

#[test]
fn who_is_removed_from_a_tenant_sells_nothing_there_and_does_not_when_he_comes_back() {
    let house = house();
    let desk = Desk::new(&house, "Bisik");
    let (no, id, sell) = seller(&house, &desk);
    desk.delete(&format!("users/{id}"));
    assert_eq!(sold(&house, &sell), "FORBIDDEN");
    desk.put(&format!("users/{id}"), &json!({ "isDeleted": false, "isActive": true }));
    assert_eq!(sold(&house, &sell), "FORBIDDEN");
    let path = desk.venue.v2(&format!("/users/{no}"));
    let other = Desk::new(&house, "Ancre");
    let channel = channels(&other.venue).1;
    let ask = |channel: i64| {
        admin(&house).ok(&format!(
            r#"mutation {{ operator {{ invite(email: "bo@example.org", permissions: {{ distributionIds: [{channel}] }}) {{ id }} }} }}"#
        ));
    };
    ask(channel);
    ask(channels(&desk.venue).1);
    assert_eq!(sold(&house, &sell), "OK");
    desk.venue.manager().put(&path, &json!({ "user": { "roles": [] } })).ok(200);
    assert_eq!(sold(&house, &sell), "FORBIDDEN");
    let left = operator(&house, "bo@example.org").ok(SOLD_THROUGH);
    assert_eq!(left["operator"]["distributions"], json!([{ "id": channel }]));
}

#[test]
fn who_is_stopped_at_a_tenant_sells_nothing_there_meanwhile() {
    let house = house();
    let desk = Desk::new(&house, "Bisik");
    let (_, id, sell) = seller(&house, &desk);
    let path = format!("users/{id}");
    desk.put(&path, &json!({ "isActive": false }));
    assert_eq!(sold(&house, &sell), "FORBIDDEN");
    let shown = operator(&house, "bo@example.org").ok(SOLD_THROUGH);
    assert_eq!(shown["operator"], json!({ "distributions": [], "permissions": { "sale": [] } }));
    desk.put(&path, &json!({ "isActive": true }));
    assert_eq!(sold(&house, &sell), "OK");
}
