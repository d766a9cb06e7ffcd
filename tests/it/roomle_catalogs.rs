//! Catalogues and tags in the Roomle dialect: who has, uses and shows what.

use crate::roomle::fault;
use crate::support::{Venue, column, house, text};
use guichet::root::{By, Role};
use guichet::values::{Category, Slug};
use serde_json::{Value, json};

fn ids(venue: &Venue<'_>, list: &str) -> Vec<String> {
    let found = venue.manager().get(&venue.v2(list)).ok(200);
    assert_eq!(found["meta"]["total"], found["catalogs"].as_array().unwrap().len());
    column(&found["catalogs"], "id").into_iter().map(str::to_owned).collect()
}

fn connect(venue: &Venue<'_>, connections: &Value) -> crate::support::Reply {
    let body = json!({ "tenant": { "catalogConnections": connections } });
    venue.manager().put(&venue.v2("/"), &body)
}

fn make(venue: &Venue<'_>, id: &str, public: bool) -> Value {
    let body = json!({ "id": id, "name": "Saison", "public": public });
    venue.manager().post("/v2/catalogs/", &body).ok(200)["catalog"].clone()
}

#[test]
fn check_10_lists_follow_the_connections_that_a_tenants_object_wishes_for() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    make(&theirs, "saison", true);
    assert_eq!(ids(&ours, "/visibleCatalogs/"), ["bisik"]);
    let seen = connect(&ours, &json!([{ "id": "saison" }])).ok(200)["tenant"].clone();
    assert_eq!(seen["visibleCatalogs"], json!(["bisik", "saison"]));
    assert_eq!(seen["shownCatalogs"], json!(["bisik"]));
    assert_eq!(
        seen["catalogConnections"][1],
        json!({ "id": "saison", "active": true, "owner": false, "public": true, "visibilityLevel": 5 })
    );
    assert_eq!(ids(&ours, "/visibleCatalogs/"), ["bisik", "saison"]);
    assert_eq!(ids(&ours, "/shownCatalogs/"), ["bisik"]);
    connect(&ours, &json!([{ "id": "saison", "visibilityLevel": 10 }])).ok(200);
    assert_eq!(ids(&ours, "/shownCatalogs/"), ["bisik", "saison"]);
    connect(&ours, &json!([{ "id": "saison", "active": false }])).ok(200);
    assert_eq!(ids(&ours, "/visibleCatalogs/"), ["bisik"]);
    connect(&ours, &json!([{ "id": "saison", "active": true, "visibilityLevel": 0 }])).ok(200);
    assert_eq!(ids(&ours, "/visibleCatalogs/"), ["bisik"]);
    assert_eq!(ids(&ours, "/catalogs/"), ["bisik"]);
}

#[test]
fn check_10_what_a_tenant_may_not_use_is_refused_and_nothing_is_changed() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    make(&theirs, "prive", false);
    make(&theirs, "public", true);
    for wrong in [
        json!([{ "id": "public" }, { "id": "prive" }]),
        json!([{ "id": "public" }, { "id": "nowhere" }]),
        json!([{ "id": "public" }, { "id": "bisik", "visibilityLevel": 7 }]),
        json!([{ "visibilityLevel": 10 }]),
        json!("public"),
    ] {
        let said = fault(connect(&ours, &wrong), 400);
        assert_eq!(said.1, "catalogConnections", "{wrong}");
    }
    assert_eq!(ids(&ours, "/visibleCatalogs"), ["bisik"]);
    for path in ["/v2/catalogs/prive", "/v2/catalogs/prive/items", "/v2/catalogs/nowhere"] {
        fault(ours.manager().get(path), 404);
    }
}

#[test]
fn check_10_a_catalogue_that_is_shared_is_used_until_it_is_shared_no_more() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    make(&theirs, "prive", false);
    let share = |with: Value| {
        let body = json!({ "catalog": { "accessibleByTenants": with } });
        theirs.manager().put("/v2/catalogs/prive", &body)
    };
    assert_eq!(share(json!(["bisik"])).ok(200)["catalog"]["accessibleByTenants"], json!(["bisik"]));
    connect(&ours, &json!([{ "id": "prive", "visibilityLevel": 10 }])).ok(200);
    assert_eq!(ids(&ours, "/shownCatalogs"), ["bisik", "prive"]);
    let shown = ours.manager().get("/v2/catalogs/prive").ok(200)["catalog"].clone();
    assert_eq!(
        (&shown["tenantIsOwner"], &shown["accessibleByTenants"]),
        (&json!(false), &json!([]))
    );
    fault(share(json!(["nobody"])), 400);
    share(json!([])).ok(200);
    assert_eq!(ids(&ours, "/shownCatalogs"), ["bisik"]);
    let tenant = ours.app().get(&ours.v2("")).ok(200)["tenant"].clone();
    assert_eq!(tenant["shownCatalogs"], json!(["bisik"]));
}

#[test]
fn check_10_an_agenda_shows_a_venue_while_it_shows_the_venues_catalogue() {
    let house = house();
    let (meta, venue) = (house.meta(), house.venue("Bisik"));
    let places = |agenda: &Venue<'_>| {
        let found = agenda.anyone().get("/api/place/").ok(200);
        column(&found, "slug").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(places(&meta), ["bisik"]);
    connect(&meta, &json!([{ "id": "bisik", "visibilityLevel": 5 }])).ok(200);
    assert!(places(&meta).is_empty());
    connect(&meta, &json!([{ "id": "bisik", "visibilityLevel": 10 }])).ok(200);
    assert_eq!(places(&meta), ["bisik"]);
    let nord = house.tenant("Nord", Category::Agenda);
    assert!(places(&nord).is_empty());
    house
        .console()
        .show_on(&Slug::parse("nord").unwrap(), std::slice::from_ref(&venue.slug))
        .unwrap();
    assert_eq!(places(&nord), ["bisik"]);
    assert_eq!(ids(&nord, "/shownCatalogs"), ["bisik"]);
    venue.manager().put("/v2/catalogs/bisik", &json!({ "hidden": true })).ok(200);
    assert!(places(&nord).is_empty() && places(&meta).is_empty());
}

#[test]
fn lists_of_catalogues_are_for_who_runs_them_at_the_tenant_that_is_worked_on() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    for list in ["/catalogs", "/visibleCatalogs", "/shownCatalogs"] {
        for role in Role::ALL {
            let status = if [Role::Catalogue, Role::Admin].contains(&role) { 200 } else { 403 };
            let told = ours.with_roles(&[role]).get(&ours.v2(list));
            assert_eq!(told.status, status, "{list} as {role:?}");
        }
        fault(ours.manager().get(&theirs.v2(list)), 403);
        fault(ours.app().get(&ours.v2(list)), 403);
    }
}

#[test]
fn who_describes_or_prices_what_is_in_a_catalogue_looks_at_it_and_changes_nothing() {
    let house = house();
    let venue = house.venue("Bisik");
    let body = json!({ "id": "autre", "name": "x" });
    venue.manager().post("/v2/catalogs", &body).ok(200);
    for (role, status) in [(Role::CatalogueMeta, 200), (Role::Prices, 200), (Role::Marketer, 403)] {
        let caller = venue.with_roles(&[role]);
        for path in ["/v2/catalogs", "/v2/catalogs/autre", "/v2/catalogs/autre/items"] {
            assert_eq!(caller.get(path).status, status, "{path} as {role:?}");
        }
        fault(caller.post("/v2/catalogs", &json!({ "id": "leur", "name": "x" })), 403);
        fault(caller.put("/v2/catalogs/autre", &json!({ "name": "y" })), 403);
        fault(caller.put("/v2/catalogs/autre/items", &json!({ "items": [] })), 403);
        fault(caller.delete("/v2/catalogs/autre"), 403);
    }
}

#[test]
fn a_catalogue_is_made_changed_and_taken_away_as_a_draft_alone() {
    let house = house();
    let venue = house.venue("Bisik");
    let made = make(&venue, "saison", false);
    assert_eq!((text(&made, "label"), &made["tenant"]), ("Saison", &json!(venue.no())));
    let admin = venue.manager();
    fault(admin.post("/v2/catalogs", &json!({ "id": "saison", "name": "x" })), 409);
    fault(admin.delete("/v2/catalogs/saison"), 409);
    let body = json!({ "label": "La saison", "description": "Tout", "active": false });
    let changed = admin.put("/v2/catalogs/saison", &body).ok(200)["catalog"].clone();
    assert_eq!((text(&changed, "label"), text(&changed, "name")), ("La saison", "Saison"));
    assert_eq!(changed["shownInOverview"], false);
    admin.delete("/v2/catalogs/saison").is(204);
    fault(admin.get("/v2/catalogs/saison"), 404);
    admin.put("/v2/catalogs/bisik", &json!({ "active": false })).ok(200);
    fault(admin.delete("/v2/catalogs/bisik"), 409);
}

#[test]
fn what_is_wrong_with_a_catalogue_is_named() {
    let house = house();
    let (venue, other) = (house.venue("Bisik"), house.venue("Ancre"));
    for (field, body) in [
        ("name", json!({})),
        ("name", json!({ "name": "" })),
        ("id", json!({ "name": "x", "id": "Not A Slug" })),
        ("id", json!({ "name": "!" })),
        ("language", json!({ "name": "x", "language": "FR" })),
        ("visibilityStatus", json!({ "name": "x", "visibilityStatus": 3 })),
        ("public", json!({ "name": "x", "public": "yes" })),
        ("accessibleByTenants", json!({ "name": "x", "accessibleByTenants": ["nobody"] })),
    ] {
        assert_eq!(fault(venue.manager().post("/v2/catalogs", &body), 400).1, field, "{body}");
    }
    fault(venue.manager().post("/v2/catalogs", &json!({ "name": "Ancre" })), 409);
    fault(venue.manager().put("/v2/catalogs/ancre", &json!({ "label": "x" })), 403);
    assert_eq!(ids(&venue, "/catalogs"), ["bisik"]);
    assert_eq!(ids(&other, "/catalogs"), ["ancre"]);
}

#[test]
fn a_new_tenant_gets_its_catalogue_though_somebody_called_one_so() {
    let house = house();
    make(&house.venue("Bisik"), "ancre", false);
    assert_eq!(ids(&house.venue("Ancre"), "/catalogs"), ["ancre-2"]);
}

#[test]
fn the_whole_catalogue_holds_all_and_another_what_it_is_filled_with() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    let (ticket, shirt) = (theirs.ticket("Billet"), theirs.ticket("Maillot"));
    let event = theirs.event("Soir", &[&ticket], 10);
    make(&theirs, "saison", true);
    let admin = theirs.manager();
    let items = |caller: &crate::support::Caller, id: &str| {
        let found = caller.get(&format!("/v2/catalogs/{id}/items")).ok(200);
        column(&found["items"], "label").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(items(&admin, "ancre"), ["Billet", "Maillot", "Soir"]);
    assert!(items(&admin, "saison").is_empty());
    let fill = json!({ "items": [format!("saison:{ticket}"), event] });
    admin.put("/v2/catalogs/saison/items", &fill).ok(200);
    assert_eq!(items(&ours.manager(), "saison"), ["Billet", "Soir"]);
    fault(admin.put("/v2/catalogs/ancre/items", &fill), 409);
    let foreign = json!({ "items": [ours.ticket("Ailleurs")] });
    assert_eq!(fault(admin.put("/v2/catalogs/saison/items", &foreign), 400).1, "items");
    theirs.staff().delete(&format!("/api/products/{shirt}/")).is(204);
    assert_eq!(items(&ours.manager(), "ancre"), ["Billet", "Soir"]);
    // Taken away in the house, and still written down in the tenant's file: as a crash between the two leaves it.
    admin.put("/v2/catalogs/saison", &json!({ "active": false })).ok(200);
    theirs.admin_staff().remove_catalogue(&Slug::parse("saison").unwrap()).unwrap();
    make(&theirs, "saison", true);
    assert!(items(&admin, "saison").is_empty());
}

#[test]
fn what_was_read_of_a_catalogues_items_may_be_written_into_any() {
    let house = house();
    let venue = house.venue("Bisik");
    venue.ticket("Billet");
    let admin = venue.manager();
    admin.post("/v2/catalogs", &json!({ "id": "saison", "name": "Saison" })).ok(200);
    let whole = admin.get("/v2/catalogs/bisik/items").ok(200);
    let ids: Vec<&Value> =
        whole["items"].as_array().unwrap().iter().map(|item| &item["id"]).collect();
    for body in [json!({ "items": ids }), whole.clone()] {
        let filled = admin.put("/v2/catalogs/saison/items", &body).ok(200);
        assert_eq!(column(&filled["items"], "label"), column(&whole["items"], "label"));
        let again = admin.put("/v2/catalogs/saison/items", &filled).ok(200);
        assert_eq!(again["items"], filled["items"]);
    }
    for items in [json!([{ "label": "Billet" }]), json!([5]), json!([{ "id": "saison:x" }])] {
        let body = json!({ "items": items });
        assert_eq!(fault(admin.put("/v2/catalogs/saison/items", &body), 400).1, "items");
    }
}

#[test]
fn another_tenant_sees_what_is_published_alone() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    theirs.ticket("Billet");
    let hide = "UPDATE product SET published = 0 WHERE name = 'Secret'";
    theirs.ticket("Secret");
    theirs.tenant().write(By::House, |tx| tx.run(hide, [])).unwrap();
    let count = |venue: &Venue<'_>| venue.manager().get("/v2/catalogs/ancre/items").ok(200);
    assert_eq!(count(&theirs)["meta"]["total"], 2);
    assert_eq!(column(&count(&ours)["items"], "label"), ["Billet"]);
}

#[test]
fn what_a_hidden_tenant_makes_public_is_hidden_with_it() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    let hidden = json!({ "tenant": { "visibility": 0 } });
    let path = format!("/v2/tenants/{}/", theirs.tenant().entry().no);
    ours.manager().get("/v2/catalogs/ancre").is(200);
    theirs.manager().put(&path, &hidden).is(200);
    ours.manager().get("/v2/catalogs/ancre").is(404);
    ours.manager().get("/v2/catalogs/ancre/items").is(404);
    theirs.manager().get("/v2/catalogs/ancre").is(200);
}

#[test]
fn a_tag_links_to_the_events_that_stand_under_it() {
    let house = house();
    let venue = house.venue("Bisik");
    for name in ["Soir", "Nuit"] {
        let body = json!({
            "name": name, "datetime": "2099-06-01T20:00", "products": [], "jauge_max": 10, "tags": ["Rock & Roll/é"],
        });
        venue.staff().post("/api/events/", &body).ok(201);
    }
    let shown = venue.manager().get("/v2/tags").ok(200)["tags"][0].clone();
    let path = format!("/v2{}", text(&shown["links"], "items"));
    assert_eq!(path, "/v2/tags/Rock%20%26%20Roll%2F%C3%A9/items");
    let found = venue.manager().get(&format!("{path}?limit=1")).ok(200);
    assert_eq!(
        (column(&found["items"], "label"), &found["meta"]["total"]),
        (vec!["Nuit"], &json!(2))
    );
    assert_eq!(shown["items"][0], found["items"][0]["id"]);
    fault(venue.manager().get("/v2/tags/Jazz/items"), 404);
    fault(venue.app().get(&path), 403);
}

#[test]
fn tags_are_known_by_the_events_that_stand_under_them_and_may_be_switched_off() {
    let house = house();
    let venue = house.venue("Bisik");
    let product = venue.ticket("Billet");
    let body = json!({
        "name": "Soir", "datetime": "2099-06-01T20:00", "products": [product], "jauge_max": 10, "tags": ["Rock", "Jazz"],
    });
    venue.staff().post("/api/events/", &body).ok(201);
    let enabled = || {
        let found = venue.app().get(&venue.v2("/enabledTags/")).ok(200);
        column(&found["tags"], "id").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(enabled(), ["Jazz", "Rock"]);
    let admin = venue.manager();
    admin
        .put("/v2/tags/Rock", &json!({ "tag": { "enabled": false, "label": "Rock'n'roll" } }))
        .ok(200);
    assert_eq!(enabled(), ["Jazz"]);
    let shown = admin.get("/v2/tags/Rock").ok(200)["tag"].clone();
    assert_eq!(shown["label"], "Rock'n'roll");
    assert_eq!(shown["items"].as_array().unwrap().len(), 1);
    fault(admin.delete("/v2/tags/Rock"), 409);
    admin.post("/v2/tags", &json!({ "id": "Soul" })).ok(200);
    fault(admin.post("/v2/tags", &json!({ "id": "Soul" })), 409);
    admin.delete("/v2/tags/Soul").is(204);
    fault(venue.with_roles(&[Role::Statistics]).get("/v2/tags"), 403);
    fault(venue.app().get(&house.venue("Ancre").v2("/enabledTags")), 403);
}
