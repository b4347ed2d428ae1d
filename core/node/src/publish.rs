//! Writing posts and comments.

use std::sync::atomic::{AtomicU8, Ordering};

use upseed_model::{
    BoardName, ItemDraft, Kind, Record, SecretKey, SignedItem,
    item::TextMatch,
    text::{Title, check_body},
};

use crate::{Node, NodeError, NodeEvent, clock::now, node::locked, rooms::Command, work};

/// A post to be written.
#[derive(Debug, Clone)]
pub struct NewPost {
    /// Where.
    pub board: BoardName,
    /// Its title.
    pub title: Title,
    /// Its text.
    pub text: Vec<u8>,
}

/// A comment to be written.
#[derive(Debug, Clone)]
pub struct NewComment {
    /// What it answers.
    pub parent: upseed_model::Infohash,
    /// Its text.
    pub text: Vec<u8>,
}

impl Node {
    /// Writes a post: it is durable, hosted and on its way to others when this returns. The board
    /// is joined if it was not.
    pub async fn post(&self, post: NewPost) -> Result<SignedItem, NodeError> {
        self.post_with(post, "").await
    }

    /// [`Node::post`], with [`NodeEvent::Work`] under the name `job`.
    pub(crate) async fn post_with(
        &self,
        post: NewPost,
        job: &str,
    ) -> Result<SignedItem, NodeError> {
        check_body(&post.text).map_err(upseed_model::RecordError::from)?;
        let NewPost { board, title, text } = post;
        let job = job.to_owned();
        self.blocking(move |node| node.publish(board, Kind::Post { title }, &text, &job)).await
    }

    /// Writes a comment. Its parent must be known and placed.
    pub async fn comment(&self, comment: NewComment) -> Result<SignedItem, NodeError> {
        self.comment_with(comment, "").await
    }

    /// [`Node::comment`], with [`NodeEvent::Work`] under the name `job`.
    pub(crate) async fn comment_with(
        &self,
        comment: NewComment,
        job: &str,
    ) -> Result<SignedItem, NodeError> {
        check_body(&comment.text).map_err(upseed_model::RecordError::from)?;
        let job = job.to_owned();
        self.blocking(move |node| {
            let parent = node.inner.store.item(&comment.parent)?;
            let parent = parent.ok_or(NodeError::UnknownItem(comment.parent))?;
            if !parent.placed {
                return Err(NodeError::Unplaced("what it answers has no known thread itself"));
            }
            let parent = parent.item;
            let root = parent.root().unwrap_or_else(|| parent.link());
            let kind = Kind::Comment { parent: parent.link(), root };
            node.publish(parent.board(), kind, &comment.text, &job)
        })
        .await
    }

    fn publish(
        &self,
        board: BoardName,
        kind: Kind,
        text: &[u8],
        job: &str,
    ) -> Result<SignedItem, NodeError> {
        let inner = &self.inner;
        let key = inner.identity.get_or_create()?;
        inner.store.set_me(Some(key.public()))?;
        if !inner.store.boards()?.iter().any(|row| row.name == board) {
            self.join(board, &[])?;
        }
        let draft = ItemDraft { author: key.public(), board, kind, time: now(), text };
        let item = self.mine(&draft, &key, job)?;
        debug_assert!(matches!(item.check_text(text), TextMatch::Good(_)));
        {
            let _writing = locked(&inner.writing);
            inner.store.publish(&item, text, now())?;
        }
        inner.wishes.wake();
        inner.rooms.send(Command::Fresh(vec![Record::Item(item.clone())]));
        self.emit(NodeEvent::Item {
            id: item.infohash(),
            board,
            root: item.root().map(|root| root.infohash),
        });
        Ok(item)
    }

    fn mine(
        &self,
        draft: &ItemDraft<'_>,
        key: &SecretKey,
        job: &str,
    ) -> Result<SignedItem, NodeError> {
        let puzzle = draft.puzzle(self.bits_asked(&[draft.board], draft.time)?)?;
        let last = AtomicU8::new(0);
        let progress = |percent| {
            if !job.is_empty() && last.fetch_max(percent, Ordering::Relaxed) + 4 < percent {
                self.emit(NodeEvent::Work { job: job.into(), percent });
            }
        };
        let header =
            work::solve(&puzzle, key, &self.inner.stopping, progress).ok_or(NodeError::Stopping)?;
        Ok(SignedItem::from_bytes(&header)?)
    }
}
