//! Deluge's TorrentManager as the node's client.

use std::{
    collections::{HashMap, HashSet},
    io::Write as _,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use pyo3::prelude::*;
use serde::Deserialize;
use upseed_client::{
    Change, Client, ClientError, ClientFuture, Description, Hosted, Listening, Network, Off, Offer,
    Owner, Proxy, ProxyKind,
};
use upseed_model::Infohash;

use crate::{
    error::of_deluge,
    port::Shared,
    question::{About, ask},
};

/// The largest header that an item can have; of anything larger Deluge is not asked.
const MAX_HEADER_HEX: usize = 2 * 2_048;

/// The client. Its Python half (`upseed_deluge/client.py`) runs on Deluge's reactor.
pub struct DelugeClient {
    python: Py<PyAny>,
    shared: Arc<Shared>,
}

/// Which texts Deluge lacks, and where they belong: those of fresh items in the folder under their
/// own names.
#[derive(Deserialize)]
struct Prepared {
    folder: PathBuf,
    missing: HashMap<String, Option<PathBuf>>,
}

/// What Deluge says of its way out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    /// There is none that can be taken.
    #[serde(default)]
    nowhere: bool,
    interface: Option<String>,
    proxy: Option<ToldProxy>,
    #[serde(default)]
    off: ToldOff,
}

/// What Deluge's user has switched off.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ToldOff {
    dht: bool,
    lsd: bool,
    upnp: bool,
    natpmp: bool,
}

#[derive(Deserialize)]
struct ToldProxy {
    kind: String,
    host: String,
    port: u16,
    user: String,
    password: String,
}

impl DelugeClient {
    pub const fn new(python: Py<PyAny>, shared: Arc<Shared>) -> Self {
        Self { python, shared }
    }

    async fn ask<T: serde::de::DeserializeOwned>(
        &self,
        what: &'static str,
        about: About,
    ) -> Result<T, ClientError> {
        let disabled = || of_deluge("the plugin is being disabled");
        if self.shared.is_closed() {
            return Err(disabled());
        }
        if !self.shared.seen().description().online && what != "network" {
            return Err(of_deluge("it is still loading its torrents"));
        }
        tokio::select! {
            said = ask(&self.python, what, about) => said,
            () = self.shared.closed() => Err(disabled()),
        }
    }

    /// Leads Deluge to the engine that has the texts of these.
    async fn lead(&self, ids: Vec<String>, owner: &Owner) -> Result<(), ClientError> {
        let engine = owner.engine;
        // Of an engine that listens everywhere, the address on this machine.
        let host = match engine.ip() {
            ip if !ip.is_unspecified() => ip.to_string(),
            _ => "127.0.0.1".into(),
        };
        let mut about = vec![host, engine.port().to_string()];
        about.extend(ids);
        self.ask::<()>("meet", About::Items(about)).await
    }

    async fn offered(
        &self,
        offers: &[Offer],
        owner: &Owner,
    ) -> Result<Vec<Result<(), ClientError>>, ClientError> {
        self.shared.introduce(&owner.tag);
        let ids: Vec<_> = offers.iter().map(|offer| offer.infohash().to_string()).collect();
        let prepared: Prepared = self.ask("prepare", About::Items(ids.clone())).await?;
        // The texts lie where Deluge will look before it is told of them: it checks them, and has
        // nothing to download.
        let texts: Vec<_> = offers
            .iter()
            .zip(&ids)
            .filter_map(|(offer, id)| {
                let place = prepared.missing.get(id)?.clone();
                let place = place.unwrap_or_else(|| prepared.folder.join(offer.file_name()));
                Some((id.clone(), place, offer.file.clone()))
            })
            .collect();
        let written = tokio::task::spawn_blocking(move || write_texts(texts)).await;
        let unwritten = written.map_err(|error| of_deluge(error.to_string()))?;
        let torrents = offers.iter().zip(&ids).filter(|(_, id)| !unwritten.contains_key(*id));
        let torrents = torrents.map(|(offer, id)| (id.clone(), offer.torrent())).collect();
        let mut refused: HashMap<String, String> =
            self.ask("add", About::Torrents(torrents)).await?;
        refused.extend(unwritten);
        let fresh = |id: &String| prepared.missing.get(id) == Some(&None);
        let there = ids.iter().filter(|id| !refused.contains_key(*id) && !fresh(id));
        let there: Vec<_> = there.cloned().collect();
        if !there.is_empty() {
            // A magnet link has no place for its text yet. It may find others by itself, too.
            let _ = self.lead(there, owner).await;
        }
        Ok(ids.iter().map(|id| refused.remove(id).map_or(Ok(()), |e| Err(of_deluge(e)))).collect())
    }
}

/// Writes texts under temporary names first; says which could not be written, and why. What is
/// written outlives a power cut.
fn write_texts(texts: Vec<(String, PathBuf, Vec<u8>)>) -> HashMap<String, String> {
    let write = |path: &Path, text: &[u8]| {
        if std::fs::read(path).is_ok_and(|there| there == text) {
            return std::fs::File::open(path)?.sync_all();
        }
        let folder = path.parent().unwrap_or(Path::new("/"));
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new()
            .prefix(".upseed-")
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .tempfile_in(folder)?;
        file.write_all(text)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok::<_, std::io::Error>(())
    };
    let mut failed = HashMap::new();
    let mut folders = HashSet::new();
    for (id, path, text) in texts {
        match write(&path, &text) {
            Ok(()) => folders.extend(path.parent().map(Path::to_owned)),
            Err(error) => {
                failed.insert(id, format!("{}: {error}", path.display()));
            }
        }
    }
    for folder in folders {
        // Some file systems cannot; then the names are as safe as they make them.
        let _ = std::fs::File::open(folder).and_then(|folder| folder.sync_all());
    }
    failed
}

/// The way out that was told. Whatever is not understood is no way at all: going out past it would
/// show the address that it may hide.
fn way(told: serde_json::Value) -> Network {
    let (interface, told, off) = match serde_json::from_value(told) {
        Ok(Told { nowhere: false, interface, proxy, off }) => (interface, proxy, off),
        Ok(Told { nowhere: true, .. }) | Err(_) => return Network::none(),
    };
    let ToldOff { dht, lsd, upnp, natpmp } = off;
    let off = Off { dht, lsd, upnp, natpmp };
    let Some(ToldProxy { kind, host, port, user, password }) = told else {
        return Network { interface, proxy: None, off };
    };
    let kind = match kind.as_str() {
        "socks4" => ProxyKind::Socks4,
        "socks5" => ProxyKind::Socks5,
        "http" => ProxyKind::Http,
        _ => return Network::none(),
    };
    Network { interface, proxy: Some(Proxy { kind, host, port, user, password }), off }
}

impl Client for DelugeClient {
    fn add_peer<'a>(&'a self, offer: &'a Offer, owner: &'a Owner) -> ClientFuture<'a, ()> {
        Box::pin(self.lead(vec![offer.infohash().to_string()], owner))
    }

    fn introduce(&self, owner: &Owner) {
        self.shared.introduce(&owner.tag);
    }

    fn add<'a>(
        &'a self,
        offers: &'a [Offer],
        owner: &'a Owner,
    ) -> ClientFuture<'a, Vec<Result<(), ClientError>>> {
        Box::pin(self.offered(offers, owner))
    }

    fn remove<'a>(&'a self, items: &'a [Infohash]) -> ClientFuture<'a, ()> {
        Box::pin(async move {
            let ids = items.iter().map(Infohash::to_string).collect();
            let refused: HashMap<String, String> = self.ask("remove", About::Items(ids)).await?;
            match refused.into_iter().next() {
                None => Ok(()),
                Some((id, why)) => Err(of_deluge(format!("{id}: {why}"))),
            }
        })
    }

    fn hosted(&self) -> ClientFuture<'_, Vec<Hosted>> {
        Box::pin(async move {
            let told: Vec<(String, bool)> = self.ask("hosted", About::Nothing).await?;
            let hosted = told.iter().map(|(id, complete)| {
                let infohash =
                    id.parse().map_err(|_| of_deluge(format!("{id:?} is not an infohash")));
                Ok(Hosted { infohash: infohash?, complete: *complete })
            });
            hosted.collect()
        })
    }

    fn changes(&self) -> ClientFuture<'_, Vec<Change>> {
        Box::pin(async move {
            loop {
                let changes = self.shared.seen().take_changes();
                if !changes.is_empty() {
                    return Ok(changes);
                }
                self.shared.woken.notified().await;
            }
        })
    }

    fn describe(&self) -> ClientFuture<'_, Description> {
        Box::pin(async move { Ok(self.shared.seen().description().clone()) })
    }

    fn header(&self, item: Infohash) -> ClientFuture<'_, Option<Vec<u8>>> {
        Box::pin(async move {
            let hex: Option<String> =
                self.ask("header", About::Items(vec![item.to_string()])).await?;
            let Some(hex) = hex.filter(|hex| hex.len() <= MAX_HEADER_HEX) else { return Ok(None) };
            let digits = |at| hex.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
            Ok((0..hex.len()).step_by(2).map(digits).collect())
        })
    }

    fn listening(&self) -> ClientFuture<'_, Option<Listening>> {
        Box::pin(async move {
            let (host, port): (String, u16) = self.ask("listening", About::Nothing).await?;
            // The name of an interface stands for its addresses, which the node knows.
            let ip = host.parse().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
            let addresses = vec![SocketAddr::new(ip, port)];
            Ok((port != 0).then_some(Listening { addresses, here: true }))
        })
    }

    fn network(&self) -> ClientFuture<'_, Network> {
        Box::pin(async move { Ok(way(self.ask("network", About::Nothing).await?)) })
    }
}
