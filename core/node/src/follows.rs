//! Whom the user follows: a list statement, spread over slots.

use std::collections::BTreeSet;

use upseed_model::{
    BoardName, PublicKey, SignedStatement, Statement, StatementKind, limits::MAX_BOARDS,
};

use crate::{
    Node, NodeError,
    clock::now,
    slots::{Entry, Full, ListChange, SlotList, plan},
    votes::random_device,
};

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
        let change = if follow { ListChange::Add(who) } else { ListChange::Remove(who) };
        while self.follows()?.contains(&who) != follow {
            let key = self.inner.identity.get_or_create()?;
            self.inner.store.set_me(Some(key.public()))?;
            self.write_follows(key.public(), Some(&change), now())?;
        }
        self.follows()
    }

    /// What was said while this machine's clock was ahead is said again: others do not take it before
    /// that time.
    pub(crate) fn say_again(&self, now: u64) -> Result<(), NodeError> {
        let Some(me) = self.inner.identity.public() else { return Ok(()) };
        while !self.write_follows(me, None, now)? {}
        self.say_labels_again(me, now)?;
        self.say_profile_again(me, now)
    }

    /// False if a list changed meanwhile, and what is left is to be planned anew.
    fn write_follows(
        &self,
        me: PublicKey,
        change: Option<&ListChange<PublicKey>>,
        now: u64,
    ) -> Result<bool, NodeError> {
        let device = self.inner.store.device(random_device)?;
        let boards = self.statement_boards()?;
        let lists = self.inner.store.statements_of(&me, StatementKind::Follows)?;
        let lists = lists.iter().filter_map(SlotList::read).collect();
        let full = |Full| NodeError::Input("no more than 65,536 people can be followed".into());
        self.write_lists(me, plan(lists, device, &boards, change, now).map_err(full)?)
    }

    /// False if a list changed meanwhile.
    pub(crate) fn write_lists<T: Entry>(
        &self,
        me: PublicKey,
        lists: Vec<SlotList<T>>,
    ) -> Result<bool, NodeError> {
        for list in lists {
            let before = list.work;
            if !self.write_statement(&list.draft(me), before, || Ok(true))? {
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
