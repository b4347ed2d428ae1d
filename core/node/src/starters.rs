//! Starter lists: whom somebody suggests to those who come new to a board. These calls wait for the
//! disk: run them in [`Node::blocking`].

use upseed_model::{
    BoardName, PublicKey, SignedStatement, Statement, WorkId,
    limits::{MAX_AHEAD, MAX_TARGETS},
    text::ListName,
};

use crate::{
    Node, NodeError,
    clock::now,
    follow_list::{FollowList, free_slot},
    votes::random_device,
};

/// Lists of one board that are offered.
const OFFERED: usize = 5;

/// Whoever follows fewer people than this is offered lists.
const ENOUGH: usize = 3;

/// People in a list that is published here: one of 64 is 2.4 kB, and takes some 3 s of a core.
const MOST: usize = MAX_TARGETS / 4;

/// People whom somebody suggests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StarterList {
    /// Of the statement: another version has another one.
    pub id: WorkId,
    /// What its author calls it.
    pub name: ListName,
    /// Who suggests them.
    pub author: PublicKey,
    /// The boards that it is for.
    pub boards: Vec<BoardName>,
    /// When it was signed, in unix seconds.
    pub time: u64,
    /// Whom.
    pub people: Vec<PublicKey>,
}

impl StarterList {
    fn read(list: &SignedStatement) -> Option<Self> {
        let Statement::Follows { name: Some(name), targets, .. } = list.content() else {
            return None;
        };
        Some(Self {
            id: list.work(),
            name: name.clone(),
            author: list.author(),
            boards: list.boards().to_vec(),
            time: list.time(),
            people: targets.clone(),
        })
    }
}

impl Node {
    /// Starter lists by others for one board, or for each joined one: at most five for a board, one by
    /// each author; first those by people whom the user follows or upvoted.
    pub fn starter_lists(&self, board: Option<BoardName>) -> Result<Vec<StarterList>, NodeError> {
        let boards = match board {
            Some(board) => vec![board],
            None => self.inner.store.boards()?.iter().map(|row| row.name).collect(),
        };
        let follows = self.follows()?;
        let mut found: Vec<StarterList> = Vec::new();
        for board in boards {
            let lists = self.inner.store.starter_lists(&board, &follows, OFFERED)?;
            for list in lists.iter().filter_map(StarterList::read) {
                // A list may be for several boards.
                if found.iter().all(|known| known.id != list.id) {
                    found.push(list);
                }
            }
        }
        Ok(found)
    }

    /// Whether the user follows so few people that they are offered starter lists.
    pub fn needs_starter_lists(&self) -> Result<bool, NodeError> {
        Ok(self.follows()?.len() < ENOUGH)
    }

    /// The starter list with this id, as long as its author has not replaced it.
    pub fn starter_list(&self, id: &WorkId) -> Result<StarterList, NodeError> {
        let found = self.inner.store.starter_list(id)?.as_ref().and_then(StarterList::read);
        found.ok_or_else(|| {
            NodeError::Input(format!(
                "no starter list {id} is known; its author may have changed it"
            ))
        })
    }

    /// The lists that the user's key publishes, one for each board.
    pub fn my_starter_lists(&self) -> Result<Vec<StarterList>, NodeError> {
        let Some(me) = self.inner.identity.public() else { return Ok(Vec::new()) };
        let mut lists = self.follow_lists(&me)?;
        lists.retain(|list| list.name.is_some() && !list.targets.is_empty());
        lists.sort_by_key(|list| (list.boards.clone(), std::cmp::Reverse((list.time, list.work))));
        lists.dedup_by(|second, first| second.boards == first.boards);
        let ids = lists.iter().filter_map(|list| list.work);
        ids.map(|id| self.starter_list(&id)).collect()
    }

    /// Suggests these people to those who come new to the board, in place of whom the user suggested
    /// there before; durable and told to others when this returns.
    pub fn publish_starter_list(
        &self,
        name: &ListName,
        board: BoardName,
        mut people: Vec<PublicKey>,
    ) -> Result<StarterList, NodeError> {
        people.sort_unstable();
        people.dedup();
        if people.is_empty() || people.len() > MOST {
            let error = format!("a starter list has 1 to {MOST} people, not {}", people.len());
            return Err(NodeError::Input(error));
        }
        let key = self.inner.identity.get_or_create()?;
        self.inner.store.set_me(Some(key.public()))?;
        let device = self.inner.store.device(random_device)?;
        loop {
            let lists = self.follow_lists(&key.public())?;
            let new = plan(lists, device, board, Some(name), &people, now())?;
            if !self.write_lists(key.public(), new)? {
                continue;
            }
            let mine = self.my_starter_lists()?;
            let mine = mine.into_iter().find(|list| list.boards == [board]);
            return mine.ok_or_else(|| NodeError::Fault("the list is not there".into()));
        }
    }

    /// Suggests nobody there any more.
    pub fn withdraw_starter_list(&self, board: BoardName) -> Result<(), NodeError> {
        let Some(me) = self.inner.identity.public() else { return Ok(()) };
        let device = self.inner.store.device(random_device)?;
        loop {
            let new = plan(self.follow_lists(&me)?, device, board, None, &[], now())?;
            if self.write_lists(me, new)? {
                return Ok(());
            }
        }
    }

    /// Follows the people of a list, or those of them that are `chosen`; never the user, nor those whom
    /// they muted. Gives whom the user follows then.
    pub fn follow_list(
        &self,
        id: &WorkId,
        chosen: Option<&[PublicKey]>,
    ) -> Result<Vec<PublicKey>, NodeError> {
        let (mutes, me) = (self.mutes()?, self.inner.identity.public());
        let mut people = self.starter_list(id)?.people;
        people.retain(|key| chosen.is_none_or(|chosen| chosen.contains(key)));
        let mut people = self.current_keys(people)?;
        people.retain(|key| Some(*key) != me && !mutes.contains(key));
        self.follow_many(&people)
    }

    fn write_lists(&self, me: PublicKey, lists: Vec<FollowList>) -> Result<bool, NodeError> {
        for list in lists {
            if !self.write_follow_list(me, list)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The lists to be written so that the key's newest one for the board is this, or that it has none.
fn plan(
    lists: Vec<FollowList>,
    device: [u8; 4],
    board: BoardName,
    name: Option<&ListName>,
    people: &[PublicKey],
    now: u64,
) -> Result<Vec<FollowList>, NodeError> {
    let boards = [board];
    // Written while this machine's clock was ahead: it would be the newest when its time comes.
    let is_early = |list: &FollowList| list.time > now + MAX_AHEAD;
    let named = || lists.iter().filter(|list| list.name.is_some() && list.boards == boards);
    let Some(name) = name else {
        let full = named().filter(|list| !list.targets.is_empty());
        let emptied = full.map(|list| {
            let time = now.max(list.time + 1);
            FollowList { time, targets: Vec::new(), ..list.clone() }
        });
        return Ok(emptied.collect());
    };
    let last = named().filter(|list| !is_early(list)).map(|list| list.time).max();
    let ours = named().find(|list| list.slot.device == device && !is_early(list)).cloned();
    let ours = match ours {
        Some(list) => list,
        None => {
            let slot = free_slot(&lists, device, &boards);
            let slot = slot.ok_or_else(|| {
                NodeError::Input(format!("all 256 slots of this device on {board} are in use"))
            })?;
            FollowList::new(slot, boards.to_vec(), None)
        }
    };
    let said = |list: FollowList, time| FollowList {
        name: Some(name.clone()),
        targets: people.to_vec(),
        time,
        ..list
    };
    let early = named().filter(|list| is_early(list));
    let mut new: Vec<_> = early.map(|list| said(list.clone(), list.time + 1)).collect();
    new.push(said(ours, now.max(last.map_or(0, |last| last + 1))));
    Ok(new)
}

#[cfg(test)]
mod tests {
    use upseed_model::{SecretKey, statement::Slot};

    use super::*;
    use crate::testing;

    const NOW: u64 = 1_800_000_000;
    const HERE: [u8; 4] = [1; 4];
    const THERE: [u8; 4] = [2; 4];

    fn key(n: u8) -> PublicKey {
        SecretKey::from_seed(&[n; 32]).public()
    }

    fn list(device: [u8; 4], number: u8, name: &str, time: u64, who: &[u8]) -> FollowList {
        let targets = who.iter().map(|n| key(*n)).collect();
        let slot = Slot { device, number };
        let list = FollowList::new(slot, vec![BoardName::upseed()], name.parse().ok());
        FollowList { time, targets, ..list }
    }

    fn published(lists: &[FollowList]) -> Vec<FollowList> {
        let name = "New".parse().unwrap();
        let people = [key(9)];
        plan(lists.to_vec(), HERE, BoardName::upseed(), Some(&name), &people, NOW).unwrap()
    }

    #[test]
    fn a_list_replaces_this_devices_and_is_newer_than_any_other() {
        let new = |number, time| list(HERE, number, "New", time, &[9]);
        assert_eq!(published(&[]), [new(0, NOW)]);
        let follows = list(HERE, 0, "", NOW, &[1]);
        assert_eq!(published(std::slice::from_ref(&follows)), [new(1, NOW)]);
        let old = list(HERE, 1, "Old", NOW - 5, &[1]);
        let other = list(THERE, 0, "Other", NOW + 3, &[1]);
        assert_eq!(published(&[follows, old, other]), [new(1, NOW + 4)]);
        let early = NOW + 400 * 86_400;
        let ahead = list(HERE, 0, "Ahead", early, &[1]);
        assert_eq!(published(&[ahead]), [new(0, early + 1), new(1, NOW)]);
    }

    #[test]
    fn withdrawing_empties_the_lists_of_every_device_and_no_follows() {
        let lists = [
            list(HERE, 0, "", NOW, &[1]),
            list(HERE, 1, "One", NOW + 7, &[1]),
            list(THERE, 0, "Two", NOW - 7, &[2]),
            list(THERE, 1, "Three", NOW - 7, &[]),
        ];
        let emptied = plan(lists.to_vec(), HERE, BoardName::upseed(), None, &[], NOW).unwrap();
        assert_eq!(emptied, [list(HERE, 1, "One", NOW + 8, &[]), list(THERE, 0, "Two", NOW, &[])]);
    }

    /// One node that suggests, and reads its own.
    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_published_is_followed_only_by_those_who_choose_to() {
        let (node, _folder) = testing::node().await;
        let (board, name) = (BoardName::upseed(), "Begin here".parse().unwrap());
        let refused = node.publish_starter_list(&name, board, vec![]).unwrap_err();
        assert!(refused.to_string().contains("1 to 64 people, not 0"), "{refused}");
        let people = vec![key(1), key(2), key(3)];
        let list = node.publish_starter_list(&name, board, people.clone()).unwrap();
        assert_eq!((list.people.len(), &list.name), (3, &name));
        assert_eq!(node.follows().unwrap(), [], "a suggestion is no follow");
        assert_eq!(node.starter_lists(Some(board)).unwrap(), [], "nobody is offered their own");
        assert!(node.needs_starter_lists().unwrap());

        node.mute(&key(2), true).unwrap();
        let follows = node.follow_list(&list.id, Some(&[key(1), key(2), key(4)])).unwrap();
        assert_eq!(follows, [key(1)], "chosen, in the list, and not muted");
        let mut both = vec![key(1), key(3)];
        both.sort_unstable();
        assert_eq!(node.follow_list(&list.id, None).unwrap(), both);
        assert_eq!(node.my_starter_lists().unwrap(), std::slice::from_ref(&list));

        let newer = node.publish_starter_list(&name, board, vec![key(5)]).unwrap();
        assert!(node.starter_list(&list.id).is_err(), "it was replaced");
        assert_eq!(node.my_starter_lists().unwrap(), [newer]);
        node.withdraw_starter_list(board).unwrap();
        assert_eq!(node.my_starter_lists().unwrap(), []);
        assert_eq!(node.follows().unwrap(), both);
        node.stop().await;
    }
}
