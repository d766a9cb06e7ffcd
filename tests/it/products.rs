//! Products: making, showing, changing, archiving.

use crate::support::{at_once, column, house, house_with, image_url, text};
use guichet::trade::product::Category;
use serde_json::{Value, json};
use std::io::Cursor;

const PATH: &str = "/api/products/";
const GONE: &str = "/api/products/00000000-0000-4000-8000-000000000000/";

fn product(name: &str) -> Value {
    json!({ "name": name, "img_url": image_url("tiny.png") })
}

fn with(mut body: Value, member: &str, value: impl Into<Value>) -> Value {
    body[member] = value.into();
    body
}

fn path(product: &str) -> String {
    format!("{PATH}{product}/")
}

fn cashless(name: &str) -> Value {
    json!({
        "name": name, "img_url": image_url("tiny.png"), "categorie_article": "A", "send_to_cashless": true,
    })
}

#[test]
fn a_product_needs_a_name_and_an_image_and_no_more() {
    let house = house();
    let made = house.venue("Bisik").staff().post(PATH, &product("Billet")).ok(201);
    assert_eq!(made["categorie_article"], "N");
    assert_eq!((&made["publish"], &made["send_to_cashless"]), (&json!(false), &json!(false)));
    assert_eq!((&made["short_description"], &made["prices"]), (&Value::Null, &json!([])));
}

#[test]
fn every_field_of_a_product_comes_back_as_it_was_sent() {
    let house = house();
    let venue = house.venue("Bisik");
    let body = json!({
        "name": "T-shirt", "short_description": "Coton", "long_description": "Deux lignes.\nLa seconde.",
        "terms_and_conditions_document": "https://example.org/cgv.pdf", "publish": true,
        "categorie_article": "T", "send_to_cashless": true, "img_url": image_url("tiny.png"),
    });
    let made = venue.staff().post(PATH, &body).ok(201);
    let shown = venue.anyone().get(&path(text(&made, "uuid"))).ok(200);
    for (member, value) in body.as_object().unwrap() {
        if member != "img_url" {
            assert_eq!((&made[member], &shown[member]), (value, value), "{member}");
        }
    }
}

#[test]
fn a_new_product_names_its_image_without_a_host_and_lists_name_it_with_one() {
    let house = house();
    let venue = house.venue("Bisik");
    let made = venue.staff().post(PATH, &product("Billet")).ok(201);
    let list = venue.anyone().get(PATH).ok(200);
    assert_eq!(text(&list[0], "img"), format!("http://bisik.example.org{}", text(&made, "img")));
}

#[test]
fn a_product_without_an_image_is_refused_and_nothing_is_stored() {
    let house = house();
    let venue = house.venue("Bisik");
    let before = house.ledger();
    let what = json!({ "non_field_errors": ["img doit contenir un fichier, ou img_url doit contenir une url valide"] });
    for url in [Value::Null, json!(""), json!(false), json!(0), json!([])] {
        let body = json!({ "name": "Billet", "img_url": url });
        venue.staff().post(PATH, &body).says(400, &what);
    }
    venue
        .staff()
        .post(PATH, &with(product("Billet"), "img_url", image_url("notimage.txt")))
        .is(400);
    assert_eq!(house.ledger(), before);
}

#[test]
fn a_product_can_be_made_from_a_form_with_a_file() {
    let house = house();
    let texts = [("name", "Billet"), ("publish", "true"), ("categorie_article", "B")];
    let made =
        house.venue("Bisik").staff().form("POST", PATH, &texts, &[("img", "logo.png")]).ok(201);
    assert!(text(&made, "img").starts_with("/media/images/logo_"));
    assert_eq!((&made["publish"], &made["categorie_article"]), (&json!(true), &json!("B")));
}

#[test]
fn a_file_that_is_no_image_is_refused() {
    let house = house();
    let staff = house.venue("Bisik").staff();
    staff.form("POST", PATH, &[("name", "Billet")], &[("img", "notimage.txt")]).faults(&["img"]);
    staff.form("POST", PATH, &[("name", "Billet"), ("img", "texte")], &[]).faults(&["img"]);
}

#[test]
fn products_stand_in_the_order_of_their_making() {
    let house = house();
    let venue = house.venue("Bisik");
    for name in ["C", "A", "B"] {
        venue.ticket(name);
    }
    assert_eq!(column(&venue.anyone().get(PATH).ok(200), "name"), ["C", "A", "B"]);
}

#[test]
fn a_product_shows_its_prices_cheapest_first() {
    let house = house();
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Billet");
    venue.price(&ticket, "Plein", 1_000);
    venue.price(&ticket, "Demi", 500);
    for shown in
        [venue.anyone().get(&path(&ticket)).ok(200), venue.anyone().get(PATH).ok(200)[0].clone()]
    {
        assert_eq!(column(&shown["prices"], "name"), ["Demi", "Plein"]);
    }
}

#[test]
fn every_letter_of_a_category_is_accepted_those_of_later_versions_too() {
    let house = house();
    let staff = house.venue("Bisik").staff();
    for category in Category::ALL {
        let body = with(product(category.as_str()), "categorie_article", category.as_str());
        assert_eq!(staff.post(PATH, &body).ok(201)["categorie_article"], category.as_str());
    }
    for wrong in [json!("X"), json!("b"), json!(""), json!(1), json!([]), Value::Null] {
        staff
            .post(PATH, &with(product("x"), "categorie_article", wrong))
            .faults(&["categorie_article"]);
    }
}

#[test]
fn a_text_of_a_product_may_be_as_long_as_the_contract_says_and_not_longer() {
    let house = house();
    let staff = house.venue("Bisik").staff();
    let link = |length: usize| format!("http://a.fr/{}", "x".repeat(length - 12));
    let of = |more: usize| {
        json!({
            "name": "é".repeat(500 + more), "short_description": "é".repeat(250 + more),
            "long_description": "é".repeat(100_000 + more), "terms_and_conditions_document": link(200 + more),
            "img_url": image_url("tiny.png"),
        })
    };
    let made = staff.post(PATH, &of(0)).ok(201);
    assert_eq!(text(&made, "long_description").chars().count(), 100_000);
    staff.post(PATH, &of(1)).faults(&[
        "name",
        "short_description",
        "long_description",
        "terms_and_conditions_document",
    ]);
}

#[test]
fn a_taken_name_is_a_conflict_whatever_else_is_wrong() {
    let house = house();
    let venue = house.venue("Bisik");
    venue.ticket("Billet");
    let staff = venue.staff();
    let taken = json!(["Un objet Produit avec ce champ Nom existe déjà."]);
    staff.post(PATH, &json!({ "name": " Billet " })).says(409, &json!({ "name": taken }));
    let both = staff.post(PATH, &json!({ "name": "Billet", "publish": "peut-être" })).ok(409);
    assert_eq!((&both["name"], &both["publish"]), (&taken, &json!(["Must be a valid boolean."])));
    staff.post(PATH, &product("billet")).ok(201);
}

#[test]
fn a_venue_has_one_membership_for_cashless_cards() {
    let house = house();
    let staff = house.venue("Bisik").staff();
    staff.post(PATH, &cashless("Adhésion")).ok(201);
    staff.post(PATH, &cashless("Autre")).says(
        400,
        &json!({ "non_field_errors": ["Un article d'adhésion vers le cashless existe déja."] }),
    );
    staff.post(PATH, &with(cashless("Recharge"), "categorie_article", "R")).ok(201);
    staff.post(PATH, &with(cashless("Sans carte"), "send_to_cashless", false)).ok(201);
}

#[test]
fn of_eight_memberships_for_cashless_cards_at_once_exactly_one_is_made() {
    let house = house();
    let venue = house.venue("Bisik");
    let staff = venue.staff();
    let statuses = at_once(8, |n| staff.post(PATH, &cashless(&format!("Adhésion {n}"))).status);
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 201 | 400)), "{statuses:?}");
    assert_eq!(venue.anyone().get(PATH).ok(200).as_array().map(Vec::len), Some(1));
}

#[test]
fn of_eight_products_of_one_name_at_once_exactly_one_is_made() {
    let house = house();
    let venue = house.venue("Bisik");
    let staff = venue.staff();
    let statuses = at_once(8, |_| staff.post(PATH, &product("Billet")).status);
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 201 | 409)), "{statuses:?}");
    assert_eq!(venue.anyone().get(PATH).ok(200).as_array().map(Vec::len), Some(1));
}

#[test]
fn of_eight_who_take_one_free_name_at_once_exactly_one_gets_it() {
    let house = house();
    let venue = house.venue("Bisik");
    let staff = venue.staff();
    let ids: Vec<String> = (0..8).map(|n| venue.ticket(&format!("Billet {n}"))).collect();
    let statuses = at_once(8, |n| staff.patch(&path(&ids[n]), &json!({ "name": "Billet" })).status);
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 409)), "{statuses:?}");
}

#[test]
fn a_venue_holds_as_many_products_as_the_settings_say() {
    let house = house_with(&[("products", "2")]);
    let venue = house.venue("Bisik");
    let staff = venue.staff();
    let first = text(&staff.post(PATH, &product("a")).ok(201), "uuid").to_owned();
    staff.post(PATH, &product("b")).ok(201);
    let before = house.ledger();
    staff.post(PATH, &product("c")).faults(&["non_field_errors"]);
    assert_eq!(house.ledger(), before);
    staff.delete(&path(&first)).is(204);
    staff.post(PATH, &product("c")).ok(201);
}

#[test]
fn a_product_is_found_by_its_id_in_any_spelling() {
    let house = house();
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Billet");
    for spelling in [ticket.to_uppercase(), ticket.replace('-', ""), format!("%7B{ticket}%7D")] {
        assert_eq!(text(&venue.anyone().get(&path(&spelling)).ok(200), "uuid"), ticket);
    }
}

#[test]
fn what_is_no_product_is_not_found_by_any_method() {
    let house = house();
    let (bisik, ancre) = (house.venue("Bisik"), house.venue("Ancre"));
    let of_another = path(&ancre.ticket("Billet"));
    let before = house.ledger();
    for path in [GONE, &of_another, "/api/products/x/", "/api/products/%2F/", "/api/products/0/"] {
        for method in ["GET", "PATCH", "DELETE"] {
            bisik
                .staff()
                .json(method, path, &json!({}))
                .says(404, &json!({ "detail": "Pas trouvé." }));
        }
    }
    assert_eq!(house.ledger(), before);
}

#[test]
fn a_changed_product_keeps_what_was_not_sent() {
    let house = house();
    let venue = house.venue("Bisik");
    let made = venue
        .staff()
        .post(PATH, &with(product("Billet"), "short_description", "Une place"))
        .ok(201);
    let id = text(&made, "uuid");
    let changed = venue.staff().patch(&path(id), &json!({ "publish": true })).ok(200);
    assert_eq!(
        (text(&changed, "name"), text(&changed, "short_description")),
        ("Billet", "Une place")
    );
    assert_eq!(text(&changed, "img"), format!("http://bisik.example.org{}", text(&made, "img")));
    assert_eq!(venue.anyone().get(&path(id)).ok(200), changed);
}

#[test]
fn every_field_of_a_product_can_be_changed() {
    let house = house();
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Billet");
    for (member, value) in [
        ("name", json!("Place")),
        ("short_description", json!("Une place")),
        ("long_description", json!("Assise")),
        ("terms_and_conditions_document", json!("https://example.org/cgv.pdf")),
        ("publish", json!(false)),
        ("categorie_article", json!("G")),
        ("send_to_cashless", json!(true)),
    ] {
        let changed = venue.staff().patch(&path(&ticket), &json!({ member: value })).ok(200);
        assert_eq!(changed[member], value);
        assert_eq!(venue.anyone().get(&path(&ticket)).ok(200)[member], value, "{member}");
    }
}

#[test]
fn null_empties_what_a_product_may_leave_out_and_nothing_else() {
    let house = house();
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Billet");
    let staff = venue.staff();
    for member in ["short_description", "long_description", "terms_and_conditions_document"] {
        let full = json!({ member: "https://example.org/" });
        staff.patch(&path(&ticket), &full).ok(200);
        let empty = staff.patch(&path(&ticket), &json!({ member: null })).ok(200);
        assert_eq!(empty[member], Value::Null, "{member}");
    }
    for member in ["name", "publish", "categorie_article", "send_to_cashless"] {
        staff.patch(&path(&ticket), &json!({ member: null })).faults(&[member]);
    }
}

#[test]
fn an_image_with_too_many_pixels_is_told_the_limit() {
    let mut wide = Cursor::new(vec![]);
    image::GrayImage::new(1_100, 1_000).write_to(&mut wide, image::ImageFormat::Png).unwrap();
    let (wide, host) = (wide.into_inner(), tiny_http::Server::http("127.0.0.1:0").unwrap());
    let address = host.server_addr().to_ip().unwrap().to_string();
    let house = house_with(&[("image_megapixels", "1"), ("fetch_allow", &address)]);
    let staff = house.venue("Bisik").staff();
    let part =
        |head: &str| format!("--limit\r\nContent-Disposition: form-data; name={head}\r\n\r\n");
    let mut body = part("name").into_bytes();
    body.extend_from_slice(b"Billet\r\n");
    body.extend_from_slice(part("img; filename=wide.png").as_bytes());
    body.extend_from_slice(&wide);
    body.extend_from_slice(b"\r\n--limit--\r\n");
    let form = Some("multipart/form-data; boundary=limit");
    let limit =
        "The image you uploaded is too large. The required maximum resolution is: 1 megapixels.";
    assert_eq!(staff.send("POST", PATH, form, body).ok(400), json!({ "img": [limit] }));
    let named = with(product("Billet"), "img_url", format!("http://{address}/wide.png"));
    let told = std::thread::scope(|scope| {
        scope.spawn(|| {
            let asked = host.recv().unwrap();
            asked.respond(tiny_http::Response::from_data(wide)).unwrap();
        });
        staff.post(PATH, &named).ok(400)
    });
    let told = told["non_field_errors"][0].as_str().unwrap();
    assert!(told.ends_with(" : l'image est trop grande, au plus 1 mégapixels"), "{told}");
}

#[test]
fn an_image_is_not_taken_away_by_a_null() {
    let house = house();
    let venue = house.venue("Bisik");
    let made = venue.staff().post(PATH, &product("Billet")).ok(201);
    let path = path(text(&made, "uuid"));
    let body = json!({ "img": null });
    assert_eq!(
        venue.staff().patch(&path, &body).ok(400),
        json!({ "img": ["Ce champ ne peut être nul."] })
    );
    let other = with(body, "img_url", image_url("logo.png"));
    assert!(text(&venue.staff().patch(&path, &other).ok(200), "img").contains("logo"));
}

#[test]
fn a_changed_image_takes_the_place_of_the_old_one() {
    let house = house();
    let venue = house.venue("Bisik");
    let made = venue.staff().post(PATH, &product("Billet")).ok(201);
    let old = text(&made, "img").to_owned();
    venue.anyone().get(&old).is(200);
    let body = json!({ "img_url": image_url("logo.png") });
    let changed = venue.staff().patch(&path(text(&made, "uuid")), &body).ok(200);
    assert_ne!(text(&changed, "img"), format!("http://bisik.example.org{old}"));
    venue.anyone().get(&old).is(404);
}

#[test]
fn a_product_may_be_given_its_own_name_but_not_that_of_another() {
    let house = house();
    let venue = house.venue("Bisik");
    let (ticket, _) = (venue.ticket("Billet"), venue.ticket("Place"));
    venue.staff().patch(&path(&ticket), &json!({ "name": "Billet" })).ok(200);
    venue.staff().patch(&path(&ticket), &json!({ "name": "Place" })).is(409);
}

#[test]
fn a_second_membership_for_cashless_cards_cannot_be_made_by_a_change() {
    let house = house();
    let venue = house.venue("Bisik");
    let (first, second) = (venue.membership("Adhésion"), venue.membership("Autre"));
    venue.staff().patch(&path(&first), &json!({ "send_to_cashless": true })).ok(200);
    venue.staff().patch(&path(&first), &json!({ "name": "Adhésion 2" })).ok(200);
    venue
        .staff()
        .patch(&path(&second), &json!({ "send_to_cashless": true }))
        .faults(&["non_field_errors"]);
}

#[test]
fn a_product_whose_prices_have_no_period_does_not_become_a_membership() {
    let house = house();
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Billet");
    let price = json!({ "product": ticket, "name": "Plein", "prix": 10 });
    let made = venue.staff().post("/api/prices/", &price).ok(201);
    let to_membership = json!({ "categorie_article": "A" });
    venue.staff().patch(&path(&ticket), &to_membership).faults(&["non_field_errors"]);
    let price_path = format!("/api/prices/{}/", text(&made, "uuid"));
    venue.staff().patch(&price_path, &json!({ "subscription_type": "Y" })).ok(200);
    venue.staff().patch(&path(&ticket), &to_membership).ok(200);
}

#[test]
fn a_membership_that_prices_of_others_require_stays_one() {
    let house = house();
    let venue = house.venue("Bisik");
    let (membership, ticket) = (venue.membership("Adhésion"), venue.ticket("Billet"));
    let price = json!({ "product": ticket, "name": "Membre", "prix": 5, "adhesion_obligatoire": membership });
    venue.staff().post("/api/prices/", &price).ok(201);
    venue.staff().patch(&path(&membership), &json!({ "categorie_article": "B" })).is(409);
    assert_eq!(venue.anyone().get(&path(&membership)).ok(200)["categorie_article"], "A");
}

#[test]
fn a_deleted_product_is_gone_with_its_prices_and_its_image() {
    let house = house();
    let venue = house.venue("Bisik");
    let made = venue.staff().post(PATH, &product("Billet")).ok(201);
    let (id, image) = (text(&made, "uuid"), text(&made, "img"));
    let price = venue.price(id, "Plein", 1_000);
    let reply = venue.staff().delete(&path(id)).is(204);
    assert!(reply.body.is_empty());
    let anyone = venue.anyone();
    anyone.get(&path(id)).is(404);
    anyone.get(&format!("/api/prices/{price}/")).is(404);
    anyone.get(image).is(404);
    assert_eq!(anyone.get(PATH).ok(200), json!([]));
    venue.staff().delete(&path(id)).is(404);
}

#[test]
fn a_deleted_product_gives_its_name_free() {
    let house = house();
    let venue = house.venue("Bisik");
    let ticket = venue.ticket("Billet");
    venue.staff().delete(&path(&ticket)).is(204);
    venue.staff().post(PATH, &product("Billet")).ok(201);
}

#[test]
fn a_deleted_membership_that_others_require_is_archived() {
    let house = house();
    let venue = house.venue("Bisik");
    let (membership, ticket) = (venue.membership("Adhésion"), venue.ticket("Billet"));
    let of_membership = venue.price(&membership, "Plein", 2_000);
    let body = json!({ "product": ticket, "name": "Membre", "prix": 5, "adhesion_obligatoire": membership });
    let price = venue.staff().post("/api/prices/", &body).ok(201);
    venue.staff().delete(&path(&membership)).is(204);
    let anyone = venue.anyone();
    anyone.get(&path(&membership)).is(404);
    anyone.get(&format!("/api/prices/{of_membership}/")).is(404);
    let kept = anyone.get(&format!("/api/prices/{}/", text(&price, "uuid"))).ok(200);
    assert_eq!(text(&kept, "adhesion_obligatoire"), membership);
    let again = with(body, "name", "Autre");
    venue.staff().post("/api/prices/", &again).faults(&["adhesion_obligatoire"]);
    venue.staff().post(PATH, &with(product("Adhésion"), "categorie_article", "A")).ok(201);
}

#[test]
fn a_membership_for_cashless_cards_that_is_archived_makes_room_for_another() {
    let house = house();
    let venue = house.venue("Bisik");
    let made = venue.staff().post(PATH, &cashless("Adhésion")).ok(201);
    let id = text(&made, "uuid");
    let ticket = venue.ticket("Billet");
    let body =
        json!({ "product": ticket, "name": "Membre", "prix": 5, "adhesion_obligatoire": id });
    venue.staff().post("/api/prices/", &body).ok(201);
    venue.staff().delete(&path(id)).is(204);
    venue.staff().post(PATH, &cashless("Nouvelle")).ok(201);
}

#[test]
fn what_is_no_object_is_refused() {
    let house = house();
    let staff = house.venue("Bisik").staff();
    for (body, kind) in
        [(json!([]), "list"), (json!("x"), "str"), (json!(1), "int"), (json!(true), "bool")]
    {
        let what = format!("Donnée non valide. Attendait un dictionnaire, a reçu {kind}.");
        staff.post(PATH, &body).says(400, &json!({ "non_field_errors": [what] }));
    }
    staff.post(PATH, &Value::Null).says(400, &json!({ "non_field_errors": ["No data provided"] }));
}

#[test]
fn members_that_nobody_knows_are_ignored() {
    let house = house();
    let body = with(product("Billet"), "nominative", true);
    let made = house.venue("Bisik").staff().post(PATH, &body).ok(201);
    assert_eq!(made.get("nominative"), None);
}
