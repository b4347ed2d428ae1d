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
const MIGRATIONS: [Migration; 7] = [
    (VERSION_1, None),
    (VERSION_2, None),
    (VERSION_3, None),
    (VERSION_4, None),
    (VERSION_5, Some(search::fill)),
    (VERSION_6, None),
    (VERSION_7, Some(rebuild::from_nothing)),
];

type Migration = (&'static str, Option<fn(&Connection) -> Result<(), StoreError>>);

/// The version that this program writes.
pub(crate) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Labels, and what the user made of them.
const VERSION_7: &str = include_str!("schema/version_7.sql");

/// Votes are weighed by who follows whom: `follows`, what waits to be scored again, and scores in fixed
/// point. `bits`: the item's work. `known`: people I know wrote it or voted for it. `trusted`: what they
/// make of the score; `strangers`: how many others voted; `networks`: as far as strangers were scored.
const VERSION_6: &str = "
-- `lists`: in how many of the follower's lists.
CREATE TABLE follows (
    follower INTEGER NOT NULL, followed INTEGER NOT NULL, lists INTEGER NOT NULL,
    PRIMARY KEY (follower, followed)
) WITHOUT ROWID;
CREATE TABLE stale (item INTEGER PRIMARY KEY);
CREATE TABLE stale_people (key INTEGER PRIMARY KEY);
DROP TABLE ranks;
CREATE TABLE ranks (
    item INTEGER PRIMARY KEY,
    post INTEGER NOT NULL,
    board INTEGER NOT NULL,
    hidden INTEGER NOT NULL,
    missing INTEGER NOT NULL,
    known INTEGER NOT NULL,
    root INTEGER,
    parent INTEGER,
    time INTEGER NOT NULL,
    day INTEGER NOT NULL,
    month INTEGER NOT NULL,
    tie INTEGER NOT NULL,
    bits INTEGER NOT NULL,
    votes INTEGER NOT NULL DEFAULT 0,
    comments INTEGER NOT NULL DEFAULT 0,
    strangers INTEGER NOT NULL DEFAULT 0,
    networks INTEGER NOT NULL DEFAULT 0,
    trusted INTEGER NOT NULL DEFAULT 0,
    score INTEGER NOT NULL,
    hot INTEGER NOT NULL
);
CREATE INDEX ranks_by_day ON ranks (board, hidden, day, score DESC, time DESC, tie) WHERE post = 1;
CREATE INDEX ranks_by_month ON ranks (board, hidden, month, score DESC, time DESC, tie)
    WHERE post = 1;
CREATE INDEX ranks_by_hot ON ranks (board, hidden, hot DESC, time DESC, tie) WHERE post = 1;
CREATE INDEX ranks_by_time ON ranks (board, hidden, time DESC, tie) WHERE post = 1;
CREATE INDEX ranks_known ON ranks (board, hidden, time DESC, tie) WHERE post = 1 AND known = 1;
CREATE INDEX ranks_unknown ON ranks (board, hidden, bits DESC, time DESC, tie)
    WHERE post = 1 AND known = 0;
CREATE INDEX ranks_by_root ON ranks (root) WHERE root IS NOT NULL;
CREATE INDEX ranks_missing ON ranks (board, time DESC) WHERE missing = 1;
CREATE INDEX ranks_lent ON ranks (item) WHERE networks > 0 AND strangers > 0;
";

/// Search in every script: the index is given words that are folded and parted already (`values/words.rs`),
/// and parts them at spaces only. `prefix`: words are found by their first three or four signs as fast as
/// whole ones.
const VERSION_5: &str = "
DROP TABLE search;
CREATE VIRTUAL TABLE search USING fts5 (
    words, content='', contentless_delete=1, tokenize='ascii', prefix='3 4'
);
";

/// Whether the client has said of a wish that it seeds (3: `HostingState::Hosting`).
const VERSION_4: &str = "
ALTER TABLE wishes ADD COLUMN seeded INTEGER NOT NULL DEFAULT 0;
UPDATE wishes SET seeded = 1 WHERE state = 3;
";

/// Items that my client hosts without a vote of mine.
const VERSION_3: &str = "
CREATE TABLE guests (
    item INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE, at INTEGER NOT NULL
);
";

/// Search (the index holds words only: `content=''`), and the days that ask for more work.
const VERSION_2: &str = "
CREATE TABLE floors (
    board INTEGER NOT NULL, day INTEGER NOT NULL, bits INTEGER NOT NULL, PRIMARY KEY (board, day)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE search USING fts5 (
    title, body, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2'
);
";

const VERSION_1: &str = "
-- Short numbers for what stands in many rows. Derived rows hold the numbers.
CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE keys (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE);

-- RECORDS. `listed`: in the sets that are reconciled; `first_seen` is local.
CREATE TABLE items (
    id INTEGER PRIMARY KEY,
    work BLOB NOT NULL UNIQUE,
    infohash BLOB NOT NULL,
    board INTEGER NOT NULL,
    author INTEGER NOT NULL,
    time INTEGER NOT NULL,
    bits INTEGER NOT NULL,
    parent BLOB,
    root BLOB,
    listed INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    header BLOB NOT NULL
);
-- Not unique: SHA-1 collisions can be made, and must not keep an honest item out.
CREATE INDEX items_by_infohash ON items (infohash);
CREATE INDEX items_by_parent ON items (parent) WHERE parent IS NOT NULL;
CREATE INDEX items_by_author ON items (author, time DESC);
CREATE INDEX items_unlisted ON items (id) WHERE listed = 0;

-- `slot` encodes what a statement replaces (work/statements.rs): the newest of each slot stays.
CREATE TABLE statements (
    id INTEGER PRIMARY KEY,
    work BLOB NOT NULL UNIQUE,
    slot BLOB NOT NULL UNIQUE,
    author INTEGER NOT NULL,
    time INTEGER NOT NULL,
    bits INTEGER NOT NULL,
    listed INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    bytes BLOB NOT NULL
);

-- DERIVED. Sets: one row for each listed record and board.
CREATE TABLE members (
    board INTEGER NOT NULL,
    time INTEGER NOT NULL,
    work BLOB NOT NULL,
    bits INTEGER NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY (board, time, work)
) WITHOUT ROWID;
-- `bits`: none of the day's records has fewer (a lower bound: it does not rise when they leave).
CREATE TABLE days (
    board INTEGER NOT NULL,
    day INTEGER NOT NULL,
    count INTEGER NOT NULL,
    sum BLOB NOT NULL,
    size INTEGER NOT NULL,
    bits INTEGER NOT NULL,
    PRIMARY KEY (board, day)
) WITHOUT ROWID;
-- `ballots`: in how many of the voter's ballots the target is.
CREATE TABLE votes (
    target BLOB NOT NULL,
    board INTEGER NOT NULL,
    voter INTEGER NOT NULL,
    ballots INTEGER NOT NULL,
    PRIMARY KEY (target, board, voter)
) WITHOUT ROWID;
CREATE TABLE retracted (
    target BLOB NOT NULL,
    author INTEGER NOT NULL,
    PRIMARY KEY (target, author)
) WITHOUT ROWID;
-- One row for each placed item. `root` and `parent` are items' ids; `time` is the rank time; `tie`
-- is the work id's first 8 bytes; `missing`: its text was never here and is not dead.
CREATE TABLE ranks (
    item INTEGER PRIMARY KEY,
    post INTEGER NOT NULL,
    board INTEGER NOT NULL,
    hidden INTEGER NOT NULL,
    missing INTEGER NOT NULL,
    root INTEGER,
    parent INTEGER,
    time INTEGER NOT NULL,
    day INTEGER NOT NULL,
    month INTEGER NOT NULL,
    tie INTEGER NOT NULL,
    votes INTEGER NOT NULL,
    comments INTEGER NOT NULL,
    score REAL NOT NULL,
    hot REAL NOT NULL
);
CREATE INDEX ranks_by_day ON ranks (board, hidden, day, score DESC, time DESC, tie) WHERE post = 1;
CREATE INDEX ranks_by_month ON ranks (board, hidden, month, score DESC, time DESC, tie)
    WHERE post = 1;
CREATE INDEX ranks_by_hot ON ranks (board, hidden, hot DESC, time DESC, tie) WHERE post = 1;
CREATE INDEX ranks_by_time ON ranks (board, hidden, time DESC, tie) WHERE post = 1;
CREATE INDEX ranks_by_root ON ranks (root) WHERE root IS NOT NULL;
CREATE INDEX ranks_missing ON ranks (board, time DESC) WHERE missing = 1;
CREATE TABLE tally (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

-- LOCAL.
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE boards (
    name TEXT PRIMARY KEY,
    joined_at INTEGER NOT NULL,
    days INTEGER NOT NULL,
    min_bits INTEGER NOT NULL,
    trackers TEXT NOT NULL
) WITHOUT ROWID;
-- `keep`: 0 cache, 1 hosted, 2 own, 3 evicted (the text is gone, and is not prefetched again).
-- `used`: a counter, not a time.
CREATE TABLE texts (
    item INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE,
    keep INTEGER NOT NULL,
    used INTEGER NOT NULL,
    size INTEGER NOT NULL,
    text BLOB NOT NULL
);
CREATE INDEX texts_cached ON texts (used) WHERE keep = 0;
CREATE TABLE dead (item INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE);
CREATE TABLE mutes (author INTEGER PRIMARY KEY, at INTEGER NOT NULL);
-- Votes of mine that no ballot of mine says yet.
CREATE TABLE pending (
    item INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE,
    up INTEGER NOT NULL,
    at INTEGER NOT NULL
);
CREATE TABLE withdrawn (
    board TEXT NOT NULL,
    device BLOB NOT NULL,
    slot INTEGER NOT NULL,
    work BLOB NOT NULL,
    PRIMARY KEY (board, device, slot, work)
) WITHOUT ROWID;
CREATE TABLE wishes (
    item INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE,
    state INTEGER NOT NULL,
    client TEXT,
    at INTEGER NOT NULL,
    error TEXT,
    attempts INTEGER NOT NULL,
    next_try INTEGER NOT NULL
);
CREATE INDEX wishes_by_state ON wishes (state, next_try);
CREATE TABLE refused (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    work BLOB,
    until INTEGER
);
CREATE INDEX refused_by_work ON refused (work) WHERE work IS NOT NULL;
CREATE TABLE later (
    id INTEGER PRIMARY KEY,
    due INTEGER NOT NULL,
    bytes BLOB NOT NULL UNIQUE
);
CREATE INDEX later_by_due ON later (due);
CREATE TABLE peers (
    board TEXT NOT NULL,
    address TEXT NOT NULL,
    seen INTEGER NOT NULL,
    PRIMARY KEY (board, address)
) WITHOUT ROWID;
CREATE TABLE seeds (
    infohash BLOB PRIMARY KEY,
    count INTEGER NOT NULL,
    checked INTEGER NOT NULL,
    at INTEGER NOT NULL
) WITHOUT ROWID;
";

/// Looks whether the file is ours and not newer, before anything is changed in it; then migrates.
pub(crate) fn prepare(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
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
