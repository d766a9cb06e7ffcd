//! Images: whole and in part, in their variations, kept for ever, and of which tenant.

use crate::support::{Caller, Reply, house, image_url, text};
use guichet::trade::media::VARIATIONS;
use serde_json::{Value, json};

/// A venue's product with an image: who may look, and the image's path.
fn product_image(venue: &crate::support::Venue<'_>, file: &str) -> (Caller, String) {
    let body = json!({ "name": file, "img_url": image_url(file) });
    let made = venue.staff().post("/api/products/", &body).ok(201);
    (venue.anyone(), text(&made, "img").to_owned())
}

fn size(reply: &Reply) -> (u32, u32) {
    let image = image::load_from_memory(&reply.body).unwrap();
    (image.width(), image.height())
}

/// A place made at META, with its map uploaded.
fn place(house: &crate::support::House, name: &str) -> Value {
    let fields = [
        ("organisation", name),
        ("short_description", "Un lieu"),
        ("phone", "0692929292"),
        ("email", "contact@example.org"),
        ("categorie", "S"),
    ];
    let files = [("img", "bg.jpg"), ("logo", "logo.png"), ("map_img", "tiny.png")];
    house.meta().founder().form("POST", "/api/place/", &fields, &files).ok(201)
}

#[test]
fn an_image_may_be_kept_for_ever() {
    let house = house();
    let (anyone, path) = product_image(&house.venue("Bisik"), "tiny.png");
    let reply = anyone.get(&path).is(200);
    assert_eq!(reply.header("Content-Type"), Some("image/png"));
    assert_eq!(reply.header("Cache-Control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(reply.header("X-Content-Type-Options"), Some("nosniff"));
    assert_eq!(reply.header("Accept-Ranges"), Some("bytes"));
}

#[test]
fn who_has_an_image_already_is_not_sent_it_again() {
    let house = house();
    let (anyone, path) = product_image(&house.venue("Bisik"), "tiny.png");
    let whole = anyone.get(&path).is(200);
    let tag = whole.header("ETag").unwrap();
    for has in [tag.to_owned(), format!("\"x\", {tag}"), "*".into()] {
        let reply = anyone.with("If-None-Match", &has).get(&path).is(304);
        assert!(reply.body.is_empty());
        assert_eq!(reply.header("ETag"), Some(tag));
    }
    anyone.with("If-None-Match", "\"x\"").get(&path).is(200);
}

#[test]
fn a_part_of_an_image_is_sent_to_who_asks_for_one() {
    let house = house();
    let (anyone, path) = product_image(&house.venue("Bisik"), "tiny.png");
    let whole = anyone.get(&path).is(200).body;
    let last = whole.len() - 1;
    for (range, from, to) in [
        ("bytes=0-9", 0, 9),
        ("bytes=10-", 10, last),
        ("bytes=-5", last - 4, last),
        ("bytes=5-999999", 5, last),
    ] {
        let part = anyone.with("Range", range).get(&path).is(206);
        assert_eq!(part.body, &whole[from..=to], "{range}");
        let shown = format!("bytes {from}-{to}/{}", whole.len());
        assert_eq!(part.header("Content-Range"), Some(shown.as_str()));
    }
}

#[test]
fn a_part_that_is_not_there_is_refused_with_the_length() {
    let house = house();
    let (anyone, path) = product_image(&house.venue("Bisik"), "tiny.png");
    let length = anyone.get(&path).body.len();
    let reply = anyone.with("Range", &format!("bytes={length}-")).get(&path).is(416);
    assert_eq!(reply.header("Content-Range"), Some(format!("bytes */{length}").as_str()));
}

#[test]
fn several_parts_or_a_range_of_something_else_are_answered_with_the_whole() {
    let house = house();
    let (anyone, path) = product_image(&house.venue("Bisik"), "tiny.png");
    for range in ["bytes=0-1,3-4", "items=0-1", "bytes=5-3", "bytes"] {
        anyone.with("Range", range).get(&path).is(200);
    }
}

#[test]
fn a_part_of_another_state_of_the_image_is_answered_with_the_whole() {
    let house = house();
    let (anyone, path) = product_image(&house.venue("Bisik"), "tiny.png");
    let tag = anyone.get(&path).header("ETag").unwrap().to_owned();
    let part = anyone.with("Range", "bytes=0-9");
    part.with("If-Range", &tag).get(&path).is(206);
    part.with("If-Range", "\"x\"").get(&path).is(200);
}

#[test]
fn every_image_has_its_variations_none_larger_than_its_box_or_itself() {
    let house = house();
    let made = place(&house, "Bisik");
    let anyone = house.at("meta.example.org");
    for (images, thumbnail) in [("img_variations", (150, 90)), ("logo_variations", (300, 120))] {
        let boxes = [(1920, 1920), (720, 720), (480, 480), thumbnail];
        for (variation, (width, height)) in VARIATIONS.into_iter().zip(boxes) {
            let reply = anyone.get(text(&made[images], variation)).is(200);
            let (w, h) = size(&reply);
            assert!(w <= width && h <= height, "{images} {variation}: {w}x{h}");
        }
    }
}

#[test]
fn an_image_goes_out_in_the_format_in_which_it_came() {
    let house = house();
    let venue = house.venue("Bisik");
    for (file, media_type) in [("bg.jpg", "image/jpeg"), ("logo.png", "image/png")] {
        let (anyone, path) = product_image(&venue, file);
        assert_eq!(anyone.get(&path).is(200).header("Content-Type"), Some(media_type));
    }
}

#[test]
fn an_image_of_a_place_is_shown_on_the_host_of_whoever_lists_it() {
    let house = house();
    let made = place(&house, "Bisik");
    let ancre = house.venue("Ancre");
    let path = text(&made["img_variations"], "thumbnail");
    let own = house.at("bisik.example.org").get(path).is(200);
    for caller in [house.at("meta.example.org"), ancre.anyone()] {
        assert_eq!(caller.get(path).is(200).body, own.body);
    }
}

#[test]
fn an_image_that_a_tenant_does_not_publish_is_not_found_at_another() {
    let house = house();
    let (anyone, path) = product_image(&house.venue("Bisik"), "tiny.png");
    anyone.get(&path).is(200);
    for host in ["meta.example.org", "example.org", &house.venue("Ancre").host] {
        house.at(host).get(&path).is(404);
    }
}

#[test]
fn an_image_of_a_disabled_place_is_not_found_anywhere() {
    let house = house();
    let made = place(&house, "Bisik");
    let path = text(&made["img_variations"], "fhd");
    house.console().set_active(&guichet::values::Slug::parse("bisik").unwrap(), false).unwrap();
    house.at("meta.example.org").get(path).is(404);
    house.at("bisik.example.org").get(path).is(404);
}

#[test]
fn an_image_that_a_place_no_longer_shows_is_not_found() {
    let house = house();
    let made = place(&house, "Bisik");
    let venue_slug = guichet::values::Slug::parse("bisik").unwrap();
    let account = house.user("admin@example.org");
    house.console().grant(&account.email, Some(&venue_slug), false, false, true).unwrap();
    let admin = house
        .at("bisik.example.org")
        .with("Authorization", &format!("Bearer {}", house.token(&account, 0)));
    let body = json!({ "img_url": image_url("tiny.png"), "logo_url": image_url("tiny.png") });
    let saved = admin.put(&format!("/api/place/{}/", text(&made, "uuid")), &body).ok(201);
    house.at("meta.example.org").get(text(&made["img_variations"], "fhd")).is(404);
    house.at("meta.example.org").get(text(&saved, "img")).is(200);
}

#[test]
fn what_is_no_image_is_not_found() {
    let house = house();
    let (anyone, path) = product_image(&house.venue("Bisik"), "tiny.png");
    for wrong in [
        "/media/".to_owned(),
        "/media/images/".into(),
        "/media/../root.db".into(),
        "/media/..%2Froot.db".into(),
        "/media/%FF".into(),
        path.replace(".png", ".crop.png"),
        format!("{path}/"),
        path.to_uppercase(),
    ] {
        anyone.get(&wrong).is(404);
    }
}

#[test]
fn an_image_can_only_be_got() {
    let house = house();
    let (anyone, path) = product_image(&house.venue("Bisik"), "tiny.png");
    anyone.send("HEAD", &path, None, vec![]).is(200);
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        let reply = anyone.send(method, &path, None, vec![]).is(405);
        assert_eq!(reply.header("Allow"), Some("GET, HEAD"));
    }
}

#[test]
fn nothing_of_the_senders_bytes_stays_in_an_image() {
    let house = house();
    let staff = house.venue("Bisik").staff();
    let mut bytes = crate::support::image("tiny.png");
    bytes.extend_from_slice(b"<script>alert(1)</script>");
    let head = b"--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nBillet\r\n--b\r\nContent-Disposition: \
        form-data; name=\"img\"; filename=\"../<x>.png\"\r\n\r\n";
    let body = [head.as_slice(), &bytes, b"\r\n--b--\r\n"].concat();
    let made =
        staff.send("POST", "/api/products/", Some("multipart/form-data; boundary=b"), body).ok(201);
    let path = text(&made, "img");
    assert!(!path.contains("..") && !path.contains('<'), "{path}");
    let stored = staff.get(path).is(200).body;
    assert!(!stored.windows(8).any(|part| part == b"<script>"));
}
