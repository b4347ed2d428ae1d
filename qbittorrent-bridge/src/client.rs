//! The client port over the Web API.

use std::{collections::HashSet, net::SocketAddr, time::Duration};

use upseed_clock::Moment;

use tokio::time::{sleep, timeout};
use upseed_client::{
    Change, Client, ClientError, ClientFuture, ClientKind, Description, Hosted, Listening, Network,
    Offer, Owner,
};
use upseed_model::Infohash;

use crate::{
    QBittorrent,
    api::ApiError,
    help::Help,
    place,
    preferences::Preferences,
    qbittorrent::{BATCH, BUSY, joined},
    state::Inner,
    torrents::{CATEGORY, State, Torrent},
};

/// How long to wait for a client that is away, and for one that refuses us.
const AWAY: Duration = Duration::from_secs(3);
const REFUSED: Duration = Duration::from_secs(60);

/// Adding is asynchronous in qBittorrent: what is not in its list after so long was not taken.
const TAKEN: Duration = Duration::from_secs(30);

fn failed(error: &ApiError) -> ClientError {
    let reason = format!("{error}. {}", error.hint());
    ClientError::new(ClientKind::Qbittorrent, reason)
}

/// What a torrent of this user's is tagged with.
fn tags(owner: &Owner) -> String {
    [CATEGORY, &owner.tag].into_iter().filter(|tag| !tag.is_empty()).collect::<Vec<_>>().join(",")
}

impl QBittorrent {
    async fn give(
        &self,
        inner: &mut Inner,
        offers: &[&Offer],
        owner: &Owner,
    ) -> Result<(), ApiError> {
        let known = inner.known.as_ref();
        let save = known.map(|known| known.preferences.save_path.clone()).unwrap_or_default();
        self.put(inner, offers).await;
        let tags = tags(owner);
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
            inner.helped.insert(offer.infohash(), Help::given());
        }
        self.api.add(&torrents, &options).await?;
        let ids: Vec<_> = offers.iter().map(|offer| offer.infohash()).collect();
        let deadline = Moment::now() + TAKEN;
        while self.glance(inner, &ids).await?.len() < ids.len() && Moment::now() < deadline {
            sleep(BUSY / 8).await;
        }
        Ok(())
    }

    /// Puts the texts where the client looks for them, if it is on this machine. Gives those that
    /// are there now.
    async fn put(&self, inner: &Inner, offers: &[&Offer]) -> HashSet<Infohash> {
        let known = inner.known.as_ref().filter(|known| known.whereabouts.here);
        let folder = known.and_then(|known| place::folder(&known.preferences.save_path));
        let Some(folder) = folder.filter(|_| !offers.is_empty()) else { return HashSet::new() };
        let texts: Vec<_> = offers
            .iter()
            .map(|o| (o.infohash(), o.file_name().to_owned(), o.file.clone()))
            .collect();
        let put = tokio::task::spawn_blocking(move || {
            let _ = place::make(&folder);
            let mut put = HashSet::new();
            for (id, name, text) in texts {
                match place::put(&folder, &name, &text) {
                    Ok(()) => _ = put.insert(id),
                    Err(error) => {
                        tracing::debug!(%error, "qBittorrent's folder is not shared: it downloads");
                    }
                }
            }
            put
        });
        put.await.unwrap_or_default()
    }

    /// Makes what is there already this user's: their tag, no limits after which it stops, and its
    /// text in place where that is ours to put.
    async fn mark(
        &self,
        inner: &mut Inner,
        offers: &[&Offer],
        owner: &Owner,
    ) -> Result<(), ApiError> {
        let ids: Vec<_> = offers.iter().map(|offer| offer.infohash()).collect();
        for batch in ids.chunks(BATCH) {
            let hashes = joined(batch);
            self.api
                .post("torrents/addTags", &[("hashes", &hashes), ("tags", &tags(owner))])
                .await?;
            let limits = [
                ("hashes", hashes.as_str()),
                ("ratioLimit", "-1"),
                ("seedingTimeLimit", "-1"),
                ("inactiveSeedingTimeLimit", "-1"),
                // From 5.2 on.
                ("shareLimitAction", "Default"),
                ("shareLimitsMode", "Default"),
            ];
            self.api.post("torrents/setShareLimits", &limits).await?;
        }
        for id in &ids {
            inner.given.insert(*id);
            inner.helped.entry(*id).or_insert_with(Help::given).once_more();
        }
        let lacks = |offer: &&&Offer| {
            inner.torrents.get(&offer.infohash()).is_some_and(|torrent| {
                let lost =
                    matches!(torrent.state, State::Lacking | State::FileGone | State::Broken);
                lost && torrent.is_in_our_folder()
            })
        };
        let lacking: Vec<&Offer> = offers.iter().filter(lacks).copied().collect();
        let seeds = |offer: &&&Offer| {
            inner.torrents.get(&offer.infohash()).is_some_and(|torrent| {
                torrent.state == State::Seeding && torrent.is_in_our_folder()
            })
        };
        // It may not have noticed yet that its file is gone, and goes on with the same one.
        let seeding: Vec<&Offer> = offers.iter().filter(seeds).copied().collect();
        self.put(inner, &seeding).await;
        let put: Vec<_> = self.put(inner, &lacking).await.into_iter().collect();
        for batch in put.chunks(BATCH) {
            self.api.post("torrents/recheck", &[("hashes", &joined(batch))]).await?;
        }
        for id in put {
            if let Some(help) = inner.helped.get_mut(&id) {
                help.again = Moment::now() + BUSY;
            }
        }
        Ok(())
    }

    /// Sees to it that the client has all of these. Gives those that it has.
    async fn hand_over(
        &self,
        inner: &mut Inner,
        offers: &[Offer],
        owner: &Owner,
    ) -> Result<HashSet<Infohash>, ApiError> {
        if !inner.connected || inner.settling.is_some() {
            self.settled(inner).await?;
        }
        let ids: Vec<_> = offers.iter().map(Offer::infohash).collect();
        let found = self.glance(inner, &ids).await?;
        let (there, new): (Vec<_>, Vec<_>) =
            offers.iter().partition(|offer| found.contains(&offer.infohash()));
        for batch in new.chunks(BATCH) {
            self.give(inner, batch, owner).await?;
        }
        self.mark(inner, &there, owner).await?;
        self.help(inner).await?;
        self.glance(inner, &ids).await
    }
}

impl Client for QBittorrent {
    fn add<'a>(
        &'a self,
        offers: &'a [Offer],
        owner: &'a Owner,
    ) -> ClientFuture<'a, Vec<Result<(), ClientError>>> {
        Box::pin(async move {
            let mut inner = self.inner.lock().await;
            let inner = &mut *inner;
            self.introduce(owner);
            let done = self.hand_over(inner, offers, owner).await;
            let taken = self.noted(inner, done).map_err(|error| failed(&error))?;
            self.woken.notify_one();
            Ok(offers
                .iter()
                .map(|offer| {
                    let id = offer.infohash();
                    if !taken.contains(&id) {
                        let reason = "it did not add the torrent; see its log";
                        return Err(ClientError::new(ClientKind::Qbittorrent, reason));
                    }
                    if inner.torrents.get(&id).is_some_and(|one| one.state == State::Seeding) {
                        self.waiting.lock().push(Change::Complete(id, true));
                    }
                    Ok(())
                })
                .collect())
        })
    }

    fn remove<'a>(&'a self, items: &'a [Infohash]) -> ClientFuture<'a, ()> {
        Box::pin(async move {
            let mut inner = self.inner.lock().await;
            let inner = &mut *inner;
            self.settled(inner).await.map_err(|error| failed(&error))?;
            let own = self.own_tags();
            let there = items.iter().filter(|id| inner.torrents.get(id).is_some());
            // Another user of this qBittorrent hosts it too: only our mark goes.
            let (shared, ours): (Vec<Infohash>, Vec<Infohash>) = there.copied().partition(|id| {
                inner.torrents.get(id).is_some_and(|torrent| torrent.is_shared(&own))
            });
            // What lies in a folder of its user's own was there before the vote: the file stays.
            let (with_files, without): (Vec<_>, Vec<_>) = ours
                .into_iter()
                .partition(|id| inner.torrents.get(id).is_some_and(Torrent::is_in_our_folder));
            for (ids, files) in [(with_files, "true"), (without, "false")] {
                for batch in ids.chunks(BATCH) {
                    let hashes = joined(batch);
                    let form = [("hashes", hashes.as_str()), ("deleteFiles", files)];
                    let deleted = self.api.post("torrents/delete", &form).await;
                    deleted.map_err(|error| failed(&error))?;
                    for id in batch {
                        inner.torrents.forget(id);
                    }
                }
            }
            // Without a tag that would take away everybody's.
            let tags = own.iter().map(String::as_str).collect::<Vec<_>>().join(",");
            for batch in shared.chunks(BATCH).filter(|_| !tags.is_empty()) {
                let hashes = joined(batch);
                let form = [("hashes", hashes.as_str()), ("tags", tags.as_str())];
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

    fn hosted(&self) -> ClientFuture<'_, Vec<Hosted>> {
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

    fn changes(&self) -> ClientFuture<'_, Vec<Change>> {
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
                let changes = std::mem::take(&mut *self.waiting.lock());
                if !changes.is_empty() {
                    return Ok(changes);
                }
                let _ = timeout(pause, self.woken.notified()).await;
            }
        })
    }

    fn describe(&self) -> ClientFuture<'_, Description> {
        Box::pin(async move {
            // Before the first look there is nothing to say.
            if self.seen.lock().version.is_empty()
                && let Ok(mut inner) = self.inner.try_lock()
            {
                let _ = self.poll(&mut inner).await;
            }
            Ok(self.seen.lock().clone())
        })
    }

    fn introduce(&self, owner: &Owner) {
        self.api.memory().own(&owner.tag);
        *self.owner.lock() = Some(owner.clone());
    }

    fn header(&self, item: Infohash) -> ClientFuture<'_, Option<Vec<u8>>> {
        Box::pin(async move {
            let hash = item.to_string();
            let torrent = match self.api.get_bytes("torrents/export", &[("hash", &hash)]).await {
                Ok(torrent) => torrent,
                // It has no metadata yet, and is told again when it has.
                Err(ApiError::Strange { answer, .. }) if answer.starts_with("409") => {
                    return Ok(None);
                }
                Err(error) => return Err(failed(&error)),
            };
            Ok(upseed_model::torrent::info_bytes(&torrent).ok().map(<[u8]>::to_vec))
        })
    }

    fn add_peer<'a>(&'a self, offer: &'a Offer, owner: &'a Owner) -> ClientFuture<'a, ()> {
        Box::pin(async move {
            let mut inner = self.inner.lock().await;
            self.introduce(owner);
            inner.helped.insert(offer.infohash(), Help::guest());
            self.woken.notify_one();
            Ok(())
        })
    }

    fn listening(&self) -> ClientFuture<'_, Option<Listening>> {
        Box::pin(async move {
            let read = async {
                let preferences = Preferences::read(&self.api.preferences().await?)?;
                Ok((preferences.port, self.api.whereabouts().await?.at))
            };
            let (port, at) = read.await.map_err(|error: ApiError| failed(&error))?;
            // It says itself when nobody can connect to it. One that cannot be connected to from here may
            // be in a container, behind a VPN of its own, and serve everybody.
            let addresses = vec![SocketAddr::new(at, port)];
            Ok((port != 0).then_some(Listening { addresses, here: false }))
        })
    }

    fn network(&self) -> ClientFuture<'_, Network> {
        Box::pin(async move {
            let read = async {
                let preferences = Preferences::read(&self.api.preferences().await?)?;
                Ok(preferences.network(self.api.whereabouts().await?.here))
            };
            read.await.map_err(|error: ApiError| failed(&error))
        })
    }
}
