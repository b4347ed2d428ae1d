//! Whom the user follows: a list statement, spread over slots.

use std::collections::BTreeSet;

use upseed_model::{
    BoardName, PublicKey, SignedStatement, Statement, StatementDraft, StatementKind, WorkId,
    limits::{MAX_AHEAD, MAX_BOARDS, MAX_TARGETS},
    statement::Slot,
};

use crate::{Node, NodeError, clock::now, votes::random_device};

impl Node {
    /// The keys that the user follows, ascending.
    pub fn follows(&self) -> Result<Vec<PublicKey>, NodeError> {
        let Some(me) = self.inner.identity.public() else { return Ok(Vec::new()) };
        self.follows_of(&me)
    }

    /// The keys that somebody says they follow, ascending.
    pub fn follows_of(&self, who: &PublicKey) -> Result<Vec<PublicKey>, NodeError> {
        let lists = self.inner.store.statements_of(who, StatementKind::Follows)?;
        let all: BTreeSet<PublicKey> = lists.iter().flat_map(targets).copied().collect();
        Ok(all.into_iter().collect())
    }

    /// Follows or unfollows somebody; durable and told to others when this returns.
    pub fn follow(&self, who: PublicKey, follow: bool) -> Result<Vec<PublicKey>, NodeError> {
        if self.inner.identity.public() == Some(who) {
            return Err(NodeError::Input("you cannot follow yourself".into()));
        }
        while self.follows()?.contains(&who) != follow {
            let key = self.inner.identity.get_or_create()?;
            self.inner.store.set_me(Some(key.public()))?;
            self.write_follows(key.public(), Some((who, follow)), now())?;
        }
        self.follows()
    }

    /// What was said while this machine's clock was ahead is said again: others do not take it before
    /// that time.
    pub(crate) fn say_again(&self, now: u64) -> Result<(), NodeError> {
        let Some(me) = self.inner.identity.public() else { return Ok(()) };
        while !self.write_follows(me, None, now)? {}
        self.say_profile_again(me, now)
    }

    /// False if a list changed meanwhile, and what is left is to be planned anew.
    fn write_follows(
        &self,
        me: PublicKey,
        change: Option<(PublicKey, bool)>,
        now: u64,
    ) -> Result<bool, NodeError> {
        let device = self.inner.store.device(random_device)?;
        let boards = self.statement_boards()?;
        let lists = self.inner.store.statements_of(&me, StatementKind::Follows)?;
        let lists: Vec<OldList> = lists.iter().filter_map(OldList::read).collect();
        for new in plan(lists, device, &boards, change, now)? {
            let content = Statement::Follows { slot: new.slot, targets: new.targets };
            let draft = StatementDraft { author: me, boards: new.boards, time: new.time, content };
            if !self.write_statement(&draft, new.work, || Ok(true))? {
                return Ok(false);
            }
        }
        Ok(true)
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

/// A list of the user's key as it stands, or is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct OldList {
    slot: Slot,
    boards: Vec<BoardName>,
    /// The statement in the slot; none if there is none yet.
    work: Option<WorkId>,
    time: u64,
    targets: Vec<PublicKey>,
}

impl OldList {
    fn read(list: &SignedStatement) -> Option<Self> {
        let Statement::Follows { slot, targets } = list.content() else { return None };
        let (slot, boards, time) = (*slot, list.boards().to_vec(), list.time());
        Some(Self { slot, boards, work: Some(list.work()), time, targets: targets.clone() })
    }
}

/// The lists to be written. A follow goes into this device's first list with room; an unfollow
/// takes the key out of every list that has it.
fn plan(
    mut lists: Vec<OldList>,
    device: [u8; 4],
    boards: &[BoardName],
    change: Option<(PublicKey, bool)>,
    now: u64,
) -> Result<Vec<OldList>, NodeError> {
    // As with ballots: such a list stays, and what it says is said again.
    let is_early = |list: &OldList| list.time > now + MAX_AHEAD;
    let mut changed = BTreeSet::new();
    if let Some((who, false)) = change {
        for (index, list) in lists.iter_mut().enumerate() {
            let before = list.targets.len();
            list.targets.retain(|key| *key != who);
            if list.targets.len() != before {
                changed.insert(index);
            }
        }
    }
    let mut wanted: BTreeSet<PublicKey> =
        lists.iter().filter(|list| is_early(list)).flat_map(|list| list.targets.clone()).collect();
    wanted.extend(change.filter(|(_, follow)| *follow).map(|(who, _)| who));
    for who in wanted {
        if lists.iter().any(|list| !is_early(list) && list.targets.contains(&who)) {
            continue;
        }
        let ours = |list: &OldList| list.boards == boards && list.slot.device == device;
        let has_room =
            |list: &OldList| ours(list) && !is_early(list) && list.targets.len() < MAX_TARGETS;
        let index = match lists.iter().position(has_room) {
            Some(index) => index,
            None => {
                let taken: BTreeSet<u8> =
                    lists.iter().filter(|list| ours(list)).map(|list| list.slot.number).collect();
                let number = (0..=u8::MAX).find(|number| !taken.contains(number));
                let number = number.ok_or_else(|| {
                    NodeError::Input("no more than 65,536 people can be followed".into())
                })?;
                let (slot, boards) = (Slot { device, number }, boards.to_vec());
                lists.push(OldList { slot, boards, work: None, time: 0, targets: Vec::new() });
                lists.len() - 1
            }
        };
        lists[index].targets.push(who);
        changed.insert(index);
    }
    let written = changed.into_iter().map(|index| {
        let mut list = lists[index].clone();
        list.targets.sort_unstable();
        list.time = now.max(list.time + 1);
        list
    });
    Ok(written.collect())
}

#[cfg(test)]
mod tests {
    use upseed_model::SecretKey;

    use super::*;

    const NOW: u64 = 1_800_000_000;
    const HERE: [u8; 4] = [1; 4];

    fn key(n: u8) -> PublicKey {
        SecretKey::from_seed(&[n; 32]).public()
    }

    fn list(number: u8, time: u64, who: &[u8]) -> OldList {
        let mut targets: Vec<_> = who.iter().map(|n| key(*n)).collect();
        targets.sort_unstable();
        let (slot, boards) = (Slot { device: HERE, number }, vec![BoardName::upseed()]);
        OldList { slot, boards, work: None, time, targets }
    }

    fn planned(lists: &[OldList], change: Option<(u8, bool)>) -> Vec<OldList> {
        let change = change.map(|(who, follow)| (key(who), follow));
        plan(lists.to_vec(), HERE, &[BoardName::upseed()], change, NOW).unwrap()
    }

    #[test]
    fn what_was_said_too_early_is_said_again() {
        let early = NOW + 400 * 86_400;
        let ahead = list(0, early, &[1, 2]);
        let again = list(1, NOW, &[1, 2]);
        assert_eq!(planned(std::slice::from_ref(&ahead), None), std::slice::from_ref(&again));
        let lists = [ahead, again];
        assert_eq!(planned(&lists, None), []);
        assert_eq!(planned(&lists, Some((3, true))), [list(1, NOW + 1, &[1, 2, 3])]);
        let back = [list(0, early + 1, &[2]), list(1, NOW + 1, &[2])];
        assert_eq!(planned(&lists, Some((1, false))), back);
    }

    #[test]
    fn a_list_with_room_grows_and_gives_back() {
        assert_eq!(planned(&[], Some((1, true))), [list(0, NOW, &[1])]);
        let lists = [list(0, NOW + 7, &[1])];
        assert_eq!(planned(&lists, Some((2, true))), [list(0, NOW + 8, &[1, 2])]);
        assert_eq!(planned(&lists, Some((1, false))), [list(0, NOW + 8, &[])]);
        assert_eq!(planned(&lists, Some((2, false))), []);
    }
}
