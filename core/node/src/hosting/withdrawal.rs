//! Telling those who host to drop what should not be hosted any more.

use upseed_model::HostingState;
use upseed_store::hosting::Happened;

use super::pace::BATCH;
use crate::{Node, NodeError};

/// Tells them, and forgets the tasks that they have dropped.
pub(super) async fn withdraw(node: &Node) -> Result<(), NodeError> {
    let leaving = [HostingState::Leaving, HostingState::Stopping];
    let gone = node.blocking(move |node| Ok(node.inner.store.hosting_tasks(&leaving)?)).await?;
    for batch in gone.chunks(BATCH) {
        let infohashes: Vec<_> = batch.iter().map(|row| row.infohash).collect();
        node.inner.embedded.drop(&infohashes);
        if let Some(external) = &node.inner.external {
            external.introduce(&node.owner());
            if let Err(error) = external.remove(&infohashes).await {
                tracing::info!(%error, "the client is told later what it need not host any more");
                return Ok(());
            }
        }
        let works: Vec<_> = batch.iter().map(|row| row.work).collect();
        // One that was voted for again, or is to be hosted again, meanwhile stays.
        node.blocking(move |node| node.happened_to_all(&works, &Happened::Withdrawn)).await?;
    }
    Ok(())
}
