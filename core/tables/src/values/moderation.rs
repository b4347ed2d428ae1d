//! What labels do for this reader.

use upseed_model::{
    PublicKey, WorkId,
    moderation::{LabelAction, LabelActions},
    statement::LabelTarget,
};

use super::error::StoreError;

/// A subscription to somebody's labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionRow {
    /// Whose labels.
    pub labeller: PublicKey,
    /// What they do.
    pub actions: LabelActions,
    /// When the user subscribed, in unix seconds.
    pub at: u64,
    /// On how many targets they act now (`Store::label_log`).
    pub acting: u64,
}

/// Why an item is folded, marked or hidden: a label of somebody to whom the user subscribes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What becomes of the item.
    pub action: LabelAction,
    /// Who labelled it.
    pub labeller: PublicKey,
    /// The label.
    pub value: String,
    /// In the labeller's words; may be empty.
    pub reason: String,
    /// Its author was labelled, and not the item itself.
    pub of_author: bool,
}

/// One thing that a subscription does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// By which it is undone; later entries have greater numbers.
    pub number: u64,
    /// Whose label it is.
    pub labeller: PublicKey,
    /// On what.
    pub target: LabelTarget,
    /// The label.
    pub value: String,
    /// In the labeller's words; may be empty.
    pub reason: String,
    /// What the subscription makes of it.
    pub action: LabelAction,
    /// Since when, in unix seconds.
    pub at: u64,
    /// The user undid it: there is an exception for its target.
    pub undone: bool,
}

/// What is shown whatever its labels say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// An item, or all that a person writes.
    pub target: LabelTarget,
    /// When the user said so, in unix seconds.
    pub at: u64,
}

/// An item that the user hid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HiddenItem {
    /// The item.
    pub work: WorkId,
    /// When, in unix seconds.
    pub at: u64,
}

/// On which posts of a window a subscription would act, on the boards that the user joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Preview {
    /// Those that it would hide.
    pub hide: PreviewCounts,
    /// Those that it would fold.
    pub fold: PreviewCounts,
    /// Those that it would mark.
    pub mark: PreviewCounts,
    /// The labeller's labels that are known here, whether what they are about is here or not.
    pub labels: u64,
}

/// Posts on which a subscription would act in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PreviewCounts {
    /// All of them.
    pub posts: u64,
    /// Of these, those that are hidden already, for whatever reason.
    pub hidden: u64,
    /// Of these, those by people whom the user follows.
    pub followed: u64,
    /// Of these, those that the user hosts.
    pub hosted: u64,
}

/// An action as its number in a row, which never changes.
pub const fn number(action: LabelAction) -> i64 {
    match action {
        LabelAction::Ignore => 0,
        LabelAction::Mark => 1,
        LabelAction::Fold => 2,
        LabelAction::Hide => 3,
    }
}

/// [`number`], the way back.
pub fn action(row: i64) -> Result<LabelAction, StoreError> {
    let found = LabelAction::ALL.into_iter().find(|action| number(*action) == row);
    found.ok_or_else(|| StoreError::row("subscriptions", format!("unknown action {row}")))
}
