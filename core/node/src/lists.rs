//! Lists of items. These calls wait for the disk: run them in [`Node::blocking`].

use upseed_model::{BoardName, Infohash, PublicKey};
use upseed_store::{ItemRow, TopQuery};

use crate::{Node, NodeError};

/// Answers to the user that are looked at.
const INBOX: u32 = 100;

impl Node {
    /// Posts in order.
    pub fn top(&self, query: &TopQuery) -> Result<Vec<ItemRow>, NodeError> {
        Ok(self.inner.store.top(query)?)
    }

    /// Posts by those whom the user follows, the newest first; `skip` of them are left out.
    pub fn followed_posts(
        &self,
        board: Option<&BoardName>,
        skip: u32,
        limit: u32,
    ) -> Result<Vec<ItemRow>, NodeError> {
        Ok(self.inner.store.posts_by(&self.follows()?, board, skip, limit)?)
    }

    /// Posts of a board that lists show, the newest first, at most `limit`: since that moment, in unix seconds.
    pub fn posts_of(
        &self,
        board: &BoardName,
        since: u64,
        limit: u32,
    ) -> Result<Vec<Infohash>, NodeError> {
        Ok(self.inner.store.posts_of(board, since, limit)?)
    }

    /// Items that have all of these words, the best first; `skip` of them are left out.
    pub fn search(
        &self,
        words: &str,
        board: Option<&BoardName>,
        skip: u32,
        limit: u32,
    ) -> Result<Vec<ItemRow>, NodeError> {
        Ok(self.inner.store.search(words, board, skip, limit)?)
    }

    /// Answers by others to what the user wrote: the newest 100, the newest first.
    pub fn inbox(&self) -> Result<Vec<ItemRow>, NodeError> {
        Ok(self.inner.store.inbox(INBOX)?)
    }

    /// How many of [`Node::inbox`] came after that moment, in unix seconds. No text is read.
    pub fn unread(&self, since: u64) -> Result<u32, NodeError> {
        Ok(self.inner.store.inbox_since(INBOX, since)?)
    }

    /// What somebody wrote before a moment in unix seconds, the newest first.
    pub fn written_by(
        &self,
        author: &PublicKey,
        before: u64,
        limit: u32,
    ) -> Result<Vec<ItemRow>, NodeError> {
        Ok(self.inner.store.by_author(author, before, limit)?)
    }
}
