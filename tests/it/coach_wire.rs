//! What the Coach door reads and writes: golden files of every route in JSON, the models in XML, and XML that is no good.

use crate::coach::{code, error, host, host_pair, own, program, showing};
use crate::golden::Golden;
use crate::support::{Caller, Reply, Venue, house, text};
use guichet::root::license::License;
use serde_json::{Value, json};

/// The sample pair of the contract.
fn sample() -> (String, String) {
    let secret = "wx6GiQggg9YRH89XT5aKoY2qZLVquYjxARtgZhuGoFQX5w6Lws";
    ("ddZXdAZvWefFqxAEH62u".to_owned(), secret.to_owned())
}

/// A program with the sample pair, so that answers are the same each time.
fn known(venue: &Venue<'_>) -> Caller {
    let (key, secret) = sample();
    let body = json!({ "id": venue.id(), "apiKey": key, "apiSecret": secret });
    program(venue).put(&own(venue), &body).ok(200);
    showing(venue, &sample())
}

fn id(reply: &Reply) -> String {
    text(&reply.json(), "id").to_owned()
}

#[test]
fn every_route_answers_as_its_golden_file() {
    let house = house();
    let venue = house.venue("Bisik");
    let mut golden = Golden::of("coach");
    let (caller, host, path) = (known(&venue), host(&venue), own(&venue));
    let base = format!("/api/v1/{}", code(&venue));
    let over = |verb: &str| caller.with("X-HTTP-Method-Override", verb);
    let at = |rest: &str| format!("{base}/{rest}");
    golden.check("tenant-get", &caller.get(&path));
    golden.check("tenant-get-nobody", &venue.anyone().get(&path));
    golden.check("tenant-get-unknown", &caller.get("/api/v1/9999/tenants/9999"));
    let body = json!({ "id": venue.id(), "customerId": "C", "customerCode": "K", "phone": null });
    golden.check("tenant-put", &caller.put(&path, &body));
    golden.check("tenant-put-wrong", &caller.put(&path, &json!({ "id": venue.id(), "name": "" })));
    golden.check("tenant-post", &over("UPDATE").post(&path, &body));
    golden.check("tenant-post-plain", &caller.post(&path, &body));
    let license = License { customer: "C".into(), code: "K".into(), expires: None, total: 25 };
    house.console().add_license(&license).unwrap();
    golden.check("license-get", &caller.get(&at("license")));
    let unit = caller.post(&at("units"), &json!({ "name": "Salle" }));
    golden.check("units-post", &unit);
    let unit = id(&unit);
    let user = json!({ "username": "ana", "firstName": "Ana", "email": "ana@example.org", "managedUnits": [unit],
        "dateOfBirth": "1985-03-01" });
    let user = caller.post(&at("users"), &user);
    golden.check("users-post", &user);
    let user = id(&user);
    let team = json!({ "name": "Bar", "unitId": unit, "members": [user], "showScore": true });
    let team = caller.post(&at("teams"), &team);
    golden.check("teams-post", &team);
    let team = id(&team);
    for (what, one, id) in
        [("users", "user", &user), ("units", "unit", &unit), ("teams", "team", &team)]
    {
        let path = at(&format!("{what}/{id}"));
        let change = json!({ "name": "Autre", "username": "autre" });
        golden.check(&format!("{what}-get"), &caller.get(&at(what)));
        golden.check(&format!("{one}-get"), &caller.get(&path));
        let nil = at(&format!("{what}/00000000-0000-0000-0000-000000000000"));
        golden.check(&format!("{one}-get-new"), &caller.get(&nil));
        golden.check(&format!("{one}-put"), &caller.put(&path, &change));
        golden.check(&format!("{one}-post"), &over("UPDATE").post(&path, &change));
    }
    golden.check("tree-get", &caller.get(&at("tree")));
    for (one, what, id) in
        [("team", "teams", &team), ("user", "users", &user), ("unit", "units", &unit)]
    {
        golden.check(&format!("{one}-delete"), &caller.delete(&at(&format!("{what}/{id}"))));
    }
    golden.check("tenants-get", &host.get("/api/v1/1000/tenants"));
    golden.check("tenant-delete", &host.delete(&format!("/api/v1/1000/tenants/{}", code(&venue))));
    let made =
        host.at(&house.meta().host).post("/api/v1/1000/tenants", &json!({ "name": "Ancre" }));
    // A new pair is another each time.
    let mut steady = made;
    let mut json = steady.json();
    for secret in ["apiKey", "apiSecret"] {
        json[secret] = Value::from("new");
    }
    steady.body = json.to_string().into_bytes();
    golden.check("tenants-post", &steady);
    golden.close();
}

#[test]
fn xml_goes_in_and_comes_out_as_its_golden_files() {
    let house = house();
    let venue = house.venue("Bisik & Cie");
    let mut golden = Golden::of("coach_xml");
    let caller = known(&venue);
    let base = format!("/api/v1/{}", code(&venue));
    let send = |verb: &str, rest: &str, body: &str| {
        caller.send(
            verb,
            &format!("{base}/{rest}"),
            Some("application/xml"),
            body.as_bytes().to_vec(),
        )
    };
    let tenant = format!("tenants/{}", code(&venue));
    golden.check("tenant-get", &send("GET", &tenant, ""));
    let body = format!(
        r#"<?xml version="1.0" encoding="utf-8"?><Tenant xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
        <Id>{}</Id><Name>Le &lt;Bisik&gt; &amp; fils</Name><Phone xsi:nil="true" />
        <MainContact><![CDATA[Nina <n>]]></MainContact></Tenant>"#,
        venue.id()
    );
    golden.check("tenant-put", &send("PUT", &tenant, &body));
    let over = caller.with("X-HTTP-Method-Override", "UPDATE");
    let path = format!("{base}/{tenant}");
    golden.check(
        "tenant-post",
        &over.send("POST", &path, Some("application/xml"), body.into_bytes()),
    );
    golden.check("tenant-put-wrong", &send("PUT", &tenant, "<Tenant><Name>x</Name></Tenant>"));
    let part = |reply: &Reply| {
        let text = reply.text();
        text.split(['<', '>']).skip_while(|part| *part != "Id").nth(1).unwrap().to_owned()
    };
    let user = send("POST", "users", "<User><Username>ana</Username></User>");
    golden.check("users-post", &user);
    let user = part(&user);
    let unit = format!("<Unit><Name>Salle</Name><Managers><guid>{user}</guid></Managers></Unit>");
    let unit = send("POST", "units", &unit);
    golden.check("units-post", &unit);
    let unit = part(&unit);
    let team = format!(
        "<Team><Name>Bar</Name><UnitId>{unit}</UnitId><Members><guid>{user}</guid></Members></Team>"
    );
    golden.check("teams-post", &send("POST", "teams", &team));
    for what in ["users", "units", "teams", "tree"] {
        golden.check(&format!("{what}-get"), &send("GET", what, ""));
    }
    golden.check("user-get", &send("GET", &format!("users/{user}"), ""));
    golden.check("user-delete", &send("DELETE", &format!("users/{user}"), ""));
    let list = host(&venue).send("GET", "/api/v1/1000/tenants", Some("application/xml"), vec![]);
    golden.check("tenants-get", &list);
    golden.close();
}

#[test]
fn xml_that_could_grow_or_reach_out_is_refused_and_changes_nothing() {
    let house = house();
    let venue = house.venue("Bisik");
    let (program, path) = (program(&venue), own(&venue));
    let before = program.get(&path).ok(200);
    let laughs =
        (1..9).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10)));
    let laughs: String = laughs.collect();
    let whole = |name: &str| format!("<Tenant><Id>{}</Id><Name>{name}</Name></Tenant>", venue.id());
    let deep = format!("{}x{}", "<a>".repeat(10_000), "</a>".repeat(10_000));
    let wide = format!("<Tenant>{}</Tenant>", "<a>x</a>".repeat(60_000));
    for body in [
        format!("<!DOCTYPE t [<!ENTITY l0 \"lol\">{laughs}]>{}", whole("&l8;")),
        format!("<!DOCTYPE t [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{}", whole("&x;")),
        format!("<!DOCTYPE t SYSTEM \"http://127.0.0.1:1/x.dtd\">{}", whole("Intrus")),
        whole("&undefined;"),
        whole(&format!("&{};", "a".repeat(100_000))),
        whole(&format!("</{}>", "a".repeat(100_000))),
        whole("&#0;"),
        format!("<?xml-stylesheet href=\"x\"?>{}", whole("Intrus")),
        format!("{}{}", whole("Intrus"), whole("Intrus")),
        whole("Intrus").replace("</Name>", ""),
        deep,
        wide,
        "<Tenant".to_owned(),
        "\u{0}".to_owned(),
    ] {
        let short: String = body.chars().take(60).collect();
        let reply = program.send("PUT", &path, Some("application/xml"), body.into_bytes());
        assert_eq!(reply.status, 400, "{short}: {}", reply.text());
        assert!(reply.text().contains("<HttpStatusCode>400"), "{}", reply.text());
        assert!(!reply.text().contains("root:") && reply.body.len() < 1_500, "{}", reply.text());
    }
    let reply = program.send("PUT", &path, Some("application/xml"), vec![0xff, 0xfe, 0x3c, 0x00]);
    assert_eq!(reply.status, 400);
    assert_eq!(program.get(&path).ok(200), before);
}

#[test]
fn json_of_a_wrong_shape_is_refused_and_changes_nothing() {
    let house = house();
    let venue = house.venue("Bisik");
    let (program, path, id) = (program(&venue), own(&venue), venue.id());
    let before = program.get(&path).ok(200);
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    for body in ["{", "[]", "null", "1", deep.as_str()] {
        let reply = program.send("PUT", &path, Some("application/json"), body.as_bytes().to_vec());
        error(reply, 400, "Malformed Body");
    }
    for (field, value) in [
        ("name", json!({})),
        ("name", json!("a\u{0}b")),
        ("isActive", json!(3)),
        ("email", json!("no address")),
        ("apiSecret", json!([])),
    ] {
        let reply = program.put(&path, &json!({ "id": id, field: value }));
        error(reply, 400, "Incorrect Value");
    }
    assert_eq!(program.get(&path).ok(200), before);
}

/// Values that no field is made for, and some that one is.
fn odd_values() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("x"),
        json!("é".repeat(70_000)),
        json!("\u{202e}\u{fffe}\u{1}"),
        json!([]),
        json!({ "a": [1] }),
        json!([null]),
        json!(["x", 1]),
        json!("00000000-0000-0000-0000-000000000000"),
        json!(["00000000-0000-0000-0000-000000000000"]),
        json!("9999-12-31T23:59:59.9999999Z"),
        json!("-009999-01-01"),
        json!("2020-02-30"),
    ]
}

#[test]
fn no_value_of_any_field_makes_the_door_fail() {
    let house = house();
    let venue = house.venue("Bisik");
    let (caller, base) = (host(&venue), format!("/api/v1/{}", code(&venue)));
    let make = |what: &str, body: Value| id(&caller.post(&format!("{base}/{what}"), &body));
    let unit = make("units", json!({ "name": "Salle" }));
    let user = make("users", json!({ "username": "ana" }));
    let team = make("teams", json!({ "name": "Bar", "unitId": unit }));
    let mut asked = 0;
    for route in guichet::doors::coach::DOOR.all_routes() {
        let own = match route.name {
            "coach_user" => &user,
            "coach_unit" => &unit,
            _ => &team,
        };
        let code = code(&venue).to_string();
        let path = route.path.replace("{code}", &code).replace("{tenant}", &code);
        let path = path.replace("{id}", own);
        for method in route.methods.iter().filter(|method| method.verb != "GET") {
            for field in method.input.into_iter().flatten() {
                for value in odd_values() {
                    let mut body = json!({ "name": "n", "username": "u", "unitId": unit });
                    if route.name == "coach_tenant" {
                        body["id"] = Value::from(venue.id());
                    }
                    body[field.name] = value;
                    let caller = caller.with("X-HTTP-Method-Override", "PUT");
                    let reply = caller.json(method.verb, &path, &body);
                    assert!(reply.status < 500, "{} {body}: {}", reply.asked, reply.text());
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 1_000, "{asked}");
}

#[test]
fn no_secret_stands_in_an_error_or_in_a_list() {
    let house = house();
    let venue = house.venue("Bisik");
    let (own_pair, host_pair) = (crate::coach::pair(&house, &venue.slug), host_pair(&house));
    let base = format!("/api/v1/{}", code(&venue));
    let answers = [
        host(&venue).get("/api/v1/1000/tenants"),
        program(&venue).get("/api/v1/1000/tenants"),
        program(&venue).get(&format!("{base}/users")),
        program(&venue).get(&format!("{base}/tree")),
        program(&venue).put(&own(&venue), &json!({ "apiSecret": own_pair.1 })),
        showing(&venue, &(own_pair.0.clone(), host_pair.1.clone())).get(&own(&venue)),
    ];
    for answer in answers {
        for secret in [&own_pair.1, &host_pair.1, &host_pair.0] {
            assert!(
                !answer.text().contains(secret.as_str()),
                "{}: {}",
                answer.asked,
                answer.text()
            );
        }
    }
}
