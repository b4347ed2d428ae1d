//! What Transmission says of itself, and what in it would silence votes.

use std::path::PathBuf;

use serde::Deserialize;

use crate::{folder, rpc::line};

/// The first version whose `torrent-add` takes labels.
const LABELS_ON_ADD: u64 = 17;

/// The first version whose `torrent-set` takes `trackerList`; its `trackerAdd` does nothing.
const TRACKER_LIST: u64 = 17;

/// What 3.00 speaks.
pub(crate) const OLDEST: u64 = 16;

/// The answer to `session-get`, as far as it matters here.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[derive(Default)]
pub(crate) struct Session {
    pub version: String,
    pub rpc_version: u64,
    pub config_dir: PathBuf,
    pub download_dir: PathBuf,
    pub download_dir_free_space: Option<i64>,
    pub peer_port: u16,
    pub seed_queue_enabled: bool,
    pub seed_queue_size: i64,
    pub download_queue_enabled: bool,
    pub download_queue_size: i64,
    #[serde(rename = "seedRatioLimited")]
    pub ratio_limited: bool,
    #[serde(rename = "seedRatioLimit")]
    pub ratio_limit: f64,
    pub idle_seeding_limit_enabled: bool,
    pub idle_seeding_limit: i64,
    pub alt_speed_enabled: bool,
    pub alt_speed_up: f64,
    pub speed_limit_up_enabled: bool,
    pub speed_limit_up: f64,
    pub peer_limit_global: i64,
    pub dht_enabled: bool,
    pub port_forwarding_enabled: bool,
    pub incomplete_dir_enabled: bool,
    pub script_torrent_done_enabled: bool,
    pub script_torrent_done_filename: String,
}

impl Session {
    pub const fn labels_on_add(&self) -> bool {
        self.rpc_version >= LABELS_ON_ADD
    }

    pub const fn tracker_list(&self) -> bool {
        self.rpc_version >= TRACKER_LIST
    }

    /// The version without the hash of its source.
    pub fn short_version(&self) -> String {
        self.version.split(' ').next().unwrap_or_default().chars().take(40).collect()
    }

    /// Alternative limits hold instead of the usual ones while they are on, by hand or by its schedule.
    const fn turtle_stops(&self) -> bool {
        self.alt_speed_enabled && self.alt_speed_up < 1.0
    }

    const fn limit_stops(&self) -> bool {
        !self.alt_speed_enabled && self.speed_limit_up_enabled && self.speed_limit_up < 1.0
    }

    /// Whether its limits keep it from uploading anything.
    pub const fn gives_nothing(&self) -> bool {
        self.turtle_stops() || self.limit_stops()
    }

    /// What would silence votes, each with what to change.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.turtle_stops() {
            warnings.push(
                "Alternative speed limits (the turtle) are on with an upload limit of 0, so \
                 nothing is uploaded; Upseed's own engine hosts meanwhile. Turn them off, or raise \
                 the limit."
                    .into(),
            );
        }
        if self.limit_stops() {
            warnings.push(
                "The upload limit is 0, so nothing is uploaded; Upseed's own engine hosts \
                 meanwhile. Raise it in Preferences, Speed."
                    .into(),
            );
        }
        if (0..10).contains(&self.peer_limit_global) {
            warnings.push(format!(
                "Only {} peers are allowed in total (peer-limit-global), so others may not be able \
                 to download what you host. Raise it in Preferences, Peers.",
                self.peer_limit_global
            ));
        }
        if self.script_torrent_done_enabled {
            warnings.push(format!(
                "It runs {} whenever a torrent is done (script-torrent-done-enabled), also for \
                 what you upvote. If that script moves or deletes files, nobody can download them. \
                 Turn it off, or make it skip the folder {} (TR_TORRENT_DIR).",
                line(&self.script_torrent_done_filename),
                self.download_dir.join(folder::NAME).display()
            ));
        }
        if self.download_dir_free_space.is_some_and(|free| (0..(16 << 20)).contains(&free)) {
            warnings.push(format!(
                "The disk of {} is full. Free some space.",
                self.download_dir.display()
            ));
        }
        warnings
    }

    /// Limits that hold for other torrents; Upseed's are exempt from them.
    pub fn limits(&self) -> Vec<String> {
        let mut limits = Vec::new();
        if self.seed_queue_enabled {
            limits.push(format!("seeds at most {} torrents at a time", self.seed_queue_size));
        }
        if self.download_queue_enabled {
            limits.push(format!("downloads at most {} at a time", self.download_queue_size));
        }
        if self.ratio_limited {
            limits.push(format!("stops seeding at a ratio of {}", self.ratio_limit));
        }
        if self.idle_seeding_limit_enabled {
            limits.push(format!("stops seeding after {} idle minutes", self.idle_seeding_limit));
        }
        limits
    }
}
