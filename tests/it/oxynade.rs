//! Selling over GraphQL: the two literal queries, tokens, purchases and their payments, fees, customers.

use crate::golden::Golden;
use crate::oxynade_graph::{
    Client, LITERAL, LITERAL_PURCHASE, admin, channels, evening, no, operator, organizer,
};
use crate::support::{House, Venue, house, house_with};
use guichet::root::By;
use guichet::trade::order::{self, Means};
use serde_json::{Value, json};

/// Venues until a channel has this number, and the venue whose it is.
fn venue_of_channel<'h>(house: &'h House, wanted: i64) -> Venue<'h> {
    let console = admin(house);
    let first = house.venue("Bisik");
    let at = organizer(&first);
    loop {
        let made = console.ok(&format!(
            r#"mutation {{ operator {{ createDistribution(input: {{ organizerId: {at}, name: "Kiosk", type: PARTNER }}) {{ id }} }} }}"#
        ));
        if no(&made["operator"]["createDistribution"]["id"]) == wanted {
            return first;
        }
    }
}

#[test]
fn check_13_the_two_literal_queries_give_ids_and_prices_as_numbers() {
    let house = house();
    let venue = venue_of_channel(&house, 123);
    let ticket = evening(&venue, 1_000, 50);
    let data = Client::bare(&house).ok(LITERAL);
    let event = &data["distribution"]["events"][0];
    assert!(event["title"].as_str().unwrap().starts_with("Soirée"));
    let kind = &event["ticketTypes"][0];
    assert_eq!(kind["translation"], "Plein tarif");
    assert_eq!(kind["priceDetail"], json!({ "base": 10.0, "exclFee": 10.0 }));
    let buyer = Client::new(&house);
    buyer.ok(&format!(
        "mutation {{ distribution(id: 123) {{ createPurchase(tickets: [{{ ticketTypeId: {ticket}, quantity: 2 }}]) {{ id }} }} }}"
    ));
    let purchase = &buyer.ok(LITERAL_PURCHASE)["purchase"];
    assert!(purchase["id"].is_i64());
    assert_eq!(purchase["price"], 20.0);
    let tickets = purchase["tickets"].as_array().unwrap();
    assert_eq!(tickets.len(), 2);
    assert!(
        tickets
            .iter()
            .all(|one| one["id"].is_i64() && one["price"] == 10.0 && one["barcode"].is_string())
    );
    assert_eq!(purchase["payments"], json!([]));
}

fn buy(channel: i64, ticket: i64, quantity: i64) -> String {
    format!(
        "mutation {{ distribution(id: {channel}) {{ createPurchase(tickets: [{{ ticketTypeId: {ticket}, quantity: {quantity} }}]) {{ id price status expiresAt tickets {{ id }} }} }} }}"
    )
}

pub(crate) fn bought(client: &Client, channel: i64, ticket: i64, quantity: i64) -> Value {
    client.ok(&buy(channel, ticket, quantity))["distribution"]["createPurchase"].clone()
}

#[test]
fn a_purchase_holds_seats_until_nobody_else_gets_one() {
    let house = house();
    let venue = house.venue("Bisik");
    let (ticket, (web, _)) = (evening(&venue, 1_000, 3), channels(&venue));
    let first = bought(&Client::new(&house), web, ticket, 2);
    assert_eq!(first["status"], "OPEN");
    assert!(first["expiresAt"].is_string());
    let second = Client::new(&house);
    assert_eq!(second.code(&buy(web, ticket, 2)), "SOLD_OUT");
    bought(&second, web, ticket, 1);
}

#[test]
fn a_purchase_needs_a_token_and_a_token_has_one_at_a_time() {
    let house = house();
    let venue = house.venue("Bisik");
    let (ticket, (web, _)) = (evening(&venue, 1_000, 9), channels(&venue));
    let bare = Client::bare(&house);
    assert_eq!(bare.code(&buy(web, ticket, 1)), "UNAUTHENTICATED");
    let client = Client::new(&house);
    bought(&client, web, ticket, 1);
    assert_eq!(client.code(&buy(web, ticket, 1)), "CONFLICT");
    client.ok("mutation { purchase { cancel { status } } }");
    bought(&client, web, ticket, 1);
}

#[test]
fn tickets_are_added_and_taken_away_while_purchase_and_tickets_keep_their_numbers() {
    let house = house();
    let venue = house.venue("Bisik");
    let (ticket, (web, _)) = (evening(&venue, 1_000, 9), channels(&venue));
    let client = Client::new(&house);
    let first = bought(&client, web, ticket, 2);
    let added = client.ok(&format!(
        "mutation {{ purchase {{ addTickets(tickets: [{{ ticketTypeId: {ticket} }}]) {{ id price tickets {{ id }} }} }} }}"
    ));
    let added = &added["purchase"]["addTickets"];
    assert_eq!((&added["id"], &added["price"]), (&first["id"], &json!(30.0)));
    let ids = |value: &Value| -> Vec<i64> {
        let mut all: Vec<i64> =
            value["tickets"].as_array().unwrap().iter().map(|one| no(&one["id"])).collect();
        all.sort_unstable();
        all
    };
    assert!(ids(&first).iter().all(|id| ids(added).contains(id)));
    let gone = ids(&first)[0];
    let left = client.ok(&format!(
        "mutation {{ purchase {{ removeTicket(ticketId: {gone}) {{ id price tickets {{ id }} }} }} }}"
    ));
    let left = &left["purchase"]["removeTicket"];
    assert_eq!((&left["id"], &left["price"]), (&first["id"], &json!(20.0)));
    assert_eq!(ids(left), ids(added).into_iter().filter(|id| *id != gone).collect::<Vec<_>>());
    let again = format!("mutation {{ purchase {{ removeTicket(ticketId: {gone}) {{ id }} }} }}");
    assert_eq!(client.code(&again), "NOT_FOUND");
}

pub(crate) const NAME: &str = r#"mutation { purchase { setCustomer(input: { email: "ana@example.org", firstName: "Ana", lastName: "Payet" }) { customer { email } } } }"#;

#[test]
fn money_by_bank_is_awaited_and_confirmed_when_staff_record_it() {
    let house = house();
    let venue = house.venue("Bisik");
    let (ticket, (web, _), at) = (evening(&venue, 1_000, 9), channels(&venue), organizer(&venue));
    admin(&house).ok(&format!(
        r#"mutation {{ operator {{ updateOrganizer(id: {at}, input: {{ bankAccountNumber: "FR7630006000011234567890189" }}) {{ id }} }} }}"#
    ));
    let client = Client::new(&house);
    bought(&client, web, ticket, 1);
    let transfer = "mutation { purchase { createWireTransferPayment { id price iban reference dueAt confirmedAt } } }";
    assert_eq!(client.code(transfer), "VALIDATION");
    client.ok(NAME);
    let proof = house.proof("ana@example.org");
    venue.anyone().get(&format!("/api/user/activate/{}/{}", proof.uid, proof.token)).ok(200);
    let awaited = &client.ok(transfer)["purchase"]["createWireTransferPayment"];
    assert_eq!((&awaited["price"], &awaited["confirmedAt"]), (&json!(10.0), &Value::Null));
    assert_eq!(awaited["iban"], "FR7630006000011234567890189");
    let uuid = client.ok("{ purchase { uuid } }")["purchase"]["uuid"].as_str().unwrap().to_owned();
    let id = guichet::values::id::OrderId(uuid.parse().unwrap());
    venue
        .tenant()
        .write(By::Console, |tx| {
            let due = order::due(tx, id)?;
            order::pay(tx, id, Means::Transfer, due, None)
        })
        .unwrap();
    let paid = &client.ok(&LITERAL_PURCHASE.replace("id price tickets", "status id price tickets"))
        ["purchase"];
    assert_eq!(paid["status"], "CONFIRMED");
    assert!(paid["payments"][0]["confirmedAt"].is_string());
    assert_eq!(paid["payments"].as_array().unwrap().len(), 1);
}

#[test]
fn online_payment_is_refused_where_there_is_none_and_changes_nothing() {
    let house = house();
    let venue = house.venue("Bisik");
    let (ticket, (web, _)) = (evening(&venue, 1_000, 9), channels(&venue));
    let client = Client::new(&house);
    bought(&client, web, ticket, 1);
    client.ok(NAME);
    let pay = r#"mutation { purchase { createSupervisedPayment(returnUrl: "https://shop.example.org/") { id redirectUrl } } }"#;
    assert_eq!(client.code(pay), "VALIDATION");
    assert_eq!(client.ok("{ purchase { status } }")["purchase"]["status"], "OPEN");
    assert_eq!(client.code("mutation { purchase { confirm { id } } }"), "CONFLICT");
}

const REGISTER: &str = r#"{ email: "john@example.org", password: "PASSWORD", firstName: "John" }"#;

pub(crate) fn register(channel: i64, password: &str) -> String {
    let input = REGISTER.replace("PASSWORD", password);
    format!(
        "mutation {{ distribution(id: {channel}) {{ registerCustomer(input: {input}) {{ id organization {{ id }} }} }} }}"
    )
}

pub(crate) fn log_in(channel: i64, password: &str) -> String {
    format!(
        r#"mutation {{ customerLogin(distributionId: {channel}, email: "john@example.org", password: "{password}") {{ id }} }}"#
    )
}

#[test]
fn check_15_one_address_is_one_customer_in_an_organization_and_another_in_the_next() {
    let house = house();
    let root = admin(&house);
    let organization = |name: &str| {
        let made = root.ok(&format!(
            r#"mutation {{ admin {{ createOrganization(input: {{ name: "{name}", countryId: 250 }}) {{ id }} }} }}"#
        ));
        no(&made["admin"]["createOrganization"]["id"])
    };
    let channel = |organization: i64, name: &str| {
        let made = root.ok(&format!(
            r#"mutation {{ admin {{ createOrganizer(input: {{ organizationId: {organization}, name: "{name}", officialName: "{name} SARL", currency: EUR, countryId: 250 }}) {{ distributions {{ id type }} }} }} }}"#
        ));
        let channels = &made["admin"]["createOrganizer"]["distributions"];
        assert_eq!(channels.as_array().unwrap().len(), 2);
        no(&channels[0]["id"])
    };
    let (parks, club) = (organization("Fancy theme parks"), organization("football club ABC"));
    let (fun, water) = (channel(parks, "Fun park"), channel(parks, "Water park"));
    let football = channel(club, "football club ABC");
    let john = Client::new(&house);
    let first = john.ok(&register(fun, "theme park secret"));
    assert_eq!(john.code(&register(water, "another secret")), "CONFLICT");
    let second = john.ok(&register(football, "football secret"));
    let id = |made: &Value| no(&made["distribution"]["registerCustomer"]["id"]);
    assert_ne!(id(&first), id(&second));
    let water_id = &john.ok(&log_in(water, "theme park secret"))["customerLogin"]["id"];
    assert_eq!(no(water_id), id(&first));
    assert_eq!(Client::new(&house).code(&log_in(football, "theme park secret")), "UNAUTHENTICATED");
    let football_id =
        &Client::new(&house).ok(&log_in(football, "football secret"))["customerLogin"]["id"];
    assert_eq!(no(football_id), id(&second));
    let customers = |organization: i64| {
        let data = root.ok(&format!(
            "{{ admin {{ organization(id: {organization}) {{ customers {{ id }} }} }} }}"
        ));
        data["admin"]["organization"]["customers"].clone()
    };
    assert_eq!(customers(parks), json!([{ "id": id(&first) }]));
    assert_eq!(customers(club), json!([{ "id": id(&second) }]));
}

#[test]
fn an_address_with_a_password_is_its_owners_and_his_purchases_are_found_at_all_organizers() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    let ((web, _), (other, _)) = (channels(&ours), channels(&theirs));
    let (ticket, second) = (evening(&ours, 1_000, 9), evening(&theirs, 700, 9));
    let john = Client::new(&house);
    john.ok(&register(web, "theme park secret"));
    let stranger = Client::new(&house);
    bought(&stranger, web, ticket, 1);
    let name = NAME.replace("ana@", "john@");
    assert_eq!(stranger.code(&name), "CONFLICT");
    john.ok(&log_in(web, "theme park secret"));
    bought(&john, web, ticket, 1);
    john.ok("mutation { purchase { cancel { id } } }");
    bought(&john, other, second, 1);
    let found = &john.ok("{ customer { purchases { price status distribution { id } } } }")["customer"]
        ["purchases"];
    assert_eq!(
        *found,
        json!([
            { "price": 7.0, "status": "OPEN", "distribution": { "id": other } },
            { "price": 10.0, "status": "CANCELLED", "distribution": { "id": web } },
        ])
    );
    john.ok("mutation { logout }");
    assert_eq!(john.code("{ customer { id } }"), "UNAUTHENTICATED");
    assert_eq!(john.code("{ purchase { id } }"), "UNAUTHENTICATED");
}

#[test]
fn answers_are_as_their_golden_files_say() {
    let house = house();
    let venue = house.venue("Bisik");
    let ((web, _), ticket) = (channels(&venue), evening(&venue, 1_250, 9));
    let mut golden = Golden::of("oxynade");
    let client = Client::new(&house);
    golden.check("distribution", &client.send(&LITERAL.replace("123", &web.to_string())));
    golden.check("distribution-none", &client.send(LITERAL));
    golden.check("purchase-none", &client.send(LITERAL_PURCHASE));
    golden.check("purchase-create", &client.send(&buy(web, ticket, 1)));
    golden.check("purchase-again", &client.send(&buy(web, ticket, 1)));
    golden.check("purchase-sold-out", &Client::new(&house).send(&buy(web, ticket, 9)));
    golden.check("purchase", &client.send(LITERAL_PURCHASE));
    golden.check("field-unknown", &client.send("{ nothing }"));
    golden.check("unparsable", &client.send("{"));
    golden
        .check("token-wrong", &Client::bare(&house).with_token("none").send("{ purchase { id } }"));
    golden.check(
        "limit",
        &client
            .send(&format!("{{ distribution(id: {web}) {{ events(limit: 501) {{ title }} }} }}")),
    );
    let bare = Client::bare(&house).caller().clone();
    golden.check("graphql-get", &bare.get("/graphql?query=%7B__typename%7D"));
    golden.check("api_graphql-get", &bare.get("/api/graphql?query=%7B__typename%7D"));
    let document = json!({ "query": "{__typename}" });
    golden.check("api_graphql-post", &bare.post("/api/graphql", &document));
    golden.close();
}

fn fee(client: &Client, input: &str) -> i64 {
    let made =
        client.ok(&format!("mutation {{ admin {{ createFee(input: {{ {input} }}) {{ id }} }} }}"));
    no(&made["admin"]["createFee"]["id"])
}

fn detail(house: &House, channel: i64) -> Value {
    let data = Client::bare(house).ok(&format!(
        "{{ distribution(id: {channel}) {{ events {{ ticketTypes {{ priceDetail {{ base exclFee fee inclFee fees {{ amount payer fee {{ id name scope }} }} }} }} }} }} }}"
    ));
    data["distribution"]["events"][0]["ticketTypes"][0]["priceDetail"].clone()
}

#[test]
fn check_21_a_price_is_split_between_buyer_and_organizer() {
    let house = house();
    let venue = house.venue("Bisik");
    let ((web, _), at) = (channels(&venue), organizer(&venue));
    let ticket = evening(&venue, 1_000, 9);
    let root = admin(&house);
    let service = fee(
        &root,
        r#"name: "Service", scope: PLATFORM, fixed: 0.5, percentage: 2, payer: CUSTOMER"#,
    );
    let commission = fee(
        &root,
        &format!(
            r#"name: "Commission", scope: ORGANIZER, scopeId: {at}, fixed: 0.3, payer: ORGANIZER"#
        ),
    );
    let shown = detail(&house, web);
    for (name, amount) in [("base", 10.0), ("exclFee", 9.7), ("fee", 0.7), ("inclFee", 10.7)] {
        assert_eq!(shown[name], amount, "{name}: {shown}");
    }
    let mut fees: Vec<(i64, f64)> = shown["fees"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (no(&line["fee"]["id"]), line["amount"].as_f64().unwrap()))
        .collect();
    fees.sort_by_key(|(id, _)| *id);
    let mut expected = vec![(service, 0.7), (commission, 0.3)];
    expected.sort_by_key(|(id, _)| *id);
    assert_eq!(fees, expected);
    assert_eq!(bought(&Client::new(&house), web, ticket, 1)["price"], 10.7);
}

#[test]
fn of_fees_of_one_name_the_most_specific_counts_over_the_whole_chain() {
    let house = house();
    let venue = house.venue("Bisik");
    let ((web, desk), at) = (channels(&venue), organizer(&venue));
    let ticket = evening(&venue, 1_000, 9);
    let root = admin(&house);
    let set = |scope: &str, amount: &str| {
        fee(&root, &format!(r#"name: "Service", scope: {scope}, fixed: {amount}, payer: CUSTOMER"#))
    };
    let mut ids = vec![];
    ids.push(set("PLATFORM", "1"));
    assert_eq!(detail(&house, web)["fee"], 1.0);
    ids.push(set("ORGANIZATION, scopeId: 1", "0.9"));
    assert_eq!(detail(&house, web)["fee"], 0.9);
    ids.push(set(&format!("ORGANIZER, scopeId: {at}"), "0.8"));
    assert_eq!(detail(&house, web)["fee"], 0.8);
    ids.push(set(&format!("DISTRIBUTION, scopeId: {web}"), "0.7"));
    assert_eq!(
        (detail(&house, web)["fee"].clone(), detail(&house, desk)["fee"].clone()),
        (json!(0.7), json!(0.8))
    );
    ids.push(set(&format!("TICKET_TYPE, scopeId: {ticket}"), "0.6"));
    assert_eq!(detail(&house, web)["fee"], 0.6);
    for id in ids {
        root.ok(&format!("mutation {{ admin {{ deleteFee(id: {id}) }} }}"));
    }
    assert_eq!(detail(&house, web)["fee"], 0.0);
}

#[test]
fn the_houses_fees_are_taken_of_what_every_door_sells_and_written_down() {
    let house = house();
    let venue = house.venue("Bisik");
    let product = venue.ticket("Billet");
    let price = venue.price(&product, "Plein", 1_000);
    let event = venue.event("Concert", &[&product], 9);
    fee(&admin(&house), r#"name: "Service", scope: PLATFORM, fixed: 0.5, payer: CUSTOMER"#);
    venue.book("ana@example.org", &event, &price, 2).ok(201);
    let (total, kept): (i64, i64) = venue
        .tenant()
        .read(|tx| {
            Ok((
                tx.one("SELECT total FROM orders", [], |row| row.get(0))?,
                tx.one(
                    "SELECT sum(amount * quantity) FROM line_fee JOIN line ON line.id = line",
                    [],
                    |row| row.get(0),
                )?,
            ))
        })
        .unwrap();
    assert_eq!((total, kept), (2_100, 100));
}

#[test]
fn a_fee_of_a_purchase_is_one_line_more_and_goes_back_with_it() {
    let house = house();
    let venue = house.venue("Bisik");
    let ((web, _), ticket) = (channels(&venue), evening(&venue, 1_000, 9));
    fee(
        &admin(&house),
        r#"name: "Dossier", scope: PLATFORM, fixed: 1.5, payer: CUSTOMER, unit: PURCHASE, vatRate: 20"#,
    );
    assert_eq!(detail(&house, web)["fee"], 0.0);
    let client = Client::new(&house);
    assert_eq!(bought(&client, web, ticket, 2)["price"], 21.5);
    let lines: (i64, i64, i64) = venue
        .tenant()
        .read(|tx| {
            tx.one("SELECT count(*), sum(total), sum(vat) FROM line", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
        })
        .unwrap();
    assert_eq!(lines, (2, 2_150, 25));
    client.ok("mutation { purchase { cancel { status } } }");
    let left: i64 = venue
        .tenant()
        .read(|tx| tx.one("SELECT sum(taken) FROM price", [], |row| row.get(0)))
        .unwrap();
    assert_eq!(left, 0);
}

#[test]
fn an_event_is_offered_through_the_channels_that_it_is_linked_to() {
    let house = house();
    let venue = house.venue("Bisik");
    let ((web, desk), ticket) = (channels(&venue), evening(&venue, 1_000, 9));
    let root = admin(&house);
    let events = |channel: i64| {
        let data = Client::bare(&house)
            .ok(&format!("{{ distribution(id: {channel}) {{ eventsCount events {{ id }} }} }}"));
        let events = data["distribution"]["events"].as_array().unwrap().clone();
        assert_eq!(data["distribution"]["eventsCount"], json!(events.len()));
        events
    };
    let id = no(&events(web)[0]["id"]);
    root.ok(&format!(
        "mutation {{ operator {{ linkEvent(eventId: {id}, distributionIds: [{desk}]) {{ id }} }} }}"
    ));
    assert_eq!((events(web).len(), events(desk).len()), (0, 1));
    let client = Client::new(&house);
    assert_eq!(client.code(&buy(web, ticket, 1)), "VALIDATION");
    root.ok(&format!(
        "mutation {{ operator {{ linkEvent(eventId: {id}, distributionIds: []) {{ id }} }} }}"
    ));
    assert_eq!((events(web).len(), events(desk).len()), (0, 0));
    for channel in [web, desk] {
        assert_eq!(client.code(&buy(channel, ticket, 1)), "VALIDATION");
    }
    let linked = root.ok(&format!(
        "mutation {{ operator {{ none: linkEvent(eventId: {id}, distributionIds: []) {{ distributions {{ id }} }} all: linkEvent(eventId: {id}, distributionIds: [{web}, {desk}]) {{ distributions {{ id }} }} }} }}"
    ));
    assert_eq!(linked["operator"]["none"]["distributions"], json!([]));
    assert_eq!(linked["operator"]["all"]["distributions"], json!([{ "id": web }, { "id": desk }]));
    assert_eq!((events(web).len(), events(desk).len()), (1, 1));
}

#[test]
fn numbers_of_things_are_unique_over_all_tenants() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    let mut all = vec![];
    for venue in [&ours, &theirs] {
        for _ in 0..3 {
            evening(venue, 500, 5);
        }
        let numbers: Vec<i64> = venue
            .tenant()
            .read(|tx| tx.all("SELECT no FROM number", [], |row| row.get(0)))
            .unwrap();
        assert!(numbers.len() >= 6);
        let waiting: i64 = venue
            .tenant()
            .read(|tx| tx.one("SELECT count(*) FROM unnumbered", [], |row| row.get(0)))
            .unwrap();
        assert_eq!(waiting, 0);
        all.extend(numbers);
    }
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count);
}

#[test]
fn an_operator_who_may_sell_takes_money_at_the_counter() {
    let house = house();
    let venue = house.venue("Bisik");
    let ((_, desk), ticket) = (channels(&venue), evening(&venue, 1_000, 9));
    let seller = operator(&house, "seller@example.org");
    let sell = format!(
        "mutation {{ operator {{ createPurchase(distributionId: {desk}, tickets: [{{ ticketTypeId: {ticket} }}]) {{ id }} }} }}"
    );
    assert_eq!(seller.code(&sell), "FORBIDDEN");
    let root = admin(&house);
    root.ok(&format!(r#"mutation {{ operator {{ invite(email: "seller@example.org", permissions: {{ distributionIds: [{desk}] }}) {{ status }} }} }}"#));
    seller.ok(&sell);
    let sold = &seller
        .ok("mutation { purchase { confirm { status payments { __typename price } } } }")["purchase"]
        ["confirm"];
    assert_eq!(
        *sold,
        json!({ "status": "CONFIRMED", "payments": [{ "__typename": "PublicCounterPayment", "price": 10.0 }] })
    );
}

#[test]
fn what_was_done_is_not_answered_as_if_it_had_failed() {
    let house = house();
    let venue = house.venue("Bisik");
    let (web, ticket) = (channels(&venue).0, evening(&venue, 1_000, 9));
    let register = format!(
        r#"mutation {{ distribution(id: {web}) {{ registerCustomer(input: {{ email: "eva@example.org", password: "a long password" }}) {{ email purchases {{ id }} }} }} }}"#
    );
    let made = Client::new(&house).ok(&register);
    let eva = json!({ "email": "eva@example.org", "purchases": [] });
    assert_eq!(made["distribution"]["registerCustomer"], eva);
    let client = Client::new(&house);
    client.ok(&buy(web, ticket, 1));
    let named = client.ok(
        r#"mutation { purchase { setCustomer(input: { email: "noe@example.org" }) { customer { email purchases { id } } } } }"#,
    );
    let noe = json!({ "email": "noe@example.org", "purchases": [] });
    assert_eq!(named["purchase"]["setCustomer"]["customer"], noe);
}

#[test]
fn a_free_purchase_waits_for_the_proof_of_its_address() {
    let house = house_with(&[]);
    let venue = house.venue("Bisik");
    let ((web, _), ticket) = (channels(&venue), evening(&venue, 0, 9));
    let client = Client::new(&house);
    bought(&client, web, ticket, 1);
    assert_eq!(client.code("mutation { purchase { confirm { id } } }"), "VALIDATION");
    client.ok(NAME);
    let held = &client.ok("mutation { purchase { confirm { status tickets { barcode } } } }")["purchase"]
        ["confirm"];
    assert_eq!(*held, json!({ "status": "OPEN", "tickets": [{ "barcode": "" }] }));
    let proof = house.proof("ana@example.org");
    venue.anyone().get(&format!("/api/user/activate/{}/{}", proof.uid, proof.token)).ok(200);
    assert_eq!(client.ok("{ purchase { status } }")["purchase"]["status"], "CONFIRMED");
}

#[test]
fn pages_of_purchases_count_each_once_however_often_it_was_changed() {
    let house = house();
    let venue = house.venue("Bisik");
    let (ticket, (web, _)) = (evening(&venue, 1_000, 9), channels(&venue));
    let john = Client::new(&house);
    john.ok(&register(web, "theme park secret"));
    john.ok(&log_in(web, "theme park secret"));
    let first = bought(&john, web, ticket, 1)["id"].clone();
    john.ok("mutation { purchase { cancel { id } } }");
    let second = bought(&john, web, ticket, 1)["id"].clone();
    john.ok(&format!(
        "mutation {{ purchase {{ addTickets(tickets: [{{ ticketTypeId: {ticket} }}]) {{ id }} }} }}"
    ));
    let page = |offset: u32| {
        let asked = format!("{{ customer {{ purchases(limit: 1, offset: {offset}) {{ id }} }} }}");
        john.ok(&asked)["customer"]["purchases"].clone()
    };
    assert_eq!([page(0), page(1)], [json!([{ "id": second }]), json!([{ "id": first }])]);
}

#[test]
fn a_change_that_the_token_is_not_signed_with_holds_no_seat() {
    let house = house();
    let venue = house.venue("Bisik");
    let (ticket, (web, _)) = (evening(&venue, 1_000, 9), channels(&venue));
    let client = Client::new(&house);
    bought(&client, web, ticket, 1);
    let root = crate::process::look_into(&house.dir().join("root.db"));
    let stop = "CREATE TRIGGER stop BEFORE UPDATE OF orders ON session BEGIN SELECT raise(ABORT, 'stop'); END";
    root.execute(stop, []).unwrap();
    let add = format!(
        "mutation {{ purchase {{ addTickets(tickets: [{{ ticketTypeId: {ticket} }}]) {{ id }} }} }}"
    );
    assert_eq!(client.code(&add), "INTERNAL");
    let taken = "SELECT taken FROM event";
    let taken: i64 = venue.tenant().read(|tx| tx.one(taken, [], |row| row.get(0))).unwrap();
    assert_eq!(taken, 0);
}
