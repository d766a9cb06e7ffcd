//! What each answer of the Roomle door about a tenant's goods looks like: codes, payments, bills, usages, work, catalogues,
//! tags.

use crate::golden::Golden;
use crate::support::{House, Venue, text};
use guichet::root::promo::Promo;
use guichet::values::Package;
use serde_json::json;

/// Each thing once, in a fixed order, so that numbers are the same in every run.
pub(crate) fn exchanges(golden: &mut Golden, house: &House) {
    let venue = house.venue("Ancre");
    packages(golden, &venue);
    bills(golden, &venue);
    catalogs(golden, &venue);
    work(golden, &venue);
    let (app, manager) = (venue.app(), venue.manager());
    golden.check("roomle_tenant-get-goods", &app.get(&venue.v2("")));
    let wrong = json!({ "catalogConnections": [{ "id": "none" }] });
    golden.check("roomle_tenant-put-no-catalog", &manager.put(&venue.v2(""), &wrong));
}

fn packages(golden: &mut Golden, venue: &Venue<'_>) {
    for (code, package) in [("WELCOME", Some(Package::Basic)), ("HELLO", None)] {
        let new = Promo {
            code: code.to_owned(),
            active: true,
            starts: None,
            ends: None,
            uses_max: Some(1),
            used: 0,
            package,
            days: None,
        };
        venue.house.console().create_promo(&new).unwrap();
    }
    let (manager, path) = (venue.manager(), venue.v2("/promocode/"));
    let body = |code: &str| json!({ "promocode": { "code": code } });
    golden.check("roomle_promocode-post", &manager.post(&path, &body("welcome")));
    golden.check("roomle_promocode-post-again", &manager.post(&path, &body("welcome")));
    golden.check("roomle_promocode-post-nothing", &manager.post(&path, &body("HELLO")));
    golden.check("roomle_promocode-post-missing", &manager.post(&path, &body("NEVER")));
    let late = venue.house.venue("Retard");
    let used = late.manager().post(&late.v2("/promocode/"), &body("HELLO"));
    golden.check("roomle_promocode-post-over", &used);
    golden.check("roomle_usages-get", &manager.get(&venue.v2("/usages/")));
}

fn bills(golden: &mut Golden, venue: &Venue<'_>) {
    let (manager, path) = (venue.manager(), venue.v2("/paymentConnections/"));
    let sessions = venue.v2("/paymentConnectionSessions/");
    let open = json!({ "storeId": "test", "returnUrl": "https://ancre.re/back" });
    golden.check("roomle_payment_sessions-post-none", &manager.post(&sessions, &open));
    let connection = json!({ "storeId": "test", "data": { "payment_method_id": "pm_1" } });
    golden.check("roomle_payment_connections-post", &manager.post(&path, &connection));
    golden.check("roomle_payment_connections-get", &manager.get(&path));
    golden.check("roomle_payment_sessions-post", &manager.post(&sessions, &open));
    let path = venue.v2("/billingInformation/");
    golden.check("roomle_billing-get-none", &manager.get(&path));
    let mut bills = json!({
        "storeId": "test", "name": "Ancre", "address1": "1 quai du Port", "zip": "4020", "city": "Linz",
        "country": "at", "uid": "ATU87654321", "reverseCharge": true,
    });
    golden.check("roomle_billing-post", &manager.post(&path, &bills));
    golden.check("roomle_billing-get", &manager.get(&path));
    bills["uid"] = json!("ATU1");
    golden.check("roomle_billing-put-wrong", &manager.put(&path, &bills));
    bills["uid"] = json!("ATU12345678");
    golden.check("roomle_billing-put", &manager.put(&path, &bills));
    bills["storeId"] = json!("stripe");
    golden.check("roomle_billing-put-unheard", &manager.put(&path, &bills));
}

fn catalogs(golden: &mut Golden, venue: &Venue<'_>) {
    let manager = venue.manager();
    let new = json!({ "id": "saison", "name": "Saison", "description": "Tout", "active": false });
    golden.check("roomle_catalogs-post", &manager.post("/v2/catalogs", &new));
    golden.check("roomle_catalogs-post-taken", &manager.post("/v2/catalogs", &new));
    golden.check("roomle_catalogs-get", &manager.get("/v2/catalogs?limit=1"));
    golden.check("roomle_catalog-get", &manager.get("/v2/catalogs/saison"));
    golden.check("roomle_catalog-get-missing", &manager.get("/v2/catalogs/none"));
    let items = json!({ "items": [venue.ticket("Billet")] });
    golden.check("roomle_catalog_items-put", &manager.put("/v2/catalogs/saison/items", &items));
    golden.check("roomle_catalog_items-get", &manager.get("/v2/catalogs/ancre/items"));
    let live = json!({ "catalog": { "active": true, "label": "La saison" } });
    golden.check("roomle_catalog-put", &manager.put("/v2/catalogs/saison", &live));
    golden.check("roomle_catalog-delete-live", &manager.delete("/v2/catalogs/saison"));
    for (case, list) in [
        ("roomle_own_catalogs-get", "/catalogs/"),
        ("roomle_visible_catalogs-get", "/visibleCatalogs/"),
        ("roomle_shown_catalogs-get", "/shownCatalogs/"),
    ] {
        golden.check(case, &manager.get(&venue.v2(list)));
    }
    manager.put("/v2/catalogs/saison", &json!({ "active": false })).ok(200);
    golden.check("roomle_catalog-delete", &manager.delete("/v2/catalogs/saison"));
    golden.check("roomle_tags-post", &manager.post("/v2/tags", &json!({ "id": "Rock" })));
    golden.check("roomle_tags-get", &manager.get("/v2/tags"));
    golden.check("roomle_tag-get", &manager.get("/v2/tags/Rock"));
    golden.check("roomle_tag_items-get", &manager.get("/v2/tags/Rock/items"));
    let label = json!({ "tag": { "label": "Rock'n'roll" } });
    golden.check("roomle_tag-put", &manager.put("/v2/tags/Rock", &label));
    golden.check("roomle_enabled_tags-get", &venue.app().get(&venue.v2("/enabledTags/")));
    golden.check("roomle_tag-delete", &manager.delete("/v2/tags/Rock"));
}

fn work(golden: &mut Golden, venue: &Venue<'_>) {
    let (manager, path) = (venue.manager(), venue.v2("/assetProcessings/"));
    let settings = json!({ "report": "sales", "from": "2016-01-01", "to": "2017-01-01" });
    let export = json!({ "assetProcessing": { "type": 3, "sourceSettings": settings } });
    let asked = manager.post(&path, &export);
    golden.check("roomle_processings-post", &asked);
    golden.check("roomle_processings-get", &manager.get(&path));
    let wrong = manager.get(&format!("{path}?from=2016-06-01"));
    golden.check("roomle_processings-get-wrong", &wrong);
    let asked = asked.json();
    let one = format!("{path}{}", text(&asked["assetProcessing"], "id"));
    golden.check("roomle_processing-get", &manager.get(&one));
}
