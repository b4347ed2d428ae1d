-- Networks in which an item's text was seen, by their first 3 or 6 bytes, each with when that was last.

CREATE TABLE hosts (
    item INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
    network BLOB NOT NULL,
    seen INTEGER NOT NULL,
    PRIMARY KEY (item, network)
) WITHOUT ROWID;
CREATE INDEX hosts_by_seen ON hosts (seen);
