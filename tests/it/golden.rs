//! Golden files: whole exchanges as a door's callers see them, in `tests/golden/<door>/<case>.json`.
//!
//! Ids, tokens and image suffixes are numbered in the order in which they appear, tags, moments of today and the id of the
//! request are left out; nothing else is touched.
//! `UPDATE_GOLDEN=1` writes the files anew. One test claims all files of a door, so that none is left behind.

use crate::support::{Reply, project};
use regex::{Captures, Regex};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The golden files of one door.
pub(crate) struct Golden {
    door: &'static str,
    claimed: BTreeSet<String>,
    wrong: Vec<String>,
    stable: Stable,
}

impl Golden {
    pub(crate) fn of(door: &'static str) -> Self {
        Self { door, claimed: BTreeSet::new(), wrong: vec![], stable: Stable::new() }
    }

    /// Holds an answer against its file.
    pub(crate) fn check(&mut self, case: &str, reply: &Reply) {
        assert!(self.claimed.insert(format!("{case}.json")), "{case} is claimed twice");
        let shown = self.stable.text(&show(reply));
        let path = folder(self.door).join(format!("{case}.json"));
        if is_updating() {
            std::fs::create_dir_all(folder(self.door)).unwrap();
            std::fs::write(&path, shown).unwrap();
        } else if std::fs::read_to_string(&path).ok().as_deref() != Some(&shown) {
            self.wrong.push(format!("{}/{case}.json should be\n{shown}", self.door));
        }
    }

    /// Fails when an answer was not as its file says, or when a file was not asked for.
    pub(crate) fn close(self) -> BTreeSet<String> {
        assert!(
            self.wrong.is_empty(),
            "{}\n(UPDATE_GOLDEN=1 writes them anew)",
            self.wrong.join("\n")
        );
        let mut left = BTreeSet::new();
        for entry in std::fs::read_dir(folder(self.door)).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if !self.claimed.contains(&name) {
                if is_updating() {
                    std::fs::remove_file(entry.path()).unwrap();
                } else {
                    left.insert(name);
                }
            }
        }
        assert!(left.is_empty(), "no test claims {left:?} of {}", self.door);
        self.claimed
    }
}

fn is_updating() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

pub(crate) fn folder(door: &str) -> PathBuf {
    project().join("tests/golden").join(door)
}

/// The exchange as JSON, the members of its body in the order in which they were sent.
fn show(reply: &Reply) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let is_json = reply.header("Content-Type") == Some("application/json");
    let body = match std::str::from_utf8(&reply.body) {
        Ok(text) if is_json => text.to_owned(),
        Ok(text) => quoted(text),
        Err(_) => quoted("(bytes)"),
    };
    let headers: Vec<String> = reply
        .headers
        .iter()
        .filter(|(name, _)| name != "X-Request-Id")
        .map(|(name, value)| format!("{}:{}", quoted(name), quoted(value)))
        .collect();
    indent(&format!(
        r#"{{"asked":{},"status":{},"headers":{{{}}},"body":{body}}}"#,
        quoted(&reply.asked),
        reply.status,
        headers.join(",")
    ))
}

/// Puts each member of compact or indented JSON on a line of its own.
fn indent(json: &str) -> String {
    let mut text = String::new();
    let (mut depth, mut in_text, mut escaped) = (0, false, false);
    let mut rest = json.chars().filter(|c| *c != '\r').peekable();
    let line = |text: &mut String, depth: usize| {
        text.push('\n');
        text.push_str(&"  ".repeat(depth));
    };
    while let Some(c) = rest.next() {
        if in_text {
            text.push(c);
            in_text = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '{' | '[' => {
                text.push(c);
                while rest.next_if(|c| c.is_whitespace()).is_some() {}
                if let Some(end) = rest.next_if(|c| matches!(c, '}' | ']')) {
                    text.push(end);
                } else {
                    depth += 1;
                    line(&mut text, depth);
                }
            }
            '}' | ']' => {
                depth -= 1;
                line(&mut text, depth);
                text.push(c);
            }
            ',' => {
                text.push(c);
                line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            c if c.is_whitespace() => {}
            c => {
                in_text = c == '"';
                text.push(c);
            }
        }
    }
    text.push('\n');
    text
}

/// Numbers what differs from run to run.
struct Stable {
    changing: Regex,
    seen: Vec<String>,
}

impl Stable {
    fn new() -> Self {
        let changing = concat!(
            r"(?P<id>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})",
            r"|(?P<token>eyJ[\w-]+\.[\w-]+\.[\w-]+)",
            r"|images/(?P<stem>[\w-]+)_(?P<suffix>[A-Za-z0-9]{7})\b",
            r#"|\\"(?P<tag>[0-9a-f]{16})\\""#,
            r#"|"number": "(?P<printed>[0-9A-F]{8})"|"key": "(?P<public>[\w-]{43})""#,
            r#"|"app_token": "(?P<device>\w{43})"|terminal/(?P<digits>\d{6})/"#,
            r"|(?P<hour>à \d\d:\d\d)",
            r"|(?P<time>20[23]\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)",
            // The same in calendars and in feeds.
            r"|20[23]\d{5}T\d{6}Z|\w{3}, \d\d \w{3} 20[23]\d \d\d:\d\d:\d\d GMT)",
        );
        Self { changing: Regex::new(changing).unwrap(), seen: vec![] }
    }

    fn text(&mut self, text: &str) -> String {
        let seen = &mut self.seen;
        let mut number = |what: &str| match seen.iter().position(|known| known == what) {
            Some(index) => index + 1,
            None => {
                seen.push(what.to_owned());
                seen.len()
            }
        };
        let put = |found: &Captures<'_>| {
            let named = |name| found.name(name).map(|part| part.as_str());
            if let Some(id) = named("id") {
                format!("00000000-0000-4000-8000-{:012}", number(id))
            } else if let Some(token) = named("token") {
                format!("token-{}", number(token))
            } else if let (Some(stem), Some(suffix)) = (named("stem"), named("suffix")) {
                format!("images/{stem}_{:07}", number(suffix))
            } else if let Some(printed) = named("printed") {
                format!(r#""number": "{:08}""#, number(printed))
            } else if let Some(public) = named("public") {
                format!(r#""key": "key-{}""#, number(public))
            } else if let Some(device) = named("device") {
                format!(r#""app_token": "token-{}""#, number(device))
            } else if named("digits").is_some() {
                "terminal/digits/".to_owned()
            } else if named("hour").is_some() {
                "à time".to_owned()
            } else if named("time").is_some() {
                "time".to_owned()
            } else {
                r#"\"tag\""#.to_owned()
            }
        };
        self.changing.replace_all(text, put).into_owned()
    }
}

#[test]
fn what_changes_from_run_to_run_is_numbered_in_the_order_of_its_appearance() {
    let mut stable = Stable::new();
    let (a, b) = ("0192f0a0-0000-7000-8000-00000000000a", "0192f0a0-0000-7000-8000-00000000000b");
    let text = stable.text(&format!("{b} {a} {b} /media/images/bg_aB3dE6g.fhd.jpg eyJa.eyJb.c"));
    assert_eq!(
        text,
        "00000000-0000-4000-8000-000000000001 00000000-0000-4000-8000-000000000002 \
         00000000-0000-4000-8000-000000000001 /media/images/bg_0000003.fhd.jpg token-4"
    );
}

#[test]
fn json_is_indented_without_a_change_of_its_order_or_its_texts() {
    let json = r#"{"b":[1,{"a":"x, {y}: \" z"}],"a":{},"c":[ ]}"#;
    let shown = indent(json);
    assert_eq!(shown.lines().count(), 10);
    let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(parse(&shown), parse(json));
    assert!(shown.contains(r#""a": "x, {y}: \" z""#));
}
