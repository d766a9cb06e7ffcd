//! `/v2/tenants/:id/usages`: how much a tenant uses of what its package gives.

use super::tenants::current;
use super::wire::many;
use crate::doors::{Answer, Call, Front};
use crate::root::Staff;
use crate::root::package::Used;
use crate::trade::usage;
use schemars::JsonSchema;
use serde::Serialize;

/// How much of something is used; without a limit there is none.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RoomleTenantUsage")]
pub(super) struct WireUsage {
    id: String,
    r#type: &'static str,
    used: u64,
    limit: Option<u64>,
}

pub(super) fn list(call: &Call<'_>, front: &Front, staff: &Staff) -> Answer {
    current(call, front)?;
    let no = front.tenant.entry().no;
    let wire = |Used { usage, used, most }: Used| {
        let kind = usage.as_str();
        WireUsage { id: format!("{no}:{kind}"), r#type: kind, used, limit: most }
    };
    let all: Vec<_> = staff.usages(usage::counted)?.into_iter().map(wire).collect();
    Ok(many(call, "tenantUsages", &all, i64::try_from(all.len()).unwrap_or(0)))
}
