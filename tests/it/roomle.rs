//! Who speaks Roomle: a house whose callers have keys, tokens and sessions; and what the door says of keys and tokens.

use crate::support::{Caller, House, Venue, house, house_with};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guichet::root::Role;
use guichet::root::credential::{Credential, Dialect};
use guichet::root::session;
use guichet::values::{Email, Time};
use serde_json::{Value, json};

/// A house whose failed keys are not counted, for tests that try many.
pub(crate) fn patient() -> House {
    house_with(&[("failures_per_address", "1000000")])
}

/// The header of a token that is not encrypted.
pub(crate) fn plain(key: &str, session: &str) -> String {
    format!("03-{}", STANDARD.encode(format!("{};{session};{key}", Time::now().millis())))
}

/// A session's token of whoever has this e-mail.
pub(crate) fn session_of(house: &House, email: &str) -> String {
    let account = house.console().user(&Email::parse(email).unwrap()).unwrap().unwrap();
    let people = house.app.root().people();
    people.open_session(session::Dialect::Roomle, Some(account.id)).unwrap().0
}

impl House {
    /// A superuser, signed in at the first agenda through an application's key.
    pub(crate) fn super_admin(&self) -> Caller {
        let email = format!("root-{}@example.org", self.next());
        let account = self.user(&email);
        self.console().grant(&account.email, None, true, false, true).unwrap();
        let key = self.console().create_app_key().unwrap();
        let at = self.at("meta.example.org").with("apiKey", &key.key);
        at.with("token", &plain(&key.key, &session_of(self, &email)))
    }
}

impl Venue<'_> {
    /// Its small number.
    pub(crate) fn no(&self) -> i64 {
        self.tenant().entry().no
    }

    /// Its key.
    pub(crate) fn roomle_key(&self) -> Credential {
        self.house.console().credential(&self.slug, Dialect::Roomle).unwrap()
    }

    /// Its key, nobody signed in.
    pub(crate) fn app(&self) -> Caller {
        let key = self.roomle_key().key;
        self.anyone().with("apiKey", &key).with("token", &plain(&key, "anonymous"))
    }

    /// Somebody who is signed in through its key.
    pub(crate) fn signed_in(&self, email: &str) -> Caller {
        let key = self.roomle_key().key;
        let token = plain(&key, &session_of(self.house, email));
        self.anyone().with("apiKey", &key).with("token", &token)
    }

    /// Its administrator, signed in.
    pub(crate) fn manager(&self) -> Caller {
        self.signed_in(self.admin.email.as_str())
    }

    /// Somebody new who has these roles, signed in.
    pub(crate) fn with_roles(&self, roles: &[Role]) -> Caller {
        let email = format!("roles-{}@example.org", self.house.next());
        self.house.user(&email);
        let staff = self.admin_staff();
        staff.invite(&[(Email::parse(&email).unwrap(), roles.to_vec())], &|_| Ok(vec![])).unwrap();
        self.signed_in(&email)
    }

    /// The administrator at work.
    pub(crate) fn admin_staff(&self) -> guichet::root::Staff {
        let admin = self.house.console().user(&self.admin.email).unwrap().unwrap();
        let caller = guichet::root::Caller::Person(Box::new(admin));
        self.tenant().admit(&caller, None).unwrap()
    }

    /// The path of this tenant, or of something of it.
    pub(crate) fn v2(&self, rest: &str) -> String {
        format!("/v2/tenants/{}{rest}", self.no())
    }
}

/// What an error says: code, message, field.
pub(crate) fn fault(reply: crate::support::Reply, status: u16) -> (String, Value) {
    let body = reply.ok(status);
    assert_eq!(body["error"]["code"], status, "{body}");
    assert_eq!(body["meta"]["total"], 0);
    (body["error"]["message"].as_str().unwrap().to_owned(), body["error"]["field"].clone())
}

#[test]
fn a_tenant_is_shown_to_who_has_a_key_and_a_token() {
    let house = house();
    let venue = house.venue("Bisik");
    let body = venue.app().get(&venue.v2("/")).ok(200);
    assert_eq!(body["tenant"]["id"], venue.no());
    assert_eq!(body["tenant"]["name"], "bisik");
    assert_eq!(body["tenant"]["configurators"], json!(["bisik"]));
    assert_eq!(body["meta"]["total"], 1);
}

#[test]
fn both_mounts_and_a_slash_at_the_end_are_the_same() {
    let house = house();
    let venue = house.venue("Bisik");
    for path in ["/v2/tenants/me", "/v2/tenants/me/", "/api/v2/tenants/me", "/api/v2/tenants/me/"] {
        assert_eq!(venue.app().get(path).ok(200), venue.no(), "{path}");
    }
    for path in ["/api/v2/elsewhere", "/api/api/v2/tenants/me", "/v2/tenants/me//"] {
        assert_eq!(venue.app().get(path).status, 404, "{path}");
    }
}

#[test]
fn whatever_ails_a_token_the_answer_is_the_same() {
    let house = patient();
    let venue = house.venue("Bisik");
    let key = venue.roomle_key().key;
    let old =
        format!("03-{}", STANDARD.encode(format!("2020-01-01T00:00:00.000Z;anonymous;{key}")));
    let soon = Time(Time::now().0 + 1_200_000_000).millis();
    let early = format!("03-{}", STANDARD.encode(format!("{soon};anonymous;{key}")));
    let mut said = vec![];
    let good = plain(&key, "anonymous");
    let other = plain("another", "anonymous");
    let forged = plain(&key, "noSession");
    for (key, token) in [
        (&key[..], "01-AAAA"),
        (&key, "02-AAAA"),
        (&key, "03-AAAA"),
        (&key, "nothing"),
        (&key, &old),
        (&key, &early),
        (&key, &other),
        (&key, &forged),
        ("another", &good),
        ("another", &other),
    ] {
        let caller = venue.anyone().with("apiKey", key).with("token", token);
        said.push(fault(caller.get("/v2/tenants/me"), 401));
    }
    said.push(fault(venue.anyone().get("/v2/tenants/me"), 401));
    said.push(fault(venue.anyone().with("apiKey", &key).get("/v2/tenants/me"), 401));
    said.dedup();
    assert_eq!(said.len(), 1, "{said:?}");
}

#[test]
fn a_token_may_stand_behind_the_question_mark() {
    let house = house();
    let venue = house.venue("Bisik");
    let key = venue.roomle_key().key;
    let token = plain(&key, "anonymous").replace('+', "-").replace('/', "_");
    let path = format!("/v2/tenants/me?token={token}");
    assert_eq!(venue.anyone().with("apiKey", &key).get(&path).ok(200), venue.no());
}

#[test]
fn a_plain_token_is_refused_where_the_house_says_so() {
    let house = house_with(&[("roomle_plain_token", "off")]);
    fault(house.venue("Bisik").app().get("/v2/tenants/me"), 401);
}

#[test]
fn an_old_token_is_good_where_the_window_is_off() {
    let house = house_with(&[("roomle_token_minutes", "0")]);
    let venue = house.venue("Bisik");
    let key = venue.roomle_key().key;
    let old =
        format!("03-{}", STANDARD.encode(format!("2018-01-26T10:33:10.250Z;anonymous;{key}")));
    venue.anyone().with("apiKey", &key).with("token", &old).get("/v2/tenants/me").ok(200);
}

#[test]
fn who_guesses_keys_too_often_is_no_longer_answered() {
    let house = house_with(&[("failures_per_address", "3")]);
    let venue = house.venue("Bisik");
    let guess = venue.anyone().with("apiKey", "guess").with("token", "03-AAAA");
    let last = crate::support::within_a_minute(|| {
        (0..3).for_each(|_| drop(guess.get("/v2/tenants/me")));
        guess.get("/v2/tenants/me").status
    });
    assert_eq!(last, 429);
}

#[test]
fn a_tenants_key_names_another_tenant_only_for_who_is_connected_there() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    let there = theirs.no().to_string();
    fault(ours.app().with("currentTenant", &there).get("/v2/tenants/me"), 403);
    fault(ours.manager().with("currentTenant", &there).get("/v2/tenants/me"), 403);
    theirs
        .admin_staff()
        .invite(&[(ours.admin.email.clone(), vec![Role::Statistics])], &|_| Ok(vec![]))
        .unwrap();
    let reply = ours.manager().with("currentTenant", &there).get("/v2/tenants/me");
    assert_eq!(reply.ok(200), theirs.no());
    for nothing in ["4711", "x", "-1"] {
        fault(ours.app().with("currentTenant", nothing).get("/v2/tenants/me"), 403);
    }
}

#[test]
fn an_application_works_on_the_tenant_that_it_names_or_on_the_hosts() {
    let house = house();
    let venue = house.venue("Bisik");
    let key = house.console().create_app_key().unwrap().key;
    let app = house.at("meta.example.org").with("apiKey", &key);
    let app = app.with("token", &plain(&key, "anonymous"));
    assert_eq!(app.get("/v2/tenants/me").ok(200), house.meta().no());
    let there = app.with("currentTenant", &venue.no().to_string());
    assert_eq!(there.get("/v2/tenants/me").ok(200), venue.no());
    // Naming a tenant gives no right there.
    fault(there.put(&venue.v2(""), &json!({ "branded": true })), 403);
}

#[test]
fn a_browser_may_send_the_headers_of_the_contract_and_no_others() {
    let house = house();
    let reply =
        house.venue("Bisik").anyone().send("OPTIONS", "/v2/tenants/1", None, vec![]).is(204);
    assert_eq!(
        reply.header("Access-Control-Allow-Headers").unwrap(),
        "apiKey, token, currentTenant, language, locale, country, platform, device, configurator, Content-Type"
    );
    assert_eq!(reply.header("Access-Control-Allow-Methods"), Some("GET, PUT"));
    assert_eq!(reply.header("Access-Control-Allow-Origin"), Some("*"));
}
