//! One writing connection, a few reading ones.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use parking_lot::{Mutex, RwLock};
use rusqlite::{
    Connection, OpenFlags, TransactionBehavior,
    config::DbConfig,
    trace::{TraceEvent, TraceEventCodes},
};
use upseed_tables::{
    schema,
    values::{error::StoreError, me::Me},
    work::{self, levels::Remembered, settle::settle, trust::Trust, writing::Writing},
};

use crate::uses::Uses;

/// Reading connections that stay open; more are opened when needed, and closed again.
const READERS: usize = 4;

/// Prepared statements that each connection keeps: a little more than there are in the code.
const STATEMENTS: usize = 192;

/// Where each statement is told when it begins to run, at the level TRACE, to whoever listened before
/// the store was opened.
const SQL: &str = "upseed_store::sql";

/// How long a statement waits for another process.
const PATIENCE: Duration = Duration::from_secs(10);

/// The store. Cheap to clone; all clones are the same store.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    // Dropped before the writer: the last connection to close writes the WAL back into the
    // database, and a reading one could not.
    readers: Mutex<Vec<Connection>>,
    writer: Mutex<Connection>,
    /// `None` in memory: then the writer reads too.
    path: Option<PathBuf>,
    pub(crate) me: RwLock<Option<Me>>,
    pub(crate) uses: Uses,
    pub(crate) levels: Mutex<Remembered>,
    pub(crate) trust: Trust,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("path", &self.inner.path).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database file, or makes a new one. Its directory must exist.
    ///
    /// Errors: [`StoreError::Newer`], [`StoreError::Older`], [`StoreError::Foreign`] and [`StoreError::Corrupt`] change
    /// nothing in the file.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let open = || {
            let mut writer = Connection::open_with_flags(
                path,
                OpenFlags::SQLITE_OPEN_READ_WRITE
                    | OpenFlags::SQLITE_OPEN_CREATE
                    | OpenFlags::SQLITE_OPEN_NO_MUTEX,
            )?;
            configure(&mut writer)?;
            schema::prepare(&mut writer, path)?;
            Self::with_writer(writer, Some(path.to_path_buf()))
        };
        open().map_err(|error| error.at(path))
    }

    /// A store that is gone when it is dropped. For tests and measurements.
    pub fn open_in_memory() -> Result<Self, StoreError> {
        let mut writer = Connection::open_in_memory()?;
        configure(&mut writer)?;
        schema::prepare(&mut writer, Path::new(":memory:"))?;
        Self::with_writer(writer, None)
    }

    fn with_writer(writer: Connection, path: Option<PathBuf>) -> Result<Self, StoreError> {
        let used: i64 =
            writer.query_row("SELECT ifnull(max(used), 0) FROM texts", [], |row| row.get(0))?;
        let me = work::me::load(&writer)?;
        let store = Self {
            inner: Arc::new(Inner {
                readers: Mutex::default(),
                writer: Mutex::new(writer),
                path,
                me: RwLock::new(me),
                uses: Uses::after(used),
                levels: Mutex::default(),
                trust: Trust::default(),
            }),
        };
        if store.has_few_follows()? {
            store.load_ranks()?;
        }
        Ok(store)
    }

    /// One transaction; it is durable when this returns `Ok`, and undone otherwise.
    pub(crate) fn write<T>(
        &self,
        change: impl FnOnce(&Writing<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let run = || {
            let mut writer = self.inner.writer.lock();
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let writing = Writing::new(&transaction, &self.inner.trust);
            let done = change(&writing).and_then(|value| {
                settle(&writing, self.current_me())?;
                Ok(value)
            });
            let has_edited = writing.has_edited();
            let done = done.and_then(|value| {
                transaction.commit()?;
                Ok(value)
            });
            if done.is_err() && has_edited {
                // What was undone in the database was not undone in memory.
                self.inner.trust.forget();
            }
            done
        };
        run().map_err(|error| self.name(error))
    }

    /// Keeps others from writing while `look` runs.
    pub(crate) fn hold<T>(
        &self,
        look: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        look(&self.inner.writer.lock()).map_err(|error| self.name(error))
    }

    /// Reads one snapshot: what other threads write meanwhile is not seen.
    pub(crate) fn read<T>(
        &self,
        look: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let run = || {
            let Some(path) = &self.inner.path else {
                return look(&self.inner.writer.lock());
            };
            let kept = self.inner.readers.lock().pop();
            let reader = match kept {
                Some(reader) => reader,
                None => open_reader(path)?,
            };
            let snapshot = reader.unchecked_transaction()?;
            let value = look(&snapshot);
            snapshot.finish()?;
            let mut readers = self.inner.readers.lock();
            if readers.len() < READERS {
                readers.push(reader);
            }
            value
        };
        run().map_err(|error| self.name(error))
    }

    /// [`Store::read`] of just the moment at which `first` runs, while nobody writes; nothing if that says
    /// no. Not for stores in memory.
    pub(crate) fn read_from<T>(
        &self,
        first: impl FnOnce() -> bool,
        look: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let run = || {
            let Some(path) = &self.inner.path else { return Ok(None) };
            let reader = open_reader(path)?;
            let snapshot = reader.unchecked_transaction()?;
            {
                let _writer = self.inner.writer.lock();
                if !first() {
                    return Ok(None);
                }
                // A snapshot is of the moment of its first statement.
                snapshot.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
            }
            look(&snapshot).map(Some)
        };
        run().map_err(|error: StoreError| self.name(error))
    }

    pub(crate) fn is_in_memory(&self) -> bool {
        self.inner.path.is_none()
    }

    fn name(&self, error: StoreError) -> StoreError {
        match &self.inner.path {
            Some(path) => error.at(path),
            None => error.at(Path::new(":memory:")),
        }
    }

    /// Whose votes are mine. It changes only while the writer is locked, so a writer must ask
    /// inside its transaction.
    pub(crate) fn current_me(&self) -> Option<Me> {
        *self.inner.me.read()
    }

    /// The next moment of the clock by which texts are evicted.
    pub(crate) fn tick(&self) -> i64 {
        self.inner.uses.tick()
    }

    /// A cached text was read.
    pub(crate) fn touch(&self, item: i64) {
        self.inner.uses.touch(item);
    }

    /// Number of the key whose votes are mine, or one that no key has.
    pub(crate) fn me_id(&self) -> i64 {
        self.current_me().map_or(-1, |me| me.id)
    }
}

/// What every connection needs.
fn configure(connection: &mut Connection) -> Result<(), StoreError> {
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Plans must not depend on bound values: SQLite would look at them to see whether a partial
    // index can be used, and then prepare the statement anew each time it comes out of the cache
    // (ten times as slow).
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // Asked once: a hook costs something with every statement. Values are not told, only the text.
    if tracing::enabled!(target: SQL, tracing::Level::TRACE) {
        let told = |event: TraceEvent<'_>| {
            if let TraceEvent::Stmt(statement, _) = event {
                tracing::trace!(target: SQL, "{}", statement.sql());
            }
        };
        connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(told))?;
    }
    Ok(())
}

fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let mut reader = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    configure(&mut reader)?;
    reader.pragma_update(None, "cache_size", -(8 << 10))?;
    Ok(reader)
}
