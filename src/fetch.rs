//! Gets one image from an address that a stranger named, without becoming their door into our
//! network.
//!
//! What must stay true: every address a host name has is checked, and the connection goes to
//! exactly the addresses that were checked; a redirect is a new address; one deadline covers names,
//! redirects and body; what the remote or the resolver said never reaches the stranger.
//! Proxies, cookies, credentials and compression are deliberately absent. The status of the answer
//! is not looked at: whoever decodes the bytes finds out.

use std::fmt;
use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::{Duration, Instant};
use ureq::Agent;
use ureq::config::{AutoHeaderValue, Config};
use ureq::http::{Uri, header};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use url::Url;

const USER_AGENT: &str = concat!("guichet/", env!("CARGO_PKG_VERSION"));
const NAMELESS: &str = "image";
const NAME_CHARS: usize = 80;

/// With a variation and a suffix behind it, a name must stay under the 255 bytes of a file system.
const NAME_BYTES: usize = 200;

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

    fn ask(&self, url: &Url, left: Duration) -> Result<Answer, Fault> {
        let agent = self.agent(url, left)?;
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
    fn agent(&self, url: &Url, left: Duration) -> Result<Agent, Fault> {
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
            .accept("image/*")
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

/// Resolves once, and hands over only addresses that may be connected to. The connector takes
/// these and asks nobody else, so a name that changes its mind in between changes nothing.
#[derive(Debug)]
struct Guard {
    allowed: bool,
    inner: DefaultResolver,
}

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout).map_err(|error| match error {
            ureq::Error::Timeout(_) => error,
            _ => ureq::Error::HostNotFound,
        })?;
        if self.allowed || found.iter().all(|address| is_public(address.ip())) {
            Ok(found)
        } else {
            Err(ureq::Error::Other(Box::new(Fault::NotPublic)))
        }
    }
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

/// Whether an address is anybody's on the internet (the special-purpose registries of IANA).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    !matches!(
        ip.octets(),
        [0 | 10 | 127 | 224..=255, ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 0, 0 | 2, _]
            | [192, 88, 99, _]
            | [192, 168, ..]
            | [198, 18..=19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
    )
}

/// Global unicast is `2000::/3` and nothing else; an IPv4 address inside must be public itself.
/// Mapped and compatible addresses are not sent over a network and so always refused.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let inner = |high: u16, low: u16| {
        is_public_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
    };
    match ip.segments() {
        [0x64, 0xFF9B, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => inner(high, low),
        // Protocol assignments, among them Teredo, benchmarking and ORCHID; then documentation.
        [0x2001, 0..=0x1FF | 0xDB8, ..] | [0x3FFF, 0..=0xFFF, ..] => false,
        [0x2000..=0x3FFF, ..] => true,
        _ => false,
    }
}

/// The last segment of the path with its query, as written: `url` would have percent-encoded it.
fn name_in(address: &str, url: &Url) -> String {
    let address = address.split('#').next().unwrap_or_default();
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let segment = path.rsplit(['/', '\\']).next().unwrap_or_default();
    // Without a path, the last segment would be the host.
    let segment = if url.path().ends_with('/') { "" } else { segment };
    clean_name(&format!("{segment}{query}"))
}

/// A file name that is one anywhere: spaces become `_`; only letters and digits of any script, `-`,
/// `_` and `.` stay; no dot in front; never too long nor empty. A percent sign goes, its digits
/// stay.
pub fn clean_name(raw: &str) -> String {
    let kept: String = raw
        .trim()
        .chars()
        .map(|c| if c == ' ' { '_' } else { c })
        .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
        .collect();
    let name = kept.trim_start_matches('.');
    if name.is_empty() {
        return NAMELESS.to_owned();
    }
    let (stem, end) = match split_name(name) {
        (stem, Some(extension)) if extension.len() <= 10 => (stem, format!(".{extension}")),
        _ => (name, String::new()),
    };
    let mut short: String = stem.chars().take(NAME_CHARS - end.chars().count()).collect();
    while short.len() + end.len() > NAME_BYTES {
        short.pop();
    }
    short + &end
}

/// The name before its last dot, and what is behind it; `None` when either would be empty.
pub fn split_name(name: &str) -> (&str, Option<&str>) {
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && !extension.is_empty() => {
            (stem, Some(extension))
        }
        _ => (name, None),
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

    #[test]
    fn addresses_of_networks_are_not_public() {
        let inside = "0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.255 \
            169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1 192.88.99.1 192.168.1.1 \
            198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 \
            255.255.255.255 :: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:10.0.0.1 ::ffff:8.8.8.8 \
            64:ff9b::10.0.0.1 64:ff9b::7f00:1 64:ff9b:1::8.8.8.8 100::1 2001::1 2001:2::1 2001:10::1 \
            2001:db8::1 2002:7f00:1:: 2002:c0a8:101::1 3fff::1 3fff:fff::1 4000::1 5f00::1 fc00::1 \
            fdff::1 fe80::1 febf::1 fec0::1 ff02::1 ff0e::1";
        for address in inside.split(' ') {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        let outside = "1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 \
            126.255.255.255 128.0.0.1 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.1 \
            192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255 64:ff9b::8.8.8.8 \
            2001:200::1 2001:4860::8888 2002:808:808::1 2606:4700::1111 2a00:1450::1 3fff:1000::1";
        for address in outside.split(' ') {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn names_are_cleaned() {
        for (raw, clean) in [
            ("photo.jpg", "photo.jpg"),
            ("photo.jpg?x=1", "photo.jpgx1"),
            ("Ma photo (été).JPG", "Ma_photo_été.JPG"),
            ("caf%C3%A9.png", "cafC3A9.png"),
            ("../../etc/passwd", "etcpasswd"),
            ("..hidden", "hidden"),
            ("  a b  ", "a_b"),
            ("C:\\images\\a.gif", "Cimagesa.gif"),
            ("<script>\"\0\n", "script"),
            ("東京.webp", "東京.webp"),
            ("", "image"),
            ("...", "image"),
            ("?/%", "image"),
        ] {
            assert_eq!(clean_name(raw), clean, "{raw}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let name = clean_name(&format!("{}.jpg", "é".repeat(300)));
        assert_eq!(name, format!("{}.jpg", "é".repeat(76)));
        assert_eq!(clean_name(&"a".repeat(300)), "a".repeat(80));
        assert_eq!(clean_name(&format!("a.{}", "b".repeat(300))).len(), 80);
        assert!(clean_name(&"東".repeat(300)).len() <= NAME_BYTES);
    }

    #[test]
    fn an_address_names_its_file() {
        for (address, name) in [
            ("https://picsum.photos/1920/1080", "1080"),
            ("https://example.org", "image"),
            ("https://example.org/", "image"),
            ("https://example.org/a/..", "image"),
            ("https://example.org?id=7", "id7"),
            ("https://example.org/affiches/", "image"),
            ("https://example.org/a.jpg?from=/b/c.png", "a.jpgfrombc.png"),
            ("https://example.org/été.jpg#/b", "été.jpg"),
        ] {
            assert_eq!(name_in(address, &Url::parse(address).unwrap()), name, "{address}");
        }
    }

    #[test]
    fn a_name_splits_at_its_last_dot() {
        assert_eq!(split_name("a.b.jpg"), ("a.b", Some("jpg")));
        assert_eq!(split_name("1080"), ("1080", None));
        assert_eq!(split_name("a."), ("a.", None));
    }
}
