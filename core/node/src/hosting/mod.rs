//! From a wish to a hosted item: the text is got, the client is given it, and says that it seeds.

use std::{
    collections::HashSet,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};
use upseed_client::{Client, ClientError, ClientKind, Offer};
use upseed_model::{Infohash, WorkId};
use upseed_store::{Hosting, ItemRow, Wish};

use crate::{Node, NodeError, NodeEvent, clock::now, node::locked, rooms::Command};

mod budget;
mod outer;
mod seek;
mod way;

pub(crate) use outer::{Asked, watch};
pub(crate) use seek::Sought;
pub(crate) use way::{follow_network, network_at_start, swarm_off, swarm_proxy};

/// The name of this node's own engine as a client.
const EMBEDDED: ClientKind = ClientKind::Embedded;

/// Items handed to the client in one call.
const BATCH: usize = 200;

/// Seconds between looks at wishes that nothing woke.
const LOOK: Duration = Duration::from_secs(5);

/// Seconds before a failed wish is tried again: doubled from the first to the second.
const FIRST_RETRY: u64 = 5;
const LAST_RETRY: u64 = 600;

/// Seconds before the next try after so many.
fn wait(attempts: u32) -> u64 {
    (FIRST_RETRY << attempts.min(10)).min(LAST_RETRY)
}

/// Wakes the task that carries wishes out.
#[derive(Default)]
pub(crate) struct Wishes {
    woken: Notify,
    elsewhere: AtomicBool,
    failed: Mutex<Vec<Infohash>>,
}

impl Wishes {
    /// There is something to do.
    pub fn wake(&self) {
        self.woken.notify_one();
    }

    /// This node's own engine could not read an item and has dropped it.
    pub fn host_failed(&self, item: Infohash) {
        locked(&self.failed).push(item);
        self.wake();
    }

    /// Another device of the user's key voted, or took a vote back.
    pub fn votes_changed_elsewhere(&self) {
        self.elsewhere.store(true, Ordering::Relaxed);
        self.wake();
    }
}

/// The name of a state in JSON; none when the item is not to be hosted any more.
pub(crate) const fn name(state: Hosting) -> Option<&'static str> {
    Some(match state {
        Hosting::Wanted => "wanted",
        Hosting::Fetching => "fetching",
        Hosting::Handed => "handed",
        Hosting::Hosting => "hosting",
        Hosting::Failed => "failed",
        Hosting::Missing => "missing",
        Hosting::Leaving => return None,
    })
}

/// Carries wishes out, until the node stops.
pub(crate) async fn run(node: Node) {
    node.inner.wishes.votes_changed_elsewhere();
    let mut resumed = false;
    loop {
        let done = async {
            if !resumed {
                resume(&node).await?;
                resumed = true;
            }
            step(&node).await
        };
        if let Err(error) = done.await {
            tracing::error!(%error, "hosting goes on later");
            tokio::time::sleep(LOOK).await;
        }
        let _ = tokio::time::timeout(LOOK, node.inner.wishes.woken.notified()).await;
    }
}

/// After a start: this node's own engine hosts everything that should be hosted and whose text is
/// here, until the user's client says that it does.
async fn resume(node: &Node) -> Result<(), NodeError> {
    let states = [Hosting::Hosting, Hosting::Handed, Hosting::Missing];
    let wishes = node.blocking(move |node| Ok(node.inner.store.wishes(&states)?)).await?;
    for batch in wishes.chunks(BATCH) {
        let batch = batch.to_vec();
        node.blocking(move |node| {
            for (wish, offer) in node.with_texts(batch)? {
                node.inner.embedded.host(std::slice::from_ref(&offer))?;
                if node.inner.outer.is_none() {
                    node.handed(wish, EMBEDDED, Ok(()))?;
                }
            }
            Ok(())
        })
        .await?;
    }
    Ok(())
}

async fn step(node: &Node) -> Result<(), NodeError> {
    if node.inner.wishes.elsewhere.swap(false, Ordering::Relaxed) {
        node.blocking(|node| Ok(node.inner.store.adopt_votes(now())?)).await?;
        // A vote that was taken back may have come again with another device's slot.
        node.inner.wake_votes.notify_one();
    }
    node.blocking(Node::host_again).await?;
    withdraw(node).await?;
    if node.inner.outer.is_some() {
        budget::keep(node).await?;
    }
    for state in [Hosting::Wanted, Hosting::Fetching, Hosting::Failed] {
        loop {
            let due = node.blocking(move |node| {
                Ok(node.inner.store.due_wishes(state, now(), BATCH as u32)?)
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

/// Tells those who host to drop what is not wished any more.
async fn withdraw(node: &Node) -> Result<(), NodeError> {
    let gone = node.blocking(|node| Ok(node.inner.store.wishes(&[Hosting::Leaving])?)).await?;
    for batch in gone.chunks(BATCH) {
        let infohashes: Vec<_> = batch.iter().map(|wish| wish.infohash).collect();
        node.inner.embedded.drop(&infohashes);
        if let Some(outer) = &node.inner.outer {
            outer.introduce(&node.owner());
            if let Err(error) = outer.remove(&infohashes).await {
                tracing::info!(%error, "the client is told later what it need not host any more");
                return Ok(());
            }
        }
        let batch = batch.to_vec();
        node.blocking(move |node| {
            for wish in &batch {
                // A vote cast meanwhile made it a new wish.
                let left = node.inner.store.change_wish(&wish.work, |current| {
                    current.filter(|wish| wish.state != Hosting::Leaving)
                })?;
                if left.is_none() {
                    node.emit_hosting(wish.infohash, Hosting::Leaving);
                }
            }
            Ok(())
        })
        .await?;
    }
    Ok(())
}

/// Hosts those whose text is here and gives them to the client, and looks for the text of the
/// others. Each wish leaves the state in which it is due, so that the caller can go on with the
/// next ones.
async fn hand_over(node: &Node, wishes: Vec<Wish>) -> Result<(), NodeError> {
    let ready = node.blocking(move |node| {
        let ready = node.with_texts(wishes)?;
        let older = match node.inner.outer {
            Some(_) => Some(budget::older(node)?),
            None => None,
        };
        let outside = |wish: &Wish| older.as_ref().is_some_and(|it| !it.contains(&wish.work));
        let (out, own): (Vec<_>, Vec<_>) = ready.into_iter().partition(|(wish, _)| outside(wish));
        for (wish, offer) in own {
            let hosted = node.inner.embedded.host(std::slice::from_ref(&offer));
            node.handed(wish, EMBEDDED, hosted)?;
        }
        Ok(out)
    });
    let (wishes, offers): (Vec<Wish>, Vec<Offer>) = ready.await?.into_iter().unzip();
    let Some(outer) = node.inner.outer.as_ref().filter(|_| !wishes.is_empty()) else {
        return Ok(());
    };
    let client = outer.describe().await?.kind;
    let (wishes, offers) = without_removed(node, outer.as_ref(), client, wishes, offers).await?;
    if wishes.is_empty() {
        return Ok(());
    }
    // From here on its user can remove it there, also before the client has answered.
    let works: Vec<_> = wishes.iter().map(|wish| wish.work).collect();
    node.blocking(move |node| node.in_hands_of(client, &works)).await?;
    // Until the client is done, others get it from here, and so does a client on another machine.
    node.inner.embedded.host(&offers)?;
    let results = match outer.add(&offers, &node.owner()).await {
        Ok(results) => results,
        Err(error) => offers.iter().map(|_| Err(error.clone())).collect(),
    };
    node.blocking(move |node| {
        for (wish, result) in wishes.into_iter().zip(results) {
            node.handed(wish, client, result)?;
        }
        Ok(())
    })
    .await
}

/// What the client had is given again when it lacks the text, and not when it lacks the torrent: its user
/// removed it, while neither of us looked. Gives what is left.
async fn without_removed(
    node: &Node,
    outer: &dyn Client,
    kind: ClientKind,
    mut wishes: Vec<Wish>,
    mut offers: Vec<Offer>,
) -> Result<(Vec<Wish>, Vec<Offer>), NodeError> {
    let had = |wish: &Wish| wish.seeded && wish.client == Some(kind);
    if !wishes.iter().any(had) {
        return Ok((wishes, offers));
    }
    // One that does not answer is not given anything either, and that is told then.
    let Ok(hosted) = outer.hosted().await else { return Ok((wishes, offers)) };
    let there: HashSet<Infohash> = hosted.iter().map(|hosted| hosted.infohash).collect();
    let gone = |wish: &Wish| had(wish) && !there.contains(&wish.infohash);
    if wishes.iter().any(gone) {
        let left = wishes.into_iter().zip(offers).filter(|(wish, _)| !gone(wish));
        (wishes, offers) = left.unzip();
        outer::connected(node, outer).await?;
    }
    Ok((wishes, offers))
}

impl Node {
    /// Returns once an item is hosted.
    pub(crate) async fn wait_hosted(
        &self,
        id: Infohash,
        patience: Duration,
    ) -> Result<(), NodeError> {
        let mut events = self.events();
        let deadline = Instant::now() + patience;
        loop {
            let row = self.blocking(move |node| Ok(node.inner.store.item(&id)?)).await?;
            match row.map(|row| (row.hosting, row.dead)) {
                Some((Some(Hosting::Hosting), _)) => return Ok(()),
                Some((_, true)) => return Err(NodeError::Dead(id)),
                _ => {}
            }
            tokio::select! {
                () = tokio::time::sleep_until(deadline) => return Err(NodeError::NoText(id)),
                () = self.stopped() => return Err(NodeError::Stopping),
                _ = events.recv() => {}
            }
        }
    }

    /// An item as clients are given it, if its text is here.
    fn offer(&self, row: ItemRow) -> Result<Option<Offer>, NodeError> {
        let Some(text) = row.text else { return Ok(None) };
        let trackers = self.trackers(&row.item)?;
        Ok(Some(Offer { item: row.item, text: text.into_bytes(), trackers }))
    }

    fn with_texts(&self, wishes: Vec<Wish>) -> Result<Vec<(Wish, Offer)>, NodeError> {
        let store = &self.inner.store;
        let mut ready = Vec::new();
        for wish in wishes {
            let Some(row) = store.item_by_work(&wish.work)? else { continue };
            if row.dead {
                store.remove_wish(&wish.work)?;
            } else if let Some(offer) = self.offer(row)? {
                ready.push((wish, offer));
            } else {
                self.inner.rooms.send(Command::HostText(wish.work, wish.infohash));
                let attempts = wish.attempts.saturating_add(1);
                let next_try = now() + wait(wish.attempts);
                // The user may have taken the vote back since this wish was read.
                let current = store.change_wish(&wish.work, |current| match current {
                    Some(current)
                        if !matches!(current.state, Hosting::Leaving | Hosting::Missing) =>
                    {
                        Some(Wish { state: Hosting::Fetching, attempts, next_try, ..current })
                    }
                    other => other,
                })?;
                let fetching = current.is_some_and(|wish| wish.state == Hosting::Fetching);
                if fetching && wish.state != Hosting::Fetching {
                    self.emit_hosting(wish.infohash, Hosting::Fetching);
                }
            }
        }
        Ok(ready)
    }

    /// The client is about to be given these.
    fn in_hands_of(&self, client: ClientKind, works: &[WorkId]) -> Result<(), NodeError> {
        for work in works {
            self.inner.store.change_wish(work, |current| {
                current.map(|wish| match wish.state {
                    Hosting::Leaving | Hosting::Missing => wish,
                    _ if wish.client == Some(client) => wish,
                    _ => Wish { client: Some(client), seeded: false, ..wish },
                })
            })?;
        }
        Ok(())
    }

    /// What became of an item that the client was given.
    fn handed(
        &self,
        wish: Wish,
        client: ClientKind,
        result: Result<(), ClientError>,
    ) -> Result<(), NodeError> {
        let store = &self.inner.store;
        let own = client == EMBEDDED;
        let client = Some(client);
        let after = store.change_wish(&wish.work, |current| {
            Some(match (current.as_ref().map(|wish| wish.state), result) {
                // The user took the vote back while the client was asked.
                (None | Some(Hosting::Leaving), _) => {
                    Wish { state: Hosting::Leaving, client, next_try: 0, ..wish }
                }
                (Some(state), Ok(())) => {
                    // The client may have said already that it seeds.
                    let state = match state {
                        Hosting::Hosting => Hosting::Hosting,
                        _ if own => Hosting::Hosting,
                        _ => Hosting::Handed,
                    };
                    let seeded = current.is_some_and(|wish| wish.seeded && wish.client == client);
                    let seeded = seeded || state == Hosting::Hosting;
                    Wish { state, client, seeded, error: None, attempts: 0, next_try: 0, ..wish }
                }
                (_, Err(error)) => {
                    let (error, next_try) = (Some(error.to_string()), now() + wait(wish.attempts));
                    let attempts = wish.attempts + 1;
                    Wish { state: Hosting::Failed, client, error, attempts, next_try, ..wish }
                }
            })
        })?;
        let Some(wish) = after else { return Ok(()) };
        if wish.state == Hosting::Leaving {
            self.inner.wishes.wake();
            return Ok(());
        }
        self.emit_hosting(wish.infohash, wish.state);
        Ok(())
    }

    /// What this node's own engine has dropped is wished for again, after a pause.
    fn host_again(&self) -> Result<(), NodeError> {
        let failed = std::mem::take(&mut *locked(&self.inner.wishes.failed));
        for infohash in failed {
            self.inner.embedded.drop(&[infohash]);
            let Some(row) = self.inner.store.item(&infohash)? else { continue };
            let again = now() + FIRST_RETRY;
            let after =
                self.inner.store.change_wish(&row.item.work(), |current| match current {
                    // What the user's client hosts is none of the engine's.
                    Some(wish)
                        if wish.state == Hosting::Handed
                            || wish.state == Hosting::Hosting && wish.client == Some(EMBEDDED) =>
                    {
                        Some(Wish { state: Hosting::Wanted, next_try: again, ..wish })
                    }
                    other => other,
                })?;
            if let Some(wish) = after {
                self.emit_hosting(infohash, wish.state);
            }
        }
        Ok(())
    }

    pub(crate) fn emit_hosting(&self, id: Infohash, state: Hosting) {
        self.emit(NodeEvent::Hosting { id, state: name(state).unwrap_or("none") });
    }
}
