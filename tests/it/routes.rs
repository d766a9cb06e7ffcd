//! Promises over the table of routes: who is let in, whose rows an answer holds, and what each answer looks like.

use crate::cards::operator;
use crate::exports::sold_at;
use crate::golden::Golden;
use crate::stripe_peer::Trouble;
use crate::support::{ALL_RIGHTS, Caller, House, Reply, Venue, house, house_with, image_url, text};
use crate::till::{Evening, open};
use guichet::doors::{DOORS, Door, Guard, Handler, Method, Place, Route};
use guichet::root::{Right, Rights};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Every route of the doors that know their tenant by the host and their callers by keys and tokens; the others have
/// tests of their own.
fn routes() -> impl Iterator<Item = (&'static Door, &'static Route)> {
    let here = DOORS.iter().filter(|door| !door.slash_is_free);
    here.flat_map(|door| door.all_routes().map(|route| (*door, route)))
}

/// What asks for a guard: the route, its right, and a method that the guard stands before.
fn guarded() -> Vec<(&'static Route, Option<Right>, &'static str)> {
    let mut all = vec![];
    for (_, route) in routes() {
        let right = match route.guard {
            Guard::Open | Guard::Known | Guard::Operator => continue,
            Guard::Member => None,
            Guard::Staff(right) => right,
        };
        for verb in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"] {
            let open = route.method(verb).is_some_and(is_open);
            if !open {
                all.push((route, right, verb));
            }
        }
    }
    all
}

fn is_open(method: &Method) -> bool {
    matches!(method.handler, Handler::Public(_) | Handler::House(_))
}

/// The route's path with an id that is there.
fn path(route: &Route, venue: &Venue<'_>, product: &str, price: &str) -> String {
    let id = match route.name {
        "product" => product.to_owned(),
        "price" => price.to_owned(),
        _ => venue.id(),
    };
    route
        .path
        .replace("{id}", &id)
        .replace("{slug}", "none")
        .replace("{uid}", "none")
        .replace("{token}", "none")
        .replace("{path*}", "images/none.png")
}

/// A body that would do something if its sender were let in.
fn body(route: &Route, product: &str) -> Value {
    match route.name {
        "prices" => json!({ "product": product, "name": "Intrus", "prix": 1 }),
        "place" | "artist" => {
            json!({ "city": "Intrus", "img_url": image_url("tiny.png"), "logo_url": image_url("tiny.png") })
        }
        "places" | "artists" => json!({
            "organisation": "Intrus", "short_description": "x", "phone": "1", "email": "a@example.org",
            "categorie": if route.name == "places" { "S" } else { "A" },
            "img_url": image_url("tiny.png"), "logo_url": image_url("tiny.png"),
        }),
        "events" | "event" => {
            json!({ "name": "Intrus", "datetime": "2099-01-01T20:00", "products": [product] })
        }
        "fees" | "fee" => {
            json!({ "name": "Intrus", "scope": "organizer", "payer": "customer", "fixed": 1 })
        }
        "order_payments" => json!({ "means": "cash" }),
        "event_door" => json!({ "scans": [] }),
        "settings" => json!({ "reentry": false }),
        "refund_settle" => json!({ "means": "cash" }),
        _ => json!({ "name": "Intrus", "img_url": image_url("tiny.png") }),
    }
}

/// Asks every guarded method as each of these callers and sees that all hear `status` and nothing changes.
fn all_refused(status: u16, callers: impl Fn(&Setting<'_>, Option<Right>) -> Vec<Caller>) {
    let house = house_with(&[("failures_per_address", "1000000")]);
    let setting = Setting::new(&house);
    // Callers first: accounts made for them are no change that a request has made.
    let asked: Vec<_> = guarded()
        .into_iter()
        // Whoever is logged in is let in where that is all that is asked.
        .filter(|(route, ..)| status == 401 || route.guard != Guard::Member)
        .flat_map(|(route, right, verb)| {
            callers(&setting, right).into_iter().map(move |caller| (route, verb, caller))
        })
        .collect();
    let before = house.ledger();
    for (route, verb, caller) in asked {
        let (path, body) = (setting.path(route), body(route, &setting.product));
        let media_type = Some("application/json");
        let reply = caller.send(verb, &path, media_type, body.to_string().into_bytes());
        assert_eq!(reply.status, status, "{verb} {path}: {}", reply.text());
    }
    assert_eq!(house.ledger(), before);
}

/// Two venues, each with a product and a price.
struct Setting<'h> {
    ours: Venue<'h>,
    theirs: Venue<'h>,
    product: String,
    price: String,
}

impl<'h> Setting<'h> {
    fn new(house: &'h House) -> Self {
        let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
        let product = ours.ticket("Billet");
        let price = ours.price(&product, "Plein", 1_000);
        Self { ours, theirs, product, price }
    }

    fn path(&self, route: &Route) -> String {
        path(route, &self.ours, &self.product, &self.price)
    }
}

#[test]
fn every_guarded_route_refuses_a_stranger() {
    all_refused(401, |setting, _| vec![setting.ours.anyone()]);
}

#[test]
fn every_guarded_route_refuses_a_wrong_key() {
    all_refused(401, |setting, _| {
        let right = setting.ours.new_key(ALL_RIGHTS, None, None);
        let (prefix, _) = right.split_once('.').unwrap();
        let guess = format!("{prefix}.{}", "x".repeat(32));
        vec![setting.ours.holding("garbage"), setting.ours.holding(&guess)]
    });
}

#[test]
fn every_guarded_route_refuses_a_key_of_another_tenant() {
    all_refused(401, |setting, _| vec![setting.theirs.staff().at(&setting.ours.host)]);
}

#[test]
fn every_guarded_route_refuses_a_key_without_its_right() {
    all_refused(401, |setting, right| {
        let others: Vec<&str> = Right::OF_KEYS
            .iter()
            .filter(|(r, _)| right.is_none_or(|right| !Rights::of(&[*r]).of_key().has(right)))
            .map(|(_, name)| *name)
            .collect();
        vec![setting.ours.key(&others.join(","))]
    });
}

#[test]
fn every_guarded_route_refuses_who_is_logged_in_and_administers_nothing() {
    all_refused(403, |setting, _| vec![setting.ours.member()]);
}

#[test]
fn every_guarded_route_refuses_the_administrator_of_another_tenant() {
    all_refused(403, |setting, _| vec![setting.theirs.admin().at(&setting.ours.host)]);
}

#[test]
fn every_guarded_route_refuses_a_bad_token() {
    all_refused(401, |setting, _| vec![setting.ours.bearing("a.b.c")]);
}

#[test]
fn no_answer_of_one_tenant_holds_an_id_of_what_another_sells() {
    let house = house();
    let setting = Setting::new(&house);
    let membership = setting.theirs.membership("Adhésion");
    let theirs = [
        setting.theirs.price(&membership, "Plein", 2_000),
        setting.theirs.price(&setting.theirs.ticket("Billet"), "Plein", 1_000),
        membership,
    ];
    let callers =
        [setting.ours.anyone(), setting.ours.staff(), setting.ours.admin(), house.meta().admin()];
    for (_, route) in routes() {
        let paths = [setting.path(route), path(route, &setting.theirs, &theirs[2], &theirs[0])];
        for path in paths {
            for caller in &callers {
                for verb in ["GET", "PATCH", "PUT", "DELETE", "POST"] {
                    if verb == "DELETE" && path.contains(&setting.product) {
                        continue;
                    }
                    let reply = caller.json(verb, &path, &json!({}));
                    let shown = reply.text();
                    assert!(!theirs.iter().any(|id| shown.contains(id)), "{verb} {path}: {shown}");
                }
            }
        }
    }
    assert_eq!(
        setting.theirs.anyone().get("/api/prices/").ok(200).as_array().map(Vec::len),
        Some(2)
    );
}

#[test]
fn every_route_that_is_not_everywhere_is_nowhere_on_an_unknown_host() {
    let house = house();
    let setting = Setting::new(&house);
    for (_, route) in routes().filter(|(_, route)| route.place != Place::Everywhere) {
        for method in route.methods {
            let stranger = house.at("nobody.example.com");
            stranger.json(method.verb, &setting.path(route), &json!({})).is(404);
        }
    }
}

#[test]
fn every_method_of_every_route_answers_as_its_golden_files_say() {
    let house = house();
    let mut claimed = BTreeSet::new();
    let mut ops = Golden::of("ops");
    ops.check("up-get", &house.at("any.example.com").get("/up"));
    ops.check("openapi-get", &house.at("any.example.com").get("/api/openapi.json"));
    ops.check("up-post", &house.at("any.example.com").post("/up", &json!({})));
    claimed.extend(ops.close());
    claimed.extend(tibillet(&house));
    let mut web = Golden::of("web");
    let list = house.at("meta.example.org").get("/api/place/").ok(200);
    web.check(
        "media-get",
        &house.at("meta.example.org").get(text(&list[0]["logo_variations"], "thumbnail")),
    );
    web.check("media-get-missing", &house.at("meta.example.org").get("/media/images/none.png"));
    let meta = house.at("meta.example.org");
    web.check("confirm-get", &meta.get("/emailconfirmation/bob/x"));
    web.check("confirm-post", &meta.post("/emailconfirmation/bob/x", &json!({})));
    web.check("invitation-get", &meta.get("/invitation/x/y"));
    web.check("invitation-post", &meta.post("/invitation/x/y", &json!({})));
    web.check("ticket_page-get", &meta.get("/ticket/none"));
    web.check("job_file-get", &meta.get("/job/none/x"));
    web.check("waiting_page-get-forged", &meta.get("/waiting/none/x"));
    web.check("waiting_page-post-forged", &meta.post("/waiting/none/x", &json!({})));
    web.check("waiting_confirm-post-forged", &meta.post("/waiting/none/x/confirm", &json!({})));
    follow(&mut web, &house);
    web.check("stripe_return-get", &meta.get("/stripe/return/none"));
    offered(&mut web, &house);
    claimed.extend(web.close());
    for (door, route) in routes() {
        for method in route.methods {
            let case = format!("{}-{}", route.name, method.verb.to_lowercase());
            assert!(
                claimed.contains(&format!("{case}.json")),
                "{} has no golden file {case}",
                door.name
            );
        }
    }
}

/// One of each thing, made and asked for in a fixed order, so that numbers are the same in every run.
fn tibillet(house: &House) -> BTreeSet<String> {
    let mut golden = Golden::of("tibillet");
    let founder = house.meta().founder();
    let bisik = found(&mut golden, &founder);
    let ziskakan = json!({
        "organisation": "Ziskakan", "short_description": "Maloya", "phone": "0692", "categorie": "A",
        "email": "contact@ziskakan.re", "img_url": image_url("bg.jpg"), "logo_url": image_url("logo.png"),
    });
    golden.check("artists-post", &founder.post("/api/artist/", &ziskakan));
    golden.check("artists-get", &founder.get("/api/artist/"));
    let venue = house.venue("Ancre");
    let (anyone, staff) = (venue.anyone(), venue.staff());
    let id = venue.id();
    golden.check("places-get", &anyone.get("/api/place/"));
    golden.check("place-get", &anyone.get(&format!("/api/place/{bisik}/")));
    golden.check("artist-get", &anyone.get(&format!("/api/artist/{bisik}/")));
    let change = json!({
        "city": "Saint-Pierre", "postal_code": 97410, "img_url": image_url("bg.jpg"), "logo_url": image_url("logo.png"),
    });
    golden.check("place-put", &venue.admin().put(&format!("/api/place/{id}/"), &change));
    // A right on artists changes no venue.
    venue.key("artist").put(&format!("/api/artist/{id}/"), &change).is(404);
    let artist = house.tenant("Ravine", guichet::values::Category::Artist);
    let path = format!("/api/artist/{}/", artist.id());
    golden.check("artist-put", &artist.key("artist").put(&path, &change));
    sell(&mut golden, &venue, &anyone, &staff);
    golden.check(
        "options-post",
        &venue.admin().post("/api/optionticket/", &json!({ "name": "Fosse" })),
    );
    golden.check("options-get", &anyone.get("/api/optionticket/"));
    let evening = play(&mut golden, house, &venue);
    book(&mut golden, house, &venue, &evening);
    join(&mut golden, house, &venue);
    prove(&mut golden, house, &venue, &evening);
    who(&mut golden, house, &venue);
    refuse(&mut golden, &venue);
    export(&mut golden, &venue);
    repeat(&mut golden, &venue);
    offer(&mut golden, &venue, &evening);
    door(&mut golden, &venue);
    give_back(&mut golden, house, &venue);
    pay_online(&mut golden);
    charge(&mut golden, &venue, &evening);
    wait(&mut golden, &venue);
    cards(&mut golden, &venue);
    pair(&mut golden, house, &venue);
    look_up(&mut golden, &venue);
    print(&mut golden, &venue, &evening);
    golden.close()
}

/// All tickets of an evening as one file, which a job will draw.
fn print(golden: &mut Golden, venue: &Venue<'_>, [event, ..]: &[String; 3]) {
    let staff = venue.staff();
    let asked = staff.post("/api/prints/", &json!({ "event": event, "layout": "list" }));
    golden.check("prints-post", &asked);
    golden.check("prints-post-wrong", &staff.post("/api/prints/", &json!({ "layout": "pages" })));
    let asked = format!("/api/prints/{}/", text(&asked.json(), "uuid"));
    golden.check("print-get", &staff.get(&asked));
    golden.check("print-get-missing", &staff.get("/api/prints/x/"));
}

/// Orders that are looked up, and an evening that is called off.
fn look_up(golden: &mut Golden, venue: &Venue<'_>) {
    let staff = venue.staff();
    let product = venue.ticket("Bal");
    let price = venue.price(&product, "Unique", 1_000);
    let event = venue.event("Bal", &[&product], 10);
    let booked = venue.book("bal@example.org", &event, &price, 1).ok(201);
    golden.check("orders-get", &staff.get("/api/orders/?search=bal@"));
    golden.check("orders-get-wrong", &staff.get("/api/orders/?state=perdue"));
    let order = format!("/api/orders/{}/", text(&booked["order"], "uuid"));
    golden.check("order-get-public", &venue.anyone().get(&order));
    golden.check("event-get-staff", &staff.get(&format!("/api/events/{event}/")));
    let cancel = format!("/api/events/{event}/cancel/");
    golden.check("event_cancel-post", &staff.post(&cancel, &json!({ "reason": "Pluie" })));
    golden.check("event-delete-sold", &staff.delete(&format!("/api/events/{event}/")));
}

fn pair(golden: &mut Golden, house: &House, venue: &Venue<'_>) {
    let asked = crate::terminals::ask(house, venue.admin.email.as_str());
    golden.check("terminals-post", &asked);
    golden.check(
        "terminals-post-wrong",
        &house.at("example.org").post("/api/user/terminal/", &json!({})),
    );
    let digits = crate::terminals::digits(house, &asked.json());
    golden.check("terminal-post", &crate::terminals::pair(house, &asked.json(), &digits));
    golden.check("terminal-post-again", &crate::terminals::pair(house, &asked.json(), &digits));
}

fn cards(golden: &mut Golden, venue: &Venue<'_>) {
    let (operator, admin) = (operator(venue.house), venue.admin());
    let batch = json!({ "base_url": "https://ancre.example.org/qr/", "origine": venue.id(), "generation": 1 });
    golden.check("card_batches-post", &operator.post("/api/detailCashlessCard/", &batch));
    golden.check("card_batches-post-wrong", &operator.post("/api/detailCashlessCard/", &json!({})));
    let card = json!({
        "generation": 1, "url": "https://ancre.example.org/qr/76dc433c-00ac-479c-93c4-b7a0710246af",
        "tag_id": "EE144CE8", "number": "76DC433C",
    });
    golden.check("cards-post", &operator.post("/api/loadCardsFromDict/", &json!([card])));
    golden.check("cards-post-wrong", &operator.post("/api/loadCardsFromDict/", &json!([1])));
    golden.check("load_cards-post", &admin.post("/api/load_cards/", &json!({
        "generation": 1, "csv": "https://ancre.example.org/qr/86dc433c-00ac-479c-93c4-b7a0710246af,86DC433C,FE144CE8",
    })));
    golden.check("load_cards-post-wrong", &admin.post("/api/load_cards/", &json!({})));
}

fn found(golden: &mut Golden, founder: &Caller) -> String {
    let body = json!({
        "organisation": "Le Bisik", "short_description": " Le lieu des musiques actuelles", "phone": "0692929292",
        "long_description": "Tiers-lieu original.\nEspace de convivialité.", "email": "contact@bisik.re",
        "site_web": "http://bisik.re", "postal_code": "97410", "categorie": "S", "img_url": image_url("bg.jpg"),
        "logo_url": image_url("logo.png"),
    });
    let made = founder.post("/api/place/", &body);
    golden.check("places-post", &made);
    golden.check("places-post-again", &founder.post("/api/place/", &body));
    text(&made.json(), "uuid").to_owned()
}

fn sell(golden: &mut Golden, venue: &Venue<'_>, anyone: &Caller, staff: &Caller) {
    let body = json!({
        "name": "Adhésion", "categorie_article": "A", "publish": true, "send_to_cashless": true,
        "short_description": "Une année", "img_url": image_url("tiny.png"),
    });
    let membership = staff.post("/api/products/", &body);
    golden.check("products-post", &membership);
    golden.check("products-post-taken", &staff.post("/api/products/", &body));
    let membership = text(&membership.json(), "uuid").to_owned();
    let body = json!({
        "product": membership, "name": "Plein tarif", "prix": "20", "vat": "VG", "subscription_type": "Y",
    });
    golden.check("prices-post", &staff.post("/api/prices/", &body));
    let ticket = venue.ticket("Billet");
    let body = json!({
        "product": ticket, "name": "Membre", "prix": 7.5, "stock": 30, "max_per_user": 2,
        "adhesion_obligatoire": membership,
    });
    let price =
        format!("/api/prices/{}/", text(&staff.post("/api/prices/", &body).ok(201), "uuid"));
    golden.check("here-get", &anyone.get("/api/here/"));
    golden.check("products-get", &anyone.get("/api/products/"));
    golden.check("prices-get", &anyone.get("/api/prices/"));
    let product = format!("/api/products/{ticket}/");
    golden.check("product-get", &anyone.get(&product));
    golden.check(
        "product-patch",
        &staff.patch(&product, &json!({ "short_description": "Une place" })),
    );
    golden.check("price-get", &anyone.get(&price));
    golden.check("price-patch", &staff.patch(&price, &json!({ "stock": null })));
    golden.check("price-delete", &staff.delete(&price));
    golden.check("product-delete", &staff.delete(&product));
    golden.check("product-get-missing", &anyone.get(&product));
}

/// Events: made, shown, changed, taken away. Returns one with its paid and its free price.
fn play(golden: &mut Golden, house: &House, venue: &Venue<'_>) -> [String; 3] {
    let (anyone, staff) = (venue.anyone(), venue.staff());
    let artists = house.meta().anyone().get("/api/artist/").ok(200);
    let ticket = venue.ticket("Concert");
    let price = venue.price(&ticket, "Plein", 1_250);
    let options = anyone.get("/api/optionticket/").ok(200);
    let body = json!({
        "datetime": "2099-06-01T20:00", "products": [ticket], "options_radio": [options[0]["uuid"]], "jauge_max": 80,
        "artists": [{ "uuid": artists[0]["uuid"], "datetime": "2099-06-01T21:00" }],
        "short_description": "Maloya", "long_description": "Toute la nuit.",
    });
    let made = staff.post("/api/events/", &body);
    golden.check("events-post", &made);
    let made = made.json();
    let path = format!("/api/events/{}/", text(&made, "uuid"));
    golden.check("events-get", &anyone.get("/api/events/"));
    golden.check("events-get-agenda", &house.meta().anyone().get("/api/events/"));
    golden.check("event-get", &anyone.get(&path));
    let slug = format!("/api/eventslug/{}/", text(&made, "slug"));
    golden.check("event_by_slug-get", &anyone.get(&slug));
    golden.check("event-put", &staff.put(&path, &json!({ "short_description": "Maloya et séga" })));
    golden.check(
        "events-post-wrong",
        &staff.post("/api/events/", &json!({ "datetime": "demain", "products": "x" })),
    );
    let unknown = json!({ "name": "x", "datetime": "2099-06-01T20:00", "products": ["abc"] });
    golden.check("events-post-unknown-product", &staff.post("/api/events/", &unknown));
    let free = staff
        .post("/api/events/", &json!({ "name": "Jam", "datetime": "2099-06-02T20:00+04:00" }))
        .ok(201);
    golden.check("event-delete", &staff.delete(&format!("/api/events/{}/", text(&free, "uuid"))));
    let both = json!({ "products": [ticket, free["products"][0]["uuid"]] });
    staff.put(&path, &both).ok(201);
    let free = text(&free["products"][0]["prices"][0], "uuid").to_owned();
    [text(&made, "uuid").to_owned(), price, free]
}

/// An evening that is held again, and one that is copied.
fn repeat(golden: &mut Golden, venue: &Venue<'_>) {
    let staff = venue.staff();
    let body = json!({ "name": "Slam", "datetime": "2099-09-01T20:00" });
    let first =
        format!("/api/events/{}/", text(&staff.post("/api/events/", &body).ok(201), "uuid"));
    let (repeat, duplicate) = (format!("{first}repeat/"), format!("{first}duplicate/"));
    let weekly = |count: u8| staff.post(&repeat, &json!({ "rule": "weekly", "count": count }));
    let repeated = weekly(2);
    golden.check("event_repeat-post", &repeated);
    let series = format!("/api/series/{}/", text(&repeated.json(), "series"));
    golden.check("event_repeat-post-again", &weekly(3));
    golden.check("event_repeat-post-wrong", &staff.post(&repeat, &json!({ "rule": "daily" })));
    let body = json!({ "rule": "weekly", "until": "2099-09-02" });
    golden.check("event_repeat-post-none", &staff.post(&repeat, &body));
    let body = json!({ "datetime": "2099-12-31T22:00", "name": "Réveillon" });
    golden.check("event_duplicate-post", &staff.post(&duplicate, &body));
    golden.check("event_duplicate-post-again", &staff.post(&duplicate, &body));
    golden.check("series-put", &staff.put(&series, &json!({ "jauge_max": 30 })));
    golden.check("series-put-wrong", &staff.put(&series, &json!({ "jauge_max": "beaucoup" })));
    golden.check("series-delete", &staff.delete(&series));
    golden.check("series-delete-again", &staff.delete(&series));
}

/// Feeds and calendars.
fn follow(golden: &mut Golden, house: &House) {
    let anyone = house.at("meta.example.org");
    golden.check("rss-get", &anyone.get("/rss/latest/feed/"));
    golden.check("ical-get", &anyone.get("/ical/agenda.ics"));
    let venue = house.venue("Sakifo");
    let product = venue.ticket("Concert");
    let price = venue.price(&product, "Plein", 1_250);
    let booked =
        venue.book("ana@example.org", &venue.event("Bal", &[&product], 50), &price, 1).ok(201);
    let ticket = booked["reservation"]["tickets"][0].as_str().unwrap();
    let path = format!("/api/ticket/ics/{ticket}");
    golden.check("ticket_ics-get-unpaid", &venue.anyone().get(&path));
    let pay = format!("/api/orders/{}/payments/", text(&booked["order"], "uuid"));
    venue.staff().post(&pay, &json!({ "means": "cash" })).ok(201);
    golden.check("ticket_ics-get", &venue.anyone().get(&path));
}

/// Reservations in every state, orders, tickets, the door.
fn book(golden: &mut Golden, house: &House, venue: &Venue<'_>, evening: &[String; 3]) {
    let [event, paid, free] = evening;
    let staff = venue.staff();
    let known = venue.bearing(&house.token(&house.user("prouve@example.org"), 0));
    let booked = venue.book("maya@example.org", event, paid, 1);
    golden.check("reservations-post", &booked);
    let proven = venue.book_as(&known, "prouve@example.org", event, free, 1);
    golden.check("reservations-post-free", &proven);
    golden.check("reservations-post-unproven", &venue.book("nouveau@example.org", event, free, 1));
    golden.check("reservations-post-empty", &venue.anyone().post("/api/reservations/", &json!({})));
    golden.check("reservations-post-full", &venue.book("maya@example.org", event, free, 78));
    let booked = booked.json();
    let order = format!("/api/orders/{}/", text(&booked["order"], "uuid"));
    golden.check("order-get", &staff.get(&order));
    let pay = format!("{order}payments/");
    golden.check(
        "order_payments-post-too-much",
        &staff.post(&pay, &json!({ "means": "cash", "amount": 13 })),
    );
    golden.check("order_payments-post", &staff.post(&pay, &json!({ "means": "cash" })));
    golden.check("order_payments-post-again", &staff.post(&pay, &json!({ "means": "cash" })));
    golden.check("reservations-get", &staff.get("/api/reservations/?limit=1"));
    let reservation = format!("/api/reservations/{}/", text(&booked["reservation"], "uuid"));
    golden.check("reservation-get", &staff.get(&reservation));
    let ticket = booked["reservation"]["tickets"][0].as_str().unwrap().to_owned();
    golden.check("ticket-get", &staff.get(&format!("/api/ticket/{ticket}/")));
    golden.check("ticket_pdf-get", &venue.anyone().get(&format!("/api/ticket/pdf/{ticket}")));
    golden.check("tickets-get", &staff.get("/api/ticket/"));
    golden.check("gauge-get", &staff.get("/api/gauge/"));
    golden.check("scan-post", &staff.post("/api/scan/", &json!({ "qr": ticket, "gate": "Nord" })));
    golden.check(
        "scan-post-again",
        &staff.post("/api/scan/", &json!({ "qr": ticket, "gate": "Sud" })),
    );
    golden.check("scan-post-wrong", &staff.post("/api/scan/", &json!({ "qr": "billet" })));
    let refund = format!("{order}refund/");
    golden.check("order_refund-post-used", &staff.post(&refund, &json!({})));
    let other = venue.book("maya@example.org", event, paid, 2).ok(201);
    let refund = format!("/api/orders/{}/refund/", text(&other["order"], "uuid"));
    golden.check("order_refund-post", &staff.post(&refund, &json!({ "reason": "Pluie" })));
}

/// What was sold on two days long ago.
fn export(golden: &mut Golden, venue: &Venue<'_>) {
    let price = venue.price(&venue.ticket("Affiches"), "Plein", 500);
    sold_at(venue, &price, "2021-03-01T12:00:00Z", 500);
    sold_at(venue, &price, "2021-03-02T12:00:00Z", 1_250);
    let staff = venue.staff();
    let days = "from=2021-03-01&to=2021-04-01";
    let sales = format!("/api/exports/sales/?{days}");
    golden.check("export-get", &staff.get(&sales));
    golden.check("export-get-xlsx", &staff.get(&format!("{sales}&as=xlsx")));
    golden.check("export-get-wrong", &staff.get(&format!("{sales}&as=pdf&columns=x")));
    golden.check("export-get-missing", &staff.get(&format!("/api/exports/none/?{days}")));
    golden.check("closings-get", &staff.get(&format!("/api/closings/?{days}")));
    golden.check("closings-get-wrong", &staff.get("/api/closings/?from=hier"));
}

/// Promotions and carts.
fn offer(golden: &mut Golden, venue: &Venue<'_>, [event, price, _]: &[String; 3]) {
    let (anyone, staff) = (venue.anyone(), venue.staff());
    let promotions = "/api/promotions/";
    let body = json!({
        "code": "Été25", "percent": "12.5", "valid_until": "2099-06-01T20:00", "uses": 100, "uses_per_person": 2,
    });
    let made = staff.post(promotions, &body);
    golden.check("promotions-post", &made);
    golden.check("promotions-post-taken", &staff.post(promotions, &body));
    golden.check(
        "promotions-post-wrong",
        &staff.post(promotions, &json!({ "percent": 101, "uses": 0 })),
    );
    let made = made.json();
    let promotion = format!("{promotions}{}/", text(&made, "uuid"));
    let seats = |places: usize| {
        let customers = vec![json!({ "first_name": "Ana", "last_name": "Payet" }); places];
        json!([{ "price": price, "quantity": places, "event": event, "customers": customers }])
    };
    let cart = json!({ "email": "panier@example.org", "items": seats(2), "promo_code": "été25" });
    let placed = anyone.post("/api/orders/", &cart);
    golden.check("orders-post", &placed);
    golden.check("orders-post-empty", &anyone.post("/api/orders/", &json!({})));
    golden.check("promotions-get", &staff.get(promotions));
    golden.check("promotion-get", &staff.get(&promotion));
    golden
        .check("promotion-patch", &staff.patch(&promotion, &json!({ "amount": 2, "uses": null })));
    let placed = placed.json();
    let order = format!("/api/orders/{}/", text(&placed, "uuid"));
    let change = json!({ "items": seats(1) });
    golden.check("order-put", &anyone.put(&order, &change));
    golden.check("order-put-again", &anyone.put(&order, &change));
    golden.check("promotion-delete", &staff.delete(&promotion));
    let cart = json!({ "email": "panier@example.org", "items": seats(1), "promo_code": "ÉTÉ25" });
    golden.check("orders-post-no-promotion", &anyone.post("/api/orders/", &cart));
}

/// The list of who waits for an event that is full.
fn wait(golden: &mut Golden, venue: &Venue<'_>) {
    let full = format!("/api/events/{}/waiting/", venue.event("Complet", &[], 0));
    let free = format!("/api/events/{}/waiting/", venue.event("Libre", &[], 5));
    let anyone = venue.anyone();
    let body = json!({ "email": "attend@example.org", "places": 2 });
    golden.check("event_waiting-post", &anyone.post(&full, &body));
    golden.check("event_waiting-post-again", &anyone.post(&full, &body));
    golden.check("event_waiting-post-free", &anyone.post(&free, &body));
    golden.check("event_waiting-post-wrong", &anyone.post(&full, &json!({ "places": 0 })));
    golden.check("event_waiting-get", &venue.staff().get(&full));
}

/// The page of an offer.
fn offered(golden: &mut Golden, house: &House) {
    let venue = house.venue("Offre");
    let event = venue.event("Complet", &[], 0);
    let path = format!("/api/events/{event}/");
    let list = format!("{path}waiting/");
    let body = json!({ "email": "attend@example.org", "places": 1 });
    venue.anyone().post(&list, &body).ok(201);
    let listed = venue.staff().get(&list).ok(200);
    let id = text(&listed[0], "uuid");
    let seal = venue.tenant().seal("waiting", id.parse().unwrap()).unwrap();
    let link = format!("/waiting/{id}/{seal}");
    let shown = |verb: &str, reply: Reply| Reply {
        asked: format!("{verb} {}", reply.asked.rsplit(' ').next().unwrap())
            .replace(&seal, "{token}")
            .replace(id, "{id}"),
        body: reply.text().replace(&seal, "{token}").into_bytes(),
        ..reply
    };
    golden.check("waiting_page-get", &shown("GET", venue.anyone().get(&link)));
    let confirmed = venue.anyone().post(&format!("{link}/confirm"), &json!({}));
    golden.check("waiting_confirm-post", &shown("POST", confirmed));
    golden.check("waiting_page-post", &shown("POST", venue.anyone().post(&link, &json!({}))));
}

/// The door without network, and the venue's settings.
fn door(golden: &mut Golden, venue: &Venue<'_>) {
    let (staff, key) = (venue.staff(), venue.key("ticket"));
    let product = venue.ticket("Veillée");
    let price = venue.price(&product, "Unique", 500);
    let event = venue.event("Veillée", &[&product], 10);
    let booked = venue.book("maya@example.org", &event, &price, 1).ok(201);
    let pay = format!("/api/orders/{}/payments/", text(&booked["order"], "uuid"));
    staff.post(&pay, &json!({ "means": "cash" })).ok(201);
    let path = format!("/api/events/{event}/door/");
    let pass = json!({
        "id": "00000000-0000-4000-8000-00000000abcd", "ticket": booked["reservation"]["tickets"][0],
        "at": "2020-01-01T20:00:00Z", "way": "in", "gate": "Nord",
    });
    golden.check("event_door-get", &key.get(&path));
    golden.check("event_door-post", &key.post(&path, &json!({ "scans": [pass] })));
    golden.check("event_door-post-wrong", &key.post(&path, &json!({ "scans": [{ "id": "x" }] })));
    golden.check("settings-get", &venue.admin().get("/api/settings/"));
    golden.check(
        "settings-patch",
        &venue.admin().patch("/api/settings/", &json!({ "refund_deadline_hours": 48 })),
    );
}

/// A buyer cancels, and staff hand over what is owed.
fn give_back(golden: &mut Golden, house: &House, venue: &Venue<'_>) {
    let staff = venue.staff();
    let product = venue.ticket("Matinée");
    let price = venue.price(&product, "Unique", 800);
    let event = venue.event("Matinée", &[&product], 10);
    let lea = house.user("lea@example.org");
    let booked = venue.book("lea@example.org", &event, &price, 1).ok(201);
    let pay = format!("/api/orders/{}/payments/", text(&booked["order"], "uuid"));
    staff.post(&pay, &json!({ "means": "cash" })).ok(201);
    let path = format!("/api/reservations/{}/cancel/", text(&booked["reservation"], "uuid"));
    let lea = venue.bearing(&house.token(&lea, 0));
    golden.check("me-get-with-reservation", &lea.get("/api/user/me/"));
    golden.check("reservation_cancel-post", &lea.post(&path, &json!({})));
    golden.check("reservation_cancel-post-again", &lea.post(&path, &json!({})));
    let list = staff.get("/api/refunds/?owed=true&limit=2");
    golden.check("refunds-get", &list);
    let settle = format!("/api/refunds/{}/settle/", text(&list.json()[0], "uuid"));
    golden.check("refund_settle-post", &staff.post(&settle, &json!({ "means": "transfer" })));
    golden.check("refund_settle-post-again", &staff.post(&settle, &json!({ "means": "cash" })));
}

/// Fees, and what a price costs with them.
fn charge(golden: &mut Golden, venue: &Venue<'_>, [event, price, _]: &[String; 3]) {
    let (anyone, staff) = (venue.anyone(), venue.staff());
    let fees = "/api/fees/";
    let body = json!({
        "name": "Service", "scope": "event", "scope_id": event, "payer": "customer", "fixed": "0.50",
        "percentage": 2, "maximum": 5,
    });
    let made = staff.post(fees, &body);
    golden.check("fees-post", &made);
    golden.check("fees-post-taken", &staff.post(fees, &body));
    golden.check("fees-post-wrong", &staff.post(fees, &json!({ "scope": "event", "fixed": -1 })));
    golden.check("fees-get", &staff.get(fees));
    let fee = format!("{fees}{}/", text(&made.json(), "uuid"));
    golden.check("fee-get", &staff.get(&fee));
    let detail = format!("/api/prices/{price}/detail/");
    let here = format!("{detail}?event={event}");
    golden.check("price_detail-get", &anyone.get(&here));
    golden.check("price_detail-get-anywhere", &anyone.get(&detail));
    let elsewhere = venue.price(&venue.ticket("Gala"), "Unique", 1_000);
    let elsewhere = format!("/api/prices/{elsewhere}/detail/?event={event}");
    golden.check("price_detail-get-elsewhere", &anyone.get(&elsewhere));
    let body = json!({ "payer": "organizer", "scope": "organizer", "maximum": null });
    golden.check("fee-patch", &staff.patch(&fee, &body));
    golden.check("fee-delete", &staff.delete(&fee));
    golden.check("fee-get-missing", &staff.get(&fee));
}

/// Memberships and accounts.
fn join(golden: &mut Golden, house: &House, venue: &Venue<'_>) {
    let product = venue.membership("Carte");
    let price = venue.price(&product, "Année", 1_500);
    let body = json!({
        "adhesion": price, "email": "maya@example.org", "first_name": "Ana", "last_name": "Payet", "phone": "0692",
    });
    let anyone = venue.anyone();
    let joined = anyone.post("/api/membership/", &body);
    golden.check("membership-post", &joined);
    let pay = format!("/api/orders/{}/payments/", text(&joined.json()["order"], "uuid"));
    venue.staff().post(&pay, &json!({ "means": "cheque", "reference": "123" })).ok(201);
    let nameless = json!({ "adhesion": price, "email": "b@example.org" });
    golden.check("membership-post-nameless", &anyone.post("/api/membership/", &nameless));
    golden.check(
        "user_create-post",
        &anyone.post("/api/user/create/", &json!({ "email": "neu@example.org" })),
    );
    golden.check(
        "user_create-post-wrong",
        &anyone.post("/api/user/create/", &json!({ "email": "x" })),
    );
    let account = house.user("membre@example.org");
    let member = venue.bearing(&house.token(&account, 0));
    let card = json!({ "email": "membre@example.org", "phone": "0692" });
    let known = body.as_object().unwrap().clone().into_iter();
    let body: Value = known.chain(card.as_object().unwrap().clone()).collect();
    anyone.post("/api/membership/", &body).ok(201);
    golden.check(
        "cancel_sub-post",
        &member.post("/api/cancel_sub/", &json!({ "uuid_price": price })),
    );
    golden.check("chargecashless-post", &member.post("/api/chargecashless/", &json!({})));
}

/// Addresses that are proven, and the mail about it.
fn prove(golden: &mut Golden, house: &House, venue: &Venue<'_>, evening: &[String; 3]) {
    let [event, _, free] = evening;
    let (anyone, staff) = (venue.anyone(), venue.staff());
    let booked = venue.book("preuve@example.org", event, free, 1).ok(201);
    let path = format!("/api/reservations/{}/mail/", text(&booked["reservation"], "uuid"));
    golden.check("reservation_mail-post-unproven", &staff.post(&path, &json!({})));
    let proof = house.proof("preuve@example.org");
    let link = format!("/api/user/activate/{}/{}", proof.uid, proof.token);
    let shown =
        |reply: Reply| Reply { asked: "GET /api/user/activate/{uid}/{token}".into(), ..reply };
    let proven = shown(anyone.get(&link));
    golden.check("activate-get", &proven);
    golden.check("activate-get-again", &shown(anyone.get(&link)));
    golden.check("activate-get-nobody", &anyone.get("/api/user/activate/bob/x"));
    golden.check("reservation_mail-post", &staff.post(&path, &json!({})));
    golden.check("mails-get", &staff.get("/api/mails/?limit=1"));
    hook(golden, venue);
    let member = venue.bearing(text(&proven.json(), "access"));
    let path = "/api/user/SetPasswordIfEmpty/";
    golden.check("first_password-post-short", &member.post(path, &json!({ "password": "court" })));
    golden.check("first_password-post", &member.post(path, &json!({ "password": "assez long" })));
    golden.check(
        "first_password-post-again",
        &member.post(path, &json!({ "password": "assez long" })),
    );
}

/// Servers that are told.
fn hook(golden: &mut Golden, venue: &Venue<'_>) {
    let admin = venue.admin();
    let body = json!({ "url": "https://example.org/told", "event": "RV" });
    let made = admin.post("/api/webhooks/", &body);
    let hidden = regex::Regex::new("whsec_[^\"]+").unwrap();
    let shown = hidden.replace(&made.text(), "whsec_…").into_owned().into_bytes();
    golden.check("hooks-post", &Reply { body: shown, ..made });
    golden.check("hooks-post-again", &admin.post("/api/webhooks/", &body));
    golden
        .check("hooks-post-wrong", &admin.post("/api/webhooks/", &json!({ "url": "ftp://x.fr" })));
    let hooks = admin.get("/api/webhooks/");
    golden.check("hooks-get", &hooks);
    let path = format!("/api/webhooks/{}/", text(&hooks.json()[0], "uuid"));
    golden.check("hook-get", &admin.get(&path));
    golden.check("hook-patch", &admin.patch(&path, &json!({ "active": false })));
    golden.check("hook-delete", &admin.delete(&path));
}

/// A booking that is paid online, in a house of its own where that is set up.
fn pay_online(golden: &mut Golden) {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let booked = evening.book("ana@example.org", 1);
    golden.check("reservations-post-online", &booked);
    let booked = booked.json();
    let id = text(&booked, "paiement_stripe_uuid");
    let front = evening.venue.anyone();
    let (path, body) = ("/api/webhook_stripe/", json!({ "uuid": id }));
    golden.check("webhook_stripe-post-unpaid", &front.post(path, &body));
    golden.check("webhook_stripe-post-unsigned", &front.post(path, &json!({ "type": "x" })));
    golden.check("webhook_stripe-post-empty", &front.post(path, &json!({})));
    let session = peer.session_at(text(&booked, "checkout_url"));
    peer.pay(&session);
    golden.check("webhook_stripe-post", &evening.tell("completed", &session));
    let other = evening.book("bo@example.org", 1).ok(201);
    peer.pay(&peer.session_at(text(&other, "checkout_url")));
    let check = format!("{path}{}/", text(&other, "paiement_stripe_uuid"));
    golden.check("payment_check-get", &front.get(&check));
    peer.fails(&[Trouble::Status(500)]);
    golden.check("reservations-post-no-page", &evening.book("bo@example.org", 1));
}

fn who(golden: &mut Golden, house: &House, venue: &Venue<'_>) {
    let anyone = venue.anyone();
    house.user_with_password("ana@example.org", "un mot de passe");
    let body = json!({ "username": "ana@example.org", "password": "un mot de passe" });
    let pair = anyone.post("/api/user/token/", &body);
    golden.check("token-post", &pair);
    let pair = pair.json();
    let body = json!({ "refresh": pair["refresh"] });
    golden.check("token-refresh-post", &anyone.post("/api/user/token/refresh/", &body));
    let body = json!({ "token": pair["access"] });
    golden.check("token-verify-post", &anyone.post("/api/user/token/verify/", &body));
    golden.check("me-get", &venue.bearing(text(&pair, "access")).get("/api/user/me/"));
    golden.check("keytest-get", &venue.key("product").get("/api/user/keytest/"));
}

fn refuse(golden: &mut Golden, venue: &Venue<'_>) {
    let products = "/api/products/";
    let cases: [(&str, Reply); 10] = [
        ("products-post-stranger", venue.anyone().post(products, &json!({}))),
        ("products-post-member", venue.member().post(products, &json!({}))),
        ("products-post-bad-token", venue.bearing("x").post(products, &json!({}))),
        ("products-post-empty", venue.staff().post(products, &json!({}))),
        (
            "products-post-malformed",
            venue.staff().send("POST", products, Some("application/json"), b"{".to_vec()),
        ),
        (
            "products-post-media-type",
            venue.staff().send("POST", products, Some("text/plain"), b"x".to_vec()),
        ),
        ("products-put", venue.staff().put(products, &json!({}))),
        ("products-options", venue.staff().send("OPTIONS", products, None, vec![])),
        ("products-get-not-acceptable", venue.anyone().with("Accept", "image/png").get(products)),
        ("products-without-slash", venue.anyone().get("/api/products?limit=1")),
    ];
    for (case, reply) in &cases {
        golden.check(case, reply);
    }
}
