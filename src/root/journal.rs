//! What programs were refused, to be found again by the id that the answer names. The newest are kept, and never a
//! secret or a body.
//!
//! Whoever is refused does not make the house write: refusals wait in memory and are written down together.

use super::{By, Operator, Root};
use crate::error::Result;
use crate::values::Time;
use parking_lot::Mutex;
use rusqlite::{Row, named_params};
use std::collections::VecDeque;
use uuid::Uuid;

/// Refusals that wait at the most; past them the oldest is forgotten.
const WAITING: usize = 4_096;

/// Refusals that are kept.
const KEPT: i64 = 10_000;

/// One refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// By which it is found again.
    pub id: Uuid,
    /// When.
    pub at: Time,
    /// The status of the answer.
    pub status: u16,
    /// What the answer said.
    pub message: String,
    /// What it said besides.
    pub description: String,
    /// By which the log speaks of the request.
    pub request: String,
    /// Method and path.
    pub asked: String,
}

const COLUMNS: &str = "id, at, status, message, description, request, asked";

fn row(row: &Row<'_>) -> rusqlite::Result<Refused> {
    Ok(Refused {
        id: row.get("id")?,
        at: row.get("at")?,
        status: row.get("status")?,
        message: row.get("message")?,
        description: row.get("description")?,
        request: row.get("request")?,
        asked: row.get("asked")?,
    })
}

/// Refusals that are not written down yet.
#[derive(Debug, Default)]
pub struct Journal(Mutex<VecDeque<Refused>>);

impl Journal {
    /// Notes a refusal.
    pub fn note(&self, refused: Refused) {
        let mut waiting = self.0.lock();
        if waiting.len() == WAITING {
            waiting.pop_front();
        }
        waiting.push_back(refused);
    }
}

impl Root {
    /// Where refusals are noted.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.0.journal
    }

    /// Writes down what was refused; to be called every second and at the end.
    pub fn write_journal(&self) -> Result<()> {
        let waiting = std::mem::take(&mut *self.0.journal.0.lock());
        if waiting.is_empty() {
            return Ok(());
        }
        self.0.file.write(By::House, |tx| {
            let sql = format!(
                "INSERT INTO api_error ({COLUMNS}) VALUES (:id, :at, :status, :message, :description, :request, :asked)"
            );
            for Refused { id, at, status, message, description, request, asked } in &waiting {
                let params = named_params! {
                    ":id": id.as_bytes().as_slice(), ":at": at, ":status": status, ":message": message,
                    ":description": description, ":request": request, ":asked": asked,
                };
                tx.run(&sql, params)?;
            }
            let old = "DELETE FROM api_error WHERE no <= (SELECT max(no) FROM api_error) - ?1";
            tx.run(old, [KEPT]).map(drop)
        })
    }
}

impl Operator {
    /// The refusal of this id, where it is among those that are kept.
    pub fn refused(&self, id: Uuid) -> Result<Option<Refused>> {
        if let Some(found) = self.house().journal.0.lock().iter().find(|one| one.id == id) {
            return Ok(Some(found.clone()));
        }
        let sql = format!("SELECT {COLUMNS} FROM api_error WHERE id = ?1");
        self.house().file.read(|tx| tx.maybe(&sql, [id.as_bytes().as_slice()], row))
    }
}
