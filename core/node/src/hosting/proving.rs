//! Asking the user's client for some of the texts that it says it seeds, now and then, as anybody might. What it gives none of
//! while it gives others, it is given again.
//!
//! An engine of its own does it, which knows nobody else and is gone afterwards: the node's own cannot ask for
//! what it hosts itself.

use std::{
    collections::HashSet,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use upseed_clock::Moment;

use tokio::{
    net::TcpStream,
    sync::mpsc,
    time::{sleep, timeout},
};
use upseed_client::{Client, ClientKind, Listening};
use upseed_model::{HostingState, Infohash};
use upseed_store::hosting::{Happened, samples::Samples};
use upseed_swarm::{Event, Off, Settings, Swarm, Texts};

use super::{
    pace::{BATCH, LOOK},
    proof::{ONCE_MORE, Proof, Seen, addresses},
    reconnection::connected,
};
use crate::{Node, NodeError};

/// How long the client has for giving a text. Transmission chooses whom to give something every ten seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// Until it is looked at once more if nothing can be asked for yet.
const AGAIN: Duration = Duration::from_secs(20);

/// How long it has for taking a connection.
const ANSWER: Duration = Duration::from_secs(3);

/// Asks the client for a text now and then, until the node stops.
pub(crate) async fn prove(node: Node) {
    let Some(external) = node.inner.external.clone() else { return };
    let mut prover =
        Prover { proof: Proof::default(), due: Moment::now(), samples: Samples::default() };
    loop {
        sleep(LOOK).await;
        if let Err(error) = prover.look(&node, external.as_ref()).await {
            tracing::debug!(%error, "whether the client gives anything is looked at later");
        }
    }
}

struct Prover {
    proof: Proof,
    due: Moment,
    /// Each proof asks for other texts.
    samples: Samples,
}

impl Prover {
    async fn look(&mut self, node: &Node, external: &dyn Client) -> Result<(), NodeError> {
        let client = external.describe().await?;
        if !client.online || client.gives_nothing {
            // Back, or resumed, it is looked at soon.
            self.due = Moment::now();
            if client.online {
                node.doubt(client.kind, String::new()).await?;
            }
            return Ok(());
        }
        if Moment::now() < self.due {
            return Ok(());
        }
        let tasks = node.blocking(move |node| node.given_to(client.kind)).await?;
        if tasks.is_empty() {
            // With nothing to ask for there is nothing to doubt.
            return node.believe(external).await;
        }
        self.due = Moment::now() + AGAIN;
        let complete: HashSet<Infohash> = external
            .hosted()
            .await?
            .iter()
            .filter(|it| it.complete)
            .map(|it| it.infohash)
            .collect();
        let ids: Vec<Infohash> = tasks.into_iter().filter(|id| complete.contains(id)).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let asked = self.samples.next(&ids);
        let wanted = asked.clone();
        let wanted = node.blocking(move |node| node.headers(&wanted)).await?;
        let way = external.network().await?;
        let listening = external.listening().await?;
        let listening = listening.unwrap_or(Listening { addresses: Vec::new(), here: false });
        let own: Vec<IpAddr> = node.inner.swarm.listeners().iter().map(SocketAddr::ip).collect();
        let (addresses, from) = addresses(&listening, &way, &own);
        let seen = match addresses.is_empty() || own.is_empty() {
            true => (Seen::Unknown, HashSet::new()),
            false => see(node, wanted, addresses, from).await?,
        };
        let (seen, given) = seen;
        tracing::debug!(?asked, given = given.len(), ?seen, "asked the client for texts");
        let lost = self.samples.saw(&asked, &given);
        let mut pause = self.proof.saw(seen, &way, listening.here);
        if !given.is_empty() && (!lost.is_empty() || self.samples.has_suspects()) {
            // Others may be gone, too.
            pause = pause.min(ONCE_MORE);
        }
        self.due = Moment::now() + pause;
        node.blocking(move |node| lost.into_iter().try_for_each(|id| node.lost(id))).await?;
        match self.proof.doubt() {
            Some(why) => node.doubt(client.kind, why).await,
            None if self.proof.is_failing() => Ok(()),
            None => node.believe(external).await,
        }
    }
}

/// Asks for these texts, and says which came.
async fn see(
    node: &Node,
    wanted: Vec<(Infohash, Vec<u8>)>,
    addresses: Vec<SocketAddr>,
    from: Option<IpAddr>,
) -> Result<(Seen, HashSet<Infohash>), NodeError> {
    let (came, mut given) = mpsc::unbounded_channel();
    let (count, peers) = (wanted.len(), addresses.clone());
    let engine = node.blocking(move |_| {
        let engine = Swarm::start(settings(from), Arc::new(Nothing), move |event| {
            if let Event::Fetched { infohash, .. } = event {
                // Nobody waits any longer.
                let _ = came.send(Infohash::from_bytes(infohash));
            }
        })?;
        for (infohash, info) in wanted {
            engine.fetch(*infohash.as_bytes(), Some(info), peers.clone(), Vec::new())?;
        }
        Ok(engine)
    });
    let engine = engine.await?;
    let mut all = HashSet::new();
    let _ = timeout(PATIENCE, async {
        while all.len() < count {
            all.extend(given.recv().await);
        }
    })
    .await;
    // It joins its threads.
    node.blocking(move |_| {
        drop(engine);
        Ok(())
    })
    .await?;
    if !all.is_empty() {
        return Ok((Seen::Given, all));
    }
    for address in &addresses {
        if let Ok(Ok(_)) = timeout(ANSWER, TcpStream::connect(address)).await {
            return Ok((Seen::Withheld(*address), all));
        }
    }
    Ok((addresses.first().map_or(Seen::Unknown, |first| Seen::Closed(*first)), all))
}

/// Of an engine that nobody finds, and that finds nobody but whom it is told of.
pub(super) fn settings(from: Option<IpAddr>) -> Settings {
    Settings {
        dht: false,
        lsd: false,
        // The next proof may ask for the same text.
        discreet: true,
        interface: from.map(|ip| ip.to_string()),
        off: Off { dht: true, lsd: true, upnp: true, natpmp: true },
        ..Settings::default()
    }
}

/// It hosts nothing.
pub(super) struct Nothing;

impl Texts for Nothing {
    fn read(&self, _: &[u8; 20]) -> Option<Vec<u8>> {
        None
    }
}

impl Node {
    /// The headers of these, as far as they are known.
    fn headers(&self, ids: &[Infohash]) -> Result<Vec<(Infohash, Vec<u8>)>, NodeError> {
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            found.extend(self.header(id)?.map(|item| (*id, item.header().to_vec())));
        }
        Ok(found)
    }

    /// What this client was given and is to host.
    fn given_to(&self, client: ClientKind) -> Result<Vec<Infohash>, NodeError> {
        let states = [HostingState::Hosting, HostingState::Handed];
        let tasks = self.inner.store.hosting_tasks(&states)?.into_iter();
        let given = tasks.filter(|row| row.task.client == Some(client));
        Ok(given.map(|row| row.infohash).collect())
    }

    /// Whether the client is believed when it says that it seeds.
    pub(super) fn is_doubted(&self) -> bool {
        self.inner.doubt.lock().is_some()
    }

    /// Why the client is not believed, if it did not say so itself.
    pub(crate) fn doubted(&self) -> Option<String> {
        self.inner.doubt.lock().clone().filter(|why| !why.is_empty())
    }

    /// The client is not believed from now on: this node's own engine hosts what it should. `why` is empty if the client
    /// says so itself.
    async fn doubt(&self, client: ClientKind, why: String) -> Result<(), NodeError> {
        let known = self.inner.doubt.lock().replace(why.clone());
        if known.is_some() {
            return Ok(());
        }
        tracing::warn!(why, "the client gives nothing: this node's own engine hosts too");
        self.blocking(move |node| {
            let mut tasks = node.inner.store.hosting_tasks(&[HostingState::Hosting])?;
            tasks.retain(|row| row.task.client == Some(client));
            for batch in tasks.chunks(BATCH) {
                let works: Vec<_> = batch.iter().map(|row| row.work).collect();
                node.happened_to_all(&works, &Happened::Incomplete)?;
            }
            Ok(())
        })
        .await
    }

    /// The client is believed again: what it seeds this node's own engine need not host.
    async fn believe(&self, external: &dyn Client) -> Result<(), NodeError> {
        if self.inner.doubt.lock().take().is_some() {
            tracing::info!("the client gives what it seeds again");
            connected(self, external).await?;
        }
        Ok(())
    }
}
