//! The reports: their columns and queries. Names are kept for good, labels may be bettered.

use super::{Column, Report};
use crate::paper::table::Kind;

/// All reports.
pub static ALL: &[Report] = &[SALES, TICKETS, MEMBERS, PAYMENTS, VAT];

/// The lines of orders that were settled.
const SALES: Report = Report {
    name: "sales",
    title: "Ventes",
    columns: &[
        column("day", "Jour", Kind::Day, "orders.settled"),
        column("order", "Commande", Kind::Text, "orders.id"),
        column("event", "Évènement", Kind::Text, "event.name"),
        column("event_starts", "Date de l'évènement", Kind::Moment, "event.starts"),
        column("product", "Article", Kind::Text, "line.product_name"),
        column("price", "Tarif", Kind::Text, "line.price_name"),
        column("category", "Catégorie", Kind::Text, "line.category").in_words(CATEGORIES),
        column("quantity", "Quantité", Kind::Whole, "line.quantity"),
        column("unit", "Prix unitaire TTC", Kind::Money, "line.unit"),
        column("base", "Total HT", Kind::Money, "line.total - line.vat"),
        column("vat_rate", "Taux de TVA", Kind::Percent, "line.vat_rate"),
        column("vat", "TVA", Kind::Money, "line.vat"),
        column("total", "Total TTC", Kind::Money, "line.total"),
        column("returned", "Quantité rendue", Kind::Whole, "line.returned"),
        column("email", "E-mail", Kind::Text, "orders.email"),
        column("currency", "Devise", Kind::Text, "orders.currency"),
        // Both of the whole line: the first is in its total, the second is not.
        column("fees", "Dont frais", Kind::Money, "line.fee * line.quantity"),
        column("withheld", "Frais à la charge du lieu", Kind::Money, "line.withheld * line.quantity"),
    ],
    rows: "FROM orders JOIN line ON line.orders = orders.id LEFT JOIN event ON event.id = line.event
        WHERE orders.state IN ('paid', 'refunded') AND orders.settled >= :from AND orders.settled < :to",
    order: "orders.settled, orders.id, line.id",
};

/// The tickets of orders that were settled. By number, as a person reads it out: who finds the file has no ids.
const TICKETS: Report = Report {
    name: "tickets",
    title: "Billets",
    columns: &[
        column("day", "Jour de vente", Kind::Day, "orders.settled"),
        column("number", "Numéro", Kind::Text, "hex(substr(ticket.id, 1, 4))"),
        column("order", "Commande", Kind::Text, "orders.id"),
        column("event", "Évènement", Kind::Text, "event.name"),
        column("event_starts", "Date de l'évènement", Kind::Moment, "event.starts"),
        column("product", "Article", Kind::Text, "line.product_name"),
        column("price", "Tarif", Kind::Text, "line.price_name"),
        column("unit", "Prix TTC", Kind::Money, "line.unit"),
        column("first_name", "Prénom", Kind::Text, "ticket.first_name"),
        column("last_name", "Nom", Kind::Text, "ticket.last_name"),
        column("email", "E-mail", Kind::Text, "orders.email"),
        column("state", "État", Kind::Text, "ticket.state").in_words(TICKET_STATES),
        column(
            "entered",
            "Première entrée",
            Kind::Moment,
            "(SELECT min(at) FROM pass WHERE pass.ticket = ticket.id AND way = 'in' AND reason IS NULL)",
        ),
    ],
    rows: "FROM orders JOIN line ON line.orders = orders.id JOIN ticket ON ticket.line = line.id
            JOIN event ON event.id = ticket.event
        WHERE orders.state IN ('paid', 'refunded') AND orders.settled >= :from AND orders.settled < :to",
    order: "orders.settled, orders.id, ticket.id",
};

/// Who was a member on one of the days, in a period that was paid. Where none is kept, because all was given back or it is
/// from before they were: between the first payment and the end.
const MEMBERS: Report = Report {
    name: "members",
    title: "Adhésions",
    columns: &[
        column("last_name", "Nom", Kind::Text, "membership.last_name"),
        column("first_name", "Prénom", Kind::Text, "membership.first_name"),
        column("email", "E-mail", Kind::Text, "membership.email"),
        column("phone", "Téléphone", Kind::Text, "membership.phone"),
        column("postal_code", "Code postal", Kind::Text, "membership.postal_code"),
        column("birth_date", "Date de naissance", Kind::Text, "membership.birth_date"),
        column("product", "Adhésion", Kind::Text, "product.name"),
        column("price", "Tarif", Kind::Text, "price.name"),
        column("contribution", "Cotisation", Kind::Money, "membership.contribution"),
        column("first_paid", "Première cotisation", Kind::Day, "membership.first_paid"),
        column("last_paid", "Dernière cotisation", Kind::Day, "membership.last_paid"),
        column("ends", "Fin", Kind::Moment, "membership.ends"),
        column("newsletter", "Lettre d'information", Kind::Text, "membership.newsletter")
            .in_words(YES_NO),
    ],
    rows: "FROM membership JOIN product ON product.id = membership.product JOIN price ON price.id = membership.price
        WHERE EXISTS (SELECT 1 FROM membership_period AS period
                WHERE period.account = membership.account AND period.price = membership.price
                  AND period.starts < :to AND (period.ends IS NULL OR period.ends > :from))
            OR membership.first_paid < :to AND (membership.ends IS NULL OR membership.ends > :from)
                AND NOT EXISTS (SELECT 1 FROM membership_period AS period
                    WHERE period.account = membership.account AND period.price = membership.price)",
    order: "membership.first_paid, membership.id",
};

/// Money in and out, each in a column of its own, so that each adds up by itself. What is owed is less by what of it is
/// handed over, each on its own day: see the closings, which are sums of these.
const PAYMENTS: Report = Report {
    name: "payments",
    title: "Paiements",
    columns: &[
        column("day", "Jour", Kind::Day, "moved.at"),
        column("moment", "Date et heure", Kind::Moment, "moved.at"),
        column("kind", "Mouvement", Kind::Text, "moved.kind").in_words(MOVEMENTS),
        column("order", "Commande", Kind::Text, "moved.orders"),
        column("email", "E-mail", Kind::Text, "moved.email"),
        column("means", "Moyen de paiement", Kind::Text, "moved.means").in_words(MEANS),
        column("received", "Encaissé", Kind::Money, "moved.received"),
        column("returned", "Remboursé", Kind::Money, "moved.returned"),
        column("owed", "À rembourser", Kind::Money, "moved.owed"),
        column("reference", "Référence", Kind::Text, "moved.reference"),
        column("reason", "Motif", Kind::Text, "moved.reason"),
        column("credit_note", "Avoir n°", Kind::Whole, "moved.note"),
        column("currency", "Devise", Kind::Text, "moved.currency"),
    ],
    rows: "FROM (
            SELECT payment.created AS at, payment.id, orders, 'payment' AS kind, email, means, amount AS received,
                0 AS returned, 0 AS owed, reference, NULL AS reason, NULL AS note, currency
            FROM payment JOIN orders ON orders.id = orders WHERE payment.created >= :from AND payment.created < :to
            UNION ALL
            SELECT refund.created, refund.id, orders, iif(no IS NULL, 'deposit', 'refund'), email, means, 0,
                iif(noted_owed, 0, refund.amount), iif(noted_owed, refund.amount, 0), NULL,
                iif(no IS NULL, NULL, reason), no, currency
            FROM refund_noted AS refund JOIN orders ON orders.id = orders LEFT JOIN credit_note ON credit_note.refund = refund.id
            WHERE refund.created >= :from AND refund.created < :to
            UNION ALL
            SELECT settled.created, refund.id, orders, 'handed', email, settled.means, 0, amount, 0, NULL, NULL, NULL, currency
            FROM refund_settled AS settled JOIN refund ON refund.id = settled.refund JOIN orders ON orders.id = orders
            WHERE settled.created >= :from AND settled.created < :to
            UNION ALL
            SELECT settled.created, refund.id, orders, 'cleared', email, refund.means, 0, 0, -amount, NULL, NULL, NULL, currency
            FROM refund_settled AS settled JOIN refund ON refund.id = settled.refund JOIN orders ON orders.id = orders
            WHERE settled.created >= :from AND settled.created < :to
            UNION ALL
            SELECT sent.settled, refund.id, orders, 'handed', email, 'stripe', 0, sent.amount, -sent.amount, sent.reference,
                NULL, NULL, currency
            FROM stripe_refund AS sent JOIN refund ON refund.id = sent.refund JOIN orders ON orders.id = orders
            WHERE sent.reference IS NOT NULL AND sent.settled >= :from AND sent.settled < :to
            UNION ALL
            SELECT sent.failed, refund.id, orders, 'failed', email, 'stripe', 0, -sent.amount, sent.amount, sent.reference,
                NULL, NULL, currency
            FROM stripe_refund AS sent JOIN refund ON refund.id = sent.refund JOIN orders ON orders.id = orders
            WHERE sent.failed >= :from AND sent.failed < :to
        ) AS moved",
    order: "moved.at, moved.id, moved.kind",
};

/// By rate: what was sold, what credit notes took back, what is left. Without a rate: credit notes from before their
/// rates were kept.
const VAT: Report = Report {
    name: "vat",
    title: "TVA",
    columns: &[
        column("vat_rate", "Taux de TVA", Kind::Percent, "rate"),
        column("sold_base", "Vendu HT", Kind::Money, "sold - sold_vat"),
        column("sold_vat", "TVA vendue", Kind::Money, "sold_vat"),
        column("sold_total", "Vendu TTC", Kind::Money, "sold"),
        column("credited_base", "Avoirs HT", Kind::Money, "credited - credited_vat"),
        column("credited_vat", "TVA des avoirs", Kind::Money, "credited_vat"),
        column("credited_total", "Avoirs TTC", Kind::Money, "credited"),
        column("net_base", "Net HT", Kind::Money, "sold - sold_vat - credited + credited_vat"),
        column("net_vat", "TVA nette", Kind::Money, "sold_vat - credited_vat"),
        column("net_total", "Net TTC", Kind::Money, "sold - credited"),
    ],
    rows: "FROM (
            SELECT rate, sum(sold) AS sold, sum(sold_vat) AS sold_vat, sum(credited) AS credited,
                sum(credited_vat) AS credited_vat
            FROM (
                SELECT vat_rate AS rate, line.total AS sold, line.vat AS sold_vat, 0 AS credited, 0 AS credited_vat
                FROM orders JOIN line ON line.orders = orders.id
                WHERE orders.state IN ('paid', 'refunded') AND orders.settled >= :from AND orders.settled < :to
                UNION ALL
                SELECT credit_part.vat_rate, 0, 0, credit_part.amount, credit_part.vat
                FROM credit_note JOIN credit_part ON credit_part.note = credit_note.no
                WHERE credit_note.created >= :from AND credit_note.created < :to
            ) GROUP BY rate
        )",
    order: "rate IS NULL, rate",
};

const fn column(name: &'static str, label: &'static str, kind: Kind, sql: &'static str) -> Column {
    Column { name, label, kind, words: &[], sql }
}

impl Column {
    const fn in_words(self, words: &'static [(&'static str, &'static str)]) -> Self {
        Self { words, ..self }
    }
}

const MEANS: &[(&str, &str)] = &[
    ("free", "Gratuit"),
    ("cash", "Espèces"),
    ("cheque", "Chèque"),
    ("transfer", "Virement"),
    ("terminal", "Terminal de paiement"),
    ("stripe", "Stripe"),
];

const CATEGORIES: &[(&str, &str)] = &[
    ("N", "Non choisie"),
    ("B", "Billet"),
    ("P", "Pack"),
    ("R", "Recharge cashless"),
    ("T", "Vêtement"),
    ("M", "Merchandising"),
    ("A", "Adhésion"),
    ("D", "Don"),
    ("F", "Réservation gratuite"),
    ("S", "Recharge fédérée"),
    ("V", "À valider"),
    ("G", "Badge"),
    ("Q", "Paiement par QR code"),
];

const TICKET_STATES: &[(&str, &str)] =
    &[("N", "Inactif"), ("K", "Valable"), ("S", "Scanné"), ("R", "Rendu")];

const MOVEMENTS: &[(&str, &str)] = &[
    ("payment", "Paiement"),
    ("refund", "Remboursement"),
    ("deposit", "Acompte rendu"),
    ("handed", "Somme due remise"),
    ("cleared", "Dette soldée"),
    ("failed", "Remboursement échoué"),
];

const YES_NO: &[(&str, &str)] = &[("1", "oui"), ("0", "non")];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trade::{order, product, ticket};
    use std::collections::BTreeSet;

    #[test]
    fn everything_that_is_stored_as_letters_has_a_word() {
        let has = |words: &[(&str, &str)], letters: &str| words.iter().any(|(l, _)| *l == letters);
        assert!(order::Means::ALL.iter().all(|means| has(MEANS, means.as_str())));
        assert!(product::Category::ALL.iter().all(|one| has(CATEGORIES, one.as_str())));
        assert!(ticket::State::ALL.iter().all(|state| has(TICKET_STATES, state.as_str())));
    }

    #[test]
    fn names_and_labels_are_used_once_in_a_report_and_titles_name_a_sheet() {
        for report in ALL {
            let once = |of: fn(&Column) -> &str| {
                report.columns.iter().map(of).collect::<BTreeSet<_>>().len() == report.columns.len()
            };
            assert!(once(|column| column.name) && once(|column| column.label), "{}", report.name);
            assert!(report.title.chars().count() <= 31);
            assert!(!report.title.contains(['[', ']', ':', '*', '?', '/', '\\']));
        }
    }
}
