//! Logging in, tokens, and who is logged in.

use crate::support::{DOMAIN, House, Reply, house, text, within_a_minute};
use guichet::root::Account;
use guichet::values::Email;
use guichet::values::id::AccountId;
use serde_json::{Value, json};

const PASSWORD: &str = "un mot de passe";

fn log_in(house: &House, name: &str, password: &str) -> Reply {
    house
        .at("meta.example.org")
        .post("/api/user/token/", &json!({ "username": name, "password": password }))
}

fn bad_token() -> Value {
    json!({
        "detail": "Le type de jeton fourni n'est pas valide", "code": "token_not_valid",
        "messages": [{
            "token_class": "AccessToken", "token_type": "access", "message": "Le jeton est invalide ou expiré",
        }],
    })
}

fn me(house: &House, token: &str) -> Reply {
    house
        .at("meta.example.org")
        .with("Authorization", &format!("Bearer {token}"))
        .get("/api/user/me/")
}

#[test]
fn who_logs_in_gets_two_tokens_and_is_known_by_the_first() {
    let house = house();
    house.user_with_password("ana@example.org", PASSWORD);
    let pair = log_in(&house, "ana@example.org", PASSWORD).ok(200);
    assert_eq!(text(&me(&house, text(&pair, "access")).ok(200), "email"), "ana@example.org");
    me(&house, text(&pair, "refresh")).says(401, &bad_token());
}

#[test]
fn the_letter_case_of_an_email_does_not_matter_but_that_of_a_password_does() {
    let house = house();
    house.user_with_password("ana@example.org", PASSWORD);
    log_in(&house, "ANA@Example.org", PASSWORD).is(200);
    log_in(&house, "ana@example.org", &PASSWORD.to_uppercase()).is(401);
    log_in(&house, "ana@example.org", &format!(" {PASSWORD}")).is(401);
}

#[test]
fn a_log_in_that_fails_does_not_say_why() {
    let house = house();
    house.user_with_password("ana@example.org", PASSWORD);
    house.user("bob@example.org");
    let no = json!({ "detail": "Aucun compte actif n'a été trouvé avec les identifiants fournis" });
    for name in ["ana@example.org", "bob@example.org", "nobody@example.org", "x"] {
        log_in(&house, name, "autre chose").says(401, &no);
    }
}

#[test]
fn an_account_that_is_not_active_cannot_log_in() {
    let house = house();
    let account = invited(&house);
    house.console().set_password(&account.email, PASSWORD, false).unwrap();
    log_in(&house, account.email.as_str(), PASSWORD).is(401);
    house.console().set_password(&account.email, PASSWORD, true).unwrap();
    log_in(&house, account.email.as_str(), PASSWORD).is(200);
}

/// The account of somebody who was named as administrator and has not answered yet.
fn invited(house: &House) -> Account {
    let body = json!({
        "organisation": "Le Bisik", "short_description": "Un lieu", "phone": "0692929292", "categorie": "S",
        "email": "ana@example.org", "img_url": crate::support::image_url("tiny.png"),
        "logo_url": crate::support::image_url("tiny.png"),
    });
    house.meta().founder().post("/api/place/", &body).is(201);
    let email = Email::parse("ana@example.org").unwrap();
    house.console().list_users().unwrap().into_iter().find(|user| user.email == email).unwrap()
}

#[test]
fn a_token_of_an_account_that_is_not_active_says_so() {
    let house = house();
    let token = house.token(&invited(&house), 0);
    me(&house, &token)
        .says(401, &json!({ "detail": "L'utilisateur est désactivé", "code": "user_inactive" }));
}

#[test]
fn a_token_of_an_account_that_is_gone_says_so() {
    let house = house();
    let account = Account { id: AccountId::new(), ..house.user("ana@example.org") };
    let gone = json!({ "detail": "L'utilisateur n'a pas été trouvé", "code": "user_not_found" });
    me(&house, &house.token(&account, 0)).says(401, &gone);
}

#[test]
fn an_access_token_lives_a_day() {
    let house = house();
    let account = house.user("ana@example.org");
    me(&house, &house.token(&account, 24 * 3_600 - 60)).is(200);
    me(&house, &house.token(&account, 24 * 3_600)).says(401, &bad_token());
}

#[test]
fn a_changed_password_ends_the_tokens_from_before_it() {
    let house = house();
    let account = house.user("ana@example.org");
    let token = house.token(&account, 0);
    me(&house, &token).is(200);
    house.console().set_password(&account.email, PASSWORD, false).unwrap();
    me(&house, &token).says(401, &bad_token());
    let pair = log_in(&house, "ana@example.org", PASSWORD).ok(200);
    me(&house, text(&pair, "access")).is(200);
}

#[test]
fn a_token_of_another_house_opens_nothing() {
    let (ours, theirs) = (house(), house());
    let account = ours.user("ana@example.org");
    me(&ours, &theirs.token(&account, 0)).says(401, &bad_token());
}

#[test]
fn a_token_without_its_signature_opens_nothing() {
    let house = house();
    let token = house.token(&house.user("ana@example.org"), 0);
    let (body, _) = token.rsplit_once('.').unwrap();
    let unsigned =
        format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", body.split_once('.').unwrap().1);
    for forged in [format!("{body}."), body.to_owned(), unsigned] {
        me(&house, &forged).says(401, &bad_token());
    }
}

#[test]
fn bearer_with_anything_but_one_token_behind_it_is_a_bad_header() {
    let house = house();
    let what = json!({
        "detail": "L'en-tête 'Authorization' doit contenir deux valeurs séparées par des espaces",
        "code": "bad_authorization_header",
    });
    for value in ["Bearer", "Bearer ", "Bearer a b"] {
        house
            .at("meta.example.org")
            .with("Authorization", value)
            .get("/api/place/")
            .says(401, &what);
    }
}

#[test]
fn a_bad_token_is_refused_even_where_anybody_may_look() {
    let house = house();
    let anyone = house.at("meta.example.org").with("Authorization", "Bearer x");
    let reply = anyone.get("/api/place/");
    assert_eq!(reply.header("WWW-Authenticate"), Some(r#"Bearer realm="api""#));
    reply.says(401, &bad_token());
}

#[test]
fn a_refresh_token_gets_a_new_access_token_and_an_access_token_does_not() {
    let house = house();
    house.user_with_password("ana@example.org", PASSWORD);
    let pair = log_in(&house, "ana@example.org", PASSWORD).ok(200);
    let anyone = house.at("meta.example.org");
    let ask = |token: &str| anyone.post("/api/user/token/refresh/", &json!({ "refresh": token }));
    let fresh = ask(text(&pair, "refresh")).ok(200);
    me(&house, text(&fresh, "access")).is(200);
    let no = json!({ "detail": "Le jeton est invalide ou expiré", "code": "token_not_valid" });
    ask(text(&pair, "access")).says(401, &no);
    ask("x").says(401, &no);
}

#[test]
fn a_changed_password_ends_what_can_be_refreshed_and_verified() {
    let house = house();
    let account = house.user("ana@example.org");
    let pair = house.app.root().people().issue(&account, guichet::values::Time::now()).unwrap();
    let ask = || {
        let anyone = house.at("meta.example.org");
        let refresh = anyone.post("/api/user/token/refresh/", &json!({ "refresh": pair.refresh }));
        let verify = anyone.post("/api/user/token/verify/", &json!({ "token": pair.access }));
        (refresh.status, verify.status)
    };
    assert_eq!(ask(), (200, 200));
    house.console().set_password(&account.email, PASSWORD, false).unwrap();
    assert_eq!(ask(), (401, 401));
}

#[test]
fn a_token_of_either_kind_can_be_verified() {
    let house = house();
    let account = house.user("ana@example.org");
    let pair = house.app.root().people().issue(&account, guichet::values::Time::now()).unwrap();
    let anyone = house.at("meta.example.org");
    for token in [&pair.access, &pair.refresh] {
        anyone.post("/api/user/token/verify/", &json!({ "token": token })).says(200, &json!({}));
    }
    anyone.post("/api/user/token/verify/", &json!({ "token": "x" })).is(401);
    anyone.post("/api/user/token/verify/", &json!({})).faults(&["token"]);
}

#[test]
fn what_a_log_in_lacks_is_named() {
    let house = house();
    let anyone = house.at("meta.example.org");
    anyone.post("/api/user/token/", &json!({})).faults(&["username", "password"]);
    anyone
        .post("/api/user/token/", &json!({ "username": "", "password": null }))
        .faults(&["username", "password"]);
}

#[test]
fn the_tokens_are_given_on_the_root_host_too() {
    let house = house();
    house.user_with_password("ana@example.org", PASSWORD);
    let body = json!({ "username": "ana@example.org", "password": PASSWORD });
    let pair = house.at(DOMAIN).post("/api/user/token/", &body).ok(200);
    let at_root =
        house.at(DOMAIN).with("Authorization", &format!("Bearer {}", text(&pair, "access")));
    at_root.get("/api/user/me/").is(200);
}

#[test]
fn who_is_logged_in_hears_what_they_may_do() {
    let house = house();
    let venue = house.venue("Bisik");
    let admin = venue.admin().get("/api/user/me/").ok(200);
    assert_eq!((&admin["is_staff"], &admin["can_create_tenant"]), (&json!(true), &json!(false)));
    let member = venue.member().get("/api/user/me/").ok(200);
    assert_eq!((&member["is_staff"], &member["as_p"]), (&json!(false), &json!(false)));
    venue.anyone().get("/api/user/me/").is(401);
    venue.staff().get("/api/user/me/").is(401);
}

#[test]
fn after_ten_failed_log_ins_an_account_is_not_listened_to_for_a_while_where_they_came_from() {
    let statuses = within_a_minute(|| {
        let house = house();
        house.user_with_password("ana@example.org", PASSWORD);
        house.user_with_password("bob@example.org", PASSWORD);
        let mut statuses: Vec<u16> =
            (0..10).map(|_| log_in(&house, "Ana@example.org", "faux").status).collect();
        let right = log_in(&house, "ana@example.org", PASSWORD);
        assert!(right.status != 429 || right.header("Retry-After") == Some("60"));
        statuses.push(right.status);
        let elsewhere = house.at("meta.example.org").from("192.0.2.7");
        let body = json!({ "username": "ana@example.org", "password": PASSWORD });
        statuses.push(elsewhere.post("/api/user/token/", &body).status);
        statuses.push(log_in(&house, "bob@example.org", PASSWORD).status);
        statuses
    });
    assert_eq!(statuses, [[401; 10].as_slice(), &[429, 200, 200]].concat());
}

#[test]
fn after_sixty_failures_an_address_hears_so_while_what_is_right_still_passes() {
    let (statuses, right, token, elsewhere) = within_a_minute(|| {
        let house = house();
        let venue = house.venue("Bisik");
        let (staff, token) = (venue.staff(), venue.admin());
        let guess = venue.holding(&format!("{}.{}", "a".repeat(8), "b".repeat(32)));
        let statuses: Vec<u16> =
            (0..61).map(|_| guess.post("/api/prices/", &json!({})).status).collect();
        let elsewhere = guess.from("192.0.2.7").post("/api/prices/", &json!({})).status;
        let right = staff.post("/api/prices/", &json!({})).status;
        (statuses, right, token.post("/api/prices/", &json!({})).status, elsewhere)
    });
    assert_eq!(statuses, [[401; 60].as_slice(), &[429]].concat());
    assert_eq!((right, token, elsewhere), (400, 400, 401));
}
