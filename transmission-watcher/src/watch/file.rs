//! Reading a file that anybody may have put there: never following, never waiting, never much.

use std::{
    fs::{File, OpenOptions},
    io::{Error, ErrorKind, Read as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

/// A link is refused, and a FIFO does not wait for its other end.
const CAREFUL: i32 = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_CLOEXEC;

/// Why a file was not read.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// It is not there (any more).
    Gone,
    /// It is a folder.
    Folder,
    /// It has more bytes than are read at once.
    Large(File, u64),
    /// Not now: a disk, a network or a right that may come back.
    NotNow(String),
    /// Never, for people.
    Because(String),
}

impl From<Error> for Unreadable {
    fn from(error: Error) -> Self {
        match error.raw_os_error() {
            Some(libc::ELOOP) => Self::Because("it is a link, and links are not followed".into()),
            // What a socket answers, and a device without its driver.
            Some(libc::ENXIO | libc::ENODEV) => Self::Because("it is not an ordinary file".into()),
            _ if error.kind() == ErrorKind::NotFound => Self::Gone,
            _ => Self::NotNow(format!("it cannot be read: {error}")),
        }
    }
}

/// An ordinary file, and its length.
pub(crate) fn open_careful(path: &Path) -> Result<(File, u64), Unreadable> {
    let file = OpenOptions::new().read(true).custom_flags(CAREFUL).open(path)?;
    // Asked of what was opened, not of the name: that may be another file by now.
    let meta = file.metadata()?;
    if meta.is_dir() {
        return Err(Unreadable::Folder);
    }
    if !meta.is_file() {
        return Err(Unreadable::Because("it is not an ordinary file".into()));
    }
    Ok((file, meta.len()))
}

/// The bytes of an ordinary file of at most `max` bytes.
pub(crate) fn read_careful(path: &Path, max: u64) -> Result<Vec<u8>, Unreadable> {
    let (file, len) = open_careful(path)?;
    if len > max {
        return Err(Unreadable::Large(file, len));
    }
    let mut bytes = Vec::new();
    (&file).take(max + 1).read_to_end(&mut bytes)?;
    let len = bytes.len() as u64;
    if len > max { Err(Unreadable::Large(file, len)) } else { Ok(bytes) }
}

/// [`read_careful`], where the reason does not matter.
pub(crate) fn read_small(path: &Path, max: u64) -> Option<Vec<u8>> {
    read_careful(path, max).ok()
}

/// The bytes of a file that its owner chose, links to it included.
pub(crate) fn read_linked(path: &Path, max: u64) -> std::io::Result<Vec<u8>> {
    let flags = libc::O_NONBLOCK | libc::O_CLOEXEC;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(Error::other("not an ordinary file"));
    }
    let mut bytes = Vec::new();
    file.take(max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max {
        return Err(Error::other(format!("more than {max} bytes")));
    }
    Ok(bytes)
}
