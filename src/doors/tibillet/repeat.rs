//! `Idempotency-Key`: the same request, sent again under the same key, is answered as it was the first time.

use super::data::Body;
use super::fields::GENERAL;
use super::messages as say;
use super::wire::json;
use crate::doors::{Call, Failure};
use crate::error::{Error, Refusal};
use crate::root::{By, Tenant, Write};
use crate::trade::answered::{self, Answered};
use rouille::Response;

/// A request that may have been answered before.
pub(super) struct Repeat {
    key: Option<String>,
    asked: Vec<u8>,
}

/// What a request is answered.
pub(super) struct Done {
    pub(super) answered: Answered,
    /// Not answered before.
    pub(super) is_new: bool,
}

impl Repeat {
    /// Reads the key, of 1 to 255 visible characters. What is asked is the path with the whole body.
    pub(super) fn of(call: &Call<'_>, body: &Body) -> Result<Self, Failure> {
        let key = call.request.header("Idempotency-Key").map(str::to_owned);
        let right = |key: &String| {
            (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic())
        };
        if key.as_ref().is_some_and(|key| !right(key)) {
            return Err(Error::invalid(GENERAL, say::BAD_KEY).into());
        }
        let mut asked = call.request.raw_url().as_bytes().to_vec();
        asked.push(b'\n');
        asked.extend(body.fingerprint());
        Ok(Self { key, asked })
    }

    /// The answer that was given before, looked for before anything is checked that may have changed since.
    pub(super) fn before(&self, tenant: &Tenant) -> Result<Option<Done>, Failure> {
        let Some(key) = &self.key else { return Ok(None) };
        let found = tenant.read(|tx| answered::find(tx, key, &self.asked));
        Ok(found.map_err(reused)?.map(|answered| Done { answered, is_new: false }))
    }

    /// Runs `f` once in a write and answers what it returns; again, what it returned then.
    pub(super) fn once(
        &self,
        tenant: &Tenant,
        by: By,
        f: impl FnOnce(&Write) -> Result<Answered, Error>,
    ) -> Result<Done, Error> {
        tenant.write(by, |tx| {
            if let Some(key) = &self.key
                && let Some(answered) = answered::find(tx, key, &self.asked)?
            {
                return Ok(Done { answered, is_new: false });
            }
            let answered = f(tx)?;
            if let Some(key) = &self.key {
                answered::keep(tx, key, &self.asked, &answered)?;
            }
            Ok(Done { answered, is_new: true })
        })
    }
}

impl Done {
    /// As it is sent, where it names no page to pay at.
    pub(super) fn response(self) -> Response {
        let Answered { status, body, checkout: _ } = self.answered;
        Response::from_data("application/json", body).with_status_code(status)
    }
}

/// A key that came with another request before is a conflict.
pub(super) fn reused(error: Error) -> Failure {
    match error {
        Error::Refused(Refusal::KeyReused) => Failure::Answer(json(409, say::KEY_REUSED)),
        other => other.into(),
    }
}
