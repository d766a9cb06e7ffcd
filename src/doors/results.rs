//! Files that go out under a name: reports, and what jobs made, to whoever was told the link.

use super::{Answer, Call, Front, pages::missing};
use crate::error::Error;
use crate::root::Tenant;
use crate::trade::job;
use crate::values::id::JobId;
use rouille::Response;
use std::borrow::Cow;

pub(super) fn shape(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": "string", "contentEncoding": "binary" })
}

/// The path of a job's file: whoever knows it has the file.
pub(super) fn path(tenant: &Tenant, job: JobId) -> Result<String, Error> {
    Ok(format!("/job/{job}/{}", tenant.seal("job", job.0)?))
}

/// The file of a job, for who knows its link.
pub(super) fn file(call: &Call<'_>, front: &Front) -> Answer {
    let id = call.param(0).parse().ok().map(JobId);
    let sealed = id.filter(|id| front.tenant.has_sealed("job", id.0, call.param(1)));
    let Some(id) = sealed else { return missing(front) };
    let _alone = call.desk.one_file.lock();
    match front.tenant.read(|tx| job::file(tx, id)) {
        Ok(job::File { name, media_type, bytes }) => Ok(attachment(media_type, &name, bytes)),
        Err(Error::NotFound) => missing(front),
        Err(other) => Err(other.into()),
    }
}

/// A file to keep, under a name that old clients read without its accents. Nobody on the way keeps it.
pub(super) fn attachment(
    media_type: impl Into<Cow<'static, str>>,
    name: &str,
    bytes: Vec<u8>,
) -> Response {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_graphic() && c != '"' && c != '\\' || c == ' ' { c } else { '_' })
        .collect();
    let exact = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
    Response::from_data(media_type, bytes)
        .with_additional_header("Cache-Control", "private, no-store")
        .with_additional_header(
            "Content-Disposition",
            format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}"),
        )
}
