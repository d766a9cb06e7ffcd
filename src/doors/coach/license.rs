//! The licence: `/license` takes over what was bought under the tenant's customer id and code.

use super::errors::{Known, fail};
use crate::doors::{Answer, Call, Front};
use crate::error::Error;
use crate::root::Staff;
use rouille::Response;

pub(super) fn obtain(call: &Call<'_>, _: &Front, staff: &Staff) -> Answer {
    match staff.obtain_license() {
        Ok(()) => Ok(Response::empty_204()),
        Err(Error::NotFound) => {
            let what = "No licence was bought under this customerId and customerCode.";
            Err(fail(call, Known::NotFound, what))
        }
        Err(other) => Err(other.into()),
    }
}
