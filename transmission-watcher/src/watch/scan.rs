//! What lies in the folder: the newest of it that is due.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    ffi::OsString,
    fs::Metadata,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    os::unix::{ffi::OsStrExt as _, fs::MetadataExt as _},
    path::Path,
    time::Duration,
};

use upseed_clock::Moment;

/// What a file's name says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ending {
    Torrent,
    Magnet,
}

/// A file that may be dropped for us. Ordered by age.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Candidate {
    /// When it was written last: seconds and nanoseconds.
    pub modified: (i64, i64),
    pub name: OsString,
    pub ending: Ending,
    /// Its name and how it lies there: another one as soon as anything of it changes.
    mark: u64,
    /// When it was first seen as it is now.
    pub since: Moment,
    /// What it leads to is upvoted already; only what follows from that is left to do.
    pub voted: bool,
}

/// Files that are there and were looked at: by their mark, 40 bytes each.
#[derive(Default)]
pub(crate) struct Seen {
    files: HashMap<u64, State>,
    look: u64,
}

struct State {
    since: Moment,
    not_before: Moment,
    look: u64,
    voted: bool,
}

impl Seen {
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Is not to be taken for a while, unless it changes.
    pub fn later(&mut self, candidate: &Candidate, pause: Duration) {
        let (since, look) = (candidate.since, self.look);
        let not_before = Moment::now() + pause;
        let state = State { since, not_before, look, voted: candidate.voted };
        self.files.insert(candidate.mark, state);
    }

    pub fn forget(&mut self, candidate: &Candidate) {
        self.files.remove(&candidate.mark);
    }

    /// How long until the next one is due.
    pub fn next_due(&self, now: Moment) -> Option<Duration> {
        let next = self.files.values().map(|state| state.not_before).min()?;
        // Never zero: a look takes a moment itself.
        Some(next.saturating_duration_since(now).max(Duration::from_millis(50)))
    }
}

fn ending(name: &OsString) -> Option<Ending> {
    let ends = |with: &[u8]| {
        let bytes = name.as_bytes();
        bytes.len() > with.len() && bytes[bytes.len() - with.len()..].eq_ignore_ascii_case(with)
    };
    // Hidden files are somebody's temporary names.
    match name.as_bytes().first() {
        Some(b'.') | None => None,
        _ if ends(b".torrent") => Some(Ending::Torrent),
        _ if ends(b".magnet") => Some(Ending::Magnet),
        _ => None,
    }
}

fn mark(name: &OsString, meta: &Metadata) -> u64 {
    let mut hasher = DefaultHasher::new();
    (
        name,
        meta.ino(),
        meta.len(),
        meta.mtime(),
        meta.mtime_nsec(),
        meta.ctime(),
        meta.ctime_nsec(),
    )
        .hash(&mut hasher);
    hasher.finish()
}

/// At most `most` files that are due, the newest first. Others are not kept in memory.
pub(crate) fn newest(
    folder: &Path,
    seen: &mut Seen,
    most: usize,
    now: Moment,
) -> std::io::Result<Vec<Candidate>> {
    seen.look += 1;
    let look = seen.look;
    let mut kept: BinaryHeap<Reverse<Candidate>> = BinaryHeap::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(ending) = ending(&name) else { continue };
        // Of the link itself, not of what it leads to. Gone meanwhile: no matter.
        let Ok(meta) = entry.metadata() else { continue };
        let mark = mark(&name, &meta);
        let (since, voted) = match seen.files.get_mut(&mark) {
            Some(state) => {
                state.look = look;
                if state.not_before > now {
                    continue;
                }
                (state.since, state.voted)
            }
            None => (now, false),
        };
        let modified = (meta.mtime(), meta.mtime_nsec());
        let candidate = Candidate { modified, name, ending, mark, since, voted };
        kept.push(Reverse(candidate));
        if kept.len() > most {
            kept.pop();
        }
    }
    seen.files.retain(|_, state| state.look == look);
    Ok(kept.into_sorted_vec().into_iter().map(|Reverse(candidate)| candidate).collect())
}

#[cfg(test)]
mod tests {
    use std::{fs::File, time::SystemTime};

    use super::*;

    fn drop_file(folder: &Path, name: &str, age: u64) {
        let file = File::create(folder.join(name)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
    }

    fn names(candidates: &[Candidate]) -> Vec<String> {
        candidates.iter().map(|c| c.name.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn the_newest_first_and_what_was_put_off_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        for (name, age) in [("b.torrent", 20), ("a.TORRENT", 10), ("c.magnet", 30)] {
            drop_file(folder, name, age);
        }
        for name in [".hidden.torrent", "x.torrent.added", "x.part", ".torrent"] {
            drop_file(folder, name, 0);
        }
        let mut seen = Seen::default();
        let now = Moment::now();
        let found = newest(folder, &mut seen, 2, now).unwrap();
        assert_eq!(names(&found), ["a.TORRENT", "b.torrent"]);
        seen.later(&found[0], Duration::from_secs(100));
        assert_eq!(names(&newest(folder, &mut seen, 2, now).unwrap()), ["b.torrent", "c.magnet"]);
        drop_file(folder, "a.TORRENT", 5);
        let found = newest(folder, &mut seen, 9, now).unwrap();
        assert_eq!(names(&found), ["a.TORRENT", "b.torrent", "c.magnet"], "it changed");
        assert_eq!(seen.len(), 0, "what is not there any more is forgotten");
    }
}
