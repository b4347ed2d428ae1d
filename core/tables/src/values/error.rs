//! What can go wrong with a store.

use std::path::PathBuf;

use rusqlite::ErrorCode;
use upseed_model::{RecordError, WorkId};

/// `SQLITE_IOERR_SHMSIZE`: <https://www.sqlite.org/rescode.html#ioerr_shmsize>
const SHM_SIZE: i32 = 4_874;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A later program wrote the file; nothing was changed in it.
    #[error(
        "{path} was written by a newer Upseed (its data has version {found}, this program knows \
         versions up to {known}): use the newer program, or another data directory"
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Version in the file.
        found: i64,
        /// Last version that this program knows.
        known: i64,
    },
    /// From before protocol 1.1; nothing was changed in it.
    #[error(
        "{path} was written by an Upseed from before protocol 1.1 (its data has version {found}): what it holds \
         cannot be passed on any more. Move the file away, or use another data directory"
    )]
    Older {
        /// The database.
        path: PathBuf,
        /// Version in the file.
        found: i64,
    },
    /// An SQLite file of another program; nothing was changed in it.
    #[error("{path} is an SQLite file, but not one of Upseed's")]
    Foreign {
        /// The database.
        path: PathBuf,
    },
    /// SQLite finds that the file is damaged, or is no database at all.
    #[error("the database {path} is damaged or not a database: {why}")]
    Corrupt {
        /// The database.
        path: PathBuf,
        /// SQLite's words.
        why: String,
    },
    /// A row that no version of this program writes.
    #[error("the database has a damaged row in {table}: {why}")]
    Row {
        /// Where.
        table: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The disk is full; nothing was changed.
    #[error("the disk is full: nothing was written")]
    Full,
    /// The call needs an item that the store does not have.
    #[error("no item {0} here")]
    UnknownItem(WorkId),
    /// Anything else that SQLite reports, such as a file that may not be written.
    #[error("the database {path}: {source}")]
    Sqlite {
        /// The database.
        path: PathBuf,
        /// SQLite's report.
        source: rusqlite::Error,
    },
}

impl StoreError {
    /// A record that was valid when it was stored and does not parse any more.
    pub fn record(table: &'static str, error: &RecordError) -> Self {
        Self::Row { table, why: error.to_string() }
    }

    /// A row of this table that no version of this program wrote.
    pub fn row(table: &'static str, why: impl Into<String>) -> Self {
        Self::Row { table, why: why.into() }
    }

    /// Whether it is the user who can mend it: a full disk, a wrong file, missing permissions.
    pub fn is_the_users(&self) -> bool {
        match self {
            Self::Newer { .. }
            | Self::Older { .. }
            | Self::Foreign { .. }
            | Self::Corrupt { .. }
            | Self::Full => true,
            Self::Row { .. } | Self::UnknownItem(_) => false,
            Self::Sqlite { source, .. } => matches!(
                source.sqlite_error_code(),
                Some(
                    ErrorCode::ReadOnly
                        | ErrorCode::CannotOpen
                        | ErrorCode::PermissionDenied
                        | ErrorCode::DatabaseBusy
                        | ErrorCode::DatabaseLocked
                        | ErrorCode::SystemIoFailure
                )
            ),
        }
    }

    /// Says in which file it happened; [`From`] cannot know it.
    pub fn at(mut self, file: &std::path::Path) -> Self {
        if let Self::Corrupt { path, .. } | Self::Sqlite { path, .. } = &mut self {
            *path = file.to_path_buf();
        }
        self
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(source: rusqlite::Error) -> Self {
        let path = PathBuf::new();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Corrupt { path, why: source.to_string() }
            }
            Some(ErrorCode::DiskFull) => Self::Full,
            // Beside the log SQLite makes an index of it, whose growth has an error of its own.
            _ if source.sqlite_error().is_some_and(|e| e.extended_code == SHM_SIZE) => Self::Full,
            _ => Self::Sqlite { path, source },
        }
    }
}
