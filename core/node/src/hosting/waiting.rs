//! Waiting for an item to be hosted.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use upseed_model::{HostingState, Infohash};

use crate::{Node, NodeError};

impl Node {
    /// Returns once an item is hosted.
    pub async fn wait_hosted(&self, id: Infohash, patience: Duration) -> Result<(), NodeError> {
        let mut events = self.events();
        let deadline = Instant::now() + patience;
        loop {
            let row = self.blocking(move |node| Ok(node.inner.store.item(&id)?)).await?;
            match row.map(|row| (row.hosting, row.dead)) {
                Some((Some(HostingState::Hosting), _)) => return Ok(()),
                Some((_, true)) => return Err(NodeError::Dead(id)),
                _ => {}
            }
            tokio::select! {
                () = sleep_until(deadline) => return Err(NodeError::NoText(id)),
                () = self.stopped() => return Err(NodeError::Stopping),
                _ = events.recv() => {}
            }
        }
    }
}
