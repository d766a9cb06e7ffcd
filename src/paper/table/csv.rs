//! A table as text with separators (RFC 4180): every row ends with CRLF, what needs quotes has them.
//!
//! One rule for numbers: behind `;` the decimals follow a comma, as spreadsheets in French expect, behind `,` a point.
//! Thousands are not grouped, a percentage is its bare number, a moment is `2026-01-31 20:30:00`. A text that a
//! spreadsheet would take for a formula gets an apostrophe in front; numbers never do.

use super::{Cell, Head, hundredths, put};
use std::io::{self, Write};

/// What stands between cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// `;`, with decimal commas.
    Semicolon,
    /// `,`, with decimal points.
    Comma,
}

/// How the text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// What stands between cells.
    pub separator: Separator,
    /// Begins with the mark by which spreadsheets know UTF-8.
    pub bom: bool,
}

/// A table that is being written.
#[derive(Debug)]
pub struct Csv<W> {
    out: W,
    separator: char,
    point: char,
    /// The row that is being made; one piece of memory for all.
    row: String,
}

impl<W: Write> Csv<W> {
    /// Begins with the row of labels.
    pub fn begin(mut out: W, style: Style, heads: &[Head<'_>]) -> io::Result<Self> {
        let (separator, point) = match style.separator {
            Separator::Semicolon => (';', ','),
            Separator::Comma => (',', '.'),
        };
        if style.bom {
            out.write_all("\u{feff}".as_bytes())?;
        }
        let mut csv = Self { out, separator, point, row: String::new() };
        let labels: Vec<_> = heads.iter().map(|head| Cell::Text(head.label.into())).collect();
        csv.row(&labels)?;
        Ok(csv)
    }

    /// Writes one row.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        self.row.clear();
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                self.row.push(self.separator);
            }
            self.cell(cell);
        }
        if self.row.is_empty() {
            // An empty line would be no row.
            self.row.push_str("\"\"");
        }
        self.row.push_str("\r\n");
        self.out.write_all(self.row.as_bytes())
    }

    fn cell(&mut self, cell: &Cell<'_>) {
        let row = &mut self.row;
        match cell {
            Cell::Empty => {}
            Cell::Text(text) => words(row, text),
            Cell::Money(number) | Cell::Percent(number) => hundredths(row, *number, self.point),
            Cell::Whole(number) => put(row, format_args!("{number}")),
            Cell::Moment(at) => put(row, format_args!("{}", at.strftime("%Y-%m-%d %H:%M:%S"))),
            Cell::Day(day) => put(row, format_args!("{day}")),
        }
    }

    /// Hands on what is left.
    pub fn end(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// How a text begins that some spreadsheet works out instead of showing it; the wide signs count for Japanese ones.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

fn words(row: &mut String, text: &str) {
    let safe = if text.starts_with(FORMULA) { "'" } else { "" };
    // Both separators, so that nobody who guesses the wrong one sees a cell begin within a text.
    let quoted = text.contains([';', ',', '"', '\r', '\n', '\t'])
        || text.starts_with(' ')
        || text.ends_with(' ');
    if quoted {
        row.push('"');
        row.push_str(safe);
        row.push_str(&text.replace('"', "\"\""));
        row.push('"');
    } else {
        row.push_str(safe);
        row.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const FRENCH: Style = Style { separator: Separator::Semicolon, bom: false };
    const ENGLISH: Style = Style { separator: Separator::Comma, bom: false };

    fn written(style: Style, rows: &[Vec<Cell<'_>>]) -> String {
        let mut out = vec![];
        let mut csv =
            Csv::begin(&mut out, style, &[Head { label: "A", kind: Kind::Text }]).unwrap();
        for row in rows {
            csv.row(row).unwrap();
        }
        csv.end().unwrap();
        String::from_utf8(out).unwrap()
    }

    /// The rows of a text, as RFC 4180 reads it.
    fn read(text: &str, separator: char) -> Vec<Vec<String>> {
        let (mut rows, mut row, mut cell) = (vec![], vec![], String::new());
        let mut rest = text.chars().peekable();
        let mut quoted = false;
        while let Some(c) = rest.next() {
            match c {
                '"' if quoted && rest.next_if_eq(&'"').is_some() => cell.push('"'),
                '"' => quoted = !quoted,
                c if quoted => cell.push(c),
                c if c == separator => row.push(std::mem::take(&mut cell)),
                '\r' => {
                    assert_eq!(rest.next(), Some('\n'));
                    row.push(std::mem::take(&mut cell));
                    rows.push(std::mem::take(&mut row));
                }
                c => cell.push(c),
            }
        }
        assert!(!quoted && cell.is_empty() && row.is_empty());
        rows
    }

    #[test]
    fn numbers_and_days_are_written_as_each_separator_has_it() {
        let at = date(2026, 10, 25).at(2, 30, 0, 0);
        let row = vec![
            Cell::Money(-1_205),
            Cell::Whole(-3),
            Cell::Percent(850),
            Cell::Empty,
            Cell::Moment(at),
            Cell::Day(at.date()),
        ];
        let rows = [row];
        let french = "A\r\n-12,05;-3;8,50;;2026-10-25 02:30:00;2026-10-25\r\n";
        assert_eq!(written(FRENCH, &rows), french);
        let english = "A\r\n-12.05,-3,8.50,,2026-10-25 02:30:00,2026-10-25\r\n";
        assert_eq!(written(ENGLISH, &rows), english);
        assert_eq!(written(Style { bom: true, ..FRENCH }, &[]), "\u{feff}A\r\n");
    }

    #[test]
    fn a_text_that_could_be_a_formula_is_a_text() {
        for text in ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "＝1"] {
            let shown = &read(&written(FRENCH, &[vec![Cell::Text(text.into())]]), ';')[1][0];
            assert_eq!(shown, &format!("'{text}"));
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            rows in prop::collection::vec(prop::collection::vec("[-a;,\"'=é \r\n\t]{0,6}", 1..4), 0..5),
            comma in any::<bool>(),
        ) {
            let (style, separator) = if comma { (ENGLISH, ',') } else { (FRENCH, ';') };
            let cells: Vec<Vec<Cell<'_>>> = rows
                .iter()
                .map(|row| row.iter().map(|text| Cell::Text(text.as_str().into())).collect())
                .collect();
            let back = read(&written(style, &cells), separator);
            prop_assert_eq!(back.len(), rows.len() + 1);
            for (row, back) in rows.iter().zip(&back[1..]) {
                prop_assert_eq!(row.len(), back.len());
                for (text, back) in row.iter().zip(back) {
                    prop_assert!(!back.starts_with(FORMULA));
                    let safe = if text.starts_with(FORMULA) { format!("'{text}") } else { text.clone() };
                    prop_assert_eq!(back, &safe);
                }
            }
        }

        #[test]
        fn an_amount_is_the_number_that_is_read_back(cents in any::<i64>()) {
            let text = written(ENGLISH, &[vec![Cell::Money(cents)]]);
            let shown = text.lines().nth(1).unwrap();
            prop_assert_eq!(shown.replace('.', "").parse::<i64>().unwrap(), cents);
            prop_assert_eq!(shown.rfind('.'), Some(shown.len() - 3));
        }
    }
}
