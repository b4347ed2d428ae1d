//! The header of an item that somebody else added to the client, which does not give it: that of a
//! magnet, or of a torrent file that this user may not read.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use upseed_client::Client;
use upseed_model::{Infohash, Record, SignedItem, WorkId};

use crate::{FetchFailure, Node, NodeError, Reference, clock::now, rooms::Command};

/// How long one is looked for, until the client is connected again.
pub(super) const PATIENCE: Duration = Duration::from_secs(900);

/// The client is asked again this often: it may have got the header itself.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// The item whose header the client gives, kept from now on.
pub(super) async fn header_of(
    node: &Node,
    external: &dyn Client,
    id: Infohash,
) -> Result<Option<WorkId>, NodeError> {
    let Some(header) = external.header(id).await? else { return Ok(None) };
    let item = SignedItem::from_bytes(&header)?;
    if item.infohash() != id {
        return Ok(None);
    }
    let work = item.work();
    node.blocking(move |node| {
        node.inner.store.ingest(&[Record::Item(item.clone())], now())?;
        node.inner.rooms.send(Command::Fresh(vec![Record::Item(item)]));
        Ok(())
    })
    .await?;
    Ok(Some(work))
}

/// Finds the header: in the client, or by its swarm. Nothing if the client does not say that it is an
/// item's.
pub(super) async fn fetch(node: &Node, id: Infohash) -> Result<Option<WorkId>, NodeError> {
    let Some(external) = node.inner.external.clone() else { return Ok(None) };
    let Some(trail) = external.trail(id).await? else { return Ok(None) };
    let trackers = node.blocking(|node| {
        let boards = node.inner.store.boards()?;
        Ok(boards.into_iter().flat_map(|board| board.trackers).collect())
    });
    let what = Reference { infohash: id, peers: trail.peers, trackers: trackers.await? };
    let client_has_it = async {
        loop {
            sleep(ASK_AGAIN).await;
            match header_of(node, external.as_ref(), id).await {
                Ok(None) => {}
                Ok(Some(work)) => return Ok(work),
                // One that is away now has been asked in vain, and is asked again.
                Err(error @ NodeError::Client { .. }) => tracing::debug!(%id, %error, "not now"),
                Err(error) => return Err(error),
            }
        }
    };
    let engine_has_it = async {
        let until = Instant::now() + PATIENCE;
        loop {
            match node.find(&what, until - Instant::now()).await {
                Ok(row) => return Ok(row.item.work()),
                Err(NodeError::Foreign { failure: FetchFailure::NotNow, .. })
                    if Instant::now() < until =>
                {
                    sleep(ASK_AGAIN).await;
                }
                Err(error) => return Err(error),
            }
        }
    };
    tokio::select! {
        work = client_has_it => work.map(Some),
        work = engine_has_it => work.map(Some),
    }
}
