//! What resolvers work with: the network, who holds the token, and how what goes wrong is told.

use crate::cashier::Cashier;
use crate::doors::Call;
use crate::error::{Error, Refusal};
use crate::root::network::Visit;
use crate::root::people::NoLogIn;
use crate::root::session::{Dialect, Session};
use crate::root::{Account, Network, People};
use crate::trade::Page;
use crate::trade::order::Hold;
use crate::values::id::{OrderId, TenantId};
use crate::values::{Time, is_plain, vat};
use juniper::{DefaultScalarValue, FieldError, IntoFieldError, Object, Value};
use parking_lot::Mutex;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The context of one request.
pub(super) struct Ctx {
    pub(super) network: Network,
    pub(super) now: Time,
    pub(super) client: IpAddr,
    pub(super) hold: Hold,
    pub(super) cashier: Option<Arc<Cashier>>,
    pub(super) registration: Registration,
    token: Mutex<Option<(String, Visit)>>,
    /// Bytes of long texts in the answer.
    long: AtomicUsize,
}

/// The most bytes of texts that an answer may hold that may be long by themselves: how many values there are says nothing
/// of them.
const LONG_MAX: usize = 8 << 20;

/// Who may make a tenant of his own.
#[derive(Clone, Copy, Debug)]
pub struct Registration {
    /// Anybody may.
    pub open: bool,
    /// Each gets an organization of its own; otherwise it belongs to the admin's.
    pub own_organization: bool,
}

impl juniper::Context for Ctx {}

/// What went wrong in a resolver.
pub(super) struct Fault(pub(super) Error);

/// What a resolver gives back.
pub(super) type Told<T> = Result<T, Fault>;

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl Fault {
    /// One wrong field.
    pub(super) fn field(name: &'static str, what: impl Into<String>) -> Self {
        Self(Error::invalid(name, what))
    }

    /// Its code, and the field that is wrong.
    fn code(&self) -> (&'static str, Option<&'static str>) {
        match &self.0 {
            Error::Invalid(fields) => {
                let taken = fields.iter().any(|field| field.taken);
                let code = if taken { "CONFLICT" } else { "VALIDATION" };
                (code, fields.first().map(|field| field.name))
            }
            Error::Unauthenticated => ("UNAUTHENTICATED", None),
            Error::Forbidden => ("FORBIDDEN", None),
            Error::NotFound => ("NOT_FOUND", None),
            Error::Refused(refusal) => (code_of(refusal), None),
            Error::Busy | Error::Unusable(_) | Error::Internal(_) => ("INTERNAL", None),
        }
    }
}

const fn code_of(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::SoldOut { .. } | Refusal::GaugeTaken | Refusal::StockTaken => "SOLD_OUT",
        Refusal::LimitReached(_) | Refusal::TooMany(_) | Refusal::SeatsTaken(_) => "LIMIT_REACHED",
        Refusal::NotSold
        | Refusal::NothingChosen
        | Refusal::HoldersMissing
        | Refusal::AmountFixed
        | Refusal::AmountOutside { .. }
        | Refusal::NotMember(_)
        | Refusal::EventOver
        | Refusal::SlugEmpty => "VALIDATION",
        Refusal::LoginNeeded => "UNAUTHENTICATED",
        Refusal::NoFounder => "FORBIDDEN",
        _ => "CONFLICT",
    }
}

/// An error's extensions.
pub(super) fn extensions(code: &str, field: Option<&str>) -> Value {
    let mut all = Object::with_capacity(2);
    all.add_field("code", Value::scalar(code.to_owned()));
    if let Some(field) = field {
        all.add_field("field", Value::scalar(field.to_owned()));
    }
    Value::object(all)
}

impl IntoFieldError<DefaultScalarValue> for Fault {
    fn into_field_error(self) -> FieldError {
        let (code, field) = self.code();
        let message = match &self.0 {
            Error::Internal(_) | Error::Unusable(_) => {
                tracing::error!(error = %self.0, "a resolver failed");
                "internal error".to_owned()
            }
            Error::Invalid(fields) => {
                fields.first().map_or_else(String::new, |field| field.what.clone())
            }
            other => other.to_string(),
        };
        FieldError::new(message, extensions(code, field))
    }
}

impl Ctx {
    pub(super) fn new(call: &Call<'_>, network: &Network, token: Option<(String, Visit)>) -> Self {
        Self {
            network: network.clone(),
            now: call.now,
            client: call.client,
            hold: call.desk.hold,
            cashier: call.desk.cashier.clone(),
            registration: call.desk.registration,
            token: Mutex::new(token),
            long: AtomicUsize::new(0),
        }
    }

    /// A text that may be long, where the answer has room for it.
    pub(super) fn long<'t>(&self, text: Option<&'t str>) -> Told<Option<&'t str>> {
        let more = text.map_or(0, str::len);
        match self.long.fetch_add(more, Relaxed) + more > LONG_MAX {
            true => Err(Fault(Error::Refused(Refusal::TooMany("description")))),
            false => Ok(text),
        }
    }

    /// Who holds the token; without one, nobody.
    pub(super) fn visit(&self) -> Option<Visit> {
        self.token.lock().as_ref().map(|(_, visit)| visit.clone())
    }

    /// The operator who is logged in.
    pub(super) fn operator(&self) -> Told<Account> {
        let operator = self.visit().and_then(|visit| visit.operator);
        operator.ok_or(Fault(Error::Unauthenticated))
    }

    /// The customer who is logged in.
    pub(super) fn customer(&self) -> Told<Account> {
        let customer = self.visit().and_then(|visit| visit.customer);
        customer.ok_or(Fault(Error::Unauthenticated))
    }

    /// The token stands for this operator from now on. Refused: without a token, as for all that is written down of one.
    pub(super) fn sign_operator(&self, account: &Account) -> Told<()> {
        self.sign(|people, token, visit| {
            visit.operator = Some(account.clone());
            visit.session.account = Some(account.id);
            people.sign_operator(Dialect::Oxynade, token, account.id)
        })
    }

    /// The token stands for this customer from now on.
    pub(super) fn sign_customer(&self, account: &Account) -> Told<()> {
        self.sign(|people, token, visit| {
            visit.customer = Some(account.clone());
            visit.session.customer = Some(account.id);
            people.sign_customer(Dialect::Oxynade, token, account.id)
        })
    }

    /// The token may look at this order from now on.
    pub(super) fn sign_order(&self, tenant: TenantId, order: OrderId) -> Told<()> {
        self.sign(|people, token, visit| {
            let before = visit.session.order.map(|(_, order)| order);
            people.sign_order(Dialect::Oxynade, token, before, (tenant, order))?;
            visit.session.order = Some((tenant, order));
            Ok(())
        })
    }

    /// The token stands for nobody from now on.
    pub(super) fn sign_nobody(&self) -> Told<()> {
        self.sign(|people, token, visit| {
            (visit.operator, visit.customer) = (None, None);
            let Session { account, customer, order, expires: _ } = &mut visit.session;
            (*account, *customer, *order) = (None, None, None);
            people.clear_session(Dialect::Oxynade, token)
        })
    }

    fn sign(
        &self,
        change: impl FnOnce(&People, &str, &mut Visit) -> Result<(), Error>,
    ) -> Told<()> {
        let mut held = self.token.lock();
        let Some((token, visit)) = held.as_mut() else { return Err(Fault(Error::Unauthenticated)) };
        Ok(change(&self.network.operators(), token, visit)?)
    }

    /// Opens a session that stands for nobody, and works with it from now on.
    pub(super) fn open(&self) -> Told<(String, Session)> {
        let (token, session) = self.network.operators().open_session(Dialect::Oxynade, None)?;
        let visit = Visit { session: session.clone(), operator: None, customer: None };
        *self.token.lock() = Some((token.clone(), visit));
        Ok((token, session))
    }

    /// The token is worth nothing from now on.
    pub(super) fn forget(&self) {
        *self.token.lock() = None;
    }

    /// Counts something that a stranger asks for.
    pub(super) fn ask(&self) -> Told<()> {
        match self.network.throttle().may_ask(self.now, self.client) {
            true => Ok(()),
            false => Err(Fault(Error::Refused(Refusal::TooMany("requests")))),
        }
    }

    /// Logs in one of these people who is `wanted`.
    pub(super) fn log_in(
        &self,
        people: &People,
        said: (&str, &str),
        wanted: impl Fn(&Account) -> bool,
    ) -> Told<Account> {
        let account = people.log_in((self.now, self.client), said, wanted)?;
        account.map_err(|why| match why {
            NoLogIn::TooOften => Fault(Error::Refused(Refusal::TooMany("log-ins"))),
            NoLogIn::Wrong => Fault(Error::Unauthenticated),
        })
    }
}

/// A text of one line, of 1 to `most` characters.
pub(super) fn line(name: &'static str, value: &str, most: usize) -> Result<String, Error> {
    let value = value.trim();
    match !value.is_empty() && is_plain(value, most) {
        true => Ok(value.to_owned()),
        false => Err(Error::invalid(name, format!("must have 1 to {most} characters on one line"))),
    }
}

/// A VAT number as it is kept.
pub(super) fn vat_number(text: &str) -> Result<String, Error> {
    let wrong = || Error::invalid("vat", "is not written as its country writes VAT numbers");
    vat::parse(text).ok_or_else(wrong)
}

/// The page of a list.
pub(super) fn page(limit: Option<i32>, offset: Option<i32>) -> Told<Page> {
    let (usual, most) = super::guard::LIST;
    let (limit, offset) = (limit.unwrap_or(usual), offset.unwrap_or(0));
    if !(1..=most).contains(&limit) {
        return Err(Fault::field("limit", format!("must be 1 to {most}")));
    }
    if offset < 0 {
        return Err(Fault::field("offset", "must not be below 0"));
    }
    Ok(Page { limit: limit.into(), offset: offset.into() })
}

/// A page of what was found whole.
pub(super) fn cut<T>(all: Vec<T>, page: Page) -> Vec<T> {
    let (offset, limit) = (usize::try_from(page.offset), usize::try_from(page.limit));
    all.into_iter().skip(offset.unwrap_or(0)).take(limit.unwrap_or(usize::MAX)).collect()
}

/// A number as it is sent; those that are given fit.
pub(super) fn int(no: i64) -> i32 {
    i32::try_from(no).unwrap_or(i32::MAX)
}
