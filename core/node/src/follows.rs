//! Whom the user follows: a list statement, spread over slots.

use std::collections::BTreeSet;

use upseed_model::{
    BoardName, PublicKey, SignedStatement, Statement, StatementDraft,
    limits::{MAX_BOARDS, MAX_TARGETS},
    statement::Slot,
};

use crate::{Node, NodeError, clock::now, node::locked, votes::random_device};

impl Node {
    /// The keys that the user follows, ascending.
    pub fn follows(&self) -> Result<Vec<PublicKey>, NodeError> {
        let Some(me) = self.inner.identity.public() else { return Ok(Vec::new()) };
        self.follows_of(&me)
    }

    /// The keys that somebody says they follow, ascending.
    pub(crate) fn follows_of(&self, who: &PublicKey) -> Result<Vec<PublicKey>, NodeError> {
        let lists = self.inner.store.statements_of(who, "follows")?;
        let all: BTreeSet<PublicKey> = lists.iter().flat_map(targets).copied().collect();
        Ok(all.into_iter().collect())
    }

    /// Follows or unfollows somebody; durable and told to others when this returns.
    pub fn follow(&self, who: PublicKey, follow: bool) -> Result<Vec<PublicKey>, NodeError> {
        if self.inner.identity.public() == Some(who) {
            return Err(NodeError::Input("you cannot follow yourself".into()));
        }
        if self.follows()?.contains(&who) != follow {
            let key = self.inner.identity.get_or_create()?;
            self.inner.store.set_me(Some(key.public()))?;
            let _writing = locked(&self.inner.writing);
            let device = self.inner.store.device(random_device)?;
            let boards = self.statement_boards()?;
            let lists = self.inner.store.statements_of(&key.public(), "follows")?;
            for change in plan(&lists, device, &boards, who, follow, now())? {
                let draft = StatementDraft { author: key.public(), ..change };
                self.write_statement(&draft)?;
            }
        }
        self.follows()
    }
}

impl Node {
    /// The boards in whose sets a statement about the user belongs: the joined ones.
    pub(crate) fn statement_boards(&self) -> Result<Vec<BoardName>, NodeError> {
        let mut boards: Vec<BoardName> =
            self.inner.store.boards()?.iter().map(|board| board.name).collect();
        boards.truncate(MAX_BOARDS);
        if boards.is_empty() {
            boards.push(BoardName::upseed());
        }
        boards.sort_unstable();
        Ok(boards)
    }
}

fn targets(list: &SignedStatement) -> &[PublicKey] {
    match list.content() {
        Statement::Follows { targets, .. } => targets,
        _ => &[],
    }
}

/// The lists to be written. A follow goes into this device's first list with room; an unfollow
/// takes the key out of every list that has it.
fn plan(
    lists: &[SignedStatement],
    device: [u8; 4],
    boards: &[BoardName],
    who: PublicKey,
    follow: bool,
    now: u64,
) -> Result<Vec<StatementDraft>, NodeError> {
    let rewrite = |list: &SignedStatement, slot: Slot, targets: Vec<PublicKey>| StatementDraft {
        author: list.author(),
        boards: list.boards().to_vec(),
        time: now.max(list.time() + 1),
        content: Statement::Follows { slot, targets },
    };
    let slot_of = |list: &SignedStatement| match list.content() {
        Statement::Follows { slot, .. } => Some(*slot),
        _ => None,
    };
    if !follow {
        return Ok(lists
            .iter()
            .filter(|list| targets(list).contains(&who))
            .filter_map(|list| {
                let rest = targets(list).iter().filter(|key| **key != who).copied().collect();
                Some(rewrite(list, slot_of(list)?, rest))
            })
            .collect());
    }
    let ours = |list: &&SignedStatement| {
        list.boards() == boards && slot_of(list).is_some_and(|slot| slot.device == device)
    };
    if let Some(list) = lists.iter().filter(ours).find(|list| targets(list).len() < MAX_TARGETS) {
        let mut more = targets(list).to_vec();
        more.push(who);
        more.sort_unstable();
        return Ok(slot_of(list).map(|slot| rewrite(list, slot, more)).into_iter().collect());
    }
    let taken: BTreeSet<u8> =
        lists.iter().filter(ours).filter_map(slot_of).map(|slot| slot.number).collect();
    let number = (0..=u8::MAX).find(|number| !taken.contains(number));
    let number = number
        .ok_or_else(|| NodeError::Input("no more than 65,536 people can be followed".into()))?;
    let content = Statement::Follows { slot: Slot { device, number }, targets: vec![who] };
    Ok(vec![StatementDraft { author: who, boards: boards.to_vec(), time: now, content }])
}
