//! Which of the texts that were only fetched to be read go when there are too many.
//!
//! Texts of strangers are cheap to make, so they go first: those of people whom the reader knows, and those for which such
//! people voted, are never pushed out by them, and what the reader saved goes last of all. No author's other texts take more than a share of the room, known or not.

use std::collections::HashMap;

use rusqlite::Connection;

use super::{
    search,
    tally::{self, Tally},
};
use crate::values::{error::StoreError, keep::Keep, number::uint};

/// The part of the room that one author's texts may take.
const SHARE: u64 = 16;

/// A text in the cache.
struct Cached {
    item: i64,
    author: i64,
    size: u64,
    /// Nobody whom the reader knows wrote it or voted for it.
    strange: bool,
    /// The reader saved it.
    saved: bool,
}

/// Forgets texts until at most `most` bytes of them remain. Gives the bytes that went.
pub fn evict(db: &Connection, most: u64) -> Result<u64, StoreError> {
    let cached = uint(tally::value(db, "cached bytes")?);
    if cached <= most {
        return Ok(0);
    }
    let mut select = db.prepare_cached(
        "SELECT t.item, i.author, t.size, coalesce(r.known, 0) = 0,
             EXISTS (SELECT 1 FROM saves WHERE item = t.item)
         FROM texts t INDEXED BY texts_cached
         JOIN items i ON i.id = t.item LEFT JOIN ranks r ON r.item = t.item
         WHERE t.keep = 0 ORDER BY t.used",
    )?;
    let rows = select.query_map([], |row| {
        let size = uint(row.get(2)?);
        let (item, author, strange) = (row.get(0)?, row.get(1)?, row.get(3)?);
        Ok(Cached { item, author, size, strange, saved: row.get(4)? })
    })?;
    let texts = rows.collect::<Result<Vec<_>, _>>()?;
    let mut forget =
        db.prepare_cached("UPDATE texts SET keep = 3, size = 0, text = x'' WHERE item = ?1")?;
    let (mut tally, mut gone) = (Tally::default(), 0);
    for text in chosen(&texts, cached - most, most / SHARE) {
        forget.execute([text.item])?;
        search::forget(db, text.item)?;
        tally.text(Keep::Cache, text.size as i64, -1);
        gone += text.size;
    }
    tally.write(db)?;
    Ok(gone)
}

/// Which of these, of which the first was not read for the longest, go so that `excess` bytes do: first what an author has
/// beyond a share, then strangers' texts, then the others, and what the reader saved at last.
fn chosen(texts: &[Cached], mut excess: u64, share: u64) -> Vec<&Cached> {
    let mut of_author = HashMap::<i64, u64>::new();
    let (saved, texts): (Vec<_>, Vec<_>) = texts.iter().partition(|text| text.saved);
    texts.iter().for_each(|text| *of_author.entry(text.author).or_default() += text.size);
    let is_over = |text: &&Cached| {
        let bytes = of_author.entry(text.author).or_default();
        let over = *bytes > share;
        *bytes -= if over { text.size } else { 0 };
        over
    };
    let (mut over, rest): (Vec<_>, Vec<_>) = texts.into_iter().partition(is_over);
    over.sort_by_key(|text| !text.strange);
    let (strange, known): (Vec<_>, Vec<_>) = rest.into_iter().partition(|text| text.strange);
    let mut go = Vec::new();
    for text in over.into_iter().chain(strange).chain(known).chain(saved) {
        if excess == 0 {
            break;
        }
        excess = excess.saturating_sub(text.size);
        go.push(text);
    }
    go
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers, in order, of those that go. Each text is (author, size, strange).
    fn gone(texts: &[(i64, u64, bool)], excess: u64, share: u64) -> Vec<i64> {
        let texts: Vec<_> = (0..)
            .zip(texts)
            .map(|(item, (author, size, strange))| Cached {
                item,
                author: *author,
                size: *size,
                strange: *strange,
                saved: false,
            })
            .collect();
        chosen(&texts, excess, share).iter().map(|text| text.item).collect()
    }

    #[test]
    fn strangers_go_first_and_of_those_what_was_not_read_for_longest() {
        let texts = [(1, 10, false), (2, 10, true), (3, 10, true), (4, 10, false)];
        assert_eq!(gone(&texts, 0, 100), [0; 0]);
        assert_eq!(gone(&texts, 11, 100), [1, 2]);
        assert_eq!(gone(&texts, 31, 100), [1, 2, 0, 3]);
    }

    #[test]
    fn what_the_reader_saved_goes_last_and_takes_nothing_from_a_share() {
        let text = |item, saved| Cached { item, author: 1, size: 10, strange: true, saved };
        let texts = [text(0, true), text(1, true), text(2, false), text(3, false)];
        let gone = |excess| chosen(&texts, excess, 20).iter().map(|t| t.item).collect::<Vec<_>>();
        assert_eq!(gone(20), [2, 3]);
        assert_eq!(gone(30), [2, 3, 0]);
    }

    #[test]
    fn nobody_has_more_than_a_share_even_if_known() {
        let texts = [(1, 10, false), (1, 10, false), (1, 10, false), (2, 10, true), (1, 10, false)];
        assert_eq!(gone(&texts, 20, 20), [0, 1], "down to the share, the oldest first");
        assert_eq!(gone(&texts, 30, 20), [0, 1, 3]);
    }
}
