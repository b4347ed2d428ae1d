//! The folder that this node and Transmission may share, found out by trying.

use std::{
    io::{ErrorKind, Write as _},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::PersistError;

use crate::{TransmissionError, rpc::Rpc};

/// The name of the folder below the client's own, in which items lie.
pub(crate) const NAME: &str = "upseed";

/// Everybody may read a text, its writer may change it: Transmission often runs as another user.
const TEXT_MODE: u32 = 0o644;

/// How the names of folders begin by which a client is asked, and how old one is that nobody asks by any more.
const TRACE: &str = ".trying-";
const OLD_TRACE: Duration = Duration::from_secs(3_600);

/// Whether a text written here is where the client looks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// It is: here.
    Shared(PathBuf),
    /// It is not, and why.
    Apart(String),
}

impl Sharing {
    /// False for a folder that was there and is not any more.
    pub fn is_there(&self) -> bool {
        match self {
            Self::Shared(folder) => !matches!(folder.try_exists(), Ok(false)),
            Self::Apart(_) => true,
        }
    }
}

/// Makes a folder below the client's download folder and asks the client whether it sees it.
pub(crate) async fn probe(rpc: &Rpc, downloads: &Path) -> Result<Sharing, TransmissionError> {
    let folder = downloads.join(NAME);
    let made = {
        let (downloads, folder) = (downloads.to_owned(), folder.clone());
        tokio::task::spawn_blocking(move || make(&downloads, &folder)).await
    };
    let trace = match made {
        Ok(Ok(trace)) => trace,
        Ok(Err(why)) => return Ok(Sharing::Apart(why)),
        Err(error) => return Ok(Sharing::Apart(error.to_string())),
    };
    let asked = rpc.ask("free-space", json!({ "path": trace.path() })).await;
    match asked {
        Ok(answer) if answer["size-bytes"].as_i64().is_some_and(|free| free >= 0) => {
            Ok(Sharing::Shared(folder))
        }
        Ok(Value::Object(_)) | Err(TransmissionError::Failed(_)) => Ok(Sharing::Apart(format!(
            "it does not see what is written to {} on this machine",
            folder.display()
        ))),
        Ok(_) => Err(TransmissionError::Foreign("its answer to free-space".into())),
        Err(error) => Err(error),
    }
}

/// The trace is a folder with a name that nobody else has; it goes when dropped.
fn make(downloads: &Path, folder: &Path) -> Result<tempfile::TempDir, String> {
    let told = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    // Not made if it is not there: that name may be meant for another machine.
    let meta = std::fs::metadata(downloads).map_err(|error| told(downloads, error))?;
    match std::fs::create_dir(folder) {
        // Whoever may write into the one shall be able to write into the other.
        Ok(()) => {
            // Its group too, where this user is in it; else Transmission cannot delete there, and
            // this node does.
            let _ = std::os::unix::fs::chown(folder, None, Some(meta.gid()));
            // Some disks have no modes: whether it can be read there is what is asked next.
            let _ = std::fs::set_permissions(folder, meta.permissions());
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            take_old_traces_away(folder)
        }
        Err(error) => return Err(told(folder, error)),
    }
    let trace = tempfile::Builder::new().prefix(TRACE).tempdir_in(folder);
    trace.map_err(|error| {
        // If it is empty, it was made for this.
        let _ = std::fs::remove_dir(folder);
        told(folder, error)
    })
}

/// A node that was killed while it asked could not take its own away.
fn take_old_traces_away(folder: &Path) {
    let is_old = |entry: &std::fs::DirEntry| {
        let age = entry.metadata().and_then(|meta| meta.modified()).map(|at| at.elapsed());
        age.is_ok_and(|age| age.is_ok_and(|age| age > OLD_TRACE))
    };
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(TRACE.as_bytes()) && is_old(&entry) {
            let _ = std::fs::remove_dir(entry.path());
        }
    }
}

/// Puts a text in place: whole or not at all. One that is there already stays untouched.
pub(crate) fn write(folder: &Path, name: &str, text: &[u8]) -> Result<(), TransmissionError> {
    let path = folder.join(name);
    if is_there(&path, text.len() as u64) && std::fs::read(&path).is_ok_and(|bytes| bytes == text) {
        let mode = std::fs::metadata(&path).map(|meta| meta.permissions().mode());
        if mode.is_ok_and(|mode| mode & TEXT_MODE != TEXT_MODE) {
            // One of another user's is theirs to mend.
            let _ = std::fs::set_permissions(&path, std::fs::Permissions::from_mode(TEXT_MODE));
        }
        return Ok(());
    }
    put(&path, text)
}

/// Writes a file by a temporary name beside it.
pub(crate) fn put(path: &Path, bytes: &[u8]) -> Result<(), TransmissionError> {
    let file = beside(path, bytes)?;
    file.persist(path).map_err(|error| TransmissionError::file(path)(error.error))?;
    Ok(())
}

/// Like [`put`], but nothing that is there is replaced.
pub(crate) fn put_new(path: &Path, bytes: &[u8]) -> Result<(), TransmissionError> {
    let file = beside(path, bytes)?;
    keep_new(file, path).map_err(|error| TransmissionError::file(path)(error.error))
}

/// Gives a temporary file its name, which nothing has yet.
pub(crate) fn keep_new(
    file: tempfile::NamedTempFile,
    path: &Path,
) -> Result<(), tempfile::PersistError> {
    let PersistError { error, file } = match file.persist_noclobber(path) {
        Ok(_) => return Ok(()),
        Err(refused) if refused.error.kind() == ErrorKind::AlreadyExists => return Err(refused),
        Err(refused) => refused,
    };
    // Some disks (exFAT by FUSE) know neither links nor a rename that spares what is there: then the name is taken first.
    let taken = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    match taken.map_err(|new| if new.kind() == ErrorKind::AlreadyExists { new } else { error }) {
        Err(error) => Err(PersistError { error, file }),
        Ok(_) => file.persist(path).map(drop).inspect_err(|_| drop(std::fs::remove_file(path))),
    }
}

fn beside(path: &Path, bytes: &[u8]) -> Result<tempfile::NamedTempFile, TransmissionError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".upseed-")
        .tempfile_in(folder)
        .map_err(TransmissionError::file(folder))?;
    // Whatever the umask of this process is; where a disk has no modes, how it is mounted decides.
    let _ = file.as_file().set_permissions(std::fs::Permissions::from_mode(TEXT_MODE));
    file.write_all(bytes).map_err(TransmissionError::file(path))?;
    Ok(file)
}

/// Whether a folder is another one or below it, by their names and by what links there make of them.
pub(crate) fn is_below(folder: &Path, top: &Path) -> bool {
    match (folder.canonicalize(), top.canonicalize()) {
        (Ok(folder), Ok(top)) => folder.starts_with(top),
        _ => false,
    }
}

/// Whether an ordinary file of this length is there.
pub(crate) fn is_there(path: &Path, length: u64) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() == length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_put_in_place_once_and_repaired() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        write(folder.path(), "a.md", b"text").unwrap();
        let before = std::fs::metadata(&path).unwrap();
        write(folder.path(), "a.md", b"text").unwrap();
        let after = std::fs::metadata(&path).unwrap();
        assert_eq!(before.modified().unwrap(), after.modified().unwrap());
        assert_eq!(after.permissions().mode() & 0o777, TEXT_MODE);
        std::fs::write(&path, b"tent").unwrap();
        write(folder.path(), "a.md", b"text").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"text");
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", &path).unwrap();
        write(folder.path(), "a.md", b"text").unwrap();
        assert!(std::fs::symlink_metadata(&path).unwrap().is_file());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
    }
}
