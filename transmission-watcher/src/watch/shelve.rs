//! Putting dropped files where they belong. Nothing is ever deleted that was not copied before, and
//! nothing that lies there is overwritten, but for an earlier `.added`.

use std::{
    ffi::{OsStr, OsString},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io::{Error, ErrorKind, Result, Seek as _},
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
};

use super::{
    file::open_careful,
    ordinary::{self, Look},
};

/// The folder for what is bad, below the watched one.
pub const REJECTED: &str = "rejected";

/// Bytes of a name that file systems take.
const MAX_NAME: usize = 255;

/// Names tried before giving up.
const MAX_TRIES: u32 = 1_000;

/// A good file: `x.torrent` becomes `x.torrent.added`.
pub(crate) fn added(folder: &Path, name: &OsStr) -> Result<()> {
    std::fs::rename(folder.join(name), folder.join(with_ending(name, ".added")))
}

/// A bad file goes to `rejected/`, and beside it a text that says why. A link goes as a link.
pub(crate) fn rejected(folder: &Path, name: &OsStr, why: &str) -> Result<()> {
    let to = folder.join(REJECTED);
    match std::fs::create_dir(&to) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    if !std::fs::symlink_metadata(&to)?.is_dir() {
        return Err(Error::other(format!("{} is not a folder", to.display())));
    }
    let path = free(&to, name)?;
    let text = with_ending(path.file_name().unwrap_or(name), ".txt");
    std::fs::rename(folder.join(name), &path)?;
    let said = format!("{}\n\n{why}\n", name.to_string_lossy());
    crate::folder::put(&to.join(text), said.as_bytes()).map_err(|e| Error::other(e.to_string()))
}

/// An ordinary torrent goes on to another folder: complete under its name, or not at all. `whole` is
/// whether its last byte must be there, which a link's need not.
pub(crate) fn pass(folder: &Path, name: &OsStr, to: &Path, whole: bool) -> Result<()> {
    let from = folder.join(name);
    let (mut source, len) = open_careful(&from).map_err(|why| Error::other(format!("{why:?}")))?;
    let mut file = tempfile::Builder::new().prefix(".upseed-").tempfile_in(to)?;
    let copied = std::io::copy(&mut source, &mut file)?;
    // It may have been another one, or not all of it, when it was judged.
    file.as_file_mut().rewind()?;
    if copied != len || whole && ordinary::look(file.as_file(), len)? != Look::Ordinary {
        return Err(Error::other("it changes while it is passed on"));
    }
    // Some disks have no modes.
    let _ = file.as_file().set_permissions(source.metadata()?.permissions());
    for _ in 0..MAX_TRIES {
        match crate::folder::keep_new(file, &free(to, name)?) {
            Ok(()) => return std::fs::remove_file(from),
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => file = error.file,
            Err(error) => return Err(error.error),
        }
    }
    Err(Error::other("no free name"))
}

/// A name with an ending; one that would be too long becomes a short one.
fn with_ending(name: &OsStr, ending: &str) -> OsString {
    let mut long = name.to_owned();
    long.push(ending);
    if long.as_bytes().len() <= MAX_NAME {
        return long;
    }
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    OsString::from(format!("{:016x}{ending}", hasher.finish()))
}

/// A path that nothing has yet: `x.torrent`, `x.2.torrent`, …
fn free(to: &Path, name: &OsStr) -> Result<PathBuf> {
    let (stem, extension) = (Path::new(name).file_stem(), Path::new(name).extension());
    for number in 1..=MAX_TRIES {
        let mut tried = OsString::new();
        if number == 1 {
            tried.push(name);
        } else {
            let extension = extension.and_then(OsStr::to_str).unwrap_or("torrent");
            tried = with_ending(stem.unwrap_or(name), &format!(".{number}.{extension}"));
        }
        let path = to.join(tried);
        match std::fs::symlink_metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(path),
            Err(error) => return Err(error),
            Ok(_) => {}
        }
    }
    Err(Error::other(format!("{} is full of files of that name", to.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let (here, to) = (folder.path(), folder.path().join("to"));
        std::fs::create_dir(&to).unwrap();
        for text in ["one", "two", "three"] {
            std::fs::write(here.join("x.torrent"), text).unwrap();
            pass(here, "x.torrent".as_ref(), &to, true).unwrap_err();
            pass(here, "x.torrent".as_ref(), &to, false).unwrap();
        }
        assert_eq!(std::fs::read_dir(&to).unwrap().count(), 3, "half of one is never passed on");
        let read = |name: &str| std::fs::read_to_string(to.join(name)).unwrap();
        assert_eq!(
            [read("x.torrent"), read("x.2.torrent"), read("x.3.torrent")],
            ["one", "two", "three"]
        );
        for _ in 0..2 {
            std::fs::write(here.join("y.torrent"), "bad").unwrap();
            rejected(here, "y.torrent".as_ref(), "because").unwrap();
        }
        let mut names: Vec<_> = std::fs::read_dir(here.join(REJECTED))
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["y.2.torrent", "y.2.torrent.txt", "y.torrent", "y.torrent.txt"]);
        let said = std::fs::read_to_string(here.join("rejected/y.torrent.txt")).unwrap();
        assert_eq!(said, "y.torrent\n\nbecause\n");
    }

    #[test]
    fn names_of_any_bytes_and_any_length() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        let long = OsString::from("a".repeat(MAX_NAME - 8) + ".torrent");
        for name in [OsStr::from_bytes(b"\xff\xfe.torrent"), &long] {
            std::fs::write(here.join(name), "x").unwrap();
            added(here, name).unwrap();
            std::fs::write(here.join(name), "x").unwrap();
            rejected(here, name, "because").unwrap();
            std::fs::write(here.join(name), "x").unwrap();
            rejected(here, name, "because").unwrap();
        }
        assert_eq!(std::fs::read_dir(here).unwrap().count(), 3);
        assert_eq!(std::fs::read_dir(here.join(REJECTED)).unwrap().count(), 8);
    }
}
