//! A client that answers again.

use std::collections::HashMap;

use upseed_client::{Client, Hosted};
use upseed_model::{HostingState, Infohash};
use upseed_store::hosting::Happened;

use super::{
    additions::added, comparison::Comparison, network_binding::adopt_network, pace::BATCH,
};
use crate::{Node, NodeError};

/// The client answers again: what it has is compared with what it should have.
pub(super) async fn connected(node: &Node, external: &dyn Client) -> Result<(), NodeError> {
    adopt_network(node).await;
    let kind = external.describe().await?.kind;
    let mut hosted: HashMap<Infohash, bool> = external
        .hosted()
        .await?
        .into_iter()
        .map(|Hosted { infohash, complete }| (infohash, complete))
        .collect();
    let strange = node.blocking(move |node| {
        let store = &node.inner.store;
        if let Some(levels) = node.levels() {
            levels.connected(&mut hosted)?;
        }
        let (tasks, unvoted) = (store.hosting_tasks(&[])?, store.unvoted()?);
        let found = Comparison::of(kind, &hosted, &tasks, &unvoted);
        for (infohash, complete) in found.there {
            node.completed(infohash, complete)?;
        }
        for work in found.unvoted_gone {
            store.remove_unvoted(&work)?;
        }
        node.happened_to_all(&found.lost, &Happened::FoundMissing(kind))?;
        node.happened_to_all(&found.removed, &Happened::RemovedByHand(kind))?;
        Ok(found.strange)
    });
    for id in strange.await? {
        if let Err(error) = added(node, external, id).await {
            tracing::info!(%id, %error, "in the client, and not an item that is known here");
        }
    }
    node.blocking(|node| {
        let failed = node.inner.store.hosting_tasks(&[HostingState::Failed])?;
        for batch in failed.chunks(BATCH) {
            let works: Vec<_> = batch.iter().map(|row| row.work).collect();
            node.happened_to_all(&works, &Happened::Reconnected)?;
        }
        Ok(())
    })
    .await?;
    node.inner.hosting.wake();
    Ok(())
}

impl Node {
    /// The client says that it seeds an item, or does not any more.
    pub(super) fn completed(&self, infohash: Infohash, complete: bool) -> Result<(), NodeError> {
        let Some(row) = self.inner.store.item(&infohash)? else { return Ok(()) };
        let work = row.item.work();
        let complete = complete && !self.is_doubted();
        if complete && self.inner.store.is_unvoted(&work)? {
            self.inner.embedded.drop(&[infohash]);
            return Ok(());
        }
        let happened = if complete { Happened::Complete } else { Happened::Incomplete };
        self.happened(&work, &happened).map(drop)
    }
}
