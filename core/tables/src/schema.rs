//! The tables, as a list of migrations. A released migration is never edited: a new one is added.

use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

use crate::values::error::StoreError;

/// `PRAGMA application_id`: "UPSD".
const APPLICATION: i64 = 0x5550_5344;

/// The first version that records of protocol 1.1 are kept in. What was there before is refused: its records
/// are valid no more.
const FIRST: i64 = 11;

/// The first leads from nothing to [`FIRST`], and each of the others to the version after it.
const MIGRATIONS: [&str; 1] = [include_str!("schema/version_11.sql")];

/// The version that this program writes.
pub const VERSION: i64 = FIRST + MIGRATIONS.len() as i64 - 1;

/// Looks whether the file is ours and not newer, before anything is changed in it; then migrates.
pub fn prepare(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    recognise(connection, path)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // Not "normal": in WAL mode that would lose the last transactions in a power cut.
    connection.pragma_update(None, "synchronous", "full")?;
    // Larger than the default 1,000 pages: fewer pages are written twice while many records come.
    connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
    connection.pragma_update(None, "cache_size", -(32 << 10))?;
    connection.pragma_update(None, "foreign_keys", true)?;

    let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Again, inside: another process may have migrated in between.
    let version = recognise(&change, path)?;
    for (sql, to) in MIGRATIONS.iter().zip(FIRST..).filter(|(_, to)| *to > version) {
        tracing::info!(from = version, to, "migrating the database");
        change.execute_batch(sql)?;
    }
    if version < VERSION {
        change.pragma_update(None, "application_id", APPLICATION)?;
        change.pragma_update(None, "user_version", VERSION)?;
    }
    Ok(change.commit()?)
}

/// The version of the file, 0 for an empty one.
fn recognise(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (version, application) = (pragma("user_version")?, pragma("application_id")?);
    let objects: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
    let empty = version == 0 && objects == 0;
    if !empty && (application != APPLICATION || version < 1) {
        return Err(StoreError::Foreign { path: path.to_path_buf() });
    }
    match version {
        _ if empty => Ok(version),
        ..FIRST => Err(StoreError::Older { path: path.to_path_buf(), found: version }),
        FIRST..=VERSION => Ok(version),
        _ => Err(StoreError::Newer { path: path.to_path_buf(), found: version, known: VERSION }),
    }
}
