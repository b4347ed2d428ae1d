//! Votes that another device of my key cast or took back become hosting tasks here too: an upvote is the
//! hosting, on whichever device it was made.

use std::collections::HashSet;

use upseed_model::{HostingState, StatementKind, WorkId};
use upseed_tables::hosting::Happened;
use upseed_tables::{
    values::{error::StoreError, keep::Keep},
    work::{
        hosting, items, pending,
        slots::{self, targets},
        texts,
    },
};

use crate::connection::Store;

impl Store {
    /// Brings the hosting tasks in line with my ballots, and says how many changed. Own items and votes
    /// that no ballot says yet are left as they are.
    pub fn adopt_votes(&self, now: u64) -> Result<usize, StoreError> {
        let Some(author) = self.me() else { return Ok(0) };
        let (me, used) = (self.me_id(), self.tick());
        self.write(|db| {
            // Read within the transaction: a ballot that is written meanwhile settles its pending
            // wishes, which would then look like votes that were taken back elsewhere.
            let ballots = slots::of(db, &author, StatementKind::Ballot)?;
            let voted: HashSet<WorkId> =
                ballots.iter().flat_map(|ballot| targets(Some(ballot))).copied().collect();
            let tasks = hosting::all(db, &[])?;
            let wanted: HashSet<WorkId> = tasks
                .iter()
                .filter(|row| row.task.state != HostingState::Leaving)
                .map(|row| row.work)
                .collect();
            let mut changed = 0;
            for work in voted.difference(&wanted) {
                // A ballot may name what is not known here yet; it is adopted once it is.
                let Some(item) = items::id(db, work)? else { continue };
                if pending::wish(db, item)? != Some(false) {
                    hosting::step(db, item, &Happened::Voted { since: now }, now)?;
                    changed += 1;
                }
            }
            for work in wanted.difference(&voted) {
                let Some(item) = items::id(db, work)? else { continue };
                let mine =
                    items::author(db, item)? == me || texts::keep(db, item)? == Some(Keep::Own);
                if !mine && pending::wish(db, item)? != Some(true) {
                    texts::change(db, item, Keep::Cache, used)?;
                    hosting::step(db, item, &Happened::VoteTakenBack, now)?;
                    changed += 1;
                }
            }
            Ok(changed)
        })
    }
}
