//! What qBittorrent says of its torrents (`sync/maindata`), as far as they may be items.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};
use upseed_client::Change;
use upseed_model::Infohash;

use crate::limits::Limits;

/// The category and the tag of everything of ours.
pub const CATEGORY: &str = "upseed";

/// What the client does with a torrent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It seeds.
    Seeding,
    /// It has the text, and the queue holds it back.
    Queued,
    /// Its user stopped it. So it stays.
    Stopped,
    /// It takes itself for a seed, and does not have the text: its file was not to be downloaded, by a pattern of excluded
    /// file names, say.
    Unwanted,
    /// It waits for peers or downloads.
    Lacking,
    /// The file is gone.
    FileGone,
    /// It checks, moves, or starts.
    Busy,
    /// The disk refuses, most often.
    Broken,
}

impl State {
    /// Of a torrent that calls its state so. What wants nothing never has all of it, whatever it is called.
    fn of(name: &str, has_all: bool) -> Self {
        match Self::named(name) {
            Self::Seeding | Self::Queued if !has_all => Self::Unwanted,
            state => state,
        }
    }

    fn named(name: &str) -> Self {
        match name {
            "uploading" | "stalledUP" | "forcedUP" => Self::Seeding,
            "queuedUP" => Self::Queued,
            // "Paused" until 4.6.
            "pausedUP" | "stoppedUP" | "pausedDL" | "stoppedDL" => Self::Stopped,
            "missingFiles" => Self::FileGone,
            "error" => Self::Broken,
            "downloading" | "stalledDL" | "forcedDL" | "queuedDL" | "metaDL" | "forcedMetaDL" => {
                Self::Lacking
            }
            _ => Self::Busy,
        }
    }
}

/// A torrent that may be an item.
#[derive(Debug, Clone, PartialEq)]
pub struct Torrent {
    /// What it does.
    pub state: State,
    /// Its tags.
    pub tags: HashSet<String>,
    category: String,
    name: String,
    /// Its state, as the client calls it.
    called: String,
    has_all: bool,
    /// The folder that it is saved to.
    save_path: String,
    limits: Limits,
    /// Its file. Nothing while the client has a magnet link's hash and no metadata yet.
    content: Option<String>,
}

impl Torrent {
    fn read(told: &Map<String, Value>) -> Self {
        let mut torrent = Self {
            state: State::Busy,
            tags: HashSet::new(),
            category: String::new(),
            name: String::new(),
            called: String::new(),
            has_all: false,
            save_path: String::new(),
            limits: Limits::default(),
            content: Some(String::new()),
        };
        torrent.update(told);
        torrent
    }

    fn update(&mut self, told: &Map<String, Value>) {
        let text = |key| told.get(key).and_then(Value::as_str);
        if let Some(name) = text("name") {
            self.name = name.chars().take(200).collect();
        }
        if let Some(category) = text("category") {
            self.category = category.chars().take(200).collect();
        }
        if let Some(tags) = text("tags") {
            let tags = tags.split(',').map(|tag| tag.trim().to_owned());
            self.tags = tags.filter(|tag| !tag.is_empty()).take(100).collect();
        }
        if let Some(path) = text("save_path") {
            self.save_path = path.chars().take(4_096).collect();
        }
        if let Some(path) = text("content_path") {
            let short = || path.chars().take(4_096).collect();
            self.content = (!path.is_empty()).then(short);
        }
        self.limits.update(told);
        if let Some(progress) = told.get("progress").and_then(Value::as_f64) {
            self.has_all = progress >= 1.0;
        }
        if let Some(state) = text("state") {
            self.called = state.chars().take(40).collect();
            if matches!(state, "metaDL" | "forcedMetaDL") {
                self.content = None;
            }
        }
        self.state = State::of(&self.called, self.has_all);
    }

    /// It is gone: how, as far as it could be seen coming.
    fn gone(&self, infohash: Infohash, removes: bool) -> Change {
        match self.limits.remove_it(removes) {
            true => Change::LimitReached(infohash),
            false => Change::Removed(infohash),
        }
    }

    /// Whether the client lacks the metadata that a magnet link stands for.
    fn is_magnet(&self) -> bool {
        self.content.is_none()
    }

    /// The name of its file on the disk.
    fn file(&self) -> &str {
        let name = last(self.content.as_deref().unwrap_or_default());
        // What it calls a file that is not complete, if it is told to.
        name.strip_suffix(".!qB").unwrap_or(name)
    }

    /// Where its file is, as the client's machine names it.
    pub fn path(&self) -> PathBuf {
        Path::new(&self.save_path).join(self.file())
    }

    /// Whether its file lies in a folder of Upseed's, not in one of its user's own.
    pub fn is_in_our_folder(&self) -> bool {
        last(self.save_path.trim_end_matches(['/', '\\'])) == CATEGORY
    }

    /// People rename torrents, move them between categories and choose a magnet link's name; the
    /// file's name stays.
    fn may_be_ours(&self) -> bool {
        upseed_client::is_own_name(&self.name)
            || upseed_client::is_own_name(self.file())
            || self.category == CATEGORY
            || self.tags.iter().any(|tag| tag.starts_with(CATEGORY))
    }

    /// Whether another user's node put its tag here too. `own` are the tags of this node, also those
    /// of keys that it had before.
    pub fn is_shared(&self, own: &BTreeSet<String>) -> bool {
        let prefix = format!("{CATEGORY}-");
        self.tags.iter().any(|tag| tag.starts_with(&prefix) && !own.contains(tag))
    }
}

/// The last part of a path of any system.
fn last(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or_default()
}

/// Magnet links without metadata that are watched: they may turn out to be items.
const MAX_MAGNETS: usize = 10_000;

/// The client's items, kept up to date by differences.
#[derive(Debug, Default)]
pub struct Torrents {
    all: HashMap<Infohash, Torrent>,
    /// Of these, such as no answer to `sync/maindata` has named.
    unlisted: HashSet<Infohash>,
    /// What is still only a magnet link and has no name of an item's.
    magnets: HashMap<Infohash, Torrent>,
    /// Which answer was the last.
    pub rid: i64,
    /// A torrent that has reached a share limit stays, if it says nothing else itself.
    pub keeps_at_limit: bool,
}

impl Torrents {
    /// Takes an answer. Gives what changed since the last one; after a full list, nothing: what
    /// was before is another time.
    pub fn take(&mut self, answer: &Value) -> Vec<Change> {
        self.rid = answer["rid"].as_i64().unwrap_or(0);
        let full = answer["full_update"].as_bool().unwrap_or(false);
        if full {
            self.all.clear();
            self.magnets.clear();
            self.unlisted.clear();
        }
        let mut changes = Vec::new();
        let none = Map::new();
        for (hash, told) in answer["torrents"].as_object().unwrap_or(&none) {
            // Hybrid and v2 torrents are named by other hashes: none of them is an item.
            let (Ok(infohash), Some(told)) = (hash.parse::<Infohash>(), told.as_object()) else {
                continue;
            };
            self.unlisted.remove(&infohash);
            self.learn(infohash, told, &mut changes);
        }
        for hash in answer["torrents_removed"].as_array().into_iter().flatten() {
            let Some(Ok(infohash)) = hash.as_str().map(str::parse::<Infohash>) else { continue };
            self.magnets.remove(&infohash);
            self.unlisted.remove(&infohash);
            if let Some(torrent) = self.all.remove(&infohash) {
                changes.push(torrent.gone(infohash, !self.keeps_at_limit));
            }
        }
        if full { Vec::new() } else { changes }
    }

    /// Takes an answer to `torrents/info`: a list of some of them as they are now. Gives these, and
    /// what changed. What the list lacks may only not be there yet: it changes nothing.
    pub fn take_some(&mut self, answer: &Value) -> (HashSet<Infohash>, Vec<Change>) {
        let (mut found, mut changes) = (HashSet::new(), Vec::new());
        for told in answer.as_array().into_iter().flatten().filter_map(Value::as_object) {
            let hash = told.get("hash").and_then(Value::as_str).unwrap_or_default();
            if let Ok(infohash) = hash.parse::<Infohash>() {
                found.insert(infohash);
                let known = self.all.contains_key(&infohash);
                self.learn(infohash, told, &mut changes);
                if !known && self.all.contains_key(&infohash) {
                    self.unlisted.insert(infohash);
                }
            }
        }
        (found, changes)
    }

    /// Those that only a list of some has told of, although the differences since would have: they
    /// were removed before the whole was looked at, and nothing will ever tell of that. To be asked
    /// for by name after [`Torrents::take`]; those that are not found are to be [forgotten](Self::forget).
    pub fn unlisted(&self) -> Vec<Infohash> {
        self.unlisted.iter().copied().collect()
    }

    /// These were asked for by name.
    pub fn asked_for(&mut self, ids: &[Infohash]) {
        ids.iter().for_each(|id| {
            self.unlisted.remove(id);
        });
    }

    fn learn(&mut self, infohash: Infohash, told: &Map<String, Value>, changes: &mut Vec<Change>) {
        if let Some(torrent) = self.all.get_mut(&infohash) {
            let (was, magnet) = (torrent.state, torrent.is_magnet());
            torrent.update(told);
            if magnet && !torrent.is_magnet() {
                // Only now can its header be asked for.
                changes.push(Change::Added(infohash));
            }
            let now = torrent.state;
            if (was == State::Seeding) != (now == State::Seeding) {
                changes.push(Change::Complete(infohash, now == State::Seeding));
            }
            return;
        }
        let torrent = match self.magnets.remove(&infohash) {
            Some(mut torrent) => {
                torrent.update(told);
                torrent
            }
            None => Torrent::read(told),
        };
        if torrent.may_be_ours() {
            changes.push(Change::Added(infohash));
            if torrent.state == State::Seeding {
                changes.push(Change::Complete(infohash, true));
            }
            self.all.insert(infohash, torrent);
        } else if torrent.is_magnet() && self.magnets.len() < MAX_MAGNETS {
            self.magnets.insert(infohash, torrent);
        }
    }

    /// One of them.
    pub fn get(&self, infohash: &Infohash) -> Option<&Torrent> {
        self.all.get(infohash)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&Infohash, &Torrent)> {
        self.all.iter()
    }

    /// Forgets one, which was just removed at our word.
    pub fn forget(&mut self, infohash: &Infohash) {
        self.all.remove(infohash);
        self.unlisted.remove(infohash);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn id() -> Infohash {
        A.parse().unwrap()
    }

    fn name() -> String {
        format!("hello.{}.md", "0".repeat(32))
    }

    #[test]
    fn differences_become_changes() {
        let mut torrents = Torrents::default();
        let full = json!({ "rid": 1, "full_update": true, "torrents": {
            "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb": { "name": "debian.iso", "progress": 1, "state": "uploading" } } });
        assert_eq!(torrents.take(&full), []);
        assert_eq!((torrents.rid, torrents.iter().count()), (1, 0));
        let one = json!({ "rid": 2, "torrents": { A: { "name": name(), "state": "checkingUP" } } });
        assert_eq!(torrents.take(&one), [Change::Added(id())]);
        let one = json!({ "rid": 3, "torrents": { A: { "progress": 1, "state": "forcedUP" } } });
        assert_eq!(torrents.take(&one), [Change::Complete(id(), true)]);
        let one = json!({ "rid": 4, "torrents": { A: { "name": "renamed", "upspeed": 5 } } });
        assert_eq!(torrents.take(&one), []);
        let one = json!({ "rid": 5, "torrents": { A: { "state": "missingFiles" } } });
        assert_eq!(torrents.take(&one), [Change::Complete(id(), false)]);
        let one = json!({ "rid": 6, "torrents_removed": [A, "not a hash", 7] });
        assert_eq!(torrents.take(&one), [Change::Removed(id())]);
        assert_eq!(torrents.take(&one), []);
        // A tool put a limit on it, and the client acts by that.
        let limited = json!({ "name": name(), "state": "forcedUP", "max_seeding_time": 1,
            "max_ratio": -1, "seeding_time": 30, "ratio": 2.0 });
        torrents.take(&json!({ "torrents": { A: limited } }));
        assert_eq!(torrents.take(&one), [Change::LimitReached(id())]);
    }

    #[test]
    fn what_a_list_of_some_told_is_told_once() {
        let mut torrents = Torrents::default();
        let some = json!([{ "hash": A, "name": name(), "state": "checkingUP" }, { "hash": 7 }, 7]);
        assert_eq!(torrents.take_some(&some), ([id()].into(), vec![Change::Added(id())]));
        let some = json!([{ "hash": A, "name": name(), "progress": 1, "state": "forcedUP" }]);
        assert_eq!(torrents.take_some(&some).1, [Change::Complete(id(), true)]);
        let one = json!({ "rid": 1, "torrents": { A: { "name": name(), "progress": 1, "state": "forcedUP" } } });
        assert_eq!(torrents.take(&one), []);
        for odd in [json!({ "not": "a list" }), json!([]), json!("Fails.")] {
            assert_eq!(torrents.take_some(&odd), Default::default());
        }
        assert!(torrents.get(&id()).is_some());
    }

    #[test]
    fn what_came_and_went_between_two_looks_is_asked_for() {
        let mut torrents = Torrents::default();
        torrents.take(&json!({ "rid": 1, "full_update": true }));
        let some = json!([{ "hash": A, "name": name(), "progress": 1, "state": "forcedUP" }]);
        torrents.take_some(&some);
        torrents.take(&json!({ "rid": 2 }));
        assert_eq!(torrents.unlisted(), [id()]);
        torrents.asked_for(&[id()]);
        assert_eq!(torrents.unlisted(), []);
        torrents.forget(&id());
        torrents.take_some(&some);
        torrents.take(&json!({ "rid": 3, "torrents": { A: { "name": name() } } }));
        assert_eq!(torrents.unlisted(), [], "the differences tell of it from now on");
    }

    #[test]
    fn what_has_nothing_is_not_complete_whatever_it_is_called() {
        let mut torrents = Torrents::default();
        let excluded = json!({ "name": name(), "state": "forcedUP", "progress": 0 });
        let told = torrents.take(&json!({ "rid": 1, "torrents": { A: excluded } }));
        assert_eq!(told, [Change::Added(id())]);
        assert_eq!(torrents.get(&id()).unwrap().state, State::Unwanted);
        let wanted = json!({ "torrents": { A: { "progress": 1 } } });
        assert_eq!(torrents.take(&wanted), [Change::Complete(id(), true)]);
        let deselected = json!({ "torrents": { A: { "progress": 0 } } });
        assert_eq!(torrents.take(&deselected), [Change::Complete(id(), false)]);
    }

    #[test]
    fn odd_answers_change_nothing() {
        let mut torrents = Torrents::default();
        for odd in [json!(null), json!([]), json!({ "torrents": [1], "torrents_removed": {} })] {
            assert_eq!(torrents.take(&odd), []);
        }
    }

    #[test]
    fn a_second_users_tag_is_seen() {
        let mut torrents = Torrents::default();
        let tags = "upseed, upseed-11111111, upseed-22222222";
        let full = json!({ "full_update": true, "torrents": { A: { "name": "x", "tags": tags } } });
        torrents.take(&full);
        let torrent = torrents.get(&id()).unwrap();
        let own = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect();
        assert!(torrent.is_shared(&own(&["upseed-11111111"])));
        // A key that this user had before is no other user.
        assert!(!torrent.is_shared(&own(&["upseed-11111111", "upseed-22222222"])));
    }

    #[test]
    fn a_magnet_is_told_again_once_its_metadata_is_there() {
        for (named, first) in [(name(), vec![Change::Added(id())]), ("A title".into(), vec![])] {
            let mut torrents = Torrents::default();
            let magnet = json!({ "name": named, "state": "metaDL", "content_path": "" });
            assert_eq!(torrents.take(&json!({ "torrents": { A: magnet } })), first);
            // Only what is new is told.
            let path = format!("/downloads/{}.!qB", name());
            let there = json!({ "state": "downloading", "content_path": path });
            let told = torrents.take(&json!({ "torrents": { A: there } }));
            assert_eq!(told, [Change::Added(id())], "{named}");
        }
        let mut torrents = Torrents::default();
        let waits = json!({ "name": "debian", "state": "queuedDL", "content_path": "" });
        assert_eq!(torrents.take(&json!({ "torrents": { A: waits } })), []);
        let other = json!({ "state": "downloading", "content_path": "/downloads/debian.iso" });
        assert_eq!(torrents.take(&json!({ "torrents": { A: other } })), []);
        assert_eq!((torrents.all.len(), torrents.magnets.len()), (0, 0));
    }

    #[test]
    fn the_file_is_known_whatever_the_torrent_is_called() {
        let mut torrents = Torrents::default();
        let path = format!("C:\\Downloads\\{}", name());
        let renamed = json!({ "name": "mine", "progress": 1, "state": "uploading", "content_path": path,
            "save_path": "C:\\Downloads" });
        let told = torrents.take(&json!({ "torrents": { A: renamed } }));
        assert_eq!(told, [Change::Added(id()), Change::Complete(id(), true)]);
        assert!(!torrents.get(&id()).unwrap().is_in_our_folder());
        let moved = json!({ "save_path": "/downloads/upseed/" });
        torrents.take(&json!({ "torrents": { A: moved } }));
        assert!(torrents.get(&id()).unwrap().is_in_our_folder());
    }

    #[test]
    fn what_its_user_stopped_is_not_what_its_queue_holds() {
        for (name, state) in [
            ("pausedUP", State::Stopped),
            ("stoppedUP", State::Stopped),
            ("stoppedDL", State::Stopped),
            ("queuedUP", State::Queued),
            ("queuedDL", State::Lacking),
        ] {
            assert_eq!(State::named(name), state, "{name}");
        }
    }
}
