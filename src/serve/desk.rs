//! Where a connection's requests are answered: the cheap things at once, on the connection's own task; the rest on a
//! worker thread. The client may leave at any time, and takes with it only what no worker has begun.

use std::convert::Infallible;
use std::future::{Ready as Now, ready};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::future::Either;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper::{Method, Request};

use super::answer::{self, Answer, busy};
use super::body::Complete;
use super::line::Turn;
use super::{House, head};
use crate::app::{App, Head, Lane, Ready};

#[derive(Clone)]
pub(super) struct Desk {
    pub(super) house: Arc<House>,
    pub(super) turn: Arc<Turn>,
    pub(super) peer: SocketAddr,
}

impl Service<Request<Incoming>> for Desk {
    type Response = Answer;
    type Error = Infallible;
    type Future = Either<
        Now<Result<Answer, Infallible>>,
        Pin<Box<dyn Future<Output = Result<Answer, Infallible>> + Send>>,
    >;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.turn.handled();
        let bare = request.method() == Method::HEAD;
        if let Some(why) = head::fault(&request, self.house.config.head_count) {
            let head = head::head(&request.into_parts().0, self.peer);
            let refused = self.house.app.refuse(Some(&head), why);
            return Either::Left(ready(Ok(self.answer(Err(refused), bare))));
        }
        let cached = head::peek(&request, self.peer).and_then(|peek| self.house.app.cached(&peek));
        if let Some(cached) = cached {
            return Either::Left(ready(Ok(self.answer(Ok(cached), bare))));
        }
        let desk = self.clone();
        Either::Right(Box::pin(async move {
            let outcome = desk.ask(request).await;
            Ok(desk.answer(outcome, bare))
        }))
    }
}

impl Desk {
    /// Reads the request and has it handled. `Err` is an answer too, but one after which the connection cannot go on.
    async fn ask(&self, request: Request<Incoming>) -> Result<Ready, Ready> {
        let (parts, body) = request.into_parts();
        let head = head::head(&parts, self.peer);
        drop(parts);
        let Complete { head, bytes, share } = self.read(head, body).await?;
        let House { app, workers, .. } = &*self.house;
        let (lane, tenant) = (app.lane(&head), app.tenant(&head));
        // What is said where no worker is to be had is in the dialect of the path.
        let asked = (lane != Lane::Read).then(|| Head {
            method: head.method.clone(),
            target: head.target.clone(),
            headers: vec![],
            peer: head.peer,
        });
        let answer = move |app: &App| {
            let request = rouille::Request::fake_http_from(
                head.peer,
                head.method,
                head.target,
                head.headers,
                bytes,
            );
            let ready = app.handle(&request);
            drop((request, share));
            ready
        };
        if lane == Lane::Read {
            return Ok(answer(app));
        }
        let done = workers.run(app, lane, tenant, answer).await;
        Ok(done.unwrap_or_else(|| busy(app, asked.as_ref())))
    }

    fn answer(&self, outcome: Result<Ready, Ready>, bare: bool) -> Answer {
        self.turn.answered(outcome.is_err());
        let last = outcome.is_err() || self.house.stop.asked();
        let mut ready = outcome.unwrap_or_else(|refusal| refusal);
        let body = std::mem::take(&mut ready.body);
        ready.body =
            match answer::counted(body, &self.house.gauges, self.house.config.answers_bytes) {
                Some(body) => body,
                None => return answer::answer(busy(&self.house.app, None), bare, last),
            };
        answer::answer(ready, bare, last)
    }
}
