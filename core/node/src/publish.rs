//! Writing posts and comments.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU8, Ordering},
};

use upseed_model::{
    BoardName, ItemDraft, Kind, Record, SecretKey, SignedItem,
    item::TextMatch,
    limits::MIN_TIME,
    text::{Title, check_body, without_mark},
};
use upseed_store::Class;

use crate::{Node, NodeError, NodeEvent, clock::now, rooms::Command, work};

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
    /// is joined if it was not. Who stops waiting for it before that takes it back.
    pub async fn post(&self, post: NewPost) -> Result<SignedItem, NodeError> {
        let author = Author::default();
        self.post_with(post, author.job()).await
    }

    /// [`Node::post`] as one job.
    pub async fn post_with(&self, post: NewPost, job: Job) -> Result<SignedItem, NodeError> {
        let NewPost { board, title, text } = post;
        check_body(without_mark(&text)).map_err(upseed_model::RecordError::from)?;
        self.blocking(move |node| node.publish(board, Kind::Post { title }, &text, now(), &job))
            .await
    }

    /// Writes a comment. Its parent must be known and placed. Who stops waiting for it takes it back.
    pub async fn comment(&self, comment: NewComment) -> Result<SignedItem, NodeError> {
        let author = Author::default();
        self.comment_with(comment, author.job()).await
    }

    /// [`Node::comment`] as one job.
    pub async fn comment_with(
        &self,
        comment: NewComment,
        job: Job,
    ) -> Result<SignedItem, NodeError> {
        check_body(without_mark(&comment.text)).map_err(upseed_model::RecordError::from)?;
        self.blocking(move |node| {
            let parent = node.inner.store.item(&comment.parent)?;
            let parent = parent.ok_or(NodeError::UnknownItem(comment.parent))?;
            if !parent.placed {
                return Err(NodeError::Unplaced("what it answers has no known thread itself"));
            }
            let parent = parent.item;
            let root = parent.root().unwrap_or_else(|| parent.link());
            let kind = Kind::Comment { parent: parent.link(), root };
            node.publish(parent.board(), kind, &comment.text, now(), &job)
        })
        .await
    }

    /// Nothing is kept before all of it is right: no key is made and no board is joined for a text
    /// that cannot be published.
    fn publish(
        &self,
        board: BoardName,
        kind: Kind,
        text: &[u8],
        time: u64,
        job: &Job,
    ) -> Result<SignedItem, NodeError> {
        if time < MIN_TIME {
            return Err(NodeError::Clock);
        }
        let (inner, text) = (&self.inner, without_mark(text));
        let (key, item) = loop {
            let key = inner.identity.get_or_draw()?;
            let draft = ItemDraft { author: key.public(), board, kind: kind.clone(), time, text };
            let item = self.mine(&draft, &key, job)?;
            debug_assert!(matches!(item.check_text(text), TextMatch::Good(_)));
            // Somebody else's first words may have come meanwhile, with another key.
            if inner.identity.keep(&key)? {
                break (key, item);
            }
        };
        let is_new = inner.store.board(&board)?.is_none();
        inner.store.set_me(Some(key.public()))?;
        inner.store.publish(&item, text, now())?;
        if is_new && let Some(row) = inner.store.board(&board)? {
            inner.rooms.send(Command::Join(row));
        }
        inner.hosting.wake();
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
        job: &Job,
    ) -> Result<SignedItem, NodeError> {
        let usual = draft.puzzle(0)?.bits();
        let bits = self.bits_asked(&[draft.board], draft.time, Class::Items, usual)?;
        let puzzle = draft.puzzle(bits)?;
        let last = AtomicU8::new(0);
        let progress = |percent| {
            if !job.name.is_empty() && last.fetch_max(percent, Ordering::Relaxed) + 4 < percent {
                self.emit(NodeEvent::Work { job: job.name.clone(), percent });
            }
        };
        let stop = || self.is_stopping() || job.is_off();
        let header = work::solve(&puzzle, key, stop, progress).ok_or(NodeError::Stopping)?;
        if job.is_off() {
            return Err(NodeError::Stopping);
        }
        Ok(SignedItem::from_bytes(&header)?)
    }
}

/// Something that is being published.
#[derive(Debug, Default)]
pub struct Job {
    /// How its [`NodeEvent::Work`] are called; none are sent without a name.
    name: String,
    off: Arc<AtomicBool>,
}

impl Job {
    /// Goes on whoever leaves: a browser's page is often closed before the answer is there.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), off: Arc::default() }
    }

    fn is_off(&self) -> bool {
        self.off.load(Ordering::Relaxed)
    }
}

/// Who waits for a job; it is off when they leave.
#[derive(Debug, Default)]
struct Author(Arc<AtomicBool>);

impl Author {
    fn job(&self) -> Job {
        Job { name: String::new(), off: self.0.clone() }
    }
}

impl Drop for Author {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::testing;

    fn post(title: &str) -> NewPost {
        let title = title.parse().unwrap();
        NewPost { board: BoardName::upseed(), title, text: b"Text.\n".to_vec() }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_fails_leaves_neither_a_key_nor_a_board() {
        let (node, _folder) = testing::node().await;
        let publish = |time, job: Job| {
            let kind = Kind::Post { title: "T".parse().unwrap() };
            node.publish(BoardName::upseed(), kind, b"Text.\n", time, &job).map(drop)
        };
        // The clock of a machine whose battery is empty.
        assert!(matches!(publish(1_600_000_000, Job::default()), Err(NodeError::Clock)));
        // Whoever waited for it is gone.
        let author = Author::default();
        let job = author.job();
        drop(author);
        assert!(matches!(publish(now(), job), Err(NodeError::Stopping)));
        assert_eq!(node.identity().public(), None);
        assert!(!node.folder().key().exists());
        assert_eq!(node.inner.store.boards().unwrap(), []);
        assert_eq!(node.inner.store.counts().unwrap().items, 0);

        publish(now(), Job::default()).unwrap();
        assert_eq!(node.inner.store.boards().unwrap().len(), 1, "it is joined with the post");
        assert_eq!(node.inner.store.me(), node.identity().public());
        node.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_post_waits_for_no_other_writer() {
        let (node, _folder) = testing::node().await;
        let (held, hold) = std::sync::mpsc::channel();
        let (done, end) = std::sync::mpsc::channel::<()>();
        let other = node.clone();
        let writer = std::thread::spawn(move || {
            let _writing = other.inner.writing.lock();
            held.send(()).unwrap();
            let _ = end.recv();
        });
        hold.recv().unwrap();
        tokio::time::timeout(Duration::from_secs(300), node.post(post("T")))
            .await
            .unwrap()
            .unwrap();
        drop(done);
        writer.join().unwrap();
        node.stop().await;
    }
}
