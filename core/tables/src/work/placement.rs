//! Where items belong. A post is placed at once; a comment when its parent is placed, both halves of
//! the link match, the parent is the root or has the same root byte for byte, and the boards are
//! equal. Until then it is kept, not shown and not counted.

use std::collections::VecDeque;

use rusqlite::{OptionalExtension as _, Row};
use upseed_model::{Link, rank};

use super::{batch::Batch, scores, subscriptions};
use crate::values::{
    day::{DAY, MONTH},
    error::StoreError,
    number::{int, uint},
};

/// What placing needs to know of an item.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Its row in `items`.
    pub id: i64,
    /// Its work id.
    pub work: [u8; 32],
    /// Of its torrent.
    pub infohash: [u8; 20],
    /// The row of its board.
    pub board: i64,
    /// The row of its author's key.
    pub author: i64,
    /// Its own time, in unix seconds.
    pub time: u64,
    /// When this node first saw it, in unix seconds.
    pub first_seen: u64,
    /// What a comment answers.
    pub parent: Option<Link>,
    /// The post that a comment is below.
    pub root: Option<Link>,
    /// Committed bits of work.
    pub bits: u8,
    /// Bytes of its text.
    pub length: u32,
    /// It came in this moment: nothing local can refer to it yet.
    pub fresh: bool,
}

/// Bytes of a text beyond which it is a long one: a stranger's is not always fetched before somebody looks at it.
const LONG: u32 = 8_192;

/// [`Candidate::read`] reads the first eleven columns. A header begins with `d6:lengthi` and the bytes of its text.
pub const CANDIDATES: &str = "SELECT id, work, infohash, board, author, time, first_seen,
    parent, root, bits, CAST(CAST(substr(header, 11, 5) AS TEXT) AS INTEGER), listed, header FROM items";

const CHILDREN: &str =
    "SELECT id, work, infohash, board, author, time, first_seen, parent, root, bits,
    CAST(CAST(substr(header, 11, 5) AS TEXT) AS INTEGER) FROM items WHERE parent = ?1";

impl Candidate {
    /// From a row of [`CANDIDATES`].
    pub fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let link = |column| -> Result<Option<Link>, StoreError> {
            let bytes: Option<[u8; Link::LEN]> = row.get(column)?;
            Ok(bytes.and_then(|bytes| Link::from_slice(&bytes)))
        };
        Ok(Self {
            id: row.get(0)?,
            work: row.get(1)?,
            infohash: row.get(2)?,
            board: row.get(3)?,
            author: row.get(4)?,
            time: uint(row.get(5)?),
            first_seen: uint(row.get(6)?),
            parent: link(7)?,
            root: link(8)?,
            bits: row.get(9)?,
            length: row.get(10)?,
            fresh: false,
        })
    }

    fn link(&self) -> [u8; Link::LEN] {
        let mut link = [0; Link::LEN];
        link[..20].copy_from_slice(&self.infohash);
        link[20..].copy_from_slice(&self.work);
        link
    }
}

/// Items' ids of a comment's place.
struct Place {
    parent: i64,
    root: i64,
}

/// What an item brings into its place.
struct Facts {
    hidden: bool,
    missing: bool,
    /// Its row says already what it would be scored.
    scored: bool,
}

impl Batch<'_> {
    /// Places the item if it can be, and then everything that waited for it. Without recursion: a
    /// thread may be deeper than any stack.
    pub fn place(&mut self, candidate: Candidate) -> Result<(), StoreError> {
        let db = self.db;
        let mut children = db.prepare_cached(CHILDREN)?;
        let mut waiting = VecDeque::from([candidate]);
        while let Some(candidate) = waiting.pop_front() {
            let place = match (&candidate.parent, &candidate.root) {
                (Some(parent), Some(root)) => match self.find_place(&candidate, parent, root)? {
                    Some(place) => Some(place),
                    None => continue,
                },
                _ => None,
            };
            if self.insert_rank(&candidate, place)? {
                let mut rows = children.query([candidate.link()])?;
                while let Some(row) = rows.next()? {
                    waiting.push_back(Candidate::read(row)?);
                }
            }
        }
        Ok(())
    }

    fn find_place(
        &self,
        comment: &Candidate,
        parent: &Link,
        root: &Link,
    ) -> Result<Option<Place>, StoreError> {
        let mut find = self.db.prepare_cached(
            "SELECT i.id, i.root, r.root FROM items i JOIN ranks r ON r.item = i.id
             WHERE i.work = ?1 AND i.infohash = ?2 AND i.board = ?3",
        )?;
        let found = find
            .query_row((parent.work.as_bytes(), parent.infohash.as_bytes(), comment.board), |row| {
                Ok((row.get(0)?, row.get::<_, Option<[u8; 52]>>(1)?, row.get(2)?))
            })
            .optional()?;
        // A placed parent without a root is a post; the root of any other placed parent is one.
        Ok(match found {
            Some((id, None, _)) if parent == root => Some(Place { parent: id, root: id }),
            Some((id, Some(link), Some(post))) if link == root.to_bytes() => {
                Some(Place { parent: id, root: post })
            }
            _ => None,
        })
    }

    /// False if the item was placed already.
    fn insert_rank(&mut self, item: &Candidate, place: Option<Place>) -> Result<bool, StoreError> {
        let facts = self.facts(item)?;
        let time = rank::rank_time(item.time, item.first_seen);
        let day = int(time / DAY);
        let (score, hot) = scores::of_nothing(time);
        let mut insert = self.db.prepare_cached(
            "INSERT INTO ranks (item, post, board, hidden, missing, known, root, parent, time, day, month,
                 tie, bits, score, hot)
             VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
             ON CONFLICT (item) DO NOTHING",
        )?;
        let inserted = insert.execute((
            item.id,
            place.is_none(),
            item.board,
            facts.hidden,
            i64::from(facts.missing) * if item.length > LONG { 2 } else { 1 },
            place.as_ref().map(|place| place.root),
            place.as_ref().map(|place| place.parent),
            int(time),
            day,
            day / MONTH,
            tie(&item.work),
            item.bits,
            score,
            hot,
        ))?;
        if inserted == 0 {
            return Ok(false);
        }
        if !facts.scored {
            self.db.touch(item.id);
        }
        if let Some(place) = place {
            self.count_comment(place.root, place.parent, 1);
        }
        Ok(true)
    }

    fn facts(&mut self, item: &Candidate) -> Result<Facts, StoreError> {
        // One statement with all values bound, because every record that comes in pays for it.
        let mut select = self.db.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM mutes WHERE author = ?2)
                 OR EXISTS (SELECT 1 FROM retracted WHERE target = ?1 AND author = ?2)
                 OR EXISTS (SELECT 1 FROM successions WHERE old = ?2 AND time < ?3),
                 EXISTS (SELECT 1 FROM votes WHERE target = ?1)
                 OR EXISTS (SELECT 1 FROM successions WHERE old = ?2)",
        )?;
        let values = (item.work, item.author, int(item.time));
        let (mut hidden, weighed): (bool, bool) =
            select.query_row(values, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let scored = item.fresh && !weighed && self.is_of_stranger(item.author);
        let mut missing = true;
        if !item.fresh {
            let mut local = self.db.prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM texts WHERE item = ?1),
                     EXISTS (SELECT 1 FROM dead WHERE item = ?1),
                     EXISTS (SELECT 1 FROM hides WHERE item = ?1)",
            )?;
            let (text, dead, hidden_by_user): (bool, bool, bool) =
                local.query_row([item.id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            hidden |= dead || hidden_by_user;
            missing = !text && !dead;
        }
        hidden = hidden
            || (self.has_subscriptions()?
                && subscriptions::hides(self.db, &item.work, item.author)?);
        Ok(Facts { hidden, missing, scored })
    }

    /// Whether whose key this is, which was never succeeded, has no part in any score. If that changes in this
    /// transaction, the change finds the item.
    fn is_of_stranger(&self, author: i64) -> bool {
        let known = self.db.trust.with(|loaded| {
            loaded.person(author).is_some_and(|person| loaded.standing().cap(person).is_some())
        });
        author != self.me_id() && known == Some(false)
    }

    /// A post counts the comments of its thread, a comment its direct answers.
    fn count_comment(&mut self, root: i64, parent: i64, gain: i64) {
        *self.comments.entry(root).or_default() += gain;
        if parent != root {
            *self.comments.entry(parent).or_default() += gain;
        }
    }

    /// Takes an item and everything below it out of its place.
    pub fn unplace(&mut self, item: i64) -> Result<(), StoreError> {
        let db = self.db;
        let mut children = db.prepare_cached(
            "SELECT c.id FROM items i JOIN items c ON c.parent = CAST(i.infohash || i.work AS BLOB)
             WHERE i.id = ?1",
        )?;
        let mut remove =
            db.prepare_cached("DELETE FROM ranks WHERE item = ?1 RETURNING root, parent")?;
        let mut waiting = vec![item];
        while let Some(item) = waiting.pop() {
            let removed =
                remove.query_row([item], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            let Some(place) = removed else { continue };
            self.comments.remove(&item);
            if let (Some(root), Some(parent)) = place {
                self.count_comment(root, parent, -1);
            }
            let mut rows = children.query([item])?;
            while let Some(row) = rows.next()? {
                waiting.push(row.get(0)?);
            }
        }
        Ok(())
    }
}

/// The first 8 bytes of a work id as a number with the same order: enough to tell any two items apart that
/// have the same score and second.
pub fn tie(work: &[u8; 32]) -> i64 {
    let mut first = [0; 8];
    first.copy_from_slice(&work[..8]);
    // SQLite's numbers have a sign.
    i64::from_be_bytes(first) ^ i64::MIN
}
