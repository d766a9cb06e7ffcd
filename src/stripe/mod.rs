//! A thin client of Stripe: the questions that a box office asks, over one agent with a deadline.
//!
//! What must stay true: each POST that makes something carries a key of ours, so that asking again makes nothing twice;
//! no redirect is followed and no answer over 1 MiB is read; no fault tells the key. A question to which no answer was
//! heard is asked once more, in the same words. Deliberately absent: what is paid, when to try again, and the clock.

mod customer;
mod wire;

pub use customer::{Customer, Details, Portal};
pub use wire::{Event, Refund, Session, Standing};

use std::fmt;
use std::time::Duration;
use ureq::Agent;
use ureq::http::Response;
use url::{Url, form_urlencoded};

/// The dialect of Stripe that is spoken, whatever the account's own is.
pub const VERSION: &str = "2024-06-20";

const USER_AGENT: &str = concat!("guichet/", env!("CARGO_PKG_VERSION"));

/// The longest answer that is read.
const ANSWER_BYTES: u64 = 1 << 20;

/// The most characters of a fault.
const WORDS: usize = 300;

/// Why Stripe did not do what it was asked. What it says is for the operator, and may repeat Stripe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Worth asking again: no answer in time, a 5xx, too many questions.
    NotNow(String),
    /// Never: Stripe refuses just this.
    Never(String),
    /// Our key or our rights: whoever hosts has something to put right.
    Ours(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotNow(why) | Self::Never(why) | Self::Ours(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Fault {}

/// One line of what is sold, as the page to pay at shows it.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it is called.
    pub name: String,
    /// How many.
    pub quantity: u16,
    /// What one costs, in minor units.
    pub unit: i64,
}

/// A page to pay at, as it is asked for.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Asked again under the same key, in the same words, Stripe answers the same session.
    pub key: String,
    /// Three letters.
    pub currency: String,
    /// What is bought, at most 100.
    pub lines: Vec<Line>,
    /// The buyer's address.
    pub email: String,
    /// Who buys, in our words.
    pub buyer: String,
    /// What Stripe is to keep with it and tell again.
    pub metadata: Vec<(&'static str, String)>,
    /// Where the buyer goes afterwards, whatever came of it.
    pub return_to: String,
    /// Until when it can be paid, in seconds since 1970: 30 minutes from now at the least, 24 hours at the most.
    pub ends: i64,
}

/// Asks Stripe. Threads may share it.
pub struct Stripe {
    agent: Agent,
    base: String,
    key: String,
}

impl Stripe {
    /// A client of the Stripe at `base`, with its secret key. A question is answered or given up within `wait`.
    /// Connects to nothing yet.
    pub fn new(base: &str, key: &str, wait: Duration) -> Result<Self, String> {
        let url = Url::parse(base).map_err(|why| why.to_string())?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err("must be such as https://api.stripe.com".to_owned());
        }
        if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("the key holds what no key holds".to_owned());
        }
        let config = Agent::config_builder()
            // Half of it for each try.
            .timeout_global(Some(wait / 2))
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .user_agent(USER_AGENT)
            .accept("application/json")
            .build();
        let base = base.trim_end_matches('/').to_owned();
        Ok(Self { agent: Agent::new_with_config(config), base, key: key.to_owned() })
    }

    /// Makes a page to pay at.
    pub fn open(&self, new: &NewSession) -> Result<Session, Fault> {
        let form = wire::session_form(new);
        wire::session(&self.post("/v1/checkout/sessions", Some(&new.key), &form)?)
    }

    /// The session as it stands.
    pub fn session(&self, id: &str) -> Result<Session, Fault> {
        wire::session(&self.get(&format!("/v1/checkout/sessions/{}", clean(id)?))?)
    }

    /// Ends a session that is open, so that it cannot be paid any more. Never: it is not open.
    pub fn expire(&self, id: &str) -> Result<Session, Fault> {
        // Without a key: a session ends once whoever says so, and a failure that Stripe keeps would be heard for a day.
        wire::session(&self.post(
            &format!("/v1/checkout/sessions/{}/expire", clean(id)?),
            None,
            "",
        )?)
    }

    /// Sends money back to where it came from, `amount` in minor units; `tenant` is kept with it. What Stripe calls it.
    pub fn refund(
        &self,
        intent: &str,
        amount: i64,
        key: &str,
        tenant: &str,
    ) -> Result<String, Fault> {
        let amount = amount.to_string();
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("payment_intent", intent).append_pair("amount", &amount);
        form.append_pair("metadata[refund]", key).append_pair("metadata[tenant]", tenant);
        wire::refund(&self.post("/v1/refunds", Some(key), &form.finish())?)
    }

    /// What went back of a payment, by whoever's word, oldest first; at most 100. Stripe forgets keys after a day, and what
    /// it made of them it does not.
    pub fn refunds(&self, intent: &str) -> Result<Vec<Refund>, Fault> {
        wire::refunds(
            &self.get(&format!("/v1/refunds?limit=100&payment_intent={}", clean(intent)?))?,
        )
    }

    fn get(&self, path: &str) -> Result<Vec<u8>, Fault> {
        heard(|| {
            let request = self.agent.get(format!("{}{path}", self.base));
            let request = request.header("Authorization", format!("Bearer {}", self.key));
            request.header("Stripe-Version", VERSION).call()
        })
    }

    fn post(&self, path: &str, key: Option<&str>, form: &str) -> Result<Vec<u8>, Fault> {
        heard(|| {
            let request = self.agent.post(format!("{}{path}", self.base));
            let request = request.header("Authorization", format!("Bearer {}", self.key));
            let request = request.header("Stripe-Version", VERSION);
            let request = match key {
                Some(key) => request.header("Idempotency-Key", key),
                None => request,
            };
            request.content_type("application/x-www-form-urlencoded").send(form)
        })
    }
}

impl fmt::Debug for Stripe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stripe").field("base", &self.base).finish_non_exhaustive()
    }
}

/// An id that Stripe gave may stand in a path.
fn clean(id: &str) -> Result<&str, Fault> {
    let plain = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if plain { Ok(id) } else { Err(Fault::Never(format!("{id:?} is no id of Stripe's"))) }
}

/// The body of what was answered; asks twice when nothing was heard at first.
fn heard(ask: impl Fn() -> Result<Response<ureq::Body>, ureq::Error>) -> Result<Vec<u8>, Fault> {
    let once = || -> Result<(u16, Vec<u8>), ureq::Error> {
        let mut response = ask()?;
        let status = response.status().as_u16();
        Ok((status, response.body_mut().with_config().limit(ANSWER_BYTES).read_to_vec()?))
    };
    let (status, body) = once()
        .or_else(|_| once())
        .map_err(|why| Fault::NotNow(short(&format!("no answer from Stripe: {why}"))))?;
    if (200..300).contains(&status) {
        return Ok(body);
    }
    let why = short(&format!("Stripe answers {status}: {}", wire::error(&body)));
    Err(match status {
        401 | 403 => Fault::Ours(why),
        400 | 402 | 404..=408 | 410..=428 => Fault::Never(why),
        _ => Fault::NotNow(why),
    })
}

fn short(why: &str) -> String {
    why.chars().take(WORDS).collect()
}
