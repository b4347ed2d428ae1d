//! Labels, subscriptions to them, and what the reader hides.

use serde::{Deserialize, Serialize};
use upseed_model::{
    BoardName, Infohash, PublicKey, WorkId,
    moderation::{KeepRetracted, LabelAction, LabelActions, LabelValue},
};

/// What a label or an exception is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum LabelTarget {
    /// An item.
    Item {
        /// Its work id.
        work: WorkId,
        /// Its infohash; null if it is not here.
        id: Option<Infohash>,
        /// Of posts that are here.
        title: Option<String>,
    },
    /// All that a person writes.
    Person {
        /// Their key.
        key: PublicKey,
    },
}

/// `POST /labels`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelRequest {
    /// An item (its id, the beginning of one that is here, a magnet link) or somebody.
    pub target: String,
    /// Such as `spam`.
    pub value: LabelValue,
    /// For people; may be empty.
    #[serde(default)]
    pub reason: String,
    /// Whether to take it back.
    #[serde(default)]
    pub remove: bool,
}

/// A label of the user's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// What it is about.
    pub target: LabelTarget,
    /// What it says.
    pub value: String,
    /// Why; may be empty.
    pub reason: String,
}

/// Why an item is marked, folded or hidden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemLabel {
    /// What becomes of the item.
    pub action: LabelAction,
    /// Who labelled it.
    pub labeller: PublicKey,
    /// What it says.
    pub value: String,
    /// Why; may be empty.
    pub reason: String,
    /// Whether its author was labelled, and not the item itself.
    pub of_author: bool,
}

/// `GET /moderators`: who labels on a board and is trusted by those whom the user follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModeratorsQuery {
    /// The board.
    pub board: BoardName,
}

/// Somebody whose labels are suggested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moderator {
    /// Who.
    pub key: PublicKey,
    /// How many of those whom the user follows are this person or follow them.
    pub through: u32,
    /// Of how many.
    pub follows: u32,
    /// This person's labels that are known here, on all boards.
    pub labels: u64,
}

/// `POST /subscriptions`, and `POST /subscriptions/preview`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscribeRequest {
    /// Whose labels.
    pub labeller: String,
    /// What they do.
    #[serde(flatten)]
    pub actions: LabelActions,
}

/// `POST /subscriptions/end`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnsubscribeRequest {
    /// Whose labels.
    pub labeller: String,
}

/// A subscription to somebody's labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Whose labels.
    pub labeller: PublicKey,
    /// What they do.
    #[serde(flatten)]
    pub actions: LabelActions,
    /// Since when, in unix seconds.
    pub since: u64,
    /// Labels that act now.
    pub acting: u64,
}

/// What a subscription would do to this week's posts on the joined boards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// Posts that it would hide.
    pub hide: PreviewCounts,
    /// Posts that it would fold.
    pub fold: PreviewCounts,
    /// Posts that it would mark.
    pub mark: PreviewCounts,
    /// The labeller's labels that are known here.
    pub labels: u64,
}

/// Posts on which a subscription would act in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewCounts {
    /// All of them.
    pub posts: u64,
    /// Those that are hidden already.
    pub hidden: u64,
    /// Those by people whom the user follows.
    pub followed: u64,
    /// Those that the user hosts.
    pub hosted: u64,
}

/// `GET /subscriptions/log`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogQuery {
    /// Whose labels.
    pub labeller: String,
    /// Only entries with smaller numbers.
    #[serde(default)]
    pub before: Option<u64>,
    /// At most so many.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// One thing that a subscription does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// By which it is undone; what began later has a greater number.
    pub number: u64,
    /// On what.
    pub target: LabelTarget,
    /// The label.
    pub value: String,
    /// Why; may be empty.
    pub reason: String,
    /// What the subscription makes of it.
    pub action: LabelAction,
    /// Since when, in unix seconds.
    pub at: u64,
    /// Whether the user undid it.
    pub undone: bool,
}

/// `POST /subscriptions/undo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoRequest {
    /// [`LogEntry::number`].
    pub entry: u64,
}

/// `POST /exceptions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionRequest {
    /// An item (its id, the beginning of one that is here, a magnet link) or somebody.
    pub target: String,
    /// Whether it is shown whatever its labels say, or no longer.
    pub shown: bool,
}

/// What is shown whatever its labels say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// What.
    pub target: LabelTarget,
    /// Since when, in unix seconds.
    pub at: u64,
}

/// `POST /hidden`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HideRequest {
    /// Its id, the beginning of one that is here, or a magnet link.
    pub id: String,
    /// Whether to hide it, or to show it again.
    pub hide: bool,
}

/// `POST /retractions`: the user retracts an item of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetractRequest {
    /// Its id, the beginning of one that is here, or a magnet link.
    pub id: String,
}

/// `POST /retractions/keep`: the user says of an item that its author retracted whether it stays
/// hosted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeepRequest {
    /// Its id, the beginning of one that is here, or a magnet link.
    pub id: String,
    /// Whether it stays hosted.
    pub keep: bool,
}

/// `GET` and `POST /retractions/default`: what becomes of items when their authors retract them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetractionDefault {
    /// Ask, keep hosting, or stop.
    pub keep: KeepRetracted,
}
