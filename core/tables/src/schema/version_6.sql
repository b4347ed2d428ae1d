-- Votes are weighed by who follows whom: `follows`, what waits to be scored again, and scores in fixed
-- point. `bits`: the item's work. `known`: people I know wrote it or voted for it. `trusted`: what they
-- make of the score; `strangers`: how many others voted; `networks`: as far as strangers were scored.

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
