-- The tables of protocol 1.1. Three kinds: records, derived, local.

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
-- `items`, `ballots`, `others`: bytes by class. `bits`: none of the day's records has fewer (a lower bound: it does not rise when they leave).
CREATE TABLE days (
    board INTEGER NOT NULL,
    day INTEGER NOT NULL,
    count INTEGER NOT NULL,
    sum BLOB NOT NULL,
    bits INTEGER NOT NULL,
    items INTEGER NOT NULL,
    ballots INTEGER NOT NULL,
    others INTEGER NOT NULL,
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
-- `lists`: in how many of the follower's lists.
CREATE TABLE follows (
    follower INTEGER NOT NULL, followed INTEGER NOT NULL, lists INTEGER NOT NULL,
    PRIMARY KEY (follower, followed)
) WITHOUT ROWID;
-- One row for each placed item. `root` and `parent` are items' ids; `time` is the rank time; `tie` orders as
-- the work id does; `missing`: its text was never here and is not dead (1), and is a long one (2); `bits`: the item's work; `known`:
-- people I know wrote it or voted for it; `trusted`: what they make of the score; `strangers`: how many others
-- voted; `networks`: as far as strangers were scored. Scores are in fixed point.
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
CREATE INDEX ranks_missing_long ON ranks (board, known, time DESC) WHERE missing = 2;
CREATE INDEX ranks_lent ON ranks (item) WHERE networks > 0 AND strangers > 0;
-- Search in every script: the index is given words that are folded and parted already (`values/words.rs`),
-- and parts them at spaces only. `prefix`: words are found by their first three or four signs as fast as
-- whole ones.
CREATE VIRTUAL TABLE search USING fts5 (
    words, content='', contentless_delete=1, tokenize='ascii', prefix='3 4'
);
-- `target`: an item's work id, or the number of a key; those never are equal. `statements`:
-- in how many of the labeller's statements it is.
CREATE TABLE labels (
    labeller INTEGER NOT NULL,
    target NOT NULL,
    value TEXT NOT NULL,
    reason TEXT NOT NULL,
    statements INTEGER NOT NULL,
    PRIMARY KEY (labeller, target, value, reason)
) WITHOUT ROWID;

-- Starter lists, one row for each list and board that it is for. `spare`: work beyond what its size
-- asks for.
CREATE TABLE starters (
    board INTEGER NOT NULL,
    author INTEGER NOT NULL,
    time INTEGER NOT NULL,
    work BLOB NOT NULL,
    spare INTEGER NOT NULL,
    PRIMARY KEY (board, author, time, work)
) WITHOUT ROWID;
CREATE INDEX starters_by_work ON starters (board, spare DESC, time DESC);
-- The names in profiles, as search folds them: by which people are found.
CREATE TABLE profiles (
    name TEXT NOT NULL,
    author INTEGER NOT NULL,
    work BLOB NOT NULL,
    PRIMARY KEY (name, author, work)
) WITHOUT ROWID;
-- Which key was succeeded by which; `next` is null in a revocation.
CREATE TABLE successions (
    work BLOB PRIMARY KEY,
    old INTEGER NOT NULL,
    next INTEGER,
    time INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX successions_by_old ON successions (old, next, time);
CREATE INDEX successions_by_next ON successions (next, old) WHERE next IS NOT NULL;
CREATE TABLE tally (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

-- What waits to be scored again.
CREATE TABLE stale (item INTEGER PRIMARY KEY);
CREATE TABLE stale_people (key INTEGER PRIMARY KEY);

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
-- Items that somebody removed in my client within the last hour. `voted`: whether I upvoted it until then.
CREATE TABLE removed (
    item INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE, at INTEGER NOT NULL, voted INTEGER NOT NULL
);
-- Hosting tasks. `state`: `HostingState`; `seeded`: whether the client has said that it seeds.
CREATE TABLE wishes (
    item INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE,
    state INTEGER NOT NULL,
    client TEXT,
    at INTEGER NOT NULL,
    error TEXT,
    attempts INTEGER NOT NULL,
    next_try INTEGER NOT NULL,
    seeded INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX wishes_by_state ON wishes (state, next_try);
-- Packs in which older items are hosted. `state`: `PackState`; `count`: how many items were put in; `gone`: how
-- many of those are hosted no more; `first` and `last`: times of its items; `stopped`: since when it has something
-- that is not to be hosted any more although the vote stays.
CREATE TABLE packs (
    id INTEGER PRIMARY KEY,
    infohash BLOB NOT NULL UNIQUE,
    board INTEGER NOT NULL,
    state INTEGER NOT NULL,
    count INTEGER NOT NULL,
    gone INTEGER NOT NULL,
    length INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    stopped INTEGER,
    info BLOB NOT NULL
);
-- What is in them and still to be hosted. While one pack takes the place of others, an item is in both.
CREATE TABLE packed (
    pack INTEGER NOT NULL REFERENCES packs ON DELETE CASCADE,
    item INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    PRIMARY KEY (pack, item)
) WITHOUT ROWID;
CREATE INDEX packed_by_item ON packed (item);
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
-- Items that my client hosts without a vote of mine.
CREATE TABLE guests (
    item INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE, at INTEGER NOT NULL
);
-- Subscriptions to labels. `action`: 0 ignore, 1 mark, 2 fold, 3 hide; that of a subscription is for all other values.
CREATE TABLE subscriptions (
    labeller INTEGER PRIMARY KEY, action INTEGER NOT NULL, at INTEGER NOT NULL
);
CREATE TABLE subscription_values (
    labeller INTEGER NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
    value TEXT NOT NULL,
    action INTEGER NOT NULL,
    PRIMARY KEY (labeller, value)
) WITHOUT ROWID;
-- What is shown whatever its labels say.
CREATE TABLE exceptions (target PRIMARY KEY NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
-- What a subscription does, in the order in which it began to.
CREATE TABLE label_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    labeller INTEGER NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
    target NOT NULL,
    value TEXT NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (target, labeller, value)
);
CREATE INDEX label_log_by_labeller ON label_log (labeller, id);
-- Single items that the user hid.
CREATE TABLE hides (
    item INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE, at INTEGER NOT NULL
);
-- What the user is writing, by where it will stand.
CREATE TABLE drafts (
    target TEXT PRIMARY KEY,
    board TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    at INTEGER NOT NULL
) WITHOUT ROWID;
-- When the user last looked at a list or a thread.
CREATE TABLE visits (what TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX visits_by_time ON visits (at);
-- Single items that the user saved to read again.
CREATE TABLE saves (
    item INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE, at INTEGER NOT NULL
);
CREATE INDEX saves_by_time ON saves (at DESC, item DESC);
-- Hosted items that their authors retracted. `choice`: 0 not decided yet, 1 keep hosting, 2 stop.
CREATE TABLE retractions (
    item INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE, choice INTEGER NOT NULL
);
-- Networks in which an item's text was seen, by their first 3 or 6 bytes, each with when that was last.
CREATE TABLE hosts (
    item INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    network BLOB NOT NULL,
    seen INTEGER NOT NULL,
    PRIMARY KEY (item, network)
) WITHOUT ROWID;
CREATE INDEX hosts_by_seen ON hosts (seen);
