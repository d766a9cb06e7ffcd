//! Every verb of the command line, and that a running server knows what it did on the very next request.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use crate::process::{Answer, Data, Peer, Server, free_address, get, look_into, until};
use base64::Engine as _;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Stdio};

fn names(list: &Value, field: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|row| row[field].as_str().unwrap().to_owned()).collect()
}

#[test]
fn init_makes_root_and_meta_and_a_set_up_link_where_nobody_is_named() {
    let data = Data::nowhere();
    let out = data.ok(&["init", "--domain", "tickets.example.org"]);
    assert!(out.contains("http://tickets.example.org/setup/"), "{out}");
    assert!(out.contains("user create") && out.contains("tenant create"), "{out}");
    let tenants = data.json(&["tenant", "list"]);
    assert_eq!(names(&tenants, "slug"), ["root", "meta"]);
    assert_eq!(tenants[0]["domains"], json!(["tickets.example.org"]));
    assert_eq!(tenants[1]["domains"], json!(["meta.tickets.example.org", "m.tickets.example.org"]));
}

#[test]
fn init_makes_the_administrator_who_is_named() {
    let data = Data::nowhere();
    let args = ["init", "--domain", "example.org", "--meta", "agenda", "--admin-email"];
    let args: Vec<&str> =
        args.into_iter().chain(["me@example.org", "--admin-password-stdin"]).collect();
    let done = data.told(&args, "a long password\n");
    assert_eq!(done.status, 0, "{}", done.err);
    assert!(!done.out.contains("/setup/"), "{}", done.out);
    let users = data.json(&["user", "list"]);
    assert_eq!(names(&users, "email"), ["me@example.org"]);
    assert_eq!(users[0]["superuser"], true);
    assert_eq!(names(&data.json(&["tenant", "list"]), "slug"), ["root", "agenda"]);
}

#[test]
fn init_with_a_password_that_is_too_short_is_refused() {
    let data = Data::nowhere();
    let args =
        ["init", "--domain", "e.org", "--admin-email", "me@example.org", "--admin-password-stdin"];
    let done = data.told(&args, "short\n");
    assert!(done.refused().contains("8 to 128 characters"), "{}", done.err);
    let again = data.told(&args, "a long password\n");
    assert_eq!(again.status, 0, "a refused init cannot be run again: {}", again.err);
}

#[test]
fn a_tenant_is_made_with_a_slug_from_its_name() {
    let data = Data::new();
    assert_eq!(data.ok(&["tenant", "create", "Le Bisik"]), "le-bisik le-bisik.example.org");
    let shown = data.json(&["tenant", "show", "le-bisik"]);
    assert_eq!(shown[0]["name"], "Le Bisik");
    assert_eq!(shown[0]["category"], "S");
    assert_eq!(shown[0]["state"], "active");
}

#[test]
fn a_tenant_may_have_a_slug_a_category_and_an_administrator_of_choice() {
    let data = Data::new();
    let args = ["tenant", "create", "Festival", "--category", "F", "--slug", "demo", "--admin"];
    let args: Vec<&str> = args.into_iter().chain(["she@example.org"]).collect();
    assert_eq!(data.ok(&args), "demo demo.example.org");
    assert_eq!(data.json(&["tenant", "show", "demo"])[0]["category"], "F");
    let users = data.json(&["user", "list"]);
    assert_eq!(
        (&users[0]["email"], &users[0]["active"]),
        (&json!("she@example.org"), &json!(false))
    );
}

#[test]
fn a_name_that_is_taken_gets_a_number() {
    let data = Data::new();
    data.ok(&["tenant", "create", "Le Bisik"]);
    let done = data.guichet(&["tenant", "create", "Le Bisik"]);
    assert!(done.out.starts_with("le-bisik-2 "), "{}", done.out);
    assert!(done.err.contains("another tenant is called Le Bisik too"), "{}", done.err);
    assert!(done.err.trim_end().ends_with("le-bisik-2"), "{}", done.err);
}

#[test]
fn a_name_whose_slug_is_taken_or_reserved_is_told_which_one_it_got() {
    let data = Data::new();
    assert_eq!(data.guichet(&["tenant", "create", "Le Bisik"]).err, "");
    for (name, slug) in [("Le Bisik !", "le-bisik-2"), ("Admin", "admin-2")] {
        let done = data.guichet(&["tenant", "create", name]);
        assert_eq!((done.status, done.err.lines().count()), (0, 1), "{}", done.err);
        assert!(done.err.trim_end().ends_with(slug), "{}", done.err);
    }
}

#[test]
fn an_administrator_without_an_active_account_is_told_how_to_get_one() {
    let data = Data::new();
    data.ok(&["user", "create", "old@example.org"]);
    let create =
        |name: &str, admin: &str| data.guichet(&["tenant", "create", name, "--admin", admin]).err;
    let command = "user passwd new@example.org --password-stdin --activate";
    let first = create("Le Bisik", "new@example.org");
    assert!(first.contains("is new and inactive") && first.contains(command), "{first}");
    let second = create("Ailleurs", "new@example.org");
    assert!(second.contains("is inactive") && second.contains(command), "{second}");
    assert_eq!(create("Nord", "old@example.org"), "");
}

#[test]
fn a_slug_that_is_taken_reserved_or_empty_is_refused() {
    let data = Data::new();
    data.ok(&["tenant", "create", "Le Bisik"]);
    for (args, why) in [
        (&["Autre", "--slug", "le-bisik"][..], "belongs to another tenant"),
        (&["Le Bisik", "--slug", "le-bisik"], "exists already"),
        (&["Autre", "--slug", "admin"], "is reserved"),
        (&["Autre", "--slug", "meta"], "is reserved"),
        (&["Autre", "--slug", "A B"], "slug: must be"),
        (&["pg_x"], "is reserved"),
        (&["!!!"], "leaves no short name"),
        (&["   "], "1 to 50 characters"),
        (&["Autre", "--category", "R"], "category"),
        (&["Autre", "--category", "X"], "category: must be"),
    ] {
        let args: Vec<&str> = ["tenant", "create"].iter().chain(args).copied().collect();
        let done = data.guichet(&args);
        assert!(done.refused().contains(why), "{args:?}: {}", done.err);
    }
    assert_eq!(data.json(&["tenant", "list"]).as_array().unwrap().len(), 3);
}

#[test]
fn a_tenant_that_is_not_there_is_refused_by_every_verb() {
    let data = Data::new();
    for args in [
        &["tenant", "show", "nobody"][..],
        &["tenant", "rename", "nobody", "X"],
        &["tenant", "disable", "nobody"],
        &["tenant", "delete", "nobody"],
        &["tenant", "enable", "nobody"],
        &["tenant", "domain", "add", "nobody", "x.org"],
        &["tenant", "show-on", "meta", "nobody"],
        &["roomle", "key", "show", "nobody"],
        &["roomle", "key", "create", "--tenant", "nobody"],
    ] {
        let done = data.guichet(args);
        assert!(done.refused().contains("nobody"), "{args:?}: {}", done.err);
    }
}

#[test]
fn lists_are_tables_for_people() {
    let (data, shop) = Data::with_shop();
    for args in [
        &["tenant", "list"][..],
        &["user", "list"],
        &["key", "list"],
        &["package", "list"],
        &["promo", "list"],
        &["migrate", "--status"],
    ] {
        let out = data.ok(args);
        let head = out.lines().next().unwrap();
        assert!(head.chars().all(|c| !c.is_lowercase()), "{head}");
        assert!(!out.contains(&shop.key) && !out.contains('\u{1b}'), "{out}");
    }
}

#[test]
fn a_server_knows_a_new_tenant_on_the_next_request() {
    let data = Data::new();
    let server = data.serve();
    assert_eq!(server.get("le-bisik.example.org", "/api/here/").status, 404);
    data.ok(&["tenant", "create", "Le Bisik"]);
    assert_eq!(server.get("le-bisik.example.org", "/api/here/").status, 200);
}

#[test]
fn a_server_shows_a_new_name_on_the_next_request() {
    let (data, shop) = Data::with_shop();
    let server = data.serve();
    let list = || server.get("meta.example.org", "/api/place/").text();
    let own = || server.get(&shop.host, "/api/here/").text();
    assert!(list().contains("Le Bisik") && own().contains("Le Bisik"));
    data.ok(&["tenant", "rename", "le-bisik", "La Guinguette"]);
    assert!(list().contains("La Guinguette") && own().contains("La Guinguette"));
    assert!(!list().contains("Le Bisik") && !own().contains("Le Bisik"));
    assert_eq!(data.json(&["tenant", "show", "le-bisik"])[0]["name"], "La Guinguette");
}

#[test]
fn a_disabled_tenant_is_gone_at_once_and_back_when_enabled() {
    let (data, shop) = Data::with_shop();
    let server = data.serve();
    assert_eq!(server.get(&shop.host, "/api/products/").status, 200);
    data.ok(&["tenant", "disable", "le-bisik"]);
    assert_eq!(server.get(&shop.host, "/api/products/").status, 404);
    assert!(!server.get("meta.example.org", "/api/place/").text().contains("Le Bisik"));
    data.ok(&["tenant", "enable", "le-bisik"]);
    assert_eq!(server.get(&shop.host, "/api/products/").status, 200);
}

#[test]
fn root_cannot_be_disabled() {
    let data = Data::new();
    assert!(data.guichet(&["tenant", "disable", "root"]).refused().contains("ROOT"));
}

#[test]
fn a_domain_answers_when_added_and_not_when_removed() {
    let (data, shop) = Data::with_shop();
    let server = data.serve();
    let status = || server.get("bisik.fr", "/api/products/").status;
    assert_eq!(status(), 404);
    data.ok(&["tenant", "domain", "add", &shop.slug, "bisik.fr"]);
    assert_eq!(status(), 200);
    data.ok(&["tenant", "domain", "primary", &shop.slug, "bisik.fr"]);
    let shown = data.json(&["tenant", "show", &shop.slug]);
    assert_eq!(shown[0]["domains"], json!(["bisik.fr", "le-bisik.example.org"]));
    let done = data.guichet(&["tenant", "domain", "remove", &shop.slug, "bisik.fr"]);
    assert!(done.refused().contains("primary"), "{}", done.err);
    data.ok(&["tenant", "domain", "primary", &shop.slug, &shop.host]);
    data.ok(&["tenant", "domain", "remove", &shop.slug, "bisik.fr"]);
    assert_eq!(status(), 404);
}

#[test]
fn a_domain_belongs_to_one_tenant() {
    let (data, shop) = Data::with_shop();
    data.shop("Ailleurs");
    let done = data.guichet(&["tenant", "domain", "add", "ailleurs", &shop.host]);
    assert!(done.refused().contains("belongs to a tenant already"), "{}", done.err);
    for wrong in ["", "a b", "x/y", "http://x/", "x:port", "-x.org"] {
        let done = data.guichet(&["tenant", "domain", "add", "ailleurs", "--", wrong]);
        assert!(done.refused().contains(&format!("“{wrong}”")), "{}", done.err);
    }
}

#[test]
fn a_domain_that_a_tenant_does_not_have_is_neither_removed_nor_primary() {
    let (data, shop) = Data::with_shop();
    for verb in ["remove", "primary"] {
        let done = data.guichet(&["tenant", "domain", verb, &shop.slug, "bisik.fr"]);
        assert!(done.refused().contains("le-bisik does not answer on “bisik.fr”"), "{}", done.err);
    }
}

#[test]
fn a_domain_of_the_house_is_a_name_and_not_an_address_of_a_page() {
    let data = Data::nowhere();
    for wrong in ["https://x", "tickets.example.org/", "x:port", "127.0.0.1", "[::1]", "a_b.org"] {
        let done = data.guichet(&["init", "--domain", wrong]);
        assert!(done.refused().contains(&format!("“{wrong}”")), "{}", done.err);
    }
    let done = data.guichet(&["init", "--domain", "example.org", "--meta=-x"]);
    assert!(done.refused().contains("“-x”"), "{}", done.err);
    assert!(!data.path().exists());
    data.ok(&["init", "--domain", "example.org:8000"]);
}

#[test]
fn a_second_agenda_shows_the_tenants_that_are_named_for_it() {
    let (data, shop) = Data::with_shop();
    data.shop("Ailleurs");
    data.ok(&["tenant", "create", "Nord", "--category", "M"]);
    let server = data.serve();
    let list = || server.get("nord.example.org", "/api/place/").text();
    assert_eq!(list(), "[]");
    data.ok(&["tenant", "show-on", "nord", &shop.slug]);
    assert!(list().contains("Le Bisik") && !list().contains("Ailleurs"));
    let done = data.guichet(&["tenant", "show-on", &shop.slug, "ailleurs"]);
    assert!(done.refused().contains("is no agenda"), "{}", done.err);
}

fn log_in(server: &Server, host: &str, password: &str) -> Answer {
    let body = json!({ "username": "me@example.org", "password": password }).to_string();
    server.ask(format!(
        "POST /api/user/token/ HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    ))
}

#[test]
fn an_account_logs_in_with_its_password_and_not_with_the_one_before() {
    let data = Data::new();
    let create = ["user", "create", "me@example.org", "--password-stdin"];
    assert_eq!(data.told(&create, "the first password\n").status, 0);
    let server = data.serve();
    assert_eq!(log_in(&server, "example.org", "the first password").status, 200);
    let change = ["user", "passwd", "me@example.org", "--password-stdin"];
    assert_eq!(data.told(&change, "the second password\n").status, 0);
    assert_eq!(log_in(&server, "example.org", "the first password").status, 401);
    assert_eq!(log_in(&server, "example.org", "the second password").status, 200);
}

#[test]
fn an_account_that_has_not_proven_its_address_logs_in_when_activated() {
    let data = Data::new();
    data.ok(&["tenant", "create", "Le Bisik", "--admin", "me@example.org"]);
    let server = data.serve();
    let passwd = ["user", "passwd", "me@example.org", "--password-stdin"];
    assert_eq!(data.told(&passwd, "a long password\n").status, 0);
    assert_eq!(log_in(&server, "example.org", "a long password").status, 401);
    let activate = ["user", "passwd", "me@example.org", "--password-stdin", "--activate"];
    assert_eq!(data.told(&activate, "a long password\n").status, 0);
    assert_eq!(log_in(&server, "example.org", "a long password").status, 200);
}

#[test]
fn an_account_without_a_password_is_said_to_be_so() {
    let data = Data::new();
    let done = data.told(&["user", "create", "me@example.org"], "a long password\n");
    assert_eq!(done.status, 0, "{}", done.err);
    let said = &done.err;
    assert!(
        said.contains("no password set") && said.contains("user passwd me@example.org"),
        "{said}"
    );
    let create = ["user", "create", "you@example.org", "--password-stdin"];
    assert_eq!(data.told(&create, "a long password\n").err, "");
}

#[test]
fn an_address_has_one_account() {
    let data = Data::new();
    data.ok(&["user", "create", "me@example.org"]);
    let done = data.guichet(&["user", "create", "ME@example.org"]);
    assert!(done.refused().contains("has an account already"), "{}", done.err);
    assert!(data.guichet(&["user", "create", "nobody"]).refused().contains("no e-mail address"));
}

#[test]
fn a_grant_opens_a_tenant_and_its_revocation_closes_it() {
    let (data, shop) = Data::with_shop();
    let create = ["user", "create", "me@example.org", "--password-stdin"];
    assert_eq!(data.told(&create, "a long password\n").status, 0);
    let server = data.serve();
    let token = log_in(&server, &shop.host, "a long password").json()["access"].clone();
    let status = || {
        let body = json!({ "name": "Vestiaire" }).to_string();
        let head = format!(
            "POST /api/optionticket/ HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            shop.host,
            token.as_str().unwrap(),
            body.len()
        );
        server.ask(head).status
    };
    let grant = ["user", "grant", "me@example.org", "--tenant", "le-bisik", "--admin"];
    assert_eq!(status(), 403);
    data.ok(&grant);
    assert_eq!(status(), 201);
    data.ok(&[&grant[..], &["--revoke"]].concat());
    assert_eq!(status(), 403);
}

#[test]
fn the_last_superuser_stays_one() {
    let data = Data::new();
    data.ok(&["user", "create", "me@example.org", "--superuser"]);
    let done = data.guichet(&["user", "grant", "me@example.org", "--superuser", "--revoke"]);
    assert!(done.refused().contains("last superuser"), "{}", done.err);
    data.guichet(&["user", "grant", "nobody@example.org", "--superuser"]).refused();
}

#[test]
fn a_key_opens_its_tenant_and_none_when_revoked() {
    let (data, shop) = Data::with_shop();
    let server = data.serve();
    let args = ["key", "create", "--tenant", "le-bisik", "--user", "boss@example.org", "--name"];
    let args: Vec<&str> = args.into_iter().chain(["site", "--rights", "product"]).collect();
    let key = data.ok(&args);
    assert_eq!(key.len(), 8 + 1 + 32, "{key}");
    let status = |name: &str| {
        let body = json!({ "product": shop.product, "name": name, "prix": "3.00" }).to_string();
        server.ask(crate::process::post(&shop.host, "/api/prices/", &key, &body)).status
    };
    assert_eq!(status("a"), 201);
    data.ok(&["key", "revoke", &key[..8]]);
    assert_eq!(status("b"), 401);
    let listed = data.json(&["key", "list", "--tenant", "le-bisik"]);
    assert_eq!(names(&listed, "name"), ["all", "site"]);
    assert!(listed[0]["revoked"].is_null() && listed[1]["revoked"].is_string());
    assert!(!listed.to_string().contains(&key[9..]));
}

#[test]
fn a_key_with_wrong_rights_a_taken_name_or_no_account_is_refused() {
    let (data, _) = Data::with_shop();
    let create = |user: &str, name: &str, more: &[&str]| {
        let args = ["key", "create", "--tenant", "le-bisik", "--user", user, "--name", name];
        data.guichet(&[&args[..], more].concat())
    };
    for (done, why) in [
        (create("boss@example.org", "all", &["--rights", "product"]), "taken"),
        (create("boss@example.org", "x", &["--rights", "everything"]), "everything"),
        (create("nobody@example.org", "x", &["--rights", "product"]), "no account"),
        (create("boss@example.org", "x", &["--rights", "product", "--ip", "here"]), "no IP"),
        (create("boss@example.org", "x", &["--rights", "event", "--expires", "soon"]), "expires"),
        (data.guichet(&["key", "revoke", "xxxxxxxx"]), "key: there is none"),
    ] {
        assert!(done.refused().contains(why), "{}", done.err);
    }
}

#[test]
fn a_key_that_could_never_open_anything_is_refused() {
    let (data, _) = Data::with_shop();
    for (more, why) in [
        (&["--rights", ""][..], "rights: must name one"),
        (&["--rights", " , "], "rights: must name one"),
        (&["--rights", "event", "--expires", "2020-01-31T00:00:00Z"], "2020-01-31T00:00:00Z"),
    ] {
        let args = ["key", "create", "--tenant", "le-bisik", "--user", "boss@example.org"];
        let done = data.guichet(&[&args[..], &["--name", "x"], more].concat());
        assert!(done.refused().contains(why), "{}", done.err);
    }
    assert_eq!(data.json(&["key", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn keys_of_a_tenant_that_is_not_there_are_not_listed() {
    let done = Data::new().guichet(&["key", "list", "--tenant", "nosuch"]);
    assert!(done.refused().contains("there is no tenant nosuch"), "{}", done.err);
}

#[test]
fn a_key_is_revoked_once() {
    let (data, shop) = Data::with_shop();
    data.ok(&["key", "revoke", &shop.key[..8]]);
    let before = data.json(&["key", "list"]);
    let id = before[0]["id"].as_str().unwrap();
    for name in [&shop.key[..8], id] {
        let done = data.guichet(&["key", "revoke", name]);
        assert!(done.refused().contains("was revoked already"), "{}", done.err);
    }
    assert_eq!(data.json(&["key", "list"]), before);
}

#[test]
fn a_key_of_somebody_who_is_not_of_the_house_is_made_and_said_to_be_so() {
    let (data, _) = Data::with_shop();
    data.ok(&["user", "create", "guest@example.org"]);
    let create = |user: &str, name: &str| {
        let args = ["key", "create", "--tenant", "le-bisik", "--user", user, "--name", name];
        data.guichet(&[&args[..], &["--rights", "product"]].concat())
    };
    let done = create("guest@example.org", "a");
    assert_eq!((done.status, done.out.trim().len()), (0, 41), "{}", done.err);
    assert!(done.err.contains("neither administers le-bisik nor is a superuser"), "{}", done.err);
    assert_eq!(create("boss@example.org", "b").err, "");
    data.ok(&["user", "grant", "guest@example.org", "--tenant", "le-bisik", "--admin"]);
    assert_eq!(create("guest@example.org", "c").err, "");
    data.guichet(&["tenant", "create", "Ailleurs", "--admin", "new@example.org"]);
    assert!(create("new@example.org", "d").err.contains("is inactive"));
}

#[test]
fn the_use_of_a_key_is_written_down_by_the_time_the_server_has_ended() {
    let (data, shop) = Data::with_shop();
    let mut server = data.serve();
    let body = json!({ "product": shop.product, "name": "a", "prix": "3.00" });
    assert_eq!(server.post(&shop, "/api/prices/", &body).status, 201);
    server.terminate();
    assert!(server.end().success());
    assert!(data.json(&["key", "list"])[0]["last_used"].is_string());
}

#[test]
fn config_print_says_where_each_value_came_from() {
    let data = Data::nowhere();
    let file = data.beside("guichet.toml");
    std::fs::write(&file, "workers = 3\n").unwrap();
    let mut command = data.command(&["config", "print", "--json", "--config"]);
    let output = command.arg(&file).env("GUICHET_PRODUCTS", "7").output().unwrap();
    let settings: Value = serde_json::from_slice(&output.stdout).unwrap();
    let of = |name: &str| {
        let all = settings.as_array().unwrap();
        let row = all.iter().find(|row| row["setting"] == name).unwrap();
        (row["value"].as_str().unwrap().to_owned(), row["source"].as_str().unwrap().to_owned())
    };
    assert_eq!(of("workers"), ("3".into(), "file".into()));
    assert_eq!(of("products"), ("7".into(), "GUICHET_PRODUCTS".into()));
    assert_eq!(of("data").1, "flag");
    assert_eq!(of("listen"), ("127.0.0.1:8000".into(), "default".into()));
    assert_eq!(settings.as_array().unwrap().len(), guichet::config::SETTINGS.len());
}

#[test]
fn config_test_is_silent_when_all_is_right_and_names_what_is_wrong() {
    let data = Data::nowhere();
    assert_eq!(data.ok(&["config", "test"]), "");
    let file = data.beside("guichet.toml");
    for (text, why) in [
        ("workers = 'many'\n", "workers: must be"),
        ("worker = 3\n", "there is no setting worker"),
        ("workers = \n", "guichet.toml"),
        ("workers = 1.5\n", "workers must be"),
    ] {
        std::fs::write(&file, text).unwrap();
        let done = data.guichet(&["config", "test", "--config", file.to_str().unwrap()]);
        assert!(done.refused().contains(why), "{text}: {}", done.err);
    }
    let done = data.guichet(&["config", "test", "--config", "nowhere.toml"]);
    assert!(done.refused().contains("nowhere.toml"), "{}", done.err);
}

#[test]
fn a_variable_that_is_no_setting_is_refused_by_the_test_and_noted_by_the_others() {
    let data = Data::new();
    let run = |args: &[&str]| {
        let output = data.command(args).env("GUICHET_LISTN", "127.0.0.1:1").output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (status, err) = run(&["config", "test"]);
    assert_eq!((status, err.lines().count()), (Some(1), 1), "{err}");
    assert!(err.contains("GUICHET_LISTN"), "{err}");
    for verb in [&["config", "print"][..], &["tenant", "list"]] {
        let (status, err) = run(verb);
        assert_eq!((status, err.lines().count()), (Some(0), 1), "{err}");
        assert!(err.contains("GUICHET_LISTN"), "{err}");
    }
    let server = data.serve_with(&[("GUICHET_LISTN", "127.0.0.1:1")]);
    assert!(server.log().contains("GUICHET_LISTN"), "{}", server.log());
    let file = data.beside("workers");
    std::fs::write(&file, "3").unwrap();
    let mut command = data.command(&["config", "test"]);
    assert!(command.env("GUICHET_WORKERS_FILE", &file).status().unwrap().success());
}

#[test]
fn the_description_of_the_routes_is_the_one_that_is_served() {
    let data = Data::new();
    let printed: Value = serde_json::from_str(&data.ok(&["openapi"])).unwrap();
    assert!(printed["openapi"].as_str().unwrap().starts_with("3."));
    assert_eq!(data.serve().get("example.org", "/api/openapi.json").json(), printed);
}

#[test]
fn completions_are_printed_for_every_shell() {
    let data = Data::nowhere();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(data.ok(&["completions", shell]).contains("healthcheck"), "{shell}");
    }
}

#[test]
fn version_says_the_version() {
    let data = Data::nowhere();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(data.ok(&["version"]), format!("guichet {version}"));
    assert_eq!(data.json(&["version"]), json!({ "version": version }));
}

#[test]
fn healthcheck_tells_a_server_that_is_up_from_none() {
    let data = Data::new();
    let server = data.serve();
    assert_eq!(data.ok(&["healthcheck", &server.at.to_string()]), "up");
    let nobody = free_address().to_string();
    assert!(data.guichet(&["healthcheck", &nobody]).refused().contains(&nobody));
}

#[test]
fn healthcheck_asks_where_the_server_on_this_data_listens() {
    let data = Data::new();
    let mut server = data.serve();
    assert_eq!(data.ok(&["healthcheck"]), "up");
    server.kill();
    let done = data.guichet(&["healthcheck"]);
    let said = done.refused();
    assert!(said.contains(&server.at.to_string()) && said.contains("healthcheck ADDR"), "{said}");
}

#[test]
fn a_server_with_too_few_open_files_says_how_to_allow_more() {
    let (data, log) = (Data::new(), tempfile::NamedTempFile::new().unwrap());
    let script = format!("ulimit -n 500; exec {} \"$@\"", env!("CARGO_BIN_EXE_guichet"));
    let (house, at) = (data.path(), free_address().to_string());
    let args = ["-c", &script, "sh", "--data", house.to_str().unwrap(), "serve", "--listen", &at];
    let mut command = std::process::Command::new("sh");
    let child = command.args(args).stderr(log.reopen().unwrap()).spawn().unwrap();
    let _server = Demo(child, String::new());
    until("it says so", || {
        let said = std::fs::read_to_string(log.path()).unwrap();
        said.contains("ulimit -n ") && said.contains("LimitNOFILE=")
    });
}

#[test]
fn migrate_changes_nothing_that_is_up_to_date() {
    let (data, _) = Data::with_shop();
    let before = data.json(&["migrate", "--status"]);
    assert_eq!(data.json(&["migrate"]), before);
}

#[test]
fn help_names_every_verb() {
    let help = Data::nowhere().ok(&["--help"]);
    for verb in [
        "init",
        "serve",
        "demo",
        "tenant",
        "user",
        "key",
        "coach",
        "licence",
        "roomle",
        "migrate",
        "config",
        "openapi",
        "healthcheck",
        "completions",
        "version",
    ] {
        assert!(help.contains(verb), "{verb}");
    }
}

/// The verbs that a page of help lists.
fn verbs(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty());
    let names = listed.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn help_on_every_verb_has_an_example() {
    let data = Data::nowhere();
    let (mut left, mut seen) = (vec![vec![]], 0);
    while let Some(path) = left.pop() {
        let words: Vec<&str> = path.iter().map(String::as_str).collect();
        let help = data.ok(&[&words[..], &["--help"]].concat());
        let example = format!("  guichet {}", words.join(" "));
        assert!(help.contains("Example") && help.contains("guichet"), "{words:?}: {help}");
        let (_, examples) = help.split_once("Example").unwrap();
        assert!(
            words.is_empty() || examples.contains(words.last().unwrap()),
            "no {example} in: {help}"
        );
        seen += 1;
        left.extend(verbs(&help).into_iter().map(|verb| [&path[..], &[verb]].concat()));
    }
    assert!(seen > 25, "{seen}");
}

/// A demo that is at work, and what it has printed.
struct Demo(Child, String);

impl Drop for Demo {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn demo(data: &Data, at: std::net::SocketAddr) -> Demo {
    let printed = data.beside("printed");
    let out = std::fs::File::create(&printed).unwrap();
    let mut command = data.command(&["demo", "--listen", &at.to_string()]);
    let child = command.stdin(Stdio::null()).stdout(out).stderr(Stdio::null()).spawn().unwrap();
    let mut demo = Demo(child, String::new());
    until("the demo answers", || {
        assert!(demo.0.try_wait().unwrap().is_none(), "the demo has ended");
        std::net::TcpStream::connect(at).is_ok()
            && std::fs::read_to_string(&printed).unwrap().ends_with("/api/place/\n")
    });
    demo.1 = std::fs::read_to_string(&printed).unwrap();
    demo
}

#[test]
fn the_demo_is_meta_at_its_address_and_what_it_prints_works() {
    let (data, at) = (Data::nowhere(), free_address());
    let demo = demo(&data, at);
    let places = Peer::to(at).ask(get(&at.to_string(), "/api/place/"));
    assert!(places.json().as_array().unwrap().len() >= 2, "{}", places.text());
    let line = demo.1.lines().find(|line| line.trim().starts_with("curl -H")).unwrap();
    // What a shell does with the line: the arguments between quotes.
    let quoted: Vec<&str> = line.split('\'').skip(1).step_by(2).collect();
    let [key, kind, body] = quoted[..] else { panic!("{line}") };
    let answer = Peer::to(at).ask(format!(
        "POST /api/place/ HTTP/1.1\r\nHost: {at}\r\n{key}\r\n{kind}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    assert_eq!(answer.status, 201, "{}", answer.text());
    let there = Peer::to(at).ask(get("chez-moi.localhost", "/api/here/"));
    assert_eq!(there.status, 200);
}

#[test]
fn the_log_ins_that_the_demo_lists_are_those_that_it_made_each_with_its_venue() {
    let log_ins = |demo: &Demo| -> Vec<String> {
        let lines = demo.1.lines().skip_while(|line| !line.starts_with("Log-ins")).skip(1);
        lines.take_while(|line| line.starts_with("  ")).map(str::to_owned).collect()
    };
    let data = Data::nowhere();
    let first = demo(&data, free_address());
    let listed = log_ins(&first);
    let says = |email: &str, role: &str| {
        let line = listed.iter().find(|line| line.trim_start().starts_with(email));
        assert!(line.is_some_and(|line| line.ends_with(role)), "{email} {role}: {listed:?}");
    };
    says("admin@demo.localhost", "  runs the house");
    says("contact+bisik@tibillet.re", "  administers Le Bisik");
    says("tournee@nora-vael.example", "  administers Nora Vaël");
    assert_eq!(listed.len(), 5, "{listed:?}");
    drop(first);
    let made = data.told(&["user", "create", "nina@example.org", "--password-stdin"], "a password");
    assert_eq!(made.status, 0, "{}", made.err);
    assert_eq!(log_ins(&demo(&data, free_address())), listed);
}

#[test]
fn every_letter_of_the_demo_can_be_sent() {
    let data = Data::nowhere();
    let _demo = demo(&data, free_address());
    let outbox = look_into(&data.tenant_file("le-bisik"));
    let count = |state: &str| -> i64 {
        let sql = "SELECT count(*) FROM outbox WHERE state = ?1";
        outbox.query_row(sql, [state], |row| row.get(0)).unwrap()
    };
    until("all are sent", || count("waiting") == 0);
    assert!(count("sent") > 0);
    assert_eq!(count("given_up"), 0);
}

#[test]
fn a_demo_is_served_again_with_what_was_done_in_it() {
    let data = Data::nowhere();
    let first = demo(&data, free_address());
    data.ok(&["tenant", "create", "Chez moi"]);
    drop(first);
    let at = free_address();
    let _second = demo(&data, at);
    assert_eq!(Peer::to(at).ask(get("chez-moi.localhost", "/api/here/")).status, 200);
}

#[test]
fn a_demo_whose_address_is_taken_says_how_to_name_another_and_announces_nothing() {
    let data = Data::nowhere();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let done = data.guichet(&["demo", "--listen", &address]);
    let said = done.refused();
    assert!(said.contains(&address) && said.contains("--listen"), "{said}");
    assert_eq!(done.out, "");
    let at = free_address();
    let demo = demo(&data, at);
    assert!(demo.1.contains(&format!("guichet --data {} tenant list", data.path().display())));
    let second = data.guichet(&["demo", "--listen", &free_address().to_string()]);
    assert!(second.refused().contains("is served by another guichet already"), "{}", second.err);
    assert_eq!(second.out, "");
}

#[test]
fn a_demo_that_was_interrupted_is_made_anew() {
    let data = Data::new();
    std::fs::write(data.path().join("demo.txt"), "begun").unwrap();
    let at = free_address();
    let _demo = demo(&data, at);
    let mark = std::fs::metadata(data.path().join("demo.txt")).unwrap();
    assert_eq!(mark.permissions().mode() & 0o777, 0o600, "it holds a key");
    assert_eq!(Peer::to(at).ask(get("le-bisik.localhost", "/api/here/")).status, 200);
}

#[test]
fn a_house_that_is_no_demo_is_not_made_one() {
    let data = Data::new();
    assert!(data.guichet(&["demo"]).refused().contains("is no demo"));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let data = Data::new();
    let mut child = data.command(&["config", "print"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_roomle_key_is_shown_again_and_made_anew() {
    let (data, shop) = Data::with_shop();
    let pair = |args: &[&str]| data.json(args)[0].clone();
    let shown = pair(&["roomle", "key", "show", &shop.slug]);
    assert_eq!(shown["secret"].as_str().unwrap().len(), 16);
    assert_eq!(pair(&["roomle", "key", "show", &shop.slug]), shown);
    let renewed = pair(&["roomle", "key", "create", "--tenant", &shop.slug]);
    assert_ne!(renewed["key"], shown["key"]);
    assert_eq!(pair(&["roomle", "key", "show", &shop.slug]), renewed);
    let application = pair(&["roomle", "key", "create"]);
    assert_eq!(application["tenant"], "");
}

/// The status of an answer to a Roomle client with this key.
fn with_roomle_key(server: &Server, host: &str, key: &str) -> u16 {
    let said = format!("{};anonymous;{key}", guichet::values::Time::now().millis());
    let token = base64::engine::general_purpose::STANDARD.encode(said);
    server
        .ask(format!(
            "GET /v2/tenants/me HTTP/1.1\r\nHost: {host}\r\napiKey: {key}\r\ntoken: 03-{token}\r\n\r\n"
        ))
        .status
}

#[test]
fn roomle_keys_are_listed_without_their_secrets_and_revoked_at_once() {
    let (data, shop) = Data::with_shop();
    let made = data.json(&["roomle", "key", "create"])[0].clone();
    let key = made["key"].as_str().unwrap();
    let own = data.json(&["roomle", "key", "show", &shop.slug])[0].clone();
    let listed = data.ok(&["roomle", "key", "list", "--json"]);
    for secret in [&made["secret"], &own["secret"]] {
        assert!(!listed.contains(secret.as_str().unwrap()), "{listed}");
    }
    let state = |key: &Value| {
        let all = data.json(&["roomle", "key", "list"]);
        let row = all.as_array().unwrap().iter().find(|row| row["key"] == *key).unwrap().clone();
        (row["tenant"].as_str().unwrap().to_owned(), row["state"].as_str().unwrap().to_owned())
    };
    assert_eq!(state(&made["key"]), (String::new(), "active".to_owned()));
    assert_eq!(state(&own["key"]), (shop.slug.clone(), "active".to_owned()));
    let server = data.serve();
    assert_eq!(with_roomle_key(&server, &shop.host, key), 200);
    data.ok(&["roomle", "key", "revoke", key]);
    assert_eq!(with_roomle_key(&server, &shop.host, key), 401);
    assert_eq!(state(&made["key"]).1, "revoked");
    assert!(data.guichet(&["roomle", "key", "revoke", key]).refused().contains("already"));
    assert!(data.guichet(&["roomle", "key", "revoke", "x"]).refused().contains("no key x"));
    data.ok(&["roomle", "key", "revoke", own["key"].as_str().unwrap()]);
    let anew = data.json(&["roomle", "key", "show", &shop.slug])[0]["key"].clone();
    assert_ne!(anew, own["key"]);
    assert_eq!(with_roomle_key(&server, &shop.host, anew.as_str().unwrap()), 200);
}

#[test]
fn a_tenant_is_deleted_and_brought_back() {
    let (data, shop) = Data::with_shop();
    let server = data.serve();
    let state = || data.json(&["tenant", "show", &shop.slug])[0]["state"].clone();
    let said = data.ok(&["tenant", "delete", &shop.slug]);
    assert!(said.contains("tenant restore le-bisik"), "{said}");
    assert_eq!(server.get(&shop.host, "/api/products/").status, 404);
    assert_eq!(state(), "deleted");
    assert!(data.guichet(&["tenant", "enable", &shop.slug]).refused().contains("is deleted"));
    data.ok(&["tenant", "restore", &shop.slug]);
    data.ok(&["tenant", "enable", &shop.slug]);
    assert_eq!(server.get(&shop.host, "/api/products/").status, 200);
    for own in ["root", "meta"] {
        data.guichet(&["tenant", "delete", own]).refused();
    }
}
