//! Transmission behind the client port.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use upseed_clock::Moment;

use serde_json::json;
use tokio::time::sleep;
use upseed_client::{
    Change, Client, ClientError, ClientFuture, ClientKind, Description, Hosted, Listening, Network,
    Offer, Owner, Trail,
};
use upseed_model::Infohash;

use crate::{
    Transmission, TransmissionError,
    folder::{self, Sharing},
    network::Place,
    rpc::line,
    session::Session,
    table::is_plain,
    transmission::{State, hashes},
    watch::read_small,
};

/// Between two looks: while something is being checked or downloaded, otherwise, and while it is away.
const BUSY: Duration = Duration::from_millis(700);
const QUIET: Duration = Duration::from_secs(2);
const AWAY: Duration = Duration::from_secs(3);

/// Between two looks at its settings and at our files.
const LOOK_OVER: Duration = Duration::from_secs(20);

impl Transmission {
    /// Where texts go: found out once a connection.
    pub(crate) async fn sharing(&self) -> Result<(Session, Sharing), TransmissionError> {
        let mut state = self.state.lock().await;
        let sharing = match state.sharing.clone().filter(Sharing::is_there) {
            Some(known) => known,
            None => folder::probe(&self.rpc, &state.session.download_dir).await?,
        };
        state.sharing = Some(sharing.clone());
        Ok((state.session.clone(), sharing))
    }

    pub(crate) fn tell(&self, news: Vec<Change>) {
        if !news.is_empty() {
            self.news.lock().extend(news);
            self.woken.notify_one();
        }
    }

    /// Looks at what can change without being told: settings, and our files on the disk.
    async fn look_over(&self) -> Result<(), TransmissionError> {
        let mut state = self.state.lock().await;
        if state.looked_over.is_some_and(|at| at.elapsed() < LOOK_OVER) {
            return Ok(());
        }
        let session = self.session().await?;
        if session.download_dir != state.session.download_dir {
            state.sharing = None;
        }
        state.session = session;
        state.looked_over = Some(Moment::now());
        let sharing = match state.sharing.take().filter(Sharing::is_there) {
            Some(known) => known,
            None => folder::probe(&self.rpc, &state.session.download_dir).await?,
        };
        let shared = matches!(sharing, Sharing::Shared(_));
        state.sharing = Some(sharing);
        let mut damaged = Vec::new();
        if shared {
            let complete: Vec<_> = state.table.complete().collect();
            let looked = tokio::task::spawn_blocking(move || look_at(complete)).await;
            for (id, time) in looked.unwrap_or_default() {
                match time {
                    None => drop(state.looked.remove(&id)),
                    Some(time) if state.looked.insert(id, time) == Some(time) => {}
                    Some(_) => damaged.push(id),
                }
            }
        }
        drop(state);
        self.check(&damaged).await
    }

    /// Lets it check texts again.
    pub(crate) async fn check(&self, items: &[Infohash]) -> Result<(), TransmissionError> {
        if items.is_empty() {
            return Ok(());
        }
        self.state.lock().await.watch(items);
        let ids = hashes(items);
        self.rpc.ask("torrent-verify", json!({ "ids": ids })).await?;
        self.rpc.ask("torrent-start-now", json!({ "ids": ids })).await.map(drop)
    }

    async fn withdraw(&self, items: &[Infohash]) -> Result<(), TransmissionError> {
        self.refresh().await?;
        // Nobody looks while it is done: what goes is no news.
        let mut state = self.state.lock().await;
        let gone = self.let_go(items).await?;
        // What its user put into a folder of their own stays theirs.
        let folder = state.session.download_dir.join(folder::NAME);
        let (own, others): (Vec<_>, Vec<_>) =
            gone.into_iter().partition(|id| state.table.lies_in(id, &folder));
        for (items, with_data) in [(&own, true), (&others, false)] {
            if !items.is_empty() {
                let arguments = json!({ "ids": hashes(items), "delete-local-data": with_data });
                self.rpc.ask("torrent-remove", arguments).await?;
            }
        }
        for id in &others {
            state.table.removed(id);
        }
        let names: Vec<_> = own.iter().filter_map(|id| state.table.removed(id)).collect();
        if let Some(tracker) = &*self.tracker.lock().await {
            items.iter().for_each(|id| tracker.withdraw(id));
        }
        self.tracked.lock().retain(|id| !items.contains(id));
        if let Some(Sharing::Shared(folder)) = state.sharing.clone() {
            // What was not complete may be left lying, and what it may not delete.
            let _ = tokio::task::spawn_blocking(move || {
                for name in names.into_iter().filter(|name| is_plain(name)) {
                    match std::fs::remove_file(folder.join(&name)) {
                        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                            tracing::warn!(folder = %folder.display(), file = %line(&name), %error, "a text is left there");
                        }
                        _ => {}
                    }
                }
            })
            .await;
        }
        Ok(())
    }

    async fn torrent_file(&self, item: Infohash) -> Result<Option<Vec<u8>>, TransmissionError> {
        let arguments = json!({ "fields": ["torrentFile"], "ids": [item.to_string()] });
        let answer = self.rpc.ask("torrent-get", arguments).await?;
        let Some(path) = answer["torrents"][0]["torrentFile"].as_str() else { return Ok(None) };
        let path = PathBuf::from(path);
        let max = upseed_model::limits::MAX_TORRENT as u64;
        let read = tokio::task::spawn_blocking(move || read_small(&path, max)).await;
        Ok(read.ok().flatten())
    }
}

/// Each file's time if it is not there, is empty, or was written by somebody else; nothing if it is as
/// the client left it. Only that is looked at, and nothing is written: whether the bytes are right is
/// for the client to check.
fn look_at(files: Vec<(Infohash, PathBuf, SystemTime)>) -> Vec<(Infohash, Option<SystemTime>)> {
    let time = |path: &Path, written: SystemTime| match std::fs::symlink_metadata(path) {
        Ok(meta) if meta.len() > 0 => meta.modified().ok().filter(|time| *time > written),
        Ok(_) => Some(SystemTime::UNIX_EPOCH),
        // A whole folder that is gone is a disk that is not there.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            path.parent().is_some_and(Path::is_dir).then_some(SystemTime::UNIX_EPOCH)
        }
        Err(_) => None,
    };
    files.into_iter().map(|(id, path, written)| (id, time(&path, written))).collect()
}

/// What of it would silence votes, each with what to do.
pub(crate) fn warnings(state: &State) -> Vec<String> {
    let mut warnings = state.session.warnings();
    if let Some((count, first)) = state.table.errors() {
        warnings.push(format!(
            "Transmission reports errors for {count} of your posts, for example: {first} Check its \
             disk and the permissions of its folder."
        ));
    }
    let stopped = state.table.stopped();
    if let Some(name) = stopped.first() {
        warnings.push(format!(
            "{} of your upvoted or own posts, such as {}, are stopped in Transmission, so it does \
             not seed them. Start them there, or remove the upvote.",
            stopped.len(),
            line(name)
        ));
    }
    warnings
}

impl Client for Transmission {
    fn add<'a>(
        &'a self,
        offers: &'a [Offer],
        owner: &'a Owner,
    ) -> ClientFuture<'a, Vec<Result<(), ClientError>>> {
        Box::pin(async move {
            let results = self.add_all(offers, owner).await?;
            self.woken.notify_one();
            Ok(results.into_iter().map(|result| result.map_err(Into::into)).collect())
        })
    }

    fn remove<'a>(&'a self, items: &'a [Infohash]) -> ClientFuture<'a, ()> {
        Box::pin(async move {
            if items.is_empty() {
                return Ok(());
            }
            Ok(self.withdraw(items).await?)
        })
    }

    fn introduce(&self, owner: &Owner) {
        self.know(owner);
    }

    fn add_peer<'a>(&'a self, offer: &'a Offer, owner: &'a Owner) -> ClientFuture<'a, ()> {
        Box::pin(async move { Ok(self.help_to_text(offer, owner).await?) })
    }

    fn hosted(&self) -> ClientFuture<'_, Vec<Hosted>> {
        Box::pin(async move {
            self.refresh().await?;
            Ok(self.state.lock().await.table.hosted())
        })
    }

    fn changes(&self) -> ClientFuture<'_, Vec<Change>> {
        Box::pin(async move {
            loop {
                let pause = match self.refresh().await {
                    Ok(()) => {
                        let done = async {
                            self.look_over().await?;
                            self.help_along().await
                        };
                        if let Err(error) = done.await {
                            tracing::debug!(%error, "Transmission could not be checked");
                        }
                        let busy = self.state.lock().await.table.waiting() > 0;
                        if busy { BUSY } else { QUIET }
                    }
                    Err(_) => AWAY,
                };
                let news = std::mem::take(&mut *self.news.lock());
                if !news.is_empty() {
                    return Ok(news);
                }
                tokio::select! {
                    () = sleep(pause) => {}
                    () = self.woken.notified() => {}
                }
            }
        })
    }

    fn describe(&self) -> ClientFuture<'_, Description> {
        Box::pin(async move {
            if !self.seen.lock().tried {
                // How it went is told below.
                let _ = self.refresh().await;
            }
            let seen = self.seen.lock();
            let mut warnings = match &seen.error {
                Some(error) => vec![format!("Transmission at {}: {error}", self.rpc.url())],
                None => seen.warnings.clone(),
            };
            warnings.extend(seen.network.clone());
            let (version, online) = (seen.version.clone(), seen.online);
            let gives_nothing = online && seen.gives_nothing;
            Ok(Description {
                kind: ClientKind::Transmission,
                version,
                online,
                warnings,
                gives_nothing,
            })
        })
    }

    fn header(&self, item: Infohash) -> ClientFuture<'_, Option<Vec<u8>>> {
        Box::pin(async move {
            let torrent = self.torrent_file(item).await?;
            let info = torrent.as_deref().map(upseed_model::torrent::info_bytes);
            Ok(info.and_then(Result::ok).map(<[u8]>::to_vec))
        })
    }

    fn trail(&self, item: Infohash) -> ClientFuture<'_, Option<Trail>> {
        Box::pin(async move {
            let arguments = json!({ "fields": ["name", "peers"], "ids": [item.to_string()] });
            let answer = self.rpc.ask("torrent-get", arguments).await?;
            let torrent = &answer["torrents"][0];
            if !torrent["name"].as_str().is_some_and(upseed_client::is_own_name) {
                return Ok(None);
            }
            let port = self.state.lock().await.session.peer_port;
            let own = self.found_at().await.into_iter().map(|ip| SocketAddr::new(ip, port));
            let peers = torrent["peers"].as_array().into_iter().flatten().filter_map(|peer| {
                let port = u16::try_from(peer["port"].as_u64()?).ok()?;
                Some(SocketAddr::new(peer["address"].as_str()?.parse().ok()?, port))
            });
            Ok(Some(Trail { peers: own.chain(peers).filter(|peer| peer.port() > 0).collect() }))
        })
    }

    fn listening(&self) -> ClientFuture<'_, Option<Listening>> {
        Box::pin(async move {
            self.ready().await?;
            let session = self.state.lock().await.session.clone();
            let port = session.peer_port;
            let found = self.found_at().await.into_iter().map(|ip| SocketAddr::new(ip, port));
            let addresses: Vec<_> = found.filter(|address| address.port() != 0).collect();
            // Its settings are read here: so it runs here.
            let place = Place::of(&self.rpc.url(), &session, self.file.as_deref());
            let read = tokio::task::spawn_blocking(move || place.read());
            let here = matches!(read.await, Ok(Ok(Some(_))));
            Ok((!addresses.is_empty()).then_some(Listening { addresses, here }))
        })
    }

    fn network(&self) -> ClientFuture<'_, Network> {
        Box::pin(async move {
            self.ready().await?;
            let session = self.state.lock().await.session.clone();
            let (url, named) = (self.rpc.url().clone(), self.file.clone());
            let read = tokio::task::spawn_blocking(move || {
                Place::of(&url, &session, named.as_deref()).read()
            });
            let read = read.await.map_err(|error| TransmissionError::Failed(error.to_string()))?;
            let mut seen = self.seen.lock();
            seen.network = read.as_ref().err().map(ToString::to_string);
            // One elsewhere has no address of this machine.
            Ok(read?.map(|local| local.network()).unwrap_or_default())
        })
    }
}
