//! A table as a spreadsheet (ECMA-376): one sheet whose first row stays in sight, with the styles that its kinds need.
//!
//! It is packed while it is written, so that only the packed bytes are ever held. Texts stand in their cells and not in a
//! table beside, which would have to be held as a whole, and have the format of texts: they stay texts when somebody
//! edits them. Numbers are written digit by digit from integers.

use super::{Cell, Head, Kind, hundredths, put};
use jiff::civil::{Date, date};
use std::io::{self, Write};
use zip::ZipWriter;
use zip::write::{SimpleFileOptions, StreamWriter};

/// A spreadsheet that is being written.
pub struct Xlsx<W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
    /// The letters of each column.
    letters: Vec<String>,
    /// Rows so far.
    rows: u32,
    /// The row that is being made; one piece of memory for all.
    row: String,
}

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#;

const ROOT: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;

const PARTS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#;

/// The formats of cells, by the numbers that [`style`] and [`HEAD`] give.
const STYLES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/><numFmt numFmtId="165" formatCode="yyyy\-mm\-dd"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font><font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="8"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="1" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="10" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>"#;

/// The style of labels.
const HEAD: u8 = 1;

/// The style of each kind, and how wide its columns are, in digits.
const fn style(kind: Kind) -> (u8, usize) {
    match kind {
        Kind::Text => (2, 24),
        Kind::Money => (3, 12),
        Kind::Whole => (4, 9),
        Kind::Percent => (5, 9),
        Kind::Moment => (6, 19),
        Kind::Day => (7, 11),
    }
}

impl<W: Write> Xlsx<W> {
    /// Begins with the row of labels. The title names the sheet: at most 31 characters, none of `[]:*?/\`.
    pub fn begin(out: W, title: &str, heads: &[Head<'_>]) -> io::Result<Self> {
        let mut zip = ZipWriter::new_stream(out);
        let mut name = String::new();
        escape(&mut name, title);
        let workbook = format!(
            r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="{}" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
            name.replace('"', "&quot;")
        );
        for (path, text) in [
            ("[Content_Types].xml", TYPES),
            ("_rels/.rels", ROOT),
            ("xl/workbook.xml", &workbook),
            ("xl/_rels/workbook.xml.rels", PARTS),
            ("xl/styles.xml", STYLES),
            ("xl/worksheets/sheet1.xml", &before_rows(heads)),
        ] {
            zip.start_file(path, SimpleFileOptions::default())?;
            zip.write_all(text.as_bytes())?;
        }
        let letters = (0..heads.len()).map(letters).collect();
        let mut sheet = Self { zip, letters, rows: 0, row: String::new() };
        sheet.open_row();
        for (index, head) in heads.iter().enumerate() {
            sheet.text(index, HEAD, head.label);
        }
        sheet.close_row()?;
        Ok(sheet)
    }

    /// Writes one row.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        self.open_row();
        for (index, cell) in cells.iter().enumerate() {
            self.cell(index, cell);
        }
        self.close_row()
    }

    fn open_row(&mut self) {
        self.rows += 1;
        self.row.clear();
        put(&mut self.row, format_args!("<row r=\"{}\">", self.rows));
    }

    fn close_row(&mut self) -> io::Result<()> {
        self.row.push_str("</row>");
        self.zip.write_all(self.row.as_bytes())
    }

    fn cell(&mut self, index: usize, cell: &Cell<'_>) {
        match cell {
            Cell::Empty => {}
            Cell::Text(text) if text.is_empty() => {}
            Cell::Text(text) => self.text(index, style(Kind::Text).0, text),
            Cell::Money(cents) => {
                self.number(index, Kind::Money, |row| hundredths(row, *cents, '.'));
            }
            Cell::Whole(number) => {
                self.number(index, Kind::Whole, |row| put(row, format_args!("{number}")));
            }
            Cell::Percent(rate) => self.number(index, Kind::Percent, |row| {
                let (sign, size) = (if *rate < 0 { "-" } else { "" }, rate.unsigned_abs());
                put(row, format_args!("{sign}{}.{:04}", size / 10_000, size % 10_000));
            }),
            Cell::Moment(at) => self.number(index, Kind::Moment, |row| {
                let clock = at.time();
                let minutes = i64::from(clock.hour()) * 60 + i64::from(clock.minute());
                let seconds = minutes * 60 + i64::from(clock.second());
                // Ten digits of a day tell a hundred-thousandth of a second.
                let part = (seconds * 10_000_000_000 + 43_200) / 86_400;
                put(row, format_args!("{}.{part:010}", serial(at.date())));
            }),
            Cell::Day(day) => {
                self.number(index, Kind::Day, |row| put(row, format_args!("{}", serial(*day))));
            }
        }
    }

    fn number(&mut self, index: usize, kind: Kind, value: impl FnOnce(&mut String)) {
        let (letters, rows) = (&self.letters[index], self.rows);
        put(&mut self.row, format_args!("<c r=\"{letters}{rows}\" s=\"{}\"><v>", style(kind).0));
        value(&mut self.row);
        self.row.push_str("</v></c>");
    }

    fn text(&mut self, index: usize, style: u8, text: &str) {
        let (letters, rows) = (&self.letters[index], self.rows);
        let open = "t=\"inlineStr\"><is><t xml:space=\"preserve\">";
        put(&mut self.row, format_args!("<c r=\"{letters}{rows}\" s=\"{style}\" {open}"));
        escape(&mut self.row, text);
        self.row.push_str("</t></is></c>");
    }

    /// Closes the sheet and what it is packed in.
    pub fn end(mut self) -> io::Result<()> {
        self.zip.write_all(b"</sheetData></worksheet>")?;
        self.zip.finish()?;
        Ok(())
    }
}

fn before_rows(heads: &[Head<'_>]) -> String {
    let mut text = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>"#
        .to_owned();
    for (head, no) in heads.iter().zip(1..) {
        let width = style(head.kind).1.max(head.label.chars().count() + 2);
        put(
            &mut text,
            format_args!(r#"<col min="{no}" max="{no}" width="{width}" customWidth="1"/>"#),
        );
    }
    text + "</cols><sheetData>"
}

/// The letters of a column, the first being 0: A … Z, AA ….
fn letters(mut index: usize) -> String {
    let mut letters = String::new();
    loop {
        let letter = u8::try_from(index % 26).unwrap_or(0);
        letters.insert(0, char::from(b'A' + letter));
        if index < 26 {
            return letters;
        }
        index = index / 26 - 1;
    }
}

/// The number by which a spreadsheet knows a day.
fn serial(day: Date) -> i64 {
    day.duration_since(date(1899, 12, 30)).as_hours() / 24
}

/// The most that one cell may hold, in UTF-16; a longer one makes the file a broken one.
const TEXT_MAX: usize = 32_767;

/// A text as XML. What XML cannot hold is written as `_x000D_`, and what only looks so, so that it is not read as that.
fn escape(out: &mut String, text: &str) {
    let mut units = 0;
    for (at, c) in text.char_indices() {
        units += c.len_utf16();
        if units > TEXT_MAX {
            return;
        }
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '_' if is_escape(&text.as_bytes()[at..]) => out.push_str("_x005F_"),
            '\t' | '\n' => out.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                put(out, format_args!("_x{:04X}_", u32::from(c)));
            }
            c => out.push(c),
        }
    }
}

fn is_escape(text: &[u8]) -> bool {
    matches!(text, [b'_', b'x', a, b, c, d, b'_', ..] if [a, b, c, d].iter().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_in_letters() {
        for (index, name) in [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (702, "AAA")]
        {
            assert_eq!(letters(index), name);
        }
    }

    #[test]
    fn a_day_has_the_number_that_spreadsheets_give_it() {
        assert_eq!(serial(date(1970, 1, 1)), 25_569);
        assert_eq!(serial(date(2026, 1, 31)), 46_053);
    }

    #[test]
    fn no_text_breaks_the_sheet() {
        let mut out = String::new();
        escape(&mut out, "a<b>&\"\u{1}\r\n_x000D_ _x_ é😀");
        assert_eq!(out, "a&lt;b&gt;&amp;\"_x0001__x000D_\n_x005F_x000D_ _x_ é😀");
        out.clear();
        escape(&mut out, &"😀".repeat(20_000));
        assert_eq!(out.chars().count(), TEXT_MAX / 2);
    }

    #[test]
    fn the_same_rows_make_the_same_file() {
        let make = || {
            let mut out = vec![];
            let heads = [Head { label: "Jour", kind: Kind::Day }];
            let mut sheet = Xlsx::begin(&mut out, "Ventes", &heads).unwrap();
            sheet.row(&[Cell::Day(date(2026, 1, 31))]).unwrap();
            sheet.end().unwrap();
            out
        };
        assert_eq!(make(), make());
    }
}
