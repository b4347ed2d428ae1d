//! The client port: what a torrent client must do for Upseed, whichever it is.
//!
//! Four backends implement it, and each passes the one suite in [`contract`].

use std::{future::Future, net::SocketAddr, pin::Pin};

use upseed_model::{Infohash, SignedItem};

use crate::NodeError;

pub mod contract;
mod embedded;

pub use embedded::Embedded;
pub use upseed_swarm::{Off, Proxy, ProxyKind};

/// An item as a client is given it.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The item.
    pub item: SignedItem,
    /// Its whole text.
    pub text: Vec<u8>,
    /// The user's own trackers for its board.
    pub trackers: Vec<String>,
}

impl Offer {
    /// What clients call it by.
    pub fn infohash(&self) -> Infohash {
        self.item.infohash()
    }

    /// The .torrent to give to a client, written anew: nothing of an envelope that somebody else
    /// wrote is in it.
    pub fn torrent(&self) -> Vec<u8> {
        let excerpt = std::str::from_utf8(&self.text).ok();
        upseed_model::torrent::write(&self.item, excerpt, &self.trackers)
    }
}

/// Who gives: what the client needs to know of this node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Giver {
    /// Marks this user's torrents in a client that several people share: `upseed-` and 8 hex
    /// digits of the user's key.
    pub tag: String,
    /// Where this node's own engine listens. It hosts what the client has not completed yet, so a
    /// client that does not share a folder with this node gets the text from there. The address
    /// may be unspecified (every interface).
    pub engine: SocketAddr,
}

/// What a client says of an item that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hosted {
    /// Which item.
    pub infohash: Infohash,
    /// Whether the client has checked the text and seeds it.
    pub complete: bool,
}

/// What happened in the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The client answers (again): what it has may be another than before.
    Connected,
    /// An item appeared that this node did not add. [`Client::header`] gives its header.
    Added(Infohash),
    /// An item that this node had not removed is gone, while the client was being watched.
    Removed(Infohash),
    /// An item is now seeding, or is not any more.
    Complete(Infohash, bool),
    /// The client lacks the text of an item that it had, and not because its user stopped it: it
    /// wants to be given it again.
    Lost(Infohash),
    /// The client goes out to the network another way from now on: see [`Client::network`].
    Network,
}

/// What the client is, for people and for decisions.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Description {
    /// `embedded`, `qbittorrent`, `transmission` or `deluge`.
    pub kind: &'static str,
    /// The client's own version; empty while it was never reached.
    pub version: String,
    /// Whether it answers now.
    pub online: bool,
    /// What about it would silence votes, and what to change; for people.
    pub warnings: Vec<String>,
}

/// How a client goes out to the network. The node's own engine goes the same way and no other.
#[derive(Debug, Clone, Default)]
pub struct Network {
    /// The interface that the client is bound to, by name or address.
    pub interface: Option<String>,
    /// The proxy that its peer connections go through.
    pub proxy: Option<Proxy>,
    /// What its user has switched off: the engine does without it, too.
    pub off: Off,
}

/// Where the header of an item may be had that the client does not give.
#[derive(Debug, Clone, Default)]
pub struct Trail {
    /// The client itself, and whom it is connected to for it.
    pub peers: Vec<SocketAddr>,
}

/// An interface that no machine has.
const NOWHERE: &str = "upseed-nowhere";

impl Network {
    /// By nothing at all: the client's way is hidden, or is one that this node's engine cannot take.
    pub fn nowhere() -> Self {
        Self { interface: Some(NOWHERE.into()), ..Self::default() }
    }

    /// Whether names may be looked up: a proxy hides them, and where nothing goes out they do not either.
    pub(crate) fn shows_names(&self) -> bool {
        self.proxy.is_none() && self.interface.as_deref() != Some(NOWHERE)
    }
}

/// An answer that a client gives in its own time.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, NodeError>> + Send + 'a>>;

/// A torrent client that seeds for its user.
///
/// Every call may be repeated: adding what is there and removing what is not are done, not errors.
pub trait Client: Send + Sync + 'static {
    /// Adds items with their texts. An item counts as hosted once [`Client::hosted`] or a
    /// [`Change`] says that it is complete. Each item gets its own result; an error of the whole
    /// call means that the client could not be asked.
    fn add<'a>(
        &'a self,
        offers: &'a [Offer],
        giver: &'a Giver,
    ) -> Answer<'a, Vec<Result<(), NodeError>>>;

    /// Says who gives, before anything is given or removed: another node of another user may use the
    /// same client.
    fn introduce(&self, _giver: &Giver) {}

    /// Removes items and their files.
    fn remove<'a>(&'a self, items: &'a [Infohash]) -> Answer<'a, ()>;

    /// Every item of Upseed's that the client has, whoever added it. An error if it cannot be
    /// asked now.
    fn hosted(&self) -> Answer<'_, Vec<Hosted>>;

    /// What changed since the last call; waits until something does. While the client is away it
    /// waits, and says [`Change::Connected`] when the client is back. What [`Client::remove`]
    /// removed and [`Client::add`] added is not told as a change, that it is complete is.
    fn changes(&self) -> Answer<'_, Vec<Change>>;

    /// What the client is. Answers at once, with what was seen last while the client is away.
    fn describe(&self) -> Answer<'_, Description>;

    /// The header (info dictionary) of an item that somebody else added to the client; nothing if
    /// the client does not give it. Not trusted: the node checks it.
    fn header(&self, _item: Infohash) -> Answer<'_, Option<Vec<u8>>> {
        Box::pin(async { Ok(None) })
    }

    /// Where the header of what somebody else added may be had, if [`Client::header`] gives none. Nothing
    /// if nothing but its infohash is known: an ordinary torrent's metadata are not fetched.
    fn trail(&self, _item: Infohash) -> Answer<'_, Option<Trail>> {
        Box::pin(async { Ok(None) })
    }

    /// Helps a torrent that somebody else added to the client to its text: the giver's engine has
    /// it. Whether it runs stays its user's choice.
    fn meet<'a>(&'a self, _offer: &'a Offer, _giver: &'a Giver) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    /// How the client goes out. An error if it cannot be asked now: then what it said last holds.
    /// [`Network::nowhere`] if it was asked and its way cannot be known or taken.
    fn network(&self) -> Answer<'_, Network> {
        Box::pin(async { Ok(Network::default()) })
    }
}
