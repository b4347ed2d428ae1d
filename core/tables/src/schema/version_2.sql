-- Search (the index holds words only: `content=''`), and the days that ask for more work.

CREATE TABLE floors (
    board INTEGER NOT NULL, day INTEGER NOT NULL, bits INTEGER NOT NULL, PRIMARY KEY (board, day)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE search USING fts5 (
    title, body, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2'
);
