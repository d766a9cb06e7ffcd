//! One file under many hands: writes in groups, each whole or not at all; readers that see one moment.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use crate::process::{Data, until};
use guichet::error::Error;
use guichet::root::{By, Read, Root, Tenant, Write};
use guichet::trade::price::{self, Period, Vat};
use guichet::trade::{option, place};
use guichet::values::id::ProductId;
use guichet::values::{Money, Slug};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

fn open(root: &Root, slug: &str) -> Tenant {
    root.console().open(&Slug::parse(slug).unwrap()).unwrap()
}

fn bisik(root: &Root) -> Tenant {
    open(root, "le-bisik")
}

fn add(tx: &Write, name: &str) -> Result<(), Error> {
    option::create(tx, name, None, u64::MAX).map(drop)
}

fn names(tx: &Read) -> Result<Vec<String>, Error> {
    tx.all("SELECT name FROM option ORDER BY name", [], |row| row.get(0))
}

/// Runs `write` on `count` threads, none before all stand in line, so that they commit together.
fn together(root: &Root, tenant: &Tenant, count: u64, write: impl Fn(u64) + Sync) {
    std::thread::scope(|scope| {
        let held = tenant.write(By::House, |_| {
            for n in 0..count {
                let write = &write;
                scope.spawn(move || write(n));
            }
            until("all stand in line", || root.figures().waiting.load(SeqCst) >= count);
            Ok(())
        });
        held.unwrap();
    });
}

#[test]
fn every_write_that_was_acknowledged_is_there_after_reopening() {
    let (data, _) = Data::with_shop();
    let root = data.root();
    let tenant = bisik(&root);
    std::thread::scope(|scope| {
        for thread in 0..32 {
            let tenant = &tenant;
            scope.spawn(move || {
                for turn in 0..8 {
                    tenant.write(By::House, |tx| add(tx, &format!("{thread}-{turn}"))).unwrap();
                }
            });
        }
    });
    drop((tenant, root));
    assert_eq!(bisik(&data.root()).read(names).unwrap().len(), 32 * 8);
    data.assert_whole();
}

#[test]
fn writes_that_wait_are_committed_together() {
    let (data, _) = Data::with_shop();
    let root = data.root();
    let tenant = bisik(&root);
    let commits = || root.figures().commits.load(SeqCst);
    let before = commits();
    together(&root, &tenant, 48, |n| {
        tenant.write(By::House, |tx| add(tx, &n.to_string())).unwrap();
    });
    assert_eq!(tenant.read(names).unwrap().len(), 48);
    // How many a batch takes in its time depends on the machine.
    assert!(commits() - before < 48, "{} commits for 49 writes", commits() - before);
}

#[test]
fn an_error_and_a_panic_undo_exactly_their_own_work() {
    let (data, _) = Data::with_shop();
    let root = data.root();
    let tenant = bisik(&root);
    together(&root, &tenant, 30, |n| {
        let write = || {
            tenant.write(By::House, |tx| {
                add(tx, &format!("{n:02}"))?;
                match n % 3 {
                    0 => Ok(()),
                    1 => Err(Error::Forbidden),
                    _ => resume_unwind(Box::new("out of my hands")),
                }
            })
        };
        match (n % 3, catch_unwind(AssertUnwindSafe(write))) {
            (0, Ok(Ok(()))) | (1, Ok(Err(Error::Forbidden))) | (2, Err(_)) => {}
            (kind, outcome) => panic!("{kind}: {:?}", outcome.map_err(|_| "panic")),
        }
    });
    let kept: Vec<String> = (0..30).step_by(3).map(|n| format!("{n:02}")).collect();
    assert_eq!(tenant.read(names).unwrap(), kept);
}

#[test]
fn a_statement_that_fails_leaves_the_rest_of_its_closure_standing() {
    let (data, _) = Data::with_shop();
    let tenant = bisik(&data.root());
    let written = tenant.write(By::House, |tx| {
        add(tx, "a")?;
        assert!(add(tx, "a").is_err());
        add(tx, "b")
    });
    written.unwrap();
    assert_eq!(tenant.read(names).unwrap(), ["a", "b"]);
}

#[test]
fn a_write_inside_a_write_is_refused_and_does_no_harm() {
    let (data, _) = Data::with_shop();
    let tenant = bisik(&data.root());
    let inner = tenant.write(By::House, |tx| {
        add(tx, "outer")?;
        Ok(tenant.write(By::House, |tx| add(tx, "inner")))
    });
    let text = inner.unwrap().unwrap_err().to_string();
    assert!(text.contains("a write inside a write"), "{text}");
    tenant.write(By::House, |tx| add(tx, "later")).unwrap();
    assert_eq!(tenant.read(names).unwrap(), ["later", "outer"]);
}

#[test]
fn a_stock_that_64_threads_take_from_ends_exact() {
    let (data, shop) = Data::with_shop();
    let tenant = bisik(&data.root());
    let new = price::New {
        product: ProductId(shop.product.parse().unwrap()),
        name: "Plein tarif".into(),
        short_description: None,
        long_description: None,
        amount: Money(1_000),
        free_amount: false,
        vat: Vat::None,
        stock: Some(500),
        max_per_user: 10,
        period: Period::None,
        membership: None,
    };
    let price = tenant.write(By::House, |tx| price::create(tx, &new, u64::MAX)).unwrap();
    let (taken, start) = (AtomicU32::new(0), Barrier::new(64));
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                start.wait();
                for _ in 0..10 {
                    let sql = "UPDATE price SET stock = stock - 1 WHERE id = ?1 AND stock > 0";
                    let sold = tenant.write(By::Visitor, |tx| tx.run(sql, [price.id])).unwrap();
                    taken.fetch_add(u32::try_from(sold).unwrap(), SeqCst);
                }
            });
        }
    });
    assert_eq!(taken.load(SeqCst), 500);
    assert_eq!(tenant.read(|tx| price::get(tx, price.id)).unwrap().stock, Some(0));
}

#[test]
fn what_another_process_writes_is_noticed() {
    let (data, _) = Data::with_shop();
    let here = data.root();
    here.notice().unwrap();
    let (stamp, slug) = (bisik(&here).stamp(), Slug::parse("chez-moi").unwrap());
    let name = guichet::root::Name::Slug(&slug);
    data.ok(&["tenant", "create", "Chez moi"]);
    assert!(here.tenant(name).unwrap().is_none());
    assert!(stamp.holds());
    here.notice().unwrap();
    assert!(here.tenant(name).unwrap().is_some());
    assert!(!stamp.holds());
}

#[test]
fn nothing_is_noticed_where_nothing_was_written() {
    let (data, _) = Data::with_shop();
    let here = data.root();
    here.notice().unwrap();
    let tenant = bisik(&here);
    let stamp = tenant.stamp();
    tenant.read(names).unwrap();
    for _ in 0..3 {
        here.notice().unwrap();
    }
    assert!(stamp.holds());
}

#[test]
fn a_reader_sees_one_moment_whatever_is_written_meanwhile() {
    let (data, _) = Data::with_shop();
    let tenant = bisik(&data.root());
    let seen = tenant.read(|tx| {
        let before = names(tx)?;
        std::thread::scope(|scope| {
            scope.spawn(|| tenant.write(By::House, |tx| add(tx, "new")).unwrap());
        });
        Ok((before, names(tx)?))
    });
    assert_eq!(seen.unwrap(), (vec![], vec![]));
    assert_eq!(tenant.read(names).unwrap(), ["new"]);
}

#[test]
fn a_stamp_holds_until_something_is_committed() {
    let (data, _) = Data::with_shop();
    let tenant = bisik(&data.root());
    let stamp = tenant.stamp();
    tenant.read(names).unwrap();
    assert!(stamp.holds());
    tenant.write(By::House, |tx| add(tx, "new")).unwrap();
    assert!(!stamp.holds());
}

#[test]
fn a_stamp_of_one_tenant_holds_when_another_one_changes() {
    let (data, _) = Data::with_shop();
    data.shop("Ailleurs");
    let root = data.root();
    let stamp = bisik(&root).stamp();
    open(&root, "ailleurs").write(By::House, |tx| add(tx, "new")).unwrap();
    assert!(stamp.holds());
}

#[test]
fn a_stamp_ends_with_a_write_though_the_file_was_closed_between() {
    let (data, _) = Data::with_shop();
    data.shop("Ailleurs");
    let options = guichet::root::Options { tenants_open: 1, ..guichet::root::Options::default() };
    let root = Root::open(&data.path(), options).unwrap();
    let stamp = bisik(&root).stamp();
    open(&root, "ailleurs").read(names).unwrap();
    bisik(&root).write(By::House, |tx| add(tx, "new")).unwrap();
    assert!(!stamp.holds());
}

#[test]
fn a_reader_cannot_change_anything() {
    let (data, _) = Data::with_shop();
    let tenant = bisik(&data.root());
    for sql in [
        "DELETE FROM place RETURNING 1",
        "UPDATE place SET label = 'x' RETURNING 1",
        "CREATE TABLE t (x)",
    ] {
        let error = tenant.read(|tx| tx.exists(sql, [])).unwrap_err().to_string();
        assert!(error.contains("readonly"), "{error}");
    }
    assert_eq!(tenant.read(place::get).unwrap().label, "Le Bisik");
}

#[test]
fn no_other_file_can_be_reached_from_a_tenants() {
    let (data, _) = Data::with_shop();
    let tenant = bisik(&data.root());
    let root = data.path().join("root.db");
    let sql = format!("ATTACH DATABASE '{}' AS other", root.display());
    let reader = tenant.read(|tx| tx.exists(&sql, []));
    let writer = tenant.write(By::House, |tx| tx.run(&sql, []));
    for error in [reader.unwrap_err(), writer.unwrap_err()] {
        assert!(error.to_string().contains("too many attached databases"), "{error}");
    }
}

#[test]
fn the_directory_says_what_the_file_says_however_many_change_it() {
    let (data, _) = Data::with_shop();
    let root = data.root();
    let tenant = bisik(&root);
    for round in 0..20 {
        std::thread::scope(|scope| {
            for n in 0..8 {
                let tenant = &tenant;
                scope.spawn(move || {
                    let label = format!("{round}-{n}");
                    tenant
                        .publish(By::House, place::published, |tx| place::relabel(tx, &label))
                        .unwrap();
                });
            }
        });
        let published = root.directory().find(tenant.entry().id).unwrap().unwrap();
        assert_eq!(published.profile.label, tenant.read(place::get).unwrap().label);
    }
}
