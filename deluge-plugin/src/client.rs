//! Deluge's TorrentManager as the node's client.

use std::{
    collections::{HashMap, HashSet},
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use pyo3::prelude::*;
use serde::Deserialize;
use upseed_model::Infohash;
use upseed_node::{
    NodeError,
    client::{
        Answer, Change, Client, Description, Giver, Hosted, Network, Offer, Proxy, ProxyKind,
    },
};

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

/// Which items Deluge does not have, and where their texts belong.
#[derive(Deserialize)]
struct Prepared {
    folder: PathBuf,
    missing: HashSet<String>,
}

#[derive(Deserialize)]
struct Told {
    interface: Option<String>,
    proxy: Option<ToldProxy>,
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
    ) -> Result<T, NodeError> {
        {
            let seen = self.shared.seen();
            if seen.closed {
                return Err(of_deluge("the plugin is being disabled"));
            }
            if !seen.description().online && what != "network" {
                return Err(of_deluge("it is still loading its torrents"));
            }
        }
        ask(&self.python, what, about).await
    }

    async fn offered(&self, offers: &[Offer]) -> Result<Vec<Result<(), NodeError>>, NodeError> {
        let ids: Vec<_> = offers.iter().map(|offer| offer.infohash().to_string()).collect();
        let prepared: Prepared = self.ask("prepare", About::Items(ids.clone())).await?;
        // The texts lie where Deluge will look before it is told of them: it checks them, and has
        // nothing to download.
        let texts: Vec<_> = offers
            .iter()
            .zip(&ids)
            .filter(|(_, id)| prepared.missing.contains(*id))
            .map(|(offer, id)| (id.clone(), offer.item.file_name().to_owned(), offer.text.clone()))
            .collect();
        let folder = prepared.folder;
        let written = tokio::task::spawn_blocking(move || write_texts(&folder, texts)).await;
        let unwritten = written.map_err(|error| NodeError::Fault(error.to_string()))?;
        let torrents = offers.iter().zip(&ids).filter(|(_, id)| !unwritten.contains_key(*id));
        let torrents = torrents.map(|(offer, id)| (id.clone(), offer.torrent())).collect();
        let mut refused: HashMap<String, String> =
            self.ask("add", About::Torrents(torrents)).await?;
        refused.extend(unwritten);
        Ok(ids.iter().map(|id| refused.remove(id).map_or(Ok(()), |e| Err(of_deluge(e)))).collect())
    }
}

/// Writes texts under temporary names first; says which could not be written, and why.
fn write_texts(folder: &Path, texts: Vec<(String, String, Vec<u8>)>) -> HashMap<String, String> {
    let write = |name: &str, text: &[u8]| {
        let path = folder.join(name);
        if std::fs::read(&path).is_ok_and(|there| there == text) {
            return Ok(());
        }
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new()
            .prefix(".upseed-")
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .tempfile_in(folder)?;
        file.write_all(text)?;
        file.persist(&path).map_err(|error| error.error)?;
        Ok::<_, std::io::Error>(())
    };
    let mut failed = HashMap::new();
    for (id, name, text) in texts {
        if let Err(error) = write(&name, &text) {
            failed.insert(id, format!("{}: {error}", folder.join(name).display()));
        }
    }
    failed
}

impl Client for DelugeClient {
    fn meet<'a>(&'a self, offer: &'a Offer, giver: &'a Giver) -> Answer<'a, ()> {
        Box::pin(async move {
            let engine = giver.engine;
            // Of an engine that listens everywhere, the address on this machine.
            let host = match engine.ip() {
                ip if !ip.is_unspecified() => ip.to_string(),
                _ => "127.0.0.1".into(),
            };
            let about = vec![offer.infohash().to_string(), host, engine.port().to_string()];
            self.ask::<()>("meet", About::Items(about)).await
        })
    }

    fn add<'a>(
        &'a self,
        offers: &'a [Offer],
        _giver: &'a Giver,
    ) -> Answer<'a, Vec<Result<(), NodeError>>> {
        Box::pin(self.offered(offers))
    }

    fn remove<'a>(&'a self, items: &'a [Infohash]) -> Answer<'a, ()> {
        Box::pin(async move {
            let ids = items.iter().map(Infohash::to_string).collect();
            let refused: HashMap<String, String> = self.ask("remove", About::Items(ids)).await?;
            match refused.into_iter().next() {
                None => Ok(()),
                Some((id, why)) => Err(of_deluge(format!("{id}: {why}"))),
            }
        })
    }

    fn hosted(&self) -> Answer<'_, Vec<Hosted>> {
        Box::pin(async move {
            let told: Vec<(String, bool)> = self.ask("hosted", About::Nothing).await?;
            let hosted = told.iter().map(|(id, complete)| {
                let infohash = id.parse().map_err(|_| of_deluge(format!("{id:?} is no infohash")));
                Ok(Hosted { infohash: infohash?, complete: *complete })
            });
            hosted.collect()
        })
    }

    fn changes(&self) -> Answer<'_, Vec<Change>> {
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

    fn describe(&self) -> Answer<'_, Description> {
        Box::pin(async move { Ok(self.shared.seen().description().clone()) })
    }

    fn header(&self, item: Infohash) -> Answer<'_, Option<Vec<u8>>> {
        Box::pin(async move {
            let hex: Option<String> =
                self.ask("header", About::Items(vec![item.to_string()])).await?;
            let Some(hex) = hex.filter(|hex| hex.len() <= MAX_HEADER_HEX) else { return Ok(None) };
            let digits = |at| hex.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
            Ok((0..hex.len()).step_by(2).map(digits).collect())
        })
    }

    fn network(&self) -> Answer<'_, Network> {
        Box::pin(async move {
            let told: Told = self.ask("network", About::Nothing).await?;
            let proxy = told.proxy.map(|told| {
                let kind = match told.kind.as_str() {
                    "socks4" => ProxyKind::Socks4,
                    "socks5" => ProxyKind::Socks5,
                    "http" => ProxyKind::Http,
                    // Going out without it would show the address that it hides.
                    other => return Err(of_deluge(format!("its proxy ({other}) cannot be used"))),
                };
                let ToldProxy { host, port, user, password, .. } = told;
                Ok(Proxy { kind, host, port, user, password })
            });
            Ok(Network { interface: told.interface, proxy: proxy.transpose()? })
        })
    }
}
