//! One round of hosting after the other.

use upseed_client::ClientKind;
use upseed_model::HostingState;
use upseed_store::Settle;
use upseed_store::hosting::Happened;

use super::{
    budget,
    handover::hand_over,
    pace::{BATCH, LOOK},
    removals::settle,
    withdrawal::withdraw,
};
use crate::{Node, NodeError, clock::now};

/// Hosts what is to be hosted, until the node stops.
pub(crate) async fn run(node: Node) {
    node.inner.hosting.votes_changed_elsewhere();
    node.inner.hosting.retracted();
    let mut resumed = false;
    loop {
        let done = async {
            if !resumed {
                resume(&node).await?;
                resumed = true;
            }
            round(&node).await
        };
        if let Err(error) = done.await {
            tracing::error!(%error, "hosting goes on later");
            tokio::time::sleep(LOOK).await;
        }
        let _ = tokio::time::timeout(LOOK, node.inner.hosting.woken()).await;
    }
}

/// After a start: this node's own engine hosts everything that should be hosted and whose text is
/// here, until the user's client says that it does.
async fn resume(node: &Node) -> Result<(), NodeError> {
    let states = [HostingState::Hosting, HostingState::Handed, HostingState::Missing];
    let tasks = node.blocking(move |node| Ok(node.inner.store.hosting_tasks(&states)?)).await?;
    for batch in tasks.chunks(BATCH) {
        let batch = batch.to_vec();
        node.blocking(move |node| {
            for (row, offer) in node.with_texts(batch)? {
                node.inner.embedded.host(std::slice::from_ref(&offer))?;
                if node.inner.external.is_none() {
                    node.happened(&row.work, &Happened::Took(ClientKind::Embedded))?;
                }
            }
            Ok(())
        })
        .await?;
    }
    Ok(())
}

async fn round(node: &Node) -> Result<(), NodeError> {
    if node.inner.hosting.take_votes_elsewhere() {
        node.blocking(|node| Ok(node.inner.store.adopt_votes(now())?)).await?;
        // A vote that was taken back may have come again with another device's slot.
        node.inner.wake_votes.notify_one();
    }
    if node.inner.hosting.take_retractions() {
        node.blocking(|node| node.settle_hosting(Settle::Retracted)).await?;
    }
    node.blocking(engine_failed).await?;
    settle(node).await?;
    withdraw(node).await?;
    if node.inner.external.is_some() {
        budget::keep(node).await?;
    }
    for state in [HostingState::Wanted, HostingState::Fetching, HostingState::Failed] {
        loop {
            let due = node.blocking(move |node| {
                Ok(node.inner.store.due_tasks(state, now(), BATCH as u32)?)
            });
            let due = due.await?;
            if due.is_empty() {
                break;
            }
            hand_over(node, due).await?;
        }
    }
    Ok(())
}

/// What this node's own engine could not read is hosted again after a pause.
fn engine_failed(node: &Node) -> Result<(), NodeError> {
    for infohash in node.inner.hosting.take_failed() {
        node.inner.embedded.drop(&[infohash]);
        if node.levels().is_some_and(|levels| levels.engine_failed(&infohash)) {
            continue;
        }
        if let Some(row) = node.inner.store.item(&infohash)? {
            node.happened(&row.item.work(), &Happened::EngineFailed)?;
        }
    }
    Ok(())
}
