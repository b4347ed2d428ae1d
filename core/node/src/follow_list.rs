//! Lists of people as they stand in slots: those whom somebody follows, and starter lists.

use upseed_model::{
    BoardName, PublicKey, SignedStatement, Statement, StatementDraft, StatementKind, WorkId,
    statement::Slot, text::ListName,
};

use crate::{Node, NodeError};

/// A list as it stands, or is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FollowList {
    pub slot: Slot,
    pub boards: Vec<BoardName>,
    /// Of a starter list.
    pub name: Option<ListName>,
    /// The statement in the slot; none if there is none yet.
    pub work: Option<WorkId>,
    pub time: u64,
    pub targets: Vec<PublicKey>,
}

impl FollowList {
    /// An empty one in a slot that was never used.
    pub fn new(slot: Slot, boards: Vec<BoardName>, name: Option<ListName>) -> Self {
        Self { slot, boards, name, work: None, time: 0, targets: Vec::new() }
    }

    fn read(list: &SignedStatement) -> Option<Self> {
        let Statement::Follows { slot, name, targets } = list.content() else { return None };
        Some(Self {
            slot: *slot,
            boards: list.boards().to_vec(),
            name: name.clone(),
            work: Some(list.work()),
            time: list.time(),
            targets: targets.clone(),
        })
    }

    /// Whether it lies in a slot of this device and for these boards.
    pub fn is_at(&self, device: [u8; 4], boards: &[BoardName]) -> bool {
        self.slot.device == device && self.boards == boards
    }
}

/// The first slot of a device in which nothing was ever written; with a name or without, lists share
/// them.
pub(crate) fn free_slot(
    lists: &[FollowList],
    device: [u8; 4],
    boards: &[BoardName],
) -> Option<Slot> {
    let taken = |slot: &Slot| lists.iter().any(|l| l.slot == *slot && l.is_at(device, boards));
    (0..=u8::MAX).map(|number| Slot { device, number }).find(|slot| !taken(slot))
}

impl Node {
    /// All that somebody's slots hold.
    pub(crate) fn follow_lists(&self, who: &PublicKey) -> Result<Vec<FollowList>, NodeError> {
        let lists = self.inner.store.statements_of(who, StatementKind::Follows)?;
        Ok(lists.iter().filter_map(FollowList::read).collect())
    }

    /// False if its slot changed meanwhile, and the list is to be planned anew.
    pub(crate) fn write_follow_list(
        &self,
        author: PublicKey,
        list: FollowList,
    ) -> Result<bool, NodeError> {
        let FollowList { slot, boards, name, work, time, targets } = list;
        let content = Statement::Follows { slot, name, targets };
        let draft = StatementDraft { author, boards, time, content };
        self.write_statement(&draft, work, || Ok(true))
    }
}
