//! What Deluge tells the node by itself. Nothing here waits: it is called on Deluge's reactor.

use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use pyo3::prelude::*;
use tokio::sync::{Notify, watch};
use upseed_client::{Change, ClientKind, Description};
use upseed_model::Infohash;

/// Changes that are kept while the node is busy. If there are more they are dropped, and the node
/// compares everything instead.
const MAX_CHANGES: usize = 50_000;

/// What is known of Deluge.
pub struct Seen {
    changes: Vec<Change>,
    description: Description,
    tag: String,
}

/// Shared between the node and Deluge's event handlers.
pub struct Shared {
    seen: Mutex<Seen>,
    pub woken: Notify,
    closed: watch::Sender<bool>,
}

impl Shared {
    pub fn new() -> Arc<Self> {
        let description = Description {
            kind: ClientKind::Deluge,
            version: String::new(),
            online: false,
            warnings: Vec::new(),
            gives_nothing: false,
        };
        Arc::new(Self {
            seen: Mutex::new(Seen { changes: Vec::new(), description, tag: String::new() }),
            woken: Notify::new(),
            closed: watch::Sender::new(false),
        })
    }

    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock()
    }

    /// No question goes to Deluge any more, and nobody waits for an answer.
    pub fn close(&self) {
        self.seen().description.online = false;
        self.closed.send_replace(true);
    }

    pub fn is_closed(&self) -> bool {
        *self.closed.borrow()
    }

    /// Returns once it is closed.
    pub async fn closed(&self) {
        // The sender lives as long as this.
        let _ = self.closed.subscribe().wait_for(|closed| *closed).await;
    }

    /// Whose torrents the node gives.
    pub fn introduce(&self, tag: &str) {
        tag.clone_into(&mut self.seen().tag);
    }

    fn push(&self, change: Change) {
        self.seen().push(change);
        self.woken.notify_one();
    }
}

impl Seen {
    fn push(&mut self, change: Change) {
        if self.changes.len() >= MAX_CHANGES {
            self.changes.clear();
            self.changes.push(Change::Connected);
        }
        self.changes.push(change);
    }

    pub fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    pub fn description(&self) -> &Description {
        &self.description
    }
}

/// The node's ear for Deluge's events. Every method returns at once.
#[pyclass(frozen)]
pub struct Port(pub Arc<Shared>);

fn id(hex: &str) -> PyResult<Infohash> {
    hex.parse().map_err(|_| crate::error::wrong("not an infohash of 40 hex digits"))
}

#[pymethods]
impl Port {
    /// Deluge has loaded its torrents.
    fn connected(&self) {
        let closed = self.0.is_closed();
        let mut seen = self.0.seen();
        if !closed {
            seen.description.online = true;
            seen.push(Change::Connected);
        }
        drop(seen);
        self.0.woken.notify_one();
    }

    /// What Deluge is, what about it would silence votes, and whether all of it is paused.
    fn described(&self, version: &str, warnings: Vec<String>, paused: bool) {
        let mut seen = self.0.seen();
        seen.description.version = version.chars().take(100).collect();
        seen.description.warnings = warnings;
        seen.description.gives_nothing = paused;
    }

    /// Somebody else added an item.
    fn added(&self, infohash: &str) -> PyResult<()> {
        self.0.push(Change::Added(id(infohash)?));
        Ok(())
    }

    /// Somebody else removed an item.
    fn removed(&self, infohash: &str) -> PyResult<()> {
        self.0.push(Change::Removed(id(infohash)?));
        Ok(())
    }

    /// Deluge removed an item by itself, at a limit.
    fn limit_reached(&self, infohash: &str) -> PyResult<()> {
        self.0.push(Change::LimitReached(id(infohash)?));
        Ok(())
    }

    /// An item seeds, or does not any more.
    fn complete(&self, infohash: &str, complete: bool) -> PyResult<()> {
        self.0.push(Change::Complete(id(infohash)?, complete));
        Ok(())
    }

    /// An item that was complete lacks its text.
    fn lost(&self, infohash: &str) -> PyResult<()> {
        self.0.push(Change::Lost(id(infohash)?));
        Ok(())
    }

    /// Deluge goes out to the network another way from now on.
    fn network(&self) {
        self.0.push(Change::Network);
    }

    /// What marks this user's torrents; empty before the node has told it.
    fn tag(&self) -> String {
        self.0.seen().tag.clone()
    }

    /// Deluge does not answer any more.
    fn close(&self) {
        self.0.close();
    }
}
