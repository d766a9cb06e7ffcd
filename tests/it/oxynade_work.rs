//! Organizers and those who work for them over GraphQL: registration, teams, invitations, what may be changed.

use crate::oxynade_graph::{Client, admin, channels, evening, no, operator, organizer};
use crate::support::{House, house, house_with};
use serde_json::{Value, json};

const REGISTER: &str = r#"mutation { register(input: { email: "nora@example.org", password: "a long password", organizerName: "Fun park", countryId: 250, currency: EUR }) { id organizers { id name distributions { id type } } distributions { id } permissions { isAdmin sale { grantedAt } configuration { grantedAt } } } }"#;

#[test]
fn check_14_registration_makes_an_operator_an_organizer_and_two_channels() {
    let house = house_with(&[("self_registration", "on")]);
    let made = &Client::new(&house).ok(REGISTER)["register"];
    let organizers = made["organizers"].as_array().unwrap();
    assert_eq!((organizers.len(), &organizers[0]["name"]), (1, &json!("Fun park")));
    let kinds: Vec<&Value> =
        organizers[0]["distributions"].as_array().unwrap().iter().map(|one| &one["type"]).collect();
    assert_eq!(kinds, ["WEB", "POS"]);
    assert_eq!(made["distributions"].as_array().unwrap().len(), 2);
    assert_eq!(made["permissions"]["isAdmin"], false);
    let nora = operator(&house, "nora@example.org");
    let first = no(&organizers[0]["distributions"][0]["id"]);
    let delete = format!("mutation {{ operator {{ deleteDistribution(id: {first}) }} }}");
    assert_eq!(nora.code(&delete), "CONFLICT");
    let at = no(&organizers[0]["id"]);
    nora.ok(&format!(r#"mutation {{ operator {{ createDistribution(input: {{ organizerId: {at}, name: "Kiosk", type: PARTNER }}) {{ id }} }} }}"#));
    nora.ok(&delete);
    assert_eq!(Client::new(&house).code(REGISTER), "CONFLICT");
}

#[test]
fn nobody_registers_where_the_setting_does_not_let() {
    let house = house();
    let client = Client::new(&house);
    let before = house.ledger();
    assert_eq!(client.code(REGISTER), "FORBIDDEN");
    assert_eq!(house.ledger(), before);
}

#[test]
fn whoever_registers_has_an_organization_of_his_own_or_the_admins() {
    for (setting, own) in [("own", true), ("admin", false)] {
        let house =
            house_with(&[("self_registration", "on"), ("registration_organization", setting)]);
        Client::new(&house).ok(REGISTER);
        let nora = operator(&house, "nora@example.org");
        let data = nora.ok("{ organizers { organization { id } } }");
        assert_eq!(no(&data["organizers"][0]["organization"]["id"]) != 1, own, "{setting}");
    }
}

/// Three operators: A administers O1, B sells through a channel of O1, C administers O2.
struct Team {
    a: Client,
    b: Client,
    c: Client,
    ids: [i64; 3],
    o1: i64,
    o2: i64,
    d1: (i64, i64),
    d2: (i64, i64),
}

fn team(house: &House) -> Team {
    let (first, second) = (house.venue("Bisik"), house.venue("Ancre"));
    let (o1, o2, d1, d2) =
        (organizer(&first), organizer(&second), channels(&first), channels(&second));
    let root = admin(house);
    let make = |name: &str, permissions: String| {
        let client = operator(house, &format!("{name}@example.org"));
        root.ok(&format!(r#"mutation {{ operator {{ invite(email: "{name}@example.org", permissions: {{ {permissions} }}) {{ status }} }} }}"#));
        let id = no(&client.ok("{ operator { id } }")["operator"]["id"]);
        (client, id)
    };
    let (a, a_id) = make("a", format!("organizerIds: [{o1}]"));
    let (b, b_id) = make("b", format!("distributionIds: [{}]", d1.0));
    let (c, c_id) = make("c", format!("organizerIds: [{o2}]"));
    Team { a, b, c, ids: [a_id, b_id, c_id], o1, o2, d1, d2 }
}

fn mates(client: &Client) -> Vec<i64> {
    let data = client.ok("{ operator { teamMembers { id } } }");
    data["operator"]["teamMembers"].as_array().unwrap().iter().map(|one| no(&one["id"])).collect()
}

#[test]
fn check_16_a_team_is_who_shares_an_organizer_or_a_channel_and_only_that_is_shown() {
    let house = house();
    let Team { a, b, c, ids: [a_id, b_id, c_id], d1, .. } = team(&house);
    let root = admin(&house);
    assert!(!mates(&a).contains(&c_id) && !mates(&a).contains(&b_id));
    let grant = |email: &str, channel: i64| {
        root.ok(&format!(r#"mutation {{ operator {{ invite(email: "{email}", permissions: {{ distributionIds: [{channel}] }}) {{ status }} }} }}"#));
    };
    grant("a@example.org", d1.0);
    assert!(mates(&a).contains(&b_id) && mates(&b).contains(&a_id));
    grant("b@example.org", d1.1);
    let shown = a.ok(&format!(
        "{{ teamMember(id: {b_id}) {{ mutualOrganizers {{ id }} mutualDistributions {{ id }} }} }}"
    ));
    assert_eq!(
        shown["teamMember"],
        json!({ "mutualOrganizers": [], "mutualDistributions": [{ "id": d1.0 }] })
    );
    let seen = b.ok(&format!(
        "{{ teamMember(id: {a_id}) {{ mutualOrganizers {{ id }} mutualDistributions {{ id }} }} }}"
    ));
    assert_eq!(
        seen["teamMember"],
        json!({ "mutualOrganizers": [], "mutualDistributions": [{ "id": d1.0 }] })
    );
    assert_eq!(a.code(&format!("{{ teamMember(id: {c_id}) {{ id }} }}")), "NOT_FOUND");
    assert!(!mates(&c).contains(&a_id) && !mates(&c).contains(&b_id));
}

#[test]
fn whoever_only_buys_is_in_nobodys_team() {
    let house = house();
    let Team { ids: [a_id, ..], o1, d1, .. } = team(&house);
    let buyer = Client::new(&house).ok(&format!(r#"mutation {{ distribution(id: {}) {{ registerCustomer(input: {{ email: "eva@example.org", password: "a long password" }}) {{ id }} }} }}"#, d1.0));
    let buyer = no(&buyer["distribution"]["registerCustomer"]["id"]);
    let root = admin(&house);
    assert!(mates(&root).contains(&a_id) && !mates(&root).contains(&buyer));
    assert_eq!(root.code(&format!("{{ teamMember(id: {buyer}) {{ id }} }}")), "NOT_FOUND");
    let assign = format!(
        "mutation {{ operator {{ assignTeamMember(teamMemberId: {buyer}, permissions: {{ organizerIds: [{o1}] }}) {{ id }} }} }}"
    );
    assert_eq!(root.code(&assign), "NOT_FOUND");
}

#[test]
fn check_17_a_team_member_is_assigned_to_what_one_may_administer() {
    let house = house();
    let Team { a, b, ids: [_, b_id, _], o1, o2, d1, d2, .. } = team(&house);
    admin(&house).ok(&format!(r#"mutation {{ operator {{ invite(email: "a@example.org", permissions: {{ distributionIds: [{}] }}) {{ status }} }} }}"#, d1.0));
    let assign = |permissions: String| {
        format!(
            "mutation {{ operator {{ assignTeamMember(teamMemberId: {b_id}, permissions: {{ {permissions} }}) {{ mutualOrganizers {{ id }} mutualDistributions {{ id }} }} }} }}"
        )
    };
    assert_eq!(a.code(&assign(format!("organizerIds: [{o2}]"))), "FORBIDDEN");
    assert_eq!(a.code(&assign(format!("distributionIds: [{}]", d2.0))), "FORBIDDEN");
    assert_eq!(a.code(&assign(format!("organizerIds: [{o1}, {o2}]"))), "FORBIDDEN");
    assert_eq!(b.ok("{ organizers { id } }")["organizers"], json!([]));
    let made = a.ok(&assign(format!("organizerIds: [{o1}], distributionIds: [{}]", d1.1)));
    assert_eq!(made["operator"]["assignTeamMember"]["mutualOrganizers"], json!([{ "id": o1 }]));
    assert_eq!(b.ok("{ organizers { id } }")["organizers"], json!([{ "id": o1 }]));
    b.ok(&assign(format!("organizerIds: [{o1}]")).replace(
        &format!("teamMemberId: {b_id}"),
        &format!("teamMemberId: {}", no(&a.ok("{ operator { id } }")["operator"]["id"])),
    ));
    let back =
        assign(format!("organizerIds: [{o1}]")).replace("assignTeamMember", "unassignTeamMember");
    a.ok(&back);
    assert_eq!(b.ok("{ organizers { id } }")["organizers"], json!([]));
}

#[test]
fn check_18_who_has_an_account_is_linked_and_others_get_a_letter_with_a_token() {
    let house = house();
    let Team { a, o1, d1, .. } = team(&house);
    let ask = |email: &str, permissions: String| {
        format!(
            r#"mutation {{ operator {{ invite(email: "{email}", permissions: {{ {permissions} }}) {{ id status organizers {{ id }} distributions {{ id }} }} }} }}"#
        )
    };
    let known = a.ok(&ask("c@example.org", format!("organizerIds: [{o1}]")));
    assert_eq!(known["operator"]["invite"]["status"], "ACCEPTED");
    let first = a.ok(&ask("new@example.org", format!("organizerIds: [{o1}]")));
    assert_eq!(first["operator"]["invite"]["status"], "PENDING");
    let merged = a.ok(&ask("NEW@example.org", format!("distributionIds: [{}]", d1.1)));
    let merged = &merged["operator"]["invite"];
    assert_eq!(merged["id"], first["operator"]["invite"]["id"]);
    assert_eq!(
        (&merged["organizers"], &merged["distributions"]),
        (&json!([{ "id": o1 }]), &json!([{ "id": d1.1 }]))
    );
    assert_eq!(a.code(&ask("other@example.org", String::new())), "VALIDATION");
    let venue = house.app.root().tenant(guichet::root::Name::No(o1)).unwrap().unwrap();
    let id: uuid::Uuid = venue.read(|tx| tx.one("SELECT subject FROM outbox WHERE kind = 'invite' AND recipient = 'NEW@example.org' OR recipient = 'new@example.org'", [], |row| row.get(0))).unwrap();
    let root = house.app.root();
    let token = root.invite_token(&root.invite(id).unwrap().unwrap()).unwrap();
    let accept = |token: &str| {
        format!(
            r#"mutation {{ acceptInvite(token: "{token}", password: "a long password", firstName: "New") {{ firstName organizers {{ id }} distributions {{ id }} }} }}"#
        )
    };
    let stranger = Client::new(&house);
    assert_eq!(stranger.code(&accept(&format!("{id}.AAAA"))), "VALIDATION");
    let made = stranger.ok(&accept(&token));
    assert_eq!(
        made["acceptInvite"],
        json!({ "firstName": "New", "organizers": [{ "id": o1 }], "distributions": [{ "id": d1.1 }] })
    );
    assert_eq!(stranger.code(&accept(&token)), "VALIDATION");
    operator(&house, "new@example.org");
    let asked = a.ok(&ask("late@example.org", format!("organizerIds: [{o1}]")));
    let late = no(&asked["operator"]["invite"]["id"]);
    let revoke = format!("mutation {{ operator {{ revokeInvite(id: {late}) {{ status }} }} }}");
    assert_eq!(a.ok(&revoke)["operator"]["revokeInvite"]["status"], "REVOKED");
    assert_eq!(a.code(&revoke), "CONFLICT");
}

#[test]
fn an_invitation_is_over_after_two_weeks() {
    use guichet::root::invite::Standing;
    let house = house();
    let Team { a, o1, .. } = team(&house);
    a.ok(&format!(r#"mutation {{ operator {{ invite(email: "new@example.org", permissions: {{ organizerIds: [{o1}] }}) {{ id }} }} }}"#));
    let invite = house
        .console()
        .list_invites()
        .unwrap()
        .into_iter()
        .find(|one| one.email.as_str() == "new@example.org")
        .unwrap();
    let token = house.app.root().invite_token(&invite).unwrap();
    #[expect(clippy::disallowed_methods, reason = "nothing else lets two weeks pass")]
    let past = rusqlite::Connection::open(house.dir().join("root.db")).unwrap();
    past.execute("UPDATE invite SET created = 1, expires = 2 WHERE state = 'pending'", []).unwrap();
    let accept = format!(
        r#"mutation {{ acceptInvite(token: "{token}", password: "a long password") {{ id }} }}"#
    );
    assert_eq!(Client::new(&house).code(&accept), "VALIDATION");
    let late = a.ok("{ invites(status: EXPIRED) { email } }");
    assert_eq!(late["invites"], json!([{ "email": "new@example.org" }]));
    let fortnight = std::time::Duration::from_hours(14 * 24);
    assert_eq!(invite.standing(invite.created.plus(fortnight)), Standing::Expired);
    assert_eq!(
        invite.standing(guichet::values::Time(invite.created.plus(fortnight).0 - 1)),
        Standing::Pending
    );
}

#[test]
fn check_19_who_only_sells_cannot_edit_and_who_only_administers_cannot_sell() {
    let house = house();
    let venue = house.venue("Gare");
    let (ticket, (web, desk), at) =
        (evening(&venue, 1_000, 9), channels(&venue), organizer(&venue));
    let root = admin(&house);
    let (seller, keeper) =
        (operator(&house, "seller@example.org"), operator(&house, "keeper@example.org"));
    root.ok(&format!(r#"mutation {{ operator {{ invite(email: "seller@example.org", permissions: {{ distributionIds: [{desk}] }}) {{ id }} }} }}"#));
    root.ok(&format!(r#"mutation {{ operator {{ invite(email: "keeper@example.org", permissions: {{ organizerIds: [{at}] }}) {{ id }} }} }}"#));
    let event = no(&Client::bare(&house)
        .ok(&format!("{{ distribution(id: {web}) {{ events {{ id }} }} }}"))["distribution"]["events"]
        [0]["id"]);
    let edit = format!(
        "mutation {{ operator {{ linkEvent(eventId: {event}, distributionIds: [{web}, {desk}]) {{ id }} }} }}"
    );
    let sell = format!(
        "mutation {{ operator {{ createPurchase(distributionId: {desk}, tickets: [{{ ticketTypeId: {ticket} }}]) {{ id }} }} }}"
    );
    assert_eq!(seller.code(&edit), "FORBIDDEN");
    assert_eq!(keeper.code(&sell), "FORBIDDEN");
    assert_eq!(
        seller.code(
            &sell.replace(&format!("distributionId: {desk}"), &format!("distributionId: {web}"))
        ),
        "FORBIDDEN"
    );
    keeper.ok(&edit);
    seller.ok(&sell);
}

#[test]
fn check_20_the_currency_stays_once_something_was_sold() {
    let house = house();
    let venue = house.venue("Bisik");
    let (at, (web, _)) = (organizer(&venue), channels(&venue));
    let root = admin(&house);
    let change = |code: &str| {
        format!(
            "mutation {{ operator {{ updateOrganizer(id: {at}, input: {{ currency: {code} }}) {{ currency }} }} }}"
        )
    };
    assert_eq!(root.ok(&change("CHF"))["operator"]["updateOrganizer"]["currency"], "CHF");
    assert_eq!(root.code(&change("XPF")), "VALIDATION");
    let ticket = evening(&venue, 1_000, 9);
    let client = Client::new(&house);
    let bought = client.ok(&format!("mutation {{ distribution(id: {web}) {{ createPurchase(tickets: [{{ ticketTypeId: {ticket} }}]) {{ currency }} }} }}"));
    assert_eq!(bought["distribution"]["createPurchase"]["currency"], "CHF");
    assert_eq!(root.code(&change("EUR")), "CONFLICT");
    root.ok(&change("CHF"));
}
