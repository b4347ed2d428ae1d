//! An item that somebody else added to the client, and whose header the client does not give: that of
//! a magnet, or of a torrent file that this user may not read.

use std::{collections::HashSet, sync::Mutex, time::Duration};

use tokio::time::{Instant, sleep};
use upseed_client::Client;
use upseed_model::{Infohash, Record, SignedItem, WorkId};

use super::outer::taken_in;
use crate::{Node, NodeError, Reference, Unfit, clock::now, node::locked, rooms::Command};

/// How long one is looked for, until the client is connected again.
const PATIENCE: Duration = Duration::from_secs(900);

/// The client is asked again this often: it may have got the header itself.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// What is looked for at a time.
const MOST: usize = 32;

/// What an item lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Lack {
    Header,
    Text,
}

/// What is looked for now.
#[derive(Default)]
pub(crate) struct Sought(Mutex<HashSet<(Infohash, Lack)>>);

/// Looked for while this lives.
struct Seeking {
    node: Node,
    what: (Infohash, Lack),
}

impl Drop for Seeking {
    fn drop(&mut self) {
        locked(&self.node.inner.sought.0).remove(&self.what);
    }
}

impl Seeking {
    /// Nothing if it is looked for already, or too many others are.
    fn begin(node: &Node, what: (Infohash, Lack)) -> Option<Self> {
        let mut sought = locked(&node.inner.sought.0);
        (sought.len() < MOST && sought.insert(what)).then(|| Self { node: node.clone(), what })
    }
}

/// The item whose header the client gives, kept from now on.
pub(super) async fn header_of(
    node: &Node,
    outer: &dyn Client,
    id: Infohash,
) -> Result<Option<WorkId>, NodeError> {
    let Some(header) = outer.header(id).await? else { return Ok(None) };
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

/// Looks for the header beside everything else, if the client says of it that it is an item's: the
/// metadata of an ordinary torrent is nobody's business here.
pub(super) fn begin(node: &Node, id: Infohash) {
    beside(node, (id, Lack::Header), |node| async move {
        let Some(work) = seek(&node, id).await? else { return Ok(()) };
        let Some(outer) = &node.inner.outer else { return Ok(()) };
        // Its user may have removed it meanwhile.
        if outer.hosted().await?.iter().any(|hosted| hosted.infohash == id) {
            taken_in(&node, outer.as_ref(), id, work).await?;
        }
        Ok(())
    });
}

/// Looks for the text of what is a guest in the client, which may know nobody else who has it, and
/// helps it there.
pub(super) fn text_for_guest(node: &Node, id: Infohash) {
    beside(node, (id, Lack::Text), |node| async move {
        let Some(outer) = &node.inner.outer else { return Ok(()) };
        let row = node.read(&id.into(), PATIENCE).await?;
        let offer = node.blocking(move |node| {
            let still = node.inner.store.is_guest(&row.item.work())?;
            let offer = if still { node.offer(row)? } else { None };
            if let Some(offer) = &offer {
                node.inner.embedded.host(std::slice::from_ref(offer))?;
            }
            Ok(offer)
        });
        match offer.await? {
            Some(offer) => Ok(outer.add_peer(&offer, &node.owner()).await?),
            None => Ok(()),
        }
    });
}

/// Does something for an item beside everything else, unless something is done for it already.
fn beside<F>(node: &Node, what: (Infohash, Lack), look: impl FnOnce(Node) -> F)
where
    F: Future<Output = Result<(), NodeError>> + Send + 'static,
{
    let Some(seeking) = Seeking::begin(node, what) else { return };
    let done = look(node.clone());
    node.spawn(async move {
        let done = done.await;
        drop(seeking);
        if let Err(error) = done {
            let (id, lacks) = what;
            tracing::info!(%id, ?lacks, %error, "what was added in the client is not complete");
        }
    });
}

/// Finds the header: in the client, or by its swarm.
async fn seek(node: &Node, id: Infohash) -> Result<Option<WorkId>, NodeError> {
    let Some(outer) = node.inner.outer.clone() else { return Ok(None) };
    let Some(trail) = outer.trail(id).await? else { return Ok(None) };
    let what = Reference { infohash: id, peers: trail.peers };
    let trackers = node.blocking(|node| {
        let boards = node.inner.store.boards()?;
        Ok(boards.into_iter().flat_map(|board| board.trackers).collect::<Vec<_>>())
    });
    let trackers = trackers.await?;
    let client_has_it = async {
        loop {
            sleep(ASK_AGAIN).await;
            match header_of(node, outer.as_ref(), id).await {
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
            match node.find_by(&what, &trackers, until - Instant::now()).await {
                Ok(row) => return Ok(row.item.work()),
                Err(NodeError::Foreign { unfit: Unfit::NotNow, .. }) if Instant::now() < until => {
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
