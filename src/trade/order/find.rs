//! Finding orders: by where they stand, and by whose they are.

use super::{COLUMNS, Order, Payment, State, pay, row};
use crate::error::Result;
use crate::root::Read;
use crate::root::coming::set;
use crate::trade::Page;
use crate::values::id::OrderId;
use rusqlite::ToSql;
use std::collections::HashMap;

/// Which orders are looked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Search<'a> {
    /// Where they stand; without it all.
    pub state: Option<State>,
    /// A part of the e-mail, or of the name on a ticket or a membership; without it all.
    pub text: Option<&'a str>,
}

/// An order on a list, with what it is known by.
#[derive(Clone, Debug)]
pub struct Found {
    /// The order.
    pub order: Order,
    /// What was paid for it.
    pub payments: Vec<Payment>,
    /// Whose names are on its tickets, each once.
    pub names: Vec<String>,
    /// Its events, and what was sold without one, each once.
    pub holds: Vec<String>,
}

/// The orders that are looked for, the newest first.
pub fn find(tx: &Read, search: Search<'_>, page: Page) -> Result<Vec<Found>> {
    // SQLite folds the case of ASCII alone: É is found by é because each of these spellings is looked for.
    let typed = search.text.map(str::trim).filter(|text| !text.is_empty());
    let plain = |text: String| text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
    let pattern = |text: String| format!("%{}%", plain(text));
    let spelt = |spell: fn(&str) -> String| typed.map(|text| pattern(spell(text)));
    let (lower, upper, title) =
        (spelt(str::to_lowercase), spelt(str::to_uppercase), spelt(capitalized));
    let exact = spelt(str::to_owned);
    let name = "coalesce(first_name, '') || ' ' || coalesce(last_name, '')";
    let named = [":exact", ":lower", ":upper", ":title"]
        .map(|spelling| format!(r"{name} LIKE {spelling} ESCAPE '\'"))
        .join(" OR ");
    let sql = format!(
        "SELECT {COLUMNS} FROM orders
         WHERE (:state IS NULL OR :state = CASE
             WHEN orders.state = 'held' AND orders.expires <= :now THEN 'expired' ELSE orders.state END)
           AND (:exact IS NULL OR orders.email LIKE :exact ESCAPE '\\'
             OR EXISTS (SELECT 1 FROM ticket JOIN line ON line.id = ticket.line
               WHERE line.orders = orders.id AND ({named}))
             OR EXISTS (SELECT 1 FROM membership JOIN line ON line.price = membership.price
               WHERE line.orders = orders.id AND membership.account = orders.account AND ({named})))
         ORDER BY orders.placed DESC, orders.id LIMIT :limit OFFSET :offset"
    );
    let params: &[(&str, &dyn ToSql)] = &[
        (":now", &tx.now()),
        (":state", &search.state),
        (":exact", &exact),
        (":lower", &lower),
        (":upper", &upper),
        (":title", &title),
        (":limit", &page.limit),
        (":offset", &page.offset),
    ];
    with_parts(tx, tx.all(&sql, params, row)?)
}

/// Each word with a great letter, as names are written.
fn capitalized(text: &str) -> String {
    let mut begins = true;
    let mut all = String::new();
    for letter in text.chars() {
        match begins {
            true => all.extend(letter.to_uppercase()),
            false => all.extend(letter.to_lowercase()),
        }
        begins = !letter.is_alphanumeric();
    }
    all
}

fn with_parts(tx: &Read, orders: Vec<Order>) -> Result<Vec<Found>> {
    let ids = set(orders.iter().map(|order| order.id.0));
    let within = "IN (SELECT unhex(value) FROM json_each(?1))";
    let names = format!(
        "SELECT line.orders, first_name || ' ' || last_name AS name
         FROM ticket JOIN line ON line.id = ticket.line
         WHERE line.orders {within} GROUP BY line.orders, name ORDER BY min(ticket.rowid)"
    );
    let holds = format!(
        "SELECT line.orders, coalesce(event.name, product_name) AS shown
         FROM line LEFT JOIN event ON event.id = line.event
         WHERE line.orders {within} GROUP BY line.orders, shown ORDER BY min(line.id)"
    );
    let texts = |sql: &str| -> Result<HashMap<OrderId, Vec<String>>> {
        let rows = tx.all(sql, [&ids], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(by_order(rows))
    };
    let (mut names, mut holds) = (texts(&names)?, texts(&holds)?);
    let mut payments = by_order(pay::of_orders(tx, &ids)?);
    let found = |order: Order| {
        let id = order.id;
        Found {
            order,
            payments: payments.remove(&id).unwrap_or_default(),
            names: names.remove(&id).unwrap_or_default(),
            holds: holds.remove(&id).unwrap_or_default(),
        }
    };
    Ok(orders.into_iter().map(found).collect())
}

fn by_order<T>(rows: Vec<(OrderId, T)>) -> HashMap<OrderId, Vec<T>> {
    let mut all: HashMap<OrderId, Vec<T>> = HashMap::new();
    for (order, one) in rows {
        all.entry(order).or_default().push(one);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_of_a_name_begins_great() {
        assert_eq!(capitalized("élodie D'ÎLE-rose"), "Élodie D'Île-Rose");
    }
}
