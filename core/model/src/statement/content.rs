//! What statements say.

use crate::{board::BoardName, id::WorkId, key::PublicKey, text::ListName};

/// In front of what is signed.
pub(super) const TAG: &[u8] = b"upseed:1:statement\0";

/// What a label is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LabelTarget {
    /// An item.
    Item(WorkId),
    /// An author.
    Key(PublicKey),
}

/// One word of moderation, for those who subscribe to its author.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// What it is about.
    pub target: LabelTarget,
    /// Such as `spam`; 1 … 32 bytes.
    pub value: String,
    /// For people; at most 200 bytes.
    pub reason: String,
}

/// Which of an author's lists of one kind this is. One device owns 256 of them, so that two devices
/// with one key do not write over each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// Chosen at random by each device.
    pub device: [u8; 4],
    /// 0 … 255.
    pub number: u8,
}

/// What a statement says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    /// I upvote and host these items of one board.
    Ballot {
        /// Which list.
        slot: Slot,
        /// Work ids, strictly ascending, at most 256.
        targets: Vec<WorkId>,
    },
    /// I follow these people; or, under a name, a starter list: people whom I suggest to those who
    /// come to these boards. A starter list is no follow of its author's.
    Follows {
        /// Which list.
        slot: Slot,
        /// Of a starter list; none for the people whom the author follows.
        name: Option<ListName>,
        /// Keys, strictly ascending, at most 256.
        targets: Vec<PublicKey>,
    },
    /// Moderation.
    Labels {
        /// Which list.
        slot: Slot,
        /// Strictly ascending, at most 64.
        labels: Vec<Label>,
    },
    /// About myself. The newest replaces every older one for the same boards.
    Profile {
        /// At most 64 bytes; empty for none.
        name: String,
        /// At most 1,024 bytes; empty for none.
        about: String,
        /// Boards where I am, strictly ascending, at most 32.
        active: Vec<BoardName>,
        /// SHA-256 of the key that may succeed this one.
        next: Option<[u8; 32]>,
    },
    /// I ask hosts to stop hosting these items of mine; final.
    Retraction {
        /// Work ids, strictly ascending, 1 … 64.
        targets: Vec<WorkId>,
    },
    /// Another key is mine from now on, and says so too; or this key is nobody's any more. Final.
    Succession {
        /// The new key, which signs as well; none if nobody succeeds.
        next: Option<PublicKey>,
    },
}
