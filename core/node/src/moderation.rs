//! What the reader makes of others' labels, and hides. Nobody is told. These calls wait for the disk:
//! run them in [`Node::blocking`].

use std::collections::BTreeMap;

use upseed_model::{
    BoardName, PublicKey, WorkId, moderation::LabelActions, statement::LabelTarget,
};
use upseed_store::{Exception, ItemRow, LogEntry, Moderator, Preview, SubscriptionRow, Verdict};

use crate::{Node, NodeError, clock::now};

/// The window of a preview: this week.
const PREVIEW_SECONDS: u64 = 7 * 86_400;

/// Moderators of one board that are suggested.
const SUGGESTED: usize = 5;

/// Values that one subscription may set.
const MAX_VALUES: usize = 64;

impl Node {
    /// Subscribes to somebody's labels, or changes what they do.
    pub fn subscribe(&self, labeller: &PublicKey, actions: &LabelActions) -> Result<(), NodeError> {
        if actions.values.len() > MAX_VALUES {
            let many = actions.values.len();
            let wrong = format!("settings for {many} labels: at most {MAX_VALUES} can be set");
            return Err(NodeError::Input(wrong));
        }
        Ok(self.inner.store.subscribe(labeller, actions, now())?)
    }

    /// Ends a subscription: everything stands as if it had never been. False if there was none.
    pub fn unsubscribe(&self, labeller: &PublicKey) -> Result<bool, NodeError> {
        Ok(self.inner.store.unsubscribe(labeller)?)
    }

    /// To whose labels the user subscribes, the oldest subscription first.
    pub fn subscriptions(&self) -> Result<Vec<SubscriptionRow>, NodeError> {
        Ok(self.inner.store.subscriptions()?)
    }

    /// Who labels on this board and is trusted by those whom the user follows; at most five, the most
    /// trusted first, without those to whom the user subscribes.
    pub fn moderators(&self, board: &BoardName) -> Result<Vec<Moderator>, NodeError> {
        Ok(self.inner.store.moderators(board, SUGGESTED)?)
    }

    /// On which posts of this week, on the boards that the user joined, a subscription would act.
    pub fn preview(
        &self,
        labeller: &PublicKey,
        actions: &LabelActions,
    ) -> Result<Preview, NodeError> {
        let since = now().saturating_sub(PREVIEW_SECONDS);
        Ok(self.inner.store.preview(labeller, actions, since, &self.follows()?)?)
    }

    /// The values that somebody uses, and how often; at most 64, the most frequent first.
    pub fn label_values(&self, labeller: &PublicKey) -> Result<Vec<(String, u64)>, NodeError> {
        Ok(self.inner.store.label_values(labeller, MAX_VALUES as u32)?)
    }

    /// What a subscription does, the newest first: entries with smaller numbers than `before`.
    pub fn label_log(
        &self,
        labeller: &PublicKey,
        before: u64,
        limit: u32,
    ) -> Result<Vec<LogEntry>, NodeError> {
        Ok(self.inner.store.label_log(labeller, before, limit)?)
    }

    /// Undoes one thing that a subscription does ([`LogEntry::number`]): its target is shown whatever
    /// its labels say. False if there is no such entry.
    pub fn undo_label(&self, entry: u64) -> Result<bool, NodeError> {
        Ok(self.inner.store.undo_label(entry, now())?)
    }

    /// Shows an item, or all that a person writes, whatever their labels say; or no longer.
    pub fn set_exception(&self, target: &LabelTarget, shown: bool) -> Result<(), NodeError> {
        Ok(self.inner.store.set_exception(target, shown, now())?)
    }

    /// What is shown whatever its labels say, the newest first.
    pub fn exceptions(&self) -> Result<Vec<Exception>, NodeError> {
        Ok(self.inner.store.exceptions()?)
    }

    /// What comes of the labels of these items, the strongest first; at most four of each.
    pub fn verdicts(&self, works: &[WorkId]) -> Result<BTreeMap<WorkId, Vec<Verdict>>, NodeError> {
        Ok(self.inner.store.verdicts(works)?)
    }

    /// Leaves an item out of lists, or shows it again.
    pub fn hide(&self, work: &WorkId, hide: bool) -> Result<(), NodeError> {
        Ok(self.inner.store.set_hidden(work, hide, now())?)
    }

    /// Keeps an item for the user to read again, or no longer: no vote, and not hosted.
    pub fn save(&self, work: &WorkId, save: bool) -> Result<(), NodeError> {
        Ok(self.inner.store.set_saved(work, save, now())?)
    }

    /// What the user saved, the last first.
    pub fn saved_items(&self, skip: u32, limit: u32) -> Result<Vec<ItemRow>, NodeError> {
        Ok(self.inner.store.saved_items(skip, limit)?)
    }

    /// What the user hid, the newest first.
    pub fn hidden_items(&self, limit: u32) -> Result<Vec<ItemRow>, NodeError> {
        let mut rows = Vec::new();
        for hidden in self.inner.store.hidden_items(limit)? {
            rows.extend(self.inner.store.item_by_work(&hidden.work)?);
        }
        Ok(rows)
    }
}
