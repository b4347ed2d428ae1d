//! What the client has lost, and what its user decides about it.

use upseed_model::HostingState;
use upseed_store::hosting::Happened;

use crate::{Node, NodeError};

impl Node {
    /// What the client has lost is hosted again, or the votes for it are taken back.
    pub async fn missing(&self, host: bool) -> Result<(), NodeError> {
        let happened = if host { Happened::HostAgain } else { Happened::LetGo };
        self.blocking(move |node| {
            for row in node.inner.store.hosting_tasks(&[HostingState::Missing])? {
                node.happened(&row.work, &happened)?;
            }
            if let Some(levels) = node.levels() {
                levels.decide_missing(host)?;
            }
            Ok(())
        })
        .await?;
        self.inner.hosting.wake();
        Ok(())
    }
}
