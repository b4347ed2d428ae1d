//! What happens in the user's own client, and what it means here.

use upseed_client::{Change, Client, ClientKind};
use upseed_model::{HostingState, HostingStatus, Infohash};
use upseed_store::hosting::Happened;

use super::{
    additions::added, network_binding::adopt_network, pace::LOOK, reconnection::connected,
    removals::ask,
};
use crate::{Node, NodeError, NodeEvent};

/// Hears from the client what became of what it was given, and what its user did there.
pub(crate) async fn watch(node: Node) {
    let Some(external) = node.inner.external.clone() else { return };
    loop {
        let changes = match external.changes().await {
            Ok(changes) => changes,
            Err(error) => {
                tracing::warn!(%error, "the client says nothing of its changes");
                tokio::time::sleep(LOOK).await;
                continue;
            }
        };
        let may_ask = changes.iter().any(|it| matches!(it, Change::Removed(_) | Change::Connected));
        for change in changes {
            tracing::debug!(?change, "in the client");
            if let Some(levels) = node.levels().cloned() {
                let taken = node.blocking(move |_| Ok(levels.changed(&change)?)).await;
                if !matches!(taken, Ok(false)) {
                    continue;
                }
            }
            // What is wrong with one, such as a torrent that only looks like an item, must not
            // cost the others: they are told once.
            if let Err(error) = take(&node, external.as_ref(), change).await {
                tracing::warn!(%error, ?change, "a change in the client was not taken over");
            }
        }
        if may_ask && let Err(error) = node.blocking(ask).await {
            tracing::warn!(%error, "what was removed in the client is looked at later");
        }
    }
}

async fn take(node: &Node, external: &dyn Client, change: Change) -> Result<(), NodeError> {
    match change {
        Change::Connected => connected(node, external).await,
        Change::Added(id) => added(node, external, id).await,
        Change::Removed(id) => removed(node, external, id, Happened::RemovedByHand).await,
        Change::LimitReached(id) => removed(node, external, id, Happened::RemovedByLimit).await,
        Change::Network => {
            adopt_network(node).await;
            Ok(())
        }
        Change::Lost(id) => node.blocking(move |node| node.lost(id)).await,
        Change::Complete(id, complete) => {
            node.blocking(move |node| node.completed(id, complete)).await
        }
    }
}

/// Something is gone from the client: somebody removed it, or the client itself.
async fn removed(
    node: &Node,
    external: &dyn Client,
    id: Infohash,
    happened: fn(ClientKind) -> Happened,
) -> Result<(), NodeError> {
    let kind = external.describe().await?.kind;
    node.blocking(move |node| {
        let Some(row) = node.inner.store.item(&id)? else { return Ok(()) };
        let work = row.item.work();
        if node.inner.store.remove_unvoted(&work)? {
            node.inner.embedded.drop(&[id]);
            let state = HostingStatus::Task(HostingState::Leaving);
            node.emit(NodeEvent::Hosting { id, state });
        }
        node.happened(&work, &happened(kind)).map(drop)
    })
    .await
}

impl Node {
    /// The client lacks a text that it had: it is given it again.
    pub(super) fn lost(&self, id: Infohash) -> Result<(), NodeError> {
        match self.inner.store.item(&id)? {
            Some(row) => self.happened(&row.item.work(), &Happened::Lost).map(drop),
            None => Ok(()),
        }
    }
}
