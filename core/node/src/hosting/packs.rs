//! Packs: what the levels need of this node.

use std::{
    future::Future,
    path::Path,
    pin::Pin,
    sync::{Arc, Weak},
    time::Duration,
};

use upseed_client::{Listening, Owner};
use upseed_levels::{Levels, Proof, Surroundings, plan::Rules};
use upseed_model::{BoardName, Infohash};
use upseed_pack::PackInfo;
use upseed_packing::gives_page;
use upseed_store::{PackRow, Stepped, StoreError};
use upseed_swarm::Swarm;

use super::{proof::addresses, proving};
use crate::{Node, NodeError, clock::now, node::Inner};

/// The folder of their files, in the data folder.
const FOLDER: &str = "packs";

/// How long the client has for giving a page. Transmission chooses whom to give something every ten seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// This node, for as long as it is there.
struct Around(Weak<Inner>);

impl Around {
    fn node(&self) -> Option<Node> {
        self.0.upgrade().map(|inner| Node { inner })
    }
}

impl Surroundings for Around {
    fn owner(&self) -> Owner {
        let nobody = Owner { tag: String::new(), engine: ([0, 0, 0, 0], 0).into() };
        self.node().map_or(nobody, |node| node.owner())
    }

    fn trackers(&self, board: &BoardName) -> Result<Vec<String>, StoreError> {
        let Some(node) = self.node() else { return Ok(Vec::new()) };
        let mut boards = node.inner.store.boards()?.into_iter();
        Ok(boards.find(|row| row.name == *board).map(|row| row.trackers).unwrap_or_default())
    }

    fn newest(&self) -> Result<u32, StoreError> {
        match self.node().map(|node| node.client_budget()) {
            Some(Ok(newest)) => Ok(newest),
            Some(Err(NodeError::Store(error))) => Err(error),
            // A node that is gone packs nothing.
            _ => Ok(u32::MAX),
        }
    }

    fn now(&self) -> u64 {
        now()
    }

    fn carry_out(&self, stepped: &[Stepped]) {
        let Some(node) = self.node() else { return };
        for stepped in stepped {
            if let Err(error) = node.carry_out(stepped) {
                tracing::warn!(%error, "what follows from packing was not done");
            }
        }
    }

    fn seed(&self, info: &PackInfo, file: &Path) -> Result<(), String> {
        let Some(node) = self.node() else { return Err("the node is gone".into()) };
        let seeded = node.inner.swarm.seed_pack(*info.infohash().as_bytes(), info.bytes(), file);
        seeded.map_err(|error| error.to_string())
    }

    fn unseed(&self, pack: Infohash) {
        if let Some(node) = self.node() {
            node.inner.swarm.unhost(*pack.as_bytes());
        }
    }

    fn is_doubted(&self) -> bool {
        self.node().is_some_and(|node| node.is_doubted())
    }

    fn prove(&self, info: PackInfo) -> Pin<Box<dyn Future<Output = Proof> + Send + '_>> {
        Box::pin(async move {
            let Some(node) = self.node() else { return Proof::NotGiven };
            node.prove_pack(info).await.unwrap_or_else(|error| {
                tracing::info!(%error, "the client was not asked for a page of a pack");
                Proof::NotGiven
            })
        })
    }
}

impl Node {
    /// Packs what this node hosts from now on.
    pub(crate) fn start_levels(&self) -> Result<(), NodeError> {
        let around = Arc::new(Around(Arc::downgrade(&self.inner)));
        let folder = self.folder().path().join(FOLDER);
        let store = self.inner.store.clone();
        let levels =
            Levels::new(store, self.inner.external.clone(), around, folder, Rules::default())?;
        levels.tidy()?;
        let levels = Arc::new(levels);
        // It is started once.
        let _ = self.inner.levels.set(levels.clone());
        self.spawn(levels.run());
        Ok(())
    }

    /// The packs of this node, once it is started.
    pub(crate) fn levels(&self) -> Option<&Arc<Levels>> {
        self.inner.levels.get()
    }

    /// The packs in which older items are hosted, the oldest items first. Waits for the disk.
    pub fn packs(&self) -> Result<Vec<PackRow>, NodeError> {
        Ok(self.inner.store.packs()?)
    }

    /// The .torrent of a pack. Waits for the disk.
    pub(crate) fn pack_torrent(&self, pack: &PackRow) -> Result<Vec<u8>, NodeError> {
        let bytes = self.inner.store.pack_info(pack.id)?.unwrap_or_default();
        let info = PackInfo::from_bytes(&bytes);
        let info = info.map_err(|error| NodeError::Fault(format!("a pack of ours: {error}")))?;
        Ok(upseed_pack::torrent(&info, &self.trackers_of(pack.board)?))
    }

    /// Why packing does not go on, for people.
    pub fn packing_trouble(&self) -> Option<String> {
        self.levels().and_then(|levels| levels.trouble())
    }

    async fn prove_pack(&self, info: PackInfo) -> Result<Proof, NodeError> {
        let Some(external) = &self.inner.external else { return Ok(Proof::Unknown) };
        let way = external.network().await?;
        let listening = external.listening().await?;
        let listening = listening.unwrap_or(Listening { addresses: Vec::new(), here: false });
        let own: Vec<_> =
            self.inner.swarm.listeners().iter().map(std::net::SocketAddr::ip).collect();
        let (addresses, from) = addresses(&listening, &way, &own);
        if addresses.is_empty() || own.is_empty() {
            return Ok(Proof::Unknown);
        }
        self.blocking(move |_| {
            // It finds nobody by itself, and joins its threads when it goes.
            let asker = Swarm::start(proving::settings(from), Arc::new(proving::Nothing), |_| {})?;
            let page = now() as usize;
            Ok(match gives_page(&asker, &info, page, addresses, PATIENCE) {
                Ok(()) => Proof::Given,
                Err(error) => {
                    tracing::info!(%error, pack = info.file_name(), "not proved");
                    Proof::NotGiven
                }
            })
        })
        .await
    }
}
