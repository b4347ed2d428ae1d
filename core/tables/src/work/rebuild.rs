//! The derived tables, made anew from the records: for a fault that `Store::check` found.

use upseed_model::Statement;

use super::{
    batch::Batch,
    placement::{CANDIDATES, Candidate},
    search, slots,
    writing::Writing,
};
use crate::values::{budget::Class, error::StoreError, keep::Keep, me::Me, member::Member};

/// Throws the derived tables away and derives them again.
pub fn rebuild(db: &Writing<'_>, me: Option<Me>) -> Result<(), StoreError> {
    for table in [
        "votes",
        "follows",
        "starters",
        "profiles",
        "successions",
        "retracted",
        "labels",
        "members",
        "days",
        "ranks",
        "tally",
        "stale",
        "stale_people",
    ] {
        db.execute(&format!("DELETE FROM {table}"), [])?;
    }
    let mut batch = Batch::new(db, me);

    // Successions before all others: lists of a key that was succeeded do not count.
    let mut select = db.prepare("SELECT bytes FROM statements")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        batch.insert_succession(&slots::parse(&row.get::<_, Vec<u8>>(0)?)?)?;
    }

    // Statements first: an item counts its votes when it is placed.
    let mut select = db.prepare("SELECT listed, bytes FROM statements")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let statement = slots::parse(&row.get::<_, Vec<u8>>(1)?)?;
        batch.tally.statements += 1;
        if row.get(0)? {
            batch.list_statement(&statement)?;
        }
        if !matches!(statement.content(), Statement::Succession { .. }) {
            batch.apply(None, Some(&statement))?;
        }
        batch.relieve()?;
    }

    let mut select = db.prepare(CANDIDATES)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let candidate = Candidate::read(row)?;
        let header = row.get_ref(12)?.as_blob().map_err(rusqlite::Error::from)?;
        batch.tally.items += 1;
        if row.get(11)? {
            let Candidate { board, time, work, .. } = candidate;
            let (bits, size) = (row.get(9)?, header.len() as i64);
            batch.join_set(board, Member { time, work, bits, size, class: Class::Items })?;
        }
        batch.place(candidate)?;
        batch.relieve()?;
    }

    db.execute("INSERT INTO search (search) VALUES ('delete-all')", [])?;
    search::fill(db)?;

    let mut select =
        db.prepare("SELECT keep, count(*), sum(size) FROM texts WHERE keep < 3 GROUP BY keep")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(keep) = Keep::from_row(row.get(0)?)? {
            batch.tally.texts[keep as usize] = (row.get(1)?, row.get(2)?);
        }
    }
    batch.flush()
}
