//! Prices for members: whose word counts, at which door.

use crate::support::{House, Venue, house, text};
use guichet::error::{Error, Refusal, Result};
use guichet::root::{Account, By};
use guichet::trade::membership::Claim;
use guichet::trade::order::{self, Basket, Buyer, Hand, Hold, Holder, Item, Order};
use guichet::trade::setting::{self, Settings};
use guichet::values::id::{EventId, PriceId};
use serde_json::json;
use std::time::Duration;

/// An evening with a price for members, of whom Ana is one and Bo is none.
struct Evening<'h> {
    venue: Venue<'h>,
    event: String,
    price: String,
    ana: Account,
    bo: Account,
}

impl<'h> Evening<'h> {
    fn new(house: &'h House) -> Self {
        let venue = house.venue("Bisik");
        let (ana, bo) = (house.user("ana@example.org"), house.user("bo@example.org"));
        let membership = venue.membership("Carte");
        let yearly = venue.price(&membership, "Année", 1_500);
        let body = json!({
            "adhesion": yearly, "email": "ana@example.org", "first_name": "Ana", "last_name": "Payet", "phone": "1",
        });
        let joined = venue.anyone().post("/api/membership/", &body).ok(201);
        let pay = format!("/api/orders/{}/payments/", text(&joined["order"], "uuid"));
        venue.staff().post(&pay, &json!({ "means": "cash" })).ok(201);
        let product = venue.ticket("Concert");
        let price = venue.price(&product, "Membre", 500);
        let body = json!({ "adhesion_obligatoire": membership });
        venue.staff().patch(&format!("/api/prices/{price}/"), &body).ok(200);
        let event = venue.event("Jam", &[&product], 50);
        Self { venue, event, price, ana, bo }
    }

    fn buy(&self, buyer: &Account, proven: bool, claims: Claim) -> Result<Order> {
        let holder = Holder { first_name: "A".into(), last_name: "B".into() };
        let item = Item {
            event: Some(EventId(self.event.parse().unwrap())),
            price: PriceId(self.price.parse().unwrap()),
            quantity: 1,
            holders: vec![holder],
            amount: None,
        };
        let buyer = Buyer {
            account: buyer.id,
            email: buyer.email.clone(),
            proven,
            claims,
            hand: Hand::Owner,
            named: true,
        };
        let basket = Basket { items: vec![item], ..Basket::default() };
        let hold = Hold {
            payment: Duration::from_secs(900),
            proof: Duration::from_secs(900),
            page: Duration::ZERO,
        };
        self.venue.tenant().write(By::Visitor, |tx| order::place(tx, &buyer, &basket, hold))
    }
}

fn refusal(placed: Result<Order>) -> Refusal {
    match placed {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn at_the_door_of_the_contract_the_address_alone_makes_the_member() {
    let house = house();
    let evening = Evening::new(&house);
    evening.buy(&evening.ana, false, Claim::ByEmail).unwrap();
    let told = refusal(evening.buy(&evening.bo, true, Claim::ByEmail));
    assert!(matches!(told, Refusal::NotMember(_)));
    evening.venue.book("ana@example.org", &evening.event, &evening.price, 1).ok(201);
}

#[test]
fn everywhere_else_a_member_is_logged_in_with_a_proven_address() {
    let house = house();
    let evening = Evening::new(&house);
    let (ana, bo) = (&evening.ana, &evening.bo);
    evening.buy(ana, true, Claim::ByLogin(Some(ana.id))).unwrap();
    for (proven, person) in
        [(true, None), (true, Some(bo.id)), (false, Some(ana.id)), (false, None)]
    {
        let told = refusal(evening.buy(ana, proven, Claim::ByLogin(person)));
        assert_eq!(told, Refusal::LoginNeeded, "{proven} {person:?}");
    }
    let told = refusal(evening.buy(bo, true, Claim::ByLogin(Some(bo.id))));
    assert!(matches!(told, Refusal::NotMember(_)));
}

#[test]
fn who_is_not_logged_in_hears_the_same_of_a_member_and_of_a_stranger() {
    let house = house();
    let evening = Evening::new(&house);
    let of_member = refusal(evening.buy(&evening.ana, true, Claim::ByLogin(None)));
    let of_stranger = refusal(evening.buy(&evening.bo, true, Claim::ByLogin(None)));
    assert_eq!(of_member, of_stranger);
}

#[test]
fn a_venue_that_asks_for_no_log_in_takes_the_address_everywhere() {
    let house = house();
    let evening = Evening::new(&house);
    let tenant = evening.venue.tenant();
    let settings = tenant.read(setting::get).unwrap();
    let open = Settings { member_price_needs_login: false, ..settings };
    tenant.write(By::House, |tx| setting::change(tx, &open)).unwrap();
    evening.buy(&evening.ana, false, Claim::ByLogin(None)).unwrap();
    let told = refusal(evening.buy(&evening.bo, false, Claim::ByLogin(None)));
    assert!(matches!(told, Refusal::NotMember(_)));
}
