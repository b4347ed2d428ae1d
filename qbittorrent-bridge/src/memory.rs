//! What must be known after a restart too: tags that this node put on torrents, and that a log-in
//! was refused.

use std::{
    collections::BTreeSet,
    fs,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use parking_lot::{Mutex, MutexGuard};
use serde::{Deserialize, Serialize};

/// After a refused log-in nobody tries again for so long: five within an hour ban us, and with us
/// everybody at this address.
const AFTER_REFUSAL: Duration = Duration::from_secs(1_800);

/// A file with it; without a path, nothing outlives this process.
#[derive(Debug)]
pub struct Memory {
    path: Option<PathBuf>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    /// This node's tags: one for each key that its user has had.
    #[serde(default)]
    tags: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused: Option<Refused>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Refused {
    /// Unix seconds.
    at: u64,
    why: String,
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

impl Memory {
    /// Reads what is there; what cannot be read is forgotten.
    pub fn open(path: Option<PathBuf>) -> Self {
        let bytes = path.as_ref().and_then(|path| fs::read(path).ok());
        let kept = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self { path, kept: Mutex::new(kept.unwrap_or_default()) }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock()
    }

    fn write(&self, kept: &Kept) {
        let Some(path) = &self.path else { return };
        let json = serde_json::to_vec_pretty(kept).unwrap_or_default();
        if let Err(error) = write_private(path, &json) {
            tracing::warn!(%error, path = %path.display(), "this is not remembered");
        }
    }

    /// This node puts that tag on torrents from now on. Gives all that it has put.
    pub fn own(&self, tag: &str) -> BTreeSet<String> {
        let mut kept = self.kept();
        if !tag.is_empty() && kept.tags.insert(tag.to_owned()) {
            self.write(&kept);
        }
        kept.tags.clone()
    }

    /// Why a log-in was refused, while it is not to be tried again.
    pub fn refusal(&self) -> Option<String> {
        let refused = self.kept().refused.clone()?;
        // A clock that was set back knows nothing of it.
        let age = now().checked_sub(refused.at)?;
        (age < AFTER_REFUSAL.as_secs()).then_some(refused.why)
    }

    /// A log-in was refused.
    pub fn refused(&self, why: &str) {
        let mut kept = self.kept();
        kept.refused = Some(Refused { at: now(), why: why.to_owned() });
        self.write(&kept);
    }

    /// A log-in was taken, or is to be tried with something else.
    pub fn forgive(&self) {
        let mut kept = self.kept();
        if kept.refused.take().is_some() {
            self.write(&kept);
        }
    }
}

/// Writes a file for its user alone, whole or not at all.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let part = path.with_extension("part");
    let _ = fs::remove_file(&part);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
    let written = file.write_all(bytes).and_then(|()| fs::rename(&part, path));
    written.inspect_err(|_| drop(fs::remove_file(&part)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn it_outlives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = || Some(folder.path().join("memory.json"));
        let memory = Memory::open(path());
        assert!(memory.own("").is_empty());
        memory.own("upseed-11111111");
        memory.refused("wrong");
        let memory = Memory::open(path());
        assert_eq!(memory.refusal().as_deref(), Some("wrong"));
        assert_eq!(memory.own("upseed-22222222").len(), 2);
        memory.forgive();
        let memory = Memory::open(path());
        assert_eq!(memory.refusal(), None);
        assert_eq!(memory.own("").len(), 2);
        fs::write(path().unwrap(), b"nonsense").unwrap();
        assert_eq!(Memory::open(path()).own("").len(), 0);
    }

    #[test]
    fn a_refusal_ends_and_a_clock_that_was_set_back_keeps_none() {
        let memory = Memory::open(None);
        for (at, refused) in [(now(), true), (now() - 1_900, false), (now() + 90, false)] {
            memory.kept().refused = Some(Refused { at, why: "wrong".into() });
            assert_eq!(memory.refusal().is_some(), refused, "{at}");
        }
    }
}
