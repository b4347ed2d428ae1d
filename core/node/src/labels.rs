//! What the user labels. These calls wait for the disk and the processor: run them in
//! [`Node::blocking`].

use std::collections::BTreeSet;

use upseed_model::{
    BoardName, PublicKey, RecordError, Statement, StatementKind,
    limits::MAX_LABEL_REASON,
    moderation::LabelValue,
    statement::{Label, LabelTarget},
    text::check_line,
};

use crate::{
    Node, NodeError,
    clock::now,
    slots::{Full, ListChange, SlotList, plan},
    votes::random_device,
};

impl Node {
    /// What somebody labelled, ascending by target and value; each label once.
    pub fn labels_of(&self, who: &PublicKey) -> Result<Vec<Label>, NodeError> {
        let lists = self.inner.store.statements_of(who, StatementKind::Labels)?;
        let labels = lists.iter().flat_map(|list| match list.content() {
            Statement::Labels { labels, .. } => labels.as_slice(),
            _ => &[],
        });
        let mut labels: Vec<Label> = labels.cloned().collect();
        labels.sort_unstable();
        labels.dedup_by(|one, other| (one.target, &one.value) == (other.target, &other.value));
        Ok(labels)
    }

    /// Labels an item or a person for those who subscribe to the user; durable and told to others when
    /// this returns. A label of the same value takes the place of the one before.
    pub fn label(
        &self,
        target: LabelTarget,
        value: &LabelValue,
        reason: &str,
    ) -> Result<(), NodeError> {
        let reason = check_line("reason", reason.as_bytes(), MAX_LABEL_REASON);
        let reason = reason.map_err(RecordError::from)?.to_owned();
        let label = Label { target, value: value.to_string(), reason };
        self.change_labels(&ListChange::Add(label), target)
    }

    /// Takes a label back.
    pub fn unlabel(&self, target: LabelTarget, value: &LabelValue) -> Result<(), NodeError> {
        let label = Label { target, value: value.to_string(), reason: String::new() };
        self.change_labels(&ListChange::Remove(label), target)
    }

    fn change_labels(
        &self,
        change: &ListChange<Label>,
        target: LabelTarget,
    ) -> Result<(), NodeError> {
        let boards = self.boards_of(target)?;
        loop {
            // Another identity may have been restored meanwhile.
            let me = self.inner.identity.get_or_create()?.public();
            self.inner.store.set_me(Some(me))?;
            if self.write_labels(me, &boards, Some(change), now())? {
                return Ok(());
            }
        }
    }

    /// Labels that were said while this machine's clock was ahead are said again.
    pub(crate) fn say_labels_again(&self, me: PublicKey, now: u64) -> Result<(), NodeError> {
        let lists = self.inner.store.statements_of(&me, StatementKind::Labels)?;
        let boards: BTreeSet<_> = lists.iter().map(|list| list.boards().to_vec()).collect();
        for boards in boards {
            while !self.write_labels(me, &boards, None, now)? {
                if self.inner.identity.public() != Some(me) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// False if a list changed meanwhile, and what is left is to be planned anew.
    fn write_labels(
        &self,
        me: PublicKey,
        boards: &[BoardName],
        change: Option<&ListChange<Label>>,
        now: u64,
    ) -> Result<bool, NodeError> {
        let device = self.inner.store.device(random_device)?;
        let lists = self.inner.store.statements_of(&me, StatementKind::Labels)?;
        let lists = lists.iter().filter_map(SlotList::read).collect();
        let full = |Full| NodeError::Input("no more than 262,144 labels fit on a board".into());
        for list in plan(lists, device, boards, change, now).map_err(full)? {
            let before = list.work;
            if !self.write_statement(&list.draft(me), before, || Ok(true))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Where a label is looked for: on the board of its item, or on all of the user's.
    fn boards_of(&self, target: LabelTarget) -> Result<Vec<BoardName>, NodeError> {
        if let LabelTarget::Item(work) = target
            && let Some(row) = self.inner.store.item_by_work(&work)?
        {
            return Ok(vec![row.item.board()]);
        }
        self.statement_boards()
    }
}
