//! Purchases over GraphQL that are paid at Stripe.

use crate::oxynade::{NAME, bought};
use crate::oxynade_graph::{Client, channels, no};
use crate::stripe_peer::Peer;
use crate::support::House;
use crate::till::{Evening, open};
use serde_json::{Value, json};

const PAY: &str = r#"mutation { purchase { createSupervisedPayment(returnUrl: "https://shop.example.org/") { id price provider redirectUrl confirmedAt } } }"#;
const CONFIRM: &str = "mutation { purchase { confirm { status } } }";
const SHOWN: &str =
    "{ purchase { status tickets { status } payments { __typename id price confirmedAt } } }";

/// Somebody at the page to pay two tickets, the payment, and its session at Stripe.
fn asked(house: &House, peer: &Peer, evening: &Evening<'_>) -> (Client, Value, String) {
    let (web, _) = channels(&evening.venue);
    let data = Client::bare(house)
        .ok(&format!("{{ distribution(id: {web}) {{ events {{ ticketTypes {{ id }} }} }} }}"));
    let ticket = no(&data["distribution"]["events"][0]["ticketTypes"][0]["id"]);
    let client = Client::new(house);
    bought(&client, web, ticket, 2);
    client.ok(NAME);
    let payment = client.ok(PAY)["purchase"]["createSupervisedPayment"].clone();
    let session = peer.session_at(payment["redirectUrl"].as_str().unwrap());
    (client, payment, session)
}

#[test]
fn a_purchase_that_is_paid_at_stripe_is_confirmed_when_its_buyer_comes_back() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (client, payment, session) = asked(&house, &peer, &evening);
    assert_eq!(
        (&payment["price"], &payment["provider"], &payment["confirmedAt"]),
        (&json!(25.0), &json!("stripe"), &Value::Null)
    );
    assert_eq!(client.ok(PAY)["purchase"]["createSupervisedPayment"], payment);
    assert_eq!(client.code(CONFIRM), "CONFLICT");
    peer.pay(&session);
    assert_eq!(client.ok(CONFIRM)["purchase"]["confirm"]["status"], "CONFIRMED");
    let shown = &client.ok(SHOWN)["purchase"];
    assert_eq!(shown["tickets"], json!([{ "status": "K" }, { "status": "K" }]));
    let paid = &shown["payments"];
    assert_eq!(paid.as_array().unwrap().len(), 1);
    assert_eq!(
        (&paid[0]["__typename"], &paid[0]["id"], &paid[0]["price"]),
        (&json!("PublicSupervisedPayment"), &payment["id"], &json!(25.0))
    );
    assert!(paid[0]["confirmedAt"].is_string());
    assert_eq!((peer.paid().len(), evening.taken()), (1, 2));
    evening.adds_up();
}

#[test]
fn a_purchase_is_confirmed_by_what_stripe_tells_though_nobody_comes_back() {
    let (peer, house) = open();
    let evening = Evening::new(&house, &peer, 10);
    let (client, _, session) = asked(&house, &peer, &evening);
    peer.pay(&session);
    evening.tell("completed", &session).is(202);
    assert_eq!(client.ok(SHOWN)["purchase"]["status"], "CONFIRMED");
    evening.adds_up();
}
