//! The small numbers by which some dialects name what a tenant's file holds. A write numbers what it has made when it ends,
//! so whoever made something looks for its number afterwards.

use crate::error::Result;
use crate::root::{Read, Write};
use std::collections::HashMap;
use uuid::Uuid;

/// The numbers of these things, in one look.
pub fn of(tx: &Read, ids: impl IntoIterator<Item = Uuid>) -> Result<HashMap<Uuid, i64>> {
    let ids = crate::root::coming::set(ids.into_iter());
    let sql =
        "SELECT subject, no FROM number WHERE subject IN (SELECT unhex(value) FROM json_each(?1))";
    let all: Vec<(Uuid, i64)> = tx.all(sql, [ids], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(all.into_iter().collect())
}

/// The ids that have these numbers in this file.
pub fn named(tx: &Read, numbers: &[i64]) -> Result<HashMap<i64, Uuid>> {
    let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
    let sql = "SELECT no, subject FROM number WHERE no IN (SELECT value FROM json_each(?1))";
    let numbers = format!("[{}]", numbers.join(","));
    let all: Vec<(i64, Uuid)> = tx.all(sql, [numbers], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(all.into_iter().collect())
}

/// Gives the number of one thing to another that was made in its place in this very write.
pub fn pass_on(tx: &Write, from: Uuid, to: Uuid) -> Result<()> {
    tx.run("DELETE FROM unnumbered WHERE subject = ?1", [to])?;
    tx.run("UPDATE number SET subject = ?2 WHERE subject = ?1", (from, to)).map(drop)
}
