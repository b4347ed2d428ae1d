//! The client port: what a torrent client must do for Upseed, whichever it is.
//!
//! Four backends implement [`Client`], and each passes the one suite in [`contract`]:
//! docs/adding-a-client.md shows how.
//!
//! *Architecture invariant:* a backend knows this crate and the formats, and nothing of a node: what it
//! needs of one it is handed.

use std::{future::Future, net::SocketAddr, pin::Pin};

use upseed_model::{Infohash, SignedItem, slug};
use upseed_pack::PackInfo;

pub mod contract;
mod error;
mod network;
pub mod sink;

pub use error::ClientError;
pub use network::{Network, Off, Proxy, ProxyKind};
pub use upseed_model::ClientKind;

/// A torrent of one file as a client is given it: an item with its text, or a pack of many.
#[derive(Debug, Clone)]
pub struct Offer {
    /// What it is.
    pub content: Content,
    /// Its whole file: an item's text, or a pack's bytes.
    pub file: Vec<u8>,
    /// The user's own trackers for its board.
    pub trackers: Vec<String>,
}

/// What is offered.
#[derive(Debug, Clone)]
pub enum Content {
    /// One item.
    Item(Box<SignedItem>),
    /// Many items of one board.
    Pack(PackInfo),
}

impl Offer {
    /// An item with its text.
    pub fn item(item: SignedItem, text: Vec<u8>, trackers: Vec<String>) -> Self {
        Self { content: Content::Item(Box::new(item)), file: text, trackers }
    }

    /// A pack with the bytes of its file.
    pub const fn pack(info: PackInfo, file: Vec<u8>, trackers: Vec<String>) -> Self {
        Self { content: Content::Pack(info), file, trackers }
    }

    /// What clients call it by.
    pub fn infohash(&self) -> Infohash {
        match &self.content {
            Content::Item(item) => item.infohash(),
            Content::Pack(info) => info.infohash(),
        }
    }

    /// The name of its file, which no other content has.
    pub fn file_name(&self) -> &str {
        match &self.content {
            Content::Item(item) => item.file_name(),
            Content::Pack(info) => info.file_name(),
        }
    }

    /// Its info dictionary.
    pub fn info(&self) -> &[u8] {
        match &self.content {
            Content::Item(item) => item.header(),
            Content::Pack(info) => info.bytes(),
        }
    }

    /// The .torrent to give to a client, written anew: nothing of an envelope that somebody else
    /// wrote is in it.
    pub fn torrent(&self) -> Vec<u8> {
        match &self.content {
            Content::Item(item) => {
                let excerpt = std::str::from_utf8(&self.file).ok();
                upseed_model::torrent::write(item, excerpt, &self.trackers)
            }
            Content::Pack(info) => upseed_pack::torrent(info, &self.trackers),
        }
    }
}

/// Whether a torrent of this name is one of Upseed's: an item or a pack.
pub fn is_own_name(name: &str) -> bool {
    slug::is_file_name(name) || upseed_pack::is_file_name(name)
}

/// Whose torrents these are: what the client needs to know of this node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
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
    /// As [`Change::Removed`], and for certain by no person and no tool: the client removed it by itself when it reached a
    /// limit, of its ratio or of the time for which it seeds.
    LimitReached(Infohash),
    /// An item is now seeding, or is not any more.
    Complete(Infohash, bool),
    /// The client lacks the text of an item that it had, and not because its user stopped it: it
    /// wants to be given it again.
    Lost(Infohash),
    /// The client goes out to the network another way from now on: see [`Client::network`].
    Network,
}

/// What the client is, for people and for decisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Which one.
    pub kind: ClientKind,
    /// The client's own version; empty while it was never reached.
    pub version: String,
    /// Whether it answers now.
    pub online: bool,
    /// What about it would silence votes, and what to change; for people.
    pub warnings: Vec<String>,
    /// It says itself that it gives nothing to anybody at present, whatever it says of its torrents:
    /// all of it is paused, say. One of the `warnings` says so too.
    pub gives_nothing: bool,
}

/// Where a client takes connections of peers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listening {
    /// The addresses under which this machine should reach it, with the port that it says it has.
    pub addresses: Vec<SocketAddr>,
    /// It is in this machine's own network for certain: if nobody answers there, nobody can connect to
    /// it. One in a container may well be reached another way.
    pub here: bool,
}

/// Where the header of an item may be had that the client does not give.
#[derive(Debug, Clone, Default)]
pub struct Trail {
    /// The client itself, and whom it is connected to for it.
    pub peers: Vec<SocketAddr>,
}

/// What a client answers, once it does.
pub type ClientFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, ClientError>> + Send + 'a>>;

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
        owner: &'a Owner,
    ) -> ClientFuture<'a, Vec<Result<(), ClientError>>>;

    /// Says whose torrents come, before any is added or removed: another node of another user may use the
    /// same client.
    fn introduce(&self, _owner: &Owner) {}

    /// Removes items and their files.
    fn remove<'a>(&'a self, items: &'a [Infohash]) -> ClientFuture<'a, ()>;

    /// Every item of Upseed's that the client has, whoever added it. An error if it cannot be
    /// asked now.
    fn hosted(&self) -> ClientFuture<'_, Vec<Hosted>>;

    /// What changed since the last call; waits until something does. While the client is away it
    /// waits, and says [`Change::Connected`] when the client is back. What [`Client::remove`]
    /// removed and [`Client::add`] added is not told as a change, that it is complete is.
    fn changes(&self) -> ClientFuture<'_, Vec<Change>>;

    /// What the client is. Answers at once, with what was seen last while the client is away.
    fn describe(&self) -> ClientFuture<'_, Description>;

    /// The header (info dictionary) of an item that somebody else added to the client; nothing if
    /// the client does not give it. Not trusted: the node checks it.
    fn header(&self, _item: Infohash) -> ClientFuture<'_, Option<Vec<u8>>> {
        Box::pin(async { Ok(None) })
    }

    /// Where the header of what somebody else added may be had, if [`Client::header`] gives none. Nothing
    /// if nothing but its infohash is known: an ordinary torrent's metadata are not fetched.
    fn trail(&self, _item: Infohash) -> ClientFuture<'_, Option<Trail>> {
        Box::pin(async { Ok(None) })
    }

    /// Helps a torrent that somebody else added to the client to its text: the owner's engine has
    /// it. Whether it runs stays its user's choice.
    fn add_peer<'a>(&'a self, _offer: &'a Offer, _owner: &'a Owner) -> ClientFuture<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    /// How the client goes out. An error if it cannot be asked now: then what it said last holds.
    /// [`Network::none`] if it was asked and its way cannot be known or taken.
    fn network(&self) -> ClientFuture<'_, Network> {
        Box::pin(async { Ok(Network::default()) })
    }

    /// Where it can be connected to, which the node does now and then: that a client seeds is believed
    /// as long as it gives a text to somebody who asks. Nothing if that is not known.
    fn listening(&self) -> ClientFuture<'_, Option<Listening>> {
        Box::pin(async { Ok(None) })
    }
}
