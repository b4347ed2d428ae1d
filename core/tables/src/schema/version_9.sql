-- Which key was succeeded by which; `next` is null in a revocation.

CREATE TABLE successions (
    work BLOB PRIMARY KEY,
    old INTEGER NOT NULL,
    next INTEGER,
    time INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX successions_by_old ON successions (old, next, time);
CREATE INDEX successions_by_next ON successions (next, old) WHERE next IS NOT NULL;
