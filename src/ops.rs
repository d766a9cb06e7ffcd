//! The operations listener: `/up`, `/readyz` and `/metrics` on an address of its own, with a thread of its own, so that
//! it answers while the public side is saturated. For the host's own network; it knows no credentials.

use crate::app::{App, Gauges};
use crate::error::{Error, Result};
use std::net::SocketAddr;
use std::sync::Arc;
use tiny_http::{Header, Method, Request, Response, Server};

/// The listener, at work.
pub struct Ops {
    server: Arc<Server>,
}

impl Ops {
    /// Binds the address and answers there.
    pub fn start(address: SocketAddr, app: Arc<App>, sockets: Arc<Gauges>) -> Result<Self> {
        let bound = Server::http(address)
            .map_err(|e| Error::directory(format!("cannot listen on {address}: {e}")))?;
        let server = Arc::new(bound);
        let listener = server.clone();
        let body = move || {
            for request in listener.incoming_requests() {
                answer(&app, &sockets, request);
            }
        };
        std::thread::Builder::new()
            .name("ops".into())
            .spawn(body)
            .map_err(|e| Error::internal(format!("the thread of {address}: {e}")))?;
        Ok(Self { server })
    }

    /// Ends it, without waiting for a client that does not take its answer.
    pub fn stop(self) {
        self.server.unblock();
    }
}

/// Bodies are never read here, and tiny_http makes room for what is left of one when its request is dropped: a length
/// that no memory holds would end the process.
const BODY_MAX: usize = 65_536;

const TEXT: &str = "text/plain; charset=utf-8";
const FIGURES: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

fn answer(app: &App, sockets: &Gauges, request: Request) {
    if request.body_length().is_some_and(|length| length > BODY_MAX) {
        std::mem::forget(request);
        return;
    }
    let (status, media_type, body) = match (request.method(), request.url()) {
        (Method::Get | Method::Head, "/up") => (200, TEXT, "up\n".to_owned()),
        (Method::Get | Method::Head, "/readyz") if app.root().is_ready() => {
            (200, TEXT, "ready\n".to_owned())
        }
        (Method::Get | Method::Head, "/readyz") => (503, TEXT, "not ready\n".to_owned()),
        (Method::Get | Method::Head, "/metrics") => (200, FIGURES, app.metrics(sockets)),
        _ => (404, TEXT, "not found\n".to_owned()),
    };
    let mut response = Response::from_string(body).with_status_code(status);
    if let Ok(media_type) = Header::from_bytes("Content-Type", media_type) {
        response.add_header(media_type);
    }
    // Whoever asked may be gone.
    drop(request.respond(response));
}
