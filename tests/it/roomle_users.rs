//! People in the Roomle dialect: who works with a tenant, what of them it sees, and what they do about themselves.

use crate::roomle::{fault, plain};
use crate::support::{Venue, house, house_with, within_a_minute};
use guichet::root::Role;
use guichet::trade::{Page, outbox};
use guichet::values::{Email, Time};
use serde_json::{Value, json};

/// The letters that wait at a venue: kind and address.
fn letters(venue: &Venue<'_>) -> Vec<(String, String)> {
    let mails = venue.tenant().read(|tx| outbox::list(tx, Page::ALL)).unwrap();
    mails.into_iter().map(|mail| (mail.kind.as_str().to_owned(), mail.recipient)).collect()
}

/// Somebody of the venue's users by e-mail.
fn listed(venue: &Venue<'_>, email: &str) -> Option<Value> {
    let body = venue.manager().get(&venue.v2("/users/")).ok(200);
    body["users"].as_array().unwrap().iter().find(|user| user["email"] == email).cloned()
}

/// The path behind the link of an invitation.
fn validate(venue: &Venue<'_>, email: &str, rest: &str) -> String {
    let account = venue.house.console().user(&Email::parse(email).unwrap()).unwrap().unwrap();
    let people = venue.house.app.root().people();
    let proof = people.invitation(account.id, Time::now()).unwrap().unwrap();
    format!("/v2/users/{}/validateMail/?mailHash={}{rest}", account.no, proof.token)
}

#[test]
fn check_06_an_unknown_address_is_invited_and_shows_no_more_until_its_owner_consents() {
    let house = house();
    let venue = house.venue("Bisik");
    let body =
        json!({ "user": { "email": "ana@example.org", "roles": [40, 20], "firstname": "Intrus" } });
    let made = venue.manager().post(&venue.v2("/users/"), &body).ok(200);
    assert_eq!(made["user"]["rolesInTenant"], json!([40, 20]));
    assert_eq!(letters(&venue), [("invitation".to_owned(), "ana@example.org".to_owned())]);
    let user = listed(&venue, "ana@example.org").unwrap();
    let mut members: Vec<&String> = user.as_object().unwrap().keys().collect();
    members.sort_unstable();
    assert_eq!(members, ["email", "id", "rolesInTenant"]);
    let path = validate(&venue, "ana@example.org", &format!("&consentOn={}", venue.no()));
    venue.app().post(&path, &json!({ "password": "correct horse" })).ok(200);
    let user = listed(&venue, "ana@example.org").unwrap();
    for name in ["firstname", "lastname", "username", "locale", "registerDate"] {
        assert!(user.as_object().unwrap().contains_key(name), "{name}");
    }
    assert_eq!(user["providedConsentInTenant"], true);
    assert_eq!(user["active"], true);
    let gone = format!("/v2/users/removeConsent/?email=ana@example.org&tenant={}", venue.no());
    let ana = venue.signed_in("ana@example.org");
    ana.get(&gone).is(204);
    ana.get(&gone).is(204);
    assert!(listed(&venue, "ana@example.org").unwrap().get("locale").is_none());
}

#[test]
fn a_consent_is_ended_by_its_owner_or_by_a_link_to_him_and_by_nobody_else() {
    let house = house();
    let venue = house.venue("Bisik");
    let email = "ana@example.org";
    let body = json!({ "user": { "email": email, "roles": [20] } });
    venue.manager().post(&venue.v2("/users"), &body).ok(200);
    let consent = validate(&venue, email, &format!("&consentOn={}", venue.no()));
    venue.app().post(&consent, &json!({})).ok(200);
    let has_consent = || listed(&venue, email).unwrap().get("locale").is_some();
    let gone = format!("/v2/users/removeConsent/?email={email}&tenant={}", venue.no());
    let forged = format!("{gone}&mailHash=i0-forged");
    let nobody = gone.replace("ana@", "nobody@");
    for (caller, path) in [
        (venue.app(), &gone),
        (venue.manager(), &gone),
        (venue.app(), &forged),
        (venue.signed_in(email), &forged),
        (venue.app(), &nobody),
    ] {
        fault(caller.get(path), 403);
        assert!(has_consent(), "{path}");
    }
    let link = validate(&venue, email, "");
    let token = link.split_once("mailHash=").unwrap().1;
    venue.app().get(&format!("{gone}&mailHash={token}")).is(204);
    assert!(!has_consent());
}

#[test]
fn a_first_password_is_taken_bare_and_under_its_users_name() {
    let house = house();
    let venue = house.venue("Bisik");
    let password = json!({ "password": "correct horse" });
    let bodies =
        [password.clone(), json!({ "user": password }), json!({ "user": { "user": password } })];
    for (n, body) in bodies.iter().enumerate() {
        let email = format!("ana-{n}@example.org");
        let user = json!({ "user": { "email": email, "roles": [20] } });
        venue.manager().post(&venue.v2("/users"), &user).ok(200);
        let path = validate(&venue, &email, "");
        let wrong = venue.app().post(&path, &json!({ "user": { "password": "short" } }));
        assert_eq!(fault(wrong, 400).1, "password");
        assert_eq!(fault(venue.app().post(&path, &json!({ "user": "x" })), 400).1, "user");
        venue.app().post(&path, body).ok(200);
        let sign_in = json!({ "identification": email, "password": "correct horse" });
        venue.app().post("/v2/auth/signin", &sign_in).ok(200);
    }
}

#[test]
fn check_06_who_is_known_already_gets_no_letter_and_who_is_asked_again_only_one() {
    let house = house();
    let venue = house.venue("Bisik");
    house.user("known@example.org");
    let invite = |email: &str| {
        let body = json!({ "user": { "email": email, "roles": ["Statistics Data"] } });
        venue.manager().post(&venue.v2("/users"), &body).ok(200)
    };
    assert_eq!(invite("known@example.org")["user"]["rolesInTenant"], json!([20]));
    assert_eq!(letters(&venue), []);
    invite("new@example.org");
    invite("new@example.org");
    assert_eq!(letters(&venue).len(), 1);
}

#[test]
fn an_invitation_is_good_once_and_takes_the_first_password() {
    let house = house();
    let venue = house.venue("Bisik");
    let body = json!({ "user": { "email": "ana@example.org", "roles": [{ "role": 20 }] } });
    venue.manager().post(&venue.v2("/users"), &body).ok(200);
    let path = validate(&venue, "ana@example.org", "");
    let short = venue.app().post(&path, &json!({ "password": "short" }));
    assert_eq!(fault(short, 400).1, "password");
    venue.app().post(&path, &json!({ "password": "correct horse" })).ok(200);
    assert_eq!(fault(venue.app().post(&path, &json!({})), 400).1, "mailHash");
    let sign_in = json!({ "identification": "ana@example.org", "password": "correct horse" });
    let auth = venue.app().post("/v2/auth/signin", &sign_in).ok(200);
    let key = venue.roomle_key().key;
    let token = auth["auth"]["token"].as_str().unwrap().to_owned();
    let ana = venue.anyone().with("apiKey", &key).with("token", &plain(&key, &token));
    let own = format!("/v2/users/{}", auth["auth"]["userId"].as_str().unwrap());
    assert_eq!(ana.get(&own).ok(200)["user"]["tenants"], json!([venue.no()]));
    ana.post("/v2/auth/signout", &json!({})).is(204);
    fault(ana.get(&own), 401);
}

#[test]
fn several_people_are_connected_at_once_or_nobody_is() {
    let house = house();
    let venue = house.venue("Bisik");
    let path = venue.v2("/users");
    let wrong = json!({ "users": [{ "email": "a@example.org", "roles": [40] }, { "email": "b@example.org", "roles": [41] }] });
    assert_eq!(fault(venue.manager().post(&path, &wrong), 400).1, "roles");
    assert!(listed(&venue, "a@example.org").is_none());
    let right = json!({ "users": [{ "email": "a@example.org", "roles": [40] }, { "email": "b@example.org" }] });
    let body = venue.manager().post(&path, &right).ok(200);
    assert_eq!(body["meta"]["total"], 2);
    assert_eq!(body["users"][1]["rolesInTenant"], json!([10]));
    let many: Vec<Value> =
        (0..101).map(|n| json!({ "email": format!("{n}@example.org") })).collect();
    assert_eq!(fault(venue.manager().post(&path, &json!({ "users": many })), 400).1, "users");
    for body in [json!({}), json!({ "user": { "email": "x" } }), json!({ "user": [] })] {
        fault(venue.manager().post(&path, &body), 400);
    }
}

#[test]
fn check_07_without_roles_the_connection_is_gone_and_the_last_administrator_stays() {
    let house = house();
    let venue = house.venue("Bisik");
    let body = json!({ "user": { "email": "ana@example.org", "roles": [99] } });
    let ana = venue.manager().post(&venue.v2("/users"), &body).ok(200)["user"]["id"].clone();
    let of = |no: &Value| venue.v2(&format!("/users/{no}/"));
    let none = json!({ "user": { "roles": [] } });
    let own = json!(venue.admin.no);
    fault(venue.manager().put(&of(&own), &none), 409);
    let gone = venue.manager().put(&of(&ana), &none).ok(200);
    assert_eq!(gone["user"]["rolesInTenant"], json!([]));
    assert!(listed(&venue, "ana@example.org").is_none());
    fault(venue.manager().put(&of(&ana), &none), 404);
    let root = house.super_admin().with("currentTenant", &venue.no().to_string());
    fault(root.put(&of(&own), &json!({ "user": { "roles": [40] } })), 409);
    assert_eq!(listed(&venue, venue.admin.email.as_str()).unwrap()["rolesInTenant"], json!([99]));
}

#[test]
fn what_was_read_of_somebody_may_be_written_back() {
    let house = house();
    let venue = house.venue("Bisik");
    let body = json!({ "user": { "email": "ana@example.org", "roles": [20] } });
    let ana = venue.manager().post(&venue.v2("/users"), &body).ok(200);
    let path = validate(&venue, "ana@example.org", &format!("&consentOn={}", venue.no()));
    venue.app().post(&path, &json!({})).ok(200);
    let user = listed(&venue, "ana@example.org").unwrap();
    assert!(user["roles"].is_array());
    let path = venue.v2(&format!("/users/{}", ana["user"]["id"]));
    let written = venue.manager().put(&path, &json!({ "user": user })).ok(200);
    assert_eq!(written["user"]["rolesInTenant"], json!([20]));
    let other = json!({ "user": { "email": "bob@example.org", "roles": [20] } });
    assert_eq!(fault(venue.manager().put(&path, &other), 400).1, "email");
}

#[test]
fn roles_are_listed_one_by_one_under_both_names() {
    let house = house();
    let venue = house.venue("Bisik");
    venue.with_roles(&[Role::Statistics, Role::Catalogue]);
    let body = venue.manager().get(&venue.v2("/roles/")).ok(200);
    assert_eq!(body["user2Tenants"], body["roles"]);
    let roles: Vec<&Value> =
        body["roles"].as_array().unwrap().iter().map(|row| &row["role"]).collect();
    assert_eq!(roles, [&json!(99), &json!(40), &json!(20)]);
    assert_eq!(body["roles"][2]["allowedModules"], json!([0, 30]));
    assert_eq!(body["roles"][0]["tenantId"], venue.no());
}

#[test]
fn people_are_listed_by_the_page() {
    let house = house();
    let venue = house.venue("Bisik");
    venue.with_roles(&[Role::Member]);
    let body = venue.manager().get(&venue.v2("/users?limit=1&offset=1")).ok(200);
    assert_eq!(body["users"].as_array().map(Vec::len), Some(1));
    assert_eq!(body["meta"]["total"], 2);
    assert_eq!(fault(venue.manager().get(&venue.v2("/users?limit=many")), 400).1, "limit");
}

#[test]
fn a_wrong_password_is_forbidden_and_guessing_is_stopped() {
    let house = house_with(&[("failures_per_account", "2")]);
    let venue = house.venue("Bisik");
    house.user_with_password("ana@example.org", "correct horse");
    let sign_in = |password: &str| {
        let body = json!({ "identification": "ana@example.org", "password": password });
        venue.app().post("/v2/auth/signin", &body).status
    };
    let (right, wrong, last) = within_a_minute(|| {
        (
            sign_in("correct horse"),
            sign_in("wrong horse"),
            (sign_in("wrong horse"), sign_in("correct horse")),
        )
    });
    if last.1 != 429 {
        // A minute that began in between, and was tried again, has the failures of the first try.
        assert_eq!((right, wrong), (200, 403));
    }
    assert_eq!(last.1, 429);
}

#[test]
fn a_password_is_not_taken_from_who_makes_an_account() {
    let house = house();
    let venue = house.venue("Bisik");
    let body = json!({ "user": { "user": {
        "email": "ana@example.org", "firstname": "Ana", "locale": "de-AT", "password": "a strangers choice",
    } } });
    let made = venue.app().post("/v2/users/", &body).ok(201);
    assert_eq!(made["user"]["firstname"], "Ana");
    assert_eq!(made["user"]["locale"], "de");
    assert_eq!(made["user"]["active"], false);
    assert_eq!(letters(&venue), [("confirm_email".to_owned(), "ana@example.org".to_owned())]);
    let account = house.console().user(&Email::parse("ana@example.org").unwrap()).unwrap().unwrap();
    assert!(!account.has_password);
    fault(
        venue.app().post("/v2/users", &json!({ "user": { "email": venue.admin.email.as_str() } })),
        409,
    );
}

#[test]
fn a_form_makes_an_account_too() {
    let house = house();
    let venue = house.venue("Bisik");
    let reply = venue.app().form(
        "POST",
        "/v2/users",
        &[("email", "ana@example.org"), ("firstname", "Ana")],
        &[],
    );
    assert_eq!(reply.ok(201)["user"]["firstname"], "Ana");
}

#[test]
fn where_nobody_may_register_no_door_makes_an_account() {
    let house = house();
    let venue = house.venue("Bisik");
    let body = json!({ "email": "ana@example.org" });
    venue.manager().put(&venue.v2(""), &json!({ "allowRegistration": false })).ok(200);
    fault(venue.app().post("/v2/users", &body), 403);
    venue.anyone().post("/api/user/create/", &body).is(403);
    assert!(house.console().user(&Email::parse("ana@example.org").unwrap()).unwrap().is_none());
    venue.manager().put(&venue.v2(""), &json!({ "allowRegistration": true })).ok(200);
    venue.anyone().post("/api/user/create/", &body).is(200);
}

#[test]
fn somebody_s_links_lead_to_what_is_his_and_are_followed_by_himself_alone() {
    let house = house();
    let (venue, other) = (house.venue("Bisik"), house.venue("Ancre"));
    let own = format!("/v2/users/{}", venue.admin.no);
    let links = venue.manager().get(&own).ok(200)["user"]["links"].clone();
    assert_eq!(links["tenants"], links["connectedTenants"]);
    let path = |name: &str| format!("/v2{}", links[name].as_str().unwrap());
    let tenants = venue.manager().get(&path("tenants")).ok(200);
    assert_eq!(tenants["tenants"][0]["id"], venue.no());
    assert_eq!(tenants["meta"]["total"], 1);
    let roles = venue.manager().get(&path("roles")).ok(200);
    assert_eq!((&roles["roles"][0]["role"], &roles["roles"]), (&json!(99), &roles["user2Tenants"]));
    for name in ["tenants", "roles"] {
        fault(other.manager().get(&path(name)), 403);
        fault(venue.app().get(&path(name)), 401);
    }
    assert!(listed(&venue, venue.admin.email.as_str()).unwrap().get("links").is_none());
}

#[test]
fn people_switch_off_themselves_alone_and_no_last_administrator() {
    let house = house();
    let venue = house.venue("Bisik");
    let ana = venue.with_roles(&[Role::Statistics]);
    let no = |caller: &crate::support::Caller| {
        let users = venue.manager().get(&venue.v2("/users")).ok(200);
        assert!(caller.get(&venue.v2("")).status == 200);
        users["users"].as_array().unwrap().last().unwrap()["id"].clone()
    };
    let own = format!("/v2/users/{}/", no(&ana));
    fault(venue.manager().delete(&own), 403);
    ana.post(&format!("{own}termsAccepted"), &json!({})).is(202);
    ana.delete(&own).is(204);
    fault(ana.get(&own), 401);
    fault(venue.manager().delete(&format!("/v2/users/{}", venue.admin.no)), 409);
}

#[test]
fn a_consent_is_given_by_its_owner_alone() {
    let house = house();
    let venue = house.venue("Bisik");
    let email = "ana@example.org";
    let body = json!({ "user": { "email": email, "roles": [20] } });
    let ana = venue.manager().post(&venue.v2("/users"), &body).ok(200)["user"]["id"].clone();
    let path = format!("/v2/users/{ana}/validateMail?consentOn={}", venue.no());
    for (caller, path) in [
        (venue.app(), path.clone()),
        (venue.manager(), path.clone()),
        (venue.app(), format!("{path}&mailHash=i0-forged")),
    ] {
        assert_eq!(fault(caller.post(&path, &json!({})), 400).1, "mailHash");
    }
    assert!(listed(&venue, email).unwrap().get("locale").is_none());
    let other = house.venue("Ancre");
    let gone = format!("/v2/users/removeConsent?email={email}&tenant={}", venue.no());
    fault(other.app().get(&gone), 403);
}
