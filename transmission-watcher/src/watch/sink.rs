//! Whom dropped files are told to: the node.

use std::{future::Future, net::IpAddr, pin::Pin, time::Duration};

use upseed_model::{Infohash, SignedItem, magnet::Magnet};
use upseed_node::{Node, NodeError, Reference};

/// How long a magnet's item is looked for before others get their turn.
const PATIENCE: Duration = Duration::from_secs(120);

/// What was dropped.
#[derive(Debug, Clone)]
pub enum Dropped {
    /// An item, verified, and its .torrent written anew.
    Torrent(Box<SignedItem>, Vec<u8>),
    /// A link, which may lead to an item.
    Magnet(Magnet),
}

impl Dropped {
    /// What it leads to.
    pub fn infohash(&self) -> Infohash {
        match self {
            Self::Torrent(item, _) => item.infohash(),
            Self::Magnet(magnet) => magnet.infohash,
        }
    }
}

/// What becomes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Upvoted, durably.
    Done,
    /// It leads to an ordinary torrent.
    Ordinary,
    /// It can never be upvoted, and why.
    Bad(String),
    /// Not now, and why.
    Later(String),
}

/// An answer in its own time.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// Takes what was dropped. Upvoting twice is upvoting once.
pub trait Sink: Send + Sync + 'static {
    /// Upvotes it; returns when that is durable.
    fn upvote(&self, dropped: Dropped) -> Answer<'_>;
}

impl Sink for Node {
    fn upvote(&self, dropped: Dropped) -> Answer<'_> {
        Box::pin(async move {
            let voted = async {
                let work = match dropped {
                    Dropped::Torrent(item, envelope) => {
                        self.import(envelope).await?;
                        item.work()
                    }
                    Dropped::Magnet(magnet) => {
                        self.find(&reference(magnet), PATIENCE).await?.item.work()
                    }
                };
                self.vote(work, true).await
            };
            match voted.await {
                Ok(_) => Verdict::Done,
                Err(error) => verdict(&error),
            }
        })
    }
}

/// Peers in a link that somebody else may have made lead to no address of this network.
fn reference(magnet: Magnet) -> Reference {
    let public = |ip: IpAddr| match ip.to_canonical() {
        IpAddr::V4(ip) => {
            !(ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified())
        }
        IpAddr::V6(ip) => {
            !(ip.is_loopback()
                || ip.is_unique_local()
                || ip.is_unicast_link_local()
                || ip.is_unspecified())
        }
    };
    let peers = magnet.peers.into_iter().filter(|peer| public(peer.ip())).collect();
    Reference { infohash: magnet.infohash, peers }
}

fn verdict(error: &NodeError) -> Verdict {
    match error {
        NodeError::Foreign { .. } => Verdict::Ordinary,
        // Its parent may lie in the same folder, or be found.
        NodeError::UnknownItem(_) | NodeError::NoText(_) | NodeError::Unplaced(_) => {
            Verdict::Later(error.to_string())
        }
        NodeError::Record(_)
        | NodeError::Torrent(_)
        | NodeError::Magnet(_)
        | NodeError::Input(_)
        | NodeError::Dead(_) => Verdict::Bad(error.to_string()),
        _ => Verdict::Later(error.to_string()),
    }
}
