//! A request on its way to a handler, what handlers work with besides the data, and why there may be no usual answer.

use super::{Route, oxynade, roomle};
use crate::cashier::Cashier;
use crate::error::Error;
use crate::fetch::Fetcher;
use crate::picture::Studio;
use crate::root::people::TokenFault;
use crate::trade::Page;
use crate::values::Time;
use parking_lot::Mutex;
use rouille::{Request, Response};
use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

/// What handlers work with besides the data.
#[derive(Debug)]
pub struct Desk {
    /// Decodes and cuts images.
    pub studio: Studio,
    /// Gets images by address.
    pub fetcher: Fetcher,
    /// Products a tenant may hold.
    pub products_max: u64,
    /// Prices a tenant may hold.
    pub prices_max: u64,
    /// Options a tenant may hold.
    pub options_max: u64,
    /// Events a tenant may hold.
    pub events_max: u64,
    /// Rows of a list that only grows, in one answer.
    pub list_rows: i64,
    /// How long what is ordered is held for its payment.
    pub hold: crate::trade::order::Hold,
    /// Takes money online, where that is set up.
    pub cashier: Option<Arc<Cashier>>,
    /// How deep JSON may be nested.
    pub json_depth: usize,
    /// May programs that run the house make and delete tenants?
    pub tenant_lifecycle: bool,
    /// Which tokens the Roomle door takes.
    pub tokens: roomle::Tokens,
    /// What a document of GraphQL may ask for.
    pub graphql: oxynade::Limits,
    /// Is a page shown that writes documents of GraphQL?
    pub graphiql: bool,
    /// Who may make a tenant of his own.
    pub registration: oxynade::Registration,
    /// Held while a file that a job made is read: it is in memory three times before it is on its way, and counted.
    pub one_file: Mutex<()>,
}

/// A request on its way to a handler.
pub struct Call<'a> {
    /// By which the caller and the log speak of it.
    pub id: &'a str,
    /// As it came.
    pub request: &'a Request,
    /// The route that it found.
    pub route: &'static Route,
    /// What stood at the route's `{…}`, decoded.
    pub params: Vec<Cow<'a, str>>,
    /// The address of the client, past trusted proxies.
    pub client: IpAddr,
    /// Scheme, host and port as the client sees them: `http://le-bisik.example.org`.
    pub origin: String,
    /// When it came.
    pub now: Time,
    /// What handlers work with.
    pub desk: &'a Desk,
    /// Limits on guessing.
    pub throttle: &'a crate::root::throttle::Throttle,
    /// Where refusals are noted that are to be found again.
    pub journal: &'a crate::root::journal::Journal,
}

impl Call<'_> {
    /// What stood at the route's n-th `{…}`.
    #[must_use]
    pub fn param(&self, n: usize) -> &str {
        self.params.get(n).map_or("", AsRef::as_ref)
    }

    /// The page of a list that `?limit=&offset=` ask for; without them all of it.
    pub fn page(&self) -> Result<Page, Failure> {
        let number = |name: &'static str| match self.request.get_param(name) {
            None => Ok(None),
            Some(text) => match text.parse::<u32>() {
                Ok(number) => Ok(Some(i64::from(number))),
                Err(_) => {
                    Err(Failure::Error(Error::invalid(name, "Un nombre entier valide est requis.")))
                }
            },
        };
        let (limit, offset) = (number("limit")?, number("offset")?);
        Ok(Page {
            limit: limit.unwrap_or(Page::ALL.limit),
            offset: offset.unwrap_or(Page::ALL.offset),
        })
    }

    /// The page of a list that only grows: never more rows than the settings say, whatever is asked for.
    pub fn bounded_page(&self) -> Result<Page, Failure> {
        let (page, most) = (self.page()?, self.desk.list_rows);
        Ok(Page { limit: if page.limit < 0 { most } else { page.limit.min(most) }, ..page })
    }

    /// Names the next page of such a list where there may be one: who asks for all must see that this is not all.
    #[must_use]
    pub fn paged(&self, response: Response, page: Page, rows: usize) -> Response {
        if page.limit == 0 || i64::try_from(rows).is_ok_and(|rows| rows < page.limit) {
            return response;
        }
        let is_kept = |part: &&str| {
            let plain = part.bytes().all(|b| b.is_ascii_alphanumeric() || b"=_-.%".contains(&b));
            plain && !part.is_empty() && !part.starts_with("limit=") && !part.starts_with("offset=")
        };
        let own = [format!("limit={}", page.limit), format!("offset={}", page.offset + page.limit)];
        let query: Vec<&str> = self.request.raw_query_string().split('&').filter(is_kept).collect();
        let query = [query, own.iter().map(String::as_str).collect()].concat().join("&");
        let path = self.request.raw_url().split('?').next().unwrap_or("/");
        let next = format!("<{}{path}?{query}>; rel=\"next\"", self.origin);
        response.with_additional_header("Link", next)
    }
}

/// Why there is no answer of the usual kind.
pub enum Failure {
    /// From below the doors.
    Error(Error),
    /// The method is not one of this route's.
    Method,
    /// None of the accepted media types can be made.
    NotAcceptable,
    /// The body's media type cannot be read.
    MediaType(String),
    /// The body cannot be read; in words for the caller.
    Malformed(String),
    /// Too many failed keys or log-ins.
    TooManyFailures,
    /// A stranger has asked for too much.
    TooManyAsks,
    /// The credentials are no credentials.
    BadHeader,
    /// A token opens nothing.
    Token(TokenFault),
    /// Refused before it was read to its end.
    Unread(Unread),
    /// An answer of the dialect's own.
    Answer(Response),
}

/// Why a request was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It is no HTTP, or ended before its end.
    Broken,
    /// Its body did not come in so many seconds.
    Late(u64),
    /// Its body has more than so many bytes.
    TooLong(u64),
    /// It expects what nobody does here.
    Expectation,
    /// It has more headers than so many.
    TooManyHeaders(u64),
    /// There is no room for it now.
    Busy,
}

impl Unread {
    /// The status and its name.
    #[must_use]
    pub const fn status(self) -> (u16, &'static str) {
        match self {
            Self::Broken => (400, "Bad Request"),
            Self::Late(_) => (408, "Request Timeout"),
            Self::TooLong(_) => (413, "Content Too Large"),
            Self::Expectation => (417, "Expectation Failed"),
            Self::TooManyHeaders(_) => (431, "Request Header Fields Too Large"),
            Self::Busy => (503, "Service Unavailable"),
        }
    }
}

impl std::fmt::Display for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Broken => f.write_str("the request cannot be read"),
            Self::Late(seconds) => write!(f, "the body did not come in {seconds} s"),
            Self::TooLong(bytes) => write!(f, "the body may have {bytes} bytes at the most"),
            Self::Expectation => f.write_str("100-continue is all that may be expected"),
            Self::TooManyHeaders(count) => {
                write!(f, "a request may have {count} headers at the most")
            }
            Self::Busy => f.write_str("busy: try again"),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}
