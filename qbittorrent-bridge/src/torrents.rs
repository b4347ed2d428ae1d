//! What qBittorrent says of its torrents (`sync/maindata`), as far as they may be items.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};
use upseed_model::{Infohash, slug};
use upseed_node::client::Change;

/// The category and the tag of everything of ours.
pub const CATEGORY: &str = "upseed";

/// What the client does with a torrent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It seeds.
    Seeding,
    /// It has the text, and the queue or the user holds it back.
    Held,
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
    fn named(name: &str) -> Self {
        match name {
            "uploading" | "stalledUP" | "forcedUP" => Self::Seeding,
            "queuedUP" | "pausedUP" | "stoppedUP" => Self::Held,
            "missingFiles" => Self::FileGone,
            "error" => Self::Broken,
            "downloading" | "stalledDL" | "forcedDL" | "queuedDL" | "metaDL" | "forcedMetaDL" => {
                Self::Lacking
            }
            // pausedDL and stoppedDL too: the user stopped it.
            _ => Self::Busy,
        }
    }
}

/// A torrent that may be an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Torrent {
    /// What it does.
    pub state: State,
    /// Its tags.
    pub tags: HashSet<String>,
    category: String,
    name: String,
}

impl Torrent {
    fn read(told: &Map<String, Value>) -> Self {
        let mut torrent = Self {
            state: State::Busy,
            tags: HashSet::new(),
            category: String::new(),
            name: String::new(),
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
        if let Some(state) = text("state") {
            self.state = State::named(state);
        }
    }

    /// People rename torrents and move them between categories, not both.
    fn may_be_ours(&self) -> bool {
        slug::is_file_name(&self.name)
            || self.category == CATEGORY
            || self.tags.iter().any(|tag| tag.starts_with(CATEGORY))
    }

    /// Whether another user's node put its tag here too.
    pub fn is_shared(&self, own: &str) -> bool {
        let prefix = format!("{CATEGORY}-");
        self.tags.iter().any(|tag| tag.starts_with(&prefix) && tag != own)
    }
}

/// The client's items, kept up to date by differences.
#[derive(Debug, Default)]
pub struct Torrents {
    all: HashMap<Infohash, Torrent>,
    /// Which answer was the last.
    pub rid: i64,
}

impl Torrents {
    /// Takes an answer. Gives what changed since the last one; after a full list, nothing: what
    /// was before is another time.
    pub fn take(&mut self, answer: &Value) -> Vec<Change> {
        self.rid = answer["rid"].as_i64().unwrap_or(0);
        let full = answer["full_update"].as_bool().unwrap_or(false);
        if full {
            self.all.clear();
        }
        let mut changes = Vec::new();
        let none = Map::new();
        for (hash, told) in answer["torrents"].as_object().unwrap_or(&none) {
            // Hybrid and v2 torrents are named by other hashes: none of them is an item.
            let (Ok(infohash), Some(told)) = (hash.parse::<Infohash>(), told.as_object()) else {
                continue;
            };
            self.learn(infohash, told, &mut changes);
        }
        for hash in answer["torrents_removed"].as_array().into_iter().flatten() {
            let Some(Ok(infohash)) = hash.as_str().map(str::parse::<Infohash>) else { continue };
            if self.all.remove(&infohash).is_some() {
                changes.push(Change::Removed(infohash));
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
                self.learn(infohash, told, &mut changes);
            }
        }
        (found, changes)
    }

    fn learn(&mut self, infohash: Infohash, told: &Map<String, Value>, changes: &mut Vec<Change>) {
        match self.all.get_mut(&infohash) {
            Some(torrent) => {
                let was = torrent.state;
                torrent.update(told);
                let now = torrent.state;
                if (was == State::Seeding) != (now == State::Seeding) {
                    changes.push(Change::Complete(infohash, now == State::Seeding));
                }
            }
            None => {
                let torrent = Torrent::read(told);
                if torrent.may_be_ours() {
                    changes.push(Change::Added(infohash));
                    if torrent.state == State::Seeding {
                        changes.push(Change::Complete(infohash, true));
                    }
                    self.all.insert(infohash, torrent);
                }
            }
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
            "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb": { "name": "debian.iso", "state": "uploading" } } });
        assert_eq!(torrents.take(&full), []);
        assert_eq!((torrents.rid, torrents.iter().count()), (1, 0));
        let one = json!({ "rid": 2, "torrents": { A: { "name": name(), "state": "checkingUP" } } });
        assert_eq!(torrents.take(&one), [Change::Added(id())]);
        let one = json!({ "rid": 3, "torrents": { A: { "state": "forcedUP" } } });
        assert_eq!(torrents.take(&one), [Change::Complete(id(), true)]);
        let one = json!({ "rid": 4, "torrents": { A: { "name": "renamed", "upspeed": 5 } } });
        assert_eq!(torrents.take(&one), []);
        let one = json!({ "rid": 5, "torrents": { A: { "state": "missingFiles" } } });
        assert_eq!(torrents.take(&one), [Change::Complete(id(), false)]);
        let one = json!({ "rid": 6, "torrents_removed": [A, "not a hash", 7] });
        assert_eq!(torrents.take(&one), [Change::Removed(id())]);
        assert_eq!(torrents.take(&one), []);
    }

    #[test]
    fn what_a_list_of_some_told_is_told_once() {
        let mut torrents = Torrents::default();
        let some = json!([{ "hash": A, "name": name(), "state": "checkingUP" }, { "hash": 7 }, 7]);
        assert_eq!(torrents.take_some(&some), ([id()].into(), vec![Change::Added(id())]));
        let some = json!([{ "hash": A, "name": name(), "state": "forcedUP" }]);
        assert_eq!(torrents.take_some(&some).1, [Change::Complete(id(), true)]);
        let one = json!({ "rid": 1, "torrents": { A: { "name": name(), "state": "forcedUP" } } });
        assert_eq!(torrents.take(&one), []);
        for odd in [json!({ "not": "a list" }), json!([]), json!("Fails.")] {
            assert_eq!(torrents.take_some(&odd), Default::default());
        }
        assert!(torrents.get(&id()).is_some());
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
        assert!(torrents.get(&id()).unwrap().is_shared("upseed-11111111"));
    }
}
