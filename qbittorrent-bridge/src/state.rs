//! What is known of a qBittorrent.

use std::collections::{HashMap, HashSet};

use upseed_clock::Moment;

use upseed_client::Network;
use upseed_model::Infohash;

use crate::{
    Whereabouts, api::Version, help::Help, log::Log, preferences::Preferences,
    server_state::ServerState, torrents::Torrents,
};

/// What is known of the client.
#[derive(Default)]
pub(crate) struct Inner {
    pub torrents: Torrents,
    pub server: ServerState,
    pub log: Log,
    pub version: Version,
    pub connected: bool,
    /// When `sync/maindata` is due again.
    pub due: Option<Moment>,
    /// Since when its list has been the same after it (re)appeared.
    pub settling: Option<Moment>,
    pub known: Option<Known>,
    /// Given by this node: it is not told that they appeared.
    pub given: HashSet<Infohash>,
    pub helped: HashMap<Infohash, Help>,
    /// When the files of what it seeds were looked at last.
    pub looked_over: Option<Moment>,
    /// What had no file then, and was told so.
    pub fileless: HashSet<Infohash>,
}

/// What its preferences and its address say.
pub(crate) struct Known {
    /// Nothing once it was away.
    pub at: Option<Moment>,
    pub preferences: Preferences,
    pub whereabouts: Whereabouts,
}

impl Known {
    /// How it reaches the network.
    pub fn network(&self) -> Network {
        self.preferences.network(self.whereabouts.here)
    }
}
