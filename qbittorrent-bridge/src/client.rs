//! The client port over the Web API.

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::{Mutex as StdMutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{sync::Mutex, time::sleep};
use upseed_model::Infohash;
use upseed_node::{
    NodeError,
    client::{Answer, Change, Client, Description, Giver, Hosted, Network, Offer},
};

use crate::{
    Settings,
    api::{Api, ApiError, Version},
    place,
    preferences::Preferences,
    torrents::{CATEGORY, State, Torrents},
};

/// .torrents in one request.
const BATCH: usize = 200;

/// How often `sync/maindata` is asked: while something is under way, and else.
const BUSY: Duration = Duration::from_millis(400);
const QUIET: Duration = Duration::from_millis(1_500);

/// How long to wait for a client that is away, and for one that refuses us.
const AWAY: Duration = Duration::from_secs(3);
const REFUSED: Duration = Duration::from_secs(60);

/// A client that has just started fills its list by and by: it is compared with once it has been
/// the same for so long.
const SETTLED: Duration = Duration::from_secs(2);

/// Adding is asynchronous in qBittorrent: what is not in its list after so long was not taken.
const TAKEN: Duration = Duration::from_secs(30);

/// Between two attempts to help a torrent that lacks its text: at first (what is said right after
/// adding is lost), and later.
const HELP_SOON: Duration = Duration::from_millis(700);
const HELP_AGAIN: Duration = Duration::from_secs(10);
/// When later begins, and when it ends.
const HELP_LATER: Duration = Duration::from_secs(10);
const HELP: Duration = Duration::from_secs(600);

/// How old the preferences may be.
const PREFERENCES_AGE: Duration = Duration::from_secs(60);

/// A qBittorrent that seeds for its user.
pub struct QBittorrent {
    api: Api,
    inner: Mutex<Inner>,
    seen: StdMutex<Description>,
    waiting: StdMutex<Vec<Change>>,
    giver: StdMutex<Option<Giver>>,
}

#[derive(Default)]
struct Inner {
    torrents: Torrents,
    version: Version,
    connected: bool,
    /// Since when its list has been the same after it (re)appeared.
    settling: Option<Instant>,
    preferences: Option<(Instant, Preferences)>,
    /// Given by this node: it is not told that they appeared.
    given: HashSet<Infohash>,
    helped: HashMap<Infohash, Help>,
}

/// A torrent that is on its way to seeding.
struct Help {
    since: Instant,
    again: Instant,
    forced: bool,
}

impl Help {
    fn new() -> Self {
        let now = Instant::now();
        Self { since: now, again: now, forced: false }
    }
}

const KIND: &str = "qbittorrent";

fn failed(error: &ApiError) -> NodeError {
    let reason = format!("{error}. {}", error.hint());
    NodeError::Client { client: KIND.into(), reason }
}

fn locked<T>(mutex: &StdMutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn joined<'a>(infohashes: impl IntoIterator<Item = &'a Infohash>) -> String {
    let all: Vec<String> = infohashes.into_iter().map(ToString::to_string).collect();
    all.join("|")
}

impl QBittorrent {
    /// Speaks with nobody yet.
    ///
    /// # Errors
    /// If this system has no TLS.
    pub fn new(settings: Settings) -> Result<Self, ApiError> {
        let seen = Description {
            kind: KIND,
            version: String::new(),
            online: false,
            warnings: vec!["qBittorrent was not reached yet".into()],
        };
        Ok(Self {
            api: Api::new(settings)?,
            inner: Mutex::default(),
            seen: StdMutex::new(seen),
            waiting: StdMutex::default(),
            giver: StdMutex::default(),
        })
    }

    /// Asks what has changed, and helps what is on its way.
    async fn poll(&self, inner: &mut Inner) -> Result<(), ApiError> {
        match self.sync(inner).await {
            Ok(()) => Ok(()),
            Err(error) => {
                if inner.connected {
                    tracing::info!(%error, "qBittorrent is away");
                }
                inner.connected = false;
                inner.torrents.rid = 0;
                inner.preferences = None;
                let mut seen = locked(&self.seen);
                seen.online = false;
                seen.warnings = vec![format!("{error}. {}", error.hint())];
                Err(error)
            }
        }
    }

    async fn sync(&self, inner: &mut Inner) -> Result<(), ApiError> {
        if !inner.connected {
            let (program, version) = self.api.versions().await?;
            inner.version = version;
            locked(&self.seen).version = program;
        }
        let rid = inner.torrents.rid.to_string();
        let answer = self.api.get_json("sync/maindata", &[("rid", &rid)]).await?;
        let full = answer["full_update"].as_bool().unwrap_or(false);
        let changes = inner.torrents.take(&answer);
        if full || !inner.connected {
            inner.connected = true;
            inner.settling = Some(Instant::now());
        }
        if let Some(since) = &mut inner.settling {
            if changes.iter().any(|change| matches!(change, Change::Added(_))) {
                *since = Instant::now();
            } else if since.elapsed() >= SETTLED {
                inner.settling = None;
                self.help_ours(inner);
                locked(&self.waiting).push(Change::Connected);
            }
        } else {
            self.tell(inner, changes);
        }
        self.help(inner).await?;
        self.look(inner).await
    }

    /// What carries our mark and does not seed after a pause: its file may be gone, or its check was
    /// cut off. What its user stopped stays stopped.
    fn help_ours(&self, inner: &mut Inner) {
        let tag = locked(&self.giver).as_ref().map(|giver| giver.tag.clone()).unwrap_or_default();
        let Inner { torrents, helped, given, .. } = inner;
        for (id, torrent) in torrents.iter() {
            if given.contains(id) || (!tag.is_empty() && torrent.tags.contains(&tag)) {
                given.insert(*id);
                if torrent.state != State::Seeding {
                    helped.entry(*id).or_insert(Help { forced: true, ..Help::new() });
                }
            }
        }
    }

    fn tell(&self, inner: &mut Inner, changes: Vec<Change>) {
        let mut waiting = locked(&self.waiting);
        for change in changes {
            match change {
                Change::Added(id) if inner.given.contains(&id) => continue,
                Change::Removed(id) => {
                    inner.given.remove(&id);
                    inner.helped.remove(&id);
                }
                Change::Complete(id, false) if inner.given.contains(&id) => {
                    inner.helped.entry(id).or_insert_with(Help::new).since = Instant::now();
                }
                _ => {}
            }
            waiting.push(change);
        }
    }

    /// Sees to it that what was given is started, and finds its text.
    async fn help(&self, inner: &mut Inner) -> Result<(), ApiError> {
        let now = Instant::now();
        let Inner { torrents, helped, version, .. } = inner;
        let (mut force, mut lack, mut check) = (Vec::new(), Vec::new(), Vec::new());
        helped.retain(|id, help| {
            let Some(torrent) = torrents.get(id) else { return help.since + HELP > now };
            if !help.forced {
                help.forced = true;
                force.push(*id);
            }
            if help.again <= now {
                match torrent.state {
                    State::Lacking => lack.push(*id),
                    State::FileGone | State::Broken => check.push(*id),
                    _ => {}
                }
                let soon = now < help.since + HELP_LATER;
                help.again = now + if soon { HELP_SOON } else { HELP_AGAIN };
            }
            torrent.state != State::Seeding && help.since + HELP > now
        });
        for batch in force.chunks(BATCH) {
            let hashes = joined(batch);
            // Past the queue, whatever its limits are.
            self.api
                .post("torrents/setForceStart", &[("hashes", &hashes), ("value", "true")])
                .await?;
        }
        for batch in check.chunks(BATCH) {
            let hashes = joined(batch);
            self.api.post("torrents/recheck", &[("hashes", &hashes)]).await?;
            self.api.start(*version, &hashes).await?;
        }
        let engine = locked(&self.giver).as_ref().map(|giver| giver.engine);
        let engine = engine.and_then(|engine| self.reachable(engine));
        if let Some(engine) = engine {
            for batch in lack.chunks(BATCH) {
                let hashes = joined(batch);
                let peers = engine.to_string();
                let form = [("hashes", hashes.as_str()), ("peers", peers.as_str())];
                if let Err(error) = self.api.post("torrents/addPeers", &form).await {
                    // Old ones refuse the whole when one torrent has just gone.
                    tracing::debug!(%error, "peers are given again later");
                }
            }
        }
        Ok(())
    }

    /// Where this node's engine is for the client: on the address that leads to it.
    fn reachable(&self, engine: SocketAddr) -> Option<SocketAddr> {
        if !engine.ip().is_unspecified() {
            return Some(engine);
        }
        let url = &self.api.settings().url;
        let addresses = url.socket_addrs(|| None).ok()?;
        let to = addresses.first()?;
        let any: SocketAddr = match to {
            SocketAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
            SocketAddr::V6(_) => ([0u16; 8], 0).into(),
        };
        // Nothing is sent: this only asks the system for the way.
        let socket = std::net::UdpSocket::bind(any).ok()?;
        socket.connect(to).ok()?;
        Some(SocketAddr::new(socket.local_addr().ok()?.ip(), engine.port()))
    }

    /// Looks at the preferences from time to time, and says what stands in the way.
    async fn look(&self, inner: &mut Inner) -> Result<(), ApiError> {
        let fresh = |at: &Instant| at.elapsed() < PREFERENCES_AGE;
        if inner.preferences.as_ref().is_none_or(|(at, _)| !fresh(at)) {
            let preferences = Preferences::read(&self.api.preferences().await?);
            inner.preferences = Some((Instant::now(), preferences));
        }
        let mut warnings =
            inner.preferences.as_ref().map(|(_, found)| found.warnings()).unwrap_or_default();
        let broken = inner.torrents.iter().filter(|(_, t)| t.state == State::Broken).count();
        if broken > 0 {
            warnings.push(format!(
                "qBittorrent reports an error for {broken} of Upseed's torrents; often its disk is \
                 full or not writable"
            ));
        }
        let queued = inner
            .torrents
            .iter()
            .filter(|(id, t)| t.state == State::Held && inner.given.contains(id))
            .count();
        if queued > 0 {
            warnings.push(format!(
                "{queued} of Upseed's torrents are stopped or queued in qBittorrent; Upseed's own \
                 engine hosts them meanwhile"
            ));
        }
        let mut seen = locked(&self.seen);
        seen.online = true;
        seen.warnings = warnings;
        Ok(())
    }

    async fn settled(&self, inner: &mut Inner) -> Result<(), ApiError> {
        loop {
            self.poll(inner).await?;
            if inner.settling.is_none() {
                return Ok(());
            }
            sleep(BUSY / 2).await;
        }
    }

    async fn give(
        &self,
        inner: &mut Inner,
        offers: &[&Offer],
        giver: &Giver,
    ) -> Result<(), ApiError> {
        let save = inner.preferences.as_ref().map(|(_, p)| p.save_path.clone()).unwrap_or_default();
        if let Some(folder) = place::folder(&save) {
            let texts: Vec<_> = offers
                .iter()
                .map(|offer| (offer.item.file_name().to_owned(), offer.text.clone()))
                .collect();
            let put = tokio::task::spawn_blocking(move || {
                let _ = place::make(&folder);
                texts.iter().map(|(name, text)| place::put(&folder, name, text)).collect::<Vec<_>>()
            });
            if let Ok(results) = put.await
                && let Some(error) = results.into_iter().find_map(Result::err)
            {
                tracing::debug!(%error, "qBittorrent's folder is not shared: it downloads");
            }
        }
        let mut tags = CATEGORY.to_owned();
        if !giver.tag.is_empty() {
            tags = format!("{tags},{}", giver.tag);
        }
        let on = || "true".to_owned();
        let (off, unlimited) = (|| "false".to_owned(), || "-1".to_owned());
        let options = [
            ("savepath", format!("{}/{CATEGORY}", save.trim_end_matches(['/', '\\']))),
            ("category", CATEGORY.into()),
            ("tags", tags),
            ("autoTMM", off()),
            ("paused", off()),
            ("stopped", off()),
            ("skip_checking", off()),
            ("contentLayout", "NoSubfolder".into()),
            ("stopCondition", "None".into()),
            ("ratioLimit", unlimited()),
            ("seedingTimeLimit", unlimited()),
            ("inactiveSeedingTimeLimit", unlimited()),
            ("forced", on()),
        ];
        let torrents: Vec<_> = offers
            .iter()
            .map(|offer| (format!("{}.torrent", offer.infohash()), offer.torrent()))
            .collect();
        for offer in offers {
            inner.given.insert(offer.infohash());
            inner.helped.insert(offer.infohash(), Help::new());
        }
        self.api.add(&torrents, &options).await?;
        let deadline = Instant::now() + TAKEN;
        while offers.iter().any(|offer| inner.torrents.get(&offer.infohash()).is_none())
            && Instant::now() < deadline
        {
            sleep(BUSY / 4).await;
            self.poll(inner).await?;
        }
        Ok(())
    }
}

impl Client for QBittorrent {
    fn add<'a>(
        &'a self,
        offers: &'a [Offer],
        giver: &'a Giver,
    ) -> Answer<'a, Vec<Result<(), NodeError>>> {
        Box::pin(async move {
            let mut inner = self.inner.lock().await;
            let inner = &mut *inner;
            self.introduce(giver);
            self.settled(inner).await.map_err(|error| failed(&error))?;
            let (there, new): (Vec<_>, Vec<_>) =
                offers.iter().partition(|offer| inner.torrents.get(&offer.infohash()).is_some());
            for batch in new.chunks(BATCH) {
                self.give(inner, batch, giver).await.map_err(|error| failed(&error))?;
            }
            if !there.is_empty() {
                let ids: Vec<_> = there.iter().map(|offer| offer.infohash()).collect();
                let tags = format!("{CATEGORY},{}", giver.tag);
                for batch in ids.chunks(BATCH) {
                    let form = [("hashes", joined(batch)), ("tags", tags.clone())];
                    let form = [(form[0].0, form[0].1.as_str()), (form[1].0, form[1].1.as_str())];
                    let tagged = self.api.post("torrents/addTags", &form).await;
                    tagged.map_err(|error| failed(&error))?;
                }
                for id in ids {
                    inner.given.insert(id);
                    inner.helped.insert(id, Help::new());
                }
            }
            self.poll(inner).await.map_err(|error| failed(&error))?;
            Ok(offers
                .iter()
                .map(|offer| match inner.torrents.get(&offer.infohash()) {
                    Some(torrent) => {
                        if torrent.state == State::Seeding {
                            locked(&self.waiting).push(Change::Complete(offer.infohash(), true));
                        }
                        Ok(())
                    }
                    None => {
                        let reason = "it did not take the torrent; look at its log".into();
                        Err(NodeError::Client { client: KIND.into(), reason })
                    }
                })
                .collect())
        })
    }

    fn remove<'a>(&'a self, items: &'a [Infohash]) -> Answer<'a, ()> {
        Box::pin(async move {
            let mut inner = self.inner.lock().await;
            let inner = &mut *inner;
            self.settled(inner).await.map_err(|error| failed(&error))?;
            let tag =
                locked(&self.giver).as_ref().map(|giver| giver.tag.clone()).unwrap_or_default();
            let there = items.iter().filter(|id| inner.torrents.get(id).is_some());
            // Another user of this qBittorrent hosts it too: only our mark goes.
            let (shared, own): (Vec<Infohash>, Vec<Infohash>) = there.copied().partition(|id| {
                inner.torrents.get(id).is_some_and(|torrent| torrent.is_shared(&tag))
            });
            for batch in own.chunks(BATCH) {
                let form = [("hashes", joined(batch)), ("deleteFiles", "true".to_owned())];
                let form = [(form[0].0, form[0].1.as_str()), (form[1].0, form[1].1.as_str())];
                let deleted = self.api.post("torrents/delete", &form).await;
                deleted.map_err(|error| failed(&error))?;
                for id in batch {
                    inner.torrents.forget(id);
                }
            }
            for batch in shared.chunks(BATCH) {
                let hashes = joined(batch);
                let form = [("hashes", hashes.as_str()), ("tags", tag.as_str())];
                let untagged = self.api.post("torrents/removeTags", &form).await;
                untagged.map_err(|error| failed(&error))?;
            }
            for id in items {
                inner.given.remove(id);
                inner.helped.remove(id);
            }
            Ok(())
        })
    }

    fn hosted(&self) -> Answer<'_, Vec<Hosted>> {
        Box::pin(async move {
            let mut inner = self.inner.lock().await;
            self.settled(&mut inner).await.map_err(|error| failed(&error))?;
            let all = inner.torrents.iter().map(|(infohash, torrent)| Hosted {
                infohash: *infohash,
                complete: torrent.state == State::Seeding,
            });
            Ok(all.collect())
        })
    }

    fn changes(&self) -> Answer<'_, Vec<Change>> {
        Box::pin(async move {
            loop {
                let pause = {
                    let mut inner = self.inner.lock().await;
                    match self.poll(&mut inner).await {
                        Ok(()) if inner.settling.is_some() || !inner.helped.is_empty() => BUSY,
                        Ok(()) => QUIET,
                        Err(ApiError::Refused(_)) => REFUSED,
                        Err(_) => AWAY,
                    }
                };
                let changes = std::mem::take(&mut *locked(&self.waiting));
                if !changes.is_empty() {
                    return Ok(changes);
                }
                sleep(pause).await;
            }
        })
    }

    fn describe(&self) -> Answer<'_, Description> {
        Box::pin(async move {
            // Before the first look there is nothing to say.
            if locked(&self.seen).version.is_empty()
                && let Ok(mut inner) = self.inner.try_lock()
            {
                let _ = self.poll(&mut inner).await;
            }
            Ok(locked(&self.seen).clone())
        })
    }

    fn introduce(&self, giver: &Giver) {
        *locked(&self.giver) = Some(giver.clone());
    }

    fn header(&self, item: Infohash) -> Answer<'_, Option<Vec<u8>>> {
        Box::pin(async move {
            let hash = item.to_string();
            let torrent = self.api.get_bytes("torrents/export", &[("hash", &hash)]).await;
            let torrent = torrent.map_err(|error| failed(&error))?;
            Ok(upseed_model::torrent::info_bytes(&torrent).ok().map(<[u8]>::to_vec))
        })
    }

    fn meet<'a>(&'a self, item: Infohash, giver: &'a Giver) -> Answer<'a, ()> {
        Box::pin(async move {
            let mut inner = self.inner.lock().await;
            self.introduce(giver);
            // Started or not is what its user said: it is not forced.
            inner.helped.insert(item, Help { forced: true, ..Help::new() });
            Ok(())
        })
    }

    fn network(&self) -> Answer<'_, Network> {
        Box::pin(async move {
            let found = self.api.preferences().await.map_err(|error| failed(&error))?;
            let preferences = Preferences::read(&found);
            // The interface of another machine is none of ours.
            Ok(if self.api.settings().is_local() {
                preferences.network()
            } else {
                Network::default()
            })
        })
    }
}
