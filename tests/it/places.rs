//! Places and artists: founding them, changing one's own, and how they are listed.

use crate::support::{House, Venue, at_once, column, house, image_url, text};
use guichet::values::Category;
use serde_json::{Value, json};

fn place(name: &str) -> Value {
    json!({
        "organisation": name, "short_description": "Un lieu", "phone": "0692929292",
        "email": "contact@example.org", "categorie": "S",
        "img_url": image_url("tiny.png"), "logo_url": image_url("tiny.png"),
    })
}

fn with(mut body: Value, member: &str, value: impl Into<Value>) -> Value {
    body[member] = value.into();
    body
}

fn change(venue: &Venue<'_>) -> String {
    format!("/api/place/{}/", venue.id())
}

fn images() -> Value {
    json!({ "img_url": image_url("tiny.png"), "logo_url": image_url("tiny.png") })
}

#[test]
fn a_place_answers_on_its_own_host_as_soon_as_it_is_made() {
    let house = house();
    let made = house.meta().founder().post("/api/place/", &place("Le Bisik")).ok(201);
    let here = house.at("le-bisik.example.org").get("/api/here/").ok(200);
    assert_eq!(here, made);
    assert_eq!(text(&here, "slug"), "le-bisik");
}

#[test]
fn what_a_place_may_leave_out_is_empty() {
    let house = house();
    let made = house.meta().founder().post("/api/place/", &place("Le Bisik")).ok(201);
    for member in ["long_description", "adress", "postal_code", "city", "site_web", "map_img"] {
        assert_eq!(made[member], Value::Null, "{member}");
    }
    assert_eq!(made["adhesion_obligatoire"], false);
    assert_eq!(made["img_variations"].as_object().unwrap().len(), 4);
    assert_ne!(made["img_variations"], made["logo_variations"]);
}

#[test]
fn every_field_of_a_place_comes_back_as_it_was_sent() {
    let house = house();
    let mut body = place("Le Bisik");
    for (member, value) in [
        ("long_description", json!("Deux lignes.\nLa seconde.")),
        ("adress", json!("1 rue de la Gare")),
        ("postal_code", json!(97410)),
        ("city", json!("Saint-Benoît")),
        ("site_web", json!("https://bisik.re")),
        ("twitter", json!("https://example.org/t")),
        ("facebook", json!("https://example.org/f")),
        ("instagram", json!("https://example.org/i")),
        ("adhesion_obligatoire", json!(true)),
        ("button_adhesion", json!(true)),
    ] {
        body[member] = value;
    }
    let made = house.meta().founder().post("/api/place/", &body).ok(201);
    let shown = house.meta().anyone().get(&format!("/api/place/{}/", text(&made, "uuid"))).ok(200);
    for (member, value) in body.as_object().unwrap() {
        if !member.ends_with("_url") {
            assert_eq!(&shown[member], value, "{member}");
        }
    }
}

#[test]
fn the_administrator_of_a_new_place_has_an_account_that_cannot_log_in_yet() {
    let house = house();
    house.meta().founder().post("/api/place/", &place("Le Bisik")).ok(201);
    let users = house.console().list_users().unwrap();
    let made = users.iter().find(|user| user.email.as_str() == "contact@example.org").unwrap();
    assert!(!made.active && !made.has_password);
}

#[test]
fn who_may_not_found_hears_so_before_anything_else() {
    let house = house();
    house.meta().staff().post("/api/place/", &json!({})).says(
        400,
        &json!(["Vous n'avez pas la permission de créer de nouvelles instances sur ce serveur."]),
    );
}

#[test]
fn the_category_is_looked_at_before_all_other_fields() {
    let house = house();
    let founder = house.meta().founder();
    for missing in [json!({}), json!({ "categorie": "" }), json!({ "categorie": null })] {
        founder.post("/api/place/", &missing).says(400, &json!(["categorie est obligatoire"]));
    }
    for (path, letter) in [
        ("/api/place/", "A"),
        ("/api/place/", "M"),
        ("/api/place/", "R"),
        ("/api/place/", "s"),
        ("/api/artist/", "S"),
        ("/api/artist/", "F"),
    ] {
        founder
            .post(path, &json!({ "categorie": letter }))
            .says(400, &json!(["categorie ne correspond pas à l'url"]));
    }
}

#[test]
fn all_fields_of_a_place_are_judged_together() {
    let house = house();
    let founder = house.meta().founder();
    founder.post("/api/place/", &json!({ "categorie": "S" })).faults(&[
        "organisation",
        "short_description",
        "phone",
        "email",
    ]);
    let wrong = json!({
        "categorie": "S", "organisation": true, "short_description": "", "phone": [], "email": "x",
        "site_web": "x", "postal_code": "", "button_adhesion": "peut-être",
    });
    founder.post("/api/place/", &wrong).faults(&[
        "organisation",
        "short_description",
        "phone",
        "email",
        "site_web",
        "postal_code",
        "button_adhesion",
    ]);
}

const LENGTHS: [(&str, usize); 9] = [
    ("organisation", 50),
    ("short_description", 250),
    ("adress", 250),
    ("city", 250),
    ("phone", 20),
    ("site_web", 200),
    ("twitter", 200),
    ("facebook", 200),
    ("instagram", 200),
];

/// A text, or an address where one is wanted, of exactly this length in characters.
fn of_length(member: &str, length: usize) -> String {
    match member {
        "site_web" | "twitter" | "facebook" | "instagram" => {
            format!("http://a.fr/{}", "x".repeat(length - 12))
        }
        _ => "é".repeat(length),
    }
}

#[test]
fn a_text_of_a_place_may_be_as_long_as_the_contract_says() {
    let house = house();
    let mut body = place("x");
    for (member, max) in LENGTHS {
        body[member] = of_length(member, max).into();
    }
    let made = house.meta().founder().post("/api/place/", &body).ok(201);
    for (member, _) in LENGTHS {
        assert_eq!(made[member], body[member], "{member}");
    }
}

#[test]
fn a_text_of_a_place_may_not_be_one_character_longer() {
    let house = house();
    let mut body = place("x");
    for (member, max) in LENGTHS {
        body[member] = of_length(member, max + 1).into();
    }
    body["email"] = format!("{}@example.org", "a".repeat(254 - 11)).into();
    let answer = house.meta().founder().post("/api/place/", &body).ok(400);
    for (member, max) in LENGTHS.into_iter().chain([("email", 254)]) {
        let what = format!("Assurez-vous que ce champ comporte au plus {max}\u{a0}caractères.");
        assert_eq!(answer[member], json!([what]), "{member}");
    }
}

#[test]
fn an_email_of_a_place_may_have_254_characters() {
    let house = house();
    let email = format!("{}@example.org", "a".repeat(254 - 12));
    let body = with(place("Le Bisik"), "email", email.as_str());
    let made = house.meta().founder().post("/api/place/", &body).ok(201);
    assert_eq!(text(&made, "email"), email);
}

#[test]
fn a_postal_code_is_a_number_of_32_bits() {
    let house = house();
    let venue = house.venue("Le Bisik");
    for (code, right) in [
        (json!("97410"), true),
        (json!(i32::MAX), true),
        (json!(i64::from(i32::MAX) + 1), false),
        (json!(i32::MIN), true),
        (json!(i64::from(i32::MIN) - 1), false),
        (json!("2A000"), false),
    ] {
        let reply =
            venue.admin().put(&change(&venue), &with(images(), "postal_code", code.clone()));
        assert_eq!(reply.status, if right { 201 } else { 400 }, "{code}");
    }
}

#[test]
fn a_place_without_an_image_or_a_logo_is_refused_and_nothing_is_founded() {
    let house = house();
    let founder = house.meta().founder();
    let before = house.ledger();
    for (missing, named) in [("img_url", "img_url"), ("logo_url", "logo_url")] {
        let body = with(place("Le Bisik"), missing, Value::Null);
        let what = format!("img doit contenir un fichier, ou {named} doit contenir une url valide");
        founder.post("/api/place/", &body).says(400, &json!({ "non_field_errors": [what] }));
    }
    assert_eq!(house.ledger(), before);
}

#[test]
fn an_address_that_is_no_image_is_refused_and_nothing_is_founded() {
    let house = house();
    let founder = house.meta().founder();
    let before = house.ledger();
    for address in [image_url("notimage.txt"), "http://10.0.0.1/a.png".into(), "file:///a".into()] {
        let body = with(place("Le Bisik"), "logo_url", address.as_str());
        let answer = founder.post("/api/place/", &body).ok(400);
        let what = answer["non_field_errors"][0].as_str().unwrap();
        assert!(
            what.starts_with(&format!("{address} doit contenir une url d'image valide")),
            "{what}"
        );
    }
    assert_eq!(house.ledger(), before);
}

#[test]
fn an_uploaded_image_that_is_too_small_for_a_place_is_refused() {
    let house = house();
    let fields = [
        ("organisation", "Le Bisik"),
        ("short_description", "Un lieu"),
        ("phone", "0692929292"),
        ("email", "contact@example.org"),
        ("categorie", "S"),
    ];
    let files = [("img", "tiny.png"), ("logo", "logo.png")];
    house.meta().founder().form("POST", "/api/place/", &fields, &files).faults(&["img"]);
}

#[test]
fn a_place_can_be_made_with_uploaded_files() {
    let house = house();
    let fields = [
        ("organisation", "Le Bisik"),
        ("short_description", "Un lieu"),
        ("phone", "0692929292"),
        ("email", "contact@example.org"),
        ("categorie", "F"),
    ];
    let files = [
        ("img", "bg.jpg"),
        ("logo", "logo.png"),
        ("map_img", "tiny.png"),
        ("carte_restaurant", "tiny.png"),
    ];
    let made = house.meta().founder().form("POST", "/api/place/", &fields, &files).ok(201);
    assert!(text(&made, "map_img").starts_with("http://meta.example.org/media/images/tiny_"));
    assert!(text(&made["logo_variations"], "fhd").starts_with("/media/images/logo_"));
    assert_eq!(made["categorie"], "F");
}

#[test]
fn the_same_place_again_is_a_conflict_that_names_the_first() {
    let house = house();
    let founder = house.meta().founder();
    let made = founder.post("/api/place/", &place("Le Bisik")).ok(201);
    let again = founder.post("/api/place/", &place("Le Bisik")).ok(409);
    let want =
        format!(r#"{{"uuid": "{}", "msg": "Le Bisik existe d\u00e9ja"}}"#, text(&made, "uuid"));
    assert_eq!(again, Value::String(want));
}

#[test]
fn another_place_with_the_same_slug_is_a_conflict() {
    let house = house();
    let founder = house.meta().founder();
    founder.post("/api/place/", &place("Le Bisik")).ok(201);
    founder.post("/api/place/", &place("LE BISIK!")).is(409);
    founder.post("/api/place/", &with(place("Le Bisik"), "categorie", "F")).is(409);
    let artist = with(place("Le Bisik"), "categorie", "A");
    founder.post("/api/artist/", &artist).is(409);
}

#[test]
fn a_name_that_cannot_become_an_address_is_refused_and_nothing_is_founded() {
    let house = house();
    let founder = house.meta().founder();
    let before = house.ledger();
    for name in
        ["!!!", "Привет", "pg_catalog", "information_schema", "www", "Meta", "API", "m", "root"]
    {
        founder.post("/api/place/", &place(name)).is(405);
    }
    assert_eq!(house.ledger(), before);
}

#[test]
fn of_eight_who_found_the_same_place_at_once_exactly_one_does() {
    let house = house();
    let founder = house.meta().founder();
    let statuses = at_once(8, |_| founder.post("/api/place/", &place("Le Bisik")).status);
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 201 | 409)), "{statuses:?}");
    assert_eq!(house.meta().anyone().get("/api/place/").ok(200).as_array().unwrap().len(), 1);
}

#[test]
fn places_and_artists_are_listed_apart_oldest_first() {
    let house = house();
    house.venue("Bisik");
    house.tenant("Ziskakan", Category::Artist);
    house.tenant("Festival", Category::Festival);
    house.tenant("Booker", Category::Producer);
    house.venue("Ancre");
    let anyone = house.meta().anyone();
    assert_eq!(
        column(&anyone.get("/api/place/").ok(200), "organisation"),
        ["Bisik", "Festival", "Ancre"]
    );
    assert_eq!(column(&anyone.get("/api/artist/").ok(200), "organisation"), ["Ziskakan"]);
}

#[test]
fn every_tenant_lists_all_places() {
    let house = house();
    let (bisik, ancre) = (house.venue("Bisik"), house.venue("Ancre"));
    let list = bisik.anyone().get("/api/place/").ok(200);
    assert_eq!(list, ancre.anyone().get("/api/place/").ok(200));
    assert_eq!(column(&list, "categorie"), ["S", "S"]);
}

#[test]
fn a_second_agenda_lists_only_the_places_that_are_named_for_it() {
    let house = house();
    let (bisik, _) = (house.venue("Bisik"), house.venue("Ancre"));
    let agenda = house.tenant("Sud", Category::Agenda);
    house.console().show_on(&agenda.slug, std::slice::from_ref(&bisik.slug)).unwrap();
    assert_eq!(column(&agenda.anyone().get("/api/place/").ok(200), "organisation"), ["Bisik"]);
}

#[test]
fn a_disabled_place_is_neither_listed_nor_found_nor_answers() {
    let house = house();
    let bisik = house.venue("Bisik");
    let path = change(&bisik);
    house.console().set_active(&bisik.slug, false).unwrap();
    let anyone = house.meta().anyone();
    assert_eq!(anyone.get("/api/place/").ok(200), json!([]));
    anyone.get(&path).is(404);
    bisik.anyone().get("/api/here/").is(404);
}

#[test]
fn a_place_is_found_by_its_id_in_any_spelling() {
    let house = house();
    let bisik = house.venue("Bisik");
    let id = bisik.id();
    for spelling in [id.clone(), id.to_uppercase(), id.replace('-', ""), format!("%7B{id}%7D")] {
        let found = house.meta().anyone().get(&format!("/api/place/{spelling}/")).ok(200);
        assert_eq!(text(&found, "uuid"), id);
    }
}

#[test]
fn what_is_no_place_is_not_found() {
    let house = house();
    let artist = house.tenant("Ziskakan", Category::Artist);
    let anyone = house.meta().anyone();
    for id in
        [artist.id(), "x".into(), "00000000-0000-4000-8000-000000000000".into(), house.meta().id()]
    {
        anyone.get(&format!("/api/place/{id}/")).says(404, &json!({ "detail": "Pas trouvé." }));
        anyone.get(&format!("/api/artist/{id}/")).says(404, &json!({ "detail": "Pas trouvé." }));
    }
}

#[test]
fn a_changed_place_keeps_what_was_not_sent() {
    let house = house();
    let bisik = house.venue("Bisik");
    let body = with(images(), "city", "Saint-Pierre");
    let saved = bisik.admin().put(&change(&bisik), &body).ok(201);
    assert_eq!(text(&saved, "organisation"), "Bisik");
    let here = bisik.anyone().get("/api/here/").ok(200);
    assert_eq!((text(&here, "city"), text(&here, "phone")), ("Saint-Pierre", "0692929292"));
}

#[test]
fn a_changed_place_is_listed_as_it_now_stands() {
    let house = house();
    let bisik = house.venue("Bisik");
    bisik.admin().put(&change(&bisik), &with(images(), "organisation", "Le Nouveau Bisik")).ok(201);
    let list = house.meta().anyone().get("/api/place/").ok(200);
    assert_eq!(column(&list, "organisation"), ["Le Nouveau Bisik"]);
    assert_eq!(column(&list, "slug"), ["bisik"]);
}

#[test]
fn a_place_does_not_take_the_name_of_another() {
    let house = house();
    let (bisik, ancre) = (house.venue("Bisik"), house.venue("Ancre"));
    let named = |name: &str| with(images(), "organisation", name);
    bisik.admin().put(&change(&bisik), &named("Le Bisik")).ok(201);
    for name in ["Bisik", "Le Bisik"] {
        let refused = ancre.admin().put(&change(&ancre), &named(name)).is(409).text();
        assert!(refused.contains(&bisik.id()) && refused.contains("existe d"), "{refused}");
    }
    for name in ["Le Bisik", "Bisik"] {
        bisik.admin().put(&change(&bisik), &named(name)).ok(201);
    }
    let artist = house.tenant("Troupe", Category::Artist);
    let path = format!("/api/artist/{}/", artist.id());
    artist.admin().put(&path, &named("Bisik")).ok(201);
}

#[test]
fn null_empties_what_a_place_may_leave_out() {
    let house = house();
    let bisik = house.venue("Bisik");
    let mut filled = images();
    filled["city"] = "Saint-Pierre".into();
    filled["postal_code"] = 97410.into();
    bisik.admin().put(&change(&bisik), &filled).ok(201);
    let mut emptied = images();
    emptied["city"] = Value::Null;
    emptied["postal_code"] = Value::Null;
    let saved = bisik.admin().put(&change(&bisik), &emptied).ok(201);
    assert_eq!((&saved["city"], &saved["postal_code"]), (&Value::Null, &Value::Null));
    bisik
        .admin()
        .put(&change(&bisik), &with(images(), "organisation", Value::Null))
        .faults(&["organisation"]);
}

#[test]
fn a_change_of_a_place_needs_image_and_logo_each_time() {
    let house = house();
    let bisik = house.venue("Bisik");
    bisik.admin().put(&change(&bisik), &json!({ "city": "Paris" })).faults(&["non_field_errors"]);
    assert_eq!(bisik.anyone().get("/api/here/").ok(200)["city"], Value::Null);
}

#[test]
fn a_place_is_changed_by_its_named_administrator_alone() {
    let house = house();
    let (bisik, ancre) = (house.venue("Bisik"), house.venue("Ancre"));
    let boss = house.user("boss@example.org");
    house.console().grant(&boss.email, None, true, false, true).unwrap();
    let superuser = bisik.bearing(&house.token(&boss, 0));
    let body = with(images(), "city", "Paris");
    let before = house.ledger();
    superuser.put(&change(&bisik), &body).says(405, &json!("Not Allowed"));
    bisik.admin().put(&change(&ancre), &body).says(405, &json!("Not Allowed"));
    ancre.admin().put(&change(&bisik), &body).says(405, &json!("Not Allowed"));
    bisik.admin().put("/api/place/x/", &body).is(404);
    assert_eq!(house.ledger(), before);
}

#[test]
fn a_key_of_the_administrator_may_change_the_place() {
    let house = house();
    let bisik = house.venue("Bisik");
    bisik.key("place").put(&change(&bisik), &with(images(), "city", "Paris")).ok(201);
}

#[test]
fn a_place_can_be_neither_patched_nor_deleted() {
    let house = house();
    let bisik = house.venue("Bisik");
    for method in ["PATCH", "DELETE", "POST"] {
        let reply = bisik.staff().json(method, &change(&bisik), &json!({})).is(405);
        assert_eq!(reply.header("Allow"), Some("GET, PUT, HEAD, OPTIONS"));
    }
}

#[test]
fn memberships_stand_with_the_place_once_one_has_a_price() {
    let house = house();
    let bisik = house.venue("Bisik");
    let (first, _) = (bisik.membership("Adhésion"), bisik.ticket("Billet"));
    assert_eq!(bisik.anyone().get("/api/here/").ok(200).get("membership_products"), None);
    bisik.price(&first, "Plein tarif", 2_000);
    let here = bisik.anyone().get("/api/here/").ok(200);
    assert_eq!(column(&here["membership_products"], "name"), ["Adhésion"]);
    assert_eq!(here["membership_products"][0]["prices"][0]["prix"], json!(20.0));
}

#[test]
fn a_place_that_was_founded_is_there_after_the_house_is_opened_again() {
    let first: House = house();
    let made = first.meta().founder().post("/api/place/", &place("Le Bisik")).ok(201);
    let root = guichet::root::Root::open(first.dir(), guichet::root::Options::default()).unwrap();
    let slug = guichet::values::Slug::parse("le-bisik").unwrap();
    let tenant = root.tenant(guichet::root::Name::Slug(&slug)).unwrap().unwrap();
    assert_eq!(tenant.entry().id.to_string(), text(&made, "uuid"));
}
