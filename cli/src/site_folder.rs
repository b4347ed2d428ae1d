//! The folder of a static site. Files appear whole or not at all; only what changed is written; and what the site did not
//! write is never touched.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, ErrorKind, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, OFlags, flock};
use upseed_model::BoardName;
use upseed_site::{File, MANIFEST, Manifest, is_own_path};

use crate::failure::Failure;

/// What a run that broke off was about to write, one file a line: hash, space, path. The lock lies on it too.
const JOURNAL: &str = ".upseed-site.journal";

/// A site's folder, as long as one run has it.
pub(crate) struct SiteFolder {
    path: PathBuf,
    /// What was written by earlier runs.
    before: Manifest,
    /// What this run's site is made of.
    now: BTreeMap<String, String>,
    journal: fs::File,
    pub written: u64,
    pub unchanged: u64,
}

impl SiteFolder {
    pub fn open(path: &Path, board: BoardName) -> Result<Self, Failure> {
        let failed = |error: io::Error| Failure::file(path, &error);
        fs::create_dir_all(path.join("t")).map_err(failed)?;
        let journal_path = path.join(JOURNAL);
        let failed = |error: io::Error| Failure::file(&journal_path, &error);
        let journal = fs::File::options()
            .read(true)
            .append(true)
            .create(true)
            .custom_flags(OFlags::NOFOLLOW.bits() as i32)
            .open(&journal_path)
            .map_err(failed)?;
        if flock(&journal, FlockOperation::NonBlockingLockExclusive).is_err() {
            let message = format!("another upseed is writing a site into {}", path.display());
            return Err(Failure::user(message).hint("Wait until it is done."));
        }
        let mut before = manifest(path, board)?;
        for line in fs::read_to_string(&journal_path).map_err(failed)?.lines() {
            if let Some((hash, file)) = line.split_once(' ') {
                before.add(file, hash.to_owned());
            }
        }
        Ok(Self {
            path: path.to_owned(),
            before,
            now: BTreeMap::new(),
            journal,
            written: 0,
            unchanged: 0,
        })
    }

    /// Puts a file there, unless it is there already.
    pub fn write(&mut self, file: &File) -> Result<(), Failure> {
        let path = self.path.join(&file.path);
        let failed = |error: io::Error| Failure::file(&path, &error);
        let hash = file.hash();
        match read(&path).map_err(failed)? {
            Some(bytes) if bytes == file.bytes => self.unchanged += 1,
            Some(bytes) if !self.before.wrote(&file.path, &bytes) => {
                return Err(Failure::user(format!(
                    "{}: `upseed site` did not write this file",
                    path.display()
                ))
                .hint("Move it away, or choose another folder."));
            }
            _ => {
                writeln!(self.journal, "{hash} {}", file.path).map_err(failed)?;
                put(&path, &file.bytes).map_err(failed)?;
                self.written += 1;
            }
        }
        self.now.insert(file.path.clone(), hash);
        Ok(())
    }

    /// Removes what is the site's no more, and notes what is. Gives how many files were removed, and
    /// those that somebody changed, which stay.
    pub fn finish(self) -> Result<(u64, Vec<PathBuf>), Failure> {
        let (mut removed, mut kept) = (0, Vec::new());
        for name in self.before.files.keys() {
            if self.now.contains_key(name) || !is_own_path(name) {
                continue;
            }
            let path = self.path.join(name);
            let failed = |error: io::Error| Failure::file(&path, &error);
            match read(&path).map_err(failed)? {
                None => {}
                Some(bytes) if self.before.wrote(name, &bytes) => {
                    fs::remove_file(&path).map_err(failed)?;
                    removed += 1;
                }
                Some(_) => kept.push(path),
            }
        }
        let files = self.now.into_iter().map(|(path, hash)| (path, BTreeSet::from([hash])));
        let manifest = Manifest { board: self.before.board, files: files.collect() };
        let bytes = serde_json::to_vec(&manifest).map_err(|e| Failure::fault(e.to_string()))?;
        let path = self.path.join(MANIFEST);
        put(&path, &bytes).map_err(|error| Failure::file(&path, &error))?;
        let journal = self.path.join(JOURNAL);
        fs::remove_file(&journal).map_err(|error| Failure::file(&journal, &error))?;
        Ok((removed, kept))
    }
}

/// The manifest of a folder, if there is one for this board.
fn manifest(folder: &Path, board: BoardName) -> Result<Manifest, Failure> {
    let path = folder.join(MANIFEST);
    let found = read(&path).map_err(|error| Failure::file(&path, &error))?;
    let Some(bytes) = found else { return Ok(Manifest::new(board)) };
    let found: Manifest = serde_json::from_slice(&bytes).map_err(|error| {
        Failure::user(format!("{}: {error}", path.display()))
            .hint("It was not written by `upseed site`, or is damaged: choose another folder.")
    })?;
    if found.board != board {
        let message = format!("{} has the site of board {}", folder.display(), found.board);
        return Err(Failure::user(message).hint("Choose a folder for each board."));
    }
    Ok(found)
}

/// What is in a file; nothing without one. A link is no file of a site, wherever it leads.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
        Ok(found) if found.is_file() => fs::read(path).map(Some),
        Ok(_) => Err(io::Error::other("it is no file")),
    }
}

/// A file appears or is replaced whole.
fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // For a web server that is somebody else; the umask applies.
    let mut file = tempfile::Builder::new()
        .prefix(".upseed-site-")
        .permissions(fs::Permissions::from_mode(0o666))
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.into(), bytes: text.into() }
    }

    fn run(at: &Path, files: &[File]) -> (u64, u64, u64, usize) {
        let mut folder = SiteFolder::open(at, BoardName::upseed()).unwrap();
        files.iter().for_each(|file| folder.write(file).unwrap());
        let (written, unchanged) = (folder.written, folder.unchanged);
        let (removed, kept) = folder.finish().unwrap();
        (written, unchanged, removed, kept.len())
    }

    #[test]
    fn a_second_run_writes_what_changed_and_removes_what_is_its_own_and_gone() {
        let at = tempfile::tempdir().unwrap();
        let at = at.path();
        let page = |n: u32, text: &str| file(&format!("page-{n}.html"), text);
        assert_eq!(run(at, &[file("index.html", "1"), page(1, "a"), page(2, "b")]), (3, 0, 0, 0));
        fs::write(at.join("CNAME"), "mine").unwrap();
        fs::write(at.join("page-2.html"), "changed by hand").unwrap();
        assert_eq!(run(at, &[file("index.html", "2")]), (1, 0, 1, 1));
        assert_eq!(run(at, &[file("index.html", "2")]), (0, 1, 0, 0));
        let mut left: Vec<_> =
            fs::read_dir(at).unwrap().map(|it| it.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, [MANIFEST, "CNAME", "index.html", "page-2.html", "t"]);
    }

    #[test]
    fn what_is_not_its_own_is_neither_replaced_nor_followed() {
        let at = tempfile::tempdir().unwrap();
        let outside = at.path().join("outside");
        fs::write(&outside, "mine").unwrap();
        let site = at.path().join("site");
        fs::create_dir(&site).unwrap();
        fs::write(site.join("index.html"), "mine").unwrap();
        std::os::unix::fs::symlink(&outside, site.join("feed.xml")).unwrap();
        let mut folder = SiteFolder::open(&site, BoardName::upseed()).unwrap();
        let refused = folder.write(&file("index.html", "ours")).unwrap_err();
        assert!(format!("{refused:?}").contains("did not write this file"));
        folder.write(&file("feed.xml", "ours")).unwrap_err();
        assert_eq!(fs::read_to_string(&outside).unwrap(), "mine");
        assert!(SiteFolder::open(&site, BoardName::upseed()).is_err(), "one run at a time");
        drop(folder);
        assert!(SiteFolder::open(&site, BoardName::upseed()).is_ok());
    }

    #[test]
    fn a_run_that_broke_off_knows_its_own_files_again() {
        let at = tempfile::tempdir().unwrap();
        let mut folder = SiteFolder::open(at.path(), BoardName::upseed()).unwrap();
        folder.write(&file("index.html", "1")).unwrap();
        folder.write(&file("page-1.html", "1")).unwrap();
        drop(folder);
        assert_eq!(run(at.path(), &[file("index.html", "2")]), (1, 0, 1, 0));
        let other = SiteFolder::open(at.path(), "garden".parse().unwrap());
        assert!(format!("{:?}", other.err()).contains("site of board upseed"));
    }
}
