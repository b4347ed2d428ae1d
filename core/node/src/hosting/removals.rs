//! What was removed in the client: held until it shows that its user did it, asked about if not, and undone.
//!
//! [`upseed_store::hosting::removals`] says what belongs together, and why.

use upseed_model::{HostingState, WorkId};
use upseed_store::{
    ItemRow, PackRow, PackState,
    hosting::{Happened, removals::UNDO},
};

use super::reconnection::connected;
use crate::{Node, NodeError, clock::now};

/// What was removed in the user's client.
#[derive(Debug, Clone)]
pub struct Removals {
    /// What went without its user's doing, as far as one can tell, and why beside that: it is hosted by this node's own engine,
    /// and its user says what becomes of it.
    pub asked: Vec<(ItemRow, Option<String>)>,
    /// The packs that went, each with many items: its user is asked about these, too.
    pub packs: Vec<PackRow>,
    /// What its user removed, and until when that can be undone, in unix seconds. The newest first.
    pub undoable: Vec<(ItemRow, u64)>,
}

/// The user is asked about what went with too many others.
pub(super) fn ask(node: &Node) -> Result<(), NodeError> {
    for (client, works) in node.inner.store.removals_in_question()? {
        node.happened_to_all(&works, &Happened::FoundMissing(client))?;
    }
    Ok(())
}

/// What is held no longer takes the vote back. Before, what the client has is looked at once more: others may have gone of which
/// nobody has heard. A client that does not answer can say nothing of that, so it waits for it.
pub(super) async fn settle(node: &Node) -> Result<(), NodeError> {
    let is_due = node.blocking(|node| {
        ask(node)?;
        Ok(!node.inner.store.due_removals(now())?.is_empty())
    });
    if !is_due.await? {
        return Ok(());
    }
    if let Some(external) = &node.inner.external {
        if !external.describe().await?.online {
            return Ok(());
        }
        if let Err(error) = connected(node, external.as_ref()).await {
            tracing::info!(%error, "what was removed in the client takes the vote back later");
            return Ok(());
        }
    }
    node.blocking(|node| {
        ask(node)?;
        let due = node.inner.store.due_removals(now())?;
        node.happened_to_all(&due, &Happened::RemovalStands)
    })
    .await
}

impl Node {
    /// What was removed in the user's client. Waits for the disk.
    pub fn removals(&self) -> Result<Removals, NodeError> {
        let store = &self.inner.store;
        let mut found = Removals { asked: Vec::new(), packs: store.packs()?, undoable: Vec::new() };
        found.packs.retain(|pack| pack.state == PackState::Missing);
        for row in store.hosting_tasks(&[HostingState::Missing])? {
            if let Some(item) = store.item_by_work(&row.work)? {
                found.asked.push((item, row.task.error));
            }
        }
        for row in store.undoable_removals(now())? {
            if let Some(item) = store.item_by_work(&row.work)? {
                found.undoable.push((item, row.at + UNDO));
            }
        }
        Ok(found)
    }

    /// These are hosted again, and what was voted stands; all that the user is asked about for none.
    ///
    /// Errors: [`NodeError::Input`] if one was not removed, or too long ago.
    pub async fn put_back(&self, works: Vec<WorkId>) -> Result<(), NodeError> {
        self.blocking(move |node| {
            node.decide_packs(&works, true)?;
            let undoable = node.inner.store.undoable_removals(now())?;
            for work in node.or_all_asked(works)? {
                if node.state_of(&work)? == Some(HostingState::Missing) {
                    node.happened(&work, &Happened::HostAgain)?;
                    continue;
                }
                let removed = undoable.iter().find(|row| row.work == work);
                let removed = removed.ok_or_else(|| node.not_removed(&work))?;
                if removed.voted {
                    node.cast(work, true, now())?;
                } else {
                    node.happened(&work, &Happened::Voted { since: now() })?;
                }
            }
            Ok(())
        })
        .await?;
        self.inner.hosting.wake();
        Ok(())
    }

    /// The votes for these are taken back now; for all that the user is asked about for none.
    ///
    /// Errors: [`NodeError::Input`] if one was not removed.
    pub async fn let_go(&self, works: Vec<WorkId>) -> Result<(), NodeError> {
        self.blocking(move |node| {
            node.decide_packs(&works, false)?;
            for work in node.or_all_asked(works)? {
                match node.state_of(&work)? {
                    Some(HostingState::Missing | HostingState::Removed) => {
                        node.happened(&work, &Happened::LetGo)?;
                    }
                    _ => return Err(node.not_removed(&work)),
                }
            }
            Ok(())
        })
        .await
    }

    /// What is said of everything is said of packs, too.
    fn decide_packs(&self, works: &[WorkId], host: bool) -> Result<(), NodeError> {
        if let Some(levels) = self.levels().filter(|_| works.is_empty()) {
            levels.decide_missing(host)?;
        }
        Ok(())
    }

    fn or_all_asked(&self, works: Vec<WorkId>) -> Result<Vec<WorkId>, NodeError> {
        if !works.is_empty() {
            return Ok(works);
        }
        let asked = self.inner.store.hosting_tasks(&[HostingState::Missing])?;
        Ok(asked.into_iter().map(|row| row.work).collect())
    }

    fn not_removed(&self, work: &WorkId) -> NodeError {
        let row = self.inner.store.item_by_work(work).ok().flatten();
        let id = row.map(|row| row.item.infohash().to_string()).unwrap_or_default();
        NodeError::Input(format!("{id} was not removed in your client, or more than an hour ago"))
    }

    fn state_of(&self, work: &WorkId) -> Result<Option<HostingState>, NodeError> {
        Ok(self.inner.store.hosting_task(work)?.map(|task| task.state))
    }

    /// What is to be said of what the user is asked about.
    pub(crate) fn asks(&self, asked: u64) -> Option<String> {
        (asked > 0).then(|| {
            format!(
                "{asked} of your posts and upvotes are gone from your client, as far as one can tell not by your doing: too many \
                 went at once, or a share limit removed them. No vote was taken back, and Upseed's own engine hosts them. Say \
                 what is to become of them: `upseed removed`, or \"Me\" in the view. `upseed connect` says how to exempt Upseed \
                 from a cleaner"
            )
        })
    }
}
