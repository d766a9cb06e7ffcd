//! Ends that nobody planned: whatever moment the process dies at, what was answered is there and nothing is half.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use crate::process::{Data, Server, Shop, look_into, post, until};
use guichet::root::{By, Founding, Name, Naming, Options, Profile, Root, Tenant};
use guichet::trade::place::{self, Images};
use guichet::values::id::TenantId;
use guichet::values::{Category, Slug};
use serde_json::json;
use std::ffi::OsStr;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

const DIR: &str = "CRASH_DIR";
const DEED: &str = "CRASH_DEED";
const ABORTED: i32 = 6;

/// What [`child`] runs in a process of its own; nothing when the tests are run.
#[test]
fn child_that_dies() {
    let (Some(dir), Some(deed)) = (std::env::var_os(DIR), std::env::var_os(DEED)) else { return };
    let root = Root::open(Path::new(&dir), Options::default()).unwrap();
    match deed.to_str().unwrap() {
        "publish" => publish_for_ever(&root),
        step => drop(found(&root, |at| {
            if at == step {
                std::process::abort();
            }
        })),
    }
}

/// This binary again, at one deed.
fn child(data: &Data, deed: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child_that_dies", "--nocapture"])
        .env(DIR, data.path())
        .env(DEED, deed)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn found(root: &Root, mut watch: impl FnMut(&str)) -> guichet::error::Result<Tenant> {
    let founding = Founding {
        organization: None,
        name: "Le Bisik".into(),
        category: Category::Venue,
        naming: Naming::Exact(slug()),
        admin: None,
        profile: Profile { label: "Le Bisik".into(), ..Profile::default() },
    };
    let founded = root.console().founder().found_watched(
        &founding,
        |tx, admin| place::open(tx, &founding.profile, &Images::default(), admin),
        &mut |step| watch(&format!("{step:?}")),
    )?;
    founded.open()
}

fn slug() -> Slug {
    Slug::parse("le-bisik").unwrap()
}

fn bisik(root: &Root) -> Option<Tenant> {
    root.tenant(Name::Slug(&slug())).unwrap()
}

/// Lets a founding die at a step, and start-up look at what is left.
fn die_at(step: &str) -> (Data, Root) {
    let data = Data::new();
    let ended = child(&data, step).wait().unwrap();
    assert_eq!(ended.signal(), Some(ABORTED), "{ended}");
    let root = data.root();
    assert!(bisik(&root).is_none(), "half a tenant answers");
    root.settle(place::published).unwrap();
    (data, root)
}

fn count(data: &Data, sql: &str) -> i64 {
    look_into(&data.path().join("root.db")).query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Files of drafts; templates and locks are not anybody's.
fn drafts(data: &Data) -> Vec<String> {
    let entries = std::fs::read_dir(data.path().join("tmp")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains(".db") && !name.starts_with("template-")).collect()
}

fn assert_gone_without_a_trace(data: &Data, root: &Root) {
    assert!(bisik(root).is_none());
    assert_eq!(count(data, "SELECT count(*) FROM tenant WHERE slug = 'le-bisik'"), 0);
    assert_eq!(count(data, "SELECT count(*) FROM domain WHERE host LIKE 'le-bisik.%'"), 0);
    assert_eq!(count(data, "SELECT count(*) FROM directory WHERE label = 'Le Bisik'"), 0);
    assert_eq!(data.files().len(), 3, "root, ROOT and META");
    assert_eq!(drafts(data), [""; 0]);
    let again = found(root, |_| {}).unwrap();
    assert_eq!(again.read(place::get).unwrap().label, "Le Bisik");
    data.assert_whole();
}

#[test]
fn a_founding_that_dies_with_its_row_alone_leaves_no_trace() {
    let (data, root) = die_at("Reserved");
    assert_gone_without_a_trace(&data, &root);
}

#[test]
fn a_draft_without_a_row_leaves_no_trace() {
    let data = Data::new();
    let root = data.root();
    let draft = data.path().join(format!("tmp/{}.db", TenantId::new()));
    for tail in ["", "-wal", "-shm"] {
        std::fs::write(format!("{}{tail}", draft.display()), b"half").unwrap();
    }
    root.settle(place::published).unwrap();
    assert_gone_without_a_trace(&data, &root);
}

#[test]
fn a_founding_that_dies_with_a_filled_draft_leaves_no_trace() {
    let (data, root) = die_at("Filled");
    assert_gone_without_a_trace(&data, &root);
}

#[test]
fn a_founding_that_dies_with_its_file_in_place_is_finished() {
    let (data, root) = die_at("InPlace");
    let tenant = bisik(&root).unwrap();
    let own = tenant.read(place::get).unwrap();
    let published = root.directory().find(tenant.entry().id).unwrap().unwrap();
    assert_eq!(published.profile.label, own.label);
    assert_eq!(own.label, "Le Bisik");
    assert_eq!(data.json(&["tenant", "show", "le-bisik"])[0]["state"], "active");
    assert_eq!(drafts(&data), [""; 0]);
    data.assert_whole();
}

#[test]
fn a_name_that_a_finished_founding_holds_is_refused() {
    let (_data, root) = die_at("InPlace");
    let error = found(&root, |_| {}).unwrap_err().to_string();
    assert_eq!(error, "a tenant of this name and category exists already");
}

#[test]
fn a_founding_at_work_is_left_alone() {
    let data = Data::new();
    let (root, other) = (data.root(), data.root());
    let made = found(&root, |_| other.settle(place::published).unwrap());
    assert_eq!(made.unwrap().read(place::get).unwrap().label, "Le Bisik");
}

/// Sells until the server is killed; the names of the prices that it answered 201.
fn sell_until_killed(server: &mut Server, shop: &Shop, round: u32, enough: u32) -> Vec<String> {
    let (kept, sold) = (Mutex::new(vec![]), AtomicU32::new(0));
    std::thread::scope(|scope| {
        for thread in 0..6 {
            let (kept, sold, mut peer) = (&kept, &sold, server.peer());
            scope.spawn(move || {
                for turn in 0.. {
                    let name = format!("{round}-{thread}-{turn}");
                    let body = json!({ "product": shop.product, "name": name, "prix": "5.00" });
                    let request = post(&shop.host, "/api/prices/", &shop.key, &body.to_string());
                    if std::io::Write::write_all(&mut peer.stream, request.as_bytes()).is_err() {
                        return;
                    }
                    let Ok(Some(answer)) = peer.hear(false) else { return };
                    assert_eq!(answer.status, 201, "{}", answer.text());
                    kept.lock().unwrap().push(name);
                    sold.fetch_add(1, SeqCst);
                }
            });
        }
        until("enough is sold", || sold.load(SeqCst) >= enough);
        server.kill();
    });
    kept.into_inner().unwrap()
}

#[test]
fn what_was_answered_before_the_process_was_killed_is_there_afterwards() {
    let (data, shop) = Data::with_shop();
    let mut promised = vec![];
    for (round, enough) in [(0, 1), (1, 17), (2, 90), (3, 251)] {
        let mut server = data.serve();
        promised.extend(sell_until_killed(&mut server, &shop, round, enough));
        data.assert_whole();
    }
    let server = data.serve();
    let listed = server.get(&shop.host, "/api/prices/").json();
    let names: std::collections::HashSet<&str> =
        listed.as_array().unwrap().iter().map(|price| price["name"].as_str().unwrap()).collect();
    for name in &promised {
        assert!(names.contains(name.as_str()), "{name} was answered 201 and is gone");
    }
    let body = json!({ "product": shop.product, "name": "after", "prix": "5.00" });
    assert_eq!(server.post(&shop, "/api/prices/", &body).status, 201);
}

#[test]
fn init_begins_again_where_one_was_killed() {
    let data = Data::nowhere();
    let draft = data.path().join("tmp/init");
    for part in ["tmp/init/secrets", "tmp/init/tenants", "secrets", "tenants"] {
        std::fs::create_dir_all(data.path().join(part)).unwrap();
    }
    for (file, bytes) in
        [("secrets/jwt.key", &b"half"[..]), ("root.db", b"half"), ("tenants/x.db", b"")]
    {
        std::fs::write(draft.join(file), bytes).unwrap();
    }
    std::fs::write(data.path().join("secrets/jwt.key"), b"half").unwrap();
    data.ok(&["init", "--domain", "example.org"]);
    assert!(!draft.exists());
    assert_eq!(data.json(&["tenant", "list"]).as_array().unwrap().len(), 2);
    data.assert_whole();
}

#[test]
fn init_that_is_killed_at_any_moment_leaves_a_house_or_none() {
    for moment in
        ["tmp", "tmp/init/secrets/jwt.key", "tmp/init/root.db", "secrets/jwt.key", "root.db"]
    {
        let data = Data::nowhere();
        let mut init = data.command(&["init", "--domain", "example.org"]);
        let mut init = init.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        until("init is as far", || {
            data.path().join(moment).exists() || init.try_wait().unwrap().is_some()
        });
        drop(init.kill());
        init.wait().unwrap();
        if !data.path().join("root.db").exists() {
            data.ok(&["init", "--domain", "example.org"]);
        }
        assert_eq!(data.json(&["tenant", "list"]).as_array().unwrap().len(), 2, "{moment}");
        assert!(drafts(&data).is_empty());
        data.assert_whole();
    }
}

fn labels(root: &Root, tenant: &Tenant) -> (String, String) {
    let published = root.directory().find(tenant.entry().id).unwrap().unwrap();
    (tenant.read(place::get).unwrap().label, published.profile.label)
}

fn dirty(data: &Data) -> i64 {
    count(data, "SELECT count(*) FROM tenant WHERE dirty = 1")
}

#[test]
fn a_tenant_that_died_between_its_file_and_the_directory_is_brought_in_step() {
    let (data, _) = Data::with_shop();
    let root = data.root();
    let tenant = bisik(&root).unwrap();
    let TenantId(id) = tenant.entry().id;
    let marked = "UPDATE tenant SET dirty = 1 WHERE id = ?1";
    look_into(&data.path().join("root.db")).execute(marked, [id.as_bytes().as_slice()]).unwrap();
    tenant.write(By::House, |tx| place::relabel(tx, "Nouveau nom")).unwrap();
    assert_eq!(labels(&root, &tenant), ("Nouveau nom".into(), "Le Bisik".into()));
    root.settle(place::published).unwrap();
    assert_eq!(labels(&root, &tenant), ("Nouveau nom".into(), "Nouveau nom".into()));
    assert_eq!(dirty(&data), 0);
}

#[test]
fn a_server_brings_tenants_in_step_when_it_starts() {
    let (data, shop) = Data::with_shop();
    look_into(&data.path().join("root.db"))
        .execute_batch("UPDATE tenant SET dirty = 1; UPDATE directory SET label = 'old'")
        .unwrap();
    let server = data.serve();
    until("the list is right", || {
        server.get("meta.example.org", "/api/place/").text().contains("Le Bisik")
    });
    assert_eq!(server.get(&shop.host, "/api/here/").status, 200);
    until("nothing is left to do", || dirty(&data) == 0);
}

#[test]
fn one_damaged_tenant_does_not_keep_the_others_from_being_settled() {
    let (data, shop) = Data::with_shop();
    data.shop("Ailleurs");
    std::fs::write(data.tenant_file(&shop.slug), b"no database at all, but long enough").unwrap();
    look_into(&data.path().join("root.db")).execute_batch("UPDATE tenant SET dirty = 1").unwrap();
    data.root().settle(place::published).unwrap();
    assert_eq!(dirty(&data), 1);
}

fn publish_for_ever(root: &Root) {
    let tenant = bisik(root).unwrap();
    for n in 0.. {
        tenant
            .publish(By::House, place::published, |tx| place::relabel(tx, &format!("Nom {n}")))
            .unwrap();
    }
}

#[test]
fn a_profile_change_that_is_killed_at_any_moment_is_mended() {
    let (data, _) = Data::with_shop();
    let mut last = "Le Bisik".to_owned();
    for _ in 0..8 {
        let mut child = child(&data, "publish");
        let root = data.root();
        let tenant = bisik(&root).unwrap();
        until("it is at work", || tenant.read(place::get).unwrap().label != last);
        child.kill().unwrap();
        child.wait().unwrap();
        root.settle(place::published).unwrap();
        let (own, published) = labels(&root, &tenant);
        assert_eq!(own, published);
        assert_eq!(dirty(&data), 0);
        last = own;
    }
    data.assert_whole();
}

#[test]
fn a_server_that_was_killed_leaves_its_lock_to_the_next() {
    let (data, shop) = Data::with_shop();
    let mut server = data.serve();
    server.kill();
    assert_eq!(data.serve().get(&shop.host, "/api/here/").status, 200);
    assert!(data.files().iter().all(|path| path.extension() == Some(OsStr::new("db"))));
}
