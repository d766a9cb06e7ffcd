//! What verbs print: lines, tables, JSON, and refusals. Colour only on a terminal.

use crate::error::{Error, Result};
use serde_json::Value;
use std::io::{IsTerminal, Write};

/// One line on standard output.
pub(super) fn line(text: impl std::fmt::Display) -> Result<()> {
    written(writeln!(std::io::stdout().lock(), "{text}"))
}

/// A reader that went away, such as `head`, is no failure.
fn written(result: std::io::Result<()>) -> Result<()> {
    match result {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::internal(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// The reason why a verb did nothing, on standard error.
pub(super) fn refusal(error: &Error) {
    aside("31", error);
}

/// What whoever ran a verb should know though it did its work, on standard error.
pub(super) fn note(text: impl std::fmt::Display) {
    aside("33", text);
}

fn aside(colour: &str, text: impl std::fmt::Display) {
    let mut err = std::io::stderr().lock();
    let prefix = if err.is_terminal() {
        format!("\u{1b}[1;{colour}mguichet:\u{1b}[0m")
    } else {
        "guichet:".to_owned()
    };
    // There is nowhere left to say that standard error cannot be written.
    drop(writeln!(err, "{prefix} {text}"));
}

/// Rows as an aligned table with a head, or as a JSON list of objects.
pub(super) fn table(json: bool, head: &[&str], rows: &[Vec<Value>]) -> Result<()> {
    if json {
        let objects: Vec<Value> = rows
            .iter()
            .map(|row| {
                head.iter()
                    .zip(row)
                    .map(|(name, value)| ((*name).to_owned(), value.clone()))
                    .collect()
            })
            .collect();
        return line(serde_json::to_string_pretty(&objects).unwrap_or_default());
    }
    let cells: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(cell).collect()).collect();
    let width = |column: usize| {
        let widest =
            cells.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
        widest.unwrap_or(0).max(head[column].len())
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let bold = std::io::stdout().is_terminal();
    let titles: Vec<String> =
        head.iter().map(|title| title.to_uppercase().replace('_', " ")).collect();
    let row = |cells: &[String]| {
        let padded: Vec<String> =
            cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    line(if bold { format!("\u{1b}[1m{}\u{1b}[0m", row(&titles)) } else { row(&titles) })?;
    cells.iter().try_for_each(|cells| line(row(cells)))
}

/// Text as a terminal may have it: what strangers have chosen must not steer it.
fn plain(text: &str) -> String {
    let shown =
        |c: char| if c.is_control() { c.escape_default().collect() } else { String::from(c) };
    text.chars().map(shown).collect()
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".into(),
        Value::String(text) => plain(text),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_and_not_obeyed() {
        let name = Value::from("Chez \u{1b}[2JJo\u{9b}31m\r\n");
        assert_eq!(cell(&name), r"Chez \u{1b}[2JJo\u{9b}31m\r\n");
        assert_eq!(cell(&Value::from("Café du théâtre")), "Café du théâtre");
    }
}
