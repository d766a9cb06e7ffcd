//! How a tenant pays the house, in the Roomle dialect: payment connections, their portal, and to whom bills go.

use crate::roomle::fault;
use crate::stripe_peer::Trouble;
use crate::support::{Venue, house, text};
use crate::till::{IMPATIENT, open, open_with};
use guichet::root::Role;
use serde_json::{Value, json};

fn bills() -> Value {
    json!({
        "storeId": "stripe", "email": "noreply@bisik.re", "name": "Le Bisik", "address1": "1 rue de la Gare",
        "zip": "97400", "city": "Saint-Denis", "country": "re", "uid": "FR 12 345678901", "reverseCharge": false,
    })
}

fn with(member: &str, value: Value) -> Value {
    let mut body = bills();
    body[member] = value;
    json!({ "billingInformation": body })
}

fn register(venue: &Venue<'_>) -> Value {
    let path = venue.v2("/billingInformation/");
    let body = json!({ "billingInformation": bills() });
    venue.manager().post(&path, &body).ok(200)["billingInformation"].clone()
}

fn pay_by(venue: &Venue<'_>, body: &Value) -> crate::support::Reply {
    venue.manager().post(&venue.v2("/paymentConnections/"), body)
}

fn portal(venue: &Venue<'_>, store: &str) -> crate::support::Reply {
    let body = json!({ "storeId": store, "returnUrl": "https://bisik.re/back" });
    venue.manager().post(&venue.v2("/paymentConnectionSessions/"), &body)
}

#[test]
fn check_09_without_a_connection_in_the_store_there_is_no_session() {
    let house = house();
    let venue = house.venue("Bisik");
    for store in ["stripe", "test", "manual"] {
        fault(portal(&venue, store), 404);
    }
    pay_by(&venue, &json!({ "storeId": "test" })).ok(200);
    fault(portal(&venue, "stripe"), 404);
    assert_eq!(fault(portal(&venue, "else"), 400).1, "storeId");
    let body = json!({ "storeId": "test", "returnUrl": "javascript:alert(1)" });
    let path = venue.v2("/paymentConnectionSessions");
    assert_eq!(fault(venue.manager().post(&path, &body), 400).1, "returnUrl");
    fault(venue.with_roles(&[Role::Statistics]).post(&path, &json!({ "storeId": "test" })), 403);
}

#[test]
fn check_09_the_test_store_opens_a_session_by_itself() {
    let house = house();
    let venue = house.venue("Bisik");
    pay_by(&venue, &json!({ "paymentConnection": { "storeId": "test", "data": {} } })).ok(200);
    let opened = portal(&venue, "test").ok(200);
    assert!(text(&opened, "id").starts_with("se_"), "{opened}");
    assert!(opened["created"].as_i64().unwrap() > 1_700_000_000);
    assert_eq!(opened["url"], "https://bisik.re/back");
    assert_ne!(portal(&venue, "test").ok(200)["id"], opened["id"]);
}

#[test]
fn check_09_stripe_opens_its_portal_for_the_tenants_own_customer() {
    let (peer, house) = open();
    let venue = house.venue("Bisik");
    pay_by(&venue, &json!({ "storeId": "stripe" })).ok(200);
    fault(portal(&venue, "stripe"), 404);
    let customer = register(&venue)["customerId"].clone();
    let opened = portal(&venue, "stripe").ok(200);
    assert!(text(&opened, "url").starts_with("https://billing.stripe.com/"), "{opened}");
    let asked = peer.asked("/v1/billing_portal/sessions");
    assert_eq!(json!(asked[0].form["customer"]), customer);
    assert_eq!(asked[0].form["return_url"], "https://bisik.re/back");
    peer.fails(&[Trouble::Status(500), Trouble::Status(400)]);
    fault(portal(&venue, "stripe"), 502);
    fault(portal(&venue, "stripe"), 502);
}

#[test]
fn another_tenants_customer_is_refused_and_its_portal_stays_closed() {
    let (_peer, house) = open();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    let foreign = register(&theirs)["customerId"].clone();
    let body = json!({ "storeId": "stripe", "data": { "customerId": foreign } });
    assert_eq!(fault(pay_by(&ours, &body), 400).1, "data");
    fault(portal(&ours, "stripe"), 404);
    pay_by(&theirs, &body).ok(200);
}

#[test]
fn a_payment_connection_is_one_a_store_and_its_data_is_not_readable_in_the_file() {
    let house = house();
    let venue = house.venue("Bisik");
    let body =
        |method: &str| json!({ "storeId": "manual", "data": { "payment_method_id": method } });
    let first = pay_by(&venue, &body("pm_first")).ok(200);
    let second = pay_by(&venue, &body("pm_geheim")).ok(200);
    assert_eq!(first["id"], second["id"]);
    assert_eq!(second["id"], second["paymentConnection"]["id"]);
    let path = venue.v2("/paymentConnections");
    let listed = venue.manager().get(&path).ok(200);
    assert_eq!(listed["meta"]["total"], 1);
    let one = &listed["paymentConnections"][0];
    assert_eq!(one["data"], json!({ "payment_method_id": "pm_geheim" }));
    assert_eq!((&one["tenant"], text(one, "storeId")), (&json!(venue.no()), "manual"));
    for file in ["root.db", "root.db-wal"] {
        let bytes = std::fs::read(house.dir().join(file)).unwrap();
        assert!(!bytes.windows(9).any(|part| part == b"pm_geheim"), "{file}");
    }
    for (field, wrong) in [
        ("data", json!({ "storeId": "manual", "data": [] })),
        ("data", json!({ "storeId": "manual", "data": { "x": "x".repeat(9_000) } })),
        ("storeId", json!({ "data": {} })),
        ("storeId", json!({ "storeId": "else" })),
    ] {
        assert_eq!(fault(pay_by(&venue, &wrong), 400).1, field);
    }
    for role in [Role::Statistics, Role::Catalogue] {
        fault(venue.with_roles(&[role]).get(&path), 403);
    }
    fault(house.venue("Ancre").manager().get(&path), 403);
}

#[test]
fn bills_are_said_to_stripe_and_shown_as_stripe_knows_them() {
    let (peer, house) = open();
    let venue = house.venue("Bisik");
    let path = venue.v2("/billingInformation");
    fault(venue.manager().get(&path), 404);
    fault(venue.manager().put(&path, &with("name", json!("x"))), 404);
    let made = register(&venue);
    assert_eq!(made["customerId"], peer.customers()[0]["id"]);
    assert_eq!((&made["uid"], &made["uidVerified"]), (&json!("FR12345678901"), &json!(true)));
    assert_eq!(peer.customers()[0]["metadata"]["tenant"], venue.id());
    let body = with("city", json!("Saint-Pierre"));
    let changed = venue.manager().put(&path, &body).ok(200)["billingInformation"].clone();
    assert_eq!((&changed["city"], peer.customers().len()), (&json!("Saint-Pierre"), 1));
    let shown = venue.manager().get(&path).ok(200)["billingInformation"].clone();
    assert_eq!(shown, changed);
    assert_eq!(shown["country"], "re");
    let made = &peer.asked("/v1/customers")[0];
    assert_eq!(made.key.as_deref(), Some(&*format!("customer-{}", venue.id())));
}

#[test]
fn what_stripe_did_not_answer_makes_no_second_customer() {
    let (peer, house) = open_with(&[IMPATIENT]);
    let venue = house.venue("Bisik");
    let (path, body) = (venue.v2("/billingInformation"), json!({ "billingInformation": bills() }));
    // Made, and not heard: neither the first time nor when asked again in the same words.
    peer.fails(&[Trouble::DoneSilent, Trouble::DoneSilent]);
    fault(venue.manager().post(&path, &body), 502);
    fault(venue.manager().get(&path), 404);
    let other = with("name", json!("Un autre nom"));
    let made = venue.manager().post(&path, &other).ok(200)["billingInformation"].clone();
    assert_eq!(peer.customers().len(), 1);
    assert_eq!(peer.customers()[0]["name"], "Un autre nom");
    peer.fails(&[Trouble::Status(400)]);
    fault(venue.manager().put(&path, &with("name", json!("Refusé"))), 502);
    let shown = venue.manager().get(&path).ok(200)["billingInformation"].clone();
    assert_eq!(shown, made);
    peer.fails(&[Trouble::Status(500)]);
    fault(venue.manager().get(&path), 502);
}

#[test]
fn bills_that_are_wrong_are_named_and_nobody_is_asked() {
    let (peer, house) = open();
    let venue = house.venue("Bisik");
    let path = venue.v2("/billingInformation");
    for (field, body) in [
        ("name", with("name", Value::Null)),
        ("address1", with("address1", json!(""))),
        ("zip", with("zip", Value::Null)),
        ("city", with("city", json!(7))),
        ("country", with("country", json!("RE"))),
        ("country", with("country", json!("r"))),
        ("country", with("country", json!("zz"))),
        ("email", with("email", json!("nobody"))),
        ("uid", with("uid", json!("FR123"))),
        ("uid", with("uid", json!("XX"))),
        ("storeId", with("storeId", json!("else"))),
    ] {
        assert_eq!(fault(venue.manager().post(&path, &body), 400).1, field, "{body}");
    }
    let mut body = bills();
    body["uid"] = Value::Null;
    body["reverseCharge"] = json!(true);
    assert_eq!(fault(venue.manager().post(&path, &body), 400).1, "reverseCharge");
    fault(venue.with_roles(&[Role::Statistics]).post(&path, &bills()), 403);
    assert!(peer.asked("/v1/customers").is_empty());
}

#[test]
fn bills_are_shown_to_who_is_connected_and_kept_here_where_no_store_keeps_them() {
    let house = house();
    let venue = house.venue("Bisik");
    let path = venue.v2("/billingInformation");
    fault(venue.manager().post(&path, &json!({ "billingInformation": bills() })), 502);
    let body = with("storeId", json!("manual"));
    let made = venue.manager().post(&path, &body).ok(200)["billingInformation"].clone();
    assert_eq!(made["customerId"], Value::Null);
    let swiss = json!({ "billingInformation": {
        "storeId": "test", "name": "x", "address1": "x", "zip": "1", "city": "x", "country": "ch", "uid": "CHE-123.456.789",
    } });
    let made = venue.manager().put(&path, &swiss).ok(200)["billingInformation"].clone();
    assert_eq!((&made["uid"], &made["uidVerified"]), (&json!("CHE123456789"), &json!(false)));
    let member = venue.with_roles(&[Role::Member]);
    assert_eq!(member.get(&path).ok(200)["billingInformation"], made);
    fault(venue.app().get(&path), 403);
    house.user("passer-by@example.org");
    fault(venue.signed_in("passer-by@example.org").get(&path), 403);
}
