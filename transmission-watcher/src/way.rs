//! The way to this node's engine, for a Transmission that shares no folder with it: a tracker of
//! our own, for as long as the client lacks a text.

use std::net::{IpAddr, SocketAddr, UdpSocket};

use serde_json::{Value, json};
use tokio::net::TcpStream;
use upseed_client::Owner;
use upseed_model::Infohash;

use crate::{
    Transmission, TransmissionError,
    addresses::ours,
    tracker::{self, Tracker},
    transmission::hashes,
};

/// Torrents that part from our tracker in one look.
const GO: usize = 16;

/// Addresses at which the tracker is served: each is one that the client announces to.
const MOST: usize = 4;

/// Torrents asked for in one request.
const BATCH: usize = 200;

impl Transmission {
    /// Adds our tracker to those that do not have it.
    pub(crate) async fn show_way(
        &self,
        items: &[Infohash],
        lists: bool,
    ) -> Result<(), TransmissionError> {
        let urls = self.tracker_for(items.iter().copied()).await?;
        let arguments = json!({ "fields": ["hashString", "trackers"], "ids": hashes(items) });
        let known = self.rpc.ask("torrent-get", arguments).await?;
        let mut told = Vec::new();
        for torrent in known["torrents"].as_array().into_iter().flatten() {
            let announces = announces(torrent);
            let Some(hash) = torrent["hashString"].as_str() else { continue };
            if urls.iter().any(|url| announces.contains(&url.as_str())) {
                continue;
            }
            let mut arguments = json!({ "ids": [hash] });
            if lists {
                let all: Vec<_> =
                    announces.into_iter().chain(urls.iter().map(String::as_str)).collect();
                // An empty line between two of them: each is a tier of its own.
                arguments["trackerList"] = json!(all.join("\n\n"));
            } else {
                arguments["trackerAdd"] = json!(urls);
            }
            self.rpc.ask("torrent-set", arguments).await?;
            told.push(hash);
        }
        if told.is_empty() {
            return Ok(());
        }
        self.rpc.ask("torrent-reannounce", json!({ "ids": told })).await.map(drop)
    }

    /// Those that are complete need our tracker no more: nothing of it stays in the client.
    pub(crate) async fn part_from_tracker(&self) -> Result<(), TransmissionError> {
        let done: Vec<_> = {
            let state = self.state.lock().await;
            let mut tracked = self.tracked.lock();
            let done: Vec<_> =
                tracked.iter().filter(|id| state.table.is_complete(id)).take(GO).copied().collect();
            tracked.retain(|id| !done.contains(id));
            done
        };
        if done.is_empty() {
            return Ok(());
        }
        let urls = match &*self.tracker.lock().await {
            Some(tracker) => {
                done.iter().for_each(|id| tracker.withdraw(id));
                tracker.urls().to_vec()
            }
            None => return Ok(()),
        };
        self.remove_trackers(&done, |announce| urls.iter().any(|url| url == announce)).await
    }

    /// A node that was cut off leaves the address of its tracker behind: looked for once in each
    /// connection.
    pub(crate) async fn part_from_old_trackers(&self) -> Result<(), TransmissionError> {
        let Some(tag) = self.owner.lock().as_ref().map(|owner| owner.tag.clone()) else {
            return Ok(());
        };
        let items = {
            let mut state = self.state.lock().await;
            if tag.is_empty() || std::mem::replace(&mut state.swept, true) {
                return Ok(());
            }
            state.table.ours()
        };
        let current = match &*self.tracker.lock().await {
            Some(tracker) => tracker.urls().to_vec(),
            None => Vec::new(),
        };
        let is_old = |announce: &str| {
            tracker::is_of(announce, &tag) && current.iter().all(|url| url != announce)
        };
        for batch in items.chunks(BATCH) {
            self.remove_trackers(batch, is_old).await?;
        }
        Ok(())
    }

    /// Takes those trackers away from these torrents, if they have them.
    async fn remove_trackers(
        &self,
        items: &[Infohash],
        goes: impl Fn(&str) -> bool,
    ) -> Result<(), TransmissionError> {
        let lists = self.state.lock().await.session.tracker_list();
        let arguments = json!({ "fields": ["hashString", "trackers"], "ids": hashes(items) });
        let known = self.rpc.ask("torrent-get", arguments).await?;
        for torrent in known["torrents"].as_array().into_iter().flatten() {
            if !announces(torrent).into_iter().any(&goes) {
                continue;
            }
            let mut arguments = json!({ "ids": [torrent["hashString"]] });
            if lists {
                let mut others = announces(torrent);
                others.retain(|announce| !goes(announce));
                arguments["trackerList"] = json!(others.join("\n\n"));
            } else {
                let ours = |tracker: &&Value| tracker["announce"].as_str().is_some_and(&goes);
                let trackers = torrent["trackers"].as_array().into_iter().flatten();
                let ids: Vec<_> = trackers.filter(ours).map(|tracker| &tracker["id"]).collect();
                arguments["trackerRemove"] = json!(ids);
            }
            self.rpc.ask("torrent-set", arguments).await?;
        }
        Ok(())
    }

    /// The addresses of the tracker that tells of these items.
    pub(crate) async fn tracker_for(
        &self,
        items: impl Iterator<Item = Infohash>,
    ) -> Result<Vec<String>, TransmissionError> {
        let Some(Owner { engine, tag }) = self.owner.lock().clone() else {
            return Ok(Vec::new());
        };
        let mut tracker = self.tracker.lock().await;
        if tracker.is_none() {
            let addresses = self.addresses(engine).await;
            let started = Tracker::start(&addresses, engine, &tag).await;
            *tracker = Some(started.map_err(|error| {
                TransmissionError::Failed(format!(
                    "it shares no folder with this machine, and the private tracker for it cannot \
                     start: {error}"
                ))
            })?);
        }
        let Some(tracker) = &*tracker else { return Ok(Vec::new()) };
        tracker.set_engine(engine);
        let items: Vec<_> = items.collect();
        self.tracked.lock().extend(&items);
        tracker.offer(items);
        Ok(tracker.urls().to_vec())
    }

    /// Where its peers find it, as far as that is known: the host that is asked, or if that is this
    /// machine any address of it.
    pub(crate) async fn found_at(&self) -> Vec<IpAddr> {
        let url = self.rpc.url();
        let Some(host) = url.host_str() else { return Vec::new() };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let found = tokio::net::lookup_host((host, 0)).await.into_iter().flatten();
        let mut found: Vec<_> = found.map(|address| address.ip()).take(MOST).collect();
        if found.iter().any(IpAddr::is_loopback) {
            found.extend(ours());
        }
        found
    }

    /// Addresses of this machine under which the client may reach it.
    async fn addresses(&self, engine: SocketAddr) -> Vec<IpAddr> {
        let mut addresses = Vec::new();
        if !engine.ip().is_unspecified() {
            addresses.push(engine.ip());
        }
        let url = self.rpc.url();
        if let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) {
            let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
            // The address from which it is asked, and under which it can answer.
            let local = TcpStream::connect((host, port)).await.and_then(|s| s.local_addr());
            addresses.extend(local.map(|addr| addr.ip()));
        }
        if addresses.iter().all(IpAddr::is_loopback) {
            // It may live in a container, or be bound to an address: then it sees another one of
            // ours. First the way out. Nothing is sent by connecting a UDP socket (192.0.2.0/24 is
            // for documentation).
            let way_out = UdpSocket::bind("0.0.0.0:0").and_then(|socket| {
                socket.connect("192.0.2.1:9")?;
                socket.local_addr()
            });
            addresses.extend(way_out.map(|addr| addr.ip()));
            addresses.extend(ours());
        }
        let mut unique = Vec::new();
        for address in addresses {
            if !unique.contains(&address) && unique.len() < MOST {
                unique.push(address);
            }
        }
        unique
    }
}

fn announces(torrent: &Value) -> Vec<&str> {
    let trackers = torrent["trackers"].as_array().into_iter().flatten();
    trackers.filter_map(|tracker| tracker["announce"].as_str()).collect()
}
