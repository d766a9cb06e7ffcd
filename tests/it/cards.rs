//! NFC cards are registered: by a venue from a file, by the house from a list.

use crate::support::{Caller, House, Reply, house, text};
use serde_json::{Value, json};

const QR: &str = "76dc433c-00ac-479c-93c4-b7a0710246af";

/// Somebody who runs the house, on its agenda.
pub(crate) fn operator(house: &House) -> Caller {
    let account = house.user(&format!("owner-{}@example.org", house.next()));
    house.console().grant(&account.email, None, true, false, true).unwrap();
    house.meta().bearing(&house.token(&account, 0))
}

fn load(caller: &Caller, csv: &str) -> Reply {
    let body = format!("generation=1&csv={}", csv.replace('/', "%2F").replace('\n', "%0A"));
    let form = Some("application/x-www-form-urlencoded");
    caller.send("POST", "/api/load_cards/", form, body.into_bytes())
}

fn card(id: &str, number: &str, tag: &str) -> Value {
    json!({ "generation": 2, "url": format!("https://bisik.example.org/qr/{id}"), "tag_id": tag, "number": number })
}

fn count(house: &House) -> usize {
    house.console().cards(None, 100, 0).unwrap().len()
}

#[test]
fn a_venue_registers_the_cards_of_a_file_once() {
    let house = house();
    let venue = house.venue("Bisik");
    let csv = format!("https://bisik.example.org/qr/{QR},76DC433C,ee144ce8\n");
    for _ in 0..2 {
        assert_eq!(load(&venue.admin(), &csv).ok(200), json!("Cartes chargées"));
    }
    let cards = house.console().cards(Some(&venue.slug), 100, 0).unwrap();
    let shown: Vec<_> =
        cards.iter().map(|c| (c.id.to_string(), c.tag.as_str(), c.generation, c.taken)).collect();
    assert_eq!(shown, [(QR.to_owned(), "EE144CE8", 1, false)]);
}

#[test]
fn a_file_with_one_wrong_line_registers_nothing() {
    let house = house();
    let venue = house.venue("Bisik");
    house.venue("Ancre");
    let right = format!("https://bisik.example.org/qr/{QR},76DC433C,EE144CE8");
    for wrong in [
        "https://bisik.example.org/qr/x,76DC433D,EE144CE9",
        "https://ancre.example.org/qr/76dc433d-00ac-479c-93c4-b7a0710246af,76DC433D,EE144CE9",
        "https://bisik.example.org/qr/76dc433d-00ac-479c-93c4-b7a0710246af,76DC433D",
        "https://bisik.example.org/qr/76dc433d-00ac-479c-93c4-b7a0710246af,76DC433D,EE144CE",
    ] {
        let reply = load(&venue.admin(), &format!("{right}\n{wrong}"));
        assert_eq!(
            (reply.status, reply.json()),
            (406, json!("Mauvais formatage de fichier.")),
            "{wrong}"
        );
    }
    let without = venue.admin().post("/api/load_cards/", &json!({}));
    assert_eq!((without.status, without.json()), (406, json!("Mauvais fichiers")));
    assert_eq!(count(&house), 0);
}

#[test]
fn a_tag_is_one_card_alone() {
    let house = house();
    let venue = house.venue("Bisik");
    load(&venue.admin(), &format!("https://bisik.example.org/qr/{QR},76DC433C,EE144CE8")).ok(200);
    let other =
        "https://bisik.example.org/qr/86dc433c-00ac-479c-93c4-b7a0710246af,86DC433C,EE144CE8";
    let reply = load(&venue.admin(), other);
    assert_eq!(reply.status, 400);
    assert!(reply.text().contains("Carte 1 : une autre carte"), "{}", reply.text());
    assert_eq!(count(&house), 1);
}

#[test]
fn the_house_makes_a_batch_and_registers_its_cards() {
    let house = house();
    let (venue, operator) = (house.venue("Bisik"), operator(&house));
    let batch = json!({ "base_url": "https://bisik.example.org/qr/", "origine": venue.id(), "generation": 2 });
    let made = operator.post("/api/detailCashlessCard/", &batch).ok(201);
    assert_eq!(text(&made, "origine"), venue.id());
    assert_eq!(operator.post("/api/detailCashlessCard/", &batch).status, 400);
    let mut one = card(QR, "76DC433C", "EE144CE8");
    one["detail"] = made["uuid"].clone();
    assert_eq!(operator.post("/api/loadCardsFromDict/", &json!([one])).ok(200), json!("poulpe"));
    assert_eq!(count(&house), 1);
}

#[test]
fn a_card_of_no_batch_or_of_another_is_refused_with_all_others() {
    let house = house();
    let (venue, operator) = (house.venue("Bisik"), operator(&house));
    let list = |cards: Value| operator.post("/api/loadCardsFromDict/", &cards);
    let first = card(QR, "76DC433C", "EE144CE8");
    assert_eq!(list(json!([first])).status, 404);
    let batch = json!({ "base_url": "https://bisik.example.org/qr/", "origine": venue.id(), "generation": 2 });
    operator.post("/api/detailCashlessCard/", &batch).ok(201);
    let mut second = card("86dc433c-00ac-479c-93c4-b7a0710246af", "86DC433C", "FE144CE8");
    second["detail"] = json!(venue.id());
    let reply = list(json!([first, second]));
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json()["detail"], json!(["erreur url carte != detail uuid"]));
    for wrong in [
        json!({}),
        json!([1]),
        json!([{ "url": 1 }]),
        json!([{ "generation": -1, "url": "x", "tag_id": "x", "number": "x" }]),
    ] {
        assert_eq!(list(wrong.clone()).status, 400, "{wrong}");
    }
    assert_eq!(count(&house), 0);
}

#[test]
fn only_the_house_makes_batches() {
    let house = house();
    let venue = house.venue("Bisik");
    let routes = ["/api/detailCashlessCard/", "/api/loadCardsFromDict/"];
    for route in routes {
        assert_eq!(venue.anyone().post(route, &json!([])).status, 401);
        assert_eq!(venue.admin().post(route, &json!([])).status, 403);
        assert_eq!(venue.staff().post(route, &json!([])).status, 403);
    }
}
