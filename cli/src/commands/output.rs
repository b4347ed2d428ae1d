//! The file that a command writes where its user said.

use std::{
    fs::{self, Permissions},
    io::{self, ErrorKind, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rustix::{fs::OFlags, io::Errno};

use crate::failure::{Done, Failure};

/// How long somebody who reads a FIFO or a device may take for what is in it.
const READ_TIME: Duration = Duration::from_secs(10);

/// Writes `bytes` to a file, or into whatever else is there.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Done {
    write_whole(path, bytes).map_err(|error| refused(path, &error))
}

/// A file appears or is replaced whole: watch folders never see half of one. A link leads to the file
/// that is meant; what is no file (a device, a FIFO) stays what it is and is written into.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = match fs::metadata(path) {
        Ok(found) if found.is_dir() => return Err(ErrorKind::IsADirectory.into()),
        Ok(found) if !found.is_file() => return write_into(path, bytes, READ_TIME),
        Ok(_) => fs::canonicalize(path)?,
        Err(error) if error.kind() == ErrorKind::NotFound => end_of_links(path)?,
        Err(error) => return Err(error),
    };
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    // For whoever runs the client that watches the folder; the umask applies.
    let mut file = tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    file.persist(target)?;
    Ok(())
}

/// Where a file is to be made that is not there, if links lead to it.
fn end_of_links(path: &Path) -> io::Result<PathBuf> {
    let mut end = path.to_owned();
    // As many as Linux follows.
    for _ in 0..40 {
        match fs::read_link(&end) {
            Ok(next) => end = end.parent().unwrap_or(Path::new("")).join(next),
            // No link, or nothing yet.
            Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::NotFound) => {
                return Ok(end);
            }
            Err(error) => return Err(error),
        }
    }
    Err(Errno::LOOP.into())
}

/// Writes into what is no file, and waits for no reader who does not come.
fn write_into(path: &Path, bytes: &[u8], patience: Duration) -> io::Result<()> {
    let mode = (OFlags::NONBLOCK | OFlags::NOCTTY).bits() as i32;
    let mut to = fs::File::options().write(true).custom_flags(mode).open(path)?;
    let start = Instant::now();
    let mut left = bytes;
    while !left.is_empty() {
        match to.write(left) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => left = &left[written..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock && start.elapsed() < patience => {
                thread::sleep(Duration::from_millis(10));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn refused(path: &Path, error: &io::Error) -> Failure {
    let name = path.display();
    // What opening a FIFO gives that nobody has opened to read, and any socket.
    let unread = error.raw_os_error() == Some(Errno::NXIO.raw_os_error());
    match error.kind() {
        ErrorKind::IsADirectory => {
            Failure::user(format!("{name}: it is a directory")).hint("Name a file in it.")
        }
        ErrorKind::WouldBlock => Failure::user(format!("{name}: nobody reads what is in it")),
        _ if unread => Failure::user(format!("{name}: nobody reads it"))
            .hint("Start what is to read it first, or name a file."),
        _ => {
            // `tempfile` adds its own name to the system's word.
            let word = error.to_string();
            let word = word.split(" at path ").next().unwrap_or(&word);
            Failure::user(format!("{name}: {word}"))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::{io::Read as _, os::unix::fs::symlink};

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    fn fifo(folder: &Path) -> PathBuf {
        let path = folder.join("fifo");
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        path
    }

    /// A reader who has opened it; without waiting for a writer.
    fn reader(path: &Path) -> fs::File {
        let mode = OFlags::NONBLOCK.bits() as i32;
        fs::File::options().read(true).custom_flags(mode).open(path).unwrap()
    }

    #[test]
    fn a_link_leads_to_the_file_that_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let [real, link, far] = ["real", "link", "far"].map(|name| folder.path().join(name));
        fs::write(&real, "old").unwrap();
        symlink("real", &link).unwrap();
        symlink(&link, &far).unwrap();
        write_whole(&far, b"new").unwrap();
        assert_eq!(fs::read(&real).unwrap(), b"new");
        // One that leads to nothing yet.
        fs::remove_file(&real).unwrap();
        write_whole(&far, b"newer").unwrap();
        assert_eq!(fs::read(&real).unwrap(), b"newer");
        assert!(link.is_symlink() && far.is_symlink() && !real.is_symlink());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "nothing else is left there");
    }

    #[test]
    fn a_fifo_stays_one_and_its_reader_gets_the_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = fifo(folder.path());
        let link = folder.path().join("link");
        symlink(&path, &link).unwrap();
        for name in [&path, &link] {
            let mut reader = reader(&path);
            write_whole(name, b"bytes").unwrap();
            let mut read = Vec::new();
            reader.read_to_end(&mut read).unwrap();
            assert_eq!(read, b"bytes");
        }
        assert!(!fs::metadata(&path).unwrap().is_file() && link.is_symlink());
    }

    #[test]
    fn a_reader_who_does_not_come_or_does_not_read_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = fifo(folder.path());
        let told = |error| format!("{:?}", refused(&path, &error));
        assert!(told(write_whole(&path, b"bytes").unwrap_err()).contains("nobody reads it"));
        let _idle = reader(&path);
        // A pipe holds 64 KiB.
        let full = write_into(&path, &[0; 1 << 20], Duration::from_millis(30)).unwrap_err();
        assert!(told(full).contains("nobody reads what is in it"));
    }
}
