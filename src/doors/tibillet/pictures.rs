//! Images that a request names by address, fetched and cut before any write.

use super::data::Data;
use super::fields::{Form, GENERAL, Given};
use super::json::Json;
use super::messages as say;
use crate::doors::{Desk, Failure};
use crate::error::Error;
use crate::picture::Purpose;
use crate::trade::media::Upload;

/// Does the data name an image by address?
pub(super) fn is_named(data: &Data<'_>, field: &str) -> bool {
    data.value(field).is_some_and(Json::is_truthy)
}

/// An image is replaced and never taken away: `null` alone is refused.
pub(super) fn refuse_removal(form: &mut Form, data: &Data<'_>, field: &'static str, address: &str) {
    if matches!(form.look(field), Given::Null) && !is_named(data, address) {
        form.fail(field, say::NULL);
    }
}

/// The image that was sent, or the one at the address that a field names. Neither: none.
pub(super) fn sent_or_fetched(
    sent: Option<Upload>,
    data: &Data<'_>,
    field: &str,
    purpose: Purpose,
    desk: &Desk,
) -> Result<Option<Upload>, Failure> {
    if sent.is_some() || !is_named(data, field) {
        return Ok(sent);
    }
    let address = data.value(field).map(Json::as_python).unwrap_or_default();
    let wrong = |why: &dyn std::fmt::Display| {
        Error::invalid(GENERAL, say::bad_image_address(&address, why))
    };
    let fetched = desk.fetcher.get(&address).map_err(|fault| wrong(&fault))?;
    match desk.studio.cut(&fetched.bytes, purpose, false) {
        Ok(picture) => Ok(Some(Upload { file: fetched.name, address: Some(address), picture })),
        Err(fault) => Err(wrong(&say::no_picture(fault)).into()),
    }
}
