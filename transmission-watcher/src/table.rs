//! What Transmission has of Upseed's, and what changed since it was asked last. Pure.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use serde::Deserialize;
use serde_json::Value;
use upseed_client::{Change, Hosted};
use upseed_model::Infohash;

use crate::rpc::line;

/// What is asked of every torrent: small fields only.
pub(crate) const FIELDS: [&str; 11] = [
    "id",
    "hashString",
    "name",
    "percentDone",
    "haveValid",
    "totalSize",
    "status",
    "error",
    "errorString",
    "labels",
    "downloadDir",
];

/// The label of every torrent that is added for Upseed.
pub(crate) const LABEL: &str = "upseed";

const STOPPED: i64 = 0;
const CHECK_WAIT: i64 = 1;
const CHECK: i64 = 2;
const DOWNLOAD_WAIT: i64 = 3;
const DOWNLOAD: i64 = 4;
const SEED_WAIT: i64 = 5;
const SEED: i64 = 6;

/// Its own trouble with a torrent, as opposed to a tracker's.
const LOCAL_ERROR: i64 = 3;

/// A torrent as it tells it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Row {
    pub id: i64,
    pub hash_string: String,
    pub name: String,
    /// Of what it wants: all of it, where its file is not wanted.
    pub percent_done: f64,
    /// Bytes that it has and has checked.
    pub have_valid: u64,
    /// Bytes of all of it; 0 of a magnet link without metadata.
    pub total_size: u64,
    pub status: i64,
    pub error: i64,
    pub error_string: String,
    pub labels: Vec<String>,
    pub download_dir: PathBuf,
}

/// The answer to `torrent-get`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Rows {
    pub torrents: Vec<Row>,
    /// Numbers, valid for one run of the daemon.
    pub removed: Vec<Value>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    id: i64,
    name: String,
    /// Where its file lies.
    folder: PathBuf,
    complete: bool,
    /// It has the text, and may be stopped.
    whole: bool,
    /// Since when it is as complete as it is.
    since: SystemTime,
    status: i64,
    error: Option<String>,
    /// It was complete since it was last said to be lost.
    had_it: bool,
    /// It carries our label: this node or another one added it, at some time.
    labelled: bool,
}

/// A file that is written this long after its torrent was complete was changed by somebody else.
const FLUSHED: Duration = Duration::from_secs(10);

impl Row {
    /// The item that it may be: only its header would prove it. Its name shows it, and where its user
    /// chose another name, our label or that it is known.
    fn item(&self, is_known: impl Fn(&Infohash) -> bool) -> Option<Infohash> {
        let infohash = self.hash_string.parse().ok()?;
        let is_item =
            upseed_client::is_own_name(&self.name) || self.is_labelled() || is_known(&infohash);
        is_item.then_some(infohash)
    }

    fn is_labelled(&self) -> bool {
        self.labels.iter().any(|label| label == LABEL)
    }

    /// It has the text.
    fn is_whole(&self) -> bool {
        self.percent_done >= 1.0 && self.have_valid >= self.total_size
    }

    fn entry(&self, now: SystemTime) -> Entry {
        let error = (self.error == LOCAL_ERROR).then(|| line(&self.error_string));
        Entry {
            id: self.id,
            name: self.name.clone(),
            folder: self.download_dir.clone(),
            complete: self.is_whole() && self.status == SEED && error.is_none(),
            whole: self.is_whole(),
            since: now,
            had_it: false,
            status: self.status,
            error,
            labelled: self.is_labelled(),
        }
    }
}

impl Entry {
    /// It has its text and is stopped: by its user.
    fn is_stopped(&self) -> bool {
        self.status == STOPPED && self.whole && self.error.is_none()
    }
}

/// What it has of Upseed's.
#[derive(Debug, Default)]
pub(crate) struct Table {
    entries: HashMap<Infohash, Entry>,
    by_id: HashMap<i64, Infohash>,
    /// Added by this process: their appearance is no news.
    ours: HashSet<Infohash>,
    /// Removed by this process: a late answer must not bring them back.
    leaving: HashSet<i64>,
}

impl Table {
    /// Takes the whole list of a new connection, and says which items are not as they were given: one
    /// that was killed comes back with torrents whose folder, label and limits it has forgotten, and
    /// does not start them.
    pub fn connected(&mut self, rows: &[Row], now: SystemTime) -> Vec<Change> {
        let before = std::mem::take(&mut self.entries);
        self.by_id.clear();
        self.leaving.clear();
        let mut lost = Vec::new();
        for row in rows {
            let is_known = |id: &Infohash| before.contains_key(id) || self.ours.contains(id);
            let Some(infohash) = row.item(is_known) else { continue };
            let had_it = before.get(&infohash).is_some_and(|before| before.had_it);
            let entry = row.entry(now);
            let checking = matches!(entry.status, CHECK_WAIT | CHECK);
            // What its user stopped is only stopped. One that is killed while it checks a text, before
            // which it stops the torrent, comes back with a stopped one without its text.
            let stopped = entry.is_stopped() && entry.labelled;
            let is_lost = !(entry.complete || checking || stopped);
            self.put(infohash, entry);
            if let Some(entry) = self.entries.get_mut(&infohash) {
                entry.had_it |= had_it && !is_lost;
            }
            if is_lost {
                lost.push(Change::Lost(infohash));
            }
        }
        lost
    }

    /// Takes what changed lately, and says what of it is news.
    pub fn recent(&mut self, rows: &Rows, now: SystemTime) -> Vec<Change> {
        let mut changes = Vec::new();
        for row in &rows.torrents {
            let is_known = |id: &Infohash| self.entries.contains_key(id) || self.ours.contains(id);
            let Some(infohash) = row.item(is_known) else { continue };
            if self.leaving.contains(&row.id) {
                continue;
            }
            let entry = row.entry(now);
            let complete = entry.complete;
            let before = self.put(infohash, entry);
            if before.is_none() && !self.ours.contains(&infohash) {
                changes.push(Change::Added(infohash));
            }
            let was = before.as_ref().is_some_and(|before| before.complete);
            if was != complete {
                changes.push(Change::Complete(infohash, complete));
            }
            // Checked and found wanting, or nothing found at all, once for each time that it was
            // complete; what its user stopped is only stopped.
            let is_lost =
                matches!(row.status, DOWNLOAD | DOWNLOAD_WAIT) || row.error == LOCAL_ERROR;
            if is_lost
                && let Some(entry) = self.entries.get_mut(&infohash)
                && std::mem::take(&mut entry.had_it)
            {
                changes.push(Change::Lost(infohash));
            }
        }
        for id in rows.removed.iter().filter_map(Value::as_i64) {
            self.leaving.remove(&id);
            let Some(infohash) = self.by_id.remove(&id) else { continue };
            // Removed and added again between two looks, it has another number.
            if self.entries.get(&infohash).is_some_and(|entry| entry.id == id) {
                self.entries.remove(&infohash);
                self.ours.remove(&infohash);
                changes.push(Change::Removed(infohash));
            }
        }
        changes
    }

    fn put(&mut self, infohash: Infohash, mut entry: Entry) -> Option<Entry> {
        if let Some(before) = self.entries.get(&infohash).filter(|b| b.complete == entry.complete) {
            entry.since = before.since;
        }
        entry.had_it =
            entry.complete || self.entries.get(&infohash).is_some_and(|before| before.had_it);
        self.by_id.insert(entry.id, infohash);
        self.entries.insert(infohash, entry)
    }

    /// Is about to be added by this process.
    pub fn adding(&mut self, infohash: Infohash) {
        self.ours.insert(infohash);
    }

    /// Was added by this process, or was there already. True if it is complete already.
    pub fn added(&mut self, infohash: Infohash, id: i64, name: &str) -> bool {
        self.leaving.remove(&id);
        if let Some(entry) = self.entries.get(&infohash).filter(|entry| entry.id == id) {
            return entry.complete;
        }
        let row = Row { id, name: name.to_owned(), status: CHECK_WAIT, ..Row::default() };
        self.put(infohash, row.entry(SystemTime::UNIX_EPOCH));
        false
    }

    /// Was removed by this process. Gives the name of its file.
    pub fn removed(&mut self, infohash: &Infohash) -> Option<String> {
        self.ours.remove(infohash);
        let entry = self.entries.remove(infohash)?;
        self.by_id.remove(&entry.id);
        self.leaving.insert(entry.id);
        Some(entry.name)
    }

    pub fn hosted(&self) -> Vec<Hosted> {
        let hosted = |(infohash, entry): (&Infohash, &Entry)| Hosted {
            infohash: *infohash,
            complete: entry.complete,
        };
        self.entries.iter().map(hosted).collect()
    }

    /// Those that this node or another one added, at some time.
    pub fn ours(&self) -> Vec<Infohash> {
        self.mine(|_| true)
    }

    /// Ours that a queue holds back.
    pub fn queued(&self) -> Vec<Infohash> {
        self.mine(|entry| matches!(entry.status, DOWNLOAD_WAIT | SEED_WAIT))
    }

    /// Ours that it checked, found wanting, and now tries to download.
    pub fn downloading(&self) -> Vec<Infohash> {
        self.mine(|entry| entry.status == DOWNLOAD && !entry.complete)
    }

    /// Ours that it seeds, each with its file and the latest time at which the client itself may have
    /// written it.
    pub fn complete(&self) -> impl Iterator<Item = (Infohash, PathBuf, SystemTime)> {
        self.mine(|entry| entry.complete).into_iter().filter_map(move |id| {
            let entry = self.entries.get(&id)?;
            let named = is_plain(&entry.name) && entry.folder.is_absolute();
            named.then(|| (id, entry.folder.join(&entry.name), entry.since + FLUSHED))
        })
    }

    /// Whether its file lies in the folder that this node puts texts into, or did before its user
    /// chose another one for all downloads.
    pub fn lies_in(&self, item: &Infohash, folder: &Path) -> bool {
        self.entries.get(item).is_some_and(|entry| {
            let named_so = entry.folder.file_name() == folder.file_name();
            entry.folder == folder || (named_so && entry.labelled)
        })
    }

    pub fn is_complete(&self, item: &Infohash) -> bool {
        self.entries.get(item).is_some_and(|entry| entry.complete)
    }

    /// Whether it does nothing for this item, or looks for a text elsewhere.
    pub fn is_stuck(&self, item: &Infohash) -> bool {
        let stuck = |entry: &Entry| matches!(entry.status, STOPPED | DOWNLOAD) && !entry.complete;
        self.entries.get(item).is_some_and(stuck)
    }

    /// How many are not complete, and not stopped by their user.
    pub fn waiting(&self) -> usize {
        self.entries.values().filter(|entry| !entry.complete && !entry.is_stopped()).count()
    }

    /// Names of ours that have their text and are stopped: by their user, for we stop none.
    pub fn stopped(&self) -> Vec<&str> {
        let stopped = self.mine(Entry::is_stopped);
        stopped.iter().filter_map(|id| Some(&*self.entries.get(id)?.name)).collect()
    }

    /// How many have trouble of their own, and what one of them says.
    pub fn errors(&self) -> Option<(usize, &str)> {
        let mut errors = self.entries.values().filter_map(|entry| entry.error.as_deref());
        let first = errors.next()?;
        Some((1 + errors.count(), first))
    }

    fn mine(&self, is_so: impl Fn(&Entry) -> bool) -> Vec<Infohash> {
        let mine = self
            .entries
            .iter()
            .filter(|(id, entry)| (entry.labelled || self.ours.contains(*id)) && is_so(entry));
        mine.map(|(id, _)| *id).collect()
    }
}

/// Whether a name is that of a file and leads nowhere else.
pub(crate) fn is_plain(name: &str) -> bool {
    Path::new(name).file_name().is_some_and(|last| last == name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;
    const NAME: &str = "a-post.00112233445566778899aabbccddeeff.md";

    fn id(byte: u8) -> Infohash {
        Infohash::from_bytes([byte; 20])
    }

    fn row(id: i64, hash: u8, status: i64) -> Row {
        Row {
            id,
            hash_string: self::id(hash).to_string(),
            name: NAME.into(),
            percent_done: if status == SEED { 1.0 } else { 0.0 },
            status,
            ..Row::default()
        }
    }

    fn rows(torrents: Vec<Row>, removed: &[i64]) -> Rows {
        Rows { torrents, removed: removed.iter().map(|id| json!(id)).collect() }
    }

    #[test]
    fn what_others_do_is_news_and_what_we_do_is_not() {
        let mut table = Table::default();
        table.connected(&[row(1, 1, SEED)], NOW);
        assert_eq!(table.recent(&rows(vec![row(1, 1, SEED)], &[]), NOW), []);
        let by_hand = table.recent(&rows(vec![row(2, 2, DOWNLOAD)], &[]), NOW);
        assert_eq!(by_hand, [Change::Added(id(2))]);
        assert_eq!(
            table.recent(&rows(vec![row(2, 2, SEED)], &[1]), NOW),
            [Change::Complete(id(2), true), Change::Removed(id(1))]
        );
        table.adding(id(3));
        assert_eq!(table.recent(&rows(vec![row(3, 3, DOWNLOAD)], &[]), NOW), []);
        assert!(!table.added(id(3), 3, NAME));
        assert_eq!(
            table.recent(&rows(vec![row(3, 3, SEED)], &[]), NOW),
            [Change::Complete(id(3), true)]
        );
        assert_eq!(table.removed(&id(3)).as_deref(), Some(NAME));
        // An answer that was under way, and the list of what was removed.
        assert_eq!(table.recent(&rows(vec![row(3, 3, SEED)], &[]), NOW), []);
        assert_eq!(table.recent(&rows(vec![], &[3, 3, 77]), NOW), []);
    }

    #[test]
    fn what_wants_nothing_is_not_complete() {
        let mut table = Table::default();
        let sized = |have_valid| Row { have_valid, total_size: 7, ..row(1, 1, SEED) };
        assert_eq!(table.recent(&rows(vec![sized(0)], &[]), NOW), [Change::Added(id(1))]);
        assert_eq!(table.recent(&rows(vec![sized(7)], &[]), NOW), [Change::Complete(id(1), true)]);
    }

    #[test]
    fn a_text_that_is_lost_is_said_to_be_once() {
        let mut table = Table::default();
        table.connected(&[row(1, 1, DOWNLOAD)], NOW);
        assert_eq!(table.recent(&rows(vec![row(1, 1, DOWNLOAD)], &[]), NOW), []);
        table.recent(&rows(vec![row(1, 1, SEED)], &[]), NOW);
        assert_eq!(
            table.recent(&rows(vec![row(1, 1, DOWNLOAD)], &[]), NOW),
            [Change::Complete(id(1), false), Change::Lost(id(1))]
        );
        assert_eq!(table.recent(&rows(vec![row(1, 1, DOWNLOAD)], &[]), NOW), []);
        table.recent(&rows(vec![row(1, 1, SEED)], &[]), NOW);
        let stopped = table.recent(&rows(vec![row(1, 1, 0)], &[]), NOW);
        assert_eq!(stopped, [Change::Complete(id(1), false)]);
    }

    #[test]
    fn removed_and_added_again_between_two_looks_is_still_there() {
        let mut table = Table::default();
        table.connected(&[row(1, 1, SEED)], NOW);
        assert_eq!(table.recent(&rows(vec![row(2, 1, SEED)], &[1]), NOW), []);
        assert_eq!(table.recent(&rows(vec![], &[2]), NOW), [Change::Removed(id(1))]);
    }

    #[test]
    fn what_is_not_as_it_was_given_after_a_pause_is_lost() {
        let labelled = |mut row: Row| {
            row.labels = vec![LABEL.into()];
            row
        };
        let whole = |row: Row| Row { percent_done: 1.0, ..row };
        let mut table = Table::default();
        assert_eq!(table.connected(&[row(1, 1, SEED), row(2, 2, CHECK)], NOW), []);
        let rows = [
            whole(row(1, 1, STOPPED)),
            labelled(whole(row(2, 2, STOPPED))),
            labelled(row(3, 3, DOWNLOAD)),
            labelled(row(4, 4, CHECK)),
            labelled(row(5, 5, SEED)),
            // Killed while it checked it.
            labelled(row(6, 6, STOPPED)),
        ];
        let lost = table.connected(&rows, NOW);
        assert_eq!(lost, [1, 3, 6].map(|n| Change::Lost(id(n))));
        assert_eq!(table.stopped(), [NAME], "of ours one is stopped by its user");
        assert_eq!(table.waiting(), 3, "which is not waited for");
    }

    #[test]
    fn nothing_found_is_lost_once() {
        let mut table = Table::default();
        table.connected(&[row(1, 1, SEED)], NOW);
        let mut failing = row(1, 1, STOPPED);
        (failing.error, failing.error_string) = (LOCAL_ERROR, "No data found".into());
        let told = table.recent(&rows(vec![failing.clone()], &[]), NOW);
        assert_eq!(told, [Change::Complete(id(1), false), Change::Lost(id(1))]);
        assert_eq!(table.recent(&rows(vec![failing], &[]), NOW), []);
    }

    #[test]
    fn one_that_was_renamed_is_still_the_same() {
        let mut table = Table::default();
        table.connected(&[row(1, 1, SEED)], NOW);
        let mut renamed = row(1, 1, SEED);
        renamed.name = "my own name".into();
        table.connected(std::slice::from_ref(&renamed), NOW);
        assert_eq!(table.hosted().len(), 1);
        let mut other = Table::default();
        other.connected(std::slice::from_ref(&renamed), NOW);
        assert_eq!(other.hosted().len(), 0, "a stranger's");
        renamed.labels = vec![LABEL.into()];
        other.connected(&[renamed], NOW);
        assert_eq!(other.hosted().len(), 1, "by its label");
        assert!(is_plain("a.md") && !is_plain("../a.md") && !is_plain("..") && !is_plain("a/b"));
    }

    #[test]
    fn strange_answers_do_nothing() {
        let mut table = Table::default();
        let mut odd = row(5, 5, 99);
        odd.hash_string = "not hex".into();
        let strange = Rows { torrents: vec![odd], removed: vec![json!("x"), json!(-1), json!({})] };
        assert_eq!(table.recent(&strange, NOW), []);
        let mut failing = row(6, 6, SEED);
        (failing.error, failing.error_string) = (LOCAL_ERROR, "No data\nfound".into());
        assert_eq!(table.recent(&rows(vec![failing], &[]), NOW), [Change::Added(id(6))]);
        assert_eq!(table.errors(), Some((1, "No data found")));
    }
}
