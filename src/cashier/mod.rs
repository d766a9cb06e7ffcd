//! Where a tenant's file and Stripe meet: what is written before Stripe is asked, and what its answer means.
//!
//! What must stay true: nobody asks Stripe inside a write; whatever Stripe did not answer is found out later, by the
//! same words under the same key, and never done twice.

mod billing;

use crate::config::Config;
use crate::error::{Error, Refusal, Result};
use crate::root::{By, Tenant};
use crate::stripe::{Fault, Line, NewSession, Refund, Session, Standing, Stripe};
use crate::trade::checkout::{self, Asking, Checkout, Facts, Outcome, Says, State};
use crate::trade::order::{self, Made, Noted};
use crate::trade::stripe_refund::{self, Waiting};
use crate::values::Money;
use crate::values::id::{OrderId, PaymentId, StripeRefundId};
use std::fmt;
use std::time::Duration;
use url::Url;

/// Takes and gives back money through Stripe.
pub struct Cashier {
    stripe: Stripe,
    /// By what Stripe signs its events.
    pub webhook_secret: String,
}

impl fmt::Debug for Cashier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cashier").field("stripe", &self.stripe).finish_non_exhaustive()
    }
}

/// The longest name of what is sold that Stripe is told.
const NAME_MAX: usize = 200;

impl Cashier {
    /// The cashier that the settings ask for; none without a key. Refused: an address that is none.
    pub fn of(config: &Config) -> Result<Option<Self>> {
        if config.stripe_key.is_empty() {
            return Ok(None);
        }
        let wait = Duration::from_secs(config.stripe_seconds);
        let stripe = Stripe::new(&config.stripe_url, &config.stripe_key, wait)
            .map_err(|why| Error::invalid("stripe_url", why))?;
        Ok(Some(Self { stripe, webhook_secret: config.stripe_webhook_secret.clone() }))
    }

    /// The page at which a checkout is paid. Stripe is asked for it, unless it was before. None: there is none, and what
    /// was held is let go; so it is when Stripe has a bad day, but then the answer is to come back. `is_first` says that
    /// nobody else is asking; who only repeats the question lets nothing go when there is no answer.
    pub fn page(&self, tenant: &Tenant, id: PaymentId, is_first: bool) -> Result<Option<String>> {
        let asking = tenant.read(|tx| checkout::asking(tx, id))?;
        match (asking.checkout.state, &asking.checkout.url) {
            (State::Failed, _) => return Ok(None),
            (_, Some(url)) => return Ok(Some(url.clone())),
            (_, None) => {}
        }
        let made = self.stripe.open(&new_session(tenant, &asking)).and_then(address);
        let opened = match made {
            Ok((session, url)) => {
                match tenant.write(By::House, |tx| checkout::open(tx, id, &session, &url)) {
                    Err(Error::Refused(Refusal::SessionTaken)) => Err(Fault::Never(format!(
                        "Stripe made the page {session:?}, which another checkout has"
                    ))),
                    opened => Ok((session, url, opened?)),
                }
            }
            Err(fault) => Err(fault),
        };
        match opened {
            Ok((session, url, state)) => {
                if state != State::Failed {
                    return Ok(Some(url));
                }
                // Given up meanwhile: nobody may pay there.
                self.expire(tenant, &session)?;
                Ok(None)
            }
            Err(fault) => {
                tell(tenant, &fault, "a page to pay at cannot be made");
                if !is_first && !matches!(fault, Fault::Never(_)) {
                    return Err(Error::Busy);
                }
                // Who repeated the question may have heard more.
                let left = tenant.write(By::House, |tx| {
                    checkout::fail(tx, id)?;
                    checkout::get(tx, id)
                })?;
                match fault {
                    Fault::NotNow(_) if left.url.is_none() => Err(Error::Busy),
                    _ => Ok(left.url),
                }
            }
        }
    }

    /// Asks Stripe how a checkout stands that is not decided, and decides it. What cannot be heard now is found out later.
    pub fn look(&self, tenant: &Tenant, id: PaymentId) -> Result<Outcome> {
        let checkout = tenant.read(|tx| checkout::get(tx, id))?;
        let session = match (checkout.state, &checkout.session) {
            (State::Open, Some(session)) => session,
            (state, _) => return Ok(state.into()),
        };
        match self.stripe.session(session) {
            Ok(session) => self.settle(tenant, &session).map(|(_, outcome)| outcome),
            Err(fault) => {
                tell(tenant, &fault, "a payment cannot be looked at");
                Ok(Outcome::Waiting)
            }
        }
    }

    /// Decides a checkout by what Stripe says of its page.
    pub fn settle(&self, tenant: &Tenant, session: &Session) -> Result<(PaymentId, Outcome)> {
        let Session { id, url: _, standing, amount, currency, metadata } = session;
        let ours = metadata.get("tenant").is_some_and(|id| *id == tenant.entry().id.to_string());
        let order = metadata.get("order").filter(|_| ours).and_then(|id| id.parse().ok());
        let facts = Facts {
            session: id,
            order: order.map(OrderId),
            amount: amount.map(Money),
            currency: currency.as_deref(),
            says: match standing {
                Standing::Open | Standing::Unpaid => Says::Unpaid,
                Standing::Paid(intent) => Says::Paid(intent),
                Standing::Expired => Says::Over,
            },
        };
        let settled = tenant.write(By::House, |tx| checkout::settle(tx, &facts))?;
        if settled.1 == Outcome::Mismatch {
            tracing::error!(tenant = %tenant.entry().slug, session = id, amount, currency,
                "Stripe speaks of another order, amount or currency than its session was made for");
        }
        Ok(settled)
    }

    /// Looks at one checkout whose time has come. One for which nobody got a page is given up; one that must not be paid
    /// any more is ended at Stripe.
    pub fn reconcile(&self, tenant: &Tenant, checkout: &Checkout) -> Result<()> {
        let id = checkout.id;
        let Some(session) = &checkout.session else {
            return tenant.write(By::House, |tx| checkout::fail(tx, id));
        };
        let (wanted, now) = tenant.read(|tx| Ok((checkout::is_wanted(tx, checkout)?, tx.now())))?;
        let mut outcome = self.look(tenant, id)?;
        if outcome == Outcome::Waiting && (!wanted || checkout.ends <= now) {
            outcome = self.expire(tenant, session)?;
        }
        if matches!(outcome, Outcome::Waiting | Outcome::Mismatch) {
            tenant.write(By::House, |tx| checkout::postpone(tx, id))?;
        }
        Ok(())
    }

    /// Ends a page at Stripe, and the checkout by what Stripe then says of it.
    fn expire(&self, tenant: &Tenant, session: &str) -> Result<Outcome> {
        match self.stripe.expire(session) {
            Ok(session) => match self.settle(tenant, &session) {
                Ok((_, outcome)) => Ok(outcome),
                // A page that was made for a checkout which had been given up.
                Err(Error::NotFound) => Ok(Outcome::Over),
                Err(other) => Err(other),
            },
            Err(fault) => {
                tell(tenant, &fault, "a page to pay at cannot be ended");
                Ok(Outcome::Waiting)
            }
        }
    }

    /// Sends one refund. Before it is asked for again, Stripe is asked whether it was made: keys are forgotten after a day.
    pub fn refund(&self, tenant: &Tenant, waiting: &Waiting) -> Result<()> {
        let (intent, key) = (&waiting.intent, waiting.id.to_string());
        let known = match waiting.attempts {
            0 => Ok(None),
            _ => self.stripe.refunds(intent).map(|made| {
                let ours = made.into_iter().find(|made| made.key.as_ref() == Some(&key));
                ours.map(|made| made.id)
            }),
        };
        let sent = known.and_then(|known| match known {
            Some(reference) => Ok(reference),
            None => {
                let tenant = tenant.entry().id.to_string();
                self.stripe.refund(intent, waiting.amount.0, &key, &tenant)
            }
        });
        let outcome = match sent {
            Ok(reference) => stripe_refund::Outcome::Sent(reference),
            Err(fault) => {
                tell(tenant, &fault, "a refund cannot be sent");
                match fault {
                    Fault::NotNow(why) | Fault::Ours(why) => stripe_refund::Outcome::Later(why),
                    Fault::Never(why) => stripe_refund::Outcome::Never(why),
                }
            }
        };
        let given_up = tenant.write(By::House, |tx| stripe_refund::note(tx, waiting, &outcome))?;
        if given_up {
            tracing::error!(tenant = %tenant.entry().slug, refund = key, amount = waiting.amount.0,
                "a refund is given up and stays owed: it must be made by hand");
        }
        Ok(())
    }

    /// Asks Stripe what went back of a payment, and writes down what was given back there by hand.
    pub fn look_back(&self, tenant: &Tenant, intent: &str) -> Result<()> {
        let refunds = match self.stripe.refunds(intent) {
            Ok(refunds) => refunds,
            Err(fault) => {
                tell(tenant, &fault, "what went back of a payment cannot be looked at");
                // Told again later, unless it is never to be heard.
                return if matches!(fault, Fault::Never(_)) { Ok(()) } else { Err(Error::Busy) };
            }
        };
        for Refund { id, amount, currency, key } in &refunds {
            let asked = key.as_ref().and_then(|key| key.parse().ok()).map(StripeRefundId);
            let (amount, reference) = (Money(*amount), id.as_str());
            let made = Made { intent, reference, amount, currency, asked };
            let noted = tenant.write(By::House, |tx| order::given_back(tx, &made))?;
            if noted == Noted::Unknown {
                tracing::error!(tenant = %tenant.entry().slug, refund = reference, intent, amount = amount.0,
                    "what was given back at Stripe fits nothing that was sold: its books must be put right by hand");
            }
        }
        Ok(())
    }
}

/// Writes down that a refund which Stripe had taken on came to nothing.
pub fn refund_failed(tenant: &Tenant, id: StripeRefundId) -> Result<()> {
    let is_news = tenant.write(By::House, |tx| stripe_refund::fail(tx, id))?;
    if is_news {
        tracing::error!(tenant = %tenant.entry().slug, refund = %id,
            "a refund has failed at Stripe and is owed again: it must be made by hand");
    }
    Ok(())
}

/// A page with the address that buyers are sent to. Never: it is none of the web's, and would be run where it is shown.
fn address(session: Session) -> std::result::Result<(String, String), Fault> {
    let url = session.url;
    let url =
        url.ok_or_else(|| Fault::NotNow("Stripe made a page without an address".to_owned()))?;
    let is_web = Url::parse(&url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if !is_web {
        return Err(Fault::Never(format!("Stripe made a page whose address is {url:?}")));
    }
    Ok((session.id, url))
}

fn new_session(tenant: &Tenant, asking: &Asking) -> NewSession {
    let Asking { checkout, email, account, lines, reservation, membership } = asking;
    let mut metadata = vec![("tenant", tenant.entry().id.to_string())];
    metadata.push(("order", checkout.order.to_string()));
    metadata.extend(reservation.map(|id| ("reservation", id.to_string())));
    if reservation.is_none() {
        metadata.extend(membership.map(|id| ("pk_adhesion", id.to_string())));
    }
    let line = |line: &order::Line| Line {
        name: format!("{} — {}", line.product_name, line.price_name)
            .chars()
            .take(NAME_MAX)
            .collect(),
        quantity: line.quantity,
        unit: line.unit.0,
    };
    NewSession {
        key: checkout.id.to_string(),
        currency: checkout.currency.clone(),
        lines: lines.iter().map(line).collect(),
        email: email.clone(),
        buyer: account.to_string(),
        metadata,
        return_to: checkout.return_to.clone(),
        ends: checkout.ends.seconds(),
    }
}

/// Tells whoever hosts; what only they can put right, as an error.
fn tell(tenant: &Tenant, fault: &Fault, what: &str) {
    let slug = &tenant.entry().slug;
    match fault {
        Fault::NotNow(why) => tracing::warn!(tenant = %slug, why, "{what}"),
        Fault::Never(why) | Fault::Ours(why) => tracing::error!(tenant = %slug, why, "{what}"),
    }
}
