//! Reading: known items from the store, others from their own swarms.

use std::{net::SocketAddr, str::FromStr, time::Duration};

use tokio::sync::broadcast::error::RecvError;
use upseed_model::{
    Infohash, Record, SignedItem,
    magnet::{Magnet, MagnetError, parse_infohash},
    torrent,
};
use upseed_store::ItemRow;

use crate::{Node, NodeError, NodeEvent, clock::now, rooms::Command};

/// What people name an item by: its infohash, or a magnet link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The item.
    pub infohash: Infohash,
    /// Where the user said it is. A link's peers are the user's word, its trackers are not used.
    pub peers: Vec<SocketAddr>,
}

impl FromStr for Reference {
    type Err = MagnetError;
    fn from_str(text: &str) -> Result<Self, MagnetError> {
        let text = text.trim();
        if text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("magnet:")) {
            let magnet: Magnet = text.parse()?;
            return Ok(Self { infohash: magnet.infohash, peers: magnet.peers });
        }
        Ok(Self { infohash: parse_infohash(text)?, peers: Vec::new() })
    }
}

impl From<Infohash> for Reference {
    fn from(infohash: Infohash) -> Self {
        Self { infohash, peers: Vec::new() }
    }
}

impl Node {
    /// An item whose header is known, or becomes known within `patience`.
    pub async fn find(&self, what: &Reference, patience: Duration) -> Result<ItemRow, NodeError> {
        self.wait_for(what, patience, |_| true).await
    }

    /// An item with its text, if that can be had within `patience`.
    pub async fn read(&self, what: &Reference, patience: Duration) -> Result<ItemRow, NodeError> {
        self.wait_for(what, patience, |row| row.text.is_some()).await
    }

    async fn wait_for(
        &self,
        what: &Reference,
        patience: Duration,
        enough: fn(&ItemRow) -> bool,
    ) -> Result<ItemRow, NodeError> {
        let infohash = what.infohash;
        let mut events = self.events();
        let look = async || {
            self.blocking(move |node| Ok(node.inner.store.item(&infohash)?)).await
        };
        let mut row = look().await?;
        match &row {
            Some(row) if enough(row) => return Ok(row.clone()),
            Some(row) if row.dead => return Err(NodeError::Dead(infohash)),
            Some(known) => {
                self.inner.rooms.send(Command::WantText(known.item.work(), infohash));
                if !what.peers.is_empty() {
                    self.fetch(what);
                }
            }
            None => self.fetch(what),
        }
        let deadline = tokio::time::Instant::now() + patience;
        let mut reason = None;
        loop {
            let event = tokio::select! {
                () = tokio::time::sleep_until(deadline) => break,
                () = self.stopped() => return Err(NodeError::Stopping),
                event = events.recv() => event,
            };
            match event {
                Ok(NodeEvent::Item { id, .. } | NodeEvent::Text { id }) if id == infohash => {}
                Ok(NodeEvent::Unreadable { id, reason: why }) if id == infohash => {
                    reason = Some(why);
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return Err(NodeError::Stopping),
                Ok(_) => continue,
            }
            row = look().await?;
            match (&row, reason.take()) {
                (Some(row), _) if enough(row) => return Ok(row.clone()),
                (Some(row), _) if row.dead => return Err(NodeError::Dead(infohash)),
                (None, Some(reason)) => return Err(NodeError::Foreign { infohash, reason }),
                _ => {}
            }
        }
        match row {
            // Without a header nobody can be asked by the way; what has one is looked for further.
            None => {
                self.inner.rooms.send(Command::StopFetch(infohash));
                Err(NodeError::UnknownItem(infohash))
            }
            Some(_) => Err(NodeError::NoText(infohash)),
        }
    }

    fn fetch(&self, what: &Reference) {
        self.inner.rooms.send(Command::Fetch {
            infohash: what.infohash,
            peers: what.peers.clone(),
            trackers: Vec::new(),
        });
    }

    /// Takes the item of a .torrent: its header is kept, its text is looked for.
    pub async fn import(&self, bytes: Vec<u8>) -> Result<SignedItem, NodeError> {
        let item = torrent::read(&bytes)?;
        if item.time() > now() + upseed_model::limits::MAX_AHEAD {
            return Err(NodeError::Input(format!(
                "the item's time lies in the future ({} > {}); check the clock of this machine",
                item.time(),
                now()
            )));
        }
        let record = Record::Item(item.clone());
        self.blocking(move |node| Ok(node.inner.store.ingest(&[record], now())?)).await?;
        self.inner.rooms.send(Command::Fresh(vec![Record::Item(item.clone())]));
        self.inner.rooms.send(Command::WantText(item.work(), item.infohash()));
        self.emit(NodeEvent::Item {
            id: item.infohash(),
            board: item.board(),
            root: item.root().map(|root| root.infohash),
        });
        Ok(item)
    }

    /// The .torrent of a known item, written anew.
    pub async fn export(&self, infohash: Infohash) -> Result<Vec<u8>, NodeError> {
        let row = self.blocking(move |node| Ok(node.inner.store.item(&infohash)?)).await?;
        let row = row.ok_or(NodeError::UnknownItem(infohash))?;
        Ok(torrent::write(&row.item, row.text.as_deref(), &[]))
    }
}
