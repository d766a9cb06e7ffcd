//! Exports and closings: they add up with what was sold, to the cent, and a spreadsheet takes nothing in them for a
//! formula.

use crate::support::{Reply, Venue, house, text};
use guichet::root::By;
use guichet::values::Time;
use guichet::values::id::OrderId;
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::{Command, Stdio};

/// The totals of the closings of some days, in cents by means: received, returned, owed. The payments report says the same.
pub(crate) fn closed(venue: &Venue<'_>, from: &str, to: &str) -> Vec<(String, [i64; 3])> {
    let days = format!("from={from}&to={to}");
    let told = venue.staff().get(&format!("/api/closings/?{days}")).ok(200);
    let payments = rows(venue, "payments", &days, "means,received,returned,owed");
    let names = [("cash", "Espèces"), ("cheque", "Chèque"), ("transfer", "Virement")];
    let names =
        [("terminal", "Terminal de paiement"), ("stripe", "Stripe")].into_iter().chain(names);
    let mut means = vec![];
    for one in told["total"]["means"].as_array().unwrap() {
        let sums = ["received", "returned", "owed"].map(|name| minor(&one[name]));
        let (letters, word) = names.clone().find(|(letters, _)| one["means"] == *letters).unwrap();
        let by: Vec<_> = payments.iter().filter(|row| row[0] == word).cloned().collect();
        assert_eq!([sum(&by, 1), sum(&by, 2), sum(&by, 3)], sums, "{letters} {days}");
        means.push((letters.to_owned(), sums));
    }
    for (column, name) in [(1, "received"), (2, "returned"), (3, "owed")] {
        assert_eq!(sum(&payments, column), minor(&told["total"][name]), "{name} {days}");
    }
    means
}

/// Long enough for all that a test sells today.
pub(crate) fn today() -> String {
    let day = |days: i64| Time(Time::now().0 + days * 86_400_000_000).to_string()[..10].to_owned();
    format!("from={}&to={}", day(-2), day(3))
}

/// The rows of a file with `;`, each by the names of its columns, which are asked for.
fn rows(venue: &Venue<'_>, report: &str, days: &str, columns: &str) -> Vec<Vec<String>> {
    let path = format!("/api/exports/{report}/?{days}&columns={columns}&bom=false");
    let reply = venue.staff().get(&path).is(200);
    let mut rows = read(&reply.text());
    assert_eq!(rows.remove(0).len(), columns.split(',').count());
    rows
}

/// Reads what RFC 4180 says, with semicolons.
fn read(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (vec![], vec![], String::new(), false);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if quoted && rest.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' => quoted = !quoted,
            c if quoted => cell.push(c),
            ';' => row.push(std::mem::take(&mut cell)),
            '\r' => assert_eq!(rest.peek(), Some(&'\n')),
            '\n' => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    assert!(!quoted && row.is_empty());
    rows
}

/// Cents of `12,50`.
fn cents(text: &str) -> i64 {
    assert_eq!(text.rfind(','), text.len().checked_sub(3), "{text}");
    text.replace(',', "").parse().unwrap()
}

fn sum(rows: &[Vec<String>], column: usize) -> i64 {
    rows.iter().map(|row| cents(&row[column])).sum()
}

/// Cents of a JSON number.
fn minor(value: &Value) -> i64 {
    let text = value.to_string();
    let (major, part) = text.split_once('.').unwrap();
    format!("{major}{part:0<2}").parse().unwrap()
}

fn number(venue: &Venue<'_>, sql: &str) -> i64 {
    venue.tenant().read(|tx| tx.one(sql, [], |row| row.get(0))).unwrap()
}

fn run(venue: &Venue<'_>, sql: &str) {
    venue.tenant().write(By::House, |tx| tx.run(sql, [])).unwrap();
}

fn order(booked: &Value, what: &str) -> String {
    format!("/api/orders/{}/{what}/", text(&booked["order"], "uuid"))
}

/// An order of one line that was settled and paid in cash at this moment.
pub(crate) fn sold_at(venue: &Venue<'_>, price: &str, at: &str, cents: i64) {
    let (at, id) = (Time::parse(at).unwrap().0, OrderId::new().to_string().replace('-', ""));
    let price = price.replace('-', "");
    let settled = format!(
        "INSERT INTO orders (id, account, email, state, currency, total, vat, expires, placed, settled)
         VALUES (unhex('{id}'), randomblob(16), 'ana@example.org', 'paid', 'EUR', {cents}, 0, {at}, {at}, {at})"
    );
    let line = format!(
        "INSERT INTO line (id, orders, account, product, price, category, product_name, price_name, quantity, unit,
            vat_rate, vat, total, period)
         SELECT randomblob(16), unhex('{id}'), randomblob(16), product, id, 'M', 'Affiche', name, 1, {cents}, 0, 0,
            {cents}, 'N' FROM price WHERE id = unhex('{price}')"
    );
    let paid = format!(
        "INSERT INTO payment (id, orders, means, amount, actor, created)
         VALUES (randomblob(16), unhex('{id}'), 'cash', {cents}, 'house', {at})"
    );
    let all = [settled, line, paid];
    let written = venue
        .tenant()
        .write(By::House, |tx| all.iter().try_for_each(|sql| tx.run(sql, []).map(drop)));
    written.unwrap();
}

/// Sells, takes deposits and gives back in every way there is, at three rates and by three means.
fn busy_evening(venue: &Venue<'_>) {
    let ticket = venue.ticket("Concert");
    let prices = [("Plein", 1_250, "DX"), ("Réduit", 333, "VG"), ("Soutien", 2_001, "HC")];
    let prices = prices.map(|(name, cents, vat)| {
        let price = venue.price(&ticket, name, cents);
        venue.staff().patch(&format!("/api/prices/{price}/"), &json!({ "vat": vat })).ok(200);
        price
    });
    let event = venue.event("Jam", &[&ticket], 500);
    let book = |email: &str, places: [usize; 3]| {
        let line = |(price, places): (&String, usize)| json!({ "uuid": price, "qty": places, "customers": vec![json!({ "first_name": "A", "last_name": "B" }); places] });
        let chosen = prices.iter().zip(places).filter(|(_, places)| *places > 0);
        let body = json!({
            "email": email, "event": event, "options": [], "prices": chosen.map(line).collect::<Vec<_>>(),
        });
        venue.anyone().post("/api/reservations/", &body).ok(201)
    };
    let pay =
        |booked: &Value, body: Value| venue.staff().post(&order(booked, "payments"), &body).ok(201);
    let back =
        |booked: &Value, body: Value| venue.staff().post(&order(booked, "refund"), &body).ok(200);
    let kept = book("a@example.org", [2, 3, 1]);
    pay(&kept, json!({ "means": "cash", "amount": 10 }));
    pay(&kept, json!({ "means": "cheque", "reference": "n° 5" }));
    let half = book("b@example.org", [1, 3, 2]);
    pay(&half, json!({ "means": "terminal" }));
    for ticket in half["reservation"]["tickets"].as_array().unwrap().iter().take(4) {
        back(&half, json!({ "tickets": [ticket], "means": "cash" }));
    }
    let all = book("c@example.org", [3, 1, 3]);
    pay(&all, json!({ "means": "cash" }));
    back(&all, json!({ "tickets": [all["reservation"]["tickets"][0]], "means": "cash" }));
    back(&all, json!({}));
    let cancelled = book("d@example.org", [1, 1, 1]);
    pay(&cancelled, json!({ "means": "cash", "amount": 5 }));
    back(&cancelled, json!({ "means": "transfer" }));
    let expired = book("e@example.org", [4, 0, 0]);
    pay(&expired, json!({ "means": "cheque", "amount": 7 }));
    run(venue, "UPDATE orders SET expires = 0 WHERE state = 'held'");
    let deposit = book("f@example.org", [0, 2, 0]);
    pay(&deposit, json!({ "means": "cash", "amount": "1.11" }));
    book("g@example.org", [0, 0, 1]);
}

#[test]
fn the_sales_are_the_lines_of_the_orders_that_were_settled() {
    let house = house();
    let venue = house.venue("Bisik");
    busy_evening(&venue);
    let sales = rows(&venue, "sales", &today(), "base,vat,total,quantity,returned,price,event");
    assert_eq!(sales.len(), 9);
    let settled = "FROM orders WHERE state IN ('paid', 'refunded')";
    let total = number(&venue, &format!("SELECT sum(total) {settled}"));
    let vat = number(&venue, &format!("SELECT sum(vat) {settled}"));
    assert_eq!((sum(&sales, 2), sum(&sales, 1), sum(&sales, 0)), (total, vat, total - vat));
    assert!(sales.iter().all(|sale| sale[6] == "Jam"));
    let pieces = |column: usize| {
        sales.iter().map(|sale| sale[column].parse::<usize>().unwrap()).sum::<usize>()
    };
    assert_eq!((pieces(3), pieces(4)), (19, 11));
    let tickets = rows(&venue, "tickets", &today(), "number,state,unit,last_name");
    assert_eq!(tickets.len(), 19);
    assert_eq!(tickets.iter().filter(|ticket| ticket[1] == "Rendu").count(), 11);
    assert_eq!(sum(&tickets, 2), total);
}

#[test]
fn closings_add_up_with_the_payments_and_the_payments_with_what_was_sold() {
    let house = house();
    let venue = house.venue("Bisik");
    busy_evening(&venue);
    let payments =
        rows(&venue, "payments", &today(), "means,received,returned,owed,kind,credit_note");
    let closings = venue.staff().get(&format!("/api/closings/?{}", today())).ok(200);
    let total = &closings["total"];
    for (column, name) in [(1, "received"), (2, "returned"), (3, "owed")] {
        assert_eq!(sum(&payments, column), minor(&total[name]), "{name}");
        let days: i64 =
            closings["days"].as_array().unwrap().iter().map(|day| minor(&day[name])).sum();
        assert_eq!(days, minor(&total[name]), "{name}");
    }
    for (word, means) in
        [("Espèces", "cash"), ("Chèque", "cheque"), ("Terminal de paiement", "terminal")]
    {
        let by = payments.iter().filter(|row| row[0] == word).cloned().collect::<Vec<_>>();
        let told =
            total["means"].as_array().unwrap().iter().find(|one| one["means"] == means).unwrap();
        assert_eq!(sum(&by, 1) - sum(&by, 2), minor(&told["net"]), "{means}");
        assert_eq!(sum(&by, 3), minor(&told["owed"]), "{means}");
    }
    assert_eq!(total["orders"], 3);
    // What came in and does not go back is what is sold and kept, and what was paid towards orders that are still held.
    let kept = sum(&payments, 1) - sum(&payments, 2) - sum(&payments, 3);
    let vat = rows(&venue, "vat", &today(), "net_total,sold_total,credited_total");
    assert_eq!(kept, sum(&vat, 0) + 111);
    assert_eq!(sum(&vat, 0), sum(&vat, 1) - sum(&vat, 2));
    let notes: Vec<_> = payments.iter().filter(|row| !row[5].is_empty()).cloned().collect();
    assert_eq!(sum(&notes, 2) + sum(&notes, 3), sum(&vat, 2));
    assert!(notes.iter().all(|row| row[4] == "Remboursement"));
    let numbers: Vec<String> = notes.iter().map(|row| row[5].clone()).collect();
    assert_eq!(numbers, ["1", "2", "3", "4", "5", "6"]);
}

#[test]
fn vat_is_told_by_rate_and_credit_notes_take_back_what_was_sold_at_each() {
    let house = house();
    let venue = house.venue("Bisik");
    busy_evening(&venue);
    let vat = rows(
        &venue,
        "vat",
        &today(),
        "vat_rate,sold_base,sold_vat,sold_total,credited_base,credited_vat,credited_total,net_vat",
    );
    assert_eq!(
        vat.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(),
        ["8,50", "10,00", "20,00"]
    );
    for row in &vat {
        assert_eq!(cents(&row[1]) + cents(&row[2]), cents(&row[3]), "{row:?}");
        assert_eq!(cents(&row[4]) + cents(&row[5]), cents(&row[6]), "{row:?}");
        assert_eq!(cents(&row[2]) - cents(&row[5]), cents(&row[7]), "{row:?}");
        let rate = cents(&row[0]);
        let sold = number(
            &venue,
            &format!(
                "SELECT sum(line.vat) FROM line JOIN orders ON orders.id = orders WHERE vat_rate = {rate} AND state IN ('paid', 'refunded')"
            ),
        );
        let back = number(
            &venue,
            &format!(
                "SELECT sum(unit * returned) FROM line JOIN orders ON orders.id = orders WHERE vat_rate = {rate} AND state IN ('paid', 'refunded')"
            ),
        );
        assert_eq!((cents(&row[2]), cents(&row[6])), (sold, back), "{row:?}");
    }
    assert_eq!(sum(&vat, 5), number(&venue, "SELECT sum(vat) FROM credit_note"));
}

#[test]
fn a_spreadsheet_takes_no_name_for_a_formula() {
    let house = house();
    let venue = house.venue("Bisik");
    let names =
        ["=1+1", "+33 6", "-5", "@SUM(A1)", "='x'!A1;\"y\"", "a;b,c", "\"dit\" <b>&amp;", " bord "];
    for (n, name) in names.iter().enumerate() {
        let price = venue.price(&venue.ticket(&format!("Billet {n}")), name, 1_000);
        sold_at(&venue, &price, &format!("2026-01-0{}T12:00:00Z", n + 1), 1_000);
    }
    let days = "from=2026-01-01&to=2026-02-01";
    let shown: Vec<String> =
        rows(&venue, "sales", days, "price").into_iter().map(|mut row| row.remove(0)).collect();
    let safe = names.map(|name| {
        if name.starts_with(['=', '+', '-', '@']) { format!("'{name}") } else { name.to_owned() }
    });
    assert_eq!(shown, safe);
    let sheet =
        sheet(&venue.staff().get(&format!("/api/exports/sales/?{days}&as=xlsx&columns=price")));
    assert_eq!(sheet["formulas"], 0);
    let shown: Vec<&str> =
        sheet["rows"].as_array().unwrap()[1..].iter().map(|row| row[0].as_str().unwrap()).collect();
    assert_eq!(shown, names);
}

#[test]
fn columns_come_in_the_order_in_which_they_are_asked_for() {
    let house = house();
    let venue = house.venue("Bisik");
    let price = venue.price(&venue.ticket("Billet"), "Plein", 1_250);
    sold_at(&venue, &price, "2026-01-15T12:00:00Z", 1_250);
    let path = "/api/exports/sales/?from=2026-01-01&to=2026-02-01&columns=total,day,price";
    let staff = venue.staff();
    let french = "\u{feff}Total TTC;Jour;Tarif\r\n12,50;2026-01-15;Plein\r\n";
    assert_eq!(staff.get(path).is(200).text(), french);
    assert_eq!(staff.get(&format!("{path}&separator=;")).text(), french);
    let english = "Total TTC,Jour,Tarif\r\n12.50,2026-01-15,Plein\r\n";
    assert_eq!(staff.get(&format!("{path}&separator=%2C&bom=false")).text(), english);
    let sheet = sheet(&staff.get(&format!("{path}&as=xlsx")));
    assert_eq!(sheet["rows"], json!([["Total TTC", "Jour", "Tarif"], ["12.50", "46037", "Plein"]]));
}

#[test]
fn a_file_has_a_name_is_kept_by_nobody_and_goes_to_who_accepts_only_that() {
    let house = house();
    let venue = house.venue("Bisik");
    let path = "/api/exports/members/?from=2026-01-01&to=2026-02-01";
    let reply = venue.staff().with("Accept", "text/csv").get(path).is(200);
    assert_eq!(reply.header("Content-Type"), Some("text/csv; charset=utf-8"));
    assert_eq!(reply.header("Cache-Control"), Some("private, no-store"));
    let name = "attachment; filename=\"Adh_sions bisik 2026-01-01 2026-02-01.csv\"; \
                filename*=UTF-8''Adh%C3%A9sions%20bisik%202026%2D01%2D01%202026%2D02%2D01%2Ecsv";
    assert_eq!(reply.header("Content-Disposition"), Some(name));
    let sheet = venue.staff().get(&format!("{path}&as=xlsx")).is(200);
    assert!(sheet.header("Content-Type").unwrap().ends_with("spreadsheetml.sheet"));
    assert!(sheet.header("Content-Disposition").unwrap().contains(".xlsx\""));
}

#[test]
fn a_day_is_one_of_the_venues_clock() {
    let house = house();
    let venue = house.venue("Bisik");
    run(&venue, "UPDATE place SET time_zone = 'Indian/Reunion'");
    let price = venue.price(&venue.ticket("Billet"), "Plein", 100);
    for (at, cents) in [
        ("2026-01-31T19:59:59Z", 1),
        ("2026-01-31T20:00:00Z", 10),
        ("2026-02-01T19:59:59Z", 100),
        ("2026-02-01T20:00:00Z", 1_000),
    ] {
        sold_at(&venue, &price, at, cents);
    }
    let day = "from=2026-02-01&to=2026-02-02";
    let sales = rows(&venue, "sales", day, "total,day");
    assert_eq!(sales, [["0,10", "2026-02-01"], ["1,00", "2026-02-01"]]);
    let moments = rows(&venue, "payments", day, "moment");
    assert_eq!(moments, [["2026-02-01 00:00:00"], ["2026-02-01 23:59:59"]]);
    let closings = venue.staff().get(&format!("/api/closings/?{day}")).ok(200);
    assert_eq!(closings["days"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&closings["days"][0]["day"], &closings["total"]["net"]),
        (&json!("2026-02-01"), &json!(1.1))
    );
}

#[test]
fn no_hour_is_lost_or_counted_twice_in_the_weeks_in_which_the_clock_is_changed() {
    let house = house();
    let venue = house.venue("Bisik");
    let price = venue.price(&venue.ticket("Billet"), "Plein", 100);
    // From Saturday noon to Monday noon in Paris, a sale each half hour, over both changes.
    for (from, hours) in [("2026-03-28T11:00:00Z", 47_i64), ("2026-10-24T10:00:00Z", 49)] {
        let from = Time::parse(from).unwrap();
        for half in 0..hours * 2 {
            sold_at(&venue, &price, &Time(from.0 + half * 1_800_000_000).to_string(), 1);
        }
        let weekend = |a: i64, b: i64| {
            let day = |n: i64| Time(from.0 + n * 86_400_000_000).to_string()[..10].to_owned();
            format!("from={}&to={}", day(a), day(b))
        };
        let count = |a: i64, b: i64| {
            let total =
                venue.staff().get(&format!("/api/closings/?{}", weekend(a, b))).ok(200)["total"]
                    .clone();
            let sales = rows(&venue, "sales", &weekend(a, b), "total");
            assert_eq!(
                (sales.len() as u64, sum(&sales, 0)),
                (total["orders"].as_u64().unwrap(), minor(&total["net"]))
            );
            sales.len() as i64
        };
        assert_eq!((count(0, 1), count(1, 2), count(2, 3)), (24, (hours - 24) * 2, 24));
        assert_eq!(count(0, 3), hours * 2);
        let days = venue.staff().get(&format!("/api/closings/?{}", weekend(0, 3))).ok(200);
        let orders: Vec<i64> = days["days"]
            .as_array()
            .unwrap()
            .iter()
            .map(|day| day["orders"].as_i64().unwrap())
            .collect();
        assert_eq!(orders, [24, (hours - 24) * 2, 24]);
    }
}

/// What a spreadsheet reads: its rows as texts, the type of each cell, how many formulas and widths.
fn sheet(reply: &Reply) -> Value {
    assert_eq!(reply.status, 200, "{}", reply.text());
    let script = r#"
import io, json, sys, zipfile, xml.etree.ElementTree as E
packed = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
assert packed.testzip() is None
parts = {name: E.fromstring(packed.read(name)) for name in packed.namelist()}
named = {part.get('PartName') for part in parts['[Content_Types].xml'] if part.get('PartName')}
assert all(name[1:] in parts for name in named), named
n = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
sheet, styles = parts['xl/worksheets/sheet1.xml'], parts['xl/styles.xml']
formats = len(styles.find(n + 'cellXfs'))
rows, kinds = [], []
for no, row in enumerate(sheet.find(n + 'sheetData'), 1):
    assert row.get('r') == str(no)
    assert all(int(c.get('s')) < formats and c.get('r').endswith(str(no)) for c in row)
    rows.append([c.findtext(n + 'is/' + n + 't') if c.get('t') == 'inlineStr' else c.findtext(n + 'v') for c in row])
    kinds.append([c.get('t', 'n') for c in row])
pane = sheet.find(n + 'sheetViews/' + n + 'sheetView/' + n + 'pane')
assert pane.get('state') == 'frozen' and pane.get('ySplit') == '1'
print(json.dumps({'rows': rows, 'kinds': kinds, 'formulas': len(list(sheet.iter(n + 'f'))),
    'widths': len(sheet.find(n + 'cols'))}))
"#;
    let mut python = Command::new("python3")
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(&reply.body).unwrap();
    let read = python.wait_with_output().unwrap();
    assert!(read.status.success(), "{}", reply.asked);
    serde_json::from_slice(&read.stdout).unwrap()
}

#[test]
fn a_spreadsheet_holds_numbers_as_numbers_and_days_as_days() {
    let house = house();
    let venue = house.venue("Bisik");
    let price = venue.price(&venue.ticket("Billet"), "Plein", 100);
    sold_at(&venue, &price, "2026-01-31T18:30:00Z", 123_456_705);
    let path = "/api/exports/payments/?from=2026-01-01&to=2026-02-01&as=xlsx\
                &columns=moment,day,means,received,credit_note,returned";
    let sheet = sheet(&venue.staff().get(path));
    // An empty cell is none.
    assert_eq!(
        sheet["rows"][1],
        json!(["46053.8125000000", "46053", "Espèces", "1234567.05", "0.00"])
    );
    assert_eq!(sheet["kinds"][1], json!(["n", "n", "inlineStr", "n", "n"]));
    assert_eq!(sheet["widths"], 6);
    let vat = "/api/exports/vat/?from=2026-01-01&to=2026-02-01&as=xlsx&columns=vat_rate,sold_total";
    assert_eq!(self::sheet(&venue.staff().get(vat))["rows"][1], json!(["0.0000", "1234567.05"]));
}

#[test]
fn what_is_wrong_with_a_query_is_named() {
    let house = house();
    let venue = house.venue("Bisik");
    let staff = venue.staff();
    let ask = |query: &str| staff.get(&format!("/api/exports/sales/?{query}"));
    ask("").faults(&["from", "to"]);
    ask("from=2026-01-01").faults(&["to"]);
    for day in ["demain", "2026-02-30", "01/02/2026", "2026-1-1", "20260101", "", "%00"] {
        ask(&format!("from={day}&to=2026-02-01")).faults(&["from"]);
    }
    for to in ["2026-01-01", "2025-12-31", "2036-01-02"] {
        ask(&format!("from=2026-01-01&to={to}")).faults(&["to"]);
        staff.get(&format!("/api/closings/?from=2026-01-01&to={to}")).faults(&["to"]);
    }
    ask("from=2026-01-01&to=2036-01-01").is(200);
    ask("from=1900-01-01&to=1901-01-01").faults(&["from"]);
    let days = "from=2026-01-01&to=2026-02-01";
    for (wrong, name) in [
        ("as=pdf", "as"),
        ("separator=%09", "separator"),
        ("bom=oui", "bom"),
        ("columns=day,secret", "columns"),
        ("columns=day,day", "columns"),
        ("columns=day,", "columns"),
    ] {
        ask(&format!("{days}&{wrong}")).faults(&[name]);
    }
    let told = ask(&format!("{days}&columns=x")).json();
    assert!(told["columns"][0].as_str().unwrap().contains("day, order, event"), "{told}");
    ask(&format!("{days}&as=pdf&columns=x&to=x")).faults(&["as", "columns", "to"]);
    staff.get(&format!("/api/exports/secrets/?{days}")).is(404);
    staff.get(&format!("/api/exports/sales/?{days}&format=csv")).is(404);
}

#[test]
fn members_are_those_of_the_days_and_of_this_venue_alone() {
    let house = house();
    let (ours, theirs) = (house.venue("Bisik"), house.venue("Ancre"));
    let join = |venue: &Venue<'_>, email: &str, pays: bool| {
        let price = venue.price(&venue.membership(&format!("Carte {email}")), "Année", 1_500);
        let body = json!({
            "adhesion": price, "email": email, "first_name": "Ana", "last_name": "Payet", "phone": "+262 692",
        });
        let joined = venue.anyone().post("/api/membership/", &body).ok(201);
        if pays {
            venue.staff().post(&order(&joined, "payments"), &json!({ "means": "cash" })).ok(201);
        }
    };
    join(&ours, "ana@example.org", true);
    join(&ours, "jamais@example.org", false);
    join(&ours, "avant@example.org", true);
    join(&theirs, "bo@example.org", true);
    run(&ours, "UPDATE membership SET first_paid = 0, ends = 1 WHERE email = 'avant@example.org'");
    // As in a file from before periods were kept.
    run(
        &ours,
        "DELETE FROM membership_period
         WHERE account = (SELECT account FROM membership WHERE email = 'avant@example.org')",
    );
    let then = rows(&ours, "members", "from=1970-01-02&to=1970-01-03", "email");
    assert!(then.is_empty());
    run(&ours, "UPDATE membership SET ends = 86400000001 WHERE email = 'avant@example.org'");
    let then = rows(&ours, "members", "from=1970-01-02&to=1970-01-03", "email");
    assert_eq!(then, [["avant@example.org"]]);
    let members = rows(&ours, "members", &today(), "email,phone,contribution,newsletter");
    assert_eq!(members.len(), 1);
    assert_eq!(members[0][..3], ["ana@example.org", "'+262 692", "15,00"]);
    assert!(["oui", "non"].contains(&members[0][3].as_str()));
    for report in ["sales", "tickets", "members", "payments", "vat"] {
        let shown = ours.staff().get(&format!("/api/exports/{report}/?{}", today())).is(200).text();
        assert!(!shown.contains("bo@example.org"), "{report}");
    }
}

#[test]
fn who_lapsed_and_joined_again_was_no_member_in_between() {
    let house = house();
    let venue = house.venue("Bisik");
    let price = venue.price(&venue.membership("Carte"), "Année", 1_500);
    let join = || {
        let body = json!({
            "adhesion": price, "email": "ana@example.org", "first_name": "Ana", "last_name": "Payet", "phone": "1",
        });
        let joined = venue.anyone().post("/api/membership/", &body).ok(201);
        venue.staff().post(&order(&joined, "payments"), &json!({ "means": "cash" })).ok(201);
        joined
    };
    let members = |days: &str| rows(&venue, "members", days, "email").len();
    let year = |year: u32| members(&format!("from={year}-01-01&to={}-01-01", year + 1));
    join();
    let then = Time::parse("2020-03-01T11:00:00Z").unwrap().0;
    run(&venue, &format!("UPDATE orders SET settled = {then}"));
    run(
        &venue,
        &format!(
            "UPDATE membership SET first_paid = {then}, last_paid = {then}, ends = {then} + 1"
        ),
    );
    let again = join();
    assert_eq!([2019, 2020, 2021, 2022, 2023].map(year), [0, 1, 1, 0, 0]);
    assert_eq!((members(&today()), members("from=2021-03-02&to=2021-12-31")), (1, 0));
    // What is given back is no period of theirs.
    venue.staff().post(&order(&again, "refund"), &json!({ "means": "cash" })).ok(200);
    assert_eq!((year(2020), year(2022), members(&today())), (1, 0, 0));
}

/// Puts so many more rows of a kind beside the first.
fn multiply(venue: &Venue<'_>, sql: &str, times: u32) {
    let count = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {times})"
    );
    let (into, rest) = sql.split_once("SELECT").unwrap();
    run(venue, &format!("{into} {count} SELECT {rest}, n"));
}

#[test]
fn fifty_thousand_lines_go_out_at_once() {
    let house = house();
    let venue = house.venue("Bisik");
    let price = venue.price(&venue.ticket("Billet"), "Plein", 100);
    sold_at(&venue, &price, "2026-01-15T12:00:00Z", 100);
    let more = "INSERT INTO line (id, orders, account, product, price, category, product_name, price_name, quantity, unit,
            vat_rate, vat, total, period)
        SELECT randomblob(16), orders, account, product, price, category, product_name, price_name, 1, 100, 2000, 17, 100,
            period FROM (SELECT * FROM line LIMIT 1)";
    multiply(&venue, more, 49_999);
    let days = "from=2026-01-01&to=2026-02-01";
    let sales = rows(&venue, "sales", days, "total,vat");
    assert_eq!((sales.len(), sum(&sales, 0), sum(&sales, 1)), (50_000, 5_000_000, 849_983));
    let path = format!("/api/exports/sales/?{days}&as=xlsx&columns=total,product");
    let sheet = sheet(&venue.staff().get(&path));
    assert_eq!(sheet["rows"].as_array().map(Vec::len), Some(50_001));
}

#[test]
fn who_asks_for_too_much_is_asked_for_less() {
    let house = house();
    let venue = house.venue("Bisik");
    let price = venue.price(&venue.ticket("Billet"), "Plein", 100);
    sold_at(&venue, &price, "2026-01-15T12:00:00Z", 100);
    let more = "INSERT INTO payment (id, orders, means, amount, actor, created)
        SELECT randomblob(16), orders, means, 100, actor, created FROM (SELECT * FROM payment LIMIT 1)";
    multiply(&venue, more, 200_000);
    let path = "/api/exports/payments/?from=2026-01-01&to=2026-02-01&columns=received";
    for form in ["csv", "xlsx"] {
        venue.staff().get(&format!("{path}&as={form}")).faults(&["to"]);
    }
    let closings = venue.staff().get("/api/closings/?from=2026-01-01&to=2026-02-01").ok(200);
    assert_eq!(closings["total"]["received"], json!(200_001.0));
}
