//! Work that somebody asked for: exports are written, tickets printed, letters to many queued, imports taken row by row.

use super::round::{Round, calmly};
use crate::error::{Error, Result};
use crate::root::{By, Errand, Read, Root, Tenant, Write};
use crate::trade::import::{self, Room};
use crate::trade::job::{self, File, Job, Kind};
use crate::trade::order;
use crate::trade::print::Print;
use crate::trade::report::ROWS_MAX;

/// Does what is to be done now.
pub(super) fn work_off(root: &Root, room: Room) -> Result<()> {
    Round::run(root, Errand::Job, job::next, |round, tenant| {
        let is_due = |tx: &Read| Ok(job::next(tx)?.is_some_and(|at| at <= tx.now()));
        if !tenant.read(is_due)? {
            return Ok(());
        }
        tenant.write(By::House, job::forget)?;
        while round.in_time() {
            let Some(job) = tenant.write(By::House, job::take)? else { break };
            if let Err(error) = calmly(|| carry_out(tenant, &job, round, room)) {
                tracing::warn!(tenant = %tenant.entry().slug, job = %job.id, %error, "a job did not come further");
                tenant.write(By::House, |tx| job::fail(tx, &job, &error))?;
            }
        }
        Ok(())
    })
}

/// Does a job, as far as the round has time; the rest is due at once.
fn carry_out(tenant: &Tenant, job: &Job, round: &Round, room: Room) -> Result<()> {
    let step: &dyn Fn(&Write) -> Result<bool> = match job.kind {
        Kind::Export => return export(tenant, job),
        Kind::Print => return print(tenant, job),
        Kind::Import => &|tx| import::take_rows(tx, job.id, room),
        Kind::Letters => &|tx| job::write_letters(tx, job.id),
        Kind::Image => return Err(Error::internal("an image is cut before it is told of")),
    };
    loop {
        let over = tenant.write(By::House, step)?;
        if over || !round.in_time() {
            return Ok(());
        }
    }
}

fn export(tenant: &Tenant, job: &Job) -> Result<()> {
    let export = job.export()?;
    let columns: Vec<usize> = (0..export.report.columns.len()).collect();
    tenant.write(By::House, order::release)?;
    let bytes = tenant.read(|tx| {
        if export.report.is_longer(tx, &export.days, ROWS_MAX)? {
            return Err(Error::invalid(
                "to",
                format!("more than {ROWS_MAX} rows: take fewer days"),
            ));
        }
        export.report.write(tx, &export.days, &columns, export.format)
    })?;
    let file = File {
        name: export.report.file_name(&tenant.entry().slug, &export.days, export.format),
        media_type: export.format.media_type().to_owned(),
        bytes,
    };
    tenant.write(By::House, |tx| job::finish(tx, job, &file))
}

/// Draws the tickets of an event, after the read and before the write: a file of two thousand pages takes seconds. What a
/// crash stops is drawn anew from what is sold then.
fn print(tenant: &Tenant, job: &Job) -> Result<()> {
    let (Some(event), Some(layout)) = (job.event, job.layout) else { return Err(Error::NotFound) };
    let print = tenant.read(|tx| Print::of_event(tx, event, layout))?;
    let file = File {
        name: print.event_file_name(&tenant.entry().slug),
        media_type: "application/pdf".to_owned(),
        bytes: print.draw(layout)?,
    };
    tenant.write(By::House, |tx| job::finish(tx, job, &file))
}
