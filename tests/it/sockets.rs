//! What a stranger may make the server hold, and for how long: every limit of the public sockets, said byte by byte.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use crate::process::{Answer, Data, Peer, Shop, get, post, post_head, until, upload};
use guichet::app::App;
use guichet::app::Gauges;
use guichet::config::Config;
use guichet::root::{By, Name};
use guichet::serve::{self, Stop};
use guichet::values::Host;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{Cursor, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The real server with a shop, in this process, so that its gauges can be read.
struct House {
    at: SocketAddr,
    shop: Shop,
    stop: Stop,
    gauges: Arc<Gauges>,
    app: Arc<App>,
    thread: Option<JoinHandle<std::io::Result<()>>>,
    _data: Data,
}

/// `change` may go below what settings allow.
fn open(change: impl FnOnce(&mut Config)) -> House {
    let (data, shop) = Data::with_shop();
    open_at(data, shop, change)
}

fn open_at(data: Data, shop: Shop, change: impl FnOnce(&mut Config)) -> House {
    let flags = HashMap::from([("data", data.path().display().to_string())]);
    let mut config = Config::load(&flags, None).unwrap();
    change(&mut config);
    let config = Arc::new(config);
    let listeners = serve::bind(&["127.0.0.1:0".parse().unwrap()]).unwrap();
    let at = listeners[0].local_addr().unwrap();
    let app = Arc::new(App::open(config.clone()).unwrap());
    let (stop, gauges) = (Stop::new(), Arc::new(Gauges::default()));
    let (asked, live, served) = (stop.clone(), gauges.clone(), app.clone());
    let thread = std::thread::spawn(move || serve::run(served, config, listeners, asked, live));
    House { at, shop, stop, gauges, app, thread: Some(thread), _data: data }
}

impl House {
    fn peer(&self) -> Peer {
        Peer::to(self.at)
    }

    fn ask(&self, request: impl AsRef<[u8]>) -> Answer {
        self.peer().ask(request)
    }

    fn get(&self, path: &str) -> String {
        get(&self.shop.host, path)
    }

    fn post(&self, path: &str, body: &Value) -> String {
        post(&self.shop.host, path, &self.shop.key, &body.to_string())
    }

    fn post_head(&self, path: &str, length: usize) -> String {
        post_head(&self.shop.host, path, &self.shop.key, length)
    }

    fn price(&self, name: &str) -> String {
        let body = json!({ "product": self.shop.product, "name": name, "prix": "1.00" });
        self.post("/api/prices/", &body)
    }

    /// A product whose image is in the gallery: it takes as long as the gallery likes.
    fn slow(&self, name: &str, gallery: &Gallery) -> String {
        self.post("/api/products/", &json!({ "name": name, "img_url": gallery.image() }))
    }

    fn connections(&self) -> u64 {
        self.gauges.connections.load(SeqCst)
    }

    fn bodies(&self) -> u64 {
        self.gauges.bodies.load(SeqCst)
    }

    /// How many requests were refused with this status before any route was looked for.
    fn refused(&self, status: u16) -> u64 {
        let label = format!(
            "guichet_requests_total{{door=\"none\",route=\"refused\",status=\"{status}\"}} "
        );
        let text = self.app.metrics(&self.gauges);
        text.lines().find_map(|line| line.strip_prefix(&label)).map_or(0, |n| n.parse().unwrap())
    }

    /// Ends it and waits for that.
    fn close(&mut self) -> Duration {
        let begun = Instant::now();
        self.stop.ask();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap().unwrap();
        }
        begun.elapsed()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.ask();
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// A host of one image that answers when it is told to.
struct Gallery {
    at: SocketAddr,
    asked: Arc<AtomicU32>,
    is_open: Arc<AtomicBool>,
}

impl Gallery {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let (asked, is_open) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
        let (count, gate) = (asked.clone(), is_open.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, gate) = (stream.unwrap(), gate.clone());
                count.fetch_add(1, SeqCst);
                std::thread::spawn(move || {
                    drop(stream.read(&mut [0; 4096]));
                    until("the gallery opens", || gate.load(SeqCst));
                    let head =
                        "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nConnection: close\r\n";
                    let length = format!("Content-Length: {}\r\n\r\n", png().len());
                    drop(stream.write_all(&[head.as_bytes(), length.as_bytes(), png()].concat()));
                });
            }
        });
        Self { at, asked, is_open }
    }

    fn image(&self) -> String {
        format!("http://{}/a.png", self.at)
    }

    fn wait_for(&self, visitors: u32) {
        until("the gallery is asked", || self.asked.load(SeqCst) >= visitors);
    }

    fn open(&self) {
        self.is_open.store(true, SeqCst);
    }
}

impl Drop for Gallery {
    fn drop(&mut self) {
        self.open();
    }
}

fn png() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let mut bytes = vec![];
        let picture = image::RgbImage::from_pixel(32, 32, image::Rgb([200, 30, 30]));
        picture.write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
        bytes
    })
}

/// Not before its time, and not long after it.
#[track_caller]
fn assert_about(took: Duration, seconds: u64) {
    let least = Duration::from_secs(seconds).saturating_sub(Duration::from_millis(100));
    assert!(took >= least, "{took:?} instead of {seconds} s");
    assert!(took < least + Duration::from_secs(6), "{took:?} instead of {seconds} s");
}

#[track_caller]
fn assert_last(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}{}", answer.head, answer.text());
    assert!(answer.is_last(), "{}", answer.head);
}

#[test]
fn a_head_over_16_kib_is_431_and_one_below_is_read() {
    let house = open(|_| {});
    let with = |length: usize| {
        let padding = "y".repeat(length);
        format!("GET /up HTTP/1.1\r\nHost: {}\r\nX-Padding: {padding}\r\n\r\n", house.shop.host)
    };
    assert_eq!(house.ask(with(15_000)).status, 200);
    assert_last(&house.ask(with(16_384)), 431);
    assert_last(&house.ask(with(200_000)), 431);
}

#[test]
fn more_than_64_headers_are_431() {
    let house = open(|_| {});
    let with = |count: usize| {
        let more: String = (1..count).map(|n| format!("X-{n}: y\r\n")).collect();
        format!("GET /up HTTP/1.1\r\nHost: {}\r\n{more}\r\n", house.shop.host)
    };
    assert_eq!(house.ask(with(64)).status, 200);
    assert_last(&house.ask(with(65)), 431);
    assert_last(&house.ask(with(300)), 431);
}

#[test]
fn a_silent_connection_ends_when_the_time_for_a_head_is_over() {
    let house = open(|config| config.head_seconds = 1);
    assert_about(house.peer().end(), 1);
    until("it is forgotten", || house.connections() == 0);
}

#[test]
fn a_head_that_trickles_has_no_more_time_than_a_silent_one() {
    let house = open(|config| config.head_seconds = 1);
    let mut peer = house.peer();
    peer.say("GET /up HTTP/1.1\r\nX-Slow: ");
    assert_about(peer.trickle(b'y'), 1);
}

#[test]
fn the_head_of_a_second_request_has_its_own_time() {
    let house = open(|config| {
        config.head_seconds = 1;
        config.idle_seconds = 30;
    });
    let mut peer = house.peer();
    assert_eq!(peer.ask(house.get("/up")).status, 200);
    peer.say("GET /up");
    assert_about(peer.trickle(b'/'), 1);
}

#[test]
fn a_connection_without_a_request_ends_when_the_idle_time_is_over() {
    let house = open(|config| {
        config.head_seconds = 30;
        config.idle_seconds = 1;
    });
    let mut peer = house.peer();
    assert_eq!(peer.ask(house.get("/up")).status, 200);
    assert_about(peer.end(), 1);
    until("it is forgotten", || house.connections() == 0);
}

#[test]
fn a_request_in_pieces_after_a_silence_is_answered() {
    let house = open(|_| {});
    let mut peer = house.peer();
    for _ in 0..3 {
        peer.say(house.get("/up") + "GET /u");
        assert_eq!(peer.answer().status, 200);
        // Longer than a connection stays awake, byte for byte.
        peer.stream.set_read_timeout(Some(Duration::from_millis(250))).unwrap();
        assert!(peer.stream.peek(&mut [0]).is_err(), "nothing is due yet");
        peer.stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        peer.say("p HTTP/1.1\r\nHo");
        peer.say(format!("st: {}\r\n\r\n", house.shop.host));
        assert_eq!(peer.answer().status, 200);
    }
}

#[test]
fn a_host_that_is_missing_double_or_malformed_is_400() {
    let house = open(|_| {});
    for hosts in [
        "",
        "Host: a\r\nHost: a\r\n",
        "Host: a b\r\n",
        "Host: \r\n",
        "Host: a/b\r\n",
        "Host: a:x\r\n",
    ] {
        assert_last(&house.ask(format!("GET /up HTTP/1.1\r\n{hosts}\r\n")), 400);
    }
}

#[test]
fn a_target_that_is_no_path_of_this_host_is_400() {
    let house = open(|_| {});
    for target in ["*", "a:80", "http://elsewhere.org/up", "up", "http://u@a/up"] {
        let request = format!("OPTIONS {target} HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_last(&house.ask(request), 400);
    }
    assert_eq!(house.ask("GET http://A/up HTTP/1.1\r\nHost: a\r\n\r\n").status, 200);
}

#[test]
fn what_is_no_http_is_refused_and_ends() {
    let house = open(|_| {});
    for noise in ["\u{16}\u{3}\u{1}\u{2}hello\r\n\r\n", "HELLO\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"] {
        let mut peer = house.peer();
        peer.say(noise);
        if let Ok(Some(answer)) = peer.hear(false) {
            assert!((400..=505).contains(&answer.status), "{noise}: {}", answer.status);
        }
        peer.end();
    }
    assert_eq!(house.ask(house.get("/up")).status, 200);
}

#[test]
fn what_is_refused_before_it_is_understood_is_counted() {
    let house = open(|config| config.body_seconds = 1);
    let head = |length: usize| house.post_head("/api/prices/", length);
    for (request, status) in [
        ("GET /up HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("HELLO\r\n\r\n".to_owned(), 400),
        (head(10), 408),
        (head(100_000_000), 413),
        ("GET /up HTTP/1.1\r\nHost: a\r\nExpect: more\r\n\r\n".to_owned(), 417),
        (format!("GET /up HTTP/1.1\r\nX: {}\r\n\r\n", "y".repeat(40_000)), 431),
    ] {
        let before = house.refused(status);
        house.peer().ask(&request);
        until("it is counted", || house.refused(status) == before + 1);
    }
}

#[test]
fn what_is_refused_before_it_is_read_is_said_in_the_dialect_of_its_path() {
    let house = open(|config| config.body_seconds = 1);
    let detail = |request: String| {
        let mut peer = house.peer();
        peer.say(request);
        let answer = peer.answer();
        assert_eq!(answer.header("content-type"), Some("application/json"), "{}", answer.text());
        (answer.status, answer.json()["detail"].as_str().unwrap().to_owned())
    };
    let prices = |length| house.post_head("/api/prices/", length);
    let (status, said) = detail(prices((1 << 20) + 1));
    assert!(status == 413 && said.contains("1048576"), "{status} {said}");
    let (status, said) = detail(prices(100_000_000));
    assert!(status == 413 && said.contains("1048576"), "{status} {said}");
    let form = prices(13 << 20).replace("application/json", "multipart/form-data; boundary=x");
    let (status, said) = detail(form);
    assert!(status == 413 && said.contains("12582912"), "{status} {said}");
    let (status, said) = detail(prices(10));
    assert!(status == 408 && said.contains("1 seconde"), "{status} {said}");
    let chunked = prices(0).replace("Content-Length: 0", "Transfer-Encoding: chunked");
    assert_eq!(detail(format!("{chunked}zz\r\n")).0, 400);
    let many: String = (0..70).map(|n| format!("X-{n}: y\r\n")).collect();
    let (status, said) = detail(prices(0).replace("\r\n\r\n", &format!("\r\n{many}\r\n")));
    assert!(status == 431 && said.contains("64"), "{status} {said}");
    for path in ["/v2/tenants", "/api/v2/tenants", "/api/v1/1000/users", "/graphql"] {
        let answer = house.ask(house.post_head(path, 100_000_000));
        assert_last(&answer, 413);
        assert!(answer.json().is_object() && answer.text().contains("1048576"), "{path}");
    }
    let page = house.ask(house.post_head("/emailconfirmation/a/b", 100_000_000));
    assert_last(&page, 413);
    assert!(page.text().starts_with("<!doctype html>"), "{}", page.text());
}

#[test]
fn a_body_without_a_file_may_have_1_mib() {
    let house = open(|_| {});
    let body = "x".repeat(1 << 20);
    let whole = house.ask(house.post_head("/api/prices/", body.len()) + &body);
    assert_eq!(whole.status, 400, "read, but no JSON: {}", whole.text());
    assert_last(&house.ask(house.post_head("/api/prices/", (1 << 20) + 1)), 413);
}

#[test]
fn a_body_with_a_file_may_have_12_mib() {
    let house = open(|_| {});
    let empty = upload(&house.shop, "/api/products/", &[("name", "a")], b"").len();
    let head = 300;
    let fits = vec![0; (12 << 20) - empty - head];
    let whole = house.ask(upload(&house.shop, "/api/products/", &[("name", "a")], &fits));
    assert_eq!(whole.status, 400, "read, but no image: {}", whole.text());
    let mut peer = house.peer();
    let large = upload(&house.shop, "/api/products/", &[], &vec![0; 12 << 20]);
    peer.say(&large[..1_000]);
    assert_last(&peer.answer(), 413);
}

#[test]
fn a_file_that_fits_is_taken() {
    let house = open(|_| {});
    let fields = [("name", "Chemise"), ("categorie_article", "T")];
    let answer = house.ask(upload(&house.shop, "/api/products/", &fields, png()));
    assert_eq!(answer.status, 201, "{}", answer.text());
}

#[test]
fn an_absurd_length_is_413_and_does_no_harm() {
    let house = open(|_| {});
    assert_last(&house.ask(house.post_head("/api/prices/", 1_000_000_000_000_000)), 413);
    let absurd = "99999999999999999999999999";
    let head = format!("POST /api/prices/ HTTP/1.1\r\nHost: a\r\nContent-Length: {absurd}\r\n\r\n");
    assert_last(&house.ask(head), 400);
    assert_eq!(house.ask(house.get("/up")).status, 200);
}

#[test]
fn a_large_body_is_refused_before_it_is_read_when_the_key_is_wrong() {
    let house = open(|_| {});
    let key = format!("{}.{}", "x".repeat(8), "y".repeat(32));
    let head = |length| post_head(&house.shop.host, "/api/prices/", &key, length);
    assert_last(&house.ask(head(500_000)), 401);
    let nowhere = house.post_head("/api/nothing/", 500_000);
    assert_last(&house.ask(nowhere), 404);
    assert_eq!(house.bodies(), 0);
}

#[test]
fn a_refusal_reaches_a_client_that_goes_on_sending() {
    let house = open(|_| {});
    let mut peer = house.peer();
    let mut sender = peer.stream.try_clone().unwrap();
    let head = house.post_head("/api/prices/", 9_000_000);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            sender.write_all(head.as_bytes()).unwrap();
            for _ in 0..90 {
                if sender.write_all(&[b'x'; 100_000]).is_err() {
                    return;
                }
            }
        });
        assert_last(&peer.answer(), 413);
    });
}

fn chunk(length: usize) -> String {
    format!("{length:x}\r\n{}\r\n", "x".repeat(length))
}

fn chunked(house: &House, key: &str) -> String {
    format!(
        "POST /api/prices/ HTTP/1.1\r\nHost: {}\r\nAuthorization: Api-Key {key}\r\n\
         Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
        house.shop.host
    )
}

#[test]
fn a_body_in_chunks_has_the_limits_of_one_that_says_its_length() {
    let house = open(|_| {});
    let head = chunked(&house, &house.shop.key);
    assert_eq!(house.ask(head.clone() + &chunk(900_000) + "0\r\n\r\n").status, 400);
    assert_last(&house.ask(head.clone() + &chunk(60_000).repeat(20)), 413);
    assert_last(&house.ask(chunked(&house, "wrong") + &chunk(60_000) + &chunk(60_000)), 401);
    assert_last(&house.ask(head + "zz\r\n"), 400);
}

#[test]
fn a_body_that_trickles_is_408_when_its_time_is_over() {
    let house = open(|config| config.body_seconds = 1);
    let mut peer = house.peer();
    peer.say(house.post_head("/api/prices/", 1_000));
    let begun = Instant::now();
    peer.trickle(b' ');
    assert_about(begun.elapsed(), 1);
    assert_last(&peer.answer(), 408);
    until("it is forgotten", || house.connections() == 0);
}

#[test]
fn large_bodies_share_one_budget() {
    let house = open(|config| config.inflight_bytes = 1 << 20);
    let head = house.post_head("/api/prices/", 1_000_000);
    let mut first = house.peer();
    first.say(&head);
    until("its share is taken", || house.bodies() == 1_000_000 - 65_536);
    let second = house.ask(&head);
    assert_last(&second, 503);
    assert_eq!(second.header("retry-after"), Some("1"));
    assert_eq!(house.ask(house.price("small")).status, 201);
    first.say("x".repeat(1_000_000));
    assert_eq!(first.answer().status, 400);
    until("its share is given back", || house.bodies() == 0);
}

#[test]
fn the_share_of_a_client_that_leaves_is_given_back() {
    let house = open(|config| config.inflight_bytes = 1 << 20);
    let mut peer = house.peer();
    peer.say(house.post_head("/api/prices/", 1_000_000));
    until("its share is taken", || house.bodies() > 0);
    drop(peer);
    until("its share is given back", || house.bodies() == 0);
}

#[test]
fn json_may_be_64_deep_and_no_deeper() {
    let house = open(|_| {});
    let nested = |depth: usize| {
        let body = format!("{{\"name\": {}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        house.ask(post(&house.shop.host, "/api/prices/", &house.shop.key, &body))
    };
    let (fits, deep) = (nested(64), nested(65));
    assert_eq!((fits.status, deep.status), (400, 400));
    assert!(!fits.text().contains("Too deeply nested"), "{}", fits.text());
    assert!(deep.text().contains("Too deeply nested"), "{}", deep.text());
    assert_eq!(nested(400_000).status, 400);
}

#[test]
fn a_client_that_asks_first_is_told_to_go_on_or_not() {
    let house = open(|_| {});
    let expecting = |key: &str, length: usize| {
        post_head(&house.shop.host, "/api/prices/", key, length)
            .replace("Content-Type", "Expect: 100-continue\r\nContent-Type")
    };
    let mut peer = house.peer();
    assert_eq!(peer.ask(expecting(&house.shop.key, 2)).status, 100);
    peer.say("{}");
    assert_eq!(peer.answer().status, 400);
    assert_last(&house.ask(expecting("wrong", 500_000)), 401);
    let tea =
        house.post_head("/api/prices/", 2).replace("Content-Type", "Expect: tea\r\nContent-Type");
    assert_last(&house.ask(tea), 417);
}

#[test]
fn two_lengths_that_differ_are_400() {
    let house = open(|_| {});
    for lengths in [
        "Content-Length: 3\r\nContent-Length: 4",
        "Content-Length: +3",
        "Content-Length: 3, 4",
        "Content-Length: -1",
        "Transfer-Encoding: xchunked",
    ] {
        let request = format!("POST /api/prices/ HTTP/1.1\r\nHost: a\r\n{lengths}\r\n\r\nabcd");
        assert_last(&house.ask(request), 400);
    }
}

#[test]
fn nothing_is_hidden_behind_a_body_of_two_lengths() {
    let house = open(|_| {});
    for both in [
        "Content-Length: 3\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 3",
    ] {
        let mut peer = house.peer();
        let host = &house.shop.host;
        let hidden = format!("GET /up HTTP/1.1\r\nHost: {host}\r\n\r\n");
        peer.say(format!(
            "POST /api/prices/ HTTP/1.1\r\nHost: {host}\r\n{both}\r\n\r\n1\r\nz\r\n0\r\n\r\n{hidden}"
        ));
        assert!(peer.answer().is_last());
        assert!(!matches!(peer.hear(false), Ok(Some(_))), "the hidden request was answered");
    }
}

#[test]
fn the_answer_to_a_head_is_that_to_a_get_without_its_body() {
    let house = open(|_| {});
    for path in ["/api/products/", "/up", "/api/nothing/"] {
        let length = house.ask(house.get(path)).body.len();
        let mut peer = house.peer();
        for _ in 0..2 {
            peer.say(house.get(path).replace("GET", "HEAD"));
            let answer = peer.bare_answer();
            assert_eq!(
                answer.header("content-length"),
                Some(length.to_string().as_str()),
                "{path}"
            );
        }
        assert_eq!(peer.ask(house.get("/up")).text(), "up\n");
    }
}

#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let house = open(|_| {});
    let mut peer = house.peer();
    let all = [
        house.get("/up"),
        house.price("a"),
        house.get("/api/prices/"),
        house.price("b"),
        house.get("/api/nothing/"),
    ];
    peer.say(all.concat());
    assert_eq!(peer.answer().text(), "up\n");
    assert_eq!(peer.answer().json()["name"], "a");
    assert_eq!(peer.answer().json().as_array().unwrap().len(), 1);
    assert_eq!(peer.answer().json()["name"], "b");
    assert_eq!(peer.answer().status, 404);
}

#[test]
fn a_connection_that_is_to_be_closed_is_closed() {
    let house = open(|_| {});
    let mut peer = house.peer();
    let request = house.get("/up").replace("Host", "Connection: close\r\nHost");
    assert_last(&peer.ask(request), 200);
    assert!(peer.end() < Duration::from_secs(5));
    until("it is forgotten", || house.connections() == 0);
}

#[test]
fn a_burst_of_64_connections_is_answered() {
    let house = open(|_| {});
    let mut peers: Vec<Peer> = (0..64).map(|_| house.peer()).collect();
    for round in 0..3 {
        for (n, peer) in peers.iter_mut().enumerate() {
            peer.say(if n % 2 == 0 {
                house.get("/api/products/")
            } else {
                house.price(&format!("{round}-{n}"))
            });
        }
        for (n, peer) in peers.iter_mut().enumerate() {
            assert_eq!(peer.answer().status, if n % 2 == 0 { 200 } else { 201 });
        }
    }
}

#[test]
fn a_client_that_does_not_read_is_given_up() {
    let house = open(|config| config.write_seconds = 1);
    let mut peer = house.peer();
    let mut sender = peer.stream.try_clone().unwrap();
    let many = house.get("/api/openapi.json").repeat(50);
    std::thread::scope(|scope| {
        scope.spawn(move || while sender.write_all(many.as_bytes()).is_ok() {});
        until("it was answered", || house.connections() == 1);
        until("it is given up", || house.connections() == 0);
        peer.end();
    });
}

#[test]
fn one_address_may_have_so_many_connections() {
    let house = open(|config| config.connections_per_address = 3);
    let mut held: Vec<Peer> = (0..3).map(|_| house.peer()).collect();
    until("they are there", || house.connections() == 3);
    assert!(house.peer().end() < Duration::from_secs(5));
    assert_eq!(house.gauges.refused.load(SeqCst), 1);
    held.pop();
    until("one is gone", || house.connections() == 2);
    assert_eq!(house.ask(house.get("/up")).status, 200);
}

#[test]
fn a_trusted_proxy_may_have_more_and_no_more_than_all() {
    let flags = HashMap::from([("trusted_proxies", "127.0.0.1".to_owned())]);
    let proxies = Config::load(&flags, None).unwrap().trusted_proxies;
    let house = open(|config| {
        config.connections_per_address = 1;
        config.connections = 4;
        config.trusted_proxies = proxies;
    });
    let mut held: Vec<Peer> = (0..4).map(|_| house.peer()).collect();
    until("they are there", || house.connections() == 4);
    assert!(house.peer().end() < Duration::from_secs(5));
    for peer in &mut held {
        assert_eq!(peer.ask(house.get("/up")).status, 200);
    }
}

#[test]
fn one_worker_answers_all_in_turn() {
    let house = open(|config| config.workers = 1);
    let mut peers: Vec<Peer> = (0..16).map(|_| house.peer()).collect();
    for (n, peer) in peers.iter_mut().enumerate() {
        peer.say(house.price(&n.to_string()));
    }
    for peer in &mut peers {
        assert_eq!(peer.answer().status, 201);
    }
}

#[test]
fn a_tenant_that_is_asked_a_lot_leaves_workers_to_the_others() {
    let (data, shop) = Data::with_shop();
    let other = data.shop("L'Ancre");
    let house = open_at(data, shop, |config| config.workers = 4);
    let root = house.app.root().clone();
    let host = Host::parse(&house.shop.host).unwrap();
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let tenant = root.tenant(Name::Host(&host)).unwrap().unwrap();
    let busy = std::thread::spawn(move || {
        let waits = |_: &guichet::root::Write| {
            assert!(wait.recv().is_err());
            Ok(())
        };
        tenant.write(By::House, waits).unwrap();
    });
    let mut peers: Vec<Peer> = (0..8).map(|_| house.peer()).collect();
    for (n, peer) in peers.iter_mut().enumerate() {
        peer.say(house.price(&n.to_string()));
    }
    let waiting = || root.figures().waiting.load(SeqCst);
    until("its share of the workers waits for its file", || waiting() == 3);
    let body = json!({ "product": other.product, "name": "Plein", "prix": "1.00" }).to_string();
    let asked = post(&other.host, "/api/prices/", &other.key, &body);
    assert_eq!(house.ask(asked).status, 201);
    assert_eq!(waiting(), 3);
    drop(go);
    busy.join().unwrap();
    for peer in &mut peers {
        assert_eq!(peer.answer().status, 201);
    }
}

/// A house that is paid at a Stripe which keeps everybody waiting, and what a buyer there sends.
fn paid_at(gallery: &Gallery, workers: u64) -> (House, String) {
    let house = open(|config| {
        config.workers = workers;
        config.stripe_url = format!("http://{}", gallery.at);
        config.stripe_key = "sk_test".to_owned();
        config.stripe_seconds = 30;
        config.asks_per_address = 0;
    });
    let price = house.ask(house.price("Plein")).json();
    let event = json!({
        "name": "Jam", "datetime": "2100-01-01T20:00:00Z", "jauge_max": 500, "max_per_user": 10,
        "products": [house.shop.product],
    });
    let event = house.ask(house.post("/api/events/", &event)).json();
    let customers = [json!({ "first_name": "A", "last_name": "B" })];
    let prices = [json!({ "uuid": price["uuid"], "qty": 1, "customers": customers })];
    let body = json!({ "email": "ana@example.org", "event": event["uuid"], "options": [], "prices": prices });
    let booking = house.post("/api/reservations/", &body);
    (house, booking)
}

#[test]
fn who_waits_for_stripe_keeps_nobody_else_of_the_same_tenant_waiting() {
    let stripe = Gallery::new();
    let (house, booking) = paid_at(&stripe, 4);
    let mut buyers: Vec<Peer> = (0..8).map(|_| house.peer()).collect();
    for buyer in &mut buyers {
        buyer.say(&booking);
    }
    stripe.wait_for(3);
    for path in ["/up", "/api/events/"] {
        assert_eq!(house.ask(house.get(path)).status, 200);
    }
    assert_eq!(house.ask(house.price("quick")).status, 201);
    // Otherwise they were answered because somebody was given up.
    assert_eq!(stripe.asked.load(SeqCst), 3);
    stripe.open();
    for buyer in &mut buyers {
        buyer.answer();
    }
}

#[test]
fn who_would_wait_behind_too_many_for_stripe_is_told_so() {
    let stripe = Gallery::new();
    let (house, booking) = paid_at(&stripe, 1);
    let mut buyers: Vec<Peer> = (0..14).map(|_| house.peer()).collect();
    for buyer in &mut buyers {
        buyer.say(&booking);
    }
    until("two of them are refused", || house.refused(503) == 2);
    stripe.open();
    for buyer in &mut buyers {
        buyer.answer();
    }
    assert_eq!(house.refused(503), 2);
}

#[test]
fn slow_work_past_the_end_of_its_line_is_503_and_quick_work_goes_on() {
    let gallery = Gallery::new();
    let house = open(|config| {
        config.slow_workers = 1;
        config.slow_queue = 0;
        config.fetch_seconds = 60;
        config.fetch_allow = vec![gallery.at.to_string()];
    });
    let mut first = house.peer();
    first.say(house.slow("a", &gallery));
    gallery.wait_for(1);
    let mut second = house.peer();
    let refused = second.ask(house.slow("b", &gallery));
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")));
    assert_eq!(second.ask(house.price("quick")).status, 201);
    gallery.open();
    assert_eq!(first.answer().status, 201);
}

#[test]
fn slow_work_waits_for_its_turn() {
    let gallery = Gallery::new();
    let house = open(|config| {
        config.slow_workers = 1;
        config.slow_queue = 11;
        config.fetch_seconds = 60;
        config.fetch_allow = vec![gallery.at.to_string()];
    });
    let mut peers: Vec<Peer> = (0..9).map(|_| house.peer()).collect();
    for (n, peer) in peers.iter_mut().enumerate() {
        peer.say(house.slow(&n.to_string(), &gallery));
    }
    gallery.wait_for(1);
    gallery.open();
    for peer in &mut peers {
        assert_eq!(peer.answer().status, 201);
    }
}

#[test]
fn at_the_end_what_is_in_flight_is_answered_and_nothing_new() {
    let gallery = Gallery::new();
    let mut house = open(|config| {
        config.fetch_seconds = 60;
        config.drain_seconds = 60;
        config.fetch_allow = vec![gallery.at.to_string()];
    });
    let (mut idle, mut fresh, mut busy) = (house.peer(), house.peer(), house.peer());
    assert_eq!(idle.ask(house.get("/up")).status, 200);
    busy.say(house.slow("a", &gallery));
    gallery.wait_for(1);
    house.stop.ask();
    assert!(idle.end() < Duration::from_secs(5));
    assert!(fresh.end() < Duration::from_secs(5));
    until("nobody listens", || TcpStream::connect(house.at).is_err());
    gallery.open();
    assert_last(&busy.answer(), 201);
    house.close();
}

#[test]
fn the_end_does_not_wait_longer_than_it_may() {
    let gallery = Gallery::new();
    let mut house = open(|config| {
        config.drain_seconds = 1;
        config.fetch_allow = vec![gallery.at.to_string()];
    });
    let mut busy = house.peer();
    busy.say(house.slow("a", &gallery));
    gallery.wait_for(1);
    assert_about(house.close(), 1);
}

#[test]
fn sigterm_ends_the_server_with_its_work_done_and_its_logs_empty() {
    let (data, shop) = Data::with_shop();
    let gallery = Gallery::new();
    let allow = gallery.at.to_string();
    let patient = ("GUICHET_DRAIN_SECONDS", "60");
    let slow = ("GUICHET_FETCH_SECONDS", "60");
    let mut server = data.serve_with(&[("GUICHET_FETCH_ALLOW", &allow), patient, slow]);
    let body = json!({ "product": shop.product, "name": "a", "prix": "1.00" });
    assert_eq!(server.post(&shop, "/api/prices/", &body).status, 201);
    let mut busy = server.peer();
    let slow = json!({ "name": "b", "img_url": gallery.image() }).to_string();
    busy.say(post(&shop.host, "/api/products/", &shop.key, &slow));
    gallery.wait_for(1);
    server.terminate();
    until("nobody listens", || TcpStream::connect(server.at).is_err());
    assert!(server.is_running());
    gallery.open();
    assert_last(&busy.answer(), 201);
    assert_eq!(server.end().code(), Some(0));
    for file in data.files() {
        let log = std::fs::metadata(format!("{}-wal", file.display()));
        assert!(log.map_or(0, |log| log.len()) == 0, "{} has a log", file.display());
    }
    data.assert_whole();
}

#[test]
fn addresses_that_are_taken_are_named() {
    let house = open(|_| {});
    let error = serve::bind(&[house.at]).unwrap_err().to_string();
    assert!(error.contains(&house.at.to_string()), "{error}");
}

#[test]
fn the_operations_listener_says_how_things_are() {
    let (data, shop) = Data::with_shop();
    let server = data.serve();
    // Each second an answer is made anew, and each write of the start makes it stale.
    until("one was kept", || {
        assert_eq!(server.get(&shop.host, "/api/products/").status, 200);
        server.figure("guichet_cache_hits_total") > 0
    });
    let body = json!({ "product": shop.product, "name": "a", "prix": "1.00" });
    assert_eq!(server.post(&shop, "/api/prices/", &body).status, 201);
    assert_eq!(server.watch("/up").text(), "up\n");
    assert_eq!(server.watch("/readyz").text(), "ready\n");
    assert_eq!(server.watch("/else").status, 404);
    for name in [
        "tenants_open",
        "commits_total",
        "writes_total",
        "cache_hits_total",
        "cache_misses_total",
        "cache_answers",
        "cache_bytes",
        "open_files",
        "resident_bytes",
    ] {
        assert!(server.figure(&format!("guichet_{name}")) > 0, "{name}");
    }
    for name in ["writers_waiting", "connections", "connections_refused_total", "bodies_bytes"] {
        server.figure(&format!("guichet_{name}"));
    }
    let served = "guichet_requests_total{door=\"tibillet\",route=\"products\",status=\"200\"}";
    assert!(server.figure(served) >= 2);
    let timed = "guichet_request_seconds_count{door=\"tibillet\",route=\"prices\"}";
    assert_eq!(server.figure(timed), 1);
}

#[test]
fn every_figure_is_of_a_kind_that_was_announced_for_it() {
    let (data, shop) = Data::with_shop();
    let server = data.serve();
    server.get(&shop.host, "/api/products/");
    until("it is counted", || server.watch("/metrics").text().contains("route=\"products\""));
    let answer = server.watch("/metrics");
    let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(answer.header("content-type"), Some(media_type));
    let text = answer.text();
    let figures = text.strip_suffix("# EOF\n").unwrap();
    let mut names = vec![];
    let (mut name, mut tails) = (String::new(), &[""][..]);
    for line in figures.lines() {
        assert!(!line.is_empty() && line != "# EOF");
        if let Some(said) = line.strip_prefix("# TYPE ") {
            let (of, kind) = said.split_once(' ').unwrap();
            name = of.to_owned();
            names.push(name.clone());
            tails = match kind {
                "counter" => &["_total"],
                "histogram" => &["_bucket", "_sum", "_count"],
                "gauge" => &[""],
                _ => panic!("{line}"),
            };
        } else if !line.starts_with("# HELP ") {
            let sample = line.split(['{', ' ']).next().unwrap();
            assert!(tails.iter().any(|tail| sample == format!("{name}{tail}")), "{line}");
            assert!(!name.ends_with("_total"), "{line}");
        }
    }
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
    assert!(all > 10, "{text}");
    let plain = Some("text/plain; charset=utf-8");
    assert_eq!(server.watch("/up").header("content-type"), plain);
}

#[test]
fn the_operations_listener_answers_while_the_public_side_is_full() {
    let data = Data::new();
    let server = data.serve_with(&[("GUICHET_CONNECTIONS", "16")]);
    // Who came before, and may wait to be let in still, is let in before this one.
    assert_eq!(server.get("example.org", "/up").status, 200);
    until("nobody is there", || server.figure("guichet_connections") == 0);
    let held: Vec<Peer> = (0..16).map(|_| server.peer()).collect();
    until("it is full", || server.figure("guichet_connections") == 16);
    server.peer().end();
    assert_eq!(server.watch("/up").status, 200);
    assert!(server.figure("guichet_connections_refused_total") >= 1);
    drop(held);
    until("there is room", || server.figure("guichet_connections") == 0);
    assert_eq!(server.get("example.org", "/up").status, 200);
}

fn requests(log: &str) -> Vec<Value> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line["target"] == "request").collect()
}

#[test]
fn a_request_is_one_line_in_the_log() {
    let (data, shop) = Data::with_shop();
    let server = data.serve();
    let mut asked = 1;
    until("one was kept", || {
        server.get(&shop.host, "/api/products/");
        asked += 1;
        server.figure("guichet_cache_hits_total") > 0
    });
    server.get(&shop.host, "/api/nothing/");
    until("all is logged", || requests(&server.log()).len() >= asked);
    let lines = requests(&server.log());
    assert_eq!(lines.len(), asked);
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line["status"].as_u64().unwrap(), line["cached"].as_bool().unwrap()))
        .collect();
    assert_eq!(told[asked - 2..], [(200, true), (404, false)]);
    assert!(told[..asked - 2].iter().all(|one| *one == (200, false)), "{told:?}");
    for line in lines {
        assert_eq!(line["method"], "GET");
        assert!(line["id"].is_string() && line["micros"].is_u64(), "{line}");
    }
}

#[test]
fn the_log_names_the_tenant_by_its_slug_and_the_route_by_its_pattern() {
    let (data, shop) = Data::with_shop();
    let server = data.serve();
    let product = format!("/api/products/{}/", shop.product);
    let (by_port, key) = (format!("{}:8000", shop.host), format!("{}/v2/tenants", "/api"));
    let asked = [
        (shop.host.as_str(), "/api/products/", "le-bisik", "/api/products/"),
        (&shop.host, "/api/products/", "le-bisik", "/api/products/"),
        (&by_port, &product, "le-bisik", "/api/products/{id}/"),
        ("www.le-bisik.example.org", "/nothing", "le-bisik", "-"),
        (&shop.host, "/up", "le-bisik", "/up"),
        ("nobody.invalid", "/up", "-", "/up"),
        (&shop.host, &key, "le-bisik", "/v2/tenants"),
    ];
    for (host, path, ..) in &asked {
        server.get(host, path);
    }
    until("all is logged", || requests(&server.log()).len() >= asked.len());
    for ((host, path, tenant, route), line) in asked.iter().zip(requests(&server.log())) {
        assert_eq!((&line["tenant"], &line["route"]), (&json!(tenant), &json!(route)), "{path}");
        let apart = (*tenant == "-").then_some(*host);
        assert_eq!(line.get("host").and_then(Value::as_str), apart, "{line}");
    }
}

#[test]
fn no_secret_is_in_the_log() {
    let (data, shop) = Data::with_shop();
    let create = ["user", "create", "me@example.org", "--password-stdin", "--superuser"];
    assert_eq!(data.told(&create, "hunter2-hunter2\n").status, 0);
    let mut server = data.serve_with(&[("GUICHET_LOG_LEVEL", "debug")]);
    let log_in = |password: &str| {
        let body = json!({ "username": "me@example.org", "password": password });
        server.post(&shop, "/api/user/token/", &body)
    };
    let tokens = log_in("hunter2-hunter2").json();
    assert_eq!(log_in("wrong-hunter3").status, 401);
    let body = json!({ "product": shop.product, "name": "a", "prix": "1.00" });
    assert_eq!(server.post(&shop, "/api/prices/", &body).status, 201);
    let wrong = format!("{}.{}", "x".repeat(8), "y".repeat(32));
    let refused = post(&shop.host, "/api/prices/", &wrong, "{}");
    assert_eq!(server.ask(refused).status, 401);
    let access = tokens["access"].as_str().unwrap().to_owned();
    let me = format!(
        "GET /api/user/me/?token={access} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {access}\r\n\r\n",
        shop.host
    );
    assert_eq!(server.ask(me).status, 200);
    server.terminate();
    server.end();
    let log = server.log();
    assert!(requests(&log).len() >= 5, "{log}");
    let refresh = tokens["refresh"].as_str().unwrap();
    for secret in ["hunter", &shop.key[9..], &wrong[9..], access.as_str(), refresh] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}
