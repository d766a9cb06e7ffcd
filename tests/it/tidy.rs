//! What must stay true of the source itself.

use crate::support::project;
use guichet::config::SETTINGS;
use std::path::{Path, PathBuf};

/// One source file below `src/`: its path from there and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// Its lines before the unit tests.
    fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.lines().take_while(|line| line.trim() != "#[cfg(test)]")
    }

    /// Its lines before the unit tests, without comments.
    fn code(&self) -> impl Iterator<Item = &str> {
        self.lines().filter(|line| !line.trim_start().starts_with("//"))
    }

    /// The part of the program that it belongs to: the first folder or file below `src/`.
    fn part(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }
}

fn sources() -> Vec<Source> {
    let root = project().join("src");
    let mut paths = vec![];
    walk(&root, &mut paths);
    assert!(paths.len() > 50);
    paths
        .into_iter()
        .map(|path| Source {
            path: path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned(),
            text: std::fs::read_to_string(&path).unwrap(),
        })
        .collect()
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

#[test]
fn every_source_file_says_first_what_lives_in_it() {
    let mut files = sources();
    let mut paths = vec![];
    walk(&project().join("tests/it"), &mut paths);
    files.extend(paths.into_iter().map(|path| Source {
        text: std::fs::read_to_string(&path).unwrap(),
        path: path.to_str().unwrap().to_owned(),
    }));
    for file in files {
        let short = file.path.ends_with("main.rs");
        let opens = file.text.starts_with("//! ") || (short && file.text.starts_with("//!"));
        assert!(opens, "{}", file.path);
    }
}

#[test]
fn no_source_file_is_longer_than_600_lines() {
    for file in sources() {
        let lines = file.text.lines().count();
        assert!(lines <= 600, "{}: {lines}", file.path);
    }
}

/// What each part may name with `crate::`, besides itself.
const IMPORTS: &[(&str, &[&str])] = &[
    ("values", &[]),
    ("fetch", &[]),
    ("picture", &[]),
    ("paper", &[]),
    ("mail", &[]),
    ("stripe", &[]),
    ("error", &["values"]),
    ("config", &["error", "values"]),
    ("root", &["error", "values"]),
    ("trade", &["error", "paper", "picture", "root", "values"]),
    ("cashier", &["config", "error", "root", "stripe", "trade", "values"]),
    (
        "doors",
        &["cashier", "error", "fetch", "paper", "picture", "root", "stripe", "trade", "values"],
    ),
    (
        "app",
        &["cashier", "config", "doors", "error", "fetch", "picture", "root", "trade", "values"],
    ),
    ("serve", &["app", "config", "error", "values"]),
    (
        "jobs",
        &[
            "cashier", "config", "doors", "error", "fetch", "mail", "paper", "root", "trade",
            "values",
        ],
    ),
    ("ops", &["app", "error"]),
    (
        "cli",
        &[
            "app", "config", "doors", "error", "jobs", "ops", "picture", "root", "serve", "trade",
            "values",
        ],
    ),
];

#[test]
fn imports_go_one_way() {
    let named = regex::Regex::new(r"\bcrate::(\{[^}]*\}|\w+)").unwrap();
    for file in sources().iter().filter(|file| !["lib", "main"].contains(&file.part())) {
        let (_, allowed) = IMPORTS
            .iter()
            .find(|(part, _)| *part == file.part())
            .unwrap_or_else(|| panic!("{} belongs to no known part", file.path));
        for line in file.code() {
            for found in named.captures_iter(line) {
                for name in found[1].trim_matches(['{', '}']).split(',') {
                    let name = name.trim().split("::").next().unwrap();
                    let fits = name == file.part() || allowed.contains(&name);
                    assert!(fits, "{} names {name}: {line}", file.path);
                }
            }
        }
    }
}

/// Fails for every line of code that matches outside these paths.
fn only_in(pattern: &str, homes: &[&str]) {
    let pattern = regex::Regex::new(pattern).unwrap();
    for file in sources() {
        if homes.iter().any(|home| file.path.starts_with(home)) {
            continue;
        }
        for line in file.code() {
            assert!(!pattern.is_match(line), "{}: {line}", file.path);
        }
    }
}

#[test]
fn sql_is_written_in_root_and_trade_alone() {
    only_in(r"\b(SELECT|INSERT|UPDATE|DELETE|PRAGMA) ", &["root/", "trade/"]);
}

#[test]
fn only_root_opens_databases() {
    only_in(r"\brusqlite::Connection|Connection::open", &["root/"]);
}

#[test]
fn serde_is_for_what_leaves_the_program() {
    only_in(r"\bserde", &["doors/", "config/", "cli/", "root/token.rs", "stripe/"]);
}

#[test]
fn only_the_listener_names_hyper_and_tokio() {
    only_in(r"\b(hyper|tokio|hyper_util|http_body_util)\b", &["serve/"]);
}

#[test]
fn only_the_settings_read_the_environment() {
    only_in(r"\bstd::env\b|\benv::var", &["config/"]);
}

#[test]
fn floats_do_not_occur_in_money() {
    only_in(
        r"\bf(32|64)\b",
        &[
            "app/metrics.rs",
            "doors/tibillet/json.rs",
            "doors/oxynade/scalars.rs",
            // serde has a writer answer for them; no wire shape has one.
            "doors/tibillet/written.rs",
            "paper/",
            "picture/",
            "cli/",
        ],
    );
}

#[test]
fn nothing_is_called_by_a_name_that_says_nothing() {
    for file in sources() {
        let stem = Path::new(&file.path).file_stem().unwrap().to_str().unwrap().to_owned();
        let empty = ["util", "utils", "common", "helpers", "service", "manager", "types", "base"];
        assert!(!empty.contains(&stem.as_str()), "{}", file.path);
    }
}

#[test]
fn migrations_are_numbered_without_a_gap_and_say_why() {
    for set in ["root", "tenant"] {
        let folder = project().join("migrations").join(set);
        let mut numbers = vec![];
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let (number, _) = name.strip_prefix('V').unwrap().split_once("__").unwrap();
            numbers.push(number.parse::<usize>().unwrap());
            assert!(std::fs::read_to_string(&path).unwrap().starts_with("-- "), "{name}");
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>(), "{set}");
    }
}

/// The text of a document at the top, when it is there.
fn document(name: &str) -> Option<String> {
    std::fs::read_to_string(project().join(name)).ok()
}

#[test]
fn the_readme_lists_every_setting_with_its_default() {
    let Some(readme) = document("README.md") else { return };
    let row = regex::Regex::new(r"(?m)^\| `(\w+)` \| (?:`([^`]*)`|) *\| (.*?) *\|").unwrap();
    let rows: Vec<(String, String, String)> = row
        .captures_iter(&readme)
        .map(|row| {
            (row[1].to_owned(), row.get(2).map_or("", |d| d.as_str()).to_owned(), row[3].to_owned())
        })
        .collect();
    let settings: Vec<(String, String, String)> = SETTINGS
        .iter()
        .map(|s| (s.name.to_owned(), s.default.to_owned(), s.about.to_owned()))
        .collect();
    assert_eq!(rows, settings);
}

#[test]
fn the_architecture_names_every_dependency() {
    let Some(architecture) = document("ARCHITECTURE.md") else { return };
    let manifest: toml::Table = document("Cargo.toml").unwrap().parse().unwrap();
    for name in manifest["dependencies"].as_table().unwrap().keys() {
        let named = regex::Regex::new(&format!(r"(^|[^\w-]){name}([^\w-]|$)")).unwrap();
        assert!(named.is_match(&architecture), "ARCHITECTURE.md does not name {name}");
    }
}

#[test]
fn what_the_service_sets_yields_to_the_settings_of_the_host() {
    let Some(unit) = document("packaging/guichet.service") else { return };
    let at = |start: &str| unit.lines().position(|line| line.starts_with(start));
    assert!(at("Environment=GUICHET_").unwrap() < at("EnvironmentFile=-/etc/guichet/").unwrap());
    assert!(unit.lines().any(|line| line == "ExecStart=/usr/local/bin/guichet serve"));
    let named = regex::Regex::new(r"\bGUICHET_([A-Z]+)=").unwrap();
    for name in named.captures_iter(&unit).map(|name| name[1].to_lowercase()) {
        assert!(SETTINGS.iter().any(|setting| setting.name == name), "{name}");
    }
}

#[test]
fn no_test_is_ignored() {
    let mut paths = vec![];
    walk(&project().join("tests"), &mut paths);
    walk(&project().join("src"), &mut paths);
    let ignored = ["#[", "ignore"].concat();
    for path in paths {
        assert!(!std::fs::read_to_string(&path).unwrap().contains(&ignored), "{}", path.display());
    }
}
