//! Whom the user follows: a list statement, spread over slots.

use std::collections::BTreeSet;

use upseed_model::{
    BoardName, PublicKey,
    limits::{MAX_AHEAD, MAX_BOARDS, MAX_TARGETS},
};

use crate::{
    Node, NodeError,
    clock::now,
    follow_list::{FollowList, free_slot},
    votes::random_device,
};

/// Seconds for which somebody's next key has stood before the user's lists name it.
const SETTLED: u64 = 30 * 86_400;

impl Node {
    /// The keys that the user follows, ascending.
    pub fn follows(&self) -> Result<Vec<PublicKey>, NodeError> {
        let Some(me) = self.inner.identity.public() else { return Ok(Vec::new()) };
        self.follows_of(&me)
    }

    /// The keys that somebody says they follow, as they are now, ascending.
    pub fn follows_of(&self, who: &PublicKey) -> Result<Vec<PublicKey>, NodeError> {
        let Some(who) = self.inner.store.current(who)? else { return Ok(Vec::new()) };
        let mut follows = self.current_keys(self.named_follows(&who)?)?;
        follows.retain(|key| *key != who);
        Ok(follows)
    }

    /// The keys that somebody's lists name, ascending.
    fn named_follows(&self, who: &PublicKey) -> Result<BTreeSet<PublicKey>, NodeError> {
        let lists = self.follow_lists(who)?.into_iter().filter(|list| list.name.is_none());
        Ok(lists.flat_map(|list| list.targets).collect())
    }

    /// Follows or unfollows somebody; durable and told to others when this returns.
    pub fn follow(&self, who: PublicKey, follow: bool) -> Result<Vec<PublicKey>, NodeError> {
        let now = self.inner.store.current(&who)?;
        let revoked =
            || NodeError::Input("this key was revoked, or is claimed by two others".into());
        let who = if follow { now.ok_or_else(revoked)? } else { now.unwrap_or(who) };
        if self.inner.identity.public() == Some(who) {
            return Err(NodeError::Input("you cannot follow yourself".into()));
        }
        while self.follows()?.contains(&who) != follow {
            match follow {
                true => self.change_follows(&[who], &[])?,
                false => self.change_follows(&[], &self.own_names_of(who)?)?,
            }
        }
        self.follows()
    }

    /// The keys by which the user's own lists name somebody.
    fn own_names_of(&self, who: PublicKey) -> Result<Vec<PublicKey>, NodeError> {
        let Some(me) = self.inner.identity.public() else { return Ok(Vec::new()) };
        let mut names = Vec::new();
        for key in self.named_follows(&me)? {
            if self.inner.store.current(&key)? == Some(who) {
                names.push(key);
            }
        }
        Ok(names)
    }

    /// Follows all of them; durable and told to others when this returns.
    pub(crate) fn follow_many(&self, who: &[PublicKey]) -> Result<Vec<PublicKey>, NodeError> {
        loop {
            let follows = self.follows()?;
            if who.iter().all(|key| follows.contains(key)) {
                return Ok(follows);
            }
            self.change_follows(who, &[])?;
        }
    }

    fn change_follows(&self, more: &[PublicKey], less: &[PublicKey]) -> Result<(), NodeError> {
        let key = self.inner.identity.get_or_create()?;
        self.inner.store.set_me(Some(key.public()))?;
        self.write_follows(key.public(), more, less, now()).map(drop)
    }

    /// What was said while this machine's clock was ahead is said again: others do not take it before
    /// that time.
    pub(crate) fn say_again(&self, now: u64) -> Result<(), NodeError> {
        let Some(me) = self.inner.identity.public() else { return Ok(()) };
        while !self.write_follows(me, &[], &[], now)? {}
        self.say_labels_again(me, now)?;
        self.follow_next_keys(me, now)?;
        self.say_profile_again(me, now)
    }

    /// Names the keys that people have now in place of those that they had, once that has stood for a
    /// while: from then on nothing that an old key says moves the user's follows.
    fn follow_next_keys(&self, me: PublicKey, now: u64) -> Result<(), NodeError> {
        let (mut more, mut less) = (Vec::new(), Vec::new());
        for key in self.named_follows(&me)? {
            let Some(succession) = self.inner.store.succession(&key)? else { continue };
            if let (Some(current), true) =
                (succession.current, succession.first_seen + SETTLED < now)
            {
                more.push(current);
                less.push(key);
            }
        }
        more.retain(|key| *key != me);
        while !less.is_empty() && !self.write_follows(me, &more, &less, now)? {}
        Ok(())
    }

    /// False if a list changed meanwhile, and what is left is to be planned anew.
    fn write_follows(
        &self,
        me: PublicKey,
        more: &[PublicKey],
        less: &[PublicKey],
        now: u64,
    ) -> Result<bool, NodeError> {
        let device = self.inner.store.device(random_device)?;
        let boards = self.statement_boards()?;
        for new in plan(self.follow_lists(&me)?, device, &boards, more, less, now)? {
            if !self.write_follow_list(me, new)? {
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

/// The lists to be written. A follow goes into this device's first list with room; an unfollow
/// takes the key out of every list that has it. Starter lists are left alone.
fn plan(
    mut lists: Vec<FollowList>,
    device: [u8; 4],
    boards: &[BoardName],
    more: &[PublicKey],
    less: &[PublicKey],
    now: u64,
) -> Result<Vec<FollowList>, NodeError> {
    // As with ballots: such a list stays, and what it says is said again.
    let is_early = |list: &FollowList| list.time > now + MAX_AHEAD;
    let mut changed = BTreeSet::new();
    for (index, list) in lists.iter_mut().enumerate().filter(|(_, list)| list.name.is_none()) {
        let before = list.targets.len();
        list.targets.retain(|key| !less.contains(key));
        if list.targets.len() != before {
            changed.insert(index);
        }
    }
    let follows = |list: &FollowList| list.name.is_none();
    let mut wanted: BTreeSet<PublicKey> = lists
        .iter()
        .filter(|list| follows(list) && is_early(list))
        .flat_map(|list| list.targets.clone())
        .collect();
    wanted.extend(more);
    for who in wanted {
        let says = |list: &FollowList| list.targets.contains(&who) && !is_early(list);
        if lists.iter().any(|list| follows(list) && says(list)) {
            continue;
        }
        let has_room = |list: &FollowList| {
            list.is_at(device, boards)
                && follows(list)
                && !is_early(list)
                && list.targets.len() < MAX_TARGETS
        };
        let index = match lists.iter().position(has_room) {
            Some(index) => index,
            None => {
                let slot = free_slot(&lists, device, boards).ok_or_else(|| {
                    NodeError::Input("no more than 65,536 people can be followed".into())
                })?;
                lists.push(FollowList::new(slot, boards.to_vec(), None));
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
    use upseed_model::{SecretKey, statement::Slot};

    use super::*;

    const NOW: u64 = 1_800_000_000;
    const HERE: [u8; 4] = [1; 4];

    fn key(n: u8) -> PublicKey {
        SecretKey::from_seed(&[n; 32]).public()
    }

    fn list(number: u8, time: u64, who: &[u8]) -> FollowList {
        let mut targets: Vec<_> = who.iter().map(|n| key(*n)).collect();
        targets.sort_unstable();
        let slot = Slot { device: HERE, number };
        FollowList { time, targets, ..FollowList::new(slot, vec![BoardName::upseed()], None) }
    }

    fn planned(lists: &[FollowList], change: Option<(u8, bool)>) -> Vec<FollowList> {
        let keys = |follow| change.filter(|(_, f)| *f == follow).map(|(who, _)| key(who));
        let (more, less): (Vec<_>, Vec<_>) =
            (keys(true).into_iter().collect(), keys(false).into_iter().collect());
        plan(lists.to_vec(), HERE, &[BoardName::upseed()], &more, &less, NOW).unwrap()
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

    #[test]
    fn a_starter_list_is_no_follow_and_keeps_its_slot() {
        let named = FollowList { name: "Begin".parse().ok(), ..list(0, NOW + 7, &[1]) };
        let lists = [named];
        assert_eq!(planned(&lists, Some((1, false))), []);
        assert_eq!(planned(&lists, Some((1, true))), [list(1, NOW, &[1])]);
    }

    #[test]
    fn many_follows_fill_one_slot_after_the_other() {
        let many = (0..300_u16).map(|n| {
            let mut seed = [0; 32];
            seed[..2].copy_from_slice(&n.to_be_bytes());
            SecretKey::from_seed(&seed).public()
        });
        let many: Vec<PublicKey> = many.collect();
        let lists = plan(Vec::new(), HERE, &[BoardName::upseed()], &many, &[], NOW).unwrap();
        let sizes: Vec<usize> = lists.iter().map(|list| list.targets.len()).collect();
        assert_eq!(sizes, [256, 44]);
    }
}
