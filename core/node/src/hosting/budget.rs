//! How much lives in the user's client: the newest wishes, so that nobody's list fills with
//! thousands of rows. The embedded engine hosts the others.

use std::collections::HashSet;

use upseed_client::{Client, ClientKind};
use upseed_model::{Infohash, WorkId};
use upseed_store::{Hosting, Wish};

use super::{BATCH, EMBEDDED};
use crate::{Node, NodeError};

/// Items in the client, unless the user says otherwise.
const BUDGET: u32 = 500;

/// The most that can be asked for: what a client was measured with (reference figures: 30,000).
const MAX_BUDGET: u32 = 100_000;

const SETTING: &str = "client-budget";

/// The infohashes that this node's engine takes over from the client just now, 20 bytes each.
const MOVING: &str = "moving-out";

impl Node {
    /// How many of the newest wishes live in the client.
    pub(crate) fn client_budget(&self) -> Result<u32, NodeError> {
        let kept = self.inner.store.setting(SETTING)?;
        Ok(kept.and_then(|kept| kept.parse().ok()).unwrap_or(BUDGET))
    }

    pub(crate) fn set_client_budget(&self, budget: u32) -> Result<(), NodeError> {
        if budget > MAX_BUDGET {
            let wrong = format!("{budget} items in the client: expected at most {MAX_BUDGET}");
            return Err(NodeError::Input(wrong));
        }
        self.inner.store.set_setting(SETTING, Some(&budget.to_string()))?;
        self.inner.wishes.wake();
        Ok(())
    }
}

/// The wishes that do not live in the client: all but the newest.
pub(super) fn older(node: &Node) -> Result<HashSet<WorkId>, NodeError> {
    let (_, older) = split(node)?;
    Ok(older.iter().map(|wish| wish.work).collect())
}

/// Those for the client and the older ones, both newest first.
fn split(node: &Node) -> Result<(Vec<Wish>, Vec<Wish>), NodeError> {
    let mut wishes = node.inner.store.wishes(&[])?;
    // What is missing waits for the user's word and is in no client.
    wishes.retain(|wish| !matches!(wish.state, Hosting::Leaving | Hosting::Missing));
    let budget = wishes.len().min(node.client_budget()? as usize);
    let older = wishes.split_off(budget);
    Ok((wishes, older))
}

/// Moves what came beyond the budget from the client into this node's engine, and what came within
/// it into the client.
pub(super) async fn keep(node: &Node) -> Result<(), NodeError> {
    let Some(outer) = &node.inner.outer else { return Ok(()) };
    let description = outer.describe().await?;
    if !description.online {
        return Ok(());
    }
    let kind = description.kind;
    finish_moving(node, outer.as_ref()).await?;
    let settled = |wish: &Wish| matches!(wish.state, Hosting::Hosting | Hosting::Handed);
    let (newest, older) = node.blocking(split).await?;
    let inwards: Vec<_> =
        newest.into_iter().filter(|wish| settled(wish) && wish.client != Some(kind)).collect();
    let outwards: Vec<_> =
        older.into_iter().filter(|wish| settled(wish) && wish.client == Some(kind)).collect();
    if !inwards.is_empty() {
        node.blocking(move |node| {
            for wish in inwards {
                set(node, &wish, Hosting::Wanted, wish.client)?;
            }
            Ok(())
        })
        .await?;
    }
    for batch in outwards.chunks(BATCH) {
        let (ours, infohashes) = {
            let batch = batch.to_vec();
            let infohashes: Vec<Infohash> = batch.iter().map(|wish| wish.infohash).collect();
            (batch, infohashes)
        };
        node.blocking(move |node| {
            let ids: Vec<u8> = infohashes.iter().flat_map(|id| *id.as_bytes()).collect();
            node.inner.store.set_blob(MOVING, &ids)?;
            // First here, then away there: somebody always hosts.
            for (wish, offer) in node.with_texts(ours)? {
                node.inner.embedded.host(std::slice::from_ref(&offer))?;
                set(node, &wish, Hosting::Hosting, Some(EMBEDDED))?;
            }
            Ok(())
        })
        .await?;
        finish_moving(node, outer.as_ref()).await?;
    }
    Ok(())
}

/// What this node's engine took over goes out of the client, also when the node or the client ended
/// in between.
async fn finish_moving(node: &Node, outer: &dyn Client) -> Result<(), NodeError> {
    let moving = node.blocking(|node| {
        let ids = node.inner.store.blob(MOVING)?.unwrap_or_default();
        let mut moving = Vec::new();
        for id in ids.chunks_exact(20) {
            let id = Infohash::from_bytes(id.try_into().unwrap_or([0; 20]));
            let Some(row) = node.inner.store.item(&id)? else { continue };
            let wish = node.inner.store.wish(&row.item.work())?;
            if wish.is_some_and(|wish| wish.client == Some(EMBEDDED)) {
                moving.push(id);
            }
        }
        Ok((!ids.is_empty()).then_some(moving))
    });
    let Some(moving) = moving.await? else { return Ok(()) };
    outer.introduce(&node.owner());
    outer.remove(&moving).await?;
    node.blocking(|node| Ok(node.inner.store.set_blob(MOVING, &[])?)).await
}

fn set(node: &Node, wish: &Wish, to: Hosting, client: Option<ClientKind>) -> Result<(), NodeError> {
    let was = wish.state;
    node.inner.store.change_wish(&wish.work, |current| {
        current.map(|current| {
            // The user may have taken the vote back meanwhile.
            if current.state == was {
                let seeded = current.seeded && current.client == client;
                Wish { state: to, client, seeded, ..current }
            } else {
                current
            }
        })
    })?;
    Ok(())
}
