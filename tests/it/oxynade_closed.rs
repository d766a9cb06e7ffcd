//! Organizers whose doors are closed: they stay in the lists of who administers them, and may be opened again.

use crate::oxynade_graph::{Client, admin, channels, evening, no, operator, organizer};
use crate::support::{House, house};
use guichet::root::Options;
use guichet::root::Root;
use serde_json::{Value, json};

fn set_open(client: &Client, at: i64, open: bool) -> Value {
    let done = client.ok(&format!(
        "mutation {{ operator {{ updateOrganizer(id: {at}, input: {{ isActive: {open} }}) {{ isActive currency }} }} }}"
    ));
    done["operator"]["updateOrganizer"].clone()
}

const ALL: &str = "organizers { id name currency website isActive bankAccountNumber distributions { id } operators { email } fees { id } events { title } }";

fn row(list: &Value, at: i64) -> Value {
    list.as_array().unwrap().iter().find(|row| row["id"] == at).unwrap().clone()
}

#[test]
fn one_closed_organizer_leaves_the_lists_of_all_whole() {
    let house = house();
    let (first, second) = (house.venue("Bisik"), house.venue("Ancre"));
    evening(&first, 1_000, 9);
    let at = organizer(&first);
    let root = admin(&house);
    assert_eq!(set_open(&root, at, false), json!({ "isActive": false, "currency": "EUR" }));
    for document in [format!("{{ {ALL} }}"), format!("{{ admin {{ {ALL} }} }}")] {
        let found = root.ok(&document);
        let list = found.get("organizers").unwrap_or(&found["admin"]["organizers"]);
        let closed = row(list, at);
        assert_eq!(
            (&closed["currency"], &closed["isActive"], &closed["distributions"]),
            (&json!("EUR"), &json!(false), &json!([]))
        );
        assert_eq!(closed["events"].as_array().unwrap().len(), 1);
        assert_eq!(closed["operators"].as_array().unwrap().len(), 1);
        assert_eq!(row(list, organizer(&second))["isActive"], true);
    }
}

#[test]
fn who_closed_an_organizer_opens_it_again_and_strangers_see_it_meanwhile_nowhere() {
    let house = house();
    let venue = house.venue("Bisik");
    let (at, (web, _)) = (organizer(&venue), channels(&venue));
    let (root, stranger) = (admin(&house), Client::bare(&house));
    let look = format!("{{ distribution(id: {web}) {{ name }} }}");
    set_open(&root, at, false);
    assert_eq!(stranger.ok(&look)["distribution"], Value::Null);
    assert_eq!(set_open(&root, at, true)["isActive"], true);
    assert_eq!(stranger.ok(&look)["distribution"]["name"], "Web shop");
}

#[test]
fn its_administrator_goes_on_administering_a_closed_organizer_and_nobody_else_does() {
    let house = house();
    let venue = house.venue("Bisik");
    let (at, (_, desk)) = (organizer(&venue), channels(&venue));
    let root = admin(&house);
    let (keeper, other) =
        (operator(&house, "keeper@example.org"), operator(&house, "other@example.org"));
    root.ok(&format!(r#"mutation {{ operator {{ invite(email: "keeper@example.org", permissions: {{ organizerIds: [{at}] }}) {{ id }} }} }}"#));
    let close = format!(
        "mutation {{ operator {{ updateOrganizer(id: {at}, input: {{ isActive: false }}) {{ id }} }} }}"
    );
    assert_eq!(other.code(&close), "FORBIDDEN");
    assert_eq!(set_open(&keeper, at, false)["isActive"], false);
    let rename = format!(
        r#"mutation {{ operator {{ updateDistribution(id: {desk}, name: "Comptoir") {{ name }} createDistribution(input: {{ organizerId: {at}, name: "Kiosk", type: WEB }}) {{ id }} }} }}"#
    );
    let done = &keeper.ok(&rename)["operator"];
    assert_eq!(done["updateDistribution"]["name"], "Comptoir");
    assert!(no(&done["createDistribution"]["id"]) > desk);
    assert_eq!(other.code(&rename), "FORBIDDEN");
    assert_eq!(set_open(&keeper, at, true)["isActive"], true);
    set_open(&keeper, at, false);
    house.console().delete(at).unwrap();
    assert_eq!(keeper.code(&rename), "NOT_FOUND");
}

#[test]
fn a_closed_organizers_own_host_answers_as_any_other_does() {
    let house = house();
    let venue = house.venue("Bisik");
    let (at, (web, _)) = (organizer(&venue), channels(&venue));
    set_open(&admin(&house), at, false);
    let look = json!({ "query": format!("{{ distribution(id: {web}) {{ name }} }}") });
    let told = venue.anyone().post("/graphql", &look).ok(200);
    assert_eq!(told, json!({ "data": { "distribution": null } }));
    venue.anyone().get("/api/products/").is(404);
}

/// The same house, of which no file is open.
fn unopened(house: &House) -> Root {
    Root::open(house.dir(), Options::default()).unwrap()
}

#[test]
fn lists_of_organizers_and_their_channels_open_no_files() {
    let house = house();
    for name in ["Bisik", "Ancre", "Phare"] {
        house.venue(name);
    }
    let who = house.user("keeper@example.org");
    let root = unopened(&house);
    let network = root.network();
    let mut who = who;
    who.superuser = true;
    let found = network.configured(&who, None, None, 500, 0).unwrap();
    assert_eq!(found.len(), 3);
    for organizer in &found {
        network.must_administer(&who, organizer).unwrap();
        let shop = network.shop_of(organizer.id, None).unwrap().unwrap();
        assert_eq!(network.shops(&shop).unwrap().len(), 2);
        assert_eq!(organizer.website, None);
    }
    assert_eq!(root.tenants_open(), 0);
}
