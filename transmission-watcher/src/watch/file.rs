//! Reading a file that anybody may have put there: never following, never waiting, never much.

use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Read as _},
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
    /// Anything else, for people.
    Because(String),
}

/// The bytes of an ordinary file of at most `max` bytes.
pub(crate) fn read_careful(path: &Path, max: u64) -> Result<Vec<u8>, Unreadable> {
    let because = |why: &str| Err(Unreadable::Because(why.into()));
    let file = match OpenOptions::new().read(true).custom_flags(CAREFUL).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(Unreadable::Gone),
        Err(error) if error.raw_os_error() == Some(libc::ELOOP) => {
            return because("it is a link, and links are not followed");
        }
        Err(error) => return because(&format!("it cannot be read: {error}")),
    };
    read(&file, max)
}

fn read(file: &File, max: u64) -> Result<Vec<u8>, Unreadable> {
    let because = |why: String| Err(Unreadable::Because(why));
    // Asked of what was opened, not of the name: that may be another file by now.
    match file.metadata() {
        Ok(meta) if meta.is_dir() => return Err(Unreadable::Folder),
        Ok(meta) if !meta.is_file() => return because("it is not an ordinary file".into()),
        Ok(meta) if meta.len() > max => {
            return because(format!(
                "{} bytes are too many: at most {max} are looked at",
                meta.len()
            ));
        }
        Ok(_) => {}
        Err(error) => return because(format!("it cannot be read: {error}")),
    }
    let mut bytes = Vec::new();
    match file.take(max + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() as u64 > max => because(format!("more than {max} bytes")),
        Ok(_) => Ok(bytes),
        Err(error) => because(format!("it cannot be read: {error}")),
    }
}

/// [`read_careful`], where the reason does not matter.
pub(crate) fn read_small(path: &Path, max: u64) -> Option<Vec<u8>> {
    read_careful(path, max).ok()
}
