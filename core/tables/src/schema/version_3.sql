-- Items that my client hosts without a vote of mine.

CREATE TABLE guests (
    item INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE, at INTEGER NOT NULL
);
