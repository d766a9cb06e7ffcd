//! How a venue looks: its pages and letters in its colours, with its images and its own words, and nothing of a caller's
//! that is no colour and no image.

use crate::mail::{Postman, letter};
use crate::support::{Reply, Venue, house, image_url, text};
use crate::till::{Evening, open};
use guichet::root::By;
use guichet::trade::link::{self, Link};
use guichet::trade::unit::{self, Content};
use guichet::values::Email;
use serde_json::{Value, json};

const PAGE: &str = "/emailconfirmation/bob/x";
const POLICY: &str = "Content-Security-Policy";

fn dress(venue: &Venue<'_>, skin: &Value) {
    let path = format!("/v2/skins/{}", venue.no());
    venue.manager().put(&path, &json!({ "skin": skin })).ok(200);
}

fn speak_english(venue: &Venue<'_>) {
    venue.admin().patch("/api/settings/", &json!({ "language": "en" })).ok(200);
}

/// Gives the venue a logo; its path.
fn give_logo(venue: &Venue<'_>) -> String {
    let body = json!({ "img_url": image_url("bg.jpg"), "logo_url": image_url("logo.png") });
    venue.admin().put(&format!("/api/place/{}/", venue.id()), &body).ok(201);
    let place = venue.anyone().get("/api/here/").ok(200);
    text(&place["logo_variations"], "thumbnail").to_owned()
}

fn policy(page: &Reply) -> &str {
    page.header(POLICY).unwrap()
}

#[test]
fn a_page_is_drawn_in_the_colours_of_the_venue() {
    let house = house();
    let venue = house.venue("Bisik");
    dress(
        &venue,
        &json!({
            "ciColor": "0xCB0112", "btnColorLight": "#ffee00", "btnColorDark": "0x003300", "loginBackground": "#abc",
        }),
    );
    let page = venue.anyone().get(PAGE).is(200).text();
    for style in [
        "border-top:6px solid #cb0112",
        "background:#ffee00; color:#000000",
        "background:#003300; color:#ffffff",
        "background-color:#aabbcc",
    ] {
        assert!(page.contains(style), "{style}: {page}");
    }
}

#[test]
fn a_button_without_a_colour_of_its_own_has_the_venues() {
    let house = house();
    let venue = house.venue("Bisik");
    dress(&venue, &json!({ "ciColor": "#ffee00" }));
    assert!(venue.anyone().get(PAGE).is(200).text().contains("background:#ffee00; color:#000000"));
}

#[test]
fn a_page_of_a_venue_without_images_loads_nothing() {
    let house = house();
    let venue = house.venue("Bisik");
    let page = venue.anyone().get(PAGE).is(200);
    assert!(policy(&page).starts_with("default-src 'none'; style-src"), "{}", policy(&page));
    assert!(!page.text().contains("<img") && !page.text().contains("url("));
}

#[test]
fn the_logo_stands_above_a_page_that_may_load_the_venues_own_images_alone() {
    let house = house();
    let venue = house.venue("Bisik");
    let logo = give_logo(&venue);
    let page = venue.anyone().get(PAGE).is(200);
    assert!(page.text().contains(&format!("<img src=\"{logo}\"")), "{}", page.text());
    assert!(policy(&page).contains("img-src 'self';"), "{}", policy(&page));
    venue.anyone().get(&logo).is(200);
}

#[test]
fn an_image_from_elsewhere_may_be_loaded_where_the_skin_names_one() {
    let house = house();
    let venue = house.venue("Bisik");
    let address = "https://cdn.example.org:8443/a'b.jpg?x=1&y=2";
    dress(&venue, &json!({ "loginBackground": address }));
    let page = venue.anyone().get(PAGE).is(200);
    assert!(policy(&page).contains("img-src https://cdn.example.org:8443;"), "{}", policy(&page));
    let shown = "url('https://cdn.example.org:8443/a%27b.jpg?x=1&#38;y=2')";
    assert!(page.text().contains(shown), "{}", page.text());
    give_logo(&venue);
    let page = venue.anyone().get(PAGE).is(200);
    assert!(policy(&page).contains("img-src 'self' https://cdn.example.org:8443;"));
}

#[test]
fn what_is_no_colour_and_no_image_is_not_drawn() {
    let house = house();
    let venue = house.venue("Bisik");
    let plain = venue.anyone().get(PAGE).is(200);
    for evil in [
        "red; } body { display:none } p { color:",
        "#fff</style><script>alert(1)</script>",
        "url(https://evil.example.org/x)",
        "javascript:alert(1)",
        "data:image/svg+xml,<svg/>",
        "https://evil.example.org; script-src */x.png",
        "https://evil.example.org;script-src/x.png",
        "//evil.example.org/x.png",
        "/media/../api/user/me/",
    ] {
        dress(
            &venue,
            &json!({
                "ciColor": evil, "btnColorLight": evil, "btnColorDark": evil, "loginBackground": evil,
                "mailHeaderImage": evil, "mailBackgroundColor": evil,
            }),
        );
        let page = venue.anyone().get(PAGE).is(200);
        assert_eq!((page.text(), policy(&page)), (plain.text(), policy(&plain)), "{evil}");
    }
}

#[test]
fn a_page_that_is_not_there_is_drawn_as_the_venues_others() {
    let house = house();
    let venue = house.venue("Bisik");
    dress(&venue, &json!({ "ciColor": "0xCB0112" }));
    let page = venue.anyone().get("/ticket/none").is(404);
    assert!(page.text().contains("Page introuvable") && page.text().contains("#cb0112"));
    assert!(page.header(POLICY).is_some());
    speak_english(&venue);
    for path in ["/ticket/none", "/waiting/none/x", "/job/none/x", "/stripe/return/none"] {
        let page = venue.anyone().get(path).is(404).text();
        assert!(page.contains("lang=\"en\"") && page.contains("Page not found"), "{path}: {page}");
    }
}

#[test]
fn a_path_without_a_route_is_drawn_for_who_reads_pages_and_said_to_all_others() {
    let house = house();
    let venue = house.venue("Bisik");
    let reads = |accept| venue.anyone().with("Accept", accept).get("/nowhere").is(404).text();
    assert!(reads("text/html,*/*;q=0.8").contains("Page introuvable"));
    assert!(reads("*/*").contains("<h1>Not Found</h1>"));
    let nobody = house.at("nobody.example.com").with("Accept", "text/html");
    assert!(nobody.get("/nowhere").is(404).text().contains("<h1>Not Found</h1>"));
}

#[test]
fn the_page_after_a_payment_speaks_the_venues_language_and_has_its_colours() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (booked, session) = evening.booked("ana@example.org", 1);
    let path = format!("/stripe/return/{}", text(&booked, "paiement_stripe_uuid"));
    let page = || evening.venue.anyone().get(&path).is(200).text();
    assert!(page().contains("pas encore confirmé") && page().contains("lang=\"fr\""));
    speak_english(&evening.venue);
    dress(&evening.venue, &json!({ "ciColor": "0xCB0112" }));
    let waits = page();
    assert!(waits.contains("is not confirmed yet") && waits.contains("http-equiv=\"refresh\""));
    assert!(waits.contains("lang=\"en\"") && waits.contains("#cb0112"), "{waits}");
    peer.pay(&session);
    evening.tell("completed", &session).is(202);
    assert!(page().contains("your payment is confirmed") && !page().contains("refresh"));
}

/// The text and the HTML of a letter.
fn said(to: &str, subject: &str) -> [String; 2] {
    let letter = letter(to, subject);
    [0, 1].map(|n| letter["parts"][n]["content"].as_str().unwrap().replace("\r\n", "\n"))
}

#[test]
fn a_letter_is_drawn_in_the_venues_colours_below_its_header() {
    let house = house();
    let venue = house.venue("Bisik");
    give_logo(&venue);
    dress(
        &venue,
        &json!({
            "ciColor": "0xCB0112", "btnColorLight": "#ffee00", "mailBackgroundColor": "#a1c0ae",
            "mailHeaderImage": "https://cdn.example.org/header.png",
        }),
    );
    let _postman = Postman::of(&house);
    let body = json!({ "email": "couleur@example.org", "password": "x" });
    venue.anyone().post("/api/user/create/", &body).ok(200);
    let [text, html] = said("couleur@example.org", "Confirmez");
    for drawn in [
        "solid #cb0112",
        "background:#ffee00; color:#000000",
        "background:#a1c0ae",
        "<img src=\"https://cdn.example.org/header.png\"",
    ] {
        assert!(html.contains(drawn), "{drawn}: {html}");
    }
    assert!(html.matches("src=").count() == 1 && !text.contains("header.png"));
}

#[test]
fn a_letter_without_a_header_has_the_logo_at_its_whole_address() {
    let house = house();
    let venue = house.venue("Bisik");
    let logo = give_logo(&venue);
    let _postman = Postman::of(&house);
    let body = json!({ "email": "logo@example.org", "password": "x" });
    venue.anyone().post("/api/user/create/", &body).ok(200);
    let [_, html] = said("logo@example.org", "Confirmez");
    assert!(html.contains(&format!("//{}:8000{logo}\"", venue.host)), "{html}");
}

/// Gives the venue words of its own for itself and its units.
fn call(venue: &Venue<'_>, tenant: &str, unit: &str) {
    let staff = venue.house.console().staff(&venue.tenant());
    let words = [Some(tenant.to_owned()), Some(unit.to_owned()), None];
    staff.amend(|record| record.words.clone_from(&words)).unwrap();
}

fn invite(venue: &Venue<'_>, email: &str) {
    let body = json!({ "user": { "email": email, "roles": [40] } });
    venue.manager().post(&venue.v2("/users/"), &body).ok(200);
}

#[test]
fn an_invitation_names_the_venue_and_its_units_in_the_venues_own_words() {
    let house = house();
    let venue = house.venue("Bisik");
    call(&venue, "Théâtre <1>", "Salle");
    invite(&venue, "mots@example.org");
    let email = Email::parse("mots@example.org").unwrap();
    let account = house.console().user(&email).unwrap().unwrap().id;
    venue
        .tenant()
        .write(By::House, |tx| {
            let content = Content { name: "Le Bar".to_owned(), active: true, ..Content::default() };
            let unit = unit::create(tx, &content)?;
            link::set_people(tx, Link::UnitManager, unit.id.0, &[account])
        })
        .unwrap();
    let _postman = Postman::of(&house);
    let [text, html] = said("mots@example.org", "une invitation");
    assert!(text.contains("Théâtre <1>\u{a0}: Bisik\nSalle\u{a0}: Le Bar\n\nBisik"), "{text}");
    assert!(html.contains("Théâtre &#60;1&#62;&nbsp;: <strong>Bisik</strong>"), "{html}");
}

#[test]
fn an_invitation_of_a_venue_without_words_of_its_own_has_none() {
    let house = house();
    let venue = house.venue("Bisik");
    speak_english(&venue);
    invite(&venue, "sans@example.org");
    let _postman = Postman::of(&house);
    let [text, _] = said("sans@example.org", "an invitation");
    assert!(text.ends_with("ignore this message.\n\nBisik"), "{text:?}");
}
