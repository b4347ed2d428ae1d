//! What somebody else added to the client: a vote, an item hosted without one, or what was lost and is back.

use upseed_client::Client;
use upseed_model::{Infohash, WorkId};
use upseed_store::hosting::{Effect, Happened};

use super::{
    metadata::{self, PATIENCE},
    metadata_fetches::Lack,
};
use crate::{Node, NodeError, rooms::Command};

const ADDITIONS: &str = "additions-are-votes";

/// Something appeared in the client that this node did not add.
pub(super) async fn added(
    node: &Node,
    external: &dyn Client,
    id: Infohash,
) -> Result<(), NodeError> {
    let known = node.blocking(move |node| Ok(node.inner.store.item(&id)?)).await?;
    let work = match known {
        Some(row) => Some(row.item.work()),
        None => metadata::header_of(node, external, id).await?,
    };
    match work {
        Some(work) => taken_in(node, external, id, work).await,
        None => {
            fetch_header(node, id);
            Ok(())
        }
    }
}

/// An item that somebody else added, and whose header is here.
async fn taken_in(
    node: &Node,
    external: &dyn Client,
    id: Infohash,
    work: WorkId,
) -> Result<(), NodeError> {
    let offer = node.blocking(move |node| {
        let vote = node.inner.search_downloads.take(id) || node.additions_are_votes()?;
        // A record that nobody would keep (too old, muted) has no row to stand beside.
        let Some(row) = node.inner.store.item(&id)? else { return Ok(None) };
        let stepped = node.happened(&work, &Happened::Added { vote })?;
        if !stepped.effects.contains(&Effect::HelpClient) {
            return Ok(None);
        }
        let offer = node.offer(row)?;
        match &offer {
            // The client may know nobody else who has it.
            Some(offer) => node.inner.embedded.host(std::slice::from_ref(offer))?,
            None if stepped.task.is_some() => node.inner.rooms.send(Command::WantText(work, id)),
            None => fetch_text(node, id),
        }
        Ok(offer)
    });
    match offer.await? {
        Some(offer) => Ok(external.add_peer(&offer, &node.owner()).await?),
        None => Ok(()),
    }
}

/// Looks for the header beside everything else, if the client says of it that it is an item's: the
/// metadata of an ordinary torrent is nobody's business here.
fn fetch_header(node: &Node, id: Infohash) {
    beside(node, (id, Lack::Header), |node| async move {
        let Some(work) = metadata::fetch(&node, id).await? else { return Ok(()) };
        let Some(external) = &node.inner.external else { return Ok(()) };
        // Its user may have removed it meanwhile.
        if external.hosted().await?.iter().any(|hosted| hosted.infohash == id) {
            taken_in(&node, external.as_ref(), id, work).await?;
        }
        Ok(())
    });
}

/// Looks for the text of what the client has without a vote, which may know nobody else who has it,
/// and helps it there.
fn fetch_text(node: &Node, id: Infohash) {
    beside(node, (id, Lack::Text), |node| async move {
        let Some(external) = &node.inner.external else { return Ok(()) };
        let row = node.read(&id.into(), PATIENCE).await?;
        let offer = node.blocking(move |node| {
            let still = node.inner.store.is_unvoted(&row.item.work())?;
            let offer = if still { node.offer(row)? } else { None };
            if let Some(offer) = &offer {
                node.inner.embedded.host(std::slice::from_ref(offer))?;
            }
            Ok(offer)
        });
        match offer.await? {
            Some(offer) => Ok(external.add_peer(&offer, &node.owner()).await?),
            None => Ok(()),
        }
    });
}

/// Does something for an item beside everything else, unless something is done for it already.
fn beside<F>(node: &Node, what: (Infohash, Lack), look: impl FnOnce(Node) -> F)
where
    F: Future<Output = Result<(), NodeError>> + Send + 'static,
{
    let Some(fetching) = node.inner.metadata_fetches.begin(what) else { return };
    let done = look(node.clone());
    node.spawn(async move {
        let done = done.await;
        drop(fetching);
        if let Err(error) = done {
            let (id, lacks) = what;
            tracing::info!(%id, ?lacks, %error, "what was added in the client is not complete");
        }
    });
}

impl Node {
    /// The user began a download of this in the client's own search: a vote as soon as it is there.
    pub async fn asked_for(&self, id: Infohash) -> Result<(), NodeError> {
        let there = self.blocking(move |node| {
            let row = node.inner.store.item(&id)?;
            let Some(row) = row else { return Ok(None) };
            let work = row.item.work();
            Ok(node.inner.store.is_unvoted(&work)?.then_some(work))
        });
        match there.await? {
            // The client has it already and will not say that it came.
            Some(work) => {
                self.vote(work, true).await?;
                Ok(())
            }
            None => {
                self.inner.search_downloads.note(id);
                Ok(())
            }
        }
    }

    /// Whether what appears in the client by other ways than a vote counts as one.
    pub fn additions_are_votes(&self) -> Result<bool, NodeError> {
        Ok(self.inner.store.setting(ADDITIONS)?.is_some())
    }

    /// Says whether what appears in the client by other ways than a vote counts as one.
    pub fn set_additions_are_votes(&self, on: bool) -> Result<(), NodeError> {
        Ok(self.inner.store.set_setting(ADDITIONS, on.then_some("1"))?)
    }
}
