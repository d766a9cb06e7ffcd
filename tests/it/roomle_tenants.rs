//! Tenants in the Roomle dialect.

use crate::roomle::fault;
use crate::support::house;
use guichet::root::Role;
use serde_json::json;

#[test]
fn check_01_a_superuser_founds_a_tenant_of_a_name_once() {
    let house = house();
    let root = house.super_admin();
    let body = json!({ "tenant": { "name": "myName", "label": "Mon lieu", "visibility": 5 } });
    let made = root.post("/v2/tenants/", &body).ok(200);
    assert_eq!(made["tenant"]["name"], "myname");
    assert_eq!(made["tenant"]["label"], "Mon lieu");
    assert_eq!(made["tenant"]["visibility"], 5);
    assert_eq!(made["tenant"]["users"].as_array().map(Vec::len), Some(1));
    assert_eq!(fault(root.post("/v2/tenants/", &body), 409).1, "name");
    fault(house.venue("Bisik").manager().post("/v2/tenants/", &json!({ "name": "other" })), 403);
}

#[test]
fn check_01_a_tenant_without_a_name_is_refused() {
    let house = house();
    let root = house.super_admin();
    for body in
        [json!({}), json!({ "tenant": { "label": "x" } }), json!({ "tenant": { "name": "!" } })]
    {
        assert_eq!(fault(root.post("/v2/tenants", &body), 400).1, "name", "{body}");
    }
    let before = house.console().tenants().unwrap().len();
    fault(root.post("/v2/tenants", &json!({ "name": "a", "visibility": 7 })), 400);
    assert_eq!(house.console().tenants().unwrap().len(), before);
}

#[test]
fn check_02_secrets_are_there_for_who_manages_and_absent_for_others() {
    let house = house();
    let venue = house.venue("Bisik");
    let shown = venue.manager().get(&venue.v2("/")).ok(200);
    assert_eq!(shown["tenant"]["apiKey"], venue.roomle_key().key);
    assert!(shown["tenant"].as_object().unwrap().contains_key("webhook"));
    for other in [venue.with_roles(&[Role::Statistics]), venue.app()] {
        let shown = other.get(&venue.v2("/")).ok(200);
        let tenant = shown["tenant"].as_object().unwrap();
        for secret in ["apiKey", "webhook", "users"] {
            assert!(!tenant.contains_key(secret), "{secret}");
        }
    }
}

#[test]
fn check_03_a_tenant_is_changed_while_working_on_it_and_keeps_what_is_not_named() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    ours.admin_staff().connect(&theirs.admin.email, &[Role::Admin]).unwrap();
    let there = theirs.no().to_string();
    let body = json!({ "tenant": { "privacyUrl": "https://bisik.re/privacy", "branded": true } });
    let other = theirs.manager().with("currentTenant", &there);
    fault(other.put(&ours.v2("/"), &body), 403);
    let here = theirs.manager().with("currentTenant", &ours.no().to_string());
    let changed = here.put(&ours.v2("/"), &body).ok(200);
    assert_eq!(changed["tenant"]["privacyUrl"], "https://bisik.re/privacy");
    let changed = here.put(&ours.v2("/"), &json!({ "label": "Le Bisik" })).ok(200);
    assert_eq!(changed["tenant"]["privacyUrl"], "https://bisik.re/privacy");
    assert_eq!(changed["tenant"]["branded"], true);
    assert_eq!(ours.anyone().get("/api/here/").ok(200)["organisation"], "Le Bisik");
    let cleared = here.put(&ours.v2("/"), &json!({ "privacyUrl": null })).ok(200);
    assert!(cleared["tenant"]["privacyUrl"].is_null());
}

#[test]
fn check_03_a_name_that_is_taken_changes_nothing() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    let body = json!({ "name": theirs.slug.to_string(), "branded": true });
    assert_eq!(fault(ours.manager().put(&ours.v2(""), &body), 409).1, "name");
    assert_eq!(ours.manager().get(&ours.v2("")).ok(200)["tenant"]["branded"], false);
}

#[test]
fn check_04_a_tenant_cannot_be_deleted() {
    let house = house();
    let venue = house.venue("Bisik");
    for caller in [venue.anyone(), venue.manager(), house.super_admin()] {
        let reply = caller.delete(&venue.v2("/"));
        assert_eq!(reply.header("Allow"), Some("GET, PUT"));
        assert_eq!(fault(reply, 405).0, "Deleting a tenant is currently not possible.");
    }
    venue.app().get(&venue.v2("/")).ok(200);
}
