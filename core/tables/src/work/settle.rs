//! What a transaction touched is made to count, and what waits is scored again, share by share.

use rusqlite::OptionalExtension as _;
use upseed_rank::Change;

use super::{
    provisional, scores, stale,
    trust::Edit,
    writing::{Touched, Writing},
};
use crate::values::{error::StoreError, me::Me};

/// Items that one transaction scores: some tens of milliseconds, in which nobody else writes.
const ITEMS: u32 = 256;

/// Items of people that one transaction finds.
const FOUND: usize = 2_000;

/// People whose votes are scored again at once, rather than in the background.
const AT_ONCE: usize = 8;

/// Makes what a transaction touched count. Before it ends, and in between when much waits.
pub fn settle(db: &Writing<'_>, me: Option<Me>) -> Result<(), StoreError> {
    let touched = db.take();
    let Some(people) = settle_trust(db, me, &touched)? else {
        let items = touched.votes.keys().chain(&touched.items);
        return items.copied().try_for_each(|item| stale::add(db, item));
    };
    for (item, votes) in &touched.votes {
        if !touched.items.contains(item) {
            scores::count_votes(db, me, *item, votes)?;
        }
    }
    for item in &touched.items {
        scores::score_again(db, me, *item)?;
    }
    // Not before: votes that were not counted yet would be counted twice.
    if (1..=AT_ONCE).contains(&people) {
        step(db, me)?;
    }
    Ok(())
}

/// Follows, mutes, successions, and who is the reader: of how many people items wait to be scored again
/// for it. None if the graph is not loaded.
fn settle_trust(
    db: &Writing<'_>,
    me: Option<Me>,
    touched: &Touched,
) -> Result<Option<usize>, StoreError> {
    let follows = touched.follows.iter().map(|(follower, followed, follows)| Edit::Follow {
        follower: *follower,
        followed: *followed,
        follows: *follows,
    });
    let mutes =
        touched.mutes.iter().map(|(person, muted)| Edit::Mute { person: *person, muted: *muted });
    let successions = touched.successions.iter().copied().map(Edit::Succession);
    let edits: Vec<Edit> = follows.chain(mutes).chain(successions).collect();
    if !touched.is_edit() {
        return Ok(db.trust.is_loaded().then_some(0));
    }
    // Their items are somebody else's from now on, and those of all whose chains come to them.
    for key in &touched.successions {
        stale::add_person(db, *key)?;
    }
    let changed = db.trust.change(db, &edits, |loaded| {
        let mut changes = Vec::new();
        if let Some(reader) = touched.reader {
            changes.push(loaded.set_reader(db, reader)?);
        }
        if touched.is_mine() {
            let ids = provisional::ids(db, me, loaded.own_follows())?;
            loaded.set_provisional(db, &ids)?;
        }
        changes.push(loaded.settle());
        let keys = |change: Change| {
            let people = change.people.into_iter().map(|person| *loaded.key(person)).collect();
            (people, change.strangers)
        };
        Ok(changes.into_iter().map(keys).collect::<Vec<(Vec<_>, bool)>>())
    })?;
    let Some(changes) = changed else {
        if db.trust.loses_changes() {
            stale::add_all(db)?;
        }
        return Ok(None);
    };
    let mut find = db.prepare_cached("SELECT id FROM keys WHERE key = ?1")?;
    let mut people = touched.successions.len();
    for (keys, strangers) in changes {
        people += keys.len();
        for key in keys {
            // Only those with a number can have voted.
            if let Some(id) = find.query_row([key.as_bytes()], |row| row.get(0)).optional()? {
                stale::add_person(db, id)?;
            }
        }
        if strangers {
            stale::add_strangers(db)?;
        }
    }
    Ok(Some(people))
}

/// One transaction's share of what waits to be scored again. True if more is left.
pub fn step(db: &Writing<'_>, me: Option<Me>) -> Result<bool, StoreError> {
    let mut found = 0;
    while found < FOUND {
        let Some(person) = stale::take_person(db)? else { break };
        found += stale::add_items_of(db, person)?;
    }
    if found < FOUND {
        for item in stale::take_items(db, ITEMS)? {
            scores::score_again(db, me, item)?;
        }
    }
    Ok(!stale::is_empty(db)?)
}
