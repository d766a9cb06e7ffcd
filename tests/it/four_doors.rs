//! One house, four dialects: a tenant that is made through any door is the same tenant at each of them.

use crate::coach;
use crate::oxynade_graph::{Client, admin};
use crate::support::{House, house, image_url, text};
use guichet::root::Role;
use guichet::values::id::TenantId;
use serde_json::{Value, json};

/// The role of an Application Administrator, in every Coach house.
const APPLICATION_ADMINISTRATOR: &str = "5a000000-0000-4000-8000-000000000002";

/// A tenant through each door, by its small number.
fn made(house: &House) -> Vec<(&'static str, i64)> {
    let meta = house.meta();
    let no = |slug: &str| {
        let tenants = house.console().tenants().unwrap();
        tenants.into_iter().find(|tenant| tenant.slug.as_str() == slug).unwrap().no
    };
    let place = json!({
        "organisation": "Salle Tibillet", "short_description": "x", "phone": "1", "email": "t@example.org",
        "categorie": "S", "img_url": image_url("bg.jpg"), "logo_url": image_url("logo.png"),
    });
    meta.founder().post("/api/place/", &place).ok(201);
    let roomle = json!({ "tenant": { "name": "salle-roomle", "label": "Salle Roomle" } });
    house.super_admin().post("/v2/tenants/", &roomle).ok(200);
    organizer(&admin(house));
    let coach = json!({ "name": "Salle Coach", "email": "c@example.org" });
    coach::host(&meta).post("/api/v1/1000/tenants", &coach).ok(200);
    vec![
        ("tibillet", no("salle-tibillet")),
        ("roomle", no("salle-roomle")),
        ("oxynade", no("salle-oxynade")),
        ("coach", no("salle-coach")),
    ]
}

fn organizer(client: &Client) {
    client.ok(
        r#"mutation { admin { createOrganizer(input: { organizationId: 1, name: "Salle Oxynade",
            officialName: "Salle Oxynade SARL", currency: EUR, countryId: 250, email: "o@example.org" }) { id } } }"#,
    );
}

fn id_of(house: &House, no: i64) -> TenantId {
    house.app.root().organizer(no).unwrap().unwrap().id
}

/// What this Roomle list of users says of administrators.
fn administrators(users: &Value) -> Vec<&Value> {
    let all = users["users"].as_array().unwrap().iter();
    all.filter(|user| user["rolesInTenant"].as_array().unwrap().contains(&json!(99))).collect()
}

#[test]
fn check_30_a_tenant_of_any_door_is_seen_at_all_with_its_ids_and_its_administrator() {
    let house = house();
    let (meta, root) = (house.meta(), admin(&house));
    for (door, no) in made(&house) {
        let (id, code) = (id_of(&house, no).to_string(), 1_000 + no);
        let places = meta.anyone().get("/api/place/").ok(200);
        assert!(places.as_array().unwrap().iter().any(|place| place["uuid"] == id), "{door}");
        let roomle = house.super_admin().with("currentTenant", &no.to_string());
        assert_eq!(roomle.get(&format!("/v2/tenants/{no}")).ok(200)["tenant"]["id"], no, "{door}");
        let shown = root.ok(&format!("{{ admin {{ organizer(id: {no}) {{ id uuid }} }} }}"));
        assert_eq!(shown["admin"]["organizer"], json!({ "id": no, "uuid": id }), "{door}");
        let coach = coach::host(&meta);
        let tenant = coach.get(&format!("/api/v1/{code}/tenants/{code}")).ok(200);
        assert_eq!((&tenant["id"], &tenant["code"]), (&json!(id), &json!(code)), "{door}");

        let users = roomle.get(&format!("/v2/tenants/{no}/users")).ok(200);
        let found = administrators(&users);
        assert_eq!(found.len(), 1, "{door}: {users}");
        let email = text(found[0], "email");
        let users = coach.get(&format!("/api/v1/{code}/users")).ok(200);
        let one = &users.as_array().unwrap()[0];
        let user = coach.get(&format!("/api/v1/{code}/users/{}", text(one, "id"))).ok(200);
        assert!(
            user["roles"].as_array().unwrap().contains(&json!(APPLICATION_ADMINISTRATOR)),
            "{door}: {user}"
        );
        let operators =
            root.ok(&format!("{{ admin {{ organizer(id: {no}) {{ operators {{ email }} }} }} }}"));
        let operators = operators["admin"]["organizer"]["operators"].to_string();
        assert!(operators.contains(email), "{door}: {operators}");
    }
}

#[test]
fn an_administrator_of_one_door_is_one_at_all_and_is_no_longer() {
    let house = house();
    let venue = house.venue("Bisik");
    let someone = house.user("second@example.org");
    let body = json!({ "user": { "email": someone.email.as_str(), "roles": [99] } });
    venue.manager().post(&venue.v2("/users/"), &body).ok(200);
    let admin = venue.bearing(&house.token(&someone, 0));
    admin.get("/api/settings/").ok(200);
    let code = coach::code(&venue);
    let program = coach::program(&venue);
    let path = format!("/api/v1/{code}/users/{}", someone.id);
    let mut user = program.get(&path).ok(200);
    assert!(user["roles"].to_string().contains(APPLICATION_ADMINISTRATOR));
    user["roles"] = json!([]);
    program.put(&path, &user).ok(200);
    assert_eq!(admin.get("/api/settings/").status, 403);
    let left = venue.admin_staff().connection(someone.id).unwrap();
    assert!(left.is_none_or(|left| !left.has(Role::Admin)));
}

#[test]
fn who_has_no_role_is_a_user_of_coach_and_nobody_elses() {
    let house = house();
    let venue = house.venue("Bisik");
    let users = format!("/api/v1/{}/users", 1_000 + venue.tenant().entry().no);
    let coach = coach::host(&house.meta());
    coach.post(&users, &json!({ "username": "guichetier" })).ok(200);
    let listed = venue.manager().get(&venue.v2("/users")).ok(200);
    assert_eq!(listed["meta"]["total"], 1, "the manager alone: {listed}");
    assert_eq!(coach.get(&users).ok(200).as_array().unwrap().len(), 2);
}

#[test]
fn check_31_a_tenants_file_holds_no_id_of_another() {
    let house = house();
    let ids: Vec<TenantId> = made(&house).into_iter().map(|(_, no)| id_of(&house, no)).collect();
    for venue in [house.venue("Fun park"), house.venue("Water park")] {
        let ticket = venue.ticket("Entrée");
        let price = venue.price(&ticket, "Plein", 1_000);
        let event = venue.event("Soirée", &[&ticket], 10);
        venue.book("john@example.org", &event, &price, 1).ok(201);
    }
    let parks = house.console().tenants().unwrap().into_iter().map(|tenant| tenant.id);
    let all: Vec<TenantId> = ids.into_iter().chain(parks).collect();
    for own in &all {
        let path = house.dir().join("tenants").join(format!("{own}.db"));
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend(std::fs::read(path.with_extension("db-wal")).unwrap_or_default());
        for other in all.iter().filter(|other| *other != own) {
            let (raw, shown) = (other.0.as_bytes().as_slice(), other.to_string());
            let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
            assert!(!holds(raw) && !holds(shown.as_bytes()), "{own} holds {other}");
        }
    }
}
