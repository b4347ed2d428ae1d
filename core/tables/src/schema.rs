//! The tables, as a list of migrations. A released migration is never edited: a new one is added.

use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

use crate::{
    values::error::StoreError,
    work::{rebuild, search},
};

/// `PRAGMA application_id`: "UPSD".
const APPLICATION: i64 = 0x5550_5344;

/// Migration n leads from version n to n + 1: by SQL, and then by what SQL cannot say.
const MIGRATIONS: [Migration; 10] = [
    (include_str!("schema/version_1.sql"), None),
    (include_str!("schema/version_2.sql"), None),
    (include_str!("schema/version_3.sql"), None),
    (include_str!("schema/version_4.sql"), None),
    (include_str!("schema/version_5.sql"), Some(search::fill)),
    (include_str!("schema/version_6.sql"), None),
    (include_str!("schema/version_7.sql"), None),
    (include_str!("schema/version_8.sql"), None),
    (include_str!("schema/version_9.sql"), None),
    // Everything that is derived is made anew, in the tables of all versions.
    (include_str!("schema/version_10.sql"), Some(rebuild::from_nothing)),
];

type Migration = (&'static str, Option<fn(&Connection) -> Result<(), StoreError>>);

/// The version that this program writes.
pub const VERSION: i64 = MIGRATIONS.len() as i64;

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
    for ((sql, then), from) in MIGRATIONS.iter().zip(0..).skip(version as usize) {
        tracing::info!(from, to = from + 1, "migrating the database");
        change.execute_batch(sql)?;
        if let Some(then) = then {
            then(&change)?;
        }
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
    if version > VERSION {
        let (path, found, known) = (path.to_path_buf(), version, VERSION);
        return Err(StoreError::Newer { path, found, known });
    }
    Ok(version)
}
