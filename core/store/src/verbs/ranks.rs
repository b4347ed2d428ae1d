//! Weighing votes by who follows whom: loading the graph, scoring again in the background, and what a
//! score is made of.

use rusqlite::Connection;
use upseed_model::{BoardName, PublicKey, WorkId};
use upseed_rank::{Fixed, Item};
use upseed_tables::{
    values::error::StoreError,
    work::{
        items,
        names::known_board,
        place::{self, Place},
        provisional, scores, seeds, settle, stale,
        trust::Loaded,
        writing::Writing,
    },
};

use crate::connection::Store;

/// Follows that are loaded before a store is open: some tens of milliseconds.
const FEW_FOLLOWS: i64 = 100_000;

/// What the score of an item is made of; the points of all branches and of the strangers add up to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reasons {
    /// What came through each of the people whom the user follows, the strongest first.
    pub branches: Vec<BranchReason>,
    /// Voters outside the tree.
    pub strangers: u32,
    /// Distinct networks that were checked to host the item.
    pub networks: u32,
    /// What the strangers add.
    pub strangers_points: Fixed,
    /// The sum.
    pub score: Fixed,
    /// The user upvotes it, which counts nothing in the user's own ranks.
    pub mine: bool,
    /// Voters whom the user muted, which count nothing.
    pub muted: u32,
    /// How many people count as followed.
    pub follows: u32,
    /// Some of them only for the time being: they wrote three or more posts that the user upvoted.
    pub provisional: u32,
    /// Where the post stands on its board, if it is a post.
    pub place: Option<Place>,
}

/// What came through one followed person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchReason {
    /// Who is followed.
    pub person: PublicKey,
    /// Only for the time being.
    pub is_provisional: bool,
    /// Whether they voted themselves.
    pub voted: bool,
    /// Others who voted and are reached through them.
    pub behind: u32,
    /// What all these votes weigh, before any cap.
    pub votes: Fixed,
    /// What is left of that.
    pub weight: Fixed,
    /// What it adds to the score.
    pub points: Fixed,
}

impl Store {
    pub(crate) fn has_few_follows(&self) -> Result<bool, StoreError> {
        self.hold(|db| {
            let sql = "SELECT count(*) FROM (SELECT 1 FROM follows LIMIT ?1)";
            let few: i64 = db.query_row(sql, [FEW_FOLLOWS], |row| row.get(0))?;
            Ok(few < FEW_FOLLOWS)
        })
    }

    /// Loads who follows whom, if that is not done yet. Others may read and write meanwhile; what they
    /// write is scored afterwards.
    pub fn load_ranks(&self) -> Result<(), StoreError> {
        let me = self.current_me();
        let read = |db: &Connection| {
            let mut loaded = Loaded::read(db, me)?;
            // As it was when the scores were written.
            loaded.set_provisional(db, &provisional::ids(db, me, loaded.own_follows())?)?;
            loaded.settle();
            Ok(loaded)
        };
        let finish = |db: &Writing<'_>, loaded| {
            db.trust.finish(db, loaded)?;
            db.mine_changed();
            // The first thing may have been written meanwhile, with a key that the loaded tree knows not.
            let reader = self.current_me();
            if reader != me {
                db.touched.borrow_mut().reader = Some(reader);
            }
            Ok(())
        };
        // In memory there is but one connection, which cannot be read while it is held.
        if self.is_in_memory() {
            return self.write(|db| if db.trust.begin() { finish(db, read(db)?) } else { Ok(()) });
        }
        let loaded = self.read_from(|| self.inner.trust.begin(), read);
        let finished = loaded.and_then(|loaded| match loaded {
            Some(loaded) => self.write(|db| finish(db, loaded)),
            None => Ok(()),
        });
        if finished.is_err() {
            self.inner.trust.forget();
        }
        finished
    }

    /// Scores some of what waits to be scored again, the newest first; some tens of milliseconds. True
    /// if more is left.
    pub fn rescore(&self) -> Result<bool, StoreError> {
        if !self.inner.trust.is_loaded() {
            self.load_ranks()?;
        }
        if self.read(stale::is_empty)? {
            return Ok(false);
        }
        self.write(|db| settle::step(db, self.current_me()))
    }

    /// Whether every score is of now, and none waits to be scored again.
    pub fn is_scored(&self) -> Result<bool, StoreError> {
        Ok(self.inner.trust.is_loaded() && self.read(stale::is_empty)?)
    }

    /// How many people count as followed; `None` while follows are being loaded.
    pub fn counted_follows(&self) -> Option<u32> {
        self.inner.trust.with(|loaded| loaded.standing().follows())
    }

    /// How many posts of these boards nobody wrote or voted for whom I reach, counted up to `most`.
    pub fn count_unknown(&self, boards: &[BoardName], most: u32) -> Result<u32, StoreError> {
        self.read(|db| {
            let mut count = db.prepare_cached(
                "SELECT count(*) FROM (SELECT 1 FROM ranks INDEXED BY ranks_unknown
                     WHERE post = 1 AND known = 0 AND board = ?1 AND hidden = 0 LIMIT ?2)",
            )?;
            let mut found = 0;
            for board in boards {
                if let Some(board) = known_board(db, board)? {
                    found += count.query_row((board, most - found), |row| row.get::<_, u32>(0))?;
                }
            }
            Ok(found)
        })
    }

    /// What an item's score is made of; `None` if it is not here, or who follows whom is not loaded yet.
    pub fn reasons(&self, work: &WorkId, now: u64) -> Result<Option<Reasons>, StoreError> {
        let me = self.current_me();
        self.read(|db| {
            let Some(item) = items::id(db, work)? else { return Ok(None) };
            let networks = seeds::networks(db, item)?;
            let found = self.inner.trust.with(|loaded| -> Result<_, StoreError> {
                let Some(voters) = scores::voters(db, me, loaded, item)? else { return Ok(None) };
                let mine = scores::my_vote(db, item, &voters)?;
                Ok(Some(weigh(loaded, &voters, networks, mine)))
            });
            let Some(mut reasons) = found.transpose()?.flatten() else { return Ok(None) };
            let strongest = reasons.branches.first().map_or(Fixed::ZERO, |branch| branch.points);
            reasons.place = place::of(db, item, now, reasons.score.minus(strongest))?;
            Ok(Some(reasons))
        })
    }
}

fn weigh(loaded: &Loaded, voters: &scores::Voters, networks: u32, mine: bool) -> Reasons {
    let standing = loaded.standing();
    let item =
        Item { author: voters.author, voters: &voters.voters, unknown: voters.unknown, networks };
    // Of its own, so that no writer waits for a reader.
    let parts = upseed_rank::Scorer::default().parts(standing, &item);
    let is_muted = |person| standing.is_left_out(person) && !loaded.is_reader(person);
    let muted = voters.voters.iter().filter(|voter| is_muted(**voter)).count() as u32;
    let score = parts.score();
    let branches = parts.branches.iter().map(|branch| BranchReason {
        person: *loaded.key(branch.follow),
        is_provisional: !loaded.is_followed(branch.follow),
        voted: branch.voted,
        behind: branch.behind,
        votes: branch.votes,
        weight: branch.weight,
        points: branch.points,
    });
    Reasons {
        branches: branches.collect(),
        strangers: parts.strangers.voters,
        networks,
        strangers_points: parts.strangers.points,
        score,
        mine,
        muted,
        follows: standing.follows(),
        provisional: standing.follows().saturating_sub(loaded.own_follows() as u32),
        place: None,
    }
}
