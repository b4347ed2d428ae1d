//! A qBittorrent, and what is kept of it.

use std::{collections::BTreeSet, time::Duration};

use tokio::sync::{Mutex, Notify};
use upseed_client::{Change, ClientKind, Description, Owner};
use upseed_model::Infohash;

use crate::{
    Settings,
    api::{Api, ApiError},
    state::Inner,
};

/// .torrents in one request.
pub(crate) const BATCH: usize = 200;

/// Between two looks at what is under way.
pub(crate) const BUSY: Duration = Duration::from_millis(400);

/// A qBittorrent that seeds for its user.
pub struct QBittorrent {
    pub(crate) api: Api,
    pub(crate) inner: Mutex<Inner>,
    pub(crate) seen: parking_lot::Mutex<Description>,
    pub(crate) waiting: parking_lot::Mutex<Vec<Change>>,
    /// Something is under way: the next look is soon.
    pub(crate) woken: Notify,
    pub(crate) owner: parking_lot::Mutex<Option<Owner>>,
}

impl QBittorrent {
    /// Speaks with nobody yet.
    ///
    /// # Errors
    /// If this system has no TLS.
    pub fn new(settings: Settings) -> Result<Self, ApiError> {
        let seen = Description {
            kind: ClientKind::Qbittorrent,
            version: String::new(),
            online: false,
            warnings: vec!["qBittorrent was not reached yet".into()],
            gives_nothing: false,
        };
        Ok(Self {
            api: Api::new(settings)?,
            inner: Mutex::default(),
            seen: parking_lot::Mutex::new(seen),
            waiting: parking_lot::Mutex::default(),
            woken: Notify::new(),
            owner: parking_lot::Mutex::default(),
        })
    }

    /// How it is spoken with.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// The tags of this node's user, also of keys that they had before.
    pub(crate) fn own_tags(&self) -> BTreeSet<String> {
        let tag = self.owner.lock().as_ref().map(|owner| owner.tag.clone()).unwrap_or_default();
        self.api.memory().own(&tag)
    }
}

/// Hashes as one parameter.
pub(crate) fn joined<'a>(infohashes: impl IntoIterator<Item = &'a Infohash>) -> String {
    let all: Vec<String> = infohashes.into_iter().map(ToString::to_string).collect();
    all.join("|")
}
