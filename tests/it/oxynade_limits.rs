//! What a document of GraphQL may cost, how it may come, and what it is answered when it is wrong.

use crate::oxynade_graph::{Client, evening};
use crate::process::look_into;
use crate::support::{house, house_with};
use serde_json::{Value, json};

fn body(reply: &crate::support::Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap()
}

#[test]
fn a_document_that_asks_for_too_much_is_refused_before_it_is_run() {
    let house = house();
    let client = Client::bare(&house);
    let deep = format!("{{ countries {}{{ id }}{} }}", "{ id ... ".repeat(30), " }".repeat(30));
    let aliases: String = (0..60).map(|n| format!("a{n}: countries {{ id }} ")).collect();
    let fields = format!("{{ {} }}", "countries { id } ".repeat(1_500));
    let lists = "{ distribution(id: 1) { events(limit: 500) { distributions { events(limit: 500) { title } } } } }";
    let spreads = "{ ...a } fragment a on Query { ...b ...b ...b ...b } fragment b on Query { ...c ...c ...c ...c } \
         fragment c on Query { ...d ...d ...d ...d } fragment d on Query { ...e ...e ...e ...e } \
         fragment e on Query { ...f ...f ...f ...f } fragment f on Query { countries { id } countries { id } }";
    let introspection = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }";
    let long = format!("{{ countries {{ id }} }} #{}", "x".repeat(20_000));
    let bomb: String = (0..17)
        .map(|n| format!("fragment f{n} on Query {{ {} }} ", format!("...f{} ", n + 1).repeat(10)))
        .collect();
    let bomb = format!("{{ ...f0 }} {bomb} fragment f17 on Query {{ ...zz }}");
    for document in
        [&deep, &format!("{{ {aliases} }}"), &fields, lists, spreads, introspection, &long, &bomb]
    {
        assert_eq!(client.code(document), "LIMIT_REACHED", "{}", &document[..60]);
    }
}

#[test]
fn a_list_is_counted_as_long_as_its_variable_makes_it_sent_or_not() {
    let house = house();
    let caller = Client::bare(&house).caller().clone();
    let query = "query Q($n: Int = 500) { distribution(id: 1) { events(limit: $n) { distributions { events(limit: $n) { id } } } } }";
    let code = |body: Value| {
        let reply = caller.post("/graphql", &body);
        let found: Value = serde_json::from_slice(&reply.body).unwrap();
        found["errors"][0]["extensions"]["code"].as_str().map(str::to_owned)
    };
    let refused = Some("LIMIT_REACHED".to_owned());
    assert_eq!(code(json!({ "query": query })), refused);
    assert_eq!(code(json!({ "query": query, "variables": { "n": 400 } })), refused);
    assert_eq!(code(json!({ "query": query, "variables": { "n": 2 } })), None);
    assert_eq!(code(json!({ "query": query.replace("= 500", "= 2") })), None);
}

#[test]
fn lists_that_take_no_limit_are_counted_as_long_as_they_may_be() {
    let house = house_with(&[("graphql_complexity", "20000")]);
    let client = Client::bare(&house);
    for document in [
        "{ distribution(id: 1) { events(limit: 100) { eventGroup { events { id } } } } }",
        "{ operator { permissions { sale { distribution { organizer { distributions { id } } } } } } }",
        "{ ...all } fragment all on Query { operator { ...one } } fragment one on Operator { permissions { configuration { organizer { distributions { id } } } } }",
    ] {
        assert_eq!(client.code(document), "LIMIT_REACHED", "{document}");
    }
    client.ok("{ distribution(id: 1) { events { eventGroup { id title } ticketTypes { translation(langCode: EN) priceDetail { base exclFee } } } } }");
}

#[test]
fn long_texts_are_told_until_an_answer_is_full_of_them() {
    let house = house_with(&[("graphql_aliases", "200")]);
    let venue = house.venue("Bisik");
    let long = json!({
        "name": "Concert", "datetime": "2099-06-01T20:00", "products": [venue.ticket("Billet")],
        "long_description": "é".repeat(50_000),
    });
    venue.staff().post("/api/events/", &long).ok(201);
    let (web, _) = crate::oxynade_graph::channels(&venue);
    let client = Client::bare(&house);
    let told = |times: usize| {
        let all: String = (0..times).map(|n| format!("a{n}: description ")).collect();
        format!("{{ distribution(id: {web}) {{ events {{ {all} }} }} }}")
    };
    assert_eq!(
        client.ok(&told(80))["distribution"]["events"][0]["a79"].as_str().unwrap().len(),
        100_000
    );
    assert_eq!(client.code(&told(90)), "LIMIT_REACHED");
}

#[test]
fn a_cycle_of_fragments_ends() {
    let house = house();
    let reply = Client::bare(&house)
        .send("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }");
    assert!(
        body(&reply)["errors"][0]["message"].is_string() && reply.status < 500,
        "{}",
        reply.text()
    );
}

#[test]
fn the_limits_are_those_of_the_settings() {
    let house = house_with(&[
        ("graphql_aliases", "1"),
        ("graphql_depth", "4"),
        ("graphql_complexity", "300"),
        ("graphql_fields", "16"),
        ("graphql_bytes", "1024"),
    ]);
    let client = Client::bare(&house);
    client.ok("{ a: countries { id } }");
    assert_eq!(client.code("{ a: countries { id } b: countries { id } }"), "LIMIT_REACHED");
    assert_eq!(client.code("{ countries { id code } }"), "LIMIT_REACHED");
    assert_eq!(client.code("{ ...{ ...{ ...{ ...{ __typename } } } } }"), "LIMIT_REACHED");
    assert_eq!(client.code(&format!("{{ {} }}", "__typename ".repeat(17))), "LIMIT_REACHED");
    assert_eq!(client.code(&format!("{{ __typename }} #{}", "x".repeat(1_024))), "LIMIT_REACHED");
}

#[test]
fn a_list_has_fifty_rows_and_five_hundred_at_the_most() {
    let house = house();
    let venue = house.venue("Bisik");
    evening(&venue, 500, 5);
    let (web, _) = crate::oxynade_graph::channels(&venue);
    let client = Client::bare(&house);
    for (arguments, code) in
        [("limit: 501", "VALIDATION"), ("limit: 0", "VALIDATION"), ("offset: -1", "VALIDATION")]
    {
        let document =
            format!("{{ distribution(id: {web}) {{ events({arguments}) {{ title }} }} }}");
        assert_eq!(client.code(&document), code, "{arguments}");
    }
    let past = client.ok(&format!(
        "{{ distribution(id: {web}) {{ events(limit: 500, offset: 1) {{ title }} }} }}"
    ));
    assert_eq!(past["distribution"]["events"], json!([]));
}

#[test]
fn a_query_may_come_by_get_and_a_mutation_may_not() {
    let house = house();
    let caller = Client::bare(&house).caller().clone();
    let found = caller.get("/graphql?query=%7B%20countries(filter%3A%20%7Bcode%3A%20%22FR%22%7D)%20%7B%20id%20name%20%7D%20%7D");
    assert_eq!(body(&found), json!({ "data": { "countries": [{ "id": 250, "name": "France" }] } }));
    let sessions = || -> i64 {
        let root = look_into(&house.dir().join("root.db"));
        root.query_row("SELECT count(*) FROM session", [], |row| row.get(0)).unwrap()
    };
    let before = sessions();
    let changed =
        caller.get("/graphql?query=mutation%20%7B%20createAccessToken%20%7B%20token%20%7D%20%7D");
    assert_eq!(changed.status, 405, "{}", changed.text());
    assert_eq!(sessions(), before);
}

#[test]
fn the_page_that_writes_documents_is_shown_where_the_setting_says_so() {
    for (setting, status) in [("off", 400), ("on", 200)] {
        let house = house_with(&[("graphiql", setting)]);
        assert_eq!(Client::bare(&house).caller().get("/graphql").status, status, "{setting}");
    }
}

#[test]
fn both_paths_answer_and_a_host_of_nobody_does_not() {
    let house = house();
    let caller = Client::bare(&house).caller().clone();
    let ask = json!({ "query": "{ __typename }" });
    for path in ["/graphql", "/api/graphql", "/graphql/"] {
        assert_eq!(
            body(&caller.post(path, &ask)),
            json!({ "data": { "__typename": "Query" } }),
            "{path}"
        );
    }
    assert_eq!(caller.at("nobody.example.net").post("/graphql", &ask).status, 404);
}

#[test]
fn what_cannot_be_read_is_400_and_a_wrong_token_401() {
    let house = house();
    let client = Client::bare(&house);
    let caller = client.caller();
    let send = |body: &str, kind: &str| {
        caller.send("POST", "/graphql", Some(kind), body.as_bytes().to_vec())
    };
    for body in ["", "{", "[]", "{}", r#"{"query": 1}"#, r#"{"query": "{ countries"}"#] {
        assert_eq!(send(body, "application/json").status, 400, "{body}");
    }
    assert_eq!(send("{}", "text/plain").status, 415);
    assert_eq!(client.send("{ nothing }").status, 200);
    assert_eq!(client.code("{ nothing }"), "VALIDATION");
    for header in ["Bearer none", "Bearer", "Basic eDp5"] {
        let wrong = caller
            .with("Authorization", header)
            .post("/graphql", &json!({ "query": "{ __typename }" }));
        assert_eq!(wrong.status, 401, "{header}");
        assert_eq!(body(&wrong)["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    }
}

#[test]
fn log_ins_are_counted_by_address_and_by_name() {
    let said = crate::support::within_a_minute(|| {
        let house = house_with(&[("failures_per_account", "2")]);
        let client = Client::new(&house);
        let wrong = r#"mutation { operatorLogin(email: "ana@example.org", password: "wrong password") { id } }"#;
        [client.code(wrong), client.code(wrong), client.code(wrong)]
    });
    assert_eq!(said, ["UNAUTHENTICATED", "UNAUTHENTICATED", "LIMIT_REACHED"]);
}

#[test]
fn variables_reach_the_fields_that_they_are_for() {
    let house = house();
    let client = Client::bare(&house);
    let ask = json!({
        "query": "query Q($code: String) { countries(filter: { code: $code }) { code isEu currency } }",
        "variables": { "code": "ch" }, "operationName": "Q",
    });
    let found = client.caller().post("/graphql", &ask);
    assert_eq!(
        body(&found),
        json!({ "data": { "countries": [{ "code": "CH", "isEu": false, "currency": "CHF" }] } })
    );
}
