-- Search in every script: the index is given words that are folded and parted already (`values/words.rs`),
-- and parts them at spaces only. `prefix`: words are found by their first three or four signs as fast as
-- whole ones.

DROP TABLE search;
CREATE VIRTUAL TABLE search USING fts5 (
    words, content='', contentless_delete=1, tokenize='ascii', prefix='3 4'
);
