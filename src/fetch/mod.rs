//! Gets one image from an address that a stranger named, or tells a server something, without becoming a door into our
//! network.
//!
//! What must stay true: every address a host name has is checked, and the connection goes to
//! exactly the addresses that were checked; a redirect is a new address; one deadline covers names,
//! redirects and body; what the remote or the resolver said never reaches the stranger.
//! Proxies, cookies, credentials and compression are deliberately absent. The status of the answer
//! is not looked at: whoever decodes the bytes finds out.

mod guard;
mod name;

pub use name::{clean_name, split_name};

use guard::Guard;
use name::name_in;
use std::fmt;
use std::io::Read;
use std::time::{Duration, Instant};
use ureq::Agent;
use ureq::config::{AutoHeaderValue, Config};
use ureq::http::header;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::DefaultConnector;
use url::Url;

const USER_AGENT: &str = concat!("guichet/", env!("CARGO_PKG_VERSION"));

/// Bytes of an answer that are looked at.
const WORDS: u64 = 200;

/// How much of our time and memory an address may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For everything together: names, redirects, body.
    pub seconds: u64,
    /// Of the body.
    pub bytes: u64,
    /// How often the answer may be elsewhere.
    pub redirects: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { seconds: 10, bytes: 10 << 20, redirects: 3 }
    }
}

/// What was at the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Anything; not empty.
    pub bytes: Vec<u8>,
    /// A clean file name, after the address first named.
    pub name: String,
}

/// Why nothing was fetched. What it displays is for the stranger: it says nothing they did not
/// know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not an address at all.
    Unreadable,
    /// Nothing like `https:` in front.
    NoScheme,
    /// Neither `http` nor `https`.
    OtherScheme,
    /// A user or a password in the address.
    Credentials,
    /// The host is, or may be, inside a network.
    NotPublic,
    /// The name has no address.
    NoSuchHost,
    /// The deadline is over.
    TooSlow,
    /// More bytes than allowed.
    TooLarge,
    /// Sent on too often.
    TooManyRedirects,
    /// No connection, or no understandable answer.
    Unreachable,
    /// An answer without a body.
    Nothing,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreadable => "Cette adresse n'est pas valide.",
            Self::NoScheme => "L'adresse doit commencer par http:// ou https://.",
            Self::OtherScheme => "Seules les adresses http et https sont acceptées.",
            Self::Credentials => "L'adresse ne doit contenir ni identifiant ni mot de passe.",
            Self::NotPublic => "Cette adresse n'est pas publique.",
            Self::NoSuchHost => "Ce serveur n'existe pas.",
            Self::TooSlow => "Le serveur a mis trop de temps à répondre.",
            Self::TooLarge => "Le fichier est trop lourd.",
            Self::TooManyRedirects => "L'adresse redirige trop de fois.",
            Self::Unreachable => "La connexion au serveur a échoué.",
            Self::Nothing => "Le serveur n'a rien envoyé.",
        })
    }
}

impl std::error::Error for Fault {}

/// Fetches within its limits.
#[derive(Debug)]
pub struct Fetcher {
    limits: Limits,
    allow: Vec<String>,
}

impl Fetcher {
    /// A fetcher that goes to public addresses, and to the `host:port` in `allow` wherever they
    /// are: exactly as written, the host in lower case, IPv6 in brackets.
    pub fn new(limits: Limits, allow: Vec<String>) -> Self {
        Self { limits, allow }
    }

    /// What is at the address, whatever it is.
    pub fn get(&self, address: &str) -> Result<Fetched, Fault> {
        let started = Instant::now();
        let address = address.trim();
        let mut url = Url::parse(address).map_err(unreadable)?;
        let name = name_in(address, &url);
        for _ in 0..=self.limits.redirects {
            let left = Duration::from_secs(self.limits.seconds).saturating_sub(started.elapsed());
            match self.ask(&url, left)? {
                Answer::Bytes(bytes) => return Ok(Fetched { bytes, name }),
                Answer::Elsewhere(location) => url = url.join(&location).map_err(unreadable)?,
            }
        }
        Err(Fault::TooManyRedirects)
    }

    /// Tells the server at the address something, and hears its status and the beginning of what it says. A redirect is
    /// not followed.
    pub fn tell(
        &self,
        address: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<(u16, String), Fault> {
        let url = Url::parse(address.trim()).map_err(unreadable)?;
        let agent = self.agent(&url, Duration::from_secs(self.limits.seconds), "*/*")?;
        let mut request = agent.post(url.as_str());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send(body).map_err(fault)?;
        let (status, mut said) = (response.status().as_u16(), vec![]);
        // What cannot be read of the answer does not unsay its status.
        drop(response.into_body().into_reader().take(WORDS).read_to_end(&mut said));
        let words = String::from_utf8_lossy(&said).replace(char::is_control, " ");
        Ok((status, words.trim().to_owned()))
    }

    fn ask(&self, url: &Url, left: Duration) -> Result<Answer, Fault> {
        let agent = self.agent(url, left, "image/*")?;
        let mut url = url.clone();
        url.set_fragment(None);
        let response = agent.get(url.as_str()).call().map_err(fault)?;
        if matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308)
            && let Some(location) = response.headers().get(header::LOCATION)
        {
            let location = std::str::from_utf8(location.as_bytes());
            return Ok(Answer::Elsewhere(location.map_err(|_| Fault::Unreadable)?.to_owned()));
        }
        let body = response.into_body();
        if body.content_length().is_some_and(|length| length > self.limits.bytes) {
            return Err(Fault::TooLarge);
        }
        let mut bytes = Vec::new();
        body.into_reader()
            .take(self.limits.bytes.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| fault(error.into()))?;
        match u64::try_from(bytes.len()) {
            Ok(0) => Err(Fault::Nothing),
            Ok(length) if length <= self.limits.bytes => Ok(Answer::Bytes(bytes)),
            _ => Err(Fault::TooLarge),
        }
    }

    /// An agent for this one request: a connection kept from another would not have been checked.
    fn agent(&self, url: &Url, left: Duration, accept: &'static str) -> Result<Agent, Fault> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Fault::OtherScheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Fault::Credentials);
        }
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return Err(Fault::Unreadable);
        };
        let allowed = self.allow.contains(&format!("{host}:{port}"));
        if left.is_zero() {
            return Err(Fault::TooSlow);
        }
        let config = Config::builder()
            .timeout_global(Some(left))
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .user_agent(USER_AGENT)
            .accept(accept)
            .accept_encoding(AutoHeaderValue::None)
            .build();
        let resolver = Guard { allowed, inner: DefaultResolver::default() };
        Ok(Agent::with_parts(config, DefaultConnector::new(), resolver))
    }
}

enum Answer {
    Bytes(Vec<u8>),
    Elsewhere(String),
}

fn unreadable(error: url::ParseError) -> Fault {
    match error {
        url::ParseError::RelativeUrlWithoutBase => Fault::NoScheme,
        _ => Fault::Unreadable,
    }
}

fn fault(error: ureq::Error) -> Fault {
    match error {
        ureq::Error::Timeout(_) => Fault::TooSlow,
        ureq::Error::HostNotFound => Fault::NoSuchHost,
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => Fault::Unreadable,
        ureq::Error::Other(inner) => *inner.downcast().unwrap_or(Box::new(Fault::Unreachable)),
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => Fault::TooSlow,
        _ => Fault::Unreachable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Write};
    use std::net::{TcpListener, TcpStream};

    const BYTES: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nimage";

    /// A server on loopback that answers every connection; its `host:port`.
    fn serve(answer: impl Fn(&str, &mut TcpStream) + Send + 'static) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let lines = BufReader::new(&stream).lines().map_while(Result::ok);
                let lines: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
                answer(&lines.join("\n"), &mut stream);
            }
        });
        place
    }

    fn say(bytes: &'static [u8]) -> String {
        serve(move |_, stream| stream.write_all(bytes).unwrap())
    }

    /// Redirects `/n` to `/n-1` and so on, down to the image at `/0`.
    fn stairs() -> String {
        serve(|request, stream| {
            let step: u32 =
                request.split(' ').nth(1).unwrap().trim_start_matches('/').parse().unwrap();
            let answer = match step.checked_sub(1) {
                None => BYTES.to_vec(),
                Some(next) => {
                    format!("HTTP/1.1 302 Found\r\nLocation: /{next}\r\nContent-Length: 0\r\n\r\n")
                        .into_bytes()
                }
            };
            stream.write_all(&answer).unwrap();
        })
    }

    fn get(place: &str, path: &str) -> Result<Fetched, Fault> {
        let limits = Limits { seconds: 5, bytes: 1000, redirects: 3 };
        Fetcher::new(limits, vec![place.to_owned()]).get(&format!("http://{place}{path}"))
    }

    fn refused(address: &str) -> Fault {
        Fetcher::new(Limits::default(), Vec::new()).get(address).unwrap_err()
    }

    #[test]
    fn an_image_comes_with_the_name_of_its_address() {
        let found = get(&say(BYTES), "/affiches/Été 2024.jpg?x=1#top").unwrap();
        assert_eq!(found, Fetched { bytes: b"image".to_vec(), name: "Été_2024.jpgx1".to_owned() });
    }

    #[test]
    fn the_request_says_who_asks_and_nothing_else() {
        let place = serve(|request, stream| {
            let length = request.len();
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{request}").unwrap();
        });
        let said = String::from_utf8(get(&place, "/a.png").unwrap().bytes).unwrap();
        let mut lines: Vec<_> = said.lines().map(str::to_lowercase).collect();
        lines.sort();
        let host = format!("host: {place}");
        let agent = USER_AGENT.to_lowercase();
        let agent = format!("user-agent: {agent}");
        assert_eq!(lines, ["accept: image/*", "get /a.png http/1.1", &host, &agent]);
    }

    #[test]
    fn the_status_is_not_looked_at() {
        let place = say(b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone");
        assert_eq!(get(&place, "/").unwrap().bytes, b"gone");
        let place = say(b"HTTP/1.1 302 Found\r\nContent-Length: 4\r\n\r\nlost");
        assert_eq!(get(&place, "/").unwrap().bytes, b"lost");
    }

    #[test]
    fn three_redirects_are_followed_and_a_fourth_is_not() {
        let place = stairs();
        let found = get(&place, "/3").unwrap();
        assert_eq!((found.bytes.as_slice(), found.name.as_str()), (&b"image"[..], "3"));
        assert_eq!(get(&place, "/4"), Err(Fault::TooManyRedirects));
        let circle = say(b"HTTP/1.1 301 Moved\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(get(&circle, "/"), Err(Fault::TooManyRedirects));
    }

    #[test]
    fn a_redirect_is_checked_like_any_address() {
        let inside = say(BYTES);
        let place = serve(move |request, stream| {
            let location = match request.split(' ').nth(1).unwrap() {
                "/inside" => format!("http://{inside}/"),
                "/file" => "file:///etc/passwd".to_owned(),
                "/user" => "http://root@example.org/".to_owned(),
                _ => "http://[".to_owned(),
            };
            write!(stream, "HTTP/1.1 307 Moved\r\nLocation: {location}\r\n\r\n").unwrap();
        });
        assert_eq!(get(&place, "/inside"), Err(Fault::NotPublic));
        assert_eq!(get(&place, "/file"), Err(Fault::OtherScheme));
        assert_eq!(get(&place, "/user"), Err(Fault::Credentials));
        assert_eq!(get(&place, "/broken"), Err(Fault::Unreadable));
    }

    #[test]
    fn slow_bytes_do_not_move_the_deadline() {
        for head in ["HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", "HTTP/1.1 200 OK\r\nX: "] {
            let place = serve(move |_, stream| {
                stream.write_all(head.as_bytes()).unwrap();
                while stream.write_all(b"x").is_ok() {
                    std::thread::sleep(Duration::from_millis(50));
                }
            });
            let limits = Limits { seconds: 1, ..Limits::default() };
            let started = Instant::now();
            let fetcher = Fetcher::new(limits, vec![place.clone()]);
            assert_eq!(fetcher.get(&format!("http://{place}/a")), Err(Fault::TooSlow), "{head}");
            assert!(started.elapsed() < Duration::from_millis(1500), "{head}");
        }
    }

    #[test]
    fn a_body_is_too_large_whether_it_says_so_or_not() {
        let place = say(b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n");
        assert_eq!(get(&place, "/"), Err(Fault::TooLarge));
        let place = serve(|_, stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            stream.write_all(&[7; 1001]).unwrap();
        });
        assert_eq!(get(&place, "/"), Err(Fault::TooLarge));
        let place = serve(|_, stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            stream.write_all(&[7; 1000]).unwrap();
        });
        assert_eq!(get(&place, "/").unwrap().bytes, [7; 1000]);
    }

    #[test]
    fn no_answer_is_told_from_an_empty_one() {
        for answer in [
            &b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"[..],
            b"HTTP/1.1 204 No Content\r\n\r\n",
        ] {
            assert_eq!(get(&say(answer), "/"), Err(Fault::Nothing));
        }
        let short = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nimage";
        for answer in [&b""[..], b"SSH-2.0-server\r\n", short] {
            assert_eq!(get(&say(answer), "/"), Err(Fault::Unreachable));
        }
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        assert_eq!(get(&closed, "/"), Err(Fault::Unreachable));
    }

    #[test]
    fn what_is_not_encrypted_is_no_answer_over_https() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || listener.accept().unwrap().0.write_all(BYTES).unwrap());
        let fetcher = Fetcher::new(Limits::default(), vec![place.clone()]);
        assert_eq!(fetcher.get(&format!("https://{place}/")), Err(Fault::Unreachable));
    }

    #[test]
    fn only_http_without_credentials_is_an_address() {
        for (addresses, expected) in [
            ("example.org/a.jpg //example.org/a.jpg a.jpg", Fault::NoScheme),
            ("ftp://example.org/a.jpg javascript:alert(1) file:///etc/passwd", Fault::OtherScheme),
            ("http:// http://[ http://example.org:99999/", Fault::Unreadable),
            ("http://user@example.org/ https://:pass@example.org/", Fault::Credentials),
        ] {
            for address in addresses.split(' ') {
                assert_eq!(refused(address), expected, "{address}");
            }
        }
        assert_eq!(refused(""), Fault::NoScheme);
    }

    #[test]
    fn our_own_network_is_refused_however_it_is_written() {
        let hosts = "127.0.0.1 [::1] localhost LOCALHOST 0.0.0.0 2130706433 0x7f.1 0177.0.0.1 127.1 \
            %31%32%37.0.0.1 １２７.0.0.1 169.254.169.254 [::ffff:127.0.0.1] [64:ff9b::7f00:1]";
        for host in hosts.split(' ') {
            assert_eq!(refused(&format!("http://{host}:9/a")), Fault::NotPublic, "{host}");
            assert_eq!(refused(&format!("https://{host}/a")), Fault::NotPublic, "{host}");
        }
    }

    #[test]
    fn an_exception_is_for_its_port_alone() {
        let (place, other) = (say(BYTES), say(BYTES));
        let fetcher = Fetcher::new(Limits::default(), vec![place.clone()]);
        assert!(fetcher.get(&format!("http://{place}/")).is_ok());
        assert_eq!(fetcher.get(&format!("http://{other}/")), Err(Fault::NotPublic));
        let name = place.replace("127.0.0.1", "LocalHost");
        assert_eq!(fetcher.get(&format!("http://{name}/")), Err(Fault::NotPublic));
        let fetcher = Fetcher::new(Limits::default(), vec![name.to_lowercase()]);
        assert!(fetcher.get(&format!("http://{name}/")).is_ok());
    }
}
