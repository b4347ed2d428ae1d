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
