//! A client of the GraphQL door, with a token of its own.

use crate::support::{Caller, House, Reply, Venue};
use guichet::root::people::NewUser;
use guichet::values::Email;
use serde_json::{Value, json};

pub(crate) const LITERAL: &str = "query distribution { distribution(id:123) { events { title ticketTypes { translation(langCode:EN) priceDetail { base exclFee } } } } }";
pub(crate) const LITERAL_PURCHASE: &str = "query purchase { purchase { id price tickets { id price barcode } payments { ...on PublicSupervisedPayment { id confirmedAt price } ...on PublicWireTransferPayment { id confirmedAt price } } } }";

/// Somebody with a token.
#[derive(Clone)]
pub(crate) struct Client {
    caller: Caller,
}

impl Client {
    /// Somebody without a token.
    pub(crate) fn bare(house: &House) -> Self {
        Self { caller: house.meta().anyone() }
    }

    /// Somebody whose token stands for nobody.
    pub(crate) fn new(house: &House) -> Self {
        let bare = Self::bare(house);
        let made = bare.ok("mutation { createAccessToken { token expiresAt } }");
        let token = made["createAccessToken"]["token"].as_str().unwrap().to_owned();
        bare.with_token(&token)
    }

    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { caller: self.caller.with("Authorization", &format!("Bearer {token}")) }
    }

    /// Sends a document as it is.
    pub(crate) fn send(&self, query: &str) -> Reply {
        self.caller.post("/graphql", &json!({ "query": query }))
    }

    /// Who asks, as such.
    pub(crate) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The data of a document that must not fail.
    pub(crate) fn ok(&self, query: &str) -> Value {
        let reply = self.send(query);
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(reply.status, 200, "{query}: {body}");
        assert!(body.get("errors").is_none(), "{query}: {body}");
        body["data"].clone()
    }

    /// The code of the first error of a document that must fail.
    pub(crate) fn code(&self, query: &str) -> String {
        let reply = self.send(query);
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        let code = body["errors"][0]["extensions"]["code"].as_str();
        code.unwrap_or_else(|| panic!("{query}: {body}")).to_owned()
    }
}

/// A number in an answer.
pub(crate) fn no(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// The small numbers of a venue's first two channels.
pub(crate) fn channels(venue: &Venue<'_>) -> (i64, i64) {
    let tenant = venue.tenant();
    let shop = venue.house.app.root().network().shop_of(tenant.entry().id, None).unwrap().unwrap();
    let all = venue.house.app.root().network().shops(&shop).unwrap();
    (all[0].distribution.no, all[1].distribution.no)
}

/// The small number of a venue.
pub(crate) fn organizer(venue: &Venue<'_>) -> i64 {
    venue.tenant().entry().no
}

/// An operator who is logged in.
pub(crate) fn operator(house: &House, email: &str) -> Client {
    operator_who(house, email, false)
}

/// A superuser who is logged in.
pub(crate) fn admin(house: &House) -> Client {
    operator_who(house, "root@example.org", true)
}

fn operator_who(house: &House, email: &str, superuser: bool) -> Client {
    let email = Email::parse(email).unwrap();
    if house.console().user(&email).unwrap().is_none() {
        let password = Some("a long password".to_owned());
        let new = NewUser { email: email.clone(), password, superuser, can_create_tenant: false };
        house.console().create_user(&new).unwrap();
    }
    let client = Client::new(house);
    client.ok(&format!(
        r#"mutation {{ operatorLogin(email: "{email}", password: "a long password") {{ id }} }}"#
    ));
    client
}

/// An event with so many seats at which a ticket costs so much; the number of its ticket type.
pub(crate) fn evening(venue: &Venue<'_>, cents: i64, seats: u32) -> i64 {
    let product = venue.ticket(&format!("Billet {}", venue.house.next()));
    venue.price(&product, "Plein tarif", cents);
    let name = format!("Soirée {}", venue.house.next());
    venue.event(&name, &[&product], seats);
    let (web, _) = channels(venue);
    let data = Client::bare(venue.house).ok(&format!(
        r#"{{ distribution(id: {web}) {{ events(filter: {{ search: "{name}" }}) {{ ticketTypes {{ id }} }} }} }}"#
    ));
    no(&data["distribution"]["events"][0]["ticketTypes"][0]["id"])
}
