//! Items that their authors retract: the user's own, and those that the user hosts. These calls wait for
//! the disk and the processor: run them in [`Node::blocking`].

use upseed_model::{Statement, StatementDraft, WorkId, moderation::KeepRetracted};
use upseed_store::{ItemRow, Settle};

use crate::{Node, NodeError, clock::now};

/// Retracted items of which the user is asked at once.
const ASKED: u32 = 50;

impl Node {
    /// Asks all hosts to stop hosting an item of the user's own, for good, and stops hosting it here;
    /// durable and told to others when this returns. False if it was retracted before.
    pub fn retract(&self, work: &WorkId) -> Result<bool, NodeError> {
        let inner = &self.inner;
        let row = inner.store.item_by_work(work)?;
        let row = row.ok_or_else(|| NodeError::Fault("the item has just gone".into()))?;
        let Some(me) = inner.identity.public().filter(|me| *me == row.item.author()) else {
            return Err(NodeError::Input(
                "only its author can retract an item: you can hide it, or take your upvote back"
                    .into(),
            ));
        };
        let retracted = row.retracted;
        if !retracted {
            let content = Statement::Retraction { targets: vec![*work] };
            let boards = vec![row.item.board()];
            let draft = StatementDraft { author: me, boards, time: now(), content };
            if !self.write_statement(&draft, None, || Ok(true))? {
                return Err(NodeError::Fault("the identity has just changed: try again".into()));
            }
        }
        self.keep_retracted(work, false)?;
        Ok(!retracted)
    }

    /// The user says of an item that its author retracted whether it stays hosted.
    pub fn keep_retracted(&self, work: &WorkId, keep: bool) -> Result<(), NodeError> {
        self.inner.store.keep_retracted(work, keep)?;
        self.settle_hosting(Settle::Retracted)
    }

    /// Hosted items that their authors retracted and of which the user has not said whether they stay
    /// hosted, the newest first. None if a setting decides.
    pub fn retracted_undecided(&self) -> Result<Vec<ItemRow>, NodeError> {
        if self.keeps_retracted()? != KeepRetracted::Ask {
            return Ok(Vec::new());
        }
        let mut rows = Vec::new();
        for work in self.inner.store.retracted_undecided(ASKED)? {
            rows.extend(self.inner.store.item_by_work(&work)?);
        }
        Ok(rows)
    }
}
