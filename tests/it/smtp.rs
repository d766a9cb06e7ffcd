//! Letters handed to a mail server: what arrives, what is refused for good or for now, what is never less than asked.

use crate::smtp_server::{AMPLE, header, server, wait_for};
use guichet::mail::letters::{Language, Look, Tickets};
use guichet::mail::{Attachment, Fault, Letter, Post};
use serde_json::Value;
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

/// For what must give up.
const SHORT: Duration = Duration::from_secs(2);

/// A sender to one of the servers: `smtp://u:p@{}?tls=required`, its `host:port` in the braces.
fn post(kind: &str, url: &str, timeout: Duration) -> Post {
    let place = format!("127.0.0.1:{}", server().ports[kind]);
    Post::new(&url.replace("{}", &place), "box@example.org", timeout).unwrap()
}

fn plain(timeout: Duration) -> Post {
    post("plain", "smtp://{}", timeout)
}

/// Each letter needs an id of its own: by it the test finds what arrived.
fn letter(id: &str, to: &str) -> Letter {
    Letter {
        to: format!("{to}@example.org"),
        from_name: "Le Théâtre".to_owned(),
        subject: "Vos billets".to_owned(),
        text: "Bonjour".to_owned(),
        html: "<p>Bonjour</p>".to_owned(),
        attachments: Vec::new(),
        message_id: format!("{id}@example.org"),
    }
}

fn has_id(arrived: &Value, id: &str) -> bool {
    header(arrived, "Message-ID") == format!("<{id}@example.org>")
}

fn arrived(id: &str) -> Value {
    wait_for(id, |letter| has_id(letter, id))
}

#[track_caller]
fn is_later(said: Result<(), Fault>, words: &str) {
    assert!(matches!(&said, Err(Fault::Later(why)) if why.contains(words)), "{said:?}");
}

#[track_caller]
fn is_never(said: Result<(), Fault>, words: &str) {
    assert!(matches!(&said, Err(Fault::Never(why)) if why.contains(words)), "{said:?}");
}

/// Later, not before the time-out, and not long after it.
#[track_caller]
fn gives_up(post: &Post, letter: &Letter) {
    let started = Instant::now();
    is_later(post.send(letter), "no answer in time");
    let took = started.elapsed();
    assert!(took > SHORT / 2 && took < SHORT * 3 / 2, "{took:?}");
}

#[test]
fn a_letter_arrives_whole() {
    let (venue, event, link) =
        ("L'Été & <Fils>", "Nuit d’été, 1ère", "https://example.org/t?a=1&b=2");
    let when = "12 mars 2027 à 20 h";
    let look = Look {
        accent: "#1f4e79".to_owned(),
        button: "#1f4e79".to_owned(),
        ink: "#ffffff".to_owned(),
        background: "#f3f3f1".to_owned(),
        image: None,
    };
    let (subject, text, html) =
        Tickets { venue, event, when, tickets: &[("A-1", link), ("A-2", link)] }
            .write(Language::French, &look);
    let pdf: Vec<u8> = (0..=255).cycle().take(10_000).collect();
    let (name, media_type) = ("Billets « été ».pdf".to_owned(), "application/pdf".to_owned());
    let attachments = vec![Attachment { name, media_type, bytes: pdf.clone() }];
    let mut sent = letter("whole", "ada+tickets");
    sent = Letter { from_name: venue.to_owned(), subject, text, html, attachments, ..sent };
    sent.text.push_str("\n.\n..\nAprès le point.\n");
    plain(AMPLE).send(&sent).unwrap();

    let got = arrived("whole");
    assert_eq!(got["from"], "box@example.org");
    assert_eq!(got["to"], serde_json::json!(["ada+tickets@example.org"]));
    assert_eq!(got["hello"], "example.org");
    assert_eq!(got["defects"], serde_json::json!([]));
    assert_eq!(header(&got, "From"), "\"L'Été & <Fils>\" <box@example.org>");
    assert_eq!(header(&got, "To"), "ada+tickets@example.org");
    assert_eq!(header(&got, "Subject"), sent.subject);
    assert_eq!(header(&got, "Auto-Submitted"), "auto-generated");
    assert_eq!(header(&got, "MIME-Version"), "1.0");
    assert!(header(&got, "Date").ends_with(" +0000"), "{}", header(&got, "Date"));
    let raw = got["raw"].as_str().unwrap();
    assert!(raw.contains("From: =?utf-8?b?"), "{raw}");
    let shape =
        ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/pdf"];
    assert_eq!(got["shape"], serde_json::json!(shape));
    // The line end before a boundary belongs to the boundary.
    let content = |at: usize| got["parts"][at]["content"].as_str().unwrap().replace("\r\n", "\n");
    assert_eq!(content(0).trim_end(), sent.text.trim_end());
    assert_eq!(content(1).trim_end(), sent.html.trim_end());
    assert_eq!(got["parts"][2]["file"], sent.attachments[0].name);
    let hex: String = pdf.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(got["parts"][2]["content"], hex);
}

#[test]
fn without_attachments_there_is_a_text_and_a_page() {
    plain(AMPLE).send(&letter("bare", "ada")).unwrap();
    let shape = ["multipart/alternative", "text/plain", "text/html"];
    assert_eq!(arrived("bare")["shape"], serde_json::json!(shape));
}

#[test]
fn no_text_becomes_a_header_or_a_command() {
    let evil = "A\r\nBcc: eve@example.org\r\n\r\n.\r\nRCPT TO:<eve@example.org>";
    let mut sent = letter("evil", "ada");
    for text in [&mut sent.from_name, &mut sent.subject, &mut sent.text, &mut sent.html] {
        evil.clone_into(text);
    }
    let (name, media_type) = (evil.to_owned(), "application/pdf".to_owned());
    sent.attachments.push(Attachment { name, media_type, bytes: evil.into() });
    plain(AMPLE).send(&sent).unwrap();
    let got = arrived("evil");
    let names: Vec<&str> =
        got["headers"].as_array().unwrap().iter().map(|h| h[0].as_str().unwrap()).collect();
    let allowed = [
        "From",
        "To",
        "Subject",
        "Message-ID",
        "Auto-Submitted",
        "MIME-Version",
        "Date",
        "Content-Type",
    ];
    assert!(names.len() == allowed.len() && names.iter().all(|n| allowed.contains(n)), "{names:?}");
    assert_eq!(got["to"], serde_json::json!(["ada@example.org"]));
    assert_eq!(got["parts"].as_array().unwrap().len(), 3);
    sent.to = "ada@example.org>\r\nRCPT TO:<eve@example.org".to_owned();
    is_never(plain(AMPLE).send(&sent), "not an address");
}

#[test]
fn a_recipient_refused_for_good_is_never_and_for_now_is_later() {
    let post = plain(AMPLE);
    is_never(post.send(&letter("never", "never550")), "(550): 5.1.1 no such");
    is_later(post.send(&letter("later", "later451")), "(451): 4.3.0 not now");
    is_never(post.send(&letter("data", "data554")), "(554)");
}

#[test]
fn what_is_said_of_us_is_later() {
    let place = format!("smtp://127.0.0.1:{}", server().ports["plain"]);
    let sender = Post::new(&place, "from550@example.org", AMPLE).unwrap();
    is_later(sender.send(&letter("sender", "ada")), "(550)");
    is_later(post("login", "smtp://{}", AMPLE).send(&letter("nobody", "ada")), "(530)");
    let wrong = post("login", "smtp://u%40b:wrong@{}", AMPLE).send(&letter("wrong", "ada"));
    is_later(wrong.clone(), "(535)");
    assert!(!format!("{wrong:?}").contains("wrong"));
    post("login", "smtp://u%40b:p%3A%2F@{}/box.fr", AMPLE).send(&letter("login", "ada")).unwrap();
    let got = arrived("login");
    assert_eq!((got["login"].as_str(), got["hello"].as_str()), (Some("u@b"), Some("box.fr")));
}

#[test]
fn one_connection_serves_a_batch() {
    let post = plain(AMPLE);
    post.send(&letter("batch1", "ada")).unwrap();
    is_never(post.send(&letter("batch2", "never550")), "550");
    post.send(&letter("batch3", "ada")).unwrap();
    post.send(&letter("batch4", "ada")).unwrap();
    // The server has enough of that connection: nobody waits for another turn because of it.
    post.send(&letter("batch5", "ada")).unwrap();
    post.close();
    post.send(&letter("batch6", "ada")).unwrap();
    let connection = |id| arrived(id)["connection"].clone();
    assert_eq!(connection("batch1"), connection("batch3"));
    assert_eq!(connection("batch1"), connection("batch4"));
    assert_ne!(connection("batch1"), connection("batch5"));
    assert_ne!(connection("batch5"), connection("batch6"));
}

#[test]
fn threads_may_share_a_sender() {
    let post = plain(AMPLE);
    thread::scope(|scope| {
        for at in 0..8 {
            let post = &post;
            scope.spawn(move || post.send(&letter(&format!("thread{at}"), "ada")).unwrap());
        }
    });
    for at in 0..8 {
        arrived(&format!("thread{at}"));
    }
}

#[test]
fn a_server_that_is_not_there_is_later() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let send = |host: &str| {
        let post = Post::new(&format!("smtp://{host}"), "box@example.org", SHORT).unwrap();
        is_later(post.send(&letter("closed", "ada")), "");
    };
    let started = Instant::now();
    send(&closed.to_string());
    assert!(started.elapsed() < AMPLE);
    // How long it is looked for is the resolver's to say.
    send("nowhere.invalid:25");
}

#[test]
fn a_silent_server_is_later_in_time() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = silent.local_addr().unwrap();
    for url in [format!("smtp://{place}"), format!("smtps://{place}")] {
        let post = Post::new(&url, "box@example.org", SHORT).unwrap();
        gives_up(&post, &letter("silent", "ada"));
    }
    gives_up(&plain(SHORT), &letter("silent", "silent"));
}

#[test]
fn a_kept_connection_that_fell_silent_is_replaced() {
    let post = plain(SHORT);
    post.send(&letter("awake", "ada")).unwrap();
    gives_up(&post, &letter("asleep", "silent"));
    post.send(&letter("again", "ada")).unwrap();
    assert_ne!(arrived("awake")["connection"], arrived("again")["connection"]);
}

#[test]
fn encryption_is_never_less_than_asked() {
    for (kind, url, words) in [
        ("plain", "smtp://u:p@{}?tls=required", "STARTTLS"),
        ("plain", "smtps://{}", ""),
        ("starttls", "smtp://{}?tls=required", "invalid peer certificate"),
        ("starttls", "smtp://{}?tls=opportunistic", "invalid peer certificate"),
        ("smtps", "smtps://{}", "invalid peer certificate"),
    ] {
        is_later(post(kind, url, AMPLE).send(&letter("crypt", "ada")), words);
    }
    post("plain", "smtp://{}?tls=opportunistic", AMPLE).send(&letter("clear", "ada")).unwrap();
    arrived("clear");
    assert!(!server().letters.lock().unwrap().iter().any(|letter| has_id(letter, "crypt")));
}
