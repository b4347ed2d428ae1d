//! Full-text search over the texts that are here (FTS5). The index holds words only (`words.rs` says what a
//! word is); what is shown comes from the items themselves.
//!
//! Hits are ranked by what is asked for: first those whose titles have it all, then those whose texts do,
//! then those with words that only begin like the last one. Among equals the one with more votes comes first,
//! then the newer one. Not by BM25: for that, FTS5 goes through every item that has a word, and half of
//! all items have the common ones. Here only the newest `MAX_HITS` of each kind are looked at.

use std::collections::HashSet;

use rusqlite::Connection;
use upseed_model::SignedItem;

use crate::values::{
    error::StoreError,
    words::{self, Phrase},
};

/// In front of the words of a title, which are in the index without it too: so that a word of every text
/// and of few titles need not be looked through. No word of a text has a mark: they are of Unicode's
/// private use.
const TITLE: &str = "\u{e000}";

/// In front of a board's number.
const BOARD: &str = "\u{e001}";

/// Phrases of one search; more are not looked at.
const MAX_PHRASES: usize = 16;

/// Hits of each kind that are ranked.
const MAX_HITS: usize = 1_000;

/// Placed items, best first; on the board of this number or on all.
pub fn find(
    db: &Connection,
    words: &str,
    board: Option<i64>,
    skip: u32,
    limit: u32,
) -> Result<Vec<i64>, StoreError> {
    let mut phrases = words::of_query(words);
    phrases.truncate(MAX_PHRASES);
    let (skip, limit) = (skip as usize, limit as usize);
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    for query in queries(&phrases, board) {
        if found.len() >= skip + limit {
            break;
        }
        let hits = newest(db, &query)?;
        found.extend(hits.into_iter().filter(|item| seen.insert(*item)));
    }
    Ok(found.into_iter().skip(skip).take(limit).collect())
}

/// The newest hits of a query, in the order of lists.
fn newest(db: &Connection, query: &str) -> Result<Vec<i64>, StoreError> {
    // The left table is the outer loop of a CROSS JOIN: the index in its own order, backwards.
    let mut select = db.prepare_cached(
        "SELECT item FROM (
             SELECT r.item, r.score, r.time FROM search s CROSS JOIN ranks r ON r.item = s.rowid
             WHERE search MATCH ?1 AND r.hidden = 0 ORDER BY s.rowid DESC LIMIT ?2)
         ORDER BY score DESC, time DESC, item DESC",
    )?;
    let hits = select.query_map((query, MAX_HITS as i64), |row| row.get(0))?;
    Ok(hits.collect::<Result<_, _>>()?)
}

/// In the language of FTS5, the best hits first; none for no phrases.
fn queries(phrases: &[Phrase], board: Option<i64>) -> Vec<String> {
    let all = |mark: &str, go_on: bool| {
        let phrases = phrases.iter().map(|phrase| quoted(phrase, mark, go_on));
        let board = board.map(|board| format!("\"{BOARD}{board}\""));
        phrases.chain(board).collect::<Vec<_>>().join(" AND ")
    };
    let mut queries = Vec::new();
    if !phrases.is_empty() {
        queries.extend([all(TITLE, false), all("", false)]);
    }
    if phrases.iter().any(|phrase| phrase.may_go_on) {
        queries.push(all("", true));
    }
    queries
}

/// Quoted, so that nobody speaks that language by accident. (A word has no quotes.)
fn quoted(phrase: &Phrase, mark: &str, go_on: bool) -> String {
    let star = if go_on && phrase.may_go_on { "*" } else { "" };
    format!("\"{}\"{star}", marked(&phrase.words.join(" "), mark))
}

/// Each of these words with a mark in front.
fn marked(words: &str, mark: &str) -> String {
    let words: Vec<String> = words.split(' ').map(|word| format!("{mark}{word}")).collect();
    words.join(" ")
}

/// An item's text came here: title and text can be found.
pub fn index(db: &Connection, item: i64, text: &[u8]) -> Result<(), StoreError> {
    let (header, board): (Vec<u8>, i64) = db
        .prepare_cached("SELECT header, board FROM items WHERE id = ?1")?
        .query_row([item], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let header = SignedItem::from_bytes_unchecked(&header)
        .map_err(|error| StoreError::record("items", &error))?;
    forget(db, item)?;
    insert(db, item, board, header.title().unwrap_or_default(), &String::from_utf8_lossy(text))
}

/// Writes one row of the index.
pub fn insert(
    db: &Connection,
    item: i64,
    board: i64,
    title: &str,
    text: &str,
) -> Result<(), StoreError> {
    let (mut words, text) = (words::of_text(title), words::of_text(text));
    if !words.is_empty() {
        words = format!("{words} {}", marked(&words, TITLE));
    }
    // In between, so that no phrase reaches from the title into the text.
    let words = format!("{words} {BOARD}{board} {text}");
    let sql = "INSERT INTO search (rowid, words) VALUES (?1, ?2)";
    db.prepare_cached(sql)?.execute((item, words))?;
    Ok(())
}

/// Fills an empty index with all texts that are here.
pub fn fill(db: &Connection) -> Result<(), StoreError> {
    let mut select = db.prepare("SELECT item, text FROM texts WHERE keep < 3 ORDER BY item")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let text = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        index(db, row.get(0)?, text)?;
    }
    Ok(())
}

/// An item's text is not here any more.
pub fn forget(db: &Connection, item: i64) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM search WHERE rowid = ?1")?.execute([item])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_in_titles_come_first_and_beginnings_last() {
        let asked = |words, board| queries(&words::of_query(words), board);
        let show = |query: &str| query.replace(TITLE, "t:").replace(BOARD, "b:");
        let shown =
            |words, board| asked(words, board).iter().map(|query| show(query)).collect::<Vec<_>>();
        assert_eq!(
            shown("two \"whole words\" begin", Some(7)),
            [
                r#""t:two" AND "t:whole t:words" AND "t:begin" AND "b:7""#,
                r#""two" AND "whole words" AND "begin" AND "b:7""#,
                r#""two" AND "whole words" AND "begin"* AND "b:7""#,
            ]
        );
        assert_eq!(shown("历史", None), [r#""t:历史""#, r#""历史""#]);
        assert_eq!(asked(" \" * ", None), [""; 0]);
    }
}
