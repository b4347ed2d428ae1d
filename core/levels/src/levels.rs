//! The driver: does what is decided, and hears what the client says of packs.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use tokio::sync::Notify;
use upseed_client::{Client, Offer};
use upseed_model::Infohash;
use upseed_pack::PackInfo;
use upseed_store::{PackHappened, PackRow, PackState, Store};

use crate::{
    LevelsError,
    making::PackFolder,
    plan::{Rules, Step, next_step},
    surroundings::{Proof, Surroundings},
};

/// Between two looks that nothing woke.
const LOOK: Duration = Duration::from_secs(10);

/// After something did not work.
const PAUSE: Duration = Duration::from_secs(30);

/// Torrents that a client is told of in one call.
const BATCH: usize = 100;

/// Hosts the older items of a node in packs.
pub struct Levels {
    pub(crate) store: Store,
    external: Option<Arc<dyn Client>>,
    pub(crate) around: Arc<dyn Surroundings>,
    pub(crate) folder: PackFolder,
    rules: Rules,
    woken: Notify,
    pub(crate) seen: Mutex<Seen>,
    trouble: Mutex<Option<String>>,
}

/// What is known of packs beside what is stored.
#[derive(Default)]
pub(crate) struct Seen {
    /// Every pack of mine, by what clients call it.
    pub packs: HashMap<Infohash, i64>,
    /// What the client was given since it answers.
    pub given: HashSet<Infohash>,
    /// What it says it seeds.
    pub complete: HashSet<Infohash>,
    /// What this node's own engine gives.
    pub in_engine: HashSet<Infohash>,
}

impl Levels {
    /// Does nothing before [`Levels::run`]. `folder` is for packs' files alone.
    pub fn new(
        store: Store,
        external: Option<Arc<dyn Client>>,
        around: Arc<dyn Surroundings>,
        folder: PathBuf,
        rules: Rules,
    ) -> Result<Self, LevelsError> {
        let packs = store.packs()?.into_iter().map(|pack| (pack.infohash, pack.id)).collect();
        Ok(Self {
            store,
            external,
            around,
            folder: PackFolder::new(folder),
            rules,
            woken: Notify::new(),
            seen: Mutex::new(Seen { packs, ..Seen::default() }),
            trouble: Mutex::default(),
        })
    }

    /// There may be something to do.
    pub fn wake(&self) {
        self.woken.notify_one();
    }

    /// Why packing does not go on, for people.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().clone()
    }

    /// Whether clients call a pack of mine so.
    pub fn is_pack(&self, id: &Infohash) -> bool {
        self.seen.lock().packs.contains_key(id)
    }

    /// Packs that this node's own engine gives now.
    pub fn in_engine(&self) -> Vec<Infohash> {
        self.seen.lock().in_engine.iter().copied().collect()
    }

    /// Packs what is to be packed, until it is dropped.
    pub async fn run(self: Arc<Self>) {
        loop {
            let pause = match self.round().await {
                Ok(true) => continue,
                Ok(false) => {
                    *self.trouble.lock() = None;
                    LOOK
                }
                Err(error) => {
                    tracing::warn!(%error, "packing goes on later");
                    *self.trouble.lock() = Some(error.to_string());
                    PAUSE
                }
            };
            let _ = tokio::time::timeout(pause, self.woken.notified()).await;
        }
    }

    /// Everything that can be done now. Whether something was done, so that there may be more.
    pub async fn round(self: &Arc<Self>) -> Result<bool, LevelsError> {
        let packs = self.blocking(|levels| Ok(levels.store.packs()?)).await?;
        let is_online = match &self.external {
            Some(external) => external.describe().await?.online,
            None => true,
        };
        let mut done = false;
        for pack in &packs {
            done |= match pack.state {
                PackState::Leaving if is_online => self.remove(pack).await?,
                PackState::Leaving => false,
                PackState::Given => self.give(pack, is_online).await?,
                PackState::Switching if is_online => self.switch(pack).await?,
                PackState::Switching | PackState::Missing => {
                    self.seed(pack).await?;
                    false
                }
                PackState::Hosted => self.keep(pack).await?,
            };
        }
        Ok(done || self.next(packs).await?)
    }

    async fn next(self: &Arc<Self>, packs: Vec<PackRow>) -> Result<bool, LevelsError> {
        self.blocking(move |levels| {
            let (store, newest) = (&levels.store, levels.around.newest()?);
            let (board, items) = match next_step(
                &levels.rules,
                &packs,
                &store.loose(newest)?,
                levels.around.now(),
            ) {
                None => return Ok(false),
                Some(Step::Remove { pack }) => {
                    store.step_pack(pack, PackHappened::Superseded)?;
                    return Ok(true);
                }
                Some(Step::Build { board, items }) => {
                    (board, store.loose_of(&board, newest, items)?)
                }
                Some(Step::Replace { packs: chosen }) => {
                    let of = |pack: &&PackRow| chosen.contains(&pack.id);
                    let Some(first) = packs.iter().find(of) else { return Ok(false) };
                    (first.board, store.packed_items(&chosen)?)
                }
            };
            levels.make(board, items)
        })
        .await
    }

    fn make(
        &self,
        board: upseed_model::BoardName,
        items: Vec<upseed_store::PackItem>,
    ) -> Result<bool, LevelsError> {
        let (info, new) = self.folder.make(&self.store, &self.rules, board, items)?;
        let pack = self.store.add_pack(&new)?;
        let mut seen = self.seen.lock();
        seen.packs.insert(new.infohash, pack);
        drop(seen);
        tracing::info!(pack = info.file_name(), items = new.items.len(), "made a pack");
        Ok(true)
    }

    /// A pack is given to whoever is to host it, and proved.
    async fn give(self: &Arc<Self>, pack: &PackRow, is_online: bool) -> Result<bool, LevelsError> {
        let Some(info) = self.seed(pack).await? else { return Ok(true) };
        let Some(external) = self.external.as_ref().filter(|_| is_online) else {
            // This node's own engine checks each page before the first byte of it leaves.
            return match self.external {
                None => self.prove(pack).await,
                Some(_) => Ok(false),
            };
        };
        let id = pack.infohash;
        if !self.seen.lock().given.contains(&id) {
            let made = info.clone();
            let offer = self.blocking(move |levels| {
                let path = levels.folder.path(&made);
                let file = std::fs::read(&path);
                let file = file.map_err(|error| LevelsError::File { path, error })?;
                let trackers = levels.around.trackers(&made.board())?;
                Ok(Offer::pack(made, file, trackers))
            });
            let offer = offer.await?;
            let added = external.add(&[offer], &self.around.owner()).await?;
            added.into_iter().collect::<Result<Vec<_>, _>>()?;
            self.seen.lock().given.insert(id);
            // It may have had it before, and not say so again.
            let there = external.hosted().await?;
            if there.iter().any(|it| it.infohash == id && it.complete) {
                self.seen.lock().complete.insert(id);
            }
        }
        if !self.seen.lock().complete.contains(&id) || self.around.is_doubted() {
            return Ok(false);
        }
        match self.around.prove(info).await {
            Proof::Given | Proof::Unknown => self.prove(pack).await,
            Proof::NotGiven => Ok(false),
        }
    }

    async fn prove(self: &Arc<Self>, pack: &PackRow) -> Result<bool, LevelsError> {
        let id = pack.id;
        self.blocking(move |levels| {
            let stepped = levels.store.switch_to_pack(id, levels.around.now())?;
            levels.around.carry_out(&stepped);
            Ok(true)
        })
        .await
    }

    /// The own torrents of a pack's items go.
    async fn switch(self: &Arc<Self>, pack: &PackRow) -> Result<bool, LevelsError> {
        let id = pack.id;
        let items = self.blocking(move |levels| Ok(levels.store.packed_items(&[id])?)).await?;
        if let Some(external) = &self.external {
            let there: HashSet<Infohash> =
                external.hosted().await?.into_iter().map(|hosted| hosted.infohash).collect();
            let torrents: Vec<Infohash> =
                items.iter().map(|item| item.infohash).filter(|id| there.contains(id)).collect();
            external.introduce(&self.around.owner());
            for batch in torrents.chunks(BATCH) {
                external.remove(batch).await?;
            }
        }
        self.blocking(move |levels| Ok(levels.store.pack_is_hosted(id)?)).await?;
        Ok(true)
    }

    /// What a client hosts this node's own engine need not, and keeps no file of.
    async fn keep(self: &Arc<Self>, pack: &PackRow) -> Result<bool, LevelsError> {
        let is_doubted = self.around.is_doubted();
        if self.external.is_none() || is_doubted {
            // One of which something is gone is not made again: its items are given one by one, on demand.
            if pack.gone == 0 || self.external.is_none() {
                self.seed(pack).await?;
            }
            return Ok(false);
        }
        if self.seen.lock().in_engine.remove(&pack.infohash) {
            self.around.unseed(pack.infohash);
            let id = pack.id;
            self.blocking(move |levels| match levels.info(id)? {
                Some(info) => levels.folder.remove(&info),
                None => Ok(()),
            })
            .await?;
        }
        Ok(false)
    }

    /// A pack goes everywhere.
    async fn remove(self: &Arc<Self>, pack: &PackRow) -> Result<bool, LevelsError> {
        if let Some(external) = &self.external {
            external.introduce(&self.around.owner());
            external.remove(&[pack.infohash]).await?;
        }
        let (id, infohash) = (pack.id, pack.infohash);
        self.blocking(move |levels| {
            let info = levels.info(id)?;
            let stepped = levels.store.forget_pack(id, levels.around.now())?;
            levels.around.carry_out(&stepped);
            levels.around.unseed(infohash);
            let mut seen = levels.seen.lock();
            seen.packs.remove(&infohash);
            seen.given.remove(&infohash);
            seen.complete.remove(&infohash);
            seen.in_engine.remove(&infohash);
            drop(seen);
            info.map_or(Ok(()), |info| levels.folder.remove(&info))
        })
        .await?;
        Ok(true)
    }

    /// This node's own engine gives a pack, if it can be had. Its file is made anew if it is not here.
    async fn seed(self: &Arc<Self>, pack: &PackRow) -> Result<Option<PackInfo>, LevelsError> {
        let pack = pack.clone();
        self.blocking(move |levels| levels.seed_now(&pack)).await
    }

    fn seed_now(&self, pack: &PackRow) -> Result<Option<PackInfo>, LevelsError> {
        let Some(info) = self.info(pack.id)? else { return Ok(None) };
        if self.seen.lock().in_engine.contains(&pack.infohash) {
            return Ok(Some(info));
        }
        let path = self.folder.path(&info);
        let is_here = std::fs::metadata(&path).is_ok_and(|file| file.len() == info.length() as u64);
        if !is_here {
            let is_whole = pack.gone == 0;
            if !is_whole && pack.state != PackState::Given {
                // Its items are given one by one, to whoever asks for one.
                return Ok(None);
            }
            let items = self.store.packed_items(&[pack.id])?;
            if items.is_empty() {
                self.store.step_pack(pack.id, PackHappened::Superseded)?;
                return Ok(None);
            }
            let (made, new) = self.folder.make(&self.store, &self.rules, pack.board, items)?;
            if made.infohash() != pack.infohash {
                // It lost something since. Another one takes its place: nobody has this one, and nobody can.
                let id = self.store.add_pack(&new)?;
                self.seen.lock().packs.insert(new.infohash, id);
                self.store.step_pack(pack.id, PackHappened::Superseded)?;
                return Ok(None);
            }
        }
        self.around.seed(&info, &path).map_err(LevelsError::Engine)?;
        tracing::info!(pack = info.file_name(), "this node's own engine gives a pack");
        self.seen.lock().in_engine.insert(pack.infohash);
        Ok(Some(info))
    }

    pub(crate) fn info(&self, pack: i64) -> Result<Option<PackInfo>, LevelsError> {
        let Some(bytes) = self.store.pack_info(pack)? else { return Ok(None) };
        let info = PackInfo::from_bytes(&bytes);
        Ok(Some(info.map_err(|error| LevelsError::NotMade(error.to_string()))?))
    }

    /// At a start, files that belong to no pack go: what an interrupted node left.
    pub fn tidy(&self) -> Result<(), LevelsError> {
        let mut names = Vec::new();
        for pack in self.store.packs()? {
            names.extend(self.info(pack.id)?.map(|info| info.file_name().to_owned()));
        }
        self.folder.keep_only(&names)
    }

    async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, LevelsError> + Send + 'static,
    ) -> Result<T, LevelsError> {
        let levels = Arc::clone(self);
        tokio::task::spawn_blocking(move || work(&levels))
            .await
            .map_err(|error| LevelsError::NotMade(format!("a task failed: {error}")))?
    }
}
