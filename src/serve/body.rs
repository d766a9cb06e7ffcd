//! The body of a request: bounded in bytes and in time, and read before a worker is asked, so a slow sender holds none.
//! The first 64 KiB are free. For more, the app must know the caller, and what is read counts against one budget that
//! all requests share, from before it is read until the request is done.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::time::{Instant, timeout_at};

use super::answer::busy;
use super::desk::Desk;
use crate::app::Unread::{Broken, Late, TooLong};
use crate::app::{App, FREE_BODY, Gauges, Head, Lane, Ready};

/// A share of the budget, given back on drop.
pub(super) struct Share {
    gauges: Arc<Gauges>,
    bytes: u64,
}

impl Share {
    /// Makes the share cover a body of `length`; false when the budget has no room for it.
    fn cover(&mut self, length: u64, budget: u64) -> bool {
        let more = length.saturating_sub(FREE_BODY).saturating_sub(self.bytes);
        let room = |taken: u64| taken.checked_add(more).filter(|sum| *sum <= budget);
        let taken = more == 0
            || self.gauges.bodies.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).is_ok();
        self.bytes += if taken { more } else { 0 };
        taken
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.gauges.bodies.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// A request that was read to its end.
pub(super) struct Complete {
    pub(super) head: Head,
    pub(super) bytes: Vec<u8>,
    pub(super) share: Share,
}

impl Desk {
    /// Reads the body, or refuses it: an `Err` leaves the connection with something unread.
    pub(super) async fn read(&self, head: Head, mut body: Incoming) -> Result<Complete, Ready> {
        let (app, config) = (&self.house.app, &self.house.config);
        let share = Share { gauges: self.house.gauges.clone(), bytes: 0 };
        let mut request = Complete { head, bytes: Vec::new(), share };
        if body.is_end_stream() {
            return Ok(request);
        }
        let free = FREE_BODY.min(config.body_bytes);
        let mut limit = free;
        if let Some(length) = body.size_hint().exact() {
            if length > config.upload_bytes {
                return Err(
                    app.refuse(Some(&request.head), TooLong(app.longest_body(&request.head)))
                );
            }
            if length > free {
                limit = self.admit(&request.head).await?;
            }
            self.make_room(&mut request, length, limit)?;
            request.bytes.reserve_exact(usize::try_from(length).unwrap_or(0));
        }
        let mut by = Instant::now() + Duration::from_secs(config.body_seconds);
        loop {
            let refuse = |why| app.refuse(Some(&request.head), why);
            let late = |_| refuse(Late(config.body_seconds));
            let Some(frame) = timeout_at(by, body.frame()).await.map_err(late)? else { break };
            let Ok(data) = frame.map_err(|_malformed| refuse(Broken))?.into_data() else {
                continue;
            };
            let length = (request.bytes.len() + data.len()) as u64;
            if length > limit && limit == free {
                let asked = Instant::now();
                limit = self.admit(&request.head).await?;
                by += asked.elapsed();
            }
            self.make_room(&mut request, length, limit)?;
            request.bytes.extend_from_slice(&data);
        }
        Ok(request)
    }

    /// Asks the app whether this caller may send more than is free, and how much.
    async fn admit(&self, head: &Head) -> Result<u64, Ready> {
        let (app, asked) = (&self.house.app, head.clone());
        let ask = move |app: &App| app.accept_body(&asked);
        let answer = self.house.workers.run(app, Lane::Quick, app.tenant(head), ask).await;
        let limit = answer.unwrap_or_else(|| Err(busy(app, Some(head))))?;
        Ok(limit.min(self.house.config.upload_bytes))
    }

    fn make_room(&self, request: &mut Complete, length: u64, limit: u64) -> Result<(), Ready> {
        if length > limit {
            Err(self.house.app.refuse(Some(&request.head), TooLong(limit)))
        } else if request.share.cover(length, self.house.config.inflight_bytes) {
            Ok(())
        } else {
            Err(busy(&self.house.app, Some(&request.head)))
        }
    }
}
