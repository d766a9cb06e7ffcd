//! One SQLite file: its pragmas, a pool of readers, and one writer with group commit.
//!
//! The writer's connection is a baton: callers queue for it, each runs its own closure on its own thread in its own
//! SAVEPOINT, and the last in line (or the 64th, or the first after 5 ms) commits for all. A caller hears of success
//! only after that COMMIT. `synchronous = FULL`: success means on disk.

use super::migrate;
use super::tx::{By, Read, Write};
use crate::error::{Error, Result};
use crate::values::Time;
use parking_lot::{Condvar, Mutex};
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};
use std::cell::Cell;
use std::collections::VecDeque;
use std::os::unix::fs::OpenOptionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

const BATCH_MAX: u64 = 64;
const BATCH_TIME_MAX: Duration = Duration::from_millis(5);
/// How long a read waits for a reader before it opens one more: to read the schema anew costs a hundred short reads.
const READER_WAIT: Duration = Duration::from_millis(1);
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const STATEMENTS_CACHED: usize = 128;
/// How many pages a log holds before they are moved into the file: a page that changes with every sale is moved once for
/// all of them, and each move waits for the disk twice.
const LOG_PAGES: u32 = 4_000;

/// Figures of all files together, for the metrics.
#[derive(Default, Debug)]
pub struct Figures {
    /// Callers that wait for a writer now.
    pub waiting: AtomicU64,
    /// Commits made.
    pub commits: AtomicU64,
    /// Writes that those commits carried.
    pub writes: AtomicU64,
}

/// An open database file.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    readers_kept: usize,
    readers: Mutex<Readers>,
    returned: Condvar,
    line: Mutex<Line>,
    generation: Arc<AtomicU64>,
    foreign: AtomicU64,
    figures: Arc<Figures>,
}

/// The readers of a file: those that nobody uses now, and how many are out.
#[derive(Debug, Default)]
struct Readers {
    idle: Vec<Connection>,
    out: usize,
}

/// The writer's baton and those who wait for it, first come first served.
#[derive(Debug, Default)]
struct Line {
    held: bool,
    idle: Option<Writer>,
    waiting: VecDeque<Arc<Place>>,
}

/// One caller's place in the line.
#[derive(Debug, Default)]
struct Place {
    baton: Mutex<Option<Result<Baton>>>,
    called: Condvar,
}

/// What is handed from caller to caller: the connection (none before the first write and while a closure has it) and
/// the batch that is open on it, if any.
#[derive(Debug)]
struct Baton {
    writer: Option<Writer>,
    batch: Option<Arc<Batch>>,
}

/// The one writing connection. `seen` is SQLite's `data_version`, which changes on it only when another process commits.
#[derive(Debug)]
struct Writer {
    conn: Connection,
    seen: i64,
}

/// Writes that one COMMIT carries.
#[derive(Debug)]
struct Batch {
    started: Instant,
    size: AtomicU64,
    outcome: Mutex<Option<Result<(), Lost>>>,
    settled: Condvar,
}

/// Why a whole batch came to nothing.
#[derive(Clone, Debug)]
enum Lost {
    Busy,
    Unusable(String),
    Failed(String),
}

impl From<Lost> for Error {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Busy => Self::Busy,
            Lost::Unusable(why) => Self::Unusable(why),
            Lost::Failed(why) => Self::internal(why),
        }
    }
}

thread_local! {
    static WRITING: Cell<bool> = const { Cell::new(false) };
}

impl File {
    /// Opens a file that exists, brings its schema up to date, and keeps the connection for readers.
    /// At most `readers_kept` idle readers stay open.
    /// `generation` counts the changes.
    pub(super) fn open(
        path: &Path,
        set: migrate::Set,
        readers_kept: usize,
        generation: Arc<AtomicU64>,
        figures: Arc<Figures>,
    ) -> Result<Self> {
        let mut conn = connect(path)?;
        migrate::bring_up(&mut conn, set)?;
        // Not so in a copy that `VACUUM INTO` made, where readers and the writer would wait for each other.
        conn.pragma_update(None, "journal_mode", "WAL")?;
        conn.pragma_update(None, "query_only", true)?;
        Ok(Self {
            path: path.to_owned(),
            readers_kept,
            readers: Mutex::new(Readers { idle: vec![conn], out: 0 }),
            returned: Condvar::new(),
            line: Mutex::default(),
            generation,
            foreign: AtomicU64::new(0),
            figures,
        })
    }

    /// Counts changes: it is not the same before and after a commit. What was read under an older one may be stale.
    pub(super) fn generation(&self) -> &Arc<AtomicU64> {
        &self.generation
    }

    /// Runs `f` on a snapshot of the file.
    pub(super) fn read<T>(&self, f: impl FnOnce(&Read) -> Result<T>) -> Result<T> {
        let (mut once, mut value) = (Some(f), None);
        let read = self.read_once(&mut |tx| {
            value = once.take().map(|f| f(tx)).transpose()?;
            Ok(())
        });
        read.map_err(|error| error.of_file(&self.path))?;
        value.ok_or_else(|| Error::internal("a read that did nothing"))
    }

    /// Not generic: compiled once, and not again for each of hundreds of reads.
    fn read_once(&self, f: &mut dyn FnMut(&Read) -> Result<()>) -> Result<()> {
        let (conn, mut lent) = self.reader()?;
        run(&conn, "BEGIN")?;
        let read = Read::new(conn, Time::now());
        let result = f(&read);
        let conn = read.into_connection();
        run(&conn, "COMMIT")?;
        lent.back = Some(conn);
        result
    }

    /// A reader that nobody uses. Where as many are out as are kept, waits a moment for one before it opens one more.
    fn reader(&self) -> Result<(Connection, Lent<'_>)> {
        let mut readers = self.readers.lock();
        if readers.idle.is_empty() && readers.out >= self.readers_kept {
            let until = Instant::now() + READER_WAIT;
            self.returned.wait_while_until(&mut readers, |readers| readers.idle.is_empty(), until);
        }
        readers.out += 1;
        let idle = readers.idle.pop();
        drop(readers);
        let lent = Lent { file: self, back: None };
        let conn = match idle {
            Some(conn) => conn,
            None => {
                let conn = connect(&self.path)?;
                conn.pragma_update(None, "query_only", true)?;
                conn
            }
        };
        Ok((conn, lent))
    }

    /// Runs `f` alone on the file and returns once what it did is on disk. An `Err` or a panic of `f` undoes exactly
    /// its own work.
    pub(super) fn write<T>(&self, by: By, f: impl FnOnce(&Write) -> Result<T>) -> Result<T> {
        let (mut once, mut value) = (Some(f), None);
        self.write_once(by, &mut |tx| {
            value = once.take().map(|f| f(tx)).transpose()?;
            Ok(())
        })?;
        value.ok_or_else(|| Error::internal("a write that did nothing"))
    }

    fn write_once(&self, by: By, f: Work<'_>) -> Result<()> {
        if WRITING.get() {
            return Err(Error::internal("a write inside a write"));
        }
        WRITING.set(true);
        let result = catch_unwind(AssertUnwindSafe(|| self.write_in_turn(by, f)));
        WRITING.set(false);
        let result = result.unwrap_or_else(|panic| resume_unwind(panic));
        result.map_err(|error| error.of_file(&self.path))
    }

    /// The same from within a write to another file. Only root's is written to so, out of tenants': whoever writes to root
    /// never waits for a tenant's file, so nobody waits for himself.
    pub(super) fn write_from_within<T>(
        &self,
        by: By,
        f: impl FnOnce(&Write) -> Result<T>,
    ) -> Result<T> {
        let within = WRITING.replace(false);
        let result = self.write(by, f);
        WRITING.set(within);
        result
    }

    /// Not generic: compiled once, and not again for each of a hundred writes.
    fn write_in_turn(&self, by: By, f: Work<'_>) -> Result<()> {
        let mut baton = self.take_turn()?;
        let (writer, batch) = match self.join_batch(&mut baton) {
            Ok(joined) => joined,
            Err(error) => {
                self.give_up(baton);
                return Err(error);
            }
        };
        batch.size.fetch_add(1, Relaxed);
        let (writer, outcome, undone) = in_savepoint(writer, by, f);
        let lost = if let Err(undone) = &undone {
            drop(run(&writer.conn, "ROLLBACK"));
            Err(Lost::Failed(undone.to_string()))
        } else if writer.conn.is_autocommit() {
            // SQLite ended the transaction itself: a full disk or an I/O error. The whole batch is gone with it.
            Err(Lost::Unusable("the database ended the transaction: full disk or I/O error".into()))
        } else {
            Ok(())
        };
        baton.writer = Some(writer);
        match lost {
            Ok(()) => self.pass_or_commit(baton, &batch),
            Err(lost) => self.settle(baton, &batch, Err(lost)),
        }
        let committed = batch.wait();
        match outcome {
            Ok(Ok(())) => committed.map_err(Error::from),
            Ok(Err(error)) => Err(error),
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Waits for the baton.
    fn take_turn(&self) -> Result<Baton> {
        let mut line = self.line.lock();
        if !line.held {
            line.held = true;
            return Ok(Baton { writer: line.idle.take(), batch: None });
        }
        let place = Arc::new(Place::default());
        line.waiting.push_back(place.clone());
        drop(line);
        self.figures.waiting.fetch_add(1, Relaxed);
        let baton = place.wait();
        self.figures.waiting.fetch_sub(1, Relaxed);
        baton
    }

    /// Joins the batch that came with the baton, or begins one; opens the connection the first time.
    fn join_batch(&self, baton: &mut Baton) -> Result<(Writer, Arc<Batch>)> {
        let mut writer = match baton.writer.take() {
            Some(writer) => writer,
            None => self.first_writer()?,
        };
        if let Some(batch) = &baton.batch {
            return Ok((writer, batch.clone()));
        }
        if let Err(error) =
            writer.conn.prepare_cached("BEGIN IMMEDIATE").and_then(|mut s| s.execute([]))
        {
            baton.writer = Some(writer);
            return Err(error.into());
        }
        self.look_for_foreign(&mut writer)?;
        let batch = Arc::new(Batch::new());
        baton.batch = Some(batch.clone());
        Ok((writer, batch))
    }

    /// A reader that nobody uses becomes the writer: the command line, which writes once and ends, opens no second
    /// connection for it.
    fn first_writer(&self) -> Result<Writer> {
        let Some(conn) = self.readers.lock().idle.pop() else { return Writer::connect(&self.path) };
        conn.pragma_update(None, "query_only", false)?;
        Writer::over(conn)
    }

    /// Hands the open batch to the next in line, or commits it when there is none or it is full or old.
    fn pass_or_commit(&self, baton: Baton, batch: &Batch) {
        if batch.size.load(Relaxed) < BATCH_MAX && batch.started.elapsed() < BATCH_TIME_MAX {
            let next = self.line.lock().waiting.pop_front();
            if let Some(place) = next {
                place.give(Ok(baton));
                return;
            }
        }
        let result = baton.writer.as_ref().map_or(Err(Lost::Busy), |writer| commit(&writer.conn));
        self.settle(baton, batch, result);
    }

    /// Tells the batch how it ended and gives the baton on, or lays it down.
    fn settle(&self, mut baton: Baton, batch: &Batch, result: Result<(), Lost>) {
        baton.batch = None;
        self.generation.fetch_add(1, Relaxed);
        self.figures.commits.fetch_add(1, Relaxed);
        self.figures.writes.fetch_add(batch.size.load(Relaxed), Relaxed);
        batch.settle(result);
        self.hand_on(baton);
    }

    /// Lays the baton down after a transaction could not begin. Another process holds the file, and each attempt waits
    /// seconds for it: those who wait now are told so at once, not one after the other.
    fn give_up(&self, baton: Baton) {
        let waiting = std::mem::take(&mut self.line.lock().waiting);
        for place in waiting {
            place.give(Err(Error::Busy));
        }
        self.hand_on(baton);
    }

    fn hand_on(&self, mut baton: Baton) {
        // A connection that could not end its transaction is of no use to anybody.
        baton.writer = baton.writer.filter(|writer| writer.conn.is_autocommit());
        let mut line = self.line.lock();
        if let Some(place) = line.waiting.pop_front() {
            drop(line);
            place.give(Ok(baton));
        } else {
            line.idle = baton.writer;
            line.held = false;
        }
    }

    /// Looks whether another process has committed; to be called often. A writer at work looks by itself.
    pub(super) fn poll_foreign(&self) -> Result<()> {
        let mut line = self.line.lock();
        if line.held {
            return Ok(());
        }
        line.held = true;
        let idle = line.idle.take();
        drop(line);
        let looked = match idle.map_or_else(|| Writer::connect(&self.path), Ok) {
            Ok(mut writer) => self.look_for_foreign(&mut writer).map(|()| Some(writer)),
            Err(error) => Err(error),
        };
        let (writer, result) = match looked {
            Ok(writer) => (writer, Ok(())),
            Err(error) => (None, Err(error)),
        };
        self.hand_on(Baton { writer, batch: None });
        result
    }

    fn look_for_foreign(&self, writer: &mut Writer) -> Result<()> {
        let version: i64 =
            writer.conn.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        if writer.seen != version {
            // The first look of a connection cannot tell, and counts as a change: stale is worse than slow.
            writer.seen = version;
            self.generation.fetch_add(1, Relaxed);
            self.foreign.fetch_add(1, Relaxed);
        }
        Ok(())
    }

    /// How often another process's commits were noticed.
    pub(super) fn foreign(&self) -> u64 {
        self.foreign.load(Relaxed)
    }

    /// Moves what the write-ahead log holds into the file and empties the log.
    pub(super) fn checkpoint(&self) -> Result<()> {
        connect(&self.path)?.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }
}

impl Writer {
    fn connect(path: &Path) -> Result<Self> {
        Self::over(connect(path)?)
    }

    fn over(conn: Connection) -> Result<Self> {
        // What a savepoint would put back stays in memory; above 64 KiB it would go to a temporary file, page by page.
        conn.pragma_update(None, "temp_store", "MEMORY")?;
        conn.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
        Ok(Self { conn, seen: 0 })
    }
}

/// A reader that is out; `back` is what comes back of it, nothing where the read ended badly.
struct Lent<'a> {
    file: &'a File,
    back: Option<Connection>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut readers = self.file.readers.lock();
        readers.out -= 1;
        if readers.idle.len() < self.file.readers_kept {
            readers.idle.extend(self.back.take());
        }
        drop(readers);
        self.file.returned.notify_one();
    }
}

impl Place {
    fn give(&self, baton: Result<Baton>) {
        *self.baton.lock() = Some(baton);
        self.called.notify_one();
    }

    fn wait(&self) -> Result<Baton> {
        let mut baton = self.baton.lock();
        loop {
            match baton.take() {
                Some(baton) => return baton,
                None => self.called.wait(&mut baton),
            }
        }
    }
}

impl Batch {
    fn new() -> Self {
        let (size, outcome, settled) = (AtomicU64::new(0), Mutex::new(None), Condvar::new());
        Self { started: Instant::now(), size, outcome, settled }
    }

    fn settle(&self, result: Result<(), Lost>) {
        *self.outcome.lock() = Some(result);
        self.settled.notify_all();
    }

    fn wait(&self) -> Result<(), Lost> {
        let mut outcome = self.outcome.lock();
        loop {
            match &*outcome {
                Some(result) => return result.clone(),
                None => self.settled.wait(&mut outcome),
            }
        }
    }
}

/// What a caller does in its turn.
type Work<'a> = &'a mut dyn FnMut(&Write) -> Result<()>;

type Outcome = std::thread::Result<Result<()>>;

/// Runs `f` in a savepoint of the open batch; an `Err` or a panic rolls back to it. Last comes whether the savepoint
/// itself could be opened and closed: if not, the whole batch must end.
fn in_savepoint(writer: Writer, by: By, f: Work<'_>) -> (Writer, Outcome, rusqlite::Result<()>) {
    let Writer { conn, seen } = writer;
    if let Err(error) = run(&conn, "SAVEPOINT one") {
        return (Writer { conn, seen }, Ok(Err(Error::Busy)), Err(error));
    }
    let write = Write::new(conn, Time::now(), by);
    let outcome = catch_unwind(AssertUnwindSafe(|| f(&write)));
    let conn = write.into_connection();
    let mut closed = Ok(());
    if !conn.is_autocommit() {
        if !matches!(outcome, Ok(Ok(_))) {
            closed = run(&conn, "ROLLBACK TO one");
        }
        closed = closed.and_then(|()| run(&conn, "RELEASE one"));
    }
    (Writer { conn, seen }, outcome, closed)
}

fn commit(conn: &Connection) -> Result<(), Lost> {
    let Err(error) = run(conn, "COMMIT") else { return Ok(()) };
    let lost = match Error::from(error) {
        Error::Busy => Lost::Busy,
        Error::Unusable(why) => Lost::Unusable(why),
        other => Lost::Failed(other.to_string()),
    };
    if !conn.is_autocommit() {
        // The batch is lost either way; without this the connection would stay inside the transaction.
        drop(run(conn, "ROLLBACK"));
    }
    Err(lost)
}

fn run(conn: &Connection, sql: &str) -> rusqlite::Result<()> {
    conn.prepare_cached(sql)?.execute([]).map(drop)
}

/// A connection to a file that must be there, with the pragmas that every connection has.
#[expect(clippy::disallowed_methods, reason = "this is where files are opened")]
pub(super) fn connect(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    set_up(&conn)?;
    Ok(conn)
}

/// A new file, for templates and `init` alone; refuses one that is there.
#[expect(clippy::disallowed_methods, reason = "this is where files are made")]
pub(super) fn create(path: &Path) -> Result<Connection> {
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        // SQLite gives its logs beside the file the same mode.
        .mode(0o600)
        .open(path)
        .map_err(super::draft::disk(path))?;
    let conn = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    set_up(&conn)?;
    Ok(conn)
}

fn set_up(conn: &Connection) -> Result<()> {
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    conn.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    // Plans do not depend on what is bound: each list with a bound LIMIT would be compiled anew.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;",
    )?;
    Ok(())
}
