//! A real SMTP server, aiosmtpd, that tests send to; what arrives is read back by Python's own parser.
//!
//! Needs `python3` (3.9 or newer) with pip, and PyPI the first time: aiosmtpd and trustme are installed below cargo's
//! `target/tmp` and stay there. Without them every test that asks for it fails and says what was missing.

use crate::support::project;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};
use std::{fs, thread};

const PACKAGES: [&str; 2] = ["aiosmtpd==1.4.6", "trustme==1.2.1"];

/// For what must work.
pub(crate) const AMPLE: Duration = Duration::from_secs(20);

pub(crate) struct Server {
    pub(crate) ports: Value,
    pub(crate) letters: Mutex<Vec<Value>>,
    /// Holds the server's stdin: it ends when this process does.
    _child: Child,
}

static SERVER: LazyLock<Result<Server, String>> = LazyLock::new(start);

fn start() -> Result<Server, String> {
    let packages = install(&PACKAGES)?;
    let mut child = Command::new("python3")
        .arg(project().join("tests/smtp_server.py"))
        .env("PYTHONPATH", packages)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("python3 does not start: {error}"))?;
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let Some(Ok(first)) = lines.next() else {
        let mut why = String::new();
        child.stderr.take().unwrap().read_to_string(&mut why).unwrap();
        return Err(format!("tests/smtp_server.py ended at once:\n{why}"));
    };
    let mut errors = child.stderr.take().unwrap();
    thread::spawn(move || errors.read_to_end(&mut Vec::new()));
    thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let server = SERVER.as_ref().unwrap();
            server.letters.lock().unwrap().push(serde_json::from_str(&line).unwrap());
        }
    });
    let ports = serde_json::from_str(&first).unwrap();
    Ok(Server { ports, letters: Mutex::default(), _child: child })
}

/// Where the packages are; installed beside and renamed, so that half of them never counts as all.
pub(crate) fn install(packages: &[&str]) -> Result<PathBuf, String> {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(packages.join("_"));
    if place.is_dir() {
        return Ok(place);
    }
    let thread = format!("{}.{:?}", std::process::id(), thread::current().id());
    let half = place.with_extension(thread);
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"];
    let done = Command::new("python3").args(pip).arg(&half).args(packages).output();
    let done = done.map_err(|error| format!("python3 does not start: {error}"))?;
    if !done.status.success() {
        let why = String::from_utf8_lossy(&done.stderr);
        return Err(format!("pip could not install {}:\n{why}", packages.join(" and ")));
    }
    match fs::rename(&half, &place) {
        Err(error) if !place.is_dir() => Err(format!("{}: {error}", place.display())),
        _ => Ok(place),
    }
}

pub(crate) fn server() -> &'static Server {
    match &*SERVER {
        Ok(server) => server,
        Err(why) => panic!("no SMTP server to test against: {why}"),
    }
}

/// The first letter that has arrived for which this is so; waits for it.
pub(crate) fn wait_for(what: &str, is: impl Fn(&Value) -> bool) -> Value {
    let asked = Instant::now();
    while asked.elapsed() < AMPLE {
        let found = server().letters.lock().unwrap().iter().find(|letter| is(letter)).cloned();
        if let Some(letter) = found {
            return letter;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("{what} never arrived");
}

/// The one header of this name.
pub(crate) fn header(arrived: &Value, name: &str) -> String {
    let all = arrived["headers"].as_array().unwrap();
    let mut found = all.iter().filter(|header| header[0] == name);
    let first = found.next().unwrap_or_else(|| panic!("no {name}: {all:?}"));
    assert!(found.next().is_none(), "{name} twice");
    first[1].as_str().unwrap().to_owned()
}
