//! What tenants have to do by themselves: whose turn it is, and that nothing of it is forgotten.

use crate::process::Data;
use guichet::root::{Errand, Name, Root, Tenant};
use guichet::values::{Slug, Time};

const MINUTE: i64 = 60_000_000;

fn tenant(root: &Root, slug: &str) -> Tenant {
    root.tenant(Name::Slug(&Slug::parse(slug).unwrap())).unwrap().unwrap()
}

fn due(root: &Root, now: Time) -> Vec<String> {
    let due = root.take_due(Errand::Care, now);
    due.iter().map(|(tenant, _)| tenant.entry().slug.to_string()).collect()
}

#[test]
fn who_waits_longest_comes_first() {
    let data = Data::new();
    let (now, slugs) = (Time::now(), ["un", "deux", "trois", "quatre"]);
    slugs.iter().for_each(|slug| drop(data.shop(slug)));
    let root = data.root();
    for (slug, minutes) in slugs.iter().zip([3, 1, 4, 2]) {
        tenant(&root, slug).plan(Errand::Care, Time(now.0 - minutes * MINUTE));
    }
    assert_eq!(due(&root, now), ["trois", "un", "quatre", "deux"]);
    assert_eq!(due(&root, now), [""; 0], "each is told once");
}

#[test]
fn an_errand_that_came_while_the_doors_were_closed_is_done_once_they_are_open() {
    let data = Data::new();
    data.shop("un");
    let (root, now) = (data.root(), Time::now());
    let (slug, console) = (Slug::parse("un").unwrap(), root.console());
    let survey = || root.survey_errands(|_| Ok(vec![(Errand::Care, now)]), &[Errand::Care]);
    survey();
    console.set_active(&slug, false).unwrap();
    assert!(!due(&root, now).contains(&slug.to_string()));
    console.set_active(&slug, true).unwrap();
    assert_eq!(due(&root, now), [""; 0], "nobody has looked yet");
    survey();
    assert_eq!(due(&root, now), ["un"]);
}
