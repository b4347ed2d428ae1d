//! Reading: known items from the store, others from their own swarms.

use std::{net::SocketAddr, str::FromStr, time::Duration};

use tokio::sync::broadcast::error::RecvError;
use upseed_model::{
    BoardName, Infohash, Pasted, Record, SignedItem,
    magnet::{Magnet, MagnetError, parse_infohash},
    torrent,
};
use upseed_rooms::{Admission, Command, Rooms, admission, too_early};
use upseed_store::ItemRow;

use crate::{Node, NodeError, NodeEvent, clock::now};

/// What people name an item by: its infohash, a magnet link, or a text with one in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The item.
    pub infohash: Infohash,
    /// Where the user said it is: a link's peers are the user's word.
    pub peers: Vec<SocketAddr>,
    /// Who may know where it is. They are asked only while it is fetched.
    pub trackers: Vec<String>,
}

impl FromStr for Reference {
    type Err = MagnetError;
    fn from_str(text: &str) -> Result<Self, MagnetError> {
        match text.parse()? {
            Pasted::Item(link) => Ok(link.into()),
            Pasted::Person(_) => Err(parse_infohash(text).err().unwrap_or(MagnetError::NoTopic)),
        }
    }
}

impl From<Magnet> for Reference {
    fn from(link: Magnet) -> Self {
        Self { infohash: link.infohash, peers: link.peers, trackers: link.trackers }
    }
}

impl From<Infohash> for Reference {
    fn from(infohash: Infohash) -> Self {
        Self { infohash, peers: Vec::new(), trackers: Vec::new() }
    }
}

/// Somebody waits for a torrent; also one who goes away in the middle says so.
struct Waiting {
    rooms: Rooms,
    infohash: Infohash,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.rooms.send(Command::StopFetch(self.infohash));
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
        // Of a second signature over the same item, what is kept here is looked for.
        let mut infohash = what.infohash;
        let mut events = self.events();
        let look = async |infohash: Infohash| {
            self.blocking(move |node| Ok(node.inner.store.item(&infohash)?)).await
        };
        let mut row = look(infohash).await?;
        let mut waits = None;
        match &row {
            Some(row) if enough(row) => return Ok(row.clone()),
            Some(row) if row.dead => return Err(NodeError::Dead(infohash)),
            Some(known) => {
                self.inner.rooms.send(Command::WantText(known.item.work(), infohash));
                if !what.peers.is_empty() || !what.trackers.is_empty() {
                    waits = Some(self.fetch(what));
                }
            }
            None => waits = Some(self.fetch(what)),
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
                Ok(NodeEvent::Item { id, .. } | NodeEvent::Text { id })
                    if id == infohash || id == what.infohash => {}
                Ok(NodeEvent::Unreadable { id, failure, reason: why })
                    if id == infohash || id == what.infohash =>
                {
                    reason = Some((failure, why));
                }
                Ok(NodeEvent::Twin { id, kept }) if id == what.infohash => infohash = kept,
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return Err(NodeError::Stopping),
                Ok(_) => continue,
            }
            row = look(infohash).await?;
            match (&row, reason.take()) {
                (Some(row), _) if enough(row) => return Ok(row.clone()),
                (Some(row), _) if row.dead => return Err(NodeError::Dead(infohash)),
                (None, Some((failure, reason))) => {
                    return Err(NodeError::Foreign { infohash, failure, reason });
                }
                _ => {}
            }
        }
        drop(waits);
        // Without a header nobody can be asked by the way; what has one is looked for further.
        Err(match row {
            None => NodeError::UnknownItem(infohash),
            Some(known) => {
                self.inner.rooms.send(Command::WantText(known.item.work(), infohash));
                NodeError::NoText(infohash)
            }
        })
    }

    /// Fetches it while what is returned lives.
    fn fetch(&self, what: &Reference) -> Waiting {
        self.inner.rooms.send(Command::Fetch {
            infohash: what.infohash,
            peers: what.peers.clone(),
            trackers: what.trackers.clone(),
        });
        Waiting { rooms: self.inner.rooms.clone(), infohash: what.infohash }
    }

    /// Takes the item of a .torrent: its header is kept, its text is looked for.
    pub async fn import(&self, bytes: Vec<u8>) -> Result<SignedItem, NodeError> {
        let item = torrent::read(&bytes)?;
        if let Some(reason) = too_early(&item, now()) {
            return Err(NodeError::Input(reason));
        }
        let record = Record::Item(item.clone());
        let admitted = self.blocking(move |node| {
            if let Record::Item(item) = &record {
                node.check_place(item)?;
            }
            node.inner.store.ingest(std::slice::from_ref(&record), now())?;
            match &record {
                Record::Item(item) => admission(&node.inner.store, item, now()).map_err(Into::into),
                Record::Statement(_) => Ok(Admission::Kept),
            }
        });
        let item = match admitted.await? {
            Admission::Kept => item,
            Admission::Twin(kept) => *kept,
            Admission::Refused(reason) => return Err(NodeError::Input(reason)),
        };
        self.inner.rooms.send(Command::Fresh(vec![Record::Item(item.clone())]));
        self.inner.rooms.send(Command::WantText(item.work(), item.infohash()));
        self.emit(NodeEvent::Item {
            id: item.infohash(),
            board: item.board(),
            root: item.root().map(|root| root.infohash),
        });
        Ok(item)
    }

    /// What a user imports should show: a comment that cannot stand anywhere, or not yet, is refused.
    /// (From peers comments come in any order, and are kept until their parents are known.)
    fn check_place(&self, item: &SignedItem) -> Result<(), NodeError> {
        let (Some(parent), Some(root)) = (item.parent(), item.root()) else { return Ok(()) };
        let wrong = |why| Err(NodeError::Unplaced(why));
        let Some(row) = self.inner.store.item(&parent.infohash)? else {
            return wrong("its parent is not known here; import or read that first");
        };
        let parent_root = row.item.root().unwrap_or_else(|| row.item.link());
        if row.item.work() != parent.work {
            return wrong("the two halves of its link name different items");
        }
        if row.item.board() != item.board() {
            return wrong("its parent is in another board");
        }
        if parent_root != root {
            return wrong("its parent belongs to another thread than it says");
        }
        if !row.placed {
            return wrong("the thread of its parent is not known here");
        }
        Ok(())
    }

    /// The .torrent of a known item, written anew.
    pub async fn export(&self, infohash: Infohash) -> Result<Vec<u8>, NodeError> {
        self.blocking(move |node| {
            if let Some(pack) = node.inner.store.pack_called(&infohash)? {
                return node.pack_torrent(&pack);
            }
            let row = node.inner.store.item(&infohash)?.ok_or(NodeError::UnknownItem(infohash))?;
            Ok(torrent::write(&row.item, row.text.as_deref(), &node.trackers(&row.item)?))
        })
        .await
    }

    /// The user's own trackers for an item.
    pub fn trackers(&self, item: &SignedItem) -> Result<Vec<String>, NodeError> {
        self.trackers_of(item.board())
    }

    /// The user's own trackers for a board.
    pub(crate) fn trackers_of(&self, board: BoardName) -> Result<Vec<String>, NodeError> {
        let boards = self.inner.store.boards()?;
        let board = boards.into_iter().find(|row| row.name == board);
        Ok(board.map(|board| board.trackers).unwrap_or_default())
    }
}
