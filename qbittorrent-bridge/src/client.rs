//! The client port over the Web API.

use std::{
    collections::HashSet,
    sync::{Mutex as StdMutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    sync::{Mutex, Notify},
    time::{sleep, timeout},
};
use upseed_model::Infohash;
use upseed_node::{
    NodeError,
    client::{Answer, Change, Client, Description, Giver, Hosted, Network, Offer},
};

use crate::{
    Settings,
    api::{Api, ApiError},
    place,
    preferences::Preferences,
    torrents::{CATEGORY, State},
    watch::{Help, Inner},
};

/// .torrents in one request.
pub(crate) const BATCH: usize = 200;

/// Between two looks at what is under way.
pub(crate) const BUSY: Duration = Duration::from_millis(400);

/// How long to wait for a client that is away, and for one that refuses us.
const AWAY: Duration = Duration::from_secs(3);
const REFUSED: Duration = Duration::from_secs(60);

/// Adding is asynchronous in qBittorrent: what is not in its list after so long was not taken.
const TAKEN: Duration = Duration::from_secs(30);

/// A qBittorrent that seeds for its user.
pub struct QBittorrent {
    pub(crate) api: Api,
    inner: Mutex<Inner>,
    pub(crate) seen: StdMutex<Description>,
    pub(crate) waiting: StdMutex<Vec<Change>>,
    /// Something is under way: the next look is soon.
    woken: Notify,
    pub(crate) giver: StdMutex<Option<Giver>>,
}

const KIND: &str = "qbittorrent";

fn failed(error: &ApiError) -> NodeError {
    let reason = format!("{error}. {}", error.hint());
    NodeError::Client { client: KIND.into(), reason }
}

pub(crate) fn locked<T>(mutex: &StdMutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn joined<'a>(infohashes: impl IntoIterator<Item = &'a Infohash>) -> String {
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
            woken: Notify::new(),
            giver: StdMutex::default(),
        })
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
        let ids: Vec<_> = offers.iter().map(|offer| offer.infohash()).collect();
        let deadline = Instant::now() + TAKEN;
        while self.glance(inner, &ids).await?.len() < ids.len() && Instant::now() < deadline {
            sleep(BUSY / 8).await;
        }
        Ok(())
    }

    /// Puts this user's tag on what is there already.
    async fn mark(
        &self,
        inner: &mut Inner,
        offers: &[&Offer],
        giver: &Giver,
    ) -> Result<(), ApiError> {
        let ids: Vec<_> = offers.iter().map(|offer| offer.infohash()).collect();
        let tags = format!("{CATEGORY},{}", giver.tag);
        for batch in ids.chunks(BATCH) {
            let hashes = joined(batch);
            self.api.post("torrents/addTags", &[("hashes", &hashes), ("tags", &tags)]).await?;
        }
        for id in ids {
            inner.given.insert(id);
            inner.helped.insert(id, Help::new());
        }
        Ok(())
    }

    /// Sees to it that the client has all of these. Gives those that it has.
    async fn hand_over(
        &self,
        inner: &mut Inner,
        offers: &[Offer],
        giver: &Giver,
    ) -> Result<HashSet<Infohash>, ApiError> {
        if !inner.connected || inner.settling.is_some() {
            self.settled(inner).await?;
        }
        let ids: Vec<_> = offers.iter().map(Offer::infohash).collect();
        let found = self.glance(inner, &ids).await?;
        let (there, new): (Vec<_>, Vec<_>) =
            offers.iter().partition(|offer| found.contains(&offer.infohash()));
        for batch in new.chunks(BATCH) {
            self.give(inner, batch, giver).await?;
        }
        self.mark(inner, &there, giver).await?;
        self.help(inner).await?;
        self.glance(inner, &ids).await
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
            let done = self.hand_over(inner, offers, giver).await;
            let taken = self.noted(inner, done).map_err(|error| failed(&error))?;
            self.woken.notify_one();
            Ok(offers
                .iter()
                .map(|offer| {
                    let id = offer.infohash();
                    if !taken.contains(&id) {
                        let reason = "it did not take the torrent; look at its log".into();
                        return Err(NodeError::Client { client: KIND.into(), reason });
                    }
                    if inner.torrents.get(&id).is_some_and(|one| one.state == State::Seeding) {
                        locked(&self.waiting).push(Change::Complete(id, true));
                    }
                    Ok(())
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
                    match self.look_after(&mut inner).await {
                        Ok(pause) => pause,
                        Err(ApiError::Refused(_)) => REFUSED,
                        Err(_) => AWAY,
                    }
                };
                let changes = std::mem::take(&mut *locked(&self.waiting));
                if !changes.is_empty() {
                    return Ok(changes);
                }
                let _ = timeout(pause, self.woken.notified()).await;
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

    fn meet<'a>(&'a self, offer: &'a Offer, giver: &'a Giver) -> Answer<'a, ()> {
        Box::pin(async move {
            let mut inner = self.inner.lock().await;
            self.introduce(giver);
            // Started or not is what its user said: it is not forced.
            inner.helped.insert(offer.infohash(), Help { forced: true, ..Help::new() });
            self.woken.notify_one();
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
