//! Whether the file is sound, and whether the derived tables are what the records say.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
};

use rusqlite::Connection;
use upseed_model::{Link, PublicKey, SignedItem, WorkId};
use upseed_tables::{
    values::{error::StoreError, me::Me, number::uint},
    work::{
        names::{parse_board, parse_key},
        slots,
    },
};

use self::oracle::{Derived, RankRow};

mod labels;
mod oracle;

/// Complaints of one kind that are spelt out.
const SHOWN: usize = 10;

/// One line for each fault of the file.
pub(crate) fn faults(db: &Connection, me: Option<Me>) -> Result<Vec<String>, StoreError> {
    let mut faults = Vec::new();
    for pragma in ["integrity_check", "foreign_key_check"] {
        let mut select = db.prepare(&format!("PRAGMA {pragma}"))?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let word: String = row.get(0)?;
            if word != "ok" {
                faults.push(format!("{pragma}: {word}"));
            }
        }
    }
    check_columns(db, &mut faults)?;
    let (mut found, mut expected) = (read(db)?, oracle::compute(db, me)?);
    compare("votes", &found.votes, &expected.votes, &mut faults);
    let rows = |set: &BTreeSet<(PublicKey, PublicKey)>| set.iter().map(|r| (*r, ())).collect();
    compare("follows", &rows(&found.follows), &rows(&expected.follows), &mut faults);
    for work in waiting(db)? {
        found.ranks.remove(&work);
        expected.ranks.remove(&work);
    }
    compare("ranks", &found.ranks, &expected.ranks, &mut faults);
    compare("successions", &found.successions, &expected.successions, &mut faults);
    compare("starters", &found.starters, &expected.starters, &mut faults);
    compare("profiles", &found.profiles, &expected.profiles, &mut faults);
    compare("days", &found.days, &expected.days, &mut faults);
    compare("tally", &found.tally, &expected.tally, &mut faults);
    let rows = |set: &BTreeSet<(WorkId, PublicKey)>| set.iter().map(|r| (*r, ())).collect();
    compare("retracted", &rows(&found.retracted), &rows(&expected.retracted), &mut faults);
    let rows = |derived: &Derived| derived.members.iter().map(|r| (*r, ())).collect();
    compare::<_, ()>("members", &rows(&found), &rows(&expected), &mut faults);
    compare("labels", &found.labels, &expected.labels, &mut faults);
    labels::check_log(db, &expected.labels, &mut faults)?;
    check_bits(db, &mut faults)?;
    check_search(db, &mut faults)?;
    Ok(faults)
}

fn compare<K: Ord + Debug, V: PartialEq + Debug>(
    table: &str,
    found: &BTreeMap<K, V>,
    expected: &BTreeMap<K, V>,
    faults: &mut Vec<String>,
) {
    let keys: BTreeSet<&K> = found.keys().chain(expected.keys()).collect();
    let wrong = keys.into_iter().filter(|key| found.get(key) != expected.get(key));
    let mut count = 0;
    for key in wrong {
        count += 1;
        if count <= SHOWN {
            let (found, expected) = (found.get(key), expected.get(key));
            faults.push(format!("{table}: {key:?} is {found:?}, expected {expected:?}"));
        }
    }
    if count > SHOWN {
        faults.push(format!("{table}: {} more rows are wrong", count - SHOWN));
    }
}

/// What waits to be scored again: its scores say nothing yet.
fn waiting(db: &Connection) -> Result<Vec<WorkId>, StoreError> {
    let mut select = db.prepare("SELECT work FROM items JOIN stale ON item = id")?;
    let works = select.query_map([], |row| row.get(0))?;
    works.map(|work| Ok(WorkId::from_bytes(work?))).collect()
}

/// Columns beside a record must be what its bytes say.
fn check_columns(db: &Connection, faults: &mut Vec<String>) -> Result<(), StoreError> {
    let mut select = db.prepare(
        "SELECT i.header, i.work, i.infohash, n.name, k.key, i.time, i.bits, i.parent, i.root
         FROM items i LEFT JOIN names n ON n.id = i.board LEFT JOIN keys k ON k.id = i.author",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let item = SignedItem::from_bytes_unchecked(&row.get::<_, Vec<u8>>(0)?)
            .map_err(|error| StoreError::record("items", &error))?;
        let links = [item.parent(), item.root()].map(|link| link.map(Link::to_bytes));
        let sound = row.get::<_, [u8; 32]>(1)? == *item.work().as_bytes()
            && row.get::<_, [u8; 20]>(2)? == *item.infohash().as_bytes()
            && row.get::<_, Option<String>>(3)?.as_deref() == Some(item.board().as_str())
            && row.get::<_, Option<[u8; 32]>>(4)? == Some(*item.author().as_bytes())
            && uint(row.get(5)?) == item.time()
            && row.get::<_, u8>(6)? == item.proof().bits
            && [row.get::<_, Option<[u8; 52]>>(7)?, row.get(8)?] == links;
        if !sound {
            faults.push(format!("items: the columns of {} are not its header's", item.work()));
        }
    }
    let mut select = db.prepare(
        "SELECT s.bytes, s.work, s.slot, k.key, s.time, s.bits
         FROM statements s LEFT JOIN keys k ON k.id = s.author",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let statement = slots::parse(&row.get::<_, Vec<u8>>(0)?)?;
        let sound = row.get::<_, [u8; 32]>(1)? == *statement.work().as_bytes()
            && row.get::<_, Vec<u8>>(2)? == slots::slot_bytes(&statement.slot_key())
            && row.get::<_, Option<[u8; 32]>>(3)? == Some(*statement.author().as_bytes())
            && uint(row.get(4)?) == statement.time()
            && row.get::<_, u8>(5)? == statement.proof().bits;
        if !sound {
            let work = statement.work();
            faults.push(format!("statements: the columns of {work} are not its bytes'"));
        }
    }
    Ok(())
}

/// `days.bits` is a lower bound; one that is too high would answer from the wrong sum.
fn check_bits(db: &Connection, faults: &mut Vec<String>) -> Result<(), StoreError> {
    let mut select = db.prepare(
        "SELECT d.board, d.day FROM days d WHERE d.bits > (
             SELECT min(m.bits) FROM members m
             WHERE m.board = d.board AND m.time >= d.day * 86400 AND m.time < (d.day + 1) * 86400)",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let (board, day): (i64, i64) = (row.get(0)?, row.get(1)?);
        faults.push(format!("days: board {board}, day {day} has too high a bound of bits"));
    }
    Ok(())
}

/// Texts that are here can be found, and no others. (`search_docsize` is FTS5's own list of them.)
fn check_search(db: &Connection, faults: &mut Vec<String>) -> Result<(), StoreError> {
    let mut select = db.prepare(
        "SELECT item FROM texts WHERE keep < 3 AND item NOT IN (SELECT id FROM search_docsize)
         UNION ALL SELECT id FROM search_docsize
             WHERE id NOT IN (SELECT item FROM texts WHERE keep < 3)",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        faults.push(format!("search: item {} does not match its text", row.get::<_, i64>(0)?));
    }
    Ok(())
}

/// The derived tables as they stand.
pub(crate) fn read(db: &Connection) -> Result<Derived, StoreError> {
    let mut derived = Derived::default();
    let board = |name: String| parse_board("names", &name);
    let work = |work: [u8; 32]| WorkId::from_bytes(work);

    let mut select = db.prepare(
        "SELECT target, name, key, ballots FROM votes
         JOIN names n ON n.id = board JOIN keys k ON k.id = voter",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let key = (work(row.get(0)?), board(row.get(1)?)?, parse_key(row.get(2)?)?);
        derived.votes.insert(key, uint(row.get(3)?));
    }

    let mut select = db.prepare(
        "SELECT a.key, b.key FROM follows JOIN keys a ON a.id = follower
         JOIN keys b ON b.id = followed WHERE lists > 0",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        derived.follows.insert((parse_key(row.get(0)?)?, parse_key(row.get(1)?)?));
    }

    let mut select =
        db.prepare("SELECT target, key FROM retracted JOIN keys k ON k.id = author")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        derived.retracted.insert((work(row.get(0)?), parse_key(row.get(1)?)?));
    }

    derived.labels = labels::read(db)?;

    let mut select = db.prepare(
        "SELECT work, o.key, n.key, time FROM successions
         JOIN keys o ON o.id = old LEFT JOIN keys n ON n.id = next",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let next = row.get::<_, Option<_>>(2)?.map(parse_key).transpose()?;
        let row = (work(row.get(0)?), (parse_key(row.get(1)?)?, next, uint(row.get(3)?)));
        derived.successions.insert(row.0, row.1);
    }

    let mut select = db.prepare(
        "SELECT name, key, time, work, spare FROM starters
         JOIN names n ON n.id = board JOIN keys k ON k.id = author",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let (author, time) = (parse_key(row.get(1)?)?, uint(row.get(2)?));
        let key = (board(row.get(0)?)?, author, time, work(row.get(3)?));
        derived.starters.insert(key, row.get(4)?);
    }

    let mut select =
        db.prepare("SELECT name, key, work FROM profiles JOIN keys k ON k.id = author")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        derived.profiles.insert((work(row.get(2)?), parse_key(row.get(1)?)?), row.get(0)?);
    }

    let mut select = db
        .prepare("SELECT name, time, work, bits, size FROM members JOIN names n ON n.id = board")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let (bits, size) = (row.get(3)?, uint(row.get(4)?));
        let member = (board(row.get(0)?)?, uint(row.get(1)?), work(row.get(2)?), bits, size);
        derived.members.insert(member);
    }

    let mut select =
        db.prepare("SELECT name, day, count, sum, items + ballots + others FROM days JOIN names n ON n.id = board")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let value = (uint(row.get(2)?), row.get(3)?, uint(row.get(4)?));
        derived.days.insert((board(row.get(0)?)?, uint(row.get(1)?)), value);
    }

    let mut select = db.prepare("SELECT name, value FROM tally WHERE value <> 0")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        derived.tally.insert(row.get(0)?, row.get(1)?);
    }
    read_ranks(db, &mut derived)?;
    Ok(derived)
}

fn read_ranks(db: &Connection, derived: &mut Derived) -> Result<(), StoreError> {
    let mut select = db.prepare(
        "SELECT i.work, post, name, hidden, missing, x.work, p.work, r.time, day, month, tie,
             votes, comments, score, hot, known, r.bits, strangers, networks, trusted
         FROM ranks r JOIN items i ON i.id = r.item JOIN names n ON n.id = r.board
         LEFT JOIN items x ON x.id = r.root LEFT JOIN items p ON p.id = r.parent",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let rank = RankRow {
            post: row.get(1)?,
            board: parse_board("names", &row.get::<_, String>(2)?)?,
            hidden: row.get(3)?,
            missing: row.get(4)?,
            root: row.get::<_, Option<_>>(5)?.map(WorkId::from_bytes),
            parent: row.get::<_, Option<_>>(6)?.map(WorkId::from_bytes),
            time: uint(row.get(7)?),
            day: uint(row.get(8)?),
            month: uint(row.get(9)?),
            tie: row.get(10)?,
            votes: uint(row.get(11)?),
            comments: uint(row.get(12)?),
            score: row.get(13)?,
            hot: row.get(14)?,
            known: row.get(15)?,
            bits: row.get(16)?,
            strangers: row.get(17)?,
            networks: row.get(18)?,
            trusted: row.get(19)?,
        };
        derived.ranks.insert(WorkId::from_bytes(row.get(0)?), rank);
    }
    Ok(())
}
