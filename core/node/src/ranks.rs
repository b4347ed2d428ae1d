//! Keeping scores up to date, and saying what they are made of.

use std::time::Duration;

use upseed_model::{BoardName, WorkId};
use upseed_store::Reasons;

use crate::{Node, NodeError, clock::now};

/// How often it is looked whether anything waits to be scored again.
const LOOK: Duration = Duration::from_millis(300);

/// How long others may write between two shares of the work.
const PAUSE: Duration = Duration::from_millis(20);

/// Scores again what waits, the newest first, until the node stops.
pub(crate) async fn run(node: Node) {
    loop {
        let more = node.blocking(|node| Ok(node.inner.store.rescore()?)).await;
        let pause = match more {
            Ok(true) => PAUSE,
            Ok(false) => LOOK,
            Err(error) => {
                tracing::error!(%error, "posts are not scored again");
                LOOK * 10
            }
        };
        tokio::time::sleep(pause).await;
    }
}

impl Node {
    /// What an item's score is made of; `None` if it is not here, or follows are still being loaded.
    pub fn reasons(&self, work: &WorkId) -> Result<Option<Reasons>, NodeError> {
        Ok(self.inner.store.reasons(work, now())?)
    }

    /// Nobody counts as followed, not even for the time being: every vote is a stranger's.
    pub fn follows_nobody(&self) -> bool {
        self.inner.store.counted_follows() == Some(0)
    }

    /// How many posts of these boards nobody wrote or voted for whom the user's follows lead to, counted
    /// up to `most`.
    pub fn count_unknown(&self, boards: &[BoardName], most: u32) -> Result<u32, NodeError> {
        Ok(self.inner.store.count_unknown(boards, most)?)
    }

    /// Whether every score is of now; if not, lists are in an order of before.
    pub fn is_scored(&self) -> Result<bool, NodeError> {
        Ok(self.inner.store.is_scored()?)
    }
}
