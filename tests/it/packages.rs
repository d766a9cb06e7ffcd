//! Packages and the codes that give them, from the command line.

use crate::process::Data;

#[test]
fn a_package_is_given_listed_and_taken_away() {
    let (data, shop) = Data::with_shop();
    let out = data.ok(&["package", "add", &shop.slug, "basic", "--days", "30"]);
    assert!(out.contains("tenant_basic"), "{out}");
    data.ok(&["package", "add", "meta", "tenant_enterprise"]);
    let all = data.json(&["package", "list"]);
    assert_eq!(all.as_array().unwrap().len(), 2);
    let own = data.json(&["package", "list", &shop.slug]);
    assert_eq!((&own[0]["package"], &own[0]["from_code"]), (&"tenant_basic".into(), &false.into()));
    let id = own[0]["id"].as_str().unwrap();
    data.ok(&["package", "remove", id]);
    assert_eq!(data.json(&["package", "list", &shop.slug]).as_array().unwrap().len(), 0);
    assert!(data.guichet(&["package", "remove", id]).refused().contains("no such package"));
    for args in [
        &["package", "add", "nobody", "basic"][..],
        &["package", "add", &shop.slug, "free"],
        &["package", "add", &shop.slug, "gold"],
        &["package", "remove", "x"],
    ] {
        data.guichet(args).refused();
    }
}

#[test]
fn a_code_is_made_listed_and_disabled() {
    let data = Data::new();
    let made =
        ["promo", "create", "WELCOME", "--package", "premium", "--days", "90", "--uses", "5"];
    assert!(data.ok(&made).contains("WELCOME"));
    let listed = data.json(&["promo", "list"]);
    assert_eq!((&listed[0]["code"], &listed[0]["uses"]), (&"WELCOME".into(), &5.into()));
    assert_eq!((&listed[0]["active"], &listed[0]["used"]), (&true.into(), &0.into()));
    assert!(data.guichet(&["promo", "create", "welcome"]).refused().contains("is there already"));
    data.ok(&["promo", "disable", "welcome"]);
    assert_eq!(data.json(&["promo", "list"])[0]["active"], false);
    for args in [
        &["promo", "create", "no spaces"][..],
        &["promo", "create", "A", "--package", "gold"],
        &["promo", "create", "A", "--from", "tomorrow"],
        &[
            "promo",
            "create",
            "A",
            "--from",
            "2027-01-02T00:00:00Z",
            "--until",
            "2027-01-01T00:00:00Z",
        ],
        &["promo", "create", "A", "--uses", "0"],
        &["promo", "disable", "nothing"],
    ] {
        data.guichet(args).refused();
    }
}
