//! Reading a file that anybody may have put there: never following, never waiting, never much.

use std::{
    fs::{File, OpenOptions},
    io::Read as _,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

/// `O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC` as Linux has them: a link is refused, and a FIFO does not wait
/// for its other end.
#[cfg(target_os = "linux")]
const CAREFUL: i32 = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_CLOEXEC;

/// Opens an ordinary file and nothing else.
pub(crate) fn open(path: &Path) -> std::io::Result<File> {
    let file = OpenOptions::new().read(true).custom_flags(CAREFUL).open(path)?;
    // Asked of what was opened, not of the name: that may have changed meanwhile.
    if !file.metadata()?.is_file() {
        return Err(std::io::Error::other("not an ordinary file"));
    }
    Ok(file)
}

/// The bytes of an ordinary file of at most `max` bytes.
pub(crate) fn read_small(path: &Path, max: u64) -> std::io::Result<Vec<u8>> {
    let file = open(path)?;
    let mut bytes = Vec::new();
    file.take(max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max {
        return Err(std::io::Error::other(format!("more than {max} bytes")));
    }
    Ok(bytes)
}
