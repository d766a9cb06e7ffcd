//! Who owns the customers, who works where in which role, and by what secrets programs call.

use crate::support::{Venue, house, house_with, image_url, text};
use guichet::root::credential::Dialect;
use guichet::root::session::Dialect as Door;
use guichet::root::{Caller, Name, Right, Role, Staff};
use guichet::values::{Email, Slug, Time};
use serde_json::{Value, json};

/// The administrator of a venue, at work.
fn staff(venue: &Venue<'_>) -> Staff {
    let admin = venue.house.console().user(&venue.admin.email).unwrap().unwrap();
    venue.tenant().admit(&Caller::Person(Box::new(admin)), Some(Right::Users)).unwrap()
}

fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

/// A product to make.
fn product() -> Value {
    json!({ "name": "Billet", "categorie_article": "B", "img_url": image_url("tiny.png") })
}

#[test]
fn the_same_address_in_two_organizations_is_two_people() {
    let house = house_with(&[("self_service", "on")]);
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    let join = |venue: &Venue<'_>| {
        let people = house.app.root().people_of(&venue.tenant());
        people.find_or_make(&email("ana@example.org")).unwrap()
    };
    let (here, there) = (join(&ours), join(&theirs));
    assert_ne!(here.id, there.id);
    assert_ne!(here.organization, there.organization);
    assert_eq!(join(&ours).id, here.id);
}

#[test]
fn venues_share_their_customers_unless_told_otherwise() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    assert_eq!(ours.tenant().entry().organization, theirs.tenant().entry().organization);
}

#[test]
fn a_customer_of_one_organization_is_nobody_in_another() {
    let house = house_with(&[("self_service", "on")]);
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    let people = house.app.root().people_of(&ours.tenant());
    let account = people.find_or_make(&email("ana@example.org")).unwrap();
    let proof = people.proof(account.id, Time::now()).unwrap().unwrap();
    ours.anyone().get(&format!("/api/user/activate/{}/{}", proof.uid, proof.token)).ok(200);
    let account = people.find_or_make(&email("ana@example.org")).unwrap();
    let token = people.issue(&account, Time::now()).unwrap().access;
    ours.bearing(&token).get("/api/user/me/").ok(200);
    assert_eq!(theirs.bearing(&token).get("/api/user/me/").status, 401);
}

#[test]
fn staff_of_the_house_work_in_every_organization() {
    let house = house_with(&[("self_service", "on")]);
    let venue = house.venue("Bisik");
    venue.admin().post("/api/products/", &product()).ok(201);
}

#[test]
fn a_tenant_begins_with_a_web_shop_and_a_box_office() {
    let house = house();
    let channels = staff(&house.venue("Bisik")).distributions().unwrap();
    let names: Vec<_> = channels.iter().map(|c| (c.key.as_str(), c.channel.as_str())).collect();
    assert_eq!(names, [("bisik", "WEB"), ("bisik_box_office", "POS")]);
    assert!(channels[0].no < channels[1].no);
}

#[test]
fn a_role_opens_what_its_row_of_the_table_says_and_no_more() {
    let house = house();
    let venue = house.venue("Bisik");
    let expected = [
        (Role::Member, vec![]),
        (Role::Gate, vec![Right::Ticket]),
        (Role::Statistics, vec![Right::Statistics]),
        (Role::CatalogueMeta, vec![Right::CatalogueMeta]),
        (
            Role::Catalogue,
            vec![Right::Event, Right::Product, Right::Catalogue, Right::CatalogueMeta],
        ),
        (Role::Prices, vec![Right::Prices]),
        (Role::Marketer, vec![Right::Product, Right::CatalogueMeta, Right::Renderings]),
    ];
    let all = [
        Right::Event,
        Right::Product,
        Right::Place,
        Right::Artist,
        Right::Reservation,
        Right::Ticket,
        Right::Manage,
        Right::Payment,
        Right::Statistics,
        Right::Users,
        Right::Catalogue,
        Right::CatalogueMeta,
        Right::Prices,
        Right::Renderings,
    ];
    for (role, rights) in expected {
        let someone = house.user(&format!("role-{}@example.org", role.code()));
        staff(&venue).connect(&someone.email, &[role]).unwrap();
        let caller = Caller::Person(Box::new(someone));
        for right in all {
            let may = venue.tenant().admit(&caller, Some(right)).is_ok();
            assert_eq!(may, rights.contains(&right), "{role:?} {right:?}");
        }
    }
    let admin = Caller::Person(Box::new(venue.admin.clone()));
    assert!(all.iter().all(|right| venue.tenant().admit(&admin, Some(*right)).is_ok()));
}

#[test]
fn who_runs_the_catalogue_makes_products_and_changes_no_settings() {
    let house = house();
    let venue = house.venue("Bisik");
    let someone = house.user("ana@example.org");
    staff(&venue).connect(&someone.email, &[Role::Catalogue]).unwrap();
    let caller = venue.bearing(&house.token(&someone, 0));
    caller.post("/api/products/", &product()).ok(201);
    assert_eq!(caller.json("PATCH", "/api/settings/", &json!({ "reentry": false })).status, 403);
}

#[test]
fn the_last_administrator_stays_one_and_nobody_stops_himself() {
    let house = house();
    let venue = house.venue("Bisik");
    let own = staff(&venue).set_roles(venue.admin.id, &[]);
    assert_eq!(own.unwrap_err().to_string(), "nobody takes away his own right to administer");
    let mut owner = house.user("owner@example.org");
    owner.superuser = true;
    let owner = venue.tenant().admit(&Caller::Person(Box::new(owner)), None).unwrap();
    let last = owner.set_roles(venue.admin.id, &[Role::Member]);
    assert_eq!(last.unwrap_err().to_string(), "this is the last administrator");
    let other = house.user("second@example.org");
    staff(&venue).connect(&other.email, &[Role::Admin]).unwrap();
    owner.set_roles(venue.admin.id, &[Role::Member]).unwrap();
    assert_eq!(venue.admin().get("/api/settings/").status, 403);
}

#[test]
fn without_roles_nobody_is_connected() {
    let house = house();
    let venue = house.venue("Bisik");
    let (made, new) = staff(&venue).connect(&email("ana@example.org"), &[Role::Member]).unwrap();
    assert!(new && !made.account.active);
    assert!(staff(&venue).set_roles(made.account.id, &[]).unwrap().is_none());
    assert_eq!(staff(&venue).connections(10, 0).unwrap().len(), 1);
}

#[test]
fn a_connection_that_is_stopped_opens_nothing_until_it_lives_again() {
    let house = house();
    let venue = house.venue("Bisik");
    let someone = house.user("ana@example.org");
    staff(&venue).connect(&someone.email, &[Role::Catalogue]).unwrap();
    let caller = Caller::Person(Box::new(someone.clone()));
    let may = || venue.tenant().admit(&caller, Some(Right::Product)).is_ok();
    assert!(may());
    staff(&venue).set_connected(someone.id, false, false).unwrap();
    assert!(!may());
    staff(&venue).set_connected(someone.id, true, true).unwrap();
    assert!(!may());
    staff(&venue).set_connected(someone.id, true, false).unwrap();
    assert!(may());
}

#[test]
fn a_pair_opens_its_own_tenant_and_that_of_root_opens_all() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    let console = house.console();
    let caller = |slug: &Slug| {
        let pair = console.credential(slug, Dialect::Coach).unwrap();
        assert_eq!((pair.key.len(), pair.secret.len()), (20, 50));
        Caller::Pair(Box::new(
            house.app.root().check_pair(&pair.key, &pair.secret).unwrap().unwrap(),
        ))
    };
    let (own, host) = (caller(&ours.slug), caller(&Slug::parse("root").unwrap()));
    let may = |caller: &Caller, venue: &Venue<'_>| venue.tenant().admit(caller, None).is_ok();
    assert!(may(&own, &ours) && !may(&own, &theirs));
    assert!(may(&host, &ours) && may(&host, &theirs));
    assert!(house.app.root().admit(&host).is_ok() && house.app.root().admit(&own).is_err());
}

#[test]
fn a_secret_stands_in_no_file_and_a_replaced_one_opens_nothing() {
    let house = house();
    let venue = house.venue("Bisik");
    let old = house.console().credential(&venue.slug, Dialect::Coach).unwrap();
    let root = std::fs::read(house.dir().join("root.db")).unwrap();
    let log = std::fs::read(house.dir().join("root.db-wal")).unwrap_or_default();
    let secret = old.secret.as_bytes();
    assert!(
        ![root, log].iter().any(|bytes| bytes.windows(secret.len()).any(|part| part == secret))
    );
    staff(&venue).replace_credential(Dialect::Coach, "another", "pair").unwrap();
    assert!(house.app.root().check_pair(&old.key, &old.secret).unwrap().is_none());
    assert!(house.app.root().check_pair("another", "pair").unwrap().is_some());
    assert!(house.app.root().check_pair("another", "paix").unwrap().is_none());
}

#[test]
fn a_session_ends_with_the_password_that_it_began_with() {
    let house = house();
    let account = house.user("ana@example.org");
    let people = house.app.root().people();
    let (token, _) = people.open_session(Door::Roomle, Some(account.id)).unwrap();
    let known = || people.session(Door::Roomle, &token).unwrap();
    assert_eq!(known().unwrap().account, Some(account.id));
    assert!(people.session(Door::Oxynade, &token).unwrap().is_none());
    house.console().set_password(&account.email, "another password", true).unwrap();
    assert!(known().is_none());
}

#[test]
fn what_is_said_of_an_organizer_is_read_back_and_a_deleted_one_is_closed() {
    let house = house();
    let venue = house.venue("Bisik");
    let staff = staff(&venue);
    let mut record = staff.organizer().unwrap().record;
    record.official_name = Some("Bisik SAS".into());
    record.words[1] = Some("Équipe".into());
    record.visibility = 0;
    assert_eq!(staff.amend(|own| own.clone_from(&record)).unwrap().record, record);
    let no = venue.tenant().entry().no;
    house.console().set_deleted(no, true).unwrap();
    assert!(house.app.root().tenant(Name::No(no)).unwrap().is_none());
    assert!(house.app.root().organizer(no).unwrap().unwrap().deleted.is_some());
    assert_eq!(venue.anyone().get("/api/products/").status, 404);
}

#[test]
fn a_hidden_tenant_is_in_no_list_of_venues() {
    let house = house();
    let venue = house.venue("Bisik");
    let staff = staff(&venue);
    let listed = || house.meta().anyone().get("/api/place/").text().contains("Bisik");
    assert!(listed());
    staff.amend(|record| record.visibility = 0).unwrap();
    assert!(!listed());
    assert_eq!(text(&venue.anyone().get("/api/here/").ok(200), "slug"), "bisik");
}
