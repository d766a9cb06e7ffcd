//! Data directories that cannot be used: each verb says why in one sentence, and nothing is made worse.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use crate::process::{Data, Done, look_into, until};
use serde_json::json;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Verbs of every kind.
const VERBS: &[&[&str]] = &[
    &["tenant", "list"],
    &["tenant", "create", "Le Bisik"],
    &["user", "list"],
    &["key", "list"],
    &["migrate"],
    &["migrate", "--status"],
    &["serve", "--listen", "127.0.0.1:0"],
];

/// Runs every verb on a house that was spoiled; each must name what is wrong.
#[track_caller]
fn assert_refused(data: &Data, naming: &str) {
    for verb in VERBS {
        let done = data.guichet(verb);
        assert!(done.refused().contains(naming), "{verb:?}: {}", done.err);
        assert_eq!(done.out, "", "{verb:?}");
    }
}

#[test]
fn a_directory_that_is_not_there_is_named_with_the_verb_that_makes_it() {
    let data = Data::nowhere();
    assert_refused(&data, "init --domain");
    assert!(!data.path().exists());
}

#[test]
fn a_directory_that_holds_something_else_is_refused() {
    let data = Data::nowhere();
    std::fs::create_dir(data.path()).unwrap();
    std::fs::write(data.path().join("photo.jpg"), "x").unwrap();
    assert_refused(&data, "is no data directory");
    assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 1);
}

#[test]
fn a_file_in_the_place_of_the_directory_is_refused() {
    let data = Data::nowhere();
    std::fs::write(data.path(), "a file").unwrap();
    assert_refused(&data, "is no data directory");
    let init = data.guichet(&["init", "--domain", "example.org"]);
    assert!(init.refused().contains("cannot be made"), "{}", init.err);
    assert_eq!(std::fs::read_to_string(data.path()).unwrap(), "a file");
}

#[test]
fn a_directory_that_cannot_be_looked_into_is_named_with_the_reason() {
    let data = Data::nowhere();
    std::os::unix::fs::symlink(data.path(), data.path()).unwrap();
    assert_refused(&data, &format!("{}: Too many", data.path().join("root.db").display()));
}

#[test]
fn a_root_database_that_is_none_is_refused_untouched() {
    let data = Data::new();
    let path = data.path().join("root.db");
    let garbage = "this was a shopping list ".repeat(400);
    std::fs::write(&path, &garbage).unwrap();
    assert_refused(&data, "root.db");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), garbage);
}

#[test]
fn a_root_database_that_was_cut_to_nothing_is_refused_untouched() {
    let data = Data::new();
    let path = data.path().join("root.db");
    std::fs::write(&path, "").unwrap();
    assert_refused(&data, "root.db");
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 0);
}

#[test]
fn a_root_database_that_was_cut_in_half_is_refused() {
    let data = Data::new();
    let path = data.path().join("root.db");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 4]).unwrap();
    assert_refused(&data, "root.db");
}

#[test]
fn a_directory_in_the_place_of_the_root_database_is_refused() {
    let data = Data::new();
    std::fs::remove_file(data.path().join("root.db")).unwrap();
    std::fs::create_dir(data.path().join("root.db")).unwrap();
    assert_refused(&data, "is no data directory");
}

/// What a backup holds: a copy of each database by SQLite's own means, in a directory of its own, and nothing else.
fn backup(data: &Data) -> Data {
    let copy = Data::nowhere();
    std::fs::create_dir_all(copy.path().join("tenants")).unwrap();
    for file in data.files() {
        let to = copy.path().join(file.strip_prefix(data.path()).unwrap());
        look_into(&file).execute("VACUUM INTO ?1", [to.to_str().unwrap()]).unwrap();
    }
    copy
}

#[test]
fn the_databases_of_a_running_house_are_a_house() {
    let (data, shop) = Data::with_shop();
    let running = data.serve();
    let body = json!({ "product": shop.product, "name": "Tarif", "prix": "3.00" });
    assert_eq!(running.post(&shop, "/api/prices/", &body).status, 201);
    let copy = backup(&data);
    let server = copy.serve();
    assert!(server.get(&shop.host, "/api/prices/").text().contains("Tarif"));
    copy.ok(&["tenant", "create", "Ailleurs"]);
    assert_eq!(server.get("ailleurs.example.org", "/api/here/").status, 200);
    let body = json!({ "product": shop.product, "name": "Autre", "prix": "4.00" });
    assert_eq!(server.post(&shop, "/api/prices/", &body).status, 201);
    copy.assert_whole();
}

#[test]
fn a_copy_is_read_while_it_is_written_to() {
    let copy = backup(&Data::with_shop().0);
    copy.ok(&["migrate"]);
    for file in copy.files() {
        let mode: String =
            look_into(&file).pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal", "{}", file.display());
    }
}

#[test]
fn a_lost_token_key_is_made_anew_and_a_server_says_what_that_ends() {
    let data = Data::new();
    let key = data.path().join("secrets/jwt.key");
    let before = std::fs::read(&key).unwrap();
    std::fs::remove_dir_all(data.path().join("secrets")).unwrap();
    let server = data.serve();
    assert!(server.log().contains("everybody has to log in again"), "{}", server.log());
    let made = std::fs::read(&key).unwrap();
    assert!(made.len() == 32 && made != before);
    assert_eq!(mode(&key), 0o600);
    assert_eq!(mode(key.parent().unwrap()), 0o700);
    drop(server);
    assert!(!data.serve().log().contains("log in again"));
    assert_eq!(std::fs::read(&key).unwrap(), made);
}

#[test]
fn a_verb_that_makes_a_lost_token_key_says_so() {
    let data = Data::new();
    std::fs::remove_file(data.path().join("secrets/jwt.key")).unwrap();
    let done = data.guichet(&["tenant", "list"]);
    assert_eq!(done.status, 0, "{}", done.err);
    assert!(done.err.contains("everybody has to log in again"), "{}", done.err);
    assert_eq!(data.guichet(&["tenant", "list"]).err, "");
}

#[test]
fn a_part_of_the_house_that_cannot_be_made_is_named() {
    let data = Data::new();
    for part in ["tmp", "secrets"] {
        let path = data.path().join(part);
        std::fs::remove_dir_all(&path).unwrap();
        std::fs::write(&path, "a file").unwrap();
        assert_refused(&data, path.to_str().unwrap());
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn what_cannot_be_written_is_named() {
    let data = Data::new();
    let lock = data.path().join("tmp/founding.lock");
    drop(std::fs::remove_file(&lock));
    std::fs::create_dir(&lock).unwrap();
    let done = data.guichet(&["tenant", "create", "Le Bisik"]);
    assert!(done.refused().contains("tmp/founding.lock"), "{}", done.err);
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn only_its_owner_reads_a_house_in_a_directory_that_others_may_look_into() {
    let data = Data::nowhere();
    std::fs::create_dir(data.path()).unwrap();
    std::fs::set_permissions(data.path(), Permissions::from_mode(0o755)).unwrap();
    data.ok(&["init", "--domain", "example.org"]);
    data.ok(&["tenant", "create", "Le Bisik"]);
    let server = data.serve();
    assert_eq!(server.get("le-bisik.example.org", "/api/here/").status, 200);
    for file in data.files() {
        for tail in ["", "-wal", "-shm"] {
            let path = PathBuf::from(format!("{}{tail}", file.display()));
            assert!(!path.exists() || mode(&path) == 0o600, "{}", path.display());
        }
    }
    assert!(data.path().join("root.db-wal").exists());
    for part in ["tenants", "secrets", "tmp", "backups"] {
        assert_eq!(mode(&data.path().join(part)), 0o700, "{part}");
    }
}

#[test]
fn a_secret_of_the_wrong_length_is_named() {
    let data = Data::new();
    std::fs::write(data.path().join("secrets/jwt.key"), "short").unwrap();
    assert_refused(&data, "secrets/jwt.key");
}

#[test]
fn a_newer_root_database_is_refused() {
    let data = Data::new();
    look_into(&data.path().join("root.db")).pragma_update(None, "user_version", 77).unwrap();
    assert_refused(&data, "newer guichet");
}

#[test]
fn init_and_demo_refuse_a_directory_that_holds_something_else() {
    let data = Data::nowhere();
    std::fs::create_dir_all(data.path().join("tmp")).unwrap();
    std::fs::write(data.path().join("holiday.jpg"), "x").unwrap();
    for verb in [&["init", "--domain", "example.org"][..], &["demo"]] {
        let done = data.guichet(verb);
        assert!(done.refused().contains("is not empty: it holds holiday.jpg"), "{}", done.err);
    }
    assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 2);
    std::fs::remove_file(data.path().join("holiday.jpg")).unwrap();
    std::fs::create_dir(data.path().join("lost+found")).unwrap();
    data.ok(&["init", "--domain", "example.org"]);
}

#[test]
fn init_refuses_a_directory_that_is_one() {
    let data = Data::new();
    let before = std::fs::read(data.path().join("root.db")).unwrap();
    let done = data.guichet(&["init", "--domain", "example.org"]);
    assert!(done.refused().contains("is a data directory already"), "{}", done.err);
    assert_eq!(std::fs::read(data.path().join("root.db")).unwrap(), before);
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let data = Data::new();
    let server = data.serve();
    let done = data.guichet(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(done.refused().contains("is served by another guichet already"), "{}", done.err);
    assert_eq!(server.get("example.org", "/up").status, 200);
}

#[test]
fn an_address_that_is_taken_is_named() {
    let data = Data::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let done = data.guichet(&["serve", "--listen", &address]);
    assert!(done.refused().contains(&address), "{}", done.err);
}

#[test]
fn an_operations_address_that_is_taken_is_named() {
    let data = Data::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let done = data.guichet(&["serve", "--listen", "127.0.0.1:0", "--ops", &address]);
    assert_eq!(done.status, 1, "{}", done.err);
    assert!(done.err.lines().last().unwrap().contains(&address), "{}", done.err);
}

#[test]
fn wrong_usage_has_a_status_of_its_own() {
    let data = Data::new();
    for wrong in [
        &["tenant"][..],
        &["tenant", "list", "--loud"],
        &["sell"],
        &["init"],
        &["key", "create", "--tenant", "le-bisik"],
        &["init", "--domain", "example.org", "--admin-email", "me@example.org"],
        &["user", "passwd", "me@example.org"],
        &["user", "grant", "me@example.org"],
        &["user", "grant", "me@example.org", "--revoke"],
        &["user", "grant", "me@example.org", "--tenant", "le-bisik"],
    ] {
        let done = data.guichet(wrong);
        assert_eq!(done.status, 2, "{wrong:?}: {}", done.err);
        assert!(done.err.contains("Usage") || done.err.contains("required"), "{}", done.err);
    }
}

#[test]
fn an_address_that_is_none_is_wrong_usage_and_an_example_is_given() {
    let data = Data::new();
    for wrong in [
        &["serve", "--listen", "8000"][..],
        &["serve", "--listen", "localhost"],
        &["serve", "--listen", "127.0.0.1:0,x"],
        &["serve", "--ops", "8001"],
        &["demo", "--listen", "8000"],
        &["healthcheck", "here"],
    ] {
        let done = data.guichet(wrong);
        assert_eq!(done.status, 2, "{wrong:?}: {}", done.err);
        let said = "an IP address and port, such as 127.0.0.1:8000";
        assert!(done.err.contains(said), "{wrong:?}: {}", done.err);
    }
    assert_eq!(data.guichet(&["serve", "--fetch-allow", "images"]).status, 2);
}

#[test]
fn a_damaged_tenant_answers_503_and_the_others_go_on() {
    let (data, shop) = Data::with_shop();
    let other = data.shop("Ailleurs");
    std::fs::write(data.tenant_file(&shop.slug), "no database ".repeat(2_000)).unwrap();
    let server = data.serve();
    let body = json!({ "product": shop.product, "name": "x", "prix": "1.00" });
    assert_eq!(server.get(&shop.host, "/api/products/").status, 503);
    assert_eq!(server.post(&shop, "/api/prices/", &body).status, 503);
    assert_eq!(server.get(&other.host, "/api/products/").status, 200);
    assert_eq!(server.watch("/readyz").status, 200);
    until("it is reported", || server.log().contains("cannot be opened"));
}

#[test]
fn a_tenants_file_that_was_cut_to_nothing_answers_503_untouched() {
    let (data, shop) = Data::with_shop();
    let path = data.tenant_file(&shop.slug);
    std::fs::write(&path, "").unwrap();
    let server = data.serve();
    assert_eq!(server.get(&shop.host, "/api/products/").status, 503);
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 0);
}

#[test]
fn a_tenants_file_that_is_lost_answers_503_and_is_not_made_anew() {
    let (data, shop) = Data::with_shop();
    let path = data.tenant_file(&shop.slug);
    std::fs::remove_file(&path).unwrap();
    let server = data.serve();
    assert_eq!(server.get(&shop.host, "/api/products/").status, 503);
    assert!(!path.exists());
}

#[test]
fn a_file_that_is_damaged_while_it_is_open_fails_alone_and_is_reported() {
    let (data, shop) = Data::with_shop();
    let other = data.shop("Ailleurs");
    let path = data.tenant_file(&shop.slug);
    let server = data.serve();
    assert_eq!(server.get(&shop.host, "/api/nothing/").status, 404);
    assert_eq!(server.get(&shop.host, "/media/none.jpg").status, 404);
    // All but the first page, which the open connections know.
    let length = std::fs::metadata(&path).unwrap().len() - 4_096;
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    let noise = vec![0xA5; usize::try_from(length).unwrap()];
    std::os::unix::fs::FileExt::write_all_at(&file, &noise, 4_096).unwrap();
    let status = server.get(&shop.host, "/api/products/").status;
    assert!(status == 500 || status == 503, "{status}");
    until("it is reported", || server.log().contains("malformed"));
    assert_eq!(server.get(&other.host, "/api/products/").status, 200);
}

/// A file system too small for what is written to it: a mount of its own where that is allowed.
struct Tiny(PathBuf);

impl Tiny {
    fn mount(at: &Path) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"])
            .arg(at)
            .stderr(std::process::Stdio::null())
            .status();
        mounted.is_ok_and(|status| status.success()).then(|| Self(at.to_owned()))
    }
}

impl Drop for Tiny {
    fn drop(&mut self) {
        drop(Command::new("umount").arg(&self.0).status());
    }
}

/// Runs a verb with files held to `blocks` of 512 bytes.
fn cramped(data: &Data, blocks: u32, args: &[&str]) -> Done {
    let mut command = Command::new("sh");
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_guichet"), "--data"]);
    let output = command.arg(data.path()).args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Done {
        status: output.status.code().unwrap_or(-1),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

#[test]
fn a_file_that_may_not_grow_is_told_in_a_sentence_and_leaves_the_house_whole() {
    let data = Data::new();
    let mut refused = 0;
    for blocks in [1, 8, 40, 90, 200] {
        let done = cramped(&data, blocks, &["tenant", "create", &format!("Salle {blocks}")]);
        if done.status != 0 {
            done.refused();
            refused += 1;
        }
    }
    assert!(refused > 0, "nothing was refused");
    data.root().settle(guichet::trade::place::published).unwrap();
    let tenants = data.json(&["tenant", "list"]);
    let made = tenants.as_array().unwrap();
    assert_eq!(made.len(), 2 + 5 - refused);
    assert!(made.iter().all(|tenant| tenant["state"] == "active"), "{tenants}");
    data.assert_whole();
}

#[test]
fn a_full_disk_is_told_in_a_sentence_and_leaves_the_house_whole() {
    let data = Data::nowhere();
    let Some(_tiny) = Tiny::mount(&data.path()) else { return };
    data.ok(&["init", "--domain", "example.org"]);
    let mut made = 0;
    loop {
        let done = data.guichet(&["tenant", "create", &format!("Salle {made}")]);
        if done.status != 0 {
            let said = done.refused();
            assert!(said.contains(data.path().to_str().unwrap()), "{said}");
            break;
        }
        made += 1;
        assert!(made < 100, "the disk never fills");
    }
    let tenants = data.json(&["tenant", "list"]);
    let active = |tenant: &&serde_json::Value| tenant["state"] == "active";
    assert_eq!(tenants.as_array().unwrap().iter().filter(active).count(), 2 + made);
    data.assert_whole();
}

#[test]
fn a_server_whose_disk_is_full_says_so_and_goes_on_when_there_is_room() {
    let data = Data::nowhere();
    let Some(_tiny) = Tiny::mount(&data.path()) else { return };
    data.ok(&["init", "--domain", "example.org"]);
    let shop = data.shop("Le Bisik");
    let server = data.serve();
    assert_eq!(server.get(&shop.host, "/api/prices/").status, 200);
    let filler = data.path().join("filler");
    let mut file = std::fs::File::create(&filler).unwrap();
    while std::io::Write::write(&mut file, &[0; 512]).is_ok_and(|count| count > 0) {}
    let long = "x".repeat(60_000);
    let sell = |n: u32| {
        let body = json!({ "product": shop.product, "name": n.to_string(), "prix": "1.00", "long_description": long });
        server.post(&shop, "/api/prices/", &body).status
    };
    let mut sold = vec![];
    let refused = (0..50).find_map(|n| match sell(n) {
        201 => {
            sold.push(n);
            None
        }
        status => Some(status),
    });
    assert!(matches!(refused, Some(500..=507)), "{refused:?}");
    let file_of = data.tenant_file(&shop.slug);
    until("the log names the file", || server.log().contains(file_of.to_str().unwrap()));
    let listed = server.get(&shop.host, "/api/prices/");
    assert_eq!(listed.status, 200, "{}", server.log());
    assert_eq!(listed.json().as_array().unwrap().len(), sold.len());
    drop(file);
    std::fs::remove_file(&filler).unwrap();
    assert_eq!(sell(99), 201, "{}", server.log());
    data.assert_whole();
}
