//! The schema as it now stands, and files that are not of today.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use crate::process::{Data, free_address, look_into};
use std::path::Path;

fn here(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// All that a file's schema says, tables first, each followed by what belongs to it.
fn schema(path: &Path) -> String {
    let sql = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL
               ORDER BY tbl_name, type <> 'table', type, name";
    let db = look_into(path);
    let mut statement = db.prepare(sql).unwrap();
    let lines = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    lines.map(|sql| sql.unwrap() + ";\n").collect()
}

/// Compares with the file of this name; `UPDATE_GOLDEN=1` writes it anew.
fn assert_golden(name: &str, is: &str) {
    let path = here("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, is).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(golden == is, "tests/golden/{name} is not the schema as it stands:\n{is}");
}

/// The number of the last migration in a folder.
fn newest(set: &str) -> i64 {
    let names = std::fs::read_dir(here("migrations").join(set)).unwrap();
    let number = |name: String| name[1..name.find("__").unwrap()].parse::<i64>().unwrap();
    names.map(|entry| number(entry.unwrap().file_name().into_string().unwrap())).max().unwrap()
}

fn version(path: &Path) -> i64 {
    look_into(path).pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

fn set_version(path: &Path, version: i64) {
    look_into(path).pragma_update(None, "user_version", version).unwrap();
}

#[test]
fn the_root_database_has_the_schema_of_its_golden_file() {
    assert_golden("root.sql", &schema(&Data::new().path().join("root.db")));
}

#[test]
fn every_tenants_file_has_the_schema_of_the_golden_file() {
    let (data, _) = Data::with_shop();
    for path in data.files().iter().filter(|path| !path.ends_with("root.db")) {
        assert_golden("tenant.sql", &schema(path));
    }
}

#[test]
fn every_file_says_the_number_of_its_last_migration() {
    let (data, _) = Data::with_shop();
    for path in data.files() {
        let set = if path.ends_with("root.db") { "root" } else { "tenant" };
        assert_eq!(version(&path), newest(set), "{}", path.display());
    }
}

#[test]
fn migrations_are_numbered_without_a_gap_and_say_why() {
    for set in ["root", "tenant"] {
        let folder = here("migrations").join(set);
        let files: Vec<_> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(newest(set), i64::try_from(files.len()).unwrap());
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(text.starts_with("-- "), "{}", file.display());
        }
    }
}

#[test]
fn a_root_database_of_a_newer_version_is_refused_untouched() {
    let data = Data::new();
    let path = data.path().join("root.db");
    set_version(&path, 999);
    let before = std::fs::read(&path).unwrap();
    for verb in [&["tenant", "list"][..], &["serve"], &["migrate"]] {
        let done = data.guichet(verb);
        let said = done.refused();
        assert!(said.contains("is at version 999") && said.contains("newer guichet"), "{said}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_tenants_file_of_a_newer_version_is_left_alone_and_the_others_answer() {
    let (data, shop) = Data::with_shop();
    let other = data.shop("Ailleurs");
    let path = data.tenant_file(&shop.slug);
    set_version(&path, 999);
    let before = std::fs::read(&path).unwrap();
    let server = data.serve();
    assert_eq!(server.get(&shop.host, "/api/products/").status, 503);
    assert_eq!(server.get(&other.host, "/api/products/").status, 200);
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn migrate_names_the_tenant_whose_file_is_newer() {
    let (data, shop) = Data::with_shop();
    set_version(&data.tenant_file(&shop.slug), 999);
    let done = data.guichet(&["migrate"]);
    assert!(done.refused().contains("le-bisik"), "{}", done.err);
}

#[test]
fn a_house_whose_own_files_cannot_be_used_is_not_served() {
    type Spoil = fn(&Path);
    let spoils: [(Spoil, &str); 3] = [
        (|path| set_version(path, 999), "newer guichet"),
        (|path| std::fs::remove_file(path).unwrap(), "is missing"),
        (|path| std::fs::write(path, "no database ".repeat(2_000)).unwrap(), "not a database"),
    ];
    for (slug, (spoil, why)) in ["root", "meta"].iter().flat_map(|slug| spoils.map(|s| (slug, s))) {
        let data = Data::new();
        spoil(&data.tenant_file(slug));
        let done = data.guichet(&["serve", "--listen", &free_address().to_string()]);
        let said = done.refused();
        assert!(said.contains(&format!("{slug} cannot be served")) && said.contains(why), "{said}");
    }
}

#[test]
fn migrate_status_says_which_file_is_newer_or_cannot_be_read() {
    let (data, shop) = Data::with_shop();
    set_version(&data.tenant_file("root"), 999);
    std::fs::remove_file(data.tenant_file(&shop.slug)).unwrap();
    let done = data.guichet(&["migrate", "--status"]);
    let said = done.refused();
    assert!(said.contains("root is from a newer guichet") && said.contains("le-bisik: "), "{said}");
    assert!(!said.contains("meta") && done.out.contains("meta"), "{done:?}");
}

#[test]
fn migrate_status_tells_the_version_of_every_file() {
    let (data, _) = Data::with_shop();
    let rows = data.json(&["migrate", "--status"]);
    assert_eq!(rows.as_array().unwrap().len(), 3);
    for row in rows.as_array().unwrap() {
        assert_eq!(row["version"], row["newest"], "{row}");
    }
}

/// Runs these migrations of a set.
fn migrate(db: &rusqlite::Connection, set: &str, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let begins = format!("V{number}__");
        let mut files = std::fs::read_dir(here("migrations").join(set)).unwrap();
        let file = files
            .find(|file| file.as_ref().unwrap().file_name().to_str().unwrap().starts_with(&begins));
        let sql = std::fs::read_to_string(file.unwrap().unwrap().path()).unwrap();
        db.execute_batch(&sql).unwrap_or_else(|why| panic!("{begins} {why}"));
    }
}

#[test]
fn who_ran_the_house_before_is_among_roots_people_and_who_was_let_go_sells_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let db = look_into(&dir.path().join("old.db"));
    migrate(&db, "root", 1..12);
    db.execute_batch(
        "PRAGMA foreign_keys = ON;
         INSERT INTO organization (id, no, name, created) VALUES (zeroblob(16), 1, 'x', 1);
         INSERT INTO tenant (id, no, organization, category, slug, name, state, created)
             SELECT unhex(id), no, zeroblob(16), category, id, id, 'active', 1 FROM (
             SELECT '000000000000000000000000000000a0' AS id, 0 AS no, 'R' AS category
             UNION ALL SELECT '000000000000000000000000000000a2', 2, 'S');
         INSERT INTO account (id, no, organization, email, password_changed, active, superuser, can_create_tenant, created)
             SELECT unhex(id), no, zeroblob(16), email, 1, 1, superuser, 0, no FROM (
             SELECT '000000000000000000000000000000b1' AS id, 1 AS no, 'ana' AS email, 1 AS superuser
             UNION ALL SELECT '000000000000000000000000000000b2', 2, 'bo', 1
             UNION ALL SELECT '000000000000000000000000000000b3', 3, 'eva', 0);
         INSERT INTO distribution (id, no, tenant, key, name, kind, created)
             SELECT randomblob(16), 1, id, 'x', 'x', 'WEB', 1 FROM tenant WHERE no = 2;
         INSERT INTO sale_grant (account, distribution, granted, granted_by)
             SELECT account.id, distribution.id, 1, 'console' FROM account, distribution;
         INSERT INTO connection (tenant, account, active, deleted, created)
             SELECT tenant.id, account.id, 0, 5, 1 FROM tenant, account WHERE tenant.no = 2 AND account.no = 3;
         INSERT INTO invite (id, email, state, tenant, invited_by, created, expires)
             SELECT zeroblob(16), 'noe@example.org', 'pending', tenant.id, account.id, 1, 2
             FROM tenant, account WHERE tenant.no = 2 AND account.no = 1;
         INSERT INTO invite_grant (invite, tenant) SELECT 1, id FROM tenant;",
    )
    .unwrap();
    migrate(&db, "root", 12..13);
    let told = |sql: &str| db.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    let people = "SELECT group_concat(email || ifnull(username, '-'), ' ' ORDER BY connection.no) FROM connection
         JOIN account ON account.id = account JOIN tenant ON tenant.id = tenant WHERE tenant.no = 0 AND connection.active";
    assert_eq!(told(people), "anasys.admin bo-");
    let sellers = "SELECT group_concat(email, ' ' ORDER BY no) FROM sale_grant JOIN account ON account.id = account";
    assert_eq!(told(sellers), "ana bo");
    let offered = "SELECT group_concat(tenant.no || ifnull(account.no, '-'), ' ' ORDER BY tenant.no) FROM invite_grant
         JOIN tenant ON tenant.id = tenant LEFT JOIN account ON account.id = invited_by";
    assert_eq!(told(offered), "0- 21");
}

#[test]
fn tables_that_are_made_anew_keep_their_rows() {
    let dir = tempfile::tempdir().unwrap();
    let db = look_into(&dir.path().join("old.db"));
    migrate(&db, "tenant", 1..14);
    db.execute_batch(
        "INSERT INTO orders (id, account, email, state, currency, total, vat, expires, placed, settled)
             VALUES (zeroblob(16), zeroblob(16), 'ana@example.org', 'paid', 'EUR', 500, 0, 1, 1, 1);
         INSERT INTO refund VALUES (zeroblob(16), zeroblob(16), 'cash', 500, 1, 'Pluie', 'house', 2);
         INSERT INTO refund_settled VALUES (zeroblob(16), 'transfer', 'house', 3);
         UPDATE refund SET owed = 0;
         INSERT INTO outbox (id, kind, recipient, account, next_try, created)
             VALUES (zeroblob(16), 'tickets', 'ana@example.org', zeroblob(16), 4, 5);",
    )
    .unwrap();
    migrate(&db, "tenant", 14..u32::try_from(newest("tenant") + 1).unwrap());
    let kept = "SELECT group_concat(means || refund_settled.created || kind || next_try) FROM refund_settled, outbox";
    let kept: String = db.query_row(kept, [], |row| row.get(0)).unwrap();
    assert_eq!(kept, "transfer3tickets4");
    let owed: i64 =
        db.query_row("SELECT noted_owed FROM refund_noted", [], |row| row.get(0)).unwrap();
    assert_eq!(owed, 1);
}
