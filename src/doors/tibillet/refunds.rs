//! `/api/refunds/…`: what is owed to buyers, and that it was handed over.

use super::data::Body;
use super::fields::{Field, Form, Kind, read_uuid};
use super::messages as say;
use super::orders::{BY_HAND, refused};
use super::repeat::Repeat;
use super::reservations::release_holds;
use super::wire::json;
use super::wire_order::WireOwed;
use crate::doors::{Answer, Call, Front};
use crate::error::Error;
use crate::root::Staff;
use crate::trade::answered::Answered;
use crate::trade::order::{self, Means};
use crate::values::id::RefundId;

pub(super) const SETTLE: &[Field] = &[Field::new("means", Kind::OneOf(BY_HAND)).required()];

/// All refunds, or with `?owed=` those that are owed or not; deposits of holds that have run out are.
pub(super) fn list(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let page = call.bounded_page()?;
    let owed = match call.request.get_param("owed").as_deref() {
        None => None,
        Some("true" | "1") => Some(true),
        Some("false" | "0") => Some(false),
        Some(_) => return Err(Error::invalid("owed", say::NOT_A_BOOLEAN).into()),
    };
    release_holds(staff.tenant())?;
    let refunds = staff.tenant().read(|tx| order::list_refunds(tx, owed, page))?;
    let wire: Vec<_> = refunds.iter().map(WireOwed::new).collect();
    Ok(call.paged(json(200, &wire), page, wire.len()))
}

/// Writes down how what was owed was handed over.
pub(super) fn settle(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    let id = read_uuid(call.param(0)).map(RefundId).ok_or(Error::NotFound)?;
    let body = Body::read(call)?;
    let repeat = Repeat::of(call, &body)?;
    if let Some(before) = repeat.before(staff.tenant())? {
        return Ok(before.response());
    }
    let mut form = Form::check(SETTLE, &body.data(call.desk.json_depth)?, false, call.desk)?;
    form.finish()?;
    let means = form.text("means").and_then(Means::parse).ok_or(Error::NotFound)?;
    let settled = repeat.once(staff.tenant(), staff.by(), |tx| {
        let refund = order::settle_refund(tx, id, means)?;
        let body = serde_json::to_vec(&WireOwed::new(&refund));
        Ok(Answered::plain(201, body.map_err(|e| Error::Internal(Box::new(e)))?))
    });
    Ok(settled.map_err(refused)?.response())
}
