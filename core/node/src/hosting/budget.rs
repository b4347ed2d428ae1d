//! How much lives in the user's client: the newest items, so that nobody's list fills with
//! thousands of rows. The embedded engine hosts the others.

use std::collections::HashSet;

use upseed_client::{Client, ClientKind};
use upseed_model::{Infohash, WorkId};
use upseed_store::hosting::Happened;

use super::{pace::BATCH, split::Split};
use crate::{Node, NodeError};

/// Items in the client, unless the user says otherwise.
const BUDGET: u32 = 500;

/// The most that can be asked for: what a client was measured with (reference figures: 30,000).
const MAX_BUDGET: u32 = 100_000;

const SETTING: &str = "client-budget";

/// The infohashes that this node's engine takes over from the client just now, 20 bytes each.
const MOVING: &str = "moving-out";

impl Node {
    /// How many of the newest items live in the client.
    pub fn client_budget(&self) -> Result<u32, NodeError> {
        let kept = self.inner.store.setting(SETTING)?;
        Ok(kept.and_then(|kept| kept.parse().ok()).unwrap_or(BUDGET))
    }

    /// Sets how many items live in the user's client.
    pub fn set_client_budget(&self, budget: u32) -> Result<(), NodeError> {
        if budget > MAX_BUDGET {
            let wrong = format!("{budget} items in the client: expected at most {MAX_BUDGET}");
            return Err(NodeError::Input(wrong));
        }
        self.inner.store.set_setting(SETTING, Some(&budget.to_string()))?;
        self.inner.hosting.wake();
        Ok(())
    }
}

/// The items that do not live in the client: all but the newest.
pub(super) fn older(node: &Node) -> Result<HashSet<WorkId>, NodeError> {
    Ok(split(node)?.engine.iter().map(|row| row.work).collect())
}

fn split(node: &Node) -> Result<Split, NodeError> {
    Ok(Split::of(node.inner.store.hosting_tasks(&[])?, node.client_budget()? as usize))
}

/// Moves what came beyond the budget from the client into this node's engine, and what came within
/// it into the client.
pub(super) async fn keep(node: &Node) -> Result<(), NodeError> {
    let Some(external) = &node.inner.external else { return Ok(()) };
    let description = external.describe().await?;
    if !description.online {
        return Ok(());
    }
    let kind = description.kind;
    finish_moving(node, external.as_ref()).await?;
    let outwards = node.blocking(move |node| {
        let split = split(node)?;
        node.happened_to_all(&split.inwards(kind), &Happened::MovedIn(kind))?;
        Ok(split.outwards(kind))
    });
    for batch in outwards.await?.chunks(BATCH) {
        let batch = batch.to_vec();
        node.blocking(move |node| {
            let ids: Vec<u8> = batch.iter().flat_map(|row| *row.infohash.as_bytes()).collect();
            node.inner.store.set_blob(MOVING, &ids)?;
            // First here, then away there: somebody always hosts.
            for (row, offer) in node.with_texts(batch)? {
                node.inner.embedded.host(std::slice::from_ref(&offer))?;
                node.happened(&row.work, &Happened::MovedOut(kind))?;
            }
            Ok(())
        })
        .await?;
        finish_moving(node, external.as_ref()).await?;
    }
    Ok(())
}

/// What this node's engine took over goes out of the client, also when the node or the client ended
/// in between.
async fn finish_moving(node: &Node, external: &dyn Client) -> Result<(), NodeError> {
    let moving = node.blocking(|node| {
        let ids = node.inner.store.blob(MOVING)?.unwrap_or_default();
        let mut moving = Vec::new();
        for id in ids.chunks_exact(20) {
            let id = Infohash::from_bytes(id.try_into().unwrap_or([0; 20]));
            let Some(row) = node.inner.store.item(&id)? else { continue };
            let task = node.inner.store.hosting_task(&row.item.work())?;
            if task.is_some_and(|task| task.client == Some(ClientKind::Embedded)) {
                moving.push(id);
            }
        }
        Ok((!ids.is_empty()).then_some(moving))
    });
    let Some(moving) = moving.await? else { return Ok(()) };
    external.introduce(&node.owner());
    external.remove(&moving).await?;
    node.blocking(|node| Ok(node.inner.store.set_blob(MOVING, &[])?)).await
}
