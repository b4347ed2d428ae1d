//! Looking whether the files of what the client seeds are still there. It notices itself only when it reads one, and what it has
//! open it goes on giving until it ends.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use upseed_clock::Moment;

use upseed_client::Change;

use crate::{QBittorrent, state::Inner, torrents::State};

/// From one look to the next. A look is a system call for each text.
const PAUSE: Duration = Duration::from_secs(60);

impl QBittorrent {
    /// What the client seeds on this machine out of Upseed's folder and whose file is gone is told, once: a tool that clears
    /// up may have moved it.
    pub(crate) async fn look_over(&self, inner: &mut Inner) {
        let is_here = inner.known.as_ref().is_some_and(|known| known.whereabouts.here);
        let is_due = inner.looked_over.is_none_or(|at| at.elapsed() >= PAUSE);
        if !is_here || !is_due {
            return;
        }
        inner.looked_over = Some(Moment::now());
        let files: Vec<_> = inner
            .torrents
            .iter()
            .filter(|(id, one)| inner.given.contains(id) && one.state == State::Seeding)
            .filter(|(_, one)| one.is_in_our_folder())
            .map(|(id, one)| (*id, one.path()))
            .collect();
        let gone = tokio::task::spawn_blocking(move || {
            let gone = files.into_iter().filter(|(_, path): &(_, PathBuf)| is_gone(path));
            gone.map(|(id, _)| id).collect()
        });
        let before = std::mem::replace(&mut inner.fileless, gone.await.unwrap_or_default());
        let fresh = inner.fileless.difference(&before).map(|id| Change::Lost(*id));
        self.waiting.lock().extend(fresh);
    }
}

/// Nothing is there, although its folder is: without that, a disk is not there, or it is not this machine's.
fn is_gone(path: &Path) -> bool {
    let is_missing = |error: std::io::Error| error.kind() == ErrorKind::NotFound;
    let folder = || path.parent().is_some_and(Path::is_dir);
    path.is_absolute() && std::fs::symlink_metadata(path).is_err_and(is_missing) && folder()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_file_is_gone_from_a_folder_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.md");
        assert!(is_gone(&file));
        std::fs::write(&file, "a").unwrap();
        assert!(!is_gone(&file));
        assert!(!is_gone(&folder.path().join("unmounted/a.md")));
        assert!(!is_gone(Path::new("a.md")));
    }
}
