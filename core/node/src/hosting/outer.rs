//! What happens in the user's own client, and what it means here.

use std::{
    collections::{HashMap, HashSet},
    sync::Mutex,
};

use upseed_client::{Change, Client, ClientKind, Hosted};
use upseed_model::{Infohash, WorkId};
use upseed_store::{Hosting, ItemRow, Wish};

use super::{LOOK, seek, way::adopt_network};
use crate::{Node, NodeError, NodeEvent, clock::now, node::locked, rooms::Command};

/// Seconds within which a download that was asked for through a door of ours appears in the client.
const ASKED_SECONDS: u64 = 900;

/// Such downloads that are waited for at the same time.
const MAX_ASKED: usize = 1_000;

const ADDITIONS: &str = "additions-are-votes";

/// Downloads that the user began in the client's own search: their appearance is the vote.
#[derive(Default)]
pub(crate) struct Asked(Mutex<HashMap<Infohash, u64>>);

impl Asked {
    /// The user asked for this.
    pub fn note(&self, item: Infohash) {
        let mut asked = locked(&self.0);
        asked.retain(|_, at| *at + ASKED_SECONDS > now());
        if asked.len() < MAX_ASKED {
            asked.insert(item, now());
        }
    }

    fn take(&self, item: Infohash) -> bool {
        locked(&self.0).remove(&item).is_some_and(|at| at + ASKED_SECONDS > now())
    }
}

/// Hears from the client what became of what it was given, and what its user did there.
pub(crate) async fn watch(node: Node) {
    let Some(outer) = node.inner.outer.clone() else { return };
    outer.introduce(&node.owner());
    loop {
        let changes = match outer.changes().await {
            Ok(changes) => changes,
            Err(error) => {
                tracing::warn!(%error, "the client says nothing of its changes");
                tokio::time::sleep(LOOK).await;
                continue;
            }
        };
        for change in changes {
            tracing::debug!(?change, "in the client");
            // What is wrong with one, such as a torrent that only looks like an item, must not
            // cost the others: they are told once.
            if let Err(error) = take(&node, outer.as_ref(), change).await {
                tracing::warn!(%error, ?change, "a change in the client was not taken over");
            }
        }
    }
}

async fn take(node: &Node, outer: &dyn Client, change: Change) -> Result<(), NodeError> {
    match change {
        Change::Connected => connected(node, outer).await,
        Change::Added(id) => added(node, outer, id).await,
        Change::Removed(id) => removed(node, outer, id).await,
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

/// The client answers again: what it has is compared with what it should have.
pub(super) async fn connected(node: &Node, outer: &dyn Client) -> Result<(), NodeError> {
    adopt_network(node).await;
    let kind = outer.describe().await?.kind;
    let hosted: HashMap<Infohash, bool> = outer
        .hosted()
        .await?
        .into_iter()
        .map(|Hosted { infohash, complete }| (infohash, complete))
        .collect();
    let (strange, removed) = node.blocking(move |node| node.compare(kind, &hosted)).await?;
    for row in removed {
        let_go(node, row).await?;
    }
    for id in strange {
        if let Err(error) = added(node, outer, id).await {
            tracing::info!(%id, %error, "in the client, and not an item that is known here");
        }
    }
    node.blocking(|node| Ok(node.inner.store.retry_failed()?)).await?;
    node.inner.wishes.wake();
    Ok(())
}

/// Something appeared in the client that this node did not add.
async fn added(node: &Node, outer: &dyn Client, id: Infohash) -> Result<(), NodeError> {
    let known = node.blocking(move |node| Ok(node.inner.store.item(&id)?)).await?;
    let work = match known {
        Some(row) => row.item.work(),
        None => match seek::header_of(node, outer, id).await? {
            Some(work) => work,
            None => {
                seek::begin(node, id);
                return Ok(());
            }
        },
    };
    taken_in(node, outer, id, work).await
}

/// What somebody else added to the client is a vote, a guest, or what was wished for before.
pub(super) async fn taken_in(
    node: &Node,
    outer: &dyn Client,
    id: Infohash,
    work: WorkId,
) -> Result<(), NodeError> {
    let vote =
        node.inner.asked.take(id) || node.blocking(|node| node.additions_are_votes()).await?;
    let wished = node.blocking(move |node| {
        let wish = node.inner.store.wish(&work)?.filter(|wish| wish.state != Hosting::Leaving);
        let back = wish.as_ref().is_some_and(|wish| wish.state == Hosting::Missing);
        if back {
            // The user put it back by hand: like any other wish it is handed over, so that the
            // client has its text and no limit silences it.
            node.inner.store.change_wish(&work, |wish| {
                wish.map(|wish| Wish { state: Hosting::Wanted, next_try: 0, ..wish })
            })?;
            node.inner.wishes.wake();
        }
        Ok((wish.is_some(), back))
    });
    let (wished, back) = wished.await?;
    if wished && !back {
        return Ok(());
    }
    if vote && !wished {
        node.vote(work, true).await?;
        return Ok(());
    }
    let offer = node.blocking(move |node| {
        // A record that nobody would keep (too old, muted) has no row to stand beside.
        let Some(row) = node.inner.store.item(&id)? else { return Ok(None) };
        if !back {
            node.inner.store.add_guest(&work, now())?;
            node.emit(NodeEvent::Hosting { id, state: "guest" });
        }
        let offer = node.offer(row)?;
        match &offer {
            // The client may know nobody else who has it.
            Some(offer) => node.inner.embedded.host(std::slice::from_ref(offer))?,
            None if back => node.inner.rooms.send(Command::WantText(work, id)),
            None => seek::text_for_guest(node, id),
        }
        Ok(offer)
    });
    match offer.await? {
        Some(offer) => Ok(outer.add_peer(&offer, &node.owner()).await?),
        None => Ok(()),
    }
}

/// The user removed something in the client.
async fn removed(node: &Node, outer: &dyn Client, id: Infohash) -> Result<(), NodeError> {
    let kind = outer.describe().await?.kind;
    let row = node.blocking(move |node| Ok(node.inner.store.item(&id)?)).await?;
    let Some(row) = row else { return Ok(()) };
    let work = row.item.work();
    let (guest, wish) = node
        .blocking(move |node| {
            let store = &node.inner.store;
            Ok((store.remove_guest(&work)?, store.wish(&work)?))
        })
        .await?;
    if guest {
        node.inner.embedded.drop(&[id]);
        node.emit(NodeEvent::Hosting { id, state: "none" });
    }
    let in_client = wish.is_some_and(|wish| {
        !matches!(wish.state, Hosting::Leaving | Hosting::Missing) && wish.client == Some(kind)
    });
    if in_client { let_go(node, row).await } else { Ok(()) }
}

/// The user wants this hosted no more, and has said so in the client.
async fn let_go(node: &Node, row: ItemRow) -> Result<(), NodeError> {
    let (work, id) = (row.item.work(), row.item.infohash());
    if row.upvoted {
        // The client has let go already. It must not be told to once more: its user may put the
        // same torrent back at any moment.
        node.blocking(move |node| {
            node.inner
                .store
                .change_wish(&work, |wish| wish.map(|wish| Wish { client: None, ..wish }))?;
            node.inner.embedded.drop(&[id]);
            Ok(())
        })
        .await?;
        node.vote(work, false).await?;
        node.emit_hosting(id, Hosting::Leaving);
    }
    // One's own item has no vote to take back, and stays readable here.
    node.blocking(move |node| {
        if node.inner.store.wish(&work)?.is_some_and(|wish| wish.state != Hosting::Leaving) {
            node.inner.store.remove_wish(&work)?;
            node.inner.embedded.drop(&[id]);
            node.emit_hosting(id, Hosting::Leaving);
        }
        Ok(())
    })
    .await
}

impl Node {
    /// The user began a download of this in the client's own search: a vote as soon as it is there.
    pub(crate) async fn asked_for(&self, id: Infohash) -> Result<(), NodeError> {
        let there = self.blocking(move |node| {
            let row = node.inner.store.item(&id)?;
            let Some(row) = row else { return Ok(None) };
            let work = row.item.work();
            Ok(node.inner.store.is_guest(&work)?.then_some(work))
        });
        match there.await? {
            // The client has it already and will not say that it came.
            Some(work) => {
                self.vote(work, true).await?;
                Ok(())
            }
            None => {
                self.inner.asked.note(id);
                Ok(())
            }
        }
    }

    /// Whether what appears in the client by other ways than a vote counts as one.
    pub(crate) fn additions_are_votes(&self) -> Result<bool, NodeError> {
        Ok(self.inner.store.setting(ADDITIONS)?.is_some())
    }

    pub(crate) fn set_additions_are_votes(&self, on: bool) -> Result<(), NodeError> {
        Ok(self.inner.store.set_setting(ADDITIONS, on.then_some("1"))?)
    }

    /// Compares what the client has with what it should have, after a pause in which nobody
    /// watched. Gives what is there and not wished for, and what the user has removed.
    fn compare(
        &self,
        kind: ClientKind,
        hosted: &HashMap<Infohash, bool>,
    ) -> Result<(Vec<Infohash>, Vec<ItemRow>), NodeError> {
        let store = &self.inner.store;
        let wishes = store.wishes(&[])?;
        let mut strange: HashSet<Infohash> = hosted.keys().copied().collect();
        let mut there = 0;
        let mut missing = Vec::new();
        for wish in wishes {
            strange.remove(&wish.infohash);
            let of_client = wish.client == Some(kind);
            match (hosted.get(&wish.infohash), wish.state) {
                (_, Hosting::Leaving) => {}
                (Some(complete), _) if of_client || wish.state == Hosting::Missing => {
                    there += 1;
                    self.completed(wish.infohash, *complete)?;
                }
                (None, Hosting::Missing) => {}
                (None, _) if of_client && wish.seeded => missing.push(wish),
                // It was given and never seen to seed: the client may have ended before it kept it.
                (None, Hosting::Handed | Hosting::Hosting) if of_client => {
                    store.change_wish(&wish.work, |current| {
                        current.map(|current| Wish { state: Hosting::Wanted, ..current })
                    })?;
                }
                _ => {}
            }
        }
        for (work, infohash) in store.guests()? {
            if !strange.remove(&infohash) {
                store.remove_guest(&work)?;
            }
        }
        let mut removed = Vec::new();
        let one_by_one = were_removed_by_hand(there, missing.len());
        for wish in missing {
            let Some(row) = store.item_by_work(&wish.work)? else { continue };
            if one_by_one {
                removed.push(row);
            } else {
                store.change_wish(&wish.work, |current| {
                    current.map(|current| Wish { state: Hosting::Missing, ..current })
                })?;
                self.emit_hosting(wish.infohash, Hosting::Missing);
            }
        }
        Ok((strange.into_iter().collect(), removed))
    }

    /// The client says that it seeds an item, or does not any more.
    fn completed(&self, infohash: Infohash, complete: bool) -> Result<(), NodeError> {
        let store = &self.inner.store;
        let Some(row) = store.item(&infohash)? else { return Ok(()) };
        let work = row.item.work();
        if complete && store.is_guest(&work)? {
            self.inner.embedded.drop(&[infohash]);
            return Ok(());
        }
        let mut told = None;
        store.change_wish(&work, |current| {
            let wish = current?;
            let own = wish.client == Some(super::EMBEDDED);
            let (state, seeded) = match wish.state {
                Hosting::Leaving => return Some(wish),
                _ if own => return Some(wish),
                _ if complete => (Hosting::Hosting, true),
                Hosting::Hosting => (Hosting::Handed, wish.seeded),
                // It was put back by hand, and lacks its text.
                Hosting::Missing => (Hosting::Wanted, wish.seeded),
                _ => return Some(wish),
            };
            told = Some(state);
            Some(Wish { state, seeded, ..wish })
        })?;
        let Some(state) = told else { return Ok(()) };
        match state {
            Hosting::Hosting => self.inner.embedded.drop(&[infohash]),
            Hosting::Wanted => self.inner.wishes.wake(),
            _ => {
                if let Some(offer) = self.offer(row)? {
                    self.inner.embedded.host(&[offer])?;
                }
            }
        }
        self.emit_hosting(infohash, state);
        Ok(())
    }

    /// The client lacks a text that it had: it is given it again.
    fn lost(&self, infohash: Infohash) -> Result<(), NodeError> {
        let Some(row) = self.inner.store.item(&infohash)? else { return Ok(()) };
        self.inner.store.change_wish(&row.item.work(), |current| match current {
            Some(wish) if matches!(wish.state, Hosting::Hosting | Hosting::Handed) => {
                Some(Wish { state: Hosting::Wanted, ..wish })
            }
            other => other,
        })?;
        self.inner.wishes.wake();
        Ok(())
    }

    /// What the client has lost, as the user decides: hosted again, or the votes taken back.
    pub(crate) async fn missing(&self, host: bool) -> Result<(), NodeError> {
        let lost = self.blocking(|node| Ok(node.inner.store.wishes(&[Hosting::Missing])?)).await?;
        for wish in lost {
            if host {
                self.blocking(move |node| {
                    node.inner.store.change_wish(&wish.work, |current| {
                        current.map(|current| Wish {
                            state: Hosting::Wanted,
                            seeded: false,
                            ..current
                        })
                    })?;
                    node.emit_hosting(wish.infohash, Hosting::Wanted);
                    Ok(())
                })
                .await?;
                continue;
            }
            let row = self.blocking(move |node| Ok(node.inner.store.item_by_work(&wish.work)?));
            if let Some(row) = row.await? {
                let_go(self, row).await?;
            }
        }
        self.inner.wishes.wake();
        Ok(())
    }
}

/// Whether what is missing after a pause was removed by the user, one by one: others are still
/// there, and few are gone. Else the client was reset or replaced.
fn were_removed_by_hand(there: usize, missing: usize) -> bool {
    there > 0 && missing <= ((there + missing) / 10).max(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_missing_were_removed_and_many_were_lost() {
        for (there, missing, by_hand) in [
            (1, 1, true),
            (1, 3, true),
            (1, 4, false),
            (0, 1, false),
            (90, 10, true),
            (89, 11, false),
            (500, 50, true),
        ] {
            assert_eq!(were_removed_by_hand(there, missing), by_hand, "{there} {missing}");
        }
    }
}
