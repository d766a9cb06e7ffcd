//! Outgoing mail: makes a letter a message and hands it to the one SMTP server there is.
//!
//! What must stay true: only an answer about this recipient or this letter is `Never`, whatever ails the server, its
//! password or our sender is `Later`; nothing that a person wrote becomes a header; no fault tells the password. Until
//! the server takes the text, one deadline covers names, connection and every answer; from there each wait has the whole
//! time-out again, for a letter given up between its last line and the answer is sent twice.
//! One connection stays open for the next letter. lettre's own transport is deliberately absent: it does not say which
//! command was refused, keeps a thread, and waits a second time-out for its good-bye. So are the queue, when to try
//! again, and what letters say.

pub mod letters;
mod message;

pub use message::{Attachment, Letter};

use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{SmtpConnection, Tls, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error, SMTP_PORT, SUBMISSION_PORT, SUBMISSIONS_PORT};
use message::{address, clean, compose};
use parking_lot::Mutex;
use percent_encoding::percent_decode_str;
use std::error::Error as _;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use std::{fmt, io, thread};
use url::{Host, Url};

/// A kept connection that rested longer is not tried again: the server may have forgotten it without a word.
const REST: Duration = Duration::from_secs(30);

/// For the good-bye of [`Post::close`].
const PARTING: Duration = Duration::from_secs(2);

/// The longest time-out.
const LONGEST: Duration = Duration::from_secs(3_600);

/// The most characters of a fault.
const WORDS: usize = 300;

/// Why a letter was not sent. What it says is for the operator, and may repeat the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Worth trying again: no connection, no answer in time, a 4xx, a server that does not want us.
    Later(String),
    /// Never: a 5xx for this recipient or this letter, or an address that is none.
    Never(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Later(why) | Self::Never(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Fault {}

/// Sends letters, all from one address through one server. Threads may share it; each has its own connection while it
/// sends, and the last to finish leaves its own open.
pub struct Post {
    server: Arc<Server>,
    from: Address,
    timeout: Duration,
    kept: Mutex<Option<Line>>,
}

impl Post {
    /// A sender through the server at `smtp_url`:
    ///
    /// | URL | encrypted | port unless named |
    /// | --- | --- | --- |
    /// | `smtps://host` | from the first byte | 465 |
    /// | `smtp://host?tls=required` | by STARTTLS, or not at all | 587 |
    /// | `smtp://host?tls=opportunistic` | by STARTTLS where the server offers it | 587 |
    /// | `smtp://host` | never | 25 |
    ///
    /// `user:password@` before the host logs in, both percent-encoded. `/name` behind it is what we call ourselves;
    /// without, the domain of `from`. Connects to nothing yet.
    pub fn new(smtp_url: &str, from: &str, timeout: Duration) -> Result<Self, String> {
        let from = address(from).map_err(|why| format!("the sender: {why}"))?;
        if timeout.is_zero() || timeout > LONGEST {
            return Err("the time-out for mail must be over nothing and at most an hour".to_owned());
        }
        let server = Arc::new(Server::read(smtp_url, from.domain())?);
        Ok(Self { server, from, timeout, kept: Mutex::new(None) })
    }

    /// Hands the letter to the server; `Ok` when the server answers for it.
    pub fn send(&self, letter: &Letter) -> Result<(), Fault> {
        let (to, message) = compose(&self.from, letter).map_err(Fault::Never)?;
        let end = Instant::now() + self.timeout;
        let mut line = self.begin(end).map_err(Trouble::later)?;
        let said = line
            .say(Rcpt::new(to, Vec::new()), end)
            .and_then(|()| line.say(Data, end))
            .and_then(|()| line.tell(&message.formatted(), self.timeout));
        if line.sound {
            line.used = Instant::now();
            *self.kept.lock() = Some(line);
        }
        said.map_err(Trouble::fault)
    }

    /// Says good-bye to the server, as is polite at the end of a batch. The next letter connects again.
    pub fn close(&self) {
        let kept = self.kept.lock().take();
        if let Some(mut line) = kept {
            drop(line.say(Quit, Instant::now() + PARTING));
        }
    }

    /// A connection on which our sender is accepted. The kept one gets half of the time, so that a new one has the other.
    fn begin(&self, end: Instant) -> Result<Line, Trouble> {
        let kept = self.kept.lock().take();
        if let Some(mut line) = kept.filter(|line| line.used.elapsed() < REST) {
            let half = end - left(end)? / 2;
            let tried = line.say(Rset, half).and_then(|()| line.say(self.sender(), half));
            if tried.is_ok() {
                return Ok(line);
            }
        }
        let mut line = self.open(end)?;
        line.say(self.sender(), end).map(|()| line)
    }

    fn sender(&self) -> Mail {
        Mail::new(Some(self.from.clone()), Vec::new())
    }

    /// A new connection, made by a thread of its own: resolving a name knows no time-out, and each step of the making has
    /// one to itself. What it makes too late is dropped unused.
    fn open(&self, end: Instant) -> Result<Line, Trouble> {
        let wait = left(end)?;
        let (sender, receiver) = mpsc::sync_channel(1);
        let server = Arc::clone(&self.server);
        thread::Builder::new()
            .name("mail".to_owned())
            .spawn(move || drop(sender.send(server.connect(wait))))
            .map_err(Trouble::io)?;
        let smtp = receiver.recv_timeout(wait).map_err(|_| Trouble::late())??;
        Ok(Line { smtp, used: Instant::now(), sound: true })
    }
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Server { host, port, .. } = &*self.server;
        write!(f, "Post({} via {host}:{port})", self.from)
    }
}

/// Where the server is, and how it is spoken to.
struct Server {
    host: String,
    port: u16,
    hello: ClientId,
    tls: Tls,
    credentials: Option<Credentials>,
}

impl Server {
    fn read(smtp_url: &str, own: &str) -> Result<Self, String> {
        // Never with the URL in it: that would show the password.
        let fail = |why: &str| Err(format!("the SMTP URL: {why}"));
        let Ok(url) = Url::parse(smtp_url) else {
            return fail(
                "unreadable; @ : / ? # in a user or password are written %40 %3A %2F %3F %23",
            );
        };
        if !matches!(url.scheme(), "smtp" | "smtps") {
            return fail("it must begin with smtp:// or smtps://");
        }
        let host = match url.host_str().map(Host::parse) {
            Some(Ok(Host::Domain(name))) => name,
            Some(Ok(Host::Ipv4(ip))) => ip.to_string(),
            Some(Ok(Host::Ipv6(ip))) => ip.to_string(),
            Some(Err(_)) | None => return fail("it names no host"),
        };
        let encrypted = || TlsParameters::new(host.clone()).map_err(|e| format!("TLS: {e}"));
        let (port, tls) = match (url.scheme(), url.query()) {
            ("smtp", None) => (SMTP_PORT, Tls::None),
            ("smtp", Some("tls=required")) => (SUBMISSION_PORT, Tls::Required(encrypted()?)),
            ("smtp", Some("tls=opportunistic")) => {
                (SUBMISSION_PORT, Tls::Opportunistic(encrypted()?))
            }
            ("smtps", None) => (SUBMISSIONS_PORT, Tls::Wrapper(encrypted()?)),
            _ => return fail("only ?tls=required or ?tls=opportunistic, and only behind smtp://"),
        };
        let hello = match url.path().trim_matches('/') {
            "" => own,
            name => name,
        };
        if url.fragment().is_some() || !hello.bytes().all(is_of_name) {
            return fail("what is behind the host is no name of ours");
        }
        let decode = |part: &str| percent_decode_str(part).decode_utf8().map(String::from);
        let credentials = match (decode(url.username()), url.password().map(decode).transpose()) {
            (Ok(user), Ok(None)) if user.is_empty() => None,
            (Ok(user), Ok(Some(password))) if !user.is_empty() => {
                Some(Credentials::new(user, password))
            }
            (Ok(_), Ok(_)) => return fail("a user needs a password, a password a user"),
            _ => return fail("the user or the password is not UTF-8"),
        };
        let hello = ClientId::Domain(hello.to_owned());
        Ok(Self { host, port: url.port().unwrap_or(port), hello, tls, credentials })
    }

    /// Connected, encrypted, logged in; each wait is at most `wait`.
    fn connect(&self, wait: Duration) -> Result<SmtpConnection, Error> {
        let at_once = match &self.tls {
            Tls::Wrapper(parameters) => Some(parameters),
            _ => None,
        };
        let place = (self.host.as_str(), self.port);
        let mut smtp = SmtpConnection::connect(place, Some(wait), &self.hello, at_once, None)?;
        match &self.tls {
            Tls::Required(parameters) => smtp.starttls(parameters, &self.hello)?,
            Tls::Opportunistic(parameters) if smtp.can_starttls() => {
                smtp.starttls(parameters, &self.hello)?;
            }
            _ => {}
        }
        if let Some(credentials) = &self.credentials {
            smtp.auth(DEFAULT_MECHANISMS, credentials)?;
        }
        Ok(smtp)
    }
}

/// A letter of the alphabet of domains and of addresses in brackets.
fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._[]:".contains(&byte)
}

/// A connection.
struct Line {
    smtp: SmtpConnection,
    used: Instant,
    /// The server answered all that was said, and did not say that it closes.
    sound: bool,
}

impl Line {
    fn say(&mut self, command: impl fmt::Display, end: Instant) -> Result<(), Trouble> {
        let answer = left(end).and_then(|wait| {
            self.smtp.set_timeout(Some(wait)).map_err(Trouble::io)?;
            self.smtp.command(command).map(drop).map_err(Trouble::from)
        });
        self.heard(answer)
    }

    fn tell(&mut self, message: &[u8], wait: Duration) -> Result<(), Trouble> {
        let answer = self
            .smtp
            .set_timeout(Some(wait))
            .map_err(Trouble::io)
            .and_then(|()| self.smtp.message(message).map(drop).map_err(Trouble::from));
        self.heard(answer)
    }

    fn heard(&mut self, answer: Result<(), Trouble>) -> Result<(), Trouble> {
        if let Err(trouble) = &answer {
            self.sound = trouble.code.is_some_and(|code| code != 421);
        }
        answer
    }
}

/// What came instead of a yes.
struct Trouble {
    /// Of the server's answer, when there was one.
    code: Option<u16>,
    text: String,
}

impl Trouble {
    fn late() -> Self {
        Self { code: None, text: "no answer in time".to_owned() }
    }

    fn io(error: io::Error) -> Self {
        Self { code: None, text: error.to_string() }
    }

    /// Said of us, whatever the code.
    fn later(self) -> Fault {
        Fault::Later(self.text)
    }

    /// Said of the recipient or the letter; but 503 and 530 are of commands and log-ins.
    fn fault(self) -> Fault {
        match self.code {
            Some(503 | 530) => Fault::Later(self.text),
            Some(500..=599) => Fault::Never(self.text),
            _ => Fault::Later(self.text),
        }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        let mut source = error.source();
        while let Some(inner) = source {
            let kind = inner.downcast_ref().map(io::Error::kind);
            if let Some(io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) = kind {
                return Self::late();
            }
            source = inner.source();
        }
        let text = clean(&error.to_string()).chars().take(WORDS).collect();
        Self { code: error.status().map(u16::from), text }
    }
}

fn left(end: Instant) -> Result<Duration, Trouble> {
    let left = end.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(Trouble::late()) } else { Ok(left) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_url_says_where_and_how() {
        for (url, host, port) in [
            ("smtp://mail.example.org", "mail.example.org", 25),
            ("smtp://localhost:1025", "localhost", 1025),
            ("smtp://[::1]:1025/box.example.org", "::1", 1025),
            ("smtps://u%40example.org:p%3A%2F@exemplé.fr", "xn--exempl-gva.fr", 465),
            ("smtp://u:p@10.0.0.1?tls=required", "10.0.0.1", 587),
            ("smtp://example.org:25/?tls=opportunistic", "example.org", 25),
        ] {
            let server = Server::read(url, "example.org").unwrap();
            assert_eq!((server.host.as_str(), server.port), (host, port), "{url}");
        }
        let server = Server::read("smtps://u%40b:p%3A@example.org", "x.org").unwrap();
        let both = Credentials::new("u@b".to_owned(), "p:".to_owned());
        assert_eq!(
            (server.credentials, server.hello.to_string()),
            (Some(both), "x.org".to_owned())
        );
    }

    #[test]
    fn a_bad_url_is_named_without_its_password() {
        for url in [
            "",
            "localhost:25",
            "smtp:",
            "smtp://",
            "http://u:secret@example.org",
            "smtp://u:secret@",
            "smtp://u:sec/ret@example.org",
            "smtp://u:secret#@example.org",
            "smtp://:secret@example.org",
            "smtp://u@example.org",
            "smtp://u:%FFsecret@example.org",
            "smtp://u:secret@example.org?tls=no",
            "smtp://u:secret@example.org?secret=required",
            "smtps://u:secret@example.org?tls=opportunistic",
            "smtp://u:secret@example.org/a%0D%0Ab",
            "smtp://u:secret@example.org/a b",
            "smtp://u:secret@example.org#x",
            "smtp://u:secret@example.org:99999",
        ] {
            let why = Post::new(url, "a@example.org", SECOND).unwrap_err();
            assert!(why.starts_with("the SMTP URL: ") && !why.contains("sec"), "{url} {why}");
        }
    }

    #[test]
    fn a_bad_sender_or_time_out_is_refused() {
        for from in ["", "a", "a@", "A <a@example.org>", "a@example.org\r\nX: y", "é@example.org"]
        {
            assert!(Post::new("smtp://localhost", from, SECOND).is_err(), "{from}");
        }
        assert!(Post::new("smtp://localhost", "a@b.fr", Duration::ZERO).is_err());
        let post = Post::new("smtp://u:secret@localhost", "a@b.fr", SECOND).unwrap();
        assert_eq!(format!("{post:?}"), "Post(a@b.fr via localhost:25)");
    }
}
