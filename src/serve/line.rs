//! The socket as hyper sees it, with deadlines that no trickle of bytes moves: one for a head, one between requests,
//! one for writing an answer. While a request is handled there is none (its body has its own, in `body`).
//! There is one timer a connection. It may ring early, never late: it is moved only towards the present, because
//! moving it for every request would cost more than one needless wake-up.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::config::Config;

/// How long a client that is still sending is listened to after the last answer. Closed at once, the kernel would
/// send a reset, and the client might lose the answer that told it to stop.
const LINGER: Duration = Duration::from_secs(2);

/// How long a connection is idle before it does without hyper.
const DOZE: Duration = Duration::from_millis(100);

const HEAD: u8 = 0;
const HANDLED: u8 = 1;
const ANSWERED: u8 = 2;
const IDLE: u8 = 3;
const DOZING: u8 = 4;

/// Whose turn it is on a connection: what the desk tells the line. A new connection owes a head.
#[derive(Default)]
pub(super) struct Turn {
    now: AtomicU8,
    unread: AtomicBool,
}

impl Turn {
    /// A head is complete.
    pub(super) fn handled(&self) {
        self.now.store(HANDLED, Ordering::Relaxed);
    }

    /// The answer is on its way; `unread` when part of the request is not read, and never will be.
    pub(super) fn answered(&self, unread: bool) {
        self.unread.store(unread, Ordering::Relaxed);
        self.now.store(ANSWERED, Ordering::Relaxed);
    }

    /// Nothing has been said for a while, and nothing is waiting to be written.
    pub(super) fn dozes(&self) -> bool {
        self.is(DOZING)
    }

    fn is(&self, turn: u8) -> bool {
        self.now.load(Ordering::Relaxed) == turn
    }
}

pub(super) struct Line {
    stream: TcpStream,
    turn: Arc<Turn>,
    head: Duration,
    idle: Duration,
    write: Duration,
    read_by: Instant,
    doze_by: Instant,
    write_by: Option<Instant>,
    linger_by: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
    ahead: Bytes,
}

impl Line {
    pub(super) fn new(stream: TcpStream, turn: Arc<Turn>, config: &Config) -> Self {
        let [head, idle, write] = [config.head_seconds, config.idle_seconds, config.write_seconds]
            .map(Duration::from_secs);
        let read_by = Instant::now() + head;
        let (write_by, linger_by, timer, ahead) = (None, None, None, Bytes::new());
        Self {
            stream,
            turn,
            head,
            idle,
            write,
            read_by,
            doze_by: read_by,
            write_by,
            linger_by,
            timer,
            ahead,
        }
    }

    /// Ready when there is something to read; an error when there never will be, or when it took too long.
    pub(super) fn poll_first(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.ahead.is_empty() {
            // Only a read tells: a new socket counts as readable until one was tried.
            let mut byte = [0];
            match self.stream.poll_peek(cx, &mut ReadBuf::new(&mut byte)) {
                Poll::Pending => return self.wait(cx, self.read_by),
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            }
        }
        if self.turn.is(DOZING) {
            self.begin_head();
        }
        Poll::Ready(Ok(()))
    }

    /// Takes back what was read, but not yet parsed; a copy, because the original keeps hyper's buffer alive.
    pub(super) fn give_back(&mut self, ahead: &[u8]) {
        self.ahead = Bytes::copy_from_slice(ahead);
    }

    fn begin_head(&mut self) {
        self.turn.now.store(HEAD, Ordering::Relaxed);
        self.read_by = Instant::now() + self.head;
    }

    fn doze(&mut self, cx: &mut Context<'_>) {
        let by = self.doze_by;
        if self.wait(cx, by).is_ready() && self.write_by.is_none() {
            self.turn.now.store(DOZING, Ordering::Relaxed);
        }
    }

    /// Pending until `by`, then an error.
    fn wait(&mut self, cx: &mut Context<'_>, by: Instant) -> Poll<io::Result<()>> {
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(by)));
        if by < timer.deadline() {
            timer.as_mut().reset(by);
        }
        while timer.as_mut().poll(cx).is_ready() {
            if Instant::now() >= by {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            timer.as_mut().reset(by);
        }
        Poll::Pending
    }

    fn wait_to_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let by = *self.write_by.get_or_insert_with(|| Instant::now() + self.write);
        let late = ready!(self.wait(cx, by));
        // What the client would not read must not stay in the kernel's buffer either.
        let closed = self.stream.set_zero_linger();
        Poll::Ready(late.and(closed).map(|()| 0))
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.ahead.is_empty() {
            let count = self.ahead.len().min(buffer.remaining());
            buffer.put_slice(&self.ahead.split_to(count));
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if read.is_ready() {
            if buffer.filled().len() > before && self.turn.is(IDLE) {
                self.begin_head();
            }
            return read;
        }
        if self.turn.is(HEAD) {
            let by = self.read_by;
            return self.wait(cx, by);
        }
        if self.turn.is(IDLE) {
            self.doze(cx);
        }
        Poll::Pending
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(cx, bytes) {
            Poll::Pending => self.wait_to_write(cx),
            ready => ready,
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write_vectored(cx, bytes) {
            Poll::Pending => self.wait_to_write(cx),
            ready => ready,
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// hyper flushes only when its own buffer is empty: this is where an answer is known to be out.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.write_by = None;
        if self.turn.is(ANSWERED) {
            self.turn.now.store(IDLE, Ordering::Relaxed);
            let now = Instant::now();
            self.read_by = now + self.idle;
            self.doze_by = now + self.idle.min(DOZE);
            // hyper may have asked for more while the request was handled, and then does not ask again: this is the
            // last call before the silence, so the timer must be set here.
            self.doze(cx);
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
        // hyper refuses a malformed or endless head by itself, so in that turn there may be more to come.
        if !self.turn.unread.load(Ordering::Relaxed) && !self.turn.is(HEAD) {
            return Poll::Ready(Ok(()));
        }
        let by = *self.linger_by.get_or_insert_with(|| Instant::now() + LINGER);
        let mut scratch = [0; 4096];
        while Instant::now() < by {
            let mut buffer = ReadBuf::new(&mut scratch);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending => return self.wait(cx, by).map(|_late| Ok(())),
            }
        }
        Poll::Ready(Ok(()))
    }
}
