//! Reports as files, in one piece of memory; rows are never held besides it.

use super::{Days, Report};
use crate::error::{Error, Result};
use crate::paper::table::{Csv, Head, Style, Xlsx};
use crate::root::Read;
use crate::values::Slug;

/// Most rows of a file.
pub const ROWS_MAX: u32 = 200_000;

/// What a file is.
#[derive(Clone, Copy, Debug)]
pub enum Format {
    /// Text with separators.
    Csv(Style),
    /// A spreadsheet.
    Xlsx,
}

impl Format {
    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv(_) => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// How the names of such files end, and what people call it.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Csv(_) => "csv",
            Self::Xlsx => "xlsx",
        }
    }
}

impl Report {
    /// The name of a file of it.
    #[must_use]
    pub fn file_name(&self, tenant: &Slug, days: &Days, format: Format) -> String {
        let (from, to, ending) = (days.from(), days.to(), format.ending());
        format!("{} {tenant} {from} {to}.{ending}", self.title)
    }

    /// The chosen columns as a file.
    pub fn write(
        &self,
        tx: &Read,
        days: &Days,
        chosen: &[usize],
        format: Format,
    ) -> Result<Vec<u8>> {
        let heads: Vec<Head<'_>> = chosen.iter().map(|&at| self.columns[at].head()).collect();
        let mut bytes = vec![];
        match format {
            Format::Csv(style) => {
                let mut csv = Csv::begin(&mut bytes, style, &heads).map_err(unwritten)?;
                self.each(tx, days, chosen, |cells| csv.row(cells).map_err(unwritten))?;
                csv.end().map_err(unwritten)?;
            }
            Format::Xlsx => {
                let mut sheet = Xlsx::begin(&mut bytes, self.title, &heads).map_err(unwritten)?;
                self.each(tx, days, chosen, |cells| sheet.row(cells).map_err(unwritten))?;
                sheet.end().map_err(unwritten)?;
            }
        }
        Ok(bytes)
    }
}

fn unwritten(fault: std::io::Error) -> Error {
    Error::Internal(Box::new(fault))
}
