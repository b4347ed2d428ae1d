//! A node that answers HTTP, as its handlers and whoever started it hold it.

use std::{net::SocketAddr, sync::Arc};

use upseed_node::{Node, NodeError, now, random_token};
use zeroize::Zeroizing;

use crate::{frames::Frames, sessions::Sessions, streams::Streams};

/// A node that answers HTTP. Cheap to clone; it ends with the node ([`Node::stop`]).
#[derive(Clone)]
pub struct Server(Arc<Inner>);

struct Inner {
    // Dropped before the node, which holds the folder as long as anybody has its database open.
    sessions: Sessions,
    frames: Frames,
    streams: Streams,
    address: SocketAddr,
    passing_on: Zeroizing<String>,
    node: Node,
}

impl Server {
    pub(crate) fn new(node: Node, address: SocketAddr) -> Result<Self, NodeError> {
        let sessions = Sessions::open(node.view_settings())?;
        let (frames, streams) = (Frames::default(), Streams::default());
        let passing_on = random_token()?;
        Ok(Self(Arc::new(Inner { sessions, frames, streams, address, passing_on, node })))
    }

    /// The node.
    pub fn node(&self) -> &Node {
        &self.0.node
    }

    /// Where it listens; if that is every interface, the address by which this machine reaches it.
    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// A link that opens the view once: it is good for ten minutes and for one browser.
    pub fn one_time_link(&self) -> Result<String, NodeError> {
        let ticket = self.sessions().ticket(now())?;
        Ok(format!("http://{}/upseed/open?ticket={}", self.address(), &*ticket))
    }

    /// A token for one frame with the view in the page of a client: whoever shows that page has
    /// made sure that its user is logged in there. It opens the view's pages and forms (not the
    /// key's back-up, not the JSON API) until it was not used for 15 minutes, and goes into the
    /// frame's address: `/upseed/?token=…`.
    pub fn frame_token(&self) -> Result<Zeroizing<String>, NodeError> {
        self.frames().mint(now())
    }

    /// What another listener of this program shows ([`upseed_serve::PASSED_ON`]) so that it is believed by which
    /// address a request came that it passes on.
    pub fn passing_on(&self) -> &str {
        &self.0.passing_on
    }

    /// How the node stands, as `GET /status` tells it.
    pub async fn status(&self) -> Result<upseed_api::Status, NodeError> {
        let node = self.node();
        Ok(crate::wire::status(node.status().await?, self.address(), node.uptime()))
    }

    /// Ends the node, and this with it.
    pub async fn stop(&self) {
        self.node().stop().await;
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    pub(crate) fn frames(&self) -> &Frames {
        &self.0.frames
    }

    pub(crate) fn streams(&self) -> &Streams {
        &self.0.streams
    }
}
