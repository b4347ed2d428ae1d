//! Full-text search over the texts that are here (FTS5). The index holds words only; what is shown
//! comes from the items themselves.

use rusqlite::Connection;
use upseed_model::SignedItem;

use crate::values::error::StoreError;

/// Words of one search; more are not looked at.
const MAX_WORDS: usize = 16;

/// Placed items, best first; on the board of this number or on all.
pub(crate) fn find(
    db: &Connection,
    words: &str,
    board: Option<i64>,
    skip: u32,
    limit: u32,
) -> Result<Vec<i64>, StoreError> {
    let Some(query) = query(words) else { return Ok(Vec::new()) };
    let mut select = db.prepare_cached(
        "SELECT s.rowid FROM search s JOIN ranks r ON r.item = s.rowid
         WHERE search MATCH ?1 AND r.hidden = 0 AND (?2 IS NULL OR r.board = ?2)
         ORDER BY s.rank, s.rowid DESC LIMIT ?3 OFFSET ?4",
    )?;
    let ids = select.query_map((query, board, limit, skip), |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// FTS5 has a language of its own; each word is quoted so that nobody speaks it by accident.
fn query(words: &str) -> Option<String> {
    let is_word = |word: &&str| word.chars().any(char::is_alphanumeric);
    let words: Vec<String> = words
        .split_whitespace()
        .filter(is_word)
        .take(MAX_WORDS)
        .map(|word| format!("\"{}\"", word.replace('"', "\"\"").replace('\0', "")))
        .collect();
    if words.is_empty() { None } else { Some(words.join(" ") + "*") }
}

/// An item's text came here: title and text can be found.
pub(crate) fn index(db: &Connection, item: i64, text: &[u8]) -> Result<(), StoreError> {
    let header: Vec<u8> = db
        .prepare_cached("SELECT header FROM items WHERE id = ?1")?
        .query_row([item], |r| r.get(0))?;
    let header = SignedItem::from_bytes_unchecked(&header)
        .map_err(|error| StoreError::record("items", &error))?;
    forget(db, item)?;
    db.prepare_cached("INSERT INTO search (rowid, title, body) VALUES (?1, ?2, ?3)")?.execute((
        item,
        header.title().unwrap_or_default(),
        String::from_utf8_lossy(text),
    ))?;
    Ok(())
}

/// An item's text is not here any more.
pub(crate) fn forget(db: &Connection, item: i64) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM search WHERE rowid = ?1")?.execute([item])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted() {
        assert_eq!(query("two words").as_deref(), Some("\"two\" \"words\"*"));
        assert_eq!(query("a\"b OR * NEAR(").as_deref(), Some("\"a\"\"b\" \"OR\" \"NEAR(\"*"));
        assert_eq!(query("  \" - * "), None);
    }
}
