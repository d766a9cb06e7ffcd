//! Who owns the customers, who works where in which role, and by what secrets programs call.

use crate::support::{Venue, house, house_with, image_url, text};
use guichet::error::{Error, Refusal};
use guichet::root::connection::Connection;
use guichet::root::credential::Dialect;
use guichet::root::customer::Says;
use guichet::root::organizer::Change;
use guichet::root::people::NoLogIn;
use guichet::root::personnel::Standing;
use guichet::root::session::Dialect as Door;
use guichet::root::{Caller, Name, People, Right, Role, Staff};
use guichet::values::id::OrderId;
use guichet::values::secret::Fingerprint;
use guichet::values::{Email, Slug, Time};
use serde_json::{Value, json};

/// The administrator of a venue, at work.
fn staff(venue: &Venue<'_>) -> Staff {
    let admin = venue.house.console().user(&venue.admin.email).unwrap().unwrap();
    venue.tenant().admit(&Caller::Person(Box::new(admin)), Some(Right::Users)).unwrap()
}

/// Connects somebody with a venue.
fn connect(venue: &Venue<'_>, email: &Email, role: Role) -> Connection {
    staff(venue).invite(&[(email.clone(), vec![role])], &|_| Ok(vec![])).unwrap().pop().unwrap()
}

fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

/// A moment that does not move.
fn now() -> Time {
    Time(1_700_000_000_000_000)
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
        (Role::CatalogueMeta, vec![Right::CatalogueMeta, Right::SeeCatalogues]),
        (
            Role::Catalogue,
            vec![
                Right::Event,
                Right::Product,
                Right::Catalogue,
                Right::CatalogueMeta,
                Right::SeeCatalogues,
            ],
        ),
        (Role::Prices, vec![Right::Prices, Right::SeeCatalogues]),
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
        Right::SeeCatalogues,
        Right::Fees,
    ];
    for (role, rights) in expected {
        let someone = house.user(&format!("role-{}@example.org", role.code()));
        connect(&venue, &someone.email, role);
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
    connect(&venue, &someone.email, Role::Catalogue);
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
    connect(&venue, &other.email, Role::Admin);
    owner.set_roles(venue.admin.id, &[Role::Member]).unwrap();
    assert_eq!(venue.admin().get("/api/settings/").status, 403);
}

#[test]
fn without_roles_nobody_is_connected() {
    let house = house();
    let venue = house.venue("Bisik");
    let made = connect(&venue, &email("ana@example.org"), Role::Member);
    assert!(!made.account.active);
    assert!(staff(&venue).set_roles(made.account.id, &[]).unwrap().0.is_none());
    assert_eq!(staff(&venue).connections(10, 0).unwrap().len(), 1);
}

#[test]
fn a_connection_that_is_stopped_opens_nothing_until_it_lives_again() {
    let house = house();
    let venue = house.venue("Bisik");
    let someone = house.user("ana@example.org");
    connect(&venue, &someone.email, Role::Catalogue);
    let caller = Caller::Person(Box::new(someone.clone()));
    let may = || venue.tenant().admit(&caller, Some(Right::Product)).is_ok();
    assert!(may());
    let stands = |active: bool, deleted: bool| {
        let standing =
            Standing { active: Some(active), deleted: Some(deleted), ..Standing::default() };
        staff(&venue).change_standing(someone.id, &standing, &|_| Ok(vec![])).unwrap();
    };
    stands(false, false);
    assert!(!may());
    stands(true, true);
    assert!(!may());
    stands(true, false);
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
    staff(&venue).replace_credential(Dialect::Coach, "another-key", "another-secret-1").unwrap();
    assert!(house.app.root().check_pair(&old.key, &old.secret).unwrap().is_none());
    assert!(house.app.root().check_pair("another-key", "another-secret-1").unwrap().is_some());
    assert!(house.app.root().check_pair("another-key", "another-secret-2").unwrap().is_none());
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
    house.console().delete(no).unwrap();
    assert!(house.app.root().tenant(Name::No(no)).unwrap().is_none());
    assert!(house.app.root().organizer(no).unwrap().unwrap().deleted.is_some());
    assert_eq!(venue.anyone().get("/api/products/").status, 404);
}

#[test]
fn a_deleted_tenant_is_opened_by_bringing_it_back_alone() {
    let house = house();
    let venue = house.venue("Bisik");
    let (console, staff, slug) = (house.console(), staff(&venue), venue.slug.clone());
    let no = venue.tenant().entry().no;
    let stands = || {
        let found = house.app.root().organizer(no).unwrap().unwrap();
        (found.active, found.deleted.is_some(), console.tenant(&slug).unwrap().state)
    };
    let none = console.restore(&slug).unwrap_err().to_string();
    assert_eq!(none, "tenant: is not deleted");
    console.delete(no).unwrap();
    assert_eq!(stands(), (false, true, "deleted".to_owned()));
    staff.set_open(true).unwrap();
    let refused = console.set_active(&slug, true).unwrap_err().to_string();
    assert_eq!(refused, "tenant: is deleted: bring it back first");
    assert_eq!(stands(), (false, true, "deleted".to_owned()));
    console.restore(&slug).unwrap();
    assert_eq!(stands(), (false, false, "disabled".to_owned()));
    console.set_active(&slug, true).unwrap();
    assert_eq!(stands(), (true, false, "active".to_owned()));
    venue.anyone().get("/api/products/").ok(200);
    let root = Slug::parse("root").unwrap();
    assert!(console.set_active(&root, false).is_err() && console.delete(0).is_err());
}

#[test]
fn what_is_signed_into_a_session_stays_apart_from_what_is_signed_at_the_same_time() {
    let house = house();
    let (ana, venue) = (house.user("ana@example.org"), house.venue("Bisik"));
    let people = house.app.root().people();
    let (token, _) = people.open_session(Door::Oxynade, None).unwrap();
    let session = || people.session(Door::Oxynade, &token).unwrap().unwrap();
    people.sign_operator(Door::Oxynade, &token, ana.id).unwrap();
    let login = || people.find(&ana.email).unwrap().unwrap().last_login;
    let logged_in = login();
    assert!(logged_in.is_some() && session().account == Some(ana.id));
    let order = (venue.tenant().entry().id, OrderId::new());
    people.clear_session(Door::Oxynade, &token).unwrap();
    people.sign_order(Door::Oxynade, &token, None, order).unwrap();
    let late = people.sign_order(Door::Oxynade, &token, None, (order.0, OrderId::new()));
    assert!(matches!(late, Err(Error::Refused(Refusal::HoldsAlready))));
    let found = session();
    assert_eq!((found.account, found.customer, found.order), (None, None, Some(order)));
    assert_eq!(login(), logged_in, "a purchase is no log-in");
    people.sign_customer(Door::Oxynade, &token, ana.id).unwrap();
    assert_eq!((session().account, session().order), (None, Some(order)));
    people.end_session(Door::Oxynade, Fingerprint::of(&token)).unwrap();
    for gone in [
        people.sign_operator(Door::Oxynade, &token, ana.id),
        people.sign_customer(Door::Oxynade, &token, ana.id),
        people.sign_order(Door::Oxynade, &token, None, order),
        people.clear_session(Door::Oxynade, &token),
    ] {
        assert!(matches!(gone, Err(Error::Unauthenticated)));
    }
}

#[test]
fn a_log_in_elsewhere_under_the_same_words_lifts_no_limit() {
    let house = house_with(&[("self_service", "on"), ("failures_per_account", "1")]);
    let venue = house.venue("Bisik");
    house.user_with_password("ana@example.org", "correct horse");
    let theirs = house.app.root().people_of(&venue.tenant());
    let words = Email::parse("ana@example.org").unwrap();
    theirs.register_with_password(&words, "a strangers password", Says::default()).unwrap();
    let log_in = |people: &People, from: &str, password: &str| {
        people.log_in((now(), from.parse().unwrap()), ("Ana@example.org", password), |_| true)
    };
    let staff = house.app.root().people();
    // All of it in one minute, by a clock that stands.
    assert!(log_in(&theirs, "10.0.0.99", "a strangers password").unwrap().is_ok());
    for n in 0..10 {
        let said = log_in(&staff, &format!("10.0.0.{n}"), "guessed").unwrap();
        assert_eq!(said.unwrap_err(), NoLogIn::Wrong);
    }
    let said = log_in(&staff, "10.0.0.99", "guessed").unwrap();
    assert_eq!(said.unwrap_err(), NoLogIn::TooOften, "where another ana logged in");
    assert!(log_in(&theirs, "10.0.0.98", "a strangers password").unwrap().is_ok());
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

#[test]
fn a_tenant_has_a_pair_for_each_dialect_from_its_founding_or_from_the_next_start() {
    let house = house();
    let venue = house.venue("Bisik");
    let root = crate::process::look_into(&house.dir().join("root.db"));
    let count = |of: &str| -> i64 {
        let sql = format!(
            "SELECT count(*) FROM credential WHERE tenant IN (SELECT id FROM tenant WHERE {of})"
        );
        root.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    let own = format!("slug = '{}'", venue.slug);
    assert_eq!(count(&own), 2);
    root.execute("DELETE FROM credential", []).unwrap();
    house.app.root().settle(guichet::trade::place::published).unwrap();
    assert_eq!(count(&own), 2);
    let tenants: i64 = root.query_row("SELECT count(*) FROM tenant", [], |row| row.get(0)).unwrap();
    assert_eq!(count("true"), 2 * tenants);
}

#[test]
fn the_first_agenda_is_not_deleted_by_whatever_name_it_goes() {
    let house = house();
    let meta = house.meta();
    let (no, slug) = (meta.tenant().entry().no, Slug::parse("agenda").unwrap());
    let change = Change { slug: Some(&slug), active: None, record: &|_| (), connect: &[] };
    house.console().reorganize(no, change).unwrap();
    let refused = house.console().delete(no).unwrap_err();
    assert!(matches!(refused, Error::Refused(Refusal::InUse)), "{refused}");
}
